//! Who opted out of training: one small document per tenant and environment in the bucket, changed with `If-Match`.
//!
//! Every event asks before it is kept ([`TrainPrefs::opt_out`]), so the answer is cached, for so short a time that a change is in
//! force everywhere within 5 s. When the document cannot be read the answer is [`OptOut::Unknown`], and nothing is trained on.

pub mod policy;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use moka::{Expiry, future::Cache};
use nexus_model::{Env, TenantId, UserId};
use nexus_redact::OptOut;
use serde::{Deserialize, Serialize};

use crate::raw_storage::{
    key::ObjectKey,
    repository::{Condition, RawStorageRepository, StorageError},
};

/// How long an answer of the bucket is used. With [`READ_TIMEOUT`] it stays under the 5 s that the contract promises.
const FRESH: Duration = Duration::from_secs(4);
/// How long a failure is used: every event of the tenant would wait for the next try.
const FAILED: Duration = Duration::from_secs(1);
/// How long an event waits for the document. Then the answer is unknown.
const READ_TIMEOUT: Duration = Duration::from_millis(500);
/// How often a change is tried against a document that keeps changing.
const CHANGE_ATTEMPTS: usize = 8;
/// The ETag of a document that does not exist yet.
const ABSENT: &str = "\"absent\"";

/// The opt-outs of one tenant and environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prefs {
    /// The whole tenant.
    #[serde(default)]
    pub tenant_opt_out: bool,
    /// Single users.
    #[serde(default)]
    pub users: BTreeSet<UserId>,
}

impl Prefs {
    fn opt_out(&self, user: &UserId) -> OptOut {
        if self.tenant_opt_out || self.users.contains(user) { OptOut::Yes } else { OptOut::No }
    }
}

/// The opt-outs could not be changed or read.
#[derive(Debug, thiserror::Error)]
pub enum PrefsError {
    /// `If-Match` names another state.
    #[error("the preferences have changed since")]
    Changed,
    /// More users than one document may hold.
    #[error("at most {max} users may opt out one by one")]
    Full {
        /// The limit.
        max: usize,
    },
    /// The document is there, but not as it was written.
    #[error("the preferences cannot be read: {0}")]
    Damaged(#[from] serde_json::Error),
    /// The bucket failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

type Place = (TenantId, Env);

/// Reads and changes opt-outs.
pub struct TrainPrefs {
    repository: Arc<dyn RawStorageRepository>,
    /// `None`: it could not be read.
    cache: Cache<Place, Option<Arc<Prefs>>>,
    max_users: usize,
}

struct Lifetime;

impl Expiry<Place, Option<Arc<Prefs>>> for Lifetime {
    fn expire_after_create(&self, _: &Place, value: &Option<Arc<Prefs>>, _: std::time::Instant) -> Option<Duration> {
        Some(if value.is_some() { FRESH } else { FAILED })
    }
}

impl TrainPrefs {
    /// Opt-outs in the bucket of `repository`, cached for at most `max_places` tenants and environments; one may name
    /// `max_users` users.
    #[must_use]
    pub fn new(repository: Arc<dyn RawStorageRepository>, max_places: u64, max_users: usize) -> Self {
        let cache = Cache::builder().max_capacity(max_places).expire_after(Lifetime).build();
        Self { repository, cache, max_users }
    }

    /// Whether `user` or its tenant opted out.
    pub async fn opt_out(&self, tenant: &TenantId, env: &Env, user: &UserId) -> OptOut {
        let place = (tenant.clone(), env.clone());
        let prefs = match self.cache.get(&place).await {
            Some(cached) => cached,
            None => self.cache.get_with(place, self.read_in_time(tenant, env)).await,
        };
        prefs.map_or(OptOut::Unknown, |prefs| prefs.opt_out(user))
    }

    async fn read_in_time(&self, tenant: &TenantId, env: &Env) -> Option<Arc<Prefs>> {
        match tokio::time::timeout(READ_TIMEOUT, self.read(tenant, env)).await {
            Ok(Ok((prefs, _))) => Some(Arc::new(prefs)),
            Ok(Err(error)) => {
                metrics::counter!("nexus_train_prefs_failures_total").increment(1);
                tracing::warn!(%tenant, %env, error = &error as &dyn std::error::Error, "opt-outs cannot be read: train_ok is false");
                None
            }
            Err(_elapsed) => {
                metrics::counter!("nexus_train_prefs_failures_total").increment(1);
                tracing::warn!(%tenant, %env, "opt-outs were not read in time: train_ok is false");
                None
            }
        }
    }

    /// The opt-outs and their ETag, from the bucket.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn read(&self, tenant: &TenantId, env: &Env) -> Result<(Prefs, String), PrefsError> {
        let key = ObjectKey::train_prefs(tenant, env);
        match self.repository.read_document(&key).await? {
            Some(document) => Ok((serde_json::from_slice(&document.bytes)?, document.etag)),
            None => Ok((Prefs::default(), ABSENT.to_owned())),
        }
    }

    /// Changes the opt-outs: their new state and ETag. With `if_match`, only from that state; without, from whatever is there.
    ///
    /// # Errors
    /// `Changed` when `if_match` does not hold; `Full`; when the bucket fails.
    pub async fn change(
        &self,
        tenant: &TenantId,
        env: &Env,
        if_match: Option<&str>,
        change: impl Fn(&mut Prefs) + Send + Sync,
    ) -> Result<(Prefs, String), PrefsError> {
        let key = ObjectKey::train_prefs(tenant, env);
        for _ in 0..CHANGE_ATTEMPTS {
            let (mut prefs, etag) = self.read(tenant, env).await?;
            if if_match.is_some_and(|wanted| !matches(wanted, &etag)) {
                return Err(PrefsError::Changed);
            }
            change(&mut prefs);
            if prefs.users.len() > self.max_users {
                return Err(PrefsError::Full { max: self.max_users });
            }
            let condition = if etag == ABSENT { Condition::Absent } else { Condition::Unchanged(etag) };
            let bytes = serde_json::to_vec(&prefs)?;
            if let Some(etag) = self.repository.write_document(&key, &bytes, &condition).await? {
                self.cache.invalidate(&(tenant.clone(), env.clone())).await;
                return Ok((prefs, etag));
            }
        }
        Err(PrefsError::Changed)
    }
}

/// Whether an `If-Match` header admits `etag` (RFC 9110, section 13.1.1).
fn matches(header: &str, etag: &str) -> bool {
    header.split(',').map(str::trim).any(|wanted| wanted == etag || (wanted == "*" && etag != ABSENT))
}
