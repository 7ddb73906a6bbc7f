//! The store as an HTTP service: s3s for the protocol, and what s3s leaves open in front of it.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::SimpleAuth;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::dto::{PostObjectInput, Timestamp, TimestampFormat};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{HttpResponse, S3Error, S3ErrorCode, S3Request, S3Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::s3::Operations;
use crate::{Bucket, BucketConfig};

/// How far a request's signing date may be from now (AWS, "Signature Version 4").
const MAX_SKEW: Duration = Duration::from_secs(15 * 60);

/// What s3s may gather before it finds a form's file, in bytes. S3 allows 20 KB of fields, but the piece that ends them
/// counts whole, and hyper reads up to 417 KB at once. It parses all of it again with each piece, so no more than needed.
const MAX_FORM_BYTES: usize = 512 * 1024;

/// One field of a form, in bytes (S3, "POST Object": fields together at most 20 KB).
const MAX_FIELD_BYTES: usize = 20 * 1024;

/// Fields in a form.
const MAX_FIELDS: usize = 256;

/// The body of an XML request, in bytes: 1,000 keys to delete, percent-encoded.
const MAX_XML_BYTES: usize = 4 * 1024 * 1024;

/// The granularity in which form memory is accounted, in bytes.
const BUFFER_UNIT: u64 = 4096;

/// The HTTP service of a [`Bucket`]: a tower service that never fails, for axum's `fallback_service` or hyper.
/// Cheap to clone.
#[derive(Clone)]
pub struct BucketService {
    s3: S3Service,
    forms: Forms,
}

impl BucketService {
    pub(crate) fn new(bucket: &Bucket) -> Self {
        let config = bucket.config();
        let mut builder = S3ServiceBuilder::new(Operations::new(bucket.clone()));
        builder.set_auth(SimpleAuth::from_single(config.access_key.as_str(), config.secret_key.as_str()));
        builder.set_access(Access);
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(limits(config)))));
        Self { s3: builder.build(), forms: Forms::new(config) }
    }

    async fn answer(self, req: s3s::HttpRequest) -> HttpResponse {
        // Held until the form is stored: its file is in memory until then.
        let _room = match self.forms.reserve(req.method(), req.headers()).await {
            Ok(room) => room,
            Err(busy) => return status(StatusCode::SERVICE_UNAVAILABLE, Some(busy)),
        };
        self.s3.call(req).await.unwrap_or_else(|error| {
            let error: s3s::StdError = error.into();
            tracing::error!(error = error.as_ref() as &dyn std::error::Error, "S3 failed");
            status(StatusCode::INTERNAL_SERVER_ERROR, None)
        })
    }
}

impl<B> tower_service::Service<Request<B>> for BucketService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    type Response = HttpResponse;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, req: Request<B>) -> Self::Future {
        let service = self.clone();
        let req = req.map(s3s::Body::http_body_unsync);
        Box::pin(async move { Ok(service.answer(req).await) })
    }
}

fn status(status: StatusCode, code: Option<S3ErrorCode>) -> HttpResponse {
    let body = code.map_or_else(s3s::Body::empty, |code| {
        let xml = format!("<?xml version=\"1.0\"?><Error><Code>{}</Code></Error>", code.as_str());
        s3s::Body::from(xml)
    });
    let mut response = HttpResponse::new(body);
    *response.status_mut() = status;
    response
}

fn limits(config: &BucketConfig) -> S3Config {
    let mut limits = S3Config::default();
    limits.post_object_max_file_size = config.max_post_file_bytes;
    limits.form_max_field_size = MAX_FIELD_BYTES;
    limits.form_max_fields_size = MAX_FORM_BYTES;
    limits.form_max_parts = MAX_FIELDS;
    limits.xml_max_body_size = MAX_XML_BYTES;
    // s3s has one setting for all dates; `Access` narrows it again for all but POST policies.
    let skew = config.post_policy_max_age.max(MAX_SKEW).as_secs();
    limits.presigned_url_max_skew_time_secs = u32::try_from(skew).unwrap_or(u32::MAX);
    limits
}

/// The memory that POST forms may take: s3s collects a form's file before anything else can look at it,
/// the sender's signature included.
#[derive(Clone)]
struct Forms {
    units: Arc<Semaphore>,
    max_form_bytes: u64,
    wait: Duration,
}

impl Forms {
    fn new(config: &BucketConfig) -> Self {
        let max_form_bytes = config.max_post_file_bytes.saturating_add(MAX_FORM_BYTES as u64);
        let total = config.post_buffer_bytes.max(max_form_bytes);
        let units = usize::try_from(total.div_ceil(BUFFER_UNIT)).unwrap_or(usize::MAX);
        Self {
            units: Arc::new(Semaphore::new(units.min(Semaphore::MAX_PERMITS))),
            max_form_bytes,
            wait: config.post_buffer_wait,
        }
    }

    /// Waits for the memory a request may take. Nothing but a form takes any.
    async fn reserve(&self, method: &Method, headers: &HeaderMap) -> Result<Option<OwnedSemaphorePermit>, S3ErrorCode> {
        if method != Method::POST || !is_form(headers) {
            return Ok(None);
        }
        let announced = headers.get(http::header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        let bytes = announced.map_or(self.max_form_bytes, |bytes| bytes.min(self.max_form_bytes));
        let units = u32::try_from(bytes.div_ceil(BUFFER_UNIT)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.units).acquire_many_owned(units);
        match tokio::time::timeout(self.wait, room).await {
            Ok(Ok(room)) => Ok(Some(room)),
            Ok(Err(_)) | Err(_) => Err(S3ErrorCode::SlowDown),
        }
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(http::header::CONTENT_TYPE);
    let content_type = content_type.map(HeaderValue::as_bytes).unwrap_or_default();
    content_type.get(..19).is_some_and(|start| start.eq_ignore_ascii_case(b"multipart/form-data"))
}

/// Signature version 4 only, and dated within 15 minutes unless it is a POST policy.
struct Access;

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        if cx.credentials().is_none() {
            return Err(denied("A signature is required"));
        }
        check_signature(cx.headers(), cx.uri(), SystemTime::now())
    }

    async fn post_object(&self, req: &mut S3Request<PostObjectInput>) -> S3Result<()> {
        // s3s takes version 2 forms too; only version 4 names a region.
        match req.region {
            Some(_) => Ok(()),
            None => Err(version_2()),
        }
    }
}

fn denied(message: &'static str) -> S3Error {
    S3Error::with_message(S3ErrorCode::AccessDenied, message)
}

/// What S3 answers in every region opened since 2014. Some clients sign presigned URLs so unless told otherwise.
fn version_2() -> S3Error {
    let message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
    S3Error::with_message(S3ErrorCode::InvalidRequest, message)
}

fn check_signature(headers: &HeaderMap, uri: &Uri, now: SystemTime) -> S3Result<()> {
    let query = uri.query().unwrap_or_default();
    let parameter = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    };
    let authorization = headers.get(http::header::AUTHORIZATION);
    let authorization = authorization.map(HeaderValue::as_bytes).unwrap_or_default();
    if authorization.starts_with(b"AWS ") || parameter("Signature").is_some() {
        return Err(version_2());
    }
    // The date of a presigned URL may lie in the past, for as long as s3s found it to be valid.
    let (date, oldest) = if let Some(date) = parameter("X-Amz-Date") {
        (Some(date), Duration::MAX)
    } else if !authorization.is_empty() {
        let date = headers.get("x-amz-date").and_then(|date| date.to_str().ok());
        (date, MAX_SKEW)
    } else {
        return Ok(()); // a form: its policy's own date and expiration are checked
    };
    let date = date.and_then(amz_date).ok_or_else(|| denied("The date is invalid"))?;
    if within(date, now, oldest) {
        return Ok(());
    }
    Err(S3ErrorCode::RequestTimeTooSkewed.into())
}

fn within(date: Timestamp, now: SystemTime, oldest: Duration) -> bool {
    let latest = Timestamp::from(now + MAX_SKEW);
    let earliest = now.checked_sub(oldest).map(Timestamp::from);
    date <= latest && earliest.is_none_or(|earliest| earliest <= date)
}

/// `20130524T000000Z`, ISO 8601's basic form.
fn amz_date(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (year, month, day) = (date.get(..4)?, date.get(4..6)?, date.get(6..)?);
    let (hour, minute, second) = (time.get(..2)?, time.get(2..4)?, time.get(4..)?);
    let rfc3339 = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    Timestamp::parse(TimestampFormat::DateTime, &rfc3339).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn signed_at(date: &str) -> S3Result<()> {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "AWS4-HMAC-SHA256 x".parse().unwrap());
        headers.insert("x-amz-date", date.parse().unwrap());
        let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_110_400);
        check_signature(&headers, &Uri::from_static("/b/k"), noon)
    }

    #[test]
    fn a_signed_header_is_good_for_15_minutes() {
        assert!(signed_at("20240101T120000Z").is_ok());
        assert!(signed_at("20240101T114500Z").is_ok());
        assert!(signed_at("20240101T114459Z").is_err());
        assert!(signed_at("20240101T121501Z").is_err());
        assert!(signed_at("2024").is_err());
    }

    #[test]
    fn version_2_is_refused() {
        let url = Uri::from_static("/b/k?AWSAccessKeyId=a&Signature=s&Expires=1");
        assert!(check_signature(&HeaderMap::new(), &url, SystemTime::now()).is_err());
    }
}
