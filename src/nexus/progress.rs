//! How far the copy is: what the follower tells, and what callers, probes and metrics ask.
//!
//! Everything here is memory and short locks; nothing waits for a backend but [`Progress::confirmed`], which is asked to.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use nexus_ledger::Ledger;
use nexus_model::{Env, LedgerRef, TenantId, Timestamp};
use tokio::sync::watch;

/// How far behind the copy may be; beyond any of them appends are refused.
#[derive(Debug, Clone, Copy)]
pub struct LagLimits {
    /// Events.
    pub events: u64,
    /// Bytes of records.
    pub bytes: u64,
    /// Age of the oldest event that the copy lacks. Seconds.
    pub seconds: u64,
}

/// How far behind the copy is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Lag {
    /// Events that the copy lacks.
    pub events: u64,
    /// Bytes of records from the first of them on.
    pub bytes: u64,
    /// Age of the oldest of them. Seconds.
    pub seconds: f64,
}

/// One log that is not followed any further until an operator has looked at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The log's origin.
    pub log: Arc<str>,
    /// Why.
    pub why: String,
}

/// How one log stands.
#[derive(Debug, Clone)]
struct LogProgress {
    /// The seq after the last one that the copy is known to have.
    next: u64,
    /// When the oldest event that the copy lacks was recorded, where it was read already.
    oldest: Option<Timestamp>,
    tenant: TenantId,
    env: Env,
    stopped: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    logs: HashMap<Arc<str>, LogProgress>,
    /// Everything before this position is in the copy, but for stopped logs.
    position: u64,
    failing: Option<String>,
}

/// How far the copy is. Shared by the follower and everybody who asks.
#[derive(Debug)]
pub struct Progress {
    backend: &'static str,
    ledger: Ledger,
    limits: LagLimits,
    state: Mutex<State>,
    /// Changes whenever the copy got further.
    moved: watch::Sender<u64>,
    over_limit: AtomicBool,
}

impl Progress {
    /// Nothing is known to be in the copy yet.
    #[must_use]
    pub fn new(backend: &'static str, ledger: Ledger, limits: LagLimits) -> Self {
        let (moved, _) = watch::channel(0);
        Self { backend, ledger, limits, state: Mutex::default(), moved, over_limit: AtomicBool::new(false) }
    }

    /// The backend's name.
    #[must_use]
    pub fn backend(&self) -> &'static str {
        self.backend
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The copy has the log's events before `next`.
    pub(super) fn advance(&self, log: &super::LogId, next: u64) {
        {
            let mut state = self.state();
            let progress = state.log(log);
            progress.next = progress.next.max(next);
            progress.oldest = None;
        }
        self.moved.send_modify(|moves| *moves += 1);
    }

    /// The log's event after those confirmed was recorded then.
    pub(super) fn waits_since(&self, log: &super::LogId, recorded_at: Timestamp) {
        self.state().log(log).oldest.get_or_insert(recorded_at);
    }

    /// Everything before this position is in the copy, but for stopped logs.
    pub(super) fn reached(&self, position: u64) {
        self.state().position = position;
    }

    /// The log is followed no further.
    pub(super) fn stop(&self, log: &super::LogId, why: &str) {
        self.state().log(log).stopped = Some(why.to_owned());
        metrics::counter!("nexus_follower_stopped_total", "backend" => self.backend).increment(1);
    }

    /// The backend fails now, or works again.
    pub(super) fn failing(&self, why: Option<String>) {
        self.state().failing = why;
    }

    /// Why the backend fails now, if it does.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.state().failing.clone()
    }

    /// The logs that are followed no further.
    #[must_use]
    pub fn stopped(&self) -> Vec<Stopped> {
        let state = self.state();
        let stopped = state
            .logs
            .iter()
            .filter_map(|(log, progress)| progress.stopped.clone().map(|why| Stopped { log: Arc::clone(log), why }));
        stopped.collect()
    }

    /// How many of a log's events the copy is known to have.
    #[must_use]
    pub fn next(&self, log: &str) -> u64 {
        self.state().logs.get(log).map_or(0, |progress| progress.next)
    }

    /// Whether the copy is known to have the event there.
    #[must_use]
    pub fn has(&self, place: &LedgerRef) -> bool {
        self.next(&place.log) > place.seq
    }

    /// How far behind the whole copy is.
    #[must_use]
    pub fn lag(&self, now: Timestamp) -> Lag {
        let (events, end) = self.ledger.head();
        let state = self.state();
        let copied: u64 = state.logs.values().map(|progress| progress.next).sum();
        let events = events.saturating_sub(copied);
        if events == 0 {
            return Lag::default();
        }
        Lag { events, bytes: end.saturating_sub(state.position), seconds: state.age(now, |_| true) }
    }

    /// How far behind the copy of one tenant's environment is. Events and seconds; bytes are not told apart by tenant.
    #[must_use]
    pub fn lag_of(&self, tenant: &TenantId, env: &Env, now: Timestamp) -> Lag {
        let own = |log: &LogProgress| log.tenant == *tenant && log.env == *env;
        let logs = self.ledger.logs_of(tenant, env);
        let state = self.state();
        let events = logs
            .iter()
            .map(|head| head.size.saturating_sub(state.logs.get(&head.origin).map_or(0, |progress| progress.next)));
        let events = events.sum();
        let seconds = if events == 0 { 0.0 } else { state.age(now, own) };
        Lag { events, bytes: 0, seconds }
    }

    /// Looks whether the lag is beyond its limit, and tells the metrics. Called by housekeeping.
    pub fn watch(&self, now: Timestamp) -> Lag {
        let mut lag = self.lag(now);
        if lag.events > 0 && lag.seconds == 0.0 {
            self.look_at_the_oldest();
            lag = self.lag(now);
        }
        let limits = &self.limits;
        let over = lag.events > limits.events || lag.bytes > limits.bytes || lag.seconds > limits.seconds as f64;
        if self.over_limit.swap(over, Ordering::AcqRel) != over {
            let (events, bytes, seconds) = (lag.events, lag.bytes, lag.seconds);
            if over {
                tracing::error!(
                    backend = self.backend,
                    events,
                    bytes,
                    seconds,
                    "the copy is too far behind: appends are refused"
                );
            } else {
                tracing::info!(backend = self.backend, "the copy is within its limits again: appends are taken");
            }
        }
        metrics::gauge!("nexus_follower_lag_events", "backend" => self.backend).set(lag.events as f64);
        metrics::gauge!("nexus_follower_lag_bytes", "backend" => self.backend).set(lag.bytes as f64);
        metrics::gauge!("nexus_follower_lag_seconds", "backend" => self.backend).set(lag.seconds);
        metrics::gauge!("nexus_follower_stopped_logs", "backend" => self.backend).set(self.stopped().len() as f64);
        lag
    }

    /// Finds out how old the oldest event is that the copy lacks, where the follower has not come to read it: a backend that was never
    /// there must not look fresh. One record, read from where the copy ends.
    fn look_at_the_oldest(&self) {
        let position = self.state().position;
        // A ledger that cannot be read is told by the follower.
        let Ok(followed) = self.ledger.records(position, 1, 1) else { return };
        let Some(leaf) = followed.leaves.into_iter().next() else { return };
        let row = super::LogId::parse(&leaf.origin).zip(super::Row::new(leaf.seq, leaf.leaf).ok());
        if let Some((log, row)) = row.filter(|(log, row)| row.seq >= self.next(&log.origin)) {
            self.waits_since(&log, row.columns.recorded_at);
        }
    }

    /// Whether appends are refused because the copy is too far behind.
    #[must_use]
    pub fn is_over_limit(&self) -> bool {
        self.over_limit.load(Ordering::Acquire)
    }

    /// Waits until the copy has the log's events before `next`. `false` when it does not within `patience`, or the log was stopped.
    pub async fn confirmed(&self, log: &str, next: u64, patience: Duration) -> bool {
        let mut moved = self.moved.subscribe();
        let wait = async {
            loop {
                if self.next(log) >= next {
                    return;
                }
                // The other end lives as long as `self`.
                if moved.changed().await.is_err() {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(patience, wait).await;
        self.next(log) >= next
    }
}

impl State {
    fn log(&mut self, log: &super::LogId) -> &mut LogProgress {
        self.logs.entry(Arc::clone(&log.origin)).or_insert_with(|| LogProgress {
            next: 0,
            oldest: None,
            tenant: log.tenant.clone(),
            env: log.env.clone(),
            stopped: None,
        })
    }

    fn age(&self, now: Timestamp, of: impl Fn(&LogProgress) -> bool) -> f64 {
        let oldest = self.logs.values().filter(|log| of(log)).filter_map(|log| log.oldest).min();
        oldest.map_or(0.0, |oldest| now.micros().saturating_sub(oldest.micros()).max(0) as f64 / 1e6)
    }
}
