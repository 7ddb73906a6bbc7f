//! What never reaches the ledger: file names, keys, and personal data in whatever callers send.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Claims, Nexus, Upload};

/// Every byte of every file under `dir`.
fn bytes_under(dir: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(bytes_under(&path));
        } else {
            // The index may drop a file between the listing and the read.
            all.extend(std::fs::read(path).unwrap_or_default());
        }
    }
    all
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

#[tokio::test]
async fn no_event_carries_a_file_name_or_a_key() {
    let nexus = Nexus::start().await;
    let owner = nexus.client("t_own", "owner");
    // Browsers and mail clients name the file in a parameter of its type.
    let content_type = "text/plain; name=\"Quokkaburra Severance.docx\"";
    let presign = json!({ "filename": "Quokkaburra Severance.docx", "content_type": content_type });
    let presigned = owner.presign(&presign).await;
    Upload::of(&presigned, &b"content"[..]).succeeds().await;
    let id = presigned["asset_id"].as_str().unwrap();
    let claim = json!({ "asset_id": id, "filename": "Quokkaburra Severance.docx", "content_type": content_type });
    owner.register(&claim, 201).await;
    owner.register(&claim, 200).await;
    // Failures must not tell either: of another name, of an empty one, of a key as a name, of a name where none belongs.
    owner.register(&json!({ "asset_id": id, "filename": "Quokkaburra.pdf" }), 409).await;
    owner.register(&json!({ "asset_id": "other", "filename": "Quokkaburra.pdf" }), 404).await;
    owner.post("/nexus/raw/presign-upload", &json!({ "filename": "Quokkaburra", "size_bytes": 0 }), 422).await;
    owner.post("/nexus/raw/presign-upload", &json!({ "filename": "a", "Quokkaburra": 1 }), 422).await;
    owner.presign(&json!({ "filename": presigned["key"] })).await;
    owner.get("/nexus/raw/Quokkaburra.docx", 400).await;
    owner.get("/nexus/raw?cursor=Quokkaburra", 400).await;
    owner.get(&format!("/nexus/raw/{id}"), 200).await;
    owner.get("/nexus/raw", 200).await;
    owner.get(&format!("/nexus/raw/{id}/download"), 200).await;
    Upload::of(&presigned, &b"other content"[..]).succeeds().await;
    owner.get(&format!("/nexus/raw/{id}/download"), 409).await;
    owner.send(owner.request(reqwest::Method::DELETE, &format!("/nexus/raw/{id}")), 204).await;

    let events = owner.events("include_reads=true&limit=500").await;
    assert_eq!(events.len(), 15, "each left its event");
    let ledger = bytes_under(&nexus.data_dir.join("ledger"));
    assert!(contains(&ledger, id), "the files searched are the ledger's");
    for needle in ["quokkaburra", "/raw/", "tenants/t_own"] {
        assert!(!contains(&ledger, needle), "{needle} in the ledger's files");
        for event in &events {
            assert!(!contains(event.to_string().as_bytes(), needle), "{needle} in {event}");
        }
    }
    assert!(!contains(nexus.log().as_bytes(), "quokkaburra"), "nor in the log: {}", nexus.log());
}

/// The embedded store's own refusals are logged by code; the key that was tried has a file name in it.
#[tokio::test]
async fn a_form_that_the_store_refuses_leaves_no_file_name_in_the_log() {
    let nexus = Nexus::start().await;
    let writer = nexus.client("t_own", "writer");
    let presigned = writer.presign(&json!({ "filename": "Quokkaburra.docx" })).await;
    let key = presigned["key"].as_str().unwrap().replace("/dev/", "/prod/");
    let (status, _) = Upload::of(&presigned, &b"content"[..]).field("key", &key).send().await;
    assert_eq!(status / 100, 4);
    let (status, _) = Upload::of(&presigned, &b"content"[..]).field("x-amz-signature", "0").send().await;
    assert_eq!(status / 100, 4);
    assert!(!contains(nexus.log().as_bytes(), "quokkaburra"), "{}", nexus.log());
}

#[tokio::test]
async fn personal_data_is_redacted_before_it_is_stored() {
    let nexus = Nexus::start().await;
    let writer = nexus.client("t_own", "writer");
    let secrets = ["jane.doe@example.com", "4111 1111 1111 1111", "+1 212 555 0187", "203.0.113.77"];
    let metadata = json!({
        "note": "write to jane.doe@example.com, charge 4111 1111 1111 1111",
        "deep": [{ "phone": ["call +1 212 555 0187"] }, "from 203.0.113.77"],
        "jane.doe@example.com": "as a name",
        "kept": "nothing personal"
    });
    let presigned = writer.presign(&json!({ "filename": "a.txt", "metadata": metadata })).await;
    Upload::of(&presigned, &b"content"[..]).succeeds().await;
    let claim = json!({ "asset_id": presigned["asset_id"], "filename": "a.txt", "metadata": metadata });
    let asset = writer.register(&claim, 201).await.json();
    assert_eq!(asset["metadata"], metadata, "the asset's own record keeps what its tenant put there");

    let events = writer.events("").await;
    assert_eq!(events.len(), 2);
    for event in &events {
        let flags = &event["pii_flags"]["flags"];
        for (kind, least) in [("email", 2), ("card", 1), ("phone", 1), ("ip", 1)] {
            let found = flags.as_object().unwrap().iter().filter(|(name, _)| name.contains(kind));
            let count: u64 = found.filter_map(|(_, count)| count.as_u64()).sum();
            assert!(count >= least, "{kind} in {flags}");
        }
        assert_eq!(event["train_ok"], false);
        assert_eq!(event["pii_flags"]["policy_reason"], "pii_found");
        assert_eq!(event["input"]["metadata"]["kept"], "nothing personal");
        assert!(event["input"]["metadata"]["note"].as_str().unwrap().contains("[redacted:email]"), "{event}");
    }
    let ledger = bytes_under(&nexus.data_dir.join("ledger"));
    for secret in secrets {
        assert!(!contains(&ledger, secret), "{secret} in the ledger's files");
        assert!(!contains(nexus.log().as_bytes(), secret), "{secret} in the log");
        assert!(!Value::from(events.clone()).to_string().contains(secret), "{secret} in the events");
    }
}

#[tokio::test]
async fn a_subject_with_personal_data_becomes_a_pseudonym_that_stays_the_same() {
    let nexus = Nexus::start().await;
    let as_user = |sub: &str| {
        let claims = Claims::of("t_own", "writer").with("sub", sub).with("email", sub);
        nexus.bearer(&nexus.token(&claims)).tenant("t_own").env("dev")
    };
    for sub in ["jane.doe@example.com", "john.doe@example.com", "jane.doe@example.com"] {
        as_user(sub).presign(&json!({ "filename": "a.txt" })).await;
    }
    let events = as_user("u_reader").events("order=asc").await;
    let users: Vec<&str> = events.iter().map(|event| event["user_id"].as_str().unwrap()).collect();
    assert_eq!(users.len(), 3);
    assert!(users.iter().all(|user| user.starts_with("u_") && user.len() == 34), "{users:?}");
    assert_eq!(users[0], users[2]);
    assert_ne!(users[0], users[1]);
    assert!(!contains(&bytes_under(&nexus.data_dir.join("ledger")), "doe@example"));
    assert!(!contains(nexus.log().as_bytes(), "doe@example"));
}

/// What Nexus itself writes into events, thousands of times a day, is never taken for personal data: times, ids, digests.
#[tokio::test]
async fn times_and_ids_are_not_mistaken_for_personal_data() {
    let nexus = Nexus::start().await;
    let mut lines = String::new();
    let began = chrono::DateTime::from_timestamp(1_795_250_000, 0).unwrap();
    for n in 0..2000_u32 {
        let time = began + chrono::TimeDelta::microseconds(i64::from(n) * 7_919_131_313);
        let time = time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let id = uuid::Uuid::now_v7();
        let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(n.to_be_bytes()));
        let line = json!({ "expires_at": time, "event_id": id, "trace_id": id.simple().to_string(), "sha256": digest });
        lines.push_str(&format!("{line}\n"));
    }
    let redacted = crate::cli::piped(nexus.setup(), &["redact"], &lines);
    let changed: Vec<(&str, &str)> =
        lines.lines().zip(redacted.lines()).filter(|(before, after)| before != after).collect();
    assert_eq!(redacted.lines().count(), 2000);
    assert!(changed.is_empty(), "{} of 2000 lines, for instance {:?}", changed.len(), changed[0]);
}
