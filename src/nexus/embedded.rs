//! The backend that is none: the ledger in the data directory is the only copy, and has every row by itself.

use std::ops::Range;

use async_trait::async_trait;
use nexus_ledger::Ledger;

use super::{
    backend::{BackendError, BatchLimits, CopiedRow, Finding, NexusBackend, Standing},
    row::{Batch, LogId},
};

/// The ledger as its own copy.
#[derive(Debug, Clone)]
pub struct EmbeddedBackend {
    ledger: Ledger,
}

impl EmbeddedBackend {
    /// The ledger's own copy.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }

    async fn rows(&self, log: &LogId, seqs: Range<u64>) -> Result<Vec<CopiedRow>, BackendError> {
        let (ledger, origin) = (self.ledger.clone(), log.origin.clone());
        let read = move || ledger.leaves(&origin, seqs);
        let leaves = crate::views::blocking(read).await.map_err(|error| BackendError::Transient {
            what: "the ledger cannot be read".to_owned(),
            source: Some(Box::new(error)),
        })?;
        Ok(leaves.into_iter().map(|(seq, leaf)| CopiedRow { seq, leaf, columns_hold: true }).collect())
    }
}

#[async_trait]
impl NexusBackend for EmbeddedBackend {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn limits(&self) -> BatchLimits {
        BatchLimits { events: 1024, bytes: 8 << 20 }
    }

    async fn prepare(&self) -> Result<(), BackendError> {
        Ok(())
    }

    /// Writes nothing: what the ledger handed out it has. Anything else is not the ledger's.
    async fn append(&self, batch: &Batch) -> Result<(), BackendError> {
        let here = self.rows(batch.log(), batch.first()..batch.end()).await?;
        let mut here = here.iter();
        for row in batch.rows() {
            match here.next() {
                None => {
                    return Err(BackendError::Refused { seq: row.seq, what: "the ledger has no such event".into() });
                }
                Some(found) if found.leaf != row.leaf => {
                    return Err(BackendError::Diverged { seq: row.seq, what: "the ledger has another leaf".into() });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    async fn read_back(&self, log: &LogId, seqs: Range<u64>) -> Result<Vec<CopiedRow>, BackendError> {
        self.rows(log, seqs).await
    }

    async fn count(&self, log: &LogId) -> Result<u64, BackendError> {
        let logs = self.ledger.logs();
        Ok(logs.iter().find(|head| *head.origin == *log.origin).map_or(0, |head| head.size))
    }

    /// Changes nothing: the ledger cannot be repaired from itself.
    async fn repair(&self, batch: &Batch) -> Result<(), BackendError> {
        self.append(batch).await
    }

    async fn remove_extra(&self, _: &LogId, _: u64) -> Result<u64, BackendError> {
        Ok(0)
    }

    async fn doctor(&self) -> Vec<Finding> {
        let text = "none configured; the ledger lives in the data directory alone".to_owned();
        vec![Finding { name: "backend", standing: Standing::Good, text }]
    }
}
