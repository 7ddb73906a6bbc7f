//! `nexus rebuild-views`: folds the read-models of a stopped data directory anew, and tells whether they were right.

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use nexus_ledger::{
    Ledger,
    views::{PlaceViews, Restored, Views},
};
use sha2::{Digest, Sha256};

use crate::{app, config::Config, secrets::Secrets};

pub(super) fn run(config: &Config) -> ExitCode {
    let _flushed_last = match crate::telemetry::log::install(&config.log, None) {
        Ok(flush) => flush,
        Err(error) => return super::failed(&error),
    };
    match rebuild(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => super::failed(&*error),
    }
}

/// How often it is looked at whether the segments can be read.
const PATIENCE: Duration = Duration::from_millis(200);

type Error = Box<dyn std::error::Error>;

fn rebuild(config: &Config) -> Result<(), Error> {
    let dir = config.server.data_dir.join("ledger");
    if !dir.is_dir() {
        return Err(format!("{} is no ledger; NEXUS_DATA_DIR names the data directory", dir.display()).into());
    }
    let ledger = app::open_ledger(config, &Secrets::load(config)?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(compare(config, &ledger));
    runtime.block_on(ledger.close());
    outcome
}

async fn compare(config: &Config, ledger: &Ledger) -> Result<(), Error> {
    let (end, catalog) = (ledger.head().1, app::catalog(config)?);
    let kept = Views::open(ledger, &catalog, app::views_config(config))?;
    let restored = kept.restored().clone();
    until(&kept, end).await?;
    kept.close();
    let before = rows(&kept)?;
    drop(kept);
    let rebuilt = Views::rebuild(ledger, &catalog, app::views_config(config))?;
    until(&rebuilt, end).await?;
    rebuilt.close();
    let after = rows(&rebuilt)?;
    match restored {
        Restored::Kept(position) => println!("note   rows were kept up to position {position} of {end}"),
        Restored::Rebuilt(why) => println!("note   what was kept is of no use: {why}"),
        Restored::Asked => println!("note   nothing was kept"),
    }
    for ((place, events), (bytes, digest)) in &after {
        let same = before.get(&(place.clone(), *events)).is_some_and(|(_, before)| before == digest);
        let verdict = if same { "ok    " } else { "DIFFER" };
        println!("{verdict} {place}: {events} events, {bytes} bytes of rows, sha256 {digest}");
    }
    println!("{}", if before == after { "the rows are the same" } else { "the rows were wrong, and are right now" });
    Ok(())
}

/// Waits for the fold, for as long as it gets on.
async fn until(views: &Views, end: u64) -> Result<(), Error> {
    while tokio::time::timeout(PATIENCE, views.reached(end)).await.is_err() {
        if let Some(why) = views.failure() {
            return Err(why.into());
        }
    }
    Ok(())
}

/// By place and its events: the rows' size and digest.
type Rows = BTreeMap<(String, u64), (usize, String)>;

fn rows(views: &Views) -> Result<Rows, Error> {
    let mut rows = Rows::new();
    for (tenant, env) in views.places() {
        let read = |place: &PlaceViews| (place.events(), place.to_bytes());
        let (events, bytes) = views.read(&tenant, &env, read);
        let bytes = bytes?;
        rows.insert((format!("{tenant}/{env}"), events), (bytes.len(), hex::encode(Sha256::digest(&bytes))));
    }
    Ok(rows)
}
