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
//! they are right to the end of a day that has one.
//!
//! A *UTC* MJD or JD is read with days of 86 400 s too.
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

/// The modified Julian date in UTC of one in TAI, to the last digit of a float: for a date that is to be
/// compared with that of its service. `None` as for [`utc_from_mjd`].
///
/// ```
/// let mjd = tom_alerts::time::utc_mjd_from_tai_mjd(61217.42118006405).unwrap();
/// assert!((mjd + 37.0 / 86_400.0 - 61217.42118006405).abs() < 1e-11);
/// ```
#[must_use]
pub fn utc_mjd_from_tai_mjd(mjd: f64) -> Option<f64> {
    let tai = micros(split_mjd(mjd)?)?;
    let offset = tai_offset(tai);
    utc(tai - offset)?;
    let day = mjd.floor();
    Some(day + ((mjd - day) - offset as f64 / DAY as f64))
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
    utc(tai - tai_offset(tai))
}

/// TAI − UTC in microseconds at an instant in TAI, in microseconds since MJD 0.
fn tai_offset(tai: i64) -> i64 {
    let offset_at = |utc: i64| tai_minus_utc(utc.div_euclid(DAY), utc.rem_euclid(DAY) as f64 / DAY as f64);
    // Near midnight TAI has another date than UTC: the first answer serves to find the day in UTC.
    offset_at(tai - offset_at(tai))
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
mod tests;
