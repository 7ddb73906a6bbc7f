//! Cryptocurrency addresses: Base58Check (Bitcoin and kin), Bech32 (BIP 173), hexadecimal (EIP-55).

use sha2::{Digest, Sha256};

use super::{Context, tokens::Token};
use crate::PiiType;

pub(crate) fn find(context: &mut Context<'_>) {
    if context.number {
        return;
    }
    let tokens: &[Token] = context.tokens;
    for &token in tokens {
        if token.len() < 25 || token.len() > 108 || context.is_opaque(token.start, token.end) {
            continue;
        }
        let text = &context.bytes[token.start..token.end];
        if is_hex(text) || is_bech32(text) || is_base58(text) {
            context.push(token.start, token.end, PiiType::CryptoWallet);
        }
    }
}

/// `0x` and forty hex digits: Ethereum and its kin.
fn is_hex(text: &[u8]) -> bool {
    text.len() == 42 && text.starts_with(b"0x") && text[2..].iter().all(u8::is_ascii_hexdigit)
}

/// `bc1…`, `tb1…`, `ltc1…`, `addr1…`, checked by the BCH code of BIP 173 and BIP 350.
fn is_bech32(text: &[u8]) -> bool {
    const CHARSET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let text = text.to_ascii_lowercase();
    let Some(prefix) =
        [&b"bc"[..], b"tb", b"ltc", b"addr", b"cosmos"].into_iter().find(|prefix| text.starts_with(prefix))
    else {
        return false;
    };
    if text.get(prefix.len()) != Some(&b'1') {
        return false;
    }
    let mut check = 1u32;
    let mut feed = |value: u32| {
        let top = check >> 25;
        check = (check & 0x01ff_ffff) << 5 ^ value;
        for (bit, generator) in GENERATOR.iter().enumerate() {
            if top >> bit & 1 == 1 {
                check ^= generator;
            }
        }
    };
    prefix.iter().for_each(|&b| feed(u32::from(b >> 5)));
    feed(0);
    prefix.iter().for_each(|&b| feed(u32::from(b & 31)));
    for b in &text[prefix.len() + 1..] {
        let Some(value) = CHARSET.iter().position(|c| c == b) else { return false };
        feed(u32::try_from(value).unwrap_or(0));
    }
    check == 1 || check == 0x2bc8_30a3
}

/// Base58Check: 25 bytes, the last four the head of a double SHA-256 of the rest; Solana's 32 bytes have no check.
fn is_base58(text: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    if !(25..=35).contains(&text.len()) || !b"132mnLMDT".contains(&text[0]) {
        return false;
    }
    let mut bytes = [0u8; 25];
    for b in text {
        let Some(mut carry) = ALPHABET.iter().position(|c| c == b) else { return false };
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = u8::try_from(carry & 0xff).unwrap_or(0);
            carry >>= 8;
        }
        if carry != 0 {
            return false;
        }
    }
    Sha256::digest(Sha256::digest(&bytes[..21]))[..4] == bytes[21..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_addresses_hold_and_a_changed_letter_does_not() {
        assert!(is_base58(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(is_base58(b"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"));
        assert!(!is_base58(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"));
        assert!(is_bech32(b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"));
        assert!(!is_bech32(b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"));
        assert!(is_hex(b"0x52908400098527886E0F7030069857D2E4169EE7"));
    }
}
