//! Checkpoints anchored in the bucket: created once, never overwritten, so that a ledger that was cut or rewritten contradicts
//! them (law 5).
//!
//! At start, before anything is signed or appended, the newest anchor of each log is compared with the log here
//! ([`Anchors::settle`]). Then each log that grew is anchored, at most once per interval, and once more at shutdown
//! ([`Anchors::anchor`]).

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::{StreamExt, TryStreamExt, stream};
use nexus_ledger::{AnchorReport, Ledger, LedgerError, LogCheckpoint};
use nexus_model::{Env, TenantId, WriterId};

use crate::{
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
    /// The size of each log when it was last anchored.
    anchored: Mutex<HashMap<String, u64>>,
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
    ) -> Self {
        Self { ledger, repository, settled, anchored_before, anchored: Mutex::default() }
    }

    /// Compares the logs here with their newest anchors; a ledger that is behind them gets a new writer.
    ///
    /// # Errors
    /// When the bucket or the ledger cannot be read; nothing is signed then, and it is to be tried again.
    pub async fn settle(&self) -> Result<AnchorReport, AnchorError> {
        let newest = stream::iter(self.logs().await?).map(|log| self.newest(log)).buffer_unordered(CONCURRENCY);
        let notes: Vec<Option<String>> = newest.try_collect().await?;
        let report = self.compare(notes.into_iter().flatten().collect()).await?;
        self.settled.store(true, Ordering::Release);
        Ok(report)
    }

    /// The logs that the writer has here or may have in the bucket, with their sizes here. One that is in the bucket alone was
    /// begun after the state that is here: beginning it again would fork it.
    async fn logs(&self) -> Result<Vec<OwnLog>, AnchorError> {
        let mut sizes = HashMap::new();
        for (origin, size) in self.ledger.own_logs() {
            if let Some((tenant, env, _)) = parts(&origin) {
                sizes.insert((tenant, env), size);
            }
        }
        if self.anchored_before {
            let tenants = self.repository.folders("tenants/").await?;
            let envs = stream::iter(tenants).map(|tenant| async move { self.repository.folders(&tenant).await });
            let envs: Vec<Vec<String>> = envs.buffer_unordered(CONCURRENCY).try_collect().await?;
            for place in envs.iter().flatten().filter_map(|folder| place(folder)) {
                sizes.entry(place).or_insert(0);
            }
        }
        Ok(sizes.into_iter().map(|((tenant, env), size)| OwnLog { tenant, env, size }).collect())
    }

    /// The newest anchor of a log that says at least as much as the log here.
    async fn newest(&self, log: OwnLog) -> Result<Option<String>, AnchorError> {
        let Ok(writer) = self.ledger.writer().parse::<WriterId>() else { return Ok(None) };
        let OwnLog { tenant, env, size } = log;
        let prefix = ObjectKey::anchors_of(&tenant, &env, &writer);
        let smaller = ObjectKey::anchor(&tenant, &env, &writer, size.saturating_sub(1));
        let keys = self.repository.keys_after(&prefix, smaller.as_str(), MAX_NEWER).await?;
        let Some(key) = keys.last().and_then(|key| ObjectKey::listed(key)) else { return Ok(None) };
        read(&*self.repository, &key).await.map_err(Into::into)
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
        let grown = checkpoints.into_iter().filter(|checkpoint| {
            checkpoint.size > 0 && self.anchored().get(&checkpoint.log).is_none_or(|size| *size < checkpoint.size)
        });
        let written = stream::iter(grown).map(|checkpoint| self.write(checkpoint)).buffer_unordered(CONCURRENCY);
        let results: Vec<Result<(), AnchorError>> = written.collect().await;
        results.into_iter().collect()
    }

    async fn write(&self, checkpoint: LogCheckpoint) -> Result<(), AnchorError> {
        let Some((tenant, env, writer)) = parts(&checkpoint.log) else { return Ok(()) };
        let key = ObjectKey::anchor(&tenant, &env, &writer, checkpoint.size);
        let note = checkpoint.checkpoint.as_bytes();
        if self.repository.write_document(&key, note, &Condition::Absent).await?.is_some() {
            metrics::counter!("nexus_ledger_anchors_total").increment(1);
        } else if let Some(note) = read(&*self.repository, &key).await? {
            // From before a restart, or of a copy of this directory that runs beside this one: then this log ends here.
            self.compare(vec![note]).await?;
        }
        self.anchored().insert(checkpoint.log, checkpoint.size);
        Ok(())
    }

    fn anchored(&self) -> std::sync::MutexGuard<'_, HashMap<String, u64>> {
        self.anchored.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
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
    tenant: TenantId,
    env: Env,
    /// Events that are here.
    size: u64,
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
