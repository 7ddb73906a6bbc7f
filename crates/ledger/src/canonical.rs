//! The exact bytes of an event: JSON in the canonical form of RFC 8785 (JCS), written straight from the struct.
//!
//! These bytes are the leaf that the Merkle tree hashes, so they must be the same for the same event, always. Members are
//! sorted by the UTF-16 code units of their names (section 3.2.3), numbers are written as ECMAScript writes a double
//! (section 3.2.2.3), strings escape only what they must (section 3.2.2.2). A property test holds this writer against an
//! independent canonicalizer; it exists because a general one re-parses every key and costs several times as much.

use nexus_model::{ActorType, DatasetEvent, Metadata, PiiFlags, SourceRef};
use serde_json::{Map, Number, Value};

/// Integers up to this magnitude are doubles exactly, so their decimal text is already canonical.
const MAX_EXACT_INTEGER: u64 = (1 << 53) - 1;

/// The canonical bytes of `event`, without a trailing newline.
#[must_use]
pub fn canonical_bytes(event: &DatasetEvent) -> Vec<u8> {
    // Taken apart without `..`, so that a new field of the event cannot be forgotten here.
    let DatasetEvent {
        event_id,
        tenant_id,
        env,
        surface,
        event_type,
        outcome,
        error_code,
        user_id,
        asset_type,
        asset_id,
        input,
        output,
        metadata,
        pii_flags,
        train_ok,
        source_refs,
        occurred_at,
        recorded_at,
    } = event;
    let mut out = Object::new(Vec::with_capacity(1024));
    out.optional("asset_id", asset_id.as_ref().map(AsRef::as_ref));
    out.optional("asset_type", asset_type.as_ref().map(AsRef::as_ref));
    out.text("env", env.as_str());
    out.optional("error_code", error_code.as_ref().map(AsRef::as_ref));
    out.text("event_id", &event_id.to_string());
    out.text("event_type", event_type.as_str());
    out.value("input", input);
    write_metadata(out.name("metadata"), metadata);
    out.text("occurred_at", &occurred_at.to_string());
    out.text("outcome", outcome.as_str());
    out.value("output", output);
    write_pii_flags(out.name("pii_flags"), pii_flags);
    out.text("recorded_at", &recorded_at.to_string());
    write_source_refs(out.name("source_refs"), source_refs);
    out.text("surface", surface.as_str());
    out.text("tenant_id", tenant_id.as_str());
    out.name("train_ok").extend_from_slice(if *train_ok { b"true" } else { b"false" });
    out.text("user_id", user_id.as_str());
    out.finish()
}

/// The canonical bytes of any object, without a trailing newline.
#[must_use]
pub fn canonical_object(members: &Map<String, Value>) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    write_object(&mut out, members);
    out
}

/// Writes one object whose members the caller names in canonical order.
struct Object {
    out: Vec<u8>,
    first: bool,
}

impl Object {
    fn new(mut out: Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        write_string(&mut self.out, name);
        self.out.push(b':');
        &mut self.out
    }

    fn text(&mut self, name: &str, text: &str) {
        write_string(self.name(name), text);
    }

    fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    fn value(&mut self, name: &str, value: &Value) {
        write_value(self.name(name), value);
    }

    fn finish(mut self) -> Vec<u8> {
        self.out.push(b'}');
        self.out
    }
}

/// Where a member of the metadata comes from: its own field, or the caller's extra ones.
enum Member<'a> {
    Text(&'a str),
    Texts(&'a [String]),
    Value(&'a Value),
}

fn write_metadata(out: &mut Vec<u8>, metadata: &Metadata) {
    let Metadata { trace_id, request_id, actor_type, synthesized, auth_subject, extra } = metadata;
    let actor = match actor_type {
        ActorType::Human => "human",
        ActorType::Agent => "agent",
        ActorType::System => "system",
    };
    let mut members: Vec<(&str, Member<'_>)> = Vec::with_capacity(5 + extra.len());
    members.push(("actor_type", Member::Text(actor)));
    if let Some(subject) = auth_subject {
        members.push(("auth_subject", Member::Text(subject.as_str())));
    }
    members.push(("request_id", Member::Text(request_id.as_str())));
    if !synthesized.is_empty() {
        members.push(("synthesized", Member::Texts(synthesized)));
    }
    members.push(("trace_id", Member::Text(trace_id.as_str())));
    members.extend(extra.iter().map(|(name, value)| (name.as_str(), Member::Value(value))));
    sort_members(&mut members);
    out.push(b'{');
    for (at, (name, member)) in members.iter().enumerate() {
        separate(out, at);
        write_string(out, name);
        out.push(b':');
        match member {
            Member::Text(text) => write_string(out, text),
            Member::Texts(texts) => write_list(out, texts, |out, text| write_string(out, text)),
            Member::Value(value) => write_value(out, value),
        }
    }
    out.push(b'}');
}

fn write_pii_flags(out: &mut Vec<u8>, PiiFlags { flags, policy_reason }: &PiiFlags) {
    let mut counts: Vec<(&str, u64)> = flags.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    sort_members(&mut counts);
    out.extend_from_slice(b"{\"flags\":{");
    for (at, (name, count)) in counts.iter().enumerate() {
        separate(out, at);
        write_string(out, name);
        out.push(b':');
        write_number(out, &Number::from(*count));
    }
    out.extend_from_slice(b"},\"policy_reason\":");
    write_string(out, policy_reason);
    out.push(b'}');
}

fn write_source_refs(out: &mut Vec<u8>, refs: &[SourceRef]) {
    write_list(out, refs, |out, SourceRef { kind, id }| {
        out.extend_from_slice(b"{\"id\":");
        write_string(out, id);
        out.extend_from_slice(b",\"kind\":");
        write_string(out, kind);
        out.push(b'}');
    });
}

/// Appends `value` in canonical form.
pub(crate) fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => write_list(out, items, write_value),
        Value::Object(members) => write_object(out, members),
    }
}

fn write_object(out: &mut Vec<u8>, object: &Map<String, Value>) {
    let mut members: Vec<(&str, &Value)> = object.iter().map(|(name, value)| (name.as_str(), value)).collect();
    sort_members(&mut members);
    out.push(b'{');
    for (at, (name, value)) in members.iter().enumerate() {
        separate(out, at);
        write_string(out, name);
        out.push(b':');
        write_value(out, value);
    }
    out.push(b'}');
}

fn write_list<T>(out: &mut Vec<u8>, items: &[T], mut write: impl FnMut(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (at, item) in items.iter().enumerate() {
        separate(out, at);
        write(out, item);
    }
    out.push(b']');
}

fn separate(out: &mut Vec<u8>, at: usize) {
    if at > 0 {
        out.push(b',');
    }
}

/// Sorts by UTF-16 code units, which differs from the order of UTF-8 bytes only above U+FFFF.
fn sort_members<T>(members: &mut [(&str, T)]) {
    members.sort_by(
        |(a, _), (b, _)| {
            if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
        },
    );
}

fn write_number(out: &mut Vec<u8>, number: &Number) {
    if let Some(value) = number.as_u64().filter(|value| *value <= MAX_EXACT_INTEGER) {
        out.extend_from_slice(value.to_string().as_bytes());
    } else if let Some(value) = number.as_i64().filter(|value| value.unsigned_abs() <= MAX_EXACT_INTEGER) {
        out.extend_from_slice(value.to_string().as_bytes());
    } else {
        // JSON numbers of serde_json are always finite, so the fallback is never taken.
        let value = number.as_f64().filter(|value| value.is_finite()).unwrap_or(0.0);
        out.extend_from_slice(ryu_js::Buffer::new().format_finite(value).as_bytes());
    }
}

fn write_string(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut kept = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[kept..at]);
        kept = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x0d => out.extend_from_slice(b"\\r"),
            _ => out.extend_from_slice(&[
                b'\\',
                b'u',
                b'0',
                b'0',
                HEX[usize::from(byte >> 4)],
                HEX[usize::from(byte & 15)],
            ]),
        }
    }
    out.extend_from_slice(&bytes[kept..]);
    out.push(b'"');
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            prop::num::f64::NORMAL.prop_map(Value::from),
            "\\PC{0,12}|[\\x00-\\x1f\"\\\\/\u{fb33}\u{1f600}]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c\"\\n\u{e9}\u{fb33}\u{1f600}]{0,3}", inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_bytes_are_those_of_an_independent_canonicalizer(input in any_json(), output in any_json(), extra in any_json()) {
            let mut event = testing::event(7);
            event.input = input;
            event.output = output;
            event.metadata.extra.insert("more".to_owned(), extra);
            event.metadata.synthesized = vec!["trace_id".to_owned()];
            event.metadata.auth_subject = Some("engine".parse().unwrap());
            event.pii_flags.flags.insert("email".to_owned(), 2);
            event.source_refs.push(SourceRef { kind: "event".to_owned(), id: "x\"y".to_owned() });
            prop_assert_eq!(
                String::from_utf8(canonical_bytes(&event)).unwrap(),
                serde_json_canonicalizer::to_string(&event).unwrap()
            );
            if let Value::Object(members) = &event.output {
                prop_assert_eq!(canonical_object(members), serde_json_canonicalizer::to_vec(members).unwrap());
            }
        }
    }

    /// RFC 8785, section 3.2.3 (sorting) and appendix B (numbers).
    #[test]
    fn the_rfcs_own_examples_hold() {
        let value: Value = serde_json::from_str(
            r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
                "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#,
        )
        .unwrap();
        let mut out = Vec::new();
        write_value(&mut out, &value);
        let order: Vec<_> = ["\"\\r\"", "\"1\"", "\"\u{80}\"", "\"ö\"", "\"€\"", "\"😀\"", "\"\u{fb33}\""].into();
        let text = String::from_utf8(out).unwrap();
        let places: Vec<_> = order.iter().map(|name| text.find(name).unwrap()).collect();
        assert!(places.is_sorted(), "{text}");
        for (number, canonical) in [
            ("333333333.33333329", "333333333.3333333"),
            ("1E30", "1e+30"),
            ("4.50", "4.5"),
            ("2e-3", "0.002"),
            ("1e-27", "1e-27"),
        ] {
            let mut out = Vec::new();
            write_value(&mut out, &serde_json::from_str(number).unwrap());
            assert_eq!(String::from_utf8(out).unwrap(), canonical);
        }
    }
}
