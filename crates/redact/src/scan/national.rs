//! National identifiers made of digits. A written form with separators, or a form with a date and a check digit inside, speaks
//! for itself; bare digits with one check digit need a label or a key, since one number in ten would pass.

use super::{
    Context,
    checksum::{luhn, mod_11_10, modulo, verhoeff, weighted},
    label::Says,
    number::{Candidate, LABEL_WINDOW},
    phone,
};
use crate::{PiiType, hint::Hint};

type Check = fn(&[u8]) -> bool;

/// What each identifier's digits must satisfy.
const CHECKS: [(PiiType, Check); 12] = [
    (PiiType::FrNir, is_nir),
    (PiiType::BrCpf, is_cpf),
    (PiiType::PlPesel, is_pesel),
    (PiiType::SePersonnummer, is_personnummer),
    (PiiType::InAadhaar, is_aadhaar),
    (PiiType::DeSteuerId, is_steuer_id),
    (PiiType::UkNhs, is_nhs),
    (PiiType::CaSin, is_sin),
    (PiiType::AuTfn, is_tfn),
    (PiiType::NlBsn, is_bsn),
    (PiiType::UsSsn, is_ssn),
    (PiiType::EsNif, |_| false),
];

/// What the digits of a candidate in running text are.
pub(crate) fn classify(context: &Context<'_>, candidate: &Candidate<'_>) -> Option<PiiType> {
    if !matches!(candidate.digits.len(), 8..=13 | 15) {
        return None;
    }
    if let Some(kind) = labelled(context, candidate) {
        return Some(kind);
    }
    // `1099-078-05-1120.pdf`: a form's number before it does not make it part of one.
    if candidate.has_shape(&[3, 2, 4])
        && candidate.is_joined_by(b"-")
        && (!candidate.goes_on || is_form(&context.text[candidate.end()..]))
        && is_ssn(candidate.digits)
    {
        return (!context.number && !context.labels.thing(context.bytes, candidate.start())).then_some(PiiType::UsSsn);
    }
    if context.number || candidate.is_part || context.hint == Some(Hint::Opaque) && candidate.groups.len() == 1 {
        return None;
    }
    if candidate.groups.len() == 1 {
        return bare(candidate.digits).filter(|_| !phone::denied(context, candidate.start()));
    }
    // One number in ten has the one check digit of these, so a thing's key speaks against them.
    let weak = |kind: &PiiType| {
        use PiiType::{AuTfn, CaSin, InAadhaar, NlBsn, UkNhs};
        matches!(kind, InAadhaar | UkNhs | CaSin | AuTfn | NlBsn)
    };
    // `Ver 380.897.696-91`: two check digits and a form of its own outweigh a word that may be another language's.
    written(candidate)
        .filter(|kind| !(context.hint == Some(Hint::Opaque) && weak(kind)))
        .filter(|kind| *kind == PiiType::BrCpf || !context.labels.thing(context.bytes, candidate.start()))
}

/// `-1099`, `-2024.pdf`: the number of a tax form or a year behind an identifier.
fn is_form(rest: &str) -> bool {
    let Some(number) = rest.get(1..5).filter(|_| !rest[5..].starts_with(|c: char| c.is_ascii_digit())) else {
        return false;
    };
    matches!(number, "1099" | "1040" | "1098" | "1095") || number.starts_with("19") || number.starts_with("20")
}

/// The identifier that a label or a key announces, if its check holds.
fn labelled(context: &Context<'_>, candidate: &Candidate<'_>) -> Option<PiiType> {
    if let Some(Hint::NationalId(kind)) = context.hint {
        return of_digits(candidate.digits, kind);
    }
    let thing = context.labels.thing(context.bytes, candidate.start());
    context.labels.before(candidate.start(), LABEL_WINDOW).find_map(|label| {
        let Says::NationalId(kind) = label.says else { return None };
        let between = &context.bytes[label.end..candidate.start()];
        // `bsn 777948448, row 261787784`: the first was meant, so that another is one only if its own check says so.
        let digits = between.iter().filter(|b| b.is_ascii_digit()).count();
        let first = digits < MEANT;
        // `TFN = 441 610 666⏎Order number 2024-1459177`, but `SSN on account 078-05-1120`
        if thing && (!first || between.contains(&b'\n')) {
            return None;
        }
        of_digits(candidate.digits, kind).filter(|found| match kind {
            None => !candidate.is_part,
            // `SSN …. ISBN 978-0-4158-1704-2`
            Some(kind) if kind == *found => digits == 0 || !candidate.is_part,
            Some(_) => first && !candidate.is_part,
        })
    })
}

/// Digits of a number that a word announced already.
const MEANT: usize = 5;

/// Of the announced kind, or else of any whose check holds: people call things by the wrong name.
fn of_digits(digits: &[u8], kind: Option<PiiType>) -> Option<PiiType> {
    let holds = |wanted: PiiType| CHECKS.iter().any(|(kind, check)| *kind == wanted && check(digits));
    match kind {
        Some(kind) if holds(kind) => Some(kind),
        _ => CHECKS.iter().find(|(_, check)| check(digits)).map(|(kind, _)| *kind),
    }
}

/// The identifier that a whole value under such a key is.
pub(crate) fn of_value(text: &str, kind: Option<PiiType>) -> Option<PiiType> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'.' | b'/' | b'_' | b'+'));
    if kind == Some(PiiType::UsSsn) && plain && (7..=8).contains(&digits.len()) && text.len() == digits.len() {
        // A number loses its leading zeros.
        return Some(PiiType::UsSsn);
    }
    if plain && (8..=15).contains(&digits.len()) {
        return of_digits(&digits, kind);
    }
    let shaped = text.len() <= 24 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b" -./".contains(&b));
    (shaped && !plain && digits.len() >= 5 && text.bytes().filter(u8::is_ascii_alphabetic).count() <= 9)
        .then(|| kind.unwrap_or(PiiType::EsNif))
        .filter(|kind| matches!(kind, PiiType::EsNif | PiiType::UkNino | PiiType::ItCodiceFiscale | PiiType::FrNir))
        .filter(|_| !super::date::is_timestamp(text))
}

/// Bare digits whose form is sure enough by itself: a birth date or two check digits inside.
fn bare(digits: &[u8]) -> Option<PiiType> {
    match digits.len() {
        15 if is_nir(digits) => Some(PiiType::FrNir),
        12 if is_personnummer(digits) => Some(PiiType::SePersonnummer),
        11 if is_pesel(digits) => Some(PiiType::PlPesel),
        11 if is_cpf(digits) => Some(PiiType::BrCpf),
        11 if is_steuer_id(digits) => Some(PiiType::DeSteuerId),
        // Seconds since 1970 begin so, and few people born from 2015 on are customers.
        10 if is_personnummer(digits) && !matches!(digits[..2], [1, 5..=9]) => Some(PiiType::SePersonnummer),
        _ => None,
    }
}

/// Spelt out digit by digit.
pub(crate) fn spelt(digits: &[u8]) -> Option<PiiType> {
    if digits.len() == 9 && is_ssn(digits) {
        return Some(PiiType::UsSsn);
    }
    CHECKS.iter().find(|(_, check)| check(digits)).map(|(kind, _)| *kind)
}

/// The forms in which these numbers are written, by their groups.
fn written(candidate: &Candidate<'_>) -> Option<PiiType> {
    use PiiType::{AuTfn, BrCpf, CaSin, DeSteuerId, FrNir, InAadhaar, NlBsn, PlPesel, SePersonnummer, UkNhs, UsSsn};
    let d = candidate.digits;
    let joined = |separators: &[u8]| candidate.is_joined_by(separators);
    let any = || joined(b" -._/\t+");
    let if_it = |holds: bool, kind: PiiType| holds.then_some(kind);
    match candidate.lengths {
        [3, 2, 4] => if_it(any() && is_ssn(d), UsSsn),
        [1, 2, 2, 2, 3, 3, 2] | [13, 2] => if_it(is_nir(d), FrNir),
        [3, 3, 3, 2] | [9, 2] => if_it(is_cpf(d), BrCpf),
        [4, 4, 4] => if_it(any() && !candidate.in_fours && is_aadhaar(d), InAadhaar),
        [2, 3, 3, 3] => if_it(any() && is_steuer_id(d), DeSteuerId),
        [6 | 8, 4] => if_it(joined(b"-+ ") && is_personnummer(d), SePersonnummer),
        [3, 3, 4] => if_it((joined(b" ") || joined(b"-") && d[0] >= 4) && is_nhs(d), UkNhs),
        [3, 3, 3] if joined(b" -") => if_it(is_sin(d), CaSin).or_else(|| if_it(is_tfn(d), AuTfn)),
        [4, 2, 3] | [2, 2, 2, 3] => if_it(any() && is_bsn(d), NlBsn),
        [6, 5] => if_it(joined(b" -") && is_pesel(d), PlPesel),
        _ => None,
    }
}

/// SSN or ITIN: area, group and serial as the Social Security Administration and the IRS give them out.
fn is_ssn(d: &[u8]) -> bool {
    if d.len() != 9 {
        return false;
    }
    let part = |range: std::ops::Range<usize>| d[range].iter().fold(0, |n, &d| n * 10 + u32::from(d));
    let (area, group, serial) = (part(0..3), part(3..5), part(5..9));
    let itin = area >= 900 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99);
    area != 0 && area != 666 && group != 0 && serial != 0 && (area < 900 || itin)
}

/// NIR: sex, year, month, department, …, and the complement to 97 (INSEE).
fn is_nir(d: &[u8]) -> bool {
    if d.len() != 15 || !matches!(d[0], 1 | 2 | 3 | 4 | 7 | 8) {
        return false;
    }
    let month = d[3] * 10 + d[4];
    matches!(month, 1..=12 | 20..=42 | 50..=99) && modulo(&d[..13], 97) + modulo(&d[13..], 100) == 97
}

/// CPF: two check digits, mod 11 each (Receita Federal); equal digits throughout are not given out.
fn is_cpf(d: &[u8]) -> bool {
    let check = |n: usize| {
        let sum: u32 =
            d[..n].iter().zip((2..=u32::try_from(n).unwrap_or(10) + 1).rev()).map(|(&d, w)| u32::from(d) * w).sum();
        u32::from(d[n]) == sum * 10 % 11 % 10
    };
    d.len() == 11 && !all_equal(d) && check(9) && check(10)
}

fn all_equal(d: &[u8]) -> bool {
    d.iter().all(|&digit| digit == d[0])
}

/// PESEL: date of birth (1900 to 2039) and a weighted check digit (Ustawa o ewidencji ludności).
fn is_pesel(d: &[u8]) -> bool {
    if d.len() != 11 {
        return false;
    }
    let (year, month, day) = (d[0] * 10 + d[1], d[2] * 10 + d[3], d[4] * 10 + d[5]);
    let dated = matches!((month, year), (1..=12, _) | (21..=32, 0..=39)) && (1..=31).contains(&day);
    dated && weighted(d, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0
}

/// Personnummer or samordningsnummer: date of birth and Luhn over the last ten digits (Skatteverket).
fn is_personnummer(d: &[u8]) -> bool {
    let d = match d.len() {
        12 if matches!((d[0], d[1]), (1, 8 | 9) | (2, 0)) => &d[2..],
        10 => d,
        _ => return false,
    };
    let (month, day) = (d[2] * 10 + d[3], d[4] * 10 + d[5]);
    (1..=12).contains(&month) && matches!(day, 1..=31 | 61..=91) && luhn(d)
}

/// Aadhaar: twelve digits, the first 2 to 9, Verhoeff (UIDAI).
fn is_aadhaar(d: &[u8]) -> bool {
    d.len() == 12 && d[0] >= 2 && verhoeff(d)
}

/// Steuer-ID: of the first ten digits one stands there twice or thrice (Bundeszentralamt für Steuern), ISO 7064 mod 11,10.
fn is_steuer_id(d: &[u8]) -> bool {
    if d.len() != 11 || d[0] == 0 {
        return false;
    }
    let mut counts = [0u8; 10];
    for &digit in &d[..10] {
        counts[usize::from(digit)] += 1;
    }
    let repeated = counts.iter().filter(|&&count| count > 1).count();
    repeated == 1 && counts.iter().all(|&count| count <= 3) && mod_11_10(d)
}

/// NHS number: mod 11 over ten digits (NHS Data Model and Dictionary).
fn is_nhs(d: &[u8]) -> bool {
    if d.len() != 10 || all_equal(d) {
        return false;
    }
    let check = 11 - weighted(&d[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    check != 10 && i32::from(d[9]) == check % 11
}

/// SIN: nine digits, Luhn; 0 and 8 do not begin one.
fn is_sin(d: &[u8]) -> bool {
    d.len() == 9 && !matches!(d[0], 0 | 8) && luhn(d)
}

/// TFN: nine (or the older eight) digits, weighted mod 11 (Australian Taxation Office).
fn is_tfn(d: &[u8]) -> bool {
    let weights: &[i32] = match d.len() {
        9 => &[1, 4, 3, 7, 5, 8, 6, 9, 10],
        8 => &[10, 7, 8, 4, 6, 3, 5, 1],
        _ => return false,
    };
    !all_equal(d) && weighted(d, weights) % 11 == 0
}

/// BSN: nine digits (a number may have lost its leading zero), the eleven-test.
fn is_bsn(d: &[u8]) -> bool {
    match d.len() {
        9 => !all_equal(d) && weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0,
        8 => weighted(d, &[8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_hold_and_a_changed_digit_does_not() {
        let cases: [(PiiType, &str); 11] = [
            (PiiType::FrNir, "255081416802538"),
            (PiiType::BrCpf, "52998224725"),
            (PiiType::PlPesel, "44051401359"),
            (PiiType::SePersonnummer, "8112189876"),
            (PiiType::SePersonnummer, "198112189876"),
            (PiiType::InAadhaar, "234123412346"),
            (PiiType::DeSteuerId, "86095742719"),
            (PiiType::UkNhs, "9434765919"),
            (PiiType::CaSin, "130692544"),
            (PiiType::AuTfn, "123456782"),
            (PiiType::NlBsn, "111222333"),
        ];
        for (kind, text) in cases {
            let mut digits: Vec<u8> = text.bytes().map(|b| b - b'0').collect();
            let holds = |digits: &[u8]| CHECKS.iter().any(|(of, check)| *of == kind && check(digits));
            assert!(holds(&digits), "{kind:?} {text}");
            let last = digits.len() - 2;
            digits[last] = (digits[last] + 1) % 10;
            assert!(!holds(&digits), "{kind:?} {text} with a changed digit");
        }
        let digits = |text: &str| text.bytes().map(|b| b - b'0').collect::<Vec<u8>>();
        assert!(is_ssn(&digits("078051120")) && !is_ssn(&digits("000123456")) && !is_ssn(&digits("666123456")));
    }
}
