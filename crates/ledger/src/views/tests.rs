//! The laws of the fold: the same rows however the log is cut and whenever it is read; sums that are those of the events; bounds that
//! hold; nothing of one place in another.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, path::Path, time::Duration};

use nexus_model::{Catalog, DatasetEvent, Decimal, ErrorCode, Outcome, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::tempdir;

use super::{Caps, GroupKey, OTHER, PlaceViews, Restored, TypeKey, Views, ViewsConfig, facts};
use crate::{
    Ledger,
    testing::{append_all, config, copy, event_of},
};

/// What a disk may do to a directory.
type Damage = Box<dyn Fn(&Path)>;

const HOUR: i64 = 3_600_000_000;

/// The `n`th event of a mix that fills every part of the rows.
pub(super) fn mixed(n: u64) -> DatasetEvent {
    let mut event = event_of(["t_a", "t_b"][usize::from(n % 3 == 1)], n);
    event.env = ["dev", "prod"][usize::from(n % 5 == 2)].parse().unwrap();
    let scrambled = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let asset = || uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0001_0000 | u128::from(n / 9)).to_string();
    let (surface, event_type, asset_id, input, output): (_, _, Option<String>, Value, Value) = match n % 9 {
        0 => (
            "raw_storage",
            "raw_asset_presigned",
            Some(asset()),
            json!({ "size_bytes": scrambled % 1000 }),
            json!({ "expires_at": "2026-11-26T00:00:00Z" }),
        ),
        1 => {
            ("raw_storage", "raw_asset_registered", Some(asset()), json!({}), json!({ "size_bytes": scrambled % 1000 }))
        }
        2 => (
            "kpi",
            "kpi_measured",
            None,
            json!({ "kpi_name": format!("k{}", scrambled % 7), "value": scrambled }),
            json!({}),
        ),
        3 => (
            "temperature",
            "temperature_snapshot_taken",
            None,
            json!({ "of_surface": format!("s{}", scrambled % 3),
            "value": 0.5, "window_start": "2026-11-26T00:00:00Z", "window_end": "2026-11-26T01:00:00Z" }),
            json!({}),
        ),
        4 => (
            "strategy_lock",
            ["strategy_lock_approved", "strategy_lock_updated"][usize::from(scrambled % 2 == 1)],
            None,
            json!({ "lock_id": format!("l{}", scrambled % 9), "scope": "all" }),
            json!({}),
        ),
        5 => ("unheard_of", "thing_done", None, json!([1]), Value::Null),
        6 => (
            "media",
            "media_ingested",
            None,
            json!({ "media_type": "video", "bytes": scrambled, "duration_ms": 3 }),
            json!({}),
        ),
        _ => (
            "budget",
            "usage_recorded",
            None,
            json!({ "provider": format!("p{}", scrambled % 13),
            "tool_type": (["chat", "embed"][usize::from(scrambled.is_multiple_of(4))]), "tokens_input": scrambled % 100,
            "cost": format!("{}.{:02}", scrambled % 5, scrambled % 100), "currency": (["USD", "EUR", "SEK"][(scrambled % 3) as usize]) }),
            json!({}),
        ),
    };
    event.surface = surface.parse().unwrap();
    event.event_type = event_type.parse().unwrap();
    event.asset_id = asset_id.map(|id| id.parse().unwrap());
    (event.input, event.output) = (input, output);
    event.error_code =
        (event.outcome == Outcome::Failure).then(|| format!("code.{}", scrambled % 11).parse::<ErrorCode>().unwrap());
    event.pii_flags.flags =
        if n.is_multiple_of(4) { BTreeMap::from([("email".to_owned(), n % 3)]) } else { BTreeMap::new() };
    event.train_ok = !n.is_multiple_of(4);
    // Mostly forward, at times back, over more hours than small caps keep.
    let hour = i64::try_from(n / 20).unwrap() - i64::try_from(scrambled % 17).unwrap() / 16;
    event.recorded_at =
        Timestamp::from_micros(1_764_000_000_000_000 + hour * HOUR + i64::try_from(n).unwrap()).unwrap();
    event
}

pub(super) fn small() -> Caps {
    Caps { hours: 6, rows: 400, names: 3, latest_keys: 4, latest_bytes: 2000, payload_bytes: 120, pending_uploads: 3 }
}

fn views_config(caps: Caps) -> ViewsConfig {
    ViewsConfig { caps, snapshot_interval: Duration::ZERO }
}

fn open(dir: &Path) -> Ledger {
    let ledger = Ledger::open(config(dir)).unwrap();
    ledger.settle_anchors(&[]).unwrap();
    ledger
}

/// The rows of every place, as bytes.
fn rows(views: &Views) -> BTreeMap<String, String> {
    let text = |place: &PlaceViews| String::from_utf8(place.to_bytes().unwrap()).unwrap();
    views.places().into_iter().map(|(t, e)| (format!("{t}@{e}"), views.read(&t, &e, text))).collect()
}

async fn caught_up(ledger: &Ledger, views: &Views) {
    tokio::time::timeout(Duration::from_secs(20), views.reached(ledger.head().1)).await.expect("the fold follows");
}

async fn append_mixed(ledger: &Ledger, events: std::ops::Range<u64>) {
    let events: Vec<_> = events.map(mixed).collect();
    for answer in append_all(ledger, &events).await {
        answer.unwrap();
    }
}

/// Folds in memory, as the thread does.
fn fold(events: impl IntoIterator<Item = DatasetEvent>, caps: &Caps) -> PlaceViews {
    let rows = facts::Rows::new(Catalog::builtin());
    let mut place = PlaceViews::default();
    for (seq, event) in (0..).zip(events) {
        let leaf = crate::canonical_bytes(&event);
        place.add("log", seq, seq * 8, facts::Facts::read(&rows, &leaf).unwrap(), caps);
    }
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_crashes_and_rebuilds_give_the_same_rows_to_the_byte() {
    let (dir, catalog) = (tempdir().unwrap(), Catalog::builtin());
    let mut ledger = open(dir.path());
    let mut views = Views::open(&ledger, catalog, views_config(small())).unwrap();
    let mut crashed = Vec::new();
    for (round, upto) in [1, 2, 40, 41, 300, 500, 777].windows(2).enumerate() {
        append_mixed(&ledger, upto[0]..upto[1]).await;
        if round % 2 == 0 {
            caught_up(&ledger, &views).await;
            views.close();
            drop(views);
            ledger.close().await;
            drop(ledger);
            ledger = open(dir.path());
            views = Views::open(&ledger, catalog, views_config(small())).unwrap();
            assert!(matches!(views.restored(), Restored::Kept(_)), "{:?}", views.restored());
        } else {
            // What a killed process leaves, at whatever point the fold is.
            let left = tempdir().unwrap();
            copy(dir.path(), left.path());
            crashed.push(left);
        }
    }
    caught_up(&ledger, &views).await;
    let incremental = rows(&views);
    assert_eq!(incremental.len(), 4, "two tenants in two environments");
    drop(views);
    let rebuilt = Views::rebuild(&ledger, catalog, views_config(small())).unwrap();
    caught_up(&ledger, &rebuilt).await;
    assert_eq!(rows(&rebuilt), incremental);
    drop(rebuilt);
    for left in crashed {
        let ledger = open(left.path());
        let views = Views::open(&ledger, catalog, views_config(small())).unwrap();
        caught_up(&ledger, &views).await;
        let again = rows(&views);
        drop(views);
        let rebuilt = Views::rebuild(&ledger, catalog, views_config(small())).unwrap();
        caught_up(&ledger, &rebuilt).await;
        assert_eq!(rows(&rebuilt), again);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_is_only_taken_up_where_it_fits() {
    let (dir, catalog) = (tempdir().unwrap(), Catalog::builtin());
    let ledger = open(dir.path());
    append_mixed(&ledger, 0..200).await;
    let views = Views::open(&ledger, catalog, views_config(small())).unwrap();
    caught_up(&ledger, &views).await;
    views.close();
    let right = rows(&views);
    drop((views, ledger));
    let files = |dir: &Path| {
        let mut names: Vec<_> =
            std::fs::read_dir(dir.join("views")).unwrap().map(|file| file.unwrap().path()).collect();
        names.sort();
        names
    };
    assert_eq!(files(dir.path()).len(), 5);
    let mut cases: Vec<Damage> = Vec::new();
    for at in 0..5 {
        cases.push(Box::new(move |dir| {
            let file = &files(dir)[at];
            let mut bytes = std::fs::read(file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(file, bytes).unwrap();
        }));
        cases.push(Box::new(move |dir| std::fs::remove_file(&files(dir)[at]).unwrap()));
        cases.push(Box::new(move |dir| std::fs::write(&files(dir)[at], b"").unwrap()));
    }
    for case in cases {
        let damaged = tempdir().unwrap();
        copy(dir.path(), damaged.path());
        case(damaged.path());
        let ledger = open(damaged.path());
        let views = Views::open(&ledger, catalog, views_config(small())).unwrap();
        assert!(!matches!(views.restored(), Restored::Kept(_)), "{:?}", views.restored());
        caught_up(&ledger, &views).await;
        assert_eq!(rows(&views), right);
    }
    // Rows of other bounds are other rows.
    let ledger = open(dir.path());
    let wider = Caps { names: 5, ..small() };
    let views = Views::open(&ledger, catalog, views_config(wider.clone())).unwrap();
    assert_eq!(views.restored(), &Restored::Rebuilt("their bounds have changed"));
    drop((views, ledger));
    // A directory whose segments were restored from before: what was kept reflects what is not there.
    let older = tempdir().unwrap();
    let ledger = open(older.path());
    append_mixed(&ledger, 0..50).await;
    ledger.close().await;
    drop(ledger);
    copy(&dir.path().join("views"), &older.path().join("views"));
    let ledger = open(older.path());
    let views = Views::open(&ledger, catalog, views_config(wider)).unwrap();
    assert_eq!(views.restored(), &Restored::Rebuilt("they reflect events that are not here"));
    caught_up(&ledger, &views).await;
    assert_eq!(views.places().iter().map(|(t, e)| views.read(t, e, PlaceViews::events)).sum::<u64>(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_place_has_anything_of_another() {
    let dir = tempdir().unwrap();
    let ledger = open(dir.path());
    append_mixed(&ledger, 0..400).await;
    let views = Views::open(&ledger, Catalog::builtin(), views_config(Caps::default())).unwrap();
    caught_up(&ledger, &views).await;
    for (tenant, env) in views.places() {
        let own = (0..400).map(mixed).filter(|event| event.tenant_id == tenant && event.env == env);
        let alone = fold(own, &Caps::default());
        let (counts, latest, uploads) =
            views.read(&tenant, &env, |place| (place.rollups.clone(), place.latest.clone(), place.uploads.clone()));
        assert_eq!(counts.hours, alone.rollups.hours);
        assert_eq!(uploads, alone.uploads);
        for view in ["kpi_value", "temperature", "strategy_lock"] {
            let keys = |rows: &super::LatestRows| {
                rows.of(view).map(|(key, row)| (key.to_vec(), row.event_id)).collect::<Vec<_>>()
            };
            assert_eq!(keys(&latest), keys(&alone.latest));
        }
        let only = format!("/{tenant}/{env}/");
        assert!(views.read(&tenant, &env, |place| place.logs.keys().all(|log| log.contains(&only))));
    }
    assert_eq!(views.read(&"t_c".parse().unwrap(), &"dev".parse().unwrap(), PlaceViews::events), 0);
}

/// Against a count of its own, from the whole events.
#[test]
fn counts_and_sums_are_those_of_the_events() {
    let events: Vec<_> = (0..900).map(mixed).collect();
    let place = fold(events.clone(), &Caps::default());
    let mut counts: BTreeMap<(i64, TypeKey), u64> = BTreeMap::new();
    let mut cents: BTreeMap<(String, String), i128> = BTreeMap::new();
    let mut bytes = 0_i128;
    for event in &events {
        let hour = event.recorded_at.micros().div_euclid(HOUR);
        let failed = event.outcome == Outcome::Failure;
        let (surface, event_type) = (event.surface.to_string(), event.event_type.to_string());
        *counts.entry((hour, TypeKey { surface, event_type, failed })).or_default() += 1;
        if event.event_type.as_str() == "usage_recorded" && !failed {
            let text = event.input["cost"].as_str().unwrap().replace('.', "");
            let provider = event.input["provider"].as_str().unwrap().to_owned();
            let currency = event.input["currency"].as_str().unwrap().to_owned();
            *cents.entry((currency, provider)).or_default() += text.parse::<i128>().unwrap();
        }
        if event.event_type.as_str() == "media_ingested" && !failed {
            bytes += i128::from(event.input["bytes"].as_i64().unwrap());
        }
    }
    let hours = &place.rollups.hours;
    let folded = hours
        .iter()
        .flat_map(|(hour, rows)| rows.types.iter().map(move |(key, cell)| ((*hour, key.clone()), cell.count)));
    assert_eq!(folded.collect::<BTreeMap<_, _>>(), counts);
    let mut sums: BTreeMap<(String, String), Decimal> = BTreeMap::new();
    for (key, cell) in hours.values().flat_map(|hour| &hour.groups).filter(|(key, _)| key.dimension == "provider") {
        for (currency, amount) in &cell.sums["cost"].money {
            let sum = sums.entry((currency.clone(), key.value.clone())).or_insert(Decimal::ZERO);
            *sum = sum.checked_add(*amount).unwrap();
        }
    }
    let told = cents.into_iter().map(|(key, cents)| (key, format!("{}.{:02}", cents / 100, cents % 100)));
    let sums = sums.into_iter().map(|(key, sum)| (key, sum.to_string()));
    assert_eq!(sums.collect::<BTreeMap<_, _>>(), told.collect::<BTreeMap<_, _>>());
    let ingested = hours.values().flat_map(|hour| &hour.types);
    let ingested = ingested.filter(|(key, _)| key.event_type == "media_ingested" && !key.failed);
    assert_eq!(ingested.map(|(_, cell)| cell.sums["bytes"].whole).sum::<i128>(), bytes);
}

#[test]
fn bounds_hold_and_nothing_is_lost_to_them_but_names() {
    let caps = small();
    let (mut hours, mut pending) = (0, 0);
    for upto in [50, 298, 900] {
        let place = fold((0..upto).map(mixed), &caps);
        let rows = &place.rollups;
        assert!(rows.hours.len() <= caps.hours);
        hours = hours.max(rows.hours.len());
        pending = pending.max(place.uploads.pending.len());
        for hour in rows.hours.values() {
            // Each dimension's rows add up to the type's own, whoever is called `other`.
            for dimension in ["provider", "tool_type"] {
                let mut sum = super::Cell::default();
                hour.groups.iter().filter(|(key, _)| key.dimension == dimension).for_each(|(_, cell)| sum.merge(cell));
                let key = TypeKey { surface: "budget".into(), event_type: "usage_recorded".into(), failed: false };
                assert_eq!(hour.types.get(&key).cloned().unwrap_or_default(), sum);
            }
        }
        let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for GroupKey { dimension, value, .. } in rows.hours.values().flat_map(|hour| hour.groups.keys()) {
            names.entry(dimension).or_default().push(value);
        }
        for values in names.values_mut() {
            values.sort_unstable();
            values.dedup();
            assert!(values.iter().filter(|value| **value != OTHER).count() <= caps.names, "{values:?}");
        }
        assert!(place.latest.of("strategy_lock").count() <= caps.latest_keys);
    }
    assert_eq!((hours, pending), (caps.hours, caps.pending_uploads), "the events reach the bounds");
    let place = fold((0..900).map(mixed), &caps);
    assert!(place.rollups.dropped.is_some());
    assert!(place.latest.displaced("strategy_lock") > 0);
    assert!(place.uploads.forgotten > 0);
}

#[test]
fn a_payload_beyond_the_bound_loses_its_largest_members_and_says_so() {
    let mut event = mixed(4);
    event.outcome = Outcome::Success;
    event.surface = "kill_switch".parse().unwrap();
    event.event_type = "kill_switch_updated".parse().unwrap();
    event.input = json!({ "disable_autonomy": true, "reason": "x".repeat(500), "extra": { "a": "y".repeat(50) } });
    let place = fold([event], &small());
    let (_, row) = place.latest.of("kill_switch").next().unwrap();
    assert_eq!(row.input, json!({ "disable_autonomy": true, "extra": { "a": "y".repeat(50) } }));
    assert_eq!(row.omitted, ["reason"]);
}

fn lock(n: u64, event_type: &str) -> DatasetEvent {
    let mut event = mixed(n);
    event.outcome = Outcome::Success;
    event.surface = "strategy_lock".parse().unwrap();
    event.event_type = event_type.parse().unwrap();
    event.input = json!({ "lock_id": "l", "scope": event_type });
    event
}

/// Of one lock, in the order in which several logs have come; the first of each pair is where it lies in time.
#[test]
fn what_comes_late_does_not_undo_what_was_decided_after_it() {
    let rows = facts::Rows::new(Catalog::builtin());
    for (events, standing) in [
        (vec![(20, "approved"), (30, "updated"), (10, "created")], "approved"),
        (vec![(20, "approved"), (30, "updated"), (25, "expired")], "expired"),
        (vec![(30, "updated"), (10, "created"), (20, "approved")], "approved"),
        (vec![(30, "updated"), (20, "updated"), (10, "created")], "created"),
        (vec![(20, "approved"), (40, "updated"), (30, "updated"), (10, "created")], "approved"),
    ] {
        let mut place = PlaceViews::default();
        for (n, (position, what)) in (0..).zip(&events) {
            let leaf = crate::canonical_bytes(&lock(n, &format!("strategy_lock_{what}")));
            place.add("log", n, *position, facts::Facts::read(&rows, &leaf).unwrap(), &Caps::default());
        }
        let (_, row) = place.latest.of("strategy_lock").next().unwrap();
        let expected = (format!("strategy_lock_{standing}"), "strategy_lock_updated");
        assert_eq!((row.standing.clone(), row.event_type.as_str()), expected, "{events:?}");
    }
}

#[test]
fn an_update_changes_content_and_not_standing() {
    let events = ["created", "updated", "approved", "updated"].map(|what| format!("strategy_lock_{what}"));
    for (upto, standing) in [(2, "strategy_lock_created"), (4, "strategy_lock_approved")] {
        let place = fold(events.iter().take(upto).enumerate().map(|(n, what)| lock(n as u64, what)), &Caps::default());
        let (_, row) = place.latest.of("strategy_lock").next().unwrap();
        assert_eq!((row.standing.as_str(), row.event_type.as_str()), (standing, "strategy_lock_updated"));
    }
}

proptest! {
    /// Kept and read back anywhere, the fold goes on as if nothing had happened.
    #[test]
    fn rows_read_back_go_on_the_same(cut in 0u64..300, more in 0u64..300) {
        let rows = facts::Rows::new(Catalog::builtin());
        let straight = fold((0..cut + more).map(mixed), &small());
        let first = fold((0..cut).map(mixed), &small());
        let mut place: PlaceViews = serde_json::from_slice(&first.to_bytes().unwrap()).unwrap();
        place.complete();
        for n in cut..cut + more {
            let leaf = crate::canonical_bytes(&mixed(n));
            place.add("log", n, n * 8, facts::Facts::read(&rows, &leaf).unwrap(), &small());
        }
        prop_assert_eq!(place.to_bytes().unwrap(), straight.to_bytes().unwrap());
    }
}
