//! Firestore's 500/50/5 guidance: begin at 500 writes a second and grow by half every five minutes
//! (<https://firebase.google.com/docs/firestore/best-practices#ramping_up_traffic>).

use std::time::Duration;

use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

use crate::config;

/// Paces writes.
pub(super) struct Ramp {
    first: Option<f64>,
    interval: Duration,
    max: f64,
    pace: Mutex<Pace>,
}

#[derive(Default)]
struct Pace {
    /// When the first write went out; the ramp begins there.
    began: Option<Instant>,
    /// When the next write may go out.
    free: Option<Instant>,
}

impl Ramp {
    pub(super) fn new(settings: &config::Firestore) -> Self {
        Self {
            first: settings.ramp.then_some(f64::from(settings.ramp_first_writes_per_second)),
            interval: Duration::from_secs(settings.ramp_interval_seconds.max(1)),
            max: f64::from(settings.max_writes_per_second),
            pace: Mutex::default(),
        }
    }

    /// Waits until so many writes may go out.
    pub(super) async fn take(&self, writes: usize) {
        let at = {
            let mut pace = self.pace.lock().await;
            let now = Instant::now();
            let began = *pace.began.get_or_insert(now);
            let rate = self.rate(now.saturating_duration_since(began));
            let at = pace.free.map_or(now, |free| free.max(now));
            pace.free = Some(at + Duration::from_secs_f64(writes as f64 / rate));
            at
        };
        sleep_until(at).await;
    }

    /// Writes per second, so long after the first.
    fn rate(&self, since: Duration) -> f64 {
        let Some(first) = self.first else { return self.max };
        let steps = since.as_secs() / self.interval.as_secs().max(1);
        let grown = first * 1.5f64.powi(i32::try_from(steps).unwrap_or(i32::MAX));
        grown.min(self.max)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn settings(ramp: bool) -> config::Firestore {
        config::Firestore { ramp, ..config::Config::defaults().unwrap().nexus.firestore }
    }

    #[test]
    fn the_rate_grows_by_half_every_five_minutes_up_to_its_end() {
        let ramp = Ramp::new(&settings(true));
        let at = |seconds| ramp.rate(Duration::from_secs(seconds));
        assert_eq!((at(0), at(299), at(300), at(600)), (500.0, 500.0, 750.0, 1125.0));
        assert_eq!(at(1_000_000_000), 10_000.0);
        assert_eq!(Ramp::new(&settings(false)).rate(Duration::ZERO), 10_000.0);
    }

    #[tokio::test(start_paused = true)]
    async fn writes_wait_their_turn() {
        let ramp = Ramp::new(&settings(true));
        let began = Instant::now();
        for _ in 0..3 {
            ramp.take(500).await;
        }
        let waited = began.elapsed().as_secs_f64();
        assert!((1.99..2.1).contains(&waited), "{waited}");
    }
}
