//! An old copy of `ledger/` beside the newer bucket: `nexus verify` finds it, and the server that starts on it seals what is
//! there and begins new logs, so that nothing is ever signed that contradicts what was.

use std::{fs, path::Path, time::Duration};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    bucket::{Bucket, on_the_store_of},
    segments::{copy, copy_into},
    support::{Client, Nexus, Setup},
};

const TENANT: &str = "t_own";

async fn post(writer: &Client, count: usize) -> Vec<Value> {
    let event = json!({
        "surface": "chat", "event_type": "message_posted",
        "input": { "thread_id": "th_rollback", "role": "user", "text": "a message" },
    });
    let answer = writer.post("/nexus/events", &json!({ "events": vec![event; count] }), 200).await.json();
    answer["items"].as_array().unwrap().clone()
}

fn log_of(item: &Value) -> String {
    item["ledger"]["log"].as_str().unwrap().to_owned()
}

async fn stop(nexus: &mut Nexus) {
    nexus.signal("TERM");
    assert!(nexus.exit().await.success(), "{}", nexus.log());
}

/// Until the anchors were compared nothing is taken.
async fn ready(nexus: &Nexus) {
    for _ in 0..200 {
        let request = nexus.anonymous().request(reqwest::Method::GET, "/readyz");
        if nexus.anonymous().try_send(request).await.unwrap().status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("not ready:\n{}", nexus.log());
}

fn verify(data_dir: &Path) -> (i32, String) {
    let output = Setup::new().data_dir(data_dir).run(&["verify"]);
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn put_back(old: &Path, data_dir: &Path) {
    let ledger = data_dir.join("ledger");
    fs::remove_dir_all(&ledger).unwrap();
    copy_into(old, &ledger);
}

async fn found_by_id(reader: &Client, items: &[Value]) -> usize {
    let mut found = 0;
    for item in items {
        let request =
            reader.request(reqwest::Method::GET, &format!("/nexus/events/{}", item["event_id"].as_str().unwrap()));
        let answer = reader.try_send(request).await.unwrap();
        assert!(matches!(answer.status.as_u16(), 200 | 404), "{}", answer.text());
        found += usize::from(answer.status == 200);
    }
    found
}

#[tokio::test]
async fn a_restored_ledger_is_found_sealed_and_continued_in_a_new_log() {
    let data = TempDir::new().unwrap();
    let setup = Setup::new().data_dir(data.path()).env("NEXUS__LEDGER__ANCHOR_INTERVAL_MS", 1000);
    let mut nexus = setup.clone().start().await;
    let kept = post(&nexus.client(TENANT, "writer"), 10).await;
    stop(&mut nexus).await;
    let old = copy(&data.path().join("ledger"));

    let mut nexus = setup.clone().start().await;
    ready(&nexus).await;
    let lost = post(&nexus.client(TENANT, "writer"), 10).await;
    let log = log_of(&lost[0]);
    assert_eq!(log, log_of(&kept[0]), "without a rollback the log goes on");
    // This time a crash ends it: what tells is the anchor of the interval.
    let anchors = Bucket::of(&nexus);
    let prefix = format!("tenants/{TENANT}/dev/ledger/{}/", log.rsplit('/').next().unwrap());
    for _ in 0..100 {
        if anchors.keys(&prefix).await.len() > 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let before = anchors.keys(&prefix).await;
    assert!(before.len() > 1, "{before:?}");
    nexus.kill();
    put_back(old.path(), data.path());

    let (code, said) = verify(data.path());
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(&format!("FAIL   {log} at seq 10: ")) && said.contains("the tail is cut"), "{said}");

    let mut nexus = setup.clone().start().await;
    ready(&nexus).await;
    let writer = nexus.client(TENANT, "writer");
    assert!(nexus.log().contains("older than its anchors"), "{}", nexus.log());
    let new = post(&writer, 5).await;
    let new_log = log_of(&new[0]);
    assert_ne!(new_log, log);
    assert_eq!(new[0]["ledger"]["seq"], 0);
    // Both logs are served; what was lost is lost, and nobody pretends otherwise.
    assert_eq!((found_by_id(&writer, &kept).await, found_by_id(&writer, &lost).await), (10, 0));
    assert_eq!(found_by_id(&writer, &new).await, 5);
    // An event of the sealed log is proved under the last checkpoint that was signed before, and never under a new one.
    let id = kept[3]["event_id"].as_str().unwrap();
    let proof = writer.get(&format!("/nexus/ledger/proof/{id}"), 200).await.json();
    assert_eq!((&proof["log"], &proof["tree_size"]), (&json!(log), &json!(10)));
    let heads = writer.get("/nexus/ledger/checkpoint", 200).await.json();
    let sizes: Vec<(&Value, &Value)> =
        heads["items"].as_array().unwrap().iter().map(|head| (&head["log"], &head["size"])).collect();
    assert!(sizes.iter().all(|(of, size)| **of == new_log || **size == 10), "{sizes:?}");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let anchors = Bucket::of(&nexus);
    assert_eq!(anchors.keys(&prefix).await, before, "the sealed log is anchored no more");
    stop(&mut nexus).await;

    // The next start is an ordinary one, and goes on in the new log.
    let mut nexus = setup.start().await;
    ready(&nexus).await;
    assert_eq!(log_of(&post(&nexus.client(TENANT, "writer"), 1).await[0]), new_log);
    stop(&mut nexus).await;
    let (code, said) = verify(data.path());
    assert_eq!(code, 1, "the loss stays on record: {said}");
    assert!(said.lines().any(|line| line.starts_with(&format!("ok     {new_log}: "))), "{said}");
}

/// Given a copy in which the writer has these tenants' logs, and then one more tenant's first event.
async fn a_log_begun_after_a_copy_with(others: &[&str]) {
    let data = TempDir::new().unwrap();
    let setup = Setup::new().data_dir(data.path());
    let mut nexus = setup.clone().start().await;
    ready(&nexus).await;
    for other in others {
        post(&nexus.client(other, "writer"), 1).await;
    }
    stop(&mut nexus).await;
    let old = copy(&data.path().join("ledger"));
    let mut nexus = setup.clone().start().await;
    ready(&nexus).await;
    let log = log_of(&post(&nexus.client(TENANT, "writer"), 3).await[0]);
    stop(&mut nexus).await;
    put_back(old.path(), data.path());

    let (code, said) = verify(data.path());
    assert!(code == 1 && said.contains(&format!("log {log} was signed and is not in this directory")), "{said}");
    let mut nexus = setup.clone().start().await;
    ready(&nexus).await;
    assert!(nexus.log().contains("older than its anchors"), "{}", nexus.log());
    assert_ne!(log_of(&post(&nexus.client(TENANT, "writer"), 1).await[0]), log, "the same origin twice is a fork");
    stop(&mut nexus).await;
}

#[tokio::test]
async fn a_log_that_was_begun_after_the_copy_is_not_begun_again() {
    a_log_begun_after_a_copy_with(&["t_else"]).await;
}

#[tokio::test]
async fn nor_is_it_where_the_copy_has_no_log_at_all() {
    a_log_begun_after_a_copy_with(&[]).await;
}

#[tokio::test]
async fn two_copies_that_run_at_once_end_up_in_logs_of_their_own() {
    let store = Nexus::start().await;
    let data = TempDir::new().unwrap();
    let setup = on_the_store_of(&store).env("NEXUS__LEDGER__ANCHOR_INTERVAL_MS", 1000);
    let mut nexus = setup.clone().data_dir(data.path()).start().await;
    let log = log_of(&post(&nexus.client(TENANT, "writer"), 4).await[0]);
    stop(&mut nexus).await;
    let second = copy(data.path());

    let (one, two) =
        (setup.clone().data_dir(data.path()).start().await, setup.clone().data_dir(second.path()).start().await);
    ready(&one).await;
    ready(&two).await;
    // Both grow by as much before either is anchored: that is what no start can see.
    let (of_one, of_two) = (one.client(TENANT, "writer"), two.client(TENANT, "writer"));
    let (first, other) = tokio::join!(post(&of_one, 3), post(&of_two, 3));
    assert_eq!(log_of(&first[0]), log);
    assert_eq!(log_of(&other[0]), log);
    // The anchor that came second finds the first one's.
    let mut logs = Vec::new();
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        logs = vec![log_of(&post(&of_one, 1).await[0]), log_of(&post(&of_two, 1).await[0])];
        if logs[0] != logs[1] {
            break;
        }
    }
    assert_ne!(logs[0], logs[1], "{}", two.log());
}
