//! The event: what is said of one action, before redaction ([`EventDraft`]) and as the ledger keeps it ([`DatasetEvent`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    context::{ActorType, RequestContext},
    id::{AssetId, AssetType, Env, ErrorCode, EventId, EventType, RequestId, Surface, TenantId, TraceId, UserId},
    time::Timestamp,
};

/// Whether the action did what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did.
    #[default]
    Success,
    /// It did not; `error_code` says why.
    Failure,
}

impl Outcome {
    /// The text on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// Something that an event came from, for instance an earlier event or a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceRef {
    /// What kind of thing: `event`, `asset`, `url`, …
    pub kind: String,
    /// Its name. Free text, so it is redacted like any other.
    pub id: String,
}

/// Where and by whom an event was caused. Serialised flat, beside the caller's own extra fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// The trace the action belongs to.
    pub trace_id: TraceId,
    /// The request that carried it.
    pub request_id: RequestId,
    /// What kind of actor caused it.
    pub actor_type: ActorType,
    /// Which of the ids above were made here: `trace_id`, `request_id`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synthesized: Vec<String>,
    /// The token's own subject, where the caller named another user in its event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_subject: Option<UserId>,
    /// Whatever else the caller sent. Keys that name a field above never stand here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Metadata {
    /// The keys that Nexus sets and callers cannot.
    pub const RESERVED: [&'static str; 5] = ["trace_id", "request_id", "actor_type", "synthesized", "auth_subject"];

    /// The metadata that follows from a request alone.
    #[must_use]
    pub fn of(context: &RequestContext) -> Self {
        let mut synthesized = Vec::new();
        if context.synthesized.request_id {
            synthesized.push("request_id".to_owned());
        }
        if context.synthesized.trace_id {
            synthesized.push("trace_id".to_owned());
        }
        Self {
            trace_id: context.trace_id.clone(),
            request_id: context.request_id.clone(),
            actor_type: context.actor_type,
            synthesized,
            auth_subject: None,
            extra: Map::new(),
        }
    }
}

/// What the redactor found in an event, counted by type, and why `train_ok` is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct PiiFlags {
    /// How many findings of each type, for instance `{"email": 2}`.
    pub flags: BTreeMap<String, u64>,
    /// Why the event may or may not be trained on: `clean`, `pii_found`, `opt_out`, `opt_out_unknown`.
    pub policy_reason: String,
}

/// An event before redaction: complete but for what redaction decides. It never reaches the ledger as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct EventDraft {
    /// Its name, unique in its log.
    pub event_id: EventId,
    /// The tenant it belongs to.
    pub tenant_id: TenantId,
    /// The environment it belongs to.
    pub env: Env,
    /// Where it happened.
    pub surface: Surface,
    /// What happened.
    pub event_type: EventType,
    /// Whether it did what was asked.
    pub outcome: Outcome,
    /// Why not, for a failure.
    pub error_code: Option<ErrorCode>,
    /// Who acted.
    pub user_id: UserId,
    /// What kind of thing was acted on.
    pub asset_type: Option<AssetType>,
    /// What was acted on.
    pub asset_id: Option<AssetId>,
    /// What went in. Free JSON.
    pub input: Value,
    /// What came out. Free JSON.
    pub output: Value,
    /// Trace, request, actor and the caller's extra fields.
    pub metadata: Metadata,
    /// What it came from.
    pub source_refs: Vec<SourceRef>,
    /// When it happened, by the caller's clock.
    pub occurred_at: Timestamp,
}

/// An event as the ledger keeps it. Its RFC 8785 bytes are a leaf of its log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetEvent {
    /// Its name, unique in its log.
    pub event_id: EventId,
    /// The tenant it belongs to.
    pub tenant_id: TenantId,
    /// The environment it belongs to.
    pub env: Env,
    /// Where it happened.
    pub surface: Surface,
    /// What happened.
    pub event_type: EventType,
    /// Whether it did what was asked.
    pub outcome: Outcome,
    /// Why not, for a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorCode>,
    /// Who acted.
    pub user_id: UserId,
    /// What kind of thing was acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset_type: Option<AssetType>,
    /// What was acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset_id: Option<AssetId>,
    /// What went in, redacted.
    pub input: Value,
    /// What came out, redacted.
    pub output: Value,
    /// Trace, request, actor and the caller's extra fields, redacted.
    pub metadata: Metadata,
    /// What the redactor found.
    pub pii_flags: PiiFlags,
    /// Whether the event may be used for training.
    pub train_ok: bool,
    /// What it came from, redacted.
    pub source_refs: Vec<SourceRef>,
    /// When it happened, by the caller's clock.
    pub occurred_at: Timestamp,
    /// When Nexus took it.
    pub recorded_at: Timestamp,
}

/// Where an event stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRef {
    /// The log's origin, `{service}/{tenant}/{env}/{writer}`.
    pub log: String,
    /// The zero-based index of its leaf.
    pub seq: u64,
    /// SHA-256(0x00 ‖ leaf), 64 hex digits (RFC 6962, section 2.1).
    pub leaf_hash: String,
}

/// An event with its place, as it is read back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredEvent {
    /// The event.
    #[serde(flatten)]
    pub event: DatasetEvent,
    /// Its place.
    pub ledger: LedgerRef,
}
