//! What the benchmarks stand on: the machine, the server under test, a client, and the table at the end.
//!
//! | variable | default | what |
//! |---|---|---|
//! | `NEXUS_BENCH_SECONDS` | 10 | how long each figure is measured |
//! | `NEXUS_BENCH_DIR` | cargo's `target/tmp` | where data is kept while it runs; the figures are about this disk |
//! | `NEXUS_BENCH_STRICT` | unset | when set, a missed goal is a failure |
//!
//! `cargo xtask bench` also sets the variables of the tools; without it a tool is looked up on `PATH`.

// No benchmark needs all of it.
#![allow(dead_code)]

pub(crate) mod http;
pub(crate) mod machine;
pub(crate) mod nexus;
pub(crate) mod pace;
pub(crate) mod report;

use std::{env, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// The variable that makes a missed goal a failure.
const STRICT: &str = "NEXUS_BENCH_STRICT";

/// How long each figure is measured.
pub(crate) fn measured_for() -> Result<Duration> {
    let seconds = env::var("NEXUS_BENCH_SECONDS").unwrap_or_else(|_| "10".to_owned());
    let seconds: f64 = seconds.parse().with_context(|| format!("NEXUS_BENCH_SECONDS={seconds}: expected a number"))?;
    ensure!((0.2..=3600.0).contains(&seconds), "NEXUS_BENCH_SECONDS: expected 0.2 to 3600");
    Ok(Duration::from_secs_f64(seconds))
}

/// A directory that goes with the value, on the disk that is measured.
pub(crate) fn scratch_dir() -> Result<TempDir> {
    let parent =
        env::var_os("NEXUS_BENCH_DIR").map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    TempDir::with_prefix_in("nexus-bench-", &parent)
        .with_context(|| format!("cannot make a directory in {} (NEXUS_BENCH_DIR)", parent.display()))
}

/// A tool's path: its variable, else the program on `PATH`.
pub(crate) fn tool(variable: &str, program: &str) -> Result<PathBuf> {
    if let Some(path) = env::var_os(variable).map(PathBuf::from) {
        ensure!(path.is_file(), "{variable} names {}, which is not a file", path.display());
        return Ok(path);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut candidates = env::split_paths(&path).map(|directory| directory.join(program));
    candidates.find(|candidate| candidate.is_file()).with_context(|| {
        format!("`{program}` is missing: install it, set {variable}, or run `cargo xtask bench`, which installs it")
    })
}

/// Runs a benchmark when asked to by `cargo bench`, which says `--bench`; `cargo test --all-targets` does not.
pub(crate) fn main(name: &str, bench: impl FnOnce() -> Result<report::Report>) -> ExitCode {
    if !env::args().any(|argument| argument == "--bench") {
        println!("{name}: measures only under `cargo bench`");
        return ExitCode::SUCCESS;
    }
    match bench() {
        Ok(report) => {
            println!("\n{report}");
            let failed = env::var_os(STRICT).is_some() && report.missed() > 0;
            if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
