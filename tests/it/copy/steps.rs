//! What the stories of every backend are told with.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Client, Nexus, Setup};

/// Posts so many events and answers their ids; what is refused meanwhile is posted again.
pub(crate) async fn post(client: &Client, from: usize, count: usize) {
    let events: Vec<Value> = (from..from + count)
        .map(|n| {
            let id = format!("00000000-0000-4000-8000-{n:012x}");
            json!({ "event_id": id, "surface": "chat", "event_type": "message_posted",
                    "input": { "thread_id": "th", "role": "user", "text": format!("message {n}") } })
        })
        .collect();
    client.post("/nexus/events", &json!({ "events": events }), 200).await;
}

/// Waits until nothing is behind.
pub(crate) async fn caught_up(nexus: &Nexus) {
    // An emulator takes some thousand events a second on a busy machine.
    let patience = Duration::from_secs(90 + events_per_round() as u64 * 20 / 500);
    let deadline = tokio::time::Instant::now() + patience;
    // Twice, since housekeeping tells it once a second.
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(1100)).await;
        while nexus.metric("nexus_follower_lag_events").await > 0.0 {
            assert!(tokio::time::Instant::now() < deadline, "the copy does not catch up");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

pub(crate) async fn stop(mut nexus: Nexus) -> Setup {
    nexus.signal("TERM");
    nexus.exit().await;
    nexus.setup().clone()
}

pub(crate) fn verify(setup: &Setup, code: i32) -> String {
    let output = setup.run(&["verify", "--backend"]);
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

/// The rounds of outages; more with `NEXUS_TEST_COPY_EVENTS`, the number of events over all of them.
pub(crate) fn events_per_round() -> usize {
    let events = std::env::var("NEXUS_TEST_COPY_EVENTS").ok().and_then(|events| events.parse().ok());
    events.unwrap_or(4_000) / 20
}
