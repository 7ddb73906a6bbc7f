//! An open loop: requests are due at fixed moments, whether or not earlier ones have been answered.
//!
//! Each due request is taken by whichever connection is free; its time runs from the moment it was due, so a wait for a
//! free connection counts as the server's slowness. A thread sleeps up to 60 µs too long, which counts too.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::http::Connection;

const TOO_MANY_REQUESTS: u16 = 429;

/// What is to be sent.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Pace {
    /// Requests due per second.
    pub(crate) rate: f64,
    /// The most requests in flight.
    pub(crate) connections: u32,
    /// For how long.
    pub(crate) seconds: Duration,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Paced {
    /// Requests answered.
    pub(crate) requests: u64,
    /// Those answered 429.
    pub(crate) limited: u64,
    /// Answers per second, until the last one.
    pub(crate) achieved: f64,
    /// Median time from due to answered. Microseconds.
    pub(crate) p50_us: u64,
    /// One in a hundred took longer. Microseconds.
    pub(crate) p99_us: u64,
    /// The slowest. Microseconds.
    pub(crate) max_us: u64,
}

/// What one connection did.
#[derive(Default)]
struct Tally {
    times: Vec<Duration>,
    limited: u64,
}

impl Pace {
    /// Sends `request` to `address` and waits for the last answer. Each must have this status, or be a 429.
    pub(crate) fn drive(self, address: SocketAddr, request: &[u8], status: u16) -> Result<Paced> {
        let connections = (0..self.connections).map(|_| Connection::open(address)).collect::<Result<Vec<_>>>()?;
        let next = AtomicU64::new(0);
        let start = Instant::now();
        let all = thread::scope(|scope| {
            let workers: Vec<_> = connections
                .into_iter()
                .map(|connection| scope.spawn(|| self.work(connection, request, status, start, &next)))
                .collect();
            let mut all = Tally::default();
            for worker in workers {
                match worker.join() {
                    Ok(part) => {
                        let Tally { times, limited } = part?;
                        all.times.extend(times);
                        all.limited += limited;
                    }
                    Err(_panic) => bail!("a connection's thread panicked"),
                }
            }
            Ok(all)
        })?;
        summarize(all, start.elapsed())
    }

    /// One connection: takes the next due request, waits for its moment, sends it, and notes the time since it was due.
    fn work(
        self,
        mut connection: Connection,
        request: &[u8],
        status: u16,
        start: Instant,
        next: &AtomicU64,
    ) -> Result<Tally> {
        let mut tally = Tally::default();
        loop {
            #[allow(clippy::cast_precision_loss)] // far below 2^52
            let due = Duration::from_secs_f64(next.fetch_add(1, Ordering::Relaxed) as f64 / self.rate);
            if due >= self.seconds {
                return Ok(tally);
            }
            thread::sleep(due.saturating_sub(start.elapsed()));
            let answer = connection.exchange(request)?;
            tally.times.push(start.elapsed().saturating_sub(due));
            if answer.status == TOO_MANY_REQUESTS {
                tally.limited += 1;
            } else {
                answer.expect(status)?;
            }
        }
    }
}

fn summarize(Tally { mut times, limited }: Tally, elapsed: Duration) -> Result<Paced> {
    times.sort_unstable();
    let micros = |percent: usize| {
        percentile(&times, percent).and_then(|time| u64::try_from(time.as_micros()).ok()).context("no request was due")
    };
    let requests = u64::try_from(times.len())?;
    #[allow(clippy::cast_precision_loss)] // far below 2^52
    let achieved = requests as f64 / elapsed.as_secs_f64();
    Ok(Paced { requests, limited, achieved, p50_us: micros(50)?, p99_us: micros(99)?, max_us: micros(100)? })
}

/// Of sorted values the one that so many in a hundred are below.
pub(crate) fn percentile<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied()
}
