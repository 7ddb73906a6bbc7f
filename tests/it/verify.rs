//! `nexus verify` on the real files of a real server: what holds, and each tampering that must be found, by its sequence number.

use std::{fs, path::Path, process::Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    segments::{Record, change_a_byte, copy, copy_into, leave_the_segments_alone, rewrite},
    support::{Client, Nexus, Setup},
};

/// Events that are posted.
const EVENTS: u64 = 40;
const TENANT: &str = "t_own";
/// An Ed25519 seed that nobody should trust.
const OTHER_KEY: &str = "2222222222222222222222222222222222222222222222222222222222222222";

fn event(n: u64) -> Value {
    json!({
        "event_id": format!("00000000-0000-4000-8000-{n:012}"), "surface": "chat", "event_type": "message_posted",
        "input": { "thread_id": "th_verify", "role": "user", "text": format!("quokka number {n:04}") },
    })
}

/// Posts these events, and answers the sequence number of each.
async fn post(writer: &Client, numbers: std::ops::Range<u64>) -> Vec<u64> {
    let events: Vec<Value> = numbers.map(event).collect();
    let answer = writer.post("/nexus/events", &json!({ "events": events }), 200).await.json();
    let items = answer["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["status"] == "accepted"), "{answer}");
    items.iter().map(|item| item["ledger"]["seq"].as_u64().unwrap()).collect()
}

/// A stopped ledger, and what was handed out while it ran.
struct Case {
    data: TempDir,
    /// Of each posted event.
    seqs: Vec<u64>,
    /// The head after all of them.
    checkpoint: String,
    vkey: String,
}

impl Case {
    /// Given a server that took events of two tenants, anchored at its stop.
    async fn new() -> Self {
        let data = TempDir::new().unwrap();
        let mut nexus = Setup::new().data_dir(data.path()).start().await;
        let writer = nexus.client(TENANT, "writer");
        let mut seqs = post(&writer, 0..EVENTS / 2).await;
        post(&nexus.client("t_else", "writer"), 1000..1010).await;
        seqs.extend(post(&writer, EVENTS / 2..EVENTS).await);
        let checkpoint = checkpoint(&writer).await;
        let vkey = vkeys(&nexus).await;
        stop(&mut nexus).await;
        Self { data, seqs, checkpoint, vkey }
    }

    fn copy(&self) -> TempDir {
        copy(self.data.path())
    }

    /// Verifies a copy that `spoil` was at: it must not hold, and say so.
    fn found(&self, what: &str, at: u64, spoil: impl FnOnce(&Path)) {
        let copy = self.copy();
        spoil(copy.path());
        let (code, said) = verify(copy.path(), &[]);
        assert_eq!(code, 1, "{what}: {said}");
        let expected = format!("FAIL   nexus/{TENANT}/dev/");
        let line = said.lines().find(|line| line.starts_with(&expected)).unwrap_or_else(|| panic!("{what}: {said}"));
        assert!(line.contains(&format!(" at seq {at}: ")), "{what}, expected seq {at}: {said}");
        let other = said.lines().find(|line| line.contains("/t_else/dev/")).unwrap();
        assert!(other.starts_with("ok "), "{what}: the other log holds: {said}");
    }
}

async fn stop(nexus: &mut Nexus) {
    nexus.signal("TERM");
    assert!(nexus.exit().await.success(), "{}", nexus.log());
}

async fn checkpoint(reader: &Client) -> String {
    let heads = reader.get("/nexus/ledger/checkpoint", 200).await.json();
    assert_eq!(heads["items"].as_array().unwrap().len(), 1, "{heads}");
    heads["items"][0]["checkpoint"].as_str().unwrap().to_owned()
}

async fn vkeys(nexus: &Nexus) -> String {
    nexus.anonymous().get("/.well-known/nexus-ledger-key", 200).await.text()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn verify(data_dir: &Path, args: &[&str]) -> (i32, String) {
    let output = Setup::new().data_dir(data_dir).run(&[&["verify"], args].concat());
    (output.status.code().unwrap(), said(&output))
}

/// A file with this text, as a caller keeps it.
fn kept(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    file
}

fn own(records: &mut [Record], seq: u64) -> &mut Record {
    records.iter_mut().find(|record| record.is_of(TENANT) && record.seq == seq).unwrap()
}

/// Someone who renumbers leaves no hole.
fn renumber(records: &mut [Record]) {
    records.iter_mut().filter(|record| record.is_of(TENANT)).zip(0..).for_each(|(record, seq)| record.seq = seq);
}

#[tokio::test]
async fn what_nobody_touched_holds() {
    let case = Case::new().await;
    let (anchored, outside) = (kept(&case.checkpoint), kept(&case.vkey));
    let args = ["--against", anchored.path().to_str().unwrap(), "--key", outside.path().to_str().unwrap()];
    let (code, said) = verify(case.data.path(), &args);
    assert_eq!(code, 0, "{said}");
    assert_eq!(said.lines().filter(|line| line.starts_with("ok ")).count(), 2, "{said}");
    assert!(said.ends_with("holds\n") && !said.contains("FAIL"), "{said}");
    // The key may stand in the argument itself. A tenant's report is of its logs alone.
    let (code, said) = verify(case.data.path(), &["--key", case.vkey.trim(), "--tenant", TENANT, "--env", "dev"]);
    assert_eq!((code, said.lines().filter(|line| line.starts_with("ok ")).count()), (0, 1), "{said}");
    // And whoever trusts the directory's own keys is told so.
    let (code, said) = verify(case.data.path(), &[]);
    assert!(code == 0 && said.contains("--key"), "{said}");
}

#[tokio::test]
async fn every_tampering_with_an_event_is_found_and_named() {
    let case = Case::new().await;
    let seq = case.seqs[17];
    case.found("a changed byte", seq, |data| change_a_byte(data, "quokka number 0017"));
    let change = |data: &Path| {
        rewrite(data, |records| {
            let body = &mut own(records, seq).body;
            let text = String::from_utf8(body.clone()).unwrap().replace("number 0017", "number 9917");
            *body = text.into_bytes();
        });
    };
    case.found("a changed event with its checksum mended", seq, change);
    let remove = |records: &mut Vec<Record>| records.retain(|record| !record.is_of(TENANT) || record.seq != seq);
    case.found("a removed record", seq, |data| rewrite(data, remove));
    case.found("a removed record, the others renumbered", seq, |data| {
        rewrite(data, |records| {
            remove(records);
            renumber(records);
        });
    });
    let swap = |records: &mut Vec<Record>| {
        let mut later = own(records, seq + 5).clone();
        own(records, seq).swap_content(&mut later);
        own(records, seq + 5).swap_content(&mut later);
    };
    case.found("two swapped records", seq, |data| rewrite(data, swap));
    case.found("two records in each other's place", seq, |data| {
        rewrite(data, |records| {
            let of = |seq| records.iter().position(|record| record.is_of(TENANT) && record.seq == seq).unwrap();
            let (one, other) = (of(seq), of(seq + 5));
            records.swap(one, other);
        });
    });
    // What could tell is gone too: the anchors, which stand in the bucket, still know.
    let copy = case.copy();
    change(copy.path());
    leave_the_segments_alone(copy.path());
    let (code, said) = verify(copy.path(), &[]);
    assert!(code == 1 && said.contains("not those that were signed"), "{said}");
}

#[tokio::test]
async fn a_cut_tail_is_found_by_an_anchor_or_by_a_checkpoint_kept_elsewhere() {
    let case = Case::new().await;
    let from = case.seqs[30];
    let cut = |data: &Path| {
        rewrite(data, |records| records.retain(|record| !record.is_of(TENANT) || record.seq < from));
        leave_the_segments_alone(data);
    };
    case.found("a cut tail, with anchors", from, cut);

    let copy = case.copy();
    cut(copy.path());
    fs::remove_dir_all(copy.path().join("bucket")).unwrap();
    let (code, said) = verify(copy.path(), &[]);
    assert_eq!(code, 0, "without an anchor or a checkpoint nothing tells of it: {said}");
    let checkpoint = kept(&case.checkpoint);
    let (code, said) = verify(copy.path(), &["--against", checkpoint.path().to_str().unwrap()]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(&format!(" at seq {from}: ")) && said.contains("the tail is cut"), "{said}");
}

#[tokio::test]
async fn a_rewritten_history_signed_with_another_key_is_found() {
    let case = Case::new().await;
    // Given someone who changes an event, throws away all that could tell, and lets Nexus itself sign what is left.
    let copy = case.copy();
    rewrite(copy.path(), |records| {
        let body = &mut own(records, case.seqs[3]).body;
        *body = String::from_utf8(body.clone()).unwrap().replace("number 0003", "number 9903").into_bytes();
    });
    leave_the_segments_alone(copy.path());
    fs::remove_file(copy.path().join("ledger/vkeys")).unwrap();
    fs::remove_dir_all(copy.path().join("bucket")).unwrap();
    let setup = Setup::new().data_dir(copy.path()).env("NEXUS__LEDGER__SIGNING_KEY", OTHER_KEY);
    let mut nexus = setup.start().await;
    let reader = nexus.client(TENANT, "reader");
    assert!(reader.get("/nexus/events?limit=500", 200).await.text().contains("number 9903"));
    stop(&mut nexus).await;

    let (code, said) = verify(copy.path(), &[]);
    assert!(code == 0 && said.contains("--key"), "in itself it holds, and it says what that is worth: {said}");
    let (code, said) = verify(copy.path(), &["--key", case.vkey.trim()]);
    assert!(code == 1 && said.contains("not signed by a trusted key"), "{said}");
    let checkpoint = kept(&case.checkpoint);
    let args = ["--key", case.vkey.trim(), "--against", checkpoint.path().to_str().unwrap()];
    let (code, said) = verify(copy.path(), &args);
    assert!(code == 1 && said.contains("not those that were signed"), "{said}");
}

#[tokio::test]
async fn a_fork_is_found_though_both_sides_are_signed_with_the_right_key() {
    let case = Case::new().await;
    let (left, right) = (case.copy(), case.copy());
    let mut heads = Vec::new();
    for (data, numbers) in [(&left, 100..110), (&right, 200..210)] {
        let mut nexus = Setup::new().data_dir(data.path()).start().await;
        let writer = nexus.client(TENANT, "writer");
        post(&writer, numbers).await;
        heads.push(kept(&checkpoint(&writer).await));
        stop(&mut nexus).await;
    }
    for (data, other) in [(&left, &heads[1]), (&right, &heads[0])] {
        let (code, said) = verify(data.path(), &[]);
        assert_eq!(code, 0, "by itself each side holds: {said}");
        let (code, said) = verify(data.path(), &["--against", other.path().to_str().unwrap()]);
        assert!(code == 1 && said.contains("not those that were signed"), "{said}");
    }
}

#[tokio::test]
async fn what_cannot_be_checked_is_neither_right_nor_wrong() {
    let empty = TempDir::new().unwrap();
    let missing = empty.path().join("nowhere");
    let (code, said) = verify(&missing, &[]);
    assert!(code == 2 && said.contains("nowhere"), "{said}");
    assert!(!missing.exists(), "a check makes nothing");
    assert_eq!(verify(empty.path(), &[]).0, 2);
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0, "a check makes nothing");

    let nexus = Nexus::start().await;
    post(&nexus.client(TENANT, "writer"), 0..1).await;
    let (code, said) = verify(&nexus.data_dir, &[]);
    assert!(code == 2, "a running server's directory: {said}");

    let case = Case::new().await;
    assert_eq!(verify(case.data.path(), &["--key", "nonsense"]).0, 2);
    assert_eq!(verify(case.data.path(), &["--against", missing.to_str().unwrap()]).0, 2);
    fs::write(case.data.path().join("ledger/FORMAT"), "nexus-ledger 99\n").unwrap();
    let (code, said) = verify(case.data.path(), &[]);
    assert!(code == 2 && said.contains("99"), "{said}");
}

#[tokio::test]
async fn an_auditor_needs_the_ledger_and_the_key_and_nothing_else() {
    let case = Case::new().await;
    let copy = TempDir::new().unwrap();
    copy_into(&case.data.path().join("ledger"), &copy.path().join("ledger"));
    let checkpoint = kept(&case.checkpoint);
    let args = ["--key", case.vkey.trim(), "--against", checkpoint.path().to_str().unwrap()];
    let (code, said) = verify(copy.path(), &args);
    assert_eq!(code, 0, "{said}");
    let left: Vec<_> = fs::read_dir(copy.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["ledger"], "a check leaves nothing behind");
}

#[tokio::test]
async fn a_log_that_is_not_there_is_said_so() {
    let case = Case::new().await;
    let verify = |args: &[&str]| Setup::new().data_dir(case.data.path()).run(&[&["verify"], args].concat());
    for (args, named) in [
        (&["--tenant", "t_nobody"][..], "of t_nobody"),
        (&["--env", "prod"], "in prod"),
        (&["--tenant", TENANT, "--env", "prod"], "of t_own in prod"),
    ] {
        let output = verify(args);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.lines().count() == 1 && said.contains(named) && output.stdout.is_empty(), "{said}");
    }
    assert_eq!(verify(&["--tenant", TENANT, "--env", "dev"]).status.code(), Some(0));
}
