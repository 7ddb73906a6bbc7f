//! What is read back from the ledger.

pub mod events;
