//! The fold by itself, for leaves that come from elsewhere than this ledger's segments: a copy that several replicas share.

use std::collections::HashSet;

use nexus_model::{Catalog, EventId, Timestamp};

use super::{
    Caps, PlaceViews,
    facts::{Facts, Rows},
    uploads::Ahead,
};

/// Bits of a synthetic position that tell events of one microsecond apart.
const TIE_BITS: u32 = 12;

/// What became of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folded {
    /// It is in the rows.
    Taken,
    /// Another log had the event already: a repeat that reached another replica. It is in the rows once.
    Repeated,
    /// It is no event of this version's form: it is counted and no more.
    Unreadable,
}

/// The rows of one tenant and environment, folded from the leaves of several logs.
///
/// Each log's leaves come in its own order. Those of different logs should come in the order of their times; where they do not, newest states are
/// still those recorded last, and what storage holds comes out the same. Of an event that two logs have, the leaf that comes first is in the rows.
pub struct LeafFold {
    catalog: Rows,
    caps: Caps,
    place: PlaceViews,
    ids: Ids,
    taken: u64,
}

/// The events that came last. A ledger by itself has an id once; two that do not know each other may both have it.
struct Ids {
    /// At most `half` of each.
    young: HashSet<EventId>,
    old: HashSet<EventId>,
    half: usize,
}

impl Ids {
    /// Whether the event is new. Of more than twice `half` events the older ones are forgotten.
    fn insert(&mut self, id: EventId) -> bool {
        if self.old.contains(&id) || !self.young.insert(id) {
            return false;
        }
        if self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        true
    }
}

impl LeafFold {
    /// Nothing yet. Which events are in the rows is known of the last `max_ids` at most, and of half as many at least.
    #[must_use]
    pub fn new(catalog: &Catalog, caps: Caps, max_ids: usize) -> Self {
        let mut place = PlaceViews::default();
        place.uploads.ahead = Some(Ahead::default());
        let ids = Ids { young: HashSet::new(), old: HashSet::new(), half: max_ids.div_ceil(2) };
        Self { catalog: Rows::new(catalog), caps, place, ids, taken: 0 }
    }

    /// Takes in the `seq`-th leaf of `log`, recorded at `at`.
    pub fn add(&mut self, log: &str, seq: u64, at: Timestamp, leaf: &[u8]) -> Folded {
        self.taken += 1;
        let tie = self.taken & ((1 << TIE_BITS) - 1);
        let position = u64::try_from(at.micros()).unwrap_or(0) << TIE_BITS | tie;
        let folded = match Facts::read(&self.catalog, leaf) {
            Ok(facts) if self.ids.insert(facts.event_id) => {
                self.place.add(log, seq, position, facts, &self.caps);
                return Folded::Taken;
            }
            Ok(_) => Folded::Repeated,
            Err(_) => Folded::Unreadable,
        };
        self.place.came(log, seq, position);
        folded
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::views::tests::mixed;

    /// A repeat that reached another replica is in that one's log too, later.
    #[test]
    fn an_event_that_two_logs_have_counts_once() {
        let mut fold = LeafFold::new(Catalog::builtin(), Caps::default(), 1000);
        let leaf = |n| crate::canonical_bytes(&mixed(n));
        let at = |n| mixed(n).recorded_at;
        for n in 0..20 {
            assert_eq!(fold.add("one", n, at(n), &leaf(n)), Folded::Taken);
        }
        for (seq, n) in (0..).zip([3, 17, 30]) {
            let expected = if n < 20 { Folded::Repeated } else { Folded::Taken };
            assert_eq!(fold.add("two", seq, at(30), &leaf(n)), expected);
        }
        assert_eq!(fold.add("two", 3, at(30), b"{}"), Folded::Unreadable);
        assert_eq!((fold.size("one"), fold.size("two")), (20, 4));
        let counted: u64 = fold.place().rollups.hours.values().map(|hour| hour.events()).sum();
        assert_eq!(counted, 21);
    }

    /// Memory is bounded, whatever the history.
    #[test]
    fn the_ids_that_came_last_are_known() {
        let mut ids = Ids { young: HashSet::new(), old: HashSet::new(), half: 10 };
        let id = |n: u128| EventId::from_uuid(uuid::Uuid::from_u128(n));
        for n in 0..1000 {
            assert!(ids.insert(id(n)));
            assert!((n.saturating_sub(9)..=n).all(|known| !ids.insert(id(known))), "half of them at least");
            assert!(ids.young.len() + ids.old.len() <= 20);
        }
        assert!(ids.insert(id(0)), "and no more than all of them");
    }
}
