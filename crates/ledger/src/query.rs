//! Reading events back: filters, order, pages, and the cursor that leads from one page to the next.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use nexus_model::{AssetId, Env, EventType, Outcome, RequestId, Surface, TenantId, Timestamp, TraceId, UserId};
use sha2::{Digest, Sha256};

use crate::{LedgerError, StoredLeaf};

/// Which end of the ledger a page begins at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// Newest first.
    #[default]
    Desc,
    /// Oldest first.
    Asc,
}

/// What to list. All filters must match; `None` matches everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Where it happened.
    pub surface: Option<Surface>,
    /// What happened.
    pub event_type: Option<EventType>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Who acted.
    pub user_id: Option<UserId>,
    /// What was acted on.
    pub asset_id: Option<AssetId>,
    /// The trace.
    pub trace_id: Option<TraceId>,
    /// The request.
    pub request_id: Option<RequestId>,
    /// Recorded at or after this.
    pub since: Option<Timestamp>,
    /// Recorded before this.
    pub until: Option<Timestamp>,
    /// Also events that only record a read ([`nexus_model::catalog::is_read`]).
    pub include_reads: bool,
    /// The order of the items.
    pub order: Order,
    /// At most so many items; at least one is looked for.
    pub limit: usize,
    /// Where an earlier page ended. Made for the same tenant, environment, filters and order; the limit may differ.
    pub cursor: Option<Cursor>,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            surface: None,
            event_type: None,
            outcome: None,
            user_id: None,
            asset_id: None,
            trace_id: None,
            request_id: None,
            since: None,
            until: None,
            include_reads: false,
            order: Order::Desc,
            limit: 50,
            cursor: None,
        }
    }
}

/// A page of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The events, in the order asked for.
    pub items: Vec<StoredLeaf>,
    /// Leads to the next page; `None` when there is none.
    pub next: Option<Cursor>,
}

/// Where a page ended, and where the whole walk does: what is appended after the first page is not in it.
///
/// As text it is opaque and safe in a URL. It carries a fingerprint of the query it belongs to; it grants nothing, since every
/// page is cut to its tenant and environment whatever the cursor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) fingerprint: [u8; 8],
    /// The position of the page's last event.
    pub(crate) last: u64,
    /// The position at which the walk ends, exclusive.
    pub(crate) bound: u64,
}

const CURSOR_FORMAT: u8 = 1;
const CURSOR_BYTES: usize = 1 + 8 + 8 + 8;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [CURSOR_FORMAT; CURSOR_BYTES];
        bytes[1..9].copy_from_slice(&self.fingerprint);
        bytes[9..17].copy_from_slice(&self.last.to_be_bytes());
        bytes[17..].copy_from_slice(&self.bound.to_be_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| LedgerError::Cursor)?;
        let bytes: [u8; CURSOR_BYTES] = bytes.try_into().map_err(|_| LedgerError::Cursor)?;
        if bytes[0] != CURSOR_FORMAT {
            return Err(LedgerError::Cursor);
        }
        let word = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            word
        };
        Ok(Self { fingerprint: word(1), last: u64::from_be_bytes(word(9)), bound: u64::from_be_bytes(word(17)) })
    }
}

impl Query {
    /// Tells this query, asked by this tenant in this environment, from others, but for its limit and cursor.
    #[must_use]
    pub fn fingerprint(&self, tenant: &TenantId, env: &Env) -> [u8; 8] {
        // Taken apart without `..`, so that a new filter cannot be forgotten here.
        let Self {
            surface,
            event_type,
            outcome,
            user_id,
            asset_id,
            trace_id,
            request_id,
            since,
            until,
            include_reads,
            order,
            limit: _,
            cursor: _,
        } = self;
        let text = format!(
            "{tenant:?}{env:?}{surface:?}{event_type:?}{outcome:?}{user_id:?}{asset_id:?}{trace_id:?}{request_id:?}\
             {since:?}{until:?}{include_reads}{order:?}"
        );
        let digest = Sha256::digest(text.as_bytes());
        let mut fingerprint = [0; 8];
        fingerprint.copy_from_slice(&digest[..8]);
        fingerprint
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back(fingerprint: [u8; 8], last: u64, bound: u64) {
            let cursor = Cursor { fingerprint, last, bound };
            let text = cursor.to_string();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            prop_assert_eq!(text.parse::<Cursor>().unwrap(), cursor);
        }

        #[test]
        fn any_text_is_a_cursor_or_refused(text in "\\PC{0,60}") {
            let _ = text.parse::<Cursor>();
        }
    }
}
