//! Following a tenant's events as they are appended, without gap or repeat.
//!
//! A [`Tail`] is a position and a wake-up call. The position is where its reader has got to in the segments, so what one reader
//! does costs the writer nothing: it only says that there is more, and readers fetch it at their own pace.

use std::{
    collections::HashMap,
    fmt,
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use nexus_model::{Env, TenantId};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::{Cursor, Ledger, LedgerError, Order, Query, StoredLeaf, logs::Scope, recent::Doc};

/// Where a reader has got to: what comes before it was read, or did not match.
///
/// As text it is opaque and safe in a header. It carries a fingerprint of the tenant, the environment and the directory's writer: where
/// an older copy of the data was restored, positions mean something else, and it is refused. It grants nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TailMark {
    fingerprint: [u8; 8],
    position: u64,
}

const FORMAT: u8 = 1;
const BYTES: usize = 1 + 8 + 8;

impl fmt::Display for TailMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [FORMAT; BYTES];
        bytes[1..9].copy_from_slice(&self.fingerprint);
        bytes[9..].copy_from_slice(&self.position.to_be_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for TailMark {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| LedgerError::Cursor)?;
        let bytes: [u8; BYTES] = bytes.try_into().map_err(|_| LedgerError::Cursor)?;
        if bytes[0] != FORMAT {
            return Err(LedgerError::Cursor);
        }
        let (mut fingerprint, mut position) = ([0; 8], [0; 8]);
        fingerprint.copy_from_slice(&bytes[1..9]);
        position.copy_from_slice(&bytes[9..]);
        Ok(Self { fingerprint, position: u64::from_be_bytes(position) })
    }
}

/// An event that was followed to, and where its reader is after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tailed {
    /// Resumes right after the event.
    pub mark: TailMark,
    /// The event.
    pub leaf: StoredLeaf,
}

/// A reader that follows one tenant's events in one environment.
pub struct Tail {
    ledger: Ledger,
    tenant: TenantId,
    env: Env,
    fingerprint: [u8; 8],
    /// The next position to be read.
    next: u64,
    /// `None` until the tenant's environment has its first event.
    scope: Option<Scope>,
    more: watch::Receiver<u64>,
    /// Whether there may be more than `more` has told of: until everything was read once.
    behind: bool,
}

impl Ledger {
    /// Follows a tenant's events in an environment: from right after `mark`, else from the next one that is appended.
    ///
    /// # Errors
    /// `Cursor` for a mark of another tenant, environment or directory.
    pub fn tail(&self, tenant: &TenantId, env: &Env, mark: Option<TailMark>) -> Result<Tail, LedgerError> {
        let digest = Sha256::digest(format!("{tenant:?}{env:?}{}", self.shared().writer_id()).as_bytes());
        let mut fingerprint = [0; 8];
        fingerprint.copy_from_slice(&digest[..8]);
        let end = self.shared().read().end;
        let next = match mark {
            Some(mark) if mark.fingerprint != fingerprint || mark.position > end => return Err(LedgerError::Cursor),
            Some(mark) => mark.position,
            None => end,
        };
        let scope = self.shared().logs().scope(tenant, env);
        let more = self.shared().tails.subscribe(scope);
        let (ledger, tenant, env) = (self.clone(), tenant.clone(), env.clone());
        Ok(Tail { ledger, tenant, env, fingerprint, next, scope, more, behind: true })
    }
}

impl Tail {
    /// Returns once there may be something that [`read`](Self::read) has not seen. Can be dropped and called again.
    pub async fn changed(&mut self) {
        if self.more.changed().await.is_err() {
            // The ledger holds the other end for as long as this reader holds the ledger; should it not, there is nothing to come.
            std::future::pending::<()>().await;
        }
    }

    /// Whether [`read`](Self::read) could find anything: `false` only where everything that was appended so far was read.
    #[must_use]
    pub fn may_have_more(&mut self) -> bool {
        let told = *self.more.borrow_and_update();
        self.behind || self.scope.is_none() || self.next < told
    }

    /// Goes on from `mark`, up to which another reader of the same events has read what this one would.
    ///
    /// # Errors
    /// `Cursor` for a mark of another tenant, environment or directory, or one before this reader's own.
    pub fn go_on(&mut self, mark: TailMark) -> Result<(), LedgerError> {
        if mark.fingerprint != self.fingerprint || mark.position < self.next {
            return Err(LedgerError::Cursor);
        }
        self.next = mark.position;
        Ok(())
    }

    /// What has come that matches `query`'s filters (its order, limit and cursor do not count), oldest first: at most
    /// `max_events`, and no more once `max_bytes` are reached. Empty when all was read. Blocks for as long as the disk takes.
    ///
    /// # Errors
    /// `Index`, `Io`, `Corrupt` when what is stored cannot be read; then the reader is where it was.
    pub fn read(&mut self, query: &Query, max_events: usize, max_bytes: usize) -> Result<Vec<Tailed>, LedgerError> {
        self.more.mark_unchanged();
        if self.scope.is_none() {
            self.behind = true;
            self.scope = self.ledger.shared().logs().scope(&self.tenant, &self.env);
            // Nothing can be missed: it is waited for before it is looked for. While there is no log, the receiver at hand waits on: a new one
            // would take for seen a log that came since.
            if self.scope.is_some() {
                self.more = self.ledger.shared().tails.subscribe(self.scope);
            }
        }
        let Some(scope) = self.scope else { return Ok(Vec::new()) };
        let max_events = max_events.max(1);
        // An event is never at position 0: the record that opens its log comes before it.
        let last = self.next.saturating_sub(1);
        let cursor = Some(Cursor { fingerprint: self.fingerprint, last, bound: u64::MAX });
        let query = Query { order: Order::Asc, cursor, ..query.clone() };
        let (positions, end) = self.ledger.positions(scope, &query, max_events)?;
        self.behind = !positions.is_empty();
        let (mut found, mut bytes, mut next) = (Vec::new(), 0, self.next.max(end));
        for (index, position) in positions.iter().enumerate() {
            if index >= max_events || (bytes >= max_bytes && index > 0) {
                next = *position;
                break;
            }
            let leaf = self.ledger.leaf(scope, *position)?;
            bytes += leaf.leaf.len();
            found.push(Tailed { mark: self.mark_at(position + 1), leaf });
        }
        self.next = next;
        Ok(found)
    }

    /// Where this reader has got to.
    #[must_use]
    pub fn mark(&self) -> TailMark {
        self.mark_at(self.next)
    }

    fn mark_at(&self, position: u64) -> TailMark {
        TailMark { fingerprint: self.fingerprint, position }
    }
}

/// Who waits for more, by scope; under `None` those whose tenant has no log yet.
#[derive(Default)]
pub(crate) struct Tails(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    by_scope: HashMap<Option<Scope>, watch::Sender<u64>>,
    /// Woken by every batch.
    all: watch::Sender<u64>,
    /// How many logs there were when those without one were last woken.
    logs: u32,
}

impl Tails {
    fn subscribe(&self, scope: Option<Scope>) -> watch::Receiver<u64> {
        let mut waiting = self.waiting();
        waiting.by_scope.retain(|_, sender| sender.receiver_count() > 0);
        waiting.by_scope.entry(scope).or_insert_with(|| watch::channel(0).0).subscribe()
    }

    /// Woken by every batch, whoever's it is.
    pub(crate) fn subscribe_all(&self) -> watch::Receiver<u64> {
        self.waiting().all.subscribe()
    }

    /// Wakes those for whom a batch up to `end` has something. Called when it can be read already.
    pub(crate) fn wake(&self, docs: &[Doc], end: u64, logs: u32) {
        let mut waiting = self.waiting();
        waiting.all.send_replace(end);
        if waiting.by_scope.is_empty() {
            return;
        }
        let mut before = None;
        for doc in docs.iter().filter(|doc| before.replace(doc.scope) != Some(doc.scope)) {
            waiting.wake(Some(doc.scope), end);
        }
        if waiting.logs != logs {
            waiting.logs = logs;
            waiting.wake(None, end);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn wake(&mut self, scope: Option<Scope>, end: u64) {
        if let Some(sender) = self.by_scope.get(&scope) {
            sender.send_replace(end);
        }
    }
}

#[cfg(test)]
#[path = "tail_tests.rs"]
mod tests;
