//! Effects whose event could not be kept when they happened: settled forward, once, by whoever starts next (law 4).

use std::{process::Command, time::Duration};

use nexus::raw_storage::intents::{Intents, Sweep};
use nexus_model::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    bucket::{Bucket, on_the_store_of},
    support::{Client, Nexus, Setup, Upload},
};

/// A store that outlives the server, and a server on it whose ledger can be made to fail while its intents cannot.
struct Scene {
    store: Nexus,
    data: TempDir,
    setup: Setup,
}

impl Scene {
    async fn new() -> Self {
        let store = Nexus::start().await;
        let data = TempDir::new().unwrap();
        let setup = on_the_store_of(&store).data_dir(data.path()).survive_file_size_limit();
        // Every append makes the file grow.
        let setup = setup.env("NEXUS__LEDGER__FILL_AHEAD_BYTES", 0);
        Self { store, data, setup }
    }

    async fn start(&self) -> Nexus {
        self.setup.clone().start().await
    }

    fn owner(&self, nexus: &Nexus) -> Client {
        nexus.client("t_own", "owner")
    }

    /// Given a ledger whose segment has grown past the file of intents, the next append to it fails: no file may grow beyond
    /// where the segment ends now. The ledger then goes on in a new segment, which is what makes it recover by itself.
    async fn next_append_fails(&self, nexus: &Nexus, writer: &Client) {
        let intents = std::fs::metadata(self.data.path().join("intents.redb")).unwrap().len();
        let event = json!({
            "surface": "chat", "event_type": "message_posted",
            "input": { "thread_id": "th_settle", "role": "user", "text": "x".repeat(200 << 10) },
        });
        while self.segment_bytes() < intents + 4096 {
            writer.post("/nexus/events", &event, 201).await;
        }
        let limit = format!("--fsize={}:", self.segment_bytes());
        let status = Command::new("prlimit").args(["--pid", &nexus.pid().to_string(), &limit]).status().unwrap();
        assert!(status.success());
    }

    /// How long the one segment is.
    fn segment_bytes(&self) -> u64 {
        let files = std::fs::read_dir(self.data.path().join("ledger/segments")).unwrap();
        files.map(|file| file.unwrap().metadata().unwrap().len()).max().unwrap()
    }
}

async fn uploaded(writer: &Client) -> (String, Value) {
    let presigned = writer.presign(&json!({ "filename": "Quokkaburra.txt" })).await;
    Upload::of(&presigned, &b"content"[..]).succeeds().await;
    let id = presigned["asset_id"].as_str().unwrap().to_owned();
    let claim = json!({ "asset_id": id, "filename": "Quokkaburra.txt", "metadata": { "of": "Wallabanger" } });
    (id, claim)
}

async fn delete(client: &Client, id: &str, status: u16) {
    client.send(client.request(Method::DELETE, &format!("/nexus/raw/{id}")), status).await;
}

async fn events(client: &Client, id: &str, kind: &str) -> Vec<Value> {
    client.events(&format!("asset_id={id}&event_type={kind}&outcome=success")).await
}

/// Then: once, and it stays at once; housekeeping comes by every second.
async fn settled_once(client: &Client, id: &str, kind: &str) -> Value {
    let mut found = Vec::new();
    for _ in 0..200 {
        let ready = client.try_send(client.request(Method::GET, "/readyz")).await.unwrap().status == 200;
        found = events(client, id, kind).await;
        if ready && !found.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(found.len(), 1, "{kind} of {id}");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(events(client, id, kind).await.len(), 1, "{kind} of {id}");
    found.remove(0)
}

#[tokio::test]
async fn a_registration_whose_event_was_not_kept_is_settled_by_the_next_start() {
    let scene = Scene::new().await;
    let mut nexus = scene.start().await;
    let owner = scene.owner(&nexus);
    let (id, claim) = uploaded(&owner).await;
    scene.next_append_fails(&nexus, &owner).await;
    owner.register(&claim, 503).await;
    nexus.kill();
    let record = format!("tenants/t_own/dev/assets/{id}.json");
    assert_eq!(Bucket::of(&scene.store).keys(&record).await.len(), 1, "the effect took place");

    let nexus = scene.start().await;
    let owner = scene.owner(&nexus);
    let event = settled_once(&owner, &id, "raw_asset_registered").await;
    assert_eq!((&event["user_id"], &event["output"]["size_bytes"]), (&json!("u_test"), &json!(7)));
    let asset = owner.get(&format!("/nexus/raw/{id}"), 200).await.json();
    // Whoever heard 503 and asks again hears what everyone hears.
    assert_eq!(owner.register(&claim, 200).await.json(), asset);
    assert_eq!(events(&owner, &id, "raw_asset_registered").await.len(), 1);
    let kept: Value = serde_json::from_slice(&Bucket::of(&scene.store).read(&record).await).unwrap();
    assert_eq!(kept["event_id"], event["event_id"], "the record and the event name each other");
}

#[tokio::test]
async fn a_registration_is_settled_without_a_restart_and_a_retry_hears_the_same() {
    let scene = Scene::new().await;
    let nexus = scene.start().await;
    let owner = scene.owner(&nexus);
    let (id, claim) = uploaded(&owner).await;
    scene.next_append_fails(&nexus, &owner).await;
    owner.register(&claim, 503).await;
    let mut answers = Vec::new();
    for _ in 0..200 {
        let request = owner.request(Method::POST, "/nexus/raw/register").json(&claim);
        let answer = owner.try_send(request).await.unwrap();
        match answer.status.as_u16() {
            200 | 201 => answers.push((answer.status.as_u16(), answer.json())),
            503 => {}
            other => panic!("{other}: {}", answer.text()),
        }
        if answers.len() == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(answers.len(), 3);
    let asset = owner.get(&format!("/nexus/raw/{id}"), 200).await.json();
    assert!(answers.iter().all(|(status, body)| *status == 200 && *body == asset), "{answers:?}");
    settled_once(&owner, &id, "raw_asset_registered").await;
}

#[tokio::test]
async fn a_registration_that_another_process_deleted_meanwhile_is_still_told_of() {
    let scene = Scene::new().await;
    let mut nexus = scene.start().await;
    let owner = scene.owner(&nexus);
    let (id, claim) = uploaded(&owner).await;
    scene.next_append_fails(&nexus, &owner).await;
    owner.register(&claim, 503).await;
    nexus.kill();
    delete(&scene.owner(&scene.store), &id, 204).await;

    let nexus = scene.start().await;
    let owner = scene.owner(&nexus);
    settled_once(&owner, &id, "raw_asset_registered").await;
    owner.get(&format!("/nexus/raw/{id}"), 410).await.is("asset.deleted");
    assert_eq!(events(&scene.owner(&scene.store), &id, "raw_asset_deleted").await.len(), 1);
}

#[tokio::test]
async fn a_deletion_whose_event_was_not_kept_is_settled_and_leaves_a_bare_tombstone() {
    let scene = Scene::new().await;
    let mut nexus = scene.start().await;
    let owner = scene.owner(&nexus);
    let (id, claim) = uploaded(&owner).await;
    owner.register(&claim, 201).await;
    scene.next_append_fails(&nexus, &owner).await;
    delete(&owner, &id, 503).await;
    nexus.kill();

    let nexus = scene.start().await;
    let owner = scene.owner(&nexus);
    let event = settled_once(&owner, &id, "raw_asset_deleted").await;
    owner.get(&format!("/nexus/raw/{id}"), 410).await.is("asset.deleted");
    owner.get(&format!("/nexus/raw/{id}/download"), 410).await.is("asset.deleted");
    owner.register(&claim, 410).await.is("asset.deleted");
    delete(&owner, &id, 410).await;
    let bucket = Bucket::of(&scene.store);
    assert!(bucket.keys(&format!("tenants/t_own/dev/raw/{id}/")).await.is_empty(), "the object is gone");
    let tombstone = bucket.read(&format!("tenants/t_own/dev/assets/{id}.json")).await;
    let text = String::from_utf8(tombstone).unwrap();
    assert!(!text.contains("Quokkaburra") && !text.contains("Wallabanger"), "{text}");
    let tombstone: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&tombstone["state"], &tombstone["event_id"]), (&json!("deleted"), &event["event_id"]));
}

/// A form outlives its asset: what it puts there after the deletion is removed as well, once no form is taken any more.
#[tokio::test]
async fn what_is_uploaded_after_a_deletion_does_not_stay() {
    let data = TempDir::new().unwrap();
    let store = Nexus::start().await;
    let setup = on_the_store_of(&store).data_dir(data.path());
    let mut nexus = setup.clone().start().await;
    let owner = nexus.client("t_own", "owner");
    let presigned = owner.presign(&json!({ "filename": "Quokkaburra.txt" })).await;
    Upload::of(&presigned, &b"content"[..]).succeeds().await;
    let id = presigned["asset_id"].as_str().unwrap();
    owner.register(&json!({ "asset_id": id, "filename": "Quokkaburra.txt" }), 201).await;
    delete(&owner, id, 204).await;
    Upload::of(&presigned, &b"again"[..]).succeeds().await;
    let there = async || Bucket::of(&store).keys(presigned["key"].as_str().unwrap()).await.len();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(there().await, 1, "others may still come, so its time has not");
    nexus.signal("TERM");
    nexus.exit().await;

    // When the two hours are over, told by the file that remembers.
    let intents = Intents::open(&data.path().join("intents.redb")).unwrap();
    let late: Timestamp = "9999-01-01T00:00:00Z".parse().unwrap();
    let found = intents.due(late, 10).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    intents.swept(&found[0]).await.unwrap();
    let now_due = Sweep { not_before: "2026-01-01T00:00:00Z".parse().unwrap(), ..found[0].clone() };
    intents.done(now_due.event_id, Some(now_due)).await.unwrap();
    drop(intents);
    let nexus = setup.start().await;
    for _ in 0..200 {
        if there().await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(there().await, 0);
    let owner = nexus.client("t_own", "owner");
    assert_eq!(settled_once(&owner, id, "raw_asset_deleted").await["output"]["size_bytes"], 7);
    owner.get(&format!("/nexus/raw/{id}"), 410).await.is("asset.deleted");
}
