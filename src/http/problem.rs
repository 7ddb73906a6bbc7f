//! The one place where errors become HTTP: RFC 9457 problems with stable codes.
//!
//! A handler answers with a [`Problem`]; the outermost layer writes it out, since only there the request id is known for
//! every kind of failure. A 5xx shows fixed text; its cause goes to the log, once.

use std::{borrow::Cow, error::Error, sync::Arc};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use nexus_ledger::LedgerError;
use nexus_model::ErrorCode;
use serde::Serialize;

use crate::{
    auth::AuthError,
    fields::Fault,
    limits::OverLimit,
    logging::posted::Rejection,
    privacy::PrefsError,
    quota::QuotaError,
    raw_storage::{RawStorageError, repository::StorageError},
    views::stream::Refused,
};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $code:literal, $title:literal;)*) => {
        /// Every code that an answer may carry. Stable: clients branch on the text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Code { $($(#[$doc])* $name),* }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The status it goes with.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),* }
            }

            /// The text on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// A short summary for people, the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

codes! {
    TenantMissing = BAD_REQUEST, "tenant.missing", "X-Tenant-Id is missing";
    TenantInvalid = BAD_REQUEST, "tenant.invalid", "X-Tenant-Id is not a tenant id";
    EnvMissing = BAD_REQUEST, "env.missing", "X-Env is missing";
    EnvInvalid = BAD_REQUEST, "env.invalid", "X-Env is not a configured environment";
    BodyMalformed = BAD_REQUEST, "body.malformed", "The body is not I-JSON";
    QueryInvalid = BAD_REQUEST, "query.invalid", "The query is not valid";
    PathInvalid = BAD_REQUEST, "path.invalid", "The path is not valid";
    CursorInvalid = BAD_REQUEST, "cursor.invalid", "The cursor is not valid";
    AuthMissing = UNAUTHORIZED, "auth.missing", "Authentication is required";
    AuthInvalid = UNAUTHORIZED, "auth.invalid", "The token is not valid";
    AuthExpired = UNAUTHORIZED, "auth.expired", "The token has expired";
    TenantForbidden = FORBIDDEN, "tenant.forbidden", "The token does not admit this tenant";
    RoleForbidden = FORBIDDEN, "role.forbidden", "The token's role does not admit this";
    TenantMismatch = FORBIDDEN, "tenant.mismatch", "The body names another tenant or environment";
    UserMismatch = FORBIDDEN, "user.mismatch", "The body names another user or actor";
    QuotaExceeded = FORBIDDEN, "quota.exceeded", "The tenant's storage quota is used up";
    RouteUnknown = NOT_FOUND, "route.unknown", "No such route";
    AssetUnknown = NOT_FOUND, "asset.unknown", "No such asset";
    AssetNotUploaded = NOT_FOUND, "asset.not_uploaded", "The asset was not uploaded";
    EventUnknown = NOT_FOUND, "event.unknown", "No such event";
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method.not_allowed", "The route does not take this method";
    RequestTimeout = REQUEST_TIMEOUT, "request.timeout", "The request took too long";
    AssetConflict = CONFLICT, "asset.conflict", "The asset is registered with another claim";
    AssetSizeMismatch = CONFLICT, "asset.size_mismatch", "The stored object has another size";
    AssetChecksumMismatch = CONFLICT, "asset.checksum_mismatch", "The stored object has another SHA-256";
    AssetChecksumUnavailable = CONFLICT, "asset.checksum_unavailable", "The store attests no SHA-256";
    AssetTypeMismatch = CONFLICT, "asset.type_mismatch", "The stored object has another content type";
    AssetAltered = CONFLICT, "asset.altered", "The stored object was altered";
    EventConflict = CONFLICT, "event.conflict", "Another event has this id";
    PreconditionFailed = PRECONDITION_FAILED, "precondition.failed", "It has changed since";
    AssetDeleted = GONE, "asset.deleted", "The asset was deleted";
    BodyTooLarge = PAYLOAD_TOO_LARGE, "body.too_large", "The body is too large";
    AssetTooLarge = PAYLOAD_TOO_LARGE, "asset.too_large", "The asset is too large";
    BodyUnsupportedType = UNSUPPORTED_MEDIA_TYPE, "body.unsupported_type", "The body's content type is not taken";
    BodyInvalid = UNPROCESSABLE_ENTITY, "body.invalid", "The request has faults";
    RateLimited = TOO_MANY_REQUESTS, "rate.limited", "Too many requests";
    Internal = INTERNAL_SERVER_ERROR, "internal", "Something went wrong";
    LedgerUnavailable = SERVICE_UNAVAILABLE, "ledger.unavailable", "The ledger cannot write";
    StorageUnavailable = SERVICE_UNAVAILABLE, "storage.unavailable", "The object store does not answer";
    OutcomeUnknown = SERVICE_UNAVAILABLE, "outcome.unknown", "Whether it was done is not known";
    Overloaded = SERVICE_UNAVAILABLE, "overloaded", "Too much at once";
}

impl Code {
    /// The same, as an event's `error_code`.
    #[must_use]
    #[allow(clippy::unwrap_used, clippy::missing_panics_doc)]
    pub fn error_code(self) -> ErrorCode {
        self.as_str().parse().unwrap() // every code is parsed by this module's test
    }
}

/// The body of every error.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// A URI that names the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short summary, the same for every occurrence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong this time.
    pub detail: String,
    /// Stable and machine-readable.
    pub code: String,
    /// As in the `X-Request-Id` header.
    pub request_id: String,
    /// Each fault of the request; empty where there is only `detail`.
    pub errors: Vec<Fault>,
}

/// An error answer in the making.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    faults: Vec<Fault>,
    retry_after_seconds: Option<u32>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem whose detail is its title.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, detail: Cow::Borrowed(code.title()), faults: Vec::new(), retry_after_seconds: None, cause: None }
    }

    /// With what is wrong this time. Only for what the caller may see.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }

    /// With each fault of the request.
    #[must_use]
    pub fn faults(mut self, faults: Vec<Fault>) -> Self {
        self.faults = faults;
        self
    }

    /// With `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    fn cause(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// What caused it, for the log.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.cause.as_deref()
    }

    /// Its body, for the request named `request_id`.
    #[must_use]
    pub fn body(&self, request_id: &str) -> ProblemBody {
        let code = self.code;
        ProblemBody {
            kind: format!("urn:nexus:problem:{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status().as_u16(),
            detail: self.detail.clone().into_owned(),
            code: code.as_str().to_owned(),
            request_id: request_id.to_owned(),
            errors: self.faults.clone(),
        }
    }

    /// The answer, for the request named `request_id`.
    #[must_use]
    pub fn render(&self, request_id: &str) -> Response {
        let (code, body) = (self.code, self.body(request_id));
        // The body is made of strings and a number: it cannot fail to be written.
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (code.status(), bytes).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if code.status() == StatusCode::UNAUTHORIZED {
            // RFC 6750, section 3.
            let value = if code == Code::AuthMissing { "Bearer" } else { "Bearer error=\"invalid_token\"" };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(value));
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Leaves the problem for the outermost layer to write out.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        let code = match error {
            AuthError::Missing => Code::AuthMissing,
            AuthError::Invalid | AuthError::Repeated => Code::AuthInvalid,
            AuthError::Expired => Code::AuthExpired,
        };
        Self::new(code).detail(error.to_string())
    }
}

impl From<RawStorageError> for Problem {
    fn from(error: RawStorageError) -> Self {
        let code = match &error {
            RawStorageError::NotUploaded => Code::AssetNotUploaded,
            RawStorageError::Unknown => Code::AssetUnknown,
            RawStorageError::Deleted => Code::AssetDeleted,
            RawStorageError::Conflict(_) => Code::AssetConflict,
            RawStorageError::SizeMismatch { .. } => Code::AssetSizeMismatch,
            RawStorageError::TypeMismatch => Code::AssetTypeMismatch,
            RawStorageError::ChecksumMismatch => Code::AssetChecksumMismatch,
            RawStorageError::ChecksumUnavailable => Code::AssetChecksumUnavailable,
            RawStorageError::Altered => Code::AssetAltered,
            RawStorageError::TooLarge { .. } => Code::AssetTooLarge,
            RawStorageError::Storage(StorageError::BadRecord { .. }) => Code::Internal,
            RawStorageError::Storage(_) => Code::StorageUnavailable,
            RawStorageError::Intents(_) => Code::LedgerUnavailable,
        };
        if code.status().is_server_error() {
            return Self::new(code).retry_after(1).cause(error);
        }
        Self::new(code).detail(error.to_string())
    }
}

impl From<QuotaError> for Problem {
    fn from(error: QuotaError) -> Self {
        match error {
            QuotaError::Exceeded { .. } => Self::new(Code::QuotaExceeded).detail(error.to_string()),
            QuotaError::Behind => Self::new(Code::Overloaded).detail(error.to_string()).retry_after(1),
        }
    }
}

impl From<PrefsError> for Problem {
    fn from(error: PrefsError) -> Self {
        match error {
            PrefsError::Changed => Self::new(Code::PreconditionFailed),
            PrefsError::Full { .. } => super::json::invalid(vec![Fault::new("", "range", error.to_string())]),
            PrefsError::Damaged(_) => Self::new(Code::Internal).cause(error),
            PrefsError::Storage(_) => Self::new(Code::StorageUnavailable).retry_after(1).cause(error),
        }
    }
}

impl From<OverLimit> for Problem {
    fn from(over: OverLimit) -> Self {
        Self::new(Code::RateLimited)
            .detail(format!("this tenant and environment have used up their {} for now", over.class.as_str()))
            .retry_after(over.retry_after_seconds)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let code = match refused {
            Refused::Tenant { .. } => Code::RateLimited,
            Refused::Total => Code::Overloaded,
        };
        Self::new(code).detail(refused.to_string()).retry_after(5)
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Faults(faults) => super::json::invalid(faults),
            Rejection::OtherPlace => Self::new(Code::TenantMismatch),
            Rejection::OtherUser => {
                Self::new(Code::UserMismatch).detail("only a token with on_behalf may name another user or actor")
            }
            Rejection::TooLarge { max } => {
                Self::new(Code::BodyTooLarge).detail(format!("an event may have {max} bytes"))
            }
        }
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        let code = match &error {
            LedgerError::Cursor => return Self::new(Code::CursorInvalid),
            LedgerError::Range { .. } => {
                return Self::new(Code::QueryInvalid).detail("expected from ≤ to ≤ the log's size");
            }
            LedgerError::Conflict => return Self::new(Code::EventConflict),
            LedgerError::TooLarge { bytes, limit } => {
                return Self::new(Code::BodyTooLarge).detail(format!(
                    "redacted and stamped it has {bytes} bytes, of which at most {limit} are kept: what is redacted may be longer \
                     than what it stands for"
                ));
            }
            // The ledger takes events and answers other reads; asking again would find the same.
            LedgerError::Corrupt { .. } => return Self::new(Code::Internal).cause(error),
            LedgerError::Overloaded => Code::Overloaded,
            LedgerError::OutcomeUnknown(_) => Code::OutcomeUnknown,
            _ => Code::LedgerUnavailable,
        };
        Self::new(code).retry_after(1).cause(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_an_error_code_and_stands_once() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.error_code().to_string()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
        assert_eq!(Code::RateLimited.as_str(), crate::limits::ERROR_CODE, "events say what answers say");
    }

    #[test]
    fn a_5xx_never_shows_its_cause() {
        let cause = StorageError::Unavailable { operation: "head", source: "secret-host refused".into() };
        let problem = Problem::from(RawStorageError::from(cause));
        assert_eq!(problem.code(), Code::StorageUnavailable);
        assert!(!problem.detail.contains("secret-host") && problem.source().is_some());
    }
}
