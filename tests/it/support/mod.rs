//! What the integration tests stand on.

pub(crate) mod bigquery;
pub(crate) mod client;
pub(crate) mod firestore;
pub(crate) mod garage;
pub(crate) mod history;
pub(crate) mod maybes;
pub(crate) mod server;
pub(crate) mod stage;
pub(crate) mod token;
pub(crate) mod tools;
pub(crate) mod wire;

pub(crate) use self::{
    client::{Answer, Client},
    server::{Nexus, Setup},
    stage::{Stage, Upload},
    token::Claims,
};
