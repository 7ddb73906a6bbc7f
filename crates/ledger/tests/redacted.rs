//! The ledger through its public face: a draft is redacted, stored, read back, proved, and checked at rest.
#![allow(clippy::unwrap_used)]

use nexus_ledger::{
    Appended, Entry, Ledger, LedgerConfig, LedgerError, Query, Sameness, note::Checkpoint, tree, verify,
};
use nexus_model::{ActorType, EventDraft, EventId, Metadata, Outcome, Timestamp, TraceId};
use nexus_redact::{OptOut, Policy, Redactor, Stamp};
use serde_json::json;
use uuid::Uuid;

fn entry(id: Uuid, text: &str) -> Entry {
    let now = Timestamp::from_micros(1_760_000_000_000_000).unwrap();
    let draft = EventDraft {
        event_id: EventId::from_uuid(id),
        tenant_id: "t_demo".parse().unwrap(),
        env: "dev".parse().unwrap(),
        surface: "chat".parse().unwrap(),
        event_type: "message_posted".parse().unwrap(),
        outcome: Outcome::Success,
        error_code: None,
        user_id: "u_demo".parse().unwrap(),
        asset_type: None,
        asset_id: None,
        input: json!({ "text": text }),
        output: json!({}),
        metadata: Metadata {
            trace_id: TraceId::from_uuid(id).unwrap(),
            request_id: "r-1".parse().unwrap(),
            actor_type: ActorType::Human,
            synthesized: Vec::new(),
            auth_subject: None,
            extra: serde_json::Map::new(),
        },
        source_refs: Vec::new(),
        occurred_at: now,
    };
    let redactor = Redactor::new(Policy::default()).unwrap();
    let sameness = Sameness(tree::leaf_hash(text.as_bytes()));
    Entry { event: redactor.redact(draft, Stamp { recorded_at: now, opt_out: OptOut::No }), sameness }
}

#[tokio::test]
async fn what_is_stored_is_the_redacted_event_and_it_can_be_proved() {
    let dir = tempfile::tempdir().unwrap();
    let config = LedgerConfig { dir: dir.path().join("ledger"), ..LedgerConfig::default() };
    let ledger = Ledger::open(config.clone()).unwrap();
    ledger.settle_anchors(&[]).unwrap();
    let (tenant, env) = ("t_demo".parse().unwrap(), "dev".parse().unwrap());
    let id = Uuid::now_v7();
    let one = entry(id, "write to jane.doe@example.com");
    let Appended::Accepted(place) = ledger.append(one.clone()).await.unwrap() else { panic!("it is new") };
    assert!(matches!(ledger.append(one.clone()).await, Ok(Appended::Duplicate(again)) if again == place));
    let other = entry(id, "write to john.doe@example.com");
    assert_eq!(other.event, one.event, "redaction makes them alike; the sameness does not");
    assert!(matches!(ledger.append(other).await, Err(LedgerError::Conflict)));

    let page = ledger.query(&tenant, &env, &Query::default()).unwrap();
    assert_eq!((page.items.len(), &page.items[0].ledger, page.next), (1, &place, None));
    assert_eq!(page.items[0].event().unwrap(), *one.event.event());
    assert!(!String::from_utf8_lossy(&page.items[0].leaf).contains("jane"));

    let proof = ledger.inclusion(&tenant, &env, EventId::from_uuid(id)).unwrap().unwrap();
    let keys: Vec<_> = ledger.vkeys().iter().map(|key| key.parse().unwrap()).collect();
    let head = Checkpoint::open(&proof.checkpoint, &keys).unwrap();
    assert!(tree::verify_inclusion(&proof.leaf_hash, proof.seq, proof.tree_size, &head.root, &proof.hashes));
    ledger.close().await;
    let report = verify::verify(&verify::VerifyOptions { keys, ..verify::VerifyOptions::new(&config.dir) }).unwrap();
    assert!(report.holds() && report.logs[0].vouched == 1, "{report:?}");
}
