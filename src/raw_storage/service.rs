//! The rules of raw storage.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use nexus_model::{AssetId, Env, EventId, RequestContext, TenantId, Timestamp};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{
    PresignedPost, RawStorageError, Registered, Upload,
    filename::FileName,
    intents::{Action, Intent, Intents, Running, Sweep},
    key::ObjectKey,
    post_policy::PostConditions,
    record::{Claim, RawAsset, Record},
    repository::{Condition, ObjectHead, RawStorageRepository, StorageError},
};
use crate::{clock, config};

/// How often a conditional write is tried against a document that keeps changing.
const LOOKS: usize = 5;

/// Presigns, registers, reads and deletes.
pub struct RawStorageService {
    repository: Arc<dyn RawStorageRepository>,
    pub(super) intents: Intents,
    expiry: TimeDelta,
    max_upload_bytes: u64,
    list_permits: Semaphore,
    pub(super) abandon_grace_micros: i64,
    /// Assets that are registered, and not in this ledger.
    elsewhere: Mutex<HashSet<Uuid>>,
}

impl RawStorageService {
    /// The service over `repository`, with `intents` for what changes it.
    #[must_use]
    pub fn new(config: &config::Storage, repository: Arc<dyn RawStorageRepository>, intents: Intents) -> Self {
        Self {
            repository,
            intents,
            expiry: TimeDelta::seconds(config.presign_expiry_seconds.cast_signed()),
            max_upload_bytes: config.max_upload_bytes,
            list_permits: Semaphore::new(config.list_concurrency),
            abandon_grace_micros: config.abandon_grace_seconds.cast_signed().saturating_mul(1_000_000),
            elsewhere: Mutex::default(),
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
            None => (1, self.max_upload_bytes.min(upload.room.unwrap_or(u64::MAX))),
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
    /// registration's event, which the caller keeps before it finishes the intent that is answered.
    ///
    /// # Errors
    /// See [`RawStorageError`]. After `Storage` the record may have been created: it is then settled forward, and a repeat
    /// finds it.
    pub async fn register(
        &self,
        context: &RequestContext,
        asset_id: &AssetId,
        filename: &FileName,
        claim: Claim,
        event_id: EventId,
        now: Timestamp,
    ) -> Result<Registered, RawStorageError> {
        let key = ObjectKey::raw(&context.tenant_id, &context.env, asset_id, filename);
        let (found, head) =
            tokio::try_join!(self.record(context, asset_id), async { Ok(self.repository.head(&key).await?) })?;
        if let Some((record, _)) = found {
            return settled(record, &claim);
        }
        let head = head.ok_or(RawStorageError::NotUploaded)?;
        check(&claim, &head)?;
        let asset = self.asset(context, asset_id, &key, &claim, head, now);
        let intent = Intent {
            event_id,
            context: context.clone(),
            asset_id: asset_id.clone(),
            action: Action::Register { claim: claim.clone(), asset: asset.clone() },
        };
        let intent = self.intents.begin(intent).await?;
        let record = Record::Registered { event_id, claim: claim.clone(), asset: asset.clone() };
        match self.create(context, asset_id, &record).await? {
            None => Ok(Registered::Now { asset, intent }),
            Some(winner) => {
                intent.forget().await?;
                settled(winner, &claim)
            }
        }
    }

    fn asset(
        &self,
        context: &RequestContext,
        asset_id: &AssetId,
        key: &ObjectKey,
        claim: &Claim,
        head: ObjectHead,
        now: Timestamp,
    ) -> RawAsset {
        RawAsset {
            asset_id: asset_id.clone(),
            tenant_id: context.tenant_id.clone(),
            env: context.env.clone(),
            uri: self.repository.uri(key),
            filename: claim.filename.clone(),
            content_type: head.content_type,
            size_bytes: head.size_bytes,
            sha256: head.sha256.map(|digest| digest.to_string()),
            etag: head.etag,
            version_id: head.version_id,
            metadata: claim.metadata.clone(),
            created_at: now,
            created_by: context.user_id.clone(),
        }
    }

    /// Creates a record, or answers the one that was there first. A record that stems from the same event is our own, from an
    /// attempt whose reply was lost; it may have been deleted since.
    pub(super) async fn create(
        &self,
        context: &RequestContext,
        asset_id: &AssetId,
        record: &Record,
    ) -> Result<Option<Record>, RawStorageError> {
        let key = ObjectKey::record(&context.tenant_id, &context.env, asset_id);
        let bytes = encode(&key, record)?;
        for _ in 0..LOOKS {
            if self.repository.write_document(&key, &bytes, &Condition::Absent).await?.is_some() {
                return Ok(None);
            }
            // Records are never removed, so one that was there a moment ago still is; a second look is for stores that
            // answer reads from the past.
            if let Some((winner, _)) = self.record(context, asset_id).await? {
                return Ok((!winner.stems_from(record.event_id())).then_some(winner));
            }
        }
        Err(contradiction(&key))
    }

    /// Reads a registered asset.
    ///
    /// # Errors
    /// `Unknown`, `Deleted` or `Storage`.
    pub async fn get(&self, context: &RequestContext, asset_id: &AssetId) -> Result<RawAsset, RawStorageError> {
        match self.record(context, asset_id).await? {
            Some((Record::Registered { asset, .. }, _)) => Ok(asset),
            Some((Record::Deleted { .. }, _)) => Err(RawStorageError::Deleted),
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
        let filename = FileName::clean(&asset.filename).map_err(|_| RawStorageError::Unknown)?.0;
        let key = ObjectKey::raw(&context.tenant_id, &context.env, asset_id, &filename);
        if asset.version_id.is_none() {
            // Nothing pins the bytes on an unversioned bucket, so they are looked at.
            let head = self.repository.head(&key).await?;
            if head.is_none_or(|head| head.etag != asset.etag || head.size_bytes != asset.size_bytes) {
                return Err(RawStorageError::Altered);
            }
        }
        let (version, disposition) = (asset.version_id.as_deref(), filename.content_disposition());
        let seconds = self.expiry.num_seconds().unsigned_abs();
        let url = self.repository.sign_get(&key, version, &disposition, seconds).await?;
        Ok((url, timestamp(now + self.expiry)))
    }

    /// Deletes an asset: its record becomes a tombstone without file name and metadata, then the object goes. Answers what the
    /// object measured, in bytes, and the intent that the caller finishes once the event named `event_id` is kept.
    ///
    /// # Errors
    /// `Unknown`, `Deleted` or `Storage`. After `Storage` the deletion may have begun: it is then settled forward.
    pub async fn delete(
        &self,
        context: &RequestContext,
        asset_id: &AssetId,
        event_id: EventId,
        now: Timestamp,
    ) -> Result<(u64, Running), RawStorageError> {
        let asset = self.get(context, asset_id).await?;
        let intent = Intent {
            event_id,
            context: context.clone(),
            asset_id: asset_id.clone(),
            action: Action::Delete {
                filename: asset.filename,
                size_bytes: asset.size_bytes,
                versioned: asset.version_id.is_some(),
                deleted_at: now,
            },
        };
        let running = self.intents.begin(intent.clone()).await?;
        if self.carry_out(&intent).await? {
            return Ok((asset.size_bytes, running));
        }
        running.forget().await?;
        Err(RawStorageError::Deleted)
    }

    /// Does what an intent says, however much of it was done already. `false` when another request's effect stands there
    /// instead, so that this one never happened.
    pub(super) async fn carry_out(&self, intent: &Intent) -> Result<bool, RawStorageError> {
        let Intent { context, asset_id, event_id, action } = intent;
        match action {
            Action::Register { claim, asset } => {
                let record = Record::Registered { event_id: *event_id, claim: claim.clone(), asset: asset.clone() };
                Ok(self.create(context, asset_id, &record).await?.is_none())
            }
            Action::Delete { filename, versioned, deleted_at, .. } => {
                let tombstone = |registration| Record::Deleted {
                    event_id: *event_id,
                    deleted_at: *deleted_at,
                    deleted_by: context.user_id.clone(),
                    registration: Some(registration),
                };
                if !self.bury(context, asset_id, *event_id, tombstone).await? {
                    return Ok(false);
                }
                let filename = FileName::clean(filename).map_err(|_| RawStorageError::Unknown)?.0;
                let key = ObjectKey::raw(&context.tenant_id, &context.env, asset_id, &filename);
                self.repository.remove(&key, *versioned).await?;
                Ok(true)
            }
        }
    }

    /// Removes what came after a deletion.
    pub(super) async fn sweep(&self, sweep: &Sweep) -> Result<(), RawStorageError> {
        let filename = FileName::clean(&sweep.filename).map_err(|_| RawStorageError::Unknown)?.0;
        let key = ObjectKey::raw(&sweep.tenant_id, &sweep.env, &sweep.asset_id, &filename);
        self.repository.remove(&key, sweep.versioned).await?;
        Ok(self.intents.swept(sweep).await?)
    }

    /// Replaces a record by the tombstone of the deletion `event`, made from its registration's; `false` when another
    /// deletion's stands there.
    async fn bury(
        &self,
        context: &RequestContext,
        asset_id: &AssetId,
        event: EventId,
        tombstone: impl Fn(EventId) -> Record,
    ) -> Result<bool, RawStorageError> {
        let key = ObjectKey::record(&context.tenant_id, &context.env, asset_id);
        for _ in 0..LOOKS {
            match self.record(context, asset_id).await? {
                None => return Err(RawStorageError::Unknown),
                Some((Record::Deleted { event_id, .. }, _)) => return Ok(event_id == event),
                Some((Record::Registered { event_id, .. }, etag)) => {
                    let bytes = encode(&key, &tombstone(event_id))?;
                    let unchanged = Condition::Unchanged(etag);
                    if self.repository.write_document(&key, &bytes, &unchanged).await?.is_some() {
                        return Ok(true);
                    }
                }
            }
        }
        Err(contradiction(&key))
    }

    async fn record(
        &self,
        context: &RequestContext,
        asset_id: &AssetId,
    ) -> Result<Option<(Record, String)>, RawStorageError> {
        let key = ObjectKey::record(&context.tenant_id, &context.env, asset_id);
        let Some(document) = self.repository.read_document(&key).await? else { return Ok(None) };
        let record = serde_json::from_slice(&document.bytes).map_err(|source| bad_record(&key, source))?;
        Ok(Some((record, document.etag)))
    }

    /// Whether an asset was ever registered.
    pub(super) async fn has_record(
        &self,
        tenant: &TenantId,
        env: &Env,
        asset_id: &AssetId,
    ) -> Result<bool, RawStorageError> {
        let key = ObjectKey::record(tenant, env, asset_id);
        Ok(self.repository.read_document(&key).await?.is_some())
    }

    pub(super) fn elsewhere(&self) -> MutexGuard<'_, HashSet<Uuid>> {
        self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check(&self) -> Result<(), RawStorageError> {
        Ok(self.repository.check().await?)
    }
}

/// The store says that a document is there and that it is not.
fn contradiction(key: &ObjectKey) -> RawStorageError {
    let source = format!("{key} is both there and not there").into();
    StorageError::Unavailable { operation: "write document", source }.into()
}

fn encode(key: &ObjectKey, record: &Record) -> Result<Vec<u8>, StorageError> {
    serde_json::to_vec(record).map_err(|source| bad_record(key, source))
}

fn bad_record(key: &ObjectKey, source: serde_json::Error) -> StorageError {
    StorageError::BadRecord { key: key.to_string(), source }
}

fn timestamp(time: DateTime<Utc>) -> Timestamp {
    Timestamp::from_datetime(time).unwrap_or_else(clock::now)
}

/// The record that was there first decides.
fn settled(record: Record, claim: &Claim) -> Result<Registered, RawStorageError> {
    match record {
        Record::Deleted { .. } => Err(RawStorageError::Deleted),
        Record::Registered { event_id, claim: first, asset } => {
            let differences = first.differences(claim);
            if differences.is_empty() {
                Ok(Registered::Before { asset, event_id })
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
