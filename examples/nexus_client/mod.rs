//! A client of Nexus for the engines around it, small enough to be copied. It carries who asked, where and in which trace with every
//! call, and tells three outcomes apart: done, refused (nothing happened), unknown (it may have happened: repeat with the same ids).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// One call takes at most this long. Nexus itself gives up after 15 s; a repeat with the same `event_id` is harmless.
const TIMEOUT: Duration = Duration::from_secs(10);

/// For whom a call is made, and in which trace: taken from the request that is being served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Caller {
    pub(crate) tenant: String,
    pub(crate) env: String,
    pub(crate) user_id: String,
    /// `human`, `agent` or `system`.
    pub(crate) actor_type: String,
    pub(crate) request_id: String,
    /// 32 hex digits (W3C Trace Context, section 3.2.2.3).
    pub(crate) trace_id: String,
}

impl Caller {
    /// A `traceparent` of the caller's trace, with a parent id of its own for each call.
    fn traceparent(&self) -> String {
        let parent = Uuid::now_v7().simple().to_string();
        format!("00-{}-{}-01", self.trace_id, &parent[16..])
    }
}

/// The trace id of a `traceparent`; a fresh one where there is none that is valid.
pub(crate) fn trace_id(traceparent: Option<&str>) -> String {
    let mut parts = traceparent.unwrap_or_default().split('-');
    let (version, trace, parent) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let hex =
        |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) && text.bytes().any(|b| b != b'0');
    let valid = version == Some("00") && trace.len() == 32 && parent.len() == 16 && hex(trace) && hex(parent);
    if valid { trace.to_owned() } else { Uuid::now_v7().simple().to_string() }
}

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum NexusError {
    /// Nothing happened.
    #[error("Nexus refused: {status} {code}: {detail}")]
    Refused { status: u16, code: String, detail: String },
    /// It may have happened.
    #[error("it is not known what Nexus did: {0}")]
    Unknown(String),
}

/// One Nexus, and the token that speaks to it.
#[derive(Clone)]
pub(crate) struct NexusClient {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl NexusClient {
    /// Nexus at `base`, for instance `http://127.0.0.1:8080`. `token` is the engine's own, with the claim `on_behalf`.
    pub(crate) fn new(base: &str, token: &str) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder().timeout(TIMEOUT).build()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), token: token.to_owned() })
    }

    /// The same Nexus, spoken to with a user's own token: what is done so is the user's own doing.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// Records an event on its user's behalf. `event` carries its `event_id`, so that it can be repeated.
    pub(crate) async fn record(&self, caller: &Caller, mut event: Value) -> Result<Value, NexusError> {
        event["user_id"] = caller.user_id.clone().into();
        event["actor_type"] = caller.actor_type.clone().into();
        self.post(caller, "/nexus/events", &event).await
    }

    /// A form with which a browser may upload one file straight to the store.
    pub(crate) async fn presign(&self, caller: &Caller, file: &Value) -> Result<Value, NexusError> {
        self.post(caller, "/nexus/raw/presign-upload", file).await
    }

    /// Registers what was uploaded; the same again is the same.
    pub(crate) async fn register(&self, caller: &Caller, claim: &Value) -> Result<Value, NexusError> {
        self.post(caller, "/nexus/raw/register", claim).await
    }

    async fn post(&self, caller: &Caller, path: &str, body: &Value) -> Result<Value, NexusError> {
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .bearer_auth(&self.token)
            .header("x-tenant-id", &caller.tenant)
            .header("x-env", &caller.env)
            .header("x-request-id", &caller.request_id)
            .header("traceparent", caller.traceparent())
            .json(body);
        let unknown = |error: reqwest::Error| NexusError::Unknown(error.to_string());
        let response = request.send().await.map_err(unknown)?;
        let status = response.status();
        let answer: Value = response.json().await.map_err(unknown)?;
        if status.is_success() {
            return Ok(answer);
        }
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        if status.is_client_error() && status != 408 {
            return Err(NexusError::Refused { status: status.as_u16(), code: text("code"), detail: text("detail") });
        }
        Err(NexusError::Unknown(format!("{status} {}", text("code"))))
    }
}
