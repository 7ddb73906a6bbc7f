//! Every kind of tampering that must be found, on real files: clumsy, as a text editor does it, and by someone who knows the
//! format and mends checksums, positions and sequence numbers.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::*;
use crate::{
    Ledger, LedgerConfig, disk,
    note::{self, SigningKey},
    testing::{append_all, config, copy, event, event_of},
};

const EVENTS: u64 = 120;

/// A ledger at rest, and the checkpoints that were anchored on the way.
struct Case {
    dir: tempfile::TempDir,
    anchors: Vec<String>,
    keys: Vec<VerifyingKey>,
}

fn seeded(dir: &Path, seed: u8) -> LedgerConfig {
    LedgerConfig { signing_seed: Some([seed; 32]), ..config(dir) }
}

async fn case() -> Case {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(seeded(dir.path(), 1)).unwrap();
    ledger.settle_anchors(&[]).unwrap();
    let mut anchors = Vec::new();
    for round in 0..6 {
        let numbers = round * EVENTS / 6..(round + 1) * EVENTS / 6;
        append_all(&ledger, &numbers.clone().map(event).collect::<Vec<_>>()).await;
        append_all(&ledger, &numbers.map(|n| event_of("t_other", n)).collect::<Vec<_>>()).await;
        anchors.extend(ledger.checkpoints().unwrap().into_iter().map(|signed| signed.checkpoint));
    }
    ledger.close().await;
    let keys = ledger.vkeys().iter().map(|key| key.parse().unwrap()).collect();
    Case { dir, anchors, keys }
}

impl Case {
    fn options(&self, dir: &Path) -> VerifyOptions {
        let given = |note: &String| GivenNote { source: "anchor".to_owned(), note: note.clone(), required: false };
        VerifyOptions {
            keys: self.keys.clone(),
            notes: self.anchors.iter().map(given).collect(),
            sort_bytes: 0,
            ..VerifyOptions::new(dir)
        }
    }

    /// Checks a copy that `spoil` has been at.
    fn after(&self, spoil: impl FnOnce(&Path)) -> Report {
        let left = tempfile::tempdir().unwrap();
        copy(self.dir.path(), left.path());
        spoil(left.path());
        verify(&self.options(left.path())).unwrap()
    }

    /// As [`after`](Self::after), with nothing left in the directory but the segments.
    fn after_with_segments_alone(&self, spoil: impl FnOnce(&Path)) -> Report {
        self.after(|dir| {
            strip(dir);
            spoil(dir);
        })
    }
}

fn strip(dir: &Path) {
    for name in ["heads", "checkpoints"] {
        fs::remove_file(dir.join(name)).unwrap();
    }
    fs::remove_dir_all(dir.join("trees")).unwrap();
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(dir.join("segments")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn demo(report: &Report) -> &LogReport {
    report.logs.iter().find(|log| log.log.contains("/t_demo/")).unwrap()
}

fn problem(report: &Report) -> &Problem {
    demo(report).problem.as_ref().unwrap_or_else(|| panic!("not found: {report:?}"))
}

/// A record out of its file, to be changed and written back.
struct Loose {
    log: u32,
    seq: u64,
    opens_log: bool,
    event_id: [u8; 16],
    body: Vec<u8>,
}

/// Rewrites the segments into one, with everything that is not content mended.
fn rewrite(dir: &Path, change: impl FnOnce(&mut Vec<Loose>)) {
    let segments = Segments::open_read_only(Arc::new(disk::RealDisk), dir.join("segments")).unwrap();
    let end = segments.find_tail(segments.newest()).unwrap().end;
    let mut all = Vec::new();
    segments
        .scan(0, end, |r| {
            let (log, seq, opens_log, event_id) = (r.log, r.seq, r.opens_log, r.event_id);
            all.push(Loose { log, seq, opens_log, event_id, body: r.body.to_vec() });
            Ok(())
        })
        .unwrap();
    change(&mut all);
    fs::remove_dir_all(dir.join("segments")).unwrap();
    let segments = Segments::open(Arc::new(disk::RealDisk), dir.join("segments"), 0).unwrap();
    let mut bytes = Vec::new();
    for Loose { log, seq, opens_log, event_id, body } in &all {
        let position = bytes.len() as u64;
        let record = Record {
            position,
            batch: position,
            last_of_batch: true,
            opens_log: *opens_log,
            log: *log,
            seq: *seq,
            event_id: *event_id,
            sameness: [0; 32],
            body,
        };
        record.write(&mut bytes);
    }
    segments.append(0, &bytes).unwrap();
}

fn at(all: &[Loose], log: u32, seq: u64) -> usize {
    all.iter().position(|r| (r.log, r.seq, r.opens_log) == (log, seq, false)).unwrap()
}

fn renumber(all: &mut [Loose], log: u32) {
    all.iter_mut().filter(|r| r.log == log && !r.opens_log).zip(0..).for_each(|(r, seq)| r.seq = seq);
}

#[tokio::test]
async fn an_untouched_ledger_holds_and_every_checkpoint_agrees() {
    let case = case().await;
    let report = case.after(|_| ());
    assert!(report.holds(), "{report:?}");
    assert_eq!(report.logs.len(), 2);
    for log in &report.logs {
        assert_eq!((log.size, log.vouched, log.checkpoints), (EVENTS, EVENTS, 7));
    }
    assert!(case.after_with_segments_alone(|_| ()).holds());
    assert!(case.after(|dir| rewrite(dir, |_| ())).holds(), "the layout of the segments is not what is signed");
    let mut narrow = case.options(case.dir.path());
    narrow.tenant = Some("t_other".parse().unwrap());
    narrow.keys.clear();
    let report = verify(&narrow).unwrap();
    assert_eq!((report.logs.len(), report.keys_from_directory), (1, true));
}

#[tokio::test]
async fn one_changed_byte_anywhere_is_found() {
    let case = case().await;
    for path in files(case.dir.path()) {
        let name = path.file_name().unwrap();
        let len = fs::metadata(&path).unwrap().len();
        for at in (0..len).step_by(173) {
            let report = case.after(|dir| {
                let path = dir.join("segments").join(name);
                let mut bytes = fs::read(&path).unwrap();
                bytes[usize::try_from(at).unwrap()] ^= 0x20;
                fs::write(path, bytes).unwrap();
            });
            assert!(!report.holds(), "byte {at} of {name:?}");
        }
    }
}

#[tokio::test]
async fn a_changed_event_with_everything_mended_is_found_and_named() {
    let case = case().await;
    let change = |dir: &Path| {
        rewrite(dir, |all| {
            let target = at(all, 0, 33);
            let text = String::from_utf8(all[target].body.clone()).unwrap();
            all[target].body = text.replace("\"n\":33", "\"n\":34").into_bytes();
        });
    };
    let report = case.after(change);
    assert_eq!(problem(&report).seq, Some(33), "{report:?}");
    let report = case.after_with_segments_alone(change);
    assert!(problem(&report).what.contains("first 40 events are not those that were signed"), "{report:?}");
}

#[tokio::test]
async fn a_removed_event_is_found() {
    let case = case().await;
    let report = case.after_with_segments_alone(|dir| rewrite(dir, |all| drop(all.remove(at(all, 0, 50)))));
    assert_eq!(problem(&report).seq, Some(50));
    let renumbered = |dir: &Path| {
        rewrite(dir, |all| {
            all.remove(at(all, 0, 50));
            renumber(all, 0);
        });
    };
    assert_eq!(problem(&case.after(renumbered)).seq, Some(50));
    assert!(!case.after_with_segments_alone(renumbered).holds());
    let report = case.after(|dir| {
        let path = &files(dir)[1];
        let bytes = fs::read(path).unwrap();
        fs::write(path, [&bytes[..64 + 800], &bytes[64 + 1600..]].concat()).unwrap();
    });
    assert!(!report.holds());
    let report = case.after(|dir| fs::remove_file(&files(dir)[1]).unwrap());
    assert!(!report.holds());
}

#[tokio::test]
async fn two_swapped_events_are_found() {
    let case = case().await;
    let swap = |all: &mut Vec<Loose>| {
        let (a, b) = (at(all, 0, 20), at(all, 0, 21));
        all.swap(a, b);
    };
    let report = case.after_with_segments_alone(|dir| rewrite(dir, swap));
    assert_eq!(problem(&report).seq, Some(20));
    let mended = |dir: &Path| {
        rewrite(dir, |all| {
            swap(all);
            renumber(all, 0);
        });
    };
    assert_eq!(problem(&case.after(mended)).seq, Some(20));
    assert!(!case.after_with_segments_alone(mended).holds());
}

#[tokio::test]
async fn a_cut_tail_is_found_with_an_anchor_and_only_with_one() {
    let case = case().await;
    let cut = |dir: &Path| rewrite(dir, |all| all.retain(|r| r.log != 0 || r.opens_log || r.seq < 110));
    let report = case.after_with_segments_alone(cut);
    assert_eq!(problem(&report).seq, Some(110), "{report:?}");
    assert!(problem(&report).what.contains("tail is cut"));
    // The kept heads find it too, though nothing of them is signed.
    let blind = Case { anchors: Vec::new(), ..case };
    assert!(!blind.after(cut).holds());
    let report = blind.after_with_segments_alone(cut);
    assert!(report.holds() && demo(&report).vouched == 0, "no signature was shown, and none is claimed");
    let gone = |dir: &Path| rewrite(dir, Vec::clear);
    assert!(!blind.after(gone).holds());
}

#[tokio::test]
async fn a_whole_log_that_is_gone_is_found() {
    let case = case().await;
    let report = case.after_with_segments_alone(|dir| rewrite(dir, Vec::clear));
    assert!(report.problems.iter().any(|what| what.contains("is not in this directory")), "{report:?}");
}

#[tokio::test]
async fn a_history_rewritten_and_signed_with_another_key_is_found() {
    let case = case().await;
    let report = case.after(|dir| {
        rewrite(dir, |all| {
            let target = at(all, 0, 3);
            let text = String::from_utf8(all[target].body.clone()).unwrap();
            all[target].body = text.replace("u_3", "u_4").into_bytes();
        });
        for name in ["heads", "checkpoints", "vkeys", "filter/0"] {
            fs::remove_file(dir.join(name)).unwrap();
        }
        fs::remove_dir_all(dir.join("trees")).unwrap();
        fs::remove_dir_all(dir.join("index")).unwrap();
        let forged = Ledger::open(seeded(dir, 66)).unwrap();
        forged.settle_anchors(&[]).unwrap();
        drop(forged);
    });
    assert!(report.problems.iter().any(|what| what.contains("not signed by a trusted key")), "{report:?}");
    assert!(demo(&report).problem.is_some());
}

#[tokio::test]
async fn a_fork_is_found_though_both_sides_are_signed_with_the_right_key() {
    let case = case().await;
    let other = tempfile::tempdir().unwrap();
    copy(case.dir.path(), other.path());
    let mut heads = Vec::new();
    for (dir, from) in [(case.dir.path(), 1000), (other.path(), 2000)] {
        let ledger = Ledger::open(seeded(dir, 1)).unwrap();
        ledger.settle_anchors(&[]).unwrap();
        append_all(&ledger, &(from..from + 5).map(event).collect::<Vec<_>>()).await;
        heads.push(ledger.checkpoints().unwrap().remove(0).checkpoint);
        ledger.close().await;
    }
    let mut options = case.options(case.dir.path());
    let given = |note: &str| GivenNote { source: "against".to_owned(), note: note.to_owned(), required: true };
    options.notes.push(given(&heads[0]));
    assert!(verify(&options).unwrap().holds());
    options.notes.push(given(&heads[1]));
    let report = verify(&options).unwrap();
    assert!(problem(&report).what.contains("not those that were signed"), "{report:?}");
}

#[tokio::test]
async fn an_older_copy_beside_newer_anchors_is_found() {
    let (case, old) = (case().await, tempfile::tempdir().unwrap());
    copy(case.dir.path(), old.path());
    let ledger = Ledger::open(seeded(case.dir.path(), 1)).unwrap();
    ledger.settle_anchors(&case.anchors).unwrap();
    append_all(&ledger, &[event(5000)]).await;
    let newer = ledger.checkpoints().unwrap().remove(0).checkpoint;
    drop(ledger);
    let case = Case { anchors: vec![newer], ..case };
    let report = verify(&case.options(old.path())).unwrap();
    assert_eq!(problem(&report).seq, Some(EVENTS));
}

#[tokio::test]
async fn what_no_honest_ledger_holds_is_found_without_any_checkpoint() {
    let case = Case { anchors: Vec::new(), ..case().await };
    let spoil = |change: fn(&mut Vec<Loose>)| case.after_with_segments_alone(|dir| rewrite(dir, change));
    let report = spoil(|all| {
        let (first, second) = (at(all, 0, 5), at(all, 0, 100));
        all[second].event_id = all[first].event_id;
        all[second].body = all[first].body.clone();
    });
    assert_eq!(problem(&report).seq, Some(100), "{report:?}");
    assert!(problem(&report).what.contains("stands twice, first at 5"));
    let report = spoil(|all| {
        let (mine, theirs) = (at(all, 0, 7), at(all, 1, 7));
        all[mine].body = all[theirs].body.clone();
    });
    assert!(problem(&report).what.contains("another tenant's"));
    let report = spoil(|all| {
        let target = at(all, 0, 8);
        all[target].body.truncate(40);
    });
    assert!(problem(&report).what.contains("no JSON"));
}

#[tokio::test]
async fn a_note_for_a_log_that_is_not_here_matters_when_it_was_named_by_hand() {
    let case = case().await;
    let key = SigningKey::from_seed("nexus.test", &[1; 32]).unwrap();
    let elsewhere = "nexus.test/t_demo/dev/00000000deadbeef\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    let note = note::sign(elsewhere, &[&key]);
    let mut options = case.options(case.dir.path());
    options.notes.push(GivenNote { source: "x".to_owned(), note, required: false });
    assert!(verify(&options).unwrap().holds());
    options.notes.last_mut().unwrap().required = true;
    assert!(!verify(&options).unwrap().holds());
}

#[tokio::test]
async fn half_a_batch_at_the_end_is_no_fault_and_an_open_ledger_is_not_checked() {
    let case = case().await;
    let report = case.after(|dir| {
        let path = files(dir).pop().unwrap();
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, [&bytes[..], &bytes[64..200]].concat()).unwrap();
    });
    assert!(report.holds() && report.remarks.len() == 1, "{report:?}");
    let _open = Ledger::open(seeded(case.dir.path(), 1)).unwrap();
    assert!(matches!(verify(&case.options(case.dir.path())), Err(LedgerError::Locked { .. })));
}
