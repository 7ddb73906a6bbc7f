//! DeleteObject and DeleteObjects.

use futures::future::join_all;
use s3s::dto::*;

use super::{epoch_secs, only_version};
use crate::apply::Write;
use crate::condition::WriteCondition;
use crate::key::ObjectName;
use crate::{Bucket, BucketError};

/// Keys in one request (S3, DeleteObjects).
const MAX_KEYS: usize = 1000;

pub(super) async fn delete(store: &Bucket, input: DeleteObjectInput) -> Result<DeleteObjectOutput, BucketError> {
    only_version(input.version_id.as_deref())?;
    let condition = WriteCondition {
        if_match: input.if_match,
        if_none_match: None,
        if_match_size: input.if_match_size,
        if_match_modified_secs: input.if_match_last_modified_time.as_ref().and_then(epoch_secs),
    };
    let name = ObjectName::new(input.bucket, input.key)?;
    store.write(Write::Delete { name, condition }, None).await?;
    Ok(DeleteObjectOutput::default())
}

pub(super) async fn delete_many(store: &Bucket, input: DeleteObjectsInput) -> Result<DeleteObjectsOutput, BucketError> {
    let (bucket, quiet) = (input.bucket, input.delete.quiet.unwrap_or(false));
    if input.delete.objects.len() > MAX_KEYS {
        return Err(BucketError::TooManyKeys(MAX_KEYS));
    }
    let required = bucket.clone();
    store.read(move |snapshot| snapshot.require_bucket(&required)).await?;
    // Queued together, they share a commit.
    let deletions = input.delete.objects.into_iter().map(|object| {
        let bucket = bucket.clone();
        async move { (object.key.clone(), delete_one(store, bucket, object).await) }
    });
    let mut output = DeleteObjectsOutput::default();
    for (key, result) in join_all(deletions).await {
        match result {
            Ok(()) if quiet => {}
            Ok(()) => {
                output.deleted.get_or_insert_default().push(DeletedObject { key: Some(key), ..Default::default() })
            }
            Err(error) => output.errors.get_or_insert_default().push(failure(key, error)),
        }
    }
    Ok(output)
}

async fn delete_one(store: &Bucket, bucket: String, object: ObjectIdentifier) -> Result<(), BucketError> {
    only_version(object.version_id.as_deref())?;
    let condition = WriteCondition {
        if_match: object.e_tag.map(ETagCondition::ETag),
        if_none_match: None,
        if_match_size: object.size,
        if_match_modified_secs: object.last_modified_time.as_ref().and_then(epoch_secs),
    };
    let name = ObjectName::new(bucket, object.key)?;
    store.write(Write::Delete { name, condition }, None).await?;
    Ok(())
}

fn failure(key: String, error: BucketError) -> Error {
    let error = s3s::S3Error::from(error);
    Error {
        code: Some(error.code().as_str().to_owned()),
        key: Some(key),
        message: error.message().map(str::to_owned),
        version_id: None,
    }
}
