//! Puts per second beside plain write + fsync of the same bytes, in one run on one disk.
//!
//! `cargo run --release -p nexus-bucket --example put_throughput [DIRECTORY]`
//!
//! `plain` writes each object to a file of its own and fsyncs it; `service` puts it through the S3 service
//! without a network, signature and checksums included; `http` does so over loopback, with the client on the same cores.
//! Rounds alternate, and the median of each is printed.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::presigning::PresigningConfig;
use bytes::Bytes;
use nexus_bucket::{Bucket, BucketConfig, BucketService};
use tower_service::Service as _;

const ROUNDS: usize = 5;

/// Bytes of an object, writers at once, objects a round.
const CASES: [(usize, usize, usize); 6] = [
    (1 << 20, 1, 100),
    (1 << 20, 4, 200),
    (1 << 20, 16, 200),
    (1 << 10, 1, 400),
    (1 << 10, 16, 3000),
    (1 << 10, 64, 6000),
];

#[derive(Clone, Copy, PartialEq)]
enum How {
    Plain,
    Service,
    Http,
}

struct Bench {
    directory: tempfile::TempDir,
    service: BucketService,
    client: aws_sdk_s3::Client,
    http: reqwest::Client,
    serial: AtomicUsize,
}

#[tokio::main]
async fn main() {
    let parent = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    let directory = tempfile::tempdir_in(parent).unwrap();
    let config = BucketConfig::new(directory.path().join("bucket"), "bench", "key", "secret");
    let bucket = Bucket::open(config).unwrap();
    let bench = Arc::new(Bench::new(directory, &bucket).await);
    println!("{:>8} {:>7} {:>18} {:>24} {:>24}", "bytes", "writers", "plain", "service", "http");
    for (size, writers, count) in CASES {
        let mut rounds: [Vec<Round>; 3] = Default::default();
        for _ in 0..ROUNDS {
            for (how, rounds) in [How::Plain, How::Service, How::Http].into_iter().zip(&mut rounds) {
                rounds.push(round(&bench, how, size, writers, count).await);
            }
        }
        let [plain, service, http] = rounds.map(median);
        println!(
            "{size:>8} {writers:>7} {} {} ({:.2}) {} ({:.2})",
            plain.show(),
            service.show(),
            service.per_second / plain.per_second,
            http.show(),
            http.per_second / plain.per_second,
        );
    }
    bucket.close();
}

#[derive(Clone, Copy)]
struct Round {
    per_second: f64,
    p50: Duration,
    p99: Duration,
}

impl Round {
    fn show(&self) -> String {
        let (p50, p99) = (self.p50.as_secs_f64() * 1e3, self.p99.as_secs_f64() * 1e3);
        format!("{:>6.0}/s {p50:.2}/{p99:.2} ms", self.per_second)
    }
}

fn median(mut rounds: Vec<Round>) -> Round {
    rounds.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    rounds[rounds.len() / 2]
}

async fn round(bench: &Arc<Bench>, how: How, size: usize, writers: usize, count: usize) -> Round {
    let body = Bytes::from((0..size).map(|n| (n * 31) as u8).collect::<Vec<_>>());
    let mut urls = Vec::new();
    for _ in 0..count {
        urls.push(bench.url().await);
    }
    let urls = Arc::new(urls);
    let next = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let tasks = (0..writers).map(|_| {
        let (bench, urls, next, body) = (Arc::clone(bench), Arc::clone(&urls), Arc::clone(&next), body.clone());
        tokio::spawn(async move {
            let mut took = Vec::new();
            while let Some(url) = urls.get(next.fetch_add(1, Ordering::Relaxed)) {
                let start = Instant::now();
                bench.write(how, url, body.clone()).await;
                took.push(start.elapsed());
            }
            took
        })
    });
    let mut took = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        took.extend(task.await.unwrap());
    }
    let per_second = count as f64 / start.elapsed().as_secs_f64();
    took.sort();
    Round { per_second, p50: took[took.len() / 2], p99: took[took.len() * 99 / 100] }
}

impl Bench {
    async fn new(directory: tempfile::TempDir, bucket: &Bucket) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = axum::Router::new().fallback_service(bucket.service());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        std::fs::create_dir(directory.path().join("plain")).unwrap();
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(format!("http://{address}"))
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("key", "secret", None, None, "bench"))
            .force_path_style(true)
            .build();
        Self {
            directory,
            service: bucket.service(),
            client: aws_sdk_s3::Client::from_conf(config),
            http: reqwest::Client::new(),
            serial: AtomicUsize::new(0),
        }
    }

    /// A presigned PUT of a key that was not used before.
    async fn url(&self) -> String {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let expiry = PresigningConfig::expires_in(Duration::from_secs(3600)).unwrap();
        let put = self.client.put_object().bucket("bench").key(format!("objects/{serial}"));
        put.presigned(expiry).await.unwrap().uri().to_owned()
    }

    async fn write(&self, how: How, url: &str, body: Bytes) {
        match how {
            How::Plain => {
                let serial = self.serial.fetch_add(1, Ordering::Relaxed);
                let path = self.directory.path().join("plain").join(serial.to_string());
                tokio::task::spawn_blocking(move || write_plain(&path, &body)).await.unwrap();
            }
            How::Service => {
                let host = url.split('/').nth(2).unwrap();
                let request = http::Request::put(url).header("host", host).header("content-length", body.len());
                let request = request.body(axum::body::Body::from(body)).unwrap();
                let response = self.service.clone().call(request).await.unwrap();
                assert_eq!(response.status(), 200);
            }
            How::Http => {
                let answer = self.http.put(url).body(body).send().await.unwrap();
                assert_eq!(answer.status(), 200);
            }
        }
    }
}

fn write_plain(path: &Path, body: &[u8]) {
    use std::io::Write as _;
    let mut file = std::fs::File::create_new(path).unwrap();
    file.write_all(body).unwrap();
    file.sync_all().unwrap();
}
