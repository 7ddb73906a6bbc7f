//! What a dashboard costs, beside a history a thousand times as long.
//!
//! Three data directories, of 10 thousand, 1 million and 10 million events of one tenant, spread over 30 days: the second shows how much of the
//! growth is of the rows that an hour can have, which few events do not fill, and how much of the history. They are filled through the ledger's
//! crate, with the read-models folding beside; then the release binary serves each, and every section is asked for over one kept
//! connection, for the longest window. Each request also leaves its own event, on disk before the answer.
//!
//! The figures are time on the wall (p50, p99) and processor time of the server for one request; the latter hardly depends on what else
//! the machine does, so the goal is about it.
//!
//! `NEXUS_BENCH_DASHBOARD_EVENTS` is the larger history, else 10 million: about 7 GB of disk and some minutes. With
//! `NEXUS_BENCH_DASHBOARD_DIR` the histories are made there and kept, and taken up by the next run. Run by
//! `cargo xtask bench --bench dashboard`; the other variables are in `support`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod history;
#[path = "../support/mod.rs"]
mod support;

use std::{
    env,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use self::support::{
    http::{Connection, Head},
    machine::{self, processor_time},
    measured_for,
    nexus::{Nexus, Setup},
    report::{Report, count},
    scratch_dir,
};

const SECTIONS: [&str; 10] =
    ["", "/activity", "/storage", "/budget", "/kpi", "/temperature", "/controls", "/errors", "/privacy", "/ledger"];
/// Names the directory in which the histories are kept for the next run.
const KEPT: &str = "NEXUS_BENCH_DASHBOARD_DIR";
const SMALL: u64 = 10_000;
const MIDDLE: u64 = 1_000_000;
const LARGE: u64 = 10_000_000;
/// How much more processor time a request may take beside the longer history.
const MOST_GROWTH: f64 = 1.5;

fn main() -> ExitCode {
    support::main("dashboard", bench)
}

/// One section beside one history.
struct Figure {
    p50: Duration,
    p99: Duration,
    processor: Duration,
}

fn bench() -> Result<Report> {
    let quietness = machine::quietness()?;
    let cores = machine::cores()?.len();
    let large = match env::var("NEXUS_BENCH_DASHBOARD_EVENTS") {
        Ok(text) => text.parse().with_context(|| format!("NEXUS_BENCH_DASHBOARD_EVENTS={text}: expected a number"))?,
        Err(_) => LARGE,
    };
    // A thirtieth of a figure's time for each section beside each history.
    let seconds = measured_for()?.div_f64(SECTIONS.len() as f64 * 3.0);
    let mut report = Report::new(format!(
        "dashboard: window 30d, one connection, {cores} cores, {:.2} s a figure, {}, {} and {} events",
        seconds.as_secs_f64(),
        count(SMALL as f64),
        count(MIDDLE as f64),
        count(large as f64)
    ));
    let small_figures = beside(&mut report, SMALL, seconds)?;
    let middle_figures = beside(&mut report, MIDDLE, seconds)?;
    let large_figures = beside(&mut report, large, seconds)?;
    for (index, section) in SECTIONS.iter().enumerate() {
        let name = if section.is_empty() { "all" } else { &section[1..] };
        let [small, middle, large] = [&small_figures[index], &middle_figures[index], &large_figures[index]];
        for (events, figure) in [("small", small), ("middle", middle), ("large", large)] {
            let Figure { p50, p99, processor } = figure;
            report.figure(
                format!("{name}, {events} history"),
                format!(
                    "p50 {} µs, p99 {} µs, {} µs of processor",
                    p50.as_micros(),
                    p99.as_micros(),
                    processor.as_micros()
                ),
            );
        }
        let growth = |beside: &Figure| large.processor.as_secs_f64() / beside.processor.as_secs_f64();
        report.figure("  processor time, large / middle", format!("{:.2}", growth(middle)));
        let (growth, goal) = (growth(small), format!("at most {MOST_GROWTH}"));
        report.goal("  processor time, large / small", format!("{growth:.2}"), &goal, growth <= MOST_GROWTH);
    }
    report.note(quietness);
    Ok(report)
}

/// Every section beside a history of so many events.
fn beside(report: &mut Report, events: u64, seconds: Duration) -> Result<Vec<Figure>> {
    let scratch = scratch_dir()?;
    let kept = env::var_os(KEPT).map(|parent| PathBuf::from(parent).join(format!("{events}-events")));
    let dir = kept.as_deref().unwrap_or(scratch.path());
    if history::is_there(dir) {
        report.figure(format!("{} events", count(events as f64)), "of an earlier run");
    } else {
        let filled = history::fill(dir, events)?;
        report.figure(
            format!("{} events appended and folded", count(events as f64)),
            format!("{}/s; rows {} KiB", count(events as f64 / filled.seconds), filled.rows_bytes >> 10),
        );
    }
    let started = Instant::now();
    let nexus = Setup::default().data_dir(dir).start()?;
    report.figure("  start of the server", format!("{} ms", started.elapsed().as_millis()));
    let mut connection = Connection::open(nexus.address)?;
    SECTIONS.iter().map(|section| measure(&nexus, &mut connection, section, seconds)).collect()
}

fn measure(nexus: &Nexus, connection: &mut Connection, section: &str, seconds: Duration) -> Result<Figure> {
    let path = format!("/nexus/dashboard{section}?window=30d");
    let request = Head::new("GET", &path, nexus.address, &nexus.headers("application/json")).with_body(b"");
    for _ in 0..20 {
        connection.exchange(&request)?.expect(200)?;
    }
    let (before, began) = (processor_time(nexus.pid())?, Instant::now());
    let mut times = Vec::new();
    while began.elapsed() < seconds || times.len() < 200 {
        let asked = Instant::now();
        connection.exchange(&request)?.expect(200)?;
        times.push(asked.elapsed());
    }
    let processor = (processor_time(nexus.pid())? - before) / u32::try_from(times.len())?;
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    Ok(Figure { p50: at(0.5), p99: at(0.99), processor })
}
