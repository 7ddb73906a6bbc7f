//! Dashboards: each section against a recomputation from the events themselves, by code of this test's own.

use std::fs;

use serde_json::{Value, json};

use crate::{
    recount::{Counted, shown_and_counted},
    support::{
        Client, Nexus, Setup, Upload,
        history::{self, Past, hours_ago},
    },
};

pub(crate) async fn post(client: &Client, surface: &str, event_type: &str, input: Value) -> Value {
    let event = json!({ "surface": surface, "event_type": event_type, "input": input });
    client.post("/nexus/events", &event, 201).await.json()
}

async fn section(client: &Client, path: &str) -> Value {
    client.get(&format!("/nexus/dashboard/{path}"), 200).await.json()
}

async fn spend(client: &Client, provider: &str, tool: Option<&str>, cost: &str, currency: &str) {
    let mut input = json!({ "provider": provider, "cost": cost, "currency": currency, "tokens_input": 7 });
    if let Some(tool) = tool {
        input["tool_type"] = tool.into();
        input["model_or_plan_id"] = format!("{provider}-large").into();
    }
    post(client, "budget", "usage_recorded", input).await;
}

async fn uploaded(client: &Client, bytes: usize) -> String {
    let presigned = client.presign(&json!({ "filename": "a.bin", "size_bytes": bytes })).await;
    Upload::of(&presigned, vec![7; bytes]).succeeds().await;
    let id = presigned["asset_id"].as_str().unwrap().to_owned();
    client.register(&json!({ "asset_id": id, "filename": "a.bin" }), 201).await;
    id
}

/// A bit of everything.
pub(crate) async fn live(owner: &Client) {
    for (provider, tool, cost, currency) in [
        ("acme", Some("chat"), "0.1", "USD"),
        ("acme", Some("embed"), "0.2", "USD"),
        ("initech", None, "12.345678901", "USD"),
        ("initech", Some("chat"), "3", "EUR"),
        ("acme", Some("chat"), "-0.05", "EUR"),
    ] {
        spend(owner, provider, tool, cost, currency).await;
    }
    post(owner, "chat", "message_posted", json!({ "thread_id": "th", "role": "user", "text": "jane@example.com" }))
        .await;
    let failed = json!({ "surface": "chat", "event_type": "message_posted", "outcome": "failure",
        "error_code": "model.refused", "input": { "text": "call +1 212 555 0187" } });
    owner.post("/nexus/events", &failed, 201).await;
    owner.get("/nexus/raw/unknown-asset", 404).await.is("asset.unknown");
    owner.post("/nexus/raw/presign-upload", &json!({ "filename": 7 }), 422).await.is("body.invalid");
    uploaded(owner, 11).await;
    let second = uploaded(owner, 23).await;
    owner.presign(&json!({ "filename": "never-uploaded.bin", "size_bytes": 5 })).await;
    owner.send(owner.request(reqwest::Method::DELETE, &format!("/nexus/raw/{second}")), 204).await;
}

#[tokio::test]
async fn every_section_is_what_the_events_say() {
    let nexus = Nexus::start().await;
    let owner = nexus.client("t_own", "owner");
    live(&owner).await;
    let (dashboard, counted) = shown_and_counted(&owner).await;
    assert_eq!(Counted::shown(&dashboard), counted);
    assert_eq!((counted.stored, counted.pending), ((1, 11), 1));
    let usd = &dashboard["budget"]["by_currency"]["USD"];
    assert_eq!(usd["by_provider"], json!({ "acme": "0.3", "initech": "12.345678901" }), "exact, as text");
    assert_eq!(dashboard["budget"]["tokens_input"], 35);
    assert_eq!(dashboard["storage"]["pending_bytes"], 5);
    assert_eq!(dashboard["errors"]["by_code"]["model.refused"], 1);

    // A section alone says the same as within the whole.
    for name in ["storage", "budget", "kpi", "temperature", "controls", "ledger"] {
        let alone = section(&owner, name).await;
        let mut whole = owner.get("/nexus/dashboard", 200).await.json()[name].take();
        for member in ["as_of", "position", "events", "logs"] {
            assert!(alone.get(member).is_some() || name != "ledger");
            whole[member] = alone[member].clone();
        }
        if name == "ledger" {
            assert_eq!(whole, alone);
        } else {
            let mut alone = alone;
            (alone["events"], alone["logs"]) = (Value::Null, Value::Null);
            assert_eq!(whole, alone, "{name}");
        }
    }
}

#[tokio::test]
async fn a_reader_sees_what_it_wrote() {
    let nexus = Nexus::start().await;
    let owner = nexus.client("t_own", "owner");
    for n in 1..=100 {
        post(&owner, "kpi", "kpi_measured", json!({ "kpi_name": "n", "value": n })).await;
        let kpi = section(&owner, "kpi").await;
        assert_eq!(kpi["kpis"]["n"]["value"], n);
    }
    let ledger = section(&owner, "ledger").await;
    assert_eq!(ledger["events"], 200);
    assert_eq!(ledger["logs"][0]["size"], 200);
    assert_eq!(ledger["followers"], json!([]));
}

#[tokio::test]
async fn nothing_crosses_tenants_or_environments() {
    let nexus = Nexus::start().await;
    let owner = nexus.client("t_own", "owner");
    live(&owner).await;
    for other in [nexus.client("t_other", "owner"), owner.clone().env("prod")] {
        let dashboard = other.get("/nexus/dashboard?window=30d", 200).await.json();
        assert_eq!(dashboard["activity"]["total"], 0);
        assert_eq!((&dashboard["storage"]["assets"], &dashboard["storage"]["pending"]), (&json!(0), &json!(0)));
        for (section, member) in
            [("budget", "by_currency"), ("kpi", "kpis"), ("errors", "by_code"), ("privacy", "pii_found")]
        {
            assert_eq!(dashboard[section][member], json!({}), "{section}");
        }
        assert_eq!(dashboard["controls"]["kill_switch"], Value::Null);
        let own = other.get("/nexus/dashboard", 200).await.json();
        assert_eq!(own["activity"]["by_surface"], json!({ "bossman": 1 }), "the first look itself");
    }
}

#[tokio::test]
async fn an_indicator_is_held_against_its_corridor() {
    let nexus = Nexus::start().await;
    let owner = nexus.client("t_own", "owner");
    post(&owner, "kpi", "kpi_defined", json!({ "kpi_name": "ctr", "title": "Click rate", "unit": "%" })).await;
    let kpi = section(&owner, "kpi").await["kpis"]["ctr"].take();
    assert_eq!((&kpi["value"], &kpi["corridor"], &kpi["within"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!((&kpi["title"], &kpi["unit"]), (&json!("Click rate"), &json!("%")));
    post(&owner, "kpi", "kpi_measured", json!({ "kpi_name": "ctr", "value": 4.5 })).await;
    for (corridor, shown, within) in [
        (json!({ "floor": 1, "ceiling": 4.5 }), json!({ "floor": 1, "ceiling": 4.5 }), json!(true)),
        (json!({ "floor": 1, "ceiling": 4.4 }), json!({ "floor": 1, "ceiling": 4.4 }), json!(false)),
        (json!({ "floor": 4.6 }), json!({ "floor": 4.6, "ceiling": null }), json!(false)),
        (json!({}), Value::Null, Value::Null),
    ] {
        let mut input = corridor.clone();
        input["kpi_name"] = "ctr".into();
        post(&owner, "kpi", "kpi_corridor_set", input).await;
        let kpi = section(&owner, "kpi").await["kpis"]["ctr"].take();
        assert_eq!((&kpi["value"], &kpi["corridor"], &kpi["within"]), (&json!(4.5), &shown, &within), "{corridor}");
    }
    let failed = json!({ "surface": "kpi", "event_type": "kpi_measured", "outcome": "failure", "input": { "kpi_name": "ctr", "value": 9 } });
    owner.post("/nexus/events", &failed, 201).await;
    assert_eq!(section(&owner, "kpi").await["kpis"]["ctr"]["value"], 4.5, "a failure measured nothing");
}

#[tokio::test]
async fn temperatures_are_shown_newest_first_with_their_breaches() {
    let nexus = Nexus::start().await;
    let owner = nexus.client("t_own", "owner");
    for n in 0..25 {
        let mut input = json!({ "of_surface": "search", "value": n, "window_start": "2026-11-01T00:00:00Z",
            "window_end": "2026-11-01T01:00:00Z" });
        if n == 24 {
            input["ceilings_breached"] = json!(["latency"]);
        }
        post(&owner, "temperature", "temperature_snapshot_taken", input).await;
    }
    let surface = section(&owner, "temperature").await["surfaces"]["search"].take();
    let values: Vec<i64> =
        surface["recent"].as_array().unwrap().iter().map(|one| one["value"].as_i64().unwrap()).collect();
    assert_eq!(values, (5..25).rev().collect::<Vec<_>>());
    assert_eq!(surface["current"]["ceilings_breached"], json!(["latency"]));
    assert_eq!((&surface["breached"], &surface["within"]), (&json!(true), &Value::Null));
    let calm = json!({ "of_surface": "search", "value": 3, "window_start": "2026-11-01T00:00:00Z", "window_end": "2026-11-01T01:00:00Z" });
    post(&owner, "temperature", "temperature_snapshot_taken", calm).await;
    post(&owner, "temperature", "temperature_config_set", json!({ "of_surface": "search", "floor": 2.5 })).await;
    let surface = section(&owner, "temperature").await["surfaces"]["search"].take();
    assert_eq!((&surface["breached"], &surface["within"]), (&json!(false), &json!(true)));
    post(&owner, "temperature", "temperature_config_set", json!({ "of_surface": "search", "floor": 3.5 })).await;
    let surface = section(&owner, "temperature").await["surfaces"]["search"].take();
    assert_eq!((&surface["breached"], &surface["within"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn controls_are_those_in_force() {
    let nexus = Nexus::start().await;
    let owner = nexus.client("t_own", "owner");
    assert_eq!(section(&owner, "controls").await["kill_switch"], Value::Null);
    for providers in [json!(["acme"]), json!(["acme", "initech"])] {
        post(
            &owner,
            "kill_switch",
            "kill_switch_updated",
            json!({ "disable_providers": providers, "disable_autonomy": true }),
        )
        .await;
    }
    let lock = async |id: &str, what: &str, from: Option<i64>, until: Option<i64>| {
        let mut input = json!({ "lock_id": id, "scope": "bids", "title": what });
        for (name, hours) in [("valid_from", from), ("valid_until", until)] {
            if let Some(hours) = hours {
                input[name] = hours_ago(hours).to_string().into();
            }
        }
        post(&owner, "strategy_lock", &format!("strategy_lock_{what}"), input).await;
    };
    lock("a-created", "created", None, None).await;
    lock("b-approved", "created", None, None).await;
    lock("b-approved", "approved", None, None).await;
    lock("c-valid", "approved", Some(1), Some(-1)).await;
    lock("d-over", "approved", Some(2), Some(1)).await;
    lock("e-to-come", "approved", Some(-1), Some(-2)).await;
    lock("f-rejected", "approved", None, None).await;
    lock("f-rejected", "rejected", None, None).await;
    lock("g-expired", "approved", None, None).await;
    lock("g-expired", "expired", None, None).await;
    lock("h-updated", "approved", None, None).await;
    lock("h-updated", "updated", None, None).await;
    lock("i-never-approved", "updated", None, None).await;
    let controls = section(&owner, "controls").await;
    assert_eq!(controls["kill_switch"]["disable_providers"], json!(["acme", "initech"]));
    assert_eq!(controls["kill_switch"]["disable_autonomy"], true);
    assert!(controls["kill_switch"]["at"].is_string());
    let locks = controls["strategy_locks"].as_array().unwrap();
    let ids: Vec<&str> = locks.iter().map(|lock| lock["lock_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["b-approved", "c-valid", "h-updated"]);
    assert_eq!((&locks[2]["title"], &locks[2]["scope"]), (&json!("updated"), &json!("bids")));
}

/// Given events over 40 days, then each window counts those in its whole hours.
#[tokio::test]
async fn windows_are_whole_hours_back() {
    // An hour that ends in between would move the oldest ones out.
    while nexus::clock::now().micros().rem_euclid(3_600_000_000) > 3_540_000_000 {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    let data = tempfile::tempdir().unwrap();
    let ages = [0, 1, 2, 23, 24, 26, 24 * 7, 24 * 7 + 2, 24 * 30, 24 * 30 + 2, 24 * 40];
    let past = ages.map(|age| {
        let input = json!({ "provider": "acme", "cost": "0.01", "currency": "USD" });
        Past::new("budget", "usage_recorded", input, hours_ago(age))
    });
    history::append(data.path(), &past).await;
    let nexus = Setup::new().data_dir(data.path()).start().await;
    let owner = nexus.client("t_own", "owner");
    for (window, hours) in [("1h", 1), ("24h", 24), ("7d", 7 * 24), ("30d", 30 * 24)] {
        let budget = section(&owner, &format!("budget?window={window}")).await;
        let count = ages.iter().filter(|age| **age <= hours).count();
        assert_eq!(budget["usages"], count, "{window}: {budget}");
        assert_eq!(budget["by_currency"]["USD"]["total"], format!("0.{count:02}"), "{window}");
        assert_eq!((&budget["window"], &budget["complete"]), (&json!(window), &json!(true)));
    }
    assert_eq!(section(&owner, "budget").await["window"], "24h");
    owner.get("/nexus/dashboard?window=2h", 400).await.is("query.invalid");
    owner.get("/nexus/dashboard/budget?windows=1h", 400).await.is("query.invalid");
    owner.get("/nexus/dashboard/weather", 400).await.is("path.invalid");
}

/// What does not change from one look to the next.
async fn steady(client: &Client) -> Value {
    let dashboard = client.get("/nexus/dashboard?window=7d", 200).await.json();
    let keep = |section: &str, members: &[&str]| {
        let members = members.iter().map(|member| ((*member).to_owned(), dashboard[section][*member].clone()));
        Value::Object(members.collect())
    };
    json!({
        "budget": keep("budget", &["by_currency", "usages", "tokens_input"]), "kpi": keep("kpi", &["kpis"]),
        "temperature": keep("temperature", &["surfaces"]), "controls": keep("controls", &["kill_switch", "strategy_locks"]),
        "storage": keep("storage", &["assets", "bytes", "registered", "deleted"]), "privacy": keep("privacy", &["pii_found"]),
        "chat": dashboard["activity"]["by_type"]["chat"],
    })
}

#[tokio::test]
async fn stops_kills_and_damage_change_nothing() {
    let data = tempfile::tempdir().unwrap();
    let setup = Setup::new().data_dir(data.path()).env("NEXUS__VIEWS__SNAPSHOT_INTERVAL_MS", 20);
    let mut nexus = setup.clone().start().await;
    let owner = nexus.client("t_own", "owner");
    live(&owner).await;
    post(&owner, "kill_switch", "kill_switch_updated", json!({ "disable_autonomy": true })).await;
    let before = steady(&owner).await;
    nexus.signal("TERM");
    nexus.exit().await;

    let mut nexus = setup.clone().start().await;
    let owner = nexus.client("t_own", "owner");
    assert_eq!(steady(&owner).await, before, "after a stop");
    assert!(!nexus.log().contains("folded anew"), "what was kept was taken up");
    spend(&owner, "acme", None, "7", "SEK").await;
    let before = steady(&owner).await;
    nexus.kill();

    let mut nexus = setup.clone().start().await;
    let owner = nexus.client("t_own", "owner");
    assert_eq!(steady(&owner).await, before, "after kill -9");
    nexus.signal("TERM");
    nexus.exit().await;

    let said = String::from_utf8(setup.run(&["rebuild-views"]).stdout).unwrap();
    assert!(said.contains("ok     t_own/dev: ") && said.contains("the rows are the same"), "{said}");

    for file in ["position", "t_own@dev"] {
        let path = data.path().join("ledger/views").join(file);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        let mut nexus = setup.clone().start().await;
        assert_eq!(steady(&nexus.client("t_own", "owner")).await, before, "after damage to {file}");
        assert!(nexus.log_with("folded anew").await.contains("folded anew"), "{}", nexus.log());
        nexus.signal("TERM");
        nexus.exit().await;
    }
    fs::remove_dir_all(data.path().join("ledger/views")).unwrap();
    let said = String::from_utf8(setup.run(&["rebuild-views"]).stdout).unwrap();
    assert!(said.contains("nothing was kept") && said.contains("the rows are the same"), "{said}");
}

/// The whole document, with what differs from run to run replaced; `NEXUS_UPDATE_GOLDEN=1` writes it anew.
#[tokio::test]
async fn the_whole_dashboard_is_the_golden_one() {
    let data = tempfile::tempdir().unwrap();
    let at = hours_ago(0);
    let mut past = vec![
        Past::new(
            "budget",
            "usage_recorded",
            json!({ "provider": "acme", "model_or_plan_id": "acme-large", "tool_type": "chat",
            "tokens_input": 11, "tokens_output": 5, "cost": "0.10", "currency": "USD" }),
            at,
        ),
        Past::new("budget", "usage_recorded", json!({ "provider": "acme", "cost": "0.20", "currency": "USD" }), at),
        Past::new(
            "budget",
            "budget_policy_set",
            json!({ "policy_name": "monthly", "limit": "100.00", "currency": "USD", "period": "month" }),
            at,
        ),
        Past::new("kpi", "kpi_measured", json!({ "kpi_name": "ctr", "value": 4.5 }), at),
        Past::new("kpi", "kpi_corridor_set", json!({ "kpi_name": "ctr", "floor": 1, "ceiling": 4 }), at),
        Past::new(
            "temperature",
            "temperature_snapshot_taken",
            json!({ "of_surface": "search", "value": 0.7,
            "window_start": "2026-11-01T00:00:00Z", "window_end": "2026-11-01T01:00:00Z", "floors_breached": ["volume"] }),
            at,
        ),
        Past::new(
            "kill_switch",
            "kill_switch_updated",
            json!({ "disable_providers": ["initech"], "disable_autonomy": false }),
            at,
        ),
        Past::new(
            "strategy_lock",
            "strategy_lock_approved",
            json!({ "lock_id": "l1", "scope": "bids", "title": "No raises" }),
            at,
        ),
        Past::new(
            "chat",
            "message_posted",
            json!({ "thread_id": "th", "role": "user", "text": "mail jane@example.com" }),
            at,
        ),
    ];
    let mut failed = Past::new("chat", "message_posted", json!({}), at);
    failed.error_code = Some("model.refused".to_owned());
    let mut stored = Past::new("raw_storage", "raw_asset_registered", json!({}), at);
    stored.asset_id = Some("0190d2a4-b5c6-7890-abcd-ef0123456789".to_owned());
    stored.output = json!({ "size_bytes": 42 });
    past.extend([failed, stored]);
    history::append(data.path(), &past).await;
    let nexus = Setup::new().data_dir(data.path()).start().await;
    // Until the key that the server signs with has replaced the one that the events were appended under.
    let owner = nexus.client("t_own", "owner");
    while owner.events("event_type=ledger_key_rotated").await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let other = nexus.client("t_own", "reader");
    let mut shown = other.get("/nexus/dashboard", 200).await.json();
    for section in shown.as_object_mut().unwrap().values_mut() {
        section["position"] = "<position>".into();
    }
    // How many looks it took.
    for (section, member) in [
        ("activity", "total"),
        ("ledger", "events"),
        ("ledger", "logs"),
        ("activity", "by_hour"),
        ("privacy", "train_ok"),
        ("privacy", "train_ok_share"),
    ] {
        assert!(!shown[section][member].is_null());
        shown[section][member] = "<varies>".into();
    }
    for by in ["by_surface", "by_type"] {
        shown["activity"][by].as_object_mut().unwrap().remove("ledger");
    }
    let shown = times_replaced(&serde_json::to_string_pretty(&shown).unwrap());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/golden/dashboard.json");
    if std::env::var_os("NEXUS_UPDATE_GOLDEN").is_some() {
        fs::write(path, shown + "\n").unwrap();
        return;
    }
    assert_eq!(shown + "\n", fs::read_to_string(path).unwrap(), "see this test's comment");
}

/// Times of this year and the next in microseconds, which is how Nexus writes them; what events carried is as they wrote it.
fn times_replaced(text: &str) -> String {
    let mut out = String::new();
    for part in text.split('"') {
        let is_time = part.len() == 27 && part.ends_with('Z') && part.parse::<nexus_model::Timestamp>().is_ok();
        out.push_str(if is_time { "<time>" } else { part });
        out.push('"');
    }
    out.pop();
    out
}
