//! Merkle tree hashing as RFC 6962, section 2.1, has it, and which interior hashes are kept where.
//!
//! Kept are the leaf hashes and every fourth level above them, in the order in which they complete: sixteen leaves, then
//! the hash over them, and so on (see [`stored_before`]). That is 34 bytes per event; the levels between are recomputed
//! from at most eight kept hashes. Everything here is pure; the reading of kept hashes is a function that is passed in.

use sha2::{Digest, Sha256};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// Every so many levels a hash is kept.
const STRIDE: u32 = 4;

/// The hash of a leaf: SHA-256(0x00 ‖ leaf).
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

/// The hash of two subtrees: SHA-256(0x01 ‖ left ‖ right).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a tree without leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest(b"").into()
}

/// How many hashes are kept before leaf `index`.
#[must_use]
pub fn stored_before(index: u64) -> u64 {
    let mut sum = 0u64;
    let mut count = index;
    while count > 0 {
        sum += count;
        count >>= STRIDE;
    }
    sum
}

/// Where the hash over leaves `[index << level, (index + 1) << level)` is kept; `None` for a level that is not kept.
#[must_use]
pub fn stored_at(level: u32, index: u64) -> Option<u64> {
    if !level.is_multiple_of(STRIDE) {
        return None;
    }
    let last_leaf = ((index + 1) << level) - 1;
    Some(stored_before(last_leaf) + u64::from(level / STRIDE))
}

/// A tree's right edge: the roots of its perfect subtrees, largest first. Enough to append and to know the root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A frontier as it was kept; `None` when the number of peaks does not fit the size.
    #[must_use]
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// How many leaves the tree has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the perfect subtrees, largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Appends a leaf and hands the hashes to be kept to `keep`, in order.
    pub fn push(&mut self, leaf: Hash, mut keep: impl FnMut(Hash)) {
        keep(leaf);
        let mut hash = leaf;
        let mut level = 0;
        while self.size >> level & 1 == 1 {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
            }
            level += 1;
            if level % STRIDE == 0 {
                keep(hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold_right(self.peaks.iter().copied()).unwrap_or_else(empty_root)
    }
}

/// The root over perfect subtrees given largest first.
fn fold_right(peaks: impl DoubleEndedIterator<Item = Hash>) -> Option<Hash> {
    peaks.rev().reduce(|right, left| node_hash(&left, &right))
}

/// Reads kept hashes: the `n`th in the order in which they completed.
pub trait StoredHashes {
    /// What reading can fail with.
    type Error;
    /// The hash kept at place `at`, see [`stored_at`].
    fn stored(&self, at: u64) -> Result<Hash, Self::Error>;
}

/// The hash over leaves `[index << level, (index + 1) << level)`, all of which must be in the tree.
fn subtree<S: StoredHashes>(store: &S, level: u32, index: u64) -> Result<Hash, S::Error> {
    match stored_at(level, index) {
        Some(at) => store.stored(at),
        None => Ok(node_hash(&subtree(store, level - 1, index * 2)?, &subtree(store, level - 1, index * 2 + 1)?)),
    }
}

/// The hash over leaves `[from, to)`, which RFC 6962 calls MTH(D[from:to]). `from` must be a multiple of the largest power of two
/// that is smaller than `to - from`, as it is wherever the RFC splits.
fn range<S: StoredHashes>(store: &S, from: u64, to: u64) -> Result<Hash, S::Error> {
    let mut peaks = Vec::new();
    let mut at = from;
    while at < to {
        let level = (to - at).ilog2();
        peaks.push(subtree(store, level, at >> level)?);
        at += 1 << level;
    }
    Ok(fold_right(peaks.into_iter()).unwrap_or_else(empty_root))
}

/// The root over the first `size` leaves.
pub fn root_at<S: StoredHashes>(store: &S, size: u64) -> Result<Hash, S::Error> {
    range(store, 0, size)
}

/// The largest power of two smaller than `n`, for `n` of at least two.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962, section 2.1.1), leaf side first.
/// `index` must be less than `size`.
pub fn inclusion<S: StoredHashes>(store: &S, index: u64, size: u64) -> Result<Vec<Hash>, S::Error> {
    let (mut from, mut to) = (0, size);
    let mut path = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(range(store, middle, to)?);
            to = middle;
        } else {
            path.push(range(store, from, middle)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `new` leaves continues the one of `old` (RFC 6962, section 2.1.2).
/// Empty for `old` 0 or equal to `new`; `old` must not exceed `new`.
pub fn consistency<S: StoredHashes>(store: &S, old: u64, new: u64) -> Result<Vec<Hash>, S::Error> {
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut from, mut to) = (0, new);
    let mut path = Vec::new();
    while to != old {
        let middle = from + split(to - from);
        if old <= middle {
            path.push(range(store, middle, to)?);
            to = middle;
        } else {
            path.push(range(store, from, middle)?);
            from = middle;
        }
    }
    // The old tree's own root is known to whoever checks, so it is left out.
    if from > 0 {
        path.push(range(store, from, to)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether `path` proves that the leaf hash stands at `index` of the tree with this size and root
/// (RFC 9162, section 2.1.3.2, which spells out the check for the same trees).
#[must_use]
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, root: &Hash, path: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `path` proves that the tree `(new, new_root)` continues the tree `(old, old_root)` (RFC 9162, section 2.1.4.2).
#[must_use]
pub fn verify_consistency(old: u64, old_root: &Hash, new: u64, new_root: &Hash, path: &[Hash]) -> bool {
    if old > new {
        return false;
    }
    if old == new || old == 0 {
        return path.is_empty() && if old == new { old_root == new_root } else { *old_root == empty_root() };
    }
    let whole = old.is_power_of_two().then_some(*old_root);
    let mut hashes = whole.iter().chain(path);
    let Some(first) = hashes.next() else { return false };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in hashes {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
