//! What goes wrong, and what of it a caller hears.

use crate::{nexus_client::NexusError, store::StoreError};

/// What a caller hears when it does not go well.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) detail: String,
}

impl Failure {
    pub(crate) fn new(status: u16, code: &str, detail: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), detail: detail.into() }
    }

    pub(crate) fn unaudited() -> Self {
        Self::new(503, "audit.unavailable", "Nexus cannot be told of it now; a change is made once it has been")
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        report(&error);
        Self::new(500, "internal", "the notes cannot be read or written")
    }
}

impl From<NexusError> for Failure {
    fn from(error: NexusError) -> Self {
        match error {
            NexusError::Refused { status, code, detail } => Self { status, code, detail },
            NexusError::Unknown(_) => {
                report(&error);
                Self::unaudited()
            }
        }
    }
}

/// Why an unsettled change still is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettleError {
    #[error(transparent)]
    Nexus(#[from] NexusError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(crate) fn report(error: &dyn std::error::Error) {
    eprintln!("maybes: {error}");
}
