//! The ledger as its callers see it: open, append, close.

use std::{
    fs::File,
    sync::{Arc, Condvar, Mutex, PoisonError, RwLock, atomic::AtomicBool, atomic::Ordering},
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::{oneshot, watch};

use crate::{
    Appended, Entry, Health, LedgerConfig, LedgerError, Stats, derived,
    entry::Prepared,
    home::{self, Paths},
    indexer::{Indexing, doc_of},
    keyring::Keyring,
    proofs,
    queue::{Limits, Queue, Submission},
    segments::Segments,
    shared::Shared,
    tail::Tails,
    writer::Writer,
};

/// How long a start waits for the index to take in what it lacks, before it looks again.
const REPLAY_PATIENCE: Duration = Duration::from_secs(1);
/// Events replayed at once.
const REPLAY_DOCS: usize = 1024;

/// An open ledger. Cheap to clone; the last clone to go closes it.
#[derive(Clone)]
pub struct Ledger {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    closed: watch::Receiver<bool>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.queue.close();
        for thread in self.threads.get_mut().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").field("dir", &self.inner.shared.config.dir).finish_non_exhaustive()
    }
}

impl Ledger {
    /// Opens the ledger in [`LedgerConfig::dir`], making it where there is none, and brings everything that follows from
    /// the segments up to their end. How long that takes does not depend on the history, unless something has to be rebuilt.
    ///
    /// # Errors
    /// `Locked`, `NewerFormat`, `Io` for a directory that cannot be used; `Corrupt` where acknowledged events are damaged or missing.
    pub fn open(config: LedgerConfig) -> Result<Self, LedgerError> {
        let disk = Arc::clone(&config.disk);
        let lock = home::lock(&*disk, &config.dir)?;
        home::settle_format(&*disk, &config.dir)?;
        let paths = Paths::new(&config.dir);
        let writers = home::writers(&*disk, &config.dir)?;
        let keyring = Keyring::open(&config)?;
        let segments = Segments::open(Arc::clone(&disk), paths.segments(), config.fill_ahead_bytes)?;
        let (logs, filter) = derived::load(&*disk, &paths)?;
        let limits = Limits {
            queue_events: config.queue_events,
            queue_bytes: config.queue_bytes,
            batch_events: config.batch_events,
            batch_bytes: config.batch_bytes,
        };
        let shared = Arc::new(Shared {
            config,
            paths,
            segments,
            logs: RwLock::new(logs),
            read: RwLock::default(),
            filter: Mutex::new(filter),
            queue: Queue::new(limits),
            feed: Mutex::default(),
            fed: Condvar::new(),
            room: Condvar::new(),
            index_damaged: AtomicBool::new(false),
            writers: RwLock::new(writers),
            keyring,
            may_sign: AtomicBool::new(false),
            signed: Mutex::default(),
            health: Mutex::new(Health { can_write: true, failing_since: None, last_error: None, index_ok: true }),
            counters: crate::shared::Counters::default(),
            tails: Tails::default(),
        });
        Self::start(shared, lock)
    }

    fn start(shared: Arc<Shared>, lock: File) -> Result<Self, LedgerError> {
        let indexing = Indexing::open(&shared)?;
        let indexed = indexing.indexed;
        let end = match settle_tail(&shared, indexed) {
            Ok(end) => end,
            Err(error) => {
                indexing.join();
                return Err(error);
            }
        };
        indexing.run();
        let started = replay(&shared, indexed, end).and_then(|()| proofs::load_signed(&shared));
        if let Err(error) = started {
            close_feed(&shared);
            indexing.join();
            return Err(error);
        }
        let (closing, closed) = watch::channel(false);
        let writer = Writer::new(Arc::clone(&shared), end);
        let its = Arc::clone(&shared);
        let writer = spawn("ledger-writer", move || {
            writer.run();
            close_feed(&its);
            indexing.join();
            if let Err(error) = proofs::keep_signed(&its) {
                tracing::warn!(error = %crate::shared::chain(&error), "the last checkpoints could not be kept");
            }
            drop(lock);
            let _ = closing.send(true);
        })?;
        Ok(Self { inner: Arc::new(Inner { shared, closed, threads: Mutex::new(vec![writer]) }) })
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    /// Stores an event. When this returns `Ok`, the event is on the disk, can be read, and can be proved.
    ///
    /// # Errors
    /// `Conflict`, `TooLarge`: it will never be stored as it is. `Unavailable`, `Overloaded`, `Closed`: it was not stored; repeat
    /// later. `OutcomeUnknown`: it may be stored; repeat with the same event id.
    pub async fn append(&self, entry: Entry) -> Result<Appended, LedgerError> {
        let mut answers = self.append_batch(vec![entry]).await;
        answers.pop().unwrap_or(Err(LedgerError::Closed))
    }

    /// Stores events, in order and durably as one; they may belong to several tenants. One answer for each, in order. An event
    /// that cannot be stored does not keep the others from being stored.
    ///
    /// # Errors
    /// Each as [`append`](Self::append).
    pub async fn append_batch(&self, entries: Vec<Entry>) -> Vec<Result<Appended, LedgerError>> {
        let limit = self.shared().config.leaf_bytes;
        let prepared =
            entries.iter().map(|entry| Prepared::new(entry.event.event(), entry.sameness, limit)).collect::<Vec<_>>();
        drop(entries);
        self.append_prepared(prepared).await
    }

    pub(crate) async fn append_prepared(
        &self,
        prepared: Vec<Result<Prepared, LedgerError>>,
    ) -> Vec<Result<Appended, LedgerError>> {
        let refused: Vec<Option<LedgerError>> = prepared.iter().map(|one| one.as_ref().err().cloned()).collect();
        let entries: Vec<Prepared> = prepared.into_iter().flatten().collect();
        let count = entries.len();
        let answers = if count == 0 { Vec::new() } else { self.submit(entries).await };
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or(Err(LedgerError::Closed));
        refused.into_iter().map(|refused| refused.map_or_else(&mut next, Err)).collect()
    }

    async fn submit(&self, entries: Vec<Prepared>) -> Vec<Result<Appended, LedgerError>> {
        let count = entries.len();
        let (reply, answer) = oneshot::channel();
        if let Err(error) = self.shared().queue.push(Submission { entries, reply }) {
            return vec![Err(error); count];
        }
        // The writer answers everything it takes; without an answer it is gone, and what it did is not known.
        answer.await.unwrap_or_else(|_| {
            let gone = Arc::new(std::io::Error::other("the writer has stopped"));
            vec![Err(LedgerError::OutcomeUnknown(gone)); count]
        })
    }

    /// Whether the ledger can write.
    #[must_use]
    pub fn health(&self) -> Health {
        self.shared().health().clone()
    }

    /// Counts and sizes, for metrics.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let shared = self.shared();
        let counters = &shared.counters;
        let (queue_events, queue_bytes) = shared.queue.depth();
        let (index_lag_events, index_parts, stored_bytes) = {
            let read = shared.read();
            (read.len(), read.view.parts.len(), read.end)
        };
        // One lock at a time: what is taken inside an expression is held to its end.
        let filter_bytes = shared.filter().bytes();
        let logs = shared.logs().len() as usize;
        Stats {
            queue_events,
            queue_bytes,
            events: counters.events.load(Ordering::Relaxed),
            duplicates: counters.duplicates.load(Ordering::Relaxed),
            bytes: counters.bytes.load(Ordering::Relaxed),
            batches: counters.batches.load(Ordering::Relaxed),
            largest_batch: counters.largest_batch.load(Ordering::Relaxed),
            failed_batches: counters.failed_batches.load(Ordering::Relaxed),
            id_lookups: counters.id_lookups.load(Ordering::Relaxed),
            index_lag_events,
            index_parts,
            filter_bytes,
            stored_bytes,
            segments: shared.segments.starts().len(),
            logs,
        }
    }

    /// Takes in nothing more, writes what waits, commits the index, and lets go of the directory. Reads still work.
    /// Calling it again waits for the same.
    pub async fn close(&self) {
        self.inner.shared.queue.close();
        // An error means that the threads are gone, which is what is waited for.
        let _ = self.inner.closed.clone().wait_for(|closed| *closed).await;
    }
}

/// Tells the indexer that nothing more will come.
fn close_feed(shared: &Shared) {
    shared.feed().closed = true;
    shared.fed.notify_all();
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, LedgerError> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map_err(LedgerError::io("cannot start thread", name))
}

/// Finds the end of the whole batches, cuts off what a crash left half written, and makes the rest durable.
fn settle_tail(shared: &Shared, indexed: u64) -> Result<u64, LedgerError> {
    let kept = shared.logs().end;
    let newest = shared.segments.newest();
    // What is found whole is about to be shown, so it has to be on the device. A cache that an earlier process could not sync may
    // hold more than that, and a sync now says nothing about it: so what is still to be written is, and then the device is read.
    let file = shared.segments.file(newest)?;
    file.sync_data().map_err(LedgerError::io("cannot sync", shared.segments.path(newest)))?;
    // Where the cache cannot be dropped, the cache is read: no worse than not asking.
    let _ = file.forget_cache();
    let tail = shared.segments.find_tail(kept.min(indexed))?;
    let reflected = kept.max(indexed);
    if reflected > tail.end {
        let what = format!(
            "events up to position {reflected} were acknowledged, and whole ones end at {}: restore the segments, or remove \
             `heads` and `index/` to accept the loss",
            tail.end
        );
        return Err(LedgerError::corrupt(shared.segments.path(newest), what));
    }
    if tail.torn {
        tracing::warn!(position = tail.end, "a batch was only half written when the ledger stopped; it is cut off");
        shared.segments.begin(tail.end).map_err(LedgerError::io("cannot create", shared.segments.path(tail.end)))?;
    }
    Ok(tail.end)
}

/// Brings trees, filter, recent events and index up to `end`.
fn replay(shared: &Shared, indexed: u64, end: u64) -> Result<(), LedgerError> {
    let kept = shared.logs().end;
    let mut docs = Vec::with_capacity(REPLAY_DOCS);
    let show = |docs: &mut Vec<_>, end: u64| {
        while !shared.wait_for_room(REPLAY_PATIENCE) {
            if !shared.health().index_ok {
                let reason = "the index cannot be built".to_owned();
                return Err(LedgerError::Unavailable { reason, source: None });
            }
        }
        shared.show(std::mem::take(docs), end);
        Ok(())
    };
    shared.segments.scan(kept.min(indexed), end, |record| {
        let scope = shared.logs().get(record.log).map(|log| log.scope).filter(|_| !record.opens_log);
        if let Some(scope) = scope {
            // Before the trees, as in `Shared::remember`: the indexer may keep the heads at any moment.
            shared.filter().insert(scope, record.event_id().uuid().as_u128());
        }
        if record.position >= kept {
            shared.logs_mut().replay(record).map_err(|what| {
                LedgerError::corrupt(shared.segments.dir(), format!("position {}: {what}", record.position))
            })?;
        }
        if record.position >= indexed {
            docs.extend(doc_of(&shared.logs(), record)?);
        }
        if docs.len() >= REPLAY_DOCS { show(&mut docs, record.position + record.bytes() as u64) } else { Ok(()) }
    })?;
    show(&mut docs, end)
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
