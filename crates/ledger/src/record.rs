//! How one record lies in a segment.
//!
//! All integers are little-endian; a record is padded with zeros to a multiple of 8 bytes.
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0 | 4 | magic `NXR1` |
//! | 4 | 4 | length of the body |
//! | 8 | 4 | CRC32C of bytes 12.. and the body |
//! | 12 | 4 | flags: 1 the last record of its batch, 2 the record opens a log |
//! | 16 | 8 | the record's own position |
//! | 24 | 8 | sequence number in its log |
//! | 32 | 4 | number of its log |
//! | 36 | 4 | bytes from the first record of its batch |
//! | 40 | 16 | event id |
//! | 56 | 32 | sameness |
//! | 88 | | body: the leaf, or the origin of the log that is opened |
//!
//! A position counts the bytes of all records before it, over all segments. A record says where it belongs, so that one
//! written to the wrong place, or left from an earlier life of the disk, is not mistaken for another.

use nexus_model::EventId;

/// Bytes before the body.
pub(crate) const HEADER_BYTES: usize = 88;
/// No body is larger, whatever the configuration says; a longer length is damage.
pub(crate) const MAX_BODY_BYTES: usize = 16 << 20;
/// Records begin at multiples of this.
pub(crate) const ALIGNMENT: usize = 8;
const MAGIC: [u8; 4] = *b"NXR1";
const CHECKED_FROM: usize = 12;
const LAST_OF_BATCH: u32 = 1;
const OPENS_LOG: u32 = 2;

/// A record, its body borrowed from the buffer that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub position: u64,
    pub batch: u64,
    pub last_of_batch: bool,
    pub opens_log: bool,
    pub log: u32,
    pub seq: u64,
    pub event_id: [u8; 16],
    pub sameness: [u8; 32],
    pub body: &'a [u8],
}

/// Why bytes are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// The bytes end before the record does; `needed` in all would hold it.
    Short { needed: usize },
    /// No magic, an impossible length, another position, or a wrong checksum.
    Damaged(&'static str),
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut value = [0; 4];
    value.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(value)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut value = [0; 8];
    value.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(value)
}

pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    crc_fast::crc32_iscsi(bytes)
}

/// Bytes that a record with a body of `body` bytes takes.
pub(crate) fn record_bytes(body: usize) -> usize {
    (HEADER_BYTES + body).next_multiple_of(ALIGNMENT)
}

impl<'a> Record<'a> {
    /// Bytes that the record takes, padding included.
    pub(crate) fn bytes(&self) -> usize {
        record_bytes(self.body.len())
    }

    pub(crate) fn event_id(&self) -> EventId {
        EventId::from_uuid(uuid::Uuid::from_bytes(self.event_id))
    }

    /// Reads the record that `bytes` begin with and that belongs at `position`.
    pub(crate) fn parse(bytes: &'a [u8], position: u64) -> Result<Self, Malformed> {
        if bytes.len() < HEADER_BYTES {
            return Err(Malformed::Short { needed: HEADER_BYTES });
        }
        if bytes[..4] != MAGIC {
            return Err(Malformed::Damaged("no record begins here"));
        }
        let body = u32_at(bytes, 4) as usize;
        if body > MAX_BODY_BYTES {
            return Err(Malformed::Damaged("impossible length"));
        }
        if bytes.len() < record_bytes(body) {
            return Err(Malformed::Short { needed: record_bytes(body) });
        }
        if crc32c(&bytes[CHECKED_FROM..HEADER_BYTES + body]) != u32_at(bytes, 8) {
            return Err(Malformed::Damaged("checksum differs"));
        }
        if bytes[HEADER_BYTES + body..record_bytes(body)].iter().any(|byte| *byte != 0) {
            return Err(Malformed::Damaged("padding is not zero"));
        }
        if u64_at(bytes, 16) != position {
            return Err(Malformed::Damaged("record belongs elsewhere"));
        }
        let flags = u32_at(bytes, 12);
        let mut record = Record {
            position,
            batch: position.saturating_sub(u64::from(u32_at(bytes, 36))),
            last_of_batch: flags & LAST_OF_BATCH != 0,
            opens_log: flags & OPENS_LOG != 0,
            log: u32_at(bytes, 32),
            seq: u64_at(bytes, 24),
            event_id: [0; 16],
            sameness: [0; 32],
            body: &bytes[HEADER_BYTES..HEADER_BYTES + body],
        };
        record.event_id.copy_from_slice(&bytes[40..56]);
        record.sameness.copy_from_slice(&bytes[56..88]);
        Ok(record)
    }

    /// Appends the record to `out`, checksum and padding included.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let flags = if self.last_of_batch { LAST_OF_BATCH } else { 0 } | if self.opens_log { OPENS_LOG } else { 0 };
        // Both are bounded far below 4 GiB: bodies by MAX_BODY_BYTES, batches by the queue.
        let body = u32::try_from(self.body.len()).unwrap_or(u32::MAX);
        let back = u32::try_from(self.position - self.batch).unwrap_or(u32::MAX);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&body.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&flags.to_le_bytes());
        out.extend_from_slice(&self.position.to_le_bytes());
        out.extend_from_slice(&self.seq.to_le_bytes());
        out.extend_from_slice(&self.log.to_le_bytes());
        out.extend_from_slice(&back.to_le_bytes());
        out.extend_from_slice(&self.event_id);
        out.extend_from_slice(&self.sameness);
        out.extend_from_slice(self.body);
        let sum = crc32c(&out[start + CHECKED_FROM..]);
        out[start + 8..start + 12].copy_from_slice(&sum.to_le_bytes());
        out.resize(start + self.bytes(), 0);
    }
}

/// Marks the record that begins at `at` in `out` as the last of its batch, mending its checksum.
pub(crate) fn mark_last(out: &mut [u8], at: usize) {
    let body = u32_at(out, at + 4) as usize;
    let flags = u32_at(out, at + 12) | LAST_OF_BATCH;
    out[at + 12..at + 16].copy_from_slice(&flags.to_le_bytes());
    let sum = crc32c(&out[at + CHECKED_FROM..at + HEADER_BYTES + body]);
    out[at + 8..at + 12].copy_from_slice(&sum.to_le_bytes());
}

/// The bytes of the record that a header claims to begin, where it looks like one.
pub(crate) fn claimed_bytes(header: &[u8]) -> Option<usize> {
    (header.len() >= HEADER_BYTES && header[..4] == MAGIC)
        .then(|| u32_at(header, 4) as usize)
        .filter(|body| *body <= MAX_BODY_BYTES)
        .map(record_bytes)
}

/// The log and sequence number that a header claims, where it looks like one.
pub(crate) fn claimed_place(header: &[u8]) -> Option<(u32, u64)> {
    claimed_bytes(header).map(|_| (u32_at(header, 32), u64_at(header, 24)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_record_reads_back_and_any_changed_byte_is_found(
            body in prop::collection::vec(any::<u8>(), 0..200), position in (0u64..1 << 40).prop_map(|p| p * 8),
            seq: u64, log: u32, id: [u8; 16], flip in any::<prop::sample::Index>(),
        ) {
            let record = Record { position, batch: position, last_of_batch: false, opens_log: false, log, seq,
                event_id: id, sameness: [7; 32], body: &body };
            let mut bytes = Vec::new();
            record.write(&mut bytes);
            prop_assert_eq!(Record::parse(&bytes, position), Ok(record));
            mark_last(&mut bytes, 0);
            prop_assert_eq!(Record::parse(&bytes, position), Ok(Record { last_of_batch: true, ..record }));
            let at = flip.index(HEADER_BYTES + body.len());
            bytes[at] ^= 1;
            prop_assert!(Record::parse(&bytes, position).is_err());
        }
    }
}
