//! What follows from the segments and is kept to save reading them again: tree hashes, heads, and the filter.
//!
//! The files of tree hashes are not synced: a proof is checked against the head before it is handed out, and hashes that do not fit
//! are rebuilt. Heads and filter carry checksums.

use std::{io, path::PathBuf};

use crate::{
    LedgerError,
    disk::{Disk, DiskFile, read_all, replace},
    filter::{Filter, Part},
    home::Paths,
    logs::{self, Logs},
    shared::Shared,
    tree::{Frontier, Hash, leaf_hash},
};

/// Hashes written at once when a tree file is rebuilt.
const REBUILD_HASHES: usize = 4096;

pub(crate) fn tree_path(paths: &Paths, log: u32) -> PathBuf {
    paths.trees().join(format!("{log}.hashes"))
}

/// Writes hashes at place `at` of a log's tree file.
pub(crate) fn write_hashes(disk: &dyn Disk, paths: &Paths, log: u32, at: u64, hashes: &[Hash]) -> io::Result<()> {
    let path = tree_path(paths, log);
    let file = match disk.open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => disk.create(&path)?,
        other => other?,
    };
    file.write_all_at(hashes.as_flattened(), at * 32)
}

/// A log's tree file; `None` when it cannot be opened, which is found out when a hash of it is needed.
pub(crate) fn open_hashes(disk: &dyn Disk, paths: &Paths, log: u32) -> Option<Box<dyn DiskFile>> {
    disk.open(&tree_path(paths, log)).ok()
}

/// Writes a log's tree file anew from its events, as far as it should reach.
pub(crate) fn rebuild_hashes(shared: &Shared, number: u32) -> Result<(), LedgerError> {
    let (size, written, end) = {
        let logs = shared.logs();
        let log = logs.get(number).ok_or(LedgerError::Closed)?;
        (log.tree.size(), log.written, logs.end)
    };
    let (disk, paths) = (&*shared.config.disk, &shared.paths);
    let write = |at: u64, hashes: &[Hash]| {
        write_hashes(disk, paths, number, at, hashes).map_err(LedgerError::io("cannot write", tree_path(paths, number)))
    };
    let (mut tree, mut at, mut hashes) = (Frontier::default(), 0, Vec::with_capacity(REBUILD_HASHES + 16));
    shared.segments.scan(0, end, |record| {
        if record.log == number && !record.opens_log && tree.size() < size {
            tree.push(leaf_hash(record.body), |hash| hashes.push(hash));
        }
        if hashes.len() >= REBUILD_HASHES {
            write(at, &hashes)?;
            at += hashes.len() as u64;
            hashes.clear();
        }
        Ok(())
    })?;
    // What lies beyond is in memory and is written by the indexer in its own time; it may also have written it by now.
    let left = usize::try_from(written.saturating_sub(at)).unwrap_or(usize::MAX).min(hashes.len());
    write(at, &hashes[..left])
}

/// Writes all that has changed, so that a start need not read the segments before the position that comes back.
pub(crate) fn keep(shared: &Shared) -> Result<u64, LedgerError> {
    let disk = &*shared.config.disk;
    let parts = u32::try_from(shared.filter().len()).unwrap_or(u32::MAX);
    let (unwritten, heads, end) = {
        let logs = shared.logs();
        let unwritten: Vec<_> = logs
            .iter()
            .filter(|(_, log)| !log.unwritten.is_empty())
            .map(|(number, log)| (number, log.written, log.unwritten.clone()))
            .collect();
        (unwritten, logs::heads_to_bytes(&logs, parts), logs.end)
    };
    for (log, at, hashes) in &unwritten {
        write_hashes(disk, &shared.paths, *log, *at, hashes)
            .map_err(LedgerError::io("cannot write", tree_path(&shared.paths, *log)))?;
    }
    keep_filter(shared)?;
    replace(disk, &shared.paths.root, "heads", &heads)
        .map_err(LedgerError::io("cannot write", shared.paths.root.join("heads")))?;
    let mut logs = shared.logs_mut();
    for (number, at, hashes) in unwritten {
        if let Some(log) = logs.get_mut(number).filter(|log| log.written == at) {
            log.unwritten.drain(..hashes.len());
            log.written += hashes.len() as u64;
        }
    }
    Ok(end)
}

fn keep_filter(shared: &Shared) -> Result<(), LedgerError> {
    let (changed, count) = {
        let filter = shared.filter();
        (filter.changed(), filter.len())
    };
    let dir = shared.paths.filter();
    for (number, part) in changed {
        replace(&*shared.config.disk, &dir, &number.to_string(), &part.to_bytes())
            .map_err(LedgerError::io("cannot write", dir.join(number.to_string())))?;
    }
    shared.filter().mark_kept(count);
    Ok(())
}

/// What an earlier process kept; empty where anything of it is missing or damaged.
pub(crate) fn load(disk: &dyn Disk, paths: &Paths) -> Result<(Logs, Filter), LedgerError> {
    for dir in [paths.trees(), paths.filter()] {
        disk.create_dir(&dir).map_err(LedgerError::io("cannot create", &dir))?;
    }
    let path = paths.root.join("heads");
    let heads = read_all(disk, &path).map_err(LedgerError::io("cannot read", &path))?;
    let Some((logs, parts)) = heads.as_deref().and_then(logs::heads_from_bytes) else { return Ok(Default::default()) };
    match load_filter(disk, paths)?.filter(|filter| filter.len() >= parts as usize) {
        Some(filter) => Ok((logs, filter)),
        None => Ok(Default::default()),
    }
}

fn load_filter(disk: &dyn Disk, paths: &Paths) -> Result<Option<Filter>, LedgerError> {
    let dir = paths.filter();
    let mut parts = Vec::new();
    let names = disk.list(&dir).map_err(LedgerError::io("cannot list", &dir))?;
    let count = names.iter().filter(|name| name.parse::<u32>().is_ok()).count();
    for number in 0..count {
        let path = dir.join(number.to_string());
        let bytes = read_all(disk, &path).map_err(LedgerError::io("cannot read", &path))?;
        match bytes.as_deref().and_then(|bytes| Part::from_bytes(number, bytes)) {
            Some(part) => parts.push(part),
            None => {
                tracing::warn!(path = %path.display(), "the filter is damaged and is rebuilt from the segments");
                return Ok(None);
            }
        }
    }
    Ok(Some(Filter::from_parts(parts)))
}
