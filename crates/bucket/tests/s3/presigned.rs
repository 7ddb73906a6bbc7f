//! Presigned URLs, and requests signed by hand for what the SDK would not send.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use chrono::Utc;
use sha2::{Digest as _, Sha256};

use crate::support::{ACCESS_KEY, BUCKET, REGION, SECRET_KEY, Store, bytes, client_with, status};

/// A header-signed request (AWS Signature Version 4) whose parts can be spoiled after signing.
pub struct SignedRequest {
    pub method: String,
    pub url: String,
    pub path: String,
    pub host: String,
    /// Signed; sorted by name when the request is sent.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub age: Duration,
}

/// A request to the test bucket with the hash of `body` as its content hash.
pub fn sign(store: &Store, method: &str, path: &str, body: &[u8]) -> SignedRequest {
    SignedRequest {
        method: method.into(),
        url: store.url(path),
        path: format!("/{BUCKET}{path}"),
        host: store.address.to_string(),
        headers: vec![("x-amz-content-sha256".into(), hex(&Sha256::digest(body)))],
        body: body.to_vec(),
        age: Duration::ZERO,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl SignedRequest {
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// A chunked body of `length` bytes whose checksum follows it.
    pub fn unsigned_trailer(mut self, trailer: &str, length: usize) -> Self {
        self.headers[0].1 = "STREAMING-UNSIGNED-PAYLOAD-TRAILER".into();
        self.header("x-amz-trailer", trailer)
            .header("x-amz-decoded-content-length", length.to_string())
            .header("content-encoding", "aws-chunked")
    }

    /// The status and the body.
    pub async fn send(mut self) -> (u16, String) {
        let now = Utc::now() - self.age;
        let (date, day) = (now.format("%Y%m%dT%H%M%SZ").to_string(), now.format("%Y%m%d").to_string());
        self.headers.push(("x-amz-date".into(), date.clone()));
        self.headers.push(("host".into(), self.host.clone()));
        self.headers.sort();
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let lines: String = self.headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let hash = &self.headers.iter().find(|(name, _)| name == "x-amz-content-sha256").unwrap().1;
        let canonical = format!("{}\n{}\n\n{lines}\n{names}\n{hash}", self.method, self.path);
        let scope = format!("{day}/{REGION}/s3/aws4_request");
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let key = generate_signing_key(SECRET_KEY, SystemTime::from(now), REGION, "s3");
        let signature = calculate_signature(key, to_sign.as_bytes());
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope}, SignedHeaders={names}, Signature={signature}");
        let request = reqwest::Client::new().request(self.method.parse().unwrap(), &self.url);
        let request = self.headers.iter().filter(|(name, _)| name != "host").fold(request, |r, (n, v)| r.header(n, v));
        let answer = request.header("authorization", authorization).body(self.body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presigned_url_puts_and_gets() {
    let store = Store::open().await;
    let minute = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let put = store.client.put_object().bucket(BUCKET).key("a folder/ü").presigned(minute.clone()).await.unwrap();
    let http = reqwest::Client::new();
    let answer = http.put(put.uri()).body(bytes(100_000)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let get = store.client.get_object().bucket(BUCKET).key("a folder/ü");
    let get = get.response_content_disposition("attachment; filename*=UTF-8''%C3%BC.txt");
    let url = get.presigned(minute).await.unwrap();
    let answer = http.get(url.uri()).header("range", "bytes=5-9").send().await.unwrap();
    assert_eq!(answer.status(), 206);
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename*=UTF-8''%C3%BC.txt");
    assert_eq!(answer.bytes().await.unwrap(), bytes(100_000)[5..10]);
    let altered = url.uri().replace("attachment", "inline");
    assert_eq!(http.get(altered).send().await.unwrap().status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_url_and_a_future_one_are_refused() {
    let store = Store::open().await;
    store.put("k", "x").await;
    for (start, expected) in [(-120, 403), (0, 200), (3_000, 403)] {
        let start = SystemTime::now() + Duration::from_secs(10_000) - Duration::from_secs((10_000 - start) as u64);
        let config = PresigningConfig::builder().start_time(start).expires_in(Duration::from_secs(60));
        let get = store.client.get_object().bucket(BUCKET).key("k").presigned(config.build().unwrap());
        let answer = reqwest::get(get.await.unwrap().uri()).await.unwrap();
        assert_eq!(answer.status(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_fresh_right_signature_is_let_in() {
    let store = Store::open().await;
    store.put("k", "x").await;
    for (access, secret) in [(ACCESS_KEY, "wrong"), ("wrong", SECRET_KEY)] {
        let stranger = client_with(store.address, access, secret);
        let refused = stranger.get_object().bucket(BUCKET).key("k").send().await.unwrap_err();
        assert_eq!(status(&refused), 403);
    }
    assert_eq!(reqwest::get(store.url("/k")).await.unwrap().status(), 403);
    let anonymous = reqwest::Client::new().put(store.url("/k")).body("y").send().await.unwrap();
    assert_eq!(anonymous.status(), 403);
    // The longer life of POST policies is not for signed headers.
    for (minutes, expected) in [(14, 200), (16, 403), (50, 403)] {
        let request = sign(&store, "GET", "/k", b"");
        let (status, _) = SignedRequest { age: Duration::from_secs(minutes * 60), ..request }.send().await;
        assert_eq!(status, expected, "{minutes} minutes old");
    }
    assert_eq!(store.get("k").await.unwrap(), b"x");
}
