//! `Orbits`, the orbits that Scout samples for an object, and the one of them that stands for all.

use crate::plugin::*;

/// The sampled orbits of an object: a table whose columns are named by `fields`.
///
/// They are draws from all the orbits that fit the few observations, not fits: no one of them is
/// the nominal orbit, and the first is as good as any. [`central`](Self::central) chooses.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Orbits {
    /// How many there are, as Scout says.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub count: Option<i64>,
    /// The columns; the name of one that cannot be read is empty.
    #[serde(deserialize_with = "names")]
    pub fields: Vec<String>,
    #[serde(deserialize_with = "wire::list_or_empty")]
    data: Vec<Row>,
}

/// One sampled orbit: heliocentric, ecliptic and equinox J2000.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Orbit {
    /// Number of the sample, from 0.
    pub idx: Option<i64>,
    /// Epoch of osculation, JD TDB.
    pub epoch: f64,
    /// Eccentricity; 1 and more is an open orbit.
    pub ec: f64,
    /// Perihelion distance, au.
    pub qr: f64,
    /// Time of perihelion, JD TDB.
    pub tp: f64,
    /// Longitude of the ascending node, degrees.
    pub om: f64,
    /// Argument of perihelion, degrees.
    pub w: f64,
    /// Inclination, degrees.
    pub inc: f64,
    /// Absolute magnitude.
    pub h: Option<f64>,
    /// Distance of the close approach, au.
    pub dca: Option<f64>,
    /// Time of the close approach, JD.
    pub tca: Option<f64>,
    /// Least distance of the orbit from the Earth's, au.
    pub moid: Option<f64>,
    /// Speed at the close approach, km/s.
    pub vinf: Option<f64>,
    /// Eccentricity about the Earth.
    pub geo_ecc: Option<f64>,
    /// Whether this sample hits the Earth.
    pub impact: Option<bool>,
}

/// A row of a table of numbers; what is none of them is none.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Row(pub(super) Vec<Option<f64>>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Cell(#[serde(deserialize_with = "wire::number_or_none")] Option<f64>);
        Ok(Self(wire::list_or_empty::<D, Cell>(from)?.into_iter().map(|cell| cell.0).collect()))
    }
}

/// The names of columns, each in its place.
pub(super) fn names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    struct Name(#[serde(deserialize_with = "wire::text_or_none")] Option<String>);
    Ok(wire::list_or_empty::<D, Name>(from)?.into_iter().map(|name| name.0.unwrap_or_default()).collect())
}

/// One number of an orbit.
type Element = fn(&Orbit) -> f64;

/// JD of MJD 0.
const MJD_ZERO: f64 = 2_400_000.5;
/// Mean daily motion at 1 au, degrees: the Gaussian constant.
const GAUSS: f64 = 0.985_607_668_6;
/// Beyond this the semi-major axis says no more than that the orbit is nearly a parabola.
const LARGEST_AXIS: f64 = 1000.0;
/// What Scout writes for "none".
const NONE: f64 = 1e90;

impl Orbits {
    /// The samples with a whole set of elements.
    pub fn iter(&self) -> impl Iterator<Item = Orbit> + '_ {
        let place = |name: &str| self.fields.iter().position(|field| field == name);
        let places = [
            "idx", "epoch", "ec", "qr", "tp", "om", "w", "inc", "H", "dca", "tca", "moid", "vinf", "geoEcc",
            "impFlag",
        ]
        .map(place);
        self.data.iter().filter_map(move |row| {
            let value = |n: usize| {
                let value = row.0.get(places[n]?).copied().flatten()?;
                (value.abs() < NONE).then_some(value)
            };
            Some(Orbit {
                idx: value(0).map(|idx| idx as i64),
                epoch: value(1)?,
                ec: value(2).filter(|ec| *ec >= 0.0)?,
                qr: value(3).filter(|qr| *qr > 0.0)?,
                tp: value(4)?,
                om: value(5)?,
                w: value(6)?,
                inc: value(7)?,
                h: value(8),
                dca: value(9),
                tca: value(10),
                moid: value(11),
                vinf: value(12),
                geo_ecc: value(13),
                impact: value(14).map(|flag| flag != 0.0),
            })
        })
    }

    /// The sample that lies nearest to the middle of all: a real orbit, and no outlier.
    ///
    /// The middle is the median of each of `qr`, `ec`, `inc`, `om`, `w` and `tp` (angles around
    /// their mean direction). A sample's distance is the sum over the elements of its distance from
    /// the median in units of the median of these distances. Of equal ones the first is taken, so
    /// the choice is the same each time. `None` without a sample.
    ///
    /// To point a telescope, an [ephemeris](super::Scout::ephemeris) is better: it spans all samples.
    #[must_use]
    pub fn central(&self) -> Option<Orbit> {
        let orbits: Vec<Orbit> = self.iter().collect();
        let mut distance = vec![0.0; orbits.len()];
        let elements: [(Element, bool); 6] = [
            (|o| o.qr, false),
            (|o| o.ec, false),
            (|o| o.inc, false),
            (|o| o.om, true),
            (|o| o.w, true),
            (|o| o.tp, false),
        ];
        for (element, is_angle) in elements {
            let mut values: Vec<f64> = orbits.iter().map(element).collect();
            if is_angle {
                around_mean(&mut values);
            }
            let middle = median(values.clone())?;
            values.iter_mut().for_each(|value| *value = (*value - middle).abs());
            let spread = median(values.clone())?;
            if spread > 0.0 {
                distance.iter_mut().zip(values).for_each(|(sum, off)| *sum += off / spread);
            }
        }
        let nearest = distance.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1))?.0;
        orbits.get(nearest).copied()
    }

    /// Says on a target how the samples spread: what an orbit chosen among them is worth.
    pub(super) fn told(&self, target: Target) -> Target {
        let ends = |element: Element| {
            let (low, high) = self
                .iter()
                .map(|orbit| element(&orbit))
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                    (low.min(value), high.max(value))
                });
            format!("{low:.6} to {high:.6}")
        };
        target
            .with_extra("orbit_samples", self.iter().count())
            .with_extra(
                "orbit_samples_impacting",
                self.iter().filter(|orbit| orbit.impact == Some(true)).count(),
            )
            .with_extra("eccentricity_range", ends(|orbit| orbit.ec))
            .with_extra("perihdist_range_au", ends(|orbit| orbit.qr))
            .with_extra("inclination_range_deg", ends(|orbit| orbit.inc))
    }
}

/// Turns angles so that they lie within half a circle of their mean direction.
fn around_mean(angles: &mut [f64]) {
    let (sin, cos) = angles.iter().fold((0.0, 0.0), |(sin, cos), angle| {
        let (s, c) = angle.to_radians().sin_cos();
        (sin + s, cos + c)
    });
    let mean = f64::atan2(sin, cos).to_degrees();
    for angle in angles {
        *angle = (*angle - mean + 180.0).rem_euclid(360.0) - 180.0;
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let high = *values.get(values.len() / 2)?;
    let low = values[(values.len() - 1) / 2];
    Some(low + (high - low) / 2.0)
}

impl Orbit {
    /// Epoch of osculation, MJD TDB.
    #[must_use]
    pub fn epoch_mjd(&self) -> f64 {
        self.epoch - MJD_ZERO
    }

    /// Time of perihelion, MJD TDB.
    #[must_use]
    pub fn perihelion_mjd(&self) -> f64 {
        self.tp - MJD_ZERO
    }

    /// Semi-major axis, au; `None` for an open orbit and one that is nearly so, beyond 1000 au.
    #[must_use]
    pub fn semimajor_axis(&self) -> Option<f64> {
        let axis = self.qr / (1.0 - self.ec);
        (self.ec < 1.0 && axis <= LARGEST_AXIS).then_some(axis)
    }

    /// Mean daily motion, degrees a day; `None` without a semi-major axis.
    #[must_use]
    pub fn mean_daily_motion(&self) -> Option<f64> {
        self.semimajor_axis().map(|axis| GAUSS * axis.powf(-1.5))
    }

    /// Mean anomaly at the epoch, 0 to 360 degrees; `None` without a semi-major axis.
    #[must_use]
    pub fn mean_anomaly(&self) -> Option<f64> {
        self.mean_daily_motion().map(|motion| sky::wrap_degrees(motion * (self.epoch - self.tp)))
    }

    /// The elements of a target: a minor planet's, or a comet's where there is no semi-major axis.
    #[must_use]
    pub fn elements(&self) -> Elements {
        let scheme = match self.semimajor_axis().zip(self.mean_anomaly()) {
            Some((semimajor_axis, mean_anomaly)) => Scheme::MinorPlanet { mean_anomaly, semimajor_axis },
            None => Scheme::Comet { perihdist: self.qr, epoch_of_perihelion: self.perihelion_mjd() },
        };
        Elements {
            scheme,
            epoch_of_elements: self.epoch_mjd(),
            inclination: self.inc,
            lng_asc_node: self.om,
            arg_of_perihelion: self.w,
            eccentricity: self.ec,
        }
    }

    /// Says on a target which sample this is, and what its scheme has no place for.
    pub(super) fn told(&self, target: Target) -> Target {
        let target = target.with_extra_opt("orbit_sample", self.idx);
        match self.mean_daily_motion() {
            Some(motion) => target
                .with_extra("mean_daily_motion", motion)
                .with_extra("perihdist", self.qr)
                .with_extra("epoch_of_perihelion", self.perihelion_mjd()),
            None => target,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orbits(rows: Value) -> Orbits {
        let fields = ["idx", "epoch", "ec", "qr", "tp", "om", "w", "inc", "geoEcc", "impFlag"];
        serde_json::from_value(json!({"count": "9", "fields": fields, "data": rows})).unwrap()
    }

    #[test]
    fn elements_follow_from_perihelion_and_eccentricity() {
        let rows = json!([[0, "2461000.5", "0.5", 0.5, "2460990.5", "10", "20", "5", "1e99", 1]]);
        let orbit = orbits(rows).central().unwrap();
        assert_eq!(orbit.semimajor_axis(), Some(1.0));
        assert!((orbit.mean_anomaly().unwrap() - 9.856_076_686).abs() < 1e-9);
        assert_eq!((orbit.geo_ecc, orbit.impact), (None, Some(true)));
        assert_eq!((orbit.epoch_mjd(), orbit.perihelion_mjd()), (61_000.0, 60_990.0));
    }

    #[test]
    fn open_and_nearly_open_orbits_are_comets() {
        for ec in [0.9999, 1.0, 1.02] {
            let rows = json!([[0, "2461000.5", ec, 0.9, "2.4609905E+06", "10", "20", "5", null, 0]]);
            let elements = orbits(rows).central().unwrap().elements();
            let due = Scheme::Comet { perihdist: 0.9, epoch_of_perihelion: 60_990.0 };
            assert_eq!((elements.scheme, elements.eccentricity), (due, ec));
        }
    }

    #[test]
    fn the_central_sample_is_the_same_in_any_order_and_angles_are_round() {
        let row =
            |idx: i64, ec: f64, om: f64| json!([idx, 2461000.5, ec, 1.0, 2460990.5, om, 20, 5, null, 0]);
        let mut rows = vec![
            row(0, 0.9, 40.0),
            row(1, 0.3, 359.5),
            row(2, 0.31, 0.5),
            row(3, 0.29, 358.0),
            row(4, 0.1, 3.0),
        ];
        let chosen = |rows: &[Value]| orbits(json!(rows)).central().unwrap().idx;
        assert_eq!(chosen(&rows), Some(1));
        rows.reverse();
        assert_eq!(chosen(&rows), Some(1));
    }

    #[test]
    fn rows_that_lack_an_element_are_left_out() {
        let whole = json!([3, 2461000.5, 0.2, 1.0, 2460990.5, 1, 2, 3, null, 0]);
        let table = orbits(json!([[], [0, null, "x"], whole, [1, 2461000.5, 0.2, -1.0, 2460990.5, 1, 2, 3]]));
        assert_eq!(table.iter().map(|orbit| orbit.idx).collect::<Vec<_>>(), [Some(3)]);
        assert_eq!(orbits(json!([])).central(), None);
        for odd in [json!(null), json!("none"), json!([7, "x", {}]), json!({"data": []})] {
            assert_eq!(orbits(odd.clone()).central(), None, "{odd}");
        }
        let odd: Orbits = serde_json::from_value(json!({"count": [], "fields": ["idx", null, [1]]})).unwrap();
        assert_eq!(
            (odd.count, &odd.fields[..]),
            (None, &["idx".to_owned(), String::new(), String::new()][..])
        );
    }
}
