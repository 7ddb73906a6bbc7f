//! The notes, and the intents whose event is not known to be kept yet: one redb file, every commit durable.

use std::path::Path;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::nexus_client::Caller;

/// `tenant/env/id` → a note as JSON.
const NOTES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("notes");
/// The event's id (UUIDv7, so in order) → an intent as JSON.
const INTENTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("intents");

/// One note.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) content: String,
    pub(crate) tags: Vec<String>,
    /// Assets that Nexus has registered.
    pub(crate) attachments: Vec<String>,
    /// Grows by one with each change.
    pub(crate) revision: u64,
    pub(crate) updated_at: String,
    pub(crate) updated_by: String,
}

/// A change that is to be recorded, and then made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) event_id: String,
    pub(crate) caller: Caller,
    /// As Nexus gets it; repeated to the letter, so that Nexus knows it again.
    pub(crate) event: Value,
    pub(crate) id: String,
    /// What the note becomes; `None` removes it.
    pub(crate) becomes: Option<Note>,
}

/// The file failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the store: {0}")]
    Redb(#[from] redb::Error),
    #[error("the store holds what is no note: {0}")]
    Json(#[from] serde_json::Error),
}

macro_rules! from_redb {
    ($($error:ident),*) => { $(impl From<redb::$error> for StoreError {
        fn from(error: redb::$error) -> Self { Self::Redb(error.into()) }
    })* };
}
from_redb!(DatabaseError, TransactionError, TableError, StorageError, CommitError);

pub(crate) struct Store(Database);

fn key(caller: &Caller, id: &str) -> String {
    format!("{}/{}/{id}", caller.tenant, caller.env)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    Ok(serde_json::from_slice(bytes)?)
}

impl Store {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::create(path)?;
        let transaction = database.begin_write()?;
        transaction.open_table(NOTES)?;
        transaction.open_table(INTENTS)?;
        transaction.commit()?;
        Ok(Self(database))
    }

    pub(crate) fn get(&self, caller: &Caller, id: &str) -> Result<Option<Note>, StoreError> {
        let notes = self.0.begin_read()?.open_table(NOTES)?;
        notes.get(key(caller, id).as_str())?.map(|bytes| read(bytes.value())).transpose()
    }

    /// At most `limit` notes of the caller's tenant and environment, by id, after the one named.
    pub(crate) fn list(&self, caller: &Caller, after: &str, limit: usize) -> Result<Vec<Note>, StoreError> {
        let notes = self.0.begin_read()?.open_table(NOTES)?;
        // Everything that begins with the place and `/`, which `0` follows.
        let (first, end) = (key(caller, after), format!("{}/{}0", caller.tenant, caller.env));
        let mut found = Vec::new();
        for row in notes.range(first.as_str()..end.as_str())? {
            let (at, bytes) = row?;
            if found.len() == limit {
                break;
            }
            if at.value() != first {
                found.push(read(bytes.value())?);
            }
        }
        Ok(found)
    }

    /// Writes an intent down.
    pub(crate) fn intend(&self, intent: &Intent) -> Result<(), StoreError> {
        let transaction = self.0.begin_write()?;
        transaction.open_table(INTENTS)?.insert(intent.event_id.as_str(), serde_json::to_vec(intent)?.as_slice())?;
        Ok(transaction.commit()?)
    }

    /// Its event is on the ledger: makes the change and forgets the intent, both or neither.
    pub(crate) fn apply(&self, intent: &Intent) -> Result<(), StoreError> {
        let transaction = self.0.begin_write()?;
        {
            let (mut notes, at) = (transaction.open_table(NOTES)?, key(&intent.caller, &intent.id));
            match &intent.becomes {
                Some(note) => drop(notes.insert(at.as_str(), serde_json::to_vec(note)?.as_slice())?),
                None => drop(notes.remove(at.as_str())?),
            }
            transaction.open_table(INTENTS)?.remove(intent.event_id.as_str())?;
        }
        Ok(transaction.commit()?)
    }

    /// Its event was refused, for certain: nothing happens.
    pub(crate) fn forget(&self, intent: &Intent) -> Result<(), StoreError> {
        let transaction = self.0.begin_write()?;
        transaction.open_table(INTENTS)?.remove(intent.event_id.as_str())?;
        Ok(transaction.commit()?)
    }

    /// All intents, oldest first.
    pub(crate) fn intents(&self) -> Result<Vec<Intent>, StoreError> {
        let intents = self.0.begin_read()?.open_table(INTENTS)?;
        intents.iter()?.map(|row| read(row?.1.value())).collect()
    }
}
