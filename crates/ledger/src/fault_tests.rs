//! What the ledger promises, held against every fault of the disk: each operation × {fails, lands but is reported as failed, lands
//! by half}, power cuts at random moments, and both at once, compared with a plain list of what was acknowledged.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use proptest::prelude::*;

use crate::{
    Appended, Ledger, LedgerConfig, LedgerError, Order, Query,
    note::Checkpoint,
    sim::{Fault, SimDisk},
    testing::{append_all, config, event, event_of},
    tree,
    verify::{VerifyOptions, verify},
};

/// What a caller knows of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Stored { seq: u64 },
    Perhaps,
    Absent,
}

struct World {
    dir: tempfile::TempDir,
    disk: SimDisk,
    known: BTreeMap<u64, Known>,
}

impl World {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), disk: SimDisk::default(), known: BTreeMap::new() }
    }

    fn config(&self) -> LedgerConfig {
        LedgerConfig {
            disk: Arc::new(self.disk.clone()),
            signing_seed: Some([1; 32]),
            segment_bytes: 4 << 10,
            // Small batches are filled ahead of, large ones are not.
            fill_ahead_bytes: 8 << 10,
            probe_interval: Duration::from_millis(1),
            index_commit_events: 16,
            index_commit_interval: Duration::from_secs(3600),
            ..config(self.dir.path())
        }
    }

    fn open(&self) -> Result<Ledger, LedgerError> {
        let ledger = Ledger::open(self.config())?;
        ledger.settle_anchors(&[])?;
        Ok(ledger)
    }

    /// Appends events as one batch and notes what the caller has been told.
    async fn append(&mut self, ledger: &Ledger, numbers: &[u64]) {
        let events: Vec<_> = numbers.iter().map(|n| event(*n)).collect();
        for (n, answer) in numbers.iter().zip(append_all(ledger, &events).await) {
            let known = self.known.entry(*n).or_insert(Known::Absent);
            *known = match (answer, *known) {
                (Ok(Appended::Accepted(place)), Known::Stored { .. }) => panic!("event {n} stored twice: {place:?}"),
                (Ok(Appended::Duplicate(place)), Known::Absent) => panic!("event {n} was absent: {place:?}"),
                (Ok(Appended::Duplicate(place)), Known::Stored { seq }) if place.seq != seq => {
                    panic!("event {n} moved")
                }
                (Ok(Appended::Accepted(place) | Appended::Duplicate(place)), _) => Known::Stored { seq: place.seq },
                (Err(LedgerError::OutcomeUnknown(_)), Known::Absent) => Known::Perhaps,
                (Err(LedgerError::OutcomeUnknown(_) | LedgerError::Unavailable { .. }), before) => before,
                (Err(error), _) => panic!("event {n}: {error:?}"),
            };
        }
    }

    /// The events in the ledger, oldest first.
    fn stored(ledger: &Ledger) -> Vec<u64> {
        let (tenant, env) = (event(0).tenant_id, event(0).env);
        let mut query = Query { include_reads: true, order: Order::Asc, limit: 9, ..Query::default() };
        let mut found = Vec::new();
        loop {
            let page = ledger.query(&tenant, &env, &query).unwrap();
            found.extend(page.items.iter().map(|item| item.event().unwrap().input["n"].as_u64().unwrap()));
            match page.next {
                Some(next) => query.cursor = Some(next),
                None => return found,
            }
        }
    }

    /// The whole state against what callers were told.
    fn check(&self, ledger: &Ledger, context: &str) {
        let stored = Self::stored(ledger);
        for (n, known) in &self.known {
            let places: Vec<_> = stored.iter().enumerate().filter(|(_, m)| *m == n).map(|(at, _)| at as u64).collect();
            match known {
                Known::Stored { seq } => assert_eq!(places, [*seq], "{context}: event {n} acknowledged; {stored:?}"),
                Known::Perhaps => assert!(places.len() <= 1, "{context}: event {n} stands twice"),
                Known::Absent => assert!(places.is_empty(), "{context}: event {n} was said not to be stored"),
            }
        }
        assert!(stored.iter().all(|n| self.known.contains_key(n)), "{context}: an event nobody appended");
        let keys: Vec<_> = ledger.vkeys().iter().map(|key| key.parse().unwrap()).collect();
        for n in &stored {
            let one = event(*n);
            let proof = ledger.inclusion(&one.tenant_id, &one.env, one.event_id).unwrap().unwrap();
            let root = Checkpoint::open(&proof.checkpoint, &keys).unwrap().root;
            let holds = tree::verify_inclusion(&proof.leaf_hash, proof.seq, proof.tree_size, &root, &proof.hashes);
            assert!(holds, "{context}: event {n} is not proved");
        }
    }

    /// Everything that was not stored is stored now, and then the files hold.
    async fn settle(&mut self, context: &str) {
        self.disk.heal();
        let ledger = self.open().unwrap_or_else(|error| panic!("{context}: {error:?}"));
        self.check(&ledger, context);
        let missing: Vec<_> =
            self.known.iter().filter(|(_, k)| !matches!(k, Known::Stored { .. })).map(|(n, _)| *n).collect();
        self.append(&ledger, &missing).await;
        assert!(self.known.values().all(|known| matches!(known, Known::Stored { .. })), "{context}: {:?}", self.known);
        self.check(&ledger, context);
        ledger.close().await;
        drop(ledger);
        let options =
            VerifyOptions { disk: Arc::new(self.disk.clone()), sort_bytes: 0, ..VerifyOptions::new(self.dir.path()) };
        let report = verify(&options).unwrap();
        assert!(report.holds(), "{context}: {report:?}");
        assert_eq!(report.logs.iter().map(|log| log.size).sum::<u64>(), self.known.len() as u64, "{context}");
    }
}

/// The story that faults are put into: two lives of a ledger, several segments, single events and batches, repetitions.
async fn story(world: &mut World) {
    for life in 0..2u64 {
        let ledger = loop {
            match world.open() {
                Ok(ledger) => break ledger,
                Err(LedgerError::Io { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        };
        for round in 0..5 {
            let first = life * 100 + round * 10;
            world.append(&ledger, &[first]).await;
            world.append(&ledger, &[first + 1, first, first + 2, first + 3]).await;
        }
        ledger.close().await;
    }
}

/// Every operation of the story fails in this way, alone and with those after it; then the whole state is checked.
async fn every_operation(fault: Fault) {
    let mut world = World::new();
    story(&mut world).await;
    let (operations, _) = world.disk.operations();
    world.settle("no fault").await;
    assert!(operations > 100, "{operations}");
    for (repeats, step) in [(0, 1), (6, 5)] {
        for at in (0..operations).step_by(step) {
            let mut world = World::new();
            world.disk.fail_at(at, repeats, fault);
            story(&mut world).await;
            world.settle(&format!("operation {at} and {repeats} more: {fault:?}")).await;
        }
    }
}

#[tokio::test]
async fn whatever_operation_fails_callers_were_told_the_truth() {
    every_operation(Fault::Fails).await;
}

#[tokio::test]
async fn whatever_operation_lands_and_is_reported_as_failed_callers_were_told_the_truth() {
    every_operation(Fault::Lands).await;
}

#[tokio::test]
async fn whatever_operation_lands_by_half_callers_were_told_the_truth() {
    every_operation(Fault::Half).await;
}

#[tokio::test]
async fn while_the_disk_fails_callers_hear_it_health_says_so_and_it_recovers_by_itself() {
    let mut world = World::new();
    let ledger = world.open().unwrap();
    world.append(&ledger, &[0, 1]).await;
    assert!(ledger.health().can_write);
    let (now, _) = world.disk.operations();
    world.disk.fail_at(now, u64::MAX / 2, Fault::Fails);
    let answer = append_all(&ledger, &[event(2)]).await.remove(0);
    assert!(matches!(answer, Err(LedgerError::OutcomeUnknown(_))), "{answer:?}");
    let answer = append_all(&ledger, &[event(3)]).await.remove(0);
    assert!(matches!(answer, Err(LedgerError::Unavailable { .. })), "{answer:?}");
    let health = ledger.health();
    assert!(!health.can_write && health.failing_since.is_some() && health.last_error.is_some());
    assert_eq!(World::stored(&ledger), [0, 1], "reads go on");
    world.disk.heal();
    for _ in 0..500 {
        if ledger.health().can_write {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(ledger.health().failing_since, None);
    world.append(&ledger, &[4]).await;
    assert_eq!(World::stored(&ledger), [0, 1, 4]);
}

/// After a failed sync the cache may hold what the device does not, and a later sync that succeeds says nothing about it.
#[tokio::test]
async fn a_batch_whose_sync_failed_is_not_taken_from_the_cache_by_the_next_start() {
    let mut world = World::new();
    let ledger = Ledger::open(LedgerConfig { probe_interval: Duration::from_secs(3600), ..world.config() }).unwrap();
    ledger.settle_anchors(&[]).unwrap();
    world.append(&ledger, &[0, 1]).await;
    // The write lands, the sync does not, and the process ends before the disk is well again.
    world.disk.fail_at(world.disk.operations().0 + 1, u64::MAX / 2, Fault::Fails);
    world.append(&ledger, &[2]).await;
    assert_eq!(world.known[&2], Known::Perhaps);
    ledger.close().await;
    drop(ledger);
    world.disk.heal();
    let ledger = world.open().unwrap();
    assert_eq!(World::stored(&ledger), [0, 1]);
    world.append(&ledger, &[2, 3]).await;
    drop(ledger);
    world.disk.power_cut(|| false);
    world.check(&world.open().unwrap(), "after a power cut");
}

/// What happens next in a random life.
#[derive(Debug, Clone)]
enum Step {
    Append(Vec<u64>),
    Other(u64),
    Restart,
    PowerCut { keep: Vec<bool> },
    Fault { after: u64, repeats: u64, fault: Fault },
    Check,
}

fn step() -> impl Strategy<Value = Step> {
    let fault = prop_oneof![Just(Fault::Fails), Just(Fault::Lands), Just(Fault::Half)];
    prop_oneof![
        6 => prop::collection::vec(0u64..120, 1..12).prop_map(Step::Append),
        1 => (0u64..50).prop_map(Step::Other),
        1 => Just(Step::Restart),
        2 => prop::collection::vec(any::<bool>(), 1..40).prop_map(|keep| Step::PowerCut { keep }),
        2 => (0u64..12, 0u64..8, fault).prop_map(|(after, repeats, fault)| Step::Fault { after, repeats, fault }),
        1 => Just(Step::Check),
    ]
}

async fn live(steps: Vec<Step>) {
    let mut world = World::new();
    let mut ledger = world.open().unwrap();
    for (at, step) in steps.iter().enumerate() {
        match step {
            Step::Append(numbers) => world.append(&ledger, numbers).await,
            Step::Other(n) => drop(append_all(&ledger, &[event_of("t_other", *n)]).await),
            Step::Fault { after, repeats, fault } => {
                world.disk.fail_at(world.disk.operations().0 + after, *repeats, *fault);
                continue;
            }
            Step::Restart => {
                ledger.close().await;
                drop(ledger);
                world.disk.heal();
                ledger = world.open().unwrap();
            }
            Step::PowerCut { keep } => {
                world.disk.die();
                drop(ledger);
                let mut keep = keep.iter().cycle();
                world.disk.power_cut(|| *keep.next().unwrap());
                ledger = world.open().unwrap_or_else(|error| panic!("step {at} of {steps:?}: {error:?}"));
            }
            Step::Check => {}
        }
        if matches!(step, Step::Restart | Step::PowerCut { .. } | Step::Check) {
            world.check(&ledger, &format!("step {at} of {steps:?}"));
        }
    }
    drop(ledger);
    world.disk.heal();
    let ledger = world.open().unwrap();
    world.check(&ledger, &format!("at the end of {steps:?}"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn any_life_of_a_ledger_agrees_with_a_plain_list(steps in prop::collection::vec(step(), 1..25)) {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(live(steps));
    }
}
