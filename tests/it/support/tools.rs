//! Outside tools that `cargo xtask test` installs and names in variables, and the way a test skips itself without one.

use std::{env, fs::OpenOptions, io::Write, path::PathBuf, thread};

/// The path that `variable` holds.
///
/// # Panics
/// With `CI=true` when it is unset: there a missing tool is a failure. Elsewhere the calling test is noted as skipped
/// and gets `None`.
pub(crate) fn tool(variable: &str) -> Option<PathBuf> {
    let path = env::var_os(variable).map(PathBuf::from);
    if path.is_none() {
        let reason = format!("{variable} is unset; `cargo xtask test` installs the tool and sets it");
        assert!(env::var_os("CI").is_none_or(|value| value != "true"), "{reason}");
        note_skip(&reason);
    }
    path
}

/// libtest cannot be told that a test skipped itself, so `cargo xtask test` names a file that collects them.
#[allow(clippy::print_stderr, reason = "for the one who runs the test alone")]
pub(crate) fn note_skip(reason: &str) {
    let thread = thread::current();
    let name = format!("it::{}", thread.name().unwrap_or("unnamed"));
    eprintln!("skipped {name}: {reason}");
    if let Some(list) = env::var_os("NEXUS_TEST_SKIPS") {
        let mut list = OpenOptions::new().create(true).append(true).open(list).expect("open the list of skipped tests");
        // One write, so that lines of parallel tests do not mix.
        list.write_all(format!("{name}\t{reason}\n").as_bytes()).expect("note a skipped test");
    }
}
