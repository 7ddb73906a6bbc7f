//! The table form of a row, in which configuration adds surfaces and the built-in table is written.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{
    Catalog,
    field::{DURATION, EXTRA, Field, FieldType, MAX_SAFE_INTEGER, RESERVED},
    row::{Dimension, Latest, Measure, Row, Source},
};
use crate::id::{EventType, Surface};

/// The most surfaces of a catalog.
pub const MAX_SURFACES: usize = 64;
/// The most event types of a catalog; each is a value of metrics' labels.
pub const MAX_EVENT_TYPES: usize = 1_024;
/// The most fields that a row declares.
pub const MAX_FIELDS: usize = 64;

/// The most events that are kept of one key.
pub const MAX_KEPT: u32 = 100;

/// A surface that configuration adds, or to which it adds event types.
///
/// ```toml
/// [[catalog]]
/// surface = "billing"
/// [[catalog.events]]
/// event_type = "invoice_sent"
/// input = [
///     { name = "invoice_id", type = "text", required = true },
///     { name = "amount", type = "decimal", required = true },
///     { name = "currency", type = "currency", required = true },
/// ]
/// measures = ["amount"]
/// dimensions = ["currency"]
/// latest = { view = "invoice", key = ["invoice_id"] }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurfaceConfig {
    /// Its name.
    pub surface: Surface,
    /// The event types to add.
    pub events: Vec<EventConfig>,
}

/// An event type that configuration adds. Whether it is a read follows from its name ([`is_read`](super::is_read)).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventConfig {
    /// Its name, `<noun>_<past participle>`.
    pub event_type: EventType,
    /// See [`Row::control_plane`].
    #[serde(default)]
    pub control_plane: bool,
    /// See [`Row::open_input`].
    #[serde(default)]
    pub open_input: bool,
    /// The fields of `input`, beside `duration_ms` and `extra`, which every event type takes.
    #[serde(default)]
    pub input: Vec<Field>,
    /// The fields to add up, each an `integer` or a `decimal`. A decimal is added up per value of the row's `currency` field.
    #[serde(default)]
    pub measures: Vec<String>,
    /// The fields to group sums by, each a `text`, a `word` or a `currency`.
    #[serde(default)]
    pub dimensions: Vec<String>,
    /// What is kept of the newest success.
    #[serde(default)]
    pub latest: Option<LatestConfig>,
}

/// See [`Latest`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatestConfig {
    /// The view's name; event types of one surface may share it, with the same key.
    pub view: EventType,
    /// Names of required fields (`text`, `word` or `currency`), or `asset_id`; none for a single row.
    #[serde(default)]
    pub key: Vec<String>,
    /// How many of a key's newest events are kept, 1 to [`MAX_KEPT`].
    #[serde(default = "one")]
    pub keep: u32,
}

const fn one() -> u32 {
    1
}

/// Why configuration's part of the catalog is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// Only Nexus speaks there.
    #[error("catalog: {surface} is a surface of Nexus's own and takes no further event types")]
    OwnSurface {
        /// The surface.
        surface: Surface,
    },
    /// The event type's name is taken.
    #[error("catalog: {surface}: event type {event_type} stands already on surface {on}")]
    Redefined {
        /// Where it was to be added.
        surface: Surface,
        /// Its name.
        event_type: EventType,
        /// Where it stands.
        on: Surface,
    },
    /// The view's name is taken by another surface, by a built-in row, or with another key.
    #[error("catalog: {surface}/{event_type}: the latest-view {view} is built in, or has another surface or key")]
    View {
        /// The surface.
        surface: Surface,
        /// The event type.
        event_type: EventType,
        /// The view.
        view: String,
    },
    /// The row does not fit together.
    #[error("catalog: {surface}/{event_type}: {fault}")]
    Row {
        /// The surface.
        surface: Surface,
        /// The event type.
        event_type: EventType,
        /// What is wrong, in words for whoever wrote the configuration.
        fault: String,
    },
    /// A limit is passed.
    #[error("catalog: more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most there may be.
        limit: usize,
    },
}

/// `builtin` and what configuration adds.
pub(super) fn extend(builtin: &Catalog, extra: Vec<SurfaceConfig>) -> Result<Catalog, CatalogError> {
    let mut catalog = builtin.clone();
    for SurfaceConfig { surface, events } in extra {
        if builtin.rows().any(|row| row.surface == surface && row.emitted_by_nexus) {
            return Err(CatalogError::OwnSurface { surface });
        }
        for event in events {
            let row = compile(&surface, event)?;
            admit(builtin, &catalog, &row)?;
            catalog.surfaces.entry(surface.clone()).or_default().insert(row.event_type.clone(), row);
        }
        bounded("surfaces", catalog.surfaces.len(), MAX_SURFACES)?;
        bounded("event types", catalog.rows().count(), MAX_EVENT_TYPES)?;
    }
    Ok(catalog)
}

fn bounded(what: &'static str, count: usize, limit: usize) -> Result<(), CatalogError> {
    if count > limit { Err(CatalogError::TooMany { what, limit }) } else { Ok(()) }
}

/// Holds a new row against those there are.
fn admit(builtin: &Catalog, catalog: &Catalog, row: &Row) -> Result<(), CatalogError> {
    let (surface, event_type) = (row.surface.clone(), row.event_type.clone());
    if let Some(first) = catalog.rows().find(|other| other.event_type == event_type) {
        return Err(CatalogError::Redefined { surface, event_type, on: first.surface.clone() });
    }
    let Some(latest) = &row.latest else { return Ok(()) };
    let same_view = |other: &&Row| other.latest.as_ref().is_some_and(|theirs| theirs.view == latest.view);
    let foreign = |other: &Row| other.surface != surface || other.latest != row.latest;
    if builtin.rows().any(|other| same_view(&other)) || catalog.rows().filter(same_view).any(foreign) {
        return Err(CatalogError::View { surface, event_type, view: latest.view.clone() });
    }
    Ok(())
}

/// The row that `event` describes, its names resolved to the fields they name.
pub(super) fn compile(surface: &Surface, event: EventConfig) -> Result<Row, CatalogError> {
    let event_type = event.event_type.clone();
    resolve(surface.clone(), event).map_err(|fault| CatalogError::Row { surface: surface.clone(), event_type, fault })
}

fn resolve(surface: Surface, event: EventConfig) -> Result<Row, String> {
    let EventConfig { event_type, control_plane, open_input, input, measures, dimensions, latest } = event;
    if !event_type.as_str().contains('_') {
        return Err("expected a name like <noun>_<past participle>".to_owned());
    }
    check_names(&input)?;
    let measures = measures.iter().map(|name| measure(&input, name)).collect::<Result<Vec<_>, _>>()?;
    let dimensions = dimensions.iter().map(|name| dimension(&input, name)).collect::<Result<Vec<_>, _>>()?;
    let latest = latest.map(|latest| kept(&input, latest)).transpose()?;
    Ok(complete(Row {
        surface,
        event_type,
        control_plane,
        emitted_by_nexus: false,
        open_input,
        fields: input,
        measures,
        dimensions,
        latest,
    }))
}

/// With what every event type has.
fn complete(mut row: Row) -> Row {
    row.fields.push(Field::new(DURATION, false, FieldType::Integer { min: 0, max: MAX_SAFE_INTEGER }));
    row.fields.push(Field::new(EXTRA, false, FieldType::Object));
    row.measures.push(Measure::new(DURATION, Source::Input(DURATION.to_owned())));
    row
}

fn check_names(input: &[Field]) -> Result<(), String> {
    if input.len() > MAX_FIELDS {
        return Err(format!("more than {MAX_FIELDS} fields"));
    }
    let mut seen = BTreeSet::new();
    for name in input.iter().map(|field| field.name.as_str()) {
        if RESERVED.contains(&name) {
            return Err(format!("the field name {name} is reserved"));
        }
        if !seen.insert(name) {
            return Err(format!("the field {name} stands twice"));
        }
    }
    Ok(())
}

fn declared<'f>(input: &'f [Field], role: &str, name: &str) -> Result<&'f Field, String> {
    input.iter().find(|field| field.name == name).ok_or_else(|| format!("{role} {name} is not a field of input"))
}

fn groups(field: &Field) -> bool {
    matches!(field.field_type, FieldType::Text { .. } | FieldType::Word(_) | FieldType::Currency)
}

fn measure(input: &[Field], name: &str) -> Result<Measure, String> {
    let mut measure = Measure::new(name, Source::Input(name.to_owned()));
    match declared(input, "measure", name)?.field_type {
        FieldType::Integer { .. } => {}
        FieldType::Decimal => {
            let mut currencies = input.iter().filter(|field| field.field_type == FieldType::Currency);
            match (currencies.next(), currencies.next()) {
                (Some(currency), None) => measure.currency = Some(Source::Input(currency.name.clone())),
                _ => {
                    return Err(format!(
                        "measure {name} is money, so the row needs exactly one field of type currency"
                    ));
                }
            }
        }
        _ => return Err(format!("measure {name} is neither an integer nor a decimal")),
    }
    Ok(measure)
}

fn dimension(input: &[Field], name: &str) -> Result<Dimension, String> {
    if !groups(declared(input, "dimension", name)?) {
        return Err(format!("dimension {name} is not a text, a word or a currency"));
    }
    Ok(Dimension { name: name.to_owned(), source: Source::Input(name.to_owned()) })
}

fn kept(input: &[Field], latest: LatestConfig) -> Result<Latest, String> {
    let source = |name: &String| {
        if name == "asset_id" {
            return Ok(Source::AssetId);
        }
        let field = declared(input, "latest key", name)?;
        if groups(field) && field.required {
            Ok(Source::Input(name.clone()))
        } else {
            Err(format!("latest key {name} is not a required text, word or currency"))
        }
    };
    if !(1..=MAX_KEPT).contains(&latest.keep) {
        return Err(format!("latest keep {} is not 1 to {MAX_KEPT}", latest.keep));
    }
    let key = latest.key.iter().map(source).collect::<Result<_, String>>()?;
    Ok(Latest { view: latest.view.as_str().to_owned(), key, keep: latest.keep })
}
