//! Counters of events. Tenant series are capped; series by type carry no tenant, and their values come from the catalog.

use nexus_ledger::LedgerError;
use nexus_model::{Env, EventDraft, TenantId};

use super::tenants::TenantLabels;

/// Counts what became of events.
#[derive(Debug, Clone)]
pub struct EventCounts {
    tenants: TenantLabels,
}

/// What of an event its counters are labelled by.
#[derive(Debug, Clone)]
pub struct Labels {
    tenant: TenantId,
    env: Env,
    surface: String,
    event_type: String,
    outcome: &'static str,
    code: String,
}

impl Labels {
    /// The labels of an event about to be appended.
    #[must_use]
    pub fn of(draft: &EventDraft) -> Self {
        Self {
            tenant: draft.tenant_id.clone(),
            env: draft.env.clone(),
            surface: draft.surface.to_string(),
            event_type: draft.event_type.to_string(),
            outcome: draft.outcome.as_str(),
            code: draft.error_code.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

impl EventCounts {
    /// Counters whose tenant labels are capped by `tenants`.
    #[must_use]
    pub fn new(tenants: TenantLabels) -> Self {
        Self { tenants }
    }

    /// The event is on disk.
    pub fn appended(&self, labels: &Labels) {
        let [tenant, env] = self.tenants.of(&labels.tenant, &labels.env);
        metrics::counter!(
            "nexus_events_total",
            vec![tenant.into_label(), env.into_label(), label("outcome", labels.outcome)]
        )
        .increment(1);
        metrics::counter!(
            "nexus_events_by_type_total",
            "surface" => labels.surface.clone(), "type" => labels.event_type.clone(),
            "outcome" => labels.outcome, "code" => labels.code.clone(),
        )
        .increment(1);
    }

    /// The event is not on disk, or cannot be known to be: never silent (law 6).
    pub fn failed(&self, labels: &Labels, error: &LedgerError) {
        if matches!(error, LedgerError::Conflict | LedgerError::TooLarge { .. }) {
            // The caller's own fault: it is told, and counted as a refusal.
            return;
        }
        let [tenant, env] = self.tenants.of(&labels.tenant, &labels.env);
        metrics::counter!("nexus_events_failed_total", vec![tenant.into_label(), env.into_label()]).increment(1);
        tracing::error!(
            tenant = %labels.tenant, env = %labels.env, surface = %labels.surface, event_type = %labels.event_type,
            error = error as &dyn std::error::Error, "an event could not be kept"
        );
    }

    /// A request was answered without an event.
    pub fn unrecorded(&self, tenant: &TenantId, env: &Env) {
        let [tenant, env] = self.tenants.of(tenant, env);
        metrics::counter!("nexus_events_unrecorded_total", vec![tenant.into_label(), env.into_label()]).increment(1);
    }
}

trait IntoLabel {
    fn into_label(self) -> metrics::Label;
}

impl IntoLabel for (&'static str, String) {
    fn into_label(self) -> metrics::Label {
        metrics::Label::new(self.0, self.1)
    }
}

fn label(name: &'static str, value: &'static str) -> metrics::Label {
    metrics::Label::from_static_parts(name, value)
}
