//! What one write does to the tables, within a transaction and in its turn: where conditions are decided.

use redb::{ReadableTable, Table, WriteTransaction};

use crate::BucketError;
use crate::condition::{ReadCondition, WriteCondition};
use crate::index::{BLOBS, BUCKETS, GARBAGE, META, NEXT_GENERATION, OBJECTS, SWEEP_FROM};
use crate::key::ObjectName;
use crate::record::{BlobId, Content, Description, ObjectRecord};

/// A change of the index.
#[derive(Debug)]
pub(crate) enum Write {
    /// Makes a bucket.
    CreateBucket(String),
    /// Makes or replaces an object. `record.modified_ms` is set when it commits.
    Put {
        name: ObjectName,
        record: Box<ObjectRecord>,
        /// The bytes, for [`Content::Inline`]; empty for [`Content::File`].
        inline: Vec<u8>,
        condition: WriteCondition,
    },
    /// Makes or replaces an object with the bytes of another, without moving them.
    Copy {
        source: ObjectName,
        source_condition: ReadCondition,
        name: ObjectName,
        /// In place of the source's.
        description: Option<Box<Description>>,
        condition: WriteCondition,
    },
    /// Removes an object; one that is not there is fine unless the condition says otherwise.
    Delete { name: ObjectName, condition: WriteCondition },
}

/// What a write did.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The object as it is now.
    Stored(Box<ObjectRecord>),
    /// Nothing to tell.
    Done,
}

/// The tables, open in one write transaction.
pub(crate) struct Tables<'t> {
    buckets: Table<'t, &'static str, u64>,
    objects: Table<'t, &'static [u8], &'static [u8]>,
    blobs: Table<'t, u128, (u32, &'static [u8])>,
    garbage: Table<'t, u128, ()>,
    meta: Table<'t, &'static str, u64>,
    /// Blob files that no object uses any more, to be unlinked after the commit.
    freed: Vec<BlobId>,
    now_ms: u64,
}

impl<'t> Tables<'t> {
    pub(crate) fn open(transaction: &'t WriteTransaction, now_ms: u64) -> Result<Self, BucketError> {
        Ok(Self {
            buckets: transaction.open_table(BUCKETS)?,
            objects: transaction.open_table(OBJECTS)?,
            blobs: transaction.open_table(BLOBS)?,
            garbage: transaction.open_table(GARBAGE)?,
            meta: transaction.open_table(META)?,
            freed: Vec::new(),
            now_ms,
        })
    }

    /// Carries out one write. A refusal changes nothing.
    ///
    /// # Errors
    /// A refusal, or [`BucketError::Index`], after which the transaction must be given up.
    pub(crate) fn apply(&mut self, write: Write) -> Result<Outcome, BucketError> {
        match write {
            Write::CreateBucket(name) => self.create_bucket(&name),
            Write::Put { name, record, inline, condition } => self.put(&name, record, &inline, &condition),
            Write::Copy { source, source_condition, name, description, condition } => {
                let mut record = self.copy_source(&source, &source_condition)?;
                if let Some(description) = description {
                    record.description = *description;
                }
                self.copy(&name, record, &condition)
            }
            Write::Delete { name, condition } => self.delete(&name, &condition),
        }
    }

    fn create_bucket(&mut self, name: &str) -> Result<Outcome, BucketError> {
        if self.buckets.get(name)?.is_some() {
            return Err(BucketError::BucketExists);
        }
        self.buckets.insert(name, self.now_ms)?;
        Ok(Outcome::Done)
    }

    fn put(
        &mut self,
        name: &ObjectName,
        record: Box<ObjectRecord>,
        inline: &[u8],
        condition: &WriteCondition,
    ) -> Result<Outcome, BucketError> {
        let replaced = self.current(name)?;
        condition.check(replaced.as_ref())?;
        let blob = record.content.blob();
        let outcome = self.store(name, record, replaced)?;
        self.blobs.insert(blob.to_index(), (1, inline))?;
        self.set_number(NEXT_GENERATION, |next| next.max(blob.generation + 1))?;
        Ok(outcome)
    }

    fn copy_source(&self, source: &ObjectName, condition: &ReadCondition) -> Result<ObjectRecord, BucketError> {
        let record = self.current(source)?.ok_or(BucketError::NoSuchKey)?;
        match condition.check(&record) {
            Ok(()) => Ok(record),
            // RFC 9110 13.2.1: 304 is for GET and HEAD; S3 answers a copy 412.
            Err(BucketError::NotModified) => Err(BucketError::PreconditionFailed("x-amz-copy-source-if")),
            Err(other) => Err(other),
        }
    }

    fn copy(
        &mut self,
        name: &ObjectName,
        record: ObjectRecord,
        condition: &WriteCondition,
    ) -> Result<Outcome, BucketError> {
        let replaced = self.current(name)?;
        condition.check(replaced.as_ref())?;
        self.retain(record.content)?;
        self.store(name, Box::new(record), replaced)
    }

    fn delete(&mut self, name: &ObjectName, condition: &WriteCondition) -> Result<Outcome, BucketError> {
        let current = self.current(name)?;
        condition.check(current.as_ref())?;
        if let Some(object) = current {
            self.objects.remove(name.index_key().as_slice())?;
            self.release(object.content)?;
        }
        Ok(Outcome::Done)
    }

    fn current(&self, name: &ObjectName) -> Result<Option<ObjectRecord>, BucketError> {
        match self.objects.get(name.index_key().as_slice())? {
            Some(row) => ObjectRecord::decode(row.value()).map(Some),
            None if self.buckets.get(name.bucket())?.is_none() => Err(BucketError::NoSuchBucket),
            None => Ok(None),
        }
    }

    fn store(
        &mut self,
        name: &ObjectName,
        mut record: Box<ObjectRecord>,
        replaced: Option<ObjectRecord>,
    ) -> Result<Outcome, BucketError> {
        record.modified_ms = self.now_ms;
        let row = record.encode()?;
        self.objects.insert(name.index_key().as_slice(), row.as_slice())?;
        if let Some(replaced) = replaced {
            self.release(replaced.content)?;
        }
        Ok(Outcome::Stored(record))
    }

    fn retain(&mut self, content: Content) -> Result<(), BucketError> {
        let row = self.blob_row(content.blob())?;
        let (uses, inline) = row.ok_or_else(|| no_row(content.blob()))?;
        let row = (uses + 1, inline.as_slice());
        self.blobs.insert(content.blob().to_index(), row)?;
        Ok(())
    }

    fn release(&mut self, content: Content) -> Result<(), BucketError> {
        let blob = content.blob();
        let Some((uses, inline)) = self.blob_row(blob)? else {
            // The object is going anyway; what is left of its blob is for the sweep.
            tracing::error!(error = %no_row(blob), "releasing a blob");
            return Ok(());
        };
        if uses > 1 {
            let row = (uses - 1, inline.as_slice());
            self.blobs.insert(blob.to_index(), row)?;
            return Ok(());
        }
        self.blobs.remove(blob.to_index())?;
        if let Content::File(blob) = content {
            self.garbage.insert(blob.to_index(), ())?;
            self.freed.push(blob);
        }
        Ok(())
    }

    fn blob_row(&self, blob: BlobId) -> Result<Option<(u32, Vec<u8>)>, BucketError> {
        let row = self.blobs.get(blob.to_index())?;
        Ok(row.map(|row| {
            let (uses, inline) = row.value();
            (uses, inline.to_vec())
        }))
    }

    fn set_number(&mut self, name: &str, new: impl Fn(u64) -> u64) -> Result<(), BucketError> {
        let old = self.meta.get(name)?.map_or(0, |row| row.value());
        if new(old) != old {
            self.meta.insert(name, new(old))?;
        }
        Ok(())
    }

    /// Ends the batch: where the next sweep begins, and garbage that is gone. Returns the blobs that became garbage.
    pub(crate) fn finish(mut self, sweep_from: u64, removed: &[BlobId]) -> Result<Vec<BlobId>, BucketError> {
        for blob in removed {
            self.garbage.remove(blob.to_index())?;
        }
        self.set_number(SWEEP_FROM, |_| sweep_from)?;
        Ok(self.freed)
    }
}

fn no_row(blob: BlobId) -> BucketError {
    BucketError::Damaged(format!("no row for blob {blob:?}"))
}
