//! The ledger end to end on a real directory.
#![allow(clippy::unwrap_used)]

use std::{collections::HashSet, fs, path::Path};

use nexus_model::DatasetEvent;

use super::replay;
use crate::{
    Appended, Ledger, LedgerConfig, LedgerError, Order, Query,
    logs::Logs,
    testing::{append, append_all, config, copy, event, event_of, sameness},
};

fn ids(ledger: &Ledger, query: &Query) -> Vec<u64> {
    walk(ledger, "t_demo", query)
}

/// Every event of a walk through all pages, by its number.
fn walk(ledger: &Ledger, tenant: &str, query: &Query) -> Vec<u64> {
    let (tenant, env) = (tenant.parse().unwrap(), "dev".parse().unwrap());
    let (mut query, mut found) = (query.clone(), Vec::new());
    loop {
        let page = ledger.query(&tenant, &env, &query).unwrap();
        assert!(page.items.len() <= query.limit);
        found.extend(page.items.iter().map(|item| item.event().unwrap().input["n"].as_u64().unwrap()));
        match page.next {
            Some(next) => query.cursor = Some(next.to_string().parse().unwrap()),
            None => return found,
        }
    }
}

fn all(order: Order) -> Query {
    Query { include_reads: true, limit: 7, order, ..Query::default() }
}

#[tokio::test]
async fn an_event_is_read_back_at_once_by_id_and_by_every_key() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(config(dir.path())).unwrap();
    let events: Vec<_> = (0..200).map(event).collect();
    for (n, one) in events.iter().enumerate() {
        let Appended::Accepted(place) = append(&ledger, one).await.unwrap() else { panic!("not new") };
        assert_eq!(place.seq, n as u64);
        let stored = ledger.get(&one.tenant_id, &one.env, one.event_id).unwrap().unwrap();
        assert_eq!((&stored.ledger, &stored.event().unwrap()), (&place, one));
        assert_eq!(place.leaf_hash, hex::encode(crate::tree::leaf_hash(&stored.leaf)));
        let query = Query { request_id: Some(one.metadata.request_id.clone()), ..all(Order::Desc) };
        assert_eq!(ids(&ledger, &query), [n as u64]);
    }
    every_filter_agrees_with_a_plain_scan(&ledger, &events);
    assert!(ledger.stats().index_lag_events < 200, "the index never committed");
}

fn every_filter_agrees_with_a_plain_scan(ledger: &Ledger, events: &[DatasetEvent]) {
    type Pick = fn(&DatasetEvent) -> bool;
    let base = |order| Query { limit: 7, order, ..Query::default() };
    let fixed = &event(0);
    let time = |n: u64| Some(event(n).recorded_at);
    for order in [Order::Asc, Order::Desc] {
        let cases: Vec<(Query, Pick)> = vec![
            (all(order), |_| true),
            (base(order), |e| e.event_type.as_str() != "raw_asset_read"),
            (Query { user_id: Some("u_3".parse().unwrap()), ..all(order) }, |e| e.user_id.as_str() == "u_3"),
            (Query { user_id: Some("u_4".parse().unwrap()), ..base(order) }, |e| {
                e.user_id.as_str() == "u_4" && e.event_type.as_str() != "raw_asset_read"
            }),
            (Query { asset_id: Some("a_3".parse().unwrap()), ..all(order) }, |e| {
                e.asset_id.as_ref().is_some_and(|a| a.as_str() == "a_3")
            }),
            (Query { outcome: Some(nexus_model::Outcome::Failure), ..all(order) }, |e| {
                e.outcome == nexus_model::Outcome::Failure
            }),
            (Query { trace_id: Some(fixed.metadata.trace_id.clone()), ..all(order) }, |e| {
                e.input["n"].as_u64().unwrap() < 4
            }),
            (Query { surface: Some("media".parse().unwrap()), ..all(order) }, |_| false),
            (Query { event_type: Some("raw_asset_read".parse().unwrap()), ..all(order) }, |e| {
                e.event_type.as_str() == "raw_asset_read"
            }),
            (Query { since: time(50), until: time(120), ..all(order) }, |e| {
                (50..120).contains(&e.input["n"].as_u64().unwrap())
            }),
        ];
        for (query, matches) in cases {
            let mut expected: Vec<u64> =
                events.iter().filter(|e| matches(e)).map(|e| e.input["n"].as_u64().unwrap()).collect();
            if order == Order::Desc {
                expected.reverse();
            }
            assert_eq!(ids(ledger, &query), expected, "{query:?}");
        }
    }
}

#[tokio::test]
async fn the_same_again_is_a_duplicate_and_other_content_a_conflict_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let mut places = Vec::new();
    for round in 0..3 {
        let ledger = Ledger::open(config(dir.path())).unwrap();
        let events: Vec<_> = (0..300).map(event).collect();
        for (n, answer) in append_all(&ledger, &events).await.into_iter().enumerate() {
            match answer.unwrap() {
                Appended::Accepted(place) if round == 0 => places.push(place),
                Appended::Duplicate(place) if round > 0 => assert_eq!(place, places[n]),
                other => panic!("round {round}: {other:?}"),
            }
        }
        let mut other = event(7);
        other.input["n"] = 8.into();
        assert!(matches!(append(&ledger, &other).await, Err(LedgerError::Conflict)));
        // An id is unique in its own tenant only.
        let elsewhere = append(&ledger, &event_of("t_other", 7)).await.unwrap();
        assert_eq!(matches!(elsewhere, Appended::Accepted(_)), round == 0);
        assert_eq!(ids(&ledger, &all(Order::Asc)), (0..300).collect::<Vec<_>>());
        ledger.close().await;
    }
}

#[tokio::test]
async fn within_one_batch_the_same_rules_hold() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(config(dir.path())).unwrap();
    let mut other = event(1);
    other.input["n"] = 5.into();
    let answers = append_all(&ledger, &[event(1), event(1), other, event(2)]).await;
    assert!(matches!(&answers[0], Ok(Appended::Accepted(place)) if place.seq == 0));
    assert!(matches!(&answers[1], Ok(Appended::Duplicate(place)) if place.seq == 0));
    assert!(matches!(&answers[2], Err(LedgerError::Conflict)));
    assert!(matches!(&answers[3], Ok(Appended::Accepted(place)) if place.seq == 1));
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_every_acknowledged_event() {
    let (dir, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ledger = Ledger::open(config(dir.path())).unwrap();
    for round in 0..10u64 {
        let events: Vec<_> = (round * 37..(round + 1) * 37).map(event).collect();
        append_all(&ledger, &events).await.into_iter().for_each(|answer| assert!(answer.is_ok()));
        // What a killed process leaves is what the system sees of its files at that moment.
        let left = copies.path().join(round.to_string());
        copy(dir.path(), &left);
        let again = Ledger::open(config(&left)).unwrap();
        assert_eq!(ids(&again, &all(Order::Asc)), (0..(round + 1) * 37).collect::<Vec<_>>());
        assert!(matches!(append(&again, &event(3)).await, Ok(Appended::Duplicate(_))));
        assert!(matches!(append(&again, &event(9_999)).await, Ok(Appended::Accepted(p)) if p.seq == (round + 1) * 37));
    }
}

#[tokio::test]
async fn everything_that_follows_from_the_segments_is_rebuilt_from_them() {
    let dir = tempfile::tempdir().unwrap();
    let events: Vec<_> = (0..500).map(event).collect();
    let ledger = Ledger::open(config(dir.path())).unwrap();
    append_all(&ledger, &events).await;
    drop(ledger);
    let spoil = |path: &Path| fs::write(path, b"not what was written").unwrap();
    for (name, damage) in [("missing", true), ("damaged", false)] {
        for part in ["heads", "filter/0", "index"] {
            let path = dir.path().join(part);
            match (part, damage) {
                ("index", true) => fs::remove_dir_all(&path).unwrap(),
                ("index", false) => spoil(&path.join("manifest")),
                (_, true) => fs::remove_file(&path).unwrap(),
                (_, false) => spoil(&path),
            }
            let ledger = Ledger::open(config(dir.path())).unwrap_or_else(|e| panic!("{part} {name}: {e}"));
            assert_eq!(ids(&ledger, &all(Order::Desc)), (0..500).rev().collect::<Vec<_>>(), "{part} {name}");
            assert!(matches!(append(&ledger, &event(3)).await, Ok(Appended::Duplicate(_))), "{part} {name}");
        }
    }
}

fn newest_segment(dir: &Path) -> std::path::PathBuf {
    let mut names: Vec<_> = fs::read_dir(dir.join("segments")).unwrap().map(|e| e.unwrap().path()).collect();
    names.sort();
    names.pop().unwrap()
}

#[tokio::test]
async fn half_a_batch_is_cut_off_and_damage_elsewhere_is_never_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(dir.path());
    config.index_commit_interval = std::time::Duration::from_secs(60);
    let ledger = Ledger::open(config.clone()).unwrap();
    append_all(&ledger, &[event(0), event(1)]).await;
    let copies = tempfile::tempdir().unwrap();
    let whole = fs::metadata(newest_segment(dir.path())).unwrap().len();
    append_all(&ledger, &[event(2), event(3)]).await;
    append_all(&ledger, &[event(4)]).await;
    let torn = |name: &str, spoil: &dyn Fn(&Path)| {
        let left = copies.path().join(name);
        copy(dir.path(), &left);
        spoil(&newest_segment(&left));
        Ledger::open(crate::LedgerConfig { dir: left, ..config.clone() })
    };
    let cut = |len: u64| move |path: &Path| fs::File::options().write(true).open(path).unwrap().set_len(len).unwrap();
    let flip = |at: u64| {
        move |path: &Path| {
            let mut bytes = fs::read(path).unwrap();
            bytes[usize::try_from(at).unwrap()] ^= 1;
            fs::write(path, bytes).unwrap();
        }
    };
    let ledger = torn("one record of two", &cut(whole + 900)).unwrap();
    assert_eq!(ids(&ledger, &all(Order::Asc)), [0, 1]);
    assert!(matches!(append(&ledger, &event(2)).await, Ok(Appended::Accepted(p)) if p.seq == 2));
    let again = fs::read_dir(copies.path().join("one record of two/segments")).unwrap().count();
    assert_eq!(again, 2, "the ledger goes on in a new segment");
    drop(ledger);
    let ledger = torn("one record of two again", &cut(whole + 3)).unwrap();
    assert_eq!(ids(&ledger, &all(Order::Asc)), [0, 1]);
    for at in [whole + 5, whole + 120, 100] {
        assert!(matches!(torn(&format!("flip {at}"), &flip(at)), Err(LedgerError::Corrupt { .. })), "{at}");
    }
}

#[tokio::test]
async fn acknowledged_events_that_are_missing_stop_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(config(dir.path())).unwrap();
    append_all(&ledger, &(0..30).map(event).collect::<Vec<_>>()).await;
    drop(ledger);
    let path = newest_segment(dir.path());
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_len(file.metadata().unwrap().len() - 1).unwrap();
    assert!(matches!(Ledger::open(config(dir.path())), Err(LedgerError::Corrupt { .. })));
}

#[tokio::test]
async fn a_directory_has_one_owner_and_a_known_format() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(config(dir.path())).unwrap();
    assert!(matches!(Ledger::open(config(dir.path())), Err(LedgerError::Locked { .. })));
    ledger.close().await;
    ledger.close().await;
    assert!(matches!(append(&ledger, &event(1)).await, Err(LedgerError::Closed)));
    drop(Ledger::open(config(dir.path())).unwrap());
    fs::write(dir.path().join("FORMAT"), "nexus-ledger 2\n").unwrap();
    assert!(matches!(Ledger::open(config(dir.path())), Err(LedgerError::NewerFormat { found: 2, known: 1, .. })));
}

#[tokio::test]
async fn a_cursor_belongs_to_its_query_and_tenant() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(config(dir.path())).unwrap();
    append_all(&ledger, &(0..30).map(event).collect::<Vec<_>>()).await;
    append_all(&ledger, &(0..30).map(|n| event_of("t_other", n)).collect::<Vec<_>>()).await;
    let (tenant, env) = ("t_demo".parse().unwrap(), "dev".parse().unwrap());
    let page = ledger.query(&tenant, &env, &all(Order::Desc)).unwrap();
    let with = |query: Query| Query { cursor: page.next, ..query };
    assert!(ledger.query(&tenant, &env, &with(all(Order::Desc))).is_ok());
    assert!(ledger.query(&tenant, &env, &Query { limit: 3, ..with(all(Order::Desc)) }).is_ok());
    for other in [all(Order::Asc), Query { user_id: Some("u_1".parse().unwrap()), ..all(Order::Desc) }] {
        assert!(matches!(ledger.query(&tenant, &env, &with(other)), Err(LedgerError::Cursor)));
    }
    let stranger = "t_other".parse().unwrap();
    assert!(matches!(ledger.query(&stranger, &env, &with(all(Order::Desc))), Err(LedgerError::Cursor)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_under_concurrent_appends_gives_each_event_once_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(config(dir.path())).unwrap();
    append_all(&ledger, &(0..500).map(event).collect::<Vec<_>>()).await;
    let writer = {
        let ledger = ledger.clone();
        tokio::spawn(async move {
            for n in 500..1500 {
                append(&ledger, &event(n)).await.unwrap();
            }
        })
    };
    let mut rounds = 0;
    while !writer.is_finished() || rounds == 0 {
        for order in [Order::Desc, Order::Asc] {
            let mut found = ids(&ledger, &Query { limit: 40, ..all(order) });
            if order == Order::Asc {
                found.reverse();
            }
            let newest = found[0];
            assert!(newest >= 499);
            assert_eq!(found, (0..=newest).rev().collect::<Vec<_>>());
            rounds += 1;
        }
        tokio::task::yield_now().await;
    }
    writer.await.unwrap();
    assert_eq!(ids(&ledger, &all(Order::Asc)), (0..1500).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_share_batches_and_a_full_queue_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(crate::LedgerConfig { queue_events: 50, ..config(dir.path()) }).unwrap();
    let calls: Vec<_> = (0..400u64)
        .map(|n| {
            let ledger = ledger.clone();
            tokio::spawn(async move { (n, append(&ledger, &event(n)).await) })
        })
        .collect();
    let mut stored = HashSet::new();
    for call in calls {
        match call.await.unwrap() {
            (n, Ok(Appended::Accepted(_))) => drop(stored.insert(n)),
            (_, Err(LedgerError::Overloaded)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ids(&ledger, &all(Order::Asc)).into_iter().collect::<HashSet<_>>(), stored);
    let stats = ledger.stats();
    assert!(stats.batches < stats.events, "{stats:?}");
    let too_many = append_all(&ledger, &(1000..1051).map(event).collect::<Vec<_>>()).await;
    assert!(too_many.iter().all(|answer| matches!(answer, Err(LedgerError::Overloaded))));
    let mut large = event(2000);
    large.input["text"] = "x".repeat(2 << 20).into();
    let prepared = crate::entry::Prepared::new(&large, sameness(&large), 1 << 20);
    assert!(matches!(prepared, Err(LedgerError::TooLarge { limit: 1_048_576, .. })));
}

#[tokio::test]
async fn an_index_found_damaged_is_rebuilt_while_reads_and_appends_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(config(dir.path())).unwrap();
    append_all(&ledger, &(0..600).map(event).collect::<Vec<_>>()).await;
    for round in 1..4u64 {
        let before = ledger.shared().read().view.parts.clone();
        assert!(ledger.shared().watch_index::<()>(Err(LedgerError::Closed)).is_err());
        for n in round * 600..(round + 1) * 600 {
            append(&ledger, &event(n)).await.unwrap();
            if n % 50 == 0 {
                assert_eq!(ids(&ledger, &Query { limit: 400, ..all(Order::Asc) }), (0..=n).collect::<Vec<_>>());
                assert!(matches!(append(&ledger, &event(n / 2)).await, Ok(Appended::Duplicate(_))));
            }
        }
        for _ in 0..1000 {
            if ledger.stats().index_lag_events == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert!(ledger.health().index_ok && ledger.stats().index_lag_events == 0);
        let is_old = |part: &_| before.iter().any(|old| std::sync::Arc::ptr_eq(old, part));
        assert!(!ledger.shared().read().view.parts.iter().any(is_old), "it was not rebuilt");
    }
}

/// Waits for what the index does in its own time.
async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..2000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("it never came to be so");
}

/// Damage in a part that nobody reads: a merge finds it, and would otherwise fail again and again while parts gather.
#[tokio::test]
async fn damage_that_only_a_merge_finds_has_the_index_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(LedgerConfig { index_commit_events: 4, ..config(dir.path()) }).unwrap();
    for n in 0..20 {
        append(&ledger, &event(n)).await.unwrap();
    }
    until(|| ledger.stats().index_lag_events == 0).await;
    let before = ledger.shared().read().view.parts.clone();
    let second = dir.path().join("index/0000000000000001.part");
    let mut bytes = fs::read(&second).unwrap();
    bytes[3] ^= 1;
    fs::write(&second, bytes).unwrap();
    for n in 20..200 {
        append(&ledger, &event(n)).await.unwrap();
    }
    let is_old = |part: &_| before.iter().any(|old| std::sync::Arc::ptr_eq(old, part));
    until(|| !ledger.shared().read().view.parts.iter().any(is_old)).await;
    until(|| ledger.health().index_ok && ledger.stats().index_lag_events == 0).await;
    assert_eq!(ids(&ledger, &all(Order::Asc)), (0..200).collect::<Vec<_>>());
}

/// A statement that takes one lock while it still holds another meets the writer, which takes them the other way round, and the
/// index's commit, which keeps new readers out: then nobody goes on.
#[test]
fn looking_at_the_figures_never_stops_the_writer() {
    let (done, finished) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(LedgerConfig { index_commit_events: 1, ..config(dir.path()) }).unwrap();
        let ended = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !ended.load(std::sync::atomic::Ordering::Relaxed) {
                        let _ = ledger.stats();
                        let _ = ledger.own_logs();
                    }
                });
            }
            for n in 0..150 {
                runtime.block_on(append(&ledger, &event(n))).unwrap();
            }
            ended.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        done.send(()).unwrap();
    });
    finished.recv_timeout(std::time::Duration::from_secs(60)).expect("the writer goes on");
}

/// Events in all trees.
fn grown(ledger: &Ledger) -> u64 {
    ledger.shared().logs().iter().map(|(_, log)| log.tree.size()).sum()
}

/// The filter held still is a moment that a crash may choose: what is in a tree then is in the heads kept then.
#[test]
fn an_id_is_remembered_before_its_event_is_in_a_tree() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(config(dir.path())).unwrap();
    let pause = || std::thread::sleep(std::time::Duration::from_millis(100));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    std::thread::scope(|scope| {
        let held = ledger.shared().filter();
        let appending = scope.spawn(|| runtime.block_on(append(&ledger, &event(0))));
        while ledger.shared().segments.fetch(0, |_| ()).is_err() {
            std::thread::yield_now();
        }
        pause();
        assert_eq!(grown(&ledger), 0, "in a tree and in no filter");
        drop(held);
        appending.join().unwrap().unwrap();
    });
    assert_eq!(grown(&ledger), 1);

    // A start that has to read the segments does the same.
    let end = ledger.shared().read().end;
    *ledger.shared().logs_mut() = Logs::default();
    std::thread::scope(|scope| {
        let held = ledger.shared().filter();
        let replaying = scope.spawn(|| replay(ledger.shared(), end, end));
        pause();
        assert_eq!(grown(&ledger), 0, "in a tree and in no filter");
        drop(held);
        replaying.join().unwrap().unwrap();
    });
    assert_eq!(grown(&ledger), 1);
}
