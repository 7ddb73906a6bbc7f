//! The fold by itself, for leaves that come from elsewhere than this ledger's segments: a copy that several replicas share.

use nexus_model::{Catalog, Timestamp};

use super::{
    Caps, PlaceViews,
    facts::{Facts, Rows},
};

/// Bits of a synthetic position that tell events of one microsecond apart.
const TIE_BITS: u32 = 12;

/// The rows of one tenant and environment, folded from the leaves of several logs.
///
/// Each log's leaves come in its own order. Those of different logs should come in the order of their times; where they do not, newest states are
/// still those recorded last.
pub struct LeafFold {
    catalog: Rows,
    caps: Caps,
    place: PlaceViews,
    taken: u64,
}

impl LeafFold {
    /// Nothing yet.
    #[must_use]
    pub fn new(catalog: &Catalog, caps: Caps) -> Self {
        Self { catalog: Rows::new(catalog), caps, place: PlaceViews::default(), taken: 0 }
    }

    /// Takes in the `seq`-th leaf of `log`, recorded at `at`. `false` when it is no event of this version's form: it is counted and no more.
    pub fn add(&mut self, log: &str, seq: u64, at: Timestamp, leaf: &[u8]) -> bool {
        self.taken += 1;
        let tie = self.taken & ((1 << TIE_BITS) - 1);
        let position = u64::try_from(at.micros()).unwrap_or(0) << TIE_BITS | tie;
        match Facts::read(&self.catalog, leaf) {
            Ok(facts) => {
                self.place.add(log, seq, position, facts, &self.caps);
                true
            }
            Err(_) => {
                self.place.came(log, seq, position);
                false
            }
        }
    }

    /// How many leaves of a log are in the rows.
    #[must_use]
    pub fn size(&self, log: &str) -> u64 {
        self.place.logs.get(log).copied().unwrap_or(0)
    }

    /// The rows.
    #[must_use]
    pub fn place(&self) -> &PlaceViews {
        &self.place
    }
}
