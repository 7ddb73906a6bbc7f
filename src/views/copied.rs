//! Events and read-models from the copy that several replicas share (`views.source = "backend"`).
//!
//! Lists ask the backend each time. Dashboards are folded here from the rows of all logs, kept in memory, and brought up to what the copy
//! has whenever one is asked for; so the first one of a place costs its history, and each later one what has come since.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::try_join_all;
use nexus_ledger::{
    LedgerError, Order, Query, StoredLeaf, tree,
    views::{Caps, LeafFold},
};
use nexus_model::{Catalog, Env, EventId, LedgerRef, RequestContext, TenantId};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    config,
    nexus::{
        BackendError, LogId,
        reading::{CopyReader, Merge, ReadRow, Span},
    },
};

/// Rows of a log asked for at once while a dashboard is brought up to date.
const FOLD_ROWS: usize = 500;
/// The largest seq that every backend can compare with.
const END: u64 = i64::MAX as u64;
/// Not the format of the ledger's own cursors.
const CURSOR_FORMAT: u8 = 2;

type Place = (TenantId, Env);

/// The copy as a source of events and read-models.
pub struct Copied {
    reader: Arc<dyn CopyReader>,
    catalog: Catalog,
    caps: Caps,
    max_logs: usize,
    patience: Duration,
    folds: moka::sync::Cache<Place, Arc<Mutex<LeafFold>>>,
}

/// Where a walk is in one log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    /// Tells the log from others.
    log: [u8; 8],
    /// Newest first: the first seq that was walked over. Oldest first: the next one.
    at: u64,
    /// The walk's end, exclusive: what the copy had of the log when it began.
    bound: u64,
}

/// Where a page ended, in each log, and where the walk does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyCursor {
    fingerprint: [u8; 8],
    marks: Vec<Mark>,
}

/// A page, and where it ended.
pub(super) type CopyPage = (Vec<StoredLeaf>, Option<CopyCursor>);

impl fmt::Display for CopyCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![CURSOR_FORMAT];
        bytes.extend_from_slice(&self.fingerprint);
        for mark in &self.marks {
            bytes.extend_from_slice(&mark.log);
            bytes.extend_from_slice(&mark.at.to_be_bytes());
            bytes.extend_from_slice(&mark.bound.to_be_bytes());
        }
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for CopyCursor {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| LedgerError::Cursor)?;
        let ([CURSOR_FORMAT, rest @ ..], true) = (bytes.as_slice(), text.len() <= 1 << 16) else {
            return Err(LedgerError::Cursor);
        };
        let (words, []) = rest.as_chunks::<8>() else { return Err(LedgerError::Cursor) };
        let Some((fingerprint, marks)) = words.split_first() else { return Err(LedgerError::Cursor) };
        let (marks, []) = marks.as_chunks::<3>() else { return Err(LedgerError::Cursor) };
        let mark = |[log, at, bound]: &[[u8; 8]; 3]| Mark {
            log: *log,
            at: u64::from_be_bytes(*at).min(END),
            bound: u64::from_be_bytes(*bound).min(END),
        };
        Ok(Self { fingerprint: *fingerprint, marks: marks.iter().map(mark).collect() })
    }
}

fn tag(log: &LogId) -> [u8; 8] {
    let digest = Sha256::digest(log.origin.as_bytes());
    let mut tag = [0; 8];
    tag.copy_from_slice(&digest[..8]);
    tag
}

fn stored(log: &LogId, row: ReadRow) -> StoredLeaf {
    let leaf_hash = hex::encode(tree::leaf_hash(&row.leaf));
    StoredLeaf { ledger: LedgerRef { log: log.origin.to_string(), seq: row.seq, leaf_hash }, leaf: row.leaf }
}

/// A caller hears that the ledger cannot be read now; the log hears why.
fn unavailable(error: BackendError) -> LedgerError {
    LedgerError::Unavailable { reason: format!("the copy cannot be read: {error}"), source: None }
}

impl Copied {
    /// Answers from `reader`, within the bounds of `settings`.
    #[must_use]
    pub fn new(reader: Arc<dyn CopyReader>, catalog: Catalog, caps: Caps, settings: &config::Views) -> Self {
        let folds = moka::sync::Cache::builder().max_capacity(settings.max_copied_places).build();
        let patience = Duration::from_millis(settings.backend_timeout_ms);
        Self { reader, catalog, caps, max_logs: settings.max_copied_logs, patience, folds }
    }

    async fn in_time<T>(&self, read: impl Future<Output = Result<T, LedgerError>>) -> Result<T, LedgerError> {
        let late = |_| LedgerError::Unavailable {
            reason: format!(
                "the copy did not answer within views.backend_timeout_ms ({} ms)",
                self.patience.as_millis()
            ),
            source: None,
        };
        tokio::time::timeout(self.patience, read).await.map_err(late)?
    }

    async fn logs(&self, tenant: &TenantId, env: &Env) -> Result<Vec<LogId>, LedgerError> {
        let logs = self.reader.logs(tenant, env).await.map_err(unavailable)?;
        if logs.len() > self.max_logs {
            let reason = format!("the copy has {} logs of {tenant}/{env}, more than views.max_copied_logs", logs.len());
            return Err(LedgerError::Unavailable { reason, source: None });
        }
        Ok(logs)
    }

    /// One event.
    pub(super) async fn get(&self, context: &RequestContext, id: EventId) -> Result<Option<StoredLeaf>, LedgerError> {
        let found = async { self.reader.find(&context.tenant_id, &context.env, id).await.map_err(unavailable) };
        Ok(self.in_time(found).await?.map(|(log, row)| stored(&log, row)))
    }

    /// One page of what `query` admits.
    pub(super) async fn page(
        &self,
        context: &RequestContext,
        query: &Query,
        cursor: Option<CopyCursor>,
    ) -> Result<CopyPage, LedgerError> {
        let fingerprint = query.fingerprint(&context.tenant_id, &context.env);
        if cursor.as_ref().is_some_and(|cursor| cursor.fingerprint != fingerprint) {
            return Err(LedgerError::Cursor);
        }
        self.in_time(async {
            let logs = self.logs(&context.tenant_id, &context.env).await?;
            let walk = match cursor {
                Some(cursor) => resume(logs, cursor.marks)?,
                None => self.begin(logs, query.order).await?,
            };
            let (items, marks) = self.walk(walk, query).await?;
            Ok((items, marks.map(|marks| CopyCursor { fingerprint, marks })))
        })
        .await
    }

    /// Each log from the end that the walk begins at.
    async fn begin(&self, logs: Vec<LogId>, order: Order) -> Result<Vec<(LogId, Mark)>, LedgerError> {
        let ends = try_join_all(logs.iter().map(|log| self.reader.end(log))).await.map_err(unavailable)?;
        let mark = |(log, bound): (LogId, u64)| {
            let at = if order == Order::Desc { bound } else { 0 };
            let mark = Mark { log: tag(&log), at, bound };
            (log, mark)
        };
        Ok(logs.into_iter().zip(ends).map(mark).collect())
    }

    /// A page of a walk; and, when there is more, where it ended.
    async fn walk(
        &self,
        mut walk: Vec<(LogId, Mark)>,
        query: &Query,
    ) -> Result<(Vec<StoredLeaf>, Option<Vec<Mark>>), LedgerError> {
        let newest_first = query.order == Order::Desc;
        let limit = query.limit.max(1);
        let rows = walk.iter().map(|(log, mark)| {
            let (from, below) = if newest_first { (0, mark.at) } else { (mark.at, mark.bound) };
            self.reader.rows(log, query, Span { from, below, order: query.order, limit: limit + 1 })
        });
        let mut merge = Merge::new(try_join_all(rows).await.map_err(unavailable)?, query.order);
        let mut items = Vec::with_capacity(limit.min(512));
        for (at, row) in merge.by_ref().take(limit) {
            let (log, mark) = &mut walk[at];
            mark.at = if newest_first { row.seq } else { row.seq + 1 };
            items.push(stored(log, row));
        }
        let more = merge.peek().is_some();
        Ok((items, more.then(|| walk.into_iter().map(|(_, mark)| mark).collect())))
    }

    /// The read-models of a place, with everything that the copy has now. They are kept from others until what comes back is dropped.
    pub(super) async fn place(&self, context: &RequestContext) -> Result<OwnedMutexGuard<LeafFold>, LedgerError> {
        let (tenant, env) = (&context.tenant_id, &context.env);
        let make = || Arc::new(Mutex::new(LeafFold::new(&self.catalog, self.caps.clone())));
        let fold = self.folds.get_with((tenant.clone(), env.clone()), make);
        self.in_time(async {
            let mut fold = fold.lock_owned().await;
            let logs = self.logs(tenant, env).await?;
            self.catch_up(&mut fold, logs).await?;
            Ok(fold)
        })
        .await
    }

    /// Folds what the copy has more. What was folded when this is dropped is kept, so who asks again goes on from there.
    async fn catch_up(&self, fold: &mut LeafFold, mut open: Vec<LogId>) -> Result<(), LedgerError> {
        let all = Query { include_reads: true, ..Query::default() };
        while !open.is_empty() {
            let rows = open.iter().map(|log| {
                let span = Span { from: fold.size(&log.origin), below: END, order: Order::Asc, limit: FOLD_ROWS };
                self.reader.rows(log, &all, span)
            });
            let mut rows = try_join_all(rows).await.map_err(unavailable)?;
            let mut unread = Vec::new();
            let mut until = None;
            for (log, rows) in open.iter().zip(&mut rows) {
                if rows.len() == FOLD_ROWS {
                    unread.push(log.clone());
                    // Logs are folded abreast: none gets ahead of what is not read yet of another.
                    let reached = rows.last().map(|row| row.recorded_at);
                    until = until.min(reached).or(until).or(reached);
                }
                let gapless =
                    rows.iter().zip(fold.size(&log.origin)..).take_while(|(row, seq)| row.seq == *seq).count();
                rows.truncate(gapless);
            }
            let mut merge = Merge::new(rows, Order::Asc);
            let mut folded = false;
            // The first comes in any case: within a log, times need not ascend.
            while merge.peek().is_some_and(|(_, at)| !folded || until.is_none_or(|until| at <= until))
                && let Some((log, row)) = merge.next()
            {
                folded = true;
                if !fold.add(&open[log].origin, row.seq, row.recorded_at, &row.leaf) {
                    tracing::error!(
                        log = &*open[log].origin,
                        seq = row.seq,
                        "a leaf of the copy is no event; left out of the read-models"
                    );
                }
            }
            let left = merge.peek().is_some();
            if !folded {
                return Ok(());
            }
            if !left && unread.is_empty() {
                open.clear();
            }
        }
        Ok(())
    }
}

/// Goes on where a page ended. A log that has come since is of a later walk.
fn resume(logs: Vec<LogId>, marks: Vec<Mark>) -> Result<Vec<(LogId, Mark)>, LedgerError> {
    let find = |mark: Mark| {
        let log = logs.iter().find(|log| tag(log) == mark.log).ok_or(LedgerError::Cursor)?;
        Ok((log.clone(), mark))
    };
    marks.into_iter().map(find).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back(fingerprint: [u8; 8], marks in proptest::collection::vec((any::<[u8; 8]>(), 0..=END, 0..=END), 0..5)) {
            let marks = marks.into_iter().map(|(log, at, bound)| Mark { log, at, bound }).collect();
            let cursor = CopyCursor { fingerprint, marks };
            prop_assert_eq!(cursor.to_string().parse::<CopyCursor>().unwrap(), cursor);
        }

        #[test]
        fn any_text_is_a_cursor_or_refused(text in "[A-Za-z0-9_-]{0,80}") {
            if let Ok(cursor) = text.parse::<CopyCursor>() {
                prop_assert!(cursor.to_string().len() <= text.len() + 2);
            }
        }
    }
}
