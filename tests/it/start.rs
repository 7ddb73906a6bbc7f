//! What does not start says why, in one line, and ends with another code than 0.

use std::{fs, net::TcpListener, process::Output};

use crate::support::{Nexus, Setup};

/// Then: nothing on standard output, one line on standard error, and a failure.
fn refused(output: &Output, parts: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "it started");
    assert!(output.stdout.is_empty());
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    assert!(said.starts_with("nexus: "), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part} in {said}");
    }
}

fn setup() -> (Setup, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (Setup::new().data_dir(dir.path()), dir)
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for key in ["NEXUS_LISTEN", "NEXUS_S3_LISTEN", "NEXUS_ADMIN_LISTEN"] {
        let (setup, dir) = setup();
        refused(&setup.env(key, &address).run(&["serve"]), &[&address, key]);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing was begun");
    }
}

#[test]
fn a_data_directory_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    // Beneath a file there is no directory, not even for root.
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let setup = Setup::new().data_dir(&file.join("data"));
    refused(&setup.run(&["serve"]), &[&file.to_string_lossy(), "NEXUS_DATA_DIR"]);
    for part in ["ledger", "bucket"] {
        let (setup, dir) = self::setup();
        fs::write(dir.path().join(part), "in the way").unwrap();
        refused(&setup.run(&["serve"]), &[part]);
    }
}

#[test]
fn damaged_keys_are_named_and_left_alone() {
    for damaged in ["", "{", "{\"jwt_secret\": 1}", "null"] {
        let (setup, dir) = setup();
        let path = dir.path().join("development-keys.json");
        fs::write(&path, damaged).unwrap();
        refused(&setup.run(&["serve"]), &[&path.to_string_lossy(), "damaged"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    }
}

#[test]
fn a_second_process_on_one_data_directory_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime.block_on(Nexus::start());
    let second = first.setup().run(&["serve"]);
    refused(&second, &[&first.data_dir.to_string_lossy()]);
    runtime.block_on(async { first.anonymous().get("/healthz", 200).await });
}

#[test]
fn a_setting_that_does_not_exist_is_named() {
    let (setup, _dir) = setup();
    refused(&setup.env("NEXUS__SERVER__LISTNE", "1").run(&["serve"]), &["listne"]);
    let (setup, dir) = self::setup();
    let file = dir.path().join("nexus.toml");
    fs::write(&file, "[storage]\nbukket = \"b\"\n").unwrap();
    refused(&setup.clone().env("NEXUS_CONFIG", file.display()).run(&["serve"]), &["bukket"]);
    let missing = dir.path().join("missing.toml");
    refused(&setup.env("NEXUS_CONFIG", missing.display()).run(&["serve"]), &["missing.toml", "NEXUS_CONFIG"]);
}

#[test]
fn a_setting_that_cannot_work_is_named() {
    for (key, value, part) in [
        ("NEXUS__STORAGE__PRESIGN_EXPIRY_SECONDS", "59", "storage.presign_expiry_seconds"),
        ("NEXUS__STORAGE__PRESIGN_EXPIRY_SECONDS", "3601", "storage.presign_expiry_seconds"),
        ("NEXUS__STORAGE__BUCKET", "No_Bucket", "storage.bucket"),
        ("NEXUS__STORAGE__PUBLIC_ENDPOINT", "files.example.com", "storage.public_endpoint"),
        ("NEXUS__AUTH__JWT_SECRET", "too short", "auth.jwt_secret"),
        ("NEXUS__AUTH__JWKS_URL", "ftp://example.com/keys", "auth.jwks_url"),
        ("NEXUS__LEDGER__SIGNING_KEY", "nonsense", "ledger.signing_key"),
        ("NEXUS__LEDGER__SERVICE", "with space", "ledger.service"),
        ("NEXUS__TENANCY__ENVS", "[]", "tenancy.envs"),
        ("NEXUS__LOG__FILTER", "nexus=loud", "filter"),
        ("NEXUS_LISTEN", "nowhere", "server.listen"),
    ] {
        let (setup, _dir) = setup();
        let output = setup.env(key, value).run(&["serve"]);
        refused(&output, &[]);
        let said = String::from_utf8_lossy(&output.stderr).to_lowercase();
        assert!(said.contains(&part.to_lowercase()) || said.contains(&key.to_lowercase()), "{key}={value}: {said}");
        assert!(!said.contains("too short"), "a secret is not told back: {said}");
    }
}

/// Names and secrets may consist of digits alone, which a variable cannot tell from a number.
#[tokio::test]
async fn a_text_of_digits_is_a_text() {
    let secret = "1".repeat(40);
    let nexus =
        Setup::new().env("NEXUS__STORAGE__BUCKET", "20261121").env("NEXUS__AUTH__JWT_SECRET", &secret).start().await;
    let token = crate::support::Claims::of("t_own", "writer").sign(secret.as_bytes());
    let writer = nexus.bearer(&token).tenant("t_own").env("dev");
    let presigned = writer.presign(&serde_json::json!({ "filename": "a" })).await;
    assert!(presigned["uri"].as_str().unwrap().starts_with("s3://20261121/"));
}

#[test]
fn production_names_everything_it_lacks() {
    let (setup, _dir) = setup();
    let production = setup.env("NEXUS__PROFILE", "production");
    let all = [
        ("NEXUS__AUTH__JWT_SECRET", "0123456789abcdef0123456789abcdef"),
        ("NEXUS__STORAGE__BUCKET", "files"),
        ("NEXUS__STORAGE__REGION", "eu-west-1"),
        ("NEXUS__LEDGER__SIGNING_KEY", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
        ("NEXUS_ADMIN_LISTEN", "127.0.0.1:0"),
    ];
    refused(&production.run(&["serve"]), &all.map(|(key, _)| key));
    for (left_out, _) in all {
        let rest = all.iter().filter(|(key, _)| *key != left_out);
        let setup = rest.fold(production.clone(), |setup, (key, value)| setup.env(key, value));
        let output = setup.env("NEXUS__STORAGE__MODE", "s3").run(&["serve"]);
        refused(&output, &[left_out]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let others = all.iter().filter(|(key, _)| *key != left_out && said.contains(key)).count();
        assert_eq!(others, 0, "only what is missing: {said}");
    }
    // A JWKS over plain HTTP is for development alone.
    let plain = all.iter().fold(production, |setup, (key, value)| setup.env(key, value));
    let plain = plain.env("NEXUS__STORAGE__MODE", "s3").env("NEXUS__AUTH__JWKS_URL", "http://127.0.0.1:1/");
    refused(&plain.run(&["serve"]), &["auth.jwks_url", "https"]);
}

#[tokio::test]
async fn production_serves_with_what_it_demands_and_keeps_metrics_apart() {
    let secret = "0123456789abcdef0123456789abcdef";
    let admin = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nexus = Setup::new()
        .env("NEXUS__PROFILE", "production")
        .env("NEXUS__AUTH__JWT_SECRET", secret)
        .env("NEXUS__STORAGE__BUCKET", "files")
        .env("NEXUS__STORAGE__REGION", "eu-west-1")
        .env("NEXUS__STORAGE__ALLOW_EMBEDDED", true)
        .env("NEXUS__LEDGER__SIGNING_KEY", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")
        .env("NEXUS_ADMIN_LISTEN", admin)
        .start()
        .await;
    let token = crate::support::Claims::of("t_own", "writer").sign(secret.as_bytes());
    let writer = nexus.bearer(&token).tenant("t_own").env("prod");
    let presigned = writer.presign(&serde_json::json!({ "filename": "a.txt" })).await;
    assert!(presigned["fields"]["x-amz-credential"].as_str().unwrap().contains("/eu-west-1/s3/"));
    writer.get("/metrics", 404).await.is("route.unknown");
    writer.get("/readyz", 200).await;
    let metrics = crate::support::Client::new(&format!("http://{admin}")).get("/metrics", 200).await.text();
    assert!(metrics.contains("nexus_events_total"));
    // The keys that development would have made are of no use here.
    let development = nexus.token(&crate::support::Claims::of("t_own", "writer"));
    nexus.bearer(&development).tenant("t_own").env("prod").get("/nexus/raw", 401).await.is("auth.invalid");
}
