//! Installs the outside tools that the checks use, each only when its pinned version is not there yet.
//!
//! Cargo tools and the Python environment live in `target/tools/`, so they can be cached and thrown away with the rest
//! of the build. A tool that cannot be had leaves its variable unset, and the tests that want it skip themselves by
//! name; with `CI=true` it fails the run instead.

mod apt;
mod cargo;
pub(crate) mod pins;
mod python;

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, bail};

use self::{apt::Apt, apt::AptTool, cargo::CargoTool};
use crate::{summary::seconds, workspace::Workspace};

/// One outside tool.
pub(crate) struct Tool {
    /// How messages and the cache call it.
    pub(crate) name: &'static str,
    /// The variable that hands its path to tests and steps. When it is set already, that path is used as it is.
    pub(crate) env: &'static str,
    /// What for, in a few words.
    pub(crate) purpose: &'static str,
    /// Where it comes from.
    pub(crate) source: Source,
}

/// Where a tool comes from.
pub(crate) enum Source {
    /// Built from the crates registry.
    Cargo(CargoTool),
    /// A Debian package.
    Apt(AptTool),
    /// A virtual environment with exactly these packages (pip's requirements format).
    PythonEnv {
        /// Its directory in `target/tools/`.
        name: &'static str,
        /// The text of `requirements.txt`.
        requirements: &'static str,
    },
}

/// The tools of one run: where each is, or why it is not.
#[derive(Default)]
pub(crate) struct Toolbox {
    ready: BTreeMap<&'static str, (&'static str, PathBuf)>,
    missing: BTreeMap<&'static str, (&'static str, String)>,
}

impl Toolbox {
    /// Finds or installs every tool named. One that cannot be had is noted, or, in CI, an error.
    pub(crate) fn provide(workspace: &Workspace, tools: &[&'static Tool]) -> Result<Self> {
        let mut toolbox = Self::default();
        let mut apt = Apt::default();
        for tool in tools {
            let started = Instant::now();
            println!("==> tool {}: {}", tool.name, tool.purpose);
            match tool.provide(workspace, &mut apt) {
                Ok(path) => {
                    println!("    {} ({})", path.display(), seconds(started.elapsed()));
                    toolbox.ready.insert(tool.name, (tool.env, path));
                }
                Err(error) if workspace.ci => {
                    return Err(error.context(format!("{} cannot be had, and CI requires it", tool.name)));
                }
                Err(error) => {
                    println!("    not available: {error:#}");
                    toolbox.missing.insert(tool.name, (tool.env, format!("{error:#}")));
                }
            }
        }
        Ok(toolbox)
    }

    /// The path of a tool; the error says why it is missing.
    pub(crate) fn path(&self, tool: &Tool) -> Result<&Path> {
        match self.ready.get(tool.name) {
            Some((_, path)) => Ok(path),
            None => bail!("{}: {}", tool.name, self.missing.get(tool.name).map_or("not asked for", |(_, why)| why)),
        }
    }

    /// The tools that could not be had, each with the reason.
    pub(crate) fn missing(&self) -> impl Iterator<Item = (&str, &str)> {
        self.missing.iter().map(|(name, (_, why))| (*name, why.as_str()))
    }

    /// Hands every tool that is there to a command, through its variable; the variable of one that is not is unset, so
    /// that nothing is tried with a path found wrong.
    pub(crate) fn set_env(&self, command: &mut Command) {
        for (variable, path) in self.ready.values() {
            command.env(variable, path);
        }
        for (variable, _) in self.missing.values() {
            command.env_remove(variable);
        }
    }
}

impl Tool {
    fn provide(&self, workspace: &Workspace, apt: &mut Apt) -> Result<PathBuf> {
        if let Some(path) = env::var_os(self.env).map(PathBuf::from) {
            if !path.is_file() {
                bail!("{} names {}, which is not a file", self.env, path.display());
            }
            return Ok(path);
        }
        match &self.source {
            Source::Cargo(tool) => tool.provide(workspace, apt),
            Source::Apt(tool) => tool.provide(apt),
            Source::PythonEnv { name, requirements } => python::provide(workspace, apt, name, requirements),
        }
        .with_context(|| format!("installing {}", self.name))
    }
}

/// Looks a program up on `PATH`.
fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(program)).find(|candidate| candidate.is_file())
}
