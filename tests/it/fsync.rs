//! What SIGKILL cannot show, since it leaves the page cache alone: that no acknowledgement leaves before the disk has said that
//! it has the event. strace shows the order of the system calls (law 3).

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{Nexus, tools::tool};

/// Writes to files and sockets, and what makes writes durable.
const CALLS: &str = "trace=write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,fsync,fdatasync";

/// Follows a process and its threads until it is dropped; `None` without strace.
fn follow(nexus: &Nexus, into: &std::path::Path) -> Option<Child> {
    let strace = tool("NEXUS_TEST_STRACE")?;
    let mut process = Command::new(strace)
        .args(["-f", "-y", "-s", "100000", "-e", CALLS, "-o"])
        .arg(into)
        .args(["-p", &nexus.pid().to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .expect("start strace");
    // It says so on standard error once it is attached, and so it must be read to its end.
    let (said, attached) = std::sync::mpsc::channel();
    let stderr = process.stderr.take().unwrap();
    std::thread::spawn(move || {
        for line in std::io::BufRead::lines(std::io::BufReader::new(stderr)).map_while(Result::ok) {
            let _ = said.send(line);
        }
    });
    let line = attached.recv_timeout(Duration::from_secs(20)).expect("strace attaches");
    assert!(line.contains("attached"), "{line}");
    Some(process)
}

/// A system call: the lines of the trace at which it began and ended.
struct Call {
    name: String,
    text: String,
    began: usize,
    ended: usize,
}

/// Puts together what strace splits when calls of several threads overlap.
fn calls(trace: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut open = std::collections::HashMap::<&str, usize>::new();
    for (at, line) in trace.lines().enumerate() {
        let Some((thread, text)) = line.split_once(' ').map(|(thread, text)| (thread, text.trim_start())) else {
            continue;
        };
        if let Some(rest) = text.strip_prefix("<... ") {
            let Some(call) = open.remove(thread) else { continue };
            calls[call].ended = at;
            calls[call].text.push_str(rest);
            continue;
        }
        let Some((name, _)) = text.split_once('(') else { continue };
        let unfinished = text.ends_with("<unfinished ...>");
        if unfinished {
            open.insert(thread, calls.len());
        }
        let ended = if unfinished { usize::MAX } else { at };
        calls.push(Call { name: name.to_owned(), text: text.to_owned(), began: at, ended });
    }
    calls
}

impl Call {
    fn is_of_the_segment(&self) -> bool {
        self.text.contains("/ledger/segments/")
    }

    fn is_sent(&self) -> bool {
        self.text.contains("<socket:") || self.text.contains("<TCP:")
    }

    fn is_sync(&self) -> bool {
        self.name == "fdatasync" || self.name == "fsync"
    }
}

/// Between the write of this event and the first answer that names `id`, the segment was synced.
fn must_be_durable_first(calls: &[Call], id: &str) {
    let written = calls.iter().find(|call| call.is_of_the_segment() && !call.is_sync() && call.text.contains(id));
    let written = written.unwrap_or_else(|| panic!("{id} was never written"));
    let answered = calls.iter().find(|call| call.is_sent() && call.text.contains(id));
    let answered = answered.unwrap_or_else(|| panic!("{id} was never answered"));
    let synced = calls.iter().any(|call| {
        call.is_sync()
            && call.is_of_the_segment()
            && call.text.trim_end().ends_with("= 0")
            && written.ended < call.began
            && call.ended < answered.began
    });
    assert!(synced, "{id} was answered before it was durable: {} … {}", written.began, answered.began);
}

#[tokio::test]
async fn no_acknowledgement_leaves_before_its_fdatasync_returned() {
    let nexus = Nexus::start().await;
    let writer = nexus.client("t_own", "writer");
    writer.presign(&json!({ "filename": "a.txt" })).await;
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("trace");
    let Some(mut strace) = follow(&nexus, &trace) else { return };
    let mut ids = Vec::new();
    for n in 0..4_u32 {
        let id = uuid::Uuid::now_v7().to_string();
        let event = json!({
            "event_id": id, "surface": "chat", "event_type": "message_posted",
            "input": { "thread_id": "th_fsync", "role": "user", "text": format!("number {n}") },
        });
        writer.post("/nexus/events", &event, 201).await;
        ids.push(id);
        let presigned = writer.presign(&json!({ "filename": "a.txt" })).await;
        ids.push(presigned["asset_id"].as_str().unwrap().to_owned());
    }
    // At once, so that several wait for one sync.
    let name = json!({ "filename": "a.txt" });
    let together = (0..16).map(|_| writer.presign(&name));
    for presigned in futures::future::join_all(together).await {
        ids.push(presigned["asset_id"].as_str().unwrap().to_owned());
    }
    crate::support::server::signal(strace.id(), "INT");
    let deadline = Instant::now() + Duration::from_secs(20);
    while strace.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "strace does not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let trace = String::from_utf8_lossy(&std::fs::read(&trace).unwrap()).into_owned();
    let calls = calls(&trace);
    assert!(calls.iter().any(|call| call.is_of_the_segment() && call.is_sync()), "{}", calls.len());
    for id in &ids {
        must_be_durable_first(&calls, id);
    }
}

/// The check must find what it looks for.
#[test]
#[should_panic(expected = "before it was durable")]
fn an_early_answer_is_found() {
    let trace = "\
10 pwrite64(9</d/ledger/segments/0.seg>, \"..the-id..\", 8, 64 <unfinished ...>
11 write(7<socket:[5]>, \"HTTP/1.1 201 the-id\", 19) = 19
10 <... pwrite64 resumed>) = 8
10 fdatasync(9</d/ledger/segments/0.seg>) = 0
";
    must_be_durable_first(&calls(trace), "the-id");
}
