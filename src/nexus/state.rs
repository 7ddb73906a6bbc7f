//! What followers must remember over a restart: cursors, and whatever a backend needs of its own. Small, mutable, durable.

use std::path::{Path, PathBuf};

use redb::{Database, Durability, ReadableDatabase, TableDefinition};

/// By backend, log and key, zero bytes between.
const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("follower");
/// Memory for the table's pages. Bytes.
const CACHE_BYTES: usize = 4 << 20;

/// The state cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the followers' state in {path}: {source}")]
pub struct StateError {
    path: PathBuf,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// The followers' state, `follower.redb` in the data directory. One process has it open.
#[derive(Debug)]
pub struct FollowerState {
    path: PathBuf,
    database: Database,
}

/// A change of one value.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// Whose value: a log's origin, or empty for the backend as a whole.
    pub log: &'a str,
    /// Which value.
    pub key: &'a str,
    /// What it becomes; `None` removes it.
    pub value: Option<Vec<u8>>,
}

fn key(backend: &str, log: &str, key: &str) -> Vec<u8> {
    [backend.as_bytes(), log.as_bytes(), key.as_bytes()].join(&0)
}

impl FollowerState {
    /// Opens the state in a data directory, making it where there is none.
    ///
    /// # Errors
    /// When the file cannot be used, or another process has it open.
    pub fn open(data_dir: &Path) -> Result<Self, StateError> {
        let path = data_dir.join("follower.redb");
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| StateError { path: path.clone(), source };
        std::fs::create_dir_all(data_dir).map_err(|error| failed(error.into()))?;
        let database =
            Database::builder().set_cache_size(CACHE_BYTES).create(&path).map_err(|error| failed(Box::new(error)))?;
        let state = Self { path, database };
        // A table that is not there cannot be read.
        state.put_all("", &[])?;
        Ok(state)
    }

    fn failed(&self, source: impl std::error::Error + Send + Sync + 'static) -> StateError {
        StateError { path: self.path.clone(), source: Box::new(source) }
    }

    /// One value.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn get(&self, backend: &str, log: &str, name: &str) -> Result<Option<Vec<u8>>, StateError> {
        let read = self.database.begin_read().map_err(|error| self.failed(error))?;
        let table = read.open_table(TABLE).map_err(|error| self.failed(error))?;
        let value = table.get(key(backend, log, name).as_slice()).map_err(|error| self.failed(error))?;
        Ok(value.map(|value| value.value().to_vec()))
    }

    /// Changes one value; durable when this returns.
    ///
    /// # Errors
    /// When the file cannot be written; then nothing has changed.
    pub fn put(&self, backend: &str, log: &str, name: &str, value: &[u8]) -> Result<(), StateError> {
        self.put_all(backend, &[Change { log, key: name, value: Some(value.to_vec()) }])
    }

    /// Changes several values of a backend, all or none; durable when this returns. One fsync.
    ///
    /// # Errors
    /// When the file cannot be written; then nothing has changed.
    pub fn put_all(&self, backend: &str, changes: &[Change<'_>]) -> Result<(), StateError> {
        let mut write = self.database.begin_write().map_err(|error| self.failed(error))?;
        write.set_durability(Durability::Immediate).map_err(|error| self.failed(error))?;
        {
            let mut table = write.open_table(TABLE).map_err(|error| self.failed(error))?;
            for change in changes {
                let key = key(backend, change.log, change.key);
                match &change.value {
                    Some(value) => {
                        table.insert(key.as_slice(), value.as_slice()).map_err(|error| self.failed(error))?;
                    }
                    None => {
                        table.remove(key.as_slice()).map_err(|error| self.failed(error))?;
                    }
                }
            }
        }
        write.commit().map_err(|error| self.failed(error))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_there_after_a_restart_and_keys_do_not_meet() {
        let dir = tempfile::tempdir().unwrap();
        let state = FollowerState::open(dir.path()).unwrap();
        state.put("firestore", "log", "cursor", b"1").unwrap();
        state.put("firestore", "", "cursor", b"2").unwrap();
        assert!(FollowerState::open(dir.path()).is_err(), "one process has it open");
        drop(state);
        let state = FollowerState::open(dir.path()).unwrap();
        assert_eq!(state.get("firestore", "log", "cursor").unwrap().unwrap(), b"1");
        assert_eq!(state.get("firestore", "", "cursor").unwrap().unwrap(), b"2");
        assert_eq!(state.get("bigquery", "log", "cursor").unwrap(), None);
    }
}
