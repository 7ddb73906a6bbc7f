//! Values that the first pass found, looked for in the rest of the event.
//!
//! A name, a password or a date of birth is known by its key or by a word before it; the same value elsewhere is not:
//! `{"first_name": "Zuzanna", "text": "Zuzanna wrote"}`. So what was found is looked for again, as a whole word, wherever the first
//! pass has left the text as it was. Values that any rule finds wherever they stand are not looked for, and neither are those
//! that would take ordinary words away: a single name only as it is spelt, with its capital, and never if it is also a word, a
//! month or a place (`May`, `Will`, `Paris`); short numbers and short words not at all.

mod json;

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind, automaton::OverlappingState};

use crate::{PiiType, hint::is_plain, scan::is_word_for_passwords};

/// Letters of a name of one word.
const NAME_LEAST: usize = 3;
/// Bytes of a password, and of one that is nothing but small letters.
const PASSWORD_LEAST: usize = 6;
const PASSWORD_LETTERS_LEAST: usize = 8;
/// Letters and digits of any other value, and how many of them are digits.
const VALUE_LEAST: usize = 6;
/// Bytes of a value: longer ones repeat by quotation only, and their beginning is told.
const VALUE_MOST: usize = 64;
/// So many bytes with which values begin are looked for at once.
const FEW_BEGIN: usize = 3;
/// So many values are compared one by one; more are compiled.
const FEW: usize = 8;

/// Names that are ordinary words, months, days, colours, callings or places as well.
const WORDS: &str = "\
    Abbott Adobe Alba Amber Amen America Apple April Archer Armed Art Ash Asia August Austin Autumn Azure Baker Bank Banks Barker Basil Bay \
    Beach Bell Berlin Best Bill Bird Bishop Black Blue Bond Boston Bridge Bridges Brook Brooks Brown Buck Bull Bush Butler Cash Case Castle Chad \
    Chambers Chance Charity Charlotte Chase China Christian Church Clay Cliff Close Cloud Cole Coin Cook Cooper Crane Crew Cross Crystal Daily Dale \
    Dallas Dawn Day Dean December Dick Dollar Don Drake Driver Duke Dusty Earl East Eden England Ever Faith Fall February Field Fields Fisher Flora \
    Florence Ford Forest Fox France Frank Franklin Free Friday Frost Gardner Gates Gay Gene Georgia Ginger Gold Good Grace Grant Grave Gray Green \
    Grey Guest Guy Hall Hardy Harmony Hart Hawk Hazel Head Heath Heather Hill Holiday Holland Holly Home Hood Hope House Houston Hunt Hunter \
    India Ireland Iris Israel Ivory Ivy Jack Jade January Jasmine Jean Jewel Job Jordan Joy Judge July June Justice Key King Knight Lake Lamb Lance \
    Lane Large Law Lily Lincoln Little London Long Lord Love Low Madison Mai Major March Marina Mark Marsh Marshall Mason Master May Melody Mercy \
    Miles Mill Miller Mills Minor Monday Moon More Moss Mount Name Nation New Nick Noble None North November Oak Oasis Ocean October Olive Opal \
    Page Paige Paris Park Parker Parks Pat Patience Peace Pearl Pen Penny Petty Phoenix Piper Pond Poole Pope Porter Post Potter Power Powers Pratt \
    Price Prince Prudence Rain Ram Rat Ray Read Red Reed Reid Rice Rich Ring Rip River Rivers Rob Robin Rock Rocky Roman Root Rose Ruby Rush Rusty Sage Sally \
    Sandy Sanders Saturday Savannah School Sea Self September Sharp Shepherd Short Silver Simple Singer Sky Small Smart Smith Snow Sol South Spring Star Starling \
    Stella Sterling Stone Storm Street Strong Sue Summer Summers Sunday Sunny Swan Sweet Swift Sydney Tab Tanner Taylor Temple Terry Test Thursday Tiffany \
    Tuesday Turner Van Vera Victor Victoria Viola Violet Virginia Wade Walker Wall Ward Washington Water Waters Weaver Webb Wednesday Welcome Wells West \
    White Will Willow Wilt Winter Winters Wise Wolf Wood Woods Worth Young Admin Administrator Anonymous Customer Default Guest Manager Owner Root Service \
    Support System Team Unknown User";

static WORD_NAMES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| WORDS.split_ascii_whitespace().collect());

/// Bytes of the values of an ordinary event.
const USUAL_TEXT: usize = 256;

/// One value that is looked for.
#[derive(Debug, Clone)]
struct Value {
    place: Range<usize>,
    kind: PiiType,
    /// Whether it counts in this spelling only.
    exact: bool,
}

/// The values that one tree is known to hold.
#[derive(Debug)]
pub(crate) struct Known {
    text: String,
    values: Vec<Value>,
    /// Where in `values` each is, once there are many.
    seen: HashMap<String, usize>,
    most: usize,
    /// The bytes with which they begin, in both cases where both count.
    first: [bool; 256],
    /// The first few of these bytes, and how many there are.
    begin: [u8; FEW_BEGIN],
    begins: usize,
    /// Bytes of the shortest of them.
    least: usize,
    /// Whether some value has no digit, so that it may stand in a text that has none.
    words: bool,
    /// Whether some value has nothing but digits, or nothing but what plain keys have.
    numbers: bool,
    keys: bool,
    compiled: Option<AhoCorasick>,
}

impl Known {
    /// None yet; at most `most` are kept.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            text: String::new(),
            values: Vec::new(),
            seen: HashMap::new(),
            most,
            first: [false; 256],
            begin: [0; FEW_BEGIN],
            begins: 0,
            least: usize::MAX,
            words: false,
            numbers: false,
            keys: false,
            compiled: None,
        }
    }

    /// Keeps a value that was found, if it is one to look for. One that is found as two types is of the one that stands first in
    /// [`PiiType::ALL`], and counts in every spelling if it does as either, whichever of them comes first.
    pub(crate) fn add(&mut self, kind: PiiType, value: &str) {
        let value = value.trim();
        let Some(exact) = (value.len() <= VALUE_MOST).then(|| wanted(kind, value)).flatten() else { return };
        let first = value.as_bytes()[0];
        if let Some(kept) = self.kept(value) {
            let kept = &mut self.values[kept];
            kept.kind = kept.kind.min(kind);
            kept.exact &= exact;
            self.begins_with(first, exact);
            return;
        }
        if self.values.len() >= self.most {
            return;
        }
        if self.values.is_empty() {
            self.text.reserve(USUAL_TEXT);
            self.values.reserve(FEW);
        }
        if !self.seen.is_empty() {
            self.seen.insert(value.to_owned(), self.values.len());
        }
        let start = self.text.len();
        self.text.push_str(value);
        self.least = self.least.min(value.len());
        self.words |= !has_digit(value.as_bytes());
        self.values.push(Value { place: start..self.text.len(), kind, exact });
        self.numbers |= value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-'));
        self.keys |= is_plain(value);
        self.begins_with(first, exact);
    }

    fn begins_with(&mut self, first: u8, exact: bool) {
        for b in if exact { [first; 2] } else { [first.to_ascii_lowercase(), first.to_ascii_uppercase()] } {
            if !std::mem::replace(&mut self.first[usize::from(b)], true) {
                if let Some(place) = self.begin.get_mut(self.begins) {
                    *place = b;
                }
                self.begins += 1;
            }
        }
    }

    /// Where in `values` a value is.
    fn kept(&mut self, value: &str) -> Option<usize> {
        if self.values.len() < FEW {
            return self.values.iter().position(|kept| self.text[kept.place.clone()] == *value);
        }
        if self.seen.is_empty() {
            let texts = self.values.iter().map(|kept| self.text[kept.place.clone()].to_owned());
            self.seen.extend(texts.zip(0..));
        }
        self.seen.get(value).copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether a text of so many bytes is long enough for one of the values.
    pub(crate) fn may_be_in(&self, length: usize) -> bool {
        length >= self.least
    }

    /// Whether a number can be one of the values.
    pub(crate) fn may_be_numbers(&self) -> bool {
        self.numbers
    }

    /// Whether a key of small letters can be one of the values.
    pub(crate) fn may_be_keys(&self) -> bool {
        self.keys
    }

    /// Makes many values quick to look for.
    pub(crate) fn compile(&mut self) {
        if self.values.len() > FEW {
            // Too large an automaton is none: then the values are compared one by one.
            self.compiled = AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::Standard)
                .start_kind(StartKind::Anchored)
                .build(self.values.iter().map(|value| &self.text[value.place.clone()]))
                .ok();
        }
    }

    /// Where known values stand in `text` as whole words: in order, without overlaps. Placeholders are passed over.
    pub(crate) fn find(&self, text: &str) -> Vec<(Range<usize>, PiiType)> {
        let bytes = text.as_bytes();
        let mut found = Vec::new();
        if !self.words && !has_digit(bytes) {
            return found;
        }
        let mut at = 0;
        while let Some(next) = self.next(bytes, at) {
            at = match self.at(text, next) {
                None => next + 1,
                // The words in placeholders are ours.
                Some((length, kind)) => placeholder_around(text, next).unwrap_or_else(|| {
                    found.push((next..next + length, kind));
                    next + length
                }),
            };
        }
        found
    }

    /// The next place from `from` on where a word begins with the first byte of a value.
    fn next(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let free = |at: usize| at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let rest = &bytes[from..];
        let [one, two, three] = self.begin;
        match self.begins {
            0 => None,
            1 => memchr::memchr_iter(one, rest).map(|at| from + at).find(|at| free(*at)),
            2 => memchr::memchr2_iter(one, two, rest).map(|at| from + at).find(|at| free(*at)),
            3 => memchr::memchr3_iter(one, two, three, rest).map(|at| from + at).find(|at| free(*at)),
            _ => (from..bytes.len()).find(|at| self.first[usize::from(bytes[*at])] && free(*at)),
        }
    }

    fn at(&self, text: &str, at: usize) -> Option<(usize, PiiType)> {
        if !text.is_char_boundary(at) || text[..at].chars().next_back().is_some_and(char::is_alphanumeric) {
            return None;
        }
        let rest = &text[at..];
        let holds = |value: &Value| {
            let wanted = &self.text[value.place.clone()];
            let here =
                rest.as_bytes().get(..wanted.len()).filter(|here| here.eq_ignore_ascii_case(wanted.as_bytes()))?;
            let whole = !rest[wanted.len()..].chars().next().is_some_and(char::is_alphanumeric);
            (whole && (!value.exact || here == wanted.as_bytes())).then_some((wanted.len(), value.kind))
        };
        match &self.compiled {
            None => longest(self.values.iter().filter_map(holds)),
            Some(automaton) => {
                // Each that begins here: of two the longer may be a part of a word, or be spelt otherwise.
                let input = Input::new(rest).anchored(Anchored::Yes);
                let mut state = OverlappingState::start();
                let all = std::iter::from_fn(|| {
                    automaton.find_overlapping(input.clone(), &mut state);
                    state.get_match()
                });
                longest(all.filter_map(|found| holds(&self.values[found.pattern().as_usize()])))
            }
        }
    }
}

/// The longest of those that stand at one place; of spellings of one value the type that stands first.
fn longest(here: impl Iterator<Item = (usize, PiiType)>) -> Option<(usize, PiiType)> {
    here.max_by_key(|&(length, kind)| (length, Reverse(kind)))
}

/// Where the placeholder ends that the byte at `at` stands in.
fn placeholder_around(text: &str, at: usize) -> Option<usize> {
    let from = at.saturating_sub(crate::replace::MAX_PLACEHOLDER);
    let open = from + memchr::memrchr(b'[', &text.as_bytes()[from..at])?;
    crate::replace::placeholder(&text[open..]).map(|length| open + length).filter(|end| *end > at)
}

/// Whether there is a digit: asked of many bytes at once.
fn has_digit(bytes: &[u8]) -> bool {
    bytes.chunks(32).any(|chunk| chunk.iter().fold(false, |any, b| any | b.is_ascii_digit()))
}

/// Whether to look for a value, and whether in this spelling only.
fn wanted(kind: PiiType, value: &str) -> Option<bool> {
    use PiiType::{
        CryptoWallet, Email, Iban, Jwt, Password, PersonName, PrivateKey, Secret, Unscannable, UrlCredentials,
    };
    // The words in placeholders are ours.
    if memchr::memchr(b'[', value.as_bytes()).is_some() && value.contains(crate::replace::BEGIN)
        || is_plain(value) && PiiType::ALL.iter().any(|kind| kind.as_str() == value)
    {
        return None;
    }
    match kind {
        // Found wherever they stand.
        Unscannable | PrivateKey | Jwt | Email | Iban | CryptoWallet => None,
        PersonName => name(value),
        Password => {
            let letters = value.bytes().all(|b| b.is_ascii_lowercase());
            let digits = value.bytes().all(|b| b.is_ascii_digit());
            let least = if letters { PASSWORD_LETTERS_LEAST } else { PASSWORD_LEAST };
            (value.len() >= least && !(digits && value.len() < VALUE_LEAST) && !is_word_for_passwords(value))
                .then_some(true)
        }
        Secret | UrlCredentials => (value.len() >= PASSWORD_LEAST).then_some(true),
        _ => {
            let digits = value.bytes().filter(u8::is_ascii_digit).count();
            let letters = value.chars().filter(|c| c.is_alphanumeric()).count();
            (letters >= VALUE_LEAST && digits >= 1 && value.starts_with(|c: char| !c.is_whitespace())).then_some(false)
        }
    }
}

/// A full name counts in any case; a single one only as it is spelt, and if it is nothing else.
fn name(value: &str) -> Option<bool> {
    let words = value.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
    if words >= 2 && value.len() >= VALUE_LEAST {
        return Some(false);
    }
    let capital = value.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
    let letters = value.chars().count();
    (capital && letters >= NAME_LEAST && !WORD_NAMES.contains(value)).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(values: &[(PiiType, &str)]) -> Known {
        let mut known = Known::new(100);
        values.iter().for_each(|(kind, value)| known.add(*kind, value));
        known.compile();
        known
    }

    #[test]
    fn whole_words_are_found_and_words_of_the_language_are_not() {
        use PiiType::{DateOfBirth, Password, PersonName, Phone};
        let known = known(&[
            (PersonName, "Zuzanna"),
            (PersonName, "May"),
            (PersonName, "will"),
            (PersonName, "Ann Lee"),
            (Password, "hunter2"),
            (Password, "password"),
            (Password, "kettle"),
            (DateOfBirth, "1985-03-12"),
            (Phone, "1234"),
        ]);
        let found =
            |text: &str| known.find(text).into_iter().map(|(place, _)| text[place].to_owned()).collect::<Vec<_>>();
        assert_eq!(
            found("Zuzanna's, ZUZANNA, zuzanna, Zuzannas; (Zuzanna)_Zuzanna"),
            ["Zuzanna", "Zuzanna", "Zuzanna"]
        );
        assert_eq!(found("In May it will be, ann LEE said"), ["ann LEE"]);
        assert_eq!(found("hunter2 Hunter2 hunter22 password kettle 1234"), ["hunter2"]);
        assert_eq!(found("on 1985-03-12T00:00, 1985-03-123, 11985-03-12"), [""; 0]);
        assert_eq!(found("[redacted:person_name] 1985-03-12"), ["1985-03-12"]);
    }

    #[test]
    fn many_are_found_like_few() {
        let names: Vec<String> =
            (0..40u8).map(|n| format!("Zu{}{} Novak", char::from(b'a' + n % 26), n / 26)).collect();
        let values: Vec<(PiiType, &str)> = names.iter().map(|name| (PiiType::PersonName, name.as_str())).collect();
        let known = known(&values);
        assert!(known.compiled.is_some());
        for name in &names {
            let text = format!("so {name}, wrote");
            assert_eq!(known.find(&text), [(3..3 + name.len(), PiiType::PersonName)]);
        }
        assert!(known.find("Zua0 Novaks").is_empty());
    }

    /// Found as a password a name counts as it is spelt, found as a name it does in any case: then it does, whichever comes first.
    #[test]
    fn what_is_found_as_two_types_does_not_depend_on_their_order() {
        use PiiType::{Password, PersonName};
        for more in [0u8, 10] {
            for pair in [[Password, PersonName], [PersonName, Password]] {
                let mut known = Known::new(100);
                (0..more).for_each(|n| known.add(PersonName, &format!("Zu{} Novak", char::from(b'a' + n))));
                pair.iter().for_each(|kind| known.add(*kind, "Ann Lee"));
                known.compile();
                assert_eq!(known.find("by ann lee"), [(3..10, Password)], "{pair:?} after {more}");
            }
        }
    }

    /// Of values that begin at one place the longer may be a part of a word, or be spelt otherwise than another.
    #[test]
    fn one_of_many_hides_no_other() {
        let mut names = vec!["Zuzanna", "ZUZANNA", "Ann Lee", "Anneke", "Ann"];
        names.extend(["Piotr", "Agnieszka", "Marek", "Jolanta", "Wojciech"]);
        let values: Vec<(PiiType, &str)> = names.iter().map(|name| (PiiType::PersonName, *name)).collect();
        let known = known(&values);
        assert!(known.compiled.is_some());
        let found =
            |text: &str| known.find(text).into_iter().map(|(place, _)| text[place].to_owned()).collect::<Vec<_>>();
        assert_eq!(found("ZUZANNA wrote Zuzanna"), ["ZUZANNA", "Zuzanna"]);
        assert_eq!(found("Ann Leeds wrote, Ann Lee did not"), ["Ann", "Ann Lee"]);
    }
}
