//! The catalog as its users see it: names, faults, what read-models take, what configuration may add.

#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;

use nexus_model::{
    Catalog, CatalogError, DatasetEvent, Decimal, Kind, Outcome,
    catalog::{Amount, EventSpec, Fault, MAX_FAULTS, Row, SurfaceConfig, Unknown, is_read, own},
};
use serde_json::{Value, json};

fn row<'c>(catalog: &'c Catalog, surface: &str, event_type: &str) -> &'c Row {
    catalog.find(&surface.parse().unwrap(), &event_type.parse().unwrap()).unwrap()
}

fn check(event_type: (&str, &str), outcome: Outcome, input: &Value) -> Vec<(String, &'static str)> {
    let faults = row(Catalog::builtin(), event_type.0, event_type.1).check(outcome, input);
    faults.into_iter().map(|Fault { pointer, code, .. }| (pointer, code)).collect()
}

fn with(surface: Value) -> Result<Catalog, CatalogError> {
    let surface: SurfaceConfig = serde_json::from_value(surface).unwrap();
    Catalog::with(vec![surface])
}

#[test]
fn event_types_are_named_by_the_rule_and_stand_once() {
    let irregular = ["read", "set", "taken"];
    let mut seen = BTreeSet::new();
    for row in Catalog::builtin().rows() {
        let name = row.event_type.as_str();
        let (noun, participle) = name.rsplit_once('_').unwrap();
        // `audit_gap` is the one name that is a thing and not an action.
        let is_participle = participle.ends_with("ed") || irregular.contains(&participle) || name == "audit_gap";
        assert!(!noun.is_empty() && is_participle, "{name}");
        assert!(seen.insert(name), "{name} stands twice");
        assert_eq!(row.kind() == Kind::Read, is_read(name));
    }
}

#[test]
fn everything_the_contract_names_is_there() {
    let named = include_str!("golden/named.txt").lines().map(|line| line.split_once('.').unwrap());
    let missing: Vec<_> = named
        .filter(|(surface, name)| Catalog::builtin().find(&surface.parse().unwrap(), &name.parse().unwrap()).is_err())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_nexus_emits_has_a_row_that_callers_may_not_post() {
    let find = |spec: &EventSpec| Catalog::builtin().find(&spec.surface_id(), &spec.event_type_id()).unwrap();
    for spec in own::ALL {
        let row = find(spec);
        assert!(row.emitted_by_nexus && row.open_input && row.kind() == spec.kind, "{spec:?}");
    }
    assert_eq!(own::ALL.len(), Catalog::builtin().rows().filter(|row| row.emitted_by_nexus).count());
    assert!(!find(&own::DASHBOARD_VIEWED).emitted_by_nexus);
    assert_eq!(find(&own::DASHBOARD_VIEWED).kind(), own::DASHBOARD_VIEWED.kind);
}

#[test]
fn an_unknown_surface_is_told_from_an_unknown_event_type() {
    let find = |surface: &str, name: &str| Catalog::builtin().find(&surface.parse().unwrap(), &name.parse().unwrap());
    assert_eq!(find("billing", "usage_recorded").unwrap_err(), Unknown::Surface);
    assert_eq!(find("kpi", "usage_recorded").unwrap_err(), Unknown::EventType);
    assert_eq!(Unknown::Surface.fault().pointer, "/surface");
    assert_eq!(Unknown::EventType.fault().pointer, "/event_type");
}

#[test]
fn every_fault_is_told_at_once() {
    let input = json!({
        "provider": "", "cost": 0.3, "tokens_input": -1, "tokens_output": "7", "currency": "usd",
        "a/b~c": 1, "extra": [], "duration_ms": 1.5,
    });
    let faults: BTreeSet<_> = check(("budget", "usage_recorded"), Outcome::Success, &input).into_iter().collect();
    let expected = [
        ("/input/provider", "range"),
        ("/input/cost", "type"),
        ("/input/tokens_input", "range"),
        ("/input/tokens_output", "type"),
        ("/input/currency", "format"),
        ("/input/a~1b~0c", "unknown"),
        ("/input/extra", "type"),
        ("/input/duration_ms", "type"),
    ];
    assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code)).into());
    let missing = check(("budget", "usage_recorded"), Outcome::Success, &json!({ "cost": null }));
    let names = ["/input/provider", "/input/cost", "/input/currency"];
    assert_eq!(missing, names.map(|pointer| (pointer.to_owned(), "required")));
    let list = json!({ "disable_providers": ["a", 1, ""], "disabled_actions": "all" });
    assert_eq!(
        check(("kill_switch", "kill_switch_updated"), Outcome::Success, &list),
        [
            ("/input/disable_providers/1", "type"),
            ("/input/disable_providers/2", "range"),
            ("/input/disabled_actions", "type")
        ]
        .map(|(pointer, code)| (pointer.to_owned(), code))
    );
    assert_eq!(check(("kpi", "kpi_read"), Outcome::Success, &json!([])), [("/input".to_owned(), "type")]);
    assert_eq!(check(("kpi", "kpi_read"), Outcome::Success, &Value::Null), []);
}

#[test]
fn a_failure_need_not_know_but_what_it_says_is_checked() {
    assert_eq!(check(("budget", "usage_recorded"), Outcome::Failure, &json!({})), []);
    let wrong = check(("budget", "usage_recorded"), Outcome::Failure, &json!({ "cost": "1e3" }));
    assert_eq!(wrong, [("/input/cost".to_owned(), "format")]);
}

#[test]
fn faults_are_bounded_and_never_repeat_a_value() {
    let many: serde_json::Map<_, _> = (0..5_000).map(|n| (format!("field_{n}"), json!(n))).collect();
    let faults = row(Catalog::builtin(), "kpi", "kpi_measured").check(Outcome::Success, &Value::Object(many));
    assert_eq!(faults.len(), MAX_FAULTS);
    let secret = json!({ "kpi_name": "123-45-6789".repeat(20), "value": "123-45-6789" });
    let faults = row(Catalog::builtin(), "kpi", "kpi_measured").check(Outcome::Success, &secret);
    assert_eq!(faults.len(), 2);
    assert!(faults.iter().all(|fault| !fault.detail.contains("123-45")));
}

#[test]
fn the_examples_of_the_contract_are_taken() {
    let moment = "2026-11-21T07:45:00Z";
    let posted = [
        ("chat", "message_posted", json!({ "thread_id": "th_1", "role": "user", "text": "hi", "tokens_input": 3 })),
        ("media", "media_ingested", json!({ "media_type": "image/png", "bytes": 5, "duration_ms": 7 })),
        ("vector", "vector_ingested", json!({ "collection": "docs", "count": 2 })),
        ("vector", "vector_queried", json!({ "collection": "docs", "top_k": 5, "duration_ms": 3.0 })),
        (
            "budget",
            "usage_recorded",
            json!({ "provider": "p", "model_or_plan_id": "m", "tool_type": "llm", "tokens_input": 1, "tokens_output": 2,
                    "cost": "0.30", "currency": "USD", "extra": { "team": "x" } }),
        ),
        ("kpi", "kpi_measured", json!({ "kpi_name": "ctr", "value": 0.2 })),
        ("kpi", "kpi_corridor_set", json!({ "kpi_name": "ctr", "floor": 0.1, "ceiling": null })),
        (
            "temperature",
            "temperature_snapshot_taken",
            json!({ "of_surface": "feed", "value": 0.7, "window_start": moment, "window_end": moment, "floors_breached": ["ctr"] }),
        ),
        ("bossman", "dashboard_viewed", json!({ "section": "budget" })),
        ("kill_switch", "kill_switch_updated", json!({ "disable_providers": ["p"], "disable_autonomy": true })),
        ("strategy_lock", "strategy_lock_approved", json!({ "lock_id": "l", "scope": "ads", "valid_until": moment })),
        ("maybes", "maybe_created", json!({ "title": "t", "tags": ["a"], "content": { "free": [1] } })),
    ];
    for (surface, event_type, input) in posted {
        assert_eq!(check((surface, event_type), Outcome::Success, &input), [], "{event_type}");
    }
}

fn stored(surface: &str, event_type: &str, asset_id: Option<&str>, input: Value, output: Value) -> DatasetEvent {
    serde_json::from_value(json!({
        "event_id": "0189d2a4-b5c6-7890-abcd-ef0123456789", "tenant_id": "t_demo", "env": "dev",
        "surface": surface, "event_type": event_type, "outcome": "success", "user_id": "u_1", "asset_id": asset_id,
        "input": input, "output": output,
        "metadata": { "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "request_id": "r", "actor_type": "human" },
        "pii_flags": { "flags": {}, "policy_reason": "clean" }, "train_ok": true, "source_refs": [],
        "occurred_at": "2026-11-21T07:45:00Z", "recorded_at": "2026-11-21T07:45:00Z",
    }))
    .unwrap()
}

#[test]
fn read_models_find_their_amounts_and_keys() {
    let catalog = Catalog::builtin();
    let input = json!({ "provider": "p", "cost": "0.30", "currency": "USD", "tokens_input": 12.0, "duration_ms": 4 });
    let event = stored("budget", "usage_recorded", None, input, json!({}));
    let used = row(catalog, "budget", "usage_recorded");
    let amounts: Vec<_> = used.measures.iter().filter_map(|one| Some((one.name.as_str(), one.of(&event)?))).collect();
    let cost = Amount::Decimal("0.30".parse::<Decimal>().unwrap());
    assert_eq!(amounts, [("tokens_input", Amount::Integer(12)), ("cost", cost), ("duration_ms", Amount::Integer(4))]);
    let money = used.measures.iter().find(|one| one.name == "cost").unwrap();
    assert_eq!(money.currency.as_ref().unwrap().text(&event), Some("USD"));

    let registered = stored("raw_storage", "raw_asset_registered", Some("a"), json!({}), json!({ "size_bytes": 9 }));
    let bytes = row(catalog, "raw_storage", "raw_asset_registered").measures.iter().find(|one| one.name == "bytes");
    assert_eq!(bytes.unwrap().of(&registered), Some(Amount::Integer(9)));

    let key = |surface: &str, event_type: &str, asset_id: Option<&str>, input: Value| {
        let event = stored(surface, event_type, asset_id, input, json!({}));
        let latest = row(catalog, surface, event_type).latest.clone().unwrap();
        latest.key_of(&event).map(|key| key.iter().map(|&part| part.to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(key("kill_switch", "kill_switch_updated", None, json!({})), Some(vec![]));
    assert_eq!(key("kpi", "kpi_measured", None, json!({ "kpi_name": "ctr" })), Some(vec!["ctr".to_owned()]));
    assert_eq!(key("maybes", "maybe_deleted", Some("n1"), json!({})), Some(vec!["n1".to_owned()]));
    assert_eq!(key("maybes", "maybe_deleted", None, json!({})), None);
}

#[test]
fn event_types_that_share_a_view_share_its_key() {
    let rows: Vec<_> = Catalog::builtin().rows().filter(|row| row.latest.is_some()).collect();
    for (one, other) in rows.iter().flat_map(|one| rows.iter().map(move |other| (one, other))) {
        let (a, b) = (one.latest.as_ref().unwrap(), other.latest.as_ref().unwrap());
        assert!(
            a.view != b.view || (a == b && one.surface == other.surface),
            "{} {}",
            one.event_type,
            other.event_type
        );
    }
}

fn billing(event: Value) -> Value {
    json!({ "surface": "billing", "events": [event] })
}

#[test]
fn configuration_adds_surfaces_in_the_same_form() {
    let catalog = with(billing(json!({
        "event_type": "invoice_sent", "measures": ["amount"], "dimensions": ["currency", "channel"],
        "latest": { "view": "invoice", "key": ["invoice_id"] },
        "input": [
            { "name": "invoice_id", "type": "text", "required": true, "max": 20 },
            { "name": "amount", "type": "decimal", "required": true },
            { "name": "currency", "type": "currency", "required": true },
            { "name": "channel", "type": "word", "words": ["mail", "post"] },
            { "name": "copies", "type": "integer", "max": 9 },
            { "name": "lines", "type": "text_list", "max_items": 2 },
        ],
    })))
    .unwrap();
    let invoice = row(&catalog, "billing", "invoice_sent");
    let good = json!({ "invoice_id": "i", "amount": "1.00", "currency": "EUR", "channel": "post", "copies": 9, "duration_ms": 1 });
    assert_eq!(invoice.check(Outcome::Success, &good), []);
    let bad = json!({ "invoice_id": "i".repeat(21), "amount": "1", "currency": "EUR", "channel": "fax", "copies": 10, "lines": ["a", "b", "c"] });
    let codes: Vec<_> = invoice.check(Outcome::Success, &bad).into_iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["range"; 4]);
    assert!(catalog.json_schema()["surfaces"]["billing"]["events"]["invoice_sent"].is_object());
    assert_eq!(catalog.rows().count(), Catalog::builtin().rows().count() + 1);
    // A surface of the engines' takes further event types.
    assert!(with(json!({ "surface": "chat", "events": [{ "event_type": "reaction_added" }] })).is_ok());
}

#[test]
fn configuration_cannot_redefine_nor_speak_for_nexus() {
    let refused = |surface: Value| with(surface).unwrap_err().to_string();
    assert_eq!(
        refused(json!({ "surface": "ledger", "events": [] })),
        "catalog: ledger is a surface of Nexus's own and takes no further event types"
    );
    assert_eq!(
        refused(billing(json!({ "event_type": "usage_recorded" }))),
        "catalog: billing: event type usage_recorded stands already on surface budget"
    );
    let twice = json!({ "surface": "billing", "events": [{ "event_type": "a_sent" }, { "event_type": "a_sent" }] });
    assert_eq!(refused(twice), "catalog: billing: event type a_sent stands already on surface billing");
    assert_eq!(
        refused(billing(json!({ "event_type": "switch_flipped", "latest": { "view": "kill_switch" } }))),
        "catalog: billing/switch_flipped: the latest-view kill_switch is built in, or has another surface or key"
    );
    // Not even from the view's own surface: it would change what the built-in dashboards read.
    let own_surface = json!({ "surface": "kill_switch", "events": [{ "event_type": "switch_flipped", "latest": { "view": "kill_switch" } }] });
    assert!(matches!(with(own_surface), Err(CatalogError::View { .. })));
    let shared = |key: &str| {
        let event = |name: &str, key: &str| {
            json!({ "event_type": name, "latest": { "view": "invoice", "key": [key] },
            "input": [{ "name": "id", "type": "text", "required": true }] })
        };
        with(json!({ "surface": "billing", "events": [event("invoice_sent", "id"), event("invoice_paid", key)] }))
    };
    assert!(shared("id").is_ok());
    assert!(matches!(shared("asset_id"), Err(CatalogError::View { .. })));
}

#[test]
fn a_row_that_does_not_fit_together_is_refused_with_its_reason() {
    let field = |name: &str, type_name: &str| json!({ "name": name, "type": type_name });
    let refused = |row: Value| {
        let mut row = row;
        row["event_type"] = json!("invoice_sent");
        with(billing(row)).unwrap_err().to_string().replace("catalog: billing/invoice_sent: ", "")
    };
    assert_eq!(refused(json!({ "measures": ["amount"] })), "measure amount is not a field of input");
    assert_eq!(
        refused(json!({ "input": [field("ratio", "number")], "measures": ["ratio"] })),
        "measure ratio is neither an integer nor a decimal"
    );
    assert_eq!(
        refused(json!({ "input": [field("amount", "decimal")], "measures": ["amount"] })),
        "measure amount is money, so the row needs exactly one field of type currency"
    );
    assert_eq!(
        refused(json!({ "input": [field("sent_at", "time")], "dimensions": ["sent_at"] })),
        "dimension sent_at is not a text, a word or a currency"
    );
    assert_eq!(
        refused(json!({ "input": [field("id", "text")], "latest": { "view": "invoice", "key": ["id"] } })),
        "latest key id is not a required text, word or currency"
    );
    assert_eq!(refused(json!({ "input": [field("extra", "object")] })), "the field name extra is reserved");
    assert_eq!(refused(json!({ "input": [field("a", "any"), field("a", "any")] })), "the field a stands twice");
    let many: Vec<_> = (0..65).map(|n| field(&format!("f{n}"), "any")).collect();
    assert_eq!(refused(json!({ "input": many })), "more than 64 fields");
    let surfaces: Vec<SurfaceConfig> = (0..64)
        .map(|n| {
            serde_json::from_value(
                json!({ "surface": format!("s{n}"), "events": [{ "event_type": format!("e{n}_sent") }] }),
            )
            .unwrap()
        })
        .collect();
    assert_eq!(Catalog::with(surfaces).unwrap_err(), CatalogError::TooMany { what: "surfaces", limit: 64 });
    assert!(with(billing(json!({ "event_type": "invoice" }))).is_err());
}

#[test]
fn a_field_that_is_not_well_formed_is_refused_where_it_is_read() {
    let read = |field: Value| {
        let surface = billing(json!({ "event_type": "invoice_sent", "input": [field] }));
        serde_json::from_value::<SurfaceConfig>(surface).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(read(json!({ "name": "Bad", "type": "any" })), "field name: expected ^[a-z][a-z0-9_]{0,63}$");
    assert_eq!(read(json!({ "name": "a", "type": "boolean", "max": 3 })), "field a: `max` does not apply to its type");
    assert_eq!(read(json!({ "name": "a", "type": "text", "max": 0 })), "field a: `max` is not within 1 to 262144");
    assert!(read(json!({ "name": "a", "type": "text", "max": 5, "min": 6 })).contains("`min` is not within 0 to 5"));
    assert!(read(json!({ "name": "a", "type": "word" })).contains("distinct `words`"));
    assert!(read(json!({ "name": "a", "type": "integer", "max": i64::MAX })).contains("expected min <= max"));
    assert!(read(json!({ "name": "a", "type": "float" })).contains("unknown variant"));
    assert!(read(json!({ "name": "a", "type": "any", "default": 1 })).contains("unknown field"));
}
