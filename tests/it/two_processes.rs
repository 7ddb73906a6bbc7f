//! Two processes on one bucket: at most one of them registers an asset, whatever the timing.

use serde_json::{Value, json};

use crate::support::{Claims, Client, Nexus, Setup, Upload, stage::on_s3};

/// Given a second process with a data directory of its own, whose store is the first one's.
async fn pair() -> (Nexus, Nexus) {
    let first = Nexus::start().await;
    let keys = first.keys();
    let [key, secret] = ["s3_access_key", "s3_secret_key"].map(|name| keys[name].as_str().unwrap());
    let second = on_s3(Setup::new(), first.s3.as_ref().unwrap(), "nexus", key, secret).start().await;
    (first, second)
}

fn client(nexus: &Nexus, user: &str) -> Client {
    let claims = Claims::of("t_own", "writer").with("sub", user);
    nexus.bearer(&nexus.token(&claims)).tenant("t_own").env("dev")
}

async fn at_once(one: &Client, two: &Client, claims: [&Value; 2]) -> [(u16, Value); 2] {
    let send = |client: &Client, claim: &Value| {
        let request = client.request(reqwest::Method::POST, "/nexus/raw/register").json(claim);
        let client = client.clone();
        async move {
            let answer = client.try_send(request).await.unwrap();
            (answer.status.as_u16(), answer.json())
        }
    };
    let (one, two) = tokio::join!(send(one, claims[0]), send(two, claims[1]));
    [one, two]
}

#[tokio::test]
async fn exactly_one_of_two_processes_registers() {
    let (first, second) = pair().await;
    let (one, two) = (client(&first, "u_one"), client(&second, "u_two"));
    let mut winners = Vec::new();
    for round in 0..20 {
        let presigned = one.presign(&json!({ "filename": "a.txt" })).await;
        Upload::of(&presigned, &b"content"[..]).succeeds().await;
        let claim = json!({ "asset_id": presigned["asset_id"], "filename": "a.txt" });
        // Half of the rounds with one claim, half with two that contradict each other.
        let other = if round % 2 == 0 { claim.clone() } else { with_metadata(&claim) };
        let [(status_one, asset_one), (status_two, asset_two)] = at_once(&one, &two, [&claim, &other]).await;

        let loser = if round % 2 == 0 { 200 } else { 409 };
        let mut statuses = [status_one, status_two];
        statuses.sort_unstable();
        let mut expected = [201, loser];
        expected.sort_unstable();
        assert_eq!(statuses, expected, "round {round}: {asset_one} {asset_two}");
        let winner = if status_one == 201 { &asset_one } else { &asset_two };
        if loser == 200 {
            assert_eq!(asset_one, asset_two);
        }
        // Both see the winner's record, whoever asks.
        let path = format!("/nexus/raw/{}", winner["asset_id"].as_str().unwrap());
        assert_eq!(&one.get(&path, 200).await.json(), winner);
        assert_eq!(&two.get(&path, 200).await.json(), winner);
        winners.push(winner["created_by"].as_str().unwrap().to_owned());
    }
    // Each process keeps the events of what it did itself: together one registration an asset.
    let mut registered = one.events("event_type=raw_asset_registered&outcome=success").await;
    registered.extend(two.events("event_type=raw_asset_registered&outcome=success").await);
    assert_eq!(registered.len(), 20);
    let mut by: Vec<String> = registered.iter().map(|event| event["user_id"].as_str().unwrap().to_owned()).collect();
    by.sort_unstable();
    winners.sort_unstable();
    assert_eq!(by, winners);
}

fn with_metadata(claim: &Value) -> Value {
    let mut claim = claim.clone();
    claim["metadata"] = json!({ "from": "the other" });
    claim
}
