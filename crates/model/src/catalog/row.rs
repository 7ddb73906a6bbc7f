//! [`Row`]: one event type, and what is read from its events.

use serde_json::Value;

use super::{
    Decimal, Kind,
    field::{Field, MAX_SAFE_INTEGER},
    spec::is_read,
};
use crate::{
    event::DatasetEvent,
    id::{EventType, Surface},
};

/// One event type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// Where it happens.
    pub surface: Surface,
    /// What happens.
    pub event_type: EventType,
    /// Whether it changes the rules that others act under (limits, locks, switches, policies, keys). Such events go through
    /// the audit helper, which always names trace, request and actor.
    pub control_plane: bool,
    /// Only Nexus emits it, of what itself did; a caller's post of it is refused.
    pub emitted_by_nexus: bool,
    /// Whether `input` takes fields that the row does not declare. Where it does not, `input.extra` is the place for them.
    pub open_input: bool,
    /// What `input` holds, `duration_ms` and `extra` included, which every event type takes.
    pub fields: Vec<Field>,
    /// What is added up, `duration_ms` included.
    pub measures: Vec<Measure>,
    /// What sums are grouped by, beside hour, surface, event type and outcome.
    pub dimensions: Vec<Dimension>,
    /// What is kept of the newest successful event.
    pub latest: Option<Latest>,
}

impl Row {
    /// Whether it changes anything. It follows from the name ([`is_read`]).
    #[must_use]
    pub fn kind(&self) -> Kind {
        if is_read(self.event_type.as_str()) { Kind::Read } else { Kind::Write }
    }
}

/// Where in an event a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A field of `input`.
    Input(String),
    /// A field of `output`; only of events that Nexus emits, since nobody else's output is checked.
    Output(String),
    /// The event's own `asset_id`.
    AssetId,
}

impl Source {
    /// As a JSON Pointer from the event's root.
    #[must_use]
    pub fn pointer(&self) -> String {
        match self {
            Self::Input(name) => format!("/input/{name}"),
            Self::Output(name) => format!("/output/{name}"),
            Self::AssetId => "/asset_id".to_owned(),
        }
    }

    /// The text that stands there, if one does.
    #[must_use]
    pub fn text<'e>(&self, event: &'e impl Readable) -> Option<&'e str> {
        match self {
            Self::AssetId => event.asset_id(),
            _ => self.value(event)?.as_str(),
        }
    }

    fn value<'e>(&self, event: &'e impl Readable) -> Option<&'e Value> {
        match self {
            Self::Input(name) => event.input().get(name),
            Self::Output(name) => event.output().get(name),
            Self::AssetId => None,
        }
    }
}

/// What a [`Source`] points into: an event, or as much of one as was read.
pub trait Readable {
    /// What went in.
    fn input(&self) -> &Value;
    /// What came out.
    fn output(&self) -> &Value;
    /// What was acted on.
    fn asset_id(&self) -> Option<&str>;
}

impl Readable for DatasetEvent {
    fn input(&self) -> &Value {
        &self.input
    }

    fn output(&self) -> &Value {
        &self.output
    }

    fn asset_id(&self) -> Option<&str> {
        self.asset_id.as_ref().map(|id| id.as_str())
    }
}

/// A number of an event that read-models add up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measure {
    /// What it is called in sums: `cost`, `tokens_input`, `bytes`, `duration_ms`, …
    pub name: String,
    /// Where it stands.
    pub source: Source,
    /// For money: where its currency stands. Sums of money never mix currencies.
    pub currency: Option<Source>,
}

/// How much of a measure one event holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// A count, bytes, milliseconds, … within ±(2^53 − 1).
    Integer(i64),
    /// Money.
    Decimal(Decimal),
}

impl Measure {
    pub(super) fn new(name: &str, source: Source) -> Self {
        Self { name: name.to_owned(), source, currency: None }
    }

    /// How much of it `event` holds; `None` where it holds none, or nothing that can be added exactly.
    #[must_use]
    pub fn of(&self, event: &impl Readable) -> Option<Amount> {
        match self.source.value(event)? {
            Value::String(text) => text.parse().ok().map(Amount::Decimal),
            Value::Number(number) => number
                .as_i64()
                // `3.0` is the whole number 3 (see `FieldType::Integer`), and 2^53 − 1 fits a float exactly.
                .or_else(|| number.as_f64().filter(|float| float.fract() == 0.0).map(|float| float as i64))
                .filter(|number| (-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).contains(number))
                .map(Amount::Integer),
            _ => None,
        }
    }
}

/// A text of an event that sums are grouped by: `provider`, `model_or_plan_id`, `currency`, …
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dimension {
    /// What it is called in sums.
    pub name: String,
    /// Where it stands.
    pub source: Source,
}

/// The newest successful event per key is kept as a row of the view `view`.
///
/// Event types that tell of the same thing share a view: a strategy lock's row is that of its newest event, whichever it was.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Latest {
    /// The name of the view.
    pub view: String,
    /// What names a row within tenant and environment; empty where there is one row only.
    pub key: Vec<Source>,
    /// How many of a key's newest events are kept, 1 to 100; the newest is the row itself.
    pub keep: u32,
}

impl Latest {
    /// The key of `event`'s row; `None` where it does not carry it, which leaves the view as it is.
    #[must_use]
    pub fn key_of<'e>(&self, event: &'e impl Readable) -> Option<Vec<&'e str>> {
        self.key.iter().map(|source| source.text(event)).collect()
    }
}
