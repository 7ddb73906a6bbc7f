//! Events that callers post: from JSON to a draft, with every fault told at once. Pure: the time is handed in.

use hmac::{Hmac, KeyInit, Mac};
use nexus_ledger::Sameness;
use nexus_model::{
    ActorType, AssetId, AssetType, Catalog, ErrorCode, EventDraft, EventId, EventType, Metadata, Outcome,
    RequestContext, RequestId, SourceRef, Surface, Timestamp, TraceId, UserId,
};
use nexus_redact::Redactor;
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::{
    auth::{AuthContext, Pseudonyms},
    fields::{Fault, Fields},
    ids,
};

/// Why a posted event was not taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Rejection {
    /// It has faults.
    Faults(Vec<Fault>),
    /// It names another tenant or environment than the request.
    OtherPlace,
    /// It names another user or actor, and its bearer may not.
    OtherUser,
    /// It is larger than one event may be. Bytes.
    TooLarge {
        /// The limit.
        max: usize,
    },
}

/// The bounds on one event; see `[events]` in the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The largest event, as JSON. Bytes.
    pub max_event_bytes: usize,
    /// How far `occurred_at` may be ahead. Microseconds.
    pub max_ahead_micros: i64,
    /// The most `source_refs`.
    pub max_source_refs: usize,
}

/// The longest `kind` and `id` of a source ref. Bytes.
const MAX_SOURCE_REF_BYTES: usize = 512;

/// What a posted event is read with.
pub struct Reader<'a> {
    /// The request that carries it.
    pub context: &'a RequestContext,
    /// Its bearer.
    pub auth: &'a AuthContext,
    /// Which events exist.
    pub catalog: &'a Catalog,
    /// Looks at the ids that callers choose.
    pub redactor: &'a Redactor,
    /// Names the users that callers name.
    pub pseudonyms: &'a Pseudonyms,
    /// Keys the hash by which a repeat is told from another event.
    pub sameness_key: &'a [u8; 32],
    /// Now.
    pub now: Timestamp,
    /// The bounds.
    pub bounds: Bounds,
}

impl Reader<'_> {
    /// Reads one event. Also answers its id, if it has a readable one, so that a rejection can name it.
    pub fn read(&self, event: Value) -> (Option<EventId>, Result<(EventDraft, Sameness), Rejection>) {
        let id = Self::id_of(&event);
        (id, self.draft(event, id))
    }

    /// The id of an event, if it has a readable one.
    #[must_use]
    pub fn id_of(event: &Value) -> Option<EventId> {
        event.get("event_id")?.as_str()?.parse().ok()
    }

    fn draft(&self, event: Value, id: Option<EventId>) -> Result<(EventDraft, Sameness), Rejection> {
        let Value::Object(mut map) = event else {
            return Err(Rejection::Faults(vec![Fault::new("", "type", "expected an object")]));
        };
        let event_id = id.unwrap_or_else(|| EventId::from_uuid(ids::fresh()));
        // The id may be written in two ways; it goes into the hash as what it is.
        let written_id = map.remove("event_id");
        // RFC 8785, so that neither the order of members nor the form of a number makes another event of it.
        let canonical = nexus_ledger::canonical_object(&map);
        map.extend(written_id.map(|id| ("event_id".to_owned(), id)));
        if canonical.len() > self.bounds.max_event_bytes {
            return Err(Rejection::TooLarge { max: self.bounds.max_event_bytes });
        }
        self.same_place(&map)?;
        let sameness = self.sameness(event_id, &canonical);
        let mut fields = Fields::new(map);
        let who = self.who(&mut fields)?;
        let draft = self.fields(&mut fields, event_id, who);
        let faults = fields.into_faults();
        match draft {
            Some(draft) if faults.is_empty() => Ok((draft, sameness)),
            _ => Err(Rejection::Faults(faults)),
        }
    }

    fn same_place(&self, map: &Map<String, Value>) -> Result<(), Rejection> {
        let differs = |name: &str, own: &str| map.get(name).is_some_and(|value| !value.is_null() && value != own);
        let other = differs("tenant_id", self.context.tenant_id.as_str()) || differs("env", self.context.env.as_str());
        if other { Err(Rejection::OtherPlace) } else { Ok(()) }
    }

    /// The user and the actor, and the bearer's own subject where it names another user.
    fn who(&self, fields: &mut Fields) -> Result<(UserId, ActorType, Option<UserId>), Rejection> {
        let user = fields.text("user_id").and_then(|name| {
            let user = self.pseudonyms.user_named(&name);
            if user.is_none() {
                fields.fault("user_id", "format", "expected a user");
            }
            user
        });
        let actor = fields.word(
            "actor_type",
            &[("human", ActorType::Human), ("agent", ActorType::Agent), ("system", ActorType::System)],
        );
        let own = &self.context.user_id;
        let names_other = user.as_ref().is_some_and(|user| user != own)
            || actor.is_some_and(|actor| actor != self.context.actor_type);
        if names_other && !self.auth.on_behalf {
            return Err(Rejection::OtherUser);
        }
        let subject = names_other.then(|| own.clone());
        Ok((user.unwrap_or_else(|| own.clone()), actor.unwrap_or(self.context.actor_type), subject))
    }

    fn fields(
        &self,
        fields: &mut Fields,
        event_id: EventId,
        (user_id, actor_type, auth_subject): (UserId, ActorType, Option<UserId>),
    ) -> Option<EventDraft> {
        // Read already, or checked above.
        let (_, _, _) = (fields.take("tenant_id"), fields.take("env"), fields.parsed::<EventId>("event_id"));
        let surface = fields.required::<Surface>("surface");
        let event_type = fields.required::<EventType>("event_type");
        let outcome = fields.word("outcome", &[("success", Outcome::Success), ("failure", Outcome::Failure)]);
        let outcome = outcome.unwrap_or_default();
        let error_code = fields.parsed::<ErrorCode>("error_code");
        let asset_type = fields.parsed::<AssetType>("asset_type");
        let asset_id = fields.parsed::<AssetId>("asset_id");
        let input = fields.take("input").unwrap_or_else(|| Value::Object(Map::new()));
        let output = fields.take("output").unwrap_or_else(|| Value::Object(Map::new()));
        let source_refs = self.source_refs(fields);
        let occurred_at = self.occurred_at(fields);
        let mut metadata = self.metadata(fields);
        metadata.actor_type = actor_type;
        metadata.auth_subject = auth_subject;
        fields.refuse_rest();
        let (surface, event_type) = surface.zip(event_type)?;
        self.check(fields, &surface, &event_type, outcome, &input);
        Some(EventDraft {
            event_id,
            tenant_id: self.context.tenant_id.clone(),
            env: self.context.env.clone(),
            surface,
            event_type,
            outcome,
            error_code,
            user_id,
            asset_type,
            asset_id,
            input,
            output,
            metadata,
            source_refs,
            occurred_at,
        })
    }

    /// Holds the event against its row of the catalog.
    fn check(&self, fields: &mut Fields, surface: &Surface, event_type: &EventType, outcome: Outcome, input: &Value) {
        match self.catalog.find(surface, event_type) {
            Ok(row) if row.emitted_by_nexus => {
                fields.fault("event_type", "range", "only Nexus itself emits this event type");
            }
            Ok(row) => {
                let faults = row.check(outcome, input).into_iter();
                fields.add(faults.map(|fault| Fault::new(fault.pointer, fault.code, fault.detail)));
            }
            Err(unknown) => {
                let fault = unknown.fault();
                fields.add([Fault::new(fault.pointer, fault.code, fault.detail)]);
            }
        }
    }

    fn occurred_at(&self, fields: &mut Fields) -> Timestamp {
        let at = fields.parsed::<Timestamp>("occurred_at").unwrap_or(self.now);
        if at > self.now.plus_micros(self.bounds.max_ahead_micros) {
            let seconds = self.bounds.max_ahead_micros / 1_000_000;
            fields.fault("occurred_at", "range", format!("expected at most {seconds} s ahead"));
        }
        at
    }

    /// Trace and request as the event says, else as the request that carries it.
    fn metadata(&self, fields: &mut Fields) -> Metadata {
        let mut metadata = Metadata::of(self.context);
        let mut extra = fields.object("metadata", self.bounds.max_event_bytes).unwrap_or_default();
        for name in Metadata::RESERVED {
            if extra.remove(name).is_some() {
                fields.fault_at(
                    format!("/metadata/{name}"),
                    "reserved",
                    format!("say {name} beside metadata, where it may be said"),
                );
            }
        }
        metadata.extra = extra;
        if let Some(trace_id) = fields.parsed::<TraceId>("trace_id") {
            metadata.trace_id = trace_id;
            metadata.synthesized.retain(|name| name != "trace_id");
        }
        // An id that holds PII is not kept: the request's own stands in its place, and is named as made here.
        match fields.parsed::<RequestId>("request_id") {
            Some(id) if self.redactor.is_clean(id.as_str()) => {
                metadata.request_id = id;
                metadata.synthesized.retain(|name| name != "request_id");
            }
            Some(_) if !metadata.synthesized.iter().any(|name| name == "request_id") => {
                metadata.synthesized.push("request_id".to_owned());
            }
            _ => {}
        }
        metadata
    }

    fn source_refs(&self, fields: &mut Fields) -> Vec<SourceRef> {
        let Some(value) = fields.take("source_refs") else { return Vec::new() };
        let refs: Vec<SourceRef> = match serde_json::from_value(value) {
            Ok(refs) => refs,
            Err(_) => {
                fields.fault("source_refs", "type", "expected a list of {kind, id}, both strings");
                return Vec::new();
            }
        };
        let max = self.bounds.max_source_refs;
        if refs.len() > max {
            fields.fault("source_refs", "range", format!("expected at most {max}"));
        }
        for (index, source) in refs.iter().enumerate() {
            if source.kind.len().max(source.id.len()) > MAX_SOURCE_REF_BYTES {
                let detail = format!("expected at most {MAX_SOURCE_REF_BYTES} bytes each");
                fields.fault_at(format!("/source_refs/{index}"), "range", detail);
            }
        }
        refs
    }

    /// A keyed hash of the event as its caller sent it, whatever the order of its members: before redaction, so that two
    /// events that differ only in what is redacted are still two (law 4).
    fn sameness(&self, event_id: EventId, canonical: &[u8]) -> Sameness {
        // HMAC takes a key of any length, so the error cannot occur; an all-zero hash would only make repeats conflict.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.sameness_key) else { return Sameness([0; 32]) };
        mac.update(b"posted\0");
        mac.update(event_id.uuid().as_bytes());
        mac.update(canonical);
        Sameness(mac.finalize().into_bytes().into())
    }
}
