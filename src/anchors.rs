//! Checkpoints anchored in the bucket: created once, never overwritten, so that a ledger that was cut or rewritten contradicts
//! them (law 5).
//!
//! At start, before anything is signed or appended, the newest anchor of each log is compared with the log here
//! ([`Anchors::settle`]). Then each log that grew is anchored, at most once per interval, and once more at shutdown
//! ([`Anchors::anchor`]).

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::{StreamExt, TryStreamExt, stream};
use nexus_ledger::{AnchorReport, Ledger, LedgerError};
use nexus_model::{Env, TenantId, Timestamp, WriterId};

use crate::{
    clock,
    nexus::progress::Progress,
    raw_storage::{
        key::ObjectKey,
        repository::{Condition, RawStorageRepository, StorageError},
    },
    views::blocking,
};

/// Logs whose anchors are read or written at once.
const CONCURRENCY: usize = 16;
/// Anchors of one log read at start: those at least as large as the log here. More than one means that the log is behind, and
/// then the newest says so as well as all of them.
const MAX_NEWER: usize = 1000;

/// How long an anchor waits for the copy to have what it vouches for; after that it waits for the next time.
const CONFIRM_PATIENCE: Duration = Duration::from_secs(5);

/// The anchors could not be compared or written.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The bucket failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Anchors the logs of one ledger.
pub struct Anchors {
    ledger: Ledger,
    repository: Arc<dyn RawStorageRepository>,
    settled: Arc<AtomicBool>,
    /// Whether the writer is older than this start, so that it may have been anchored.
    anchored_before: bool,
    /// With `ledger.ack = "backend"`: how far the copy is, since only what it has is anchored.
    confirmed: Option<Arc<Progress>>,
    /// By origin.
    marks: Mutex<HashMap<String, Marks>>,
}

/// What is known of a log's anchors. Sizes.
#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    /// The newest anchor that is known to be the log's own.
    anchored: u64,
    /// Beyond it no anchor has been looked at.
    looked: u64,
    /// When `anchored` was written, where this process did it.
    at: Option<Timestamp>,
}

impl Anchors {
    /// Anchors for the logs of `ledger` in the bucket of `repository`. `settled` is set once the logs were compared with them;
    /// before that nothing may be appended. Without `anchored_before` the directory is new, and there is nothing to compare.
    #[must_use]
    pub fn new(
        ledger: Ledger,
        repository: Arc<dyn RawStorageRepository>,
        settled: Arc<AtomicBool>,
        anchored_before: bool,
        confirmed: Option<Arc<Progress>>,
    ) -> Self {
        Self { ledger, repository, settled, anchored_before, confirmed, marks: Mutex::default() }
    }

    /// Compares the logs here with their newest anchors; a ledger that is behind them gets a new writer.
    ///
    /// # Errors
    /// When the bucket or the ledger cannot be read; nothing is signed then, and it is to be tried again.
    pub async fn settle(&self) -> Result<AnchorReport, AnchorError> {
        let logs = self.logs().await?;
        let looks: Vec<_> = logs.iter().map(|log| self.newest_since(log, log.size.saturating_sub(1))).collect();
        let newest: Vec<Option<Anchor>> = stream::iter(looks).buffered(CONCURRENCY).try_collect().await?;
        for (log, newest) in logs.iter().zip(&newest) {
            let anchored = newest.as_ref().map_or(0, |anchor| anchor.size);
            self.marks().insert(log.origin.clone(), Marks { anchored, looked: log.size, at: None });
        }
        let report = self.compare(newest.into_iter().flatten().map(|anchor| anchor.note).collect()).await?;
        self.settled.store(true, Ordering::Release);
        Ok(report)
    }

    /// The logs that the writer has here or may have in the bucket, with their sizes here. One that is in the bucket alone was
    /// begun after the state that is here: beginning it again would fork it.
    async fn logs(&self) -> Result<Vec<OwnLog>, AnchorError> {
        let mut logs: Vec<OwnLog> =
            self.ledger.own_logs().into_iter().filter_map(|(origin, size)| OwnLog::new(origin, size)).collect();
        if self.anchored_before {
            let here: HashSet<_> = logs.iter().map(|log| (log.tenant.clone(), log.env.clone())).collect();
            let tenants = self.repository.folders("tenants/").await?;
            let envs = stream::iter(tenants).map(|tenant| async move { self.repository.folders(&tenant).await });
            let envs: Vec<Vec<String>> = envs.buffer_unordered(CONCURRENCY).try_collect().await?;
            let places = envs.iter().flatten().filter_map(|folder| place(folder));
            let elsewhere = places.filter(|place| !here.contains(place));
            logs.extend(elsewhere.filter_map(|(tenant, env)| OwnLog::new(self.ledger.origin(&tenant, &env), 0)));
        }
        Ok(logs)
    }

    /// The newest anchor of a log at a larger size than this.
    async fn newest_since(&self, log: &OwnLog, size: u64) -> Result<Option<Anchor>, AnchorError> {
        let prefix = ObjectKey::anchors_of(&log.tenant, &log.env, &log.writer);
        let smaller = ObjectKey::anchor(&log.tenant, &log.env, &log.writer, size);
        let keys = self.repository.keys_after(&prefix, smaller.as_str(), MAX_NEWER).await?;
        let Some(key) = keys.last().and_then(|key| ObjectKey::listed(key)) else { return Ok(None) };
        let size = key.as_str().strip_prefix(&prefix).and_then(|size| size.parse().ok()).unwrap_or_default();
        let note = read(&*self.repository, &key).await?;
        Ok(note.map(|note| Anchor { size, note }))
    }

    /// Compares the logs with these notes. Reads hashes, and in the worst case whole logs, from the disk.
    async fn compare(&self, notes: Vec<String>) -> Result<AnchorReport, AnchorError> {
        let ledger = self.ledger.clone();
        Ok(blocking(move || ledger.settle_anchors(&notes)).await?)
    }

    /// Anchors every log that grew since it was last anchored. One failure does not keep the others from being anchored.
    ///
    /// # Errors
    /// The first failure.
    pub async fn anchor(&self) -> Result<(), AnchorError> {
        if !self.settled.load(Ordering::Acquire) {
            return Ok(());
        }
        let ledger = self.ledger.clone();
        let checkpoints = blocking(move || ledger.checkpoints()).await?;
        let grown = checkpoints.into_iter().filter(|head| head.size > self.marks_of(&head.log).anchored);
        // A sealed log has been said all of that there is to say.
        let writer = self.ledger.writer();
        let grown = grown.filter_map(|head| {
            let log = OwnLog::new(head.log, head.size).filter(|log| log.writer.as_ref() == writer)?;
            Some((log, head.checkpoint))
        });
        let written = stream::iter(grown).map(|(log, note)| async {
            // A disk that is thrown away takes what is only there with it: an anchor of that would call for it for ever.
            if let Some(confirmed) = &self.confirmed
                && !confirmed.confirmed(&log.origin, log.size, CONFIRM_PATIENCE).await
            {
                return Ok(());
            }
            self.write(log, note).await
        });
        let written = written.buffer_unordered(CONCURRENCY);
        let results: Vec<Result<(), AnchorError>> = written.collect().await;
        results.into_iter().collect()
    }

    /// Anchors a log, unless somebody else has: a copy of this directory that runs beside this one. Then the comparison seals
    /// the log here, and where both look before either writes, the one with the smaller anchor finds the larger one next time.
    async fn write(&self, log: OwnLog, note: String) -> Result<(), AnchorError> {
        let looked = self.marks_of(&log.origin).looked;
        if let Some(other) = self.newest_since(&log, looked).await?
            && !self.compare(vec![other.note]).await?.behind.is_empty()
        {
            return Ok(());
        }
        let key = ObjectKey::anchor(&log.tenant, &log.env, &log.writer, log.size);
        if self.repository.write_document(&key, note.as_bytes(), &Condition::Absent).await?.is_some() {
            metrics::counter!("nexus_ledger_anchors_total").increment(1);
        } else if let Some(note) = read(&*self.repository, &key).await? {
            // Ours, where the reply was lost, or the copy's.
            self.compare(vec![note]).await?;
        }
        self.marks().insert(log.origin, Marks { anchored: log.size, looked: log.size, at: Some(clock::now()) });
        Ok(())
    }

    /// How many events of a log the last checkpoint covers that this process has anchored, and when it did.
    #[must_use]
    pub fn last_of(&self, origin: &str) -> Option<(u64, Timestamp)> {
        let marks = self.marks_of(origin);
        Some((marks.anchored, marks.at?))
    }

    fn marks_of(&self, origin: &str) -> Marks {
        self.marks().get(origin).copied().unwrap_or_default()
    }

    fn marks(&self) -> std::sync::MutexGuard<'_, HashMap<String, Marks>> {
        self.marks.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Every anchor in the bucket, with its key: for an offline verification, which must also find logs that are gone.
///
/// # Errors
/// When the bucket cannot be read.
pub async fn all(repository: &dyn RawStorageRepository) -> Result<Vec<(String, String)>, StorageError> {
    let mut notes = Vec::new();
    for tenant in repository.folders("tenants/").await? {
        for env in repository.folders(&tenant).await? {
            for writer in repository.folders(&format!("{env}ledger/")).await? {
                let mut after = String::new();
                loop {
                    let keys = repository.keys_after(&writer, &after, MAX_NEWER).await?;
                    let Some(last) = keys.last().cloned() else { break };
                    for key in keys.iter().filter_map(|key| ObjectKey::listed(key)) {
                        if let Some(note) = read(repository, &key).await? {
                            notes.push((key.to_string(), note));
                        }
                    }
                    after = last;
                }
            }
        }
    }
    Ok(notes)
}

async fn read(repository: &dyn RawStorageRepository, key: &ObjectKey) -> Result<Option<String>, StorageError> {
    let document = repository.read_document(key).await?;
    Ok(document.map(|document| String::from_utf8_lossy(&document.bytes).into_owned()))
}

/// A log of this directory's writer.
struct OwnLog {
    origin: String,
    tenant: TenantId,
    env: Env,
    writer: WriterId,
    /// Events that are here.
    size: u64,
}

impl OwnLog {
    fn new(origin: String, size: u64) -> Option<Self> {
        let (tenant, env, writer) = parts(&origin)?;
        Some(Self { origin, tenant, env, writer, size })
    }
}

/// An anchored checkpoint.
struct Anchor {
    size: u64,
    note: String,
}

/// The tenant and environment of a folder, `tenants/{tenant_id}/{env}/`.
fn place(folder: &str) -> Option<(TenantId, Env)> {
    let (tenant, env) = folder.strip_prefix("tenants/")?.strip_suffix('/')?.split_once('/')?;
    Some((tenant.parse().ok()?, env.parse().ok()?))
}

/// The tenant, environment and writer of an origin, `{service}/{tenant}/{env}/{writer}`.
fn parts(origin: &str) -> Option<(TenantId, Env, WriterId)> {
    let mut parts = origin.rsplitn(4, '/');
    let (writer, env, tenant) = (parts.next()?, parts.next()?, parts.next()?);
    Some((tenant.parse().ok()?, env.parse().ok()?, writer.parse().ok()?))
}
