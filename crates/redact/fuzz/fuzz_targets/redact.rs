//! Any JSON, or any text as one string: the redactor never panics, its output settles at once and is the same by bytes, in whatever order the
//! members come, and its spans lie in the input.
//!
//! `cargo fuzz run -s none redact -- -max_total_time=600` in `crates/redact`.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use nexus_redact::{Policy, Redactor};
use serde_json::{Value, json};

static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(Policy::default()).expect("the default policy"));

/// The value as JSON, with the last member of each object first.
fn backwards(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(backwards).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            let members = members.iter().rev().map(|(name, value)| format!("{}:{}", json!(name), backwards(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
    let (once, findings) = REDACTOR.redact_value(None, value.clone());
    for found in findings.iter().filter(|found| !found.in_key) {
        let at = value.pointer(&found.pointer).expect("a pointer into the original");
        if let Value::String(text) = at {
            assert!(text.get(found.start..found.end).is_some(), "{found:?} in {text:?}");
        }
    }
    // What is no I-JSON is refused: duplicate names are gone from the value, large integers are not.
    for json in [value.to_string(), backwards(&value)] {
        let mut out = Vec::new();
        if REDACTOR.strip_json(None, json.as_bytes(), 128, &mut out).is_ok() {
            assert_eq!(serde_json::from_slice::<Value>(&out).ok().as_ref(), Some(&once));
        }
    }
    let (twice, again) = REDACTOR.redact_value(None, once.clone());
    assert_eq!(once, twice, "{again:?}");
});
