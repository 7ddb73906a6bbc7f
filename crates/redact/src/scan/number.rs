//! Runs of digits: cut into groups at separators, judged longest first, so that a phone never halves a card.

use super::{Context, card, date, label::Says, national, network, phone, tokens::Token};
use crate::{PiiType, hint::Hint};

/// Groups that one number may have: `2 84 05 88 157 483 23` has seven, a phone in pairs with its country eight.
pub(crate) const MAX_GROUPS: usize = 8;
/// Digits that one number may have: the longest cards.
pub(crate) const MAX_DIGITS: usize = 19;
/// The fewest digits that are worth a look.
const MIN_DIGITS: usize = 6;
/// Single digits in a row that are one number spelt out: `4 1 1 1 …`.
const SPELT_LEAST: usize = 8;
/// The same with dots between them, as object identifiers have them.
const MIN_SPELT_DOTTED: usize = 13;
/// Bytes between a label and the number that it announces.
pub(crate) const LABEL_WINDOW: usize = 32;

/// One run of digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Group {
    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }

    pub(crate) fn value(&self, bytes: &[u8]) -> Option<u64> {
        let digits = &bytes[self.start..self.end];
        digits.iter().try_fold(0_u64, |value, b| value.checked_mul(10)?.checked_add(u64::from(b.wrapping_sub(b'0'))))
    }
}

/// Groups taken together as one number.
pub(crate) struct Candidate<'c> {
    pub(crate) groups: &'c [Group],
    /// How many digits each group has.
    pub(crate) lengths: &'c [usize],
    pub(crate) digits: &'c [u8],
    /// The one separator between all groups, if it is one.
    pub(crate) separator: Option<u8>,
    /// Whether the digits run on beyond it, joined by its own separator.
    pub(crate) is_part: bool,
    /// Whether more digits follow, joined by its own separator.
    pub(crate) goes_on: bool,
    /// Whether a group of four stands before or after it, as in a card of sixteen digits.
    pub(crate) in_fours: bool,
    /// Whether it is announced as a telephone's.
    pub(crate) announced: bool,
}

impl Candidate<'_> {
    pub(crate) fn start(&self) -> usize {
        self.groups[0].start
    }

    pub(crate) fn end(&self) -> usize {
        self.groups[self.groups.len() - 1].end
    }

    /// Whether the groups have these lengths.
    pub(crate) fn has_shape(&self, lengths: &[usize]) -> bool {
        self.lengths == lengths
    }

    pub(crate) fn is_joined_by(&self, separators: &[u8]) -> bool {
        self.separator.is_some_and(|separator| separators.contains(&separator))
    }
}

/// What stands between two groups, if it may stand inside a number: one separator, or one with spaces or brackets.
pub(crate) fn gap(between: &[u8]) -> Option<u8> {
    // In a form's encoding a plus stands for a space.
    match *between {
        [one @ (b' ' | b'-' | b'.' | b'/' | b'_' | b'+' | b'\t')] => Some(one),
        [b')']
        | [b'(']
        | [b')', b' ' | b'-' | b'.' | b'/' | b'_' | b'+']
        | [b' ' | b'-' | b'+' | b'_' | b'.', b'(']
        | [b')', b' ', b'('] => Some(b')'),
        [b' ', b' '] => Some(b' '),
        [b' ' | b'+', one @ (b'-' | b'.' | b'/'), b' ' | b'+']
        | [one @ (b'-' | b'.' | b'/'), b' ']
        | [b' ', one @ (b'-' | b'/')]
        | [one @ b'-', b'-'] => Some(one),
        _ => None,
    }
}

/// The groups from the token at `first` on; answers how many there are.
fn groups_from(context: &Context<'_>, first: usize, groups: &mut [Group; MAX_GROUPS + 1]) -> usize {
    let mut count = 0;
    for token in context.tokens[first..].iter().take(groups.len()) {
        let joined = count == 0 || gap(&context.bytes[groups[count - 1].end..token.start]).is_some();
        if !joined {
            break;
        }
        if !token.is_number() {
            // `555-0187x12`: an extension is stuck to the last group.
            if let Some(end) = if count > 0 { before_extension(&context.bytes[token.start..token.end]) } else { None } {
                groups[count] = Group { start: token.start, end: token.start + end };
                count += 1;
            }
            break;
        }
        groups[count] = Group { start: token.start, end: token.end };
        count += 1;
    }
    count
}

/// How many of the digits of `0187x12` stand before the extension.
fn before_extension(word: &[u8]) -> Option<usize> {
    let at = memchr::memchr2(b'x', b'X', word)?;
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    ((2..=8).contains(&at) && digits(&word[..at]) && word.len() > at + 1 && digits(&word[at + 1..])).then_some(at)
}

/// Every finding that is made of digits.
pub(crate) fn find(context: &mut Context<'_>) {
    let tokens: &[Token] = context.tokens;
    let mut run = [Group { start: 0, end: 0 }; MAX_GROUPS + 1];
    let mut next = 0;
    while next < tokens.len() {
        let token = tokens[next];
        if !token.is_number() {
            if token.classes & super::class::DIGIT != 0 && !ordinal(context, token) {
                inside_word(context, token);
            }
            next += 1;
            continue;
        }
        if context.is_opaque(token.start, token.end) {
            next += 1;
            continue;
        }
        if is_code(context, token) {
            context.push(token.start, token.end, PiiType::Password);
            next += 1;
            continue;
        }
        if let Some(count) = if token.len() == 1 { spelt(context, next) } else { None } {
            next += count;
            continue;
        }
        let count = groups_from(context, next, &mut run);
        next += judge(context, &run[..count]).max(1);
    }
}

/// `the 12th of March 1985`: whether a date begins here. A finding if it is announced as one of birth.
fn ordinal(context: &mut Context<'_>, token: Token) -> bool {
    let word = &context.bytes[token.start..token.end];
    let digits = word.iter().take_while(|b| b.is_ascii_digit()).count();
    if !(1..=2).contains(&digits) || !matches!(&word[digits..], b"st" | b"nd" | b"rd" | b"th") {
        return false;
    }
    let Some(end) = date::written(context.text, token.start) else { return false };
    if date::is_birth(context, token.start) {
        context.push(token.start, end, PiiType::DateOfBirth);
    }
    true
}

/// Three to eight digits right behind the word for a code: `your OTP is 482193`, `CVV 123`.
fn is_code(context: &Context<'_>, token: Token) -> bool {
    (3..=8).contains(&token.len())
        && context.labels.before(token.start, CODE_WINDOW).next().is_some_and(|label| {
            let between = context.text[label.end..token.start].trim_matches([' ', ':', '=', '#', '"', '\'']);
            label.says == Says::Code && matches!(between, "" | "is" | "ist" | "est" | "es" | "no" | "no." | "number")
        })
}

/// Bytes between the word for a code and the code.
const CODE_WINDOW: usize = 10;

/// Judges the groups from the first on; answers how many were used up.
fn judge(context: &mut Context<'_>, run: &[Group]) -> usize {
    let Some(first) = run.first() else { return 1 };
    if let Some(used) = network::ipv4(context, run) {
        return used;
    }
    if let Some(used) = dated(context, run) {
        return used;
    }
    if first.len() <= 4 && !context.number {
        date::month_first(context, first.start);
    }
    let previous = joined_before(context, first.start);
    let (buffer, ends) = collect(context.bytes, run);
    // What stands between each group and the next, and how many of the first groups one separator joins.
    let mut lengths = [0; MAX_GROUPS + 1];
    lengths.iter_mut().zip(run).for_each(|(length, group)| *length = group.len());
    let mut gaps = [None; MAX_GROUPS + 1];
    for (gap_between, pair) in gaps.iter_mut().zip(run.windows(2)) {
        *gap_between = gap(&context.bytes[pair[0].end..pair[1].start]);
    }
    let announced = !context.number && phone::announced(context, first.start);
    let alike = 1 + gaps.iter().take_while(|gap| gap.is_some() && **gap == gaps[0]).count();
    for count in (1..=run.len().min(MAX_GROUPS)).rev() {
        let groups = &run[..count];
        let Some(digits) = buffer.get(..ends[count - 1]) else { continue };
        if digits.len() < MIN_DIGITS {
            break;
        }
        let separator = if (2..=alike).contains(&count) { gaps[0] } else { None };
        let follows = gaps[count - 1];
        // Spaces and underscores also stand between one thing and the next.
        let is_part = separator.is_some_and(|one| one != b' ' && one != b'_' && one != b'\t')
            && (previous == separator || follows == separator)
            || separator.is_none()
                && count == 1
                && [previous, follows]
                    .iter()
                    .flatten()
                    .any(|&gap| gap != b' ' && gap != b'_' && gap != b'\t' && gap != b')');
        let in_fours = run.get(count).is_some_and(|next| next.len() == 4 && follows == separator)
            || previous.is_some() && previous == separator;
        let candidate = Candidate {
            groups,
            lengths: &lengths[..count],
            digits,
            separator,
            is_part,
            goes_on: separator.is_some() && follows == separator,
            in_fours,
            announced,
        };
        if let Some((start, end, kind)) = classify(context, &candidate) {
            context.push(start, end, kind);
            return count;
        }
    }
    // Sixteen digits in fours that are no card are no phone either.
    let fours = run.iter().take_while(|group| group.len() == 4).count();
    if fours >= 4 { fours } else { 1 }
}

fn classify(context: &Context<'_>, candidate: &Candidate<'_>) -> Option<(usize, usize, PiiType)> {
    let whole = |kind| Some((candidate.start(), candidate.end(), kind));
    if is_card(candidate) && (candidate.digits.len() > 13 || is_short_card(context, candidate)) {
        return whole(PiiType::PaymentCard);
    }
    // Every tenth telephone number has the checksum of some identifier.
    if !context.number
        && candidate.announced
        && let Some((start, end)) = phone::classify(context, candidate)
    {
        return Some((start, end, PiiType::Phone));
    }
    if let Some(kind) = national::classify(context, candidate) {
        return whole(kind);
    }
    if context.number {
        return None;
    }
    if candidate.groups.len() == 1 && date::compact(candidate.digits) && date::is_birth(context, candidate.start()) {
        return whole(PiiType::DateOfBirth);
    }
    let (start, end) = phone::classify(context, candidate)?;
    Some((start, end, PiiType::Phone))
}

fn is_card(candidate: &Candidate<'_>) -> bool {
    let first = candidate.groups[0].len();
    let grouped = candidate.groups.len() == 1
        || (candidate.separator.is_some()
            // `4151-3499-1883-6`: cards of thirteen and seventeen digits end in a group of one.
            && candidate.groups[..candidate.groups.len() - 1].iter().all(|group| group.len() >= 2)
            && (first == 4 || first == 6));
    grouped && !candidate.is_part && card::is_card(candidate.digits)
}

/// Twelve or thirteen digits are mostly something else (an EAN, milliseconds): a card only if it is announced, written in fours, Visa's
/// or of Maestro's own prefixes.
fn is_short_card(context: &Context<'_>, candidate: &Candidate<'_>) -> bool {
    let start = candidate.start();
    // Twelve digits in fours with four more behind them are a part of sixteen that are no card.
    if candidate.in_fours {
        return false;
    }
    let sure = candidate.digits[0] == 4 || card::is_maestro(candidate.digits) || candidate.has_shape(&[4, 4, 4]);
    context.hint == Some(Hint::Card)
        || context.labels.say(start, LABEL_WINDOW, Says::Card)
        || candidate.has_shape(&[4, 4, 4, 1])
        || sure && !context.labels.thing(context.bytes, start) && context.hint != Some(Hint::Opaque)
}

/// A date, which is passed over, or a finding if it is announced as one of birth.
fn dated(context: &mut Context<'_>, run: &[Group]) -> Option<usize> {
    let first = run[0];
    let short = || date::is_birth(context, first.start).then(|| date::short(context.bytes, run)).flatten();
    let (used, end) = match date::numeric(context.bytes, run).or_else(short) {
        Some(used) => (used, run[used - 1].end),
        None if first.len() <= 2 || first.len() == 4 => {
            let end = date::written(context.text, first.start);
            (1, end.or_else(|| date::east_asian(context.text, first.start))?)
        }
        None => return None,
    };
    if date::is_birth(context, first.start) {
        context.push(first.start, date::with_time(context.bytes, end), PiiType::DateOfBirth);
    }
    Some(used)
}

/// The digits of the first groups, as many whole groups as there is room for, and where in them each group ends.
fn collect(bytes: &[u8], groups: &[Group]) -> ([u8; MAX_DIGITS], [usize; MAX_GROUPS + 1]) {
    let (mut digits, mut ends) = ([0; MAX_DIGITS], [usize::MAX; MAX_GROUPS + 1]);
    let mut length = 0;
    for (end, group) in ends.iter_mut().zip(groups) {
        if length + group.len() > MAX_DIGITS {
            break;
        }
        for b in &bytes[group.start..group.end] {
            digits[length] = b - b'0';
            length += 1;
        }
        *end = length;
    }
    (digits, ends)
}

/// The separator that joins the number at `start` to digits before it.
fn joined_before(context: &Context<'_>, start: usize) -> Option<u8> {
    let separator = gap(&[context.before(start)])?;
    (start >= 2 && context.bytes[start - 2].is_ascii_digit()).then_some(separator)
}

/// Digits spelt out one by one, with one separator: judged as if they stood together. Answers how many there were.
fn spelt(context: &mut Context<'_>, first: usize) -> Option<usize> {
    let mut count = 1;
    let separator = gap(&context.bytes[context.tokens[first].end..context.tokens.get(first + 1)?.start])?;
    while let Some(pair) = context.tokens.get(first + count - 1..=first + count) {
        let same = gap(&context.bytes[pair[0].end..pair[1].start]) == Some(separator);
        if !same || pair[1].len() != 1 || !pair[1].is_number() {
            break;
        }
        count += 1;
    }
    if count < SPELT_LEAST {
        return None;
    }
    // `1.3.6.1.5.5.7.3.2` names an object.
    let object = separator == b'.' && count < MIN_SPELT_DOTTED;
    if (SPELT_LEAST..=MAX_DIGITS).contains(&count) && !object {
        let tokens = &context.tokens[first..first + count];
        let digits: Vec<u8> = tokens.iter().map(|token| context.bytes[token.start] - b'0').collect();
        let (start, end) = (tokens[0].start, tokens[count - 1].end);
        let phone = (9..=13).contains(&count)
            && (context.before(start) == b'+'
                || matches!(digits[0], 0 | 2..=9)
                || context.labels.say(start, LABEL_WINDOW, Says::Phone));
        let kind = if card::is_card(&digits) {
            Some(PiiType::PaymentCard)
        } else {
            national::spelt(&digits).or(phone.then_some(PiiType::Phone))
        };
        if let Some(kind) = kind {
            context.push(start, end, kind);
        }
    }
    Some(count)
}

fn is_card_word(word: &[u8]) -> bool {
    ["card", "visa", "maestro", "unionpay", "pan", "cc", "number", "no"].iter().any(|known| {
        word.len() >= known.len() && word[word.len() - known.len()..].eq_ignore_ascii_case(known.as_bytes())
    })
}

/// Digits with letters stuck to them: `visa4111111111111111`. Only cards are sure enough.
fn inside_word(context: &mut Context<'_>, token: Token) {
    let run = &context.bytes[token.start..token.end];
    let Some(from) = run.iter().position(u8::is_ascii_digit) else { return };
    let length = run[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = &run[from + length..];
    let named = [&b"exp"[..], b"cvv", b"cvc", b"valid"]
        .iter()
        .any(|word| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word));
    let rest_is_letters = named || !rest.iter().any(u8::is_ascii_digit);
    // Longer ones are tracking numbers more often: `JJD643106963347870445`, but `card6229…`.
    let most = if is_card_word(&run[..from]) { MAX_DIGITS } else { 16 };
    if rest_is_letters && (13..=most).contains(&length) && token.len() - length <= 16 {
        let digits: Vec<u8> = run[from..from + length].iter().map(|b| b - b'0').collect();
        if card::is_card(&digits) {
            context.push(token.start + from, token.start + from + length, PiiType::PaymentCard);
        }
    }
    if context.hint == Some(Hint::Opaque) {
        return;
    }
    phone::inside_word(context, token, from, length);
}
