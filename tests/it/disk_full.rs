//! A disk that is really full: a small file system of the test's own.

use std::{fs, path::Path, process::Command, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Client, Nexus, Setup, tools::note_skip};

const SIZE: &str = "48m";
/// What is taken away to make room.
const BALLAST_BYTES: usize = 16 << 20;

/// A mounted tmpfs; unmounted when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` for those who may not mount; the calling test is noted as skipped.
    fn mount() -> Option<Self> {
        let dir = TempDir::new().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={SIZE}"), "tmpfs"])
            .arg(dir.path())
            .output()
            .expect("mount(8)");
        if !mounted.status.success() {
            note_skip(&format!("a tmpfs cannot be mounted: {}", String::from_utf8_lossy(&mounted.stderr).trim()));
            return None;
        }
        Some(Self(dir))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The server on it is gone by now; a lazy unmount bears even one that is not.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

async fn post(writer: &Client, id: &str) -> u16 {
    let event = json!({
        "event_id": id, "surface": "chat", "event_type": "message_posted",
        "input": { "thread_id": "th_full", "role": "user", "text": format!("{id} {}", "x".repeat(100 << 10)) },
    });
    let answer = writer.try_send(writer.request(Method::POST, "/nexus/events").json(&event)).await.unwrap();
    let status = answer.status.as_u16();
    if status == 503 {
        let code = answer.json()["code"].as_str().unwrap().to_owned();
        assert!(["ledger.unavailable", "outcome.unknown"].contains(&code.as_str()), "{code}");
    } else {
        assert!(matches!(status, 200 | 201), "{}", answer.text());
    }
    status
}

async fn readiness(nexus: &Nexus) -> (u16, Value) {
    let anonymous = nexus.anonymous();
    let answer = anonymous.try_send(anonymous.request(Method::GET, "/readyz")).await.unwrap();
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn a_full_disk_loses_nothing_says_so_and_is_recovered_from_without_a_restart() {
    let Some(disk) = SmallDisk::mount() else { return };
    let ballast = disk.path().join("ballast");
    fs::write(&ballast, vec![0; BALLAST_BYTES]).unwrap();
    let setup = Setup::new().data_dir(&disk.path().join("data")).env("NEXUS__LIMITS__ENABLED", false);
    let mut nexus = setup.clone().start().await;
    let writer = nexus.client("t_own", "writer");
    let (mut kept, mut in_doubt) = (Vec::new(), Vec::new());
    for n in 0..1000 {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        if post(&writer, &id).await == 201 {
            kept.push(id);
        } else {
            in_doubt.push(id);
        }
        if in_doubt.len() == 5 {
            break;
        }
    }
    assert!(kept.len() > 20 && in_doubt.len() == 5, "{} kept, {} not", kept.len(), in_doubt.len());
    let (status, ready) = readiness(&nexus).await;
    assert_eq!((status, &ready["checks"]["ledger"]), (503, &json!("unavailable")), "{ready}");
    // Reading goes on.
    writer.get(&format!("/nexus/events/{}", kept[0]), 200).await;
    writer.get("/healthz", 200).await;

    fs::remove_file(&ballast).unwrap();
    for _ in 0..200 {
        if readiness(&nexus).await.0 == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(readiness(&nexus).await.0, 200, "{}", nexus.log());
    // What was refused is repeated under the same ids: it is there once, whatever had become of it.
    for id in &in_doubt {
        assert!(matches!(post(&writer, id).await, 200 | 201));
    }
    kept.extend(in_doubt);
    each_once(&writer, &kept).await;
    nexus.kill();

    let mut nexus = setup.clone().start().await;
    each_once(&nexus.client("t_own", "writer"), &kept).await;
    nexus.signal("TERM");
    assert!(nexus.exit().await.success(), "{}", nexus.log());
    let verified = setup.run(&["verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

async fn each_once(reader: &Client, ids: &[String]) {
    let events = reader.events("event_type=message_posted&limit=20").await;
    let mut found: Vec<&str> = events.iter().map(|event| event["event_id"].as_str().unwrap()).collect();
    found.sort_unstable();
    let mut expected: Vec<&str> = ids.iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
}
