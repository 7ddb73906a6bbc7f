//! Bearer tokens as an identity provider would make them.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// The claims of a token in the making.
#[derive(Clone)]
pub(crate) struct Claims(pub(crate) Value);

impl Claims {
    /// Subject `u_test`, one tenant, ten minutes.
    pub(crate) fn of(tenant: &str, role: &str) -> Self {
        Self(json!({ "sub": "u_test", "tenant_ids": [tenant], "role_map": { tenant: role }, "exp": now() + 600 }))
    }

    /// With another tenant and role.
    pub(crate) fn also(mut self, tenant: &str, role: &str) -> Self {
        self.0["tenant_ids"].as_array_mut().unwrap().push(tenant.into());
        self.0["role_map"][tenant] = role.into();
        self
    }

    /// With a claim set.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }

    /// Signed with HS256.
    pub(crate) fn sign(&self, secret: &[u8]) -> String {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &self.0, &EncodingKey::from_secret(secret)).unwrap()
    }
}

/// Seconds since the epoch.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
