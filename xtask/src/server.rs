//! A Nexus of the development profile for a step to talk to: the debug binary, free ports, a throw-away data
//! directory.

use std::{
    fs,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{Workspace, output, run};

/// A debug build on a loaded machine, first start: keys, index, bucket.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Twice the default of `server.drain_timeout_ms`.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// A running server. Dropping it kills it and removes its data; [`Server::stop`] does so politely and looks.
pub(crate) struct Server {
    binary: PathBuf,
    data_dir: PathBuf,
    listen: String,
    process: Child,
}

impl Server {
    /// Builds the binary, starts it and waits until `/healthz` answers.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        let binary = workspace.nexus()?;
        let data_dir = workspace.bin_dir.join(format!("xtask-server-{}", std::process::id()));
        fs::create_dir_all(&data_dir).with_context(|| format!("cannot create {}", data_dir.display()))?;
        let [listen, s3_listen] = free_addresses().context("no free port")?;
        let process = Command::new(&binary)
            .env("NEXUS_LISTEN", &listen)
            .env("NEXUS_S3_LISTEN", s3_listen)
            .env("NEXUS_DATA_DIR", &data_dir)
            // The checks send as fast as they can, and a 429 would hide what they look for.
            .env("NEXUS__LIMITS__ENABLED", "false")
            .env("NEXUS__LOG__FILTER", "warn")
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut server = Self { binary, data_dir, listen, process };
        server.wait_until_healthy()?;
        Ok(server)
    }

    /// `http://<address>` of the API.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// A token of the development key, for tenant `t_demo` and every role.
    pub(crate) fn token(&self) -> Result<String> {
        let mut command = Command::new(&self.binary);
        command.args(["token", "--tenant", "t_demo", "--role", "owner"]).env("NEXUS_DATA_DIR", &self.data_dir);
        Ok(output(&mut command)?.trim().to_owned())
    }

    /// SIGTERM; anything but exit 0 within the drain time is an error.
    pub(crate) fn stop(mut self) -> Result<()> {
        // The standard library only knows SIGKILL; every shell has `kill` built in.
        run(Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &self.process.id().to_string()]))?;
        let deadline = Instant::now() + STOP_TIMEOUT;
        while Instant::now() < deadline {
            if let Some(status) = self.exited()? {
                ensure!(status.success(), "the server ended with {status} after SIGTERM");
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("the server did not end within {STOP_TIMEOUT:?} of SIGTERM")
    }

    fn wait_until_healthy(&mut self) -> Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        while Instant::now() < deadline {
            if let Some(status) = self.exited()? {
                bail!("the server ended with {status} instead of starting");
            }
            // Refused connections are what waiting looks like.
            if healthz_status(&self.listen).is_ok_and(|line| line.starts_with("HTTP/1.1 200")) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("no healthy answer from the server within {START_TIMEOUT:?}")
    }

    fn exited(&mut self) -> Result<Option<ExitStatus>> {
        self.process.try_wait().context("cannot look after the server")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` it has ended already; then both calls find nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Err(error) = fs::remove_dir_all(&self.data_dir) {
            eprintln!("cannot remove {}: {error}", self.data_dir.display());
        }
    }
}

/// Addresses that nobody listens on now; all are held until all are chosen, so they differ.
fn free_addresses<const N: usize>() -> io::Result<[String; N]> {
    let listeners = (0..N).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<io::Result<Vec<_>>>()?;
    let mut addresses = std::array::from_fn(|_| String::new());
    for (address, listener) in addresses.iter_mut().zip(&listeners) {
        *address = listener.local_addr()?.to_string();
    }
    Ok(addresses)
}

/// The answer to `GET /healthz`, status line first.
fn healthz_status(address: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
