//! Rate limits: what is told of them, whom they hold back, and what the ledger says of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::support::{Answer, Client, Setup};

/// Given buckets that hold three requests or eight events and hardly fill while a test runs.
fn tight() -> Setup {
    Setup::new()
        .env("NEXUS__LIMITS__READS_PER_SECOND", 1)
        .env("NEXUS__LIMITS__WRITES_PER_SECOND", 1)
        .env("NEXUS__LIMITS__EVENTS_PER_SECOND", 3)
        .env("NEXUS__LIMITS__BURST_SECONDS", 3)
        .env("NEXUS__EVENTS__MAX_BATCH_EVENTS", 9)
}

fn message(n: usize) -> Value {
    json!({ "surface": "chat", "event_type": "message_posted", "input": { "thread_id": format!("t{n}"), "role": "user" } })
}

/// The minute's number. A test that counts by minutes begins early in one.
async fn early_in_a_minute() {
    let into = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() % 60;
    if into > 40 {
        tokio::time::sleep(Duration::from_secs(60 - into)).await;
    }
}

/// Asks until it is refused.
async fn refused(client: &Client, path: &str) -> Answer {
    for _ in 0..20 {
        let answer = client.try_send(client.request(reqwest::Method::GET, path)).await.unwrap();
        if answer.status == 429 {
            return answer;
        }
    }
    panic!("{path} was never refused");
}

#[tokio::test]
async fn every_answer_says_what_is_left_and_a_429_when_to_come_back() {
    let nexus = tight().start().await;
    let reader = nexus.client("t_own", "reader");
    let first = reader.get("/nexus/raw", 200).await;
    assert_eq!(first.header("ratelimit-policy"), "\"reads\";q=3;w=3");
    assert_eq!(first.header("ratelimit"), "\"reads\";r=2;t=1");
    // Failures count, and say so, as successes do; another class has its own count.
    let second = reader.get("/nexus/raw/nobody", 404).await;
    assert_eq!(second.header("ratelimit-policy"), "\"reads\";q=3;w=3");
    assert!(second.header("ratelimit").starts_with("\"reads\";r="), "{}", second.header("ratelimit"));
    let forbidden = reader.post("/nexus/raw/presign-upload", &json!({ "filename": "a.txt" }), 403).await;
    assert_eq!(forbidden.header("ratelimit"), "\"writes\";r=2;t=1");
    // What no tenant is known of has no count, and nobody is limited who asks how the server is.
    for path in ["/healthz", "/nexus/nowhere"] {
        let status = if path == "/healthz" { 200 } else { 404 };
        assert_eq!(nexus.anonymous().get(path, status).await.header("ratelimit"), "");
    }

    let over = refused(&reader, "/nexus/raw").await;
    over.is("rate.limited");
    assert_eq!(over.header("retry-after"), "1");
    assert_eq!(over.header("ratelimit"), "\"reads\";r=0;t=3");
    assert_eq!(over.header("ratelimit-policy"), "\"reads\";q=3;w=3");
    assert!(!over.header("x-request-id").is_empty());
    // And then it is right.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    reader.get("/nexus/raw", 200).await;
}

#[tokio::test]
async fn a_noisy_tenant_leaves_others_and_its_own_other_environments_alone() {
    let nexus = tight().start().await;
    let noisy = nexus.client("t_noisy", "writer");
    refused(&noisy, "/nexus/raw").await;
    for other in [nexus.client("t_own", "reader"), noisy.clone().env("prod")] {
        let answer = other.get("/nexus/raw", 200).await;
        assert_eq!(answer.header("ratelimit"), "\"reads\";r=2;t=1");
    }
    noisy.post("/nexus/events", &message(0), 201).await;
    assert!(nexus.metric("nexus_rate_limited_total{tenant=\"t_noisy\",env=\"dev\",class=\"reads\"}").await >= 1.0);
    assert_eq!(nexus.metric("nexus_rate_limited_total{tenant=\"t_own\"").await, 0.0);
}

#[tokio::test]
async fn batches_of_events_count_by_their_number_and_are_taken_whole_or_not_at_all() {
    let nexus = tight().start().await;
    let writer = nexus.client("t_own", "writer");
    let batch = |count: usize| json!({ "events": (0..count).map(message).collect::<Vec<_>>() });
    let answer = writer.post("/nexus/events", &batch(7), 200).await;
    assert_eq!(answer.header("ratelimit-policy"), "\"events\";q=9;w=3");
    assert_eq!(answer.header("ratelimit"), "\"events\";r=2;t=3");
    let over = writer.post("/nexus/events", &batch(9), 429).await;
    over.is("rate.limited");
    assert!(over.header("ratelimit").starts_with("\"events\";r="), "{}", over.header("ratelimit"));
    assert!(["1", "2", "3"].contains(&over.header("retry-after")), "{}", over.header("retry-after"));
    let lines = format!("{}\n{}\n", message(0), message(1)).repeat(4);
    let ndjson = writer.request(reqwest::Method::POST, "/nexus/events").header("content-type", "application/x-ndjson");
    writer.send(ndjson.body(lines), 429).await.is("rate.limited");
    // Nothing of what was refused is on the ledger.
    let kept = writer.events("").await;
    assert_eq!(kept.len(), 7, "{kept:?}");
}

#[tokio::test]
async fn refusals_leave_one_event_for_a_class_and_minute_and_none_of_their_own() {
    early_in_a_minute().await;
    let data = tempfile::tempdir().unwrap();
    let mut nexus = tight().data_dir(data.path()).start().await;
    let (own, other) = (nexus.client("t_own", "writer"), nexus.client("t_other", "reader"));
    refused(&own, "/nexus/raw").await;
    for _ in 0..3 {
        // It may have got one more in between.
        own.try_send(own.request(reqwest::Method::GET, "/nexus/raw")).await.unwrap();
    }
    for _ in 0..6 {
        let body = json!({ "filename": "a.txt" });
        own.try_send(own.request(reqwest::Method::POST, "/nexus/raw/presign-upload").json(&body)).await.unwrap();
    }
    other.get("/nexus/raw", 200).await;
    let counted = |class: &str| format!("nexus_rate_limited_total{{tenant=\"t_own\",env=\"dev\",class=\"{class}\"}}");
    let (reads, writes) = (nexus.metric(&counted("reads")).await, nexus.metric(&counted("writes")).await);
    assert!(reads >= 1.0 && writes >= 1.0);
    // At the end what the minute had so far is written, through the engine.
    nexus.signal("TERM");
    assert_eq!(nexus.exit().await.code(), Some(0));
    let again = Setup::new().data_dir(data.path()).start().await;
    let own = again.client("t_own", "reader");
    let told = own.events("event_type=rate_limited&order=asc").await;
    let mut classes: Vec<(&str, Option<f64>)> =
        told.iter().map(|e| (e["input"]["class"].as_str().unwrap(), e["input"]["count"].as_f64())).collect();
    classes.sort_unstable_by(|a, b| a.0.cmp(b.0));
    assert_eq!(classes, [("reads", Some(reads)), ("writes", Some(writes))]);
    for event in &told {
        assert_eq!((&event["outcome"], &event["error_code"]), (&json!("failure"), &json!("rate.limited")));
        assert_eq!((&event["user_id"], &event["metadata"]["actor_type"]), (&json!("nexus"), &json!("system")));
        assert!(event["input"]["from"].as_str().unwrap() <= event["input"]["until"].as_str().unwrap());
    }
    let all = own.events("include_reads=true&outcome=failure").await;
    assert_eq!(all.len(), told.len(), "a 429 leaves no event of its own: {all:?}");
    assert!(again.client("t_other", "reader").events("event_type=rate_limited").await.is_empty());
}

/// As the minute ends, without any end of the server. Takes up to a minute.
#[tokio::test]
async fn the_event_comes_when_the_minute_is_over_and_once() {
    let nexus = tight().start().await;
    let own = nexus.client("t_own", "reader");
    let minute = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 60;
    early_in_a_minute().await;
    refused(&own, "/nexus/raw").await;
    let began = minute();
    while minute() == began {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let told = own.events("event_type=rate_limited").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["input"]["class"], "reads");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(own.events("event_type=rate_limited").await.len(), 1);
}

#[tokio::test]
async fn one_switch_turns_all_of_them_off() {
    let nexus = tight().env("NEXUS__LIMITS__ENABLED", false).start().await;
    let reader = nexus.client("t_own", "reader");
    for _ in 0..20 {
        let answer = reader.get("/nexus/raw", 200).await;
        assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), ("", ""));
    }
}

/// Otherwise a full batch could never be taken.
#[test]
fn a_bucket_smaller_than_a_batch_stops_the_start() {
    let setup = Setup::new().env("NEXUS__LIMITS__EVENTS_PER_SECOND", 100);
    let output = setup.run(&["serve"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("limits.events_per_second"), "{said}");
}
