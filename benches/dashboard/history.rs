//! A history of many events, made through the ledger's own crate.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nexus_ledger::{
    Entry, Ledger, LedgerConfig, Sameness,
    views::{Views, ViewsConfig},
};
use nexus_model::{ActorType, Catalog, Env, EventDraft, EventId, Metadata, Outcome, TenantId, Timestamp, TraceId};
use nexus_redact::{OptOut, Policy, Redactor, Stamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::support::nexus::{ENV, TENANT};

/// Events appended at once.
const BATCH: u64 = 1000;
/// Calls in flight.
const CALLS: u64 = 4;
/// Over how many days they are spread.
const DAYS: i64 = 30;

/// What came of it.
pub(crate) struct Filled {
    pub(crate) seconds: f64,
    /// Of the tenant's read-models, as they are kept.
    pub(crate) rows_bytes: usize,
}

/// Says that a directory was filled to the end.
const FILLED: &str = "filled";

/// Whether a data directory was filled to the end.
pub(crate) fn is_there(data_dir: &Path) -> bool {
    data_dir.join(FILLED).is_file()
}

/// Fills the ledger of a data directory; what an interrupted run left there goes.
pub(crate) fn fill(data_dir: &Path, events: u64) -> Result<Filled> {
    let ledger = data_dir.join("ledger");
    if ledger.exists() {
        fs::remove_dir_all(&ledger).with_context(|| format!("cannot remove {}", ledger.display()))?;
    }
    fs::create_dir_all(data_dir).with_context(|| format!("cannot make {}", data_dir.display()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let filled = runtime.block_on(filled(data_dir, events))?;
    fs::write(data_dir.join(FILLED), b"")?;
    Ok(filled)
}

async fn filled(data_dir: &Path, events: u64) -> Result<Filled> {
    let dir = data_dir.join("ledger");
    let ledger = Ledger::open(LedgerConfig { dir, service: "nexus".to_owned(), ..LedgerConfig::default() })?;
    ledger.settle_anchors(&[])?;
    let config = ViewsConfig { snapshot_interval: Duration::from_secs(3600), ..ViewsConfig::default() };
    let views = Views::open(&ledger, Catalog::builtin(), config)?;
    let redactor = std::sync::Arc::new(Redactor::new(Policy::default())?);
    let began = Instant::now();
    let first = nexus::clock::now().plus_micros(-DAYS * 86_400_000_000);
    let step = DAYS * 86_400_000_000 / i64::try_from(events)?;
    let mut at = 0;
    while at < events {
        let calls = (0..CALLS).map(|call| (at + call * BATCH).min(events)..(at + (call + 1) * BATCH).min(events));
        let calls = calls.map(|numbers| {
            let (ledger, redactor) = (ledger.clone(), std::sync::Arc::clone(&redactor));
            tokio::spawn(async move {
                let time = |n: u64| first.plus_micros(i64::try_from(n).unwrap_or_default() * step);
                let entries = numbers.map(|n| entry(&redactor, n, time(n))).collect::<Result<Vec<_>>>()?;
                for answer in ledger.append_batch(entries).await {
                    answer?;
                }
                anyhow::Ok(())
            })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await??;
        }
        at += CALLS * BATCH;
    }
    views.reached(views.end()).await;
    let seconds = began.elapsed().as_secs_f64();
    let (tenant, env): (TenantId, Env) = (TENANT.parse()?, ENV.parse()?);
    let rows_bytes = views.read(&tenant, &env, |place| place.to_bytes().map(|bytes| bytes.len()))?;
    tokio::task::spawn_blocking(move || views.close()).await?;
    ledger.close().await;
    Ok(Filled { seconds, rows_bytes })
}

/// The `n`th event: a mix that fills every section.
fn entry(redactor: &Redactor, n: u64, at: Timestamp) -> Result<Entry> {
    let scrambled = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let (surface, event_type, input): (_, _, Value) = match n % 8 {
        0..=2 => (
            "budget",
            "usage_recorded",
            json!({
                "provider": format!("provider-{}", scrambled % 9), "model_or_plan_id": format!("model-{}", scrambled % 31),
                "tool_type": (["chat", "embed", "image"][(scrambled % 3) as usize]), "tokens_input": scrambled % 900,
                "cost": format!("0.{:06}", scrambled % 1_000_000), "currency": (["USD", "EUR"][(scrambled % 2) as usize]),
            }),
        ),
        3 => {
            ("kpi", "kpi_measured", json!({ "kpi_name": format!("kpi-{}", scrambled % 40), "value": scrambled % 100 }))
        }
        4 => (
            "temperature",
            "temperature_snapshot_taken",
            json!({
                "of_surface": format!("surface-{}", scrambled % 12), "value": 0.5,
                "window_start": "2026-11-01T00:00:00Z", "window_end": "2026-11-01T01:00:00Z",
            }),
        ),
        5 => (
            "strategy_lock",
            "strategy_lock_approved",
            json!({ "lock_id": format!("lock-{}", scrambled % 60), "scope": "bids" }),
        ),
        6 => ("media", "media_ingested", json!({ "media_type": "video", "bytes": scrambled })),
        _ => (
            "chat",
            "message_posted",
            json!({ "thread_id": format!("th-{}", scrambled % 5000), "role": "user", "text": "hello there" }),
        ),
    };
    let failed = n % 50 == 49;
    let id = Uuid::now_v7();
    let draft = EventDraft {
        event_id: EventId::from_uuid(id),
        tenant_id: TENANT.parse()?,
        env: ENV.parse()?,
        surface: surface.parse()?,
        event_type: event_type.parse()?,
        outcome: if failed { Outcome::Failure } else { Outcome::Success },
        error_code: if failed { Some(format!("code.{}", scrambled % 20).parse()?) } else { None },
        user_id: "u_bench".parse()?,
        asset_type: None,
        asset_id: None,
        input,
        output: json!({}),
        metadata: Metadata {
            trace_id: TraceId::from_uuid(id).context("a UUIDv7 is not nil")?,
            request_id: "r-bench".parse()?,
            actor_type: ActorType::System,
            synthesized: Vec::new(),
            auth_subject: None,
            extra: Map::new(),
        },
        source_refs: Vec::new(),
        occurred_at: at,
    };
    let event = redactor.redact(draft, Stamp { recorded_at: at, opt_out: OptOut::No });
    Ok(Entry { event, sameness: Sameness([7; 32]) })
}
