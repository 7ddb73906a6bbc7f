//! Live streams: who follows which tenant's events, how many may, and the task that reads for each of them.
//!
//! A subscriber's task pulls from the ledger at its subscriber's pace and keeps at most two frames of it in memory, so a
//! slow subscriber slows nobody; one that takes nothing for the write timeout is cut off. Those who ask the same from the same mark on, as
//! everybody does who is up to date, share the frame that the first of them has made.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures::{Stream, stream};
use nexus_ledger::{Ledger, LedgerError, Query, Tail, TailMark};
use nexus_model::{Env, RequestContext, TenantId};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{blocking, events};
use crate::config;

/// How long a subscriber's task gathers what comes before it looks: under load one look then serves many events.
const GATHER: Duration = Duration::from_millis(5);
/// How much later each further subscriber looks, so that an append need not wait for all of them to be served; and how much at most.
const TURN: Duration = Duration::from_micros(80);
const MAX_TURN: Duration = Duration::from_millis(50);
/// Events in one frame.
const FRAME_EVENTS: usize = 256;
/// Frames made but not taken yet, beside the one in the making.
const FRAMES: usize = 1;

/// For how long a shared frame waits for somebody else who asks the same: a subscriber's delay behind another.
const SHARED_FOR: Duration = Duration::from_secs(1);
/// Bytes that a shared frame costs beside its own.
const FRAME_COST: usize = 512;

/// What a frame answers: these events, from this mark on.
#[derive(Clone, PartialEq, Eq)]
struct Asked {
    tenant: TenantId,
    env: Env,
    query: Arc<Query>,
    mark: TailMark,
}

impl Hash for Asked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Of the tenant and the environment, too. Which filters were asked for is compared and not hashed: few differ.
        self.mark.hash(state);
    }
}

/// Events as they are sent, and where their reader is after them.
#[derive(Clone)]
struct Frame {
    bytes: Bytes,
    next: TailMark,
}

/// Why nobody more may subscribe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The tenant has all the streams that it may have.
    #[error("the tenant has {max} live streams open, and may have no more")]
    Tenant {
        /// `stream.max_subscribers_per_tenant`.
        max: usize,
    },
    /// The server has.
    #[error("the server has as many live streams open as it may have")]
    Total,
}

/// All open streams.
pub struct Streams {
    ledger: Ledger,
    config: config::Stream,
    write_timeout: Duration,
    total: Arc<Semaphore>,
    by_tenant: Mutex<HashMap<TenantId, usize>>,
    closing: CancellationToken,
    frames: moka::future::Cache<Asked, Frame>,
    /// Looks that were put off so far.
    turns: AtomicU32,
}

/// A place among the open streams, given back when it is dropped.
pub struct Slot {
    streams: Arc<Streams>,
    tenant: TenantId,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut by_tenant = self.streams.by_tenant();
        if let Some(count) = by_tenant.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                by_tenant.remove(&self.tenant);
            }
        }
        metrics::gauge!("nexus_streams_open").decrement(1.0);
    }
}

/// Why a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The subscriber went away, or its connection was cut off.
    Left,
    /// It took nothing for the write timeout, and its connection lives: it shares one with others (HTTP/2).
    Slow,
    /// Its token expired.
    Expired,
    /// The server stops.
    Closing,
    /// The ledger could not be read.
    Failed,
}

impl End {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Slow => "slow",
            Self::Expired => "expired",
            Self::Closing => "closing",
            Self::Failed => "failed",
        }
    }
}

impl Streams {
    /// Streams of `ledger`'s events. A subscriber that takes nothing for `write_timeout` is cut off.
    #[must_use]
    pub fn new(ledger: Ledger, config: &config::Stream, write_timeout: Duration) -> Self {
        Self {
            ledger,
            config: config.clone(),
            write_timeout,
            total: Arc::new(Semaphore::new(config.max_subscribers)),
            by_tenant: Mutex::default(),
            closing: CancellationToken::new(),
            frames: moka::future::Cache::builder()
                .max_capacity(config.shared_bytes)
                .weigher(|_, frame: &Frame| u32::try_from(frame.bytes.len() + FRAME_COST).unwrap_or(u32::MAX))
                .time_to_live(SHARED_FOR)
                .build(),
            turns: AtomicU32::new(0),
        }
    }

    /// Takes a place among the open streams.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn slot(self: &Arc<Self>, tenant: &TenantId) -> Result<Slot, Refused> {
        let permit = Arc::clone(&self.total).try_acquire_owned().map_err(|_full| Refused::Total)?;
        let max = self.config.max_subscribers_per_tenant;
        let mut by_tenant = self.by_tenant();
        let count = by_tenant.entry(tenant.clone()).or_default();
        if *count >= max {
            return Err(Refused::Tenant { max });
        }
        *count += 1;
        metrics::gauge!("nexus_streams_open").increment(1.0);
        Ok(Slot { streams: Arc::clone(self), tenant: tenant.clone(), _permit: permit })
    }

    /// Ends all streams, and any that is opened later.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// How long who is woken now waits before it looks: those who are woken together take turns.
    fn gather(&self) -> Duration {
        let open = self.config.max_subscribers.saturating_sub(self.total.available_permits()).max(1);
        let turn = self.turns.fetch_add(1, Ordering::Relaxed) % u32::try_from(open).unwrap_or(u32::MAX);
        GATHER + (TURN * turn).min(MAX_TURN)
    }

    fn by_tenant(&self) -> MutexGuard<'_, HashMap<TenantId, usize>> {
        self.by_tenant.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Follows the events of `context`'s tenant and environment that match `query`, as server-sent events, until `expires`: from
    /// right after `mark`, else from the next one that is appended.
    ///
    /// # Errors
    /// `Cursor` for a mark of another place.
    pub fn follow(
        self,
        context: &RequestContext,
        query: Query,
        mark: Option<TailMark>,
        expires: Instant,
    ) -> Result<impl Stream<Item = Bytes> + Send + 'static + use<>, LedgerError> {
        let tail = self.streams.ledger.tail(&context.tenant_id, &context.env, mark)?;
        let (frames, taken) = mpsc::channel(FRAMES);
        let place = (context.tenant_id.clone(), context.env.clone());
        let mark = tail.mark();
        tokio::spawn(async move {
            let asked = Asked { tenant: place.0.clone(), env: place.1.clone(), query: Arc::new(query), mark };
            let due = Instant::now();
            let Err(end) = (Subscriber { slot: &self, tail: Some(tail), asked, frames, expires, due }).run().await;
            metrics::counter!("nexus_streams_closed_total", "reason" => end.as_str()).increment(1);
            let (tenant, env) = place;
            tracing::debug!(%tenant, %env, reason = end.as_str(), "a live stream ended");
        });
        Ok(stream::unfold(taken, |mut taken| async move { taken.recv().await.map(|frame| (frame, taken)) }))
    }
}

/// One stream under way.
struct Subscriber<'a> {
    slot: &'a Slot,
    /// Away only while it is read.
    tail: Option<Tail>,
    /// What comes next.
    asked: Asked,
    frames: mpsc::Sender<Bytes>,
    expires: Instant,
    /// When it is told that the stream is alive, if nothing is sent before.
    due: Instant,
}

impl Subscriber<'_> {
    /// Sends what comes, until there is a reason to end.
    async fn run(mut self) -> Result<std::convert::Infallible, End> {
        // Says at once where the stream begins: whoever is cut off before the first event resumes there.
        self.send(self.comment("connected")).await?;
        loop {
            while let Some(frame) = self.read().await? {
                self.send(frame).await?;
            }
            self.wait().await?;
        }
    }

    /// Waits for more to read; says something when nothing was sent for too long.
    async fn wait(&mut self) -> Result<(), End> {
        loop {
            let Some(tail) = &mut self.tail else { return Err(End::Failed) };
            tokio::select! {
                biased;
                end = ended(&self.slot.streams, self.expires, &self.frames) => return Err(end),
                () = sleep_until(self.due) => {}
                () = tail.changed() => return self.gather().await,
            }
            self.send(self.comment("heartbeat")).await?;
        }
    }

    /// Lets a turn go by, in which more comes, unless there is a reason to end.
    async fn gather(&self) -> Result<(), End> {
        let streams = &self.slot.streams;
        tokio::select! {
            biased;
            end = ended(streams, self.expires, &self.frames) => Err(end),
            () = sleep(streams.gather()) => Ok(()),
        }
    }

    /// The next events, as they are sent, or a sign of life if one is due; `None` when all were read.
    async fn read(&mut self) -> Result<Option<Bytes>, End> {
        loop {
            let Some(tail) = &mut self.tail else { return Err(End::Failed) };
            if !tail.may_have_more() {
                return Ok(None);
            }
            self.asked.mark = tail.mark();
            let Some(frame) = self.frame().await? else { return Ok(None) };
            self.tail.as_mut().and_then(|tail| tail.go_on(frame.next).ok()).ok_or(End::Failed)?;
            if !frame.bytes.is_empty() {
                return Ok(Some(frame.bytes));
            }
            // What comes is for others, and may come without end.
            if Instant::now() >= self.due {
                return Ok(Some(self.comment("heartbeat")));
            }
            self.gather().await?;
        }
    }

    /// What is asked for, made by whoever asks for it first.
    async fn frame(&mut self) -> Result<Option<Frame>, End> {
        let (shared, asked) = (self.slot.streams.frames.clone(), self.asked.clone());
        let mut own = None;
        let make = async {
            let made = self.make().await;
            let frame = made.as_ref().ok().cloned().flatten();
            own = Some(made);
            frame
        };
        let frame = shared.optionally_get_with(asked, make).await;
        match own {
            Some(made) => made,
            // Another one found nothing, and may have looked before that came which woke this one.
            None if frame.is_none() => self.make().await,
            None => Ok(frame),
        }
    }

    /// Reads what is asked for; `None` where there is nothing.
    async fn make(&mut self) -> Result<Option<Frame>, End> {
        let Some(mut tail) = self.tail.take() else { return Err(End::Failed) };
        let (query, max_bytes) = (Arc::clone(&self.asked.query), self.slot.streams.config.frame_bytes);
        let (tail, read) = blocking(move || {
            let read = tail.read(&query, FRAME_EVENTS, max_bytes);
            Ok((tail, read))
        })
        .await
        .map_err(|_| End::Failed)?;
        let next = tail.mark();
        self.tail = Some(tail);
        let found = read.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a live stream could not read the ledger");
            End::Failed
        })?;
        let mut bytes = Vec::with_capacity(found.iter().map(|one| one.leaf.leaf.len() + 320).sum());
        for one in &found {
            bytes.extend_from_slice(format!("id: {}\ndata: ", one.mark).as_bytes());
            // Canonical JSON has no line breaks outside of strings, and escapes them within.
            events::write(&mut bytes, &one.leaf);
            bytes.extend_from_slice(b"\n\n");
        }
        Ok((next != self.asked.mark).then(|| Frame { bytes: bytes.into(), next }))
    }

    /// A comment that also moves the last event id: a block without data is no event (HTML, section 9.2.6).
    fn comment(&self, text: &str) -> Bytes {
        let id = self.tail.as_ref().map_or_else(String::new, |tail| format!("id: {}\n", tail.mark()));
        format!(": {text}\n{id}\n").into()
    }

    async fn send(&mut self, frame: Bytes) -> Result<(), End> {
        let streams = &self.slot.streams;
        let sent = tokio::select! {
            biased;
            () = streams.closing.cancelled() => return Err(End::Closing),
            () = sleep_until(self.expires) => return Err(End::Expired),
            sent = timeout(streams.write_timeout, self.frames.send(frame)) => sent,
        };
        self.due = Instant::now() + Duration::from_millis(streams.config.heartbeat_ms);
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_gone)) => Err(End::Left),
            Err(_elapsed) => Err(End::Slow),
        }
    }
}

/// Waits for a reason to end a stream that has nothing to send.
async fn ended(streams: &Streams, expires: Instant, frames: &mpsc::Sender<Bytes>) -> End {
    tokio::select! {
        biased;
        () = streams.closing.cancelled() => End::Closing,
        () = sleep_until(expires) => End::Expired,
        () = frames.closed() => End::Left,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures::StreamExt;
    use nexus_ledger::LedgerConfig;
    use nexus_model::{ActorType, Synthesized};
    use uuid::Uuid;

    use super::*;

    fn context() -> RequestContext {
        RequestContext {
            tenant_id: "t_a".parse().unwrap(),
            env: "dev".parse().unwrap(),
            user_id: "u_a".parse().unwrap(),
            actor_type: ActorType::Human,
            request_id: "r".parse().unwrap(),
            trace_id: nexus_model::TraceId::from_uuid(Uuid::from_u128(1)).unwrap(),
            synthesized: Synthesized::default(),
        }
    }

    /// As with a stream that shares its connection: nothing but the subscriber's own task can notice.
    #[tokio::test]
    async fn a_subscriber_that_takes_nothing_loses_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(LedgerConfig { dir: dir.path().to_owned(), ..LedgerConfig::default() }).unwrap();
        let config = config::Stream {
            max_subscribers: 1,
            max_subscribers_per_tenant: 1,
            heartbeat_ms: 20,
            frame_bytes: 1,
            shared_bytes: 1,
        };
        let streams = Arc::new(Streams::new(ledger, &config, Duration::from_millis(200)));
        let context = context();
        let open = || {
            let slot = streams.slot(&context.tenant_id)?;
            let expires = Instant::now() + Duration::from_secs(60);
            Ok::<_, Refused>(slot.follow(&context, Query::default(), None, expires).unwrap().boxed())
        };
        // One that takes what comes stays, however slowly it does.
        let mut brisk = open().unwrap();
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            assert!(brisk.next().await.is_some());
        }
        assert_eq!(open().err(), Some(Refused::Total));
        drop(brisk);
        let mut idle = loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
            if let Ok(idle) = open() {
                break idle;
            }
        };
        tokio::time::sleep(Duration::from_secs(1)).await;
        let _successor = open().expect("the place is free again");
        assert!(idle.next().await.is_some(), "what was made for it");
        assert!(idle.next().await.is_none(), "and no more");
    }
}
