//! The index: its tables, and everything that is read from it.
//!
//! Reads see one committed state ([`Snapshot`]). Writes go through [`committer`](crate::committer) alone.

use std::path::Path;
use std::time::SystemTime;

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};

use crate::BucketError;
use crate::key::ObjectName;
use crate::layout::Layout;
use crate::record::{BlobId, ObjectRecord};

/// Bucket name → creation time, milliseconds since the Unix epoch.
pub(crate) const BUCKETS: TableDefinition<&str, u64> = TableDefinition::new("buckets");
/// [`ObjectName::index_key`] → [`ObjectRecord`] as JSON.
pub(crate) const OBJECTS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("objects");
/// [`BlobId`] → how many objects share the blob, and its bytes when they are kept here.
pub(crate) const BLOBS: TableDefinition<u128, (u32, &[u8])> = TableDefinition::new("blobs");
/// Blobs no object uses any more whose files are still to be unlinked.
pub(crate) const GARBAGE: TableDefinition<u128, ()> = TableDefinition::new("garbage");
/// The store's own numbers, by the names below.
pub(crate) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// The layout of the tables and files; a store of another format is not opened.
const FORMAT: (&str, u64) = ("format", 1);
/// Above every generation that a committed blob is in.
pub(crate) const NEXT_GENERATION: &str = "next_generation";
/// The oldest generation that had a pending blob at the last commit.
pub(crate) const SWEEP_FROM: &str = "sweep_from";

/// Memory for index pages, in bytes.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

/// Garbage entries read per transaction at open.
const GARBAGE_CHUNK: usize = 1024;

/// The open index of one store.
pub(crate) struct Index {
    database: Database,
}

impl Index {
    /// Opens or creates the index, which locks the store against other processes.
    ///
    /// # Errors
    /// [`BucketError::InUse`] when it is open elsewhere; [`BucketError::Damaged`] for a format of another version.
    pub(crate) fn open(dir: &Path) -> Result<Self, BucketError> {
        let opened = Database::builder().set_cache_size(CACHE_BYTES).create(dir.join("index.redb"));
        let database = opened.map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => BucketError::InUse { dir: dir.into() },
            other => BucketError::from(redb::Error::from(other)),
        })?;
        let index = Self { database };
        index.create_tables()?;
        Ok(index)
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    fn create_tables(&self) -> Result<(), BucketError> {
        let transaction = self.database.begin_write()?;
        {
            transaction.open_table(BUCKETS)?;
            transaction.open_table(OBJECTS)?;
            transaction.open_table(BLOBS)?;
            transaction.open_table(GARBAGE)?;
            let mut meta = transaction.open_table(META)?;
            let (name, current) = FORMAT;
            let found = meta.get(name)?.map(|row| row.value());
            match found {
                None => drop(meta.insert(name, current)?),
                Some(format) if format == current => {}
                Some(format) => {
                    return Err(BucketError::Damaged(format!("format {format}; this version reads {current}")));
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Makes the bucket unless it is there.
    pub(crate) fn ensure_bucket(&self, name: &str) -> Result<(), BucketError> {
        match self.snapshot()?.require_bucket(name) {
            Err(BucketError::NoSuchBucket) => {}
            found => return found,
        }
        let transaction = self.database.begin_write()?;
        transaction.open_table(BUCKETS)?.insert(name, now_ms())?;
        transaction.commit()?;
        Ok(())
    }

    /// Recovery: unlinks listed garbage and files that no index entry knows. Returns the first generation to write.
    pub(crate) fn recover(&self, layout: &Layout) -> Result<u64, BucketError> {
        self.clear_garbage(layout)?;
        let snapshot = self.snapshot()?;
        let generation = snapshot.number(NEXT_GENERATION)?;
        let removed = layout.sweep(snapshot.number(SWEEP_FROM)?, |blob| snapshot.has_blob(blob))?;
        if removed > 0 {
            tracing::info!(removed, "removed files that a crash had left behind");
        }
        Ok(generation)
    }

    fn clear_garbage(&self, layout: &Layout) -> Result<(), BucketError> {
        loop {
            let chunk = self.snapshot()?.garbage(GARBAGE_CHUNK)?;
            if chunk.is_empty() {
                return Ok(());
            }
            let mut generations = std::collections::BTreeSet::new();
            for &blob in &chunk {
                layout.remove(blob)?;
                generations.insert(blob.generation);
            }
            for generation in generations {
                layout.sync_removals(generation)?;
            }
            let transaction = self.database.begin_write()?;
            {
                let mut garbage = transaction.open_table(GARBAGE)?;
                for blob in chunk {
                    garbage.remove(blob.to_index())?;
                }
            }
            transaction.commit()?;
        }
    }

    /// The state as of the last commit.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, BucketError> {
        Ok(Snapshot { transaction: self.database.begin_read()? })
    }
}

/// One committed state of the index.
pub(crate) struct Snapshot {
    transaction: redb::ReadTransaction,
}

impl Snapshot {
    /// # Errors
    /// [`BucketError::NoSuchBucket`].
    pub(crate) fn require_bucket(&self, name: &str) -> Result<(), BucketError> {
        let buckets = self.transaction.open_table(BUCKETS)?;
        buckets.get(name)?.map(drop).ok_or(BucketError::NoSuchBucket)
    }

    /// Every bucket with its creation time in milliseconds since the Unix epoch, by name.
    pub(crate) fn buckets(&self) -> Result<Vec<(String, u64)>, BucketError> {
        let buckets = self.transaction.open_table(BUCKETS)?;
        let mut all = Vec::new();
        for row in buckets.iter()? {
            let (name, created) = row?;
            all.push((name.value().to_owned(), created.value()));
        }
        Ok(all)
    }

    /// # Errors
    /// [`BucketError::NoSuchBucket`], [`BucketError::NoSuchKey`].
    pub(crate) fn object(&self, name: &ObjectName) -> Result<ObjectRecord, BucketError> {
        let objects = self.objects()?;
        match objects.get(name.index_key().as_slice())? {
            Some(row) => ObjectRecord::decode(row.value()),
            None => {
                self.require_bucket(name.bucket())?;
                Err(BucketError::NoSuchKey)
            }
        }
    }

    pub(crate) fn objects(&self) -> Result<redb::ReadOnlyTable<&'static [u8], &'static [u8]>, BucketError> {
        Ok(self.transaction.open_table(OBJECTS)?)
    }

    /// The bytes of a blob kept in the index.
    pub(crate) fn inline(&self, blob: BlobId) -> Result<Vec<u8>, BucketError> {
        let blobs = self.transaction.open_table(BLOBS)?;
        let row = blobs.get(blob.to_index())?;
        row.map(|row| row.value().1.to_vec()).ok_or_else(|| BucketError::Damaged(format!("no row for blob {blob:?}")))
    }

    fn has_blob(&self, blob: BlobId) -> Result<bool, BucketError> {
        let blobs = self.transaction.open_table(BLOBS)?;
        Ok(blobs.get(blob.to_index())?.is_some())
    }

    fn number(&self, name: &str) -> Result<u64, BucketError> {
        let meta = self.transaction.open_table(META)?;
        Ok(meta.get(name)?.map_or(0, |row| row.value()))
    }

    fn garbage(&self, limit: usize) -> Result<Vec<BlobId>, BucketError> {
        let garbage = self.transaction.open_table(GARBAGE)?;
        let mut blobs = Vec::new();
        for row in garbage.iter()?.take(limit) {
            blobs.push(BlobId::from_index(row?.0.value()));
        }
        Ok(blobs)
    }
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> u64 {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn recovery_removes_garbage_anywhere_and_unknown_files_where_there_was_an_upload() {
        let directory = tempfile::tempdir().unwrap();
        let index = Index::open(directory.path()).unwrap();
        let layout = Layout::new(directory.path().join("blobs"));
        let file = |generation, number| {
            let blob = BlobId { generation, number };
            std::fs::create_dir_all(layout.generation(generation)).unwrap();
            std::fs::write(layout.file(blob), "bytes").unwrap();
            blob
        };
        let (garbage, settled) = (file(1, 0), file(1, 1));
        let (unknown, known, later) = (file(5, 3), file(5, 4), file(6, 0));
        let transaction = index.database.begin_write().unwrap();
        transaction.open_table(GARBAGE).unwrap().insert(garbage.to_index(), ()).unwrap();
        transaction.open_table(BLOBS).unwrap().insert(known.to_index(), (1, [].as_slice())).unwrap();
        let mut meta = transaction.open_table(META).unwrap();
        meta.insert(SWEEP_FROM, 5).unwrap();
        meta.insert(NEXT_GENERATION, 6).unwrap();
        drop(meta);
        transaction.commit().unwrap();

        assert_eq!(index.recover(&layout).unwrap(), 6);
        let there = |blob| layout.file(blob).exists();
        assert!(!there(garbage) && !there(unknown) && !there(later));
        assert!(there(known) && there(settled), "a settled generation is not read");
        assert!(!layout.generation(6).exists());
        assert!(index.snapshot().unwrap().garbage(10).unwrap().is_empty());
    }

    #[test]
    fn another_format_is_not_opened() {
        let directory = tempfile::tempdir().unwrap();
        let index = Index::open(directory.path()).unwrap();
        let transaction = index.database.begin_write().unwrap();
        transaction.open_table(META).unwrap().insert(FORMAT.0, 99).unwrap();
        transaction.commit().unwrap();
        drop(index);
        assert!(matches!(Index::open(directory.path()), Err(BucketError::Damaged(_))));
    }
}
