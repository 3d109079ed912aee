//! Coordinates: reading, wrapping, separations, galactic positions. Degrees and ICRS throughout.

/// An angle brought into 0 ≤ angle < 360 degrees; NaN stays NaN.
#[must_use]
pub fn wrap_degrees(angle: f64) -> f64 {
    let wrapped = angle.rem_euclid(360.0);
    // A tiny negative angle is rounded up to a whole turn.
    if wrapped >= 360.0 { 0.0 } else { wrapped }
}

/// The angle between two places in degrees, at any distance and declination.
///
/// ```
/// let arcsec = tom_alerts::sky::separation(359.9999, 0.0, 0.0001, 0.0) * 3600.0;
/// assert!((arcsec - 0.72).abs() < 1e-6);
/// ```
#[must_use]
pub fn separation(ra1: f64, dec1: f64, ra2: f64, dec2: f64) -> f64 {
    let [ra1, dec1, ra2, dec2] = [ra1, dec1, ra2, dec2].map(f64::to_radians);
    sofars::vm::seps(ra1, dec1, ra2, dec2).to_degrees()
}

/// Galactic longitude and latitude in degrees of a place.
#[must_use]
pub fn galactic(ra: f64, dec: f64) -> (f64, f64) {
    let (lng, lat) = sofars::coords::icrs2g(ra.to_radians(), dec.to_radians());
    (wrap_degrees(lng.to_degrees()), lat.to_degrees())
}

/// Right ascension and declination in degrees of a galactic place.
#[must_use]
pub fn from_galactic(lng: f64, lat: f64) -> (f64, f64) {
    let (ra, dec) = sofars::coords::g2icrs(lng.to_radians(), lat.to_radians());
    (wrap_degrees(ra.to_degrees()), dec.to_degrees())
}

/// A right ascension from text: degrees, or hours as `12:34:56.7`, `12 34 56.7`, `12h34m56.7s`.
///
/// ```
/// use tom_alerts::sky::parse_ra;
/// assert_eq!(parse_ra("08:54"), Some(133.5));
/// assert_eq!(parse_ra("133.5"), Some(133.5));
/// assert_eq!(parse_ra("08:99"), None);
/// ```
#[must_use]
pub fn parse_ra(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(degrees) => Some(degrees).filter(|d| (0.0..=360.0).contains(d)).map(wrap_degrees),
        Err(_) => {
            let (negative, hours) = sexagesimal(text, ['h', 'm', 's'])?;
            (!negative && hours <= 24.0).then(|| wrap_degrees(hours * 15.0))
        }
    }
}

/// A declination in degrees from text: degrees, or `-12:34:56.7`, `-12 34 56.7`, `-12d34m56.7s`,
/// `-12°34′56.7″`. The sign of `-00:30` is kept.
#[must_use]
pub fn parse_dec(text: &str) -> Option<f64> {
    let text = text.trim();
    let degrees = match text.parse::<f64>() {
        Ok(degrees) => degrees,
        Err(_) => {
            let (negative, degrees) = sexagesimal(text, ['d', 'm', 's'])?;
            if negative { -degrees } else { degrees }
        }
    };
    Some(degrees).filter(|d| (-90.0..=90.0).contains(d))
}

/// Whether it is negative, and the amount in the unit of its first part.
fn sexagesimal(text: &str, units: [char; 3]) -> Option<(bool, f64)> {
    let (negative, text) = match text.chars().next()? {
        '-' | '−' => (true, text.trim_start_matches(['-', '−'])),
        '+' => (false, &text[1..]),
        _ => (false, text),
    };
    let plain = text.replace(['°', 'º'], "d").replace(['′', '\''], "m").replace(['″', '"'], "s").to_ascii_lowercase();
    let parts: Vec<&str> = plain.split(|c: char| c == ':' || c.is_whitespace() || units.contains(&c)).collect();
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let mut amount = 0.0;
    for (place, part) in parts.iter().enumerate() {
        let last = place + 1 == parts.len();
        let digits = part.chars().all(|c| c.is_ascii_digit() || (last && c == '.'));
        let number = part.parse::<f64>().ok().filter(|number| digits && (place == 0 || *number < 60.0))?;
        amount += number / 60_f64.powi(place as i32);
    }
    Some((negative, amount))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, want: f64, within: f64) {
        assert!((found - want).abs() < within, "{found} is not {want}");
    }

    #[test]
    fn separations_are_sofas() {
        // t_sofa_c: iauSeps of (1.0, 0.1) and (0.2, -3.0).
        let found = separation(1.0_f64.to_degrees(), 0.1_f64.to_degrees(), 0.2_f64.to_degrees(), (-3.0_f64).to_degrees());
        close(found.to_radians(), 2.346_722_016_996_998_842, 1e-14);
        close(separation(10.0, 85.0, 10.0 + 1.5 / 3600.0 / 85_f64.to_radians().cos(), 85.0) * 3600.0, 1.5, 1e-6);
    }

    #[test]
    fn galactic_places_are_sofas() {
        // t_sofa_c: iauIcrs2g.
        let (ra, dec) = (5.933_807_430_222_718_8_f64, -1.178_487_061_357_944_6_f64);
        let (lng, lat) = galactic(ra.to_degrees(), dec.to_degrees());
        close(lng.to_radians(), 5.585_053_606_381_854_6, 1e-13);
        close(lat.to_radians(), -0.785_398_163_397_448_3, 1e-13);
        let (back_ra, back_dec) = from_galactic(lng, lat);
        close(back_ra.to_radians(), ra, 1e-13);
        close(back_dec.to_radians(), dec, 1e-13);
        // The pole, Hipparcos vol. 1, 1.5.3.
        close(galactic(192.859_48, 27.128_25).1, 90.0, 1e-5);
    }

    #[test]
    fn wrapping_never_gives_a_whole_turn() {
        for (given, want) in [(0.0, 0.0), (360.0, 0.0), (-1e-20, 0.0), (-10.0, 350.0), (725.0, 5.0)] {
            assert_eq!(wrap_degrees(given), want, "{given}");
        }
        assert!(wrap_degrees(f64::NAN).is_nan());
    }

    #[test]
    fn places_as_people_write_them() {
        close(parse_ra("12:34:56.7").unwrap(), 188.736_25, 1e-9);
        close(parse_ra("12h 34m 56.7s").unwrap(), 188.736_25, 1e-9);
        close(parse_dec("-00:30:00").unwrap(), -0.5, 1e-12);
        close(parse_dec("+12d34m56s").unwrap(), 12.582_222_222, 1e-8);
        close(parse_dec("-12°34′56″").unwrap(), -12.582_222_222, 1e-8);
        close(parse_dec("−12 34 56").unwrap(), -12.582_222_222, 1e-8);
        for bad in ["25:00:00", "12:60:00", "-1:00:00", "400", "-1", "nan", "12h", "1:2:3:4", "", ":"] {
            assert_eq!(parse_ra(bad), None, "{bad}");
        }
        for bad in ["91", "-90:00:01", "inf", "12:30.5:10", "--5:00"] {
            assert_eq!(parse_dec(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,30}") {
            let _ = (parse_ra(&text), parse_dec(&text));
        }

        #[test]
        fn an_angle_is_wrapped_into_a_turn(angle in -1e9..1e9) {
            prop_assert!((0.0..360.0).contains(&wrap_degrees(angle)));
        }
    }
}
