//! The S3 operations: each translates one request into the store's terms and the result back.

mod buckets;
mod copy;
mod delete;
mod get;
mod listing;
mod put;

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

use crate::{Bucket, BucketError};

/// The store as s3s sees it.
pub(crate) struct Operations {
    bucket: Bucket,
}

impl Operations {
    pub(crate) fn new(bucket: Bucket) -> Self {
        Self { bucket }
    }
}

fn respond<T>(result: Result<T, BucketError>) -> S3Result<S3Response<T>> {
    Ok(S3Response::new(result?))
}

#[async_trait::async_trait]
impl S3 for Operations {
    async fn create_bucket(&self, req: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        respond(buckets::create(&self.bucket, req.input).await)
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        respond(buckets::head(&self.bucket, req.input).await)
    }

    async fn list_buckets(&self, req: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        respond(buckets::list(&self.bucket, req.input).await)
    }

    async fn get_bucket_location(
        &self,
        req: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        respond(buckets::location(&self.bucket, req.input).await)
    }

    async fn put_object(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        respond(put::put(&self.bucket, req).await)
    }

    async fn copy_object(&self, req: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        respond(copy::copy(&self.bucket, req).await)
    }

    async fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        get::get(&self.bucket, req.input).await.map(S3Response::new)
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        get::head(&self.bucket, req.input).await
    }

    async fn delete_object(&self, req: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        respond(delete::delete(&self.bucket, req.input).await)
    }

    async fn delete_objects(&self, req: S3Request<DeleteObjectsInput>) -> S3Result<S3Response<DeleteObjectsOutput>> {
        respond(delete::delete_many(&self.bucket, req.input).await)
    }

    async fn list_objects(&self, req: S3Request<ListObjectsInput>) -> S3Result<S3Response<ListObjectsOutput>> {
        respond(listing::list_v1(&self.bucket, req.input).await)
    }

    async fn list_objects_v2(&self, req: S3Request<ListObjectsV2Input>) -> S3Result<S3Response<ListObjectsV2Output>> {
        respond(listing::list_v2(&self.bucket, req.input).await)
    }
}

/// Refuses a request that uses something this store does not do, instead of ignoring it.
fn unsupported<const N: usize>(features: [(bool, &'static str); N]) -> Result<(), BucketError> {
    match features.into_iter().find(|(used, _)| *used) {
        Some((_, name)) => Err(BucketError::Unsupported(name)),
        None => Ok(()),
    }
}

/// The store keeps one version, whose id is `null` (S3, "Working with S3 Versioning").
fn only_version(version_id: Option<&str>) -> Result<(), BucketError> {
    match version_id {
        None | Some("null") => Ok(()),
        Some(_) => Err(BucketError::NoSuchVersion),
    }
}

/// Seconds since the Unix epoch.
fn epoch_secs(timestamp: &Timestamp) -> Option<i64> {
    let mut text = Vec::new();
    timestamp.format(TimestampFormat::EpochSeconds, &mut text).ok()?;
    let text = String::from_utf8(text).ok()?;
    text.split('.').next()?.parse().ok()
}

/// From milliseconds since the Unix epoch.
fn timestamp(ms: u64) -> Timestamp {
    let since_epoch = std::time::Duration::from_millis(ms);
    Timestamp::from(std::time::SystemTime::UNIX_EPOCH + since_epoch)
}

fn etag(value: &str) -> ETag {
    ETag::Strong(value.to_owned())
}

/// Fills the checksum fields that many outputs share from stored checksums.
macro_rules! set_checksums {
    ($output:expr, $checksums:expr) => {{
        use crate::digest::Algorithm;
        let checksums = $checksums;
        let output = &mut $output;
        output.checksum_crc32 = checksums.get(&Algorithm::Crc32).cloned();
        output.checksum_crc32c = checksums.get(&Algorithm::Crc32c).cloned();
        output.checksum_crc64nvme = checksums.get(&Algorithm::Crc64nvme).cloned();
        output.checksum_sha1 = checksums.get(&Algorithm::Sha1).cloned();
        output.checksum_sha256 = checksums.get(&Algorithm::Sha256).cloned();
        output.checksum_type = Some(s3s::dto::ChecksumType::from_static(s3s::dto::ChecksumType::FULL_OBJECT));
    }};
}
use set_checksums;
