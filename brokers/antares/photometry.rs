//! From the history of a locus, and its light curve, to points.

use std::collections::{HashMap, HashSet};

use super::alerts::{AntaresAlert, Exposure};
use super::light_curve::LightCurveRow;
use crate::plugin::band::{BandSystem, band};
use crate::plugin::flux::{DETECTION, NANOJANSKY_ZERO};
use crate::plugin::*;

/// All points of a locus: its history, with what only the light curve knows. Beside each is how many
/// values of it were left out.
pub(super) fn points(
    locus: &str,
    target: &str,
    (history, of_history): (Vec<Result<AntaresAlert>>, usize),
    (light_curve, of_light_curve): (Rows<LightCurveRow>, usize),
) -> ReducedData {
    let mut points = Points::new(super::NAME, locus).of_target(target);
    points.note_left_out("alerts", of_history);
    points.note_left_out("lightcurve", of_light_curve);
    let mut rows = HashMap::new();
    for (at, row) in light_curve.into_iter().enumerate() {
        match row {
            Ok(LightCurveRow { alert_id: None, .. }) => {
                let error = Error::new(ErrorKind::Unreadable, "the row has no alert_id");
                points.fail(error.with("list", "lightcurve").with("row", at + 1));
            }
            Ok(row) => drop(rows.insert(row.alert_id.clone().unwrap_or_default(), row)),
            Err(error) => points.fail(error.with("list", "lightcurve").with("row", at + 1)),
        }
    }
    let mut gathered = Gathered { points, empty: 0, withdrawn: 0 };
    let mut seen = HashSet::new();
    for (at, alert) in history.into_iter().enumerate() {
        let place = |error: Error| error.with("list", "alerts").with("row", at + 1);
        match alert {
            Ok(alert) => {
                let row = rows.remove(&alert.id);
                // An alert may stand on two pages when new ones come in between.
                if !seen.insert(alert.id.clone()) {
                    continue;
                }
                gathered.add(&alert, point(&alert, row.as_ref()).map_err(place));
            }
            Err(error) => gathered.points.fail(place(error)),
        }
    }
    let mut rest: Vec<_> = rows.into_values().collect();
    if !rest.is_empty() {
        rest.sort_by(|a, b| a.alert_id.cmp(&b.alert_id));
        let text = "of the light curve not in the history; whether the difference is negative is not known";
        let points = if rest.len() == 1 { "point" } else { "points" };
        gathered.points.note(format!("{} {points} {text}", rest.len()));
    }
    for row in rest {
        let alert = of_row(&row);
        let mut found = point(&alert, Some(&row)).map_err(|e| e.with("list", "lightcurve"));
        if let Ok(Some((_, point))) = &mut found
            && point.magnitude.is_some()
        {
            points::keep(&mut point.extra, "sign_known", Some(false));
        }
        gathered.add(&alert, found);
    }
    gathered.done()
}

struct Gathered<'a> {
    points: Points<'a>,
    empty: usize,
    withdrawn: usize,
}

impl Gathered<'_> {
    fn add(&mut self, alert: &AntaresAlert, point: points::Read<Photometry>) {
        match point {
            Ok(Some((time, point))) => {
                self.withdrawn += usize::from(alert.is_withdrawn());
                self.points.push_row_at(&alert.id, (time, point, alert.withdrawn()));
            }
            Ok(None) => self.empty += 1,
            Err(error) => self.points.fail(error.with("alert", &alert.id)),
        }
    }

    fn done(mut self) -> ReducedData {
        if self.empty > 0 {
            let alerts = if self.empty == 1 { "alert" } else { "alerts" };
            self.points.note(format!("{} {alerts} without magnitude and limit left out", self.empty));
        }
        if self.withdrawn > 0 {
            let alerts = if self.withdrawn == 1 { "alert" } else { "alerts" };
            self.points.note(format!("{} {alerts} withdrawn by the survey and left out", self.withdrawn));
        }
        self.points.done()
    }
}

/// A row of the light curve as the alert that it came from, as far as it tells.
fn of_row(row: &LightCurveRow) -> AntaresAlert {
    let mut alert = AntaresAlert {
        id: row.alert_id.clone().unwrap_or_default(),
        mjd: row.mjd,
        ..AntaresAlert::default()
    };
    let own = &mut alert.properties;
    own.survey = row.survey;
    own.passband.clone_from(&row.passband);
    (own.mag, own.mag_error, own.mag_limit) = (row.mag, row.mag_error, row.mag_limit);
    alert
}

/// The point of an alert; nothing when it has neither magnitude nor limit.
fn point(alert: &AntaresAlert, row: Option<&LightCurveRow>) -> points::Read<Photometry> {
    let fault = |text: &'static str| Error::new(ErrorKind::Unreadable, text);
    let time = alert.time().ok_or_else(|| fault("the alert has no date, or it is none"))?;
    let own = &alert.properties;
    let exposure = alert.exposure();
    let (mag, limit) = (points::magnitude(own.mag), points::magnitude(own.mag_limit));
    let mut found = match exposure {
        Exposure::Lsst => {
            let Some(found) = lsst(alert, mag) else { return Ok(None) };
            found
        }
        Exposure::ZtfLimit => Photometry { limit, ..Photometry::default() },
        _ => match mag {
            None => Photometry { limit, ..Photometry::default() },
            Some(mag) => {
                let mut found = Photometry { limiting_magnitude: limit, ..Photometry::default() };
                found.set_difference(mag, Some(!alert.is_negative()));
                found.error = points::magnitude_error(own.mag_error);
                found
            }
        },
    };
    let some = [found.magnitude, found.negative_magnitude, found.limit, found.flux];
    if some.iter().all(Option::is_none) {
        return Ok(None);
    }
    found.filter = filter(alert).ok_or_else(|| fault("the alert has no band"))?.into();
    found.unit = Some("AB".into());
    // What ANTARES calls a limit by is its own word; other brokers know the exposure by its time.
    let id = || AntaresAlert::source_id(&alert.id).to_owned();
    found.source_id = (exposure != Exposure::ZtfLimit).then(id);
    let (survey, telescope, instrument) = match exposure {
        Exposure::Ztf | Exposure::ZtfLimit => ("ZTF", "ZTF", None),
        Exposure::Lsst => ("LSST", "Rubin", Some("LSSTCam")),
        Exposure::Decam => ("DECAT", "Blanco", Some("DECam")),
        Exposure::Other => (alert.survey.as_deref().unwrap_or("unknown"), "", None),
    };
    found.survey = Some(survey.into());
    found.telescope = Some(telescope.into()).filter(|name: &Text| !name.is_empty());
    found.instrument = instrument.map(Text::from);
    keep_extras(&mut found.extra, alert, row);
    Ok(Some((time, found)))
}

/// A detection of LSST: by the flux where there is one, which has the sign that the magnitude lacks.
fn lsst(alert: &AntaresAlert, mag: Option<f64>) -> Option<Photometry> {
    let own = &alert.properties;
    let negative = alert.is_negative();
    let flux = own.lsst_flux.map(|flux| if negative { -flux.abs() } else { flux });
    let by_flux = flux.zip(own.lsst_flux_error).and_then(|(flux, error)| {
        Some((flux / error, Photometry::from_flux(flux, error, "nJy", NANOJANSKY_ZERO)?))
    });
    if let Some((significance, mut found)) = by_flux {
        if significance >= DETECTION {
            // The same to the last digits; the service's own is kept as it is.
            found.magnitude = mag.or(found.magnitude);
            found.error = points::magnitude_error(own.mag_error).or(found.error);
        }
        return Some(found);
    }
    let flux_unit = flux.map(|_| "nJy".into());
    let mut found = Photometry { flux, flux_unit, ..Photometry::default() };
    mag.into_iter().for_each(|mag| found.set_difference(mag, Some(!negative)));
    found.error = points::magnitude_error(own.mag_error);
    (mag.is_some() || flux.is_some()).then_some(found)
}

fn filter(alert: &AntaresAlert) -> Option<String> {
    let own = &alert.properties;
    if let Some(code) = form::given(&own.passband).or_else(|| form::given(&own.lsst_band)) {
        return Some(band(BandSystem::Antares, code).into_owned());
    }
    own.ztf_fid.map(|fid| band(BandSystem::Ztf, &fid.to_string()).into_owned())
}

fn keep_extras(extra: &mut Extra, alert: &AntaresAlert, row: Option<&LightCurveRow>) {
    let own = &alert.properties;
    points::keep_isdiffpos(extra, own.ztf_is_positive);
    points::keep(extra, "rb", own.ztf_rb);
    points::keep(extra, "drb", own.ztf_drb);
    points::keep(extra, "is_negative", own.lsst_is_negative);
    points::keep(extra, "reliability", own.lsst_reliability);
    points::keep(extra, "snr", own.lsst_snr);
    points::keep(extra, "scienceFlux", own.lsst_science_flux);
    points::keep(extra, "scienceFluxErr", own.lsst_science_flux_error);
    points::keep(extra, "visit", own.lsst_visit);
    points::keep(extra, "detector", own.lsst_detector);
    let Some(row) = row else { return };
    points::keep(extra, "mag_corrected", points::magnitude(row.mag_corrected));
    points::keep(extra, "magerr_corrected", points::magnitude_error(row.mag_error_corrected));
    points::keep(extra, "magulim_corrected", points::magnitude(row.mag_upper_limit_corrected));
    points::keep(extra, "magllim_corrected", points::magnitude(row.mag_lower_limit_corrected));
}
