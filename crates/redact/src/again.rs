//! The second pass: values that the first one found, wherever it has left them ([`crate::known`]).

use serde_json::{Map, Value};

use crate::{
    PiiType, replace,
    scan::Span,
    walk::{Path, Spot, Walk, is_plain, rename},
};

/// Bytes of the quotes that stand before a placeholder in place of a number, in layers of JSON.
const MAX_QUOTE: usize = 256;

impl Walk<'_> {
    /// Turns to the second pass; answers whether there is anything to look for. Each tree is then to be given to it.
    pub(crate) fn look_again(&mut self) -> bool {
        self.known.compile();
        self.first = self.findings.as_ref().map_or(0, Vec::len);
        !self.known.is_empty()
    }

    /// Looks through a tree, which the first pass has made no deeper than is followed.
    pub(crate) fn value_again(&mut self, value: &mut Value, path: &Path<'_>) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => {
                if self.known.may_be_numbers()
                    && let Some(redacted) = self.redacted_again(&number.to_string(), &mut Spot::new(path, false))
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
            let path = path.key(key);
            if self.known.may_be_in(key.len()) && (self.known.may_be_keys() || !is_plain(key)) {
                let name = self.redacted_again(key, &mut Spot::new(&path, true));
                renamed.extend(name.map(|name| (key.clone(), name)));
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
        let out = self.replaced(text, &spans);
        if self.findings.is_some() {
            for (start, end, kind) in self.originals(text, &spans, spot) {
                self.record(kind, (start, end), spot);
            }
        } else {
            spans.iter().for_each(|span| self.record(span.kind, (span.start, span.end), spot));
        }
        if !self.scanner.may_remain(text, &spans) {
            return Some(out);
        }
        let length = self.original_length(text, spot);
        Some(self.settled(out, None, length, spot))
    }

    /// Where known values stand that the first pass has left.
    fn known_spans(&self, text: &str) -> Option<Vec<Span>> {
        let found = self.known.find(text);
        if found.is_empty() {
            return None;
        }
        let in_json = text.trim_start().starts_with(['{', '[']) && !text.starts_with(replace::BEGIN);
        // How deep in JSON the text is, as far as it was followed: its last quote shows it.
        let (mut layers, mut done) = (1, 0);
        let span = |(place, kind): (std::ops::Range<usize>, PiiType)| {
            // A number's sign goes with it.
            let start = place.start - usize::from(text[..place.start].ends_with('-'));
            let number = in_json
                && text[place.clone()].bytes().all(|b| b.is_ascii_digit())
                && text[..start].trim_end().ends_with([':', ',', '[']);
            layers = layers_before(&text.as_bytes()[done..start]).unwrap_or(layers);
            done = place.end;
            let (start, quotes) = if number { (start, layers) } else { (place.start, 0) };
            Span { start, end: place.end, kind, quotes }
        };
        Some(found.into_iter().map(span).collect())
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
    fn original_length(&mut self, text: &str, spot: &mut Spot<'_>) -> usize {
        if self.findings.is_none() {
            return text.len();
        }
        let end = Span { start: text.len(), end: text.len(), kind: PiiType::Unscannable, quotes: 0 };
        self.originals(text, &[end], spot).first().map_or(text.len(), |(at, ..)| *at)
    }
}

/// In how many layers of JSON strings the last quote stands, if there is one: each layer doubles the backslashes and adds one.
fn layers_before(bytes: &[u8]) -> Option<u8> {
    let quote = memchr::memrchr(b'"', bytes)?;
    let slashes = bytes[..quote].iter().rev().take(MAX_QUOTE).take_while(|b| **b == b'\\').count();
    u8::try_from((slashes + 1).ilog2() + 1).ok()
}
