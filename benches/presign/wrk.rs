//! `wrk`, a closed loop: each connection asks again as soon as it is answered, which finds the peak.

use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tempfile::TempDir;

use crate::support::{machine, scratch_dir, tool};

const SCRIPT: &str = include_str!("post.lua");
/// An answer that takes longer counts as broken; wrk itself would say 2 s, which the slowest peer needs on a busy machine.
const TIMEOUT: &str = "30s";

/// A request, again and again.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) path: &'static str,
    pub(crate) body: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// What `post.lua` prints.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Peak {
    /// Requests answered.
    pub(crate) requests: u64,
    duration_us: u64,
    /// Answers with a status of 400 or more.
    refused: u64,
    /// Connections that failed, and answers that did not come.
    broken: u64,
    /// Median time to an answer. Microseconds.
    pub(crate) p50_us: u64,
    /// One answer in a hundred took longer. Microseconds.
    pub(crate) p99_us: u64,
    /// Processor time that the server took for them.
    #[serde(skip)]
    server_time: Duration,
}

impl Peak {
    /// Requests per second.
    #[allow(clippy::cast_precision_loss)] // far below 2^52
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 * 1e6 / self.duration_us as f64
    }

    /// Processor time of the server per request. Microseconds.
    #[allow(clippy::cast_precision_loss)] // far below 2^52
    pub(crate) fn server_us(&self) -> f64 {
        self.server_time.as_secs_f64() * 1e6 / self.requests as f64
    }
}

/// The load generator, bound to a core.
pub(crate) struct Wrk {
    program: PathBuf,
    core: usize,
    dir: TempDir,
}

impl Wrk {
    /// Looks it up.
    pub(crate) fn find(core: usize) -> Result<Self> {
        let dir = scratch_dir()?;
        fs::write(dir.path().join("post.lua"), SCRIPT)?;
        Ok(Self { program: tool("NEXUS_BENCH_WRK", "wrk")?, core, dir })
    }

    /// Runs it against a server's process; an answer that is no success is an error.
    pub(crate) fn run_against(&self, server: u32, load: &Load, connections: u32, seconds: Duration) -> Result<Peak> {
        let before = machine::processor_time(server)?;
        let peak = self.run(load, connections, seconds)?;
        Ok(Peak { server_time: machine::processor_time(server)? - before, ..peak })
    }

    fn run(&self, load: &Load, connections: u32, seconds: Duration) -> Result<Peak> {
        let headers: Vec<String> = load.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        // wrk takes whole seconds.
        let seconds = seconds.as_secs_f64().ceil();
        let output = machine::on_core(self.core, &self.program)
            .args(["--threads", "1", "--connections", &connections.to_string()])
            .args(["--duration", &format!("{seconds}s"), "--timeout", TIMEOUT, "--script"])
            .arg(self.dir.path().join("post.lua"))
            .arg(format!("http://{}{}", load.address, load.path))
            .env("BENCH_BODY", load.body)
            .env("BENCH_HEADERS", headers.join("\n"))
            .output()
            .context("cannot run taskset and wrk")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let said = || format!("wrk: {text}{}", String::from_utf8_lossy(&output.stderr));
        let line = text.lines().rfind(|line| line.starts_with('{')).with_context(said)?;
        let peak: Peak = serde_json::from_str(line).with_context(said)?;
        ensure!(peak.requests > 0 && peak.refused == 0 && peak.broken == 0, "not every request succeeded: {peak:?}");
        Ok(peak)
    }
}
