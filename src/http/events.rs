//! Routes that read the ledger back: one event, filtered lists, one trace.

use axum::extract::{FromRequestParts, Path, RawQuery, State};
use http::{StatusCode, request::Parts};
use nexus_ledger::{Order, Query};
use nexus_model::{EventId, Outcome, TraceId};
use serde_json::json;

use super::{
    audited::{Answer, Failure},
    context::Context,
    problem::{Code, Problem, ProblemBody},
    query::{NoQuery, Params, bad},
    raw::page,
};
use crate::{app::App, auth::Pseudonyms, logging::Detail};

/// `GET /nexus/events`
#[utoipa::path(
    get, path = "/nexus/events", tag = "events",
    params(super::openapi::EventFilters, super::openapi::PageParams),
    responses((status = 200, description = "A page of events", body = super::openapi::EventPage))
)]
pub async fn list(
    State(app): State<App>,
    Context(context): Context,
    RawQuery(query): RawQuery,
) -> Result<Answer, Failure> {
    let mut params = Params::parse(query.as_deref())?;
    let (limit, order, cursor) = page(&mut params, Order::Desc)?;
    let query = Query { order, limit, ..filters(&mut params, &app.pseudonyms)? };
    params.finish()?;
    let page = app.events.page(&context, query, cursor).await?;
    let detail = Detail::default().input(json!({ "limit": limit })).output(json!({ "count": page.len() }));
    Ok(Answer::raw(StatusCode::OK, page.into_json(), detail))
}

/// Takes the filters that the list and the live stream share.
pub(super) fn filters(params: &mut Params, pseudonyms: &Pseudonyms) -> Result<Query, Problem> {
    let user = params.take::<String>("user_id")?;
    let user_id = user
        .map(|name| pseudonyms.user_named(&name).ok_or_else(|| bad("user_id", "format", "is empty")))
        .transpose()?;
    Ok(Query {
        surface: params.take("surface")?,
        event_type: params.take("event_type")?,
        outcome: params.word("outcome", &[("success", Outcome::Success), ("failure", Outcome::Failure)])?,
        user_id,
        asset_id: params.take("asset_id")?,
        trace_id: params.take("trace_id")?,
        request_id: params.take("request_id")?,
        since: params.take("since")?,
        until: params.take("until")?,
        include_reads: params.word("include_reads", &[("true", true), ("false", false)])?.unwrap_or(false),
        ..Query::default()
    })
}

/// `GET /nexus/events/catalog`
#[utoipa::path(
    get, path = "/nexus/events/catalog", tag = "events",
    responses((status = 200, description = "Which events exist, and their JSON Schema", body = Object))
)]
pub async fn catalog(State(app): State<App>, Context(_context): Context, _: NoQuery) -> Result<Answer, Failure> {
    Answer::json(StatusCode::OK, &app.catalog.json_schema(), Detail::default())
}

/// `GET /nexus/events/{event_id}`
#[utoipa::path(
    get, path = "/nexus/events/{event_id}", tag = "events",
    params(("event_id" = String, Path, description = "A UUID, hyphenated or 32 hex digits")),
    responses(
        (status = 200, description = "The event", body = super::openapi::DatasetEventOut),
        (status = 404, description = "`event.unknown`", body = ProblemBody),
    )
)]
pub async fn read(
    State(app): State<App>,
    Context(context): Context,
    PathOf(id): PathOf<EventId>,
    _: NoQuery,
) -> Result<Answer, Failure> {
    let detail = Detail::default().input(json!({ "event_id": id }));
    match app.events.get(&context, id).await {
        Ok(Some(event)) => Ok(Answer::raw(StatusCode::OK, event, detail)),
        Ok(None) => Err(Failure::new(Problem::new(Code::EventUnknown), detail)),
        Err(error) => Err(Failure::new(error, detail)),
    }
}

/// `GET /nexus/traces/{trace_id}`
#[utoipa::path(
    get, path = "/nexus/traces/{trace_id}", tag = "events",
    params(("trace_id" = String, Path, pattern = "^[0-9a-f]{32}$"), super::openapi::TracePageParams),
    responses((status = 200, description = "A page of the trace's events, oldest first", body = super::openapi::EventPage))
)]
pub async fn trace(
    State(app): State<App>,
    Context(context): Context,
    PathOf(trace_id): PathOf<TraceId>,
    RawQuery(query): RawQuery,
) -> Result<Answer, Failure> {
    let mut params = Params::parse(query.as_deref())?;
    let (limit, order, cursor) = page(&mut params, Order::Asc)?;
    params.finish()?;
    let detail = Detail::default().input(json!({ "trace_id": trace_id }));
    let query = Query { trace_id: Some(trace_id), include_reads: true, limit, order, ..Query::default() };
    let page = app.events.page(&context, query, cursor).await?;
    let detail = detail.output(json!({ "count": page.len() }));
    Ok(Answer::raw(StatusCode::OK, page.into_json(), detail))
}

/// The one identifier that a path names.
pub struct PathOf<T>(pub T);

impl<T> FromRequestParts<App> for PathOf<T>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let bad = |why: String| Problem::new(Code::PathInvalid).detail(why);
        let Path(text) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| bad("the path is not UTF-8".to_owned()))?;
        text.parse().map(Self).map_err(|error: T::Err| bad(error.to_string()))
    }
}
