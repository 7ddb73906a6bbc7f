//! Identifiers of letters and digits: IBAN, NINO, DNI and NIE, codice fiscale, Corsican NIR, passports and licences in context.

use super::{
    Context,
    checksum::modulo,
    date,
    label::{Label, Says},
    number::LABEL_WINDOW,
    tokens::Token,
};
use crate::{PiiType, hint::Hint};

/// Lengths of IBANs by country (ISO 13616 registry).
const IBAN_LENGTHS: &str = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI23GL18\
    GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29\
    RO24RS22SA24SC31SE24SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20";

/// The same, by the letters of the country; 0 where there are none.
static BY_COUNTRY: [u8; 26 * 26] = {
    let entries = IBAN_LENGTHS.as_bytes();
    let mut table = [0; 26 * 26];
    let mut at = 0;
    while at < entries.len() {
        table[place([entries[at], entries[at + 1]])] = (entries[at + 2] - b'0') * 10 + entries[at + 3] - b'0';
        at += 4;
    }
    table
};

/// Where a country of two capitals is in the table.
const fn place([first, second]: [u8; 2]) -> usize {
    (first - b'A') as usize * 26 + (second - b'A') as usize
}

/// The longest text that is compacted: an IBAN in groups of four.
const MAX_COMPACT: usize = 34;

/// Letters and digits from `start` on without their separators, and how far behind `start` each of them ends: at most four times as far
/// as there are of them.
struct Compact {
    start: usize,
    chars: [u8; MAX_COMPACT],
    ends: [u8; MAX_COMPACT],
    length: usize,
}

impl Compact {
    /// At most `most` characters.
    fn read(context: &Context<'_>, start: usize, separators: &[u8], most: usize) -> Self {
        let mut compact = Self { start, chars: [0; MAX_COMPACT], ends: [0; MAX_COMPACT], length: 0 };
        let mut past = 0u8;
        while compact.length < most.min(MAX_COMPACT) {
            let at = start + usize::from(past);
            let b = context.at(at);
            if b.is_ascii_alphanumeric() {
                compact.chars[compact.length] = b.to_ascii_uppercase();
                compact.ends[compact.length] = past + 1;
                compact.length += 1;
            } else if separators.contains(&b)
                && context.bytes[at..].starts_with(b" - ")
                && context.at(at + 3).is_ascii_alphanumeric()
            {
                past += 2;
            } else if b == b' '
                && separators.contains(&b)
                && context.at(at + 1) == b' '
                && context.at(at + 2).is_ascii_alphanumeric()
            {
                past += 1;
            } else if !separators.contains(&b) || !context.at(at + 1).is_ascii_alphanumeric() {
                break;
            }
            past += 1;
        }
        compact
    }

    /// Where the first `length` characters end, if there are so many and no letter or digit is stuck to them.
    fn end(&self, context: &Context<'_>, length: usize) -> Option<usize> {
        let end = self.start + usize::from(*self.ends[..self.length].get(length.checked_sub(1)?)?);
        (!context.at(end).is_ascii_alphanumeric()).then_some(end)
    }
}

/// Every finding of letters and digits.
pub(crate) fn find(context: &mut Context<'_>) {
    if context.number {
        return;
    }
    let tokens: &[Token] = context.tokens;
    let mut done = 0;
    for &token in tokens {
        if token.classes & super::class::DIGIT == 0 || token.start < done || context.is_opaque(token.start, token.end) {
            continue;
        }
        let found = iban(context, token)
            .or_else(|| codice_fiscale(context, token))
            .or_else(|| nif(context, token))
            .or_else(|| nino(context, token))
            .or_else(|| corsican(context, token))
            .or_else(|| document(context, token));
        if let Some((start, end, kind)) = found {
            context.push(start, end, kind);
            done = end;
        }
    }
}

type Hit = Option<(usize, usize, PiiType)>;

fn iban(context: &Context<'_>, token: Token) -> Hit {
    let head = &context.bytes[token.start..token.end];
    if head.len() < 4 || !head[..2].iter().all(u8::is_ascii_alphabetic) || !head[2..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let length = usize::from(BY_COUNTRY[place([head[0].to_ascii_uppercase(), head[1].to_ascii_uppercase()])]);
    if length == 0 {
        return None;
    }
    let compact = Compact::read(context, token.start, b" -._/\t", length);
    let end = compact.end(context, length)?;
    let moved = compact.chars[4..length].iter().chain(&compact.chars[..4]);
    let mut digits = Vec::with_capacity(2 * MAX_COMPACT);
    for &b in moved {
        match b {
            b'0'..=b'9' => digits.push(b - b'0'),
            _ => digits.extend([(b - b'A' + 10) / 10, (b - b'A' + 10) % 10]),
        }
    }
    (modulo(&digits, 97) == 1).then_some((token.start, end, PiiType::Iban))
}

/// UK NINO: two letters, six digits, A to D (HMRC's prefixes).
fn nino(context: &Context<'_>, token: Token) -> Hit {
    let head = &context.bytes[token.start..token.end];
    let letters = head.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let start = match letters {
        2 if head[2..].iter().take(6).all(u8::is_ascii_digit) => token.start,
        // The letters may stand apart: `AB 12 34 56 C`.
        0 if head.len() == 2 || head.len() == 6 || (head.len() == 7 && head[6].is_ascii_alphabetic()) => {
            let gap = context.bytes[..token.start].iter().rev().take(3).take_while(|b| b" -./_".contains(b)).count();
            let start = token.start.checked_sub(2 + gap)?;
            let apart = gap > 0 && context.bytes[start..start + 2].iter().all(u8::is_ascii_alphabetic);
            if !apart || context.before(start).is_ascii_alphanumeric() {
                return None;
            }
            start
        }
        _ => return None,
    };
    let compact = Compact::read(context, start, b" -./_", 9);
    let end = compact.end(context, 9)?;
    let c = &compact.chars[..9];
    let prefix = !b"DFIQUV".contains(&c[0])
        && !b"DFIQUVO".contains(&c[1])
        && ![*b"BG", *b"GB", *b"NK", *b"KN", *b"TN", *b"NT", *b"ZZ"].contains(&[c[0], c[1]]);
    let shaped = prefix && c[2..8].iter().all(u8::is_ascii_digit) && (b'A'..=b'D').contains(&c[8]);
    let upper = context.bytes[start].is_ascii_uppercase()
        || context.hint.is_some()
        || context.labels.say(start, LABEL_WINDOW, Says::NationalId(Some(PiiType::UkNino)));
    (shaped && upper).then_some((start, end, PiiType::UkNino))
}

/// Bytes in which the letter of a number must stand behind its first digits, separators included.
const NIF_REACH: usize = 18;

/// Spanish DNI and NIE: the letter is the number modulo 23.
fn nif(context: &Context<'_>, token: Token) -> Hit {
    let head = &context.bytes[token.start..token.end];
    if !matches!(head.len(), 1 | 2 | 7..=9) || !head[1..].iter().rev().skip(1).all(u8::is_ascii_digit) {
        return None;
    }
    // `X-1234567-L`: the first letter stands apart.
    let apart = context.bytes[..token.start].last_chunk().is_some_and(|[letter, separator]| {
        matches!(letter.to_ascii_uppercase(), b'X'..=b'Z') && matches!(separator, b'-' | b'.' | b' ')
    });
    let start =
        if apart && !context.before(token.start - 2).is_ascii_alphanumeric() { token.start - 2 } else { token.start };
    // `29:10.000000Z` is a moment.
    if token.len() == 7 && start == token.start || context.before(token.start) == b':' && context.at(token.end) == b'.'
    {
        return None;
    }
    // `2024-04-04-413895b` is of a build: groups of digits before the number's first make it a part of something else.
    let joined =
        matches!(context.before(start), b'-' | b'.') && start > 1 && context.before(start - 1).is_ascii_digit();
    if token.len() <= 2 && start == token.start && joined {
        return None;
    }
    // Most short numbers stand alone, and a number of nine digits has no letter at its end.
    let alone = |at: usize| !b"-._ ".contains(&context.at(at)) || !context.at(at + 1).is_ascii_alphanumeric();
    let tail = context.bytes[token.end..].iter().take(NIF_REACH);
    if token.is_number()
        && start == token.start
        && (token.len() == 9 || alone(token.end) || !tail.clone().any(u8::is_ascii_alphabetic))
    {
        return None;
    }
    let compact = Compact::read(context, start, b"-._ ", 9);
    let end = compact.end(context, 9)?;
    let c = &compact.chars[..9];
    let first = match c[0] {
        b'0'..=b'9' => c[0] - b'0',
        b'X'..=b'Z' => c[0] - b'X',
        _ => return None,
    };
    if !c[1..8].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = c[1..8].iter().fold(usize::from(first), |n, b| n * 10 + usize::from(b - b'0'));
    (b"TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == c[8]).then_some((start, end, PiiType::EsNif))
}

/// Codice fiscale: sixteen characters, the last a check character (DM 23/12/1976); digits may have become letters (omocodia).
fn codice_fiscale(context: &Context<'_>, token: Token) -> Hit {
    const ODD: [u8; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let head = &context.bytes[token.start..token.end];
    if token.len() != 16 && !(token.len() <= 6 && head[0].is_ascii_digit()) {
        return None;
    }
    // Written with dashes, its digits follow six letters: `PVRZZC-54M17-I466R`.
    let six = token.start.checked_sub(7).filter(|back| {
        token.len() == 5
            && matches!(context.before(token.start), b'-' | b' ')
            && context.bytes[*back..token.start - 1].iter().all(u8::is_ascii_alphabetic)
            && !context.before(*back).is_ascii_alphanumeric()
    });
    // Written with spaces, its first digits follow two groups of letters: `RSS MRA 85T10 A562S`.
    let start = if let Some(back) = six {
        back
    } else if head[0].is_ascii_digit() {
        let back = token.start.checked_sub(8)?;
        let shape = &context.bytes[back..token.start];
        let letters = shape[..3].iter().chain(&shape[4..7]).all(u8::is_ascii_alphabetic);
        if !letters
            || !b" -_".contains(&shape[3])
            || shape[3] != shape[7]
            || context.before(back).is_ascii_alphanumeric()
        {
            return None;
        }
        back
    } else {
        token.start
    };
    let compact = Compact::read(context, start, b" -_", 16);
    let end = compact.end(context, 16)?;
    let c = &compact.chars[..16];
    let digit = |b: u8| b.is_ascii_digit() || b"LMNPQRSTUV".contains(&b);
    let shaped = c[..6].iter().all(u8::is_ascii_uppercase)
        && [6, 7, 9, 10, 12, 13, 14].iter().all(|&at| digit(c[at]))
        && b"ABCDEHLMPRST".contains(&c[8])
        && c[11].is_ascii_uppercase();
    let value = |b: u8| if b.is_ascii_digit() { b - b'0' } else { b - b'A' };
    let sum: u32 = c[..15]
        .iter()
        .enumerate()
        .map(|(at, &b)| u32::from(if at % 2 == 0 { ODD[usize::from(value(b))] } else { value(b) }))
        .sum();
    (shaped && u32::from(c[15].wrapping_sub(b'A')) == sum % 26).then_some((start, end, PiiType::ItCodiceFiscale))
}

/// A French NIR from Corsica, whose department is 2A or 2B.
fn corsican(context: &Context<'_>, token: Token) -> Hit {
    if !matches!(context.bytes[token.start], b'1' | b'2') || !matches!(token.len(), 1 | 13 | 15) {
        return None;
    }
    // Few numbers have the department's letter, so it is looked for first.
    if !context.bytes[token.start..].iter().take(14).any(|b| matches!(b, b'A' | b'B' | b'a' | b'b')) {
        return None;
    }
    let department = Compact::read(context, token.start, b" .-_", 7);
    if !matches!(department.chars[5..7], [b'2', b'A' | b'B']) {
        return None;
    }
    let compact = Compact::read(context, token.start, b" .-_", 15);
    let end = compact.end(context, 15)?;
    let c = &compact.chars[..15];
    let correction = match (c[5], c[6]) {
        (b'2', b'A') => 19,
        (b'2', b'B') => 18,
        _ => return None,
    };
    let mut digits = Vec::with_capacity(15);
    for (at, &b) in c.iter().enumerate() {
        digits.push(match at {
            5 => correction / 10,
            6 => correction % 10,
            _ if b.is_ascii_digit() => b - b'0',
            _ => return None,
        });
    }
    (modulo(&digits[..13], 97) + modulo(&digits[13..], 100) == 97).then_some((token.start, end, PiiType::FrNir))
}

/// Bytes between a word and a document's number that has few digits: `pasaporte número CNJZYXY54`.
const CLOSE: usize = 10;

/// Whether the word is `license` alone, which is of software as often.
fn is_bare(context: &Context<'_>, label: Label) -> bool {
    let word = &context.text[label.start..label.end];
    word.eq_ignore_ascii_case("license") || word.eq_ignore_ascii_case("licence")
}

/// Whether a number has as many digits as those of drivers.
fn is_long(context: &Context<'_>, token: Token) -> bool {
    let dotted = context.at(token.end) == b'.' && context.at(token.end + 1).is_ascii_digit();
    let digits = context.bytes[token.start..]
        .iter()
        .take(22)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b' '));
    !dotted && digits.filter(|b| b.is_ascii_digit()).count() >= 6
}

/// Digits that are a number of their own.
const TOLD: usize = 5;

/// A passport or driving licence that a label announces: 6 to 20 characters with at least five digits.
fn document(context: &Context<'_>, token: Token) -> Hit {
    let label = context.labels.before(token.start, LABEL_WINDOW).next()?;
    let kind = match (label.says, context.hint) {
        (Says::Passport, _) => PiiType::Passport,
        (Says::Licence, _) => PiiType::DriverLicence,
        _ => return None,
    };
    let between = &context.bytes[label.end..token.start];
    // `DL-3961` is a part's number, unless a word announces it: `Driving licence = DL-6420115524492`.
    if label.end - label.start == 2 && between == b"-" {
        let announced = context.labels.before(label.start, CLOSE).any(|before| before.says == Says::Licence);
        return announced.then_some((label.start, token.end, kind)).filter(|_| token.len() >= 6);
    }
    // `License: ISO-1986`, `https://dl.acm.org/…/3338906`
    let host = context.at(label.end) == b'.' && context.at(label.end + 1).is_ascii_lowercase();
    if host || is_bare(context, label) && !is_long(context, token) {
        return None;
    }
    // Behind a number that was meant: `licence 55346834418. Flight LH 1234`.
    if between.split(|b| !b.is_ascii_digit()).any(|digits| digits.len() >= TOLD) {
        return None;
    }
    let line = between
        .iter()
        .position(|b| *b == b'\n')
        .is_some_and(|at| !between[..at].ends_with(b":") || at + 1 < between.len());
    if line || between.iter().any(|b| matches!(b, b';' | b'?')) || matches!(context.hint, Some(Hint::Opaque)) {
        return None;
    }
    // Groups of one document: `D123-4567-8901`, `AB 1234567`.
    let letters = context.bytes[label.end..token.start].iter().rev();
    let glued = letters.clone().take_while(|b| b.is_ascii_uppercase() || matches!(b, b' ' | b'-')).count();
    let prefix = &context.bytes[token.start - glued..token.start];
    let separators = prefix.iter().take_while(|b| !b.is_ascii_uppercase()).count();
    let begins = token.start - glued + separators;
    let start = if prefix.iter().filter(|b| b.is_ascii_uppercase()).count() <= 5
        && separators < prefix.len()
        && !context.before(begins).is_ascii_alphanumeric()
    {
        begins
    } else {
        token.start
    };
    let mut end = token.end;
    loop {
        let joined = matches!(context.at(end), b'-' | b' ' | b'/' | b'.' | b'_');
        let next = context.bytes.get(end + 1..).unwrap_or_default();
        let group = next.iter().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit()).count();
        let digits = next[..group].iter().filter(|b| b.is_ascii_digit()).count();
        let ends = !next.get(group).is_some_and(u8::is_ascii_alphanumeric);
        if !joined || group == 0 || !ends || (digits == 0 && group > 3) || end + 1 + group - start > 22 {
            break;
        }
        end += 1 + group;
    }
    let text = &context.text[start..end];
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    // Right behind the word a few digits do: German passports have letters in their stead.
    let close = between.len() <= CLOSE
        && (8..=9).contains(&text.len())
        && digits >= 1
        && !text.contains(' ')
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    ((digits >= 4 || close) && text.len() >= 6 && !date::is_date(text)).then_some((start, end, kind))
}
