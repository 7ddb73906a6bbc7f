//! A part, opened: its zones and fences in memory, all else read and checked when it is asked for.

use std::{fs::File, io, os::unix::fs::FileExt, path::Path};

use super::{Fingerprint, damaged, postings::Postings};
use crate::record::crc32c;

/// Docs in a zone.
pub(super) const ZONE_DOCS: usize = 512;
/// Terms in a page.
pub(super) const PAGE_TERMS: usize = 512;
/// Says that the rest of the number is a doc; without it, the number is the way back to a list.
pub(super) const ONE_DOC: u32 = 1 << 31;
/// Bytes of a term in a page.
pub(super) const TERM_BYTES: usize = 16 + 4;
const DOC_BYTES: usize = 8 + 8;
const ZONE_BYTES: usize = 8 + 8 + 8 + 4;
const FENCE_BYTES: usize = 16 + 8 + 4 + 4;
/// How far the footer reaches back from its end, and its checksum.
const TAIL_BYTES: usize = 4 + 4;

pub(super) fn file_name(number: u64) -> String {
    format!("{number:016x}.part")
}

/// Numbers one after another.
pub(super) struct Fields<'a>(pub &'a [u8]);

impl Fields<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or_else(|| damaged("cut short"))?;
        self.0 = rest;
        Ok(*head)
    }

    pub(super) fn u32(&mut self) -> io::Result<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> io::Result<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn i64(&mut self) -> io::Result<i64> {
        self.take().map(i64::from_le_bytes)
    }
}

/// What is known of some neighbouring docs without reading them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone {
    /// Position of the first doc.
    pub first: u64,
    pub earliest: i64,
    pub latest: i64,
    /// Checksum of its positions and times.
    pub sum: u32,
}

/// Where a page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fence {
    /// The first term in the page.
    pub first: Fingerprint,
    pub at: u64,
    pub bytes: u32,
    pub sum: u32,
}

/// Positions and times of a zone's docs.
pub(super) struct Columns {
    pub zone: usize,
    pub positions: Vec<u64>,
    pub times: Vec<i64>,
}

/// One part of the index, docs in order of position.
pub(crate) struct Part {
    number: u64,
    file: File,
    docs: u32,
    last: u64,
    zones: Vec<Zone>,
    fences: Vec<Fence>,
}

pub(super) fn write_footer(docs: u32, zones: &[Zone], fences: &[Fence], out: &mut Vec<u8>) {
    let len = |len: usize| u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes();
    for number in [docs.to_le_bytes(), len(zones.len()), len(fences.len())] {
        out.extend_from_slice(&number);
    }
    for zone in zones {
        out.extend_from_slice(&zone.first.to_le_bytes());
        out.extend_from_slice(&zone.earliest.to_le_bytes());
        out.extend_from_slice(&zone.latest.to_le_bytes());
        out.extend_from_slice(&zone.sum.to_le_bytes());
    }
    for fence in fences {
        out.extend_from_slice(&fence.first.to_be_bytes());
        out.extend_from_slice(&fence.at.to_le_bytes());
        out.extend_from_slice(&fence.bytes.to_le_bytes());
        out.extend_from_slice(&fence.sum.to_le_bytes());
    }
    let (bytes, sum) = (len(out.len()), crc32c(out).to_le_bytes());
    out.extend_from_slice(&bytes);
    out.extend_from_slice(&sum);
}

impl Part {
    pub(super) fn open(dir: &Path, number: u64) -> io::Result<Self> {
        let file = File::open(dir.join(file_name(number)))?;
        let len = file.metadata()?.len();
        let mut part = Self { number, file, docs: 0, last: 0, zones: Vec::new(), fences: Vec::new() };
        let tail_at = len.checked_sub(TAIL_BYTES as u64).ok_or_else(|| damaged("cut short"))?;
        let tail = part.read(tail_at, TAIL_BYTES)?;
        let mut tail = Fields(&tail);
        let (bytes, sum) = (tail.u32()?, tail.u32()?);
        let at = tail_at.checked_sub(u64::from(bytes)).ok_or_else(|| damaged("no footer"))?;
        part.read_footer(&part.checked(at, bytes as usize, sum)?)?;
        let last = part.zones.len().checked_sub(1).ok_or_else(|| damaged("no docs"))?;
        part.last = part.columns(last)?.positions.last().copied().unwrap_or(0);
        Ok(part)
    }

    fn read_footer(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut fields = Fields(bytes);
        self.docs = fields.u32()?;
        let (zones, fences) = (fields.u32()? as usize, fields.u32()? as usize);
        let fits = zones == (self.docs as usize).div_ceil(ZONE_DOCS)
            && fields.0.len() == zones * ZONE_BYTES + fences * FENCE_BYTES;
        if !fits {
            return Err(damaged("a footer that does not fit"));
        }
        let zone = |fields: &mut Fields<'_>| {
            Ok(Zone { first: fields.u64()?, earliest: fields.i64()?, latest: fields.i64()?, sum: fields.u32()? })
        };
        self.zones = (0..zones).map(|_| zone(&mut fields)).collect::<io::Result<_>>()?;
        let fence = |fields: &mut Fields<'_>| {
            let first = Fingerprint::from_be_bytes(fields.take()?);
            Ok(Fence { first, at: fields.u64()?, bytes: fields.u32()?, sum: fields.u32()? })
        };
        self.fences = (0..fences).map(|_| fence(&mut fields)).collect::<io::Result<_>>()?;
        Ok(())
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn docs(&self) -> u32 {
        self.docs
    }

    /// The position of its first doc.
    pub(crate) fn first(&self) -> u64 {
        self.zones.first().map_or(0, |zone| zone.first)
    }

    /// The position of its last doc.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn zones(&self) -> &[Zone] {
        &self.zones
    }

    pub(super) fn fences(&self) -> &[Fence] {
        &self.fences
    }

    /// Where the lists of this page begin.
    pub(super) fn group_at(&self, page: usize) -> u64 {
        match page.checked_sub(1).map(|before| &self.fences[before]) {
            Some(fence) => fence.at + u64::from(fence.bytes),
            None => self.docs as u64 * DOC_BYTES as u64,
        }
    }

    pub(super) fn read(&self, at: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let mut buffer = vec![0; bytes];
        self.file.read_exact_at(&mut buffer, at)?;
        Ok(buffer)
    }

    pub(super) fn checked(&self, at: u64, bytes: usize, sum: u32) -> io::Result<Vec<u8>> {
        let buffer = self.read(at, bytes)?;
        if crc32c(&buffer) == sum { Ok(buffer) } else { Err(damaged("a checksum that does not fit")) }
    }

    /// Positions and times of a zone, which must be there.
    pub(super) fn columns(&self, zone: usize) -> io::Result<Columns> {
        let first = zone * ZONE_DOCS;
        let docs = ZONE_DOCS.min(self.docs as usize - first);
        let bytes = self.checked((first * DOC_BYTES) as u64, docs * DOC_BYTES, self.zones[zone].sum)?;
        let (positions, times) = bytes.split_at(docs * 8);
        let words = |bytes: &[u8]| bytes.as_chunks::<8>().0.to_vec();
        Ok(Columns {
            zone,
            positions: words(positions).into_iter().map(u64::from_le_bytes).collect(),
            times: words(times).into_iter().map(i64::from_le_bytes).collect(),
        })
    }

    /// The first doc at or after `position`.
    pub(super) fn at_or_after(&self, position: u64) -> io::Result<u32> {
        if position <= self.first() {
            return Ok(0);
        }
        if position > self.last {
            return Ok(self.docs);
        }
        let zone = self.zones.partition_point(|zone| zone.first < position) - 1;
        let within = self.columns(zone)?.positions.partition_point(|at| *at < position);
        Ok(u32::try_from(zone * ZONE_DOCS + within).unwrap_or(u32::MAX))
    }

    /// The docs that have a term; `None` when there are none.
    pub(super) fn postings(&self, print: Fingerprint) -> io::Result<Option<Postings<'_>>> {
        let Some(page) = self.fences.partition_point(|fence| fence.first <= print).checked_sub(1) else {
            return Ok(None);
        };
        let fence = &self.fences[page];
        let bytes = self.checked(fence.at, fence.bytes as usize, fence.sum)?;
        let (terms, _) = bytes.as_chunks::<TERM_BYTES>();
        let Ok(at) = terms.binary_search_by(|term| term[..16].cmp(&print.to_be_bytes())) else { return Ok(None) };
        let place = Fields(&terms[at][16..]).u32()?;
        if place & ONE_DOC != 0 {
            return Ok(Some(Postings::One(place & !ONE_DOC)));
        }
        let list = fence.at.checked_sub(u64::from(place)).ok_or_else(|| damaged("a list outside the file"))?;
        Postings::open(self, list).map(Some)
    }
}
