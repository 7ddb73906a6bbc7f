//! The events since the index's last commit, in memory, so that whoever appends can read what it appended.
//!
//! They lie in chunks that are shared, so that a reader takes a snapshot and walks it without holding up the writer, and so that a
//! commit of the index forgets thousands of events in as many steps as there are chunks.

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

/// Events that are gathered in one chunk, unless one batch has more. A reader's snapshot costs the writer at most a copy of one.
const CHUNK_EVENTS: usize = 512;

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

#[derive(Debug, Clone)]
struct Recent {
    position: u64,
    recorded_at: i64,
    scope: Scope,
    /// Where its terms end in the chunk's; they begin where those of the event before it end.
    terms_end: usize,
}

/// Events that lie side by side, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chunk {
    events: Vec<Recent>,
    /// Keyed hashes of the keys, instead of the keys: an eighth of the memory, and with a key that nobody else knows, 64 bits
    /// are as good as the keys themselves.
    terms: Vec<u64>,
    by_id: HashMap<(Scope, EventId), u64>,
}

impl Chunk {
    fn new(docs: &[Doc], hasher: &RandomState) -> Self {
        let mut chunk = Self {
            events: Vec::with_capacity(docs.len()),
            terms: Vec::with_capacity(docs.len() * 10),
            by_id: HashMap::with_capacity(docs.len()),
        };
        for doc in docs {
            chunk.terms.extend(doc.keys.iter().map(|key| hasher.hash_one(key)));
            chunk.by_id.insert((doc.scope, doc.event_id), doc.position);
            chunk.events.push(Recent {
                position: doc.position,
                recorded_at: doc.recorded_at,
                scope: doc.scope,
                terms_end: chunk.terms.len(),
            });
        }
        chunk
    }

    fn append(&mut self, later: Self) {
        let before = self.terms.len();
        self.terms.extend(later.terms);
        self.by_id.extend(later.by_id);
        self.events
            .extend(later.events.into_iter().map(|event| Recent { terms_end: before + event.terms_end, ..event }));
    }

    fn terms_of(&self, at: usize) -> &[u64] {
        let from = at.checked_sub(1).map_or(0, |before| self.events[before].terms_end);
        &self.terms[from..self.events[at].terms_end]
    }

    fn last(&self) -> u64 {
        self.events.last().map_or(0, |event| event.position)
    }
}

/// The recent events and the index's last commit, which together are everything before `end`.
#[derive(Default)]
pub(crate) struct ReadState {
    hasher: RandomState,
    chunks: VecDeque<Arc<Chunk>>,
    events: usize,
    pub view: Arc<IndexView>,
    /// Every event before this position can be read.
    pub end: u64,
}

/// What can be read at one moment, to be looked through without the lock. An event may be both in a chunk and in the index.
pub(crate) struct Snapshot {
    hasher: RandomState,
    chunks: Vec<Arc<Chunk>>,
    pub view: Arc<IndexView>,
    pub end: u64,
}

impl ReadState {
    /// How many events are only in memory. There may be up to a chunk more of them that the index has too.
    pub(crate) fn len(&self) -> usize {
        self.events
    }

    /// What turns docs into a chunk, which is better done before the lock is taken to [`push`](Self::push) it.
    pub(crate) fn gather(&self) -> impl FnOnce(&[Doc]) -> Chunk + use<> {
        let hasher = self.hasher.clone();
        move |docs| Chunk::new(docs, &hasher)
    }

    /// Adds the events of a batch that has become durable up to `end`.
    pub(crate) fn push(&mut self, chunk: Chunk, end: u64) {
        self.end = end;
        let more = chunk.events.len();
        if more == 0 {
            return;
        }
        self.events += more;
        match self.chunks.back_mut().filter(|last| last.events.len() + more <= CHUNK_EVENTS) {
            Some(last) => Arc::make_mut(last).append(chunk),
            None => self.chunks.push_back(Arc::new(chunk)),
        }
    }

    /// Takes over a newer commit and forgets the chunks that are wholly in it. They are handed back, to be freed without the lock.
    pub(crate) fn publish(&mut self, view: Arc<IndexView>) -> Vec<Arc<Chunk>> {
        let mut forgotten = Vec::new();
        while self.chunks.front().is_some_and(|oldest| oldest.last() < view.end) {
            forgotten.extend(self.chunks.pop_front());
        }
        let indexed = |chunk: &Arc<Chunk>| chunk.events.partition_point(|event| event.position < view.end);
        let kept: usize = self.chunks.iter().map(|chunk| chunk.events.len()).sum();
        self.events = kept - self.chunks.front().map_or(0, indexed);
        self.view = view;
        forgotten
    }

    /// The position of an event that is in memory.
    pub(crate) fn find(&self, scope: Scope, id: EventId) -> Option<u64> {
        self.chunks.iter().rev().find_map(|chunk| chunk.by_id.get(&(scope, id)).copied())
    }

    /// What can be read now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            hasher: self.hasher.clone(),
            chunks: self.chunks.iter().cloned().collect(),
            view: Arc::clone(&self.view),
            end: self.end,
        }
    }
}

impl Snapshot {
    /// The positions in memory that are wanted, in the order wanted.
    pub(crate) fn walk(&self, scope: Scope, keys: &[Vec<u8>], wanted: &Wanted) -> Vec<u64> {
        let terms: Vec<u64> = keys.iter().map(|key| self.hasher.hash_one(key.as_slice())).collect();
        let matching = |chunk: &Chunk, at: &usize| {
            let event = &chunk.events[*at];
            event.scope == scope
                && wanted.has_time(event.recorded_at)
                && terms.iter().all(|term| chunk.terms_of(*at).contains(term))
        };
        let mut found = Vec::new();
        let mut take = |chunk: &Chunk| {
            let first = chunk.events.partition_point(|event| event.position < wanted.from);
            let last = chunk.events.partition_point(|event| event.position < wanted.below).max(first);
            let room = wanted.limit - found.len();
            let position = |at: usize| chunk.events[at].position;
            if wanted.newest_first {
                found.extend((first..last).rev().filter(|at| matching(chunk, at)).map(position).take(room));
            } else {
                found.extend((first..last).filter(|at| matching(chunk, at)).map(position).take(room));
            }
        };
        if wanted.newest_first {
            self.chunks.iter().rev().for_each(|chunk| take(chunk));
        } else {
            self.chunks.iter().for_each(|chunk| take(chunk));
        }
        found
    }
}

/// The terms of a query for the index.
pub(crate) fn terms(scope: Scope, keys: &[Vec<u8>]) -> Vec<Vec<u8>> {
    keys.iter().map(|key| keys::term(scope, key)).collect()
}
