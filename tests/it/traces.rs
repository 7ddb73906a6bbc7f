//! Traces over OTLP: what leaves the process is decoded by a receiver that speaks the protocol, and whoever receives nothing slows nobody.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{KeyValue, any_value::Value as AnyValue},
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use prost::Message;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    jwks::{Provider, Signer},
    support::{Claims, Nexus, Setup, Upload, stage::on_s3},
};

/// An OTLP/HTTP receiver.
#[derive(Clone)]
struct Receiver {
    url: String,
    spans: Arc<Mutex<Vec<Span>>>,
    services: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let receiver = Self { url, spans: Arc::default(), services: Arc::default() };
        let its = receiver.clone();
        let take = move |headers: http::HeaderMap, body: Bytes| {
            assert_eq!(headers["content-type"], "application/x-protobuf");
            its.take(&ExportTraceServiceRequest::decode(body).unwrap());
            async { ExportTraceServiceResponse::default().encode_to_vec() }
        };
        let app = axum::Router::new().route("/v1/traces", axum::routing::post(take));
        tokio::spawn(crate::jwks::serve(listener, app));
        receiver
    }

    fn take(&self, request: &ExportTraceServiceRequest) {
        for resource in &request.resource_spans {
            let attributes = &resource.resource.as_ref().unwrap().attributes;
            self.services.lock().unwrap().push(text(attributes, "service.name").unwrap());
            let spans = resource.scope_spans.iter().flat_map(|scope| scope.spans.iter().cloned());
            self.spans.lock().unwrap().extend(spans);
        }
    }

    /// The spans of a trace, once `enough` of them have come.
    async fn trace(&self, trace_id: &str, enough: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let spans: Vec<Span> = self
                .spans
                .lock()
                .unwrap()
                .iter()
                .filter(|span| hex::encode(&span.trace_id) == trace_id)
                .cloned()
                .collect();
            if enough(&spans) {
                return spans;
            }
            assert!(Instant::now() < deadline, "the spans do not come: {:?}", names(&spans));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn setup(&self) -> Setup {
        Setup::new().env("NEXUS__TELEMETRY__OTLP_ENDPOINT", &self.url).env("NEXUS__TELEMETRY__EXPORT_INTERVAL_MS", 100)
    }
}

fn names(spans: &[Span]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let value = attributes.iter().find(|attribute| attribute.key == key)?.value.clone()?.value?;
    Some(match value {
        AnyValue::StringValue(text) => text,
        AnyValue::IntValue(number) => number.to_string(),
        other => panic!("{key} is {other:?}"),
    })
}

/// The span of the request to a route.
fn server<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let found: Vec<&Span> = spans.iter().filter(|span| span.name == name).collect();
    assert_eq!(found.len(), 1, "{name} in {:?}", names(spans));
    assert_eq!(found[0].kind, SpanKind::Server as i32);
    found[0]
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const REGISTER: &str = "POST /nexus/raw/register";

#[tokio::test(flavor = "multi_thread")]
async fn a_requests_spans_join_its_callers_trace() {
    let receiver = Receiver::start().await;
    let nexus = receiver.setup().start().await;
    let client = nexus.client("t_demo", "writer");
    let presigned = client.presign(&json!({ "filename": "jane-doe.txt" })).await;
    Upload::of(&presigned, "hello").succeeds().await;
    let traced = client
        .clone()
        .header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"))
        .header("x-request-id", "r-traced");
    let claim = json!({ "asset_id": presigned["asset_id"], "filename": "jane-doe.txt" });
    traced.register(&claim, 201).await;
    let event = json!({ "surface": "chat", "event_type": "message_posted", "input": { "thread_id": "t", "role": "user", "text": "jane@example.com" } });
    traced.post("/nexus/events", &json!({ "events": [event, event] }), 200).await;
    traced.get("/nexus/raw/nobody", 404).await;

    let lookup = "GET /nexus/raw/{asset_id}";
    let spans = receiver.trace(TRACE, |spans| names(spans).contains(&lookup)).await;
    let register = server(&spans, REGISTER);
    assert_eq!(hex::encode(&register.parent_span_id), "00f067aa0ba902b7", "the caller's own span");
    for (key, expected) in [
        ("http.request.method", "POST"),
        ("http.route", "/nexus/raw/register"),
        ("http.response.status_code", "201"),
        ("nexus.tenant_id", "t_demo"),
        ("nexus.env", "dev"),
        ("nexus.request_id", "r-traced"),
    ] {
        assert_eq!(text(&register.attributes, key).as_deref(), Some(expected), "{key}");
    }
    // What was done within it hangs below it, the calls to the store as a client's.
    let parents: HashMap<&[u8], &Span> = spans.iter().map(|span| (span.span_id.as_slice(), span)).collect();
    let below = |span: &Span| {
        std::iter::successors(parents.get(span.parent_span_id.as_slice()), |span| {
            parents.get(span.parent_span_id.as_slice())
        })
        .any(|above| above.span_id == register.span_id)
    };
    let parts: Vec<&Span> = spans.iter().filter(|span| below(span)).collect();
    for part in ["authenticate", "handle", "record event", "storage head", "storage write document"] {
        let part =
            parts.iter().find(|span| span.name == part).unwrap_or_else(|| panic!("{part} of {:?}", names(&spans)));
        let kind = if part.name.starts_with("storage") { SpanKind::Client } else { SpanKind::Internal };
        assert_eq!(part.kind, kind as i32, "{}", part.name);
        assert!(part.start_time_unix_nano >= register.start_time_unix_nano);
        assert!(part.end_time_unix_nano <= register.end_time_unix_nano, "{}", part.name);
    }
    assert!(names(&spans).contains(&"keep events"));
    let refused = server(&spans, lookup);
    assert_eq!(text(&refused.attributes, "error.type").as_deref(), Some("asset.unknown"));
    assert_ne!(
        refused.status.clone().unwrap_or_default().code,
        StatusCode::Error as i32,
        "the caller's fault, not ours"
    );
    // Nothing that may be somebody's is in any of them.
    let said = format!("{:?}", receiver.spans.lock().unwrap());
    let token = nexus.keys()["jwt_secret"].as_str().unwrap().to_owned();
    for private in ["jane", presigned["key"].as_str().unwrap(), &token, "Bearer"] {
        assert!(!said.contains(private), "{private}");
    }
    assert!(receiver.services.lock().unwrap().iter().all(|name| name == "nexus"));
    assert!(nexus.metric("nexus_trace_spans_total{outcome=\"exported\"}").await >= spans.len() as f64);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_callers_trace_the_event_names_the_trace_of_the_span_and_a_caller_may_decline() {
    let receiver = Receiver::start().await;
    let mut nexus = receiver.setup().start().await;
    let client = nexus.client("t_demo", "writer");
    let event =
        json!({ "surface": "chat", "event_type": "message_posted", "input": { "thread_id": "t", "role": "user" } });
    let own = client.post("/nexus/events", &event, 201).await.json();
    let declined = client.clone().header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-00"));
    declined.post("/nexus/events", &event, 201).await;
    let stored = client.get(&format!("/nexus/events/{}", own["event_id"].as_str().unwrap()), 200).await.json();
    let trace_id = stored["metadata"]["trace_id"].as_str().unwrap();
    assert_eq!(stored["metadata"]["synthesized"], json!(["request_id", "trace_id"]));
    let spans = receiver.trace(trace_id, |spans| names(spans).contains(&"POST /nexus/events")).await;
    assert!(server(&spans, "POST /nexus/events").parent_span_id.is_empty(), "it begins here");
    // What waits is sent at a stop, and by then everything would have come.
    nexus.signal("TERM");
    assert_eq!(nexus.exit().await.code(), Some(0));
    assert!(receiver.trace(TRACE, |_| true).await.is_empty());
    assert_eq!(nexus_trace(&nexus), 0);
}

/// Lines of the log that tell of lost spans.
fn nexus_trace(nexus: &Nexus) -> usize {
    nexus.log().lines().filter(|line| line.contains("spans could not be exported")).count()
}

/// A proxy that keeps what clients say.
async fn overheard(target: String) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let said = Arc::new(Mutex::new(Vec::new()));
    let its = Arc::clone(&said);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (target, said) = (target.clone(), Arc::clone(&its));
            tokio::spawn(async move {
                let server = tokio::net::TcpStream::connect(target).await.unwrap();
                let (mut from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = server.into_split();
                tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
                let mut buffer = vec![0; 16 << 10];
                while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
                    said.lock().unwrap().extend_from_slice(&buffer[..read]);
                    if to_server.write_all(&buffer[..read]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, said)
}

/// The store hears the trace, with the span of the call as its parent.
#[tokio::test(flavor = "multi_thread")]
async fn the_trace_goes_on_to_the_store() {
    let store = Nexus::start().await;
    let (address, said) = overheard(store.s3.clone().unwrap().trim_start_matches("http://").to_owned()).await;
    let keys = store.keys();
    let key = |name: &str| keys[name].as_str().unwrap().to_owned();
    let receiver = Receiver::start().await;
    let setup =
        on_s3(receiver.setup(), &format!("http://{address}"), "nexus", &key("s3_access_key"), &key("s3_secret_key"));
    let nexus = setup.start().await;
    let client = nexus.client("t_demo", "writer");
    let presigned = client.presign(&json!({ "filename": "a.txt" })).await;
    Upload::of(&presigned, "hello").succeeds().await;
    let traced = client.header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"));
    traced.register(&json!({ "asset_id": presigned["asset_id"], "filename": "a.txt" }), 201).await;
    let spans = receiver.trace(TRACE, |spans| names(spans).contains(&REGISTER)).await;
    let said = String::from_utf8_lossy(&said.lock().unwrap()).into_owned();
    for call in ["storage head", "storage write document"] {
        let span = spans.iter().find(|span| span.name == call).unwrap();
        let header = format!("traceparent: 00-{TRACE}-{}-01\r\n", hex::encode(&span.span_id));
        assert!(said.contains(&header), "{call}: {header} is not among what the store was told");
    }
}

/// And to whoever issues the tokens.
#[tokio::test(flavor = "multi_thread")]
async fn the_trace_goes_on_to_the_issuer_of_tokens() {
    let signer = Signer::new("k1");
    let issuer = Provider::start(json!([signer.public])).await;
    let (address, said) =
        overheard(issuer.url.trim_start_matches("http://").split('/').next().unwrap().to_owned()).await;
    let receiver = Receiver::start().await;
    let nexus = receiver.setup().env("NEXUS__AUTH__JWKS_URL", format!("http://{address}/jwks.json")).start().await;
    let client = nexus.bearer(&signer.token(&Claims::of("t_demo", "reader"))).tenant("t_demo").env("dev");
    client.header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01")).get("/nexus/raw", 200).await;
    let spans = receiver.trace(TRACE, |spans| names(spans).contains(&"GET /nexus/raw")).await;
    let fetch = spans.iter().find(|span| span.name == "fetch jwks").unwrap();
    let header = format!("traceparent: 00-{TRACE}-{}-01\r\n", hex::encode(&fetch.span_id));
    assert!(String::from_utf8_lossy(&said.lock().unwrap()).contains(&header));
}

/// One that takes connections and never says anything, and one that is not there.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_away_or_hangs_costs_spans_and_nothing_else() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_url = format!("http://{}/v1/traces", silent.local_addr().unwrap());
    let away = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (url, lost) in [(silent_url, "dropped"), (format!("http://{away}/v1/traces"), "failed")] {
        let mut nexus = Setup::new()
            .env("NEXUS__TELEMETRY__OTLP_ENDPOINT", &url)
            .env("NEXUS__TELEMETRY__EXPORT_INTERVAL_MS", 50)
            .env("NEXUS__TELEMETRY__EXPORT_TIMEOUT_MS", 3000)
            .env("NEXUS__TELEMETRY__QUEUE_SPANS", 64)
            .env("NEXUS__TELEMETRY__BATCH_SPANS", 16)
            .start()
            .await;
        let client = nexus.client("t_demo", "writer");
        let event =
            json!({ "surface": "chat", "event_type": "message_posted", "input": { "thread_id": "t", "role": "user" } });
        let begun = Instant::now();
        for _ in 0..100 {
            client.post("/nexus/events", &event, 201).await;
        }
        // Had one request waited for one export, it would have taken longer than this.
        assert!(begun.elapsed() < Duration::from_millis(2900), "{:?}", begun.elapsed());
        let deadline = Instant::now() + Duration::from_secs(10);
        while nexus.metric(&format!("nexus_trace_spans_total{{outcome=\"{lost}\"}}")).await < 1.0 {
            assert!(Instant::now() < deadline, "{lost} spans are not counted");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        nexus.signal("TERM");
        assert_eq!(nexus.exit().await.code(), Some(0));
        assert!(nexus_trace(&nexus) >= 1, "{url}: it is not said");
    }
    drop(silent);
}

/// Off, nothing is made, and a wrong address is named before anything listens.
#[tokio::test]
async fn without_a_receiver_there_are_no_spans() {
    let nexus = Nexus::start().await;
    nexus.client("t_demo", "reader").get("/nexus/raw", 200).await;
    assert!(!nexus.anonymous().get("/metrics", 200).await.text().contains("nexus_trace_spans_total"));
    let output = Setup::new().env("NEXUS__TELEMETRY__OTLP_ENDPOINT", "collector:4318").run(&["serve"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("telemetry.otlp_endpoint"), "{said}");
}
