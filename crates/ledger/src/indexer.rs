//! The indexer: one thread that carries durable events into the index, commits in the background, and merges neighbours.
//!
//! It is behind the writer by at most the events that memory may hold. When the index fails, it is opened again, or built anew when
//! that fails too, from the segments: the same way as after a start.

use std::{
    path::Path,
    sync::{Arc, PoisonError, atomic::Ordering, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    LedgerError, derived,
    index::{Batch, Index, Merge, Merged, mergeable},
    keys,
    logs::Logs,
    recent::Doc,
    record::Record,
    shared::{GROUP_DOCS, Shared},
};

/// How long the first of a group waits for the others.
const GROUP_PATIENCE: Duration = Duration::from_millis(20);
/// Commits of the index between two writings of heads, tree hashes and filter. What a start has to read again is at most so many
/// commits' events; what is saved is a file of a megabyte, and three syncs that the writer would wait behind.
const KEEP_COMMITS: u32 = 8;
/// How much less the index's threads are favoured than those that answer callers, in the scheduler's measure. They have seconds to
/// catch up; a request has milliseconds.
const NICENESS: i32 = 5;
/// How long no merge is begun after one has failed: on a full disk each attempt would take what room there is from the writer.
const MERGE_PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Indexer {
    shared: Arc<Shared>,
    index: Index,
    /// What has come since the last commit.
    batch: Batch,
    /// Everything before this position is in the index or in `batch`.
    fed: u64,
    /// Everything before this position has left the feed, so after a failure it has to come from the segments.
    taken: u64,
    /// When to commit what there is.
    due: Option<Instant>,
    /// Commits since the heads were last kept.
    unkept: u32,
    merge: Option<Merge>,
    /// When the last merge failed, or was stopped by a failure, if it was.
    merge_failed: Option<Instant>,
    /// What is committed cannot be relied on: begin again from nothing.
    damaged: bool,
}

/// Says so when the thread panics, so that nobody waits for it for ever.
struct Watched(Arc<Shared>);

impl Drop for Watched {
    fn drop(&mut self) {
        if thread::panicking() {
            let panicked = Arc::new(std::io::Error::other("its thread panicked"));
            self.0.note_index(Err(&LedgerError::Io {
                what: "cannot go on with",
                path: self.0.paths.index(),
                source: panicked,
            }));
        }
    }
}

/// The index's thread. It lets go of the index when this is dropped before it was told to run.
pub(crate) struct Indexing {
    thread: JoinHandle<()>,
    run: mpsc::Sender<()>,
    /// Everything before this position is in the index.
    pub indexed: u64,
}

impl Indexing {
    /// Opens the index in a thread of its own: the threads that the index makes inherit that one's priority.
    pub(crate) fn open(shared: &Arc<Shared>) -> Result<Self, LedgerError> {
        let (run, told) = mpsc::channel();
        let (opened, is_open) = mpsc::channel();
        let shared = Arc::clone(shared);
        let work = move || {
            // Where it is not granted, the index competes as before.
            let _ = rustix::process::nice(NICENESS);
            let watched = Watched(Arc::clone(&shared));
            let indexer = Indexer::open(shared);
            let _ = opened.send(indexer.as_ref().map(|indexer| indexer.fed).map_err(Clone::clone));
            if let Ok(indexer) = indexer
                && told.recv().is_ok()
            {
                indexer.run();
            }
            drop(watched);
        };
        let thread = thread::Builder::new()
            .name("ledger-indexer".to_owned())
            .spawn(work)
            .map_err(LedgerError::io("cannot start thread", "ledger-indexer"))?;
        let gone = |_| LedgerError::Unavailable { reason: "the index cannot be opened".to_owned(), source: None };
        let indexed = is_open.recv().map_err(gone)??;
        Ok(Self { thread, run, indexed })
    }

    /// Lets it take in what is fed from now on.
    pub(crate) fn run(&self) {
        // A thread that is gone has said so.
        let _ = self.run.send(());
    }

    /// Waits for its end, which comes once the feed is closed and empty.
    pub(crate) fn join(self) {
        drop(self.run);
        // A panic has been told of.
        let _ = self.thread.join();
    }
}

/// Opens the index, or makes an empty one where it cannot be opened.
fn open_or_rebuild(dir: &Path) -> Result<Index, LedgerError> {
    Index::open(dir).or_else(|error| {
        tracing::warn!(error = %crate::shared::chain(&error), "the index is damaged and is rebuilt from the segments");
        start_over(dir)
    })
}

/// Removes the index and begins an empty one.
fn start_over(dir: &Path) -> Result<Index, LedgerError> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(LedgerError::io("cannot remove", dir)(error)),
        _ => Index::open(dir),
    }
}

impl Indexer {
    /// Opens the index and publishes what it holds.
    fn open(shared: Arc<Shared>) -> Result<Self, LedgerError> {
        let index = open_or_rebuild(&shared.paths.index())?;
        shared.read_mut().publish(Arc::new(index.view()));
        let fed = index.end();
        let batch = Batch::default();
        let (merge, merge_failed, damaged) = (None, None, false);
        Ok(Self { shared, index, batch, fed, taken: fed, due: None, unkept: 0, merge, merge_failed, damaged })
    }

    /// Runs until the feed is closed and empty; the last thing it does is to commit.
    fn run(mut self) {
        loop {
            let (docs, closed) = self.wait();
            let result = self.turn(docs, closed);
            if let Err(error) = &result {
                self.shared.note_index(Err(error));
                if !closed {
                    self.recover();
                }
            }
            if closed {
                self.stop_merge();
                return;
            }
        }
    }

    /// Waits for docs, for the time to commit, or for the end.
    fn wait(&mut self) -> (Vec<Doc>, bool) {
        let shared = &self.shared;
        let due = self.due;
        let patience = due.map_or(Duration::from_secs(3600), |due| due.saturating_duration_since(Instant::now()));
        let idle = |feed: &mut crate::shared::Feed| {
            feed.docs.is_empty() && !feed.closed && !shared.index_damaged.load(Ordering::Relaxed)
        };
        let (feed, _) =
            shared.fed.wait_timeout_while(shared.feed(), patience, idle).unwrap_or_else(PoisonError::into_inner);
        // A handful of documents is as much trouble as a group.
        let patience = if feed.docs.is_empty() { Duration::ZERO } else { GROUP_PATIENCE.min(patience) };
        let few = |feed: &mut crate::shared::Feed| feed.docs.len() < GROUP_DOCS && !feed.closed;
        let (mut feed, _) = shared.fed.wait_timeout_while(feed, patience, few).unwrap_or_else(PoisonError::into_inner);
        let room = shared.config.index_commit_events.saturating_sub(self.batch.len()).max(1);
        let count = feed.docs.len().min(room);
        let docs: Vec<Doc> = feed.docs.drain(..count).collect();
        self.taken = docs.last().map_or(self.taken, |last| last.end);
        (docs, feed.closed && feed.docs.is_empty())
    }

    fn turn(&mut self, docs: Vec<Doc>, closed: bool) -> Result<(), LedgerError> {
        if self.shared.index_damaged.swap(false, Ordering::Relaxed) {
            self.damaged = true;
            return Err(LedgerError::corrupt(self.shared.paths.index(), "a read found it damaged"));
        }
        self.feed(docs);
        let full = self.batch.len() >= self.shared.config.index_commit_events;
        let due = self.due.is_some_and(|due| due <= Instant::now());
        if full || due || closed {
            // Under load the index commits because it is full; then the heads need not be kept each time.
            self.commit(due || closed)?;
        }
        Ok(())
    }

    fn feed(&mut self, docs: Vec<Doc>) {
        for doc in docs.iter().filter(|doc| doc.position >= self.fed) {
            self.batch.push(doc);
        }
        self.fed = docs.last().map_or(self.fed, |last| last.end.max(self.fed));
        if !self.batch.is_empty() {
            self.due.get_or_insert_with(|| Instant::now() + self.shared.config.index_commit_interval);
        }
    }

    /// Commits, and keeps the heads too when told to or when it is time.
    fn commit(&mut self, keep: bool) -> Result<(), LedgerError> {
        self.due = None;
        self.unkept += 1;
        if keep || self.unkept >= KEEP_COMMITS {
            derived::keep(&self.shared)?;
            self.unkept = 0;
        }
        let merged = self.finished_merge();
        if !self.batch.is_empty() || merged.is_some() {
            self.index.commit(&mut self.batch, self.fed, merged)?;
        }
        self.merge_neighbours();
        let view = self.index.view();
        // While an index is being rebuilt, the old one still answers for what the new one has not reached.
        if view.end >= self.shared.read().view.end {
            let forgotten = self.shared.read_mut().publish(Arc::new(view));
            drop(forgotten);
            self.shared.note_index(Ok(()));
        }
        drop(self.shared.feed());
        self.shared.room.notify_all();
        Ok(())
    }

    /// What a merge has made, when it has ended.
    fn finished_merge(&mut self) -> Option<Merged> {
        let merge = self.merge.take_if(|merge| merge.is_finished())?;
        let result = merge.finish();
        self.merge_failed = result.is_err().then(Instant::now);
        let noted = result.inspect_err(|error| {
            tracing::warn!(%error, "parts of the index could not be merged");
            // Nobody may ever read them otherwise, and without a merge parts gather.
            if is_damage(error) {
                self.shared.index_damaged.store(true, Ordering::Relaxed);
            }
        });
        noted.ok()
    }

    fn stop_merge(&mut self) {
        if let Some(merge) = self.merge.take() {
            merge.stop();
        }
    }

    /// Begins to merge parts when enough neighbours of about one size have gathered; one merge at a time.
    fn merge_neighbours(&mut self) {
        let config = &self.shared.config;
        let base = u32::try_from(config.index_commit_events).unwrap_or(u32::MAX);
        let may_begin = self.merge_failed.is_none_or(|at| at.elapsed() >= MERGE_PATIENCE);
        if self.merge.is_none()
            && may_begin
            && let Some(parts) = mergeable(&self.index.view().parts, base, config.index_part_events)
        {
            match self.index.merge(parts) {
                Ok(merge) => self.merge = Some(merge),
                Err(error) => tracing::warn!(%error, "no thread to merge parts of the index"),
            }
        }
    }

    /// Opens the index again after a failure and brings it up to what has left the feed, trying until that works.
    fn recover(&mut self) {
        let target = self.taken;
        loop {
            match self.reopen(target) {
                Ok(()) => return,
                Err(error) => self.shared.note_index(Err(&error)),
            }
            let feed = self.shared.feed();
            let patience = self.shared.config.probe_interval;
            let waited = self.shared.fed.wait_timeout_while(feed, patience, |feed| !feed.closed);
            if waited.unwrap_or_else(PoisonError::into_inner).0.closed {
                return;
            }
        }
    }

    fn reopen(&mut self, target: u64) -> Result<(), LedgerError> {
        // As long as the disk takes nothing, reading the segments again would be for nothing.
        derived::keep(&self.shared)?;
        // It may be what took the disk's room.
        self.merge_failed = self.merge.as_ref().map(|_| Instant::now()).or(self.merge_failed);
        self.stop_merge();
        self.batch.clear();
        let dir = self.shared.paths.index();
        if self.damaged {
            self.index = start_over(&dir)?;
            (self.damaged, self.merge_failed) = (false, None);
        } else {
            self.index = open_or_rebuild(&dir)?;
        }
        self.fed = self.index.end();
        let shared = Arc::clone(&self.shared);
        let mut group = Vec::with_capacity(GROUP_DOCS);
        shared.segments.scan(self.fed, target, |record| {
            group.extend(doc_of(&shared.logs(), record)?);
            if group.len() >= GROUP_DOCS {
                self.feed(std::mem::take(&mut group));
                if self.batch.len() >= self.shared.config.index_commit_events {
                    self.commit(false)?;
                }
            }
            Ok(())
        })?;
        self.feed(group);
        self.commit(true)
    }
}

/// Whether what was read is not what was written.
fn is_damage(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof)
}

/// What the index is told of a record; `None` for one that only opens a log.
pub(crate) fn doc_of(logs: &Logs, record: &Record<'_>) -> Result<Option<Doc>, LedgerError> {
    if record.opens_log {
        return Ok(None);
    }
    let broken = |what: String| LedgerError::corrupt("segments", format!("position {}: {what}", record.position));
    let event: nexus_model::DatasetEvent =
        serde_json::from_slice(record.body).map_err(|error| broken(error.to_string()))?;
    let log = logs.get(record.log).ok_or_else(|| broken("its log was never opened".to_owned()))?;
    Ok(Some(Doc {
        position: record.position,
        end: record.position + record.bytes() as u64,
        scope: log.scope,
        event_id: record.event_id(),
        recorded_at: event.recorded_at.micros(),
        keys: keys::of(&event),
    }))
}
