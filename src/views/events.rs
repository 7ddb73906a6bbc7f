//! Events as callers see them: the leaf's exact bytes, with its place in the ledger added.

use bytes::Bytes;
use nexus_ledger::{Ledger, LedgerError, Query, StoredLeaf};
use nexus_model::{DatasetEvent, EventId, RequestContext};

use super::blocking;

/// Reads events of one tenant and environment: there is no way to ask without a context.
#[derive(Clone)]
pub struct EventsView {
    ledger: Ledger,
}

/// One page of events.
pub struct EventPage(nexus_ledger::Page);

impl EventsView {
    /// A view of `ledger`.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }

    /// One page of what `query` admits.
    ///
    /// # Errors
    /// `LedgerError::Cursor` for a cursor of another query, else when the ledger cannot be read.
    pub async fn page(&self, context: &RequestContext, query: Query) -> Result<EventPage, LedgerError> {
        let (ledger, tenant, env) = (self.ledger.clone(), context.tenant_id.clone(), context.env.clone());
        blocking(move || ledger.query(&tenant, &env, &query)).await.map(EventPage)
    }

    /// One event as JSON, if this tenant and environment have it.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn get(&self, context: &RequestContext, id: EventId) -> Result<Option<Bytes>, LedgerError> {
        let (ledger, tenant, env) = (self.ledger.clone(), context.tenant_id.clone(), context.env.clone());
        let leaf = blocking(move || ledger.get(&tenant, &env, id)).await?;
        Ok(leaf.map(|leaf| {
            let mut out = Vec::new();
            write(&mut out, &leaf);
            out.into()
        }))
    }
}

impl From<nexus_ledger::Page> for EventPage {
    fn from(page: nexus_ledger::Page) -> Self {
        Self(page)
    }
}

impl EventPage {
    /// How many events.
    #[must_use]
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.0.items.len()
    }

    /// The events themselves.
    ///
    /// # Errors
    /// When a leaf is no event, which only damage can cause.
    pub fn events(&self) -> Result<Vec<DatasetEvent>, LedgerError> {
        self.0
            .items
            .iter()
            .map(|leaf| serde_json::from_slice(&leaf.leaf).map_err(|source| damaged(&leaf.ledger, &source)))
            .collect()
    }

    /// Each event as a line of NDJSON.
    pub fn lines(&self) -> impl Iterator<Item = Bytes> + '_ {
        self.0.items.iter().map(|leaf| {
            let mut line = Vec::with_capacity(leaf.leaf.len() + 256);
            write(&mut line, leaf);
            line.push(b'\n');
            line.into()
        })
    }

    /// Where the next page begins.
    #[must_use]
    pub fn cursor(&self) -> Option<nexus_ledger::Cursor> {
        self.0.next
    }

    /// For the next page.
    #[must_use]
    pub fn next_cursor(&self) -> Option<String> {
        self.0.next.as_ref().map(ToString::to_string)
    }

    /// `{"items": [...], "next_cursor": ...}`
    #[must_use]
    pub fn into_json(self) -> Bytes {
        let mut out = b"{\"items\":[".to_vec();
        for (index, leaf) in self.0.items.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write(&mut out, leaf);
        }
        out.extend_from_slice(b"],\"next_cursor\":");
        match self.next_cursor() {
            // A cursor is URL-safe text, so it needs no escapes.
            Some(cursor) => out.extend_from_slice(format!("\"{cursor}\"").as_bytes()),
            None => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
        out.into()
    }
}

/// Writes a leaf with `ledger` as its last member.
pub(super) fn write(out: &mut Vec<u8>, leaf: &StoredLeaf) {
    // A leaf is an object with members, so its last byte is the brace that closes it.
    out.extend_from_slice(&leaf.leaf[..leaf.leaf.len().saturating_sub(1)]);
    let place = &leaf.ledger;
    // The origin and the hash are of forms that need no escapes.
    out.extend_from_slice(
        format!(
            ",\"ledger\":{{\"leaf_hash\":\"{}\",\"log\":\"{}\",\"seq\":{}}}}}",
            place.leaf_hash, place.log, place.seq
        )
        .as_bytes(),
    );
}

fn damaged(place: &nexus_model::LedgerRef, why: &serde_json::Error) -> LedgerError {
    LedgerError::Corrupt { path: place.log.clone().into(), what: format!("leaf {} is no event: {why}", place.seq) }
}
