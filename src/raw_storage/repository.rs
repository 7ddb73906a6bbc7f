//! What the service needs of an object store, as a trait so that a decorator can count or inject faults.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{key::ObjectKey, post_policy::PostConditions, record::Record, sha256::Sha256Hex};

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
    pub fields: BTreeMap<String, String>,
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

    /// Reads a record; `None` when there is none.
    async fn read_record(&self, key: &ObjectKey) -> Result<Option<Record>, StorageError>;

    /// Creates a record: `true` when it was created, `false` when one was there already. However many processes try at
    /// once, at most one hears `true`. After a lost reply the answer may be `false` although this call created it: read the
    /// record to know.
    async fn create_record(&self, key: &ObjectKey, record: &Record) -> Result<bool, StorageError>;

    /// Whether the bucket answers.
    async fn check(&self) -> Result<(), StorageError>;

    /// `s3://bucket/key`
    fn uri(&self, key: &ObjectKey) -> String;
}
