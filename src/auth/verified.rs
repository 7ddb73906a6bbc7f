//! Tokens that were verified before, so that a bearer who asks often is verified once.
//!
//! What is remembered is the token's SHA-256 and what followed from it, never the token: the memory of this process gives
//! no bearer token away. A token is trusted again only for as long as verifying it again would succeed: until its `exp`
//! with the same leeway, while the very key that verified it is the one that would be asked, and while the clock has not
//! been set back to before it was verified, when `nbf` may not have come. Refusals are never remembered.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey};
use moka::{policy::EvictionPolicy, sync::Cache};
use sha2::{Digest, Sha256};

use super::AuthContext;

/// What a token takes here beside its tenants and roles: digest, context, key, and the cache's own. Bytes, rounded up.
const ENTRY_BYTES: usize = 512;
/// What one of its tenants or roles takes: the text, its count, and its place in a list or map. Bytes, rounded up.
const NAME_BYTES: usize = 128;

/// The key of a JWKS that verified a token, and how it was asked for.
pub(super) struct JwksKey {
    pub(super) kid: Option<String>,
    pub(super) alg: Algorithm,
    pub(super) key: Arc<DecodingKey>,
}

/// A verified token.
pub(super) struct Verified {
    /// What it says.
    pub(super) context: Arc<AuthContext>,
    /// What verified it; `None` for the configured secret, which does not change.
    pub(super) key: Option<JwksKey>,
    /// When it was verified. Seconds since the Unix epoch.
    pub(super) at: u64,
}

impl Verified {
    pub(super) fn is_current(&self, now: u64) -> bool {
        let until = self.context.expires.saturating_add(self.context.leeway_seconds);
        (self.at..=until).contains(&now)
    }

    fn bytes(&self) -> u32 {
        let AuthContext { tenant_ids, roles, .. } = &*self.context;
        let kid = self.key.as_ref().and_then(|key| key.kid.as_ref()).map_or(0, String::len);
        let bytes = ENTRY_BYTES + kid + (tenant_ids.len() + roles.len()) * NAME_BYTES;
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}

/// Names a token without telling it.
pub(super) type TokenDigest = [u8; 32];

/// The digest of a token.
pub(super) fn digest(token: &str) -> TokenDigest {
    Sha256::digest(token.as_bytes()).into()
}

/// The tokens that were verified last; `None` where nothing is to be remembered.
pub(super) struct VerifiedTokens(Option<Cache<TokenDigest, Arc<Verified>>>);

impl VerifiedTokens {
    /// Keeps at most about `max_bytes`; with 0 nothing is remembered.
    pub(super) fn new(max_bytes: u64) -> Self {
        let cache = || {
            Cache::builder()
                .max_capacity(max_bytes)
                .weigher(|_, verified: &Arc<Verified>| verified.bytes())
                .eviction_policy(EvictionPolicy::lru())
                .build()
        };
        Self((max_bytes > 0).then(cache))
    }

    /// What is known of a token at `now`, in seconds since the Unix epoch. Whether its key is still the right one is for the
    /// caller to see.
    pub(super) fn get(&self, token: &TokenDigest, now: u64) -> Option<Arc<Verified>> {
        self.0.as_ref()?.get(token).filter(|verified| verified.is_current(now))
    }

    /// Remembers a token.
    pub(super) fn insert(&self, token: TokenDigest, verified: Verified) {
        if let Some(cache) = &self.0 {
            cache.insert(token, Arc::new(verified));
        }
    }
}
