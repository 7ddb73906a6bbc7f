//! Effects whose request did not live to see the end, settled forward: done again, and their event kept.

use nexus_model::{AssetId, Timestamp, catalog::own};
use serde_json::json;

use super::{
    RawStorageError, RawStorageService,
    intents::{Action, Intent},
    record::RawAsset,
};
use crate::logging::{Detail, Engine};

/// Sweeps in one round.
const SWEEPS_AT_ONCE: usize = 256;

/// What the event of a registration says beside its input.
#[must_use]
pub fn registered(asset: &RawAsset) -> Detail {
    Detail::about(&asset.asset_id).output(json!({
        "size_bytes": asset.size_bytes, "content_type": essence(&asset.content_type), "sha256": asset.sha256,
        "versioned": asset.version_id.is_some(),
    }))
}

/// A content type without its parameters, in which browsers and mail clients put the file's name.
#[must_use]
pub fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim_end()
}

/// What the event of a deletion says.
#[must_use]
pub fn deleted(asset_id: &AssetId, size_bytes: u64) -> Detail {
    Detail::about(asset_id).output(json!({ "size_bytes": size_bytes }))
}

impl RawStorageService {
    /// Settles every intent that no running request takes care of. One that cannot be settled now is left for the next time.
    pub async fn settle(&self, engine: &Engine) {
        let intents = match self.intents.abandoned() {
            Ok(intents) => intents,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "intents cannot be settled");
                return;
            }
        };
        for intent in intents {
            let event_id = intent.event_id;
            match self.settle_one(engine, &intent).await {
                Ok(happened) => tracing::info!(%event_id, happened, "an interrupted effect was settled"),
                Err(error) => {
                    metrics::counter!("nexus_settle_failures_total").increment(1);
                    tracing::warn!(%event_id, error = &*error, "an interrupted effect cannot be settled yet");
                }
            }
        }
    }

    async fn settle_one(
        &self,
        engine: &Engine,
        intent: &Intent,
    ) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        let happened = match self.carry_out(intent).await {
            Ok(happened) => happened,
            // Its record is gone, so there is nothing left to delete.
            Err(RawStorageError::Unknown) => false,
            Err(error) => return Err(error.into()),
        };
        if happened {
            let (spec, mut detail) = match &intent.action {
                Action::Register { asset, .. } => (&own::RAW_ASSET_REGISTERED, registered(asset)),
                Action::Delete { size_bytes, .. } => (&own::RAW_ASSET_DELETED, deleted(&intent.asset_id, *size_bytes)),
            };
            detail.event_id = Some(intent.event_id);
            engine.record(&intent.context, spec, None, detail).await?;
        }
        self.intents.done(intent.event_id, intent.sweep().filter(|_| happened)).await?;
        Ok(happened)
    }

    /// Removes what forms that outlived their assets may have put there, where their time has come at `now`. What cannot be removed
    /// now is left for the next time.
    pub async fn sweep_due(&self, now: Timestamp) {
        let due = match self.intents.due(now, SWEEPS_AT_ONCE) {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "sweeps cannot be made");
                return;
            }
        };
        for sweep in due {
            if let Err(error) = self.sweep(&sweep).await {
                metrics::counter!("nexus_settle_failures_total").increment(1);
                let (event_id, error) = (sweep.event_id, &error as &dyn std::error::Error);
                tracing::warn!(%event_id, error, "what was uploaded after a deletion cannot be removed yet");
                break;
            }
        }
    }
}
