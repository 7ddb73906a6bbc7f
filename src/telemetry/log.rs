//! Structured logs on standard error: one line an event, with request and trace ids; never tokens, bodies or PII.

use std::io;

use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{Directive, ParseError},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use super::{
    lines::{Flush, Lines},
    traces::Traces,
};
use crate::config::{Log, LogFormat};

/// Libraries that put what callers sent into their lines. s3s logs every refused form with its object key, and so with a
/// file name; the bucket logs its own failures itself.
const SILENT: [&str; 1] = ["s3s=off"];

/// Why there can be no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `log.filter` cannot be read.
    #[error("log.filter: {0}")]
    Filter(#[from] ParseError),
    /// The thread that writes the lines could not be started.
    #[error("the log's thread: {0}")]
    Thread(#[from] io::Error),
}

/// Installs the process' log subscriber, and where there are traces what gathers them. A second call in one process (tests) changes
/// nothing. What it returns is held until the process ends.
///
/// # Errors
/// See [`LogError`].
pub fn install(config: &Log, traces: Option<&Traces>) -> Result<Flush, LogError> {
    let (filter, queue) = (filter(&config.filter)?, Lines::to(io::stderr(), config.queue_lines)?);
    // What cannot be written is counted; told on standard error, it would end the thread that logs where that is closed.
    let lines = fmt::layer().with_writer(queue.clone()).log_internal_errors(false);
    let lines = match config.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed(),
        LogFormat::Text => lines.boxed(),
    };
    let installed = match traces {
        // The filter decides for all there is: what it leaves out costs nothing.
        None => tracing_subscriber::registry().with(lines).with(filter).try_init(),
        Some(traces) => tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces.layer()).try_init(),
    };
    if installed.is_ok() {
        // A panic is a line like any other: it may neither wait for standard error nor break the form of the log.
        std::panic::set_hook(Box::new(|panic| tracing::error!(panic = %panic, "panicked")));
    }
    Ok(Flush::of(queue))
}

/// What `log.filter` says, except for [`SILENT`].
fn filter(text: &str) -> Result<EnvFilter, ParseError> {
    let filter = EnvFilter::builder().parse(text)?;
    SILENT.iter().try_fold(filter, |filter, silent| Ok(filter.add_directive(silent.parse::<Directive>()?)))
}
