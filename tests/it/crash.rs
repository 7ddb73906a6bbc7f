//! kill -9 under load: what was acknowledged is there after the restart, exactly once.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::json;

use crate::support::{Client, Setup, Upload};

/// What a caller was told: the asset, and whether its registration was acknowledged too.
type Acknowledged = Arc<Mutex<Vec<(String, bool)>>>;

async fn work(writer: Client, told: Acknowledged) {
    for rounds in 0_u32.. {
        let presign =
            writer.request(reqwest::Method::POST, "/nexus/raw/presign-upload").json(&json!({ "filename": "a.txt" }));
        let Ok(answer) = writer.try_send(presign).await else { return };
        assert_eq!(answer.status, 201, "{}", answer.text());
        let presigned = answer.json();
        let id = presigned["asset_id"].as_str().unwrap().to_owned();
        told.lock().unwrap().push((id.clone(), false));
        if rounds % 3 != 0 {
            continue;
        }
        let Ok((status, text)) = Upload::of(&presigned, &b"content"[..]).try_send().await else { return };
        assert_eq!(status, 204, "{text}");
        let claim = json!({ "asset_id": id, "filename": "a.txt" });
        let register = writer.request(reqwest::Method::POST, "/nexus/raw/register").json(&claim);
        let Ok(answer) = writer.try_send(register).await else { return };
        assert_eq!(answer.status, 201, "{}", answer.text());
        told.lock().unwrap().iter_mut().find(|(known, _)| *known == id).unwrap().1 = true;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_event_survives_kill_9_exactly_once() {
    let data = tempfile::tempdir().unwrap();
    let setup = Setup::new().data_dir(data.path()).env("NEXUS__LIMITS__ENABLED", false);
    let told: Acknowledged = Arc::default();
    for round in 0..4 {
        let mut nexus = setup.clone().start().await;
        let writer = nexus.client("t_own", "writer");
        let workers: Vec<_> = (0..8).map(|_| tokio::spawn(work(writer.clone(), Arc::clone(&told)))).collect();
        // Enough of them, and then a moment that is another one in each round.
        while told.lock().unwrap().len() < 40 * (round + 1) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(37 * round as u64)).await;
        nexus.kill();
        for worker in workers {
            worker.await.unwrap();
        }
    }
    let told = told.lock().unwrap().clone();
    let registered = told.iter().filter(|(_, registered)| *registered).count();
    assert!(told.len() > 50 && registered > 5, "{} presigned, {registered} registered: too few to say", told.len());

    let nexus = setup.start().await;
    let reader = nexus.client("t_own", "reader");
    let events = reader.events("limit=500").await;
    let count = |kind: &str, id: &str| {
        events.iter().filter(|event| event["event_type"] == kind && event["asset_id"] == id).count()
    };
    for (id, registered) in &told {
        assert_eq!(count("raw_asset_presigned", id), 1, "{id}");
        if *registered {
            assert_eq!(count("raw_asset_registered", id), 1, "{id}");
            reader.get(&format!("/nexus/raw/{id}"), 200).await;
        }
    }
    let mut ids: Vec<&str> = events.iter().map(|event| event["event_id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), events.len(), "no event stands twice");
    // The log has no holes either: every sequence number of it once.
    let all = reader.events("limit=500&include_reads=true&order=asc").await;
    let mut seqs: Vec<u64> = all.iter().map(|event| event["ledger"]["seq"].as_u64().unwrap()).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (0..seqs.len() as u64).collect::<Vec<_>>());
}
