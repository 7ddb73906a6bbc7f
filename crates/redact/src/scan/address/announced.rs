//! Addresses that a word announces, whatever the type of their street: `lives at Haugenflata 6`, `address: 44/97, Manne Road`.

use super::{Stretch, both_sides, is_capital, is_house_number, name_end};
use crate::scan::{
    Context, date,
    label::{Label, Says},
    postcode, unit,
};

/// Words, numbers among them and bytes that an address takes where a word announces it.
const MAX_PARTS: usize = 16;
const MAX_NUMBERS: usize = 6;
const MAX_ANNOUNCED: usize = 96;

/// `Address: 44/97, Manne Road`, `lives at Haugenflata 6`: a house number and names, whatever the street's type, up to the first word
/// that is neither.
pub(super) fn announced(context: &Context<'_>, label: Label) -> Stretch {
    let after = behind_verb(context, label.end);
    let rest = &context.text[after..];
    let start = after
        + match rest.strip_prefix(" - ") {
            Some(_) => " - ".len(),
            None => rest.len() - rest.trim_start_matches([' ', ':', '=', '"', '\'', ']', '*']).len(),
        };
    let said = &context.text[after..start];
    if said.is_empty() || said.len() > 4 || !is_capital(context, start) {
        return None;
    }
    let tight = said.contains([':', '=']);
    // `Our new office: …`, not `the new Office 365`.
    if !tight && context.text[label.start..label.end].ends_with("ffice") {
        return None;
    }
    let (mut at, mut end) = (start, start);
    let (mut numbers, mut names, mut commas, mut long) = (0, 0, 0, 0);
    for _ in 0..MAX_PARTS {
        let word: usize = context.text[at..]
            .chars()
            .take(MAX_ANNOUNCED)
            .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '\'' | 'º' | '°' | '#'))
            .map(char::len_utf8)
            .sum();
        let text = &context.text[at..at + word];
        if at > start && postcode::of_letters(context, at).is_some() {
            break;
        }
        if (is_house_number(text.as_bytes()) || is_flat(text.as_bytes()))
            && !(context.at(at + word) == b'.' && context.at(at + word + 1).is_ascii_digit())
        {
            numbers += 1;
            if numbers > MAX_NUMBERS {
                return None;
            }
            end = at + word;
        } else if (text.len() == 3 || MONTHS.contains(&text)) && date::is_month(text) {
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
        let gap = context.text[at..].bytes().take(3).take_while(|b| matches!(b, b' ' | b',' | b'+')).count();
        commas += usize::from(context.bytes[at..at + gap].contains(&b','));
        at += gap;
        if (gap == 0 && !point) || at - start > MAX_ANNOUNCED || at >= context.bytes.len() {
            break;
        }
    }
    // In a sentence a count and a name are not enough: `moved to 3 Azure regions`.
    let number_first = context.bytes[start].is_ascii_digit();
    let house = number_first || commas > 0;
    let typed = TYPED.iter().any(|kind| context.text[start..].starts_with(kind));
    let sure = tight
        || typed
        || names >= 2 && (house || numbers >= 2)
        || label.says == Says::AddressAt && is_numbered(context, start)
        || !number_first && long >= LONG_NAME;
    (numbers > 0 && names > 0 && sure).then(|| (start, unit::end(context, end)))
}

/// `977, Kumer`: a number, and a name behind a comma.
fn is_numbered(context: &Context<'_>, start: usize) -> bool {
    let rest = context.text[start..].trim_start_matches(|c: char| c.is_ascii_digit());
    let name = rest.strip_prefix(", ").unwrap_or("");
    name.starts_with(char::is_uppercase) && name.chars().take_while(|c| c.is_alphabetic()).count() >= NUMBERED_NAME
}

/// Letters of a name behind a number and a comma.
const NUMBERED_NAME: usize = 4;

/// Where ` is` behind a word ends, in the languages of the rules: `her address is 37 Roger Reach`.
fn behind_verb(context: &Context<'_>, end: usize) -> usize {
    const VERBS: [&str; 9] = [" is now", " is", " ist", " est", " es", " è", " é", " jest", " är"];
    let rest = &context.text[end..];
    let verb = VERBS.iter().find(|verb| rest.strip_prefix(**verb).is_some_and(|rest| rest.starts_with([' ', ':'])));
    end + verb.map_or(0, |verb| verb.len())
}

/// `mon adresse : avenue de Bertin`, `ship to Esplanada de Guerra`: a street by its type and name, with no number.
pub(super) fn announced_street(context: &Context<'_>, label: Label) -> Stretch {
    let next = context.labels.places.partition_point(|one| one.start < label.end);
    let street = *context.labels.places.get(next)?;
    let word = &context.text[street.start..street.end];
    let before_names = matches!(street.says, Says::StreetBefore | Says::StreetOf) && word.len() > 2;
    let typed = !LOOSE.contains(&word) && (before_names || both_sides(context, street));
    let between = &context.text[label.end..street.start];
    let near = !between.is_empty() && between.len() <= 4 && between.trim_matches([' ', ':', '=', '"', '\'']).is_empty();
    if !typed || !near {
        return None;
    }
    let end = name_end(context, street.end, true).or_else(|| name_end(context, street.end, false))?;
    Some((street.start, unit::end(context, end)))
}

/// Words that are the types of streets only with a number: `an IP address via DHCP`, `moved to Square Payments`.
const LOOSE: [&str; 14] = [
    "via", "place", "Place", "route", "Route", "route de", "square", "Square", "plaza", "Plaza", "largo", "Largo",
    "passage", "Passage",
];
/// Letters of a street's name that has no type: `Haugenflata 6`, but not `Java 17`.
const LONG_NAME: usize = 10;
/// Street types that are too short to be labels: `C. Hector Amat 64`.
const TYPED: [&str; 6] = ["C. ", "C/", "Cl. ", "Bo. ", "Pº ", "Studio "];
/// Months, with which a date begins and no street.
const MONTHS: [&str; 11] =
    ["January", "February", "March", "April", "June", "July", "August", "September", "October", "November", "December"];
/// Small words inside addresses.
const JOINING: [&str; 17] =
    ["de", "la", "le", "du", "des", "del", "da", "do", "di", "van", "der", "den", "of", "the", "e", "y", "i"];

/// `08T`, `49e`: the number of a flat.
fn is_flat(word: &[u8]) -> bool {
    matches!(word, [digits @ .., letter] if letter.is_ascii_alphabetic() && (1..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit))
}
