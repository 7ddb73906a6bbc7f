//! What a text holds.
//!
//! One pass over the bytes ([`tokens`]) decides whether a text can hold anything at all; most cannot, and cost no more than
//! that. Only then is it folded, and each rule starts from an anchor that the pass has seen (an `@`, a run of digits, a label
//! word), looks a bounded way to both sides and verifies what it has by a checksum or a shape. Nothing backtracks, so the
//! time is linear in the text; encodings are looked through in layers, each charged to one budget.

mod address;
mod alphanumeric;
mod assignment;
mod card;
mod checksum;
mod coordinates;
mod date;
mod east_asia;
mod email;
mod label;
mod label_words;
mod markup;
mod national;
mod network;
mod number;
mod phone;
mod postcode;
mod random;
mod secret;
mod spoken;
mod sql;
mod stems;
pub(crate) mod table;
mod tokens;
mod unit;
mod url;
mod value;
mod vcard;
mod wallet;

pub(crate) use spoken::is_word as is_word_for_passwords;

use std::{borrow::Cow, cell::RefCell, ops::Range};

use crate::{
    PiiType,
    hint::{Hint, Hints},
    memory::{LONGEST, Memory},
    text::{View, decode, embedded, embedded::LeafKind, fold},
};
use label::Labels;
use stems::{Begun, Told};
use tokens::{Token, class};

/// A stretch of a text, in bytes, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: PiiType,
    /// How many layers of JSON strings a bare number stands in, whose replacement needs quotes; else 0.
    pub(crate) quotes: u8,
}

/// The text has more layers of encoding, or costs more, than the limits allow: it must be replaced whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unscannable;

/// Bytes scanned in all layers of one text, as a multiple of its length, before it is given up.
const WORK_FACTOR: usize = 6;
/// Bytes that any text may cost, however short.
const WORK_FLOOR: usize = 4096;

/// Tokens and findings of an ordinary text, for which there is room from the beginning.
const USUAL_TOKENS: usize = 64;
const USUAL_FINDINGS: usize = 8;

thread_local! {
    /// Short texts in which nothing was found.
    static CLEAN: RefCell<Memory<()>> = RefCell::new(Memory::new());
}

/// The rules, and the buffers that they reuse from text to text.
#[derive(Debug)]
pub(crate) struct Scanner<'r> {
    hints: &'r Hints,
    layers: usize,
    budget: usize,
    tokens: Vec<Token>,
    labels: label::Kept,
    spans: Vec<Span>,
    found: Vec<Found>,
}

/// Where a view stands: what its key says, and how deep it is.
#[derive(Debug, Clone, Copy)]
struct Place {
    hint: Option<Hint>,
    /// Layers of encoding that may still be taken off.
    layers: usize,
    /// Layers of JSON strings around it.
    json: u8,
    /// Whether it is a number and not a string.
    number: bool,
}

/// What every rule sees of a view.
pub(crate) struct Context<'v> {
    pub(crate) text: &'v str,
    pub(crate) bytes: &'v [u8],
    pub(crate) tokens: &'v [Token],
    pub(crate) labels: Labels<'v>,
    pub(crate) hint: Option<Hint>,
    pub(crate) hints: &'v Hints,
    pub(crate) number: bool,
    /// Stretches that no rule may touch: placeholders, GUIDs, the prefix of our own keys. Sorted, without overlaps.
    pub(crate) opaque: Vec<Range<usize>>,
    pub(crate) found: Vec<Found>,
}

/// What a rule found in a view.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: PiiType,
}

impl Context<'_> {
    /// Reports a finding, unless it lies in something opaque.
    pub(crate) fn push(&mut self, start: usize, end: usize, kind: PiiType) {
        if start < end && !self.is_opaque(start, end) {
            self.found.push(Found { start, end, kind });
        }
    }

    pub(crate) fn is_opaque(&self, start: usize, end: usize) -> bool {
        let next = self.opaque.partition_point(|range| range.end <= start);
        self.opaque.get(next).is_some_and(|range| range.start < end)
    }

    /// The byte before `at`, or a space.
    pub(crate) fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(b' ', |at| self.bytes[at])
    }

    /// The byte at `at`, or a space.
    pub(crate) fn at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b' ')
    }
}

impl<'r> Scanner<'r> {
    pub(crate) fn new(hints: &'r Hints, layers: usize) -> Self {
        Self {
            hints,
            layers,
            budget: 0,
            tokens: Vec::with_capacity(USUAL_TOKENS),
            labels: label::Kept::default(),
            spans: Vec::with_capacity(USUAL_FINDINGS),
            found: Vec::with_capacity(USUAL_FINDINGS),
        }
    }

    /// Everything found in `text`: sorted, without overlaps, in bytes of `text`.
    pub(crate) fn scan(&mut self, text: &str, hint: Option<Hint>, number: bool) -> Result<&[Span], Unscannable> {
        self.spans.clear();
        if hint.is_none_or(Hint::says_nothing)
            && (tokens::is_word(text.as_bytes()) || tokens::is_plain(text.as_bytes()))
        {
            return Ok(&[]);
        }
        // What is a few values over and over has nothing in it: `widget/2.4.1`, `th_81`, `eu-west-1`.
        let short = hint.is_none() && !number && text.len() <= LONGEST;
        if short && CLEAN.with_borrow(|clean| clean.get(self.hints.id(), text.as_bytes())).is_some() {
            return Ok(&[]);
        }
        self.budget = text.len().saturating_mul(WORK_FACTOR).max(WORK_FLOOR);
        let place = Place { hint, layers: self.layers, json: 0, number };
        self.view(&View::original(text), place)?;
        merge(&mut self.spans);
        if short && self.spans.is_empty() {
            CLEAN.with_borrow_mut(|clean| clean.keep(self.hints.id(), text.as_bytes(), ()));
        }
        Ok(&self.spans)
    }

    /// What the last scan found, to be changed; given back, its room is used again.
    pub(crate) fn take(&mut self) -> Vec<Span> {
        std::mem::take(&mut self.spans)
    }

    /// Gives the room back that was taken.
    pub(crate) fn give_back(&mut self, spans: Vec<Span>) {
        self.spans = spans;
    }

    /// Whether what is left of `text` beside `spans` could hold anything, once they are replaced.
    pub(crate) fn may_remain(&mut self, text: &str, spans: &[Span]) -> bool {
        let mut from = 0;
        let ends = spans.iter().map(|span| (span.start, span.end)).chain([(text.len(), text.len())]);
        for (start, end) in ends {
            if tokens::survey(&text.as_bytes()[from..start], &mut self.tokens).any(class::REVEALED) {
                return true;
            }
            from = end;
        }
        false
    }

    fn view(&mut self, view: &View<'_>, place: Place) -> Result<(), Unscannable> {
        let folded = if view.text.is_ascii() { None } else { fold(view) };
        let (original, view) = (view, folded.as_ref().unwrap_or(view));
        self.budget = self.budget.checked_sub(view.text.len()).ok_or(Unscannable)?;
        if let Some(kind) = place.hint.and_then(|hint| value::whole(hint, &view.text)) {
            self.add(view, Found { start: 0, end: view.text.len(), kind }, place);
            return Ok(());
        }
        // Folding makes plain quotes of others, and those may stand inside JSON's own: what is JSON before is read as such.
        let json =
            !place.number && (folded.is_some() && self.embedded(original, place)? || self.embedded(view, place)?);
        if json {
            return Ok(());
        }
        let seen = tokens::survey(view.text.as_bytes(), &mut self.tokens);
        let told = if seen.any(class::LETTER) && !place.number { stems::told(&view.text) } else { Told::default() };
        if !seen.may_hold() && !told.password && !told.address {
            return Ok(());
        }
        let found = self.rules(view, place, seen, told);
        for found in &found {
            self.add(view, *found, place);
        }
        self.found = found;
        self.encoded_tokens(view, place)?;
        if let Some(decoded) = if seen.any(class::ESCAPE) { decode::unescape(view) } else { None } {
            let layers = place.layers.checked_sub(1).ok_or(Unscannable)?;
            self.view(&decoded, Place { layers, ..place })?;
        }
        Ok(())
    }

    /// Runs the rules whose anchors were seen.
    fn rules(&mut self, view: &View<'_>, place: Place, seen: tokens::Seen, told: Told) -> Vec<Found> {
        let text = &*view.text;
        if (seen.any(class::DIGIT) && seen.any(class::LETTER) || told.address) && !place.number {
            label::find(text, &mut self.labels);
        } else {
            self.labels.clear();
        }
        if self.labels.is_empty() && !told.password && place.hint.is_none_or(Hint::says_nothing) && seen.is_scant(text)
        {
            self.found.clear();
            return std::mem::take(&mut self.found);
        }
        let mut context = Context {
            text,
            bytes: text.as_bytes(),
            tokens: &self.tokens,
            labels: Labels::default(),
            hint: place.hint,
            hints: self.hints,
            number: place.number,
            opaque: Vec::new(),
            found: std::mem::take(&mut self.found),
        };
        context.found.clear();
        let begun = Begun::of(text);
        tokens::opaque(&mut context, seen, begun);
        // The words in placeholders are ours, and announce nothing.
        self.labels.retain(|label| context.opaque.is_empty() || !context.is_opaque(label.start, label.end));
        context.labels = self.labels.labels();
        if seen.any(class::AT) {
            email::find(&mut context);
        }
        if seen.any(class::COLON) {
            url::find(&mut context);
            network::find_colons(&mut context);
        }
        if seen.any(class::COLON | class::EQUALS) {
            assignment::find(&mut context);
        }
        assignment::find_options(&mut context);
        if seen.any(class::BRACKET) {
            assignment::find_bracketed(&mut context);
        }
        if seen.any(class::LINE) || context.bytes.first() == Some(&b'|') {
            table::find(&mut context);
        }
        if seen.any(class::ANGLE) {
            markup::find(&mut context);
        }
        if begun.any(Begun::ROWS) {
            sql::find(&mut context);
        }
        if begun.any(Begun::CARD) {
            vcard::find(&mut context);
        }
        if told.password {
            spoken::find(&mut context);
        }
        secret::find(&mut context, begun);
        if seen.any(class::DIGIT | class::MIXED) {
            wallet::find(&mut context);
        }
        if seen.any(class::DIGIT) {
            network::find_dashed(&mut context);
            network::find_announced(&mut context);
            alphanumeric::find(&mut context);
            number::find(&mut context);
            date::announced_moments(&mut context);
            if memchr::memchr2(b'.', 0xC2, context.bytes).is_some() {
                coordinates::find(&mut context);
            }
            if seen.any(class::WIDE) {
                east_asia::find(&mut context);
            }
        }
        if seen.any(class::DIGIT) || told.address {
            address::find(&mut context);
        }
        context.found
    }

    /// JSON in the string: each of its strings and numbers under its own key. Answers whether the view was JSON.
    fn embedded(&mut self, view: &View<'_>, place: Place) -> Result<bool, Unscannable> {
        let Some(leaves) = embedded::leaves(&view.text) else { return Ok(false) };
        if leaves.is_empty() {
            return Ok(false);
        }
        let layers = place.layers.checked_sub(1).ok_or(Unscannable)?;
        let mut hints: Vec<Option<Hint>> = Vec::with_capacity(leaves.len());
        for leaf in &leaves {
            let governing = leaf.key.map_or(place.hint, |key| hints[key]);
            let part = view.slice(leaf.start, leaf.end);
            let decoded = if part.text.contains('\\') { decode::unescape(&part) } else { None };
            let part = decoded.unwrap_or(part);
            let (number, is_key) = (leaf.kind == LeafKind::Number, leaf.kind == LeafKind::Key);
            let before = self.spans.len();
            let hint = if is_key { Hint::of_key(&part.text, governing) } else { governing };
            self.view(&part, Place { hint, layers, json: place.json + 1, number })?;
            // A key with a finding, or with the placeholder of one, says nothing of its value.
            let silent = self.spans.len() > before || part.text.contains("[redacted:");
            let name = if silent { Cow::Borrowed("") } else { Cow::Borrowed(&*part.text) };
            let encoded = is_key && name.bytes().any(|b| matches!(b, b'&' | b'%') || b >= 0x80);
            let name = if encoded { Cow::Owned(crate::text::spelt(&name)) } else { name };
            hints.push(if is_key { self.hints.of(&name, governing) } else { governing });
        }
        Ok(true)
    }

    /// Base64 and hex tokens that stand for a text: if anything is in it, the token goes as a whole.
    fn encoded_tokens(&mut self, view: &View<'_>, place: Place) -> Result<(), Unscannable> {
        let labels = self.labels.labels();
        // Most runs are no code, so that hardly any is kept; those that are, are decoded again when it is their turn.
        let mut runs = Vec::new();
        secret::encoded_runs(view.text.as_bytes(), &self.tokens, place.hint.is_some(), |run| {
            if decode::token(&view.text[run.clone()]).is_some() {
                // What a word announces is announced in code, too: `BSN NTgyMjYxNDI5`.
                let named = || assignment::hint_before(&view.text, run.start, self.hints);
                let said = || {
                    let label = labels.before(run.start, number::LABEL_WINDOW).next();
                    label.and_then(|label| label.says.hint()).or_else(named)
                };
                runs.push((place.hint.or_else(said), run));
            }
        });
        for (hint, run) in runs {
            let Some(text) = decode::token(&view.text[run.clone()]) else { continue };
            let layers = place.layers.checked_sub(1).ok_or(Unscannable)?;
            let inner = view.opaque(text, run.start, run.end);
            self.view(&inner, Place { hint, layers, number: false, ..place })?;
        }
        Ok(())
    }

    fn add(&mut self, view: &View<'_>, found: Found, place: Place) {
        let (start, end) = view.origin(found.start, found.end);
        let quotes = if place.number { place.json } else { 0 };
        self.spans.push(Span { start, end, kind: found.kind, quotes });
    }
}

/// Sorts, and joins what overlaps under the type that stands first in [`PiiType::ALL`].
fn merge(spans: &mut Vec<Span>) {
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    spans.dedup_by(|next, kept| {
        let overlaps = next.start < kept.end;
        if overlaps {
            kept.end = kept.end.max(next.end);
            kept.kind = kept.kind.min(next.kind);
        }
        overlaps
    });
}
