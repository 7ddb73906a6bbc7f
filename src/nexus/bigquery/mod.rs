//! BigQuery as the copy: one table, one row per event. The only module that knows BigQuery.
//!
//! The table is cut by the day of `recorded_at` and clustered by tenant, environment and surface (`setup`, `columns`). Rows are
//! written by the Storage Write API, each log on a committed stream of its own at the offset that its seq gives, so a repeat is told as
//! `ALREADY_EXISTS` and is never a second row (`streams`, `writing`). They are read back by SQL (`queries`, `reading`). See
//! <https://cloud.google.com/bigquery/docs/write-api>.

mod arrow;
mod clients;
mod columns;
mod failure;
mod queries;
mod reading;
mod setup;
mod streams;
mod writing;

use std::{ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::sync::{Mutex, OnceCell};

use self::{clients::Clients, failure::Failure, reading::Reading, streams::Streams};
use super::{
    backend::{BackendError, BatchLimits, CopiedRow, Finding, NexusBackend, Standing},
    row::{Batch, LogId, Row},
    state::FollowerState,
};
use crate::config;

/// The backend's name.
const NAME: &str = "bigquery";
/// Rows in one append, and in one page of a query's answer.
const MAX_ROWS: usize = 1000;
/// Bytes of leaves in one append. A request may have 10 MB; the columns come on top.
const MAX_BYTES: usize = 6 << 20;
/// How long `nexus doctor` waits for an answer.
const DOCTOR_PATIENCE: Duration = Duration::from_secs(10);

/// A copy in BigQuery.
pub struct BigQueryBackend {
    settings: config::BigQuery,
    /// Made at the first use, so that a start does not depend on Google.
    clients: OnceCell<Clients>,
    streams: Streams,
    /// What is read back now.
    reading: Mutex<Option<Reading>>,
}

impl std::fmt::Debug for BigQueryBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BigQueryBackend").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl BigQueryBackend {
    /// A copy in the table that the settings name. Talks to nobody yet.
    ///
    /// `state` keeps the names of write streams; without it each start begins new ones, after a look at what is there.
    #[must_use]
    pub fn new(settings: config::BigQuery, state: Option<Arc<FollowerState>>) -> Self {
        let streams = Streams::new(settings.max_open_streams, state);
        Self { settings, clients: OnceCell::new(), streams, reading: Mutex::default() }
    }

    fn project(&self) -> &str {
        self.settings.project.as_deref().unwrap_or_default()
    }

    async fn clients(&self) -> Result<&Clients, BackendError> {
        self.clients.get_or_try_init(|| Clients::new(&self.settings)).await
    }

    fn failed(&self, what: &'static str) -> Failure<'_> {
        Failure { what, project: self.project(), dataset: &self.settings.dataset, table: &self.settings.table }
    }

    /// What `nexus doctor` looks at: the table without making it, a query, and a write stream, which is finalized empty.
    async fn examine(&self) -> Result<(), BackendError> {
        Box::pin(self.settle_table(self.clients().await?, false)).await?;
        let nobody = LogId::parse("nexus/t_nexus-probe/dev/doctor");
        if let Some(nobody) = nobody {
            self.tail(&nobody).await?;
        }
        self.try_stream().await
    }
}

#[async_trait]
impl NexusBackend for BigQueryBackend {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limits(&self) -> BatchLimits {
        BatchLimits { events: MAX_ROWS, bytes: MAX_BYTES }
    }

    async fn prepare(&self) -> Result<(), BackendError> {
        Box::pin(self.settle_table(self.clients().await?, true)).await
    }

    async fn append(&self, batch: &Batch) -> Result<(), BackendError> {
        self.forget_reading().await;
        self.append_rows(batch).await
    }

    async fn read_back(&self, log: &LogId, seqs: Range<u64>) -> Result<Vec<CopiedRow>, BackendError> {
        let found = self.read_on(log, seqs).await?;
        let rows = found.into_iter().map(|found| {
            let columns_hold = found.columns_hold(log);
            CopiedRow { seq: found.seq, leaf: found.leaf, columns_hold }
        });
        Ok(rows.collect())
    }

    async fn count(&self, log: &LogId) -> Result<u64, BackendError> {
        self.rows_of(log).await
    }

    async fn repair(&self, batch: &Batch) -> Result<(), BackendError> {
        self.forget_reading().await;
        self.repair_rows(batch).await
    }

    async fn remove_extra(&self, log: &LogId, size: u64) -> Result<u64, BackendError> {
        self.forget_reading().await;
        self.delete_beyond(log, size).await
    }

    async fn doctor(&self) -> Vec<Finding> {
        let (dataset, table) = (&self.settings.dataset, &self.settings.table);
        let (standing, text) = match tokio::time::timeout(DOCTOR_PATIENCE, self.examine()).await {
            Ok(Ok(())) => (Standing::Good, format!("{dataset}.{table} in project {} takes rows", self.project())),
            Ok(Err(error)) => (Standing::Bad, error.to_string()),
            Err(_) => (
                Standing::Bad,
                format!(
                    "no answer within {} s; check the network to bigquery.googleapis.com and bigquerystorage.googleapis.com",
                    DOCTOR_PATIENCE.as_secs()
                ),
            ),
        };
        let mut findings = vec![Finding { name: NAME, standing, text }];
        if let Some(host) = &self.settings.emulator_host {
            let text = format!("an emulator on {host}: not for anything to be kept");
            findings.push(Finding { name: "bigquery emulator", standing: Standing::Advice, text });
        }
        findings
    }

    async fn close(&self) {
        self.streams.close();
    }
}
