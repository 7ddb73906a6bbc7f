//! An event as a document: its name, its fields, and what of it differs. Pure.

use std::collections::HashMap;

use bytes::Bytes;
use firestore::gcloud_sdk::{
    google::firestore::v1::{Document, Precondition, Value, Write, value::ValueType, write::Operation},
    prost_types::Timestamp as ProtoTimestamp,
};
use nexus_model::{EventId, Timestamp};
use sha2::{Digest, Sha256};

use super::{Columns, ConditionType, LogId, Row};

/// The collection of a tenant's environment that holds its events.
pub(super) const COLLECTION: &str = "events";
/// Bytes of the hash that make a document's id. 160 bits: no two of 2^60 events meet.
const ID_BYTES: usize = 20;

/// The document of a log's event. A hash, because ids that follow one another make hot spots.
pub(super) fn name(parent: &str, log: &LogId, seq: u64) -> String {
    let hash = Sha256::new().chain_update(log.origin.as_bytes()).chain_update([0]).chain_update(seq.to_be_bytes());
    format!("{parent}/{COLLECTION}/{}", hex::encode(&hash.finalize()[..ID_BYTES]))
}

/// Writes a row's document: `exists` is the precondition; none replaces whatever is there.
pub(super) fn write(parent: &str, log: &LogId, row: &Row, exists: Option<bool>) -> Write {
    let mut fields = columns(log, row);
    fields.insert("leaf".to_owned(), value(ValueType::BytesValue(row.leaf.to_vec())));
    let document = Document { name: name(parent, log, row.seq), fields, ..Default::default() };
    let condition = exists.map(|exists| Precondition { condition_type: Some(ConditionType::Exists(exists)) });
    Write { operation: Some(Operation::Update(document)), current_document: condition, ..Default::default() }
}

/// All fields but the leaf.
fn columns(log: &LogId, row: &Row) -> HashMap<String, Value> {
    let Columns {
        event_id,
        tenant_id,
        env,
        surface,
        event_type,
        outcome,
        user_id,
        asset_id,
        trace_id,
        request_id,
        train_ok,
        occurred_at,
        recorded_at,
    } = &row.columns;
    let text = |text: &dyn std::fmt::Display| value(ValueType::StringValue(text.to_string()));
    let fields = [
        ("log", text(&log.origin)),
        ("seq", value(ValueType::IntegerValue(i64::try_from(row.seq).unwrap_or(i64::MAX)))),
        ("leaf_hash", text(&hex::encode(row.leaf_hash))),
        ("event_id", text(event_id)),
        ("tenant_id", text(tenant_id)),
        ("env", text(env)),
        ("surface", text(surface)),
        ("event_type", text(event_type)),
        ("outcome", text(&outcome.as_str())),
        ("user_id", text(user_id)),
        ("asset_id", asset_id.as_ref().map_or(value(ValueType::NullValue(0)), |id| text(id))),
        ("trace_id", text(trace_id)),
        ("request_id", text(request_id)),
        ("train_ok", value(ValueType::BooleanValue(*train_ok))),
        ("is_read", value(ValueType::BooleanValue(row.columns.is_read()))),
        ("occurred_at", time(*occurred_at)),
        ("recorded_at", time(*recorded_at)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn value(value_type: ValueType) -> Value {
    Value { value_type: Some(value_type) }
}

pub(super) fn time(time: Timestamp) -> Value {
    let micros = time.micros();
    let nanos = i32::try_from(micros.rem_euclid(1_000_000) * 1000).unwrap_or(0);
    value(ValueType::TimestampValue(ProtoTimestamp { seconds: micros.div_euclid(1_000_000), nanos }))
}

/// The leaf that a document holds.
pub(super) fn leaf(document: &Document) -> Option<Bytes> {
    match document.fields.get("leaf")?.value_type.as_ref()? {
        ValueType::BytesValue(leaf) => Some(Bytes::copy_from_slice(leaf)),
        _ => None,
    }
}

/// The log that a document says it is of.
pub(super) fn log(document: &Document) -> Option<&str> {
    match document.fields.get("log")?.value_type.as_ref()? {
        ValueType::StringValue(log) => Some(log),
        _ => None,
    }
}

/// The seq that a document says it has.
pub(super) fn seq(document: &Document) -> Option<u64> {
    match document.fields.get("seq")?.value_type.as_ref()? {
        ValueType::IntegerValue(seq) => u64::try_from(*seq).ok(),
        _ => None,
    }
}

/// The id that a document says its event has.
pub(super) fn event_id(document: &Document) -> Option<EventId> {
    match document.fields.get("event_id")?.value_type.as_ref()? {
        ValueType::StringValue(id) => id.parse().ok(),
        _ => None,
    }
}

/// When a document says its event was recorded.
pub(super) fn recorded_at(document: &Document) -> Option<Timestamp> {
    match document.fields.get("recorded_at")?.value_type.as_ref()? {
        ValueType::TimestampValue(time) => {
            Timestamp::from_micros(time.seconds.checked_mul(1_000_000)?.checked_add(i64::from(time.nanos) / 1000)?)
        }
        _ => None,
    }
}

/// The first field in which a document is not the row's; fields beside ours are no business of ours.
pub(super) fn differs(document: &Document, log: &LogId, row: &Row) -> Option<String> {
    if leaf(document).as_ref() != Some(&row.leaf) {
        return Some("the leaf differs".to_owned());
    }
    let mut wrong: Vec<String> = columns(log, row)
        .into_iter()
        .filter(|(name, value)| document.fields.get(name) != Some(value))
        .map(|(name, _)| format!("{name} differs"))
        .collect();
    wrong.sort_unstable();
    wrong.into_iter().next()
}
