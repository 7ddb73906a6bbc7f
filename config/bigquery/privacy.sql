-- What PII was found, by hour and type. What was found is a count: the values were redacted before anything was kept. 31 days back.
CREATE OR REPLACE VIEW nexus.privacy AS
WITH once AS (
  SELECT *
  FROM nexus.events
  WHERE recorded_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 31 DAY)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY tenant_id, env, event_id ORDER BY recorded_at, log, seq) = 1
),
found AS (
  SELECT
    tenant_id,
    env,
    TIMESTAMP_TRUNC(recorded_at, HOUR) AS hour,
    surface,
    pair
  FROM once,
    UNNEST(REGEXP_EXTRACT_ALL(
      JSON_QUERY(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.pii_flags.flags'), r'"[^"]+" *: *[0-9]+'
    )) AS pair
)
SELECT
  tenant_id,
  env,
  hour,
  surface,
  REGEXP_EXTRACT(pair, r'"([^"]+)"') AS type,
  SUM(CAST(REGEXP_EXTRACT(pair, r'([0-9]+)$') AS INT64)) AS findings,
  COUNT(*) AS events
FROM found
GROUP BY tenant_id, env, hour, surface, type;
