//! Dates: those of birth are findings, all others are what the number rules must pass over.

use super::{Context, label::Says, number::Group};
use crate::PiiType;

/// Bytes between a label and the date that it announces.
const LABEL_WINDOW: usize = 32;
/// Bytes of a written date: `31 de septiembre de 1985`.
const WRITTEN: usize = 32;

/// First letters of the months in the languages of the rules, in lower case.
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "ene", "abr", "ago", "dic",
    "fév", "fev", "avr", "mai", "jui", "aoû", "aou", "déc", "gen", "mag", "giu", "lug", "set", "ott", "mrt", "maa",
    "mei", "okt", "maj", "sty", "lut", "kwi", "cze", "lip", "sie", "wrz", "paź", "paz", "lis", "gru", "mär", "dez",
    "out", "des", "янв", "фев", "мар", "апр", "мая", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
];

/// The lead bytes of Cyrillic letters; no other months begin outside ASCII.
const CYRILLIC: std::ops::RangeInclusive<u8> = 0xD0..=0xD3;

/// Those of three letters in ASCII, as a set of bits: one look instead of dozens, since every word near a number is asked.
static ASCII_MONTHS: [u64; (26 * 26 * 26usize).div_ceil(64)] = {
    let mut set = [0; (26 * 26 * 26usize).div_ceil(64)];
    let mut at = 0;
    while at < MONTHS.len() {
        if let [x @ b'a'..=b'z', y @ b'a'..=b'z', z @ b'a'..=b'z'] = *MONTHS[at].as_bytes() {
            let place = ascii_place([x, y, z]);
            set[place / 64] |= 1 << (place % 64);
        }
        at += 1;
    }
    set
};

/// Where three ASCII letters are in the set.
const fn ascii_place([x, y, z]: [u8; 3]) -> usize {
    const fn letter(b: u8) -> usize {
        (b.to_ascii_lowercase() - b'a') as usize
    }
    (letter(x) * 26 + letter(y)) * 26 + letter(z)
}

/// How many of the first groups are a numeric date (`1985-03-12`, `12/03/1985`, `12.3.85`), if they are.
pub(crate) fn numeric(bytes: &[u8], groups: &[Group]) -> Option<usize> {
    let [a, b, c, ..] = groups else { return None };
    let separator = bytes[a.end];
    if b.start != a.end + 1 || c.start != b.end + 1 || bytes[b.end] != separator || !b"-/. _".contains(&separator) {
        return None;
    }
    let value = |group: &Group| group.value(bytes);
    let (x, y, z) = (value(a)?, value(b)?, value(c)?);
    let month_day = |m: u64, d: u64| (1..=12).contains(&m) && (1..=31).contains(&d);
    let iso = a.len() == 4 && is_year(x) && b.len() <= 2 && c.len() <= 2 && month_day(y, z);
    let short = a.len() <= 2 && b.len() <= 2 && (month_day(x, y) || month_day(y, x));
    // `07-22-92-46-22` goes on: a telephone in pairs.
    let goes_on = groups.get(3).is_some_and(|d| d.start == c.end + 1 && bytes[c.end] == separator && d.len() == 2);
    let european = !(goes_on && c.len() == 2)
        && short
        && ((c.len() == 4 && is_year(z)) || (c.len() == 2 && separator != b' ' && a.len() == 2 && b.len() == 2));
    (iso || european).then_some(3)
}

/// The same of a date that is announced as one of birth, where fewer digits do: `12.3.85`.
pub(crate) fn short(bytes: &[u8], groups: &[Group]) -> Option<usize> {
    let [a, b, c, ..] = groups else { return None };
    let separator = bytes[a.end];
    let joined =
        b.start == a.end + 1 && c.start == b.end + 1 && bytes[b.end] == separator && b"-/.".contains(&separator);
    let (x, y) = (a.value(bytes)?, b.value(bytes)?);
    let month_day = |m: u64, d: u64| (1..=12).contains(&m) && (1..=31).contains(&d);
    (joined && c.len() == 2 && a.len() <= 2 && b.len() <= 2 && (month_day(x, y) || month_day(y, x))).then_some(3)
}

fn is_year(year: u64) -> bool {
    (1880..=2100).contains(&year)
}

/// Where the time ends that follows a day: `T00:00:00Z`, `T00:00:00.000+01:00`.
pub(crate) fn with_time(bytes: &[u8], end: usize) -> usize {
    let Some(b'T') = bytes.get(end) else { return end };
    let length = bytes[end + 1..]
        .iter()
        .take(18)
        .take_while(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'+' | b'-'))
        .count();
    let zone = usize::from(bytes.get(end + 1 + length) == Some(&b'Z'));
    if length >= 5 { end + 1 + length + zone } else { end }
}

/// Eight digits that are a date, the year first or last.
pub(crate) fn compact(digits: &[u8]) -> bool {
    let number = |part: &[u8]| part.iter().fold(0, |n, &d| n * 10 + u64::from(d));
    let ok = |y: u64, m: u64, d: u64| is_year(y) && (1..=12).contains(&m) && (1..=31).contains(&d);
    digits.len() == 8
        && (ok(number(&digits[..4]), number(&digits[4..6]), number(&digits[6..]))
            || ok(number(&digits[4..]), number(&digits[2..4]), number(&digits[..2]))
            || ok(number(&digits[4..]), number(&digits[..2]), number(&digits[2..4])))
}

/// `date de naissance : 2005-08-28T00:00:00Z`: moments right behind a word for births, whose day the number rules do not see.
pub(crate) fn announced_moments(context: &mut Context<'_>) {
    let tokens = context.tokens;
    for (_, index) in context.labels.announcing(Says::Birth, tokens, MOMENT_WINDOW) {
        let start = tokens[index].start;
        if is_timestamp(&context.text[start..]) && context.at(start + 10) == b'T' {
            context.push(start, with_time(context.bytes, start + 10), PiiType::DateOfBirth);
        }
    }
}

/// Bytes between a word for births and the moment that it announces.
const MOMENT_WINDOW: usize = 16;

/// Whether the date at `start` is announced as one of birth.
pub(crate) fn is_birth(context: &Context<'_>, start: usize) -> bool {
    context.labels.before(start, LABEL_WINDOW).next().is_some_and(|label| {
        label.says == Says::Birth
            && !context.bytes[label.end..start]
                .strip_prefix(b":\n")
                .unwrap_or(&context.bytes[label.end..start])
                .iter()
                .any(|b| b.is_ascii_digit() || matches!(b, b';' | b'\n' | b'?'))
    })
}

/// A date with its month written out, that begins or ends with the number at `start`; answers its end.
pub(crate) fn written(text: &str, start: usize) -> Option<usize> {
    // `12月`: what is stuck to the number is no month that is written in letters.
    let digits = text.as_bytes()[start..].iter().take(5).take_while(|b| b.is_ascii_digit()).count();
    if text[start + digits..].starts_with(is_ideograph) {
        return None;
    }
    let limit = text.floor_char_boundary(start + WRITTEN);
    let window = &text[start..limit];
    if !window.bytes().any(|b| b.is_ascii_alphabetic() || b >= 0x80) {
        return None;
    }
    let (mut month, mut numbers, mut year) = (false, 0, false);
    let mut at = 0;
    for (index, word) in window.split(|c: char| !c.is_alphanumeric() && !matches!(c, 'º' | '°' | 'ª')).enumerate() {
        if index > 0 {
            at += window[at..].chars().next().map_or(1, char::len_utf8);
        }
        let end = at + word.len();
        let number = word.trim_end_matches(['º', '°', 'ª']);
        let number = ["st", "nd", "rd", "th", "er"].iter().find_map(|tail| number.strip_suffix(tail)).unwrap_or(number);
        if let Some(value) = Some(number).filter(|n| !n.is_empty() && n.len() <= 4).and_then(|n| n.parse::<u64>().ok())
        {
            numbers += 1;
            // `12-Mar-85`
            year = number.len() == 4 && is_year(value) || number.len() == 2 && month && numbers == 2;
            if !year && !(1..=31).contains(&value) {
                return None;
            }
        } else if !word.is_empty() && !matches!(word, "de" | "of" | "do" | "den" | "the" | "del") {
            if month || !is_month(word) {
                return None;
            }
            month = true;
        }
        if month && numbers == 2 && year {
            return Some(start + end);
        }
        if numbers >= 2 && !month {
            return None;
        }
        at = end;
    }
    None
}

/// Chinese characters and Korean syllables: letters, of which none is in a month's name that is looked for.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}')
}

/// `1985年3月12日`, `1985년 3월 12일`: answers its end.
pub(crate) fn east_asian(text: &str, start: usize) -> Option<usize> {
    let mut at = start;
    for (units, least, most) in [(['年', '년'], 1880, 2100), (['月', '월'], 1, 12), (['日', '일'], 1, 31)] {
        let digits = text[at..].bytes().take(4).take_while(u8::is_ascii_digit).count();
        let number: u64 = text[at..at + digits].parse().ok()?;
        let unit = text[at + digits..].chars().next().filter(|c| units.contains(c) || *c == '号' && least == 1)?;
        if !(least..=most).contains(&number) {
            return None;
        }
        at += digits + unit.len_utf8();
        if most != 31 {
            at += text[at..].bytes().take(1).take_while(|b| *b == b' ').count();
        }
    }
    Some(at)
}

pub(crate) fn is_month(word: &str) -> bool {
    let known = match *word.as_bytes() {
        [] | [_] | [_, _] => false,
        [x, y, z, ..] if [x, y, z].iter().all(u8::is_ascii_alphabetic) => {
            let place = ascii_place([x, y, z]);
            ASCII_MONTHS[place / 64] >> (place % 64) & 1 == 1
        }
        [first, ..] if first.is_ascii_alphabetic() || CYRILLIC.contains(&first) => {
            let head: String = word.chars().take(3).flat_map(char::to_lowercase).collect();
            MONTHS.contains(&head.as_str())
        }
        _ => false,
    };
    // `helmikuuta`, `tammikuu`
    let finnish = ["kuu", "kuuta"].iter().any(|tail| word.len() > 6 && word.ends_with(tail));
    (known || finnish) && word.chars().count() <= 12 && word.chars().all(char::is_alphabetic)
}

/// `March 12, 1985`: dates that begin with a month, which the number rules do not see. Findings where announced.
pub(crate) fn month_first(context: &mut Context<'_>, token_start: usize) {
    let before = context.text[..token_start].trim_end_matches([' ', '.', ',', '_', '+']);
    if token_start - before.len() > 2 || before.ends_with(|c: char| !c.is_alphabetic()) {
        return;
    }
    let word_start = before
        .rfind(|c: char| !c.is_alphabetic())
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let word = &before[word_start..];
    if word.is_empty() || !is_month(word) || !is_birth(context, word_start) {
        return;
    }
    let limit = context.text.floor_char_boundary(token_start + 14);
    let rest = &context.text[token_start..limit];
    let bytes = rest.as_bytes();
    let year = (0..bytes.len()).find(|&at| {
        bytes[at..].len() >= 4
            && bytes[at..at + 4].iter().all(u8::is_ascii_digit)
            && !bytes.get(at + 4).is_some_and(u8::is_ascii_digit)
            && (at == 0 || !bytes[at - 1].is_ascii_digit())
    });
    if let Some(at) = year {
        context.push(word_start, token_start + at + 4, PiiType::DateOfBirth);
    }
}

/// Whether the whole of `text` is a date, with or without a time: numbers with separators, or a month between them.
pub(crate) fn is_date(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if !(4..=20).contains(&digits) || text.len() > 40 {
        return false;
    }
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let (a, b, c) = (numbers.next(), numbers.next(), numbers.next());
    if text.starts_with(|c: char| c.is_ascii_digit()) && east_asian(text, 0).is_some() {
        return true;
    }
    if text.chars().filter(|c| c.is_alphabetic()).count() <= 2 {
        return match (a, b, c) {
            (Some(a), Some(b), Some(c)) => b.len() <= 2 && c.len() <= 4 && (a.len() == 4 || a.len() <= 2),
            _ => false,
        };
    }
    a.is_some()
        && b.is_some()
        && text.split(|c: char| !c.is_alphabetic()).any(is_month)
        && text.contains([' ', '-', '.', '/', ',', '_'])
}

/// Whether a value under a birth date's key is one: also eight digits, or an epoch as some systems keep birthdays.
pub(crate) fn is_birth_value(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    let bare = text.trim_start_matches('-').len() == digits.len();
    is_date(text) || (bare && (compact(&digits) || (7..=13).contains(&digits.len())))
}

/// Whether the text is a moment of time (RFC 3339) or begins with one.
pub(crate) fn is_timestamp(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() >= 10
        && b[..4].iter().all(u8::is_ascii_digit)
        && (b[4], b[7]) == (b'-', b'-')
        && b[5..7].iter().chain(&b[8..10]).all(u8::is_ascii_digit)
        && matches!(b.get(10), None | Some(b'T' | b' '))
}
