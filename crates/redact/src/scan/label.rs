//! Words in running text that say what a value near them is.

use std::{borrow::Cow, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};

use super::{label_words::WORDS, tokens::Token};
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
    Mac,
    Wallet,
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
            Self::Mac => Some(Hint::Mac),
            Self::Wallet => Some(Hint::Wallet),
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

    pub(crate) fn labels(&self) -> Labels<'_> {
        Labels { said: &self.said, places: &self.places }
    }
}

/// Labels before a value that are looked at.
const MAX_BACK: usize = 6;

impl<'v> Labels<'v> {
    /// The labels that end at most `window` bytes before `at`, the nearest first.
    pub(crate) fn before(self, at: usize, window: usize) -> impl Iterator<Item = Label> + 'v {
        // Words for wallets and MAC addresses stand beside others: `call Mac: …`, `the passport in my wallet: …`.
        self.near(at, window).filter(|label| !matches!(label.says, Says::Mac | Says::Wallet))
    }

    /// Whether a word for wallets is near enough.
    pub(crate) fn wallet(self, at: usize, window: usize) -> bool {
        self.near(at, window).any(|label| label.says == Says::Wallet)
    }

    /// The labels that say so with the first of `tokens` behind each, by its index, if it begins at most `window` bytes behind it.
    pub(crate) fn announcing(
        self,
        says: Says,
        tokens: &'v [Token],
        window: usize,
    ) -> impl Iterator<Item = (Label, usize)> + 'v {
        self.said.iter().filter(move |label| label.says == says).filter_map(move |label| {
            let index = tokens.partition_point(|token| token.start < label.end);
            (tokens.get(index)?.start - label.end <= window).then_some((*label, index))
        })
    }

    fn near(self, at: usize, window: usize) -> impl Iterator<Item = Label> + 'v {
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

static AUTOMATON: LazyLock<(AhoCorasick, Vec<Says>)> = LazyLock::new(|| {
    let words = || WORDS.iter().flat_map(|(says, words)| words.split('|').map(move |word| (*says, word)));
    let mut says: Vec<(Says, Cow<'_, str>)> = words().map(|(says, word)| (says, Cow::Borrowed(word))).collect();
    // In the names of files and parameters a line stands for a space, or nothing: `tax_file_number-…`, `--tax-file-number`, `taxFileNumber`.
    let joins = |word: &str| word.contains(' ') && !word.split(' ').any(|part| SMALL.contains(&part));
    let spaced = words().filter(|(says, word)| !says.is_place() && joins(word));
    says.extend(spaced.flat_map(|(says, word)| ["_", "-", ""].map(|join| (says, Cow::Owned(word.replace(' ', join))))));
    // `avenue`, `place` and `square` stand before and after names: the street rule tries both sides of any of them.
    let mut seen = std::collections::HashSet::new();
    says.retain(|(_, word)| seen.insert(word.clone()));
    #[allow(clippy::expect_used)] // constants, compiled by every test
    let automaton = AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(says.iter().map(|(_, word)| word.as_bytes()))
        .expect("constant words");
    (automaton, says.into_iter().map(|(says, _)| says).collect())
});

/// Words of labels that are phrases, which nobody joins: `text to`, and not `text-to-image`.
const SMALL: [&str; 10] = ["to", "at", "me", "us", "mig", "my", "mi", "mon", "mio", "meu"];

/// Tails of Germanic street names that say something else where they stand alone.
const TAILS: [&[u8]; 4] = [b"ring", b"boulevard", b"park", b"haven"];

/// What is stuck to a label and only says that a number follows: `nhsNumber-…`, `passportNo: …`.
const NUMBERS: [&str; 6] = ["Number", "Nummer", "Numero", "Num", "No", "Nr"];

/// Where such a word ends that begins at `at`, behind a small letter.
fn behind_number(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..).filter(|_| text.as_bytes()[at - 1].is_ascii_lowercase())?;
    let length = NUMBERS.iter().find(|word| rest.starts_with(**word))?.len();
    (!rest[length..].starts_with(char::is_alphabetic)).then_some(at + length)
}

/// Bytes of the shortest text with a label and a value for it: `CVV 123`.
const SHORTEST: usize = 7;

/// Fills `labels` with every label word of `text`.
pub(crate) fn find(text: &str, labels: &mut Kept) {
    labels.clear();
    if text.len() < SHORTEST {
        return;
    }
    let (automaton, says) = &*AUTOMATON;
    let bytes = text.as_bytes();
    let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphabetic() || *b >= 0x80);
    let mut from = 0;
    while let Some(found) = automaton.find(aho_corasick::Input::new(text).range(from..)) {
        let (start, mut end, mut says) = (found.start(), found.end(), says[found.pattern().as_usize()]);
        // Chinese, Japanese and Korean set no spaces between words, and put small words behind them.
        let spaced = bytes[start] < 0xE3;
        let open = spaced && start.checked_sub(1).is_some_and(|before| word(bytes.get(before)));
        // A capital inside a word begins one: `homePhone5551234567`.
        let open = open && !(bytes[start].is_ascii_uppercase() && bytes[start - 1].is_ascii_lowercase());
        // `Grafring` and `Park-Ring` are streets; `ring` alone is a call.
        if start > 0
            && TAILS.iter().any(|tail| bytes[start..end].eq_ignore_ascii_case(tail))
            && (open || bytes[start - 1] == b'-')
        {
            says = Says::StreetTail;
        }
        let mut runs_on = spaced && bytes[end - 1] != b'.' && word(bytes.get(end));
        if let Some(behind) = if runs_on { behind_number(text, end) } else { None } {
            (end, runs_on) = (behind, false);
        }
        let small = says == Says::StreetAt && !bytes[start].is_ascii_uppercase();
        // `My number of retries` and `the ring of 12` are no telephones.
        let of = says == Says::Phone && bytes[end..].starts_with(b" of ");
        if (open && says != Says::StreetTail) || runs_on || small || of {
            // `Torget` in `Trädgårdstorget` begins inside `st`.
            from = start + 1;
            continue;
        }
        let kept = if says.is_place() { &mut labels.places } else { &mut labels.said };
        kept.push(Label { start, end, says });
        from = end;
    }
}
