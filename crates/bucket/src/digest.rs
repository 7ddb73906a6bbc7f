//! Checksums: what a caller claims of a body, computed while it streams, compared before it counts.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use serde::{Deserialize, Serialize};

use crate::BucketError;

const CONTENT_MD5: &str = "content-md5";

/// A checksum algorithm of S3's `x-amz-checksum-*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64nvme, Self::Sha1, Self::Sha256];

    /// The header, trailer or form field that carries it.
    pub(crate) const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// Its name in `x-amz-sdk-checksum-algorithm` and in XML.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    pub(crate) fn from_header(header: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.header().eq_ignore_ascii_case(header))
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

/// What a caller says of the body it sends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims {
    content_md5: Option<[u8; 16]>,
    values: BTreeMap<Algorithm, String>,
    /// To compute although no value is claimed, or not yet (a trailer).
    wanted: Vec<Algorithm>,
}

impl Claims {
    /// # Errors
    /// [`BucketError::InvalidChecksum`] unless the value is the base64 of 16 bytes.
    pub(crate) fn content_md5(&mut self, value: &str) -> Result<(), BucketError> {
        let bytes = STANDARD.decode(value).ok();
        let digest = bytes.and_then(|bytes| bytes.try_into().ok());
        self.content_md5 = Some(digest.ok_or(BucketError::InvalidChecksum(CONTENT_MD5))?);
        Ok(())
    }

    /// # Errors
    /// [`BucketError::InvalidChecksum`] unless the value is the base64 of the algorithm's number of bytes.
    pub(crate) fn checksum(&mut self, algorithm: Algorithm, value: &str) -> Result<(), BucketError> {
        let length = STANDARD.decode(value).map(|bytes| bytes.len());
        if length != Ok(algorithm.bytes()) {
            return Err(BucketError::InvalidChecksum(algorithm.header()));
        }
        self.values.insert(algorithm, value.to_owned());
        Ok(())
    }

    pub(crate) fn want(&mut self, algorithm: Algorithm) {
        self.wanted.push(algorithm);
    }

    /// The hashers to run over the body. Without any claim it is CRC64NVME, as S3 does.
    pub(crate) fn hashers(&self) -> Hashers {
        let mut checksums = ChecksumHasher::default();
        for algorithm in self.values.keys().chain(&self.wanted) {
            match algorithm {
                Algorithm::Crc32 => checksums.crc32 = Some(Crc32::new()),
                Algorithm::Crc32c => checksums.crc32c = Some(Crc32c::new()),
                Algorithm::Crc64nvme => checksums.crc64nvme = Some(Crc64Nvme::new()),
                Algorithm::Sha1 => checksums.sha1 = Some(Sha1::new()),
                Algorithm::Sha256 => checksums.sha256 = Some(Sha256::new()),
            }
        }
        if self.values.is_empty() && self.wanted.is_empty() {
            checksums.crc64nvme = Some(Crc64Nvme::new());
        }
        Hashers { md5: Md5::new(), checksums }
    }

    /// # Errors
    /// [`BucketError::ChecksumMismatch`] naming the first claim that the digests do not bear out.
    pub(crate) fn verify(&self, digests: &Digests) -> Result<(), BucketError> {
        if self.content_md5.is_some_and(|claim| claim != digests.md5) {
            return Err(BucketError::ChecksumMismatch(CONTENT_MD5));
        }
        match self.values.iter().find(|(algorithm, claim)| digests.checksums.get(algorithm) != Some(claim)) {
            Some((algorithm, _)) => Err(BucketError::ChecksumMismatch(algorithm.header())),
            None => Ok(()),
        }
    }
}

/// Running digests of a body.
pub(crate) struct Hashers {
    md5: Md5,
    checksums: ChecksumHasher,
}

impl Hashers {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.checksums.update(bytes);
    }

    pub(crate) fn finish(self) -> Digests {
        let sums = self.checksums.finalize();
        let values = [
            (Algorithm::Crc32, sums.checksum_crc32),
            (Algorithm::Crc32c, sums.checksum_crc32c),
            (Algorithm::Crc64nvme, sums.checksum_crc64nvme),
            (Algorithm::Sha1, sums.checksum_sha1),
            (Algorithm::Sha256, sums.checksum_sha256),
        ];
        let present = values.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?)));
        Digests { md5: self.md5.finalize(), checksums: present.collect() }
    }
}

/// The digests of a whole body.
#[derive(Clone, Debug)]
pub(crate) struct Digests {
    pub(crate) md5: [u8; 16],
    /// Base64 by algorithm.
    pub(crate) checksums: BTreeMap<Algorithm, String>,
}

impl Digests {
    /// The ETag of an object put in one piece: its MD5 in hex, without quotes.
    pub(crate) fn etag(&self) -> String {
        hex::encode(self.md5)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Check values of "123456789": the CRC catalogue (CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME), RFC 1321, FIPS 180-4.
    #[test]
    fn the_digests_are_the_published_ones() {
        let mut claims = Claims::default();
        claims.content_md5("JfnnlDI7RTiF9RgfG2JNCw==").unwrap();
        for (algorithm, value) in [
            (Algorithm::Crc32, "y/Q5Jg=="),
            (Algorithm::Crc32c, "4waSgw=="),
            (Algorithm::Crc64nvme, "rosUhgp5mIg="),
            (Algorithm::Sha1, "98O8HYCOBHMq32eZZczDTKeuNEE="),
        ] {
            claims.checksum(algorithm, value).unwrap();
        }
        claims.want(Algorithm::Sha256);
        let mut hashers = claims.hashers();
        hashers.update(b"1234");
        hashers.update(b"56789");
        let digests = hashers.finish();
        claims.verify(&digests).unwrap();
        assert_eq!(digests.checksums[&Algorithm::Sha256], "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=");
        assert_eq!(digests.etag(), "25f9e794323b453885f5181f1b624d0b");
    }

    #[test]
    fn each_wrong_claim_is_found() {
        for algorithm in Algorithm::ALL {
            let mut claims = Claims::default();
            let wrong = STANDARD.encode(vec![7; algorithm.bytes()]);
            claims.checksum(algorithm, &wrong).unwrap();
            let digests = claims.hashers().finish();
            assert!(
                matches!(claims.verify(&digests), Err(BucketError::ChecksumMismatch(name)) if name == algorithm.header())
            );
            assert!(claims.checksum(algorithm, "AAA=").is_err());
        }
    }
}
