//! Listing: one page of a bucket's keys, grouped at a delimiter.

use crate::BucketError;
use crate::index::Snapshot;
use crate::key::{bucket_end, index_key, object_key, prefix_successor};
use crate::record::ObjectRecord;

/// The most keys and groups on one page (S3, ListObjectsV2).
pub(crate) const MAX_PAGE: usize = 1000;

/// What to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    /// Not empty.
    pub(crate) delimiter: Option<String>,
    pub(crate) start: Start,
    pub(crate) limit: usize,
}

/// Where a page begins.
#[derive(Clone, Debug, Default)]
pub(crate) enum Start {
    /// At the first key.
    #[default]
    First,
    /// After this key; when it is a group's name, after the group.
    After(String),
    /// At the first key from these bytes on: where the last page ended.
    At(Vec<u8>),
}

/// One page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) objects: Vec<(String, ObjectRecord)>,
    /// Everything up to and with the delimiter, of keys that have it after the prefix. S3 calls them common prefixes.
    pub(crate) groups: Vec<String>,
    /// Where the next page begins, when there is one.
    pub(crate) next: Option<Vec<u8>>,
    /// The last key or group on the page.
    pub(crate) last: Option<String>,
}

impl Page {
    fn len(&self) -> usize {
        self.objects.len() + self.groups.len()
    }
}

/// Reads one page. A group costs one look-up, however many keys it has.
///
/// # Errors
/// [`BucketError::NoSuchBucket`], [`BucketError::Index`], [`BucketError::Damaged`].
pub(crate) fn list(snapshot: &Snapshot, query: &Query) -> Result<Page, BucketError> {
    snapshot.require_bucket(&query.bucket)?;
    let objects = snapshot.objects()?;
    let mut page = Page::default();
    if query.limit == 0 {
        return Ok(page);
    }
    let end = query.end();
    let mut from = Some(query.first_key());
    while let Some(start) = from.take().filter(|start| *start < end) {
        for row in objects.range(start.as_slice()..end.as_slice())? {
            let (key, value) = row?;
            let name = object_key(&query.bucket, key.value())?;
            if page.len() == query.limit {
                page.next = Some(name.as_bytes().to_vec());
                return Ok(page);
            }
            if let Some(group) = query.group(name) {
                page.groups.push(group.to_owned());
                page.last = Some(group.to_owned());
                from = prefix_successor(&index_key(&query.bucket, group.as_bytes()));
                break;
            }
            let record = ObjectRecord::decode(value.value())?;
            page.objects.push((name.to_owned(), record));
            page.last = Some(name.to_owned());
        }
    }
    Ok(page)
}

impl Query {
    /// The index key to begin at.
    fn first_key(&self) -> Vec<u8> {
        let first = index_key(&self.bucket, self.prefix.as_bytes());
        let from = match &self.start {
            Start::First => return first,
            Start::At(key) => index_key(&self.bucket, key),
            Start::After(key) => self.after(key),
        };
        first.max(from)
    }

    fn after(&self, key: &str) -> Vec<u8> {
        let bytes = index_key(&self.bucket, key.as_bytes());
        if self.group(key) == Some(key) {
            return prefix_successor(&bytes).unwrap_or_else(|| bucket_end(&self.bucket));
        }
        // The smallest string above a string is itself and a zero byte.
        [bytes.as_slice(), &[0]].concat()
    }

    /// The first index key that is not listed any more.
    fn end(&self) -> Vec<u8> {
        let prefix = index_key(&self.bucket, self.prefix.as_bytes());
        prefix_successor(&prefix).unwrap_or_else(|| bucket_end(&self.bucket))
    }

    /// The group a key belongs to.
    fn group<'k>(&self, key: &'k str) -> Option<&'k str> {
        let delimiter = self.delimiter.as_deref()?;
        let rest = key.strip_prefix(self.prefix.as_str())?;
        let end = self.prefix.len() + rest.find(delimiter)? + delimiter.len();
        key.get(..end)
    }
}
