//! Events on their way into the index.

use std::{io, path::Path};

use super::{Fingerprint, fingerprint, part::Part, write::PartWriter};
use crate::{keys, recent::Doc};

/// Events since the last commit, as they will stand in a part. About 270 bytes of memory each.
#[derive(Default)]
pub(crate) struct Batch {
    /// Position and time of each doc.
    columns: Vec<(u64, i64)>,
    /// Each term of each doc. Two halves of a fingerprint take less room than a whole one, which wants to lie at multiples of 16.
    terms: Vec<([u64; 2], u32)>,
}

impl Batch {
    pub(crate) fn push(&mut self, doc: &Doc) {
        let number = u32::try_from(self.columns.len()).unwrap_or(u32::MAX);
        self.columns.push((doc.position, doc.recorded_at));
        for key in doc.keys.iter() {
            let print = fingerprint(&keys::term(doc.scope, key));
            self.terms.push(([(print >> 64) as u64, print as u64], number));
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.columns.clear();
        self.terms.clear();
    }

    /// Writes a part of all of it.
    pub(super) fn write(&mut self, dir: &Path, number: u64) -> io::Result<Part> {
        let mut part = PartWriter::create(dir, number)?;
        for (position, time) in &self.columns {
            part.doc(*position, *time)?;
        }
        self.terms.sort_unstable();
        let mut docs = Vec::new();
        for run in self.terms.chunk_by(|a, b| a.0 == b.0) {
            docs.clear();
            docs.extend(run.iter().map(|(_, doc)| *doc));
            // An event that has a key twice is found by it once.
            docs.dedup();
            let [high, low] = run[0].0;
            part.term(Fingerprint::from(high) << 64 | Fingerprint::from(low), &docs)?;
        }
        part.finish()
    }
}
