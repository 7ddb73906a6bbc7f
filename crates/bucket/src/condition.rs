//! The conditions of RFC 9110 section 13 as S3 applies them, decided on values alone.

use s3s::dto::ETagCondition;

use crate::BucketError;
use crate::record::ObjectRecord;

/// What a write demands of the object it replaces or removes.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteCondition {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
    /// Bytes; DeleteObject's `x-amz-if-match-size`.
    pub(crate) if_match_size: Option<i64>,
    /// Seconds since the Unix epoch; DeleteObject's `x-amz-if-match-last-modified-time`.
    pub(crate) if_match_modified_secs: Option<i64>,
}

impl WriteCondition {
    /// # Errors
    /// [`BucketError::PreconditionFailed`], or [`BucketError::NoSuchKey`] where `If-Match` names
    /// an object that is not there (S3, "Conditional writes").
    pub(crate) fn check(&self, current: Option<&ObjectRecord>) -> Result<(), BucketError> {
        if let (Some(condition), Some(object)) = (&self.if_none_match, current)
            && matches_etag(condition, object)
        {
            return Err(BucketError::PreconditionFailed("If-None-Match"));
        }
        if let Some(condition) = &self.if_match {
            match current {
                None => return Err(BucketError::NoSuchKey),
                Some(object) if !matches_etag(condition, object) => {
                    return Err(BucketError::PreconditionFailed("If-Match"));
                }
                Some(_) => {}
            }
        }
        self.check_size_and_time(current)
    }

    fn check_size_and_time(&self, current: Option<&ObjectRecord>) -> Result<(), BucketError> {
        let Some(object) = current else {
            return Ok(());
        };
        let size = i64::try_from(object.size).ok();
        if self.if_match_size.is_some() && self.if_match_size != size {
            return Err(BucketError::PreconditionFailed("x-amz-if-match-size"));
        }
        let modified = i64::try_from(object.modified_secs()).ok();
        if self.if_match_modified_secs.is_some() && self.if_match_modified_secs != modified {
            return Err(BucketError::PreconditionFailed("x-amz-if-match-last-modified-time"));
        }
        Ok(())
    }
}

/// What a read, or a copy of its source, demands of the object. Times are seconds since the Unix epoch.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReadCondition {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
    pub(crate) if_modified_since: Option<i64>,
    pub(crate) if_unmodified_since: Option<i64>,
}

impl ReadCondition {
    /// The order is RFC 9110 section 13.2.2: an ETag condition decides over its time twin.
    ///
    /// # Errors
    /// [`BucketError::PreconditionFailed`] or [`BucketError::NotModified`].
    pub(crate) fn check(&self, object: &ObjectRecord) -> Result<(), BucketError> {
        let modified = i64::try_from(object.modified_secs()).unwrap_or(i64::MAX);
        if let Some(condition) = &self.if_match {
            if !matches_etag(condition, object) {
                return Err(BucketError::PreconditionFailed("If-Match"));
            }
        } else if self.if_unmodified_since.is_some_and(|at| modified > at) {
            return Err(BucketError::PreconditionFailed("If-Unmodified-Since"));
        }
        if let Some(condition) = &self.if_none_match {
            if matches_etag(condition, object) {
                return Err(BucketError::NotModified);
            }
        } else if self.if_modified_since.is_some_and(|at| modified <= at) {
            return Err(BucketError::NotModified);
        }
        Ok(())
    }
}

fn matches_etag(condition: &ETagCondition, object: &ObjectRecord) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == object.etag,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::record::{BlobId, Content, Description};
    use s3s::dto::ETag;

    fn object(etag: &str) -> ObjectRecord {
        ObjectRecord {
            content: Content::Inline(BlobId { generation: 1, number: 1 }),
            size: 3,
            etag: etag.into(),
            modified_ms: 1_000_500,
            checksums: Default::default(),
            description: Description::default(),
        }
    }

    fn etag(value: &str) -> Option<ETagCondition> {
        Some(ETagCondition::ETag(ETag::Strong(value.into())))
    }

    #[test]
    fn a_create_once_write_needs_an_absent_object() {
        let create = WriteCondition { if_none_match: Some(ETagCondition::Any), ..Default::default() };
        assert!(create.check(None).is_ok());
        assert!(matches!(create.check(Some(&object("a"))), Err(BucketError::PreconditionFailed(_))));
    }

    #[test]
    fn an_update_needs_the_very_object() {
        let update = WriteCondition { if_match: etag("a"), ..Default::default() };
        assert!(update.check(Some(&object("a"))).is_ok());
        assert!(matches!(update.check(Some(&object("b"))), Err(BucketError::PreconditionFailed(_))));
        assert!(matches!(update.check(None), Err(BucketError::NoSuchKey)));
    }

    #[test]
    fn an_etag_condition_decides_over_its_time_twin() {
        let read = ReadCondition { if_none_match: etag("other"), if_modified_since: Some(2_000), ..Default::default() };
        assert!(read.check(&object("a")).is_ok());
        let read = ReadCondition { if_modified_since: Some(1_000), ..Default::default() };
        assert!(matches!(read.check(&object("a")), Err(BucketError::NotModified)));
        let read = ReadCondition { if_match: etag("a"), if_unmodified_since: Some(1), ..Default::default() };
        assert!(read.check(&object("a")).is_ok());
    }
}
