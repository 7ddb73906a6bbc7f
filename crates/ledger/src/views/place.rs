//! The rows of one tenant and environment.

use std::collections::BTreeMap;

use nexus_model::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Caps, facts::Facts, latest::LatestRows, rollup::Rollups, uploads::Uploads};

/// Everything that is known of one tenant and environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PlaceViews {
    /// How many events of each log are in the rows.
    pub logs: BTreeMap<String, u64>,
    /// When the newest of them was recorded.
    pub newest: Option<Timestamp>,
    /// By hour.
    pub rollups: Rollups,
    /// By latest-key.
    pub latest: LatestRows,
    /// What raw storage holds.
    pub uploads: Uploads,
    /// Records of this place before this position are in the rows.
    pub(super) position: u64,
    /// Changed since it was last kept.
    #[serde(skip)]
    pub(super) changed: bool,
}

impl PlaceViews {
    /// Takes in one event: the `seq`-th of `log`, whose record lies at `position`.
    pub(super) fn add(&mut self, log: &str, seq: u64, position: u64, mut facts: Facts<'_>, caps: &Caps) {
        self.came(log, seq, position);
        self.newest = self.newest.max(Some(facts.recorded_at));
        self.rollups.add(&facts, caps);
        if let Some(upload) = facts.upload.take() {
            self.uploads.add(upload, caps.pending_uploads);
        }
        if let Some(latest) = facts.latest.take() {
            self.latest.add(&facts, latest, position, caps);
        }
    }

    /// Takes note of a leaf, readable or not.
    pub(super) fn came(&mut self, log: &str, seq: u64, position: u64) {
        match self.logs.get_mut(log) {
            Some(size) => *size = seq + 1,
            None => {
                self.logs.insert(log.to_owned(), seq + 1);
            }
        }
        self.position = position + 1;
        self.changed = true;
    }

    /// Brings back what is not kept, because it follows from the rest.
    pub(super) fn complete(&mut self) {
        self.rollups.complete();
        self.latest.complete();
    }

    /// How many events are in the rows.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.logs.values().sum()
    }

    /// All rows as JSON: the same bytes from the same log, however they came about.
    ///
    /// # Errors
    /// Never: there is nothing in the rows that JSON does not have.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}
