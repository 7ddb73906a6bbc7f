//! Structured logs on standard error: one line an event, with request and trace ids; never tokens, bodies or PII.

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Log, LogFormat};

/// Installs the process' log subscriber. A second call in one process (tests) changes nothing.
///
/// # Errors
/// When `log.filter` cannot be read.
pub fn install(config: &Log) -> Result<(), tracing_subscriber::filter::ParseError> {
    let filter = EnvFilter::builder().parse(&config.filter)?;
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let installed = match config.format {
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
        LogFormat::Text => builder.try_init(),
    };
    // Installed already: the first one stays.
    drop(installed);
    Ok(())
}
