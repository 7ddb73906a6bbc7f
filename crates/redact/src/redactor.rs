//! The compiled policy.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, HashMap, HashSet},
};

use nexus_model::TenantId;
use serde_json::Value;

use crate::{
    AllowLists, Finding, Limits, PiiType, Policy, RedactError, TypeRule,
    hint::Hints,
    path::Path,
    replace::{Hasher, derive_tenant_key},
    scan::Scanner,
    text::normalised,
    tree::{Document, Tree},
    walk::Walk,
};

/// The policy, compiled: cheap to use, shared between threads.
#[derive(Debug)]
pub struct Redactor {
    general: Rules,
    tenants: HashMap<TenantId, Rules>,
    hash_key: Option<Vec<u8>>,
}

/// What holds for one tenant, whoever it is.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    by_type: [TypeRule; PiiType::ALL.len()],
    pub(crate) hints: Hints,
    pub(crate) allow: Allow,
    pub(crate) limits: Limits,
}

/// What is harmless, in one spelling.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allow {
    values: HashSet<String>,
    email_domains: HashSet<String>,
}

/// What holds for the tenant at hand.
#[derive(Debug)]
pub(crate) struct TenantRules<'a> {
    pub(crate) rules: &'a Rules,
    hash_key: Option<(&'a [u8], &'a TenantId)>,
    hasher: OnceCell<Hasher>,
}

impl Redactor {
    /// Compiles `policy`.
    ///
    /// # Errors
    /// The first thing in it that cannot work, naming the key to change.
    pub fn new(policy: Policy) -> Result<Self, RedactError> {
        policy.validate()?;
        let mut general = Rules {
            by_type: [TypeRule::default(); PiiType::ALL.len()],
            hints: Hints::built_in(),
            allow: Allow::default(),
            limits: policy.limits,
        };
        general.add(&policy.types, &policy.key_hints, &policy.allow);
        let tenants = policy
            .tenants
            .iter()
            .map(|(tenant, own)| {
                let mut rules = general.clone();
                rules.add(&own.types, &own.key_hints, &own.allow);
                (tenant.clone(), rules)
            })
            .collect();
        let hash_key =
            policy.hash_key.map(|text| hex::decode(text).map_err(|_| RedactError::HashKeyInvalid)).transpose()?;
        Ok(Self { general, tenants, hash_key })
    }

    /// Redacts any JSON tree under the rules of `tenant`; `None` is the general policy, under which `hash` replaces like `redact`.
    ///
    /// Answers the redacted tree and what was found, in the order of the walk.
    #[must_use]
    pub fn redact_value(&self, tenant: Option<&TenantId>, value: Value) -> (Value, Vec<Finding>) {
        let mut walk = Walk::reporting(self.rules_for(tenant));
        let value = walked(&mut walk, value);
        (value, walk.into_findings().unwrap_or_default())
    }

    /// The same for a tree that anybody may send: each finding has a pointer, however long, so their length has a limit.
    ///
    /// # Errors
    /// [`RedactError::Pointers`] beyond `limits.pointers`.
    pub fn dry_run(&self, tenant: Option<&TenantId>, value: Value) -> Result<(Value, Vec<Finding>), RedactError> {
        let rules = self.rules_for(tenant);
        let max = rules.limits.pointers;
        let mut walk = Walk::naming(rules, max);
        let value = walked(&mut walk, value);
        walk.into_findings().map(|findings| (value, findings)).ok_or(RedactError::Pointers { max })
    }

    /// The same without what was found, which it need not keep.
    #[must_use]
    pub fn strip(&self, tenant: Option<&TenantId>, value: Value) -> Value {
        walked(&mut Walk::counting(self.rules_for(tenant)), value)
    }

    /// The same for a document in bytes, which is read as I-JSON (RFC 7493) of at most `depth` levels, and never more than the 127 that
    /// `serde_json` reads, and appended to `out`, redacted and without spaces: the quickest way through, as what is not redacted is
    /// not copied in between.
    ///
    /// Members stay in their order, where a [`Value`] has them by name. What becomes of each is the same, unless there are more than
    /// `limits.findings` or `limits.known` admit: which of them are the first is a matter of order.
    ///
    /// # Errors
    /// [`RedactError::Json`]; then nothing is appended.
    pub fn strip_json(
        &self,
        tenant: Option<&TenantId>,
        json: &[u8],
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), RedactError> {
        // Where it is none, the slower reader says at which byte.
        let text = simdutf8::basic::from_utf8(json).or_else(|_| std::str::from_utf8(json));
        let text = text.map_err(|error| RedactError::Json { why: error.to_string() })?;
        let mut document = Document::read(text, depth).map_err(|why| RedactError::Json { why })?;
        let mut walk = Walk::counting(self.rules_for(tenant));
        walk.node(&mut document.parts(), 0, None, &Path::root());
        let start = out.len();
        document.write(out);
        // Few documents hold again what was found in them, so they are written before they are looked through again.
        if walk.look_again() && walk.known.may_stand_in(&out[start..]) {
            walk.node_again(&mut document.parts(), 0, &Path::root());
            out.truncate(start);
            document.write(out);
        }
        Ok(())
    }

    /// Whether a token that a caller chose (a request id, a JWT subject) holds nothing that a rule finds.
    #[must_use]
    pub fn is_clean(&self, text: &str) -> bool {
        matches!(Scanner::new(&self.general.hints, self.general.limits.encodings).scan(text, None, false), Ok([]))
    }

    pub(crate) fn rules_for<'a>(&'a self, tenant: Option<&'a TenantId>) -> TenantRules<'a> {
        let rules = tenant.and_then(|tenant| self.tenants.get(tenant)).unwrap_or(&self.general);
        TenantRules { rules, hash_key: self.hash_key.as_deref().zip(tenant), hasher: OnceCell::new() }
    }
}

fn walked(walk: &mut Walk<'_>, mut value: Value) -> Value {
    let mut tree = Tree::of(&value);
    over(walk, &mut tree);
    if let Some(mut changes) = tree.changes() {
        changes.put_back(&mut value);
    }
    value
}

/// Both passes over a tree of one document.
fn over(walk: &mut Walk<'_>, tree: &mut Tree<'_>) {
    let (mut parts, root) = (tree.parts(), Path::root());
    walk.node(&mut parts, 0, None, &root);
    if walk.look_again() && walk.may_be_again(&parts) {
        walk.node_again(&mut parts, 0, &root);
    }
}

impl Rules {
    fn add(&mut self, types: &BTreeMap<PiiType, TypeRule>, hints: &BTreeMap<PiiType, Vec<String>>, allow: &AllowLists) {
        for (&kind, &rule) in types {
            self.by_type[kind as usize] = rule;
        }
        for (&kind, names) in hints {
            names.iter().for_each(|name| self.hints.add(name, kind));
        }
        allow.keys.iter().for_each(|key| self.hints.allow(key));
        self.allow.values.extend(allow.values.iter().map(|value| normalised(value)));
        self.allow.email_domains.extend(allow.email_domains.iter().map(|domain| normalised(domain)));
    }

    pub(crate) fn rule(&self, kind: PiiType) -> TypeRule {
        self.by_type[kind as usize]
    }

    pub(crate) fn forbids_training(&self, kind: PiiType) -> bool {
        !self.rule(kind).train_ok
    }
}

impl Allow {
    /// Whether this finding is harmless.
    pub(crate) fn allows(&self, kind: PiiType, value: &str) -> bool {
        if self.values.is_empty() && self.email_domains.is_empty() {
            return false;
        }
        let value = normalised(value);
        let domain = || value.rsplit_once('@').map_or("", |(_, domain)| domain);
        let parents =
            || std::iter::successors(Some(domain()), |domain| domain.split_once('.').map(|(_, parent)| parent));
        self.values.contains(&value)
            || (kind == PiiType::Email && parents().any(|domain| self.email_domains.contains(domain)))
    }
}

impl TenantRules<'_> {
    /// The tenant's HMAC; `None` without a tenant or a key.
    pub(crate) fn hasher(&self) -> Option<&Hasher> {
        let (key, tenant) = self.hash_key?;
        Some(self.hasher.get_or_init(|| Hasher::new(derive_tenant_key(key, tenant))))
    }
}

impl std::ops::Deref for TenantRules<'_> {
    type Target = Rules;
    fn deref(&self) -> &Rules {
        self.rules
    }
}
