//! The clock, in one place: pure code is handed the time.

use nexus_model::Timestamp;

/// Now, to the microsecond.
#[must_use]
pub fn now() -> Timestamp {
    let micros = chrono::Utc::now().timestamp_micros();
    // The service refuses to start when the clock is outside the years that can be written (`app::check_clock`).
    Timestamp::from_micros(micros).unwrap_or(Timestamp::EPOCH)
}
