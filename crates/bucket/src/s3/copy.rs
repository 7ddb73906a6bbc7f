//! CopyObject: a new name for the same bytes, which are shared and not moved.

use s3s::S3Request;
use s3s::dto::*;

use super::put::{description, is_private, is_standard, metadata};
use super::{epoch_secs, etag, only_version, set_checksums, timestamp, unsupported};
use crate::apply::{Outcome, Write};
use crate::condition::{ReadCondition, WriteCondition};
use crate::digest::Algorithm;
use crate::key::ObjectName;
use crate::record::Description;
use crate::{Bucket, BucketError};

pub(super) async fn copy(store: &Bucket, req: S3Request<CopyObjectInput>) -> Result<CopyObjectOutput, BucketError> {
    let condition = WriteCondition {
        if_match: header_condition(&req, "if-match")?,
        if_none_match: header_condition(&req, "if-none-match")?,
        ..Default::default()
    };
    let input = req.input;
    refuse_unsupported(&input)?;
    let source = source(&input.copy_source)?;
    let source_condition = ReadCondition {
        if_match: input.copy_source_if_match.clone(),
        if_none_match: input.copy_source_if_none_match.clone(),
        if_modified_since: input.copy_source_if_modified_since.as_ref().and_then(epoch_secs),
        if_unmodified_since: input.copy_source_if_unmodified_since.as_ref().and_then(epoch_secs),
    };
    let name = ObjectName::new(&*input.bucket, &*input.key)?;
    require_checksum(store, &source, input.checksum_algorithm.as_ref()).await?;
    let description = replacement(input)?;
    if source == name && description.is_none() {
        return Err(BucketError::CopyOntoItself);
    }
    let write = Write::Copy { source, source_condition, name, description: description.map(Box::new), condition };
    let Outcome::Stored(record) = store.write(write, None).await? else {
        return Ok(CopyObjectOutput::default());
    };
    let mut result = CopyObjectResult {
        e_tag: Some(etag(&record.etag)),
        last_modified: Some(timestamp(record.modified_ms)),
        ..Default::default()
    };
    set_checksums!(result, &record.checksums);
    Ok(CopyObjectOutput { copy_object_result: Some(result), ..Default::default() })
}

fn refuse_unsupported(input: &CopyObjectInput) -> Result<(), BucketError> {
    unsupported([
        (input.tagging.is_some(), "tags"),
        (!is_private(input.acl.as_ref()), "ACLs"),
        (input.server_side_encryption.is_some(), "server-side encryption"),
        (input.sse_customer_algorithm.is_some(), "server-side encryption"),
        (input.object_lock_mode.is_some(), "object lock"),
        (input.object_lock_legal_hold_status.is_some(), "object lock"),
        (input.website_redirect_location.is_some(), "website redirects"),
        (!is_standard(input.storage_class.as_ref()), "storage classes"),
    ])
}

fn source(source: &CopySource) -> Result<ObjectName, BucketError> {
    match source {
        CopySource::Bucket { bucket, key, version_id } => {
            only_version(version_id.as_deref())?;
            ObjectName::new(&**bucket, &**key)
        }
        _ => Err(BucketError::Unsupported("access points")),
    }
}

/// s3s does not read the write conditions of a copy from its headers.
fn header_condition(
    req: &S3Request<CopyObjectInput>,
    name: &'static str,
) -> Result<Option<ETagCondition>, BucketError> {
    let value = req.headers.get(name);
    value
        .map(|value| ETagCondition::parse_http_header(value.as_bytes()))
        .transpose()
        .map_err(|_| BucketError::InvalidHeader(name))
}

/// The copy has the checksums of its source; another one would mean reading the bytes.
async fn require_checksum(
    store: &Bucket,
    source: &ObjectName,
    algorithm: Option<&ChecksumAlgorithm>,
) -> Result<(), BucketError> {
    let Some(algorithm) = algorithm else {
        return Ok(());
    };
    let wanted = Algorithm::from_name(algorithm.as_str());
    let name = source.clone();
    let record = store.read(move |snapshot| snapshot.object(&name)).await?;
    if wanted.is_some_and(|wanted| record.checksums.contains_key(&wanted)) {
        return Ok(());
    }
    Err(BucketError::Unsupported("a copy with another checksum"))
}

/// The description of the copy, when it is not the source's.
fn replacement(input: CopyObjectInput) -> Result<Option<Description>, BucketError> {
    let directive = input.metadata_directive.as_ref().map(|d| d.as_str());
    if directive != Some(MetadataDirective::REPLACE) {
        return Ok(None);
    }
    description(Description {
        content_type: input.content_type,
        content_disposition: input.content_disposition,
        content_encoding: input.content_encoding,
        content_language: input.content_language,
        cache_control: input.cache_control,
        expires: input.expires,
        metadata: metadata(input.metadata),
    })
    .map(Some)
}
