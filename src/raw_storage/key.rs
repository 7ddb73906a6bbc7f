//! Every object key that may exist in the bucket, and the only place that builds one.

use std::fmt;

use nexus_model::{AssetId, Env, TenantId, WriterId};

use super::filename::FileName;

/// The key of an object in the bucket. A tenant's always begins with `tenants/{tenant_id}/{env}/`,
/// since there is no other way to build one; none is longer than [`ObjectKey::MAX_BYTES`], which the parts' own bounds guarantee.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// S3's limit on a key, in bytes of UTF-8 (Amazon S3 User Guide, "Naming Amazon S3 objects").
    pub const MAX_BYTES: usize = 1024;

    /// A tenant's file: `tenants/{tenant_id}/{env}/raw/{asset_id}/{filename}`.
    #[must_use]
    pub fn raw(tenant: &TenantId, env: &Env, asset: &AssetId, filename: &FileName) -> Self {
        Self(format!("tenants/{tenant}/{env}/raw/{asset}/{}", filename.as_str()))
    }

    /// The record of a registered asset: `tenants/{tenant_id}/{env}/assets/{asset_id}.json`.
    #[must_use]
    pub fn record(tenant: &TenantId, env: &Env, asset: &AssetId) -> Self {
        Self(format!("tenants/{tenant}/{env}/assets/{asset}.json"))
    }

    /// An object that was listed under `tenants/`, to be read again.
    #[must_use]
    pub fn listed(key: &str) -> Option<Self> {
        key.starts_with("tenants/").then(|| Self(key.to_owned()))
    }

    /// Where the anchors of one log stand.
    #[must_use]
    pub fn anchors_of(tenant: &TenantId, env: &Env, writer: &WriterId) -> String {
        format!("tenants/{tenant}/{env}/ledger/{writer}/")
    }

    /// An anchored checkpoint: `tenants/{tenant_id}/{env}/ledger/{writer}/{size}`, the size in 20 digits so that keys sort by it.
    #[must_use]
    pub fn anchor(tenant: &TenantId, env: &Env, writer: &WriterId, size: u64) -> Self {
        Self(format!("tenants/{tenant}/{env}/ledger/{writer}/{size:020}"))
    }

    /// Who opted out of training: `tenants/{tenant_id}/{env}/privacy/train-prefs.json`.
    #[must_use]
    pub fn train_prefs(tenant: &TenantId, env: &Env) -> Self {
        Self(format!("tenants/{tenant}/{env}/privacy/train-prefs.json"))
    }

    /// What `nexus doctor` writes and removes again: `doctor/{probe}`.
    #[must_use]
    pub fn probe(probe: uuid::Uuid) -> Self {
        Self(format!("doctor/{probe}"))
    }

    /// The key's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn presign_key_prefix() {
        let (name, _) = FileName::clean("report.pdf").unwrap();
        let key = ObjectKey::raw(
            &"t_demo".parse().unwrap(),
            &"dev".parse().unwrap(),
            &"0192f0c1-2345-7890-abcd-ef0123456789".parse().unwrap(),
            &name,
        );
        assert_eq!(key.as_str(), "tenants/t_demo/dev/raw/0192f0c1-2345-7890-abcd-ef0123456789/report.pdf");
    }

    proptest! {
        #[test]
        fn a_key_stays_under_its_prefix_and_within_the_limit(
            tenant in "t_[a-z0-9_-]{1,62}", env in "[a-z][a-z0-9_-]{0,15}", asset in "[A-Za-z0-9_-]{1,64}", raw in any::<String>(),
        ) {
            let Ok((name, _)) = FileName::clean(&raw) else { return Ok(()) };
            let key = ObjectKey::raw(&tenant.parse().unwrap(), &env.parse().unwrap(), &asset.parse().unwrap(), &name);
            let rest = key.as_str().strip_prefix(&format!("tenants/{tenant}/{env}/raw/{asset}/"));
            prop_assert_eq!(rest, Some(name.as_str()));
            prop_assert!(key.as_str().len() <= ObjectKey::MAX_BYTES);
            // No reader that resolves dots could leave the prefix either.
            prop_assert!(key.as_str().split('/').all(|part| part != "." && part != ".." && !part.is_empty()));
            prop_assert_eq!(key.as_str().split('/').count(), 6);
        }

        #[test]
        fn two_tenants_never_share_a_key(
            one in "t_[a-z0-9_-]{1,8}", two in "t_[a-z0-9_-]{1,8}", env in "[a-z][a-z0-9_-]{0,3}", env2 in "[a-z][a-z0-9_-]{0,3}",
            asset in "[A-Za-z0-9_-]{1,8}", raw in ".{1,20}", raw2 in ".{1,20}",
        ) {
            let (Ok((a, _)), Ok((b, _))) = (FileName::clean(&raw), FileName::clean(&raw2)) else { return Ok(()) };
            let (t1, t2) = (one.parse().unwrap(), two.parse().unwrap());
            let (e1, e2) = (env.parse().unwrap(), env2.parse().unwrap());
            let asset = asset.parse().unwrap();
            let (k1, k2) = (ObjectKey::raw(&t1, &e1, &asset, &a), ObjectKey::raw(&t2, &e2, &asset, &b));
            prop_assert!((t1 == t2 && e1 == e2) || k1 != k2);
            prop_assert!(ObjectKey::record(&t1, &e1, &asset) != k2);
        }
    }
}
