//! One noisy tenant beside another one: how much later the other is answered.
//!
//! The quiet tenant posts single events, 50 a second, and is answered when they are on disk. The noisy one sends one kind of request at
//! a fixed pace, several times what its limits let through, over 16 connections, and does not heed `Retry-After`. The limits are set as an operator
//! would for a machine of this size, a small part of what it can do for each tenant. Alone and beside the noise take turns, and the median
//! turn counts. The noise without limits, for comparison, shows what they are for.
//!
//! All cores are for the server and its clients, so a part of what is measured is the noise being made.
//!
//! Run by `cargo xtask bench --bench limits`; the variables are in `support`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

#[path = "../support/mod.rs"]
mod support;

use std::{process::ExitCode, thread, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use self::support::{
    http::Head,
    machine, measured_for,
    nexus::{Nexus, Setup},
    pace::{Pace, Paced},
    report::{Report, count, milliseconds},
};

/// The quiet tenant's posts. Per second.
const QUIET: f64 = 50.0;
/// What a tenant may: requests that read, requests that write, and posted events. Per second.
const LIMITS: [(&str, u32); 3] = [
    ("NEXUS__LIMITS__READS_PER_SECOND", 100),
    ("NEXUS__LIMITS__WRITES_PER_SECOND", 500),
    ("NEXUS__LIMITS__EVENTS_PER_SECOND", 2000),
];
const TURNS: u32 = 3;
/// How much later, at p99, the quiet tenant may be answered.
const MOST_GROWTH: f64 = 2.0;
const NOISY: &str = "t_noisy";

/// What the noisy tenant does.
struct Noise {
    name: &'static str,
    method: &'static str,
    path: &'static str,
    content_type: &'static str,
    body: String,
    status: u16,
    /// Requests per second.
    rate: f64,
}

fn event(n: usize) -> String {
    let text = "the summary of the transcript is attached and several numbers changed after the migration ".repeat(6);
    let input = json!({ "thread_id": format!("th-{n}"), "role": "user", "text": text });
    json!({ "surface": "chat", "event_type": "message_posted", "input": input }).to_string()
}

fn noises() -> [Noise; 3] {
    let lines: Vec<String> = (0..1000).map(event).collect();
    let json = "application/json";
    [
        Noise {
            name: "presigns, 2,000/s",
            method: "POST",
            path: "/nexus/raw/presign-upload",
            content_type: json,
            body: json!({ "filename": "report.pdf", "content_type": "application/pdf", "size_bytes": 5000 })
                .to_string(),
            status: 201,
            rate: 2000.0,
        },
        Noise {
            name: "lists of 100 events, 400/s",
            method: "GET",
            path: "/nexus/events?limit=100",
            content_type: json,
            body: String::new(),
            status: 200,
            rate: 400.0,
        },
        Noise {
            name: "batches of 1,000 events, 10/s",
            method: "POST",
            path: "/nexus/events",
            content_type: "application/x-ndjson",
            body: lines.join("\n"),
            status: 200,
            rate: 10.0,
        },
    ]
}

fn main() -> ExitCode {
    support::main("limits", bench)
}

fn bench() -> Result<Report> {
    let quietness = machine::quietness()?;
    let seconds = measured_for()? / TURNS;
    let mut report = Report::new(format!(
        "limits: the quiet tenant posts {QUIET:.0}/s; a tenant may read {}/s, write {}/s, and post {} events/s; {} cores for all, {TURNS} turns of {:.1} s",
        LIMITS[0].1,
        LIMITS[1].1,
        LIMITS[2].1,
        machine::cores()?.len(),
        seconds.as_secs_f64()
    ));
    for noise in noises() {
        for limited in [true, false] {
            figure(&mut report, &noise, limited, seconds)?;
        }
    }
    report.note(quietness);
    Ok(report)
}

/// The quiet tenant alone and beside a noise.
fn figure(report: &mut Report, noise: &Noise, limited: bool, seconds: Duration) -> Result<()> {
    let limits = LIMITS.map(|(name, value)| (name, value.to_string()));
    let enabled = [("NEXUS__LIMITS__ENABLED", limited.to_string())];
    let nexus = Setup::default().variables(limits).variables(enabled).start()?;
    fill(&nexus)?;
    quiet(&nexus, seconds / 2)?;
    let (mut alone, mut beside, mut made) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        alone.push(quiet(&nexus, seconds)?);
        let (quiet, noise) = together(&nexus, noise, seconds)?;
        beside.push(quiet);
        made.push(noise);
    }
    let (alone, beside, made) = (median(alone)?, median(beside)?, median(made)?);
    ensure!(alone.limited == 0 && beside.limited == 0, "the quiet tenant was limited");
    ensure!(limited == (made.limited > 0), "{} of {} noisy requests were limited", made.limited, made.requests);
    #[allow(clippy::cast_precision_loss)] // far below 2^52
    let (growth, let_through) =
        (beside.p99_us as f64 / alone.p99_us as f64, 1.0 - made.limited as f64 / made.requests as f64);
    let title = format!("{}, {}", noise.name, if limited { "limited" } else { "without limits" });
    report.figure(title, format!("{}/s answered, {:.0} % let through", count(made.achieved), let_through * 100.0));
    report.figure("  quiet alone", told(&alone));
    report.figure("  quiet beside", told(&beside));
    let growth_text = format!("{growth:.2}");
    if limited {
        report.goal("  p99 beside / alone", growth_text, &format!("at most {MOST_GROWTH}"), growth <= MOST_GROWTH);
    } else {
        report.figure("  p99 beside / alone", growth_text);
    }
    println!("  {}, limited {limited}: {growth:.2}", noise.name);
    Ok(())
}

fn told(paced: &Paced) -> String {
    format!("p50 {}, p99 {}", milliseconds(paced.p50_us), milliseconds(paced.p99_us))
}

/// Gives the noisy tenant events to list.
fn fill(nexus: &Nexus) -> Result<()> {
    let headers = nexus.headers_of(NOISY, "application/x-ndjson")?;
    let lines: Vec<String> = (0..100).map(event).collect();
    let request = Head::new("POST", "/nexus/events", nexus.address, &headers).with_body(lines.join("\n").as_bytes());
    support::http::Connection::open(nexus.address)?.exchange(&request)?.expect(200)?;
    Ok(())
}

fn quiet(nexus: &Nexus, seconds: Duration) -> Result<Paced> {
    let event =
        json!({ "surface": "media", "event_type": "media_ingested", "input": { "media_type": "video", "bytes": 5 } });
    let headers = nexus.headers("application/json");
    let request = Head::new("POST", "/nexus/events", nexus.address, &headers).with_body(event.to_string().as_bytes());
    Pace { rate: QUIET, connections: 4, seconds }.drive(nexus.address, &request, 201)
}

/// The quiet tenant, and the noise beside it for a little longer.
fn together(nexus: &Nexus, noise: &Noise, seconds: Duration) -> Result<(Paced, Paced)> {
    let headers = nexus.headers_of(NOISY, noise.content_type)?;
    let request = Head::new(noise.method, noise.path, nexus.address, &headers).with_body(noise.body.as_bytes());
    let lead = seconds / 4;
    let pace = Pace { rate: noise.rate, connections: 16, seconds: seconds + lead * 2 };
    thread::scope(|scope| {
        let made = scope.spawn(|| pace.drive(nexus.address, &request, noise.status));
        // What a bucket holds at first is spent by then.
        thread::sleep(lead);
        let quiet = quiet(nexus, seconds)?;
        match made.join() {
            Ok(made) => Ok((quiet, made?)),
            Err(_panic) => bail!("the noise panicked"),
        }
    })
}

fn median(mut turns: Vec<Paced>) -> Result<Paced> {
    turns.sort_by_key(|turn| turn.p99_us);
    turns.get(turns.len() / 2).copied().context("no turn was taken")
}
