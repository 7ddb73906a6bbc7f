//! Nexus from outside: the real binary, over real HTTP, with stores and clients that nobody here wrote.
//!
//! Each module tells one subject. [`support::Nexus`] is a server of a test's own, so tests run beside each other;
//! [`support::Client`] holds every answer to what the contract says of all answers.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

mod main_job;
