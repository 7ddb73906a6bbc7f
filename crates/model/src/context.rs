//! Who is asking, for whom, and in the course of what: the first argument of every layer.

use serde::{Deserialize, Serialize};

use crate::id::{Env, RequestId, TenantId, TraceId, UserId};

/// What kind of actor stands behind a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum ActorType {
    /// A person.
    #[default]
    Human,
    /// A program that decides for itself.
    Agent,
    /// A service or a schedule.
    System,
}

/// What a subject may do in one tenant. Each role may do all that the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Reader,
    /// Also presigns, registers and appends events.
    Writer,
    /// Also changes privacy settings and deletes.
    Admin,
    /// Everything.
    Owner,
}

/// Which of the ids in a [`RequestContext`] were made here because the caller gave none that could be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Synthesized {
    /// The request id was made here.
    pub request_id: bool,
    /// The trace id was made here.
    pub trace_id: bool,
}

/// One authenticated request within one tenant and environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestContext {
    /// The tenant, already found among the token's.
    pub tenant_id: TenantId,
    /// The environment, already found among the configured ones.
    pub env: Env,
    /// Who acts; opaque.
    pub user_id: UserId,
    /// What kind of actor that is.
    pub actor_type: ActorType,
    /// The request.
    pub request_id: RequestId,
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// Which of the two ids above were made here.
    pub synthesized: Synthesized,
}
