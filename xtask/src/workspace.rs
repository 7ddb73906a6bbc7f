//! Where things are (checkout, tool cache, build output) and how commands are run there.

use std::{
    env,
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// The checkout this command was started for.
pub(crate) struct Workspace {
    /// Directory of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo puts this profile's binaries: xtask itself lies there.
    pub(crate) bin_dir: PathBuf,
    /// `CI=true`: a missing tool is a failure, and `Cargo.lock` must be up to date.
    pub(crate) ci: bool,
}

impl Workspace {
    /// Finds the checkout through the manifest directory that cargo hands to `cargo run`.
    pub(crate) fn locate() -> Result<Self> {
        let manifest_dir = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest_dir).parent().context("xtask/ has no parent directory")?.to_path_buf();
        let exe = env::current_exe().context("cannot tell where xtask itself is")?;
        let bin_dir = exe.parent().context("xtask's binary has no parent directory")?.to_path_buf();
        let ci = env::var_os("CI").is_some_and(|value| value == "true");
        Ok(Self { root, bin_dir, ci })
    }

    /// The tool cache. It stays under the checkout's own `target/` even when `CARGO_TARGET_DIR` points elsewhere, so
    /// that several build directories share one set of tools.
    pub(crate) fn tools_dir(&self) -> PathBuf {
        self.root.join("target").join("tools")
    }

    /// A command that runs in the checkout's root.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// `cargo <subcommand>`: the cargo that started xtask, so the same toolchain.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg(subcommand);
        command
    }

    /// `cargo <subcommand>` for one that resolves dependencies: in CI an outdated `Cargo.lock` is a failure.
    pub(crate) fn cargo_locked(&self, subcommand: &str) -> Command {
        let mut command = self.cargo(subcommand);
        if self.ci {
            command.arg("--locked");
        }
        command
    }

    /// The debug binary, built as the tests build it: to build `nexus` alone would turn other features of its
    /// dependencies on, and compile all of them once more.
    pub(crate) fn nexus(&self) -> Result<PathBuf> {
        run(self.cargo_locked("test").args(["--quiet", "--workspace", "--no-run"]))?;
        Ok(self.bin_dir.join("nexus"))
    }
}

/// Runs a command with the terminal's own streams; a non-zero exit is an error that names the command line.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed: {status}");
    }
    Ok(())
}

/// Runs a command and returns its standard output; standard error stays on the terminal.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed: {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` wrote something that is not UTF-8"))
}

/// Runs a command, showing its standard output line by line as it comes and handing each line to `each`.
pub(crate) fn run_teed(command: &mut Command, mut each: impl FnMut(&str)) -> Result<()> {
    let line = shown(command);
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let stdout = child.stdout.take().with_context(|| format!("`{line}` has no standard output"))?;
    let mut reader = BufReader::new(stdout);
    let mut bytes = Vec::new();
    // Bytes, not `lines()`: a test may print what is not UTF-8, and that must not end the run.
    while reader.read_until(b'\n', &mut bytes).with_context(|| format!("cannot read from `{line}`"))? > 0 {
        let text = String::from_utf8_lossy(&bytes);
        print!("{text}");
        each(text.trim_end());
        bytes.clear();
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed: {status}");
    }
    Ok(())
}

/// A command as one would type it, for messages.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_else(|| command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert!(error.to_string().contains("`sh -c exit 3` failed"), "{error}");
        assert!(error.to_string().contains('3'), "{error}");
    }

    #[test]
    fn a_missing_program_is_an_error_that_names_it() {
        let error = run(&mut Command::new("no-such-program-on-any-path")).unwrap_err();
        assert_eq!(error.to_string(), "cannot start `no-such-program-on-any-path`");
    }

    #[test]
    fn a_teed_command_hands_over_every_line_and_still_fails() {
        let mut lines = Vec::new();
        let script = r"printf 'one\n\377\ntwo'; exit 1";
        let result = run_teed(Command::new("sh").args(["-c", script]), |line| lines.push(line.to_owned()));
        assert!(result.is_err());
        assert_eq!(lines, ["one", "\u{fffd}", "two"]);
    }
}
