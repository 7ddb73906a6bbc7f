//! What is so now: indicators, temperatures, switches and locks, from the newest event of each.

use std::collections::BTreeMap;

use nexus_ledger::views::LatestRow;
use nexus_model::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{entry, members, name};
use crate::views::dashboard::Looked;

/// Between what a value should lie.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Corridor {
    /// Not below; `null` for no bound.
    #[schema(value_type = Option<f64>)]
    pub floor: Value,
    /// Not above; `null` for no bound.
    #[schema(value_type = Option<f64>)]
    pub ceiling: Value,
}

impl Corridor {
    /// Of a row that carries `floor` and `ceiling`; `None` where it carries neither.
    fn of(row: &LatestRow) -> Option<Self> {
        let bound = |name: &str| row.input.get(name).filter(|value| value.is_number()).cloned().unwrap_or_default();
        let (floor, ceiling) = (bound("floor"), bound("ceiling"));
        (!floor.is_null() || !ceiling.is_null()).then_some(Self { floor, ceiling })
    }

    fn holds(&self, value: f64) -> bool {
        self.floor.as_f64().is_none_or(|floor| value >= floor)
            && self.ceiling.as_f64().is_none_or(|ceiling| value <= ceiling)
    }
}

/// Whether a value lies in its corridor; `None` where there is no value or no corridor.
fn within(corridor: Option<&Corridor>, value: &Value) -> Option<bool> {
    Some(corridor?.holds(value.as_f64()?))
}

/// One indicator.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct KpiOut {
    /// What was measured last; `null` before the first measurement.
    #[schema(value_type = Option<f64>)]
    pub value: Value,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    /// Where it should lie.
    pub corridor: Option<Corridor>,
    /// Whether it does; `null` without a value or a corridor.
    pub within: Option<bool>,
    /// As defined.
    pub title: Option<String>,
    /// As defined.
    pub unit: Option<String>,
}

/// The newest value of each indicator against its corridor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct KpiSection {
    /// By name.
    pub kpis: BTreeMap<String, KpiOut>,
    /// Indicators that are no longer kept, because there were too many (`views.max_latest_keys`).
    pub displaced: u64,
}

impl KpiSection {
    pub(in crate::views) fn of(look: &Looked<'_>) -> Self {
        let latest = &look.place.latest;
        let mut section = Self { displaced: latest.displaced("kpi_value"), ..Self::default() };
        for (key, row) in latest.of("kpi_definition") {
            let kpi = entry(&mut section.kpis, &name(key));
            let text = |name: &str| row.input.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
            (kpi.title, kpi.unit) = (text("title"), text("unit"));
        }
        for (key, row) in latest.of("kpi_corridor") {
            entry(&mut section.kpis, &name(key)).corridor = Corridor::of(row);
        }
        for (key, row) in latest.of("kpi_value") {
            let kpi = entry(&mut section.kpis, &name(key));
            kpi.value = row.input.get("value").cloned().unwrap_or_default();
            kpi.at = Some(row.occurred_at);
        }
        for kpi in section.kpis.values_mut() {
            kpi.within = within(kpi.corridor.as_ref(), &kpi.value);
        }
        section
    }
}

/// One snapshot of a temperature.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SnapshotOut {
    /// The temperature.
    #[schema(value_type = f64)]
    pub value: Value,
    /// What it is of.
    #[schema(value_type = String, format = DateTime)]
    pub window_start: Value,
    /// See `window_start`.
    #[schema(value_type = String, format = DateTime)]
    pub window_end: Value,
    /// Which floors it went below, as told with it.
    #[schema(value_type = Vec<String>)]
    pub floors_breached: Value,
    /// Which ceilings it went above, as told with it.
    #[schema(value_type = Vec<String>)]
    pub ceilings_breached: Value,
    /// When it was taken.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl SnapshotOut {
    fn of(row: &LatestRow) -> Self {
        let field = |name: &str| row.input.get(name).cloned().unwrap_or_default();
        let list = |name: &str| row.input.get(name).filter(|value| value.is_array()).cloned();
        Self {
            value: field("value"),
            window_start: field("window_start"),
            window_end: field("window_end"),
            floors_breached: list("floors_breached").unwrap_or_else(|| Value::Array(Vec::new())),
            ceilings_breached: list("ceilings_breached").unwrap_or_else(|| Value::Array(Vec::new())),
            at: row.occurred_at,
        }
    }

    fn is_breach(&self) -> bool {
        [&self.floors_breached, &self.ceilings_breached]
            .iter()
            .any(|list| list.as_array().is_some_and(|l| !l.is_empty()))
    }
}

/// The temperature of one surface.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TemperatureOut {
    /// The newest snapshot.
    pub current: Option<SnapshotOut>,
    /// The newest snapshots, newest first, the current one included.
    pub recent: Vec<SnapshotOut>,
    /// Whether the current one breaches anything, as it was told or by the configured bounds.
    pub breached: bool,
    /// The configured bounds.
    pub corridor: Option<Corridor>,
    /// Whether the current one lies in them; `null` without either.
    pub within: Option<bool>,
}

/// Temperatures by the surface that they are of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TemperatureSection {
    /// By `of_surface`.
    pub surfaces: BTreeMap<String, TemperatureOut>,
    /// Surfaces that are no longer kept, because there were too many (`views.max_latest_keys`).
    pub displaced: u64,
}

impl TemperatureSection {
    pub(in crate::views) fn of(look: &Looked<'_>) -> Self {
        let latest = &look.place.latest;
        let mut section = Self { displaced: latest.displaced("temperature"), ..Self::default() };
        for (key, row) in latest.of("temperature_config") {
            entry(&mut section.surfaces, &name(key)).corridor = Corridor::of(row);
        }
        for (key, _) in latest.of("temperature") {
            let surface = entry(&mut section.surfaces, &name(key));
            surface.recent = latest.recent("temperature", key).map(SnapshotOut::of).collect();
            surface.current = surface.recent.first().cloned();
        }
        for surface in section.surfaces.values_mut() {
            let Some(current) = &surface.current else { continue };
            surface.within = within(surface.corridor.as_ref(), &current.value);
            surface.breached = current.is_breach() || surface.within == Some(false);
        }
        section
    }
}

/// The kill switch as it was set last.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct KillSwitchOut {
    /// `disable_providers`, `disabled_actions`, `disable_autonomy`, `reason`, as they were set.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub input: Map<String, Value>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Members that are too large to be shown here; the event has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub omitted: Vec<String>,
}

/// A strategy lock in force.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StrategyLockOut {
    /// Its name.
    pub lock_id: String,
    /// `scope`, `title`, `valid_from`, `valid_until`, `reason`, as its newest event says.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub input: Map<String, Value>,
    /// When its newest event was.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// What is switched off and locked now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ControlsSection {
    /// As it was set last; `null` where it never was.
    pub kill_switch: Option<KillSwitchOut>,
    /// Locks that are approved, and neither before nor after their validity, by name.
    pub strategy_locks: Vec<StrategyLockOut>,
    /// Locks that are no longer kept, because there were too many (`views.max_latest_keys`).
    pub displaced: u64,
}

impl ControlsSection {
    pub(in crate::views) fn of(look: &Looked<'_>) -> Self {
        let latest = &look.place.latest;
        let kill_switch = latest.of("kill_switch").next().map(|(_, row)| KillSwitchOut {
            input: members(row),
            at: row.occurred_at,
            by: row.user_id.clone(),
            omitted: row.omitted.clone(),
        });
        let in_force = latest.of("strategy_lock").filter(|(_, row)| is_in_force(row, look.now));
        let lock = |(key, row): (&[String], &LatestRow)| {
            let mut input = members(row);
            input.remove("lock_id");
            StrategyLockOut { lock_id: name(key), input, at: row.occurred_at, by: row.user_id.clone() }
        };
        let strategy_locks = in_force.map(lock).collect();
        Self { kill_switch, strategy_locks, displaced: latest.displaced("strategy_lock") }
    }
}

/// Approved, and not updated, rejected or expired into anything else, and valid at this time: from `valid_from` on, before
/// `valid_until`; one that is left out is no bound.
fn is_in_force(lock: &LatestRow, now: Timestamp) -> bool {
    let time =
        |name: &str| lock.input.get(name).and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
    lock.standing == "strategy_lock_approved"
        && time("valid_from").is_none_or(|from| from <= now)
        && time("valid_until").is_none_or(|until| now < until)
}
