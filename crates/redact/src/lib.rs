//! The redactor: what enters the ledger has been through here first.
//!
//! A [`Policy`] is compiled once into a [`Redactor`], which walks a JSON document, as bytes or as a `Value`, and replaces every finding, in strings, numbers
//! and object keys alike, by a placeholder such as `[redacted:email]`. It is pure: no clock, no I/O, no async.
//! [`Redactor::redact`] is the only way to a [`Redacted`] event, and the ledger takes nothing else.

mod again;
mod error;
mod event;
mod hint;
mod hint_table;
mod keyed;
mod kind;
mod known;
mod memory;
mod path;
mod policy;
mod redactor;
mod replace;
mod scan;
mod text;
mod tree;
mod walk;

pub use error::RedactError;
pub use event::{OptOut, Redacted, Stamp};
pub use kind::{Finding, PiiType};
pub use policy::{Action, AllowLists, Limits, MAX_ENTRY_BYTES, MAX_LIST_ENTRIES, Policy, TenantPolicy, TypeRule};
pub use redactor::Redactor;
