//! What an embedded store is opened with.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

const MIB: u64 = 1024 * 1024;

/// Where a [`Bucket`](crate::Bucket) keeps its data, whom it lets in, and its limits.
///
/// [`BucketConfig::new`] fills in the limits; each can be set afterwards.
#[derive(Clone)]
pub struct BucketConfig {
    /// The directory the store has for itself. Created when missing. One process at a time.
    pub dir: PathBuf,
    /// The name of the bucket that exists from the start; it follows the S3 rules for bucket names.
    pub bucket: String,
    /// The access key id of the one key pair that may do everything.
    pub access_key: String,
    /// The secret of [`access_key`](Self::access_key).
    pub secret_key: String,
    /// The largest file in a POST form, in bytes. Such a file is buffered in memory until its
    /// policy is checked, so this also bounds the memory of one form. Default 64 MiB.
    pub max_post_file_bytes: u64,
    /// The memory that the POST forms in flight may take together, in bytes. A form that finds no
    /// room waits, and is answered `503 SlowDown` when [`post_buffer_wait`](Self::post_buffer_wait) passes. Raised to
    /// [`max_post_file_bytes`](Self::max_post_file_bytes) when it is less. Default 256 MiB.
    pub post_buffer_bytes: u64,
    /// How long a POST form waits for buffer memory. Default 10 s.
    pub post_buffer_wait: Duration,
    /// The largest object a PUT may make, in bytes. Default 5 GiB, the limit of S3.
    pub max_put_bytes: u64,
    /// How old the signing date (`x-amz-date`) of a POST policy may be. The policy's own expiration applies
    /// too and is normally the shorter one. Header-signed requests keep S3's 15 minutes. Default 65 minutes.
    pub post_policy_max_age: Duration,
}

impl BucketConfig {
    /// A configuration with the default limits.
    pub fn new(
        dir: impl Into<PathBuf>,
        bucket: impl Into<String>,
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
    ) -> Self {
        Self {
            dir: dir.into(),
            bucket: bucket.into(),
            access_key: access_key.into(),
            secret_key: secret_key.into(),
            max_post_file_bytes: 64 * MIB,
            post_buffer_bytes: 256 * MIB,
            post_buffer_wait: Duration::from_secs(10),
            max_put_bytes: 5 * 1024 * MIB,
            post_policy_max_age: Duration::from_secs(65 * 60),
        }
    }
}

impl fmt::Debug for BucketConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketConfig")
            .field("dir", &self.dir)
            .field("bucket", &self.bucket)
            .field("max_post_file_bytes", &self.max_post_file_bytes)
            .field("post_buffer_bytes", &self.post_buffer_bytes)
            .field("post_buffer_wait", &self.post_buffer_wait)
            .field("max_put_bytes", &self.max_put_bytes)
            .field("post_policy_max_age", &self.post_policy_max_age)
            .finish_non_exhaustive()
    }
}
