//! The index over the segments: which positions hold a key.
//!
//! It only knows exact keys, by their fingerprints, and answers one question: which positions, in order, have all of some keys, between
//! two positions and two times. It follows from the segments, so whatever is wrong with it is mended by building it again; but it must never answer
//! wrongly, so every byte that is read from it is checked first.
//!
//! # Files
//!
//! A *part* is an immutable file about events that lie side by side; parts are in order of position and never overlap. Within a part an event is a
//! *doc*, numbered from zero in order of position. Events come in as a [`Batch`], which a commit makes a part of; neighbours are merged into larger
//! parts in the background ([`merge`]). `manifest` names the parts that count and the position up to which they reflect the segments; it is
//! replaced atomically, and what it does not name is removed at the next start.
//!
//! ```text
//! part     = columns, then groups, then footer
//! columns  = for each zone of 512 docs: their positions (u64), their times (i64)
//! group    = the lists of up to 512 terms that have more than one doc, then a page of those terms
//! page     = for each term, ascending: its fingerprint (u128, big-endian), then a doc, or how far before the page its list is
//! list     = count, bytes, checksum, skips, then blocks of 128 docs as varints of their differences
//! skip     = first doc of a block, where the block begins, its checksum
//! footer   = zones (first position, earliest and latest time, checksum), fences (first fingerprint, place and checksum of a page)
//! ```
//!
//! Numbers are little-endian but for fingerprints; checksums are CRC-32C. Zones and fences are in memory while a part is open: 28 bytes for 512 events and 32
//! for 512 terms, some 300 KB for a million events. Nothing else is: a look at a term is a binary search in memory and one read of 10 KB.

mod batch;
mod manifest;
mod merge;
mod part;
mod postings;
mod walk;
mod write;

#[cfg(test)]
mod tests;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use crate::{LedgerError, disk::RealDisk};

pub(crate) use self::{
    batch::Batch,
    merge::{Merge, Merged, mergeable},
    part::Part,
    walk::Wanted,
};

/// What stands for a term: the first half of its SHA-256. A term contains its tenant's environment, so whoever would find two terms with one
/// fingerprint, by 2^64 attempts, could mislead only himself.
type Fingerprint = u128;

fn fingerprint(term: &[u8]) -> Fingerprint {
    let digest = Sha256::digest(term);
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    Fingerprint::from_be_bytes(half)
}

/// What is read is not what was written.
fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// An opened index.
pub(crate) struct Index {
    dir: PathBuf,
    parts: Vec<Arc<Part>>,
    end: u64,
    /// The number of the next part.
    next: u64,
}

impl Index {
    /// Opens the index in `dir`, making an empty one where there is none or one of another format.
    ///
    /// # Errors
    /// `Index` when the manifest is damaged or a file cannot be read. A damaged part, and what comes after it, is left out.
    pub(crate) fn open(dir: &Path) -> Result<Self, LedgerError> {
        fs::create_dir_all(dir).map_err(LedgerError::io("cannot create", dir))?;
        let index = Self::open_as_it_is(dir).map_err(LedgerError::index("cannot open"))?;
        index.remove_strays().map_err(LedgerError::index("cannot clear"))?;
        Ok(index)
    }

    fn open_as_it_is(dir: &Path) -> io::Result<Self> {
        let manifest = manifest::read(dir)?;
        let mut index = Self { dir: dir.to_owned(), parts: Vec::new(), end: manifest.end, next: manifest.next() };
        for named in &manifest.parts {
            match Part::open(dir, named.number) {
                Ok(part) if part.docs() == named.docs && part.first() == named.first => {
                    index.parts.push(Arc::new(part));
                }
                other => {
                    let error = other.err().unwrap_or_else(|| damaged("not the part that the manifest names"));
                    tracing::warn!(part = named.number, %error, "a part of the index is damaged; from there on it is built again");
                    index.end = named.first;
                    break;
                }
            }
        }
        Ok(index)
    }

    /// Removes what the manifest does not name: parts that were merged or never finished, and files of older formats.
    fn remove_strays(&self) -> io::Result<()> {
        let kept: Vec<String> = self.parts.iter().map(|part| part::file_name(part.number())).collect();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_kept = name == manifest::NAME || kept.iter().any(|kept| name == kept.as_str());
            if !is_kept && entry.file_type()?.is_file() {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Everything before this position is in the parts.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// What the last commit shows.
    pub(crate) fn view(&self) -> IndexView {
        IndexView { parts: self.parts.clone(), end: self.end }
    }

    /// Makes durable what is in `batch`, which is emptied, and what a merge has made. Everything before `end` is in the index then.
    pub(crate) fn commit(&mut self, batch: &mut Batch, end: u64, merged: Option<Merged>) -> Result<(), LedgerError> {
        self.commit_in(batch, end, merged).map_err(LedgerError::index("cannot commit"))
    }

    fn commit_in(&mut self, batch: &mut Batch, end: u64, merged: Option<Merged>) -> io::Result<()> {
        let mut parts = self.parts.clone();
        let mut replaced = Vec::new();
        if let Some(Merged { part, of }) = merged
            && let Some(at) =
                parts.windows(of.len()).position(|run| run.iter().map(|part| part.number()).eq(of.iter().copied()))
        {
            replaced = parts.splice(at..at + of.len(), [Arc::new(part)]).collect();
        }
        let mut next = self.next;
        if !batch.is_empty() {
            parts.push(Arc::new(batch.write(&self.dir, next)?));
            next += 1;
        }
        manifest::write(&RealDisk, &self.dir, &parts, end)?;
        batch.clear();
        (self.parts, self.end, self.next) = (parts, end, next);
        for part in replaced {
            // Whoever still reads it has it open. One that is left is removed at the next start.
            let _ = fs::remove_file(self.dir.join(part::file_name(part.number())));
        }
        Ok(())
    }

    /// Begins to merge these neighbours.
    pub(crate) fn merge(&mut self, parts: Vec<Arc<Part>>) -> io::Result<Merge> {
        let number = self.next;
        let merge = Merge::begin(self.dir.clone(), number, parts)?;
        self.next += 1;
        Ok(merge)
    }
}

/// What one commit shows: parts in order of position.
#[derive(Default)]
pub(crate) struct IndexView {
    pub parts: Vec<Arc<Part>>,
    /// Records before this position are in the parts.
    pub end: u64,
}

impl IndexView {
    /// The positions wanted, in the order wanted.
    pub(crate) fn walk(&self, wanted: &Wanted) -> Result<Vec<u64>, LedgerError> {
        let prints: Vec<Fingerprint> = wanted.terms.iter().map(|term| fingerprint(term)).collect();
        let mut found = Vec::new();
        let mut walk = |part: &Arc<Part>| {
            if part.first() < wanted.below && wanted.from <= part.last() && found.len() < wanted.limit {
                walk::walk(part, wanted, &prints, &mut found)?;
            }
            Ok(())
        };
        let result = if wanted.newest_first {
            self.parts.iter().rev().try_for_each(&mut walk)
        } else {
            self.parts.iter().try_for_each(&mut walk)
        };
        result.map_err(LedgerError::index("cannot read"))?;
        Ok(found)
    }

    /// The newest position that has this term.
    pub(crate) fn find(&self, term: Vec<u8>) -> Result<Option<u64>, LedgerError> {
        let wanted = Wanted {
            terms: vec![term],
            since: None,
            until: None,
            from: 0,
            below: u64::MAX,
            newest_first: true,
            limit: 1,
        };
        Ok(self.walk(&wanted)?.first().copied())
    }
}
