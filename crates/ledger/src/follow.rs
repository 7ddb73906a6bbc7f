//! Reading the ledger in the order of the disk, from any record on: what a copy of the ledger is made from.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use nexus_model::{Env, TenantId};
use tokio::sync::watch;

use crate::{
    Ledger, LedgerError,
    logs::{Log, Origin, parse_origin},
};

/// A log's origin and how many events it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogHead {
    /// `{service}/{tenant}/{env}/{writer}`.
    pub origin: Arc<str>,
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// The environment it belongs to.
    pub env: Env,
    /// Its events.
    pub size: u64,
}

impl LogHead {
    /// `None` for an origin that has not the form of one, which no log here has.
    fn of(log: &Log) -> Option<Self> {
        let Origin { tenant, env, .. } = parse_origin(&log.origin)?;
        Some(Self { origin: Arc::clone(&log.origin), tenant, env, size: log.tree.size() })
    }
}

/// An event in the order of the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedLeaf {
    /// Its log's origin.
    pub origin: Arc<str>,
    /// The zero-based index of its leaf.
    pub seq: u64,
    /// The exact bytes that are hashed.
    pub leaf: Bytes,
    /// Where its record begins; reading from here gives it again.
    pub position: u64,
}

/// What was read, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Followed {
    /// The events, in the order of the disk.
    pub leaves: Vec<FollowedLeaf>,
    /// Reading from here gives what comes after.
    pub next: u64,
}

impl Ledger {
    /// Every log here, oldest first.
    #[must_use]
    pub fn logs(&self) -> Vec<LogHead> {
        self.shared().logs().iter().filter_map(|(_, log)| LogHead::of(log)).collect()
    }

    /// The logs of one tenant and environment, oldest first.
    #[must_use]
    pub fn logs_of(&self, tenant: &TenantId, env: &Env) -> Vec<LogHead> {
        let logs = self.shared().logs();
        let own = logs.of(tenant, env).iter().filter_map(|number| logs.get(*number));
        own.filter_map(LogHead::of).collect()
    }

    /// All events here, and where the records end: what a copy must reach.
    #[must_use]
    pub fn head(&self) -> (u64, u64) {
        let events = self.shared().logs().iter().map(|(_, log)| log.tree.size()).sum();
        (events, self.shared().read().end)
    }

    /// Changes whenever something was appended. The value says nothing.
    #[must_use]
    pub fn appended(&self) -> watch::Receiver<u64> {
        self.shared().tails.subscribe_all()
    }

    /// Durable events of all logs in the order of the disk, from position `from` on: zero, or one that an earlier call answered.
    /// At most `max_events`, and no more once `max_bytes` of leaves are reached. Costs what it reads, wherever that is. Blocks for as
    /// long as the disk takes.
    ///
    /// # Errors
    /// `Io`, `Corrupt` when what is stored cannot be read.
    pub fn records(&self, from: u64, max_events: usize, max_bytes: usize) -> Result<Followed, LedgerError> {
        let shared = self.shared();
        let end = shared.read().end;
        let mut followed = Followed { leaves: Vec::new(), next: from };
        let mut bytes = 0;
        let max_events = max_events.max(1);
        shared.segments.walk(from, end, |record| {
            if !record.opens_log {
                let origin = shared.logs().get(record.log).map(|log| Arc::clone(&log.origin)).ok_or_else(|| {
                    LedgerError::corrupt(shared.segments.dir(), format!("position {}: no such log", record.position))
                })?;
                let leaf = Bytes::copy_from_slice(record.body);
                bytes += leaf.len();
                followed.leaves.push(FollowedLeaf { origin, seq: record.seq, leaf, position: record.position });
            }
            followed.next = record.position + record.bytes() as u64;
            Ok(followed.leaves.len() < max_events && bytes < max_bytes)
        })?;
        Ok(followed)
    }

    /// The leaves of one log whose seqs are in `seqs`, ascending; those that the log does not have are left out. Reads the whole
    /// ledger up to the last of them: for checks, not for requests.
    ///
    /// # Errors
    /// `Io`, `Corrupt` when what is stored cannot be read.
    pub fn leaves(&self, origin: &str, seqs: Range<u64>) -> Result<Vec<(u64, Bytes)>, LedgerError> {
        let shared = self.shared();
        let Some(number) = shared.logs().by_origin(origin).map(|(number, _)| number) else { return Ok(Vec::new()) };
        let end = shared.read().end;
        let mut leaves = Vec::new();
        shared.segments.walk(0, end, |record| {
            if record.log == number && !record.opens_log && seqs.contains(&record.seq) {
                leaves.push((record.seq, Bytes::copy_from_slice(record.body)));
            }
            Ok(record.log != number || record.seq.saturating_add(1) < seqs.end || record.opens_log)
        })?;
        Ok(leaves)
    }
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
