//! Buckets: made, found, listed.

use s3s::dto::*;

use super::timestamp;
use crate::apply::Write;
use crate::{Bucket, BucketError};

/// What S3 calls the region whose location constraint is empty.
const REGION: &str = "us-east-1";

pub(super) async fn create(store: &Bucket, input: CreateBucketInput) -> Result<CreateBucketOutput, BucketError> {
    if !s3s::path::check_bucket_name(&input.bucket) {
        return Err(BucketError::InvalidBucketName(input.bucket));
    }
    if input.object_lock_enabled_for_bucket == Some(true) {
        return Err(BucketError::Unsupported("object lock"));
    }
    let location = format!("/{}", input.bucket);
    store.write(Write::CreateBucket(input.bucket), None).await?;
    Ok(CreateBucketOutput { location: Some(location) })
}

pub(super) async fn head(store: &Bucket, input: HeadBucketInput) -> Result<HeadBucketOutput, BucketError> {
    require(store, input.bucket).await?;
    Ok(HeadBucketOutput { bucket_region: Some(REGION.into()), ..Default::default() })
}

pub(super) async fn location(
    store: &Bucket,
    input: GetBucketLocationInput,
) -> Result<GetBucketLocationOutput, BucketError> {
    require(store, input.bucket).await?;
    Ok(GetBucketLocationOutput::default())
}

pub(super) async fn list(store: &Bucket, input: ListBucketsInput) -> Result<ListBucketsOutput, BucketError> {
    let prefix = input.prefix.clone().unwrap_or_default();
    let all = store.read(|snapshot| snapshot.buckets()).await?;
    let buckets = all.into_iter().filter(|(name, _)| name.starts_with(&prefix)).map(|(name, created_ms)| {
        s3s::dto::Bucket { name: Some(name), creation_date: Some(timestamp(created_ms)), ..Default::default() }
    });
    Ok(ListBucketsOutput { buckets: Some(buckets.collect()), prefix: input.prefix, ..Default::default() })
}

async fn require(store: &Bucket, name: String) -> Result<(), BucketError> {
    store.read(move |snapshot| snapshot.require_bucket(&name)).await
}
