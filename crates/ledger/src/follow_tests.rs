//! Reading in the order of the disk: everything once, from any record on.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use tempfile::tempdir;

use crate::{
    Ledger,
    testing::{append, append_all, config, event, event_of},
};

fn open(dir: &std::path::Path) -> Ledger {
    let ledger = Ledger::open(config(dir)).unwrap();
    ledger.settle_anchors(&[]).unwrap();
    ledger
}

/// Whatever the size of the windows, over several segments and a restart, each log comes whole and in order.
#[tokio::test(flavor = "multi_thread")]
async fn any_windows_give_every_log_whole_and_in_order() {
    let dir = tempdir().unwrap();
    let ledger = open(dir.path());
    for n in 0..120 {
        append_all(&ledger, &[event(n), event_of("t_other", n)]).await;
    }
    ledger.close().await;
    drop(ledger);
    let ledger = open(dir.path());
    append(&ledger, &event(120)).await.unwrap();
    assert!(ledger.stats().segments > 2, "the windows cross segments");
    assert_eq!(ledger.head().0, 241);
    for (events, bytes) in [(1, usize::MAX), (7, usize::MAX), (1000, 1500), (1000, usize::MAX)] {
        let (mut from, mut next) = (0, HashMap::<String, u64>::new());
        loop {
            let followed = ledger.records(from, events, bytes).unwrap();
            assert!(followed.leaves.len() <= events);
            for leaf in &followed.leaves {
                let next = next.entry(leaf.origin.to_string()).or_default();
                assert_eq!(leaf.seq, *next);
                *next += 1;
                let again = ledger.records(leaf.position, 1, 1).unwrap();
                assert_eq!(again.leaves.first(), Some(leaf), "a position gives its event again");
            }
            if followed.next == from {
                break;
            }
            from = followed.next;
        }
        assert_eq!(from, ledger.head().1);
        let sizes: HashMap<String, u64> =
            ledger.logs().into_iter().map(|log| (log.origin.to_string(), log.size)).collect();
        assert_eq!(next, sizes);
    }
    let origin = &ledger.logs()[1].origin;
    let leaves = ledger.leaves(origin, 118..500).unwrap();
    assert_eq!(leaves.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [118, 119]);
}

#[tokio::test]
async fn an_append_wakes_whoever_follows() {
    let dir = tempdir().unwrap();
    let ledger = open(dir.path());
    let mut appended = ledger.appended();
    appended.mark_unchanged();
    append(&ledger, &event(1)).await.unwrap();
    appended.changed().await.unwrap();
    assert_eq!(ledger.records(0, 10, usize::MAX).unwrap().leaves.len(), 1);
}
