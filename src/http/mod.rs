//! The API over HTTP: the whole stack of layers stands here, outermost first.

pub mod audited;
pub mod context;
pub mod dashboard;
pub mod events;
pub mod export;
pub mod ingest;
pub mod json;
pub mod ledger;
pub mod limited;
pub mod openapi;
pub mod ops;
pub mod privacy;
pub mod problem;
pub mod query;
pub mod raw;
pub mod routes;
pub mod stream;

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, Method, header};
use nexus_model::{RequestContext, Synthesized};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::{Instrument, Span};

use self::{
    context::RequestIds,
    problem::{Code, Problem},
};
use crate::{
    app::App,
    config::{Config, Profile},
    telemetry::traces,
};

/// The API: every route with every layer.
pub fn router(app: &App) -> Router {
    let mut router = routes::router(app).merge(ledger::public()).merge(openapi::router());
    if app.config.server.admin_listen.is_none() {
        router = router.merge(ops::router());
    } else {
        router = router.merge(ops::probes());
    }
    router
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_method)
        // Innermost of these: ids, bounds, the shape of every error, counters and the log line.
        .layer(middleware::from_fn_with_state(app.clone(), observe))
        // Outermost: a browser must be able to read errors too.
        .layer(cors(&app.config))
        .with_state(app.clone())
}

/// What operators reach on `server.admin_listen`.
pub fn admin_router(app: &App) -> Router {
    ops::router()
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_method)
        .layer(middleware::from_fn_with_state(app.clone(), observe))
        .with_state(app.clone())
}

/// Cross-origin rules for the API and the embedded store: the widget's origins, and in development any when none is named.
pub fn cors(config: &Config) -> CorsLayer {
    let origins = &config.cors.origins;
    let any =
        origins.iter().any(|origin| origin == "*") || (origins.is_empty() && config.profile == Profile::Development);
    let allowed = if any {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
    };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers(tower_http::cors::AllowHeaders::mirror_request())
        .expose_headers(
            ["x-request-id", "etag", "retry-after", "ratelimit", "ratelimit-policy"].map(HeaderName::from_static),
        )
        .max_age(std::time::Duration::from_secs(600))
}

async fn unknown_route() -> Problem {
    Problem::new(Code::RouteUnknown)
}

async fn unknown_method() -> Problem {
    Problem::new(Code::MethodNotAllowed)
}

/// Around every request: its ids, the bound on requests in flight, the problem's shape, counters, and one log line.
async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let mut ids = RequestIds::of(request.headers(), |id| app.redactor.is_clean(id));
    let method = request.method().clone();
    // Routes are labelled by their template, so that no caller can make a series.
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("none", MatchedPath::as_str);
    let traceparent = request.headers().get("traceparent").filter(|_| traces::on());
    let parent = traceparent.and_then(|value| context::parse_parent(value.to_str().ok()?));
    let span = traces::request(&method, route, parent);
    if ids.synthesized.trace_id
        && let Some(trace_id) = traces::trace_id(&span)
    {
        // The ledger and the operators' traces name the same.
        ids.trace_id = trace_id;
    }
    request.extensions_mut().insert(ids.clone());
    let tell = app.requests.synthesized(ids.synthesized) && !ops::PATHS.contains(&route);

    let run = next.run(request).instrument(span.clone());
    let mut response = if ops::PATHS.contains(&route) {
        // However much there is to do, whoever asks how it goes is told.
        run.await
    } else {
        match Arc::clone(&app.in_flight).try_acquire_owned() {
            Ok(_permit) => run.await,
            Err(_full) => Problem::new(Code::Overloaded).retry_after(1).into_response(),
        }
    };

    // Refused before its tenant was known, or by its method: a limited route says so all the same.
    let unsaid = route.starts_with("/nexus") && !response.headers().contains_key(&limited::HEADERS[0]);
    if unsaid && let Some(standing) = app.limits.unused(routes::class(&method, route)) {
        limited::write(&mut response, &standing);
    }
    let problem = response.extensions_mut().remove::<Problem>();
    let context = response.extensions_mut().remove::<RequestContext>();
    if let Some(problem) = &problem {
        let mut headers = std::mem::take(response.headers_mut());
        response = problem.render(ids.request_id.as_str());
        for name in [header::ALLOW].into_iter().chain(limited::HEADERS) {
            if let Some(value) = headers.remove(&name) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    if let Ok(value) = HeaderValue::from_str(ids.request_id.as_str()) {
        response.headers_mut().insert("x-request-id", value);
    }
    let seconds = started.elapsed().as_secs_f64();
    app.requests.answered(route, &method, response.status(), seconds);
    describe(&span, &ids, &response, problem.as_ref(), context.as_ref());
    log(&ids, &method, route, &response, problem.as_ref(), context.as_ref(), seconds);
    if tell {
        let Synthesized { request_id: request, trace_id: trace } = ids.synthesized;
        tracing::info!(
            request_id = ids.request_id.as_str(), trace_id = ids.trace_id.as_str(),
            request_id_synthesized = request, trace_id_synthesized = trace, %method, route,
            "the caller gave no id; one was made here"
        );
    }
    response
}

/// Completes the request's span.
fn describe(
    span: &Span,
    ids: &RequestIds,
    response: &Response,
    problem: Option<&Problem>,
    context: Option<&RequestContext>,
) {
    if span.is_disabled() {
        return;
    }
    span.record("nexus.request_id", ids.request_id.as_str());
    span.record("http.response.status_code", response.status().as_u16());
    if let Some(context) = context {
        span.record("nexus.tenant_id", context.tenant_id.as_str());
        span.record("nexus.env", context.env.as_str());
    }
    if let Some(problem) = problem {
        span.record("error.type", problem.code().as_str());
    }
    if response.status().is_server_error() {
        // A caller's own fault is none of the server's span (OpenTelemetry's conventions for HTTP spans).
        span.record("otel.status_code", "ERROR");
    }
}

/// One line a request: failures where operators look, successes at debug, since the ledger has each of them.
fn log(
    ids: &RequestIds,
    method: &Method,
    route: &str,
    response: &Response,
    problem: Option<&Problem>,
    context: Option<&RequestContext>,
    seconds: f64,
) {
    let status = response.status().as_u16();
    let (tenant, env) = context.map_or(("", ""), |context| (context.tenant_id.as_str(), context.env.as_str()));
    let (request_id, trace_id) = (ids.request_id.as_str(), ids.trace_id.as_str());
    let made = &ids.synthesized;
    macro_rules! line {
        ($level:ident, $message:literal, $($field:tt)*) => {
            tracing::$level!(
                request_id, trace_id, request_id_synthesized = made.request_id, trace_id_synthesized = made.trace_id,
                %method, route, status, tenant, env, seconds, $($field)* $message
            )
        };
    }
    match problem {
        None => line!(debug, "answered",),
        Some(problem) => {
            let code = problem.code().as_str();
            match problem.source() {
                Some(source) => line!(error, "failed", code, error = source as &dyn std::error::Error,),
                None if status >= 500 => line!(error, "failed", code,),
                None => line!(info, "refused", code,),
            }
        }
    }
}
