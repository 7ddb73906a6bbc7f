//! Structured logs on standard error: one line an event, with request and trace ids; never tokens, bodies or PII.

use tracing_subscriber::{
    EnvFilter,
    filter::{Directive, ParseError},
    fmt,
};

use crate::config::{Log, LogFormat};

/// Libraries that put what callers sent into their lines. s3s logs every refused form with its object key, and so with a
/// file name; the bucket logs its own failures itself.
const SILENT: [&str; 1] = ["s3s=off"];

/// Installs the process' log subscriber. A second call in one process (tests) changes nothing.
///
/// # Errors
/// When `log.filter` cannot be read.
pub fn install(config: &Log) -> Result<(), ParseError> {
    let builder = fmt().with_env_filter(filter(&config.filter)?).with_writer(std::io::stderr);
    let installed = match config.format {
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
        LogFormat::Text => builder.try_init(),
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
