//! Why a policy cannot be used, or something not be redacted.

use crate::kind::PiiType;

/// What the redactor refuses. For a [`Policy`](crate::Policy) each message names the key to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedactError {
    /// A type is hashed but there is no key to hash under.
    #[error("types.{kind}.action is \"hash\"{of_tenant}, which needs redaction.hash_key: 64 or more hex digits", kind = .kind.as_str())]
    HashKeyMissing {
        /// The type that is hashed.
        kind: PiiType,
        /// `" for tenant t_x"`, or nothing.
        of_tenant: String,
    },
    /// The hash key is not hex or is too short.
    #[error("hash_key must be at least 64 hex digits (32 bytes)")]
    HashKeyInvalid,
    /// What was found in a tree takes more to name than the limit allows.
    #[error("to name what was found takes more than {max} bytes of pointers")]
    Pointers {
        /// The most bytes that all pointers may have.
        max: usize,
    },
    /// What is to be redacted is no I-JSON, or nested too deep.
    #[error("{why}")]
    Json {
        /// The first fault, in a sentence that has no part of the document in it.
        why: String,
    },
    /// A limit is outside its range.
    #[error("limits.{name} is {value}, which is outside {min}..={max}")]
    Limit {
        /// The limit.
        name: &'static str,
        /// What it was set to.
        value: usize,
        /// The least that works.
        min: usize,
        /// The most that works.
        max: usize,
    },
    /// A key hint is empty or holds something other than letters and digits in any script, `_`, `-`, `.` or spaces.
    #[error("key_hints.{kind}: {hint:?} is not a key name", kind = .kind.as_str())]
    KeyHint {
        /// The type that the hint is for.
        kind: PiiType,
        /// The hint.
        hint: String,
    },
    /// An allow-list entry is empty or too long.
    #[error("allow.{list}: {entry:?} must have 1 to {max} bytes")]
    Allow {
        /// Which list.
        list: &'static str,
        /// The entry.
        entry: String,
        /// The most bytes an entry may have.
        max: usize,
    },
    /// A list has more entries than the limit.
    #[error("{list} has {count} entries, more than {max}")]
    TooMany {
        /// Which list.
        list: &'static str,
        /// How many it has.
        count: usize,
        /// How many it may have.
        max: usize,
    },
}
