//! The built-in rows of the engines: chat, media, vector, budget, kpi, temperature, bossman, kill switch, strategy lock, maybes.
//!
//! They are written in the form that configuration uses ([`EventConfig`]) and go through the same checks.

use super::{
    config::{EventConfig, LatestConfig, compile},
    field::{Field, FieldType, MAX_NAME, MAX_SAFE_INTEGER, MAX_TEXT},
    row::Row,
    spec::parsed,
};

/// The most code points of a title or a reason.
const MAX_TITLE: u32 = 512;
/// Temperature snapshots kept of each surface.
const RECENT_SNAPSHOTS: u32 = 20;
/// The most items of a list of names: tags, providers, actions.
const MAX_NAMES: u32 = 256;

pub(super) fn event(event_type: &'static str) -> EventConfig {
    EventConfig {
        event_type: parsed(event_type),
        control_plane: false,
        open_input: false,
        input: Vec::new(),
        measures: Vec::new(),
        dimensions: Vec::new(),
        latest: None,
    }
}

impl EventConfig {
    /// A field that a success must carry.
    pub(super) fn requires(mut self, name: &str, field_type: FieldType) -> Self {
        self.input.push(Field::new(name, true, field_type));
        self
    }

    /// A field that it may carry.
    pub(super) fn takes(mut self, name: &str, field_type: FieldType) -> Self {
        self.input.push(Field::new(name, false, field_type));
        self
    }

    /// A count that it may carry and that is added up.
    pub(super) fn adds_up(mut self, name: &str) -> Self {
        self.measures.push(name.to_owned());
        self.takes(name, count())
    }

    /// A name that it may carry and that sums are grouped by.
    fn groups_by(mut self, name: &str) -> Self {
        self.dimensions.push(name.to_owned());
        self.takes(name, self::name())
    }

    fn control_plane(mut self) -> Self {
        self.control_plane = true;
        self
    }

    fn latest(mut self, view: &'static str, key: &[&str]) -> Self {
        let key = key.iter().map(|&name| name.to_owned()).collect();
        self.latest = Some(LatestConfig { view: parsed(view), key, keep: 1 });
        self
    }

    /// With the newest `keep` events of each key kept.
    fn keep(mut self, keep: u32) -> Self {
        if let Some(latest) = &mut self.latest {
            latest.keep = keep;
        }
        self
    }
}

/// Something's name or id: never empty.
pub(super) fn name() -> FieldType {
    FieldType::Text { min: 1, max: MAX_NAME }
}

fn title() -> FieldType {
    FieldType::Text { min: 0, max: MAX_TITLE }
}

fn text() -> FieldType {
    FieldType::Text { min: 0, max: MAX_TEXT }
}

fn names() -> FieldType {
    FieldType::TextList { items: MAX_NAMES, max: MAX_NAME }
}

pub(super) fn count() -> FieldType {
    FieldType::Integer { min: 0, max: MAX_SAFE_INTEGER }
}

fn words(words: &[&str]) -> FieldType {
    FieldType::Word(words.iter().map(|&word| word.to_owned()).collect())
}

/// The rows of the engines' surfaces.
pub(super) fn rows() -> Vec<Row> {
    let surfaces = [
        ("chat", chat()),
        ("media", media()),
        ("vector", vector()),
        ("budget", budget()),
        ("kpi", kpi()),
        ("temperature", temperature()),
        ("bossman", vec![event("dashboard_viewed").requires("section", name())]),
        ("kill_switch", kill_switch()),
        ("strategy_lock", strategy_lock()),
        ("maybes", maybes()),
    ];
    surfaces.into_iter().flat_map(|(surface, events)| built_in(surface, events)).collect()
}

/// The rows of a built-in surface.
#[allow(clippy::unwrap_used)]
pub(super) fn built_in(surface: &'static str, events: Vec<EventConfig>) -> Vec<Row> {
    let surface = parsed(surface);
    // Every row of the built-in table is compiled by the catalog's tests.
    events.into_iter().map(|event| compile(&surface, event).unwrap()).collect()
}

fn chat() -> Vec<EventConfig> {
    let thread = |event_type| event(event_type).requires("thread_id", name());
    let message = |event_type| thread(event_type).takes("message_id", name());
    vec![
        thread("thread_created").takes("title", title()),
        thread("thread_updated").takes("title", title()),
        thread("thread_deleted"),
        thread("thread_read"),
        event("thread_listed"),
        message("message_posted")
            .requires("role", words(&["user", "assistant", "system", "tool"]))
            .takes("text", text())
            .adds_up("tokens_input")
            .adds_up("tokens_output"),
        message("message_updated").takes("text", text()),
        message("message_deleted"),
        message("message_read"),
        thread("message_listed"),
    ]
}

fn media() -> Vec<EventConfig> {
    vec![
        EventConfig { measures: vec!["bytes".to_owned()], ..event("media_ingested") }
            .requires("media_type", name())
            .requires("bytes", count()),
        event("media_transformed").requires("media_type", name()).takes("operation", name()).adds_up("bytes"),
        event("media_deleted").takes("media_type", name()),
        event("media_read").takes("media_type", name()),
        event("media_listed"),
    ]
}

fn vector() -> Vec<EventConfig> {
    let collection = |event_type| event(event_type).requires("collection", name());
    vec![
        collection("vector_ingested").adds_up("count"),
        collection("vector_queried").takes("top_k", count()).adds_up("count"),
        collection("vector_deleted").adds_up("count"),
    ]
}

fn budget() -> Vec<EventConfig> {
    let mut used = event("usage_recorded")
        .requires("provider", name())
        .groups_by("model_or_plan_id")
        .groups_by("tool_type")
        .adds_up("tokens_input")
        .adds_up("tokens_output")
        .requires("cost", FieldType::Decimal)
        .requires("currency", FieldType::Currency);
    used.measures.push("cost".to_owned());
    used.dimensions.extend(["provider".to_owned(), "currency".to_owned()]);
    vec![
        used,
        event("budget_policy_set")
            .requires("policy_name", name())
            .takes("provider", name())
            .takes("limit", FieldType::Decimal)
            .takes("currency", FieldType::Currency)
            .takes("period", words(&["hour", "day", "week", "month"]))
            .control_plane()
            .latest("budget_policy", &["policy_name"]),
        event("budget_exceeded")
            .requires("policy_name", name())
            .takes("provider", name())
            .takes("cost", FieldType::Decimal)
            .takes("currency", FieldType::Currency),
        event("budget_read"),
    ]
}

fn kpi() -> Vec<EventConfig> {
    let kpi = |event_type| event(event_type).requires("kpi_name", name());
    vec![
        kpi("kpi_defined")
            .takes("title", title())
            .takes("unit", name())
            .control_plane()
            .latest("kpi_definition", &["kpi_name"]),
        // A bound that is left out is none: a corridor without bounds lifts the corridor.
        kpi("kpi_corridor_set")
            .takes("floor", FieldType::Number)
            .takes("ceiling", FieldType::Number)
            .control_plane()
            .latest("kpi_corridor", &["kpi_name"]),
        kpi("kpi_measured").requires("value", FieldType::Number).latest("kpi_value", &["kpi_name"]),
        event("kpi_read").takes("kpi_name", name()),
        event("kpi_listed"),
    ]
}

fn temperature() -> Vec<EventConfig> {
    let of_surface = |event_type| event(event_type).requires("of_surface", name());
    vec![
        of_surface("temperature_snapshot_taken")
            .requires("value", FieldType::Number)
            .requires("window_start", FieldType::Time)
            .requires("window_end", FieldType::Time)
            .takes("floors_breached", names())
            .takes("ceilings_breached", names())
            .latest("temperature", &["of_surface"])
            .keep(RECENT_SNAPSHOTS),
        of_surface("temperature_config_set")
            .takes("floor", FieldType::Number)
            .takes("ceiling", FieldType::Number)
            .takes("window_seconds", FieldType::Integer { min: 1, max: MAX_SAFE_INTEGER })
            .control_plane()
            .latest("temperature_config", &["of_surface"]),
        event("temperature_read").takes("of_surface", name()),
    ]
}

fn kill_switch() -> Vec<EventConfig> {
    vec![
        event("kill_switch_updated")
            .takes("disable_providers", names())
            .takes("disabled_actions", names())
            .takes("disable_autonomy", FieldType::Boolean)
            .takes("reason", title())
            .control_plane()
            .latest("kill_switch", &[]),
        event("kill_switch_read"),
    ]
}

fn strategy_lock() -> Vec<EventConfig> {
    // Each of these tells of the whole lock, so that its newest event alone is its state.
    let lock = |event_type| {
        event(event_type)
            .requires("lock_id", name())
            .requires("scope", name())
            .takes("title", title())
            .takes("valid_from", FieldType::Time)
            .takes("valid_until", FieldType::Time)
            .takes("reason", title())
            .control_plane()
            .latest("strategy_lock", &["lock_id"])
    };
    vec![
        lock("strategy_lock_created"),
        lock("strategy_lock_approved"),
        lock("strategy_lock_rejected"),
        lock("strategy_lock_expired"),
        lock("strategy_lock_updated"),
        event("strategy_lock_read").takes("lock_id", name()),
        event("strategy_lock_listed"),
    ]
}

fn maybes() -> Vec<EventConfig> {
    let maybe = |event_type| {
        event(event_type)
            .takes("title", title())
            .takes("tags", names())
            .takes("content", FieldType::Any)
            .latest("maybe", &["asset_id"])
    };
    vec![
        maybe("maybe_created"),
        maybe("maybe_updated"),
        maybe("maybe_deleted"),
        event("maybe_read"),
        event("maybe_listed"),
    ]
}
