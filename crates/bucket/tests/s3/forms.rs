//! POST forms: what a browser sends with a policy signed for it.

use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::support::{ACCESS_KEY, BUCKET, REGION, SECRET_KEY, Store, bytes, config, serve};

/// A policy and the fields it goes with. Sent as it is it is accepted; each test spoils one thing.
struct Form {
    fields: Vec<(String, String)>,
    file: Vec<u8>,
    /// Of the policy, from now.
    expires: TimeDelta,
    /// Of the signature.
    age: TimeDelta,
    length_range: (usize, usize),
    secret: &'static str,
    /// Replaces a field after signing.
    spoil: Option<(&'static str, String)>,
}

impl Form {
    fn new(file: impl Into<Vec<u8>>) -> Self {
        Self {
            fields: vec![
                ("key".into(), "tenants/t/upload.txt".into()),
                ("Content-Type".into(), "text/plain".into()),
                ("x-amz-meta-note".into(), "größe".into()),
            ],
            file: file.into(),
            expires: TimeDelta::minutes(10),
            age: TimeDelta::zero(),
            length_range: (1, 1_000_000),
            secret: SECRET_KEY,
            spoil: None,
        }
    }

    fn field(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Signs the policy and posts the form; the status and the body.
    async fn post(mut self, store: &Store) -> (u16, String) {
        let now = Utc::now() - self.age;
        let scope = format!("{}/{REGION}/s3/aws4_request", now.format("%Y%m%d"));
        self.fields.extend([
            ("x-amz-algorithm".into(), "AWS4-HMAC-SHA256".into()),
            ("x-amz-credential".into(), format!("{ACCESS_KEY}/{scope}")),
            ("x-amz-date".into(), now.format("%Y%m%dT%H%M%SZ").to_string()),
        ]);
        let mut conditions: Vec<_> =
            self.fields.iter().map(|(name, value)| format!(r#"{{"{name}":"{value}"}}"#)).collect();
        conditions.push(format!(r#"{{"bucket":"{BUCKET}"}}"#));
        conditions.push(format!(r#"["content-length-range",{},{}]"#, self.length_range.0, self.length_range.1));
        let expiration = (Utc::now() + self.expires).format("%Y-%m-%dT%H:%M:%S.000Z");
        let policy = format!(r#"{{"expiration":"{expiration}","conditions":[{}]}}"#, conditions.join(","));
        let policy = STANDARD.encode(policy);
        let key = generate_signing_key(self.secret, SystemTime::from(now), REGION, "s3");
        let signature = calculate_signature(key, policy.as_bytes());
        self.fields.push(("policy".into(), policy));
        self.fields.push(("x-amz-signature".into(), signature));
        if let Some((name, value)) = self.spoil {
            self.fields.retain(|(field, _)| field != name);
            self.fields.push((name.into(), value));
        }
        let form =
            self.fields.into_iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| form.text(name, value));
        let form = form.part("file", reqwest::multipart::Part::bytes(self.file).file_name("x"));
        let answer = reqwest::Client::new().post(store.url("")).multipart(form).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

const KEY: &str = "tenants/t/upload.txt";

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_follows_its_policy_is_stored() {
    let store = Store::open().await;
    for size in [1, 4096, 900_000] {
        let (status, body) = Form::new(bytes(size)).field("success_action_status", "201").post(&store).await;
        assert_eq!(status, 201, "{body}");
        assert!(body.contains(&format!("<Key>{KEY}</Key>")), "{body}");
        assert!(store.get(KEY).await.unwrap() == bytes(size));
    }
    assert_eq!(Form::new("x").post(&store).await.0, 204);
    let head = store.client.head_object().bucket(BUCKET).key(KEY).send().await.unwrap();
    assert_eq!(head.content_type(), Some("text/plain"));
    assert!(head.metadata().unwrap()["note"].starts_with("=?UTF-8?B?"));
}

/// What is refused leaves the old object and nothing else.
async fn refused(form: Form, statuses: &[u16], code: &str) {
    let store = Store::open().await;
    store.put(KEY, "old").await;
    let (status, body) = form.post(&store).await;
    assert!(statuses.contains(&status), "{status} {body}");
    assert!(body.contains(&format!("<Code>{code}</Code>")), "{body}");
    assert_eq!(store.get(KEY).await.unwrap(), b"old");
    let listed = store.client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(listed.key_count(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_signature_is_refused() {
    refused(Form { secret: "not the secret", ..Form::new("new") }, &[403], "SignatureDoesNotMatch").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_policy_is_refused() {
    let policy = STANDARD.encode(r#"{"expiration":"2099-01-01T00:00:00Z","conditions":[]}"#);
    let form = Form { spoil: Some(("policy", policy)), ..Form::new("new") };
    refused(form, &[400, 403], "InvalidPolicyDocument").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_policy_is_refused() {
    refused(Form { expires: TimeDelta::seconds(-1), ..Form::new("new") }, &[403], "AccessDenied").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_or_empty_file_is_refused() {
    let range = (1, 1000);
    refused(Form { length_range: range, ..Form::new(bytes(1001)) }, &[400], "EntityTooLarge").await;
    refused(Form { length_range: range, ..Form::new("") }, &[400], "EntityTooSmall").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_or_type_is_refused() {
    for (field, value) in [("key", "tenants/other/upload.txt"), ("Content-Type", "text/html")] {
        let form = Form { spoil: Some((field, value.into())), ..Form::new("new") };
        refused(form, &[400, 403], "InvalidPolicyDocument").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_outside_the_policy_is_refused() {
    let form = Form { spoil: Some(("x-amz-meta-extra", "1".into())), ..Form::new("new") };
    refused(form, &[403], "AccessDenied").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checksum_in_the_policy_is_verified_and_kept() {
    let sha256 = STANDARD.encode(Sha256::digest("new"));
    let form = |file: &str| {
        let form = Form::new(file).field("x-amz-checksum-algorithm", "SHA256");
        form.field("x-amz-checksum-sha256", sha256.clone())
    };
    refused(form("not what was announced"), &[400], "BadDigest").await;
    let store = Store::open().await;
    assert_eq!(form("new").post(&store).await.0, 204);
    let head = store.client.head_object().bucket(BUCKET).key(KEY);
    let head = head.checksum_mode(aws_sdk_s3::types::ChecksumMode::Enabled).send().await.unwrap();
    assert_eq!(head.checksum_sha256(), Some(sha256.as_str()));
    assert_eq!(store.get(KEY).await.unwrap(), b"new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_works_for_an_hour_when_it_says_so() {
    let store = Store::open().await;
    let form = Form { age: TimeDelta::minutes(59), expires: TimeDelta::minutes(1), ..Form::new("late") };
    let (status, body) = form.post(&store).await;
    assert_eq!(status, 204, "{body}");
    let form = Form { age: TimeDelta::minutes(70), expires: TimeDelta::minutes(1), ..Form::new("later") };
    assert_eq!(form.post(&store).await.0, 403);
    assert_eq!(store.get(KEY).await.unwrap(), b"late");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_a_policy_is_refused() {
    let store = Store::open().await;
    let form = reqwest::multipart::Form::new().text("key", KEY);
    let form = form.part("file", reqwest::multipart::Part::bytes(b"x".to_vec()));
    let answer = reqwest::Client::new().post(store.url("")).multipart(form).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    assert_eq!(store.get(KEY).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_have_a_cap_and_share_a_memory() {
    let mut store = Store::open().await;
    store.bucket.close();
    let mut config = config(store.dir.path());
    config.max_post_file_bytes = 100_000;
    config.post_buffer_bytes = 0;
    config.post_buffer_wait = Duration::from_millis(300);
    store.bucket = nexus_bucket::Bucket::open(config).unwrap();
    (store.address, _) = serve(&store.bucket).await;
    assert_eq!(Form::new(bytes(100_000)).post(&store).await.0, 204);
    let (status, body) = Form::new(bytes(100_001)).post(&store).await;
    assert_eq!(status, 400);
    assert!(body.contains("<Code>EntityTooLarge</Code>"), "{body}");
    // A form that holds all the memory there is and never ends.
    let (sender, body) = tokio::sync::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    let body = futures::stream::unfold(body, |mut body| async move { Some((body.recv().await?, body)) });
    let hog = reqwest::Client::new().post(store.url("")).header("content-type", "multipart/form-data; boundary=x");
    let hog = tokio::spawn(hog.body(reqwest::Body::wrap_stream(body)).send());
    sender.send(Ok(b"--x\r\n".to_vec())).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (status, body) = Form::new("x").post(&store).await;
    assert_eq!((status, body.contains("<Code>SlowDown</Code>")), (503, true), "{body}");
    drop(sender);
    assert_eq!(hog.await.unwrap().unwrap().status(), 400);
    assert_eq!(Form::new("x").post(&store).await.0, 204);
}

/// RFC 2104 over SHA-1.
fn hmac_sha1(key: &str, message: &str) -> Vec<u8> {
    use s3s::crypto::{Checksum as _, Sha1};
    let pad = |byte: u8| {
        let mut block = vec![byte; 64];
        block.iter_mut().zip(key.bytes()).for_each(|(pad, key)| *pad ^= key);
        block
    };
    let inner = Sha1::checksum(&[pad(0x36), message.into()].concat());
    Sha1::checksum(&[pad(0x5c), inner.to_vec()].concat()).to_vec()
}

/// The right key is not enough: version 2 signs with SHA-1.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_2_signature_is_refused() {
    let store = Store::open().await;
    let policy = r#"{"expiration":"2099-01-01T00:00:00Z","conditions":[["starts-with","$key",""]]}"#;
    let policy = STANDARD.encode(policy);
    let form = reqwest::multipart::Form::new()
        .text("key", KEY)
        .text("AWSAccessKeyId", ACCESS_KEY)
        .text("signature", STANDARD.encode(hmac_sha1(SECRET_KEY, &policy)))
        .text("policy", policy)
        .part("file", reqwest::multipart::Part::bytes(b"x".to_vec()));
    let answer = reqwest::Client::new().post(store.url("")).multipart(form).send().await.unwrap();
    let (status, body) = (answer.status().as_u16(), answer.text().await.unwrap());
    assert_eq!(status, 400, "{body}");
    assert!(body.contains("Please use AWS4-HMAC-SHA256"), "{body}");
    assert_eq!(store.get(KEY).await, None);
}
