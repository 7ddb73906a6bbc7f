//! boto3 and requests, which share no code with us, against the embedded store and its forms.

use std::process::Command;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{Nexus, tools::tool};

/// Runs a script of `tests/it/python` with these arguments; `None` when Python is not there.
fn run(script: &str, arguments: &[&str]) -> Option<()> {
    let python = tool("NEXUS_TEST_PYTHON")?;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/python/");
    let output = Command::new(python).arg(format!("{path}{script}")).args(arguments).output().expect("start Python");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {said}\n{}", String::from_utf8_lossy(&output.stdout));
    Some(())
}

#[tokio::test]
async fn boto3_uses_the_embedded_store_as_any_other() {
    let nexus = Nexus::start().await;
    let keys = nexus.keys();
    let [key, secret] = ["s3_access_key", "s3_secret_key"].map(|name| keys[name].as_str().unwrap().to_owned());
    let endpoint = nexus.s3.clone().unwrap();
    tokio::task::spawn_blocking(move || run("store.py", &[&endpoint, "us-east-1", "nexus", &key, &secret]))
        .await
        .unwrap();
}

#[tokio::test]
async fn requests_posts_our_form_and_boto3_reads_what_it_left() {
    let nexus = Nexus::start().await;
    let writer = nexus.client("t_own", "writer");
    let content = "the file's content";
    let digest = hex::encode(Sha256::digest(content));
    let presign =
        json!({ "filename": "Bericht März.txt", "content_type": "text/plain; charset=utf-8", "sha256": digest });
    let presigned = writer.presign(&presign).await;
    let keys = nexus.keys();
    let (form, endpoint) = (presigned.to_string(), nexus.s3.clone().unwrap());
    let ran = tokio::task::spawn_blocking(move || {
        let [key, secret] = ["s3_access_key", "s3_secret_key"].map(|name| keys[name].as_str().unwrap());
        run("form.py", &[&endpoint, "us-east-1", "nexus", key, secret, &form, content])
    });
    if ran.await.unwrap().is_none() {
        return;
    }
    let claim = json!({ "asset_id": presigned["asset_id"], "filename": "Bericht März.txt", "sha256": digest });
    let asset = writer.register(&claim, 201).await.json();
    assert_eq!(asset["content_type"], "text/plain; charset=utf-8");
    assert_eq!(asset["size_bytes"], content.len());
}
