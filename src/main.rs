//! The `nexus` binary.

use std::process::ExitCode;

use clap::Parser;

/// Its settings are in `.cargo/config.toml`; `docs/performance.md` says what it is worth.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    nexus::cli::run(nexus::cli::Cli::parse())
}
