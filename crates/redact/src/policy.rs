//! What is done with each type of finding: configuration, read at start and validated by [`Redactor::new`](crate::Redactor::new).

use std::collections::BTreeMap;

use nexus_model::TenantId;
use serde::Deserialize;

use crate::{PiiType, RedactError};

/// What replaces a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `[redacted:email]`.
    #[default]
    Redact,
    /// `[redacted:phone:****4567]`: the last four letters or digits are kept, where there are at least eight of them.
    Mask,
    /// `[redacted:email:<32 hex>]`: HMAC-SHA-256 under the tenant's key, cut to 128 bits. Equal values stay joinable inside
    /// one tenant and nowhere else.
    Hash,
    /// The value stays. It is still counted.
    Keep,
}

/// The rule for one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TypeRule {
    /// What replaces it.
    pub action: Action,
    /// Whether an event with such a finding may still be trained on.
    pub train_ok: bool,
}

/// Findings that are none: texts that the tenant knows to be harmless.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AllowLists {
    /// Exact values, compared without regard to ASCII case: `support@example.com`, `127.0.0.1`.
    pub values: Vec<String>,
    /// Domains (and their subdomains) whose e-mail addresses are kept: `example.com`.
    pub email_domains: Vec<String>,
    /// Keys whose name says nothing about their value, for instance a `name` that is always a product's. The value is still scanned as text.
    pub keys: Vec<String>,
}

/// How much of one tree is looked at. What lies beyond is replaced, never kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Levels of arrays and objects, 1..=128 (serde_json itself reads no more than 128). What is nested deeper becomes
    /// `"[redacted:unscannable]"`.
    pub depth: usize,
    /// Findings in one tree, 1..=1,000,000. From there on every string with a finding is replaced whole.
    pub findings: usize,
    /// Layers of encoding (JSON in a string, base64, percent, HTML entities) that are looked through, 1..=8. A string with more
    /// layers is replaced whole.
    pub encodings: usize,
    /// Different values of one tree that are looked for in the rest of it, 0..=65,536; 0 looks for none.
    pub known: usize,
    /// Bytes that the JSON Pointers of a dry run's findings have together, 1,024..=1,073,741,824. A tree with more is refused.
    pub pointers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 128, findings: 100_000, encodings: 4, known: 4096, pointers: 16 << 20 }
    }
}

/// What one tenant does differently. Types that are not named follow the general rules; lists are added to the general ones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantPolicy {
    /// Rules by type.
    pub types: BTreeMap<PiiType, TypeRule>,
    /// More key names for a type.
    pub key_hints: BTreeMap<PiiType, Vec<String>>,
    /// More that is harmless.
    pub allow: AllowLists,
}

/// The redaction policy. The default redacts every type, in every tenant, and denies training wherever something was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Rules by type; a type that is not named is redacted.
    pub types: BTreeMap<PiiType, TypeRule>,
    /// Key names, beyond the built-in ones, whose values are of a type whatever they look like: `{"person_name": ["nickname"]}`.
    pub key_hints: BTreeMap<PiiType, Vec<String>>,
    /// What is harmless.
    pub allow: AllowLists,
    /// How much is looked at.
    pub limits: Limits,
    /// The secret from which each tenant's HMAC key is derived, at least 64 hex digits. Needed when a type is hashed.
    pub hash_key: Option<String>,
    /// Differences by tenant.
    pub tenants: BTreeMap<TenantId, TenantPolicy>,
}

/// Entries that any one list of the policy may have.
pub const MAX_LIST_ENTRIES: usize = 10_000;
/// Bytes that a key hint or an allow-list entry may have.
pub const MAX_ENTRY_BYTES: usize = 256;

impl Policy {
    /// Checks everything that the types do not already guarantee.
    pub(crate) fn validate(&self) -> Result<(), RedactError> {
        self.limits.validate()?;
        let hash_key = match &self.hash_key {
            None => false,
            Some(text) if text.len() >= 64 && hex::decode(text).is_ok() => true,
            Some(_) => return Err(RedactError::HashKeyInvalid),
        };
        validate_rules(&self.types, hash_key, "")?;
        validate_lists(&self.key_hints, &self.allow)?;
        for (tenant, policy) in &self.tenants {
            validate_rules(&policy.types, hash_key, &format!(" for tenant {tenant}"))?;
            validate_lists(&policy.key_hints, &policy.allow)?;
        }
        Ok(())
    }
}

impl Limits {
    fn validate(&self) -> Result<(), RedactError> {
        let ranges = [
            ("depth", self.depth, 1, 128),
            ("findings", self.findings, 1, 1_000_000),
            ("encodings", self.encodings, 1, 8),
            ("known", self.known, 0, 65_536),
            ("pointers", self.pointers, 1024, 1 << 30),
        ];
        for (name, value, min, max) in ranges {
            if !(min..=max).contains(&value) {
                return Err(RedactError::Limit { name, value, min, max });
            }
        }
        Ok(())
    }
}

fn validate_rules(rules: &BTreeMap<PiiType, TypeRule>, hash_key: bool, of_tenant: &str) -> Result<(), RedactError> {
    match rules.iter().find(|(_, rule)| rule.action == Action::Hash) {
        Some((&kind, _)) if !hash_key => Err(RedactError::HashKeyMissing { kind, of_tenant: of_tenant.to_owned() }),
        _ => Ok(()),
    }
}

fn validate_lists(hints: &BTreeMap<PiiType, Vec<String>>, allow: &AllowLists) -> Result<(), RedactError> {
    for (&kind, names) in hints {
        count("key_hints", names.len())?;
        let is_name = |hint: &str| {
            hint.len() <= MAX_ENTRY_BYTES
                && hint.chars().any(char::is_alphanumeric)
                && hint.chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c))
        };
        if let Some(hint) = names.iter().find(|hint| !is_name(hint)) {
            return Err(RedactError::KeyHint { kind, hint: hint.clone() });
        }
    }
    let lists = [("values", &allow.values), ("email_domains", &allow.email_domains), ("keys", &allow.keys)];
    for (list, entries) in lists {
        count(list, entries.len())?;
        if let Some(entry) = entries.iter().find(|entry| !(1..=MAX_ENTRY_BYTES).contains(&entry.len())) {
            return Err(RedactError::Allow { list, entry: entry.clone(), max: MAX_ENTRY_BYTES });
        }
    }
    Ok(())
}

fn count(list: &'static str, count: usize) -> Result<(), RedactError> {
    if count > MAX_LIST_ENTRIES { Err(RedactError::TooMany { list, count, max: MAX_LIST_ENTRIES }) } else { Ok(()) }
}
