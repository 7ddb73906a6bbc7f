//! Measures the ledger alone, beside a plain append and `fdatasync` of the same bytes, on the same disk, in the same run.
//!
//! ```text
//! cargo run --release -p nexus-ledger --example ledger_speed -- COMMAND
//!
//! run [EVENTS] [DIR]        appends beside a plain file, then all of what follows, in a directory of its own
//! fill EVENTS DIR [kill]    appends until DIR has so many; `kill` ends the process there and then
//! look DIR                  reopening, the first page of each filter, proofs
//! check DIR                 the offline check, and the bytes on disk
//! steady SECONDS BATCH DIR  a load that goes on, second by second
//! ```
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod events;
mod load;
mod look;
mod machine;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use nexus_ledger::{Ledger, LedgerConfig, verify};

use crate::events::Source;

fn open(dir: &Path) -> Ledger {
    std::fs::create_dir_all(dir).unwrap();
    let start = Instant::now();
    let ledger = Ledger::open(LedgerConfig { dir: dir.join("ledger"), ..LedgerConfig::default() }).unwrap();
    println!("opened in {:.0} ms, {} events", start.elapsed().as_secs_f64() * 1e3, ledger.head().0);
    ledger.settle_anchors(&[]).unwrap();
    ledger
}

async fn fill(dir: &Path, total: u64, kill: bool) {
    let ledger = open(dir);
    let source = Source::after(&ledger, dir);
    load::fill(&ledger, &source, total).await;
    source.note(dir);
    if kill {
        println!("killed with {} events not indexed", ledger.stats().index_lag_events);
        std::process::abort();
    }
    ledger.close().await;
}

fn look(dir: &Path) {
    let ledger = open(dir);
    let events = ledger.head().0;
    look::reads(&ledger, events);
    look::proofs(&ledger);
}

fn check(dir: &Path) {
    let start = Instant::now();
    let report = verify::verify(&verify::VerifyOptions::new(dir.join("ledger"))).unwrap();
    assert!(report.holds(), "{report:?}");
    let events: u64 = report.logs.iter().map(|log| log.size).sum();
    println!("verify: {:.0} events/s", events as f64 / start.elapsed().as_secs_f64());
    if let Ok(leaves) = std::fs::read_to_string(dir.join("leaf-bytes")) {
        let leaves: u64 = leaves.parse().unwrap();
        let extra = (machine::disk_bytes(&dir.join("ledger")) - leaves) as f64 / events as f64;
        println!("{events} events of {} bytes; on disk beyond them {extra:.0} B each", leaves / events);
    }
}

async fn run(dir: &Path, total: u64) {
    let ledger = open(dir);
    let source = Source::after(&ledger, dir);
    load::beside_a_plain_file(&ledger, dir, &source).await;
    load::fill(&ledger, &source, total).await;
    source.note(dir);
    ledger.close().await;
    drop(ledger);
    look(dir);
    check(dir);
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| args[at].parse::<u64>().unwrap();
    let dir = |at: usize| PathBuf::from(&args[at]);
    match args.first().map(String::as_str) {
        None | Some("run") => {
            let total = args.get(1).map_or(600_000, |text| text.parse().unwrap());
            let below = args.get(2).map_or_else(std::env::temp_dir, PathBuf::from);
            run(&below.join(format!("ledger-{}", std::process::id())), total).await;
        }
        Some("fill") => fill(&dir(2), number(1), args.get(3).is_some_and(|arg| arg == "kill")).await,
        Some("look") => look(&dir(1)),
        Some("check") => check(&dir(1)),
        Some("steady") => {
            let ledger = open(&dir(3));
            let source = Arc::new(Source::after(&ledger, &dir(3)));
            load::steady(&ledger, &source, number(1), usize::try_from(number(2)).unwrap()).await;
            source.note(&dir(3));
            ledger.close().await;
        }
        Some(other) => panic!("no command {other}"),
    }
}
