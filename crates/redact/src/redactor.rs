//! The compiled policy.

use std::collections::HashMap;

use nexus_model::TenantId;
use serde_json::Value;

use crate::{
    Finding, Limits, PiiType, Policy, RedactError, TypeRule,
    replace::{Hasher, derive_tenant_key},
    scan,
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
    pub(crate) limits: Limits,
}

/// What holds for the tenant at hand.
#[derive(Debug)]
pub(crate) struct TenantRules<'a> {
    rules: &'a Rules,
    pub(crate) hasher: Option<Hasher>,
}

impl Redactor {
    /// Compiles `policy`.
    ///
    /// # Errors
    /// The first thing in it that cannot work, naming the key to change.
    pub fn new(policy: Policy) -> Result<Self, RedactError> {
        policy.validate()?;
        let mut general = Rules { by_type: [TypeRule::default(); PiiType::ALL.len()], limits: policy.limits };
        general.set_types(&policy.types);
        let tenants = policy
            .tenants
            .iter()
            .map(|(tenant, own)| {
                let mut rules = general.clone();
                rules.set_types(&own.types);
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
        let value = walk.value(value);
        (value, walk.into_findings())
    }

    /// Whether a token that a caller chose (a request id, a JWT subject) holds nothing that a rule finds.
    #[must_use]
    pub fn is_clean(&self, text: &str) -> bool {
        scan::scan(text).is_empty()
    }

    pub(crate) fn rules_for(&self, tenant: Option<&TenantId>) -> TenantRules<'_> {
        let rules = tenant.and_then(|tenant| self.tenants.get(tenant)).unwrap_or(&self.general);
        let hasher = match (&self.hash_key, tenant) {
            (Some(key), Some(tenant)) => Some(Hasher::new(derive_tenant_key(key, tenant))),
            _ => None,
        };
        TenantRules { rules, hasher }
    }
}

impl Rules {
    fn set_types(&mut self, types: &std::collections::BTreeMap<PiiType, TypeRule>) {
        for (&kind, &rule) in types {
            self.by_type[kind as usize] = rule;
        }
    }

    pub(crate) fn rule(&self, kind: PiiType) -> TypeRule {
        self.by_type[kind as usize]
    }

    pub(crate) fn forbids_training(&self, kind: PiiType) -> bool {
        !self.rule(kind).train_ok
    }
}

impl std::ops::Deref for TenantRules<'_> {
    type Target = Rules;
    fn deref(&self) -> &Rules {
        self.rules
    }
}
