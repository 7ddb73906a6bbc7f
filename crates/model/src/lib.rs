//! The vocabulary of Nexus: identifiers, the request's context, the event and the catalog of surfaces.
//!
//! Everything that moves between the layers is made of these types. An identifier is a newtype with a private field, so a
//! value of it has been checked; nothing here knows HTTP, storage or the clock. Times are handed in by the caller.
//!
//! Start with [`id`] (what may name something), then [`event`] (what the ledger keeps) and [`catalog`] (which events exist).

pub mod catalog;
pub mod context;
pub mod event;
pub mod id;
pub mod json;
pub mod time;

pub use catalog::{Catalog, CatalogError, Decimal, EventSpec, Kind};
pub use context::{ActorType, RequestContext, Role, Synthesized};
pub use event::{DatasetEvent, EventDraft, LedgerRef, Metadata, Outcome, PiiFlags, SourceRef, StoredEvent};
pub use id::{
    AssetId, AssetType, Env, ErrorCode, EventId, EventType, InvalidId, RequestId, Surface, TenantId, TraceId, UserId,
    WriterId,
};
pub use time::Timestamp;
