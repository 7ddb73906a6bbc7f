//! The route table: every route under `/nexus`, who may call it and which event it leaves.
//!
//! [`router`] is the only place that adds audited routes, and it can only add them from this table; a test walks it.

use axum::{
    Router, middleware,
    routing::{MethodFilter, MethodRouter, on},
};
use http::Method;
use nexus_model::{Role, catalog::own};

use super::{
    audited::{Endpoint, audited},
    dashboard, events, export, ingest, ledger, privacy, raw, stream,
};
use crate::{app::App, limits::Class, logging::Effect};

/// `POST /nexus/raw/presign-upload`
pub const PRESIGN: Endpoint = Endpoint {
    path: "/nexus/raw/presign-upload",
    method: &Method::POST,
    role: Role::Writer,
    event: &own::RAW_ASSET_PRESIGNED,
    effect: Effect::Acts,
};
/// `POST /nexus/raw/register`
pub const REGISTER: Endpoint = Endpoint {
    path: "/nexus/raw/register",
    method: &Method::POST,
    role: Role::Writer,
    event: &own::RAW_ASSET_REGISTERED,
    effect: Effect::Acts,
};
/// `GET /nexus/raw`
pub const LIST: Endpoint = Endpoint {
    path: "/nexus/raw",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::RAW_ASSET_LISTED,
    effect: Effect::Reads,
};
/// `GET /nexus/raw/{asset_id}`
pub const READ: Endpoint = Endpoint {
    path: "/nexus/raw/{asset_id}",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::RAW_ASSET_READ,
    effect: Effect::Reads,
};
/// `GET /nexus/raw/{asset_id}/download`
pub const DOWNLOAD: Endpoint = Endpoint {
    path: "/nexus/raw/{asset_id}/download",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::RAW_ASSET_DOWNLOADED,
    effect: Effect::Acts,
};
/// `DELETE /nexus/raw/{asset_id}`
pub const DELETE: Endpoint = Endpoint {
    path: "/nexus/raw/{asset_id}",
    method: &Method::DELETE,
    role: Role::Admin,
    event: &own::RAW_ASSET_DELETED,
    effect: Effect::Acts,
};
/// `GET /nexus/events`
pub const EVENTS: Endpoint = Endpoint {
    path: "/nexus/events",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::EVENTS_READ,
    effect: Effect::Reads,
};
/// `POST /nexus/events`; a success leaves the posted events alone, a failure one of this type.
pub const POST_EVENTS: Endpoint = Endpoint {
    path: "/nexus/events",
    method: &Method::POST,
    role: Role::Writer,
    event: &own::EVENTS_POSTED,
    effect: Effect::Acts,
};
/// `GET /nexus/events/catalog`
pub const CATALOG: Endpoint = Endpoint {
    path: "/nexus/events/catalog",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::CATALOG_READ,
    effect: Effect::Reads,
};
/// `GET /nexus/events/stream`
pub const EVENT_STREAM: Endpoint = Endpoint {
    path: "/nexus/events/stream",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::EVENT_STREAM_READ,
    effect: Effect::Reads,
};
/// `GET /nexus/events/{event_id}`
pub const EVENT: Endpoint = Endpoint {
    path: "/nexus/events/{event_id}",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::EVENT_READ,
    effect: Effect::Reads,
};
/// `GET /nexus/traces/{trace_id}`
pub const TRACE: Endpoint = Endpoint {
    path: "/nexus/traces/{trace_id}",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::TRACE_READ,
    effect: Effect::Reads,
};

/// `GET /nexus/ledger/checkpoint`
pub const CHECKPOINT: Endpoint = Endpoint {
    path: "/nexus/ledger/checkpoint",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::CHECKPOINT_READ,
    effect: Effect::Reads,
};
/// `GET /nexus/ledger/proof/{event_id}`
pub const PROOF: Endpoint = Endpoint {
    path: "/nexus/ledger/proof/{event_id}",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::PROOF_READ,
    effect: Effect::Reads,
};
/// `GET /nexus/ledger/consistency`
pub const CONSISTENCY: Endpoint = Endpoint {
    path: "/nexus/ledger/consistency",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::CONSISTENCY_READ,
    effect: Effect::Reads,
};

/// `GET /nexus/privacy/train-prefs`
pub const TRAIN_PREFS: Endpoint = Endpoint {
    path: "/nexus/privacy/train-prefs",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::TRAIN_PREFS_READ,
    effect: Effect::Reads,
};
/// `PUT /nexus/privacy/train-prefs`
pub const PUT_TRAIN_PREFS: Endpoint = Endpoint {
    path: "/nexus/privacy/train-prefs",
    method: &Method::PUT,
    role: Role::Admin,
    event: &own::TRAIN_PREFS_UPDATED,
    effect: Effect::Acts,
};
/// `GET /nexus/privacy/train-prefs/users/{user_id}`
pub const USER_TRAIN_PREFS: Endpoint = Endpoint {
    path: "/nexus/privacy/train-prefs/users/{user_id}",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::USER_TRAIN_PREFS_READ,
    effect: Effect::Reads,
};
/// `PUT /nexus/privacy/train-prefs/users/{user_id}`
pub const PUT_USER_TRAIN_PREFS: Endpoint = Endpoint {
    path: "/nexus/privacy/train-prefs/users/{user_id}",
    method: &Method::PUT,
    role: Role::Admin,
    event: &own::USER_TRAIN_PREFS_UPDATED,
    effect: Effect::Acts,
};
/// `DELETE /nexus/privacy/train-prefs/users/{user_id}`
pub const DELETE_USER_TRAIN_PREFS: Endpoint = Endpoint {
    path: "/nexus/privacy/train-prefs/users/{user_id}",
    method: &Method::DELETE,
    role: Role::Admin,
    event: &own::USER_TRAIN_PREFS_DELETED,
    effect: Effect::Acts,
};
/// `POST /nexus/privacy/redact`
pub const REDACT: Endpoint = Endpoint {
    path: "/nexus/privacy/redact",
    method: &Method::POST,
    role: Role::Reader,
    event: &own::REDACTION_PREVIEWED,
    effect: Effect::Reads,
};
/// `GET /nexus/export/training`
pub const EXPORT: Endpoint = Endpoint {
    path: "/nexus/export/training",
    method: &Method::GET,
    role: Role::Admin,
    event: &own::TRAINING_EXPORTED,
    effect: Effect::Acts,
};

/// `GET /nexus/dashboard`
pub const DASHBOARD: Endpoint = Endpoint {
    path: "/nexus/dashboard",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::DASHBOARD_VIEWED,
    effect: Effect::Reads,
};
/// `GET /nexus/dashboard/{section}`
pub const DASHBOARD_SECTION: Endpoint = Endpoint {
    path: "/nexus/dashboard/{section}",
    method: &Method::GET,
    role: Role::Reader,
    event: &own::DASHBOARD_VIEWED,
    effect: Effect::Reads,
};

/// Every audited route.
pub const ENDPOINTS: &[&Endpoint] = &[
    &PRESIGN,
    &REGISTER,
    &LIST,
    &READ,
    &DOWNLOAD,
    &DELETE,
    &EVENTS,
    &POST_EVENTS,
    &CATALOG,
    &EVENT_STREAM,
    &EVENT,
    &TRACE,
    &CHECKPOINT,
    &PROOF,
    &CONSISTENCY,
    &TRAIN_PREFS,
    &PUT_TRAIN_PREFS,
    &USER_TRAIN_PREFS,
    &PUT_USER_TRAIN_PREFS,
    &DELETE_USER_TRAIN_PREFS,
    &REDACT,
    &EXPORT,
    &DASHBOARD,
    &DASHBOARD_SECTION,
];

/// The audited routes.
pub fn router(app: &App) -> Router<App> {
    let audit = |endpoint: &'static Endpoint, handler: MethodRouter<App>| {
        handler.layer(middleware::from_fn_with_state((app.clone(), endpoint), audited))
    };
    Router::new()
        .route(PRESIGN.path, audit(&PRESIGN, on(filter(&PRESIGN), raw::presign)))
        .route(REGISTER.path, audit(&REGISTER, on(filter(&REGISTER), raw::register)))
        .route(LIST.path, audit(&LIST, on(filter(&LIST), raw::list)))
        .route(READ.path, audit(&READ, on(filter(&READ), raw::read)))
        .route(DELETE.path, audit(&DELETE, on(filter(&DELETE), raw::delete)))
        .route(DOWNLOAD.path, audit(&DOWNLOAD, on(filter(&DOWNLOAD), raw::download)))
        .route(EVENTS.path, audit(&EVENTS, on(filter(&EVENTS), events::list)))
        .route(POST_EVENTS.path, audit(&POST_EVENTS, on(filter(&POST_EVENTS), ingest::post)))
        .route(CATALOG.path, audit(&CATALOG, on(filter(&CATALOG), events::catalog)))
        .route(EVENT_STREAM.path, audit(&EVENT_STREAM, on(filter(&EVENT_STREAM), stream::stream)))
        .route(EVENT.path, audit(&EVENT, on(filter(&EVENT), events::read)))
        .route(TRACE.path, audit(&TRACE, on(filter(&TRACE), events::trace)))
        .route(CHECKPOINT.path, audit(&CHECKPOINT, on(filter(&CHECKPOINT), ledger::checkpoint)))
        .route(PROOF.path, audit(&PROOF, on(filter(&PROOF), ledger::proof)))
        .route(CONSISTENCY.path, audit(&CONSISTENCY, on(filter(&CONSISTENCY), ledger::consistency)))
        .route(TRAIN_PREFS.path, audit(&TRAIN_PREFS, on(filter(&TRAIN_PREFS), privacy::read_tenant)))
        .route(PUT_TRAIN_PREFS.path, audit(&PUT_TRAIN_PREFS, on(filter(&PUT_TRAIN_PREFS), privacy::write_tenant)))
        .route(USER_TRAIN_PREFS.path, audit(&USER_TRAIN_PREFS, on(filter(&USER_TRAIN_PREFS), privacy::read_user)))
        .route(
            PUT_USER_TRAIN_PREFS.path,
            audit(&PUT_USER_TRAIN_PREFS, on(filter(&PUT_USER_TRAIN_PREFS), privacy::write_user)),
        )
        .route(
            DELETE_USER_TRAIN_PREFS.path,
            audit(&DELETE_USER_TRAIN_PREFS, on(filter(&DELETE_USER_TRAIN_PREFS), privacy::delete_user)),
        )
        .route(REDACT.path, audit(&REDACT, on(filter(&REDACT), privacy::redact)))
        .route(EXPORT.path, audit(&EXPORT, on(filter(&EXPORT), export::training)))
        .route(DASHBOARD.path, audit(&DASHBOARD, on(filter(&DASHBOARD), dashboard::all)))
        .route(DASHBOARD_SECTION.path, audit(&DASHBOARD_SECTION, on(filter(&DASHBOARD_SECTION), dashboard::section)))
}

/// The limit that requests of this method to this path count against; of a method that it does not take, as if it did.
pub fn class(method: &Method, path: &str) -> Class {
    let exact = ENDPOINTS.iter().find(|endpoint| endpoint.path == path && endpoint.method == method);
    let reads = || if *method == Method::GET { Class::Reads } else { Class::Writes };
    exact.map_or_else(reads, |endpoint| endpoint.class())
}

fn filter(endpoint: &Endpoint) -> MethodFilter {
    // Every method of the table is a standard one; the table's test builds the router.
    MethodFilter::try_from(endpoint.method.clone()).unwrap_or(MethodFilter::TRACE)
}
