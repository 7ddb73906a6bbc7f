//! A server on a free port, a client, and a verb for each thing the stories do.

use std::net::SocketAddr;
use std::path::Path;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::put_object::PutObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use nexus_bucket::{Bucket, BucketConfig};

pub const BUCKET: &str = "test-bucket";
pub const ACCESS_KEY: &str = "test-access-key";
pub const SECRET_KEY: &str = "test-secret-key";
pub const REGION: &str = "us-east-1";

/// A store of its own, served. Gone with the value.
pub struct Store {
    pub bucket: Bucket,
    pub address: SocketAddr,
    pub client: Client,
    pub dir: tempfile::TempDir,
    server: tokio::task::JoinHandle<()>,
}

impl Store {
    pub async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    pub async fn open_with(adjust: impl FnOnce(&mut BucketConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = config(dir.path());
        adjust(&mut config);
        let bucket = Bucket::open(config).unwrap();
        let (address, server) = serve(&bucket).await;
        Self { client: client(address), bucket, address, dir, server }
    }

    /// Closes the store and opens it again on the same directory, as a restart does.
    pub async fn reopen(&mut self) {
        self.server.abort();
        self.bucket.close();
        self.bucket = Bucket::open(config(self.dir.path())).unwrap();
        (self.address, self.server) = serve(&self.bucket).await;
        self.client = client(self.address);
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{BUCKET}{path}", self.address)
    }

    pub async fn put(&self, key: &str, body: impl Into<Vec<u8>>) -> PutObjectOutput {
        let put = self.client.put_object().bucket(BUCKET).key(key);
        put.body(stream(body)).send().await.unwrap()
    }

    /// The object's bytes, or nothing when there is none.
    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let got = self.client.get_object().bucket(BUCKET).key(key).send().await;
        match got {
            Ok(object) => Some(object.body.collect().await.unwrap().to_vec()),
            Err(error) => {
                assert_eq!(code(&error), "NoSuchKey");
                None
            }
        }
    }

    pub async fn delete(&self, key: &str) {
        let delete = self.client.delete_object().bucket(BUCKET).key(key);
        delete.send().await.unwrap();
    }

    /// How many blob files there are.
    pub fn blob_files(&self) -> usize {
        count_files(&self.dir.path().join("blobs"))
    }
}

pub fn count_files(directory: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return 0;
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| if path.is_dir() { count_files(&path) } else { 1 }).sum()
}

pub fn config(dir: &Path) -> BucketConfig {
    BucketConfig::new(dir, BUCKET, ACCESS_KEY, SECRET_KEY)
}

pub async fn serve(bucket: &Bucket) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().fallback_service(bucket.service());
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, server)
}

pub fn client(address: SocketAddr) -> Client {
    client_with(address, ACCESS_KEY, SECRET_KEY)
}

pub fn client_with(address: SocketAddr, access_key: &str, secret_key: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(format!("http://{address}"))
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new(access_key, secret_key, None, None, "test"))
        .force_path_style(true)
        .build();
    Client::from_conf(config)
}

pub fn stream(body: impl Into<Vec<u8>>) -> ByteStream {
    ByteStream::from(body.into())
}

/// The S3 code of a refusal; HEAD answers have none and give the status.
pub fn code<E: ProvideErrorMetadata>(error: &SdkError<E>) -> String {
    match error.code() {
        Some(code) => code.to_owned(),
        None => status(error).to_string(),
    }
}

pub fn status<E>(error: &SdkError<E>) -> u16 {
    error.raw_response().map_or(0, |response| response.status().as_u16())
}

/// Bytes that differ at every offset, so that a shifted or cut answer is seen.
pub fn bytes(length: usize) -> Vec<u8> {
    let words = (0..length.div_ceil(8)).map(|n| (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mut bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
    bytes.truncate(length);
    bytes
}
