//! Writing a part: docs first, then terms in ascending order.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use super::{
    Fingerprint,
    part::{self, Fence, PAGE_TERMS, Part, ZONE_DOCS, Zone},
    postings,
};
use crate::record::crc32c;

/// Bytes after which a file is synced on the way. A merge would otherwise leave tens of megabytes to one sync at its end, and what the
/// writer has to make durable meanwhile would wait behind them.
const STEP_BYTES: usize = 2 << 20;
/// Bytes of lists after which a page ends early, so that the way back from it to its lists fits its entries.
const GROUP_BYTES: u64 = 1 << 30;

/// A file whose content reaches the device in small steps.
struct Paced {
    file: File,
    unsynced: usize,
}

impl Write for Paced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.unsynced += written;
        if self.unsynced >= STEP_BYTES {
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file that goes again unless it is finished: what a merge had written when it was given up, or when the disk was full, would
/// otherwise keep the disk full until the next start.
struct Draft {
    path: PathBuf,
    finished: bool,
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.finished {
            // One that is left all the same is removed at the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Where the docs of a term are.
enum Place {
    /// There is only this one.
    Doc(u32),
    /// In the list at this offset.
    List(u64),
}

pub(super) struct PartWriter<'a> {
    dir: &'a Path,
    number: u64,
    file: BufWriter<Paced>,
    draft: Draft,
    /// Bytes written.
    at: u64,
    docs: u32,
    zone: Vec<(u64, i64)>,
    zones: Vec<Zone>,
    /// The terms of the page that is gathered.
    group: Vec<(Fingerprint, Place)>,
    /// Where its lists begin.
    group_at: u64,
    fences: Vec<Fence>,
    /// Kept for its room.
    buffer: Vec<u8>,
}

impl<'a> PartWriter<'a> {
    pub(super) fn create(dir: &'a Path, number: u64) -> io::Result<Self> {
        let path = dir.join(part::file_name(number));
        let file = Paced { file: File::create(&path)?, unsynced: 0 };
        Ok(Self {
            dir,
            number,
            file: BufWriter::with_capacity(64 << 10, file),
            draft: Draft { path, finished: false },
            at: 0,
            docs: 0,
            zone: Vec::with_capacity(ZONE_DOCS),
            zones: Vec::new(),
            group: Vec::with_capacity(PAGE_TERMS),
            group_at: 0,
            fences: Vec::new(),
            buffer: Vec::new(),
        })
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Adds the next doc. All docs come before the first term, in order of position.
    pub(super) fn doc(&mut self, position: u64, time: i64) -> io::Result<()> {
        debug_assert!(self.fences.is_empty() && self.group.is_empty());
        self.docs += 1;
        self.zone.push((position, time));
        if self.zone.len() == ZONE_DOCS { self.end_zone() } else { Ok(()) }
    }

    fn end_zone(&mut self) -> io::Result<()> {
        let Some((first, _)) = self.zone.first().copied() else { return Ok(()) };
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.clear();
        self.zone.iter().for_each(|(position, _)| bytes.extend_from_slice(&position.to_le_bytes()));
        self.zone.iter().for_each(|(_, time)| bytes.extend_from_slice(&time.to_le_bytes()));
        let times = || self.zone.iter().map(|(_, time)| *time);
        let (earliest, latest) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
        self.zones.push(Zone { first, earliest, latest, sum: crc32c(&bytes) });
        self.zone.clear();
        self.put(&bytes)?;
        self.buffer = bytes;
        self.group_at = self.at;
        Ok(())
    }

    /// Adds the next term, with the docs that have it, ascending, at least one.
    pub(super) fn term(&mut self, print: Fingerprint, docs: &[u32]) -> io::Result<()> {
        self.end_zone()?;
        let place = match docs {
            [] => return Ok(()),
            [doc] => Place::Doc(*doc),
            docs => {
                let mut bytes = std::mem::take(&mut self.buffer);
                bytes.clear();
                postings::encode(docs, &mut bytes);
                let at = self.at;
                self.put(&bytes)?;
                self.buffer = bytes;
                Place::List(at)
            }
        };
        self.group.push((print, place));
        if self.group.len() == PAGE_TERMS || self.at - self.group_at > GROUP_BYTES { self.end_group() } else { Ok(()) }
    }

    fn end_group(&mut self) -> io::Result<()> {
        let Some((first, _)) = self.group.first() else { return Ok(()) };
        let (first, at) = (*first, self.at);
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.clear();
        for (print, place) in self.group.drain(..) {
            bytes.extend_from_slice(&print.to_be_bytes());
            bytes.extend_from_slice(
                &match place {
                    Place::Doc(doc) => part::ONE_DOC | doc,
                    Place::List(list) => u32::try_from(at - list).map_err(io::Error::other)?,
                }
                .to_le_bytes(),
            );
        }
        let sum = crc32c(&bytes);
        self.put(&bytes)?;
        self.fences.push(Fence { first, at, bytes: u32::try_from(bytes.len()).map_err(io::Error::other)?, sum });
        self.buffer = bytes;
        self.group_at = self.at;
        Ok(())
    }

    /// Makes the part durable and opens it.
    pub(super) fn finish(mut self) -> io::Result<Part> {
        self.end_zone()?;
        self.end_group()?;
        let mut footer = Vec::with_capacity(64 + 28 * self.zones.len() + 32 * self.fences.len());
        part::write_footer(self.docs, &self.zones, &self.fences, &mut footer);
        self.put(&footer)?;
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?.file.sync_data()?;
        let part = Part::open(self.dir, self.number)?;
        self.draft.finished = true;
        Ok(part)
    }
}
