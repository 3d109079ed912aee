//! `Locus`: an object of ANTARES, as any of the service's answers has it, and what it becomes.

use super::alerts::{AntaresAlert, utc};
use super::light_curve::{self, LightCurveRow};
use super::properties::Properties;
use crate::plugin::*;

/// A place on the sky at which surveys have raised alerts.
///
/// One model for every shape in which the service gives it: an item of a listing or a single locus,
/// of version 1 or 2, or a message of its stream. A listing has no light curve.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Locus {
    /// ANTARES' id, such as `ANT2020m4pja`.
    pub id: String,
    /// Right ascension of the centre of all alerts, degrees.
    pub ra: Option<f64>,
    /// Its declination.
    pub dec: Option<f64>,
    /// Number of its cell in the hierarchical triangular mesh, level 16; 0 in old answers means nothing.
    pub htm16: Option<i64>,
    /// What ANTARES and its filters say; of two values under one key that of the filter.
    pub properties: Properties,
    /// Tags that filters gave.
    pub tags: Vec<String>,
    /// Catalogues with an object here. Version 1 gives none with a single locus.
    pub catalogs: Vec<String>,
    /// GraceDB ids of gravitational-wave events in whose region it lies.
    pub grav_wave_events: Vec<String>,
    /// The light curve as the service sends it: CSV. [`light_curve`](Self::light_curve) reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lightcurve: Option<String>,
    /// The complete history, where it was fetched: a single locus has it, one of a listing has not.
    /// An alert that cannot be read is left out here; `reduced_data` tells of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Vec<AntaresAlert>>,
}

impl Locus {
    /// The name by which people know it: ZTF's, else the digits of LSST's, else its own id.
    #[must_use]
    pub fn name(&self) -> &str {
        let known = self.properties.ztf_object_id.as_deref().filter(|id| !id.is_empty());
        let first = |ids: &'_ [String]| ids.iter().position(|id| !id.is_empty());
        known
            .or_else(|| first(self.ztf_ids()).map(|at| self.ztf_ids()[at].as_str()))
            .or_else(|| first(self.lsst_ids()).map(|at| self.lsst_ids()[at].as_str()))
            .unwrap_or(&self.id)
    }

    /// ZTF's ids of the objects here.
    #[must_use]
    pub fn ztf_ids(&self) -> &[String] {
        self.properties.survey.as_ref().and_then(|ids| ids.ztf.as_ref()).map_or(&[], |ztf| &ztf.id)
    }

    /// LSST's ids of the fixed objects here, `diaObjectId`.
    #[must_use]
    pub fn lsst_ids(&self) -> &[String] {
        let lsst = self.properties.survey.as_ref().and_then(|ids| ids.lsst.as_ref());
        lsst.map_or(&[], |lsst| &lsst.dia_object_id)
    }

    /// LSST's ids of the objects of the solar system here, `ssObjectId`.
    #[must_use]
    pub fn lsst_ss_ids(&self) -> &[String] {
        let lsst = self.properties.survey.as_ref().and_then(|ids| ids.lsst.as_ref());
        lsst.map_or(&[], |lsst| &lsst.ss_object_id)
    }

    /// The newest detection, UTC.
    #[must_use]
    pub fn newest(&self) -> Option<DateTime<Utc>> {
        let own = &self.properties;
        utc(own.newest_alert_observation_time, own.newest_alert_id.as_deref())
    }

    /// The oldest detection, UTC.
    #[must_use]
    pub fn oldest(&self) -> Option<DateTime<Utc>> {
        let own = &self.properties;
        utc(own.oldest_alert_observation_time, own.oldest_alert_id.as_deref())
    }

    /// The locus that this one was merged into.
    pub(super) fn merged_into(&self) -> Option<&str> {
        self.properties.replaced_by.as_deref().filter(|other| !other.trim().is_empty())
    }

    /// Whether it is an object of the solar system, so that its position is that of one moment.
    ///
    /// The service has a name or a tag for few of them. Where it has not, the history tells: every
    /// detection is that of a known object. A fixed object that one has passed has others too.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        let named = self.properties.horizons_targetname.is_some();
        let fixed = !self.ztf_ids().is_empty() || !self.lsst_ids().is_empty();
        let lsst = !fixed && self.properties.ztf_object_id.is_none() && !self.lsst_ss_ids().is_empty();
        named || lsst || self.tags.iter().any(|tag| tag == "sso_confirmed") || self.is_known_object()
    }

    /// Whether every detection of the history is that of a known object of the solar system.
    fn is_known_object(&self) -> bool {
        let mut found = self.alerts.iter().flatten().filter(|alert| alert.is_detection()).peekable();
        found.peek().is_some() && found.all(AntaresAlert::is_known_object)
    }

    /// The name of the known object of the solar system that is nearest by ZTF.
    fn near(&self) -> Option<&str> {
        self.properties.ztf_ssnamenr.as_deref().map(str::trim).filter(|name| !matches!(*name, "" | "null"))
    }

    /// Whether only its history can tell that it is an object of the solar system. One that has been
    /// detected often stands still.
    pub(super) fn may_move(&self) -> bool {
        const MOST: i64 = 10;
        let few = self.properties.num_mag_values.is_none_or(|count| count <= MOST);
        self.near().is_some() && few && self.alerts.is_none() && !self.is_moving()
    }

    /// How many detections the position is the mean of.
    pub(super) fn detections(&self) -> Option<u64> {
        self.properties.num_mag_values.and_then(|count| u64::try_from(count).ok())
    }

    /// How real the newest detection is, 0 to 1; `None` where the history was not fetched.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        self.newest_detection()?.score()
    }

    /// Magnitude of the newest detection; `None` where the history tells that its difference is
    /// negative. Without the history, as in a listing, the service says no sign.
    #[must_use]
    pub fn magnitude(&self) -> Option<f64> {
        let negative = self.newest_detection().is_some_and(AntaresAlert::is_negative);
        points::magnitude(self.properties.newest_alert_magnitude).filter(|_| !negative)
    }

    /// The newest detection of the history, where that was fetched.
    fn newest_detection(&self) -> Option<&AntaresAlert> {
        let detections = self.alerts.iter().flatten().filter(|alert| alert.is_detection());
        let dated = detections.filter_map(|alert| Some((alert.time()?, alert)));
        dated.max_by_key(|(time, _)| *time).map(|(_, alert)| alert)
    }

    /// The rows of the light curve, each by itself; none when the service gave no light curve.
    ///
    /// It may have fewer rows than the history, and does not say which brightnesses are negative.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when it has no heading with the columns that every row needs.
    pub fn light_curve(&self) -> Result<Rows<LightCurveRow>> {
        light_curve::read(self.lightcurve.as_deref().unwrap_or_default())
    }

    /// The full target: fixed, or moving with the last known position.
    pub(super) fn target(&self, generic: &GenericAlert) -> Result<Target> {
        let target = if self.is_moving() { generic.to_moving_target()? } else { generic.to_target()? };
        let own = &self.properties;
        let names = [&self.id].into_iter().chain(own.ztf_object_id.iter()).chain(self.ztf_ids());
        let names = names.chain(self.lsst_ids()).chain(own.horizons_targetname.iter());
        let target = names.fold(target, |target, name| target.with_alias(name));
        let joined = |list: &[String]| (!list.is_empty()).then(|| list.join(","));
        let target = target
            .with_extra_opt("antares_tags", joined(&self.tags))
            .with_extra_opt("antares_catalogs", joined(&self.catalogs))
            .with_extra_opt("num_alerts", own.num_alerts)
            .with_extra_opt("num_mag_values", own.num_mag_values)
            .with_extra_opt("replaced_by", self.merged_into())
            .with_extra_opt("grav_wave_events", joined(&self.grav_wave_events))
            .with_extra_opt("lsst_ss_object_id", joined(self.lsst_ss_ids()))
            .with_extra_opt("ztf_ssnamenr", self.near());
        // The features are hundreds of numbers for classifiers, not facts about a target.
        let told = own.filters.iter().filter(|(name, _)| !name.starts_with("feature_"));
        let told = told.filter(|(name, value)| {
            !matches!(value, super::Property::Nested(_)) && !target.extras.contains_key(name)
        });
        Ok(told.fold(target.clone(), |target, (name, value)| target.with_extra(name, value)))
    }
}

/// Whether this can be an id of a locus: `ANT`, a year, then letters and digits.
pub(super) fn is_locus(name: &str) -> bool {
    let Some((year, rest)) = name.strip_prefix("ANT").and_then(|rest| rest.split_at_checked(4)) else {
        return false;
    };
    let fits = (1..=24).contains(&rest.len());
    let plain = rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    year.bytes().all(|b| b.is_ascii_digit()) && fits && plain
}

/// Every shape at once: the keys stand at the top or below `data`, `locus` or `attributes`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire {
    #[serde(deserialize_with = "wire::text")]
    id: Option<String>,
    #[serde(deserialize_with = "wire::text")]
    locus_id: Option<String>,
    #[serde(deserialize_with = "wire::number")]
    ra: Option<f64>,
    #[serde(deserialize_with = "wire::number")]
    dec: Option<f64>,
    #[serde(deserialize_with = "wire::whole_or_none")]
    htm16: Option<i64>,
    properties: Option<Box<Properties>>,
    internal_properties: Option<Box<Properties>>,
    user_properties: Option<Box<Properties>>,
    #[serde(deserialize_with = "wire::texts_or_none")]
    tags: Vec<String>,
    #[serde(deserialize_with = "wire::texts_or_none")]
    catalogs: Vec<String>,
    #[serde(deserialize_with = "wire::texts_or_none")]
    grav_wave_events: Vec<String>,
    #[serde(deserialize_with = "wire::text_or_none")]
    lightcurve: Option<String>,
    #[serde(deserialize_with = "readable")]
    alerts: Option<Vec<AntaresAlert>>,
    data: Option<Box<Wire>>,
    locus: Option<Box<Wire>>,
    attributes: Option<Box<Wire>>,
}

/// Those of the alerts that can be read.
fn readable<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<AntaresAlert>>, D::Error> {
    let rows: Option<Rows<AntaresAlert>> = wire::value_or_none(from)?;
    Ok(rows.map(|rows| rows.into_iter().flatten().collect()))
}

impl<'de> Deserialize<'de> for Locus {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        wire::object::<D, Wire>(from)?.try_into().map_err(serde::de::Error::custom)
    }
}

impl TryFrom<Wire> for Locus {
    type Error = &'static str;

    fn try_from(mut wire: Wire) -> Result<Self, Self::Error> {
        let mut locus = Self::default();
        loop {
            let id = wire.id.or(wire.locus_id).filter(|id| !id.trim().is_empty());
            if let Some(id) = id {
                locus.id = id;
            }
            locus.ra = wire.ra.or(locus.ra);
            locus.dec = wire.dec.or(locus.dec);
            locus.htm16 = wire.htm16.or(locus.htm16);
            for properties in
                [wire.internal_properties, wire.properties, wire.user_properties].into_iter().flatten()
            {
                locus.properties.take(*properties);
            }
            for (list, more) in [
                (&mut locus.tags, wire.tags),
                (&mut locus.catalogs, wire.catalogs),
                (&mut locus.grav_wave_events, wire.grav_wave_events),
            ] {
                if !more.is_empty() {
                    *list = more;
                }
            }
            locus.lightcurve = wire.lightcurve.or(locus.lightcurve);
            locus.alerts = wire.alerts.or(locus.alerts);
            match wire.data.or(wire.locus).or(wire.attributes) {
                Some(inner) => wire = *inner,
                None if locus.id.is_empty() => return Err("the locus has no id"),
                None => return Ok(locus),
            }
        }
    }
}
