//! One form of time on the wire: RFC 3339, UTC, microseconds, `Z`.

use std::{fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment, to the microsecond. Reads any RFC 3339 offset; writes `2026-11-21T07:45:00.123456Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z
    pub const EPOCH: Self = Self(0);

    /// The moment so many microseconds after the Unix epoch, or `None` outside the years 0 to 9999.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        let time = DateTime::<Utc>::from_timestamp_micros(micros)?;
        (0..=9999).contains(&chrono::Datelike::year(&time)).then_some(Self(micros))
    }

    /// The moment of `time`, cut to the microsecond; `None` outside the years 0 to 9999.
    #[must_use]
    pub fn from_datetime(time: DateTime<Utc>) -> Option<Self> {
        Self::from_micros(time.timestamp_micros())
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The same moment as a `chrono` time.
    #[must_use]
    pub fn datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// This moment and `micros` more (or fewer), kept within the years that can be written.
    #[must_use]
    pub fn plus_micros(self, micros: i64) -> Self {
        Self::from_micros(self.0.saturating_add(micros)).unwrap_or(self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.datetime().to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl FromStr for Timestamp {
    type Err = super::InvalidId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .and_then(|time| Self::from_datetime(time.to_utc()))
            .ok_or(super::InvalidId { noun: "time", form: "RFC 3339, for instance 2026-11-21T07:45:00Z" })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn any_offset_is_read_and_utc_is_written() {
        let time: Timestamp = "2026-11-21T09:45:00.1234567+02:00".parse().unwrap();
        assert_eq!(time.to_string(), "2026-11-21T07:45:00.123456Z");
        assert!("2026-11-21 07:45".parse::<Timestamp>().is_err());
    }

    proptest::proptest! {
        #[test]
        fn text_and_micros_agree(micros in -62_000_000_000_000_000i64..253_000_000_000_000_000) {
            let time = Timestamp::from_micros(micros).unwrap();
            proptest::prop_assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
        }
    }
}
