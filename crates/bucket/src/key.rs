//! Names: a bucket's, an object's, and how both become one index key.
//!
//! A key is opaque UTF-8 and compared as bytes. The index key is `bucket 0x00 key`: a bucket name never
//! holds a zero byte, so a bucket's keys are one range, in the byte order that S3 lists them in.

use crate::BucketError;

/// The longest object key, in bytes (S3, "Naming objects").
pub(crate) const MAX_KEY_BYTES: usize = 1024;

const SEPARATOR: u8 = 0;

/// The name of an object within its bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectName {
    bucket: String,
    key: String,
}

impl ObjectName {
    /// # Errors
    /// [`BucketError::InvalidArgument`] for an empty key, [`BucketError::KeyTooLong`] above 1,024 bytes,
    /// [`BucketError::NoSuchBucket`] for a name that no bucket can have.
    pub(crate) fn new(bucket: impl Into<String>, key: impl Into<String>) -> Result<Self, BucketError> {
        let (bucket, key) = (bucket.into(), key.into());
        if !s3s::path::check_bucket_name(&bucket) {
            return Err(BucketError::NoSuchBucket);
        }
        if key.is_empty() {
            return Err(BucketError::InvalidArgument("key"));
        }
        if key.len() > MAX_KEY_BYTES {
            return Err(BucketError::KeyTooLong);
        }
        Ok(Self { bucket, key })
    }

    pub(crate) fn bucket(&self) -> &str {
        &self.bucket
    }

    pub(crate) fn index_key(&self) -> Vec<u8> {
        index_key(&self.bucket, self.key.as_bytes())
    }
}

/// The index key of `key` in `bucket`; an empty key gives the lower bound of the bucket's range.
pub(crate) fn index_key(bucket: &str, key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(bucket.len() + 1 + key.len());
    bytes.extend_from_slice(bucket.as_bytes());
    bytes.push(SEPARATOR);
    bytes.extend_from_slice(key);
    bytes
}

/// The first index key after the bucket's range.
pub(crate) fn bucket_end(bucket: &str) -> Vec<u8> {
    let mut bytes = bucket.as_bytes().to_vec();
    bytes.push(SEPARATOR + 1);
    bytes
}

/// The object key within an index key of `bucket`.
pub(crate) fn object_key<'a>(bucket: &str, index_key: &'a [u8]) -> Result<&'a str, BucketError> {
    index_key
        .get(bucket.len() + 1..)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .ok_or_else(|| BucketError::Damaged("an index key is not UTF-8".into()))
}

/// The smallest byte string above every string that begins with `prefix`; `None` when there is none.
pub(crate) fn prefix_successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let keep = prefix.iter().rposition(|&byte| byte != u8::MAX)?;
    let mut successor = prefix.get(..=keep)?.to_vec();
    if let Some(last) = successor.last_mut() {
        *last += 1;
    }
    Some(successor)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_has_1_to_1024_bytes() {
        assert!(ObjectName::new("bucket", "").is_err());
        assert!(ObjectName::new("bucket", "k".repeat(1024)).is_ok());
        assert!(ObjectName::new("bucket", "k".repeat(1025)).is_err());
    }

    proptest! {
        #[test]
        fn index_keys_of_a_bucket_stay_in_its_range(bucket in "[a-z0-9]{3,10}", key in ".{1,40}") {
            let name = ObjectName::new(bucket.clone(), key.clone()).unwrap();
            let bytes = name.index_key();
            prop_assert!(bytes >= index_key(&bucket, b"") && bytes < bucket_end(&bucket));
            prop_assert_eq!(object_key(&bucket, &bytes).unwrap(), key);
        }

        #[test]
        fn the_successor_bounds_exactly_the_prefix(prefix in prop::collection::vec(any::<u8>(), 0..4),
                                                   other in prop::collection::vec(any::<u8>(), 0..6)) {
            let below = prefix_successor(&prefix).is_none_or(|end| other < end);
            prop_assert_eq!(other >= prefix && below, other.starts_with(&prefix));
        }
    }
}
