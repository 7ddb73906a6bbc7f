//! The emulators, and Google's own client in front of them.

use std::{
    env,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::support::{machine::Process, scratch_dir};

/// Seen: 4 s.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Firestore,
    BigQuery,
}

impl Backend {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Firestore => "Firestore's emulator",
            Self::BigQuery => "bqemulator",
        }
    }
}

/// A running emulator. Dropping it kills it.
pub(crate) struct Emulator {
    backend: Backend,
    /// `127.0.0.1:<port>` of Firestore, or of BigQuery's REST and gRPC.
    hosts: Vec<String>,
    python: PathBuf,
    process: Process,
    _directory: TempDir,
}

impl Emulator {
    /// Starts one and waits until it listens.
    pub(crate) fn start(backend: Backend) -> Result<Self> {
        let directory = scratch_dir()?;
        let python = path_of("NEXUS_TEST_BIGQUERY")?;
        let ports = [free_port()?, free_port()?];
        let mut command = match backend {
            Backend::Firestore => {
                let mut java = Command::new("java");
                java.arg("-Xmx2g").arg("-cp").arg(path_of("NEXUS_TEST_FIRESTORE")?);
                java.arg("com.google.cloud.datastore.emulator.firestore.CloudFirestore");
                java.args(["--host", "127.0.0.1", "--port", &ports[0].to_string()]);
                java
            }
            Backend::BigQuery => {
                let root = Path::new(env!("CARGO_MANIFEST_DIR"));
                let mut launcher = Command::new(&python);
                launcher.arg(root.join("tests/it/support/bigquery_emulator.py")).arg(directory.path().join("data"));
                launcher.args(ports.map(|port| port.to_string()));
                launcher
            }
        };
        command.current_dir(directory.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = Process::start(&mut command)?;
        let hosts: Vec<String> = ports.map(|port| format!("127.0.0.1:{port}")).into();
        let used = if backend == Backend::Firestore { 1 } else { 2 };
        let start = Instant::now();
        while hosts.iter().take(used).any(|host| std::net::TcpStream::connect(host).is_err()) {
            ensure!(start.elapsed() < START_TIMEOUT, "{} did not start", backend.name());
            thread::sleep(Duration::from_millis(100));
        }
        Ok(Self { backend, hosts, python, process, _directory: directory })
    }

    /// What makes Nexus follow to it.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        match self.backend {
            Backend::Firestore => vec![
                ("NEXUS__NEXUS__BACKEND", "firestore".to_owned()),
                ("NEXUS__NEXUS__FIRESTORE__PROJECT", "p-bench".to_owned()),
                ("NEXUS__NEXUS__FIRESTORE__RAMP", "false".to_owned()),
                ("NEXUS__NEXUS__FIRESTORE__MAX_WRITES_PER_SECOND", "1000000".to_owned()),
                ("FIRESTORE_EMULATOR_HOST", self.hosts[0].clone()),
            ],
            Backend::BigQuery => vec![
                ("NEXUS__NEXUS__BACKEND", "bigquery".to_owned()),
                ("NEXUS__NEXUS__BIGQUERY__PROJECT", "p-bench".to_owned()),
                ("BIGQUERY_EMULATOR_HOST", self.hosts[0].clone()),
                ("BIGQUERY_STORAGE_EMULATOR_HOST", self.hosts[1].clone()),
            ],
        }
    }

    /// Freezes it, or lets it go on.
    pub(crate) fn signal(&self, name: &str) -> Result<()> {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.process.0.id().to_string()).status()?;
        ensure!(sent.success(), "kill -{name} failed");
        Ok(())
    }

    /// Events per second that Google's Python client writes, one a call.
    pub(crate) fn peer(&self, seconds: Duration) -> Result<f64> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/follow/peer.py");
        let (kind, variable) = match self.backend {
            Backend::Firestore => ("firestore", "FIRESTORE_EMULATOR_HOST"),
            Backend::BigQuery => ("bigquery", "BIGQUERY_EMULATOR_HOST"),
        };
        // This client wants the scheme, the other one none.
        let host = if kind == "bigquery" { format!("http://{}", self.hosts[0]) } else { self.hosts[0].clone() };
        let mut command = Command::new(&self.python);
        command.arg(script).arg(kind).arg(seconds.as_secs_f64().to_string()).env(variable, host);
        let output = command.output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout)?.trim().parse().context("the client told no rate")
    }
}

fn path_of(variable: &str) -> Result<PathBuf> {
    let path = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file());
    path.with_context(|| format!("{variable} names no file; `cargo xtask bench` installs the tool and sets it"))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
