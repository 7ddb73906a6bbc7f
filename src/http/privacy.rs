//! Routes of privacy: opt-outs of training, and a dry run of the redactor.

use axum::{
    extract::{FromRequest, FromRequestParts, Request, State},
    http::HeaderMap,
};
use http::{StatusCode, header, request::Parts};
use nexus_model::UserId;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    audited::{Answer, Failure},
    context::Context,
    events::PathOf,
    json::{JsonObject, finish, read_json},
    problem::{Code, Problem, ProblemBody},
    query::NoQuery,
};
use crate::{app::App, fields::Fields, logging::Detail};

/// The user that a path names, as the ledger names it.
pub struct UserOf(UserId);

impl FromRequestParts<App> for UserOf {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let PathOf::<String>(name) = PathOf::from_request_parts(parts, app).await?;
        let empty = || Problem::new(Code::PathInvalid).detail("expected a user");
        app.pseudonyms.user_named(&name).map(Self).ok_or_else(empty)
    }
}

/// Whether the whole tenant opted out.
#[derive(Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantPrefs {
    /// `true`: no event of this tenant and environment is trained on.
    tenant_opt_out: bool,
}

/// Whether one user opted out.
#[derive(Serialize, utoipa::ToSchema)]
pub struct UserPrefs {
    /// The user.
    #[schema(value_type = String)]
    user_id: UserId,
    /// `true`: no event of this user is trained on.
    opt_out: bool,
}

/// What is said of one user.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
pub struct UserPrefsIn {
    /// `true`: no event of this user is trained on.
    opt_out: bool,
}

/// `GET /nexus/privacy/train-prefs`
#[utoipa::path(
    get, path = "/nexus/privacy/train-prefs", tag = "privacy",
    responses((status = 200, description = "The tenant's choice, with `ETag`", body = TenantPrefs))
)]
pub async fn read_tenant(State(app): State<App>, Context(context): Context, _: NoQuery) -> Result<Answer, Failure> {
    let (prefs, etag) = app.train_prefs.read(&context.tenant_id, &context.env).await?;
    let body = TenantPrefs { tenant_opt_out: prefs.tenant_opt_out };
    Ok(Answer::json(StatusCode::OK, &body, Detail::default())?.etag(etag))
}

/// `PUT /nexus/privacy/train-prefs`
#[utoipa::path(
    put, path = "/nexus/privacy/train-prefs", tag = "privacy",
    params(("If-Match" = Option<String>, Header, description = "Only from the state with this ETag")),
    request_body = TenantPrefs,
    responses(
        (status = 200, description = "Changed, with the new `ETag`", body = TenantPrefs),
        (status = 412, description = "`precondition.failed`", body = ProblemBody),
    )
)]
pub async fn write_tenant(
    State(app): State<App>,
    Context(context): Context,
    headers: HeaderMap,
    _: NoQuery,
    JsonObject(mut fields): JsonObject,
) -> Result<Answer, Failure> {
    let opt_out = required_boolean(&mut fields, "tenant_opt_out");
    finish(fields)?;
    let detail = Detail::default().input(json!({ "tenant_opt_out": opt_out }));
    let changed = app
        .train_prefs
        .change(&context.tenant_id, &context.env, if_match(&headers), |prefs| prefs.tenant_opt_out = opt_out)
        .await;
    match changed {
        Ok((prefs, etag)) => {
            let body = TenantPrefs { tenant_opt_out: prefs.tenant_opt_out };
            Ok(Answer::json(StatusCode::OK, &body, detail)?.etag(etag))
        }
        Err(error) => Err(Failure::new(error, detail)),
    }
}

/// `GET /nexus/privacy/train-prefs/users/{user_id}`
#[utoipa::path(
    get, path = "/nexus/privacy/train-prefs/users/{user_id}", tag = "privacy",
    params(("user_id" = String, Path, description = "As a token's `sub` names the user, or as events do")),
    responses((status = 200, description = "The user's choice, with `ETag`", body = UserPrefs))
)]
pub async fn read_user(
    State(app): State<App>,
    Context(context): Context,
    UserOf(user_id): UserOf,
    _: NoQuery,
) -> Result<Answer, Failure> {
    let (prefs, etag) = app.train_prefs.read(&context.tenant_id, &context.env).await?;
    let body = UserPrefs { opt_out: prefs.users.contains(&user_id), user_id };
    Ok(Answer::json(StatusCode::OK, &body, Detail::default())?.etag(etag))
}

/// `PUT /nexus/privacy/train-prefs/users/{user_id}`
#[utoipa::path(
    put, path = "/nexus/privacy/train-prefs/users/{user_id}", tag = "privacy",
    params(
        ("user_id" = String, Path, description = "As a token's `sub` names the user, or as events do"),
        ("If-Match" = Option<String>, Header, description = "Only from the state with this ETag"),
    ),
    request_body = UserPrefsIn,
    responses(
        (status = 200, description = "Changed, with the new `ETag`", body = UserPrefs),
        (status = 412, description = "`precondition.failed`", body = ProblemBody),
    )
)]
pub async fn write_user(
    State(app): State<App>,
    Context(context): Context,
    UserOf(user_id): UserOf,
    headers: HeaderMap,
    _: NoQuery,
    JsonObject(mut fields): JsonObject,
) -> Result<Answer, Failure> {
    let opt_out = required_boolean(&mut fields, "opt_out");
    finish(fields)?;
    let detail = Detail::default().input(json!({ "user_id": user_id, "opt_out": opt_out }));
    let changed = app
        .train_prefs
        .change(&context.tenant_id, &context.env, if_match(&headers), |prefs| {
            if opt_out {
                prefs.users.insert(user_id.clone());
            } else {
                prefs.users.remove(&user_id);
            }
        })
        .await;
    match changed {
        Ok((_, etag)) => Ok(Answer::json(StatusCode::OK, &UserPrefs { user_id, opt_out }, detail)?.etag(etag)),
        Err(error) => Err(Failure::new(error, detail)),
    }
}

/// `DELETE /nexus/privacy/train-prefs/users/{user_id}`
#[utoipa::path(
    delete, path = "/nexus/privacy/train-prefs/users/{user_id}", tag = "privacy",
    params(
        ("user_id" = String, Path, description = "As a token's `sub` names the user, or as events do"),
        ("If-Match" = Option<String>, Header, description = "Only from the state with this ETag"),
    ),
    responses(
        (status = 204, description = "The user has no choice of its own any more"),
        (status = 412, description = "`precondition.failed`", body = ProblemBody),
    )
)]
pub async fn delete_user(
    State(app): State<App>,
    Context(context): Context,
    UserOf(user_id): UserOf,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Answer, Failure> {
    let detail = Detail::default().input(json!({ "user_id": user_id }));
    let changed = app
        .train_prefs
        .change(&context.tenant_id, &context.env, if_match(&headers), |prefs| {
            prefs.users.remove(&user_id);
        })
        .await;
    match changed {
        Ok((_, etag)) => Ok(Answer::raw(StatusCode::NO_CONTENT, bytes::Bytes::new(), detail).etag(etag)),
        Err(error) => Err(Failure::new(error, detail)),
    }
}

/// What the redactor would make of a JSON value.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RedactOut {
    /// The value, redacted.
    redacted: Value,
    /// What was found, and where in the value that was sent.
    #[schema(value_type = Vec<FindingOut>)]
    findings: Vec<nexus_redact::Finding>,
}

/// One finding.
#[derive(utoipa::ToSchema)]
#[schema(as = Finding)]
#[allow(dead_code)]
pub struct FindingOut {
    /// A JSON Pointer into the value that was sent.
    pointer: String,
    /// What it is: `email`, `phone`, …
    #[schema(rename = "type")]
    kind: String,
    /// The first byte of it in the string.
    start: u64,
    /// The byte after it.
    end: u64,
}

/// Any JSON value.
pub struct AnyJson(pub Value);

impl FromRequest<App> for AnyJson {
    type Rejection = Problem;
    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        read_json(request, app, app.config.server.max_events_body_bytes).await.map(Self)
    }
}

/// `POST /nexus/privacy/redact`
#[utoipa::path(
    post, path = "/nexus/privacy/redact", tag = "privacy",
    request_body(content = Value, description = "Any JSON"),
    responses((status = 200, description = "A dry run: nothing of it is stored", body = RedactOut))
)]
pub async fn redact(
    State(app): State<App>,
    Context(context): Context,
    _: NoQuery,
    AnyJson(value): AnyJson,
) -> Result<Answer, Failure> {
    let redactor = std::sync::Arc::clone(&app.redactor);
    let tenant = context.tenant_id;
    let redacted = tokio::task::spawn_blocking(move || redactor.dry_run(Some(&tenant), value)).await;
    let (redacted, findings) = redacted
        .map_err(|_panic| Problem::new(Code::Internal))?
        .map_err(|error| Problem::new(Code::BodyTooLarge).detail(error.to_string()))?;
    let detail = Detail::default().output(json!({ "findings": findings.len() }));
    Answer::json(StatusCode::OK, &RedactOut { redacted, findings }, detail)
}

fn required_boolean(fields: &mut Fields, name: &str) -> bool {
    if !fields.has(name) {
        fields.fault(name, "required", "this field is required");
    }
    fields.boolean(name).unwrap_or_default()
}

fn if_match(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::IF_MATCH).map(|value| value.to_str().unwrap_or_default())
}
