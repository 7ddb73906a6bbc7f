//! What callers hand in and get back.

use std::fmt;

use bytes::Bytes;
use nexus_model::{DatasetEvent, Env, EventId, LedgerRef, TenantId};
use nexus_redact::Redacted;

use crate::{
    LedgerError, canonical,
    keys::{self, Keys},
    tree::{self, Hash},
};

/// A keyed hash of the caller's event before redaction: two posts under one event id are the same exactly when these are.
///
/// The key is the caller's of this crate. It is kept beside the event id, never in the leaf, so that nothing about the
/// content that was redacted can be guessed from what is proved in public.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sameness(pub [u8; 32]);

impl fmt::Debug for Sameness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sameness(..)")
    }
}

/// An event to be stored.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The event, stripped of personal data.
    pub event: Redacted,
    /// Tells a repetition from a conflict.
    pub sameness: Sameness,
}

/// What became of an entry. Either way the event is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It was stored, here.
    Accepted(LedgerRef),
    /// The same event had been stored before, there.
    Duplicate(LedgerRef),
}

impl Appended {
    /// Where the event is.
    #[must_use]
    pub fn ledger(&self) -> &LedgerRef {
        match self {
            Self::Accepted(ledger) | Self::Duplicate(ledger) => ledger,
        }
    }
}

/// A stored event: its place and its exact bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLeaf {
    /// Its log, sequence number and leaf hash.
    pub ledger: LedgerRef,
    /// The RFC 8785 bytes that are hashed; JSON of a [`DatasetEvent`].
    pub leaf: Bytes,
}

impl StoredLeaf {
    /// The event itself.
    ///
    /// # Errors
    /// The JSON error, where the bytes are no event of this version's form.
    pub fn event(&self) -> Result<DatasetEvent, serde_json::Error> {
        serde_json::from_slice(&self.leaf)
    }
}

/// An entry made ready in its caller's own task, so that the writer only copies bytes.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub tenant: TenantId,
    pub env: Env,
    pub event_id: EventId,
    pub sameness: Sameness,
    pub leaf: Vec<u8>,
    pub leaf_hash: Hash,
    pub keys: Keys,
    /// Microseconds since the Unix epoch.
    pub recorded_at: i64,
}

impl Prepared {
    /// Canonical bytes, leaf hash and index keys of an event.
    pub(crate) fn new(event: &DatasetEvent, sameness: Sameness, leaf_limit: usize) -> Result<Self, LedgerError> {
        let leaf = canonical::canonical_bytes(event);
        if leaf.len() > leaf_limit {
            return Err(LedgerError::TooLarge { bytes: leaf.len(), limit: leaf_limit });
        }
        Ok(Self {
            tenant: event.tenant_id.clone(),
            env: event.env.clone(),
            event_id: event.event_id,
            sameness,
            leaf_hash: tree::leaf_hash(&leaf),
            leaf,
            keys: keys::of(event),
            recorded_at: event.recorded_at.micros(),
        })
    }
}
