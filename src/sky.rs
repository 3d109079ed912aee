//! Coordinates on the sky: wrapping, separation, galactic coordinates and the readers of RA and Dec.
//!
//! All angles are degrees, positions are ICRS. The geometry is SOFA's. A number that is not finite gives
//! NaN, never a panic.

use sofars::coords::{g2icrs, icrs2g};
use sofars::vm::seps;

use crate::error::{Error, ErrorKind, Problem, Result};

/// The same angle in `[0, 360)`; NaN for what is not finite.
///
/// ```
/// use tom_alerts::sky::wrap_degrees;
/// assert_eq!(wrap_degrees(-10.0), 350.0);
/// assert_eq!(wrap_degrees(360.0), 0.0);
/// assert_eq!(wrap_degrees(-1e-20), 0.0);
/// ```
#[must_use]
pub fn wrap_degrees(angle: f64) -> f64 {
    let wrapped = angle.rem_euclid(360.0);
    // A tiny negative angle is rounded up to the full circle. The sum turns -0 into 0.
    if wrapped >= 360.0 { 0.0 } else { wrapped + 0.0 }
}

/// Checks the numbers of a cone for a service that is asked without a form: degrees, and a radius
/// above 0 and not above `widest`, arcsec.
///
/// # Errors
/// [`ErrorKind::Input`] with every fault.
pub fn check_cone(ra: f64, dec: f64, radius: f64, widest: f64) -> Result<()> {
    let mut problems = Vec::new();
    let mut check = |field: &str, holds: bool, text: String| {
        if !holds {
            problems.push(Problem::new(field, text));
        }
    };
    check("ra", (0.0..=360.0).contains(&ra), "must be within 0..=360".to_owned());
    check("dec", (-90.0..=90.0).contains(&dec), "must be within -90..=90".to_owned());
    check("radius", radius > 0.0 && radius <= widest, format!("must be above 0 and at most {widest}"));
    if problems.is_empty() { Ok(()) } else { Err(Error::from_problems(ErrorKind::Input, problems)) }
}

/// Angle between two positions in degrees, 0 to 180, right to 1e-13 degrees at every distance.
///
/// ```
/// let apart = tom_alerts::sky::separation(10.0, 0.0, 10.0, 1.0);
/// assert!((apart - 1.0).abs() < 1e-14);
/// ```
#[must_use]
pub fn separation(ra1: f64, dec1: f64, ra2: f64, dec2: f64) -> f64 {
    seps(ra1.to_radians(), dec1.to_radians(), ra2.to_radians(), dec2.to_radians()).to_degrees()
}

/// Galactic longitude, in `[0, 360)`, and latitude of an ICRS position.
///
/// SOFA's rotation (the Hipparcos catalogue's); services that use others differ by up to 1e-5 degrees.
///
/// ```
/// let (l, b) = tom_alerts::sky::galactic(266.41681662, -29.00782497); // Sgr A*
/// assert!((l - 359.944).abs() < 1e-3 && (b + 0.046).abs() < 1e-3);
/// ```
#[must_use]
pub fn galactic(ra: f64, dec: f64) -> (f64, f64) {
    let (l, b) = icrs2g(ra.to_radians(), dec.to_radians());
    (wrap_degrees(l.to_degrees()), b.to_degrees())
}

/// Whether a detection is that of the known object of the solar system nearest to it: one is predicted
/// within 12″ (`distance` in arcsec) with a magnitude of 0 or more. Negative numbers are the sentinels of
/// surveys for none. The name of a near object alone does not tell: it may be farther away.
///
/// ```
/// use tom_alerts::sky::is_known_object;
/// assert!(is_known_object(Some(1.0), Some(15.8)));
/// assert!(!is_known_object(Some(19.0), Some(20.1)) && !is_known_object(Some(-999.0), Some(-999.0)));
/// ```
#[must_use]
pub fn is_known_object(distance: Option<f64>, magnitude: Option<f64>) -> bool {
    /// As far as ZTF's alerts of asteroids lie from their predicted places.
    const NEAR: f64 = 12.0;
    distance.is_some_and(|distance| (0.0..NEAR).contains(&distance)) && magnitude.is_some_and(|m| m >= 0.0)
}

/// ICRS right ascension, in `[0, 360)`, and declination of a galactic position; reverses [`galactic`].
#[must_use]
pub fn icrs_from_galactic(l: f64, b: f64) -> (f64, f64) {
    let (ra, dec) = g2icrs(l.to_radians(), b.to_radians());
    (wrap_degrees(ra.to_degrees()), dec.to_degrees())
}

/// Reads a right ascension as degrees, 0 to 360.
///
/// | text | means |
/// |---|---|
/// | `299.868` | decimal degrees |
/// | `19:59:28.4`, `19 59 28.4`, `19:59.5` | hours, minutes, seconds; two parts at least |
/// | `19h59m28.4s`, `19h 59m`, `19.99h` | the same |
/// | `299d52m05.3s`, `299°52′05.3″` | degrees, minutes, seconds |
///
/// Only the last part may have a fraction. `None` beyond 24 h or 360°, with 60 or more minutes or
/// seconds, and for anything else. 360 stays 360; [`wrap_degrees`] makes it 0.
///
/// ```
/// use tom_alerts::sky::parse_ra;
/// assert_eq!(parse_ra("12:30:00"), Some(187.5));
/// assert_eq!(parse_ra("187.5"), Some(187.5));
/// assert_eq!(parse_ra("12:60:00"), None);
/// ```
#[must_use]
pub fn parse_ra(text: &str) -> Option<f64> {
    let angle = match text.trim().parse() {
        Ok(degrees) => degrees,
        Err(_) => {
            let parsed = Sexagesimal::read(text)?;
            parsed.seconds / if parsed.is_degrees == Some(true) { 3600.0 } else { 240.0 }
        }
    };
    (0.0..=360.0).contains(&angle).then_some(angle + 0.0)
}

/// Reads a declination as degrees, -90 to 90.
///
/// The forms of [`parse_ra`], always degrees, with an optional sign that counts for the whole
/// (`-00:30:00` is -0.5). Hours are `None`.
///
/// ```
/// use tom_alerts::sky::parse_dec;
/// assert_eq!(parse_dec("-00:30:00"), Some(-0.5));
/// assert_eq!(parse_dec("+12d30m"), Some(12.5));
/// assert_eq!(parse_dec("90:00:01"), None);
/// ```
#[must_use]
pub fn parse_dec(text: &str) -> Option<f64> {
    let angle = match text.trim().parse() {
        Ok(degrees) => degrees,
        Err(_) => {
            let parsed = Sexagesimal::read(text)?;
            (parsed.is_degrees != Some(false)).then_some(parsed.seconds / 3600.0)?
        }
    };
    (-90.0..=90.0).contains(&angle).then_some(angle + 0.0)
}

/// Reads a cone in one text, as TOM Toolkit's forms have it: right ascension, declination and radius,
/// all in degrees, with commas between; blanks are allowed.
///
/// `None` beyond 360° and the poles, for a radius that is not above 0 or above 180, and for anything
/// else.
///
/// ```
/// use tom_alerts::sky::parse_cone;
/// assert_eq!(parse_cone("150.1, -2.5, 0.01"), Some([150.1, -2.5, 0.01]));
/// assert_eq!(parse_cone("150.1, -2.5, 0"), None);
/// ```
#[must_use]
pub fn parse_cone(text: &str) -> Option<[f64; 3]> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    let [ra, dec, radius] = numbers?.try_into().ok()?;
    (on_sky(ra, dec) && radius > 0.0 && radius <= 180.0).then_some([ra, dec, radius])
}

/// Reads the corners of a polygon: three at least, with commas between, each right ascension and
/// declination in degrees with blanks between.
///
/// `None` beyond 360° and the poles, and for anything else.
///
/// ```
/// use tom_alerts::sky::parse_polygon;
/// assert_eq!(parse_polygon("10 5,12 5, 11  -7"), Some(vec![(10.0, 5.0), (12.0, 5.0), (11.0, -7.0)]));
/// assert_eq!(parse_polygon("10 5, 12 5"), None);
/// ```
#[must_use]
pub fn parse_polygon(text: &str) -> Option<Vec<(f64, f64)>> {
    let corner = |part: &str| {
        let numbers: Option<Vec<f64>> = part.split_whitespace().map(|word| word.parse().ok()).collect();
        let [ra, dec] = numbers?.try_into().ok()?;
        on_sky(ra, dec).then_some((ra, dec))
    };
    let corners: Option<Vec<_>> = text.split(',').map(corner).collect();
    corners.filter(|corners| corners.len() >= 3)
}

fn on_sky(ra: f64, dec: f64) -> bool {
    (0.0..=360.0).contains(&ra) && (-90.0..=90.0).contains(&dec)
}

/// Writes a position as `00h42m44.33s +41d16m07.5s`, to 1e-7 arcsec, without zeros at the ends.
///
/// The right ascension is wrapped into a day. `None` beyond a pole and for what is not finite.
///
/// ```
/// use tom_alerts::sky::sexagesimal;
/// let text = sexagesimal(10.684708, 41.26875);
/// assert_eq!(text.as_deref(), Some("00h42m44.32992s +41d16m07.5s"));
/// assert_eq!(sexagesimal(-0.001, -0.5).as_deref(), Some("23h59m59.76s -00d30m00s"));
/// ```
#[must_use]
pub fn sexagesimal(ra: f64, dec: f64) -> Option<String> {
    const PARTS: u64 = 100_000_000;
    // Whole parts of a second carry over by themselves: no 60 seconds are ever written.
    let split = |seconds: f64| {
        let all = (seconds * PARTS as f64).round() as u64;
        let (rest, part) = (all / PARTS, all % PARTS);
        let seconds = format!("{:02}.{part:08}", rest % 60);
        (rest / 3600, rest / 60 % 60, seconds.trim_end_matches('0').trim_end_matches('.').to_owned())
    };
    if !ra.is_finite() || !(-90.0..=90.0).contains(&dec) {
        return None;
    }
    let (hours, minutes, seconds) = split(wrap_degrees(ra) * 240.0);
    let sign = if dec < 0.0 { '-' } else { '+' };
    let (degrees, arcminutes, arcseconds) = split(dec.abs() * 3600.0);
    let hours = hours % 24;
    Some(format!("{hours:02}h{minutes:02}m{seconds}s {sign}{degrees:02}d{arcminutes:02}m{arcseconds}s"))
}

/// A signed sexagesimal number.
struct Sexagesimal {
    /// All parts together, in seconds of the first part's unit.
    seconds: f64,
    /// Whether the text says degrees or hours; `None` when it says neither.
    is_degrees: Option<bool>,
}

/// What stands after a number.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Hour,
    Degree,
    Minute,
    Second,
    Colon,
    Blank,
    End,
}

impl Sexagesimal {
    fn read(text: &str) -> Option<Self> {
        use Mark::{Blank, Colon, Degree, End, Hour, Minute, Second};
        let text = text.trim();
        let (negative, mut rest) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let mut numbers = [0.0; 3];
        let mut marks = [End; 3];
        let mut count = 0;
        while !rest.is_empty() {
            let length = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
            let (number, after) = rest.split_at(length);
            // Rust reads `5.` and `.5`, and refuses a second point and the empty text.
            *numbers.get_mut(count)? = number.parse().ok()?;
            if count > 0 && numbers[count] >= 60.0 {
                return None;
            }
            (marks[count], rest) = mark(after)?;
            if number.contains('.') && !rest.is_empty() {
                return None;
            }
            count += 1;
        }
        let is_degrees = match marks.get(..count)? {
            [Hour] | [Hour, Minute | End] | [Hour, Minute, Second | End] => Some(false),
            [Degree] | [Degree, Minute | End] | [Degree, Minute, Second | End] => Some(true),
            [Colon, End] | [Colon, Colon, End] | [Blank, End] | [Blank, Blank, End] => None,
            _ => return None,
        };
        let seconds = numbers[0] * 3600.0 + numbers[1] * 60.0 + numbers[2];
        Some(Self { seconds: if negative { -seconds } else { seconds }, is_degrees })
    }
}

/// The mark after a number, and the text after the mark and its blanks.
fn mark(text: &str) -> Option<(Mark, &str)> {
    let rest = text.trim_start();
    let mut chars = rest.chars();
    let mark = match chars.next() {
        None => return Some((Mark::End, rest)),
        Some('h' | 'H') => Mark::Hour,
        Some('d' | 'D' | '°' | 'º') => Mark::Degree,
        // Two apostrophes are seconds to those without a better key.
        Some('\'') if chars.as_str().starts_with('\'') => {
            chars.next();
            Mark::Second
        }
        Some('m' | 'M' | '′' | '\'' | '’') => Mark::Minute,
        Some('s' | 'S' | '″' | '"' | '”') => Mark::Second,
        Some(':') => Mark::Colon,
        Some(_) if rest.len() < text.len() => return Some((Mark::Blank, rest)),
        Some(_) => return None,
    };
    Some((mark, chars.as_str().trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(a: f64, b: f64, tolerance: f64) -> bool {
        (a - b).abs() <= tolerance
    }

    #[test]
    fn angles_wrap_into_the_half_open_circle() {
        for (angle, wrapped) in [
            (0.0, 0.0),
            (-0.0, 0.0),
            (360.0, 0.0),
            (-360.0, 0.0),
            (725.0, 5.0),
            (-1e-20, 0.0),
            (-90.0, 270.0),
        ] {
            assert_eq!(wrap_degrees(angle).to_bits(), f64::to_bits(wrapped), "{angle}");
        }
        assert!(wrap_degrees(f64::NAN).is_nan() && wrap_degrees(f64::INFINITY).is_nan());
    }

    #[test]
    fn separation_agrees_with_the_test_of_sofa() {
        // SOFA, t_seps
        let apart =
            separation(1f64.to_degrees(), 0.1f64.to_degrees(), 0.2f64.to_degrees(), -3f64.to_degrees());
        assert!(close(apart.to_radians(), 2.346_722_016_996_999, 1e-14));
    }

    #[test]
    fn separation_agrees_with_astropy() {
        // astropy 8.0.2, SkyCoord.separation; M31 and M33
        assert!(close(separation(10.684708, 41.26875, 23.462042, 30.660222), 14.783402815201864, 1e-12));
        // Across 0 h and the equator, one arcsecond.
        assert!(close(separation(359.9999, -0.0001, 0.0001, 0.0001), 0.0002828427124319251, 1e-13));
        assert_eq!(separation(0.0, 90.0, 123.0, 90.0).round(), 0.0);
        assert!(close(separation(0.0, 90.0, 77.0, -90.0), 180.0, 1e-13));
    }

    #[test]
    fn galactic_agrees_with_the_test_of_sofa() {
        // SOFA, t_icrs2g and t_g2icrs
        let (l, b) =
            galactic(5.933_807_430_222_719f64.to_degrees(), (-1.178_487_061_357_994_5f64).to_degrees());
        assert!(close(l.to_radians(), 5.585_053_606_381_855, 1e-14));
        assert!(close(b.to_radians(), -std::f64::consts::FRAC_PI_4, 1e-14));
        let (ra, dec) = icrs_from_galactic(5.585_053_606_381_855f64.to_degrees(), -45.0);
        assert!(close(ra.to_radians(), 5.933_807_430_222_719, 1e-14));
        assert!(close(dec.to_radians(), -1.178_487_061_357_994_5, 1e-14));
    }

    #[test]
    fn galactic_agrees_with_astropy() {
        // astropy 8.0.2, SkyCoord(ra, dec, frame="icrs").galactic, which goes through FK5: 1e-5 degrees.
        for (name, ra, dec, l, b) in [
            ("M31", 10.684708, 41.26875, 121.17432879499273, -21.573308789429085),
            ("Sgr A*", 266.41681662, -29.00782497, 359.94423568365795, -0.04616001705094886),
            ("Crab", 83.633212, 22.01446, 184.55755602016757, -5.7842773614910215),
            ("M87", 187.70593077, 12.39112325, 283.7777550001691, 74.4911545284765),
            ("LMC", 80.89417, -69.75611, 280.46521994481714, -32.88840086433126),
            ("origin", 0.0, 0.0, 96.33728336969006, -60.188551946914465),
        ] {
            let (gl, gb) = galactic(ra, dec);
            assert!(close(gl, l, 3e-5) && close(gb, b, 1e-5), "{name}: {gl} {gb}");
        }
    }

    #[test]
    fn the_galactic_pole_has_latitude_90() {
        // Hipparcos catalogue, section 1.5.3
        assert!(close(galactic(192.85948, 27.12825).1, 90.0, 1e-6));
        assert!(close(icrs_from_galactic(0.0, 90.0).0, 192.85948, 1e-9));
        assert!(close(icrs_from_galactic(0.0, 90.0).1, 27.12825, 1e-9));
    }

    #[test]
    fn a_position_is_written_without_sixty_seconds_and_within_a_day() {
        let text = |ra, dec| sexagesimal(ra, dec).unwrap();
        assert_eq!(text(0.0, 0.0), "00h00m00s +00d00m00s");
        assert_eq!(text(359.999_999_999_999_9, 89.999_999_999_999_9), "00h00m00s +90d00m00s");
        assert_eq!(text(360.0, -90.0), "00h00m00s -90d00m00s");
        assert_eq!(text(299.868_152_5, 40.733_915_555_555_555), "19h59m28.3566s +40d44m02.096s");
        for (ra, dec) in [(f64::NAN, 0.0), (0.0, f64::NAN), (0.0, 90.1), (f64::INFINITY, 0.0)] {
            assert_eq!(sexagesimal(ra, dec), None, "{ra} {dec}");
        }
    }

    #[test]
    fn every_spelling_of_a_right_ascension_reads_the_same() {
        // Cygnus A, astropy 8.0.2, Angle("19h59m28.3566s").deg
        for text in [
            "299.8681525",
            "19:59:28.3566",
            "19 59 28.3566",
            " 19  59  28.3566 ",
            "19h59m28.3566s",
            "19H 59M 28.3566S",
            "+19:59:28.3566",
            "19 : 59 : 28.3566",
            "299d52m05.349s",
            "299°52′05.349″",
            "299° 52' 05.349\"",
            "299d52'05.349''",
            "2.998681525e2",
        ] {
            let ra = parse_ra(text);
            assert!(ra.is_some_and(|ra| close(ra, 299.8681525, 1e-12)), "{text}: {ra:?}");
        }
    }

    #[test]
    fn every_spelling_of_a_declination_reads_the_same() {
        for sign in ["", "+", "-", "\u{2212}"] {
            for text in ["40:44:02.096", "40 44 02.096", "40d44m02.096s", "40°44′02.096″", "40d44m02.096"]
            {
                let dec = parse_dec(&format!("{sign}{text}"));
                // astropy 8.0.2, Angle("40d44m02.096s").deg
                let value =
                    if sign.is_empty() || sign == "+" { 40.733915555555555 } else { -40.733915555555555 };
                assert!(dec.is_some_and(|dec| close(dec, value, 1e-14)), "{sign}{text}: {dec:?}");
            }
        }
    }

    #[test]
    fn the_sign_of_minus_zero_degrees_is_kept() {
        for text in ["-00:30:00", "-0 30 0", "-00d30m", "-0°30′", "-00:30", "-0.5"] {
            assert_eq!(parse_dec(text), Some(-0.5), "{text}");
        }
        assert_eq!(parse_dec("-0").map(f64::to_bits), Some(0));
        assert_eq!(parse_dec("-00:00:00").map(f64::to_bits), Some(0));
    }

    #[test]
    fn fewer_parts_may_end_in_a_fraction() {
        assert_eq!(parse_ra("12:30.5"), Some(187.625));
        assert_eq!(parse_ra("12.5h"), Some(187.5));
        assert_eq!(parse_ra("12h30"), Some(187.5));
        assert_eq!(parse_dec("12d30.5m"), Some(12.508333333333333));
        assert_eq!(parse_dec("12.5°"), Some(12.5));
    }

    #[test]
    fn the_ends_of_the_ranges_are_inside() {
        assert_eq!(parse_ra("0"), Some(0.0));
        assert_eq!(parse_ra("360"), Some(360.0));
        assert_eq!(parse_ra("24:00:00"), Some(360.0));
        assert_eq!((parse_dec("90"), parse_dec("-90:00:00")), (Some(90.0), Some(-90.0)));
    }

    #[test]
    fn what_is_no_angle_is_none() {
        for text in [
            "",
            " ",
            "-",
            "+",
            "NaN",
            "inf",
            "abc",
            "-1",
            "360.1",
            "24:00:00.1",
            "25:00:00",
            "12:60:00",
            "12:00:60",
            "12:00:00:00",
            "12:",
            ":12",
            "12::30",
            "12:30:",
            "12 30:00",
            "12.5:30:00",
            "1.2.3 0 0",
            "12h30s",
            "12m",
            "12s",
            "12h30m10m",
            "12:-30:00",
            "12:30:-1",
            "-12:00:00",
            "--1",
            "1e3:0:0",
            "１２:３０:００",
            "12h30d",
        ] {
            assert_eq!(parse_ra(text), None, "{text}");
        }
        for text in ["90.0001", "-90:00:00.1", "12h30m", "12:60:00", "+-12:00:00", "", "nan"] {
            assert_eq!(parse_dec(text), None, "{text}");
        }
    }

    #[test]
    fn every_fault_of_a_cone_is_told() {
        assert!(check_cone(360.0, -90.0, 5.0, 5.0).is_ok());
        let told = check_cone(-1.0, f64::NAN, 0.0, 5.0).unwrap_err();
        assert_eq!(told.kind(), ErrorKind::Input);
        assert_eq!(
            told.to_string(),
            "ra: must be within 0..=360; dec: must be within -90..=90; radius: must be above 0 and at most 5"
        );
        assert!(check_cone(0.0, 0.0, 5.1, 5.0).is_err());
    }

    proptest! {
        #[test]
        fn no_float_panics_and_wrapped_is_in_range(x in any::<f64>(), y in any::<f64>(), z in any::<f64>()) {
            let wrapped = wrap_degrees(x);
            prop_assert!((0.0..360.0).contains(&wrapped) || !x.is_finite());
            let _ = (separation(x, y, z, x), icrs_from_galactic(x, y));
            let (l, _) = galactic(x, y);
            prop_assert!((0.0..360.0).contains(&l) || l.is_nan());
        }

        #[test]
        fn a_written_position_reads_back(ra in 0.0..360.0_f64, dec in -90.0..=90.0_f64) {
            let text = sexagesimal(ra, dec).unwrap();
            let (hours, degrees) = text.split_once(' ').unwrap();
            let (back, height) = (parse_ra(hours).unwrap(), parse_dec(degrees).unwrap());
            let apart = (back - ra).abs();
            prop_assert!(apart.min(360.0 - apart) < 5e-11 && (height - dec).abs() < 5e-11, "{text}");
        }

        #[test]
        fn no_text_panics_and_what_reads_is_in_range(text in "\\PC*", near in "[-+−]?[0-9hdms:.°′″'\" ]{0,24}") {
            for text in [&text, &near] {
                prop_assert!(parse_ra(text).is_none_or(|ra| (0.0..=360.0).contains(&ra)));
                prop_assert!(parse_dec(text).is_none_or(|dec| (-90.0..=90.0).contains(&dec)));
            }
        }

        #[test]
        fn galactic_and_back_is_the_same_place(ra in 0.0..360.0, dec in -90.0..90.0) {
            let (l, b) = galactic(ra, dec);
            let (ra2, dec2) = icrs_from_galactic(l, b);
            prop_assert!(separation(ra, dec, ra2, dec2) < 1e-12);
        }

        #[test]
        fn sexagesimal_text_reads_back(hours in 0..24, minutes in 0..60, millis in 0..60_000) {
            let text = format!("{hours:02}:{minutes:02}:{:06.3}", f64::from(millis) / 1000.0);
            let degrees = f64::from(hours) * 15.0 + f64::from(minutes) / 4.0 + f64::from(millis) / 240_000.0;
            prop_assert!(close(parse_ra(&text).unwrap(), degrees, 1e-12));
        }
    }
}
