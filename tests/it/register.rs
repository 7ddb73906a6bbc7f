//! Registration: it looks at the object first, it happens once, and the same again is the same.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Client, Setup, Stage, Upload, stage::on_both_stores};

on_both_stores!(
    what_was_not_uploaded_is_not_registered,
    a_claim_that_differs_from_the_object_is_refused,
    a_checksum_nobody_attests_is_not_believed,
    the_same_again_is_the_same,
    another_claim_for_the_same_asset_is_a_conflict,
    two_requests_at_once_register_once,
    an_object_replaced_later_is_noticed,
    a_body_that_names_another_place_is_refused
);

const CONTENT: &[u8] = b"0123456789";

async fn uploaded(writer: &Client, presign: &Value) -> Value {
    let presigned = writer.presign(presign).await;
    Upload::of(&presigned, CONTENT).succeeds().await;
    presigned
}

fn claim(presigned: &Value, also: Value) -> Value {
    let mut claim = json!({ "asset_id": presigned["asset_id"], "filename": presigned["filename"] });
    for (name, value) in also.as_object().unwrap() {
        claim[name] = value.clone();
    }
    claim
}

async fn what_was_not_uploaded_is_not_registered(stage: Stage) {
    let writer = stage.client("t_own", "writer");
    let presigned = writer.presign(&json!({ "filename": "a.txt" })).await;
    let claim = claim(&presigned, json!({}));
    writer.register(&claim, 404).await.is("asset.not_uploaded");
    Upload::of(&presigned, CONTENT).succeeds().await;
    let id = presigned["asset_id"].as_str().unwrap();
    // It is looked for where it belongs: this tenant, this environment, this name.
    writer.clone().env("prod").register(&claim, 404).await.is("asset.not_uploaded");
    stage.client("t_else", "writer").register(&claim, 404).await.is("asset.not_uploaded");
    writer.register(&json!({ "asset_id": id, "filename": "b.txt" }), 404).await.is("asset.not_uploaded");
    writer.get(&format!("/nexus/raw/{id}"), 404).await.is("asset.unknown");
    writer.get(&format!("/nexus/raw/{id}/download"), 404).await.is("asset.unknown");
    writer.register(&claim, 201).await;
    let failures = writer.events("event_type=raw_asset_registered&outcome=failure").await;
    assert_eq!(failures.len(), 2, "each refusal in this environment left its event");
    assert!(failures.iter().all(|event| event["error_code"] == "asset.not_uploaded" && event["asset_id"] == id));
}

async fn a_claim_that_differs_from_the_object_is_refused(stage: Stage) {
    let writer = stage.client("t_own", "writer");
    let digest = hex::encode(Sha256::digest(CONTENT));
    let presign = json!({ "filename": "a.txt", "content_type": "text/plain", "sha256": digest });
    let presigned = uploaded(&writer, &presign).await;
    let other = hex::encode(Sha256::digest(b"something else"));
    for (field, code) in [
        (json!({ "size_bytes": 11 }), "asset.size_mismatch"),
        (json!({ "content_type": "text/html" }), "asset.type_mismatch"),
        (json!({ "sha256": other }), "asset.checksum_mismatch"),
    ] {
        writer.register(&claim(&presigned, field), 409).await.is(code);
    }
    let id = presigned["asset_id"].as_str().unwrap();
    writer.get(&format!("/nexus/raw/{id}"), 404).await.is("asset.unknown");
    // Content types compare without case (RFC 9110, section 8.3.1), digests too.
    let good = json!({ "size_bytes": 10, "content_type": "Text/Plain", "sha256": digest.to_uppercase() });
    let asset = writer.register(&claim(&presigned, good), 201).await.json();
    assert_eq!(asset["sha256"], digest);
    assert_eq!(asset["content_type"], "text/plain");
}

/// Given an upload without a digest, only a store that computed one itself can attest it.
async fn a_checksum_nobody_attests_is_not_believed(stage: Stage) {
    let writer = stage.client("t_own", "writer");
    let presigned = uploaded(&writer, &json!({ "filename": "a.txt" })).await;
    let digest = hex::encode(Sha256::digest(CONTENT));
    let claim_with = claim(&presigned, json!({ "sha256": digest }));
    let answer = writer.post("/nexus/raw/register", &claim_with, 409).await;
    answer.is("asset.checksum_unavailable");
    let asset = writer.register(&claim(&presigned, json!({})), 201).await.json();
    assert_eq!(asset["sha256"], Value::Null, "nothing is made up");
}

async fn the_same_again_is_the_same(stage: Stage) {
    let writer = stage.client("t_own", "writer");
    let presigned = uploaded(&writer, &json!({ "filename": "a.txt" })).await;
    let claim = claim(&presigned, json!({ "size_bytes": 10, "metadata": { "k": [1, { "b": 2, "a": 1 }] } }));
    let first = writer.register(&claim, 201).await.json();
    for _ in 0..3 {
        assert_eq!(writer.register(&claim, 200).await.json(), first);
    }
    let registered = writer.events("event_type=raw_asset_registered").await;
    assert_eq!(registered.len(), 1);
    let repeats = writer.events("event_type=raw_asset_register_repeated").await;
    assert_eq!(repeats.len(), 3);
    for repeat in repeats {
        assert_eq!(repeat["outcome"], "success");
        assert_eq!(repeat["asset_id"], first["asset_id"]);
        assert_eq!(repeat["source_refs"], json!([{ "kind": "event", "id": registered[0]["event_id"] }]));
    }
    let list = writer.walk("/nexus/raw", "").await;
    assert_eq!(list, [first], "a repeat is not listed again");
}

async fn another_claim_for_the_same_asset_is_a_conflict(stage: Stage) {
    let writer = stage.client("t_own", "writer");
    let presigned = uploaded(&writer, &json!({ "filename": "a.txt", "content_type": "text/plain" })).await;
    let first = writer.register(&claim(&presigned, json!({ "metadata": { "v": 1 } })), 201).await.json();
    for other in [
        json!({}),
        json!({ "metadata": { "v": 2 } }),
        json!({ "metadata": { "v": 1 }, "size_bytes": 10 }),
        json!({ "metadata": { "v": 1 }, "content_type": "text/plain" }),
        json!({ "metadata": { "v": 1 }, "filename": "b.txt" }),
        json!({ "metadata": { "v": 1 }, "sha256": "0".repeat(64) }),
    ] {
        writer.register(&claim(&presigned, other), 409).await.is("asset.conflict");
    }
    let id = first["asset_id"].as_str().unwrap();
    assert_eq!(writer.get(&format!("/nexus/raw/{id}"), 200).await.json(), first, "the first stands");
}

/// One process; across processes see `two_processes`. Garage has no conditional write, so there the development profile
/// accepts the race, and only the absence of errors is held.
async fn two_requests_at_once_register_once(stage: Stage) {
    let writer = stage.client("t_own", "writer");
    let presigned = uploaded(&writer, &json!({ "filename": "a.txt" })).await;
    let claim = claim(&presigned, json!({}));
    let at_once = (0..16).map(|_| {
        let writer = writer.clone();
        let request = writer.request(reqwest::Method::POST, "/nexus/raw/register").json(&claim);
        async move { writer.try_send(request).await.unwrap() }
    });
    let answers = futures::future::join_all(at_once).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(answers.iter().all(|answer| matches!(answer.status.as_u16(), 200 | 201)));
    if !stage.is_garage() {
        assert_eq!(created, 1);
        assert!(answers.iter().all(|answer| answer.body == answers[0].body));
        assert_eq!(writer.events("event_type=raw_asset_registered").await.len(), 1);
        assert_eq!(writer.events("event_type=raw_asset_register_repeated").await.len(), 15);
    }
}

/// A form may be posted again until it expires. On an unversioned bucket that replaces the object.
async fn an_object_replaced_later_is_noticed(stage: Stage) {
    let writer = stage.client("t_own", "writer");
    let presigned = uploaded(&writer, &json!({ "filename": "a.txt" })).await;
    let asset = writer.register(&claim(&presigned, json!({})), 201).await.json();
    let path = format!("/nexus/raw/{}/download", asset["asset_id"].as_str().unwrap());
    writer.get(&path, 200).await;
    Upload::of(&presigned, &b"9876543210"[..]).succeeds().await;
    writer.get(&path, 409).await.is("asset.altered");
    Upload::of(&presigned, CONTENT).succeeds().await;
    writer.get(&path, 200).await;
}

async fn a_body_that_names_another_place_is_refused(stage: Stage) {
    let writer = stage.client("t_own", "writer");
    let presigned = uploaded(&writer, &json!({ "filename": "a.txt" })).await;
    for other in [json!({ "tenant_id": "t_else" }), json!({ "env": "prod" }), json!({ "tenant_id": "not one" })] {
        writer.register(&claim(&presigned, other), 403).await.is("tenant.mismatch");
    }
    let own = json!({ "tenant_id": "t_own", "env": "dev" });
    writer.register(&claim(&presigned, own), 201).await;
}

#[tokio::test]
async fn what_is_larger_than_may_be_uploaded_is_refused_at_presign() {
    let nexus = Setup::new().env("NEXUS__STORAGE__MAX_UPLOAD_BYTES", 1000).start().await;
    let writer = nexus.client("t_own", "writer");
    let answer = writer.post("/nexus/raw/presign-upload", &json!({ "filename": "a", "size_bytes": 1001 }), 413).await;
    answer.is("asset.too_large");
    let presigned = writer.presign(&json!({ "filename": "a" })).await;
    assert_eq!(presigned["max_bytes"], 1000);
    let (status, _) = Upload::of(&presigned, vec![0; 1001]).send().await;
    assert_eq!(status, 400);
    Upload::of(&presigned, vec![0; 1000]).succeeds().await;
}
