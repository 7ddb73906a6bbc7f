//! The organisation's copy of the ledger: followers that carry each log, exactly once and in order, to a backend.
//!
//! What a copy is and the promise it keeps is [`backend::NexusBackend`]; what goes into it is a [`row::Batch`] of one log; what followers
//! must remember is in [`state`]. [`embedded`] is the backend that is none: the ledger is its own copy.
//!
//! The ledger is the truth and never waits for a backend to be kept: an outage is a growing lag.

pub mod backend;
pub mod embedded;
pub mod row;
pub mod state;

pub use self::{
    backend::{BackendError, BatchLimits, CopiedRow, Finding, NexusBackend, Standing},
    row::{Batch, Columns, LogId, Row},
};
