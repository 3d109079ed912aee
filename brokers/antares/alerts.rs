//! `AntaresAlert`: one alert of a locus, of any survey, as either interface gives it.

use serde::de::IgnoredAny;

use crate::plugin::*;

/// What ids of LSST's alerts begin with.
pub(super) const LSST_ALERT: &str = "lsst:";
const ZTF_ALERT: &str = "ztf_candidate:";
const ZTF_LIMIT: &str = "ztf_upper_limit:";

/// An alert of a locus: a detection, or the limit of an exposure without one.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct AntaresAlert {
    /// Its id: `ztf_candidate:…`, `ztf_upper_limit:…` or `lsst:…`.
    pub id: String,
    /// Date, MJD: UTC for ZTF, TAI for LSST; [`time`](Self::time) is UTC.
    pub mjd: Option<f64>,
    /// When ANTARES took it in, as the service writes it; UTC where it names no zone.
    pub created_at: Option<String>,
    /// The survey, as version 2 names it.
    pub survey: Option<String>,
    /// The measurement.
    pub properties: AlertProperties,
    /// Gravitational-wave events in whose region it lies.
    pub grav_wave_events: Vec<GravWaveMatch>,
}

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident $key:literal $(or $alias:literal)? $read:literal $kind:ty;)*) => {
        /// What an alert says of the measurement: those of the survey's columns that are of use.
        /// All of them are in the alert's own text.
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct AlertProperties {
            $($(#[$doc])* #[serde(rename = $key, $(alias = $alias,)? deserialize_with = $read)] pub $name: Option<$kind>,)*
        }
    };
}

columns! {
    /// Date, MJD: UTC for ZTF, TAI for LSST.
    mjd "ant_mjd" "wire::number" f64;
    /// 1 ZTF, 2 limit of ZTF, 3 DECam, 4 LSST.
    survey "ant_survey" "wire::whole_or_none" i64;
    /// Band: `R` is ZTF's r.
    passband "ant_passband" "wire::text_or_none" String;
    /// Right ascension, degrees.
    ra "ant_ra" "wire::number_or_none" f64;
    /// Declination, degrees.
    dec "ant_dec" "wire::number_or_none" f64;
    /// Magnitude of the difference, AB, also where the difference is negative.
    mag "ant_mag" "wire::number" f64;
    /// Its error, 1σ.
    mag_error "ant_magerr" "wire::number_or_none" f64;
    /// Depth of a ZTF exposure; of LSST a copy of the magnitude.
    mag_limit "ant_maglim" "wire::number_or_none" f64;
    /// When ANTARES received it, Unix seconds.
    time_received "ant_time_received" "wire::number_or_none" f64;
    /// ZTF: id of the measurement.
    ztf_candid "ztf_candid" "wire::text_or_none" String;
    /// ZTF: band, 1 g, 2 r, 3 i.
    ztf_fid "ztf_fid" "wire::whole_or_none" i64;
    /// ZTF: id of the image.
    ztf_pid "ztf_pid" "wire::whole_or_none" i64;
    /// ZTF: whether the object was brighter than in the reference image.
    ztf_is_positive "ztf_isdiffpos" "wire::flag_or_none" bool;
    /// ZTF: real-bogus score, 0 to 1.
    ztf_rb "ztf_rb" "wire::number_or_none" f64;
    /// ZTF: real-bogus score by deep learning, 0 to 1; not in old alerts.
    ztf_drb "ztf_drb" "wire::number_or_none" f64;
    /// ZTF: number of the field.
    ztf_field "ztf_field" "wire::whole_or_none" i64;
    /// ZTF: number of the readout channel.
    ztf_rcid "ztf_rcid" "wire::whole_or_none" i64;
    /// ZTF: number of the programme.
    ztf_programid "ztf_programid" "wire::whole_or_none" i64;
    /// ZTF: distance to the nearest source of the reference image, pixels of 1 arcsec.
    ztf_distnr "ztf_distnr" "wire::number_or_none" f64;
    /// ZTF: nearest known object of the solar system; the text `null` is none.
    ztf_ssnamenr "ztf_ssnamenr" "wire::text_or_none" String;
    /// ZTF: its distance, arcsec; −999 is none.
    ztf_ssdistnr "ztf_ssdistnr" "wire::number_or_none" f64;
    /// ZTF: its predicted magnitude; −999 is none.
    ztf_ssmagnr "ztf_ssmagnr" "wire::number_or_none" f64;
    /// LSST: id of the measurement.
    lsst_source_id "lsst_diaSource_diaSourceId" "wire::text_or_none" String;
    /// LSST: id of the object.
    lsst_object_id "lsst_diaSource_diaObjectId" "wire::text_or_none" String;
    /// LSST: id of the object of the solar system; 0 is none.
    lsst_ss_object_id "lsst_diaSource_ssObjectId" "wire::text_or_none" String;
    /// LSST: when Rubin withdrew the measurement, MJD TAI.
    lsst_withdrawn "lsst_diaSource_timeWithdrawnMjdTai" or "lsst_timeWithdrawnMjdTai" "wire::number_or_none" f64;
    /// LSST: band.
    lsst_band "lsst_diaSource_band" "wire::text_or_none" String;
    /// LSST: middle of the exposure, MJD TAI.
    lsst_midpoint "lsst_diaSource_midpointMjdTai" "wire::number" f64;
    /// LSST: flux of the difference, nJy. ANTARES writes a negative one as positive.
    lsst_flux "lsst_diaSource_psfFlux" "wire::number" f64;
    /// LSST: its error, 1σ.
    lsst_flux_error "lsst_diaSource_psfFluxErr" "wire::number_or_none" f64;
    /// LSST: whether the difference is negative.
    lsst_is_negative "lsst_diaSource_isNegative" "wire::flag_or_none" bool;
    /// LSST: flux of the new image, nJy.
    lsst_science_flux "lsst_diaSource_scienceFlux" "wire::number_or_none" f64;
    /// LSST: its error, 1σ.
    lsst_science_flux_error "lsst_diaSource_scienceFluxErr" "wire::number_or_none" f64;
    /// LSST: real-bogus score, 0 to 1.
    lsst_reliability "lsst_diaSource_reliability" "wire::number_or_none" f64;
    /// LSST: signal to noise.
    lsst_snr "lsst_diaSource_snr" "wire::number_or_none" f64;
    /// LSST: number of the visit.
    lsst_visit "lsst_diaSource_visit" "wire::whole_or_none" i64;
    /// LSST: number of the detector.
    lsst_detector "lsst_diaSource_detector" "wire::whole_or_none" i64;
    /// LSST: what the telescope was pointed at.
    lsst_target_name "lsst_target_name" "wire::text_or_none" String;
    /// LSST: why.
    lsst_observation_reason "lsst_observation_reason" "wire::text_or_none" String;
}

/// A gravitational-wave event in whose region an alert lies.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct GravWaveMatch {
    /// GraceDB's id of the event.
    #[serde(deserialize_with = "wire::text_or_none")]
    pub gracedb_id: Option<String>,
    /// The smallest region with the alert in it, percent of the probability.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub contour_level: Option<f64>,
    /// Its area, square degrees.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub contour_area: Option<f64>,
}

/// Who took an exposure, and whether it detected the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Exposure {
    /// ZTF, detected.
    Ztf,
    /// ZTF, not detected.
    ZtfLimit,
    /// DECam on the Blanco telescope.
    Decam,
    /// LSST.
    Lsst,
    /// A survey that this crate does not know.
    Other,
}

impl Exposure {
    /// By ANTARES' number of the survey, else by the id of the alert.
    pub(super) fn of(survey: Option<i64>, alert_id: &str) -> Self {
        match survey {
            _ if alert_id.starts_with(LSST_ALERT) => Self::Lsst,
            Some(1) => Self::Ztf,
            Some(2) => Self::ZtfLimit,
            Some(3) => Self::Decam,
            Some(4) => Self::Lsst,
            Some(_) => Self::Other,
            None if alert_id.starts_with(ZTF_ALERT) => Self::Ztf,
            None if alert_id.starts_with(ZTF_LIMIT) => Self::ZtfLimit,
            None => Self::Other,
        }
    }
}

impl AntaresAlert {
    /// Who took the exposure, and whether it detected the object.
    #[must_use]
    pub fn exposure(&self) -> Exposure {
        Exposure::of(self.properties.survey, &self.id)
    }

    /// Whether the object was detected.
    #[must_use]
    pub fn is_detection(&self) -> bool {
        let measured = self.exposure() != Exposure::ZtfLimit && self.properties.mag.is_some();
        measured && self.withdrawn().is_none()
    }

    /// Whether the object was fainter than in the reference image, so that the magnitude is that of a
    /// missing flux.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        let own = &self.properties;
        let lsst = own.lsst_is_negative == Some(true) || own.lsst_flux.is_some_and(|flux| flux < 0.0);
        lsst || own.ztf_is_positive == Some(false)
    }

    /// When Rubin withdrew the measurement, so that it is none.
    #[must_use]
    pub fn withdrawn(&self) -> Option<DateTime<Utc>> {
        points::withdrawn(self.properties.lsst_withdrawn)
    }

    /// Whether Rubin withdrew the measurement, so that it is none.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.withdrawn().is_some()
    }

    /// Whether the detection is that of a known object of the solar system: by the predicted place of
    /// the nearest one for ZTF, by Rubin's own word for LSST.
    #[must_use]
    pub fn is_known_object(&self) -> bool {
        let own = &self.properties;
        let lsst = own.lsst_ss_object_id.as_deref().is_some_and(|id| !matches!(id.trim(), "" | "0"));
        lsst || sky::is_known_object(own.ztf_ssdistnr, own.ztf_ssmagnr)
    }

    /// When the exposure was taken: its start for ZTF, its middle for LSST.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        let own = &self.properties;
        let mjd = self.mjd.or(own.mjd).or(own.lsst_midpoint);
        match self.exposure() {
            Exposure::Lsst => mjd.and_then(time::utc_from_tai_mjd),
            _ => utc(mjd, Some(&self.id)),
        }
    }

    /// When ANTARES took it in.
    #[must_use]
    pub fn created(&self) -> Option<DateTime<Utc>> {
        self.created_at.as_deref().and_then(time::parse_utc)
    }

    /// How real it is, 0 to 1: ZTF's `drb`, else `rb`; LSST's `reliability`.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        let own = &self.properties;
        own.ztf_drb.or(own.ztf_rb).or(own.lsst_reliability)
    }

    /// The survey's own id of the measurement, as other brokers have it.
    pub(super) fn source_id(id: &str) -> &str {
        [ZTF_ALERT, ZTF_LIMIT, LSST_ALERT].iter().find_map(|start| id.strip_prefix(start)).unwrap_or(id)
    }
}

/// Both interfaces at once: version 1 has all but the id below `attributes`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire {
    #[serde(deserialize_with = "wire::text")]
    id: Option<String>,
    #[serde(deserialize_with = "wire::number")]
    mjd: Option<f64>,
    #[serde(deserialize_with = "wire::text_or_none")]
    created_at: Option<String>,
    #[serde(deserialize_with = "wire::text_or_none")]
    processed_at: Option<String>,
    #[serde(deserialize_with = "wire::text_or_none")]
    survey: Option<String>,
    properties: Option<AlertProperties>,
    #[serde(deserialize_with = "matches")]
    grav_wave_events: Vec<GravWaveMatch>,
    attributes: Option<Box<Wire>>,
}

/// The events of a list; what is none is left out.
fn matches<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<GravWaveMatch>, D::Error> {
    let list: Option<Vec<Value>> = wire::value_or_none(from)?;
    Ok(list.into_iter().flatten().filter_map(|event| serde_json::from_value(event).ok()).collect())
}

impl<'de> Deserialize<'de> for AntaresAlert {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        wire::object::<D, Wire>(from)?.try_into().map_err(serde::de::Error::custom)
    }
}

impl TryFrom<Wire> for AntaresAlert {
    type Error = &'static str;

    fn try_from(mut wire: Wire) -> Result<Self, Self::Error> {
        let id = wire.id.take().filter(|id| !id.trim().is_empty()).ok_or("the alert has no id")?;
        let own = wire.attributes.take().map_or(wire, |inner| *inner);
        Ok(Self {
            id,
            mjd: own.mjd,
            created_at: own.created_at.or(own.processed_at),
            survey: own.survey,
            properties: own.properties.unwrap_or_default(),
            grav_wave_events: own.grav_wave_events,
        })
    }
}

/// The instant of an alert: LSST's dates are TAI.
pub(super) fn utc(mjd: Option<f64>, alert_id: Option<&str>) -> Option<DateTime<Utc>> {
    let lsst = alert_id.is_some_and(|id| id.starts_with(LSST_ALERT));
    mjd.and_then(if lsst { time::utc_from_tai_mjd } else { time::utc_from_mjd })
}

/// An alert of a history from its text.
pub(super) fn read_alert(row: Result<Alert<IgnoredAny>>) -> Result<Alert<AntaresAlert>> {
    Alert::from_raw(row?.raw())
}
