//! Times checked against SOFA's and astropy's values.

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
        (2460676.5, "2024-12-31T23:58:27.329294", "2024-12-31T23:58:50.816086", "2024-12-31T23:58:50.816000"),
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
