//! The second pass: values that the first one found, wherever it has left them ([`crate::known`]).

use crate::{
    PiiType,
    hint::is_plain,
    path::{Path, Spot, said},
    replace,
    scan::Span,
    text::{View, decode, embedded, embedded::LeafKind},
    tree::{Is, Parts},
    walk::{Walk, rename},
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

    /// Whether any text, name or number holds a known value: in most trees none does any more, and they are not walked again. Of a
    /// document that is written anyway, [`may_stand_in`](crate::known::Known::may_stand_in) tells it sooner.
    pub(crate) fn may_be_again(&self, parts: &Parts<'_, '_>) -> bool {
        let holds = |text: &str| self.known.may_be_in(text.len()) && !self.known.find(text).is_empty();
        let mut at = 0;
        while let Some(node) = parts.nodes.get(at) {
            let key = parts.keys.get(node.key).filter(|key| self.known.may_be_keys() || !key.facts.get().plain);
            if key.is_some_and(|key| holds(&key.now())) {
                return true;
            }
            let (held, next) = match &node.is {
                Is::Null | Is::Bool(_) => (false, node.end),
                Is::Number(number) => (self.known.may_be_numbers() && holds(&number.to_string()), node.end),
                Is::Text(text) => (holds(text), node.end),
                Is::Array(_) | Is::Object => (false, at + 1),
            };
            if held {
                return true;
            }
            at = next;
        }
        false
    }

    /// Looks through the node at `at`, in which the first pass has left nothing deeper than is followed.
    pub(crate) fn node_again(&mut self, parts: &mut Parts<'_, '_>, at: usize, path: &Path<'_>) {
        let redacted = match &parts.nodes[at].is {
            Is::Null | Is::Bool(_) => None,
            Is::Number(number) => self
                .known
                .may_be_numbers()
                .then(|| self.number_again(&number.to_string(), &mut Spot::new(path, false)))
                .flatten(),
            Is::Text(text) => self.redacted_again(text, &mut Spot::new(path, false)),
            Is::Array(_) => {
                let (mut item, end, mut index) = (at + 1, parts.nodes[at].end, 0);
                while item < end {
                    self.node_again(parts, item, &path.index(index));
                    (item, index) = (parts.nodes[item].end, index + 1);
                }
                None
            }
            Is::Object => {
                self.members_again(parts, at, path);
                None
            }
        };
        if let Some(redacted) = redacted {
            parts.replace(at, redacted);
        }
    }

    pub(crate) fn text_again(&mut self, text: &mut String, path: &Path<'_>) {
        if let Some(redacted) = self.redacted_again(text, &mut Spot::new(path, false)) {
            *text = redacted;
        }
    }

    fn members_again(&mut self, parts: &mut Parts<'_, '_>, at: usize, above: &Path<'_>) {
        let mut renamed = Vec::new();
        let (mut member, end) = (at + 1, parts.nodes[at].end);
        while member < end {
            let key = parts.key(member);
            let (path, now) = (above.key(key), key.now());
            let asked = self.known.may_be_in(now.len()) && (self.known.may_be_keys() || !is_plain(&now));
            if let Some(name) = if asked { self.redacted_again(&now, &mut Spot::new(&path, true)) } else { None } {
                // What is left of the key may say what the whole did not: `password.Zuzanna`.
                let hints = &self.rules().rules.hints;
                let hint = said(hints, &name, above.hint(hints));
                if hint.is_some_and(|hint| !hint.says_nothing()) {
                    self.node(parts, member, hint, &path);
                }
                renamed.push((member, name));
            }
            self.node_again(parts, member, &path);
            member = parts.nodes[member].end;
        }
        if !renamed.is_empty() {
            rename(parts, at, &mut renamed);
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
