//! One event on its way to a copy: the leaf's exact bytes, and the typed columns that readers filter by.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use nexus_ledger::tree::{Hash, leaf_hash};
use nexus_model::{
    AssetId, Env, EventId, EventType, Outcome, RequestId, Surface, TenantId, Timestamp, TraceId, UserId,
};
use serde::Deserialize;

/// A log, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogId {
    /// `{service}/{tenant}/{env}/{writer}`.
    pub origin: Arc<str>,
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// The environment it belongs to.
    pub env: Env,
}

impl LogId {
    /// Takes an origin apart; `None` where it has not the form of one.
    #[must_use]
    pub fn parse(origin: &str) -> Option<Self> {
        let mut parts = origin.rsplitn(4, '/');
        let (_writer, env, tenant) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().filter(|service| !service.is_empty())?;
        Some(Self { origin: Arc::from(origin), tenant: tenant.parse().ok()?, env: env.parse().ok()? })
    }
}

/// What the leaf says, as typed values. All of it follows from the leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Its name, unique in its log.
    pub event_id: EventId,
    /// The tenant it belongs to.
    pub tenant_id: TenantId,
    /// The environment it belongs to.
    pub env: Env,
    /// Where it happened.
    pub surface: Surface,
    /// What happened.
    pub event_type: EventType,
    /// Whether it did what was asked.
    pub outcome: Outcome,
    /// Who acted.
    pub user_id: UserId,
    /// What was acted on.
    pub asset_id: Option<AssetId>,
    /// The trace.
    pub trace_id: TraceId,
    /// The request.
    pub request_id: RequestId,
    /// Whether it may be trained on.
    pub train_ok: bool,
    /// When it happened, by the caller's clock.
    pub occurred_at: Timestamp,
    /// When Nexus took it.
    pub recorded_at: Timestamp,
}

/// The parts of a leaf that become columns; the rest is passed over, whatever its nesting.
#[derive(Deserialize)]
struct Part<'a> {
    event_id: EventId,
    tenant_id: TenantId,
    env: Env,
    surface: Surface,
    event_type: EventType,
    outcome: Outcome,
    user_id: UserId,
    #[serde(default)]
    asset_id: Option<AssetId>,
    #[serde(borrow)]
    metadata: Ids<'a>,
    train_ok: bool,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
}

#[derive(Deserialize)]
struct Ids<'a> {
    #[serde(borrow)]
    trace_id: Cow<'a, str>,
    #[serde(borrow)]
    request_id: Cow<'a, str>,
}

impl Columns {
    /// What a leaf says.
    ///
    /// # Errors
    /// Says what is missing, where the bytes are no event.
    pub fn of(leaf: &[u8]) -> Result<Self, String> {
        let part: Part<'_> = serde_json::from_slice(leaf).map_err(|error| error.to_string())?;
        Ok(Self {
            event_id: part.event_id,
            tenant_id: part.tenant_id,
            env: part.env,
            surface: part.surface,
            event_type: part.event_type,
            outcome: part.outcome,
            user_id: part.user_id,
            asset_id: part.asset_id,
            trace_id: part.metadata.trace_id.parse().map_err(|error: nexus_model::InvalidId| error.to_string())?,
            request_id: part.metadata.request_id.parse().map_err(|error: nexus_model::InvalidId| error.to_string())?,
            train_ok: part.train_ok,
            occurred_at: part.occurred_at,
            recorded_at: part.recorded_at,
        })
    }

    /// Whether it only records a read; lists leave those out unless asked.
    #[must_use]
    pub fn is_read(&self) -> bool {
        nexus_model::catalog::is_read(self.event_type.as_str())
    }
}

/// One event of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The zero-based index of its leaf.
    pub seq: u64,
    /// The RFC 8785 bytes that are hashed.
    pub leaf: Bytes,
    /// SHA-256(0x00 ‖ leaf) (RFC 6962, section 2.1).
    pub leaf_hash: Hash,
    /// What the leaf says.
    pub columns: Columns,
}

impl Row {
    /// The row of a leaf.
    ///
    /// # Errors
    /// Says why, where the bytes are no event.
    pub fn new(seq: u64, leaf: Bytes) -> Result<Self, String> {
        Ok(Self { seq, leaf_hash: leaf_hash(&leaf), columns: Columns::of(&leaf)?, leaf })
    }
}

/// Consecutive rows of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    log: LogId,
    rows: Vec<Row>,
}

impl Batch {
    /// A batch of these rows; `None` where there are none, or their seqs do not follow one another.
    #[must_use]
    pub fn new(log: LogId, rows: Vec<Row>) -> Option<Self> {
        let follow = rows.windows(2).all(|pair| pair[0].seq.checked_add(1) == Some(pair[1].seq));
        (!rows.is_empty() && follow).then_some(Self { log, rows })
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &LogId {
        &self.log
    }

    /// The rows; at least one.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The first row's seq.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.rows[0].seq
    }

    /// The seq after the last row's.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first() + self.rows.len() as u64
    }

    /// Bytes of its leaves.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.rows.iter().map(|row| row.leaf.len()).sum()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_apart_from_its_end() {
        let log = LogId::parse("a/b/t_demo/dev/w1").unwrap();
        assert_eq!((log.tenant.as_str(), log.env.as_str()), ("t_demo", "dev"));
        for bad in ["", "t_demo/dev/w1", "/t_demo/dev/w1", "s/demo/dev/w1", "s/t_demo/DEV/w1"] {
            assert!(LogId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn columns_are_read_past_any_nesting() {
        let deep = format!("{}1{}", "[".repeat(2000), "]".repeat(2000));
        let leaf = format!(
            r#"{{"asset_id":"a1","env":"dev","event_id":"0189d2a4-b5c6-7890-abcd-ef0123456789","event_type":"message_posted","input":{deep},"metadata":{{"actor_type":"human","request_id":"r1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","x":{deep}}},"occurred_at":"2026-11-21T07:45:00.000001Z","outcome":"success","output":{{}},"recorded_at":"2026-11-21T07:45:00.000002Z","surface":"chat","tenant_id":"t_demo","train_ok":true,"user_id":"u_1"}}"#
        );
        let columns = Columns::of(leaf.as_bytes()).unwrap();
        assert_eq!(columns.asset_id.unwrap().as_str(), "a1");
        assert!(Columns::of(b"{}").is_err());
    }
}
