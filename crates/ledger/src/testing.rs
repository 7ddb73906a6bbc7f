//! Helpers of this crate's own tests.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use nexus_model::{ActorType, DatasetEvent, EventId, Metadata, Outcome, PiiFlags, Timestamp, TraceId};
use serde_json::json;
use uuid::Uuid;

use crate::{Appended, Ledger, LedgerConfig, LedgerError, Sameness, entry::Prepared};

/// The `n`th event of tenant `t_demo`, environment `dev`.
pub(crate) fn event(n: u64) -> DatasetEvent {
    event_of("t_demo", n)
}

/// The `n`th event of a tenant.
pub(crate) fn event_of(tenant: &str, n: u64) -> DatasetEvent {
    let id = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(n));
    DatasetEvent {
        event_id: EventId::from_uuid(id),
        tenant_id: tenant.parse().unwrap(),
        env: "dev".parse().unwrap(),
        surface: "chat".parse().unwrap(),
        event_type: if n % 10 == 9 { "raw_asset_read" } else { "message_posted" }.parse().unwrap(),
        outcome: if n.is_multiple_of(7) { Outcome::Failure } else { Outcome::Success },
        error_code: None,
        user_id: format!("u_{}", n % 5).parse().unwrap(),
        asset_type: None,
        asset_id: n.is_multiple_of(3).then(|| format!("a_{}", n % 11).parse().unwrap()),
        input: json!({ "n": n }),
        output: json!({}),
        metadata: Metadata {
            trace_id: TraceId::from_uuid(Uuid::from_u128(u128::from(n / 4) + 1)).unwrap(),
            request_id: format!("r-{n}").parse().unwrap(),
            actor_type: ActorType::Human,
            synthesized: Vec::new(),
            auth_subject: None,
            extra: serde_json::Map::new(),
        },
        pii_flags: PiiFlags::default(),
        train_ok: true,
        source_refs: Vec::new(),
        occurred_at: Timestamp::from_micros(1_700_000_000_000_000).unwrap(),
        recorded_at: Timestamp::from_micros(1_700_000_000_000_000 + i64::try_from(n).unwrap() * 1_000).unwrap(),
    }
}

/// The sameness of an event's content.
pub(crate) fn sameness(event: &DatasetEvent) -> Sameness {
    Sameness(crate::tree::leaf_hash(event.input.to_string().as_bytes()))
}

pub(crate) fn prepare(event: &DatasetEvent) -> Result<Prepared, LedgerError> {
    Prepared::new(event, sameness(event), 1 << 20)
}

pub(crate) async fn append(ledger: &Ledger, event: &DatasetEvent) -> Result<Appended, LedgerError> {
    append_all(ledger, std::slice::from_ref(event)).await.pop().unwrap()
}

pub(crate) async fn append_all(ledger: &Ledger, events: &[DatasetEvent]) -> Vec<Result<Appended, LedgerError>> {
    ledger.append_prepared(events.iter().map(prepare).collect()).await
}

/// Small limits, so that segments roll and the index commits within a test.
pub(crate) fn config(dir: &Path) -> LedgerConfig {
    LedgerConfig {
        dir: dir.to_owned(),
        service: "nexus.test".to_owned(),
        segment_bytes: 16 << 10,
        fill_ahead_bytes: 0,
        index_commit_events: 64,
        index_commit_interval: std::time::Duration::from_millis(50),
        recent_events: 256,
        probe_interval: std::time::Duration::from_millis(10),
        probe_bytes: 4096,
        ..LedgerConfig::default()
    }
}

/// Copies a directory, as a killed process would leave it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            // A file that the index removes while it is copied was not needed.
            let _ = std::fs::copy(entry.path(), to);
        }
    }
}
