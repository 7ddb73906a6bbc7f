//! The events since the index's last commit, in memory, so that whoever appends can read what it appended.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use nexus_model::EventId;

use crate::{
    index::{IndexView, Wanted},
    keys::{self, Keys},
    logs::Scope,
};

/// What the index is told of an event.
#[derive(Debug, Clone)]
pub(crate) struct Doc {
    pub position: u64,
    /// The position after it.
    pub end: u64,
    pub scope: Scope,
    pub event_id: EventId,
    /// Microseconds since the Unix epoch.
    pub recorded_at: i64,
    pub keys: Keys,
}

#[derive(Debug)]
struct Recent {
    position: u64,
    recorded_at: i64,
    scope: Scope,
    event_id: EventId,
    /// Keyed hashes of the keys, instead of the keys: an eighth of the memory, and with a key that nobody else knows, 64 bits
    /// are as good as the keys themselves.
    terms: Box<[u64]>,
}

/// The recent events and the index's last commit, which together are everything before `end`.
#[derive(Default)]
pub(crate) struct ReadState {
    hasher: RandomState,
    recent: VecDeque<Recent>,
    by_id: HashMap<(Scope, EventId), u64>,
    pub view: Arc<IndexView>,
    /// Every event before this position can be read.
    pub end: u64,
}

impl ReadState {
    /// How many events are only in memory.
    pub(crate) fn len(&self) -> usize {
        self.recent.len()
    }

    /// Adds the events of a batch that has become durable up to `end`.
    pub(crate) fn push(&mut self, docs: &[Doc], end: u64) {
        for doc in docs {
            let terms = doc.keys.iter().map(|key| self.hasher.hash_one(key)).collect();
            self.by_id.insert((doc.scope, doc.event_id), doc.position);
            self.recent.push_back(Recent {
                position: doc.position,
                recorded_at: doc.recorded_at,
                scope: doc.scope,
                event_id: doc.event_id,
                terms,
            });
        }
        self.end = end;
    }

    /// Takes over a newer commit and forgets the events that are in it.
    pub(crate) fn publish(&mut self, view: Arc<IndexView>) {
        while let Some(oldest) = self.recent.front().filter(|oldest| oldest.position < view.end) {
            self.by_id.remove(&(oldest.scope, oldest.event_id));
            self.recent.pop_front();
        }
        self.view = view;
    }

    /// The position of an event that is only in memory.
    pub(crate) fn find(&self, scope: Scope, id: EventId) -> Option<u64> {
        self.by_id.get(&(scope, id)).copied()
    }

    /// The positions in memory that are wanted, in the order wanted.
    pub(crate) fn walk(&self, scope: Scope, keys: &[Vec<u8>], wanted: &Wanted) -> Vec<u64> {
        let terms: Vec<u64> = keys.iter().map(|key| self.hasher.hash_one(key.as_slice())).collect();
        let first = self.recent.partition_point(|event| event.position < wanted.from);
        let last = self.recent.partition_point(|event| event.position < wanted.below).max(first);
        let matches = |event: &&Recent| {
            event.scope == scope
                && wanted.has_time(event.recorded_at)
                && terms.iter().all(|term| event.terms.contains(term))
        };
        let events = self.recent.range(first..last);
        if wanted.newest_first {
            events.rev().filter(matches).map(|event| event.position).take(wanted.limit).collect()
        } else {
            events.filter(matches).map(|event| event.position).take(wanted.limit).collect()
        }
    }
}

/// The terms of a query for the index.
pub(crate) fn terms(scope: Scope, keys: &[Vec<u8>]) -> Vec<Vec<u8>> {
    keys.iter().map(|key| keys::term(scope, key)).collect()
}
