//! Reading the ledger back: filters, order, cursors, and what is refused.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{Claims, Client, Nexus};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Given a ledger with events of every kind, by two users: successes, failures, reads and writes.
async fn populated(nexus: &Nexus) -> Client {
    let of = |user: &str| {
        let claims = Claims::of("t_own", "writer").with("sub", user).with("actor_type", "agent");
        nexus.bearer(&nexus.token(&claims)).tenant("t_own").env("dev")
    };
    let (ann, bob) = (of("u_ann"), of("u_bob"));
    for n in 0..4 {
        let traced = ann.clone().header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"));
        let named = bob.clone().header("x-request-id", &format!("req-{n}"));
        let asset = traced.presign(&json!({ "filename": "a.txt" })).await["asset_id"].as_str().unwrap().to_owned();
        named.register(&json!({ "asset_id": asset, "filename": "a.txt" }), 404).await;
        traced.get(&format!("/nexus/raw/{asset}"), 404).await;
        bob.get("/nexus/raw", 200).await;
    }
    ann
}

fn text<'a>(event: &'a Value, pointer: &str) -> &'a str {
    event.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn is_read(event: &Value) -> bool {
    text(event, "/event_type").ends_with("_read") || text(event, "/event_type").ends_with("_listed")
}

#[tokio::test]
async fn each_filter_finds_what_it_says_and_nothing_else() {
    let nexus = Nexus::start().await;
    let client = populated(&nexus).await;
    let all = client.events("include_reads=true&limit=500").await;
    assert_eq!(all.len(), 16);
    let asset = text(&all[15], "/asset_id").to_owned();
    let middle = text(&all[8], "/recorded_at").to_owned();
    type Holds<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
    let is = |pointer: &'static str, value: &str| -> Holds<'_> {
        let value = value.to_owned();
        Box::new(move |event| text(event, pointer) == value)
    };
    let filters: Vec<(String, Holds<'_>)> = vec![
        ("surface=raw_storage".into(), is("/surface", "raw_storage")),
        ("surface=chat".into(), is("/surface", "chat")),
        ("event_type=raw_asset_presigned".into(), is("/event_type", "raw_asset_presigned")),
        ("event_type=raw_asset_read".into(), is("/event_type", "raw_asset_read")),
        ("outcome=success".into(), is("/outcome", "success")),
        ("outcome=failure".into(), is("/outcome", "failure")),
        ("user_id=u_ann".into(), is("/user_id", "u_ann")),
        ("user_id=u_bob".into(), is("/user_id", "u_bob")),
        (format!("asset_id={asset}"), is("/asset_id", &asset)),
        (format!("trace_id={TRACE}"), is("/metadata/trace_id", TRACE)),
        ("request_id=req-2".into(), is("/metadata/request_id", "req-2")),
        (format!("since={middle}"), Box::new(|event| text(event, "/recorded_at") >= middle.as_str())),
        (format!("until={middle}"), Box::new(|event| text(event, "/recorded_at") < middle.as_str())),
        (
            "user_id=u_bob&outcome=failure&surface=raw_storage".into(),
            Box::new(|event| text(event, "/user_id") == "u_bob" && text(event, "/outcome") == "failure"),
        ),
    ];
    // Up to here: the looks that follow are events too.
    let until = text(&all[0], "/recorded_at").to_owned();
    let old = |events: Vec<Value>| -> Vec<Value> {
        events.into_iter().filter(|event| text(event, "/recorded_at") <= until.as_str()).collect()
    };
    for (filter, holds) in filters {
        let expected: Vec<Value> = all.iter().filter(|event| holds(event)).cloned().collect();
        let found = old(client.events(&format!("{filter}&include_reads=true")).await);
        assert_eq!(found, expected, "{filter}");
        let writes: Vec<Value> = expected.iter().filter(|event| !is_read(event)).cloned().collect();
        // A filter that names a type of reads asks for reads without asking twice, or finds none: never something else.
        let found = client.events(&filter).await;
        assert!(found == writes || (filter.contains("raw_asset_read") && found == expected), "{filter}");
        let oldest_first: Vec<Value> = expected.into_iter().rev().collect();
        let found = old(client.events(&format!("{filter}&include_reads=true&order=asc&limit=3")).await);
        assert_eq!(found, oldest_first, "{filter} oldest first");
    }
}

#[tokio::test]
async fn a_walk_is_stable_while_others_append() {
    let nexus = Nexus::start().await;
    let writer = nexus.client("t_own", "writer");
    for _ in 0..40 {
        writer.presign(&json!({ "filename": "a.txt" })).await;
    }
    let before = writer.events("limit=500").await;
    for order in ["desc", "asc"] {
        let appending = tokio::spawn({
            let writer = writer.clone();
            async move {
                loop {
                    writer.presign(&json!({ "filename": "later.txt" })).await;
                }
            }
        });
        let walked = writer.events(&format!("limit=3&order={order}")).await;
        appending.abort();
        let ids: Vec<&str> = walked.iter().map(|event| text(event, "/event_id")).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "none twice");
        // Whatever stood before the walk is met, in order; of the later ones only those before the first page, so it ends.
        let old: HashSet<&str> = before.iter().map(|event| text(event, "/event_id")).collect();
        let met: Vec<&str> = ids.iter().copied().filter(|id| old.contains(id)).collect();
        let mut expected: Vec<&str> = before.iter().map(|event| text(event, "/event_id")).collect();
        if order == "asc" {
            expected.reverse();
        }
        assert_eq!(met, expected, "{order}");
        let seqs: Vec<u64> = walked.iter().map(|event| event["ledger"]["seq"].as_u64().unwrap()).collect();
        let sorted = seqs.is_sorted_by(|a, b| if order == "asc" { a < b } else { a > b });
        assert!(sorted, "{seqs:?}");
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_query() {
    let nexus = Nexus::start().await;
    let client = populated(&nexus).await;
    let page = client.get("/nexus/events?limit=2&outcome=success", 200).await.json();
    let cursor = page["next_cursor"].as_str().expect("there is more").to_owned();
    client.get(&format!("/nexus/events?limit=5&outcome=success&cursor={cursor}"), 200).await;
    for other in [
        format!("/nexus/events?outcome=failure&cursor={cursor}"),
        format!("/nexus/events?cursor={cursor}"),
        format!("/nexus/events?outcome=success&order=asc&cursor={cursor}"),
        format!("/nexus/events?outcome=success&include_reads=true&cursor={cursor}"),
        format!("/nexus/traces/{TRACE}?cursor={cursor}"),
        format!("/nexus/raw?cursor={cursor}"),
        "/nexus/events?cursor=nonsense".to_owned(),
        "/nexus/events?cursor=".to_owned(),
        format!("/nexus/events?outcome=success&cursor={cursor}x"),
    ] {
        client.get(&other, 400).await.is("cursor.invalid");
    }
    // Nor does it open another environment or another tenant.
    let path = format!("/nexus/events?outcome=success&cursor={cursor}");
    client.clone().env("prod").get(&path, 400).await.is("cursor.invalid");
    nexus.client("t_else", "reader").get(&path, 400).await.is("cursor.invalid");
}

#[tokio::test]
async fn a_query_that_means_nothing_is_refused() {
    let nexus = Nexus::start().await;
    let client = nexus.client("t_own", "reader");
    for list in ["/nexus/events", "/nexus/raw", &format!("/nexus/traces/{TRACE}")] {
        for limit in ["0", "501", "100000"] {
            let answer = client.get(&format!("{list}?limit={limit}"), 422).await;
            assert_eq!(answer.pointers(), ["/limit"]);
        }
        for (bad, pointer, code) in [
            ("limit=x", "/limit", "format"),
            ("limit=-1", "/limit", "format"),
            ("limit=1.5", "/limit", "format"),
            ("limit=", "/limit", "format"),
            ("order=up", "/order", "range"),
            ("unk~nown=1", "/unk~0nown", "unknown"),
            ("limit=5&limit=5", "/limit", "repeated"),
        ] {
            let problem = client.get(&format!("{list}?{bad}"), 400).await.is("query.invalid");
            assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{problem}");
            let fault = &problem["errors"][0];
            assert_eq!((fault["pointer"].as_str(), fault["code"].as_str()), (Some(pointer), Some(code)), "{bad}");
        }
        let problem = client.get(&format!("{list}?cursor=x"), 400).await.is("cursor.invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/cursor");
        client.get(&format!("{list}?limit=500&order=asc"), 200).await;
    }
    for bad in [
        "surface=Raw",
        "event_type=a-b",
        "outcome=maybe",
        "user_id=",
        "asset_id=a/b",
        "trace_id=0",
        "since=yesterday",
        "until=2026-13-01T00:00:00Z",
        "include_reads=1",
        "request_id=a b",
        "surface=",
    ] {
        client.get(&format!("/nexus/events?{bad}"), 400).await.is("query.invalid");
    }
    // One asset and one event take no parameters at all.
    client.get("/nexus/raw/some-asset?limit=1", 400).await.is("query.invalid");
    client.get("/nexus/events/0189d2a4-b5c6-7890-abcd-ef0123456789?x=1", 400).await.is("query.invalid");
}

#[tokio::test]
async fn one_event_is_found_by_its_id_in_either_form() {
    let nexus = Nexus::start().await;
    let client = populated(&nexus).await;
    let event = client.events("").await.remove(0);
    let id = text(&event, "/event_id");
    for form in [id.to_owned(), id.to_uppercase(), id.replace('-', "")] {
        assert_eq!(client.get(&format!("/nexus/events/{form}"), 200).await.json(), event);
    }
    client.get("/nexus/events/0189d2a4-b5c6-7890-abcd-ef0123456789", 404).await.is("event.unknown");
    for bad in ["nonsense", "%ff", "0189d2a4", "%7B0189d2a4-b5c6-7890-abcd-ef0123456789%7D"] {
        client.get(&format!("/nexus/events/{bad}"), 400).await.is("path.invalid");
    }
    for bad in ["nonsense", &"0".repeat(32), &TRACE.to_uppercase()] {
        client.get(&format!("/nexus/traces/{bad}"), 400).await.is("path.invalid");
    }
    client.get("/nexus/raw/a%2Fb", 400).await.is("path.invalid");
    let nothing = client.get(&format!("/nexus/traces/{}", "1".repeat(32)), 200).await.json();
    assert_eq!(nothing, json!({ "items": [], "next_cursor": null }));
    // Another tenant's event does not exist, and neither does another environment's.
    nexus.client("t_else", "owner").get(&format!("/nexus/events/{id}"), 404).await.is("event.unknown");
    client.clone().env("prod").get(&format!("/nexus/events/{id}"), 404).await.is("event.unknown");
}
