//! The store with a span around each call that leaves the process. Only there when traces are on.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tracing::Instrument;

use super::{
    key::ObjectKey,
    post_policy::PostConditions,
    repository::{Condition, Document, ObjectHead, RawStorageRepository, SignedPost, StorageError},
};
use crate::telemetry::traces::part;

/// A store whose calls are seen in traces: by what they do, never by key.
pub struct TracedRepository(pub Arc<dyn RawStorageRepository>);

macro_rules! call {
    ($name:literal) => {
        part!($name, otel.kind = "client")
    };
}

#[async_trait]
impl RawStorageRepository for TracedRepository {
    async fn sign_post(
        &self,
        conditions: &PostConditions,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<SignedPost, StorageError> {
        // Signing is no call.
        self.0.sign_post(conditions, now, expires_at).await
    }

    async fn sign_get(
        &self,
        key: &ObjectKey,
        version_id: Option<&str>,
        disposition: &str,
        expires_in_seconds: u64,
    ) -> Result<String, StorageError> {
        self.0.sign_get(key, version_id, disposition, expires_in_seconds).await
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectHead>, StorageError> {
        self.0.head(key).instrument(call!("storage head")).await
    }

    async fn read_document(&self, key: &ObjectKey) -> Result<Option<Document>, StorageError> {
        self.0.read_document(key).instrument(call!("storage read document")).await
    }

    async fn write_document(
        &self,
        key: &ObjectKey,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<Option<String>, StorageError> {
        self.0.write_document(key, bytes, condition).instrument(call!("storage write document")).await
    }

    async fn keys_after(&self, prefix: &str, after: &str, max: usize) -> Result<Vec<String>, StorageError> {
        self.0.keys_after(prefix, after, max).instrument(call!("storage list keys")).await
    }

    async fn folders(&self, prefix: &str) -> Result<Vec<String>, StorageError> {
        self.0.folders(prefix).instrument(call!("storage list folders")).await
    }

    async fn remove(&self, key: &ObjectKey, versioned: bool) -> Result<(), StorageError> {
        self.0.remove(key, versioned).instrument(call!("storage remove")).await
    }

    async fn check(&self) -> Result<(), StorageError> {
        self.0.check().instrument(call!("storage check")).await
    }

    fn uri(&self, key: &ObjectKey) -> String {
        self.0.uri(key)
    }
}
