//! Opt-outs of training, the export that honours them, and the redactor's dry run.

use serde_json::{Value, json};

use crate::support::{Answer, Claims, Client, Nexus, Setup};

const PREFS: &str = "/nexus/privacy/train-prefs";

async fn put(client: &Client, path: &str, body: &Value, status: u16) -> Answer {
    client.send(client.request(reqwest::Method::PUT, path).json(body), status).await
}

/// Posts a clean message as `user` and tells its `train_ok`.
async fn train_ok(nexus: &Nexus, user: &str) -> bool {
    let claims = Claims::of("t_own", "writer").with("sub", user);
    let client = nexus.bearer(&nexus.token(&claims)).tenant("t_own").env("dev");
    let event = json!({
        "surface": "chat", "event_type": "message_posted", "input": { "thread_id": "t", "role": "user", "text": user },
    });
    client.post("/nexus/events", &event, 201).await.json()["train_ok"].as_bool().unwrap()
}

async fn exported(admin: &Client) -> Vec<String> {
    let answer = admin.get("/nexus/export/training", 200).await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let lines = answer.text();
    let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events
        .filter(|event| event["surface"] == "chat")
        .map(|event| event["user_id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_opt_out_is_in_force_at_once_and_at_export() {
    let nexus = Nexus::start().await;
    let admin = nexus.client("t_own", "admin");
    assert!(train_ok(&nexus, "u_ann").await && train_ok(&nexus, "u_bob").await);
    assert_eq!(exported(&admin).await, ["u_ann", "u_bob"]);

    put(&admin, &format!("{PREFS}/users/u_ann"), &json!({ "opt_out": true }), 200).await;
    assert!(!train_ok(&nexus, "u_ann").await && train_ok(&nexus, "u_bob").await);
    assert_eq!(exported(&admin).await, ["u_bob", "u_bob"], "what was kept before the opt-out is not exported either");
    let read = nexus.client("t_own", "reader").get(&format!("{PREFS}/users/u_ann"), 200).await.json();
    assert_eq!(read, json!({ "user_id": "u_ann", "opt_out": true }));

    put(&admin, PREFS, &json!({ "tenant_opt_out": true }), 200).await;
    assert!(!train_ok(&nexus, "u_bob").await);
    assert!(exported(&admin).await.is_empty());

    put(&admin, PREFS, &json!({ "tenant_opt_out": false }), 200).await;
    let gone = admin.request(reqwest::Method::DELETE, &format!("{PREFS}/users/u_ann"));
    admin.send(gone, 204).await;
    assert!(train_ok(&nexus, "u_ann").await);
}

#[tokio::test]
async fn settings_change_only_from_the_state_that_was_seen() {
    let nexus = Nexus::start().await;
    let admin = nexus.client("t_own", "admin");
    let seen = admin.get(PREFS, 200).await.header("etag").to_owned();
    let at = |etag: &str| admin.clone().header("if-match", etag);
    let changed = put(&at(&seen), PREFS, &json!({ "tenant_opt_out": true }), 200).await;
    put(&at(&seen), PREFS, &json!({ "tenant_opt_out": false }), 412).await.is("precondition.failed");
    put(&at(changed.header("etag")), PREFS, &json!({ "tenant_opt_out": false }), 200).await;
    put(&nexus.client("t_own", "writer"), PREFS, &json!({ "tenant_opt_out": true }), 403).await.is("role.forbidden");
    assert_eq!(put(&admin, PREFS, &json!({ "opt_out": 1 }), 422).await.pointers(), ["/opt_out", "/tenant_opt_out"]);
    // Another tenant, another environment: not touched.
    assert_eq!(nexus.client("t_other", "reader").get(PREFS, 200).await.json()["tenant_opt_out"], false);
}

#[tokio::test]
async fn the_dry_run_shows_what_redaction_would_do_and_keeps_nothing() {
    let nexus = Nexus::start().await;
    let client = nexus.client("t_own", "reader");
    let body = json!({ "a": ["mail jane@example.com"], "card": 4_111_111_111_111_111_u64 });
    let answer = client.post("/nexus/privacy/redact", &body, 200).await.json();
    assert_eq!(answer["redacted"]["a"][0], "mail [redacted:email]");
    assert!(!answer["redacted"].to_string().contains("4111"));
    let email = answer["findings"].as_array().unwrap().iter().find(|finding| finding["type"] == "email").unwrap();
    assert_eq!((&email["pointer"], &email["start"], &email["end"]), (&json!("/a/0"), &json!(5), &json!(21)));
    // A long key above many findings would be named with each of them.
    let long = json!({ "k".repeat(64_000): vec!["a@b.co"; 1000] });
    let refused = client.post("/nexus/privacy/redact", &long, 413).await.is("body.too_large");
    assert!(refused["detail"].as_str().unwrap().contains("16777216 bytes"), "{refused}");
    let stored = client.events("include_reads=true").await;
    assert!(stored.iter().all(|event| !event.to_string().contains("jane")));
}

/// Runs `story` on a server over `dir` that masks phone numbers or not, then stops it.
async fn on(dir: &std::path::Path, masked: bool, story: impl AsyncFnOnce(&Nexus)) {
    let setup = Setup::new().data_dir(dir);
    let setup = if masked { setup.env("NEXUS__REDACTION__TYPES__PHONE__ACTION", "mask") } else { setup };
    let mut nexus = setup.start().await;
    story(&nexus).await;
    nexus.signal("TERM");
    assert!(nexus.exit().await.success());
}

#[tokio::test]
async fn a_changed_policy_takes_effect_at_restart_and_is_an_event() {
    let dir = tempfile::tempdir().unwrap();
    let call = json!({
        "surface": "chat", "event_type": "message_posted",
        "input": { "thread_id": "t", "role": "user", "text": "call +1 212 555 0187" },
    });
    let text = async |nexus: &Nexus| {
        let client = nexus.client("t_own", "writer");
        let kept = client.post("/nexus/events", &call, 201).await.json();
        let path = format!("/nexus/events/{}", kept["event_id"].as_str().unwrap());
        client.get(&path, 200).await.json()["input"]["text"].as_str().unwrap().to_owned()
    };
    let changes =
        async |nexus: &Nexus| nexus.client("t_own", "reader").events("event_type=redaction_policy_changed").await.len();
    on(dir.path(), false, async |nexus| {
        assert_eq!(text(nexus).await, "call [redacted:phone]");
        assert_eq!(changes(nexus).await, 0);
    })
    .await;
    for _ in 0..2 {
        on(dir.path(), true, async |nexus| {
            assert_eq!(text(nexus).await, "call [redacted:phone:****0187]");
            assert_eq!(changes(nexus).await, 1, "once, however often it starts again");
        })
        .await;
    }
}
