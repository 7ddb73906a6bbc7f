//! The events that are followed: about 1 KiB each, numbered in `asset_id`.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use serde_json::json;

use crate::{
    subscribers::Shared,
    support::{
        http::{Connection, Head},
        nexus::Nexus,
    },
};

const PREFIX: &str = "asset-";
/// Of each event's text.
const TEXT: &str = "the summary of the transcript is attached and several numbers changed after the migration ";

/// A connection that posts them.
pub(crate) struct Posts {
    connection: Connection,
    head: Head,
    shared: Arc<Shared>,
}

impl Posts {
    /// Connects.
    pub(crate) fn open(nexus: &Nexus, shared: Arc<Shared>) -> Result<Self> {
        let head = Head::new("POST", "/nexus/events", nexus.address, &nexus.headers("application/json"));
        Ok(Self { connection: Connection::open(nexus.address)?, head, shared })
    }

    /// Posts so many, as one batch, and waits until they are on disk.
    pub(crate) fn post(&mut self, count: usize) -> Result<()> {
        let events: Vec<_> = (0..count)
            .map(|_| {
                json!({ "surface": "chat", "event_type": "message_posted", "asset_id": name(self.shared.number()),
                    "input": { "thread_id": "th-stream", "role": "user", "text": TEXT.repeat(6) } })
            })
            .collect();
        let body = json!({ "events": events }).to_string();
        let answer = self.connection.exchange(&self.head.with_body(body.as_bytes()))?.expect(200)?;
        let accepted = str::from_utf8(answer.body)?.matches(r#""status":"accepted""#).count();
        ensure!(accepted == count, "{accepted} of {count} events were accepted");
        Ok(())
    }

    /// Posts one at fixed moments, `rate` a second, for so long.
    pub(crate) fn post_at(&mut self, rate: f64, seconds: Duration) -> Result<()> {
        let began = std::time::Instant::now();
        for number in 0.. {
            let due = Duration::from_secs_f64(f64::from(number) / rate);
            if due >= seconds {
                break;
            }
            std::thread::sleep(due.saturating_sub(began.elapsed()));
            self.post(1)?;
        }
        Ok(())
    }
}

/// A number as an asset id without digits, which the redactor has no reason to look at twice.
fn name(mut number: u64) -> String {
    let mut name = PREFIX.to_owned();
    loop {
        name.push(char::from(b'a' + u8::try_from(number % 26).unwrap_or_default()));
        number /= 26;
        if number == 0 {
            return name;
        }
    }
}

/// The number of such a name.
pub(crate) fn number(name: &str) -> Option<u64> {
    let letters = name.strip_prefix(PREFIX)?.bytes().rev();
    letters.into_iter().try_fold(0, |number, letter| {
        let digit = letter.checked_sub(b'a').filter(|digit| *digit < 26)?;
        Some(number * 26 + u64::from(digit))
    })
}
