//! Sums of whole days. They follow from the hours and are kept nowhere else.

use std::collections::BTreeMap;

use super::rollup::Period;

const DAY_HOURS: i64 = 24;

/// The sums of days that are over, by the number of the day since the Unix epoch. A day that is not here is read by its hours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Days(BTreeMap<i64, Period>);

const fn day_of(hour: i64) -> i64 {
    hour.div_euclid(DAY_HOURS)
}

impl Days {
    /// An hour is about to change, so the sum of its day is none any more.
    pub(super) fn forget(&mut self, hour: i64) {
        self.0.remove(&day_of(hour));
    }

    /// Sums up the days before the newest that have no sum. To be called once an hour has come: an event that comes late costs its day's sum, and
    /// this way not one sum for each such event. A day that has lost hours would lose its sum with each further one, so it has none.
    pub(super) fn sum_up(&mut self, hours: &BTreeMap<i64, Period>, dropped: Option<i64>) {
        let Some((&newest, _)) = hours.last_key_value() else { return };
        let mut at = dropped.map_or(i64::MIN, |dropped| (day_of(dropped) + 1) * DAY_HOURS);
        while let Some((&hour, _)) = hours.range(at..).next()
            && day_of(hour) < day_of(newest)
        {
            let (day, next) = (day_of(hour), (day_of(hour) + 1) * DAY_HOURS);
            self.0.entry(day).or_insert_with(|| {
                let mut sum = Period::default();
                hours.range(hour..next).for_each(|(_, hour)| sum.merge(hour));
                sum
            });
            at = next;
        }
    }

    /// The hours from number `first` on, those of days that are here as one.
    pub(super) fn pieces<'a>(
        &'a self,
        hours: &'a BTreeMap<i64, Period>,
        first: i64,
    ) -> impl Iterator<Item = &'a Period> {
        let mut at = first;
        std::iter::from_fn(move || {
            let (&number, hour) = hours.range(at..).next()?;
            let day = day_of(number);
            let whole = self.0.get(&day).filter(|_| at <= day * DAY_HOURS);
            at = if whole.is_some() { (day + 1) * DAY_HOURS } else { number + 1 };
            Some(whole.unwrap_or(hour))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use nexus_model::{Catalog, Timestamp};
    use proptest::prelude::*;

    use super::*;
    use crate::views::{
        Caps, HOUR_SECONDS,
        facts::{Facts, Rows},
        rollup::Rollups,
        tests::{mixed, small},
    };

    fn rollups(steps: &[i64], caps: &Caps) -> Rollups {
        let (rows, mut rollups) = (Rows::new(Catalog::builtin()), Rollups::default());
        let mut hour = 490_000;
        for (n, step) in (0..).zip(steps) {
            hour += step;
            let mut event = mixed(n);
            event.recorded_at = Timestamp::from_micros(hour * HOUR_SECONDS * 1_000_000).unwrap();
            let leaf = crate::canonical_bytes(&event);
            rollups.add(&Facts::read(&rows, &leaf).unwrap(), caps);
        }
        rollups
    }

    fn sum<'a>(periods: impl Iterator<Item = &'a Period>) -> Period {
        periods.fold(Period::default(), |mut sum, period| {
            sum.merge(period);
            sum
        })
    }

    proptest! {
        /// Whatever comes late, goes or is read back, and wherever a window begins.
        #[test]
        fn a_window_is_what_its_hours_sum_up_to(
            steps in prop::collection::vec(prop_oneof![4 => 0..3i64, 1 => -40..60i64], 1..150), hours in 2..90usize,
        ) {
            let caps = Caps { hours, rows: 100_000, ..small() };
            let filled = rollups(&steps, &caps);
            let mut kept: Rollups = serde_json::from_slice(&serde_json::to_vec(&filled).unwrap()).unwrap();
            kept.complete();
            let (oldest, newest) = (*filled.hours.keys().next().unwrap(), *filled.hours.keys().last().unwrap());
            for first in (oldest - 30..newest + 30).step_by(5) {
                let by_hours = sum(filled.hours.range(first..).map(|(_, hour)| hour));
                prop_assert_eq!(&sum(filled.since(first)), &by_hours);
                prop_assert_eq!(&sum(kept.since(first)), &by_hours);
            }
        }
    }

    /// Without this the days could be empty, and every window right.
    #[test]
    fn a_long_window_has_few_pieces() {
        let filled = rollups(&[1; 24 * 30], &Caps { hours: 722, rows: 100_000, ..small() });
        let pieces = filled.since(*filled.hours.keys().next().unwrap()).count();
        assert!(pieces <= 29 + 2 * 24, "{pieces}");
    }
}
