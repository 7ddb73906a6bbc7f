//! The checkpoints that a log must agree with: those given, and those kept in the directory.

use std::collections::{BTreeMap, HashSet};

use super::{LogState, Report, VerifyOptions};
use crate::{
    LedgerError,
    disk::read_all,
    home,
    logs::parse_origin,
    note::{Checkpoint, NoteError, VerifyingKey},
    proofs::split_notes,
    tree::{Hash, empty_root},
};

struct Wanted {
    source: String,
    root: Hash,
    required: bool,
}

/// The roots that logs must have had, by origin and size.
pub(super) struct Expected {
    by_log: BTreeMap<String, BTreeMap<u64, Vec<Wanted>>>,
    /// Writers of this directory: their logs must be here.
    writers: HashSet<String>,
    given: usize,
}

impl Expected {
    /// Opens every note; what cannot be relied on goes to the report.
    pub(super) fn gather(
        options: &VerifyOptions,
        keys: &[VerifyingKey],
        report: &mut Report,
    ) -> Result<Self, LedgerError> {
        let mut expected = Self { by_log: BTreeMap::new(), writers: own_writers(options)?, given: 0 };
        for given in &options.notes {
            expected.add(&given.source, &given.note, given.required, keys, report);
        }
        expected.given = expected.by_log.len();
        let path = options.dir.join("checkpoints");
        let kept = read_all(&*options.disk, &path).map_err(LedgerError::io("cannot read", path))?;
        for note in split_notes(&String::from_utf8_lossy(&kept.unwrap_or_default())) {
            expected.add("the directory's own checkpoints", &note, false, keys, report);
        }
        Ok(expected)
    }

    fn add(&mut self, source: &str, note: &str, required: bool, keys: &[VerifyingKey], report: &mut Report) {
        match Checkpoint::open(note, keys) {
            Ok(Checkpoint { origin, size, root }) => {
                report.checkpoints.push(Checkpoint { origin: origin.clone(), size, root });
                let wanted = Wanted { source: source.to_owned(), root, required };
                self.by_log.entry(origin).or_default().entry(size).or_default().push(wanted);
            }
            Err(NoteError::Untrusted) => {
                report.problems.push(format!("{source}: a checkpoint is not signed by a trusted key"));
            }
            Err(error) => report.problems.push(format!("{source}: {error}")),
        }
    }

    /// Compares a log with what was signed of it at the size it has just reached.
    pub(super) fn reached(&mut self, log: &mut LogState) {
        let Some(sizes) = self.by_log.get_mut(&log.origin) else { return };
        let Some(wanted) = sizes.remove(&log.tree.size()) else { return };
        let (size, root) = (log.tree.size(), log.tree.root());
        for wanted in wanted {
            if wanted.root == root {
                log.checkpoints += 1;
                log.vouched = size;
            } else {
                let what = format!("{}: the first {size} events are not those that were signed", wanted.source);
                log.fail(None, what);
            }
        }
    }

    /// What was signed and never reached: a tail that is cut, or a log that is gone.
    pub(super) fn finish(self, logs: &mut [LogState], report: &mut Report) {
        for (origin, sizes) in self.by_log {
            let log = logs.iter_mut().find(|log| log.origin == origin);
            let required = sizes.values().flatten().any(|wanted| wanted.required);
            let ours = parse_origin(&origin).is_some_and(|parts| self.writers.contains(parts.writer));
            match log {
                Some(log) => sizes.into_iter().for_each(|(size, wanted)| unreached(log, size, &wanted)),
                None if required || ours => {
                    let empty = |wanted: &Wanted| wanted.root == empty_root();
                    if !sizes.into_iter().all(|(size, wanted)| size == 0 && wanted.iter().all(empty)) {
                        report.problems.push(format!("log {origin} was signed and is not in this directory"));
                    }
                }
                None => report.remarks.push(format!("log {origin} is not in this directory; it is another writer's")),
            }
        }
    }
}

fn unreached(log: &mut LogState, size: u64, wanted: &[Wanted]) {
    for wanted in wanted {
        if size == 0 && wanted.root == empty_root() {
            log.checkpoints += 1;
        } else if log.problem.is_none() {
            let have = log.tree.size();
            let what = format!("{}: {size} events were signed, {have} are here: the tail is cut", wanted.source);
            log.fail(Some(have), what);
        }
    }
}

fn own_writers(options: &VerifyOptions) -> Result<HashSet<String>, LedgerError> {
    let path = options.dir.join("writer");
    let bytes = read_all(&*options.disk, &path).map_err(LedgerError::io("cannot read", path))?;
    Ok(home::writer_ids(&bytes.unwrap_or_default()).collect())
}
