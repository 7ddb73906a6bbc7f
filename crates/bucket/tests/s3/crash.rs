//! A process that is killed while it writes, and what the next one finds.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use futures::future::join_all;
use nexus_bucket::Bucket;

use crate::support::{BUCKET, Store, bytes, client, config, count_files, serve, stream};

const DIRECTORY: &str = "NEXUS_BUCKET_CRASH_DIRECTORY";
const WRITERS: usize = 4;
const KEYS: usize = 5;

/// What version `version` of a key holds: small ones are kept in the index, large ones in files.
fn content(key: &str, version: usize) -> Vec<u8> {
    let size = if version.is_multiple_of(2) { 100 } else { 300_000 };
    let mut content = format!("{key} {version} ").into_bytes();
    content.extend(bytes(size));
    content
}

fn version_of(content: &[u8]) -> usize {
    let text = String::from_utf8_lossy(&content[..content.len().min(40)]).into_owned();
    text.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Not a test: the process that gets killed. Says `put` before and `ack` after each write.
#[test]
#[ignore = "run by the crash test in a process of its own"]
fn writes_until_it_is_killed() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let bucket = Bucket::open(config(Path::new(&directory))).unwrap();
        let (address, _) = serve(&bucket).await;
        let client = client(address);
        let writers = (0..WRITERS).map(|writer| {
            let client = client.clone();
            async move {
                for version in 0.. {
                    let key = format!("{writer}/{}", version % KEYS);
                    say(&format!("put {key} {version}"));
                    let put = client.put_object().bucket(BUCKET).key(&key);
                    put.body(stream(content(&key, version))).send().await.unwrap();
                    say(&format!("ack {key} {version}"));
                }
            }
        });
        join_all(writers).await;
    });
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

/// Starts the writer, kills it after a while, and gives the newest version begun and acknowledged of each key.
fn run_and_kill(directory: &Path, after: Duration) -> (HashMap<String, usize>, HashMap<String, usize>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::writes_until_it_is_killed", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let reader = std::thread::spawn(move || {
        let (mut begun, mut acknowledged) = (HashMap::new(), HashMap::new());
        for line in lines.map_while(Result::ok) {
            let mut words = line.split(' ');
            match (words.next(), words.next(), words.next().map(str::parse)) {
                (Some("put"), Some(key), Some(Ok(version))) => drop(begun.insert(key.to_owned(), version)),
                (Some("ack"), Some(key), Some(Ok(version))) => drop(acknowledged.insert(key.to_owned(), version)),
                _ => {}
            }
        }
        (begun, acknowledged)
    });
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_leaves_each_object_old_or_new_and_no_stray_file() {
    let directory = tempfile::tempdir().unwrap();
    let mut written = 0;
    for round in 0..6_u64 {
        let dir = directory.path().to_owned();
        let after = Duration::from_millis(700 + round * 130);
        let run = tokio::task::spawn_blocking(move || run_and_kill(&dir, after));
        let (begun, acknowledged) = run.await.unwrap();
        written += acknowledged.len();
        let bucket = Bucket::open(config(directory.path())).unwrap();
        let (address, server) = serve(&bucket).await;
        let client = client(address);
        let mut in_files = 0;
        for (key, &newest) in &begun {
            let got = client.get_object().bucket(BUCKET).key(key).send().await;
            let Ok(got) = got else {
                assert!(!acknowledged.contains_key(key), "{key} was acknowledged and is gone");
                continue;
            };
            let body = got.body.collect().await.unwrap().to_vec();
            let version = version_of(&body);
            assert!(body == content(key, version), "{key} is neither old nor new");
            assert!(version <= newest || round > 0);
            if let Some(&acknowledged) = acknowledged.get(key) {
                assert!(
                    version == acknowledged || version == newest,
                    "{key}: {version}, not {acknowledged} or {newest}"
                );
            }
            in_files += usize::from(body.len() > 4096);
        }
        // Every key of an earlier round was begun again in this one, or is counted here.
        let listed = client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
        let elsewhere = listed.contents().iter().filter(|object| !begun.contains_key(object.key().unwrap()));
        in_files += elsewhere.filter(|object| object.size().unwrap() > 4096).count();
        assert_eq!(count_files(&directory.path().join("blobs")), in_files, "round {round}");
        server.abort();
        bucket.close();
    }
    assert!(written > 50, "the writers hardly wrote: {written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn strays_are_swept_and_objects_are_not() {
    let mut store = Store::open().await;
    for n in 0..10 {
        store.put(&format!("file/{n}"), bytes(10_000)).await;
        store.put(&format!("inline/{n}"), bytes(10)).await;
    }
    let blobs = store.dir.path().join("blobs");
    let generation = std::fs::read_dir(&blobs).unwrap().next().unwrap().unwrap().path();
    // An upload that was cut off, one whose index entry never came, and what an operator may have dropped there.
    std::fs::write(generation.join("900.blob"), "half").unwrap();
    std::fs::write(generation.join("note.txt"), "?").unwrap();
    std::fs::create_dir(blobs.join("77")).unwrap();
    std::fs::write(blobs.join("77/0.blob"), "later").unwrap();
    std::fs::write(blobs.join("tmp"), "?").unwrap();
    store.reopen().await;
    assert_eq!(store.blob_files(), 10);
    for n in 0..10 {
        assert!(store.get(&format!("file/{n}")).await.unwrap() == bytes(10_000));
        assert!(store.get(&format!("inline/{n}")).await.unwrap() == bytes(10));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let store = Store::open().await;
    store.put("k", "old").await;
    let url = store
        .client
        .put_object()
        .bucket(BUCKET)
        .key("k")
        .presigned(aws_sdk_s3::presigning::PresigningConfig::expires_in(Duration::from_secs(60)).unwrap());
    let url = url.await.unwrap().uri().to_owned();
    let pieces = (0..5).map(|_| Ok(bytes(1 << 20))).chain([Err(std::io::Error::other("gone"))]);
    let body = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
    let put = reqwest::Client::new().put(url).header("content-length", 10 << 20).body(body);
    assert!(put.send().await.is_err());
    crate::checksums::wait_for_no_files(&store).await;
    assert_eq!(store.get("k").await.unwrap(), b"old");
}
