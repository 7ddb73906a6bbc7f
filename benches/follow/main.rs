//! How fast the copy catches up, and what a million events behind cost in memory.
//!
//! For each backend: its emulator is frozen (SIGSTOP) while events of about 1 KiB are posted, all to one log, so one batch is under way at
//! a time; then it goes on, and events copied per second are counted. Beside it, Google's own Python client writes the same columns to the
//! same emulator in a plain loop, one event a call. An emulator is no BigQuery: the figures tell what the follower costs and what batches
//! save, not what Google takes.
//!
//! Memory is the most that the server had resident while it took the events, beside a server without a backend that took as many.
//!
//! `NEXUS_BENCH_FOLLOW_EVENTS` is how many events behind it gets, else 1,000,000: about 1.5 GB of disk. Run by `cargo xtask bench --bench
//! follow`; the other variables are in `support`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

#[allow(dead_code)]
#[path = "../ingest/corpus.rs"]
mod corpus;
mod emulator;
#[path = "../support/mod.rs"]
mod support;

use std::{
    env,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use self::{
    corpus::Corpus,
    emulator::{Backend, Emulator},
    support::{
        http::{Connection, Head},
        machine::{self, PeakMemory},
        measured_for,
        nexus::{Nexus, Setup},
        report::{Report, count, mebibytes},
    },
};

const EVENTS: u64 = 1_000_000;
const CLIENTS: u64 = 4;
const BATCH: u64 = 1000;
/// How much more memory being behind may cost, whatever the lag is: the batches under way and read ahead.
const MOST_MORE: u64 = 64 << 20;
/// Least share of the peer's rate.
const LEAST_SHARE: f64 = 5.0;
/// The first batches after a freeze open connections again.
const WARM_UP: Duration = Duration::from_secs(2);
/// An emulator that copies nothing for so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    support::main("follow", bench)
}

fn bench() -> Result<Report> {
    let quietness = machine::quietness()?;
    let events = match env::var("NEXUS_BENCH_FOLLOW_EVENTS") {
        Ok(text) => text.parse().with_context(|| format!("NEXUS_BENCH_FOLLOW_EVENTS={text}: expected a number"))?,
        Err(_) => EVENTS,
    };
    let seconds = measured_for()?;
    let mut report = Report::new(format!(
        "follow: one log, {} events behind, {} bytes each on average, {:.1} s a figure",
        count(events as f64),
        corpus::mean_bytes(),
        seconds.as_secs_f64()
    ));
    let alone = taken(&Nexus::start(None)?, events)?;
    report.figure("no backend, most resident memory", mebibytes(alone));
    for backend in [Backend::Firestore, Backend::BigQuery] {
        if let Err(error) = beside(&mut report, backend, events, alone, seconds) {
            report.goal(backend.name(), "not run", "", false);
            report.note(format!("{}: {error:#}", backend.name()));
        }
    }
    report.note(quietness);
    Ok(report)
}

/// The figures of one backend.
fn beside(report: &mut Report, backend: Backend, events: u64, alone: u64, seconds: Duration) -> Result<()> {
    let emulator = Emulator::start(backend)?;
    let nexus = Setup::default().variables(emulator.settings()).start()?;
    // Connected, the table made, the first rows taken.
    post(&nexus, 0, 1)?;
    until(&nexus, |lag| lag == 0.0)?;
    emulator.signal("STOP")?;
    let behind = taken(&nexus, events)?;
    emulator.signal("CONT")?;
    let rate = followed(&nexus, seconds)?;
    drop(nexus);
    let peer = emulator.peer(seconds)?;
    let name = backend.name();
    println!("  {name}: {}/s, {} resident; single writes: {}/s", count(rate), mebibytes(behind), count(peer));
    let more = behind.saturating_sub(alone);
    let goal = format!("at most {} beyond no backend", mebibytes(MOST_MORE));
    report.goal(format!("{name}, most resident memory"), mebibytes(behind), &goal, more <= MOST_MORE);
    report.figure(format!("{name}, copied"), format!("{} events/s", count(rate)));
    report.figure(format!("{name}, Google's Python client, one a call"), format!("{} events/s", count(peer)));
    let share = rate / peer;
    let goal = format!("at least {LEAST_SHARE}");
    report.goal("  nexus / client", format!("{share:.1}"), &goal, share >= LEAST_SHARE);
    Ok(())
}

/// Lets the server take so many events, and answers the most memory it had resident meanwhile. Bytes.
fn taken(nexus: &Nexus, events: u64) -> Result<u64> {
    let memory = PeakMemory::begin(nexus.pid())?;
    thread::scope(|scope| {
        let clients: Vec<_> =
            (0..CLIENTS).map(|client| scope.spawn(move || post(nexus, client + 1, events / CLIENTS / BATCH))).collect();
        clients.into_iter().try_for_each(|client| client.join().unwrap_or_else(|_| anyhow::bail!("a client panicked")))
    })?;
    memory.bytes()
}

/// Posts batches, one after the other.
fn post(nexus: &Nexus, client: u64, batches: u64) -> Result<()> {
    let head = Head::new("POST", "/nexus/events", nexus.address, &nexus.headers("application/x-ndjson"));
    let (mut connection, mut corpus, mut body) =
        (Connection::open(nexus.address)?, Corpus::of_client(client), String::new());
    for _ in 0..batches {
        body.clear();
        for _ in 0..BATCH {
            corpus.next().write(&mut body);
            body.push('\n');
        }
        connection.exchange(&head.with_body(body.as_bytes()))?.expect(200)?;
    }
    Ok(())
}

/// Events copied per second once the emulator goes on.
fn followed(nexus: &Nexus, seconds: Duration) -> Result<f64> {
    let behind = lag(nexus)?;
    until(nexus, |lag| lag < behind)?;
    thread::sleep(WARM_UP);
    let (start, from) = (Instant::now(), copied(nexus)?);
    while start.elapsed() < seconds && lag(nexus)? > 0.0 {
        thread::sleep(Duration::from_millis(50));
    }
    let rate = (copied(nexus)? - from) / start.elapsed().as_secs_f64();
    ensure!(rate > 0.0, "nothing was copied, or everything before it was looked at: more events are needed");
    Ok(rate)
}

fn until(nexus: &Nexus, reached: impl Fn(f64) -> bool) -> Result<()> {
    let start = Instant::now();
    while !reached(lag(nexus)?) {
        ensure!(start.elapsed() < PATIENCE, "nothing was copied for {} s", PATIENCE.as_secs());
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn lag(nexus: &Nexus) -> Result<f64> {
    nexus.metric("nexus_follower_lag_events")
}

fn copied(nexus: &Nexus) -> Result<f64> {
    nexus.metric("nexus_follower_events_total")
}
