//! One file per rule: what comes in, what goes out, what is found. `UPDATE_GOLDEN=1` writes what goes out; read the difference.
#![allow(clippy::unwrap_used)]

use std::{env, fs, path::Path};

use nexus_redact::{Policy, Redactor};
use serde_json::{Value, json};

#[test]
fn every_rule_has_its_golden_file() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut seen = std::collections::BTreeSet::new();
    for entry in fs::read_dir(&directory).unwrap() {
        let path = entry.unwrap().path();
        let mut cases: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for case in cases.as_array_mut().unwrap() {
            let (out, findings) = redactor.redact_value(None, case["in"].clone());
            seen.extend(findings.iter().map(|found| found.kind));
            let got = json!({"in": case["in"], "out": out, "findings": findings});
            if env::var_os("UPDATE_GOLDEN").is_none() {
                assert_eq!(*case, got, "{}", path.display());
            }
            *case = got;
        }
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, serde_json::to_string_pretty(&cases).unwrap() + "\n").unwrap();
        }
    }
    let missing: Vec<_> = nexus_redact::PiiType::ALL.iter().filter(|kind| !seen.contains(kind)).collect();
    assert!(missing.is_empty(), "no golden file finds {missing:?}");
}
