//! The whole catalog: every event type, as a success and as a failure, appended, read back, and visible in the dashboard.

use nexus_model::{
    Catalog, Kind,
    catalog::{FieldType, Row},
};
use serde_json::{Map, Value, json};

use crate::support::{
    Client, Setup,
    history::{self, Past, hours_ago},
};

/// A value of each kind of field.
fn value(field: &FieldType) -> Value {
    match field {
        FieldType::Text { .. } => json!("some text"),
        FieldType::Word(words) => json!(words[0]),
        FieldType::Integer { min, .. } => json!(min.max(&7)),
        FieldType::Number => json!(1.5),
        FieldType::Decimal => json!("1.10"),
        FieldType::Currency => json!("USD"),
        FieldType::Time => json!("2026-11-01T00:00:00Z"),
        FieldType::Boolean => json!(true),
        FieldType::TextList { .. } => json!(["one"]),
        FieldType::Object | FieldType::Any => json!({ "a": 1 }),
        other => panic!("{other:?} has no value here: add one"),
    }
}

fn input(row: &Row) -> Value {
    Value::Object(row.fields.iter().map(|field| (field.name.clone(), value(&field.field_type))).collect::<Map<_, _>>())
}

fn code(row: &Row) -> String {
    let name: String = row.event_type.as_str().chars().take(50).collect();
    format!("{name}.failed")
}

/// Posts a success and a failure of an event type that engines may post.
async fn post(writer: &Client, row: &Row) {
    let mut event =
        json!({ "surface": row.surface, "event_type": row.event_type, "input": input(row), "asset_id": "thing-1" });
    writer.post("/nexus/events", &event, 201).await;
    event["outcome"] = "failure".into();
    event["error_code"] = code(row).into();
    event["input"] = json!({});
    writer.post("/nexus/events", &event, 201).await;
}

/// The same of one that only Nexus emits.
fn own(row: &Row) -> [Past; 2] {
    let mut success = Past::new(row.surface.as_str(), row.event_type.as_str(), input(row), hours_ago(0));
    success.asset_id = Some(uuid::Uuid::now_v7().to_string());
    success.output = json!({ "size_bytes": 5, "count": 2, "expires_at": hours_ago(-1).to_string() });
    let mut failure = Past::new(row.surface.as_str(), row.event_type.as_str(), json!({}), hours_ago(0));
    failure.error_code = Some(code(row));
    [success, failure]
}

/// Where, beside the activity, a success of an event type shows.
fn shown_in(event_type: &str) -> Option<&'static str> {
    Some(match event_type {
        "usage_recorded" => "/budget/by_currency/USD/by_provider/some text",
        "budget_policy_set" => "/budget/policies/some text/limit",
        "kpi_measured" => "/kpi/kpis/some text/value",
        "kpi_corridor_set" => "/kpi/kpis/some text/corridor/floor",
        "kpi_defined" => "/kpi/kpis/some text/title",
        "temperature_snapshot_taken" => "/temperature/surfaces/some text/current/value",
        "temperature_config_set" => "/temperature/surfaces/some text/corridor/floor",
        "kill_switch_updated" => "/controls/kill_switch/disable_autonomy",
        _ => return None,
    })
}

#[tokio::test]
async fn every_event_type_is_appended_read_back_and_visible() {
    let data = tempfile::tempdir().unwrap();
    let rows: Vec<&Row> = Catalog::builtin().rows().collect();
    let past: Vec<Past> = rows.iter().filter(|row| row.emitted_by_nexus).flat_map(|row| own(row)).collect();
    assert!(past.len() > 50, "{}", past.len());
    history::append(data.path(), &past).await;
    let nexus = Setup::new().data_dir(data.path()).start().await;
    let owner = nexus.client("t_own", "owner");
    for row in rows.iter().filter(|row| !row.emitted_by_nexus) {
        post(&owner, row).await;
    }
    let dashboard = owner.get("/nexus/dashboard", 200).await.json();
    for row in &rows {
        let (surface, event_type) = (row.surface.as_str(), row.event_type.as_str());
        let reads = if row.kind() == Kind::Read { "true" } else { "false" };
        for outcome in ["success", "failure"] {
            let query = format!("surface={surface}&event_type={event_type}&outcome={outcome}&include_reads={reads}");
            let found = owner.events(&query).await;
            assert!(!found.is_empty(), "{query}");
            assert_eq!((&found[0]["surface"], &found[0]["event_type"]), (&json!(surface), &json!(event_type)));
        }
        let counted = &dashboard["activity"]["by_type"][surface][event_type];
        assert!(
            counted["count"].as_u64() >= Some(2) && counted["failures"].as_u64() >= Some(1),
            "{event_type}: {counted}"
        );
        assert_eq!(dashboard["errors"]["by_code"][code(row)], 1, "{event_type}");
        if let Some(pointer) = shown_in(event_type) {
            assert!(dashboard.pointer(pointer).is_some_and(|value| !value.is_null()), "{event_type} at {pointer}");
        }
    }
    let storage = &dashboard["storage"];
    let counts = ["pending", "registered", "deleted", "abandoned"].map(|name| storage[name].as_u64().unwrap());
    assert_eq!(counts, [1, 1, 1, 1], "{storage}");
}

/// Given a surface that the configuration adds, then its events are taken, held against their row, and counted.
#[tokio::test]
async fn a_configured_surface_is_a_surface_like_any_other() {
    let event = json!({ "surface": "billing", "event_type": "invoice_sent", "input": { "invoice_id": "i-1", "amount": "9.90", "currency": "EUR" } });
    let plain = crate::support::Nexus::start().await;
    plain.client("t_own", "writer").post("/nexus/events", &event, 422).await.is("body.invalid");

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("nexus.toml");
    let table = r#"
        [[catalog]]
        surface = "billing"
        [[catalog.events]]
        event_type = "invoice_sent"
        input = [
            { name = "invoice_id", type = "text", required = true },
            { name = "amount", type = "decimal", required = true },
            { name = "currency", type = "currency", required = true },
        ]
        measures = ["amount"]
        latest = { view = "invoice", key = ["invoice_id"] }
    "#;
    std::fs::write(&file, table).unwrap();
    let nexus = Setup::new().env("NEXUS_CONFIG", file.display()).start().await;
    let owner = nexus.client("t_own", "owner");
    owner.post("/nexus/events", &event, 201).await;
    let mut wrong = event.clone();
    wrong["input"]["amount"] = 9.9.into();
    assert_eq!(owner.post("/nexus/events", &wrong, 422).await.pointers(), ["/input/amount"]);
    let activity = owner.get("/nexus/dashboard/activity", 200).await.json();
    assert_eq!(activity["by_type"]["billing"]["invoice_sent"], json!({ "count": 1, "failures": 0 }));
    let catalog = owner.get("/nexus/events/catalog", 200).await.text();
    assert!(catalog.contains("billing"));

    std::fs::write(&file, table.replace("invoice_id\", type", "invoice_name\", type")).unwrap();
    let refused = Setup::new().data_dir(directory.path()).env("NEXUS_CONFIG", file.display()).run(&["serve"]);
    assert!(!refused.status.success());
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("latest key invoice_id is not a field of input"),
        "{refused:?}"
    );
}
