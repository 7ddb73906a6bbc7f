//! Requests that are not what they should be: one shape of answer for all of them.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::support::{
    Claims, Nexus, Setup,
    wire::{connect, exchange, read_to_end},
};

const PRESIGN: &str = "/nexus/raw/presign-upload";
const REGISTER: &str = "/nexus/raw/register";

#[tokio::test]
async fn only_i_json_is_read() {
    let nexus = Nexus::start().await;
    let writer = nexus.client("t_own", "writer");
    let bad: &[&[u8]] = &[
        br#"{"filename": "a", "filename": "b"}"#,
        br#"{"filename": "a", "metadata": {"k": 1, "k": 1}}"#,
        br#"{"filename": "a", "metadata": [{"deep": {"k": 1, "\u006b": 1}}]}"#,
        br#"{"filename": "\ud800"}"#,
        br#"{"filename": "\udc00\ud800"}"#,
        b"{\"filename\": \"\xff\"}",
        b"{\"filename\": \"\xed\xa0\x80\"}",
        br#"{"filename": "a", "size_bytes": 9007199254740992}"#,
        br#"{"filename": "a", "metadata": {"n": -9007199254740992}}"#,
        br#"{"filename": "a", "metadata": {"n": 123456789012345678901234567890}}"#,
        br#"{"filename": "a", "metadata": {"n": 1e400}}"#,
        br#"{"filename": "a"} {"#,
        br#"{"filename": "a""#,
        br#"{'filename': 'a'}"#,
        br#"{"filename": "a", "metadata": {"n": NaN}}"#,
        b"",
        b"\xef\xbb\xbf{\"filename\": \"a\"}",
    ];
    for body in bad {
        let answer = writer.post_bytes(PRESIGN, body.to_vec(), 400).await;
        answer.is("body.malformed");
    }
    let good = r#"{"filename": "a \ud83d\ude00", "metadata": {"n": [9007199254740991, -9007199254740991, 0.5, 1e3]}}"#;
    writer.post_bytes(PRESIGN, good, 201).await;
    let events = writer.events("event_type=raw_asset_presigned").await;
    assert_eq!(events.len(), bad.len() + 1, "each of them left its event");
}

#[tokio::test]
async fn a_body_nested_too_deep_is_told_so() {
    let nexus = Nexus::start().await;
    let writer = nexus.client("t_own", "writer");
    let body = |levels: usize| {
        format!("{{\"filename\": \"a\", \"metadata\": {{\"k\": {}1{}}}}}", "[".repeat(levels), "]".repeat(levels))
    };
    writer.post_bytes(PRESIGN, body(118), 201).await;
    for levels in [119, 150, 5000] {
        let answer = writer.post_bytes(PRESIGN, body(levels), 422).await;
        assert_eq!(answer.pointers(), ["/metadata"]);
        assert_eq!(answer.json()["errors"][0]["code"], "depth");
    }
    // Not I-JSON either, however deep that is found.
    writer.post_bytes(PRESIGN, body(5000).replace('1', "}"), 400).await.is("body.malformed");
    // A dry run of the redactor takes any JSON, and holds to the same bound.
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    writer.post_bytes("/nexus/privacy/redact", nested(120), 200).await;
    writer.post_bytes("/nexus/privacy/redact", nested(121), 422).await.is("body.invalid");
    assert_eq!(writer.events("event_type=raw_asset_presigned").await.len(), 5, "each of them left its event");
}

#[tokio::test]
async fn every_fault_is_told_at_once_by_its_pointer() {
    let nexus = Nexus::start().await;
    let writer = nexus.client("t_own", "writer");
    let body = json!({ "filename": 1, "content_type": "text", "size_bytes": 0, "sha256": "zz", "metadata": [],
                       "surplus": 1, "odd/~name": 1 });
    let answer = writer.post(PRESIGN, &body, 422).await;
    assert_eq!(
        answer.pointers(),
        ["/content_type", "/filename", "/metadata", "/odd~1~0name", "/sha256", "/size_bytes", "/surplus"]
    );
    let codes = answer.json()["errors"].clone();
    assert!(codes.as_array().unwrap().iter().all(|fault| !fault["detail"].as_str().unwrap().is_empty()));
    let of = |pointer: &str| {
        let fault = codes.as_array().unwrap().iter().find(|fault| fault["pointer"] == pointer).unwrap();
        fault["code"].as_str().unwrap().to_owned()
    };
    assert_eq!((of("/surplus"), of("/filename"), of("/size_bytes")), ("unknown".into(), "type".into(), "range".into()));

    for (body, pointers) in [
        (json!({}), vec!["/filename"]),
        (json!({ "filename": null }), vec!["/filename"]),
        (json!({ "filename": "" }), vec!["/filename"]),
        (json!({ "filename": "../.." }), vec!["/filename"]),
        (json!({ "filename": "\u{200b}\u{202e}" }), vec!["/filename"]),
        (json!({ "filename": "a".repeat(5000) }), vec!["/filename"]),
        (json!({ "filename": "a", "size_bytes": 1.5 }), vec!["/size_bytes"]),
        (json!({ "filename": "a", "size_bytes": -1 }), vec!["/size_bytes"]),
        (json!({ "filename": "a", "size_bytes": "1" }), vec!["/size_bytes"]),
        (json!({ "filename": "a", "content_type": "text/plain\r\nX: y" }), vec!["/content_type"]),
        (json!({ "filename": "a", "content_type": "a/".repeat(200) }), vec!["/content_type"]),
        (json!({ "filename": "a", "metadata": { "long": "x".repeat(9000) } }), vec!["/metadata"]),
        (json!({ "filename": "a", "metadata": "text" }), vec!["/metadata"]),
        (json!([]), vec![""]),
        (json!("text"), vec![""]),
    ] {
        assert_eq!(writer.post(PRESIGN, &body, 422).await.pointers(), pointers, "{body}");
    }
    let answer = writer.post(REGISTER, &json!({ "asset_id": "a/b", "tenant_id": 1 }), 422).await;
    assert_eq!(answer.pointers(), ["/asset_id", "/filename", "/tenant_id"]);
}

#[tokio::test]
async fn another_content_type_is_not_read() {
    let nexus = Nexus::start().await;
    let writer = nexus.client("t_own", "writer");
    let body = json!({ "filename": "a" }).to_string();
    let with =
        |kind: &str| writer.request(reqwest::Method::POST, PRESIGN).header("content-type", kind).body(body.clone());
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", ""] {
        writer.send(with(kind), 415).await.is("body.unsupported_type");
    }
    let none = writer.request(reqwest::Method::POST, PRESIGN).body(body.clone());
    writer.send(none, 415).await.is("body.unsupported_type");
    for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        writer.send(with(kind), 201).await;
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read() {
    let nexus = Nexus::start().await;
    let writer = nexus.client("t_own", "writer");
    let body = format!("{{\"filename\": \"a\", \"metadata\": {{}}}}{}", " ".repeat(65_536));
    writer.post_bytes(PRESIGN, body, 413).await.is("body.too_large");
    // Whether its length is told beforehand or not.
    let token = nexus.token(&Claims::of("t_own", "writer"));
    let head = format!(
        "POST {PRESIGN} HTTP/1.1\r\nHost: nexus\r\nAuthorization: Bearer {token}\r\nX-Tenant-Id: t_own\r\nX-Env: dev\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    let chunk = format!("{:x}\r\n{}\r\n", 40_000, " ".repeat(40_000));
    let answer = exchange(&nexus.url, format!("{head}{chunk}{chunk}0\r\n\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("body.too_large"), "{answer}");
    // The largest that is taken is taken.
    let fits = format!("{{\"filename\": \"a\"}}{}", " ".repeat(65_536 - 17));
    assert_eq!(fits.len(), 65_536);
    writer.post_bytes(PRESIGN, fits, 201).await;
}

#[tokio::test]
async fn a_slow_body_is_408_and_is_on_the_ledger() {
    let nexus = Setup::new().env("NEXUS__SERVER__REQUEST_TIMEOUT_MS", 300).start().await;
    let token = nexus.token(&Claims::of("t_own", "writer"));
    let head = format!(
        "POST {PRESIGN} HTTP/1.1\r\nHost: nexus\r\nAuthorization: Bearer {token}\r\nX-Tenant-Id: t_own\r\nX-Env: dev\r\n\
         X-Request-Id: slow\r\nContent-Type: application/json\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{{"
    );
    let began = Instant::now();
    let mut stream = connect(&nexus.url).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(began.elapsed() >= Duration::from_millis(300) && began.elapsed() < Duration::from_secs(5));
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("application/problem+json") && answer.contains("\"request.timeout\""), "{answer}");
    assert!(answer.to_lowercase().contains("x-request-id: slow"), "{answer}");
    let events = nexus.client("t_own", "reader").events("request_id=slow").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["error_code"], "request.timeout");
}

#[tokio::test]
async fn slow_headers_do_not_hold_a_connection() {
    let nexus = Setup::new().env("NEXUS__SERVER__HEADER_TIMEOUT_MS", 300).start().await;
    let mut stream = connect(&nexus.url).await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: ").await.unwrap();
    let began = Instant::now();
    read_to_end(&mut stream).await;
    assert!(began.elapsed() < Duration::from_secs(5));
    nexus.anonymous().get("/healthz", 200).await;
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_too() {
    let nexus = Nexus::start().await;
    let writer = nexus.client("t_own", "writer");
    for path in
        ["/", "/nexus", "/nexus/", "/nexus/raw/", "/nexus/raw/a/b", "/nexus/raws", "/NEXUS/RAW", "/nexus/events/x/y"]
    {
        let answer = writer.try_send(writer.request(reqwest::Method::GET, path)).await.unwrap();
        assert_eq!(answer.status, 404, "{path}");
        answer.is("route.unknown");
        nexus.anonymous().get(path, 404).await.is("route.unknown");
    }
    for (method, path, allow) in [
        ("PUT", "/nexus/raw", vec!["GET", "HEAD"]),
        ("GET", PRESIGN, vec!["POST"]),
        ("DELETE", "/nexus/events", vec!["GET", "HEAD", "POST"]),
        ("PATCH", "/nexus/raw/some-asset", vec!["DELETE", "GET", "HEAD"]),
        ("BREW", "/healthz", vec!["GET", "HEAD"]),
    ] {
        let request = writer.request(method.parse().unwrap(), path);
        let answer = writer.send(request, 405).await;
        answer.is("method.not_allowed");
        let mut allowed: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
        allowed.sort_unstable();
        assert_eq!(allowed, allow, "{method} {path}");
    }
    let head = writer.send(writer.request(reqwest::Method::HEAD, "/nexus/raw"), 200).await;
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn a_browser_reads_errors_too() {
    let nexus = Setup::new().env("NEXUS__CORS__ORIGINS", "[\"https://widget.example.com\"]").start().await;
    let preflight = nexus
        .anonymous()
        .header("origin", "https://widget.example.com")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,x-tenant-id,x-env,content-type");
    for base in [nexus.url.clone(), format!("{}/nexus", nexus.s3.as_ref().unwrap())] {
        let client = reqwest::Client::new();
        let origin = ("origin", "https://widget.example.com");
        let answer = client
            .request(reqwest::Method::OPTIONS, format!("{base}{}", if base == nexus.url { PRESIGN } else { "" }))
            .header(origin.0, origin.1)
            .header("access-control-request-method", "POST")
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{base}: {}", answer.status());
        assert_eq!(answer.headers()["access-control-allow-origin"], origin.1);
    }
    let refused = preflight.clone().post(PRESIGN, &json!({}), 401).await;
    assert_eq!(refused.header("access-control-allow-origin"), "https://widget.example.com");
    assert!(refused.header("access-control-expose-headers").contains("x-request-id"));
    let stranger = preflight.header("origin", "https://evil.example").post(PRESIGN, &json!({}), 401).await;
    assert_eq!(stranger.header("access-control-allow-origin"), "");
}
