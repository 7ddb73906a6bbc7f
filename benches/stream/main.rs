//! Server-sent events to 500 subscribers of one tenant: what they get in a second, how long an event is on its way, and what
//! they cost whoever appends.
//!
//! Four parts, one server, all cores for it and its clients. Beside each part a probe posts single events, 100 a second, in an
//! environment that nobody follows; its time runs from the moment at which a post was due until it is answered, durable:
//!
//! 1. nobody follows;
//! 2. 500 follow, and nothing comes to them;
//! 3. 500 follow, and 20 events a second come, each alone: 10,000 deliveries a second;
//! 4. 500 follow, and events come in batches of 100 as fast as they are delivered.
//!
//! Events are about 1 KiB. Every subscriber must get every event once and in order, else there are no figures. A delivery's time runs
//! from the moment at which its event was posted.
//!
//! Run by `cargo xtask bench --bench stream`; the variables are in `support`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod posts;
mod subscribers;
#[path = "../support/mod.rs"]
mod support;

use std::{
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::json;

use self::{
    posts::Posts,
    subscribers::Subscribers,
    support::{
        http::Head,
        machine::{self, PeakMemory, processor_time},
        measured_for,
        nexus::Nexus,
        pace::{Pace, Paced, percentile},
        report::{Report, count, mebibytes, milliseconds},
    },
};

const SUBSCRIBERS: u64 = 500;
/// Events of the third part. Per second.
const STEADY: f64 = 20.0;
/// Events in a batch of the fourth part.
const BATCH: usize = 100;
/// Batches of it that not everybody has yet, at most.
const UNDER_WAY: u64 = 2;
/// The probe's posts. Per second.
const PROBE: f64 = 100.0;
/// Where the probe posts.
const PROBE_ENV: &str = "staging";

/// How much an append's p99 may grow beside the subscribers of the third part.
const MOST_GROWTH: f64 = 2.0;
const MAX_DELIVERY_P99: Duration = Duration::from_millis(100);
/// Deliveries a second of the fourth part.
const MIN_DELIVERED: f64 = 50_000.0;

fn main() -> ExitCode {
    support::main("stream", bench)
}

fn bench() -> Result<Report> {
    let quietness = machine::quietness()?;
    let seconds = measured_for()?;
    let nexus = Nexus::start(None)?;
    let mut report = Report::new(format!(
        "stream: {SUBSCRIBERS} subscribers, {} cores for all, {:.0} s a part",
        machine::cores()?.len(),
        seconds.as_secs_f64()
    ));
    probe(&nexus, seconds / 5)?;
    let (alone, ()) = beside(&nexus, seconds, || Ok(()))?;
    tell_probe(&mut report, "nobody follows", &alone);

    let memory = PeakMemory::begin(nexus.pid())?;
    let before = memory.bytes()?;
    let subscribers = Subscribers::open(&nexus, SUBSCRIBERS)?;
    let (idle, ()) = beside(&nexus, seconds, || Ok(()))?;
    tell_probe(&mut report, "500 follow, nothing comes", &idle);
    let kept = memory.bytes()?.saturating_sub(before);
    report.figure("  memory for them, at most", mebibytes(kept));

    let mut posts = Posts::open(&nexus, subscribers.shared.clone())?;
    let (steady, figure) =
        beside(&nexus, seconds, || delivered(&nexus, &subscribers, || posts.post_at(STEADY, seconds)))?;
    tell_probe(&mut report, "500 follow, 20 events a second", &steady);
    figure.tell(&mut report);
    let goal = format!("under {MAX_DELIVERY_P99:?}");
    let met = Duration::from_micros(figure.p99_us) < MAX_DELIVERY_P99;
    report.goal("  delivery p99", milliseconds(figure.p99_us), &goal, met);
    #[allow(clippy::cast_precision_loss)] // far below 2^52
    let growth = steady.p99_us as f64 / alone.p99_us as f64;
    report.goal(
        "  append p99, to that while nobody follows",
        format!("{growth:.2}"),
        &format!("at most {MOST_GROWTH}"),
        growth <= MOST_GROWTH,
    );

    let (full, figure) = beside(&nexus, seconds, || {
        delivered(&nexus, &subscribers, || as_fast_as_delivered(&mut posts, &subscribers, seconds))
    })?;
    tell_probe(&mut report, "500 follow, as fast as delivered", &full);
    figure.tell(&mut report);
    report.figure("  delivery p99", milliseconds(figure.p99_us));
    let goal = format!("at least {}", count(MIN_DELIVERED));
    report.goal("  deliveries a second", count(figure.rate), &goal, figure.rate >= MIN_DELIVERED);
    report.note(quietness);
    Ok(report)
}

/// Does something while the probe runs; both are over when this returns.
fn beside<T>(nexus: &Nexus, seconds: Duration, work: impl FnOnce() -> Result<T>) -> Result<(Paced, T)> {
    thread::scope(|scope| {
        let probe = scope.spawn(|| probe(nexus, seconds));
        let done = work()?;
        match probe.join() {
            Ok(paced) => Ok((paced?, done)),
            Err(_panic) => bail!("the probe panicked"),
        }
    })
}

fn probe(nexus: &Nexus, seconds: Duration) -> Result<Paced> {
    let event =
        json!({ "surface": "media", "event_type": "media_ingested", "input": { "media_type": "video", "bytes": 5 } });
    let headers = nexus.headers_in(PROBE_ENV, "application/json");
    let request = Head::new("POST", "/nexus/events", nexus.address, &headers).with_body(event.to_string().as_bytes());
    Pace { rate: PROBE, connections: 4, seconds }.drive(nexus.address, &request, 201)
}

fn tell_probe(report: &mut Report, part: &str, probe: &Paced) {
    let Paced { p50_us, p99_us, max_us, .. } = probe;
    let [p50, p99, max] = [p50_us, p99_us, max_us].map(|micros| milliseconds(*micros));
    report.figure(format!("{part}: append"), format!("p50 {p50}, p99 {p99}, slowest {max}"));
}

/// What came to the subscribers.
struct Delivered {
    /// Per second.
    rate: f64,
    p50_us: u64,
    p99_us: u64,
    /// Processor time of the server for one delivery, the probe's and the appends' included. Microseconds.
    server_us: f64,
}

impl Delivered {
    fn tell(&self, report: &mut Report) {
        report.figure("  delivered", format!("{}/s, {:.1} µs of processor each", count(self.rate), self.server_us));
        report.figure("  delivery p50", milliseconds(self.p50_us));
    }
}

fn delivered(nexus: &Nexus, subscribers: &Subscribers, post: impl FnOnce() -> Result<()>) -> Result<Delivered> {
    let (before, taken, began) = (subscribers.delivered(), processor_time(nexus.pid())?, Instant::now());
    subscribers.take_times();
    post()?;
    subscribers.wait_for_all_but(0)?;
    let elapsed = began.elapsed();
    let taken = processor_time(nexus.pid())? - taken;
    let times = subscribers.take_times();
    #[allow(clippy::cast_precision_loss)] // far below 2^52
    let delivered = (subscribers.delivered() - before) as f64;
    let at = |percent| percentile(&times, percent).map(u64::from).context("nothing was delivered");
    Ok(Delivered {
        rate: delivered / elapsed.as_secs_f64(),
        p50_us: at(50)?,
        p99_us: at(99)?,
        server_us: taken.as_secs_f64() * 1e6 / delivered,
    })
}

fn as_fast_as_delivered(posts: &mut Posts, subscribers: &Subscribers, seconds: Duration) -> Result<()> {
    let end = Instant::now() + seconds;
    while Instant::now() < end {
        subscribers.wait_for_all_but(UNDER_WAY * BATCH as u64)?;
        posts.post(BATCH)?;
    }
    Ok(())
}
