//! Who is asking: JSON Web Tokens (RFC 7519) turned into an [`AuthContext`].
//!
//! A key is bound to one algorithm before a token is looked at: the configured secret verifies HS256 and nothing else, a
//! JWKS key verifies what its own type says. So a token's header chooses among keys, never how a key is used
//! (RFC 8725, sections 3.1 and 3.2).

mod jwks;
mod pseudonyms;
mod verified;

use std::{collections::HashMap, sync::Arc, time::Duration};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use nexus_model::{ActorType, Role, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

pub use self::{jwks::JwksError, pseudonyms::Pseudonyms};
use self::{
    jwks::JwksStore,
    verified::{JwksKey, Verified, VerifiedTokens},
};
use crate::config;

/// As long as anything is relied on, so that a time in the far future can be reckoned with.
const FAR: Duration = Duration::from_secs(365 * 86_400);
/// Beyond it a time with a fraction is none: the last second that a float tells from the next.
const FAR_FUTURE_SECONDS: f64 = (1_u64 << 53) as f64;

/// Why a bearer token was not taken. The text is safe to show to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No `Authorization: Bearer` header.
    #[error("a bearer token is required in the Authorization header")]
    Missing,
    /// Not a token, not signed by a known key, or claims that are missing or wrong.
    #[error("the bearer token is not valid")]
    Invalid,
    /// Its `exp` has passed.
    #[error("the bearer token has expired")]
    Expired,
    /// More than one `Authorization` header: which one would be meant?
    #[error("the Authorization header stands more than once")]
    Repeated,
}

/// What a verified token says of its bearer.
#[derive(Debug, Clone)]
pub struct AuthContext {
    /// The subject, opaque.
    pub user_id: UserId,
    /// What kind of actor the subject is.
    pub actor_type: ActorType,
    /// The tenants it may act in.
    pub tenant_ids: Vec<TenantId>,
    /// Takes the events of requests that name no tenant of the bearer's own.
    pub default_tenant_id: Option<TenantId>,
    /// Whether it may name another user in the events that it posts.
    pub on_behalf: bool,
    /// `exp`: seconds since the Unix epoch.
    expires: u64,
    leeway_seconds: u64,
    roles: HashMap<TenantId, Role>,
}

impl AuthContext {
    /// How long after `now` the token may still be relied on: until its `exp`, or, where that is past, for what remains of the
    /// tolerance with which it was taken.
    #[must_use]
    pub fn valid_for(&self, now: Timestamp) -> Duration {
        let now = u64::try_from(now.micros()).unwrap_or(0);
        let until = |seconds: u64| seconds.saturating_mul(1_000_000).saturating_sub(now);
        let left = match until(self.expires) {
            0 => until(self.expires.saturating_add(self.leeway_seconds)),
            left => left,
        };
        Duration::from_micros(left).min(FAR)
    }

    /// What the bearer may do in `tenant`, if anything.
    #[must_use]
    pub fn role_in(&self, tenant: &TenantId) -> Option<Role> {
        self.roles.get(tenant).copied()
    }
}

/// The claims of a token, as the wire contract names them.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The subject.
    pub sub: String,
    /// The tenants it may act in.
    pub tenant_ids: Vec<String>,
    /// Tenant to role.
    pub role_map: HashMap<String, String>,
    /// Seconds since the epoch after which the token is refused; a fraction is rounded.
    #[serde(deserialize_with = "numeric_date")]
    pub exp: u64,
    /// Takes the events of requests that name no tenant of the bearer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_tenant_id: Option<String>,
    /// `human`, `agent` or `system`.
    #[serde(default)]
    pub actor_type: ActorType,
    /// Whether the bearer may name another user in its events.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_behalf: bool,
    /// The issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The audience: checked where `auth.audience` is set, in any form that RFC 7519 admits.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
}

/// Verifies bearer tokens.
pub struct Verifier {
    secret: Option<DecodingKey>,
    jwks: Option<JwksStore>,
    validations: HashMap<Algorithm, Validation>,
    verified: VerifiedTokens,
    max_token_bytes: usize,
    leeway_seconds: u64,
    pseudonyms: Arc<Pseudonyms>,
}

const ASYMMETRIC: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

impl Verifier {
    /// A verifier for the configured keys. `pseudonyms` stand for subjects that are not opaque.
    ///
    /// # Errors
    /// When the JWKS file cannot be read or holds no usable key. A JWKS URL is read at the first token.
    pub fn new(config: &config::Auth, secret: Option<&[u8]>, pseudonyms: Arc<Pseudonyms>) -> Result<Self, JwksError> {
        let validations =
            ASYMMETRIC.iter().chain(&[Algorithm::HS256]).map(|&alg| (alg, validation(config, alg))).collect();
        Ok(Self {
            secret: secret.map(DecodingKey::from_secret),
            jwks: JwksStore::new(config)?,
            validations,
            verified: VerifiedTokens::new(config.token_cache_bytes),
            max_token_bytes: config.max_token_bytes,
            leeway_seconds: config.leeway_seconds,
            pseudonyms,
        })
    }

    /// Verifies the values of a request's `Authorization` headers, of which there is to be one.
    ///
    /// # Errors
    /// See [`AuthError`].
    pub async fn verify<'a>(
        &self,
        mut authorization: impl Iterator<Item = &'a [u8]>,
    ) -> Result<Arc<AuthContext>, AuthError> {
        let given = authorization.next().ok_or(AuthError::Missing)?;
        if authorization.next().is_some() {
            return Err(AuthError::Repeated);
        }
        // Not held over what is awaited below.
        drop(authorization);
        let token = bearer(given)?;
        if token.len() > self.max_token_bytes {
            return Err(AuthError::Invalid);
        }
        let digest = verified::digest(token);
        let now = jsonwebtoken::get_current_timestamp();
        if let Some(known) = self.verified.get(&digest, now)
            && self.is_still_the_key(known.key.as_ref()).await
        {
            return Ok(Arc::clone(&known.context));
        }
        let (claims, key) = self.claims(token).await?;
        let context = Arc::new(self.context(claims)?);
        self.verified.insert(digest, Verified { context: Arc::clone(&context), key, at: now });
        Ok(context)
    }

    /// Whether the key that verified a token is the one that would be asked now. Also sees to it that a stale JWKS is read
    /// again, however few new tokens come.
    async fn is_still_the_key(&self, known: Option<&JwksKey>) -> bool {
        let (Some(JwksKey { kid, alg, key }), Some(jwks)) = (known, &self.jwks) else { return known.is_none() };
        jwks.key(kid.as_deref(), *alg).await.is_some_and(|current| Arc::ptr_eq(&current, key))
    }

    /// Verifies a token and reads its claims; also answers the key of the JWKS that did it.
    async fn claims(&self, token: &str) -> Result<(Claims, Option<JwksKey>), AuthError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| AuthError::Invalid)?;
        if header.crit.is_some() {
            // RFC 7515, section 4.1.11: an extension that must be understood, and none is here.
            return Err(AuthError::Invalid);
        }
        let validation = self.validations.get(&header.alg).ok_or(AuthError::Invalid)?;
        match (header.alg, &self.secret, &self.jwks) {
            (Algorithm::HS256, Some(secret), _) => Ok((decode(token, secret, validation)?, None)),
            (Algorithm::HS256, None, _) | (_, _, None) => Err(AuthError::Invalid),
            (alg, _, Some(jwks)) => {
                let key = jwks.key(header.kid.as_deref(), alg).await.ok_or(AuthError::Invalid)?;
                let claims = decode(token, &key, validation)?;
                Ok((claims, Some(JwksKey { kid: header.kid, alg, key })))
            }
        }
    }

    fn context(&self, claims: Claims) -> Result<AuthContext, AuthError> {
        let user_id = self.pseudonyms.user_named(&claims.sub).ok_or(AuthError::Invalid)?;
        // Tenants and roles that do not have their form can never match a request, so they are left out.
        let tenant_ids: Vec<TenantId> = claims.tenant_ids.iter().filter_map(|id| id.parse().ok()).collect();
        let default_tenant_id = claims
            .default_tenant_id
            .and_then(|id| id.parse().ok())
            .filter(|id| tenant_ids.contains(id))
            .or_else(|| tenant_ids.first().cloned());
        let roles = claims
            .role_map
            .into_iter()
            .filter_map(|(tenant, role)| Some((tenant.parse().ok()?, parse_role(&role)?)))
            .collect();
        Ok(AuthContext {
            user_id,
            actor_type: claims.actor_type,
            tenant_ids,
            default_tenant_id,
            on_behalf: claims.on_behalf,
            expires: claims.exp,
            leeway_seconds: self.leeway_seconds,
            roles,
        })
    }
}

/// Reads a role's name.
#[must_use]
pub fn parse_role(text: &str) -> Option<Role> {
    match text {
        "reader" => Some(Role::Reader),
        "writer" => Some(Role::Writer),
        "admin" => Some(Role::Admin),
        "owner" => Some(Role::Owner),
        _ => None,
    }
}

/// Signs `claims` with HS256, as `nexus token` does for development.
///
/// # Errors
/// When the claims cannot be written as JSON.
pub fn sign(claims: &Claims, secret: &[u8]) -> Result<String, jsonwebtoken::errors::Error> {
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret))
}

fn validation(config: &config::Auth, alg: Algorithm) -> Validation {
    let mut validation = Validation::new(alg);
    validation.leeway = config.leeway_seconds;
    validation.validate_nbf = true;
    let mut required = vec!["exp", "sub"];
    if let Some(issuer) = &config.issuer {
        validation.set_issuer(&[issuer]);
        required.push("iss");
    }
    match &config.audience {
        Some(audience) => {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        None => validation.validate_aud = false,
    }
    validation.set_required_spec_claims(&required);
    validation
}

fn bearer(header: &[u8]) -> Result<&str, AuthError> {
    let text = std::str::from_utf8(header).map_err(|_| AuthError::Invalid)?;
    let (scheme, token) = text.split_once(' ').ok_or(AuthError::Missing)?;
    // RFC 9110, section 11.1: the scheme is case-insensitive.
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim_start()) } else { Err(AuthError::Missing) }
}

/// A NumericDate (RFC 7519, section 2), which may have a fraction; rounded as the library that checks it does.
fn numeric_date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    let rounded = |seconds: f64| (0.0..FAR_FUTURE_SECONDS).contains(&seconds).then(|| seconds.round() as u64);
    let whole = number.as_u64().or_else(|| rounded(number.as_f64()?));
    whole.ok_or_else(|| serde::de::Error::custom("expected seconds since 1970-01-01T00:00:00Z"))
}

fn decode(token: &str, key: &DecodingKey, validation: &Validation) -> Result<Claims, AuthError> {
    match jsonwebtoken::decode::<Claims>(token, key, validation) {
        Ok(data) => Ok(data.claims),
        Err(error) => match error.kind() {
            ErrorKind::ExpiredSignature => Err(AuthError::Expired),
            _ => Err(AuthError::Invalid),
        },
    }
}

#[cfg(test)]
mod tests;
