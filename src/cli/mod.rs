//! The command line. Each command is one file; this one parses and prints.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod doctor;
mod export;
mod rebuild_views;
mod redact;
mod refollow;
mod serve;
mod token;
mod verify;

use std::{io::Write, process::ExitCode};

use clap::{Parser, Subcommand};

pub use self::{export::ExportArgs, token::TokenArgs, verify::VerifyArgs};
use crate::config::Config;

/// The front door for a tenant's files and the ledger of everything done with them.
#[derive(Debug, Parser)]
#[command(name = "nexus", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (the default).
    Serve,
    /// Print a signed token, alone on standard output.
    Token(TokenArgs),
    /// Check what the service depends on, and say what to do about it.
    Doctor,
    /// Print the OpenAPI document.
    Openapi,
    /// Check a stopped data directory: exit 0 holds, 1 does not hold, 2 could not run.
    Verify(VerifyArgs),
    /// Print the events of a stopped data directory as NDJSON, oldest first.
    Export(ExportArgs),
    /// Fold what dashboards show anew from a stopped data directory, and say whether it was right.
    RebuildViews,
    /// Make the backend's copy what the stopped data directory says: write what is lost, replace what was changed.
    Refollow,
    /// Read JSON lines from standard input and print them redacted.
    Redact,
}

/// Runs a command; what it returns is the process' exit code.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    match cli.command.unwrap_or(Command::Serve) {
        Command::Openapi => {
            // A reader that has seen enough is no failure.
            drop(std::io::stdout().write_all(crate::http::openapi::text().as_bytes()));
            ExitCode::SUCCESS
        }
        Command::Redact => with_config(|config| redact::run(&config)),
        Command::Serve => with_config(serve::run),
        Command::Token(args) => with_config(|config| token::run(&config, &args)),
        Command::Export(args) => with_config(|config| export::run(&config, &args)),
        Command::Verify(args) => with_config(|config| verify::run(config, &args)),
        Command::RebuildViews => with_config(|config| rebuild_views::run(&config)),
        Command::Refollow => with_config(refollow::run),
        Command::Doctor => with_config(doctor::run),
    }
}

fn with_config(command: impl FnOnce(Config) -> ExitCode) -> ExitCode {
    match Config::load() {
        Ok(config) => command(config),
        Err(error) => failed(&error),
    }
}

/// One clear line on standard error.
fn failed(error: &dyn std::error::Error) -> ExitCode {
    let text = error.to_string().replace('\n', "; ");
    // eprintln! would panic where standard error is gone, and so change the exit code.
    drop(writeln!(std::io::stderr(), "nexus: {text}"));
    ExitCode::FAILURE
}
