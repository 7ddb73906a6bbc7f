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

use nexus_model::{AssetId, Env, EventId, RequestContext, TenantId, Timestamp};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::record::{Claim, RawAsset};

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("intents");
/// Apart from them and by time: there may be many, and most are not due.
const SWEEPS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("sweeps");
/// Memory for the pages of both. Bytes.
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

/// What is left of a deletion: the form that the object was uploaded with outlives it, and may put another in its place, which no
/// record would ever name. So the object is removed once more when no form is taken any more. The deletion's event stands for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sweep {
    /// The deletion's event.
    pub event_id: EventId,
    /// Whose asset it was.
    pub tenant_id: TenantId,
    /// And where.
    pub env: Env,
    /// The asset that was deleted.
    pub asset_id: AssetId,
    /// The last part of the object's key.
    pub filename: String,
    /// Whether the object has versions.
    pub versioned: bool,
    /// From when on no upload comes any more.
    pub not_before: Timestamp,
}

/// The longest that a form may be taken, 3600 s (`storage.presign_expiry_seconds`), and as long again for an upload that began
/// with its last second. Microseconds.
const UPLOADS_END_MICROS: i64 = 2 * 3600 * 1_000_000;

impl Intent {
    /// What is still to be done when this is done, if anything.
    #[must_use]
    pub fn sweep(&self) -> Option<Sweep> {
        let Action::Delete { filename, versioned, deleted_at, .. } = &self.action else { return None };
        // An asset's id carries the time of its form.
        let (seconds, nanos) = Uuid::try_parse(self.asset_id.as_ref()).ok()?.get_timestamp()?.to_unix();
        let micros = i64::try_from(seconds).ok()?.checked_mul(1_000_000)?.checked_add(i64::from(nanos / 1000))?;
        let not_before = Timestamp::from_micros(micros)?.plus_micros(UPLOADS_END_MICROS);
        (not_before > *deleted_at).then(|| Sweep {
            event_id: self.event_id,
            tenant_id: self.context.tenant_id.clone(),
            env: self.context.env.clone(),
            asset_id: self.asset_id.clone(),
            filename: filename.clone(),
            versioned: *versioned,
            not_before,
        })
    }
}

impl Sweep {
    /// In the order of their time.
    fn key(&self) -> [u8; 24] {
        let mut key = [0; 24];
        key[..8].copy_from_slice(&self.not_before.micros().max(0).to_be_bytes());
        key[8..].copy_from_slice(self.event_id.uuid().as_bytes());
        key
    }
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
        let running = Running { intents: self.clone(), event_id: intent.event_id, sweep: intent.sweep() };
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

    /// Forgets an intent, whose effect and event are on disk, and remembers what is still to be done.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn done(&self, event_id: EventId, sweep: Option<Sweep>) -> Result<(), IntentsError> {
        let Some(sweep) = sweep else { return self.finish(event_id).await };
        let this = self.clone();
        let written = tokio::task::spawn_blocking(move || {
            let value = serde_json::to_vec(&sweep).map_err(|error| this.failed(error))?;
            this.with(|database| {
                let write = database.begin_write()?;
                write.open_table(SWEEPS)?.insert(sweep.key().as_slice(), value.as_slice())?;
                write.open_table(TABLE)?.remove(event_id.uuid().as_bytes().as_slice())?;
                Ok(write.commit()?)
            })
        });
        written.await.map_err(|error| self.failed(error)).flatten()
    }

    /// The first `most` whose time has come at `now`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn due(&self, now: Timestamp, most: usize) -> Result<Vec<Sweep>, IntentsError> {
        let end = now.micros().max(0).saturating_add(1).to_be_bytes();
        let stored = self.with(|database| {
            let table = database.begin_read()?.open_table(SWEEPS)?;
            let range = table.range::<&[u8]>(..end.as_slice())?.take(most);
            range.map(|entry| Ok(entry?.1.value().to_vec())).collect::<Result<Vec<_>, redb::Error>>()
        })?;
        let read = |value: Vec<u8>| serde_json::from_slice(&value).map_err(|error| self.failed(error));
        stored.into_iter().map(read).collect()
    }

    /// Forgets a sweep that was made. After a crash it may be back, and is made once more, which changes nothing.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn swept(&self, sweep: &Sweep) -> Result<(), IntentsError> {
        self.remove(SWEEPS, sweep.key().to_vec()).await
    }

    /// Forgets an intent: its event is on disk, or its effect did not happen and never will. After a crash it may be back, and is
    /// settled once more, which changes nothing.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn finish(&self, event_id: EventId) -> Result<(), IntentsError> {
        self.remove(TABLE, event_id.uuid().as_bytes().to_vec()).await
    }

    async fn remove(
        &self,
        table: TableDefinition<'static, &'static [u8], &'static [u8]>,
        key: Vec<u8>,
    ) -> Result<(), IntentsError> {
        let this = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            this.with(|database| {
                let mut write = database.begin_write()?;
                write.set_durability(Durability::None)?;
                write.open_table(table)?.remove(key.as_slice())?;
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
    write.open_table(SWEEPS)?;
    write.commit()?;
    Ok(database)
}

/// While it lives, a request is taking care of its intent.
pub struct Running {
    intents: Intents,
    event_id: EventId,
    sweep: Option<Sweep>,
}

impl Running {
    /// See [`Intents::finish`]: its effect did not happen.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn forget(self) -> Result<(), IntentsError> {
        self.intents.finish(self.event_id).await
    }

    /// See [`Intents::done`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn done(mut self) -> Result<(), IntentsError> {
        let sweep = self.sweep.take();
        self.intents.done(self.event_id, sweep).await
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use nexus_model::{ActorType, Synthesized};

    use super::*;

    /// 2027-01-15T08:00:00Z
    const MADE_MICROS: i64 = 1_800_000_000_000_000;

    fn deleted(asset_id: AssetId, after_micros: i64) -> Intent {
        Intent {
            event_id: EventId::from_uuid(crate::ids::fresh()),
            context: RequestContext {
                tenant_id: "t_own".parse().unwrap(),
                env: "dev".parse().unwrap(),
                user_id: "u_own".parse().unwrap(),
                actor_type: ActorType::Human,
                request_id: "r".parse().unwrap(),
                trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap(),
                synthesized: Synthesized::default(),
            },
            asset_id,
            action: Action::Delete {
                filename: "a.txt".to_owned(),
                versioned: true,
                size_bytes: 1,
                deleted_at: at(after_micros),
            },
        }
    }

    fn at(after_micros: i64) -> Timestamp {
        Timestamp::from_micros(MADE_MICROS + after_micros).unwrap()
    }

    fn asset() -> AssetId {
        let millis = u64::try_from(MADE_MICROS / 1000).unwrap();
        AssetId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &[7; 10]).into_uuid())
    }

    #[test]
    fn a_deletion_leaves_a_sweep_while_uploads_may_come() {
        let sweep = deleted(asset(), 1).sweep().unwrap();
        assert_eq!(
            (sweep.filename.as_str(), sweep.versioned, sweep.not_before),
            ("a.txt", true, at(UPLOADS_END_MICROS))
        );
        assert!(deleted(asset(), UPLOADS_END_MICROS).sweep().is_none());
        assert!(deleted("named-by-nobody".parse().unwrap(), 1).sweep().is_none());
    }

    #[tokio::test]
    async fn sweeps_come_due_in_their_order_and_are_no_intents() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("intents.redb");
        let intents = Intents::open(&path).unwrap();
        let mut sweeps = Vec::new();
        for hours in [3, 1, 2] {
            let intent = deleted(asset(), 1);
            let sweep = Sweep { not_before: at(hours * 3_600_000_000), ..intent.sweep().unwrap() };
            let running = intents.begin(intent).await.unwrap();
            intents.done(sweep.event_id, Some(sweep.clone())).await.unwrap();
            drop(running);
            sweeps.push(sweep);
        }
        drop(intents);
        let intents = Intents::open(&path).unwrap();
        assert!(intents.abandoned().unwrap().is_empty());
        let due = |hours: i64, most| intents.due(at(hours * 3_600_000_000), most).unwrap();
        assert_eq!(due(2, 10), [sweeps[1].clone(), sweeps[2].clone()]);
        assert_eq!(due(9, 1), [sweeps[1].clone()]);
        intents.swept(&sweeps[1]).await.unwrap();
        assert_eq!(due(9, 10), [sweeps[2].clone(), sweeps[0].clone()]);
        assert!(due(1, 10).is_empty());
    }
}
