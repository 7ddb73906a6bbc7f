//! The checks in their order. A new one is a row in [`STEPS`].

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    crash, fuzz,
    libtest::TestReport,
    openapi, schemathesis,
    summary::Outcome,
    tools::{
        Tool, Toolbox,
        pins::{BIGQUERY, CARGO_DENY, CARGO_FUZZ, FIRESTORE, GARAGE, PROMTOOL, PYTHON, STRACE},
    },
    workspace::{Workspace, run, run_teed},
};

/// One check.
pub(crate) struct Step {
    /// Its name in the output.
    pub(crate) name: &'static str,
    /// Whether `--fast` runs it.
    pub(crate) fast: bool,
    /// What it checks, when that is a part of the tree that may be missing; then the step is skipped.
    pub(crate) subject: Option<&'static str>,
    /// Tools without which it is skipped.
    pub(crate) needs: &'static [&'static Tool],
    /// Tools handed to it when they are there; its tests skip themselves by name when they are not.
    pub(crate) uses: &'static [&'static Tool],
    /// Does it. An error is a failed check.
    pub(crate) run: fn(&mut Run<'_>) -> Result<()>,
}

/// A check with nothing special about it.
const PLAIN: Step = Step { name: "", fast: false, subject: None, needs: &[], uses: &[], run: fmt };

/// What a step has at hand.
pub(crate) struct Run<'a> {
    /// The checkout.
    pub(crate) workspace: &'a Workspace,
    /// The tools of all steps.
    pub(crate) toolbox: &'a Toolbox,
    /// `--fast` was given.
    pub(crate) fast: bool,
    /// Filled by the steps that run tests.
    pub(crate) tests: TestReport,
}

/// All checks: cheap ones first, so that a slip is told within seconds.
pub(crate) const STEPS: &[Step] = &[
    Step { name: "fmt", fast: true, run: fmt, ..PLAIN },
    Step { name: "clippy", fast: true, run: clippy, ..PLAIN },
    Step { name: "docs", run: docs, ..PLAIN },
    Step {
        name: "tests",
        fast: true,
        uses: &[&GARAGE, &PYTHON, &STRACE, &FIRESTORE, &BIGQUERY, &PROMTOOL],
        run: tests,
        ..PLAIN
    },
    Step { name: "deny", needs: &[&CARGO_DENY], run: deny, ..PLAIN },
    Step { name: "openapi", run: openapi, ..PLAIN },
    Step { name: "crash", subject: Some(crash::HARNESS), run: crash, ..PLAIN },
    Step { name: "schemathesis", subject: Some(schemathesis::RUNNER), needs: &[&PYTHON], run: schemathesis, ..PLAIN },
    Step { name: "fuzz", subject: Some(fuzz::MANIFEST), needs: &[&CARGO_FUZZ], run: fuzz, ..PLAIN },
];

impl Step {
    /// The tools it needs or uses. With `--fast` tests run without any outside server.
    pub(crate) fn tools(&self, fast: bool) -> impl Iterator<Item = &'static Tool> {
        let uses = if fast { &[] } else { self.uses };
        self.needs.iter().chain(uses).copied()
    }

    /// Whether what it checks is in the tree.
    pub(crate) fn has_subject(&self, workspace: &Workspace) -> bool {
        self.subject.is_none_or(|subject| workspace.root.join(subject).is_file())
    }

    /// Why it cannot run here, if it cannot.
    fn obstacle(&self, workspace: &Workspace, toolbox: &Toolbox) -> Option<String> {
        if let Some(subject) = self.subject.filter(|_| !self.has_subject(workspace)) {
            return Some(format!("{subject} is not in the tree"));
        }
        self.needs.iter().find_map(|tool| toolbox.path(tool).err()).map(|error| error.to_string())
    }

    /// Runs it, or says why not.
    pub(crate) fn execute(&self, run: &mut Run<'_>) -> Outcome {
        match self.obstacle(run.workspace, run.toolbox) {
            Some(reason) => Outcome::Skipped(reason),
            None => match (self.run)(run) {
                Ok(()) => Outcome::Passed,
                Err(error) => Outcome::Failed(format!("{error:#}")),
            },
        }
    }
}

fn fmt(at: &mut Run<'_>) -> Result<()> {
    run(at.workspace.cargo("fmt").args(["--all", "--check"]))
}

fn clippy(at: &mut Run<'_>) -> Result<()> {
    run(at.workspace.cargo_locked("clippy").args(["--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn docs(at: &mut Run<'_>) -> Result<()> {
    run(at.workspace.cargo_locked("doc").args(["--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// All tests, or with `--fast` the unit tests of all packages and the integration tests of the leaf crates.
fn tests(at: &mut Run<'_>) -> Result<()> {
    let workspace = at.workspace;
    let skips = workspace.bin_dir.join(format!("test-skips-{}.tsv", std::process::id()));
    let mut command = workspace.cargo_locked("test");
    command.args(["--workspace", "--no-fail-fast"]).env("NEXUS_TEST_SKIPS", &skips);
    if at.fast {
        command.args(["--lib", "--bins"]);
        for target in leaf_test_targets(&workspace.root)? {
            command.args(["--test", &target]);
        }
    }
    at.toolbox.set_env(&mut command);
    let result = run_teed(&mut command, |line| at.tests.read_line(line));
    if skips.is_file() {
        let text = fs::read_to_string(&skips).with_context(|| format!("cannot read {}", skips.display()))?;
        at.tests.read_skips(&text);
        fs::remove_file(&skips).with_context(|| format!("cannot remove {}", skips.display()))?;
    }
    result
}

/// The integration test targets of `crates/*/tests`: each `.rs` file, and each directory with a `main.rs`.
fn leaf_test_targets(root: &Path) -> Result<Vec<String>> {
    let crates = root.join("crates");
    let mut targets = Vec::new();
    for package in fs::read_dir(&crates).with_context(|| format!("cannot list {}", crates.display()))? {
        let tests = package?.path().join("tests");
        if !tests.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&tests).with_context(|| format!("cannot list {}", tests.display()))? {
            let path = entry?.path();
            let is_target = path.extension().is_some_and(|ext| ext == "rs") || path.join("main.rs").is_file();
            if let Some(stem) = path.file_stem().filter(|_| is_target) {
                targets.push(stem.to_string_lossy().into_owned());
            }
        }
    }
    targets.sort();
    targets.dedup();
    Ok(targets)
}

/// Bans hold for what ships; licences and sources for everything, tests included. The advisory database lives on a
/// site that not every build machine reaches, so `advisories` is a step of `.github/workflows/ci.yml` alone.
fn deny(at: &mut Run<'_>) -> Result<()> {
    let cargo_deny = at.toolbox.path(&CARGO_DENY)?;
    run(at.workspace.command(cargo_deny).args([
        "--workspace",
        "--exclude-dev",
        "check",
        "--hide-inclusion-graph",
        "bans",
    ]))?;
    run(at.workspace.command(cargo_deny).args([
        "--workspace",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "sources",
    ]))
}

fn openapi(at: &mut Run<'_>) -> Result<()> {
    openapi::check(at.workspace)
}

/// A few rounds; `cargo xtask crash --rounds N` runs more.
fn crash(at: &mut Run<'_>) -> Result<()> {
    crash::run_rounds(at.workspace, crash::SHORT_ROUNDS)
}

fn schemathesis(at: &mut Run<'_>) -> Result<()> {
    schemathesis::run_against_server(at.workspace, at.toolbox.path(&PYTHON)?)
}

fn fuzz(at: &mut Run<'_>) -> Result<()> {
    fuzz::run_all(at.workspace, at.toolbox.path(&CARGO_FUZZ)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_leaf_crates_test_targets_are_files_and_directories_with_a_main() {
        let root = std::env::temp_dir().join(format!("nexus-xtask-{}", std::process::id()));
        for file in ["one/tests/props.rs", "one/tests/s3/main.rs", "two/tests/props.rs", "two/tests/golden/a.json"] {
            let path = root.join("crates").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        fs::create_dir_all(root.join("crates/three/src")).unwrap();
        let targets = leaf_test_targets(&root);
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(targets.unwrap(), ["props", "s3"]);
    }

    #[test]
    fn fast_never_waits_for_an_outside_server() {
        let fast = STEPS.iter().filter(|step| step.fast);
        assert_eq!(fast.flat_map(|step| step.tools(true)).count(), 0);
    }
}
