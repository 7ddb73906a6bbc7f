//! What every backend promises, in one suite. Its rows come from a real ledger, so that the embedded backend, which is that ledger, can
//! be held to the same.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use nexus::nexus::{
    BackendError, Batch, LogId, NexusBackend, Row,
    audit::{Expected, audit},
    embedded::EmbeddedBackend,
};
use nexus_ledger::{Entry, Ledger, LedgerConfig, Sameness, tree};
use nexus_model::{ActorType, EventDraft, EventId, Metadata, Outcome, Timestamp, TraceId};
use nexus_redact::{OptOut, Policy, Redactor, Stamp};
use serde_json::{Value, json};
use uuid::Uuid;

/// A ledger with events of several tenants and environments, up to the limits of what it takes.
pub(crate) struct World {
    pub(crate) ledger: Ledger,
    _dir: tempfile::TempDir,
}

/// 256 KiB, the largest event that may be posted, in an array nested as deep as the redactor looks.
fn largest() -> Value {
    let mut value = json!("x".repeat(250 << 10));
    for _ in 0..100 {
        value = json!([value]);
    }
    value
}

impl World {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let service = format!("test-{}", Uuid::new_v4().simple());
        let config = LedgerConfig { dir: dir.path().join("ledger"), service, ..LedgerConfig::default() };
        let ledger = Ledger::open(config).unwrap();
        ledger.settle_anchors(&[]).unwrap();
        let redactor = Redactor::new(Policy::default()).unwrap();
        let mut entries = Vec::new();
        for n in 0..40u64 {
            for (tenant, env) in [("t_a", "dev"), ("t_b", "dev"), ("t_a", "prod")] {
                let input = match n {
                    7 => largest(),
                    8 => {
                        json!({ "__name__": 1, "a.b": 2, "`": 3, "": { "null": null, "é\u{1F600}": [[], {}, 1e300] } })
                    }
                    _ => json!({ "n": n }),
                };
                entries.push(entry(&redactor, tenant, env, n, input));
            }
        }
        for appended in ledger.append_batch(entries).await {
            appended.unwrap();
        }
        Self { ledger, _dir: dir }
    }

    pub(crate) fn logs(&self) -> Vec<(LogId, Vec<Row>)> {
        let logs = self.ledger.logs().into_iter().map(|head| {
            let leaves = self.ledger.leaves(&head.origin, 0..head.size).unwrap();
            let rows = leaves.into_iter().map(|(seq, leaf)| Row::new(seq, leaf).unwrap()).collect();
            (LogId { origin: head.origin, tenant: head.tenant, env: head.env }, rows)
        });
        logs.collect()
    }
}

fn entry(redactor: &Redactor, tenant: &str, env: &str, n: u64, input: Value) -> Entry {
    let id = Uuid::now_v7();
    let now = Timestamp::from_micros(1_760_000_000_000_000 + i64::try_from(n).unwrap()).unwrap();
    let draft = EventDraft {
        event_id: EventId::from_uuid(id),
        tenant_id: tenant.parse().unwrap(),
        env: env.parse().unwrap(),
        surface: "chat".parse().unwrap(),
        event_type: if n.is_multiple_of(5) { "events_read" } else { "message_posted" }.parse().unwrap(),
        outcome: if n.is_multiple_of(3) { Outcome::Failure } else { Outcome::Success },
        error_code: None,
        user_id: "u_demo".parse().unwrap(),
        asset_type: None,
        asset_id: n.is_multiple_of(2).then(|| "a_1".parse().unwrap()),
        input,
        output: json!({}),
        metadata: Metadata {
            trace_id: TraceId::from_uuid(id).unwrap(),
            request_id: "r-1".parse().unwrap(),
            actor_type: ActorType::Human,
            synthesized: Vec::new(),
            auth_subject: None,
            extra: serde_json::Map::new(),
        },
        source_refs: Vec::new(),
        occurred_at: now,
    };
    Entry {
        event: redactor.redact(draft, Stamp { recorded_at: now, opt_out: OptOut::No }),
        sameness: Sameness(tree::leaf_hash(id.as_bytes())),
    }
}

fn batch(log: &LogId, rows: &[Row]) -> Batch {
    Batch::new(log.clone(), rows.to_vec()).unwrap()
}

/// Appends as whoever follows does, who asks again after what is over soon: an emulator that was started again has lost its write
/// streams, and the next append opens another.
pub(crate) async fn carry(backend: &dyn NexusBackend, batch: &Batch) {
    let began = Instant::now();
    let mut answer = backend.append(batch).await;
    while matches!(answer, Err(BackendError::Transient { .. })) && began.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = backend.append(batch).await;
    }
    answer.unwrap();
}

/// More than an emulator on a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Holds a backend to its contract. `writable` is false for the one that holds every row by itself.
pub(crate) async fn holds(world: &World, backend: Arc<dyn NexusBackend>, writable: bool) {
    let logs = world.logs();
    assert_eq!(logs.len(), 3);
    backend.prepare().await.unwrap();
    backend.prepare().await.unwrap();

    // Several logs at once; each in order, cut differently each time, with repeats and overlaps as after crashes and lost replies.
    let carried = logs.iter().map(|(log, rows)| async {
        for (from, to) in [(0, 1), (0, 5), (3, 9), (3, 9), (9, 20), (15, 40), (0, 40), (39, 40)] {
            carry(&*backend, &batch(log, &rows[from..to])).await;
        }
    });
    futures::future::join_all(carried).await;

    for (log, rows) in &logs {
        // Every row once, byte for byte, in order, whatever its size, nesting and names.
        let copied = backend.read_back(log, 0..40).await.unwrap();
        assert_eq!(copied.len(), 40, "{}", log.origin);
        for (copied, row) in copied.iter().zip(rows) {
            assert_eq!((copied.seq, &copied.leaf), (row.seq, &row.leaf));
            assert!(copied.columns_hold);
        }
        let seqs = |rows: Vec<nexus::nexus::CopiedRow>| rows.iter().map(|row| row.seq).collect::<Vec<_>>();
        assert_eq!(seqs(backend.read_back(log, 38..60).await.unwrap()), [38, 39]);
        assert_eq!(backend.count(log).await.unwrap(), 40);
        let nobody = LogId::parse(&format!("{}x", log.origin)).unwrap();
        assert_eq!(backend.count(&nobody).await.unwrap(), 0);
        assert!(backend.read_back(&nobody, 0..10).await.unwrap().is_empty());
        assert!(backend.read_back(log, 40..50).await.unwrap().is_empty());

        // Another leaf where one stands is told, names the row, and changes nothing.
        let mut other = rows[4].clone();
        other.leaf = rows[5].leaf.clone();
        let refused = backend.append(&batch(log, &[rows[3].clone(), other])).await.unwrap_err();
        assert!(matches!(refused, BackendError::Diverged { seq: 4, .. }), "{refused}");
        assert_eq!(backend.read_back(log, 4..5).await.unwrap()[0].leaf, rows[4].leaf);

        let expected = expected(rows);
        let report = audit(&*backend, log, &expected).await.unwrap();
        assert!(report.holds() && report.vouched == 40, "{report:?}");
    }
    if writable {
        damage_is_found_and_mended(&*backend, &logs[0].0, &logs[0].1).await;
        // The neighbours were left alone.
        for (log, rows) in &logs[1..] {
            assert!(audit(&*backend, log, &expected(rows)).await.unwrap().holds());
        }
    }
    assert!(backend.doctor().await.iter().all(|finding| finding.standing != nexus::nexus::Standing::Bad));
    backend.close().await;
}

fn expected(rows: &[Row]) -> Expected {
    let mut tree = tree::Frontier::default();
    rows.iter().for_each(|row| tree.push(row.leaf_hash, |_| {}));
    let root = (tree.root(), "the test".to_owned());
    Expected { roots: [(tree.size(), vec![root])].into(), copied: tree.size() }
}

/// Rows that are changed, doubled beyond the end, or not there are found by the audit, and mended by repair and removal.
async fn damage_is_found_and_mended(backend: &dyn NexusBackend, log: &LogId, rows: &[Row]) {
    let holds = || async { audit(backend, log, &expected(rows)).await.unwrap() };
    // A row that was changed with everything that follows from it, as somebody with write access would.
    let mut forged = Row::new(11, rows[12].leaf.clone()).unwrap();
    forged.seq = 11;
    backend.repair(&batch(log, &[forged])).await.unwrap();
    let report = holds().await;
    assert!(report.problems.iter().any(|problem| problem.contains("not those that were signed")), "{report:?}");
    // A row that the log never had.
    let extra = Row::new(40, rows[1].leaf.clone()).unwrap();
    backend.append(&batch(log, &[extra])).await.unwrap();
    let report = holds().await;
    assert!(report.problems.iter().any(|problem| problem.contains("never had")), "{report:?}");
    // Rows that are gone: everything from 30 on.
    assert_eq!(backend.remove_extra(log, 30).await.unwrap(), 11);
    let report = holds().await;
    assert!(report.problems.iter().any(|problem| problem.contains("30 to 39 are lost")), "{report:?}");

    backend.repair(&batch(log, rows)).await.unwrap();
    assert_eq!(backend.remove_extra(log, 40).await.unwrap(), 0);
    let report = holds().await;
    assert!(report.holds(), "{report:?}");
}

#[tokio::test]
async fn the_embedded_backend_keeps_the_contract() {
    let world = World::new().await;
    let backend: Arc<dyn NexusBackend> = Arc::new(EmbeddedBackend::new(world.ledger.clone()));
    holds(&world, Arc::clone(&backend), false).await;
    let (log, rows) = &world.logs()[0];
    let ahead = Row::new(40, rows[1].leaf.clone()).unwrap();
    let refused = backend.append(&batch(log, &[ahead])).await.unwrap_err();
    assert!(matches!(refused, BackendError::Refused { seq: 40, .. }));
}
