//! Fluxes and AB magnitudes, by one convention for every broker.
//!
//! The convention is the one that ZTF's forced photometry documents: at a signal to noise of 3 or
//! more a flux is a magnitude, below it is a limit of 5σ. The flux itself is always kept beside.

/// Magnitude of 1 nJy, AB.
pub const NANOJANSKY_ZERO: f64 = 31.4;

/// Least signal to noise of a detection.
pub const DETECTION: f64 = 3.0;

/// What a flux means in magnitudes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Brightness {
    /// A detection.
    Magnitude {
        /// The magnitude.
        magnitude: f64,
        /// Its error, 1σ.
        error: f64,
    },
    /// Nothing was detected; the object is fainter than this magnitude (5σ).
    Limit(f64),
    /// The object was fainter than in the reference, significantly. The magnitude is that of the
    /// missing flux; it is not a brightness.
    Negative {
        /// The magnitude of the missing flux.
        magnitude: f64,
        /// Its error, 1σ.
        error: f64,
    },
}

/// What a flux in nJy with its error means.
///
/// `None` when the error is not positive or a number is not finite.
///
/// ```
/// use tom_alerts::flux::{Brightness, from_njy};
/// let Some(Brightness::Magnitude { magnitude, .. }) = from_njy(3631e9, 1e9) else { panic!() };
/// assert!(magnitude.abs() < 1e-3);
/// assert!(matches!(from_njy(10.0, 10.0), Some(Brightness::Limit(_))));
/// ```
#[must_use]
pub fn from_njy(flux: f64, error: f64) -> Option<Brightness> {
    brightness(flux, error, NANOJANSKY_ZERO)
}

/// What a flux with its error means, in units whose magnitude is the zero point.
#[must_use]
pub fn brightness(flux: f64, error: f64, zero_point: f64) -> Option<Brightness> {
    let sound = flux.is_finite() && error.is_finite() && error > 0.0 && zero_point.is_finite();
    if !sound {
        return None;
    }
    let as_magnitude = |flux: f64| zero_point - 2.5 * flux.log10();
    let significance = flux / error;
    let magnitude_error = 2.5 / std::f64::consts::LN_10 * error / flux.abs();
    let found = if significance >= DETECTION {
        Brightness::Magnitude { magnitude: as_magnitude(flux), error: magnitude_error }
    } else if significance <= -DETECTION {
        Brightness::Negative { magnitude: as_magnitude(-flux), error: magnitude_error }
    } else {
        Brightness::Limit(as_magnitude(5.0 * error))
    };
    let finite = match found {
        Brightness::Magnitude { magnitude, error } | Brightness::Negative { magnitude, error } => {
            magnitude.is_finite() && error.is_finite()
        }
        Brightness::Limit(limit) => limit.is_finite(),
    };
    finite.then_some(found)
}

/// A magnitude that can be one: the sentinels of surveys, such as 99, 100 and −999, are not.
#[must_use]
pub fn magnitude(value: Option<f64>) -> Option<f64> {
    value.filter(|m| (-40.0..60.0).contains(m))
}

/// An error of a magnitude that can be one: 100 means unusable, −999 unknown.
#[must_use]
pub fn magnitude_error(value: Option<f64>) -> Option<f64> {
    value.filter(|e| (0.0..99.0).contains(e))
}

/// What a brightness is given in: magnitudes, or a flux.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unit<'a> {
    /// Magnitudes of a system, `AB` or `Vega`; `None` where nobody says which.
    Magnitude(Option<&'a str>),
    /// A flux in the unit of this name, and the AB magnitude of one of it, where it has one.
    Flux(&'a str, Option<f64>),
}

impl<'a> Unit<'a> {
    /// A flux in the unit of this name, of which Jy, mJy, µJy and nJy have AB magnitudes.
    ///
    /// ```
    /// use tom_alerts::flux::Unit;
    /// let depth = Unit::flux("mJy").magnitude(0.01).unwrap();
    /// assert!((depth - 21.4).abs() < 1e-9);
    /// assert_eq!(Unit::flux("erg / s / cm² / Å").magnitude(0.01), None);
    /// ```
    #[must_use]
    pub fn flux(name: &'a str) -> Self {
        let zero_point = match name {
            "nJy" => Some(NANOJANSKY_ZERO),
            "uJy" | "µJy" | "\u{3bc}Jy" => Some(NANOJANSKY_ZERO - 7.5),
            "mJy" => Some(NANOJANSKY_ZERO - 15.0),
            "Jy" => Some(NANOJANSKY_ZERO - 22.5),
            _ => None,
        };
        Self::Flux(name, zero_point)
    }

    /// The magnitude that a value in this unit stands for, whatever it is worth: for limits. `None`
    /// for the sentinels of magnitudes, and for fluxes that have none.
    #[must_use]
    pub fn magnitude(&self, value: f64) -> Option<f64> {
        match self {
            Self::Magnitude(_) => magnitude(Some(value)),
            Self::Flux(_, zero_point) => {
                let magnitude = (*zero_point)? - 2.5 * value.log10();
                magnitude.is_finite().then_some(magnitude)
            }
        }
    }

    /// The system of those magnitudes.
    #[must_use]
    pub fn system(&self) -> Option<&'a str> {
        match self {
            Self::Magnitude(system) => *system,
            Self::Flux(_, zero_point) => zero_point.map(|_| "AB"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn three_sigma_is_a_detection_and_less_is_a_limit() {
        let Some(Brightness::Magnitude { magnitude, error }) = from_njy(2097.841, 99.47668) else { panic!() };
        assert!((magnitude - 23.095_57).abs() < 1e-4, "{magnitude}");
        assert!((error - 0.051_48).abs() < 1e-4, "{error}");
        let Some(Brightness::Limit(limit)) = from_njy(250.0, 100.0) else { panic!() };
        assert!((limit - 24.652_57).abs() < 1e-4, "{limit}");
        assert!(matches!(from_njy(-300.0, 100.0), Some(Brightness::Negative { .. })));
        assert!(matches!(from_njy(-200.0, 100.0), Some(Brightness::Limit(_))));
        for (flux, error) in [(0.0, 0.0), (f64::NAN, 1.0), (1.0, f64::INFINITY), (1.0, -1.0)] {
            assert_eq!(from_njy(flux, error), None);
        }
    }

    proptest! {
        #[test]
        fn no_numbers_panic(flux in any::<f64>(), error in any::<f64>(), zero in any::<f64>()) {
            match brightness(flux, error, zero) {
                Some(Brightness::Magnitude { magnitude, error }) | Some(Brightness::Negative { magnitude, error }) => {
                    prop_assert!(magnitude.is_finite() && error.is_finite() && error >= 0.0);
                }
                Some(Brightness::Limit(limit)) => prop_assert!(limit.is_finite()),
                None => {}
            }
        }
    }
}
