//! `GET /nexus/events/stream`: events as they are appended, as server-sent events (HTML, section 9.2).

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{RawQuery, State},
};
use futures::StreamExt;
use http::{HeaderMap, StatusCode};
use nexus_ledger::TailMark;
use serde_json::json;
use tokio::time::Instant;

use super::{
    audited::{Answer, Failure},
    context::Context,
    events::filters,
    problem::{Code, Problem, ProblemBody},
    query::Params,
};
use crate::{app::App, auth::AuthContext, limits::Class, logging::Detail, views::stream::Refused};

/// `GET /nexus/events/stream`
#[utoipa::path(
    get, path = "/nexus/events/stream", tag = "events",
    params(
        super::openapi::EventFilters,
        ("Last-Event-ID" = Option<String>, Header, description = "Resumes right after this `id`; else the stream begins with the next event that is appended"),
    ),
    responses(
        (status = 200, description = "`id:` opaque, `data:` one DatasetEvent on one line; comments as heartbeats. Ends when the token expires", body = String, content_type = "text/event-stream"),
        (status = 400, description = "`cursor.invalid` for a `Last-Event-ID` of another tenant, environment or server", body = ProblemBody),
    )
)]
pub async fn stream(
    State(app): State<App>,
    Context(context): Context,
    Extension(auth): Extension<Arc<AuthContext>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Answer, Failure> {
    let mut params = Params::parse(query.as_deref())?;
    let query = filters(&mut params, &app.pseudonyms)?;
    params.finish()?;
    let mark = last_event_id(&headers)?;
    let slot = app.streams.slot(&context.tenant_id).inspect_err(|refused| {
        if matches!(refused, Refused::Tenant { .. }) {
            app.limits.refuse(&context.tenant_id, &context.env, Class::Streams);
        }
    })?;
    let expires = Instant::now() + auth.valid_for(crate::clock::now());
    let detail = Detail::default().input(json!({ "resumed": mark.is_some() }));
    let frames = slot.follow(&context, query, mark, expires).map_err(|error| Failure::new(error, detail.clone()))?;
    let body = Body::from_stream(frames.map(Ok::<_, std::convert::Infallible>));
    Ok(Answer::stream(StatusCode::OK, "text/event-stream", body, detail))
}

/// The header that a client resumes with; an empty one says that it has seen nothing.
fn last_event_id(headers: &HeaderMap) -> Result<Option<TailMark>, Problem> {
    let invalid = || Problem::new(Code::CursorInvalid).detail("Last-Event-ID is not an id of this stream");
    let Some(value) = headers.get("last-event-id").filter(|value| !value.is_empty()) else { return Ok(None) };
    value.to_str().ok().and_then(|text| text.parse().ok()).map(Some).ok_or_else(invalid)
}
