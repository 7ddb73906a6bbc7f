//! Street addresses, anchored at the words for streets, and postcodes in context.

use super::{
    Context, date,
    label::{Label, Says},
    tokens::{Token, class},
};
use crate::{PiiType, hint::Hint};

/// Words between a house number and its street type.
const MAX_WORDS: usize = 5;
/// Bytes on each side of a street type that an address may take.
const REACH: usize = 64;
/// Bytes between an address (or a label) and the postcode that belongs to it.
const POSTCODE_REACH: usize = 40;

/// Street types that stand before a name in one language and after it in another.
const BOTH_SIDES: [&str; 6] = ["avenue", "boulevard", "place", "square", "passage", "esplanade"];

pub(crate) fn find(context: &mut Context<'_>) {
    if context.number {
        return;
    }
    let labels = context.labels.0;
    let mut done = 0;
    for label in labels {
        if label.start < done {
            continue;
        }
        let both = || BOTH_SIDES.iter().any(|word| context.text[label.start..label.end].eq_ignore_ascii_case(word));
        let found = match label.says {
            Says::StreetAfter if both() => number_name(context, *label).or_else(|| number_type_name(context, *label)),
            Says::StreetAfter => number_name(context, *label),
            Says::StreetBefore => number_type_name(context, *label).or_else(|| type_name_number(context, *label)),
            Says::StreetTail => name_number(context, *label),
            Says::StreetNamed if is_capital(context, label.start) => {
                number_name(context, *label).filter(|(start, _)| !is_count(context, *start, label.start))
            }
            Says::AddressAt => announced(context, *label),
            Says::StreetOf if is_capital(context, label.start) || context.bytes[label.end - 1] == b'.' => {
                type_name_number(context, *label)
            }
            _ => None,
        };
        if let Some((start, end)) = found {
            context.push(start, end, PiiType::StreetAddress);
            done = end;
            follow(context, end);
        }
    }
    postcodes(context);
}

type Stretch = Option<(usize, usize)>;

/// The start of the word that ends at `end`, with letters, digits, apostrophes, dots and dashes.
fn word_start(context: &Context<'_>, end: usize) -> usize {
    let part = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'\'' | b'.' | b'-');
    end - context.bytes[..end].iter().rev().take(REACH).take_while(|&&b| part(b)).count()
}

/// `12`, `12a`, `12-14`, `12/3`.
fn is_house_number(word: &[u8]) -> bool {
    let digits = word.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = &word[digits..];
    (1..=5).contains(&digits)
        && (rest.is_empty() || rest.len() <= 6 && rest.iter().all(|b| b.is_ascii_digit() || b"abcdABCD-/".contains(b)))
}

/// `08T`: the number of a flat.
fn is_flat(word: &[u8]) -> bool {
    matches!(word, [digits @ .., letter] if letter.is_ascii_uppercase() && (1..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit))
}

fn is_capital(context: &Context<'_>, at: usize) -> bool {
    context.text[at..].chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric())
}

/// Words and bytes that an address takes where a word announces it.
const MAX_PARTS: usize = 16;
const MAX_ANNOUNCED: usize = 96;

/// `Address: 44/97, Manne Road`, `lives at Haugenflata 6`: a house number and names, whatever the street's type, up to the first word
/// that is neither.
fn announced(context: &Context<'_>, label: Label) -> Stretch {
    let rest = &context.text[label.end..];
    let start = label.end + rest.len() - rest.trim_start_matches([' ', ':', '=', '"', '\'']).len();
    let said = &context.text[label.end..start];
    if said.is_empty() || said.len() > 4 || !is_capital(context, start) {
        return None;
    }
    let tight = said.contains([':', '=']);
    let (mut at, mut end) = (start, start);
    let (mut numbers, mut names, mut commas, mut long) = (0, 0, 0, 0);
    for _ in 0..MAX_PARTS {
        let word: usize = context.text[at..]
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '\'' | 'º' | '°' | '#'))
            .map(char::len_utf8)
            .sum();
        let text = &context.text[at..at + word];
        if (is_house_number(text.as_bytes()) || is_flat(text.as_bytes()))
            && !(context.at(at + word) == b'.' && context.at(at + word + 1).is_ascii_digit())
        {
            numbers += 1;
            end = at + word;
        } else if date::is_month(text) && (text.len() == 3 || MONTHS.contains(&text)) {
            return None;
        } else if text.chars().next().is_some_and(char::is_alphabetic) && is_capital(context, at) {
            names += 1;
            long = long.max(text.chars().count());
            end = at + word;
        } else if !JOINING.contains(&text) && text != "#" {
            break;
        }
        at += word;
        // A full stop ends the sentence, unless the word is an abbreviation: `Apt.`, `H.No.`, `Depto.`
        let next = context.at(at + 1);
        let abbreviates = next.is_ascii_uppercase()
            || next == b' ' && (context.at(at + 2).is_ascii_digit() || word == 1 && at == start + 1);
        let point = context.at(at) == b'.' && word <= 5 && abbreviates;
        at += usize::from(point);
        let gap = context.text[at..].bytes().take(3).take_while(|b| matches!(b, b' ' | b',')).count();
        commas += usize::from(context.bytes[at..at + gap].contains(&b','));
        at += gap;
        if (gap == 0 && !point) || at - start > MAX_ANNOUNCED || at >= context.bytes.len() {
            break;
        }
    }
    // In a sentence a count and a name are not enough: `moved to 3 Azure regions`.
    let house = context.bytes[start].is_ascii_digit() || commas > 0;
    let sure = tight || names >= 2 && (house || numbers >= 2) || !house && long >= LONG_NAME;
    (numbers > 0 && names > 0 && sure).then_some((start, end))
}

/// Letters of a street's name that has no type: `Haugenflata 6`, but not `Java 17`.
const LONG_NAME: usize = 10;
/// Months, with which a date begins and no street.
const MONTHS: [&str; 11] =
    ["January", "February", "March", "April", "June", "July", "August", "September", "October", "November", "December"];
/// Small words inside addresses.
const JOINING: [&str; 17] =
    ["de", "la", "le", "du", "des", "del", "da", "do", "di", "van", "der", "den", "of", "the", "e", "y", "i"];

/// English: `742 Evergreen Terrace`, `10 Downing St.`
fn number_name(context: &Context<'_>, label: Label) -> Stretch {
    let mut at = label.start;
    for names in 0..=MAX_WORDS {
        at = at.checked_sub(1).filter(|&space| matches!(context.bytes[space], b' ' | b'_'))?;
        let start = word_start(context, at);
        let word = &context.bytes[start..at];
        if word.is_empty() || label.start - start > REACH {
            return None;
        }
        if is_house_number(word) && names > 0 {
            let mut end = label.end;
            end += usize::from(context.at(end) == b'.');
            return Some((with_flat(context, start), unit(context, end)));
        }
        // Directions and ordinals aside, a street's name begins with a capital.
        if !is_capital(context, start) {
            return None;
        }
        at = start;
    }
    None
}

/// `21/` before a house number: the flat, as Australians write it.
fn with_flat(context: &Context<'_>, start: usize) -> usize {
    let digits = |end: usize| context.bytes[..end].iter().rev().take(5).take_while(|b| b.is_ascii_digit()).count();
    match start.checked_sub(1) {
        Some(slash) if context.bytes[slash] == b'/' && digits(slash) > 0 => slash - digits(slash),
        _ => start,
    }
}

/// `30 Day Pass`, `2 New Points`, `Windows 11 Home View`: a count or a version and no house.
fn is_count(context: &Context<'_>, start: usize, label: usize) -> bool {
    let between = &context.text[start..label];
    let word = between.split([' ', '_']).nth(1).unwrap_or("");
    const COUNTED: [&str; 24] = [
        "Day", "Days", "Hour", "Minute", "Min", "Week", "Month", "Year", "New", "More", "Other", "Key", "Main", "Best",
        "Top", "Red", "Total", "Open", "Data", "Access", "User", "Test", "Step", "Free",
    ];
    let preceded = context.text[..start].trim_end_matches(' ').ends_with(|c: char| c.is_alphabetic())
        && context.labels.thing(context.bytes, start);
    preceded || COUNTED.contains(&word)
}

/// `, Apt 4B`, ` Suite 200`, ` #12`, `, Appartamento 5`.
fn unit(context: &Context<'_>, end: usize) -> usize {
    let rest = &context.text[end..];
    let trimmed = rest.trim_start_matches([',', ' ']);
    let skipped = rest.len() - trimmed.len();
    let lower: String = trimmed.chars().take(14).flat_map(char::to_lowercase).collect();
    for word in UNITS {
        if skipped <= 2 && lower.starts_with(word) {
            let after = &trimmed[word.len()..];
            let gap = after.len() - after.trim_start_matches(['.', ' ']).len();
            let number = after[gap..].bytes().take_while(|b| b.is_ascii_alphanumeric()).count();
            if gap <= 2 && (1..=6).contains(&number) && after[gap..gap + number].bytes().any(|b| b.is_ascii_digit()) {
                return end + skipped + word.len() + gap + number;
            }
        }
    }
    end
}

const UNITS: [&str; 26] = [
    "apartment",
    "appartamento",
    "appartement",
    "apartamento",
    "apto",
    "apt",
    "appt",
    "suite",
    "ste",
    "unit",
    "flat",
    "floor",
    "puerta",
    "piso",
    "bloque",
    "piano",
    "interno",
    "scala",
    "wohnung",
    "whg",
    "étage",
    "lägenhet",
    "lgh",
    "lok.",
    "m.",
    "#",
];

/// French: `12 rue de la Paix`, `5 bis, avenue Foch`.
fn number_type_name(context: &Context<'_>, label: Label) -> Stretch {
    let before = context.text[..label.start].trim_end_matches([' ', ',', '_']);
    let before = ["bis", "ter", "quater"]
        .iter()
        .find_map(|word| before.strip_suffix(word))
        .map_or(before, |head| head.trim_end());
    let start = word_start(context, before.len());
    if !is_house_number(&context.bytes[start..before.len()]) || label.start - before.len() > 8 {
        return None;
    }
    let end = name_end(context, label.end, false)?;
    Some((start, unit(context, end)))
}

/// Spanish, Italian, Portuguese, Polish: `Calle Mayor 5`, `Via Roma, 10`, `ul. Długa 7/3`.
fn type_name_number(context: &Context<'_>, label: Label) -> Stretch {
    let end = name_end(context, label.end, true)?;
    Some((label.start, unit(context, end)))
}

/// From behind a street type over the name; with a number, to the end of the house number.
fn name_end(context: &Context<'_>, from: usize, with_number: bool) -> Option<usize> {
    let mut at = from;
    let mut last_name = None;
    let small = |word: &str| {
        matches!(
            word,
            "de" | "la"
                | "le"
                | "les"
                | "du"
                | "des"
                | "del"
                | "los"
                | "las"
                | "da"
                | "do"
                | "dos"
                | "das"
                | "di"
                | "dei"
                | "della"
                | "delle"
                | "el"
                | "y"
                | "e"
                | "nº"
                | "n°"
                | "n"
                | "no"
                | "núm"
                | "nr"
                | "numero"
                | "número"
                | "św"
                | "dell"
                | "al"
                | "gen"
                | "i"
        )
    };
    for _ in 0..=MAX_WORDS + 2 {
        let rest = &context.text[at..];
        let skipped = rest.len() - rest.trim_start_matches([' ', ',', '.', '\'', '’', '_']).len();
        if skipped == 0 && at != from || skipped > 2 {
            break;
        }
        at += skipped;
        let word: usize = context.text[at..]
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | 'º' | '°'))
            .map(char::len_utf8)
            .sum();
        let text = &context.text[at..at + word];
        if text.is_empty() || at - from > REACH {
            break;
        }
        if is_house_number(text.as_bytes()) {
            return if with_number && last_name.is_some() { Some(at + word) } else { last_name };
        }
        if is_capital(context, at) {
            last_name = Some(at + word);
        } else if !small(&text.to_lowercase()) {
            break;
        }
        let closes = !with_number && context.at(at + word) == b',';
        at += word;
        if closes {
            break;
        }
    }
    last_name.filter(|_| !with_number)
}

/// German, Dutch, Swedish: `Hauptstraße 12a`, `Lange Kerkstraat 5`, `Alter Markt 3`.
fn name_number(context: &Context<'_>, label: Label) -> Stretch {
    let mut start = word_start(context, label.start);
    if start == label.start {
        // The type stands alone: its name is the word before.
        start = word_start(context, label.start.checked_sub(1)?);
    }
    while !context.text.is_char_boundary(start) || context.text[start..].starts_with(['.', '-', '\'']) {
        start += 1;
    }
    if start >= label.start || !is_capital(context, start) {
        return None;
    }
    let rest = &context.bytes[label.end..];
    let gap = rest.iter().take(2).take_while(|b| matches!(b, b' ' | b',' | b'_' | b'+')).count();
    let number = rest[gap..].iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/')).count();
    let glued = gap == 0 && context.bytes[label.end - 1] != b'.';
    let word = &rest[gap..gap + number];
    (!glued && is_house_number(word)).then_some((start, label.end + gap + number))
}

/// The postcode that follows an address: `…, 10115 Berlin`, `…, Springfield, IL 62704`, `…, London SW1A 2AA`.
fn follow(context: &mut Context<'_>, end: usize) {
    let from = context.tokens.partition_point(|token| token.start < end);
    let mut index = from;
    while let Some(&token) = context.tokens.get(index) {
        if token.start - end > POSTCODE_REACH || context.bytes[end..token.start].contains(&b'\n') {
            break;
        }
        if let Some((start, stop)) = postcode(context, index) {
            context.push(start, stop, PiiType::Postcode);
            break;
        }
        index += 1;
    }
}

/// Postcodes right behind a label for one.
fn postcodes(context: &mut Context<'_>) {
    let labels = context.labels.0;
    for label in labels.iter().filter(|label| label.says == Says::Postcode) {
        let index = context.tokens.partition_point(|token| token.start < label.end);
        let near = context.tokens.get(index).is_some_and(|token| token.start - label.end <= 16);
        if let Some((start, end)) = near.then(|| postcode(context, index)).flatten() {
            context.push(start, end, PiiType::Postcode);
        }
    }
}

/// The postcode at a token, in the forms of the Universal Postal Union's members that the rules know.
fn postcode(context: &Context<'_>, index: usize) -> Stretch {
    let token: Token = context.tokens[index];
    let text = &context.bytes[token.start..token.end];
    let next = context.tokens.get(index + 1).copied();
    let joined = |separators: &[u8]| {
        next.filter(|next| next.start == token.end + 1 && separators.contains(&context.bytes[token.end]))
    };
    let upper = |run: &[u8]| run.iter().all(u8::is_ascii_uppercase);
    if token.classes == class::DIGIT {
        let tail = joined(b"- ").filter(|tail| tail.is_number());
        // 12345-6789, 01310-100, 1000-001, 00-950, 114 55
        if let Some(tail) =
            tail.filter(|tail| matches!((token.len(), tail.len()), (5, 4 | 3) | (4, 3) | (2, 3) | (3, 2)))
        {
            return Some((token.start, tail.end));
        }
        // 1234 AB
        let letters = context.bytes.get(token.end + 1..token.end + 3).filter(|run| upper(run) && token.len() == 4);
        if letters.is_some() && context.bytes[token.end] == b' ' && !context.at(token.end + 3).is_ascii_alphanumeric() {
            return Some((token.start, token.end + 3));
        }
        return matches!(token.len(), 4..=6 | 8).then_some((token.start, token.end));
    }
    // SW1A 2AA, K1A 0B1, 1234AB
    let head = text.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let part = joined(b" ").filter(|next| next.len() == 3);
    if let Some(next) = part.filter(|_| (1..=2).contains(&head) && token.len() <= 4) {
        return Some((token.start, next.end));
    }
    let canadian = token.len() == 6
        && text.iter().enumerate().all(|(at, b)| if at % 2 == 0 { b.is_ascii_uppercase() } else { b.is_ascii_digit() });
    let compact = canadian || token.len() == 6 && text[..4].iter().all(u8::is_ascii_digit) && upper(&text[4..]);
    let glued = (5..=7).contains(&token.len()) && (1..=2).contains(&head) && upper(&text[token.len() - 2..]);
    (compact || glued || context.hint == Some(Hint::Postcode)).then_some((token.start, token.end))
}
