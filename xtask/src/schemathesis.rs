//! Schemathesis against the running server; what it sends and checks stands in `tests/schemathesis/config.toml`.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    server::Server,
    workspace::{Workspace, run},
};

/// Puts something to find into the server, then becomes Schemathesis.
pub(crate) const RUNNER: &str = "tests/schemathesis/run.py";

/// Starts a server, runs Schemathesis against it, and stops it, which must succeed too.
pub(crate) fn run_against_server(workspace: &Workspace, python: &Path) -> Result<()> {
    let server = Server::start(workspace)?;
    // It leaves what `schemathesis replay` needs where it runs.
    let records = workspace.bin_dir.join("schemathesis");
    fs::create_dir_all(&records).with_context(|| format!("cannot create {}", records.display()))?;
    run(workspace
        .command(python)
        .current_dir(records)
        .arg(workspace.root.join(RUNNER))
        .arg(server.url())
        .env("NEXUS_TOKEN", server.token()?))?;
    server.stop()
}
