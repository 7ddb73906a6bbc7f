//! Words in running text that say what a value near them is.

use std::sync::LazyLock;

use super::label_words::WORDS;
use crate::{PiiType, hint::Hint};

/// What a word announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    Phone,
    Birth,
    Passport,
    Licence,
    NationalId(Option<PiiType>),
    Coordinates,
    Postcode,
    Card,
    /// An English street type, after the name: `Main Street`.
    StreetAfter,
    /// A Romance or Slavic street type, before the name: `rue`, `calle`, `ul.`
    StreetBefore,
    /// An English street type that is an ordinary word, too, after the name and with a capital: `Harbor Light`.
    StreetNamed,
    /// A Romance or Slavic street type that is an ordinary word, too, before the name and with a capital: `Estrada`.
    StreetOf,
    /// A Germanic street type, the tail of the name: `Hauptstraße`.
    StreetTail,
    /// A German preposition with which streets begin, with a capital: `Unter den Linden 77`.
    StreetAt,
    /// A flat, a plot or a door, before its number and the name of the house: `Flat 302, Sunshine Apartments`.
    FlatAt,
    /// A code that is used once, or the one on a card's back.
    Code,
    /// A box at a post office, before its number.
    PostBox,
    /// What follows is an address, whatever its street's type.
    AddressAt,
    /// What follows is a thing's number.
    Thing,
    /// What follows is a version.
    Version,
}

impl Says {
    /// Whether it is a word of addresses.
    fn is_place(self) -> bool {
        use Says::{
            AddressAt, FlatAt, PostBox, StreetAfter, StreetAt, StreetBefore, StreetNamed, StreetOf, StreetTail,
        };
        matches!(
            self,
            StreetAfter | StreetBefore | StreetNamed | StreetOf | StreetTail | StreetAt | AddressAt | FlatAt | PostBox
        )
    }

    /// What a key that says the same would be.
    pub(crate) fn hint(self) -> Option<Hint> {
        match self {
            Self::Phone => Some(Hint::Phone),
            Self::Birth => Some(Hint::Birth),
            Self::Passport => Some(Hint::Passport),
            Self::Licence => Some(Hint::Licence),
            Self::NationalId(kind) => Some(Hint::NationalId(kind)),
            Self::Coordinates => Some(Hint::Coordinates),
            Self::Postcode => Some(Hint::Postcode),
            Self::Card => Some(Hint::Card),
            _ => None,
        }
    }
}

/// A word found in a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) says: Says,
}

/// The labels of a view, each kind in order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Labels<'v> {
    /// Those that say something of a value near them.
    pub(crate) said: &'v [Label],
    /// The words of addresses, many of them ordinary ones, which say nothing of a number behind them.
    pub(crate) places: &'v [Label],
}

/// Where the labels of a view are kept.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    said: Vec<Label>,
    places: Vec<Label>,
}

impl Kept {
    pub(crate) fn clear(&mut self) {
        self.said.clear();
        self.places.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.said.is_empty() && self.places.is_empty()
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&Label) -> bool) {
        self.said.retain(&keep);
        self.places.retain(&keep);
    }

    /// Keeps a label; answers where it ends.
    fn keep(&mut self, label: Label) -> usize {
        let kept = if label.says.is_place() { &mut self.places } else { &mut self.said };
        kept.push(label);
        label.end
    }

    pub(crate) fn labels(&self) -> Labels<'_> {
        Labels { said: &self.said, places: &self.places }
    }
}

/// Labels before a value that are looked at.
const MAX_BACK: usize = 6;

impl<'v> Labels<'v> {
    /// The labels that end at most `window` bytes before `at`, the nearest first.
    pub(crate) fn before(self, at: usize, window: usize) -> impl Iterator<Item = Label> + 'v {
        let next = self.said.partition_point(|label| label.end <= at);
        self.said[..next].iter().rev().take(MAX_BACK).copied().take_while(move |label| at - label.end <= window)
    }

    /// Whether a label near enough says so.
    pub(crate) fn say(self, at: usize, window: usize, says: Says) -> bool {
        self.before(at, window).any(|label| label.says == says)
    }

    /// Whether the value at `at` is announced as a thing's number: `order no. 123`.
    pub(crate) fn thing(self, bytes: &[u8], at: usize) -> bool {
        self.before(at, 16).next().is_some_and(|label| {
            matches!(label.says, Says::Thing | Says::Version)
                && !bytes[label.end..at].iter().any(|b| b.is_ascii_digit() || matches!(b, b',' | b';' | b'\n'))
        })
    }
}

/// The words, found by their first letters. An automaton for all of them is larger than the caches that are quick.
struct Words {
    /// Whether a word begins with letters like these three: by the last five bits of each.
    begins: Box<[bool; 1 << 15]>,
    /// Which of `words` begin with letters like these two.
    buckets: Box<[(u16, u16); 1 << 10]>,
    /// In each bucket the longest first.
    words: Vec<Word>,
    /// Whether a tail ends with letters like these two, and all tails, the longest first.
    ends: Box<[bool; 1 << 10]>,
    tails: Vec<&'static [u8]>,
    /// Bytes that are no letters and with which words begin.
    signs: [bool; 256],
}

struct Word {
    /// Its first eight bytes, and which of their bits count.
    head: u64,
    mask: u64,
    word: &'static [u8],
    says: Says,
}

/// Letters are alike in the last five bits, whatever their case.
fn like(b: u8) -> usize {
    usize::from(b & 0x1F)
}

fn head(bytes: &[u8]) -> u64 {
    let mut head = [0; 8];
    let length = bytes.len().min(8);
    head[..length].copy_from_slice(&bytes[..length]);
    head.make_ascii_lowercase();
    u64::from_le_bytes(head)
}

static ALL: LazyLock<Words> = LazyLock::new(|| {
    let words = || WORDS.iter().flat_map(|(says, words)| words.split('|').map(move |word| (*says, word.as_bytes())));
    // `avenue`, `place` and `square` stand before and after names: the street rule tries both sides of any of them.
    let mut seen = std::collections::HashSet::new();
    let mut all: Vec<Word> = words()
        .filter(|(_, word)| seen.insert(*word))
        .map(|(says, word)| Word { head: head(word), mask: u64::MAX >> (64 - 8 * word.len().min(8)), word, says })
        .collect();
    let bucket = |word: &[u8]| like(word[0]) << 5 | like(word[1]);
    all.sort_by_key(|word| (bucket(word.word), std::cmp::Reverse(word.word.len())));
    let mut table = Words {
        begins: Box::new([false; 1 << 15]),
        buckets: Box::new([(0, 0); 1 << 10]),
        words: Vec::new(),
        ends: Box::new([false; 1 << 10]),
        tails: Vec::new(),
        signs: [false; 256],
    };
    for (at, Word { word, says, .. }) in (0_u16..).zip(&all) {
        let place = bucket(word);
        let third = word.get(2).map_or(0..32, |b| like(*b)..like(*b) + 1);
        third.for_each(|third| table.begins[place << 5 | third] = true);
        let (from, to) = &mut table.buckets[place];
        (*from, *to) = (if from == to { at } else { *from }, at + 1);
        table.signs[usize::from(word[0])] |= !is_letter(word[0]);
        if *says == Says::StreetTail || TAILS.contains(word) {
            let end = word.strip_suffix(b".").unwrap_or(word);
            table.ends[like(end[end.len() - 2]) << 5 | like(end[end.len() - 1])] = true;
            table.tails.push(word);
        }
    }
    table.tails.sort_by_key(|word| std::cmp::Reverse(word.len()));
    table.words = all;
    table
});

fn is_letter(b: u8) -> bool {
    b.is_ascii_alphabetic() || b >= 0x80
}

impl Words {
    /// The longest word that begins at `at`.
    fn at(&self, bytes: &[u8], at: usize) -> Option<&Word> {
        let rest = &bytes[at..];
        let [first, second, ..] = rest else { return None };
        let place = like(*first) << 5 | like(*second);
        if !self.begins[place << 5 | like(rest.get(2).copied().unwrap_or_default())] {
            return None;
        }
        let (from, to) = self.buckets[place];
        let here = head(rest);
        self.words[usize::from(from)..usize::from(to)].iter().find(|word| {
            here & word.mask == word.head
                && rest.len() >= word.word.len()
                && (word.word.len() <= 8 || rest[8..word.word.len()].eq_ignore_ascii_case(&word.word[8..]))
        })
    }

    /// Where in the word from `start` to `end` tails begin, in order.
    fn tails(&self, bytes: &[u8], start: usize, end: usize) -> impl Iterator<Item = usize> + '_ {
        let near = end - start > 2 && self.ends[like(bytes[end - 2]) << 5 | like(bytes[end - 1])];
        let stop = end + usize::from(bytes.get(end) == Some(&b'.'));
        let mut last = [0; MAX_TAIL];
        let length = if near { MAX_TAIL.min(stop - start) } else { 0 };
        last[MAX_TAIL - length..].copy_from_slice(&bytes[stop - length..stop]);
        last.make_ascii_lowercase();
        self.tails.iter().take(if near { usize::MAX } else { 0 }).filter_map(move |tail| {
            let end = if tail.ends_with(b".") { stop } else { end };
            last[..MAX_TAIL - (stop - end)].ends_with(tail).then(|| end - tail.len())
        })
    }
}

/// Bytes of the longest tail.
const MAX_TAIL: usize = 16;

/// Tails of Germanic street names that say something else where they stand alone.
const TAILS: [&[u8]; 4] = [b"ring", b"boulevard", b"park", b"haven"];

/// Bytes of the shortest text with a label and a value for it: `CVV 123`.
const SHORTEST: usize = 7;

/// Fills `labels` with every label word of `text`.
pub(crate) fn find(text: &str, labels: &mut Kept) {
    labels.clear();
    if text.len() < SHORTEST {
        return;
    }
    let (all, bytes) = (&*ALL, text.as_bytes());
    let (mut at, mut end, mut whole) = (0, 0, true);
    while at < bytes.len() {
        let first = bytes[at];
        if !is_letter(first) {
            let found = if all.signs[usize::from(first)] { label(all, bytes, at) } else { None };
            at = found.map_or(at + 1, |found| labels.keep(found));
            continue;
        }
        if at >= end {
            (end, whole) = word_end(bytes, at);
        }
        let found = label(all, bytes, at).or_else(|| {
            let inside = |place| label(all, bytes, place);
            if whole { all.tails(bytes, at, end).find_map(inside) } else { (at + 1..end).find_map(inside) }
        });
        at = found.map_or(end, |found| labels.keep(found));
    }
}

/// Where the word ends that begins at `at`, and whether only its first letter and a tail can begin a label.
fn word_end(bytes: &[u8], at: usize) -> (usize, bool) {
    let (mut end, mut whole, mut before) = (at, true, 0_u8);
    while let Some(&b) = bytes.get(end).filter(|b| is_letter(**b)) {
        whole &= b < 0xE3 && !(b.is_ascii_uppercase() && before.is_ascii_lowercase());
        before = b;
        end += 1;
    }
    (end, whole)
}

/// The label that begins at `start`, if the longest word that does is one.
fn label(all: &Words, bytes: &[u8], start: usize) -> Option<Label> {
    let &Word { word, mut says, .. } = all.at(bytes, start)?;
    let end = start + word.len();
    let letter = |b: Option<&u8>| b.is_some_and(|b| is_letter(*b));
    // Chinese, Japanese and Korean set no spaces between words, and put small words behind them.
    let spaced = bytes[start] < 0xE3;
    let open = spaced && start.checked_sub(1).is_some_and(|before| letter(bytes.get(before)));
    // A capital inside a word begins one: `homePhone5551234567`.
    let open = open && !(bytes[start].is_ascii_uppercase() && bytes[start - 1].is_ascii_lowercase());
    // `Grafring` and `Park-Ring` are streets; `ring` alone is a call.
    if start > 0 && TAILS.contains(&word) && (open || bytes[start - 1] == b'-') {
        says = Says::StreetTail;
    }
    let runs_on = spaced && bytes[end - 1] != b'.' && letter(bytes.get(end));
    let small = says == Says::StreetAt && !bytes[start].is_ascii_uppercase();
    // `My number of retries` and `the ring of 12` are no telephones.
    let of = says == Says::Phone && bytes[end..].starts_with(b" of ");
    // `Torget` in `Trädgårdstorget` begins inside `st`.
    let refused = (open && says != Says::StreetTail) || runs_on || small || of;
    (!refused).then_some(Label { start, end, says })
}
