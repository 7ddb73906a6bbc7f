//! A seeded corpus of events with exact gold spans, and the score of a redactor on it.
//!
//! Three parts: `plain` (what people and systems write), `adversarial` (the same values encoded, spread or hidden) and
//! `negative` (look-alikes that must stay). A value has leaked if any letter or digit of it is outside every finding; a
//! look-alike is over-redacted if any finding touches it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    unreachable_pub,
    missing_docs,
    clippy::manual_is_multiple_of
)]

pub mod adversarial;
pub mod blind;
pub mod heldout;
pub mod negatives;
pub mod rng;
pub mod score;
pub mod templates;
pub mod values;

use serde_json::{Value, json};

use rng::Rng;

/// One event with one known stretch in it.
#[derive(Debug, Clone)]
pub struct Case {
    pub part: &'static str,
    /// The type, or for look-alikes what they look like.
    pub kind: String,
    pub event: Value,
    pub pointer: String,
    /// The stretch, in bytes of the string (or of the key, or of the number's text) at `pointer`.
    pub start: usize,
    pub end: usize,
    pub in_key: bool,
    pub text: String,
}

/// Phrases and keys from which events are made.
pub struct Templates {
    /// Sentences with `{}` by type; types without their own take those of `*`.
    pub sentences: &'static [(&'static str, &'static [&'static str])],
    /// Member names by type.
    pub keys: &'static [(&'static str, &'static [&'static str])],
    /// File names with `{}` by type.
    pub files: &'static [(&'static str, &'static [&'static str])],
    /// Keys of free text.
    pub text_keys: &'static [&'static str],
    pub negatives: fn(&mut Rng) -> Case,
}

fn of<'t>(table: &'t [(&str, &'t [&'t str])], kind: &str) -> &'t [&'t str] {
    table.iter().find(|(name, _)| *name == kind).map_or(&[], |(_, list)| list)
}

impl Templates {
    pub fn corpus(&self, seed: u64, per_kind: usize) -> Vec<Case> {
        let mut rng = Rng::new(seed);
        let mut cases = Vec::new();
        for kind in values::KINDS {
            for _ in 0..per_kind {
                cases.push(self.plain(kind, &mut rng));
            }
            for _ in 0..per_kind / 2 {
                cases.extend(adversarial::case(self, kind, &mut rng));
            }
        }
        for _ in 0..per_kind * 20 {
            cases.push((self.negatives)(&mut rng));
        }
        cases
    }

    fn plain(&self, kind: &str, rng: &mut Rng) -> Case {
        let (sentences, keys, files) = (of(self.sentences, kind), of(self.keys, kind), of(self.files, kind));
        let value = values::value(kind, rng);
        let total = 2 * sentences.len().min(4) + keys.len().min(4) + files.len().min(1);
        let choice = rng.below(total);
        if choice < 2 * sentences.len().min(4) {
            let (before, after) = rng.pick(sentences).split_once("{}").unwrap();
            self.in_text("plain", kind, before, &value, after, rng)
        } else if choice < 2 * sentences.len().min(4) + keys.len().min(4) {
            keyed("plain", kind, rng.pick(keys), &value, rng)
        } else {
            let (before, after) = rng.pick(files).split_once("{}").unwrap();
            let value = value.replace([' ', '/'], "_");
            let event = json!({"surface": "media", "input": {"media_type": "application/pdf", "bytes": rng.range(1000, 9_999_999), "source": format!("{before}{value}{after}")}});
            case("plain", kind, event, "/input/source", before.len(), value.len(), &value)
        }
    }

    /// A sentence in a chat message, an audit note or an error.
    pub fn in_text(
        &self,
        part: &'static str,
        kind: &str,
        before: &str,
        value: &str,
        after: &str,
        rng: &mut Rng,
    ) -> Case {
        let key = rng.pick(self.text_keys);
        let text = format!("{before}{value}{after}");
        let event = match rng.below(3) {
            0 => {
                json!({"surface": "chat", "input": {"thread_id": "th_81f", "role": "user", key: text, "tokens_input": rng.range(5, 900)}})
            }
            1 => {
                json!({"surface": "vector", "input": {"collection": "docs", "top_k": 5, key: text}, "output": {"count": 3}})
            }
            _ => {
                json!({"surface": "raw_storage", "input": {key: text, "bytes": rng.range(1, 9_999_999)}, "metadata": {"duration_ms": 12}})
            }
        };
        case(part, kind, event, &format!("/input/{key}"), before.len(), value.len(), value)
    }
}

/// A value under its own key, flat or nested.
pub fn keyed(part: &'static str, kind: &str, key: &str, value: &str, rng: &mut Rng) -> Case {
    let (event, pointer) = match rng.below(3) {
        0 => (json!({"input": {key: value, "status": "ok"}}), format!("/input/{key}")),
        1 => (json!({"output": {"customer": {"id": "c_91", key: value}}}), format!("/output/customer/{key}")),
        _ => (json!({"input": {"rows": [{"row": 1, key: value}]}}), format!("/input/rows/0/{key}")),
    };
    case(part, kind, event, &pointer, 0, value.len(), value)
}

pub fn case(
    part: &'static str,
    kind: &str,
    event: Value,
    pointer: &str,
    start: usize,
    length: usize,
    text: &str,
) -> Case {
    Case {
        part,
        kind: kind.to_owned(),
        event,
        pointer: pointer.to_owned(),
        start,
        end: start + length,
        in_key: false,
        text: text.to_owned(),
    }
}
