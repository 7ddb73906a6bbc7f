//! `POST /nexus/events`: one event, a batch, or NDJSON. One bad event never spoils the rest.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension,
    extract::{FromRequest, Request, State},
};
use http::{StatusCode, header};
use nexus_ledger::{LedgerError, Sameness};
use nexus_model::{EventDraft, EventId, LedgerRef, PiiFlags, RequestContext};
use serde::Serialize;
use serde_json::{Value, json};
use tracing::Instrument;

use super::{
    audited::{Answer, Failure},
    context::Context,
    json::{finish, invalid, parse, read_body, too_deep},
    problem::{Code, Problem, ProblemBody},
    query::NoQuery,
    routes::POST_EVENTS,
};
use crate::{
    app::App,
    auth::AuthContext,
    clock,
    fields::{Fault, Fields},
    limits::Account,
    logging::{
        Detail,
        engine::Kept,
        posted::{Bounds, Reader},
    },
    telemetry::traces::part,
};

/// A body beyond this is read and redacted away from the threads that answer others. Bytes.
const INLINE_BYTES: usize = 16 << 10;

/// What stands in a body. `Err` holds why a line is not I-JSON.
pub enum Posted {
    /// One event.
    One(Value, usize),
    /// `{"events": [...]}` or NDJSON.
    Many(Vec<Result<Value, String>>, usize),
}

impl FromRequest<App> for Posted {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let content_type =
            parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !matches!(essence.as_str(), "application/json" | "application/x-ndjson") {
            let detail = "expected Content-Type: application/json or application/x-ndjson";
            return Err(Problem::new(Code::BodyUnsupportedType).detail(detail));
        }
        let bytes = read_body(&parts.headers, body, app.config.server.max_events_body_bytes).await?;
        let length = bytes.len();
        if essence == "application/x-ndjson" {
            let lines = bytes.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty());
            return Self::many(lines.map(parse).collect(), length, app);
        }
        match parse(&bytes) {
            Ok(Value::Object(map)) if map.contains_key("events") => {
                let mut fields = Fields::new(map);
                let events = match fields.take("events") {
                    Some(Value::Array(events)) => events,
                    _ => {
                        fields.fault("events", "type", "expected a list of events");
                        Vec::new()
                    }
                };
                finish(fields)?;
                Self::many(events.into_iter().map(Ok).collect(), length, app)
            }
            Ok(value @ Value::Object(_)) => Ok(Self::One(value, length)),
            Ok(_) => Err(invalid(vec![Fault::new("", "type", "expected an event, or an object with events")])),
            Err(why) => Err(Problem::new(Code::BodyMalformed).detail(format!("the body is not I-JSON: {why}"))),
        }
    }
}

impl Posted {
    fn many(events: Vec<Result<Value, String>>, length: usize, app: &App) -> Result<Self, Problem> {
        let max = app.config.events.max_batch_events;
        match events.len() {
            0 => Err(invalid(vec![Fault::new("/events", "range", "expected at least one event")])),
            count if count > max => {
                Err(Problem::new(Code::BodyTooLarge)
                    .detail(format!("{count} events, and at most {max} are taken at once")))
            }
            _ => Ok(Self::Many(events, length)),
        }
    }
}

/// What became of one posted event.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PostedEventOut {
    /// Its name; `null` when it was rejected and had no readable one.
    #[schema(value_type = Option<String>)]
    event_id: Option<EventId>,
    /// `accepted`, `duplicate` or `rejected`.
    #[schema(value_type = String)]
    status: Status,
    /// Its place; `null` when rejected.
    #[schema(value_type = Option<super::openapi::LedgerRefOut>)]
    ledger: Option<LedgerRef>,
    /// What the redactor found; `null` when rejected.
    #[schema(value_type = Option<super::openapi::PiiFlagsOut>)]
    pii_flags: Option<PiiFlags>,
    /// Whether it may be used for training; `null` when rejected.
    train_ok: Option<bool>,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<ProblemBody>,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Accepted,
    Duplicate,
    Rejected,
}

/// What became of a batch, in its order.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PostedEventsOut {
    items: Vec<PostedEventOut>,
}

/// `POST /nexus/events`
#[utoipa::path(
    post, path = "/nexus/events", tag = "events",
    request_body(content(
        (super::openapi::PostEventsIn = "application/json"),
        (String = "application/x-ndjson"),
    ), description = "One event, `{\"events\": [...]}`, or one event a line"),
    responses(
        (status = 201, description = "A single event was accepted", body = PostedEventOut),
        (status = 200, description = "A single event was there already; or a batch", body = super::openapi::PostEventsOut),
        (status = 409, description = "`event.conflict`", body = ProblemBody),
    )
)]
pub async fn post(
    State(app): State<App>,
    Context(context): Context,
    Extension(auth): Extension<Arc<AuthContext>>,
    Extension(account): Extension<Option<Arc<Account>>>,
    _: NoQuery,
    posted: Posted,
) -> Result<Answer, Failure> {
    if let (Some(account), Posted::Many(events, _)) = (account, &posted) {
        // The first one was charged when the request was admitted.
        account.charge(u32::try_from(events.len() - 1).unwrap_or(u32::MAX))?;
    }
    match posted {
        Posted::One(event, length) => one(&app, context, auth, event, length).await,
        Posted::Many(events, length) => many(&app, context, auth, events, length).await,
    }
}

async fn one(
    app: &App,
    context: RequestContext,
    auth: Arc<AuthContext>,
    event: Value,
    length: usize,
) -> Result<Answer, Failure> {
    let item = take(app, &context, auth, vec![Ok(event)], length).await?.pop();
    let (id, taken) = item.ok_or(Problem::new(Code::Internal))?;
    let detail = Detail::default().input(json!({ "event_id": id }));
    match taken {
        Ok(kept) => {
            let status = if kept.duplicate { StatusCode::OK } else { StatusCode::CREATED };
            Ok(Answer::recorded(status, &accepted(id, kept))?)
        }
        Err(problem) => Err(Failure::new(problem, detail)),
    }
}

async fn many(
    app: &App,
    context: RequestContext,
    auth: Arc<AuthContext>,
    events: Vec<Result<Value, String>>,
    length: usize,
) -> Result<Answer, Failure> {
    let count = events.len();
    let taken = take(app, &context, auth, events, length).await?;
    let rejected: Vec<&Problem> = taken.iter().filter_map(|(_, taken)| taken.as_ref().err()).collect();
    if let Some(&first) = rejected.first() {
        if rejected.len() == count && rejected.iter().all(|problem| problem.code().status().is_server_error()) {
            return Err(Failure::new(first.clone(), Detail::default().input(json!({ "events": count }))));
        }
        let mut codes = BTreeMap::<&str, u64>::new();
        for problem in &rejected {
            *codes.entry(problem.code().as_str()).or_default() += 1;
        }
        let detail = Detail::default()
            .input(json!({ "events": count }))
            .output(json!({ "rejected": rejected.len(), "codes": codes }));
        // One failure event for all that was rejected; without it the rejection would be silent.
        app.engine
            .record(&context, POST_EVENTS.event, Some(first.code().error_code()), detail)
            .await
            .map_err(Problem::from)?;
    }
    let request_id = context.request_id.as_str();
    let items = taken.into_iter().map(|(id, taken)| match taken {
        Ok(kept) => accepted(id, kept),
        Err(problem) => PostedEventOut {
            event_id: id,
            status: Status::Rejected,
            ledger: None,
            pii_flags: None,
            train_ok: None,
            problem: Some(problem.body(request_id)),
        },
    });
    Answer::recorded(StatusCode::OK, &PostedEventsOut { items: items.collect() })
}

fn accepted(event_id: Option<EventId>, kept: Kept) -> PostedEventOut {
    PostedEventOut {
        event_id,
        status: if kept.duplicate { Status::Duplicate } else { Status::Accepted },
        ledger: Some(kept.place),
        pii_flags: Some(kept.pii_flags),
        train_ok: Some(kept.train_ok),
        problem: None,
    }
}

type Read = (Option<EventId>, Result<(EventDraft, Sameness), Problem>);
type Taken = (Option<EventId>, Result<Kept, Problem>);

/// Reads the events, keeps the good ones, durably as one, and says of each what became of it.
async fn take(
    app: &App,
    context: &RequestContext,
    auth: Arc<AuthContext>,
    events: Vec<Result<Value, String>>,
    length: usize,
) -> Result<Vec<Taken>, Failure> {
    let reads: Vec<Read> = if length <= INLINE_BYTES {
        read_all(app, context, &auth, events)
    } else {
        let (app, context) = (app.clone(), context.clone());
        tokio::task::spawn_blocking(move || read_all(&app, &context, &auth, events))
            .await
            .map_err(|_panic| Problem::new(Code::Internal))?
    };
    let count = reads.len();
    let mut drafts = Vec::new();
    let mut outcomes: Vec<(Option<EventId>, Option<Problem>)> = Vec::with_capacity(reads.len());
    for (id, read) in reads {
        match read {
            Ok(draft) => {
                outcomes.push((Some(draft.0.event_id), None));
                drafts.push(draft);
            }
            Err(problem) => outcomes.push((id, Some(problem))),
        }
    }
    let keeping = app.engine.keep_posted(drafts).instrument(part!("keep events", nexus.events = count));
    let mut kept = keeping.await.into_iter();
    Ok(outcomes
        .into_iter()
        .map(|(id, problem)| match problem {
            Some(problem) => (id, Err(problem)),
            None => (id, kept.next().unwrap_or(Err(LedgerError::Closed)).map_err(Problem::from)),
        })
        .collect())
}

fn read_all(app: &App, context: &RequestContext, auth: &AuthContext, events: Vec<Result<Value, String>>) -> Vec<Read> {
    let config = &app.config.events;
    let reader = Reader {
        context,
        auth,
        catalog: &app.catalog,
        redactor: &app.redactor,
        pseudonyms: &app.pseudonyms,
        sameness_key: app.engine.sameness_key(),
        now: clock::now(),
        bounds: Bounds {
            max_event_bytes: config.max_event_bytes,
            max_ahead_micros: config.max_ahead_ms.cast_signed() * 1000,
            max_source_refs: config.max_source_refs,
        },
    };
    let read = |event: Result<Value, String>| match event {
        // Each event is held to the depth of its own, so that it is taken or refused alike however it comes.
        Ok(event) => match too_deep(&event, app.config.server.max_body_depth) {
            Some(fault) => (Reader::id_of(&event), Err(invalid(vec![fault]))),
            None => {
                let (id, read) = reader.read(event);
                (id, read.map_err(Problem::from))
            }
        },
        Err(why) => (None, Err(Problem::new(Code::BodyMalformed).detail(format!("the event is not I-JSON: {why}")))),
    };
    events.into_iter().map(read).collect()
}
