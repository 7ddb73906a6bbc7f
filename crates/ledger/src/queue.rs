//! What waits to be written: bounded, in order, taken in batches as large as what has gathered.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::{Appended, LedgerError, entry::Prepared};

pub(crate) type Answers = Vec<Result<Appended, LedgerError>>;

/// The entries of one call, and where its answers go.
pub(crate) struct Submission {
    pub entries: Vec<Prepared>,
    pub reply: oneshot::Sender<Answers>,
}

impl Submission {
    fn bytes(&self) -> usize {
        self.entries.iter().map(|entry| entry.leaf.len()).sum()
    }
}

/// Limits of the queue and of one batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub queue_events: usize,
    pub queue_bytes: usize,
    pub batch_events: usize,
    pub batch_bytes: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Submission>,
    events: usize,
    bytes: usize,
    closed: bool,
}

pub(crate) struct Queue {
    limits: Limits,
    state: Mutex<State>,
    arrived: Condvar,
}

/// What [`Queue::take`] found.
pub(crate) enum Taken {
    Batch(Vec<Submission>),
    /// Nothing came in the time given.
    Idle,
    /// The queue is closed and empty.
    Closed,
}

impl Queue {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, state: Mutex::default(), arrived: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a call's entries at the end.
    ///
    /// # Errors
    /// `TooLarge` when they could never fit, `Overloaded` when they do not fit now, `Closed`.
    pub(crate) fn push(&self, submission: Submission) -> Result<(), LedgerError> {
        let (events, bytes) = (submission.entries.len(), submission.bytes());
        if bytes > self.limits.queue_bytes {
            return Err(LedgerError::TooLarge { bytes, limit: self.limits.queue_bytes });
        }
        let mut state = self.state();
        if state.closed {
            return Err(LedgerError::Closed);
        }
        if state.events + events > self.limits.queue_events || state.bytes + bytes > self.limits.queue_bytes {
            return Err(LedgerError::Overloaded);
        }
        state.events += events;
        state.bytes += bytes;
        state.waiting.push_back(submission);
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// Takes what waits, up to the limits of a batch but at least one call's entries; waits for one if there is none.
    pub(crate) fn take(&self, patience: Option<Duration>) -> Taken {
        let mut state = self.state();
        while state.waiting.is_empty() {
            if state.closed {
                return Taken::Closed;
            }
            state = match patience {
                None => self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(patience) => {
                    let (state, timeout) =
                        self.arrived.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner);
                    if timeout.timed_out() && state.waiting.is_empty() {
                        return Taken::Idle;
                    }
                    state
                }
            };
        }
        let (mut batch, mut events, mut bytes) = (Vec::new(), 0, 0);
        while let Some(next) = state.waiting.front() {
            let (more_events, more_bytes) = (next.entries.len(), next.bytes());
            let full = events + more_events > self.limits.batch_events || bytes + more_bytes > self.limits.batch_bytes;
            if full && !batch.is_empty() {
                break;
            }
            events += more_events;
            bytes += more_bytes;
            batch.extend(state.waiting.pop_front());
        }
        state.events -= events;
        state.bytes -= bytes;
        Taken::Batch(batch)
    }

    /// Lets nothing more in. What waits is still taken.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.arrived.notify_all();
    }

    /// Events and bytes that wait.
    pub(crate) fn depth(&self) -> (usize, usize) {
        let state = self.state();
        (state.events, state.bytes)
    }
}
