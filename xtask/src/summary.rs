//! What a run prints at its end: every step with its time, what was skipped and why, and the sums of the tests.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use crate::libtest::TestReport;

/// How a step ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It ran and found nothing.
    Passed,
    /// It did not run, for this reason.
    Skipped(String),
    /// It found something; the error says what.
    Failed(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Skipped(reason) => write!(f, "skipped: {reason}"),
            Self::Failed(error) => write!(f, "FAILED: {error}"),
        }
    }
}

/// The ends of all steps so far, in order.
#[derive(Debug)]
pub(crate) struct Summary {
    missing_tools: Vec<(String, String)>,
    steps: Vec<(&'static str, Outcome, Duration)>,
}

impl Summary {
    /// Nothing ran yet, and these tools are missing, for these reasons.
    pub(crate) fn new<'a>(missing_tools: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let missing_tools = missing_tools.map(|(name, reason)| (name.to_owned(), reason.to_owned())).collect();
        Self { missing_tools, steps: Vec::new() }
    }

    /// Notes how a step ended.
    pub(crate) fn add(&mut self, name: &'static str, outcome: Outcome, took: Duration) {
        self.steps.push((name, outcome, took));
    }

    /// Whether any step failed.
    pub(crate) fn failed(&self) -> bool {
        self.steps.iter().any(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_)))
    }

    /// The closing lines.
    pub(crate) fn render(&self, tests: &TestReport, not_run: &[&str]) -> Result<String, fmt::Error> {
        let mut text = String::from("==> summary\n");
        for (name, outcome, took) in &self.steps {
            let took = seconds(*took);
            match outcome {
                Outcome::Passed => writeln!(text, "    passed   {name:<13} {took}")?,
                Outcome::Skipped(reason) => writeln!(text, "    skipped  {name:<13} {reason}")?,
                Outcome::Failed(error) => writeln!(text, "    FAILED   {name:<13} {took}: {error}")?,
            }
        }
        for name in not_run {
            writeln!(text, "    not run  {name}")?;
        }
        for (name, reason) in &self.missing_tools {
            writeln!(text, "    missing  tool {name}: {reason}")?;
        }
        for (name, reason) in &tests.skips {
            writeln!(text, "    skipped  test {name}: {reason}")?;
        }
        for line in &tests.result_lines {
            writeln!(text, "{line}")?;
        }
        writeln!(text, "{}", tests.counts())?;
        Ok(text)
    }
}

/// A duration for people: `4.2 s`, `3 min 25 s`.
pub(crate) fn seconds(took: Duration) -> String {
    let whole = took.as_secs();
    if whole < 60 { format!("{:.1} s", took.as_secs_f64()) } else { format!("{} min {} s", whole / 60, whole % 60) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_closing_lines_name_what_was_skipped_and_what_never_ran() {
        let mut tests = TestReport::default();
        let line = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        tests.read_line(line);
        tests.read_skips("it::policy\tno Garage\n");
        let mut summary = Summary::new([("garage", "no make")].into_iter());
        summary.add("tests", Outcome::Passed, Duration::from_millis(1_240));
        summary.add("fuzz", Outcome::Skipped("no C++ compiler".into()), Duration::ZERO);
        summary.add("openapi", Outcome::Failed("differs".into()), Duration::from_secs(205));
        assert!(summary.failed());
        let expected = format!(
            "==> summary\n    passed   tests         1.2 s\n    skipped  fuzz          no C++ compiler\n    \
             FAILED   openapi       3 min 25 s: differs\n    not run  crash\n    missing  tool garage: no make\n    \
             skipped  test it::policy: no Garage\n\
             {line}\n1 passed, 0 failed, 1 skipped\n"
        );
        assert_eq!(summary.render(&tests, &["crash"]).unwrap(), expected);
    }
}
