//! SIGTERM and Ctrl-C: no new connections, what is in flight is finished, and the end is 0.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

use crate::support::{
    Claims, Nexus, Setup,
    stage::on_s3,
    wire::{connect, read_to_end},
};

/// Given a presign whose body is on its way: all of it but the last byte.
async fn in_flight(nexus: &Nexus) -> (TcpStream, u8) {
    let token = nexus.token(&Claims::of("t_own", "writer"));
    let body = json!({ "filename": "a.txt" }).to_string();
    let head = format!(
        "POST /nexus/raw/presign-upload HTTP/1.1\r\nHost: nexus\r\nAuthorization: Bearer {token}\r\nX-Tenant-Id: t_own\r\n\
         X-Env: dev\r\nX-Request-Id: slow-one\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = connect(&nexus.url).await;
    let (early, late) = body.as_bytes().split_at(body.len() - 1);
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(early).await.unwrap();
    // It is in the server's hands once the server counts it; a moment does.
    tokio::time::sleep(Duration::from_millis(200)).await;
    (stream, late[0])
}

async fn finishes_what_is_in_flight(signal: &str) {
    let data = tempfile::tempdir().unwrap();
    let setup = Setup::new().data_dir(data.path());
    let mut nexus = setup.clone().start().await;
    let (mut stream, last) = in_flight(&nexus).await;
    let idle = connect(&nexus.url).await;
    nexus.signal(signal);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let address = nexus.url.trim_start_matches("http://").to_owned();
    assert!(TcpStream::connect(address).await.is_err(), "no new connections");
    stream.write_all(&[last]).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let status = nexus.exit().await;
    assert_eq!(status.code(), Some(0));
    drop(idle);
    // And it is on the ledger.
    let again = setup.start().await;
    let events = again.client("t_own", "reader").events("request_id=slow-one").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["outcome"], "success");
}

#[tokio::test]
async fn sigterm_finishes_what_is_in_flight() {
    finishes_what_is_in_flight("TERM").await;
}

#[tokio::test]
async fn ctrl_c_finishes_what_is_in_flight() {
    finishes_what_is_in_flight("INT").await;
}

#[tokio::test]
async fn an_idle_server_stops_at_once() {
    let mut nexus = Nexus::start().await;
    // A client that keeps its connection open has no claim on the server's life.
    let reader = nexus.client("t_own", "reader");
    reader.get("/nexus/raw", 200).await;
    let began = Instant::now();
    nexus.signal("TERM");
    assert_eq!(nexus.exit().await.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test]
async fn draining_is_bounded() {
    let mut nexus = Setup::new().env("NEXUS__SERVER__DRAIN_TIMEOUT_MS", 500).start().await;
    let (stream, _never_sent) = in_flight(&nexus).await;
    let began = Instant::now();
    nexus.signal("TERM");
    assert_eq!(nexus.exit().await.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    drop(stream);
}

/// A caller that hangs up changes nothing: what was begun is finished and written down.
#[tokio::test]
async fn a_caller_that_hangs_up_is_still_on_the_ledger() {
    // Given a store that takes its time to say nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let setup = Setup::new().env("NEXUS__STORAGE__TIMEOUT_MS", 700);
    let nexus = on_s3(setup, &endpoint, "bucket", "AKIDEXAMPLE", "secret").start().await;
    let writer = nexus.client("t_own", "writer");
    let claim = json!({ "asset_id": "a", "filename": "a.txt" });
    let request =
        writer.clone().header("x-request-id", "hung-up").request(reqwest::Method::POST, "/nexus/raw/register");
    let gone = request.json(&claim).timeout(Duration::from_millis(200)).send().await;
    assert!(gone.unwrap_err().is_timeout());
    for _ in 0..50 {
        let events = writer.events("request_id=hung-up").await;
        if !events.is_empty() {
            assert_eq!(events[0]["error_code"], "storage.unavailable");
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no event");
}
