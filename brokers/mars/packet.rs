//! `MarsAlert`: an alert with its history, and what it becomes.

use super::candidate::Candidate;
use crate::plugin::*;

/// An alert as MARS gives it. Its history, `prv_candidate`, is read by [`Mars::history`](super::Mars::history).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MarsAlert {
    /// MARS's own number of the alert.
    #[serde(deserialize_with = "wire::id")]
    pub lco_id: String,
    /// ZTF's name of the object.
    #[serde(rename = "objectId", deserialize_with = "wire::id")]
    pub object_id: String,
    /// Who published the alert.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub publisher: Option<String>,
    /// ZTF's id of the measurement; beyond 2^53.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub candid: Option<i64>,
    /// Where the packet is for a week; another text at every request.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub avro: Option<String>,
    /// The measurement.
    #[serde(default)]
    pub candidate: Candidate,
}

/// An entry of an alert's history: an alert itself, or an exposure without detection, of which only
/// `candidate` is there with `jd`, `fid` and `diffmaglim`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PreviousCandidate {
    /// MARS's own number of the alert.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub lco_id: Option<String>,
    /// ZTF's name of the object, which may be another one.
    #[serde(rename = "objectId", deserialize_with = "wire::text_or_none")]
    pub object_id: Option<String>,
    /// ZTF's id of the measurement.
    #[serde(deserialize_with = "wire::whole")]
    pub candid: Option<i64>,
    /// Who published the alert.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub publisher: Option<String>,
    /// Where the packet is for a week; another text at every request.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub avro: Option<String>,
    /// The measurement, or the exposure.
    pub candidate: Candidate,
}

impl MarsAlert {
    pub(super) fn generic(&self, url: Url) -> GenericAlert {
        let measured = &self.candidate;
        GenericAlert {
            timestamp: measured.time(),
            name: self.object_id.clone(),
            ra: measured.ra,
            dec: measured.dec,
            mag: points::magnitude(measured.magpsf).filter(|_| measured.isdiffpos != Some(false)),
            score: measured.rb,
            url: Some(url),
            ..GenericAlert::new(&self.lco_id)
        }
    }

    /// Whose it is: MARS has no objects of its own, so the object is ZTF's.
    pub(super) fn provenance(&self) -> Provenance {
        Provenance::of_object(&self.object_id)
            .of_alert(&self.lco_id)
            .observed_at(self.candidate.time())
            .single()
    }

    pub(super) fn target(&self, generic: &GenericAlert) -> Result<Target> {
        let c = &self.candidate;
        let moving = c.ssnamenr.as_deref().filter(|name| !["", "null"].contains(name));
        let near = c.ssdistnr.filter(|distance| *distance >= 0.0);
        let target = if c.is_solar_system() { generic.to_moving_target()? } else { generic.to_target()? };
        Ok(target
            .with_extra("lco_id", &self.lco_id)
            .with_extra_opt("candid", self.candid)
            .with_extra_opt("filter", c.band())
            .with_extra_opt("magpsf", c.magpsf)
            .with_extra_opt("sigmapsf", c.sigmapsf)
            .with_extra_opt("isdiffpos", c.isdiffpos)
            .with_extra_opt("rb", c.rb)
            .with_extra_opt("drb", c.drb)
            .with_extra_opt("classtar", c.classtar)
            .with_extra_opt("ndethist", c.ndethist)
            .with_extra_opt("deltamaglatest", c.deltamaglatest)
            .with_extra_opt("deltamagref", c.deltamagref)
            .with_extra_opt("distnr", c.distnr)
            .with_extra_opt("magnr", c.magnr)
            .with_extra_opt("objectidps1", c.objectidps1)
            .with_extra_opt("distpsnr1", c.distpsnr1)
            .with_extra_opt("sgscore1", c.sgscore1)
            .with_extra_opt("ssnamenr", moving)
            .with_extra_opt("ssdistnr", near.filter(|_| moving.is_some())))
    }
}
