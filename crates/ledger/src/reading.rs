//! Reading events back: one by its id, or a page of those that match a query.

use bytes::Bytes;
use nexus_model::{Env, EventId, LedgerRef, TenantId};

use crate::{
    Cursor, Ledger, LedgerError, Order, Page, Query, StoredLeaf, index::Wanted, keys, logs::Scope, recent, tree,
};

impl Ledger {
    /// The event with this id, if this tenant has it in this environment.
    ///
    /// # Errors
    /// `Index`, `Io`, `Corrupt` when what is stored cannot be read.
    pub fn get(&self, tenant: &TenantId, env: &Env, id: EventId) -> Result<Option<StoredLeaf>, LedgerError> {
        let Some(scope) = self.shared().logs().scope(tenant, env) else { return Ok(None) };
        match self.shared().find(scope, id)? {
            Some(position) => self.leaf(scope, position).map(Some),
            None => Ok(None),
        }
    }

    /// A page of this tenant's events in this environment. Blocks for as long as the disk takes, commonly under a millisecond.
    ///
    /// Pages are exact under concurrent appends: the first one fixes where the walk ends, and following its cursors gives every
    /// matching event once.
    ///
    /// # Errors
    /// `Cursor` for one of another query; `Index`, `Io`, `Corrupt` when what is stored cannot be read.
    pub fn query(&self, tenant: &TenantId, env: &Env, query: &Query) -> Result<Page, LedgerError> {
        let fingerprint = query.fingerprint(tenant, env);
        if query.cursor.is_some_and(|cursor| cursor.fingerprint != fingerprint) {
            return Err(LedgerError::Cursor);
        }
        let Some(scope) = self.shared().logs().scope(tenant, env) else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let limit = query.limit.max(1);
        let (positions, bound) = self.positions(scope, query, limit)?;
        let more = positions.len() > limit;
        let items =
            positions.iter().take(limit).map(|position| self.leaf(scope, *position)).collect::<Result<Vec<_>, _>>()?;
        let last = positions.get(limit - 1).copied().unwrap_or(bound);
        Ok(Page { items, next: more.then_some(Cursor { fingerprint, last, bound }) })
    }

    /// The positions of a page and one more, and where the walk ends.
    pub(crate) fn positions(&self, scope: Scope, query: &Query, limit: usize) -> Result<(Vec<u64>, u64), LedgerError> {
        let keys = keys::of_query(query);
        let newest_first = query.order == Order::Desc;
        let now = self.shared().read().snapshot();
        let bound = query.cursor.map_or(now.end, |cursor| cursor.bound.min(now.end));
        let (from, below) = match query.cursor {
            None => (0, bound),
            Some(cursor) if newest_first => (0, cursor.last.min(bound)),
            Some(cursor) => (cursor.last.saturating_add(1), bound),
        };
        let wanted = Wanted {
            terms: recent::terms(scope, &keys),
            since: query.since.map(|time| time.micros()),
            until: query.until.map(|time| time.micros()),
            from,
            below,
            newest_first,
            limit: limit.saturating_add(1),
        };
        // What the index has is asked of it alone, or an event could be found twice.
        let indexed = now.view.end;
        let recent = Wanted { from: from.max(indexed), ..wanted.clone() };
        let older = Wanted { below: below.min(indexed), ..wanted };
        if !newest_first {
            let mut found = self.shared().watch_index(now.view.walk(&older))?;
            let room = older.limit - found.len();
            found.extend(now.walk(scope, &keys, &Wanted { limit: room, ..recent }));
            return Ok((found, bound));
        }
        let mut found = now.walk(scope, &keys, &recent);
        let room = older.limit - found.len();
        if room > 0 {
            found.extend(self.shared().watch_index(now.view.walk(&Wanted { limit: room, ..older }))?);
        }
        Ok((found, bound))
    }

    pub(crate) fn leaf(&self, scope: Scope, position: u64) -> Result<StoredLeaf, LedgerError> {
        let (log, seq, leaf) = self
            .shared()
            .segments
            .fetch(position, |record| (record.log, record.seq, Bytes::copy_from_slice(record.body)))?;
        let logs = self.shared().logs();
        // The wall between tenants, once more: whatever led here, an event of another scope is not handed out.
        let log = logs.get(log).filter(|log| log.scope == scope).ok_or_else(|| {
            LedgerError::corrupt(self.shared().paths.index(), format!("position {position} belongs to another tenant"))
        })?;
        let ledger = LedgerRef { log: log.origin.to_string(), seq, leaf_hash: hex::encode(tree::leaf_hash(&leaf)) };
        Ok(StoredLeaf { ledger, leaf })
    }
}
