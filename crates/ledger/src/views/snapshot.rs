//! What is kept of the rows between starts: a file for each tenant and environment, then `position`, which names them and the position
//! that all of them reach at least.
//!
//! A file may be newer than `position` says, when a crash came in between; it says itself how far it is, and what it has already is
//! not folded into it again. Nothing here is the truth: whatever does not fit is thrown away and folded anew.

use std::path::Path;

use nexus_model::{Env, EventId, TenantId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Caps, PlaceKey, Shared, lock, place::PlaceViews};
use crate::{
    LedgerError,
    disk::{Disk, read_all, replace},
    record::crc32c,
    shared,
};

/// Changes when the fold does, so that no rows of an older fold are taken up.
const FORMAT: u32 = 2;
const POSITION: &str = "position";

/// How the rows began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restored {
    /// From what was kept, which reflected this position.
    Kept(u64),
    /// From the first segment, because of what is said.
    Rebuilt(&'static str),
    /// From the first segment, because that was asked for, or nothing was ever kept.
    Asked,
}

/// What was kept.
pub(super) struct Kept {
    pub position: u64,
    pub places: Vec<(PlaceKey, PlaceViews)>,
    pub how: Restored,
}

impl Kept {
    pub(super) fn nothing(how: Restored) -> Self {
        Self { position: 0, places: Vec::new(), how }
    }
}

#[derive(Serialize, Deserialize)]
struct Position {
    format: u32,
    /// Of the catalog.
    fingerprint: String,
    /// As JSON: rows made under other caps are other rows.
    caps: String,
    position: u64,
    /// The record that ends there: the segments must still have it.
    last: (u64, EventId),
    /// With how far each was at least: in a copy that was made while files were replaced, one may be older.
    places: Vec<(TenantId, Env, u64)>,
}

fn file_of(tenant: &TenantId, env: &Env) -> String {
    // Neither holds an `@`, and neither is longer than a file name may be.
    format!("{tenant}@{env}")
}

fn caps_text(caps: &Caps) -> String {
    // A struct of numbers can be written.
    serde_json::to_string(caps).unwrap_or_default()
}

/// Reads what was kept, or says why it is of no use.
pub(super) fn load(ledger: &shared::Shared, caps: &Caps, fingerprint: &str) -> Result<Kept, LedgerError> {
    let dir = ledger.paths.views();
    ledger.config.disk.create_dir(&dir).map_err(LedgerError::io("cannot create", &dir))?;
    match try_load(ledger, &dir, caps, fingerprint) {
        Ok(kept) => Ok(kept),
        Err(why) => Ok(Kept::nothing(Restored::Rebuilt(why))),
    }
}

fn try_load(ledger: &shared::Shared, dir: &Path, caps: &Caps, fingerprint: &str) -> Result<Kept, &'static str> {
    let disk = &*ledger.config.disk;
    let Some(kept) = read::<Position>(disk, dir, POSITION)? else { return Ok(Kept::nothing(Restored::Asked)) };
    if kept.format != FORMAT {
        return Err("they were kept by another version");
    }
    if kept.fingerprint != fingerprint {
        return Err("the catalog has changed");
    }
    if kept.caps != caps_text(caps) {
        return Err("their bounds have changed");
    }
    let end = ledger.read().end;
    let same = |record: &crate::record::Record<'_>| {
        record.event_id() == kept.last.1 && record.position + record.bytes() as u64 == kept.position
    };
    if kept.position > end || !ledger.segments.fetch(kept.last.0, same).unwrap_or(false) {
        return Err("they reflect events that are not here");
    }
    let mut places = Vec::with_capacity(kept.places.len());
    for (tenant, env, least) in kept.places {
        let place = read::<PlaceViews>(disk, dir, &file_of(&tenant, &env))?;
        let mut place = place
            .filter(|place| (least..=end).contains(&place.position))
            .ok_or("a file of theirs is missing or of another time")?;
        place.complete();
        places.push(((tenant, env), place));
    }
    Ok(Kept { position: kept.position, places, how: Restored::Kept(kept.position) })
}

/// Writes the places that changed, then the position.
pub(super) fn keep(shared: &Shared, position: u64, last: (u64, EventId)) -> Result<(), LedgerError> {
    let ledger = shared.ledger.shared();
    let (disk, dir) = (&*ledger.config.disk, ledger.paths.views());
    let mut places: Vec<_> = {
        let places = shared.places.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        places.iter().map(|(key, place)| (key.clone(), std::sync::Arc::clone(place))).collect()
    };
    places.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let mut kept_places = Vec::with_capacity(places.len());
    for ((tenant, env), place) in &places {
        let bytes = {
            let mut place = lock(place);
            kept_places.push((tenant.clone(), env.clone(), place.position));
            if !std::mem::take(&mut place.changed) {
                continue;
            }
            place.to_bytes()
        };
        if let Err(error) = write(disk, &dir, &file_of(tenant, env), bytes) {
            lock(place).changed = true;
            return Err(error);
        }
    }
    let kept = Position {
        format: FORMAT,
        fingerprint: shared.fingerprint.clone(),
        caps: caps_text(&shared.config.caps),
        position,
        last,
        places: kept_places,
    };
    write(disk, &dir, POSITION, serde_json::to_vec(&kept))
}

/// Eight hex digits of CRC32C, a line's end, and JSON.
fn write(disk: &dyn Disk, dir: &Path, name: &str, json: Result<Vec<u8>, serde_json::Error>) -> Result<(), LedgerError> {
    let written = json.map_err(std::io::Error::other).and_then(|json| {
        let mut bytes = format!("{:08x}\n", crc32c(&json)).into_bytes();
        bytes.extend_from_slice(&json);
        replace(disk, dir, name, &bytes)
    });
    written.map_err(LedgerError::io("cannot write", dir.join(name)))
}

/// `None` where there is no such file.
fn read<T: DeserializeOwned>(disk: &dyn Disk, dir: &Path, name: &str) -> Result<Option<T>, &'static str> {
    let Some(bytes) = read_all(disk, &dir.join(name)).map_err(|_| "a file of theirs cannot be read")? else {
        return Ok(None);
    };
    let whole = bytes.split_at_checked(9).and_then(|(sum, json)| {
        (sum == format!("{:08x}\n", crc32c(json)).as_bytes()).then(|| serde_json::from_slice(json).ok()).flatten()
    });
    whole.map(Some).ok_or("a file of theirs is damaged")
}
