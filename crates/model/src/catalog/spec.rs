//! [`EventSpec`]: an event type by name, as the code that emits it holds it.

use crate::id::{EventType, Surface};

/// What an event type says of the ledger's reader: did something change, or was something only looked at?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something changed, or may have.
    Write,
    /// Something was only read. Listed only when the reader asks for reads.
    Read,
}

/// Names one row of the catalog, in a form that a `const` can hold.
///
/// Those that Nexus emits itself are constants of [`own`](super::own).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventSpec {
    /// Where it happens.
    pub surface: &'static str,
    /// What happens.
    pub event_type: &'static str,
    /// Whether it changes anything.
    pub kind: Kind,
}

impl EventSpec {
    /// The surface as an identifier.
    #[must_use]
    pub fn surface_id(&self) -> Surface {
        parsed(self.surface)
    }

    /// The event type as an identifier.
    #[must_use]
    pub fn event_type_id(&self) -> EventType {
        parsed(self.event_type)
    }
}

/// A name that stands in the source code.
#[allow(clippy::unwrap_used)]
pub(super) fn parsed<T: std::str::FromStr>(text: &'static str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap() // every name of the built-in table is parsed by the catalog's tests
}

/// Whether events of this type only record a read, so that lists leave them out unless asked.
///
/// The rule is the contract's, by name, so that it also holds for types that configuration adds.
#[must_use]
pub fn is_read(event_type: &str) -> bool {
    event_type.ends_with("_read") || event_type.ends_with("_listed") || event_type == "dashboard_viewed"
}
