-- Assets that are registered and not deleted. Reads every day there is: name a tenant.
CREATE OR REPLACE VIEW nexus.storage AS
WITH once AS (
  SELECT *
  FROM nexus.events
  WHERE recorded_at >= TIMESTAMP '2020-01-01 00:00:00+00'
    AND surface = 'raw_storage'
    AND event_type IN ('raw_asset_registered', 'raw_asset_deleted')
    AND outcome = 'success'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY tenant_id, env, event_id ORDER BY recorded_at, log, seq) = 1
)
SELECT
  tenant_id,
  env,
  COUNTIF(event_type = 'raw_asset_registered') - COUNTIF(event_type = 'raw_asset_deleted') AS assets,
  SUM(
    CAST(JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.output.size_bytes') AS INT64)
    * IF(event_type = 'raw_asset_deleted', -1, 1)
  ) AS bytes
FROM once
GROUP BY tenant_id, env;
