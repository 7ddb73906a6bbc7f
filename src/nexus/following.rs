//! Which backend is configured, and the follower's life: made at start, run beside the requests, drained at a stop.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use nexus_ledger::Ledger;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    backend::NexusBackend,
    bigquery::BigQueryBackend,
    firestore::FirestoreBackend,
    follower::Follower,
    progress::{LagLimits, Progress},
    reading::CopyReader,
    state::{FollowerState, StateError},
};
use crate::config::{Backend, Config};

/// The configured backend; `None` where the ledger is its own copy. `state` is where it keeps what it must remember; whoever only looks
/// needs none.
#[must_use]
pub fn backend_of(config: &Config, state: Option<&Arc<FollowerState>>) -> Option<Arc<dyn NexusBackend>> {
    match config.nexus.backend {
        Backend::Embedded => None,
        Backend::Firestore => Some(Arc::new(FirestoreBackend::new(config.nexus.firestore.clone()))),
        Backend::Bigquery => Some(Arc::new(BigQueryBackend::new(config.nexus.bigquery.clone(), state.map(Arc::clone)))),
    }
}

/// A follower and what is asked of it.
pub struct Following {
    backend: Arc<dyn NexusBackend>,
    progress: Arc<Progress>,
    drain: Duration,
    stop: CancellationToken,
    /// The follower until it is started, then its task.
    stage: Mutex<Stage>,
}

enum Stage {
    Ready(Box<Follower>),
    Running(JoinHandle<()>),
    Over,
}

impl Following {
    /// A follower of the configured backend, if there is one. Nothing is asked of the backend yet.
    ///
    /// # Errors
    /// When the cursors cannot be read.
    pub fn open(config: &Config, ledger: &Ledger) -> Result<Option<Self>, StateError> {
        if config.nexus.backend == Backend::Embedded {
            return Ok(None);
        }
        let state = Arc::new(FollowerState::open(&config.server.data_dir)?);
        let Some(backend) = backend_of(config, Some(&state)) else { return Ok(None) };
        let limits = LagLimits {
            events: config.nexus.max_lag_events,
            bytes: config.nexus.max_lag_bytes,
            seconds: config.nexus.max_lag_seconds,
        };
        let progress = Arc::new(Progress::new(backend.name(), ledger.clone(), limits));
        let (copy, told) = (Arc::clone(&backend), Arc::clone(&progress));
        let follower = Follower::new(ledger.clone(), copy, state, told, config.nexus.clone())?;
        Ok(Some(Self {
            backend,
            progress,
            drain: Duration::from_millis(config.nexus.drain_timeout_ms),
            stop: CancellationToken::new(),
            stage: Mutex::new(Stage::Ready(Box::new(follower))),
        }))
    }

    /// How far the copy is.
    #[must_use]
    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// The backend as one that answers callers, if it does.
    #[must_use]
    pub fn reader(&self) -> Option<Arc<dyn CopyReader>> {
        Arc::clone(&self.backend).reader()
    }

    fn replace(&self, by: Stage) -> Stage {
        std::mem::replace(&mut *self.stage.lock().unwrap_or_else(PoisonError::into_inner), by)
    }

    /// Begins to follow. Once; later calls do nothing.
    pub fn start(&self) {
        match self.replace(Stage::Over) {
            Stage::Ready(follower) => {
                let task = tokio::spawn(follower.run(self.stop.clone()));
                drop(self.replace(Stage::Running(task)));
            }
            other => drop(self.replace(other)),
        }
    }

    /// Lets the copy catch up, at most `nexus.drain_timeout_ms`, and lets go of the backend.
    pub async fn stop(&self) {
        self.stop.cancel();
        if let Stage::Running(mut task) = self.replace(Stage::Over) {
            match tokio::time::timeout(self.drain, &mut task).await {
                Ok(_) => {}
                Err(_) => {
                    task.abort();
                    let lag = self.progress.lag(crate::clock::now()).events;
                    tracing::warn!(
                        lag,
                        "the copy was behind when nexus.drain_timeout_ms ended; it catches up after the next start"
                    );
                }
            }
            let _ = tokio::time::timeout(self.drain, self.backend.close()).await;
        }
    }
}
