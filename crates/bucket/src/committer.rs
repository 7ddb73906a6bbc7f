//! The one writer of the index, and its group commit.
//!
//! Writes queue up while the thread commits; it then takes all of them, up to [`BATCH`], through one
//! transaction. Waiting callers share its fsyncs, and each is answered after the commit.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::BucketError;
use crate::apply::{Outcome, Tables, Write};
use crate::blobs::{Blobs, PendingBlob, lock};
use crate::index::{Index, now_ms};
use crate::record::BlobId;

/// Writes per transaction.
const BATCH: usize = 256;

/// Writes waiting for a transaction; further ones wait their turn before they are queued.
const QUEUE: usize = 1024;

type Reply = Result<Outcome, BucketError>;

struct Job {
    write: Write,
    waiter: Waiter,
}

/// Who waits for a write, and what the write would leave behind.
struct Waiter {
    /// The blob the write makes visible.
    blob: Option<PendingBlob>,
    reply: oneshot::Sender<Reply>,
    _slot: OwnedSemaphorePermit,
}

#[derive(Default)]
struct Queue {
    state: Mutex<QueueState>,
    changed: Condvar,
}

#[derive(Default)]
struct QueueState {
    jobs: VecDeque<Job>,
    closed: bool,
}

/// A handle on the writer thread.
pub(crate) struct Committer {
    queue: Arc<Queue>,
    slots: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Committer {
    pub(crate) fn start(index: Arc<Index>, blobs: Arc<Blobs>) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let worker = Worker { index, blobs, queue: Arc::clone(&queue) };
        let thread = std::thread::Builder::new().name("bucket-index".into()).spawn(move || worker.run())?;
        Ok(Self { queue, slots: Arc::new(Semaphore::new(QUEUE)), thread: Mutex::new(Some(thread)) })
    }

    /// Commits a write durably and tells what it did. Once queued it is carried out even if the caller goes away.
    ///
    /// # Errors
    /// What [`Tables::apply`] answers; [`BucketError::Closed`]; [`BucketError::Index`] when the commit
    /// failed, after which it is open whether the write took effect.
    pub(crate) async fn submit(&self, write: Write, blob: Option<PendingBlob>) -> Reply {
        let slots = Arc::clone(&self.slots);
        let slot = slots.acquire_owned().await.map_err(|_| BucketError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let waiter = Waiter { blob, reply, _slot: slot };
        self.queue.push(Job { write, waiter })?;
        answer.await.unwrap_or(Err(BucketError::Closed))
    }

    /// Commits what is queued and stops; later writes are refused.
    pub(crate) fn close(&self) {
        self.queue.close();
        let thread = lock(&self.thread).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the bucket's index thread panicked");
        }
    }
}

impl Queue {
    fn push(&self, job: Job) -> Result<(), BucketError> {
        let mut state = lock(&self.state);
        if state.closed {
            return Err(BucketError::Closed);
        }
        state.jobs.push_back(job);
        self.changed.notify_one();
        Ok(())
    }

    fn close(&self) {
        lock(&self.state).closed = true;
        self.changed.notify_one();
    }

    /// Waits for jobs; `None` when there are none and there will be none.
    fn take(&self) -> Option<Vec<Job>> {
        let mut state = lock(&self.state);
        while state.jobs.is_empty() {
            if state.closed {
                return None;
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let count = state.jobs.len().min(BATCH);
        Some(state.jobs.drain(..count).collect())
    }
}

struct Worker {
    index: Arc<Index>,
    blobs: Arc<Blobs>,
    queue: Arc<Queue>,
}

/// However the thread ends, nobody waits for it any more.
impl Drop for Worker {
    fn drop(&mut self) {
        let mut state = lock(&self.queue.state);
        state.closed = true;
        state.jobs.clear();
    }
}

impl Worker {
    fn run(self) {
        while let Some(jobs) = self.queue.take() {
            let jobs = self.sync_generations(jobs);
            if !jobs.is_empty() {
                self.commit(jobs);
            }
        }
    }

    /// A committed blob must have a durable name. Answers the jobs of a generation whose names could not be made so.
    fn sync_generations(&self, mut jobs: Vec<Job>) -> Vec<Job> {
        let generations: BTreeSet<u64> = jobs.iter().filter_map(Job::file_generation).collect();
        for generation in generations {
            let Err(error) = self.blobs.sync_generation(generation) else {
                continue;
            };
            let (failed, rest): (Vec<_>, Vec<_>) =
                jobs.into_iter().partition(|job| job.file_generation() == Some(generation));
            jobs = rest;
            for job in failed {
                job.waiter.refuse(error.repeat());
            }
        }
        jobs
    }

    fn commit(&self, jobs: Vec<Job>) {
        let mut applied = Vec::with_capacity(jobs.len());
        let mut jobs = jobs.into_iter();
        match self.transact(&mut jobs, &mut applied) {
            // The commit point: every change in the batch is durable.
            Ok(freed) => {
                for (waiter, outcome) in applied {
                    waiter.answer(outcome);
                }
                for blob in freed {
                    self.blobs.reaper().remove(blob);
                }
            }
            // Refusals too were decided on changes that may not have come to be.
            Err(error) => {
                let waiters = applied.into_iter().map(|(waiter, _)| waiter);
                for waiter in waiters.chain(jobs.map(|job| job.waiter)) {
                    waiter.leave(error.repeat());
                }
            }
        }
    }

    /// Returns the blobs that became garbage.
    fn transact(
        &self,
        jobs: &mut impl Iterator<Item = Job>,
        applied: &mut Vec<(Waiter, Reply)>,
    ) -> Result<Vec<BlobId>, BucketError> {
        let transaction = self.index.database().begin_write()?;
        let mut tables = Tables::open(&transaction, now_ms())?;
        for job in jobs {
            let outcome = tables.apply(job.write);
            let fault = match &outcome {
                Err(error @ BucketError::Index(_)) => Some(error.repeat()),
                _ => None,
            };
            applied.push((job.waiter, outcome));
            if let Some(fault) = fault {
                return Err(fault);
            }
        }
        let removed = self.blobs.reaper().take_removed();
        let freed = tables.finish(self.blobs.sweep_from(), &removed)?;
        transaction.commit()?;
        Ok(freed)
    }
}

impl Job {
    fn file_generation(&self) -> Option<u64> {
        let blob = self.waiter.blob.as_ref().filter(|blob| blob.has_file());
        blob.map(|blob| blob.id().generation)
    }
}

impl Waiter {
    /// After the commit. The blob of a write that was refused goes away.
    fn answer(self, outcome: Reply) {
        match outcome {
            Ok(done) => {
                if let Some(blob) = self.blob {
                    blob.commit();
                }
                // The caller may be gone; the write stands all the same.
                drop(self.reply.send(Ok(done)));
            }
            Err(refusal) => self.refuse(refusal),
        }
    }

    /// The write surely did not happen.
    fn refuse(self, error: BucketError) {
        drop(self.blob);
        drop(self.reply.send(Err(error)));
    }

    /// The commit failed, and redb does not say whether before or after it took effect.
    fn leave(self, error: BucketError) {
        if let Some(blob) = self.blob {
            blob.leave_to_sweep();
        }
        drop(self.reply.send(Err(error)));
    }
}
