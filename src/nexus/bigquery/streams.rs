//! The write stream of each log: which it is, where it began, and what it was sent last.
//!
//! A log's events go to one committed stream, each at the offset `seq - base`, so BigQuery itself knows a repeat. Name and base are
//! made durable before the first row is sent. A stream that cannot be gone on with is finalized first: from then on nothing that is
//! still under way can arrive, its row count is final, and the next one begins after it.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use google_cloud_bigquery::{
    Error,
    error::AppendError,
    model_ext::AppendResponse,
    write::{CommittedWriter, format::Arrow},
};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::Mutex as AsyncMutex,
    task::{JoinError, JoinHandle},
};

use super::{BackendError, LogId, Row};
use crate::nexus::state::{FollowerState, StateError};

/// The key of a log's stream in the followers' state.
const STREAM: &str = "stream";

/// What must be remembered of a log's stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    /// `projects/…/datasets/…/tables/…/streams/…`
    pub name: String,
    /// The seq of the event at offset 0.
    pub base: u64,
}

/// A stream that can be written to.
pub(super) struct Opened {
    pub writer: CommittedWriter<Arrow>,
    /// The seq of the event at offset 0.
    pub base: u64,
    /// What was sent and not answered yet.
    pending: Option<Pending>,
}

struct Pending {
    seqs: Range<u64>,
    answer: JoinHandle<Result<AppendResponse, AppendError>>,
}

impl Opened {
    pub(super) fn new(writer: CommittedWriter<Arrow>, base: u64) -> Self {
        Self { writer, base, pending: None }
    }

    /// Sends consecutive rows at their offset, and waits for the answer.
    ///
    /// Can be dropped at any time. What was sent then is still under way, and it is waited for, not sent again, when the same rows come
    /// again: a backend that hangs is asked once, however often the caller loses patience.
    pub(super) async fn send(&mut self, log: &LogId, rows: &[Row]) -> Result<AppendResponse, AppendError> {
        let seqs = rows[0].seq..rows[0].seq + rows.len() as u64;
        if let Some(pending) = &mut self.pending {
            let answer = answered((&mut pending.answer).await);
            let same = pending.seqs == seqs;
            self.pending = None;
            if same {
                return answer;
            }
            // An error about other rows says nothing of these, but the connection is begun anew.
            answer.map_err(|_| AppendError::UnexpectedEndOfStream)?;
        }
        let batch = super::arrow::batch(log, rows).map_err(Error::ser)?;
        let offset = i64::try_from(seqs.start.saturating_sub(self.base)).unwrap_or(i64::MAX);
        let sent = self.writer.append(batch).set_offset(offset).send();
        let pending = self.pending.insert(Pending { seqs, answer: tokio::spawn(sent) });
        let answer = answered((&mut pending.answer).await);
        self.pending = None;
        answer
    }
}

/// The answer of a spawned append; it is cancelled only when the process ends.
fn answered(joined: Result<Result<AppendResponse, AppendError>, JoinError>) -> Result<AppendResponse, AppendError> {
    match joined {
        Ok(answer) => answer,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(AppendError::UnexpectedEndOfStream),
    }
}

/// What a log has open.
#[derive(Default)]
pub(super) struct Slot {
    pub opened: Option<Opened>,
    /// How often in a row the stream was said not to exist.
    pub not_found: u32,
    /// `nexus refollow`: the stream that takes what is written again, and the offset after its last row.
    pub repairs: Option<Repairs>,
}

/// A stream of rows that are written again, in any order.
pub(super) struct Repairs {
    pub writer: CommittedWriter<Arrow>,
    pub rows: u64,
    /// Something was sent, and what became of it is not known.
    pub unsure: bool,
}

impl Slot {
    /// Whether letting go of it loses nothing.
    fn is_idle(&self) -> bool {
        let pending = self.opened.as_ref().is_some_and(|opened| opened.pending.is_some());
        !pending && self.repairs.is_none()
    }
}

struct Entry {
    slot: Arc<AsyncMutex<Slot>>,
    used: u64,
}

/// The streams of all logs.
pub(super) struct Streams {
    slots: Mutex<HashMap<Arc<str>, Entry>>,
    clock: AtomicU64,
    max_open: usize,
    /// Without it, a restart finds the place of each log by a query.
    state: Option<Arc<FollowerState>>,
}

impl Streams {
    /// At most so many logs have a stream open; one that was not used for longest is let go of, and attached to again.
    pub(super) fn new(max_open: usize, state: Option<Arc<FollowerState>>) -> Self {
        Self { slots: Mutex::default(), clock: AtomicU64::new(0), max_open, state }
    }

    /// What a log has open.
    pub(super) fn slot(&self, log: &LogId) -> Arc<AsyncMutex<Slot>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let used = self.clock.fetch_add(1, Ordering::Relaxed);
        let entry = slots.entry(Arc::clone(&log.origin)).or_insert_with(|| Entry { slot: Arc::default(), used });
        entry.used = used;
        let slot = Arc::clone(&entry.slot);
        if slots.len() > self.max_open {
            let idle = slots.iter().filter(|(_, entry)| {
                Arc::strong_count(&entry.slot) == 1 && entry.slot.try_lock().is_ok_and(|slot| slot.is_idle())
            });
            let oldest = idle.min_by_key(|(_, entry)| entry.used).map(|(origin, _)| Arc::clone(origin));
            oldest.map(|origin| slots.remove(&origin));
        }
        slot
    }

    /// Lets go of all of them.
    pub(super) fn close(&self) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The stream that a log was written to last.
    pub(super) async fn known(&self, name: &'static str, log: &LogId) -> Result<Option<Known>, BackendError> {
        let Some(state) = self.state.clone() else { return Ok(None) };
        let origin = Arc::clone(&log.origin);
        let bytes = blocking(move || state.get(name, &origin, STREAM)).await.map_err(unkept)?;
        // What cannot be read is found by a query, as if it were lost.
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Remembers the stream that a log is written to from now on; durable when this returns.
    pub(super) async fn remember(&self, name: &'static str, log: &LogId, known: &Known) -> Result<(), BackendError> {
        let Some(state) = self.state.clone() else { return Ok(()) };
        let origin = Arc::clone(&log.origin);
        let bytes = serde_json::to_vec(known).map_err(unkept)?;
        blocking(move || state.put(name, &origin, STREAM, &bytes)).await.map_err(unkept)
    }
}

/// The state is a file, so it is read and written where that may take its time.
async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, StateError> + Send + 'static,
) -> Result<T, StateError> {
    match tokio::task::spawn_blocking(call).await {
        Ok(result) => result,
        Err(join) => std::panic::resume_unwind(join.into_panic()),
    }
}

fn unkept(error: impl std::error::Error + Send + Sync + 'static) -> BackendError {
    let what = "the name of a write stream cannot be kept or read".to_owned();
    BackendError::Transient { what, source: Some(Box::new(error)) }
}
