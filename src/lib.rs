#![doc = include_str!("../ARCHITECTURE.md")]

pub mod anchors;
pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod fields;
pub mod http;
pub mod limits;
pub mod logging;
pub mod privacy;
pub mod raw_storage;
pub mod secrets;
pub mod serve;
pub mod telemetry;
pub mod views;
