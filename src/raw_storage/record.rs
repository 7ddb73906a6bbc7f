//! What is kept of an asset: a small JSON object in the bucket, created once.

use nexus_model::{AssetId, Env, EventId, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A registered asset, as callers see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RawAsset {
    /// Its name, made by presign.
    #[schema(value_type = String)]
    pub asset_id: AssetId,
    /// The tenant it belongs to.
    #[schema(value_type = String)]
    pub tenant_id: TenantId,
    /// The environment it belongs to.
    #[schema(value_type = String)]
    pub env: Env,
    /// `s3://bucket/key`
    pub uri: String,
    /// The cleaned file name, the last part of the key.
    pub filename: String,
    /// As the store has it.
    pub content_type: String,
    /// As the store has it. Bytes.
    pub size_bytes: u64,
    /// 64 hex digits; `null` when the store cannot attest one.
    pub sha256: Option<String>,
    /// The entity tag that the object had when it was registered.
    pub etag: String,
    /// The version that was registered; `null` on an unversioned bucket.
    pub version_id: Option<String>,
    /// The caller's own.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Who registered it.
    #[schema(value_type = String)]
    pub created_by: UserId,
}

/// What the caller said of the asset when it registered it; the same again is a repeat, anything else a conflict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Cleaned.
    pub filename: String,
    /// Only when claimed.
    pub content_type: Option<String>,
    /// Only when claimed. Bytes.
    pub size_bytes: Option<u64>,
    /// Only when claimed. 64 hex digits, lower-case.
    pub sha256: Option<String>,
    /// Empty when none was given.
    pub metadata: Map<String, Value>,
}

/// The object at [`ObjectKey::record`](super::key::ObjectKey::record).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)]
pub enum Record {
    /// The asset is there.
    Registered {
        /// The event of the registration that won.
        event_id: EventId,
        /// What its caller claimed.
        claim: Claim,
        /// What callers see.
        asset: RawAsset,
    },
    /// It was deleted; file name and metadata are gone.
    Deleted {
        /// The event of the deletion that won.
        event_id: EventId,
        /// When.
        deleted_at: Timestamp,
        /// By whom.
        deleted_by: UserId,
        /// The event of the registration that it ended, which may not be kept yet.
        #[serde(default)]
        registration: Option<EventId>,
    },
}

impl Record {
    /// The event that made the record what it is.
    #[must_use]
    pub fn event_id(&self) -> EventId {
        match self {
            Self::Registered { event_id, .. } | Self::Deleted { event_id, .. } => *event_id,
        }
    }
}

impl Record {
    /// Whether the effect that this event names took place: the record is as it left it, or was deleted after it.
    #[must_use]
    pub fn stems_from(&self, event: EventId) -> bool {
        match self {
            Self::Registered { event_id, .. } => *event_id == event,
            Self::Deleted { event_id, registration, .. } => *event_id == event || *registration == Some(event),
        }
    }
}

impl Claim {
    /// The names of the fields in which two claims differ.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        [
            ("filename", self.filename != other.filename),
            ("content_type", self.content_type != other.content_type),
            ("size_bytes", self.size_bytes != other.size_bytes),
            ("sha256", self.sha256 != other.sha256),
            ("metadata", self.metadata != other.metadata),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }
}
