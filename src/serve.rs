//! Listening, serving and stopping.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, oneshot},
};
use tokio_util::sync::CancellationToken;
use tower::{Layer, Service};

use crate::{
    app::{App, StartError},
    config::{Config, StorageMode},
    http as api,
    stall::StallGuard,
};

/// How long the first callers wait for the logs to be compared with their anchors; with a store that is away they then hear
/// 503 where something would have to be written, and everything else is answered.
const SETTLE_GRACE: Duration = Duration::from_secs(2);

/// The addresses that are being listened on.
pub struct Listeners {
    api: TcpListener,
    s3: Option<TcpListener>,
    admin: Option<TcpListener>,
}

impl Listeners {
    /// Takes every configured address, before anything else is opened, so that a taken port costs nothing.
    ///
    /// # Errors
    /// When an address is taken or cannot be used.
    pub async fn bind(config: &mut Config) -> Result<Self, StartError> {
        let api = bind(config.server.listen, "NEXUS_LISTEN").await?;
        config.server.listen = local(&api, config.server.listen);
        let s3 = match config.storage.mode {
            StorageMode::Embedded => {
                let s3 = bind(config.server.s3_listen, "NEXUS_S3_LISTEN").await?;
                config.server.s3_listen = local(&s3, config.server.s3_listen);
                Some(s3)
            }
            StorageMode::S3 => None,
        };
        let admin = match config.server.admin_listen {
            Some(address) => Some(bind(address, "NEXUS_ADMIN_LISTEN").await?),
            None => None,
        };
        Ok(Self { api, s3, admin })
    }
}

pub(crate) async fn bind(address: SocketAddr, key: &'static str) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, key, source })
}

/// The address with the port that the system chose, where port 0 was asked for.
fn local(listener: &TcpListener, asked: SocketAddr) -> SocketAddr {
    listener.local_addr().unwrap_or(asked)
}

/// Serves until `stop` is cancelled, then drains, flushes and closes. `true` when everything in flight was finished.
pub async fn serve(app: App, listeners: Listeners, stop: CancellationToken) -> bool {
    let Listeners { api, s3, admin } = listeners;
    // The store outlives the API: what is in flight there may still need it.
    let stop_s3 = CancellationToken::new();
    let s3_server = s3.zip(app.bucket.clone()).map(|(listener, bucket)| {
        let service = api::cors(&app.config).layer(bucket.service());
        tokio::spawn(run(listener, service, app.config.clone(), stop_s3.clone()))
    });
    let admin_server =
        admin.map(|listener| tokio::spawn(run(listener, api::admin_router(&app), app.config.clone(), stop_s3.clone())));
    if let Some(following) = &app.following {
        following.start();
    }
    let (settling, settled) = oneshot::channel();
    let house = tokio::spawn({
        let app = app.clone();
        async move {
            app.settle_anchors().await;
            // Nobody may be waiting any more.
            let _ = settling.send(());
            tokio::join!(app.tell_policy_changes(), app.tell_key_rotation(), app.keep_house(), app.keep_anchors());
        }
    });

    // Streams never end by themselves; while they are open their connections cannot finish.
    let streams = tokio::spawn({
        let (streams, stop) = (Arc::clone(&app.streams), stop.clone());
        async move {
            stop.cancelled().await;
            streams.close();
        }
    });

    // Commonly milliseconds, in which callers wait in the kernel's backlog and so hear no 503.
    tokio::select! {
        _ = tokio::time::timeout(SETTLE_GRACE, settled) => {}
        () = stop.cancelled() => {}
    }
    run(api, api::router(&app), app.config.clone(), stop).await;
    streams.abort();
    app.streams.close();
    house.abort();
    let drained = app.drain().await;
    app.settle_counts().await;
    app.anchor().await;
    stop_s3.cancel();
    for server in [s3_server, admin_server].into_iter().flatten() {
        // A panic in a listener's loop is in the log already; the others are still closed in order.
        drop(server.await);
    }
    app.close().await;
    drained
}

/// Accepts until `stop`, then lets open connections finish what they are doing, at most the drain timeout.
pub(crate) async fn run<S, B>(listener: TcpListener, service: S, config: Config, stop: CancellationToken)
where
    S: Service<Request<Body>, Response = http::Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: http_body::Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let permits = Arc::new(Semaphore::new(config.server.max_connections));
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(config.server.header_timeout_ms));
    builder.http2().timer(TokioTimer::new());
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, for instance: others may end soon; a tight loop would help nobody.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let service = service.clone();
        let service = tower::service_fn(move |request: Request<Incoming>| {
            let mut service = service.clone();
            async move { service.call(request.map(Body::new)).await }
        });
        let connection = builder
            .serve_connection_with_upgrades(
                TokioIo::new(StallGuard::new(stream, config.server.write_timeout())),
                TowerToHyperService::new(service),
            )
            .into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that breaks off is no fault of ours.
            drop(connection.await);
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(config.server.drain_timeout(), graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were still open when the drain timeout ended");
    }
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, permit))
}
