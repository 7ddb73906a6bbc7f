//! Everything wired together, in one place, from the configuration.

use std::{
    ops::Deref,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use metrics_exporter_prometheus::PrometheusHandle;
use nexus_bucket::{Bucket, BucketConfig};
use nexus_ledger::{
    Ledger, LedgerConfig,
    views::{Caps, Views, ViewsConfig},
};
use nexus_model::Catalog;
use nexus_redact::Redactor;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::{
    anchors::Anchors,
    auth::{JwksError, Pseudonyms, Verifier},
    config::{Ack, Config, ConfigError, Profile, StorageMode, ViewSource},
    limits::{self, Limits, Minutes},
    logging::{Engine, engine::Copy},
    nexus::{following::Following, state::StateError},
    privacy::TrainPrefs,
    quota::Quota,
    raw_storage::{
        RawStorageService,
        intents::{Intents, IntentsError},
        repository::{RawStorageRepository, StorageError},
        s3::{S3Access, S3RawStorageRepository},
        traced::TracedRepository,
    },
    secrets::{Secrets, SecretsError, derive},
    telemetry::{events::EventCounts, requests::RequestCounts, tenants::TenantLabels, traces},
    views::{copied::Copied, dashboard::DashboardView, events::EventsView, proofs::ProofsView, stream::Streams},
};

/// How often gaps are closed and gauges are brought up to date.
const HOUSEKEEPING_INTERVAL: Duration = Duration::from_secs(1);

/// Why the service could not start. One line, saying what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The generated keys cannot be read or made.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The JWKS cannot be read.
    #[error(transparent)]
    Jwks(#[from] JwksError),
    /// What the configuration adds to the catalog cannot be used.
    #[error("configuration: {0}")]
    Catalog(#[from] nexus_model::CatalogError),
    /// The redaction policy cannot be used.
    #[error("the redaction policy: {0}")]
    Redact(#[from] nexus_redact::RedactError),
    /// The ledger cannot be opened.
    #[error("the ledger in {dir}: {source}")]
    Ledger {
        /// Where it is.
        dir: std::path::PathBuf,
        /// Why.
        source: nexus_ledger::LedgerError,
    },
    /// The followers' cursors cannot be read.
    #[error("{0}; is another nexus running on this data directory?")]
    Follower(#[from] StateError),
    /// The embedded bucket cannot be opened.
    #[error("the embedded bucket in {dir}: {source}")]
    Bucket {
        /// Where it is.
        dir: std::path::PathBuf,
        /// Why.
        source: nexus_bucket::BucketError,
    },
    /// The object store cannot be set up.
    #[error("the object store: {0}")]
    Storage(#[from] StorageError),
    /// The list of effects under way cannot be opened.
    #[error("{0}; is another nexus running on this data directory?")]
    Intents(#[from] IntentsError),
    /// An address cannot be listened on.
    #[error("cannot listen on {address} ({key}): {source}; is something else running there?")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// The setting that names it.
        key: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The clock is so far off that nothing signed with it would be valid.
    #[error("the system clock says {0}, which cannot be right; set it and start again")]
    Clock(String),
    /// The metrics recorder or the logs could not be installed.
    #[error("telemetry: {0}")]
    Telemetry(String),
}

/// The running service. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What [`App`] is made of.
pub struct Parts {
    /// The configuration it was made from.
    pub config: Config,
    /// Verifies bearer tokens.
    pub verifier: Verifier,
    /// The one redactor.
    pub redactor: Arc<Redactor>,
    /// The one way into the ledger.
    pub engine: Engine,
    /// Which events exist.
    pub catalog: Catalog,
    /// Who opted out of training.
    pub train_prefs: Arc<TrainPrefs>,
    /// Compares the ledger with its anchors, and anchors it.
    pub anchors: Arc<Anchors>,
    /// Proves what the ledger says.
    pub proofs: ProofsView,
    /// Reads events back.
    pub events: EventsView,
    /// Shows dashboards.
    pub dashboard: DashboardView,
    /// Follows events as they are appended.
    pub streams: Arc<Streams>,
    /// How much a tenant may store.
    pub quota: Arc<Quota>,
    /// Presigned uploads and what becomes of them.
    pub raw_storage: RawStorageService,
    /// Carries the ledger to the backend, where one is configured.
    pub following: Option<Following>,
    /// The embedded store, where there is one.
    pub bucket: Option<Bucket>,
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
    /// Counts requests.
    pub requests: RequestCounts,
    /// Requests being worked on, their events included; waited for at the end.
    pub tasks: TaskTracker,
    /// Bounds what one tenant and environment may ask for.
    pub limits: Arc<Limits>,
    /// Bounds the requests worked on at once.
    pub in_flight: Arc<Semaphore>,
    /// How users are named on the ledger.
    pub pseudonyms: Arc<Pseudonyms>,
    /// Keys of this deployment.
    pub secrets: Secrets,
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Opens everything. Nothing listens yet.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn open(config: Config) -> Result<Self, StartError> {
        check_clock()?;
        let secrets = Secrets::load(&config)?;
        let metrics = crate::telemetry::install().map_err(|error| StartError::Telemetry(error.to_string()))?;
        let redactor = Arc::new(Redactor::new(config.redaction.clone())?);
        let pseudonym_key = derive(&secrets.hash_key, "pseudonym");
        let pseudonyms = Arc::new(Pseudonyms::new(pseudonym_key, Arc::clone(&redactor)));
        let verifier = Verifier::new(&config.auth, secrets.jwt_secret.as_deref(), Arc::clone(&pseudonyms))?;
        let bucket = match config.storage.mode {
            StorageMode::Embedded => Some(open_bucket(&config, &secrets)?),
            StorageMode::S3 => None,
        };
        let (raw_storage, repository) = open_storage(&config, &secrets).await?;
        let anchored_before = config.server.data_dir.join("ledger/writer").exists();
        let ledger = open_ledger(&config, &secrets)?;
        let settled = Arc::new(AtomicBool::new(false));
        let following = Following::open(&config, &ledger)?;
        let copy = following.as_ref().map(|following| Copy {
            progress: Arc::clone(following.progress()),
            ack_within: (config.ledger.ack == Ack::Backend)
                .then(|| Duration::from_millis(config.ledger.ack_timeout_ms)),
        });
        let confirmed = copy.as_ref().filter(|copy| copy.ack_within.is_some()).map(|copy| Arc::clone(&copy.progress));
        let labels = TenantLabels::new(config.metrics.max_tenants);
        let counts = EventCounts::new(labels.clone(), config.metrics.max_event_types);
        let limits = Arc::new(Limits::new(&config.limits, labels));
        let train_prefs = Arc::new(TrainPrefs::new(
            Arc::clone(&repository),
            config.privacy.max_cached_prefs,
            config.privacy.max_user_opt_outs,
        ));
        let engine = Engine::new(
            ledger.clone(),
            Arc::clone(&redactor),
            Arc::clone(&train_prefs),
            derive(&secrets.hash_key, "sameness"),
            Arc::clone(&settled),
            config.ledger.max_audit_gaps,
            counts,
        )
        .with_copy(copy);
        let catalog = catalog(&config)?;
        let views = open_views(&config, &ledger, &catalog)?;
        let wait = Duration::from_millis(config.views.read_wait_ms);
        let quota = Arc::new(Quota::new(config.quota.clone(), config.tenancy.envs.clone(), views.clone(), wait));
        let anchors = Arc::new(Anchors::new(ledger.clone(), repository, settled, anchored_before, confirmed));
        let copied = following.as_ref().map(|following| Arc::clone(following.progress()));
        let reader =
            following.as_ref().filter(|_| config.views.source == ViewSource::Backend).and_then(Following::reader);
        let copy = reader
            .map(|reader| Arc::new(Copied::new(reader, catalog.clone(), views_config(&config).caps, &config.views)));
        let dashboard =
            DashboardView::new(ledger.clone(), views, Arc::clone(&anchors), copied, wait).from_copy(copy.clone());
        let in_flight = Arc::new(Semaphore::new(config.server.max_in_flight));
        Ok(Self(Arc::new(Parts {
            verifier,
            train_prefs,
            catalog,
            redactor,
            engine,
            anchors,
            dashboard,
            proofs: ProofsView::new(ledger.clone()),
            streams: Arc::new(Streams::new(ledger.clone(), &config.stream, config.server.write_timeout())),
            events: EventsView::new(ledger, copy),
            quota,
            raw_storage,
            following,
            bucket,
            metrics,
            requests: RequestCounts::new(config.log.synthesized_per_second),
            tasks: TaskTracker::new(),
            limits,
            in_flight,
            pseudonyms,
            secrets,
            config,
        })))
    }

    /// Compares the logs with their anchors; until that is done nothing is signed or appended. Tries until it succeeds.
    pub async fn settle_anchors(&self) {
        loop {
            match self.anchors.settle().await {
                Ok(report) => {
                    for why in &report.unreadable {
                        tracing::error!(%why, "the newest anchor of a log cannot be compared with it");
                    }
                    if !report.behind.is_empty() {
                        let logs = &report.behind;
                        tracing::error!(
                            ?logs,
                            "the data directory is older than its anchors: its logs are sealed, new ones begin"
                        );
                    }
                    return;
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the anchors cannot be compared yet; nothing is appended"
                    );
                    tokio::time::sleep(HOUSEKEEPING_INTERVAL).await;
                }
            }
        }
    }

    /// Tells every tenant when the redactor's rules have changed. Tries until it succeeds.
    pub async fn tell_policy_changes(&self) {
        let (data_dir, policy) = (&self.config.server.data_dir, &self.config.redaction);
        while let Err(error) = crate::privacy::policy::tell_changes(data_dir, policy, &self.engine).await {
            tracing::warn!(%error, "the change of the redaction policy cannot be recorded yet");
            tokio::time::sleep(HOUSEKEEPING_INTERVAL).await;
        }
    }

    /// Tells every tenant when the ledger's signing key has changed. Tries until it succeeds.
    pub async fn tell_key_rotation(&self) {
        while let Err(error) = crate::rotation::tell_changes(&self.config.server.data_dir, &self.engine).await {
            tracing::warn!(%error, "the change of the ledger's signing key cannot be recorded yet");
            tokio::time::sleep(HOUSEKEEPING_INTERVAL).await;
        }
    }

    /// Anchors what grew, at the configured interval, until the future is dropped.
    pub async fn keep_anchors(&self) {
        let interval = Duration::from_millis(self.config.ledger.anchor_interval_ms);
        let mut tick = tokio::time::interval(interval);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            self.anchor().await;
        }
    }

    /// Anchors what grew, now.
    pub async fn anchor(&self) {
        if let Err(error) = self.anchors.anchor().await {
            metrics::counter!("nexus_ledger_anchor_failures_total").increment(1);
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a checkpoint could not be anchored; it is tried again"
            );
        }
    }

    /// Closes gaps and keeps the gauges true, until the future is dropped.
    pub async fn keep_house(&self) {
        let mut tick = tokio::time::interval(HOUSEKEEPING_INTERVAL);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            self.metrics.run_upkeep();
            if let Some(following) = &self.following {
                following.progress().watch(crate::clock::now());
            }
            let writable = self.engine.can_write();
            let stats = self.engine.ledger().stats();
            metrics::gauge!("nexus_ledger_writable").set(if writable { 1.0 } else { 0.0 });
            metrics::gauge!("nexus_ledger_queue_events").set(stats.queue_events as f64);
            metrics::gauge!("nexus_ledger_queue_bytes").set(stats.queue_bytes as f64);
            metrics::gauge!("nexus_ledger_largest_batch_events").set(stats.largest_batch as f64);
            metrics::counter!("nexus_ledger_events_total").absolute(stats.events);
            metrics::counter!("nexus_ledger_batches_total").absolute(stats.batches);
            metrics::counter!("nexus_ledger_failed_batches_total").absolute(stats.failed_batches);
            metrics::gauge!("nexus_ledger_stored_bytes").set(stats.stored_bytes as f64);
            let views = self.dashboard.views();
            let behind = views.end().saturating_sub(views.position());
            metrics::gauge!("nexus_views_lag_bytes").set(behind as f64);
            metrics::counter!("nexus_views_unreadable_total").absolute(views.unreadable());
            if writable {
                self.engine.close_gaps().await;
                self.raw_storage.settle(&self.engine).await;
                self.raw_storage.sweep_due(crate::clock::now()).await;
                self.raw_storage.abandon(self.dashboard.views(), &self.engine, crate::clock::now()).await;
                self.record_refusals(Minutes::Over).await;
            }
        }
    }

    /// Writes down what the limits refused.
    async fn record_refusals(&self, minutes: Minutes) {
        limits::record(&self.limits, &self.engine, minutes).await;
    }

    /// Waits for the work in flight, at most the drain timeout. `true` when all of it was done.
    pub async fn drain(&self) -> bool {
        self.tasks.close();
        tokio::time::timeout(self.config.server.drain_timeout(), self.tasks.wait()).await.is_ok()
    }

    /// Writes down what was only counted so far, so that the copy gets it too.
    pub async fn settle_counts(&self) {
        self.engine.close_gaps().await;
        self.record_refusals(Minutes::All).await;
    }

    /// Flushes and closes everything.
    pub async fn close(&self) {
        if let Some(following) = &self.following {
            following.stop().await;
        }
        let views = self.dashboard.views().clone();
        // A fold that panicked has said so.
        let _ = tokio::task::spawn_blocking(move || views.close()).await;
        self.engine.ledger().close().await;
        if let Some(bucket) = &self.bucket {
            bucket.close();
        }
    }
}

/// Signatures, tokens and event ids all carry the time; a machine that boots in 1970 must not start.
fn check_clock() -> Result<(), StartError> {
    let now = chrono::Utc::now();
    let sane = chrono::DateTime::from_timestamp(1_767_225_600, 0).is_some_and(|built| now > built)
        && now.timestamp() < 4_102_444_800; // 2026-01-01 to 2100-01-01
    if sane { Ok(()) } else { Err(StartError::Clock(now.to_rfc3339())) }
}

/// Opens the embedded store.
///
/// # Errors
/// When its directory cannot be used.
pub fn open_bucket(config: &Config, secrets: &Secrets) -> Result<Bucket, StartError> {
    let dir = config.server.data_dir.join("bucket");
    let mut bucket = BucketConfig::new(&dir, &config.storage.bucket, &secrets.s3_access_key, &secrets.s3_secret_key);
    bucket.max_post_file_bytes = config.storage.embedded_max_post_bytes;
    Bucket::open(bucket).map_err(|source| StartError::Bucket { dir, source })
}

type Repository = Arc<dyn RawStorageRepository>;

async fn open_storage(config: &Config, secrets: &Secrets) -> Result<(RawStorageService, Repository), StartError> {
    let mut storage = config.storage.clone();
    if storage.mode == StorageMode::Embedded {
        // The answer to a presign must not promise more than the endpoint takes.
        storage.max_upload_bytes = storage.max_upload_bytes.min(storage.embedded_max_post_bytes);
    }
    let mut repository: Repository = Arc::new(S3RawStorageRepository::new(&storage, s3_access(config, secrets)).await?);
    if traces::on() {
        repository = Arc::new(TracedRepository(repository));
    }
    let intents = Intents::open(&config.server.data_dir.join("intents.redb"))?;
    Ok((RawStorageService::new(&storage, Arc::clone(&repository), intents), repository))
}

/// How the configuration says to reach the store.
#[must_use]
pub fn s3_access(config: &Config, secrets: &Secrets) -> S3Access {
    let storage = &config.storage;
    let embedded = storage.mode == StorageMode::Embedded;
    S3Access {
        endpoint: if embedded { Some(format!("http://{}", config.server.s3_listen)) } else { storage.endpoint.clone() },
        public_endpoint: storage.public_endpoint.clone(),
        path_style: embedded || storage.path_style,
        credentials: embedded.then(|| {
            aws_credential_types::Credentials::new(
                &secrets.s3_access_key,
                &secrets.s3_secret_key,
                None,
                None,
                "nexus-embedded",
            )
        }),
        allow_unconditional: config.profile == Profile::Development || storage.allow_unconditional,
    }
}

/// Opens the ledger.
///
/// # Errors
/// When its directory cannot be used.
pub fn open_ledger(config: &Config, secrets: &Secrets) -> Result<Ledger, StartError> {
    let dir = config.server.data_dir.join("ledger");
    let ledger = LedgerConfig {
        dir: dir.clone(),
        service: config.ledger.service.clone(),
        signing_seed: Some(secrets.ledger_signing_key),
        previous_signing_seed: secrets.previous_signing_key,
        segment_bytes: config.ledger.segment_bytes,
        fill_ahead_bytes: config.ledger.fill_ahead_bytes,
        queue_events: config.ledger.queue_events,
        queue_bytes: config.ledger.queue_bytes,
        batch_events: config.ledger.batch_events,
        batch_bytes: config.ledger.batch_bytes,
        leaf_bytes: config.ledger.max_leaf_bytes,
        index_commit_events: config.ledger.index_commit_events,
        ..LedgerConfig::default()
    };
    Ledger::open(ledger).map_err(|source| StartError::Ledger { dir, source })
}

/// Which events exist: those that every deployment has, and those that the configuration adds.
///
/// # Errors
/// When what it adds does not fit.
pub fn catalog(config: &Config) -> Result<Catalog, StartError> {
    Ok(Catalog::with(config.catalog.clone())?)
}

/// How the configuration says to keep the read-models.
#[must_use]
pub fn views_config(config: &Config) -> ViewsConfig {
    let views = &config.views;
    ViewsConfig {
        caps: Caps {
            hours: views.max_hours,
            rows: views.max_rows,
            names: views.max_names,
            latest_keys: views.max_latest_keys,
            latest_bytes: views.max_latest_bytes,
            payload_bytes: views.max_payload_bytes,
            pending_uploads: views.max_pending_uploads,
        },
        snapshot_interval: Duration::from_millis(views.snapshot_interval_ms),
    }
}

fn open_views(config: &Config, ledger: &Ledger, catalog: &Catalog) -> Result<Views, StartError> {
    let dir = config.server.data_dir.join("ledger");
    Views::open(ledger, catalog, views_config(config)).map_err(|source| StartError::Ledger { dir, source })
}
