//! What Nexus itself emits, one constant per event type: the code that emits it names the constant, so it cannot emit what the
//! catalog does not know.
//!
//! Their `input` is open, since no caller writes it, and callers may not post them.

use super::{
    EventSpec, Kind,
    config::EventConfig,
    field::FieldType,
    row::{Measure, Row, Source},
    table::{built_in, count, event, name},
};

/// What viewing a dashboard section leaves. The engine of that name posts it too, so its row stands with the engines'.
pub const DASHBOARD_VIEWED: EventSpec =
    EventSpec { surface: "bossman", event_type: "dashboard_viewed", kind: Kind::Read };

/// Declares the constants, and [`ALL`], which no constant can be missing from.
macro_rules! own_events {
    ($($(#[$doc:meta])* $name:ident = $kind:ident $surface:literal $event_type:literal;)*) => {
        $($(#[$doc])* pub const $name: EventSpec =
            EventSpec { surface: $surface, event_type: $event_type, kind: Kind::$kind };)*

        /// Every event type that only Nexus emits.
        pub const ALL: &[EventSpec] = &[$($name),*];
    };
}

own_events! {
    /// An upload form was handed out.
    RAW_ASSET_PRESIGNED = Write "raw_storage" "raw_asset_presigned";
    /// An uploaded object was checked and registered.
    RAW_ASSET_REGISTERED = Write "raw_storage" "raw_asset_registered";
    /// The same registration was asked for again.
    RAW_ASSET_REGISTER_REPEATED = Write "raw_storage" "raw_asset_register_repeated";
    /// An asset's record was read.
    RAW_ASSET_READ = Read "raw_storage" "raw_asset_read";
    /// Assets were listed.
    RAW_ASSET_LISTED = Read "raw_storage" "raw_asset_listed";
    /// A download URL was handed out. Not a read: it gives away the file.
    RAW_ASSET_DOWNLOADED = Write "raw_storage" "raw_asset_downloaded";
    /// An asset was deleted.
    RAW_ASSET_DELETED = Write "raw_storage" "raw_asset_deleted";
    /// An object is no longer the one that was registered.
    RAW_ASSET_ALTERED = Write "raw_storage" "raw_asset_altered";
    /// A presigned upload was never registered, and its form has expired.
    RAW_ASSET_ABANDONED = Write "raw_storage" "raw_asset_abandoned";
    /// A tenant's training preference was read.
    TRAIN_PREFS_READ = Read "privacy" "train_prefs_read";
    /// A tenant's training preference was changed.
    TRAIN_PREFS_UPDATED = Write "privacy" "train_prefs_updated";
    /// A user's training preference was read.
    USER_TRAIN_PREFS_READ = Read "privacy" "user_train_prefs_read";
    /// A user's training preference was changed.
    USER_TRAIN_PREFS_UPDATED = Write "privacy" "user_train_prefs_updated";
    /// A user's training preference was deleted, so that the tenant's alone holds.
    USER_TRAIN_PREFS_DELETED = Write "privacy" "user_train_prefs_deleted";
    /// The redactor's rules are other than those of the log's last event.
    REDACTION_POLICY_CHANGED = Write "privacy" "redaction_policy_changed";
    /// A text was redacted for its sender, and not kept.
    REDACTION_PREVIEWED = Write "privacy" "redaction_previewed";
    /// Events were exported for training.
    TRAINING_EXPORTED = Write "privacy" "training_exported";
    /// Events were listed.
    EVENTS_READ = Read "ledger" "events_read";
    /// An event was read.
    EVENT_READ = Read "ledger" "event_read";
    /// A live stream of events was opened.
    EVENT_STREAM_READ = Read "ledger" "event_stream_read";
    /// The events of a trace were read.
    TRACE_READ = Read "ledger" "trace_read";
    /// The catalog was read.
    CATALOG_READ = Read "ledger" "catalog_read";
    /// Checkpoints were read.
    CHECKPOINT_READ = Read "ledger" "checkpoint_read";
    /// An inclusion proof was read.
    PROOF_READ = Read "ledger" "proof_read";
    /// A consistency proof was read.
    CONSISTENCY_READ = Read "ledger" "consistency_read";
    /// What a post of events had rejected; those it took stand for themselves.
    EVENTS_POSTED = Write "ledger" "events_posted";
    /// Requests were refused for their number: one event per tenant, environment, class and minute.
    RATE_LIMITED = Write "ledger" "rate_limited";
    /// Reads were answered while the ledger could not write.
    AUDIT_GAP = Write "ledger" "audit_gap";
    /// A request was refused for its tenant, environment or role.
    CONTEXT_REFUSED = Write "ledger" "context_refused";
    /// Checkpoints are signed with a new key.
    LEDGER_KEY_ROTATED = Write "ledger" "ledger_key_rotated";
}

/// The rows of [`ALL`].
pub(super) fn rows() -> Vec<Row> {
    ALL.iter()
        .flat_map(|spec| built_in(spec.surface, vec![described(spec)]).into_iter().map(|row| emitted(spec, row)))
        .collect()
}

/// What `input` holds of what is added up or told to readers of the schema.
fn described(spec: &EventSpec) -> EventConfig {
    let event = EventConfig { open_input: true, control_plane: is_control_plane(spec), ..event(spec.event_type) };
    match *spec {
        RAW_ASSET_PRESIGNED | RAW_ASSET_REGISTERED | RAW_ASSET_REGISTER_REPEATED => {
            event.takes("content_type", name_of_type()).takes("size_bytes", count()).takes("sha256", name())
        }
        AUDIT_GAP => event.takes("from", FieldType::Time).takes("until", FieldType::Time).adds_up("count"),
        RATE_LIMITED | EVENTS_POSTED => event.adds_up("count"),
        _ => event,
    }
}

/// A media type, which registration takes up to 255 bytes long.
fn name_of_type() -> FieldType {
    FieldType::Text { min: 1, max: 255 }
}

fn is_control_plane(spec: &EventSpec) -> bool {
    matches!(
        *spec,
        TRAIN_PREFS_UPDATED
            | USER_TRAIN_PREFS_UPDATED
            | USER_TRAIN_PREFS_DELETED
            | REDACTION_POLICY_CHANGED
            | TRAINING_EXPORTED
            | LEDGER_KEY_ROTATED
    )
}

/// What only Nexus's own rows have: they are emitted by it, and their `output` can be added up.
fn emitted(spec: &EventSpec, mut row: Row) -> Row {
    row.emitted_by_nexus = true;
    let output = |name: &str| Source::Output(name.to_owned());
    match *spec {
        // Sizes as the store has them, not as the caller claimed: what is stored is what was registered less what was deleted.
        RAW_ASSET_REGISTERED | RAW_ASSET_DELETED => row.measures.push(Measure::new("bytes", output("size_bytes"))),
        TRAINING_EXPORTED => row.measures.push(Measure::new("count", output("count"))),
        _ => {}
    }
    row
}
