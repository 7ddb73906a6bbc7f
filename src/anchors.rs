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

use crate::raw_storage::{
    key::ObjectKey,
    repository::{Condition, RawStorageRepository, StorageError},
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
    /// The size of each log when it was last anchored.
    anchored: Mutex<HashMap<String, u64>>,
}

impl Anchors {
    /// Anchors for the logs of `ledger` in the bucket of `repository`. `settled` is set once the logs were compared with them;
    /// before that nothing may be appended.
    #[must_use]
    pub fn new(ledger: Ledger, repository: Arc<dyn RawStorageRepository>, settled: Arc<AtomicBool>) -> Self {
        Self { ledger, repository, settled, anchored: Mutex::default() }
    }

    /// Compares the logs here with their newest anchors; a ledger that is behind them gets a new writer.
    ///
    /// # Errors
    /// When the bucket or the ledger cannot be read; nothing is signed then, and it is to be tried again.
    pub async fn settle(&self) -> Result<AnchorReport, AnchorError> {
        let logs = stream::iter(self.ledger.own_logs());
        let newest = logs.map(|(origin, size)| self.newest(origin, size)).buffer_unordered(CONCURRENCY);
        let notes: Vec<Option<String>> = newest.try_collect().await?;
        let notes: Vec<String> = notes.into_iter().flatten().collect();
        let report = self.ledger.settle_anchors(&notes)?;
        self.settled.store(true, Ordering::Release);
        Ok(report)
    }

    /// The newest anchor of a log that says at least as much as the log here.
    async fn newest(&self, origin: String, size: u64) -> Result<Option<String>, AnchorError> {
        let Some((tenant, env, writer)) = parts(&origin) else { return Ok(None) };
        let prefix = ObjectKey::anchors_of(&tenant, &env, &writer);
        let smaller = ObjectKey::anchor(&tenant, &env, &writer, size.saturating_sub(1));
        let keys = self.repository.keys_after(&prefix, smaller.as_str(), MAX_NEWER).await?;
        let Some(key) = keys.last().and_then(|key| ObjectKey::listed(key)) else { return Ok(None) };
        read(&*self.repository, &key).await.map_err(Into::into)
    }

    /// Anchors every log that grew since it was last anchored. One failure does not keep the others from being anchored.
    ///
    /// # Errors
    /// The first failure.
    pub async fn anchor(&self) -> Result<(), AnchorError> {
        if !self.settled.load(Ordering::Acquire) {
            return Ok(());
        }
        let checkpoints = self.ledger.checkpoints()?;
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
        // One that is there already is this one, from before a restart, or what verification will hold against us.
        self.repository.write_document(&key, note, &Condition::Absent).await?;
        metrics::counter!("nexus_ledger_anchors_total").increment(1);
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

/// The tenant, environment and writer of an origin, `{service}/{tenant}/{env}/{writer}`.
fn parts(origin: &str) -> Option<(TenantId, Env, WriterId)> {
    let mut parts = origin.rsplitn(4, '/');
    let (writer, env, tenant) = (parts.next()?, parts.next()?, parts.next()?);
    Some((tenant.parse().ok()?, env.parse().ok()?, writer.parse().ok()?))
}
