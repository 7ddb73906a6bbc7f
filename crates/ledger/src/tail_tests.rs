//! Following the ledger: nothing twice, nothing missed, nothing of others.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use tempfile::tempdir;

use super::*;
use crate::testing::{append, append_all, config, event, event_of};

fn place(tenant: &str) -> (TenantId, Env) {
    (tenant.parse().unwrap(), "dev".parse().unwrap())
}

fn all() -> Query {
    Query { include_reads: true, ..Query::default() }
}

fn numbers(found: &[Tailed]) -> Vec<u64> {
    found.iter().map(|one| one.leaf.event().unwrap().input["n"].as_u64().unwrap()).collect()
}

fn open(dir: &std::path::Path) -> Ledger {
    let ledger = Ledger::open(config(dir)).unwrap();
    ledger.settle_anchors(&[]).unwrap();
    ledger
}

/// Readers that come, go and resume while others append see every event once, in order, whatever the index does meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn resuming_under_appends_leaves_no_gap_and_repeats_nothing() {
    const EVENTS: u64 = 2_000;
    let dir = tempdir().unwrap();
    let ledger = open(dir.path());
    let (tenant, env) = place("t_demo");
    // The reader is there before its tenant is.
    let mut tail = ledger.tail(&tenant, &env, None).unwrap();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let ledger = ledger.clone();
            tokio::spawn(async move {
                for n in (0..EVENTS).filter(|n| n % 4 == writer) {
                    append(&ledger, &event(n)).await.unwrap();
                    append(&ledger, &event_of("t_other", n)).await.unwrap();
                }
            })
        })
        .collect();
    let mut seen = Vec::new();
    while (seen.len() as u64) < EVENTS {
        tokio::time::timeout(Duration::from_secs(20), tail.changed()).await.expect("more to come");
        loop {
            let found = tail.read(&all(), 7, 2_000).unwrap();
            let Some(last) = found.last() else { break };
            let mark = last.mark.to_string().parse().unwrap();
            seen.extend(numbers(&found));
            if seen.len() % 5 == 0 {
                tail = ledger.tail(&tenant, &env, Some(mark)).unwrap();
            }
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let query = Query { order: Order::Asc, limit: 10_000, ..all() };
    let stored: Vec<u64> = ledger
        .query(&tenant, &env, &query)
        .unwrap()
        .items
        .iter()
        .map(|leaf| leaf.event().unwrap().input["n"].as_u64().unwrap())
        .collect();
    assert_eq!(seen, stored);
    assert!(tail.read(&all(), 7, 2_000).unwrap().is_empty());
}

#[tokio::test]
async fn filters_hold_and_the_mark_passes_what_does_not_match() {
    let dir = tempdir().unwrap();
    let ledger = open(dir.path());
    let (tenant, env) = place("t_demo");
    let mut tail = ledger.tail(&tenant, &env, None).unwrap();
    let events: Vec<_> = (0..40).map(event).collect();
    append_all(&ledger, &events).await;
    let query = Query { user_id: Some("u_3".parse().unwrap()), ..Query::default() };
    assert_eq!(numbers(&tail.read(&query, 100, 1 << 20).unwrap()), [3, 8, 13, 18, 23, 28, 33, 38]);
    // Ten more of which none matches: the mark is past them.
    let mark = tail.mark();
    append(&ledger, &event(40)).await.unwrap();
    assert!(tail.read(&query, 100, 1 << 20).unwrap().is_empty());
    assert_ne!(tail.mark(), mark);
    let mut resumed = ledger.tail(&tenant, &env, Some(tail.mark())).unwrap();
    assert!(resumed.read(&all(), 100, 1 << 20).unwrap().is_empty());
}

#[tokio::test]
async fn a_page_ends_at_its_bytes_and_still_moves() {
    let dir = tempdir().unwrap();
    let ledger = open(dir.path());
    let (tenant, env) = place("t_demo");
    let mut tail = ledger.tail(&tenant, &env, None).unwrap();
    append_all(&ledger, &(0..3).map(event).collect::<Vec<_>>()).await;
    for n in 0..3 {
        assert_eq!(numbers(&tail.read(&all(), 100, 1).unwrap()), [n]);
    }
    assert!(tail.read(&all(), 100, 1).unwrap().is_empty());
}

#[tokio::test]
async fn others_are_not_woken_and_their_marks_are_refused() {
    let dir = tempdir().unwrap();
    let ledger = open(dir.path());
    for tenant in ["t_demo", "t_other"] {
        append(&ledger, &event_of(tenant, 1)).await.unwrap();
    }
    let (demo, other) = (place("t_demo"), place("t_other"));
    let mut tail = ledger.tail(&demo.0, &demo.1, None).unwrap();
    append(&ledger, &event_of("t_other", 2)).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(50), tail.changed()).await.is_err());
    append(&ledger, &event_of("t_demo", 2)).await.unwrap();
    tail.changed().await;
    assert_eq!(numbers(&tail.read(&all(), 10, 1 << 20).unwrap()), [2]);
    let mark = tail.mark();
    assert!(matches!(ledger.tail(&other.0, &other.1, Some(mark)), Err(LedgerError::Cursor)));
    let ahead = TailMark { position: mark.position + 1, ..mark };
    assert!(matches!(ledger.tail(&demo.0, &demo.1, Some(ahead)), Err(LedgerError::Cursor)));
    assert!("nonsense".parse::<TailMark>().is_err());
    // The same directory, opened again, knows its marks.
    ledger.close().await;
    drop((tail, ledger));
    assert!(open(dir.path()).tail(&demo.0, &demo.1, Some(mark)).is_ok());
}

/// A reader that takes over where another has got to misses nothing, and knows when there is nothing more.
#[tokio::test]
async fn a_reader_goes_on_from_where_another_is() {
    let dir = tempdir().unwrap();
    let ledger = open(dir.path());
    let (tenant, env) = place("t_demo");
    append(&ledger, &event(0)).await.unwrap();
    let begin = ledger.tail(&tenant, &env, None).unwrap().mark();
    let mut tails: [Tail; 2] = [(); 2].map(|()| ledger.tail(&tenant, &env, Some(begin)).unwrap());
    for n in 1..5 {
        append(&ledger, &event(n)).await.unwrap();
        let [first, second] = &mut tails;
        assert!(first.may_have_more() && second.may_have_more());
        assert_eq!(numbers(&first.read(&all(), 10, 10_000).unwrap()), [n]);
        second.go_on(first.mark()).unwrap();
        assert!(second.read(&all(), 10, 10_000).unwrap().is_empty());
        assert!(!second.may_have_more(), "it has read everything");
        tails.swap(0, 1);
    }
    // Neither back, nor to what is somebody else's.
    assert!(matches!(tails[0].go_on(begin), Err(LedgerError::Cursor)));
    append(&ledger, &event_of("t_other", 0)).await.unwrap();
    let other = ledger.tail(&place("t_other").0, &env, None).unwrap();
    assert!(matches!(tails[0].go_on(other.mark()), Err(LedgerError::Cursor)));
}
