//! Holds an event's `input` against its row, and says everything that is wrong with it at once.
//!
//! What it takes is what the row's JSON Schema ([`schema`](super::schema)) takes; a property test holds the two together.

use serde::Serialize;
use serde_json::{Number, Value};

use super::{
    Decimal, Row,
    field::{Field, FieldType},
};
use crate::{event::Outcome, time::Timestamp};

/// The most faults told of one event; an input of a thousand unknown fields is not answered with a thousand faults.
pub const MAX_FAULTS: usize = 100;

/// Something wrong with an event. It never repeats the value, which may hold what must not be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where: a JSON Pointer (RFC 6901) from the event's root, for instance `/input/cost`.
    pub pointer: String,
    /// What is wrong, machine-readable: `required`, `unknown`, `type`, `format` or `range`.
    pub code: &'static str,
    /// What is expected.
    pub detail: String,
}

impl Fault {
    pub(super) fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

impl Row {
    /// Everything wrong with `input`, at most [`MAX_FAULTS`], in the order of the input's own fields and then of those missing.
    ///
    /// `Value::Null` is an input that was not sent. A failed action need not carry the required fields, since it may not
    /// know them; those it does carry are checked.
    #[must_use]
    pub fn check(&self, outcome: Outcome, input: &Value) -> Vec<Fault> {
        let mut faults = Vec::new();
        let sent = match input {
            Value::Object(sent) => Some(sent),
            Value::Null => None,
            _ => return vec![Fault::new("/input", "type", "expected an object")],
        };
        for (name, value) in sent.into_iter().flatten() {
            match self.fields.iter().find(|field| field.name == *name) {
                Some(field) if !value.is_null() => check_value(field, value, &mut faults),
                None if !self.open_input => faults.push(Fault::new(
                    format!("/input/{}", escaped(name)),
                    "unknown",
                    "not a field of this event type; input.extra takes fields of your own",
                )),
                _ => {}
            }
            if faults.len() >= MAX_FAULTS {
                break;
            }
        }
        if outcome == Outcome::Success {
            let missing = |field: &&Field| {
                field.required && sent.and_then(|sent| sent.get(&field.name)).is_none_or(Value::is_null)
            };
            faults.extend(
                self.fields
                    .iter()
                    .filter(missing)
                    .map(|field| Fault::new(format!("/input/{}", field.name), "required", "this field is required")),
            );
        }
        faults.truncate(MAX_FAULTS);
        faults
    }
}

/// A key as a JSON Pointer writes it (RFC 6901, section 3).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn check_value(field: &Field, value: &Value, faults: &mut Vec<Fault>) {
    let pointer = format!("/input/{}", field.name);
    if let (FieldType::TextList { items, max }, Value::Array(list)) = (&field.field_type, value) {
        if list.len() > *items as usize {
            faults.push(Fault::new(&pointer, "range", format!("expected at most {items} items")));
        }
        let items = list.iter().take(*items as usize).enumerate();
        faults.extend(items.filter_map(|(at, item)| {
            text(item, 1, *max).err().map(|(code, detail)| Fault::new(format!("{pointer}/{at}"), code, detail))
        }));
    } else if let Err((code, detail)) = scalar(&field.field_type, value) {
        faults.push(Fault::new(pointer, code, detail));
    }
}

type Checked = Result<(), (&'static str, String)>;

fn scalar(field_type: &FieldType, value: &Value) -> Checked {
    match field_type {
        FieldType::Text { min, max } => text(value, *min, *max),
        FieldType::Word(words) => in_form(value, |text| words.iter().any(|word| word == text)).map_err(|code| {
            (if code == "format" { "range" } else { code }, format!("expected {}", words.join(" or ")))
        }),
        FieldType::Integer { min, max } => integer(value, *min, *max),
        FieldType::Decimal => in_form(value, |text| text.parse::<Decimal>().is_ok())
            .map_err(|code| (code, format!("expected a decimal as a string, {}", Decimal::FORM))),
        FieldType::Currency => in_form(value, is_currency)
            .map_err(|code| (code, "expected an ISO 4217 currency code, for instance USD".to_owned())),
        FieldType::Time => in_form(value, |text| text.parse::<Timestamp>().is_ok())
            .map_err(|code| (code, "expected an RFC 3339 time, for instance 2026-11-21T07:45:00Z".to_owned())),
        FieldType::Number => of_type(value.is_number(), "expected a number"),
        FieldType::Boolean => of_type(value.is_boolean(), "expected true or false"),
        FieldType::TextList { .. } => of_type(value.is_array(), "expected a list of strings"),
        FieldType::Object => of_type(value.is_object(), "expected an object"),
        FieldType::Any => Ok(()),
    }
}

fn of_type(is: bool, detail: &str) -> Checked {
    if is { Ok(()) } else { Err(("type", detail.to_owned())) }
}

fn in_form(value: &Value, has_form: impl Fn(&str) -> bool) -> Result<(), &'static str> {
    match value {
        Value::String(text) if has_form(text) => Ok(()),
        Value::String(_) => Err("format"),
        _ => Err("type"),
    }
}

/// JSON Schema counts Unicode code points, so do we.
fn text(value: &Value, min: u32, max: u32) -> Checked {
    let Value::String(text) = value else { return of_type(false, "expected a string") };
    let within = text.chars().count();
    if (min as usize..=max as usize).contains(&within) {
        Ok(())
    } else {
        Err(("range", format!("expected {min} to {max} characters")))
    }
}

fn integer(value: &Value, min: i64, max: i64) -> Checked {
    match value.as_number().and_then(whole) {
        Some(number) if (i128::from(min)..=i128::from(max)).contains(&number) => Ok(()),
        Some(_) => Err(("range", format!("expected {min} to {max}"))),
        None => Err(("type", "expected a whole number".to_owned())),
    }
}

/// The whole number that `number` is, however it is written: `3` and `3.0` are the same in RFC 8785's bytes.
fn whole(number: &Number) -> Option<i128> {
    let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    // A float beyond 2^127 saturates, and is out of every range then.
    #[allow(clippy::cast_possible_truncation)]
    integer.or_else(|| number.as_f64().filter(|float| float.fract() == 0.0).map(|float| float as i128))
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
