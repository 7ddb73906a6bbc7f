//! What operators and load balancers ask: is it up, is it ready, what does it count?

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use serde::Serialize;

use crate::{app::App, nexus::progress::Progress};

/// What is answered however many requests are in flight.
pub const PATHS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// `/healthz`, `/readyz` and `/metrics`.
pub fn router() -> Router<App> {
    probes().route("/metrics", get(metrics))
}

/// `/healthz` and `/readyz` alone.
pub fn probes() -> Router<App> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz))
}

/// The process is up.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Health {
    /// Always `ok`.
    status: &'static str,
}

/// `GET /healthz`
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, description = "The process is up", body = Health)))]
pub async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The state of one part.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It works.
    Ok,
    /// It does not, but requests are still answered as far as they can be.
    Degraded,
    /// It does not, and no effect can be recorded.
    Unavailable,
}

/// Whether the service can do its work.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Readiness {
    /// The worst of the parts.
    status: Condition,
    /// Each part by name.
    checks: Checks,
}

/// Each part by name.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Checks {
    /// The object store.
    storage: Condition,
    /// The local ledger.
    ledger: Condition,
    /// The copy: `degraded` while the backend fails or a log's copy has stopped, `unavailable` beyond the lag limit; `ok` where no
    /// backend is configured.
    backend: Condition,
}

/// `GET /readyz`
#[utoipa::path(
    get, path = "/readyz", tag = "operations",
    responses(
        (status = 200, description = "Ready, or degraded", body = Readiness),
        (status = 503, description = "The local ledger cannot write, or the copy is too far behind", body = Readiness),
    )
)]
pub async fn readyz(State(app): State<App>) -> Response {
    let storage = match app.raw_storage.check().await {
        Ok(()) => Condition::Ok,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the object store is not ready");
            Condition::Degraded
        }
    };
    let ledger = if app.engine.can_write() { Condition::Ok } else { Condition::Unavailable };
    let backend = app.following.as_ref().map_or(Condition::Ok, |following| copy(following.progress()));
    let states = [storage, ledger, backend];
    let status = if states.contains(&Condition::Unavailable) {
        Condition::Unavailable
    } else if states.contains(&Condition::Degraded) {
        Condition::Degraded
    } else {
        Condition::Ok
    };
    let code = if status == Condition::Unavailable { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, Json(Readiness { status, checks: Checks { storage, ledger, backend } })).into_response()
}

fn copy(progress: &Progress) -> Condition {
    if progress.is_over_limit() {
        Condition::Unavailable
    } else if progress.failure().is_some() || !progress.stopped().is_empty() {
        Condition::Degraded
    } else {
        Condition::Ok
    }
}

/// `GET /metrics`
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "Prometheus text format", body = String, content_type = "text/plain"))
)]
pub async fn metrics(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.render()).into_response()
}
