//! The index against a plain list of events.

#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use nexus_model::EventId;
use proptest::prelude::*;

use super::*;
use crate::{
    keys::{Field, Keys, term},
    recent::Doc,
};

const SCOPE: u32 = 7;

/// An event as the index knows it: position, time, its user, whether it is more than a read.
type Event = (u64, i64, u8, bool);

fn doc(&(position, recorded_at, user, writes): &Event) -> Doc {
    let unique = position.to_be_bytes();
    let mut keys = vec![(Field::All, &b""[..]), (Field::EventId, &unique), (Field::User, std::slice::from_ref(&user))];
    if writes {
        keys.push((Field::NotRead, b""));
    }
    let event_id = EventId::from_uuid(uuid::Uuid::from_u128(u128::from(position)));
    Doc { position, end: position + 8, scope: SCOPE, event_id, recorded_at, keys: Keys::from_pairs(&keys) }
}

fn key(field: Field, value: &[u8]) -> Vec<u8> {
    term(SCOPE, &[&[field as u8], value].concat())
}

#[derive(Debug, Clone)]
struct Ask {
    user: Option<u8>,
    writes: bool,
    times: (Option<i64>, Option<i64>),
    positions: (u64, u64),
    newest_first: bool,
    limit: usize,
}

impl Ask {
    fn wanted(&self) -> Wanted {
        let mut terms = vec![key(Field::All, b"")];
        terms.extend(self.user.map(|user| key(Field::User, &[user])));
        terms.extend(self.writes.then(|| key(Field::NotRead, b"")));
        let ((since, until), (from, below)) = (self.times, self.positions);
        Wanted { terms, since, until, from, below, newest_first: self.newest_first, limit: self.limit }
    }

    /// The answer by looking at everything.
    fn plain(&self, events: &[Event]) -> Vec<u64> {
        let wanted = self.wanted();
        let fits = |(position, time, user, writes): &&Event| {
            (wanted.from..wanted.below).contains(position)
                && wanted.has_time(*time)
                && self.user.is_none_or(|wanted| wanted == *user)
                && (!self.writes || *writes)
        };
        let mut found: Vec<u64> = events.iter().filter(fits).map(|event| event.0).collect();
        if self.newest_first {
            found.reverse();
        }
        found.truncate(self.limit);
        found
    }
}

fn ask(end: u64) -> impl Strategy<Value = Ask> {
    let time = || proptest::option::of(0..3_000_i64);
    let user = proptest::option::of(prop_oneof![Just(0_u8), Just(1), 0..6_u8, 0..250_u8]);
    (
        user,
        any::<bool>(),
        (time(), time()),
        (0..=end, 0..=end + 9),
        any::<bool>(),
        prop_oneof![1..60_usize, Just(10_000)],
    )
        .prop_map(|(user, writes, times, positions, newest_first, limit)| Ask {
            user,
            writes,
            times,
            positions,
            newest_first,
            limit,
        })
}

/// Events in order of position, times nearly so, some users rare.
fn events() -> impl Strategy<Value = Vec<Event>> {
    let user = prop_oneof![8 => Just(0_u8), 4 => 1..4_u8, 1 => 4..250_u8];
    proptest::collection::vec((1..4_u64, -40..40_i64, user, any::<bool>()), 1..2_600).prop_map(|steps| {
        let mut position = 0;
        let event = |(at, (step, shift, user, writes)): (usize, (u64, i64, u8, bool))| {
            position += step * 8;
            (position, at as i64 + shift, user, writes)
        };
        steps.into_iter().enumerate().map(event).collect()
    })
}

/// Commits the events in batches of these sizes, and merges the parts that are there after some of them.
fn fill(dir: &Path, events: &[Event], batches: &[(usize, bool)]) -> Index {
    let mut index = Index::open(dir).unwrap();
    let mut rest = events;
    let mut batches = batches.iter().cycle();
    while !rest.is_empty() {
        let (size, merges) = batches.next().unwrap();
        let (now, later) = rest.split_at((*size).min(rest.len()));
        rest = later;
        let mut batch = Batch::default();
        now.iter().for_each(|event| batch.push(&doc(event)));
        let parts = index.view().parts;
        let merged = (*merges && parts.len() > 1).then(|| index.merge(parts).unwrap().finish().unwrap());
        index.commit(&mut batch, now.last().unwrap().0 + 8, merged).unwrap();
        assert!(batch.is_empty());
    }
    index
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn it_finds_what_a_plain_look_at_everything_finds(
        (events, asks) in events().prop_flat_map(|events| {
            let end = events.last().unwrap().0;
            (Just(events), proptest::collection::vec(ask(end), 24))
        }),
        batches in proptest::collection::vec((1..900_usize, any::<bool>()), 1..6),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let index = fill(dir.path(), &events, &batches);
        let reopened = Index::open(dir.path()).unwrap();
        for index in [&index, &reopened] {
            prop_assert_eq!(index.end(), events.last().unwrap().0 + 8);
            for ask in &asks {
                prop_assert_eq!(index.view().walk(&ask.wanted()).unwrap(), ask.plain(&events), "{:?}", ask);
            }
            for (position, ..) in events.iter().step_by(97) {
                let found = index.view().find(key(Field::EventId, &position.to_be_bytes())).unwrap();
                prop_assert_eq!(found, Some(*position));
            }
            prop_assert_eq!(index.view().find(key(Field::EventId, b"none")).unwrap(), None);
        }
    }

    #[test]
    fn a_list_reads_back(mut docs in proptest::collection::btree_set(0..1_u32 << 30, 1..700), base in 0..1_u32 << 20) {
        docs.insert(3);
        let docs: Vec<u32> = docs.into_iter().collect();
        let (mut bytes, mut read) = (Vec::new(), Vec::new());
        postings::encode(&docs, &mut bytes);
        postings::decode(&bytes, base, &mut read).unwrap();
        prop_assert_eq!(read, docs.iter().map(|doc| doc + base).collect::<Vec<_>>());
    }
}

fn some_events(count: u64) -> Vec<Event> {
    (0..count).map(|at| (at * 8, at as i64, (at % 5) as u8, at % 3 == 0)).collect()
}

/// Whatever byte is wrong, the answer is right for what the index says it holds, or an error.
#[test]
fn a_changed_byte_never_makes_a_wrong_answer() {
    let events = some_events(700);
    let dir = tempfile::tempdir().unwrap();
    drop(fill(dir.path(), &events, &[(300, false)]));
    let asks: Vec<Ask> = [(true, None, true), (false, Some(3), true), (true, Some(1), false)]
        .map(|(newest_first, user, writes)| Ask {
            user,
            writes,
            times: (Some(20), Some(690)),
            positions: (0, u64::MAX),
            newest_first,
            limit: 10_000,
        })
        .into();
    let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let mut told = 0;
    for path in &names {
        let good = fs::read(path).unwrap();
        // Strides that share no factor with any structure; every byte of the manifest.
        let stride = if path.ends_with(manifest::NAME) { 1 } else { 13 };
        for at in (0..good.len()).step_by(stride) {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            fs::write(path, &bad).unwrap();
            match Index::open_as_it_is(dir.path()) {
                Err(_) => told += 1,
                Ok(index) => {
                    let held: Vec<Event> = events.iter().copied().filter(|event| event.0 < index.end()).collect();
                    told += u32::from(held.len() < events.len());
                    for ask in &asks {
                        match index.view().walk(&ask.wanted()) {
                            Ok(found) => assert_eq!(found, ask.plain(&held), "byte {at} of {}", path.display()),
                            Err(_) => told += 1,
                        }
                    }
                }
            }
        }
        fs::write(path, &good).unwrap();
    }
    assert!(told > 500, "only {told} changes were noticed");
    // And all is well again.
    let index = Index::open(dir.path()).unwrap();
    asks.iter().for_each(|ask| assert_eq!(index.view().walk(&ask.wanted()).unwrap(), ask.plain(&events)));
}

#[test]
fn a_damaged_part_is_left_out_with_what_comes_after_it() {
    let events = some_events(900);
    let dir = tempfile::tempdir().unwrap();
    drop(fill(dir.path(), &events, &[(300, false)]));
    let second = dir.path().join(part::file_name(1));
    fs::write(&second, &fs::read(&second).unwrap()[..2_000]).unwrap();
    let mut index = Index::open(dir.path()).unwrap();
    assert_eq!((index.end(), index.view().parts.len()), (events[300].0, 1));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "the manifest and one part");
    // What was lost is taken in again.
    let mut batch = Batch::default();
    events[300..].iter().for_each(|event| batch.push(&doc(event)));
    index.commit(&mut batch, 7_200, None).unwrap();
    let all =
        Ask { user: None, writes: false, times: (None, None), positions: (0, 7_200), newest_first: true, limit: 1_000 };
    assert_eq!(Index::open(dir.path()).unwrap().view().walk(&all.wanted()).unwrap(), all.plain(&events));
}

#[test]
fn what_is_not_named_is_removed_and_another_format_is_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    for stray in ["meta.json", "0123.term", "0000000000000000.part"] {
        fs::write(dir.path().join(stray), "of an older format").unwrap();
    }
    let index = Index::open(dir.path()).unwrap();
    assert_eq!((index.end(), fs::read_dir(dir.path()).unwrap().count()), (0, 0));
}

#[test]
fn a_merge_that_is_given_up_changes_nothing() {
    let events = some_events(4_000);
    let dir = tempfile::tempdir().unwrap();
    let mut index = fill(dir.path(), &events, &[(1_000, false)]);
    let parts = index.view().parts;
    index.merge(parts).unwrap().stop();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 5, "four parts and the manifest");
    let all = Ask {
        user: Some(2),
        writes: false,
        times: (None, None),
        positions: (0, u64::MAX),
        newest_first: false,
        limit: 9,
    };
    for index in [index, Index::open(dir.path()).unwrap()] {
        assert_eq!(index.view().parts.len(), 4);
        assert_eq!(index.view().walk(&all.wanted()).unwrap(), all.plain(&events));
    }
}

/// What it had written would otherwise keep a full disk full, and every further attempt would add to it.
#[test]
fn a_merge_that_fails_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let mut index = fill(dir.path(), &some_events(4_000), &[(1_000, false)]);
    let third = dir.path().join(part::file_name(2));
    let mut bytes = fs::read(&third).unwrap();
    bytes[9_000] ^= 1;
    fs::write(&third, bytes).unwrap();
    let parts = index.view().parts;
    let error = index.merge(parts).unwrap().finish().err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 5, "four parts and the manifest");
}

#[test]
fn neighbours_of_one_size_are_merged_when_enough_have_gathered() {
    let dir = tempfile::tempdir().unwrap();
    let index = fill(dir.path(), &some_events(33 * 4), &[(4, false)]);
    let parts = index.view().parts;
    assert!(mergeable(&parts[..31], 4, 1_000).is_none(), "too few");
    assert_eq!(mergeable(&parts, 4, 1_000).unwrap().len(), 32);
    assert!(mergeable(&parts, 3, 1_000).is_some_and(|run| run.len() == 32), "of the size above");
    assert!(mergeable(&parts, 4, 100).is_none(), "the merged part would be too large");
}
