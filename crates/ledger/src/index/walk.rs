//! Walking through a part: the docs that have all of some terms, in either direction.

use std::io;

use super::{
    Fingerprint,
    part::{Columns, Part, ZONE_DOCS, Zone},
    postings::Postings,
};

/// Which events a walk is for. Times in microseconds since the Unix epoch.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Terms that all must be there; at least one.
    pub terms: Vec<Vec<u8>>,
    /// Inclusive.
    pub since: Option<i64>,
    /// Exclusive.
    pub until: Option<i64>,
    /// First position, inclusive.
    pub from: u64,
    /// Last position, exclusive.
    pub below: u64,
    pub newest_first: bool,
    /// At most so many positions.
    pub limit: usize,
}

impl Wanted {
    pub(crate) fn has_time(&self, recorded_at: i64) -> bool {
        self.since.is_none_or(|since| since <= recorded_at) && self.until.is_none_or(|until| recorded_at < until)
    }

    fn may_have_time(&self, zone: &Zone) -> bool {
        self.since.is_none_or(|since| since <= zone.latest) && self.until.is_none_or(|until| zone.earliest < until)
    }

    fn is_timed(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }
}

/// Adds the positions in `part` that are wanted, in the order wanted, until there are enough.
pub(super) fn walk(part: &Part, wanted: &Wanted, prints: &[Fingerprint], found: &mut Vec<u64>) -> io::Result<()> {
    let mut lists = Vec::with_capacity(prints.len());
    for print in prints {
        let Some(list) = part.postings(*print)? else { return Ok(()) };
        lists.push(list);
    }
    lists.sort_by_key(Postings::count);
    let (from, to) = (part.at_or_after(wanted.from)?, part.at_or_after(wanted.below)?);
    let mut walk = Walk { part, wanted, lists, columns: None };
    let mut next = if wanted.newest_first { to.checked_sub(1) } else { Some(from) };
    while let Some(doc) = next.filter(|doc| (from..to).contains(doc))
        && found.len() < wanted.limit
    {
        let Some(doc) = walk.candidate(doc)?.filter(|doc| (from..to).contains(doc)) else { return Ok(()) };
        let columns = walk.columns(doc)?;
        let at = doc as usize % ZONE_DOCS;
        if wanted.has_time(columns.times[at]) {
            found.push(columns.positions[at]);
        }
        next = walk.beyond(doc, 1);
    }
    Ok(())
}

struct Walk<'a> {
    part: &'a Part,
    wanted: &'a Wanted,
    /// The shortest first: it leads, the others are only asked about its docs.
    lists: Vec<Postings<'a>>,
    /// The zone looked at last.
    columns: Option<Columns>,
}

impl Walk<'_> {
    /// The nearest doc from `doc` on that is in all lists and in a zone that may have the time.
    fn candidate(&mut self, mut doc: u32) -> io::Result<Option<u32>> {
        'next: loop {
            let zone = doc as usize / ZONE_DOCS;
            if self.wanted.is_timed() && !self.wanted.may_have_time(&self.part.zones()[zone]) {
                let left = doc as usize % ZONE_DOCS;
                let steps = if self.wanted.newest_first { left + 1 } else { ZONE_DOCS - left };
                match self.beyond(doc, steps as u32) {
                    Some(next) => doc = next,
                    None => return Ok(None),
                }
                continue;
            }
            for list in &mut self.lists {
                let near = if self.wanted.newest_first { list.at_or_before(doc)? } else { list.at_or_after(doc)? };
                match near {
                    None => return Ok(None),
                    Some(at) if at == doc => {}
                    Some(at) => {
                        doc = at;
                        continue 'next;
                    }
                }
            }
            return Ok(Some(doc));
        }
    }

    /// The doc so many steps further on.
    fn beyond(&self, doc: u32, steps: u32) -> Option<u32> {
        if self.wanted.newest_first {
            return doc.checked_sub(steps);
        }
        doc.checked_add(steps).filter(|next| *next < self.part.docs())
    }

    fn columns(&mut self, doc: u32) -> io::Result<&Columns> {
        let zone = doc as usize / ZONE_DOCS;
        if self.columns.as_ref().is_some_and(|columns| columns.zone != zone) {
            self.columns = None;
        }
        match &mut self.columns {
            Some(columns) => Ok(columns),
            empty => Ok(empty.insert(self.part.columns(zone)?)),
        }
    }
}
