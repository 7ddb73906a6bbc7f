//! The OpenAPI 3.1 document, generated from the code, and the page that shows it.

use axum::{Router, response::IntoResponse, routing::get};
use http::header;
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

use super::{problem::ProblemBody, query::MAX_LIMIT};
use crate::app::App;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Nexus",
        description = "The front door for a tenant's files and the ledger of everything done with them.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        super::raw::presign,
        super::raw::register,
        super::raw::list,
        super::raw::read,
        super::raw::download,
        super::raw::delete,
        super::events::list,
        super::ingest::post,
        super::events::catalog,
        super::stream::stream,
        super::events::read,
        super::events::trace,
        super::privacy::read_tenant,
        super::privacy::write_tenant,
        super::privacy::read_user,
        super::privacy::write_user,
        super::privacy::delete_user,
        super::privacy::redact,
        super::export::training,
        super::dashboard::all,
        super::dashboard::section,
        super::ledger::checkpoint,
        super::ledger::proof,
        super::ledger::consistency,
        super::ledger::key,
        super::ops::healthz,
        super::ops::readyz,
        super::ops::metrics,
    ),
    components(schemas(ProblemBody, super::privacy::FindingOut))
)]
struct Document;

/// Query parameters of every list.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct PageParams {
    /// How many items at most.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
    /// Newest first or oldest first.
    #[param(inline, default = "desc")]
    order: Option<OrderParam>,
    /// From the page before.
    cursor: Option<String>,
}

/// Query parameters of a dashboard.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct WindowParams {
    /// How far back sums over time look.
    #[param(inline, default = "24h")]
    window: Option<WindowParam>,
}

#[derive(utoipa::ToSchema)]
#[allow(dead_code)]
enum WindowParam {
    #[schema(rename = "1h")]
    Hour,
    #[schema(rename = "24h")]
    Day,
    #[schema(rename = "7d")]
    Week,
    #[schema(rename = "30d")]
    Month,
}

/// Query parameters of a trace.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct TracePageParams {
    /// How many items at most.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
    /// Newest first or oldest first.
    #[param(inline, default = "asc")]
    order: Option<OrderParam>,
    /// From the page before.
    cursor: Option<String>,
}

#[derive(utoipa::ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code)]
enum OrderParam {
    Asc,
    Desc,
}

#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
enum OutcomeParam {
    Success,
    Failure,
}

/// Filters of a list of events.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct EventFilters {
    #[param(pattern = "^[a-z][a-z0-9_]{0,63}$")]
    surface: Option<String>,
    #[param(pattern = "^[a-z][a-z0-9_]{0,63}$")]
    event_type: Option<String>,
    #[param(inline)]
    outcome: Option<OutcomeParam>,
    /// As events show it, or as a token's `sub` names the user.
    #[param(min_length = 1)]
    user_id: Option<String>,
    #[param(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    asset_id: Option<String>,
    /// 32 lower-case hex digits, not all zero.
    trace_id: Option<String>,
    #[param(pattern = "^[A-Za-z0-9._-]{1,128}$")]
    request_id: Option<String>,
    /// Recorded at or after this time. RFC 3339.
    since: Option<String>,
    /// Recorded before this time. RFC 3339.
    until: Option<String>,
    /// Also events that only record a read.
    include_reads: Option<bool>,
}

/// One page of events.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)]
pub struct EventPage {
    /// The events; where several replicas share a copy, a page may be shorter than its limit, or empty, and not be the last.
    items: Vec<DatasetEventOut>,
    /// For the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// One event as it is stored, with its place in the ledger.
#[derive(utoipa::ToSchema)]
#[schema(as = DatasetEvent)]
#[allow(dead_code)]
pub struct DatasetEventOut {
    event_id: uuid::Uuid,
    tenant_id: String,
    env: String,
    surface: String,
    event_type: String,
    #[schema(inline)]
    outcome: OutcomeParam,
    /// On failures alone.
    #[schema(required = false, nullable = false)]
    error_code: Option<String>,
    user_id: String,
    #[schema(nullable = false)]
    asset_type: Option<String>,
    #[schema(nullable = false)]
    asset_id: Option<String>,
    /// Redacted.
    #[schema(value_type = Object)]
    input: Value,
    /// Redacted.
    #[schema(value_type = Object)]
    output: Value,
    metadata: MetadataOut,
    pii_flags: PiiFlagsOut,
    train_ok: bool,
    source_refs: Vec<SourceRefOut>,
    #[schema(value_type = String, format = DateTime)]
    occurred_at: nexus_model::Timestamp,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: nexus_model::Timestamp,
    ledger: LedgerRefOut,
}

/// Where and by whom an event was caused, beside the caller's own fields.
#[derive(utoipa::ToSchema)]
#[schema(as = Metadata)]
#[allow(dead_code)]
struct MetadataOut {
    #[schema(pattern = "^[0-9a-f]{32}$")]
    trace_id: String,
    request_id: String,
    /// `human`, `agent` or `system`.
    actor_type: String,
    /// Which of the ids were made by Nexus.
    #[schema(nullable = false)]
    synthesized: Option<Vec<String>>,
}

/// What the redactor found.
#[derive(utoipa::ToSchema)]
#[schema(as = PiiFlags)]
#[allow(dead_code)]
pub struct PiiFlagsOut {
    /// Findings by type.
    flags: std::collections::BTreeMap<String, u64>,
    /// Why `train_ok` is what it is.
    policy_reason: String,
}

/// One event, or a batch of them.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
#[allow(dead_code)]
pub enum PostEventsIn {
    /// One.
    One(Box<PostEventIn>),
    /// Several.
    Many(PostBatchIn),
}

/// A batch.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
pub struct PostBatchIn {
    #[schema(min_items = 1, max_items = 1000, value_type = Vec<PostEventIn>)]
    events: Vec<Value>,
}

/// An event that a caller posts. Which fields `input` has is in the catalog.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
pub struct PostEventIn {
    #[schema(pattern = "^[a-z][a-z0-9_]{0,63}$")]
    surface: String,
    #[schema(pattern = "^[a-z][a-z0-9_]{0,63}$")]
    event_type: String,
    #[schema(value_type = Option<Object>)]
    input: Option<Value>,
    output: Option<Value>,
    /// `success` when absent.
    #[schema(inline)]
    outcome: Option<OutcomeParam>,
    #[schema(pattern = "^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
    error_code: Option<String>,
    /// Makes the post idempotent. Made here when absent.
    event_id: Option<uuid::Uuid>,
    #[schema(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    asset_type: Option<String>,
    #[schema(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    asset_id: Option<String>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    #[schema(max_items = 64)]
    source_refs: Option<Vec<SourceRefOut>>,
    /// Now when absent; at most 5 minutes ahead. RFC 3339.
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<String>,
    #[schema(pattern = "^[0-9a-f]{32}$")]
    trace_id: Option<String>,
    #[schema(pattern = "^[A-Za-z0-9._-]{1,128}$")]
    request_id: Option<String>,
    /// Another user than the token's needs the claim `on_behalf`. What is not opaque, or holds PII, is kept as a keyed hash, as `sub` is.
    #[schema(min_length = 1)]
    user_id: Option<String>,
    /// `human`, `agent` or `system`; another than the token's needs the claim `on_behalf`.
    actor_type: Option<String>,
    /// Must be the request's own.
    tenant_id: Option<String>,
    /// Must be the request's own.
    env: Option<String>,
}

/// What became of one event, or of each of a batch.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[allow(dead_code)]
pub enum PostEventsOut {
    /// Of one.
    One(Box<super::ingest::PostedEventOut>),
    /// Of each.
    Many(super::ingest::PostedEventsOut),
}

/// What an event came from.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SourceRef)]
#[allow(dead_code)]
pub struct SourceRefOut {
    kind: String,
    id: String,
}

/// A place in the ledger.
#[derive(utoipa::ToSchema)]
#[schema(as = LedgerRef)]
#[allow(dead_code)]
pub struct LedgerRefOut {
    /// `{service}/{tenant}/{env}/{writer}`
    log: String,
    /// Zero-based leaf index.
    seq: u64,
    /// RFC 6962 leaf hash, 64 hex digits.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    leaf_hash: String,
}

/// Statuses that any audited route may answer, with their codes.
const COMMON: &[(&str, &str)] = &[
    (
        "400",
        "`tenant.missing`, `tenant.invalid`, `env.missing`, `env.invalid`, `body.malformed`, `query.invalid`, `path.invalid`, `cursor.invalid`",
    ),
    ("401", "`auth.missing`, `auth.invalid`, `auth.expired`"),
    ("403", "`tenant.forbidden`, `role.forbidden`, `tenant.mismatch`, `user.mismatch`"),
    ("408", "`request.timeout`"),
    ("422", "`body.invalid`"),
    ("429", "`rate.limited`"),
    ("500", "`internal`"),
    ("503", "`ledger.unavailable`, `storage.unavailable`, `outcome.unknown`, `overloaded`"),
];
/// And those with a body.
const COMMON_WITH_BODY: &[(&str, &str)] = &[("413", "`body.too_large`"), ("415", "`body.unsupported_type`")];

/// On every answer once the tenant is known, unless limits are turned off (draft-ietf-httpapi-ratelimit-headers).
const LIMIT_HEADERS: [(&str, &str); 2] = [
    ("RateLimit-Policy", "`\"reads\";q=4000;w=2`: what the class admits, and in how many seconds it is replenished."),
    ("RateLimit", "`\"reads\";r=3999;t=1`: what is left, and in how many seconds all of it is back."),
];

/// The document: what the code declares, and what holds for every audited route.
#[must_use]
pub fn document() -> Value {
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    document["components"]["securitySchemes"] =
        json!({ "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } });
    let Some(paths) = document["paths"].as_object_mut() else { return document };
    for (path, item) in paths {
        let Some(operations) = item.as_object_mut().filter(|_| path.starts_with("/nexus/")) else { continue };
        for operation in operations.values_mut() {
            complete(operation);
        }
    }
    document
}

fn complete(operation: &mut Value) {
    operation["security"] = json!([{ "bearer": [] }]);
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    operation["parameters"] = Value::Array(common_headers().into_iter().chain(parameters).collect());
    let with_body = if operation["requestBody"].is_object() { COMMON_WITH_BODY } else { &[] };
    for (status, codes) in COMMON.iter().chain(with_body) {
        let response = &mut operation["responses"][*status];
        if response.is_null() {
            *response = json!({ "description": codes });
        }
    }
    // Every error has one shape and one media type, whatever its route.
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for (status, response) in responses {
        let headers = &mut response["headers"];
        headers["X-Request-Id"] = json!({ "schema": { "type": "string" } });
        for (name, description) in LIMIT_HEADERS {
            headers[name] = json!({ "schema": { "type": "string" }, "description": description });
        }
        if status == "429" {
            headers["Retry-After"] =
                json!({ "schema": { "type": "integer" }, "description": "Seconds.", "required": true });
        }
        if !status.starts_with('2') {
            response["content"] = json!({
                "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } }
            });
        }
    }
}

fn common_headers() -> [Value; 4] {
    let header = |name: &str, required: bool, schema: Value, description: &str| json!({ "name": name, "in": "header", "required": required, "schema": schema, "description": description });
    [
        header(
            "X-Tenant-Id",
            true,
            json!({ "type": "string", "pattern": "^t_[a-z0-9_-]{1,62}$" }),
            "One of the token's tenants.",
        ),
        header("X-Env", true, json!({ "type": "string" }), "One of the configured environments."),
        header(
            "X-Request-Id",
            false,
            json!({ "type": "string" }),
            "1 to 128 of A-Z a-z 0-9 . _ -; replaced by a UUIDv7 when it is anything else.",
        ),
        header("traceparent", false, json!({ "type": "string" }), "W3C Trace Context."),
    ]
}

/// The document as `nexus openapi` prints it.
#[must_use]
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

/// `/openapi.json` and `/docs`.
pub fn router() -> Router<App> {
    // Built once: it is the same for every request.
    let text: &'static str = Box::leak(text().into_boxed_str());
    let json = get(move || async move { ([(header::CONTENT_TYPE, "application/json")], text).into_response() });
    let ui: Router<App> = SwaggerUi::new("/docs").config(utoipa_swagger_ui::Config::from("/openapi.json")).into();
    Router::new().route("/openapi.json", json).merge(ui)
}

const _: () = assert!(MAX_LIMIT == 500, "the maximum in PageParams");
