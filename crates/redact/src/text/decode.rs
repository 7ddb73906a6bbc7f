//! One layer of encoding at a time: percent (RFC 3986), HTML character references, backslash escapes, base64 (RFC 4648), hex.

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use unicode_normalization::char::compose;

use super::view::{Builder, View};

/// Bytes of the longest character reference looked at, `&` and `;` included.
const MAX_REFERENCE: usize = 12;

/// The view with one layer of percent, character-reference and backslash encoding taken off; `None` where there is none.
pub(crate) fn unescape(view: &View<'_>) -> Option<View<'static>> {
    let text = &*view.text;
    let bytes = text.as_bytes();
    let mut out: Option<Builder<'_, '_>> = None;
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = memchr::memchr3(b'%', b'&', b'\\', &bytes[at..]) {
        let start = at + found;
        let Some(unit) = unit(text, start) else {
            at = start + 1;
            continue;
        };
        let builder = out.get_or_insert_with(|| Builder::new(view));
        builder.copy(copied, start);
        at = match unit {
            Unit::Char(c, end) => {
                builder.push(c, start, end);
                end
            }
            Unit::Percent(end) => push_percent(builder, bytes, start, end),
        };
        copied = at;
    }
    let mut builder = out?;
    builder.copy(copied, text.len());
    Some(builder.finish())
}

enum Unit {
    /// One character, and where its encoding ends.
    Char(char, usize),
    /// A run of `%XX`, and where it ends.
    Percent(usize),
}

fn unit(text: &str, start: usize) -> Option<Unit> {
    let bytes = text.as_bytes();
    match bytes[start] {
        b'%' => {
            let mut end = start;
            while bytes.get(end) == Some(&b'%') && hex_value(bytes, end + 1, 2).is_some() {
                end += 3;
            }
            (end > start).then_some(Unit::Percent(end))
        }
        b'&' => reference(bytes, start),
        _ => escape(bytes, start),
    }
}

fn hex_value(bytes: &[u8], at: usize, digits: usize) -> Option<u32> {
    let mut value = 0;
    for &b in bytes.get(at..at + digits)? {
        value = value * 16 + (b as char).to_digit(16)?;
    }
    Some(value)
}

fn push_percent(out: &mut Builder<'_, '_>, bytes: &[u8], start: usize, end: usize) -> usize {
    let decoded: Vec<u8> = (start..end)
        .step_by(3)
        .filter_map(|at| hex_value(bytes, at + 1, 2))
        .filter_map(|v| u8::try_from(v).ok())
        .collect();
    let mut at = start;
    for chunk in decoded.utf8_chunks() {
        for c in chunk.valid().chars() {
            out.push(c, at, at + 3 * c.len_utf8());
            at += 3 * c.len_utf8();
        }
        for &byte in chunk.invalid() {
            // Not UTF-8: read as Latin-1, the other encoding seen in query strings.
            out.push(char::from(byte), at, at + 3);
            at += 3;
        }
    }
    end
}

fn reference(bytes: &[u8], start: usize) -> Option<Unit> {
    let window = &bytes[start..bytes.len().min(start + MAX_REFERENCE)];
    let length = memchr::memchr(b';', window)?;
    let name = std::str::from_utf8(&window[1..length]).ok()?;
    let c = if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        char::from_u32(code)?
    } else {
        NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c).or_else(|| letter(name))?
    };
    Some(Unit::Char(c, start + length + 1))
}

/// The named references (HTML standard, section 13.5) that can hide what a rule looks for.
const NAMED: [(&str, char); 34] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{A0}'),
    ("shy", '\u{AD}'),
    ("commat", '@'),
    ("period", '.'),
    ("colon", ':'),
    ("semi", ';'),
    ("comma", ','),
    ("lowbar", '_'),
    ("plus", '+'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("ndash", '-'),
    ("mdash", '-'),
    ("minus", '-'),
    ("sol", '/'),
    ("bsol", '\\'),
    ("lpar", '('),
    ("rpar", ')'),
    ("num", '#'),
    ("percnt", '%'),
    ("equals", '='),
    ("excl", '!'),
    ("quest", '?'),
    ("dollar", '$'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("ensp", ' '),
    ("emsp", ' '),
    ("zwj", '\u{200D}'),
];

/// The letters of Latin-1 by their names (HTML standard, section 13.5): `&uuml;`, `&Eacute;`, `&szlig;`.
fn letter(name: &str) -> Option<char> {
    const ACCENTS: [(&str, char); 8] = [
        ("grave", '\u{300}'),
        ("acute", '\u{301}'),
        ("circ", '\u{302}'),
        ("tilde", '\u{303}'),
        ("uml", '\u{308}'),
        ("ring", '\u{30A}'),
        ("caron", '\u{30C}'),
        ("cedil", '\u{327}'),
    ];
    const WHOLE: [(&str, char); 9] = [
        ("szlig", 'ß'),
        ("oslash", 'ø'),
        ("Oslash", 'Ø'),
        ("aelig", 'æ'),
        ("AElig", 'Æ'),
        ("eth", 'ð'),
        ("thorn", 'þ'),
        ("lstrok", 'ł'),
        ("Lstrok", 'Ł'),
    ];
    if let Some((_, c)) = WHOLE.iter().find(|(known, _)| *known == name) {
        return Some(*c);
    }
    let base = name.chars().next().filter(char::is_ascii_alphabetic)?;
    let (_, accent) = ACCENTS.iter().find(|(accent, _)| *accent == &name[1..])?;
    compose(base, *accent)
}

fn escape(bytes: &[u8], start: usize) -> Option<Unit> {
    let c = match bytes.get(start + 1)? {
        b'u' => return unicode_escape(bytes, start),
        b'x' => return Some(Unit::Char(char::from_u32(hex_value(bytes, start + 2, 2)?)?, start + 4)),
        b'n' | b'r' => '\n',
        b't' => '\t',
        &b @ (b'"' | b'\\' | b'/') => char::from(b),
        _ => return None,
    };
    Some(Unit::Char(c, start + 2))
}

fn unicode_escape(bytes: &[u8], start: usize) -> Option<Unit> {
    let high = hex_value(bytes, start + 2, 4)?;
    if let Some(c) = char::from_u32(high) {
        return Some(Unit::Char(c, start + 6));
    }
    let low = (bytes.get(start + 6..start + 8)? == b"\\u").then(|| hex_value(bytes, start + 8, 4)).flatten()?;
    let pair = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
    let c = char::decode_utf16(pair).next()?.ok()?;
    Some(Unit::Char(c, start + 12))
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// The text that a base64 or hex token stands for, where it is one: UTF-8 without control characters.
pub(crate) fn token(token: &str) -> Option<String> {
    let bytes = token.as_bytes();
    let body = bytes.len() - bytes.iter().rev().take_while(|&&b| b == b'=').count();
    // Most tokens are no text: the first bytes show it before anything is allocated.
    let opens_as_text = bytes
        .chunks(2)
        .take(4)
        .all(|pair| hex_value(pair, 0, pair.len()).is_some_and(|v| (0x20..0x7F).contains(&v) || v >= 0xC2));
    let is_hex = opens_as_text && body.is_multiple_of(2) && bytes.iter().all(u8::is_ascii_hexdigit);
    if let Some(text) = is_hex.then(|| hex::decode(bytes).ok().and_then(printable)).flatten() {
        return Some(text);
    }
    if body % 4 == 1 {
        return None;
    }
    let engine = if memchr::memchr2(b'-', b'_', bytes).is_some() { &BASE64_URL } else { &BASE64 };
    let mut head = [0; 12];
    let looked = body.min(16) / 4 * 4;
    let length = engine.decode_slice(&bytes[..looked], &mut head).ok()?;
    if head[..length].iter().any(|&b| is_control(b)) {
        return None;
    }
    engine.decode(bytes).ok().and_then(printable)
}

fn is_control(b: u8) -> bool {
    (b < b' ' && !matches!(b, b'\n' | b'\r' | b'\t')) || b == 0x7F
}

fn printable(bytes: Vec<u8>) -> Option<String> {
    if bytes.iter().any(|&b| is_control(b)) {
        return None;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn one_layer_at_a_time() {
        let decoded = |text: &str| unescape(&View::original(text)).map(|view| view.text.into_owned());
        assert_eq!(decoded("a%40b%2Ec").unwrap(), "a@b.c");
        assert_eq!(decoded("a%2540b").unwrap(), "a%40b");
        assert_eq!(decoded("%C3%A9%E9").unwrap(), "éé");
        assert_eq!(decoded("a&#64;b&#x2E;c&commat;d").unwrap(), "a@b.c@d");
        assert_eq!(decoded("M&uuml;ller &Eacute; &szlig;").unwrap(), "Müller É ß");
        assert_eq!(decoded(r"a@b\ud83d\ude00\x40").unwrap(), "a@b😀@");
        for plain in ["100% of AT&T; \\o/ &#xZZ; %4", "%", "&", "\\", "\\u12", "\\ud83d"] {
            assert_eq!(decoded(plain), None, "{plain}");
        }
        let view = View::original("x a%40b.co y");
        let unescaped = unescape(&view).unwrap();
        assert_eq!(unescaped.origin(2, 8), (2, 10));
    }

    #[test]
    fn tokens_that_are_text() {
        assert_eq!(token("amFuZUBleGFtcGxlLmNvbQ==").unwrap(), "jane@example.com");
        assert_eq!(token("amFuZUBleGFtcGxlLmNvbQ").unwrap(), "jane@example.com");
        assert_eq!(token("6a616e65406578616d706c652e636f6d").unwrap(), "jane@example.com");
        assert_eq!(token("d41d8cd98f00b204e9800998ecf8427e"), None);
        assert_eq!(token("authentication"), None);
    }
}
