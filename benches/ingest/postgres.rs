//! A PostgreSQL of the run's own: a new cluster in a directory that goes with it, on a free port of the loopback.

use std::{
    env, fmt,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use ::postgres::{Client as Connection, NoTls, Statement};
use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    corpus::Corpus,
    load::Sink,
    support::{machine::Process, nexus, scratch_dir, tool},
};

const START_TIMEOUT: Duration = Duration::from_secs(30);
/// PostgreSQL refuses to run as root.
const USER: &str = "postgres";

/// Durable at commit, as installed; with room in memory and in the log, so that no checkpoint falls into a short run.
const SETTINGS: &[&str] = &[
    "synchronous_commit=on",
    "fsync=on",
    "full_page_writes=on",
    "shared_buffers=512MB",
    "max_wal_size=16GB",
    "checkpoint_timeout=30min",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
];

const TABLE: &str = "
    DROP TABLE IF EXISTS events;
    CREATE TABLE events (
        tenant_id text NOT NULL, env text NOT NULL, event_id uuid NOT NULL,
        trace_id text NOT NULL, request_id text NOT NULL, asset_id text, user_id text NOT NULL,
        surface text NOT NULL, event_type text NOT NULL, outcome text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(), event jsonb NOT NULL,
        PRIMARY KEY (tenant_id, env, event_id));
    CREATE INDEX ON events (tenant_id, env, trace_id);
    CREATE INDEX ON events (tenant_id, env, asset_id);
    CREATE INDEX ON events (tenant_id, env, recorded_at);";

/// With these every filter of `GET /nexus/events` has its index, newest first; the outcome is looked at in passing.
const FURTHER_INDEXES: &str = "
    CREATE INDEX ON events (tenant_id, env, request_id);
    CREATE INDEX ON events (tenant_id, env, user_id, recorded_at);
    CREATE INDEX ON events (tenant_id, env, surface, event_type, recorded_at);";

const INSERT: &str = "
    INSERT INTO events
        (tenant_id, env, outcome, event_id, trace_id, request_id, asset_id, user_id, surface, event_type, event)
    SELECT $1, $2, 'success', row.id, row.trace, row.request, row.asset, row.usr, row.surface, row.type, row.event::jsonb
    FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
        AS row (id, trace, request, asset, usr, surface, type, event)
    ON CONFLICT DO NOTHING";

/// By which fields events are found.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Indexes {
    /// Every field by which Nexus finds them.
    AsNexus,
    /// Event id, trace, asset, time.
    Four,
}

impl fmt::Display for Indexes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AsNexus => "Nexus's fields indexed",
            Self::Four => "four indexes",
        })
    }
}

/// The running server. Dropping it ends it, then removes its data.
pub(crate) struct Postgres {
    port: u16,
    process: Process,
    _dir: TempDir,
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub(crate) fn start() -> Result<Self> {
        let server = tool("NEXUS_BENCH_POSTGRES", "postgres")?.canonicalize()?;
        let dir = scratch_dir()?;
        let owner = Owner::of(dir.path())?;
        let data = dir.path().join("data");
        let initdb = server.with_file_name("initdb");
        let made = owner
            .command(&initdb)
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username", USER, "--pgdata"])
            .arg(&data)
            .output()?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = owner.command(&server);
        command.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        let process = Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
        let postgres = Self { port, process, _dir: dir };
        postgres.wait_until_it_answers()?;
        Ok(postgres)
    }

    fn wait_until_it_answers(&self) -> Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            match self.connect() {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => return Err(error.context("PostgreSQL did not start")),
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// The first of its processes; the others are its children.
    pub(crate) fn pid(&self) -> u32 {
        self.process.0.id()
    }

    fn connect(&self) -> Result<Connection> {
        let address = format!("host=127.0.0.1 port={} user={USER} dbname=postgres", self.port);
        Connection::connect(&address, NoTls).context("cannot connect to PostgreSQL")
    }

    /// An empty table.
    pub(crate) fn create_table(&self, indexes: Indexes) -> Result<()> {
        let mut connection = self.connect()?;
        connection.batch_execute(TABLE)?;
        if matches!(indexes, Indexes::AsNexus) {
            connection.batch_execute(FURTHER_INDEXES)?;
        }
        // What the last run left in memory is written now, and not while this one is measured.
        Ok(connection.batch_execute("CHECKPOINT")?)
    }

    /// The client with this number, which inserts batches of this many events.
    pub(crate) fn client(&self, batch: usize, client: u64) -> Result<Client> {
        let mut connection = self.connect()?;
        let insert = connection.prepare(INSERT)?;
        Ok(Client { connection, insert, batch, corpus: Corpus::of_client(client) })
    }

    /// Fails unless the table holds every event that clients were told of.
    pub(crate) fn ensure_kept(&self, acknowledged: u64) -> Result<()> {
        let kept: i64 = self.connect()?.query_one("SELECT count(*) FROM events", &[])?.get(0);
        ensure!(u64::try_from(kept)? == acknowledged, "{acknowledged} events were acknowledged, and {kept} are there");
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Killing the first process would leave the others writing for a moment, while their files are removed. SIGQUIT
        // is its immediate shutdown (pg_ctl(1)); the standard library only knows SIGKILL; every shell has `kill`.
        let pid = self.process.0.id().to_string();
        let asked = Command::new("sh").args(["-c", "kill -QUIT \"$1\"", "sh", &pid]).status();
        if asked.is_ok_and(|status| status.success()) {
            // It ends by itself; the process's own drop kills it otherwise.
            let _ = self.process.0.wait();
        }
    }
}

/// Who runs it: the package's own user when we are root, otherwise we.
struct Owner {
    is_root: bool,
}

impl Owner {
    /// Gives it `dir`.
    fn of(dir: &Path) -> Result<Self> {
        let id = Command::new("id").arg("-u").output()?;
        let is_root = id.stdout.trim_ascii() == b"0";
        if is_root {
            let given = Command::new("chown").arg(USER).arg(dir).status()?.success();
            ensure!(given, "the user `{USER}` is missing: PostgreSQL does not run as root");
        }
        Ok(Self { is_root })
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = if self.is_root {
            // Unlike su and runuser it becomes the program, so that killing it ends PostgreSQL.
            let mut command = Command::new("setpriv");
            command.args(["--reuid", USER, "--regid", USER, "--init-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).current_dir(PathBuf::from("/"));
        command
    }
}

/// One connection.
pub(crate) struct Client {
    connection: Connection,
    insert: Statement,
    batch: usize,
    corpus: Corpus,
}

/// The events of a batch, by column.
#[derive(Default)]
struct Columns {
    ids: Vec<Uuid>,
    traces: Vec<String>,
    requests: Vec<String>,
    assets: Vec<String>,
    users: Vec<String>,
    surfaces: Vec<&'static str>,
    types: Vec<&'static str>,
    events: Vec<String>,
}

impl Columns {
    fn fill(corpus: &mut Corpus, count: usize) -> Self {
        let mut columns = Self::default();
        for _ in 0..count {
            let event = corpus.next();
            let mut text = String::with_capacity(2048);
            event.write(&mut text);
            columns.events.push(text);
            columns.surfaces.push(event.surface());
            columns.types.push(event.event_type());
            columns.ids.push(event.event_id);
            columns.traces.push(event.trace_id);
            columns.requests.push(event.request_id);
            columns.assets.push(event.asset_id);
            columns.users.push(event.user_id);
        }
        columns
    }
}

impl Sink for Client {
    fn send(&mut self) -> Result<u64> {
        let Columns { ids, traces, requests, assets, users, surfaces, types, events } =
            Columns::fill(&mut self.corpus, self.batch);
        let kept = self.connection.execute(
            &self.insert,
            &[&nexus::TENANT, &nexus::ENV, &ids, &traces, &requests, &assets, &users, &surfaces, &types, &events],
        )?;
        if kept != u64::try_from(self.batch)? {
            bail!("{kept} of {} events were inserted", self.batch);
        }
        Ok(kept)
    }
}
