//! Telephone numbers: international (ITU-T E.164) with a `+` or `00`, national with separators, bare only where announced.

use super::{
    Context, date,
    label::Says,
    number::{Candidate, LABEL_WINDOW},
    tokens::Token,
};
use crate::{PiiType, hint::Hint};

/// Country codes and the digits that numbers there have after them (ITU-T E.164 national plans).
const PLANS: [(&str, usize, usize); 40] = [
    ("1", 10, 10),
    ("7", 10, 10),
    ("20", 8, 10),
    ("27", 9, 9),
    ("30", 10, 10),
    ("31", 9, 9),
    ("32", 8, 9),
    ("33", 9, 9),
    ("34", 9, 9),
    ("36", 8, 9),
    ("39", 8, 11),
    ("40", 9, 9),
    ("41", 9, 9),
    ("43", 7, 13),
    ("44", 9, 10),
    ("45", 8, 8),
    ("46", 7, 10),
    ("47", 8, 8),
    ("48", 9, 9),
    ("49", 6, 12),
    ("52", 10, 11),
    ("54", 10, 11),
    ("55", 10, 11),
    ("56", 9, 9),
    ("57", 10, 10),
    ("60", 8, 10),
    ("61", 9, 9),
    ("62", 8, 12),
    ("63", 10, 10),
    ("64", 8, 10),
    ("65", 8, 8),
    ("66", 8, 9),
    ("81", 9, 10),
    ("82", 8, 10),
    ("86", 10, 11),
    ("90", 10, 10),
    ("91", 10, 10),
    ("351", 9, 9),
    ("353", 7, 9),
    ("358", 6, 11),
];

/// The stretch of a number that is a telephone's, its `+` or bracket and its extension included.
pub(crate) fn classify(context: &Context<'_>, candidate: &Candidate<'_>) -> Option<(usize, usize)> {
    let (start, end) = without_extension(context, candidate)?;
    Some((start, with_extension(context, end)))
}

/// Words before an extension.
const EXTENSIONS: [&str; 13] = [
    "extension",
    "extensión",
    "ext.",
    "ext",
    "x",
    "#",
    "poste",
    "durchwahl",
    "ramal",
    "interno",
    "доб.",
    "anexo",
    "wew.",
];
/// Bytes of the longest of them, with what may stand around it.
const EXTENSION_REACH: usize = 16;

/// Where the extension behind a telephone's number ends: ` ext. 204`, `x204`, `, Durchwahl 12`; else where the number does.
fn with_extension(context: &Context<'_>, end: usize) -> usize {
    let limit = context.text.floor_char_boundary(end + EXTENSION_REACH);
    let behind = context.text[end..limit].to_lowercase();
    let word = behind.trim_start_matches([' ', ',', ';', '(', '-']);
    let Some(number) = EXTENSIONS.iter().find_map(|name| word.strip_prefix(name)) else { return end };
    let number = number.trim_start_matches([' ', ':', '=', '.']);
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let from = end + behind.len() - number.len();
    // What is written in small letters as long as in capitals has its places here, too.
    let same = context.text.get(from..from + digits) == Some(&number[..digits]);
    let ends = !context.at(from + digits).is_ascii_alphanumeric();
    if (1..=6).contains(&digits) && same && ends { from + digits } else { end }
}

fn without_extension(context: &Context<'_>, candidate: &Candidate<'_>) -> Option<(usize, usize)> {
    let digits = candidate.digits;
    if digits.len() < 7 || digits.len() > 15 {
        return None;
    }
    let (start, end) = (candidate.start(), candidate.end());
    let mut from = start;
    if context.before(from) == b'(' {
        from -= 1;
    }
    let plus = context.before(from) == b'+' && !context.before(from - 1).is_ascii_alphanumeric();
    if plus {
        // `+227.5%` is a change.
        if context.at(end) == b'%' && continues(context, end) {
            return None;
        }
        return is_international(digits, candidate.groups.len()).then_some((from - 1, end));
    }
    let labelled = candidate.announced;
    if continues(context, end) && !(labelled && is_dated(context, end))
        || is_decimal(candidate) && !(labelled && digits.len() >= 9)
    {
        return None;
    }
    let double_zero = digits[0] == 0 && digits[1] == 0;
    if double_zero
        && is_international(&digits[2..], 1)
        && (labelled || !denied(context, start))
        && has_plan(&digits[2..])
    {
        return Some((from, end));
    }
    if labelled {
        return (!is_round(candidate) && !is_years(candidate)).then_some((from, end));
    }
    let bracketed = from < start && context.at(candidate.groups[0].end) == b')';
    let national = is_national(candidate, bracketed)
        && !is_zip(context, candidate)
        && !candidate.is_part
        && context.hint != Some(Hint::Opaque);
    (national && !denied(context, start)).then_some((from, end))
}

/// After a `+`: a known plan's length, or 8 to 15 digits for countries without one here.
fn is_international(digits: &[u8], groups: usize) -> bool {
    let plan = plan(digits);
    match plan {
        Some((code, least, most)) => {
            let rest = digits.len() - code;
            // A trunk zero is often kept in brackets: +44 (0)20 …
            let trunk = usize::from(digits.get(code) == Some(&0));
            (least..=most + trunk).contains(&rest)
        }
        None => (8..=15).contains(&digits.len()) && (groups > 1 || digits[0] != 0),
    }
}

fn has_plan(digits: &[u8]) -> bool {
    plan(digits).is_some_and(|(code, least, most)| (least..=most).contains(&(digits.len() - code)))
}

fn plan(digits: &[u8]) -> Option<(usize, usize, usize)> {
    let starts = |code: &str| code.bytes().enumerate().all(|(at, b)| digits.get(at) == Some(&(b - b'0')));
    PLANS.iter().find(|(code, _, _)| starts(code)).map(|(code, least, most)| (code.len(), *least, *most))
}

/// Forms that need no label, by their groups.
fn is_national(candidate: &Candidate<'_>, bracketed: bool) -> bool {
    let (digits, lengths) = (candidate.digits, candidate.lengths);
    let (count, total, first) = (lengths.len(), digits.len(), lengths[0]);
    if count < 2 || lengths[1..].iter().any(|&length| length < 2) {
        return false;
    }
    if bracketed {
        return (2..=5).contains(&first) && (8..=12).contains(&total);
    }
    let plain = candidate.is_joined_by(b" -");
    match (digits[0], lengths) {
        // North America, Italian mobiles.
        // `867 / 503 / 7974` are counts.
        (_, [3, 3, 4]) => !(candidate.separator == Some(b'/') && candidate.end() - candidate.start() > 12),
        (1, [1, 3, 3, 4]) => true,
        // A trunk zero: most of Europe, Asia and Oceania.
        (0, [2..=5, ..]) if (9..=12).contains(&total) && digits[1] != 0 => lengths.iter().all(|&length| length <= 8),
        // India; Brazil with its area code; China.
        (6..=9, [5, 5]) if plain => true,
        (0, [6, 5]) if plain && digits[1] >= 6 => true,
        // Russia, with its trunk prefix.
        (7 | 8, [1, 3, 3, 2, 2]) => true,
        (_, [2, 5, 4] | [2, 4, 4]) => digits[0] != 0,
        (1, [3, 4, 4]) if plain => true,
        // Spain, Poland, Portugal.
        (5..=9, [3, 3, 3] | [3, 2, 2, 2]) if candidate.is_joined_by(b" -_") => true,
        (2..=9, [2, 3, 2, 2] | [3, 2, 4]) if plain => lengths[0] == 2,
        (3, [3, 7] | [3, 6] | [3, 4, 3]) if plain => true,
        // Denmark, Norway, France without its zero.
        (2..=9, [2, 2, 2, 2]) if plain => true,
        _ => false,
    }
}

/// A number right behind a telephone's label, or under a telephone's key.
pub(crate) fn announced(context: &Context<'_>, start: usize) -> bool {
    if context.hint == Some(Hint::Phone) {
        return true;
    }
    // The nearest label decides: an order number after a phone is an order number.
    context.labels.before(start, LABEL_WINDOW).next().is_some_and(|label| {
        label.says == Says::Phone
            && !context.bytes[label.end..start].iter().any(|b| matches!(b, b';' | b'\n'))
            && !(is_call(&context.text[label.start..label.end]) && ends_sentence(&context.text[label.end..start]))
            && context.bytes[label.end..start].iter().filter(|b| b.is_ascii_digit()).count() <= 3
    })
}

/// Whether a word says that somebody calls, and not that a number follows.
fn is_call(label: &str) -> bool {
    ["call", "text", "reach", "ring", "dial"]
        .iter()
        .any(|verb| label.get(..verb.len()).is_some_and(|head| head.eq_ignore_ascii_case(verb)))
}

/// `Boston, MA 02110-1301 USA`: a ZIP code.
fn is_zip(context: &Context<'_>, candidate: &Candidate<'_>) -> bool {
    let head = context.text[..candidate.start()].trim_end_matches(' ').as_bytes();
    let state = head.len() < candidate.start()
        && matches!(head, [.., before, x, y] if !before.is_ascii_alphabetic() && x.is_ascii_uppercase() && y.is_ascii_uppercase());
    let tail = context.text[candidate.end()..].trim_start_matches([' ', ',']);
    candidate.has_shape(&[5, 4]) && candidate.separator == Some(b'-') && (state || tail.starts_with("USA"))
}

/// `called twice this week. Row 559331839`: a full stop behind a word that is no abbreviation, before a capital.
fn ends_sentence(between: &str) -> bool {
    let words = |at: usize| between[..at].bytes().rev().take_while(u8::is_ascii_lowercase).count() >= SENTENCE_WORD;
    memchr::memmem::find(between.as_bytes(), b". ")
        .is_some_and(|at| words(at) && between[at + 2..].starts_with(char::is_uppercase))
}

/// Letters of a word that is no abbreviation.
const SENTENCE_WORD: usize = 4;

/// `order 555-123-4567`, `SKU-555-123-4567`: a thing's number.
pub(crate) fn denied(context: &Context<'_>, start: usize) -> bool {
    if context.labels.thing(context.bytes, start) {
        return true;
    }
    if !matches!(context.before(start), b'-' | b'#' | b'/') {
        return context.before(start) == b'$';
    }
    let letters = context.bytes[..start - 1].iter().rev().take_while(|b| b.is_ascii_alphanumeric()).count();
    let code = &context.bytes[start - 1 - letters..start - 1];
    context.before(start) == b'#' || (letters > 0 && code.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
}

/// Whether the text goes on in a way that telephones do not: `-XL`, `.5`, `%`.
fn continues(context: &Context<'_>, end: usize) -> bool {
    let (next, after) = (context.at(end), context.at(end + 1));
    match next {
        b'-' | b'/' => after.is_ascii_digit() || after.is_ascii_uppercase(),
        b'.' | b',' | b':' => after.is_ascii_digit(),
        b'%' => !after.is_ascii_hexdigit(),
        _ => false,
    }
}

/// `call-01.44.84.96.54-20260506.wav`: a day follows, as in the names of recordings.
fn is_dated(context: &Context<'_>, end: usize) -> bool {
    let digits: Vec<u8> =
        context.bytes[end + 1..].iter().take_while(|b| b.is_ascii_digit()).take(9).map(|b| b - b'0').collect();
    context.at(end) == b'-' && date::compact(&digits)
}

/// `called between 1996-2012`.
fn is_years(candidate: &Candidate<'_>) -> bool {
    let century = |at: usize| matches!(candidate.digits.get(at..at + 2), Some([1, 9] | [2, 0]));
    candidate.has_shape(&[4, 4]) && candidate.is_joined_by(b"-/") && century(0) && century(4)
}

/// `mobile 5000000 users`: a count.
fn is_round(candidate: &Candidate<'_>) -> bool {
    candidate.groups.len() == 1 && candidate.digits.len() <= 8 && candidate.digits.ends_with(&[0, 0, 0, 0])
}

/// `1234.5678`, `1.234.567`: an amount.
fn is_decimal(candidate: &Candidate<'_>) -> bool {
    match candidate.groups {
        [_, _] => candidate.separator == Some(b'.'),
        [first, rest @ ..] => {
            candidate.separator == Some(b'.')
                && first.len() <= 3
                && rest.iter().all(|group| group.len() == 3)
                && candidate.digits[0] != 0
        }
        [] => false,
    }
}

/// `tel5551234567`, `phone+14155552671`: the label is stuck to the digits.
pub(crate) fn inside_word(context: &mut Context<'_>, token: Token, from: usize, length: usize) {
    let start = token.start + from;
    if from > 0
        && start + length == token.end
        && (9..=13).contains(&length)
        && context.labels.say(start, 0, Says::Phone)
    {
        context.push(start, start + length, PiiType::Phone);
    }
}
