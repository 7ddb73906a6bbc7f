//! A Nexus of a test's own: the real binary on ports that the system chooses, with a data directory of its own.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{Claims, Client};

/// A debug build on a loaded machine, first start: keys, index, bucket.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// From an answer to its line in the log, on a loaded machine.
const LOG_TIMEOUT: Duration = Duration::from_secs(10);
/// Twice the default of `server.drain_timeout_ms`.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// How a server is to be started. Nothing of the caller's own environment reaches it.
#[derive(Clone, Default)]
pub(crate) struct Setup {
    env: BTreeMap<String, String>,
    data_dir: Option<PathBuf>,
    ignores_file_size_signal: bool,
}

impl Setup {
    /// The development profile as it comes.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Sets one variable.
    pub(crate) fn env(mut self, name: &str, value: impl ToString) -> Self {
        self.env.insert(name.to_owned(), value.to_string());
        self
    }

    /// Keeps its data there, instead of in a directory that goes with the server.
    pub(crate) fn data_dir(mut self, path: &Path) -> Self {
        self.data_dir = Some(path.to_owned());
        self
    }

    /// A write beyond `RLIMIT_FSIZE` fails with an error, as on a full disk, instead of ending the process (setrlimit(2)).
    pub(crate) fn survive_file_size_limit(mut self) -> Self {
        self.ignores_file_size_signal = true;
        self
    }

    /// A command of the binary with this environment.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let binary = env!("CARGO_BIN_EXE_nexus");
        let mut command = if self.ignores_file_size_signal {
            // What is ignored before an exec stays ignored after it.
            let mut shell = Command::new("sh");
            shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", binary]);
            shell
        } else {
            Command::new(binary)
        };
        for (name, _) in std::env::vars_os() {
            let shown = name.to_string_lossy();
            if ["NEXUS", "AWS_", "FIRESTORE_", "BIGQUERY_", "GOOGLE_"].iter().any(|own| shown.starts_with(own)) {
                command.env_remove(&name);
            }
        }
        command.args(args).stdin(Stdio::null());
        command.env("NEXUS_LISTEN", "127.0.0.1:0").env("NEXUS_S3_LISTEN", "127.0.0.1:0");
        // No credentials but those that a test gives: neither a file of this machine's user nor a metadata service.
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        command.env("AWS_CONFIG_FILE", "/dev/null");
        if let Some(dir) = &self.data_dir {
            command.env("NEXUS_DATA_DIR", dir);
        }
        command.envs(&self.env);
        command
    }

    /// Runs a command of the binary to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("run nexus")
    }

    /// Starts `nexus serve` and waits until it has said where it listens.
    ///
    /// # Panics
    /// When it does not start; with its log.
    pub(crate) async fn start(self) -> Nexus {
        self.start_logging_to(Stdio::piped()).await
    }

    /// The same, with its log going elsewhere than to [`Nexus::log`].
    pub(crate) async fn start_logging_to(mut self, stderr: impl Into<Stdio>) -> Nexus {
        let owned_dir = self.data_dir.is_none().then(|| TempDir::new().expect("a data directory"));
        let data_dir = self.data_dir.get_or_insert_with(|| owned_dir.as_ref().unwrap().path().to_owned()).clone();
        let mut process = self.command(&["serve"]).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (said, banner) = mpsc::channel();
        if let Some(stderr) = process.stderr.take() {
            collect(stderr, Arc::clone(&log), None);
        }
        collect(process.stdout.take().unwrap(), Arc::new(Mutex::new(String::new())), Some(said));
        let mut nexus =
            Nexus { url: String::new(), s3: None, data_dir, setup: self, process, log, _owned_dir: owned_dir };
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let line = match banner.try_recv() {
                Ok(line) => line,
                Err(mpsc::TryRecvError::Empty) if Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    continue;
                }
                Err(_) => panic!("nexus did not start:\n{}", nexus.log()),
            };
            if let Some((_, url)) = line.split_once(" listens on ") {
                url.trim().clone_into(&mut nexus.url);
            } else if let Some(rest) = line.strip_prefix("  S3 ") {
                nexus.s3 = rest.split_whitespace().next().map(ToOwned::to_owned);
            } else if line.starts_with("  data ") {
                return nexus;
            }
        }
    }
}

/// A running server; dropping it kills it. When the test has failed, its log is shown.
pub(crate) struct Nexus {
    /// `http://127.0.0.1:<port>` of the API.
    pub(crate) url: String,
    /// The same of the embedded store, where there is one.
    pub(crate) s3: Option<String>,
    /// Where it keeps its data.
    pub(crate) data_dir: PathBuf,
    setup: Setup,
    process: Child,
    log: Arc<Mutex<String>>,
    _owned_dir: Option<TempDir>,
}

impl Nexus {
    /// The development profile as it comes.
    pub(crate) async fn start() -> Self {
        Setup::new().start().await
    }

    /// A client of `tenant` in `dev` whose token has `role` there.
    pub(crate) fn client(&self, tenant: &str, role: &str) -> Client {
        self.bearer(&self.token(&Claims::of(tenant, role))).tenant(tenant).env("dev")
    }

    /// A client with this token and no tenant yet.
    pub(crate) fn bearer(&self, token: &str) -> Client {
        Client::new(&self.url).header("authorization", &format!("Bearer {token}"))
    }

    /// A client that says nothing of itself.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(&self.url)
    }

    /// A token with these claims, signed with the key that the server made for itself.
    pub(crate) fn token(&self, claims: &Claims) -> String {
        claims.sign(self.keys()["jwt_secret"].as_str().unwrap().as_bytes())
    }

    /// The keys that the server made for itself.
    pub(crate) fn keys(&self) -> serde_json::Value {
        let path = self.data_dir.join("development-keys.json");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    /// The setup with the data directory it got, for running a command beside it.
    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The same, once it says so or has had time to: a line comes through a pipe and may be here after the answer that it tells of.
    pub(crate) async fn log_with(&self, text: &str) -> String {
        let began = Instant::now();
        while !self.log().contains(text) && began.elapsed() < LOG_TIMEOUT {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.log()
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Sends it a signal by name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.pid(), name);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When that takes longer than draining may.
    pub(crate) async fn exit(&mut self) -> ExitStatus {
        let deadline = Instant::now() + STOP_TIMEOUT;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "nexus did not end within {STOP_TIMEOUT:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends it as a power cut would end a process.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// The value of a series of `/metrics` whose line starts with `series`; the sum when several do.
    pub(crate) async fn metric(&self, series: &str) -> f64 {
        let text = self.anonymous().get("/metrics", 200).await.text();
        let values = text.lines().filter(|line| line.starts_with(series)).filter_map(|line| line.rsplit(' ').next());
        values.map(|value| value.parse::<f64>().unwrap()).sum()
    }
}

impl Drop for Nexus {
    fn drop(&mut self) {
        // It may have ended already, on purpose.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(30).collect();
            eprintln!("the last lines of the server's log, newest first:\n{}", tail.join("\n"));
        }
    }
}

/// Sends a signal by name. The standard library only knows SIGKILL; every shell has `kill` built in.
pub(crate) fn signal(pid: u32, name: &str) {
    let status = Command::new("sh").args(["-c", "kill -\"$0\" \"$1\"", name, &pid.to_string()]).status().unwrap();
    assert!(status.success(), "kill -{name} {pid}");
}

/// Reads a stream to its end, so that the server never waits for a reader.
fn collect(stream: impl Read + Send + 'static, into: Arc<Mutex<String>>, tell: Option<mpsc::Sender<String>>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut text = into.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
            if let Some(tell) = &tell {
                // The starter only listens until the server has said where it is.
                let _ = tell.send(line);
            }
        }
    });
}
