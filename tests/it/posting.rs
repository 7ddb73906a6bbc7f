//! Events that other engines post: one, a batch, NDJSON; repeats, conflicts, who may speak for whom, and what is refused.

use serde_json::{Value, json};

use crate::support::{Answer, Claims, Client, Nexus};

const ID: &str = "5f0c6f3a-1f6e-4a53-9b53-0b8f7d5a2c11";

fn message(text: &str) -> Value {
    json!({
        "surface": "chat", "event_type": "message_posted",
        "input": { "thread_id": "th_1", "role": "user", "text": text },
    })
}

fn with(mut event: Value, name: &str, value: impl Into<Value>) -> Value {
    event[name] = value.into();
    event
}

async fn post(client: &Client, event: &Value, status: u16) -> Answer {
    client.post("/nexus/events", event, status).await
}

#[tokio::test]
async fn one_event_is_redacted_kept_and_read_back() {
    let nexus = Nexus::start().await;
    let client = nexus.client("t_own", "writer");
    let event = with(message("mail jane@example.com"), "output", json!({ "note": "call +1 212 555 0187" }));
    let answer = post(&client, &event, 201).await.json();
    assert_eq!(answer["status"], "accepted");
    assert_eq!(answer["train_ok"], false);
    assert_eq!(answer["pii_flags"]["flags"], json!({ "email": 1, "phone": 1 }));
    let id = answer["event_id"].as_str().unwrap();
    let stored = client.get(&format!("/nexus/events/{id}"), 200).await.json();
    assert_eq!(stored["ledger"], answer["ledger"]);
    assert_eq!(stored["input"]["text"], "mail [redacted:email]");
    assert_eq!(stored["output"]["note"], "call [redacted:phone]");
    // The whole number: four digits alone stand in a hash now and then.
    assert!(!stored.to_string().contains("jane") && !stored.to_string().contains("555 0187"));
    let left: Vec<Value> = client.events("include_reads=false").await;
    assert_eq!(left.len(), 1, "a post that is taken leaves the posted event alone");
}

#[tokio::test]
async fn an_event_id_makes_a_post_idempotent() {
    let nexus = Nexus::start().await;
    let client = nexus.client("t_own", "writer");
    let event = with(message("jane@example.com"), "event_id", ID);
    let first = post(&client, &event, 201).await.json();
    let again = post(&client, &event, 200).await.json();
    assert_eq!((&again["status"], &again["ledger"]), (&json!("duplicate"), &first["ledger"]));
    assert_eq!((&again["pii_flags"], &again["train_ok"]), (&first["pii_flags"], &first["train_ok"]));

    // The same, written in another way: other order of members, other form of the id.
    let other_form = format!(
        r#"{{"input": {{"text": "jane@example.com", "role": "user", "thread_id": "th_1"}}, "event_id": "{}",
            "event_type": "message_posted", "surface": "chat"}}"#,
        ID.replace('-', "").to_uppercase()
    );
    let again = client.post_bytes("/nexus/events", other_form, 200).await.json();
    assert_eq!((again["status"].as_str(), again["event_id"].as_str()), (Some("duplicate"), Some(ID)));

    // Other content under the id, even where redaction makes both the same.
    let other = with(message("joe@example.com"), "event_id", ID);
    post(&client, &other, 409).await.is("event.conflict");
    // Another tenant's log is another world.
    post(&nexus.client("t_other", "writer"), &other, 201).await;
}

#[tokio::test]
async fn one_bad_event_never_spoils_a_batch() {
    let nexus = Nexus::start().await;
    let client = nexus.client("t_own", "writer");
    let batch = json!({ "events": [
        with(message("one"), "event_id", ID),
        { "surface": "chat", "event_type": "message_shouted" },
        with(message("one"), "event_id", ID),
        with(message("two"), "event_id", ID),
        with(message("three"), "tenant_id", "t_else"),
        with(message("four"), "user_id", "u_else"),
        message("five"),
    ] });
    let answer = client.post("/nexus/events", &batch, 200).await.json();
    let items = answer["items"].as_array().unwrap();
    let statuses: Vec<&str> = items.iter().map(|item| item["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["accepted", "rejected", "duplicate", "rejected", "rejected", "rejected", "accepted"]);
    let code = |at: usize| items[at]["problem"]["code"].as_str().unwrap();
    assert_eq!(
        [code(1), code(3), code(4), code(5)],
        ["body.invalid", "event.conflict", "tenant.mismatch", "user.mismatch"]
    );
    assert_eq!(items[1]["problem"]["errors"][0]["pointer"], "/event_type");

    let events = client.events("order=asc").await;
    let types: Vec<&str> = events.iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["message_posted", "message_posted", "events_posted"], "and one failure for what was rejected");
    assert_eq!(events[2]["outcome"], "failure");
    assert_eq!(events[2]["output"]["rejected"], 4);
}

#[tokio::test]
async fn ndjson_is_read_line_by_line() {
    let nexus = Nexus::start().await;
    let client = nexus.client("t_own", "writer");
    let body =
        format!("{}\n\n{{\"surface\": \"chat\", \"surface\": \"chat\"}}\n{}\r\n", message("one"), message("two"));
    let request = client.request(reqwest::Method::POST, "/nexus/events").header("content-type", "application/x-ndjson");
    let answer = client.send(request.body(body), 200).await.json();
    let statuses: Vec<&str> =
        answer["items"].as_array().unwrap().iter().map(|item| item["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["accepted", "rejected", "accepted"]);
    assert_eq!(answer["items"][1]["problem"]["code"], "body.malformed");
}

#[tokio::test]
async fn an_event_nested_too_deep_spoils_no_other() {
    let nexus = Nexus::start().await;
    let client = nexus.client("t_own", "writer");
    let deep_id = "0192f0c1-2d3e-7a4b-8c5d-6e7f80912a3b";
    // The event, its input, and the levels in it.
    let nested = |levels: usize| {
        let mut event = message("deep");
        event["event_id"] = json!(deep_id);
        let text = event.to_string();
        let extra = format!("\"extra\":{{\"k\":{}{}}},", "[".repeat(levels), "]".repeat(levels));
        text.replacen("\"input\":{", &format!("\"input\":{{{extra}"), 1)
    };
    let (one, two) = (message("one").to_string(), message("two").to_string());
    let ndjson = client.request(reqwest::Method::POST, "/nexus/events").header("content-type", "application/x-ndjson");
    for levels in [118, 4000] {
        let deep = nested(levels);
        let batch = client.post_bytes("/nexus/events", format!("{{\"events\":[{one},{deep},{two}]}}"), 200).await;
        let lines = client.send(ndjson.try_clone().unwrap().body(format!("{one}\n{deep}\n{two}")), 200).await;
        for answer in [batch.json(), lines.json()] {
            let statuses: Vec<&str> =
                answer["items"].as_array().unwrap().iter().map(|item| item["status"].as_str().unwrap()).collect();
            assert_eq!(statuses, ["accepted", "rejected", "accepted"]);
            let refused = &answer["items"][1];
            assert_eq!(refused["event_id"], deep_id);
            assert_eq!(refused["problem"]["code"], "body.invalid");
            let fault = &refused["problem"]["errors"][0];
            assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/input"), &json!("depth")));
        }
        assert_eq!(client.post_bytes("/nexus/events", deep, 422).await.pointers(), ["/input"]);
    }
    client.post_bytes("/nexus/events", nested(117), 201).await;
}

#[tokio::test]
async fn every_fault_of_an_event_is_told_at_once() {
    let nexus = Nexus::start().await;
    let client = nexus.client("t_own", "writer");
    let event = json!({
        "surface": "budget", "event_type": "usage_recorded", "shape": 1, "occurred_at": "2999-01-01T00:00:00Z",
        "asset_id": "a/b", "metadata": { "trace_id": "x" }, "source_refs": [{ "kind": "event" }],
        "input": { "provider": 7, "cost": 0.3, "currency": "usd", "colour": "red" },
    });
    assert_eq!(
        post(&client, &event, 422).await.pointers(),
        [
            "/asset_id",
            "/input/colour",
            "/input/cost",
            "/input/currency",
            "/input/provider",
            "/metadata/trace_id",
            "/occurred_at",
            "/shape",
            "/source_refs",
        ]
    );
    for (event, pointer) in [
        (json!({ "surface": "astrology", "event_type": "stars_read" }), "/surface"),
        (json!({ "surface": "raw_storage", "event_type": "raw_asset_registered" }), "/event_type"),
        (json!({ "surface": "chat" }), "/event_type"),
    ] {
        assert_eq!(post(&client, &event, 422).await.pointers(), [pointer]);
    }
    // A failed action may not know what a successful one must say.
    let failed = json!({ "surface": "budget", "event_type": "usage_recorded", "outcome": "failure", "error_code": "provider.down" });
    post(&client, &failed, 201).await;
}

#[tokio::test]
async fn ids_are_the_events_own_or_the_requests() {
    let nexus = Nexus::start().await;
    let client = nexus.client("t_own", "writer");
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let metadata = async |client: &Client, event: &Value| {
        let id = post(client, event, 201).await.json()["event_id"].as_str().unwrap().to_owned();
        client.get(&format!("/nexus/events/{id}"), 200).await.json()["metadata"].clone()
    };
    let own = with(with(message("a"), "trace_id", trace), "request_id", "job-7");
    let said = metadata(&client, &own).await;
    assert_eq!((&said["trace_id"], &said["request_id"]), (&json!(trace), &json!("job-7")));
    assert!(said.get("synthesized").is_none());

    let named = client
        .clone()
        .header("x-request-id", "req-1")
        .header("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01"));
    let said = metadata(&named, &message("b")).await;
    assert_eq!((&said["trace_id"], &said["request_id"]), (&json!(trace), &json!("req-1")));

    let said = metadata(&client, &message("c")).await;
    assert_eq!(said["synthesized"], json!(["request_id", "trace_id"]), "made here, and named as such");

    let said = metadata(&named, &with(message("d"), "request_id", "4111111111111111")).await;
    assert_ne!(said["request_id"], "4111111111111111", "an id that holds PII is not kept");
    assert_eq!(said["synthesized"], json!(["request_id"]));
}

#[tokio::test]
async fn only_on_behalf_may_name_another_user() {
    let nexus = Nexus::start().await;
    let event = with(with(message("a"), "user_id", "u_end"), "actor_type", "agent");
    post(&nexus.client("t_own", "owner"), &event, 403).await.is("user.mismatch");
    let claims = Claims::of("t_own", "writer").with("sub", "svc_chat").with("on_behalf", true);
    let engine = nexus.bearer(&nexus.token(&claims)).tenant("t_own").env("dev");
    let id = post(&engine, &event, 201).await.json()["event_id"].as_str().unwrap().to_owned();
    let stored = engine.get(&format!("/nexus/events/{id}"), 200).await.json();
    assert_eq!((&stored["user_id"], &stored["metadata"]["actor_type"]), (&json!("u_end"), &json!("agent")));
    assert_eq!(stored["metadata"]["auth_subject"], "svc_chat");
}

#[tokio::test]
async fn bodies_are_bounded() {
    let nexus = Nexus::start().await;
    let client = nexus.client("t_own", "writer");
    let many: Vec<Value> = (0..1001).map(|n| message(&n.to_string())).collect();
    client.post("/nexus/events", &json!({ "events": many }), 413).await.is("body.too_large");
    client.post("/nexus/events", &json!({ "events": [] }), 422).await.is("body.invalid");
    post(&client, &message(&"a".repeat(262_145)), 413).await.is("body.too_large");
    let large = json!({ "events": [message(&"a".repeat(262_145)), message("small")] });
    let items = client.post("/nexus/events", &large, 200).await.json()["items"].clone();
    assert_eq!((&items[0]["problem"]["code"], &items[1]["status"]), (&json!("body.too_large"), &json!("accepted")));
    client.post_bytes("/nexus/events", vec![b' '; 4 << 20], 400).await;
    client.post_bytes("/nexus/events", vec![b' '; (4 << 20) + 1], 413).await.is("body.too_large");
    let wrong = client.request(reqwest::Method::POST, "/nexus/events").header("content-type", "text/csv").body("a,b");
    client.send(wrong, 415).await.is("body.unsupported_type");
}

#[tokio::test]
async fn the_catalog_is_published() {
    let nexus = Nexus::start().await;
    let catalog = nexus.client("t_own", "reader").get("/nexus/events/catalog", 200).await.json();
    for surface in
        ["chat", "media", "vector", "budget", "kpi", "temperature", "bossman", "kill_switch", "strategy_lock", "maybes"]
    {
        assert!(catalog["surfaces"][surface].is_object(), "{surface}");
    }
}

/// A user may be named by something that is PII. What is written by that name is found by it, and by what the ledger shows.
#[tokio::test]
async fn a_user_is_found_by_the_name_it_was_written_with() {
    let nexus = Nexus::start().await;
    let engine = nexus.token(&Claims::of("t_own", "admin").with("on_behalf", true));
    let engine = nexus.bearer(&engine).tenant("t_own").env("dev");
    for name in ["jane.doe@example.com", "Jane Doe", "078-05-1120"] {
        let claims = Claims::of("t_own", "writer").with("sub", name);
        post(&nexus.bearer(&nexus.token(&claims)).tenant("t_own").env("dev"), &message("own"), 201).await;
        post(&engine, &with(message("for another"), "user_id", name), 201).await;
        let asked: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let found = engine.events(&format!("surface=chat&user_id={asked}")).await;
        let texts: Vec<&Value> = found.iter().map(|event| &event["input"]["text"]).collect();
        assert_eq!(texts, ["for another", "own"], "{name}");
        let kept = found[0]["user_id"].as_str().unwrap();
        assert!(kept.starts_with("u_") && kept.len() == 34, "{kept}");
        assert_eq!(engine.events(&format!("surface=chat&user_id={kept}")).await, found);

        let prefs = format!("/nexus/privacy/train-prefs/users/{}", asked.replace('+', "%20"));
        let opting_out = engine.request(reqwest::Method::PUT, &prefs).json(&json!({ "opt_out": true }));
        assert_eq!(engine.send(opting_out, 200).await.json(), json!({ "user_id": kept, "opt_out": true }));
        let after = post(&engine, &with(message("after"), "user_id", name), 201).await.json();
        assert_eq!(after["train_ok"], false, "{name}");
    }
    let everything = engine.events("include_reads=true").await;
    let text = Value::from(everything).to_string();
    // The number whole: four of its digits alone may stand in any random id.
    let told = ["jane", "Jane", "078-05-1120", "078051120"].into_iter().find(|name| text.contains(name));
    assert_eq!(told, None, "{text}");
    assert_eq!(post(&engine, &with(message("nobody"), "user_id", ""), 422).await.pointers(), ["/user_id"]);
}

/// Redaction may make an event longer than what it was posted as: beyond the limit it is refused, and said why.
#[tokio::test]
async fn an_event_that_redaction_makes_too_long_is_refused_alone() {
    let nexus = Nexus::start().await;
    let client = nexus.client("t_own", "writer");
    let secrets = |count: usize| with(message("secrets"), "metadata", json!({ "password": vec![7; count] }));
    let batch = json!({ "events": [message("one"), secrets(60_000), message("two")] });
    let answer = client.post("/nexus/events", &batch, 200).await.json();
    let statuses: Vec<&str> =
        answer["items"].as_array().unwrap().iter().map(|item| item["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["accepted", "rejected", "accepted"]);
    let problem = post(&client, &secrets(60_000), 413).await.is("body.too_large");
    assert_eq!(problem["detail"], answer["items"][1]["problem"]["detail"]);
    assert!(problem["detail"].as_str().unwrap().contains("at most 1032192 are kept"), "{problem}");
    // As long as that is kept, it is kept whole.
    let kept = post(&client, &secrets(40_000), 201).await.json();
    let stored = client.get(&format!("/nexus/events/{}", kept["event_id"].as_str().unwrap()), 200).await.json();
    assert_eq!(stored["metadata"]["password"].as_array().unwrap().len(), 40_000);
}
