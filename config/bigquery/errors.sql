-- What failed and with which code, by hour. 31 days back.
CREATE OR REPLACE VIEW nexus.errors AS
WITH once AS (
  SELECT *
  FROM nexus.events
  WHERE recorded_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 31 DAY)
    AND outcome = 'failure'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY tenant_id, env, event_id ORDER BY recorded_at, log, seq) = 1
)
SELECT
  tenant_id,
  env,
  TIMESTAMP_TRUNC(recorded_at, HOUR) AS hour,
  surface,
  event_type,
  JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.error_code') AS code,
  COUNT(*) AS events
FROM once
GROUP BY tenant_id, env, hour, surface, event_type, code;
