//! How long a service asks to wait, and how long it is waited for at most.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use crate::error::{Error, ErrorKind};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// The longest wait that an answer of this status can cause.
pub(super) const fn longest(status: u16) -> Duration {
    if status == 429 { DAY } else { HOUR }
}

/// The error of a wait that is longer than the call may take.
pub(super) fn too_long(wait: Duration) -> Error {
    let text = format!("the service is rate limited, come back in {} s", wait.as_secs_f64().ceil());
    Error::new(ErrorKind::RateLimited, text).with_retry_after(wait).retryable(true)
}

/// The wait that the text of a header means: a number, as [`of_number`] reads it, or a date of HTTP.
pub(super) fn of_text(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return of_number(number, now);
    }
    let until = httpdate::parse_http_date(text).ok()?;
    Some(until.duration_since(SystemTime::from(now)).unwrap_or_default())
}

/// The wait that a number means. Services give seconds or milliseconds, from now on or since 1970, and
/// do not say which; the ranges do not overlap:
///
/// - From 10⁹ (the year 2001) to 10¹¹ it is an instant in seconds, a thousand times that in
///   milliseconds, and so on to nanoseconds. An instant that has passed is no wait.
/// - Up to a day it is a time in seconds; so are whole days up to a year.
/// - Anything else is a time in milliseconds: in seconds it would be longer than any wait that is kept.
fn of_number(number: f64, now: DateTime<Utc>) -> Option<Duration> {
    const UNITS: [f64; 4] = [1.0, 1e3, 1e6, 1e9];
    const SECONDS_A_DAY: f64 = 86_400.0;
    if !number.is_finite() || number < 0.0 {
        return None;
    }
    let instant = UNITS.iter().map(|unit| number / unit).find(|seconds| (1e9..1e11).contains(seconds));
    let seconds = match instant {
        Some(seconds) => (seconds - now.timestamp_micros() as f64 / 1e6).max(0.0),
        None if number <= SECONDS_A_DAY => number,
        None if number % SECONDS_A_DAY == 0.0 && number <= 366.0 * SECONDS_A_DAY => number,
        None => number / 1e3,
    };
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_796_000_000, 0).unwrap()
    }

    fn seconds(text: &str) -> Option<f64> {
        of_text(text, now()).map(|wait| (wait.as_secs_f64() * 1e3).round() / 1e3)
    }

    #[test]
    fn seconds_milliseconds_instants_and_dates_are_told_apart() {
        for (text, wait) in [
            ("0", 0.0),
            ("7", 7.0),
            (" 1.5 ", 1.5),
            ("60000", 60_000.0),
            ("86400", 86_400.0),
            ("604800", 604_800.0),
            ("900000", 900.0),
            ("3600000", 3_600.0),
            ("86399999", 86_399.999),
            ("1796000060", 60.0),
            ("1796000060000", 60.0),
            ("1796000060500", 60.5),
            ("1796000060000000", 60.0),
            ("1796000060000000000", 60.0),
            ("1790000000000", 0.0),
            ("1790000000", 0.0),
            ("Mon, 30 Nov 2026 00:00:00 GMT", 0.0),
            ("Tue, 30 Nov 2027 00:00:00 GMT", 31_536_000.0 - 1_796_000_000.0 + 1_795_996_800.0),
        ] {
            assert_eq!(seconds(text), Some(wait), "{text}");
        }
        for text in ["", "soon", "-5", "inf", "NaN"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_number_makes_it_panic(number in any::<f64>(), text in "[-+.0-9eE]{0,24}") {
            let _ = of_number(number, now());
            let _ = of_text(&text, now());
        }
    }
}
