//! The one pass over every byte: which classes of bytes a text has, and which runs of letters and digits are worth a look.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Context, stems::Begun};

static PLACEHOLDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(crate::replace::BEGIN));
static OWN_KEY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("tenants/t_"));

/// Classes of bytes, as bits.
pub(crate) mod class {
    pub(crate) const DIGIT: u16 = 1;
    pub(crate) const LOWER: u16 = 2;
    pub(crate) const UPPER: u16 = 4;
    /// A byte of a character outside ASCII, taken for a letter.
    pub(crate) const WIDE: u16 = 8;
    pub(crate) const AT: u16 = 16;
    pub(crate) const COLON: u16 = 32;
    pub(crate) const EQUALS: u16 = 64;
    /// `%`, `&` and `\`, with which encodings begin.
    pub(crate) const ESCAPE: u16 = 128;
    pub(crate) const BRACE: u16 = 256;
    /// Some run of letters looks random. No byte has it.
    pub(crate) const MIXED: u16 = 512;
    pub(crate) const BRACKET: u16 = 1024;
    /// The end of a line: a table may have begun.
    pub(crate) const LINE: u16 = 2048;
    /// `<`: an element may have begun.
    pub(crate) const ANGLE: u16 = 4096;
    pub(crate) const LETTER: u16 = LOWER | UPPER | WIDE;
    pub(crate) const WORD: u16 = DIGIT | LOWER | UPPER | WIDE;
    /// What can become a finding only because its neighbour was replaced.
    pub(crate) const REVEALED: u16 = DIGIT | AT | ESCAPE | BRACE | MIXED | WIDE;
    pub(crate) const ANCHOR: u16 = DIGIT | AT | COLON | EQUALS | ESCAPE | BRACE | MIXED | LINE | ANGLE;
}

static CLASS: [u16; 256] = {
    let mut table = [0; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = match b as u8 {
            b'0'..=b'9' => class::DIGIT,
            b'a'..=b'z' => class::LOWER,
            b'A'..=b'Z' => class::UPPER,
            0x80.. => class::WIDE,
            b'@' => class::AT,
            b':' => class::COLON,
            b'=' => class::EQUALS,
            b'%' | b'&' | b'\\' => class::ESCAPE,
            b'{' => class::BRACE,
            b'[' => class::BRACKET,
            b'\n' => class::LINE,
            b'<' => class::ANGLE,
            _ => 0,
        };
        b += 1;
    }
    table
};

/// What [`survey`] saw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen(u16);

impl Seen {
    pub(crate) fn any(self, classes: u16) -> bool {
        self.0 & classes != 0
    }

    /// Whether a rule could find anything.
    pub(crate) fn may_hold(self) -> bool {
        self.0 & class::ANCHOR != 0
    }

    /// Whether no rule finds anything without a word or a key that announces it: in a text of fewer bytes than a secret, a MAC address
    /// or a fiscal code has, with fewer digits than any number, and those not in the shape of an IPv4 address.
    pub(crate) fn is_scant(self, text: &str) -> bool {
        const LEAST_BYTES: usize = 14;
        const LEAST_DIGITS: usize = 6;
        text.len() < LEAST_BYTES
            && !self.any(!(class::DIGIT | class::LOWER | class::UPPER))
            && text.bytes().filter(u8::is_ascii_digit).count() < LEAST_DIGITS
            && text.bytes().filter(|b| *b == b'.').count() < 3
    }
}

/// A run of letters and digits that holds a digit, or that is long and changes case inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) classes: u16,
}

impl Token {
    pub(crate) fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether it has nothing but digits.
    pub(crate) fn is_number(self) -> bool {
        self.classes == class::DIGIT
    }
}

/// Letters without a digit that make a run worth a look, if case changes inside.
const MIXED_LEAST: usize = 10;

/// Capitals alone that make a run worth a look: access keys without a digit.
const SHOUTED_LEAST: usize = 20;

/// Bytes of a text for which it is worth asking whether it is prose.
const PROSE_LEAST: usize = 48;

/// Whether there is nothing but words without inner capitals, spaces and marks that begin nothing: asked of many bytes at once.
fn is_prose(bytes: &[u8]) -> bool {
    let odd = |b: u8| {
        b.is_ascii_digit()
            | (b >= 0x80)
            | (b == b'@')
            | (b == b':')
            | (b == b'=')
            | (b == b'%')
            | (b == b'&')
            | (b == b'\\')
            | (b == b'{')
            | (b == b'[')
            | (b == b'\n')
            | (b == b'<')
    };
    let inner = |before: u8, b: u8| before.is_ascii_alphabetic() & b.is_ascii_uppercase();
    let mut before = b' ';
    bytes.chunks(PROSE_LEAST).all(|chunk| {
        let first = inner(before, chunk[0]);
        before = chunk[chunk.len() - 1];
        !chunk.iter().fold(first, |any, b| any | odd(*b))
            && !chunk.iter().zip(&chunk[1..]).fold(false, |any, (before, b)| any | inner(*before, *b))
    })
}

/// Looks at every byte once.
pub(crate) fn survey(bytes: &[u8], tokens: &mut Vec<Token>) -> Seen {
    tokens.clear();
    if bytes.len() >= PROSE_LEAST && is_prose(bytes) {
        return Seen(class::LOWER);
    }
    let mut seen = 0;
    let mut run = 0;
    let mut start = 0;
    for (at, &b) in bytes.iter().enumerate() {
        let class = CLASS[usize::from(b)];
        if class & class::WORD != 0 {
            if run == 0 {
                start = at;
            }
            run |= class;
        } else {
            seen |= class;
            if run != 0 {
                seen |= close(bytes, start, at, run, tokens);
                run = 0;
            }
        }
    }
    if run != 0 {
        seen |= close(bytes, start, bytes.len(), run, tokens);
    }
    Seen(seen)
}

#[inline]
fn close(bytes: &[u8], start: usize, end: usize, run: u16, tokens: &mut Vec<Token>) -> u16 {
    if run & (class::DIGIT | class::WIDE) == class::DIGIT | class::WIDE {
        close_wide(bytes, start, end, tokens);
    } else if run & class::DIGIT != 0 {
        tokens.push(Token { start, end, classes: run });
    } else if run & (class::LOWER | class::UPPER) == class::LOWER | class::UPPER
        && end - start >= MIXED_LEAST
        && bytes[start + 1..end].iter().any(u8::is_ascii_uppercase)
        || run == class::UPPER && end - start >= SHOUTED_LEAST
    {
        tokens.push(Token { start, end, classes: run });
        return run | class::MIXED;
    }
    run
}

/// The lead bytes of Chinese, Japanese and Korean letters, and of emoji, which no word has: `手机13800138000请` holds a number.
const APART: std::ops::RangeInclusive<u8> = 0xE3..=0xF4;

/// A run with a digit and letters outside ASCII, cut where such letters stand.
#[cold]
fn close_wide(bytes: &[u8], start: usize, end: usize, tokens: &mut Vec<Token>) {
    let (mut from, mut at) = (start, start);
    while at < end {
        let apart = APART.contains(&bytes[at]);
        if apart {
            part(bytes, from, at, tokens);
        }
        at += if !apart {
            1
        } else if bytes[at] < 0xF0 {
            3
        } else {
            4
        };
        from = if apart { at } else { from };
    }
    part(bytes, from, end, tokens);
}

fn part(bytes: &[u8], start: usize, end: usize, tokens: &mut Vec<Token>) {
    let classes = bytes[start..end].iter().fold(0, |seen, b| seen | CLASS[usize::from(*b)]);
    if classes & class::DIGIT != 0 {
        tokens.push(Token { start, end, classes });
    }
}

/// Whether the text is empty or one short word of small letters, perhaps with dashes: what most values of a few known ones are.
pub(crate) fn is_word(bytes: &[u8]) -> bool {
    bytes.len() < PROSE_LEAST && bytes.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'.'))
}

/// Whether the whole text is a GUID, a hash or a moment (RFC 3339): the strings that events are full of, and that hold nothing.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    match bytes.len() {
        36 => is_guid(bytes),
        40 | 64 => is_hash(bytes),
        32 if is_hash(bytes) => true,
        20..=32 => {
            let shape = b"0000-00-00T00:00:00";
            let moment = bytes.iter().zip(shape).all(|(b, s)| if *s == b'0' { b.is_ascii_digit() } else { b == s });
            let rest = &bytes[shape.len()..];
            let zone = rest.iter().position(|b| !b.is_ascii_digit() && *b != b'.').unwrap_or(rest.len());
            moment
                && (rest[zone..] == *b"Z"
                    || (rest[zone..].len() == 6 && matches!(rest[zone], b'+' | b'-') && rest[zone + 3] == b':'))
                && zone <= 10
        }
        _ => false,
    }
}

/// Hexadecimal digits in lower case, some of them letters, that encode no text: as hexadecimal they hold a byte that no text in UTF-8 has,
/// and as base64 one that is not ASCII.
fn is_hash(bytes: &[u8]) -> bool {
    let hex = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    let value = |b: u8| if b.is_ascii_digit() { b - b'0' } else { b - b'a' + 10 };
    let odd = |pair: &[u8]| matches!(value(pair[0]) << 4 | value(pair[1]), 0..=8 | 0xB | 0xC | 0xE..=0x1F | 0x7F | 0xC0 | 0xC1 | 0xF5..);
    bytes.iter().all(hex)
        && bytes.iter().any(u8::is_ascii_lowercase)
        && bytes.chunks_exact(4).any(|group| group[0].is_ascii_digit())
        && bytes.chunks_exact(2).any(odd)
}

fn is_guid(bytes: &[u8]) -> bool {
    const DASHES: [usize; 4] = [8, 13, 18, 23];
    DASHES.iter().all(|&at| bytes[at] == b'-')
        && bytes.iter().enumerate().all(|(at, b)| b.is_ascii_hexdigit() || (*b == b'-' && DASHES.contains(&at)))
}

/// Marks what no rule may touch.
pub(crate) fn opaque(context: &mut Context<'_>, seen: Seen, begun: Begun) {
    if seen.any(class::BRACKET) {
        placeholders(context);
    }
    if begun.any(Begun::OWN_KEY) {
        own_keys(context);
    }
    guids(context);
    if context.opaque.len() < 2 {
        return;
    }
    context.opaque.sort_unstable_by_key(|range| range.start);
    context.opaque.dedup_by(|next, kept| {
        let overlaps = next.start < kept.end;
        if overlaps {
            kept.end = kept.end.max(next.end);
        }
        overlaps
    });
}

/// Our own placeholders: a known type, perhaps a mask or a hash, and nothing else.
fn placeholders(context: &mut Context<'_>) {
    for at in PLACEHOLDER.find_iter(context.bytes) {
        if let Some(length) = crate::replace::placeholder(&context.text[at..]) {
            context.opaque.push(at..at + length);
        }
    }
}

/// `tenants/{tenant}/{env}/raw/{asset_id}/`, whose parts are identifiers by their types. The file name after it is text.
fn own_keys(context: &mut Context<'_>) {
    for at in OWN_KEY.find_iter(context.bytes) {
        let mut parts = context.text[at..].splitn(6, '/');
        parts.next();
        let (Some(tenant), Some(env), Some("raw"), Some(asset), Some(_)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let typed = tenant.parse::<nexus_model::TenantId>().is_ok()
            && env.parse::<nexus_model::Env>().is_ok()
            && asset.parse::<nexus_model::AssetId>().is_ok();
        if typed {
            context.opaque.push(at..at + "tenants///raw//".len() + tenant.len() + env.len() + asset.len());
        }
    }
}

/// Hyphenated GUIDs (RFC 9562, section 4).
fn guids(context: &mut Context<'_>) {
    for token in context.tokens {
        let Some(start) = token.end.checked_sub(36).filter(|_| token.len() == 12) else { continue };
        if is_guid(&context.bytes[start..token.end]) && !context.before(start).is_ascii_alphanumeric() {
            context.opaque.push(start..token.end);
        }
    }
}
