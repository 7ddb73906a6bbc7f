//! Nexus from outside: the real binary, over real HTTP, with stores and clients that nobody here wrote.
//!
//! Each module tells one subject. [`support::Nexus`] is a server of a test's own, so tests run beside each other;
//! [`support::Client`] holds every answer to what the contract says of all answers.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

mod audit_failure;
mod auth;
mod bodies;
mod boto3;
mod bucket;
mod cli;
mod copy;
mod crash;
mod dashboard;
mod dashboard_coverage;
mod delete;
mod disk_full;
mod events;
mod fsync;
mod ids;
mod isolation;
mod isolation_load;
mod jwks;
mod limits;
mod main_job;
mod neighbour;
mod operations;
mod operators;
mod posting;
mod privacy;
mod proofs;
mod quota;
mod recount;
mod register;
mod rollback;
mod route_table;
mod segments;
mod settle;
mod start;
mod stop;
mod store_down;
mod store_refuses;
mod stream;
mod traces;
mod train_prefs;
mod two_processes;
mod verify;
