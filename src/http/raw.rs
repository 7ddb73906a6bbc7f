//! Routes of raw storage: parse, call the service, shape the answer.

use axum::extract::{RawQuery, State};
use bytes::Bytes;
use http::StatusCode;
use nexus_ledger::{Order, Query};
use nexus_model::{AssetId, EventId, Outcome, RequestContext, SourceRef, catalog::own};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    audited::{Answer, Failure},
    context::Context,
    events::PathOf,
    json::{JsonObject, finish},
    problem::{Code, Problem, ProblemBody},
    query::{NoQuery, Params},
};
use crate::{
    app::App,
    clock,
    fields::Fields,
    ids,
    logging::Detail,
    quota::Reservation,
    raw_storage::{
        Registered, Upload,
        filename::{Change, FileName},
        post_policy::FormFields,
        record::{Claim, RawAsset},
        settle,
        sha256::Sha256Hex,
    },
    views::events::PageCursor,
};

/// The longest content type taken, in bytes.
const MAX_CONTENT_TYPE_BYTES: usize = 255;
/// The longest file name looked at, in bytes; what is kept of it is shorter.
const MAX_RAW_FILENAME_BYTES: usize = 4096;

/// What a caller says of a file that it wants to upload.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
pub struct PresignUploadIn {
    /// Any name; what is kept of it is answered.
    #[schema(min_length = 1, max_length = 4096)]
    filename: String,
    /// `type/subtype`; `application/octet-stream` when absent.
    #[schema(pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+( *;.*)?$", max_length = 255)]
    content_type: Option<String>,
    /// The exact size. Bytes.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    size_bytes: Option<u64>,
    /// The exact SHA-256; the store refuses anything else.
    #[schema(pattern = "^[0-9A-Fa-f]{64}$")]
    sha256: Option<String>,
    /// The caller's own; kept, redacted, in the event.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
}

/// A presigned upload: post `fields`, then `file`, to `url` as `multipart/form-data`.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PresignUploadOut {
    /// The new asset's name, for registering it.
    #[schema(value_type = String)]
    asset_id: AssetId,
    /// Always `POST`.
    method: &'static str,
    /// Where to post the form.
    url: String,
    /// The form's fields.
    #[schema(value_type = BTreeMap<String, String>)]
    fields: FormFields,
    /// Where the object will be.
    key: String,
    /// `s3://bucket/key`
    uri: String,
    /// What was kept of the file name.
    filename: String,
    /// What was changed about it.
    filename_changes: Vec<Change>,
    /// When the form is no longer taken.
    #[schema(value_type = String, format = DateTime)]
    expires_at: nexus_model::Timestamp,
    /// The largest file the store takes. Bytes.
    max_bytes: u64,
}

/// `POST /nexus/raw/presign-upload`
#[utoipa::path(
    post, path = "/nexus/raw/presign-upload", tag = "raw storage",
    request_body = PresignUploadIn,
    responses(
        (status = 201, description = "A form to post the file with", body = PresignUploadOut),
        (status = 403, description = "`tenant.forbidden`, `role.forbidden`, `quota.exceeded`", body = ProblemBody),
        (status = 413, description = "`asset.too_large`, `body.too_large`", body = ProblemBody),
    )
)]
pub async fn presign(
    State(app): State<App>,
    Context(context): Context,
    _: NoQuery,
    JsonObject(mut fields): JsonObject,
) -> Result<Answer, Failure> {
    let claim = read_claim(&mut fields, app.config.storage.max_metadata_bytes);
    finish(fields)?;
    let (filename, changes, claim) = claim.ok_or(Problem::new(Code::Internal))?;
    let sha256 = claim.sha256.as_deref().and_then(|digest| digest.parse().ok());
    let asset_id = AssetId::from_uuid(ids::fresh());
    let detail = Detail::about(&asset_id).input(described(&claim));
    let reserved = match app.quota.reserve(&context.tenant_id, claim.size_bytes).await {
        Ok(reserved) => reserved,
        Err(error) => return Err(Failure::new(error, detail)),
    };
    let upload = Upload {
        filename,
        changes,
        content_type: claim.content_type.clone(),
        size_bytes: claim.size_bytes,
        sha256,
        room: reserved.as_ref().map(Reservation::room),
    };
    let post = match app.raw_storage.create_presigned_post(&context, asset_id, &upload, chrono::Utc::now()).await {
        Ok(post) => post,
        Err(error) => return Err(Failure::new(error, detail)),
    };
    let detail = detail.output(json!({ "expires_at": post.expires_at, "max_bytes": post.max_bytes }));
    let body = PresignUploadOut {
        asset_id: post.asset_id,
        method: "POST",
        url: post.url,
        fields: post.fields,
        key: post.key.to_string(),
        uri: post.uri,
        filename: upload.filename.as_str().to_owned(),
        filename_changes: upload.changes,
        expires_at: post.expires_at,
        max_bytes: post.max_bytes,
    };
    Ok(Answer::json(StatusCode::CREATED, &body, detail)?.no_store().holding(reserved))
}

/// What a caller says of a file that it has uploaded. What it claims is checked against the stored object.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
pub struct RegisterIn {
    /// From presign.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    asset_id: String,
    /// As given to presign, or as answered by it.
    #[schema(min_length = 1, max_length = 4096)]
    filename: String,
    /// Claimed.
    #[schema(pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+( *;.*)?$", max_length = 255)]
    content_type: Option<String>,
    /// Claimed. Bytes.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    size_bytes: Option<u64>,
    /// Claimed.
    #[schema(pattern = "^[0-9A-Fa-f]{64}$")]
    sha256: Option<String>,
    /// The caller's own; kept with the asset.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    /// Must be the request's own.
    tenant_id: Option<String>,
    /// Must be the request's own.
    env: Option<String>,
}

/// `POST /nexus/raw/register`
#[utoipa::path(
    post, path = "/nexus/raw/register", tag = "raw storage",
    request_body = RegisterIn,
    responses(
        (status = 201, description = "Registered", body = RawAsset),
        (status = 200, description = "Registered before, by the same request", body = RawAsset),
        (status = 404, description = "`asset.not_uploaded`", body = ProblemBody),
        (status = 409, description = "`asset.conflict`, `asset.size_mismatch`, `asset.type_mismatch`, `asset.checksum_mismatch`, `asset.checksum_unavailable`", body = ProblemBody),
        (status = 410, description = "`asset.deleted`", body = ProblemBody),
    )
)]
pub async fn register(
    State(app): State<App>,
    Context(context): Context,
    _: NoQuery,
    JsonObject(mut fields): JsonObject,
) -> Result<Answer, Failure> {
    let asset_id = fields.required::<AssetId>("asset_id");
    let claim = read_claim(&mut fields, app.config.storage.max_metadata_bytes);
    let (tenant, env) = (fields.text("tenant_id"), fields.text("env"));
    finish(fields)?;
    same_place(&context, tenant.as_deref(), env.as_deref())?;
    let (asset_id, (filename, _, claim)) = asset_id.zip(claim).ok_or(Problem::new(Code::Internal))?;

    let event_id = EventId::from_uuid(ids::fresh());
    let input = described(&claim);
    match app.raw_storage.register(&context, &asset_id, &filename, claim, event_id, clock::now()).await {
        Ok(Registered::Now { asset, intent }) => {
            let mut detail = settle::registered(&asset).input(input);
            detail.event_id = Some(event_id);
            Ok(Answer::json(StatusCode::CREATED, &asset, detail)?.finishing(intent))
        }
        Ok(Registered::Before { asset, event_id: first }) => {
            let mut detail = settle::registered(&asset).input(input);
            detail.spec = Some(&own::RAW_ASSET_REGISTER_REPEATED);
            detail.source_refs = vec![SourceRef { kind: "event".to_owned(), id: first.to_string() }];
            Answer::json(StatusCode::OK, &asset, detail)
        }
        Err(error) => Err(Failure::new(error, Detail::about(&asset_id).input(input))),
    }
}

/// `DELETE /nexus/raw/{asset_id}`
#[utoipa::path(
    delete, path = "/nexus/raw/{asset_id}", tag = "raw storage",
    params(("asset_id" = String, Path, pattern = "^[A-Za-z0-9_-]{1,64}$")),
    responses(
        (status = 204, description = "Deleted: record, then object"),
        (status = 404, description = "`asset.unknown`", body = ProblemBody),
        (status = 410, description = "`asset.deleted`", body = ProblemBody),
    )
)]
pub async fn delete(
    State(app): State<App>,
    Context(context): Context,
    PathOf(asset_id): PathOf<AssetId>,
    _: NoQuery,
) -> Result<Answer, Failure> {
    let event_id = EventId::from_uuid(ids::fresh());
    match app.raw_storage.delete(&context, &asset_id, event_id, clock::now()).await {
        Ok((size_bytes, intent)) => {
            let mut detail = settle::deleted(&asset_id, size_bytes);
            detail.event_id = Some(event_id);
            Ok(Answer::raw(StatusCode::NO_CONTENT, Bytes::new(), detail).finishing(intent))
        }
        Err(error) => Err(Failure::new(error, Detail::about(&asset_id))),
    }
}

/// `GET /nexus/raw/{asset_id}`
#[utoipa::path(
    get, path = "/nexus/raw/{asset_id}", tag = "raw storage",
    params(("asset_id" = String, Path, pattern = "^[A-Za-z0-9_-]{1,64}$")),
    responses(
        (status = 200, description = "The asset", body = RawAsset),
        (status = 404, description = "`asset.unknown`", body = ProblemBody),
        (status = 410, description = "`asset.deleted`", body = ProblemBody),
    )
)]
pub async fn read(
    State(app): State<App>,
    Context(context): Context,
    PathOf(asset_id): PathOf<AssetId>,
    _: NoQuery,
) -> Result<Answer, Failure> {
    let detail = Detail::about(&asset_id);
    match app.raw_storage.get(&context, &asset_id).await {
        Ok(asset) => Answer::json(StatusCode::OK, &asset, detail),
        Err(error) => Err(Failure::new(error, detail)),
    }
}

/// A presigned download.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DownloadOut {
    /// A presigned GET of the registered version, answered as an attachment.
    url: String,
    /// When it is no longer taken.
    #[schema(value_type = String, format = DateTime)]
    expires_at: nexus_model::Timestamp,
}

/// `GET /nexus/raw/{asset_id}/download`
#[utoipa::path(
    get, path = "/nexus/raw/{asset_id}/download", tag = "raw storage",
    params(("asset_id" = String, Path, pattern = "^[A-Za-z0-9_-]{1,64}$")),
    responses(
        (status = 200, description = "A presigned URL", body = DownloadOut),
        (status = 404, description = "`asset.unknown`", body = ProblemBody),
        (status = 409, description = "`asset.altered`", body = ProblemBody),
        (status = 410, description = "`asset.deleted`", body = ProblemBody),
    )
)]
pub async fn download(
    State(app): State<App>,
    Context(context): Context,
    PathOf(asset_id): PathOf<AssetId>,
    _: NoQuery,
) -> Result<Answer, Failure> {
    let detail = Detail::about(&asset_id);
    match app.raw_storage.create_presigned_get(&context, &asset_id, chrono::Utc::now()).await {
        Ok((url, expires_at)) => {
            let detail = detail.output(json!({ "expires_at": expires_at }));
            Ok(Answer::json(StatusCode::OK, &DownloadOut { url, expires_at }, detail)?.no_store())
        }
        Err(error) => Err(Failure::new(error, detail)),
    }
}

/// One page of assets.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RawAssetPage {
    /// The assets that are still there; a page may be shorter than its limit, or empty, and not be the last.
    items: Vec<RawAsset>,
    /// For the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// `GET /nexus/raw`
#[utoipa::path(
    get, path = "/nexus/raw", tag = "raw storage",
    params(super::openapi::PageParams),
    responses((status = 200, description = "A page of assets", body = RawAssetPage))
)]
pub async fn list(
    State(app): State<App>,
    Context(context): Context,
    RawQuery(query): RawQuery,
) -> Result<Answer, Failure> {
    let mut params = Params::parse(query.as_deref())?;
    let (limit, order, cursor) = page(&mut params, Order::Desc)?;
    params.finish()?;
    let query = Query {
        surface: Some(own::RAW_ASSET_REGISTERED.surface_id()),
        event_type: Some(own::RAW_ASSET_REGISTERED.event_type_id()),
        outcome: Some(Outcome::Success),
        limit,
        order,
        ..Query::default()
    };
    let page = app.events.page(&context, query, cursor).await?;
    let ids: Vec<AssetId> = page.events()?.into_iter().filter_map(|event| event.asset_id).collect();
    let items = app.raw_storage.get_many(&context, &ids).await?;
    let detail = Detail::default().input(json!({ "limit": limit })).output(json!({ "count": items.len() }));
    Answer::json(StatusCode::OK, &RawAssetPage { items, next_cursor: page.next_cursor() }, detail)
}

/// Takes `limit`, `order` and `cursor`.
pub(super) fn page(params: &mut Params, default: Order) -> Result<(usize, Order, Option<PageCursor>), Problem> {
    let limit = params.limit()?;
    let order = params.word("order", &[("asc", Order::Asc), ("desc", Order::Desc)])?.unwrap_or(default);
    Ok((limit, order, params.cursor()?))
}

/// Takes the fields that presign and register share. `None` when a fault was noted.
fn read_claim(fields: &mut Fields, max_metadata: usize) -> Option<(FileName, Vec<Change>, Claim)> {
    let filename = fields.required_text("filename").and_then(|raw| {
        if raw.len() > MAX_RAW_FILENAME_BYTES {
            fields.fault("filename", "range", format!("expected at most {MAX_RAW_FILENAME_BYTES} bytes"));
            return None;
        }
        FileName::clean(&raw).map_err(|error| fields.fault("filename", "format", error.to_string())).ok()
    });
    let content_type = fields.text("content_type").filter(|value| {
        let ok = is_content_type(value);
        if !ok {
            fields.fault("content_type", "format", "expected type/subtype, at most 255 bytes of printable ASCII");
        }
        ok
    });
    let size_bytes = fields.integer("size_bytes", 1);
    let sha256 = fields.parsed::<Sha256Hex>("sha256").map(|digest| digest.to_string());
    let metadata = fields.object("metadata", max_metadata).unwrap_or_default();
    let (filename, changes) = filename?;
    let claim = Claim { filename: filename.as_str().to_owned(), content_type, size_bytes, sha256, metadata };
    Some((filename, changes, claim))
}

/// `type/subtype` of RFC 9110 tokens, with or without parameters.
fn is_content_type(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+.^_`|~-".contains(&b))
    };
    let essence = text.split(';').next().unwrap_or_default().trim_end_matches(' ');
    text.len() <= MAX_CONTENT_TYPE_BYTES
        && text.bytes().all(|b| (b' '..=b'~').contains(&b))
        && essence.split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub))
}

/// A body that names a tenant or an environment must name the request's own.
fn same_place(context: &RequestContext, tenant: Option<&str>, env: Option<&str>) -> Result<(), Problem> {
    let same = tenant.is_none_or(|tenant| tenant == context.tenant_id.as_str())
        && env.is_none_or(|env| env == context.env.as_str());
    if same { Ok(()) } else { Err(Problem::new(Code::TenantMismatch)) }
}

/// What an event says of a claim: neither file name nor key.
fn described(claim: &Claim) -> Value {
    let mut input = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            input.insert(name.to_owned(), value);
        }
    };
    put("content_type", json!(claim.content_type.as_deref().map(settle::essence)));
    put("size_bytes", json!(claim.size_bytes));
    put("sha256", json!(claim.sha256));
    if !claim.metadata.is_empty() {
        put("metadata", Value::Object(claim.metadata.clone()));
    }
    Value::Object(input)
}
