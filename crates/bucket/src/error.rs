//! Everything that can go wrong in the store, and how S3 names it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use s3s::{S3Error, S3ErrorCode};

/// A failure of the store or a refusal of one request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BucketError {
    /// Another process, or another [`Bucket`](crate::Bucket) in this one, has the directory open.
    #[error("the bucket directory {} is in use by another process", dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// The directory or a file in it could not be created, read or written.
    #[error("bucket storage: cannot {action} {}", path.display())]
    Storage {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The index could not be read or written.
    #[error("the bucket index failed")]
    Index(#[source] Arc<redb::Error>),
    /// An index row, or the blob it names, is not what the store wrote.
    #[error("the bucket holds a damaged entry: {0}")]
    Damaged(String),
    /// [`Bucket::close`](crate::Bucket::close) was called.
    #[error("the bucket is closed")]
    Closed,
    /// The configured bucket name breaks the S3 naming rules.
    #[error("{0:?} is not a valid bucket name")]
    InvalidBucketName(String),
    /// A key is longer than S3 allows.
    #[error("an object key has at most 1,024 bytes")]
    KeyTooLong,
    /// There is no such bucket.
    #[error("the bucket does not exist")]
    NoSuchBucket,
    /// The bucket exists already.
    #[error("the bucket exists already")]
    BucketExists,
    /// There is no such object.
    #[error("the object does not exist")]
    NoSuchKey,
    /// There is no such version; the store keeps one, called `null`.
    #[error("the version does not exist")]
    NoSuchVersion,
    /// A condition of the request does not hold.
    #[error("the condition {0} does not hold")]
    PreconditionFailed(&'static str),
    /// A read condition says that the caller has the object already.
    #[error("the object was not modified")]
    NotModified,
    /// The bytes received are not those the caller's checksum was made of.
    #[error("the {0} given does not match the bytes received")]
    ChecksumMismatch(&'static str),
    /// A checksum is not the base64 of the right number of bytes.
    #[error("the {0} given is malformed")]
    InvalidChecksum(&'static str),
    /// A checksum announced as a trailer did not come.
    #[error("the trailer {0} was announced but did not come")]
    MissingTrailer(&'static str),
    /// The body is longer than the configured limit, in bytes.
    #[error("the object is larger than {0} bytes")]
    TooLarge(u64),
    /// The body ended early, went on too long, or broke off.
    #[error("the body is not the announced length or broke off")]
    IncompleteBody(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The body does not match the signed `x-amz-content-sha256`.
    #[error("the body does not match x-amz-content-sha256")]
    ContentSha256Mismatch,
    /// The signature of a chunk of the body is wrong.
    #[error("the signature of a chunk of the body is wrong")]
    ChunkSignature,
    /// The user metadata is larger than S3's 2 KiB.
    #[error("user metadata is limited to 2 KiB")]
    MetadataTooLarge,
    /// A header or form field cannot be kept and given back.
    #[error("{0} is not a valid header value")]
    InvalidHeader(&'static str),
    /// A parameter of the request is out of its range.
    #[error("{0} is invalid")]
    InvalidArgument(&'static str),
    /// More keys in one request than the limit given.
    #[error("a request may name {0} keys")]
    TooManyKeys(usize),
    /// A copy onto itself that changes nothing.
    #[error("a copy of an object onto itself must replace its metadata")]
    CopyOntoItself,
    /// The request asks for something this store does not do.
    #[error("not supported by this store: {0}")]
    Unsupported(&'static str),
}

impl BucketError {
    pub(crate) fn storage(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Storage { action, path, source }
    }

    /// The same failure for another caller of the same batch.
    pub(crate) fn repeat(&self) -> Self {
        match self {
            Self::Index(source) => Self::Index(Arc::clone(source)),
            Self::Storage { action, path, source } => {
                Self::Storage { action, path: path.clone(), source: source.kind().into() }
            }
            other => Self::Damaged(other.to_string()),
        }
    }

    fn code(&self) -> S3ErrorCode {
        match self {
            Self::InUse { .. } | Self::Storage { .. } | Self::Index(_) | Self::Damaged(_) => S3ErrorCode::InternalError,
            Self::Closed => S3ErrorCode::ServiceUnavailable,
            Self::InvalidBucketName(_) => S3ErrorCode::InvalidBucketName,
            Self::KeyTooLong => S3ErrorCode::KeyTooLongError,
            Self::NoSuchBucket => S3ErrorCode::NoSuchBucket,
            Self::BucketExists => S3ErrorCode::BucketAlreadyOwnedByYou,
            Self::NoSuchKey => S3ErrorCode::NoSuchKey,
            Self::NoSuchVersion => S3ErrorCode::NoSuchVersion,
            Self::InvalidHeader(_) | Self::InvalidArgument(_) => S3ErrorCode::InvalidArgument,
            Self::TooManyKeys(_) => S3ErrorCode::MalformedXML,
            Self::PreconditionFailed(_) => S3ErrorCode::PreconditionFailed,
            Self::NotModified => S3ErrorCode::NotModified,
            Self::ChecksumMismatch(_) => S3ErrorCode::BadDigest,
            Self::InvalidChecksum(_) => S3ErrorCode::InvalidDigest,
            Self::MissingTrailer(_) => S3ErrorCode::InvalidRequest,
            Self::TooLarge(_) => S3ErrorCode::EntityTooLarge,
            Self::IncompleteBody(_) => S3ErrorCode::IncompleteBody,
            Self::ContentSha256Mismatch => S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
            Self::ChunkSignature => S3ErrorCode::SignatureDoesNotMatch,
            Self::MetadataTooLarge => S3ErrorCode::MetadataTooLarge,
            Self::CopyOntoItself => S3ErrorCode::InvalidRequest,
            Self::Unsupported(_) => S3ErrorCode::NotImplemented,
        }
    }
}

macro_rules! from_redb {
    ($($error:ty),*) => {
        $(impl From<$error> for BucketError {
            fn from(error: $error) -> Self {
                Self::Index(Arc::new(error.into()))
            }
        })*
    };
}

from_redb!(redb::Error, redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError);

/// The cause of a 500 goes to the log, here and once; the client reads a fixed sentence.
impl From<BucketError> for S3Error {
    fn from(error: BucketError) -> Self {
        let code = error.code();
        let internal = code == S3ErrorCode::InternalError;
        let mut answer = if internal {
            tracing::error!(error = &error as &dyn std::error::Error, "the bucket failed");
            S3Error::with_message(code, "The store failed. Try again.")
        } else {
            S3Error::with_message(code, error.to_string())
        };
        if let BucketError::ContentSha256Mismatch = error {
            answer.set_status_code(http::StatusCode::BAD_REQUEST);
        }
        answer
    }
}
