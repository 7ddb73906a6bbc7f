//! The store over real HTTP, spoken to by the AWS SDK and by plain requests.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, unreachable_pub, missing_docs)]

mod checksums;
mod conditions;
mod crash;
mod forms;
mod keys;
mod listing;
mod model;
mod objects;
mod presigned;
mod support;
