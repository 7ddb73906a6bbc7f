//! The storage quota of a tenant: what its registered assets and its presigned uploads take together, in all its environments.
//!
//! It is checked before an upload is presigned. What is presigned counts from then on: until its event is in the read-models as a
//! [`Reservation`], afterwards as a pending upload, then as an asset, or no longer once the upload is given up. So requests that run at
//! once cannot pass the quota together. Uploads whose size nobody named beforehand count as nothing until they are registered; their
//! form admits no more than was left when it was signed.
//!
//! A server that has folded less than its ledger has would count too little, so it waits, and refuses when that takes too long.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use nexus_ledger::views::Views;
use nexus_model::{Env, TenantId};
use tokio::time::{Instant, timeout_at};

use crate::config;

/// So many tenants are remembered before those without a reservation are forgotten.
const MAX_IDLE: usize = 1024;

/// Why an upload was not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuotaError {
    /// It would be too much.
    #[error("the tenant may store {max} bytes, and {used} are taken or promised")]
    Exceeded {
        /// The quota. Bytes.
        max: u64,
        /// What is taken. Bytes.
        used: u64,
    },
    /// How much is taken is not known yet.
    #[error("how much the tenant stores is still being counted")]
    Behind,
}

/// All quotas.
#[derive(Debug)]
pub struct Quota {
    config: config::Quota,
    envs: Vec<Env>,
    views: ViewsOf,
    wait: Duration,
    tenants: Mutex<HashMap<TenantId, Promised>>,
}

/// Read-models, which show nothing of themselves.
struct ViewsOf(Views);

impl std::fmt::Debug for ViewsOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Views")
    }
}

/// What is presigned right now.
#[derive(Debug, Default)]
struct Promised {
    /// Bytes of requests whose event is not on disk yet.
    reserved: u64,
    /// The rows must reach this position to have what was reserved before.
    through: u64,
}

/// Bytes that a request in flight has taken; given back when it is dropped, which is after its event is on disk or will never be.
#[derive(Debug)]
pub struct Reservation {
    quota: Arc<Quota>,
    tenant: TenantId,
    bytes: u64,
    /// What was left for one upload. Bytes.
    room: u64,
}

impl Reservation {
    /// What was left for this upload, its own reservation included. Bytes.
    #[must_use]
    pub fn room(&self) -> u64 {
        self.room
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let end = self.quota.views.0.end();
        if let Some(promised) = self.quota.tenants().get_mut(&self.tenant) {
            promised.reserved = promised.reserved.saturating_sub(self.bytes);
            promised.through = promised.through.max(end);
        }
    }
}

impl Quota {
    /// Quotas as configured, over what `views` count in `envs`. A caller waits at most `wait` for them.
    #[must_use]
    pub fn new(config: config::Quota, envs: Vec<Env>, views: Views, wait: Duration) -> Self {
        Self { config, envs, views: ViewsOf(views), wait, tenants: Mutex::default() }
    }

    /// A tenant's quota. Bytes.
    #[must_use]
    pub fn max_of(&self, tenant: &TenantId) -> Option<u64> {
        self.config.tenants.get(tenant).copied().or(self.config.max_bytes)
    }

    /// Takes `size` bytes for an upload, or nothing; `None` where there is no quota.
    ///
    /// # Errors
    /// See [`QuotaError`].
    pub async fn reserve(
        self: &Arc<Self>,
        tenant: &TenantId,
        size: Option<u64>,
    ) -> Result<Option<Reservation>, QuotaError> {
        let Some(max) = self.max_of(tenant) else { return Ok(None) };
        let deadline = Instant::now() + self.wait;
        let mut through = self.views.0.end();
        loop {
            timeout_at(deadline, self.views.0.reached(through)).await.map_err(|_| QuotaError::Behind)?;
            let mut tenants = self.tenants();
            let position = self.views.0.position();
            if tenants.len() > MAX_IDLE {
                tenants.retain(|_, promised| promised.reserved > 0 || promised.through > position);
            }
            let promised = tenants.entry(tenant.clone()).or_default();
            if promised.through > position {
                // A request ended after the wait began; what it reserved is on disk and not in the rows yet.
                through = promised.through;
                continue;
            }
            let used = self.stored(tenant).saturating_add(promised.reserved);
            let bytes = size.unwrap_or_default();
            // An upload takes at least one byte, whether or not it says how many.
            if used.saturating_add(bytes.max(1)) > max {
                return Err(QuotaError::Exceeded { max, used });
            }
            promised.reserved += bytes;
            return Ok(Some(Reservation { quota: Arc::clone(self), tenant: tenant.clone(), bytes, room: max - used }));
        }
    }

    /// Assets and pending uploads in all environments. Bytes.
    fn stored(&self, tenant: &TenantId) -> u64 {
        let of = |env: &Env| {
            let uploads = |place: &nexus_ledger::views::PlaceViews| {
                place.uploads.bytes.saturating_add(place.uploads.pending_bytes)
            };
            self.views.0.read(tenant, env, uploads)
        };
        self.envs.iter().map(of).fold(0, u64::saturating_add)
    }

    fn tenants(&self) -> MutexGuard<'_, HashMap<TenantId, Promised>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
