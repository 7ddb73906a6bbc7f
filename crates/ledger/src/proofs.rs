//! Checkpoints and proofs of an open ledger.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use nexus_model::{Env, EventId, TenantId};

use crate::{
    Ledger, LedgerError, derived,
    disk::{DiskFile, read_all, replace},
    keyring::KeyChange,
    logs::{Log, parse_origin},
    note::{self, Checkpoint},
    shared::Shared,
    tree::{self, Hash, StoredHashes},
};

/// A log's signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogCheckpoint {
    /// The log's origin.
    pub log: String,
    /// How many events it covers.
    pub size: u64,
    /// The C2SP signed note.
    pub checkpoint: String,
}

/// That an event stands in its log (RFC 6962, section 2.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// The log's origin.
    pub log: String,
    /// The event's zero-based index.
    pub seq: u64,
    /// SHA-256(0x00 ‖ leaf).
    pub leaf_hash: Hash,
    /// The exact bytes hashed.
    pub leaf: Bytes,
    /// The size of the tree that the proof is for.
    pub tree_size: u64,
    /// The audit path, leaf side first.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint of that tree.
    pub checkpoint: String,
}

/// That a log only grew (RFC 6962, section 2.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// The log's origin.
    pub log: String,
    /// The smaller size.
    pub from: u64,
    /// The larger size.
    pub to: u64,
    /// The proof; empty when the sizes are equal or the smaller is zero.
    pub hashes: Vec<Hash>,
}

/// A log's kept hashes: those in its file, then those in memory.
pub(crate) struct Hashes<'a> {
    file: Option<Box<dyn DiskFile>>,
    log: &'a Log,
}

impl StoredHashes for Hashes<'_> {
    type Error = std::io::Error;

    fn stored(&self, at: u64) -> Result<Hash, std::io::Error> {
        if let Some(at) = at.checked_sub(self.log.written) {
            let hash = usize::try_from(at).ok().and_then(|at| self.log.unwritten.get(at));
            return hash.copied().ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into());
        }
        let file = self.file.as_ref().ok_or(std::io::ErrorKind::NotFound)?;
        let mut hash = [0; 32];
        let read = file.read_at(&mut hash, at * 32)?;
        if read == 32 { Ok(hash) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// Makes a proof and checks it; when it does not hold, the kept hashes are damaged, so they are rebuilt and it is made again.
pub(crate) fn proved<T>(
    shared: &Shared,
    number: u32,
    make: impl Fn(&Log, &Hashes<'_>) -> Result<T, std::io::Error>,
    holds: impl Fn(&Log, &T) -> bool,
) -> Result<T, LedgerError> {
    for last in [false, true] {
        {
            let logs = shared.logs();
            let log = logs.get(number).ok_or(LedgerError::Closed)?;
            let hashes = Hashes { file: derived::open_hashes(&*shared.config.disk, &shared.paths, number), log };
            match make(log, &hashes) {
                Ok(proof) if holds(log, &proof) => return Ok(proof),
                Err(error) if last => {
                    return Err(LedgerError::io("cannot read", derived::tree_path(&shared.paths, number))(error));
                }
                _ => {}
            }
        }
        if !last {
            tracing::warn!(log = number, "the kept hashes of a tree are damaged and are rebuilt from the segments");
            derived::rebuild_hashes(shared, number)?;
        }
    }
    Err(LedgerError::corrupt(shared.segments.dir(), "the events do not give the tree that was built from them"))
}

/// Signs the log's present head, or gives the newest one signed if nothing has been added since.
fn sign(shared: &Shared, number: u32) -> Result<LogCheckpoint, LedgerError> {
    if !shared.may_sign.load(Ordering::Acquire) {
        return Err(LedgerError::AnchorsUnchecked);
    }
    let (checkpoint, sealed) = {
        let logs = shared.logs();
        let log = logs.get(number).ok_or(LedgerError::Closed)?;
        let writer = parse_origin(&log.origin).map(|origin| origin.writer.to_owned()).unwrap_or_default();
        let checkpoint = Checkpoint { origin: log.origin.to_string(), size: log.tree.size(), root: log.tree.root() };
        (checkpoint, shared.writers().sealed.contains(&writer))
    };
    let newest = shared.signed().get(&number).cloned();
    match newest {
        Some(newest) if sealed || newest.size >= checkpoint.size => Ok(newest),
        _ if sealed => Err(LedgerError::Sealed { log: checkpoint.origin }),
        _ => {
            let note = note::sign(&checkpoint.to_string(), &shared.keyring.signing());
            let signed = LogCheckpoint { log: checkpoint.origin, size: checkpoint.size, checkpoint: note };
            shared.signed().insert(number, signed.clone());
            Ok(signed)
        }
    }
}

impl Ledger {
    /// The current signed checkpoint of each of this tenant's logs in this environment that is not sealed or has ever been signed.
    ///
    /// # Errors
    /// `AnchorsUnchecked` before [`settle_anchors`](Self::settle_anchors).
    pub fn checkpoint(&self, tenant: &TenantId, env: &Env) -> Result<Vec<LogCheckpoint>, LedgerError> {
        let numbers = self.shared().logs().of(tenant, env).to_vec();
        self.sign_all(numbers)
    }

    /// The current signed checkpoint of every log, for anchoring.
    ///
    /// # Errors
    /// `AnchorsUnchecked` before [`settle_anchors`](Self::settle_anchors).
    pub fn checkpoints(&self) -> Result<Vec<LogCheckpoint>, LedgerError> {
        let count = self.shared().logs().len();
        self.sign_all((0..count).collect())
    }

    fn sign_all(&self, numbers: Vec<u32>) -> Result<Vec<LogCheckpoint>, LedgerError> {
        if !self.shared().may_sign.load(Ordering::Acquire) {
            return Err(LedgerError::AnchorsUnchecked);
        }
        let signed = numbers.into_iter().map(|number| sign(self.shared(), number));
        signed.filter(|signed| !matches!(signed, Err(LedgerError::Sealed { .. }))).collect()
    }

    /// Proves that an event stands in its log, under a checkpoint signed now. `None` when this tenant has no such event.
    ///
    /// # Errors
    /// `AnchorsUnchecked` before [`settle_anchors`](Self::settle_anchors); `Sealed` for an event of a sealed log that no
    /// checkpoint known here covers; `Index`, `Io`, `Corrupt` when what is stored cannot be read.
    pub fn inclusion(&self, tenant: &TenantId, env: &Env, id: EventId) -> Result<Option<InclusionProof>, LedgerError> {
        let shared = self.shared();
        let Some(stored) = self.get(tenant, env, id)? else { return Ok(None) };
        let origin = stored.ledger.log;
        let number = shared.logs().by_origin(&origin).map(|(number, _)| number).ok_or(LedgerError::Closed)?;
        let signed = sign(shared, number)?;
        let (seq, size) = (stored.ledger.seq, signed.size);
        if seq >= size {
            return Err(LedgerError::Sealed { log: origin });
        }
        let leaf_hash = tree::leaf_hash(&stored.leaf);
        let root = Checkpoint::open(&signed.checkpoint, shared.keyring.known())?.root;
        let hashes = proved(
            shared,
            number,
            |_, hashes| tree::inclusion(hashes, seq, size),
            |_, path| tree::verify_inclusion(&leaf_hash, seq, size, &root, path),
        )?;
        Ok(Some(InclusionProof {
            log: origin,
            seq,
            leaf_hash,
            leaf: stored.leaf,
            tree_size: size,
            hashes,
            checkpoint: signed.checkpoint,
        }))
    }

    /// Proves that a log of this tenant and environment at size `to` continues what it was at size `from`. `None` when this tenant
    /// has no such log.
    ///
    /// # Errors
    /// `Range` unless `from` ≤ `to` ≤ the log's size; `Io`, `Corrupt` when what is stored cannot be read.
    pub fn consistency(
        &self,
        tenant: &TenantId,
        env: &Env,
        log: &str,
        from: u64,
        to: u64,
    ) -> Result<Option<ConsistencyProof>, LedgerError> {
        let shared = self.shared();
        let (number, size) = {
            let logs = shared.logs();
            let own = logs.by_origin(log).filter(|(number, _)| logs.of(tenant, env).contains(number));
            let Some((number, found)) = own else { return Ok(None) };
            (number, found.tree.size())
        };
        if from > to || to > size {
            return Err(LedgerError::Range { log: log.to_owned(), size });
        }
        // The roots come from kept hashes as well; that the larger one leads to the head is what shows them to be sound.
        let make = |head: &Log, hashes: &Hashes<'_>| {
            let roots = (tree::root_at(hashes, from)?, tree::root_at(hashes, to)?);
            let to_head = tree::consistency(hashes, to, head.tree.size())?;
            Ok((roots, tree::consistency(hashes, from, to)?, to_head))
        };
        let proved = proved(shared, number, make, |head, (roots, path, to_head)| {
            tree::verify_consistency(from, &roots.0, to, &roots.1, path)
                && tree::verify_consistency(to, &roots.1, head.tree.size(), &head.tree.root(), to_head)
        })?;
        Ok(Some(ConsistencyProof { log: log.to_owned(), from, to, hashes: proved.1 }))
    }

    /// The id of this directory's writer, the last part of the origins of the logs that it appends to.
    #[must_use]
    pub fn writer(&self) -> String {
        self.shared().writer_id()
    }

    /// The origin of the log that this directory's writer has, or would begin, for a tenant and environment.
    #[must_use]
    pub fn origin(&self, tenant: &TenantId, env: &Env) -> String {
        format!("{}/{tenant}/{env}/{}", self.shared().config.service, self.writer())
    }

    /// The logs that this directory's writer appends to, with their sizes: those to ask for anchors of.
    #[must_use]
    pub fn own_logs(&self) -> Vec<(String, u64)> {
        let current = self.shared().writer_id();
        let logs = self.shared().logs();
        let own = logs.iter().filter(|(_, log)| parse_origin(&log.origin).is_some_and(|parts| parts.writer == current));
        own.map(|(_, log)| (log.origin.to_string(), log.tree.size())).collect()
    }

    /// Every tenant and environment that has a log here, each once.
    #[must_use]
    pub fn places(&self) -> Vec<(TenantId, Env)> {
        let logs = self.shared().logs();
        let mut places: Vec<(TenantId, Env)> = logs
            .iter()
            .filter_map(|(_, log)| parse_origin(&log.origin).map(|parts| (parts.tenant, parts.env)))
            .collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The C2SP vkeys that this ledger's checkpoints verify with, newest first, old ones included.
    #[must_use]
    pub fn vkeys(&self) -> Vec<String> {
        self.shared().keyring.known().iter().map(ToString::to_string).collect()
    }

    /// Whether the ledger was opened with another key than the time before.
    #[must_use]
    pub fn key_change(&self) -> Option<KeyChange> {
        self.shared().keyring.change().cloned()
    }
}

/// Reads the checkpoints that were signed before the last clean stop.
pub(crate) fn load_signed(shared: &Shared) -> Result<(), LedgerError> {
    for note in kept_notes(shared)? {
        // A note that no known key signed, or of a log that is not here, is of no use.
        let Ok(checkpoint) = Checkpoint::open(&note, shared.keyring.known()) else { continue };
        let number = shared.logs().by_origin(&checkpoint.origin).map(|(number, log)| (number, log.tree.size()));
        if let Some((number, _)) = number.filter(|(_, size)| checkpoint.size <= *size) {
            let kept = LogCheckpoint { log: checkpoint.origin, size: checkpoint.size, checkpoint: note };
            shared.signed().insert(number, kept);
        }
    }
    Ok(())
}

fn kept_notes(shared: &Shared) -> Result<Vec<String>, LedgerError> {
    let path = shared.paths.root.join("checkpoints");
    let bytes = read_all(&*shared.config.disk, &path).map_err(LedgerError::io("cannot read", path))?;
    Ok(split_notes(&String::from_utf8_lossy(&bytes.unwrap_or_default())))
}

/// Takes apart notes that stand one after the other, as the file `checkpoints` has them: after the signatures, the next begins.
#[must_use]
pub(crate) fn split_notes(text: &str) -> Vec<String> {
    let mut notes = vec![String::new()];
    let mut in_signatures = false;
    for line in text.split_inclusive('\n') {
        let is_signature = line.starts_with("\u{2014} ");
        if in_signatures && !is_signature {
            notes.push(String::new());
        }
        in_signatures = is_signature;
        if let Some(note) = notes.last_mut() {
            note.push_str(line);
        }
    }
    notes.retain(|note| !note.is_empty());
    notes
}

/// Signs every log's head and keeps the notes, for the next start and for a check of the directory at rest.
pub(crate) fn keep_signed(shared: &Shared) -> Result<(), LedgerError> {
    if shared.may_sign.load(Ordering::Acquire) {
        let count = shared.logs().len();
        for number in 0..count {
            match sign(shared, number) {
                Ok(_) | Err(LedgerError::Sealed { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    let mut signed: Vec<_> = shared.signed().iter().map(|(number, signed)| (*number, signed.clone())).collect();
    if signed.is_empty() {
        return Ok(());
    }
    signed.sort_by_key(|(number, _)| *number);
    let text: String = signed.into_iter().map(|(_, signed)| signed.checkpoint).collect();
    replace(&*shared.config.disk, &shared.paths.root, "checkpoints", text.as_bytes())
        .map_err(LedgerError::io("cannot write", shared.paths.root.join("checkpoints")))
}

#[cfg(test)]
#[path = "proofs_tests.rs"]
mod tests;
