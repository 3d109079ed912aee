//! Alerts as Fink's streams and data transfers carry them, once they are decoded from Avro to JSON.
//!
//! The crate reads no Kafka topic; whoever does finds here what the message says.

use super::lsst::{LsstAlert, LsstForced};
use super::packet::FinkPacket;
use super::read::{self, known};
use super::ztf::{self, ZtfAlert};
use super::{NAME, lsst};
use crate::plugin::*;

/// An alert of ZTF as a stream carries it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ZtfStreamAlert {
    /// The object.
    #[serde(rename = "objectId", deserialize_with = "wire::text")]
    pub object_id: Option<String>,
    /// The measurement.
    pub candidate: ZtfStreamCandidate,
    /// What was measured before; a row without a magnitude is a limit.
    pub prv_candidates: Rows<ZtfStreamCandidate>,
    /// Type of the source that SIMBAD has there.
    #[serde(deserialize_with = "wire::text")]
    pub cdsxmatch: Option<String>,
    /// Type by the Transient Name Server.
    #[serde(deserialize_with = "wire::text")]
    pub tns: Option<String>,
    /// How likely it is an early supernova Ia; 0 is not computed, too.
    #[serde(deserialize_with = "read::score")]
    pub rf_snia_vs_nonia: Option<f64>,
    /// How likely it is a supernova Ia; 0 as above.
    #[serde(deserialize_with = "read::score")]
    pub snn_snia_vs_nonia: Option<f64>,
    /// How likely it is a supernova; 0 as above.
    #[serde(deserialize_with = "read::score")]
    pub snn_sn_vs_all: Option<f64>,
    /// How likely it is a kilonova; 0 as above.
    #[serde(deserialize_with = "read::score")]
    pub rf_kn_vs_nonkn: Option<f64>,
    /// How likely it is microlensing; 0 as above.
    #[serde(deserialize_with = "read::score")]
    pub mulens: Option<f64>,
    /// How likely it is a superluminous supernova; 0 and −1 are not computed.
    #[serde(deserialize_with = "read::score")]
    pub slsn_score: Option<f64>,
    /// Solar system: 2 a candidate, 3 known to the MPC.
    #[serde(deserialize_with = "read::score")]
    pub roid: Option<f64>,
    /// Version of Fink's science modules.
    #[serde(deserialize_with = "wire::text")]
    pub fink_science_version: Option<String>,
    /// Fink's class; in data transfers only.
    #[serde(deserialize_with = "wire::text")]
    pub finkclass: Option<String>,
}

/// A measurement or a limit in a ZTF alert.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ZtfStreamCandidate {
    /// ZTF's id of the alert; none of a limit.
    #[serde(deserialize_with = "read::id")]
    pub candid: Option<String>,
    /// Start of the exposure, JD UTC.
    #[serde(deserialize_with = "wire::number")]
    pub jd: Option<f64>,
    /// Band: 1 g, 2 r, 3 i.
    #[serde(deserialize_with = "wire::whole")]
    pub fid: Option<i64>,
    /// Magnitude of the difference image, PSF.
    #[serde(deserialize_with = "wire::number")]
    pub magpsf: Option<f64>,
    /// Its error, 1σ.
    #[serde(deserialize_with = "wire::number")]
    pub sigmapsf: Option<f64>,
    /// Depth of the exposure, 5σ, mag.
    #[serde(deserialize_with = "wire::number")]
    pub diffmaglim: Option<f64>,
    /// Whether the object was brighter than in the reference image.
    #[serde(deserialize_with = "wire::flag")]
    pub isdiffpos: Option<bool>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub dec: Option<f64>,
    /// Real-bogus score, 0 to 1.
    #[serde(deserialize_with = "read::score")]
    pub rb: Option<f64>,
    /// Real-bogus score by deep learning, 0 to 1.
    #[serde(deserialize_with = "read::score")]
    pub drb: Option<f64>,
    /// Distance to the nearest source of the reference image, pixels of 1 arcsec.
    #[serde(deserialize_with = "read::score")]
    pub distnr: Option<f64>,
    /// First detection, JD UTC.
    #[serde(deserialize_with = "read::score")]
    pub jdstarthist: Option<f64>,
    /// Detections so far.
    #[serde(deserialize_with = "read::score")]
    pub ndethist: Option<f64>,
    /// The nearest known object of the solar system; the text `null` is none.
    #[serde(deserialize_with = "wire::text")]
    pub ssnamenr: Option<String>,
    /// Its distance, arcsec; −999 is none.
    #[serde(deserialize_with = "read::score")]
    pub ssdistnr: Option<f64>,
}

impl ZtfStreamCandidate {
    fn row(&self, object: Option<&String>) -> ZtfAlert {
        let row = self.clone();
        ZtfAlert {
            object_id: object.cloned(),
            candid: row.candid,
            jd: row.jd,
            fid: row.fid,
            magpsf: row.magpsf,
            sigmapsf: row.sigmapsf,
            diffmaglim: row.diffmaglim,
            isdiffpos: row.isdiffpos,
            ra: row.ra,
            dec: row.dec,
            rb: row.rb,
            drb: row.drb,
            distnr: row.distnr,
            jdstarthist: row.jdstarthist,
            ndethist: row.ndethist,
            ssnamenr: row.ssnamenr,
            ssdistnr: row.ssdistnr,
            ..ZtfAlert::default()
        }
    }
}

impl ZtfStreamAlert {
    /// The alert as the service would list it, for targets and generic alerts.
    #[must_use]
    pub fn packet(&self) -> FinkPacket {
        FinkPacket::Ztf(Box::new(ZtfAlert {
            cdsxmatch: self.cdsxmatch.clone(),
            tns: self.tns.clone(),
            rf_snia_vs_nonia: self.rf_snia_vs_nonia,
            snn_snia_vs_nonia: self.snn_snia_vs_nonia,
            snn_sn_vs_all: self.snn_sn_vs_all,
            rf_kn_vs_nonkn: self.rf_kn_vs_nonkn,
            mulens: self.mulens,
            slsn_score: self.slsn_score,
            roid: self.roid,
            fink_science_version: self.fink_science_version.clone(),
            v_classification: self.finkclass.clone(),
            ..self.candidate.row(self.object_id.as_ref())
        }))
    }

    /// The light curve that the alert carries along: itself, what was before, and limits.
    #[must_use]
    pub fn light_curve(self) -> ReducedData {
        let name = self.object_id.clone().unwrap_or_default();
        let mut points = Points::new(NAME, &name);
        let read = |row: ZtfStreamCandidate| ztf::measurement_or_limit(&row.row(None));
        points.rows("candidate", Rows(vec![Ok(self.candidate)]), read);
        points.rows("prv_candidates", self.prv_candidates, read);
        points.done()
    }
}

/// An alert of LSST as a stream carries it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstStreamAlert {
    /// The source.
    #[serde(rename = "diaSource")]
    pub source: LsstStreamSource,
    /// Sources of the object before; none of a new one and of solar-system objects.
    #[serde(rename = "prvDiaSources")]
    pub previous: Rows<LsstStreamSource>,
    /// Forced photometry of the object.
    #[serde(rename = "prvDiaForcedSources")]
    pub forced: Rows<LsstStreamSource>,
    /// The orbit's owner by the Minor Planet Center.
    pub mpc_orbits: Option<LsstStreamOrbit>,
    /// Cross-matches.
    pub xm: Option<LsstStreamMatches>,
    /// Scores.
    pub clf: Option<LsstStreamScores>,
}

/// A source or forced point of LSST in a stream.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct LsstStreamSource {
    /// The source.
    #[serde(deserialize_with = "read::id")]
    pub dia_source_id: Option<String>,
    /// The forced measurement.
    #[serde(deserialize_with = "read::id")]
    pub dia_forced_source_id: Option<String>,
    /// The object; 0 of a solar-system object.
    #[serde(deserialize_with = "read::id")]
    pub dia_object_id: Option<String>,
    /// The solar-system object; 0 is none.
    #[serde(deserialize_with = "read::id_if_whole")]
    pub ss_object_id: Option<String>,
    /// Middle of the exposure, MJD **TAI**.
    #[serde(deserialize_with = "wire::number")]
    pub midpoint_mjd_tai: Option<f64>,
    /// Band: u g r i z y.
    #[serde(deserialize_with = "wire::text")]
    pub band: Option<String>,
    /// Flux in the difference image, nJy, with its sign.
    #[serde(deserialize_with = "wire::number")]
    pub psf_flux: Option<f64>,
    /// Its error, 1σ.
    #[serde(deserialize_with = "wire::number")]
    pub psf_flux_err: Option<f64>,
    /// Total flux in the science image, nJy.
    #[serde(deserialize_with = "wire::number")]
    pub science_flux: Option<f64>,
    /// Its error, 1σ.
    #[serde(deserialize_with = "wire::number")]
    pub science_flux_err: Option<f64>,
    /// Right ascension, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(deserialize_with = "wire::number")]
    pub dec: Option<f64>,
    /// Signal to noise at which it was found.
    #[serde(deserialize_with = "read::score")]
    pub snr: Option<f64>,
    /// How likely it is real, 0 to 1.
    #[serde(deserialize_with = "read::score")]
    pub reliability: Option<f64>,
    /// Whether it was found as a negative source.
    #[serde(deserialize_with = "wire::flag")]
    pub is_negative: Option<bool>,
    /// Rubin's number of the visit.
    #[serde(deserialize_with = "wire::whole")]
    pub visit: Option<i64>,
    /// Rubin's number of the detector.
    #[serde(deserialize_with = "wire::whole")]
    pub detector: Option<i64>,
}

/// What a stream says of a solar-system object; all null for others.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstStreamOrbit {
    /// Its designation.
    #[serde(deserialize_with = "wire::text")]
    pub designation: Option<String>,
    /// The same in the MPC's packed form.
    #[serde(deserialize_with = "wire::text")]
    pub packed_primary_provisional_designation: Option<String>,
}

/// Cross-matches in a stream.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstStreamMatches {
    /// Type by SIMBAD.
    #[serde(deserialize_with = "wire::text")]
    pub simbad_otype: Option<String>,
    /// The source that Gaia has there.
    #[serde(rename = "gaiadr3_DR3Name", deserialize_with = "wire::text")]
    pub gaia_name: Option<String>,
    /// Name at the Transient Name Server.
    #[serde(deserialize_with = "wire::text")]
    pub tns_fullname: Option<String>,
    /// Type by the Transient Name Server.
    #[serde(deserialize_with = "wire::text")]
    pub tns_type: Option<String>,
    /// Redshift by the Transient Name Server.
    #[serde(deserialize_with = "read::score")]
    pub tns_redshift: Option<f64>,
}

/// Scores in a stream.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstStreamScores {
    /// Class by CATS; see [`LsstAlert::cats_class`].
    #[serde(deserialize_with = "read::score")]
    pub cats_class: Option<f64>,
    /// How likely that class is.
    #[serde(deserialize_with = "read::score")]
    pub cats_score: Option<f64>,
    /// How likely it is an early supernova Ia.
    #[serde(rename = "earlySNIa_score", deserialize_with = "read::score")]
    pub early_snia_score: Option<f64>,
    /// How likely it is a supernova.
    #[serde(rename = "snnSnVsOthers_score", deserialize_with = "read::score")]
    pub snn_sn_vs_others: Option<f64>,
}

impl LsstStreamSource {
    fn row(&self) -> LsstAlert {
        let row = self.clone();
        LsstAlert {
            dia_object_id: row.dia_object_id,
            dia_source_id: row.dia_source_id,
            ss_object_id: row.ss_object_id,
            midpoint_mjd_tai: row.midpoint_mjd_tai,
            band: row.band,
            psf_flux: row.psf_flux,
            psf_flux_err: row.psf_flux_err,
            science_flux: row.science_flux,
            science_flux_err: row.science_flux_err,
            ra: row.ra,
            dec: row.dec,
            snr: row.snr,
            reliability: row.reliability,
            is_negative: row.is_negative,
            visit: row.visit,
            detector: row.detector,
            ..LsstAlert::default()
        }
    }

    fn forced(self) -> LsstForced {
        LsstForced {
            dia_forced_source_id: self.dia_forced_source_id,
            dia_object_id: self.dia_object_id,
            midpoint_mjd_tai: self.midpoint_mjd_tai,
            band: self.band,
            psf_flux: self.psf_flux,
            psf_flux_err: self.psf_flux_err,
            science_flux: self.science_flux,
            science_flux_err: self.science_flux_err,
            ra: self.ra,
            dec: self.dec,
            visit: self.visit,
            detector: self.detector,
            ..LsstForced::default()
        }
    }
}

impl LsstStreamAlert {
    /// The alert as the service would list it, for targets and generic alerts.
    #[must_use]
    pub fn packet(&self) -> FinkPacket {
        let (orbit, matches, scores) = (self.mpc_orbits.as_ref(), self.xm.as_ref(), self.clf.as_ref());
        FinkPacket::Lsst(Box::new(LsstAlert {
            designation: orbit.and_then(|orbit| orbit.designation.clone()),
            packed_designation: orbit.and_then(|orbit| orbit.packed_primary_provisional_designation.clone()),
            simbad_otype: matches.and_then(|xm| xm.simbad_otype.clone()),
            gaia_name: matches.and_then(|xm| xm.gaia_name.clone()),
            tns_fullname: matches.and_then(|xm| xm.tns_fullname.clone()),
            tns_type: matches.and_then(|xm| xm.tns_type.clone()),
            tns_redshift: matches.and_then(|xm| xm.tns_redshift),
            cats_class: scores.and_then(|clf| clf.cats_class),
            cats_score: scores.and_then(|clf| clf.cats_score),
            early_snia_score: scores.and_then(|clf| clf.early_snia_score),
            snn_sn_vs_others: scores.and_then(|clf| clf.snn_sn_vs_others),
            ..self.source.row()
        }))
    }

    /// The light curve that the alert carries along: itself, the sources before, forced photometry.
    #[must_use]
    pub fn light_curve(self) -> ReducedData {
        let packet = self.packet();
        let orbit = self.mpc_orbits.as_ref().and_then(|orbit| known(&orbit.designation));
        let name = packet.object_id().or(orbit).unwrap_or_default().to_owned();
        let mut points = Points::new(NAME, &name);
        let read = |row: LsstStreamSource| lsst::source(&row.row());
        points.rows("diaSource", Rows(vec![Ok(self.source)]), read);
        points.rows("prvDiaSources", self.previous, read);
        points.rows("prvDiaForcedSources", self.forced, |row| lsst::forced(row.forced()));
        points.done()
    }
}
