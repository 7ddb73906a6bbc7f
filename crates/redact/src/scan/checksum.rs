//! Check digits. All of them take digits (0 to 9), most significant first.

/// Luhn (ISO/IEC 7812-1, annex B).
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, &d)| {
            let d = u32::from(d);
            if at % 2 == 1 { d * 2 / 10 + d * 2 % 10 } else { d }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The sum of the digits, each times its weight.
pub(crate) fn weighted(digits: &[u8], weights: &[i32]) -> i32 {
    digits.iter().zip(weights).map(|(&d, &w)| i32::from(d) * w).sum()
}

/// Verhoeff's dihedral check (Aadhaar).
pub(crate) fn verhoeff(digits: &[u8]) -> bool {
    const D: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const P: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let sum = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0, |sum, (at, &d)| D[usize::from(sum)][usize::from(P[at % 8][usize::from(d)])]);
    sum == 0
}

/// ISO 7064 mod 11,10 over all digits, the check digit last (Steuer-ID).
pub(crate) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((&check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, &d| {
        let sum = (u32::from(d) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == u32::from(check)
}

/// The number that the digits spell, modulo `modulus`.
pub(crate) fn modulo(digits: &[u8], modulus: u64) -> u64 {
    digits.iter().fold(0, |rest, &d| (rest * 10 + u64::from(d)) % modulus)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().map(|b| b - b'0').collect()
    }

    #[test]
    fn published_examples_hold_and_a_changed_digit_does_not() {
        type Check = fn(&[u8]) -> bool;
        let cases: [(Check, &str); 3] =
            [(luhn, "4111111111111111"), (verhoeff, "234123412346"), (mod_11_10, "86095742719")];
        for (check, text) in cases {
            assert!(check(&digits(text)), "{text}");
            let mut wrong = digits(text);
            wrong[3] = (wrong[3] + 1) % 10;
            assert!(!check(&wrong), "{text} with a changed digit");
        }
        assert_eq!(modulo(&digits("1234"), 97), 1234 % 97);
    }
}
