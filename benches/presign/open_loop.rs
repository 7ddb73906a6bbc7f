//! The open loop in a process of its own, bound to a core.

use std::{env, io::Write, process::Stdio};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::{
    support::{
        http::Head,
        machine,
        pace::{Pace, Paced},
    },
    wrk::Load,
};

/// Set in the process that is the load; its value is the order, as JSON. The request comes on standard input.
const ORDER: &str = "NEXUS_BENCH_OPEN_LOOP";

#[derive(Serialize, Deserialize)]
struct Order {
    address: std::net::SocketAddr,
    pace: Pace,
}

/// Runs in a process of its own, bound to `core`.
pub(crate) fn run(pace: Pace, load: &Load, core: usize) -> Result<Paced> {
    let order = serde_json::to_string(&Order { address: load.address, pace })?;
    let request = Head::new("POST", load.path, load.address, &load.headers).with_body(load.body.as_bytes());
    let mut child = machine::on_core(core, &env::current_exe()?)
        .env(ORDER, order)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the open loop")?;
    child.stdin.take().context("the open loop cannot be told what to send")?.write_all(&request)?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "the open loop failed; why is above");
    let paced: Paced = serde_json::from_slice(&output.stdout).context("the open loop's figures cannot be read")?;
    ensure!(paced.limited == 0, "{} requests were refused for their number", paced.limited);
    Ok(paced)
}

/// Is this process the load? Then it runs, and prints its figures.
pub(crate) fn run_if_asked() -> Option<Result<()>> {
    let order = env::var(ORDER).ok()?;
    Some((|| {
        let Order { address, pace } = serde_json::from_str(&order)?;
        let request = std::io::read_to_string(std::io::stdin())?;
        println!("{}", serde_json::to_string(&pace.drive(address, request.as_bytes(), 201)?)?);
        Ok(())
    })())
}
