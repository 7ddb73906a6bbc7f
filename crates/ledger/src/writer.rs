//! The writer: one thread that turns what waits into a batch, makes it durable with one write and one `fdatasync`, and only
//! then answers.
//!
//! After a failed write the file cannot be trusted beyond the last durable position, nor can a later `fdatasync` of it (the
//! kernel may have dropped the pages). So the writer goes on in a new segment that begins at that position: once it exists,
//! nothing of the failed batch is part of the ledger, and its callers can be told so. Until then they are told that it is unknown.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    Appended, LedgerError,
    plan::{Plan, Planned},
    queue::{Submission, Taken},
    shared::{Shared, count},
};

/// How long a batch waits for the index to make room before it is asked whether the index works at all.
const ROOM_PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Writer {
    shared: Arc<Shared>,
    /// Everything before this position is durable; the next batch goes here.
    end: u64,
    /// Where the last durable batch begins.
    last_batch: u64,
    /// When to try again, while the disk fails.
    broken: Option<Instant>,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, end: u64) -> Self {
        Self { shared, end, last_batch: end, broken: None }
    }

    /// Runs until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        loop {
            let patience = self.broken.map(|when| when.saturating_duration_since(Instant::now()));
            match self.shared.queue.take(patience) {
                Taken::Batch(batch) => self.serve(batch),
                Taken::Idle => self.try_repair(),
                Taken::Closed => return,
            }
        }
    }

    fn serve(&mut self, mut batch: Vec<Submission>) {
        if self.broken.is_some_and(|when| when <= Instant::now()) {
            self.try_repair();
        }
        if self.broken.is_some() {
            let reason = self.shared.health().last_error.clone().unwrap_or_default();
            return refuse(batch, &LedgerError::Unavailable { reason, source: None });
        }
        // An index that is slow slows its callers down, and the bounded queue refuses what does not fit; one that fails is an error.
        while !self.shared.wait_for_room(ROOM_PATIENCE) {
            if !self.shared.health().index_ok {
                let reason = "the index cannot be written".to_owned();
                return refuse(batch, &LedgerError::Unavailable { reason, source: None });
            }
        }
        let mut plan = Plan::make(&self.shared, self.end, &mut batch);
        match self.write(&plan) {
            Ok(()) => {
                // The commit point: from here on every entry of the batch is part of the ledger.
                self.last_batch = self.end;
                self.end = plan.end();
                plan.apply(&self.shared);
                self.answer(batch, plan.answers, None);
            }
            Err(error) => self.fail(batch, plan, error),
        }
    }

    fn write(&self, plan: &Plan) -> Result<(), LedgerError> {
        if plan.bytes.is_empty() {
            return Ok(());
        }
        let segments = &self.shared.segments;
        if self.end - segments.newest() >= self.shared.config.segment_bytes {
            segments.begin(self.end).map_err(LedgerError::io("cannot create", segments.path(self.end)))?;
        }
        segments.append(self.end, &plan.bytes)
    }

    fn fail(&mut self, batch: Vec<Submission>, plan: Plan, error: LedgerError) {
        count(&self.shared.counters.failed_batches, 1);
        self.shared.note_failure(&error);
        let source = match &error {
            LedgerError::Io { source, .. } => Some(Arc::clone(source)),
            _ => None,
        };
        let verdict = match self.repair() {
            Ok(()) => {
                self.shared.note_recovery();
                LedgerError::Unavailable { reason: "the write failed and was undone".to_owned(), source }
            }
            Err(_) => {
                self.broken = Some(Instant::now() + self.shared.config.probe_interval);
                let source = source.unwrap_or_else(|| Arc::new(std::io::Error::other(error.to_string())));
                LedgerError::OutcomeUnknown(source)
            }
        };
        self.answer(batch, plan.answers, Some(&verdict));
    }

    fn try_repair(&mut self) {
        match self.repair() {
            Ok(()) => {
                self.broken = None;
                self.shared.note_recovery();
            }
            Err(error) => {
                self.broken = Some(Instant::now() + self.shared.config.probe_interval);
                self.shared.note_failure(&error);
            }
        }
    }

    /// Makes sure that the disk takes bytes, that the last durable batch is still what it was, on the device too, and begins a
    /// new segment after it.
    fn repair(&self) -> Result<(), LedgerError> {
        let segments = &self.shared.segments;
        segments.probe(self.shared.config.probe_bytes).map_err(LedgerError::io("cannot write to", segments.dir()))?;
        let newest = segments.newest();
        if self.end > newest {
            // Where the cache cannot be dropped, the check reads the cache: no worse than not asking.
            let _ = segments.file(newest)?.forget_cache();
        }
        segments.scan(self.last_batch, self.end, |_| Ok(()))?;
        segments.begin(self.end).map_err(LedgerError::io("cannot create", segments.path(self.end)))
    }

    /// Answers every call of the batch; `failed` is what those hear whose entries were to be written.
    fn answer(&self, batch: Vec<Submission>, answers: Vec<Vec<Planned>>, failed: Option<&LedgerError>) {
        for (submission, planned) in batch.into_iter().zip(answers) {
            let answers = planned.into_iter().map(|planned| planned.settle(failed)).collect::<Vec<_>>();
            let duplicates = answers.iter().filter(|answer| matches!(answer, Ok(Appended::Duplicate(_)))).count();
            count(&self.shared.counters.duplicates, duplicates as u64);
            // A caller that has gone away does not need its answer.
            let _ = submission.reply.send(answers);
        }
    }
}

fn refuse(batch: Vec<Submission>, error: &LedgerError) {
    for submission in batch {
        let answers = submission.entries.iter().map(|_| Err(error.clone())).collect();
        let _ = submission.reply.send(answers);
    }
}
