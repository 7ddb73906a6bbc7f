-- Every temperature that was taken, with what it breached. 31 days back; the newest `age` of a surface is 1.
CREATE OR REPLACE VIEW nexus.temperature AS
WITH once AS (
  SELECT *
  FROM nexus.events
  WHERE recorded_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 31 DAY)
    AND surface = 'temperature'
    AND event_type = 'temperature_snapshot_taken'
    AND outcome = 'success'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY tenant_id, env, event_id ORDER BY recorded_at, log, seq) = 1
)
SELECT
  tenant_id,
  env,
  JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.of_surface') AS of_surface,
  CAST(JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.value') AS FLOAT64) AS value,
  JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.window_start') AS window_start,
  JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.window_end') AS window_end,
  JSON_QUERY(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.floors_breached') AS floors_breached,
  JSON_QUERY(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.ceilings_breached') AS ceilings_breached,
  recorded_at,
  ROW_NUMBER() OVER (
    PARTITION BY tenant_id, env, JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.of_surface')
    ORDER BY recorded_at DESC, seq DESC
  ) AS age
FROM once;
