//! Reads what `cargo test` prints: the `test result:` line of each test binary, and the tests that skipped themselves.
//!
//! libtest has no word for "skipped at run time": a test that finds its server missing can only return. Ours append a
//! line `<binary>::<test>\t<reason>` to the file named by `NEXUS_TEST_SKIPS` first, and are counted here as skipped,
//! not as passed.

use std::{collections::BTreeMap, fmt};

/// The sum over all test binaries.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// What one run of `cargo test` left behind.
#[derive(Debug, Default)]
pub(crate) struct TestReport {
    /// The `test result:` lines, as printed.
    pub(crate) result_lines: Vec<String>,
    /// Tests that skipped themselves, with the reason.
    pub(crate) skips: BTreeMap<String, String>,
    counts: Counts,
}

impl TestReport {
    /// Takes one line of standard output.
    pub(crate) fn read_line(&mut self, line: &str) {
        if let Some(counts) = parse_result_line(line) {
            self.counts.passed += counts.passed;
            self.counts.failed += counts.failed;
            self.counts.skipped += counts.skipped;
            self.result_lines.push(line.to_owned());
        }
    }

    /// Takes the text of the skip file. A test that asked for two missing tools is one skipped test.
    pub(crate) fn read_skips(&mut self, text: &str) {
        for line in text.lines() {
            let (name, reason) = line.split_once('\t').unwrap_or((line, "no reason given"));
            self.skips.entry(name.to_owned()).or_insert_with(|| reason.to_owned());
        }
    }

    /// The sums: tests that skipped themselves were reported as passed by libtest, and are moved.
    pub(crate) fn counts(&self) -> Counts {
        let moved = self.skips.len().min(self.counts.passed);
        let Counts { passed, failed, skipped } = self.counts;
        Counts { passed: passed - moved, failed, skipped: skipped + moved }
    }
}

/// Parses `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`.
fn parse_result_line(line: &str) -> Option<Counts> {
    let (_, fields) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let field =
        |name: &str| fields.split(';').find_map(|field| field.trim().strip_suffix(name)?.trim().parse::<usize>().ok());
    Some(Counts { passed: field("passed")?, failed: field("failed")?, skipped: field("ignored")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: &str = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
    const BAD: &str = "test result: FAILED. 7 passed; 2 failed; 0 ignored; 0 measured; 5 filtered out; finished in 1s";

    #[test]
    fn result_lines_are_summed_and_kept() {
        let mut report = TestReport::default();
        for line in ["running 4 tests", OK, "test it::works ... ok", BAD, "test result: strange"] {
            report.read_line(line);
        }
        assert_eq!(report.result_lines, [OK, BAD]);
        assert_eq!(report.counts().to_string(), "10 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn a_test_that_skipped_itself_is_not_a_pass() {
        let mut report = TestReport::default();
        report.read_line(OK);
        report.read_skips("it::policy\tno Garage\nit::policy\tno Python\nit::aws\tno Garage\n");
        assert_eq!(report.counts().to_string(), "1 passed, 0 failed, 3 skipped");
        assert_eq!(report.skips.get("it::policy").map(String::as_str), Some("no Garage"));
    }
}
