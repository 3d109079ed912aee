//! The light curve of an alert: detections of mixed objects, limits, and MARS's short form of it.

use std::collections::{BTreeMap, HashSet};

use super::{Candidate, Mars, MarsAlert, NAME};
use crate::plugin::band::{BandSystem, band};
use crate::plugin::*;

/// An entry of an alert's history: an alert itself, or an exposure without detection, of which only
/// `candidate` is there with `jd`, `fid` and `diffmaglim`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PreviousCandidate {
    /// MARS's own number of the alert.
    #[serde(deserialize_with = "wire::text")]
    pub lco_id: Option<String>,
    /// ZTF's name of the object, which may be another one.
    #[serde(rename = "objectId", deserialize_with = "wire::text")]
    pub object_id: Option<String>,
    /// ZTF's id of the measurement.
    #[serde(deserialize_with = "wire::whole")]
    pub candid: Option<i64>,
    /// Who published the alert.
    #[serde(deserialize_with = "wire::text")]
    pub publisher: Option<String>,
    /// Where the packet is for a week; another text at every request.
    #[serde(deserialize_with = "wire::text")]
    pub avro: Option<String>,
    /// The measurement, or the exposure.
    pub candidate: Candidate,
}

/// A point of MARS's short form of a light curve.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Epoch {
    /// Start of the exposure, JD UTC.
    #[serde(deserialize_with = "wire::number")]
    pub jd: Option<f64>,
    /// Band: g, r or i.
    #[serde(deserialize_with = "wire::text")]
    pub filter: Option<String>,
    /// Depth of the exposure, 5σ.
    #[serde(deserialize_with = "wire::number")]
    pub diffmaglim: Option<f64>,
    /// Magnitude of the difference image; none without detection. Its sign is not told here.
    #[serde(deserialize_with = "wire::number")]
    pub magpsf: Option<f64>,
    /// Its error, 1σ.
    #[serde(deserialize_with = "wire::number")]
    pub sigmapsf: Option<f64>,
}

impl Mars {
    /// MARS's short form of an alert's light curve, by its number, in the server's order. It tells
    /// neither the sign of a difference nor the id of a measurement, so
    /// [`reduced_data`](Protocol::reduced_data) takes the long form.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for what cannot be a number of MARS; the call fails with
    /// [`ErrorKind::NotFound`] for one that it does not have.
    pub fn photometry(&self, lco_id: &str) -> Result<Call<Vec<Epoch>>> {
        self.known(lco_id)?;
        let request = self.get(&[lco_id, "photometry", ""]).query("format", "json");
        Ok(self.about(request, |response| {
            let mut epochs: Vec<_> = response.json::<BTreeMap<String, Epoch>>()?.into_iter().collect();
            // The keys count from "0" on, as texts.
            epochs.sort_by_key(|(key, _)| key.parse::<u64>().unwrap_or(u64::MAX));
            Ok(epochs.into_iter().map(|(_, epoch)| epoch).collect())
        }))
    }
}

/// The points of an alert and its history, each once.
pub(super) fn light_curve(alert: &MarsAlert, history: Rows<PreviousCandidate>) -> ReducedData {
    let own = &alert.object_id;
    // The place at the broker is the object, not the alert that was asked for: the same points
    // come with every alert of the object, and must be the same points then.
    let mut points = Points::new(NAME, own);
    let this = PreviousCandidate {
        lco_id: Some(alert.lco_id.clone()),
        object_id: Some(own.clone()),
        candid: alert.candid,
        candidate: alert.candidate.clone(),
        ..PreviousCandidate::default()
    };
    points.rows("alert", Rows(vec![Ok(this)]), |row| point(row, own));
    points.rows("prv_candidate", history, |row| point(row, own));
    let mut data = points.done();
    let mut seen = HashSet::new();
    data.points.retain(|point| seen.insert(point.key()));
    data
}

fn point(row: PreviousCandidate, own: &str) -> points::Read<Photometry> {
    let c = row.candidate;
    let time = points::instant(c.jd, time::utc_from_jd)?;
    let depth = points::magnitude(c.diffmaglim);
    let magnitude = points::magnitude(c.magpsf);
    if magnitude.is_none() && depth.is_none() {
        return Ok(None);
    }
    let filter = c.band().ok_or_else(|| {
        Error::new(ErrorKind::Unreadable, "the row has neither fid nor filter, so its band is not known")
    })?;
    let mut found = Photometry {
        filter,
        unit: Some("AB".to_owned()),
        telescope: Some("ZTF".to_owned()),
        survey: Some("ZTF".to_owned()),
        ..Photometry::default()
    };
    let Some(magnitude) = magnitude else {
        found.limit = depth;
        return Ok(Some((time, found)));
    };
    if c.isdiffpos == Some(false) {
        found.negative_magnitude = Some(magnitude);
    } else {
        found.magnitude = Some(magnitude);
    }
    found.error = points::magnitude_error(c.sigmapsf);
    found.limiting_magnitude = depth;
    found.source_id = row.candid.or(c.candid).map(|id| id.to_string());
    let extra = &mut found.extra;
    points::keep(extra, "isdiffpos", c.isdiffpos.map(|positive| if positive { 1 } else { -1 }));
    points::keep(extra, "rb", c.rb);
    points::keep(extra, "drb", c.drb);
    points::keep(extra, "magap", points::magnitude(c.magap));
    points::keep(extra, "distnr", c.distnr);
    points::keep(extra, "lco_id", row.lco_id);
    points::keep(extra, "objectId", row.object_id.filter(|name| name != own));
    Ok(Some((time, found)))
}

impl Candidate {
    /// When the exposure began, UTC.
    pub(super) fn time(&self) -> Option<DateTime<Utc>> {
        // wall_time is the same instant without the part of a second.
        self.jd.and_then(time::utc_from_jd).or_else(|| time::parse_utc(self.wall_time.as_deref()?))
    }

    /// The band by its number, else as its letter.
    pub(super) fn band(&self) -> Option<String> {
        let number = self.fid.map(|fid| band(BandSystem::Ztf, &fid.to_string()).into_owned());
        number.or_else(|| self.filter.clone().filter(|filter| !filter.trim().is_empty()))
    }
}
