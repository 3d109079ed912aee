//! ZTF: what its services send, and the light curve that follows from it.

use crate::plugin::*;

/// A detection of ZTF.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ZtfDetection {
    /// The survey, `ztf`.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub tid: Option<String>,
    /// ZTF's id of the measurement, 19 digits.
    #[serde(deserialize_with = "wire::text")]
    pub candid: Option<String>,
    /// Time, MJD UTC.
    #[serde(deserialize_with = "wire::number")]
    pub mjd: Option<f64>,
    /// Band: 1 g, 2 r, 3 i.
    #[serde(deserialize_with = "wire::whole")]
    pub fid: Option<i64>,
    /// ZTF's id of the image.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub pid: Option<i64>,
    /// ZTF's number of the night.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub nid: Option<i64>,
    /// ZTF's id of the reference image.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub rfid: Option<i64>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub dec: Option<f64>,
    /// Magnitude of the difference image, PSF: the measurement.
    #[serde(deserialize_with = "wire::number")]
    pub magpsf: Option<f64>,
    /// Its error, 1σ.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmapsf: Option<f64>,
    /// Depth of the exposure, 5σ; not a measurement of the object.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub diffmaglim: Option<f64>,
    /// Whether the object was brighter than in the reference image.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub isdiffpos: Option<bool>,
    /// Magnitude with the reference flux added back; means something where `corrected` and not `dubious`.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magpsf_corr: Option<f64>,
    /// Its error if the reference is a point; 100 is unusable.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmapsf_corr: Option<f64>,
    /// Its error if the reference is extended; 100 is unusable.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmapsf_corr_ext: Option<f64>,
    /// The same for an extended reference.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magpsf_corr_ext: Option<f64>,
    /// Aperture magnitude of the difference image.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magap: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmagap: Option<f64>,
    /// Aperture magnitude with the reference flux added back.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magap_corr: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmagap_corr: Option<f64>,
    /// Magnitude in the large aperture.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magapbig: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmagapbig: Option<f64>,
    /// Distance to the nearest source of the reference image, pixels of 1 arcsec.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub distnr: Option<f64>,
    /// Real-bogus score, 0 to 1.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub rb: Option<f64>,
    /// Real-bogus score by deep learning, 0 to 1.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub drb: Option<f64>,
    /// Version of the real-bogus score.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub rbversion: Option<String>,
    /// Whether corrected magnitudes exist.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub corrected: Option<bool>,
    /// Whether they are not to be trusted.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub dubious: Option<bool>,
    /// Whether there are cutouts; not for points out of an alert's history.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub has_stamp: Option<bool>,
    /// The alert in whose history this point came.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub parent_candid: Option<String>,
    /// The alert it came with.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub candid_alert: Option<String>,
    /// Version of the pipeline.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub step_id_corr: Option<String>,
    /// Always 0.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub phase: Option<f64>,
}

/// An exposure that did not detect the object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct NonDetection {
    /// The object, where the row says so.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub oid: Option<String>,
    /// The survey.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub tid: Option<String>,
    /// The source of the row, where it says so.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub sid: Option<String>,
    /// ALeRCE's id across surveys; not in use.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub aid: Option<String>,
    /// Time, MJD UTC.
    #[serde(deserialize_with = "wire::number")]
    pub mjd: Option<f64>,
    /// Band: 1 g, 2 r, 3 i.
    #[serde(deserialize_with = "wire::whole")]
    pub fid: Option<i64>,
    /// Depth, 5σ, mag.
    #[serde(deserialize_with = "wire::number")]
    pub diffmaglim: Option<f64>,
}

/// A light curve of ZTF as the v1 service gives it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ZtfLightCurve {
    /// Detections, in no order.
    #[serde(deserialize_with = "wire::rows")]
    pub detections: Rows<ZtfDetection>,
    /// Exposures without detection.
    #[serde(deserialize_with = "wire::rows")]
    pub non_detections: Rows<NonDetection>,
}

/// A detection or a point of forced photometry as the v2 service gives it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct V2Detection {
    /// The id of the measurement; of a forced point the object's id and the image's.
    #[serde(deserialize_with = "wire::text")]
    pub candid: Option<String>,
    /// The survey.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub tid: Option<String>,
    /// The source of the row.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub sid: Option<String>,
    /// ALeRCE's id across surveys; not in use.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub aid: Option<String>,
    /// The object.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub oid: Option<String>,
    /// ZTF's id of the image.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub pid: Option<i64>,
    /// Time, MJD UTC.
    #[serde(deserialize_with = "wire::number")]
    pub mjd: Option<f64>,
    /// Band: 1 g, 2 r, 3 i.
    #[serde(deserialize_with = "wire::whole")]
    pub fid: Option<i64>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ra: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub e_ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub dec: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub e_dec: Option<f64>,
    /// Magnitude of the difference image; of a forced point also far below the noise.
    #[serde(deserialize_with = "wire::number")]
    pub mag: Option<f64>,
    /// Its error; 100 is unusable.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub e_mag: Option<f64>,
    /// Magnitude with the reference flux added back.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub mag_corr: Option<f64>,
    /// Its error if the reference is a point; 100 is unusable.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub e_mag_corr: Option<f64>,
    /// Its error if the reference is extended; 100 is unusable.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub e_mag_corr_ext: Option<f64>,
    /// Whether the object was brighter than in the reference image.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub isdiffpos: Option<bool>,
    /// Whether corrected magnitudes exist.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub corrected: Option<bool>,
    /// Whether they are not to be trusted.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub dubious: Option<bool>,
    /// Whether there are cutouts.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub has_stamp: Option<bool>,
    /// The alert in whose history this point came.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub parent_candid: Option<String>,
    /// The survey's own columns.
    #[serde(deserialize_with = "wire::object_or_default")]
    pub extra_fields: V2Extra,
}

/// The survey's own columns of a v2 row that are of use; all are in the service's answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct V2Extra {
    /// Depth of the exposure, 5σ, mag.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub diffmaglim: Option<f64>,
    /// Distance to the nearest source of the reference image, pixels of 1 arcsec.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub distnr: Option<f64>,
    /// Real-bogus score, 0 to 1.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub rb: Option<f64>,
    /// Real-bogus score by deep learning, 0 to 1.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub drb: Option<f64>,
    /// ZTF's number of the field.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub field: Option<i64>,
    /// ZTF's number of the readout channel.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub rcid: Option<i64>,
    /// ZTF's number of the programme.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub programid: Option<i64>,
    /// ZTF's id of the reference image.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub rfid: Option<i64>,
    /// Exposure time, s.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub exptime: Option<f64>,
    /// Status of the forced photometry.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub procstatus: Option<String>,
}

/// A light curve as the v2 service gives it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct V2LightCurve {
    /// Detections, in no order.
    #[serde(deserialize_with = "wire::rows")]
    pub detections: Rows<V2Detection>,
    /// Exposures without detection.
    #[serde(deserialize_with = "wire::rows")]
    pub non_detections: Rows<NonDetection>,
    /// Forced photometry.
    #[serde(deserialize_with = "wire::rows")]
    pub forced_photometry: Rows<V2Detection>,
}

/// Signal to noise of 3 as an error in magnitudes: a forced point with a larger one is no detection.
const FORCED_DETECTION: f64 = 0.36;

fn detection(row: ZtfDetection) -> points::Read<Photometry> {
    let time = points::instant(row.mjd, time::utc_from_mjd)?;
    let Some(magnitude) = points::magnitude(row.magpsf) else {
        return Ok(None);
    };
    let mut found = points::of_ztf(row.fid, row.candid)?;
    found.set_difference(magnitude, row.isdiffpos);
    found.error = points::magnitude_error(row.sigmapsf);
    found.limiting_magnitude = points::magnitude(row.diffmaglim);
    let extra = &mut found.extra;
    points::keep_isdiffpos(extra, row.isdiffpos);
    points::keep(extra, "corrected", row.corrected);
    points::keep(extra, "dubious", row.dubious);
    points::keep(extra, "rb", row.rb);
    points::keep(extra, "drb", row.drb);
    points::keep(extra, "has_stamp", row.has_stamp);
    keep_corrected(extra, row.corrected, row.dubious, row.magpsf_corr, row.sigmapsf_corr_ext);
    Ok(Some((time, found)))
}

/// The magnitude with the reference flux added back, where it means something.
fn keep_corrected(
    extra: &mut Extra,
    corrected: Option<bool>,
    dubious: Option<bool>,
    magnitude: Option<f64>,
    error: Option<f64>,
) {
    let sound = corrected == Some(true) && dubious == Some(false);
    if let (true, Some(magnitude), Some(error)) =
        (sound, points::magnitude(magnitude), points::magnitude_error(error))
    {
        points::keep(extra, "magpsf_corr", Some(magnitude));
        points::keep(extra, "sigmapsf_corr_ext", Some(error));
    }
}

fn non_detection(row: NonDetection) -> points::Read<Photometry> {
    let time = points::instant(row.mjd, time::utc_from_mjd)?;
    let Some(limit) = points::magnitude(row.diffmaglim) else {
        return Ok(None);
    };
    Ok(Some((time, Photometry { limit: Some(limit), ..points::of_ztf(row.fid, None)? })))
}

fn forced(row: V2Detection) -> points::Read<Photometry> {
    let time = points::instant(row.mjd, time::utc_from_mjd)?;
    let depth = points::magnitude(row.extra_fields.diffmaglim);
    let detected = row.e_mag.is_some_and(|error| (0.0..=FORCED_DETECTION).contains(&error));
    let mut found = Photometry { forced: true, ..points::of_ztf(row.fid, row.candid)? };
    match points::magnitude(row.mag).filter(|_| detected) {
        Some(magnitude) => {
            found.set_difference(magnitude, row.isdiffpos);
            found.error = row.e_mag;
            found.limiting_magnitude = depth;
        }
        None => {
            let Some(depth) = depth else { return Ok(None) };
            found.limit = Some(depth);
            // Far below the noise the measured value is no magnitude, but it is what was measured.
            points::keep(&mut found.extra, "mag", points::magnitude(row.mag));
            points::keep(&mut found.extra, "e_mag", points::magnitude_error(row.e_mag));
        }
    }
    let extra = &mut found.extra;
    points::keep_isdiffpos(extra, row.isdiffpos);
    points::keep(extra, "corrected", row.corrected);
    points::keep(extra, "dubious", row.dubious);
    points::keep(extra, "exposure_time", row.extra_fields.exptime);
    points::keep(extra, "procstatus", row.extra_fields.procstatus);
    keep_corrected(extra, row.corrected, row.dubious, row.mag_corr, row.e_mag_corr_ext);
    Ok(Some((time, found)))
}

/// The points of a light curve.
pub(super) fn light_curve(oid: &str, curve: ZtfLightCurve, odd: usize) -> ReducedData {
    let mut points = Points::new(super::NAME, oid);
    points.note_left_out("the light curve", odd);
    points.rows("detections", curve.detections, detection);
    points.rows("non_detections", curve.non_detections, non_detection);
    points.done()
}

/// The points of forced photometry.
pub(super) fn forced_photometry(oid: &str, rows: Rows<V2Detection>, odd: usize) -> ReducedData {
    let mut points = Points::new(super::NAME, oid);
    points.note_left_out("forced_photometry", odd);
    points.rows("forced_photometry", rows, forced);
    points.done()
}

/// The latest detection that has cutouts.
pub(super) fn latest_with_stamp(rows: Rows<ZtfDetection>) -> Option<String> {
    let rows = rows.into_iter().filter_map(Result::ok).filter(|row| row.has_stamp == Some(true));
    let dated = rows.filter_map(|row| Some((row.mjd?, row.candid?)));
    dated.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, candid)| candid)
}
