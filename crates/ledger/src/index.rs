//! The index over the segments: which positions hold a key. One tantivy field of exact terms, and two columns.
//!
//! Documents go in by position and only neighbouring parts are ever merged, oldest first, so a document's number within
//! a part ascends with its position and parts never overlap. That is what makes a page in order of position cheap, newest or
//! oldest first: a walk goes through the parts in order and stops when the page is full.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use tantivy::{
    DocSet, IndexReader, IndexSettings, InvertedIndexReader, ReloadPolicy, SegmentReader, TERMINATED, Term,
    columnar::ColumnValues,
    index::SegmentId,
    postings::{SegmentPostings, TermInfo},
    schema::{BytesOptions, FAST, Field, IndexRecordOption, NumericOptions, Schema},
};

use crate::{LedgerError, paced::PacedDirectory};

const POSITION: &str = "position";
const RECORDED_AT: &str = "recorded_at";
/// Documents per zone of the time column.
const ZONE_DOCS: usize = 4096;
/// Documents looked at first when a page is filled from the newest end.
const FIRST_WINDOW: u32 = 512;

/// The fields of the index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub key: Field,
    pub position: Field,
    pub recorded_at: Field,
}

/// An opened index.
pub(crate) struct Index {
    pub inner: tantivy::Index,
    pub fields: Fields,
    reader: IndexReader,
}

impl Index {
    /// Opens the index in `dir`, making an empty one where there is none.
    pub(crate) fn open(dir: &Path) -> Result<Self, LedgerError> {
        std::fs::create_dir_all(dir).map_err(LedgerError::io("cannot create", dir))?;
        let mut schema = Schema::builder();
        let fields = Fields {
            key: schema.add_bytes_field("key", BytesOptions::default().set_indexed()),
            position: schema.add_u64_field(POSITION, NumericOptions::from(FAST)),
            recorded_at: schema.add_i64_field(RECORDED_AT, NumericOptions::from(FAST)),
        };
        let open = || {
            let settings = IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() };
            let inner = tantivy::Index::builder()
                .schema(schema.build())
                .settings(settings)
                .open_or_create(PacedDirectory::open(dir)?)?;
            let reader = inner.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
            Ok(Self { inner, fields, reader })
        };
        open().map_err(LedgerError::index("cannot open"))
    }

    /// The position up to which the last commit reflects the segments.
    pub(crate) fn committed(&self) -> Result<u64, LedgerError> {
        let metas = self.inner.load_metas().map_err(LedgerError::index("cannot read the last commit"))?;
        Ok(metas.payload.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// What the last commit shows, reusing the parts that `old` had opened.
    pub(crate) fn view(&self, old: &IndexView) -> Result<IndexView, LedgerError> {
        let view = || {
            self.reader.reload()?;
            let searcher = self.reader.searcher();
            let mut parts = Vec::with_capacity(searcher.segment_readers().len());
            for reader in searcher.segment_readers() {
                let known = old.parts.iter().find(|part| part.id == reader.segment_id());
                parts.push(known.map_or_else(|| Part::open(reader, self.fields.key).map(Arc::new), |p| Ok(p.clone()))?);
            }
            parts.sort_by_key(|part| part.first);
            Ok(parts)
        };
        let end = self.committed()?;
        Ok(IndexView { parts: view().map_err(LedgerError::index("cannot read"))?, end })
    }
}

/// What one commit shows: parts in order of position.
#[derive(Default)]
pub(crate) struct IndexView {
    pub parts: Vec<Arc<Part>>,
    /// Records before this position are in the parts.
    pub end: u64,
}

/// One part of the index, documents in order of position.
pub(crate) struct Part {
    pub id: SegmentId,
    pub docs: u32,
    first: u64,
    last: u64,
    keys: Arc<InvertedIndexReader>,
    key_field: Field,
    position: Arc<dyn ColumnValues<u64>>,
    recorded_at: Arc<dyn ColumnValues<i64>>,
    /// Earliest and latest time in every [`ZONE_DOCS`] documents, made when first needed.
    zones: OnceLock<Vec<(i64, i64)>>,
}

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

    fn may_have_time(&self, (earliest, latest): (i64, i64)) -> bool {
        self.since.is_none_or(|since| since <= latest) && self.until.is_none_or(|until| earliest < until)
    }

    fn is_timed(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }
}

impl IndexView {
    /// The positions wanted, in the order wanted.
    pub(crate) fn walk(&self, wanted: &Wanted) -> Result<Vec<u64>, LedgerError> {
        let mut found = Vec::new();
        let mut walk = |part: &Part| {
            if part.first < wanted.below && wanted.from <= part.last && found.len() < wanted.limit {
                part.walk(wanted, &mut found)?;
            }
            Ok(())
        };
        let result = if wanted.newest_first {
            self.parts.iter().rev().try_for_each(|part| walk(part))
        } else {
            self.parts.iter().try_for_each(|part| walk(part))
        };
        result.map_err(LedgerError::index("cannot read"))?;
        Ok(found)
    }

    /// The newest position that has this term.
    pub(crate) fn find(&self, term: Vec<u8>) -> Result<Option<u64>, LedgerError> {
        let wanted = Wanted {
            terms: vec![term],
            since: None,
            until: None,
            from: 0,
            below: u64::MAX,
            newest_first: true,
            limit: 1,
        };
        Ok(self.walk(&wanted)?.first().copied())
    }
}

impl Part {
    fn open(reader: &SegmentReader, key_field: Field) -> tantivy::Result<Self> {
        let position = reader.fast_fields().u64(POSITION)?.values;
        let recorded_at = reader.fast_fields().i64(RECORDED_AT)?.values;
        let docs = reader.max_doc();
        Ok(Self {
            id: reader.segment_id(),
            docs,
            first: position.get_val(0),
            last: position.get_val(docs.saturating_sub(1)),
            keys: reader.inverted_index(key_field)?,
            key_field,
            position,
            recorded_at,
            zones: OnceLock::new(),
        })
    }

    /// The first document at or after `position`.
    fn at_or_after(&self, position: u64) -> u32 {
        let (mut low, mut high) = (0, self.docs);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.position.get_val(middle) < position { low = middle + 1 } else { high = middle }
        }
        low
    }

    fn zones(&self) -> &[(i64, i64)] {
        self.zones.get_or_init(|| {
            let mut zones = vec![(i64::MAX, i64::MIN); (self.docs as usize).div_ceil(ZONE_DOCS)];
            for doc in 0..self.docs {
                let time = self.recorded_at.get_val(doc);
                let zone = &mut zones[doc as usize / ZONE_DOCS];
                *zone = (zone.0.min(time), zone.1.max(time));
            }
            zones
        })
    }

    fn walk(&self, wanted: &Wanted, found: &mut Vec<u64>) -> tantivy::Result<()> {
        let mut lists = Vec::with_capacity(wanted.terms.len());
        for term in &wanted.terms {
            let Some(info) = self.keys.get_term_info(&Term::from_field_bytes(self.key_field, term))? else {
                return Ok(());
            };
            lists.push(info);
        }
        lists.sort_by_key(|info| info.doc_freq);
        let (from, to) = (self.at_or_after(wanted.from), self.at_or_after(wanted.below));
        if wanted.newest_first {
            return self.walk_back(wanted, &lists, from, to, found);
        }
        self.scan(wanted, &lists, from, to, |doc| {
            found.push(self.position.get_val(doc));
            found.len() < wanted.limit
        })
    }

    /// Lists can only be read forwards, so the newest are found by reading ever larger windows from the end.
    fn walk_back(
        &self,
        wanted: &Wanted,
        lists: &[TermInfo],
        from: u32,
        mut to: u32,
        found: &mut Vec<u64>,
    ) -> tantivy::Result<()> {
        let mut window = FIRST_WINDOW;
        while from < to && found.len() < wanted.limit {
            let start = to.saturating_sub(window).max(from);
            let room = wanted.limit - found.len();
            let mut newest = std::collections::VecDeque::with_capacity(room.min(FIRST_WINDOW as usize));
            self.scan(wanted, lists, start, to, |doc| {
                if newest.len() == room {
                    newest.pop_front();
                }
                newest.push_back(doc);
                true
            })?;
            found.extend(newest.iter().rev().map(|doc| self.position.get_val(*doc)));
            to = start;
            window = window.saturating_mul(4);
        }
        Ok(())
    }

    /// Visits the documents of `[from, to)` that are in all lists and in the time wanted, until `visit` says no.
    fn scan(
        &self,
        wanted: &Wanted,
        lists: &[TermInfo],
        from: u32,
        to: u32,
        mut visit: impl FnMut(u32) -> bool,
    ) -> tantivy::Result<()> {
        let mut lists = lists
            .iter()
            .map(|info| self.keys.read_postings_from_terminfo(info, IndexRecordOption::Basic))
            .collect::<Result<Vec<SegmentPostings>, _>>()?;
        let zones = if wanted.is_timed() { self.zones() } else { &[] };
        let mut doc = from;
        'next: while doc < to {
            if let Some(zone) = zones.get(doc as usize / ZONE_DOCS).filter(|zone| !wanted.may_have_time(**zone)) {
                debug_assert!(zone.0 <= zone.1);
                doc = (doc / ZONE_DOCS as u32 + 1) * ZONE_DOCS as u32;
                continue;
            }
            for list in &mut lists {
                let at = if list.doc() < doc { list.seek(doc) } else { list.doc() };
                if at > doc {
                    if at == TERMINATED {
                        return Ok(());
                    }
                    doc = at;
                    continue 'next;
                }
            }
            let timely = zones.is_empty() || wanted.has_time(self.recorded_at.get_val(doc));
            if timely && !visit(doc) {
                return Ok(());
            }
            doc += 1;
        }
        Ok(())
    }
}
