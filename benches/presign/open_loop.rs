//! An open loop: requests are due at fixed moments, whether or not earlier ones have been answered.
//!
//! Each due request is taken by whichever connection is free; its time runs from the moment it was due, so a wait for a
//! free connection counts as the server's slowness. A thread sleeps up to 60 µs too long, which counts too.

use std::{
    env,
    io::Write,
    process::Stdio,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::{
    support::{
        http::{Connection, Head},
        machine,
    },
    wrk::Load,
};

/// Set in the process that is the load; its value is the order, as JSON. The request comes on standard input.
const ORDER: &str = "NEXUS_BENCH_OPEN_LOOP";

/// What is to be sent.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct OpenLoop {
    /// Requests due per second.
    pub(crate) rate: f64,
    /// The most requests in flight.
    pub(crate) connections: u32,
    /// For how long.
    pub(crate) seconds: Duration,
}

#[derive(Serialize, Deserialize)]
struct Order {
    address: std::net::SocketAddr,
    shape: OpenLoop,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Steady {
    /// Requests answered.
    pub(crate) requests: u64,
    /// Answers per second, until the last one.
    pub(crate) achieved: f64,
    /// Median time from due to answered. Microseconds.
    pub(crate) p50_us: u64,
    /// One in a hundred took longer. Microseconds.
    pub(crate) p99_us: u64,
    /// The slowest. Microseconds.
    pub(crate) max_us: u64,
}

impl OpenLoop {
    /// Runs in a process of its own, bound to `core`.
    pub(crate) fn run(self, load: &Load, core: usize) -> Result<Steady> {
        let order = serde_json::to_string(&Order { address: load.address, shape: self })?;
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
        serde_json::from_slice(&output.stdout).context("the open loop's figures cannot be read")
    }
}

/// Is this process the load? Then it runs, and prints its figures.
pub(crate) fn run_if_asked() -> Option<Result<()>> {
    let order = env::var(ORDER).ok()?;
    Some((|| {
        let Order { address, shape } = serde_json::from_str(&order)?;
        let request = std::io::read_to_string(std::io::stdin())?;
        let connections = (0..shape.connections).map(|_| Connection::open(address)).collect::<Result<Vec<_>>>()?;
        println!("{}", serde_json::to_string(&drive(shape, connections, request.as_bytes())?)?);
        Ok(())
    })())
}

fn drive(shape: OpenLoop, connections: Vec<Connection>, request: &[u8]) -> Result<Steady> {
    let next = AtomicU64::new(0);
    let start = Instant::now();
    let times = thread::scope(|scope| {
        let workers: Vec<_> = connections
            .into_iter()
            .map(|connection| scope.spawn(|| work(shape, connection, request, start, &next)))
            .collect();
        let mut times = Vec::new();
        for worker in workers {
            match worker.join() {
                Ok(part) => times.extend(part?),
                Err(_panic) => bail!("a connection's thread panicked"),
            }
        }
        Ok(times)
    })?;
    summarize(times, start.elapsed())
}

/// One connection: takes the next due request, waits for its moment, sends it, and notes the time since it was due.
fn work(
    shape: OpenLoop,
    mut connection: Connection,
    request: &[u8],
    start: Instant,
    next: &AtomicU64,
) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    loop {
        #[allow(clippy::cast_precision_loss)] // far below 2^52
        let due = Duration::from_secs_f64(next.fetch_add(1, Ordering::Relaxed) as f64 / shape.rate);
        if due >= shape.seconds {
            return Ok(times);
        }
        thread::sleep(due.saturating_sub(start.elapsed()));
        connection.exchange(request)?.expect(201)?;
        times.push(start.elapsed().saturating_sub(due));
    }
}

fn summarize(mut times: Vec<Duration>, elapsed: Duration) -> Result<Steady> {
    times.sort_unstable();
    let micros = |percent: usize| {
        let time = times.get((times.len() * percent / 100).min(times.len().saturating_sub(1)));
        time.and_then(|time| u64::try_from(time.as_micros()).ok()).context("no request was due")
    };
    let requests = u64::try_from(times.len())?;
    #[allow(clippy::cast_precision_loss)] // far below 2^52
    let achieved = requests as f64 / elapsed.as_secs_f64();
    Ok(Steady { requests, achieved, p50_us: micros(50)?, p99_us: micros(99)?, max_us: micros(100)? })
}
