//! Signed notes and checkpoints as C2SP has them: [signed-note](https://c2sp.org/signed-note) with Ed25519 and
//! [tlog-checkpoint](https://c2sp.org/tlog-checkpoint).
//!
//! A note is text, an empty line, and a line per signature: `— <key name> <base64 of key id and signature>`. A checkpoint's
//! text is three lines: the log's origin, its size, its root hash in base64.

use std::{fmt, str::FromStr};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::tree::Hash;

/// The algorithm byte of Ed25519 in key ids and vkeys.
const ALGORITHM: u8 = 1;
/// A note longer than this is not read.
const MAX_NOTE_BYTES: usize = 64 << 10;
/// A note with more signatures than this is not read.
const MAX_SIGNATURES: usize = 100;

/// Why text is not a note, a key or a checkpoint that can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The text has not the form that C2SP fixes.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// None of the signatures is by a key that is trusted.
    #[error("no signature by a trusted key")]
    Untrusted,
    /// A signature that claims a trusted key is wrong.
    #[error("a signature does not verify")]
    BadSignature,
}

/// A key that notes are checked with. Written as a C2SP vkey: `<name>+<id in hex>+<base64>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    public: [u8; 32],
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains('+') && !name.chars().any(char::is_whitespace)
}

impl VerifyingKey {
    /// The key's name: the service.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key).
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let digest = Sha256::new()
            .chain_update(self.name.as_bytes())
            .chain_update([b'\n', ALGORITHM])
            .chain_update(self.public)
            .finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public).verify(text.as_bytes(), signature).is_ok()
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = [ALGORITHM; 33];
        key[1..].copy_from_slice(&self.public);
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(key))
    }
}

impl FromStr for VerifyingKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Malformed("a vkey is a name, an id and a key with + between them"));
        };
        let key = STANDARD.decode(key).map_err(|_| NoteError::Malformed("the vkey's key is not base64"))?;
        let public = match key.split_first() {
            Some((&ALGORITHM, public)) => public.try_into().ok(),
            _ => None,
        };
        let public = public.ok_or(NoteError::Malformed("the vkey's key is not an Ed25519 key"))?;
        let key = Self { name: name.to_owned(), public };
        if !is_name(name) || hex::encode(key.id()) != id {
            return Err(NoteError::Malformed("the vkey's id does not belong to its name and key"));
        }
        Ok(key)
    }
}

/// A key that notes are signed with.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    verifying: VerifyingKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.verifying).finish()
    }
}

impl SigningKey {
    /// The key with this name and Ed25519 seed.
    ///
    /// # Errors
    /// `Malformed` for a name that is empty or holds a space or `+`.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Malformed("a key's name holds no space and no +"));
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoteError::Malformed("no Ed25519 seed"))?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| NoteError::Malformed("no Ed25519 seed"))?;
        Ok(Self { pair, verifying: VerifyingKey { name: name.to_owned(), public } })
    }

    /// The key that checks what this one signs.
    #[must_use]
    pub fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }

    fn signature_line(&self, text: &str) -> String {
        let mut bytes = self.verifying.id().to_vec();
        bytes.extend_from_slice(self.pair.sign(text.as_bytes()).as_ref());
        format!("\u{2014} {} {}\n", self.verifying.name, STANDARD.encode(bytes))
    }
}

/// Signs `text`, which ends with a newline, with every key.
#[must_use]
pub fn sign(text: &str, keys: &[&SigningKey]) -> String {
    let mut note = format!("{text}\n");
    note.extend(keys.iter().map(|key| key.signature_line(text)));
    note
}

/// The text of a note that at least one of `keys` has signed, and which of them have.
///
/// # Errors
/// `Untrusted` when none has; `BadSignature` when one that claims to be by one of `keys` is wrong; `Malformed`.
pub fn open<'n, 'k>(note: &'n str, keys: &'k [VerifyingKey]) -> Result<(&'n str, Vec<&'k VerifyingKey>), NoteError> {
    if note.len() > MAX_NOTE_BYTES || note.bytes().any(|b| b < 0x20 && b != b'\n') {
        return Err(NoteError::Malformed("too long, or control characters"));
    }
    let split = note.rfind("\n\n").ok_or(NoteError::Malformed("no empty line before the signatures"))?;
    let (text, lines) = (&note[..=split], &note[split + 2..]);
    if lines.is_empty() || !lines.ends_with('\n') || lines.lines().count() > MAX_SIGNATURES {
        return Err(NoteError::Malformed("no signatures, too many, or no newline at the end"));
    }
    let mut by = Vec::new();
    for line in lines.lines() {
        let (name, signature) = line
            .strip_prefix("\u{2014} ")
            .and_then(|line| line.split_once(' '))
            .ok_or(NoteError::Malformed("a signature line has not its form"))?;
        let bytes = STANDARD.decode(signature).map_err(|_| NoteError::Malformed("a signature is not base64"))?;
        let (id, signature) = bytes.split_at_checked(4).ok_or(NoteError::Malformed("a signature is too short"))?;
        if let Some(key) = keys.iter().find(|key| key.name == name && key.id() == id) {
            if !key.verifies(text, signature) {
                return Err(NoteError::BadSignature);
            }
            by.push(key);
        }
    }
    if by.is_empty() { Err(NoteError::Untrusted) } else { Ok((text, by)) }
}

/// What a checkpoint says: this log had this root at this size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub origin: String,
    /// How many leaves it had.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, STANDARD.encode(self.root))
    }
}

impl FromStr for Checkpoint {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let body = text.strip_suffix('\n').ok_or(NoteError::Malformed("a checkpoint ends with a newline"))?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(NoteError::Malformed("a checkpoint has three lines"));
        };
        // Further lines are extensions, which this log does not write and does not need to understand.
        if origin.is_empty() || lines.any(str::is_empty) {
            return Err(NoteError::Malformed("a checkpoint has no empty lines"));
        }
        let number: u64 = size.parse().map_err(|_| NoteError::Malformed("the size is no decimal number"))?;
        if number.to_string() != size {
            return Err(NoteError::Malformed("the size is not written plainly"));
        }
        let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
        let root = root.ok_or(NoteError::Malformed("the root is not 32 bytes in base64"))?;
        Ok(Self { origin: origin.to_owned(), size: number, root })
    }
}

impl Checkpoint {
    /// Reads a note whose text is a checkpoint and which one of `keys` has signed.
    ///
    /// # Errors
    /// As [`open`]; `Malformed` when the text is no checkpoint.
    pub fn open(note: &str, keys: &[VerifyingKey]) -> Result<Self, NoteError> {
        open(note, keys)?.0.parse()
    }
}

#[cfg(test)]
#[path = "note_tests.rs"]
mod tests;
