//! The ledger's directory: its lock, its format, and who writes in it.
//!
//! | name | holds |
//! |---|---|
//! | `LOCK` | nothing; locked while a process has the ledger open |
//! | `FORMAT` | the number of the format |
//! | `writer` | the random id of the writer, the last part of every origin; then the ids of writers whose logs are sealed |
//! | `key` | the signing seed, 64 hex digits, unless it is given from outside |
//! | `vkeys` | every key that ever signed here, as C2SP vkeys, newest first |
//! | `checkpoints` | the newest checkpoint signed of each log, at the last clean stop |
//! | `segments/` | the truth |
//! | `heads`, `trees/`, `filter/`, `index/`, `views/` | follow from the segments, and are rebuilt when missing, stale or damaged |

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use crate::{
    LedgerError,
    disk::{Disk, read_all, replace},
};

/// The newest format this version knows.
pub(crate) const FORMAT: u32 = 1;

/// The paths in a ledger's directory.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    pub root: PathBuf,
}

impl Paths {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(crate) fn segments(&self) -> PathBuf {
        self.root.join("segments")
    }

    pub(crate) fn trees(&self) -> PathBuf {
        self.root.join("trees")
    }

    pub(crate) fn filter(&self) -> PathBuf {
        self.root.join("filter")
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    pub(crate) fn views(&self) -> PathBuf {
        self.root.join("views")
    }
}

/// Takes the directory for this process, until the file is dropped.
pub(crate) fn lock(disk: &dyn Disk, root: &Path) -> Result<File, LedgerError> {
    disk.create_dir(root).map_err(LedgerError::io("cannot create", root))?;
    let path = root.join("LOCK");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(LedgerError::io("cannot write to", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LedgerError::Locked { path }),
        Err(TryLockError::Error(error)) => Err(LedgerError::io("cannot lock", path)(error)),
    }
}

/// Reads the directory's format; `None` for a directory that has none yet.
///
/// # Errors
/// [`LedgerError::NewerFormat`] for one this version does not know.
pub(crate) fn format(disk: &dyn Disk, root: &Path) -> Result<Option<u32>, LedgerError> {
    let path = root.join("FORMAT");
    let Some(bytes) = read_all(disk, &path).map_err(LedgerError::io("cannot read", &path))? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    let found = text
        .trim()
        .strip_prefix("nexus-ledger ")
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| LedgerError::corrupt(&path, "expected `nexus-ledger` and a number"))?;
    if found > FORMAT {
        return Err(LedgerError::NewerFormat { path, found, known: FORMAT });
    }
    Ok(Some(found))
}

/// Checks the format, writing it into a fresh directory.
pub(crate) fn settle_format(disk: &dyn Disk, root: &Path) -> Result<(), LedgerError> {
    if format(disk, root)?.is_none() {
        let text = format!("nexus-ledger {FORMAT}\n");
        replace(disk, root, "FORMAT", text.as_bytes()).map_err(LedgerError::io("cannot write", root.join("FORMAT")))?;
    }
    Ok(())
}

/// Who writes in a directory, and who did and must not any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Writers {
    pub current: String,
    pub sealed: Vec<String>,
}

fn is_writer_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// This directory's writers; a writer is made where there is none.
pub(crate) fn writers(disk: &dyn Disk, root: &Path) -> Result<Writers, LedgerError> {
    let path = root.join("writer");
    let Some(bytes) = read_all(disk, &path).map_err(LedgerError::io("cannot read", &path))? else {
        return seal(disk, root, Vec::new());
    };
    let text = String::from_utf8_lossy(&bytes);
    let mut ids = text.lines().map(str::to_owned);
    match ids.next() {
        Some(current) if is_writer_id(&current) && ids.clone().all(|id| is_writer_id(&id)) => {
            Ok(Writers { current, sealed: ids.collect() })
        }
        _ => Err(LedgerError::corrupt(path, "expected lines of 16 hex digits")),
    }
}

/// The writers that a `writer` file names.
pub(crate) fn writer_ids(bytes: &[u8]) -> impl Iterator<Item = String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().filter(|id| is_writer_id(id)).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// Gives the directory a new writer, durably; those in `sealed` write no more.
pub(crate) fn seal(disk: &dyn Disk, root: &Path, sealed: Vec<String>) -> Result<Writers, LedgerError> {
    let mut bytes = [0; 8];
    random(&mut bytes)?;
    let writers = Writers { current: hex::encode(bytes), sealed };
    let mut text = format!("{}\n", writers.current);
    for id in &writers.sealed {
        text.push_str(id);
        text.push('\n');
    }
    replace(disk, root, "writer", text.as_bytes()).map_err(LedgerError::io("cannot write", root.join("writer")))?;
    Ok(writers)
}

/// Fills `bytes` from the system's generator.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), LedgerError> {
    aws_lc_rs::rand::fill(bytes)
        .map_err(|_| LedgerError::Unavailable { reason: "the system gives no random numbers".to_owned(), source: None })
}
