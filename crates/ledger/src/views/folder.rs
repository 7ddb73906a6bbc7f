//! The thread that follows the segments and folds what comes.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    task::{Context, Poll, Wake, Waker},
    thread::{self, JoinHandle, Thread},
    time::{Duration, Instant},
};

use nexus_model::EventId;
use tokio::sync::watch;

use super::{PlaceKey, Shared, facts::Facts, lock, place::PlaceViews, snapshot};
use crate::{LedgerError, logs::parse_origin, record::Record, shared::chain};

/// Records folded between two looks at whether to stop, and between two announcements of how far the rows are.
const ROUND_RECORDS: usize = 4096;
/// How long what comes is gathered: under load one round then serves many batches. Not while
/// somebody waits.
const GATHER: Duration = Duration::from_millis(2);
/// How long to wait after the segments could not be read.
const RETRY: Duration = Duration::from_secs(1);

/// Where the fold stands.
struct Folder {
    shared: Arc<Shared>,
    /// Everything before this position is in the rows.
    position: u64,
    /// The last record that is.
    last: Option<(u64, EventId)>,
    /// By a log's number.
    logs: Vec<Option<FoldedLog>>,
    kept_at: Instant,
    /// The position that the snapshot reflects.
    kept: u64,
}

/// A log and the rows that its events go to.
#[derive(Clone)]
struct FoldedLog {
    origin: Arc<str>,
    place: Arc<Mutex<PlaceViews>>,
}

pub(super) fn start(shared: Arc<Shared>) -> Result<JoinHandle<()>, LedgerError> {
    let position = *shared.reached.borrow();
    // Subscribed before the first look, so that nothing appended in between is slept over.
    let appended = shared.ledger.appended();
    let folder = Folder { shared, position, last: None, logs: Vec::new(), kept_at: Instant::now(), kept: position };
    let thread = thread::Builder::new().name("ledger-views".to_owned());
    thread.spawn(move || folder.run(appended)).map_err(LedgerError::io("cannot start thread", "ledger-views"))
}

impl Folder {
    fn run(mut self, mut appended: watch::Receiver<u64>) {
        while !self.is_stopping() {
            appended.mark_unchanged();
            let caught_up = self.fold();
            if self.kept_at.elapsed() >= self.shared.config.snapshot_interval {
                self.keep();
            }
            match caught_up {
                Ok(false) => {}
                Ok(true) => self.wait(&mut appended),
                Err(error) => {
                    let why = chain(&error);
                    tracing::error!(error = %why, "the read-models cannot read the segments; tried again");
                    *self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
                    self.pause(RETRY);
                }
            }
        }
        while let Ok(false) = self.fold() {}
        self.keep();
    }

    fn is_stopping(&self) -> bool {
        self.shared.stopping.load(Ordering::Acquire)
    }

    /// Waits for more, for the time to keep what there is, or for the end.
    fn wait(&self, appended: &mut watch::Receiver<u64>) {
        let due = if self.position == self.kept {
            Duration::from_secs(3600)
        } else {
            self.shared.config.snapshot_interval.saturating_sub(self.kept_at.elapsed())
        };
        let until = Instant::now() + due;
        if block_on(appended.changed(), until, || self.is_stopping()).is_some() {
            let wanted = || self.is_stopping() || self.shared.wanted.load(Ordering::Acquire) > self.position;
            block_on(std::future::pending::<()>(), Instant::now() + GATHER, wanted);
        }
    }

    fn pause(&self, time: Duration) {
        block_on(std::future::pending::<()>(), Instant::now() + time, || self.is_stopping());
    }

    /// Folds one round; `true` when there was no more.
    fn fold(&mut self) -> Result<bool, LedgerError> {
        let shared = Arc::clone(&self.shared);
        let ledger = shared.ledger.shared();
        let end = ledger.read().end;
        if end <= self.position {
            return Ok(true);
        }
        let mut left = ROUND_RECORDS;
        let walked = ledger.segments.walk(self.position, end, |record| {
            self.take(record)?;
            left -= 1;
            Ok(left > 0)
        });
        shared.reached.send_replace(self.position);
        if walked.is_ok() {
            shared.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        walked.map(|()| self.position >= end)
    }

    fn take(&mut self, record: &Record<'_>) -> Result<(), LedgerError> {
        if !record.opens_log {
            let FoldedLog { origin, place } = self.log(record)?;
            let mut place = lock(&place);
            // A place may have been kept later than the rest.
            if record.position >= place.position {
                match Facts::read(&self.shared.catalog, record.body) {
                    Ok(facts) => place.add(&origin, record.seq, record.position, facts, &self.shared.config.caps),
                    Err(error) => {
                        if self.shared.unreadable.fetch_add(1, Ordering::Relaxed) == 0 {
                            tracing::error!(log = &*origin, seq = record.seq, %error, "a leaf is no event; left out of the read-models");
                        }
                        place.came(&origin, record.seq, record.position);
                    }
                }
            }
        }
        self.position = record.position + record.bytes() as u64;
        self.last = Some((record.position, record.event_id()));
        Ok(())
    }

    fn log(&mut self, record: &Record<'_>) -> Result<FoldedLog, LedgerError> {
        let number = record.log as usize;
        if let Some(Some(log)) = self.logs.get(number) {
            return Ok(log.clone());
        }
        let ledger = self.shared.ledger.shared();
        let missing = || {
            let what = format!("position {}: no such log", record.position);
            LedgerError::corrupt(ledger.segments.dir(), what)
        };
        let origin = ledger.logs().get(record.log).map(|log| Arc::clone(&log.origin)).ok_or_else(missing)?;
        let parts = parse_origin(&origin).ok_or_else(missing)?;
        let key: PlaceKey = (parts.tenant, parts.env);
        let place = {
            let mut places = self.shared.places.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(places.entry(key).or_default())
        };
        let log = FoldedLog { origin, place };
        if self.logs.len() <= number {
            self.logs.resize(number + 1, None);
        }
        self.logs[number] = Some(log.clone());
        Ok(log)
    }

    /// Keeps what changed. When that fails it is tried again next time; nothing is lost but time after the next start.
    fn keep(&mut self) {
        self.kept_at = Instant::now();
        let Some(last) = self.last.filter(|_| self.position != self.kept) else { return };
        match snapshot::keep(&self.shared, self.position, last) {
            Ok(()) => self.kept = self.position,
            Err(error) => tracing::warn!(error = %chain(&error), "the read-models could not be kept"),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits on this thread for a future, until a time, or until it is to stop.
fn block_on<F: Future>(future: F, until: Instant, stop: impl Fn() -> bool) -> Option<F::Output> {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    while !stop() {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
    None
}
