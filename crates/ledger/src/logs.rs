//! The logs of a ledger: one per tenant, environment and writer, each with the right edge of its tree.
//!
//! All of it follows from the segments. What is kept of it on disk (`heads`, `trees/`) only saves reading them again.

use std::{collections::HashMap, sync::Arc};

use nexus_model::{Env, TenantId};

use crate::{
    record::Record,
    tree::{self, Frontier, Hash},
};

/// Tells a tenant's environment from all others in keys of the index and the filter: the number of its first log.
pub(crate) type Scope = u32;

/// One log.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    /// `{service}/{tenant}/{env}/{writer}`.
    pub origin: Arc<str>,
    pub scope: Scope,
    pub tree: Frontier,
    /// Hashes to be kept that are not in the log's tree file yet.
    pub unwritten: Vec<Hash>,
    /// How many hashes are in the log's tree file.
    pub written: u64,
}

impl Log {
    /// Appends a leaf hash to the tree.
    pub(crate) fn push(&mut self, leaf: Hash) {
        let unwritten = &mut self.unwritten;
        self.tree.push(leaf, |hash| unwritten.push(hash));
    }
}

/// The logs, and the position up to which they reflect the segments.
#[derive(Debug, Clone, Default)]
pub(crate) struct Logs {
    by_number: Vec<Log>,
    scopes: HashMap<(TenantId, Env), ScopeLogs>,
    /// Records before this position are in the trees.
    pub end: u64,
}

#[derive(Debug, Clone)]
struct ScopeLogs {
    scope: Scope,
    /// Numbers of the scope's logs, oldest first.
    logs: Vec<u32>,
}

/// An origin taken apart.
pub(crate) struct Origin<'a> {
    pub tenant: TenantId,
    pub env: Env,
    pub writer: &'a str,
}

/// `{service}/{tenant}/{env}/{writer}`.
pub(crate) fn origin(service: &str, tenant: &TenantId, env: &Env, writer: &str) -> String {
    format!("{service}/{tenant}/{env}/{writer}")
}

/// Takes an origin apart; the service may itself hold slashes.
pub(crate) fn parse_origin(origin: &str) -> Option<Origin<'_>> {
    let mut parts = origin.rsplitn(4, '/');
    let (writer, env, tenant) = (parts.next()?, parts.next()?, parts.next()?);
    let service = parts.next()?;
    if service.is_empty() || writer.is_empty() {
        return None;
    }
    Some(Origin { tenant: tenant.parse().ok()?, env: env.parse().ok()?, writer })
}

impl Logs {
    /// The scope of a tenant's environment, once it has a log.
    pub(crate) fn scope(&self, tenant: &TenantId, env: &Env) -> Option<Scope> {
        // The pair is cloned because a map keyed by a pair cannot be asked with a pair of references; both are `Arc`s.
        self.scopes.get(&(tenant.clone(), env.clone())).map(|logs| logs.scope)
    }

    /// The numbers of the logs of a tenant's environment, oldest first.
    pub(crate) fn of(&self, tenant: &TenantId, env: &Env) -> &[u32] {
        self.scopes.get(&(tenant.clone(), env.clone())).map_or(&[], |logs| &logs.logs)
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Log> {
        self.by_number.get(number as usize)
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut Log> {
        self.by_number.get_mut(number as usize)
    }

    /// The log with this origin.
    pub(crate) fn by_origin(&self, origin: &str) -> Option<(u32, &Log)> {
        let parts = parse_origin(origin)?;
        let logs = self.of(&parts.tenant, &parts.env);
        logs.iter().filter_map(|n| Some((*n, self.get(*n)?))).find(|(_, log)| &*log.origin == origin)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Log)> {
        (0u32..).zip(&self.by_number)
    }

    /// How many logs there are; the next one gets this number.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.by_number.len()).unwrap_or(u32::MAX)
    }

    /// Adds a log as number [`len`](Self::len); `None` when the origin has not the form of one.
    pub(crate) fn open(&mut self, origin: &str) -> Option<u32> {
        let parts = parse_origin(origin)?;
        let number = self.len();
        let scope = self
            .scopes
            .entry((parts.tenant, parts.env))
            .or_insert_with(|| ScopeLogs { scope: number, logs: Vec::with_capacity(1) });
        scope.logs.push(number);
        let scope = scope.scope;
        self.by_number.push(Log {
            origin: Arc::from(origin),
            scope,
            tree: Frontier::default(),
            unwritten: Vec::new(),
            written: 0,
        });
        Some(number)
    }

    /// Takes in a record read back from a segment; says what is wrong with it, if it cannot follow here.
    pub(crate) fn replay(&mut self, record: &Record<'_>) -> Result<(), &'static str> {
        if record.opens_log {
            let origin = std::str::from_utf8(record.body).map_err(|_| "a log's origin is not text")?;
            if record.log != self.len() {
                return Err("a log is opened out of order");
            }
            self.open(origin).ok_or("a log's origin has not the form of one")?;
        } else {
            let log = self.get_mut(record.log).ok_or("a record belongs to a log that was never opened")?;
            if record.seq != log.tree.size() {
                return Err("a record is missing or out of order");
            }
            log.push(tree::leaf_hash(record.body));
        }
        self.end = record.position + record.bytes() as u64;
        Ok(())
    }
}

/// Begins the kept heads, after a CRC32C of the rest. Then come the position, how many parts of the filter there are, and per log
/// its origin, size and peaks.
const HEADS_MAGIC: [u8; 8] = *b"NXHEADS1";

/// The heads as kept on disk. Hashes not yet in the tree files, and the filter, are written before this is.
pub(crate) fn heads_to_bytes(logs: &Logs, filter_parts: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + logs.by_number.len() * 256);
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&HEADS_MAGIC);
    out.extend_from_slice(&logs.end.to_le_bytes());
    out.extend_from_slice(&filter_parts.to_le_bytes());
    for log in &logs.by_number {
        let len = u32::try_from(log.origin.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(log.origin.as_bytes());
        out.extend_from_slice(&log.tree.size().to_le_bytes());
        log.tree.peaks().iter().for_each(|peak| out.extend_from_slice(peak));
    }
    let sum = crate::record::crc32c(&out[4..]);
    out[..4].copy_from_slice(&sum.to_le_bytes());
    out
}

/// Reads kept heads and how many parts the filter has; `None` when they are not whole.
pub(crate) fn heads_from_bytes(bytes: &[u8]) -> Option<(Logs, u32)> {
    let (sum, checked) = bytes.split_at_checked(4)?;
    if crate::record::crc32c(checked).to_le_bytes() != sum {
        return None;
    }
    let mut rest = checked.strip_prefix(&HEADS_MAGIC)?;
    let mut take = |n: usize| {
        let (taken, left) = rest.split_at_checked(n)?;
        rest = left;
        Some(taken)
    };
    let mut logs = Logs { end: u64::from_le_bytes(take(8)?.try_into().ok()?), ..Logs::default() };
    let filter_parts = u32::from_le_bytes(take(4)?.try_into().ok()?);
    while let Some(len) = take(4) {
        let len = u32::from_le_bytes(len.try_into().ok()?) as usize;
        let number = logs.open(std::str::from_utf8(take(len)?).ok()?)?;
        let size = u64::from_le_bytes(take(8)?.try_into().ok()?);
        let peaks = (0..size.count_ones()).map(|_| take(32)?.try_into().ok()).collect::<Option<Vec<Hash>>>()?;
        let log = logs.get_mut(number)?;
        log.tree = Frontier::from_parts(size, peaks)?;
        log.written = tree::stored_before(size);
    }
    Some((logs, filter_parts))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn heads_read_back_as_they_were_and_damage_is_found() {
        let mut logs = Logs { end: 4096, ..Logs::default() };
        for origin in ["nexus.test/t_a/dev/w1", "nexus.test/t_b/dev/w1", "nexus.test/t_a/dev/w2"] {
            let number = logs.open(origin).unwrap();
            (0..u64::from(number) + 5)
                .for_each(|i| logs.get_mut(number).unwrap().push(tree::leaf_hash(&i.to_le_bytes())));
        }
        let mut bytes = heads_to_bytes(&logs, 3);
        let (again, parts) = heads_from_bytes(&bytes).unwrap();
        assert_eq!(heads_to_bytes(&again, parts), bytes);
        let (number, log) = again.by_origin("nexus.test/t_a/dev/w2").unwrap();
        assert_eq!((number, log.scope, log.tree.root()), (2, 0, logs.get(2).unwrap().tree.root()));
        *bytes.last_mut().unwrap() ^= 1;
        assert!(heads_from_bytes(&bytes).is_none());
    }
}
