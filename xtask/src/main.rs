//! The project's checks, tools and benchmarks as one command, `cargo xtask`.
//!
//! CI runs the same `cargo xtask test` as a developer: [`steps`] is the table of checks, [`tools`] installs the outside
//! programs that they use ([`tools::pins`] holds their versions), [`summary`] prints what came of it. A new check is a
//! row in that table; a new tool is a constant among the pins.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program: what it prints is its output")]

mod bench;
mod cli;
mod crash;
mod fuzz;
mod libtest;
mod openapi;
mod peers;
mod schemathesis;
mod server;
mod steps;
mod summary;
mod tools;
mod workspace;

use std::{env, process::ExitCode, time::Instant};

use anyhow::{Context, Result};

use crate::{
    cli::Command,
    libtest::TestReport,
    steps::{Run, STEPS, Step},
    summary::{Summary, seconds},
    tools::{Tool, Toolbox, pins},
    workspace::Workspace,
};

fn main() -> ExitCode {
    match cli::parse(env::args().skip(1)).and_then(execute) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does what was asked. `false`: it was done, and the checks found something, which is printed already.
fn execute(command: Command) -> Result<bool> {
    let workspace = Workspace::locate()?;
    match command {
        Command::Test { fast } => return test(&workspace, fast),
        Command::Tools => return provide_all(&workspace),
        Command::OpenApi => openapi::write(&workspace)?,
        Command::Crash { rounds } => crash::run_rounds(&workspace, rounds)?,
        Command::Bench { args } => bench::run_all(&workspace, &args)?,
        Command::Help => print!("{}", cli::USAGE),
    }
    Ok(true)
}

/// Installs every tool; `false` when one could not be had.
fn provide_all(workspace: &Workspace) -> Result<bool> {
    let toolbox = Toolbox::provide(workspace, pins::ALL)?;
    for (name, reason) in toolbox.missing() {
        println!("missing: {name}: {reason}");
    }
    Ok(toolbox.missing().next().is_none())
}

/// Installs what the steps want, runs them in order up to the first failure, and prints the summary.
fn test(workspace: &Workspace, fast: bool) -> Result<bool> {
    let started = Instant::now();
    let steps: Vec<&Step> = STEPS.iter().filter(|step| step.fast || !fast).collect();
    let toolbox = Toolbox::provide(workspace, &wanted_tools(workspace, &steps, fast))?;
    let mut run = Run { workspace, toolbox: &toolbox, fast, tests: TestReport::default() };
    let mut summary = Summary::new(toolbox.missing());
    let mut rest = steps.iter();
    for step in rest.by_ref() {
        println!("==> {}", step.name);
        let step_started = Instant::now();
        let outcome = step.execute(&mut run);
        let took = step_started.elapsed();
        println!("    {} {outcome} ({})", step.name, seconds(took));
        summary.add(step.name, outcome, took);
        if summary.failed() {
            break;
        }
    }
    let not_run: Vec<&str> = rest.map(|step| step.name).collect();
    print!("{}", summary.render(&run.tests, &not_run).context("cannot write the summary")?);
    let verdict = if summary.failed() { "FAILED" } else { "passed" };
    println!("xtask test{} {verdict} in {}", if fast { " --fast" } else { "" }, seconds(started.elapsed()));
    Ok(!summary.failed())
}

/// The tools of the steps that have something to check here, each once.
fn wanted_tools(workspace: &Workspace, steps: &[&Step], fast: bool) -> Vec<&'static Tool> {
    let mut wanted: Vec<&'static Tool> = Vec::new();
    for tool in steps.iter().filter(|step| step.has_subject(workspace)).flat_map(|step| step.tools(fast)) {
        if !wanted.iter().any(|known| known.name == tool.name) {
            wanted.push(tool);
        }
    }
    wanted
}
