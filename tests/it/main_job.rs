//! The main job: a tenant's file goes in, is checked, registered, and every step is on the ledger.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Client, Stage, Upload, stage::on_both_stores};

on_both_stores!(
    a_file_goes_in_and_every_step_is_on_the_ledger,
    presign_key_prefix,
    register_emits_event,
    a_sha256_is_held_to,
    names_survive_the_whole_way
);

const CONTENT: &[u8] = b"quarterly figures, in confidence";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The names of an object's members, sorted.
fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// Given a presigned form: posts the file and registers it.
async fn upload_and_register(writer: &Client, presigned: &Value, content: &[u8]) -> Value {
    Upload::of(presigned, content).succeeds().await;
    let claim = json!({ "asset_id": presigned["asset_id"], "filename": presigned["filename"] });
    writer.register(&claim, 201).await.json()
}

async fn a_file_goes_in_and_every_step_is_on_the_ledger(stage: Stage) {
    let writer = stage.client("t_acme", "writer").header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"));

    let answer = writer
        .post(
            "/nexus/raw/presign-upload",
            &json!({ "filename": "figures.txt", "content_type": "text/plain", "size_bytes": CONTENT.len(),
                     "metadata": { "quarter": 3 } }),
            201,
        )
        .await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let presigned = answer.json();
    assert_eq!(
        members(&presigned),
        [
            "asset_id",
            "expires_at",
            "fields",
            "filename",
            "filename_changes",
            "key",
            "max_bytes",
            "method",
            "uri",
            "url"
        ]
    );
    assert_eq!(presigned["method"], "POST");
    assert_eq!(presigned["max_bytes"], CONTENT.len());
    assert_eq!(presigned["fields"]["key"], presigned["key"]);
    assert_eq!(presigned["uri"], format!("s3://{}/{}", stage.bucket(), presigned["key"].as_str().unwrap()));

    let asset = upload_and_register(&writer, &presigned, CONTENT).await;
    assert_eq!(
        members(&asset),
        [
            "asset_id",
            "content_type",
            "created_at",
            "created_by",
            "env",
            "etag",
            "filename",
            "metadata",
            "sha256",
            "size_bytes",
            "tenant_id",
            "uri",
            "version_id"
        ]
    );
    let expected = json!({ "asset_id": presigned["asset_id"], "tenant_id": "t_acme", "env": "dev",
        "uri": presigned["uri"], "filename": "figures.txt", "content_type": "text/plain",
        "size_bytes": CONTENT.len(), "metadata": {}, "created_by": "u_test" });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&asset[name], value, "{name}");
    }

    let id = asset["asset_id"].as_str().unwrap();
    assert_eq!(writer.get(&format!("/nexus/raw/{id}"), 200).await.json(), asset);
    let list = writer.get("/nexus/raw", 200).await.json();
    assert_eq!(list, json!({ "items": [asset], "next_cursor": null }));

    let answer = writer.get(&format!("/nexus/raw/{id}/download"), 200).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let download = answer.json();
    assert_eq!(members(&download), ["expires_at", "url"]);
    let file = reqwest::get(download["url"].as_str().unwrap()).await.unwrap();
    assert_eq!(file.status(), 200);
    assert!(file.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(file.headers()["content-type"], "text/plain");
    assert_eq!(file.bytes().await.unwrap(), CONTENT);

    every_step_is_on_the_ledger(&writer, id, &asset).await;
}

async fn every_step_is_on_the_ledger(writer: &Client, id: &str, asset: &Value) {
    let events = writer.events(&format!("asset_id={id}&include_reads=true&order=asc")).await;
    let types: Vec<&str> = events.iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["raw_asset_presigned", "raw_asset_registered", "raw_asset_read", "raw_asset_downloaded"]);
    for event in &events {
        let expected = json!({ "tenant_id": "t_acme", "env": "dev", "surface": "raw_storage", "outcome": "success",
            "user_id": "u_test", "asset_type": "raw", "asset_id": id, "train_ok": true });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&event[name], value, "{name} in {event}");
        }
        assert_eq!(event["metadata"]["trace_id"], TRACE);
        assert_eq!(event["metadata"]["actor_type"], "human");
        assert_eq!(event["ledger"]["leaf_hash"].as_str().unwrap().len(), 64);
        let one = writer.get(&format!("/nexus/events/{}", event["event_id"].as_str().unwrap()), 200).await.json();
        assert_eq!(&one, event);
    }
    assert_eq!(events[0]["input"]["metadata"], json!({ "quarter": 3 }));
    assert_eq!(events[1]["output"]["size_bytes"], asset["size_bytes"]);

    // The trace has them too, and the list, the reads of the ledger and itself beside them: everything of that trace.
    let trace = writer.walk(&format!("/nexus/traces/{TRACE}"), "").await;
    let types: Vec<&str> = trace.iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(
        types[..6],
        [
            "raw_asset_presigned",
            "raw_asset_registered",
            "raw_asset_read",
            "raw_asset_listed",
            "raw_asset_downloaded",
            "events_read"
        ]
    );
    assert_eq!(types.iter().filter(|kind| **kind == "event_read").count(), 4);
    assert_eq!(trace.len(), 10, "the trace's own read is written after it: {types:?}");
}

async fn presign_key_prefix(stage: Stage) {
    let bodies = ["report.pdf", "../../t_other/prod/raw/x", "..\\..\\x", "/etc/passwd", "tenants/t_other/dev/raw/a/b"];
    for (tenant, env) in [("t_acme", "dev"), ("t_acme", "prod"), ("t_b-c_d", "staging")] {
        let writer = stage.client(tenant, "writer").env(env);
        for filename in bodies {
            let presigned = writer.presign(&json!({ "filename": filename })).await;
            let (key, id) = (presigned["key"].as_str().unwrap(), presigned["asset_id"].as_str().unwrap());
            let name = presigned["filename"].as_str().unwrap();
            assert_eq!(key, format!("tenants/{tenant}/{env}/raw/{id}/{name}"));
            assert!(!name.contains(['/', '\\']) && !name.contains(".."), "{name}");
            // And the object goes exactly there: where the signed form says, and nowhere else.
            assert_eq!(presigned["fields"]["key"], key);
        }
    }
}

async fn register_emits_event(stage: Stage) {
    let writer = stage.client("t_acme", "writer").header("x-request-id", "req-register");
    let presigned = writer.presign(&json!({ "filename": "a.txt" })).await;
    let asset = upload_and_register(&writer, &presigned, CONTENT).await;
    let events = writer.events("event_type=raw_asset_registered").await;
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!(event["asset_id"], asset["asset_id"]);
    assert_eq!(event["outcome"], "success");
    assert_eq!(event["metadata"]["request_id"], "req-register");
    assert_eq!(event["metadata"]["synthesized"], json!(["trace_id"]));
    assert_eq!(event["output"]["size_bytes"], CONTENT.len());
    assert_eq!(event["output"]["content_type"], "application/octet-stream");
    assert_eq!(event["source_refs"], json!([]));
}

async fn a_sha256_is_held_to(stage: Stage) {
    let writer = stage.client("t_acme", "writer");
    let digest = hex::encode(Sha256::digest(CONTENT));
    let presigned = writer.presign(&json!({ "filename": "a.bin", "sha256": digest })).await;
    Upload::of(&presigned, CONTENT).succeeds().await;
    let claim = json!({ "asset_id": presigned["asset_id"], "filename": "a.bin", "sha256": digest });
    let asset = writer.register(&claim, 201).await.json();
    assert_eq!(asset["sha256"], digest, "the store attests it");
}

async fn names_survive_the_whole_way(stage: Stage) {
    let writer = stage.client("t_acme", "writer");
    let names = [
        "Jahresbericht 2026 (final).xlsx",
        "写真 – 東京.jpg",
        "naïve+file@home=1,2;3&4.txt",
        "100% \"quoted\" <b>.html",
        "e\u{301}cole.txt",
        "C:\\fakepath\\scan.pdf",
        "a\u{202e}fdp.exe",
        &format!("{}.tar.gz", "ü".repeat(300)),
    ];
    for raw in names {
        let presigned = writer.presign(&json!({ "filename": raw })).await;
        let changed = !presigned["filename_changes"].as_array().unwrap().is_empty();
        assert_eq!(presigned["filename"] != raw, changed, "what changed is told: {presigned}");
        Upload::of(&presigned, CONTENT).succeeds().await;
        // Registered under the name as it was first given: cleaning gives the same again.
        let claim = json!({ "asset_id": presigned["asset_id"], "filename": raw });
        let asset = writer.register(&claim, 201).await.json();
        assert_eq!(asset["filename"], presigned["filename"]);
        let id = asset["asset_id"].as_str().unwrap();
        let download = writer.get(&format!("/nexus/raw/{id}/download"), 200).await.json();
        let file = reqwest::get(download["url"].as_str().unwrap()).await.unwrap();
        let disposition = file.headers()["content-disposition"].to_str().expect("ASCII").to_owned();
        let encoded = disposition.split_once("filename*=UTF-8''").expect("RFC 8187").1;
        let decoded = percent_encoding::percent_decode_str(encoded).decode_utf8().unwrap();
        assert_eq!(presigned["filename"], decoded.as_ref());
        assert_eq!(file.bytes().await.unwrap(), CONTENT);
    }
}
