//! Reading a copy back for callers (`views.source = "backend"`): what a backend must answer, and one order over the logs of all replicas.
//!
//! Each log is read by its seq; what is read is merged by the time of recording, and within a log its own order is kept. So a walk gives
//! every event once, whatever the clocks of the replicas say.

use std::collections::VecDeque;

use async_trait::async_trait;
use bytes::Bytes;
use nexus_ledger::{Order, Query};
use nexus_model::{Env, EventId, TenantId, Timestamp};
use serde::Deserialize;

use super::{backend::BackendError, row::LogId};

/// Which rows of a log are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first seq, inclusive.
    pub from: u64,
    /// The last seq, exclusive.
    pub below: u64,
    /// By seq.
    pub order: Order,
    /// At most so many rows.
    pub limit: usize,
}

/// One event as a copy holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRow {
    /// The zero-based index of its leaf.
    pub seq: u64,
    /// The id that its caller knows it by.
    pub event_id: EventId,
    /// When it was recorded, as the leaf says.
    pub recorded_at: Timestamp,
    /// The leaf's bytes.
    pub leaf: Bytes,
}

/// Where an event stands. Of several the least is the one that was recorded first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// When.
    pub recorded_at: Timestamp,
    /// In which log.
    pub log: LogId,
    /// The zero-based index of its leaf.
    pub seq: u64,
}

#[derive(Deserialize)]
struct Recorded {
    event_id: EventId,
    recorded_at: Timestamp,
}

impl ReadRow {
    /// The row of a leaf.
    ///
    /// # Errors
    /// `Diverged` where the bytes are no event.
    pub fn new(seq: u64, leaf: Bytes) -> Result<Self, BackendError> {
        match serde_json::from_slice::<Recorded>(&leaf) {
            Ok(Recorded { event_id, recorded_at }) => Ok(Self { seq, event_id, recorded_at, leaf }),
            Err(error) => Err(BackendError::Diverged { seq, what: format!("no event: {error}") }),
        }
    }
}

/// A copy that answers callers. All of it is of one tenant and environment, which the backend's own paths keep apart.
#[async_trait]
pub trait CopyReader: Send + Sync + std::fmt::Debug {
    /// The logs that the copy has rows of, in order of their names; no more than `max` of them.
    ///
    /// # Errors
    /// `Transient` or `Misconfigured`, as everywhere here.
    async fn logs(&self, tenant: &TenantId, env: &Env, max: usize) -> Result<Vec<LogId>, BackendError>;

    /// How many rows the copy has of the beginning of a log without a gap. A batch that is being written may leave one for a moment.
    ///
    /// # Errors
    /// See [`logs`](Self::logs).
    async fn end(&self, log: &LogId) -> Result<u64, BackendError>;

    /// The rows of a log that `filter` admits; its order, limit and cursor mean nothing here.
    ///
    /// # Errors
    /// See [`logs`](Self::logs); `Diverged` where a row holds no event.
    async fn rows(&self, log: &LogId, filter: &Query, span: Span) -> Result<Vec<ReadRow>, BackendError>;

    /// Everywhere that the copy has these events, in no order. Writers that do not know each other may both have one: a repeat after
    /// `outcome.unknown` that reached the other.
    ///
    /// # Errors
    /// See [`rows`](Self::rows).
    async fn occurrences(
        &self,
        tenant: &TenantId,
        env: &Env,
        ids: &[EventId],
    ) -> Result<Vec<(EventId, Occurrence)>, BackendError>;
}

/// Rows of several logs, each in its own order, merged by time.
pub struct Merge {
    logs: Vec<VecDeque<ReadRow>>,
    order: Order,
}

impl Merge {
    /// Merges the rows of logs, which are named by their place in `logs`.
    #[must_use]
    pub fn new(logs: Vec<Vec<ReadRow>>, order: Order) -> Self {
        Self { logs: logs.into_iter().map(VecDeque::from).collect(), order }
    }

    /// The log whose row comes next, and when that was recorded.
    #[must_use]
    pub fn peek(&self) -> Option<(usize, Timestamp)> {
        let heads = self.logs.iter().enumerate().filter_map(|(log, rows)| Some((log, rows.front()?.recorded_at)));
        match self.order {
            Order::Asc => heads.min_by_key(|(log, at)| (*at, *log)),
            Order::Desc => heads.max_by_key(|(log, at)| (*at, *log)),
        }
    }
}

impl Iterator for Merge {
    type Item = (usize, ReadRow);

    fn next(&mut self) -> Option<Self::Item> {
        let (log, _) = self.peek()?;
        Some((log, self.logs[log].pop_front()?))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(log: usize, seq: usize, at: i64) -> ReadRow {
        let leaf = Bytes::from(format!("{log} {seq}"));
        ReadRow {
            seq: seq as u64,
            event_id: EventId::from_uuid(uuid::Uuid::nil()),
            recorded_at: Timestamp::from_micros(at).unwrap(),
            leaf,
        }
    }

    proptest! {
        #[test]
        fn each_row_comes_once_and_logs_keep_their_order(logs in proptest::collection::vec(proptest::collection::vec(0..50_i64, 0..9), 0..5), newest: bool) {
            let order = if newest { Order::Desc } else { Order::Asc };
            let rows: Vec<Vec<ReadRow>> = logs
                .iter()
                .enumerate()
                .map(|(log, times)| times.iter().enumerate().map(|(seq, at)| row(log, seq, *at)).collect())
                .collect();
            let merged: Vec<(usize, ReadRow)> = Merge::new(rows.clone(), order).collect();
            for (log, rows) in rows.iter().enumerate() {
                let own: Vec<&ReadRow> = merged.iter().filter(|(from, _)| *from == log).map(|(_, row)| row).collect();
                prop_assert_eq!(own, rows.iter().collect::<Vec<_>>());
            }
        }

        #[test]
        fn of_logs_that_are_in_order_the_times_are(mut logs in proptest::collection::vec(proptest::collection::vec(0..50_i64, 0..9), 0..5)) {
            logs.iter_mut().for_each(|times| times.sort_unstable());
            let rows = logs.iter().enumerate().map(|(log, times)| times.iter().enumerate().map(|(seq, at)| row(log, seq, *at)).collect());
            let times: Vec<Timestamp> = Merge::new(rows.collect(), Order::Asc).map(|(_, row)| row.recorded_at).collect();
            prop_assert!(times.is_sorted());
        }
    }
}
