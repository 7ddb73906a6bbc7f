//! The FastAPI service of `bench/peers/`, one uvicorn worker.

use std::{
    env,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    support::{
        machine::{self, Process},
        scratch_dir, tool,
    },
    wrk::{Load, Peak, Wrk},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/bench/peers/fastapi_presign.py");
/// Importing boto3 takes a second, more on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Starts it on `core`, and finds its peak.
pub(crate) fn measure(wrk: &Wrk, core: usize, load: &Load, connections: u32, seconds: Duration) -> Result<Peak> {
    let python = tool("NEXUS_TEST_PYTHON", "python3")?;
    let data_dir = scratch_dir()?;
    let address = free_address()?;
    let mut command = machine::on_core(core, &python);
    command.arg(SCRIPT).args(["--port", &address.port().to_string(), "--data-dir"]).arg(data_dir.path());
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    let mut process = Process::start(&mut command)?;
    wait_until_it_listens(&mut process, &python, address)?;
    let load = Load { address, ..load.clone() };
    wrk.run_against(process.0.id(), &load, connections, seconds / 4).context("warming it up")?;
    wrk.run_against(process.0.id(), &load, connections, seconds)
}

fn wait_until_it_listens(process: &mut Process, python: &Path, address: SocketAddr) -> Result<()> {
    let deadline = Instant::now() + START_TIMEOUT;
    while Instant::now() < deadline {
        if let Some(status) = process.0.try_wait()? {
            bail!(
                "{} ended with {status}: it needs the packages of xtask/requirements.txt (NEXUS_TEST_PYTHON)",
                python.display()
            );
        }
        if TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(50));
    }
    bail!("it did not listen within {START_TIMEOUT:?}")
}

/// Uvicorn does not tell which port it chose, so one is chosen for it.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
