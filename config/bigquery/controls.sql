-- What is in force now: the kill switch as it was set last, and each strategy lock that is approved and valid. A lock that was only
-- updated since keeps its standing. Reads every day there is: name a tenant.
CREATE OR REPLACE VIEW nexus.controls AS
WITH facts AS (
  SELECT
    tenant_id,
    env,
    surface,
    event_type,
    recorded_at,
    seq,
    SAFE_CONVERT_BYTES_TO_STRING(leaf) AS event,
    COALESCE(JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.lock_id'), '') AS lock_id
  FROM nexus.events
  WHERE recorded_at >= TIMESTAMP '2020-01-01 00:00:00+00'
    AND surface IN ('kill_switch', 'strategy_lock')
    AND event_type IN (
      'kill_switch_updated', 'strategy_lock_created', 'strategy_lock_updated', 'strategy_lock_approved',
      'strategy_lock_rejected', 'strategy_lock_expired'
    )
    AND outcome = 'success'
),
newest AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY tenant_id, env, surface, lock_id ORDER BY recorded_at DESC, seq DESC) AS age
  FROM facts
),
standing AS (
  SELECT
    tenant_id, env, surface, lock_id, event_type,
    ROW_NUMBER() OVER (PARTITION BY tenant_id, env, surface, lock_id ORDER BY recorded_at DESC, seq DESC) AS age
  FROM facts
  WHERE event_type <> 'strategy_lock_updated'
)
SELECT
  newest.tenant_id,
  newest.env,
  newest.surface,
  newest.lock_id,
  newest.recorded_at AS changed_at,
  JSON_QUERY(newest.event, '$.input') AS input
FROM newest
JOIN standing USING (tenant_id, env, surface, lock_id)
WHERE newest.age = 1
  AND standing.age = 1
  AND (
    standing.event_type = 'kill_switch_updated'
    OR (
      standing.event_type = 'strategy_lock_approved'
      AND COALESCE(SAFE_CAST(JSON_VALUE(newest.event, '$.input.valid_from') AS TIMESTAMP) <= CURRENT_TIMESTAMP(), TRUE)
      AND COALESCE(SAFE_CAST(JSON_VALUE(newest.event, '$.input.valid_until') AS TIMESTAMP) > CURRENT_TIMESTAMP(), TRUE)
    )
  );
