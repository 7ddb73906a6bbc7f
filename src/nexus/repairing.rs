//! Filling a copy again: a follower whose appends repair.

use std::{ops::Range, sync::Arc};

use async_trait::async_trait;

use super::{
    backend::{BackendError, BatchLimits, CopiedRow, Finding, NexusBackend},
    row::{Batch, LogId},
};

/// A backend whose appends replace what differs. For `nexus refollow` alone.
#[derive(Debug)]
pub struct Repairing(pub Arc<dyn NexusBackend>);

#[async_trait]
impl NexusBackend for Repairing {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn limits(&self) -> BatchLimits {
        self.0.limits()
    }

    async fn prepare(&self) -> Result<(), BackendError> {
        self.0.prepare().await
    }

    async fn append(&self, batch: &Batch) -> Result<(), BackendError> {
        self.0.repair(batch).await
    }

    async fn read_back(&self, log: &LogId, seqs: Range<u64>) -> Result<Vec<CopiedRow>, BackendError> {
        self.0.read_back(log, seqs).await
    }

    async fn count(&self, log: &LogId) -> Result<u64, BackendError> {
        self.0.count(log).await
    }

    async fn repair(&self, batch: &Batch) -> Result<(), BackendError> {
        self.0.repair(batch).await
    }

    async fn remove_extra(&self, log: &LogId, size: u64) -> Result<u64, BackendError> {
        self.0.remove_extra(log, size).await
    }

    async fn doctor(&self) -> Vec<Finding> {
        self.0.doctor().await
    }

    async fn close(&self) {
        self.0.close().await;
    }
}
