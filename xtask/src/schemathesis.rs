//! Schemathesis against the running server; what it sends and checks stands in `tests/schemathesis.toml`.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    server::Server,
    workspace::{Workspace, run},
};

/// What it sends and which answers it takes.
pub(crate) const CONFIG: &str = "tests/schemathesis.toml";

/// Starts a server, runs Schemathesis against it, and stops it, which must succeed too.
pub(crate) fn run_against_server(workspace: &Workspace, python: &Path) -> Result<()> {
    let server = Server::start(workspace)?;
    // It leaves what `schemathesis replay` needs where it runs.
    let records = workspace.bin_dir.join("schemathesis");
    fs::create_dir_all(&records).with_context(|| format!("cannot create {}", records.display()))?;
    run(workspace
        .command(python)
        .current_dir(records)
        .args(["-m", "schemathesis.cli", "--config-file"])
        .arg(workspace.root.join(CONFIG))
        .arg("run")
        .arg(format!("{}/openapi.json", server.url()))
        .env("NEXUS_TOKEN", server.token()?))?;
    server.stop()
}
