//! BigQuery, by an emulator of it: the contract, what is made at start, outages, restarts, damage.

use std::{sync::Arc, time::Duration};

use google_cloud_auth::credentials::anonymous;
use google_cloud_bigquery::{
    client::Write,
    model::ArrowSchema,
    write::{CommittedWriter, format::Arrow},
};
use nexus::{
    config::{self, Config},
    nexus::{Batch, LogId, NexusBackend, Row, bigquery::BigQueryBackend, state::FollowerState},
};
use serde_json::{Value, json};

use super::{
    conformance::{World, carry, holds},
    steps::{caught_up, events_per_round, post, stop, verify},
};
use crate::support::{Setup, bigquery::BigQuery, firestore::Proxy, server::signal};

pub(crate) fn settings(rest: &str, grpc: &str, project: &str) -> config::BigQuery {
    let mut settings = Config::defaults().unwrap().nexus.bigquery;
    settings.project = Some(project.to_owned());
    settings.emulator_host = Some(rest.to_owned());
    settings.emulator_grpc_host = Some(grpc.to_owned());
    settings
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bigquery_backend_keeps_the_contract() {
    let Some(emulator) = BigQuery::start() else { return };
    let world = World::new().await;
    let dir = tempfile::tempdir().unwrap();
    let state = Arc::new(FollowerState::open(dir.path()).unwrap());
    let mut settings = settings(&emulator.rest, &emulator.grpc, "p-contract");
    // Three logs share two places, so streams are let go of and attached to again.
    settings.max_open_streams = 2;
    // And the copy is read back over the ends of queries, and from the middle of them.
    settings.verify_rows = 7;
    let backend: Arc<dyn NexusBackend> = Arc::new(BigQueryBackend::new(settings, Some(state)));
    holds(&world, backend, true).await;
}

/// A batch of rows of one log.
pub(crate) fn batch(log: &LogId, rows: &[Row]) -> Batch {
    Batch::new(log.clone(), rows.to_vec()).unwrap()
}

pub(crate) async fn seqs(backend: &dyn NexusBackend, log: &LogId) -> Vec<u64> {
    backend.read_back(log, 0..1000).await.unwrap().iter().map(|row| row.seq).collect()
}

/// What the followers' state has of a log's write stream: its name and the seq at its offset 0.
fn stream_of(state: &FollowerState, log: &LogId) -> (String, u64) {
    let known: Value = serde_json::from_slice(&state.get("bigquery", &log.origin, "stream").unwrap().unwrap()).unwrap();
    (known["name"].as_str().unwrap().to_owned(), known["base"].as_u64().unwrap())
}

/// A stream that takes nothing any more is followed by one that begins where it ended; a state that is lost or older than the copy
/// doubles nothing; streams that are gone with the emulator's memory are found to be.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_ended_is_followed_by_the_next_and_a_lost_state_doubles_nothing() {
    let Some(mut emulator) = BigQuery::start() else { return };
    let world = World::new().await;
    let (log, rows) = &world.logs()[0];
    let dir = tempfile::tempdir().unwrap();
    let state = Arc::new(FollowerState::open(dir.path()).unwrap());
    let settings = settings(&emulator.rest, &emulator.grpc, "p-rotation");
    let open = |state| BigQueryBackend::new(settings.clone(), state);
    let backend = open(Some(Arc::clone(&state)));
    backend.prepare().await.unwrap();
    backend.append(&batch(log, &rows[0..10])).await.unwrap();
    let (first, base) = stream_of(&state, log);
    assert_eq!(base, 0);

    let client = Write::builder().with_endpoint(format!("http://{}", emulator.grpc));
    let client = client.with_credentials(anonymous::Builder::new().build()).build().await.unwrap();
    let writer: CommittedWriter<Arrow> = client.attach_to_stream(&first).build_arrow(ArrowSchema::new()).await.unwrap();
    assert_eq!(writer.finalize().await.unwrap().row_count, 10);
    backend.append(&batch(log, &rows[8..15])).await.unwrap();
    let (second, base) = stream_of(&state, log);
    assert!(second != first && base == 10, "{second} begins at {base}");

    // The state is lost, as with a disk: the place is found by a query.
    open(None).append(&batch(log, &rows[0..20])).await.unwrap();
    assert_eq!(seqs(&backend, log).await, (0..20).collect::<Vec<_>>());
    // The state is an older one, as after a disk was restored: its stream has ended, and the copy has more than that had.
    let older = json!({ "name": first, "base": 0 }).to_string();
    state.put("bigquery", &log.origin, "stream", older.as_bytes()).unwrap();
    let backend = open(Some(Arc::clone(&state)));
    backend.append(&batch(log, &rows[5..22])).await.unwrap();
    assert_eq!(seqs(&backend, log).await, (0..22).collect::<Vec<_>>());
    assert_eq!(stream_of(&state, log).1, 20);

    emulator.restart();
    carry(&backend, &batch(log, &rows[20..30])).await;
    assert_eq!(seqs(&backend, log).await, (0..30).collect::<Vec<_>>());
    assert_eq!(stream_of(&state, log).1, 22);
}

/// Frozen, cut off, unheard, killed, on either side and in the middle of batches: the copy has every event once, and what somebody changes
/// in it afterwards is found and mended.
#[tokio::test(flavor = "multi_thread")]
async fn outages_lost_replies_restarts_and_kills_leave_every_event_once() {
    let Some(mut emulator) = BigQuery::start() else { return };
    let (rest, grpc) = (Proxy::start(&emulator.rest).await, Proxy::start(&emulator.grpc).await);
    let dir = tempfile::tempdir().unwrap();
    let setup = BigQuery::followed(&rest.host, &grpc.host, "p-outages").data_dir(dir.path());
    let mut nexus = setup.clone().start().await;
    let (each, mut posted, mut lost) = (events_per_round(), 0, 0);
    for round in 0..20 {
        let client = nexus.client("t_demo", "writer");
        for _ in 0..each.div_ceil(1000) {
            let count = each.min(1000);
            post(&client, posted, count).await;
            posted += count;
        }
        match round % 5 {
            0 => {
                signal(emulator.pid(), "STOP");
                tokio::time::sleep(Duration::from_millis(300)).await;
                signal(emulator.pid(), "CONT");
            }
            1 => {
                grpc.cut();
                rest.cut();
            }
            2 => lost += usize::from(grpc.lose_replies(Duration::from_millis(300)).await),
            3 => emulator.restart(),
            _ => {
                nexus.kill();
                nexus = setup.clone().start().await;
            }
        }
        if round % 2 == 1 {
            // A kill in the middle of the copy, after each kind of outage.
            nexus.kill();
            nexus = setup.clone().start().await;
        }
    }
    assert!(lost > 0, "no reply was lost: the proxy shows nothing");
    caught_up(&nexus).await;
    let count = nexus.client("t_demo", "reader").events("include_reads=true&limit=500").await.len();
    assert!(count >= posted, "{count} events, {posted} posted");
    let setup = stop(nexus).await;
    let text = verify(&setup, 0);
    assert!(text.contains("agreeing with"), "{text}");
    damage_is_found_and_refollow_heals(&emulator, &setup).await;
}

/// Changes, removes and doubles rows as somebody who may write would, by SQL.
async fn damage_is_found_and_refollow_heals(emulator: &BigQuery, setup: &Setup) {
    let of = "log LIKE '%/t_demo/dev/%' AND recorded_at > TIMESTAMP '2000-01-01 00:00:00+00'";
    for statement in [
        format!("UPDATE `p-outages.nexus.events` SET user_id = 'u_somebody_else' WHERE seq = 3 AND {of}"),
        format!("DELETE FROM `p-outages.nexus.events` WHERE seq = 5 AND {of}"),
        format!("INSERT INTO `p-outages.nexus.events` SELECT * FROM `p-outages.nexus.events` WHERE seq = 7 AND {of}"),
        format!(
            "INSERT INTO `p-outages.nexus.events` SELECT * REPLACE (900000000 AS seq) FROM `p-outages.nexus.events` WHERE seq = 9 AND {of}"
        ),
    ] {
        emulator.query("p-outages", &statement).await;
    }
    let text = verify(setup, 1);
    for problem in
        ["event 3 was changed", "event 5 is lost", "event 7 is there twice", "1 rows are there that the log never had"]
    {
        assert!(text.contains(problem), "{problem}: {text}");
    }
    let output = setup.run(&["refollow"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    verify(setup, 0);
}
