//! Reading all records of a ledger that may be damaged: past a fault, to the next whole record.

use super::{Check, Report};
use crate::{
    LedgerError,
    record::{ALIGNMENT, HEADER_BYTES, Malformed, Record, claimed_bytes, claimed_place},
    segments::{SEGMENT_HEADER_BYTES, Segments},
};

const READ_BYTES: usize = 4 << 20;

/// Hands every whole record to `check`, and every fault; says where the records end.
pub(super) fn scan(segments: &Segments, check: &mut Check<'_>, report: &mut Report) -> Result<u64, LedgerError> {
    run(segments, report, &mut |found, report| match found {
        Found::Record(record) => check.visit(record, report),
        Found::Fault { log, seq, what } => check.damaged(log, seq, what),
    })
}

/// Hands every whole record to `visit`.
pub(super) fn each(
    segments: &Segments,
    report: &mut Report,
    mut visit: impl FnMut(&Record<'_>),
) -> Result<(), LedgerError> {
    run(segments, report, &mut |found, _| {
        if let Found::Record(record) = found {
            visit(record);
        }
    })
    .map(drop)
}

enum Found<'a> {
    Record(&'a Record<'a>),
    Fault { log: u32, seq: u64, what: &'a str },
}

type Visit<'v> = &'v mut dyn FnMut(Found<'_>, &mut Report);

fn run(segments: &Segments, report: &mut Report, visit: Visit<'_>) -> Result<u64, LedgerError> {
    let starts = segments.starts();
    let mut end = 0;
    if starts.first() != Some(&0) {
        report.problems.push("the first segment is missing".to_owned());
    }
    for (at, start) in starts.iter().enumerate() {
        let next = starts.get(at + 1).copied();
        match segments.check_segment(*start, next) {
            Ok(()) => {}
            Err(LedgerError::Corrupt { path, what }) => report.problems.push(format!("{}: {what}", path.display())),
            Err(error) => return Err(error),
        }
        let stop = match next {
            Some(next) => Some(next),
            None => tail(segments, *start, report)?,
        };
        end = segment(segments, *start, stop, report, visit)?;
    }
    Ok(end)
}

/// Where the whole batches of the newest segment end; `None` when there is damage before that.
fn tail(segments: &Segments, start: u64, report: &mut Report) -> Result<Option<u64>, LedgerError> {
    match segments.find_tail(start) {
        Ok(tail) => {
            if tail.torn {
                let path = segments.path(start);
                let what = "half a batch, as a crash leaves it; it was never acknowledged";
                report.remarks.push(format!("{}: after position {} lies {what}", path.display(), tail.end));
            }
            Ok(Some(tail.end))
        }
        Err(LedgerError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads the records of one segment up to `next`; without it, what the file has.
fn segment(
    segments: &Segments,
    start: u64,
    next: Option<u64>,
    report: &mut Report,
    visit: Visit<'_>,
) -> Result<u64, LedgerError> {
    let file = segments.file(start)?;
    let mut buffer = vec![0; READ_BYTES];
    let mut position = start;
    // Where the fault lies that is being passed over.
    let mut fault: Option<(u64, &'static str)> = None;
    while next.is_none_or(|next| position < next) {
        let offset = position - start + SEGMENT_HEADER_BYTES as u64;
        let read = file.read_at(&mut buffer, offset).map_err(LedgerError::io("cannot read", segments.path(start)))?;
        let room = next.map_or(read, |next| read.min(usize::try_from(next - position).unwrap_or(usize::MAX)));
        let more = read == buffer.len();
        let mut at = 0;
        while at < room {
            let what = match Record::parse(&buffer[at..room], position) {
                Ok(record) => {
                    if let Some((from, what)) = fault.take() {
                        report.problems.push(format!("{}: position {from}: {what}", segments.path(start).display()));
                    }
                    visit(Found::Record(&record), report);
                    at += record.bytes();
                    position += record.bytes() as u64;
                    continue;
                }
                Err(Malformed::Short { .. }) if more && at > 0 => break,
                Err(Malformed::Short { needed }) if more && needed > buffer.len() => {
                    buffer.resize(needed, 0);
                    break;
                }
                Err(Malformed::Short { .. }) => "the record is cut short",
                Err(Malformed::Damaged(what)) => what,
            };
            if fault.is_none() {
                fault = Some((position, what));
                if let Some((log, seq)) = claimed_place(&buffer[at..room]) {
                    visit(Found::Fault { log, seq, what }, report);
                }
            }
            let step = ALIGNMENT.max(skip(&buffer[at..room], position));
            at += step;
            position += step as u64;
        }
        if !more && at >= room {
            break;
        }
    }
    let path = segments.path(start);
    if let Some((from, what)) = fault {
        report.problems.push(format!("{}: position {from}: {what}", path.display()));
    } else if let Some(next) = next.filter(|next| position < *next) {
        report.problems.push(format!("{}: records up to position {next} are missing", path.display()));
    }
    Ok(position)
}

/// Bytes to the next place where a whole record may begin: past a damaged record whose length still leads to one.
fn skip(bytes: &[u8], position: u64) -> usize {
    claimed_bytes(bytes)
        .filter(|len| {
            let after = bytes.get(*len..).unwrap_or_default();
            after.len() >= HEADER_BYTES && Record::parse(after, position + *len as u64).is_ok()
        })
        .unwrap_or(ALIGNMENT)
}
