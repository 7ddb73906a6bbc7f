//! Merging neighbouring parts into one, in a thread of its own.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use super::{
    Fingerprint, damaged,
    part::{self, Fields, ONE_DOC, Part, TERM_BYTES},
    postings,
    write::PartWriter,
};

/// Neighbouring parts of about one size that are merged into one. A part more costs a reader some microseconds, and each merge writes every
/// event's terms once more, so parts are let gather.
const MERGE_PARTS: usize = 32;

/// What a merge has made.
pub(crate) struct Merged {
    pub part: Part,
    /// The numbers of the parts that it replaces.
    pub of: Vec<u64>,
}

/// A merge that is under way. Dropping it without [`stop`](Self::stop) or [`finish`](Self::finish) would leave its thread to itself.
pub(crate) struct Merge {
    thread: JoinHandle<io::Result<Merged>>,
    /// What it makes.
    path: PathBuf,
    stopped: Arc<AtomicBool>,
}

impl Merge {
    pub(super) fn begin(dir: PathBuf, number: u64, parts: Vec<Arc<Part>>) -> io::Result<Self> {
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        let path = dir.join(part::file_name(number));
        let work = move || {
            let part = merge(&dir, number, &parts, &stop)?;
            Ok(Merged { part, of: parts.iter().map(|part| part.number()).collect() })
        };
        let thread = thread::Builder::new().name("ledger-merge".to_owned()).spawn(work)?;
        Ok(Self { thread, path, stopped })
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for its end.
    pub(crate) fn finish(self) -> io::Result<Merged> {
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("its thread panicked")))
    }

    /// Gives it up, and removes what it has made if it was done already.
    pub(crate) fn stop(self) {
        self.stopped.store(true, Ordering::Relaxed);
        if self.thread.join().is_ok_and(|made| made.is_ok()) {
            // It is in no manifest; one that is left all the same is removed at the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Neighbouring parts to merge: the smallest size of which enough stand side by side. A size is [`MERGE_PARTS`] times the one below it;
/// the smallest is `base`, and no merged part has more than `most` docs.
pub(crate) fn mergeable(parts: &[Arc<Part>], base: u32, most: u32) -> Option<Vec<Arc<Part>>> {
    let mut size = base;
    while size <= most {
        let mut run: Vec<&Arc<Part>> = Vec::new();
        for part in parts {
            let docs: u64 = run.iter().map(|part| u64::from(part.docs())).sum();
            if part.docs() > size || docs + u64::from(part.docs()) > u64::from(most) {
                run.clear();
            }
            if part.docs() <= size {
                run.push(part);
            }
            if run.len() == MERGE_PARTS {
                return Some(run.into_iter().cloned().collect());
            }
        }
        size = size.saturating_mul(u32::try_from(MERGE_PARTS).unwrap_or(u32::MAX));
    }
    None
}

fn merge(dir: &Path, number: u64, parts: &[Arc<Part>], stop: &AtomicBool) -> io::Result<Part> {
    let check = || if stop.load(Ordering::Relaxed) { Err(io::Error::other("given up")) } else { Ok(()) };
    let mut out = PartWriter::create(dir, number)?;
    let mut bases = Vec::with_capacity(parts.len());
    let mut docs = 0_u32;
    for part in parts {
        bases.push(docs);
        docs = docs.checked_add(part.docs()).filter(|docs| *docs < ONE_DOC).ok_or_else(|| damaged("too many docs"))?;
        for zone in 0..part.zones().len() {
            check()?;
            let columns = part.columns(zone)?;
            columns.positions.iter().zip(&columns.times).try_for_each(|(position, time)| out.doc(*position, *time))?;
        }
    }
    let mut terms: Vec<_> = parts.iter().map(|part| Terms::new(part)).collect();
    let mut heads = BinaryHeap::with_capacity(parts.len());
    for (part, terms) in terms.iter_mut().enumerate() {
        heads.extend(terms.next()?.map(|print| Reverse((print, part))));
    }
    let mut gathered = Vec::new();
    while let Some(Reverse((print, _))) = heads.peek().copied() {
        check()?;
        gathered.clear();
        // Of equal terms the one of the oldest part comes first, so docs ascend.
        while let Some(Reverse((_, part))) = heads.peek().copied().filter(|Reverse((head, _))| *head == print) {
            terms[part].docs(bases[part], &mut gathered)?;
            heads.pop();
            heads.extend(terms[part].next()?.map(|print| Reverse((print, part))));
        }
        out.term(print, &gathered)?;
    }
    out.finish()
}

/// The terms of a part one after another.
struct Terms<'a> {
    part: &'a Part,
    /// The page after the one that is read.
    page: usize,
    /// The lists of the page and the page.
    group: Vec<u8>,
    /// Where the page begins in it.
    page_at: usize,
    /// Where the next term begins in it.
    at: usize,
    place: u32,
}

impl<'a> Terms<'a> {
    fn new(part: &'a Part) -> Self {
        Self { part, page: 0, group: Vec::new(), page_at: 0, at: 0, place: 0 }
    }

    /// Goes on to the next term.
    fn next(&mut self) -> io::Result<Option<Fingerprint>> {
        if self.at == self.group.len() && !self.next_page()? {
            return Ok(None);
        }
        let mut fields = Fields(&self.group[self.at..]);
        let print = Fingerprint::from_be_bytes(fields.take()?);
        self.place = fields.u32()?;
        self.at += TERM_BYTES;
        Ok(Some(print))
    }

    fn next_page(&mut self) -> io::Result<bool> {
        let Some(fence) = self.part.fences().get(self.page) else { return Ok(false) };
        let group_at = self.part.group_at(self.page);
        let outside = || damaged("a page outside the file");
        let lists = fence.at.checked_sub(group_at).and_then(|bytes| usize::try_from(bytes).ok()).ok_or_else(outside)?;
        self.group = self.part.read(group_at, lists + fence.bytes as usize)?;
        if crate::record::crc32c(&self.group[lists..]) != fence.sum {
            return Err(damaged("a page whose checksum does not fit"));
        }
        (self.page, self.page_at, self.at) = (self.page + 1, lists, lists);
        Ok(true)
    }

    /// Adds the docs of the term, each `base` higher.
    fn docs(&self, base: u32, out: &mut Vec<u32>) -> io::Result<()> {
        if self.place & ONE_DOC != 0 {
            out.push(base + (self.place & !ONE_DOC));
            return Ok(());
        }
        let outside = || damaged("a list outside the file");
        let list = self.page_at.checked_sub(self.place as usize).ok_or_else(outside)?;
        postings::decode(&self.group[list..self.page_at], base, out)
    }
}
