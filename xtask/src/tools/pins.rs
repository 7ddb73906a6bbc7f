//! Every outside tool that the checks use, with its pinned version: the one place to change one.
//!
//! The Python packages, with everything they pull in, are pinned in `xtask/requirements*.txt`, which are
//! compiled in here. Debian packages are not pinned: the release pins them.

use super::{Source, Tool, apt::AptTool, cargo::CargoTool};

/// An S3 server that shares no code with us: the second opinion on our presigned forms.
pub(crate) const GARAGE: Tool = Tool {
    name: "garage",
    env: "NEXUS_TEST_GARAGE",
    purpose: "the independent S3 server of the integration tests",
    source: Source::Cargo(CargoTool {
        package: "garage",
        version: "2.5.0",
        flags: &["--no-default-features", "--features", "bundled-libs,sqlite"],
        binary: "garage",
        // libsodium is built by its own configure and make.
        programs: &[AptTool { program: "make", package: "make" }],
    }),
};

/// Licences, bans and sources of the dependency tree.
pub(crate) const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    env: "NEXUS_CARGO_DENY",
    purpose: "the check of dependencies against deny.toml",
    source: Source::Cargo(CargoTool {
        package: "cargo-deny",
        version: "0.20.2",
        flags: &[],
        binary: "cargo-deny",
        programs: &[],
    }),
};

/// Coverage-guided fuzzing; libFuzzer is C++.
pub(crate) const CARGO_FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    env: "NEXUS_CARGO_FUZZ",
    purpose: "the short fuzz run",
    source: Source::Cargo(CargoTool {
        package: "cargo-fuzz",
        version: "0.13.2",
        flags: &[],
        binary: "cargo-fuzz",
        programs: &[AptTool { program: "g++", package: "g++" }],
    }),
};

/// The Python of a virtual environment that holds `requirements.txt`: boto3, requests, schemathesis, and the
/// FastAPI of the benchmarks.
pub(crate) const PYTHON: Tool = Tool {
    name: "python",
    env: "NEXUS_TEST_PYTHON",
    purpose: "boto3 as a client nobody here wrote, Schemathesis, and the FastAPI peer of the benchmarks",
    source: Source::PythonEnv { name: "venv", requirements: include_str!("../../requirements.txt") },
};

/// Shows that no answer leaves before its `fdatasync` returned.
pub(crate) const STRACE: Tool = Tool {
    name: "strace",
    env: "NEXUS_TEST_STRACE",
    purpose: "the durability check of the ledger",
    source: Source::Apt(AptTool { program: "strace", package: "strace" }),
};

/// Google's own Firestore emulator, a jar without a program on `PATH`.
pub(crate) const FIRESTORE: Tool = Tool {
    name: "firestore emulator",
    env: "NEXUS_TEST_FIRESTORE",
    purpose: "the backend that the copy is shown with",
    source: Source::Apt(AptTool {
        program: "/usr/lib/google-cloud-sdk/platform/cloud-firestore-emulator/cloud-firestore-emulator.jar",
        package: "google-cloud-cli-firestore-emulator",
    }),
};

/// The Python of a virtual environment that holds `requirements-google.txt`: an emulator of BigQuery, and Google's clients.
pub(crate) const BIGQUERY: Tool = Tool {
    name: "bigquery emulator",
    env: "NEXUS_TEST_BIGQUERY",
    purpose: "the backend that the copy is shown with, and the peers of the follow benchmark",
    source: Source::PythonEnv { name: "venv-google", requirements: include_str!("../../requirements-google.txt") },
};

/// The Python of a virtual environment that holds `tests/pii/requirements.txt`: Presidio, and the libraries of the stranger's corpora.
pub(crate) const PRESIDIO: Tool = Tool {
    name: "presidio",
    env: "NEXUS_BENCH_PRESIDIO",
    purpose: "the peer of the redaction benchmark",
    source: Source::PythonEnv { name: "venv-pii", requirements: include_str!("../../../tests/pii/requirements.txt") },
};

/// Prometheus' own reader of alert rules and queries.
pub(crate) const PROMTOOL: Tool = Tool {
    name: "promtool",
    env: "NEXUS_TEST_PROMTOOL",
    purpose: "the check of config/prometheus and config/grafana",
    source: Source::Apt(AptTool { program: "promtool", package: "prometheus" }),
};

/// HTTP load for the benchmarks.
pub(crate) const WRK: Tool = Tool {
    name: "wrk",
    env: "NEXUS_BENCH_WRK",
    purpose: "load for the benchmarks",
    source: Source::Apt(AptTool { program: "wrk", package: "wrk" }),
};

/// The database that the ledger is measured beside. Debian keeps its programs off `PATH`.
pub(crate) const POSTGRES: Tool = Tool {
    name: "postgres",
    env: "NEXUS_BENCH_POSTGRES",
    purpose: "the peer of the ingest benchmark",
    source: Source::Apt(AptTool { program: "/usr/lib/postgresql/15/bin/postgres", package: "postgresql-15" }),
};

/// Everything that `cargo xtask tools` installs.
pub(crate) const ALL: &[&Tool] = &[
    &GARAGE,
    &CARGO_DENY,
    &CARGO_FUZZ,
    &PYTHON,
    &STRACE,
    &FIRESTORE,
    &BIGQUERY,
    &PROMTOOL,
    &WRK,
    &POSTGRES,
    &PRESIDIO,
];
