//! What is read back: from the ledger, or from the copy that several replicas share.

pub mod copied;
pub mod dashboard;
pub mod events;
pub mod proofs;
pub mod sections;
pub mod stream;

use nexus_ledger::LedgerError;

/// Runs a read of the ledger where it may block.
pub(crate) async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, LedgerError> {
    match tokio::task::spawn_blocking(read).await {
        Ok(result) => result,
        Err(join) => std::panic::resume_unwind(join.into_panic()),
    }
}
