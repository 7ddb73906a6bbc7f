//! Stems of the words that announce a value with no digit and no sign in it (a password, a street without a number), and the
//! beginnings of what has one form.
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
    "as\u{142}o",
    "senord",
    "ennwort",
    "pwd",
    "gangskode",
    "odeord",
    "alasana",
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
    &["dress", "adres", "lives at", "living at", "oved from", "oved to ", "hip to ", "eliver", "ndirizzo", "irecci"];

static STEMS: LazyLock<Option<Searcher>> = LazyLock::new(|| searcher(PASSWORDS.iter().chain(ADDRESSES).copied()));

/// A search for many words at once; `None` on processors without the instructions for it.
fn searcher(words: impl Iterator<Item = &'static str>) -> Option<Searcher> {
    Config::new().match_kind(MatchKind::LeftmostFirst).builder().extend(words).build()
}

/// What a text may announce.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    pub(super) password: bool,
    pub(super) address: bool,
}

/// Where stems stand, and whether they are of passwords: without the searcher one after the other.
fn stems(text: &[u8]) -> impl Iterator<Item = (usize, bool)> + '_ {
    let slow = STEMS.is_none().then(|| {
        let all = PASSWORDS.iter().chain(ADDRESSES).enumerate();
        all.flat_map(|(index, stem)| memchr::memmem::find_iter(text, stem).map(move |at| (at, index < PASSWORDS.len())))
    });
    let quick = STEMS.as_ref().map(|searcher| {
        searcher.find_iter(text).map(|found| (found.start(), found.pattern().as_usize() < PASSWORDS.len()))
    });
    slow.into_iter().flatten().chain(quick.into_iter().flatten())
}

/// Where words for passwords may stand.
pub(super) fn of_passwords(text: &str) -> impl Iterator<Item = usize> + '_ {
    stems(text.as_bytes()).filter_map(|(at, password)| password.then_some(at))
}

/// How what has one form begins: a private key, the address of a webhook, `Bearer …`, `Basic …`, one of our own keys, rows in SQL, a vCard.
const FORMS: [(&str, u8); 8] = [
    ("-----BEGIN", Begun::PRIVATE_KEY),
    ("hook", Begun::WEBHOOK),
    ("earer ", Begun::CREDENTIALS),
    ("asic ", Begun::CREDENTIALS),
    ("tenants/t_", Begun::OWN_KEY),
    ("VALUES", Begun::ROWS),
    ("values", Begun::ROWS),
    ("BEGIN:VCARD", Begun::CARD),
];

static FORM: LazyLock<Option<Searcher>> = LazyLock::new(|| searcher(FORMS.iter().map(|(begins, _)| *begins)));

/// Which beginnings a text has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun(u8);

impl Begun {
    pub(super) const PRIVATE_KEY: u8 = 1;
    pub(super) const WEBHOOK: u8 = 2;
    pub(super) const CREDENTIALS: u8 = 4;
    pub(super) const OWN_KEY: u8 = 8;
    pub(super) const ROWS: u8 = 16;
    pub(super) const CARD: u8 = 32;

    pub(super) fn of(text: &str) -> Self {
        let Some(searcher) = &*FORM else { return Self(u8::MAX) };
        let mut padded = [0; QUICK_LEAST];
        let found = searcher.find_iter(padded_to_be_quick(text, &mut padded));
        Self(found.fold(0, |all, found| all | FORMS[found.pattern().as_usize()].1))
    }

    pub(super) fn any(self, beginnings: u8) -> bool {
        self.0 & beginnings != 0
    }
}

/// Bytes of the shortest text that is searched many bytes at once; shorter ones get zeros behind them.
const QUICK_LEAST: usize = 64;

/// What the text may announce.
pub(super) fn told(text: &str) -> Told {
    let mut told = Told::default();
    if text.len() <= 8 || memchr::memchr2(b' ', b'\t', text.as_bytes()).is_none() {
        return told;
    }
    let mut padded = [0; QUICK_LEAST];
    for (_, password) in stems(padded_to_be_quick(text, &mut padded)) {
        told.password |= password;
        told.address |= !password;
    }
    told
}

fn padded_to_be_quick<'t>(text: &'t str, padded: &'t mut [u8; QUICK_LEAST]) -> &'t [u8] {
    match padded.get_mut(..text.len()) {
        Some(head) => {
            head.copy_from_slice(text.as_bytes());
            padded
        }
        None => text.as_bytes(),
    }
}
