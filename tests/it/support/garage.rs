//! Garage as a second, independent S3 server: one node, one bucket, one key, all in a temporary directory.
//!
//! It verifies POST policies fully and answers 400 where they do not hold; it has no `If-None-Match: *`
//! (<https://garagehq.deuxfleurs.fr/documentation/reference-manual/s3-compatibility/>). Requests must be signed for
//! [`REGION`].

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::tools::tool;

/// The region that requests must be signed for.
pub(crate) const REGION: &str = "us-east-1";

/// Bound to loopback, empty and gone after the test: its secrets protect nothing.
const ACCESS_KEY: &str = "GK00112233445566778899aabb";
const SECRET_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const RPC_SECRET: &str = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";
const BUCKET: &str = "nexus-test";

/// Ports are chosen before Garage binds them, so another process may take one in between.
const START_ATTEMPTS: usize = 3;
/// Seen: 0.4 s. A loaded machine may need longer.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A running server; dropping it kills it and removes its files.
pub(crate) struct Garage {
    /// `http://127.0.0.1:<port>`; path-style.
    pub(crate) endpoint: String,
    /// May read, write and own `bucket`.
    pub(crate) access_key: String,
    /// Belongs to `access_key`.
    pub(crate) secret_key: String,
    /// Exists and is empty.
    pub(crate) bucket: String,
    process: Child,
    _directory: TempDir,
}

impl Garage {
    /// Starts one and waits until it answers; about half a second.
    ///
    /// `None` when `NEXUS_TEST_GARAGE` is unset: the calling test is noted as skipped and should return.
    ///
    /// # Panics
    /// When it does not start, or is missing with `CI=true`.
    pub(crate) fn start() -> Option<Self> {
        let binary = tool("NEXUS_TEST_GARAGE")?;
        let mut failures = Vec::new();
        for _ in 0..START_ATTEMPTS {
            match Self::try_start(&binary) {
                Ok(garage) => return Some(garage),
                Err(failure) => failures.push(failure),
            }
        }
        panic!("Garage did not start:\n{}", failures.join("\n"));
    }

    /// The process, for tests that make it hang.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    fn try_start(binary: &Path) -> Result<Self, String> {
        let directory = tempfile::tempdir().expect("a temporary directory for Garage");
        let [s3_port, rpc_port] = free_ports();
        let config = directory.path().join("garage.toml");
        fs::write(&config, configuration(directory.path(), s3_port, rpc_port)).expect("write Garage's configuration");
        let log = directory.path().join("log");
        let output = File::create(&log).expect("create Garage's log");
        let process = Command::new(binary)
            .arg("--config")
            .arg(&config)
            // Layout, key and bucket are made before the S3 port opens.
            .args(["server", "--single-node", "--default-bucket"])
            .env("GARAGE_DEFAULT_ACCESS_KEY", ACCESS_KEY)
            .env("GARAGE_DEFAULT_SECRET_KEY", SECRET_KEY)
            .env("GARAGE_DEFAULT_BUCKET", BUCKET)
            .stdout(output.try_clone().expect("share Garage's log"))
            .stderr(output)
            .spawn()
            .expect("start Garage");
        let mut garage = Self {
            endpoint: format!("http://127.0.0.1:{s3_port}"),
            access_key: ACCESS_KEY.into(),
            secret_key: SECRET_KEY.into(),
            bucket: BUCKET.into(),
            process,
            _directory: directory,
        };
        match garage.wait_until_ready(s3_port) {
            Ok(()) => Ok(garage),
            Err(failure) => Err(format!("{failure}; its log:\n{}", fs::read_to_string(&log).unwrap_or_default())),
        }
    }

    fn wait_until_ready(&mut self, s3_port: u16) -> Result<(), String> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if let Some(status) = self.process.try_wait().expect("look after Garage") {
                return Err(format!("it exited with {status}"));
            }
            if answers_as_garage(s3_port).unwrap_or(false) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("no answer within {START_TIMEOUT:?}"));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Garage {
    fn drop(&mut self) {
        // It may have died already; then there is nothing to kill, and the test has failed on its own.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn configuration(directory: &Path, s3_port: u16, rpc_port: u16) -> String {
    let directory = directory.display();
    format!(
        r#"
metadata_dir = "{directory}/meta"
data_dir = "{directory}/data"
db_engine = "sqlite"
replication_factor = 1
rpc_bind_addr = "127.0.0.1:{rpc_port}"
rpc_public_addr = "127.0.0.1:{rpc_port}"
rpc_secret = "{RPC_SECRET}"

[s3_api]
api_bind_addr = "127.0.0.1:{s3_port}"
s3_region = "{REGION}"
"#
    )
}

/// Ports that nobody listens on now; all are held until all are chosen, so they differ.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners: [TcpListener; N] =
        std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").expect("a free loopback port"));
    listeners.map(|listener| listener.local_addr().expect("the port just bound").port())
}

/// Whether the port answers an anonymous request, and as Garage does: not somebody else who took the port.
fn answers_as_garage(port: u16) -> io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.starts_with("HTTP/1.1 403") && answer.contains("Garage"))
}

/// What the tests build on: boto3, which shares no code with Garage or us, can use what `start` hands out.
#[test]
fn garage_takes_an_object_from_boto3() {
    let (Some(garage), Some(python)) = (Garage::start(), tool("NEXUS_TEST_PYTHON")) else { return };
    let script = r"
import sys, boto3
endpoint, region, key, secret, bucket = sys.argv[1:]
s3 = boto3.client('s3', endpoint_url=endpoint, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret)
s3.put_object(Bucket=bucket, Key='a/b', Body=b'hello')
assert s3.get_object(Bucket=bucket, Key='a/b')['Body'].read() == b'hello'
";
    let status = Command::new(python)
        .args(["-c", script])
        .args([&garage.endpoint, REGION, &garage.access_key, &garage.secret_key, &garage.bucket])
        .status()
        .expect("start Python");
    assert!(status.success(), "boto3: {status}");
}
