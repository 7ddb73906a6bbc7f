//! Reads that were answered while the ledger could not write: counted per tenant and environment, then told by one
//! `audit_gap` event each once it can (law 3).

use std::{collections::HashMap, sync::Mutex};

use nexus_model::{Env, TenantId, Timestamp};

/// How many reads went unrecorded, and between when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first of them.
    pub from: Timestamp,
    /// The last of them.
    pub until: Timestamp,
    /// How many.
    pub count: u64,
}

/// The gaps that no event covers yet.
#[derive(Debug)]
pub struct Gaps {
    open: Mutex<HashMap<(TenantId, Env), Gap>>,
    max: usize,
}

impl Gaps {
    /// Keeps at most `max` tenants and environments apart.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { open: Mutex::default(), max }
    }

    /// Counts one request. `false` when there is no room for another tenant and environment: the caller logs it.
    pub fn count(&self, tenant: &TenantId, env: &Env, at: Timestamp) -> bool {
        self.add(tenant, env, Gap { from: at, until: at, count: 1 })
    }

    /// Adds a gap back, after its event could not be written either.
    pub fn add(&self, tenant: &TenantId, env: &Env, gap: Gap) -> bool {
        let mut open = self.lock();
        let key = (tenant.clone(), env.clone());
        if !open.contains_key(&key) && open.len() >= self.max {
            return false;
        }
        open.entry(key)
            .and_modify(|known| {
                known.from = known.from.min(gap.from);
                known.until = known.until.max(gap.until);
                known.count += gap.count;
            })
            .or_insert(gap);
        true
    }

    /// Takes all of them, to be written down.
    #[must_use]
    pub fn take(&self) -> Vec<(TenantId, Env, Gap)> {
        std::mem::take(&mut *self.lock()).into_iter().map(|((tenant, env), gap)| (tenant, env, gap)).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(TenantId, Env), Gap>> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn gaps_widen_and_are_bounded() {
        let gaps = Gaps::new(1);
        let (tenant, env) = ("t_a".parse().unwrap(), "dev".parse().unwrap());
        let at = |micros| Timestamp::from_micros(micros).unwrap();
        assert!(gaps.count(&tenant, &env, at(5)));
        assert!(gaps.count(&tenant, &env, at(9)));
        assert!(!gaps.count(&"t_b".parse().unwrap(), &env, at(9)), "the bound is named and holds");
        assert_eq!(gaps.take(), [(tenant, env, Gap { from: at(5), until: at(9), count: 2 })]);
        assert!(gaps.take().is_empty());
    }
}
