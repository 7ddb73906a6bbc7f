//! What a ledger is opened with.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use crate::disk::{Disk, RealDisk};

/// Where the ledger lives and how much it may use. Every limit names its unit.
#[derive(Clone)]
pub struct LedgerConfig {
    /// The directory; made when absent, and locked while open.
    pub dir: PathBuf,
    /// The first part of every origin and the name of the signing key. No spaces, no `+`.
    pub service: String,
    /// The Ed25519 seed that checkpoints are signed with. `None`: one is made and kept in the directory, readable by its owner
    /// alone.
    pub signing_seed: Option<[u8; 32]>,
    /// The seed that `signing_seed` replaces. While it is given, checkpoints are signed with both, so that whoever knows only the
    /// old key can follow to the new one.
    pub previous_signing_seed: Option<[u8; 32]>,
    /// Bytes after which a new segment file is begun.
    pub segment_bytes: u64,
    /// Zeros written ahead of small batches, bytes; 0 for none. Where the file has its blocks already, `fdatasync` has no metadata to
    /// journal, so that it need not wait for what else the file system is busy with.
    pub fill_ahead_bytes: usize,
    /// Events that may wait to be written; beyond it, [`crate::LedgerError::Overloaded`].
    pub queue_events: usize,
    /// Bytes of events that may wait to be written; beyond it, [`crate::LedgerError::Overloaded`]. Also the largest batch that one
    /// call may append.
    pub queue_bytes: usize,
    /// Events after which a batch takes in no further call's events.
    pub batch_events: usize,
    /// Bytes after which a batch takes in no further call's events.
    pub batch_bytes: usize,
    /// Bytes of one event in canonical form.
    pub leaf_bytes: usize,
    /// Events after which the index commits.
    pub index_commit_events: usize,
    /// Time after which the index commits whatever it has.
    pub index_commit_interval: Duration,
    /// Events that may be in memory only, waiting for the index to commit; beyond it, appending waits for the index.
    pub recent_events: usize,
    /// Events that a merged part of the index may have. Larger parts are faster to read and slower to make.
    pub index_part_events: u32,
    /// Time between attempts to write again after the disk failed.
    pub probe_interval: Duration,
    /// Bytes that the disk must take before it counts as recovered.
    pub probe_bytes: usize,
    /// The disk; another one than [`RealDisk`] in tests.
    pub disk: Arc<dyn Disk>,
}

impl fmt::Debug for LedgerConfig {
    /// Without the seeds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerConfig").field("dir", &self.dir).field("service", &self.service).finish_non_exhaustive()
    }
}

impl Default for LedgerConfig {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("data/ledger"),
            service: "nexus.local".to_owned(),
            signing_seed: None,
            previous_signing_seed: None,
            segment_bytes: 256 << 20,
            fill_ahead_bytes: 512 << 10,
            queue_events: 16_384,
            queue_bytes: 32 << 20,
            batch_events: 4_096,
            batch_bytes: 8 << 20,
            leaf_bytes: 1 << 20,
            index_commit_events: 16_384,
            index_commit_interval: Duration::from_secs(5),
            recent_events: 65_536,
            index_part_events: 2_000_000,
            probe_interval: Duration::from_secs(1),
            probe_bytes: 1 << 20,
            disk: Arc::new(RealDisk),
        }
    }
}
