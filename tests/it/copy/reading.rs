//! `views.source = "backend"`: two replicas that share a copy in Firestore answer with the events of both.

use std::{
    collections::BTreeSet,
    time::{Duration, UNIX_EPOCH},
};

use nexus_model::Timestamp;
use serde_json::{Value, json};

use super::steps::{caught_up, stop};
use crate::{
    dashboard::{live, post},
    recount::{Counted, shown_and_counted},
    support::{Client, Nexus, Setup, firestore::Firestore, server::signal},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Events of several kinds, from the replica of this name; every third of one trace that both share.
async fn fill(client: &Client, replica: &str, count: usize) {
    let events: Vec<Value> = (0..count)
        .map(|n| {
            let mut event = match n % 4 {
                0 => json!({ "surface": "chat", "event_type": "message_posted",
                             "input": { "thread_id": "th", "role": "user", "text": format!("{replica} {n}") } }),
                1 => json!({ "surface": "budget", "event_type": "usage_recorded", "input": { "provider": replica, "cost": "0.10", "currency": "EUR" } }),
                2 => json!({ "surface": "kpi", "event_type": "kpi_measured", "input": { "kpi_name": "k", "value": n } }),
                _ => json!({ "surface": "chat", "event_type": "message_posted", "outcome": "failure", "error_code": "model.down", "asset_id": "a_1",
                             "input": { "thread_id": "th", "role": "tool" } }),
            };
            if n % 3 == 0 {
                event["trace_id"] = TRACE.into();
                event["request_id"] = "r-shared".into();
            }
            event
        })
        .collect();
    for events in events.chunks(40) {
        client.post("/nexus/events", &json!({ "events": events }), 200).await;
    }
}

fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["event_id"].as_str().unwrap().to_owned()).collect()
}

fn sorted(events: &[Value]) -> BTreeSet<String> {
    ids(events).into_iter().collect()
}

/// Two replicas with directories of their own, which read from where `source` says.
struct Pair {
    setups: [Setup; 2],
}

impl Pair {
    async fn start(&self, source: &str) -> [Nexus; 2] {
        let [one, two] = self.setups.clone().map(|setup| setup.env("NEXUS__VIEWS__SOURCE", source).start());
        [one.await, two.await]
    }
}

/// What each replica alone takes for new: its caller did not hear whether the first one took it.
async fn repeat(client: &Client) {
    let event = |n: usize| {
        json!({ "event_id": format!("00000000-0000-4000-8000-{n:012x}"), "surface": "budget", "event_type": "usage_recorded",
                "input": { "provider": "both", "cost": "0.10", "currency": "EUR" } })
    };
    let events = json!({ "events": (0..REPEATS).map(event).collect::<Vec<_>>() });
    let answer = client.post("/nexus/events", &events, 200).await.json();
    assert!(answer["items"].as_array().unwrap().iter().all(|item| item["status"] == "accepted"), "{answer}");
}

const REPEATS: usize = 5;

const FILTERS: [&str; 11] = [
    "",
    "surface=chat",
    "event_type=kpi_measured",
    "outcome=failure",
    "user_id=u_demo",
    "asset_id=a_1",
    "request_id=r-shared",
    "surface=chat&outcome=failure&asset_id=a_1",
    "surface=vector",
    "since=2000-01-01T00:00:00Z&surface=budget",
    "until=2000-01-01T00:00:00Z",
];

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_share_a_copy_answer_with_the_events_of_both() {
    let Some(emulator) = Firestore::start() else { return };
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let setup = |at: usize| Firestore::followed(&emulator.host, "p-reading").data_dir(dirs[at].path());
    let pair = Pair { setups: [setup(0), setup(1)] };

    // Each tells what it has itself: the truth to compare with.
    let local = pair.start("local").await;
    for (nexus, name) in local.iter().zip(["one", "two"]) {
        let client = nexus.client("t_demo", "writer");
        fill(&client, name, 130).await;
        fill(&client.clone().env("staging"), name, 8).await;
        // So far apart that they are not asked for together.
        repeat(&client).await;
    }
    let one = local[0].client("t_demo", "writer");
    let middle = one.get("/nexus/events?order=asc&limit=60", 200).await.json()["items"][59]["recorded_at"].clone();
    let middle = middle.as_str().unwrap();
    // Reads are events too; those from here on are after it.
    let now = Timestamp::from_micros(i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_micros()).unwrap()).unwrap();
    let mut filters = FILTERS.map(ToOwned::to_owned).to_vec();
    filters.extend([
        format!("since={middle}"),
        format!("until={middle}&surface=chat"),
        format!("include_reads=true&until={now}"),
    ]);
    let mut truth = Vec::new();
    for filter in &filters {
        let mut of_both = BTreeSet::new();
        for nexus in &local {
            of_both.extend(sorted(&nexus.client("t_demo", "reader").walk("/nexus/events", filter).await));
        }
        truth.push(of_both);
    }
    assert_eq!(truth[0].len(), 260 + REPEATS);
    assert!(truth[11..].iter().all(|some| !some.is_empty()) && truth[13].len() > truth[0].len());
    for nexus in local {
        caught_up(&nexus).await;
        stop(nexus).await;
    }

    let [one, two] = pair.start("backend").await;
    let reader = one.client("t_demo", "reader");
    for (filter, truth) in filters.iter().zip(&truth) {
        // Pages of a few, and of all that there is.
        for (order, limit) in [("asc", 23), ("desc", 23), ("asc", 500), ("desc", 500)] {
            let asked = format!("{filter}&order={order}&limit={limit}");
            let walked = reader.walk("/nexus/events", asked.trim_start_matches('&')).await;
            assert_eq!(walked.len(), truth.len(), "{filter} {order}: nothing twice");
            assert_eq!(&sorted(&walked), truth, "{filter} {order}");
            let times: Vec<&str> = walked.iter().map(|event| event["recorded_at"].as_str().unwrap()).collect();
            let mut ordered = times.clone();
            ordered.sort_unstable();
            if order == "desc" {
                ordered.reverse();
            }
            assert_eq!(times, ordered, "{filter} {order}");
        }
    }
    let logs: BTreeSet<String> =
        reader.walk("/nexus/events", "").await.iter().map(|event| event["ledger"]["log"].to_string()).collect();
    assert_eq!(logs.len(), 2);
    // The other replica says the same of one event, and of the trace that both took part in.
    let [by_one, by_two] = [&one, &two].map(|nexus| nexus.client("t_demo", "reader"));
    for id in truth[0].iter().step_by(50) {
        let path = format!("/nexus/events/{id}");
        assert_eq!(by_one.get(&path, 200).await.json(), by_two.get(&path, 200).await.json());
        by_one.clone().env("staging").get(&path, 404).await.is("event.unknown");
        one.client("t_other", "reader").get(&path, 404).await.is("event.unknown");
    }
    let trace = by_two.walk(&format!("/nexus/traces/{TRACE}"), "limit=7").await;
    assert_eq!(trace.len(), 2 * 44);
    assert_eq!(one.client("t_other", "reader").walk("/nexus/events", "").await, Vec::<Value>::new());

    dashboards_are_of_both(&by_one, &by_two).await;
    a_walk_ends_where_it_began(&one, &two).await;
    an_outage_is_told(&emulator, &by_one).await;
}

async fn dashboards_are_of_both(one: &Client, two: &Client) {
    for client in [one, two, one] {
        let budget = client.get("/nexus/dashboard/budget", 200).await.json();
        let euros = &budget["by_currency"]["EUR"];
        // 33 of 130 from each, and the providers are the replicas.
        assert_eq!(euros["total"], "7.10", "{budget}");
        assert_eq!(euros["by_provider"], json!({ "both": "0.50", "one": "3.30", "two": "3.30" }), "repeats once");
        let all = client.get("/nexus/dashboard", 200).await.json();
        assert_eq!(all["errors"]["by_code"]["model.down"], 2 * 32, "{}", all["errors"]);
        assert_eq!(all["kpi"]["kpis"]["k"]["value"], 126, "the newest, whoever took it");
        assert_eq!(all["ledger"]["logs"].as_array().unwrap().len(), 2);
        let position = all["activity"]["position"].as_array().unwrap();
        let size: u64 = position.iter().map(|log| log["size"].as_u64().unwrap()).sum();
        assert_eq!(all["ledger"]["events"], size);
    }
    let staging = one.clone().env("staging").get("/nexus/dashboard/budget", 200).await.json();
    assert_eq!(staging["by_currency"]["EUR"]["total"], "0.40", "of its own environment alone");
}

/// What is appended while somebody walks is of the next walk.
async fn a_walk_ends_where_it_began(one: &Nexus, two: &Nexus) {
    let reader = one.client("t_demo", "reader");
    for order in ["asc", "desc"] {
        let first = reader.get(&format!("/nexus/events?surface=chat&limit=50&order={order}"), 200).await.json();
        fill(&two.client("t_demo", "writer"), "late", 12).await;
        caught_up(two).await;
        let mut seen = ids(first["items"].as_array().unwrap());
        let mut next = first["next_cursor"].clone();
        while let Some(cursor) = next.as_str() {
            let page = reader
                .get(&format!("/nexus/events?surface=chat&limit=50&order={order}&cursor={cursor}"), 200)
                .await
                .json();
            seen.extend(ids(page["items"].as_array().unwrap()));
            next = page["next_cursor"].clone();
        }
        let late = usize::from(order == "desc") * 6;
        assert_eq!(seen.len(), 2 * 65 + late, "{order}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "{order}: nothing twice");
        let other = first["next_cursor"].as_str().unwrap();
        reader.get(&format!("/nexus/events?surface=kpi&order={order}&cursor={other}"), 400).await.is("cursor.invalid");
    }
}

/// A copy that does not answer is one clear answer in bounded time, and is over when it is over.
async fn an_outage_is_told(emulator: &Firestore, reader: &Client) {
    signal(emulator.pid(), "STOP");
    for path in ["/nexus/events", "/nexus/dashboard/activity", &format!("/nexus/traces/{TRACE}")] {
        let began = tokio::time::Instant::now();
        reader.get(path, 503).await.is("ledger.unavailable");
        assert!(began.elapsed() < Duration::from_secs(9), "{path}");
    }
    signal(emulator.pid(), "CONT");
    for _ in 0..100 {
        let request = reader.request(reqwest::Method::GET, "/nexus/events");
        if reader.try_send(request).await.unwrap().status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("reads do not recover");
}

/// Every section, from the events of two replicas, against a count of their own.
#[tokio::test(flavor = "multi_thread")]
async fn every_section_is_what_the_events_of_all_say() {
    let Some(emulator) = Firestore::start() else { return };
    let setup = Firestore::followed(&emulator.host, "p-sections")
        .env("NEXUS__VIEWS__SOURCE", "backend")
        .env("NEXUS__LEDGER__ACK", "backend")
        .env("NEXUS__LEDGER__ACK_TIMEOUT_MS", 20_000)
        .env("NEXUS__NEXUS__BATCH_WAIT_MS", 0);
    let replicas = [setup.clone().start().await, setup.start().await];
    for nexus in &replicas {
        live(&nexus.client("t_own", "owner")).await;
    }
    for nexus in &replicas {
        let owner = nexus.client("t_own", "owner");
        for (event, input) in [
            ("kpi_measured", json!({ "kpi_name": "ctr", "value": 9 })),
            ("kpi_corridor_set", json!({ "kpi_name": "ctr", "floor": 1, "ceiling": 4.4 })),
        ] {
            post(&owner, "kpi", event, input).await;
        }
        post(&owner, "kill_switch", "kill_switch_updated", json!({ "disable_providers": ["acme"] })).await;
        let taken = json!({ "of_surface": "search", "value": 2, "window_start": "2026-11-01T00:00:00Z",
            "window_end": "2026-11-01T01:00:00Z" });
        post(&owner, "temperature", "temperature_snapshot_taken", taken).await;
        let (dashboard, counted) = shown_and_counted(&owner).await;
        assert_eq!(Counted::shown(&dashboard), counted);
        assert_eq!((counted.stored, counted.pending), ((2, 22), 2), "of both");
        assert_eq!(dashboard["budget"]["by_currency"]["EUR"]["total"], "5.90");
        assert_eq!(dashboard["ledger"]["logs"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn only_a_copy_that_answers_can_be_read() {
    let output = Setup::new().env("NEXUS__VIEWS__SOURCE", "backend").run(&["serve"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("views.source") && text.contains("firestore"), "{text}");
    // BigQuery serves analysts, not callers.
    let output = Setup::new()
        .env("NEXUS__VIEWS__SOURCE", "backend")
        .env("NEXUS__NEXUS__BACKEND", "bigquery")
        .env("NEXUS__NEXUS__BIGQUERY__PROJECT", "p")
        .run(&["serve"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("views.source") && text.contains("firestore"), "{text}");
}
