//! GetObject and HeadObject.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use s3s::dto::*;
use s3s::{S3Error, S3Response, S3Result};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::{epoch_secs, etag, only_version, set_checksums, timestamp, unsupported};
use crate::bucket::Source;
use crate::condition::ReadCondition;
use crate::key::ObjectName;
use crate::record::ObjectRecord;
use crate::{Bucket, BucketError};

/// Bytes read from a file at a time.
const READ_BYTES: usize = 256 * 1024;

pub(super) async fn get(store: &Bucket, input: GetObjectInput) -> S3Result<GetObjectOutput> {
    only_version(input.version_id.as_deref())?;
    unsupported([
        (input.sse_customer_algorithm.is_some(), "server-side encryption"),
        (input.part_number.is_some_and(|part| part != 1), "part numbers"),
    ])?;
    let name = ObjectName::new(input.bucket, input.key)?;
    let condition = ReadCondition {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since.as_ref().and_then(epoch_secs),
        if_unmodified_since: input.if_unmodified_since.as_ref().and_then(epoch_secs),
    };
    let (record, source) = open(store, name, condition).await?;
    let wanted = match &input.range {
        None => 0..record.size,
        Some(range) => range.check(record.size).map_err(|_| unsatisfiable(record.size))?,
    };
    let mut output = describe(&record);
    // A checksum of the whole object says nothing of a part of it.
    if input.range.is_none() && is_enabled(input.checksum_mode.as_ref()) {
        set_checksums!(output, &record.checksums);
    }
    if input.range.is_some() {
        output.content_range = Some(format!("bytes {}-{}/{}", wanted.start, wanted.end.saturating_sub(1), record.size));
    }
    output.content_length = Some(signed(wanted.end - wanted.start));
    output.body = Some(body(source, wanted).await?);
    Ok(output)
}

async fn open(store: &Bucket, name: ObjectName, condition: ReadCondition) -> S3Result<(ObjectRecord, Source)> {
    let record = std::sync::Arc::new(std::sync::OnceLock::new());
    let seen = std::sync::Arc::clone(&record);
    let opened = store.open_object(name, move |object| {
        let checked = condition.check(object);
        if let Err(BucketError::NotModified) = checked {
            drop(seen.set(object.clone()));
        }
        checked
    });
    match opened.await {
        Err(error) => Err(not_modified_headers(error.into(), record.get())),
        opened => Ok(opened?),
    }
}

/// RFC 9110 section 15.4.5: a 304 carries the validators.
fn not_modified_headers(mut error: S3Error, record: Option<&ObjectRecord>) -> S3Error {
    if let Some(record) = record
        && let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", record.etag))
    {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::ETAG, etag);
        error.set_headers(headers);
    }
    error
}

pub(super) async fn head(store: &Bucket, input: HeadObjectInput) -> S3Result<S3Response<HeadObjectOutput>> {
    only_version(input.version_id.as_deref())?;
    let name = ObjectName::new(input.bucket, input.key)?;
    let condition = ReadCondition {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since.as_ref().and_then(epoch_secs),
        if_unmodified_since: input.if_unmodified_since.as_ref().and_then(epoch_secs),
    };
    let record = store.read(move |snapshot| snapshot.object(&name)).await?;
    condition.check(&record).map_err(|error| not_modified_headers(error.into(), Some(&record)))?;
    let described = describe(&record);
    let mut output = HeadObjectOutput {
        accept_ranges: described.accept_ranges,
        cache_control: described.cache_control,
        content_disposition: described.content_disposition,
        content_encoding: described.content_encoding,
        content_language: described.content_language,
        content_length: Some(signed(record.size)),
        content_type: described.content_type,
        e_tag: described.e_tag,
        expires: described.expires,
        last_modified: described.last_modified,
        metadata: described.metadata,
        ..Default::default()
    };
    if is_enabled(input.checksum_mode.as_ref()) {
        set_checksums!(output, &record.checksums);
    }
    Ok(S3Response::new(output))
}

fn describe(record: &ObjectRecord) -> GetObjectOutput {
    let description = record.description.clone();
    let metadata = description.metadata;
    GetObjectOutput {
        accept_ranges: Some("bytes".into()),
        cache_control: description.cache_control,
        content_disposition: description.content_disposition,
        content_encoding: description.content_encoding,
        content_language: description.content_language,
        content_type: description.content_type,
        e_tag: Some(etag(&record.etag)),
        expires: description.expires,
        last_modified: Some(timestamp(record.modified_ms)),
        metadata: (!metadata.is_empty()).then(|| metadata.into_iter().collect()),
        ..Default::default()
    }
}

fn is_enabled(mode: Option<&ChecksumMode>) -> bool {
    mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED)
}

async fn body(source: Source, wanted: std::ops::Range<u64>) -> Result<StreamingBlob, BucketError> {
    match source {
        Source::Inline(bytes) => {
            let bytes = Bytes::from(bytes);
            let range =
                usize::try_from(wanted.start).unwrap_or(usize::MAX)..usize::try_from(wanted.end).unwrap_or(usize::MAX);
            if range.end > bytes.len() {
                return Err(BucketError::Damaged("an inline blob is too short".into()));
            }
            Ok(StreamingBlob::from(s3s::Body::from(bytes.slice(range))))
        }
        Source::File(file) => {
            let mut file = tokio::fs::File::from_std(file);
            file.set_max_buf_size(READ_BYTES);
            if wanted.start > 0 {
                file.seek(std::io::SeekFrom::Start(wanted.start))
                    .await
                    .map_err(BucketError::storage("seek in", "a blob"))?;
            }
            let part = file.take(wanted.end - wanted.start);
            Ok(StreamingBlob::wrap(ReaderStream::with_capacity(part, READ_BYTES)))
        }
    }
}

/// RFC 9110 section 15.5.17: a 416 says how long the object is.
fn unsatisfiable(size: u64) -> S3Error {
    let mut error = S3Error::from(s3s::S3ErrorCode::InvalidRange);
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("content-range"), value);
        error.set_headers(headers);
    }
    error.set_status_code(StatusCode::RANGE_NOT_SATISFIABLE);
    error
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
