//! The score: leaks and over-redactions by type.

use std::collections::BTreeMap;

use nexus_redact::{Finding, Redactor};
use serde_json::Value;

use super::Case;

/// Bad ones and all, by part and type.
#[derive(Debug, Default)]
pub struct Score(pub BTreeMap<(&'static str, String), (usize, usize)>, pub Vec<Case>);

impl Score {
    pub fn of(redactor: &Redactor, cases: &[Case]) -> Self {
        let mut score = Self::default();
        for case in cases {
            let (_, findings) = redactor.redact_value(None, case.event.clone());
            let bad = if case.part == "negative" { touched(case, &findings) } else { leaked(case, &findings) };
            let cell = score.0.entry((case.part, case.kind.clone())).or_default();
            cell.1 += 1;
            if bad {
                cell.0 += 1;
                score.1.push(case.clone());
            }
        }
        score
    }

    /// The percentage of bad ones of a part.
    pub fn rate(&self, part: &str) -> f64 {
        let cells = self.0.iter().filter(|((of, _), _)| *of == part).map(|(_, cell)| cell);
        let (bad, all) = cells.fold((0, 0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
        percent(bad, all)
    }

    /// The worst type of a part and its percentage.
    pub fn worst(&self, part: &str) -> (String, f64) {
        let of = self.0.iter().filter(|((name, _), _)| *name == part);
        of.map(|((_, kind), &(bad, all))| (kind.clone(), percent(bad, all)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or_default()
    }
}

fn percent(bad: usize, all: usize) -> f64 {
    100.0 * bad as f64 / all.max(1) as f64
}

fn at<'f>(case: &'f Case, findings: &'f [Finding]) -> impl Iterator<Item = &'f Finding> {
    findings.iter().filter(|found| *found.pointer == *case.pointer && found.in_key == case.in_key)
}

fn leaked(case: &Case, findings: &[Finding]) -> bool {
    let text = text_at(case);
    let covered = |byte: usize| at(case, findings).any(|found| found.start <= byte && byte < found.end);
    text.char_indices().any(|(byte, c)| c.is_alphanumeric() && (case.start..case.end).contains(&byte) && !covered(byte))
}

fn touched(case: &Case, findings: &[Finding]) -> bool {
    at(case, findings).any(|found| found.start < case.end && case.start < found.end)
}

/// The string, key or number in which the stretch is.
pub fn text_at(case: &Case) -> String {
    if case.in_key {
        let key = case.pointer.rsplit('/').next().unwrap();
        return key.replace("~1", "/").replace("~0", "~");
    }
    match case.event.pointer(&case.pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => panic!("{} is not in {}", case.pointer, case.event),
    }
}
