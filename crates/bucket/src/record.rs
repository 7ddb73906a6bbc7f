//! What the index says of one object.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::BucketError;
use crate::digest::Algorithm;

/// The number of a blob: its generation (a directory) above its number within the process that wrote it.
/// Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct BlobId {
    pub(crate) generation: u64,
    pub(crate) number: u64,
}

impl BlobId {
    pub(crate) fn to_index(self) -> u128 {
        (u128::from(self.generation) << 64) | u128::from(self.number)
    }

    pub(crate) fn from_index(value: u128) -> Self {
        Self { generation: (value >> 64) as u64, number: value as u64 }
    }
}

/// Where the bytes of an object are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Content {
    /// In the blob's index row.
    Inline(BlobId),
    /// In the blob's file.
    File(BlobId),
}

impl Content {
    pub(crate) fn blob(self) -> BlobId {
        match self {
            Self::Inline(blob) | Self::File(blob) => blob,
        }
    }
}

/// The headers that S3 keeps with an object and returns with it, by their lower-case names, and the user metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Description {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_disposition: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cache_control: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<s3s::dto::Timestamp>,
    /// `x-amz-meta-*` without that prefix.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<String, String>,
}

/// One object: the value of its index row, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ObjectRecord {
    pub(crate) content: Content,
    pub(crate) size: u64,
    /// Without quotes; the MD5 of the bytes in hex.
    pub(crate) etag: String,
    /// Milliseconds since the Unix epoch, set when the write commits.
    pub(crate) modified_ms: u64,
    /// Base64 by algorithm, as S3 gives them.
    pub(crate) checksums: BTreeMap<Algorithm, String>,
    #[serde(flatten)]
    pub(crate) description: Description,
}

impl ObjectRecord {
    pub(crate) fn encode(&self) -> Result<Vec<u8>, BucketError> {
        serde_json::to_vec(self).map_err(|error| BucketError::Damaged(error.to_string()))
    }

    pub(crate) fn decode(row: &[u8]) -> Result<Self, BucketError> {
        serde_json::from_slice(row).map_err(|error| BucketError::Damaged(error.to_string()))
    }

    /// The time of the last write as HTTP dates know it: whole seconds.
    pub(crate) fn modified_secs(&self) -> u64 {
        self.modified_ms / 1000
    }
}
