//! The crash harness: load on the real binary over real HTTP, SIGKILL at a random moment, restart, and a check of what
//! must have survived (laws 3 and 4).
//!
//! ```text
//! cargo xtask crash --rounds N      or      cargo test --test crash -- --rounds N [--seed S]
//! ```
//!
//! A round: several callers upload, register and delete files and post events, with repeats ([`load`]); at a moment between
//! 50 ms and 2 s the process is killed, now and then a second time while it starts; then [`checks`] holds what is there
//! against what callers were told ([`told`]). A data directory lives for [`LIFE_ROUNDS`] rounds, so that a crash also finds
//! what earlier ones left. The seed fixes the kills and what callers do, though not how their requests meet.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[allow(dead_code, unused_imports, unused_macros, reason = "the harness needs less of it than the integration tests")]
#[path = "../it/support/mod.rs"]
mod support;

mod checks;
mod load;
mod told;

use std::{
    path::Path,
    process::{ExitCode, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use support::{Client, Nexus, Setup};
use tempfile::TempDir;

use crate::told::Told;

const TENANT: &str = "t_crash";
/// Rounds on one data directory.
const LIFE_ROUNDS: u32 = 10;
/// When the kill comes, after the load began. Milliseconds.
const KILL_MS: std::ops::Range<u64> = 50..2000;
/// When it comes to one that is starting, after it was started. Milliseconds.
const KILL_AT_START_MS: std::ops::Range<u64> = 0..500;
/// A server that has not answered all the checks by then hangs.
const CHECK_TIMEOUT: Duration = Duration::from_secs(180);
/// Callers of each kind.
const CALLERS: u64 = 4;

struct Args {
    rounds: u32,
    seed: u64,
}

fn main() -> ExitCode {
    let args = match parse(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(why) => {
            eprintln!("{why}; usage: crash [--rounds N] [--seed S]");
            return ExitCode::from(2);
        }
    };
    println!("crash: {} rounds, --seed {}", args.rounds, args.seed);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let began = Instant::now();
    let mut rng = StdRng::seed_from_u64(args.seed);
    let mut totals = Totals::default();
    let mut left = args.rounds;
    while left > 0 {
        let rounds = left.min(LIFE_ROUNDS);
        // A failed check panics, and then the directory is left for whoever looks into it.
        let dir = Kept(Some(TempDir::new().unwrap()));
        runtime.block_on(life(dir.path(), rounds, &mut rng, &mut totals));
        left -= rounds;
    }
    let Totals { kills, events, assets, deleted, in_doubt } = totals;
    println!(
        "crash: {} rounds and {kills} kills held in {:.0} s: {events} events posted and acknowledged, {assets} assets \
         registered and {deleted} deleted; {in_doubt} requests were in doubt when a kill came",
        args.rounds,
        began.elapsed().as_secs_f64()
    );
    ExitCode::SUCCESS
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Args, String> {
    let mut parsed = Args { rounds: 5, seed: rand::random() };
    while let Some(name) = args.next() {
        let number = args.next().and_then(|value| value.parse::<u64>().ok()).ok_or(format!("{name} takes a number"))?;
        match name.as_str() {
            "--rounds" => parsed.rounds = u32::try_from(number).map_err(|_| "too many rounds".to_owned())?,
            "--seed" => parsed.seed = number,
            _ => return Err(format!("unknown: {name}")),
        }
    }
    Ok(parsed)
}

/// What the rounds came to.
#[derive(Default)]
struct Totals {
    kills: u32,
    events: usize,
    assets: usize,
    deleted: usize,
    in_doubt: usize,
}

/// A data directory that is kept when the harness panics.
struct Kept(Option<TempDir>);

impl Kept {
    fn path(&self) -> &Path {
        self.0.as_ref().unwrap().path()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(dir) = self.0.take()
        {
            eprintln!("crash: the data directory is left in {}", dir.keep().display());
        }
    }
}

/// Rounds on one data directory, and a last look after an orderly stop.
async fn life(dir: &Path, rounds: u32, rng: &mut StdRng, totals: &mut Totals) {
    let setup = Setup::new()
        .data_dir(dir)
        .env("NEXUS__LIMITS__ENABLED", false)
        // Small and often, so that kills meet the change of segments and the writing of anchors too.
        .env("NEXUS__LEDGER__SEGMENT_BYTES", 256 << 10)
        .env("NEXUS__LEDGER__ANCHOR_INTERVAL_MS", 1000);
    let told = Arc::new(Mutex::new(Told::default()));
    let mut nexus = setup.clone().start().await;
    for _ in 0..rounds {
        let kill_after = Duration::from_millis(rng.random_range(KILL_MS));
        let callers = start_callers(&nexus, &told, rng);
        tokio::time::sleep(kill_after).await;
        nexus.kill();
        totals.kills += 1;
        for caller in callers {
            caller.await.unwrap();
        }
        if rng.random_bool(0.3) {
            kill_while_starting(&setup, Duration::from_millis(rng.random_range(KILL_AT_START_MS)));
            totals.kills += 1;
        }
        // What a kill left must verify before the recovery tidied it up.
        verify(&setup);
        nexus = setup.clone().start().await;
        let checked = tokio::time::timeout(CHECK_TIMEOUT, checks::check(&nexus, &told)).await;
        checked.expect("the server answers");
    }
    nexus.signal("TERM");
    assert!(nexus.exit().await.success(), "an orderly stop: {}", nexus.log());
    verify(&setup);
    let told = told.lock().unwrap();
    totals.events += told.events.values().filter(|posted| posted.place.is_some()).count();
    totals.assets += told.assets.values().filter(|asset| asset.registered.is_some()).count();
    totals.deleted += told.assets.values().filter(|asset| asset.deleted).count();
    totals.in_doubt += told.in_doubt;
}

/// Callers that work until nobody answers.
fn start_callers(nexus: &Nexus, told: &Arc<Mutex<Told>>, rng: &mut StdRng) -> Vec<tokio::task::JoinHandle<()>> {
    let owner: Client = nexus.client(TENANT, "owner");
    let mut callers = Vec::new();
    for _ in 0..CALLERS {
        let (files, events) = (StdRng::seed_from_u64(rng.random()), StdRng::seed_from_u64(rng.random()));
        callers.push(tokio::spawn(load::handle_files(owner.clone(), Arc::clone(told), files)));
        callers.push(tokio::spawn(load::post_events(owner.clone(), Arc::clone(told), events)));
    }
    callers
}

/// A crash in the middle of the recovery from a crash.
fn kill_while_starting(setup: &Setup, after: Duration) {
    let mut starting = setup.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    starting.kill().unwrap();
    starting.wait().unwrap();
}

/// `nexus verify` on the stopped directory must say that all holds.
fn verify(setup: &Setup) {
    let output = setup.run(&["verify"]);
    let text = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "nexus verify: {}\n{}", output.status, String::from_utf8_lossy(&text));
}
