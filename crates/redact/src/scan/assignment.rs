//! Names and values in running text: `password=…`, `api_key: …`, `?token=…`, `"phone":"…"`.

use super::{Context, label::Says, secret, value};
use crate::{PiiType, hint::Hint};

/// Bytes of a name.
const MAX_NAME: usize = 48;
/// Bytes of a value.
const MAX_VALUE: usize = 512;

/// What people write after `password:` when they speak about passwords.
const PROSE: [&str; 24] = [
    "required",
    "must",
    "should",
    "cannot",
    "is",
    "was",
    "the",
    "reset",
    "changed",
    "expired",
    "invalid",
    "incorrect",
    "wrong",
    "missing",
    "not",
    "please",
    "too",
    "and",
    "field",
    "your",
    "a",
    "n/a",
    "none",
    "null",
];

/// Passwords that a sentence tells: `my password is hunter2`.
pub(crate) fn told(context: &mut Context<'_>) {
    let labels = context.labels.0;
    for label in labels.iter().filter(|label| label.says == Says::Password) {
        let Some((start, end)) = value_at(context, label.end, Hint::Whole(PiiType::Password)) else { continue };
        let text = &context.text[start..end];
        let random = text.bytes().any(|b| !b.is_ascii_alphabetic()) && spoken_password(text);
        if start - label.end <= 3 && random {
            context.push(start, end, PiiType::Password);
        }
    }
}

pub(crate) fn find(context: &mut Context<'_>) {
    if context.number {
        return;
    }
    let mut next = 0;
    while let Some(found) = memchr::memchr2(b'=', b':', &context.bytes[next..]) {
        let sign = next + found;
        next = sign + 1;
        if let Some((start, end, kind)) = around(context, sign) {
            context.push(start, end, kind);
            next = end.max(next);
        }
    }
}

fn around(context: &Context<'_>, sign: usize) -> Option<(usize, usize, PiiType)> {
    let bytes = context.bytes;
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'_' | b'-' | b'.');
    let spaces = bytes[..sign].iter().rev().take(1).take_while(|&&b| b == b' ').count();
    let quote = sign.checked_sub(1 + spaces).map(|at| bytes[at]).filter(|b| matches!(b, b'"' | b'\'' | b'`' | b']'));
    let name_end = sign - spaces - usize::from(quote.is_some());
    let length = bytes[..name_end].iter().rev().take(MAX_NAME).take_while(|&&b| is_name(b)).count();
    let mut name_start = name_end - length;
    while !context.text.is_char_boundary(name_start) {
        name_start += 1;
    }
    if length < 2 {
        return None;
    }
    let own = context.hints.of(&context.text[name_start..name_end], None).filter(|hint| !hint.says_nothing());
    let hint = own.or_else(|| several_words(context, name_end))?;
    let tight = bytes[sign] == b'=' || quote.is_some();
    let (start, end) = value_at(context, sign + 1, hint)?;
    let text = &context.text[start..end];
    let kind = match hint {
        Hint::Whole(PiiType::Password) if !tight && bytes[sign] == b':' => {
            spoken_password(text).then_some(PiiType::Password)
        }
        // In prose only a name that can be nothing else is believed.
        Hint::BareName | Hint::Name if !tight => None,
        Hint::BareName if quote.is_none() => None,
        Hint::Secret => (secret::looks_random(text) || (in_query(context, name_start) && text.len() >= 8))
            .then_some(PiiType::Secret),
        Hint::Street | Hint::Address if !tight => None,
        _ => value::whole(hint, text),
    }?;
    Some((start, end, kind))
}

/// Names that are written apart: `mot de passe : …`, `api key: …`. In prose only those of secrets are believed.
fn several_words(context: &Context<'_>, name_end: usize) -> Option<Hint> {
    let is_part = |b: u8| b.is_ascii_alphabetic() || b == b' ';
    let length = context.bytes[..name_end].iter().rev().take(MAX_NAME).take_while(|&&b| is_part(b)).count();
    let hint = context.hints.of(&context.text[name_end - length..name_end], None)?;
    matches!(hint, Hint::Secret | Hint::Whole(PiiType::Password)).then_some(hint)
}

/// Whether a name at `start` is a parameter of a URL's query.
fn in_query(context: &Context<'_>, start: usize) -> bool {
    matches!(context.before(start), b'?' | b'&' | b'#' | b';')
}

/// The value after the sign: quoted, or up to a space or a separator.
fn value_at(context: &Context<'_>, after: usize, hint: Hint) -> Option<(usize, usize)> {
    let bytes = context.bytes;
    let signs = bytes[after..].iter().take(3).take_while(|b| matches!(b, b' ' | b'\t' | b'>' | b'=' | b':')).count();
    let mut start = after + signs;
    if let Some(&quote @ (b'"' | b'\'' | b'`')) = bytes.get(start) {
        start += 1;
        let window = &bytes[start..bytes.len().min(start + MAX_VALUE)];
        let length = memchr::memchr(quote, window)?;
        return (length > 0).then_some((start, start + length));
    }
    let password = hint == Hint::Whole(PiiType::Password);
    if password {
        start += scheme(&bytes[start..]);
    }
    let ends = |b: u8| {
        let mark = if password { b"\"'<>`&,;".as_slice() } else { b"\"'<>`&,;|}]" };
        b.is_ascii_whitespace() || (mark.contains(&b) && !(b == b',' && hint == Hint::Coordinates))
    };
    let mut end = start + bytes[start..].iter().take(MAX_VALUE).take_while(|&&b| !ends(b)).count();
    // A full stop ends the sentence and not the value, unless it is a password that goes on in a machine's line.
    let closed = bytes.get(end).is_none_or(u8::is_ascii_whitespace);
    while end > start && matches!(bytes[end - 1], b'.' | b')' | b'?') && (closed || !password) {
        end -= 1;
    }
    while !context.text.is_char_boundary(end) {
        end -= 1;
    }
    (end > start && context.text.is_char_boundary(start)).then_some((start, end))
}

/// The length of an authentication scheme and its space (RFC 9110, section 11.1) before the credentials.
fn scheme(rest: &[u8]) -> usize {
    let head = &rest[..rest.len().min(12)];
    let known = |word: &[u8]| {
        [&b"bearer"[..], b"basic", b"token", b"digest", b"apikey"].iter().any(|s| word.eq_ignore_ascii_case(s))
    };
    memchr::memchr(b' ', head).filter(|&at| known(&head[..at])).map_or(0, |at| at + 1)
}

/// `password: hunter2` is one; `password: required` is talk about one.
fn spoken_password(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    text.len() >= 3 && !PROSE.contains(&lower.trim_matches(['.', ',', '!'])) && !crate::replace::is_placeholders(text)
}
