//! Looking up and comparing the points of a light curve.

use tom_alerts::{Photometry, ReducedData};

/// The point that a survey knows by this id.
pub(crate) fn at(data: &ReducedData, id: &str) -> Photometry {
    let mut points = data.points.iter().filter_map(|point| point.photometry());
    points.find(|point| point.source_id.as_deref() == Some(id)).unwrap_or_else(|| panic!("no {id}")).clone()
}

/// The point of an instant that begins so, as `2026-11-10T05`.
pub(crate) fn on<'a>(data: &'a ReducedData, time: &str) -> &'a Photometry {
    let mut points = data.points.iter().filter(|point| point.timestamp.to_rfc3339().starts_with(time));
    points.find_map(|point| point.photometry()).unwrap_or_else(|| panic!("no {time}: {data:#?}"))
}

/// A value is there, and is this to a tenth of a millimagnitude.
pub(crate) fn near(value: Option<f64>, due: f64) {
    assert!(value.is_some_and(|value| (value - due).abs() < 1e-4), "{value:?}, not {due}");
}

/// A detection, a negative difference and a limit as LSST's brokers record them: the sign of the
/// flux is kept, and beside it stands what it means in magnitudes.
pub(crate) fn keeps_the_sign_of_fluxes(data: &ReducedData) {
    let found = at(data, "169342810955318001");
    assert_eq!((found.filter.as_str(), found.flux, found.flux_error), ("g", Some(2500.0), Some(100.0)));
    near(found.magnitude, 22.905_15);
    near(found.error, 0.043_43);
    assert_eq!((found.unit.as_deref(), found.flux_unit.as_deref()), (Some("AB"), Some("nJy")));
    assert_eq!(
        (&found.extra.to_map()["scienceFlux"], &found.extra.to_map()["reliability"]),
        (&5120.5.into(), &0.94.into())
    );
    let negative = at(data, "169342810955318002");
    assert_eq!((negative.filter.as_str(), negative.flux, negative.magnitude), ("u", Some(-900.0), None));
    near(negative.negative_magnitude, 24.014_39);
    let faint = at(data, "169342810955318003");
    assert_eq!((faint.magnitude, faint.flux), (None, Some(200.0)));
    near(faint.limit, 24.652_57);
}
