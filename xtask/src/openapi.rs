//! The OpenAPI snapshot: `openapi.json` in the root is what `nexus openapi` prints, so that a change of the contract
//! shows in review.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::workspace::{Workspace, output};

const SNAPSHOT: &str = "openapi.json";

/// Fails when the snapshot is not what the code says.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let path = workspace.root.join(SNAPSHOT);
    let snapshot = fs::read_to_string(&path)
        .with_context(|| format!("cannot read {SNAPSHOT}; write it with `cargo xtask openapi`"))?;
    match first_difference(&snapshot, &generate(workspace)?) {
        None => Ok(()),
        Some(what) => bail!("{SNAPSHOT} is out of date ({what}); renew it with `cargo xtask openapi`, read the diff"),
    }
}

/// Rewrites the snapshot.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    let document = generate(workspace)?;
    fs::write(workspace.root.join(SNAPSHOT), document).with_context(|| format!("cannot write {SNAPSHOT}"))
}

fn generate(workspace: &Workspace) -> Result<String> {
    output(workspace.command(workspace.nexus()?).arg("openapi"))
}

/// The first line in which the two differ.
fn first_difference(snapshot: &str, generated: &str) -> Option<String> {
    if snapshot == generated {
        return None;
    }
    let mut lines = snapshot.lines().zip(generated.lines()).zip(1_usize..);
    Some(match lines.find(|((old, new), _)| old != new) {
        Some(((old, new), number)) => format!("line {number}: `{}` is now `{}`", old.trim(), new.trim()),
        None => {
            format!("{} lines, now {}, or another line ending", snapshot.lines().count(), generated.lines().count())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_difference_is_named() {
        assert_eq!(first_difference("{\n}\n", "{\n}\n"), None);
        assert_eq!(first_difference("{\n  1\n}", "{\n  2\n}").as_deref(), Some("line 2: `1` is now `2`"));
        assert_eq!(first_difference("{\n", "{\n}\n").as_deref(), Some("1 lines, now 2, or another line ending"));
        assert!(first_difference("{}", "{}\n").is_some());
    }
}
