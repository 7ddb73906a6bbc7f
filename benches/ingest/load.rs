//! Clients in a closed loop, each in a thread of its own: the next batch is sent when the last one was acknowledged.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use crate::support::machine;

/// Before the measurement, as a share of it.
const WARM_UP: u32 = 5;
/// Between the last answer and the look at the server's processor time.
const SETTLING: Duration = Duration::from_millis(300);

/// Something that keeps batches durably.
pub(crate) trait Sink: Send {
    /// Makes and sends one batch, and waits until it is on disk. Answers the number of events kept.
    fn send(&mut self) -> Result<u64>;
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// Events acknowledged, those of the warm-up included.
    pub(crate) events: u64,
    /// Events acknowledged per second, after the warm-up.
    pub(crate) rate: f64,
    /// Processor time of the server per event. Microseconds.
    pub(crate) server_us: f64,
}

/// What one client counts.
#[derive(Default)]
struct Tally {
    all: u64,
    measured: u64,
}

/// Lets the clients of a server's process send for a warm-up and then for `seconds`. A batch counts when it is acknowledged
/// within them.
pub(crate) fn drive(sinks: Vec<impl Sink>, server: u32, seconds: Duration) -> Result<Run> {
    let before = machine::processor_time(server)?;
    let total = send(sinks, seconds)?;
    // PostgreSQL's processes end with their clients, and are counted once their parent has noticed.
    thread::sleep(SETTLING);
    let taken = machine::processor_time(server)? - before;
    #[allow(clippy::cast_precision_loss)] // far below 2^52
    Ok(Run {
        events: total.all,
        rate: total.measured as f64 / seconds.as_secs_f64(),
        server_us: taken.as_secs_f64() * 1e6 / total.all as f64,
    })
}

fn send(sinks: Vec<impl Sink>, seconds: Duration) -> Result<Tally> {
    let start = Instant::now() + seconds / WARM_UP;
    let end = start + seconds;
    let failed = AtomicBool::new(false);
    thread::scope(|scope| {
        let failed = &failed;
        let workers: Vec<_> = sinks
            .into_iter()
            .map(|sink| {
                scope.spawn(move || {
                    let tally = work(sink, start, end, failed);
                    failed.fetch_or(tally.is_err(), Ordering::Relaxed);
                    tally
                })
            })
            .collect();
        let mut total = Tally::default();
        for worker in workers {
            match worker.join() {
                Ok(tally) => {
                    let Tally { all, measured } = tally?;
                    total.all += all;
                    total.measured += measured;
                }
                Err(_panic) => bail!("a client panicked"),
            }
        }
        Ok(total)
    })
}

fn work(mut sink: impl Sink, start: Instant, end: Instant, failed: &AtomicBool) -> Result<Tally> {
    let mut tally = Tally::default();
    while Instant::now() < end && !failed.load(Ordering::Relaxed) {
        let kept = sink.send()?;
        tally.all += kept;
        if (start..end).contains(&Instant::now()) {
            tally.measured += kept;
        }
    }
    Ok(tally)
}
