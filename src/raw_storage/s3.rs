//! The one module that knows S3: [`S3RawStorageRepository`] speaks to Amazon S3, to servers like it, and to our own
//! embedded endpoint by the same path.

use std::{
    sync::{Arc, RwLock},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError},
};
use aws_sdk_s3::{
    Client,
    config::{
        ConfigBag, Intercept, RequestChecksumCalculation, ResponseChecksumValidation, RuntimeComponents,
        interceptors::BeforeTransmitInterceptorContextMut,
    },
    error::{BoxError, SdkError},
    operation::head_object::HeadObjectOutput,
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::ChecksumMode,
};
use chrono::{DateTime, Utc};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{
    key::ObjectKey,
    post_policy::{PostConditions, Signer},
    repository::{Condition, Document, ObjectHead, RawStorageRepository, SignedPost, StorageError},
    sha256::Sha256Hex,
};
use crate::{config, telemetry::traces};

/// Credentials this close to their end are asked for again. Their provider decides whether it has newer ones.
const CREDENTIALS_MARGIN: Duration = Duration::from_secs(300);
/// How often a conditional write is tried when the store answers 409, a conflict with another one under way.
const WRITE_ATTEMPTS: u32 = 5;

/// Files and records in one bucket of an S3 store.
pub struct S3RawStorageRepository {
    client: Client,
    /// Signs for the address that browsers see.
    public_client: Client,
    post_url: String,
    bucket: String,
    credentials: CachedCredentials,
    allow_unconditional: bool,
    /// Whether the store honours conditions, once it was asked.
    conditional: OnceCell<bool>,
}

/// How to reach the store.
pub struct S3Access {
    /// The address, where it is not Amazon's own.
    pub endpoint: Option<String>,
    /// The address that browsers see, where it differs.
    pub public_endpoint: Option<String>,
    /// `{endpoint}/{bucket}` instead of `{bucket}.{endpoint}`.
    pub path_style: bool,
    /// Instead of the SDK's default chain.
    pub credentials: Option<Credentials>,
    /// Whether to go on with a store that has no conditional writes.
    pub allow_unconditional: bool,
}

impl S3RawStorageRepository {
    /// Reads the SDK's configuration. Reaches no network but what the default credential chain needs.
    ///
    /// # Errors
    /// When there are no credentials at all to look for.
    pub async fn new(config: &config::Storage, access: S3Access) -> Result<Self, StorageError> {
        let timeout = Duration::from_millis(config.timeout_ms);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(config.region.clone()))
            .retry_config(RetryConfig::standard().with_max_attempts(config.max_attempts))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(timeout.min(Duration::from_secs(2)))
                    .operation_timeout(timeout)
                    .build(),
            );
        if let Some(credentials) = access.credentials {
            loader = loader.credentials_provider(credentials);
        }
        let sdk = loader.load().await;
        let provider = sdk.credentials_provider().ok_or_else(|| {
            StorageError::Credentials(CredentialsError::not_loaded("no credentials provider is configured"))
        })?;
        let public = access.public_endpoint.as_deref().or(access.endpoint.as_deref());
        Ok(Self {
            client: client(&sdk, access.endpoint.as_deref(), access.path_style),
            public_client: client(&sdk, public, access.path_style),
            post_url: post_url(public, access.path_style, &config.bucket, &config.region),
            bucket: config.bucket.clone(),
            credentials: CachedCredentials { provider, region: config.region.clone(), cached: RwLock::default() },
            allow_unconditional: access.allow_unconditional,
            conditional: OnceCell::new(),
        })
    }

    /// The SDK's client, for checks that go beyond the repository's contract.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Where browsers post their forms.
    #[must_use]
    pub fn post_url(&self) -> &str {
        &self.post_url
    }

    /// The bucket's name.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// One conditional write: `Ok(Ok(etag))`, or the status that stands for a condition that did not hold.
    async fn put(
        &self,
        key: &ObjectKey,
        bytes: &[u8],
        condition: Option<&Condition>,
    ) -> Result<Result<String, u16>, StorageError> {
        let mut put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .content_type("application/json")
            .body(ByteStream::from(bytes.to_vec()));
        match condition {
            Some(Condition::Absent) => put = put.if_none_match("*"),
            Some(Condition::Unchanged(etag)) => put = put.if_match(etag),
            None => {}
        }
        match put.send().await {
            Ok(output) => Ok(Ok(output.e_tag().unwrap_or_default().to_owned())),
            Err(error) => match status(&error) {
                // 404: `If-Match` on an object that is gone.
                Some(code @ (404 | 409 | 412 | 501)) if condition.is_some() => Ok(Err(code)),
                _ => Err(unavailable("put document", error)),
            },
        }
    }

    /// Whether the store honours `If-None-Match`: writes a small object twice on condition that it is not there. Asked once; some
    /// stores take the header and ignore it, so the absence of an error says nothing.
    ///
    /// # Errors
    /// When it may not be written to, or fails.
    pub async fn has_conditional_writes(&self) -> Result<bool, StorageError> {
        let ask = || async {
            let key = ObjectKey::probe(Uuid::now_v7());
            let answers = [self.probe(&key).await?, self.probe(&key).await?];
            self.remove_version(key.as_str(), None).await?;
            Ok(answers == [None, Some(412)])
        };
        self.conditional.get_or_try_init(ask).await.copied()
    }

    async fn probe(&self, key: &ObjectKey) -> Result<Option<u16>, StorageError> {
        Ok(self.put(key, b"nexus", Some(&Condition::Absent)).await?.err())
    }

    /// For a store without conditional writes, where the configuration admits the race: look, then write.
    async fn write_unconditionally(
        &self,
        key: &ObjectKey,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<Option<String>, StorageError> {
        if !self.allow_unconditional {
            return Err(StorageError::Unconditional);
        }
        let current = self.read_document(key).await?.map(|document| document.etag);
        let holds = match condition {
            Condition::Absent => current.is_none(),
            Condition::Unchanged(etag) => current.as_ref() == Some(etag),
        };
        if !holds {
            return Ok(None);
        }
        self.put(key, bytes, None).await.map(Result::ok)
    }

    async fn remove_version(&self, key: &str, version_id: Option<&str>) -> Result<(), StorageError> {
        let delete = self.client.delete_object().bucket(&self.bucket).key(key);
        match delete.set_version_id(version_id.map(ToOwned::to_owned)).send().await {
            Ok(_) => Ok(()),
            Err(error) if status(&error) == Some(404) => Ok(()),
            Err(error) => Err(unavailable("delete object", error)),
        }
    }
}

fn client(sdk: &SdkConfig, endpoint: Option<&str>, path_style: bool) -> Client {
    let mut builder = aws_sdk_s3::config::Builder::from(sdk)
        .force_path_style(path_style)
        // Only where S3 demands one: other servers refuse the trailers that the SDK would add.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    builder.set_endpoint_url(endpoint.map(ToOwned::to_owned));
    if traces::on() {
        builder = builder.interceptor(CarryTrace);
    }
    Client::from_conf(builder.build())
}

/// Puts the trace into requests, unsigned: proxies may put in a part of their own.
#[derive(Debug)]
struct CarryTrace;

impl Intercept for CarryTrace {
    fn name(&self) -> &'static str {
        "CarryTrace"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(value) = traces::traceparent() {
            context.request_mut().headers_mut().insert("traceparent", value.to_str()?.to_owned());
        }
        Ok(())
    }
}

/// Where a form is posted to: path-style or virtual-hosted (Amazon S3 User Guide, "Virtual hosting of buckets").
fn post_url(endpoint: Option<&str>, path_style: bool, bucket: &str, region: &str) -> String {
    let endpoint = endpoint.map_or_else(|| format!("https://s3.{region}.amazonaws.com"), ToOwned::to_owned);
    let endpoint = endpoint.trim_end_matches('/');
    match endpoint.split_once("://") {
        Some((scheme, host)) if !path_style => format!("{scheme}://{bucket}.{host}/"),
        _ => format!("{endpoint}/{bucket}"),
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

fn unavailable<E>(operation: &'static str, error: SdkError<E>) -> StorageError
where
    E: std::error::Error + Send + Sync + 'static,
{
    StorageError::Unavailable { operation, source: Box::new(error) }
}

fn object_head(output: HeadObjectOutput) -> ObjectHead {
    ObjectHead {
        size_bytes: output.content_length().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
        content_type: output.content_type().unwrap_or("application/octet-stream").to_owned(),
        etag: output.e_tag().unwrap_or_default().to_owned(),
        version_id: output.version_id().filter(|id| *id != "null").map(ToOwned::to_owned),
        sha256: output.checksum_sha256().and_then(Sha256Hex::from_base64),
    }
}

#[async_trait]
impl RawStorageRepository for S3RawStorageRepository {
    async fn sign_post(
        &self,
        conditions: &PostConditions,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<SignedPost, StorageError> {
        let held = self.credentials.at(now).await?;
        let fields = held.signer.sign(conditions, &self.bucket, now, expires_at);
        Ok(SignedPost { url: self.post_url.clone(), fields })
    }

    async fn sign_get(
        &self,
        key: &ObjectKey,
        version_id: Option<&str>,
        disposition: &str,
        expires_in_seconds: u64,
    ) -> Result<String, StorageError> {
        let config = PresigningConfig::expires_in(Duration::from_secs(expires_in_seconds))
            .map_err(|error| StorageError::Unavailable { operation: "presign get", source: Box::new(error) })?;
        let request = self
            .public_client
            .get_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .set_version_id(version_id.map(ToOwned::to_owned))
            .response_content_disposition(disposition)
            .presigned(config)
            .await
            .map_err(|error| unavailable("presign get", error))?;
        Ok(request.uri().to_owned())
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectHead>, StorageError> {
        let head =
            self.client.head_object().bucket(&self.bucket).key(key.as_str()).checksum_mode(ChecksumMode::Enabled);
        match head.send().await {
            Ok(output) => Ok(Some(object_head(output))),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(unavailable("head object", error)),
        }
    }

    async fn read_document(&self, key: &ObjectKey) -> Result<Option<Document>, StorageError> {
        let output = match self.client.get_object().bucket(&self.bucket).key(key.as_str()).send().await {
            Ok(output) => output,
            Err(error) if status(&error) == Some(404) => return Ok(None),
            Err(error) => return Err(unavailable("get document", error)),
        };
        let etag = output.e_tag().unwrap_or_default().to_owned();
        let body = output.body.collect().await;
        let body =
            body.map_err(|error| StorageError::Unavailable { operation: "get document", source: error.into() })?;
        Ok(Some(Document { bytes: body.into_bytes(), etag }))
    }

    async fn write_document(
        &self,
        key: &ObjectKey,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<Option<String>, StorageError> {
        if !self.allow_unconditional && !self.has_conditional_writes().await? {
            return Err(StorageError::Unconditional);
        }
        for attempt in 1..=WRITE_ATTEMPTS {
            match self.put(key, bytes, Some(condition)).await? {
                Ok(etag) => return Ok(Some(etag)),
                Err(501) => return self.write_unconditionally(key, bytes, condition).await,
                // Another write of this key is under way; its end decides.
                Err(409) => tokio::time::sleep(Duration::from_millis(20 * u64::from(attempt))).await,
                Err(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    async fn keys_after(&self, prefix: &str, after: &str, max: usize) -> Result<Vec<String>, StorageError> {
        let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).start_after(after);
        let max = i32::try_from(max).unwrap_or(i32::MAX);
        let output = list.max_keys(max).send().await.map_err(|error| unavailable("list objects", error))?;
        Ok(output.contents().iter().filter_map(|object| object.key().map(ToOwned::to_owned)).collect())
    }

    async fn folders(&self, prefix: &str) -> Result<Vec<String>, StorageError> {
        let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).delimiter("/");
        let mut pages = list.into_paginator().send();
        let mut folders = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| unavailable("list objects", error))?;
            folders.extend(page.common_prefixes().iter().filter_map(|folder| folder.prefix().map(ToOwned::to_owned)));
        }
        Ok(folders)
    }

    async fn remove(&self, key: &ObjectKey, versioned: bool) -> Result<(), StorageError> {
        if !versioned {
            return self.remove_version(key.as_str(), None).await;
        }
        let (mut key_marker, mut version_marker) = (None, None);
        loop {
            let page = self
                .client
                .list_object_versions()
                .bucket(&self.bucket)
                .prefix(key.as_str())
                .set_key_marker(key_marker)
                .set_version_id_marker(version_marker)
                .send()
                .await
                .map_err(|error| unavailable("list versions", error))?;
            let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
            let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
            for (_, id) in versions.chain(markers).filter(|(name, _)| *name == Some(key.as_str())) {
                self.remove_version(key.as_str(), id).await?;
            }
            if page.is_truncated() != Some(true) {
                return Ok(());
            }
            key_marker = page.next_key_marker().map(ToOwned::to_owned);
            version_marker = page.next_version_id_marker().map(ToOwned::to_owned);
        }
    }

    async fn check(&self) -> Result<(), StorageError> {
        let head = self.client.head_bucket().bucket(&self.bucket).send().await;
        head.map(|_| ()).map_err(|error| unavailable("head bucket", error))
    }

    fn uri(&self, key: &ObjectKey) -> String {
        format!("s3://{}/{key}", self.bucket)
    }
}

/// The SDK caches credentials for its own requests; policies that we sign ourselves need the same.
struct CachedCredentials {
    provider: SharedCredentialsProvider,
    region: String,
    cached: RwLock<Option<Arc<Held>>>,
}

/// Credentials, and what signs with them today.
struct Held {
    credentials: Credentials,
    signer: Signer,
}

impl Held {
    fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.credentials.expiry().is_none_or(|end| end > SystemTime::from(now) + CREDENTIALS_MARGIN)
    }
}

impl CachedCredentials {
    async fn at(&self, now: DateTime<Utc>) -> Result<Arc<Held>, StorageError> {
        let cached = self.cached.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let credentials = match cached.filter(|held| held.is_good(now)) {
            Some(held) if held.signer.signs_on(now) => return Ok(held),
            Some(yesterdays) => yesterdays.credentials.clone(),
            None => self.provider.provide_credentials().await.map_err(StorageError::Credentials)?,
        };
        let signer = Signer::new(&credentials, &self.region, now);
        let held = Arc::new(Held { credentials, signer });
        *self.cached.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Arc::clone(&held));
        Ok(held)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Once an hour's credentials are near their end, or the day is over, what signs is made anew.
    #[tokio::test]
    async fn what_signs_is_kept_for_as_long_as_it_is_good() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let expiry = SystemTime::from(at("2026-11-22T02:00:00Z"));
        let credentials = CachedCredentials {
            provider: SharedCredentialsProvider::new(Credentials::new("AKID", "secret", None, Some(expiry), "test")),
            region: "eu-west-1".to_owned(),
            cached: RwLock::default(),
        };
        let first = credentials.at(at("2026-11-21T23:00:00Z")).await.unwrap();
        assert!(Arc::ptr_eq(&first, &credentials.at(at("2026-11-21T23:59:59Z")).await.unwrap()));
        let next_day = credentials.at(at("2026-11-22T00:00:00Z")).await.unwrap();
        assert!(!Arc::ptr_eq(&first, &next_day) && next_day.signer.signs_on(at("2026-11-22T00:00:00Z")));
        assert!(Arc::ptr_eq(&next_day, &credentials.at(at("2026-11-22T01:54:59Z")).await.unwrap()));
        assert!(!Arc::ptr_eq(&next_day, &credentials.at(at("2026-11-22T01:55:00Z")).await.unwrap()));
    }

    #[test]
    fn forms_go_to_where_the_bucket_is() {
        assert_eq!(post_url(None, false, "b", "eu-west-1"), "https://b.s3.eu-west-1.amazonaws.com/");
        assert_eq!(post_url(None, true, "b", "eu-west-1"), "https://s3.eu-west-1.amazonaws.com/b");
        assert_eq!(post_url(Some("http://127.0.0.1:9000/"), true, "b", "r"), "http://127.0.0.1:9000/b");
        assert_eq!(post_url(Some("https://files.example.com"), false, "b", "r"), "https://b.files.example.com/");
    }
}
