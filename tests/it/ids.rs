//! Request and trace ids: the caller's where they may be kept, else made, echoed, and on every event.

use serde_json::{Value, json};

use crate::support::{Client, Nexus};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The one event of the request whose answer carried `request_id`.
async fn event_of(reader: &Client, request_id: &str) -> Value {
    let events = reader.events(&format!("request_id={request_id}&include_reads=true")).await;
    assert_eq!(events.len(), 1, "{events:?}");
    events[0].clone()
}

#[tokio::test]
async fn event_has_trace_id() {
    let nexus = Nexus::start().await;
    let owner = nexus.client("t_own", "owner");
    let asset = owner.presign(&json!({ "filename": "a.txt" })).await["asset_id"].as_str().unwrap().to_owned();
    for path in [
        "/nexus/raw".to_owned(),
        format!("/nexus/raw/{asset}"),
        format!("/nexus/raw/{asset}/download"),
        "/nexus/events".to_owned(),
        format!("/nexus/traces/{TRACE}"),
        "/nexus/raw?nonsense=1".to_owned(),
    ] {
        owner.try_send(owner.request(reqwest::Method::GET, &path)).await.unwrap();
    }
    let events = owner.events("include_reads=true").await;
    assert_eq!(events.len(), 7);
    for event in events {
        let trace = event["metadata"]["trace_id"].as_str().unwrap();
        assert!(trace.len() == 32 && trace.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{event}");
        assert_eq!(event["metadata"]["synthesized"], json!(["request_id", "trace_id"]));
    }
}

#[tokio::test]
async fn trace_id_attached() {
    let nexus = Nexus::start().await;
    let reader = nexus.client("t_own", "reader");
    let honoured = reader.clone().header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"));
    let answer = honoured.get("/nexus/raw", 200).await;
    let event = event_of(&reader, answer.header("x-request-id")).await;
    assert_eq!(event["metadata"]["trace_id"], TRACE);
    assert_eq!(event["metadata"]["synthesized"], json!(["request_id"]));
    let trace = reader.walk(&format!("/nexus/traces/{TRACE}"), "").await;
    assert_eq!(trace, [event]);

    for bad in [
        format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
        format!("00-{TRACE}-0000000000000000-01"),
        format!("ff-{TRACE}-00f067aa0ba902b7-01"),
        format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
        TRACE.to_owned(),
        "jane.doe@example.com".to_owned(),
    ] {
        let answer = reader.clone().header("traceparent", &bad).get("/nexus/raw", 200).await;
        let event = event_of(&reader, answer.header("x-request-id")).await;
        assert_ne!(event["metadata"]["trace_id"], TRACE, "{bad}");
        assert_eq!(event["metadata"]["synthesized"], json!(["request_id", "trace_id"]), "{bad}");
    }
}

#[tokio::test]
async fn a_good_request_id_is_echoed_and_kept() {
    let nexus = Nexus::start().await;
    let reader = nexus.client("t_own", "reader");
    let long = "a".repeat(128);
    for id in ["r1", "checkout_42.retry-3", "01a1fd49-9e8e-7151-be84-bc7e85783a97", &long] {
        let answer = reader.clone().header("x-request-id", id).get("/nexus/raw", 200).await;
        assert_eq!(answer.header("x-request-id"), id);
        assert_eq!(event_of(&reader, id).await["metadata"]["synthesized"], json!(["trace_id"]));
        // A problem names it in its body too (held by the client for every answer).
        let refused = reader.clone().header("x-request-id", id).get("/nexus/nowhere", 404).await;
        assert_eq!(refused.is("route.unknown")["request_id"], id);
    }
}

#[tokio::test]
async fn a_request_id_that_cannot_be_kept_is_replaced_named_and_counted() {
    let nexus = Nexus::start().await;
    let reader = nexus.client("t_own", "reader");
    let long = "a".repeat(129);
    let malformed = ["has space", "a/b", "", &long, "jane.doe@example.com", "a;b"];
    let with_pii = ["4111111111111111", "4111-1111-1111-1111", "order-4111111111111111", "203.0.113.77"];
    for id in malformed.into_iter().chain(with_pii) {
        let made = nexus.metric("nexus_ids_synthesized_total{id=\"request_id\"}").await;
        let answer = reader.clone().header("x-request-id", id).get("/nexus/raw", 200).await;
        let given = answer.header("x-request-id");
        assert_eq!(given.parse::<uuid::Uuid>().unwrap().get_version_num(), 7, "{id}");
        assert_eq!(event_of(&reader, given).await["metadata"]["synthesized"], json!(["request_id", "trace_id"]));
        // This request's, and those of the two looks at /metrics and of the look at the event.
        let now = nexus.metric("nexus_ids_synthesized_total{id=\"request_id\"}").await;
        assert_eq!(now - made, 3.0, "{id}");
    }
    let kept = reader.events("include_reads=true").await;
    for id in with_pii {
        assert!(!kept.iter().any(|event| event.to_string().contains(id)), "{id}");
        assert!(!nexus.log().contains(id), "{id}");
    }
}
