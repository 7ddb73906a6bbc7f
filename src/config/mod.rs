//! Configuration: one typed tree, read once at start. The only module that reads the environment.
//!
//! `config/default.toml` is compiled in and explains every key; see its head for the order of precedence.

mod check;

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use nexus_model::{Env as EnvName, TenantId, catalog::SurfaceConfig};
use serde::Deserialize;

/// The compiled-in defaults, every key explained.
pub const DEFAULT_TOML: &str = include_str!("../../config/default.toml");

/// Settings of free text. A variable is read as a number, a list and so on where it looks like one, and a bucket's name or a
/// secret may look like one.
const TEXTS: [&str; 18] = [
    "auth.jwt_secret",
    "auth.jwks_file",
    "auth.issuer",
    "auth.audience",
    "storage.bucket",
    "storage.region",
    "ledger.service",
    "ledger.signing_key",
    "ledger.previous_signing_key",
    "privacy.hash_key",
    "nexus.firestore.project",
    "nexus.firestore.database",
    "nexus.bigquery.project",
    "nexus.bigquery.dataset",
    "nexus.bigquery.table",
    "nexus.bigquery.location",
    "server.data_dir",
    "log.filter",
];

/// What kind of deployment this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Everything embedded, keys generated.
    Development,
    /// Nothing assumed.
    Production,
}

/// Which object store is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageMode {
    /// The S3 endpoint inside this process.
    Embedded,
    /// Amazon S3, or a server that speaks its protocol.
    S3,
}

/// Who holds the organisation's copy of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// Nobody but the data directory.
    Embedded,
    /// Google Firestore.
    Firestore,
    /// Google BigQuery.
    Bigquery,
}

/// Where events and dashboards are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewSource {
    /// The ledger of this process.
    Local,
    /// The copy that several replicas share.
    Backend,
}

/// When a caller is told that its event is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ack {
    /// Once it is on the local disk.
    Local,
    /// Once the backend has confirmed it too.
    Backend,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($field:ident : $ty:ty),* $(,)? }) => {
        $(#[$doc])*
        ///
        /// The keys are explained in `config/default.toml`.
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs)]
        pub struct $name { $(pub $field: $ty),* }
    };
}

section!(
    /// The whole tree.
    Config {
        profile: Profile,
        catalog: Vec<SurfaceConfig>,
        server: Server,
        tenancy: Tenancy,
        auth: Auth,
        storage: Storage,
        quota: Quota,
        ledger: Ledger,
        events: Events,
        stream: Stream,
        views: Views,
        nexus: Nexus,
        privacy: Privacy,
        redaction: nexus_redact::Policy,
        cors: Cors,
        limits: Limits,
        metrics: Metrics,
        telemetry: Telemetry,
        log: Log,
    }
);
section!(
    /// `[server]`
    Server {
        listen: SocketAddr,
        s3_listen: SocketAddr,
        admin_listen: Option<SocketAddr>,
        data_dir: PathBuf,
        request_timeout_ms: u64,
        header_timeout_ms: u64,
        write_timeout_ms: u64,
        drain_timeout_ms: u64,
        max_body_bytes: usize,
        max_events_body_bytes: usize,
        max_body_depth: usize,
        max_in_flight: usize,
        max_connections: usize,
    }
);
section!(
    /// `[tenancy]`
    Tenancy { envs: Vec<EnvName> }
);
section!(
    /// `[auth]`
    Auth {
        jwt_secret: Option<Secret>,
        jwks_file: Option<PathBuf>,
        jwks_url: Option<String>,
        issuer: Option<String>,
        audience: Option<String>,
        leeway_seconds: u64,
        jwks_max_age_seconds: u64,
        jwks_min_interval_seconds: u64,
        jwks_max_keys: usize,
        jwks_max_bytes: usize,
        max_token_bytes: usize,
        token_cache_bytes: u64,
    }
);
section!(
    /// `[storage]`
    Storage {
        mode: StorageMode,
        bucket: String,
        region: String,
        endpoint: Option<String>,
        public_endpoint: Option<String>,
        path_style: bool,
        presign_expiry_seconds: u64,
        max_upload_bytes: u64,
        abandon_grace_seconds: u64,
        timeout_ms: u64,
        max_attempts: u32,
        max_metadata_bytes: usize,
        list_concurrency: usize,
        allow_embedded: bool,
        allow_unconditional: bool,
        embedded_max_post_bytes: u64,
    }
);
section!(
    /// `[quota]`
    Quota { max_bytes: Option<u64>, tenants: BTreeMap<TenantId, u64> }
);
section!(
    /// `[ledger]`
    Ledger {
        service: String,
        signing_key: Option<Secret>,
        previous_signing_key: Option<Secret>,
        segment_bytes: u64,
        fill_ahead_bytes: usize,
        queue_events: usize,
        queue_bytes: usize,
        batch_events: usize,
        batch_bytes: usize,
        max_leaf_bytes: usize,
        index_commit_events: usize,
        anchor_interval_ms: u64,
        max_audit_gaps: usize,
        ack: Ack,
        ack_timeout_ms: u64,
    }
);
section!(
    /// `[events]`
    Events { max_batch_events: usize, max_event_bytes: usize, max_ahead_ms: u64, max_source_refs: usize }
);
section!(
    /// `[stream]`
    Stream { max_subscribers: usize, max_subscribers_per_tenant: usize, heartbeat_ms: u64, frame_bytes: usize, shared_bytes: u64 }
);
section!(
    /// `[views]`
    Views {
        source: ViewSource,
        max_copied_logs: usize,
        max_copied_places: u64,
        max_copied_ids: usize,
        copied_logs_ttl_ms: u64,
        backend_timeout_ms: u64,
        max_hours: usize,
        max_rows: usize,
        max_names: usize,
        max_latest_keys: usize,
        max_latest_bytes: usize,
        max_payload_bytes: usize,
        max_pending_uploads: usize,
        snapshot_interval_ms: u64,
        read_wait_ms: u64,
    }
);
section!(
    /// `[nexus]`
    Nexus {
        backend: Backend,
        batch_events: usize,
        batch_bytes: usize,
        batch_wait_ms: u64,
        concurrent_logs: usize,
        call_timeout_ms: u64,
        backoff_first_ms: u64,
        backoff_cap_ms: u64,
        max_lag_events: u64,
        max_lag_bytes: u64,
        max_lag_seconds: u64,
        drain_timeout_ms: u64,
        firestore: Firestore,
        bigquery: BigQuery,
    }
);
section!(
    /// `[nexus.firestore]`
    Firestore {
        project: Option<String>,
        database: String,
        emulator_host: Option<String>,
        ramp: bool,
        ramp_first_writes_per_second: u32,
        ramp_interval_seconds: u64,
        max_writes_per_second: u32,
    }
);
section!(
    /// `[nexus.bigquery]`
    BigQuery {
        project: Option<String>,
        dataset: String,
        table: String,
        location: Option<String>,
        emulator_host: Option<String>,
        emulator_grpc_host: Option<String>,
        max_open_streams: usize,
        verify_rows: u64,
    }
);
section!(
    /// `[privacy]`
    Privacy { hash_key: Option<Secret>, max_cached_prefs: u64, max_user_opt_outs: usize }
);
section!(
    /// `[cors]`
    Cors { origins: Vec<String> }
);
section!(
    /// `[limits]`
    Limits {
        enabled: bool,
        reads_per_second: u32,
        writes_per_second: u32,
        events_per_second: u32,
        burst_seconds: u32,
        max_buckets: u64,
        max_unrecorded: usize,
    }
);
section!(
    /// `[metrics]`
    Metrics { max_tenants: usize, max_event_types: usize }
);
section!(
    /// `[telemetry]`
    Telemetry {
        otlp_endpoint: Option<String>,
        sample_ratio: f64,
        queue_spans: usize,
        batch_spans: usize,
        export_interval_ms: u64,
        export_timeout_ms: u64,
    }
);
section!(
    /// `[log]`
    Log { filter: String, format: LogFormat, queue_lines: usize, synthesized_per_second: u32 }
);

/// A text that never shows itself in a log.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The 32 bytes that 64 hex digits spell.
    ///
    /// # Errors
    /// When they are not 64 hex digits; `key` names the setting in the message.
    pub fn seed(&self, key: &str) -> Result<[u8; 32], ConfigError> {
        hex::decode(&self.0).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
            ConfigError::invalid(key, "expected 64 hex digits (for instance from `openssl rand -hex 32`)")
        })
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Why the configuration cannot be used. The message says what to set.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file or variable could not be read into the tree.
    #[error("configuration: {0}")]
    Unreadable(#[from] Box<figment::Error>),
    /// A file that was named does not exist.
    #[error("configuration: NEXUS_CONFIG names {0}, which does not exist")]
    NoFile(PathBuf),
    /// Settings that the production profile demands are missing.
    #[error("the production profile needs: {}", .0.join("; "))]
    Missing(Vec<String>),
    /// A setting has a value that cannot work.
    #[error("configuration: {key}: {why}")]
    Invalid {
        /// The setting, dotted.
        key: String,
        /// What is wrong and what is expected.
        why: String,
    },
}

impl ConfigError {
    fn invalid(key: &str, why: impl Into<String>) -> Self {
        Self::Invalid { key: key.to_owned(), why: why.into() }
    }
}

impl Config {
    /// Reads defaults, the file named by `NEXUS_CONFIG`, and the environment, and checks the whole.
    ///
    /// # Errors
    /// When a source cannot be read, a key is unknown or has a value that cannot work, or the production profile lacks a
    /// setting that it demands.
    pub fn load() -> Result<Self, ConfigError> {
        let mut figment = Figment::new().merge(Toml::string(DEFAULT_TOML));
        let mut explicit = Figment::new();
        if let Some(path) = std::env::var_os("NEXUS_CONFIG").map(PathBuf::from) {
            if !path.is_file() {
                return Err(ConfigError::NoFile(path));
            }
            figment = figment.merge(Toml::file_exact(&path));
            explicit = explicit.merge(Toml::file_exact(&path));
        }
        let sections = Env::prefixed("NEXUS__").split("__");
        let short = Env::raw().filter_map(|name| {
            let key = match name.as_str() {
                "NEXUS_LISTEN" => "server.listen",
                "NEXUS_S3_LISTEN" => "server.s3_listen",
                "NEXUS_ADMIN_LISTEN" => "server.admin_listen",
                "NEXUS_DATA_DIR" => "server.data_dir",
                // The variables that Google's own tools and emulators set and read.
                "FIRESTORE_EMULATOR_HOST" => "nexus.firestore.emulator_host",
                "BIGQUERY_EMULATOR_HOST" => "nexus.bigquery.emulator_host",
                "BIGQUERY_STORAGE_EMULATOR_HOST" => "nexus.bigquery.emulator_grpc_host",
                _ => return None,
            };
            Some(key.into())
        });
        let short = short.split(".");
        explicit = explicit.merge(sections.clone()).merge(short.clone());
        figment = figment.merge(sections);
        for key in TEXTS {
            let name = format!("NEXUS__{}", key.replace('.', "__").to_uppercase());
            // Quotes say themselves that a text is meant.
            if let Some(text) = std::env::var(name).ok().filter(|text| !text.starts_with('"')) {
                figment = figment.merge((key, text));
            }
        }
        let config: Self = figment.merge(short).extract().map_err(Box::new)?;
        config.check(|key| explicit.find_value(key).is_ok())?;
        Ok(config)
    }

    /// The defaults alone.
    ///
    /// # Errors
    /// Never with the shipped defaults; a test holds them to that.
    pub fn defaults() -> Result<Self, ConfigError> {
        Ok(Figment::new().merge(Toml::string(DEFAULT_TOML)).extract().map_err(Box::new)?)
    }
}

impl Server {
    /// How long one request may take.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// How long a client may take nothing of what is sent to it.
    #[must_use]
    pub fn write_timeout(&self) -> Duration {
        Duration::from_millis(self.write_timeout_ms)
    }

    /// How long requests in flight may take once a stop was asked for.
    #[must_use]
    pub fn drain_timeout(&self) -> Duration {
        Duration::from_millis(self.drain_timeout_ms)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_defaults_hold() {
        Config::defaults().unwrap().check(|_| false).unwrap();
    }

    #[test]
    fn production_names_everything_it_lacks() {
        let mut config = Config::defaults().unwrap();
        config.profile = Profile::Production;
        let text = config.check(|_| false).unwrap_err().to_string();
        for part in
            ["jwt_secret", "storage.bucket", "storage.region", "ledger.signing_key", "admin_listen", "storage.mode"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn secrets_do_not_show() {
        assert_eq!(format!("{:?}", Secret("hush".into())), "Secret(..)");
    }
}
