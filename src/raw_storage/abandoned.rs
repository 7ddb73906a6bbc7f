//! Uploads that were presigned and never registered: once their form has expired and a grace is over, each becomes one
//! `raw_asset_abandoned` event. Its id follows from the asset's, so however often it is told, also after a restart, it is told once.
//!
//! What is waited for is known from the read-models. An asset that another replica registered is in the bucket and not in this ledger,
//! so its record is looked for first.

use std::time::Duration;

use nexus_ledger::views::{Pending, PlaceViews, Views};
use nexus_model::{AssetId, Env, EventId, TenantId, Timestamp, catalog::own};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::RawStorageService;
use crate::logging::{Detail, Engine};

/// Uploads of one tenant and environment looked at in one round.
const ROUND: usize = 256;
/// How long a round waits for the read-models; when they are behind, the next one looks again.
const PATIENCE: Duration = Duration::from_secs(1);
/// Assets that are known to be registered elsewhere; beyond it they are looked for again.
const MAX_ELSEWHERE: usize = 100_000;

impl RawStorageService {
    /// Tells of every upload that is given up at `now`.
    pub async fn abandon(&self, views: &Views, engine: &Engine, now: Timestamp) {
        // An upload whose registration is not folded yet would look as if it had none.
        if tokio::time::timeout(PATIENCE, views.reached(views.end())).await.is_err() {
            return;
        }
        let before = now.plus_micros(-self.abandon_grace_micros);
        for (tenant, env) in views.places() {
            let due = views.read(&tenant, &env, |place| self.due(place, before));
            for (asset, pending) in due {
                if let Err(error) = self.abandon_one(engine, (&tenant, &env), asset, pending).await {
                    metrics::counter!("nexus_abandon_failures_total").increment(1);
                    tracing::warn!(%tenant, %env, error = &*error, "an abandoned upload cannot be told of yet");
                    break;
                }
            }
        }
    }

    /// The oldest uploads that expired before `before`. They stand in the order in which they were made, and so, but for a change of
    /// the expiry, in that in which they expire.
    fn due(&self, place: &PlaceViews, before: Timestamp) -> Vec<(Uuid, Pending)> {
        let elsewhere = self.elsewhere();
        let expired = place.uploads.pending.iter().take_while(|(_, pending)| pending.expires_at < before);
        let expired = expired.filter(|(asset, _)| !elsewhere.contains(*asset));
        expired.take(ROUND).map(|(asset, pending)| (*asset, *pending)).collect()
    }

    async fn abandon_one(
        &self,
        engine: &Engine,
        (tenant, env): (&TenantId, &Env),
        asset: Uuid,
        pending: Pending,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let asset_id = AssetId::from_uuid(asset);
        if self.has_record(tenant, env, &asset_id).await? {
            let mut elsewhere = self.elsewhere();
            if elsewhere.len() >= MAX_ELSEWHERE {
                elsewhere.clear();
            }
            elsewhere.insert(asset);
            return Ok(());
        }
        let mut detail = Detail::about(&asset_id)
            .input(json!({ "expires_at": pending.expires_at, "size_bytes": pending.size_bytes }));
        detail.event_id = Some(event_of(tenant, env, asset));
        engine.record_own(tenant.clone(), env.clone(), &own::RAW_ASSET_ABANDONED, None, detail).await?;
        Ok(())
    }
}

/// The one event that an upload's end can have (RFC 9562, section 5.8).
fn event_of(tenant: &TenantId, env: &Env, asset: Uuid) -> EventId {
    let mut hash = Sha256::new();
    hash.update(format!("nexus abandoned upload\n{tenant}\n{env}\n{asset}"));
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    EventId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
