//! Bodies: I-JSON (RFC 7493) in, checked field by field so that a caller hears of every fault at once.

use std::fmt;

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use nexus_model::json;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::problem::{Code, Problem};
use crate::{
    app::App,
    fields::{Fault, Fields, pointer},
};

/// Levels that are read into a [`Value`]; what is nested deeper is read over, so that its array or object stands there empty.
/// serde_json itself gives up at 128.
const READ_DEPTH: usize = 126;
/// The most that `server.max_body_depth` may say: a batch wraps its events in two levels, and one more shows what is too deep.
pub const MAX_BODY_DEPTH: usize = READ_DEPTH - 3;

/// Reads I-JSON: no duplicate names, no lone surrogates, no integers beyond ±(2^53−1). What is nested too deep is for
/// [`too_deep`] to tell, and not whole.
///
/// # Errors
/// With a sentence about the first fault.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { level: 1 }.deserialize(&mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(value)
}

/// The fault of a value with more than `max` levels of arrays and objects, itself the first of them.
#[must_use]
pub fn too_deep(value: &Value, max: usize) -> Option<Fault> {
    let at = match value {
        // Which member it is says enough: the rest of the pointer would be longer than the limit is deep.
        Value::Object(map) => map.iter().find(|(_, member)| is_deeper(member, max.saturating_sub(1)))?.0.clone(),
        Value::Array(items) => items.iter().position(|item| is_deeper(item, max.saturating_sub(1)))?.to_string(),
        _ => return None,
    };
    Some(Fault::new(pointer(&at), "depth", format!("expected at most {max} levels of arrays and objects")))
}

fn is_deeper(value: &Value, max: usize) -> bool {
    match value {
        Value::Object(map) => max == 0 || map.values().any(|member| is_deeper(member, max - 1)),
        Value::Array(items) => max == 0 || items.iter().any(|item| is_deeper(item, max - 1)),
        _ => false,
    }
}

/// A value at this level, the outermost being the first.
#[derive(Clone, Copy)]
struct Strict {
    level: usize,
}

impl Strict {
    /// What stands inside; `None` where that is not read.
    fn inner(self) -> Option<Self> {
        (self.level < READ_DEPTH).then_some(Self { level: self.level + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        json::unsigned(value).map(Value::Number).map_err(E::custom)
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        json::signed(value).map(Value::Number).map_err(E::custom)
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        json::float(value).map(Value::Number).map_err(E::custom)
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        let Some(inner) = self.inner() else {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Value::Array(list));
        };
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        let Some(inner) = self.inner() else {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Value::Object(map));
        };
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(inner)?;
            if map.insert(name, value).is_some() {
                return Err(de::Error::custom("a duplicate name"));
            }
        }
        Ok(Value::Object(map))
    }
}

/// The body as an object: content type, size and I-JSON checked, fields not yet.
pub struct JsonObject(pub Fields);

impl FromRequest<App> for JsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        match read_json(request, app, app.config.server.max_body_bytes).await? {
            Value::Object(map) => Ok(Self(Fields::new(map))),
            _ => Err(invalid(vec![Fault::new("", "type", "expected an object")])),
        }
    }
}

/// Reads a body of `application/json`, at most `max` bytes of it.
pub(super) async fn read_json(request: Request, app: &App, max: usize) -> Result<Value, Problem> {
    let (parts, body) = request.into_parts();
    if !is_json(&parts.headers) {
        return Err(Problem::new(Code::BodyUnsupportedType).detail("expected Content-Type: application/json"));
    }
    let bytes = read_body(&parts.headers, body, max).await?;
    let value = parse(&bytes)
        .map_err(|why| Problem::new(Code::BodyMalformed).detail(format!("the body is not I-JSON: {why}")))?;
    too_deep(&value, app.config.server.max_body_depth).map_or(Ok(value), |fault| Err(invalid(vec![fault])))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Reads a body of at most `max` bytes.
pub(super) async fn read_body(headers: &HeaderMap, body: Body, max: usize) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(Code::BodyTooLarge).detail(format!("at most {max} bytes are taken"));
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if let Some(length) = length.filter(|length| *length > max) {
        // A client that is still sending when the connection closes may never read its answer, so it is let finish, within reason.
        if length <= max.saturating_mul(2) && !headers.contains_key(header::EXPECT) {
            discard(body).await;
        }
        return Err(too_large());
    }
    to_bytes(body, max).await.map_err(|error| {
        let limit =
            std::error::Error::source(&error).is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
        if limit { too_large() } else { Problem::new(Code::BodyMalformed).detail("the body ended early") }
    })
}

async fn discard(mut body: Body) {
    while let Some(Ok(_)) = body.frame().await {}
}

/// 422 with these faults.
#[must_use]
pub fn invalid(faults: Vec<Fault>) -> Problem {
    let count = faults.len();
    Problem::new(Code::BodyInvalid)
        .detail(if count == 1 { "1 fault; see errors".to_owned() } else { format!("{count} faults; see errors") })
        .faults(faults)
}

/// Ends the reading of a body: every field left is unknown.
///
/// # Errors
/// 422 with every fault noted, if there is any.
pub fn finish(mut fields: Fields) -> Result<(), Problem> {
    fields.refuse_rest();
    let faults = fields.into_faults();
    if faults.is_empty() { Ok(()) } else { Err(invalid(faults)) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_i_json_is_read() {
        for good in [r#"{"a":[1,-2,2.5,null,true,"\ud83d\ude00"]}"#, "9007199254740991", "1e3", "0.1"] {
            assert_eq!(parse(good.as_bytes()).unwrap(), serde_json::from_str::<Value>(good).unwrap());
        }
        let bad = [
            r#"{"a":1,"a":2}"#,
            r#""\ud800""#,
            "9007199254740992",
            "-9007199254740992",
            "99999999999999999999",
            "1e999",
            "{",
            "",
            "[1] 2",
            "\"\u{0}\"",
        ];
        for bad in bad {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse(b"\"\xff\"").is_err());
        assert!(parse("[".repeat(10_000).as_bytes()).is_err(), "it never ends");
    }

    #[test]
    fn nesting_is_told_by_the_member_it_is_in() {
        let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let fault = |text: String, max: usize| too_deep(&parse(text.as_bytes()).unwrap(), max);
        assert!(fault(nested(MAX_BODY_DEPTH), MAX_BODY_DEPTH).is_none());
        for levels in [MAX_BODY_DEPTH + 1, 200, 100_000] {
            assert_eq!(fault(nested(levels), MAX_BODY_DEPTH).unwrap().pointer, "/0", "{levels}");
        }
        let object = |levels: usize| format!(r#"{{"a":[[]],"b/c":{{"d":{}}}}}"#, nested(levels));
        assert!(fault(object(3), 5).is_none());
        let found = fault(object(4), 5).unwrap();
        assert_eq!((found.pointer.as_str(), found.code), ("/b~1c", "depth"));
        assert!(fault("\"text\"".to_owned(), 1).is_none());
    }
}
