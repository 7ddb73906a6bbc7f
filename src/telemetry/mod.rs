//! What operators see: metrics in Prometheus' text form, structured logs, and traces where a receiver is configured.

pub mod engine;
pub mod events;
pub mod lines;
pub mod log;
pub mod requests;
pub mod tenants;
pub mod traces;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of the latency buckets. Seconds.
const LATENCY_BUCKETS: [f64; 14] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// The same for redaction, most of which takes microseconds. Seconds.
const REDACTION_BUCKETS: [f64; 10] = [0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.02, 0.1];

/// Counters that stand at zero from the start, so that the first failure is a growth that alerts can see.
const FROM_ZERO: [&str; 4] = [
    "nexus_connections_stalled_total",
    "nexus_jwks_refresh_failures_total",
    "nexus_ledger_anchor_failures_total",
    lines::LOST,
];

/// Installs the process' metrics recorder and returns the handle that renders it. A second call in one process (tests)
/// returns the first one's handle.
///
/// # Errors
/// When another recorder is installed.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    static HANDLE: std::sync::Mutex<Option<PrometheusHandle>> = std::sync::Mutex::new(None);
    let mut slot = HANDLE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(handle) = &*slot {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCY_BUCKETS)?
        .set_buckets_for_metric(Matcher::Full("nexus_redaction_seconds".to_owned()), &REDACTION_BUCKETS)?
        .install_recorder()?;
    describe();
    for name in FROM_ZERO {
        metrics::counter!(name).increment(0);
    }
    *slot = Some(handle.clone());
    Ok(handle)
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("nexus_http_requests_total", "Requests answered, by route, method and status.");
    describe_histogram!("nexus_http_request_duration_seconds", Unit::Seconds, "From the request's head to the answer.");
    describe_gauge!("nexus_http_requests_in_flight", "Requests being worked on.");
    describe_counter!("nexus_events_total", "Events on disk, by tenant, environment and outcome.");
    describe_counter!("nexus_events_by_type_total", "Events on disk, by surface, type, outcome and error code.");
    describe_counter!("nexus_events_failed_total", "Events that could not be kept, by tenant, environment and reason.");
    describe_counter!(
        "nexus_events_unrecorded_total",
        "Requests answered without an event, by tenant and environment."
    );
    describe_counter!("nexus_ids_synthesized_total", "Request and trace ids that callers did not give.");
    describe_counter!("nexus_refused_total", "Requests refused before a tenant was known, by code.");
    describe_counter!("nexus_rate_limited_total", "Requests refused with 429, by tenant, environment and class.");
    describe_counter!(
        "nexus_connections_stalled_total",
        "Connections cut off because the client took nothing of what was sent to it."
    );
    describe_counter!(lines::LOST, "Log lines lost: standard error was too slow, closed or full.");
    describe_gauge!("nexus_streams_open", "Live streams open.");
    describe_counter!("nexus_streams_closed_total", "Live streams ended, by reason.");
    describe_counter!("nexus_trace_spans_total", "Spans by what became of them: exported, failed or dropped.");
    describe_counter!("nexus_jwks_refresh_failures_total", "Times the JWKS could not be fetched again.");
    describe_gauge!("nexus_ledger_writable", "1 when the ledger can write, else 0.");
    describe_gauge!("nexus_ledger_queue_events", "Events waiting for the disk.");
    describe_gauge!("nexus_ledger_queue_bytes", Unit::Bytes, "Bytes of events waiting for the disk.");
    describe_gauge!("nexus_ledger_largest_batch_events", "Events in the largest batch since the start.");
    describe_histogram!(
        "nexus_ledger_append_seconds",
        Unit::Seconds,
        "From the queue's end to being on disk, by call."
    );
    describe_counter!("nexus_ledger_anchor_failures_total", "Times checkpoints could not be anchored in the bucket.");
    describe_histogram!("nexus_redaction_seconds", Unit::Seconds, "Redacting one event.");
    describe_counter!("nexus_redaction_findings_total", "What the redactor found and dealt with, by type.");
    describe_counter!("nexus_ledger_events_total", "Events stored since the start.");
    describe_counter!("nexus_ledger_batches_total", "Batches written since the start, each with one fsync.");
    describe_counter!("nexus_ledger_failed_batches_total", "Batches that failed since the start.");
    describe_gauge!("nexus_follower_lag_events", "Events that the copy lacks, by backend.");
    describe_gauge!("nexus_follower_lag_bytes", Unit::Bytes, "Records from the first event that the copy lacks on.");
    describe_gauge!("nexus_follower_lag_seconds", Unit::Seconds, "Age of the oldest event that the copy lacks.");
    describe_gauge!("nexus_follower_stopped_logs", "Logs whose copy has stopped until an operator looks at it.");
    describe_counter!("nexus_follower_events_total", "Events carried to the copy since the start.");
    describe_counter!("nexus_follower_failures_total", "Calls to the backend that failed and were repeated.");
    describe_counter!("nexus_follower_stopped_total", "Times a log's copy stopped.");
    describe_gauge!("nexus_ledger_stored_bytes", Unit::Bytes, "Bytes of all records stored.");
}
