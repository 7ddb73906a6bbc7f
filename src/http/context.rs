//! Who and where, for every request: ids first, then the token, the tenant, the environment and the role, in the order of
//! the wire contract; the first fault answers.

use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};
use nexus_model::{Env, RequestContext, RequestId, Role, Synthesized, TenantId, TraceId};
use uuid::Uuid;

use super::problem::{Code, Problem};
use crate::{app::App, auth::AuthContext, ids, telemetry::traces::Parent};

/// The ids of a request, known before anything else is.
#[derive(Debug, Clone)]
pub struct RequestIds {
    /// The caller's, where it had its form and held no PII; else one made here.
    pub request_id: RequestId,
    /// From a valid `traceparent`; else made here.
    pub trace_id: TraceId,
    /// Which of them were made here.
    pub synthesized: Synthesized,
}

impl RequestIds {
    /// Reads the ids from a request's headers. `is_clean` says whether an id holds no PII.
    #[must_use]
    pub fn of(headers: &HeaderMap, is_clean: impl Fn(&str) -> bool) -> Self {
        let given = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let request_id =
            given("x-request-id").and_then(|id| id.parse::<RequestId>().ok()).filter(|id| is_clean(id.as_str()));
        let trace_id = given("traceparent").and_then(parse_traceparent);
        let synthesized = Synthesized { request_id: request_id.is_none(), trace_id: trace_id.is_none() };
        let fresh = ids::fresh();
        Self {
            request_id: request_id.unwrap_or_else(|| RequestId::from_uuid(fresh)),
            trace_id: trace_id.unwrap_or_else(|| fresh_trace(fresh)),
            synthesized,
        }
    }
}

/// The trace id of a `traceparent` header.
#[must_use]
pub fn parse_traceparent(value: &str) -> Option<TraceId> {
    parse_parent(value).map(|parent| parent.trace_id)
}

/// A `traceparent` header (W3C Trace Context, section 3.2): version, trace id, parent id and flags.
#[must_use]
pub fn parse_parent(value: &str) -> Option<Parent> {
    let mut parts = value.trim().split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let known = hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    let parent_ok = hex(parent, 16) && parent.bytes().any(|b| b != b'0');
    if !(known && parent_ok && hex(flags, 2)) {
        return None;
    }
    let (parent_id, flags) = (u64::from_str_radix(parent, 16).ok()?, u8::from_str_radix(flags, 16).ok()?);
    Some(Parent { trace_id: trace.parse().ok()?, parent_id, flags })
}

#[allow(clippy::unwrap_used)]
fn fresh_trace(id: Uuid) -> TraceId {
    TraceId::from_uuid(id).unwrap() // only the nil UUID has none, and a UUIDv7 carries its version
}

/// A request that was refused once its bearer was known, and where the refusal is written down.
pub struct Refusal {
    /// The answer.
    pub problem: Problem,
    /// The bearer's own tenant and environment; `None` when the bearer has no tenant at all.
    pub record_in: Option<RequestContext>,
}

/// Finds the tenant, the environment and the role that a request asks for, and checks that its bearer may have them.
///
/// # Errors
/// The first fault. It is recorded in the tenant asked for only when that is one of the bearer's own.
pub fn admit(
    envs: &[Env],
    needed: Role,
    headers: &HeaderMap,
    auth: &AuthContext,
    ids: &RequestIds,
) -> Result<RequestContext, Box<Refusal>> {
    let default_env = envs.first().cloned();
    let known_env = header(headers, "x-env").and_then(|env| env.parse::<Env>().ok()).filter(|env| envs.contains(env));
    let context = |tenant_id: TenantId, env: Env| RequestContext {
        tenant_id,
        env,
        user_id: auth.user_id.clone(),
        actor_type: auth.actor_type,
        request_id: ids.request_id.clone(),
        trace_id: ids.trace_id.clone(),
        synthesized: ids.synthesized,
    };
    let refuse = |code: Code, detail: String, own: Option<TenantId>| {
        let tenant = own.or_else(|| auth.default_tenant_id.clone());
        let env = known_env.clone().or_else(|| default_env.clone());
        let record_in = tenant.zip(env).map(|(tenant, env)| context(tenant, env));
        Box::new(Refusal { problem: Problem::new(code).detail(detail), record_in })
    };

    let given = header(headers, "x-tenant-id")
        .ok_or_else(|| refuse(Code::TenantMissing, "X-Tenant-Id is required".into(), None))?;
    let tenant: TenantId =
        given.parse().map_err(|error: nexus_model::InvalidId| refuse(Code::TenantInvalid, error.to_string(), None))?;
    if !auth.tenant_ids.contains(&tenant) {
        return Err(refuse(Code::TenantForbidden, "the token does not admit this tenant".into(), None));
    }
    if header(headers, "x-env").is_none() {
        return Err(refuse(Code::EnvMissing, "X-Env is required".into(), Some(tenant)));
    }
    let Some(env) = known_env.clone() else {
        let names: Vec<&str> = envs.iter().map(AsRef::as_ref).collect();
        return Err(refuse(Code::EnvInvalid, format!("expected one of {}", names.join(", ")), Some(tenant)));
    };
    match auth.role_in(&tenant) {
        Some(role) if role >= needed => Ok(context(tenant, env)),
        _ => Err(refuse(Code::RoleForbidden, format!("this needs the role {}", role_name(needed)), Some(tenant))),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // A header that stands twice says nothing: which one would be meant?
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { Some("") } else { Some(value.to_str().unwrap_or("")) }
}

/// A role's name on the wire.
#[must_use]
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Reader => "reader",
        Role::Writer => "writer",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

/// The context of an admitted request. Only [`audited`](super::audited) puts it there, so a handler that takes it cannot be
/// reached without token, tenant, environment and role having been checked.
pub struct Context(pub RequestContext);

impl FromRequestParts<App> for Context {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parts.extensions.get::<RequestContext>().cloned().map(Self).ok_or_else(|| Problem::new(Code::Internal))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn traceparent_follows_w3c() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let good = format!("00-{trace}-00f067aa0ba902b7-01");
        assert_eq!(parse_traceparent(&good).unwrap().as_str(), trace);
        assert!(
            parse_traceparent(&format!("cc-{trace}-00f067aa0ba902b7-01-later")).is_some(),
            "a later version may add fields"
        );
        for bad in [
            format!("00-{trace}-00f067aa0ba902b7-01-extra"),
            format!("ff-{trace}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{trace}-0000000000000000-01"),
            format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()),
            format!("00-{trace}"),
            String::new(),
        ] {
            assert!(parse_traceparent(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn trace_id_attached() {
        let mut headers = HeaderMap::new();
        let none = RequestIds::of(&headers, |_| true);
        assert!(none.synthesized.trace_id && none.synthesized.request_id);
        headers.insert("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap());
        headers.insert("x-request-id", "req-1".parse().unwrap());
        let given = RequestIds::of(&headers, |_| true);
        assert_eq!(given.trace_id.as_str(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(given.request_id.as_str(), "req-1");
        assert_eq!(given.synthesized, Synthesized::default());
        assert!(RequestIds::of(&headers, |_| false).synthesized.request_id, "an id with PII in it is replaced");
    }
}
