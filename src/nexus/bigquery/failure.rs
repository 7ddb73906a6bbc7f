//! What BigQuery's answers mean for a follower, in one line that says what to do.

use google_cloud_bigquery::error::{QueryError, RowError, WriterBuilderError};
use google_cloud_gax::error::{Error, rpc::Code};

use super::BackendError;

/// What BigQuery says in a 403 that is no matter of permission: too much at once, which passes.
const PASSING: [&str; 3] = ["rateLimitExceeded", "quotaExceeded", "Exceeded rate limits"];

/// What was asked of which table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure<'a> {
    pub what: &'static str,
    pub project: &'a str,
    pub dataset: &'a str,
    pub table: &'a str,
}

/// The kind of an error, whichever interface it came by; `None` where no answer came.
pub(super) fn code(error: &Error) -> Option<Code> {
    let told = error.status().map(|status| (status.code, status.message.clone()));
    if told.as_ref().is_some_and(|(_, message)| passes(message)) {
        return Some(Code::ResourceExhausted);
    }
    // REST leaves the name out at times; then its number says as much.
    if let Some((code, _)) = told.filter(|(code, _)| *code != Code::Unknown) {
        return Some(code);
    }
    let payload = error.http_payload().map(|payload| String::from_utf8_lossy(payload).into_owned()).unwrap_or_default();
    Some(match error.http_status_code()? {
        400 => Code::InvalidArgument,
        401 => Code::Unauthenticated,
        403 if passes(&payload) => Code::ResourceExhausted,
        403 => Code::PermissionDenied,
        404 => Code::NotFound,
        409 => Code::AlreadyExists,
        _ => Code::Unavailable,
    })
}

fn passes(message: &str) -> bool {
    PASSING.iter().any(|passing| message.contains(passing))
}

impl Failure<'_> {
    /// A call failed.
    pub(super) fn rpc(self, error: Error) -> BackendError {
        let code = if error.is_authentication() { Some(Code::Unauthenticated) } else { code(&error) };
        let told = error.status().map_or_else(|| causes(&error), |status| status.message.clone());
        self.told(code, &told, Some(Box::new(error)))
    }

    /// A query failed.
    pub(super) fn query(self, error: QueryError) -> BackendError {
        match error {
            QueryError::Rpc { source, .. } => self.rpc(source),
            QueryError::JobFailed { errors, .. } => {
                let first = errors.into_iter().next().unwrap_or_default();
                let code = match first.reason.as_str() {
                    "accessDenied" => Some(Code::PermissionDenied),
                    "notFound" => Some(Code::NotFound),
                    _ => None,
                };
                self.told(code, &first.message, None)
            }
            error => self.told(None, &causes(&error), Some(Box::new(error))),
        }
    }

    /// An answer could not be read.
    pub(super) fn row(self, error: RowError) -> BackendError {
        match error {
            RowError::Rpc { source, .. } => self.rpc(source),
            error => self.told(None, &causes(&error), Some(Box::new(error))),
        }
    }

    /// No writer could be made.
    pub(super) fn writer(self, error: WriterBuilderError) -> BackendError {
        match error {
            WriterBuilderError::Rpc { source, .. } => self.rpc(source),
            error => self.told(None, &causes(&error), Some(Box::new(error))),
        }
    }

    fn told(
        self,
        code: Option<Code>,
        message: &str,
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    ) -> BackendError {
        let Self { what, project, dataset, table } = self;
        let message = message.replace('\n', " ");
        let named = code.map(|code| format!(" with {code}")).unwrap_or_default();
        let what = format!("BigQuery {dataset}.{table} in project {project}: {what} failed{named}: {message}");
        match code.and_then(|code| self.grant(code)) {
            Some(grant) => BackendError::Misconfigured { what, grant, source },
            None => BackendError::Transient { what, source },
        }
    }

    fn grant(self, code: Code) -> Option<String> {
        let Self { project, dataset, table, .. } = self;
        match code {
            Code::PermissionDenied => Some(format!(
                "grant roles/bigquery.dataEditor on dataset {dataset} and roles/bigquery.jobUser on project {project} to the account that Nexus runs as, or make the dataset first, and enable bigquery.googleapis.com and bigquerystorage.googleapis.com"
            )),
            Code::Unauthenticated => Some(
                "give Nexus credentials: GOOGLE_APPLICATION_CREDENTIALS, or a service account on the platform"
                    .to_owned(),
            ),
            Code::NotFound => Some(format!(
                "check nexus.bigquery.project ({project}), nexus.bigquery.dataset ({dataset}) and nexus.bigquery.table ({table})"
            )),
            _ => None,
        }
    }
}

/// An error and what it comes from, on one line.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        source = cause.source();
    }
    line.replace('\n', " ")
}
