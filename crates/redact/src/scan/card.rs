//! Payment cards: issuer prefix, length and check digit (ISO/IEC 7812). Luhn alone passes one run in ten.

use super::checksum::luhn;

/// Issuer prefixes, as inclusive ranges of the first six digits, and the lengths that their cards have.
const ISSUERS: [(u32, u32, &[usize]); 17] = [
    (400_000, 499_999, &[13, 16, 19]),     // Visa
    (510_000, 559_999, &[16]),             // Mastercard
    (222_100, 272_099, &[16]),             // Mastercard, series 2
    (220_000, 220_499, &[16, 17, 18, 19]), // Mir
    (340_000, 349_999, &[15]),             // American Express
    (370_000, 379_999, &[15]),
    (300_000, 305_999, &[14, 16]), // Diners Club
    (309_500, 309_599, &[14, 16]),
    (360_000, 369_999, &[14, 16, 19]),
    (380_000, 399_999, &[14, 16, 19]),
    (601_100, 601_199, &[16, 19]), // Discover
    (644_000, 659_999, &[16, 19]),
    (352_800, 358_999, &[16, 17, 18, 19]), // JCB
    (620_000, 629_999, &[16, 17, 18, 19]), // UnionPay
    (810_000, 817_199, &[16, 17, 18, 19]),
    (500_000, 509_999, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro, RuPay, Elo
    (560_000, 699_999, &[12, 13, 14, 15, 16, 17, 18, 19]),
];

/// Whether digits with these group lengths are a card. Of 12 or 13 digits, others than Visa and
/// Maestro are rare, and epoch milliseconds are not: more is asked of them where they stand.
pub(crate) fn is_card(digits: &[u8]) -> bool {
    if !(12..=19).contains(&digits.len()) {
        return false;
    }
    let prefix = digits[..6].iter().fold(0, |prefix, &d| prefix * 10 + u32::from(d));
    ISSUERS.iter().any(|(from, to, lengths)| (*from..=*to).contains(&prefix) && lengths.contains(&digits.len()))
        && luhn(digits)
}

/// The prefixes that Maestro's cards of twelve digits have.
const MAESTRO: [[u8; 4]; 9] = [
    [5, 0, 1, 8],
    [5, 0, 2, 0],
    [5, 0, 3, 8],
    [5, 8, 9, 3],
    [6, 3, 0, 4],
    [6, 7, 5, 9],
    [6, 7, 6, 1],
    [6, 7, 6, 2],
    [6, 7, 6, 3],
];

/// Whether digits begin as Maestro's do.
pub(crate) fn is_maestro(digits: &[u8]) -> bool {
    MAESTRO.iter().any(|prefix| digits.starts_with(prefix))
}

/// Whether a value under a card's key is one: 12 to 19 digits with a check digit, whatever the issuer.
pub(crate) fn is_labelled(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'.' | b'_' | b'/'));
    plain && (12..=19).contains(&digits.len()) && luhn(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuer_length_and_check_digit_must_agree() {
        let digits = |text: &str| text.bytes().map(|b| b - b'0').collect::<Vec<u8>>();
        for card in [
            "4111111111111111",
            "378282246310005",
            "5555555555554444",
            "6011111111111117",
            "30569309025904",
            "3530111333300000",
            "2223003122003222",
            "2200399260489117",
            "6304000000000000",
            "4222222222222",
        ] {
            assert!(is_card(&digits(card)), "{card}");
        }
        for other in ["4111111111111112", "1700000000000", "1718000000006", "411111111111", "9999999999999995"] {
            assert!(!is_card(&digits(other)), "{other}");
        }
    }
}
