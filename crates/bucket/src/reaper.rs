//! The thread that unlinks files, so that neither a request nor a commit waits for it.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::BucketError;
use crate::blobs::lock;
use crate::layout::Layout;
use crate::record::BlobId;

/// Removals waiting for the thread.
const QUEUE: usize = 4096;

/// Removals of replaced blobs that share one directory sync.
const SYNC_AFTER: usize = 512;

const SYNC_EVERY: Duration = Duration::from_secs(1);

type Settle = Box<dyn FnOnce() + Send>;

enum Task {
    /// Never had an index entry.
    Discard(BlobId, Settle),
    /// Listed as garbage in the index.
    Remove(BlobId),
}

/// A handle on the removal thread.
pub(crate) struct Reaper {
    layout: Layout,
    tasks: Mutex<Option<SyncSender<Task>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    removed: Arc<Mutex<Vec<BlobId>>>,
}

impl Reaper {
    pub(crate) fn start(layout: Layout) -> Result<Self, BucketError> {
        let (sender, tasks) = sync_channel(QUEUE);
        let removed = Arc::new(Mutex::new(Vec::new()));
        let worker = Worker { layout: layout.clone(), unsynced: Vec::new(), removed: Arc::clone(&removed) };
        let thread = std::thread::Builder::new()
            .name("bucket-reaper".into())
            .spawn(move || worker.run(&tasks))
            .map_err(BucketError::storage("start a thread for", layout.root()))?;
        Ok(Self { layout, tasks: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)), removed })
    }

    /// Unlinks a blob that has no index entry, then calls `settle`. Done here and now when the thread is
    /// too far behind or gone.
    pub(crate) fn discard(&self, blob: BlobId, settle: Settle) {
        let task = Task::Discard(blob, settle);
        let refused = match lock(&self.tasks).as_ref() {
            None => Some(task),
            Some(sender) => match sender.try_send(task) {
                Ok(()) => None,
                Err(TrySendError::Full(task) | TrySendError::Disconnected(task)) => Some(task),
            },
        };
        if let Some(Task::Discard(blob, settle)) = refused {
            discard(&self.layout, blob, settle);
        }
    }

    /// Unlinks a blob that the index lists as garbage. Blocks while the thread is too far behind.
    pub(crate) fn remove(&self, blob: BlobId) {
        let sender = lock(&self.tasks).clone();
        // Without the thread the file stays until the next open, which reads the same list.
        if sender.is_none_or(|sender| sender.send(Task::Remove(blob)).is_err()) {
            tracing::debug!(?blob, "removal left to the next open");
        }
    }

    /// The garbage that is gone durably since the last call: its list entries can go too.
    pub(crate) fn take_removed(&self) -> Vec<BlobId> {
        std::mem::take(&mut *lock(&self.removed))
    }

    /// Finishes what waits and stops.
    pub(crate) fn close(&self) {
        drop(lock(&self.tasks).take());
        let thread = lock(&self.thread).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the bucket's removal thread panicked");
        }
    }
}

fn discard(layout: &Layout, blob: BlobId, settle: Settle) {
    match layout.remove(blob) {
        // Without `settle` its generation stays marked, and the next open sweeps it.
        Err(error) => report(&error),
        Ok(()) => settle(),
    }
}

fn report(error: &BucketError) {
    tracing::error!(error = error as &dyn std::error::Error, "a blob could not be removed");
}

struct Worker {
    layout: Layout,
    unsynced: Vec<BlobId>,
    removed: Arc<Mutex<Vec<BlobId>>>,
}

impl Worker {
    fn run(mut self, tasks: &Receiver<Task>) {
        loop {
            match tasks.recv_timeout(SYNC_EVERY) {
                Ok(Task::Discard(blob, settle)) => discard(&self.layout, blob, settle),
                Ok(Task::Remove(blob)) => self.remove(blob),
                Err(RecvTimeoutError::Timeout) => self.sync(),
                Err(RecvTimeoutError::Disconnected) => return self.sync(),
            }
        }
    }

    fn remove(&mut self, blob: BlobId) {
        match self.layout.remove(blob) {
            Err(error) => report(&error),
            Ok(()) => self.unsynced.push(blob),
        }
        if self.unsynced.len() >= SYNC_AFTER {
            self.sync();
        }
    }

    /// A list entry may go only when its file cannot come back after a power cut.
    fn sync(&mut self) {
        let generations: BTreeSet<u64> = self.unsynced.iter().map(|blob| blob.generation).collect();
        for generation in generations {
            if let Err(error) = self.layout.sync_removals(generation) {
                report(&error);
                self.unsynced.retain(|blob| blob.generation != generation);
            }
        }
        lock(&self.removed).append(&mut self.unsynced);
    }
}
