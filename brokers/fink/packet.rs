//! `FinkPacket`: one alert of a listing, of ZTF or of LSST, told apart by keys that only one of them has.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};

use super::lsst::LsstAlert;
use super::names;
use super::ztf::ZtfAlert;
use crate::plugin::wire::Peeked;
use crate::plugin::*;

/// An alert as Fink lists it, of either survey.
///
/// The keys of the two services begin with other letters (`i:`, `d:` for ZTF; `r:`, `f:` for
/// LSST), so the packet itself says which survey it is of. Every other column that the service
/// sent is in the text of the alert.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum FinkPacket {
    /// An alert of ZTF.
    Ztf(Box<ZtfAlert>),
    /// An alert of LSST.
    Lsst(Box<LsstAlert>),
}

impl FinkPacket {
    /// The survey that the alert is of.
    #[must_use]
    pub fn survey(&self) -> Survey {
        match self {
            Self::Ztf(_) => Survey::Ztf,
            Self::Lsst(_) => Survey::Lsst,
        }
    }

    /// The object: ZTF's `objectId`, LSST's `diaObjectId`; none for LSST's solar-system objects.
    #[must_use]
    pub fn object_id(&self) -> Option<&str> {
        match self {
            Self::Ztf(alert) => alert.object_id.as_deref().filter(|id| !id.is_empty()),
            Self::Lsst(alert) => alert.object_id(),
        }
    }

    /// The alert: ZTF's `candid`, LSST's `diaSourceId`.
    #[must_use]
    pub fn alert_id(&self) -> Option<&str> {
        match self {
            Self::Ztf(alert) => alert.candid(),
            Self::Lsst(alert) => alert.dia_source_id.as_deref(),
        }
    }

    /// The object by the name that people know it by: the object's id, of solar-system objects the name,
    /// number or designation, else their `ssObjectId`, which alone looks like an object's id. Each alert of
    /// those is an object of its own to ZTF.
    #[must_use]
    pub fn name(&self) -> Option<Cow<'_, str>> {
        let object = || self.object_id().map(Cow::Borrowed);
        match self {
            Self::Ztf(alert) => alert.sso_name().map(Cow::Borrowed).or_else(object),
            Self::Lsst(alert) => {
                let number = || alert.ss_object_id().map(|id| Cow::Owned(names::of_number(id)));
                object().or_else(|| alert.sso_name()).or_else(number)
            }
        }
    }

    /// When the survey withdrew the measurement, so that it is none.
    #[must_use]
    pub fn withdrawn(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Ztf(_) => None,
            Self::Lsst(alert) => alert.withdrawn(),
        }
    }

    /// Whether the survey withdrew the measurement, so that it is none.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.withdrawn().is_some()
    }

    /// The first detection of the object, of a cone: ZTF's by ZTF, LSST's by Fink.
    pub(super) fn first(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Ztf(alert) => alert.jdstarthist.and_then(time::utc_from_jd),
            Self::Lsst(alert) => alert.first_mjd_tai.and_then(time::utc_from_tai_mjd),
        }
    }

    /// Whose object the alert is of, when it was observed, and that its position is its own. A moving
    /// object has one id whether a class, a cone or its number found it.
    pub(super) fn provenance(&self) -> Provenance {
        let moving = match self {
            Self::Ztf(alert) => alert.sso_id().map(names::written_out),
            Self::Lsst(alert) => {
                let number = || alert.ss_object_id().map(names::of_number);
                let own = || alert.sso_id().map(|id| names::written_out(&id)).or_else(number);
                own().filter(|_| alert.is_moving())
            }
        };
        let id = moving.or_else(|| self.object_id().map(str::to_owned)).unwrap_or_default();
        let own = Provenance::of_object(id).of_alert(self.alert_id().unwrap_or_default());
        let own = own.observed_at(self.time()).single();
        match self {
            Self::Ztf(_) => own,
            Self::Lsst(alert) => own.with_position_error(alert.position_error()),
        }
    }

    /// The solar-system object that the alert is of, by its name, number or designation.
    #[must_use]
    pub fn sso_name(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Ztf(alert) => alert.sso_name().map(Cow::Borrowed),
            Self::Lsst(alert) => alert.sso_name(),
        }
    }

    /// Whether it is an object of the solar system, so that its position is that of one moment.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        match self {
            Self::Ztf(alert) => alert.is_moving(),
            Self::Lsst(alert) => alert.is_moving(),
        }
    }

    /// When the exposure was taken: ZTF's start, LSST's middle.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Ztf(alert) => alert.jd.and_then(time::utc_from_jd),
            Self::Lsst(alert) => alert.midpoint_mjd_tai.and_then(time::utc_from_tai_mjd),
        }
    }

    /// Right ascension and declination, degrees.
    #[must_use]
    pub fn position(&self) -> (Option<f64>, Option<f64>) {
        match self {
            Self::Ztf(alert) => (alert.ra, alert.dec),
            Self::Lsst(alert) => (alert.ra, alert.dec),
        }
    }

    /// Magnitude, where the difference is positive; of LSST from 3σ on.
    #[must_use]
    pub fn magnitude(&self) -> Option<f64> {
        match self {
            Self::Ztf(alert) => points::magnitude(alert.magpsf).filter(|_| alert.isdiffpos != Some(false)),
            Self::Lsst(alert) => alert.magnitude(),
        }
    }

    /// The full target: fixed, or moving with the last known position and no orbit, as Fink gives none.
    pub(super) fn target(&self, generic: &GenericAlert) -> Result<Target> {
        let target = if self.is_moving() {
            let name = self.sso_name().map_or_else(|| generic.name.clone(), Cow::into_owned);
            GenericAlert { name, ..generic.clone() }.to_moving_target()?
        } else {
            generic.to_target()?
        };
        let target = target.with_extra("survey", self.survey());
        Ok(match self {
            Self::Ztf(alert) => alert.describe(target),
            Self::Lsst(alert) => alert.describe(target),
        })
    }
}

impl<'de> Deserialize<'de> for FinkPacket {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = FinkPacket;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an alert")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FinkPacket, A::Error> {
                // Other keys, such as `v:separation_degree` and `sso_name`, may come first.
                let survey = |key: &str| match key.split_once(':')?.0 {
                    "i" | "d" => Some(Survey::Ztf),
                    "r" | "f" => Some(Survey::Lsst),
                    _ => None,
                };
                let (survey, map) = Peeked::until(map, survey)?;
                let whole = MapAccessDeserializer::new(map);
                match survey {
                    Some(Survey::Ztf) => {
                        ZtfAlert::deserialize(whole).map(|alert| FinkPacket::Ztf(Box::new(alert)))
                    }
                    Some(Survey::Lsst) => {
                        LsstAlert::deserialize(whole).map(|alert| FinkPacket::Lsst(Box::new(alert)))
                    }
                    None => {
                        Err(A::Error::custom("no key begins with i: or d: (ZTF) or with r: or f: (LSST)"))
                    }
                }
            }
        }

        from.deserialize_map(Either)
    }
}
