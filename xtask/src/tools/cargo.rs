//! Tools built from the crates registry, each version in a directory of its own: `target/tools/<package>-<version>/`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::apt::{Apt, AptTool};
use crate::workspace::{Workspace, run};

/// A crate whose binary is installed with `cargo install`.
pub(crate) struct CargoTool {
    /// Name in the registry.
    pub(crate) package: &'static str,
    /// Exact version.
    pub(crate) version: &'static str,
    /// Further flags of `cargo install`.
    pub(crate) flags: &'static [&'static str],
    /// The binary wanted.
    pub(crate) binary: &'static str,
    /// Programs that building or running it calls.
    pub(crate) programs: &'static [AptTool],
}

impl CargoTool {
    /// The binary's path, after building it when its version is not in the cache.
    pub(crate) fn provide(&self, workspace: &Workspace, apt: &mut Apt) -> Result<PathBuf> {
        for program in self.programs {
            program.provide(apt)?;
        }
        let home = workspace.tools_dir().join(format!("{}-{}", self.package, self.version));
        let binary = home.join("bin").join(self.binary);
        if !binary.is_file() {
            self.install(workspace, &home)?;
        }
        Ok(binary)
    }

    /// Builds into a directory beside `home` that takes its name only when complete.
    fn install(&self, workspace: &Workspace, home: &Path) -> Result<()> {
        let partial = workspace.tools_dir().join(format!("{}-{}.partial", self.package, self.version));
        let build = workspace.tools_dir().join("build");
        // A debug build without debug info: minutes instead of half an hour, and fast enough for tests.
        run(workspace
            .cargo("install")
            .args([self.package, "--version", self.version, "--locked", "--debug"])
            .args(self.flags)
            .arg("--root")
            .arg(&partial)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_TARGET_DIR", &build))?;
        fs::rename(&partial, home).with_context(|| format!("cannot rename {} into place", partial.display()))?;
        // A gigabyte that nothing needs any more.
        fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))
    }
}
