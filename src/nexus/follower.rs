//! The follower: reads the ledger in the order of the disk, from a durable cursor, and carries each log to the backend.
//!
//! It holds one window of records at a time, cut into batches of one log each, whatever the lag is. When every batch of the window is
//! in the copy, the cursors are made durable and the next window is read; a crash in between repeats batches, which backends bear. A
//! log whose row is refused, or stands differently in the copy, is followed no further and says so; the others go on.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use futures::StreamExt;
use nexus_ledger::{Followed, Ledger, LedgerError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    backend::{BackendError, NexusBackend},
    progress::Progress,
    row::{Batch, LogId, Row},
    state::{Change, FollowerState, StateError},
};
use crate::{config, telemetry::traces::part, views::blocking};

const NEXT: &str = "next";
const POSITION: &str = "position";

/// Carries the ledger to one backend.
pub struct Follower {
    ledger: Ledger,
    backend: Arc<dyn NexusBackend>,
    state: Arc<FollowerState>,
    progress: Arc<Progress>,
    settings: config::Nexus,
    /// By origin: the next seq to be copied.
    next: HashMap<Arc<str>, u64>,
    /// By origin: where the first record lies that a stopped log lacks.
    stopped: HashMap<Arc<str>, u64>,
    /// The next window begins here.
    from: u64,
}

/// What one log wants of a window.
struct Work {
    log: LogId,
    batches: Vec<Batch>,
    /// A leaf of the window that can be no row, after the batches.
    unreadable: Option<(u64, String)>,
    /// Where the log's first record of the window lies.
    position: u64,
}

/// One log's part of a window.
struct Part {
    /// Where its first record lies.
    position: u64,
    rows: Vec<Row>,
    /// The first leaf that can be no row, and why.
    unreadable: Option<(u64, String)>,
}

/// What became of it.
struct Done {
    log: LogId,
    next: u64,
    position: u64,
    stopped: Option<String>,
}

impl Follower {
    /// A follower that goes on where the last one's cursors are.
    ///
    /// # Errors
    /// When the cursors cannot be read.
    pub fn new(
        ledger: Ledger,
        backend: Arc<dyn NexusBackend>,
        state: Arc<FollowerState>,
        progress: Arc<Progress>,
        settings: config::Nexus,
    ) -> Result<Self, StateError> {
        let name = backend.name();
        let number = |log: &str, key| Ok::<_, StateError>(state.get(name, log, key)?.as_deref().and_then(read_u64));
        let (_, end) = ledger.head();
        let mut from = number("", POSITION)?.unwrap_or(0);
        let mut next = HashMap::new();
        for head in ledger.logs() {
            let log = LogId { origin: head.origin, tenant: head.tenant, env: head.env };
            // An older copy of the ledger may lie under newer cursors.
            let seq = number(&log.origin, NEXT)?.unwrap_or(0).min(head.size);
            // What stopped a log may have been mended: it is tried again from where it stopped.
            from = from.min(number(&log.origin, POSITION)?.unwrap_or(u64::MAX));
            progress.advance(&log, seq);
            next.insert(log.origin, seq);
        }
        if from > end {
            // Not a place in this ledger; the seqs tell what was copied.
            from = 0;
        }
        progress.reached(from);
        Ok(Self { ledger, backend, state, progress, settings, next, stopped: HashMap::new(), from })
    }

    /// A follower that takes nothing for copied.
    #[must_use]
    pub fn from_the_start(
        ledger: Ledger,
        backend: Arc<dyn NexusBackend>,
        state: Arc<FollowerState>,
        progress: Arc<Progress>,
        settings: config::Nexus,
    ) -> Self {
        let (next, stopped) = (HashMap::new(), HashMap::new());
        Self { ledger, backend, state, progress, settings, next, stopped, from: 0 }
    }

    /// Follows until `stop`, and then until the copy has everything. The caller bounds that; dropping the future is safe at any time.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut appended = self.ledger.appended();
        let prepared = retried(&*self.backend, &self.progress, &self.settings, || self.backend.prepare()).await;
        if prepared.is_err() {
            // Preparing concerns no row, so nothing of it can be refused.
            tracing::error!(backend = self.backend.name(), "the backend cannot be prepared");
            return;
        }
        loop {
            appended.mark_unchanged();
            let window = self.read().await;
            if window.next == self.from {
                if stop.is_cancelled() {
                    return;
                }
                tokio::select! {
                    _ = appended.changed() => {}
                    () = stop.cancelled() => continue,
                }
                // Others may come to share the call.
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(self.settings.batch_wait_ms)) => {}
                    () = stop.cancelled() => {}
                }
                continue;
            }
            self.copy(window).await;
        }
    }

    fn batch_limits(&self) -> (usize, usize) {
        let own = self.backend.limits();
        (self.settings.batch_events.min(own.events).max(1), self.settings.batch_bytes.min(own.bytes).max(1))
    }

    /// The next window. Waits for as long as the ledger cannot be read.
    async fn read(&self) -> Followed {
        let (events, bytes) = self.batch_limits();
        let parallel = self.settings.concurrent_logs;
        let (events, bytes) = (events.saturating_mul(parallel), bytes.saturating_mul(parallel));
        loop {
            let (ledger, from) = (self.ledger.clone(), self.from);
            match blocking(move || ledger.records(from, events, bytes)).await {
                Ok(followed) => return followed,
                Err(error) => {
                    self.fail(&error);
                    tokio::time::sleep(Duration::from_millis(self.settings.backoff_cap_ms)).await;
                }
            }
        }
    }

    fn fail(&self, error: &LedgerError) {
        metrics::counter!("nexus_follower_failures_total", "backend" => self.backend.name()).increment(1);
        tracing::error!(error = error as &dyn std::error::Error, "the follower cannot read the ledger");
    }

    /// Copies a window and makes its end durable.
    async fn copy(&mut self, window: Followed) {
        let work = self.cut(window.leaves);
        let (backend, progress, settings) = (&self.backend, &self.progress, &self.settings);
        let copies = futures::stream::iter(work).map(|work| carry(backend, progress, settings, work));
        let done: Vec<Done> = copies.buffer_unordered(settings.concurrent_logs).collect().await;
        for done in &done {
            self.next.insert(Arc::clone(&done.log.origin), done.next);
            if done.stopped.is_some() {
                self.stopped.insert(Arc::clone(&done.log.origin), done.position);
            }
        }
        self.from = window.next;
        self.progress.reached(self.from);
        self.keep(&done).await;
    }

    /// Cuts a window into batches of one log each. What the copy has already, or what comes after a stop, is left out.
    fn cut(&self, leaves: Vec<nexus_ledger::FollowedLeaf>) -> Vec<Work> {
        let (max_events, max_bytes) = self.batch_limits();
        let mut by_log: BTreeMap<Arc<str>, Part> = BTreeMap::new();
        for leaf in leaves {
            let wanted = leaf.seq >= self.next.get(&leaf.origin).copied().unwrap_or(0);
            if !wanted || self.stopped.contains_key(&leaf.origin) {
                continue;
            }
            let empty = Part { position: leaf.position, rows: Vec::new(), unreadable: None };
            let part = by_log.entry(leaf.origin).or_insert(empty);
            if part.unreadable.is_none() {
                match Row::new(leaf.seq, leaf.leaf) {
                    Ok(row) => part.rows.push(row),
                    Err(why) => part.unreadable = Some((leaf.seq, why)),
                }
            }
        }
        let mut all = Vec::with_capacity(by_log.len());
        for (origin, Part { position, rows, unreadable }) in by_log {
            let Some(log) = LogId::parse(&origin) else { continue };
            let mut batches = Vec::new();
            let (mut batch, mut bytes) = (Vec::new(), 0);
            for row in rows {
                if batch.len() >= max_events || (bytes + row.leaf.len() > max_bytes && !batch.is_empty()) {
                    batches.extend(Batch::new(log.clone(), std::mem::take(&mut batch)));
                    bytes = 0;
                }
                bytes += row.leaf.len();
                batch.push(row);
            }
            batches.extend(Batch::new(log.clone(), batch));
            all.push(Work { log, batches, unreadable, position });
        }
        all
    }

    /// Makes the cursors durable. Where that fails, a restart copies again what is in the copy already.
    async fn keep(&self, done: &[Done]) {
        let value = |number: u64| Some(number.to_be_bytes().to_vec());
        let mut owned: Vec<(String, &'static str, Option<Vec<u8>>)> = Vec::with_capacity(done.len() + 1);
        for done in done {
            owned.push((done.log.origin.to_string(), NEXT, value(done.next)));
            owned.push((
                done.log.origin.to_string(),
                POSITION,
                done.stopped.as_ref().and_then(|_| value(done.position)),
            ));
        }
        owned.push((String::new(), POSITION, value(self.from)));
        let (state, name) = (Arc::clone(&self.state), self.backend.name());
        let kept = tokio::task::spawn_blocking(move || {
            let changes: Vec<Change<'_>> =
                owned.iter().map(|(log, key, value)| Change { log, key, value: value.clone() }).collect();
            state.put_all(name, &changes)
        });
        match kept.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(error = &error as &dyn std::error::Error, "the cursors cannot be kept"),
            Err(join) => std::panic::resume_unwind(join.into_panic()),
        }
    }
}

fn read_u64(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}

/// Carries one log's batches, in order, until they are all in the copy or one can never be.
async fn carry(backend: &Arc<dyn NexusBackend>, progress: &Progress, settings: &config::Nexus, work: Work) -> Done {
    let Work { log, batches, unreadable, position } = work;
    let mut next = progress.next(&log.origin);
    for batch in batches {
        progress.waits_since(&log, batch.rows()[0].columns.recorded_at);
        if let Err(error) = retried(&**backend, progress, settings, || {
            let call = part!(
                "copy batch",
                otel.kind = "client",
                nexus.backend = backend.name(),
                nexus.events = batch.rows().len()
            );
            backend.append(&batch).instrument(call)
        })
        .await
        {
            let why = error.to_string();
            tracing::error!(backend = backend.name(), log = %log.origin, %why, "the copy of this log has stopped; see README, \"The copy\"");
            progress.stop(&log, &why);
            return Done { log, next, position, stopped: Some(why) };
        }
        next = batch.end();
        metrics::counter!("nexus_follower_events_total", "backend" => backend.name())
            .increment(batch.rows().len() as u64);
        progress.advance(&log, next);
    }
    let stopped = unreadable.map(|(seq, why)| format!("event {seq} is no event of this version's form: {why}"));
    if let Some(why) = &stopped {
        tracing::error!(backend = backend.name(), log = %log.origin, %why, "the copy of this log has stopped");
        progress.stop(&log, why);
    }
    Done { log, next, position, stopped }
}

/// Calls the backend until it answers `Ok`, or that it never will.
async fn retried<F: Future<Output = Result<(), BackendError>>>(
    backend: &dyn NexusBackend,
    progress: &Progress,
    settings: &config::Nexus,
    call: impl Fn() -> F,
) -> Result<(), BackendError> {
    let (name, timeout) = (backend.name(), Duration::from_millis(settings.call_timeout_ms));
    let mut pause = settings.backoff_first_ms;
    loop {
        let answer = tokio::time::timeout(timeout, call()).await.unwrap_or_else(|_| {
            let what = format!("no answer within {} ms (nexus.call_timeout_ms)", settings.call_timeout_ms);
            Err(BackendError::Transient { what, source: None })
        });
        let error = match answer {
            Ok(()) => {
                if progress.failure().is_some() {
                    progress.failing(None);
                    tracing::info!(backend = name, "the backend takes events again");
                }
                return Ok(());
            }
            Err(error @ (BackendError::Refused { .. } | BackendError::Diverged { .. })) => return Err(error),
            Err(error) => error,
        };
        metrics::counter!("nexus_follower_failures_total", "backend" => name).increment(1);
        let what = error.to_string();
        // One line when it begins or changes, not one for each attempt.
        if progress.failure().as_ref() != Some(&what) {
            tracing::warn!(
                backend = name,
                error = &error as &dyn std::error::Error,
                "the backend does not take events; the copy falls behind"
            );
            progress.failing(Some(what));
        }
        if matches!(error, BackendError::Misconfigured { .. }) {
            pause = settings.backoff_cap_ms;
        }
        tokio::time::sleep(Duration::from_millis(jittered(pause))).await;
        pause = pause.saturating_mul(2).min(settings.backoff_cap_ms);
    }
}

/// A random part of a pause, between half and all of it, so that replicas do not come back in step.
fn jittered(pause_ms: u64) -> u64 {
    let half = pause_ms / 2;
    let random = uuid::Uuid::new_v4().as_u128() as u64;
    half + random % (pause_ms - half + 1)
}
