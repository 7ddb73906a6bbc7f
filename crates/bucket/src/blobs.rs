//! The blob files: numbered, never overwritten, grouped in directories called generations.
//!
//! A blob is *pending* from the moment its number is taken until its index entry is committed or its file is gone.
//! The index remembers the oldest generation with a pending blob as of its last commit (`sweep_from`); that is
//! all a restart has to look at.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::BucketError;
use crate::reaper::Reaper;
use crate::record::BlobId;

/// Blobs per generation: what one directory holds, and about what a sweep after a crash reads.
const GENERATION_BLOBS: u64 = 16_384;

const EXTENSION: &str = "blob";

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

/// Where each blob's file is.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn generation(&self, generation: u64) -> PathBuf {
        self.root.join(generation.to_string())
    }

    pub(crate) fn file(&self, blob: BlobId) -> PathBuf {
        let name = format!("{}.{EXTENSION}", blob.number);
        self.generation(blob.generation).join(name)
    }

    /// Unlinks a blob; that it is gone already is fine.
    pub(crate) fn remove(&self, blob: BlobId) -> Result<(), BucketError> {
        let path = self.file(blob);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(BucketError::storage("remove", path)),
        }
    }

    /// Makes removals in a generation durable.
    pub(crate) fn sync_removals(&self, generation: u64) -> Result<(), BucketError> {
        let path = self.generation(generation);
        match File::open(&path).and_then(|directory| directory.sync_all()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            synced => synced.map_err(BucketError::storage("sync", path)),
        }
    }

    /// Removes every file from generation `from` on that `is_blob` does not know, and directories left empty.
    /// One directory entry in memory at a time. Returns how many files it removed.
    ///
    /// # Errors
    /// What `is_blob` answers, and [`BucketError::Storage`].
    pub(crate) fn sweep(
        &self,
        from: u64,
        is_blob: impl Fn(BlobId) -> Result<bool, BucketError>,
    ) -> Result<u64, BucketError> {
        let mut removed = 0;
        for entry in read_dir(&self.root)? {
            let path = entry.map_err(BucketError::storage("read", &self.root))?.path();
            match file_number(&path, "") {
                // Full ones are refused by the system, which is the cheapest way to tell.
                Some(generation) if generation < from => drop(fs::remove_dir(path)),
                Some(generation) => removed += self.sweep_generation(generation, &is_blob)?,
                None => removed += remove_stray(&path)?,
            }
        }
        sync_dir(&self.root)?;
        Ok(removed)
    }

    fn sweep_generation(
        &self,
        generation: u64,
        is_blob: &impl Fn(BlobId) -> Result<bool, BucketError>,
    ) -> Result<u64, BucketError> {
        let directory = self.generation(generation);
        let (mut removed, mut kept) = (0, 0);
        for entry in read_dir(&directory)? {
            let path = entry.map_err(BucketError::storage("read", &directory))?.path();
            let blob = file_number(&path, EXTENSION).map(|number| BlobId { generation, number });
            if let Some(blob) = blob
                && is_blob(blob)?
            {
                kept += 1;
            } else {
                removed += remove_stray(&path)?;
            }
        }
        if kept == 0 {
            fs::remove_dir(&directory).map_err(BucketError::storage("remove", &directory))?;
        } else {
            sync_dir(&directory)?;
        }
        Ok(removed)
    }
}

fn read_dir(path: &Path) -> Result<fs::ReadDir, BucketError> {
    fs::read_dir(path).map_err(BucketError::storage("read", path))
}

/// The number a name of ours stands for, written the one way we write it.
fn file_number(path: &Path, extension: &str) -> Option<u64> {
    if path.extension().unwrap_or_default() != extension {
        return None;
    }
    let stem = path.file_stem()?.to_str()?;
    let number = stem.parse::<u64>().ok()?;
    (number.to_string() == stem).then_some(number)
}

fn remove_stray(path: &Path) -> Result<u64, BucketError> {
    fs::remove_file(path).map_err(BucketError::storage("remove", path))?;
    Ok(1)
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), BucketError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(BucketError::storage("sync", path))
}

/// The data behind our locks is valid after every statement, so a panic elsewhere does not spoil it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
