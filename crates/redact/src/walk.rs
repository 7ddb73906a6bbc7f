//! The pass over a JSON tree.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Number, Value};

use crate::{
    Action, Finding, PiiType,
    hint::Hint,
    redactor::TenantRules,
    replace,
    scan::{Scanner, Span},
};

/// One pass over one event (or one tree): where it is, and what it has found so far.
pub(crate) struct Walk<'a> {
    rules: TenantRules<'a>,
    scanner: Scanner<'a>,
    counts: BTreeMap<PiiType, u64>,
    found: usize,
    /// Only kept where somebody wants to read them.
    findings: Option<Vec<Finding>>,
    pointer: String,
    depth: usize,
}

/// Numbers below this have too few digits for a card.
const LEAST_CARD: u64 = 100_000_000_000;

impl<'a> Walk<'a> {
    /// A pass that only counts.
    pub(crate) fn counting(rules: TenantRules<'a>) -> Self {
        let scanner = Scanner::new(&rules.rules.hints, rules.rules.limits.encodings);
        Self { rules, scanner, counts: BTreeMap::new(), found: 0, findings: None, pointer: String::new(), depth: 0 }
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

    /// Redacts a tree in place.
    pub(crate) fn value(&mut self, value: &mut Value, hint: Option<Hint>) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => {
                if let Some(redacted) = self.number(number, hint) {
                    *value = Value::String(redacted);
                }
            }
            Value::String(text) => self.text(text, hint),
            Value::Array(items) if self.depth < self.rules.limits.depth => {
                self.depth += 1;
                for (index, item) in items.iter_mut().enumerate() {
                    let parent = self.enter_index(index);
                    self.value(item, hint);
                    self.pointer.truncate(parent);
                }
                self.depth -= 1;
            }
            Value::Object(members) if self.depth < self.rules.limits.depth => {
                self.depth += 1;
                self.map(members, hint);
                self.depth -= 1;
            }
            Value::Array(_) | Value::Object(_) => {
                // Too deep to be looked at: replaced, never kept.
                self.record(PiiType::Unscannable, 0, 0, false);
                *value = Value::String(replace::bare(PiiType::Unscannable));
            }
        }
    }

    /// Redacts members in place. Keys that redaction makes equal get a suffix: `[redacted:email]_2`.
    pub(crate) fn map(&mut self, members: &mut Map<String, Value>, above: Option<Hint>) {
        let mut renamed = Vec::new();
        for (key, value) in members.iter_mut() {
            let parent = self.enter(key);
            let innocent = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            if let Some(name) = if innocent { None } else { self.redacted(key, None, false, true) } {
                renamed.push((key.clone(), name));
            }
            // What was found in a key says nothing of its value; neither does the placeholder in its stead.
            let said = match renamed.last().filter(|(renamed, _)| renamed == key) {
                Some((_, name)) => Cow::Owned(replace::without_placeholders(name)),
                None if key.contains('[') => Cow::Owned(replace::without_placeholders(key)),
                None => Cow::Borrowed(key.as_str()),
            };
            let hint = self.rules.rules.hints.of(&said, above);
            self.value(value, hint);
            self.pointer.truncate(parent);
        }
        // First all are taken out, so that a new name is only ever compared with the names that stay.
        let taken: Vec<(String, Option<Value>)> =
            renamed.into_iter().map(|(key, name)| (name, members.remove(&key))).collect();
        for (name, value) in taken {
            let mut unique = name.clone();
            let mut n = 1u64;
            while members.contains_key(&unique) {
                n = if n == 1 { members.len() as u64 } else { n } + 1;
                unique = format!("{name}_{n}");
            }
            members.insert(unique, value.unwrap_or_default());
        }
    }

    /// Redacts a text in place.
    pub(crate) fn text(&mut self, text: &mut String, hint: Option<Hint>) {
        if let Some(redacted) = self.redacted(text, hint, false, false) {
            *text = redacted;
        }
    }

    /// A number's digits are looked at where a card can hide in them, or where its key says what it is.
    fn number(&mut self, number: &Number, hint: Option<Hint>) -> Option<String> {
        let small = hint.is_none_or(Hint::says_nothing) && number.as_u64().map_or(!number.is_u64(), |n| n < LEAST_CARD);
        if small {
            return None;
        }
        self.redacted(&number.to_string(), hint, true, false)
    }

    /// The text without what was found in it; `None` where nothing was.
    fn redacted(&mut self, text: &str, hint: Option<Hint>, number: bool, in_key: bool) -> Option<String> {
        let first = self.spans(text, hint, number)?;
        let mut out = self.replaced(text, &first);
        for span in &first {
            self.record(span.kind, span.start, span.end, in_key);
        }
        if !self.scanner.may_remain(text, &first) {
            return Some(out);
        }
        // What a replacement has laid bare is found by looking again; a text that never settles is given up.
        let mut round = 0;
        while let Some(spans) =
            self.spans(&out, hint, false).filter(|spans| spans.iter().any(|span| self.changes(span.kind)))
        {
            round += 1;
            self.record(spans[0].kind, 0, text.len(), in_key);
            out = if round < MAX_ROUNDS { self.replaced(&out, &spans) } else { replace::bare(PiiType::Unscannable) };
        }
        Some(out)
    }

    /// What the policy does not allow of what was found; a text that cannot be scanned is one finding.
    fn spans(&mut self, text: &str, hint: Option<Hint>, number: bool) -> Option<Vec<Span>> {
        let whole = |kind| vec![Span { start: 0, end: text.len(), kind, quotes: 0 }];
        let spans = match self.scanner.scan(text, hint, number) {
            Ok([]) => return None,
            Ok(spans) if self.found >= self.rules.rules.limits.findings && !spans.is_empty() => {
                whole(PiiType::Unscannable)
            }
            Ok(spans) => {
                let allow = &self.rules.rules.allow;
                spans.iter().filter(|span| !allow.allows(span.kind, &text[span.start..span.end])).copied().collect()
            }
            Err(_) => whole(PiiType::Unscannable),
        };
        Some(spans).filter(|spans| !spans.is_empty())
    }

    fn changes(&self, kind: PiiType) -> bool {
        self.rules.rule(kind).action != Action::Keep
    }

    fn replaced(&self, text: &str, spans: &[Span]) -> String {
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for span in spans {
            out.push_str(&text[done..span.start]);
            let quote = if span.quotes > 0 && self.changes(span.kind) {
                replace::quote(span.quotes)
            } else {
                Cow::Borrowed("")
            };
            out.push_str(&quote);
            replace::push(&mut out, &self.rules, span.kind, &text[span.start..span.end]);
            out.push_str(&quote);
            done = span.end;
        }
        out.push_str(&text[done..]);
        out
    }

    fn enter(&mut self, token: &str) -> usize {
        let parent = self.pointer.len();
        if self.findings.is_some() {
            self.pointer.push('/');
            if !token.contains(['~', '/']) {
                self.pointer.push_str(token);
                return parent;
            }
            for c in token.chars() {
                match c {
                    '~' => self.pointer.push_str("~0"),
                    '/' => self.pointer.push_str("~1"),
                    c => self.pointer.push(c),
                }
            }
        }
        parent
    }

    fn enter_index(&mut self, index: usize) -> usize {
        if self.findings.is_some() { self.enter(&index.to_string()) } else { self.pointer.len() }
    }

    fn record(&mut self, kind: PiiType, start: usize, end: usize, in_key: bool) {
        *self.counts.entry(kind).or_default() += 1;
        self.found = self.found.saturating_add(1);
        if let Some(findings) = &mut self.findings {
            findings.push(Finding { pointer: self.pointer.clone(), kind, start, end, in_key });
        }
    }
}

/// Looks at one text before it is replaced whole.
const MAX_ROUNDS: usize = 4;
