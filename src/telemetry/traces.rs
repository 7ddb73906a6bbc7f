//! Traces for operators, over OTLP: which parts of a request took how long, joined to the trace of whoever caused it.
//!
//! Off unless `telemetry.otlp_endpoint` is set. While it is off, the spans below are below every log level that is enabled, so that
//! each costs one comparison. Spans carry the request's ids, its tenant and environment, and names of ours: never paths, file names,
//! bodies or tokens. A span is kept in a bounded queue and sent away by a thread of its own, so a receiver that is slow or away
//! costs spans, which are counted, and nothing else.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response};
use nexus_model::TraceId;
use opentelemetry::{
    Context, SpanId, TraceFlags,
    trace::{SpanContext, TraceContextExt, TraceState, TracerProvider},
};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter as OtlpExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, Span as SdkSpan, SpanData, SpanExporter,
        SpanProcessor,
    },
};
use tokio::runtime::Handle;
use tracing::{Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use crate::config;

/// What all spans that are exported are marked with. No other span is, whatever a library may make.
pub const TARGET: &str = "nexus::trace";

/// The largest answer of a receiver that is read. Bytes.
const MAX_ANSWER_BYTES: usize = 64 << 10;

/// Whether spans are made at all. Set once, before anything is served.
static ON: OnceLock<()> = OnceLock::new();

/// The exporter cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// Its HTTP client.
    #[error("telemetry.otlp_endpoint: {0}")]
    Client(#[from] reqwest::Error),
    /// The exporter.
    #[error("telemetry.otlp_endpoint: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// The way of spans out of the process.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
    patience: Duration,
}

impl Traces {
    /// `None` when no receiver is configured. `runtime` carries the exporter's requests.
    ///
    /// # Errors
    /// When the exporter cannot be made of the configuration.
    pub fn open(config: &config::Telemetry, service: &str, runtime: Handle) -> Result<Option<Self>, TracesError> {
        let Some(endpoint) = &config.otlp_endpoint else { return Ok(None) };
        let patience = Duration::from_millis(config.export_timeout_ms);
        let http = reqwest::Client::builder().timeout(patience).build()?;
        let exporter = OtlpExporter::builder()
            .with_http()
            .with_http_client(Carrier { http, runtime })
            .with_endpoint(endpoint)
            .with_timeout(patience)
            .build()?;
        let waiting = Arc::new(AtomicUsize::new(0));
        let batches = BatchConfigBuilder::default()
            // What is admitted by the bound is never dropped there.
            .with_max_queue_size(config.queue_spans + 1)
            .with_max_export_batch_size(config.batch_spans)
            .with_scheduled_delay(Duration::from_millis(config.export_interval_ms))
            .build();
        let batching = BatchSpanProcessor::builder(Counted { exporter, waiting: Arc::clone(&waiting) });
        let bounded = Bounded { inner: batching.with_batch_config(batches).build(), waiting, max: config.queue_spans };
        let resource = Resource::builder()
            .with_service_name(service.to_owned())
            .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(bounded)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.sample_ratio))))
            .with_resource(resource)
            .build();
        // A second one in one process (tests) changes nothing.
        let _ = ON.set(());
        Ok(Some(Self { provider, patience }))
    }

    /// Turns spans into spans of the trace.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("nexus"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target(TARGET, tracing::Level::TRACE))
    }

    /// Sends what waits, at most as long as one export may take.
    pub fn close(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(self.patience) {
            tracing::warn!(%error, "the last spans may not have been exported");
        }
    }
}

/// Sends the exporter's requests from its own thread through the runtime, with the client that everything else uses.
#[derive(Debug)]
struct Carrier {
    http: reqwest::Client,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Carrier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let sent = self.runtime.spawn(async move {
            let mut response = http.execute(reqwest::Request::try_from(request)?).await?;
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await? {
                if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                    return Err(opentelemetry_http::ResponseBodyTooLarge::new().into());
                }
                body.extend_from_slice(&chunk);
            }
            let mut answer = Response::new(Bytes::from(body));
            *answer.status_mut() = response.status();
            *answer.headers_mut() = response.headers().clone();
            Ok::<_, HttpError>(answer)
        });
        sent.await?
    }
}

/// Admits so many spans at once, and counts the rest.
#[derive(Debug)]
struct Bounded {
    inner: BatchSpanProcessor,
    /// Ended, and not exported yet.
    waiting: Arc<AtomicUsize>,
    max: usize,
}

impl SpanProcessor for Bounded {
    fn on_start(&self, span: &mut SdkSpan, context: &Context) {
        self.inner.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= self.max {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            count("dropped", 1);
            return;
        }
        self.inner.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// Says of each batch what became of it.
struct Counted {
    exporter: OtlpExporter,
    waiting: Arc<AtomicUsize>,
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counted(..)")
    }
}

impl SpanExporter for Counted {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let exported = self.exporter.export(batch).await;
        self.waiting.fetch_sub(spans, Ordering::AcqRel);
        match &exported {
            Ok(()) => count("exported", spans),
            Err(error) => {
                count("failed", spans);
                tracing::warn!(%error, spans, "spans could not be exported; they are lost");
            }
        }
        exported
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

fn count(outcome: &'static str, spans: usize) {
    metrics::counter!("nexus_trace_spans_total", "outcome" => outcome).increment(spans as u64);
}

/// Whether spans are made.
#[must_use]
pub fn on() -> bool {
    ON.get().is_some()
}

/// What a `traceparent` says of the caller's own part of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// The trace.
    pub trace_id: TraceId,
    /// The caller's span; never zero.
    pub parent_id: u64,
    /// Bit 0: the caller keeps this trace.
    pub flags: u8,
}

/// The span of one request, within its caller's trace where it named one.
#[must_use]
pub fn request(method: &Method, route: &str, parent: Option<Parent>) -> Span {
    let span = tracing::trace_span!(
        target: TARGET, "request",
        otel.name = %format_args!("{method} {route}"), otel.kind = "server", otel.status_code = Empty,
        http.request.method = %method, http.route = route, http.response.status_code = Empty, error.type = Empty,
        nexus.tenant_id = Empty, nexus.env = Empty, nexus.request_id = Empty,
    );
    if let Some(parent) = parent {
        let trace_id = u128::from_str_radix(parent.trace_id.as_str(), 16).unwrap_or_default();
        let flags = TraceFlags::new(parent.flags & TraceFlags::SAMPLED.to_u8());
        let parent = SpanContext::new(trace_id.into(), SpanId::from(parent.parent_id), flags, true, TraceState::NONE);
        // A span that is not made has no parent.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
    span
}

/// The id of the trace that a span belongs to; `None` while spans are off.
#[must_use]
pub fn trace_id(span: &Span) -> Option<TraceId> {
    if !on() {
        return None;
    }
    let context = span.context();
    let context = context.span().span_context().clone();
    context.is_valid().then(|| context.trace_id().to_string().parse().ok()).flatten()
}

/// The `traceparent` of the span that is being worked in, for calls that leave the process (W3C Trace Context, section 3.2).
#[must_use]
pub fn traceparent() -> Option<HeaderValue> {
    if !on() {
        return None;
    }
    let context = Context::current();
    let span = context.span();
    let span = span.span_context();
    if !span.is_valid() {
        return None;
    }
    let flags = span.trace_flags().to_u8();
    HeaderValue::try_from(format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id())).ok()
}

/// A span of what is done within a request, or by itself.
macro_rules! part {
    ($name:literal $(, $($field:tt)*)?) => {
        tracing::trace_span!(target: $crate::telemetry::traces::TARGET, $name $(, $($field)*)?)
    };
}
pub(crate) use part;
