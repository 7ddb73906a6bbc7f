//! The redactor beside what others make, in one run and on the same events. The peers are a workspace of their own (`bench/peers/redact`), so
//! that nothing of them is in the service's lock file.

use std::fs::{self, File};

use anyhow::{Context, Result};

use crate::{
    tools::{Toolbox, pins::PRESIDIO},
    workspace::{Workspace, run},
};

/// How often each goes through the events; the best counts.
const RUNS: &str = "5";

/// Writes the events, then has each redact them, one after the other.
pub(crate) fn redact(workspace: &Workspace) -> Result<()> {
    let toolbox = Toolbox::provide(workspace, &[&PRESIDIO])?;
    let lines = workspace.root.join("target/tmp/redact-events.jsonl");
    fs::create_dir_all(workspace.root.join("target/tmp")).context("cannot make target/tmp")?;
    let file = File::create(&lines).with_context(|| format!("cannot write {}", lines.display()))?;
    let example = || {
        let mut command = workspace.cargo_locked("run");
        command.args(["--release", "--quiet", "--package", "nexus-redact", "--example", "redact_speed", "--"]);
        command
    };
    run(example().arg("write").stdout(file))?;
    // All is built before anything is measured.
    let manifest = workspace.root.join("bench/peers/redact/Cargo.toml");
    let peers = |subcommand| {
        let mut command = workspace.cargo_locked(subcommand);
        command.args(["--release", "--quiet", "--manifest-path"]).arg(&manifest);
        command.env("CARGO_TARGET_DIR", workspace.root.join("target/peers"));
        command
    };
    run(&mut peers("build"))?;
    run(example().args(["ordinary", RUNS]))?;
    run(example().args(["sweep", RUNS]))?;
    run(peers("run").arg("--").arg(&lines).arg(RUNS))?;
    let script = workspace.root.join("bench/peers/redact/presidio_speed.py");
    run(workspace.command(toolbox.path(&PRESIDIO)?).arg(script).arg(&lines))
}
