-- The newest value of each indicator, and the newest corridor that was set for it. Reads every day there is: name a tenant.
CREATE OR REPLACE VIEW nexus.kpi AS
WITH facts AS (
  SELECT
    tenant_id,
    env,
    event_type,
    recorded_at,
    JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.kpi_name') AS kpi_name,
    CAST(JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.value') AS FLOAT64) AS value,
    CAST(JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.floor') AS FLOAT64) AS floor_,
    CAST(JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.ceiling') AS FLOAT64) AS ceiling_,
    ROW_NUMBER() OVER (
      PARTITION BY tenant_id, env, event_type, JSON_VALUE(SAFE_CONVERT_BYTES_TO_STRING(leaf), '$.input.kpi_name')
      ORDER BY recorded_at DESC, seq DESC
    ) AS age
  FROM nexus.events
  WHERE recorded_at >= TIMESTAMP '2020-01-01 00:00:00+00'
    AND surface = 'kpi'
    AND event_type IN ('kpi_measured', 'kpi_corridor_set')
    AND outcome = 'success'
)
SELECT
  measured.tenant_id,
  measured.env,
  measured.kpi_name,
  measured.value,
  measured.recorded_at AS measured_at,
  corridor.floor_ AS corridor_floor,
  corridor.ceiling_ AS corridor_ceiling,
  CASE
    WHEN corridor.floor_ IS NULL AND corridor.ceiling_ IS NULL THEN NULL
    ELSE measured.value >= COALESCE(corridor.floor_, measured.value)
      AND measured.value <= COALESCE(corridor.ceiling_, measured.value)
  END AS is_within
FROM facts AS measured
LEFT JOIN facts AS corridor
  ON corridor.event_type = 'kpi_corridor_set'
  AND corridor.age = 1
  AND corridor.tenant_id = measured.tenant_id
  AND corridor.env = measured.env
  AND corridor.kpi_name = measured.kpi_name
WHERE measured.event_type = 'kpi_measured'
  AND measured.age = 1;
