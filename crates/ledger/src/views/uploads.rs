//! What raw storage holds: assets and their bytes, and the uploads that were presigned and are still waited for.

use std::collections::BTreeMap;

use nexus_model::{Timestamp, catalog::own};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::pairs;

/// A presigned upload that nobody has registered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// When its form is no longer taken.
    pub expires_at: Timestamp,
    /// The exact size, where its caller named one. Bytes.
    pub size_bytes: Option<u64>,
}

/// Raw storage as the log tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uploads {
    /// Registered and not deleted.
    pub assets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Registered so far.
    pub registered: u64,
    /// Deleted so far.
    pub deleted: u64,
    /// Uploads that were given up so far.
    pub abandoned: u64,
    /// Uploads that were forgotten while they were waited for, because too many were.
    pub forgotten: u64,
    /// The bytes that those in `pending` named beforehand.
    pub pending_bytes: u64,
    /// Presigned and neither registered nor given up, by asset. Their ids begin with the time they were made.
    #[serde(with = "pairs")]
    pub pending: BTreeMap<Uuid, Pending>,
}

/// What an event says of uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UploadFact {
    Presigned { asset: Uuid, pending: Pending },
    Registered { asset: Option<Uuid>, bytes: u64 },
    Deleted { bytes: u64 },
    Abandoned { asset: Uuid },
}

impl UploadFact {
    /// Which members of `output` it is read from.
    pub(super) fn wants(event_type: &str) -> &'static [&'static str] {
        if event_type == own::RAW_ASSET_PRESIGNED.event_type {
            &["expires_at"]
        } else if event_type == own::RAW_ASSET_REGISTERED.event_type || event_type == own::RAW_ASSET_DELETED.event_type
        {
            &["size_bytes"]
        } else {
            &[]
        }
    }

    /// Whether events of this type say anything of uploads.
    pub(super) fn is_about(event_type: &str) -> bool {
        !Self::wants(event_type).is_empty() || event_type == own::RAW_ASSET_ABANDONED.event_type
    }

    /// What a success says.
    pub(super) fn of(event_type: &str, asset_id: Option<&str>, input: &Value, output: &Value) -> Option<Self> {
        let asset = asset_id.and_then(|id| Uuid::try_parse(id).ok());
        let bytes = || output.get("size_bytes").and_then(Value::as_u64).unwrap_or_default();
        if event_type == own::RAW_ASSET_PRESIGNED.event_type {
            let expires_at = output.get("expires_at")?.as_str()?.parse().ok()?;
            let size_bytes = input.get("size_bytes").and_then(Value::as_u64);
            Some(Self::Presigned { asset: asset?, pending: Pending { expires_at, size_bytes } })
        } else if event_type == own::RAW_ASSET_REGISTERED.event_type {
            Some(Self::Registered { asset, bytes: bytes() })
        } else if event_type == own::RAW_ASSET_DELETED.event_type {
            Some(Self::Deleted { bytes: bytes() })
        } else if event_type == own::RAW_ASSET_ABANDONED.event_type {
            Some(Self::Abandoned { asset: asset? })
        } else {
            None
        }
    }
}

impl Uploads {
    pub(super) fn add(&mut self, fact: UploadFact, max_pending: usize) {
        match fact {
            UploadFact::Presigned { asset, pending } => {
                self.no_longer(asset);
                self.pending_bytes = self.pending_bytes.saturating_add(pending.size_bytes.unwrap_or_default());
                self.pending.insert(asset, pending);
                if self.pending.len() > max_pending
                    && let Some(oldest) = self.pending.keys().next().copied()
                {
                    self.no_longer(oldest);
                    self.forgotten += 1;
                }
            }
            UploadFact::Registered { asset, bytes } => {
                self.registered += 1;
                self.assets += 1;
                self.bytes = self.bytes.saturating_add(bytes);
                if let Some(asset) = asset {
                    self.no_longer(asset);
                }
            }
            UploadFact::Deleted { bytes } => {
                // What another replica registered is not in this ledger, and may still be deleted through it.
                self.deleted += 1;
                self.assets = self.assets.saturating_sub(1);
                self.bytes = self.bytes.saturating_sub(bytes);
            }
            UploadFact::Abandoned { asset } => {
                self.abandoned += 1;
                self.no_longer(asset);
            }
        }
    }

    /// Waits for an upload no longer.
    fn no_longer(&mut self, asset: Uuid) {
        let named = self.pending.remove(&asset).and_then(|pending| pending.size_bytes);
        self.pending_bytes = self.pending_bytes.saturating_sub(named.unwrap_or_default());
    }

    /// How many uploads may still come at this time, and the bytes that they named.
    #[must_use]
    pub fn pending_at(&self, now: Timestamp) -> (u64, u64) {
        let open = self.pending.values().filter(|pending| pending.expires_at > now);
        open.fold((0, 0), |(count, bytes), one| (count + 1, one.size_bytes.unwrap_or_default().saturating_add(bytes)))
    }
}
