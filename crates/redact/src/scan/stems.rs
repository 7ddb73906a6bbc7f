//! Stems of the words that announce a value with no digit and no sign in it: a password, a street without a number.
//!
//! No automaton runs for them: one search for a few stems, which is nearly free, shows where such a word may stand.

use std::sync::LazyLock;

use aho_corasick::packed::{Config, MatchKind, Searcher};

/// Parts of the words for passwords, in the spellings in which they are written: lower case, capitals for shouting.
const PASSWORDS: &[&str] = &[
    "assw",
    "ASSW",
    "assphr",
    "asscode",
    "ass is",
    "passe",
    "ontrase",
    "achtwoord",
    "senha",
    "Senha",
    "has\u{142}o",
    "senord",
    "ennwort",
    "pwd",
    "pw is",
    "mdp",
    "arola",
    "assord",
    "pin is",
    "Pin is",
    "PIN is",
    "oken is",
    "key is",
    "Key is",
    "KEY is",
    "ecret is",
];

/// Parts of the words that announce an address.
const ADDRESSES: &[&str] =
    &["dress", "adres", "lives at", "living at", "oved from", "oved to", "hip to", "eliver", "ndirizzo", "irecci"];

static STEMS: LazyLock<Option<Searcher>> = LazyLock::new(|| {
    let mut config = Config::new();
    config.match_kind(MatchKind::LeftmostFirst).builder().extend(PASSWORDS).extend(ADDRESSES).build()
});

/// What a text may announce.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    pub(super) password: bool,
    pub(super) address: bool,
}

/// Where stems stand, and whether they are of passwords. On processors without the instructions for this search, nothing is passed over.
fn stems(text: &str) -> impl Iterator<Item = (usize, bool)> + '_ {
    let each = |stem: &&'static str| -> (&'static str, bool) { (*stem, PASSWORDS.contains(stem)) };
    let slow = STEMS.is_none().then(|| {
        let all = PASSWORDS.iter().chain(ADDRESSES).map(each);
        all.flat_map(|(stem, password)| text.match_indices(stem).map(move |(at, _)| (at, password)))
    });
    let quick = STEMS.as_ref().map(|searcher| {
        searcher.find_iter(text).map(|found| (found.start(), found.pattern().as_usize() < PASSWORDS.len()))
    });
    slow.into_iter().flatten().chain(quick.into_iter().flatten())
}

/// Where words for passwords may stand.
pub(super) fn of_passwords(text: &str) -> impl Iterator<Item = usize> + '_ {
    stems(text).filter_map(|(at, password)| password.then_some(at))
}

/// What the text may announce.
pub(super) fn told(text: &str) -> Told {
    let mut told = Told::default();
    if text.len() > 8 && memchr::memchr(b' ', text.as_bytes()).is_some() {
        for (_, password) in stems(text) {
            told.password |= password;
            told.address |= !password;
        }
    }
    told
}
