//! What raw storage holds: assets and their bytes, and the uploads that were presigned and are still waited for.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Where logs of several replicas are folded together: what came before the event that it follows. A log by itself has none.
    #[serde(skip)]
    pub(super) ahead: Option<Ahead>,
}

/// Consequences whose causes stand in another log, and are not read yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ahead {
    /// Assets that were deleted beyond those known to be registered.
    assets: u64,
    /// Their bytes.
    bytes: u64,
    /// Uploads that were registered or given up and not known to be presigned.
    settled: BTreeSet<Uuid>,
}

impl Ahead {
    /// What is left of a registration once the deletions that came before it are made up for.
    fn registered(&mut self, bytes: u64) -> (u64, u64) {
        let (assets, gone) = (self.assets.min(1), self.bytes.min(bytes));
        self.assets -= assets;
        self.bytes -= gone;
        (1 - assets, bytes - gone)
    }

    fn settle(&mut self, asset: Uuid, max: usize) {
        self.settled.insert(asset);
        if self.settled.len() > max {
            self.settled.pop_first();
        }
    }
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
            UploadFact::Presigned { asset, pending } => self.presigned(asset, pending, max_pending),
            UploadFact::Registered { asset, bytes } => {
                let (assets, bytes) = self.ahead.as_mut().map_or((1, bytes), |ahead| ahead.registered(bytes));
                self.registered += 1;
                self.assets += assets;
                self.bytes = self.bytes.saturating_add(bytes);
                if let Some(asset) = asset {
                    self.settled(asset, max_pending);
                }
            }
            UploadFact::Deleted { bytes } => self.deleted(bytes),
            UploadFact::Abandoned { asset } => {
                self.abandoned += 1;
                self.settled(asset, max_pending);
            }
        }
    }

    fn presigned(&mut self, asset: Uuid, pending: Pending, max_pending: usize) {
        if self.ahead.as_mut().is_some_and(|ahead| ahead.settled.remove(&asset)) {
            return;
        }
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

    /// What another replica registered is not in this ledger, and may still be deleted through it.
    fn deleted(&mut self, bytes: u64) {
        self.deleted += 1;
        if let Some(ahead) = &mut self.ahead {
            ahead.assets += u64::from(self.assets == 0);
            ahead.bytes = ahead.bytes.saturating_add(bytes.saturating_sub(self.bytes));
        }
        self.assets = self.assets.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    fn settled(&mut self, asset: Uuid, max_pending: usize) {
        let waited = self.no_longer(asset);
        if let Some(ahead) = self.ahead.as_mut().filter(|_| !waited) {
            ahead.settle(asset, max_pending);
        }
    }

    /// Waits for an upload no longer; whether it did.
    fn no_longer(&mut self, asset: Uuid) -> bool {
        let Some(pending) = self.pending.remove(&asset) else { return false };
        self.pending_bytes = self.pending_bytes.saturating_sub(pending.size_bytes.unwrap_or_default());
        true
    }

    /// How many uploads may still come at this time, and the bytes that they named.
    #[must_use]
    pub fn pending_at(&self, now: Timestamp) -> (u64, u64) {
        let open = self.pending.values().filter(|pending| pending.expires_at > now);
        open.fold((0, 0), |(count, bytes), one| (count + 1, one.size_bytes.unwrap_or_default().saturating_add(bytes)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What happened to an upload, in the order in which it did.
    fn life(asset: u128, bytes: u64, end: u8) -> Vec<UploadFact> {
        let (asset, expires_at) = (Uuid::from_u128(asset), Timestamp::from_micros(1).unwrap());
        let presigned = UploadFact::Presigned { asset, pending: Pending { expires_at, size_bytes: Some(bytes) } };
        let registered = UploadFact::Registered { asset: Some(asset), bytes };
        match end {
            0 => vec![presigned],
            1 => vec![presigned, UploadFact::Abandoned { asset }],
            2 => vec![presigned, registered],
            _ => vec![presigned, registered, UploadFact::Deleted { bytes }],
        }
    }

    fn folded(facts: &[UploadFact]) -> Uploads {
        let mut uploads = Uploads { ahead: Some(Ahead::default()), ..Uploads::default() };
        facts.iter().for_each(|fact| uploads.add(*fact, 100));
        uploads
    }

    proptest! {
        /// Several logs, each behind another by as much as it likes, tell the same story.
        #[test]
        fn what_storage_holds_does_not_depend_on_the_order(
            (straight, mixed) in prop::collection::vec((0u64..1000, 0u8..4), 0..12).prop_flat_map(|lives| {
                let lives = (1..).zip(lives).flat_map(|(asset, (bytes, end))| life(asset, bytes, end));
                let straight: Vec<UploadFact> = lives.collect();
                (Just(straight.clone()), Just(straight).prop_shuffle())
            }),
        ) {
            prop_assert_eq!(folded(&mixed), folded(&straight));
        }
    }
}
