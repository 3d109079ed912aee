//! Alerts as Fink's streams and data transfers carry them, once they are decoded from Avro to JSON.
//!
//! The crate reads no Kafka topic; whoever does finds here what the message says.

use super::lsst::{LsstAlert, LsstForced};
use super::packet::FinkPacket;
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
    pub candidate: ZtfAlert,
    /// What was measured before; a row without a magnitude is a limit.
    #[serde(deserialize_with = "wire::rows")]
    pub prv_candidates: Rows<ZtfAlert>,
    /// Type of the source that SIMBAD has there.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub cdsxmatch: Option<String>,
    /// Type by the Transient Name Server.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub tns: Option<String>,
    /// How likely it is an early supernova Ia; 0 is not computed, too.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub rf_snia_vs_nonia: Option<f64>,
    /// How likely it is a supernova Ia; 0 as above.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub snn_snia_vs_nonia: Option<f64>,
    /// How likely it is a supernova; 0 as above.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub snn_sn_vs_all: Option<f64>,
    /// How likely it is a kilonova; 0 as above.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub rf_kn_vs_nonkn: Option<f64>,
    /// How likely it is microlensing; 0 as above.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub mulens: Option<f64>,
    /// How likely it is a superluminous supernova; 0 and −1 are not computed.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub slsn_score: Option<f64>,
    /// Solar system: 2 a candidate, 3 known to the MPC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub roid: Option<f64>,
    /// Version of Fink's science modules.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub fink_science_version: Option<String>,
    /// Fink's class; in data transfers only.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub finkclass: Option<String>,
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
            object_id: self.object_id.clone(),
            ..self.candidate.clone()
        }))
    }

    /// The light curve that the alert carries along: itself, what was before, and limits.
    #[must_use]
    pub fn light_curve(self) -> ReducedData {
        let name = self.object_id.clone().unwrap_or_default();
        let mut points = Points::new(NAME, &name);
        let read = |row: ZtfAlert| ztf::measurement_or_limit(&row);
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
    pub source: LsstAlert,
    /// Sources of the object before; none of a new one and of solar-system objects.
    #[serde(rename = "prvDiaSources", deserialize_with = "wire::rows")]
    pub previous: Rows<LsstAlert>,
    /// Forced photometry of the object.
    #[serde(rename = "prvDiaForcedSources", deserialize_with = "wire::rows")]
    pub forced: Rows<LsstForced>,
    /// The orbit's owner by the Minor Planet Center.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub mpc_orbits: Option<LsstStreamOrbit>,
    /// Cross-matches.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub xm: Option<LsstStreamMatches>,
    /// Scores.
    #[serde(deserialize_with = "wire::object_or_none")]
    pub clf: Option<LsstStreamScores>,
}

/// What a stream says of a solar-system object; all null for others.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstStreamOrbit {
    /// Its designation.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub designation: Option<String>,
    /// The same in the MPC's packed form.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub packed_primary_provisional_designation: Option<String>,
}

/// Cross-matches in a stream.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstStreamMatches {
    /// Type by SIMBAD.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub simbad_otype: Option<String>,
    /// The source that Gaia has there.
    #[serde(rename = "gaiadr3_DR3Name", deserialize_with = "wire::text_or_none")]
    pub gaia_name: Option<String>,
    /// Name at the Transient Name Server.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub tns_fullname: Option<String>,
    /// Type by the Transient Name Server.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub tns_type: Option<String>,
    /// Redshift by the Transient Name Server.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub tns_redshift: Option<f64>,
}

/// Scores in a stream.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LsstStreamScores {
    /// Class by CATS; see [`LsstAlert::cats_class`].
    #[serde(deserialize_with = "wire::number_or_none")]
    pub cats_class: Option<f64>,
    /// How likely that class is.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub cats_score: Option<f64>,
    /// How likely it is an early supernova Ia.
    #[serde(rename = "earlySNIa_score", deserialize_with = "wire::number_or_none")]
    pub early_snia_score: Option<f64>,
    /// How likely it is a supernova.
    #[serde(rename = "snnSnVsOthers_score", deserialize_with = "wire::number_or_none")]
    pub snn_sn_vs_others: Option<f64>,
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
            ..self.source.clone()
        }))
    }

    /// The light curve that the alert carries along: itself, the sources before, forced photometry.
    #[must_use]
    pub fn light_curve(self) -> ReducedData {
        let packet = self.packet();
        let name = packet.name().unwrap_or_default();
        let mut points = Points::new(NAME, &name);
        lsst::sources(&mut points, "diaSource", Rows(vec![Ok(self.source)]));
        lsst::sources(&mut points, "prvDiaSources", self.previous);
        lsst::forced_points(&mut points, "prvDiaForcedSources", self.forced);
        points.done()
    }
}
