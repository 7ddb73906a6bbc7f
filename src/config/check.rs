//! What a configuration must hold: each rule with the key that breaks it and the line that its operator reads.

use super::{Ack, Backend, BigQuery, Config, ConfigError, Profile, StorageMode, ViewSource};

fn expect(ok: bool, key: &str, why: impl Into<String>) -> Result<(), ConfigError> {
    if ok { Ok(()) } else { Err(ConfigError::Invalid { key: key.to_owned(), why: why.into() }) }
}

impl Config {
    pub(super) fn check(&self, is_set: impl Fn(&str) -> bool) -> Result<(), ConfigError> {
        self.check_values()?;
        if self.profile == Profile::Development {
            return Ok(());
        }
        let mut missing = Vec::new();
        let mut need = |there: bool, what: &str| {
            if !there {
                missing.push(what.to_owned());
            }
        };
        need(
            self.auth.jwt_secret.is_some() || self.auth.jwks_file.is_some() || self.auth.jwks_url.is_some(),
            "a JWT key (auth.jwt_secret, auth.jwks_file or auth.jwks_url; NEXUS__AUTH__JWT_SECRET)",
        );
        need(is_set("storage.bucket"), "a bucket (storage.bucket; NEXUS__STORAGE__BUCKET)");
        need(is_set("storage.region"), "a region (storage.region; NEXUS__STORAGE__REGION)");
        need(
            self.ledger.signing_key.is_some(),
            "a ledger signing key (ledger.signing_key; NEXUS__LEDGER__SIGNING_KEY)",
        );
        need(self.server.admin_listen.is_some(), "an address for /metrics (server.admin_listen; NEXUS_ADMIN_LISTEN)");
        need(
            self.storage.mode == StorageMode::S3 || self.storage.allow_embedded,
            "storage.mode = \"s3\", or storage.allow_embedded = true to keep files on this machine",
        );
        if missing.is_empty() { Ok(()) } else { Err(ConfigError::Missing(missing)) }
    }

    fn check_values(&self) -> Result<(), ConfigError> {
        let storage = &self.storage;
        expect(!self.tenancy.envs.is_empty(), "tenancy.envs", "name at least one environment")?;
        expect(
            (60..=3600).contains(&storage.presign_expiry_seconds),
            "storage.presign_expiry_seconds",
            "expected 60 to 3600 seconds",
        )?;
        expect(
            (1..=5 << 30).contains(&storage.max_upload_bytes),
            "storage.max_upload_bytes",
            "expected 1 to 5368709120 bytes (5 GiB, the limit of one S3 POST)",
        )?;
        let grace = storage.abandon_grace_seconds;
        expect(grace <= 31_536_000, "storage.abandon_grace_seconds", "expected at most 31536000 (a year)")?;
        expect(valid_bucket(&storage.bucket), "storage.bucket", "expected 3 to 63 of a-z, 0-9, '.', '-'")?;
        for (key, url) in [
            ("storage.endpoint", &storage.endpoint),
            ("storage.public_endpoint", &storage.public_endpoint),
            ("telemetry.otlp_endpoint", &self.telemetry.otlp_endpoint),
        ] {
            let ok = url.as_deref().is_none_or(|url| {
                url.parse::<http::Uri>().is_ok_and(|uri| {
                    matches!(uri.scheme_str(), Some("http" | "https"))
                        && uri.authority().is_some()
                        && uri.query().is_none()
                })
            });
            expect(ok, key, "expected an http or https URL such as http://127.0.0.1:9000")?;
        }
        if let Some(secret) = &self.auth.jwt_secret {
            expect(secret.expose().len() >= 32, "auth.jwt_secret", "expected at least 32 bytes")?;
        }
        let https = self.auth.jwks_url.as_deref().is_none_or(|url| {
            url.starts_with("https://") || (self.profile == Profile::Development && url.starts_with("http://"))
        });
        expect(https, "auth.jwks_url", "expected an https URL")?;
        let service = &self.ledger.service;
        expect(
            !service.is_empty()
                && service.len() <= 64
                && service.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b)),
            "ledger.service",
            "expected 1 to 64 of A-Z, a-z, 0-9, '.', '-', '_'",
        )?;
        expect(self.ledger.anchor_interval_ms >= 1000, "ledger.anchor_interval_ms", "expected at least 1000")?;
        let least = self.events.max_event_bytes.saturating_add(16 << 10);
        expect(
            (least..=16 << 20).contains(&self.ledger.max_leaf_bytes),
            "ledger.max_leaf_bytes",
            "expected at least events.max_event_bytes and 16384 more, at most 16777216",
        )?;
        let gathered = self.ledger.index_commit_events;
        expect((256..=32_768).contains(&gathered), "ledger.index_commit_events", "expected 256 to 32768")?;
        let stream = &self.stream;
        expect(stream.max_subscribers >= 1, "stream.max_subscribers", "expected at least 1")?;
        let per_tenant = stream.max_subscribers_per_tenant;
        expect(per_tenant >= 1, "stream.max_subscribers_per_tenant", "expected at least 1")?;
        expect(stream.heartbeat_ms >= 10, "stream.heartbeat_ms", "expected at least 10")?;
        expect(self.server.write_timeout_ms >= 100, "server.write_timeout_ms", "expected at least 100")?;
        let limits = &self.limits;
        for (key, rate) in [
            ("limits.reads_per_second", limits.reads_per_second),
            ("limits.writes_per_second", limits.writes_per_second),
            ("limits.events_per_second", limits.events_per_second),
        ] {
            expect(
                (1..=10_000_000).contains(&rate),
                key,
                "expected 1 to 10000000; limits.enabled = false turns all off",
            )?;
        }
        expect((1..=60).contains(&limits.burst_seconds), "limits.burst_seconds", "expected 1 to 60")?;
        let burst = u64::from(limits.events_per_second) * u64::from(limits.burst_seconds);
        expect(
            burst >= self.events.max_batch_events as u64,
            "limits.events_per_second",
            "times limits.burst_seconds must reach events.max_batch_events, or a full batch could never be taken",
        )?;
        expect(limits.max_buckets >= 1, "limits.max_buckets", "expected at least 1")?;
        self.check_views()?;
        self.check_nexus()?;
        let telemetry = &self.telemetry;
        expect((0.0..=1.0).contains(&telemetry.sample_ratio), "telemetry.sample_ratio", "expected 0 to 1")?;
        for (key, value) in [
            ("telemetry.queue_spans", telemetry.queue_spans as u64),
            ("telemetry.batch_spans", telemetry.batch_spans as u64),
            ("telemetry.export_interval_ms", telemetry.export_interval_ms),
            ("telemetry.export_timeout_ms", telemetry.export_timeout_ms),
        ] {
            expect(value >= 1, key, "expected at least 1")?;
        }
        expect(self.log.queue_lines >= 1, "log.queue_lines", "expected at least 1")?;
        expect(storage.max_attempts >= 1, "storage.max_attempts", "expected at least 1")?;
        expect(storage.list_concurrency >= 1, "storage.list_concurrency", "expected at least 1")?;
        // Beyond it nothing is read: http::json::MAX_BODY_DEPTH.
        expect((1..=123).contains(&self.server.max_body_depth), "server.max_body_depth", "expected 1 to 123")?;
        expect(self.server.max_in_flight >= 1, "server.max_in_flight", "expected at least 1")
    }
}

impl Config {
    fn check_views(&self) -> Result<(), ConfigError> {
        let views = &self.views;
        for (key, value, least) in [
            // The longest window, its first and its current hour.
            ("views.max_hours", views.max_hours, 722),
            ("views.max_rows", views.max_rows, 1_000),
            ("views.max_names", views.max_names, 1),
            ("views.max_latest_keys", views.max_latest_keys, 1),
            ("views.max_latest_bytes", views.max_latest_bytes, 1_024),
            ("views.max_payload_bytes", views.max_payload_bytes, 1_024),
            ("views.max_pending_uploads", views.max_pending_uploads, 1),
        ] {
            expect(value >= least, key, format!("expected at least {least}"))?;
        }
        let readable = views.source == ViewSource::Local || self.nexus.backend == Backend::Firestore;
        expect(
            readable,
            "views.source",
            "\"backend\" needs nexus.backend = \"firestore\"; BigQuery serves analysts, not requests",
        )?;
        expect((1..=1000).contains(&views.max_copied_logs), "views.max_copied_logs", "expected 1 to 1000")?;
        expect(views.max_copied_places >= 1, "views.max_copied_places", "expected at least 1")?;
        expect(
            (1..=3_600_000).contains(&views.copied_logs_ttl_ms),
            "views.copied_logs_ttl_ms",
            "expected 1 to 3600000",
        )?;
        expect(views.max_copied_ids >= 1000, "views.max_copied_ids", "expected at least 1000")?;
        expect(views.backend_timeout_ms >= 1, "views.backend_timeout_ms", "expected at least 1")
    }

    fn check_nexus(&self) -> Result<(), ConfigError> {
        let nexus = &self.nexus;
        for (key, value) in [
            ("nexus.batch_events", nexus.batch_events as u64),
            ("nexus.batch_bytes", nexus.batch_bytes as u64),
            ("nexus.concurrent_logs", nexus.concurrent_logs as u64),
            ("nexus.call_timeout_ms", nexus.call_timeout_ms),
            ("nexus.backoff_first_ms", nexus.backoff_first_ms),
            ("nexus.max_lag_events", nexus.max_lag_events),
            ("nexus.max_lag_bytes", nexus.max_lag_bytes),
            ("nexus.max_lag_seconds", nexus.max_lag_seconds),
            ("nexus.firestore.ramp_first_writes_per_second", nexus.firestore.ramp_first_writes_per_second.into()),
            ("nexus.firestore.max_writes_per_second", nexus.firestore.max_writes_per_second.into()),
            ("nexus.bigquery.max_open_streams", nexus.bigquery.max_open_streams as u64),
            ("nexus.bigquery.verify_rows", nexus.bigquery.verify_rows),
        ] {
            expect(value >= 1, key, "expected at least 1")?;
        }
        expect(
            nexus.backoff_cap_ms >= nexus.backoff_first_ms,
            "nexus.backoff_cap_ms",
            "expected at least nexus.backoff_first_ms",
        )?;
        let follows = nexus.backend != Backend::Embedded;
        expect(
            follows || self.ledger.ack == Ack::Local,
            "ledger.ack",
            "\"backend\" needs a backend; set nexus.backend",
        )?;
        let project = nexus.firestore.project.as_deref().unwrap_or_default();
        expect(
            nexus.backend != Backend::Firestore || !project.is_empty(),
            "nexus.firestore.project",
            "name the Google Cloud project whose Firestore holds the copy",
        )?;
        nexus.bigquery.check(nexus.backend == Backend::Bigquery)
    }
}

impl BigQuery {
    /// Names are put into SQL, so they hold what Google lets them hold and no more; <https://cloud.google.com/bigquery/docs/tables>.
    fn check(&self, used: bool) -> Result<(), ConfigError> {
        let of = |text: &str, more: &[u8]| {
            !text.is_empty()
                && text.len() <= 1024
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
        };
        let project = self.project.as_deref().unwrap_or_default();
        let why = "name the Google Cloud project whose BigQuery holds the copy";
        expect(if project.is_empty() { !used } else { of(project, b"-.:") }, "nexus.bigquery.project", why)?;
        expect(of(&self.dataset, b"_"), "nexus.bigquery.dataset", "expected letters, digits and underscores")?;
        let why = "expected letters, digits, hyphens and underscores";
        expect(of(&self.table, b"_-"), "nexus.bigquery.table", why)?;
        expect(
            !used || self.emulator_host.is_some() == self.emulator_grpc_host.is_some(),
            "nexus.bigquery.emulator_grpc_host",
            "an emulator has two addresses, for REST and for gRPC; set both or none",
        )
    }
}

/// The names that S3 takes for a general purpose bucket, near enough to catch a slip before the first request.
fn valid_bucket(name: &str) -> bool {
    (3..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
        && !name.starts_with(['.', '-'])
        && !name.ends_with(['.', '-'])
}
