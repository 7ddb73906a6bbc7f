//! Structured logs on standard error: one line an event, with request and trace ids; never tokens, bodies or PII.

use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{Directive, ParseError},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use super::traces::Traces;
use crate::config::{Log, LogFormat};

/// Libraries that put what callers sent into their lines. s3s logs every refused form with its object key, and so with a
/// file name; the bucket logs its own failures itself.
const SILENT: [&str; 1] = ["s3s=off"];

/// Installs the process' log subscriber, and where there are traces what gathers them. A second call in one process (tests) changes nothing.
///
/// # Errors
/// When `log.filter` cannot be read.
pub fn install(config: &Log, traces: Option<&Traces>) -> Result<(), ParseError> {
    let (filter, lines) = (filter(&config.filter)?, fmt::layer().with_writer(std::io::stderr));
    let lines = match config.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed(),
        LogFormat::Text => lines.boxed(),
    };
    let installed = match traces {
        // The filter decides for all there is: what it leaves out costs nothing.
        None => tracing_subscriber::registry().with(lines).with(filter).try_init(),
        Some(traces) => tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces.layer()).try_init(),
    };
    // Installed already: the first one stays.
    drop(installed);
    Ok(())
}

/// What `log.filter` says, except for [`SILENT`].
fn filter(text: &str) -> Result<EnvFilter, ParseError> {
    let filter = EnvFilter::builder().parse(text)?;
    SILENT.iter().try_fold(filter, |filter, silent| Ok(filter.add_directive(silent.parse::<Directive>()?)))
}
