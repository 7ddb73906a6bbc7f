//! Postcodes: behind an address, or a word for one.

use super::{
    Context, date,
    label::Says,
    tokens::{Token, class},
};
use crate::{PiiType, hint::Hint};

/// Whether there is no end of a cell between an address and its postcode, or that of its own: `| Hauptstraße 5 | 10115 Berlin |`.
fn in_next_cell(between: &[u8]) -> bool {
    match memchr::memchr2(b'|', b';', between) {
        None => true,
        Some(end) => between[end + 1..].iter().all(|b| matches!(b, b' ' | b'"' | b'\'')),
    }
}

/// `20240115`: a day more often than a Brazilian code.
fn is_day(context: &Context<'_>, (start, end): (usize, usize)) -> bool {
    let digits: Vec<u8> = context.bytes[start..end].iter().map(|b| b.wrapping_sub(b'0')).collect();
    digits.len() == 8 && digits.iter().all(|digit| *digit < 10) && date::compact(&digits)
}

/// Bytes between a word for postcodes and the one that it announces.
const LABEL_WINDOW: usize = 16;

/// Bytes between an address and the postcode that belongs to it.
const REACH: usize = 40;

/// The postcode that follows an address, there or on the next line: `…, 10115 Berlin`, `…, Springfield, IL 62704`, `…, London SW1A 2AA`.
pub(super) fn follow(context: &mut Context<'_>, end: usize) {
    let from = context.tokens.partition_point(|token| token.start < end);
    let mut index = from;
    while let Some(&token) = context.tokens.get(index) {
        let part = |between: &&[u8]| between.len() <= REACH && in_next_cell(between);
        let between = context.bytes.get(end..token.start).filter(part);
        let Some(lines) =
            between.map(|between| between.iter().filter(|b| **b == b'\n').count()).filter(|lines| *lines < 2)
        else {
            break;
        };
        let is_one = |found: &(usize, usize)| (lines == 0 || is_on_line(context, *found)) && !is_day(context, *found);
        if let Some((start, stop)) = postcode(context, index).filter(is_one) {
            context.push(start, stop, PiiType::Postcode);
            break;
        }
        index += 1;
    }
}

/// Where the postcode ends that begins at `start`, in two parts perhaps: `M5J 0B8`, `211 22`.
pub(super) fn whole_at(context: &Context<'_>, start: usize) -> Option<usize> {
    let index = context.tokens.binary_search_by_key(&start, |token| token.start).ok()?;
    postcode(context, index).map(|(_, end)| end)
}

/// Whether what looks like a postcode stands in a line as one does, below a street: `10115 Berlin`, `Mumbai 400001`, `London SW1A 2AA`.
fn is_on_line(context: &Context<'_>, (start, end): (usize, usize)) -> bool {
    if of_letters(context, start) == Some(end) {
        return true;
    }
    let head = &context.bytes[..start];
    let line = head.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let town = context.bytes[end..].strip_prefix(b" ").and_then(<[u8]>::first).is_some_and(u8::is_ascii_uppercase);
    let closes = matches!(context.bytes.get(end), None | Some(b'\n' | b'\r' | b','));
    let name = &context.text[line..start];
    let named = name.starts_with(char::is_uppercase) && name.chars().all(|c| c.is_alphabetic() || " ,-.".contains(c));
    line == start && town || named && closes && !context.labels.thing(context.bytes, start)
}

/// Where a British or Canadian postcode ends that begins at `start`: `SW1A 2AA`, `H3H 1E9`.
pub(super) fn of_letters(context: &Context<'_>, start: usize) -> Option<usize> {
    let bytes = &context.bytes[start..];
    let length = bytes.iter().take(5).take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit()).count();
    let (outward, rest) = bytes.split_at(length);
    let letters = outward.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let inward = rest.get(1..4).filter(|_| rest[0] == b' ' && (2..=4).contains(&length))?;
    let british = inward[0].is_ascii_digit() && inward[1..].iter().all(u8::is_ascii_uppercase);
    let canadian = length == 3
        && outward[2].is_ascii_uppercase()
        && inward[0].is_ascii_digit()
        && inward[1].is_ascii_uppercase()
        && inward[2].is_ascii_digit();
    let outward = (1..=2).contains(&letters) && outward.get(letters).is_some_and(u8::is_ascii_digit);
    let closed = !rest.get(4).is_some_and(u8::is_ascii_alphanumeric);
    (outward && closed && (british || canadian)).then_some(start + length + 4)
}

/// Postcodes right behind a label for one.
pub(super) fn announced(context: &mut Context<'_>) {
    let tokens = context.tokens;
    for (label, index) in context.labels.announcing(Says::Postcode, tokens, LABEL_WINDOW) {
        // `zip-rs/zip2/pull/1000` is an address of another kind.
        if context.bytes[label.end..tokens[index].start].contains(&b'/') {
            continue;
        }
        if let Some((start, end)) = small(context, index).or_else(|| postcode(context, index)) {
            context.push(with_country(context, start), end, PiiType::Postcode);
        }
    }
}

/// `7725 lb`: a Dutch one in small letters, where it is announced.
fn small(context: &Context<'_>, index: usize) -> Option<(usize, usize)> {
    // `postcode 2000 is valid`
    const WORDS: [&[u8]; 24] = [
        b"is", b"in", b"or", b"on", b"of", b"to", b"at", b"as", b"by", b"an", b"if", b"it", b"no", b"so", b"we", b"en",
        b"de", b"et", b"du", b"im", b"am", b"zu", b"op", b"te",
    ];
    let token = context.tokens[index];
    let letters = context.bytes.get(token.end + 1..token.end + 3)?;
    let closed = !context.at(token.end + 3).is_ascii_alphanumeric();
    (token.is_number()
        && token.len() == 4
        && context.at(token.end) == b' '
        && closed
        && letters.iter().all(u8::is_ascii_lowercase)
        && !WORDS.contains(&letters))
    .then_some((token.start, token.end + 3))
}

/// Where a postcode begins with its country: `FI-20579`, `A-8471`.
fn with_country(context: &Context<'_>, start: usize) -> usize {
    let Some(head) = context.bytes[..start].strip_suffix(b"-") else { return start };
    let letters = head.iter().rev().take(4).take_while(|b| b.is_ascii_uppercase()).count();
    let begins = head.len() - letters;
    if (1..=3).contains(&letters) && !context.before(begins).is_ascii_alphanumeric() { begins } else { start }
}

/// The postcode at a token, in the forms of the Universal Postal Union's members that the rules know.
fn postcode(context: &Context<'_>, index: usize) -> Option<(usize, usize)> {
    let token: Token = context.tokens[index];
    let text = &context.bytes[token.start..token.end];
    let next = context.tokens.get(index + 1).copied();
    let joined = |separators: &[u8]| {
        next.filter(|next| next.start == token.end + 1 && separators.contains(&context.bytes[token.end]))
    };
    let upper = |run: &[u8]| run.iter().all(u8::is_ascii_uppercase);
    if token.classes == class::DIGIT {
        let tail = joined(b"- +").filter(|tail| tail.is_number());
        // 12345-6789, 01310-100, 1000-001, 00-950, 114 55, 400 001
        if let Some(tail) =
            tail.filter(|tail| matches!((token.len(), tail.len()), (5, 4 | 3) | (4, 3) | (2, 3) | (3, 2 | 3)))
        {
            return Some((token.start, tail.end));
        }
        // 1234 AB
        let letters = context.bytes.get(token.end + 1..token.end + 3).filter(|run| upper(run) && token.len() == 4);
        if letters.is_some()
            && matches!(context.bytes[token.end], b' ' | b'+')
            && !context.at(token.end + 3).is_ascii_alphanumeric()
        {
            return Some((token.start, token.end + 3));
        }
        return matches!(token.len(), 4..=6 | 8).then_some((token.start, token.end));
    }
    // SW1A 2AA, K1A 0B1, 1234AB
    let head = text.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let part = joined(b" +").filter(|next| next.len() == 3);
    if let Some(next) = part.filter(|_| (1..=2).contains(&head) && token.len() <= 4) {
        return Some((token.start, next.end));
    }
    let canadian = token.len() == 6
        && text.iter().enumerate().all(|(at, b)| if at % 2 == 0 { b.is_ascii_uppercase() } else { b.is_ascii_digit() });
    let compact = canadian || token.len() == 6 && text[..4].iter().all(u8::is_ascii_digit) && upper(&text[4..]);
    let glued = (5..=7).contains(&token.len()) && (1..=2).contains(&head) && upper(&text[token.len() - 2..]);
    (compact || glued || context.hint == Some(Hint::Postcode)).then_some((token.start, token.end))
}
