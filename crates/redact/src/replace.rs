//! What stands where a finding stood.

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use nexus_model::TenantId;
use sha2::Sha256;

use crate::{Action, PiiType, redactor::TenantRules, text::normalised};

/// How every placeholder begins.
pub(crate) const BEGIN: &str = "[redacted:";

/// Letters or digits that a value must have for a mask to show its last four.
const MASK_LEAST: usize = 8;
/// How many a mask shows.
const MASK_SHOWN: usize = 4;
/// What a mask shows before them.
const MASK: &str = "****";
/// Bytes of the longest placeholder between its brackets.
const MAX_INNER: usize = 64;
/// Bytes of the longest placeholder.
pub(crate) const MAX_PLACEHOLDER: usize = BEGIN.len() + MAX_INNER + 1;
/// Hex digits of a hashed value: 128 bits, far beyond accidental collisions inside a tenant.
const HASH_DIGITS: usize = 32;

/// HMAC-SHA-256 under one tenant's key.
#[derive(Debug)]
pub(crate) struct Hasher([u8; 32]);

/// The tenant's own key, derived so that no two tenants' hashes can be joined.
pub(crate) fn derive_tenant_key(master: &[u8], tenant: &TenantId) -> [u8; 32] {
    hmac(master, &[b"nexus-redact tenant key\0", tenant.as_str().as_bytes()])
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes a key of any length (RFC 2104, section 2), so this cannot fail.
    #[allow(clippy::expect_used)]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl Hasher {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    fn hash(&self, kind: PiiType, value: &str) -> String {
        let mut digest = hex::encode(hmac(&self.0, &[kind.as_str().as_bytes(), b"\0", value.as_bytes()]));
        digest.truncate(HASH_DIGITS);
        digest
    }
}

/// Appends what stands for `value`.
pub(crate) fn push(out: &mut String, rules: &TenantRules<'_>, kind: PiiType, value: &str) {
    let detail = match rules.rule(kind).action {
        Action::Keep => return out.push_str(value),
        Action::Redact => None,
        Action::Mask => mask(value),
        Action::Hash => rules.hasher().map(|hasher| hasher.hash(kind, &normalised(value))),
    };
    out.push_str(BEGIN);
    out.push_str(kind.as_str());
    if let Some(detail) = detail {
        out.push(':');
        out.push_str(&detail);
    }
    out.push(']');
}

/// The placeholder of a type, with nothing of the value.
pub(crate) fn bare(kind: PiiType) -> String {
    format!("{BEGIN}{}]", kind.as_str())
}

/// The quote that a placeholder needs in place of a bare number inside so many layers of JSON strings.
pub(crate) fn quote(layers: u8) -> Cow<'static, str> {
    match layers {
        0 => Cow::Borrowed(""),
        1 => Cow::Borrowed("\""),
        // Each layer escapes the backslashes and the quote of the one inside it.
        more => Cow::Owned("\\".repeat((1 << (more - 1)) - 1) + "\""),
    }
}

fn mask(value: &str) -> Option<String> {
    let letters: Vec<char> = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let shown = letters.len().checked_sub(MASK_SHOWN).filter(|_| letters.len() >= MASK_LEAST)?;
    Some(MASK.chars().chain(letters[shown..].iter().copied()).collect())
}

/// The length of the placeholder at the beginning of `text`. Only what [`push`] writes counts, so that nothing can be hidden in one.
pub(crate) fn placeholder(text: &str) -> Option<usize> {
    let inner = text.strip_prefix(BEGIN)?;
    let inner = &inner[..inner.bytes().take(MAX_INNER).position(|b| b == b']')?];
    let (name, detail) = inner.split_once(':').map_or((inner, None), |(name, detail)| (name, Some(detail)));
    let known = PiiType::ALL.iter().any(|kind| kind.as_str() == name);
    let is_hash =
        |detail: &str| detail.len() == HASH_DIGITS && detail.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_mask = |detail: &str| {
        detail
            .strip_prefix(MASK)
            .is_some_and(|shown| shown.len() == MASK_SHOWN && shown.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    (known && detail.is_none_or(|detail| is_hash(detail) || is_mask(detail))).then_some(BEGIN.len() + inner.len() + 1)
}

/// The text with a gap for each placeholder.
pub(crate) fn without_placeholders(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'[', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(BEGIN) {
        out.push_str(&rest[..at]);
        let length = placeholder(&rest[at..]);
        out.push_str(if length.is_some() { " " } else { BEGIN });
        rest = &rest[at + length.unwrap_or(BEGIN.len())..];
    }
    Cow::Owned(out + rest)
}

/// Whether `text` is one placeholder and nothing else.
pub(crate) fn is_placeholders(text: &str) -> bool {
    placeholder(text) == Some(text.len())
}
