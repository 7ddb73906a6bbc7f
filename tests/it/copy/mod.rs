//! The copy: what a backend promises, and that following keeps it through outages, lost replies and kills.

mod bigquery;
mod bigquery_setup;
mod bigquery_views;
mod conformance;
mod firestore;
mod reading;
mod reading_contract;
mod steps;
