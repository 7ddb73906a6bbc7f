//! The catalog as a JSON Schema (2020-12), as `GET /nexus/events/catalog` serves it.
//!
//! The document is a schema of a posted event, as far as the catalog goes: `surface`, `event_type`, `outcome` and `input`.
//! Beside the schema's own keywords it holds `surfaces`, the table for readers: per surface and event type what kind of action
//! it is and what the read-models take from it, with a reference to the schema of its events. Validators ignore it.

use serde_json::{Map, Value, json};

use super::{
    Catalog, Decimal, Row,
    field::{Field, FieldType},
    row::{Latest, Measure},
};

impl Catalog {
    /// The whole catalog as one JSON Schema document, the same for the same catalog, byte by byte.
    ///
    /// Its root admits what callers may post; `$defs` also holds the events that only Nexus emits.
    #[must_use]
    pub fn json_schema(&self) -> Value {
        let mut surfaces = Map::new();
        for (surface, rows) in &self.surfaces {
            let events: Map<_, _> = rows.values().map(|row| (row.event_type.to_string(), described(row))).collect();
            surfaces.insert(surface.to_string(), json!({ "events": events }));
        }
        let definitions: Map<_, _> = self.rows().map(|row| (name_of(row), event_schema(row))).collect();
        let postable: Vec<_> = self.rows().filter(|row| !row.emitted_by_nexus).map(reference).collect();
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Nexus event catalog",
            "description": "What an event of each type holds in `input`. A success must carry the required fields; a failure need not. `null` counts as absent.",
            "oneOf": postable,
            "$defs": definitions,
            "surfaces": surfaces,
        })
    }
}

fn name_of(row: &Row) -> String {
    format!("{}.{}", row.surface, row.event_type)
}

fn reference(row: &Row) -> Value {
    json!({ "$ref": format!("#/$defs/{}", name_of(row)) })
}

/// What a reader wants to know of a row beside its schema.
fn described(row: &Row) -> Value {
    let required: Vec<&str> =
        row.fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect();
    let dimensions: Map<_, _> =
        row.dimensions.iter().map(|one| (one.name.clone(), json!(one.source.pointer()))).collect();
    let measures: Map<_, _> = row.measures.iter().map(|one| (one.name.clone(), measured(one))).collect();
    json!({
        "kind": row.kind(),
        "control_plane": row.control_plane,
        "emitted_by_nexus": row.emitted_by_nexus,
        "required": required,
        "measures": measures,
        "dimensions": dimensions,
        "latest": row.latest.as_ref().map(kept),
        "schema": reference(row),
    })
}

fn measured(measure: &Measure) -> Value {
    match &measure.currency {
        Some(currency) => json!({ "pointer": measure.source.pointer(), "currency": currency.pointer() }),
        None => json!({ "pointer": measure.source.pointer() }),
    }
}

fn kept(latest: &Latest) -> Value {
    let key: Vec<_> = latest.key.iter().map(|source| source.pointer()).collect();
    json!({ "view": latest.view, "key": key, "keep": latest.keep })
}

/// The schema of an event of this type.
fn event_schema(row: &Row) -> Value {
    let properties: Map<_, _> = row.fields.iter().map(|field| (field.name.clone(), field_schema(field))).collect();
    let mut schema = json!({
        "type": "object",
        "required": ["surface", "event_type"],
        "properties": {
            "surface": { "const": row.surface },
            "event_type": { "const": row.event_type },
            "outcome": { "enum": ["success", "failure", null], "default": "success" },
            "input": {
                "type": ["object", "null"],
                "properties": properties,
                "additionalProperties": row.open_input,
            },
        },
    });
    let required: Vec<&str> =
        row.fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect();
    if !required.is_empty() {
        let present: Map<_, _> =
            required.iter().map(|&name| (name.to_owned(), json!({ "not": { "type": "null" } }))).collect();
        schema["if"] = json!({ "required": ["outcome"], "properties": { "outcome": { "const": "failure" } } });
        schema["else"] = json!({
            "required": ["input"],
            "properties": { "input": { "type": "object", "required": required, "properties": present } },
        });
    }
    schema
}

/// The schema of a field's value. All but `any` take `null`, which counts as absent.
fn field_schema(field: &Field) -> Value {
    match &field.field_type {
        FieldType::Text { min, max } => json!({ "type": ["string", "null"], "minLength": min, "maxLength": max }),
        FieldType::Word(words) => {
            let words: Vec<Option<&String>> = words.iter().map(Some).chain([None]).collect();
            json!({ "enum": words })
        }
        FieldType::Integer { min, max } => json!({ "type": ["integer", "null"], "minimum": min, "maximum": max }),
        FieldType::Number => json!({ "type": ["number", "null"] }),
        FieldType::Decimal => json!({ "type": ["string", "null"], "pattern": Decimal::FORM }),
        FieldType::Currency => json!({ "type": ["string", "null"], "pattern": "^[A-Z]{3}$" }),
        FieldType::Time => json!({ "type": ["string", "null"], "format": "date-time" }),
        FieldType::Boolean => json!({ "type": ["boolean", "null"] }),
        FieldType::TextList { items, max } => json!({
            "type": ["array", "null"],
            "maxItems": items,
            "items": { "type": "string", "minLength": 1, "maxLength": max },
        }),
        FieldType::Object => json!({ "type": ["object", "null"] }),
        FieldType::Any => json!({}),
    }
}
