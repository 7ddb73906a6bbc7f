//! The catalog: which events exist, one row per event type. Adding an engine is adding rows.
//!
//! A [`Row`] says what a success must carry in `input`, what else it may carry, which of it is added up, grouped by and kept
//! as the latest. The same rows check posted events ([`Row::check`]), feed the read-models ([`Row::measures`],
//! [`Row::latest`]) and are published as JSON Schema ([`Catalog::json_schema`]).
//!
//! The built-in rows stand in `table.rs` (the engines') and [`own`] (what Nexus emits itself). A deployment's configuration
//! adds surfaces and event types in the same form ([`SurfaceConfig`]); it cannot redefine a built-in row, nor speak for Nexus.
//!
//! Rules of names: an event type is `<noun>_<past participle>` and stands once in the whole catalog; reads end with `_read`
//! or `_listed`, or are `dashboard_viewed` ([`is_read`]).

mod check;
mod config;
mod decimal;
mod field;
pub mod own;
mod row;
mod schema;
mod spec;
mod table;

use std::{collections::BTreeMap, sync::LazyLock};

pub use check::{Fault, MAX_FAULTS};
pub use config::{
    CatalogError, EventConfig, LatestConfig, MAX_EVENT_TYPES, MAX_FIELDS, MAX_KEPT, MAX_SURFACES, SurfaceConfig,
};
pub use decimal::Decimal;
pub use field::{Field, FieldType, MAX_ITEMS, MAX_NAME, MAX_SAFE_INTEGER, MAX_TEXT, MAX_WORDS};
pub use row::{Amount, Dimension, Latest, Measure, Readable, Row, Source};
pub use spec::{EventSpec, Kind, is_read};

use crate::id::{EventType, Surface};

/// Every event type of a deployment, by surface, in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    surfaces: BTreeMap<Surface, BTreeMap<EventType, Row>>,
}

/// An event type is not in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// There is no such surface.
    #[error("not a surface of this deployment; see GET /nexus/events/catalog")]
    Surface,
    /// The surface has no such event type.
    #[error("not an event type of this surface; see GET /nexus/events/catalog")]
    EventType,
}

impl Unknown {
    /// The same as a fault of a posted event.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let pointer = match self {
            Self::Surface => "/surface",
            Self::EventType => "/event_type",
        };
        Fault::new(pointer, "unknown", self.to_string())
    }
}

static BUILTIN: LazyLock<Catalog> = LazyLock::new(|| {
    let rows = table::rows().into_iter().chain(own::rows());
    let mut catalog = Catalog { surfaces: BTreeMap::new() };
    for row in rows {
        catalog.surfaces.entry(row.surface.clone()).or_default().insert(row.event_type.clone(), row);
    }
    catalog
});

impl Catalog {
    /// The event types that every deployment has.
    #[must_use]
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The built-in event types and those that configuration adds.
    ///
    /// # Errors
    /// When `extra` redefines an event type, adds to a surface of Nexus's own, passes a limit, or a row names a field that
    /// it does not declare.
    pub fn with(extra: Vec<SurfaceConfig>) -> Result<Self, CatalogError> {
        config::extend(Self::builtin(), extra)
    }

    /// The row of an event type.
    ///
    /// # Errors
    /// Which of the two names is unknown.
    pub fn find(&self, surface: &Surface, event_type: &EventType) -> Result<&Row, Unknown> {
        self.surfaces.get(surface).ok_or(Unknown::Surface)?.get(event_type).ok_or(Unknown::EventType)
    }

    /// Every row, by surface and event type.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.surfaces.values().flat_map(BTreeMap::values)
    }
}
