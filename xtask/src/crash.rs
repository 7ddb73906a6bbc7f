//! The crash harness: load on the real binary, SIGKILL at random moments, restart, and a check of what must have
//! survived. It is a test target of its own, `crash` (`test = false`, `harness = false`), so that `cargo test` alone
//! does not start it.

use anyhow::{Result, bail};

use crate::workspace::{Workspace, run};

/// The harness itself.
pub(crate) const HARNESS: &str = "tests/crash/main.rs";

/// Rounds in `cargo xtask test`.
pub(crate) const SHORT_ROUNDS: u32 = 5;

/// Runs this many rounds of kill and restart.
pub(crate) fn run_rounds(workspace: &Workspace, rounds: u32) -> Result<()> {
    if !workspace.root.join(HARNESS).is_file() {
        bail!("{HARNESS} is not in the tree");
    }
    let mut command = workspace.cargo_locked("test");
    // The whole workspace, as in the other steps: fewer packages would turn other features on and build everything again.
    command.args(["--workspace", "--test", "crash", "--", "--rounds", &rounds.to_string()]);
    run(&mut command)
}
