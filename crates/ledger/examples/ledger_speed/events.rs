//! The events: like a chat's, a media store's and a budget's, of ten tenants.

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use nexus_ledger::{Entry, Ledger, Sameness};
use nexus_model::{ActorType, EventDraft, EventId, Metadata, Outcome, Timestamp, TraceId};
use nexus_redact::{OptOut, Policy, Redacted, Redactor, Stamp};
use serde_json::json;
use uuid::Uuid;

/// Makes events, and counts them and the bytes of their leaves.
pub(crate) struct Source {
    redactor: Redactor,
    made: AtomicU64,
    leaf_bytes: AtomicU64,
}

impl Source {
    /// Goes on after the events that the ledger has. The bytes of their leaves are noted beside it.
    pub(crate) fn after(ledger: &Ledger, dir: &Path) -> Self {
        let bytes = std::fs::read_to_string(dir.join("leaf-bytes")).map_or(0, |text| text.parse().unwrap());
        let redactor = Redactor::new(Policy::default()).unwrap();
        Self { redactor, made: AtomicU64::new(ledger.head().0), leaf_bytes: AtomicU64::new(bytes) }
    }

    /// Notes for the next run what the leaves take.
    pub(crate) fn note(&self, dir: &Path) {
        std::fs::write(dir.join("leaf-bytes"), self.leaf_bytes().to_string()).unwrap();
    }

    /// Events made so far, in this run and before it.
    pub(crate) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Bytes of their leaves.
    pub(crate) fn leaf_bytes(&self) -> u64 {
        self.leaf_bytes.load(Ordering::Relaxed)
    }

    /// The next event.
    pub(crate) fn entry(&self) -> Entry {
        let entry = entry(&self.redactor, self.made.fetch_add(1, Ordering::Relaxed));
        let bytes = nexus_ledger::canonical_bytes(entry.event.event()).len() as u64;
        self.leaf_bytes.fetch_add(bytes, Ordering::Relaxed);
        entry
    }
}

fn entry(redactor: &Redactor, n: u64) -> Entry {
    let now = Timestamp::from_micros(1_760_000_000_000_000 + i64::try_from(n).unwrap() * 10).unwrap();
    let scrambled = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let draft = EventDraft {
        event_id: EventId::from_uuid(Uuid::now_v7()),
        tenant_id: format!("t_{}", scrambled % 10).parse().unwrap(),
        env: "prod".parse().unwrap(),
        surface: ["chat", "media", "budget", "kpi"][usize::try_from(scrambled >> 7 & 3).unwrap()].parse().unwrap(),
        event_type: if n.is_multiple_of(5) { "raw_asset_read" } else { "message_posted" }.parse().unwrap(),
        outcome: if n.is_multiple_of(49) { Outcome::Failure } else { Outcome::Success },
        error_code: None,
        user_id: format!("u_{}", scrambled >> 20 & 1023).parse().unwrap(),
        asset_type: None,
        asset_id: Some(format!("a_{}", scrambled >> 12 & 0xf_ffff).parse().unwrap()),
        input: json!({ "thread_id": format!("th_{}", n / 7), "role": "user", "text": "lorem ipsum dolor sit amet ".repeat(14) }),
        output: json!({ "tokens_input": n % 900, "tokens_output": n % 400, "duration_ms": 12.5 }),
        metadata: Metadata {
            trace_id: TraceId::from_uuid(Uuid::from_u64_pair(n / 4 + 1, scrambled)).unwrap(),
            request_id: format!("{scrambled:016x}-{n}").parse().unwrap(),
            actor_type: ActorType::Human,
            synthesized: Vec::new(),
            auth_subject: None,
            extra: serde_json::Map::new(),
        },
        source_refs: Vec::new(),
        occurred_at: now,
    };
    let event: Redacted = redactor.redact(draft, Stamp { recorded_at: now, opt_out: OptOut::No });
    Entry { event, sameness: Sameness([u8::try_from(n & 0xff).unwrap(); 32]) }
}
