//! The worked neighbour: the example's own binary, as an engine of its own beside a Nexus.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use super::{Claims, Nexus};

/// A running maybes; dropping it kills it, but not its file.
pub(crate) struct Maybes {
    url: String,
    process: Child,
}

/// Where maybes keeps its notes.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("maybes.redb")
    }
}

/// `cargo test` builds the examples beside the binaries.
fn binary() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_nexus")).with_file_name("examples/maybes");
    assert!(path.exists(), "{} is not built: cargo build --workspace --examples", path.display());
    path
}

impl Maybes {
    /// Beside `nexus`, which it reaches at `url`, with a token of its own for these tenants.
    pub(crate) fn start(nexus: &Nexus, url: &str, home: &Home, tenants: &[&str]) -> Self {
        let claims =
            Claims::of(tenants[0], "writer").with("sub", "maybes").with("actor_type", "system").with("on_behalf", true);
        let claims = tenants[1..].iter().fold(claims, |claims, tenant| claims.also(tenant, "writer"));
        let mut process = Command::new(binary())
            .env_clear()
            .env("NEXUS_URL", url)
            .env("MAYBES_NEXUS_TOKEN", nexus.token(&claims))
            .env("MAYBES_JWT_SECRET", nexus.keys()["jwt_secret"].as_str().unwrap())
            .env("MAYBES_DATA", home.file())
            .env("MAYBES_LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        assert!(url.starts_with("http://"), "maybes did not start: {line}");
        Self { url, process }
    }

    /// What a browser sends: its user's token, where it is, and the ids of its trace and request.
    pub(crate) async fn call(
        &self,
        browser: &Browser,
        request_id: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let request = reqwest::Client::new()
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&browser.token)
            .header("x-tenant-id", &browser.tenant)
            .header("x-env", "dev")
            .header("x-request-id", request_id)
            .header("traceparent", format!("00-{}-{:016x}-01", browser.trace_id, fastrand::u64(1..)));
        let request = match body {
            Some(body) => request.body(body.to_string()),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        // Whom it does not know it owes no name.
        assert!(status == 401 || response.headers()["x-request-id"] == request_id);
        (status, response.json().await.unwrap_or_default())
    }
}

impl Drop for Maybes {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Somebody's browser, in one trace.
pub(crate) struct Browser {
    pub(crate) token: String,
    pub(crate) tenant: String,
    pub(crate) trace_id: String,
}

impl Browser {
    pub(crate) fn new(nexus: &Nexus, tenant: &str, claims: &Claims) -> Self {
        let trace_id = format!("{:032x}", fastrand::u128(1..));
        Self { token: nexus.token(claims), tenant: tenant.to_owned(), trace_id }
    }
}
