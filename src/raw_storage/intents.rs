//! Effects that leave the process, written down before they do (law 4).
//!
//! A registration or a deletion changes the bucket first and the ledger after. Between the two the process may die. So the
//! intent is durable before the bucket is touched, and forgotten once the event is; what is found at the next start, or after a
//! store's lost reply, is settled forward by doing it again, which every step bears.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use nexus_model::{AssetId, EventId, RequestContext, Timestamp};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};

use super::record::{Claim, RawAsset};

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("intents");
/// Memory for the table's pages; it holds what is under way and nothing else. Bytes.
const CACHE_BYTES: usize = 1 << 20;

/// An effect and the request that asked for it. The event's id names it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Intent {
    /// Names the effect's event, and so the effect.
    pub event_id: EventId,
    /// Who asked, and where.
    pub context: RequestContext,
    /// The asset it is about.
    pub asset_id: AssetId,
    /// What is to be done.
    pub action: Action,
}

/// What is to be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)]
pub enum Action {
    /// Create this record.
    Register {
        /// What its caller claimed.
        claim: Claim,
        /// What callers will see.
        asset: RawAsset,
    },
    /// Turn the record into a tombstone, then remove the object.
    Delete {
        /// The last part of the object's key.
        filename: String,
        /// Whether the object has versions.
        versioned: bool,
        /// What the object measured. Bytes.
        size_bytes: u64,
        /// When it was asked for.
        deleted_at: Timestamp,
    },
}

/// The intents could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the intents in {path}: {source}")]
pub struct IntentsError {
    path: PathBuf,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// The intents that no event covers yet.
#[derive(Clone)]
pub struct Intents(Arc<Inner>);

struct Inner {
    path: PathBuf,
    /// `None` while it could not be opened again after the disk had failed.
    database: RwLock<Option<Database>>,
    /// Those of requests that are running; the settler leaves them alone.
    running: Mutex<HashSet<EventId>>,
}

impl Intents {
    /// Opens the file at `path`, making it where there is none.
    ///
    /// # Errors
    /// When it cannot be used, for instance because another process has it open.
    pub fn open(path: &Path) -> Result<Self, IntentsError> {
        match open(path) {
            Ok(database) => {
                let database = RwLock::new(Some(database));
                Ok(Self(Arc::new(Inner { path: path.to_owned(), database, running: Mutex::default() })))
            }
            Err(error) => Err(IntentsError { path: path.to_owned(), source: error.into() }),
        }
    }

    /// Runs `work` on the database. After an I/O error redb takes nothing more until the file is opened anew, so that is done
    /// first: a disk that was full for a while must not need a restart.
    fn with<T>(&self, work: impl Fn(&Database) -> Result<T, redb::Error>) -> Result<T, IntentsError> {
        let slot = self.0.database.read().unwrap_or_else(PoisonError::into_inner);
        let first = slot.as_ref().map_or(Err(redb::Error::PreviousIo), &work);
        drop(slot);
        let outcome = match first {
            Err(redb::Error::PreviousIo) => {
                let mut slot = self.0.database.write().unwrap_or_else(PoisonError::into_inner);
                // Closed before it is opened again: the file is locked.
                *slot = None;
                open(&self.0.path).and_then(|database| work(slot.insert(database)))
            }
            outcome => outcome,
        };
        outcome.map_err(|error| self.failed(error))
    }

    /// Makes an intent durable. It counts as running until [`Running`] is dropped.
    ///
    /// # Errors
    /// When it is not durable; then the effect must not begin.
    pub async fn begin(&self, intent: Intent) -> Result<Running, IntentsError> {
        let running = Running { intents: self.clone(), event_id: intent.event_id };
        self.running().insert(intent.event_id);
        let this = self.clone();
        let written = tokio::task::spawn_blocking(move || this.write(&intent)).await;
        written.map_err(|error| self.failed(error)).flatten()?;
        Ok(running)
    }

    fn write(&self, intent: &Intent) -> Result<(), IntentsError> {
        let value = serde_json::to_vec(intent).map_err(|error| self.failed(error))?;
        self.with(|database| {
            let write = database.begin_write()?;
            write.open_table(TABLE)?.insert(intent.event_id.uuid().as_bytes().as_slice(), value.as_slice())?;
            Ok(write.commit()?)
        })
    }

    /// Forgets an intent: its event is on disk, or its effect did not happen and never will. After a crash it may be back, and is
    /// settled once more, which changes nothing.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn finish(&self, event_id: EventId) -> Result<(), IntentsError> {
        let this = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            this.with(|database| {
                let mut write = database.begin_write()?;
                write.set_durability(Durability::None)?;
                write.open_table(TABLE)?.remove(event_id.uuid().as_bytes().as_slice())?;
                Ok(write.commit()?)
            })
        });
        done.await.map_err(|error| self.failed(error)).flatten()
    }

    /// Those that no running request is taking care of.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn abandoned(&self) -> Result<Vec<Intent>, IntentsError> {
        let stored = self.with(|database| {
            let table = database.begin_read()?.open_table(TABLE)?;
            table.iter()?.map(|entry| Ok(entry?.1.value().to_vec())).collect::<Result<Vec<_>, redb::Error>>()
        })?;
        let mut intents = Vec::new();
        for value in stored {
            let intent: Intent = serde_json::from_slice(&value).map_err(|error| self.failed(error))?;
            if !self.running().contains(&intent.event_id) {
                intents.push(intent);
            }
        }
        Ok(intents)
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashSet<EventId>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> IntentsError {
        IntentsError { path: self.0.path.clone(), source: source.into() }
    }
}

fn open(path: &Path) -> Result<Database, redb::Error> {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    let database = builder.create(path)?;
    let write = database.begin_write()?;
    write.open_table(TABLE)?;
    write.commit()?;
    Ok(database)
}

/// While it lives, a request is taking care of its intent.
pub struct Running {
    intents: Intents,
    event_id: EventId,
}

impl Running {
    /// See [`Intents::finish`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn finish(self) -> Result<(), IntentsError> {
        self.intents.finish(self.event_id).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.intents.running().remove(&self.event_id);
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Running({})", self.event_id)
    }
}
