//! The live stream: nothing twice, nothing missed, nothing of others; and nobody's pace but the reader's own suffers.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Claims, Client, Nexus, Setup, token::now};

const PATH: &str = "/nexus/events/stream";
const PATIENCE: Duration = Duration::from_secs(20);

/// A stream being read, as a client of server-sent events reads it.
pub(crate) struct Reading {
    response: Response,
    buffer: Vec<u8>,
    /// What the client resumes with.
    last_id: String,
}

/// One block of the stream.
pub(crate) enum Block {
    Event(Value),
    Comment(String),
}

impl Reading {
    /// Opens a stream and waits for its first word, from which on nothing is missed.
    pub(crate) async fn open(client: &Client, query: &str) -> Self {
        let response = client.request(Method::GET, &format!("{PATH}{query}")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        for (name, value) in
            [("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no")]
        {
            assert_eq!(response.headers()[name], value);
        }
        let mut reading = Self { response, buffer: Vec::new(), last_id: String::new() };
        assert!(matches!(reading.block().await, Some(Block::Comment(said)) if said == "connected"));
        reading
    }

    async fn resume(client: &Client, query: &str, id: &str) -> Self {
        Self::open(&client.clone().header("last-event-id", id), query).await
    }

    /// The next block; `None` at the end.
    pub(crate) async fn block(&mut self) -> Option<Block> {
        let length = loop {
            if let Some(at) = self.buffer.windows(2).position(|two| two == b"\n\n") {
                break at;
            }
            match tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("something within the time") {
                Ok(Some(chunk)) => self.buffer.extend_from_slice(&chunk),
                Ok(None) | Err(_) => return None,
            }
        };
        let block: Vec<u8> = self.buffer.drain(..length + 2).collect();
        let (mut data, mut comment) = (None, String::new());
        for line in std::str::from_utf8(&block).unwrap().lines() {
            match line.split_once(": ") {
                Some(("id", id)) => id.clone_into(&mut self.last_id),
                Some(("data", text)) => assert!(data.replace(serde_json::from_str(text).unwrap()).is_none()),
                Some(("", said)) => said.clone_into(&mut comment),
                _ => assert!(line.is_empty(), "{line}"),
            }
        }
        Some(data.map_or(Block::Comment(comment), Block::Event))
    }

    async fn event(&mut self) -> Value {
        loop {
            match self.block().await.expect("the stream goes on") {
                Block::Event(event) => return event,
                Block::Comment(_) => {}
            }
        }
    }

    async fn events(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        while events.len() < count {
            events.push(self.event().await);
        }
        events
    }

    /// Reads to the end.
    async fn rest(mut self) -> Vec<Value> {
        let mut events = Vec::new();
        while let Some(block) = self.block().await {
            if let Block::Event(event) = block {
                events.push(event);
            }
        }
        events
    }
}

fn message(thread: &str, text: &str) -> Value {
    let input = json!({ "thread_id": thread, "role": "user", "text": text });
    json!({ "surface": "chat", "event_type": "message_posted", "input": input })
}

async fn post(client: &Client, thread: &str) -> String {
    let answer = client.post("/nexus/events", &message(thread, "hello"), 201).await.json();
    answer["event_id"].as_str().unwrap().to_owned()
}

fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event_id"].as_str().unwrap()).collect()
}

/// Waits until a series of the metrics has this value.
async fn metric_becomes(nexus: &Nexus, series: &str, value: f64) {
    let began = Instant::now();
    while (nexus.metric(series).await - value).abs() > 0.1 {
        assert!(began.elapsed() < PATIENCE, "{series} is {}", nexus.metric(series).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn resuming_while_others_append_leaves_no_gap_and_repeats_nothing() {
    const WRITERS: usize = 4;
    const POSTS: usize = 40;
    let nexus = Nexus::start().await;
    let (client, other) = (nexus.client("t_own", "writer"), nexus.client("t_other", "writer"));
    // The reader is there before the first event of its tenant.
    let mut reading = Reading::open(&client, "?surface=chat").await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (client, other) = (client.clone(), other.clone());
            tokio::spawn(async move {
                for n in 0..POSTS {
                    if n % 3 == 0 {
                        let events = vec![message(&format!("w{writer}"), "a"), message(&format!("w{writer}"), "b")];
                        client.post("/nexus/events", &json!({ "events": events }), 200).await;
                    } else {
                        post(&client, &format!("w{writer}")).await;
                    }
                    post(&other, "others").await;
                }
            })
        })
        .collect();
    let expected = WRITERS * (POSTS + POSTS.div_ceil(3));
    let mut seen = Vec::new();
    while seen.len() < expected {
        let burst = (expected - seen.len()).min(17);
        seen.extend(reading.events(burst).await);
        let id = reading.last_id.clone();
        drop(reading);
        reading = Reading::resume(&client, "?surface=chat", &id).await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let stored = client.events("surface=chat&order=asc&limit=500").await;
    assert_eq!(stored.len(), expected);
    assert_eq!(seen, stored, "whole, in order, each once");
    // And nothing more comes of it.
    let last = post(&client, "last").await;
    assert_eq!(reading.event().await["event_id"], last.as_str());
}

/// Those who ask the same share what was made for one of them: each must still have its own, whole and in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_readers_of_the_same_have_everything_once_and_in_order() {
    const EACH: usize = 8;
    const POSTS: usize = 60;
    let nexus = Nexus::start().await;
    let tenants = ["t_one", "t_two"].map(|tenant| nexus.client(tenant, "writer"));
    let mut readings = Vec::new();
    for client in &tenants {
        // The first ones are there before their tenant is; the rest comes while others post.
        post(client, "before").await;
        for (query, expected) in [("?surface=chat", 2 * POSTS), ("?surface=chat&asset_id=a_1", POSTS)] {
            for _ in 0..EACH {
                readings.push((client.clone(), query, expected, Reading::open(client, query).await));
            }
        }
    }
    let writers = tenants.clone().map(|client| {
        tokio::spawn(async move {
            for _ in 0..POSTS {
                let mut events = [message("w", "a"), message("w", "b")];
                events[1]["asset_id"] = "a_1".into();
                client.post("/nexus/events", &json!({ "events": events }), 200).await;
            }
        })
    });
    let read = readings.into_iter().map(|(client, query, expected, mut reading)| {
        tokio::spawn(async move {
            let mut seen = Vec::new();
            while seen.len() < expected {
                seen.extend(reading.events((expected - seen.len()).min(7)).await);
                if seen.len() % 3 == 0 {
                    let id = reading.last_id.clone();
                    reading = Reading::resume(&client, query, &id).await;
                }
            }
            let stored = client.events(&format!("{}&order=asc&limit=500", &query[1..])).await;
            assert_eq!(seen, stored[stored.len() - expected..], "whole, in order, each once");
        })
    });
    for reading in futures::future::join_all(read).await {
        reading.unwrap();
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn each_stream_has_what_its_filters_admit_and_nothing_of_other_places() {
    let nexus = Nexus::start().await;
    let (own, other) = (nexus.client("t_own", "writer"), nexus.client("t_other", "writer"));
    let prod = own.clone().env("prod");
    let mut all = Reading::open(&own, "").await;
    let mut with_reads = Reading::open(&own, "?include_reads=true").await;
    let mut failures = Reading::open(&own, "?outcome=failure&surface=raw_storage").await;
    let mut theirs = Reading::open(&other, "").await;
    let mut in_prod = Reading::open(&prod, "").await;
    for client in [&own, &other, &prod] {
        post(client, "a").await;
        client.get("/nexus/raw", 200).await;
        client.register(&json!({ "asset_id": "nobody", "filename": "a.txt" }), 404).await;
    }
    let types = |events: &[Value]| -> Vec<String> {
        events.iter().map(|event| event["event_type"].as_str().unwrap().to_owned()).collect()
    };
    for (reading, tenant, env) in
        [(&mut all, "t_own", "dev"), (&mut theirs, "t_other", "dev"), (&mut in_prod, "t_own", "prod")]
    {
        let events = reading.events(2).await;
        assert_eq!(types(&events), ["message_posted", "raw_asset_registered"]);
        for event in &events {
            assert_eq!((&event["tenant_id"], &event["env"]), (&json!(tenant), &json!(env)));
        }
    }
    assert_eq!(types(&failures.events(1).await), ["raw_asset_registered"]);
    let mut seen = Vec::new();
    while !seen.contains(&"raw_asset_registered".to_owned()) {
        seen.extend(types(&with_reads.events(1).await));
    }
    // Its own opening and those after it are reads too.
    assert!(
        seen.contains(&"event_stream_read".to_owned()) && seen.contains(&"raw_asset_listed".to_owned()),
        "{seen:?}"
    );
    // One event a stream, in its own place.
    let opened = other.events("event_type=event_stream_read&include_reads=true").await;
    assert_eq!(opened.len(), 1);
    assert_eq!(opened[0]["input"], json!({ "resumed": false }));
}

#[tokio::test]
async fn a_stream_without_events_beats_and_can_be_resumed_from_its_first_word() {
    let nexus = Setup::new().env("NEXUS__STREAM__HEARTBEAT_MS", 50).start().await;
    let client = nexus.client("t_own", "writer");
    let mut reading = Reading::open(&client, "").await;
    let first = reading.last_id.clone();
    for _ in 0..3 {
        assert!(matches!(reading.block().await, Some(Block::Comment(said)) if said == "heartbeat"));
    }
    drop(reading);
    // It is noticed that nobody listens any more.
    metric_becomes(&nexus, "nexus_streams_open", 0.0).await;
    let posted = [post(&client, "a").await, post(&client, "b").await];
    let mut resumed = Reading::resume(&client, "", &first).await;
    assert_eq!(ids(&resumed.events(2).await), posted.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(client.events("event_type=event_stream_read&include_reads=true").await[0]["input"]["resumed"], true);
}

/// To its reader a stream is without events, however many come that its filter does not admit.
#[tokio::test]
async fn a_stream_whose_filter_admits_nothing_beats_and_goes_on() {
    let nexus = Setup::new().env("NEXUS__STREAM__HEARTBEAT_MS", 400).start().await;
    let client = nexus.client("t_own", "writer");
    let mut reading = Reading::open(&client, "?event_type=thread_created").await;
    let first = reading.last_id.clone();
    let posting = tokio::spawn(async move {
        loop {
            post(&client, "a").await;
        }
    });
    for _ in 0..3 {
        assert!(matches!(reading.block().await, Some(Block::Comment(said)) if said == "heartbeat"));
        assert_ne!(reading.last_id, first, "what was passed over is not read again");
    }
    drop(reading);
    metric_becomes(&nexus, "nexus_streams_open", 0.0).await;
    posting.abort();
}

#[tokio::test]
async fn ids_of_other_places_and_nonsense_are_refused() {
    let nexus = Nexus::start().await;
    let (own, other) = (nexus.client("t_own", "writer"), nexus.client("t_other", "reader"));
    let mut reading = Reading::open(&own, "").await;
    post(&own, "a").await;
    reading.event().await;
    let id = reading.last_id.clone();
    for client in [
        other.header("last-event-id", &id),
        own.clone().env("prod").header("last-event-id", &id),
        own.clone().header("last-event-id", &format!("{id}x")),
        own.clone().header("last-event-id", "nonsense"),
    ] {
        client.get(PATH, 400).await.is("cursor.invalid");
    }
    for query in ["?limit=1", "?cursor=x", "?order=asc", "?outcome=maybe", "?surface=a&surface=b"] {
        own.get(&format!("{PATH}{query}"), 400).await.is("query.invalid");
    }
    // An empty one says that nothing was seen yet.
    drop(Reading::resume(&own, "", "").await);
}

#[tokio::test]
async fn streams_are_bounded_in_a_tenant_and_in_all() {
    let nexus = Setup::new()
        .env("NEXUS__STREAM__MAX_SUBSCRIBERS", 3)
        .env("NEXUS__STREAM__MAX_SUBSCRIBERS_PER_TENANT", 2)
        .start()
        .await;
    let (own, other) = (nexus.client("t_own", "reader"), nexus.client("t_other", "reader"));
    let first = Reading::open(&own, "").await;
    let _second = Reading::open(&own.clone().env("prod"), "").await;
    own.get(PATH, 429).await.is("rate.limited");
    let _third = Reading::open(&other, "").await;
    other.get(PATH, 503).await.is("overloaded");
    assert_eq!(nexus.metric("nexus_rate_limited_total{tenant=\"t_own\",env=\"dev\",class=\"streams\"}").await, 1.0);
    drop(first);
    metric_becomes(&nexus, "nexus_streams_open", 2.0).await;
    drop(Reading::open(&other, "").await);
}

/// One that reads nothing is cut off; those who append, and other readers, do not notice.
#[tokio::test]
async fn a_reader_that_takes_nothing_is_cut_off_and_slows_nobody() {
    let nexus = Setup::new().env("NEXUS__SERVER__WRITE_TIMEOUT_MS", 1000).start().await;
    let writer = nexus.client("t_own", "writer");
    let mut brisk = Reading::open(&writer, "").await;
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut slow = socket.connect(nexus.url.trim_start_matches("http://").parse().unwrap()).await.unwrap();
    let token = nexus.token(&Claims::of("t_own", "reader"));
    let head = format!(
        "GET {PATH} HTTP/1.1\r\nHost: nexus\r\nAuthorization: Bearer {token}\r\nX-Tenant-Id: t_own\r\nX-Env: dev\r\n\r\n"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    metric_becomes(&nexus, "nexus_streams_open", 2.0).await;
    // More than all buffers on the way hold.
    let text = "nothing of note ".repeat(4000);
    let batch = json!({ "events": (0..20).map(|_| message("a", &text)).collect::<Vec<_>>() });
    let mut posted = 0;
    let began = Instant::now();
    while nexus.metric("nexus_connections_stalled_total").await < 1.0 {
        assert!(began.elapsed() < 3 * PATIENCE, "it was never cut off");
        writer.post("/nexus/events", &batch, 200).await;
        posted += 20;
        let seen = brisk.events(20).await;
        assert_eq!(ids(&seen).iter().collect::<HashSet<_>>().len(), 20);
    }
    metric_becomes(&nexus, "nexus_streams_open", 1.0).await;
    // The connection is gone too: what was on its way is all there is, without the stream's proper end.
    let mut taken = Vec::new();
    let end = tokio::time::timeout(PATIENCE, slow.read_to_end(&mut taken)).await.expect("an end");
    assert!(end.is_err() || !taken.ends_with(b"0\r\n\r\n"), "it ends as if it were whole");
    assert!(taken.len() < posted * text.len());
    post(&writer, "b").await;
    brisk.event().await;
}

#[tokio::test]
async fn a_stream_ends_when_its_token_expires() {
    let nexus = Nexus::start().await;
    let token = nexus.token(&Claims::of("t_own", "writer").with("exp", now() + 3));
    let client = nexus.bearer(&token).tenant("t_own").env("dev");
    let began = Instant::now();
    let reading = Reading::open(&client, "").await;
    let posted = post(&client, "a").await;
    let events = reading.rest().await;
    assert_eq!(ids(&events), [posted]);
    let lasted = began.elapsed();
    assert!((Duration::from_millis(1500)..Duration::from_secs(6)).contains(&lasted), "{lasted:?}");
    assert_eq!(nexus.metric("nexus_streams_closed_total{reason=\"expired\"}").await, 1.0);
}

#[tokio::test]
async fn open_streams_do_not_hold_up_the_end() {
    let mut nexus = Nexus::start().await;
    let client = nexus.client("t_own", "writer");
    let mut readings = Vec::new();
    for _ in 0..20 {
        readings.push(Reading::open(&client, "").await);
    }
    let posted = post(&client, "a").await;
    for reading in &mut readings {
        assert_eq!(reading.event().await["event_id"], posted.as_str());
    }
    let began = Instant::now();
    nexus.signal("TERM");
    assert_eq!(nexus.exit().await.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    for reading in readings {
        assert!(reading.rest().await.is_empty());
    }
}
