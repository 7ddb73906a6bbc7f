//! What stands where a finding stood.

use hmac::{Hmac, KeyInit, Mac};
use nexus_model::TenantId;
use sha2::Sha256;

use crate::{Action, PiiType, redactor::TenantRules};

/// Letters or digits that a value must have for a mask to show its last four.
const MASK_LEAST: usize = 8;
/// How many a mask shows.
const MASK_SHOWN: usize = 4;
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
        Action::Hash => rules.hasher.as_ref().map(|hasher| hasher.hash(kind, value)),
    };
    out.push_str("[redacted:");
    out.push_str(kind.as_str());
    if let Some(detail) = detail {
        out.push(':');
        out.push_str(&detail);
    }
    out.push(']');
}

fn mask(value: &str) -> Option<String> {
    let letters: Vec<char> = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let shown = letters.len().checked_sub(MASK_SHOWN).filter(|_| letters.len() >= MASK_LEAST)?;
    Some(["****"].into_iter().map(str::to_owned).chain([letters[shown..].iter().collect()]).collect())
}
