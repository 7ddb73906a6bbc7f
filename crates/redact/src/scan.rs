//! What a text holds.

use std::sync::LazyLock;

use regex_automata::meta::Regex;

use crate::PiiType;

/// A stretch of a text, in bytes, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: PiiType,
}

// Tried in this order, so that a card is never cut by the phone rule.
const RULES: [(PiiType, &str); 4] = [
    (PiiType::PaymentCard, r"[0-9](?:[ -]?[0-9]){11,18}"),
    (PiiType::Email, r"[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}"),
    (PiiType::IpAddress, r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,6}:[0-9A-Fa-f]{1,4}"),
    (
        PiiType::Phone,
        r"\+[0-9][0-9 ().-]{6,18}[0-9]|\([0-9]{2,4}\) ?[0-9]{3,4}[ -]?[0-9]{4}|[0-9]{3}[-. ][0-9]{3}[-. ][0-9]{4}",
    ),
];

static PATTERNS: LazyLock<Vec<(PiiType, Regex)>> = LazyLock::new(|| {
    #[allow(clippy::expect_used)] // constants, compiled by every test
    RULES.iter().map(|&(kind, pattern)| (kind, Regex::new(pattern).expect("a constant pattern"))).collect()
});

/// Everything found in `text`: sorted, without overlaps.
pub(crate) fn scan(text: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    if !text.bytes().any(|b| b.is_ascii_digit() || b == b'@' || b == b':') {
        return spans;
    }
    for (kind, pattern) in PATTERNS.iter() {
        for found in pattern.find_iter(text) {
            let span = Span { start: found.start(), end: found.end(), kind: *kind };
            let free = spans.iter().all(|other| span.end <= other.start || other.end <= span.start);
            if free && verified(*kind, &text[span.start..span.end], text, span) {
                spans.push(span);
            }
        }
    }
    spans.sort_unstable_by_key(|span| span.start);
    spans
}

fn verified(kind: PiiType, found: &str, text: &str, span: Span) -> bool {
    let bytes = text.as_bytes();
    let touches = |test: fn(u8) -> bool| {
        (span.start > 0 && test(bytes[span.start - 1])) || bytes.get(span.end).is_some_and(|&b| test(b))
    };
    match kind {
        PiiType::PaymentCard => !touches(|b| b.is_ascii_alphanumeric()) && is_card(found),
        PiiType::IpAddress => {
            !touches(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'/')
                && found.parse::<std::net::IpAddr>().is_ok()
        }
        PiiType::Phone => !touches(|b| b.is_ascii_alphanumeric()),
        _ => true,
    }
}

fn is_card(found: &str) -> bool {
    let digits: Vec<u32> = found.chars().filter_map(|c| c.to_digit(10)).collect();
    let issuer = matches!((digits[0], digits.len()), (4, 13 | 16 | 19) | (5, 16) | (2, 16) | (6, 12..=19))
        || (digits[0] == 3 && matches!(digits.len(), 14..=16));
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(i, &d)| if i % 2 == 1 { d * 2 / 10 + d * 2 % 10 } else { d }).sum();
    issuer && sum.is_multiple_of(10)
}
