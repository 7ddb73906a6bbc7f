//! SigV4 POST policies (Amazon S3 API Reference, "Authenticating Requests in Browser-Based Uploads Using POST").
//!
//! Pure: values in, form fields out. The AWS SDK has no presigned POST, so the policy is signed here with the SDK's own
//! key derivation. The derived key is good for a day, so a [`Signer`] keeps it.

use std::{collections::BTreeMap, time::SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Timelike, Utc};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{key::ObjectKey, sha256::Sha256Hex};

/// What an upload must be for the store to take it.
#[derive(Debug, Clone)]
pub struct PostConditions {
    /// The exact key.
    pub key: ObjectKey,
    /// The exact content type.
    pub content_type: String,
    /// The shortest and longest object taken, in bytes, both included.
    pub length: (u64, u64),
    /// The SHA-256 of the content, when it is known beforehand.
    pub sha256: Option<Sha256Hex>,
}

/// The fields of a form, by name.
pub type FormFields = BTreeMap<&'static str, String>;

/// Signs with one pair of credentials, in one region, on one day (UTC).
pub struct Signer {
    day: NaiveDate,
    /// `x-amz-credential`
    credential: String,
    session_token: Option<String>,
    key: Box<[u8]>,
}

impl Signer {
    /// Derives the key for the day of `now`.
    #[must_use]
    pub fn new(credentials: &Credentials, region: &str, now: DateTime<Utc>) -> Self {
        let (id, date) = (credentials.access_key_id(), now.date_naive().format("%Y%m%d"));
        let key = generate_signing_key(credentials.secret_access_key(), SystemTime::from(now), region, "s3");
        Self {
            day: now.date_naive(),
            credential: format!("{id}/{date}/{region}/s3/aws4_request"),
            session_token: credentials.session_token().map(ToOwned::to_owned),
            key: key.as_ref().into(),
        }
    }

    /// Whether it signs on the day of `now`.
    #[must_use]
    pub fn signs_on(&self, now: DateTime<Utc>) -> bool {
        self.day == now.date_naive()
    }

    /// Signs `conditions` for `bucket`: the fields of the form, to which the caller adds `file` last. `now` is on the signer's day.
    #[must_use]
    pub fn sign(
        &self,
        conditions: &PostConditions,
        bucket: &str,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> FormFields {
        let mut fields = FormFields::from([
            ("key", conditions.key.to_string()),
            ("Content-Type", conditions.content_type.clone()),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", self.credential.clone()),
            ("x-amz-date", basic(now)),
        ]);
        if let Some(token) = &self.session_token {
            fields.insert("x-amz-security-token", token.clone());
        }
        if let Some(sha256) = &conditions.sha256 {
            fields.insert("x-amz-checksum-algorithm", "SHA256".to_owned());
            fields.insert("x-amz-checksum-sha256", sha256.to_base64());
        }
        let (shortest, longest) = conditions.length;
        // Every field but policy, signature and file needs a condition, and each is exact.
        let exact = fields.iter().map(|(name, value)| Condition::Is(name, value));
        let policy = Policy {
            expiration: expires_at.to_rfc3339_opts(SecondsFormat::Millis, true),
            conditions: [Condition::Is("bucket", bucket), Condition::Length("content-length-range", shortest, longest)]
                .into_iter()
                .chain(exact)
                .collect(),
        };
        // Texts and numbers alone: writing them cannot fail, and an empty policy would admit nothing.
        let encoded = BASE64_STANDARD.encode(serde_json::to_vec(&policy).unwrap_or_default());
        fields.insert("x-amz-signature", calculate_signature(&self.key, encoded.as_bytes()));
        fields.insert("policy", encoded);
        fields
    }
}

/// ISO 8601's basic form: `20261121T074500Z`.
fn basic(at: DateTime<Utc>) -> String {
    let (year, month, day) = (at.year(), at.month(), at.day());
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", at.hour(), at.minute(), at.second())
}

#[derive(Serialize)]
struct Policy<'a> {
    expiration: String,
    conditions: Vec<Condition<'a>>,
}

enum Condition<'a> {
    /// `{"name": "value"}`
    Is(&'a str, &'a str),
    /// `["content-length-range", 1, 2]`
    Length(&'static str, u64, u64),
}

impl Serialize for Condition<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Is(name, value) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(name, value)?;
                map.end()
            }
            Self::Length(name, shortest, longest) => (name, shortest, longest).serialize(serializer),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::raw_storage::filename::FileName;

    fn conditions(name: &str, content_type: &str) -> PostConditions {
        let (name, _) = FileName::clean(name).unwrap();
        let tenant = format!("t_{}", "x".repeat(62)).parse().unwrap();
        PostConditions {
            key: ObjectKey::raw(&tenant, &"abcdefghijklmnop".parse().unwrap(), &"a".repeat(64).parse().unwrap(), &name),
            content_type: content_type.to_owned(),
            length: (1, 5 << 30),
            sha256: Some("a".repeat(64).parse().unwrap()),
        }
    }

    fn signed(conditions: &PostConditions, token: Option<String>) -> FormFields {
        let credentials =
            Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token, None, "test");
        let now = "2026-11-21T07:45:00Z".parse().unwrap();
        let expires = "2026-11-21T08:00:00Z".parse().unwrap();
        Signer::new(&credentials, "eu-west-1", now).sign(conditions, "examplebucket", now, expires)
    }

    #[test]
    fn the_widest_form_stays_under_s3s_limit() {
        // AWS session tokens have no fixed length; 4 KiB is beyond any seen.
        let widest = conditions(&"é".repeat(400), &format!("a/{}", "b".repeat(253)));
        let fields = signed(&widest, Some("t".repeat(4096)));
        let bytes: usize = fields.iter().map(|(name, value)| name.len() + value.len() + 128).sum();
        assert!(bytes < 20 * 1024, "{bytes} bytes");
    }

    #[test]
    fn every_field_has_an_exact_condition() {
        let fields = signed(&conditions("a.txt", "text/plain"), Some("token".into()));
        let policy: Value = serde_json::from_slice(&BASE64_STANDARD.decode(&fields["policy"]).unwrap()).unwrap();
        let conditions = policy["conditions"].as_array().unwrap();
        for (name, value) in fields.iter().filter(|(name, _)| !matches!(**name, "policy" | "x-amz-signature")) {
            assert!(conditions.contains(&json!({ *name: value })), "{name}");
        }
        assert!(conditions.contains(&json!({ "bucket": "examplebucket" })));
        assert!(conditions.contains(&json!(["content-length-range", 1, 5_368_709_120_u64])));
        assert_eq!(policy["expiration"], "2026-11-21T08:00:00.000Z");
    }

    #[test]
    fn a_key_is_for_its_day_alone() {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let signer = Signer::new(&credentials, "eu-west-1", at("2026-11-21T07:45:00Z"));
        assert!(signer.signs_on(at("2026-11-21T23:59:59Z")));
        assert!(!signer.signs_on(at("2026-11-22T00:00:00Z")) && !signer.signs_on(at("2026-11-20T23:59:59Z")));
        let fields = signer.sign(&conditions("a", "a/b"), "b", at("2026-11-21T07:05:09Z"), at("2026-11-21T08:00:00Z"));
        assert_eq!(fields["x-amz-date"], "20261121T070509Z");
        assert_eq!(fields["x-amz-credential"], "AKIDEXAMPLE/20261121/eu-west-1/s3/aws4_request");
    }

    #[test]
    fn the_signature_is_amazons() {
        // Amazon S3 API Reference, "Example: Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)":
        // this policy, in this exact base64, has this signature.
        let policy = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";
        let time: DateTime<Utc> = "2015-12-29T00:00:00Z".parse().unwrap();
        let key = generate_signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", time.into(), "us-east-1", "s3");
        assert_eq!(
            calculate_signature(key, policy.as_bytes()),
            "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
        );
    }
}
