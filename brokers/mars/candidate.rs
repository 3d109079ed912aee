//! The measurement of an alert: ZTF's `candidate` with the columns that MARS adds.

use crate::plugin::band::{BandSystem, band};
use crate::plugin::*;

/// A measurement, or an exposure without detection, of which only `jd`, `fid`, `diffmaglim` and the
/// last two are there. Magnitudes are of the difference image unless it is said otherwise.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Candidate {
    /// Start of the exposure, JD UTC.
    #[serde(deserialize_with = "wire::number")]
    pub jd: Option<f64>,
    /// Band: 1 g, 2 r, 3 i.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub fid: Option<i64>,
    /// Band as a letter; not there without detection.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub filter: Option<String>,
    /// The same instant as `jd` as a date of mail, to the second.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub wall_time: Option<String>,
    /// ZTF's id of the image.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub pid: Option<i64>,
    /// ZTF's number of the programme.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub programid: Option<i64>,
    /// ZTF's id of the measurement; beyond 2^53.
    #[serde(deserialize_with = "wire::whole")]
    pub candid: Option<i64>,
    /// Number in the image's catalogue.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub tblid: Option<i64>,
    /// ZTF's number of the night.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub nid: Option<i64>,
    /// ZTF's number of the readout channel.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub rcid: Option<i64>,
    /// ZTF's number of the field.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub field: Option<i64>,
    /// File of the difference image.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub pdiffimfilename: Option<String>,
    /// Who leads the programme.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub programpi: Option<String>,
    /// Depth of the exposure, 5σ, mag; not a measurement of the object.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub diffmaglim: Option<f64>,
    /// Whether the object was brighter than in the reference image.
    #[serde(deserialize_with = "wire::flag_or_none")]
    pub isdiffpos: Option<bool>,
    /// Place in the image, pixels.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub xpos: Option<f64>,
    /// Place in the image, pixels.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ypos: Option<f64>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub dec: Option<f64>,
    /// Galactic longitude, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub l: Option<f64>,
    /// Galactic latitude, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub b: Option<f64>,
    /// Magnitude of the difference image, PSF: the measurement.
    #[serde(deserialize_with = "wire::number")]
    pub magpsf: Option<f64>,
    /// Its error, 1σ.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmapsf: Option<f64>,
    /// Reduced χ² of the PSF fit.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub chipsf: Option<f64>,
    /// Aperture magnitude of the difference image.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magap: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmagap: Option<f64>,
    /// Magnitude in the large aperture.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magapbig: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmagapbig: Option<f64>,
    /// `magpsf` less the latest earlier one of the same band.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub deltamaglatest: Option<f64>,
    /// Magnitude of the reference source less `magpsf`, where that is within 2 pixels.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub deltamagref: Option<f64>,
    /// Distance to the nearest source of the reference image, pixels of 1 arcsec.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub distnr: Option<f64>,
    /// Magnitude of that source.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magnr: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sigmagnr: Option<f64>,
    /// χ of that source.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub chinr: Option<f64>,
    /// Sharpness of that source.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sharpnr: Option<f64>,
    /// Right ascension of that source, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ranr: Option<f64>,
    /// Declination of that source, degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub decnr: Option<f64>,
    /// Local background, counts.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sky: Option<f64>,
    /// Aperture magnitude less PSF magnitude.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magdiff: Option<f64>,
    /// Full width at half maximum, pixels.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub fwhm: Option<f64>,
    /// Star-likeness by SExtractor, 0 to 1.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub classtar: Option<f64>,
    /// Distance to the edge of the image, pixels.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub mindtoedge: Option<f64>,
    /// Depth less the aperture magnitude.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magfromlim: Option<f64>,
    /// Width of the object over that of a star.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub seeratio: Option<f64>,
    /// Long axis, pixels.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub aimage: Option<f64>,
    /// Short axis, pixels.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub bimage: Option<f64>,
    /// Long axis over the width.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub aimagerat: Option<f64>,
    /// Short axis over the width.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub bimagerat: Option<f64>,
    /// Long axis over short axis.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub elong: Option<f64>,
    /// Negative pixels of the stamp.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub nneg: Option<i64>,
    /// Bad pixels of the stamp.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub nbad: Option<i64>,
    /// Sum of the pixels over the sum of their absolute values.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub sumrat: Option<f64>,
    /// Real-bogus score, 0 to 1.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub rb: Option<f64>,
    /// Its version.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub rbversion: Option<String>,
    /// Real-bogus score by deep learning, 0 to 1; none before June 2019.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub drb: Option<f64>,
    /// Its version.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub drbversion: Option<String>,
    /// Distance to the nearest known body of the solar system, arcsec.
    #[serde(deserialize_with = "known")]
    pub ssdistnr: Option<f64>,
    /// Magnitude of that body.
    #[serde(deserialize_with = "known")]
    pub ssmagnr: Option<f64>,
    /// Name of that body; `null` as a text, or empty, for none.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub ssnamenr: Option<String>,
    /// Detections at this place so far.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub ndethist: Option<i64>,
    /// Exposures of this place so far.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub ncovhist: Option<i64>,
    /// First detection, JD.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jdstarthist: Option<f64>,
    /// Latest detection, JD.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jdendhist: Option<f64>,
    /// Peak of the matched filter over its noise.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub scorr: Option<f64>,
    /// 1 for a target of opportunity.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub tooflag: Option<i64>,
    /// PS1 sources within 30 arcsec.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub nmtchps: Option<i64>,
    /// ZTF's id of the reference image.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub rfid: Option<i64>,
    /// Exposures in the reference image.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub nframesref: Option<i64>,
    /// First exposure of the reference image, JD.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jdstartref: Option<f64>,
    /// Latest exposure of the reference image, JD.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jdendref: Option<f64>,
    /// PS1 id of the nearest source; beyond 2^53.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub objectidps1: Option<i64>,
    /// Its g magnitude.
    #[serde(deserialize_with = "known")]
    pub sgmag1: Option<f64>,
    /// Its r magnitude.
    #[serde(deserialize_with = "known")]
    pub srmag1: Option<f64>,
    /// Its i magnitude.
    #[serde(deserialize_with = "known")]
    pub simag1: Option<f64>,
    /// Its z magnitude.
    #[serde(deserialize_with = "known")]
    pub szmag1: Option<f64>,
    /// Its star-likeness, 0 to 1.
    #[serde(deserialize_with = "known")]
    pub sgscore1: Option<f64>,
    /// Its distance, arcsec.
    #[serde(deserialize_with = "known")]
    pub distpsnr1: Option<f64>,
    /// PS1 id of the second nearest source; beyond 2^53.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub objectidps2: Option<i64>,
    /// Its g magnitude.
    #[serde(deserialize_with = "known")]
    pub sgmag2: Option<f64>,
    /// Its r magnitude.
    #[serde(deserialize_with = "known")]
    pub srmag2: Option<f64>,
    /// Its i magnitude.
    #[serde(deserialize_with = "known")]
    pub simag2: Option<f64>,
    /// Its z magnitude.
    #[serde(deserialize_with = "known")]
    pub szmag2: Option<f64>,
    /// Its star-likeness, 0 to 1.
    #[serde(deserialize_with = "known")]
    pub sgscore2: Option<f64>,
    /// Its distance, arcsec.
    #[serde(deserialize_with = "known")]
    pub distpsnr2: Option<f64>,
    /// PS1 id of the third nearest source; beyond 2^53.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub objectidps3: Option<i64>,
    /// Its g magnitude.
    #[serde(deserialize_with = "known")]
    pub sgmag3: Option<f64>,
    /// Its r magnitude.
    #[serde(deserialize_with = "known")]
    pub srmag3: Option<f64>,
    /// Its i magnitude.
    #[serde(deserialize_with = "known")]
    pub simag3: Option<f64>,
    /// Its z magnitude.
    #[serde(deserialize_with = "known")]
    pub szmag3: Option<f64>,
    /// Its star-likeness, 0 to 1.
    #[serde(deserialize_with = "known")]
    pub sgscore3: Option<f64>,
    /// Its distance, arcsec.
    #[serde(deserialize_with = "known")]
    pub distpsnr3: Option<f64>,
    /// Difference over the noise, root mean square.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub dsnrms: Option<f64>,
    /// Science over the noise, root mean square.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub ssnrms: Option<f64>,
    /// Difference of both.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub dsdiff: Option<f64>,
    /// Zero point of the science image, mag.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magzpsci: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magzpsciunc: Option<f64>,
    /// Scatter of the calibration.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub magzpscirms: Option<f64>,
    /// Sources used in the calibration.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub nmatches: Option<i64>,
    /// Colour coefficient.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub clrcoeff: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub clrcounc: Option<f64>,
    /// Covariance of zero point and colour coefficient.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub zpclrcov: Option<f64>,
    /// Median zero point.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub zpmed: Option<f64>,
    /// Median colour.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub clrmed: Option<f64>,
    /// Scatter of the colour.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub clrrms: Option<f64>,
    /// Distance to the nearest source of Gaia DR1, arcsec.
    #[serde(deserialize_with = "known")]
    pub neargaia: Option<f64>,
    /// Distance to the nearest one above 14 mag, arcsec.
    #[serde(deserialize_with = "known")]
    pub neargaiabright: Option<f64>,
    /// G magnitude of the nearest.
    #[serde(deserialize_with = "known")]
    pub maggaia: Option<f64>,
    /// G magnitude of the nearest above 14 mag.
    #[serde(deserialize_with = "known")]
    pub maggaiabright: Option<f64>,
    /// Exposure time, s.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub exptime: Option<f64>,
    /// Number of an exposure without detection.
    #[serde(deserialize_with = "wire::whole_or_none")]
    pub id: Option<i64>,
    /// The object that was not detected in it.
    #[serde(rename = "objectId", deserialize_with = "wire::text_or_none")]
    pub object_id: Option<String>,
}

impl Candidate {
    /// When the exposure began, UTC.
    pub(super) fn time(&self) -> Option<DateTime<Utc>> {
        // wall_time is the same instant without the part of a second.
        self.jd.and_then(time::utc_from_jd).or_else(|| time::parse_utc(self.wall_time.as_deref()?))
    }

    /// Whether it is a known object of the solar system: one is predicted within 12 arcsec, with a
    /// magnitude. The name alone says nothing, it is that of the nearest one, however far.
    #[must_use]
    pub fn is_solar_system(&self) -> bool {
        const NEAR: f64 = 12.0;
        let near = self.ssdistnr.is_some_and(|distance| (0.0..NEAR).contains(&distance));
        near && self.ssmagnr.is_some_and(|magnitude| magnitude >= 0.0)
    }

    /// The band by its number, else as its letter.
    pub(super) fn band(&self) -> Option<String> {
        let number = self.fid.map(|fid| band(BandSystem::Ztf, &fid.to_string()).into_owned());
        number.or_else(|| self.filter.clone().filter(|filter| !filter.trim().is_empty()))
    }
}

/// A number of a catalogue, where −999 means that there is none.
fn known<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Ok(wire::number_or_none(from)?.filter(|value| *value > -999.0))
}
