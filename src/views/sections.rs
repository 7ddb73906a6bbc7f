//! The sections of a dashboard: pure functions of the rows and the time.

use std::collections::BTreeMap;

use nexus_ledger::views::{Cell, HOUR_SECONDS, Hour, LatestRow};
use nexus_model::{Decimal, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

use super::dashboard::Looked;

const USAGE: &str = "usage_recorded";
const COST: &str = "cost";

impl Looked<'_> {
    /// The hours of the window that have events.
    fn hours(&self) -> impl Iterator<Item = (i64, &Hour)> {
        self.place.rollups.hours.range(self.first..).map(|(number, hour)| (*number, hour))
    }
}

/// Events and failures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Counted {
    /// Events.
    pub count: u64,
    /// Those that failed.
    pub failures: u64,
}

impl Counted {
    fn add(&mut self, cell: &Cell, failed: bool) {
        self.count += cell.count;
        if failed {
            self.failures += cell.count;
        }
    }
}

/// One hour that has events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct HourOut {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub hour: Timestamp,
    /// Events.
    pub count: u64,
    /// Those that failed.
    pub failures: u64,
}

/// How much happened in the window, reads included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ActivitySection {
    /// Events.
    pub total: u64,
    /// Those that failed.
    pub failures: u64,
    /// Events by surface.
    pub by_surface: BTreeMap<String, u64>,
    /// By surface and event type.
    pub by_type: BTreeMap<String, BTreeMap<String, Counted>>,
    /// By hour of `recorded_at`, oldest first; hours without events are left out.
    pub by_hour: Vec<HourOut>,
}

impl ActivitySection {
    pub(super) fn of(look: &Looked<'_>) -> Self {
        let mut section = Self::default();
        for (number, hour) in look.hours() {
            let mut counted = Counted::default();
            for (key, cell) in &hour.types {
                counted.add(cell, key.failed);
                *entry(&mut section.by_surface, &key.surface) += cell.count;
                entry(entry(&mut section.by_type, &key.surface), &key.event_type).add(cell, key.failed);
            }
            section.total += counted.count;
            section.failures += counted.failures;
            let Some(hour) = Timestamp::from_micros(number * HOUR_SECONDS * 1_000_000) else { continue };
            section.by_hour.push(HourOut { hour, count: counted.count, failures: counted.failures });
        }
        section
    }
}

/// What raw storage holds now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StorageSection {
    /// Registered and not deleted.
    pub assets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Uploads whose form is still taken and that nobody has registered.
    pub pending: u64,
    /// The bytes that they named beforehand.
    pub pending_bytes: u64,
    /// Uploads whose form has expired, that are neither registered nor given up yet.
    pub expired: u64,
    /// Uploads that were given up so far.
    pub abandoned: u64,
    /// Assets registered so far.
    pub registered: u64,
    /// Assets deleted so far.
    pub deleted: u64,
    /// Uploads that were forgotten while they were waited for (`views.max_pending_uploads`).
    pub forgotten: u64,
}

impl StorageSection {
    pub(super) fn of(look: &Looked<'_>) -> Self {
        let uploads = &look.place.uploads;
        let (pending, pending_bytes) = uploads.pending_at(look.now);
        Self {
            assets: uploads.assets,
            bytes: uploads.bytes,
            pending,
            pending_bytes,
            expired: uploads.pending.len() as u64 - pending,
            abandoned: uploads.abandoned,
            registered: uploads.registered,
            deleted: uploads.deleted,
            forgotten: uploads.forgotten,
        }
    }
}

/// What was spent in one currency. Decimals as text, exact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Spent {
    /// In all.
    #[schema(value_type = String)]
    pub total: Money,
    /// By `provider`.
    #[schema(value_type = BTreeMap<String, String>)]
    pub by_provider: BTreeMap<String, Money>,
    /// By `model_or_plan_id`, where it was named.
    #[schema(value_type = BTreeMap<String, String>)]
    pub by_model: BTreeMap<String, Money>,
    /// By `tool_type`, where it was named.
    #[schema(value_type = BTreeMap<String, String>)]
    pub by_tool_type: BTreeMap<String, Money>,
}

/// An exact decimal, written as a string.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Money(Option<Decimal>);

impl Money {
    fn add(&mut self, amount: Decimal) {
        self.0 = self.0.unwrap_or(Decimal::ZERO).checked_add(amount).or(self.0);
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.unwrap_or(Decimal::ZERO))
    }
}

/// A spending limit that was set.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PolicyOut {
    /// The limit, and what else was said of it.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub input: Map<String, Value>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// What was spent in the window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BudgetSection {
    /// By currency; currencies are never added up.
    pub by_currency: BTreeMap<String, Spent>,
    /// Usages recorded.
    pub usages: u64,
    /// Tokens that went in.
    #[schema(value_type = u64)]
    pub tokens_input: i128,
    /// Tokens that came out.
    #[schema(value_type = u64)]
    pub tokens_output: i128,
    /// Costs in none of the sums: of a currency beyond `views.max_names`.
    pub left_out: u64,
    /// The newest spending limit of each name.
    pub policies: BTreeMap<String, PolicyOut>,
}

impl BudgetSection {
    pub(super) fn of(look: &Looked<'_>) -> Self {
        let mut section = Self::default();
        for (_, hour) in look.hours() {
            for (_, cell) in hour.types.iter().filter(|(key, _)| key.event_type == USAGE && !key.failed) {
                section.usages += cell.count;
                let whole = |name: &str| cell.sums.get(name).map_or(0, |sum| sum.whole);
                section.tokens_input += whole("tokens_input");
                section.tokens_output += whole("tokens_output");
                section.left_out += cell.sums.get(COST).map_or(0, |sum| sum.left_out);
                for (currency, amount) in money(cell) {
                    entry(&mut section.by_currency, currency).total.add(amount);
                }
            }
            for (key, cell) in hour.groups.iter().filter(|(key, _)| key.event_type == USAGE) {
                for (currency, amount) in money(cell) {
                    let spent = entry(&mut section.by_currency, currency);
                    let by = match key.dimension.as_str() {
                        "provider" => &mut spent.by_provider,
                        "model_or_plan_id" => &mut spent.by_model,
                        "tool_type" => &mut spent.by_tool_type,
                        _ => continue,
                    };
                    entry(by, &key.value).add(amount);
                }
            }
        }
        for (key, row) in look.place.latest.of("budget_policy") {
            let policy = PolicyOut { input: members(row), at: row.occurred_at };
            section.policies.insert(name(key), policy);
        }
        section
    }
}

fn money(cell: &Cell) -> impl Iterator<Item = (&String, Decimal)> {
    cell.sums.get(COST).into_iter().flat_map(|sum| sum.money.iter().map(|(currency, amount)| (currency, *amount)))
}

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
    pub(super) fn of(look: &Looked<'_>) -> Self {
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
    pub(super) fn of(look: &Looked<'_>) -> Self {
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
    pub(super) fn of(look: &Looked<'_>) -> Self {
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

/// Failures in the window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ErrorsSection {
    /// By code; `none` for failures without one.
    pub by_code: BTreeMap<String, u64>,
    /// In all.
    pub total: u64,
}

impl ErrorsSection {
    pub(super) fn of(look: &Looked<'_>) -> Self {
        let mut section = Self::default();
        for (code, count) in look.hours().flat_map(|(_, hour)| &hour.errors) {
            *entry(&mut section.by_code, code) += count;
            section.total += count;
        }
        section
    }
}

/// What the redactor found in the window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PrivacySection {
    /// Findings by type.
    pub pii_found: BTreeMap<String, u64>,
    /// Events that may be trained on.
    pub train_ok: u64,
    /// Events that may not.
    pub train_denied: u64,
    /// The share of the former, 0 to 1; `null` without events.
    pub train_ok_share: Option<f64>,
}

impl PrivacySection {
    pub(super) fn of(look: &Looked<'_>) -> Self {
        let mut section = Self::default();
        for (_, hour) in look.hours() {
            for (kind, count) in &hour.pii {
                let found = entry(&mut section.pii_found, kind);
                *found = found.saturating_add(*count);
            }
            section.train_ok += hour.train_ok;
            section.train_denied += hour.train_denied;
        }
        let total = section.train_ok + section.train_denied;
        section.train_ok_share = (total > 0).then(|| section.train_ok as f64 / total as f64);
        section
    }
}

/// One log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LedgerLogOut {
    /// Its origin.
    pub log: String,
    /// Its events.
    pub size: u64,
    /// How many of them the last anchored checkpoint covers; `null` before the first one since the start.
    pub checkpoint_size: Option<u64>,
    /// When that was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub checkpoint_at: Option<Timestamp>,
}

/// How far one copy of the ledger is behind, for this tenant and environment.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FollowerOut {
    /// Its name.
    pub backend: &'static str,
    /// Events that it lacks.
    pub lag_events: u64,
    /// Age of the oldest of them. Seconds.
    pub lag_seconds: f64,
    /// Whether it fails now.
    pub failing: bool,
    /// Logs that are followed no further until an operator has looked at them.
    pub stopped_logs: u64,
}

/// The ledger itself, now.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct LedgerSection {
    /// Events of this tenant and environment.
    pub events: u64,
    /// Their logs, oldest first.
    pub logs: Vec<LedgerLogOut>,
    /// The copies; empty where there is none.
    pub followers: Vec<FollowerOut>,
}

fn entry<'m, T: Default>(map: &'m mut BTreeMap<String, T>, name: &str) -> &'m mut T {
    map.entry(name.to_owned()).or_default()
}

/// The members of a payload.
fn members(row: &LatestRow) -> Map<String, Value> {
    row.input.as_object().cloned().unwrap_or_default()
}

/// A key of one part.
fn name(key: &[String]) -> String {
    key.first().cloned().unwrap_or_default()
}
