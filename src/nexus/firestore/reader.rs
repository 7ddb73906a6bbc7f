//! Reading the documents back for callers, by queries over the columns.

use async_trait::async_trait;
use firestore::gcloud_sdk::google::firestore::v1::{Document, StructuredQuery};
use futures::future::try_join_all;
use nexus_ledger::{Order, Query};
use nexus_model::{Env, EventId, TenantId};

use super::{
    FirestoreBackend, MAX_WRITES, document,
    query::{Conditions, select},
};
use crate::nexus::{
    backend::BackendError,
    reading::{CopyReader, Occurrence, ReadRow, Span},
    row::LogId,
};

/// Ids that one query may name; Firestore documents it as the limit of `in`.
const MAX_IDS: usize = 30;

fn seq_of(document: &Document) -> Result<u64, BackendError> {
    document::seq(document)
        .ok_or_else(|| BackendError::Diverged { seq: 0, what: format!("{} has no seq", document.name) })
}

fn row_of(document: &Document) -> Result<ReadRow, BackendError> {
    ReadRow::new(seq_of(document)?, document::leaf(document).unwrap_or_default())
}

/// The log that a document is of, which must be one of its place.
fn log_of(document: &Document, tenant: &TenantId, env: &Env) -> Result<LogId, BackendError> {
    let named = document::log(document).and_then(LogId::parse);
    named.filter(|log| log.tenant == *tenant && log.env == *env).ok_or_else(|| BackendError::Diverged {
        seq: document::seq(document).unwrap_or(0),
        what: format!("{} names no log of its place", document.name),
    })
}

impl FirestoreBackend {
    async fn ask(&self, parent: &str, query: StructuredQuery) -> Result<Vec<Document>, BackendError> {
        let mut documents = Vec::new();
        self.each(parent.to_owned(), query, |document| documents.push(document)).await?;
        Ok(documents)
    }

    /// Everywhere that the copy has these events, of which there may be [`MAX_IDS`].
    async fn occurrences_of(
        &self,
        tenant: &TenantId,
        env: &Env,
        ids: &[EventId],
    ) -> Result<Vec<(EventId, Occurrence)>, BackendError> {
        let asked = select(Conditions::of_events(ids).all(), &["log", "seq", "event_id", "recorded_at"]);
        let documents = self.ask(&self.place(tenant, env).await?, asked).await?;
        let occurrence = |document: &Document| {
            let log = log_of(document, tenant, env)?;
            let seq = seq_of(document)?;
            let known = document::event_id(document).zip(document::recorded_at(document));
            let (id, recorded_at) = known.ok_or_else(|| BackendError::Diverged {
                seq,
                what: format!("{} has no id or no time", document.name),
            })?;
            Ok((id, Occurrence { recorded_at, log, seq }))
        };
        documents.iter().map(occurrence).collect()
    }
}

#[async_trait]
impl CopyReader for FirestoreBackend {
    /// One query a log: the first document after those of the logs that are known.
    async fn logs(&self, tenant: &TenantId, env: &Env, max: usize) -> Result<Vec<LogId>, BackendError> {
        let parent = self.place(tenant, env).await?;
        let mut logs: Vec<LogId> = Vec::new();
        while logs.len() < max {
            let known = logs.last().map_or("", |log| &log.origin);
            let asked = select(Conditions::of_logs_after(known).first_log(), &["log"]);
            let Some(document) = self.ask(&parent, asked).await?.pop() else { break };
            logs.push(log_of(&document, tenant, env)?);
        }
        Ok(logs)
    }

    /// One call writes at most `MAX_WRITES` rows, in no order, and calls of a log follow one another: only that many can have a gap.
    async fn end(&self, log: &LogId) -> Result<u64, BackendError> {
        let parent = self.parent(log).await?;
        let asked = select(Conditions::of_log(log).by_seq(Order::Desc, 1), &["seq"]);
        let Some(newest) = self.ask(&parent, asked).await?.first().map(seq_of).transpose()? else { return Ok(0) };
        let size = newest + 1;
        let from = size.saturating_sub(MAX_WRITES as u64);
        // What comes in between the two queries is none of the count: it would make up for a gap.
        let window = Conditions::of_log(log).and_from(from).and_below(size);
        if self.counted(parent.clone(), window.clone()).await? == size - from {
            return Ok(size);
        }
        let there = self.ask(&parent, select(window.by_seq(Order::Asc, MAX_WRITES), &["seq"])).await?;
        let mut end = from;
        for document in &there {
            if seq_of(document)? != end {
                break;
            }
            end += 1;
        }
        Ok(end)
    }

    async fn rows(&self, log: &LogId, filter: &Query, span: Span) -> Result<Vec<ReadRow>, BackendError> {
        let conditions = Conditions::of_rows(log, filter, span);
        let asked = select(conditions.by_seq(span.order, span.limit), &["seq", "leaf"]);
        self.ask(&self.parent(log).await?, asked).await?.iter().map(row_of).collect()
    }

    async fn occurrences(
        &self,
        tenant: &TenantId,
        env: &Env,
        ids: &[EventId],
    ) -> Result<Vec<(EventId, Occurrence)>, BackendError> {
        let found = try_join_all(ids.chunks(MAX_IDS).map(|ids| self.occurrences_of(tenant, env, ids))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}
