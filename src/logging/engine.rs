//! Makes events: completes the ids, redacts, stamps, and hands them to the ledger. There is no other way into it.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use nexus_ledger::{Appended, Entry, Ledger, LedgerError, Sameness};
use nexus_model::{
    ActorType, DatasetEvent, Env, ErrorCode, EventDraft, EventId, EventSpec, LedgerRef, Metadata, Outcome, PiiFlags,
    RequestContext, RequestId, Synthesized, TenantId, TraceId, UserId, catalog::own,
};
use nexus_redact::{Redactor, Stamp};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use super::{
    audit::Detail,
    gaps::{Gap, Gaps},
};
use crate::{
    clock, ids,
    nexus::progress::Progress,
    privacy::TrainPrefs,
    telemetry::{
        engine::EngineTimes,
        events::{EventCounts, Labels},
    },
};

/// The event was not kept.
pub type EngineError = LedgerError;

/// A posted event that is on disk.
#[derive(Debug, Clone)]
pub struct Kept {
    /// It was there before.
    pub duplicate: bool,
    /// Its place.
    pub place: LedgerRef,
    /// What the redactor found.
    pub pii_flags: PiiFlags,
    /// Whether it may be used for training.
    pub train_ok: bool,
}

/// So many events are redacted where they are; more are moved away.
const INLINE_EVENTS: usize = 16;

/// What is told of an event once it is kept.
struct Says {
    labels: Labels,
    tenant_id: TenantId,
    env: Env,
    event_id: EventId,
    pii_flags: PiiFlags,
    train_ok: bool,
}

fn says(
    redactor: &Redactor,
    times: &EngineTimes,
    draft: EventDraft,
    sameness: Sameness,
    stamp: Stamp,
) -> (Entry, Says) {
    let labels = Labels::of(&draft);
    let begun = Instant::now();
    let event = redactor.redact(draft, stamp);
    let DatasetEvent { event_id, tenant_id, env, pii_flags, train_ok, .. } = event.event();
    times.redacted(begun, pii_flags);
    let says = Says {
        labels,
        tenant_id: tenant_id.clone(),
        env: env.clone(),
        event_id: *event_id,
        pii_flags: pii_flags.clone(),
        train_ok: *train_ok,
    };
    (Entry { event, sameness }, says)
}

/// One way into the ledger.
pub struct Engine {
    ledger: Ledger,
    redactor: Arc<Redactor>,
    train_prefs: Arc<TrainPrefs>,
    sameness_key: [u8; 32],
    /// Whether the logs were compared with their anchors: before that, appending could fork them.
    settled: Arc<AtomicBool>,
    gaps: Gaps,
    counts: EventCounts,
    times: Arc<EngineTimes>,
    /// How far the copy is, where there is one.
    copy: Option<Copy>,
}

/// What the engine asks of the copy.
#[derive(Clone)]
pub struct Copy {
    /// How far it is.
    pub progress: Arc<Progress>,
    /// With `ledger.ack = "backend"`: how long a caller waits for the copy to have its event.
    pub ack_within: Option<Duration>,
}

impl Engine {
    /// An engine over `ledger`. `sameness_key` keys the hash by which a repeated event is told from another one.
    #[must_use]
    pub fn new(
        ledger: Ledger,
        redactor: Arc<Redactor>,
        train_prefs: Arc<TrainPrefs>,
        sameness_key: [u8; 32],
        settled: Arc<AtomicBool>,
        max_gaps: usize,
        counts: EventCounts,
    ) -> Self {
        let (gaps, times) = (Gaps::new(max_gaps), Arc::new(EngineTimes::new()));
        Self { ledger, redactor, train_prefs, sameness_key, settled, gaps, counts, times, copy: None }
    }

    /// That keeps to what the copy says: refuses while it is too far behind, and waits for it where callers are to.
    #[must_use]
    pub fn with_copy(mut self, copy: Option<Copy>) -> Self {
        self.copy = copy;
        self
    }

    /// With `ledger.ack = "backend"`, waits until the copy has what was appended, once for all of it; what it does not have by then
    /// is an error.
    async fn acknowledge(&self, appended: &mut [Result<Appended, EngineError>]) {
        let Some((copy, within)) = self.copy.as_ref().and_then(|copy| Some((copy, copy.ack_within?))) else {
            return;
        };
        // One log commonly; more where a repeat was kept by an older writer.
        let mut ends = HashMap::<&str, u64>::new();
        for place in appended.iter().flatten().map(Appended::ledger) {
            let end = ends.entry(&place.log).or_default();
            *end = (*end).max(place.seq + 1);
        }
        join_all(ends.into_iter().map(|(log, next)| copy.progress.confirmed(log, next, within))).await;
        for one in appended {
            if one.as_ref().is_ok_and(|appended| !copy.progress.has(appended.ledger())) {
                let late = std::io::Error::new(std::io::ErrorKind::TimedOut, "the backend has not confirmed the event");
                *one = Err(LedgerError::OutcomeUnknown(Arc::new(late)));
            }
        }
    }

    /// Records one request's event; returns when it is on disk.
    ///
    /// # Errors
    /// When it is not, or cannot be known to be.
    pub async fn record(
        &self,
        context: &RequestContext,
        spec: &'static EventSpec,
        failure: Option<ErrorCode>,
        detail: Detail,
    ) -> Result<LedgerRef, EngineError> {
        let spec = detail.spec.unwrap_or(spec);
        let event_id = detail.event_id.unwrap_or_else(|| EventId::from_uuid(ids::fresh()));
        let now = clock::now();
        let draft = EventDraft {
            event_id,
            tenant_id: context.tenant_id.clone(),
            env: context.env.clone(),
            surface: spec.surface_id(),
            event_type: spec.event_type_id(),
            outcome: if failure.is_some() { Outcome::Failure } else { Outcome::Success },
            error_code: failure,
            user_id: context.user_id.clone(),
            asset_type: detail.asset_type,
            asset_id: detail.asset_id,
            input: object(detail.input),
            output: object(detail.output),
            metadata: Metadata::of(context),
            source_refs: detail.source_refs,
            occurred_at: now,
        };
        let sameness = self.sameness(&draft);
        let labels = Labels::of(&draft);
        let opt_out = self.train_prefs.opt_out(&draft.tenant_id, &draft.env, &draft.user_id).await;
        let begun = Instant::now();
        let event = self.redactor.redact(draft, Stamp { recorded_at: now, opt_out });
        self.times.redacted(begun, &event.event().pii_flags);
        let begun = Instant::now();
        let mut appended = match self.can_append() {
            Ok(()) => self.ledger.append(Entry { event, sameness }).await,
            Err(error) => Err(error),
        };
        self.times.appended(begun);
        self.acknowledge(std::slice::from_mut(&mut appended)).await;
        match &appended {
            Ok(_) => self.counts.appended(&labels),
            Err(error) => self.counts.failed(&labels, error),
        }
        appended.map(|appended| match appended {
            Appended::Accepted(place) | Appended::Duplicate(place) => place,
        })
    }

    /// Whether the next event can be expected to be kept.
    #[must_use]
    pub fn can_write(&self) -> bool {
        self.can_append().is_ok() && self.ledger.health().can_write
    }

    /// Whether an event would be taken now.
    ///
    /// # Errors
    /// Before the logs were compared with their anchors; `Overloaded` while the copy is too far behind.
    pub fn can_append(&self) -> Result<(), EngineError> {
        if self.copy.as_ref().is_some_and(|copy| copy.progress.is_over_limit()) {
            return Err(LedgerError::Overloaded);
        }
        if self.settled.load(Ordering::Acquire) {
            return Ok(());
        }
        let reason = "the logs have not been compared with their anchors yet".to_owned();
        Err(LedgerError::Unavailable { reason, source: None })
    }

    /// Keeps the events that a caller posted, durably as one; one answer for each, in their order.
    pub async fn keep_posted(&self, drafts: Vec<(EventDraft, Sameness)>) -> Vec<Result<Kept, EngineError>> {
        if let Err(error) = self.can_append() {
            return drafts.iter().map(|_| Err(error.clone())).collect();
        }
        let count = drafts.len();
        let now = clock::now();
        let mut stamped = Vec::with_capacity(count);
        for (draft, sameness) in drafts {
            let opt_out = self.train_prefs.opt_out(&draft.tenant_id, &draft.env, &draft.user_id).await;
            stamped.push((draft, sameness, Stamp { recorded_at: now, opt_out }));
        }
        let (redactor, times) = (Arc::clone(&self.redactor), Arc::clone(&self.times));
        let redact = move || -> Vec<(Entry, Says)> {
            stamped
                .into_iter()
                .map(|(draft, sameness, stamp)| says(&redactor, &times, draft, sameness, stamp))
                .collect()
        };
        // A full batch takes tens of milliseconds, which the threads that answer others must not wait for.
        let redacted = if count <= INLINE_EVENTS {
            redact()
        } else {
            match tokio::task::spawn_blocking(redact).await {
                Ok(redacted) => redacted,
                Err(join) => std::panic::resume_unwind(join.into_panic()),
            }
        };
        let (entries, says): (Vec<Entry>, Vec<Says>) = redacted.into_iter().unzip();
        let begun = Instant::now();
        let mut appended = self.ledger.append_batch(entries).await;
        self.times.appended(begun);
        self.acknowledge(&mut appended).await;
        let kept = appended.into_iter().zip(says).map(|(appended, says)| match appended {
            Ok(Appended::Accepted(place)) => {
                self.counts.appended(&says.labels);
                Ok(Kept { duplicate: false, place, pii_flags: says.pii_flags, train_ok: says.train_ok })
            }
            // What was kept the first time counts: policy and opt-outs may have changed since.
            Ok(Appended::Duplicate(place)) => self.kept_before(&says, place),
            Err(error) => {
                self.counts.failed(&says.labels, &error);
                Err(error)
            }
        });
        kept.collect()
    }

    fn kept_before(&self, says: &Says, place: LedgerRef) -> Result<Kept, EngineError> {
        #[derive(serde::Deserialize)]
        struct Part {
            pii_flags: PiiFlags,
            train_ok: bool,
        }
        let damaged = |what: String| LedgerError::Corrupt { path: place.log.clone().into(), what };
        let leaf = self.ledger.get(&says.tenant_id, &says.env, says.event_id)?;
        let leaf = leaf.ok_or_else(|| damaged(format!("leaf {} cannot be found", place.seq)))?;
        let Part { pii_flags, train_ok } =
            serde_json::from_slice(&leaf.leaf).map_err(|why| damaged(format!("leaf {}: {why}", place.seq)))?;
        Ok(Kept { duplicate: true, place, pii_flags, train_ok })
    }

    /// Keys the hash by which a repeated event is told from another one.
    #[must_use]
    pub fn sameness_key(&self) -> &[u8; 32] {
        &self.sameness_key
    }

    /// Records an event that Nexus causes by itself.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub async fn record_own(
        &self,
        tenant: TenantId,
        env: Env,
        spec: &'static EventSpec,
        failure: Option<ErrorCode>,
        detail: Detail,
    ) -> Result<LedgerRef, EngineError> {
        self.record(&own_context(tenant, env), spec, failure, detail).await
    }

    /// Every tenant and environment that this ledger has events of.
    #[must_use]
    pub fn places(&self) -> Vec<(TenantId, Env)> {
        self.ledger.places()
    }

    /// Counts a request that was answered although its event could not be kept.
    pub fn count_gap(&self, context: &RequestContext) {
        let (tenant, env) = (&context.tenant_id, &context.env);
        self.counts.unrecorded(tenant, env);
        if !self.gaps.count(tenant, env, clock::now()) {
            tracing::error!(%tenant, %env, "an unrecorded read is covered by no audit_gap: ledger.max_audit_gaps is reached");
        }
    }

    /// Writes one `audit_gap` event for each gap, where the ledger can. Gaps that cannot be written are kept.
    pub async fn close_gaps(&self) {
        for (tenant, env, gap) in self.gaps.take() {
            let Gap { from, until, count } = gap;
            let detail = Detail::default().input(json!({ "from": from, "until": until, "count": count }));
            if self.record_own(tenant.clone(), env.clone(), &own::AUDIT_GAP, None, detail).await.is_err() {
                self.gaps.add(&tenant, &env, gap);
            }
        }
    }

    /// The ledger's state, for readiness and metrics.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// A keyed hash of what Nexus itself says happened: two events under one id are the same only when this is.
    fn sameness(&self, draft: &EventDraft) -> Sameness {
        // HMAC takes a key of any length, so the error cannot occur; an all-zero hash would only make repeats conflict.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.sameness_key) else { return Sameness([0; 32]) };
        let asset = draft.asset_id.as_ref().map_or("", AsRef::as_ref);
        for part in [draft.surface.as_str(), draft.event_type.as_str(), draft.outcome.as_str(), asset] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac.update(draft.event_id.uuid().as_bytes());
        Sameness(mac.finalize().into_bytes().into())
    }
}

/// Absent detail is an empty object, so that readers find one shape.
fn object(value: Value) -> Value {
    if value.is_null() { json!({}) } else { value }
}

/// The context of an event that Nexus causes by itself.
fn own_context(tenant_id: TenantId, env: Env) -> RequestContext {
    let id = ids::fresh();
    RequestContext {
        tenant_id,
        env,
        user_id: own_user(),
        actor_type: ActorType::System,
        request_id: RequestId::from_uuid(id),
        trace_id: trace_of(id),
        synthesized: Synthesized { request_id: true, trace_id: true },
    }
}

#[allow(clippy::unwrap_used)]
fn own_user() -> UserId {
    "nexus".parse().unwrap() // a literal of the form, checked by every test that closes a gap
}

#[allow(clippy::unwrap_used)]
fn trace_of(id: Uuid) -> TraceId {
    TraceId::from_uuid(id).unwrap() // only the nil UUID has none, and a UUIDv7 carries its version
}
