//! The tree against RFC 6962's definitions written out naively, the published test vectors, and another implementation.
#![allow(clippy::unwrap_used)]

use std::convert::Infallible;

use proptest::prelude::*;

use super::*;

struct Kept(Vec<Hash>);

impl StoredHashes for Kept {
    type Error = Infallible;
    fn stored(&self, at: u64) -> Result<Hash, Infallible> {
        Ok(self.0[usize::try_from(at).unwrap()])
    }
}

fn grow(leaves: &[Hash]) -> (Frontier, Kept) {
    let (mut frontier, mut kept) = (Frontier::default(), Vec::new());
    for leaf in leaves {
        frontier.push(*leaf, |hash| kept.push(hash));
    }
    (frontier, Kept(kept))
}

fn leaves(n: u64) -> Vec<Hash> {
    (0..n).map(|i| leaf_hash(&i.to_le_bytes())).collect()
}

/// MTH of RFC 6962, section 2.1, as written there.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let k = usize::try_from(split(leaves.len() as u64)).unwrap();
            node_hash(&mth(&leaves[..k]), &mth(&leaves[k..]))
        }
    }
}

/// The reference vectors of the Certificate Transparency code base (`merkle_tree_test.cc`), also used by the Go
/// implementation and by C2SP's tlog test data.
#[test]
fn the_published_roots_come_out() {
    let inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut frontier = Frontier::default();
    assert_eq!(hex::encode(frontier.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (input, root) in inputs.iter().zip(roots) {
        frontier.push(leaf_hash(&hex::decode(input).unwrap()), |_| ());
        assert_eq!(hex::encode(frontier.root()), root);
    }
}

/// RFC 6962, section 2.1.3: the proofs of the example tree with seven leaves.
#[test]
fn the_rfcs_example_proofs_come_out() {
    let d = leaves(7);
    let (_, kept) = grow(&d);
    let [a, b, c, dd, e, f, j] = <[Hash; 7]>::try_from(d).unwrap();
    let (g, h, i) = (node_hash(&a, &b), node_hash(&c, &dd), node_hash(&e, &f));
    let (k, l) = (node_hash(&g, &h), node_hash(&i, &j));
    assert_eq!(inclusion(&kept, 0, 7).unwrap(), [b, h, l]);
    assert_eq!(inclusion(&kept, 3, 7).unwrap(), [c, g, l]);
    assert_eq!(inclusion(&kept, 4, 7).unwrap(), [f, j, k]);
    assert_eq!(inclusion(&kept, 6, 7).unwrap(), [i, k]);
    assert_eq!(consistency(&kept, 3, 7).unwrap(), [c, dd, g, l]);
    assert_eq!(consistency(&kept, 4, 7).unwrap(), [l]);
    assert_eq!(consistency(&kept, 6, 7).unwrap(), [i, j, k]);
}

#[test]
fn every_proof_of_every_small_tree_holds_and_no_other_does() {
    let all = leaves(70);
    let (_, kept) = grow(&all);
    for size in 1..=70u64 {
        let root = mth(&all[..usize::try_from(size).unwrap()]);
        assert_eq!(root_at(&kept, size).unwrap(), root);
        for index in 0..size {
            let leaf = all[usize::try_from(index).unwrap()];
            let path = inclusion(&kept, index, size).unwrap();
            assert!(verify_inclusion(&leaf, index, size, &root, &path));
            assert!(!verify_inclusion(&leaf, (index + 1) % size.max(2), size, &root, &path));
            assert!(!verify_inclusion(&leaf, index, size, &empty_root(), &path));
        }
        for old in 0..=size {
            let old_root = mth(&all[..usize::try_from(old).unwrap()]);
            let path = consistency(&kept, old, size).unwrap();
            assert!(verify_consistency(old, &old_root, size, &root, &path), "{old} {size}");
            assert!(!verify_consistency(old, &node_hash(&root, &root), size, &root, &path));
            assert!(old == 0 || !verify_consistency(old, &old_root, size, &node_hash(&root, &root), &path));
        }
    }
}

proptest! {
    #[test]
    fn the_frontier_alone_knows_the_root(n in 0u64..3000) {
        let all = leaves(n);
        let (frontier, kept) = grow(&all);
        prop_assert_eq!(frontier.root(), mth(&all));
        prop_assert_eq!(kept.0.len() as u64, stored_before(n));
        prop_assert_eq!(Frontier::from_parts(n, frontier.peaks().to_vec()), Some(frontier));
    }

    #[test]
    fn another_implementation_takes_our_proofs(n in 2u64..600, at: prop::sample::Index, old: prop::sample::Index) {
        use tlog_tiles::{check_record, check_tree, Hash as Other};
        let all = leaves(n);
        let (frontier, kept) = grow(&all);
        let (index, old) = (at.index(usize::try_from(n).unwrap()) as u64, 1 + old.index(usize::try_from(n).unwrap()) as u64);
        let other = |hashes: Vec<Hash>| hashes.into_iter().map(Other).collect::<Vec<_>>();
        let path = other(inclusion(&kept, index, n).unwrap());
        let leaf = all[usize::try_from(index).unwrap()];
        prop_assert!(check_record(&path, n, Other(frontier.root()), index, Other(leaf)).is_ok());
        let path = other(consistency(&kept, old, n).unwrap());
        let old_root = mth(&all[..usize::try_from(old).unwrap()]);
        prop_assert!(check_tree(&path, n, Other(frontier.root()), old, Other(old_root)).is_ok());
    }
}
