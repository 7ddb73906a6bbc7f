//! What operators see and set: readiness, metrics, logs, the bound on work in flight, the address that browsers see.

use std::{fs::File, process::Stdio};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::support::{
    Claims, Nexus, Setup, Stage, Upload,
    garage::Garage,
    stage::on_s3,
    wire::{connect, read_to_end},
};

#[tokio::test]
async fn readiness_names_each_part() {
    let nexus = Nexus::start().await;
    assert_eq!(nexus.anonymous().get("/healthz", 200).await.json(), json!({ "status": "ok" }));
    let ready = nexus.anonymous().get("/readyz", 200).await.json();
    assert_eq!(ready["status"], "ok");
    assert_eq!(ready["checks"], json!({ "storage": "ok", "ledger": "ok", "backend": "ok" }));
}

#[tokio::test]
async fn metrics_count_by_tenant_up_to_a_cap_and_by_route_without_ids() {
    let nexus = Setup::new().env("NEXUS__METRICS__MAX_TENANTS", 2).start().await;
    for tenant in ["t_one", "t_two", "t_three", "t_four", "t_one"] {
        nexus.client(tenant, "reader").get("/nexus/raw/some-asset-of-mine", 404).await;
    }
    let text = nexus.anonymous().get("/metrics", 200).await.text();
    assert!(!text.contains("t_three") && !text.contains("t_four"), "beyond the cap there is one series");
    assert!(!text.contains("some-asset-of-mine"), "routes are counted by their template");
    assert_eq!(nexus.metric("nexus_events_total{tenant=\"t_one\",env=\"dev\",outcome=\"failure\"}").await, 2.0);
    assert_eq!(nexus.metric("nexus_events_total{tenant=\"other\",env=\"other\"").await, 2.0);
    let by_type = "nexus_events_by_type_total{surface=\"raw_storage\",type=\"raw_asset_read\",outcome=\"failure\",\
                   code=\"asset.unknown\"}";
    assert_eq!(nexus.metric(by_type).await, 5.0);
    let requests = "nexus_http_requests_total{route=\"/nexus/raw/{asset_id}\",method=\"GET\",status=\"404\"}";
    assert_eq!(nexus.metric(requests).await, 5.0);
    assert!(text.contains("nexus_http_request_duration_seconds"));
}

#[tokio::test]
async fn each_log_line_is_json_and_names_its_request() {
    let nexus = Setup::new().env("NEXUS__LOG__FILTER", "info,nexus=debug").start().await;
    let writer = nexus.client("t_own", "writer");
    let traced = writer
        .clone()
        .header("x-request-id", "req-logged")
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let presigned = traced.presign(&json!({ "filename": "Quokkaburra.txt" })).await;
    Upload::of(&presigned, &b"content"[..]).succeeds().await;
    writer.get("/nexus/raw/nobody", 404).await;

    let log = nexus.log_with("asset.unknown").await;
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect();
    let line = lines.iter().find(|line| line["request_id"] == "req-logged").expect("the request's line");
    assert_eq!(line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!((&line["tenant"], &line["env"], &line["status"]), (&json!("t_own"), &json!("dev"), &json!(201)));
    assert!(lines.iter().any(|line| line["code"] == "asset.unknown" && line["level"] == "INFO"));
    let token = nexus.token(&Claims::of("t_own", "writer"));
    let signature = presigned["fields"]["x-amz-signature"].as_str().unwrap();
    for secret in [token.rsplit('.').next().unwrap(), signature, "Quokkaburra", "Bearer"] {
        assert!(!log.contains(secret), "{secret} in the log");
    }
}

#[tokio::test]
async fn ids_made_here_are_told_but_not_by_every_line() {
    let nexus = Setup::new().env("NEXUS__LOG__SYNTHESIZED_PER_SECOND", 1).start().await;
    let reader = nexus.client("t_own", "reader");
    let begun = std::time::Instant::now();
    for _ in 0..20 {
        let answer = reader.get("/nexus/raw", 200).await;
        assert!(!answer.header("x-request-id").is_empty());
    }
    nexus.anonymous().get("/healthz", 200).await;
    let seconds = begun.elapsed().as_secs() as usize;
    // Given by the caller, they are no news.
    let traced = reader.header("x-request-id", "req-given");
    let traced = traced.header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    traced.get("/nexus/raw", 200).await;
    let log = nexus.log_with("the caller gave no id").await;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<&Value> =
        lines.iter().filter(|line| line["message"] == "the caller gave no id; one was made here").collect();
    assert!((1..=seconds + 2).contains(&told.len()), "{told:?}");
    assert_eq!((&told[0]["route"], &told[0]["request_id_synthesized"]), (&json!("/nexus/raw"), &json!(true)));
    assert!(!told[0]["request_id"].as_str().unwrap().is_empty() && !told[0]["trace_id"].as_str().unwrap().is_empty());
    assert!(!log.contains("req-given"));
    assert!(nexus.metric("nexus_ids_synthesized_total{id=\"request_id\"}").await >= 20.0);
}

#[tokio::test]
async fn requests_are_answered_whatever_becomes_of_the_log() {
    let (_never_read, blocks) = std::io::pipe().unwrap();
    let (reader, closed) = std::io::pipe().unwrap();
    drop(reader);
    let full_disk = File::options().write(true).open("/dev/full").unwrap();
    for stderr in [Stdio::from(blocks), Stdio::from(closed), Stdio::from(full_disk)] {
        let setup = Setup::new().env("NEXUS__LOG__QUEUE_LINES", 16);
        let mut nexus = setup.start_logging_to(stderr).await;
        assert!(nexus.anonymous().get("/metrics", 200).await.text().contains("nexus_log_lines_lost_total "));
        // Each leaves a line of some 300 bytes, and a pipe takes 64 KiB.
        for _ in 0..400 {
            nexus.client("t_own", "reader").get("/nexus/raw/nobody", 404).await;
        }
        assert!(nexus.metric("nexus_log_lines_lost_total").await > 0.0);
        nexus.signal("TERM");
        assert!(nexus.exit().await.success());
    }
}

#[tokio::test]
async fn beyond_the_bound_callers_are_told_to_come_back() {
    let nexus = Setup::new().env("NEXUS__SERVER__MAX_IN_FLIGHT", 1).start().await;
    let token = nexus.token(&Claims::of("t_own", "writer"));
    let head = format!(
        "POST /nexus/raw/presign-upload HTTP/1.1\r\nHost: nexus\r\nAuthorization: Bearer {token}\r\nX-Tenant-Id: t_own\r\n\
         X-Env: dev\r\nContent-Type: application/json\r\nContent-Length: 16\r\nConnection: close\r\n\r\n"
    );
    let mut slow = connect(&nexus.url).await;
    slow.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let answer = nexus.client("t_own", "reader").get("/nexus/raw", 503).await;
    answer.is("overloaded");
    assert_eq!(answer.header("retry-after"), "1");
    assert!(answer.header("ratelimit").starts_with("\"reads\";r="), "{}", answer.header("ratelimit"));
    for probe in ["/healthz", "/readyz", "/metrics"] {
        nexus.anonymous().get(probe, 200).await;
    }
    slow.write_all(br#"{"filename":"a"}"#).await.unwrap();
    assert!(read_to_end(&mut slow).await.starts_with("HTTP/1.1 201"));
    nexus.client("t_own", "reader").get("/nexus/raw", 200).await;
}

/// Behind a proxy the browser's address of the store differs from ours; a signature covers the host, so it must be signed for.
#[tokio::test]
async fn urls_are_signed_for_the_address_that_browsers_see() {
    let Some(garage) = Garage::start() else { return };
    let public = garage.endpoint.replace("127.0.0.1", "localhost");
    let setup = Setup::new().env("NEXUS__STORAGE__PUBLIC_ENDPOINT", &public);
    let setup = on_s3(setup, &garage.endpoint, &garage.bucket, &garage.access_key, &garage.secret_key);
    let stage = Stage { nexus: setup.start().await, garage: Some(garage) };
    let writer = stage.client("t_own", "writer");
    let presigned = writer.presign(&json!({ "filename": "a.txt" })).await;
    assert!(presigned["url"].as_str().unwrap().starts_with(&public), "{presigned}");
    Upload::of(&presigned, &b"content"[..]).succeeds().await;
    let claim = json!({ "asset_id": presigned["asset_id"], "filename": "a.txt" });
    let asset = writer.register(&claim, 201).await.json();
    let path = format!("/nexus/raw/{}/download", asset["asset_id"].as_str().unwrap());
    let url = writer.get(&path, 200).await.json()["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with(&public), "{url}");
    let file = reqwest::get(&url).await.unwrap();
    assert_eq!((file.status().as_u16(), &file.bytes().await.unwrap()[..]), (200, &b"content"[..]));
    let elsewhere = reqwest::get(url.replace("localhost", "127.0.0.1")).await.unwrap();
    assert_eq!(elsewhere.status(), 403, "it is signed for that address alone");
}
