//! Rate limits: how much one tenant and environment may ask for, so that a noisy one does not slow the others.
//!
//! A tenant and environment has one token bucket per [`Class`] of routes. A bucket holds `burst_seconds` seconds' worth of
//! its rate, so whoever was idle may spend that at once, and then its rate. The check is a look into a concurrent map and
//! one compare-and-swap; nothing waits. Buckets of the idle are forgotten: they would be full again anyway.
//!
//! What is refused leaves no event of its own: [`Limits`] counts refusals per tenant, environment, class and minute, and
//! [`record`] writes one event for each.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use governor::{
    InsufficientCapacity, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::{InMemoryState, NotKeyed},
};
use moka::{policy::EvictionPolicy, sync::Cache};
use nexus_model::{Env, ErrorCode, EventId, TenantId, Timestamp, catalog::own};
use serde_json::json;

use crate::{
    clock, config, ids,
    logging::{Detail, Engine},
    telemetry::tenants::TenantLabels,
};

/// The code of what is refused, in answers and in events.
pub const ERROR_CODE: &str = "rate.limited";
/// A bucket that nobody asks for during this time, or during two fillings of it, is forgotten.
const MIN_IDLE: Duration = Duration::from_secs(60);
/// Microseconds.
const MINUTE: i64 = 60_000_000;

/// What is counted against one another. Its name is the policy's name in the `RateLimit` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// `GET` requests.
    Reads,
    /// All other requests, but for posts of events.
    Writes,
    /// Posted events, by their number; a post counts as one at least.
    Events,
    /// Open live streams. Bounded by their number (`[stream]`), so no bucket of this module; only its refusals are kept here.
    Streams,
}

impl Class {
    /// The classes that have a bucket.
    const WITH_BUCKET: [Self; 3] = [Self::Reads, Self::Writes, Self::Events];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Events => "events",
            Self::Streams => "streams",
        }
    }
}

type Bucket = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;
type Place = (TenantId, Env);

/// The buckets of one tenant and environment, as [`Class::WITH_BUCKET`] orders them.
type Buckets = [Bucket; Class::WITH_BUCKET.len()];

/// How much of a class is admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// What is counted.
    pub class: Class,
    /// What a bucket holds when it is full.
    pub burst: NonZeroU32,
    /// How long an empty bucket takes to fill. Seconds.
    pub window_seconds: u32,
    per_second: NonZeroU32,
}

impl Policy {
    fn new(class: Class, per_second: u32, window_seconds: u32) -> Self {
        let at_least_one = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self {
            class,
            burst: at_least_one(per_second.saturating_mul(window_seconds)),
            window_seconds,
            per_second: at_least_one(per_second),
        }
    }

    fn bucket(&self) -> Bucket {
        RateLimiter::direct(Quota::per_second(self.per_second).allow_burst(self.burst)).with_middleware()
    }

    /// How long until a bucket that holds `remaining` is full. Whole seconds, rounded up.
    fn seconds_to_full(&self, remaining: u32) -> u32 {
        self.burst.get().saturating_sub(remaining).div_ceil(self.per_second.get())
    }
}

/// A request that was more than its class admits now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverLimit {
    /// Which class.
    pub class: Class,
    /// When to ask again. Whole seconds, rounded up, at least 1.
    pub retry_after_seconds: u32,
}

/// How a request's bucket stood after it was charged: what the `RateLimit` header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What is admitted.
    pub policy: Policy,
    /// What is left.
    pub remaining: u32,
    /// When the bucket is full again, if nothing more is asked for. Seconds.
    pub reset_seconds: u32,
}

/// All buckets, and the refusals that no event covers yet.
pub struct Limits {
    enabled: bool,
    policies: [Policy; Class::WITH_BUCKET.len()],
    buckets: Cache<Place, Arc<Buckets>>,
    refused: Mutex<HashMap<RefusedKey, Refused>>,
    max_refused: usize,
    labels: TenantLabels,
}

type RefusedKey = (Place, Class, i64);

/// The refusals of one tenant, environment, class and minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Refused {
    /// Chosen beforehand, so that an attempt that may have succeeded can be repeated.
    event_id: EventId,
    from: Timestamp,
    until: Timestamp,
    count: u64,
}

impl Limits {
    /// Limits as configured. `labels` caps the tenant labels of the counter.
    #[must_use]
    pub fn new(config: &config::Limits, labels: TenantLabels) -> Self {
        let policy = |class, per_second| Policy::new(class, per_second, config.burst_seconds);
        let idle = Duration::from_secs(2 * u64::from(config.burst_seconds)).max(MIN_IDLE);
        Self {
            enabled: config.enabled,
            policies: [
                policy(Class::Reads, config.reads_per_second),
                policy(Class::Writes, config.writes_per_second),
                policy(Class::Events, config.events_per_second),
            ],
            // Least recently used: the default policy would not admit newcomers to a full cache, and so not limit them.
            buckets: Cache::builder()
                .max_capacity(config.max_buckets)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(idle)
                .build(),
            refused: Mutex::default(),
            max_refused: config.max_unrecorded,
            labels,
        }
    }

    /// Opens a request's account with its tenant's bucket. `None` when limits are off, or the class has no bucket.
    #[must_use]
    pub fn account(self: &Arc<Self>, tenant: &TenantId, env: &Env, class: Class) -> Option<Account> {
        let index = Class::WITH_BUCKET.iter().position(|with| *with == class).filter(|_| self.enabled)?;
        let place = (tenant.clone(), env.clone());
        let make = || Arc::new(self.policies.each_ref().map(Policy::bucket));
        let buckets = self.buckets.get_with_by_ref(&place, make);
        Some(Account { limits: Arc::clone(self), place, buckets, index, remaining: AtomicU32::new(0) })
    }

    /// What is said to a caller whose tenant is not known, and who is charged nothing: how full a bucket of this class is at first.
    #[must_use]
    pub fn unused(&self, class: Class) -> Option<Standing> {
        let policy = *self.policies.iter().find(|policy| policy.class == class).filter(|_| self.enabled)?;
        Some(Standing { policy, remaining: policy.burst.get(), reset_seconds: 0 })
    }

    /// Counts a refusal.
    pub fn refuse(&self, tenant: &TenantId, env: &Env, class: Class) {
        let [tenant_label, env_label] = self.labels.of(tenant, env);
        metrics::counter!(
            "nexus_rate_limited_total",
            "tenant" => tenant_label.1, "env" => env_label.1, "class" => class.as_str(),
        )
        .increment(1);
        if !self.count((tenant.clone(), env.clone()), class, clock::now()) {
            tracing::error!(%tenant, %env, class = class.as_str(), "refusals are covered by no event: limits.max_unrecorded is reached");
        }
    }

    /// `false` when there is no room for another tenant, environment, class and minute.
    fn count(&self, place: Place, class: Class, at: Timestamp) -> bool {
        let mut refused = self.refused();
        let key = (place, class, at.micros().div_euclid(MINUTE));
        if !refused.contains_key(&key) && refused.len() >= self.max_refused {
            return false;
        }
        refused
            .entry(key)
            .and_modify(|known| {
                known.until = known.until.max(at);
                known.count += 1;
            })
            .or_insert_with(|| Refused { event_id: EventId::from_uuid(ids::fresh()), from: at, until: at, count: 1 });
        true
    }

    /// What was refused in minutes that were over at `now`; with `None` in all.
    fn due(&self, now: Option<Timestamp>) -> Vec<(RefusedKey, Refused)> {
        let minute = now.map_or(i64::MAX, |now| now.micros().div_euclid(MINUTE));
        let refused = self.refused();
        refused.iter().filter(|(key, _)| key.2 < minute).map(|(key, refused)| (key.clone(), *refused)).collect()
    }

    fn forget(&self, key: &RefusedKey) {
        self.refused().remove(key);
    }

    fn refused(&self) -> MutexGuard<'_, HashMap<RefusedKey, Refused>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which refusals [`record`] writes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Minutes {
    /// Of minutes that are over.
    Over,
    /// All, since nothing more is answered.
    All,
}

/// Writes one `rate_limited` event for each tenant, environment, class and minute in which something was refused. What cannot
/// be written is kept for the next time.
pub async fn record(limits: &Limits, engine: &Engine, minutes: Minutes) {
    let code: Option<ErrorCode> = ERROR_CODE.parse().ok();
    let now = (minutes == Minutes::Over).then(clock::now);
    for (key, refused) in limits.due(now) {
        let ((tenant, env), class, _) = &key;
        let Refused { event_id, from, until, count } = refused;
        let input = json!({ "class": class.as_str(), "from": from, "until": until, "count": count });
        let detail = Detail { event_id: Some(event_id), ..Detail::default() }.input(input);
        let recorded = engine.record_own(tenant.clone(), env.clone(), &own::RATE_LIMITED, code.clone(), detail);
        if recorded.await.is_ok() {
            limits.forget(&key);
        }
    }
}

/// One request's account with the bucket of its tenant, environment and class.
pub struct Account {
    limits: Arc<Limits>,
    place: Place,
    buckets: Arc<Buckets>,
    index: usize,
    /// After the last charge that was taken.
    remaining: AtomicU32,
}

impl Account {
    /// Takes `count` out of the bucket, or nothing.
    ///
    /// # Errors
    /// When it does not hold that much: the refusal is counted, and the caller answers 429.
    pub fn charge(&self, count: u32) -> Result<(), OverLimit> {
        let Some(count) = NonZeroU32::new(count) else { return Ok(()) };
        let bucket = &self.buckets[self.index];
        let wait = match bucket.check_n(count) {
            Ok(Ok(state)) => {
                self.remaining.store(state.remaining_burst_capacity(), Ordering::Relaxed);
                return Ok(());
            }
            Ok(Err(not_until)) => not_until.wait_time_from(DefaultClock::default().now()),
            // More than a full bucket; the configuration's check keeps a batch below that.
            Err(InsufficientCapacity(_)) => Duration::from_secs(u64::from(self.policy().window_seconds)),
        };
        let (tenant, env) = &self.place;
        self.limits.refuse(tenant, env, self.policy().class);
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let retry_after_seconds = u32::try_from(seconds).unwrap_or(u32::MAX).max(1);
        Err(OverLimit { class: self.policy().class, retry_after_seconds })
    }

    /// How the bucket stood after the last charge.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let (policy, remaining) = (*self.policy(), self.remaining.load(Ordering::Relaxed));
        Standing { policy, remaining, reset_seconds: policy.seconds_to_full(remaining) }
    }

    fn policy(&self) -> &Policy {
        &self.limits.policies[self.index]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn limits(max_buckets: u64, max_unrecorded: usize) -> Arc<Limits> {
        let config = config::Limits {
            enabled: true,
            reads_per_second: 1,
            writes_per_second: 1,
            events_per_second: 10,
            burst_seconds: 3,
            max_buckets,
            max_unrecorded,
        };
        Arc::new(Limits::new(&config, TenantLabels::new(10)))
    }

    fn account(limits: &Arc<Limits>, tenant: &str, env: &str, class: Class) -> Account {
        limits.account(&tenant.parse().unwrap(), &env.parse().unwrap(), class).unwrap()
    }

    #[test]
    fn each_tenant_environment_and_class_has_its_own_bucket() {
        let limits = limits(100, 100);
        let own = account(&limits, "t_a", "dev", Class::Reads);
        for left in [2, 1, 0] {
            own.charge(1).unwrap();
            assert_eq!((own.standing().remaining, own.standing().reset_seconds), (left, 3 - left));
        }
        let over = account(&limits, "t_a", "dev", Class::Reads).charge(1).unwrap_err();
        assert_eq!(over, OverLimit { class: Class::Reads, retry_after_seconds: 1 });
        for (tenant, env, class) in
            [("t_b", "dev", Class::Reads), ("t_a", "prod", Class::Reads), ("t_a", "dev", Class::Writes)]
        {
            account(&limits, tenant, env, class).charge(1).unwrap();
        }
    }

    #[test]
    fn a_batch_is_charged_whole_or_not_at_all() {
        let limits = limits(100, 100);
        let events = account(&limits, "t_a", "dev", Class::Events);
        events.charge(20).unwrap();
        assert_eq!(events.charge(20).unwrap_err().retry_after_seconds, 1, "ten are missing, and ten come in a second");
        events.charge(10).unwrap();
        assert_eq!(events.charge(31).unwrap_err().retry_after_seconds, 3, "more than ever fits");
    }

    /// Otherwise whoever comes when the map is full would get a full bucket each time.
    #[test]
    fn beyond_the_bound_the_newest_are_still_limited() {
        let limits = limits(2, 100);
        for tenant in ["t_a", "t_b", "t_c", "t_d"] {
            for _ in 0..3 {
                account(&limits, tenant, "dev", Class::Reads).charge(1).unwrap();
                limits.buckets.run_pending_tasks();
            }
            assert!(account(&limits, tenant, "dev", Class::Reads).charge(1).is_err(), "{tenant}");
        }
        limits.buckets.run_pending_tasks();
        assert!(limits.buckets.entry_count() <= 2);
    }

    #[test]
    fn refusals_gather_by_minute_and_are_bounded() {
        let limits = limits(100, 2);
        let place: Place = ("t_a".parse().unwrap(), "dev".parse().unwrap());
        let at = |micros| Timestamp::from_micros(micros).unwrap();
        for (micros, counted) in [(5, true), (MINUTE - 1, true), (MINUTE, true), (2 * MINUTE, false)] {
            assert_eq!(limits.count(place.clone(), Class::Reads, at(micros)), counted, "{micros}");
        }
        assert!(limits.due(Some(at(MINUTE - 1))).is_empty(), "the minute is not over");
        let due = limits.due(Some(at(MINUTE)));
        assert_eq!(due.len(), 1);
        let Refused { from, until, count, .. } = due[0].1;
        assert_eq!((from, until, count), (at(5), at(MINUTE - 1), 2));
        limits.forget(&due[0].0);
        assert_eq!(limits.due(None).len(), 1, "the current minute, when nothing more comes");
    }

    #[test]
    fn off_is_off() {
        let mut off = config::Config::defaults().unwrap().limits;
        off.enabled = false;
        let limits = Arc::new(Limits::new(&off, TenantLabels::new(1)));
        assert!(limits.account(&"t_a".parse().unwrap(), &"dev".parse().unwrap(), Class::Reads).is_none());
    }
}
