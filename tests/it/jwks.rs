//! Tokens of an identity provider: a JWKS over HTTP, as development admits it, cached and refreshed on an unknown key.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::{Claims, Nexus, Setup};

/// An ES256 key pair with a name.
pub(crate) struct Signer {
    kid: &'static str,
    private: EncodingKey,
    pub(crate) public: Value,
}

impl Signer {
    pub(crate) fn new(kid: &'static str) -> Self {
        let random = aws_lc_rs::rand::SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
        let point = pair.public_key().as_ref(); // 0x04, then x and y (SEC 1, section 2.3.3)
        let coordinate = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let public = json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
            "x": coordinate(&point[1..33]), "y": coordinate(&point[33..]) });
        Self { kid, private: EncodingKey::from_ec_der(pkcs8.as_ref()), public }
    }

    pub(crate) fn token(&self, claims: &Claims) -> String {
        let header = Header { kid: Some(self.kid.to_owned()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, &claims.0, &self.private).unwrap()
    }
}

/// The provider's key endpoint; counts how often it is asked.
pub(crate) struct Provider {
    pub(crate) url: String,
    keys: Arc<Mutex<Value>>,
    fetches: Arc<AtomicUsize>,
}

impl Provider {
    pub(crate) async fn start(keys: Value) -> Self {
        let keys = Arc::new(Mutex::new(keys));
        let fetches = Arc::new(AtomicUsize::new(0));
        let (served, counted) = (Arc::clone(&keys), Arc::clone(&fetches));
        let answer = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            let keys = served.lock().unwrap().clone();
            async move { axum::Json(json!({ "keys": keys })) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        let app = axum::Router::new().route("/jwks.json", axum::routing::get(answer));
        tokio::spawn(async move { serve(listener, app).await });
        Self { url, keys, fetches }
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

pub(crate) async fn serve(listener: tokio::net::TcpListener, app: axum::Router) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let service = hyper_util::service::TowerToHyperService::new(app.clone());
        let io = hyper_util::rt::TokioIo::new(stream);
        tokio::spawn(async move { hyper::server::conn::http1::Builder::new().serve_connection(io, service).await });
    }
}

async fn start(provider: &Provider) -> Nexus {
    // Two refreshes may not lie closer than this, which a test cannot wait for at its default of 30 s.
    let setup = Setup::new().env("NEXUS__AUTH__JWKS_URL", &provider.url);
    setup.env("NEXUS__AUTH__JWKS_MIN_INTERVAL_SECONDS", 1).start().await
}

#[tokio::test]
async fn a_key_set_is_cached_and_fetched_again_for_an_unknown_key() {
    let (old, new) = (Signer::new("2026-a"), Signer::new("2026-b"));
    let provider = Provider::start(json!([old.public])).await;
    let nexus = start(&provider).await;
    let claims = Claims::of("t_own", "reader");
    let with = |token: &str| nexus.bearer(token).tenant("t_own").env("dev");

    for _ in 0..5 {
        with(&old.token(&claims)).get("/nexus/raw", 200).await;
    }
    assert_eq!(provider.fetches(), 1, "cached");

    // The provider rolls its key over: the first token under the new one has it fetched.
    *provider.keys.lock().unwrap() = json!([old.public, new.public]);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    with(&new.token(&claims)).get("/nexus/raw", 200).await;
    assert_eq!(provider.fetches(), 2);
    with(&old.token(&claims)).get("/nexus/raw", 200).await;

    // Names that nobody knows do not make the provider's load: at most one fetch an interval.
    let stranger = Signer::new("nobody");
    for _ in 0..20 {
        with(&stranger.token(&claims)).get("/nexus/raw", 401).await.is("auth.invalid");
    }
    assert!(provider.fetches() <= 4, "{} fetches", provider.fetches());
}

#[tokio::test]
async fn a_public_key_is_no_hmac_secret() {
    let signer = Signer::new("k");
    let provider = Provider::start(json!([signer.public])).await;
    let nexus = start(&provider).await;
    let claims = Claims::of("t_own", "owner");
    let mut secrets: Vec<Vec<u8>> = vec![signer.public.to_string().into_bytes()];
    secrets.extend(["x", "y"].map(|part| signer.public[part].as_str().unwrap().as_bytes().to_vec()));
    // Nor does the development key count where a JWKS is configured.
    secrets.push(nexus.keys()["jwt_secret"].as_str().unwrap().as_bytes().to_vec());
    for secret in secrets {
        let caller = nexus.bearer(&claims.sign(&secret)).tenant("t_own").env("dev");
        caller.get("/nexus/raw", 401).await.is("auth.invalid");
    }
    nexus.bearer(&signer.token(&claims)).tenant("t_own").env("dev").get("/nexus/raw", 200).await;
}

#[tokio::test]
async fn an_outage_of_the_provider_locks_nobody_out() {
    let signer = Signer::new("k");
    let provider = Provider::start(json!([signer.public])).await;
    let nexus = Setup::new()
        .env("NEXUS__AUTH__JWKS_URL", &provider.url)
        .env("NEXUS__AUTH__JWKS_MAX_AGE_SECONDS", 0)
        .env("NEXUS__AUTH__JWKS_MIN_INTERVAL_SECONDS", 0)
        .start()
        .await;
    let caller = nexus.bearer(&signer.token(&Claims::of("t_own", "reader"))).tenant("t_own").env("dev");
    caller.get("/nexus/raw", 200).await;
    // Given a provider that answers nonsense, a stale key still verifies, and the failure is counted.
    *provider.keys.lock().unwrap() = json!("nonsense");
    caller.get("/nexus/raw", 200).await;
    assert!(provider.fetches() >= 2);
    assert!(nexus.metric("nexus_jwks_refresh_failures_total").await >= 1.0);
}
