//! The storage quota, and uploads that nobody registers.

use serde_json::{Value, json};

use crate::support::{
    Client, Nexus, Setup, Upload,
    history::{self, Past, hours_ago},
};

const PRESIGN: &str = "/nexus/raw/presign-upload";

fn of(size: u64) -> Value {
    json!({ "filename": "a.bin", "size_bytes": size })
}

async fn upload(client: &Client, size: usize) -> String {
    let presigned = client.presign(&of(size as u64)).await;
    Upload::of(&presigned, vec![7; size]).succeeds().await;
    let id = presigned["asset_id"].as_str().unwrap().to_owned();
    client.register(&json!({ "asset_id": id, "filename": "a.bin" }), 201).await;
    id
}

#[tokio::test]
async fn a_tenant_stores_no_more_than_its_quota() {
    let nexus =
        Setup::new().env("NEXUS__QUOTA__MAX_BYTES", 100).env("NEXUS__QUOTA__TENANTS", "{t_large=1000}").start().await;
    let owner = nexus.client("t_own", "owner");
    let asset = upload(&owner, 60).await;
    owner.presign(&of(30)).await;
    let refused = owner.clone().header("x-request-id", "over-quota");
    let problem = refused.post(PRESIGN, &of(11), 403).await.is("quota.exceeded");
    assert!(problem["detail"].as_str().unwrap().contains("100 bytes, and 90 are"), "{problem}");
    let events = owner.events("request_id=over-quota").await;
    assert_eq!((&events[0]["outcome"], &events[0]["error_code"]), (&json!("failure"), &json!("quota.exceeded")));

    // Without a size the form admits what is left.
    assert_eq!(owner.presign(&json!({ "filename": "a.bin" })).await["max_bytes"], 10);
    // Environments share the quota; tenants do not.
    owner.clone().env("prod").post(PRESIGN, &of(11), 403).await.is("quota.exceeded");
    nexus.client("t_other", "owner").presign(&of(100)).await;
    nexus.client("t_large", "owner").presign(&of(1000)).await;
    nexus.client("t_large", "owner").post(PRESIGN, &json!({ "filename": "a.bin" }), 403).await.is("quota.exceeded");

    owner.clone().env("prod").presign(&of(10)).await;
    owner.post(PRESIGN, &of(1), 403).await.is("quota.exceeded");
    owner.send(owner.request(reqwest::Method::DELETE, &format!("/nexus/raw/{asset}")), 204).await;
    owner.presign(&of(60)).await;
    owner.post(PRESIGN, &of(1), 403).await.is("quota.exceeded");
}

#[tokio::test]
async fn requests_at_once_cannot_pass_the_quota_together() {
    let data = tempfile::tempdir().unwrap();
    let setup = Setup::new().data_dir(data.path()).env("NEXUS__QUOTA__MAX_BYTES", 1000);
    let mut nexus = setup.clone().start().await;
    for round in 0..5 {
        let writer = nexus.client(["t_a", "t_b", "t_c", "t_d", "t_e"][round], "writer");
        let asked = (0..40).map(|_| {
            let writer = writer.clone();
            tokio::spawn(async move {
                let request = writer.request(reqwest::Method::POST, PRESIGN).json(&of(100));
                writer.try_send(request).await.unwrap().status.as_u16()
            })
        });
        let mut admitted = 0;
        for answer in asked.collect::<Vec<_>>() {
            let status = answer.await.unwrap();
            assert!(status == 201 || status == 403, "{status}");
            admitted += usize::from(status == 201);
        }
        assert_eq!(admitted, 10, "ten of a hundred bytes are a thousand");
    }
    nexus.kill();
    let nexus = setup.start().await;
    nexus.client("t_a", "writer").post(PRESIGN, &of(1), 403).await.is("quota.exceeded");
}

async fn abandoned(owner: &Client) -> Vec<Value> {
    owner.events("event_type=raw_asset_abandoned&order=asc").await
}

/// Given uploads presigned in the past, then those that expired longer ago than the grace and have no record are given up, once.
#[tokio::test]
async fn an_upload_that_nobody_registers_is_given_up_once() {
    let data = tempfile::tempdir().unwrap();
    let presigned = |hours: i64| {
        let mut past = Past::new("raw_storage", "raw_asset_presigned", json!({ "size_bytes": 9 }), hours_ago(hours));
        past.asset_id = Some(uuid::Uuid::now_v7().to_string());
        past.output = json!({ "expires_at": hours_ago(hours).to_string(), "max_bytes": 9 });
        past
    };
    let (old, recent) = (presigned(3), presigned(1));
    let mut done = presigned(3);
    let mut registered = Past::new("raw_storage", "raw_asset_registered", json!({}), hours_ago(3));
    registered.asset_id.clone_from(&done.asset_id);
    registered.output = json!({ "size_bytes": 9 });
    done.at = hours_ago(4);
    history::append(data.path(), &[old.clone(), recent, done, registered]).await;

    let setup = Setup::new().data_dir(data.path()).env("NEXUS__STORAGE__ABANDON_GRACE_SECONDS", 2 * 3600);
    for _start in 0..2 {
        let mut nexus = setup.clone().start().await;
        let owner = nexus.client("t_own", "owner");
        while abandoned(&owner).await.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        // Two more rounds of housekeeping.
        tokio::time::sleep(std::time::Duration::from_millis(2200)).await;
        let told = abandoned(&owner).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["asset_id"].as_str(), old.asset_id.as_deref());
        assert_eq!(told[0]["input"]["size_bytes"], 9);
        let storage = owner.get("/nexus/dashboard/storage", 200).await.json();
        let counts = ["abandoned", "expired", "pending", "assets"].map(|name| storage[name].as_u64().unwrap());
        assert_eq!(counts, [1, 1, 0, 1], "{storage}");
        nexus.signal("TERM");
        nexus.exit().await;
        // What the read-models know is forgotten: the event's id alone keeps it from being told again.
        std::fs::remove_dir_all(data.path().join("ledger/views")).unwrap();
    }
}

/// An asset that another replica registered is in the bucket, and not in this ledger.
#[tokio::test]
async fn an_asset_registered_elsewhere_is_not_given_up() {
    let data = tempfile::tempdir().unwrap();
    let setup = Setup::new().data_dir(data.path()).env("NEXUS__STORAGE__ABANDON_GRACE_SECONDS", 0);
    let mut nexus = setup.clone().start().await;
    let asset = upload(&nexus.client("t_own", "owner"), 5).await;
    nexus.signal("TERM");
    nexus.exit().await;
    // The ledger of a replica that presigned the upload and never heard of the rest.
    std::fs::remove_dir_all(data.path().join("ledger")).unwrap();
    let lost = [Some(asset), Some(uuid::Uuid::now_v7().to_string())].map(|asset_id| {
        let mut past = Past::new("raw_storage", "raw_asset_presigned", json!({}), hours_ago(2));
        past.asset_id = asset_id;
        past.output = json!({ "expires_at": hours_ago(1).to_string(), "max_bytes": 9 });
        past
    });
    history::append(data.path(), &lost).await;
    let nexus: Nexus = setup.start().await;
    let owner = nexus.client("t_own", "owner");
    while abandoned(&owner).await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(2200)).await;
    let told = abandoned(&owner).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["asset_id"].as_str(), lost[1].asset_id.as_deref());
}
