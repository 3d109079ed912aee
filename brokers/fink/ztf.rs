//! ZTF: what its service sends, and the light curve that follows from it.

use super::read::{self, computed, known};
use crate::plugin::*;

/// An alert of ZTF, or a row of a light curve with limits.
///
/// Every column may be missing: a column that is null in every row is left out of all. A row of a
/// limit has its numbers as text. A stream has the keys that begin with `i:` without that.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ZtfAlert {
    /// The object.
    #[serde(rename = "i:objectId", alias = "objectId", deserialize_with = "wire::text")]
    pub object_id: Option<String>,
    /// ZTF's id of the alert, 19 digits; −1 in rows of limits.
    #[serde(rename = "i:candid", alias = "candid", deserialize_with = "read::id")]
    pub candid: Option<String>,
    /// Start of the exposure, JD UTC.
    #[serde(rename = "i:jd", alias = "jd", deserialize_with = "wire::number")]
    pub jd: Option<f64>,
    /// Band: 1 g, 2 r, 3 i.
    #[serde(rename = "i:fid", alias = "fid", deserialize_with = "wire::whole_or_none")]
    pub fid: Option<i64>,
    /// Magnitude of the difference image, PSF.
    #[serde(rename = "i:magpsf", alias = "magpsf", deserialize_with = "wire::number")]
    pub magpsf: Option<f64>,
    /// Its error, 1σ.
    #[serde(rename = "i:sigmapsf", alias = "sigmapsf", deserialize_with = "wire::number_or_none")]
    pub sigmapsf: Option<f64>,
    /// Depth of the exposure, 5σ, mag.
    #[serde(rename = "i:diffmaglim", alias = "diffmaglim", deserialize_with = "wire::number_or_none")]
    pub diffmaglim: Option<f64>,
    /// Whether the object was brighter than in the reference image.
    #[serde(rename = "i:isdiffpos", alias = "isdiffpos", deserialize_with = "wire::flag_or_none")]
    pub isdiffpos: Option<bool>,
    /// Right ascension, degrees.
    #[serde(rename = "i:ra", alias = "ra", deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(rename = "i:dec", alias = "dec", deserialize_with = "wire::number")]
    pub dec: Option<f64>,
    /// Real-bogus score, 0 to 1.
    #[serde(rename = "i:rb", alias = "rb", deserialize_with = "wire::number_or_none")]
    pub rb: Option<f64>,
    /// Real-bogus score by deep learning, 0 to 1.
    #[serde(rename = "i:drb", alias = "drb", deserialize_with = "wire::number_or_none")]
    pub drb: Option<f64>,
    /// Distance to the nearest source of the reference image, pixels of 1 arcsec.
    #[serde(rename = "i:distnr", alias = "distnr", deserialize_with = "wire::number_or_none")]
    pub distnr: Option<f64>,
    /// Magnitude of that source.
    #[serde(rename = "i:magnr", alias = "magnr", deserialize_with = "wire::number_or_none")]
    pub magnr: Option<f64>,
    /// Its error.
    #[serde(rename = "i:sigmagnr", alias = "sigmagnr", deserialize_with = "wire::number_or_none")]
    pub sigmagnr: Option<f64>,
    /// Bad pixels in the stamp.
    #[serde(rename = "i:nbad", alias = "nbad", deserialize_with = "wire::number_or_none")]
    pub nbad: Option<f64>,
    /// First detection that the alert knows, JD UTC.
    #[serde(rename = "i:jdstarthist", alias = "jdstarthist", deserialize_with = "wire::number_or_none")]
    pub jdstarthist: Option<f64>,
    /// Detections that the alert counts.
    #[serde(rename = "i:ndethist", alias = "ndethist", deserialize_with = "wire::number_or_none")]
    pub ndethist: Option<f64>,
    /// The nearest known object of the solar system, by its MPC number or designation; the text
    /// `null` is none.
    #[serde(rename = "i:ssnamenr", alias = "ssnamenr", deserialize_with = "wire::text_or_none")]
    pub ssnamenr: Option<String>,
    /// Its distance, arcsec; −999 is none.
    #[serde(rename = "i:ssdistnr", alias = "ssdistnr", deserialize_with = "wire::number_or_none")]
    pub ssdistnr: Option<f64>,
    /// Its predicted magnitude; −999 is none.
    #[serde(rename = "i:ssmagnr", alias = "ssmagnr", deserialize_with = "wire::number_or_none")]
    pub ssmagnr: Option<f64>,
    /// Type of the source that SIMBAD has there; `Unknown`, or beginning with `Fail`, when it has none.
    #[serde(rename = "d:cdsxmatch", deserialize_with = "wire::text_or_none")]
    pub cdsxmatch: Option<String>,
    /// Type by the Transient Name Server.
    #[serde(rename = "d:tns", deserialize_with = "wire::text_or_none")]
    pub tns: Option<String>,
    /// How likely it is an early supernova Ia, by a random forest; 0 is not computed, too.
    #[serde(rename = "d:rf_snia_vs_nonia", deserialize_with = "wire::number_or_none")]
    pub rf_snia_vs_nonia: Option<f64>,
    /// How likely it is a supernova Ia, by SuperNNova; 0 as above.
    #[serde(rename = "d:snn_snia_vs_nonia", deserialize_with = "wire::number_or_none")]
    pub snn_snia_vs_nonia: Option<f64>,
    /// How likely it is a supernova, by SuperNNova; 0 as above.
    #[serde(rename = "d:snn_sn_vs_all", deserialize_with = "wire::number_or_none")]
    pub snn_sn_vs_all: Option<f64>,
    /// How likely it is a kilonova; 0 as above.
    #[serde(rename = "d:rf_kn_vs_nonkn", deserialize_with = "wire::number_or_none")]
    pub rf_kn_vs_nonkn: Option<f64>,
    /// How likely it is microlensing; 0 as above.
    #[serde(rename = "d:mulens", deserialize_with = "wire::number_or_none")]
    pub mulens: Option<f64>,
    /// How likely it is a superluminous supernova; 0 and −1 are not computed.
    #[serde(rename = "d:slsn_score", deserialize_with = "wire::number_or_none")]
    pub slsn_score: Option<f64>,
    /// How odd it is; lower is odder.
    #[serde(rename = "d:anomaly_score", deserialize_with = "wire::number_or_none")]
    pub anomaly_score: Option<f64>,
    /// Solar system: 2 a candidate, 3 known to the MPC.
    #[serde(rename = "d:roid", deserialize_with = "wire::number_or_none")]
    pub roid: Option<f64>,
    /// Detections in the history of the alert.
    #[serde(rename = "d:nalerthist", deserialize_with = "wire::number_or_none")]
    pub nalerthist: Option<f64>,
    /// Whether it looks like a transient.
    #[serde(rename = "d:is_transient", deserialize_with = "wire::flag_or_none")]
    pub is_transient: Option<bool>,
    /// Change of the magnitude, mag a day.
    #[serde(rename = "d:mag_rate", deserialize_with = "wire::number_or_none")]
    pub mag_rate: Option<f64>,
    /// Type by the General Catalogue of Variable Stars; with every column only.
    #[serde(rename = "d:gcvs", deserialize_with = "wire::text_or_none")]
    pub gcvs: Option<String>,
    /// Type by the Variable Star Index; with every column only.
    #[serde(rename = "d:vsx", deserialize_with = "wire::text_or_none")]
    pub vsx: Option<String>,
    /// Class by Gaia's variability; with every column only.
    #[serde(rename = "d:gaiaClass", deserialize_with = "wire::text_or_none")]
    pub gaia_class: Option<String>,
    /// Version of Fink's science modules; with every column only.
    #[serde(rename = "d:fink_science_version", deserialize_with = "wire::text_or_none")]
    pub fink_science_version: Option<String>,
    /// What a row of a light curve is: `valid`, `upperlim`, `badquality`.
    #[serde(rename = "d:tag", deserialize_with = "wire::text_or_none")]
    pub tag: Option<String>,
    /// Fink's class; of a cone only.
    #[serde(rename = "d:classification", deserialize_with = "wire::text_or_none")]
    pub d_classification: Option<String>,
    /// Fink's class; with every column only. [`class`](Self::class) serves both.
    #[serde(rename = "v:classification", deserialize_with = "wire::text_or_none")]
    pub v_classification: Option<String>,
    /// Distance from the centre of a cone, degrees.
    #[serde(rename = "v:separation_degree", deserialize_with = "wire::number_or_none")]
    pub separation_degree: Option<f64>,
    /// The solar-system object that was asked for.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub sso_name: Option<String>,
    /// Its number, where it has one. Beside an object without one the service sends it as a float.
    #[serde(deserialize_with = "read::id_if_whole")]
    pub sso_number: Option<String>,
}

impl ZtfAlert {
    /// Fink's class, where the route gives it.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        known(&self.v_classification).or_else(|| known(&self.d_classification))
    }

    /// The id of the alert; none in rows of limits.
    #[must_use]
    pub fn candid(&self) -> Option<&str> {
        self.candid.as_deref().filter(|id| !id.starts_with('-'))
    }

    /// The solar-system object that the alert is of.
    #[must_use]
    pub fn sso_name(&self) -> Option<&str> {
        if !self.is_moving() {
            return None;
        }
        known(&self.sso_name).or_else(|| known(&self.sso_number)).or_else(|| known(&self.ssnamenr))
    }

    /// What the solar-system object is called whichever way it was found: by the alert's own word for it
    /// (`ssnamenr`), which is its number once it has one.
    pub(super) fn sso_id(&self) -> Option<&str> {
        if !self.is_moving() {
            return None;
        }
        known(&self.ssnamenr).or_else(|| known(&self.sso_number)).or_else(|| known(&self.sso_name))
    }

    /// Whether the MPC knows it, it lies at the predicted place of a known object, or it answers a search
    /// for objects of the solar system.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        let searched = known(&self.sso_name).is_some() || known(&self.sso_number).is_some();
        let told = self.roid == Some(3.0) || self.class() == Some("Solar System MPC");
        searched || told || sky::is_known_object(self.ssdistnr, self.ssmagnr)
    }

    /// Whether Fink takes it for an object of the solar system that the MPC does not know.
    #[must_use]
    pub fn may_move(&self) -> bool {
        self.roid == Some(2.0) || self.class() == Some("Solar System candidate")
    }

    /// Adds what is known of the object to a target.
    pub(super) fn describe(&self, target: Target) -> Target {
        let mut target = target
            .with_extra_opt("class", self.class())
            .with_extra_opt("simbad_type", known(&self.cdsxmatch))
            .with_extra_opt("tns_type", known(&self.tns))
            .with_extra_opt("rf_snia_vs_nonia", computed(self.rf_snia_vs_nonia))
            .with_extra_opt("snn_snia_vs_nonia", computed(self.snn_snia_vs_nonia))
            .with_extra_opt("snn_sn_vs_all", computed(self.snn_sn_vs_all))
            .with_extra_opt("ndethist", self.ndethist)
            .with_extra_opt("jdstarthist", self.jdstarthist)
            .with_extra_opt("candid", self.candid())
            .with_extra_opt("solar_system_candidate", self.may_move().then_some(true));
        if self.is_moving() {
            // Each alert of a moving object is an object of its own to ZTF, so that id is no name of it.
            target = target.with_extra_opt("ztf_object_id", self.object_id.as_deref());
            for name in [&self.sso_name, &self.sso_number, &self.ssnamenr] {
                if let Some(name) = known(name) {
                    target = target.with_alias(name);
                }
            }
        }
        target
    }
}

/// The rows of a light curve, each sort by itself.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ZtfLightCurve {
    /// Measurements of the alerts.
    pub valid: Vec<ZtfAlert>,
    /// Exposures in which nothing was found.
    pub upper_limits: Vec<ZtfAlert>,
    /// Measurements that did not meet Fink's quality cuts.
    pub bad_quality: Vec<ZtfAlert>,
    /// One error for each row that could not be read.
    pub failures: Vec<Error>,
    /// How many values were left out because they are of another type than due.
    pub left_out: usize,
}

impl ZtfLightCurve {
    /// Sorts the rows of one object; those of others are left out, as the service gives every
    /// object whose id begins so.
    pub(super) fn of(oid: &str, rows: Rows<ZtfAlert>) -> Self {
        let mut curve = Self::default();
        for (index, row) in rows.into_iter().enumerate() {
            match row {
                Err(error) => curve.failures.push(error.with("row", index + 1)),
                Ok(row) if row.object_id.as_deref().is_some_and(|id| id != oid) => {}
                Ok(row) => match row.tag.as_deref() {
                    None | Some("valid" | "") => curve.valid.push(row),
                    Some("upperlim") => curve.upper_limits.push(row),
                    // A sort that is not known is not taken for a good measurement.
                    Some(_) => curve.bad_quality.push(row),
                },
            }
        }
        curve
    }
}

fn point(row: &ZtfAlert) -> Result<Photometry> {
    points::of_ztf(row.fid, row.candid().map(str::to_owned))
}

/// A measurement; its magnitude is a brightness only where the difference is positive.
pub(super) fn detection(row: &ZtfAlert) -> points::Read<Photometry> {
    let time = points::instant(row.jd, time::utc_from_jd)?;
    let Some(magnitude) = points::magnitude(row.magpsf) else { return Ok(None) };
    let mut found = point(row)?;
    found.set_difference(magnitude, row.isdiffpos);
    found.error = points::magnitude_error(row.sigmapsf);
    found.limiting_magnitude = points::magnitude(row.diffmaglim);
    points::keep_isdiffpos(&mut found.extra, row.isdiffpos);
    points::keep(&mut found.extra, "rb", row.rb);
    points::keep(&mut found.extra, "drb", row.drb);
    points::keep(&mut found.extra, "distnr", row.distnr);
    Ok(Some((time, found)))
}

fn upper_limit(row: &ZtfAlert) -> points::Read<Photometry> {
    let time = points::instant(row.jd, time::utc_from_jd)?;
    let Some(limit) = points::magnitude(row.diffmaglim) else { return Ok(None) };
    Ok(Some((time, Photometry { limit: Some(limit), ..point(row)? })))
}

/// A row of an alert's history, where a limit is a row without a magnitude.
pub(super) fn measurement_or_limit(row: &ZtfAlert) -> points::Read<Photometry> {
    if row.magpsf.is_some() { detection(row) } else { upper_limit(row) }
}

/// A measurement that is not to be used as one: it is no photometry here.
fn bad_quality(row: &ZtfAlert) -> points::Read<Datum> {
    let time = points::instant(row.jd, time::utc_from_jd)?;
    let Some(magnitude) = points::magnitude(row.magpsf) else { return Ok(None) };
    let mut kept = Map::new();
    points::keep(&mut kept, "quality", Some(row.tag.as_deref().unwrap_or("badquality")));
    points::keep(&mut kept, "filter", Some(point(row)?.filter));
    let key = if row.isdiffpos == Some(false) { "negative_magnitude" } else { "magnitude" };
    points::keep(&mut kept, key, Some(magnitude));
    points::keep(&mut kept, "error", points::magnitude_error(row.sigmapsf));
    points::keep(&mut kept, "limiting_magnitude", points::magnitude(row.diffmaglim));
    points::keep(&mut kept, "rb", row.rb);
    points::keep(&mut kept, "nbad", row.nbad);
    points::keep(&mut kept, "telescope", Some("ZTF"));
    Ok(Some((time, kept.into())))
}

/// The points of a light curve. A bad measurement that the alerts have too is left out.
pub(super) fn light_curve(oid: &str, curve: ZtfLightCurve) -> ReducedData {
    let mut points = Points::new(super::NAME, oid);
    points.note_left_out("objects", curve.left_out);
    let same = |a: &ZtfAlert, b: &ZtfAlert| a.jd == b.jd && a.fid == b.fid;
    let mut bad = curve.bad_quality;
    bad.retain(|row| !curve.valid.iter().any(|good| same(good, row)));
    let (count, whole) = (bad.len(), |rows: Vec<ZtfAlert>| Rows(rows.into_iter().map(Ok).collect()));
    points.rows("valid", whole(curve.valid), |row| detection(&row));
    points.rows("upperlim", whole(curve.upper_limits), |row| upper_limit(&row));
    points.rows("badquality", whole(bad), |row| bad_quality(&row));
    if count > 0 {
        let rows = if count == 1 { "measurement" } else { "measurements" };
        points.note(format!("{count} {rows} of bad quality kept apart, as data of the type other"));
    }
    curve.failures.into_iter().for_each(|error| points.fail(error));
    points.done()
}
