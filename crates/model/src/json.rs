//! Numbers of I-JSON (RFC 7493), one rule for every reader.

use serde_json::Number;

use crate::catalog::MAX_SAFE_INTEGER;

/// An integer from 0 on.
///
/// # Errors
/// A sentence, where it is beyond 2^53−1.
pub fn unsigned(value: u64) -> Result<Number, &'static str> {
    if value > MAX_SAFE_INTEGER.unsigned_abs() { Err("an integer beyond 2^53-1") } else { Ok(value.into()) }
}

/// An integer below 0.
///
/// # Errors
/// A sentence, where it is beyond −(2^53−1).
pub fn signed(value: i64) -> Result<Number, &'static str> {
    if value.unsigned_abs() > MAX_SAFE_INTEGER.unsigned_abs() {
        Err("an integer beyond -(2^53-1)")
    } else {
        Ok(value.into())
    }
}

/// A number with a fraction or an exponent, or an integer beyond 64 bits, which readers take for one: without a fraction it is no
/// safer than the others.
///
/// # Errors
/// A sentence, where it is such an integer, or not finite.
pub fn float(value: f64) -> Result<Number, &'static str> {
    if value.fract() == 0.0 && value.abs() > MAX_SAFE_INTEGER as f64 {
        return Err("a number without fraction beyond ±(2^53-1)");
    }
    Number::from_f64(value).ok_or("a number out of range")
}
