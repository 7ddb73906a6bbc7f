//! Measures the ledger alone beside a plain append and `fdatasync` of the same bytes, on the same disk, in the same run; then reads,
//! proofs, reopening and the offline check over what has been written.
//!
//! `cargo run --release -p nexus-ledger --example throughput -- [events] [directory]`
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use nexus_ledger::{Entry, Ledger, LedgerConfig, Order, Query, Sameness, verify};
use nexus_model::{ActorType, EventDraft, EventId, Metadata, Outcome, Timestamp, TraceId};
use nexus_redact::{OptOut, Policy, Redacted, Redactor, Stamp};
use serde_json::json;
use uuid::Uuid;

/// Calls in flight at a time, so that a batch of one can share its `fdatasync`.
const CALLERS: usize = 64;

/// Makes events, and counts them and their bytes.
struct Source {
    redactor: Redactor,
    made: AtomicU64,
    leaf_bytes: AtomicU64,
}

impl Source {
    fn entry(&self) -> Entry {
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

/// Appends `count` events in calls of `batch` and gives events per second. Making the events is not counted.
async fn append(ledger: &Ledger, source: &Source, count: usize, batch: usize) -> f64 {
    let mut spent = Duration::ZERO;
    let mut left = count;
    while left > 0 {
        let round = left.min(16 * 1024).max(batch);
        left = left.saturating_sub(round);
        let entries: Vec<_> = (0..round).map(|_| source.entry()).collect();
        let mut calls: Vec<Vec<Entry>> = Vec::new();
        let mut entries = entries.into_iter().peekable();
        while entries.peek().is_some() {
            calls.push(entries.by_ref().take(batch).collect());
        }
        let calls = Arc::new(std::sync::Mutex::new(calls));
        let start = Instant::now();
        let callers: Vec<_> = (0..if batch >= 1000 { 8 } else { CALLERS })
            .map(|_| {
                let (ledger, calls) = (ledger.clone(), Arc::clone(&calls));
                tokio::spawn(async move {
                    loop {
                        let Some(call) = calls.lock().unwrap().pop() else { return };
                        for answer in ledger.append_batch(call).await {
                            answer.unwrap();
                        }
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
        spent += start.elapsed();
    }
    count as f64 / spent.as_secs_f64()
}

/// Appends the same number of bytes, in the same batches as the ledger made of them, to a plain file.
fn raw(dir: &Path, count: usize, bytes: u64, group: f64) -> f64 {
    let file = File::create(dir.join("raw")).unwrap();
    let per_group = usize::try_from((bytes as f64 / count as f64 * group) as u64).unwrap();
    let (block, mut at) = (vec![7; per_group], 0);
    let groups = (count as f64 / group) as usize;
    let start = Instant::now();
    for _ in 0..groups {
        file.write_all_at(&block, at).unwrap();
        file.sync_data().unwrap();
        at += per_group as u64;
    }
    let rate = groups as f64 * group / start.elapsed().as_secs_f64();
    std::fs::remove_file(dir.join("raw")).unwrap();
    rate
}

fn resident_mib() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let read = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    };
    (read("RssAnon"), read("VmRSS"))
}

/// Seconds of processor time that each kind of thread has used so far, by its name.
fn processor_seconds() -> std::collections::BTreeMap<String, f64> {
    let mut seconds = std::collections::BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        let Ok(stat) = std::fs::read_to_string(task.unwrap().path().join("stat")) else { continue };
        let (name, rest) = stat.split_once('(').unwrap().1.rsplit_once(')').unwrap();
        let ticks: f64 = rest.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap()).sum();
        *seconds.entry(name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()).or_default() += ticks / 100.0;
    }
    seconds
}

/// Processor time per event of the threads that are the ledger's own. Where a machine is shared, this says more than the clock.
fn print_processor_time(before: &std::collections::BTreeMap<String, f64>, events: usize) {
    for (name, after) in processor_seconds() {
        let spent = (after - before.get(&name).copied().unwrap_or_default()) * 1e6 / events as f64;
        if spent > 0.05 && !name.starts_with("tokio") && name != "throughput" {
            print!("  {name} {spent:.1} µs");
        }
    }
    println!(" of processor time per event");
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    format!("p50 {:.2} ms, p99 {:.2} ms", at(0.5), at(0.99))
}

fn reads(ledger: &Ledger, events: u64) {
    let env = "prod".parse().unwrap();
    let base = || Query { order: Order::Desc, limit: 50, ..Query::default() };
    let time = |n: u64| Timestamp::from_micros(1_760_000_000_000_000 + i64::try_from(n).unwrap() * 10);
    type Make<'a> = Box<dyn Fn(u64) -> Query + 'a>;
    let kinds: Vec<(&str, Make<'_>)> = vec![
        ("none", Box::new(|_| base())),
        ("reads too", Box::new(|_| Query { include_reads: true, ..base() })),
        ("surface", Box::new(|_| Query { surface: Some("budget".parse().unwrap()), ..base() })),
        ("event_type", Box::new(|_| Query { event_type: Some("message_posted".parse().unwrap()), ..base() })),
        ("outcome", Box::new(|_| Query { outcome: Some(Outcome::Failure), ..base() })),
        (
            "outcome, type, user",
            Box::new(|i| Query {
                outcome: Some(Outcome::Failure),
                event_type: Some("message_posted".parse().unwrap()),
                user_id: Some(format!("u_{}", i & 1023).parse().unwrap()),
                ..base()
            }),
        ),
        ("user_id", Box::new(|i| Query { user_id: Some(format!("u_{}", i & 1023).parse().unwrap()), ..base() })),
        ("asset_id", Box::new(|i| Query { asset_id: Some(format!("a_{}", i & 0xf_ffff).parse().unwrap()), ..base() })),
        (
            "unknown trace",
            Box::new(|i| Query { trace_id: TraceId::from_uuid(Uuid::from_u128(u128::from(i) + 9)), ..base() }),
        ),
        ("since, until", Box::new(|i| Query { since: time(i % events), until: time(i % events + 100_000), ..base() })),
        (
            "until, user",
            Box::new(|i| Query {
                until: time(i % events),
                user_id: Some(format!("u_{}", i & 1023).parse().unwrap()),
                ..base()
            }),
        ),
    ];
    for (name, make) in kinds {
        let (mut times, mut items) = (Vec::new(), 0);
        for i in 0..300u64 {
            let tenant = format!("t_{}", i % 10).parse().unwrap();
            let query = make(i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11);
            let start = Instant::now();
            items += ledger.query(&tenant, &env, &query).unwrap().items.len();
            times.push(start.elapsed());
        }
        println!("first page, {name}: {} ({:.1} items)", percentiles(times), items as f64 / 300.0);
    }
}

fn proofs(ledger: &Ledger) {
    let env = "prod".parse().unwrap();
    let (mut proving, mut finding) = (Vec::new(), Vec::new());
    for i in 0..300u64 {
        let tenant = format!("t_{}", i % 10).parse().unwrap();
        let query = Query {
            include_reads: true,
            limit: 1,
            user_id: Some(format!("u_{}", (i * 37) & 1023).parse().unwrap()),
            order: if i.is_multiple_of(2) { Order::Asc } else { Order::Desc },
            ..Query::default()
        };
        let Some(item) = ledger.query(&tenant, &env, &query).unwrap().items.pop() else { continue };
        let id = item.event().unwrap().event_id;
        let start = Instant::now();
        assert!(ledger.get(&tenant, &env, id).unwrap().is_some());
        finding.push(start.elapsed());
        let start = Instant::now();
        let proof = ledger.inclusion(&tenant, &env, id).unwrap().unwrap();
        proving.push(start.elapsed());
        let start = Instant::now();
        ledger.consistency(&tenant, &env, &proof.log, proof.tree_size / 3, proof.tree_size).unwrap().unwrap();
        proving.push(start.elapsed());
    }
    println!("one event by id: {}", percentiles(finding));
    println!("proofs, inclusion and consistency: {}", percentiles(proving));
}

fn disk_bytes(path: &Path) -> u64 {
    std::fs::read_dir(path)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let meta = entry.metadata().unwrap();
            if meta.is_dir() { disk_bytes(&entry.path()) } else { meta.len() }
        })
        .sum()
}

async fn measure_appends(ledger: &Ledger, dir: &Path, source: &Source, total: usize) {
    for (batch, count) in [(1, 40_000), (100, 200_000), (1000, 300_000)] {
        let (before, used) = (ledger.stats(), processor_seconds());
        let rate = append(ledger, source, count.min(total), batch).await;
        let after = ledger.stats();
        let group = (after.events - before.events) as f64 / (after.batches - before.batches) as f64;
        let plain = raw(dir, count.min(total), after.bytes - before.bytes, group);
        println!(
            "calls of {batch}: {rate:.0} events/s ({group:.0} a batch), raw append + fdatasync {plain:.0}: {:.2}",
            rate / plain
        );
        print_processor_time(&used, count.min(total));
    }
    let mut slice = 0;
    let made = || usize::try_from(source.made.load(Ordering::Relaxed)).unwrap();
    while made() < total {
        let count = (total - made()).min(1_000_000);
        let rate = append(ledger, source, count, 1000).await;
        slice += 1;
        let (anon, rss) = resident_mib();
        let lookups = ledger.stats().id_lookups;
        println!(
            "further million {slice}: {rate:.0} events/s, {anon} MiB anonymous, {rss} MiB resident, {lookups} id lookups"
        );
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut args = std::env::args().skip(1);
    let total: usize = args.next().map_or(600_000, |text| text.parse().unwrap());
    let dir = args.next().map_or_else(std::env::temp_dir, Into::into).join(format!("ledger-{}", std::process::id()));
    let config = LedgerConfig { dir: dir.join("ledger"), ..LedgerConfig::default() };
    let redactor = Redactor::new(Policy::default()).unwrap();
    let source = Source { redactor, made: AtomicU64::new(0), leaf_bytes: AtomicU64::new(0) };
    let ledger = Ledger::open(config.clone()).unwrap();
    ledger.settle_anchors(&[]).unwrap();
    measure_appends(&ledger, &dir, &source, total).await;
    let events = source.made.load(Ordering::Relaxed);
    ledger.close().await;
    let stored = ledger.stats();
    drop(ledger);
    let leaves = source.leaf_bytes.load(Ordering::Relaxed);
    let extra = (disk_bytes(&config.dir) - leaves) as f64 / events as f64;
    println!(
        "{events} events of {} bytes; on disk beyond them {extra:.0} B each; {} index parts",
        leaves / events,
        stored.index_parts
    );
    let start = Instant::now();
    let ledger = Ledger::open(config.clone()).unwrap();
    println!("reopening after a clean stop: {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    ledger.settle_anchors(&[]).unwrap();
    reads(&ledger, events);
    proofs(&ledger);
    drop(ledger);
    let start = Instant::now();
    let report = verify::verify(&verify::VerifyOptions::new(&config.dir)).unwrap();
    assert!(report.holds(), "{report:?}");
    println!("verify: {:.0} events/s", events as f64 / start.elapsed().as_secs_f64());
    std::fs::remove_dir_all(dir).unwrap();
}
