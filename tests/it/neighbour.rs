//! The worked neighbour, `examples/maybes`: a process of its own that calls Nexus over HTTP, and what the ledger says of it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Claims, Nexus, Setup, Upload,
    firestore::Proxy,
    maybes::{Browser, Home, Maybes},
};

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event_type"].as_str().unwrap()).collect()
}

/// A browser makes a note, uploads a file to it and has it attached: three processes, one trace.
#[tokio::test(flavor = "multi_thread")]
async fn trace_through() {
    let nexus = Nexus::start().await;
    let home = Home::new();
    let maybes = Maybes::start(&nexus, &nexus.url, &home, &["t_demo"]);
    let browser = Browser::new(&nexus, "t_demo", &Claims::of("t_demo", "writer"));

    let draft = json!({ "title": "a boat", "content": "ask jane@example.com", "tags": ["sea"] });
    let (status, note) = maybes.call(&browser, "b-1", Method::POST, "/maybes", Some(draft)).await;
    assert_eq!(status, 201, "{note}");
    let path = format!("/maybes/{}", note["id"].as_str().unwrap());
    let file = json!({ "filename": "boat of jane@example.com.txt", "content_type": "text/plain" });
    let (status, form) = maybes.call(&browser, "b-2", Method::POST, &format!("{path}/presign"), Some(file)).await;
    assert_eq!(status, 201, "{form}");
    Upload::of(&form, "sails").succeeds().await;
    let claim = json!({ "asset_id": form["asset_id"], "filename": "boat of jane@example.com.txt" });
    let (status, note) = maybes.call(&browser, "b-3", Method::POST, &format!("{path}/attach"), Some(claim)).await;
    assert_eq!((status, &note["attachments"]), (200, &json!([form["asset_id"]])), "{note}");

    let reader = nexus.client("t_demo", "reader");
    let trace = reader.walk(&format!("/nexus/traces/{}", browser.trace_id), "limit=2").await;
    assert_eq!(types(&trace), ["maybe_created", "raw_asset_presigned", "raw_asset_registered", "maybe_updated"]);
    for (event, request_id) in trace.iter().zip(["b-1", "b-2", "b-3", "b-3"]) {
        let metadata = &event["metadata"];
        assert_eq!((&event["tenant_id"], &event["env"]), (&json!("t_demo"), &json!("dev")), "{event}");
        assert_eq!((&event["user_id"], &event["outcome"]), (&json!("u_test"), &json!("success")), "{event}");
        assert_eq!((&metadata["trace_id"], &metadata["request_id"]), (&json!(browser.trace_id), &json!(request_id)));
        assert_eq!((&metadata["actor_type"], &metadata["synthesized"]), (&json!("human"), &Value::Null), "{event}");
        // What maybes says of its users is told apart from what they did themselves.
        let said_by_maybes = event["surface"] == "maybes";
        let subject = if said_by_maybes { json!("maybes") } else { Value::Null };
        assert_eq!(metadata["auth_subject"], subject, "{event}");
    }
    assert!(trace.is_sorted_by_key(|event| event["recorded_at"].as_str().unwrap().to_owned()));
    assert_eq!(trace[3]["source_refs"], json!([{ "kind": "raw_asset", "id": form["asset_id"] }]));
    assert_eq!(trace[0]["pii_flags"]["flags"], json!({ "email": 1 }));
    assert!(
        !json!(trace).to_string().contains("jane"),
        "what was written into notes and names stays out of the ledger"
    );
    assert!(reader.env("prod").walk(&format!("/nexus/traces/{}", browser.trace_id), "limit=2").await.is_empty());
}

/// Everything that is done with notes, by whom and in which request: changes, reads and what failed.
#[tokio::test(flavor = "multi_thread")]
async fn audit_metadata_includes_request_id() {
    let nexus = Nexus::start().await;
    let home = Home::new();
    let maybes = Maybes::start(&nexus, &nexus.url, &home, &["t_demo", "t_other"]);
    let agent = Browser::new(&nexus, "t_demo", &Claims::of("t_demo", "writer").with("actor_type", "agent"));
    let reader = Browser::new(&nexus, "t_demo", &Claims::of("t_demo", "reader").with("sub", "u_reader"));
    let other = Browser::new(&nexus, "t_other", &Claims::of("t_other", "writer"));

    let draft = json!({ "title": "a boat", "tags": ["sea"] });
    let (_, note) = maybes.call(&agent, "r-created", Method::POST, "/maybes", Some(draft.clone())).await;
    let path = format!("/maybes/{}", note["id"].as_str().unwrap());
    let path = path.as_str();
    let renamed = json!({ "title": "a bigger boat" });
    for (who, request_id, method, path, body, expected) in [
        (&agent, "r-updated", Method::PUT, path, Some(renamed.clone()), 200),
        (&agent, "r-read", Method::GET, path, None, 200),
        (&reader, "r-listed", Method::GET, "/maybes", None, 200),
        (&reader, "r-forbidden", Method::PUT, path, Some(renamed), 403),
        (&agent, "r-invalid", Method::POST, "/maybes", Some(json!({ "title": "" })), 422),
        (&agent, "r-malformed", Method::PUT, path, Some(json!({ "titel": "a boat" })), 422),
        (&other, "r-crossing", Method::GET, path, None, 404),
        (&agent, "r-deleted", Method::DELETE, path, None, 204),
        (&agent, "r-gone", Method::GET, path, None, 404),
    ] {
        let (status, answer) = maybes.call(who, request_id, method, path, body).await;
        assert_eq!(status, expected, "{request_id}: {answer}");
    }

    let told = |events: &[Value]| -> Vec<String> {
        let line = |event: &Value| {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let metadata = &event["metadata"];
            [
                &metadata["request_id"],
                &event["event_type"],
                &event["error_code"],
                &event["user_id"],
                &metadata["actor_type"],
            ]
            .map(text)
            .join(" ")
        };
        events.iter().map(line).collect()
    };
    let query = "surface=maybes&include_reads=true&order=asc";
    let events = nexus.client("t_demo", "reader").events(query).await;
    assert_eq!(
        told(&events),
        [
            "r-created maybe_created - u_test agent",
            "r-updated maybe_updated - u_test agent",
            "r-read maybe_read - u_test agent",
            "r-listed maybe_listed - u_reader human",
            "r-forbidden maybe_updated role.forbidden u_reader human",
            "r-invalid maybe_created maybe.invalid u_test agent",
            "r-malformed maybe_updated maybe.invalid u_test agent",
            "r-deleted maybe_deleted - u_test agent",
            "r-gone maybe_read maybe.unknown u_test agent",
        ]
    );
    let events = nexus.client("t_other", "reader").events(query).await;
    assert_eq!(told(&events), ["r-crossing maybe_read maybe.unknown u_test human"]);
    // Nobody comes in without a token, and nothing is said of nobody.
    let stranger = Browser { token: "x.y.z".to_owned(), ..agent };
    assert_eq!(maybes.call(&stranger, "r-stranger", Method::GET, path, None).await.0, 401);
}

/// Waits until the note has this title.
async fn becomes(maybes: &Maybes, browser: &Browser, path: &str, title: &str) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let (_, note) = maybes.call(browser, "r-look", Method::GET, path, None).await;
        if note["title"] == title {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "it is not settled: {note}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A lost reply, then Nexus away and maybes killed: no change without its event, none twice, and callers are told.
#[tokio::test(flavor = "multi_thread")]
async fn an_audit_that_fails_is_told_and_settled_forward() {
    let data = tempfile::tempdir().unwrap();
    let mut nexus = Setup::new().data_dir(data.path()).start().await;
    let address = nexus.url.trim_start_matches("http://").to_owned();
    let proxy = Proxy::start(&address).await;
    let home = Home::new();
    let url = format!("http://{}", proxy.host);
    let maybes = Maybes::start(&nexus, &url, &home, &["t_demo"]);
    let browser = Browser::new(&nexus, "t_demo", &Claims::of("t_demo", "writer"));
    let titled = |title: &str| Some(json!({ "title": title }));
    let (_, note) = maybes.call(&browser, "r-1", Method::POST, "/maybes", titled("one")).await;
    let path = format!("/maybes/{}", note["id"].as_str().unwrap());

    // Nexus has recorded it, and its answer is lost.
    let update = maybes.call(&browser, "r-2", Method::PUT, &path, titled("two"));
    let (lost, (status, answer)) = tokio::join!(proxy.lose_replies(Duration::from_millis(1500)), update);
    assert!(lost, "no reply was lost");
    assert_eq!((status, &answer["code"]), (503, &json!("audit.unavailable")), "{answer}");
    becomes(&maybes, &browser, &path, "two").await;

    // Nexus is away: nothing can be said to have happened, reads neither; then maybes dies.
    nexus.kill();
    for (method, body) in [(Method::PUT, titled("three")), (Method::GET, None)] {
        let (status, answer) = maybes.call(&browser, "r-3", method, &path, body).await;
        assert_eq!((status, &answer["code"]), (503, &json!("audit.unavailable")), "{answer}");
    }
    drop(maybes);
    let nexus = Setup::new().data_dir(data.path()).env("NEXUS_LISTEN", &address).start().await;
    let maybes = Maybes::start(&nexus, &url, &home, &["t_demo"]);
    becomes(&maybes, &browser, &path, "three").await;

    let changes = nexus.client("t_demo", "reader").events("surface=maybes&order=asc").await;
    assert_eq!(types(&changes), ["maybe_created", "maybe_updated", "maybe_updated"], "{changes:?}");
    let ids: Vec<&Value> = changes.iter().map(|event| &event["metadata"]["request_id"]).collect();
    assert_eq!(ids, ["r-1", "r-2", "r-3"]);
    assert!(changes.iter().all(|event| event["metadata"]["trace_id"] == browser.trace_id.as_str()));
}
