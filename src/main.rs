//! The `nexus` binary.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    nexus::cli::run(nexus::cli::Cli::parse())
}
