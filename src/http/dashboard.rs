//! Routes that show dashboards.

use axum::extract::{RawQuery, State};
use http::StatusCode;
use serde_json::json;

use super::{
    audited::{Answer, Failure},
    context::Context,
    events::PathOf,
    problem::{Problem, ProblemBody},
    query::Params,
};
use crate::{
    app::App,
    logging::Detail,
    views::dashboard::{AnySection, Dashboard, Section, Window},
};

/// `GET /nexus/dashboard`
#[utoipa::path(
    get, path = "/nexus/dashboard", tag = "dashboards",
    params(super::openapi::WindowParams),
    responses((status = 200, description = "All sections, of one moment", body = Dashboard))
)]
pub async fn all(
    State(app): State<App>,
    Context(context): Context,
    RawQuery(query): RawQuery,
) -> Result<Answer, Failure> {
    let window = window(query.as_deref())?;
    let detail = Detail::default().input(json!({ "section": "all", "extra": { "window": window.as_str() } }));
    let dashboard = app.dashboard.all(&context, window).await.map_err(|error| Failure::new(error, detail.clone()))?;
    Answer::json(StatusCode::OK, &dashboard, detail)
}

/// `GET /nexus/dashboard/{section}`
#[utoipa::path(
    get, path = "/nexus/dashboard/{section}", tag = "dashboards",
    params(
        ("section" = String, Path, description = "`activity`, `storage`, `budget`, `kpi`, `temperature`, `controls`, `errors`, `privacy` or `ledger`"),
        super::openapi::WindowParams,
    ),
    responses(
        (status = 200, description = "One section", body = AnySection),
        (status = 400, description = "`path.invalid`, `query.invalid`", body = ProblemBody),
    )
)]
pub async fn section(
    State(app): State<App>,
    Context(context): Context,
    PathOf(section): PathOf<Section>,
    RawQuery(query): RawQuery,
) -> Result<Answer, Failure> {
    let detail = Detail::default();
    let window = window(query.as_deref())
        .map_err(|problem| Failure::new(problem, detail.clone().input(json!({ "section": section.as_str() }))))?;
    let detail = detail.input(json!({ "section": section.as_str(), "extra": { "window": window.as_str() } }));
    let shown = app.dashboard.section(&context, section, window).await;
    Answer::json(StatusCode::OK, &shown.map_err(|error| Failure::new(error, detail.clone()))?, detail)
}

fn window(query: Option<&str>) -> Result<Window, Problem> {
    let mut params = Params::parse(query)?;
    let window = params.word("window", Window::ALL)?.unwrap_or_default();
    params.finish()?;
    Ok(window)
}
