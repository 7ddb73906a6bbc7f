//! Dashboards: what the read-models say of one tenant and environment. Nothing here looks at an event, so what it costs depends on
//! the window and not on the history.
//!
//! A window is whole hours: it begins with the hour in which its time before now lies, so it shows at least what it names. Each
//! section says the position it reflects. A reader sees what it wrote: it waits for the rows to have what the ledger had when it
//! asked, at most `views.read_wait_ms`; after that it is answered with what the rows have, and `as_of` says of when that is.

use std::{str::FromStr, sync::Arc, time::Duration};

use nexus_ledger::{
    Ledger, LedgerError,
    views::{HOUR_SECONDS, PlaceViews, Views},
};
use nexus_model::{InvalidId, RequestContext, Timestamp};
use serde::Serialize;

use super::{
    copied::Copied,
    sections::{
        ActivitySection, BudgetSection, ControlsSection, ErrorsSection, FollowerOut, KpiSection, LedgerLogOut,
        LedgerSection, PrivacySection, StorageSection, TemperatureSection,
    },
};
use crate::{anchors::Anchors, clock, nexus::progress::Progress};

/// How far back a dashboard looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    /// `1h`
    Hour,
    /// `24h`
    #[default]
    Day,
    /// `7d`
    Week,
    /// `30d`
    Month,
}

impl Window {
    /// All of them, by name.
    pub const ALL: &'static [(&'static str, Self)] =
        &[("1h", Self::Hour), ("24h", Self::Day), ("7d", Self::Week), ("30d", Self::Month)];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, window)| *window == self).map_or("", |(name, _)| *name)
    }

    /// The hours that it shows at least.
    #[must_use]
    pub const fn hours(self) -> i64 {
        match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 7 * 24,
            Self::Month => 30 * 24,
        }
    }
}

/// A part of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// How much happened, by hour and surface.
    Activity,
    /// What raw storage holds.
    Storage,
    /// What was spent.
    Budget,
    /// Indicators against their corridors.
    Kpi,
    /// Temperatures of surfaces.
    Temperature,
    /// Kill switch and strategy locks.
    Controls,
    /// Failures by code.
    Errors,
    /// What the redactor found, and what may be trained on.
    Privacy,
    /// The ledger itself.
    Ledger,
}

impl Section {
    /// All of them, by name, in the order of the contract.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("activity", Self::Activity),
        ("storage", Self::Storage),
        ("budget", Self::Budget),
        ("kpi", Self::Kpi),
        ("temperature", Self::Temperature),
        ("controls", Self::Controls),
        ("errors", Self::Errors),
        ("privacy", Self::Privacy),
        ("ledger", Self::Ledger),
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, section)| *section == self).map_or("", |(name, _)| *name)
    }
}

impl FromStr for Section {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let form = "activity, storage, budget, kpi, temperature, controls, errors, privacy or ledger";
        let found = Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, section)| *section);
        found.ok_or(InvalidId { noun: "section", form })
    }
}

/// How much of a log is in a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReflectedLog {
    /// The log's origin.
    pub log: String,
    /// So many of its events.
    pub size: u64,
}

/// What a section is true of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reflects {
    /// The time of which the section is true: of the request, unless the rows were behind.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// The ledger position that it reflects.
    pub position: Vec<ReflectedLog>,
    /// The window asked for.
    pub window: &'static str,
    /// The first hour in the window. What is no sum over time is not cut to it.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Whether the rows still have the whole window.
    pub complete: bool,
}

/// A section and what it is true of.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Reflected<T> {
    /// What it is true of.
    #[serde(flatten)]
    pub reflects: Reflects,
    /// What it says.
    #[serde(flatten)]
    pub says: T,
}

/// All sections, of one moment.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Dashboard {
    pub activity: Reflected<ActivitySection>,
    pub storage: Reflected<StorageSection>,
    pub budget: Reflected<BudgetSection>,
    pub kpi: Reflected<KpiSection>,
    pub temperature: Reflected<TemperatureSection>,
    pub controls: Reflected<ControlsSection>,
    pub errors: Reflected<ErrorsSection>,
    pub privacy: Reflected<PrivacySection>,
    pub ledger: Reflected<LedgerSection>,
}

/// One section, whichever was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[allow(missing_docs)]
pub enum AnySection {
    Activity(Reflected<ActivitySection>),
    Storage(Reflected<StorageSection>),
    Budget(Reflected<BudgetSection>),
    Kpi(Reflected<KpiSection>),
    Temperature(Reflected<TemperatureSection>),
    Controls(Reflected<ControlsSection>),
    Errors(Reflected<ErrorsSection>),
    Privacy(Reflected<PrivacySection>),
    Ledger(Reflected<LedgerSection>),
}

/// Shows dashboards: there is no way to ask without a context.
pub struct DashboardView {
    ledger: Ledger,
    views: Views,
    anchors: Arc<Anchors>,
    copy: Option<Arc<Progress>>,
    wait: Duration,
    /// Where the rows come from, when that is not the ledger.
    copied: Option<Arc<Copied>>,
}

/// The rows, and the moment at which they are looked at.
pub(super) struct Looked<'a> {
    pub(super) place: &'a PlaceViews,
    pub(super) now: Timestamp,
    /// The number of the window's first hour.
    pub(super) first: i64,
}

impl DashboardView {
    /// Dashboards from `views`, which fold `ledger`. A reader waits at most `wait` for the rows to have what it wrote.
    #[must_use]
    pub fn new(
        ledger: Ledger,
        views: Views,
        anchors: Arc<Anchors>,
        copy: Option<Arc<Progress>>,
        wait: Duration,
    ) -> Self {
        Self { ledger, views, anchors, copy, wait, copied: None }
    }

    /// The same from the copy, where there is one to read.
    #[must_use]
    pub fn from_copy(self, copied: Option<Arc<Copied>>) -> Self {
        Self { copied, ..self }
    }

    /// The read-models.
    #[must_use]
    pub fn views(&self) -> &Views {
        &self.views
    }

    /// All sections, of one moment.
    ///
    /// # Errors
    /// `LedgerError::Unavailable` when they come from the copy and it cannot be read.
    pub async fn all(&self, context: &RequestContext, window: Window) -> Result<Dashboard, LedgerError> {
        self.look(context, window, |look, reflects| {
            let with = || reflects.clone();
            Dashboard {
                activity: Reflected { reflects: with(), says: ActivitySection::of(look) },
                storage: Reflected { reflects: with(), says: StorageSection::of(look) },
                budget: Reflected { reflects: with(), says: BudgetSection::of(look) },
                kpi: Reflected { reflects: with(), says: KpiSection::of(look) },
                temperature: Reflected { reflects: with(), says: TemperatureSection::of(look) },
                controls: Reflected { reflects: with(), says: ControlsSection::of(look) },
                errors: Reflected { reflects: with(), says: ErrorsSection::of(look) },
                privacy: Reflected { reflects: with(), says: PrivacySection::of(look) },
                ledger: Reflected { reflects: with(), says: self.ledger(context, look.place) },
            }
        })
        .await
    }

    /// One section.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn section(
        &self,
        context: &RequestContext,
        section: Section,
        window: Window,
    ) -> Result<AnySection, LedgerError> {
        self.look(context, window, |look, reflects| {
            let reflects = reflects.clone();
            match section {
                Section::Activity => AnySection::Activity(Reflected { reflects, says: ActivitySection::of(look) }),
                Section::Storage => AnySection::Storage(Reflected { reflects, says: StorageSection::of(look) }),
                Section::Budget => AnySection::Budget(Reflected { reflects, says: BudgetSection::of(look) }),
                Section::Kpi => AnySection::Kpi(Reflected { reflects, says: KpiSection::of(look) }),
                Section::Temperature => {
                    AnySection::Temperature(Reflected { reflects, says: TemperatureSection::of(look) })
                }
                Section::Controls => AnySection::Controls(Reflected { reflects, says: ControlsSection::of(look) }),
                Section::Errors => AnySection::Errors(Reflected { reflects, says: ErrorsSection::of(look) }),
                Section::Privacy => AnySection::Privacy(Reflected { reflects, says: PrivacySection::of(look) }),
                Section::Ledger => AnySection::Ledger(Reflected { reflects, says: self.ledger(context, look.place) }),
            }
        })
        .await
    }

    /// Waits until the rows have everything that the ledger has now, but not for ever.
    async fn caught_up(&self) -> bool {
        let end = self.views.end();
        tokio::time::timeout(self.wait, self.views.reached(end)).await.is_ok()
    }

    async fn look<T>(
        &self,
        context: &RequestContext,
        window: Window,
        show: impl FnOnce(&Looked<'_>, &Reflects) -> T,
    ) -> Result<T, LedgerError> {
        if let Some(copied) = &self.copied {
            let fold = copied.place(context).await?;
            return Ok(shown(fold.place(), window, true, show));
        }
        let caught_up = self.caught_up().await;
        Ok(self.views.read(&context.tenant_id, &context.env, |place| shown(place, window, caught_up, show)))
    }

    fn ledger(&self, context: &RequestContext, place: &PlaceViews) -> LedgerSection {
        let (tenant, env) = (&context.tenant_id, &context.env);
        // Of the copy's logs those of other replicas are anchored by them.
        let sizes: Vec<(String, u64)> = match &self.copied {
            Some(_) => place.logs.iter().map(|(log, size)| (log.clone(), *size)).collect(),
            None => {
                self.ledger.logs_of(tenant, env).into_iter().map(|head| (head.origin.to_string(), head.size)).collect()
            }
        };
        let log = |(log, size): (String, u64)| {
            let anchored = self.anchors.last_of(&log);
            let (checkpoint_size, checkpoint_at) = (anchored.map(|(size, _)| size), anchored.map(|(_, at)| at));
            LedgerLogOut { log, size, checkpoint_size, checkpoint_at }
        };
        let logs: Vec<LedgerLogOut> = sizes.into_iter().map(log).collect();
        let follower = |copy: &Arc<Progress>| {
            let lag = copy.lag_of(tenant, env, clock::now());
            let own: Vec<_> =
                copy.stopped().into_iter().filter(|log| logs.iter().any(|own| *own.log == *log.log)).collect();
            FollowerOut {
                backend: copy.backend(),
                lag_events: lag.events,
                lag_seconds: lag.seconds,
                failing: copy.failure().is_some(),
                stopped_logs: own.len() as u64,
            }
        };
        LedgerSection {
            events: logs.iter().map(|log| log.size).sum(),
            followers: self.copy.iter().map(follower).collect(),
            logs,
        }
    }
}

fn shown<T>(place: &PlaceViews, window: Window, caught_up: bool, show: impl FnOnce(&Looked<'_>, &Reflects) -> T) -> T {
    let now = clock::now();
    let hour = HOUR_SECONDS * 1_000_000;
    let first = now.micros().div_euclid(hour) - window.hours();
    let reflects = Reflects {
        as_of: if caught_up { now } else { place.newest.unwrap_or(Timestamp::EPOCH) },
        position: place.logs.iter().map(|(log, size)| ReflectedLog { log: log.clone(), size: *size }).collect(),
        window: window.as_str(),
        since: Timestamp::from_micros(first * hour).unwrap_or(Timestamp::EPOCH),
        complete: place.rollups.dropped.is_none_or(|dropped| dropped < first),
    };
    show(&Looked { place, now, first }, &reflects)
}
