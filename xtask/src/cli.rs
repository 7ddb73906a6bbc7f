//! The command line. Small enough to read by hand: xtask is compiled first in every CI run.

use anyhow::{Context, Result, bail};

/// What `cargo xtask` prints when asked, or when it does not understand.
pub(crate) const USAGE: &str = "\
cargo xtask <command>

  test [--fast]       every check in order, installing what is missing; --fast: format, lints, unit and crate tests
  tools               install the outside tools into target/tools/ and stop
  openapi             rewrite openapi.json from the code
  crash [--rounds N]  load, SIGKILL, restart, check (default 5)
  bench [ARGS]        the benchmarks, in release; ARGS go to `cargo bench`

With CI=true a tool that cannot be had fails the run; otherwise what needs it is skipped and listed at the end.
";

/// One command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// All checks, or the fast ones.
    Test { fast: bool },
    /// Install the tools.
    Tools,
    /// Rewrite the OpenAPI snapshot.
    OpenApi,
    /// Kill and restart this often.
    Crash { rounds: u32 },
    /// Measure.
    Bench { args: Vec<String> },
    /// Print the usage.
    Help,
}

/// Reads the arguments after the program's name.
pub(crate) fn parse(args: impl IntoIterator<Item = String>) -> Result<Command> {
    let mut args = args.into_iter();
    let command = args.next().unwrap_or_else(|| "help".into());
    let rest: Vec<String> = args.collect();
    let words: Vec<&str> = rest.iter().map(String::as_str).collect();
    Ok(match (command.as_str(), words.as_slice()) {
        ("test", []) => Command::Test { fast: false },
        ("test", ["--fast"]) => Command::Test { fast: true },
        ("tools", []) => Command::Tools,
        ("openapi", []) => Command::OpenApi,
        ("crash", []) => Command::Crash { rounds: crate::crash::SHORT_ROUNDS },
        ("crash", ["--rounds", rounds]) => {
            Command::Crash { rounds: rounds.parse().with_context(|| format!("--rounds {rounds} is no number"))? }
        }
        ("bench", _) => Command::Bench { args: rest },
        ("help" | "--help" | "-h", []) => Command::Help,
        _ => bail!("not understood: {command} {}\n\n{USAGE}", words.join(" ")),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn parsed(line: &str) -> Result<Command> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_command_is_read() {
        assert_eq!(parsed("test").unwrap(), Command::Test { fast: false });
        assert_eq!(parsed("test --fast").unwrap(), Command::Test { fast: true });
        assert_eq!(parsed("crash --rounds 200").unwrap(), Command::Crash { rounds: 200 });
        assert_eq!(
            parsed("bench --bench presign").unwrap(),
            Command::Bench { args: vec!["--bench".into(), "presign".into()] }
        );
        assert_eq!(parsed("").unwrap(), Command::Help);
    }

    #[test]
    fn a_slip_is_refused_rather_than_ignored() {
        for line in ["tests", "test --fats", "test --fast now", "crash --rounds many", "tools garage"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
