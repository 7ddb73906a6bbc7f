//! Passwords that a sentence tells: `my password is hunter2`, `log in with password Sea9570`, `use citykind as the password`.
//!
//! Where a word for a password may stand, [`super::stems`] show.

use super::{Context, assignment, random, stems};
use crate::{PiiType, hint::Hint};

/// The words themselves, in lower case.
const WORDS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passwort",
    "passphrase",
    "passcode",
    "pass",
    "passe",
    "contraseña",
    "contrasena",
    "wachtwoord",
    "senha",
    "hasło",
    "lösenord",
    "lösenordet",
    "kennwort",
    "pwd",
    "pw",
    "mdp",
    "parola",
    "passord",
    "pin",
    "adgangskode",
    "adgangskoden",
    "kodeord",
    "kodeordet",
    "passordet",
    "salasana",
];

/// What joins the word and the password, before a space or a colon.
const COPULAS: &[&str] = &[
    " is now",
    " is still",
    " is",
    " was",
    " to",
    " updated to",
    " changed to",
    " set to",
    " reset to",
    " mitt er",
    " mit er",
    " ist jetzt",
    " ist",
    " lautet",
    " es ahora",
    " es",
    " est",
    " è",
    " é",
    " este",
    " är",
    " er",
];

/// What joins them in a note: `wachtwoord - hunter2`.
const DASH: &str = " - ";

/// What may stand before the word where the password comes first: `… is my new password`.
const KINDS: &[&str] = &["new", "old", "temporary", "temp", "current", "wifi", "wi-fi", "admin", "root", "login"];
const OWNERS: &[&str] = &["the", "my", "your", "our", "his", "her", "their", "a"];
const JOINS: &[&str] = &["as", "is", "that's", "thats"];

/// What names a password that comes first.
const VERBS: &[&str] = &["use", "used", "using", "enter", "entered", "type", "set", "chose", "choose", "try", "to"];

/// What programs do with passwords, and no password.
const TECHNICAL: &[&str] = &[
    "sha1", "sha256", "sha512", "sha-256", "sha-512", "argon2", "argon2id", "bcrypt", "pbkdf2", "scrypt", "base64",
    "oauth2", "2fa", "utf-8", "utf8", "auth0", "log4j",
];

/// Bytes of a password that is nothing but letters.
const LETTERS_LEAST: usize = 6;
/// Bytes of a password right behind the word.
const BARE_LEAST: usize = 5;

/// Bytes that adverbs at the end of a sentence about a password have not.
const ADVERB_MOST: usize = 10;
/// Bytes of a password of letters alone: `log in with password recentgoal`.
const WITH_LEAST: usize = 8;

/// Whether somebody logs in by it: `login with password …`.
fn enters(context: &Context<'_>, end: usize) -> bool {
    const VERBS: [&str; 8] = ["login", "log", "logged", "signin", "sign", "signed", "connect", "authenticate"];
    let mut words = context.text[..end].rsplit(char::is_whitespace).skip(1);
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("with"))
        && words.take(2).any(|word| VERBS.iter().any(|verb| word.eq_ignore_ascii_case(verb)))
}

/// What people reset a password to do: `reset your password to continue`.
fn is_purpose(value: &str) -> bool {
    const PURPOSES: &[&str] = &[
        "access",
        "activate",
        "complete",
        "confirm",
        "continue",
        "enable",
        "finish",
        "improve",
        "login",
        "prevent",
        "proceed",
        "protect",
        "receive",
        "reconnect",
        "register",
        "restore",
        "resume",
        "secure",
        "signin",
        "something",
        "unlock",
        "update",
        "verify",
    ];
    PURPOSES.contains(&&*value.to_lowercase())
}

/// What stands behind `with password` and is none: `with password managers`, `with password hashing`.
fn is_about(value: &str) -> bool {
    const ABOUT: &[&str] = &[
        "manage", "protect", "authenti", "generat", "recover", "rotat", "storage", "sharing", "encrypt", "complex",
        "require", "verif", "attempt", "lockout", "prompt", "strength", "policies", "hashing", "expir", "fallback",
        "history", "validat", "confirm", "visib", "support", "field", "login", "crack", "guess", "spray", "disabl",
        "enabl", "reuse", "remind", "entry", "entries", "sync", "import", "export", "includ", "provid", "attach",
    ];
    let value = value.to_lowercase();
    ABOUT.iter().any(|stem| value.starts_with(stem))
}

/// Whether a value is a word for passwords itself, or what people say about them.
pub(crate) fn is_word(value: &str) -> bool {
    WORDS.contains(&&*value.to_lowercase()) || !assignment::spoken_password(value)
}

pub(crate) fn find(context: &mut Context<'_>) {
    let text = context.text;
    let mut done = 0;
    for stem in stems::of_passwords(text) {
        let letter = |c: char| c.is_alphabetic();
        let inside = text[stem..].find(letter).map_or(stem, |skipped| stem + skipped);
        // A word may have several stems in it, and is looked at once.
        if inside < done {
            continue;
        }
        let start = text[..inside].rfind(|c| !letter(c)).map_or(0, |at| at + width(text, at));
        let end = text[inside..].find(|c| !letter(c)).map_or(text.len(), |found| inside + found);
        done = end;
        let word = &text[start..end];
        if let Some((start, end)) = secret_after(context, start, end) {
            context.push(start, end, PiiType::Secret);
        }
        if word.len() > 16 || !WORDS.contains(&word.to_lowercase().as_str()) || context.is_opaque(start, end) {
            continue;
        }
        for (start, end) in [before(context, start), after(context, end)].into_iter().flatten() {
            context.push(start, end, PiiType::Password);
        }
    }
}

/// `the access token is …`: only what looks random is believed.
fn secret_after(context: &Context<'_>, start: usize, end: usize) -> Option<(usize, usize)> {
    let text = context.text;
    text[end..].strip_prefix(" is ")?;
    // Two words name it: `access token`, `api key`.
    let head = text[..start].trim_end_matches(' ');
    let from = head.rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |at| at + width(head, at));
    let said = context.hints.of(&text[from..end], None).or_else(|| context.hints.of(&text[start..end], None));
    let (start, stop) = (said == Some(Hint::Secret))
        .then(|| assignment::value_at(context, end + " is ".len(), Hint::Secret))
        .flatten()?;
    random::looks_random(&text[start..stop]).then_some((start, stop))
}

fn width(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

/// `password is …`, `password …`.
fn after(context: &Context<'_>, end: usize) -> Option<(usize, usize)> {
    let rest = &context.text[end..];
    let joins = |copula: &&&str| rest.strip_prefix(**copula).is_some_and(|rest| rest.starts_with([' ', ':']));
    let copula = COPULAS.iter().find(joins);
    let skipped = match copula {
        // `my password is: hunter2`
        Some(copula) => copula.len() + if rest[copula.len()..].starts_with(": ") { 2 } else { 1 },
        None if rest.starts_with(DASH) => DASH.len(),
        None if rest.starts_with([' ', '\t']) => 1,
        None => return None,
    };
    let from = end + skipped;
    let (start, stop) = assignment::value_at(context, from, Hint::Whole(PiiType::Password))?;
    let value = &context.text[start..stop];
    if start > from + 1 || !assignment::spoken_password(value) || TECHNICAL.contains(&&*value.to_lowercase()) {
        return None;
    }
    let quoted = start == from + 1;
    let told = match copula {
        Some(_) if quoted => value.len() >= 3 && !value.contains(' '),
        // `enter the password to continue.`
        Some(&" to") => {
            let changed = || changes(context, end) && closes(context, stop);
            !is_letters(value) || changed() && is_no_verb(value) && !is_purpose(value)
        }
        Some(_) => !is_letters(value) || (closes(context, stop) && is_no_verb(value)),
        // `Reset password - GitHub`, `Reset password - INC0012345` are titles.
        None if rest.starts_with(DASH) => {
            value.len() >= BARE_LEAST && !value.contains(' ') && is_mixed(value) && !is_reference(value)
        }
        None => {
            let lone = is_letters(value) && value.len() >= WITH_LEAST && is_no_verb(value) && !is_about(value);
            value.len() >= BARE_LEAST
                && !value.contains(' ')
                && (is_odd(value) || lone && enters(context, end) && closes(context, stop))
        }
    };
    told.then_some((start, stop))
}

/// `changed the password to …`: whether a verb of changing stands a few words before the end of the word at `end`.
fn changes(context: &Context<'_>, end: usize) -> bool {
    let mut words = context.text[..end].rsplit(char::is_whitespace).skip(1).take(4);
    words.any(|word| {
        ["changed", "change", "set", "reset", "updated", "switched"].iter().any(|verb| word.eq_ignore_ascii_case(verb))
    })
}

/// `use … as the password`, `… is my password`.
fn before(context: &Context<'_>, word: usize) -> Option<(usize, usize)> {
    let head = context.text[..word].strip_suffix(' ')?;
    let head = without(head, KINDS).unwrap_or(head);
    let head = without(head, OWNERS).unwrap_or(head);
    let head = without(head, JOINS)?.trim_end_matches([' ', '-', ',', ';']);
    let end = head.len();
    let start = head.rfind(char::is_whitespace).map_or(0, |at| at + width(head, at));
    let value = head[start..].trim_matches(['"', '\'', '`']);
    let start = start + head[start..].find(value).unwrap_or(0);
    let verb = head[..start].trim_end_matches([' ', '"', '\'', '`']).rsplit(char::is_whitespace).next().unwrap_or("");
    let by_verb = VERBS.iter().any(|known| verb.eq_ignore_ascii_case(known)) && value.len() >= LETTERS_LEAST;
    let told = assignment::spoken_password(value)
        && value.len() <= 64
        && (is_odd(value) || by_verb && (!is_letters(value) || is_no_verb(value)));
    (told && start < end).then_some((start, start + value.len()))
}

/// The text without its last word and the spaces before it, if that is one of these.
fn without<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    let word = text.rsplit(' ').next()?;
    let known = words.iter().any(|known| word.eq_ignore_ascii_case(known));
    known.then(|| text[..text.len() - word.len()].trim_end_matches(' '))
}

fn is_letters(value: &str) -> bool {
    value.chars().all(char::is_alphabetic)
}

/// Whether the sentence ends behind a word: `the password is secret.`, but not `the password is considered weak`.
fn closes(context: &Context<'_>, end: usize) -> bool {
    let rest = context.text[end..].trim_start_matches(['.', ',', '!', ';', ')', '"', '\'']);
    let next = rest.trim_start();
    rest.len() < context.text.len() - end
        || next.is_empty()
        || rest.starts_with('\n')
        || ["and ", "but ", "please", "thanks", "for ", "-"].iter().any(|word| next.starts_with(word))
}

/// A word of letters alone that is long enough and no participle or adverb: not `compromised`, not `usually`, but `stylefamily`.
fn is_no_verb(value: &str) -> bool {
    let adverb = value.ends_with("ly") && value.len() < ADVERB_MOST;
    value.len() >= LETTERS_LEAST && !value.ends_with("ed") && !adverb
}

/// Letters beside digits.
fn is_mixed(value: &str) -> bool {
    value.bytes().any(|b| b.is_ascii_digit()) && value.contains(char::is_alphabetic)
}

/// `INC0012345`, `ABC-123`: the number of a ticket.
fn is_reference(value: &str) -> bool {
    let number = value.trim_start_matches(|c: char| c.is_ascii_uppercase());
    number.len() < value.len() && number.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit())
}

/// Letters beside digits, a mark that words do not have, or a capital inside.
pub(super) fn is_odd(value: &str) -> bool {
    let mixed = is_mixed(value);
    let humped = value.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    // What ends a sentence or marks a word is no part of it.
    let inside = value.trim_matches(['?', '!', '*', '~', '=']);
    let marked = inside.len() >= LETTERS_LEAST && inside.bytes().any(|b| b"!@#$%^&*+=?~".contains(&b));
    mixed || marked || humped
}
