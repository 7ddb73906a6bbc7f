//! Routes that prove what the ledger says.

use axum::{
    Router,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use nexus_model::EventId;
use serde::Serialize;
use serde_json::json;

use super::{
    audited::{Answer, Failure},
    context::Context,
    events::PathOf,
    problem::{Code, Problem, ProblemBody},
    query::{NoQuery, Params, bad},
};
use crate::{
    app::App,
    logging::Detail,
    views::proofs::{Checkpoint, Consistency, Inclusion},
};

/// The signed heads.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Checkpoints {
    /// One for each log of this tenant and environment.
    items: Vec<Checkpoint>,
}

/// `GET /nexus/ledger/checkpoint`
#[utoipa::path(
    get, path = "/nexus/ledger/checkpoint", tag = "proof",
    responses((status = 200, description = "The signed head of each log of this tenant and environment", body = Checkpoints))
)]
pub async fn checkpoint(State(app): State<App>, Context(context): Context, _: NoQuery) -> Result<Answer, Failure> {
    let items = app.proofs.checkpoints(&context).await?;
    let detail = Detail::default().output(json!({ "logs": items.len() }));
    Answer::json(StatusCode::OK, &Checkpoints { items }, detail)
}

/// `GET /nexus/ledger/proof/{event_id}`
#[utoipa::path(
    get, path = "/nexus/ledger/proof/{event_id}", tag = "proof",
    params(("event_id" = String, Path, description = "A UUID, hyphenated or 32 hex digits")),
    responses(
        (status = 200, description = "RFC 6962 inclusion under a signed checkpoint", body = Inclusion),
        (status = 404, description = "`event.unknown`", body = ProblemBody),
    )
)]
pub async fn proof(
    State(app): State<App>,
    Context(context): Context,
    PathOf(id): PathOf<EventId>,
    _: NoQuery,
) -> Result<Answer, Failure> {
    let detail = Detail::default().input(json!({ "event_id": id }));
    match app.proofs.inclusion(&context, id).await {
        Ok(Some(proof)) => Answer::json(StatusCode::OK, &proof, detail),
        Ok(None) => Err(Failure::new(Problem::new(Code::EventUnknown), detail)),
        Err(error) => Err(Failure::new(error, detail)),
    }
}

/// `GET /nexus/ledger/consistency`
#[utoipa::path(
    get, path = "/nexus/ledger/consistency", tag = "proof",
    params(
        ("log" = String, Query, description = "The log's origin"),
        ("from" = u64, Query, description = "The smaller size"),
        ("to" = u64, Query, description = "The larger size"),
    ),
    responses((status = 200, description = "RFC 6962 consistency", body = Consistency))
)]
pub async fn consistency(
    State(app): State<App>,
    Context(context): Context,
    RawQuery(query): RawQuery,
) -> Result<Answer, Failure> {
    let mut params = Params::parse(query.as_deref())?;
    let log: String = params.required("log")?;
    let (from, to) = (params.required::<u64>("from")?, params.required::<u64>("to")?);
    params.finish()?;
    let detail = Detail::default().input(json!({ "from": from, "to": to }));
    match app.proofs.consistency(&context, log, from, to).await {
        Ok(Some(proof)) => Answer::json(StatusCode::OK, &proof, detail),
        Ok(None) => Err(Failure::new(bad("log", "range", "this tenant and environment have no such log"), detail)),
        Err(error) => Err(Failure::new(error, detail)),
    }
}

/// `GET /.well-known/nexus-ledger-key`
#[utoipa::path(
    get, path = "/.well-known/nexus-ledger-key", tag = "proof",
    responses((status = 200, description = "C2SP vkeys, one a line, newest first", body = String, content_type = "text/plain"))
)]
pub async fn key(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], app.proofs.vkeys()).into_response()
}

/// What needs no token.
pub fn public() -> Router<App> {
    Router::new().route("/.well-known/nexus-ledger-key", get(key))
}
