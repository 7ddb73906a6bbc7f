//! Firestore as the copy: one document per event. The only module that knows Firestore.
//!
//! | path | holds |
//! |---|---|
//! | `tenants/{tenant_id}/envs/{env}/events/{id}` | one event; `id` is a hash of log and seq, so neighbours lie far apart |
//!
//! A document is created, never changed: each write carries the precondition that the document does not exist, and goes out by
//! `BatchWrite`, which answers for every write by itself. A write that finds its document there is compared with it: the same leaf is a
//! repeat, another one stops the follower. See <https://firebase.google.com/docs/firestore/reference/rpc/google.firestore.v1>.

mod document;
mod emulator;
mod failure;
mod query;
mod ramp;
mod reader;

use std::{collections::HashMap, ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use firestore::{
    FirestoreDb, FirestoreDbOptions,
    gcloud_sdk::{
        GoogleApi, GoogleAuthMiddleware,
        google::firestore::v1::{
            BatchGetDocumentsRequest, BatchWriteRequest, Document, RunAggregationQueryRequest, RunQueryRequest,
            StructuredQuery, Write, batch_get_documents_response, firestore_client::FirestoreClient,
            precondition::ConditionType, run_aggregation_query_request, run_query_request, value::ValueType,
            write::Operation,
        },
        google_cloud_auth::credentials::Credentials,
    },
};
use nexus_model::{Env, TenantId};
use tokio::sync::OnceCell;

use self::{emulator::EmulatorOwner, failure::Failure, query::Conditions, ramp::Ramp};
use super::{
    backend::{BackendError, BatchLimits, CopiedRow, Finding, NexusBackend, Standing},
    reading::CopyReader,
    row::{Batch, Columns, LogId, Row},
};
use crate::config;

/// Writes in one `BatchWrite`, which Firestore documents as its limit.
const MAX_WRITES: usize = 500;
/// Bytes of leaves in one `BatchWrite`. A request may have 10 MiB; columns and paths come on top of the leaves.
const MAX_BYTES: usize = 6 << 20;
/// `google.rpc.Code`.
const OK: i32 = 0;
const ALREADY_EXISTS: i32 = 6;
const FAILED_PRECONDITION: i32 = 9;
/// How long `nexus doctor` waits for an answer.
const DOCTOR_PATIENCE: Duration = Duration::from_secs(10);

type Client = FirestoreClient<GoogleAuthMiddleware>;

/// A copy in Firestore.
pub struct FirestoreBackend {
    settings: config::Firestore,
    /// Connected at the first use, so that a start does not depend on Firestore.
    db: OnceCell<FirestoreDb>,
    ramp: Ramp,
}

impl std::fmt::Debug for FirestoreBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FirestoreBackend").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl FirestoreBackend {
    /// A copy in the project and database that the settings name. Talks to nobody yet.
    #[must_use]
    pub fn new(settings: config::Firestore) -> Self {
        Self { ramp: Ramp::new(&settings), settings, db: OnceCell::new() }
    }

    fn project(&self) -> &str {
        self.settings.project.as_deref().unwrap_or_default()
    }

    async fn db(&self) -> Result<&FirestoreDb, BackendError> {
        self.db.get_or_try_init(|| self.connect()).await
    }

    async fn connect(&self) -> Result<FirestoreDb, BackendError> {
        let mut options = FirestoreDbOptions::new(self.project().to_owned())
            .with_database_id(self.settings.database.clone())
            .with_max_retries(0);
        let connected = match &self.settings.emulator_host {
            Some(host) => {
                options = options.with_firebase_api_url(format!("http://{host}"));
                FirestoreDb::with_options_auth(options, Credentials::from(EmulatorOwner::default())).await
            }
            None => FirestoreDb::with_options(options).await,
        };
        connected.map_err(|error| failure::connecting(self.project(), error))
    }

    async fn client(&self) -> Result<Client, BackendError> {
        let api: &GoogleApi<Client> = self.db().await?.client();
        // A leaf may be larger than the 4 MiB that the client takes by default, in an answer of many.
        Ok(api.get().max_decoding_message_size(64 << 20).max_encoding_message_size(64 << 20))
    }

    async fn database(&self) -> Result<String, BackendError> {
        Ok(self.db().await?.get_database_path().clone())
    }

    fn failed(&self, what: &'static str) -> Failure<'_> {
        Failure { what, project: self.project(), database: &self.settings.database }
    }

    /// `projects/…/documents/tenants/{tenant_id}/envs/{env}`
    async fn place(&self, tenant: &TenantId, env: &Env) -> Result<String, BackendError> {
        Ok(format!("{}/tenants/{tenant}/envs/{env}", self.db().await?.get_documents_path()))
    }

    /// The place of a log.
    async fn parent(&self, log: &LogId) -> Result<String, BackendError> {
        self.place(&log.tenant, &log.env).await
    }

    /// Sends writes as one `BatchWrite` and answers each one's code and message.
    async fn write(&self, writes: Vec<Write>) -> Result<Vec<(i32, String)>, BackendError> {
        let count = writes.len();
        self.ramp.take(count).await;
        let request = BatchWriteRequest { database: self.database().await?, writes, ..Default::default() };
        let answer = self.client().await?.batch_write(request).await.map_err(|s| self.failed("write").status(s))?;
        let status = answer.into_inner().status;
        if status.len() != count {
            let what = format!("Firestore answered {} of {count} writes", status.len());
            return Err(BackendError::Transient { what, source: None });
        }
        Ok(status.into_iter().map(|status| (status.code, status.message)).collect())
    }

    /// The documents that are there, by name.
    async fn documents(&self, names: Vec<String>) -> Result<HashMap<String, Document>, BackendError> {
        let mut found = HashMap::with_capacity(names.len());
        let request =
            BatchGetDocumentsRequest { database: self.database().await?, documents: names, ..Default::default() };
        let failed = self.failed("read");
        let mut answers =
            self.client().await?.batch_get_documents(request).await.map_err(|s| failed.status(s))?.into_inner();
        while let Some(answer) = answers.message().await.map_err(|s| failed.status(s))? {
            if let Some(batch_get_documents_response::Result::Found(document)) = answer.result {
                found.insert(document.name.clone(), document);
            }
        }
        Ok(found)
    }

    /// Compares rows that were there already with what is there.
    async fn compare(&self, parent: &str, batch: &Batch, there: &[&Row]) -> Result<(), BackendError> {
        let names = there.iter().map(|row| document::name(parent, batch.log(), row.seq)).collect();
        let documents = self.documents(names).await?;
        for row in there {
            let name = document::name(parent, batch.log(), row.seq);
            let Some(found) = documents.get(&name) else {
                let what = format!("{name} is both there and not there");
                return Err(BackendError::Transient { what, source: None });
            };
            if let Some(what) = document::differs(found, batch.log(), row) {
                return Err(BackendError::Diverged { seq: row.seq, what: format!("{what} of {name}") });
            }
        }
        Ok(())
    }

    /// How many documents under `parent` hold.
    async fn counted(&self, parent: String, conditions: Conditions) -> Result<u64, BackendError> {
        let query_type =
            Some(run_aggregation_query_request::QueryType::StructuredAggregationQuery(conditions.counted()));
        let request = RunAggregationQueryRequest { parent, query_type, ..Default::default() };
        let failed = self.failed("query");
        let mut answers =
            self.client().await?.run_aggregation_query(request).await.map_err(|s| failed.status(s))?.into_inner();
        while let Some(answer) = answers.message().await.map_err(|s| failed.status(s))? {
            let rows = answer.result.and_then(|mut result| result.aggregate_fields.remove(query::COUNTED));
            if let Some(ValueType::IntegerValue(rows)) = rows.and_then(|rows| rows.value_type) {
                return Ok(u64::try_from(rows).unwrap_or(0));
            }
        }
        Err(BackendError::Transient { what: "Firestore answered no count".to_owned(), source: None })
    }

    /// Takes the documents under `parent` that a query answers, one by one.
    async fn each(
        &self,
        parent: String,
        query: StructuredQuery,
        mut take: impl FnMut(Document) + Send,
    ) -> Result<(), BackendError> {
        let query_type = Some(run_query_request::QueryType::StructuredQuery(query));
        let request = RunQueryRequest { parent, query_type, ..Default::default() };
        let failed = self.failed("query");
        let mut answers = self.client().await?.run_query(request).await.map_err(|s| failed.status(s))?.into_inner();
        while let Some(answer) = answers.message().await.map_err(|s| failed.status(s))? {
            if let Some(document) = answer.document {
                take(document);
            }
        }
        Ok(())
    }

    /// The documents under a log's name that no seq below `size` accounts for.
    async fn extra(&self, log: &LogId, size: u64) -> Result<Vec<String>, BackendError> {
        let parent = self.parent(log).await?;
        let mut extra = Vec::new();
        let asked = query::select(Conditions::of_log(log).all(), &["seq"]);
        self.each(parent.clone(), asked, |document| {
            let own = document::seq(&document)
                .filter(|seq| *seq < size)
                .is_some_and(|seq| document::name(&parent, log, seq) == document.name);
            if !own {
                extra.push(document.name);
            }
        })
        .await?;
        Ok(extra)
    }
}

#[async_trait]
impl NexusBackend for FirestoreBackend {
    fn name(&self) -> &'static str {
        "firestore"
    }

    fn limits(&self) -> BatchLimits {
        BatchLimits { events: MAX_WRITES, bytes: MAX_BYTES }
    }

    /// Reads a document that is never written: that the database is there, and that it may be read.
    async fn prepare(&self) -> Result<(), BackendError> {
        let name = format!("{}/tenants/t_nexus-probe", self.db().await?.get_documents_path());
        self.documents(vec![name]).await.map(drop)
    }

    async fn append(&self, batch: &Batch) -> Result<(), BackendError> {
        let parent = self.parent(batch.log()).await?;
        let writes = batch.rows().iter().map(|row| document::write(&parent, batch.log(), row, Some(false))).collect();
        let answers = self.write(writes).await?;
        let mut there = Vec::new();
        let mut again = None;
        for (row, (code, message)) in batch.rows().iter().zip(answers) {
            match code {
                OK => {}
                // Firestore says the one, its emulator the other.
                ALREADY_EXISTS | FAILED_PRECONDITION => there.push(row),
                _ => match self.failed("write").code(code, message, row.seq) {
                    error @ BackendError::Refused { .. } => return Err(error),
                    error => again = Some(error),
                },
            }
        }
        if !there.is_empty() {
            self.compare(&parent, batch, &there).await?;
        }
        again.map_or(Ok(()), Err)
    }

    async fn read_back(&self, log: &LogId, seqs: Range<u64>) -> Result<Vec<CopiedRow>, BackendError> {
        let parent = self.parent(log).await?;
        let names = seqs.clone().map(|seq| document::name(&parent, log, seq)).collect();
        let documents = self.documents(names).await?;
        let rows = seqs.filter_map(|seq| {
            let found = documents.get(&document::name(&parent, log, seq))?;
            let leaf = document::leaf(found).unwrap_or_default();
            let row = Row::new(seq, leaf.clone());
            let columns_hold = row.is_ok_and(|row| document::differs(found, log, &row).is_none());
            Some(CopiedRow { seq, leaf, columns_hold })
        });
        Ok(rows.collect())
    }

    async fn count(&self, log: &LogId) -> Result<u64, BackendError> {
        self.counted(self.parent(log).await?, Conditions::of_log(log)).await
    }

    async fn repair(&self, batch: &Batch) -> Result<(), BackendError> {
        let parent = self.parent(batch.log()).await?;
        let names = batch.rows().iter().map(|row| document::name(&parent, batch.log(), row.seq)).collect();
        let documents = self.documents(names).await?;
        let wrong = batch.rows().iter().filter(|row| {
            let found = documents.get(&document::name(&parent, batch.log(), row.seq));
            found.is_none_or(|found| document::differs(found, batch.log(), row).is_some())
        });
        let wrong: Vec<&Row> = wrong.collect();
        if wrong.is_empty() {
            return Ok(());
        }
        let writes = wrong.iter().map(|row| document::write(&parent, batch.log(), row, None)).collect();
        for (row, (code, message)) in wrong.iter().zip(self.write(writes).await?) {
            if code != OK {
                return Err(self.failed("write").code(code, message, row.seq));
            }
        }
        Ok(())
    }

    async fn remove_extra(&self, log: &LogId, size: u64) -> Result<u64, BackendError> {
        let extra = self.extra(log, size).await?;
        for names in extra.chunks(MAX_WRITES) {
            let delete =
                |name: &String| Write { operation: Some(Operation::Delete(name.clone())), ..Default::default() };
            for (code, message) in self.write(names.iter().map(delete).collect()).await? {
                if code != OK {
                    return Err(self.failed("delete").code(code, message, size));
                }
            }
        }
        Ok(extra.len() as u64)
    }

    fn reader(self: Arc<Self>) -> Option<Arc<dyn CopyReader>> {
        Some(self)
    }

    async fn doctor(&self) -> Vec<Finding> {
        let reach = tokio::time::timeout(DOCTOR_PATIENCE, self.prepare()).await;
        let (standing, text) = match reach {
            Ok(Ok(())) => (Standing::Good, format!("{} in project {} answers", self.settings.database, self.project())),
            Ok(Err(error)) => (Standing::Bad, error.to_string()),
            Err(_) => (
                Standing::Bad,
                format!(
                    "no answer within {} s; check the network to firestore.googleapis.com",
                    DOCTOR_PATIENCE.as_secs()
                ),
            ),
        };
        let mut findings = vec![Finding { name: "firestore", standing, text }];
        if let Some(host) = &self.settings.emulator_host {
            let text = format!("an emulator on {host} keeps the copy in memory: not for anything to be kept");
            findings.push(Finding { name: "firestore emulator", standing: Standing::Advice, text });
        }
        findings
    }
}
