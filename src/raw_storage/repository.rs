//! What the service needs of an object store, as a trait so that a decorator can count or inject faults.

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::{
    key::ObjectKey,
    post_policy::{FormFields, PostConditions},
    sha256::Sha256Hex,
};

/// What the store says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    /// Bytes.
    pub size_bytes: u64,
    /// As stored.
    pub content_type: String,
    /// As the store writes it, quotes included.
    pub etag: String,
    /// `None` on an unversioned bucket.
    pub version_id: Option<String>,
    /// The checksum that the store attests, if it keeps one.
    pub sha256: Option<Sha256Hex>,
}

/// A signed form that a browser posts to the store.
#[derive(Debug, Clone)]
pub struct SignedPost {
    /// Where to post it.
    pub url: String,
    /// Its fields; `file` comes last, from the caller.
    pub fields: FormFields,
}

/// A small object that Nexus itself keeps: an asset's record, settings, an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its content.
    pub bytes: Bytes,
    /// What to write it with again on condition that nobody else has.
    pub etag: String,
}

/// On what condition a document is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// There is none (`If-None-Match: *`).
    Absent,
    /// It still has this ETag (`If-Match`).
    Unchanged(String),
}

/// The store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// It did not answer, or answered with an error.
    #[error("{operation}: the object store failed")]
    Unavailable {
        /// What was asked of it.
        operation: &'static str,
        /// What it said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A record was there, but not one that can be read.
    #[error("the record at {key} cannot be read")]
    BadRecord {
        /// Where.
        key: String,
        /// Why.
        source: serde_json::Error,
    },
    /// No credentials to sign with.
    #[error("no credentials for the object store")]
    Credentials(#[source] aws_credential_types::provider::error::CredentialsError),
    /// `If-None-Match` is not implemented there, and the configuration does not allow to go without.
    #[error("the object store has no conditional writes; set storage.allow_unconditional = true to accept the race")]
    Unconditional,
}

/// Files and records of tenants. Keys come only from [`ObjectKey`]; every call ends within `storage.timeout_ms`.
#[async_trait]
pub trait RawStorageRepository: Send + Sync {
    /// Signs a POST policy. Reaches the network only to renew credentials.
    async fn sign_post(
        &self,
        conditions: &PostConditions,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<SignedPost, StorageError>;

    /// Signs a GET of one version, answered with `disposition`.
    async fn sign_get(
        &self,
        key: &ObjectKey,
        version_id: Option<&str>,
        disposition: &str,
        expires_in_seconds: u64,
    ) -> Result<String, StorageError>;

    /// Looks at an object; `None` when there is none.
    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectHead>, StorageError>;

    /// Reads a small document; `None` when there is none.
    async fn read_document(&self, key: &ObjectKey) -> Result<Option<Document>, StorageError>;

    /// Writes a small document if `condition` holds: its new ETag, or `None` when the condition did not hold. However many
    /// processes try at once, at most one of those with the same condition hears `Some`. After a lost reply and the client's
    /// own retry the answer may be `None` although this call wrote it: read the document to know.
    async fn write_document(
        &self,
        key: &ObjectKey,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<Option<String>, StorageError>;

    /// The keys under `prefix` that sort after `after`, in order, `max` at the most.
    async fn keys_after(&self, prefix: &str, after: &str, max: usize) -> Result<Vec<String>, StorageError>;

    /// The next path components under `prefix`, each with it and ending in `/`.
    async fn folders(&self, prefix: &str) -> Result<Vec<String>, StorageError>;

    /// Removes an object with all its versions. Removing what is not there is no error.
    async fn remove(&self, key: &ObjectKey, versioned: bool) -> Result<(), StorageError>;

    /// Whether the bucket answers.
    async fn check(&self) -> Result<(), StorageError>;

    /// `s3://bucket/key`
    fn uri(&self, key: &ObjectKey) -> String;
}
