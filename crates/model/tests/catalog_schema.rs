//! The published JSON Schema: as it was reviewed, and taking exactly what the checks take.

#![allow(clippy::unwrap_used, missing_docs)]

use std::cell::Cell;

use jsonschema::Validator;
use nexus_model::{
    Catalog, Outcome,
    catalog::{Decimal, FieldType, Row},
};
use proptest::{prelude::*, sample::select, test_runner::TestRunner};
use serde_json::{Map, Value, json};

/// `NEXUS_UPDATE_GOLDEN=1 cargo test -p nexus-model` writes the file anew; its diff is then reviewed like code.
#[test]
fn the_document_is_the_reviewed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/catalog.json");
    let document = Catalog::builtin().json_schema();
    if std::env::var_os("NEXUS_UPDATE_GOLDEN").is_some() {
        std::fs::write(path, serde_json::to_string_pretty(&document).unwrap() + "\n").unwrap();
    }
    let golden: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(document == golden, "the catalog is not the one of tests/golden/catalog.json; see this test's comment");
}

#[test]
fn the_same_catalog_gives_the_same_bytes() {
    let again = Catalog::with(Vec::new()).unwrap();
    assert_eq!(Catalog::builtin().json_schema().to_string(), again.json_schema().to_string());
}

#[test]
fn the_document_is_a_valid_schema() {
    assert!(jsonschema::draft202012::meta::is_valid(&Catalog::builtin().json_schema()));
}

#[test]
fn callers_cannot_post_what_nexus_emits() {
    let validator = validator(&Catalog::builtin().json_schema());
    for row in Catalog::builtin().rows() {
        let event = posted(row, Outcome::Failure, &json!({}));
        assert_eq!(validator.is_valid(&event), !row.emitted_by_nexus, "{}", row.event_type);
    }
}

fn validator(schema: &Value) -> Validator {
    jsonschema::options().should_validate_formats(true).build(schema).unwrap()
}

fn posted(row: &Row, outcome: Outcome, input: &Value) -> Value {
    json!({ "surface": row.surface, "event_type": row.event_type, "outcome": outcome, "input": input })
}

/// Values at and just beyond the edges of every type.
fn anything() -> BoxedStrategy<Value> {
    let texts = [
        "",
        "a",
        "é",
        "\u{1f600}",
        "USD",
        "usd",
        "USDX",
        "0.30",
        "-1",
        "1e3",
        "01",
        "1.",
        "user",
        "robot",
        "a\nb",
        "USD\n",
    ];
    let times =
        ["2026-11-21T07:45:00Z", "2026-11-21T09:45:00.123456+02:00", "2026-11-21", "2026-13-01T00:00:00Z", "now"];
    let numbers = json!([
        0,
        1,
        -1,
        3.0,
        1.5,
        9_007_199_254_740_991_i64,
        9_007_199_254_740_992_u64,
        u64::MAX,
        i64::MIN,
        1e300,
        -0.0
    ]);
    let others = json!([null, true, {}, { "any": 1 }, [], ["a"], ["a", 1], [""], ["a", null]]);
    prop_oneof![
        select(texts.to_vec()).prop_map(Value::from),
        select(times.to_vec()).prop_map(Value::from),
        select(numbers.as_array().unwrap().clone()),
        select(others.as_array().unwrap().clone()),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has finite numbers only", |float| float.is_finite()).prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
        Decimal::FORM.trim_matches(['^', '$']).prop_map(Value::from),
    ]
    .boxed()
}

/// Values that the type takes.
fn fitting(field_type: &FieldType) -> BoxedStrategy<Value> {
    let repeated = |min: u32, max: u32| select(vec![min, max]).prop_map(|length| "é".repeat(length as usize));
    match field_type.clone() {
        FieldType::Text { min, max } => repeated(min, max).prop_map(Value::from).boxed(),
        FieldType::Word(words) => select(words).prop_map(Value::from).boxed(),
        FieldType::Integer { min, max } => (min..=max).prop_map(Value::from).boxed(),
        FieldType::Number => any::<i32>().prop_map(|number| json!(f64::from(number) / 8.0)).boxed(),
        FieldType::Decimal => Decimal::FORM.trim_matches(['^', '$']).prop_map(Value::from).boxed(),
        FieldType::Currency => "[A-Z]{3}".prop_map(Value::from).boxed(),
        FieldType::Time => (0..253_000_000_000_000_000_i64)
            .prop_map(|micros| json!(nexus_model::Timestamp::from_micros(micros).unwrap()))
            .boxed(),
        FieldType::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        FieldType::TextList { items, max } => (0..=items.min(4) as usize, repeated(1, max))
            .prop_map(|(length, item)| Value::from(vec![item; length]))
            .boxed(),
        FieldType::Object => Just(json!({ "free": [1, { "deep": null }] })).boxed(),
        _ => anything(),
    }
}

/// Values just beyond the edges of the type, which [`anything`] does not know.
fn beyond(field_type: &FieldType) -> BoxedStrategy<Value> {
    match field_type.clone() {
        FieldType::Text { max, .. } => Just(Value::from("é".repeat(max as usize + 1))).boxed(),
        FieldType::Integer { min, max } => select(vec![min - 1, max + 1]).prop_map(Value::from).boxed(),
        FieldType::TextList { items, max } => {
            let (long, many) = (vec!["é".repeat(max as usize + 1)], vec!["a".to_owned(); items as usize + 1]);
            select(vec![long, many]).prop_map(Value::from).boxed()
        }
        _ => anything(),
    }
}

/// An input for `row`: mostly fitting, here and there with a field missing, null, unknown or of any value.
fn input(row: &Row) -> BoxedStrategy<Value> {
    let fields: Vec<_> = row
        .fields
        .iter()
        .map(|field| {
            let value = prop_oneof![
                24 => fitting(&field.field_type).prop_map(Some),
                1 => Just(Some(Value::Null)),
                1 => Just(None),
                1 => anything().prop_map(Some),
                1 => beyond(&field.field_type).prop_map(Some),
            ];
            (Just(field.name.clone()), value)
        })
        .collect();
    let unknown = prop_oneof![12 => Just(None), 1 => ("[a-z/~]{1,4}", anything()).prop_map(Some)];
    let object = (fields, unknown).prop_map(|(fields, unknown)| {
        let known = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
        Value::Object(known.chain(unknown).collect::<Map<_, _>>())
    });
    prop_oneof![40 => object, 1 => anything()].boxed()
}

#[test]
fn the_schema_takes_exactly_what_the_checks_take() {
    let document = Catalog::builtin().json_schema();
    let (taken, refused) = (Cell::new(0), Cell::new(0));
    for row in Catalog::builtin().rows() {
        let name = format!("#/$defs/{}.{}", row.surface, row.event_type);
        let validator = validator(&json!({ "$ref": name, "$defs": document["$defs"] }));
        let outcome = select(vec![Outcome::Success, Outcome::Failure]);
        TestRunner::new(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })
            .run(&(outcome, input(row)), |(outcome, input)| {
                let faults = row.check(outcome, &input);
                let count = if faults.is_empty() { &taken } else { &refused };
                count.set(count.get() + 1);
                let event = posted(row, outcome, &input);
                prop_assert_eq!(faults.is_empty(), validator.is_valid(&event), "{}: {:?}", row.event_type, faults);
                Ok(())
            })
            .unwrap();
    }
    // Neither side may be a rare case, or the agreement says little.
    let (taken, refused) = (taken.get(), refused.get());
    assert!(taken > 2_000 && refused > 2_000, "{taken} taken, {refused} refused");
}
