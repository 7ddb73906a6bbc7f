//! Fifty tenants in two environments each, sixteen callers at once, whatever they ask and forge: no byte of one place in an
//! answer to another.
//!
//! Every place has a marker that nobody could guess, and puts it wherever it may: file names, metadata, request ids, its
//! tenant's name. Each answer, headers included, is searched for the markers of all the others.

use std::sync::{Arc, Mutex};

use base64::{Engine, prelude::BASE64_STANDARD};
use fastrand::Rng;
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Claims, Client, Nexus, Setup, Upload};

const TENANTS: usize = 50;
const ENVS: [&str; 2] = ["dev", "prod"];
const CALLERS: u64 = 16;
const STEPS: usize = 50;
/// Begins every marker, so that one search finds all of them; long enough to stand in no digest by chance.
const MARK: &str = "zqjxzqjx";

/// One tenant's environment, and what its callers have learnt there, which the others then try.
struct Place {
    tenant: String,
    env: &'static str,
    /// Of the tenant, and of this environment of it.
    marks: [String; 2],
    client: Client,
    learnt: Mutex<Learnt>,
}

#[derive(Clone, Default)]
struct Learnt {
    assets: Vec<String>,
    unregistered: Vec<String>,
    events: Vec<String>,
    traces: Vec<String>,
    logs: Vec<String>,
    cursors: Vec<String>,
}

fn places(nexus: &Nexus, random: &mut Rng) -> Vec<Place> {
    let mut mark = || format!("{MARK}{}", (0..16).map(|_| random.lowercase()).collect::<String>());
    let mut places = Vec::new();
    for _ in 0..TENANTS {
        let own = mark();
        let tenant = format!("t_{own}");
        let token = nexus.token(&Claims::of(&tenant, "owner").with("sub", format!("u_{own}")));
        for env in ENVS {
            let marks = [own.clone(), mark()];
            let client = nexus.bearer(&token).tenant(&tenant).env(env).header("x-request-id", &marks[1]);
            places.push(Place { tenant: tenant.clone(), env, marks, client, learnt: Mutex::default() });
        }
    }
    places
}

impl Place {
    /// Every marker in the answer is one of this place.
    fn owns(&self, answer: &Answer) {
        let mut text = answer.text();
        for (name, value) in &answer.headers {
            text.push_str(&format!("\n{name}: {}", String::from_utf8_lossy(value.as_bytes())));
        }
        if let Some(leaf) = answer.json_if_any()["leaf"].as_str() {
            text.push_str(&String::from_utf8(BASE64_STANDARD.decode(leaf).unwrap()).unwrap());
        }
        for (at, _) in text.match_indices(MARK) {
            let found = &text[at..(at + MARK.len() + 16).min(text.len())];
            assert!(self.marks.iter().any(|own| own == found), "{} {}: {found} in {text}", self.tenant, self.env);
        }
    }

    async fn call(&self, method: Method, path: &str, body: Option<serde_json::Value>) -> Answer {
        self.call_as(&self.client, method, path, body).await
    }

    async fn call_as(&self, client: &Client, method: Method, path: &str, body: Option<serde_json::Value>) -> Answer {
        let request = client.request(method, path);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let answer = client.try_send(request).await.unwrap();
        assert!(!answer.status.is_server_error(), "{}", answer.text());
        self.owns(&answer);
        answer
    }

    fn knows(&self) -> Learnt {
        self.learnt.lock().unwrap().clone()
    }

    /// Uploads something and, mostly, registers it.
    async fn writes(&self, random: &mut Rng) {
        let [tenant, env] = &self.marks;
        let metadata = json!({ "note": env, tenant.as_str(): tenant });
        let presign = json!({ "filename": format!("{env}.txt"), "metadata": metadata });
        let answer = self.call(Method::POST, "/nexus/raw/presign-upload", Some(presign)).await;
        assert_eq!(answer.status, 201);
        let presigned = answer.json();
        let id = presigned["asset_id"].as_str().unwrap().to_owned();
        Upload::of(&presigned, env.as_bytes()).succeeds().await;
        if random.u8(..5) == 0 {
            self.learnt.lock().unwrap().unregistered.push(id);
            return;
        }
        let claim = json!({ "asset_id": id, "filename": format!("{env}.txt"), "metadata": metadata });
        assert_eq!(self.call(Method::POST, "/nexus/raw/register", Some(claim)).await.status, 201);
        self.learnt.lock().unwrap().assets.push(id);
    }

    /// Reads what is its own, and learns names that others may try.
    async fn reads(&self, random: &mut Rng) {
        let lists =
            ["/nexus/events?include_reads=true&limit=7", "/nexus/events?limit=3&order=asc", "/nexus/raw?limit=2"];
        let path = random.choice(&lists).unwrap();
        let answer = self.call(Method::GET, path, None).await;
        assert_eq!(answer.status, 200);
        let page = answer.json();
        let mut learnt = self.learnt.lock().unwrap();
        learnt.cursors.extend(page["next_cursor"].as_str().map(|cursor| format!("{path}&cursor={cursor}")));
        for item in page["items"].as_array().unwrap() {
            assert_eq!((item["tenant_id"].as_str(), item["env"].as_str()), (Some(&*self.tenant), Some(self.env)));
            learnt.events.extend(item["event_id"].as_str().map(ToOwned::to_owned));
            learnt.traces.extend(item["metadata"]["trace_id"].as_str().map(ToOwned::to_owned));
        }
    }

    async fn reads_one(&self, random: &mut Rng) {
        let learnt = self.knows();
        if let Some(id) = random.choice(&learnt.assets) {
            assert_eq!(self.call(Method::GET, &format!("/nexus/raw/{id}"), None).await.status, 200);
            assert_eq!(self.call(Method::GET, &format!("/nexus/raw/{id}/download"), None).await.status, 200);
        }
        if let Some(id) = random.choice(&learnt.events) {
            assert_eq!(self.call(Method::GET, &format!("/nexus/events/{id}"), None).await.status, 200);
            let proof = self.call(Method::GET, &format!("/nexus/ledger/proof/{id}"), None).await;
            assert_eq!(proof.status, 200);
            self.learnt.lock().unwrap().logs.extend(proof.json()["log"].as_str().map(ToOwned::to_owned));
        }
        assert_eq!(self.call(Method::GET, "/nexus/export/training", None).await.status, 200);
        if let Some(id) = random.choice(&learnt.traces) {
            assert_eq!(self.call(Method::GET, &format!("/nexus/traces/{id}"), None).await.status, 200);
        }
        if let Some(path) = random.choice(&learnt.cursors) {
            assert_eq!(self.call(Method::GET, path, None).await.status, 200);
        }
    }

    /// Tries the names of another place with its own token, in its own place.
    async fn tries_names_of(&self, other: &Self, random: &mut Rng) {
        let theirs = other.knows();
        if let Some(id) = random.choice(&theirs.assets) {
            for path in [format!("/nexus/raw/{id}"), format!("/nexus/raw/{id}/download")] {
                assert_eq!(self.call(Method::GET, &path, None).await.status, 404, "{path}");
            }
            assert_eq!(self.call(Method::DELETE, &format!("/nexus/raw/{id}"), None).await.status, 404);
            let listed = self.call(Method::GET, &format!("/nexus/events?asset_id={id}&outcome=success"), None).await;
            assert_eq!(listed.json()["items"], json!([]));
        }
        if let Some(id) = random.choice(&theirs.unregistered) {
            let claim = json!({ "asset_id": id, "filename": format!("{}.txt", other.marks[1]) });
            assert_eq!(self.call(Method::POST, "/nexus/raw/register", Some(claim)).await.status, 404);
        }
        if let Some(id) = random.choice(&theirs.events) {
            for path in [format!("/nexus/events/{id}"), format!("/nexus/ledger/proof/{id}")] {
                assert_eq!(self.call(Method::GET, &path, None).await.status, 404, "{path}");
            }
        }
        if let Some(log) = random.choice(&theirs.logs) {
            let path = format!("/nexus/ledger/consistency?log={log}&from=1&to=1");
            assert_eq!(self.call(Method::GET, &path, None).await.status, 400, "{path}");
        }
        if let Some(id) = random.choice(&theirs.traces) {
            let trace = self.call(Method::GET, &format!("/nexus/traces/{id}"), None).await;
            assert_eq!(trace.json()["items"], json!([]));
        }
        if let Some(path) = random.choice(&theirs.cursors) {
            self.call(Method::GET, path, None).await.is("cursor.invalid");
        }
    }

    /// Asks for another place by header or body, with its own token.
    async fn forges_its_way_to(&self, other: &Self) {
        // A refusal is written down at home, in the environment that was named: that may be this tenant's other one.
        let at_home = self.client.clone().header("x-request-id", &self.marks[0]);
        let forged = at_home.clone().tenant(&other.tenant).env(other.env);
        let path = "/nexus/events?include_reads=true&limit=500";
        assert_eq!(self.call_as(&forged, Method::GET, path, None).await.status, 403);
        let presign = json!({ "filename": "a.txt" });
        assert_eq!(self.call_as(&forged, Method::POST, "/nexus/raw/presign-upload", Some(presign)).await.status, 403);
        let claim = json!({ "asset_id": "a", "filename": "a", "tenant_id": other.tenant });
        assert_eq!(self.call(Method::POST, "/nexus/raw/register", Some(claim)).await.status, 403);
        let both = at_home.tenant(&format!("{}, {}", self.tenant, other.tenant));
        assert_eq!(self.call_as(&both, Method::GET, path, None).await.status, 400);
    }
}

async fn caller(places: Arc<Vec<Place>>, seed: u64) {
    let mut random = Rng::with_seed(seed);
    for _ in 0..STEPS {
        let place = random.choice(places.iter()).unwrap();
        let other = random.choice(places.iter()).unwrap();
        let same = std::ptr::eq(place, other);
        match random.u8(..6) {
            0 => place.writes(&mut random).await,
            1 => place.reads(&mut random).await,
            2 => place.reads_one(&mut random).await,
            3 | 4 if !same => place.tries_names_of(other, &mut random).await,
            5 if !same && place.tenant != other.tenant => place.forges_its_way_to(other).await,
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_byte_of_one_place_is_in_an_answer_to_another() {
    let nexus = Setup::new().env("NEXUS__LIMITS__ENABLED", false).start().await;
    let mut random = Rng::with_seed(20_261_121);
    let places = Arc::new(places(&nexus, &mut random));
    // Given something of each to be found.
    for place in places.iter() {
        place.writes(&mut random).await;
        place.reads(&mut random).await;
    }
    let callers: Vec<_> = (0..CALLERS).map(|seed| tokio::spawn(caller(Arc::clone(&places), seed))).collect();
    for caller in callers {
        caller.await.unwrap();
    }
    // At last: everything that each place has, to the end, is its own.
    for place in places.iter() {
        for path in ["/nexus/events?include_reads=true&limit=500", "/nexus/raw?limit=500"] {
            let answer = place.call(Method::GET, path, None).await;
            let page = answer.json();
            let items = page["items"].as_array().unwrap();
            let is_own = |item: &serde_json::Value| item["tenant_id"] == place.tenant && item["env"] == place.env;
            assert!(items.iter().all(is_own), "{page}");
            assert!(!items.is_empty() || path.starts_with("/nexus/raw"), "{page}");
        }
        let kept: usize = place.knows().assets.len();
        assert_eq!(place.client.walk("/nexus/raw", "limit=500").await.len(), kept);
    }
    let requests = nexus.metric("nexus_http_requests_total").await;
    assert!(requests > 2500.0, "{requests} requests are too few to say");
}
