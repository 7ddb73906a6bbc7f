//! The organisation's copy of the ledger: followers that carry each log, exactly once and in order, to a backend.
//!
//! What a copy is and the promise it keeps is [`backend::NexusBackend`]; what goes into it is a [`row::Batch`] of one log; what followers
//! must remember is in [`state`]. [`follower`] reads the ledger and carries it to the backend, [`progress`] says how far it is, [`following`]
//! starts and stops it, [`audit`] compares a copy with what was signed, [`repairing`] fills it again, [`reading`] has it answer callers. [`firestore`] is the only module that
//! knows Firestore, [`bigquery`] the only one that knows BigQuery. [`embedded`] is the backend that is none: the ledger is its own copy.
//!
//! The ledger is the truth and never waits for a backend to be kept: an outage is a growing lag, which metrics and `/readyz` show, and from
//! the configured limit on appends are refused.

pub mod audit;
pub mod backend;
pub mod bigquery;
pub mod embedded;
pub mod firestore;
pub mod follower;
pub mod following;
pub mod progress;
pub mod reading;
pub mod repairing;
pub mod row;
pub mod state;

pub use self::{
    backend::{BackendError, BatchLimits, CopiedRow, Finding, NexusBackend, Standing},
    row::{Batch, Columns, LogId, Row},
};
