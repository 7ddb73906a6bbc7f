//! The docs that have a term, sought from either end.

use std::io;

use super::{
    damaged,
    part::{Fields, Part},
};
use crate::record::crc32c;

/// Docs in a block.
const BLOCK_DOCS: usize = 128;
/// Count, bytes, checksum.
const HEADER_BYTES: usize = 4 + 4 + 4;
const SKIP_BYTES: usize = 4 + 4 + 4;

/// What is known of a block without reading it.
struct Skip {
    first: u32,
    /// Where it begins in the list's blocks.
    at: u32,
    sum: u32,
}

/// What a list begins with.
struct Header {
    count: u32,
    /// Bytes of all blocks.
    bytes: u32,
    /// Checksum of the two before it and the skips.
    sum: u32,
}

impl Header {
    fn read(bytes: &[u8]) -> io::Result<Self> {
        let mut fields = Fields(bytes);
        Ok(Self { count: fields.u32()?, bytes: fields.u32()?, sum: fields.u32()? })
    }

    fn blocks(&self) -> usize {
        (self.count as usize).div_ceil(BLOCK_DOCS)
    }

    fn skips(&self, bytes: &[u8]) -> io::Result<Vec<Skip>> {
        if checksum(self.count, self.bytes, bytes) != self.sum {
            return Err(damaged("a list whose checksum does not fit"));
        }
        let mut fields = Fields(bytes);
        (0..self.blocks()).map(|_| Ok(Skip { first: fields.u32()?, at: fields.u32()?, sum: fields.u32()? })).collect()
    }

    /// Where a block is among the blocks, and how many docs it has.
    fn block(&self, skips: &[Skip], block: usize) -> (usize, usize, usize) {
        let end = skips.get(block + 1).map_or(self.bytes, |next| next.at);
        (skips[block].at as usize, end as usize, BLOCK_DOCS.min(self.count as usize - block * BLOCK_DOCS))
    }
}

fn checksum(count: u32, bytes: u32, skips: &[u8]) -> u32 {
    let mut sum = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc32Iscsi);
    for bytes in [&count.to_le_bytes()[..], &bytes.to_le_bytes(), skips] {
        sum.update(bytes);
    }
    u32::try_from(sum.finalize()).unwrap_or(0)
}

/// Writes a list of docs, ascending, at least one.
pub(super) fn encode(docs: &[u32], out: &mut Vec<u8>) {
    let blocks = docs.len().div_ceil(BLOCK_DOCS);
    let start = out.len();
    let blocks_at = start + HEADER_BYTES + blocks * SKIP_BYTES;
    out.resize(blocks_at, 0);
    for (number, block) in docs.chunks(BLOCK_DOCS).enumerate() {
        let at = out.len();
        for pair in block.windows(2) {
            varint(pair[1] - pair[0], out);
        }
        let sum = crc32c(&out[at..]);
        let place = u32::try_from(at - blocks_at).unwrap_or(u32::MAX);
        let skip = start + HEADER_BYTES + number * SKIP_BYTES;
        for (field, value) in [block[0], place, sum].into_iter().enumerate() {
            out[skip + field * 4..skip + field * 4 + 4].copy_from_slice(&value.to_le_bytes());
        }
    }
    let count = u32::try_from(docs.len()).unwrap_or(u32::MAX);
    let bytes = u32::try_from(out.len() - blocks_at).unwrap_or(u32::MAX);
    let sum = checksum(count, bytes, &out[start + HEADER_BYTES..blocks_at]);
    for (field, value) in [count, bytes, sum].into_iter().enumerate() {
        out[start + field * 4..start + field * 4 + 4].copy_from_slice(&value.to_le_bytes());
    }
}

fn varint(mut value: u32, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Adds the docs of one block, each `base` higher.
fn decode_block(mut bytes: &[u8], skip: &Skip, count: usize, base: u32, out: &mut Vec<u32>) -> io::Result<()> {
    if crc32c(bytes) != skip.sum {
        return Err(damaged("a block whose checksum does not fit"));
    }
    let mut doc = skip.first + base;
    out.push(doc);
    for _ in 1..count {
        let (mut difference, mut shift) = (0_u32, 0);
        loop {
            let (byte, rest) = bytes.split_first().ok_or_else(|| damaged("a block that is cut short"))?;
            bytes = rest;
            difference |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 || shift > 28 {
                break;
            }
        }
        doc = doc.checked_add(difference).ok_or_else(|| damaged("docs that are out of order"))?;
        out.push(doc);
    }
    Ok(())
}

/// Adds all docs of the list that `bytes` begins with, each `base` higher.
pub(super) fn decode(bytes: &[u8], base: u32, out: &mut Vec<u32>) -> io::Result<()> {
    let short = || damaged("a list that is cut short");
    let header = Header::read(bytes)?;
    let (skips, blocks) = bytes[HEADER_BYTES..].split_at_checked(header.blocks() * SKIP_BYTES).ok_or_else(short)?;
    let skips = header.skips(skips)?;
    for (number, skip) in skips.iter().enumerate() {
        let (from, to, count) = header.block(&skips, number);
        decode_block(blocks.get(from..to).ok_or_else(short)?, skip, count, base, out)?;
    }
    Ok(())
}

/// The docs that have a term.
pub(super) enum Postings<'a> {
    /// This one alone.
    One(u32),
    /// More than one.
    Many(List<'a>),
}

pub(super) struct List<'a> {
    part: &'a Part,
    header: Header,
    blocks_at: u64,
    skips: Vec<Skip>,
    /// The block that `docs` holds.
    loaded: usize,
    docs: Vec<u32>,
}

impl<'a> Postings<'a> {
    pub(super) fn open(part: &'a Part, at: u64) -> io::Result<Self> {
        let header = Header::read(&part.read(at, HEADER_BYTES)?)?;
        if header.count == 0 || header.count > part.docs() {
            return Err(damaged("a list of more docs than there are"));
        }
        let bytes = header.blocks() * SKIP_BYTES;
        let skips = header.skips(&part.read(at + HEADER_BYTES as u64, bytes)?)?;
        let blocks_at = at + (HEADER_BYTES + bytes) as u64;
        Ok(Self::Many(List {
            part,
            header,
            blocks_at,
            skips,
            loaded: usize::MAX,
            docs: Vec::with_capacity(BLOCK_DOCS),
        }))
    }

    pub(super) fn count(&self) -> u32 {
        match self {
            Self::One(_) => 1,
            Self::Many(list) => list.header.count,
        }
    }

    /// The first doc at or after `doc`.
    pub(super) fn at_or_after(&mut self, doc: u32) -> io::Result<Option<u32>> {
        match self {
            Self::One(only) => Ok((*only >= doc).then_some(*only)),
            Self::Many(list) => list.at_or_after(doc),
        }
    }

    /// The last doc at or before `doc`.
    pub(super) fn at_or_before(&mut self, doc: u32) -> io::Result<Option<u32>> {
        match self {
            Self::One(only) => Ok((*only <= doc).then_some(*only)),
            Self::Many(list) => list.at_or_before(doc),
        }
    }
}

impl List<'_> {
    fn at_or_after(&mut self, doc: u32) -> io::Result<Option<u32>> {
        let Some(block) = self.block_of(doc) else { return Ok(self.skips.first().map(|skip| skip.first)) };
        self.load(block)?;
        let within = self.docs.partition_point(|at| *at < doc);
        let next = || self.skips.get(block + 1).map(|skip| skip.first);
        Ok(self.docs.get(within).copied().or_else(next))
    }

    fn at_or_before(&mut self, doc: u32) -> io::Result<Option<u32>> {
        let Some(block) = self.block_of(doc) else { return Ok(None) };
        self.load(block)?;
        let after = self.docs.partition_point(|at| *at <= doc);
        Ok(after.checked_sub(1).map(|last| self.docs[last]))
    }

    /// The last block that begins at or before `doc`.
    fn block_of(&self, doc: u32) -> Option<usize> {
        // A walk goes on in the same block most of the time.
        let is_loaded = self.docs.first().is_some_and(|first| *first <= doc);
        let ends_before = |block: usize| self.skips.get(block + 1).is_some_and(|next| next.first <= doc);
        if is_loaded && !ends_before(self.loaded) {
            return Some(self.loaded);
        }
        self.skips.partition_point(|skip| skip.first <= doc).checked_sub(1)
    }

    fn load(&mut self, block: usize) -> io::Result<()> {
        if self.loaded == block {
            return Ok(());
        }
        let (from, to, count) = self.header.block(&self.skips, block);
        let bytes = to.checked_sub(from).ok_or_else(|| damaged("blocks that are out of order"))?;
        let bytes = self.part.read(self.blocks_at + from as u64, bytes)?;
        self.docs.clear();
        self.loaded = usize::MAX;
        decode_block(&bytes, &self.skips[block], count, 0, &mut self.docs)?;
        self.loaded = block;
        Ok(())
    }
}
