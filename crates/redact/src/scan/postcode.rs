//! Postcodes: behind an address, or a word for one.

use super::{
    Context,
    label::Says,
    tokens::{Token, class},
};
use crate::{PiiType, hint::Hint};

/// Bytes between an address and the postcode that belongs to it.
const REACH: usize = 40;

/// The postcode that follows an address: `…, 10115 Berlin`, `…, Springfield, IL 62704`, `…, London SW1A 2AA`.
pub(super) fn follow(context: &mut Context<'_>, end: usize) {
    let from = context.tokens.partition_point(|token| token.start < end);
    let mut index = from;
    while let Some(&token) = context.tokens.get(index) {
        if token.start - end > REACH || context.bytes[end..token.start].contains(&b'\n') {
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
pub(super) fn announced(context: &mut Context<'_>) {
    let labels = context.labels.said;
    for label in labels.iter().filter(|label| label.says == Says::Postcode) {
        let index = context.tokens.partition_point(|token| token.start < label.end);
        let near = context.tokens.get(index).is_some_and(|token| token.start - label.end <= 16);
        if let Some((start, end)) = near.then(|| postcode(context, index)).flatten() {
            context.push(start, end, PiiType::Postcode);
        }
    }
}

/// The postcode at a token, in the forms of the Universal Postal Union's members that the rules know.
fn postcode(context: &Context<'_>, index: usize) -> Option<(usize, usize)> {
    let token: Token = context.tokens[index];
    let text = &context.bytes[token.start..token.end];
    let next = context.tokens.get(index + 1).copied();
    let joined = |separators: &[u8]| {
        next.filter(|next| next.start == token.end + 1 && separators.contains(&context.bytes[token.end]))
    };
    let upper = |run: &[u8]| run.iter().all(u8::is_ascii_uppercase);
    if token.classes == class::DIGIT {
        let tail = joined(b"- +").filter(|tail| tail.is_number());
        // 12345-6789, 01310-100, 1000-001, 00-950, 114 55
        if let Some(tail) =
            tail.filter(|tail| matches!((token.len(), tail.len()), (5, 4 | 3) | (4, 3) | (2, 3) | (3, 2)))
        {
            return Some((token.start, tail.end));
        }
        // 1234 AB
        let letters = context.bytes.get(token.end + 1..token.end + 3).filter(|run| upper(run) && token.len() == 4);
        if letters.is_some()
            && matches!(context.bytes[token.end], b' ' | b'+')
            && !context.at(token.end + 3).is_ascii_alphanumeric()
        {
            return Some((token.start, token.end + 3));
        }
        return matches!(token.len(), 4..=6 | 8).then_some((token.start, token.end));
    }
    // SW1A 2AA, K1A 0B1, 1234AB
    let head = text.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let part = joined(b" +").filter(|next| next.len() == 3);
    if let Some(next) = part.filter(|_| (1..=2).contains(&head) && token.len() <= 4) {
        return Some((token.start, next.end));
    }
    let canadian = token.len() == 6
        && text.iter().enumerate().all(|(at, b)| if at % 2 == 0 { b.is_ascii_uppercase() } else { b.is_ascii_digit() });
    let compact = canadian || token.len() == 6 && text[..4].iter().all(u8::is_ascii_digit) && upper(&text[4..]);
    let glued = (5..=7).contains(&token.len()) && (1..=2).contains(&head) && upper(&text[token.len() - 2..]);
    (compact || glued || context.hint == Some(Hint::Postcode)).then_some((token.start, token.end))
}
