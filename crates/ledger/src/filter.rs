//! "Surely new": whether an event id can have been stored before, in nanoseconds and without the index.
//!
//! A split-block Bloom filter (the one of Apache Parquet) in parts, each twice the size of the one before until they have
//! [`LARGEST_PART`] ids. A part also remembers the range of its UUIDv7 ids. Those begin with the time they were made, so a fresh one lies outside the range of every older part, which then
//! need not be looked at. That is a fact about the ids stored, not trust in whoever made the new one: an id inside a range is looked up.
//!
//! An answer of "perhaps" costs a look into the index; an answer of "surely new" is never wrong.

use std::hash::{BuildHasher, Hasher};

/// Ids of the first part.
const SMALLEST_PART: u32 = 1 << 12;
/// Ids of a part that is not one of the first.
const LARGEST_PART: u32 = 1 << 20;
/// 12 bits per id: about half a percent of new ids look known to a full part.
const BITS_PER_ID: usize = 12;
/// Bytes of a kept part before its blocks: CRC32C, count, range.
const PART_HEADER_BYTES: usize = 4 + 4 + 32;

/// Ids that the part with this number takes.
fn capacity(number: usize) -> u32 {
    SMALLEST_PART
        .checked_shl(u32::try_from(number).unwrap_or(u32::MAX))
        .map_or(LARGEST_PART, |ids| ids.min(LARGEST_PART))
}

const SALT: [u32; 8] =
    [0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31];

/// One part of the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    count: u32,
    /// Least and greatest UUIDv7 stored; empty when the least exceeds the greatest.
    v7: (u128, u128),
    blocks: Vec<[u32; 8]>,
}

impl Part {
    fn new(capacity: u32) -> Self {
        Self { count: 0, v7: (u128::MAX, 0), blocks: vec![[0; 8]; capacity as usize * BITS_PER_ID / 256] }
    }

    fn mask(&self, hash: u64) -> (usize, [u32; 8]) {
        // The upper half chooses the block, the lower the eight bits in it.
        let block = ((hash >> 32) * self.blocks.len() as u64) >> 32;
        let low = (hash & 0xffff_ffff) as u32;
        (block as usize, SALT.map(|salt| 1 << (low.wrapping_mul(salt) >> 27)))
    }

    fn insert(&mut self, id: u128, hash: u64) {
        let (block, mask) = self.mask(hash);
        for (word, bit) in self.blocks[block].iter_mut().zip(mask) {
            *word |= bit;
        }
        if is_v7(id) {
            self.v7 = (self.v7.0.min(id), self.v7.1.max(id));
        }
        self.count += 1;
    }

    fn may_contain(&self, id: u128, hash: u64) -> bool {
        if is_v7(id) && !(self.v7.0..=self.v7.1).contains(&id) {
            return false;
        }
        let (block, mask) = self.mask(hash);
        self.blocks[block].iter().zip(mask).all(|(word, bit)| word & bit != 0)
    }

    /// The part as kept in a file.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&self.v7.0.to_le_bytes());
        out.extend_from_slice(&self.v7.1.to_le_bytes());
        for word in self.blocks.iter().flatten() {
            out.extend_from_slice(&word.to_le_bytes());
        }
        let sum = crate::record::crc32c(&out[4..]);
        out[..4].copy_from_slice(&sum.to_le_bytes());
        out
    }

    fn bytes(&self) -> usize {
        PART_HEADER_BYTES + self.blocks.len() * 32
    }

    /// Reads the kept part with this number; `None` when it is not whole.
    pub(crate) fn from_bytes(number: usize, bytes: &[u8]) -> Option<Self> {
        let mut part = Self::new(capacity(number));
        if bytes.len() != part.bytes() || crate::record::crc32c(&bytes[4..]).to_le_bytes() != bytes[..4] {
            return None;
        }
        let (head, words) = bytes[4..].split_at(36);
        part.count = u32::from_le_bytes(head[..4].try_into().ok()?);
        part.v7 =
            (u128::from_le_bytes(head[4..20].try_into().ok()?), u128::from_le_bytes(head[20..36].try_into().ok()?));
        for (word, bytes) in part.blocks.iter_mut().flatten().zip(words.chunks_exact(4)) {
            *word = u32::from_le_bytes(bytes.try_into().ok()?);
        }
        Some(part)
    }
}

fn is_v7(id: u128) -> bool {
    id >> 76 & 0xf == 7
}

/// Which event ids may have been stored, each within its scope.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// All but the last are full.
    parts: Vec<Part>,
    /// Parts before this one are kept on disk as they are.
    kept: usize,
}

/// SipHash with fixed keys: whoever chooses ids can at worst make "perhaps" more frequent for that id.
fn hash(scope: u32, id: u128) -> u64 {
    let mut hasher = std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default().build_hasher();
    hasher.write_u32(scope);
    hasher.write_u128(id);
    hasher.finish()
}

impl Filter {
    /// The filter with these parts as kept.
    pub(crate) fn from_parts(parts: Vec<Part>) -> Self {
        let kept = parts.len().saturating_sub(1);
        Self { parts, kept }
    }

    /// Whether the id may have been stored. `false` is certain.
    pub(crate) fn may_contain(&self, scope: u32, id: u128) -> bool {
        let hash = hash(scope, id);
        self.parts.iter().rev().any(|part| part.may_contain(id, hash))
    }

    /// Remembers an id.
    pub(crate) fn insert(&mut self, scope: u32, id: u128) {
        let hash = hash(scope, id);
        let full = capacity(self.parts.len().saturating_sub(1));
        match self.parts.last_mut() {
            Some(part) if part.count < full => part.insert(id, hash),
            _ => {
                let mut part = Part::new(capacity(self.parts.len()));
                part.insert(id, hash);
                self.parts.push(part);
            }
        }
    }

    /// How many parts there are.
    pub(crate) fn len(&self) -> usize {
        self.parts.len()
    }

    /// The parts that have changed since they were last kept, with their numbers.
    pub(crate) fn changed(&self) -> Vec<(usize, Part)> {
        (self.kept..self.parts.len()).map(|at| (at, self.parts[at].clone())).collect()
    }

    /// Notes that the parts before `count` are on disk as they are and full.
    pub(crate) fn mark_kept(&mut self, count: usize) {
        self.kept = count.saturating_sub(1);
    }

    /// Memory in use, bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.parts.iter().map(Part::bytes).sum()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn scrambled(i: u64) -> u128 {
        let h = crate::tree::leaf_hash(&i.to_le_bytes());
        u128::from_le_bytes(h[..16].try_into().unwrap()) & !(0xf << 76) | (4 << 76)
    }

    #[test]
    fn what_was_stored_is_never_surely_new_and_what_was_not_nearly_always_is() {
        let mut filter = Filter::default();
        let n = 40_000;
        for i in 0..n {
            filter.insert(1, scrambled(i));
        }
        assert_eq!(filter.len(), 4);
        let kept: Vec<_> =
            filter.changed().iter().map(|(n, part)| Part::from_bytes(*n, &part.to_bytes()).unwrap()).collect();
        let filter = Filter::from_parts(kept);
        assert!((0..n).all(|i| filter.may_contain(1, scrambled(i))));
        let wrong = (n..n + 100_000).filter(|i| filter.may_contain(1, scrambled(*i))).count();
        assert!(wrong < 3_000, "{wrong} of 100,000 new ids looked known");
        let elsewhere = (0..100_000).filter(|i| filter.may_contain(2, scrambled(*i))).count();
        assert!(elsewhere < 3_000, "{elsewhere} of 100,000 ids of another scope looked known");
    }

    #[test]
    fn a_fresh_v7_is_outside_every_range_and_an_old_one_is_found() {
        let v7 = |ms: u128, rest: u128| ms << 80 | 7 << 76 | rest;
        let mut filter = Filter::default();
        for ms in 1_000..2_000 {
            filter.insert(1, v7(ms, ms * 7 % 13));
        }
        assert!(!filter.may_contain(1, v7(2_000, 0)));
        assert!(filter.may_contain(1, v7(1_500, 1_500 * 7 % 13)));
    }

    #[test]
    fn a_damaged_part_is_not_taken() {
        let mut bytes = Part::new(capacity(0)).to_bytes();
        assert!(Part::from_bytes(0, &bytes).is_some() && Part::from_bytes(1, &bytes).is_none());
        bytes[1000] ^= 1;
        assert_eq!(Part::from_bytes(0, &bytes), None);
    }
}
