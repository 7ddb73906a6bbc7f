//! Tells every tenant when the redactor's rules have changed: one event in each of its environments.
//!
//! A changed policy takes effect at a restart. What the rules were before is remembered by their fingerprint in the data
//! directory; the events carry ids derived from it, so that a start that was interrupted repeats none.

use std::{fs, io, path::Path};

use nexus_model::{EventId, catalog::own};
use nexus_redact::Policy;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::logging::{Detail, Engine};

/// Remembers the rules of the last start.
const FILE: &str = "redaction-policy";

/// The rules, as 64 hex digits. Equal rules have equal fingerprints within one version of Nexus.
#[must_use]
pub fn fingerprint(policy: &Policy) -> String {
    // The text of a derived `Debug` names every field; secrets in it do not leave this function. The version is part of the
    // rules, since a new one may find more.
    let text = format!("{}\n{policy:?}", env!("CARGO_PKG_VERSION"));
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Writes the events if the rules are other than at the last start, then remembers them.
///
/// # Errors
/// When the file cannot be read or written, or an event could not be kept; then it is to be tried again.
pub async fn tell_changes(data_dir: &Path, policy: &Policy, engine: &Engine) -> io::Result<()> {
    let path = data_dir.join(FILE);
    let now = fingerprint(policy);
    let before = match fs::read_to_string(&path) {
        Ok(before) => Some(before),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if before.as_deref() == Some(now.as_str()) {
        return Ok(());
    }
    if let Some(before) = before {
        for (tenant, env) in engine.places() {
            let mut detail = Detail::default().input(json!({ "from": before, "to": now }));
            detail.event_id = Some(derived_id(&[&before, &now, tenant.as_str(), env.as_str()]));
            engine
                .record_own(tenant, env, &own::REDACTION_POLICY_CHANGED, None, detail)
                .await
                .map_err(io::Error::other)?;
        }
    }
    let draft = data_dir.join(format!(".{FILE}"));
    fs::write(&draft, &now)?;
    fs::File::open(&draft)?.sync_all()?;
    fs::rename(&draft, &path)
}

/// The same id for the same parts: a UUID of version 8 (RFC 9562, section 5.8) from their hash.
#[must_use]
pub fn derived_id(parts: &[&str]) -> EventId {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    EventId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
