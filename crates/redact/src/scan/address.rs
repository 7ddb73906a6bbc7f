//! Street addresses, anchored at the words for streets or at those that announce an address.

mod announced;

use super::{
    Context,
    label::{Label, Says},
    postcode, unit,
};
use crate::PiiType;
use announced::{announced, announced_street};

/// Words between a house number and its street type.
const MAX_WORDS: usize = 5;
/// Bytes on each side of a street type that an address may take.
const REACH: usize = 64;

/// Street types that stand before a name in one language and after it in another.
const BOTH_SIDES: [&str; 6] = ["avenue", "boulevard", "place", "square", "passage", "esplanade"];

pub(crate) fn find(context: &mut Context<'_>) {
    if context.number {
        return;
    }
    let labels = context.labels.places;
    let mut done = 0;
    for label in labels {
        if label.start < done {
            continue;
        }
        let found = match label.says {
            Says::StreetAfter if both_sides(context, *label) => {
                number_name(context, *label).or_else(|| number_type_name(context, *label))
            }
            Says::StreetAfter => number_name(context, *label).or_else(|| name_type_number(context, *label)),
            Says::StreetBefore => number_type_name(context, *label)
                .or_else(|| english_too(context, *label))
                .or_else(|| type_name_number(context, *label)),
            Says::StreetTail => {
                name_number(context, *label).map(|(start, end)| (start, unit::end(context, end))).or_else(|| {
                    // `671 allé Boudreau`: French, and not a tail.
                    let french = context.text[label.start..label.end].starts_with("all");
                    if french { number_type_name(context, *label) } else { None }
                })
            }
            Says::StreetNamed if is_capital(context, label.start) => {
                number_name(context, *label).filter(|(start, _)| !is_count(context, *start, label.start))
            }
            Says::AddressAt => announced(context, *label).or_else(|| announced_street(context, *label)),
            Says::FlatAt => flat(context, *label),
            Says::PostBox => post_box(context, *label),
            Says::StreetAt => street_at(context, *label),
            // `129 bis place du Marché`
            Says::StreetOf if &context.text[label.start..label.end] == "place du" => number_type_name(context, *label),
            Says::StreetOf if is_capital(context, label.start) || context.bytes[label.end - 1] == b'.' => {
                type_name_number(context, *label)
            }
            _ => None,
        };
        if let Some((start, end)) = found {
            context.push(start, end, PiiType::StreetAddress);
            done = end;
            postcode::follow(context, end);
        }
    }
    postcode::announced(context);
}

type Stretch = Option<(usize, usize)>;

fn both_sides(context: &Context<'_>, label: Label) -> bool {
    BOTH_SIDES.iter().any(|word| context.text[label.start..label.end].eq_ignore_ascii_case(word))
}

/// The start of the word that ends at `end`, with letters, digits, apostrophes, dots and dashes.
fn word_start(context: &Context<'_>, end: usize) -> usize {
    let part = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'\'' | b'.' | b'-');
    let start = end - context.bytes[..end].iter().rev().take(REACH).take_while(|&&b| part(b)).count();
    // A quote before the word is none of it.
    start + context.bytes[start..end].iter().take_while(|b| **b == b'\'').count()
}

/// `12`, `12a`, `12-14`, `12/3`, and `263-II`: the second floor in Amsterdam.
fn is_house_number(word: &[u8]) -> bool {
    let digits = word.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = &word[digits..];
    let rest = if matches!(rest, b"-I" | b"-II" | b"-III" | b"-IV" | b"-V") { &[] } else { rest };
    (1..=5).contains(&digits)
        && (rest.is_empty() || rest.len() <= 6 && rest.iter().all(|b| b.is_ascii_digit() || b"abcdABCD-/".contains(b)))
}

fn is_capital(context: &Context<'_>, at: usize) -> bool {
    context.text[at..].chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric())
}

/// `Flat 302, Sunshine Apartments, MG Road`, and, since `flat` is a street's type, too, `12 Cedar Flat`.
fn flat(context: &Context<'_>, label: Label) -> Stretch {
    // `Visual Studio 2022, Windows SDK`, `Test Suite 7`
    let head = context.text[..label.start].trim_end_matches(' ');
    // No name of a product is longer, and without a bound each of many labels would look back to the beginning.
    let length = head.bytes().rev().take(REACH).take_while(|b| *b != b' ').count();
    let before = head.get(head.len() - length..).unwrap_or_default();
    let product = matches!(context.bytes[label.start], b'S')
        && before.starts_with(char::is_uppercase)
        && !before.ends_with([',', ':', '.']);
    if !is_capital(context, label.start) || product {
        return None;
    }
    let house = context.text[label.end..]
        .trim_start_matches([' ', ':', '.', '-', '#'])
        .starts_with(|c: char| c.is_ascii_digit());
    let two = |text: &str| {
        text.split([' ', '.']).filter(|word| !word.is_empty()).take(2).all(|word| is_house_number(word.as_bytes()))
    };
    // `Unit 5, Chapter Two` is of a book.
    let home = !matches!(context.bytes[label.start], b'U' | b'L');
    let sure = |text: &str| home && text.contains(',') || two(text);
    let named = announced(context, label).filter(|(_, end)| house && sure(&context.text[label.end..*end]));
    if let Some((_, end)) = named {
        return Some((label.start, end));
    }
    // `40 Visual Studio licenses`
    let street = context.text[label.start..label.end].eq_ignore_ascii_case("flat");
    number_name(context, label).filter(|(start, _)| street && !is_count(context, *start, label.start))
}

/// `P.O. Box 4512`, `Postfach 12 34 56`.
fn post_box(context: &Context<'_>, label: Label) -> Stretch {
    let rest = &context.text[label.end..];
    let number = rest.trim_start_matches([' ', ':', '#', '.']);
    let start = label.end + rest.len() - number.len();
    let digits = number.bytes().take_while(|b| b.is_ascii_digit() || *b == b' ' || *b == b'-').take(MAX_BOX).count();
    let digits = number[..digits].trim_end_matches([' ', '-']).len();
    (digits > 0 && start - label.end <= 3).then_some((label.start, start + digits))
}

/// Bytes of the number of a post office box: `12 34 56`.
const MAX_BOX: usize = 10;

/// `Unter den Linden 77`, and, with a postcode behind it, `Am Markt 5a, 10115 Berlin`: not `Am Montag 5 …`, `Auf der Seite 12`.
fn street_at(context: &Context<'_>, label: Label) -> Stretch {
    let (start, end) = type_name_number(context, label)?;
    let number = context.text[start..end].rsplit([' ', ',']).next()?.bytes().take_while(u8::is_ascii_digit).count();
    let unter_den = context.text[label.start..label.end].eq_ignore_ascii_case("unter den");
    (number <= 3 && (unter_den || before_postcode(context, end))).then_some((start, end))
}

/// Whether a postcode follows an address: `, 10115 Berlin`, ` 10115 Berlin`.
fn before_postcode(context: &Context<'_>, end: usize) -> bool {
    let rest = &context.bytes[end..];
    let gap = rest.iter().take(2).take_while(|b| matches!(b, b',' | b' ')).count();
    let digits = rest[gap..].iter().take_while(|b| b.is_ascii_digit()).count();
    gap > 0 && (4..=6).contains(&digits)
}

/// `5064 Melissa Route`, `95 Wayne Plaza`: types before names that stand behind them in English.
fn english_too(context: &Context<'_>, label: Label) -> Stretch {
    // `5 Reading Passage items`: of some a longer number is asked.
    let least = match &context.text[label.start..label.end] {
        "Plaza" | "Route" => 1,
        "Passage" | "Via" => 3,
        _ => return None,
    };
    number_name(context, label).filter(|(start, _)| {
        let digits = context.bytes[*start..].iter().take_while(|b| b.is_ascii_digit()).count();
        digits >= least && !is_count(context, *start, label.start)
    })
}

/// English: `742 Evergreen Terrace`, `10 Downing St.`
fn number_name(context: &Context<'_>, label: Label) -> Stretch {
    let mut at = label.start;
    for names in 0..=MAX_WORDS {
        at = at.checked_sub(1).filter(|&space| matches!(context.bytes[space], b' ' | b'_' | b'+'))?;
        let start = word_start(context, at);
        let word = &context.bytes[start..at];
        if word.is_empty() || label.start - start > REACH {
            return None;
        }
        if is_house_number(word) && names > 0 {
            if is_notice(context, start, label.end) {
                return None;
            }
            let mut end = label.end;
            end += usize::from(context.at(end) == b'.' && !context.at(end + 1).is_ascii_alphanumeric());
            return Some((with_flat(context, start), unit::end(context, with_direction(context, end))));
        }
        // Directions and ordinals aside, a street's name begins with a capital.
        if !is_capital(context, start) {
            return None;
        }
        at = start;
    }
    None
}

/// `Copyright: 2004 James M. Cape`, `2016 Iain Lane <iain@…>`: a year and a name.
fn is_notice(context: &Context<'_>, start: usize, end: usize) -> bool {
    let year = &context.bytes[start..context.bytes.len().min(start + 5)];
    let year = matches!(year, [b'1', b'9', _, _, b' '] | [b'2', b'0', _, _, b' ']);
    let from = start.saturating_sub(NOTICE);
    let said = || {
        let head = &context.bytes[from..start];
        memchr::memmem::find(head, b"opyright").is_some() || memchr::memmem::find(head, b"(c)").is_some()
    };
    year && (context.bytes[end..].starts_with(b" <") || said())
}

/// Bytes between the word for a copyright and its year.
const NOTICE: usize = 24;

/// ` NW`, ` S.` behind a street's type: where it ends.
fn with_direction(context: &Context<'_>, end: usize) -> usize {
    let Some(rest) = context.bytes[end..].strip_prefix(b" ") else { return end };
    let length = rest.iter().take(3).take_while(|b| b.is_ascii_uppercase()).count();
    let known = matches!(&rest[..length], b"N" | b"S" | b"E" | b"W" | b"NE" | b"NW" | b"SE" | b"SW");
    let closed = !rest.get(length).is_some_and(u8::is_ascii_alphanumeric);
    if known && closed { end + 1 + length } else { end }
}

/// `Unit 3, ` before a house number: where it begins.
fn with_unit(context: &Context<'_>, start: usize) -> usize {
    let Some(head) = context.text[..start].strip_suffix(", ") else { return start };
    let number = head.bytes().rev().take(5).take_while(u8::is_ascii_alphanumeric).count();
    let (before, unit) = head.split_at(head.len() - number);
    let Some(before) = before.strip_suffix(' ') else { return start };
    let word =
        ["Unit", "Flat", "Apt", "Apartment", "Suite", "Level", "Shop"].iter().find(|word| before.ends_with(**word));
    match word {
        Some(word) if unit.bytes().any(|b| b.is_ascii_digit()) => before.len() - word.len(),
        _ => start,
    }
}

/// `21/` before a house number: the flat, as Australians write it.
fn with_flat(context: &Context<'_>, start: usize) -> usize {
    let unit = with_unit(context, start);
    if unit < start {
        return unit;
    }
    let digits = |end: usize| context.bytes[..end].iter().rev().take(5).take_while(|b| b.is_ascii_digit()).count();
    match start.checked_sub(1) {
        Some(slash)
            if matches!(context.bytes[slash], b'/' | b'_')
                && digits(slash) > 0
                && !context.before(slash - digits(slash)).is_ascii_alphanumeric() =>
        {
            slash - digits(slash)
        }
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
    // `875 Day Station`: a surname, before a type of which there are no packs, plans and versions.
    let surname = matches!(word, "Day" | "Key" | "Best" | "Free" | "Main");
    let place = || PLACES.iter().any(|place| context.text[label..].starts_with(place));
    preceded || COUNTED.contains(&word) && !(surname && place())
}

/// Street types of which there are no packs, plans and versions.
const PLACES: [&str; 14] = [
    "Station",
    "Causeway",
    "Bypass",
    "Byway",
    "Expressway",
    "Freeway",
    "Motorway",
    "Turnpike",
    "Viaduct",
    "Heights",
    "Meadow",
    "Orchard",
    "Valley",
    "Village",
];

/// French: `12 rue de la Paix`, `5 bis, avenue Foch`.
fn number_type_name(context: &Context<'_>, label: Label) -> Stretch {
    let before = context.text[..label.start].trim_end_matches([' ', ',', '_', '+']);
    let before = ["bis", "ter", "quater"]
        .iter()
        .find_map(|word| before.strip_suffix(word))
        .map_or(before, |head| head.trim_end());
    let start = word_start(context, before.len());
    if !is_house_number(&context.bytes[start..before.len()]) || label.start - before.len() > 8 {
        return None;
    }
    let end = name_end(context, label.end, false)?;
    Some((start, unit::end(context, end)))
}

/// Spanish, Italian, Portuguese, Polish: `Calle Mayor 5`, `Via Roma, 10`, `ul. Długa 7/3`.
fn type_name_number(context: &Context<'_>, label: Label) -> Stretch {
    let end = name_end(context, label.end, true)?;
    Some((label.start, unit::end(context, end)))
}

/// A house number on the next line, before a comma: `Calle Mayor⏎93, 08877 Madrid`.
fn begins_line(rest: &str) -> bool {
    let Some(line) = rest.strip_prefix('\n') else { return false };
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    (1..=4).contains(&digits) && line.as_bytes().get(digits) == Some(&b',')
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
                | "д"
                | "дом"
                | "им"
        )
    };
    for _ in 0..=MAX_WORDS + 2 {
        let rest = &context.text[at..];
        let skipped = rest.len() - rest.trim_start_matches([' ', ',', '.', '\'', '’', '_', '+']).len();
        let skipped = if with_number && last_name.is_some() && begins_line(rest) { 1 } else { skipped };
        if skipped == 0 && at != from || skipped > 2 {
            break;
        }
        at += skipped;
        let word: usize = context.text[at..]
            .chars()
            .take(REACH)
            .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | 'º' | '°'))
            .map(char::len_utf8)
            .sum();
        let text = &context.text[at..at + word];
        if text.is_empty() || at - from > REACH || last_name.is_some() && unit::named(&context.text[at..]).is_some() {
            break;
        }
        // `S/N`: a house without a number.
        if is_house_number(text.as_bytes()) || text.eq_ignore_ascii_case("s/n") {
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

/// Indian: `MG Road 45, Bengaluru`; not `Abbey Road, 1969`, `Main Road 5,000`.
fn name_type_number(context: &Context<'_>, label: Label) -> Stretch {
    let (start, end) = name_number(context, label)?;
    let town = context.text[end..].strip_prefix(", ").is_some_and(|rest| rest.starts_with(char::is_uppercase));
    let placed = town || before_postcode(context, end);
    (is_capital(context, label.start) && context.at(label.end) == b' ' && placed).then_some((start, end))
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
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/');
    let number = rest[gap..].iter().take(REACH).take_while(part).count();
    let glued = gap == 0 && context.bytes[label.end - 1] != b'.';
    let word = &rest[gap..gap + number];
    // In the names of files a line stands for the slash: `Holtstr._1_9.pdf`.
    let flat = rest[gap + number..].iter().skip(1).take(4).take_while(|b| b.is_ascii_digit()).count();
    let end = label.end + gap + number;
    let parted =
        context.at(end) == b'_' && (1..=3).contains(&flat) && !context.at(end + 1 + flat).is_ascii_alphanumeric();
    let end = if parted { end + 1 + flat } else { with_letter(context, end) };
    (!glued && is_house_number(word)).then_some((start, end))
}

/// ` B` behind a house number, as Swedes write the stairs: where it ends.
fn with_letter(context: &Context<'_>, end: usize) -> usize {
    let lettered = matches!(context.bytes.get(end..end + 2), Some([b' ', b'A'..=b'H']));
    let closes = context
        .bytes
        .get(end + 2)
        .is_none_or(|b| !b.is_ascii_alphanumeric() && !matches!(b, b' ' | b'-' | b'\'' | 0x80..));
    if lettered && closes { end + 2 } else { end }
}
