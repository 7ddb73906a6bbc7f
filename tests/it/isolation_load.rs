//! A hundred tenants in two environments each, under load: sixteen writers, sixteen readers, a live stream for every place. Nothing
//! crosses, nothing is missed, nothing comes twice, and every dashboard says what the events of its place say.
//!
//! [`isolation`](super::isolation) tries what callers may forge; this one shows that nothing slips between those who ask for their own.
//! Every place has a marker that nobody could guess, in all that it posts (threads, texts, providers, indicators, surfaces, switches);
//! each answer and each event of a stream is searched for the markers of all the others.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::{
    recount::{Counted, shown_and_counted},
    stream::{Block, Reading},
    support::{Claims, Client, Nexus, Setup},
};

const TENANTS: usize = 100;
const ENVS: [&str; 2] = ["dev", "prod"];
const WRITERS: u64 = 16;
const READERS: u64 = 16;
/// Posts of one writer; each is one to five events, every eighth a presigned upload beside.
const POSTS: usize = 40;
/// Begins every marker, so that one search finds all of them.
const MARK: &str = "kvqzkvqz";
const PATIENCE: Duration = Duration::from_secs(30);

/// One tenant's environment.
struct Place {
    tenant: String,
    env: &'static str,
    mark: String,
    client: Client,
    /// The ids of what was posted and acknowledged.
    posted: Mutex<BTreeSet<String>>,
    /// And of what its stream brought.
    streamed: Mutex<BTreeSet<String>>,
    /// Uploads that were presigned.
    presigned: AtomicUsize,
}

impl Place {
    /// Whatever it is: no other place's marker is in it.
    fn must_be_own(&self, text: &str) {
        for (at, _) in text.match_indices(MARK) {
            assert!(
                text[at..].starts_with(&self.mark),
                "{}/{} was shown {}",
                self.tenant,
                self.env,
                &text[at..at + 24]
            );
        }
    }

    fn must_be_own_event(&self, event: &Value) {
        assert_eq!((&event["tenant_id"], &event["env"]), (&json!(self.tenant), &json!(self.env)), "{event}");
        self.must_be_own(&event.to_string());
    }

    /// Something for a section of the dashboard.
    fn event(&self, random: &mut Rng) -> Value {
        let (mark, number) = (&self.mark, random.u32(..1000));
        let of = |surface: &str, event_type: &str, input: Value| json!({ "surface": surface, "event_type": event_type, "input": input });
        match random.u8(..8) {
            0 | 1 => of(
                "budget",
                "usage_recorded",
                json!({ "provider": mark, "model_or_plan_id": format!("{mark}-large"),
                "cost": format!("0.{number:03}"), "currency": (if random.bool() { "USD" } else { "EUR" }) }),
            ),
            2 => of("kpi", "kpi_measured", json!({ "kpi_name": mark, "value": number })),
            3 => of(
                "temperature",
                "temperature_snapshot_taken",
                json!({ "of_surface": mark, "value": number,
                "window_start": "2026-11-01T00:00:00Z", "window_end": "2026-11-01T01:00:00Z" }),
            ),
            4 => of(
                "kill_switch",
                "kill_switch_updated",
                json!({ "disable_providers": [mark], "disable_autonomy": random.bool() }),
            ),
            5 => json!({ "surface": "chat", "event_type": "message_posted", "outcome": "failure",
                "error_code": format!("model.{}", ["refused", "slow"][usize::from(random.bool())]), "input": { "thread_id": mark } }),
            _ => of(
                "chat",
                "message_posted",
                json!({ "thread_id": mark, "role": "user",
                "text": format!("{mark} says {number}: ask jane@example.com") }),
            ),
        }
    }

    async fn writes(&self, random: &mut Rng, number: usize) {
        let events: Vec<Value> = (0..random.usize(1..=5)).map(|_| self.event(random)).collect();
        let answer = self.client.post("/nexus/events", &json!({ "events": events }), 200).await;
        self.must_be_own(&answer.text());
        let answer = answer.json();
        for item in answer["items"].as_array().unwrap() {
            assert_eq!(item["status"], "accepted", "{item}");
            let log = item["ledger"]["log"].as_str().unwrap();
            assert!(log.starts_with(&format!("nexus/{}/{}/", self.tenant, self.env)), "{log}");
            assert!(self.posted.lock().unwrap().insert(item["event_id"].as_str().unwrap().to_owned()));
        }
        if number.is_multiple_of(8) {
            let form = self.client.presign(&json!({ "filename": format!("{}.txt", self.mark) })).await;
            let home = format!("tenants/{}/{}/raw/", self.tenant, self.env);
            assert!(form["key"].as_str().unwrap().starts_with(&home), "{form}");
            self.must_be_own(&form.to_string());
            self.presigned.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn reads(&self, random: &mut Rng) {
        if random.bool() {
            return self.looks(random).await;
        }
        let path = match random.u8(..3) {
            0 => "/nexus/events?limit=100".to_owned(),
            1 => format!(
                "/nexus/events?include_reads=true&limit=50&order={}",
                if random.bool() { "asc" } else { "desc" }
            ),
            _ => "/nexus/ledger/checkpoint".to_owned(),
        };
        let answer = self.client.get(&path, 200).await;
        self.must_be_own(&answer.text());
        for item in answer.json()["items"].as_array().unwrap() {
            match item["log"].as_str() {
                Some(log) => assert!(log.starts_with(&format!("nexus/{}/{}/", self.tenant, self.env)), "{log}"),
                None => self.must_be_own_event(item),
            }
        }
    }

    /// A dashboard, whole or in part, while it changes.
    async fn looks(&self, random: &mut Rng) {
        let path = ["", "/activity", "/budget", "/kpi", "/temperature", "/controls", "/storage", "/ledger"];
        let answer = self.client.get(&format!("/nexus/dashboard{}", random.choice(path).unwrap()), 200).await;
        self.must_be_own(&answer.text());
        let answer = answer.json();
        let section = if answer.get("as_of").is_some() { &answer } else { &answer["activity"] };
        for log in section["position"].as_array().unwrap() {
            let log = log["log"].as_str().unwrap();
            assert!(log.starts_with(&format!("nexus/{}/{}/", self.tenant, self.env)), "{log}");
        }
    }

    /// Follows its own events until everything that was posted has come.
    async fn follows(&self, mut stream: Reading, written: Arc<AtomicBool>) {
        let begun = Instant::now();
        loop {
            if written.load(Ordering::Acquire) && *self.streamed.lock().unwrap() == *self.posted.lock().unwrap() {
                return;
            }
            match stream.block().await.expect("the stream goes on") {
                Block::Event(event) => {
                    self.must_be_own_event(&event);
                    if !is_posted(&event) {
                        continue;
                    }
                    let id = event["event_id"].as_str().unwrap().to_owned();
                    assert!(self.streamed.lock().unwrap().insert(id), "twice: {event}");
                }
                // A heartbeat: time to look whether all is there.
                Block::Comment(_) => assert!(begun.elapsed() < 3 * PATIENCE, "something does not come"),
            }
        }
    }
}

/// What the writers post; the rest is what Nexus tells of requests.
fn is_posted(event: &Value) -> bool {
    ["budget", "kpi", "temperature", "kill_switch", "chat"].iter().any(|surface| event["surface"] == *surface)
}

fn places(nexus: &Nexus, random: &mut Rng) -> Vec<Arc<Place>> {
    let mut mark = || format!("{MARK}{}", (0..16).map(|_| random.lowercase()).collect::<String>());
    let mut places = Vec::new();
    for number in 0..TENANTS {
        let tenant = format!("t_load{number}");
        let token = nexus.token(&Claims::of(&tenant, "writer").with("sub", format!("u_load{number}")));
        for env in ENVS {
            places.push(Arc::new(Place {
                tenant: tenant.clone(),
                env,
                mark: mark(),
                client: nexus.bearer(&token).tenant(&tenant).env(env),
                posted: Mutex::default(),
                streamed: Mutex::default(),
                presigned: AtomicUsize::new(0),
            }));
        }
    }
    places
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_every_place_sees_all_of_its_own_and_nothing_else() {
    // A dashboard that is asked for right after the load is one of everything.
    let setup = Setup::new().env("NEXUS__VIEWS__READ_WAIT_MS", 10_000);
    let setup = setup.env("NEXUS__LIMITS__ENABLED", false).env("NEXUS__STREAM__HEARTBEAT_MS", 500);
    let nexus = setup.start().await;
    let places = Arc::new(places(&nexus, &mut Rng::with_seed(20_261_126)));
    let written = Arc::new(AtomicBool::new(false));
    let mut followers = Vec::new();
    for place in places.iter() {
        let stream = Reading::open(&place.client, "").await;
        let (place, written) = (Arc::clone(place), Arc::clone(&written));
        followers.push(tokio::spawn(async move { place.follows(stream, written).await }));
    }
    let readers: Vec<_> = (0..READERS)
        .map(|seed| {
            let (places, written) = (Arc::clone(&places), Arc::clone(&written));
            tokio::spawn(async move {
                let (mut random, mut reads) = (Rng::with_seed(seed), 0);
                while !written.load(Ordering::Acquire) {
                    random.choice(places.iter()).unwrap().reads(&mut random).await;
                    reads += 1;
                }
                reads
            })
        })
        .collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|seed| {
            let places = Arc::clone(&places);
            tokio::spawn(async move {
                let mut random = Rng::with_seed(1000 + seed);
                for number in 0..POSTS {
                    random.choice(places.iter()).unwrap().writes(&mut random, number).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    written.store(true, Ordering::Release);
    let mut reads = 0;
    for reader in readers {
        reads += reader.await.unwrap();
    }
    assert!(reads > 100, "{reads} reads beside the writes are too few to say");
    for follower in followers {
        tokio::time::timeout(PATIENCE, follower).await.expect("every stream brings all of its place's events").unwrap();
    }
    // What the ledger says of each place is what was acknowledged there, to the last one.
    let mut all = 0;
    for place in places.iter() {
        let mut events = place.client.events("limit=500").await;
        events.retain(is_posted);
        events.iter().for_each(|event| place.must_be_own_event(event));
        let kept: BTreeSet<String> =
            events.iter().map(|event| event["event_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(kept.len(), events.len(), "twice in {}/{}", place.tenant, place.env);
        assert_eq!(kept, *place.posted.lock().unwrap(), "{}/{}", place.tenant, place.env);
        let presigned = place.client.events("event_type=raw_asset_presigned&limit=500").await;
        assert_eq!(presigned.len(), place.presigned.load(Ordering::Relaxed));
        all += kept.len();
        let (dashboard, counted) = shown_and_counted(&place.client).await;
        place.must_be_own(&dashboard.to_string());
        assert!(counted.total >= kept.len() as u64, "{}/{}", place.tenant, place.env);
        assert_eq!(Counted::shown(&dashboard), counted, "{}/{}", place.tenant, place.env);
    }
    assert!(all > 1000, "{all} events are too few to say");
}
