//! PutObject, and the POST form, which s3s hands over as one once its policy is checked.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::dto::*;
use s3s::{S3Request, TrailingHeaders};

use super::{etag, set_checksums, unsupported};
use crate::apply::{Outcome, Write};
use crate::condition::WriteCondition;
use crate::digest::{Algorithm, Claims};
use crate::ingest::{Bounds, Ingested};
use crate::key::ObjectName;
use crate::record::{Description, ObjectRecord};
use crate::{Bucket, BucketError};

/// User metadata, names and values together, in bytes (S3, "Working with object metadata").
const MAX_METADATA_BYTES: usize = 2048;

/// What S3 says of an object whose writer did not say.
const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

pub(super) async fn put(store: &Bucket, mut req: S3Request<PutObjectInput>) -> Result<PutObjectOutput, BucketError> {
    refuse_unsupported(&req.input)?;
    let name = ObjectName::new(&*req.input.bucket, &*req.input.key)?;
    let description = describe(&mut req.input)?;
    let trailers = announced_trailers(&req.headers);
    let mut claims = claims(&req.input, &trailers)?;
    let max = store.config().max_put_bytes;
    let exact = req.input.content_length.map(|length| length.unsigned_abs());
    if exact.is_some_and(|length| length > max) {
        return Err(BucketError::TooLarge(max));
    }
    let body = req.input.body.take().ok_or(BucketError::IncompleteBody(None))?;
    let ingested = store.ingest(body, claims.hashers(), Bounds { exact, max }).await?;
    claim_trailers(&mut claims, &trailers, req.trailing_headers.as_ref())?;
    claims.verify(&ingested.digests)?;
    let condition =
        WriteCondition { if_match: req.input.if_match, if_none_match: req.input.if_none_match, ..Default::default() };
    store_object(store, name, ingested, description, condition).await
}

async fn store_object(
    store: &Bucket,
    name: ObjectName,
    ingested: Ingested,
    description: Description,
    condition: WriteCondition,
) -> Result<PutObjectOutput, BucketError> {
    let mut output = PutObjectOutput { e_tag: Some(etag(&ingested.digests.etag())), ..Default::default() };
    set_checksums!(output, &ingested.digests.checksums);
    let record = ObjectRecord {
        content: ingested.content,
        size: ingested.size,
        etag: ingested.digests.etag(),
        modified_ms: 0,
        checksums: ingested.digests.checksums,
        description,
    };
    let write = Write::Put { name, record: Box::new(record), inline: ingested.inline, condition };
    match store.write(write, Some(ingested.blob)).await? {
        Outcome::Stored(_) | Outcome::Done => Ok(output),
    }
}

fn refuse_unsupported(input: &PutObjectInput) -> Result<(), BucketError> {
    unsupported([
        (input.tagging.is_some(), "tags"),
        (!is_private(input.acl.as_ref()), "ACLs"),
        (input.grant_full_control.is_some(), "ACLs"),
        (input.grant_read.is_some(), "ACLs"),
        (input.server_side_encryption.is_some(), "server-side encryption"),
        (input.sse_customer_algorithm.is_some(), "server-side encryption"),
        (input.sse_customer_key.is_some(), "server-side encryption"),
        (input.object_lock_mode.is_some(), "object lock"),
        (input.object_lock_legal_hold_status.is_some(), "object lock"),
        (input.object_lock_retain_until_date.is_some(), "object lock"),
        (input.website_redirect_location.is_some(), "website redirects"),
        (input.write_offset_bytes.is_some(), "appending"),
        (!is_standard(input.storage_class.as_ref()), "storage classes"),
    ])
}

/// Whether an ACL says what holds anyway: the owner of the key pair, and nobody else.
pub(super) fn is_private(acl: Option<&ObjectCannedACL>) -> bool {
    acl.is_none_or(|acl| matches!(acl.as_str(), "private" | "bucket-owner-full-control"))
}

pub(super) fn is_standard(class: Option<&StorageClass>) -> bool {
    class.is_none_or(|class| class.as_str() == StorageClass::STANDARD)
}

fn describe(input: &mut PutObjectInput) -> Result<Description, BucketError> {
    description(Description {
        content_type: input.content_type.take(),
        content_disposition: input.content_disposition.take(),
        content_encoding: input.content_encoding.take(),
        content_language: input.content_language.take(),
        cache_control: input.cache_control.take(),
        expires: input.expires.take(),
        metadata: metadata(input.metadata.take()),
    })
}

pub(super) fn metadata(metadata: Option<Metadata>) -> BTreeMap<String, String> {
    metadata.unwrap_or_default().into_iter().collect()
}

/// Checks that a description can be given back as headers, and completes it.
///
/// # Errors
/// [`BucketError::InvalidHeader`], [`BucketError::MetadataTooLarge`].
pub(super) fn description(mut description: Description) -> Result<Description, BucketError> {
    description.content_encoding = description.content_encoding.and_then(|value| stored_encoding(&value));
    description.content_type.get_or_insert_with(|| DEFAULT_CONTENT_TYPE.to_owned());
    let headers = [
        ("content-type", &description.content_type),
        ("content-disposition", &description.content_disposition),
        ("content-encoding", &description.content_encoding),
        ("content-language", &description.content_language),
        ("cache-control", &description.cache_control),
    ];
    for (name, value) in headers {
        if let Some(value) = value
            && HeaderValue::from_str(value).is_err()
        {
            return Err(BucketError::InvalidHeader(name));
        }
    }
    let mut bytes = 0;
    for (name, value) in &description.metadata {
        HeaderName::from_bytes(name.as_bytes()).map_err(|_| BucketError::InvalidHeader("x-amz-meta-*"))?;
        bytes += name.len() + value.len();
    }
    if bytes > MAX_METADATA_BYTES {
        return Err(BucketError::MetadataTooLarge);
    }
    Ok(description)
}

/// `aws-chunked` is how the body travelled, not what the object is.
fn stored_encoding(value: &str) -> Option<String> {
    let codings = value.split(',').map(str::trim);
    let kept: Vec<_> =
        codings.filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("aws-chunked")).collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

fn claims(input: &PutObjectInput, trailers: &[Algorithm]) -> Result<Claims, BucketError> {
    let mut claims = Claims::default();
    if let Some(value) = &input.content_md5 {
        claims.content_md5(value)?;
    }
    let values = [
        (Algorithm::Crc32, &input.checksum_crc32),
        (Algorithm::Crc32c, &input.checksum_crc32c),
        (Algorithm::Crc64nvme, &input.checksum_crc64nvme),
        (Algorithm::Sha1, &input.checksum_sha1),
        (Algorithm::Sha256, &input.checksum_sha256),
    ];
    for (algorithm, value) in values {
        if let Some(value) = value {
            claims.checksum(algorithm, value)?;
        }
    }
    let named = input.checksum_algorithm.as_ref();
    let named = named.and_then(|algorithm| Algorithm::from_name(algorithm.as_str()));
    for &algorithm in trailers.iter().chain(&named) {
        claims.want(algorithm);
    }
    Ok(claims)
}

/// The checksums that `x-amz-trailer` says will follow the body.
fn announced_trailers(headers: &HeaderMap) -> Vec<Algorithm> {
    let values = headers.get_all("x-amz-trailer").into_iter();
    let names = values.filter_map(|value| value.to_str().ok());
    names.flat_map(|value| value.split(',')).filter_map(|name| Algorithm::from_header(name.trim())).collect()
}

fn claim_trailers(
    claims: &mut Claims,
    announced: &[Algorithm],
    received: Option<&TrailingHeaders>,
) -> Result<(), BucketError> {
    for &algorithm in announced {
        let header = algorithm.header();
        let value =
            received.and_then(|trailers| trailers.read(|headers| Some(headers.get(header)?.to_str().ok()?.to_owned())));
        let value = value.flatten().ok_or(BucketError::MissingTrailer(header))?;
        claims.checksum(algorithm, &value)?;
    }
    Ok(())
}
