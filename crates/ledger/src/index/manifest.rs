//! Which parts count: the file that makes a commit.

use std::{fs, io, path::Path, sync::Arc};

use super::{
    damaged,
    part::{Fields, Part},
};
use crate::{
    disk::{Disk, replace},
    record::crc32c,
};

pub(super) const NAME: &str = "manifest";
const MAGIC: [u8; 8] = *b"NXIDX\0\0\x01";

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    /// The position up to which the parts reflect the segments.
    pub end: u64,
    pub parts: Vec<Named>,
}

/// A part as the manifest knows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub number: u64,
    pub docs: u32,
    /// The position of its first doc.
    pub first: u64,
}

impl Manifest {
    /// A number that no part has.
    pub(super) fn next(&self) -> u64 {
        self.parts.iter().map(|part| part.number + 1).max().unwrap_or(0)
    }
}

/// Reads the manifest in `dir`; an empty one where there is none, or one of another format.
pub(super) fn read(dir: &Path) -> io::Result<Manifest> {
    let bytes = match fs::read(dir.join(NAME)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Manifest::default()),
        Err(error) => return Err(error),
    };
    let Some((body, sum)) = bytes.split_last_chunk::<4>() else { return Err(damaged("the manifest is cut short")) };
    if crc32c(body) != u32::from_le_bytes(*sum) {
        return Err(damaged("the manifest is damaged"));
    }
    let mut fields = Fields(body);
    if fields.take()? != MAGIC {
        tracing::info!("the index is of another format and is built again");
        return Ok(Manifest::default());
    }
    let (end, count) = (fields.u64()?, fields.u32()?);
    let part = |_| Ok(Named { number: fields.u64()?, docs: fields.u32()?, first: fields.u64()? });
    Ok(Manifest { end, parts: (0..count).map(part).collect::<io::Result<_>>()? })
}

/// Replaces the manifest in `dir`, durably.
pub(super) fn write(disk: &dyn Disk, dir: &Path, parts: &[Arc<Part>], end: u64) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(24 + 20 * parts.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&end.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(parts.len()).unwrap_or(u32::MAX).to_le_bytes());
    for part in parts {
        bytes.extend_from_slice(&part.number().to_le_bytes());
        bytes.extend_from_slice(&part.docs().to_le_bytes());
        bytes.extend_from_slice(&part.first().to_le_bytes());
    }
    let sum = crc32c(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    replace(disk, dir, NAME, &bytes)
}
