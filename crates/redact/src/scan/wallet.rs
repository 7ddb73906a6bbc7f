//! Cryptocurrency addresses: Base58Check (Bitcoin and kin), Bech32 (BIP 173), hexadecimal (EIP-55).

use sha2::{Digest, Sha256};

use super::{Context, tokens::Token};
use crate::{PiiType, hint::Hint};

/// Bytes between a word for wallets and the address that it announces.
const LABEL_WINDOW: usize = 24;

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
        let announced = || context.hint == Some(Hint::Wallet) || context.labels.wallet(token.start, LABEL_WINDOW);
        if is_hex(text) || is_bech32(text) || is_base58(text) || is_shaped(text) && announced() {
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

const BITCOIN: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const RIPPLE: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

/// Letters of an address that may have no digit: of thirty-two, one in two hundred has none.
const NO_DIGIT: usize = 32;

/// What an address looks like whose check is not known or that has none (Solana, Monero, Cardano): base58 with digits and letters of both
/// cases, or a prefix, `1` and the letters of Bech32. Forty hexadecimal digits are a commit more often.
pub(super) fn is_shaped(text: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| text.iter().any(test);
    let base58 = || {
        text.iter().all(|b| BITCOIN.contains(b))
            && (has(u8::is_ascii_digit) || text.len() >= NO_DIGIT)
            && has(u8::is_ascii_uppercase)
            && has(u8::is_ascii_lowercase)
    };
    let bech32 = || {
        text.iter().position(|b| *b == b'1').is_some_and(|one| {
            (1..=10).contains(&one)
                && text[..one].iter().all(u8::is_ascii_lowercase)
                && text[one + 1..].iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
    };
    (25..=110).contains(&text.len()) && (is_hex(text) || base58() || bech32())
}

/// Base58Check: 25 bytes, the last four the head of a double SHA-256 of the rest, in Bitcoin's alphabet or, after an `r`, in Ripple's;
/// Solana's 32 bytes have no check.
fn is_base58(text: &[u8]) -> bool {
    if !(25..=35).contains(&text.len()) || !b"132mnLMDTr".contains(&text[0]) {
        return false;
    }
    let alphabet = if text[0] == b'r' { RIPPLE } else { BITCOIN };
    let mut bytes = [0u8; 25];
    for b in text {
        let Some(mut carry) = alphabet.iter().position(|c| c == b) else { return false };
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
        // The account of all zeros of the XRP Ledger.
        assert!(is_base58(b"rrrrrrrrrrrrrrrrrrrrrhoLvTp") && !is_base58(b"rrrrrrrrrrrrrrrrrrrrrhoLvTs"));
        assert!(
            is_shaped(b"BES9T9qr3yP83YdgAxjr8nbLRHMAgdPaDeehp5P6Rccd") && !is_shaped(b"01J9Z3K4M5N6P7Q8R9S0T1V2W3")
        );
        assert!(is_bech32(b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"));
        assert!(!is_bech32(b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"));
        assert!(is_hex(b"0x52908400098527886E0F7030069857D2E4169EE7"));
    }
}
