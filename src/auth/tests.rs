#![allow(clippy::unwrap_used)]

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use nexus_redact::{Policy, Redactor};
use serde_json::{Value, json};

use super::*;
use crate::config::Config;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

fn verifier(change: impl FnOnce(&mut crate::config::Auth), secret: Option<&[u8]>) -> Verifier {
    let mut config = Config::defaults().unwrap().auth;
    change(&mut config);
    let redactor = Arc::new(Redactor::new(Policy::default()).unwrap());
    Verifier::new(&config, secret, Arc::new(Pseudonyms::new([7; 32], redactor))).unwrap()
}

fn now() -> u64 {
    jsonwebtoken::get_current_timestamp()
}

fn claims() -> Value {
    json!({ "sub": "u_1", "tenant_ids": ["t_a", "t_b"], "role_map": { "t_a": "writer", "t_b": "emperor" }, "exp": now() + 600 })
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims();
    claims[name] = value.into();
    claims
}

fn token(claims: &Value) -> String {
    token_of(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(SECRET))
}

fn token_of(header: &Header, claims: &Value, key: &EncodingKey) -> String {
    format!("Bearer {}", jsonwebtoken::encode(header, claims, key).unwrap())
}

async fn verify(verifier: &Verifier, header: &str) -> Result<Arc<AuthContext>, AuthError> {
    verifier.verify([header.as_bytes()].into_iter()).await
}

#[tokio::test]
async fn a_good_token_says_who() {
    let verifier = verifier(|_| {}, Some(SECRET));
    let auth = verify(&verifier, &token(&claims())).await.unwrap();
    assert_eq!(auth.user_id.as_str(), "u_1");
    assert_eq!(auth.role_in(&"t_a".parse().unwrap()), Some(Role::Writer));
    assert_eq!(auth.role_in(&"t_b".parse().unwrap()), None, "an unknown role is none");
    assert_eq!(auth.default_tenant_id.as_ref().unwrap().as_str(), "t_a");
    assert_eq!(auth.actor_type, ActorType::Human);
}

#[tokio::test]
async fn exp_and_nbf_have_60_seconds_of_leeway() {
    let verifier = verifier(|_| {}, Some(SECRET));
    assert!(verify(&verifier, &token(&with("exp", now() - 30))).await.is_ok());
    assert_eq!(verify(&verifier, &token(&with("exp", now() - 90))).await.unwrap_err(), AuthError::Expired);
    assert!(verify(&verifier, &token(&with("nbf", now() + 30))).await.is_ok());
    assert_eq!(verify(&verifier, &token(&with("nbf", now() + 90))).await.unwrap_err(), AuthError::Invalid);
}

#[tokio::test]
async fn times_may_have_fractions() {
    let verifier = verifier(|_| {}, Some(SECRET));
    let now = now() as f64;
    let good = verify(&verifier, &token(&with("exp", now + 600.5))).await.unwrap();
    let left = good.valid_for(Timestamp::from_micros(((now + 600.0) * 1e6) as i64).unwrap());
    assert!(left <= Duration::from_secs(1), "{left:?}");
    assert!(verify(&verifier, &token(&with("nbf", now - 0.25))).await.is_ok());
    assert!(verify(&verifier, &token(&with("exp", 1e18))).await.is_err());
    assert_eq!(verify(&verifier, &token(&with("exp", now - 90.5))).await.unwrap_err(), AuthError::Expired);
    assert_eq!(verify(&verifier, &token(&with("nbf", now + 90.5))).await.unwrap_err(), AuthError::Invalid);
    for bad in [json!("1e9"), json!(-1.5), json!([1])] {
        assert_eq!(verify(&verifier, &token(&with("exp", bad))).await.unwrap_err(), AuthError::Invalid);
    }
}

#[tokio::test]
async fn extensions_that_must_be_understood_are_refused() {
    let verifier = verifier(|_| {}, Some(SECRET));
    for names in [vec!["b64".to_owned()], Vec::new()] {
        let header = Header { crit: Some(names), ..Header::new(Algorithm::HS256) };
        let token = token_of(&header, &claims(), &EncodingKey::from_secret(SECRET));
        assert_eq!(verify(&verifier, &token).await.unwrap_err(), AuthError::Invalid);
    }
}

#[tokio::test]
async fn two_headers_say_nothing() {
    let verifier = verifier(|_| {}, Some(SECRET));
    let token = token(&claims());
    let twice = [token.as_bytes(), token.as_bytes()];
    assert_eq!(verifier.verify(twice.into_iter()).await.unwrap_err(), AuthError::Repeated);
}

#[tokio::test]
async fn what_is_remembered_expires_with_its_token() {
    let verifier = verifier(|_| {}, Some(SECRET));
    let ending = token(&with("exp", now() - 59));
    let first = verify(&verifier, &ending).await.unwrap();
    assert!(Arc::ptr_eq(&first, &verify(&verifier, &ending).await.unwrap()), "remembered");
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(verify(&verifier, &ending).await.unwrap_err(), AuthError::Expired);

    // `nbf` had come when it was verified; with the clock set back to before that, it may not have.
    let verified = verified::Verified { context: first, key: None, at: now() - 30 };
    assert!(verified.is_current(now() - 30) && !verified.is_current(now() - 31));
}

#[tokio::test]
async fn without_room_nothing_is_remembered() {
    let verifier = verifier(|auth| auth.token_cache_bytes = 0, Some(SECRET));
    let token = token(&claims());
    let first = verify(&verifier, &token).await.unwrap();
    assert!(!Arc::ptr_eq(&first, &verify(&verifier, &token).await.unwrap()));
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let verifier = verifier(|_| {}, Some(SECRET));
    assert_eq!(verifier.verify(std::iter::empty()).await.unwrap_err(), AuthError::Missing);
    assert_eq!(verify(&verifier, "Basic dTpw").await.unwrap_err(), AuthError::Missing);
    let long = format!("Bearer {}", "a".repeat(9000));
    for bad in ["Bearer ", "Bearer x.y.z", "Bearer \u{0}", long.as_str()] {
        assert_eq!(verify(&verifier, bad).await.unwrap_err(), AuthError::Invalid, "{bad}");
    }
    let mut no_exp = claims();
    no_exp.as_object_mut().unwrap().remove("exp");
    assert_eq!(verify(&verifier, &token(&no_exp)).await.unwrap_err(), AuthError::Invalid);
    let other = token_of(
        &Header::new(Algorithm::HS256),
        &claims(),
        &EncodingKey::from_secret(b"another secret, just as long as it"),
    );
    assert_eq!(verify(&verifier, &other).await.unwrap_err(), AuthError::Invalid);
}

#[tokio::test]
async fn alg_none_is_refused() {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let verifier = verifier(|_| {}, Some(SECRET));
    for alg in ["none", "None", "NONE", ""] {
        let header = BASE64_URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "typ": "JWT" }).to_string());
        let body = BASE64_URL_SAFE_NO_PAD.encode(claims().to_string());
        assert_eq!(verify(&verifier, &format!("Bearer {header}.{body}.")).await.unwrap_err(), AuthError::Invalid);
    }
}

#[tokio::test]
async fn issuer_and_audience_hold_when_configured() {
    let verifier = verifier(
        |auth| {
            auth.issuer = Some("https://issuer".into());
            auth.audience = Some("nexus".into());
        },
        Some(SECRET),
    );
    assert!(verify(&verifier, &token(&claims())).await.is_err());
    let mut good = with("iss", "https://issuer");
    good["aud"] = json!(["other", "nexus"]);
    assert!(verify(&verifier, &token(&good)).await.is_ok());
    good["aud"] = json!("other");
    assert!(verify(&verifier, &token(&good)).await.is_err());
}

#[tokio::test]
async fn a_subject_that_is_not_opaque_becomes_a_keyed_hash() {
    let verifier = verifier(|_| {}, Some(SECRET));
    for sub in ["jane.doe@example.com", "auth0|5f7c", "4111111111111111", "ünïcode"] {
        let auth = verify(&verifier, &token(&with("sub", sub))).await.unwrap();
        assert!(
            auth.user_id.as_str().starts_with("u_") && auth.user_id.as_str().len() == 34,
            "{sub}: {}",
            auth.user_id
        );
    }
    assert!(verify(&verifier, &token(&with("sub", ""))).await.is_err());
}

mod asymmetric {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

    use super::*;

    struct Ec {
        jwk: Value,
        key: EncodingKey,
        public: Vec<u8>,
    }

    fn ec(kid: &str) -> Ec {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let public = pair.public_key().as_ref().to_vec();
        let b64 = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": b64(&public[1..33]), "y": b64(&public[33..65]) });
        Ec { jwk, key: EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref()), public }
    }

    fn ed(kid: &str) -> (Value, EncodingKey) {
        let pair = Ed25519KeyPair::generate().unwrap();
        let x = BASE64_URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let der = pair.to_pkcs8v1().unwrap();
        (json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x }), EncodingKey::from_ed_der(der.as_ref()))
    }

    fn header(alg: Algorithm, kid: Option<&str>) -> Header {
        let mut header = Header::new(alg);
        header.kid = kid.map(ToOwned::to_owned);
        header
    }

    fn write(path: &std::path::Path, keys: &[Value]) {
        std::fs::write(path, json!({ "keys": keys }).to_string()).unwrap();
    }

    fn with_file(path: &std::path::Path) -> Verifier {
        verifier(
            |auth| {
                auth.jwks_file = Some(path.to_owned());
                auth.jwks_min_interval_seconds = 0;
            },
            None,
        )
    }

    #[tokio::test]
    async fn es256_and_eddsa_from_a_jwks_and_unknown_kids_refresh_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (one, (two, two_key)) = (ec("one"), ed("two"));
        // A key of a kind that nobody knows must not spoil the others.
        write(file.path(), &[json!({ "kty": "lattice", "kid": "odd" }), one.jwk.clone()]);
        let verifier = with_file(file.path());
        let first = token_of(&header(Algorithm::ES256, Some("one")), &claims(), &one.key);
        assert!(verify(&verifier, &first).await.is_ok());
        let second = token_of(&header(Algorithm::EdDSA, Some("two")), &claims(), &two_key);
        assert_eq!(verify(&verifier, &second).await.unwrap_err(), AuthError::Invalid);
        write(file.path(), &[one.jwk, two]);
        assert!(verify(&verifier, &second).await.is_ok(), "an unknown kid makes the set be read again");
    }

    #[tokio::test]
    async fn a_public_key_is_never_an_hmac_secret() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let one = ec("one");
        write(
            file.path(),
            &[one.jwk.clone(), json!({ "kty": "oct", "kid": "sym", "k": BASE64_URL_SAFE_NO_PAD.encode(SECRET) })],
        );
        let verifier = with_file(file.path());
        for secret in [one.public.as_slice(), SECRET] {
            for kid in ["one", "sym"] {
                let forged =
                    token_of(&header(Algorithm::HS256, Some(kid)), &claims(), &EncodingKey::from_secret(secret));
                assert_eq!(verify(&verifier, &forged).await.unwrap_err(), AuthError::Invalid);
            }
        }
        let stray = token_of(&header(Algorithm::ES256, None), &claims(), &one.key);
        assert!(verify(&verifier, &stray).await.is_ok(), "without a kid, the only key that fits");
    }

    /// A token that is remembered is refused as soon as another key stands under its key's name, or none.
    #[tokio::test]
    async fn what_is_remembered_goes_with_its_key() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (one, (other, other_key)) = (ec("one"), ed("other"));
        let token = token_of(&header(Algorithm::ES256, Some("one")), &claims(), &one.key);
        let unknown = token_of(&header(Algorithm::EdDSA, Some("unknown")), &claims(), &other_key);
        for now_there in [vec![ec("one").jwk, other.clone()], vec![other]] {
            write(file.path(), std::slice::from_ref(&one.jwk));
            let verifier = with_file(file.path());
            let first = verify(&verifier, &token).await.unwrap();
            assert!(Arc::ptr_eq(&first, &verify(&verifier, &token).await.unwrap()), "remembered");
            write(file.path(), &now_there);
            assert!(verify(&verifier, &unknown).await.is_err(), "and the set is read again");
            assert_eq!(verify(&verifier, &token).await.unwrap_err(), AuthError::Invalid);
        }
    }

    #[test]
    fn a_jwks_without_a_usable_key_stops_the_start() {
        let file = tempfile::NamedTempFile::new().unwrap();
        write(file.path(), &[json!({ "kty": "oct", "k": "AAAA" })]);
        let mut config = Config::defaults().unwrap().auth;
        config.jwks_file = Some(file.path().to_owned());
        let redactor = Arc::new(Redactor::new(Policy::default()).unwrap());
        assert!(Verifier::new(&config, None, Arc::new(Pseudonyms::new([7; 32], redactor))).is_err());
    }
}

/// What outlives its request ends with the token; one taken within the tolerance has what is left of that.
#[tokio::test]
async fn a_token_may_be_relied_on_until_it_expires() {
    let at = |seconds: u64| Timestamp::from_micros(i64::try_from(seconds * 1_000_000).unwrap()).unwrap();
    let exp = now() + 600;
    let auth = verify(&verifier(|_| (), Some(SECRET)), &token(&with("exp", exp))).await.unwrap();
    for (seconds, left) in [(exp - 5, 5), (exp, 60), (exp + 20, 40), (exp + 61, 0)] {
        assert_eq!(auth.valid_for(at(seconds)), Duration::from_secs(left), "{seconds}");
    }
    let auth = verify(&verifier(|_| (), Some(SECRET)), &token(&with("exp", u64::MAX / 2))).await.unwrap();
    assert_eq!(auth.valid_for(at(0)), FAR);
}
