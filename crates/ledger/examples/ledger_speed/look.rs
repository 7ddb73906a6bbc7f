//! Reading what is there: first pages, single events, proofs.

use std::time::{Duration, Instant};

use nexus_ledger::{Ledger, Order, Query};
use nexus_model::{Outcome, Timestamp, TraceId};
use uuid::Uuid;

pub(crate) fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    format!("p50 {:.2} ms, p99 {:.2} ms", at(0.5), at(0.99))
}

/// The first page of each filter.
pub(crate) fn reads(ledger: &Ledger, events: u64) {
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

/// One event by its id, and what proves it.
pub(crate) fn proofs(ledger: &Ledger) {
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
