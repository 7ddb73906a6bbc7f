//! What the callers, the writer and the indexer share.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use nexus_model::EventId;

use crate::{
    LedgerConfig, LedgerError,
    filter::Filter,
    home::{Paths, Writers},
    keyring::Keyring,
    keys,
    logs::{Logs, Scope},
    proofs::LogCheckpoint,
    queue::Queue,
    recent::{Doc, ReadState},
    segments::Segments,
    tail::Tails,
};

/// Whether the ledger can write, and if not, since when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The next append can be expected to succeed.
    pub can_write: bool,
    /// Since when it cannot.
    pub failing_since: Option<SystemTime>,
    /// The last error of the disk or the index, with its causes. For logs and operators; never for callers.
    pub last_error: Option<String>,
    /// The index keeps up. When it does not, reads are still complete until the memory for recent events is full.
    pub index_ok: bool,
}

/// Counts since the ledger was opened, and sizes now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Events waiting to be written.
    pub queue_events: usize,
    /// Bytes of events waiting to be written.
    pub queue_bytes: usize,
    /// Events stored since the start.
    pub events: u64,
    /// Events that had been stored before.
    pub duplicates: u64,
    /// Bytes of records written since the start, headers included.
    pub bytes: u64,
    /// Batches written since the start; `events / batches` is their mean size.
    pub batches: u64,
    /// Events in the largest batch since the start.
    pub largest_batch: u64,
    /// Batches that failed since the start.
    pub failed_batches: u64,
    /// Looks into the index to tell whether an event id is known.
    pub id_lookups: u64,
    /// Events that are in memory only, not yet in the index.
    pub index_lag_events: usize,
    /// Parts of the index.
    pub index_parts: usize,
    /// Bytes of the filter that knows which event ids are new.
    pub filter_bytes: usize,
    /// Bytes of all records stored, in all segments.
    pub stored_bytes: u64,
    /// Segment files.
    pub segments: usize,
    /// Logs.
    pub logs: usize,
}

/// Documents handed to the index at once.
pub(crate) const GROUP_DOCS: usize = 256;

/// Counters of [`Stats`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub events: AtomicU64,
    pub duplicates: AtomicU64,
    pub bytes: AtomicU64,
    pub batches: AtomicU64,
    pub largest_batch: AtomicU64,
    pub failed_batches: AtomicU64,
    pub id_lookups: AtomicU64,
}

pub(crate) fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

/// Docs on their way to the indexer.
#[derive(Default)]
pub(crate) struct Feed {
    pub docs: VecDeque<Doc>,
    pub closed: bool,
}

pub(crate) struct Shared {
    pub config: LedgerConfig,
    pub paths: Paths,
    pub segments: Segments,
    pub logs: RwLock<Logs>,
    pub read: RwLock<ReadState>,
    pub filter: Mutex<Filter>,
    pub queue: Queue,
    pub feed: Mutex<Feed>,
    /// Docs have come, or the feed is closed.
    pub fed: Condvar,
    /// Recent events have left memory; waited for with `feed`.
    pub room: Condvar,
    /// A read found the index damaged.
    pub index_damaged: AtomicBool,
    pub writers: RwLock<Writers>,
    pub keyring: Keyring,
    /// Checkpoints may be signed: the anchors have been looked at.
    pub may_sign: AtomicBool,
    /// The newest checkpoint signed of each log, by its number.
    pub signed: Mutex<HashMap<u32, LogCheckpoint>>,
    pub health: Mutex<Health>,
    pub counters: Counters,
    /// Who follows what is appended.
    pub tails: Tails,
}

impl Shared {
    pub(crate) fn logs(&self) -> RwLockReadGuard<'_, Logs> {
        self.logs.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn logs_mut(&self) -> RwLockWriteGuard<'_, Logs> {
        self.logs.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, ReadState> {
        self.read.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn read_mut(&self) -> RwLockWriteGuard<'_, ReadState> {
        self.read.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn filter(&self) -> MutexGuard<'_, Filter> {
        self.filter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn feed(&self) -> MutexGuard<'_, Feed> {
        self.feed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn writers(&self) -> RwLockReadGuard<'_, Writers> {
        self.writers.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn signed(&self) -> MutexGuard<'_, HashMap<u32, LogCheckpoint>> {
        self.signed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id of the writer that appends now.
    pub(crate) fn writer_id(&self) -> String {
        self.writers().current.clone()
    }

    /// Puts the ids of a durable batch where repeats are looked for.
    ///
    /// This comes before the batch is in a tree: the heads are kept with the position of the trees, and a start takes it that every
    /// id before that position is in the filter kept with them. The other way round, an event whose id was still on its way when
    /// the heads were kept would be taken as new after a crash.
    pub(crate) fn remember(&self, docs: &[Doc]) {
        let mut filter = self.filter();
        for doc in docs {
            filter.insert(doc.scope, doc.event_id.uuid().as_u128());
        }
    }

    /// Makes a durable, remembered batch readable and hands it to the indexer.
    pub(crate) fn show(&self, docs: Vec<Doc>, end: u64) {
        let gather = self.read().gather();
        let chunk = gather(&docs);
        self.read_mut().push(chunk, end);
        let logs = self.logs().len();
        self.tails.wake(&docs, end, logs);
        let mut feed = self.feed();
        let before = feed.docs.len();
        feed.docs.extend(docs);
        // The indexer hears of the first and of a group's worth; between the two it waits for the latter.
        if before == 0 || before < GROUP_DOCS && feed.docs.len() >= GROUP_DOCS {
            drop(feed);
            self.fed.notify_one();
        }
    }

    /// The position of an event.
    pub(crate) fn find(&self, scope: Scope, id: EventId) -> Result<Option<u64>, LedgerError> {
        let view = {
            // Both are looked at under one lock, or an event could slip from the one into the other in between.
            let read = self.read();
            if let Some(position) = read.find(scope, id) {
                return Ok(Some(position));
            }
            Arc::clone(&read.view)
        };
        self.watch_index(view.find(keys::term(scope, &keys::event_id(id))))
    }

    /// Has the index rebuilt when a read of it failed.
    pub(crate) fn watch_index<T>(&self, result: Result<T, LedgerError>) -> Result<T, LedgerError> {
        if result.is_err() {
            self.index_damaged.store(true, Ordering::Relaxed);
            self.fed.notify_one();
        }
        result
    }

    /// Waits until memory has room for recent events; `false` when the index does not make any.
    pub(crate) fn wait_for_room(&self, patience: Duration) -> bool {
        let full = |shared: &Self| shared.read().len() >= shared.config.recent_events;
        if !full(self) {
            return true;
        }
        let feed = self.feed();
        let waited = self.room.wait_timeout_while(feed, patience, |_| full(self));
        drop(waited);
        !full(self)
    }

    /// Notes that writing failed.
    pub(crate) fn note_failure(&self, error: &LedgerError) {
        let text = chain(error);
        tracing::error!(error = %text, "the ledger cannot write");
        let mut health = self.health();
        health.can_write = false;
        health.failing_since.get_or_insert_with(SystemTime::now);
        health.last_error = Some(text);
    }

    /// Notes that writing works again.
    pub(crate) fn note_recovery(&self) {
        let mut health = self.health();
        if !health.can_write {
            tracing::info!("the ledger can write again");
        }
        health.can_write = true;
        health.failing_since = None;
    }

    /// Notes how the index does.
    pub(crate) fn note_index(&self, result: Result<(), &LedgerError>) {
        let text = result.err().map(|error| chain(error));
        if let Some(text) = &text {
            tracing::error!(error = %text, "the index failed; it will be rebuilt from the segments");
        }
        let mut health = self.health();
        health.index_ok = text.is_none();
        if text.is_some() {
            health.last_error = text;
        }
    }
}

/// An error with its causes, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
