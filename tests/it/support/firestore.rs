//! Google's Firestore emulator, and a proxy in front of it that can be cut.
//!
//! What the emulator does not check as the real service does: composite indexes, permissions, the size of a document's path. What
//! is shown here stands on its preconditions, its `BatchWrite` and its queries.

use std::{
    fs::File,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::broadcast,
};

use super::{Setup, tools::tool};

const START_ATTEMPTS: usize = 3;
/// Seen: 2 s. A loaded machine needs longer.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running emulator; dropping it kills it, and what it held is gone.
pub(crate) struct Firestore {
    /// `127.0.0.1:<port>`.
    pub(crate) host: String,
    process: Child,
    _directory: TempDir,
}

impl Firestore {
    /// Starts one and waits until it answers. `None` when `NEXUS_TEST_FIRESTORE` is unset: the calling test is noted as skipped.
    pub(crate) fn start() -> Option<Self> {
        let jar = tool("NEXUS_TEST_FIRESTORE")?;
        let mut failures = Vec::new();
        for _ in 0..START_ATTEMPTS {
            match Self::try_start(&jar) {
                Ok(started) => return Some(started),
                Err(failure) => failures.push(failure),
            }
        }
        panic!("the Firestore emulator did not start:\n{}", failures.join("\n"));
    }

    fn try_start(jar: &Path) -> Result<Self, String> {
        let directory = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = directory.path().join("log");
        let output = File::create(&log).unwrap();
        let process = Command::new("java")
            .arg("-Xmx2g")
            .arg("-cp")
            .arg(jar)
            .arg("com.google.cloud.datastore.emulator.firestore.CloudFirestore")
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .map_err(|error| format!("java: {error}"))?;
        let mut started = Self { host: format!("127.0.0.1:{port}"), process, _directory: directory };
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            if text.contains("Dev App Server is now running") {
                return Ok(started);
            }
            if started.process.try_wait().unwrap().is_some() || Instant::now() > deadline {
                return Err(text);
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The process, for tests that make it hang.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// A setup whose ledger is followed to here, through `host`. A project of its own for each test keeps them apart.
    pub(crate) fn followed(host: &str, project: &str) -> Setup {
        Setup::new()
            .env("NEXUS__NEXUS__BACKEND", "firestore")
            .env("NEXUS__NEXUS__FIRESTORE__PROJECT", project)
            .env("NEXUS__NEXUS__FIRESTORE__RAMP", false)
            .env("NEXUS__NEXUS__FIRESTORE__MAX_WRITES_PER_SECOND", 1_000_000)
            .env("NEXUS__NEXUS__BACKOFF_FIRST_MS", 20)
            .env("NEXUS__NEXUS__BACKOFF_CAP_MS", 200)
            .env("NEXUS__NEXUS__CALL_TIMEOUT_MS", 3000)
            .env("FIRESTORE_EMULATOR_HOST", host)
    }
}

impl Drop for Firestore {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A TCP proxy that can be cut, and that can swallow what comes back.
pub(crate) struct Proxy {
    /// `127.0.0.1:<port>`.
    pub(crate) host: String,
    shared: Arc<Shared>,
}

struct Shared {
    cut: broadcast::Sender<()>,
    /// Replies are taken from the server and thrown away: it has done what it was asked, and nobody hears of it.
    swallow: AtomicBool,
    swallowed: AtomicU64,
    /// Bytes that clients sent.
    asked: AtomicU64,
}

impl Proxy {
    /// In front of `target`.
    pub(crate) async fn start(target: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            cut: broadcast::channel(16).0,
            swallow: AtomicBool::new(false),
            swallowed: AtomicU64::new(0),
            asked: AtomicU64::new(0),
        });
        let (target, its) = (target.to_owned(), Arc::clone(&shared));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (target, shared) = (target.clone(), Arc::clone(&its));
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(&target).await else { return };
                    let mut cut = shared.cut.subscribe();
                    let (mut from_client, mut to_client) = client.into_split();
                    let (mut from_server, mut to_server) = server.into_split();
                    let answers = async {
                        let mut buffer = vec![0; 64 << 10];
                        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
                            if shared.swallow.load(Ordering::Acquire) {
                                shared.swallowed.fetch_add(read as u64, Ordering::AcqRel);
                            } else if to_client.write_all(&buffer[..read]).await.is_err() {
                                return;
                            }
                        }
                    };
                    let questions = async {
                        let mut buffer = vec![0; 64 << 10];
                        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
                            shared.asked.fetch_add(read as u64, Ordering::AcqRel);
                            if to_server.write_all(&buffer[..read]).await.is_err() {
                                return;
                            }
                        }
                    };
                    tokio::select! {
                        () = questions => {}
                        () = answers => {}
                        _ = cut.recv() => {}
                    }
                });
            }
        });
        Self { host, shared }
    }

    /// Cuts every connection, wherever it is.
    pub(crate) fn cut(&self) {
        // Nobody may be connected.
        let _ = self.shared.cut.send(());
    }

    /// Bytes that clients have sent so far.
    pub(crate) fn asked(&self) -> u64 {
        self.shared.asked.load(Ordering::Acquire)
    }

    /// Loses every reply for a while, then cuts. Whether any was lost.
    pub(crate) async fn lose_replies(&self, during: Duration) -> bool {
        let before = self.shared.swallowed.load(Ordering::Acquire);
        self.shared.swallow.store(true, Ordering::Release);
        tokio::time::sleep(during).await;
        self.cut();
        self.shared.swallow.store(false, Ordering::Release);
        self.shared.swallowed.load(Ordering::Acquire) > before
    }
}
