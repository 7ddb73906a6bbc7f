//! Counters of events. Series are capped: by tenant through [`TenantLabels`], by type through `metrics.max_event_types`.
//!
//! Every event is counted, so the counters themselves are kept: looking one up by its labels costs more than counting.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use metrics::Counter;
use nexus_ledger::LedgerError;
use nexus_model::{Env, ErrorCode, EventDraft, EventType, Outcome, Surface, TenantId};

use super::tenants::TenantLabels;

/// Counts what became of events.
pub struct EventCounts {
    tenants: TenantLabels,
    max_types: usize,
    /// Only of tenants and environments that have series of their own, of which [`TenantLabels`] admits so many.
    by_place: RwLock<HashMap<(TenantId, Env), Arc<Outcomes>>>,
    other_places: Arc<Outcomes>,
    by_type: RwLock<HashMap<TypeLabels, Counter>>,
}

/// The counters of one tenant and environment; each is made when it is first needed.
#[derive(Default)]
struct Outcomes {
    success: OnceLock<Counter>,
    failure: OnceLock<Counter>,
}

/// What the series by type are labelled by. Surfaces and types come from the catalog; codes are the callers'.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct TypeLabels {
    surface: Surface,
    event_type: EventType,
    outcome: Outcome,
    code: Option<ErrorCode>,
}

/// What of an event its counters are labelled by.
#[derive(Debug, Clone)]
pub struct Labels {
    place: (TenantId, Env),
    by: TypeLabels,
}

impl Labels {
    /// The labels of an event about to be appended.
    #[must_use]
    pub fn of(draft: &EventDraft) -> Self {
        Self {
            place: (draft.tenant_id.clone(), draft.env.clone()),
            by: TypeLabels {
                surface: draft.surface.clone(),
                event_type: draft.event_type.clone(),
                outcome: draft.outcome,
                code: draft.error_code.clone(),
            },
        }
    }
}

impl EventCounts {
    /// Counters whose tenant labels are capped by `tenants`; at most `max_types` combinations of surface, type, outcome and
    /// code are told apart.
    #[must_use]
    pub fn new(tenants: TenantLabels, max_types: usize) -> Self {
        Self {
            tenants,
            max_types,
            by_place: RwLock::default(),
            other_places: Arc::default(),
            by_type: RwLock::default(),
        }
    }

    /// The event is on disk.
    pub fn appended(&self, labels: &Labels) {
        let outcomes = self.outcomes(&labels.place);
        let (slot, outcome) = match labels.by.outcome {
            Outcome::Success => (&outcomes.success, Outcome::Success.as_str()),
            Outcome::Failure => (&outcomes.failure, Outcome::Failure.as_str()),
        };
        slot.get_or_init(|| {
            let [tenant, env] = self.tenants.of(&labels.place.0, &labels.place.1);
            metrics::counter!("nexus_events_total", vec![own(tenant), own(env), fixed("outcome", outcome)])
        })
        .increment(1);
        self.of_type(&labels.by).increment(1);
    }

    fn outcomes(&self, place: &(TenantId, Env)) -> Arc<Outcomes> {
        if let Some(known) = self.by_place.read().unwrap_or_else(PoisonError::into_inner).get(place) {
            return Arc::clone(known);
        }
        if !self.tenants.has_own(&place.0, &place.1) {
            return Arc::clone(&self.other_places);
        }
        let mut places = self.by_place.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(place.clone()).or_default())
    }

    fn of_type(&self, labels: &TypeLabels) -> Counter {
        if let Some(known) = self.by_type.read().unwrap_or_else(PoisonError::into_inner).get(labels) {
            return known.clone();
        }
        let mut types = self.by_type.write().unwrap_or_else(PoisonError::into_inner);
        if types.len() >= self.max_types && !types.contains_key(labels) {
            return type_counter(labels, "other");
        }
        let code = labels.code.as_ref().map_or("", ErrorCode::as_str);
        types.entry(labels.clone()).or_insert_with(|| type_counter(labels, code)).clone()
    }

    /// The event is not on disk, or cannot be known to be: never silent (law 6).
    pub fn failed(&self, labels: &Labels, error: &LedgerError) {
        if matches!(error, LedgerError::Conflict | LedgerError::TooLarge { .. }) {
            // The caller's own fault: it is told, and counted as a refusal.
            return;
        }
        let Labels { place: (tenant, env), by } = labels;
        let [tenant_label, env_label] = self.tenants.of(tenant, env);
        metrics::counter!("nexus_events_failed_total", vec![own(tenant_label), own(env_label)]).increment(1);
        tracing::error!(
            %tenant, %env, surface = %by.surface, event_type = %by.event_type,
            error = error as &dyn std::error::Error, "an event could not be kept"
        );
    }

    /// A request was answered without an event.
    pub fn unrecorded(&self, tenant: &TenantId, env: &Env) {
        let [tenant, env] = self.tenants.of(tenant, env);
        metrics::counter!("nexus_events_unrecorded_total", vec![own(tenant), own(env)]).increment(1);
    }
}

fn type_counter(labels: &TypeLabels, code: &str) -> Counter {
    metrics::counter!(
        "nexus_events_by_type_total",
        "surface" => labels.surface.as_str().to_owned(), "type" => labels.event_type.as_str().to_owned(),
        "outcome" => labels.outcome.as_str(), "code" => code.to_owned(),
    )
}

fn own((name, value): (&'static str, String)) -> metrics::Label {
    metrics::Label::new(name, value)
}

fn fixed(name: &'static str, value: &'static str) -> metrics::Label {
    metrics::Label::from_static_parts(name, value)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn labels(code: &str) -> TypeLabels {
        TypeLabels {
            surface: "chat".parse().unwrap(),
            event_type: "message_sent".parse().unwrap(),
            outcome: Outcome::Failure,
            code: Some(code.parse().unwrap()),
        }
    }

    /// Codes are the callers' to choose: whatever they choose, the series stay bounded and every event is counted.
    #[test]
    fn beyond_the_cap_codes_share_a_series() {
        let handle = crate::telemetry::install().unwrap();
        let counts = EventCounts::new(TenantLabels::new(1), 2);
        for code in ["events_test.a", "events_test.b", "events_test.c", "events_test.d", "events_test.a"] {
            counts.of_type(&labels(code)).increment(1);
        }
        assert_eq!(counts.by_type.read().unwrap().len(), 2);
        let text = handle.render();
        let value = |code: &str| {
            let label = format!("code=\"{code}\"");
            let line = text.lines().find(|line| line.contains("message_sent") && line.contains(&label))?;
            line.rsplit(' ').next()?.parse::<u64>().ok()
        };
        let found = ["events_test.a", "events_test.b", "events_test.c", "events_test.d", "other"].map(value);
        assert_eq!(found, [Some(2), Some(1), None, None, Some(2)]);
    }

    #[test]
    fn beyond_the_cap_tenants_share_counters() {
        let counts = EventCounts::new(TenantLabels::new(1), 2);
        let place = |tenant: &str| (tenant.parse().unwrap(), "dev".parse().unwrap());
        let first = counts.outcomes(&place("t_a"));
        assert!(Arc::ptr_eq(&first, &counts.outcomes(&place("t_a"))));
        let other = counts.outcomes(&place("t_b"));
        assert!(!Arc::ptr_eq(&first, &other) && Arc::ptr_eq(&other, &counts.outcomes(&place("t_c"))));
        assert_eq!(counts.by_place.read().unwrap().len(), 1);
    }
}
