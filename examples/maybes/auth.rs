//! Who calls: the same tokens and headers that Nexus takes (HS256 alone, to be short).

use std::collections::HashMap;

use axum::http::HeaderMap;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    failure::Failure,
    nexus_client::{Caller, trace_id},
};

/// From the least to the most.
const ROLES: [&str; 4] = ["reader", "writer", "admin", "owner"];

#[derive(Deserialize)]
struct Claims {
    sub: String,
    tenant_ids: Vec<String>,
    role_map: HashMap<String, String>,
    actor_type: Option<String>,
}

/// An admitted caller.
pub(crate) struct Admitted {
    pub(crate) caller: Caller,
    /// For what Nexus is to do as the user.
    pub(crate) token: String,
    role: Option<usize>,
}

impl Admitted {
    /// Whether the caller has at least this role.
    pub(crate) fn must_be(&self, role: &str) -> Result<(), Failure> {
        let needed = ROLES.iter().position(|known| *known == role);
        if self.role >= needed {
            Ok(())
        } else {
            Err(Failure::new(403, "role.forbidden", format!("this needs the role {role}")))
        }
    }
}

pub(crate) struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl Verifier {
    pub(crate) fn new(secret: &str) -> Self {
        Self { key: DecodingKey::from_secret(secret.as_bytes()), validation: Validation::new(Algorithm::HS256) }
    }

    /// Token, tenant and environment; the role is for each route to ask.
    pub(crate) fn admit(&self, headers: &HeaderMap) -> Result<Admitted, Failure> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let token = text("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let token =
            token.ok_or_else(|| Failure::new(401, "auth.missing", "Authorization: Bearer <JWT> is required"))?;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation)
            .map_err(|error| Failure::new(401, "auth.invalid", error.to_string()))?
            .claims;
        // Nexus makes a pseudonym of any other subject with a key of its own, so such a user could not be named to it.
        if !is_id(&claims.sub) {
            return Err(Failure::new(403, "user.forbidden", "the token's subject is no opaque id"));
        }
        let tenant = text("x-tenant-id").filter(|tenant| claims.tenant_ids.iter().any(|own| own == tenant));
        let tenant =
            tenant.ok_or_else(|| Failure::new(403, "tenant.forbidden", "the token does not admit this tenant"))?;
        let env = text("x-env").filter(|env| is_id(env));
        let env = env.ok_or_else(|| Failure::new(400, "env.missing", "X-Env is required"))?;
        let role = claims.role_map.get(tenant).and_then(|role| ROLES.iter().position(|known| known == role));
        let request_id = text("x-request-id").filter(|id| is_request_id(id)).map(ToOwned::to_owned);
        let caller = Caller {
            tenant: tenant.to_owned(),
            env: env.to_owned(),
            user_id: claims.sub,
            actor_type: claims.actor_type.unwrap_or_else(|| "human".to_owned()),
            request_id: request_id.unwrap_or_else(|| Uuid::now_v7().to_string()),
            trace_id: trace_id(text("traceparent")),
        };
        Ok(Admitted { caller, token: token.to_owned(), role })
    }
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_request_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}
