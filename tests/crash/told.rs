//! What callers asked for, and what they were told: the only truth that the checks know.

use std::collections::BTreeMap;

use serde_json::Value;

/// Everything callers of one data directory know.
#[derive(Default)]
pub(crate) struct Told {
    /// By event id.
    pub(crate) events: BTreeMap<String, Posted>,
    /// By asset id; each was answered 201 by presign.
    pub(crate) assets: BTreeMap<String, Asset>,
    /// Requests whose answer never came.
    pub(crate) in_doubt: usize,
}

/// An event that a caller posted under an id of its own.
pub(crate) struct Posted {
    /// The event, to be posted again as it is.
    pub(crate) body: Value,
    /// Where it stands in the ledger, once that was acknowledged.
    pub(crate) place: Option<Value>,
}

/// A presigned asset.
#[derive(Default)]
pub(crate) struct Asset {
    /// A registration was sent.
    pub(crate) register_sent: bool,
    /// The asset as a registration answered it.
    pub(crate) registered: Option<Value>,
    /// A deletion was sent.
    pub(crate) delete_sent: bool,
    /// A deletion was acknowledged.
    pub(crate) deleted: bool,
}
