//! The append-only log that everything Nexus does is written to: durable before it is acknowledged, provable afterwards.
//!
//! Start with [`Ledger`]: [`Ledger::append`] stores a redacted event and returns once it is on the disk; [`Ledger::query`] and
//! [`Ledger::get`] read it back.
//!
//! [`Ledger::settle_anchors`] must be called once before the first append; from then on [`Ledger::checkpoint`],
//! [`Ledger::inclusion`] and [`Ledger::consistency`] prove what is stored. [`verify::verify`] checks a directory at rest.
//!
//! # How it works
//!
//! ```text
//! caller's task   canonical bytes, leaf hash, index keys                     entry, canonical, keys
//! queue           bounded; what waits becomes the next batch                 queue
//! writer thread   which are new, one write, one fdatasync, then the answers  plan, writer, record, segments
//!                 trees, filter and recent events follow in memory           logs, tree, filter, recent
//! indexer thread  the index, committed in the background                     indexer, index, paced, derived
//! views thread    what dashboards show, folded from the segments         views
//! proofs          signed checkpoints, inclusion and consistency              proofs, anchors, note, keyring
//! ```
//!
//! The segment files are the truth. Everything else in the directory follows from them, says which position it reflects, and is
//! rebuilt when it is missing, stale or damaged. A log is one tenant's environment as seen by one writer; its leaves are the exact
//! RFC 8785 bytes of its events, hashed as RFC 6962 says.
//!
//! The crate knows nothing of HTTP, object stores or databases. It takes times and keys from its caller; the only clock it
//! reads says when to commit and when to try the disk again.

mod anchors;
mod canonical;
mod config;
mod derived;
pub mod disk;
mod entry;
mod error;
#[cfg(test)]
mod fault_tests;
mod filter;
mod follow;
mod home;
mod index;
mod indexer;
mod keyring;
mod keys;
mod ledger;
mod logs;
pub mod note;
mod plan;
mod proofs;
mod query;
mod queue;
mod reading;
mod recent;
mod record;
mod segments;
mod shared;
#[cfg(test)]
mod sim;
mod tail;
#[cfg(test)]
mod testing;
pub mod tree;
pub mod verify;
pub mod views;
mod writer;

pub use anchors::AnchorReport;
pub use canonical::{canonical_bytes, canonical_object};
pub use config::LedgerConfig;
pub use entry::{Appended, Entry, Sameness, StoredLeaf};
pub use error::LedgerError;
pub use follow::{Followed, FollowedLeaf, LogHead};
pub use keyring::KeyChange;
pub use ledger::Ledger;
pub use proofs::{ConsistencyProof, InclusionProof, LogCheckpoint};
pub use query::{Cursor, Order, Page, Query};
pub use shared::{Health, Stats};
pub use tail::{Tail, TailMark, Tailed};
