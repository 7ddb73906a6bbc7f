//! Secrets of known forms, and values that look random where their name says that they are secret.

use std::{ops::Range, sync::LazyLock};

use memchr::memmem::Finder;

use super::{Context, random, stems::Begun, tokens::Token};
use crate::{PiiType, hint::Hint};

/// How a known token begins, and how many characters of `[A-Za-z0-9_-]` (and `.`, `/`, `+`, `=`) follow at least.
const FORMS: [(&str, usize); 64] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("ABIA", 16),
    ("ACCA", 16),
    ("AIza", 35),
    ("ya29.", 20),
    ("GOCSPX-", 20),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("ghr_", 30),
    ("github_pat_", 22),
    ("glpat-", 20),
    ("gldt-", 20),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xoxr-", 10),
    ("xoxs-", 10),
    ("xoxe-", 10),
    ("xapp-", 10),
    ("sk_live_", 10),
    ("sk_test_", 10),
    ("rk_live_", 10),
    ("rk_test_", 10),
    ("pk_live_", 10),
    ("whsec_", 16),
    ("sk-ant-", 16),
    ("sk-proj-", 16),
    ("sk-", 32),
    ("npm_", 30),
    ("pypi-", 32),
    ("SG.", 32),
    ("AC", 32),
    ("SK", 32),
    ("key-", 32),
    ("hf_", 30),
    ("dop_v1_", 40),
    ("dapi", 32),
    ("shpat_", 30),
    ("shpss_", 30),
    ("sq0atp-", 20),
    ("sq0csp-", 20),
    ("EAACEdEose0cBA", 10),
    ("lin_api_", 30),
    ("dckr_pat_", 20),
    ("hvs.", 20),
    ("AGE-SECRET-KEY-1", 40),
    ("rubygems_", 40),
    ("tfp_", 40),
    ("glsa_", 30),
    ("NRAK-", 20),
    ("PMAK-", 40),
    ("ATATT3", 20),
    ("figd_", 20),
    ("shpca_", 30),
    ("shppa_", 30),
    ("sbp_", 30),
    ("xoxc-", 10),
    ("xoxd-", 10),
    ("glrt-", 20),
    ("sntrys_", 30),
    ("EAA", 80),
];

/// Characters before a token's first digit: `SG.` and the 22 of its first part.
const REACH: usize = 32;

/// Characters of the shortest known token.
const SHORTEST: usize = 14;

type Form = (&'static [u8], usize);

/// The forms by their first byte, the longest first.
static BY_FIRST: LazyLock<Vec<Vec<Form>>> = LazyLock::new(|| {
    let mut by_first = vec![Vec::new(); 256];
    for (beginning, least) in FORMS {
        by_first[usize::from(beginning.as_bytes()[0])].push((beginning.as_bytes(), least));
    }
    by_first.iter_mut().for_each(|forms| forms.sort_by_key(|(beginning, _)| std::cmp::Reverse(beginning.len())));
    by_first
});

/// The first bytes of all forms.
static BEGINS: [bool; 256] = {
    let mut begins = [false; 256];
    let mut at = 0;
    while at < FORMS.len() {
        begins[FORMS[at].0.as_bytes()[0] as usize] = true;
        at += 1;
    }
    begins
};

static KEY_BEGIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("-----BEGIN"));
static BEARER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("earer "));
static BASIC: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("asic "));
const KEY_END: &[u8] = b"-----END";

pub(crate) fn find(context: &mut Context<'_>, begun: Begun) {
    if context.number {
        return;
    }
    if begun.any(Begun::PRIVATE_KEY) {
        private_keys(context);
    }
    if begun.any(Begun::WEBHOOK) {
        webhooks(context);
    }
    let tokens: &[Token] = context.tokens;
    let (mut done, mut looked, mut no_jwt) = (0, 0, 0);
    for &token in tokens {
        if token.start < done || token.len() < 3 {
            continue;
        }
        let found = bot(context, token)
            .or_else(|| known_form(context, token, &mut looked))
            .or_else(|| jwt(context, token, &mut no_jwt))
            .or_else(|| told(context, token));
        if let Some((end, kind, start)) = found {
            context.push(start, end, kind);
            done = end;
        }
    }
    if begun.any(Begun::CREDENTIALS) {
        bearers(context);
    }
}

/// What tokens are made of.
mod part {
    /// `[A-Za-z0-9_-]`.
    pub(super) const TOKEN: u8 = 1;
    /// The same and a dot.
    pub(super) const DOTTED: u8 = 2;
    /// The same and what stands in credentials (RFC 9110, `token68`).
    pub(super) const WIDE: u8 = 4;
    /// What base64 and hexadecimal code is made of.
    pub(super) const CODE: u8 = 8;
}

/// What each byte may be a part of: asked of every byte around a number, and a table is quicker than ranges.
static PARTS: [u8; 256] = {
    let mut table = [0; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = match b as u8 {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-' => {
                part::TOKEN | part::DOTTED | part::WIDE | part::CODE
            }
            b'.' => part::DOTTED | part::WIDE,
            b'/' | b'+' => part::WIDE | part::CODE,
            b'=' | b'~' => part::WIDE,
            _ => 0,
        };
        b += 1;
    }
    table
};

fn is(b: u8, parts: u8) -> bool {
    PARTS[usize::from(b)] & parts != 0
}

fn is_token(b: u8) -> bool {
    is(b, part::TOKEN)
}

/// A Telegram bot's token: its number, a colon, and 35 characters that begin with `AA`.
fn bot(context: &Context<'_>, token: Token) -> Option<(usize, PiiType, usize)> {
    const BODY: usize = 35;
    let rest = &context.bytes[token.end..];
    if !rest.starts_with(b":AA") {
        return None;
    }
    // In the address of Telegram's interface `bot` is stuck to it.
    let number =
        context.bytes[token.start..token.end].strip_prefix(b"bot").unwrap_or(&context.bytes[token.start..token.end]);
    if !number.iter().all(u8::is_ascii_digit) || !(8..=10).contains(&number.len()) {
        return None;
    }
    let length = rest[1..].iter().take_while(|&&b| is_token(b)).count();
    (length >= BODY).then_some((token.end + 1 + length, PiiType::Secret, token.start))
}

/// The run of token characters around `token`, if it begins like a known secret. None begins before `looked`.
fn known_form(context: &Context<'_>, token: Token, looked: &mut usize) -> Option<(usize, PiiType, usize)> {
    if token.len() < 8
        && !matches!(context.at(token.end), b'_' | b'-' | b'.')
        && !matches!(context.before(token.start), b'_' | b'-' | b'.')
    {
        return None;
    }
    let bytes = context.bytes;
    let back = bytes[..token.start].iter().rev().take(REACH).take_while(|&&b| is(b, part::DOTTED)).count();
    let start = token.start - back;
    let end = token.end + bytes[token.end..].iter().take(REACH).take_while(|&&b| is(b, part::DOTTED)).count();
    if end - start < SHORTEST {
        return None;
    }
    let until = end.min(token.start + REACH);
    for from in start.max(*looked)..until {
        if !BEGINS[usize::from(bytes[from])] || from > 0 && bytes[from - 1].is_ascii_alphanumeric() {
            continue;
        }
        for &(beginning, least) in
            BY_FIRST[usize::from(bytes[from])].iter().filter(|form| bytes[from..].starts_with(form.0))
        {
            let rest = &bytes[from + beginning.len()..];
            // `SG.` and `ya29.` go on over dots.
            let dotted = beginning.ends_with(b".");
            let part = |b: &&u8| is_token(**b) || (dotted && **b == b'.');
            // Its first bytes show whether it is one, so that what is none costs little, however long.
            let first = rest.iter().take(MAX_SHOWN).take_while(part).count();
            if first >= least && is_body(&rest[..first], least) {
                let body = first + rest[first..].iter().take_while(part).count();
                return Some((from + beginning.len() + body, PiiType::Secret, from));
            }
        }
    }
    *looked = until.max(*looked);
    None
}

/// Characters of a value that is told to be a secret with no sign between.
const TOLD_LEAST: usize = 20;

/// `access token 0tP595b…`, `secret key - …`: random letters of both cases and digits right behind the words.
fn told(context: &Context<'_>, token: Token) -> Option<(usize, PiiType, usize)> {
    if token.start < 8 || !matches!(context.before(token.start), b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'`') {
        return None;
    }
    let head = context.text[..token.start].trim_end_matches([' ', '\t', '\n', '"', '\'', '`', '-', ':']);
    let head = JOINS.iter().find_map(|verb| head.strip_suffix(verb)).unwrap_or(head);
    let letters = head.bytes().rev().take(REACH).take_while(|b| b.is_ascii_alphabetic() || *b == b' ').count();
    let words = head[head.len() - letters..].trim_start();
    let named = ["token", "key", "secret", "API"].iter().any(|word| words.ends_with(word));
    if !named || token.start - head.len() > TOLD_REACH || context.hints.of(words, None) != Some(Hint::Secret) {
        return None;
    }
    let rest = &context.bytes[token.start..];
    let length = rest.iter().take(MAX_SHOWN).take_while(|&&b| is(b, part::WIDE)).count();
    let value = &context.text[token.start..token.start + length];
    let has = |test: fn(&u8) -> bool| value.bytes().any(|b| test(&b));
    // Hexadecimal digits alone are as often a hash, unless two words say that they are none.
    let hex = matches!(length, 32 | 40 | 64) && words.contains(' ') && value.bytes().all(|b| b.is_ascii_hexdigit());
    let cases = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    // Its first bytes show what it is, however long it is.
    let end = || token.start + rest.iter().take_while(|&&b| is(b, part::WIDE)).count();
    (length >= TOLD_LEAST && (cases || hex) && random::looks_random(value))
        .then(|| (end(), PiiType::Secret, token.start))
}

/// What joins the words and the value, and the bytes that stand between them at most.
const JOINS: [&str; 9] = [" is", " es", " est", " è", " é", " ist", " updated to", " changed to", " set to"];
const TOLD_REACH: usize = 16;

/// Addresses that are secrets: whoever has them may post. What follows these words is the secret.
const WEBHOOKS: [&str; 3] = ["hooks.slack.com/services/", "/api/webhooks/", "webhook.office.com/webhookb2/"];

static WEBHOOK: LazyLock<[Finder<'static>; 3]> = LazyLock::new(|| WEBHOOKS.map(Finder::new));

fn webhooks(context: &mut Context<'_>) {
    for finder in &*WEBHOOK {
        let mut done = 0;
        for at in finder.find_iter(context.bytes) {
            let start = at + finder.needle().len();
            if at < done {
                continue;
            }
            let length =
                context.bytes[start..].iter().take_while(|&&b| is_token(b) || matches!(b, b'/' | b'@')).count();
            done = start + length;
            if length >= SHORTEST && context.bytes[start..done].contains(&b'/') {
                context.push(start, start + length, PiiType::Secret);
            }
        }
    }
}

/// Bytes of a secret that show that it is one.
const MAX_SHOWN: usize = 256;

/// At least one digit or a change of case: `sk-` also begins ordinary words with dashes.
fn is_body(body: &[u8], least: usize) -> bool {
    let dashes = body.iter().filter(|&&b| b == b'-').count();
    let upper = least == 16 && body.iter().all(u8::is_ascii_uppercase);
    let cases = body.len() >= 16 && body.iter().any(u8::is_ascii_uppercase) && body.iter().any(u8::is_ascii_lowercase);
    (upper || cases || body.iter().any(u8::is_ascii_digit)) && (least < 32 || dashes * 6 < body.len())
}

/// Three base64url parts, the first an encoded `{"`. Before `none` there is none: the run was looked at already.
fn jwt(context: &Context<'_>, token: Token, none: &mut usize) -> Option<(usize, PiiType, usize)> {
    let rest = &context.bytes[token.start..];
    if token.start < *none || !rest.starts_with(b"ey") || !matches!(rest.get(2), Some(b'J' | b'A' | b'w' | b'0' | b'I'))
    {
        return None;
    }
    let first = rest.iter().take_while(|&&b| is_token(b)).count();
    let mut end = 0;
    let mut parts = 0;
    while parts < 5 {
        let length = if parts == 0 { first } else { rest[end..].iter().take_while(|&&b| is_token(b)).count() };
        if length == 0 && parts < 2 {
            break;
        }
        parts += 1;
        end += length;
        if rest.get(end) != Some(&b'.') {
            break;
        }
        end += 1;
    }
    while end > 0 && rest[end - 1] == b'.' && parts < 2 {
        end -= 1;
    }
    if parts >= 2 && end >= 24 {
        return Some((token.start + end, PiiType::Jwt, token.start));
    }
    // What begins later in the same part ends in the same way.
    *none = token.start + first;
    None
}

/// PEM (RFC 7468) and OpenSSH private keys, to their end line or, where it is missing, to the end of the text.
fn private_keys(context: &mut Context<'_>) {
    let mut next = 0;
    while let Some(found) = KEY_BEGIN.find(&context.bytes[next..]) {
        let start = next + found;
        let title_end = context.bytes.len().min(start + 64);
        next = start + KEY_BEGIN.needle().len();
        // In a form's encoding a plus stands for the space.
        let title = &context.bytes[next.min(title_end)..title_end];
        if memchr::memmem::find(title, b"PRIVATE").is_none() || memchr::memmem::find(title, b"KEY").is_none() {
            continue;
        }
        let end = memchr::memmem::find(&context.bytes[next..], KEY_END).map_or(context.bytes.len(), |found| {
            let line = next + found + KEY_END.len();
            memchr::memmem::find(&context.bytes[line..context.bytes.len().min(line + 64)], b"-----")
                .map_or(context.bytes.len(), |dashes| line + dashes + 5)
        });
        context.push(start, end, PiiType::PrivateKey);
        next = end;
    }
}

/// `Bearer …`, `Basic …`: credentials of an `Authorization` field (RFC 9110, section 11.4) wherever they stand.
fn bearers(context: &mut Context<'_>) {
    for (scheme, least) in [(&*BEARER, 12), (&*BASIC, 8)] {
        for at in scheme.find_iter(context.bytes) {
            let start = at + scheme.needle().len();
            if !matches!(context.before(at), b'b' | b'B') {
                continue;
            }
            let value = &context.bytes[start..];
            let length = value.iter().take_while(|&&b| is(b, part::WIDE)).count();
            let body = &value[..length];
            let random = body.iter().any(u8::is_ascii_digit)
                || body.iter().skip(1).any(u8::is_ascii_uppercase)
                || body.contains(&b'=');
            if length >= least && random {
                context.push(start, start + length, PiiType::Secret);
            }
        }
    }
}

/// Characters that base64 or hex has at least to be looked into.
const ENCODED_LEAST: usize = 10;
/// Digits alone that are looked into as hex at least.
const HEX_DIGITS: usize = 18;

/// The same where a key says what the value is: `MzMwNjc=` is a postcode.
const KEYED_LEAST: usize = 6;

/// Calls `found` with each run that may be base64 or hex, around tokens that are long enough.
pub(crate) fn encoded_runs(bytes: &[u8], tokens: &[Token], keyed: bool, mut found: impl FnMut(Range<usize>)) {
    let least = if keyed { KEYED_LEAST } else { ENCODED_LEAST };
    let is_part = |b: u8| is(b, part::CODE);
    let mut done = 0;
    for token in tokens {
        // Digits alone may be hex, too: `3131…` is `11…`.
        let number = token.is_number() && (token.len() < HEX_DIGITS || !matches!(bytes[token.start], b'2'..=b'7'));
        if token.start < done || token.len() < 4 || number {
            continue;
        }
        let start = token.start - bytes[done..token.start].iter().rev().take_while(|&&b| is_part(b)).count();
        let mut end = token.end + bytes[token.end..].iter().take_while(|&&b| is_part(b)).count();
        done = end;
        let body = &bytes[start..end];
        if body.len() < least || (body.len() < HEX_DIGITS && !body.iter().any(u8::is_ascii_alphabetic)) {
            continue;
        }
        end += bytes[end..].iter().take(2).take_while(|&&b| b == b'=').count();
        found(start..end);
        // A path or a name may be stuck to the code: its last part is looked at alone, too.
        if let Some(cut) =
            body.iter().rposition(|b| matches!(b, b'/' | b'_' | b'-')).filter(|cut| body.len() - cut > ENCODED_LEAST)
        {
            found(start + cut + 1..end);
        }
    }
}
