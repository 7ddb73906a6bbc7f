//! The catalog: one row per event type. Adding an engine is adding rows.

use crate::id::{EventType, Surface};

/// What an event type says of the ledger's reader: did something change, or was something only looked at?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Something changed, or may have.
    Write,
    /// Something was only read. Listed only when the reader asks for reads.
    Read,
}

/// One row of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventSpec {
    /// Where it happens.
    pub surface: &'static str,
    /// What happens.
    pub event_type: &'static str,
    /// Whether it changes anything.
    pub kind: Kind,
}

const fn write(surface: &'static str, event_type: &'static str) -> EventSpec {
    EventSpec { surface, event_type, kind: Kind::Write }
}

const fn read(surface: &'static str, event_type: &'static str) -> EventSpec {
    EventSpec { surface, event_type, kind: Kind::Read }
}

/// Every event type that Nexus itself emits.
pub const CATALOG: &[EventSpec] = &[
    write("raw_storage", "raw_asset_presigned"),
    write("raw_storage", "raw_asset_registered"),
    write("raw_storage", "raw_asset_register_repeated"),
    read("raw_storage", "raw_asset_read"),
    read("raw_storage", "raw_asset_listed"),
    write("raw_storage", "raw_asset_downloaded"),
    read("ledger", "events_read"),
    read("ledger", "event_read"),
    read("ledger", "trace_read"),
    write("ledger", "audit_gap"),
    write("ledger", "context_refused"),
];

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

#[allow(clippy::unwrap_used, clippy::missing_panics_doc)]
fn parsed<T: std::str::FromStr>(text: &'static str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap() // every row is parsed by this module's test
}

/// Whether events of this type only record a read, so that lists leave them out unless asked.
///
/// The rule is the contract's, by name, so that it also holds for types that configuration adds.
#[must_use]
pub fn is_read(event_type: &str) -> bool {
    event_type.ends_with("_read") || event_type.ends_with("_listed") || event_type == "dashboard_viewed"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_well_formed_and_agrees_with_the_rule_for_reads() {
        for row in CATALOG {
            let _ = (row.surface_id(), row.event_type_id());
            assert_eq!(row.kind == Kind::Read, is_read(row.event_type), "{}", row.event_type);
        }
    }

    #[test]
    fn no_event_type_stands_twice() {
        let mut names: Vec<_> = CATALOG.iter().map(|row| row.event_type).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CATALOG.len());
    }
}
