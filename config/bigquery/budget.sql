-- What was spent, by hour, provider, model and tool: exact, since NUMERIC has the nine digits that money has here. 31 days back.
CREATE OR REPLACE VIEW nexus.budget AS
WITH usage AS (
  SELECT tenant_id, env, recorded_at, SAFE_CONVERT_BYTES_TO_STRING(leaf) AS event
  FROM nexus.events
  WHERE recorded_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 31 DAY)
    AND surface = 'budget'
    AND event_type = 'usage_recorded'
    AND outcome = 'success'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY tenant_id, env, event_id ORDER BY recorded_at, log, seq) = 1
)
SELECT
  tenant_id,
  env,
  TIMESTAMP_TRUNC(recorded_at, HOUR) AS hour,
  JSON_VALUE(event, '$.input.currency') AS currency,
  JSON_VALUE(event, '$.input.provider') AS provider,
  JSON_VALUE(event, '$.input.model_or_plan_id') AS model_or_plan_id,
  JSON_VALUE(event, '$.input.tool_type') AS tool_type,
  SUM(PARSE_NUMERIC(JSON_VALUE(event, '$.input.cost'))) AS cost,
  SUM(CAST(JSON_VALUE(event, '$.input.tokens_input') AS INT64)) AS tokens_input,
  SUM(CAST(JSON_VALUE(event, '$.input.tokens_output') AS INT64)) AS tokens_output,
  COUNT(*) AS uses
FROM usage
GROUP BY tenant_id, env, hour, currency, provider, model_or_plan_id, tool_type;
