//! Counters and latencies of requests. Their labels are ours: routes by their template, methods and statuses that we answer.
//!
//! Every request is counted, so what counts is kept: looking a series up by its labels costs more than counting.

use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use http::{Method, StatusCode};
use metrics::{Counter, Histogram};
use nexus_model::Synthesized;

/// Counts requests.
pub struct RequestCounts {
    /// By route.
    series: RwLock<HashMap<String, Vec<Series>>>,
    request_ids: Counter,
    trace_ids: Counter,
    told: PerSecond,
}

/// One route's answers to one method with one status.
#[derive(Clone)]
struct Series {
    method: &'static str,
    status: StatusCode,
    requests: Counter,
    seconds: Histogram,
}

impl RequestCounts {
    /// Counters of the recorder that is installed. At most `synthesized_per_second` lines tell of ids made here.
    #[must_use]
    pub fn new(synthesized_per_second: u32) -> Self {
        Self {
            series: RwLock::default(),
            request_ids: metrics::counter!("nexus_ids_synthesized_total", "id" => "request_id"),
            trace_ids: metrics::counter!("nexus_ids_synthesized_total", "id" => "trace_id"),
            told: PerSecond::new(synthesized_per_second),
        }
    }

    /// Counts the ids that a caller did not give; `true` when a line is to tell of them.
    pub fn synthesized(&self, synthesized: Synthesized) -> bool {
        for (made, counter) in [(synthesized.request_id, &self.request_ids), (synthesized.trace_id, &self.trace_ids)] {
            if made {
                counter.increment(1);
            }
        }
        (synthesized.request_id || synthesized.trace_id) && self.told.admits()
    }

    /// Counts an answer. `route` is a template, never what a caller wrote.
    pub fn answered(&self, route: &str, method: &Method, status: StatusCode, seconds: f64) {
        let method = name(method);
        let known = |series: &HashMap<String, Vec<Series>>| {
            let found = series.get(route)?.iter().find(|one| one.method == method && one.status == status)?;
            found.requests.increment(1);
            found.seconds.record(seconds);
            Some(())
        };
        if known(&self.series.read().unwrap_or_else(PoisonError::into_inner)).is_some() {
            return;
        }
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        if known(&series).is_none() {
            let one = Series::new(route, method, status);
            one.requests.increment(1);
            one.seconds.record(seconds);
            series.entry(route.to_owned()).or_default().push(one);
        }
    }
}

/// Lets so many through in each second, and no more.
struct PerSecond {
    most: u32,
    begun: Instant,
    /// The second that is counted, and below it the count.
    counted: AtomicU64,
}

impl PerSecond {
    fn new(most: u32) -> Self {
        Self { most, begun: Instant::now(), counted: AtomicU64::new(0) }
    }

    fn admits(&self) -> bool {
        self.admits_in(self.begun.elapsed().as_secs())
    }

    fn admits_in(&self, second: u64) -> bool {
        let next = |counted: u64| {
            let count = if counted >> 32 == second { counted & u64::from(u32::MAX) } else { 0 };
            (count < u64::from(self.most)).then_some(second << 32 | (count + 1))
        };
        self.counted.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }
}

impl Series {
    fn new(route: &str, method: &'static str, status: StatusCode) -> Self {
        let labels = [
            metrics::Label::new("route", route.to_owned()),
            metrics::Label::from_static_parts("method", method),
            metrics::Label::new("status", status.as_str().to_owned()),
        ];
        Self {
            method,
            status,
            requests: metrics::counter!("nexus_http_requests_total", labels.iter()),
            seconds: metrics::histogram!("nexus_http_request_duration_seconds", labels[..2].iter()),
        }
    }
}

/// A method's label: callers can send any word as one.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_second_begins_anew() {
        let some = PerSecond::new(3);
        let admitted = |second| (0..10).filter(|_| some.admits_in(second)).count();
        assert_eq!([admitted(0), admitted(0), admitted(1), admitted(9)], [3, 0, 3, 3]);
        assert!(!PerSecond::new(0).admits_in(5));
    }
}
