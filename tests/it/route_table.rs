//! The route table: every route under `/nexus` has an authorisation case and leaves exactly one event. A route that is added
//! without an entry in [`case`] fails here.

use std::collections::BTreeSet;

use nexus::http::{audited::Endpoint, routes::ENDPOINTS};
use nexus_model::Role;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Answer, Client, Nexus, Upload};

const ROLES: [(Role, &str); 4] =
    [(Role::Reader, "reader"), (Role::Writer, "writer"), (Role::Admin, "admin"), (Role::Owner, "owner")];

/// A request that succeeds.
struct Case {
    path: String,
    body: Option<Value>,
    status: u16,
    /// The event that a success leaves, where it is not the endpoint's own.
    leaves: Option<(&'static str, &'static str)>,
}

fn get(path: impl Into<String>) -> Case {
    Case { path: path.into(), body: None, status: 200, leaves: None }
}

fn with_body(path: &str, body: Value, status: u16) -> Case {
    Case { path: path.to_owned(), body: Some(body), status, leaves: None }
}

/// How to call each endpoint so that it succeeds, on things of its own.
async fn case(endpoint: &Endpoint, owner: &Client) -> Case {
    let path = endpoint.path;
    match (endpoint.method.as_str(), path) {
        ("POST", "/nexus/raw/presign-upload") => with_body(path, json!({ "filename": "a.txt" }), 201),
        ("POST", "/nexus/raw/register") => {
            with_body(path, json!({ "asset_id": uploaded(owner).await, "filename": "a.txt" }), 201)
        }
        ("GET", "/nexus/raw" | "/nexus/events" | "/nexus/events/catalog" | "/nexus/privacy/train-prefs") => get(path),
        ("GET", "/nexus/raw/{asset_id}" | "/nexus/raw/{asset_id}/download") => {
            get(path.replace("{asset_id}", &registered(owner).await))
        }
        ("DELETE", "/nexus/raw/{asset_id}") => {
            Case { status: 204, ..get(path.replace("{asset_id}", &registered(owner).await)) }
        }
        ("POST", "/nexus/events") => {
            let input = json!({ "thread_id": "th-1", "role": "user", "text": "hello" });
            let event = json!({ "surface": "chat", "event_type": "message_posted", "input": input });
            Case { leaves: Some(("chat", "message_posted")), ..with_body(path, event, 201) }
        }
        ("GET", "/nexus/events/{event_id}" | "/nexus/ledger/proof/{event_id}") => {
            owner.presign(&json!({ "filename": "a.txt" })).await;
            let event = owner.events("").await.remove(0);
            get(path.replace("{event_id}", event["event_id"].as_str().unwrap()))
        }
        ("GET", "/nexus/events/stream") => get(path),
        ("GET", "/nexus/traces/{trace_id}") => get("/nexus/traces/4bf92f3577b34da6a3ce929d0e0e4736"),
        ("GET", "/nexus/ledger/checkpoint") => get(path),
        ("GET", "/nexus/ledger/consistency") => {
            owner.presign(&json!({ "filename": "a.txt" })).await;
            let heads = owner.get("/nexus/ledger/checkpoint", 200).await.json();
            get(format!("{path}?log={}&from=1&to=1", heads["items"][0]["log"].as_str().unwrap()))
        }
        ("PUT", "/nexus/privacy/train-prefs") => with_body(path, json!({ "tenant_opt_out": false }), 200),
        ("GET", "/nexus/privacy/train-prefs/users/{user_id}") => get(path.replace("{user_id}", "u_someone")),
        ("PUT", "/nexus/privacy/train-prefs/users/{user_id}") => {
            with_body(&path.replace("{user_id}", "u_someone"), json!({ "opt_out": true }), 200)
        }
        ("DELETE", "/nexus/privacy/train-prefs/users/{user_id}") => {
            Case { status: 204, ..get(path.replace("{user_id}", "u_someone")) }
        }
        ("GET", "/nexus/export/training" | "/nexus/dashboard") => get(path),
        ("GET", "/nexus/dashboard/{section}") => get("/nexus/dashboard/activity"),
        ("POST", "/nexus/privacy/redact") => with_body(path, json!({ "text": "jane.doe@example.com" }), 200),
        (method, path) => panic!("{method} {path} has no authorisation case and no event case: add one here"),
    }
}

async fn uploaded(owner: &Client) -> String {
    let presigned = owner.presign(&json!({ "filename": "a.txt" })).await;
    Upload::of(&presigned, &b"content"[..]).succeeds().await;
    presigned["asset_id"].as_str().unwrap().to_owned()
}

async fn registered(owner: &Client) -> String {
    let id = uploaded(owner).await;
    owner.register(&json!({ "asset_id": id, "filename": "a.txt" }), 201).await;
    id
}

impl Case {
    fn request(&self, client: &Client, endpoint: &Endpoint) -> RequestBuilder {
        let request = client.request(endpoint.method.clone(), &self.path);
        if let Some(body) = &self.body { request.json(body) } else { request }
    }

    async fn send(&self, client: &Client, endpoint: &Endpoint, status: u16) -> Answer {
        client.send(self.request(client, endpoint), status).await
    }
}

#[tokio::test]
async fn the_table_and_the_document_name_the_same_routes() {
    let nexus = Nexus::start().await;
    let document = nexus.anonymous().get("/openapi.json", 200).await.json();
    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/nexus") {
            continue;
        }
        for (method, operation) in operations.as_object().unwrap() {
            documented.insert((method.to_uppercase(), path.clone()));
            for status in ["400", "401", "403", "503"] {
                assert!(!operation["responses"][status].is_null(), "{method} {path} may answer {status}");
            }
        }
    }
    let table: BTreeSet<_> =
        ENDPOINTS.iter().map(|endpoint| (endpoint.method.to_string(), endpoint.path.to_owned())).collect();
    assert_eq!(documented, table);
    assert_eq!(table.len(), ENDPOINTS.len(), "no route stands twice");
}

/// Then: without a token nobody, and with one only those whose role suffices.
#[tokio::test]
async fn every_route_has_its_authorisation() {
    let nexus = Nexus::start().await;
    let owner = nexus.client("t_own", "owner");
    for endpoint in ENDPOINTS {
        let name = format!("{} {}", endpoint.method, endpoint.path);
        let case = case(endpoint, &owner).await;
        let nobody = case.send(&owner.clone().without("authorization"), endpoint, 401).await;
        nobody.is("auth.missing");
        assert!(
            nobody.header("ratelimit-policy").contains(";q=") && nobody.header("ratelimit").contains(";r="),
            "{name}"
        );
        case.send(&owner.clone().header("authorization", "Bearer x"), endpoint, 401).await.is("auth.invalid");
        case.send(&owner.clone().tenant("t_other"), endpoint, 403).await.is("tenant.forbidden");
        for (role, word) in ROLES {
            let client = nexus.client("t_own", word);
            if role < endpoint.role {
                case.send(&client, endpoint, 403).await.is("role.forbidden");
            } else if role == endpoint.role {
                // The refusals before had no effect, or this one would not succeed as the first does.
                case.send(&client, endpoint, case.status).await;
            }
        }
        assert!(ROLES.iter().any(|(role, _)| *role == endpoint.role), "{name}");
    }
}

/// Then: a success and a failure leave one event each, of the endpoint's type, in the bearer's own tenant.
#[tokio::test]
async fn every_request_leaves_exactly_one_event() {
    let nexus = Nexus::start().await;
    let owner = nexus.client("t_own", "owner");
    for (number, endpoint) in ENDPOINTS.iter().enumerate() {
        let case = case(endpoint, &owner).await;
        let refused = owner.clone().env("nowhere");
        for (client, status, outcome) in [(refused, 400, "failure"), (owner.clone(), case.status, "success")] {
            let request_id = format!("rt-{number}-{outcome}");
            let before = nexus.metric("nexus_events_total").await;
            case.send(&client.header("x-request-id", &request_id), endpoint, status).await;
            assert_eq!(nexus.metric("nexus_events_total").await - before, 1.0, "{request_id}");
            let events = owner.events(&format!("request_id={request_id}&include_reads=true")).await;
            assert_eq!(events.len(), 1, "{events:?}");
            let own = (endpoint.event.surface, endpoint.event.event_type);
            let (surface, event_type) = if outcome == "success" { case.leaves.unwrap_or(own) } else { own };
            assert_eq!((&events[0]["surface"], &events[0]["event_type"]), (&json!(surface), &json!(event_type)));
            assert_eq!(events[0]["outcome"], outcome);
        }
    }
}

/// Then: a parameter that the route does not know is refused, whatever its method, and has no effect.
#[tokio::test]
async fn no_route_takes_a_parameter_that_it_does_not_know() {
    let nexus = Nexus::start().await;
    let owner = nexus.client("t_own", "owner");
    for endpoint in ENDPOINTS {
        let case = case(endpoint, &owner).await;
        let sign = if case.path.contains('?') { '&' } else { '?' };
        let surplus = Case { path: format!("{}{sign}surplus=1", case.path), body: case.body.clone(), ..case };
        let problem = surplus.send(&owner, endpoint, 400).await.is("query.invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/surplus", "{} {}", endpoint.method, endpoint.path);
        case.send(&owner, endpoint, case.status).await;
    }
}

/// What is not in the table is not served: neither beside it nor by another method.
#[tokio::test]
async fn nothing_under_nexus_is_served_beside_the_table() {
    let nexus = Nexus::start().await;
    let owner = nexus.client("t_own", "owner");
    let paths: BTreeSet<&str> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
    for path in paths {
        let concrete = path
            .replace("{asset_id}", "some-asset")
            .replace("{event_id}", "0189d2a4-b5c6-7890-abcd-ef0123456789")
            .replace("{user_id}", "u_someone")
            .replace("{section}", "kpi")
            .replace("{trace_id}", "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(!concrete.contains('{'), "{path} has a parameter that this test does not know");
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if !ENDPOINTS.iter().any(|endpoint| endpoint.path == path && *endpoint.method == method) {
                let answer = owner.send(owner.request(method, &concrete), 405).await;
                answer.is("method.not_allowed");
                assert!(!answer.header("ratelimit").is_empty() && !answer.header("ratelimit-policy").is_empty());
            }
        }
    }
}
