//! The contract between a follower and the place that holds the copy. Its doc comments are what every backend promises, and
//! `tests/it/nexus` holds each of them to it.

use std::{error::Error, ops::Range, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;

use super::{
    reading::CopyReader,
    row::{Batch, LogId},
};

/// What one call of [`NexusBackend::append`] may carry at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// Events.
    pub events: usize,
    /// Bytes of leaves. A single larger leaf still comes, alone.
    pub bytes: usize,
}

/// A row as the copy holds it. Nothing of it is trusted: whoever reads it back compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedRow {
    /// The seq under which the copy holds it.
    pub seq: u64,
    /// The leaf's bytes as the copy holds them.
    pub leaf: Bytes,
    /// The typed columns beside it say what the leaf says.
    pub columns_hold: bool,
}

/// Why a backend did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// It does not answer, or not now. The follower repeats, with growing and jittered pauses, for as long as it takes.
    #[error("{what}")]
    Transient {
        /// What was tried and what was answered, on one line.
        what: String,
        /// The client's own error.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// It will never take this row. The follower of that log stops there and says so; nothing is skipped.
    #[error("event {seq} is refused: {what}")]
    Refused {
        /// The row's seq.
        seq: u64,
        /// The backend's reason.
        what: String,
    },
    /// Something else stands where the row belongs. The follower of that log stops there and says so.
    #[error("the copy holds something else as event {seq}: {what}")]
    Diverged {
        /// The row's seq.
        seq: u64,
        /// What differs.
        what: String,
    },
    /// It cannot be used as it is set up: another project, no permission, no database or dataset. One line for an operator, at start
    /// and whenever it begins; the follower tries again at its longest pause, since a grant needs no restart.
    #[error("{what}; {grant}")]
    Misconfigured {
        /// What is wrong.
        what: String,
        /// What to grant, make or set.
        grant: String,
        /// The client's own error.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

/// How one thing that a backend depends on stands, for `nexus doctor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is as it should be.
    Good,
    /// It works, but not as well as it could.
    Advice,
    /// It does not work.
    Bad,
}

/// One thing that `nexus doctor` looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub name: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// What was found, and what to grant or set, on one line.
    pub text: String,
}

/// A place that holds a copy of the ledger, log by log.
///
/// One follower drives a backend. It calls [`prepare`](Self::prepare) until that succeeds, then [`append`](Self::append): at most one
/// call per log at a time, several logs at once, each log's batches in order and without gaps, starting from a durable cursor. The
/// cursor is written *after* the answer, so a crash or a lost reply repeats batches, and after a restart a batch may be cut elsewhere
/// than before: a backend must expect any overlap with what it already has.
///
/// A call may be dropped at any await (a timeout, the end of the process), and must then still be repeatable.
#[async_trait]
pub trait NexusBackend: Send + Sync + std::fmt::Debug {
    /// `embedded`, `firestore`, `bigquery`: the label of its metrics and the key of its cursors. Never changes.
    fn name(&self) -> &'static str;

    /// What one append may carry at most. The follower also keeps to the limits of `[nexus]`.
    fn limits(&self) -> BatchLimits;

    /// Connects, and checks or makes what must be there. Lazy until then: making the value never talks to anyone. Can be repeated.
    ///
    /// # Errors
    /// `Transient` or `Misconfigured`.
    async fn prepare(&self) -> Result<(), BackendError>;

    /// Adds consecutive rows of one log to the copy: exact leaf, typed columns, seq.
    ///
    /// `Ok` means that every row of the batch is in the copy, durably and once. Rows that are there already, with the same leaf, are no
    /// error and are not doubled. A row that is there with another leaf is `Diverged` and is left as it is.
    ///
    /// # Errors
    /// `Transient`: any part of the batch may be in the copy; it is repeated as it was. `Refused`, `Diverged`: as they say; rows before
    /// `seq` may be in the copy. `Misconfigured`.
    async fn append(&self, batch: &Batch) -> Result<(), BackendError>;

    /// The rows of a log whose seqs are in `seqs`, ascending. What the copy lacks is left out; what it holds twice comes twice, one
    /// after the other. Callers ask for at most [`limits`](Self::limits)`.events` at once.
    ///
    /// # Errors
    /// `Transient` or `Misconfigured`.
    async fn read_back(&self, log: &LogId, seqs: Range<u64>) -> Result<Vec<CopiedRow>, BackendError>;

    /// How many rows the copy holds under the log's name, whatever their seqs: more than the log has are rows that nobody wrote.
    ///
    /// # Errors
    /// `Transient` or `Misconfigured`.
    async fn count(&self, log: &LogId) -> Result<u64, BackendError>;

    /// `nexus refollow`: makes the copy hold exactly these rows at their seqs. What is lost is written, what differs is replaced, what is
    /// doubled is left once. The only call that changes what is there. Runs while no follower does.
    ///
    /// # Errors
    /// As [`append`](Self::append), without `Diverged`.
    async fn repair(&self, batch: &Batch) -> Result<(), BackendError>;

    /// `nexus refollow`: removes the rows under the log's name that no seq below `size` accounts for, and says how many there were.
    ///
    /// # Errors
    /// `Transient` or `Misconfigured`.
    async fn remove_extra(&self, log: &LogId, size: u64) -> Result<u64, BackendError>;

    /// What it depends on, one finding each, with what to grant where something is missing. Bounded in time.
    async fn doctor(&self) -> Vec<Finding>;

    /// This backend as one that answers callers too; `None` for one that does not.
    fn reader(self: Arc<Self>) -> Option<Arc<dyn CopyReader>> {
        None
    }

    /// Lets go of what it holds. No other call follows. The caller bounds the time.
    async fn close(&self) {}
}
