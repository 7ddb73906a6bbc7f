//! The read-models: what dashboards show, folded from the log as it grows.
//!
//! ```text
//! facts      what one event contributes, from its catalog row      pure
//! rollup     counts and sums per hour, surface, type and outcome   pure
//! days       the sums of days that are over                        pure
//! latest     the newest payload of each latest-key                 pure
//! uploads    assets, their bytes, and uploads under way            pure
//! place      the three of them, of one tenant and environment      pure
//! fold       the same for leaves that come from a copy             pure
//! folder     the thread that follows the segments                  shell
//! snapshot   what is kept of it between starts                     shell
//! ```
//!
//! The fold takes events one by one in the order of the disk and looks at no clock, so however the log is cut into reads, and
//! whenever it is read again, the same rows come out, to the byte. Each place is bounded by [`Caps`]: of names (providers, error
//! codes, …) the first so many are kept apart and the rest is called [`OTHER`]; of hours the newest are kept.
//!
//! A snapshot says which position it reflects. One that is missing, damaged, older than the segments allow or made under other
//! caps or another catalog is thrown away, and the rows are folded anew from the first segment.

mod days;
mod facts;
mod fold;
mod folder;
mod latest;
mod pairs;
mod place;
mod rollup;
mod snapshot;
#[cfg(test)]
mod tests;
mod uploads;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use nexus_model::{Catalog, Env, TenantId};
use tokio::sync::watch;

pub use self::{
    fold::{Folded, LeafFold},
    latest::{LatestRow, LatestRows},
    place::PlaceViews,
    rollup::{Cell, GroupKey, Period, Rollups, Sum, TypeKey},
    snapshot::Restored,
    uploads::{Pending, Uploads},
};
use crate::{Ledger, LedgerError};

/// What the names beyond a cap are called.
pub const OTHER: &str = "other";

/// Seconds of an hour row.
pub const HOUR_SECONDS: i64 = 3600;

/// The bounds on one tenant and environment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Caps {
    /// Hours with events that are kept; beyond it the oldest goes.
    pub hours: usize,
    /// Rows of all kept hours together; beyond it the oldest hours go.
    pub rows: usize,
    /// Names of each kind (providers, models, error codes, …) that are told apart; the rest is [`OTHER`].
    pub names: usize,
    /// Keys of one latest-view; beyond it the one that was silent for longest goes.
    pub latest_keys: usize,
    /// Bytes of payloads of one latest-view; beyond it the same.
    pub latest_bytes: usize,
    /// Bytes of one payload; of a larger one the largest members are left out.
    pub payload_bytes: usize,
    /// Presigned uploads that are waited for; beyond it the oldest is forgotten.
    pub pending_uploads: usize,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            hours: 745,
            rows: 100_000,
            names: 100,
            latest_keys: 1_000,
            latest_bytes: 2 << 20,
            payload_bytes: 64 << 10,
            pending_uploads: 200_000,
        }
    }
}

/// How the read-models are kept.
#[derive(Debug, Clone)]
pub struct ViewsConfig {
    /// The bounds on each tenant and environment.
    pub caps: Caps,
    /// How often what changed is kept on disk: what a start after a crash has to fold again at most.
    pub snapshot_interval: Duration,
}

impl Default for ViewsConfig {
    fn default() -> Self {
        Self { caps: Caps::default(), snapshot_interval: Duration::from_secs(30) }
    }
}

type PlaceKey = (TenantId, Env);

/// What the folder and its readers share.
struct Shared {
    ledger: Ledger,
    catalog: facts::Rows,
    /// Tells the catalog that the rows were folded with.
    fingerprint: String,
    config: ViewsConfig,
    places: RwLock<HashMap<PlaceKey, Arc<Mutex<PlaceViews>>>>,
    /// Everything before this position is in the rows.
    reached: watch::Sender<u64>,
    /// Somebody waits for this position.
    wanted: AtomicU64,
    stopping: AtomicBool,
    unreadable: AtomicU64,
    failure: Mutex<Option<String>>,
}

/// The read-models of one ledger. Cheap to clone; the last clone to go stops the fold.
#[derive(Clone)]
pub struct Views {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    restored: Restored,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Inner {
    fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Release);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            thread.thread().unpark();
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Views {
    /// Takes up what was kept, or nothing, and begins to fold what the ledger has beyond it, in a thread of its own.
    ///
    /// # Errors
    /// When the directory cannot be used, or the thread not be started.
    pub fn open(ledger: &Ledger, catalog: &Catalog, config: ViewsConfig) -> Result<Self, LedgerError> {
        let fingerprint = facts::fingerprint(catalog);
        let kept = snapshot::load(ledger.shared(), &config.caps, &fingerprint)?;
        Self::begin(ledger, catalog, config, fingerprint, kept)
    }

    /// The same, whatever was kept: from the first segment.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn rebuild(ledger: &Ledger, catalog: &Catalog, config: ViewsConfig) -> Result<Self, LedgerError> {
        let fingerprint = facts::fingerprint(catalog);
        let nothing = snapshot::Kept::nothing(Restored::Asked);
        Self::begin(ledger, catalog, config, fingerprint, nothing)
    }

    fn begin(
        ledger: &Ledger,
        catalog: &Catalog,
        config: ViewsConfig,
        fingerprint: String,
        kept: snapshot::Kept,
    ) -> Result<Self, LedgerError> {
        if let Restored::Rebuilt(why) = &kept.how {
            tracing::warn!(why, "the read-models are folded anew from the segments");
        }
        let places = kept.places.into_iter().map(|(key, place)| (key, Arc::new(Mutex::new(place))));
        let shared = Arc::new(Shared {
            ledger: ledger.clone(),
            catalog: facts::Rows::new(catalog),
            fingerprint,
            config,
            places: RwLock::new(places.collect()),
            reached: watch::channel(kept.position).0,
            wanted: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            unreadable: AtomicU64::new(0),
            failure: Mutex::default(),
        });
        let thread = folder::start(Arc::clone(&shared))?;
        Ok(Self { inner: Arc::new(Inner { shared, restored: kept.how, thread: Mutex::new(Some(thread)) }) })
    }

    /// How these began: from what was kept, or from nothing and why.
    #[must_use]
    pub fn restored(&self) -> &Restored {
        &self.inner.restored
    }

    /// Everything before this position is in the rows. See [`Ledger::head`] for where the ledger ends.
    #[must_use]
    pub fn position(&self) -> u64 {
        *self.inner.shared.reached.borrow()
    }

    /// Where the ledger ends now: what to wait for to read one's own writes.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.inner.shared.ledger.shared().read().end
    }

    /// Why the segments cannot be read now, if they cannot.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.inner.shared.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns once everything before `position` is in the rows. Can be dropped and called again.
    pub async fn reached(&self, position: u64) {
        if self.position() < position {
            self.hurry(position);
        }
        let mut reached = self.inner.shared.reached.subscribe();
        if reached.wait_for(|reached| *reached >= position).await.is_err() {
            // The other end lives as long as `self`.
            std::future::pending::<()>().await;
        }
    }

    /// Has the fold gather no more before it goes on.
    fn hurry(&self, position: u64) {
        self.inner.shared.wanted.fetch_max(position, Ordering::AcqRel);
        if let Some(thread) = &*self.inner.thread.lock().unwrap_or_else(PoisonError::into_inner) {
            thread.thread().unpark();
        }
    }

    /// Leaves that were no events of this version's form, since the start.
    #[must_use]
    pub fn unreadable(&self) -> u64 {
        self.inner.shared.unreadable.load(Ordering::Relaxed)
    }

    /// The bounds on each tenant and environment.
    #[must_use]
    pub fn caps(&self) -> &Caps {
        &self.inner.shared.config.caps
    }

    /// Reads the rows of one tenant and environment; empty ones where nothing has happened yet. The fold waits for `read`.
    pub fn read<T>(&self, tenant: &TenantId, env: &Env, read: impl FnOnce(&PlaceViews) -> T) -> T {
        let place = {
            let places = self.inner.shared.places.read().unwrap_or_else(PoisonError::into_inner);
            places.get(&(tenant.clone(), env.clone())).cloned()
        };
        match place {
            Some(place) => read(&lock(&place)),
            None => read(&PlaceViews::default()),
        }
    }

    /// The tenants and environments that have rows.
    #[must_use]
    pub fn places(&self) -> Vec<(TenantId, Env)> {
        let places = self.inner.shared.places.read().unwrap_or_else(PoisonError::into_inner);
        let mut places: Vec<_> = places.keys().cloned().collect();
        places.sort_unstable();
        places
    }

    /// Folds what there is, keeps it, and stops. Reads still work. Blocks for as long as that takes.
    pub fn close(&self) {
        self.inner.stop();
    }
}

fn lock(place: &Mutex<PlaceViews>) -> MutexGuard<'_, PlaceViews> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}
