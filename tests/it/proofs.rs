//! Proofs over HTTP, checked by a script written from the RFCs and the C2SP texts that shares no code with us.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{Client, Nexus, Setup, tools::tool};

const OLD_KEY: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const NEW_KEY: &str = "2222222222222222222222222222222222222222222222222222222222222222";

/// What the script says of these answers: what it checked, or why they do not hold. `None` without Python.
fn check(answers: &Value) -> Option<Result<Value, String>> {
    let python = tool("NEXUS_TEST_PYTHON")?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/python/check_proofs.py");
    let mut process = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("start Python");
    process.stdin.take().unwrap().write_all(answers.to_string().as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        return Some(Ok(serde_json::from_slice(&output.stdout).unwrap()));
    }
    assert!(why.starts_with("does not hold: "), "the script failed by itself: {why}");
    Some(Err(why))
}

async fn post(writer: &Client, text: &str) -> (String, Value) {
    let event = json!({
        "surface": "chat", "event_type": "message_posted",
        "input": { "thread_id": "th_proofs", "role": "user", "text": text },
    });
    let answer = writer.post("/nexus/events", &event, 201).await.json();
    (answer["event_id"].as_str().unwrap().to_owned(), answer["ledger"].clone())
}

async fn proof(reader: &Client, id: &str) -> Value {
    reader.get(&format!("/nexus/ledger/proof/{id}"), 200).await.json()
}

/// The heads of the tenant's logs: `{log, size, checkpoint}` each.
async fn heads(reader: &Client) -> Vec<Value> {
    reader.get("/nexus/ledger/checkpoint", 200).await.json()["items"].as_array().unwrap().clone()
}

/// That the log grew from one head to the other, for the script.
async fn growth(reader: &Client, older: &Value, newer: &Value) -> Value {
    let (log, from, to) = (older["log"].as_str().unwrap(), &older["size"], &newer["size"]);
    let mut answer = reader.get(&format!("/nexus/ledger/consistency?log={log}&from={from}&to={to}"), 200).await.json();
    assert_eq!((&answer["log"], &answer["from"], &answer["to"]), (&older["log"], from, to));
    answer["older"] = older["checkpoint"].clone();
    answer["newer"] = newer["checkpoint"].clone();
    answer
}

async fn vkeys(nexus: &Nexus) -> String {
    let answer = nexus.anonymous().get("/.well-known/nexus-ledger-key", 200).await;
    assert!(answer.header("content-type").starts_with("text/plain"));
    answer.text()
}

#[tokio::test]
async fn every_proof_holds_for_those_who_only_know_the_rfcs() {
    let nexus = Nexus::start().await;
    let writer = nexus.client("t_own", "writer");
    let (mut inclusions, mut roots) = (Vec::new(), Vec::new());
    for n in 0..24 {
        // Asked for at once: an event that was acknowledged a moment ago can be proved.
        let (id, place) = post(&writer, &format!("näive “text” number {n}\u{1}")).await;
        let proof = proof(&writer, &id).await;
        assert_eq!(
            (&proof["log"], &proof["seq"], &proof["leaf_hash"]),
            (&place["log"], &place["seq"], &place["leaf_hash"])
        );
        inclusions.push(proof);
        roots.push(heads(&writer).await.remove(0));
    }
    // Old ones under the newest head too.
    for older in inclusions.clone().iter().step_by(5) {
        let leaf: Value = serde_json::from_slice(&base64(older["leaf"].as_str().unwrap())).unwrap();
        inclusions.push(proof(&writer, leaf["event_id"].as_str().unwrap()).await);
    }
    let mut consistencies = Vec::new();
    for (older, newer) in [(0, 1), (0, 23), (3, 4), (7, 8), (5, 17), (22, 23), (9, 9)] {
        consistencies.push(growth(&writer, &roots[older], &roots[newer]).await);
    }
    let checkpoints: Vec<&Value> = roots.iter().map(|head| &head["checkpoint"]).collect();
    let good = json!({
        "vkeys": vkeys(&nexus).await, "checkpoints": checkpoints, "inclusions": inclusions, "consistencies": consistencies,
    });
    let Some(said) = check(&good) else { return };
    let said = said.unwrap_or_else(|why| panic!("{why}"));
    assert_eq!((&said["inclusions"], &said["consistencies"]), (&json!(29), &json!(7)), "{said}");
    each_lie_is_found(&good, &vkeys(&Nexus::start().await).await);
}

fn base64(text: &str) -> Vec<u8> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    BASE64_STANDARD.decode(text).unwrap()
}

/// The script is worth something only if it finds what does not hold.
fn each_lie_is_found(good: &Value, other_vkeys: &str) {
    type Lie<'a> = (&'a str, Box<dyn Fn(&mut Value) + 'a>);
    let lies: Vec<Lie<'_>> = vec![
        ("another key", Box::new(|all| all["vkeys"] = json!(other_vkeys))),
        (
            "another size",
            Box::new(|all| {
                let size = all["inclusions"][9]["tree_size"].as_u64().unwrap();
                all["inclusions"][9]["tree_size"] = json!(size - 1);
            }),
        ),
        (
            "another seq",
            Box::new(|all| {
                let seq = all["inclusions"][9]["seq"].as_u64().unwrap();
                all["inclusions"][9]["seq"] = json!(seq - 1);
            }),
        ),
        (
            "a leaf of another proof",
            Box::new(|all| all["inclusions"][9]["leaf"] = all["inclusions"][8]["leaf"].clone()),
        ),
        ("a path too short", Box::new(|all| drop(all["inclusions"][9]["hashes"].as_array_mut().unwrap().pop()))),
        (
            "a path of another proof",
            Box::new(|all| all["inclusions"][9]["hashes"] = all["inclusions"][10]["hashes"].clone()),
        ),
        (
            "a changed checkpoint",
            Box::new(|all| {
                let text = all["checkpoints"][3].as_str().unwrap().replacen("\n", "x\n", 1);
                all["checkpoints"][3] = json!(text);
            }),
        ),
        (
            "no consistency",
            Box::new(|all| all["consistencies"][4]["hashes"] = all["consistencies"][1]["hashes"].clone()),
        ),
        (
            "another older head",
            Box::new(|all| {
                all["consistencies"][4]["older"] = all["checkpoints"][2].clone();
            }),
        ),
    ];
    for (lie, tell) in lies {
        let mut all = good.clone();
        tell(&mut all);
        assert!(check(&all).unwrap().is_err(), "{lie} is believed");
    }
}

#[tokio::test]
async fn another_tenants_log_is_not_there() {
    let nexus = Nexus::start().await;
    let (writer, other) = (nexus.client("t_own", "writer"), nexus.client("t_else", "owner"));
    let (id, place) = post(&writer, "mine").await;
    post(&other, "theirs").await;
    other.get(&format!("/nexus/ledger/proof/{id}"), 404).await.is("event.unknown");
    writer.clone().env("prod").get(&format!("/nexus/ledger/proof/{id}"), 404).await.is("event.unknown");
    let log = place["log"].as_str().unwrap();
    let foreign = other.get(&format!("/nexus/ledger/consistency?log={log}&from=0&to=1"), 400).await;
    foreign.is("query.invalid");
    let unknown = other.get("/nexus/ledger/consistency?log=nexus/t_none/dev/0000000000000000&from=0&to=1", 400).await;
    assert_eq!(foreign.json()["detail"], unknown.json()["detail"], "nothing tells one from the other");
    assert!(heads(&other).await.iter().all(|head| head["log"].as_str().unwrap().starts_with("nexus/t_else/dev/")));
    // What means nothing is refused: sizes the wrong way round, or beyond the log.
    for (from, to) in [(1, 0), (0, 1_000_000)] {
        let path = format!("/nexus/ledger/consistency?log={log}&from={from}&to={to}");
        writer.get(&path, 400).await.is("query.invalid");
    }
    for bad in ["", "?log=x", "?log=x&from=0", "?log=x&from=-1&to=1", "?log=x&from=0&to=1&limit=1"] {
        writer.get(&format!("/nexus/ledger/consistency{bad}"), 400).await.is("query.invalid");
    }
    nexus.client("t_own", "reader").get(&format!("/nexus/ledger/proof/{id}"), 200).await;
}

async fn stop(nexus: &mut Nexus) {
    nexus.signal("TERM");
    assert!(nexus.exit().await.success(), "{}", nexus.log());
}

async fn rotations(reader: &Client, expected: usize) -> Vec<Value> {
    for _ in 0..100 {
        let found = reader.events("event_type=ledger_key_rotated&order=asc").await;
        if found.len() >= expected {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no event tells of the change");
}

#[tokio::test]
async fn a_rotated_key_is_told_of_once_and_the_old_one_still_verifies() {
    let data = tempfile::tempdir().unwrap();
    let with = |key: &str| Setup::new().data_dir(data.path()).env("NEXUS__LEDGER__SIGNING_KEY", key);
    let mut nexus = with(OLD_KEY).start().await;
    let (writer, other) = (nexus.client("t_own", "writer"), nexus.client("t_else", "writer"));
    let (first, _) = post(&writer, "under the old key").await;
    post(&other, "under the old key").await;
    let (old_vkeys, older) = (vkeys(&nexus).await, heads(&writer).await.remove(0));
    assert_eq!(old_vkeys.lines().count(), 1);
    let posted = json!({
        "event_id": "0198c2a4-b5c6-7890-abcd-ef0123456789", "surface": "chat", "event_type": "message_posted",
        "input": { "thread_id": "th_proofs", "role": "user", "text": "twice" },
    });
    writer.post("/nexus/events", &posted, 201).await;
    stop(&mut nexus).await;

    // Signed with both while the old one is named.
    let mut nexus = with(NEW_KEY).env("NEXUS__LEDGER__PREVIOUS_SIGNING_KEY", OLD_KEY).start().await;
    let (writer, other) = (nexus.client("t_own", "writer"), nexus.client("t_else", "writer"));
    let new_vkeys = vkeys(&nexus).await;
    assert_eq!(new_vkeys.lines().count(), 2);
    assert!(new_vkeys.ends_with(&old_vkeys) && new_vkeys != old_vkeys, "newest first: {new_vkeys}");
    for client in [&writer, &other] {
        let told = rotations(client, 1).await;
        assert_eq!(told.len(), 1);
        let lines: Vec<&str> = new_vkeys.lines().collect();
        assert_eq!((&told[0]["input"]["from"], &told[0]["input"]["to"]), (&json!(lines[1]), &json!(lines[0])));
    }
    let (both, inclusion) = (heads(&writer).await.remove(0), proof(&writer, &first).await);
    let grown = growth(&writer, &older, &both).await;
    // What is the same stays the same under another key.
    writer.post("/nexus/events", &posted, 200).await;
    stop(&mut nexus).await;

    // A restart tells nothing twice, with the old key named or not.
    let mut nexus = with(NEW_KEY).start().await;
    let writer = nexus.client("t_own", "writer");
    post(&writer, "under the new key alone").await;
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    assert_eq!(rotations(&writer, 1).await.len(), 1);
    let newer = heads(&writer).await.remove(0);
    assert_eq!(vkeys(&nexus).await, new_vkeys);
    let grown_again = growth(&writer, &both, &newer).await;
    stop(&mut nexus).await;
    let verified = with(NEW_KEY).run(&["verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));

    let all = json!({
        "vkeys": new_vkeys, "checkpoints": [older["checkpoint"], both["checkpoint"], newer["checkpoint"]],
        "inclusions": [inclusion], "consistencies": [grown, grown_again],
    });
    let Some(said) = check(&all) else { return };
    assert_eq!(said.unwrap()["signatures"], json!([1, 2, 1]));
    // Whoever knows the old key alone can follow as far as it signed.
    let old = json!({ "vkeys": old_vkeys, "checkpoints": [older["checkpoint"], both["checkpoint"]], "inclusions": [inclusion] });
    check(&old).unwrap().unwrap();
    let beyond = json!({ "vkeys": old_vkeys, "checkpoints": [newer["checkpoint"]] });
    assert!(check(&beyond).unwrap().is_err());
}
