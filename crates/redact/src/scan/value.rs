//! Values that are what their key says, as a whole.

use crate::{PiiType, hint::Hint, replace};

use super::{card, coordinates, date, national, random, wallet};

/// The type of the whole of `text` under a key with this hint, if it looks the part.
pub(crate) fn whole(hint: Hint, text: &str) -> Option<PiiType> {
    let text = text.trim();
    if text.is_empty() || replace::is_placeholders(text) {
        return None;
    }
    match hint {
        Hint::Whole(kind) => Some(kind),
        Hint::Secret => random::looks_random(text).then_some(PiiType::Secret),
        Hint::Name => is_name(text).then_some(PiiType::PersonName),
        Hint::BareName => (is_name(text) && !is_identifier(text)).then_some(PiiType::PersonName),
        Hint::Phone => is_phone(text).then_some(PiiType::Phone),
        Hint::Birth => date::is_birth_value(text).then_some(PiiType::DateOfBirth),
        // The letters of a placeholder are ours.
        Hint::Street => {
            replace::without_placeholders(text).chars().any(char::is_alphabetic).then_some(PiiType::StreetAddress)
        }
        Hint::Address if coordinates::is_value(text) => Some(PiiType::GpsCoordinates),
        Hint::Address => is_address(text).then_some(PiiType::StreetAddress),
        Hint::Postcode => is_postcode(text).then_some(PiiType::Postcode),
        Hint::Passport => is_document(text).then_some(PiiType::Passport),
        Hint::Licence => is_document(text).then_some(PiiType::DriverLicence),
        Hint::NationalId(kind) => national::of_value(text, kind),
        Hint::Coordinates => coordinates::is_value(text).then_some(PiiType::GpsCoordinates),
        Hint::Card => card::is_labelled(text).then_some(PiiType::PaymentCard),
        Hint::Mac => is_mac(text).then_some(PiiType::MacAddress),
        Hint::Wallet => wallet::is_shaped(text.as_bytes()).then_some(PiiType::CryptoWallet),
        Hint::Opaque | Hint::Plain | Hint::Thing => None,
    }
}

/// Twelve hexadecimal digits, some of them decimal, however they are grouped: `9331.6473.1486`.
fn is_mac(text: &str) -> bool {
    let digits = text.bytes().filter(|b| !matches!(b, b'.' | b':' | b'-'));
    text.len() <= 17
        && digits.clone().count() == 12
        && digits.clone().all(|b| b.is_ascii_hexdigit())
        && digits.clone().any(|b| b.is_ascii_digit())
}

/// Letters of any script with the marks that stand in names, at most 80 characters.
fn is_name(text: &str) -> bool {
    let mut letters = 0;
    let shaped = text.chars().all(|c| {
        letters += usize::from(c.is_alphabetic());
        c.is_alphabetic() || matches!(c, ' ' | '-' | '.' | ',' | '\'' | '’' | '`' | '·' | '(' | ')') || is_mark(c)
    });
    shaped && letters > 0 && text.chars().count() <= 80
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{900}'..='\u{DFF}' | '\u{E31}'..='\u{E4E}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{65F}')
}

/// `get_weather`, `search.web`: what programs call things.
fn is_identifier(text: &str) -> bool {
    text.contains('.') && !text.contains(' ')
}

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let marks = |b: u8| b.is_ascii_digit() || b" +-./()_,:;#*xX".contains(&b) || b.is_ascii_alphabetic();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    (6..=20).contains(&digits) && letters <= 6 && text.bytes().all(marks) && !date::is_timestamp(text)
}

fn is_address(text: &str) -> bool {
    // The letters of a placeholder are ours.
    let text = &*replace::without_placeholders(text);
    if names_street(text) || text.len() >= 8 && text.as_bytes()[text.len() - 3..].eq_ignore_ascii_case(b"s/n") {
        return true;
    }
    let has = |test: fn(char) -> bool| text.chars().any(test);
    has(|c| c.is_ascii_digit())
        && has(char::is_alphabetic)
        && text.contains(' ')
        && !text.contains("://")
        && !text.contains('@')
}

/// `chemin Nguyen`, `Via Roma`: a street by its type and name, with no number.
fn names_street(text: &str) -> bool {
    const TYPES: [&str; 32] = [
        "rue",
        "avenue",
        "boulevard",
        "chemin",
        "allée",
        "impasse",
        "quai",
        "calle",
        "avenida",
        "via",
        "viale",
        "piazza",
        "rua",
        "travessa",
        "ulica",
        "ul.",
        "av.",
        "avda",
        "avda.",
        "alameda",
        "praça",
        "estrada",
        "rodovia",
        "paseo",
        "corso",
        "vicolo",
        "strada",
        "carretera",
        "sítio",
        "condomínio",
        "fazenda",
        "ladeira",
    ];
    let Some((kind, name)) = text.split_once(' ') else { return false };
    TYPES.contains(&kind.to_lowercase().as_str()) && name.split(' ').any(|word| word.starts_with(char::is_uppercase))
}

fn is_postcode(text: &str) -> bool {
    let shaped = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ' || b == b'-');
    shaped && (3..=10).contains(&text.len()) && text.bytes().any(|b| b.is_ascii_digit())
}

/// A document number: 5 to 24 letters, digits and separators, at least four of them digits.
fn is_document(text: &str) -> bool {
    let shaped = text.bytes().all(|b| b.is_ascii_alphanumeric() || b" -./*".contains(&b));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    // German passports have letters in place of digits.
    let upper = (8..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    shaped && (5..=24).contains(&text.len()) && (digits >= 4 || upper) && !date::is_date(text)
}
