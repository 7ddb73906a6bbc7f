//! What happened in the window: counts and sums.

use std::collections::BTreeMap;

use nexus_ledger::views::{Cell, HOUR_SECONDS, Period};
use nexus_model::{Decimal, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{entry, members, name};
use crate::views::dashboard::Looked;

const USAGE: &str = "usage_recorded";
const COST: &str = "cost";

impl Looked<'_> {
    /// The hours of the window that have events.
    fn hours(&self) -> impl Iterator<Item = (i64, &Period)> {
        self.place.rollups.hours.range(self.first..).map(|(number, hour)| (*number, hour))
    }

    /// What the window sums up to, piece by piece.
    fn pieces(&self) -> impl Iterator<Item = &Period> {
        self.place.rollups.since(self.first)
    }
}

/// Events and failures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Counted {
    /// Events.
    pub count: u64,
    /// Those that failed.
    pub failures: u64,
}

impl Counted {
    fn add(&mut self, cell: &Cell, failed: bool) {
        self.count += cell.count;
        if failed {
            self.failures += cell.count;
        }
    }
}

/// One hour that has events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct HourOut {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub hour: Timestamp,
    /// Events.
    pub count: u64,
    /// Those that failed.
    pub failures: u64,
}

/// How much happened in the window, reads included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ActivitySection {
    /// Events.
    pub total: u64,
    /// Those that failed.
    pub failures: u64,
    /// Events by surface.
    pub by_surface: BTreeMap<String, u64>,
    /// By surface and event type.
    pub by_type: BTreeMap<String, BTreeMap<String, Counted>>,
    /// By hour of `recorded_at`, oldest first; hours without events are left out.
    pub by_hour: Vec<HourOut>,
}

impl ActivitySection {
    pub(in crate::views) fn of(look: &Looked<'_>) -> Self {
        let mut section = Self::default();
        for piece in look.pieces() {
            for (key, cell) in &piece.types {
                *entry(&mut section.by_surface, &key.surface) += cell.count;
                entry(entry(&mut section.by_type, &key.surface), &key.event_type).add(cell, key.failed);
            }
            section.total += piece.events();
            section.failures += piece.failures();
        }
        for (number, hour) in look.hours() {
            let (count, failures) = (hour.events(), hour.failures());
            let Some(hour) = Timestamp::from_micros(number * HOUR_SECONDS * 1_000_000) else { continue };
            section.by_hour.push(HourOut { hour, count, failures });
        }
        section
    }
}

/// What was spent in one currency. Decimals as text, exact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Spent {
    /// In all.
    #[schema(value_type = String)]
    pub total: Money,
    /// By `provider`.
    #[schema(value_type = BTreeMap<String, String>)]
    pub by_provider: BTreeMap<String, Money>,
    /// By `model_or_plan_id`, where it was named.
    #[schema(value_type = BTreeMap<String, String>)]
    pub by_model: BTreeMap<String, Money>,
    /// By `tool_type`, where it was named.
    #[schema(value_type = BTreeMap<String, String>)]
    pub by_tool_type: BTreeMap<String, Money>,
}

/// An exact decimal, written as a string.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Money(Option<Decimal>);

impl Money {
    fn add(&mut self, amount: Decimal) {
        self.0 = self.0.unwrap_or(Decimal::ZERO).checked_add(amount).or(self.0);
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.unwrap_or(Decimal::ZERO))
    }
}

/// A spending limit that was set.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PolicyOut {
    /// The limit, and what else was said of it.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub input: Map<String, Value>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// What was spent in the window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BudgetSection {
    /// By currency; currencies are never added up.
    pub by_currency: BTreeMap<String, Spent>,
    /// Usages recorded.
    pub usages: u64,
    /// Tokens that went in.
    #[schema(value_type = u64)]
    pub tokens_input: i128,
    /// Tokens that came out.
    #[schema(value_type = u64)]
    pub tokens_output: i128,
    /// Costs in none of the sums: of a currency beyond `views.max_names`.
    pub left_out: u64,
    /// The newest spending limit of each name.
    pub policies: BTreeMap<String, PolicyOut>,
}

impl BudgetSection {
    pub(in crate::views) fn of(look: &Looked<'_>) -> Self {
        let mut section = Self::default();
        for piece in look.pieces() {
            for (_, cell) in piece.types.iter().filter(|(key, _)| key.event_type == USAGE && !key.failed) {
                section.usages += cell.count;
                let whole = |name: &str| cell.sums.get(name).map_or(0, |sum| sum.whole);
                section.tokens_input += whole("tokens_input");
                section.tokens_output += whole("tokens_output");
                section.left_out += cell.sums.get(COST).map_or(0, |sum| sum.left_out);
                for (currency, amount) in money(cell) {
                    entry(&mut section.by_currency, currency).total.add(amount);
                }
            }
            for (key, cell) in piece.groups.iter().filter(|(key, _)| key.event_type == USAGE) {
                for (currency, amount) in money(cell) {
                    let spent = entry(&mut section.by_currency, currency);
                    let by = match key.dimension.as_str() {
                        "provider" => &mut spent.by_provider,
                        "model_or_plan_id" => &mut spent.by_model,
                        "tool_type" => &mut spent.by_tool_type,
                        _ => continue,
                    };
                    entry(by, &key.value).add(amount);
                }
            }
        }
        for (key, row) in look.place.latest.of("budget_policy") {
            let policy = PolicyOut { input: members(row), at: row.occurred_at };
            section.policies.insert(name(key), policy);
        }
        section
    }
}

fn money(cell: &Cell) -> impl Iterator<Item = (&String, Decimal)> {
    cell.sums.get(COST).into_iter().flat_map(|sum| sum.money.iter().map(|(currency, amount)| (currency, *amount)))
}

/// Failures in the window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ErrorsSection {
    /// By code; `none` for failures without one.
    pub by_code: BTreeMap<String, u64>,
    /// In all.
    pub total: u64,
}

impl ErrorsSection {
    pub(in crate::views) fn of(look: &Looked<'_>) -> Self {
        let mut section = Self::default();
        for (code, count) in look.pieces().flat_map(|piece| &piece.errors) {
            *entry(&mut section.by_code, code) += count;
            section.total += count;
        }
        section
    }
}

/// What the redactor found in the window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PrivacySection {
    /// Findings by type.
    pub pii_found: BTreeMap<String, u64>,
    /// Events that may be trained on.
    pub train_ok: u64,
    /// Events that may not.
    pub train_denied: u64,
    /// The share of the former, 0 to 1; `null` without events.
    pub train_ok_share: Option<f64>,
}

impl PrivacySection {
    pub(in crate::views) fn of(look: &Looked<'_>) -> Self {
        let mut section = Self::default();
        for piece in look.pieces() {
            for (kind, count) in &piece.pii {
                let found = entry(&mut section.pii_found, kind);
                *found = found.saturating_add(*count);
            }
            section.train_ok += piece.train_ok;
            section.train_denied += piece.train_denied;
        }
        let total = section.train_ok + section.train_denied;
        section.train_ok_share = (total > 0).then(|| section.train_ok as f64 / total as f64);
        section
    }
}
