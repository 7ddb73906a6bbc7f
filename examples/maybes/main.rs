//! Maybes: a small service for notes that might become something, as an example of an engine beside Nexus.
//!
//! It keeps its own notes, checks its callers' tokens itself, and leaves everything done with a note, reads and failures too, on
//! the ledger: who, in which trace, from what. A change is written down as an intent first, then recorded by Nexus, then made
//! ([`service`]), so that there is no change without its event and no event without its change, whatever crashes in between.
//! Files go straight from the browser to the store; maybes only asks Nexus for the form and registers what came.
//!
//! ```sh
//! cargo run --release                                                                      # Nexus
//! export MAYBES_JWT_SECRET=$(sed -n 's/.*"jwt_secret": *"\([^"]*\)".*/\1/p' data/development-keys.json)   # the same as Nexus has
//! export MAYBES_NEXUS_TOKEN=$(cargo run --release -- token --tenant t_demo --user maybes --actor system --on-behalf)
//! cargo run --release --example maybes
//! curl -sS http://127.0.0.1:8090/maybes -H "Authorization: Bearer $TOKEN" -H 'X-Tenant-Id: t_demo' -H 'X-Env: dev' -d '{"title": "a boat"}'
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod auth;
mod failure;
mod http;
#[path = "../nexus_client/mod.rs"]
mod nexus_client;
mod service;
mod store;

use std::{env, error::Error, process::ExitCode, sync::Arc};

use nexus_client::NexusClient;

fn set(name: &str, default: Option<&str>) -> Result<String, String> {
    let value = env::var(name).ok().or(default.map(ToOwned::to_owned));
    value.ok_or_else(|| format!("set {name}; examples/maybes/main.rs says how"))
}

async fn run() -> Result<(), Box<dyn Error>> {
    let nexus = NexusClient::new(&set("NEXUS_URL", Some("http://127.0.0.1:8080"))?, &set("MAYBES_NEXUS_TOKEN", None)?)?;
    let store = store::Store::open(set("MAYBES_DATA", Some("./maybes.redb"))?.as_ref())?;
    let verifier = auth::Verifier::new(&set("MAYBES_JWT_SECRET", None)?);
    let service = Arc::new(service::Maybes::new(store, nexus));
    let listener = tokio::net::TcpListener::bind(set("MAYBES_LISTEN", Some("127.0.0.1:8090"))?).await?;
    println!("maybes listens on http://{}", listener.local_addr()?);
    let settling = tokio::spawn(Arc::clone(&service).keep_settling());
    let stop = async { drop(tokio::signal::ctrl_c().await) };
    axum::serve(listener, http::router(service, verifier)).with_graceful_shutdown(stop).await?;
    settling.abort();
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("maybes: {error}");
            ExitCode::FAILURE
        }
    }
}
