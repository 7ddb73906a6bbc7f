//! One wrapper around every route under `/nexus`: it admits the request, runs the handler, and turns the outcome, success or
//! failure, into exactly one event that is on disk before the caller is answered. A handler cannot forget it, since
//! [`routes`](super::routes) offers no other way to add one.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::FutureExt;
use http::{HeaderValue, StatusCode, header};
use nexus_ledger::LedgerError;
use nexus_model::{EventSpec, RequestContext, Role, catalog::own};
use tracing::Instrument;

use super::{
    context::{RequestIds, admit},
    limited,
    problem::{Code, Problem},
};
use crate::{
    app::App,
    finishing::Finishing,
    limits::Class,
    logging::{Detail, Effect},
    quota::Reservation,
    raw_storage::intents::Running,
    telemetry::traces::part,
};

/// What every audited route declares: who may call it, and which event it leaves.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// The path, as axum writes it.
    pub path: &'static str,
    /// The method.
    pub method: &'static http::Method,
    /// The least role that may call it.
    pub role: Role,
    /// The event it leaves.
    pub event: &'static EventSpec,
    /// What becomes of its answer when the event cannot be kept.
    pub effect: Effect,
}

const JSON: &str = "application/json";

impl Endpoint {
    /// The limit that its requests count against.
    #[must_use]
    pub fn class(&self) -> Class {
        match *self.method {
            _ if *self.event == own::EVENTS_POSTED => Class::Events,
            http::Method::GET => Class::Reads,
            _ => Class::Writes,
        }
    }
}

/// A handler's success: the answer and what is written down of it.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    content_type: &'static str,
    body: Body,
    no_store: bool,
    unbuffered: bool,
    etag: Option<String>,
    /// `None` when the handler has kept the events of this request itself.
    detail: Option<Detail>,
    intent: Option<Running>,
    held: Option<Reservation>,
}

impl Answer {
    /// A JSON answer.
    ///
    /// # Errors
    /// 500 when `body` cannot be written as JSON.
    pub fn json(status: StatusCode, body: &impl serde::Serialize, detail: Detail) -> Result<Self, Failure> {
        let body = serde_json::to_vec(body).map_err(|_| Problem::new(Code::Internal))?;
        Ok(Self {
            status,
            content_type: JSON,
            body: body.into(),
            no_store: false,
            unbuffered: false,
            etag: None,
            detail: Some(detail),
            intent: None,
            held: None,
        })
    }

    /// A JSON answer of a handler that has kept this request's events itself: they are on disk.
    ///
    /// # Errors
    /// 500 when `body` cannot be written as JSON.
    pub fn recorded(status: StatusCode, body: &impl serde::Serialize) -> Result<Self, Failure> {
        let mut answer = Self::json(status, body, Detail::default())?;
        answer.detail = None;
        Ok(answer)
    }

    /// An answer whose JSON is written already.
    #[must_use]
    pub fn raw(status: StatusCode, body: Bytes, detail: Detail) -> Self {
        Self {
            status,
            content_type: JSON,
            body: body.into(),
            no_store: false,
            unbuffered: false,
            etag: None,
            detail: Some(detail),
            intent: None,
            held: None,
        }
    }

    /// An answer whose body is made while it is sent.
    #[must_use]
    pub fn stream(status: StatusCode, content_type: &'static str, body: Body, detail: Detail) -> Self {
        Self {
            status,
            content_type,
            body,
            no_store: true,
            unbuffered: true,
            etag: None,
            detail: Some(detail),
            intent: None,
            held: None,
        }
    }

    /// With the intent that is finished once the event is on disk.
    #[must_use]
    pub fn finishing(mut self, intent: Running) -> Self {
        self.intent = Some(intent);
        self
    }

    /// With what is given back once the event is on disk.
    #[must_use]
    pub fn holding(mut self, held: Option<Reservation>) -> Self {
        self.held = held;
        self
    }

    /// With `ETag`.
    #[must_use]
    pub fn etag(mut self, etag: String) -> Self {
        self.etag = Some(etag);
        self
    }

    /// With `Cache-Control: no-store`, as every answer that holds a presigned URL.
    #[must_use]
    pub fn no_store(mut self) -> Self {
        self.no_store = true;
        self
    }
}

/// What the wrapper takes from an answer, once.
#[derive(Clone)]
struct Said(Arc<Mutex<Option<Spoken>>>);

type Spoken = (Option<Detail>, Option<Running>, Option<Reservation>);

impl Said {
    fn new(detail: Option<Detail>, intent: Option<Running>, held: Option<Reservation>) -> Self {
        Self(Arc::new(Mutex::new(Some((detail, intent, held)))))
    }

    fn take(self) -> Spoken {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take().unwrap_or((
            Some(Detail::default()),
            None,
            None,
        ))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::NO_CONTENT {
            headers.remove(header::CONTENT_TYPE);
        } else {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        if let Some(etag) = self.etag.and_then(|etag| HeaderValue::try_from(etag).ok()) {
            headers.insert(header::ETAG, etag);
        }
        if self.no_store {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        if self.unbuffered {
            // A proxy such as nginx would else gather the stream before it passes it on.
            headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        }
        response.extensions_mut().insert(Said::new(self.detail, self.intent, self.held));
        response
    }
}

/// A handler's failure: the problem, and what is written down beside its code.
#[derive(Debug)]
pub struct Failure(Box<(Problem, Detail)>);

impl Failure {
    /// A problem with what is known of the request so far.
    #[must_use]
    pub fn new(problem: impl Into<Problem>, detail: Detail) -> Self {
        Self(Box::new((problem.into(), detail)))
    }
}

impl<P: Into<Problem>> From<P> for Failure {
    fn from(problem: P) -> Self {
        Self::new(problem, Detail::default())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (problem, detail) = *self.0;
        let mut response = problem.into_response();
        response.extensions_mut().insert(Said::new(Some(detail), None, None));
        response
    }
}

/// The wrapper. A caller who hangs up changes nothing: what was begun is finished and written down.
pub async fn audited(
    State((app, endpoint)): State<(App, &'static Endpoint)>,
    request: Request,
    next: Next,
) -> Response {
    let tasks = app.tasks.clone();
    let work = AssertUnwindSafe(run(app, endpoint, request, next)).catch_unwind().in_current_span();
    let work = Finishing::new(tasks.track_future(work));
    work.await.unwrap_or_else(|_panic| Problem::new(Code::Internal).into_response())
}

async fn run(app: App, endpoint: &'static Endpoint, mut request: Request, next: Next) -> Response {
    let Some(ids) = request.extensions().get::<RequestIds>().cloned() else {
        return Problem::new(Code::Internal).into_response();
    };
    let authorization = request.headers().get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes);
    let auth = match app.verifier.verify(authorization).instrument(part!("authenticate")).await {
        Ok(auth) => auth,
        Err(error) => return refused_without_tenant(error.into()),
    };
    let admitted = admit(&app.config.tenancy.envs, endpoint.role, request.headers(), &auth, &ids);
    let (context, refusal) = match admitted {
        Ok(context) => (context, None),
        Err(refusal) => match refusal.record_in {
            Some(context) => (context, Some(refusal.problem)),
            None => return refused_without_tenant(refusal.problem),
        },
    };
    // What is refused for its tenant, environment or role is charged too: it leaves an event as any other does.
    let account = app.limits.account(&context.tenant_id, &context.env, endpoint.class()).map(Arc::new);
    let charged = account.as_ref().map_or(Ok(()), |account| account.charge(1));
    let mut response = match (charged, refusal) {
        (Err(over), _) => Problem::from(over).into_response(),
        (Ok(()), Some(problem)) => settle(&app, endpoint, &context, problem.into_response()).await,
        (Ok(()), None) => {
            let extensions = request.extensions_mut();
            extensions.insert(context.clone());
            extensions.insert(auth);
            extensions.insert(account.clone());
            let response = handle(&app, request, next).await;
            let mut response = settle(&app, endpoint, &context, response).await;
            response.extensions_mut().insert(context);
            response
        }
    };
    if let Some(account) = account {
        limited::write(&mut response, &account.standing());
    }
    response
}

/// Belongs to no tenant, so it is counted, and logged by the outermost layer.
fn refused_without_tenant(problem: Problem) -> Response {
    metrics::counter!("nexus_refused_total", "code" => problem.code().as_str()).increment(1);
    problem.into_response()
}

/// Runs the handler within its time; a panic is a failure like any other.
async fn handle(app: &App, request: Request, next: Next) -> Response {
    let work = AssertUnwindSafe(next.run(request)).catch_unwind().instrument(part!("handle"));
    match tokio::time::timeout(app.config.server.request_timeout(), work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => Problem::new(Code::Internal).into_response(),
        Err(_elapsed) => Problem::new(Code::RequestTimeout).into_response(),
    }
}

/// Writes the event down, and lets the answer go only as law 3 allows.
async fn settle(app: &App, endpoint: &Endpoint, context: &RequestContext, mut response: Response) -> Response {
    // What is held is given back at the end of this function, whichever it is.
    let (detail, intent, _held) =
        response.extensions_mut().remove::<Said>().map_or((Some(Detail::default()), None, None), Said::take);
    let Some(detail) = detail else { return response };
    let failure = failure_code(&response);
    if failure == Some(Code::RateLimited) {
        // Counted where it was refused; one event for the whole minute follows.
        return response;
    }
    let acted = failure.is_none() && endpoint.effect == Effect::Acts;
    let code = failure.map(Code::error_code);
    // ── The commit point: past this line the event is on disk, or the error says that it is not. ──
    let recorded = app.engine.record(context, endpoint.event, code, detail).instrument(part!("record event"));
    match recorded.await {
        Ok(_) => {
            if let Some(intent) = intent
                && let Err(error) = intent.done().await
            {
                // It is settled again later, which changes nothing.
                tracing::warn!(error = &error as &dyn std::error::Error, "an intent could not be forgotten");
            }
            response
        }
        Err(error @ LedgerError::Overloaded) => Problem::from(error).into_response(),
        Err(error) if acted => Problem::from(error).into_response(),
        Err(_logged_and_counted) => {
            app.engine.count_gap(context);
            response
        }
    }
}

/// Every answer of ours that is not a success carries a problem; anything else would be a slip of ours.
fn failure_code(response: &Response) -> Option<Code> {
    match response.extensions().get::<Problem>() {
        Some(problem) => Some(problem.code()),
        None if response.status().is_success() => None,
        None => Some(Code::Internal),
    }
}
