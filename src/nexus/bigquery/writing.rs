//! How rows come to the table: on the log's own stream at their offset, or, where that does not fit, after a look at what is there.

use google_cloud_bigquery::{
    error::{AppendError, WriterBuilderError},
    write::{CommittedWriter, format::Arrow},
};
use google_cloud_gax::error::{Error, rpc::Code};

use super::{
    BackendError, BigQueryBackend, LogId, Row,
    failure::code,
    queries::Days,
    streams::{Known, Opened, Repairs, Slot},
};
use crate::nexus::Batch;

/// A stream may be said not to exist for a moment after its table was changed. So often in a row, it does not.
const NOT_FOUND_PATIENCE: u32 = 3;
/// One try on the stream that is open, one on a fresh connection, one on the next stream.
const TRIES: usize = 3;

/// What became of rows that were sent.
enum Sent {
    /// They are in the table.
    Taken,
    /// The stream has rows at that offset.
    There,
    /// The connection ended, before or after they were taken.
    Closed,
    /// The stream ends before that offset, or takes nothing any more.
    Over,
    /// There is no such stream.
    Lost,
}

impl BigQueryBackend {
    /// See [`NexusBackend::append`](crate::nexus::NexusBackend::append).
    pub(super) async fn append_rows(&self, batch: &Batch) -> Result<(), BackendError> {
        let log = batch.log();
        let slot = self.streams.slot(log);
        let mut slot = slot.lock().await;
        for _ in 0..TRIES {
            let base = self.open(&mut slot, log, batch.first()).await?;
            let older = batch.rows().partition_point(|row| row.seq < base);
            let (before, rows) = batch.rows().split_at(older);
            let there = self.compare(log, before).await?;
            if let Some(row) = before.get(there) {
                return Err(gone(row.seq));
            }
            if rows.is_empty() {
                return Ok(());
            }
            match self.send(&mut slot, log, rows).await? {
                Sent::Taken => return Ok(()),
                Sent::There => return self.already_there(&mut slot, log, rows).await,
                Sent::Closed => slot.opened = None,
                Sent::Over => self.rotate(&mut slot, log, rows[0].seq).await?,
                Sent::Lost => {
                    slot.opened = None;
                    self.not_found(&mut slot, log, rows[0].seq).await?;
                }
            }
        }
        let what = format!("BigQuery does not take events of {} on any stream", log.origin);
        Err(BackendError::Transient { what, source: None })
    }

    /// Makes sure that the log has a stream open, and answers its base.
    async fn open(&self, slot: &mut Slot, log: &LogId, first: u64) -> Result<u64, BackendError> {
        if slot.opened.is_none() {
            match self.streams.known(super::NAME, log).await? {
                None => self.begin(slot, log, first).await?,
                Some(known) => match self.attach(&known.name).await {
                    Ok(writer) => {
                        slot.not_found = 0;
                        slot.opened = Some(Opened::new(writer, known.base));
                    }
                    Err(error) if is_not_found(&error) => self.not_found(slot, log, first).await?,
                    Err(error) => return Err(self.failed("attaching to a write stream").writer(error)),
                },
            }
        }
        Ok(slot.opened.as_ref().map_or(first, |opened| opened.base))
    }

    /// A stream is said not to exist: begins another one once that has been said often enough.
    async fn not_found(&self, slot: &mut Slot, log: &LogId, first: u64) -> Result<(), BackendError> {
        slot.not_found += 1;
        if slot.not_found < NOT_FOUND_PATIENCE {
            let what = format!("BigQuery does not find the write stream of {}", log.origin);
            return Err(BackendError::Transient { what, source: None });
        }
        self.begin(slot, log, first).await
    }

    /// Begins a stream at `first`, or after what the table has of the log. Nothing may be under way on another one.
    async fn begin(&self, slot: &mut Slot, log: &LogId, first: u64) -> Result<(), BackendError> {
        let base = self.tail(log).await?.max(first);
        let writer = self.create().await?;
        let known = Known { name: writer.write_stream().to_owned(), base };
        self.streams.remember(super::NAME, log, &known).await?;
        tracing::info!(log = %log.origin, base, stream = known.name, "a write stream begins");
        slot.not_found = 0;
        slot.opened = Some(Opened::new(writer, base));
        Ok(())
    }

    /// Finalizes the open stream, trusts its row count, and begins the next one after it.
    async fn rotate(&self, slot: &mut Slot, log: &LogId, first: u64) -> Result<(), BackendError> {
        let Some(opened) = &slot.opened else { return Ok(()) };
        let end = match opened.writer.finalize().await {
            Ok(finalized) => opened.base.saturating_add(u64::try_from(finalized.row_count).unwrap_or(0)),
            Err(error) if code(&error) == Some(Code::NotFound) => 0,
            Err(error) => return Err(self.failed("finalizing a write stream").rpc(error)),
        };
        slot.opened = None;
        self.begin(slot, log, first.max(end)).await
    }

    async fn attach(&self, name: &str) -> Result<CommittedWriter<Arrow>, WriterBuilderError> {
        let clients = self.clients().await.map_err(|error| Error::io(error.to_string()))?;
        let schema = super::arrow::writer_schema().map_err(Error::ser)?;
        clients.write.attach_to_stream(name).build_arrow(schema).await
    }

    async fn create(&self) -> Result<CommittedWriter<Arrow>, BackendError> {
        let (project, dataset, table) = (self.project(), &self.settings.dataset, &self.settings.table);
        let parent = format!("projects/{project}/datasets/{dataset}/tables/{table}");
        let schema = super::arrow::writer_schema().map_err(|error| self.failed("encoding").rpc(Error::ser(error)))?;
        let made = self.clients().await?.write.create_stream(parent).build_arrow(schema).await;
        made.map_err(|error| self.failed("making a write stream").writer(error))
    }

    /// Makes a stream and finalizes it empty: that rows may be written.
    pub(super) async fn try_stream(&self) -> Result<(), BackendError> {
        let finalized = self.create().await?.finalize().await;
        finalized.map(drop).map_err(|error| self.failed("finalizing a write stream").rpc(error))
    }

    async fn send(&self, slot: &mut Slot, log: &LogId, rows: &[Row]) -> Result<Sent, BackendError> {
        let Some(opened) = &mut slot.opened else { return Ok(Sent::Closed) };
        match opened.send(log, rows).await {
            Ok(_) => Ok(Sent::Taken),
            Err(error) => self.sent(error, rows).inspect_err(|_| slot.opened = None),
        }
    }

    /// What an error says of the rows.
    fn sent(&self, error: AppendError, rows: &[Row]) -> Result<Sent, BackendError> {
        match error {
            AppendError::UnexpectedEndOfStream => Ok(Sent::Closed),
            AppendError::RowErrors { row_errors, status, .. } => {
                let first = row_errors.into_iter().min_by_key(|error| error.index).unwrap_or_default();
                let at = usize::try_from(first.index).unwrap_or(0).min(rows.len() - 1);
                Err(BackendError::Refused {
                    seq: rows[at].seq,
                    what: format!("{} ({})", first.message, status.message),
                })
            }
            AppendError::Rpc { source, .. } => match code(&source) {
                Some(Code::AlreadyExists) => Ok(Sent::There),
                Some(Code::OutOfRange | Code::FailedPrecondition) => Ok(Sent::Over),
                Some(Code::NotFound) => Ok(Sent::Lost),
                Some(Code::InvalidArgument) if says_finalized(&source) => Ok(Sent::Over),
                Some(Code::InvalidArgument) if rows.len() == 1 => {
                    Err(BackendError::Refused { seq: rows[0].seq, what: self.failed("append").rpc(source).to_string() })
                }
                _ => Err(self.failed("append").rpc(source)),
            },
            error => Err(self.failed("append").rpc(Error::io(error))),
        }
    }

    /// Compares rows that may be there with what is there, and answers how many of the first ones are.
    async fn compare(&self, log: &LogId, rows: &[Row]) -> Result<usize, BackendError> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(0) };
        let found = self.find(log, first.seq..last.seq + 1, Days::of(rows)).await?;
        let mut there = rows.len();
        for (at, row) in rows.iter().enumerate() {
            let mut copies = found.iter().filter(|found| found.seq == row.seq);
            match (copies.next(), copies.next()) {
                (None, _) => there = there.min(at),
                (Some(_), Some(_)) => return Err(diverged(row.seq, "it is there twice".to_owned())),
                (Some(copy), None) => {
                    if let Some(what) = copy.differs(log, row) {
                        return Err(diverged(row.seq, what));
                    }
                    if there < at {
                        return Err(gone(rows[there].seq));
                    }
                }
            }
        }
        Ok(there)
    }

    /// The stream has rows at this offset: looks which, and sends the others after them.
    async fn already_there(&self, slot: &mut Slot, log: &LogId, rows: &[Row]) -> Result<(), BackendError> {
        let there = self.compare(log, rows).await?;
        let rest = &rows[there..];
        if rest.is_empty() {
            return Ok(());
        }
        if there > 0
            && let Sent::Taken = self.send(slot, log, rest).await?
        {
            return Ok(());
        }
        let what = format!(
            "the write stream of {} has event {} and a query does not show it; if somebody removed it, `nexus refollow` writes it again",
            log.origin, rest[0].seq
        );
        Err(BackendError::Transient { what, source: None })
    }

    /// See [`NexusBackend::repair`](crate::nexus::NexusBackend::repair). What is written again goes to a stream of its own, since the
    /// log's offsets are taken.
    pub(super) async fn repair_rows(&self, batch: &Batch) -> Result<(), BackendError> {
        let log = batch.log();
        let slot = self.streams.slot(log);
        let mut slot = slot.lock().await;
        // What may still arrive must have, or never, before anything is looked at.
        self.settle_repairs(&mut slot).await?;
        let seqs = batch.first()..batch.end();
        // Not the batch's own days: what somebody changed may lie elsewhere.
        let days = self.days_of(log, seqs.clone()).await?;
        let found = match days {
            Some(days) => self.find(log, seqs, days).await?,
            None => Vec::new(),
        };
        let copies = |row: &Row| found.iter().filter(|found| found.seq == row.seq).collect::<Vec<_>>();
        let holds = |row: &&Row| matches!(copies(row)[..], [copy] if copy.differs(log, row).is_none());
        let wrong: Vec<Row> = batch.rows().iter().filter(|row| !holds(row)).cloned().collect();
        let there: Vec<u64> = wrong.iter().filter(|row| !copies(row).is_empty()).map(|row| row.seq).collect();
        if let Some(days) = days.filter(|_| !there.is_empty()) {
            self.delete(log, &there, days).await?;
        }
        if wrong.is_empty() { Ok(()) } else { self.write_again(&mut slot, log, &wrong).await }
    }

    async fn settle_repairs(&self, slot: &mut Slot) -> Result<(), BackendError> {
        if let Some(repairs) = slot.repairs.as_ref().filter(|repairs| repairs.unsure) {
            match repairs.writer.finalize().await {
                Err(error) if code(&error) != Some(Code::NotFound) => {
                    return Err(self.failed("finalizing a write stream").rpc(error));
                }
                _ => slot.repairs = None,
            }
        }
        Ok(())
    }

    async fn write_again(&self, slot: &mut Slot, log: &LogId, rows: &[Row]) -> Result<(), BackendError> {
        if slot.repairs.is_none() {
            slot.repairs = Some(Repairs { writer: self.create().await?, rows: 0, unsure: false });
        }
        let Some(repairs) = &mut slot.repairs else { return Ok(()) };
        let encoded = super::arrow::batch(log, rows).map_err(|error| self.failed("encoding").rpc(Error::ser(error)))?;
        let offset = i64::try_from(repairs.rows).unwrap_or(i64::MAX);
        repairs.unsure = true;
        match repairs.writer.append(encoded).set_offset(offset).send().await {
            Ok(_) => {
                repairs.unsure = false;
                repairs.rows += rows.len() as u64;
                Ok(())
            }
            Err(error) => {
                let error = self.sent(error, rows).err();
                Err(error.unwrap_or_else(|| {
                    let what = "a write stream ended before it took what is written again".to_owned();
                    BackendError::Transient { what, source: None }
                }))
            }
        }
    }
}

fn is_not_found(error: &WriterBuilderError) -> bool {
    matches!(error, WriterBuilderError::Rpc { source, .. } if code(source) == Some(Code::NotFound))
}

fn says_finalized(error: &Error) -> bool {
    error.status().is_some_and(|status| status.message.to_ascii_lowercase().contains("finalized"))
}

fn diverged(seq: u64, what: String) -> BackendError {
    BackendError::Diverged { seq, what }
}

fn gone(seq: u64) -> BackendError {
    diverged(seq, "it was written and is gone; `nexus refollow` writes it again".to_owned())
}
