//! The pass over a JSON tree.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{Finding, PiiType, redactor::TenantRules, replace, scan};

/// One pass over one event (or one tree): where it is, and what it has found so far.
pub(crate) struct Walk<'a> {
    rules: TenantRules<'a>,
    counts: BTreeMap<PiiType, u64>,
    found: u64,
    /// Only kept where somebody wants to read them.
    findings: Option<Vec<Finding>>,
    pointer: String,
    depth: usize,
}

impl<'a> Walk<'a> {
    /// A pass that only counts.
    pub(crate) fn counting(rules: TenantRules<'a>) -> Self {
        Self { rules, counts: BTreeMap::new(), found: 0, findings: None, pointer: String::new(), depth: 0 }
    }

    /// A pass that also says where.
    pub(crate) fn reporting(rules: TenantRules<'a>) -> Self {
        Self { findings: Some(Vec::new()), ..Self::counting(rules) }
    }

    pub(crate) fn rules(&self) -> &TenantRules<'a> {
        &self.rules
    }

    pub(crate) fn counts(&self) -> &BTreeMap<PiiType, u64> {
        &self.counts
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings.unwrap_or_default()
    }

    /// The tree, redacted.
    pub(crate) fn value(&mut self, value: Value) -> Value {
        match value {
            Value::Null | Value::Bool(_) => value,
            Value::Number(number) => {
                let text = number.to_string();
                match self.text_if_found(&text, false) {
                    Some(redacted) => Value::String(redacted),
                    None => Value::Number(number),
                }
            }
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(_) | Value::Object(_) if self.depth == self.rules.limits.depth => {
                self.record(PiiType::Unscannable, 0, 0, false);
                Value::String("[redacted:unscannable]".to_owned())
            }
            Value::Array(items) => {
                self.depth += 1;
                let items = items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| self.at(&index.to_string(), |walk| walk.value(item)));
                let items = items.collect();
                self.depth -= 1;
                Value::Array(items)
            }
            Value::Object(members) => {
                self.depth += 1;
                let members = self.map(members);
                self.depth -= 1;
                Value::Object(members)
            }
        }
    }

    /// The members, redacted. Keys that redaction makes equal get a suffix: `[redacted:email]_2`.
    pub(crate) fn map(&mut self, members: Map<String, Value>) -> Map<String, Value> {
        let mut out = Map::new();
        for (key, value) in members {
            let (name, value) = self.at(&key, |walk| {
                let name = walk.text_if_found(&key, true);
                (name, walk.value(value))
            });
            let name = name.unwrap_or(key);
            let mut unique = name.clone();
            for n in 2.. {
                if !out.contains_key(&unique) {
                    break;
                }
                unique = format!("{name}_{n}");
            }
            out.insert(unique, value);
        }
        out
    }

    /// The text, redacted.
    pub(crate) fn text(&mut self, text: String) -> String {
        self.text_if_found(&text, false).unwrap_or(text)
    }

    fn text_if_found(&mut self, text: &str, in_key: bool) -> Option<String> {
        let spans = scan::scan(text);
        if spans.is_empty() {
            return None;
        }
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for span in spans {
            out.push_str(&text[done..span.start]);
            replace::push(&mut out, &self.rules, span.kind, &text[span.start..span.end]);
            done = span.end;
            self.record(span.kind, span.start, span.end, in_key);
        }
        out.push_str(&text[done..]);
        Some(out)
    }

    fn at<T>(&mut self, token: &str, inner: impl FnOnce(&mut Self) -> T) -> T {
        if self.findings.is_none() {
            return inner(self);
        }
        let parent = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
        let result = inner(self);
        self.pointer.truncate(parent);
        result
    }

    fn record(&mut self, kind: PiiType, start: usize, end: usize, in_key: bool) {
        *self.counts.entry(kind).or_default() += 1;
        self.found += 1;
        if let Some(findings) = &mut self.findings {
            findings.push(Finding { pointer: self.pointer.clone(), kind, start, end, in_key });
        }
    }
}
