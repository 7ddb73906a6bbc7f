//! The newest payload of each latest-key, newest by the order of the log.

use std::collections::{BTreeMap, VecDeque};

use nexus_model::{EventId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Caps, facts::Facts, facts::LatestFact, pairs};

/// One event as a latest-view keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LatestRow {
    /// Where it lies in the segments: later ones are newer.
    pub position: u64,
    /// The event.
    pub event_id: EventId,
    /// Its type.
    pub event_type: String,
    /// The newest event type of this key that was no `…_updated`: what an update changes the content of, and not the standing.
    pub standing: String,
    /// Where the event is that gave it that standing; 0 where that is unknown.
    pub standing_since: u64,
    /// Who acted.
    pub user_id: String,
    /// When, by the caller's clock.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The payload, redacted.
    pub input: Value,
    /// Members of the payload that were left out for their size.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub omitted: Vec<String>,
    /// The payload's size. Bytes.
    pub bytes: usize,
}

/// One view: its rows by key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct View {
    /// Newest last.
    #[serde(with = "pairs")]
    rows: BTreeMap<Vec<String>, VecDeque<LatestRow>>,
    /// Keys that went because there were too many.
    displaced: u64,
    bytes: usize,
    /// By the position of the newest row: who was silent for longest. Follows from `rows`.
    #[serde(skip)]
    by_age: BTreeMap<u64, Vec<String>>,
}

/// All latest-views of one tenant and environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LatestRows {
    views: BTreeMap<String, View>,
}

impl LatestRows {
    /// The newest row of each key of a view, with its key.
    pub fn of(&self, view: &str) -> impl Iterator<Item = (&[String], &LatestRow)> {
        let rows = self.views.get(view).into_iter().flat_map(|view| &view.rows);
        rows.filter_map(|(key, rows)| Some((key.as_slice(), rows.back()?)))
    }

    /// What is kept of a key, newest first.
    pub fn recent(&self, view: &str, key: &[String]) -> impl Iterator<Item = &LatestRow> {
        self.views.get(view).and_then(|view| view.rows.get(key)).into_iter().flatten().rev()
    }

    /// How many keys of a view went because there were too many.
    #[must_use]
    pub fn displaced(&self, view: &str) -> u64 {
        self.views.get(view).map_or(0, |view| view.displaced)
    }

    pub(super) fn add(&mut self, facts: &Facts<'_>, fact: LatestFact<'_>, position: u64, caps: &Caps) {
        let (input, omitted, bytes) = bounded(fact.input, caps.payload_bytes);
        if !self.views.contains_key(fact.view) {
            self.views.insert(fact.view.to_owned(), View::default());
        }
        let Some(view) = self.views.get_mut(fact.view) else { return };
        let rows = view.rows.entry(fact.key.clone()).or_default();
        if let Some(newest) = rows.back() {
            view.by_age.remove(&newest.position);
        }
        let row = LatestRow {
            position,
            event_id: facts.event_id,
            event_type: facts.event_type.to_owned(),
            standing: facts.event_type.to_owned(),
            standing_since: if is_update(facts.event_type) { 0 } else { position },
            user_id: facts.user_id.to_owned(),
            occurred_at: facts.occurred_at,
            recorded_at: facts.recorded_at,
            input,
            omitted,
            bytes,
        };
        // At the end, but for leaves of several logs that did not come in order.
        let at = rows.partition_point(|row| row.position <= position);
        rows.insert(at, row);
        keep_standing(rows, at);
        view.bytes += bytes;
        while rows.len() > fact.keep {
            view.bytes -= rows.pop_front().map_or(0, |row| row.bytes);
        }
        let newest = rows.back().map_or(position, |row| row.position);
        view.by_age.insert(newest, fact.key);
        view.shrink(caps);
    }

    /// Brings back what is not kept, because it follows from the rest.
    pub(super) fn complete(&mut self) {
        for view in self.views.values_mut() {
            let ages = view.rows.iter().filter_map(|(key, rows)| Some((rows.back()?.position, key.clone())));
            view.by_age = ages.collect();
        }
    }
}

fn is_update(event_type: &str) -> bool {
    event_type.ends_with("_updated")
}

/// An update keeps the standing that there was before it. Gives the new row at `new` that standing, if it is one, and its own to the updates
/// after it, if it is none; those know of a later standing only where its row is not kept any more.
fn keep_standing(rows: &mut VecDeque<LatestRow>, new: usize) {
    let Some(row) = rows.get(new) else { return };
    if is_update(&row.event_type) {
        let before = new.checked_sub(1).and_then(|before| rows.get(before));
        // Of a row that is not kept any more only the updates after it know.
        let after =
            || rows.get(new + 1).filter(|next| is_update(&next.event_type) && next.standing_since < row.position);
        let known = before.or_else(after).map(|known| (known.standing.clone(), known.standing_since));
        if let (Some((standing, since)), Some(row)) = (known, rows.get_mut(new)) {
            (row.standing, row.standing_since) = (standing, since);
        }
        return;
    }
    let (standing, since) = (row.standing.clone(), row.position);
    for later in rows.iter_mut().skip(new + 1).take_while(|row| is_update(&row.event_type)) {
        if later.standing_since < since {
            (later.standing, later.standing_since) = (standing.clone(), since);
        }
    }
}

impl View {
    /// Lets go of those who were silent for longest, but never of the newest.
    fn shrink(&mut self, caps: &Caps) {
        while self.rows.len() > 1 && (self.rows.len() > caps.latest_keys || self.bytes > caps.latest_bytes) {
            let Some((_, key)) = self.by_age.pop_first() else { return };
            let rows = self.rows.remove(&key).unwrap_or_default();
            self.bytes -= rows.iter().map(|row| row.bytes).sum::<usize>();
            self.displaced += 1;
        }
    }
}

/// A payload of at most `max` bytes: the largest members go first, and are named.
fn bounded(mut input: Value, max: usize) -> (Value, Vec<String>, usize) {
    let mut bytes = size(&input);
    let mut omitted = Vec::new();
    while bytes > max {
        let largest = input.as_object().and_then(|members| {
            members.iter().map(|(name, value)| (size(value), name)).max().map(|(_, name)| name.clone())
        });
        let Some(name) = largest else {
            return (Value::Null, omitted, size(&Value::Null));
        };
        if let Some(members) = input.as_object_mut() {
            members.remove(&name);
        }
        omitted.push(name);
        bytes = size(&input);
    }
    (input, omitted, bytes)
}

/// The length of a value's JSON. Bytes.
fn size(value: &Value) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // A JSON value can be written, and counting does not fail.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}
