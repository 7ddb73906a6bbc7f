//! The copy: what a backend promises, and that following keeps it through outages, lost replies and kills.

mod conformance;
mod firestore;
