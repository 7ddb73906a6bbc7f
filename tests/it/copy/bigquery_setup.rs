//! What is made at start, what is looked at, and what an operator is told where it is not as it should be.

use std::{sync::Arc, time::Duration};

use nexus::nexus::{BackendError, NexusBackend, bigquery::BigQueryBackend, state::FollowerState};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    bigquery::{batch, seqs, settings},
    conformance::World,
};
use crate::support::{
    Setup,
    bigquery::{BigQuery, refusing},
    firestore::Proxy,
    server::signal,
};

const TABLE: &str = "projects/p-setup/datasets/nexus/tables/events";

/// What was said instead of `Ok`, and that an operator can do something about it.
fn misconfigured(answer: Result<(), BackendError>) -> String {
    match answer.unwrap_err() {
        error @ BackendError::Misconfigured { .. } => error.to_string(),
        error => panic!("{error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_made_by_day_and_clustered_and_gains_columns_and_nothing_else_is_changed() {
    let Some(emulator) = BigQuery::start() else { return };
    let mut wanted = settings(&emulator.rest, &emulator.grpc, "p-setup");
    wanted.location = Some("EU".to_owned());
    let backend = BigQueryBackend::new(wanted.clone(), None);
    let missing = backend.doctor().await;
    assert!(missing[0].text.contains("looking at the dataset failed"), "a doctor makes nothing: {missing:?}");
    backend.prepare().await.unwrap();
    let table = emulator.rest(Method::GET, TABLE, &Value::Null).await;
    assert_eq!(table["timePartitioning"], json!({ "type": "DAY", "field": "recorded_at" }));
    assert_eq!(table["clustering"], json!({ "fields": ["tenant_id", "env", "surface"] }));
    let mut fields = table["schema"]["fields"].as_array().unwrap().clone();

    // A table of an earlier version, which had no `is_read`, with a column of somebody's own.
    let older = |fields: &[Value]| {
        json!({ "tableReference": { "projectId": "p-setup", "datasetId": "nexus", "tableId": "events" },
            "schema": { "fields": fields }, "timePartitioning": table["timePartitioning"], "clustering": table["clustering"] })
    };
    fields.retain(|field| field["name"] != "is_read");
    fields.push(json!({ "name": "their_note", "type": "STRING", "mode": "NULLABLE" }));
    let (tables, earlier) = ("projects/p-setup/datasets/nexus/tables", older(&fields));
    emulator.gone(TABLE).await;
    emulator.rest(Method::POST, tables, &earlier).await;
    let lacks = backend.doctor().await;
    assert!(lacks[0].text.contains("lacks the columns is_read"), "{lacks:?}");
    backend.prepare().await.unwrap();
    let now = emulator.rest(Method::GET, TABLE, &Value::Null).await["schema"]["fields"].take();
    let (kept, added) = now.as_array().unwrap().split_at(fields.len());
    let names = |fields: &[Value]| fields.iter().map(|field| field["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(kept), names(&fields));
    assert_eq!((&added[0]["name"], &added[0]["mode"], added.len()), (&json!("is_read"), &json!("NULLABLE"), 1));
    // It takes rows as before.
    let world = World::new().await;
    let (log, rows) = &world.logs()[0];
    backend.append(&batch(log, &rows[0..5])).await.unwrap();
    assert_eq!(seqs(&backend, log).await, [0, 1, 2, 3, 4]);

    // A column of another type, and a table laid out otherwise, are not touched.
    fields.iter_mut().find(|field| field["name"] == "seq").unwrap()["type"] = "STRING".into();
    emulator.gone(TABLE).await;
    emulator.rest(Method::POST, tables, &older(&fields)).await;
    let told = misconfigured(backend.prepare().await);
    assert!(told.contains("column seq is STRING, not INTEGER") && told.contains("nexus.bigquery.table"), "{told}");
    let mut unclustered = earlier;
    unclustered["clustering"] = json!({ "fields": ["surface"] });
    emulator.gone(TABLE).await;
    emulator.rest(Method::POST, tables, &unclustered).await;
    let told = misconfigured(backend.prepare().await);
    assert!(told.contains("not partitioned by day of recorded_at and clustered by tenant_id, env, surface"), "{told}");
    wanted.location = Some("US".to_owned());
    let told = misconfigured(BigQueryBackend::new(wanted, None).prepare().await);
    assert!(told.contains("the dataset is in EU, not in US"), "{told}");
}

/// What the service says and its emulator never does, by a fake of that one answer.
#[tokio::test]
async fn a_refusal_is_one_line_that_says_what_to_grant() {
    for (status, reason, message, grant) in [
        (403, "accessDenied", "Access Denied: Dataset p:nexus", "grant roles/bigquery.dataEditor on dataset nexus"),
        (404, "notFound", "Not found: Project p-nowhere", "check nexus.bigquery.project (p-nowhere)"),
        (401, "authError", "Request had invalid credentials", "GOOGLE_APPLICATION_CREDENTIALS"),
    ] {
        let host = refusing(status, reason, message).await;
        let backend = BigQueryBackend::new(settings(&host, &host, "p-nowhere"), None);
        let told = misconfigured(backend.prepare().await);
        assert!(told.contains(message) && told.contains(grant) && !told.contains('\n'), "{told}");
        let setup = BigQuery::followed(&host, &host, "p-nowhere");
        let doctor = tokio::task::spawn_blocking(move || setup.run(&["doctor"])).await.unwrap();
        let doctor = String::from_utf8_lossy(&doctor.stdout).into_owned();
        assert!(doctor.contains("FAIL    bigquery: ") && doctor.contains(grant), "{doctor}");
    }
    // Too much at once is a 403 as well, and passes.
    let host = refusing(403, "rateLimitExceeded", "Exceeded rate limits: too many api requests").await;
    let busy = BigQueryBackend::new(settings(&host, &host, "p-busy"), None).prepare().await.unwrap_err();
    assert!(matches!(busy, BackendError::Transient { .. }), "{busy:?}");
}

#[tokio::test]
async fn a_server_starts_and_says_what_to_grant() {
    let host = refusing(403, "accessDenied", "Access Denied: Dataset p:nexus").await;
    let nexus = BigQuery::followed(&host, &host, "p-denied").start().await;
    for _ in 0..100 {
        if nexus.log().contains("grant roles/bigquery.dataEditor") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(nexus.log().matches("grant roles/bigquery.dataEditor").count(), 1, "{}", nexus.log());
    let ready = nexus.anonymous().get("/readyz", 200).await.json();
    assert_eq!(ready["checks"]["backend"], "degraded");
}

#[test]
fn settings_that_cannot_be_are_named() {
    for (name, value, told) in [
        ("NEXUS__NEXUS__BIGQUERY__DATASET", "nexus", "nexus.bigquery.project"),
        ("NEXUS__NEXUS__BIGQUERY__PROJECT", "p`; DROP TABLE x", "nexus.bigquery.project"),
        ("NEXUS__NEXUS__BIGQUERY__TABLE", "", "nexus.bigquery.table"),
    ] {
        let mut setup = Setup::new().env("NEXUS__NEXUS__BACKEND", "bigquery");
        if told.ends_with("table") {
            setup = setup.env("NEXUS__NEXUS__BIGQUERY__PROJECT", "p");
        }
        let output = setup.env(name, value).run(&["serve"]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(told), "{text}");
    }
}

/// However often the caller loses patience with a backend that hangs, it is sent a batch once.
#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_hangs_is_sent_a_batch_once() {
    let Some(emulator) = BigQuery::start() else { return };
    let grpc = Proxy::start(&emulator.grpc).await;
    let world = World::new().await;
    let (log, rows) = &world.logs()[0];
    let dir = tempfile::tempdir().unwrap();
    let state = Arc::new(FollowerState::open(dir.path()).unwrap());
    let backend = BigQueryBackend::new(settings(&emulator.rest, &grpc.host, "p-hangs"), Some(state));
    backend.prepare().await.unwrap();
    backend.append(&batch(log, &rows[0..1])).await.unwrap();
    let (sent, bytes) = (grpc.asked(), rows[1..].iter().map(|row| row.leaf.len() as u64).sum::<u64>());
    signal(emulator.pid(), "STOP");
    let rest = batch(log, &rows[1..]);
    for _ in 0..20 {
        let answer = backend.append(&rest);
        tokio::time::timeout(Duration::from_millis(100), answer).await.expect_err("it hangs");
    }
    let more = grpc.asked() - sent;
    assert!(more < bytes + bytes / 4 + 100_000, "{more} bytes for a batch of {bytes}");
    signal(emulator.pid(), "CONT");
    backend.append(&rest).await.unwrap();
    assert_eq!(seqs(&backend, log).await, (0..40).collect::<Vec<_>>());
}
