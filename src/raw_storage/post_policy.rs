//! SigV4 POST policies (Amazon S3 API Reference, "Authenticating Requests in Browser-Based Uploads Using POST").
//!
//! Pure: values in, form fields out. The AWS SDK has no presigned POST, so the policy is signed here with the SDK's own
//! key derivation.

use std::{collections::BTreeMap, time::SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

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

/// Signs `conditions` for `bucket` in `region`: the fields of the form, to which the caller adds `file` last.
#[must_use]
pub fn sign(
    conditions: &PostConditions,
    bucket: &str,
    region: &str,
    credentials: &Credentials,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> BTreeMap<String, String> {
    let date = now.format("%Y%m%d");
    let mut fields = BTreeMap::from([
        ("key".to_owned(), conditions.key.to_string()),
        ("Content-Type".to_owned(), conditions.content_type.clone()),
        ("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()),
        ("x-amz-credential".to_owned(), format!("{}/{date}/{region}/s3/aws4_request", credentials.access_key_id())),
        ("x-amz-date".to_owned(), now.format("%Y%m%dT%H%M%SZ").to_string()),
    ]);
    if let Some(token) = credentials.session_token() {
        fields.insert("x-amz-security-token".to_owned(), token.to_owned());
    }
    if let Some(sha256) = &conditions.sha256 {
        fields.insert("x-amz-checksum-algorithm".to_owned(), "SHA256".to_owned());
        fields.insert("x-amz-checksum-sha256".to_owned(), sha256.to_base64());
    }
    // Every field but policy, signature and file needs a condition, and each is exact.
    let mut list: Vec<Value> =
        vec![json!({ "bucket": bucket }), json!(["content-length-range", conditions.length.0, conditions.length.1])];
    list.extend(fields.iter().map(|(name, value)| json!({ name: value })));
    let policy = json!({
        "expiration": expires_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "conditions": list,
    });
    let encoded = BASE64_STANDARD.encode(policy.to_string());
    let signing_key = generate_signing_key(credentials.secret_access_key(), SystemTime::from(now), region, "s3");
    fields.insert("x-amz-signature".to_owned(), calculate_signature(signing_key, encoded.as_bytes()));
    fields.insert("policy".to_owned(), encoded);
    fields
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
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

    fn signed(conditions: &PostConditions, token: Option<String>) -> BTreeMap<String, String> {
        let credentials =
            Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token, None, "test");
        let now = "2026-11-21T07:45:00Z".parse().unwrap();
        let expires = "2026-11-21T08:00:00Z".parse().unwrap();
        sign(conditions, "examplebucket", "eu-west-1", &credentials, now, expires)
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
        for (name, value) in fields.iter().filter(|(name, _)| !matches!(name.as_str(), "policy" | "x-amz-signature")) {
            assert!(conditions.contains(&json!({ name: value })), "{name}");
        }
        assert!(conditions.contains(&json!({ "bucket": "examplebucket" })));
        assert!(conditions.contains(&json!(["content-length-range", 1, 5_368_709_120_u64])));
        assert_eq!(policy["expiration"], "2026-11-21T08:00:00.000Z");
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
