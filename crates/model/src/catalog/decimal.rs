//! [`Decimal`]: money without rounding.

use std::{fmt, str::FromStr};

use crate::id::InvalidId;

/// An exact decimal number, as money is written: `"0.30"`, never a JSON number, whose readers may round it.
///
/// A text has at most 18 digits before the point and 9 after it. Sums keep the longer scale of the two (`0.10` and `0.2` are
/// `0.30`) and may grow beyond 18 digits, up to what 128 bits hold: room for 10¹¹ of the largest texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decimal {
    /// The value in units of 10^-9, so that sums need no rescaling.
    nanos: i128,
    /// How many digits are written after the point.
    scale: u8,
}

/// Digits after the point that [`Decimal::nanos`] holds.
const MAX_SCALE: usize = 9;
const MAX_WHOLE_DIGITS: usize = 18;
const NANOS: u128 = 1_000_000_000;

impl Decimal {
    /// The form of the text, as a regular expression.
    pub const FORM: &'static str = r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?$";

    /// Nothing, written `0`.
    pub const ZERO: Self = Self { nanos: 0, scale: 0 };

    /// The sum, or `None` beyond 128 bits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self { nanos: self.nanos.checked_add(other.nanos)?, scale: self.scale.max(other.scale) })
    }

    /// The value in units of 10⁻⁹, and how many digits are written after the point: for keeping sums, which may be too long to be
    /// read as a text again.
    #[must_use]
    pub const fn parts(self) -> (i128, u8) {
        (self.nanos, self.scale)
    }

    /// The decimal with these [`parts`](Self::parts); `None` where more than nine digits would stand after the point.
    #[must_use]
    pub const fn from_parts(nanos: i128, scale: u8) -> Option<Self> {
        if scale as usize <= MAX_SCALE { Some(Self { nanos, scale }) } else { None }
    }
}

impl FromStr for Decimal {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        parse(text).ok_or(InvalidId { noun: "decimal", form: Self::FORM })
    }
}

fn parse(text: &str) -> Option<Decimal> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let only_digits =
        |text: &str, max: usize| (1..=max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if leading_zero || !only_digits(whole, MAX_WHOLE_DIGITS) || fraction.is_some_and(|f| !only_digits(f, MAX_SCALE)) {
        return None;
    }
    let fraction = fraction.unwrap_or_default();
    let nanos: i128 = format!("{whole}{fraction:0<MAX_SCALE$}").parse().ok()?;
    Some(Decimal { nanos: if negative { -nanos } else { nanos }, scale: u8::try_from(fraction.len()).ok()? })
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, magnitude) = (if self.nanos < 0 { "-" } else { "" }, self.nanos.unsigned_abs());
        write!(f, "{sign}{}", magnitude / NANOS)?;
        if self.scale == 0 {
            return Ok(());
        }
        let fraction = format!("{:0>MAX_SCALE$}", magnitude % NANOS);
        write!(f, ".{}", &fraction[..usize::from(self.scale)])
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(terms: &[&str]) -> String {
        let add = |total: Decimal, term: &&str| total.checked_add(term.parse().unwrap()).unwrap();
        terms.iter().fold(Decimal::ZERO, add).to_string()
    }

    #[test]
    fn sums_are_exact_and_keep_the_longer_scale() {
        assert_eq!(sum(&["0.10", "0.20"]), "0.30");
        assert_eq!(sum(&["0.1"; 10]), "1.0");
        assert_eq!(sum(&["999999999999999999.999999999", "0.000000001"]), "1000000000000000000.000000000");
        assert_eq!(sum(&["1.50", "-2"]), "-0.50");
        assert_eq!(sum(&[]), "0");
    }

    #[test]
    fn only_the_form_is_read() {
        for bad in ["", "-", "+1", "01", ".5", "1.", "1e3", "1,5", " 1", "1 ", "0x1", "NaN", "١", "1.0000000001", "--1"]
        {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
        assert!("1".repeat(19).parse::<Decimal>().is_err());
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_again(text in "(0|[1-9][0-9]{0,17})(\\.[0-9]{1,9})?") {
            prop_assert_eq!(text.parse::<Decimal>().unwrap().to_string(), text);
        }

        #[test]
        fn the_sum_is_that_of_the_units(terms in prop::collection::vec(-1_000_000_000_000i64..1_000_000_000_000, 0..50)) {
            // In cents, so that the expected sum is an integer's.
            let text = |cents: i128| {
                format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
            };
            let total = terms.iter().fold(Decimal::ZERO, |total, &cents| {
                total.checked_add(text(cents.into()).parse().unwrap()).unwrap()
            });
            let expected: i128 = terms.iter().map(|&cents| i128::from(cents)).sum();
            let expected = if terms.is_empty() { "0".to_owned() } else { text(expected) };
            prop_assert_eq!(total.to_string(), expected);
        }
    }
}
