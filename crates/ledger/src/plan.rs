//! What a batch will write: which entries are new, where they go, and the bytes. Nothing of it holds until the bytes are durable.

use std::{
    collections::HashMap,
    rc::Rc,
    sync::{Arc, RwLockReadGuard, atomic::Ordering},
};

use nexus_model::{Env, EventId, LedgerRef, TenantId};

use crate::{
    Appended, LedgerError,
    entry::{Prepared, Sameness},
    logs,
    logs::{Logs, Scope},
    queue::Submission,
    recent::Doc,
    record::{Record, record_bytes},
    shared::{Shared, count},
    tree::{Hash, leaf_hash},
};

/// What an entry's caller will hear.
#[derive(Debug)]
pub(crate) enum Planned {
    /// It is in the batch.
    New(LedgerRef),
    /// The same event is in the batch already.
    RepeatsNew(LedgerRef),
    /// The answer does not depend on the batch.
    Settled(Result<Appended, LedgerError>),
}

impl Planned {
    /// The answer, once the batch is durable or has failed.
    pub(crate) fn settle(self, failed: Option<&LedgerError>) -> Result<Appended, LedgerError> {
        match (self, failed) {
            (Self::Settled(answer), _) => answer,
            (_, Some(error)) => Err(error.clone()),
            (Self::New(ledger), None) => Ok(Appended::Accepted(ledger)),
            (Self::RepeatsNew(ledger), None) => Ok(Appended::Duplicate(ledger)),
        }
    }
}

/// A batch before it is written.
pub(crate) struct Plan {
    start: u64,
    /// The records, ready to be written.
    pub bytes: Vec<u8>,
    /// One list for each call.
    pub answers: Vec<Vec<Planned>>,
    opened: Vec<String>,
    leaves: Vec<(u32, Hash)>,
    docs: Vec<Doc>,
}

impl Plan {
    /// Plans a batch that begins at position `start`, and takes from the entries what only it needs.
    pub(crate) fn make(shared: &Shared, start: u64, batch: &mut [Submission]) -> Self {
        let events = batch.iter().map(|call| call.entries.len()).sum();
        let bytes = batch.iter().flat_map(|call| &call.entries).map(|entry| record_bytes(entry.leaf.len())).sum();
        let mut planner = Planner {
            shared,
            logs: shared.logs(),
            writer: shared.writer_id(),
            next_seq: HashMap::new(),
            opened: HashMap::new(),
            staged: HashMap::with_capacity(events),
            destination: None,
            plan: Self {
                start,
                bytes: Vec::with_capacity(bytes),
                answers: Vec::with_capacity(batch.len()),
                opened: Vec::new(),
                leaves: Vec::with_capacity(events),
                docs: Vec::with_capacity(events),
            },
            last: None,
        };
        for call in batch {
            let answers = call.entries.iter_mut().map(|entry| planner.place(entry)).collect();
            planner.plan.answers.push(answers);
        }
        planner.finish()
    }

    /// The position after the batch.
    pub(crate) fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// Makes a durable batch part of what is read and proved.
    pub(crate) fn apply(&mut self, shared: &Shared) {
        if self.bytes.is_empty() {
            return;
        }
        shared.remember(&self.docs);
        {
            let mut logs = shared.logs_mut();
            for origin in &self.opened {
                logs.open(origin);
            }
            for (log, hash) in &self.leaves {
                if let Some(log) = logs.get_mut(*log) {
                    log.push(*hash);
                }
            }
            logs.end = self.end();
        }
        let counters = &shared.counters;
        count(&counters.events, self.docs.len() as u64);
        count(&counters.bytes, self.bytes.len() as u64);
        count(&counters.batches, 1);
        counters.largest_batch.fetch_max(self.docs.len() as u64, Ordering::Relaxed);
        let end = self.end();
        shared.show(std::mem::take(&mut self.docs), end);
    }
}

/// The log that a tenant's environment writes to.
#[derive(Clone)]
struct Destination {
    tenant: TenantId,
    env: Env,
    /// `None` until this batch has an entry that opens it.
    log: Option<u32>,
    scope: Scope,
    origin: Arc<str>,
    /// The environment had a log before this batch, so it may have stored events before.
    known: bool,
}

/// An entry that is in the batch.
struct Staged {
    sameness: Sameness,
    seq: u64,
    leaf_hash: Hash,
}

/// What a caller is told of where its event is.
fn place(origin: &str, seq: u64, leaf_hash: &Hash) -> LedgerRef {
    LedgerRef { log: origin.to_owned(), seq, leaf_hash: hex::encode(leaf_hash) }
}

struct Planner<'a> {
    shared: &'a Shared,
    logs: RwLockReadGuard<'a, Logs>,
    writer: String,
    next_seq: HashMap<u32, u64>,
    opened: HashMap<String, u32>,
    staged: HashMap<(Scope, EventId), Staged>,
    /// Where the entry before went; the next one mostly goes there too.
    destination: Option<Rc<Destination>>,
    plan: Plan,
    /// Where the last record begins in `plan.bytes`.
    last: Option<usize>,
}

impl Planner<'_> {
    fn place(&mut self, entry: &mut Prepared) -> Planned {
        let to = self.destination_of(entry);
        if to.known {
            match self.stored(to.scope, entry) {
                Ok(None) => {}
                Ok(Some(answer)) => return Planned::Settled(answer),
                Err(error) => return Planned::Settled(Err(error)),
            }
        }
        if let Some(staged) = self.staged.get(&(to.scope, entry.event_id)) {
            return if staged.sameness == entry.sameness {
                Planned::RepeatsNew(place(&to.origin, staged.seq, &staged.leaf_hash))
            } else {
                Planned::Settled(Err(LedgerError::Conflict))
            };
        }
        Planned::New(self.add(entry, &to))
    }

    /// The answer for an event whose id is stored already.
    fn stored(&mut self, scope: Scope, entry: &Prepared) -> Result<Option<Result<Appended, LedgerError>>, LedgerError> {
        if !self.shared.filter().may_contain(scope, entry.event_id.uuid().as_u128()) {
            return Ok(None);
        }
        count(&self.shared.counters.id_lookups, 1);
        let Some(position) = self.shared.find(scope, entry.event_id)? else { return Ok(None) };
        let (same, log, seq, hash) = self.shared.segments.fetch(position, |record| {
            (record.sameness == entry.sameness.0, record.log, record.seq, leaf_hash(record.body))
        })?;
        if !same {
            return Ok(Some(Err(LedgerError::Conflict)));
        }
        let origin = self.logs.get(log).map_or("", |log| &log.origin);
        Ok(Some(Ok(Appended::Duplicate(place(origin, seq, &hash)))))
    }

    fn destination_of(&mut self, entry: &Prepared) -> Rc<Destination> {
        let same = |to: &&Rc<Destination>| to.tenant == entry.tenant && to.env == entry.env;
        if let Some(to) = self.destination.as_ref().filter(same) {
            return Rc::clone(to);
        }
        let to = Rc::new(self.look_up(entry));
        self.destination = Some(Rc::clone(&to));
        to
    }

    fn look_up(&mut self, entry: &Prepared) -> Destination {
        let (tenant, env) = (entry.tenant.clone(), entry.env.clone());
        let current = self.logs.of(&tenant, &env).last().and_then(|n| Some((*n, self.logs.get(*n)?)));
        if let Some((log, head)) = current.filter(|(_, log)| log.origin.ends_with(&self.writer)) {
            let (log, scope, origin) = (Some(log), head.scope, Arc::clone(&head.origin));
            return Destination { tenant, env, log, scope, origin, known: true };
        }
        let origin = logs::origin(&self.shared.config.service, &tenant, &env, &self.writer);
        let opened = self.opened.get(&origin).copied();
        let older = current.map(|(_, log)| log.scope);
        let (log, scope) = match older {
            // A repeat of what the writer before this one stored opens nothing.
            Some(scope) => (opened, scope),
            None => {
                let log = opened.unwrap_or_else(|| self.open(&origin));
                (Some(log), log)
            }
        };
        Destination { tenant, env, log, scope, origin: Arc::from(origin), known: older.is_some() }
    }

    fn open(&mut self, origin: &str) -> u32 {
        let number = self.logs.len() + u32::try_from(self.opened.len()).unwrap_or(u32::MAX);
        self.opened.insert(origin.to_owned(), number);
        self.plan.opened.push(origin.to_owned());
        let position = self.plan.end();
        self.record(&Record {
            position,
            batch: self.plan.start,
            last_of_batch: false,
            opens_log: true,
            log: number,
            seq: 0,
            event_id: [0; 16],
            sameness: [0; 32],
            body: origin.as_bytes(),
        });
        number
    }

    fn record(&mut self, record: &Record<'_>) {
        self.last = Some(self.plan.bytes.len());
        record.write(&mut self.plan.bytes);
    }

    fn add(&mut self, entry: &mut Prepared, to: &Destination) -> LedgerRef {
        let log = to.log.unwrap_or_else(|| {
            let log = self.open(&to.origin);
            self.destination = Some(Rc::new(Destination { log: Some(log), ..to.clone() }));
            log
        });
        let size = self.logs.get(log).map_or(0, |log| log.tree.size());
        let next = self.next_seq.entry(log).or_insert(size);
        let seq = *next;
        *next += 1;
        let position = self.plan.end();
        self.record(&Record {
            position,
            batch: self.plan.start,
            last_of_batch: false,
            opens_log: false,
            log,
            seq,
            event_id: *entry.event_id.uuid().as_bytes(),
            sameness: entry.sameness.0,
            body: &entry.leaf,
        });
        let (sameness, leaf_hash) = (entry.sameness, entry.leaf_hash);
        self.staged.insert((to.scope, entry.event_id), Staged { sameness, seq, leaf_hash });
        self.plan.leaves.push((log, leaf_hash));
        self.plan.docs.push(Doc {
            position,
            end: self.plan.end(),
            scope: to.scope,
            event_id: entry.event_id,
            recorded_at: entry.recorded_at,
            keys: std::mem::take(&mut entry.keys),
        });
        place(&to.origin, seq, &leaf_hash)
    }

    fn finish(mut self) -> Plan {
        if let Some(last) = self.last {
            crate::record::mark_last(&mut self.plan.bytes, last);
        }
        self.plan
    }
}
