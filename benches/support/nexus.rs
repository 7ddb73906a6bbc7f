//! The server under test: the real binary of the build, in the development profile, with a data directory of its own.

use std::{
    env,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::{
    http::{Connection, Head},
    machine::{self, Process},
    scratch_dir,
};

/// The tenant and the environment of every request.
pub(crate) const TENANT: &str = "t_demo";
/// See [`TENANT`].
pub(crate) const ENV: &str = "dev";

const BINARY: &str = env!("CARGO_BIN_EXE_nexus");

/// How a server is started: on all cores, without rate limits, with a data directory that goes when it stops, unless told otherwise.
#[derive(Default)]
pub(crate) struct Setup {
    core: Option<usize>,
    variables: Vec<(&'static str, String)>,
    data_dir: Option<PathBuf>,
}

/// A running server. Dropping it kills it, then removes its data, unless the directory was named to it.
pub(crate) struct Nexus {
    /// Where the API listens.
    pub(crate) address: SocketAddr,
    /// Its data.
    pub(crate) data_dir: PathBuf,
    token: String,
    process: Process,
    _scratch: Option<TempDir>,
}

impl Setup {
    /// On one core.
    pub(crate) fn core(mut self, core: usize) -> Self {
        self.core = Some(core);
        self
    }

    /// With variables set.
    pub(crate) fn variables(mut self, variables: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.variables.extend(variables);
        self
    }

    /// On what a directory already holds; it stays.
    pub(crate) fn data_dir(mut self, data_dir: &Path) -> Self {
        self.data_dir = Some(data_dir.to_owned());
        self
    }

    /// Starts it, and waits until it says where it listens.
    pub(crate) fn start(self) -> Result<Nexus> {
        let scratch = if self.data_dir.is_none() { Some(scratch_dir()?) } else { None };
        let data_dir = self.data_dir.or_else(|| scratch.as_ref().map(|dir| dir.path().to_owned()));
        let data_dir = data_dir.context("there is no data directory")?;
        let on_core = |core| machine::on_core(core, Path::new(BINARY));
        let mut command = self.core.map_or_else(|| Command::new(BINARY), on_core);
        configure(&mut command, &data_dir).envs(self.variables).arg("serve").stdout(Stdio::piped());
        let mut process = Process::start(&mut command)?;
        let stdout = process.0.stdout.take().context("its output cannot be read")?;
        let mut banner = BufReader::new(stdout).lines().map_while(Result::ok);
        let address = banner
            .find_map(|line| line.split_once(" listens on http://").map(|(_, address)| address.trim().parse()))
            .context("nexus did not start; its log is above")??;
        // Nobody else reads on, and a full pipe would stop the server.
        thread::spawn(move || banner.for_each(drop));
        let token = token(&data_dir, TENANT)?;
        Ok(Nexus { address, data_dir, token, process, _scratch: scratch })
    }
}

impl Nexus {
    /// Starts it, on one core or on all, and waits until it says where it listens.
    pub(crate) fn start(core: Option<usize>) -> Result<Self> {
        core.map_or_else(Setup::default, |core| Setup::default().core(core)).start()
    }

    /// The headers of an authorised request.
    pub(crate) fn headers(&self, content_type: &str) -> Vec<(&'static str, String)> {
        headers(&self.token, TENANT, ENV, content_type)
    }

    /// The same in another environment.
    pub(crate) fn headers_in(&self, env: &str, content_type: &str) -> Vec<(&'static str, String)> {
        headers(&self.token, TENANT, env, content_type)
    }

    /// The same of another tenant.
    pub(crate) fn headers_of(&self, tenant: &str, content_type: &str) -> Result<Vec<(&'static str, String)>> {
        Ok(headers(&token(&self.data_dir, tenant)?, tenant, ENV, content_type))
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// The sum of a metric's series.
    pub(crate) fn metric(&self, name: &str) -> Result<f64> {
        let request = Head::new("GET", "/metrics", self.address, &[]).with_body(b"");
        let mut connection = Connection::open(self.address)?;
        let answer = connection.exchange(&request)?.expect(200)?;
        let of_name = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
        let series = str::from_utf8(answer.body)?.lines().filter(of_name);
        let values = series.filter_map(|line| line.rsplit(' ').next()).map(str::parse::<f64>);
        Ok(values.collect::<Result<Vec<_>, _>>()?.iter().sum())
    }

    /// How many events it says it has kept, durably, since it started.
    pub(crate) fn events_kept(&self) -> Result<u64> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count
        Ok(self.metric("nexus_events_total")? as u64)
    }

    /// Fails unless every event that callers were told of was kept.
    pub(crate) fn ensure_kept(&self, acknowledged: u64) -> Result<()> {
        let kept = self.events_kept()?;
        ensure!(kept >= acknowledged, "{acknowledged} events were acknowledged, and {kept} are counted as kept");
        Ok(())
    }
}

fn headers(token: &str, tenant: &str, env: &str, content_type: &str) -> Vec<(&'static str, String)> {
    vec![
        ("Authorization", format!("Bearer {token}")),
        ("X-Tenant-Id", tenant.to_owned()),
        ("X-Env", env.to_owned()),
        ("Content-Type", content_type.to_owned()),
    ]
}

fn token(data_dir: &Path, tenant: &str) -> Result<String> {
    let mut command = Command::new(BINARY);
    let args = ["token", "--tenant", tenant, "--role", "writer", "--actor", "system", "--on-behalf"];
    let output = configure(&mut command, data_dir).args(args).output()?;
    ensure!(output.status.success(), "nexus token: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Nothing of the caller's own configuration or credentials reaches it.
fn configure<'c>(command: &'c mut Command, data_dir: &Path) -> &'c mut Command {
    for (name, _) in env::vars_os() {
        let shown = name.to_string_lossy();
        if shown.starts_with("NEXUS") || shown.starts_with("AWS_") {
            command.env_remove(&name);
        }
    }
    command
        .stdin(Stdio::null())
        .env("NEXUS_LISTEN", "127.0.0.1:0")
        .env("NEXUS_S3_LISTEN", "127.0.0.1:0")
        .env("NEXUS_DATA_DIR", data_dir)
        .env("NEXUS__LIMITS__ENABLED", "false")
        .env("NEXUS__LOG__FILTER", "warn")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_CONFIG_FILE", "/dev/null")
}
