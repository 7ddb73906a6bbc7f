//! Whether a copy is complete and unaltered: read back log by log, its tree built again, and compared with what was signed.

use std::collections::BTreeMap;

use nexus_ledger::tree::{Frontier, Hash, leaf_hash};

use super::{
    backend::{BackendError, NexusBackend},
    row::LogId,
};

/// Problems told of one log; the rest is counted.
const MAX_TOLD: usize = 20;

/// What a log's copy must agree with.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// Roots by size, each with where it was said: a checkpoint, the data directory.
    pub roots: BTreeMap<u64, Vec<(Hash, String)>>,
    /// Events that were told to be in the copy: fewer are lost, what comes after may be on its way.
    pub copied: u64,
}

/// What was found of one log's copy.
#[derive(Debug, Clone, Default)]
pub struct CopyReport {
    /// Rows read.
    pub rows: u64,
    /// The largest size at which the copy agrees with what was signed.
    pub vouched: u64,
    /// Roots that agree.
    pub roots: usize,
    /// Events that the log has and the copy does not have yet, and need not.
    pub behind: u64,
    /// What does not hold.
    pub problems: Vec<String>,
    /// How much more does not hold.
    pub untold: usize,
}

impl CopyReport {
    /// Whether everything holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.problems.is_empty()
    }

    fn tell(&mut self, problem: String) {
        if self.problems.len() < MAX_TOLD {
            self.problems.push(problem);
        } else {
            self.untold += 1;
        }
    }
}

/// Reads a log's copy back and compares it. Memory is bounded by one answer of the backend.
///
/// # Errors
/// When the copy cannot be read.
pub async fn audit(backend: &dyn NexusBackend, log: &LogId, expected: &Expected) -> Result<CopyReport, BackendError> {
    let largest = expected.roots.keys().next_back().copied().unwrap_or(0);
    let top = largest.max(expected.copied);
    let window = backend.limits().events as u64;
    let mut report = CopyReport::default();
    let (mut tree, mut next, mut whole, mut at) = (Frontier::default(), 0, true, 0);
    while at < top {
        let end = top.min(at + window);
        for row in backend.read_back(log, at..end).await? {
            report.rows += 1;
            if row.seq < next {
                report.tell(format!("event {} is there twice", row.seq));
                continue;
            }
            if row.seq > next {
                report.tell(lost(next, row.seq));
                whole = false;
            }
            next = row.seq + 1;
            if !row.columns_hold {
                report.tell(format!("event {} was changed: its columns are not those of its leaf", row.seq));
            }
            if whole {
                tree.push(leaf_hash(&row.leaf), |_| {});
                compare(&tree, expected, &mut report);
            }
        }
        at = end;
    }
    if next < expected.copied {
        report.tell(lost(next, expected.copied));
    }
    report.behind = largest.saturating_sub(next.max(expected.copied));
    let there = backend.count(log).await?;
    if let Some(extra) = there.checked_sub(report.rows).filter(|extra| *extra > 0) {
        // What was appended after the last root that is known is not extra, but it is not known either: a stopped follower has none.
        report.tell(format!("{extra} rows are there that the log never had"));
    }
    Ok(report)
}

fn lost(from: u64, until: u64) -> String {
    if from + 1 == until { format!("event {from} is lost") } else { format!("events {from} to {} are lost", until - 1) }
}

fn compare(tree: &Frontier, expected: &Expected, report: &mut CopyReport) {
    for (root, source) in expected.roots.get(&tree.size()).into_iter().flatten() {
        if *root == tree.root() {
            report.roots += 1;
            report.vouched = tree.size();
        } else {
            let (size, after) = (tree.size(), report.vouched);
            report.tell(format!(
                "{source}: the first {size} events are not those that were signed; the first {after} are"
            ));
        }
    }
}
