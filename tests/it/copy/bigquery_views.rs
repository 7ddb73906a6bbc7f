//! The views of `config/bigquery/`, against the dashboard that Nexus itself shows.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Value, json};

use super::steps::caught_up;
use crate::{
    dashboard::{live, post},
    support::bigquery::BigQuery,
};

const PROJECT: &str = "p-views";

/// Installs every view as the documentation says: each file as it is.
async fn install(emulator: &BigQuery) -> usize {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/bigquery");
    let mut installed = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        emulator.query(PROJECT, &std::fs::read_to_string(entry.unwrap().path()).unwrap()).await;
        installed += 1;
    }
    installed
}

/// The rows of a query as an object from the first value to the second.
async fn map(emulator: &BigQuery, select: &str) -> BTreeMap<String, String> {
    let rows = emulator.query(PROJECT, &format!("SELECT {select}")).await;
    let text = |value: &Value| value.as_str().unwrap_or("null").to_owned();
    rows.iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
}

/// An object of the dashboard in the same form.
fn shown(object: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    object.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_views_say_what_the_dashboard_says() {
    let Some(emulator) = BigQuery::start() else { return };
    let nexus = BigQuery::followed(&emulator.rest, &emulator.grpc, PROJECT).start().await;
    let owner = nexus.client("t_own", "owner");
    live(&owner).await;
    for (event, input) in [
        ("kpi_measured", json!({ "kpi_name": "ctr", "value": 9 })),
        ("kpi_measured", json!({ "kpi_name": "ctr", "value": 4.5 })),
        ("kpi_corridor_set", json!({ "kpi_name": "ctr", "floor": 1, "ceiling": 4.4 })),
        ("kpi_measured", json!({ "kpi_name": "cpc", "value": 1 })),
    ] {
        post(&owner, "kpi", event, input).await;
    }
    for (event, lock, title) in
        [("approved", "a", "first"), ("updated", "a", "second"), ("approved", "b", "x"), ("rejected", "b", "x")]
    {
        let input = json!({ "lock_id": lock, "scope": "bids", "title": title });
        post(&owner, "strategy_lock", &format!("strategy_lock_{event}"), input).await;
    }
    for providers in [json!(["acme"]), json!(["acme", "initech"])] {
        post(&owner, "kill_switch", "kill_switch_updated", json!({ "disable_providers": providers })).await;
    }
    for value in [1, 2] {
        let taken = json!({ "of_surface": "search", "value": value, "window_start": "2026-11-01T00:00:00Z",
            "window_end": "2026-11-01T01:00:00Z" });
        post(&owner, "temperature", "temperature_snapshot_taken", taken).await;
    }
    let usage = json!({ "event_id": "00000000-0000-4000-8000-0000000000aa", "surface": "budget", "event_type": "usage_recorded",
        "input": { "provider": "acme", "cost": "0.25", "currency": "EUR", "tokens_input": 3 } });
    owner.post("/nexus/events", &usage, 201).await;
    // Somebody else's, which no sum below may hold.
    live(&nexus.client("t_other", "owner")).await;

    let dashboard = owner.get("/nexus/dashboard?window=24h", 200).await.json();
    caught_up(&nexus).await;
    // The same at another replica, which cannot know that it is a repeat.
    let second = BigQuery::followed(&emulator.rest, &emulator.grpc, PROJECT).start().await;
    second.client("t_own", "owner").post("/nexus/events", &usage, 201).await;
    caught_up(&second).await;
    let copied = "FROM nexus.events WHERE event_id = '00000000-0000-4000-8000-0000000000aa' AND recorded_at > TIMESTAMP '2020-01-01 00:00:00+00'";
    assert_eq!(map(&emulator, &format!("'rows', CAST(COUNT(*) AS STRING) {copied}")).await["rows"], "2");
    assert_eq!(install(&emulator).await, 9);
    let of = "tenant_id = 't_own' AND env = 'dev'";

    // The look at the dashboard is an event itself, after what it shows.
    let surfaces = map(
        &emulator,
        &format!("surface, SUM(events) FROM nexus.activity WHERE {of} AND surface <> 'bossman' GROUP BY surface"),
    )
    .await;
    assert_eq!(surfaces, shown(&dashboard["activity"]["by_surface"]));
    let failures = map(&emulator, &format!("'failures', SUM(failures) FROM nexus.activity WHERE {of}")).await;
    assert_eq!(failures["failures"], dashboard["activity"]["failures"].to_string());
    let codes = map(&emulator, &format!("code, SUM(events) FROM nexus.errors WHERE {of} GROUP BY code")).await;
    assert_eq!(codes, shown(&dashboard["errors"]["by_code"]));
    for (currency, names) in dashboard["budget"]["by_currency"].as_object().unwrap() {
        for (member, column) in
            [("by_provider", "provider"), ("by_model", "model_or_plan_id"), ("by_tool_type", "tool_type")]
        {
            let select = format!(
                "{column}, SUM(cost) FROM nexus.budget WHERE {of} AND currency = '{currency}' AND {column} IS NOT NULL GROUP BY {column}"
            );
            let decimal = |text: &String| text.parse::<f64>().unwrap();
            let (view, own) = (map(&emulator, &select).await, shown(&names[member]));
            assert_eq!(view.keys().collect::<Vec<_>>(), own.keys().collect::<Vec<_>>());
            // Both are exact decimals, one with trailing zeros.
            assert!(
                view.values().zip(own.values()).all(|(view, own)| decimal(view) == decimal(own)),
                "{view:?} {own:?}"
            );
        }
    }
    let found = map(&emulator, &format!("type, SUM(findings) FROM nexus.privacy WHERE {of} GROUP BY type")).await;
    assert_eq!(found, shown(&dashboard["privacy"]["pii_found"]));
    let stored =
        map(&emulator, &format!("CAST(assets AS STRING), CAST(bytes AS STRING) FROM nexus.storage WHERE {of}")).await;
    assert_eq!(
        stored,
        [(dashboard["storage"]["assets"].to_string(), dashboard["storage"]["bytes"].to_string())].into()
    );
    let denied =
        map(&emulator, &format!("'denied', SUM(train_denied) FROM nexus.training WHERE {of} AND surface = 'chat'"))
            .await;
    assert_eq!(denied["denied"], "2");

    let values = map(&emulator, &format!("kpi_name, value FROM nexus.kpi WHERE {of}")).await;
    assert_eq!((values["ctr"].as_str(), values["cpc"].as_str()), ("4.5", "1.0"));
    let within = map(&emulator, &format!("kpi_name, is_within FROM nexus.kpi WHERE {of}")).await;
    assert_eq!((within["ctr"].as_str(), within["cpc"].as_str()), ("false", "null"));
    let controls = map(&emulator, &format!("CONCAT(surface, lock_id), input FROM nexus.controls WHERE {of}")).await;
    assert_eq!(controls.keys().collect::<Vec<_>>(), ["kill_switch", "strategy_locka"]);
    assert!(
        controls["kill_switch"].contains("initech") && controls["strategy_locka"].contains("second"),
        "{controls:?}"
    );
    let temperature = map(&emulator, &format!("of_surface, value FROM nexus.temperature WHERE {of} AND age = 1")).await;
    assert_eq!(temperature, [("search".to_owned(), "2.0".to_owned())].into());
}
