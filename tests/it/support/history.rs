//! Events of the past: appended to a stopped data directory through the ledger's own crate, since over HTTP the server's clock decides
//! when an event was recorded, and nobody but Nexus may post its own event types.

use std::path::Path;

use nexus_ledger::{Entry, Ledger, LedgerConfig, Sameness};
use nexus_model::{ActorType, EventDraft, EventId, Metadata, Outcome, Timestamp, TraceId};
use nexus_redact::{OptOut, Policy, Redactor, Stamp};
use serde_json::Value;
use uuid::Uuid;

/// An event in the making, of tenant `t_own` in `dev` unless it says otherwise.
#[derive(Clone)]
pub(crate) struct Past {
    pub(crate) tenant: &'static str,
    pub(crate) surface: String,
    pub(crate) event_type: String,
    pub(crate) error_code: Option<String>,
    pub(crate) asset_id: Option<String>,
    pub(crate) input: Value,
    pub(crate) output: Value,
    pub(crate) at: Timestamp,
}

impl Past {
    /// A success.
    pub(crate) fn new(surface: &str, event_type: &str, input: Value, at: Timestamp) -> Self {
        Self {
            tenant: "t_own",
            surface: surface.to_owned(),
            event_type: event_type.to_owned(),
            error_code: None,
            asset_id: None,
            input,
            output: Value::Object(serde_json::Map::new()),
            at,
        }
    }

    fn entry(&self, redactor: &Redactor) -> Entry {
        let id = Uuid::now_v7();
        let draft = EventDraft {
            event_id: EventId::from_uuid(id),
            tenant_id: self.tenant.parse().unwrap(),
            env: "dev".parse().unwrap(),
            surface: self.surface.parse().unwrap(),
            event_type: self.event_type.parse().unwrap(),
            outcome: if self.error_code.is_some() { Outcome::Failure } else { Outcome::Success },
            error_code: self.error_code.as_deref().map(|code| code.parse().unwrap()),
            user_id: "u_past".parse().unwrap(),
            asset_type: None,
            asset_id: self.asset_id.as_deref().map(|id| id.parse().unwrap()),
            input: self.input.clone(),
            output: self.output.clone(),
            metadata: Metadata {
                trace_id: TraceId::from_uuid(id).unwrap(),
                request_id: "r-past".parse().unwrap(),
                actor_type: ActorType::Human,
                synthesized: Vec::new(),
                auth_subject: None,
                extra: serde_json::Map::new(),
            },
            source_refs: Vec::new(),
            occurred_at: self.at,
        };
        let event = redactor.redact(draft, Stamp { recorded_at: self.at, opt_out: OptOut::No });
        Entry { event, sameness: Sameness([7; 32]) }
    }
}

/// Appends events to the ledger of a data directory that no server has open; makes it where there is none.
pub(crate) async fn append(data_dir: &Path, events: &[Past]) {
    let dir = data_dir.join("ledger");
    let config = LedgerConfig { dir, service: "nexus".to_owned(), ..LedgerConfig::default() };
    let ledger = Ledger::open(config).unwrap();
    ledger.settle_anchors(&[]).unwrap();
    let redactor = Redactor::new(Policy::default()).unwrap();
    for batch in events.chunks(500) {
        let entries = batch.iter().map(|event| event.entry(&redactor)).collect();
        for answer in ledger.append_batch(entries).await {
            answer.unwrap();
        }
    }
    ledger.close().await;
}

/// So many hours ago.
pub(crate) fn hours_ago(hours: i64) -> Timestamp {
    nexus::clock::now().plus_micros(-hours * 3_600_000_000)
}
