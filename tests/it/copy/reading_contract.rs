//! What every copy that answers callers promises, in one suite: the same rows that its log has, under every filter and order.

use nexus::nexus::{
    Batch, LogId, NexusBackend, Row,
    reading::{CopyReader, Span},
};
use nexus_ledger::{Order, Query};
use nexus_model::{EventId, Outcome, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use super::conformance::World;

fn event(row: &Row) -> Value {
    serde_json::from_slice(&row.leaf).unwrap()
}

fn id(row: &Row) -> EventId {
    event(row)["event_id"].as_str().unwrap().parse().unwrap()
}

/// Whether an event should be admitted.
type Admits = Box<dyn Fn(&Value) -> bool>;

/// Queries that each admit some of the rows, and what they should admit, told from the events as JSON.
fn filters(rows: &[Row]) -> Vec<(Query, Admits)> {
    let all = Query { include_reads: true, ..Query::default() };
    let time = |n: usize| event(&rows[n])["recorded_at"].as_str().unwrap().parse::<Timestamp>().ok();
    let trace = event(&rows[9])["metadata"]["trace_id"].as_str().unwrap().to_owned();
    let (since, until) = (time(10), time(20));
    let text = |time: Option<Timestamp>| time.unwrap().to_string();
    let (from, to) = (text(since), text(until));
    let within = {
        let (from, to) = (from.clone(), to.clone());
        move |event: &Value| (from.as_str()..to.as_str()).contains(&event["recorded_at"].as_str().unwrap())
    };
    vec![
        (all.clone(), Box::new(|_| true)),
        (Query { include_reads: false, ..all.clone() }, Box::new(|event| event["event_type"] != "events_read")),
        (Query { surface: "chat".parse().ok(), ..all.clone() }, Box::new(|_| true)),
        (Query { surface: "kpi".parse().ok(), ..all.clone() }, Box::new(|_| false)),
        (
            Query { event_type: "message_posted".parse().ok(), ..all.clone() },
            Box::new(|event| event["event_type"] == "message_posted"),
        ),
        (Query { outcome: Some(Outcome::Failure), ..all.clone() }, Box::new(|event| event["outcome"] == "failure")),
        (Query { user_id: "u_demo".parse().ok(), ..all.clone() }, Box::new(|_| true)),
        (Query { user_id: "u_nobody".parse().ok(), ..all.clone() }, Box::new(|_| false)),
        (Query { asset_id: "a_1".parse().ok(), ..all.clone() }, Box::new(|event| event["asset_id"] == "a_1")),
        (Query { request_id: "r-1".parse().ok(), ..all.clone() }, Box::new(|_| true)),
        (
            Query { trace_id: trace.parse().ok(), ..all.clone() },
            Box::new(move |event| event["metadata"]["trace_id"] == trace),
        ),
        (Query { since, ..all.clone() }, Box::new(move |event| event["recorded_at"].as_str().unwrap() >= &*from)),
        (Query { until, ..all.clone() }, Box::new(move |event| event["recorded_at"].as_str().unwrap() < &*to)),
        (
            Query {
                since,
                until,
                include_reads: false,
                outcome: Some(Outcome::Success),
                asset_id: "a_1".parse().ok(),
                ..all
            },
            Box::new(move |event| {
                within(event)
                    && event["event_type"] != "events_read"
                    && event["outcome"] == "success"
                    && event["asset_id"] == "a_1"
            }),
        ),
    ]
}

/// Holds a copy that has nothing yet to its contract.
pub(crate) async fn answers(world: &World, backend: &(impl NexusBackend + CopyReader)) {
    backend.prepare().await.unwrap();
    let logs = world.logs();
    for (log, rows) in &logs {
        assert_eq!(backend.end(log).await.unwrap(), 0);
        append(backend, log, rows).await;
        assert_eq!(backend.end(log).await.unwrap(), 40);
    }
    for (log, rows) in &logs {
        rows_are_those_of_the_log(backend, log, rows).await;
    }
    let (log, rows) = &logs[0];
    logs_and_repeats_are_told(backend, log, rows).await;
    an_end_is_before_the_first_gap(backend, log, rows).await;
}

async fn append(backend: &impl NexusBackend, log: &LogId, rows: &[Row]) {
    backend.append(&Batch::new(log.clone(), rows.to_vec()).unwrap()).await.unwrap();
}

async fn rows_are_those_of_the_log(backend: &impl CopyReader, log: &LogId, rows: &[Row]) {
    for (at, (filter, admits)) in filters(rows).iter().enumerate() {
        for order in [Order::Asc, Order::Desc] {
            for (from, below, limit) in [(0, 1000, 1000), (0, 40, 7), (10, 25, 100), (39, 40, 1), (25, 10, 5)] {
                let read = backend.rows(log, filter, Span { from, below, order, limit }).await.unwrap();
                let mut expected: Vec<&Row> =
                    rows.iter().filter(|row| (from..below).contains(&row.seq) && admits(&event(row))).collect();
                if order == Order::Desc {
                    expected.reverse();
                }
                expected.truncate(limit);
                let found: Vec<_> = read.iter().map(|row| (row.seq, &row.leaf, row.event_id)).collect();
                let expected: Vec<_> = expected.into_iter().map(|row| (row.seq, &row.leaf, id(row))).collect();
                assert_eq!(found, expected, "filter {at}, {order:?}, {from}..{below}, {limit}");
            }
        }
    }
}

/// Of a place alone; an event that two logs have is told twice.
async fn logs_and_repeats_are_told(backend: &(impl NexusBackend + CopyReader), log: &LogId, rows: &[Row]) {
    let second = LogId::parse(&format!("{}x", log.origin)).unwrap();
    append(backend, &second, &rows[..3]).await;
    let (tenant, env) = (&log.tenant, &log.env);
    assert_eq!(backend.logs(tenant, env, 10).await.unwrap(), [log.clone(), second.clone()]);
    assert_eq!(backend.logs(tenant, env, 1).await.unwrap(), std::slice::from_ref(log));
    assert_eq!(backend.logs(&"t_nobody".parse().unwrap(), env, 10).await.unwrap(), []);

    // More ids than one query may name, and one that nobody has.
    let mut ids: Vec<EventId> = rows.iter().map(id).collect();
    ids.push(EventId::from_uuid(Uuid::now_v7()));
    let mut found = backend.occurrences(tenant, env, &ids).await.unwrap();
    found.sort_by_key(|(id, one)| (one.log != *log, one.seq, *id));
    let expected = rows.iter().map(|row| (log, row)).chain(rows[..3].iter().map(|row| (&second, row)));
    assert_eq!(found.len(), 43);
    for ((found, one), (log, row)) in found.iter().zip(expected) {
        assert_eq!((*found, &one.log, one.seq), (id(row), log, row.seq));
        assert_eq!(one.recorded_at.to_string(), event(row)["recorded_at"].as_str().unwrap());
    }
    assert_eq!(backend.occurrences(&"t_nobody".parse().unwrap(), env, &ids).await.unwrap(), []);
}

async fn an_end_is_before_the_first_gap(backend: &(impl NexusBackend + CopyReader), log: &LogId, rows: &[Row]) {
    let holed = LogId::parse(&format!("{}y", log.origin)).unwrap();
    append(backend, &holed, &rows[..3]).await;
    append(backend, &holed, &rows[5..7]).await;
    assert_eq!(backend.end(&holed).await.unwrap(), 3);
    append(backend, &holed, &rows[3..5]).await;
    assert_eq!(backend.end(&holed).await.unwrap(), 7);
}
