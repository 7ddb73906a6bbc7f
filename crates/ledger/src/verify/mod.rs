//! The offline check: do the bytes in a directory still say what was signed?
//!
//! It needs nothing but the directory, at rest, and the public key. It reads every record once, in order, and believes nothing that
//! follows from the segments: it builds each log's tree again and compares it with every signed checkpoint it is given, with
//! those kept in the directory, and with the kept heads. Memory is bounded; event ids are compared by an external sort.
//!
//! What it cannot find: events cut off the end of a log, or changed there, after the newest checkpoint that it is shown. So show
//! it checkpoints that were kept elsewhere.

mod notes;
mod scan;
mod unique;

use std::{fs::File, path::PathBuf, sync::Arc};

use nexus_model::{Env, TenantId};
use notes::Expected;
use unique::Ids;

use crate::{
    LedgerError,
    disk::{Disk, RealDisk, read_all},
    home::{self, Paths},
    keyring,
    logs::{self, parse_origin},
    note::{Checkpoint, VerifyingKey},
    record::Record,
    segments::Segments,
    tree::{self, Frontier, Hash},
};

/// A checkpoint from elsewhere to compare with.
#[derive(Debug, Clone)]
pub struct GivenNote {
    /// Where it comes from, for the report: a file name, an object key.
    pub source: String,
    /// The signed note.
    pub note: String,
    /// The log must be in this directory. Set for a note named by hand; not for anchors, among which there may be other writers'.
    pub required: bool,
}

/// What to check, and with what.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// The ledger's directory.
    pub dir: PathBuf,
    /// The keys to trust. Empty: those the directory names itself, which does not find a history rewritten by someone who also
    /// replaced them; [`Report::keys_from_directory`] says so.
    pub keys: Vec<VerifyingKey>,
    /// Checkpoints kept elsewhere.
    pub notes: Vec<GivenNote>,
    /// Report on this tenant alone.
    pub tenant: Option<TenantId>,
    /// Report on this environment alone.
    pub env: Option<Env>,
    /// Bytes of memory for comparing event ids.
    pub sort_bytes: usize,
    /// Where the sort may keep what exceeds it.
    pub scratch: PathBuf,
    /// The disk to read from.
    pub disk: Arc<dyn Disk>,
}

impl VerifyOptions {
    /// Everything in `dir`, with 64 MiB for the sort and the system's directory for temporary files.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            keys: Vec::new(),
            notes: Vec::new(),
            tenant: None,
            env: None,
            sort_bytes: 64 << 20,
            scratch: std::env::temp_dir(),
            disk: Arc::new(RealDisk),
        }
    }
}

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The first event concerned, where one can be named.
    pub seq: Option<u64>,
    /// What is wrong.
    pub what: String,
}

/// What was found about one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogReport {
    /// Its origin.
    pub log: String,
    /// Its events, as far as they hold.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Checkpoints that agree with it.
    pub checkpoints: usize,
    /// The size of the largest of those; events after it are not vouched for by any signature.
    pub vouched: u64,
    /// The first thing that does not hold.
    pub problem: Option<Problem>,
}

/// What was found in a directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Each log, in the order in which they were opened.
    pub logs: Vec<LogReport>,
    /// What does not hold and belongs to no single log.
    pub problems: Vec<String>,
    /// What an operator may want to know and is no fault.
    pub remarks: Vec<String>,
    /// Every checkpoint that was relied on, of any log.
    pub checkpoints: Vec<Checkpoint>,
    /// The keys were taken from the directory itself.
    pub keys_from_directory: bool,
}

impl Report {
    /// Whether everything holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.problems.is_empty() && self.logs.iter().all(|log| log.problem.is_none())
    }
}

/// Checks a directory that no process has open.
///
/// # Errors
/// When the check cannot be made at all: `Locked`, `NewerFormat`, `Io`. What does not hold is in the report.
pub fn verify(options: &VerifyOptions) -> Result<Report, LedgerError> {
    let _lock = lock(options)?;
    let disk = &*options.disk;
    home::format(disk, &options.dir)?;
    let paths = Paths::new(&options.dir);
    let segments = Segments::open_read_only(Arc::clone(&options.disk), paths.segments())?;
    let mut report = Report { keys_from_directory: options.keys.is_empty(), ..Report::default() };
    let keys = match options.keys.as_slice() {
        [] => keyring::known(disk, &options.dir)?,
        keys => keys.to_vec(),
    };
    let mut expected = Expected::gather(options, &keys, &mut report)?;
    let mut check = Check { logs: Vec::new(), ids: Ids::new(options), expected: &mut expected, ids_error: None };
    let end = scan::scan(&segments, &mut check, &mut report)?;
    if let Some(error) = check.ids_error.take() {
        return Err(error);
    }
    let Check { mut logs, ids, .. } = check;
    ids.finish(|first, second| name_repeated(&segments, &mut logs, first, second))?;
    compare_heads(disk, &paths, &mut logs, end, &mut report)?;
    expected.finish(&mut logs, &mut report);
    for log in &mut logs {
        // A log that is too short may be so because an event further up was taken out.
        if log.problem.as_ref().is_some_and(|problem| problem.seq.is_none_or(|seq| seq >= log.tree.size())) {
            locate(disk, &paths, &segments, log)?;
        }
    }
    report.logs = logs.into_iter().filter(|log| log.is_wanted(options)).map(LogState::report).collect();
    Ok(report)
}

fn lock(options: &VerifyOptions) -> Result<Option<File>, LedgerError> {
    let path = options.dir.join("LOCK");
    match File::open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LedgerError::io("cannot open", path)(error)),
        Ok(file) => match file.try_lock_shared() {
            Ok(()) => Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => Err(LedgerError::Locked { path }),
            Err(std::fs::TryLockError::Error(error)) => Err(LedgerError::io("cannot lock", path)(error)),
        },
    }
}

/// A log as it is being checked.
struct LogState {
    number: u32,
    origin: String,
    /// What its events' JSON must say.
    tenant: String,
    env: String,
    scope: u32,
    tree: Frontier,
    checkpoints: usize,
    vouched: u64,
    problem: Option<Problem>,
}

impl LogState {
    fn fail(&mut self, seq: Option<u64>, what: impl Into<String>) {
        let earlier = match (&self.problem, seq) {
            (None, _) => true,
            (Some(known), Some(seq)) => known.seq.is_none_or(|known| seq < known),
            _ => false,
        };
        if earlier {
            self.problem = Some(Problem { seq, what: what.into() });
        }
    }

    fn is_wanted(&self, options: &VerifyOptions) -> bool {
        options.tenant.as_ref().is_none_or(|tenant| tenant.as_str() == self.tenant)
            && options.env.as_ref().is_none_or(|env| env.as_str() == self.env)
    }

    fn report(self) -> LogReport {
        LogReport {
            log: self.origin,
            size: self.tree.size(),
            root: self.tree.root(),
            checkpoints: self.checkpoints,
            vouched: self.vouched,
            problem: self.problem,
        }
    }
}

/// The parts of an event that say where it belongs.
#[derive(serde::Deserialize)]
struct Belongs<'a> {
    #[serde(borrow)]
    event_id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    tenant_id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    env: std::borrow::Cow<'a, str>,
}

/// What is gathered while the records go by.
struct Check<'a> {
    logs: Vec<LogState>,
    ids: Ids,
    expected: &'a mut Expected,
    ids_error: Option<LedgerError>,
}

impl Check<'_> {
    /// Takes in a record whose checksum holds.
    fn visit(&mut self, record: &Record<'_>, report: &mut Report) {
        if record.opens_log {
            self.open(record, report);
            return;
        }
        let Some(log) = self.logs.get_mut(record.log as usize) else {
            report.problems.push(format!("position {}: a record of a log that was never opened", record.position));
            return;
        };
        if let Err(error) = self.ids.push(log.scope, record.event_id, record.position) {
            self.ids_error.get_or_insert(error);
        }
        let next = log.tree.size();
        if log.problem.is_some() {
            return;
        }
        if record.seq != next {
            let what = format!("event {next} is missing or out of order: event {} stands in its place", record.seq);
            return log.fail(Some(next), what);
        }
        if let Err(what) = belongs(log, record) {
            return log.fail(Some(record.seq), what);
        }
        log.tree.push(tree::leaf_hash(record.body), |_| ());
        self.expected.reached(log);
    }

    fn open(&mut self, record: &Record<'_>, report: &mut Report) {
        let parsed = std::str::from_utf8(record.body).ok().and_then(|o| Some((o.to_owned(), parse_origin(o)?)));
        let number = u32::try_from(self.logs.len()).unwrap_or(u32::MAX);
        let Some((origin, parts)) = parsed.filter(|_| record.log == number) else {
            report
                .problems
                .push(format!("position {}: a log is opened out of order or under no origin", record.position));
            return;
        };
        let (tenant, env) = (parts.tenant.to_string(), parts.env.to_string());
        let scope = self.logs.iter().find(|log| log.tenant == tenant && log.env == env).map_or(number, |log| log.scope);
        self.logs.push(LogState {
            number,
            origin,
            tenant,
            env,
            scope,
            tree: Frontier::default(),
            checkpoints: 0,
            vouched: 0,
            problem: None,
        });
    }

    /// Notes that a record is damaged, where its header still says which one it is.
    fn damaged(&mut self, log: u32, seq: u64, what: &str) {
        if let Some(log) = self.logs.get_mut(log as usize).filter(|log| log.tree.size() == seq) {
            log.fail(Some(seq), what);
        }
    }
}

fn belongs(log: &LogState, record: &Record<'_>) -> Result<(), String> {
    let event: Belongs<'_> =
        serde_json::from_slice(record.body).map_err(|error| format!("the event is no JSON of an event: {error}"))?;
    if event.tenant_id != log.tenant || event.env != log.env {
        return Err("the event is another tenant's or environment's".to_owned());
    }
    if event.event_id != record.event_id().to_string() {
        return Err("the event's id is not the one it is stored under".to_owned());
    }
    Ok(())
}

/// Puts down an event id that stands twice against the later event.
fn name_repeated(segments: &Segments, logs: &mut [LogState], first: u64, second: u64) -> Result<(), LedgerError> {
    let place = |position| segments.fetch(position, |record| (record.log, record.seq, record.event_id()));
    let ((log, seq, id), (_, before, _)) = (place(first.max(second))?, place(first.min(second))?);
    if let Some(log) = logs.get_mut(log as usize) {
        log.fail(Some(seq), format!("event id {id} stands twice, first at {before}"));
    }
    Ok(())
}

/// Compares with the heads that the ledger kept, which are not signed but tell of a cut or change after the newest checkpoint.
fn compare_heads(
    disk: &dyn Disk,
    paths: &Paths,
    logs: &mut [LogState],
    end: u64,
    report: &mut Report,
) -> Result<(), LedgerError> {
    let path = paths.root.join("heads");
    let bytes = read_all(disk, &path).map_err(LedgerError::io("cannot read", &path))?;
    let Some((kept, _)) = bytes.as_deref().and_then(logs::heads_from_bytes) else {
        report.remarks.push("no heads were kept, or they are damaged; the next start rebuilds them".to_owned());
        return Ok(());
    };
    if kept.end > end {
        report.problems.push(format!("the kept heads reflect position {}, and the records end at {end}", kept.end));
    }
    for (number, head) in kept.iter() {
        let Some(log) = logs.get_mut(number as usize).filter(|log| *log.origin == *head.origin) else {
            report.problems.push(format!("log {} has a kept head and no events", head.origin));
            continue;
        };
        if log.problem.is_none() && head.tree.size() == log.tree.size() && head.tree != log.tree {
            log.fail(None, "the events are not those that the kept head was built from");
        } else if log.problem.is_none() && head.tree.size() > log.tree.size() {
            let what =
                format!("the kept head has {} events, the log {}: its tail is cut", head.tree.size(), log.tree.size());
            log.fail(Some(log.tree.size()), what);
        }
    }
    Ok(())
}

/// Finds the first event that is not the one whose hash was kept, by reading the log once more beside its kept hashes.
fn locate(disk: &dyn Disk, paths: &Paths, segments: &Segments, log: &mut LogState) -> Result<(), LedgerError> {
    let Some(hashes) = crate::derived::open_hashes(disk, paths, log.number) else { return Ok(()) };
    let (mut first, mut report) = (None, Report::default());
    scan::each(segments, &mut report, |record| {
        if record.log != log.number || record.opens_log || first.is_some() {
            return;
        }
        let mut kept = [0; 32];
        let read = hashes.read_at(&mut kept, tree::stored_before(record.seq) * 32);
        if read.is_ok_and(|read| read == 32) && kept != tree::leaf_hash(record.body) {
            first = Some(record.seq);
        }
    })?;
    if let (Some(seq), Some(problem)) = (first, &mut log.problem) {
        if problem.seq.is_some() {
            problem.what = format!("the event is not the one whose hash was kept; {}", problem.what);
        }
        problem.seq = Some(seq);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
