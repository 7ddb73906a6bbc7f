//! Firestore, by its emulator: the contract, outages, lost replies, kills, damage.

use std::{sync::Arc, time::Duration};

use nexus::{config::Config, nexus::firestore::FirestoreBackend};
use serde_json::{Value, json};

use super::{
    conformance::{World, holds},
    reading_contract::answers,
    steps::{caught_up, events_per_round, post, stop, verify},
};
use crate::support::{
    Setup,
    firestore::{Firestore, Proxy},
    server::signal,
};

fn backend(host: &str, project: &str) -> FirestoreBackend {
    let mut settings = Config::defaults().unwrap().nexus.firestore;
    settings.project = Some(project.to_owned());
    settings.emulator_host = Some(host.to_owned());
    settings.ramp = false;
    FirestoreBackend::new(settings)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_firestore_backend_keeps_the_contract() {
    let Some(emulator) = Firestore::start() else { return };
    let world = World::new().await;
    holds(&world, Arc::new(backend(&emulator.host, "p-contract")), true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_firestore_backend_answers_callers() {
    let Some(emulator) = Firestore::start() else { return };
    answers(&World::new().await, &backend(&emulator.host, "p-answers")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outages_lost_replies_and_kills_leave_every_event_once() {
    let Some(emulator) = Firestore::start() else { return };
    let proxy = Proxy::start(&emulator.host).await;
    let dir = tempfile::tempdir().unwrap();
    let setup = Firestore::followed(&proxy.host, "p-outages").data_dir(dir.path());
    let mut nexus = setup.clone().start().await;
    let (each, mut posted, mut lost) = (events_per_round(), 0, 0);
    for round in 0..20 {
        let client = nexus.client("t_demo", "writer");
        for _ in 0..each.div_ceil(1000) {
            let count = each.min(1000);
            post(&client, posted, count).await;
            posted += count;
        }
        match round % 4 {
            0 => {
                signal(emulator.pid(), "STOP");
                tokio::time::sleep(Duration::from_millis(300)).await;
                signal(emulator.pid(), "CONT");
            }
            1 => proxy.cut(),
            2 => lost += usize::from(proxy.lose_replies(Duration::from_millis(300)).await),
            _ => {
                nexus.kill();
                nexus = setup.clone().start().await;
            }
        }
        if round % 2 == 1 {
            // A kill in the middle of the copy, after each kind of outage.
            nexus.kill();
            nexus = setup.clone().start().await;
        }
    }
    assert!(lost > 0, "no reply was lost: the proxy shows nothing");
    caught_up(&nexus).await;
    let count = nexus.client("t_demo", "reader").events("include_reads=true&limit=500").await.len();
    assert!(count >= posted, "{count} events, {posted} posted");
    let setup = stop(nexus).await;
    let text = verify(&setup, 0);
    assert!(text.contains("agreeing with"), "{text}");
    damage_is_found_and_refollow_heals(&emulator, &setup).await;
}

/// Changes and removes documents as somebody with write access would, through the emulator's own REST interface.
async fn damage_is_found_and_refollow_heals(emulator: &Firestore, setup: &Setup) {
    let http = reqwest::Client::new();
    let root = format!("http://{}/v1/projects/p-outages/databases/(default)/documents", emulator.host);
    let events = format!("{root}/tenants/t_demo/envs/dev/events");
    let listed: Value =
        http.get(format!("{events}?pageSize=3")).bearer_auth("owner").send().await.unwrap().json().await.unwrap();
    let name = |at: usize| {
        let name = listed["documents"][at]["name"].as_str().unwrap();
        format!("http://{}/v1/{name}", emulator.host)
    };
    let removed = http.delete(name(0)).bearer_auth("owner").send().await.unwrap();
    assert!(removed.status().is_success());
    let changed = json!({ "fields": { "user_id": { "stringValue": "u_somebody_else" } } });
    let url = format!("{}?updateMask.fieldPaths=user_id", name(1));
    assert!(http.patch(url).bearer_auth("owner").json(&changed).send().await.unwrap().status().is_success());
    let copied = json!({ "fields": listed["documents"][2]["fields"] });
    let url = format!("{events}?documentId=somebody-elses");
    assert!(http.post(url).bearer_auth("owner").json(&copied).send().await.unwrap().status().is_success());

    let text = verify(setup, 1);
    for problem in [" lost", "was changed", "1 rows are there that the log never had"] {
        assert!(text.contains(problem), "{problem}: {text}");
    }
    let output = setup.run(&["refollow"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    verify(setup, 0);
}

/// A log whose row stands differently in the copy stops, loudly; the others go on.
#[tokio::test(flavor = "multi_thread")]
async fn another_event_in_the_copy_stops_that_log_alone_and_is_told() {
    let Some(emulator) = Firestore::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let setup = Firestore::followed(&emulator.host, "p-diverged").data_dir(dir.path());
    let nexus = setup.clone().start().await;
    post(&nexus.client("t_demo", "writer"), 0, 5).await;
    caught_up(&nexus).await;
    let setup = stop(nexus).await;
    // The cursor is lost and a row is forged meanwhile: following again meets it.
    std::fs::remove_file(dir.path().join("follower.redb")).unwrap();
    let http = reqwest::Client::new();
    let root = format!("http://{}/v1/projects/p-diverged/databases/(default)/documents", emulator.host);
    let events = format!("{root}/tenants/t_demo/envs/dev/events?pageSize=1");
    let listed: Value = http.get(events).bearer_auth("owner").send().await.unwrap().json().await.unwrap();
    let name = listed["documents"][0]["name"].as_str().unwrap();
    let url = format!("http://{}/v1/{name}?updateMask.fieldPaths=leaf", emulator.host);
    let forged = json!({ "fields": { "leaf": { "bytesValue": "e30=" } } });
    assert!(http.patch(url).bearer_auth("owner").json(&forged).send().await.unwrap().status().is_success());

    let nexus = setup.start().await;
    post(&nexus.client("t_other", "writer"), 100, 5).await;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while nexus.metric("nexus_follower_stopped_logs").await < 1.0 {
        assert!(tokio::time::Instant::now() < deadline, "it does not stop");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let ready = nexus.anonymous().get("/readyz", 200).await.json();
    assert_eq!((&ready["status"], &ready["checks"]["backend"]), (&json!("degraded"), &json!("degraded")));
    assert!(nexus.log().contains("the copy of this log has stopped"));
    let setup = stop(nexus).await;
    assert!(verify(&setup, 1).contains("was changed"));
    assert!(setup.run(&["refollow"]).status.success());
    verify(&setup, 0);
}

/// Beyond the lag limit appends are refused and the service is not ready; when the backend is back, both mend by themselves.
#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_lag_limit_appends_are_refused_until_the_copy_is_near_again() {
    let Some(emulator) = Firestore::start() else { return };
    let setup = Firestore::followed(&emulator.host, "p-lag").env("NEXUS__NEXUS__MAX_LAG_EVENTS", 20);
    let nexus = setup.start().await;
    let client = nexus.client("t_demo", "writer");
    signal(emulator.pid(), "STOP");
    post(&client, 0, 50).await;
    let event =
        json!({ "surface": "chat", "event_type": "message_posted", "input": { "thread_id": "t", "role": "user" } });
    tokio::time::sleep(Duration::from_millis(2200)).await;
    client.post("/nexus/events", &event, 503).await.is("overloaded");
    let ready = nexus.anonymous().get("/readyz", 503).await.json();
    assert_eq!(ready["checks"]["backend"], "unavailable");
    assert!(nexus.metric("nexus_follower_lag_bytes").await > 0.0);
    assert!(nexus.metric("nexus_follower_lag_seconds").await > 0.0);
    signal(emulator.pid(), "CONT");
    caught_up(&nexus).await;
    client.post("/nexus/events", &event, 201).await;
    nexus.anonymous().get("/readyz", 200).await;
}

/// With `ledger.ack = "backend"` a caller is answered once the copy has its event, and told so when that takes too long.
#[tokio::test(flavor = "multi_thread")]
async fn with_ack_backend_an_answer_means_that_the_copy_has_it() {
    let Some(emulator) = Firestore::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let setup = Firestore::followed(&emulator.host, "p-ack")
        .data_dir(dir.path())
        .env("NEXUS__LEDGER__ACK", "backend")
        .env("NEXUS__LEDGER__ACK_TIMEOUT_MS", 7000)
        .env("NEXUS__NEXUS__CALL_TIMEOUT_MS", 7000)
        .env("NEXUS__NEXUS__BATCH_WAIT_MS", 0);
    let mut nexus = setup.clone().start().await;
    let client = nexus.client("t_demo", "writer");
    let event = json!({ "event_id": "00000000-0000-4000-8000-0000000000aa", "surface": "chat",
        "event_type": "message_posted", "input": { "thread_id": "t", "role": "user" } });
    client.post("/nexus/events", &event, 201).await;
    // What was answered is there, although the process dies at once.
    nexus.kill();
    let http = reqwest::Client::new();
    let events = format!(
        "http://{}/v1/projects/p-ack/databases/(default)/documents/tenants/t_demo/envs/dev/events",
        emulator.host
    );
    let listed: Value = http.get(&events).bearer_auth("owner").send().await.unwrap().json().await.unwrap();
    assert_eq!(listed["documents"].as_array().unwrap().len(), 1, "{listed}");

    let nexus = setup.env("NEXUS__LEDGER__ACK_TIMEOUT_MS", 2000).start().await;
    let client = nexus.client("t_demo", "writer");
    signal(emulator.pid(), "STOP");
    let mut other = event.clone();
    other["event_id"] = json!("00000000-0000-4000-8000-0000000000ab");
    client.post("/nexus/events", &other, 503).await.is("outcome.unknown");
    signal(emulator.pid(), "CONT");
    caught_up(&nexus).await;
    // The same again is the same event, now confirmed.
    let answer = client.post("/nexus/events", &other, 200).await.json();
    assert_eq!(answer["status"], "duplicate");
}

/// A batch has one patience, however many events it has: its caller is told before its request's own time is over, and of each
/// event the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_waits_once_for_the_copy() {
    const PATIENCE: Duration = Duration::from_millis(1500);
    let Some(emulator) = Firestore::start() else { return };
    let setup = Firestore::followed(&emulator.host, "p-ack-batch")
        .env("NEXUS__LEDGER__ACK", "backend")
        .env("NEXUS__LEDGER__ACK_TIMEOUT_MS", PATIENCE.as_millis())
        .env("NEXUS__NEXUS__BATCH_WAIT_MS", 0);
    let nexus = setup.start().await;
    let client = nexus.client("t_demo", "writer");
    let batch = |from: usize| {
        let event = |n: usize| {
            json!({ "event_id": format!("00000000-0000-4000-8000-{n:012x}"), "surface": "chat",
                "event_type": "message_posted", "input": { "thread_id": "t", "role": "user" } })
        };
        json!({ "events": (from..from + 20).map(event).collect::<Vec<_>>() })
    };
    // Opens the connection, which takes its time.
    while client.try_send(client.request(reqwest::Method::POST, "/nexus/events").json(&batch(0))).await.unwrap().status
        != 200
    {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    signal(emulator.pid(), "STOP");
    let begun = tokio::time::Instant::now();
    client.post("/nexus/events", &batch(100), 503).await.is("outcome.unknown");
    let waited = begun.elapsed();
    // Once for the batch, once for the failure's own event.
    assert!(waited >= 2 * PATIENCE && waited < 4 * PATIENCE, "{waited:?}");
    signal(emulator.pid(), "CONT");
    caught_up(&nexus).await;
    let items = client.post("/nexus/events", &batch(100), 200).await.json();
    assert!(items["items"].as_array().unwrap().iter().all(|item| item["status"] == "duplicate"), "{items}");
}

/// Wrong settings say what to set, before anything listens.
#[test]
fn a_backend_that_is_not_set_up_is_named() {
    let output = Setup::new().env("NEXUS__NEXUS__BACKEND", "firestore").run(&["serve"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("nexus.firestore.project"), "{text}");
    let output = Setup::new().env("NEXUS__LEDGER__ACK", "backend").run(&["serve"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("nexus.backend"), "{text}");
}
