//! `nexus serve`: start, say where, run until told to stop.

use std::{io::Write, process::ExitCode};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::token;
use crate::{
    app::{App, StartError},
    config::{Config, Profile, StorageMode},
    serve::{Listeners, serve},
    telemetry::traces::Traces,
};

pub(super) fn run(config: Config) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return super::failed(&error),
    };
    let traces = match Traces::open(&config.telemetry, &config.ledger.service, runtime.handle().clone()) {
        Ok(traces) => traces,
        Err(error) => return super::failed(&error),
    };
    let _flushed_last = match crate::telemetry::log::install(&config.log, traces.as_ref()) {
        Ok(flush) => flush,
        Err(error) => return super::failed(&error),
    };
    let code = runtime.block_on(start(config));
    if let Some(traces) = traces {
        traces.close();
    }
    // What still runs was given its time already.
    runtime.shutdown_background();
    code
}

async fn start(mut config: Config) -> ExitCode {
    let started = Box::pin(async {
        let listeners = Listeners::bind(&mut config).await?;
        let app = App::open(config).await?;
        Ok::<_, StartError>((listeners, app))
    });
    let (listeners, app) = match started.await {
        Ok(started) => started,
        Err(error) => return super::failed(&error),
    };
    let stop = CancellationToken::new();
    if let Err(error) = stop_on_signals(stop.clone()) {
        return super::failed(&error);
    }
    // Nobody may be reading, which is no reason not to serve.
    drop(std::io::stdout().write_all(banner(&app).as_bytes()));
    if serve(app, listeners, stop).await {
        ExitCode::SUCCESS
    } else {
        tracing::warn!(
            "requests were still running when server.drain_timeout_ms ended; everything acknowledged is on disk"
        );
        ExitCode::SUCCESS
    }
}

fn stop_on_signals(stop: CancellationToken) -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping: no new connections, finishing what is in flight");
        stop.cancel();
    });
    Ok(())
}

/// Where it listens, and in development how to begin.
fn banner(app: &App) -> String {
    let config = &app.config;
    let api = config.server.listen;
    let mut text = format!("nexus {} listens on http://{api}\n", env!("CARGO_PKG_VERSION"));
    text += &format!("  docs      http://{api}/docs\n");
    if config.storage.mode == StorageMode::Embedded {
        text +=
            &format!("  S3        http://{} (embedded), bucket {}\n", config.server.s3_listen, config.storage.bucket);
    }
    text += &format!("  data      {}\n", config.server.data_dir.display());
    if config.profile != Profile::Development {
        return text;
    }
    text += "  profile   development: generated keys, any origin; not for production\n";
    let Some(token) = app.secrets.jwt_secret.as_deref().and_then(token::demo) else { return text };
    text + &tour(&api.to_string(), &token)
}

/// The five-minute tour, to be pasted into a shell.
fn tour(api: &str, token: &str) -> String {
    format!(
        r#"
A token for tenant t_demo, environment dev, valid 8 hours, and a tour to paste into another shell:

export NEXUS=http://{api} TOKEN={token}
nexus() {{ curl -sS -H "Authorization: Bearer $TOKEN" -H 'X-Tenant-Id: t_demo' -H 'X-Env: dev' -H 'Content-Type: application/json' "$@"; echo; }}
echo 'hello, ledger' > hello.txt
nexus "$NEXUS/nexus/raw/presign-upload" -d '{{"filename": "hello.txt", "content_type": "text/plain"}}' > presign.json
sed 's/.*"fields":{{\([^}}]*\)}}.*/\1/; s/","/"\n"/g' presign.json | sed 's/^"\([^"]*\)":"\(.*\)"$/form-string = "\1=\2"/' > form.curl
curl -sS -o /dev/null -w '%{{http_code}}\n' -K form.curl -F file=@hello.txt "$(sed 's/.*"url":"\([^"]*\)".*/\1/' presign.json)"
export ASSET=$(sed 's/.*"asset_id":"\([^"]*\)".*/\1/' presign.json)
nexus "$NEXUS/nexus/raw/register" -d "{{\"asset_id\": \"$ASSET\", \"filename\": \"hello.txt\"}}"
nexus "$NEXUS/nexus/raw/$ASSET"
nexus "$NEXUS/nexus/events?asset_id=$ASSET&include_reads=true"
nexus "$NEXUS/nexus/dashboard/storage"

"#
    )
}
