//! An embedded S3 object store: a backend for the [`s3s::S3`] trait over plain files and a redb index.
//!
//! It knows buckets, keys and bytes, and nothing of who uses them. [`Bucket::open`] takes a
//! directory for itself, [`Bucket::service`] is the HTTP service (path-style S3 with SigV4
//! headers, presigned URLs and POST policies) to be served by hyper or mounted in axum.
//!
//! # How an object is kept
//!
//! ```text
//! <dir>/index.redb                          what exists: buckets, keys, object records, blobs
//! <dir>/blobs/<generation>/<number>.blob    the bytes of an object above 4 KiB
//! ```
//!
//! A key is a row in the index and never a path, so `a/../b`, `k` beside `k/child` and any other
//! UTF-8 are ordinary. A blob's name is a number that is never used twice, so no blob is ever overwritten:
//! what makes an object visible is the index alone.
//!
//! A put streams its body into a new blob while hashing it (`ingest`), compares the checksums it was
//! given (`digest`), makes the blob durable (`fdatasync`), and hands an index entry to the one
//! writer thread (`committer`). That thread takes everything that waits, makes the blobs' directory
//! durable, decides each write's conditions inside one redb transaction (`apply`), and commits
//! them with one fsync. Then, and only then, are the callers answered and replaced blobs unlinked
//! (`reaper`). So `If-None-Match: *` and `If-Match` are exact under any concurrency, and a crash leaves the old
//! object or the new one. Objects of up to 4 KiB are kept inside the index and cost that one fsync.
//!
//! At open, blobs that a crash left without an index entry are removed (`layout`). Only the generations
//! that had an upload in flight at the last commit are looked at, so the sweep does not grow with the store.
//!
//! # Absent on purpose
//!
//! Versions, ACLs, tags, server-side encryption and lifecycle rules are refused with 501, not ignored. Multipart
//! upload is not there yet; an object's content (`record::Content`) is an enum so that it can become a list of blobs.

mod apply;
mod blobs;
mod bucket;
mod committer;
mod condition;
mod config;
mod digest;
mod error;
mod index;
mod ingest;
mod key;
mod layout;
mod list;
mod reaper;
mod record;
mod s3;
mod service;

pub use bucket::Bucket;
pub use config::BucketConfig;
pub use error::BucketError;
pub use service::BucketService;
