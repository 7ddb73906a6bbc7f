//! The ledger cannot write: nothing that acts goes unrecorded, reads go on and are accounted for, and nobody is left to
//! find out by chance.

use std::{process::Command, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    segments::change_a_byte,
    support::{Client, Nexus, Setup, Upload},
};

/// Given a disk that takes nothing more (or, with `unlimited`, everything again): the limit on file sizes stands in for it.
fn limit_file_size(nexus: &Nexus, soft: &str) {
    let pid = nexus.pid().to_string();
    let limit = format!("--fsize={soft}:");
    let status = Command::new("prlimit").args(["--pid", &pid, &limit]).status().expect("prlimit of util-linux");
    assert!(status.success());
}

async fn wait_until_ready(nexus: &Nexus) {
    for _ in 0..200 {
        let request = nexus.anonymous().request(reqwest::Method::GET, "/readyz");
        if nexus.anonymous().try_send(request).await.unwrap().status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the ledger did not recover");
}

async fn gaps(client: &Client) -> Vec<Value> {
    client.events("event_type=audit_gap").await
}

async fn uploaded(writer: &Client) -> String {
    let presigned = writer.presign(&json!({ "filename": "a.txt" })).await;
    Upload::of(&presigned, &b"content"[..]).succeeds().await;
    presigned["asset_id"].as_str().unwrap().to_owned()
}

async fn registered(writer: &Client) -> String {
    let id = uploaded(writer).await;
    writer.register(&json!({ "asset_id": id, "filename": "a.txt" }), 201).await;
    id
}

#[tokio::test]
async fn audit_logger_failure_not_silent() {
    let nexus = Setup::new().survive_file_size_limit().start().await;
    let writer = nexus.client("t_own", "writer");
    let other = nexus.client("t_other", "reader");
    let id = registered(&writer).await;
    let waiting = uploaded(&writer).await;
    let before = writer.events("include_reads=true").await.len();

    limit_file_size(&nexus, "0");

    // What acts is refused and hands out nothing.
    for _ in 0..3 {
        let name = json!({ "filename": "a.txt" });
        refused_without_a_trace(&writer, Method::POST, "/nexus/raw/presign-upload", Some(name)).await;
        for asset in [&id, &waiting] {
            let claim = json!({ "asset_id": asset, "filename": "a.txt" });
            refused_without_a_trace(&writer, Method::POST, "/nexus/raw/register", Some(claim)).await;
        }
        refused_without_a_trace(&writer, Method::GET, &format!("/nexus/raw/{id}/download"), None).await;
    }
    // Reads are answered, and refusals are too.
    let seen = [
        writer.get(&format!("/nexus/raw/{id}"), 200).await,
        writer.get("/nexus/raw", 200).await,
        writer.get("/nexus/events", 200).await,
        writer.get("/nexus/raw/nobody", 404).await,
        writer.clone().env("nowhere").get("/nexus/raw", 400).await,
    ];
    assert_eq!(seen[1].json()["items"].as_array().unwrap().len(), 1, "and whole");
    for _ in 0..2 {
        other.get("/nexus/raw", 200).await;
    }
    // Operators hear of it at once: readiness, counters, log.
    let ready = writer.get("/readyz", 503).await.json();
    assert_eq!((&ready["status"], &ready["checks"]["ledger"]), (&json!("unavailable"), &json!("unavailable")));
    writer.get("/healthz", 200).await;
    let unrecorded = nexus.metric("nexus_events_unrecorded_total{tenant=\"t_own\"").await;
    assert!(unrecorded >= 5.0, "{unrecorded}");
    assert_eq!(nexus.metric("nexus_events_unrecorded_total{tenant=\"t_other\"").await, 2.0);
    assert!(nexus.metric("nexus_events_failed_total").await >= 12.0 + 7.0);
    assert!(nexus.log_with("an event could not be kept").await.contains("an event could not be kept"));

    limit_file_size(&nexus, "unlimited");
    wait_until_ready(&nexus).await;
    one_gap_each(&nexus, &writer, &other, unrecorded).await;

    // And everything works again, without a restart; what was refused can be done now, once.
    let claim = json!({ "asset_id": waiting, "filename": "a.txt" });
    let request = writer.request(Method::POST, "/nexus/raw/register").json(&claim);
    let answer = writer.try_send(request).await.unwrap();
    assert!(matches!(answer.status.as_u16(), 200 | 201), "{}", answer.text());
    let kept = writer.events(&format!("asset_id={waiting}&event_type=raw_asset_registered&outcome=success")).await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    registered(&writer).await;
    let after = writer.events("include_reads=true").await;
    let ids: std::collections::HashSet<_> = after.iter().map(|event| event["event_id"].to_string()).collect();
    assert_eq!(ids.len(), after.len());
    assert!(after.len() > before);
}

async fn refused_without_a_trace(writer: &Client, method: Method, path: &str, body: Option<Value>) {
    let request = writer.request(method, path);
    let request = if let Some(body) = body { request.json(&body) } else { request };
    let answer = writer.send(request, 503).await;
    let code = answer.json()["code"].as_str().unwrap().to_owned();
    assert!(["ledger.unavailable", "outcome.unknown"].contains(&code.as_str()), "{path}: {code}");
    for secret in ["policy", "signature", "Signature", "http://", "asset_id"] {
        assert!(!answer.text().contains(secret), "{path} hands out {secret}: {}", answer.text());
    }
}

/// Then: one event a tenant and environment says how many answers it does not have, and since when.
async fn one_gap_each(nexus: &Nexus, writer: &Client, other: &Client, unrecorded: f64) {
    let mut found = Vec::new();
    for _ in 0..100 {
        found = gaps(writer).await;
        if !found.is_empty() && !gaps(other).await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(found.len(), 1, "{found:?}");
    let input = &found[0]["input"];
    assert_eq!(input["count"].as_f64(), Some(unrecorded), "{input}");
    assert!(input["from"].as_str().unwrap() < input["until"].as_str().unwrap());
    assert_eq!((&found[0]["user_id"], &found[0]["metadata"]["actor_type"]), (&json!("nexus"), &json!("system")));
    let theirs = gaps(other).await;
    assert_eq!((theirs.len(), &theirs[0]["input"]["count"]), (1, &json!(2)));
    // Housekeeping comes by every second: it does not tell the same gap twice.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(gaps(writer).await.len(), 1);
    assert_eq!(nexus.metric("nexus_ledger_writable").await, 1.0);
}

/// Damage on the disk is told to whoever asks for what is damaged, and to nobody else.
#[tokio::test]
async fn a_damaged_event_fails_only_those_who_ask_for_it() {
    let nexus = Nexus::start().await;
    let client = nexus.client("t_own", "writer");
    let mut ids = Vec::new();
    for text in ["wallaby one", "wallaby two", "wallaby three"] {
        let event = json!({
            "surface": "chat", "event_type": "message_posted", "input": { "thread_id": "th", "role": "user", "text": text },
        });
        let answer = client.post("/nexus/events", &event, 201).await.json();
        ids.push(format!("/nexus/events/{}", answer["event_id"].as_str().unwrap()));
    }
    // Dashboards have folded all of it before.
    assert_eq!(client.get("/nexus/dashboard/activity", 200).await.json()["total"], 3);
    change_a_byte(&nexus.data_dir, "wallaby two");

    let named = client.clone().header("x-request-id", "damaged-read");
    let traced = named.header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let answer = traced.get(&ids[1], 500).await;
    answer.is("internal");
    assert!(answer.header("retry-after").is_empty(), "asking again would find the same");
    client.get("/nexus/events?surface=chat", 500).await.is("internal");
    for id in [&ids[0], &ids[2]] {
        client.get(id, 200).await;
    }
    client.presign(&json!({ "filename": "a.txt" })).await;
    assert_eq!(client.events("surface=raw_storage").await.len(), 1);
    assert_eq!(nexus.anonymous().get("/readyz", 200).await.json()["status"], "ok");
    let log = nexus.log_with("damaged data in").await;
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("damaged-read")).collect();
    assert!(lines.len() == 1 && lines[0].contains("damaged data in"), "{lines:?}");
}
