//! The indexer: one thread that carries durable events into the index, commits in the background, and merges neighbours.
//!
//! It is behind the writer by at most the events that memory may hold. When the index fails, it is opened again, or built anew when
//! that fails too, from the segments: the same way as after a start.

use std::{
    sync::{Arc, PoisonError, atomic::Ordering, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tantivy::{
    IndexWriter, TantivyDocument,
    index::SegmentId,
    indexer::{IndexWriterOptions, NoMergePolicy, UserOperation},
};

use crate::{
    LedgerError, derived,
    index::{Index, IndexView, Part},
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
/// Neighbouring parts of about one size that are merged into one. A merge costs about as much processor time per event as everything
/// else together, and a part more costs a reader about a microsecond, so parts are let gather.
const MERGE_PARTS: usize = 32;

/// Waits for a merge, which has its own thread in the index.
type Merge = JoinHandle<tantivy::Result<()>>;

pub(crate) struct Indexer {
    shared: Arc<Shared>,
    index: Index,
    writer: IndexWriter,
    /// Everything before this position has been handed to `writer`.
    fed: u64,
    /// Everything before this position has left the feed, so after a failure it has to come from the segments.
    taken: u64,
    uncommitted: usize,
    /// When to commit what there is.
    due: Option<Instant>,
    /// Commits since the heads were last kept.
    unkept: u32,
    merge: Option<Merge>,
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

/// An index with its writer, and the position up to which it reflects the segments.
fn open(shared: &Shared) -> Result<(Index, IndexWriter, u64), LedgerError> {
    let index = Index::open(&shared.paths.index())?;
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .num_merge_threads(1)
        .memory_budget_per_thread(shared.config.index_heap_bytes)
        .build();
    let writer = index.inner.writer_with_options(options).map_err(LedgerError::index("cannot write"))?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let committed = index.committed()?;
    Ok((index, writer, committed))
}

/// Opens the index, or makes an empty one where it cannot be opened.
fn open_or_rebuild(shared: &Shared) -> Result<(Index, IndexWriter, u64), LedgerError> {
    match open(shared) {
        Ok(opened) => Ok(opened),
        Err(error) => {
            tracing::warn!(error = %crate::shared::chain(&error), "the index is damaged and is rebuilt from the segments");
            let dir = shared.paths.index();
            std::fs::remove_dir_all(&dir).map_err(LedgerError::io("cannot remove", dir))?;
            open(shared)
        }
    }
}

impl Indexer {
    /// Opens the index and publishes what it holds.
    fn open(shared: Arc<Shared>) -> Result<Self, LedgerError> {
        let (index, writer, fed) = open_or_rebuild(&shared)?;
        let view = Arc::new(index.view(&IndexView::default())?);
        shared.read_mut().publish(view);
        let (taken, damaged) = (fed, false);
        Ok(Self { shared, index, writer, fed, taken, uncommitted: 0, due: None, unkept: 0, merge: None, damaged })
    }

    /// Runs until the feed is closed and empty; the last thing it does is to commit.
    fn run(mut self) {
        loop {
            let (docs, closed) = self.wait();
            let result = self.turn(docs, closed);
            if let Err(error) = &result {
                self.shared.note_index(Err(error));
                if closed {
                    return;
                }
                self.recover();
            } else if closed {
                self.finish_merge();
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
        let room = shared.config.index_commit_events.saturating_sub(self.uncommitted).max(1);
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
        self.feed(docs)?;
        let full = self.uncommitted >= self.shared.config.index_commit_events;
        let due = self.due.is_some_and(|due| due <= Instant::now());
        if full || due || closed {
            // Under load the index commits because it is full; then the heads need not be kept each time.
            self.commit(due || closed)?;
        }
        Ok(())
    }

    fn feed(&mut self, docs: Vec<Doc>) -> Result<(), LedgerError> {
        let docs: Vec<Doc> = docs.into_iter().filter(|doc| doc.position >= self.fed).collect();
        for group in docs.chunks(GROUP_DOCS) {
            let operations: Vec<_> = group.iter().map(|doc| UserOperation::Add(self.document(doc))).collect();
            self.writer.run(operations).map_err(LedgerError::index("cannot add to"))?;
        }
        if let Some(last) = docs.last() {
            self.fed = last.end;
            self.uncommitted += docs.len();
            self.due.get_or_insert_with(|| Instant::now() + self.shared.config.index_commit_interval);
        }
        Ok(())
    }

    fn document(&self, doc: &Doc) -> TantivyDocument {
        let fields = &self.index.fields;
        let mut document = TantivyDocument::new();
        document.add_u64(fields.position, doc.position);
        document.add_i64(fields.recorded_at, doc.recorded_at);
        for key in doc.keys.iter() {
            document.add_bytes(fields.key, &keys::term(doc.scope, key));
        }
        document
    }

    /// Commits, and keeps the heads too when told to or when it is time.
    fn commit(&mut self, keep: bool) -> Result<(), LedgerError> {
        self.due = None;
        self.unkept += 1;
        if keep || self.unkept >= KEEP_COMMITS {
            derived::keep(&self.shared)?;
            self.unkept = 0;
        }
        if self.uncommitted > 0 {
            let mut commit = || {
                let mut prepared = self.writer.prepare_commit()?;
                prepared.set_payload(&self.fed.to_string());
                prepared.commit()
            };
            commit().map_err(LedgerError::index("cannot commit"))?;
            self.uncommitted = 0;
        }
        let old = Arc::clone(&self.shared.read().view);
        let view = self.index.view(&old)?;
        self.merge_neighbours(&view.parts);
        // While an index is being rebuilt, the old one still answers for what the new one has not reached.
        if view.end >= old.end {
            let forgotten = self.shared.read_mut().publish(Arc::new(view));
            drop(forgotten);
            self.shared.note_index(Ok(()));
        }
        drop(self.shared.feed());
        self.shared.room.notify_all();
        Ok(())
    }

    /// Begins to merge parts when enough neighbours of about one size have gathered; one merge at a time.
    fn merge_neighbours(&mut self, parts: &[Arc<Part>]) {
        if self.merge.as_ref().is_some_and(|merge| !merge.is_finished()) {
            return;
        }
        self.finish_merge();
        let base = u32::try_from(self.shared.config.index_commit_events).unwrap_or(u32::MAX);
        if let Some(ids) = mergeable(parts, base, self.shared.config.index_part_events) {
            let merge = self.writer.merge(&ids);
            match thread::Builder::new().name("ledger-merge".to_owned()).spawn(move || merge.wait().map(drop)) {
                Ok(waiting) => self.merge = Some(waiting),
                // The merge goes on without anyone to wait for it.
                Err(error) => tracing::warn!(%error, "no thread to wait for a merge of the index"),
            }
        }
    }

    fn finish_merge(&mut self) {
        match self.merge.take().map(JoinHandle::join) {
            None | Some(Ok(Ok(()))) => {}
            Some(Ok(Err(error))) => tracing::warn!(%error, "parts of the index could not be merged"),
            Some(Err(_)) => tracing::warn!("the thread that waits for a merge of the index panicked"),
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
        self.merge = None;
        let usable = |index: &Index| index.view(&IndexView::default()).is_ok();
        if self.damaged || self.writer.rollback().is_err() || !usable(&self.index) {
            self.start_over()?;
            self.damaged = false;
        }
        self.fed = self.index.committed()?;
        self.uncommitted = 0;
        let shared = Arc::clone(&self.shared);
        let mut group = Vec::with_capacity(GROUP_DOCS);
        shared.segments.scan(self.fed, target, |record| {
            group.extend(doc_of(&shared.logs(), record)?);
            if group.len() >= GROUP_DOCS {
                self.feed(std::mem::take(&mut group))?;
                if self.uncommitted >= self.shared.config.index_commit_events {
                    self.commit(false)?;
                }
            }
            Ok(())
        })?;
        self.feed(group)?;
        self.commit(true)
    }

    /// Removes the index and begins an empty one.
    fn start_over(&mut self) -> Result<(), LedgerError> {
        let dir = self.shared.paths.index();
        std::fs::remove_dir_all(&dir).map_err(LedgerError::io("cannot remove", &dir))?;
        let (index, writer, _) = open(&self.shared)?;
        self.writer = writer;
        self.index = index;
        Ok(())
    }
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

/// Neighbouring parts to merge: the smallest size of which enough stand side by side. A size is [`MERGE_PARTS`] times the one below it.
fn mergeable(parts: &[Arc<Part>], base: u32, most: u32) -> Option<Vec<SegmentId>> {
    let mut size = base;
    while size <= most {
        let mut run: Vec<&Arc<Part>> = Vec::new();
        for part in parts {
            let docs: u64 = run.iter().map(|part| u64::from(part.docs)).sum();
            if part.docs > size || docs + u64::from(part.docs) > u64::from(most) {
                run.clear();
            }
            if part.docs <= size {
                run.push(part);
            }
            if run.len() == MERGE_PARTS {
                return Some(run.iter().map(|part| part.id).collect());
            }
        }
        size = size.saturating_mul(u32::try_from(MERGE_PARTS).unwrap_or(u32::MAX));
    }
    None
}
