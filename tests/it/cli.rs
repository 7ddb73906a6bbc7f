//! The commands beside `serve`.

use std::{
    io::Write,
    process::{Output, Stdio},
};

use serde_json::Value;

use crate::support::{Nexus, Setup, Stage};

/// Runs a command with this standard input; it must succeed.
pub(crate) fn piped(setup: &Setup, args: &[&str], input: &str) -> String {
    let mut child = setup.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn a_token_is_made_beside_a_running_server() {
    let nexus = Nexus::start().await;
    let output =
        nexus.setup().run(&["token", "--tenant", "t_demo", "--role", "owner", "--user", "u_ops", "--ttl", "1h"]);
    assert!(output.status.success());
    let text = stdout(&output);
    assert_eq!(text.lines().count(), 1, "alone on standard output");
    let owner = nexus.bearer(text.trim()).tenant("t_demo").env("dev");
    owner.get("/nexus/raw", 200).await;
    let events = owner.events("include_reads=true").await;
    assert_eq!(events[0]["user_id"], "u_ops");

    let reader = nexus.setup().run(&["token", "--tenant", "t_demo", "--tenant", "t_two", "--role", "reader"]);
    let reader = nexus.bearer(stdout(&reader).trim()).env("dev");
    reader.clone().tenant("t_two").get("/nexus/raw", 200).await;
    let body = serde_json::json!({ "filename": "a" });
    reader.tenant("t_demo").post("/nexus/raw/presign-upload", &body, 403).await.is("role.forbidden");
}

#[test]
fn a_token_with_nonsense_in_it_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new().data_dir(dir.path());
    for bad in [
        &["token"][..],
        &["token", "--tenant", "demo"],
        &["token", "--tenant", "t_a", "--role", "emperor"],
        &["token", "--tenant", "t_a", "--ttl", "8"],
        &["token", "--tenant", "t_a", "--user", ""],
        &["token", "--tenant", "t_a", "--ttl", "999999999999999999999d"],
        &["nonsense"],
    ] {
        let output = setup.run(bad);
        assert!(!output.status.success() && output.stdout.is_empty(), "{bad:?}");
    }
}

#[test]
fn the_openapi_document_is_printed_and_is_the_one_served() {
    let document: Value = serde_json::from_str(&stdout(&Setup::new().run(&["openapi"]))).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["paths"].as_object().unwrap().contains_key("/nexus/raw/presign-upload"));
}

#[tokio::test]
async fn the_documentation_is_served_without_a_token() {
    let nexus = Nexus::start().await;
    let printed: Value = serde_json::from_str(&stdout(&nexus.setup().run(&["openapi"]))).unwrap();
    assert_eq!(nexus.anonymous().get("/openapi.json", 200).await.json(), printed);
    let page = reqwest::get(format!("{}/docs/", nexus.url)).await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("<html"));
}

#[test]
fn lines_are_redacted() {
    let input = "{\"a\":\"mail jane.doe@example.com\"}\n\n{\"b\":[1,true,null]}\n";
    let output = piped(&Setup::new(), &["redact"], input);
    assert_eq!(output, "{\"a\":\"mail [redacted:email]\"}\n{\"b\":[1,true,null]}\n");
}

#[test]
fn a_line_that_is_no_i_json_stops_the_redaction_by_its_number() {
    let deep = format!("{}\"jane.doe@example.com\"{}", "[".repeat(200), "]".repeat(200));
    for (line, why) in [
        ("nonsense jane.doe@example.com", "expected"),
        (r#"{"to":"jane.doe@example.com","to":"nobody"}"#, "duplicate name"),
        (&deep, "levels"),
    ] {
        let mut child = Setup::new()
            .command(&["redact"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(format!("{{\"a\":1}}\n{line}\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("line 2") && said.contains(why) && !said.contains("jane.doe"), "{said}");
    }
}

/// Then: a line for each thing it depends on, none of them bad.
fn healthy(output: &Output, also: &[&str]) {
    let text = stdout(output);
    assert!(output.status.success(), "{text}");
    assert!(!text.contains("FAIL"), "{text}");
    for name in ["bucket:", "write:", "conditional writes:", "versioning:", "clock:", "backend:"].iter().chain(also) {
        assert!(text.contains(name), "{name} in {text}");
    }
}

#[tokio::test]
async fn the_doctor_finds_a_running_service_well() {
    let nexus = Nexus::start().await;
    let beside = |setup: Setup| setup.env("NEXUS_S3_LISTEN", nexus.s3.as_ref().unwrap().trim_start_matches("http://"));
    let output = beside(nexus.setup().clone()).run(&["doctor"]);
    healthy(&output, &["ok      conditional writes: If-None-Match is honoured"]);
    let origin = "https://widget.example.com";
    let with_origin = beside(nexus.setup().clone()).env("NEXUS__CORS__ORIGINS", format!("[\"{origin}\"]"));
    healthy(&with_origin.run(&["doctor"]), &[&format!("CORS: {origin} may upload")]);
    // It cleaned up after itself.
    let list = std::fs::read_dir(nexus.data_dir.join("bucket")).unwrap();
    assert!(list.flatten().all(|entry| !entry.file_name().to_string_lossy().contains("doctor")));
}

#[tokio::test]
async fn the_doctor_names_what_garage_lacks() {
    let Some(stage) = Stage::garage().await else { return };
    let output = stage.nexus.setup().run(&["doctor"]);
    healthy(&output, &["advice  conditional writes:"]);
    let other = stage.nexus.setup().clone().env("NEXUS__STORAGE__BUCKET", "no-such-bucket").run(&["doctor"]);
    assert!(!other.status.success());
    assert!(stdout(&other).contains("FAIL    bucket: no-such-bucket"), "{}", stdout(&other));
}

#[test]
fn the_doctor_says_when_nothing_answers() {
    let dir = tempfile::tempdir().unwrap();
    let output = Setup::new().data_dir(dir.path()).run(&["doctor"]);
    assert!(!output.status.success());
    assert!(stdout(&output).contains("start `nexus serve` first"), "{}", stdout(&output));
}
