//! A short run of every fuzz target. On the stable toolchain, hence without a sanitizer: the code under test is safe
//! Rust, where a sanitizer finds little that a panic does not tell.

use std::path::Path;

use anyhow::{Result, bail};

use crate::workspace::{Workspace, output, run};

/// The fuzz package, a workspace of its own.
pub(crate) const MANIFEST: &str = "crates/redact/fuzz/Cargo.toml";

/// Where it is, as cargo-fuzz wants to be told.
const DIR: &str = "crates/redact/fuzz";

/// How long each target runs in `cargo xtask test`.
const SECONDS_PER_TARGET: u32 = 20;

/// Longest input tried. Bytes; every parser here must be linear, so longer ones add time and not insight.
const MAX_INPUT_BYTES: u32 = 16_384;

/// Builds and runs every target; a crash, a hang or a panic fails.
pub(crate) fn run_all(workspace: &Workspace, cargo_fuzz: &Path) -> Result<()> {
    let listed = output(workspace.command(cargo_fuzz).args(["fuzz", "list", "--fuzz-dir", DIR]))?;
    let targets: Vec<&str> = listed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if targets.is_empty() {
        bail!("{MANIFEST} names no fuzz target");
    }
    for target in targets {
        println!("    fuzzing {target} for {SECONDS_PER_TARGET} s");
        run(workspace
            .command(cargo_fuzz)
            .args(["fuzz", "run", "--dev", "--sanitizer", "none", "--fuzz-dir", DIR, target, "--"])
            .arg(format!("-max_total_time={SECONDS_PER_TARGET}"))
            .arg(format!("-max_len={MAX_INPUT_BYTES}"))
            .args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]))?;
    }
    Ok(())
}
