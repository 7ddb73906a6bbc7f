//! Raw storage: presigned uploads, registration that looks at the object first, reads and downloads.
//!
//! [`RawStorageService`] holds the rules, [`RawStorageRepository`] what it needs of a store, [`s3`] the one implementation.
//! Nothing here writes events: the audit wrapper does, from what the service answers.

pub mod filename;
pub mod key;
pub mod post_policy;
pub mod record;
pub mod repository;
pub mod s3;
pub mod sha256;

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use nexus_model::{AssetId, EventId, RequestContext, Timestamp};
use tokio::sync::Semaphore;

use self::{
    filename::{Change, FileName},
    key::ObjectKey,
    post_policy::PostConditions,
    record::{Claim, RawAsset, Record},
    repository::{ObjectHead, RawStorageRepository, StorageError},
    sha256::Sha256Hex,
};
use crate::config;

/// Why raw storage refused.
#[derive(Debug, thiserror::Error)]
pub enum RawStorageError {
    /// No object at the asset's key.
    #[error("nothing has been uploaded for this asset under this file name")]
    NotUploaded,
    /// No record of that asset.
    #[error("no such asset")]
    Unknown,
    /// The asset was deleted.
    #[error("the asset was deleted")]
    Deleted,
    /// Registered before, with another claim.
    #[error("the asset is registered with another {}", .0.join(", "))]
    Conflict(Vec<&'static str>),
    /// The stored object has another size.
    #[error("the stored object has {stored} bytes, not {claimed}")]
    SizeMismatch {
        /// As claimed.
        claimed: u64,
        /// As stored.
        stored: u64,
    },
    /// The stored object has another content type.
    #[error("the stored object has another content type")]
    TypeMismatch,
    /// The stored object has another SHA-256.
    #[error("the stored object has another SHA-256")]
    ChecksumMismatch,
    /// A SHA-256 was claimed, and the store keeps none for the object.
    #[error("the store attests no SHA-256 for the object; presign with sha256 so that it does")]
    ChecksumUnavailable,
    /// The object is not the one that was registered.
    #[error("the stored object is no longer the one that was registered")]
    Altered,
    /// Larger than may be uploaded.
    #[error("at most {max} bytes may be uploaded")]
    TooLarge {
        /// Bytes.
        max: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a caller wants to upload.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Cleaned.
    pub filename: FileName,
    /// What cleaning changed.
    pub changes: Vec<Change>,
    /// `application/octet-stream` when the caller names none.
    pub content_type: Option<String>,
    /// The exact size, if known. Bytes.
    pub size_bytes: Option<u64>,
    /// The exact digest, if known.
    pub sha256: Option<Sha256Hex>,
}

/// A presigned upload.
#[derive(Debug, Clone)]
pub struct PresignedPost {
    /// The new asset's name.
    pub asset_id: AssetId,
    /// Where to post the form.
    pub url: String,
    /// The form's fields; `file` goes last.
    pub fields: BTreeMap<String, String>,
    /// Where the object will be.
    pub key: ObjectKey,
    /// `s3://bucket/key`
    pub uri: String,
    /// When the policy expires.
    pub expires_at: Timestamp,
    /// The largest object it admits. Bytes.
    pub max_bytes: u64,
}

/// A registration that succeeded.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The asset.
    pub asset: RawAsset,
    /// The event of the registration that won: this one's own, or an earlier one's.
    pub event_id: EventId,
}

/// The rules of raw storage.
pub struct RawStorageService {
    repository: Arc<dyn RawStorageRepository>,
    expiry: chrono::TimeDelta,
    max_upload_bytes: u64,
    list_permits: Semaphore,
}

impl RawStorageService {
    /// The service over `repository`.
    #[must_use]
    pub fn new(config: &config::Storage, repository: Arc<dyn RawStorageRepository>) -> Self {
        Self {
            repository,
            expiry: chrono::TimeDelta::seconds(config.presign_expiry_seconds.cast_signed()),
            max_upload_bytes: config.max_upload_bytes,
            list_permits: Semaphore::new(config.list_concurrency),
        }
    }

    /// Signs the upload of a new asset: the caller's tenant and environment fix its key.
    ///
    /// # Errors
    /// [`RawStorageError::TooLarge`], or [`RawStorageError::Storage`] when there are no credentials to sign with.
    pub async fn create_presigned_post(
        &self,
        context: &RequestContext,
        asset_id: AssetId,
        upload: &Upload,
        now: DateTime<Utc>,
    ) -> Result<PresignedPost, RawStorageError> {
        let length = match upload.size_bytes {
            Some(size) if size > self.max_upload_bytes => {
                return Err(RawStorageError::TooLarge { max: self.max_upload_bytes });
            }
            Some(size) => (size, size),
            None => (1, self.max_upload_bytes),
        };
        let key = ObjectKey::raw(&context.tenant_id, &context.env, &asset_id, &upload.filename);
        let conditions = PostConditions {
            key: key.clone(),
            content_type: upload.content_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned()),
            length,
            sha256: upload.sha256,
        };
        let expires_at = now + self.expiry;
        let signed = self.repository.sign_post(&conditions, now, expires_at).await?;
        Ok(PresignedPost {
            asset_id,
            url: signed.url,
            fields: signed.fields,
            uri: self.repository.uri(&key),
            key,
            expires_at: timestamp(expires_at),
            max_bytes: length.1,
        })
    }

    /// Registers an uploaded asset, once: looks at the object, then creates the record. `event_id` names this
    /// registration's event; the answer carries the event of the registration that won.
    ///
    /// # Errors
    /// See [`RawStorageError`]; nothing was written unless the error is `Storage`, and then a repeat settles it.
    pub async fn register(
        &self,
        context: &RequestContext,
        asset_id: &AssetId,
        filename: &FileName,
        claim: Claim,
        event_id: EventId,
        now: Timestamp,
    ) -> Result<Registered, RawStorageError> {
        let record_key = ObjectKey::record(&context.tenant_id, &context.env, asset_id);
        let key = ObjectKey::raw(&context.tenant_id, &context.env, asset_id, filename);
        let (record, head) = tokio::try_join!(self.repository.read_record(&record_key), self.repository.head(&key))?;
        if let Some(record) = record {
            return settled(record, &claim);
        }
        let head = head.ok_or(RawStorageError::NotUploaded)?;
        check(&claim, &head)?;
        let asset = RawAsset {
            asset_id: asset_id.clone(),
            tenant_id: context.tenant_id.clone(),
            env: context.env.clone(),
            uri: self.repository.uri(&key),
            filename: claim.filename.clone(),
            content_type: head.content_type,
            size_bytes: head.size_bytes,
            sha256: head.sha256.map(|digest| digest.to_string()),
            etag: head.etag,
            version_id: head.version_id,
            metadata: claim.metadata.clone(),
            created_at: now,
            created_by: context.user_id.clone(),
        };
        let record = Record::Registered { event_id, claim: claim.clone(), asset: asset.clone() };
        if self.repository.create_record(&record_key, &record).await? {
            return Ok(Registered { asset, event_id });
        }
        // Somebody was first: another request, or this one, whose reply was lost on an earlier attempt.
        match self.repository.read_record(&record_key).await? {
            Some(record) => settled(record, &claim),
            None => Err(RawStorageError::Unknown),
        }
    }

    /// Reads a registered asset.
    ///
    /// # Errors
    /// `Unknown`, `Deleted` or `Storage`.
    pub async fn get(&self, context: &RequestContext, asset_id: &AssetId) -> Result<RawAsset, RawStorageError> {
        let key = ObjectKey::record(&context.tenant_id, &context.env, asset_id);
        match self.repository.read_record(&key).await? {
            Some(Record::Registered { asset, .. }) => Ok(asset),
            Some(Record::Deleted { .. }) => Err(RawStorageError::Deleted),
            None => Err(RawStorageError::Unknown),
        }
    }

    /// Reads the assets that are still there, in the order of `ids`.
    ///
    /// # Errors
    /// `Storage` when any record cannot be read: a list with silent holes would be a lie.
    pub async fn get_many(&self, context: &RequestContext, ids: &[AssetId]) -> Result<Vec<RawAsset>, RawStorageError> {
        let reads = ids.iter().map(|id| async {
            let _permit = self.list_permits.acquire().await;
            match self.get(context, id).await {
                Ok(asset) => Ok(Some(asset)),
                Err(RawStorageError::Deleted | RawStorageError::Unknown) => Ok(None),
                Err(error) => Err(error),
            }
        });
        let assets = futures::future::try_join_all(reads).await?;
        Ok(assets.into_iter().flatten().collect())
    }

    /// Signs a download of the registered version.
    ///
    /// # Errors
    /// `Unknown`, `Deleted`, `Altered` or `Storage`.
    pub async fn create_presigned_get(
        &self,
        context: &RequestContext,
        asset_id: &AssetId,
        now: DateTime<Utc>,
    ) -> Result<(String, Timestamp), RawStorageError> {
        let asset = self.get(context, asset_id).await?;
        let (filename, _) = FileName::clean(&asset.filename).map_err(|_| RawStorageError::Unknown)?;
        let key = ObjectKey::raw(&context.tenant_id, &context.env, asset_id, &filename);
        if asset.version_id.is_none() {
            // Nothing pins the bytes on an unversioned bucket, so they are looked at.
            let head = self.repository.head(&key).await?;
            if head.is_none_or(|head| head.etag != asset.etag || head.size_bytes != asset.size_bytes) {
                return Err(RawStorageError::Altered);
            }
        }
        let url = self
            .repository
            .sign_get(
                &key,
                asset.version_id.as_deref(),
                &filename.content_disposition(),
                self.expiry.num_seconds().unsigned_abs(),
            )
            .await?;
        Ok((url, timestamp(now + self.expiry)))
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check(&self) -> Result<(), RawStorageError> {
        Ok(self.repository.check().await?)
    }
}

fn timestamp(time: DateTime<Utc>) -> Timestamp {
    Timestamp::from_datetime(time).unwrap_or_else(crate::clock::now)
}

/// The record that was there first decides.
fn settled(record: Record, claim: &Claim) -> Result<Registered, RawStorageError> {
    match record {
        Record::Deleted { .. } => Err(RawStorageError::Deleted),
        Record::Registered { event_id, claim: first, asset } => {
            let differences = first.differences(claim);
            if differences.is_empty() {
                Ok(Registered { asset, event_id })
            } else {
                Err(RawStorageError::Conflict(differences))
            }
        }
    }
}

/// Compares a claim with what the store has.
fn check(claim: &Claim, head: &ObjectHead) -> Result<(), RawStorageError> {
    if let Some(claimed) = claim.size_bytes
        && claimed != head.size_bytes
    {
        return Err(RawStorageError::SizeMismatch { claimed, stored: head.size_bytes });
    }
    if let Some(claimed) = &claim.content_type
        && !claimed.eq_ignore_ascii_case(&head.content_type)
    {
        return Err(RawStorageError::TypeMismatch);
    }
    match (&claim.sha256, head.sha256) {
        (Some(_), None) => Err(RawStorageError::ChecksumUnavailable),
        (Some(claimed), Some(stored)) if *claimed != stored.to_string() => Err(RawStorageError::ChecksumMismatch),
        _ => Ok(()),
    }
}
