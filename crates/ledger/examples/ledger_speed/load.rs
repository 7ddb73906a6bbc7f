//! Appending: as fast as it goes in rounds, and steadily.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use nexus_ledger::{Entry, Ledger};

use crate::{
    events::Source,
    machine::{print_processor_time, processor_seconds, raw, resident_mib},
};

/// Calls in flight at a time, so that a batch of one can share its `fdatasync`.
const CALLERS: usize = 64;
/// The same for calls of a thousand events.
const CALLERS_OF_MANY: usize = 8;

/// Appends `count` events in calls of `batch` and gives events per second. Making the events is not counted.
async fn append(ledger: &Ledger, source: &Source, count: usize, batch: usize) -> f64 {
    let mut spent = Duration::ZERO;
    let mut left = count;
    while left > 0 {
        let round = left.min(16 * 1024).max(batch);
        left = left.saturating_sub(round);
        let entries = make(source, round);
        let mut calls: Vec<Vec<Entry>> = Vec::new();
        let mut entries = entries.into_iter().peekable();
        while entries.peek().is_some() {
            calls.push(entries.by_ref().take(batch).collect());
        }
        let calls = Arc::new(Mutex::new(calls));
        let start = Instant::now();
        let callers: Vec<_> = (0..if batch >= 1000 { CALLERS_OF_MANY } else { CALLERS })
            .map(|_| {
                let (ledger, calls) = (ledger.clone(), Arc::clone(&calls));
                tokio::spawn(async move {
                    loop {
                        let Some(call) = calls.lock().unwrap().pop() else { return };
                        for answer in ledger.append_batch(call).await {
                            answer.unwrap();
                        }
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
        spent += start.elapsed();
    }
    count as f64 / spent.as_secs_f64()
}

/// Makes events on all cores; that is not what is measured.
fn make(source: &Source, count: usize) -> Vec<Entry> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let share = |thread| count / threads + usize::from(thread < count % threads);
        let makers: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || (0..share(thread)).map(|_| source.entry()).collect::<Vec<_>>()))
            .collect();
        makers.into_iter().flat_map(|maker| maker.join().unwrap()).collect()
    })
}

/// Calls of 1, 100 and 1,000 events beside a plain file.
pub(crate) async fn beside_a_plain_file(ledger: &Ledger, dir: &Path, source: &Source) {
    for (batch, count) in [(1, 40_000), (100, 200_000), (1000, 300_000)] {
        let (before, used) = (ledger.stats(), processor_seconds());
        let rate = append(ledger, source, count, batch).await;
        let after = ledger.stats();
        let group = (after.events - before.events) as f64 / (after.batches - before.batches) as f64;
        let plain = raw(dir, count, after.bytes - before.bytes, group);
        println!(
            "calls of {batch}: {rate:.0} events/s ({group:.0} a batch), raw append + fdatasync {plain:.0}: {:.2}",
            rate / plain
        );
        print_processor_time(&used, count);
    }
}

/// Calls of 1,000 until `total` events are there; a line for each million.
pub(crate) async fn fill(ledger: &Ledger, source: &Source, total: u64) {
    while source.made() < total {
        let count = usize::try_from((total - source.made()).min(1_000_000)).unwrap();
        let used = processor_seconds();
        let rate = append(ledger, source, count, 1000).await;
        let (anon, rss) = resident_mib();
        let (made, lookups) = (source.made(), ledger.stats().id_lookups);
        println!("to {made}: {rate:.0} events/s, {anon} MiB anonymous, {rss} MiB resident, {lookups} id lookups");
        print_processor_time(&used, count);
    }
}

/// Calls of `batch` events for some seconds, made by their callers as they go; what each second had, and its slowest call.
pub(crate) async fn steady(ledger: &Ledger, source: &Arc<Source>, seconds: u64, batch: usize) {
    let (done, slowest, stop) =
        (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let callers: Vec<_> = (0..CALLERS_OF_MANY)
        .map(|_| {
            let (ledger, source) = (ledger.clone(), Arc::clone(source));
            let (done, slowest, stop) = (Arc::clone(&done), Arc::clone(&slowest), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let entries: Vec<_> = (0..batch).map(|_| source.entry()).collect();
                    let start = Instant::now();
                    for answer in ledger.append_batch(entries).await {
                        answer.unwrap();
                    }
                    slowest.fetch_max(u64::try_from(start.elapsed().as_micros()).unwrap(), Ordering::Relaxed);
                    done.fetch_add(batch as u64, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for second in 1..=seconds {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (events, slowest) = (done.swap(0, Ordering::Relaxed), slowest.swap(0, Ordering::Relaxed) as f64 / 1e3);
        let stats = ledger.stats();
        let (lag, parts) = (stats.index_lag_events, stats.index_parts);
        println!(
            "second {second}: {events} events, slowest call {slowest:.1} ms, {lag} events not indexed, {parts} parts"
        );
    }
    stop.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
}
