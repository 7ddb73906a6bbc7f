//! What the name of a member says about its value.
//!
//! A key is cut into words (`customer.fullName` → customer, full, name); the longest known tail of them decides. Words are
//! compared whole, so that `authenticated` is not `auth` and `filename` is not `name`.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use crate::{
    PiiType,
    hint_table::{NAME_QUALIFIERS, TABLE},
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
}

/// Key names and their hints, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Hints {
    known: HashMap<Box<str>, Hint>,
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
        let mut hints =
            Self { known: HashMap::new(), tails: Box::new([false; TAILS]), heads: Box::new([false; TAILS]) };
        for &(hint, names) in TABLE {
            for name in names.split_ascii_whitespace() {
                hints.insert(name, hint);
            }
        }
        hints
    }

    /// The policy's own name for a value of this type.
    pub(crate) fn add(&mut self, name: &str, kind: PiiType) {
        let joined: String = words(name).concat();
        self.insert(&joined, Hint::Whole(kind));
    }

    /// Forgets what a name says.
    pub(crate) fn allow(&mut self, name: &str) {
        let joined: String = words(name).concat();
        self.insert(&joined, Hint::Opaque);
    }

    fn insert(&mut self, joined: &str, hint: Hint) {
        self.tails[tail(joined.as_bytes())] = true;
        self.heads[head(joined.as_bytes())] |= leads(hint);
        self.known.insert(joined.into(), hint);
    }

    /// What `key` says, given what the key above it said.
    pub(crate) fn of(&self, key: &str, parent: Option<Hint>) -> Option<Hint> {
        let inherited = parent.filter(|hint| inherits(*hint));
        let bytes = key.as_bytes();
        let stem =
            &bytes[..bytes.len() - bytes.iter().rev().take_while(|b| !b.is_ascii_alphabetic() && b.is_ascii()).count()];
        if stem.is_ascii() && !self.tails[tail(stem)] && !self.heads[head(bytes)] {
            return inherited;
        }
        let words = words(key);
        let mut joined = String::with_capacity(MAX_KEY);
        for from in words.len().saturating_sub(MAX_WORDS)..words.len() {
            joined.clear();
            joined.extend(words[from..].iter().map(String::as_str));
            if let Some(&hint) = self.known.get(joined.as_str()) {
                return self.settled(hint, &words[..from], parent).or(inherited);
            }
        }
        // `cpf_titular`, `phone_primary`: these are verified by their form, so the first word may say it, too.
        for to in [2, 1] {
            joined.clear();
            joined.extend(words.iter().take(to).map(String::as_str));
            if let Some(&hint) = self.known.get(joined.as_str()).filter(|hint| leads(**hint)) {
                return Some(hint);
            }
        }
        // `PGPASSWORD`, `dbpasswd`: long words that end in this one are nothing else.
        let glued =
            words.last().is_some_and(|word| ["password", "passwd", "passwort"].iter().any(|tail| word.ends_with(tail)));
        if glued { Some(Hint::Whole(PiiType::Password)) } else { inherited }
    }

    /// A bare `name` is a person's only if nothing around it says otherwise.
    fn settled(&self, hint: Hint, before: &[String], parent: Option<Hint>) -> Option<Hint> {
        match hint {
            Hint::BareName => match before.last() {
                Some(word) if NAME_QUALIFIERS.contains(&word.as_str()) => Some(Hint::Name),
                Some(_) => Some(Hint::Plain),
                None if parent == Some(Hint::Thing) => Some(Hint::Plain),
                None => Some(Hint::BareName),
            },
            other => Some(other),
        }
    }
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

/// The words of a key, in lower case, without accents and digits.
fn words(key: &str) -> Vec<String> {
    let plain: String;
    let mut from = key.len().saturating_sub(MAX_KEY);
    while !key.is_char_boundary(from) {
        from += 1;
    }
    let key = &key[from..];
    let key = if key.is_ascii() {
        key
    } else {
        plain = key
            .nfkd()
            .filter(|c| !('\u{300}'..='\u{36F}').contains(c))
            .map(|c| if c == 'ł' { 'l' } else { c })
            .collect();
        &plain
    };
    let mut words: Vec<String> = Vec::with_capacity(4);
    let mut word = String::new();
    let mut last_lower = false;
    let mut chars = key.chars().peekable();
    while let Some(c) = chars.next() {
        let next_lower = chars.peek().is_some_and(|c| c.is_lowercase());
        let starts = c.is_uppercase() && (last_lower || next_lower) && !word.is_empty();
        if (starts || !c.is_alphabetic()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
        last_lower = c.is_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_decide() {
        let hints = Hints::built_in();
        let of = |key: &str| hints.of(key, None);
        for key in ["name"] {
            assert_eq!(of(key), Some(Hint::BareName), "{key}");
        }
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
        for key in ["filename", "kpi_name", "hostname", "model_name"] {
            assert_eq!(of(key), Some(Hint::Plain), "{key}");
        }
        assert_eq!(hints.of("home", Some(Hint::Phone)), Some(Hint::Phone));
        assert_eq!(hints.of("name", Some(Hint::Thing)), Some(Hint::Plain));
    }
}
