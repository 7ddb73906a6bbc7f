//! Subscribers of `GET /nexus/events/stream`, as many as asked for, on one thread.
//!
//! Each holds what it gets to what was posted: every event once, in the order in which it was posted.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use tokio::runtime::Runtime;

use crate::support::nexus::Nexus;

/// Begins the line of each event that [`Posts`](crate::posts::Posts) posts: `asset_id` is the first member of a canonical event that
/// has one.
const LINE: &str = "data: {\"asset_id\":\"";
/// How often whoever waits looks.
const LOOK: Duration = Duration::from_micros(500);

/// What posts and subscribers know of each other.
pub(crate) struct Shared {
    began: Instant,
    /// When each event was posted, by its number. Microseconds since `began`.
    posted: Mutex<Vec<u64>>,
    /// Events that came to somebody.
    delivered: AtomicU64,
    /// From posted to delivered. Microseconds.
    times: Mutex<Vec<u32>>,
    failure: Mutex<Option<anyhow::Error>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Gives the next event its number, as posted now.
    pub(crate) fn number(&self) -> u64 {
        let mut posted = locked(&self.posted);
        posted.push(micros(self.began.elapsed()));
        (posted.len() - 1) as u64
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Open streams. Dropping it closes them.
pub(crate) struct Subscribers {
    pub(crate) shared: Arc<Shared>,
    pub(crate) count: u64,
    _runtime: Runtime,
}

impl Subscribers {
    /// Opens so many streams of chat events; each is answered before this returns, so it misses nothing that is posted later.
    pub(crate) fn open(nexus: &Nexus, count: u64) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let shared = Arc::new(Shared {
            began: Instant::now(),
            posted: Mutex::default(),
            delivered: AtomicU64::new(0),
            times: Mutex::default(),
            failure: Mutex::default(),
        });
        let http = reqwest::Client::new();
        for _ in 0..count {
            let url = format!("http://{}/nexus/events/stream?surface=chat", nexus.address);
            let headers = nexus.headers("application/json");
            let request = headers.into_iter().fold(http.get(url), |request, (name, value)| request.header(name, value));
            let response = runtime.block_on(request.send())?;
            ensure!(response.status() == 200, "a stream was answered {}", response.status());
            let shared = Arc::clone(&shared);
            runtime.spawn(async move {
                let ended = follow(response, &shared).await.err().unwrap_or_else(|| anyhow::anyhow!("a stream ended"));
                locked(&shared.failure).get_or_insert(ended);
            });
        }
        Ok(Self { shared, count, _runtime: runtime })
    }

    /// Returns once all but so many of the posted events have come to everybody.
    pub(crate) fn wait_for_all_but(&self, events: u64) -> Result<()> {
        let began = Instant::now();
        loop {
            if let Some(error) = locked(&self.shared.failure).take() {
                return Err(error);
            }
            let posted = locked(&self.shared.posted).len() as u64;
            if self.delivered() >= posted.saturating_sub(events) * self.count {
                return Ok(());
            }
            if began.elapsed() > Duration::from_secs(60) {
                bail!("{} of {posted} events came to {} subscribers", self.delivered(), self.count);
            }
            thread::sleep(LOOK);
        }
    }

    /// Events that came to somebody so far: one that came to all counts as many times as there are subscribers.
    pub(crate) fn delivered(&self) -> u64 {
        self.shared.delivered.load(Ordering::Acquire)
    }

    /// The times from posted to delivered since the last look, sorted. Microseconds.
    pub(crate) fn take_times(&self) -> Vec<u32> {
        let mut times = std::mem::take(&mut *locked(&self.shared.times));
        times.sort_unstable();
        times
    }
}

/// Reads a stream until it ends or tells something that was not posted.
async fn follow(mut response: reqwest::Response, shared: &Shared) -> Result<()> {
    let (mut received, mut next) = (Vec::new(), 0);
    while let Some(chunk) = response.chunk().await? {
        let now = micros(shared.began.elapsed());
        received.extend_from_slice(&chunk);
        let Some(end) = received.iter().rposition(|byte| *byte == b'\n') else { continue };
        let mut times = Vec::new();
        {
            let posted = locked(&shared.posted);
            for line in str::from_utf8(&received[..end])?.split('\n') {
                let Some(rest) = line.strip_prefix(LINE) else { continue };
                let number =
                    rest.split('"').next().and_then(crate::posts::number).context("not an event of this run")?;
                ensure!(number == next, "event {number} came where event {next} was due");
                let at = posted.get(usize::try_from(number)?).context("an event came before it was posted")?;
                times.push(u32::try_from(now.saturating_sub(*at)).unwrap_or(u32::MAX));
                next += 1;
            }
        }
        received.drain(..=end);
        let count = times.len() as u64;
        locked(&shared.times).append(&mut times);
        shared.delivered.fetch_add(count, Ordering::Release);
    }
    Ok(())
}
