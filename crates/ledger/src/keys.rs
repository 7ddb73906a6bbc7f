//! The exact keys by which events are found.
//!
//! A key is a field's tag and a value; the index puts the scope (the tenant's environment) in front of it, so that no key
//! of one tenant can ever find an event of another.

use nexus_model::{DatasetEvent, EventId, Outcome, TraceId, catalog};

use crate::{Query, logs::Scope};

/// What a key is about. The values are part of the index's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Field {
    /// Every event; no value.
    All = 0,
    /// Every event that records more than a read; no value.
    NotRead = 1,
    EventId = 2,
    Trace = 3,
    Request = 4,
    Asset = 5,
    User = 6,
    Surface = 7,
    EventType = 8,
    Outcome = 9,
}

/// All keys of one event in one buffer: length, tag, value, again and again. No value is longer than 128 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Keys(Vec<u8>);

impl Keys {
    fn push(&mut self, field: Field, value: &[u8]) {
        // The identifiers' forms bound them to 128 bytes.
        debug_assert!(value.len() < 255);
        self.0.push(u8::try_from(value.len() + 1).unwrap_or(u8::MAX));
        self.0.push(field as u8);
        self.0.extend_from_slice(value);
    }

    #[cfg(test)]
    pub(crate) fn from_pairs(pairs: &[(Field, &[u8])]) -> Self {
        let mut keys = Self::default();
        pairs.iter().for_each(|(field, value)| keys.push(*field, value));
        keys
    }

    /// Each key: tag and value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.0.as_slice();
        std::iter::from_fn(move || {
            let (len, tail) = rest.split_first()?;
            let (key, tail) = tail.split_at_checked(usize::from(*len))?;
            rest = tail;
            Some(key)
        })
    }
}

/// The keys of an event.
pub(crate) fn of(event: &DatasetEvent) -> Keys {
    let mut keys = Keys(Vec::with_capacity(256));
    keys.push(Field::All, b"");
    if !catalog::is_read(event.event_type.as_str()) {
        keys.push(Field::NotRead, b"");
    }
    keys.push(Field::EventId, event.event_id.uuid().as_bytes());
    keys.push(Field::Trace, &trace(&event.metadata.trace_id));
    keys.push(Field::Request, event.metadata.request_id.as_str().as_bytes());
    if let Some(asset) = &event.asset_id {
        keys.push(Field::Asset, asset.as_str().as_bytes());
    }
    keys.push(Field::User, event.user_id.as_str().as_bytes());
    keys.push(Field::Surface, event.surface.as_str().as_bytes());
    keys.push(Field::EventType, event.event_type.as_str().as_bytes());
    keys.push(Field::Outcome, outcome(event.outcome));
    keys
}

/// The 16 bytes of a trace id: half of its text, and its form fixes that it is hex.
fn trace(id: &TraceId) -> [u8; 16] {
    let mut bytes = [0; 16];
    let decoded = hex::decode_to_slice(id.as_str(), &mut bytes);
    debug_assert!(decoded.is_ok());
    bytes
}

fn outcome(outcome: Outcome) -> &'static [u8] {
    match outcome {
        Outcome::Success => b"s",
        Outcome::Failure => b"f",
    }
}

fn key(field: Field, value: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + value.len());
    key.push(field as u8);
    key.extend_from_slice(value);
    key
}

/// The key of an event id.
pub(crate) fn event_id(id: EventId) -> Vec<u8> {
    key(Field::EventId, id.uuid().as_bytes())
}

/// The keys that every event of a query has.
pub(crate) fn of_query(query: &Query) -> Vec<Vec<u8>> {
    let texts = [
        (Field::Request, query.request_id.as_ref().map(AsRef::<str>::as_ref)),
        (Field::Asset, query.asset_id.as_ref().map(AsRef::as_ref)),
        (Field::User, query.user_id.as_ref().map(AsRef::as_ref)),
        (Field::Surface, query.surface.as_ref().map(AsRef::as_ref)),
        (Field::EventType, query.event_type.as_ref().map(AsRef::as_ref)),
    ];
    let mut keys: Vec<_> =
        texts.into_iter().filter_map(|(field, text)| text.map(|text| key(field, text.as_bytes()))).collect();
    keys.extend(query.trace_id.as_ref().map(|id| key(Field::Trace, &trace(id))));
    keys.extend(query.outcome.map(|value| key(Field::Outcome, outcome(value))));
    if !query.include_reads {
        keys.push(key(Field::NotRead, b""));
    } else if keys.is_empty() {
        keys.push(key(Field::All, b""));
    }
    keys
}

/// The index's term: scope, then key.
pub(crate) fn term(scope: Scope, key: &[u8]) -> Vec<u8> {
    let mut term = Vec::with_capacity(4 + key.len());
    term.extend_from_slice(&scope.to_be_bytes());
    term.extend_from_slice(key);
    term
}
