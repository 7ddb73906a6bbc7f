//! A client whose verbs take the status that is expected, and that holds every answer to what the contract says of all.

use std::time::Duration;

use bytes::Bytes;
use nexus::http::problem::Code;
use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;

/// Below the server's own patience with idle connections.
const POOL_IDLE: Duration = Duration::from_secs(5);

/// One caller: an address and the headers of all its requests.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    headers: HeaderMap,
}

impl Client {
    /// A caller without any header.
    pub(crate) fn new(base: &str) -> Self {
        // The server closes a connection that stays idle for `server.header_timeout_ms`; one that is about to be closed is not taken
        // up again, since a request on it could be lost without anybody's fault.
        let http = reqwest::Client::builder().pool_idle_timeout(POOL_IDLE).build().unwrap();
        Self { http, base: base.to_owned(), headers: HeaderMap::new() }
    }

    /// With a header, in place of an earlier one of its name.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        self
    }

    /// Without a header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// For this tenant.
    pub(crate) fn tenant(self, tenant: &str) -> Self {
        self.header("x-tenant-id", tenant)
    }

    /// For this environment.
    pub(crate) fn env(self, env: &str) -> Self {
        self.header("x-env", env)
    }

    /// A request in the making.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).headers(self.headers.clone())
    }

    /// Sends a request; the answer must have this status.
    ///
    /// # Panics
    /// When it has another, or is not as every answer must be.
    pub(crate) async fn send(&self, request: RequestBuilder, status: u16) -> Answer {
        let answer = self.try_send(request).await.expect("an answer");
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        answer
    }

    /// Sends a request that may find nobody there.
    pub(crate) async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        // A live stream does not end: its head is the answer.
        let live = headers.get("content-type").is_some_and(|value| value == "text/event-stream");
        let body = if live { Bytes::new() } else { response.bytes().await? };
        let answer = Answer { status, headers, body };
        answer.must_be_well_formed();
        Ok(answer)
    }

    pub(crate) async fn get(&self, path: &str, status: u16) -> Answer {
        self.send(self.request(Method::GET, path), status).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value, status: u16) -> Answer {
        self.send(self.request(Method::POST, path).json(body), status).await
    }

    /// A POST of bytes that may be anything.
    pub(crate) async fn post_bytes(&self, path: &str, body: impl Into<Bytes>, status: u16) -> Answer {
        let request = self.request(Method::POST, path).header("content-type", "application/json").body(body.into());
        self.send(request, status).await
    }

    pub(crate) async fn presign(&self, body: &Value) -> Value {
        self.post("/nexus/raw/presign-upload", body, 201).await.json()
    }

    pub(crate) async fn register(&self, body: &Value, status: u16) -> Answer {
        self.post("/nexus/raw/register", body, status).await
    }

    /// Every event that `query` (without `?`) finds, newest first unless it says otherwise, page by page.
    pub(crate) async fn events(&self, query: &str) -> Vec<Value> {
        self.walk("/nexus/events", query).await
    }

    /// Every item of a list, page by page.
    pub(crate) async fn walk(&self, path: &str, query: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("{path}?{query}{cursor}"), 200).await.json();
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }
}

/// An answer, read to its end.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// The body where it is JSON, else `null`.
    pub(crate) fn json_if_any(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header's text; empty when it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Holds the problem to its code, and hands it on.
    pub(crate) fn is(&self, code: &str) -> Value {
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        problem
    }

    /// The pointers of a 422, sorted.
    pub(crate) fn pointers(&self) -> Vec<String> {
        let problem = self.is("body.invalid");
        let mut pointers: Vec<String> =
            problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap().to_owned()).collect();
        pointers.sort_unstable();
        pointers
    }

    /// What the contract says of every answer, and of every error.
    fn must_be_well_formed(&self) {
        let request_id = self.header("x-request-id");
        assert!(!request_id.is_empty(), "every answer names its request");
        if self.status.is_success() || self.status.is_redirection() || self.header("content-type") == "application/json"
        {
            // /readyz answers its own shape with 503.
            return;
        }
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        if self.body.is_empty() {
            return; // HEAD
        }
        let problem = self.json();
        let mut members: Vec<&str> = problem.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["code", "detail", "errors", "request_id", "status", "title", "type"]);
        assert_eq!(problem["request_id"], request_id);
        assert_eq!(problem["status"], self.status.as_u16());
        let code = problem["code"].as_str().unwrap();
        let known = Code::ALL.iter().find(|known| known.as_str() == code).expect("a code of the contract");
        assert_eq!(known.status().as_u16(), self.status.as_u16());
        match self.status.as_u16() {
            401 => assert!(self.header("www-authenticate").starts_with("Bearer"), "RFC 6750, section 3"),
            405 => assert!(!self.header("allow").is_empty(), "RFC 9110, section 15.5.6"),
            429 => assert!(!self.header("retry-after").is_empty(), "{problem}"),
            422 => assert!(!problem["errors"].as_array().unwrap().is_empty()),
            503 => assert!(!self.header("retry-after").is_empty(), "{problem}"),
            _ => {}
        }
    }
}
