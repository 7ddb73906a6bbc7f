//! The store is slow or away: answers come within the configured timeout, nothing is half done, and later it works.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Setup, Stage, Upload, server::signal, stage::on_s3};

const TIMEOUT_MS: u64 = 800;

#[tokio::test]
async fn a_store_that_hangs_is_503_and_works_again_later() {
    let setup = Setup::new().env("NEXUS__STORAGE__TIMEOUT_MS", TIMEOUT_MS);
    let Some(stage) = Stage::garage_with(setup).await else { return };
    let garage = stage.garage.as_ref().unwrap();
    let writer = stage.client("t_own", "writer");
    let presigned = writer.presign(&json!({ "filename": "a.txt" })).await;
    Upload::of(&presigned, &b"content"[..]).succeeds().await;
    let claim = json!({ "asset_id": presigned["asset_id"], "filename": "a.txt" });

    signal(garage.pid(), "STOP");
    let began = Instant::now();
    let answer = writer.register(&claim, 503).await;
    answer.is("storage.unavailable");
    assert!(began.elapsed() < Duration::from_millis(TIMEOUT_MS + 1500), "{:?}", began.elapsed());
    assert!(!answer.text().contains("127.0.0.1"), "a 5xx shows no cause: {}", answer.text());
    // Signing needs no store; readiness tells of it without taking the service out of rotation.
    writer.presign(&json!({ "filename": "b.txt" })).await;
    let ready = writer.get("/readyz", 200).await.json();
    assert_eq!(ready["status"], "degraded");
    assert_eq!(ready["checks"], json!({ "storage": "degraded", "ledger": "ok", "backend": "ok" }));
    writer.get("/healthz", 200).await;

    signal(garage.pid(), "CONT");
    let asset = writer.register(&claim, 201).await.json();
    assert_eq!(asset["asset_id"], presigned["asset_id"]);
    assert_eq!(writer.get("/readyz", 200).await.json()["status"], "ok");
    let events = writer.events("event_type=raw_asset_registered&order=asc").await;
    let outcomes: Vec<_> =
        events.iter().map(|event| (event["outcome"].as_str().unwrap(), event["error_code"].as_str())).collect();
    assert_eq!(outcomes, [("failure", Some("storage.unavailable")), ("success", None)]);
}

#[tokio::test]
async fn a_store_that_never_answers_or_is_not_there_is_503() {
    // Takes connections, by the kernel's backlog, and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for address in [silent.local_addr().unwrap(), gone] {
        let setup = Setup::new().env("NEXUS__STORAGE__TIMEOUT_MS", TIMEOUT_MS);
        let nexus = on_s3(setup, &format!("http://{address}"), "bucket", "AKIDEXAMPLE", "secret").start().await;
        let writer = nexus.client("t_own", "writer");
        let presigned = writer.presign(&json!({ "filename": "a.txt" })).await;
        let id = presigned["asset_id"].as_str().unwrap();
        let began = Instant::now();
        writer.register(&json!({ "asset_id": id, "filename": "a.txt" }), 503).await.is("storage.unavailable");
        writer.get(&format!("/nexus/raw/{id}"), 503).await.is("storage.unavailable");
        writer.get(&format!("/nexus/raw/{id}/download"), 503).await.is("storage.unavailable");
        assert!(began.elapsed() < Duration::from_millis(3 * TIMEOUT_MS + 3000), "{:?}", began.elapsed());
        // The ledger answers for itself, and has each failure.
        let codes = writer.events("outcome=failure&include_reads=true").await;
        assert!(codes.iter().all(|event| event["error_code"] == "storage.unavailable"));
        assert_eq!(codes.len(), 3);
    }
}
