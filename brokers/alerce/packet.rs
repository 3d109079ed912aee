//! `AlercePacket`: one row of a listing, of ZTF or of LSST, and what it becomes.

use crate::plugin::*;

/// An object as ALeRCE lists it, of either survey.
///
/// The keys of both surveys are fields here; those of the other survey are `None`. The methods
/// ([`survey`](Self::survey), [`class_name`](Self::class_name), …) hide the difference. LSST's listing has one row per
/// object and classifier, ZTF's one per object and version of the classifier, so an object may
/// come several times.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AlercePacket {
    /// The object's id, byte for byte: `ZTF20aaelulu`, or the digits of an LSST `diaObjectId`.
    #[serde(deserialize_with = "wire::id")]
    pub oid: String,
    /// Mean right ascension, degrees.
    #[serde(default, deserialize_with = "wire::number")]
    pub meanra: Option<f64>,
    /// Mean declination, degrees.
    #[serde(default, deserialize_with = "wire::number")]
    pub meandec: Option<f64>,
    /// Scatter of the right ascension, degrees.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub sigmara: Option<f64>,
    /// Scatter of the declination, degrees.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub sigmadec: Option<f64>,
    /// First detection, MJD: UTC for ZTF, TAI for LSST.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub firstmjd: Option<f64>,
    /// Last detection, MJD: UTC for ZTF, TAI for LSST.
    #[serde(default, deserialize_with = "wire::number")]
    pub lastmjd: Option<f64>,
    /// Whether it looks like a star.
    #[serde(default, deserialize_with = "wire::flag_or_none")]
    pub stellar: Option<bool>,
    /// Probability of the class, 0 to 1.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub probability: Option<f64>,
    /// ZTF: detections that ALeRCE holds.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub ndet: Option<i64>,
    /// ZTF: detections that the last alert counts; text on the wire.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub ndethist: Option<i64>,
    /// ZTF: exposures of the place that the last alert counts.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub ncovhist: Option<i64>,
    /// ZTF: first detection that the last alert knows, MJD UTC.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub mjdstarthist: Option<f64>,
    /// ZTF: last detection that the last alert knows, MJD UTC.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub mjdendhist: Option<f64>,
    /// ZTF: days from first to last detection.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub deltajd: Option<f64>,
    /// ZTF: whether magnitudes with the reference flux added back exist and mean something.
    #[serde(default, deserialize_with = "wire::flag_or_none")]
    pub corrected: Option<bool>,
    /// ZTF: colour g−r at maximum, mag.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub g_r_max: Option<f64>,
    /// ZTF: the same from corrected magnitudes.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub g_r_max_corr: Option<f64>,
    /// ZTF: mean colour g−r, mag.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub g_r_mean: Option<f64>,
    /// ZTF: the same from corrected magnitudes.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub g_r_mean_corr: Option<f64>,
    /// ZTF: the class.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub class: Option<String>,
    /// ZTF: the classifier that gave it.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub classifier: Option<String>,
    /// ZTF: version of the pipeline.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub step_id_corr: Option<String>,
    /// LSST: number of the telescope.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub tid: Option<String>,
    /// LSST: 1 is a fixed object, 2 one of the solar system.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub sid: Option<i64>,
    /// LSST: days from first to last detection.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub deltamjd: Option<f64>,
    /// LSST: detections.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub n_det: Option<i64>,
    /// LSST: points of forced photometry.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub n_forced: Option<i64>,
    /// LSST: non-detections.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub n_non_det: Option<i64>,
    /// LSST: the class; [`class_name`](Self::class_name) serves both surveys.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub class_name: Option<String>,
    /// LSST: the classifier that gave it.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub classifier_name: Option<String>,
    /// LSST: its version.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub classifier_version: Option<String>,
    /// LSST: 1 is the most probable class of this classifier.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub ranking: Option<i64>,
    /// LSST, single object: when the row was made.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub created_date: Option<String>,
    /// LSST, single object: when it was last changed.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub updated_date: Option<String>,
}

impl AlercePacket {
    /// The survey that the object is of.
    #[must_use]
    pub fn survey(&self) -> Survey {
        // Only LSST's rows say which sort of object they are of.
        Survey::of_id(&self.oid).unwrap_or(if self.sid.is_some() { Survey::Lsst } else { Survey::Ztf })
    }

    /// The class, where a classifier gave one.
    #[must_use]
    pub fn class_name(&self) -> Option<&str> {
        self.class.as_deref().or(self.class_name.as_deref())
    }

    /// The classifier that gave the class.
    #[must_use]
    pub fn classifier_name(&self) -> Option<&str> {
        self.classifier.as_deref().or(self.classifier_name.as_deref())
    }

    /// The number of detections.
    #[must_use]
    pub fn detections(&self) -> Option<i64> {
        self.ndet.or(self.n_det)
    }

    /// The last detection.
    #[must_use]
    pub fn last_detection(&self) -> Option<DateTime<Utc>> {
        self.utc(self.lastmjd)
    }

    /// The first detection.
    #[must_use]
    pub fn first_detection(&self) -> Option<DateTime<Utc>> {
        self.utc(self.firstmjd)
    }

    /// Whether it is an object of the solar system, so that its position is that of one moment.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        const SOLAR_SYSTEM: i64 = 2;
        self.sid == Some(SOLAR_SYSTEM) || self.class_name() == Some("asteroid")
    }

    fn utc(&self, mjd: Option<f64>) -> Option<DateTime<Utc>> {
        let scale = match self.survey() {
            Survey::Ztf => time::utc_from_mjd,
            Survey::Lsst => time::utc_from_tai_mjd,
        };
        mjd.and_then(scale)
    }

    /// The service's own number where it is UTC, so that a query with the shown number finds the object.
    fn utc_mjd(&self, mjd: Option<f64>) -> Option<f64> {
        match self.survey() {
            Survey::Ztf => mjd,
            Survey::Lsst => mjd.and_then(time::utc_mjd_from_tai_mjd),
        }
    }

    /// Whose it is, with the mean position of its detections.
    pub(super) fn provenance(&self) -> Provenance {
        const ARCSEC_A_DEGREE: f64 = 3600.0;
        // ZTF's is the scatter of the detections, which is above the error of their mean.
        let scatter = [self.sigmara, self.sigmadec].into_iter().flatten().reduce(f64::max);
        Provenance::of_object(&self.oid)
            .observed_at(self.last_detection())
            .mean_of(self.detections().and_then(|count| u64::try_from(count).ok()))
            .with_position_error(scatter.map(|degrees| degrees * ARCSEC_A_DEGREE))
    }

    /// The full target: fixed, or moving with the last known position.
    pub(super) fn target(&self, generic: &GenericAlert) -> Result<Target> {
        let target = if self.is_moving() { generic.to_moving_target()? } else { generic.to_target()? };
        Ok(target
            .with_extra("survey", self.survey())
            .with_extra_opt("class", self.class_name())
            .with_extra_opt("classifier", self.classifier_name())
            .with_extra_opt("classifier_version", self.classifier_version.as_deref())
            .with_extra_opt("probability", self.probability)
            .with_extra_opt("ndet", self.detections())
            .with_extra_opt("firstmjd", self.utc_mjd(self.firstmjd))
            .with_extra_opt("lastmjd", self.utc_mjd(self.lastmjd))
            .with_extra_opt("g_r_max", self.g_r_max)
            .with_extra_opt("stellar", self.stellar))
    }
}
