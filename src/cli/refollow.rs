//! `nexus refollow`: makes the copy what a stopped data directory says.

use std::{process::ExitCode, sync::Arc};

use tokio_util::sync::CancellationToken;

use crate::{
    app,
    config::{Backend, Config},
    nexus::{
        LogId, NexusBackend,
        follower::Follower,
        following::backend_of,
        progress::{LagLimits, Progress},
        repairing::Repairing,
        state::FollowerState,
    },
    secrets::Secrets,
};

pub(super) fn run(config: Config) -> ExitCode {
    let _flushed_last = match crate::telemetry::log::install(&config.log, None) {
        Ok(flush) => flush,
        Err(error) => return super::failed(&error),
    };
    match refollow(config) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => super::failed(&*error),
    }
}

fn refollow(config: Config) -> Result<bool, Box<dyn std::error::Error>> {
    let dir = config.server.data_dir.join("ledger");
    if !dir.is_dir() {
        return Err(format!("{} is no ledger; NEXUS_DATA_DIR names the data directory", dir.display()).into());
    }
    if config.nexus.backend == Backend::Embedded {
        return Err("nexus.backend is \"embedded\": there is no copy to fill".into());
    }
    let ledger = app::open_ledger(&config, &Secrets::load(&config)?)?;
    let state = Arc::new(FollowerState::open(&config.server.data_dir)?);
    let Some(backend) = backend_of(&config, Some(&state)) else { return Ok(true) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // One answer at once, instead of the follower's patience.
        backend.prepare().await?;
        let limits = LagLimits { events: u64::MAX, bytes: u64::MAX, seconds: u64::MAX };
        let progress = Arc::new(Progress::new(backend.name(), ledger.clone(), limits));
        let repairing: Arc<dyn NexusBackend> = Arc::new(Repairing(Arc::clone(&backend)));
        let told = Arc::clone(&progress);
        let follower = Follower::from_the_start(ledger.clone(), repairing, state, told, config.nexus.clone());
        // Stopped before it begins, it goes to the end and no further.
        let stop = CancellationToken::new();
        stop.cancel();
        follower.run(stop).await;
        for head in ledger.logs() {
            let log = LogId { origin: head.origin, tenant: head.tenant, env: head.env };
            let removed = backend.remove_extra(&log, head.size).await?;
            println!("ok     {}: {} events, {removed} rows removed that it never had", log.origin, head.size);
        }
        let stopped = progress.stopped();
        for log in &stopped {
            println!("FAIL   {}: {}", log.log, log.why);
        }
        backend.close().await;
        ledger.close().await;
        Ok(stopped.is_empty())
    })
}
