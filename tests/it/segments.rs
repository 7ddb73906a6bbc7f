//! A ledger's files at rest, for tests that tamper with them: copies, and the segments taken apart and put together again by
//! the format that `nexus_ledger`'s `record` documents, by code of its own.

use std::{
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tempfile::TempDir;

const SEGMENT_HEADER_BYTES: usize = 64;
const RECORD_HEADER_BYTES: usize = 88;
const CHECKED_FROM: usize = 12;
const LAST_OF_BATCH: u32 = 1;
const OPENS_LOG: u32 = 2;

/// A record out of its file.
#[derive(Clone)]
pub(crate) struct Record {
    flags: u32,
    pub(crate) seq: u64,
    log: u32,
    id_and_sameness: [u8; 48],
    pub(crate) body: Vec<u8>,
}

impl Record {
    fn read(bytes: &[u8]) -> (Self, usize) {
        assert_eq!(&bytes[..4], b"NXR1");
        let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let body = u32_at(4) as usize;
        let record = Self {
            flags: u32_at(12),
            seq: u64::from_le_bytes(bytes[24..32].try_into().unwrap()),
            log: u32_at(32),
            id_and_sameness: bytes[40..88].try_into().unwrap(),
            body: bytes[RECORD_HEADER_BYTES..RECORD_HEADER_BYTES + body].to_vec(),
        };
        (record, (RECORD_HEADER_BYTES + body).next_multiple_of(8))
    }

    /// At the end of `out`, as a batch of its own.
    fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let position = (start - SEGMENT_HEADER_BYTES) as u64;
        out.extend_from_slice(b"NXR1");
        out.extend_from_slice(&u32::try_from(self.body.len()).unwrap().to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&(self.flags | LAST_OF_BATCH).to_le_bytes());
        out.extend_from_slice(&position.to_le_bytes());
        out.extend_from_slice(&self.seq.to_le_bytes());
        out.extend_from_slice(&self.log.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.id_and_sameness);
        out.extend_from_slice(&self.body);
        let sum = crc32c(&out[start + CHECKED_FROM..]);
        out[start + 8..start + 12].copy_from_slice(&sum.to_le_bytes());
        out.resize(out.len().next_multiple_of(8), 0);
    }

    /// Whether it is an event of this tenant.
    pub(crate) fn is_of(&self, tenant: &str) -> bool {
        self.flags & OPENS_LOG == 0
            && serde_json::from_slice::<Value>(&self.body).is_ok_and(|event| event["tenant_id"] == tenant)
    }

    /// Takes the place of another: its content and id, not its place.
    pub(crate) fn swap_content(&mut self, other: &mut Self) {
        std::mem::swap(&mut self.body, &mut other.body);
        std::mem::swap(&mut self.id_and_sameness, &mut other.id_and_sameness);
    }
}

/// CRC-32C (RFC 3720, appendix B.4), bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0x82F6_3B78 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

/// The only segment of a small ledger.
fn segment(data_dir: &Path) -> PathBuf {
    let files: Vec<_> =
        fs::read_dir(data_dir.join("ledger/segments")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

/// Changes the records, and mends checksums and positions as someone does who knows the format.
pub(crate) fn rewrite(data_dir: &Path, change: impl FnOnce(&mut Vec<Record>)) {
    let path = segment(data_dir);
    let bytes = fs::read(&path).unwrap();
    let mut records = Vec::new();
    let mut at = SEGMENT_HEADER_BYTES;
    while at < bytes.len() && bytes[at..].iter().any(|byte| *byte != 0) {
        let (record, length) = Record::read(&bytes[at..]);
        records.push(record);
        at += length;
    }
    change(&mut records);
    let mut out = bytes[..SEGMENT_HEADER_BYTES].to_vec();
    for record in &records {
        record.write(&mut out);
    }
    fs::write(path, out).unwrap();
}

/// Changes the first byte of the only place where `text` stands, and nothing else.
pub(crate) fn change_a_byte(data_dir: &Path, text: &str) {
    let path = segment(data_dir);
    let bytes = fs::read(&path).unwrap();
    let places: Vec<usize> =
        bytes.windows(text.len()).enumerate().filter(|(_, at)| *at == text.as_bytes()).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 1, "{text} stands at {places:?}");
    // In place: the file may be in use.
    let file = fs::File::options().write(true).open(path).unwrap();
    file.write_all_at(&[bytes[places[0]] ^ 1], places[0] as u64).unwrap();
}

/// Removes what the ledger keeps beside the segments and could tell of a change.
pub(crate) fn leave_the_segments_alone(data_dir: &Path) {
    for file in ["heads", "checkpoints"] {
        fs::remove_file(data_dir.join("ledger").join(file)).unwrap();
    }
    for dir in ["trees", "filter", "index"] {
        let dir = data_dir.join("ledger").join(dir);
        if dir.exists() {
            fs::remove_dir_all(dir).unwrap();
        }
    }
}

/// A copy of a data directory, or of a part of one, to tamper with.
pub(crate) fn copy(from: &Path) -> TempDir {
    let to = TempDir::new().unwrap();
    copy_into(from, to.path());
    to
}

/// Copies what is in a directory into another.
pub(crate) fn copy_into(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_into(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
