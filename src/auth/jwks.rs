//! Public keys from a JWKS (RFC 7517), as a file or at a URL: cached, refreshed for an unknown `kid`, bounded.

use std::{
    path::PathBuf,
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use http::HeaderName;
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde::Deserialize;
use tracing::Instrument;

use crate::{
    config,
    telemetry::traces::{part, traceparent},
};

/// How long one fetch of a JWKS may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a JWKS could not be read.
#[derive(Debug, thiserror::Error)]
pub enum JwksError {
    /// The file is not there or cannot be read.
    #[error("auth.jwks_file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The URL did not answer with a document.
    #[error("auth.jwks_url: {0}")]
    Fetch(#[from] reqwest::Error),
    /// Longer than `auth.jwks_max_bytes`.
    #[error("the JWKS is longer than auth.jwks_max_bytes")]
    TooLarge,
    /// Not a JWKS.
    #[error("the JWKS is not valid JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// No RS256, ES256 or EdDSA key in it.
    #[error("the JWKS holds no RS256, ES256 or EdDSA signing key")]
    NoKeys,
}

struct Key {
    kid: Option<String>,
    alg: Algorithm,
    key: Arc<DecodingKey>,
}

#[derive(Default)]
struct Keys {
    keys: Vec<Key>,
    fetched: Option<Instant>,
}

enum Source {
    File(PathBuf),
    Url { client: reqwest::Client, url: String },
}

pub(super) struct JwksStore {
    source: Source,
    keys: RwLock<Keys>,
    /// Held while a fetch is under way, so that there is one at a time; keeps when the last one began.
    fetching: tokio::sync::Mutex<Option<Instant>>,
    max_age: Duration,
    min_interval: Duration,
    max_keys: usize,
    max_bytes: usize,
}

impl JwksStore {
    pub(super) fn new(config: &config::Auth) -> Result<Option<Self>, JwksError> {
        let source = match (&config.jwks_file, &config.jwks_url) {
            (Some(path), _) => Source::File(path.clone()),
            (None, Some(url)) => {
                let client = reqwest::Client::builder().timeout(FETCH_TIMEOUT).build()?;
                Source::Url { client, url: url.clone() }
            }
            (None, None) => return Ok(None),
        };
        let store = Self {
            source,
            keys: RwLock::default(),
            fetching: tokio::sync::Mutex::new(None),
            max_age: Duration::from_secs(config.jwks_max_age_seconds),
            min_interval: Duration::from_secs(config.jwks_min_interval_seconds),
            max_keys: config.jwks_max_keys,
            max_bytes: config.jwks_max_bytes,
        };
        if let Source::File(path) = &store.source {
            let keys = store.parse(&read_file(path, store.max_bytes)?)?;
            store.replace(keys);
        }
        Ok(Some(store))
    }

    /// The key for a token's `kid` and `alg`, fetching the set again when it is stale or does not know the `kid`.
    pub(super) async fn key(&self, kid: Option<&str>, alg: Algorithm) -> Option<Arc<DecodingKey>> {
        let (found, stale) = self.find(kid, alg);
        if found.is_some() && !stale {
            return found;
        }
        self.refresh().await;
        // A failed refresh leaves the keys as they were: an outage of the issuer does not lock everyone out.
        self.find(kid, alg).0
    }

    fn find(&self, kid: Option<&str>, alg: Algorithm) -> (Option<Arc<DecodingKey>>, bool) {
        let keys = self.keys.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let stale = keys.fetched.is_none_or(|at| at.elapsed() > self.max_age);
        let mut fitting = keys.keys.iter().filter(|key| key.alg == alg && (kid.is_none() || key.kid.as_deref() == kid));
        let found = match (fitting.next(), kid, fitting.next()) {
            // Without a kid, the key must be the only one that fits.
            (Some(_), None, Some(_)) => None,
            (key, _, _) => key.map(|key| Arc::clone(&key.key)),
        };
        (found, stale)
    }

    async fn refresh(&self) {
        let mut last = self.fetching.lock().await;
        if last.is_some_and(|at| at.elapsed() < self.min_interval) {
            return;
        }
        *last = Some(Instant::now());
        match self.fetch().instrument(part!("fetch jwks", otel.kind = "client")).await {
            Ok(keys) => self.replace(keys),
            Err(error) => {
                metrics::counter!("nexus_jwks_refresh_failures_total").increment(1);
                tracing::warn!(error = &error as &dyn std::error::Error, "the JWKS could not be refreshed");
            }
        }
    }

    async fn fetch(&self) -> Result<Vec<Key>, JwksError> {
        let bytes = match &self.source {
            Source::File(path) => read_file(path, self.max_bytes)?,
            Source::Url { client, url } => {
                let traceparent = traceparent().map(|value| (HeaderName::from_static("traceparent"), value));
                let request = client.get(url).headers(traceparent.into_iter().collect());
                let mut response = request.send().await?.error_for_status()?;
                let mut bytes = Vec::new();
                while let Some(chunk) = response.chunk().await? {
                    bytes.extend_from_slice(&chunk);
                    if bytes.len() > self.max_bytes {
                        return Err(JwksError::TooLarge);
                    }
                }
                bytes
            }
        };
        self.parse(&bytes)
    }

    fn parse(&self, bytes: &[u8]) -> Result<Vec<Key>, JwksError> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<serde_json::Value>,
        }
        let set: Set = serde_json::from_slice(bytes)?;
        // A key of a kind that we do not know must not spoil the others (RFC 7517, section 5).
        let keys: Vec<Key> = set.keys.into_iter().filter_map(usable).take(self.max_keys).collect();
        if keys.is_empty() { Err(JwksError::NoKeys) } else { Ok(keys) }
    }

    fn replace(&self, keys: Vec<Key>) {
        let mut slot = self.keys.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *slot = Keys { keys, fetched: Some(Instant::now()) };
    }
}

/// A public signing key and the one algorithm its type admits.
fn usable(jwk: serde_json::Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(jwk).ok()?;
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let alg = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::OctetKeyPair(okp) if okp.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        _ => return None,
    };
    let declared = jwk.common.key_algorithm.map(|alg| alg.to_string());
    if declared.is_some_and(|declared| declared.parse() != Ok(alg)) {
        return None;
    }
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    Some(Key { kid: jwk.common.key_id, alg, key: Arc::new(key) })
}

fn read_file(path: &std::path::Path, max: usize) -> Result<Vec<u8>, JwksError> {
    let file = |source| JwksError::File { path: path.to_owned(), source };
    let length = std::fs::metadata(path).map_err(file)?.len();
    if length > max as u64 {
        return Err(JwksError::TooLarge);
    }
    std::fs::read(path).map_err(file)
}
