//! The sections of a dashboard: pure functions of the rows and the time.

mod states;
mod window;

use std::collections::BTreeMap;

use nexus_ledger::views::LatestRow;
use nexus_model::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

pub use self::{
    states::{
        ControlsSection, Corridor, KillSwitchOut, KpiOut, KpiSection, SnapshotOut, StrategyLockOut, TemperatureOut,
        TemperatureSection,
    },
    window::{
        ActivitySection, BudgetSection, Counted, ErrorsSection, HourOut, Money, PolicyOut, PrivacySection, Spent,
    },
};
use super::dashboard::Looked;

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
    pub(in crate::views) fn of(look: &Looked<'_>) -> Self {
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

/// The value of a name, which is made where it is new.
fn entry<'m, T: Default>(map: &'m mut BTreeMap<String, T>, name: &str) -> &'m mut T {
    // A name is copied once, not for every row that has it.
    if !map.contains_key(name) {
        map.insert(name.to_owned(), T::default());
    }
    map.get_mut(name).expect("a name that is there")
}

/// The members of a payload.
fn members(row: &LatestRow) -> Map<String, Value> {
    row.input.as_object().cloned().unwrap_or_default()
}

/// A key of one part.
fn name(key: &[String]) -> String {
    key.first().cloned().unwrap_or_default()
}
