//! The store itself refuses whatever the signed form does not admit: nothing of it depends on the client's good will.
//!
//! Each refusal is followed by a look for the object: a refusal after the fact would be none.

use chrono::{TimeDelta, Utc};
use nexus::raw_storage::{
    filename::FileName,
    key::ObjectKey,
    post_policy::{PostConditions, Signer},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Client, Stage, Upload, stage::on_both_stores};

on_both_stores!(
    a_wrong_signature_is_refused,
    a_tampered_policy_is_refused,
    an_expired_policy_is_refused,
    an_oversized_body_is_refused,
    an_undersized_body_is_refused,
    a_wrong_key_is_refused,
    a_wrong_content_type_is_refused,
    a_wrong_checksum_is_refused,
    a_field_without_a_condition_is_refused,
    a_form_without_a_signature_is_refused
);

const CONTENT: &[u8] = b"0123456789";
/// What s3s answers, with status 400, where a condition is not met. Amazon answers 403 `AccessDenied`.
const UNMET: &str = "InvalidPolicyDocument";

async fn presigned(stage: &Stage) -> (Client, Value) {
    let writer = stage.client("t_acme", "writer");
    let presigned =
        writer.presign(&json!({ "filename": "a.txt", "content_type": "text/plain", "size_bytes": 10 })).await;
    (writer, presigned)
}

/// Then: the store refuses (Garage answers 400 to all of them), and there is no object.
async fn refused(stage: &Stage, writer: &Client, presigned: &Value, upload: Upload, expected: u16, code: &str) {
    let (status, text) = upload.send().await;
    if stage.is_garage() {
        assert!((400..500).contains(&status), "{status} {text}");
    } else {
        assert_eq!(status, expected, "{text}");
        assert!(text.contains(&format!("<Code>{code}</Code>")), "expected {code} in {text}");
    }
    let claim = json!({ "asset_id": presigned["asset_id"], "filename": presigned["filename"] });
    writer.register(&claim, 404).await.is("asset.not_uploaded");
}

async fn a_wrong_signature_is_refused(stage: Stage) {
    let (writer, form) = presigned(&stage).await;
    let upload = Upload::of(&form, CONTENT).field("x-amz-signature", &"0".repeat(64));
    refused(&stage, &writer, &form, upload, 403, "SignatureDoesNotMatch").await;
}

async fn a_tampered_policy_is_refused(stage: Stage) {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let (writer, form) = presigned(&stage).await;
    let policy = BASE64_STANDARD.decode(form["fields"]["policy"].as_str().unwrap()).unwrap();
    let mut policy: Value = serde_json::from_slice(&policy).unwrap();
    for condition in policy["conditions"].as_array_mut().unwrap() {
        if condition[0] == "content-length-range" {
            condition[2] = json!(1_000_000);
        }
    }
    let upload = Upload::of(&form, "x".repeat(100)).field("policy", &BASE64_STANDARD.encode(policy.to_string()));
    refused(&stage, &writer, &form, upload, 403, "SignatureDoesNotMatch").await;
}

/// The shortest expiry that may be configured is a minute, so this policy is signed here, as it was two minutes ago.
async fn an_expired_policy_is_refused(stage: Stage) {
    let (writer, form) = presigned(&stage).await;
    let (key, secret) = match &stage.garage {
        Some(garage) => (garage.access_key.clone(), garage.secret_key.clone()),
        None => {
            let keys = stage.nexus.keys();
            (keys["s3_access_key"].as_str().unwrap().to_owned(), keys["s3_secret_key"].as_str().unwrap().to_owned())
        }
    };
    let credentials = aws_credential_types::Credentials::new(key, secret, None, None, "test");
    let (name, _) = FileName::clean("a.txt").unwrap();
    let id = form["asset_id"].as_str().unwrap().parse().unwrap();
    let conditions = PostConditions {
        key: ObjectKey::raw(&"t_acme".parse().unwrap(), &"dev".parse().unwrap(), &id, &name),
        content_type: "text/plain".to_owned(),
        length: (1, 10),
        sha256: None,
    };
    let signed = |expires_in| {
        let signed_at = Utc::now() - TimeDelta::seconds(120);
        let expires_at = Utc::now() + TimeDelta::seconds(expires_in);
        let signer = Signer::new(&credentials, "us-east-1", signed_at);
        let fields = signer.sign(&conditions, stage.bucket(), signed_at, expires_at);
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Upload { url: form["url"].as_str().unwrap().to_owned(), fields, file: CONTENT.to_vec() }
    };
    refused(&stage, &writer, &form, signed(-60), 403, "AccessDenied").await;
    // Only its end was wrong: the same form that ends later is taken.
    signed(60).succeeds().await;
}

async fn an_oversized_body_is_refused(stage: Stage) {
    let (writer, form) = presigned(&stage).await;
    refused(&stage, &writer, &form, Upload::of(&form, &b"0123456789X"[..]), 400, "EntityTooLarge").await;
}

async fn an_undersized_body_is_refused(stage: Stage) {
    let (writer, form) = presigned(&stage).await;
    refused(&stage, &writer, &form, Upload::of(&form, &b"012345678"[..]), 400, "EntityTooSmall").await;
}

async fn a_wrong_key_is_refused(stage: Stage) {
    let (writer, form) = presigned(&stage).await;
    let theirs = stage.client("t_other", "writer").presign(&json!({ "filename": "a.txt" })).await;
    for key in [
        theirs["key"].as_str().unwrap().to_owned(),
        form["key"].as_str().unwrap().replace("/dev/", "/prod/"),
        form["key"].as_str().unwrap().replace("/raw/", "/assets/"),
        format!("{}x", form["key"].as_str().unwrap()),
    ] {
        refused(&stage, &writer, &form, Upload::of(&form, CONTENT).field("key", &key), 400, UNMET).await;
    }
    let claim = json!({ "asset_id": theirs["asset_id"], "filename": "a.txt" });
    stage.client("t_other", "writer").register(&claim, 404).await.is("asset.not_uploaded");
}

async fn a_wrong_content_type_is_refused(stage: Stage) {
    let (writer, form) = presigned(&stage).await;
    let upload = Upload::of(&form, CONTENT).field("Content-Type", "text/html");
    refused(&stage, &writer, &form, upload, 400, UNMET).await;
}

async fn a_wrong_checksum_is_refused(stage: Stage) {
    let writer = stage.client("t_acme", "writer");
    let digest = hex::encode(Sha256::digest(CONTENT));
    let form = writer.presign(&json!({ "filename": "a.txt", "sha256": digest, "size_bytes": 10 })).await;
    refused(&stage, &writer, &form, Upload::of(&form, &b"9876543210"[..]), 400, "BadDigest").await;
    Upload::of(&form, CONTENT).succeeds().await;
}

async fn a_field_without_a_condition_is_refused(stage: Stage) {
    let (writer, form) = presigned(&stage).await;
    let upload = Upload::of(&form, CONTENT).field("x-amz-meta-note", "not agreed on");
    refused(&stage, &writer, &form, upload, 403, "AccessDenied").await;
}

async fn a_form_without_a_signature_is_refused(stage: Stage) {
    let (writer, form) = presigned(&stage).await;
    let mut upload = Upload::of(&form, CONTENT);
    for name in ["policy", "x-amz-signature", "x-amz-algorithm", "x-amz-credential", "x-amz-date"] {
        upload.fields.remove(name);
    }
    refused(&stage, &writer, &form, upload, 403, "AccessDenied").await;
}
