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
        let at = self.turn(&mut *self.pace.lock().await, Instant::now(), writes);
        sleep_until(at).await;
    }

    /// When so many writes may go out, asked for now.
    fn turn(&self, pace: &mut Pace, now: Instant, writes: usize) -> Instant {
        let began = *pace.began.get_or_insert(now);
        let rate = self.rate(now.saturating_duration_since(began));
        let at = pace.free.map_or(now, |free| free.max(now));
        pace.free = Some(at + Duration::from_secs_f64(writes as f64 / rate));
        at
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

    #[test]
    fn writes_wait_their_turn() {
        let (ramp, mut pace, began) = (Ramp::new(&settings(true)), Pace::default(), Instant::now());
        let turns = [(); 3].map(|()| (ramp.turn(&mut pace, began, 500) - began).as_secs());
        assert_eq!(turns, [0, 1, 2]);
        let idle = began + Duration::from_secs(60);
        assert_eq!(ramp.turn(&mut pace, idle, 500), idle, "what was not used is not saved up");
    }
}
