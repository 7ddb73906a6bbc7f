//! Given a draft, when it is redacted, then only the harmless part of it is left.
#![allow(clippy::unwrap_used)]

use nexus_model::{ActorType, EventDraft, Metadata, Outcome, SourceRef, TenantId, Timestamp};
use nexus_redact::{OptOut, Policy, Redacted, Redactor, Stamp};
use serde_json::{Value, json};

fn draft(input: Value) -> EventDraft {
    EventDraft {
        event_id: "0189d2a4-b5c6-7890-abcd-ef0123456789".parse().unwrap(),
        tenant_id: "t_demo".parse().unwrap(),
        env: "dev".parse().unwrap(),
        surface: "chat".parse().unwrap(),
        event_type: "message_posted".parse().unwrap(),
        outcome: Outcome::Success,
        error_code: None,
        user_id: "u_demo".parse().unwrap(),
        asset_type: None,
        asset_id: None,
        input,
        output: Value::Null,
        metadata: Metadata {
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap(),
            request_id: "r1".parse().unwrap(),
            actor_type: ActorType::Human,
            synthesized: Vec::new(),
            auth_subject: None,
            extra: serde_json::Map::new(),
        },
        source_refs: Vec::new(),
        occurred_at: Timestamp::from_micros(0).unwrap(),
    }
}

fn redact(draft: EventDraft, opt_out: OptOut) -> Redacted {
    let stamp = Stamp { recorded_at: Timestamp::from_micros(1).unwrap(), opt_out };
    Redactor::new(Policy::default()).unwrap().redact(draft, stamp)
}

#[test]
fn every_free_part_is_redacted_and_counted() {
    let mut given = draft(json!({"text": "write to jane.doe@example.com or 10.20.30.40"}));
    given.output = json!({"card": 4_111_111_111_111_111_u64, "jane.doe@example.com": 1});
    given.metadata.extra = json!({"client": "+1 415 555 2671"}).as_object().unwrap().clone();
    given.source_refs = vec![SourceRef { kind: "mail".into(), id: "jane.doe@example.com".into() }];
    let event = redact(given, OptOut::No).into_event();
    assert_eq!(event.input, json!({"text": "write to [redacted:email] or [redacted:ip_address]"}));
    assert_eq!(event.output, json!({"card": "[redacted:payment_card]", "[redacted:email]": 1}));
    assert_eq!(event.metadata.extra["client"], "[redacted:phone]");
    assert_eq!(event.source_refs[0].id, "[redacted:email]");
    let flags = serde_json::to_value(&event.pii_flags.flags).unwrap();
    assert_eq!(flags, json!({"email": 3, "ip_address": 1, "payment_card": 1, "phone": 1}));
    assert_eq!((event.pii_flags.policy_reason.as_str(), event.train_ok), ("pii_found", false));
}

#[test]
fn training_needs_a_clean_event_and_a_known_consent() {
    let cases =
        [(OptOut::No, "clean", true), (OptOut::Yes, "opt_out", false), (OptOut::Unknown, "opt_out_unknown", false)];
    for (opt_out, reason, train_ok) in cases {
        let redacted = redact(draft(json!({"text": "hello", "duration_ms": 1_700_000_000_000_u64})), opt_out);
        assert_eq!(redacted.event().pii_flags.policy_reason, reason);
        assert_eq!(redacted.event().train_ok, train_ok);
        assert!(redacted.event().pii_flags.flags.is_empty());
    }
}

#[test]
fn caller_chosen_tokens_are_judged() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    assert!(redactor.is_clean("0189d2a4-b5c6-7890-abcd-ef0123456789"));
    assert!(!redactor.is_clean("jane.doe@example.com"));
    let tenant: TenantId = "t_demo".parse().unwrap();
    let (value, findings) = redactor.redact_value(Some(&tenant), json!({"a/b": ["x", "me: a.b@example.org"]}));
    assert_eq!(value, json!({"a/b": ["x", "me: [redacted:email]"]}));
    assert_eq!((&*findings[0].pointer, findings[0].start, findings[0].end), ("/a~1b/1", 4, 19));
}
