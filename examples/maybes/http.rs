//! The routes: parse, call the service, shape the answer.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    auth::{Admitted, Verifier},
    failure::Failure,
    service::{Maybes, PAGE, parse},
};

/// The largest body. Bytes.
const MAX_BODY: usize = 64 << 10;

type Service = Arc<(Arc<Maybes>, Verifier)>;
type Body = Result<Bytes, BytesRejection>;

pub(crate) fn router(maybes: Arc<Maybes>, verifier: Verifier) -> Router {
    Router::new()
        .route("/maybes", get(list).post(create))
        .route("/maybes/{id}", get(read).put(update).delete(remove))
        .route("/maybes/{id}/presign", post(presign))
        .route("/maybes/{id}/attach", post(attach))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::new((maybes, verifier)))
}

/// A body read as JSON, or why not.
fn body<T: serde::de::DeserializeOwned>(body: Body) -> Result<T, Failure> {
    let body = body.map_err(|error| Failure::new(error.status().as_u16(), "body.too_large", error.body_text()))?;
    parse(&body)
}

/// Admits the caller, does the work, and names the request in the answer.
async fn answered<T: serde::Serialize>(
    service: &Service,
    headers: &HeaderMap,
    status: StatusCode,
    work: impl AsyncFnOnce(&Maybes, &Admitted) -> Result<T, Failure>,
) -> Response {
    let (maybes, verifier) = &**service;
    let who = match verifier.admit(headers) {
        Ok(who) => who,
        Err(failure) => return problem(&failure),
    };
    let mut response = match work(maybes, &who).await {
        Ok(_) if status == StatusCode::NO_CONTENT => status.into_response(),
        Ok(answer) => (status, Json(answer)).into_response(),
        Err(failure) => problem(&failure),
    };
    if let Ok(id) = HeaderValue::from_str(&who.caller.request_id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// RFC 9457.
fn problem(failure: &Failure) -> Response {
    let Failure { status, code, detail } = failure;
    let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json!({ "type": "about:blank", "title": status.canonical_reason(), "status": status.as_u16(), "code": code, "detail": detail });
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/problem+json"));
    response
}

async fn create(State(service): State<Service>, headers: HeaderMap, bytes: Body) -> Response {
    answered(&service, &headers, StatusCode::CREATED, async |maybes, who| maybes.create(who, body(bytes)).await).await
}

async fn update(State(service): State<Service>, Path(id): Path<String>, headers: HeaderMap, bytes: Body) -> Response {
    answered(&service, &headers, StatusCode::OK, async |maybes, who| maybes.update(who, &id, body(bytes)).await).await
}

async fn remove(State(service): State<Service>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    answered(&service, &headers, StatusCode::NO_CONTENT, async |maybes, who| maybes.delete(who, &id).await).await
}

async fn read(State(service): State<Service>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    answered(&service, &headers, StatusCode::OK, async |maybes, who| maybes.read(who, &id).await).await
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

async fn list(State(service): State<Service>, Query(page): Query<After>, headers: HeaderMap) -> Response {
    let work = async |maybes: &Maybes, who: &Admitted| {
        let items = maybes.list(who, &page.after).await?;
        let next = items.last().filter(|_| items.len() == PAGE).map(|note| note.id.clone());
        Ok(json!({ "items": items, "next": next }))
    };
    answered(&service, &headers, StatusCode::OK, work).await
}

async fn presign(State(service): State<Service>, Path(id): Path<String>, headers: HeaderMap, bytes: Body) -> Response {
    answered(&service, &headers, StatusCode::CREATED, async |maybes, who| maybes.presign(who, &id, body(bytes)).await)
        .await
}

async fn attach(State(service): State<Service>, Path(id): Path<String>, headers: HeaderMap, bytes: Body) -> Response {
    answered(&service, &headers, StatusCode::OK, async |maybes, who| maybes.attach(who, &id, body(bytes)).await).await
}
