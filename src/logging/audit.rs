//! What is said of an action: its [`Detail`], and what must happen when it cannot be written down.

use nexus_model::{AssetId, AssetType, EventId, EventSpec, SourceRef};
use serde_json::Value;

/// What a route does to the world, and so what happens to its answer when its event cannot be kept (law 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only reads. Answered even then, counted, and covered by an `audit_gap` event later.
    Reads,
    /// It changes something or hands out a presigned URL. Refused with 503.
    Acts,
}

/// What a route says of one request, beside what the request's context says already. No file names, no object keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Detail {
    /// The event's name, where the route chose it beforehand.
    pub event_id: Option<EventId>,
    /// Another event type than the route's own, for instance a repeat.
    pub spec: Option<&'static EventSpec>,
    /// What was acted on.
    pub asset_id: Option<AssetId>,
    /// What kind of thing that is.
    pub asset_type: Option<AssetType>,
    /// What went in.
    pub input: Value,
    /// What came out.
    pub output: Value,
    /// What it came from.
    pub source_refs: Vec<SourceRef>,
}

impl Detail {
    /// About one asset of raw storage.
    #[must_use]
    pub fn about(asset_id: &AssetId) -> Self {
        Self { asset_id: Some(asset_id.clone()), asset_type: "raw".parse().ok(), ..Self::default() }
    }

    /// With what went in.
    #[must_use]
    pub fn input(mut self, input: Value) -> Self {
        self.input = input;
        self
    }

    /// With what came out.
    #[must_use]
    pub fn output(mut self, output: Value) -> Self {
        self.output = output;
        self
    }
}
