//! Events as callers see them: the leaf's exact bytes, with its place in the ledger added.

use std::{fmt, str::FromStr, sync::Arc};

use bytes::Bytes;
use nexus_ledger::{Cursor, Ledger, LedgerError, Query, StoredLeaf};
use nexus_model::{DatasetEvent, EventId, RequestContext};

use super::{
    blocking,
    copied::{Copied, CopyCursor, CopyPage},
};

/// Reads events of one tenant and environment: there is no way to ask without a context.
#[derive(Clone)]
pub struct EventsView {
    ledger: Ledger,
    /// Where they come from, when that is not the ledger.
    copied: Option<Arc<Copied>>,
}

/// Where a page of events ended, whichever source it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageCursor {
    /// In the ledger.
    Local(Cursor),
    /// In the copy.
    Copied(CopyCursor),
}

impl fmt::Display for PageCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(cursor) => cursor.fmt(f),
            Self::Copied(cursor) => cursor.fmt(f),
        }
    }
}

impl FromStr for PageCursor {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, LedgerError> {
        text.parse().map(Self::Local).or_else(|_| text.parse().map(Self::Copied))
    }
}

/// One page of events.
pub struct EventPage {
    items: Vec<StoredLeaf>,
    next: Option<PageCursor>,
}

impl EventsView {
    /// A view of `ledger`, or of the copy where there is one to read.
    #[must_use]
    pub fn new(ledger: Ledger, copied: Option<Arc<Copied>>) -> Self {
        Self { ledger, copied }
    }

    /// One page of what `query` admits, from where another one ended.
    ///
    /// # Errors
    /// `LedgerError::Cursor` for a cursor of another query or source, else when the ledger or the copy cannot be read.
    pub async fn page(
        &self,
        context: &RequestContext,
        query: Query,
        cursor: Option<PageCursor>,
    ) -> Result<EventPage, LedgerError> {
        match (&self.copied, cursor) {
            (Some(copied), None) => copied.page(context, &query, None).await.map(EventPage::from),
            (Some(copied), Some(PageCursor::Copied(cursor))) => {
                copied.page(context, &query, Some(cursor)).await.map(EventPage::from)
            }
            (None, None) => self.local(context, query).await,
            (None, Some(PageCursor::Local(cursor))) => {
                self.local(context, Query { cursor: Some(cursor), ..query }).await
            }
            (Some(_), Some(PageCursor::Local(_))) | (None, Some(PageCursor::Copied(_))) => Err(LedgerError::Cursor),
        }
    }

    async fn local(&self, context: &RequestContext, query: Query) -> Result<EventPage, LedgerError> {
        let (ledger, tenant, env) = (self.ledger.clone(), context.tenant_id.clone(), context.env.clone());
        blocking(move || ledger.query(&tenant, &env, &query)).await.map(EventPage::from)
    }

    /// One event as JSON, if this tenant and environment have it.
    ///
    /// # Errors
    /// When the ledger or the copy cannot be read.
    pub async fn get(&self, context: &RequestContext, id: EventId) -> Result<Option<Bytes>, LedgerError> {
        let leaf = match &self.copied {
            Some(copied) => copied.get(context, id).await?,
            None => {
                let (ledger, tenant, env) = (self.ledger.clone(), context.tenant_id.clone(), context.env.clone());
                blocking(move || ledger.get(&tenant, &env, id)).await?
            }
        };
        Ok(leaf.map(|leaf| {
            let mut out = Vec::new();
            write(&mut out, &leaf);
            out.into()
        }))
    }
}

impl From<nexus_ledger::Page> for EventPage {
    fn from(page: nexus_ledger::Page) -> Self {
        Self { items: page.items, next: page.next.map(PageCursor::Local) }
    }
}

impl From<CopyPage> for EventPage {
    fn from((items, next): CopyPage) -> Self {
        Self { items, next: next.map(PageCursor::Copied) }
    }
}

impl EventPage {
    /// How many events.
    #[must_use]
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// The events themselves.
    ///
    /// # Errors
    /// When a leaf is no event, which only damage can cause.
    pub fn events(&self) -> Result<Vec<DatasetEvent>, LedgerError> {
        self.items
            .iter()
            .map(|leaf| serde_json::from_slice(&leaf.leaf).map_err(|source| damaged(&leaf.ledger, &source)))
            .collect()
    }

    /// Each event as a line of NDJSON.
    pub fn lines(&self) -> impl Iterator<Item = Bytes> + '_ {
        self.items.iter().map(|leaf| {
            let mut line = Vec::with_capacity(leaf.leaf.len() + 256);
            write(&mut line, leaf);
            line.push(b'\n');
            line.into()
        })
    }

    /// Where the next page begins.
    #[must_use]
    pub fn cursor(&self) -> Option<&PageCursor> {
        self.next.as_ref()
    }

    /// For the next page.
    #[must_use]
    pub fn next_cursor(&self) -> Option<String> {
        self.next.as_ref().map(ToString::to_string)
    }

    /// `{"items": [...], "next_cursor": ...}`
    #[must_use]
    pub fn into_json(self) -> Bytes {
        let mut out = b"{\"items\":[".to_vec();
        for (index, leaf) in self.items.iter().enumerate() {
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
