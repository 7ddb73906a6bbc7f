//! Events and read-models from the copy that several replicas share (`views.source = "backend"`).
//!
//! Lists ask the backend each time. An event that two replicas took, because its caller repeated it at another one, is the one recorded first
//! and is listed and counted once. Dashboards are folded here from the rows of all logs, kept in memory, and brought up to what the copy
//! has whenever one is asked for; so the first one of a place costs its history, and each later one what has come since.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::try_join_all;
use nexus_ledger::{
    LedgerError, Order, Query, StoredLeaf, tree,
    views::{Caps, Folded, LeafFold},
};
use nexus_model::{Catalog, Env, EventId, LedgerRef, RequestContext, TenantId, Timestamp};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    config,
    nexus::{
        BackendError, LogId,
        reading::{CopyReader, Merge, Occurrence, ReadRow, Span},
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
    max_ids: usize,
    patience: Duration,
    /// The logs of a place, for a moment: they change when a replica begins with it.
    known: moka::future::Cache<Place, Arc<[LogId]>>,
    folds: moka::sync::Cache<Place, Arc<Mutex<LeafFold>>>,
}

/// A walk's position in each log.
type Walk = Vec<(LogId, Mark)>;

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
        let (places, ttl) = (settings.max_copied_places, Duration::from_millis(settings.copied_logs_ttl_ms));
        Self {
            reader,
            catalog,
            caps,
            max_logs: settings.max_copied_logs,
            max_ids: settings.max_copied_ids,
            patience: Duration::from_millis(settings.backend_timeout_ms),
            known: moka::future::Cache::builder().max_capacity(places).time_to_live(ttl).build(),
            folds: moka::sync::Cache::new(places),
        }
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

    /// The logs of a place. Who asks while they are being read hears the same.
    async fn logs(&self, place: &Place) -> Result<Arc<[LogId]>, LedgerError> {
        let read = async {
            let (tenant, env) = place;
            let logs: Arc<[LogId]> =
                self.reader.logs(tenant, env, self.max_logs + 1).await.map_err(unavailable)?.into();
            if logs.len() > self.max_logs {
                let reason =
                    format!("the copy has more logs of {tenant}/{env} than views.max_copied_logs ({})", self.max_logs);
                return Err(LedgerError::Unavailable { reason, source: None });
            }
            Ok(logs)
        };
        let logs = self.known.try_get_with_by_ref(place, read).await.map_err(|error| LedgerError::Unavailable {
            reason: match &*error {
                LedgerError::Unavailable { reason, .. } => reason.clone(),
                other => other.to_string(),
            },
            source: None,
        })?;
        // Who has just written the first event of a place looks for it.
        if logs.is_empty() {
            self.known.invalidate(place).await;
        }
        Ok(logs)
    }

    /// One event.
    pub(super) async fn get(&self, context: &RequestContext, id: EventId) -> Result<Option<StoredLeaf>, LedgerError> {
        let (tenant, env) = (&context.tenant_id, &context.env);
        let found = async {
            let found = self.reader.occurrences(tenant, env, &[id]).await?;
            let Some(first) = found.into_iter().map(|(_, occurrence)| occurrence).min() else { return Ok(None) };
            let span = Span { from: first.seq, below: first.seq + 1, order: Order::Asc, limit: 1 };
            let row = self.reader.rows(&first.log, &everything(), span).await?.pop();
            Ok(row.map(|row| stored(&first.log, row)))
        };
        self.in_time(async { found.await.map_err(unavailable) }).await
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
        let place = (context.tenant_id.clone(), context.env.clone());
        self.in_time(async {
            let walk = match cursor {
                Some(cursor) => self.go_on(&place, &cursor.marks).await?,
                None => self.begin(&self.logs(&place).await?, query.order).await?,
            };
            let (items, marks) = self.walk(&place, walk, query).await?;
            Ok((items, marks.map(|marks| CopyCursor { fingerprint, marks })))
        })
        .await
    }

    /// Each log from where a page ended.
    async fn go_on(&self, place: &Place, marks: &[Mark]) -> Result<Walk, LedgerError> {
        if let Some(walk) = resume(&self.logs(place).await?, marks) {
            return Ok(walk);
        }
        // Another replica may have made the cursor, and know of a log that came a moment ago.
        self.known.invalidate(place).await;
        resume(&self.logs(place).await?, marks).ok_or(LedgerError::Cursor)
    }

    /// Each log from the end that the walk begins at.
    async fn begin(&self, logs: &[LogId], order: Order) -> Result<Walk, LedgerError> {
        let ends = try_join_all(logs.iter().map(|log| self.reader.end(log))).await.map_err(unavailable)?;
        let mark = |(log, bound): (&LogId, u64)| {
            let at = if order == Order::Desc { bound } else { 0 };
            (log.clone(), Mark { log: tag(log), at, bound })
        };
        Ok(logs.iter().zip(ends).map(mark).collect())
    }

    /// A page of a walk; and, when there is more, where it ended. Repeats make a page shorter.
    async fn walk(
        &self,
        place: &Place,
        mut walk: Walk,
        query: &Query,
    ) -> Result<(Vec<StoredLeaf>, Option<Vec<Mark>>), LedgerError> {
        let newest_first = query.order == Order::Desc;
        let limit = query.limit.max(1);
        let rows = walk.iter().map(|(log, mark)| {
            let (from, below) = if newest_first { (0, mark.at) } else { (mark.at, mark.bound) };
            self.reader.rows(log, query, Span { from, below, order: query.order, limit: limit + 1 })
        });
        let mut merge = Merge::new(try_join_all(rows).await.map_err(unavailable)?, query.order);
        let mut page: Vec<(LogId, ReadRow)> = Vec::with_capacity(limit.min(512));
        for (at, row) in merge.by_ref().take(limit) {
            let (log, mark) = &mut walk[at];
            mark.at = if newest_first { row.seq } else { row.seq + 1 };
            page.push((log.clone(), row));
        }
        let repeats = self.repeats(place, &walk, &page).await?;
        page.retain(|(log, row)| !repeats.contains(&(Arc::clone(&log.origin), row.seq)));
        let items = page.into_iter().map(|(log, row)| stored(&log, row)).collect();
        let more = merge.peek().is_some();
        Ok((items, more.then(|| walk.into_iter().map(|(_, mark)| mark).collect())))
    }

    /// The rows of a page whose events the walk has elsewhere, recorded earlier.
    async fn repeats(
        &self,
        (tenant, env): &Place,
        walk: &Walk,
        page: &[(LogId, ReadRow)],
    ) -> Result<HashSet<(Arc<str>, u64)>, LedgerError> {
        // A log by itself has an id once.
        if walk.len() < 2 || page.is_empty() {
            return Ok(HashSet::new());
        }
        // Both rows of a repeat may be on the page, and its id is asked for once.
        let ids: HashSet<EventId> = page.iter().map(|(_, row)| row.event_id).collect();
        let ids: Vec<EventId> = ids.into_iter().collect();
        let found = self.reader.occurrences(tenant, env, &ids).await.map_err(unavailable)?;
        let bounds: HashMap<&LogId, u64> = walk.iter().map(|(log, mark)| (log, mark.bound)).collect();
        // What lies beyond the walk's end is none of it, so it cannot stand in for what the walk has.
        let within = |one: &Occurrence| bounds.get(&one.log).is_some_and(|bound| one.seq < *bound);
        let found: Vec<&(EventId, Occurrence)> = found.iter().filter(|(_, one)| within(one)).collect();
        let mut firsts: HashMap<EventId, &Occurrence> = HashMap::with_capacity(ids.len());
        for (id, one) in &found {
            firsts.entry(*id).and_modify(|first| *first = (*first).min(one)).or_insert(one);
        }
        let later = found.iter().filter(|(id, one)| firsts.get(id).is_some_and(|first| *first != one));
        Ok(later.map(|(_, one)| (Arc::clone(&one.log.origin), one.seq)).collect())
    }

    /// The read-models of a place, with everything that the copy has now. They are kept from others until what comes back is dropped.
    pub(super) async fn place(&self, context: &RequestContext) -> Result<OwnedMutexGuard<LeafFold>, LedgerError> {
        let place = (context.tenant_id.clone(), context.env.clone());
        let make = || Arc::new(Mutex::new(LeafFold::new(&self.catalog, self.caps.clone(), self.max_ids)));
        let fold = self.folds.get_with(place.clone(), make);
        self.in_time(async {
            let mut fold = fold.lock_owned().await;
            self.catch_up(&mut fold, &self.logs(&place).await?).await?;
            Ok(fold)
        })
        .await
    }

    /// Folds what the copy has more. What was folded when this is dropped is kept, so who asks again goes on from there.
    async fn catch_up(&self, fold: &mut LeafFold, logs: &[LogId]) -> Result<(), LedgerError> {
        let everything = everything();
        loop {
            let rows = logs.iter().map(|log| {
                let span = Span { from: fold.size(&log.origin), below: END, order: Order::Asc, limit: FOLD_ROWS };
                self.reader.rows(log, &everything, span)
            });
            let rows = try_join_all(rows).await.map_err(unavailable)?;
            // Logs are folded abreast: none gets ahead of what is not read yet of another.
            let unread = rows.iter().filter(|rows| rows.len() == FOLD_ROWS);
            let until = unread.filter_map(|rows| rows.last()).map(|row| row.recorded_at).min();
            if !take(fold, logs, rows, until) || until.is_none() {
                return Ok(());
            }
        }
    }
}

/// Every event, reads included.
fn everything() -> Query {
    Query { include_reads: true, ..Query::default() }
}

/// Folds rows of `logs` as far as each has no gap, in the order of their times up to `until`; the first one in any case, because within a log
/// times need not ascend. Whether there was any.
fn take(fold: &mut LeafFold, logs: &[LogId], rows: Vec<Vec<ReadRow>>, until: Option<Timestamp>) -> bool {
    let gapless = logs.iter().zip(rows).map(|(log, mut rows)| {
        let seqs = fold.size(&log.origin)..;
        let gapless = rows.iter().zip(seqs).take_while(|(row, seq)| row.seq == *seq).count();
        rows.truncate(gapless);
        rows
    });
    let mut merge = Merge::new(gapless.collect(), Order::Asc);
    let mut folded = false;
    while merge.peek().is_some_and(|(_, at)| !folded || until.is_none_or(|until| at <= until))
        && let Some((log, row)) = merge.next()
    {
        folded = true;
        let log = &*logs[log].origin;
        if fold.add(log, row.seq, row.recorded_at, &row.leaf) == Folded::Unreadable {
            tracing::error!(log, seq = row.seq, "a leaf of the copy is no event; left out of the read-models");
        }
    }
    folded
}

/// Where a page ended, in each log. A log that has come since is of a later walk. `None` where the marks are not those of some of the logs, each once.
fn resume(logs: &[LogId], marks: &[Mark]) -> Option<Walk> {
    let mut open: HashMap<[u8; 8], &LogId> = logs.iter().map(|log| (tag(log), log)).collect();
    marks.iter().map(|mark| Some((open.remove(&mark.log)?.clone(), *mark))).collect()
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
        fn a_walk_goes_on_in_each_log_once(known in 1..9_usize, marks in proptest::collection::vec(0..12_usize, 0..9)) {
            let log = |at: usize| LogId::parse(&format!("nexus/t_a/dev/w{at}")).unwrap();
            let logs: Vec<LogId> = (0..known).map(log).collect();
            let marks: Vec<(usize, Mark)> =
                marks.iter().enumerate().map(|(n, at)| (*at, Mark { log: tag(&log(*at)), at: n as u64, bound: 9 })).collect();
            let sound = marks.iter().all(|(at, _)| *at < known)
                && marks.iter().map(|(at, _)| at).collect::<HashSet<_>>().len() == marks.len();
            let walk = resume(&logs, &marks.iter().map(|(_, mark)| *mark).collect::<Vec<_>>());
            let expected: Walk = marks.iter().map(|(at, mark)| (log(*at), *mark)).collect();
            prop_assert_eq!(walk, sound.then_some(expected));
        }

        #[test]
        fn any_text_is_a_cursor_or_refused(text in "[A-Za-z0-9_-]{0,80}") {
            if let Ok(cursor) = text.parse::<CopyCursor>() {
                prop_assert!(cursor.to_string().len() <= text.len() + 2);
            }
        }
    }
}
