//! ListObjectsV2, and the older ListObjects that some clients still use.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;

use super::{etag, timestamp};
use crate::list::{MAX_PAGE, Page, Query, Start, list};
use crate::record::ObjectRecord;
use crate::{Bucket, BucketError};

/// What `encoding-type=url` leaves as it is.
const URL_ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

pub(super) async fn list_v2(store: &Bucket, input: ListObjectsV2Input) -> Result<ListObjectsV2Output, BucketError> {
    let start = match (&input.continuation_token, &input.start_after) {
        (Some(token), _) => Start::At(decode_token(token)?),
        (None, Some(key)) => Start::After(key.clone()),
        (None, None) => Start::First,
    };
    let names = Names::new(input.encoding_type.as_ref())?;
    let limit = limit(input.max_keys)?;
    let query = query(&input.bucket, &input.prefix, &input.delimiter, start, limit);
    let page = store.read(move |snapshot| list(snapshot, &query)).await?;
    let owner = input.fetch_owner.unwrap_or(false);
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(names.encode(input.prefix.as_deref().unwrap_or_default())),
        delimiter: input.delimiter.map(|delimiter| names.encode(&delimiter)),
        start_after: input.start_after.map(|key| names.encode(&key)),
        continuation_token: input.continuation_token,
        max_keys: Some(limit as i32),
        key_count: Some((page.objects.len() + page.groups.len()) as i32),
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next.as_ref().map(|key| URL_SAFE_NO_PAD.encode(key)),
        common_prefixes: names.groups(&page),
        contents: names.objects(&page, owner),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}

pub(super) async fn list_v1(store: &Bucket, input: ListObjectsInput) -> Result<ListObjectsOutput, BucketError> {
    let start = input.marker.clone().map_or(Start::First, Start::After);
    let names = Names::new(input.encoding_type.as_ref())?;
    let limit = limit(input.max_keys)?;
    let query = query(&input.bucket, &input.prefix, &input.delimiter, start, limit);
    let page = store.read(move |snapshot| list(snapshot, &query)).await?;
    let last = page.next.as_ref().and(page.last.as_deref());
    Ok(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(names.encode(input.prefix.as_deref().unwrap_or_default())),
        delimiter: input.delimiter.map(|delimiter| names.encode(&delimiter)),
        marker: Some(names.encode(input.marker.as_deref().unwrap_or_default())),
        next_marker: last.map(|key| names.encode(key)),
        max_keys: Some(limit as i32),
        is_truncated: Some(page.next.is_some()),
        common_prefixes: names.groups(&page),
        contents: names.objects(&page, true),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}

fn query(bucket: &str, prefix: &Option<String>, delimiter: &Option<String>, start: Start, limit: usize) -> Query {
    Query {
        bucket: bucket.to_owned(),
        prefix: prefix.clone().unwrap_or_default(),
        delimiter: delimiter.clone().filter(|delimiter| !delimiter.is_empty()),
        start,
        limit,
    }
}

fn limit(max_keys: Option<i32>) -> Result<usize, BucketError> {
    match max_keys.map(usize::try_from) {
        None => Ok(MAX_PAGE),
        Some(Ok(keys)) => Ok(keys.min(MAX_PAGE)),
        Some(Err(_)) => Err(BucketError::InvalidArgument("max-keys")),
    }
}

fn decode_token(token: &str) -> Result<Vec<u8>, BucketError> {
    URL_SAFE_NO_PAD.decode(token).map_err(|_| BucketError::InvalidArgument("continuation-token"))
}

/// How keys are written in an answer. Without `encoding-type=url` a key that XML cannot hold cannot be listed.
struct Names {
    url: bool,
}

impl Names {
    fn new(encoding: Option<&EncodingType>) -> Result<Self, BucketError> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Self { url: false }),
            Some(EncodingType::URL) => Ok(Self { url: true }),
            Some(_) => Err(BucketError::InvalidArgument("encoding-type")),
        }
    }

    fn encode(&self, name: &str) -> String {
        if self.url { utf8_percent_encode(name, URL_ENCODED).to_string() } else { name.to_owned() }
    }

    fn groups(&self, page: &Page) -> Option<CommonPrefixList> {
        let groups = page.groups.iter().map(|group| CommonPrefix { prefix: Some(self.encode(group)) });
        (!page.groups.is_empty()).then(|| groups.collect())
    }

    fn objects(&self, page: &Page, owner: bool) -> Option<ObjectList> {
        let objects = page.objects.iter().map(|(key, record)| Object {
            key: Some(self.encode(key)),
            owner: owner.then(the_owner),
            ..object(record)
        });
        (!page.objects.is_empty()).then(|| objects.collect())
    }
}

fn object(record: &ObjectRecord) -> Object {
    let algorithms = record.checksums.keys();
    let algorithms = algorithms.map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name()));
    Object {
        checksum_algorithm: Some(algorithms.collect()),
        checksum_type: Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        e_tag: Some(etag(&record.etag)),
        last_modified: Some(timestamp(record.modified_ms)),
        size: i64::try_from(record.size).ok(),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Default::default()
    }
}

fn the_owner() -> Owner {
    Owner { display_name: None, id: Some("owner".into()) }
}
