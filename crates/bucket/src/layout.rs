//! Where blob files are, and the sweep over them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::BucketError;
use crate::record::BlobId;

const EXTENSION: &str = "blob";

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
