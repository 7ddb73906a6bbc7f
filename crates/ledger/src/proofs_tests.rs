//! Checkpoints, proofs and anchors on a real directory.
#![allow(clippy::unwrap_used)]

use std::fs;

use super::*;
use crate::{
    Appended, LedgerConfig,
    note::VerifyingKey,
    testing::{append, append_all, config, copy, event, event_of},
};

fn keys(ledger: &Ledger) -> Vec<VerifyingKey> {
    ledger.vkeys().iter().map(|key| key.parse().unwrap()).collect()
}

fn demo() -> (TenantId, Env) {
    ("t_demo".parse().unwrap(), "dev".parse().unwrap())
}

/// Proves event `n` and checks everything that someone with the public key alone can check.
fn prove(ledger: &Ledger, n: u64) -> Checkpoint {
    let (tenant, env) = demo();
    let proof = ledger.inclusion(&tenant, &env, event(n).event_id).unwrap().unwrap();
    let head = Checkpoint::open(&proof.checkpoint, &keys(ledger)).unwrap();
    assert_eq!((&head.origin, head.size), (&proof.log, proof.tree_size));
    assert_eq!(proof.leaf_hash, tree::leaf_hash(&proof.leaf));
    assert!(tree::verify_inclusion(&proof.leaf_hash, proof.seq, proof.tree_size, &head.root, &proof.hashes));
    assert_eq!(serde_json::from_slice::<nexus_model::DatasetEvent>(&proof.leaf).unwrap(), event(n));
    head
}

#[tokio::test]
async fn every_event_is_proved_the_moment_it_is_acknowledged_and_for_ever_after() {
    let dir = tempfile::tempdir().unwrap();
    let (tenant, env) = demo();
    let mut heads: Vec<Checkpoint> = Vec::new();
    for round in 0..3u64 {
        let ledger = Ledger::open(config(dir.path())).unwrap();
        assert!(matches!(ledger.checkpoint(&tenant, &env), Err(LedgerError::AnchorsUnchecked)));
        ledger.settle_anchors(&[]).unwrap();
        for n in round * 150..(round + 1) * 150 {
            append(&ledger, &event(n)).await.unwrap();
            append(&ledger, &event_of("t_other", n)).await.unwrap();
            heads.push(prove(&ledger, n));
        }
        for n in (0..(round + 1) * 150).step_by(7) {
            prove(&ledger, n);
        }
        for pair in heads.windows(40).step_by(13) {
            let (old, new) = (&pair[0], &pair[39]);
            let proof = ledger.consistency(&tenant, &env, &old.origin, old.size, new.size).unwrap().unwrap();
            assert!(tree::verify_consistency(old.size, &old.root, new.size, &new.root, &proof.hashes));
        }
        let log = &heads[0].origin;
        assert!(matches!(ledger.consistency(&tenant, &env, log, 0, 9_999), Err(LedgerError::Range { .. })));
        assert!(matches!(ledger.consistency(&tenant, &env, log, 2, 1), Err(LedgerError::Range { .. })));
        let stranger = "t_other".parse().unwrap();
        assert_eq!(ledger.consistency(&stranger, &env, log, 0, 1).unwrap(), None);
        assert_eq!(ledger.inclusion(&tenant, &env, event(99_999).event_id).unwrap(), None);
        assert_eq!(ledger.checkpoint(&tenant, &env).unwrap().len(), 1);
        assert_eq!(ledger.checkpoints().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn damaged_tree_files_are_rebuilt_before_a_wrong_proof_leaves() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(config(dir.path())).unwrap();
    append_all(&ledger, &(0..1000).map(event).collect::<Vec<_>>()).await;
    ledger.close().await;
    drop(ledger);
    let path = dir.path().join("trees/0.hashes");
    let good = fs::read(&path).unwrap();
    let spoilt: [fn(&mut Vec<u8>); 3] = [|b| b[40] ^= 1, |b| b.truncate(100), |b| b.fill(0)];
    for spoil in spoilt {
        let mut bytes = good.clone();
        spoil(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let ledger = Ledger::open(config(dir.path())).unwrap();
        ledger.settle_anchors(&[]).unwrap();
        prove(&ledger, 0);
        assert_eq!(fs::read(&path).unwrap(), good);
    }
    fs::remove_file(&path).unwrap();
    let ledger = Ledger::open(config(dir.path())).unwrap();
    ledger.settle_anchors(&[]).unwrap();
    prove(&ledger, 999);
}

#[tokio::test]
async fn a_restored_directory_seals_its_logs_and_never_signs_a_fork() {
    let (dir, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (tenant, env) = demo();
    let ledger = Ledger::open(config(dir.path())).unwrap();
    ledger.settle_anchors(&[]).unwrap();
    append_all(&ledger, &(0..10).map(event).collect::<Vec<_>>()).await;
    ledger.close().await;
    drop(ledger);
    copy(dir.path(), old.path());
    let ledger = Ledger::open(config(dir.path())).unwrap();
    ledger.settle_anchors(&[]).unwrap();
    append_all(&ledger, &(10..20).map(event).collect::<Vec<_>>()).await;
    let anchors: Vec<_> = ledger.checkpoints().unwrap().into_iter().map(|signed| signed.checkpoint).collect();
    drop(ledger);
    // The same directory agrees with its anchors and goes on.
    let ledger = Ledger::open(config(dir.path())).unwrap();
    let report = ledger.settle_anchors(&anchors).unwrap();
    assert_eq!((report.agreeing, report.behind.len()), (1, 0));
    drop(ledger);
    // The older copy does not.
    let ledger = Ledger::open(config(old.path())).unwrap();
    let report = ledger.settle_anchors(&anchors).unwrap();
    assert_eq!((report.agreeing, report.behind.len()), (0, 1));
    let Appended::Accepted(place) = append(&ledger, &event(77)).await.unwrap() else { panic!() };
    assert_eq!((place.seq, place.log == report.behind[0]), (0, false));
    assert!(matches!(append(&ledger, &event(3)).await, Ok(Appended::Duplicate(p)) if p.log == report.behind[0]));
    // What was signed of the sealed log before still proves its events; nothing new is signed of it.
    assert_eq!(prove(&ledger, 3).size, 10);
    assert_eq!(prove(&ledger, 77).size, 1);
    let heads = ledger.checkpoint(&tenant, &env).unwrap();
    assert_eq!(heads.iter().map(|head| head.size).collect::<Vec<_>>(), [10, 1]);
    drop(ledger);
    // The seal outlives a restart, and the anchors of the sealed log seal nothing again.
    let ledger = Ledger::open(config(old.path())).unwrap();
    let writer = ledger.shared().writer_id();
    ledger.settle_anchors(&anchors).unwrap();
    assert_eq!(ledger.shared().writer_id(), writer);
    assert!(matches!(append(&ledger, &event(78)).await, Ok(Appended::Accepted(p)) if p.seq == 1));
}

#[tokio::test]
async fn a_new_key_signs_beside_the_old_one_and_the_old_one_still_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let (tenant, env) = demo();
    let with = |now: u8, before: Option<u8>| LedgerConfig {
        signing_seed: Some([now; 32]),
        previous_signing_seed: before.map(|seed| [seed; 32]),
        ..config(dir.path())
    };
    let ledger = Ledger::open(with(1, None)).unwrap();
    assert_eq!(ledger.key_change(), None);
    ledger.settle_anchors(&[]).unwrap();
    append(&ledger, &event(0)).await.unwrap();
    let old = ledger.checkpoints().unwrap().remove(0).checkpoint;
    let old_key = keys(&ledger);
    drop(ledger);
    let ledger = Ledger::open(with(2, Some(1))).unwrap();
    let change = ledger.key_change().unwrap();
    assert_eq!((change.from, change.to), (old_key[0].to_string(), ledger.vkeys()[0].clone()));
    assert_eq!(ledger.settle_anchors(std::slice::from_ref(&old)).unwrap().agreeing, 1);
    append(&ledger, &event(1)).await.unwrap();
    let both = ledger.checkpoint(&tenant, &env).unwrap().remove(0).checkpoint;
    let known = keys(&ledger);
    assert_eq!(known.len(), 2);
    assert_eq!(note::open(&both, &known).unwrap().1.len(), 2);
    assert!(Checkpoint::open(&both, &old_key).is_ok() && Checkpoint::open(&old, &known).is_ok());
    drop(ledger);
    let ledger = Ledger::open(with(2, None)).unwrap();
    assert_eq!((ledger.key_change(), keys(&ledger)), (None, known));
    let report = ledger.settle_anchors(&[note::sign("x\n", &[&note::SigningKey::from_seed("y", &[3; 32]).unwrap()])]);
    assert_eq!(report.unwrap().unreadable.len(), 1);
}

#[test]
fn a_generated_key_stays_and_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let first = Ledger::open(config(dir.path())).unwrap().vkeys();
    assert_eq!(Ledger::open(config(dir.path())).unwrap().vkeys(), first);
    let mode = fs::metadata(dir.path().join("key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
