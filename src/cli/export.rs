//! `nexus export`: the events of a stopped data directory as NDJSON, oldest first, for backups and other tools.
//!
//! What may be trained on comes from `GET /nexus/export/training`, which asks for opt-outs again.

use std::{
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use clap::Args;
use nexus_ledger::{Order, Query};
use nexus_model::{Env, TenantId};

use crate::{app, config::Config, secrets::Secrets, views::events::EventPage};

/// Events read at once.
const PAGE: usize = 500;

/// What to export.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// This tenant's events alone.
    #[arg(long)]
    tenant: Option<TenantId>,
    /// This environment's events alone.
    #[arg(long)]
    env: Option<Env>,
}

pub(super) fn run(config: &Config, args: &ExportArgs) -> ExitCode {
    match export(config, args, BufWriter::new(io::stdout().lock())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error)
            if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) =>
        {
            ExitCode::SUCCESS
        }
        Err(error) => super::failed(&*error),
    }
}

fn export(config: &Config, args: &ExportArgs, mut output: impl Write) -> Result<(), Box<dyn std::error::Error>> {
    let dir = config.server.data_dir.join("ledger");
    if !dir.is_dir() {
        return Err(format!("{} is no ledger; NEXUS_DATA_DIR names the data directory", dir.display()).into());
    }
    // With the deployment's own key: opening a ledger with another one is a rotation.
    let ledger = app::open_ledger(config, &Secrets::load(config)?)?;
    let wanted = |(tenant, env): &(TenantId, Env)| {
        args.tenant.as_ref().is_none_or(|only| only == tenant) && args.env.as_ref().is_none_or(|only| only == env)
    };
    for (tenant, env) in ledger.places().into_iter().filter(wanted) {
        let mut query = Query { include_reads: true, order: Order::Asc, limit: PAGE, ..Query::default() };
        loop {
            let page = ledger.query(&tenant, &env, &query)?;
            query.cursor = page.next;
            for line in EventPage::from(page).lines() {
                output.write_all(&line)?;
            }
            if query.cursor.is_none() {
                break;
            }
        }
    }
    output.flush()?;
    Ok(())
}
