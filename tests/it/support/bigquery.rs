//! `bqemulator`, started by the launcher beside this file, which tells what of it is changed.
//!
//! What it does not check as the real service does: permissions, quotas, the required partition filter, required columns. What is shown
//! here stands on its offsets, its finalizing and its SQL. Its write streams live in memory: a restart forgets them and keeps the rows.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Setup, tools::tool};

const START_ATTEMPTS: usize = 3;
/// Seen: 4 s. A loaded machine needs longer.
const START_TIMEOUT: Duration = Duration::from_secs(90);

/// A running emulator; dropping it kills it.
pub(crate) struct BigQuery {
    /// `127.0.0.1:<port>` of REST.
    pub(crate) rest: String,
    /// `127.0.0.1:<port>` of the Storage Write API.
    pub(crate) grpc: String,
    python: PathBuf,
    process: Child,
    directory: TempDir,
}

impl BigQuery {
    /// Starts one and waits until it answers. `None` when `NEXUS_TEST_BIGQUERY` is unset: the calling test is noted as skipped.
    pub(crate) fn start() -> Option<Self> {
        let python = tool("NEXUS_TEST_BIGQUERY")?;
        let directory = tempfile::tempdir().unwrap();
        let mut failures = Vec::new();
        for _ in 0..START_ATTEMPTS {
            let (rest, grpc) = (free_port(), free_port());
            match launch(&python, directory.path(), rest, grpc) {
                Ok(process) => {
                    let host = |port| format!("127.0.0.1:{port}");
                    return Some(Self { rest: host(rest), grpc: host(grpc), python, process, directory });
                }
                Err(failure) => failures.push(failure),
            }
        }
        panic!("bqemulator did not start:\n{}", failures.join("\n"));
    }

    /// The process, for tests that make it hang.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Kills it, without a word to anyone, and starts it again where it was, on its data.
    pub(crate) fn restart(&mut self) {
        self.stop();
        let port = |host: &str| host.rsplit(':').next().unwrap().parse().unwrap();
        self.process =
            launch(&self.python, self.directory.path(), port(&self.rest), port(&self.grpc)).expect("starts again");
    }

    /// Asks REST, as anybody who may would.
    pub(crate) async fn rest(&self, method: Method, path: &str, body: &Value) -> Value {
        let url = format!("http://{}/bigquery/v2/{path}", self.rest);
        let answer = reqwest::Client::new().request(method, url).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// Removes what is at a path of REST.
    pub(crate) async fn gone(&self, path: &str) {
        let url = format!("http://{}/bigquery/v2/{path}", self.rest);
        assert!(reqwest::Client::new().delete(url).send().await.unwrap().status().is_success(), "{path}");
    }

    /// Runs a statement as anybody who may would, and answers the rows' values.
    pub(crate) async fn query(&self, project: &str, statement: &str) -> Vec<Vec<Value>> {
        let query = json!({ "query": statement, "useLegacySql": false });
        let answer = self.rest(Method::POST, &format!("projects/{project}/queries"), &query).await;
        assert!(answer["errors"].is_null(), "{statement}: {answer}");
        let rows = answer["rows"].as_array().into_iter().flatten();
        let values = |row: &Value| row["f"].as_array().into_iter().flatten().map(|cell| cell["v"].clone()).collect();
        rows.map(values).collect()
    }

    fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// A setup whose ledger is followed to here, through these hosts. A project of its own for each test keeps them apart.
    pub(crate) fn followed(rest: &str, grpc: &str, project: &str) -> Setup {
        Setup::new()
            .env("NEXUS__NEXUS__BACKEND", "bigquery")
            .env("NEXUS__NEXUS__BIGQUERY__PROJECT", project)
            .env("NEXUS__NEXUS__BACKOFF_FIRST_MS", 20)
            .env("NEXUS__NEXUS__BACKOFF_CAP_MS", 200)
            .env("NEXUS__NEXUS__CALL_TIMEOUT_MS", 5000)
            .env("BIGQUERY_EMULATOR_HOST", rest)
            .env("BIGQUERY_STORAGE_EMULATOR_HOST", grpc)
    }
}

impl Drop for BigQuery {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Answers whatever is asked over HTTP with the same refusal: what the emulator never says.
pub(crate) async fn refusing(status: u16, reason: &str, message: &str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let error = json!({ "error": { "code": status, "message": message,
        "errors": [{ "domain": "global", "reason": reason, "message": message }] } });
    let body = error.to_string();
    let answer = format!(
        "HTTP/1.1 {status} Refused\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 << 10];
                let _ = client.read(&mut buffer).await;
                let _ = client.write_all(answer.as_bytes()).await;
            });
        }
    });
    host
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn launch(python: &Path, directory: &Path, rest: u16, grpc: u16) -> Result<Child, String> {
    let log = directory.join("log");
    let output = File::create(&log).unwrap();
    let launcher = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/bigquery_emulator.py");
    let mut process = Command::new(python)
        .arg(launcher)
        .arg(directory.join("data"))
        .args([rest.to_string(), grpc.to_string()])
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .map_err(|error| format!("{}: {error}", python.display()))?;
    let deadline = Instant::now() + START_TIMEOUT;
    loop {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        if text.contains("listening ") {
            return Ok(process);
        }
        if process.try_wait().unwrap().is_some() || Instant::now() > deadline {
            let _ = process.kill();
            let _ = process.wait();
            return Err(text);
        }
        thread::sleep(Duration::from_millis(50));
    }
}
