//! `nexus verify`: checks a stopped data directory against its own hashes, its signatures and its anchors.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::Args;
use nexus_bucket::Bucket;
use nexus_ledger::{
    note::VerifyingKey,
    verify::{GivenNote, LogReport, Report, VerifyOptions, verify},
};
use nexus_model::{Env, TenantId};
use tokio_util::sync::CancellationToken;

use crate::{
    anchors,
    app::{self, s3_access},
    config::{Config, StorageMode},
    nexus::{
        LogId,
        audit::{Expected, audit},
        following::backend_of,
        state::FollowerState,
    },
    raw_storage::s3::S3RawStorageRepository,
    secrets::Secrets,
    serve,
};

/// The exit code of a check that could not be made.
const COULD_NOT_RUN: u8 = 2;

/// What to verify.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Report on this tenant's logs alone. Everything is read all the same.
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Report on this environment's logs alone.
    #[arg(long)]
    env: Option<Env>,
    /// A checkpoint that was kept elsewhere; the ledger must continue it. May be given more than once.
    #[arg(long)]
    against: Vec<PathBuf>,
    /// Read the backend's copy back as well, and compare it with every checkpoint, log by log.
    #[arg(long)]
    backend: bool,
    /// A key that signatures must be by, as /.well-known/nexus-ledger-key shows it. Without one, those in the data directory.
    #[arg(long)]
    key: Vec<String>,
}

pub(super) fn run(config: Config, args: &VerifyArgs) -> ExitCode {
    match examine(config, args) {
        Ok(report) => print(&report),
        Err(error) => {
            super::failed(&*error);
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

type Error = Box<dyn std::error::Error>;

fn examine(config: Config, args: &VerifyArgs) -> Result<Report, Error> {
    let mut options = VerifyOptions::new(config.server.data_dir.join("ledger"));
    if !options.dir.is_dir() {
        return Err(format!("{} is no ledger; NEXUS_DATA_DIR names the data directory", options.dir.display()).into());
    }
    options.tenant.clone_from(&args.tenant);
    options.env.clone_from(&args.env);
    for key in &args.key {
        let key = std::fs::read_to_string(key).unwrap_or_else(|_| key.clone());
        for line in key.lines().filter(|line| !line.trim().is_empty()) {
            options.keys.push(line.trim().parse::<VerifyingKey>().map_err(|error| format!("--key {line}: {error}"))?);
        }
    }
    for path in &args.against {
        let note = std::fs::read_to_string(path).map_err(|error| format!("--against {}: {error}", path.display()))?;
        options.notes.push(GivenNote { source: path.display().to_string(), note, required: true });
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let copied = args.backend.then(|| config.clone());
    let anchors = runtime.block_on(anchored(config))?;
    let no_anchors = anchors.is_none();
    for (key, note) in anchors.into_iter().flatten() {
        options.notes.push(GivenNote { source: format!("anchor {key}"), note, required: false });
    }
    let mut report = verify(&options)?;
    if (args.tenant.is_some() || args.env.is_some()) && report.logs.is_empty() && report.problems.is_empty() {
        let named = args.tenant.as_ref().map(|tenant| format!(" of {tenant}")).into_iter();
        let named: String = named.chain(args.env.as_ref().map(|env| format!(" in {env}"))).collect();
        return Err(format!("there is no log{named} in {}", options.dir.display()).into());
    }
    if let Some(config) = copied {
        runtime.block_on(compare_copy(&config, &mut report))?;
    }
    if no_anchors {
        report.remarks.push("the bucket is not beside the ledger, so no anchors were compared".to_owned());
    }
    Ok(report)
}

/// The anchors in the bucket; of the embedded one, from its files, or `None` where these are not at hand.
async fn anchored(mut config: Config) -> Result<Option<Vec<(String, String)>>, Error> {
    // The keys of the deployment are no business of a check, which must work on a copy without them and makes none.
    let secrets = Secrets::ephemeral()?;
    let stop = CancellationToken::new();
    let mut server = None;
    if config.storage.mode == StorageMode::Embedded {
        if !config.server.data_dir.join("bucket").is_dir() {
            return Ok(None);
        }
        // The same path as ever: the store is served on a port of the system's choice for as long as this takes.
        let bucket: Bucket = app::open_bucket(&config, &secrets)?;
        config.server.s3_listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = serve::bind(config.server.s3_listen, "NEXUS_S3_LISTEN").await?;
        config.server.s3_listen = listener.local_addr()?;
        server = Some(tokio::spawn(serve::run(listener, bucket.service(), config.clone(), stop.clone())));
    }
    let repository = Arc::new(S3RawStorageRepository::new(&config.storage, s3_access(&config, &secrets)).await?);
    let notes = anchors::all(&*repository).await;
    stop.cancel();
    if let Some(server) = server {
        server.await?;
    }
    Ok(Some(notes?))
}

/// Compares the backend's copy with what holds here and with every checkpoint; what does not hold goes to the report.
async fn compare_copy(config: &Config, report: &mut Report) -> Result<(), Error> {
    let Some(backend) = backend_of(config, None) else {
        return Err("nexus.backend is \"embedded\": there is no copy to verify".into());
    };
    let state = FollowerState::open(&config.server.data_dir)?;
    backend.prepare().await?;
    for log in &mut report.logs {
        let Some(id) = LogId::parse(&log.log) else { continue };
        let copied = state.get(backend.name(), &log.log, "next")?.and_then(|bytes| bytes.try_into().ok());
        let mut expected =
            Expected { copied: copied.map_or(0, u64::from_be_bytes).min(log.size), ..Expected::default() };
        expected.roots.entry(log.size).or_default().push((log.root, "the data directory".to_owned()));
        for checkpoint in report.checkpoints.iter().filter(|checkpoint| checkpoint.origin == log.log) {
            expected.roots.entry(checkpoint.size).or_default().push((checkpoint.root, "a checkpoint".to_owned()));
        }
        let found = audit(&*backend, &id, &expected).await?;
        let name = backend.name();
        for problem in &found.problems {
            report.problems.push(format!("{name}: {}: {problem}", log.log));
        }
        if found.untold > 0 {
            report.problems.push(format!("{name}: {}: {} problems more", log.log, found.untold));
        }
        if found.behind > 0 {
            report.remarks.push(format!("{name}: {}: {} events are not copied yet", log.log, found.behind));
        }
        let (rows, roots) = (found.rows, found.roots);
        report.remarks.push(format!("{name}: {}: {rows} rows, agreeing with {roots} roots", log.log));
    }
    Ok(())
}

fn print(report: &Report) -> ExitCode {
    for log in &report.logs {
        println!("{}", line(log));
    }
    for problem in &report.problems {
        println!("FAIL   {problem}");
    }
    for remark in &report.remarks {
        println!("note   {remark}");
    }
    if report.keys_from_directory {
        println!("note   keys were taken from the data directory itself; name the ones you trust with --key");
    }
    if report.holds() {
        println!("holds");
        ExitCode::SUCCESS
    } else {
        println!("does not hold");
        ExitCode::FAILURE
    }
}

fn line(log: &LogReport) -> String {
    match &log.problem {
        None => format!(
            "ok     {}: {} events, {} vouched for by {} checkpoints, root {}",
            log.log,
            log.size,
            log.vouched,
            log.checkpoints,
            hex::encode(log.root)
        ),
        Some(problem) => {
            let at = problem.seq.map(|seq| format!(" at seq {seq}")).unwrap_or_default();
            format!("FAIL   {}{at}: {}", log.log, problem.what)
        }
    }
}
