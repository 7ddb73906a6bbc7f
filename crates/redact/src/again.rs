//! The second pass: values that the first one found, wherever it has left them ([`crate::known`]).

use serde_json::{Map, Value};

use crate::{
    PiiType,
    path::{Path, Spot, said},
    replace,
    scan::Span,
    text::{View, decode, embedded, embedded::LeafKind},
    walk::{Walk, is_plain, rename},
};

/// Bytes of the quotes that stand before a placeholder in place of a number, in layers of JSON.
const MAX_QUOTE: usize = 256;

impl Walk<'_> {
    /// Turns to the second pass; answers whether there is anything to look for. Each tree is then to be given to it.
    pub(crate) fn look_again(&mut self) -> bool {
        self.known.compile();
        self.again = true;
        self.first = self.findings.as_ref().map_or(0, Vec::len);
        !self.known.is_empty()
    }

    /// Looks through a tree, which the first pass has made no deeper than is followed.
    pub(crate) fn value_again(&mut self, value: &mut Value, path: &Path<'_>) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => {
                if self.known.may_be_numbers()
                    && let Some(redacted) = self.number_again(&number.to_string(), &mut Spot::new(path, false))
                {
                    *value = Value::String(redacted);
                }
            }
            Value::String(text) => self.text_again(text, path),
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.value_again(item, &path.index(index));
                }
            }
            Value::Object(members) => self.map_again(members, path),
        }
    }

    pub(crate) fn text_again(&mut self, text: &mut String, path: &Path<'_>) {
        if let Some(redacted) = self.redacted_again(text, &mut Spot::new(path, false)) {
            *text = redacted;
        }
    }

    pub(crate) fn map_again(&mut self, members: &mut Map<String, Value>, path: &Path<'_>) {
        let mut renamed = Vec::new();
        for (key, value) in members.iter_mut() {
            let above = path;
            let path = above.key(key);
            let asked = self.known.may_be_in(key.len()) && (self.known.may_be_keys() || !is_plain(key));
            if let Some(name) = if asked { self.redacted_again(key, &mut Spot::new(&path, true)) } else { None } {
                // What is left of the key may say what the whole did not: `password.Zuzanna`.
                let hints = &self.rules().rules.hints;
                let hint = said(hints, &name, above.hint(hints));
                if hint.is_some_and(|hint| !hint.says_nothing()) {
                    self.value(value, hint, &path);
                }
                renamed.push((key.clone(), name));
            }
            self.value_again(value, &path);
        }
        if !renamed.is_empty() {
            rename(members, renamed);
        }
    }

    /// The text without known values; `None` where there are none.
    fn redacted_again(&mut self, text: &str, spot: &mut Spot<'_>) -> Option<String> {
        if !self.known.may_be_in(text.len()) {
            return None;
        }
        let spans = self.known_spans(text)?;
        Some(self.replaced_again(text, &spans, spot))
    }

    /// A number goes whole, if any of its digits are known.
    fn number_again(&mut self, text: &str, spot: &mut Spot<'_>) -> Option<String> {
        let (_, kind) = *self.known.find(text).first()?;
        Some(self.replaced_again(text, &[Span { start: 0, end: text.len(), kind, quotes: 0 }], spot))
    }

    fn replaced_again(&mut self, text: &str, spans: &[Span], spot: &mut Spot<'_>) -> String {
        let out = self.replaced(text, spans);
        if self.findings.is_some() {
            for (start, end, kind) in self.originals(text, spans, spot) {
                self.record(kind, (start, end), spot);
            }
        } else {
            spans.iter().for_each(|span| self.record(span.kind, (span.start, span.end), spot));
        }
        if !self.scanner.may_remain(text, spans) {
            return out;
        }
        let length = self.original_length(text, spot);
        let hint = if spot.in_key { None } else { spot.path.hint(&self.rules().rules.hints) };
        self.settled(out, hint, length, spot)
    }

    /// Where known values stand that the first pass has left. A number of JSON in the text goes as a whole, and gets quotes.
    fn known_spans(&self, text: &str) -> Option<Vec<Span>> {
        let found = self.known.find(text);
        if found.is_empty() {
            return None;
        }
        let mut numbers = Vec::new();
        numbers_of(&View::original(text), 1, self.rules().rules.limits.encodings, &mut numbers);
        let mut spans: Vec<Span> = Vec::with_capacity(found.len());
        for (place, kind) in found {
            let next = numbers.partition_point(|number| number.end < place.end);
            let number = numbers.get(next).filter(|number| number.start <= place.start);
            let span = number.map_or(Span { start: place.start, end: place.end, kind, quotes: 0 }, |number| Span {
                start: number.start,
                end: number.end,
                kind,
                quotes: number.layers,
            });
            if spans.last().is_none_or(|last| last.end <= span.start) {
                spans.push(span);
            }
        }
        Some(spans)
    }

    /// Keeps where the first pass found something, once the second one has something, too.
    fn index_findings(&mut self) {
        for (index, found) in self.findings.iter().flatten().enumerate().take(std::mem::take(&mut self.first)) {
            self.places.entry((found.pointer.clone(), found.in_key)).or_default().push(index);
        }
    }

    /// The places in the original string of what the second pass found in the first one's output.
    fn originals(&mut self, text: &str, spans: &[Span], spot: &mut Spot<'_>) -> Vec<(usize, usize, PiiType)> {
        self.index_findings();
        let place = (self.pointer_to(spot), spot.in_key);
        let findings = self.findings.as_deref().unwrap_or_default();
        let earlier = self.places.get(&place);
        let mut earlier = earlier.into_iter().flatten().map(|&index| &findings[index]).peekable();
        // A text that was looked at more than once has changed in ways that nothing tells: the whole of it is meant.
        if let Some(settled) = earlier.clone().skip(1).find(|found| found.start == 0) {
            return spans.iter().map(|span| (0, settled.end, span.kind)).collect();
        }
        // How far the text has been followed, here and in the original.
        let (mut here, mut there) = (0, 0);
        let mut places = Vec::with_capacity(spans.len());
        for span in spans {
            while let Some(found) =
                earlier.peek().filter(|found| found.start >= there && here + found.start - there <= span.start)
            {
                let at = here + found.start - there;
                // Where a later round has shortened the text, the place need not be one any more.
                let Some(rest) = text.get(at..) else { break };
                let near = &rest.as_bytes()[..rest.len().min(MAX_QUOTE + replace::BEGIN.len())];
                let length = memchr::memmem::find(near, replace::BEGIN.as_bytes()).and_then(|gap| {
                    let length = replace::placeholder(rest.get(gap..)?)?;
                    Some(gap + length + usize::from(gap > 0) * gap)
                });
                let kept = !self.changes(found.kind);
                let length = if kept { Some(found.end - found.start) } else { length };
                let Some(length) = length else { break };
                (here, there) = (at + length, found.end);
                earlier.next();
            }
            let shift = |at: usize| (at + there).saturating_sub(here);
            places.push((shift(span.start), shift(span.end), span.kind));
        }
        places
    }

    /// How long a text was originally: here it is the first pass's output.
    pub(crate) fn original_length(&mut self, text: &str, spot: &mut Spot<'_>) -> usize {
        if self.findings.is_none() {
            return text.len();
        }
        let end = Span { start: text.len(), end: text.len(), kind: PiiType::Unscannable, quotes: 0 };
        self.originals(text, &[end], spot).first().map_or(text.len(), |(at, ..)| *at)
    }
}

/// A number in JSON in a text, and in how many layers of JSON strings it stands.
struct Bare {
    start: usize,
    end: usize,
    layers: u8,
}

/// The numbers of the JSON that a text is, in order, and of the JSON in its strings.
fn numbers_of(view: &View<'_>, layers: u8, most: usize, numbers: &mut Vec<Bare>) {
    let Some(leaves) = embedded::leaves(&view.text) else { return };
    for leaf in leaves {
        match leaf.kind {
            LeafKind::Key => {}
            LeafKind::Number => {
                let (start, end) = view.origin(leaf.start, leaf.end);
                numbers.push(Bare { start, end, layers });
            }
            LeafKind::String if usize::from(layers) < most => {
                let part = view.slice(leaf.start, leaf.end);
                let decoded = if part.text.contains('\\') { decode::unescape(&part) } else { None };
                numbers_of(decoded.as_ref().unwrap_or(&part), layers + 1, most, numbers);
            }
            LeafKind::String => {}
        }
    }
}
