//! The keys of a ledger: the one it signs with, the one before it while that is being replaced, and all that ever signed.

use std::path::Path;

use crate::{
    LedgerConfig, LedgerError,
    disk::{Disk, read_all, replace},
    home,
    note::{SigningKey, VerifyingKey},
};

/// The ledger signs with another key than it last did. Worth an event (`ledger_key_rotated`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChange {
    /// The vkey it signed with before.
    pub from: String,
    /// The vkey it signs with now.
    pub to: String,
}

/// The keys of an open ledger.
#[derive(Debug)]
pub(crate) struct Keyring {
    signing: Vec<SigningKey>,
    /// Newest first.
    known: Vec<VerifyingKey>,
    change: Option<KeyChange>,
}

impl Keyring {
    /// Takes the keys from the configuration and the directory, and remembers the public ones there.
    pub(crate) fn open(config: &LedgerConfig) -> Result<Self, LedgerError> {
        let disk = &*config.disk;
        let seed = match config.signing_seed {
            Some(seed) => seed,
            None => own_seed(disk, &config.dir)?,
        };
        let mut signing = vec![SigningKey::from_seed(&config.service, &seed)?];
        if let Some(previous) = &config.previous_signing_seed {
            signing.push(SigningKey::from_seed(&config.service, previous)?);
        }
        let before = known(disk, &config.dir)?;
        let newest = signing[0].verifying().clone();
        let change = before
            .first()
            .filter(|last| **last != newest)
            .map(|last| KeyChange { from: last.to_string(), to: newest.to_string() });
        let mut known: Vec<VerifyingKey> = signing.iter().map(|key| key.verifying().clone()).collect();
        known.extend(before.iter().filter(|key| !signing.iter().any(|s| s.verifying() == *key)).cloned());
        if known != before {
            let text: String = known.iter().map(|key| format!("{key}\n")).collect();
            replace(disk, &config.dir, "vkeys", text.as_bytes())
                .map_err(LedgerError::io("cannot write", config.dir.join("vkeys")))?;
        }
        Ok(Self { signing, known, change })
    }

    /// The keys to sign with, newest first.
    pub(crate) fn signing(&self) -> Vec<&SigningKey> {
        self.signing.iter().collect()
    }

    /// Every key that ever signed here, newest first.
    pub(crate) fn known(&self) -> &[VerifyingKey] {
        &self.known
    }

    pub(crate) fn change(&self) -> Option<&KeyChange> {
        self.change.as_ref()
    }
}

/// The keys that a directory says have signed in it, newest first.
pub(crate) fn known(disk: &dyn Disk, root: &Path) -> Result<Vec<VerifyingKey>, LedgerError> {
    let path = root.join("vkeys");
    let bytes = read_all(disk, &path).map_err(LedgerError::io("cannot read", path))?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).lines().map(str::parse).collect::<Result<_, _>>()?)
}

/// The directory's own seed, made when there is none.
fn own_seed(disk: &dyn Disk, root: &Path) -> Result<[u8; 32], LedgerError> {
    let path = root.join("key");
    let mut seed = [0; 32];
    if let Some(bytes) = read_all(disk, &path).map_err(LedgerError::io("cannot read", &path))? {
        let text = String::from_utf8_lossy(&bytes);
        hex::decode_to_slice(text.trim(), &mut seed)
            .map_err(|_| LedgerError::corrupt(path, "expected 64 hex digits"))?;
    } else {
        home::random(&mut seed)?;
        replace(disk, root, "key", format!("{}\n", hex::encode(seed)).as_bytes())
            .map_err(LedgerError::io("cannot write", path))?;
    }
    Ok(seed)
}
