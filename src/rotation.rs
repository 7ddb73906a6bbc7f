//! Tells every tenant when checkpoints are signed with another key: one `ledger_key_rotated` in each of its environments.
//!
//! A key is changed by a restart. Which one was last told of is remembered in the data directory, with the number of changes so
//! far; the events carry ids derived from both, so that a start that was interrupted repeats none and leaves none out, even when
//! a key comes back.

use std::{fs, io, path::Path};

use nexus_model::catalog::own;
use serde_json::json;

use crate::{
    logging::{Detail, Engine},
    privacy::policy::derived_id,
};

/// Remembers the number of changes and the vkey that was last told of.
const FILE: &str = "ledger-key-told";

/// Writes the events of every change since the last start that got here, then remembers the newest key.
///
/// # Errors
/// When the file cannot be read or written, or an event could not be kept; then it is to be tried again.
pub async fn tell_changes(data_dir: &Path, engine: &Engine) -> io::Result<()> {
    let path = data_dir.join(FILE);
    let vkeys = engine.ledger().vkeys();
    let Some(newest) = vkeys.first() else { return Ok(()) };
    let told = match fs::read_to_string(&path) {
        Ok(text) => Some(parse(&text).ok_or_else(|| damaged(&path))?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let known = told.is_some();
    // Without the file this is the first start that tells, though not always the first one that signs.
    let (mut number, mut last) =
        told.unwrap_or_else(|| (0, engine.ledger().key_change().map_or_else(|| newest.clone(), |change| change.from)));
    if known && last == *newest {
        return Ok(());
    }
    for next in since(&vkeys, &last) {
        number += 1;
        for (tenant, env) in engine.places() {
            let mut detail = Detail::default().input(json!({ "from": last, "to": next }));
            let parts = ["ledger_key_rotated", &number.to_string(), &last, next, tenant.as_str(), env.as_str()];
            detail.event_id = Some(derived_id(&parts));
            engine.record_own(tenant, env, &own::LEDGER_KEY_ROTATED, None, detail).await.map_err(io::Error::other)?;
        }
        next.clone_into(&mut last);
    }
    let draft = data_dir.join(format!(".{FILE}"));
    fs::write(&draft, format!("{number} {last}\n"))?;
    fs::File::open(&draft)?.sync_all()?;
    fs::rename(&draft, &path)
}

/// The keys that came after `last`, oldest first. `vkeys` are those that ever signed, newest first.
fn since<'a>(vkeys: &'a [String], last: &str) -> Vec<&'a String> {
    match vkeys.iter().position(|vkey| vkey == last) {
        Some(at) => vkeys[..at].iter().rev().collect(),
        None => vkeys.first().into_iter().collect(),
    }
}

fn parse(text: &str) -> Option<(u64, String)> {
    let (number, vkey) = text.trim().split_once(' ')?;
    Some((number.parse().ok()?, vkey.to_owned()))
}

fn damaged(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: expected a number and a vkey", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_since_the_last_one_told_is_told_in_order() {
        let vkeys = ["c", "b", "a"].map(str::to_owned);
        assert_eq!(since(&vkeys, "a"), ["b", "c"]);
        assert_eq!(since(&vkeys, "b"), ["c"]);
        assert!(since(&vkeys, "c").is_empty());
        assert_eq!(since(&vkeys, "unknown"), ["c"]);
    }

    #[test]
    fn what_is_remembered_reads_back() {
        assert_eq!(parse("3 nexus+00+AQ==\n"), Some((3, "nexus+00+AQ==".to_owned())));
        assert_eq!(parse("nexus"), None);
    }
}
