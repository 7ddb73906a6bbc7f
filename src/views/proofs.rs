//! Proofs as callers see them. Every question carries the context of its tenant and environment.

use base64::{Engine, prelude::BASE64_STANDARD};
use nexus_ledger::{Ledger, LedgerError};
use nexus_model::{EventId, RequestContext};
use serde::Serialize;

use super::blocking;

/// The signed head of a log.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Checkpoint {
    /// The log's origin.
    pub log: String,
    /// How many events it covers.
    pub size: u64,
    /// A C2SP `tlog-checkpoint` signed note.
    pub checkpoint: String,
}

/// That an event stands in its log (RFC 6962, section 2.1.1).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Inclusion {
    /// The log's origin.
    pub log: String,
    /// The event's zero-based index.
    pub seq: u64,
    /// SHA-256(0x00 ‖ leaf), 64 hex digits.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub leaf_hash: String,
    /// The exact bytes hashed, base64.
    pub leaf: String,
    /// The size of the tree that the proof is for.
    pub tree_size: u64,
    /// The audit path, leaf side first, base64.
    pub hashes: Vec<String>,
    /// The signed checkpoint of that tree.
    pub checkpoint: String,
}

/// That a log only grew (RFC 6962, section 2.1.2).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Consistency {
    /// The log's origin.
    pub log: String,
    /// The smaller size.
    pub from: u64,
    /// The larger size.
    pub to: u64,
    /// The proof, base64.
    pub hashes: Vec<String>,
}

/// Proves what the ledger says.
#[derive(Clone)]
pub struct ProofsView {
    ledger: Ledger,
}

impl ProofsView {
    /// Proofs from `ledger`.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }

    /// The signed head of each log of this tenant and environment.
    ///
    /// # Errors
    /// When the ledger cannot be read, or does not sign yet.
    pub async fn checkpoints(&self, context: &RequestContext) -> Result<Vec<Checkpoint>, LedgerError> {
        let (ledger, tenant, env) = (self.ledger.clone(), context.tenant_id.clone(), context.env.clone());
        let signed = blocking(move || ledger.checkpoint(&tenant, &env)).await?;
        let checkpoint = |signed: nexus_ledger::LogCheckpoint| Checkpoint {
            log: signed.log,
            size: signed.size,
            checkpoint: signed.checkpoint,
        };
        Ok(signed.into_iter().map(checkpoint).collect())
    }

    /// That an event stands in its log; `None` when this tenant and environment have no such event.
    ///
    /// # Errors
    /// When the ledger cannot be read, or does not sign yet.
    pub async fn inclusion(&self, context: &RequestContext, id: EventId) -> Result<Option<Inclusion>, LedgerError> {
        let (ledger, tenant, env) = (self.ledger.clone(), context.tenant_id.clone(), context.env.clone());
        let proof = blocking(move || ledger.inclusion(&tenant, &env, id)).await?;
        Ok(proof.map(|proof| Inclusion {
            log: proof.log,
            seq: proof.seq,
            leaf_hash: hex::encode(proof.leaf_hash),
            leaf: BASE64_STANDARD.encode(&proof.leaf),
            tree_size: proof.tree_size,
            hashes: proof.hashes.iter().map(|hash| BASE64_STANDARD.encode(hash)).collect(),
            checkpoint: proof.checkpoint,
        }))
    }

    /// That a log only grew between two sizes; `None` when this tenant and environment have no such log.
    ///
    /// # Errors
    /// `LedgerError::Range` unless `from` ≤ `to` ≤ the log's size.
    pub async fn consistency(
        &self,
        context: &RequestContext,
        log: String,
        from: u64,
        to: u64,
    ) -> Result<Option<Consistency>, LedgerError> {
        let (ledger, tenant, env) = (self.ledger.clone(), context.tenant_id.clone(), context.env.clone());
        let proof = blocking(move || ledger.consistency(&tenant, &env, &log, from, to)).await?;
        Ok(proof.map(|proof| Consistency {
            log: proof.log,
            from: proof.from,
            to: proof.to,
            hashes: proof.hashes.iter().map(|hash| BASE64_STANDARD.encode(hash)).collect(),
        }))
    }

    /// The keys that checkpoints verify with, one a line, newest first.
    #[must_use]
    pub fn vkeys(&self) -> String {
        self.ledger.vkeys().into_iter().map(|key| key + "\n").collect()
    }
}
