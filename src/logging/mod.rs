//! From what happened to an event on disk.
//!
//! [`audit`] says what an action was, [`posted`] reads what callers say of theirs, [`engine`] makes the event of it and hands it to the ledger, [`gaps`] keeps count of the
//! reads that were answered while the ledger could not write.

pub mod audit;
pub mod engine;
pub mod gaps;
pub mod posted;

pub use self::{
    audit::{Detail, Effect},
    engine::{Engine, EngineError},
};
