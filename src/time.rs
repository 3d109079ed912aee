//! Time scales: MJD and JD in UTC, TAI, TDB and TCB to UTC, and texts that mean an instant.
//!
//! Everything that leaves the crate is UTC, to the microsecond. ZTF gives MJD and JD in UTC; Rubin
//! gives MJD in TAI, which is 37 s ahead of UTC since 2017; Gaia gives TCB. Each is converted once,
//! where it comes in. Leap seconds and the relativistic scales are the IAU SOFA routines' (`sofars`).
//!
//! Within a UTC day that has a leap second an MJD of 86,400 s to the day is meant, so that an
//! instant behind the leap second is a second less than SOFA's stretched day says; no day since
//! 2016-12-31 has one.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};

/// MJD of the Unix epoch.
const EPOCH: f64 = 40_587.0;
const MICROS_A_DAY: f64 = 86_400e6;
/// JD of MJD 0.
const MJD_ZERO: f64 = 2_400_000.5;
const TT_AHEAD_OF_TAI: f64 = 32.184;

/// The instant of an MJD in UTC, to the nearest microsecond.
///
/// `None` when it is not finite or outside the years 1600 to 2500, where no survey was or will be.
///
/// ```
/// use tom_alerts::time::utc_from_mjd;
/// assert_eq!(utc_from_mjd(59_000.25).unwrap().to_rfc3339(), "2020-05-31T06:00:00+00:00");
/// assert_eq!(utc_from_mjd(f64::NAN), None);
/// ```
#[must_use]
pub fn utc_from_mjd(mjd: f64) -> Option<DateTime<Utc>> {
    utc_from_parts(mjd, 0.0)
}

/// The instant of a JD in UTC. A JD in 64 bits is good to 40 µs.
#[must_use]
pub fn utc_from_jd(jd: f64) -> Option<DateTime<Utc>> {
    utc_from_mjd(jd - MJD_ZERO)
}

/// The instant of an MJD in TAI, Rubin's scale: 37 s before the same MJD in UTC, since 2017.
///
/// ```
/// use tom_alerts::time::utc_from_tai_mjd;
/// assert_eq!(utc_from_tai_mjd(61_000.0).unwrap().to_rfc3339(), "2025-11-20T23:59:23+00:00");
/// ```
#[must_use]
pub fn utc_from_tai_mjd(mjd: f64) -> Option<DateTime<Utc>> {
    utc_from_tai(utc_from_mjd(mjd)?)
}

/// The instant of a JD in TDB, the scale of orbital elements.
#[must_use]
pub fn utc_from_tdb_jd(jd: f64) -> Option<DateTime<Utc>> {
    utc_from_tdb(jd - MJD_ZERO, 0.0)
}

/// The instant of a JD in TCB, Gaia's scale, at the centre of the Earth.
///
/// TDB less TT is from SOFA's series, good to microseconds; light travel time is not Gaia's to say.
#[must_use]
pub fn utc_from_tcb_jd(jd: f64) -> Option<DateTime<Utc>> {
    if !in_range(jd - MJD_ZERO) {
        return None;
    }
    let (day, rest) = sofars::ts::tcbtdb(MJD_ZERO, jd - MJD_ZERO).ok()?;
    utc_from_tdb(day - MJD_ZERO, rest)
}

/// The MJD in UTC of an instant.
#[must_use]
pub fn mjd_from_utc(time: DateTime<Utc>) -> f64 {
    let micros = time.timestamp_micros();
    let day = 86_400_000_000;
    EPOCH + micros.div_euclid(day) as f64 + micros.rem_euclid(day) as f64 / MICROS_A_DAY
}

/// The JD in UTC of an instant.
#[must_use]
pub fn jd_from_utc(time: DateTime<Utc>) -> f64 {
    mjd_from_utc(time) + MJD_ZERO
}

/// The MJD in TAI of an instant: what a query to Rubin's brokers is asked in.
#[must_use]
pub fn tai_mjd_from_utc(time: DateTime<Utc>) -> f64 {
    mjd_from_utc(time) + tai_ahead(time) / 86_400.0
}

/// An instant from text: ISO 8601 with `T` or a blank, with zone or without (then UTC), with
/// fraction, seconds and time of day or without; or as HTTP and e-mail write it.
///
/// ```
/// use tom_alerts::time::parse_utc;
/// assert_eq!(parse_utc("2020-11-01 10:45"), parse_utc("2020-11-01T10:45:00Z"));
/// assert_eq!(parse_utc("yesterday"), None);
/// ```
#[must_use]
pub fn parse_utc(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)) {
        return Some(time.to_utc());
    }
    let bare = text.strip_suffix(['Z', 'z']).unwrap_or(text).trim_end();
    let bare = bare.strip_suffix("UTC").map_or(bare, str::trim_end);
    const WHOLE: [&str; 4] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    let whole = WHOLE.iter().find_map(|format| NaiveDateTime::parse_from_str(bare, format).ok());
    let time = whole.or_else(|| NaiveDate::parse_from_str(bare, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    Some(time.and_utc())
}

/// An MJD from text: a number, or a date as [`parse_utc`] takes it.
#[must_use]
pub fn parse_mjd(text: &str) -> Option<f64> {
    match text.trim().parse::<f64>() {
        Ok(mjd) => Some(mjd).filter(|mjd| mjd.is_finite()),
        Err(_) => parse_utc(text).map(mjd_from_utc),
    }
}

fn in_range(mjd: f64) -> bool {
    (-94_553.0..234_166.0).contains(&mjd)
}

/// MJD as two parts of which the first may be large, the second is small.
fn utc_from_parts(mjd: f64, rest: f64) -> Option<DateTime<Utc>> {
    if !in_range(mjd) || !in_range(mjd + rest) {
        return None;
    }
    // The day and its fraction are exact; only the last rounding is not.
    let day = mjd.floor();
    let micros = ((mjd - day + rest) * MICROS_A_DAY).round();
    let day = (day - EPOCH) as i64;
    DateTime::from_timestamp_micros(day * 86_400_000_000 + micros as i64)
}

fn utc_from_tdb(mjd: f64, rest: f64) -> Option<DateTime<Utc>> {
    if !in_range(mjd) || !in_range(mjd + rest) {
        return None;
    }
    let ahead = sofars::ts::dtdb(MJD_ZERO, mjd + rest, 0.0, 0.0, 0.0, 0.0);
    utc_from_tai(utc_from_parts(mjd, rest - (ahead + TT_AHEAD_OF_TAI) / 86_400.0)?)
}

/// The instant in UTC of a TAI reading that is held as if it were UTC.
fn utc_from_tai(tai: DateTime<Utc>) -> Option<DateTime<Utc>> {
    // The offset belongs to the UTC that comes out, so it is asked for twice.
    let less = |offset: f64| tai.checked_sub_signed(chrono::TimeDelta::microseconds((offset * 1e6).round() as i64));
    let near = less(tai_ahead(tai))?;
    less(tai_ahead(near))
}

/// Seconds by which TAI is ahead of UTC.
fn tai_ahead(time: DateTime<Utc>) -> f64 {
    let fraction = f64::from(time.num_seconds_from_midnight()) / 86_400.0;
    // Behind the table's end the last offset holds: no further leap second has been announced.
    sofars::ts::dat(time.year(), time.month() as i32, time.day() as i32, fraction).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(time: Option<DateTime<Utc>>) -> String {
        time.unwrap().format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
    }

    #[test]
    fn mjd_and_jd_are_utc_to_the_microsecond() {
        assert_eq!(text(utc_from_mjd(59_204.198_831)), "2020-12-21T04:46:18.998400");
        assert_eq!(text(utc_from_mjd(40_587.0)), "1970-01-01T00:00:00.000000");
        assert_eq!(text(utc_from_mjd(40_586.999_999)), "1969-12-31T23:59:59.913600");
        assert_eq!(text(utc_from_jd(2_451_545.0)), "2000-01-01T12:00:00.000000");
        for bad in [f64::NAN, f64::INFINITY, -1e300, 1e300, 2_459_000.5] {
            assert_eq!(utc_from_mjd(bad), None, "{bad}");
        }
    }

    #[test]
    fn tai_follows_the_leap_seconds() {
        // IERS Bulletin C: 36 s until the end of 2016, 37 s since.
        assert_eq!(text(utc_from_tai_mjd(57_753.0)), "2016-12-30T23:59:24.000000");
        assert_eq!(text(utc_from_tai_mjd(57_755.0)), "2017-01-01T23:59:23.000000");
        assert_eq!(text(utc_from_tai_mjd(61_217.420_025)), "2026-06-26T10:04:13.160000");
        assert_eq!(text(utc_from_tai_mjd(70_000.0)), "2050-07-11T23:59:23.000000");
    }

    #[test]
    fn sofas_own_example_of_tdb_and_tcb_holds() {
        // SOFA Time Scale and Calendar Tools, 2.6.2: 2006-01-15 21:24:37.5 UTC in every scale.
        let utc = "2006-01-15T21:24:37.5";
        let tdb = MJD_ZERO + 53_750.0 + (21.0 * 3_600.0 + 25.0 * 60.0 + 42.684_373) / 86_400.0;
        let tcb = MJD_ZERO + 53_750.0 + (21.0 * 3_600.0 + 25.0 * 60.0 + 56.893_952) / 86_400.0;
        let want = parse_utc(utc).unwrap();
        for found in [utc_from_tdb_jd(tdb), utc_from_tcb_jd(tcb)] {
            let off = (found.unwrap() - want).num_microseconds().unwrap().abs();
            assert!(off < 50, "{off} µs off");
        }
    }

    #[test]
    fn texts_that_people_and_services_write() {
        let want = "2020-11-01T10:45:18.000000";
        for given in [
            "2020-11-01T10:45:18Z",
            "2020-11-01 10:45:18",
            "2020-11-01T10:45:18.000",
            "2020-11-01T12:45:18+02:00",
            "Sun, 01 Nov 2020 10:45:18 GMT",
            " 2020-11-01 10:45:18 UTC ",
        ] {
            assert_eq!(text(parse_utc(given)), want, "{given}");
        }
        assert_eq!(text(parse_utc("2020-11-01")), "2020-11-01T00:00:00.000000");
        assert_eq!(parse_mjd("59154.5"), Some(59_154.5));
        assert_eq!(parse_mjd("2020-11-01T12:00"), Some(59_154.5));
        assert_eq!(parse_mjd("inf"), None);
    }

    proptest! {
        #[test]
        fn no_number_panics(number in any::<f64>()) {
            for f in [utc_from_mjd, utc_from_jd, utc_from_tai_mjd, utc_from_tdb_jd, utc_from_tcb_jd] {
                let _ = f(number);
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = (parse_utc(&text), parse_mjd(&text));
        }

        #[test]
        fn mjd_goes_both_ways(micros in -2_000_000_000_000_000_i64..4_000_000_000_000_000) {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            let back = utc_from_mjd(mjd_from_utc(time)).unwrap();
            prop_assert!((back - time).num_microseconds().unwrap().abs() <= 1);
            let tai = utc_from_tai_mjd(tai_mjd_from_utc(time)).unwrap();
            prop_assert!((tai - time).num_seconds().abs() <= 1);
        }
    }
}
