//! Who may do what, in the order of the contract: token, tenant form, tenant membership, environment, role, body.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use crate::support::{Claims, Nexus, token};

const PRESIGN: &str = "/nexus/raw/presign-upload";

#[tokio::test]
async fn the_first_fault_answers() {
    let nexus = Nexus::start().await;
    // Given a request with every fault at once, which are then mended one by one.
    let bad_body = r#"{"a": 1, "a": 2}"#;
    let caller = nexus.anonymous();
    let answer = caller.post_bytes(PRESIGN, bad_body, 401).await;
    answer.is("auth.missing");
    assert_eq!(answer.header("www-authenticate"), "Bearer");

    let expired = nexus.token(&Claims::of("t_own", "reader").with("exp", token::now() - 120));
    let answer = nexus.bearer(&expired).post_bytes(PRESIGN, bad_body, 401).await;
    answer.is("auth.expired");
    assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");

    let caller = nexus.bearer(&nexus.token(&Claims::of("t_own", "reader")));
    caller.post_bytes(PRESIGN, bad_body, 400).await.is("tenant.missing");
    let caller = caller.tenant("T_OWN");
    caller.post_bytes(PRESIGN, bad_body, 400).await.is("tenant.invalid");
    let caller = caller.tenant("t_other");
    caller.post_bytes(PRESIGN, bad_body, 403).await.is("tenant.forbidden");
    let caller = caller.tenant("t_own");
    caller.post_bytes(PRESIGN, bad_body, 400).await.is("env.missing");
    let caller = caller.env("production");
    caller.post_bytes(PRESIGN, bad_body, 400).await.is("env.invalid");
    let caller = caller.env("prod");
    caller.post_bytes(PRESIGN, bad_body, 403).await.is("role.forbidden");
    let caller = nexus.client("t_own", "writer").env("prod");
    caller.post_bytes(PRESIGN, bad_body, 400).await.is("body.malformed");
    caller.post(PRESIGN, &json!({ "filename": "a.txt" }), 201).await;
}

#[tokio::test]
async fn a_token_that_is_none_is_refused() {
    let nexus = Nexus::start().await;
    let claims = Claims::of("t_own", "owner");
    let good = nexus.token(&claims);
    let (head, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let none = base64_url(&json!({ "alg": "none", "typ": "JWT" }).to_string());
    let other_key = claims.sign(b"another secret of at least 32 bytes");
    let hs512 = jsonwebtoken::encode(
        &Header::new(Algorithm::HS512),
        &claims.0,
        &EncodingKey::from_secret(nexus.keys()["jwt_secret"].as_str().unwrap().as_bytes()),
    )
    .unwrap();
    let forged = base64_url(&Claims::of("t_victim", "owner").0.to_string());
    let not_yet = nexus.token(&claims.clone().with("nbf", token::now() + 3600));
    for bad in [
        "garbage",
        "a.b.c",
        &format!("{none}.{body}."),
        &format!("{none}.{body}.{signature}"),
        &format!("{head}.{forged}.{signature}"),
        &format!("{head}.{body}."),
        &other_key,
        &hs512,
        &not_yet,
    ] {
        let caller = nexus.bearer(bad).tenant("t_own").env("dev");
        let answer = caller.get("/nexus/raw", 401).await;
        answer.is("auth.invalid");
        assert!(!answer.text().contains(bad), "a token is not told back");
        assert!(!nexus.log().contains(bad), "nor logged");
    }
    let caller = nexus.bearer(&good).tenant("t_own").env("dev");
    let twice = caller.request(reqwest::Method::GET, "/nexus/raw").header("authorization", format!("Bearer {good}"));
    caller.send(twice, 401).await.is("auth.invalid");
    let basic = nexus.anonymous().header("authorization", "Basic dTpw").tenant("t_own").env("dev");
    basic.get("/nexus/raw", 401).await.is("auth.missing");
    // The scheme's case is free (RFC 9110, section 11.1).
    let lower = nexus.anonymous().header("authorization", &format!("bearer {good}")).tenant("t_own").env("dev");
    lower.get("/nexus/raw", 200).await;
}

fn base64_url(text: &str) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

#[tokio::test]
async fn invalid_tenant_is_refused() {
    let nexus = Nexus::start().await;
    let reader = nexus.client("t_own", "reader");
    let long = format!("t_{}", "a".repeat(63));
    for bad in ["", "t_", "own", "T_own", "t_Own", "t_own/..", "t_own%2f", "t_a b", "../t_own", &long] {
        reader.clone().tenant(bad).get("/nexus/raw", 400).await.is("tenant.invalid");
    }
    // One that stands twice says nothing, even when both are the caller's own.
    let twice = reader.request(reqwest::Method::GET, "/nexus/raw").header("x-tenant-id", "t_own");
    let answer = reader.try_send(twice.header("x-tenant-id", "t_own")).await.unwrap();
    assert!(matches!(answer.status.as_u16(), 400), "{}", answer.text());
    reader.clone().without("x-tenant-id").get("/nexus/raw", 400).await.is("tenant.missing");
    reader.clone().tenant("t_other").get("/nexus/raw", 403).await.is("tenant.forbidden");
    reader.get("/nexus/raw", 200).await;
}

#[tokio::test]
async fn a_tried_tenant_is_recorded_at_home_and_never_where_it_was_tried() {
    let nexus = Nexus::start().await;
    let claims = Claims::of("t_first", "owner").also("t_home", "owner").with("default_tenant_id", "t_home");
    let caller = nexus.bearer(&nexus.token(&claims)).env("prod").header("x-request-id", "attempt-1");
    caller.clone().tenant("t_victim").get("/nexus/raw/some-asset", 403).await.is("tenant.forbidden");

    let home = caller.clone().tenant("t_home").without("x-request-id");
    let events = home.events("request_id=attempt-1&include_reads=true").await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["tenant_id"], "t_home");
    assert_eq!(events[0]["env"], "prod");
    assert_eq!(events[0]["event_type"], "raw_asset_read");
    assert_eq!(events[0]["outcome"], "failure");
    assert_eq!(events[0]["error_code"], "tenant.forbidden");
    assert!(!events[0].to_string().contains("t_victim"), "{}", events[0]);

    for (tenant, env) in [("t_victim", "prod"), ("t_victim", "dev"), ("t_first", "prod"), ("t_home", "dev")] {
        let there = nexus.client(tenant, "owner").env(env);
        assert_eq!(there.events("include_reads=true").await, Vec::<serde_json::Value>::new(), "{tenant} {env}");
    }
}

#[tokio::test]
async fn without_a_valid_token_nothing_is_recorded_but_counted() {
    let nexus = Nexus::start().await;
    let reader = nexus.client("t_own", "reader");
    reader.get("/nexus/raw", 200).await;
    let before = nexus.metric("nexus_events_total").await;
    assert!(before >= 1.0);
    nexus.anonymous().tenant("t_own").env("dev").get("/nexus/raw", 401).await.is("auth.missing");
    reader.clone().header("authorization", "Bearer x").get("/nexus/raw", 401).await.is("auth.invalid");
    assert_eq!(nexus.metric("nexus_events_total").await, before);
    assert_eq!(nexus.metric("nexus_refused_total{code=\"auth.missing\"}").await, 1.0);
    assert_eq!(nexus.metric("nexus_refused_total{code=\"auth.invalid\"}").await, 1.0);
    assert_eq!(reader.events("outcome=failure&include_reads=true").await.len(), 0);
}

#[tokio::test]
async fn a_tenant_without_a_role_is_refused_and_roles_include_each_other() {
    let nexus = Nexus::start().await;
    let body = json!({ "filename": "a.txt" });
    let no_role = Claims::of("t_own", "writer").with("role_map", json!({ "t_else": "owner" }));
    let caller = nexus.bearer(&nexus.token(&no_role)).tenant("t_own").env("dev");
    caller.get("/nexus/raw", 403).await.is("role.forbidden");
    let unknown = nexus.client("t_own", "emperor");
    unknown.get("/nexus/raw", 403).await.is("role.forbidden");
    // A role counts in its own tenant alone.
    let both = Claims::of("t_own", "owner").also("t_two", "reader");
    let caller = nexus.bearer(&nexus.token(&both)).env("dev");
    caller.clone().tenant("t_own").post(PRESIGN, &body, 201).await;
    caller.clone().tenant("t_two").post(PRESIGN, &body, 403).await.is("role.forbidden");
    for role in ["writer", "admin", "owner"] {
        nexus.client("t_own", role).post(PRESIGN, &body, 201).await;
    }
    nexus.client("t_own", "reader").post(PRESIGN, &body, 403).await.is("role.forbidden");
}

#[tokio::test]
async fn refusals_of_a_known_bearer_are_on_the_ledger() {
    let nexus = Nexus::start().await;
    let reader = nexus.client("t_own", "reader");
    let refusals = [
        (reader.clone().without("x-tenant-id"), 400, "tenant.missing"),
        (reader.clone().tenant("nobody"), 400, "tenant.invalid"),
        (reader.clone().tenant("t_else"), 403, "tenant.forbidden"),
        (reader.clone().without("x-env"), 400, "env.missing"),
        (reader.clone().env("nowhere"), 400, "env.invalid"),
        (reader.clone(), 403, "role.forbidden"),
    ];
    for (caller, status, code) in &refusals {
        caller.post(PRESIGN, &json!({ "filename": "a.txt" }), *status).await.is(code);
    }
    let events = reader.events("event_type=raw_asset_presigned&order=asc").await;
    let codes: Vec<_> = events.iter().map(|event| event["error_code"].as_str().unwrap()).collect();
    assert_eq!(codes, refusals.map(|(_, _, code)| code));
    assert!(events.iter().all(|event| event["outcome"] == "failure" && event["env"] == "dev"));
}
