//! The segment files: where records are, in one order over all logs, and how much of it is whole.
//!
//! A segment's name and header carry the position at which it starts. It ends where the next one starts, whatever else its
//! file holds: after a failed write a new segment simply begins at the last position known to be durable. So only the
//! newest segment has an end that must be found, and only there can a crash have left half a batch. Zeros after the end are blocks
//! taken in advance.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use crate::{
    LedgerError,
    disk::{Disk, DiskFile},
    record::{ALIGNMENT, HEADER_BYTES, Malformed, Record, claimed_bytes, crc32c},
};

/// Bytes of a segment before its first record: magic, start, zeros, CRC32C of what comes before it.
pub(crate) const SEGMENT_HEADER_BYTES: usize = 64;
const MAGIC: [u8; 8] = *b"NXSEG\0\0\x01";
/// So many batches at least must fit into the zeros that are written ahead of them.
const FILL_SHARE: usize = 4;
/// Files kept open for reading.
const MAX_OPEN_SEGMENTS: usize = 64;
/// Bytes read at a time when scanning.
const SCAN_BYTES: usize = 1 << 20;
/// Bytes read first when one record is fetched; most fit.
const FETCH_BYTES: usize = 2048;

/// All segment files of a ledger.
#[derive(Debug)]
pub(crate) struct Segments {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    /// Where each segment starts, ascending. Never empty once opened.
    starts: RwLock<Vec<u64>>,
    open: Mutex<VecDeque<(u64, Arc<dyn DiskFile>)>>,
    fill_ahead_bytes: usize,
    /// Which segment has its blocks up to which offset.
    filled: Mutex<(u64, u64)>,
}

/// Where the whole batches of the newest segment end, and whether anything lies beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tail {
    /// The first position after the last whole batch.
    pub end: u64,
    /// The file holds more than zeros beyond that, which belongs to no whole batch.
    pub torn: bool,
}

fn name(start: u64) -> String {
    format!("{start:016x}.seg")
}

fn start_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".seg").filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok()
}

fn header(start: u64) -> [u8; SEGMENT_HEADER_BYTES] {
    let mut bytes = [0; SEGMENT_HEADER_BYTES];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..16].copy_from_slice(&start.to_le_bytes());
    let sum = crc32c(&bytes[..60]);
    bytes[60..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

fn offset(start: u64, position: u64) -> u64 {
    position - start + SEGMENT_HEADER_BYTES as u64
}

impl Segments {
    /// Finds the segments in `dir`, making the first where there is none.
    pub(crate) fn open(disk: Arc<dyn Disk>, dir: PathBuf, fill_ahead_bytes: usize) -> Result<Self, LedgerError> {
        disk.create_dir(&dir).map_err(LedgerError::io("cannot create", &dir))?;
        let mut starts = Vec::new();
        for name in disk.list(&dir).map_err(LedgerError::io("cannot list", &dir))? {
            if let Some(start) = start_of(&name) {
                starts.push(start);
            } else if name.ends_with(".tmp") {
                disk.remove(&dir.join(&name)).map_err(LedgerError::io("cannot remove", dir.join(&name)))?;
            }
        }
        starts.sort_unstable();
        let segments = Self::with(disk, dir, starts, fill_ahead_bytes);
        if segments.starts().is_empty() {
            segments.begin(0).map_err(LedgerError::io("cannot create", segments.path(0)))?;
        }
        segments.check_chain()?;
        Ok(segments)
    }

    /// Finds the segments in `dir` and changes nothing, for a check of a ledger at rest.
    pub(crate) fn open_read_only(disk: Arc<dyn Disk>, dir: PathBuf) -> Result<Self, LedgerError> {
        let names = disk.list(&dir).map_err(LedgerError::io("cannot list", &dir))?;
        let mut starts: Vec<u64> = names.iter().filter_map(|name| start_of(name)).collect();
        starts.sort_unstable();
        Ok(Self::with(disk, dir, starts, 0))
    }

    fn with(disk: Arc<dyn Disk>, dir: PathBuf, starts: Vec<u64>, fill_ahead_bytes: usize) -> Self {
        let (open, filled) = (Mutex::default(), Mutex::new((u64::MAX, 0)));
        Self { disk, dir, starts: RwLock::new(starts), open, fill_ahead_bytes, filled }
    }

    fn check_chain(&self) -> Result<(), LedgerError> {
        let starts = self.starts();
        if starts[0] != 0 {
            return Err(LedgerError::corrupt(self.path(0), "the first segment is missing"));
        }
        for pair in starts.windows(2) {
            self.check_segment(pair[0], Some(pair[1]))?;
        }
        self.check_segment(starts[starts.len() - 1], None)
    }

    /// Checks that a segment's header is its own and that its file reaches to the next segment.
    pub(crate) fn check_segment(&self, start: u64, next: Option<u64>) -> Result<(), LedgerError> {
        let path = self.path(start);
        let file = self.file(start)?;
        let mut found = [0; SEGMENT_HEADER_BYTES];
        let read = file.read_at(&mut found, 0).map_err(LedgerError::io("cannot read", &path))?;
        if read < SEGMENT_HEADER_BYTES || found != header(start) {
            return Err(LedgerError::corrupt(path, "the segment's header is damaged"));
        }
        let len = file.len().map_err(LedgerError::io("cannot read", &path))?;
        match next {
            Some(next) if len < offset(start, next) => {
                Err(LedgerError::corrupt(path, format!("the segment should reach position {next} and is cut short")))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn path(&self, start: u64) -> PathBuf {
        self.dir.join(name(start))
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where each segment starts, ascending.
    pub(crate) fn starts(&self) -> Vec<u64> {
        self.starts.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where the newest segment starts.
    pub(crate) fn newest(&self) -> u64 {
        self.starts.read().unwrap_or_else(PoisonError::into_inner).last().copied().unwrap_or(0)
    }

    fn open_files(&self) -> MutexGuard<'_, VecDeque<(u64, Arc<dyn DiskFile>)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn filled(&self) -> MutexGuard<'_, (u64, u64)> {
        self.filled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The segment that starts at `start`, opened.
    pub(crate) fn file(&self, start: u64) -> Result<Arc<dyn DiskFile>, LedgerError> {
        let mut open = self.open_files();
        if let Some(at) = open.iter().position(|(s, _)| *s == start) {
            return Ok(Arc::clone(&open[at].1));
        }
        let path = self.path(start);
        let file: Arc<dyn DiskFile> = Arc::from(self.disk.open(&path).map_err(LedgerError::io("cannot open", path))?);
        open.push_back((start, Arc::clone(&file)));
        if open.len() > MAX_OPEN_SEGMENTS {
            open.pop_front();
        }
        Ok(file)
    }

    /// Makes `start` the beginning of a new, empty segment, durably, and the newest one. Whatever stood at or after it, in
    /// the segment before or in a segment of that very name, is no longer part of the ledger.
    pub(crate) fn begin(&self, start: u64) -> std::io::Result<()> {
        crate::disk::replace(&*self.disk, &self.dir, &name(start), &header(start))?;
        self.open_files().retain(|(s, _)| *s != start);
        *self.filled() = (start, SEGMENT_HEADER_BYTES as u64);
        let mut starts = self.starts.write().unwrap_or_else(PoisonError::into_inner);
        if starts.last() != Some(&start) {
            starts.push(start);
        }
        Ok(())
    }

    /// Writes and removes `bytes` zeros beside the segments, to find out whether the disk takes them.
    pub(crate) fn probe(&self, bytes: usize) -> std::io::Result<()> {
        let path = self.dir.join("probe.tmp");
        let file = self.disk.create(&path)?;
        let written = file.write_all_at(&vec![0; bytes], 0).and_then(|()| file.sync_data());
        written.and(self.disk.remove(&path))
    }

    /// Writes `bytes` at `position`, the end of the newest segment, and makes them durable.
    pub(crate) fn append(&self, position: u64, bytes: &[u8]) -> Result<(), LedgerError> {
        let start = self.newest();
        let file = self.file(start)?;
        let at = offset(start, position);
        file.write_all_at(bytes, at).map_err(LedgerError::io("cannot write", self.path(start)))?;
        self.fill_ahead(&*file, start, at, bytes.len());
        file.sync_data().map_err(LedgerError::io("cannot sync", self.path(start)))
    }

    /// Writes zeros after what was written at offset `at`, where that has just made the file grow and is small beside them. They become
    /// durable with it. A large batch is left to grow the file by itself: it would write everything twice.
    fn fill_ahead(&self, file: &dyn DiskFile, start: u64, at: u64, bytes: usize) {
        if bytes.saturating_mul(FILL_SHARE) > self.fill_ahead_bytes {
            return;
        }
        let end = at + bytes as u64;
        let mut filled = self.filled();
        if filled.0 != start {
            *filled = (start, file.len().unwrap_or(end));
        }
        // The zeros only save time, so that they do not fit is no reason to fail the batch, which did.
        if end >= filled.1 && file.write_all_at(&vec![0; self.fill_ahead_bytes], end).is_ok() {
            filled.1 = end + self.fill_ahead_bytes as u64;
        }
    }

    /// Reads the record at `position` and hands it to `take`.
    pub(crate) fn fetch<T>(&self, position: u64, take: impl FnOnce(&Record<'_>) -> T) -> Result<T, LedgerError> {
        let start = {
            let starts = self.starts.read().unwrap_or_else(PoisonError::into_inner);
            starts[starts.partition_point(|start| *start <= position).saturating_sub(1)]
        };
        let file = self.file(start)?;
        let mut bytes = vec![0; FETCH_BYTES];
        loop {
            let read = file
                .read_at(&mut bytes, offset(start, position))
                .map_err(LedgerError::io("cannot read", self.path(start)))?;
            match Record::parse(&bytes[..read], position) {
                Ok(record) => return Ok(take(&record)),
                Err(Malformed::Short { needed }) if needed > bytes.len() => bytes.resize(needed, 0),
                Err(Malformed::Short { .. }) => {
                    return Err(LedgerError::corrupt(self.path(start), format!("no record at position {position}")));
                }
                Err(Malformed::Damaged(what)) => {
                    return Err(LedgerError::corrupt(self.path(start), format!("position {position}: {what}")));
                }
            }
        }
    }

    /// Hands every record from position `from` up to `end` to `visit`, in order. Both are boundaries of batches; what lies
    /// between has been found whole before, so anything else now is damage.
    pub(crate) fn scan(
        &self,
        from: u64,
        end: u64,
        mut visit: impl FnMut(&Record<'_>) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        self.walk(from, end, |record| visit(record).map(|()| true))
    }

    /// As [`scan`](Self::scan), from the beginning of any record, for as long as `visit` wants more.
    pub(crate) fn walk(
        &self,
        from: u64,
        end: u64,
        mut visit: impl FnMut(&Record<'_>) -> Result<bool, LedgerError>,
    ) -> Result<(), LedgerError> {
        let starts = self.starts();
        let first = starts.partition_point(|start| *start <= from).saturating_sub(1);
        for (at, start) in starts.iter().enumerate().skip(first) {
            let stop = starts.get(at + 1).map_or(end, |next| (*next).min(end));
            if stop <= from || stop <= *start {
                continue;
            }
            let file = self.file(*start)?;
            let mut enough = false;
            let mut until = |record: &Record<'_>| {
                enough = !visit(record)?;
                Ok(!enough)
            };
            let (reached, problem) = scan_file(&*file, *start, from.max(*start), stop, &mut until)
                .map_err(|error| self.locate(*start, error))?;
            if enough {
                return Ok(());
            }
            if reached != stop {
                let what = problem.unwrap_or("the file ends");
                return Err(LedgerError::corrupt(self.path(*start), format!("position {reached}: {what}")));
            }
        }
        Ok(())
    }

    fn locate(&self, start: u64, error: ScanError) -> LedgerError {
        match error {
            ScanError::Read(error) => LedgerError::io("cannot read", self.path(start))(error),
            ScanError::Visit(error) => error,
        }
    }

    /// Finds where the whole batches of the newest segment end. `from` is a boundary of batches at which the search may begin.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] when a whole record of a later batch lies beyond the first fault: a batch is only written
    /// when the one before it was durable, so that is damage and no torn write.
    pub(crate) fn find_tail(&self, from: u64) -> Result<Tail, LedgerError> {
        let start = self.newest();
        let (file, path) = (self.file(start)?, self.path(start));
        let mut end = from.max(start);
        let len = file.len().map_err(LedgerError::io("cannot read", &path))?;
        if len < offset(start, end) {
            let what = format!(
                "events up to position {end} were acknowledged, and the file ends before: restore the segments, or remove \
                 `heads` and `index/` to accept the loss"
            );
            return Err(LedgerError::corrupt(path, what));
        }
        let mut visit = |record: &Record<'_>| {
            if record.last_of_batch {
                end = record.position + record.bytes() as u64;
            }
            Ok(true)
        };
        let (reached, _) = scan_file(&*file, start, from.max(start), u64::MAX, &mut visit)
            .map_err(|error| self.locate(start, error))?;
        if let Some(later) = later_batch(&*file, start, reached, end).map_err(LedgerError::io("cannot read", &path))? {
            let what = format!("position {reached} is damaged, and whole records follow at position {later}");
            return Err(LedgerError::corrupt(path, what));
        }
        let torn = has_bytes(&*file, offset(start, end)).map_err(LedgerError::io("cannot read", &path))?;
        Ok(Tail { end, torn })
    }
}

enum ScanError {
    Read(std::io::Error),
    Visit(LedgerError),
}

/// Visits records from `from` until `stop`, the end of the file, the first fault, or until `visit` wants no more; says where that was,
/// and why.
fn scan_file(
    file: &dyn DiskFile,
    start: u64,
    from: u64,
    stop: u64,
    visit: &mut impl FnMut(&Record<'_>) -> Result<bool, LedgerError>,
) -> Result<(u64, Option<&'static str>), ScanError> {
    let mut buffer = vec![0; SCAN_BYTES];
    let mut position = from;
    while position < stop {
        let read = file.read_at(&mut buffer, offset(start, position)).map_err(ScanError::Read)?;
        let mut at = 0;
        let mut fault = None;
        while position < stop {
            match Record::parse(&buffer[at..read], position) {
                Ok(record) => {
                    let more = visit(&record).map_err(ScanError::Visit)?;
                    at += record.bytes();
                    position += record.bytes() as u64;
                    if !more {
                        return Ok((position, None));
                    }
                }
                Err(found) => {
                    fault = Some(found);
                    break;
                }
            }
        }
        match fault {
            Some(Malformed::Damaged(what)) => return Ok((position, Some(what))),
            // The buffer ended inside a record: read on from there, with a larger buffer where one record needs it.
            Some(Malformed::Short { needed }) if read == buffer.len() && (at > 0 || needed > buffer.len()) => {
                buffer.resize(needed.max(SCAN_BYTES), 0);
            }
            Some(Malformed::Short { .. }) => return Ok((position, None)),
            None => {}
        }
    }
    Ok((position, None))
}

/// Whether anything but zeros lies at `offset` or after it.
fn has_bytes(file: &dyn DiskFile, mut offset: u64) -> std::io::Result<bool> {
    let mut buffer = vec![0; SCAN_BYTES];
    loop {
        let read = file.read_at(&mut buffer, offset)?;
        if buffer[..read].iter().any(|byte| *byte != 0) {
            return Ok(true);
        }
        if read < buffer.len() {
            return Ok(false);
        }
        offset += read as u64;
    }
}

/// The position of a whole record after `fault` that belongs to another batch than the one beginning at `batch`.
fn later_batch(file: &dyn DiskFile, start: u64, fault: u64, batch: u64) -> std::io::Result<Option<u64>> {
    let mut position = fault + ALIGNMENT as u64;
    let mut buffer = vec![0; SCAN_BYTES];
    loop {
        let read = file.read_at(&mut buffer, offset(start, position))?;
        if read < HEADER_BYTES {
            return Ok(None);
        }
        let last = read - HEADER_BYTES;
        for at in (0..=last).step_by(ALIGNMENT) {
            let Some(needed) = claimed_bytes(&buffer[at..read]) else { continue };
            let mut whole = vec![0; needed];
            let here = position + at as u64;
            let got = file.read_at(&mut whole, offset(start, here))?;
            if Record::parse(&whole[..got], here).is_ok_and(|record| record.batch != batch) {
                return Ok(Some(here));
            }
        }
        position += (last / ALIGNMENT * ALIGNMENT + ALIGNMENT) as u64;
    }
}
