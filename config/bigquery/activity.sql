-- How many events, by hour: what `GET /nexus/dashboard/activity` counts, and more. 31 days back; older ones are in the table.
CREATE OR REPLACE VIEW nexus.activity AS
WITH once AS (
  SELECT *
  FROM nexus.events
  WHERE recorded_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 31 DAY)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY tenant_id, env, event_id ORDER BY recorded_at, log, seq) = 1
)
SELECT
  tenant_id,
  env,
  TIMESTAMP_TRUNC(recorded_at, HOUR) AS hour,
  surface,
  event_type,
  is_read,
  COUNT(*) AS events,
  COUNTIF(outcome = 'failure') AS failures,
  COUNT(DISTINCT user_id) AS users
FROM once
GROUP BY tenant_id, env, hour, surface, event_type, is_read;
