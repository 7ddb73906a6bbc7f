//! What Firestore's answers mean for a follower, in one line that says what to do.

use firestore::{
    errors::FirestoreError,
    gcloud_sdk::tonic::{Code, Status},
};

use super::BackendError;

/// What was asked of which database.
#[derive(Clone, Copy)]
pub(super) struct Failure<'a> {
    pub what: &'static str,
    pub project: &'a str,
    pub database: &'a str,
}

impl Failure<'_> {
    /// A call failed as a whole.
    pub(super) fn status(self, status: Status) -> BackendError {
        let what = self.line(status.code(), status.message());
        match self.grant(status.code()) {
            Some(grant) => BackendError::Misconfigured { what, grant, source: Some(Box::new(status)) },
            // A request that is refused as a whole concerns no single row; those are named one by one.
            None => BackendError::Transient { what, source: Some(Box::new(status)) },
        }
    }

    /// One write failed.
    pub(super) fn code(self, code: i32, message: String, seq: u64) -> BackendError {
        let code = Code::from(code);
        match code {
            Code::InvalidArgument | Code::OutOfRange | Code::Unimplemented => {
                BackendError::Refused { seq, what: self.line(code, &message) }
            }
            _ => self.status(Status::new(code, message)),
        }
    }

    fn line(self, code: Code, message: &str) -> String {
        let Self { what, project, database } = self;
        let message = message.replace('\n', " ");
        format!("Firestore {database} in project {project}: {what} failed with {code:?}: {message}")
    }

    fn grant(self, code: Code) -> Option<String> {
        let Self { project, database, .. } = self;
        match code {
            Code::PermissionDenied => Some(format!(
                "grant roles/datastore.user on project {project} to the account that Nexus runs as, and enable firestore.googleapis.com"
            )),
            Code::Unauthenticated => Some(
                "give Nexus credentials: GOOGLE_APPLICATION_CREDENTIALS, or a service account on the platform"
                    .to_owned(),
            ),
            Code::NotFound => Some(format!(
                "check nexus.firestore.project ({project}) and nexus.firestore.database ({database}), and make the database in native mode"
            )),
            _ => None,
        }
    }
}

/// No client could be made: nobody answers at the address, or there are no credentials.
pub(super) fn connecting(project: &str, error: FirestoreError) -> BackendError {
    let what = format!("Firestore in project {project}: {}", error.to_string().replace('\n', " "));
    // The client tells its kinds of error apart by the text of their names alone.
    let is_transport =
        matches!(&error, FirestoreError::SystemError(system) if system.public.code.starts_with("GrpcStatus"));
    if is_transport {
        return BackendError::Transient { what, source: Some(Box::new(error)) };
    }
    let grant =
        "give Nexus credentials: GOOGLE_APPLICATION_CREDENTIALS, or a service account on the platform".to_owned();
    BackendError::Misconfigured { what, grant, source: Some(Box::new(error)) }
}
