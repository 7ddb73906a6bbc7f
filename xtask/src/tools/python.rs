//! Python virtual environments with pinned packages, in `target/tools/`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::apt::{Apt, AptTool};
use crate::workspace::{Workspace, output, run};

const PYTHON3: AptTool = AptTool { program: "python3", package: "python3" };

/// The environment's interpreter, after building the environment when it does not hold exactly `requirements`.
pub(crate) fn provide(workspace: &Workspace, apt: &mut Apt, name: &str, requirements: &str) -> Result<PathBuf> {
    let home = workspace.tools_dir().join(name);
    let python = home.join("bin").join("python");
    // Written last, so an environment without it is an unfinished one.
    let stamp = home.join("requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == requirements) && works(&python) {
        return Ok(python);
    }
    create(&home, apt)?;
    let wanted = home.join("requirements.partial");
    fs::write(&wanted, requirements).with_context(|| format!("cannot write {}", wanted.display()))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&wanted))?;
    fs::rename(&wanted, &stamp).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}

/// Whether the interpreter still runs: the Python it was made from may be gone.
fn works(python: &Path) -> bool {
    output(Command::new(python).args(["-c", "print(1)"])).is_ok_and(|answer| answer.trim() == "1")
}

/// An empty environment. Debian's Python has no `ensurepip` until `python3-venv` is installed.
fn create(home: &Path, apt: &mut Apt) -> Result<()> {
    let system = PYTHON3.provide(apt)?;
    let venv = || run(Command::new(&system).args(["-m", "venv", "--clear"]).arg(home));
    if venv().is_err() {
        apt.install("python3-venv")?;
        venv()?;
    }
    Ok(())
}
