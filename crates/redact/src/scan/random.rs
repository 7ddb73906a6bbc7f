//! Whether a value looks random, as keys and tokens do.

use super::date;

/// Characters that a random value has at least.
const RANDOM_LEAST: usize = 12;
/// Letters of the words of a name in camel case; random letters change their case more often.
const HUMP: usize = 5;
const HUMP_LEAST: usize = 3;
/// Bits per character of a random value, by Shannon: English words have under 3, base64 near 5, short hex near 3.
const RANDOM_BITS: f64 = 2.8;

/// Whether a value under a secret's name is one: no prose, no path, no date, and as random as keys are.
pub(crate) fn looks_random(text: &str) -> bool {
    let bytes = text.as_bytes();
    let plain = bytes.iter().all(|b| b.is_ascii_graphic());
    if !plain
        || !(RANDOM_LEAST..=8192).contains(&bytes.len())
        || date::is_timestamp(text)
        || text.contains("[redacted:")
    {
        return false;
    }
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let cases = bytes.iter().any(u8::is_ascii_uppercase) && bytes.iter().any(u8::is_ascii_lowercase);
    let dashed = bytes.split(|b| matches!(b, b'-' | b'_' | b'.' | b'/' | b':')).filter(|part| !part.is_empty());
    let words = dashed.clone().all(|part| {
        part.len() <= 12
            && (part.iter().all(u8::is_ascii_lowercase)
                || part.iter().all(u8::is_ascii_digit)
                || part.iter().all(u8::is_ascii_uppercase))
    });
    let several = dashed.count() >= 2;
    let letters = bytes.iter().any(u8::is_ascii_alphabetic);
    let parts = || bytes.chunk_by(|one, next| !(one.is_ascii_lowercase() && next.is_ascii_uppercase()));
    let named = digits == 0 && bytes.len() >= parts().count() * HUMP && parts().all(|part| part.len() >= HUMP_LEAST);
    let mixed = (digits > 0 && letters) || (cases && bytes.len() >= 16 && !named);
    mixed && !is_code(text) && !(several && words) && entropy(bytes) >= RANDOM_BITS
}

/// `Optional[grpc.ChannelCredentials]`, `trailing.group(0).lower()`, `${{secrets.TOKEN}}`: names and numbers with brackets between them.
fn is_code(text: &str) -> bool {
    let name = |part: &str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let letters = part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        letters && (digits == part.len() && digits <= 4 || digits * 4 <= part.len() && part.len() >= 3)
    };
    text.contains(['(', ')', '[', ']', '{', '}', '<', '>'])
        && text.split(|c: char| "()[]{}<>.,:&*='\"$".contains(c)).filter(|part| !part.is_empty()).all(name)
}

fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for &b in bytes {
        counts[usize::from(b)] += 1;
    }
    let total = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    counts.iter().filter(|&&count| count > 0).map(|&count| f64::from(count) / total).map(|p| -p * p.log2()).sum()
}
