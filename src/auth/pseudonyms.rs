//! How users are named on the ledger, whoever names them: a token's `sub`, a posted event, a filter, a path. One rule for all of them,
//! so that what a caller writes can be found by what it asks.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use nexus_model::UserId;
use nexus_redact::Redactor;
use sha2::Sha256;

/// What a pseudonym begins with.
const PREFIX: &str = "u_";
/// The hex digits after that: 128 bits of the hash.
const DIGITS: usize = 32;

/// Turns users' names into ids that say nothing of a person.
pub struct Pseudonyms {
    key: [u8; 32],
    redactor: Arc<Redactor>,
}

impl Pseudonyms {
    /// `key` keys the hash that stands for a name that is not opaque.
    #[must_use]
    pub fn new(key: [u8; 32], redactor: Arc<Redactor>) -> Self {
        Self { key, redactor }
    }

    /// The name itself where it is opaque and holds no PII, or is a pseudonym already; else `u_` and 32 hex digits of a keyed hash
    /// of it. `None` for an empty name.
    #[must_use]
    pub fn user_named(&self, name: &str) -> Option<UserId> {
        if let Ok(id) = name.parse::<UserId>()
            && (is_pseudonym(name) || self.redactor.is_clean(name))
        {
            return Some(id);
        }
        if name.is_empty() {
            return None;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(name.as_bytes());
        let digest = hex::encode(&mac.finalize().into_bytes()[..DIGITS / 2]);
        format!("{PREFIX}{digest}").parse().ok()
    }
}

/// Its digits may look like a number that is PII, and a pseudonym of a pseudonym would never be found.
fn is_pseudonym(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|digits| {
        digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use nexus_redact::Policy;

    use super::*;

    #[test]
    fn names_with_pii_are_hashed_and_found_again() {
        let names = |key: u8| Pseudonyms::new([key; 32], Arc::new(Redactor::new(Policy::default()).unwrap()));
        let (own, other) = (names(7), names(8));
        let named = |name: &str| own.user_named(name).unwrap();
        assert_eq!(named("u_demo").as_str(), "u_demo");
        for name in ["jane@example.com", "Jane Doe", "078-05-1120", "4111111111111111"] {
            let id = named(name);
            assert!(is_pseudonym(id.as_str()), "{name} became {id:?}");
            assert_eq!(id, named(name));
            assert_eq!(id, named(id.as_str()), "and is found by what the ledger shows");
            assert_ne!(id, other.user_named(name).unwrap(), "only who has the key can tell");
        }
        // Sixteen of its digits are a payment card's, as chance may have it.
        let unlucky = "u_4111111111111111abcdefabcdefabcd";
        assert_eq!(named(unlucky).as_str(), unlucky);
        assert!(own.user_named("").is_none());
    }
}
