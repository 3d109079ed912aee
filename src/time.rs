//! Time scales: MJD and JD in UTC, TAI, TT, TDB and TCB to UTC and back, and the readers of dates as text.
//!
//! Everything that leaves is UTC, to the microsecond. Days are split into whole and fraction and turned
//! into whole microseconds, never into a 64-bit float of seconds, so no digit of the input is lost: an
//! MJD of today resolves 0.6 µs, a JD in one float 40 µs. Numbers outside the years 1800 to 2199, and
//! those that are not finite, give `None`.
//!
//! | scale | who uses it | how it becomes UTC |
//! |---|---|---|
//! | UTC | ZTF and most others | as it is |
//! | TAI | Rubin (`...MjdTai`) | minus the leap seconds of SOFA's table: 37 s since 2017 |
//! | TT, TDB | orbits | TAI = TT − 32.184 s; TDB − TT, at most 1.7 ms, from its two largest terms (40 µs) |
//! | TCB | Gaia | the linear drift to TDB, then as above |
//!
//! # Leap seconds
//! A UTC day here has 86 400 s, as in POSIX and [`DateTime<Utc>`]. A leap second has no instant of its
//! own: 23:59:60.25 is 00:00:00.25 of the next day. TAI and the dynamical scales count every second, so
//! they are right to the end of a day that has one. A *UTC* MJD or JD is read with days of 86 400 s too.
//! SOFA's quasi-JD instead stretches a day with a leap second: there MJD 57753.5 (2016-12-31, the last
//! of its kind) is 12:00:00.5, here it is 12:00:00. On all other days since 1972 both agree. Before 1960
//! there was no UTC, and TAI is taken as equal to it.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sofars::ts::{dat, tcbtdb, tdbtt, tttai};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// MJD of 1970-01-01.
const UNIX_EPOCH: i64 = 40_587;
/// Days from the year 1 (of the common era) to MJD 0.
const MJD_FROM_CE: i64 = 678_576;
/// JD of MJD 0.
const MJD_ZERO: f64 = 2_400_000.5;
/// MJD of 1800-01-01 and 2200-01-01.
const SANE_DAYS: std::ops::Range<i64> = -21_504..124_593;

/// UTC from a modified Julian date in UTC, rounded to the nearest microsecond.
///
/// `None` when the number is not finite or lies outside the years 1800 to 2199.
///
/// ```
/// let time = tom_alerts::time::utc_from_mjd(59000.25).unwrap();
/// assert_eq!(time.to_rfc3339(), "2020-05-31T06:00:00+00:00");
/// assert_eq!(tom_alerts::time::utc_from_mjd(f64::NAN), None);
/// ```
#[must_use]
pub fn utc_from_mjd(mjd: f64) -> Option<DateTime<Utc>> {
    utc(micros(split_mjd(mjd)?)?)
}

/// UTC from a Julian date in UTC, rounded to the nearest microsecond.
///
/// A JD in one float resolves 40 µs. `None` as for [`utc_from_mjd`].
#[must_use]
pub fn utc_from_jd(jd: f64) -> Option<DateTime<Utc>> {
    utc(micros(split(jd)?)?)
}

/// UTC from a modified Julian date in TAI, the scale of Rubin's times.
///
/// The leap seconds of the date are used (37 s since 2017-01-01). `None` as for [`utc_from_mjd`].
///
/// ```
/// let time = tom_alerts::time::utc_from_tai_mjd(60000.5).unwrap();
/// assert_eq!(time.to_rfc3339(), "2023-02-25T11:59:23+00:00");
/// ```
#[must_use]
pub fn utc_from_tai_mjd(mjd: f64) -> Option<DateTime<Utc>> {
    utc_from_tai(split_mjd(mjd)?)
}

/// UTC from a Julian date in TT (terrestrial time). `None` as for [`utc_from_mjd`].
#[must_use]
pub fn utc_from_tt_jd(jd: f64) -> Option<DateTime<Utc>> {
    utc_from_tt(split(jd)?)
}

/// UTC from a Julian date in TDB, the scale of orbital elements.
///
/// TDB − TT comes from its two largest terms, right to 40 µs. `None` as for [`utc_from_mjd`].
#[must_use]
pub fn utc_from_tdb_jd(jd: f64) -> Option<DateTime<Utc>> {
    utc_from_tdb(split(jd)?)
}

/// UTC from a Julian date in TCB, the scale of Gaia's light curves.
///
/// TCB is ahead of UTC by 85.6 s in 2014 and 92.7 s in 2025. Right to 60 µs, the resolution of a JD
/// included. `None` as for [`utc_from_mjd`].
///
/// ```
/// let time = tom_alerts::time::utc_from_tcb_jd(2456961.5697).unwrap();
/// assert_eq!(time.format("%F %T%.3f").to_string(), "2014-10-31 01:38:56.387");
/// ```
#[must_use]
pub fn utc_from_tcb_jd(jd: f64) -> Option<DateTime<Utc>> {
    utc_from_tcb(split(jd)?)
}

/// UTC from a modified Julian date in TCB; see [`utc_from_tcb_jd`].
#[must_use]
pub fn utc_from_tcb_mjd(mjd: f64) -> Option<DateTime<Utc>> {
    utc_from_tcb(split_mjd(mjd)?)
}

/// The modified Julian date in UTC, to half a unit in the last place (0.3 µs today).
#[must_use]
pub fn mjd_from_utc(time: DateTime<Utc>) -> f64 {
    let (day, part) = days(time);
    (day + UNIX_EPOCH) as f64 + part
}

/// The Julian date in UTC, to half a unit in the last place (20 µs today).
#[must_use]
pub fn jd_from_utc(time: DateTime<Utc>) -> f64 {
    let (day, part) = days(time);
    // The half day goes to the fraction: the sum is rounded only once.
    (day + UNIX_EPOCH + 2_400_000) as f64 + (part + 0.5)
}

/// The modified Julian date in TAI, for requests to services that keep Rubin's times.
///
/// ```
/// use tom_alerts::time::{tai_mjd_from_utc, utc_from_tai_mjd};
/// let time = utc_from_tai_mjd(61217.42118006405).unwrap();
/// assert!((tai_mjd_from_utc(time) - 61217.42118006405).abs() < 1e-11);
/// ```
#[must_use]
pub fn tai_mjd_from_utc(time: DateTime<Utc>) -> f64 {
    let (day, part) = days(time);
    let day = day + UNIX_EPOCH;
    day as f64 + (part + tai_minus_utc(day, part) as f64 / DAY as f64)
}

/// Reads a date and time as services write them; without a zone it is UTC.
///
/// Taken are ISO 8601 (`2026-08-01T10:05:52.958Z`, also with a blank or `_` for the `T`, an offset, a
/// comma or nine digits in the fraction, a one-digit hour, without seconds, the date alone = midnight)
/// and the dates of mail and HTTP (RFC 2822, `Mon, 10 Sep 2018 02:56:25 GMT`). Blanks around it do not
/// matter. Digits beyond the nanosecond are dropped. `None` for anything else, numbers included; see
/// [`parse_mjd`].
///
/// ```
/// use tom_alerts::time::parse_utc;
/// assert_eq!(parse_utc("2024-01-02 3:04"), parse_utc("2024-01-02T05:04:00+02:00"));
/// assert_eq!(parse_utc("yesterday"), None);
/// ```
#[must_use]
pub fn parse_utc(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    parse_iso(text).or_else(|| DateTime::parse_from_rfc2822(text).ok().and_then(|time| whole(time.to_utc())))
}

/// Reads an MJD in UTC: a finite number as it is, or a date that [`parse_utc`] takes.
///
/// ```
/// use tom_alerts::time::parse_mjd;
/// assert_eq!(parse_mjd("59000.25"), Some(59000.25));
/// assert_eq!(parse_mjd("2020-05-31T06:00:00"), Some(59000.25));
/// assert_eq!(parse_mjd("NaN"), None);
/// ```
#[must_use]
pub fn parse_mjd(text: &str) -> Option<f64> {
    match text.trim().parse::<f64>() {
        Ok(mjd) => mjd.is_finite().then_some(mjd),
        Err(_) => parse_utc(text).map(mjd_from_utc),
    }
}

/// A Julian date in two parts: a whole or half day, and a rest below one day.
type Parts = (f64, f64);

/// Whole and fraction; `None` keeps NaN, infinity and dates beyond every calendar out of the routines below.
fn split(jd: f64) -> Option<Parts> {
    (jd.abs() < 1e7).then(|| (jd.floor(), jd - jd.floor()))
}

fn split_mjd(mjd: f64) -> Option<Parts> {
    split(mjd).map(|(day, part)| (MJD_ZERO + day, part))
}

/// Microseconds since MJD 0, rounded half up.
fn micros((whole, part): Parts) -> Option<i64> {
    let carried = part.floor();
    let day = (whole - MJD_ZERO).floor();
    let half = if whole - MJD_ZERO > day { DAY / 2 } else { 0 };
    let day = (day + carried) as i64;
    // A fraction of a JD or MJD is a multiple of 2^-63 (or below any meaning), so this product is exact.
    let ticks = ((part - carried) * (1_u64 << 63) as f64) as i128;
    let rounded = (ticks * i128::from(DAY) + (1 << 62)) >> 63;
    day.checked_mul(DAY)?.checked_add(half)?.checked_add(i64::try_from(rounded).ok()?)
}

/// The last step of every scale, so the limit on years holds for what leaves.
fn utc(micros: i64) -> Option<DateTime<Utc>> {
    let sane = SANE_DAYS.contains(&micros.div_euclid(DAY));
    sane.then(|| DateTime::from_timestamp_micros(micros - UNIX_EPOCH * DAY))?
}

fn utc_from_tai(tai: Parts) -> Option<DateTime<Utc>> {
    let tai = micros(tai)?;
    let offset_at = |utc: i64| tai_minus_utc(utc.div_euclid(DAY), utc.rem_euclid(DAY) as f64 / DAY as f64);
    // Near midnight TAI has another date than UTC: the first answer serves to find the day in UTC.
    utc(tai - offset_at(tai - offset_at(tai)))
}

fn utc_from_tt((whole, part): Parts) -> Option<DateTime<Utc>> {
    utc_from_tai(tttai(whole, part).ok()?)
}

fn utc_from_tdb((whole, part): Parts) -> Option<DateTime<Utc>> {
    utc_from_tt(tdbtt(whole, part, tdb_minus_tt(whole + part)).ok()?)
}

fn utc_from_tcb((whole, part): Parts) -> Option<DateTime<Utc>> {
    utc_from_tdb(tcbtdb(whole, part).ok()?)
}

/// TDB − TT in seconds from the Earth's mean anomaly: the two largest of the near 800 terms of SOFA's
/// `dtdb`. All the others together stay below 40 µs, the resolution of a JD.
fn tdb_minus_tt(jd: f64) -> f64 {
    let anomaly = (357.53 + 0.985_600_28 * (jd - 2_451_545.0)).to_radians();
    0.001_657 * anomaly.sin() + 0.000_014 * (2.0 * anomaly).sin()
}

/// TAI − UTC in microseconds on the UTC day of this MJD; 0 before 1960 and beyond the calendar.
fn tai_minus_utc(day: i64, part: f64) -> i64 {
    let date = i32::try_from(day + MJD_FROM_CE).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
    let seconds = date
        .and_then(|date| dat(date.year(), date.month() as i32, date.day() as i32, part.clamp(0.0, 1.0)).ok());
    (seconds.unwrap_or(0.0) * 1e6).round() as i64
}

/// Days since 1970 and the fraction of the day.
fn days(time: DateTime<Utc>) -> (i64, f64) {
    let seconds = time.timestamp();
    // Nanoseconds of a day fit a float exactly.
    let nanos = seconds.rem_euclid(86_400) * 1_000_000_000 + i64::from(time.timestamp_subsec_nanos());
    (seconds.div_euclid(86_400), nanos as f64 / 8.64e13)
}

/// chrono holds a leap second as a second of up to two; here it is the first of the next day.
fn whole(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let nanos = time.timestamp_subsec_nanos();
    DateTime::from_timestamp(time.timestamp() + i64::from(nanos / 1_000_000_000), nanos % 1_000_000_000)
}

fn parse_iso(text: &str) -> Option<DateTime<Utc>> {
    let mut rest = text;
    let year = digits(&mut rest, 4..=4)?;
    literal(&mut rest, "-")?;
    let month = digits(&mut rest, 1..=2)?;
    literal(&mut rest, "-")?;
    let date = NaiveDate::from_ymd_opt(year.try_into().ok()?, month, digits(&mut rest, 1..=2)?)?;
    if rest.is_empty() {
        return Some(date.and_hms_opt(0, 0, 0)?.and_utc());
    }
    // One mark between, and any blanks beside it.
    let time = rest.trim_start();
    let time = time.strip_prefix(['T', 't', '_']).unwrap_or(time);
    if time.len() == rest.len() {
        return None;
    }
    rest = time.trim_start();

    let hour = digits(&mut rest, 1..=2)?;
    literal(&mut rest, ":")?;
    let minute = digits(&mut rest, 2..=2)?;
    let (mut second, mut nanos) = (0, 0);
    if literal(&mut rest, ":").is_some() {
        second = digits(&mut rest, 2..=2)?;
        if let Some(tail) = rest.strip_prefix(['.', ',']) {
            let count = tail.bytes().take_while(u8::is_ascii_digit).count();
            let (fraction, after) = tail.split_at(count);
            nanos = (0..9)
                .fold(0, |sum, i| sum * 10 + fraction.as_bytes().get(i).map_or(0, |d| u32::from(d - b'0')));
            rest = after;
        }
    }
    // A second 60 counts on into the next minute. Only the last minute of a day in UTC can have one, but
    // nothing is gained by turning a careless clock away.
    let seconds = (second <= 60).then_some(i64::from(second))? - i64::from(offset(rest)?);
    let time = date.and_hms_opt(hour, minute, 0)?.and_utc().timestamp();
    DateTime::from_timestamp(time + seconds, nanos)
}

/// Seconds east of Greenwich; no zone is UTC.
fn offset(zone: &str) -> Option<i32> {
    let mut rest = zone.trim();
    if ["", "Z", "UTC", "GMT"].iter().any(|name| rest.eq_ignore_ascii_case(name)) {
        return Some(0);
    }
    let sign = if literal(&mut rest, "+").is_some() {
        1
    } else {
        literal(&mut rest, "-").or_else(|| literal(&mut rest, "\u{2212}"))?;
        -1
    };
    let hours = digits(&mut rest, 2..=2)?;
    let _ = literal(&mut rest, ":");
    let minutes = if rest.is_empty() { 0 } else { digits(&mut rest, 2..=2)? };
    let sound = rest.is_empty() && hours < 24 && minutes < 60;
    sound.then_some(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?)
}

/// Takes the digits that come next, `count` of them; what is too much stays for the next reader to refuse.
fn digits(rest: &mut &str, count: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let found = rest.bytes().take(*count.end()).take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at(found);
    *rest = after;
    count.contains(&found).then(|| number.parse().ok())?
}

fn literal(rest: &mut &str, text: &str) -> Option<()> {
    *rest = rest.strip_prefix(text)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(time: Option<DateTime<Utc>>) -> String {
        time.unwrap().format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
    }

    /// Distance to a reference time in microseconds.
    fn off(time: Option<DateTime<Utc>>, reference: &str) -> i64 {
        (time.unwrap() - parse_utc(reference).unwrap()).num_nanoseconds().unwrap().abs() / 1000
    }

    #[test]
    fn mjd_utc_agrees_with_astropy() {
        // astropy 8.0.2, Time(mjd, format="mjd", scale="utc").isot
        for (mjd, utc) in [
            (59000.25, "2020-05-31T06:00:00.000000"),
            (58000.123456, "2017-09-04T02:57:46.598400"),
            (60310.0, "2024-01-01T00:00:00.000000"),
            (57754.5, "2017-01-01T12:00:00.000000"),
            (41317.0, "1972-01-01T00:00:00.000000"),
            (60676.98765, "2025-01-01T23:42:12.960000"),
            (-0.75, "1858-11-16T06:00:00.000000"),
        ] {
            assert_eq!(text(utc_from_mjd(mjd)), utc, "{mjd}");
        }
    }

    #[test]
    fn a_utc_day_with_a_leap_second_is_not_stretched() {
        assert_eq!(text(utc_from_mjd(57753.5)), "2016-12-31T12:00:00.000000");
        assert_eq!(text(utc_from_jd(2_457_754.0)), "2016-12-31T12:00:00.000000");
    }

    #[test]
    fn mjd_counts_from_its_epoch_and_jd_from_noon() {
        assert_eq!(text(utc_from_mjd(0.0)), "1858-11-17T00:00:00.000000");
        assert_eq!(text(utc_from_jd(2_451_545.0)), "2000-01-01T12:00:00.000000");
        assert_eq!(text(utc_from_jd(2_459_000.75)), "2020-05-31T06:00:00.000000");
    }

    #[test]
    fn tai_agrees_with_astropy() {
        // astropy 8.0.2, Time(mjd, format="mjd", scale="tai").utc.isot
        for (mjd, utc) in [
            (61217.42118006405, "2026-06-26T10:05:52.957533730"),
            (60000.5, "2023-02-25T11:59:23.000000000"),
            (57754.5, "2017-01-01T11:59:23.000000000"),
            (57753.5, "2016-12-31T11:59:24.000000000"),
            (57204.0004, "2015-06-30T23:59:59.559999756"),
            (50000.75, "1995-10-10T17:59:31.000000000"),
            (41500.125, "1972-07-02T02:59:49.000000000"),
            (39000.5, "1965-08-28T11:59:55.949478061"),
        ] {
            assert!(off(utc_from_tai_mjd(mjd), utc) <= 1, "{mjd}");
        }
    }

    #[test]
    fn tai_minus_utc_steps_from_36_to_37_seconds_with_2017() {
        assert_eq!(tai_minus_utc(57753, 0.999), 36_000_000);
        assert_eq!(tai_minus_utc(57754, 0.0), 37_000_000);
        assert_eq!(tai_minus_utc(61253, 0.0), 37_000_000);
        // UTC began in 1960.
        assert_eq!(tai_minus_utc(30000, 0.0), 0);
        assert_eq!(tai_minus_utc(i64::MAX / 2, 0.0), 0);
    }

    #[test]
    fn the_leap_second_of_2016_is_the_first_second_of_2017() {
        let at = |seconds: f64| text(utc_from_tai((MJD_ZERO + 57754.0, seconds / 86400.0)));
        assert_eq!(at(35.75), "2016-12-31T23:59:59.750000");
        assert_eq!(at(36.25), "2017-01-01T00:00:00.250000");
        assert_eq!(at(37.25), "2017-01-01T00:00:00.250000");
        assert_eq!(text(parse_utc("2016-12-31T23:59:60.25Z")), "2017-01-01T00:00:00.250000");
    }

    #[test]
    fn tcb_tdb_and_tt_agree_with_astropy() {
        // astropy 8.0.2, Time(jd, format="jd", scale=...).utc.isot with the full TDB − TT series
        for (jd, tcb, tdb, tt) in [
            (
                2456961.5697,
                "2014-10-31T01:38:56.387373",
                "2014-10-31T01:39:14.897463",
                "2014-10-31T01:39:14.895989",
            ),
            (
                2460676.5,
                "2024-12-31T23:58:27.329294",
                "2024-12-31T23:58:50.816086",
                "2024-12-31T23:58:50.816000",
            ),
            (
                2457204.25,
                "2015-06-30T17:58:33.980685",
                "2015-06-30T17:58:52.815881",
                "2015-06-30T17:58:52.816000",
            ),
            (
                2457754.0004,
                "2016-12-31T11:59:06.804377",
                "2016-12-31T11:59:26.376046",
                "2016-12-31T11:59:26.375982",
            ),
            (
                2443144.5003725,
                "1976-12-31T23:59:45.000014",
                "1976-12-31T23:59:45.000079",
                "1976-12-31T23:59:45.000014",
            ),
        ] {
            assert!(off(utc_from_tcb_jd(jd), tcb) <= 40, "{jd}");
            assert!(off(utc_from_tdb_jd(jd), tdb) <= 40, "{jd}");
            assert!(off(utc_from_tt_jd(jd), tt) <= 1, "{jd}");
            assert!(off(utc_from_tcb_mjd(jd - MJD_ZERO), tcb) <= 40, "{jd}");
        }
    }

    #[test]
    fn tdb_minus_tt_is_within_40_microseconds_of_the_full_series() {
        for step in 0..400 {
            let jd = 2_451_545.0 + 35.3 * f64::from(step);
            let full = sofars::ts::dtdb(jd, 0.0, 0.0, 0.0, 0.0, 0.0);
            assert!((tdb_minus_tt(jd) - full).abs() < 40e-6, "{jd}: {full}");
        }
    }

    #[test]
    fn reverses_agree_with_astropy() {
        // astropy 8.0.2, Time(text, scale="utc") .mjd .tai.mjd .jd
        for (utc, mjd, tai, jd) in [
            ("2026-08-01T10:05:52.958", 61253.4207518287, 61253.42118006945, 2461253.9207518287),
            ("2020-02-29T23:59:59.999999", 58908.999999999985, 58909.00042824073, 2458909.5),
            ("2000-01-01T12:00:00", 51544.5, 51544.50037037037, 2451545.0),
            ("1999-01-01T00:00:00", 51179.0, 51179.00037037037, 2451179.5),
        ] {
            let time = parse_utc(utc).unwrap();
            assert_eq!(mjd_from_utc(time), mjd, "{utc}");
            assert_eq!(tai_mjd_from_utc(time), tai, "{utc}");
            assert_eq!(jd_from_utc(time), jd, "{utc}");
        }
    }

    #[test]
    fn every_spelling_of_an_instant_reads_the_same() {
        for spelling in [
            "2018-09-10T02:56:25Z",
            "2018-09-10t02:56:25z",
            "2018-09-10 02:56:25",
            "  2018-09-10  2:56:25 ",
            "2018-09-10T02:56:25.000000",
            "2018-09-10T02:56:25,000",
            "2018-09-10T02:56:25.",
            "2018-09-10_02:56:25",
            "2018-09-10 02:56:25 UTC",
            "2018-09-10T02:56:25+00:00",
            "2018-09-10T04:56:25+02:00",
            "2018-09-10T04:56:25+0200",
            "2018-09-09T20:56:25 -06",
            "2018-09-09T20:56:25\u{2212}06:00",
            "2018-9-10 02:56:25",
            "Mon, 10 Sep 2018 02:56:25 GMT",
            "Mon, 10 Sep 2018 04:56:25 +0200",
        ] {
            assert_eq!(parse_utc(spelling).map(|t| t.timestamp()), Some(1_536_548_185), "{spelling}");
        }
        assert_eq!(text(parse_utc("2018-09-10")), "2018-09-10T00:00:00.000000");
        assert_eq!(text(parse_utc("2018-09-10 02:56")), "2018-09-10T02:56:00.000000");
        let fine = parse_utc("2018-09-10T02:56:25.1234567899").unwrap();
        assert_eq!(fine.timestamp_subsec_nanos(), 123_456_789);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            " ",
            "null",
            "now",
            "59000.25",
            "2018",
            "2018-09",
            "2018-13-01",
            "2018-02-30",
            "0000-00-00 00:00:00",
            "2018-09-10T",
            "2018-09-10T25:00",
            "2018-09-10T24:00:01",
            "2018-09-10T02",
            "2018-09-10T02:56:61",
            "2018-09-10T02:60",
            "2018-09-10T02:56:25+25:00",
            "2018-09-10T02:56:25 CEST",
            "2018-09-1002:56",
            "2018-09-10TT02:56",
            "20180910",
            "２０１８-09-10",
        ] {
            assert_eq!(parse_utc(text), None, "{text}");
        }
    }

    #[test]
    fn an_mjd_reads_from_a_number_or_a_date() {
        assert_eq!(parse_mjd(" 59000.25 "), Some(59000.25));
        assert_eq!(parse_mjd("5.9e4"), Some(59000.0));
        assert_eq!(parse_mjd("2020-05-31"), Some(59000.0));
        for text in ["", "inf", "NaN", "1e999", "soon"] {
            assert_eq!(parse_mjd(text), None, "{text}");
        }
    }

    #[test]
    fn years_from_1800_to_2199_are_taken() {
        assert_eq!(text(utc_from_mjd(-21504.0)), "1800-01-01T00:00:00.000000");
        assert_eq!(utc_from_mjd(-21504.000001), None);
        assert_eq!(text(utc_from_mjd(124592.5)), "2199-12-31T12:00:00.000000");
        assert_eq!(utc_from_mjd(124593.0), None);
        assert_eq!(utc_from_jd(59000.0), None);
        assert_eq!(utc_from_mjd(2_459_000.5), None);
    }

    #[test]
    fn the_ends_of_chronos_calendar_have_a_number() {
        for time in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert!(mjd_from_utc(time).is_finite() && jd_from_utc(time).is_finite());
            assert!(tai_mjd_from_utc(time).is_finite());
        }
    }

    /// UTC of a TAI date by SOFA's own chain, which goes through the quasi-JD.
    fn sofa_utc(mjd: f64) -> String {
        let (utc1, utc2) = sofars::ts::taiutc(MJD_ZERO + mjd.floor(), mjd - mjd.floor()).unwrap();
        let (year, month, day, hms) = sofars::ts::d2dtf("UTC", 6, utc1, utc2).unwrap();
        format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:06}", hms[0], hms[1], hms[2], hms[3])
    }

    proptest! {
        #[test]
        fn no_float_panics(x in any::<f64>()) {
            for read in [
                utc_from_mjd, utc_from_jd, utc_from_tai_mjd, utc_from_tt_jd, utc_from_tdb_jd, utc_from_tcb_jd,
                utc_from_tcb_mjd,
            ] {
                if let Some(time) = read(x) {
                    prop_assert!((1800..2200).contains(&time.year()));
                }
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC*", near in "[0-9T:. +,ZUM_-]{0,32}", date in "20[0-9]{2}-0[1-9]-1[0-9][ T0-9:.,Z+-]{0,16}") {
            for text in [&text, &near, &date] {
                let _ = (parse_utc(text), parse_mjd(text));
            }
        }

        #[test]
        fn mjd_to_utc_and_back_is_within_a_microsecond(micros in -5_364_662_400_000_000_i64..7_258_118_400_000_000) {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            let apart = |other: Option<DateTime<Utc>>| (other.unwrap() - time).num_microseconds().unwrap().abs();
            prop_assert!(apart(utc_from_mjd(mjd_from_utc(time))) <= 1);
            prop_assert!(apart(utc_from_jd(jd_from_utc(time))) <= 21);
        }

        #[test]
        fn tai_to_utc_and_back_is_within_a_microsecond(micros in 63_072_000_000_000_i64..7_258_118_000_000_000) {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            let back = utc_from_tai_mjd(tai_mjd_from_utc(time)).unwrap();
            prop_assert!((back - time).num_microseconds().unwrap().abs() <= 1);
        }

        #[test]
        fn tai_agrees_with_the_chain_of_sofa(mjd in 41317.0..70000.0) {
            let reference = sofa_utc(mjd);
            prop_assert!(off(utc_from_tai_mjd(mjd), &reference) <= 1, "{} {}", mjd, reference);
        }

        #[test]
        fn what_chrono_writes_reads_back(micros in -5_364_662_400_000_000_i64..7_258_118_400_000_000) {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            prop_assert_eq!(parse_utc(&time.to_rfc3339()), Some(time));
            prop_assert_eq!(parse_utc(&time.naive_utc().to_string()), Some(time));
        }
    }
}
