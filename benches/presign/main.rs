//! How many presigned uploads a second Nexus hands out, each with its event on disk first, and what that takes.
//!
//! In one run, on one core, with the load on another:
//! * Nexus: the release binary in the development profile, limits off, `wrk` in a closed loop for the peak;
//! * a bare axum route that answers the same bytes: what the framework alone would do;
//! * FastAPI with boto3 and one durable SQLite row per request (`bench/peers/`): what Nexus replaces.
//!
//! A closed loop waits for a slow answer before it asks again, and so hides slowness ("coordinated omission"). The
//! latency at 70 % of the peak is therefore measured by an open loop: requests are due at fixed moments, and the time
//! runs from the moment at which a request was due.
//!
//! Run by `cargo xtask bench --bench presign`; the variables are in `support`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bare;
mod open_loop;
mod peer;
#[path = "../support/mod.rs"]
mod support;
mod wrk;

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, Result};

use self::{
    bare::Bare,
    support::{
        http::{Connection, Head},
        machine::{self, PeakMemory},
        measured_for,
        nexus::Nexus,
        pace::{Pace, Paced},
        report::{Report, count, mebibytes, milliseconds},
    },
    wrk::{Load, Peak, Wrk},
};

const PATH: &str = "/nexus/raw/presign-upload";
/// What an upload widget sends.
const BODY: &str = r#"{"filename":"quarterly report 2026.pdf","content_type":"application/pdf","size_bytes":482113,"metadata":{"folder":"reports"}}"#;

/// Of these the count with the highest throughput is taken. Connections.
const CONNECTIONS: [u32; 4] = [16, 32, 64, 128];
/// Nexus and the bare route take turns, and the median turn counts, so that a disturbance hits neither alone.
const TURNS: u32 = 3;
/// The share of the peak at which latency is judged.
const STEADY_SHARE: f64 = 0.7;

const MIN_SHARE_OF_BARE: f64 = 0.5;
const MAX_STEADY_P99: Duration = Duration::from_millis(5);
const MAX_RESIDENT_BYTES: u64 = 64 << 20;
const MIN_TIMES_PEER: f64 = 12.0;

fn main() -> ExitCode {
    // The bench starts itself again, bound to a core, as the bare server and as the open loop.
    match bare::run_if_asked().or_else(open_loop::run_if_asked) {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            eprintln!("presign: {error:#}");
            ExitCode::FAILURE
        }
        None => support::main("presign", bench),
    }
}

fn bench() -> Result<Report> {
    let quietness = machine::quietness()?;
    let cores = machine::cores()?;
    let [server_core, load_core, ..] = cores[..] else {
        anyhow::bail!("one core for the server and one for the load are needed, and only {cores:?} may be used here");
    };
    let wrk = Wrk::find(load_core)?;
    let seconds = measured_for()?;
    let nexus = Nexus::start(Some(server_core))?;
    let load = Load { address: nexus.address, path: PATH, body: BODY, headers: nexus.headers("application/json") };
    let sample = sample(&load)?;
    let bare = Bare::start(server_core, &sample)?;

    let connections = best_connections(&wrk, &nexus, &load, seconds)?;
    let peaks = take_turns(&wrk, &nexus, &load, &bare, connections, seconds)?;
    let steady = steady(&nexus, &load, peaks.nexus.rate() * STEADY_SHARE, connections, load_core, seconds)?;
    drop(bare);
    drop(nexus);
    let peer = peer::measure(&wrk, server_core, &load, connections, seconds);

    let mut report = Report::new(format!(
        "presign: server on core {server_core}, load on core {load_core}, {connections} connections, about {:.0} s a figure",
        seconds.as_secs_f64()
    ));
    peaks.tell(&mut report);
    steady.tell(&mut report);
    tell_peer(&mut report, &peaks.nexus, peer);
    report.note(quietness);
    Ok(report)
}

/// One answer of Nexus, for the bare route to repeat.
fn sample(load: &Load) -> Result<Vec<u8>> {
    let request = Head::new("POST", load.path, load.address, &load.headers).with_body(load.body.as_bytes());
    Ok(Connection::open(load.address)?.exchange(&request)?.expect(201)?.body.to_vec())
}

fn best_connections(wrk: &Wrk, nexus: &Nexus, load: &Load, seconds: Duration) -> Result<u32> {
    let mut best = (0.0, CONNECTIONS[0]);
    for connections in CONNECTIONS {
        let rate = wrk.run_against(nexus.pid(), load, connections, seconds / 4)?.rate();
        println!("  {connections:>3} connections: {}/s", count(rate));
        if rate > best.0 {
            best = (rate, connections);
        }
    }
    Ok(best.1)
}

/// The median turns, and the memory while they ran.
struct Peaks {
    nexus: Peak,
    bare: Peak,
    resident: u64,
}

fn take_turns(
    wrk: &Wrk,
    nexus: &Nexus,
    load: &Load,
    bare: &Bare,
    connections: u32,
    seconds: Duration,
) -> Result<Peaks> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let memory = PeakMemory::begin(nexus.pid())?;
    for turn in 1..=TURNS {
        let kept_before = nexus.events_kept()?;
        let bare = wrk.run_against(bare.pid(), &bare.load(load), connections, seconds / TURNS)?;
        let peak = wrk.run_against(nexus.pid(), load, connections, seconds / TURNS)?;
        nexus.ensure_kept(kept_before + peak.requests)?;
        println!("  turn {turn}: nexus {}/s, bare axum {}/s", count(peak.rate()), count(bare.rate()));
        ours.push(peak);
        theirs.push(bare);
    }
    Ok(Peaks { nexus: median(ours)?, bare: median(theirs)?, resident: memory.bytes()? })
}

fn median(mut peaks: Vec<Peak>) -> Result<Peak> {
    peaks.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
    let middle = peaks.len() / 2;
    peaks.into_iter().nth(middle).context("no turn was taken")
}

impl Peaks {
    fn tell(&self, report: &mut Report) {
        let share = self.nexus.rate() / self.bare.rate();
        report.figure("nexus, peak", format!("{}/s", count(self.nexus.rate())));
        report.figure("  processor time a request", microseconds(self.nexus.server_us()));
        report.figure("  p50 at the peak", milliseconds(self.nexus.p50_us));
        report.figure("  p99 at the peak", milliseconds(self.nexus.p99_us));
        report.figure("  most resident memory at the peak", mebibytes(self.resident));
        report.figure("bare axum, same bytes", format!("{}/s", count(self.bare.rate())));
        report.figure("  processor time a request", microseconds(self.bare.server_us()));
        let goal = format!("at least {MIN_SHARE_OF_BARE}");
        report.goal("nexus / bare axum", format!("{share:.2}"), &goal, share >= MIN_SHARE_OF_BARE);
        let share = self.bare.server_us() / self.nexus.server_us();
        report.figure("  the same by processor time", format!("{share:.2}"));
    }
}

/// The open loop's figures, and the memory while it ran.
struct SteadyRun {
    wanted: f64,
    steady: Paced,
    resident: u64,
}

fn steady(
    nexus: &Nexus,
    load: &Load,
    rate: f64,
    connections: u32,
    core: usize,
    seconds: Duration,
) -> Result<SteadyRun> {
    println!("  open loop at {}/s", count(rate));
    let kept_before = nexus.events_kept()?;
    let memory = PeakMemory::begin(nexus.pid())?;
    let steady = open_loop::run(Pace { rate, connections, seconds }, load, core)?;
    let resident = memory.bytes()?;
    nexus.ensure_kept(kept_before + steady.requests)?;
    Ok(SteadyRun { wanted: rate, steady, resident })
}

impl SteadyRun {
    fn tell(&self, report: &mut Report) {
        let Paced { p50_us, p99_us, max_us, achieved, .. } = self.steady;
        let at = format!("{:.0} % of the peak", STEADY_SHARE * 100.0);
        report.figure(format!("nexus at {at}"), format!("{} of {}/s", count(achieved), count(self.wanted)));
        report.figure("  p50, open loop", milliseconds(p50_us));
        let met = Duration::from_micros(p99_us) < MAX_STEADY_P99;
        report.goal("  p99, open loop", milliseconds(p99_us), &format!("under {MAX_STEADY_P99:?}"), met);
        report.figure("  slowest", milliseconds(max_us));
        let goal = format!("under {}", mebibytes(MAX_RESIDENT_BYTES));
        report.goal("  most resident memory", mebibytes(self.resident), &goal, self.resident < MAX_RESIDENT_BYTES);
    }
}

fn tell_peer(report: &mut Report, nexus: &Peak, peer: Result<Peak>) {
    let goal = format!("at least {MIN_TIMES_PEER}");
    match peer {
        Ok(peer) => {
            let times = nexus.rate() / peer.rate();
            report.figure("FastAPI + boto3 + SQLite row", format!("{}/s", count(peer.rate())));
            report.figure("  processor time a request", microseconds(peer.server_us()));
            report.figure("  p99 at its peak", milliseconds(peer.p99_us));
            report.goal("nexus / FastAPI", format!("{times:.1}"), &goal, times >= MIN_TIMES_PEER);
            let times = peer.server_us() / nexus.server_us();
            report.figure("  the same by processor time", format!("{times:.1}"));
        }
        Err(error) => {
            report.goal("nexus / FastAPI", "not run", &goal, false);
            report.note(format!("FastAPI: {error:#}"));
        }
    }
}

fn microseconds(micros: f64) -> String {
    format!("{micros:.1} µs")
}
