//! What must hold after a restart, whatever the kill interrupted.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::Value;

use crate::{
    TENANT, load,
    support::{Client, Nexus},
    told::{Asset, Told},
};

/// Interrupted effects are settled within this time; housekeeping looks every second.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Assets looked at at once.
const CONCURRENCY: usize = 8;
/// Events posted again at once.
const BATCH: usize = 500;
/// Events whose proof is asked for.
const PROVED: usize = 3;

/// Holds the server against what callers were told.
pub(crate) async fn check(nexus: &Nexus, told: &Arc<Mutex<Told>>) {
    let owner = nexus.client(TENANT, "owner");
    ready(&owner).await;
    events(&owner, told).await;
    let deadline = Instant::now() + SETTLE_TIMEOUT;
    while let Err(why) = assets(&owner, told).await {
        assert!(Instant::now() < deadline, "not settled within {SETTLE_TIMEOUT:?}: {why}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // Then what callers never heard of is posted again: now it is there once.
    let ids: Vec<String> = told.lock().unwrap().events.keys().cloned().collect();
    for ids in ids.chunks(BATCH) {
        load::post(&owner, told, ids).await.expect("an answer");
    }
}

/// Until the anchors were compared nothing is taken.
async fn ready(owner: &Client) {
    let deadline = Instant::now() + SETTLE_TIMEOUT;
    while owner.try_send(owner.request(Method::GET, "/readyz")).await.unwrap().status != 200 {
        assert!(Instant::now() < deadline, "not ready within {SETTLE_TIMEOUT:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Every acknowledged event stands exactly once, where its caller was told; no log has a hole.
async fn events(owner: &Client, told: &Arc<Mutex<Told>>) {
    let all = owner.events("limit=500&include_reads=true").await;
    let mut by_id = BTreeMap::<&str, &Value>::new();
    let mut seqs = BTreeMap::<&str, BTreeSet<u64>>::new();
    for event in &all {
        let (id, log) = (event["event_id"].as_str().unwrap(), event["ledger"]["log"].as_str().unwrap());
        assert!(by_id.insert(id, event).is_none(), "{id} stands twice");
        assert!(seqs.entry(log).or_default().insert(event["ledger"]["seq"].as_u64().unwrap()), "two events at one seq");
    }
    for (log, seqs) in seqs {
        assert_eq!(seqs.last().map(|last| last + 1), Some(seqs.len() as u64), "{log} has holes");
    }
    let acknowledged: Vec<(String, Value, Value)> = {
        let told = told.lock().unwrap();
        let placed = |(id, posted): (&String, &crate::told::Posted)| {
            Some((id.clone(), posted.body.clone(), posted.place.clone()?))
        };
        told.events.iter().filter_map(placed).collect()
    };
    for (id, body, place) in &acknowledged {
        let event = by_id.get(id.as_str()).unwrap_or_else(|| panic!("{id} was acknowledged at {place} and is gone"));
        assert_eq!((&event["ledger"], &event["input"]), (place, &body["input"]), "{id}");
    }
    for (id, _, place) in acknowledged.iter().rev().take(PROVED) {
        assert_eq!(owner.get(&format!("/nexus/events/{id}"), 200).await.json()["ledger"], *place);
        let proof = owner.get(&format!("/nexus/ledger/proof/{id}"), 200).await.json();
        assert_eq!((&proof["log"], &proof["seq"]), (&place["log"], &place["seq"]));
    }
}

/// Every asset is in one of the states that its caller's knowledge allows, and its events say the same.
async fn assets(owner: &Client, told: &Arc<Mutex<Told>>) -> Result<(), String> {
    let ids: Vec<String> = told.lock().unwrap().assets.keys().cloned().collect();
    let reads = stream::iter(ids).map(|id| async move {
        let request = owner.request(Method::GET, &format!("/nexus/raw/{id}"));
        let answer = owner.try_send(request).await.unwrap();
        let body = if answer.status == 200 { answer.json() } else { Value::Null };
        (id, answer.status.as_u16(), body)
    });
    let found: Vec<(String, u16, Value)> = reads.buffer_unordered(CONCURRENCY).collect().await;
    let mut kept = BTreeMap::<(String, String), usize>::new();
    for event in owner.events("limit=500&surface=raw_storage&outcome=success").await {
        let name = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        *kept.entry((name("asset_id"), name("event_type"))).or_default() += 1;
    }
    let told = told.lock().unwrap();
    for (id, status, body) in found {
        let count = |kind: &str| kept.get(&(id.clone(), kind.to_owned())).copied().unwrap_or_default();
        let counts = [count("raw_asset_presigned"), count("raw_asset_registered"), count("raw_asset_deleted")];
        if !allowed(&told.assets[&id]).contains(&(status, counts)) {
            return Err(format!("{id} answers {status} with [presigned, registered, deleted] {counts:?}"));
        }
        if let (200, Some(asset)) = (status, &told.assets[&id].registered) {
            assert_eq!(body, *asset, "what was registered reads otherwise");
        }
    }
    Ok(())
}

/// The status of a read, and how many events there are of presigning, registering and deleting.
fn allowed(asset: &Asset) -> &'static [(u16, [usize; 3])] {
    const PRESIGNED: (u16, [usize; 3]) = (404, [1, 0, 0]);
    const REGISTERED: (u16, [usize; 3]) = (200, [1, 1, 0]);
    const DELETED: (u16, [usize; 3]) = (410, [1, 1, 1]);
    match asset {
        Asset { deleted: true, .. } => &[DELETED],
        Asset { delete_sent: true, .. } => &[REGISTERED, DELETED],
        Asset { registered: Some(_), .. } => &[REGISTERED],
        Asset { register_sent: true, .. } => &[PRESIGNED, REGISTERED],
        _ => &[PRESIGNED],
    }
}
