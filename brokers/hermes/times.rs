//! The ends of a time span as Hermes' archive takes them.

use super::hopskotch::moment;
use crate::plugin::*;

/// The first whole millisecond that is not before a time: messages have whole milliseconds, and the
/// archive refuses a part of one.
pub(super) fn from(time: DateTime<Utc>) -> String {
    let part = !time.timestamp_subsec_nanos().is_multiple_of(1_000_000);
    millisecond(time.timestamp_millis().saturating_add(i64::from(part)))
}

/// The first whole millisecond behind a time: messages of the end that is asked for do not come.
pub(super) fn behind(time: DateTime<Utc>) -> String {
    millisecond(time.timestamp_millis().saturating_add(1))
}

fn millisecond(since_1970: i64) -> String {
    moment(DateTime::from_timestamp_millis(since_1970).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_whole_milliseconds_that_hold_what_is_asked_for() {
        let time = |text: &str| text.parse().unwrap();
        assert_eq!(from(time("2026-11-01T00:00:00Z")), "2026-11-01T00:00:00Z");
        assert_eq!(from(time("2026-11-01T00:00:00.123Z")), "2026-11-01T00:00:00.123Z");
        assert_eq!(from(time("2026-11-01T00:00:00.123000001Z")), "2026-11-01T00:00:00.124Z");
        assert_eq!(behind(time("2026-11-01T00:00:00Z")), "2026-11-01T00:00:00.001Z");
        assert_eq!(behind(time("2026-11-01T00:00:00.999999Z")), "2026-11-01T00:00:01Z");
    }
}
