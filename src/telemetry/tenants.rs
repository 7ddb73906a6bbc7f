//! A cap on label values that callers can make: the first so many tenants get series of their own, the rest is `other`.

use std::{
    collections::HashSet,
    sync::{Arc, RwLock},
};

use nexus_model::{Env, TenantId};

/// Decides which tenants and environments get metric series of their own.
#[derive(Debug, Clone)]
pub struct TenantLabels {
    seen: Arc<RwLock<HashSet<(TenantId, Env)>>>,
    max: usize,
}

impl TenantLabels {
    /// At most `max` pairs of tenant and environment get their own.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { seen: Arc::default(), max }
    }

    /// Whether this tenant and environment has series of its own; while there is room, it gets them.
    #[must_use]
    pub fn has_own(&self, tenant: &TenantId, env: &Env) -> bool {
        let key = (tenant.clone(), env.clone());
        if self.seen.read().unwrap_or_else(std::sync::PoisonError::into_inner).contains(&key) {
            return true;
        }
        let mut seen = self.seen.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if seen.len() >= self.max {
            return seen.contains(&key);
        }
        seen.insert(key);
        true
    }

    /// The values of the labels `tenant` and `env`.
    #[must_use]
    pub fn of(&self, tenant: &TenantId, env: &Env) -> [(&'static str, String); 2] {
        if self.has_own(tenant, env) {
            [("tenant", tenant.to_string()), ("env", env.to_string())]
        } else {
            [("tenant", "other".to_owned()), ("env", "other".to_owned())]
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_cap_tenants_share_a_series() {
        let labels = TenantLabels::new(1);
        let env = "dev".parse().unwrap();
        assert_eq!(labels.of(&"t_a".parse().unwrap(), &env)[0].1, "t_a");
        assert_eq!(labels.of(&"t_b".parse().unwrap(), &env)[0].1, "other");
        assert_eq!(labels.of(&"t_a".parse().unwrap(), &env)[0].1, "t_a");
    }
}
