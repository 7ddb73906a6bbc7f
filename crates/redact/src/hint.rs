//! What the name of a member says about its value.
//!
//! A key is cut into words (`customer.fullName` → customer, full, name); the longest known tail of them decides. Words are
//! compared whole, so that `authenticated` is not `auth` and `filename` is not `name`.

use std::{
    cell::RefCell,
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::atomic::{AtomicU64, Ordering},
};

use unicode_normalization::UnicodeNormalization;

use crate::{
    PiiType,
    hint_table::{NAME_QUALIFIERS, TABLE},
    keyed,
    memory::{LONGEST, Memory},
};

/// What a value is expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Whatever it is, it is this: a password, or a type that the policy ties to the key.
    Whole(PiiType),
    /// A secret, if it looks random.
    Secret,
    /// A person's name.
    Name,
    /// Perhaps a person's name: the bare `name`, or a part of one under it.
    BareName,
    /// A telephone number.
    Phone,
    /// A date of birth.
    Birth,
    /// A street address.
    Street,
    /// An address of some kind.
    Address,
    /// A postcode.
    Postcode,
    /// A passport number.
    Passport,
    /// A driving licence number.
    Licence,
    /// A national identifier: this one, or any.
    NationalId(Option<PiiType>),
    /// A latitude, a longitude, or both.
    Coordinates,
    /// A payment card.
    Card,
    /// A MAC address.
    Mac,
    /// A cryptocurrency address.
    Wallet,
    /// A thing's own number, version or hash: look for nothing that only context could tell.
    Opaque,
    /// Nothing is known, and nothing is inherited.
    Plain,
    /// A container of things that are no persons: a `name` in it is the thing's.
    Thing,
}

impl Hint {
    /// Whether a value under it is looked at like any other.
    pub(crate) fn says_nothing(self) -> bool {
        matches!(self, Self::Opaque | Self::Plain | Self::Thing)
    }

    /// Whether what is under it has a form by which it is told from a word.
    pub(crate) fn has_form(self) -> bool {
        use Hint::{Birth, Card, Coordinates, Licence, Mac, NationalId, Passport, Phone, Postcode, Secret, Wallet};
        matches!(
            self,
            Secret | Phone | Birth | Postcode | Passport | Licence | NationalId(_) | Coordinates | Card | Mac | Wallet
        )
    }

    /// What a key may itself be, given what the key above it says: `{"count_by_dob": {"1985-03-12": 4}}`. Only what has a form of its own,
    /// and digits in it, is told from an ordinary name.
    pub(crate) fn of_key(key: &str, above: Option<Self>) -> Option<Self> {
        // A secret's form is that of many names: `{"token": {"sha256_fingerprint": …}}`.
        let formed = |hint: &Self| hint.has_form() && *hint != Self::Secret || *hint == Self::Address;
        let hint = above.filter(formed)?;
        let document = || key.len() >= DOCUMENT && key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let least = match hint {
            // `{"zip": {"sha256": …}}`
            Self::Postcode if key.bytes().any(|b| b.is_ascii_lowercase()) => return None,
            Self::Postcode => POSTCODE_DIGITS,
            // German passports have letters in place of digits.
            Self::Passport | Self::Licence if document() => 1,
            _ => KEY_DIGITS,
        };
        (key.bytes().filter(u8::is_ascii_digit).count() >= least).then_some(hint)
    }
}

/// Digits of a key that may be a value, and of one that may be a postcode: `NW1 6XE`.
const KEY_DIGITS: usize = 3;
const POSTCODE_DIGITS: usize = 2;
/// Letters and digits of a document's number.
const DOCUMENT: usize = 8;

/// What a key says by itself.
#[derive(Debug, Clone, Copy)]
enum Said {
    This(Hint),
    /// It is `name` and nothing more: the key above it decides.
    Bare,
}

/// What is known of a key by itself, whatever stands around it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts {
    said: Option<Said>,
    /// Whether it has nothing but small letters, so that nothing can be found in it.
    pub(crate) plain: bool,
    /// Whether it is one of those that a name beside it may say something of.
    pub(crate) value: bool,
    /// Whether it is one of those that name columns.
    pub(crate) columns: bool,
}

thread_local! {
    static KEYS: RefCell<Memory<Facts>> = RefCell::new(Memory::new());
}

/// Tells one set of names from another in the threads' memories.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Key names and their hints, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Hints {
    /// Another one for each set of names.
    id: u64,
    known: HashMap<u64, Hint, BuildHasherDefault<AsIs>>,
    /// Which two last letters any known name has: most keys are sent away here.
    tails: Box<[bool; TAILS]>,
    /// The same for first letters, of the names that also count at the beginning of a key.
    heads: Box<[bool; TAILS]>,
}

const TAILS: usize = 32 * 32;
/// Words of a key that are looked at, from its end.
const MAX_WORDS: usize = 4;
/// Bytes of a key that are looked at, from its end.
const MAX_KEY: usize = 64;

impl Hints {
    /// The built-in names.
    pub(crate) fn built_in() -> Self {
        let mut hints = Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            known: HashMap::default(),
            tails: Box::new([false; TAILS]),
            heads: Box::new([false; TAILS]),
        };
        for word in QUALIFIERS.iter().chain(&CONTAINERS) {
            hints.tails[tail(word)] = true;
        }
        for &(hint, names) in TABLE {
            for name in names.split_ascii_whitespace() {
                hints.insert(&plain(name), hint);
            }
        }
        hints
    }

    /// The policy's own name for a value of this type.
    pub(crate) fn add(&mut self, name: &str, kind: PiiType) {
        self.insert(&plain(name), Hint::Whole(kind));
    }

    /// Forgets what a name says.
    pub(crate) fn allow(&mut self, name: &str) {
        self.insert(&plain(name), Hint::Opaque);
    }

    fn insert(&mut self, name: &str, hint: Hint) {
        self.id = NEXT.fetch_add(1, Ordering::Relaxed);
        let letters: Vec<u8> = name.bytes().filter(|&b| is_letter(b)).collect();
        self.tails[tail(&letters)] = true;
        self.heads[head(&letters)] |= leads(hint);
        self.known.insert(Fnv::of(&letters), hint);
    }

    /// What `key` says, given what the key above it said.
    pub(crate) fn of(&self, key: &str, parent: Option<Hint>) -> Option<Hint> {
        self.says(self.facts(key), parent)
    }

    /// What a key with these facts says, given what the key above it said.
    pub(crate) fn says(&self, facts: Facts, parent: Option<Hint>) -> Option<Hint> {
        match facts.said {
            Some(Said::Bare) if parent == Some(Hint::Thing) => Some(Hint::Plain),
            // `{"password": {"name": …}}`: whatever is under it is this.
            Some(Said::Bare) if matches!(parent, Some(Hint::Whole(_))) => parent,
            Some(Said::Bare) => Some(Hint::BareName),
            Some(Said::This(hint)) => Some(hint),
            None => parent.filter(|hint| inherits(*hint)),
        }
    }

    /// What is known of a key; that of short ones each thread keeps.
    pub(crate) fn facts(&self, key: &str) -> Facts {
        if key.len() > LONGEST {
            return self.facts_of(key);
        }
        KEYS.with_borrow_mut(|keys| {
            keys.get(self.id, key.as_bytes()).unwrap_or_else(|| {
                let facts = self.facts_of(key);
                keys.keep(self.id, key.as_bytes(), facts);
                facts
            })
        })
    }

    fn facts_of(&self, key: &str) -> Facts {
        Facts {
            said: self.own(key),
            plain: is_plain(key),
            value: keyed::is_value(key),
            columns: keyed::is_columns(key),
        }
    }

    /// Tells these names from any others.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// What `key` says by itself.
    fn own(&self, key: &str) -> Option<Said> {
        if key.is_ascii() {
            return self.of_bytes(key.as_bytes());
        }
        self.of_bytes(plain(key).as_bytes())
    }

    fn of_bytes(&self, bytes: &[u8]) -> Option<Said> {
        let bytes = &bytes[bytes.len().saturating_sub(MAX_KEY)..];
        let end = bytes.iter().rposition(|&b| is_letter(b)).map_or(0, |last| last + 1);
        let start = bytes.iter().position(|&b| is_letter(b)).unwrap_or(end);
        if end == 0 || (!self.tails[tail(&bytes[..end])] && !self.heads[head(&bytes[start..end])]) {
            return None;
        }
        // `phone_index`, `dobMap`: what stands in it is what is said before.
        if let Some((hint, _)) = without(&CONTAINERS, &bytes[..end]).and_then(|end| self.longest_tail(&bytes[..end]))
            && leads(hint)
        {
            return Some(Said::This(hint));
        }
        if let Some((hint, from)) = self.longest_tail(&bytes[..end]) {
            return Some(if asks(hint, &bytes[..from]) {
                Said::This(Hint::Plain)
            } else {
                settled(hint, &bytes[..from])
            });
        }
        // `first_name_raw`, `password_old`: a last word that says nothing gives way to those before it.
        if let Some((hint, from)) = without(&QUALIFIERS, &bytes[..end]).and_then(|end| self.longest_tail(&bytes[..end]))
            && let Said::This(hint) = settled(hint, &bytes[..from])
            && !hint.says_nothing()
        {
            return Some(Said::This(hint));
        }
        // `cpf_titular`, `phone_primary`: these are verified by their form, so the first words may say it, too.
        let closes = |at: usize| at == end || !is_letter(bytes[at]) || begins(bytes, at);
        let mut ends = (start + 1..=end).filter(|&at| is_letter(bytes[at - 1]) && closes(at)).take(2);
        let leading = |end: usize| self.known.get(&Fnv::of(&bytes[start..end])).copied().filter(|hint| leads(*hint));
        let known_head = self.heads[head(&bytes[start..end])];
        if let Some(hint) = known_head.then(|| ends.find_map(leading)).flatten() {
            return Some(Said::This(hint));
        }
        // `dOB`: all of its letters.
        if let Some(hint) = self.known.get(&Fnv::of(&bytes[start..end])).filter(|hint| leads(**hint)) {
            return Some(Said::This(*hint));
        }
        // `PGPASSWORD`, `dbpasswd`: long words that end in this one are nothing else.
        let glued = [&b"password"[..], b"passwd", b"passwort"]
            .iter()
            .any(|word| end >= word.len() && bytes[end - word.len()..end].eq_ignore_ascii_case(word));
        glued.then_some(Said::This(Hint::Whole(PiiType::Password)))
    }

    /// The longest run of last words that is known, and where it begins.
    fn longest_tail(&self, bytes: &[u8]) -> Option<(Hint, usize)> {
        let mut hash = Fnv::EMPTY;
        let mut found = None;
        let mut words = 0;
        for (at, &b) in bytes.iter().enumerate().rev() {
            if !is_letter(b) {
                continue;
            }
            hash = hash.letter(b);
            if begins(bytes, at) {
                found = self.known.get(&hash.0).map(|&hint| (hint, at)).or(found);
                words += 1;
                if words == MAX_WORDS {
                    break;
                }
            }
        }
        found
    }
}

/// Last words of keys that say which value it is and not of what kind.
const QUALIFIERS: [&[u8]; 21] = [
    b"alt",
    b"no",
    b"nr",
    b"num",
    b"number",
    b"raw",
    b"old",
    b"new",
    b"current",
    b"previous",
    b"primary",
    b"secondary",
    b"value",
    b"string",
    b"text",
    b"plain",
    b"clear",
    b"original",
    b"input",
    b"before",
    b"after",
];

/// Last words of keys of what holds many: `phone_index`.
const CONTAINERS: [&[u8]; 5] = [b"list", b"map", b"index", b"lookup", b"table"];

/// Where the words before such a last word end.
fn without(words: &[&[u8]], bytes: &[u8]) -> Option<usize> {
    let start = (0..bytes.len()).rev().find(|&at| is_letter(bytes[at]) && begins(bytes, at))?;
    let known = words.iter().any(|word| bytes[start..].eq_ignore_ascii_case(word));
    known.then(|| bytes[..start].iter().rposition(|&b| is_letter(b))).flatten().map(|last| last + 1)
}

/// First words of keys that ask about a secret and hold none: `has_password`, `requiresPin`.
const QUESTIONS: [&str; 12] =
    ["has", "is", "can", "needs", "requires", "require", "use", "uses", "allow", "allows", "should", "must"];

/// Whether a key asks about what its last words name.
fn asks(hint: Hint, before: &[u8]) -> bool {
    let secret = matches!(hint, Hint::Whole(PiiType::Password) | Hint::Secret);
    let ends = |&at: &usize| at == before.len() || !is_letter(before[at]) || begins(before, at);
    let first = || (1..=before.len()).find(ends).map_or(&[][..], |end| &before[..end]);
    secret && !before.is_empty() && QUESTIONS.iter().any(|word| first().eq_ignore_ascii_case(word.as_bytes()))
}

/// A bare `name` is a person's only if nothing around it says otherwise.
fn settled(hint: Hint, before: &[u8]) -> Said {
    if hint != Hint::BareName {
        return Said::This(hint);
    }
    let Some(last) = before.iter().rposition(|&b| is_letter(b)) else { return Said::Bare };
    let start = (0..=last).rev().find(|&at| is_letter(before[at]) && begins(before, at)).unwrap_or(0);
    let word = &before[start..=last];
    let of_person = NAME_QUALIFIERS.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()));
    Said::This(if of_person { Hint::Name } else { Hint::Plain })
}

/// Whether the members of an object under such a key are of the same kind where their own keys say nothing.
fn inherits(hint: Hint) -> bool {
    !matches!(hint, Hint::Thing | Hint::Opaque | Hint::Plain)
}

/// Whether a name with this hint also counts at the beginning of a key.
fn leads(hint: Hint) -> bool {
    matches!(hint, Hint::NationalId(_) | Hint::Phone | Hint::Birth | Hint::Passport | Hint::Licence | Hint::Card)
}

fn head(bytes: &[u8]) -> usize {
    let code = |at: usize| usize::from(bytes.get(at).map_or(0, |b| b & 0x1F));
    code(0) * 32 + code(1)
}

fn tail(bytes: &[u8]) -> usize {
    let code = |b: Option<&u8>| usize::from(b.map_or(0, |b| b & 0x1F));
    let mut last = bytes.iter().rev();
    let (z, y) = (last.next(), last.next());
    code(z) * 32 + code(y)
}

/// Whether a key has nothing but small letters, so that nothing can be found in it.
pub(crate) fn is_plain(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// The key in ASCII where that is possible, without accents. Case stays where ASCII has it, since a capital may begin a word.
fn plain(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    for c in key.nfkd().filter(|c| !('\u{300}'..='\u{36F}').contains(c)) {
        match c {
            'ł' => out.push('l'),
            'Ł' => out.push('L'),
            'ø' => out.push('o'),
            'Ø' => out.push('O'),
            'æ' => out.push_str("ae"),
            'Æ' => out.push_str("Ae"),
            'ß' => out.push_str("ss"),
            c if c.is_ascii() => out.push(c),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

fn is_letter(b: u8) -> bool {
    b.is_ascii_alphabetic() || b >= 0x80
}

/// Whether a word begins at the letter `at`: after something else, after a small letter (`fullName`), before one (`HTTPHeader`).
fn begins(bytes: &[u8], at: usize) -> bool {
    let Some(&before) = at.checked_sub(1).map(|before| &bytes[before]) else { return true };
    let next_small = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
    !is_letter(before) || (bytes[at].is_ascii_uppercase() && (before.is_ascii_lowercase() || next_small))
}

/// FNV-1a over the letters in lower case, from the last to the first, so that every tail of a key is hashed in one pass. Names
/// are known by these 64 bits alone: whoever makes a key collide misnames his own value.
#[derive(Debug, Clone, Copy)]
struct Fnv(u64);

impl Fnv {
    const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    fn letter(self, b: u8) -> Self {
        Self((self.0 ^ u64::from(b.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3))
    }

    fn of(letters: &[u8]) -> u64 {
        letters.iter().rev().filter(|&&b| is_letter(b)).fold(Self::EMPTY, |hash, &b| hash.letter(b)).0
    }
}

/// The hashes spread well already.
#[derive(Debug, Clone, Copy, Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&b| self.0 = (self.0 << 8) | u64::from(b));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_decide() {
        let hints = Hints::built_in();
        let of = |key: &str| hints.of(key, None);
        assert_eq!(of("name"), Some(Hint::BareName));
        for key in ["first_name", "customer.fullName", "LastName", "FIRSTNAME", "apellidos", "Prénom", "billing-name"]
        {
            assert_eq!(of(key), Some(Hint::Name), "{key}");
        }
        for key in ["password", "user_password", "newPassword", "DB_PASSWD", "password2", "passwordHash", "contraseña"]
        {
            assert_eq!(of(key), Some(Hint::Whole(PiiType::Password)), "{key}");
        }
        for key in ["api_key", "X-API-Key", "accessToken", "clientSecret", "AWS_SECRET_ACCESS_KEY"] {
            assert_eq!(of(key), Some(Hint::Secret), "{key}");
        }
        for key in ["phone", "homePhone", "phone_number", "tel", "Teléfono", "mobile1"] {
            assert_eq!(of(key), Some(Hint::Phone), "{key}");
        }
        for key in ["authenticated", "tokens_input", "text", "password_changed_at", "surname_count", "compass", "hotel"]
        {
            assert!(of(key).is_none_or(Hint::says_nothing), "{key}");
        }
        for key in ["has_password", "requiresPin", "is-secret", "HAS_TOKEN"] {
            assert_eq!(of(key), Some(Hint::Plain), "{key}");
        }
        for key in ["filename", "kpi_name", "hostname", "model_name"] {
            assert_eq!(of(key), Some(Hint::Plain), "{key}");
        }
        assert_eq!(hints.of("home", Some(Hint::Phone)), Some(Hint::Phone));
        assert_eq!(hints.of("name", Some(Hint::Thing)), Some(Hint::Plain));
    }
}
