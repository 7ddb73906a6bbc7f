//! GPS coordinates (WGS 84), where a label, a key or their own marks say so.

use super::{Context, label::Says, tokens::Token};
use crate::{PiiType, hint::Hint};

/// Bytes between a label and the coordinates that it announces.
const LABEL_WINDOW: usize = 40;
/// Decimals from which a number says where somebody is: two are a kilometre.
const DECIMALS: usize = 2;

/// A decimal number in the text.
struct Decimal {
    start: usize,
    end: usize,
    decimals: usize,
}

impl Decimal {
    fn value(&self, context: &Context<'_>) -> f64 {
        // Digits and a point, perhaps with a sign, are always a number.
        context.text[self.start..self.end].trim_start_matches('+').parse().unwrap_or(f64::INFINITY)
    }
}

/// The number whose whole part is the token at `index`, if it has decimals.
fn decimal(context: &Context<'_>, index: usize) -> Option<Decimal> {
    let whole: Token = *context.tokens.get(index)?;
    let fraction = *context.tokens.get(index + 1)?;
    if !whole.is_number() || whole.len() > 3 || fraction.start != whole.end + 1 || context.bytes[whole.end] != b'.' {
        return None;
    }
    let decimals = context.bytes[fraction.start..fraction.end].iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = &context.bytes[fraction.start + decimals..fraction.end];
    let hemisphere = rest.len() <= 1 && rest.iter().all(|b| b"NSEWnsew".contains(b)) || rest.iter().all(|b| *b >= 0x80);
    if !(DECIMALS..=15).contains(&decimals) || !hemisphere {
        return None;
    }
    let sign = usize::from(matches!(context.before(whole.start), b'-' | b'+'));
    let (start, end) = (whole.start - sign, fraction.start + decimals);
    Some(Decimal { start, end, decimals })
}

pub(crate) fn find(context: &mut Context<'_>) {
    if context.number {
        return;
    }
    let mut index = 0;
    while index + 1 < context.tokens.len() {
        let number = decimal(context, index);
        let used = number.and_then(|number| pair(context, &number, index).or_else(|| single(context, &number)));
        index += used.or_else(|| degrees(context, index)).unwrap_or(1);
    }
}

/// Latitude and longitude; answers how many tokens they use up.
fn pair(context: &mut Context<'_>, first: &Decimal, index: usize) -> Option<usize> {
    let second = decimal(context, index + 2)?;
    let between = context.text.get(first.end..second.start)?;
    let marks = |c: char| {
        matches!(c, ',' | ' ' | ';' | '/' | '|' | '°' | 'º' | 'N' | 'S' | 'E' | 'W' | 'n' | 's' | 'e' | 'w' | '+')
    };
    let marked = between.contains(['°', 'N', 'S', 'W', 'E']);
    // Stuck together, the second one's sign parts them.
    let parted = !between.is_empty() || matches!(context.bytes[second.start], b'+' | b'-');
    if !parted || between.len() > 8 || !between.chars().all(marks) {
        return None;
    }
    let (one, other) = (first.value(context).abs(), second.value(context).abs());
    if one.max(other) > 180.0 || one.min(other) > 90.0 {
        return None;
    }
    let before = context.before(first.start);
    // Well-known text (ISO 19125): `POINT(2.3522 48.8566)`.
    let head = &context.bytes[..first.start];
    let point = before == b'('
        && head[head.len().saturating_sub(7)..].to_ascii_uppercase().windows(5).any(|word| word == b"POINT");
    let linked = point
        || before == b'@'
        || context.text[..first.start].ends_with("geo:")
        || before == b'=' && second.decimals >= 4;
    let announced = matches!(context.hint, Some(Hint::Coordinates | Hint::Address)) || labelled(context, first.start);
    let precise = first.decimals >= 3 && second.decimals >= 3;
    if (precise && (marked || linked)) || announced {
        let tail = context.text[second.end..]
            .chars()
            .take(3)
            .take_while(|c| matches!(c, '°' | 'º' | 'N' | 'S' | 'E' | 'W' | ' '))
            .collect::<String>();
        let end = second.end + tail.trim_end().len();
        context.push(first.start, end, PiiType::GpsCoordinates);
        return Some(4);
    }
    None
}

fn labelled(context: &Context<'_>, start: usize) -> bool {
    context.labels.before(start, LABEL_WINDOW).next().is_some_and(|label| label.says == Says::Coordinates)
}

/// `lat 48.8566`, `lon=2.3522`: one number right behind its own label.
fn single(context: &mut Context<'_>, number: &Decimal) -> Option<usize> {
    let label = context.labels.before(number.start, 6).next().filter(|label| label.says == Says::Coordinates)?;
    let name = context.text[label.start..label.end].to_ascii_lowercase();
    let between = &context.bytes[label.end..number.start];
    let own = ["lat", "latitude", "lon", "lng", "long", "longitude"].contains(&name.as_str());
    if !own
        || number.decimals < 3
        || number.value(context).abs() > 180.0
        || !between.iter().all(|b| b" :=\"'".contains(b))
    {
        return None;
    }
    context.push(number.start, number.end, PiiType::GpsCoordinates);
    Some(2)
}

/// Degrees, minutes and seconds: `48°51'24"N 2°21'07"E`.
fn degrees(context: &mut Context<'_>, index: usize) -> Option<usize> {
    let token = *context.tokens.get(index)?;
    let digits = context.bytes[token.start..token.end].iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 || digits > 3 || !context.text[token.start + digits..].starts_with(['°', 'º']) {
        return None;
    }
    // `N 64° 50.242 E 2° 16.138`
    let head = &context.text[..token.start];
    let first = head.strip_suffix(' ').unwrap_or(head).strip_suffix(['N', 'S']).map(str::len);
    if let Some(start) = first.filter(|start| !context.before(*start).is_ascii_alphanumeric())
        && let Some(end) = behind_second(&context.text[token.start..])
    {
        context.push(start, token.start + end, PiiType::GpsCoordinates);
        return Some(context.tokens[index..].iter().take_while(|one| one.start < token.start + end).count().max(1));
    }
    let mut end = token.start;
    let mut hemispheres = 0;
    for (at, c) in context.text[token.start..].char_indices().take(48) {
        match c {
            'N' | 'S' | 'E' | 'W' | 'O' => {
                hemispheres += 1;
                end = token.start + at + 1;
                if hemispheres == 2 {
                    break;
                }
            }
            '0'..='9' | '.' | ',' | ' ' | '°' | 'º' | '\'' | '"' | '′' | '″' | '’' | '”' => {}
            _ => break,
        }
    }
    if hemispheres < 2 {
        return None;
    }
    context.push(token.start, end, PiiType::GpsCoordinates);
    Some(context.tokens[index..].iter().take_while(|token| token.start < end).count().max(1))
}

/// Where the second number of two ends whose hemispheres stand before them.
fn behind_second(text: &str) -> Option<usize> {
    let (mut second, mut minutes, mut end) = (false, false, None);
    for (at, c) in text.char_indices().take(48) {
        // A quote behind degrees is no mark of seconds: those stand behind minutes.
        let seconds = matches!(c, '"' | '″');
        match c {
            'E' | 'W' | 'O' if !second => (second, minutes) = (true, false),
            '"' | '″' if !minutes => break,
            '0'..='9' | '°' | 'º' | '\'' | '"' | '′' | '″' | '.' | ',' | ' ' => {
                minutes |= matches!(c, '\'' | '′');
                if second && (seconds || !matches!(c, '.' | ',' | ' ')) {
                    end = Some(at + c.len_utf8());
                }
            }
            _ => break,
        }
    }
    end
}

/// `33°43'59.2"S`: degrees, and what follows them.
fn is_degrees(text: &str) -> bool {
    let mark = |c: char| {
        c.is_ascii_digit()
            || matches!(
                c,
                '.' | ',' | ' ' | '°' | 'º' | '\'' | '"' | '′' | '″' | '’' | '”' | '-' | 'N' | 'S' | 'E' | 'W' | 'O'
            )
    };
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | 'N' | 'S' | 'E' | 'W'))
        && text.contains(['°', 'º'])
        && text.len() <= 64
        && text.chars().all(mark)
}

/// Whether a value under a coordinate's key is one: a decimal number in range, or two of them, or degrees.
pub(crate) fn is_value(text: &str) -> bool {
    if is_degrees(text) {
        return true;
    }
    let text = text.trim_matches(['(', ')', '[', ']']);
    let mut count = 0;
    let mut fraction = false;
    for part in text.split([',', ' ', ';', '|']).filter(|part| !part.is_empty()) {
        let number = part.trim_end_matches(['N', 'S', 'E', 'W', '°', 'n', 's', 'e', 'w']);
        if number.is_empty() && count > 0 {
            continue;
        }
        let Ok(value) = number.parse::<f64>() else { return false };
        fraction |= number.contains('.');
        count += 1;
        if value.abs() > 180.0 && count <= 2 {
            return false;
        }
    }
    (1..=3).contains(&count) && fraction
}
