//! Query strings, with the same strictness as bodies: each name once, no unknown ones, every value of its form.

use std::{collections::BTreeMap, fmt, str::FromStr};

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{
    json::invalid,
    problem::{Code, Problem},
};
use crate::{
    app::App,
    fields::{Fault, pointer},
};

/// The most items a list answers at once.
pub const MAX_LIMIT: usize = 500;
/// How many it answers when the caller does not say.
pub const DEFAULT_LIMIT: usize = 50;

/// The parameters of a query, taken one by one.
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// Splits the raw query.
    ///
    /// # Errors
    /// 400 `query.invalid` for a name that stands twice.
    pub fn parse(raw: Option<&str>) -> Result<Self, Problem> {
        let mut map = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
            if map.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return Err(bad(&name, "repeated", "stands more than once"));
            }
        }
        Ok(Self(map))
    }

    /// Takes a parameter and reads it as `T`.
    ///
    /// # Errors
    /// 400 `query.invalid`.
    pub fn take<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.0.remove(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|error: T::Err| bad(name, "format", &error.to_string()))
    }

    /// Takes a parameter that must be there and reads it as `T`.
    ///
    /// # Errors
    /// 400 `query.invalid`.
    pub fn required<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Result<T, Problem> {
        self.take(name)?.ok_or_else(|| bad(name, "required", "is required"))
    }

    /// Takes one of a few words.
    ///
    /// # Errors
    /// 400 `query.invalid`.
    pub fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Problem> {
        let Some(text) = self.0.remove(name) else { return Ok(None) };
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        let expected = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" or ");
        found.map(Some).ok_or_else(|| bad(name, "range", &format!("expected {}", expected())))
    }

    /// Takes `limit`.
    ///
    /// # Errors
    /// 400 when it is no number, 422 when it is out of range.
    pub fn limit(&mut self) -> Result<usize, Problem> {
        let limit = self.take::<usize>("limit")?.unwrap_or(DEFAULT_LIMIT);
        if (1..=MAX_LIMIT).contains(&limit) {
            return Ok(limit);
        }
        Err(invalid(vec![Fault::new("/limit", "range", format!("expected 1 to {MAX_LIMIT}"))]))
    }

    /// Takes `cursor`.
    ///
    /// # Errors
    /// 400 `cursor.invalid`.
    pub fn cursor<T: FromStr>(&mut self) -> Result<Option<T>, Problem> {
        let Some(text) = self.0.remove("cursor") else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            let fault = Fault::new("/cursor", "format", "expected a next_cursor of this list");
            Problem::new(Code::CursorInvalid).faults(vec![fault])
        })
    }

    /// Ends the reading: every parameter left is unknown.
    ///
    /// # Errors
    /// 400 `query.invalid`.
    pub fn finish(self) -> Result<(), Problem> {
        self.0.keys().next().map_or(Ok(()), |name| Err(bad(name, "unknown", "is not known")))
    }
}

/// 400 for one parameter, which `errors` points at.
pub(super) fn bad(name: &str, code: &'static str, why: &str) -> Problem {
    let shown: String = name.chars().take(40).collect();
    let fault = Fault::new(pointer(&shown), code, why);
    Problem::new(Code::QueryInvalid).detail(format!("query parameter {shown:?}: {why}")).faults(vec![fault])
}

/// Of a route that takes no parameters: a query is refused, since whoever writes one expects it to do something.
pub struct NoQuery;

impl FromRequestParts<App> for NoQuery {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Params::parse(parts.uri.query())?.finish()?;
        Ok(Self)
    }
}
