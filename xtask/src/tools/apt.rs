//! Debian packages, for programs that are not on `PATH`.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};

use super::on_path;
use crate::workspace::{output, run};

/// A program and the Debian package that brings it.
pub(crate) struct AptTool {
    /// Looked up on `PATH`; an absolute path stands for itself.
    pub(crate) program: &'static str,
    /// Installed when it is not there.
    pub(crate) package: &'static str,
}

impl AptTool {
    /// The program's path, after installing its package when needed.
    pub(crate) fn provide(&self, apt: &mut Apt) -> Result<PathBuf> {
        if let Some(path) = on_path(self.program) {
            return Ok(path);
        }
        apt.install(self.package)?;
        on_path(self.program)
            .with_context(|| format!("package {} brought no `{}` onto PATH", self.package, self.program))
    }
}

/// `apt-get`, with its package lists renewed at most once in a run.
#[derive(Default)]
pub(crate) struct Apt {
    updated: bool,
}

impl Apt {
    /// Installs one package. Needs root, or `sudo` that asks for no password.
    pub(crate) fn install(&mut self, package: &str) -> Result<()> {
        if on_path("apt-get").is_none() {
            bail!("package {package} is needed and there is no apt-get here");
        }
        if !self.updated {
            run(apt_get()?.args(["update", "-qq"]))?;
            self.updated = true;
        }
        run(apt_get()?.args(["install", "-y", "-qq", "--no-install-recommends", package]))
    }
}

/// `apt-get` as root, never asking anything.
fn apt_get() -> Result<Command> {
    let is_root = output(Command::new("id").arg("-u"))?.trim() == "0";
    let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
    if is_root {
        command.env("DEBIAN_FRONTEND", "noninteractive");
    } else {
        command.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    }
    Ok(command)
}
