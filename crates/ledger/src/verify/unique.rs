//! Whether an event id stands twice in one tenant's environment, over any number of events in bounded memory: sorted runs in
//! temporary files, merged.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::File,
    io::{BufReader, BufWriter, Read, Seek, Write},
    path::PathBuf,
};

use super::VerifyOptions;
use crate::LedgerError;

/// Scope, event id, position: 4, 16 and 8 bytes.
type Id = (u32, u128, u64);
const ID_BYTES: usize = 28;

/// The event ids seen so far.
pub(super) struct Ids {
    buffer: Vec<Id>,
    limit: usize,
    runs: Vec<File>,
    scratch: PathBuf,
}

impl Ids {
    pub(super) fn new(options: &VerifyOptions) -> Self {
        let limit = (options.sort_bytes / size_of::<Id>()).max(1024);
        Self { buffer: Vec::new(), limit, runs: Vec::new(), scratch: options.scratch.clone() }
    }

    pub(super) fn push(&mut self, scope: u32, id: [u8; 16], position: u64) -> Result<(), LedgerError> {
        self.buffer.push((scope, u128::from_be_bytes(id), position));
        if self.buffer.len() >= self.limit { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<(), LedgerError> {
        let run = self.write_run().map_err(LedgerError::io("cannot write to", &self.scratch))?;
        self.runs.push(run);
        self.buffer.clear();
        Ok(())
    }

    /// Writes the buffer, sorted, to a file that has no name and goes when it is closed.
    fn write_run(&mut self) -> std::io::Result<File> {
        self.buffer.sort_unstable();
        let path = self.scratch.join(format!("nexus-verify-{}-{}.tmp", std::process::id(), unique_number()));
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        std::fs::remove_file(&path)?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        for (scope, id, position) in &self.buffer {
            out.write_all(&scope.to_le_bytes())?;
            out.write_all(&id.to_le_bytes())?;
            out.write_all(&position.to_le_bytes())?;
        }
        let mut file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }

    /// Names every id that stands twice, by the positions of the two events.
    pub(super) fn finish(
        mut self,
        mut repeated: impl FnMut(u64, u64) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        self.buffer.sort_unstable();
        let mut merge = Merge { buffer: std::mem::take(&mut self.buffer).into_iter(), runs: Vec::new() };
        merge.runs.extend(self.runs.drain(..).map(|run| BufReader::with_capacity(1 << 18, run)));
        let mut heap = BinaryHeap::new();
        for source in 0..=merge.runs.len() {
            let id = merge.next(source).map_err(LedgerError::io("cannot read from", &self.scratch))?;
            heap.extend(id.map(|id| Reverse((id, source))));
        }
        let mut last: Option<Id> = None;
        while let Some(Reverse((id, source))) = heap.pop() {
            if let Some(last) = last.filter(|last| (last.0, last.1) == (id.0, id.1)) {
                repeated(last.2, id.2)?;
            }
            last = Some(id);
            let next = merge.next(source).map_err(LedgerError::io("cannot read from", &self.scratch))?;
            heap.extend(next.map(|id| Reverse((id, source))));
        }
        Ok(())
    }
}

/// Tells apart the runs of checks that one process makes at a time.
fn unique_number() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// Source 0 is what is still in memory, the others are the runs.
struct Merge {
    buffer: std::vec::IntoIter<Id>,
    runs: Vec<BufReader<File>>,
}

impl Merge {
    fn next(&mut self, source: usize) -> std::io::Result<Option<Id>> {
        let Some(run) = source.checked_sub(1).map(|run| &mut self.runs[run]) else { return Ok(self.buffer.next()) };
        let mut bytes = [0; ID_BYTES];
        match run.read_exact(&mut bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let (scope, rest) = bytes.split_at(4);
        let (id, position) = rest.split_at(16);
        let parse = || {
            Some((
                u32::from_le_bytes(scope.try_into().ok()?),
                u128::from_le_bytes(id.try_into().ok()?),
                u64::from_le_bytes(position.try_into().ok()?),
            ))
        };
        Ok(parse())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_repetition_is_found_however_much_spills(ids in prop::collection::vec((0u32..3, 0u8..40), 0..200), limit in 1usize..50) {
            let mut sort = Ids { limit, ..Ids::new(&VerifyOptions::new("")) };
            let (mut seen, mut expected) = (std::collections::HashMap::new(), Vec::new());
            for (position, (scope, id)) in (0u64..).zip(&ids) {
                sort.push(*scope, [*id; 16], position).unwrap();
                if let Some(before) = seen.insert((scope, id), position) {
                    expected.push((before, position));
                }
            }
            let mut found = Vec::new();
            sort.finish(|first, second| { found.push((first, second)); Ok(()) }).unwrap();
            found.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
