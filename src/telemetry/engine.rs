//! How long events take on their way to the disk, and what was found in them. No series is made by what callers send: types of
//! findings are the redactor's own.

use std::time::Instant;

use metrics::{Counter, Histogram};
use nexus_model::PiiFlags;
use nexus_redact::PiiType;

/// Kept handles: looking a series up by its labels costs more than counting.
pub struct EngineTimes {
    append: Histogram,
    redaction: Histogram,
    /// As [`PiiType::ALL`] orders them.
    findings: Vec<Counter>,
}

impl EngineTimes {
    /// Series of the recorder that is installed.
    #[must_use]
    pub fn new() -> Self {
        let finding = |kind: &PiiType| metrics::counter!("nexus_redaction_findings_total", "type" => kind.as_str());
        Self {
            append: metrics::histogram!("nexus_ledger_append_seconds"),
            redaction: metrics::histogram!("nexus_redaction_seconds"),
            findings: PiiType::ALL.iter().map(finding).collect(),
        }
    }

    /// One event was redacted.
    pub fn redacted(&self, begun: Instant, flags: &PiiFlags) {
        self.redaction.record(begun.elapsed());
        for (name, count) in &flags.flags {
            let kind = PiiType::ALL.iter().position(|kind| kind.as_str() == name);
            if let Some(counter) = kind.and_then(|kind| self.findings.get(kind)) {
                counter.increment(*count);
            }
        }
    }

    /// One call's events are on disk, or not: from the queue's end to the answer.
    pub fn appended(&self, begun: Instant) {
        self.append.record(begun.elapsed());
    }
}

impl Default for EngineTimes {
    fn default() -> Self {
        Self::new()
    }
}
