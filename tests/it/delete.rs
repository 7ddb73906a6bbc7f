//! Deletion: the record becomes a tombstone, then the object goes, and nothing brings it back.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Stage, Upload, stage::on_both_stores};

on_both_stores!(
    what_is_deleted_is_gone,
    only_what_is_there_can_be_deleted,
    a_deleted_asset_is_not_listed,
    deleting_at_once_deletes_once
);

async fn registered(writer: &Client) -> (Value, String) {
    let presigned = writer.presign(&json!({ "filename": "Quokkaburra.txt", "content_type": "text/plain" })).await;
    Upload::of(&presigned, &b"content"[..]).succeeds().await;
    let claim = json!({ "asset_id": presigned["asset_id"], "filename": "Quokkaburra.txt" });
    writer.register(&claim, 201).await;
    let id = presigned["asset_id"].as_str().unwrap().to_owned();
    (presigned, id)
}

async fn delete(client: &Client, id: &str, status: u16) -> Answer {
    client.send(client.request(Method::DELETE, &format!("/nexus/raw/{id}")), status).await
}

async fn what_is_deleted_is_gone(stage: Stage) {
    let owner = stage.client("t_own", "owner");
    let (presigned, id) = registered(&owner).await;
    let download = owner.get(&format!("/nexus/raw/{id}/download"), 200).await.json();
    delete(&stage.client("t_own", "writer"), &id, 403).await.is("role.forbidden");
    owner.get(&format!("/nexus/raw/{id}"), 200).await;

    let answer = delete(&stage.client("t_own", "admin"), &id, 204).await;
    assert!(answer.body.is_empty());
    let claim = json!({ "asset_id": id, "filename": "Quokkaburra.txt" });
    owner.get(&format!("/nexus/raw/{id}"), 410).await.is("asset.deleted");
    owner.get(&format!("/nexus/raw/{id}/download"), 410).await.is("asset.deleted");
    owner.register(&claim, 410).await.is("asset.deleted");
    // A URL that was handed out before opens nothing any more.
    let file = reqwest::get(download["url"].as_str().unwrap()).await.unwrap();
    assert_eq!(file.status(), 404);
    // Nor does a form that is still valid bring the asset back.
    Upload::of(&presigned, &b"content"[..]).succeeds().await;
    owner.register(&claim, 410).await.is("asset.deleted");
    owner.get(&format!("/nexus/raw/{id}"), 410).await.is("asset.deleted");

    let events = owner.events(&format!("asset_id={id}&event_type=raw_asset_deleted&outcome=success")).await;
    assert_eq!(events.len(), 1);
    assert!(!events[0].to_string().contains("Quokkaburra"), "{}", events[0]);
}

async fn only_what_is_there_can_be_deleted(stage: Stage) {
    let owner = stage.client("t_own", "owner");
    delete(&owner, "nobody", 404).await.is("asset.unknown");
    let (_, id) = registered(&owner).await;
    delete(&owner.clone().env("prod"), &id, 404).await.is("asset.unknown");
    delete(&stage.client("t_else", "owner"), &id, 404).await.is("asset.unknown");
    owner.get(&format!("/nexus/raw/{id}"), 200).await;
    // What was uploaded but never registered is no asset yet.
    let presigned = owner.presign(&json!({ "filename": "a.txt" })).await;
    Upload::of(&presigned, &b"content"[..]).succeeds().await;
    delete(&owner, presigned["asset_id"].as_str().unwrap(), 404).await.is("asset.unknown");
}

async fn a_deleted_asset_is_not_listed(stage: Stage) {
    let owner = stage.client("t_own", "owner");
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(registered(&owner).await.1);
    }
    for id in [&ids[0], &ids[3]] {
        delete(&owner, id, 204).await;
    }
    let left: Vec<String> = [4, 2, 1].map(|index: usize| ids[index].clone()).into();
    for limit in [1, 2, 50] {
        let listed = owner.walk("/nexus/raw", &format!("limit={limit}")).await;
        let listed: Vec<&str> = listed.iter().map(|asset| asset["asset_id"].as_str().unwrap()).collect();
        assert_eq!(listed, left, "newest first, pages of {limit}");
    }
    let oldest_first = owner.walk("/nexus/raw", "order=asc").await;
    assert_eq!(oldest_first[0]["asset_id"], ids[1]);
}

async fn deleting_at_once_deletes_once(stage: Stage) {
    let owner = stage.client("t_own", "owner");
    let (_, id) = registered(&owner).await;
    let at_once = (0..8).map(|_| {
        let owner = owner.clone();
        let request = owner.request(Method::DELETE, &format!("/nexus/raw/{id}"));
        async move { owner.try_send(request).await.unwrap().status.as_u16() }
    });
    let statuses = futures::future::join_all(at_once).await;
    assert!(statuses.contains(&204) && statuses.iter().all(|status| [204, 410].contains(status)), "{statuses:?}");
    delete(&owner, &id, 410).await.is("asset.deleted");
}
