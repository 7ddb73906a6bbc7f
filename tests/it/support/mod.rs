//! What the integration tests stand on.

pub(crate) mod garage;
pub(crate) mod tools;
