//! The callers. Each goes on until nobody answers, and writes down every request before it is sent and every answer it gets.

use std::sync::{Arc, Mutex};

use rand::{RngExt, rngs::StdRng};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    support::{Answer, Client, Upload},
    told::{Posted, Told},
};

type Shared = Arc<Mutex<Told>>;

/// Events of one batch at most.
const BATCH: usize = 40;

/// The answer, if one came.
async fn answer(caller: &Client, told: &Shared, request: RequestBuilder) -> Option<Answer> {
    let answer = caller.try_send(request).await;
    if answer.is_err() {
        told.lock().unwrap().in_doubt += 1;
    }
    answer.ok()
}

/// Presigns, uploads, registers, sometimes twice at once, and sometimes deletes.
pub(crate) async fn handle_files(caller: Client, told: Shared, mut rng: StdRng) {
    while handle_file(&caller, &told, &mut rng).await.is_some() {}
}

async fn handle_file(caller: &Client, told: &Shared, rng: &mut StdRng) -> Option<()> {
    let request = caller.request(Method::POST, "/nexus/raw/presign-upload").json(&json!({ "filename": "a.txt" }));
    let presigned = expect(answer(caller, told, request).await?, &[201]).json();
    let id = presigned["asset_id"].as_str().unwrap().to_owned();
    told.lock().unwrap().assets.entry(id.clone()).or_default();
    let (status, text) = Upload::of(&presigned, &b"content"[..]).try_send().await.ok()?;
    assert_eq!(status, 204, "{text}");

    told.lock().unwrap().assets.get_mut(&id).unwrap().register_sent = true;
    let register = || {
        let claim = json!({ "asset_id": id, "filename": "a.txt", "metadata": { "of": "crash" } });
        answer(caller, told, caller.request(Method::POST, "/nexus/raw/register").json(&claim))
    };
    let answers = if rng.random_bool(0.3) {
        let (one, other) = tokio::join!(register(), register());
        vec![one, other]
    } else {
        vec![register().await]
    };
    let all_came = answers.iter().all(Option::is_some);
    let answers: Vec<Answer> = answers.into_iter().flatten().map(|answer| expect(answer, &[200, 201])).collect();
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(created <= 1 && (created == 1 || !all_came), "{created} of {} say created", answers.len());
    for answer in &answers {
        let asset = answer.json();
        let before = told.lock().unwrap().assets.get_mut(&id).unwrap().registered.replace(asset.clone());
        assert!(before.is_none_or(|before| before == asset), "two answers to one registration differ");
    }
    if !all_came {
        return None;
    }

    if rng.random_bool(0.3) {
        told.lock().unwrap().assets.get_mut(&id).unwrap().delete_sent = true;
        let request = caller.request(Method::DELETE, &format!("/nexus/raw/{id}"));
        expect(answer(caller, told, request).await?, &[204]);
        told.lock().unwrap().assets.get_mut(&id).unwrap().deleted = true;
    }
    Some(())
}

/// Posts batches of new events, of events posted before, and of some whose answer never came.
pub(crate) async fn post_events(caller: Client, told: Shared, mut rng: StdRng) {
    loop {
        let count = if rng.random_bool(0.5) { 1 } else { rng.random_range(2..BATCH) };
        let mut ids: Vec<String> = Vec::with_capacity(count);
        {
            let mut told = told.lock().unwrap();
            let known: Vec<String> = told.events.keys().cloned().collect();
            for _ in 0..count {
                if !known.is_empty() && rng.random_bool(0.2) {
                    ids.push(known[rng.random_range(0..known.len())].clone());
                    continue;
                }
                let id = uuid::Builder::from_random_bytes(rng.random()).into_uuid().to_string();
                let body = event(&id, rng.random_range(0..2000));
                told.events.insert(id.clone(), Posted { body, place: None });
                ids.push(id);
            }
        }
        if post(&caller, &told, &ids).await.is_none() {
            return;
        }
    }
}

fn event(id: &str, length: usize) -> Value {
    let text = format!("{id} {}", "x".repeat(length));
    let input = json!({ "thread_id": "th_crash", "role": "user", "text": text });
    json!({ "event_id": id, "surface": "chat", "event_type": "message_posted", "input": input })
}

/// Posts events of these ids as one batch, and writes down where they stand. What was acknowledged before must be a duplicate at
/// the same place. `None` when no answer came.
pub(crate) async fn post(caller: &Client, told: &Shared, ids: &[String]) -> Option<()> {
    let (events, places): (Vec<Value>, Vec<Option<Value>>) = {
        let told = told.lock().unwrap();
        ids.iter().map(|id| (told.events[id].body.clone(), told.events[id].place.clone())).unzip()
    };
    let request = caller.request(Method::POST, "/nexus/events").json(&json!({ "events": events }));
    let answer = expect(answer(caller, told, request).await?, &[200]).json();
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), ids.len());
    for ((id, before), item) in ids.iter().zip(places).zip(items) {
        assert_eq!(item["event_id"], id.as_str());
        let status = item["status"].as_str().unwrap();
        assert!(matches!(status, "accepted" | "duplicate"), "{item}");
        assert!(before.is_none() || status == "duplicate", "accepted twice: {item}, first at {before:?}");
        let place = item["ledger"].clone();
        let known = told.lock().unwrap().events.get_mut(id).unwrap().place.replace(place.clone());
        assert!(known.as_ref().is_none_or(|known| *known == place), "{id} stands at {known:?} and at {place}");
    }
    Some(())
}

fn expect(answer: Answer, statuses: &[u16]) -> Answer {
    assert!(statuses.contains(&answer.status.as_u16()), "{}: {}", answer.status, answer.text());
    answer
}
