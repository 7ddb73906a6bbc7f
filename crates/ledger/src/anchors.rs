//! The comparison with what was anchored elsewhere, which comes before anything is signed.

use std::sync::{PoisonError, atomic::Ordering};

use crate::{
    Ledger, LedgerError, derived, home,
    logs::{Log, parse_origin},
    note::Checkpoint,
    proofs::{Hashes, proved},
    tree::{self, Hash},
};

/// What the comparison with the anchors found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AnchorReport {
    /// Anchors that the logs here continue.
    pub agreeing: usize,
    /// Origins of the logs that the anchors say more, or something else, about than is here. Not empty: their writer has been
    /// sealed and a new one writes.
    pub behind: Vec<String>,
    /// Anchors that no key of this ledger signed, or that are no checkpoints, with the reason.
    pub unreadable: Vec<String>,
}

impl Ledger {
    /// Compares the logs with anchored checkpoints of this directory's writers, and from then on signs.
    ///
    /// `anchors` are the newest anchored notes of each log, in any order. Where one says more than is here, or something else, the
    /// directory is a copy of an older state (a restored disk): appending to that log would fork it. Then the writer is sealed,
    /// its logs stay as they are and are not signed any more, and a new writer begins new logs. Call it before the first append.
    ///
    /// # Errors
    /// `Io` when the new writer cannot be made durable; `Index`, `Corrupt` when a log's tree cannot be read.
    pub fn settle_anchors(&self, anchors: &[String]) -> Result<AnchorReport, LedgerError> {
        let shared = self.shared();
        let mut report = AnchorReport::default();
        for anchor in anchors {
            match Checkpoint::open(anchor, shared.keyring.known()) {
                Err(error) => report.unreadable.push(error.to_string()),
                Ok(anchor) if self.continues(&anchor)? => report.agreeing += 1,
                Ok(anchor) if report.behind.contains(&anchor.origin) => {}
                Ok(anchor) => report.behind.push(anchor.origin),
            }
        }
        let current = shared.writer_id();
        let ours = |origin: &String| parse_origin(origin).is_some_and(|parts| parts.writer == current);
        if report.behind.iter().any(ours) {
            let mut writers = shared.writers.write().unwrap_or_else(PoisonError::into_inner);
            let mut sealed = std::mem::take(&mut writers.sealed);
            sealed.push(current);
            let made = home::seal(&*shared.config.disk, &shared.config.dir, sealed.clone());
            match made {
                Ok(made) => *writers = made,
                Err(error) => {
                    sealed.pop();
                    writers.sealed = sealed;
                    return Err(error);
                }
            }
            tracing::error!(logs = ?report.behind, "anchors are ahead of the logs here: the writer is sealed and a new one begins");
        }
        shared.may_sign.store(true, Ordering::Release);
        Ok(report)
    }

    /// Whether the log here has the anchored root at the anchored size.
    fn continues(&self, anchor: &Checkpoint) -> Result<bool, LedgerError> {
        let shared = self.shared();
        let Some((number, size)) = shared.logs().by_origin(&anchor.origin).map(|(n, log)| (n, log.tree.size())) else {
            // A log of another writer is that writer's business; one of ours that is not here has been lost.
            let ours = parse_origin(&anchor.origin).is_some_and(|parts| parts.writer == shared.writer_id());
            return Ok(!ours || anchor.size == 0);
        };
        if anchor.size > size {
            return Ok(false);
        }
        let make = |_: &Log, hashes: &Hashes<'_>| tree::root_at(hashes, anchor.size);
        let plausible = |log: &Log, root: &Hash| anchor.size < log.tree.size() || *root == log.tree.root();
        let root = proved(shared, number, make, plausible)?;
        if root == anchor.root {
            return Ok(true);
        }
        // Before a log is given up, its kept hashes must be above suspicion.
        derived::rebuild_hashes(shared, number)?;
        Ok(proved(shared, number, make, plausible)? == anchor.root)
    }
}
