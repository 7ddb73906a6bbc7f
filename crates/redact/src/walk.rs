//! The pass over a JSON tree.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde_json::Number;

use crate::{
    Action, Finding, PiiType,
    hint::Hint,
    keyed,
    known::Known,
    path::{Path, Spot, said},
    redactor::TenantRules,
    replace,
    scan::{Scanner, Span},
    tree::{Is, Name, Parts},
};

/// One pass over one event (or one tree): where it is, and what it has found so far.
pub(crate) struct Walk<'a> {
    rules: TenantRules<'a>,
    pub(crate) scanner: Scanner<'a>,
    counts: [u64; PiiType::ALL.len()],
    found: usize,
    /// Only kept where somebody wants to read them.
    pub(crate) findings: Option<Vec<Finding>>,
    depth: usize,
    pub(crate) known: Known,
    /// Whether this is the second pass.
    pub(crate) again: bool,
    /// Bytes of the pointers of all findings, and how many they may have; beyond them none is kept any more.
    named: usize,
    most_named: usize,
    /// For the second pass: where in `findings` those of a string are, by its pointer.
    pub(crate) places: HashMap<(Arc<str>, bool), Vec<usize>>,
    /// Where pointers are written.
    pointer: String,
    /// How many of `findings` are the first pass's and not yet in `places`.
    pub(crate) first: usize,
}

/// Numbers below this have too few digits for a card.
const LEAST_CARD: u64 = 100_000_000_000;

impl<'a> Walk<'a> {
    /// A pass that only counts.
    pub(crate) fn counting(rules: TenantRules<'a>) -> Self {
        let scanner = Scanner::new(&rules.rules.hints, rules.rules.limits.encodings);
        let known = Known::new(rules.rules.limits.known);
        Self {
            rules,
            scanner,
            counts: [0; PiiType::ALL.len()],
            found: 0,
            findings: None,
            depth: 0,
            known,
            again: false,
            named: 0,
            most_named: usize::MAX,
            places: HashMap::new(),
            pointer: String::new(),
            first: 0,
        }
    }

    /// A pass that also says where.
    pub(crate) fn reporting(rules: TenantRules<'a>) -> Self {
        Self { findings: Some(Vec::with_capacity(16)), ..Self::counting(rules) }
    }

    /// The same, as long as the pointers of all findings have no more than `most` bytes.
    pub(crate) fn naming(rules: TenantRules<'a>, most: usize) -> Self {
        Self { most_named: most, ..Self::reporting(rules) }
    }

    pub(crate) fn rules(&self) -> &TenantRules<'a> {
        &self.rules
    }

    /// Where the walk is, as the original tree has it.
    fn pointer(&mut self, path: &Path<'_>) -> &str {
        self.pointer.clear();
        path.write(&mut self.pointer);
        &self.pointer
    }

    /// The pointer to a spot, made once.
    pub(crate) fn pointer_to(&mut self, spot: &mut Spot<'_>) -> Arc<str> {
        spot.pointer.get_or_insert_with(|| Arc::from(self.pointer(spot.path))).clone()
    }

    /// How often each type was found, where it was.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (PiiType, u64)> + '_ {
        PiiType::ALL.iter().copied().zip(self.counts).filter(|(_, count)| *count > 0)
    }

    /// What was found; `None` where it is not kept.
    pub(crate) fn into_findings(self) -> Option<Vec<Finding>> {
        self.findings
    }

    /// Redacts the node at `at`, and all that is in it.
    pub(crate) fn node(&mut self, parts: &mut Parts<'_, '_>, at: usize, hint: Option<Hint>, path: &Path<'_>) {
        let redacted = match &parts.nodes[at].is {
            Is::Null | Is::Bool(_) => None,
            Is::Number(number) => self.number(number, hint, path),
            Is::Text(text) => self.redacted(text, hint, Form::Text, path),
            Is::Array(_) if self.depth < self.rules.limits.depth => {
                self.depth += 1;
                let columns = keyed::header(parts, at, &self.rules.rules.hints);
                self.items(parts, at, (hint, columns.as_deref(), 1), path);
                self.depth -= 1;
                None
            }
            Is::Object if self.depth < self.rules.limits.depth => {
                self.depth += 1;
                self.members(parts, at, hint, path);
                self.depth -= 1;
                None
            }
            Is::Array(_) | Is::Object => {
                // Too deep to be looked at: replaced, never kept.
                self.record(PiiType::Unscannable, (0, 0), &mut Spot::new(path, false));
                Some(replace::bare(PiiType::Unscannable))
            }
        };
        if let Some(redacted) = redacted {
            parts.replace(at, redacted);
        }
    }

    /// Redacts the items of an array; where they are rows, the cells of all but the first `headers` are what the columns say.
    fn items(
        &mut self,
        parts: &mut Parts<'_, '_>,
        at: usize,
        (hint, columns, headers): (Option<Hint>, Option<&[Option<Hint>]>, usize),
        path: &Path<'_>,
    ) {
        let (mut item, end, mut index) = (at + 1, parts.nodes[at].end, 0);
        while item < end {
            let path = path.index(index);
            match columns {
                Some(columns) if parts.items(item) == Some(columns.len()) && self.depth < self.rules.limits.depth => {
                    self.depth += 1;
                    let (columns, hint) = if index < headers { (&[][..], None) } else { (columns, hint) };
                    self.cells(parts, item, (columns, hint), &path);
                    self.depth -= 1;
                }
                _ => self.node(parts, item, hint, &path),
            }
            (item, index) = (parts.nodes[item].end, index + 1);
        }
    }

    /// Redacts the cells of a row; what no column says of them is what the key above the rows says.
    fn cells(
        &mut self,
        parts: &mut Parts<'_, '_>,
        at: usize,
        (columns, above): (&[Option<Hint>], Option<Hint>),
        path: &Path<'_>,
    ) {
        let (mut cell, end, mut index) = (at + 1, parts.nodes[at].end, 0);
        while cell < end {
            let said = columns.get(index).copied().flatten();
            // Like a key that is `name` and nothing more: what is above the rows decides.
            let bare = said == Some(Hint::BareName) && matches!(above, Some(Hint::Whole(_)));
            self.node(parts, cell, said.filter(|_| !bare).or(above), &path.index(index));
            (cell, index) = (parts.nodes[cell].end, index + 1);
        }
    }

    /// Redacts the members of an object.
    fn members(&mut self, parts: &mut Parts<'_, '_>, at: usize, above: Option<Hint>, path: &Path<'_>) {
        let mut renamed = Vec::new();
        let (pair, rows) = keyed::beside(parts, at, &self.rules.rules.hints);
        let (mut member, end) = (at + 1, parts.nodes[at].end);
        while member < end {
            let key = parts.key(member);
            let (path, facts) = (path.key(key), key.facts.get());
            let hint = if facts.plain {
                self.rules.rules.hints.says(facts, above)
            } else {
                let now = key.now();
                let name = self.redacted(&now, Hint::of_key(&now, above), Form::Key, &path);
                let hint = said(&self.rules.rules.hints, name.as_deref().unwrap_or(&now), above);
                renamed.extend(name.map(|name| (member, name)));
                hint
            };
            let hint = pair.as_ref().and_then(|pair| pair.says(member, facts.value)).or(hint);
            match &rows {
                Some((rows, columns)) if *rows == member && self.depth < self.rules.limits.depth => {
                    self.depth += 1;
                    self.items(parts, member, (hint, Some(columns), 0), &path);
                    self.depth -= 1;
                }
                _ => self.node(parts, member, hint, &path),
            }
            member = parts.nodes[member].end;
        }
        if !renamed.is_empty() {
            rename(parts, at, &mut renamed);
        }
    }

    /// Redacts a text in place.
    pub(crate) fn text(&mut self, text: &mut String, path: &Path<'_>) {
        if let Some(redacted) = self.redacted(text, None, Form::Text, path) {
            *text = redacted;
        }
    }

    /// A number's digits are looked at where a card can hide in them, or where its key says what it is.
    fn number(&mut self, number: &Number, hint: Option<Hint>, path: &Path<'_>) -> Option<String> {
        let small = hint.is_none_or(Hint::says_nothing) && number.as_u64().map_or(!number.is_u64(), |n| n < LEAST_CARD);
        if small {
            return None;
        }
        self.redacted(&number.to_string(), hint, Form::Number, path)
    }

    /// The text without what was found in it; `None` where nothing was.
    fn redacted(&mut self, text: &str, hint: Option<Hint>, form: Form, path: &Path<'_>) -> Option<String> {
        let first = self.spans(text, hint, form == Form::Number)?;
        let mut spot = Spot::new(path, form == Form::Key);
        let out = self.replaced(text, &first);
        // In the second pass the text need not be the original.
        let changed = if self.again { Some(self.original_length(text, &mut spot)) } else { None };
        for span in &first {
            self.record(span.kind, changed.map_or((span.start, span.end), |length| (0, length)), &mut spot);
            let keyed = hint.is_some_and(|hint| !hint.says_nothing());
            let value = &text[span.start..span.end];
            // A word that only a sentence takes for a password would be missed wherever it is a word.
            let word = span.kind == PiiType::Password && value.bytes().all(|b| b.is_ascii_lowercase());
            if (keyed || !stands_alone(span.kind) && !word) && self.changes(span.kind) {
                self.known.add(span.kind, value);
            }
        }
        let done = !self.scanner.may_remain(text, &first);
        self.scanner.give_back(first);
        if done {
            return Some(out);
        }
        let length = changed.unwrap_or(text.len());
        Some(self.settled(out, hint, length, &mut spot))
    }

    /// What a replacement has laid bare is found by looking again; a text that never settles is given up. `length` is that of the
    /// original.
    pub(crate) fn settled(
        &mut self,
        mut out: String,
        hint: Option<Hint>,
        length: usize,
        spot: &mut Spot<'_>,
    ) -> String {
        let mut round = 0;
        while let Some(spans) =
            self.spans(&out, hint, false).filter(|spans| spans.iter().any(|span| self.changes(span.kind)))
        {
            round += 1;
            self.record(spans[0].kind, (0, length), spot);
            out = if round < MAX_ROUNDS { self.replaced(&out, &spans) } else { replace::bare(PiiType::Unscannable) };
        }
        out
    }

    /// What the policy does not allow of what was found; a text that cannot be scanned is one finding.
    fn spans(&mut self, text: &str, hint: Option<Hint>, number: bool) -> Option<Vec<Span>> {
        let unscannable = Span { start: 0, end: text.len(), kind: PiiType::Unscannable, quotes: 0 };
        match self.scanner.scan(text, hint, number) {
            Ok([]) => return None,
            Ok(_) if self.found >= self.rules.rules.limits.findings => return Some(vec![unscannable]),
            Ok(_) => {}
            Err(_) => return Some(vec![unscannable]),
        }
        let (allow, mut spans) = (&self.rules.rules.allow, self.scanner.take());
        spans.retain(|span| !allow.allows(span.kind, &text[span.start..span.end]));
        Some(spans).filter(|spans| !spans.is_empty())
    }

    pub(crate) fn changes(&self, kind: PiiType) -> bool {
        self.rules.rule(kind).action != Action::Keep
    }

    pub(crate) fn replaced(&self, text: &str, spans: &[Span]) -> String {
        let mut out = String::with_capacity(text.len() + spans.len() * PLACEHOLDER);
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

    pub(crate) fn record(&mut self, kind: PiiType, (start, end): (usize, usize), spot: &mut Spot<'_>) {
        self.counts[kind as usize] += 1;
        self.found = self.found.saturating_add(1);
        if self.findings.is_none() {
            return;
        }
        let pointer = self.pointer_to(spot);
        self.named = self.named.saturating_add(pointer.len());
        if self.named > self.most_named {
            self.findings = None;
        } else if let Some(findings) = &mut self.findings {
            findings.push(Finding { pointer, kind, start, end, in_key: spot.in_key });
        }
    }
}

/// Gives members of the object at `at` other names. Keys that redaction makes equal get a suffix, in the order of the document's names,
/// whatever that of its members: `[redacted:email]_2`.
pub(crate) fn rename(parts: &Parts<'_, '_>, at: usize, renamed: &mut [(usize, String)]) {
    // First all are taken out, so that a new name is only ever compared with the names that stay.
    let mut out = renamed.iter().map(|(member, _)| *member).peekable();
    let stay = parts.children(at).filter(|member| out.next_if_eq(member).is_none());
    let mut names: HashSet<Cow<'_, str>> = stay
        .map(|member| match parts.key(member).now() {
            Name::First(name) => Cow::Borrowed(name),
            Name::Later(name) => Cow::Owned(name.as_ref().to_owned()),
        })
        .collect();
    renamed.sort_unstable_by_key(|(member, _)| &*parts.key(*member).name);
    // What was tried for a name is taken, so that names which are chosen to collide are tried once each.
    let mut tried: HashMap<&str, usize> = HashMap::new();
    for (member, name) in &*renamed {
        let mut unique = Cow::Borrowed(name.as_str());
        if names.contains(&unique) {
            let last = tried.entry(name).or_default();
            *last = (*last).max(names.len());
            while names.contains(&unique) {
                *last += 1;
                unique = Cow::Owned(format!("{name}_{last}"));
            }
        }
        parts.key(*member).rename(&unique);
        names.insert(unique);
    }
}

/// Bytes of a placeholder, as most are.
const PLACEHOLDER: usize = 28;

/// Looks at one text before it is replaced whole.
const MAX_ROUNDS: usize = 4;

/// What a text is in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Number,
    Key,
}

/// Types that their rules find wherever they stand, so that there is no need to look for them again.
fn stands_alone(kind: PiiType) -> bool {
    use PiiType::{CryptoWallet, Email, Iban, IpAddress, Jwt, MacAddress, PaymentCard, PrivateKey, Unscannable};
    matches!(kind, Unscannable | PrivateKey | Jwt | PaymentCard | Iban | CryptoWallet | Email | IpAddress | MacAddress)
}
