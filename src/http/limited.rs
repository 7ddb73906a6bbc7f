//! What a limited route says of its limit: `RateLimit` and `RateLimit-Policy`, in the structured form of the IETF's
//! draft-ietf-httpapi-ratelimit-headers (version 10, sections 3 and 4).
//!
//! The policy is named after its class. `q` is what a full bucket holds and `w` the seconds that filling it takes, so `q / w` is the
//! rate; `r` is what is left and `t` the seconds until the bucket is full. For the class `events` all are numbers of events,
//! else of requests. A caller whose tenant is not known yet is told how full a bucket is at first.

use axum::response::Response;
use http::{HeaderName, HeaderValue};

use crate::limits::Standing;

/// The draft's sections 3 and 4.
pub const HEADERS: [HeaderName; 2] =
    [HeaderName::from_static("ratelimit-policy"), HeaderName::from_static("ratelimit")];

/// Writes both headers.
pub fn write(response: &mut Response, standing: &Standing) {
    let Standing { policy, remaining, reset_seconds } = standing;
    let class = policy.class.as_str();
    let texts = [
        format!("\"{class}\";q={};w={}", policy.burst, policy.window_seconds),
        format!("\"{class}\";r={remaining};t={reset_seconds}"),
    ];
    for (name, text) in HEADERS.into_iter().zip(texts) {
        // A class's name and numbers: visible ASCII.
        if let Ok(value) = HeaderValue::try_from(text) {
            response.headers_mut().insert(name, value);
        }
    }
}
