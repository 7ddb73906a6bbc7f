-- Whether events may be trained on, by day. 31 days back.
CREATE OR REPLACE VIEW nexus.training AS
WITH once AS (
  SELECT *
  FROM nexus.events
  WHERE recorded_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 31 DAY)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY tenant_id, env, event_id ORDER BY recorded_at, log, seq) = 1
)
SELECT
  tenant_id,
  env,
  TIMESTAMP_TRUNC(recorded_at, DAY) AS day,
  surface,
  COUNTIF(train_ok) AS train_ok,
  COUNTIF(NOT train_ok) AS train_denied
FROM once
GROUP BY tenant_id, env, day, surface;
