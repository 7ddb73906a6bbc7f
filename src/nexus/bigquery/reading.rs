//! A copy read back from end to end, as `nexus verify --backend` does, without a scan for every answer.
//!
//! A query costs what it scans, however few rows it answers. So one query is for many rows (`nexus.bigquery.verify_rows`), its pages are
//! handed out as they are asked for, and it names the days that those rows lie in, which a query over the narrow columns tells first.

use std::ops::Range;

use google_cloud_bigquery::query::RowIterator;

use super::{BackendError, BigQueryBackend, LogId, columns::Found};

/// A query that is read on from.
pub(super) struct Reading {
    log: LogId,
    /// The seq that is asked for next, if this is of use.
    next: u64,
    /// The query is for seqs below this.
    bound: u64,
    /// `None` where there are no rows.
    answers: Option<RowIterator>,
    /// A row that was read and not asked for yet.
    held: Option<Found>,
}

impl BigQueryBackend {
    /// The rows at these seqs, as [`find`](Self::find) gives them, if nobody writes meanwhile: rows may be as old as the query.
    pub(super) async fn read_on(&self, log: &LogId, seqs: Range<u64>) -> Result<Vec<Found>, BackendError> {
        // Taken, and put back when all went well: a call that is dropped half-way has lost rows.
        let kept = self.reading.lock().await.take();
        let mut reading = match kept.filter(|kept| kept.log == *log && kept.next == seqs.start) {
            Some(kept) => kept,
            None => self.begin_reading(log, seqs.start).await?,
        };
        let mut found = Vec::new();
        loop {
            let until = seqs.end.min(reading.bound);
            self.take_until(&mut reading, until, &mut found).await?;
            if until == seqs.end {
                break;
            }
            reading = self.begin_reading(log, until).await?;
        }
        reading.next = seqs.end;
        *self.reading.lock().await = Some(reading);
        Ok(found)
    }

    /// What was read is out of date.
    pub(super) async fn forget_reading(&self) {
        *self.reading.lock().await = None;
    }

    async fn begin_reading(&self, log: &LogId, first: u64) -> Result<Reading, BackendError> {
        let bound = first.saturating_add(self.settings.verify_rows);
        let answers = match self.days_of(log, first..bound).await? {
            Some(days) => Some(self.ask(log, first..bound, days).await?),
            None => None,
        };
        Ok(Reading { log: log.clone(), next: first, bound, answers, held: None })
    }

    async fn take_until(&self, reading: &mut Reading, until: u64, found: &mut Vec<Found>) -> Result<(), BackendError> {
        let Some(answers) = &mut reading.answers else { return Ok(()) };
        loop {
            let row = match reading.held.take() {
                Some(held) => Some(held),
                None => self.next_found(answers).await?,
            };
            match row {
                Some(row) if row.seq < until => found.push(row),
                later => {
                    reading.held = later;
                    return Ok(());
                }
            }
        }
    }
}
