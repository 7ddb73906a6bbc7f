//! Everything that can go wrong, said so that the caller knows whether to repeat, to wait, or to call an operator.

use std::{io, path::PathBuf, sync::Arc};

/// Why the ledger refused, failed, or will not open.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// Nothing of the request was stored, because the disk does not take it now. Safe to repeat; recovers by itself.
    #[error("the ledger cannot write now: {reason}")]
    Unavailable {
        /// What stands in the way, for logs.
        reason: String,
        /// The disk's own error, where there is one.
        #[source]
        source: Option<Arc<io::Error>>,
    },
    /// Too much is waiting already. Nothing was stored. Safe to repeat later.
    #[error("the ledger's queue is full")]
    Overloaded,
    /// The event may or may not be stored. Safe to repeat with the same event id.
    #[error("whether the event is kept is not known")]
    OutcomeUnknown(#[source] Arc<io::Error>),
    /// Other content already stands under this event id. Nothing was stored.
    #[error("other content is already stored under this event id")]
    Conflict,
    /// The cursor was not made by this ledger for this tenant, environment, order and these filters.
    #[error("the cursor does not belong to this query")]
    Cursor,
    /// The event's canonical bytes, or the batch they came in, exceed the configured limit. Nothing was stored.
    #[error("{bytes} bytes are more than the limit of {limit}")]
    TooLarge {
        /// How large it was.
        bytes: usize,
        /// [`crate::LedgerConfig::leaf_bytes`] or [`crate::LedgerConfig::queue_bytes`].
        limit: usize,
    },
    /// Stored bytes are not what was written. Only an operator can decide what to do.
    #[error("damaged data in {path}: {what}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do where something can be done.
        what: String,
    },
    /// The directory was written by a newer version.
    #[error("{path} has format {found}, this version knows up to {known}: run the newer version")]
    NewerFormat {
        /// The format file.
        path: PathBuf,
        /// The format found there.
        found: u32,
        /// The newest format this version knows.
        known: u32,
    },
    /// Another process has the directory open.
    #[error("{path} is in use by another process")]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// An operation on a file failed outside the append path.
    #[error("{what} {path}")]
    Io {
        /// What was tried, for instance `cannot read`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's own error.
        #[source]
        source: Arc<io::Error>,
    },
    /// The index over the segments failed. It is rebuilt from them.
    #[error("the index failed: {what}")]
    Index {
        /// What was tried.
        what: &'static str,
        /// What happened to its files.
        #[source]
        source: Arc<io::Error>,
    },
    /// Nothing may be signed before [`crate::Ledger::settle_anchors`] has compared the logs with what was anchored.
    #[error("the anchors have not been looked at, so nothing is signed")]
    AnchorsUnchecked,
    /// The log is sealed, because more of it was anchored than is here: nothing of it is signed any more.
    #[error("log {log} is sealed")]
    Sealed {
        /// Its origin.
        log: String,
    },
    /// A proof was asked for sizes that the log does not have.
    #[error("log {log} has {size} events")]
    Range {
        /// Its origin.
        log: String,
        /// How many events it has.
        size: u64,
    },
    /// A note or key could not be read or relied on.
    #[error("note or key")]
    Note(#[from] crate::note::NoteError),
    /// The ledger has been closed.
    #[error("the ledger is closed")]
    Closed,
}

impl LedgerError {
    pub(crate) fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path, source: Arc::new(source) }
    }

    pub(crate) fn index(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Index { what, source: Arc::new(source) }
    }

    pub(crate) fn corrupt(path: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Self::Corrupt { path: path.into(), what: what.into() }
    }
}
