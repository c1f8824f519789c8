//! Cron expressions of five fields, and the times at which they are due.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Start of the search for a time of an expression. Whether there is one does not depend on it.
const SEARCH_START: Timestamp = Timestamp::UNIX_EPOCH;

/// Valid cron expression.
#[derive(Debug, Clone)]
pub struct CronExpression {
    text: String,
    cron: Cron,
}

/// Two expressions are equal if their texts are.
impl PartialEq for CronExpression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl CronExpression {
    /// Parses an expression. Returns the reason if it is invalid or has no time.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let invalid = |why: &str| {
            format!(
                "invalid cron schedule \"{text}\": {why}; use five fields: minute, hour, day of the month, month, day of the week"
            )
        };
        let cron = parser.parse(text).map_err(|error| invalid(&error.to_string()))?;
        let expression = Self {
            text: text.to_owned(),
            cron,
        };
        if expression.upcoming(SEARCH_START, &TimeZone::UTC, 1).is_empty() {
            return Err(invalid("it never occurs"));
        }
        Ok(expression)
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the next `count` times after `after`, earliest first. Times are of the zone's clock: one that the change to summer
    /// time skips occurs at the end of the gap, and one that the change back repeats occurs once.
    pub fn upcoming(&self, after: Timestamp, zone: &TimeZone, count: usize) -> Vec<Timestamp> {
        let mut last = after.to_zoned(zone.clone());
        let next = || {
            last = self.cron.find_next_occurrence(&last, false).ok()?;
            Some(last.timestamp())
        };
        std::iter::from_fn(next).take(count).collect()
    }
}

impl CronExpression {
    /// Returns the first time in UTC after `time`; `None` if there is none that can be represented.
    pub fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        self.upcoming(time, &TimeZone::UTC, 1).pop()
    }

    /// Returns the latest time in UTC that is not after `time`; `None` if there is none that can be represented.
    pub fn latest_until(&self, time: Timestamp) -> Option<Timestamp> {
        // Without its fraction, so that a time within the second of a match is not before it.
        let whole = Timestamp::from_second(time.as_second()).unwrap_or(time);
        let latest = self
            .cron
            .find_previous_occurrence(&whole.to_zoned(TimeZone::UTC), true);
        latest.ok().map(|at| at.timestamp())
    }
}

impl Serialize for CronExpression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for CronExpression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Time zone of the IANA database.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedZone {
    name: String,
    pub zone: TimeZone,
}

impl NamedZone {
    /// Returns the reason if there is no time zone of this name.
    pub fn find(name: &str) -> Result<Self, String> {
        let zone = TimeZone::get(name).map_err(|_| {
            format!(
                "unknown time zone \"{name}\"; use a name of the IANA database, such as \"Europe/Berlin\""
            )
        })?;
        Ok(Self {
            name: name.to_owned(),
            zone,
        })
    }
}

impl Serialize for NamedZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for NamedZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::find(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upcoming(schedule: &str, after: &str, zone: &str, count: usize) -> Vec<String> {
        let expression = CronExpression::parse(schedule).unwrap();
        let zone = NamedZone::find(zone).unwrap().zone;
        let times = expression.upcoming(after.parse().unwrap(), &zone, count);
        times.iter().map(Timestamp::to_string).collect()
    }

    #[test]
    fn times_follow_the_schedule() {
        assert_eq!(
            upcoming("*/15 9-10 * * mon", "2026-01-05T10:30:00.25Z", "UTC", 3),
            [
                "2026-01-05T10:45:00Z",
                "2026-01-12T09:00:00Z",
                "2026-01-12T09:15:00Z"
            ]
        );
        // A day of the month or a day of the week, if both are restricted.
        assert_eq!(
            upcoming("0 0 13 * 5", "2026-02-01T00:00:00Z", "UTC", 3),
            [
                "2026-02-06T00:00:00Z",
                "2026-02-13T00:00:00Z",
                "2026-02-20T00:00:00Z"
            ]
        );
        assert_eq!(
            upcoming("0 0 29 2 *", "2026-01-01T00:00:00Z", "UTC", 1),
            ["2028-02-29T00:00:00Z"]
        );
        assert_eq!(
            upcoming("0 0 * * 7", "2026-01-01T00:00:00Z", "UTC", 1),
            ["2026-01-04T00:00:00Z"]
        );
        assert_eq!(
            upcoming("@hourly", "2026-01-01T00:00:00Z", "UTC", 1),
            ["2026-01-01T01:00:00Z"]
        );
    }

    #[test]
    fn changes_of_the_clock_are_followed() {
        // 2:30 does not exist on 29 March in Berlin.
        assert_eq!(
            upcoming("30 2 * * *", "2026-03-27T12:00:00Z", "Europe/Berlin", 3),
            [
                "2026-03-28T01:30:00Z",
                "2026-03-29T01:00:00Z",
                "2026-03-30T00:30:00Z"
            ]
        );
        // 2:30 exists twice on 25 October.
        assert_eq!(
            upcoming("30 2 * * *", "2026-10-23T12:00:00Z", "Europe/Berlin", 3),
            [
                "2026-10-24T00:30:00Z",
                "2026-10-25T00:30:00Z",
                "2026-10-26T01:30:00Z"
            ]
        );
        assert_eq!(
            upcoming("0 9 * * *", "2026-03-28T12:00:00Z", "America/New_York", 1),
            ["2026-03-28T13:00:00Z"]
        );
    }

    #[test]
    fn times_before_and_after_are_found() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let nightly = CronExpression::parse("30 3 * * *").unwrap();
        let now = at("2026-02-28T12:00:00.5Z");
        assert_eq!(nightly.next_after(now), Some(at("2026-03-01T03:30:00Z")));
        assert_eq!(nightly.latest_until(now), Some(at("2026-02-28T03:30:00Z")));
        let exact = at("2026-02-28T03:30:00Z");
        assert_eq!(nightly.next_after(exact), Some(at("2026-03-01T03:30:00Z")));
        assert_eq!(nightly.latest_until(exact), Some(exact));
        assert_eq!(nightly.latest_until(at("2026-02-28T03:30:00.9Z")), Some(exact));
    }

    #[test]
    fn invalid_schedules_and_zones_are_refused() {
        for schedule in [
            "",
            "* * * *",
            "* * * * * *",
            "* * * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "a * * * *",
            "*/0 * * * *",
            "5-1 * * * *",
            "@sometimes",
            "0 0 30 2 *",
            "0 0 31 4,6 *",
        ] {
            let reason = CronExpression::parse(schedule).unwrap_err();
            assert!(
                reason.starts_with(&format!("invalid cron schedule \"{schedule}\": ")),
                "{reason}"
            );
        }
        for zone in ["Mars/Olympus", "", "+01:00 "] {
            assert!(NamedZone::find(zone).is_err(), "{zone}");
        }
    }
}
