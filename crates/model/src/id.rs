//! Identifiers as newtypes: a value exists only when its text has the form that the wire contract fixes.
//!
//! They are structural: the redactor leaves them alone because their forms admit opaque tokens only, never free text.
//! All of them serialise as their text and refuse a wrong form on the way in.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text did not have the form that an identifier demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {noun}: expected {form}")]
pub struct InvalidId {
    /// What was to be named, for instance `tenant id`.
    pub noun: &'static str,
    /// The form demanded, as a regular expression or a short phrase.
    pub form: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $form:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The form every value has, as a regular expression.
            pub const FORM: &'static str = $form;

            /// The text, exactly as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            fn check(text: &str) -> Result<(), InvalidId> {
                let check: fn(&[u8]) -> bool = $check;
                if check(text.as_bytes()) { Ok(()) } else { Err(InvalidId { noun: $noun, form: $form }) }
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::check(text).map(|()| Self(Arc::from(text)))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), &self.0)
            }
        }
    };
}

fn all(bytes: &[u8], min: usize, max: usize, allowed: fn(u8) -> bool) -> bool {
    (min..=max).contains(&bytes.len()) && bytes.iter().all(|&b| allowed(b))
}

fn lower(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-'
}

fn word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

fn snake(bytes: &[u8]) -> bool {
    all(bytes, 1, 64, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') && bytes[0].is_ascii_lowercase()
}

text_id!(
    /// A tenant: the wall that nothing crosses.
    TenantId, "tenant id", "^t_[a-z0-9_-]{1,62}$",
    |b| b.strip_prefix(b"t_").is_some_and(|rest| all(rest, 1, 62, lower))
);
text_id!(
    /// An environment of a tenant, for instance `dev` or `prod`. Which ones exist is configuration; this is the form.
    Env, "environment", "^[a-z][a-z0-9_-]{0,15}$",
    |b| all(b, 1, 16, lower) && b[0].is_ascii_lowercase()
);
text_id!(
    /// Who acted: a token's subject where that is opaque, else `u_` and a keyed hash of it.
    UserId, "user id", "^[A-Za-z0-9_-]{1,64}$", |b| all(b, 1, 64, word)
);
text_id!(
    /// What was acted on. Nexus makes its own as UUIDv7; engines name theirs in this form.
    AssetId, "asset id", "^[A-Za-z0-9_-]{1,64}$", |b| all(b, 1, 64, word)
);
text_id!(
    /// What kind of thing an asset is, for instance `raw` or `maybe`.
    AssetType, "asset type", "^[A-Za-z0-9_-]{1,64}$", |b| all(b, 1, 64, word)
);
text_id!(
    /// One request, named by the caller or by Nexus; it comes back in `X-Request-Id`.
    RequestId, "request id", "^[A-Za-z0-9._-]{1,128}$", |b| all(b, 1, 128, |b| word(b) || b == b'.')
);
text_id!(
    /// One data directory that appends to logs; made at random.
    WriterId, "writer id", "^[A-Za-z0-9_-]{1,64}$", |b| all(b, 1, 64, word)
);
text_id!(
    /// Where an event happened: `raw_storage`, `chat`, `budget`, …
    Surface, "surface", "^[a-z][a-z0-9_]{0,63}$", snake
);
text_id!(
    /// What happened, `<noun>_<past participle>`: `raw_asset_registered`.
    EventType, "event type", "^[a-z][a-z0-9_]{0,63}$", snake
);
text_id!(
    /// Why something failed, stable and machine-readable: `asset.conflict`.
    ErrorCode, "error code", "^[A-Za-z][A-Za-z0-9_.-]{0,63}$",
    |b| all(b, 1, 64, |b| word(b) || b == b'.') && b[0].is_ascii_alphabetic()
);
text_id!(
    /// A W3C trace id: 32 lower-case hex digits, not all zero.
    TraceId, "trace id", "^[0-9a-f]{32}$, not all zero",
    |b| all(b, 32, 32, |b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) && b.iter().any(|&b| b != b'0')
);

impl TraceId {
    /// The trace id whose 16 bytes are those of `uuid`; `None` for the nil UUID.
    #[must_use]
    pub fn from_uuid(uuid: Uuid) -> Option<Self> {
        uuid.simple().to_string().parse().ok()
    }
}

impl AssetId {
    /// The asset id that is the hyphenated text of `uuid`, the form of every id that Nexus makes.
    #[must_use]
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid.hyphenated().to_string().into())
    }
}

impl RequestId {
    /// The request id that is the hyphenated text of `uuid`.
    #[must_use]
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid.hyphenated().to_string().into())
    }
}

/// Names one event in its log. Any UUID: callers may choose it, which makes their posts idempotent.
///
/// Read as hyphenated or 32 hex digits, in either case; written hyphenated and lower-case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId(Uuid);

impl EventId {
    /// The event id with these 128 bits.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The 128 bits.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl FromStr for EventId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        // `Uuid` also reads braces and URNs, which the contract does not take.
        match text.len() {
            32 | 36 => Uuid::try_parse(text).ok().map(Self),
            _ => None,
        }
        .ok_or(InvalidId { noun: "event id", form: "a UUID, hyphenated or 32 hex digits" })
    }
}

impl TryFrom<String> for EventId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> String {
        id.to_string()
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.hyphenated(), f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn tenants_have_their_form() {
        for good in ["t_a", "t_demo", "t_0-_9"] {
            assert!(good.parse::<TenantId>().is_ok(), "{good}");
        }
        let long = format!("t_{}", "a".repeat(63));
        for bad in ["", "t_", "demo", "T_demo", "t_Demo", "t_a/b", "t_a..", "t_é", " t_a", long.as_str()] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn event_ids_are_answered_hyphenated_and_lower_case() {
        let id: EventId = "0189D2A4B5C67890ABCDEF0123456789".parse().unwrap();
        assert_eq!(id.to_string(), "0189d2a4-b5c6-7890-abcd-ef0123456789");
        assert_eq!(id, id.to_string().parse().unwrap());
        for bad in ["", "{0189d2a4-b5c6-7890-abcd-ef0123456789}", "urn:uuid:0189d2a4-b5c6-7890-abcd-ef0123456789"] {
            assert!(bad.parse::<EventId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_zero_trace_id_is_none() {
        assert!("0".repeat(32).parse::<TraceId>().is_err());
        assert!("4bf92f3577b34da6a3ce929d0e0e4736".parse::<TraceId>().is_ok());
        assert!("4BF92F3577B34DA6A3CE929D0E0E4736".parse::<TraceId>().is_err());
    }

    proptest::proptest! {
        #[test]
        fn what_is_taken_is_kept(text in "\\PC{0,80}") {
            if let Ok(id) = text.parse::<TenantId>() {
                proptest::prop_assert_eq!(id.as_str(), text.as_str());
                proptest::prop_assert!(!text.contains(['/', '\\', '.', '%']));
            }
            if let Ok(id) = text.parse::<AssetId>() {
                proptest::prop_assert!(!id.as_str().contains(['/', '\\', '.', '%']));
            }
        }
    }
}
