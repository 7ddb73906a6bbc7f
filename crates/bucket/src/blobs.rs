//! The blob files: numbered, never overwritten, grouped in directories called generations.
//!
//! A blob is *pending* from the moment its number is taken until its index entry is committed or its file is gone.
//! The index remembers the oldest generation with a pending blob as of its last commit (`sweep_from`); that is
//! all a restart has to look at.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::BucketError;
use crate::layout::{Layout, sync_dir};
use crate::reaper::Reaper;
use crate::record::BlobId;

/// Blobs per generation: what one directory holds, and about what a sweep after a crash reads.
const GENERATION_BLOBS: u64 = 16_384;

/// The directory of blob files of one open store.
pub(crate) struct Blobs {
    layout: Layout,
    numbers: Mutex<Numbers>,
    /// The newest generation whose directory is known to exist durably.
    made: Mutex<Option<u64>>,
    reaper: Reaper,
}

struct Numbers {
    next: BlobId,
    /// Pending blobs by generation.
    pending: BTreeMap<u64, u64>,
}

impl Blobs {
    /// `generation` must be one that no blob has ever been in.
    pub(crate) fn new(layout: Layout, generation: u64) -> Result<Arc<Self>, BucketError> {
        Ok(Arc::new(Self {
            reaper: Reaper::start(layout.clone())?,
            layout,
            numbers: Mutex::new(Numbers { next: BlobId { generation, number: 0 }, pending: BTreeMap::new() }),
            made: Mutex::new(None),
        }))
    }

    /// Takes the next number.
    pub(crate) fn allocate(self: &Arc<Self>) -> PendingBlob {
        let mut numbers = lock(&self.numbers);
        if numbers.next.number == GENERATION_BLOBS {
            numbers.next = BlobId { generation: numbers.next.generation + 1, number: 0 };
        }
        let id = numbers.next;
        numbers.next.number += 1;
        *numbers.pending.entry(id.generation).or_default() += 1;
        PendingBlob { id, file: false, settled: false, blobs: Arc::clone(self) }
    }

    /// The oldest generation with a pending blob, or the current one.
    pub(crate) fn sweep_from(&self) -> u64 {
        let numbers = lock(&self.numbers);
        let oldest = numbers.pending.first_key_value();
        oldest.map_or(numbers.next.generation, |(generation, _)| *generation)
    }

    pub(crate) fn open(&self, blob: BlobId) -> io::Result<File> {
        File::open(self.layout.file(blob))
    }

    /// Makes the names of the blobs in `generation` durable.
    pub(crate) fn sync_generation(&self, generation: u64) -> Result<(), BucketError> {
        sync_dir(&self.layout.generation(generation))
    }

    /// Where blobs without a use are sent.
    pub(crate) fn reaper(&self) -> &Reaper {
        &self.reaper
    }

    fn create(&self, blob: BlobId) -> Result<File, BucketError> {
        self.make_generation(blob.generation)?;
        let path = self.layout.file(blob);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        options.open(&path).map_err(BucketError::storage("create", path))
    }

    fn make_generation(&self, generation: u64) -> Result<(), BucketError> {
        let mut made = lock(&self.made);
        if made.is_some_and(|newest| newest >= generation) {
            return Ok(());
        }
        let path = self.layout.generation(generation);
        match fs::create_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(BucketError::storage("create", path))?,
        }
        sync_dir(self.layout.root())?;
        *made = Some(generation);
        Ok(())
    }

    fn settle(&self, generation: u64) {
        let mut numbers = lock(&self.numbers);
        if let Some(count) = numbers.pending.get_mut(&generation) {
            *count -= 1;
            if *count == 0 {
                numbers.pending.remove(&generation);
            }
        }
    }
}

/// A blob without an index entry. Dropped, it takes its file with it.
pub(crate) struct PendingBlob {
    id: BlobId,
    file: bool,
    settled: bool,
    blobs: Arc<Blobs>,
}

impl PendingBlob {
    pub(crate) fn id(&self) -> BlobId {
        self.id
    }

    pub(crate) fn has_file(&self) -> bool {
        self.file
    }

    /// Creates the blob's file, empty. Blocks.
    pub(crate) fn create_file(&mut self) -> Result<File, BucketError> {
        let file = self.blobs.create(self.id)?;
        self.file = true;
        Ok(file)
    }

    /// Names the file in errors.
    pub(crate) fn path(&self) -> PathBuf {
        self.blobs.layout.file(self.id)
    }

    /// Its index entry is committed: the file stays.
    pub(crate) fn commit(mut self) {
        self.settled = true;
        self.blobs.settle(self.id.generation);
    }

    /// Nobody knows whether its index entry was committed: the file stays, and so does the mark that makes the next
    /// open look at it.
    pub(crate) fn leave_to_sweep(mut self) {
        self.settled = true;
    }
}

impl Drop for PendingBlob {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        let (blobs, generation) = (Arc::clone(&self.blobs), self.id.generation);
        if self.file {
            let settle = Box::new(move || blobs.settle(generation));
            self.blobs.reaper.discard(self.id, settle);
        } else {
            blobs.settle(generation);
        }
    }
}

/// The data behind our locks is valid after every statement, so a panic elsewhere does not spoil it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_sweep_begins_at_the_oldest_pending_blob() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(Layout::new(directory.path().to_owned()), 3).unwrap();
        let slow = blobs.allocate();
        for _ in 0..GENERATION_BLOBS {
            blobs.allocate().commit();
        }
        assert_eq!((slow.id().generation, blobs.allocate().id().generation), (3, 4));
        assert_eq!(blobs.sweep_from(), 3);
        slow.commit();
        assert_eq!(blobs.sweep_from(), 4);
        blobs.allocate().leave_to_sweep();
        for _ in 0..GENERATION_BLOBS {
            blobs.allocate().commit();
        }
        assert_eq!(blobs.sweep_from(), 4, "a blob nobody knows of is still to be swept");
    }

    #[test]
    fn a_dropped_blob_takes_its_file_with_it() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(Layout::new(directory.path().to_owned()), 0).unwrap();
        let (mut kept, mut dropped) = (blobs.allocate(), blobs.allocate());
        kept.create_file().unwrap();
        dropped.create_file().unwrap();
        let (kept_path, dropped_path) = (kept.path(), dropped.path());
        kept.commit();
        drop(dropped);
        blobs.reaper().close();
        assert!(kept_path.exists() && !dropped_path.exists());
    }
}
