//! The benchmarks: `cargo bench` with the load generator and the peers (Python, PostgreSQL, the emulators) at hand.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{
    peers,
    tools::{
        Toolbox,
        pins::{BIGQUERY, FIRESTORE, POSTGRES, PYTHON, WRK},
    },
    workspace::{Workspace, run},
};

/// Builds in release and runs every benchmark of the workspace; `args` narrow it as they would `cargo bench`. `--bench redact` is none of cargo's: it is in
/// [`peers`], and runs only when it is named.
pub(crate) fn run_all(workspace: &Workspace, args: &[String]) -> Result<()> {
    if !has_benches(workspace)? {
        bail!("no package has a benches/ directory");
    }
    if args == ["--bench", "redact"] {
        return peers::redact(workspace);
    }
    let toolbox = Toolbox::provide(workspace, &[&WRK, &PYTHON, &POSTGRES, &FIRESTORE, &BIGQUERY])?;
    let mut command = workspace.cargo_locked("bench");
    // `--benches` alone would run every unit test too; `--bench` with a pattern runs the bench targets only.
    let narrowed = args.iter().any(|arg| arg == "--bench");
    command.arg("--workspace").args(if narrowed { &[][..] } else { &["--bench", "*"] }).args(args);
    toolbox.set_env(&mut command);
    run(&mut command)
}

fn has_benches(workspace: &Workspace) -> Result<bool> {
    let crates = workspace.root.join("crates");
    for package in fs::read_dir(&crates).with_context(|| format!("cannot list {}", crates.display()))? {
        if package?.path().join("benches").is_dir() {
            return Ok(true);
        }
    }
    Ok(workspace.root.join("benches").is_dir())
}
