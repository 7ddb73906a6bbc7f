//! Objects from callers, read field by field, so that every fault can be told at once.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Fault {
    /// Where: a JSON Pointer into the body, or `/name` for a query parameter.
    pub pointer: String,
    /// What is wrong, machine-readable: `required`, `unknown`, `type`, `format`, `range`, `reserved`, `depth`, `repeated`.
    #[schema(value_type = String)]
    pub code: &'static str,
    /// What is expected.
    pub detail: String,
}

impl Fault {
    /// A fault.
    #[must_use]
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

/// The JSON Pointer (RFC 6901) of a member of the outermost object.
#[must_use]
pub fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The fields of an object, taken one by one; what is wrong is collected, and what is left over is unknown.
pub struct Fields {
    map: Map<String, Value>,
    faults: Vec<Fault>,
}

impl Fields {
    /// The fields of `map`.
    #[must_use]
    pub fn new(map: Map<String, Value>) -> Self {
        Self { map, faults: Vec::new() }
    }

    /// Notes a fault of the field `name`.
    pub fn fault(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.fault_at(pointer(name), code, detail);
    }

    /// Notes a fault at a JSON Pointer.
    pub fn fault_at(&mut self, pointer: String, code: &'static str, detail: impl Into<String>) {
        self.faults.push(Fault::new(pointer, code, detail));
    }

    /// Notes faults that were found elsewhere.
    pub fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.extend(faults);
    }

    /// Whether a field is there and not `null`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_null())
    }

    /// Takes a field; `null` counts as absent.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name).filter(|value| !value.is_null())
    }

    /// Takes a text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.fault(name, "type", "expected a string");
                None
            }
        }
    }

    /// Takes a text that must be there.
    pub fn required_text(&mut self, name: &str) -> Option<String> {
        if !self.has(name) {
            self.map.remove(name);
            self.fault(name, "required", "this field is required");
            return None;
        }
        self.text(name)
    }

    /// Takes a text and reads it as `T`.
    pub fn parsed<T>(&mut self, name: &str) -> Option<T>
    where
        T: std::str::FromStr<Err: fmt::Display>,
    {
        let text = self.text(name)?;
        self.parse(name, &text)
    }

    /// Takes a text that must be there and reads it as `T`.
    pub fn required<T>(&mut self, name: &str) -> Option<T>
    where
        T: std::str::FromStr<Err: fmt::Display>,
    {
        let text = self.required_text(name)?;
        self.parse(name, &text)
    }

    fn parse<T>(&mut self, name: &str, text: &str) -> Option<T>
    where
        T: std::str::FromStr<Err: fmt::Display>,
    {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(name, "format", error.to_string());
                None
            }
        }
    }

    /// Takes a whole number of at least `min`.
    pub fn integer(&mut self, name: &str, min: u64) -> Option<u64> {
        match self.take(name)?.as_u64() {
            Some(number) if number >= min => Some(number),
            _ => {
                self.fault(name, "range", format!("expected a whole number of at least {min}"));
                None
            }
        }
    }

    /// Takes an object whose JSON has at most `max` bytes.
    pub fn object(&mut self, name: &str, max: usize) -> Option<Map<String, Value>> {
        match self.take(name)? {
            Value::Object(map) => {
                if serde_json::to_vec(&map).is_ok_and(|bytes| bytes.len() <= max) {
                    return Some(map);
                }
                self.fault(name, "range", format!("expected at most {max} bytes of JSON"));
            }
            _ => self.fault(name, "type", "expected an object"),
        }
        None
    }

    /// Takes one of a few words.
    pub fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let expected: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.fault(name, "range", format!("expected {}", expected.join(" or ")));
        }
        found
    }

    /// Takes a boolean.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.take(name)?;
        if value.as_bool().is_none() {
            self.fault(name, "type", "expected true or false");
        }
        value.as_bool()
    }

    /// Ends the reading: every field left is unknown.
    pub fn refuse_rest(&mut self) {
        for (name, _) in std::mem::take(&mut self.map) {
            self.fault(&name, "unknown", "this field is not known");
        }
    }

    /// Every fault noted.
    #[must_use]
    pub fn into_faults(self) -> Vec<Fault> {
        self.faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_told_at_once() {
        let Value::Object(map) = serde_json::json!({ "a": 1, "b": "x", "w": "up", "odd/~": 1 }) else { unreachable!() };
        let mut fields = Fields::new(map);
        assert!(fields.text("a").is_none());
        assert!(fields.integer("b", 1).is_none());
        assert!(fields.required_text("c").is_none());
        assert!(fields.word("w", &[("left", 1), ("right", 2)]).is_none());
        fields.refuse_rest();
        let faults: Vec<_> = fields.into_faults().into_iter().map(|fault| (fault.pointer, fault.code)).collect();
        let expected = [("/a", "type"), ("/b", "range"), ("/c", "required"), ("/w", "range"), ("/odd~1~0", "unknown")];
        assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }
}
