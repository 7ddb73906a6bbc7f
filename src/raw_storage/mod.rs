//! Raw storage: presigned uploads, registration that looks at the object first, reads and downloads.
//!
//! [`RawStorageService`] holds the rules, [`repository`] what it needs of a store, [`s3`] the one implementation. Events are
//! written by the audit wrapper, from what the service answers; only [`settle`], for effects whose request did not live to see
//! the end ([`intents`]), and [`abandoned`], for uploads that nobody registered, write them themselves.

pub mod abandoned;
pub mod filename;
pub mod intents;
pub mod key;
pub mod post_policy;
pub mod record;
pub mod repository;
pub mod s3;
mod service;
pub mod settle;
pub mod sha256;
pub mod traced;

use nexus_model::{AssetId, EventId, Timestamp};

pub use self::service::RawStorageService;
use self::{
    filename::{Change, FileName},
    intents::{IntentsError, Running},
    key::ObjectKey,
    record::RawAsset,
    repository::StorageError,
    sha256::Sha256Hex,
};

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
    /// What was to be done could not be made durable, so it was not begun.
    #[error(transparent)]
    Intents(#[from] IntentsError),
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
    /// What the tenant's quota leaves, where it has one. Bytes.
    pub room: Option<u64>,
}

/// A presigned upload.
#[derive(Debug, Clone)]
pub struct PresignedPost {
    /// The new asset's name.
    pub asset_id: AssetId,
    /// Where to post the form.
    pub url: String,
    /// The form's fields; `file` goes last.
    pub fields: post_policy::FormFields,
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
#[derive(Debug)]
pub enum Registered {
    /// By this request.
    Now {
        /// The asset.
        asset: RawAsset,
        /// To be finished once the event is on disk.
        intent: Running,
    },
    /// By an earlier request with the same claim.
    Before {
        /// The asset.
        asset: RawAsset,
        /// The event of that registration.
        event_id: EventId,
    },
}
