//! A client of `POST /nexus/events`.

use std::fmt;

use anyhow::{Result, ensure};

use crate::{
    corpus::Corpus,
    load::Sink,
    support::{
        http::{Connection, Head},
        nexus::Nexus,
    },
};

const PATH: &str = "/nexus/events";
const ACCEPTED: &str = r#""status":"accepted""#;

/// How events are posted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// One, as the body.
    One,
    /// `{"events": [...]}` with so many.
    Batch(usize),
    /// NDJSON with so many.
    Lines(usize),
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One => f.write_str("batches of 1"),
            Self::Batch(count) => write!(f, "batches of {count}"),
            Self::Lines(count) => write!(f, "batches of {count} as NDJSON"),
        }
    }
}

/// One connection.
pub(crate) struct Client {
    connection: Connection,
    head: Head,
    form: Form,
    corpus: Corpus,
    body: String,
}

impl Client {
    /// Connects; `client` is its number.
    pub(crate) fn open(nexus: &Nexus, form: Form, client: u64) -> Result<Self> {
        let content_type = match form {
            Form::One | Form::Batch(_) => "application/json",
            Form::Lines(_) => "application/x-ndjson",
        };
        Ok(Self {
            connection: Connection::open(nexus.address)?,
            head: Head::new("POST", PATH, nexus.address, &nexus.headers(content_type)),
            form,
            corpus: Corpus::of_client(client),
            body: String::new(),
        })
    }

    fn fill(&mut self) -> usize {
        self.body.clear();
        let (count, open, between, close) = match self.form {
            Form::One => (1, "", "", ""),
            Form::Batch(count) => (count, r#"{"events":["#, ",", "]}"),
            Form::Lines(count) => (count, "", "\n", "\n"),
        };
        self.body.push_str(open);
        for index in 0..count {
            if index > 0 {
                self.body.push_str(between);
            }
            self.corpus.next().write(&mut self.body);
        }
        self.body.push_str(close);
        count
    }
}

impl Sink for Client {
    fn send(&mut self) -> Result<u64> {
        let count = self.fill();
        let status = if matches!(self.form, Form::One) { 201 } else { 200 };
        let answer = self.connection.exchange(&self.head.with_body(self.body.as_bytes()))?.expect(status)?;
        let body = str::from_utf8(answer.body)?;
        let accepted = body.matches(ACCEPTED).count();
        let shown: String = body.chars().take(2000).collect();
        ensure!(accepted == count, "{accepted} of {count} events were accepted: {shown}");
        Ok(u64::try_from(count)?)
    }
}
