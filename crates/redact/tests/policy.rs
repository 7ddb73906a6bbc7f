//! What the policy says is what is done, per type and per tenant; what cannot work is refused at start.
#![allow(clippy::unwrap_used)]

use nexus_model::TenantId;
use nexus_redact::{Policy, RedactError, Redactor};
use serde_json::{Value, json};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn policy(value: Value) -> Policy {
    serde_json::from_value(value).unwrap()
}

fn redact(policy: &Policy, tenant: &str, text: &str) -> String {
    let tenant: TenantId = tenant.parse().unwrap();
    let (value, _) = Redactor::new(policy.clone()).unwrap().redact_value(Some(&tenant), json!(text));
    value.as_str().unwrap().to_owned()
}

#[test]
fn each_action_does_what_it_says_and_settles() {
    let policy = policy(json!({
        "types": {"payment_card": {"action": "mask"}, "email": {"action": "hash"}, "ip_address": {"action": "keep", "train_ok": true}}, "hash_key": KEY
    }));
    let out = redact(&policy, "t_a", "4111 1111 1111 1111, jane@example.com, 10.0.0.1");
    assert!(
        out.starts_with("[redacted:payment_card:****1111], [redacted:email:") && out.ends_with(", 10.0.0.1"),
        "{out}"
    );
    assert_eq!(redact(&policy, "t_a", &out), out);
}

#[test]
fn hashes_join_inside_a_tenant_and_nowhere_else() {
    let policy = policy(json!({"types": {"email": {"action": "hash"}}, "hash_key": KEY}));
    let a = redact(&policy, "t_a", "jane@example.com");
    assert_eq!(a, redact(&policy, "t_a", "Jane@Example.COM"));
    assert_ne!(a, redact(&policy, "t_a", "john@example.com"));
    assert_ne!(a, redact(&policy, "t_b", "jane@example.com"));
    // Without a tenant there is no key to hash under.
    let (general, _) = Redactor::new(policy).unwrap().redact_value(None, json!("jane@example.com"));
    assert_eq!(general, "[redacted:email]");
}

#[test]
fn tenants_differ_and_lists_add_up() {
    let policy = policy(json!({
        "allow": {"values": ["support@example.org"], "email_domains": ["example.com"], "keys": ["name"]},
        "tenants": {"t_a": {"types": {"phone": {"action": "keep"}}, "key_hints": {"person_name": ["nick.name", "handle"]}}},
    }));
    let redactor = Redactor::new(policy.clone()).unwrap();
    assert_eq!(redact(&policy, "t_a", "call +44 20 7946 0958"), "call +44 20 7946 0958");
    assert_eq!(redact(&policy, "t_b", "call +44 20 7946 0958"), "call [redacted:phone]");
    assert_eq!(
        redact(&policy, "t_b", "Support@Example.org, a@mail.example.com, b@example.net"),
        "Support@Example.org, a@mail.example.com, [redacted:email]"
    );
    let tenant: TenantId = "t_a".parse().unwrap();
    let (value, _) = redactor.redact_value(Some(&tenant), json!({"handle": "octopus", "name": "Jane Doe"}));
    assert_eq!(value, json!({"handle": "[redacted:person_name]", "name": "Jane Doe"}));
}

#[test]
fn limits_close_and_never_keep() {
    let policy = policy(json!({"limits": {"depth": 2, "findings": 2, "encodings": 1}}));
    let redactor = Redactor::new(policy).unwrap();
    let (deep, _) = redactor.redact_value(None, json!([[["jane@example.com"]]]));
    assert_eq!(deep, json!([["[redacted:unscannable]"]]));
    let (many, findings) = redactor.redact_value(None, json!(["a@b.co", "c@d.co", "hello e@f.co"]));
    assert_eq!(many, json!(["[redacted:email]", "[redacted:email]", "[redacted:unscannable]"]));
    assert_eq!(findings.len(), 3);
    let (layers, _) = redactor.redact_value(None, json!("jane%2540example.com"));
    assert_eq!(layers, "[redacted:unscannable]");
}

/// A long key is in the pointer of everything below it, so a small body could ask for an answer of any size.
#[test]
fn a_dry_run_names_no_more_than_its_limit() {
    let redactor = Redactor::new(policy(json!({"limits": {"pointers": 1024}}))).unwrap();
    let tree = |key: usize| json!({"k".repeat(key): vec!["a@b.co"; 8]});
    let (few, findings) = redactor.dry_run(None, tree(100)).unwrap();
    assert_eq!((few, findings.clone()), redactor.redact_value(None, tree(100)));
    assert_eq!(findings.len(), 8);
    let refused = redactor.dry_run(None, tree(128)).unwrap_err();
    assert_eq!(refused, RedactError::Pointers { max: 1024 });
    assert_eq!(redactor.strip(None, tree(128)), redactor.redact_value(None, tree(128)).0);
}

#[test]
fn what_cannot_work_is_refused_with_its_name() {
    let cases = [
        (json!({"types": {"email": {"action": "hash"}}}), "types.email.action"),
        (json!({"hash_key": "00ff"}), "hash_key"),
        (json!({"limits": {"depth": 0}}), "limits.depth"),
        (json!({"key_hints": {"phone": ["???"]}}), "key_hints.phone"),
        (json!({"allow": {"values": [""]}}), "allow.values"),
        (json!({"tenants": {"t_x": {"types": {"phone": {"action": "hash"}}}}}), "tenant t_x"),
    ];
    for (value, named) in cases {
        let error: RedactError = Redactor::new(policy(value)).unwrap_err();
        assert!(error.to_string().contains(named), "{error}");
    }
    for unknown in [json!({"typos": {}}), json!({"types": {"emial": {}}}), json!({"tenants": {"nobody": {}}})] {
        assert!(serde_json::from_value::<Policy>(unknown).is_err());
    }
}
