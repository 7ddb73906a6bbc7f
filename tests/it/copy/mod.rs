//! The copy: what a backend promises, and that following keeps it through outages, lost replies and kills.

mod bigquery;
mod conformance;
mod firestore;
mod steps;
