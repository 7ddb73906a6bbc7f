//! Durable events per second through `POST /nexus/events`, beside PostgreSQL keeping the same events.
//!
//! Both take events of about 1 KiB (chat, budget, media; most hold personal data) in batches of 1, 100 and 1,000 from
//! 16 clients, over loopback TCP, on the same disk, with all cores for server and clients together; both answer when
//! the batch is on disk. Each figure begins with an empty store.
//!
//! * Nexus checks the token, validates, redacts, hashes into the Merkle tree, and indexes; the event ids are the
//!   callers', so every event is also checked for being a repeat.
//! * PostgreSQL has `synchronous_commit = on` and keeps the event as jsonb beside the columns that Nexus finds events
//!   by. It is measured with an index for each of Nexus's filters, which the goals are about, and with four only.
//!
//! Run by `cargo xtask bench --bench ingest`; the variables are in `support`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod corpus;
mod load;
mod nexus_client;
mod postgres;
#[path = "../support/mod.rs"]
mod support;

use std::{process::ExitCode, time::Duration};

use anyhow::Result;

use self::{
    load::Run,
    nexus_client::Form,
    postgres::{Indexes, Postgres},
    support::{
        machine::{self, PeakMemory},
        measured_for,
        nexus::Nexus,
        report::{Report, count, mebibytes},
    },
};

/// Connections that post or insert at once.
const CLIENTS: u64 = 16;

/// Events in a batch, and the least share of PostgreSQL's throughput at it.
const GOALS: [(usize, f64); 3] = [(1, 1.0), (100, 1.0), (1000, 0.8)];
const MAX_RESIDENT_BYTES: u64 = 256 << 20;

fn main() -> ExitCode {
    support::main("ingest", bench)
}

fn bench() -> Result<Report> {
    let quietness = machine::quietness()?;
    let cores = machine::cores()?.len();
    let seconds = measured_for()?;
    let mut report = Report::new(format!(
        "ingest: {CLIENTS} clients, {cores} cores for all, events of {} bytes on average, {:.1} s a figure",
        corpus::mean_bytes(),
        seconds.as_secs_f64()
    ));
    let mut resident = 0;
    let mut ours = Vec::new();
    for (batch, _) in GOALS {
        ours.push(nexus(&mut report, if batch == 1 { Form::One } else { Form::Batch(batch) }, seconds, &mut resident)?);
    }
    nexus(&mut report, Form::Lines(1000), seconds, &mut resident)?;
    let goal = format!("under {}", mebibytes(MAX_RESIDENT_BYTES));
    report.goal("nexus, most resident memory", mebibytes(resident), &goal, resident < MAX_RESIDENT_BYTES);
    if let Err(error) = peer(&mut report, &ours, seconds) {
        report.goal("PostgreSQL", "not run", "nexus at least as fast", false);
        report.note(format!("PostgreSQL: {error:#}"));
    }
    report.note(quietness);
    Ok(report)
}

/// One figure of Nexus: events per second.
fn nexus(report: &mut Report, form: Form, seconds: Duration, resident: &mut u64) -> Result<f64> {
    let nexus = Nexus::start(None)?;
    let clients =
        (0..CLIENTS).map(|client| nexus_client::Client::open(&nexus, form, client)).collect::<Result<Vec<_>>>()?;
    let memory = PeakMemory::begin(nexus.pid())?;
    let run = load::drive(clients, nexus.pid(), seconds)?;
    *resident = memory.bytes()?.max(*resident);
    nexus.ensure_kept(run.events)?;
    println!("  nexus, {form}: {}/s", count(run.rate));
    report.figure(format!("nexus, {form}"), told(&run));
    Ok(run.rate)
}

fn peer(report: &mut Report, ours: &[f64], seconds: Duration) -> Result<()> {
    let postgres = Postgres::start()?;
    for indexes in [Indexes::AsNexus, Indexes::Four] {
        for (&(batch, least), &ours) in GOALS.iter().zip(ours) {
            postgres.create_table(indexes)?;
            let clients = (0..CLIENTS).map(|client| postgres.client(batch, client)).collect::<Result<Vec<_>>>()?;
            let run = load::drive(clients, postgres.pid(), seconds)?;
            postgres.ensure_kept(run.events)?;
            println!("  PostgreSQL, {indexes}, batches of {batch}: {}/s", count(run.rate));
            let (figure, share) = (format!("PostgreSQL, {indexes}, batches of {batch}"), ours / run.rate);
            report.figure(figure, told(&run));
            let (figure, share_text) = ("  nexus / PostgreSQL", format!("{share:.2}"));
            match indexes {
                Indexes::AsNexus => report.goal(figure, share_text, &format!("at least {least}"), share >= least),
                Indexes::Four => report.figure(figure, share_text),
            }
        }
    }
    Ok(())
}

fn told(run: &Run) -> String {
    format!("{} events/s, {:.1} µs of processor each", count(run.rate), run.server_us)
}
