//! What stands behind a house number: flats, floors, doors.

use super::Context;

/// `, Apt 4B`, ` Suite 200`, ` #12`, `, Appartamento 5`, ` - apto 92`, `, 3º B`, `, esc. 2, bajo A`: as many as follow one another.
pub(super) fn end(context: &Context<'_>, mut end: usize) -> usize {
    for _ in 0..MAX_UNITS {
        let rest = &context.text[end..];
        let trimmed = rest.trim_start_matches([',', ' ', '-', '_', '+']);
        let skipped = rest.len() - trimmed.len();
        let Some(length) = named(trimmed)
            .or_else(|| storey(trimmed))
            .or_else(|| danish(trimmed))
            .filter(|_| (1..=3).contains(&skipped))
        else {
            break;
        };
        end += skipped + length;
    }
    end
}

/// Units behind one house number.
const MAX_UNITS: usize = 3;

/// `Apt 4B`, `#12`: its length.
pub(super) fn named(text: &str) -> Option<usize> {
    // Most words are sent away by their first byte, in lower case; outside ASCII the case may change it.
    let first = text.as_bytes().first()?.to_ascii_lowercase();
    let of = |word: &&str| {
        let after = without(text, word)?;
        let head = text.len() - after.len();
        let gap = after.len() - after.trim_start_matches(['.', ' ', '_', '+']).len();
        let number = after[gap..].bytes().take_while(|b| b.is_ascii_alphanumeric()).count();
        let shaped =
            gap <= 2 && (1..=6).contains(&number) && after[gap..gap + number].bytes().any(|b| b.is_ascii_digit());
        shaped.then_some(head + gap + number)
    };
    let begins = |b: u8| b == first || b >= 0x80 && first >= 0x80;
    UNITS.iter().filter(|word| begins(word.as_bytes()[0])).find_map(of)
}

/// What follows `word` at the beginning of `text`, in whatever case it is written.
fn without<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    if word.is_ascii() {
        // What is folded already has no other letters that become these.
        let head = text.as_bytes().get(..word.len())?;
        return head.eq_ignore_ascii_case(word.as_bytes()).then(|| &text[word.len()..]);
    }
    let mut rest = text.chars();
    let same = word.chars().all(|wanted| rest.next().is_some_and(|c| c == wanted || c.to_lowercase().eq([wanted])));
    same.then_some(rest.as_str())
}

/// `st. th`, `2. tv`: the floor and the side in Denmark.
fn danish(text: &str) -> Option<usize> {
    let floor = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let floor = if floor == 0 && text.starts_with("st") { 2 } else { floor };
    let side = text.get(floor..)?.strip_prefix(". ").filter(|_| floor > 0)?;
    let known = ["th", "tv", "mf"].iter().any(|known| side.starts_with(known));
    let closed = !side.as_bytes().get(2).is_some_and(u8::is_ascii_alphanumeric);
    (known && closed).then_some(floor + 4)
}

/// `3o B`, `2a izda`, as `3º B` and `2ª izda` are folded, and `bajo A`: its length.
fn storey(text: &str) -> Option<usize> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let ground = ["bajo", "ático", "atico"].into_iter().find(|word| text.starts_with(word)).map(str::len);
    let ordinal = (digits > 0 && matches!(text.as_bytes().get(digits), Some(b'o' | b'a'))).then_some(digits + 1);
    let head = ground.or(ordinal)?;
    let door = text[head..].trim_start_matches(['.', ' ', ',']);
    let gap = text.len() - head - door.len();
    let length = door.bytes().take_while(u8::is_ascii_alphabetic).count();
    let side = ["izq", "izqda", "izda", "izquierda", "dcha", "dch", "derecha", "centro", "pta", "esq", "dto", "fte"]
        .iter()
        .any(|known| door[..length].eq_ignore_ascii_case(known));
    let letter = length == 1 && door.as_bytes()[0].is_ascii_uppercase();
    let closed = !door.as_bytes().get(length).is_some_and(u8::is_ascii_alphanumeric);
    (gap <= 2 && closed && (side || letter)).then_some(head + gap + length)
}

const UNITS: [&str; 44] = [
    "int",
    "bus",
    "as.",
    "кв",
    "корп",
    "стр",
    "офис",
    "подъезд",
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
    "escalera",
    "esc",
    "portal",
    "local",
    "sala",
    "bloco",
    "bl",
    "casa",
    "conjunto",
    "cj",
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
