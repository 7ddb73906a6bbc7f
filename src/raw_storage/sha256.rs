//! A SHA-256 digest that a caller claims: 64 hex digits on our side, base64 on S3's.

use std::{fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256Hex([u8; 32]);

/// Not 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hex digits")]
pub struct InvalidSha256;

impl Sha256Hex {
    /// As S3 writes it in `x-amz-checksum-sha256`.
    #[must_use]
    pub fn to_base64(self) -> String {
        BASE64_STANDARD.encode(self.0)
    }

    /// From S3's form. `None` for anything else, such as the checksum of a multipart upload's parts.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        BASE64_STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl FromStr for Sha256Hex {
    type Err = InvalidSha256;
    fn from_str(text: &str) -> Result<Self, InvalidSha256> {
        hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(InvalidSha256)
    }
}

impl fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256Hex({self})")
    }
}
