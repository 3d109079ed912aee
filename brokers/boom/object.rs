//! `BoomObject`: an object with its history, and the light curve that it becomes.

use std::collections::{BTreeMap, HashSet};

use super::packet::{Candidate, Scores, record, scores};
use super::query::BoomSurvey;
use crate::plugin::*;

/// An object with everything that is known of it over time.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct BoomObject {
    /// The object's id.
    #[serde(rename = "objectId", deserialize_with = "wire::text_or_none")]
    pub object_id: Option<String>,
    /// The newest measurement.
    #[serde(deserialize_with = "wire::value_or_none")]
    pub candidate: Option<Candidate>,
    /// Detections.
    #[serde(deserialize_with = "wire::rows")]
    pub prv_candidates: Rows<HistoryPoint>,
    /// Non-detections; ZTF only.
    #[serde(deserialize_with = "wire::rows")]
    pub prv_nondetections: Rows<HistoryPoint>,
    /// Forced photometry.
    #[serde(deserialize_with = "wire::rows")]
    pub fp_hists: Rows<HistoryPoint>,
    /// The same object in other surveys, by survey.
    #[serde(deserialize_with = "matched")]
    pub survey_matches: BTreeMap<String, Option<MatchedObject>>,
    /// Scores of classifiers at earlier alerts; ZTF only.
    #[serde(alias = "classification_history", deserialize_with = "wire::rows")]
    pub classifications_history: Rows<PastScores>,
    /// Matches in catalogues, by catalogue, as the service has them: mostly a list of objects.
    #[serde(deserialize_with = "wire::object_or_default")]
    pub cross_matches: BTreeMap<String, Value>,
}

/// The history of the same object in another survey.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MatchedObject {
    /// Its id there.
    #[serde(rename = "objectId", deserialize_with = "wire::text_or_none")]
    pub object_id: Option<String>,
    /// How far it is, arcsec.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub distance_arcsec: Option<f64>,
    /// Detections.
    #[serde(deserialize_with = "wire::rows")]
    pub prv_candidates: Rows<HistoryPoint>,
    /// Non-detections.
    #[serde(deserialize_with = "wire::rows")]
    pub prv_nondetections: Rows<HistoryPoint>,
    /// Forced photometry.
    #[serde(deserialize_with = "wire::rows")]
    pub fp_hists: Rows<HistoryPoint>,
}

/// The histories of the same object in other surveys; a survey with something else has none.
fn matched<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Option<MatchedObject>>, D::Error> {
    #[derive(Deserialize)]
    struct One(#[serde(deserialize_with = "wire::value_or_none")] Option<MatchedObject>);
    let read: BTreeMap<String, One> = wire::object_or_default(from)?;
    Ok(read.into_iter().map(|(survey, One(one))| (survey, one)).collect())
}

/// Scores of classifiers at one alert.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PastScores {
    /// The alert.
    #[serde(rename = "_id", deserialize_with = "wire::text_or_none")]
    pub candid: Option<String>,
    /// When, JD UTC.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub jd: Option<f64>,
    /// The scores.
    #[serde(deserialize_with = "scores")]
    pub classifications: Scores,
}

record! {
    /// One epoch of a history.
    HistoryPoint {
        /// When, JD UTC.
        jd "jd" "wire::number" f64;
        /// The alert it came with.
        candid "candid" "wire::text" String;
        /// The band.
        band "band" "wire::text" String;
        /// ZTF's number of the band.
        fid "fid" "wire::whole_or_none" i64;
        /// Magnitude by PSF fit, AB.
        magpsf "magpsf" "wire::number" f64;
        /// Its error.
        sigmapsf "sigmapsf" "wire::number_or_none" f64;
        /// Depth of the exposure, 5σ.
        diffmaglim "diffmaglim" "wire::number_or_none" f64;
        /// Whether the difference is positive.
        isdiffpos "isdiffpos" "wire::flag_or_none" bool;
        /// Flux by PSF fit as the service has it: see the unit trap of the [module](super).
        psf_flux "psfFlux" "wire::number" f64;
        /// Its error.
        psf_flux_err "psfFluxErr" "wire::number_or_none" f64;
        /// ZTF: how real it is by deep learning, 0 to 1.
        drb "drb" "wire::number_or_none" f64;
        /// LSST: how real it is, 0 to 1.
        reliability "reliability" "wire::number_or_none" f64;
        /// LSST: when the survey took the measurement back, MJD TAI; there is no measurement then.
        time_withdrawn "timeWithdrawnMjdTai" "wire::number_or_none" f64;
        /// ZTF: bad pixels in the stamp.
        nbad "nbad" "wire::whole_or_none" i64;
        /// ZTF: 1 is public, 2 the partnership's.
        programid "programid" "wire::whole_or_none" i64;
        /// ZTF's forced photometry: codes of what went wrong; 0 is nothing.
        procstatus "procstatus" "wire::text_or_none" String;
    }
}

/// What one `nJy` of the service is in nJy, by survey: the label is wrong for ZTF, whose fluxes
/// have the zero point 23.9 after division by 1e9.
const ZTF_SCALE: f64 = 1e-6;
const TRUE_SCALE: f64 = 1.0;

/// Where a magnitude and the flux beside it say which scale the fluxes have, they are believed.
fn scale(survey: Option<BoomSurvey>, lists: [&Rows<HistoryPoint>; 2]) -> Option<f64> {
    let of = |point: &HistoryPoint| {
        let magnitude = points::magnitude(point.magpsf)?;
        let flux = point.psf_flux.map(f64::abs).filter(|flux| *flux > 0.0)?;
        let zero = magnitude + 2.5 * flux.log10();
        let near = |scale: f64| (zero - (flux::NANOJANSKY_ZERO - 2.5 * scale.log10())).abs() < 0.5;
        [ZTF_SCALE, TRUE_SCALE].into_iter().find(|scale| near(*scale))
    };
    let told = lists.into_iter().flat_map(|rows| rows.0.iter().flatten()).find_map(of);
    told.or(match survey? {
        BoomSurvey::Ztf => Some(ZTF_SCALE),
        BoomSurvey::Lsst => Some(TRUE_SCALE),
        BoomSurvey::Decam | BoomSurvey::Winter => None,
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Sort {
    Alert,
    Forced,
    Limit,
}

/// The light curve of an object, with that of the same object in other surveys.
pub(super) fn light_curve(
    source: &'static str,
    id: &str,
    survey: Option<BoomSurvey>,
    object: BoomObject,
    odd: usize,
) -> ReducedData {
    let mut points = Points::new(source, id);
    points.note_left_out("the light curve", odd);
    let own = History {
        detections: object.prv_candidates,
        limits: object.prv_nondetections,
        forced: object.fp_hists,
    };
    own.add(survey, &mut points);
    for (name, matched) in object.survey_matches {
        let Some(matched) = matched else { continue };
        let history = History {
            detections: matched.prv_candidates,
            limits: matched.prv_nondetections,
            forced: matched.fp_hists,
        };
        history.add(BoomSurvey::named(&name), &mut points);
    }
    let mut data = points.done();
    let repeated = data.each_once();
    if repeated > 0 {
        let points = if repeated == 1 { "point stands" } else { "points stand" };
        data.notes.push(format!("{repeated} {points} in the history more than once; a detection counts rather than a limit, else the first"));
    }
    data
}

struct History {
    detections: Rows<HistoryPoint>,
    limits: Rows<HistoryPoint>,
    forced: Rows<HistoryPoint>,
}

impl History {
    fn add(self, survey: Option<BoomSurvey>, points: &mut Points<'_>) {
        let scale = scale(survey, [&self.detections, &self.forced]);
        // An exposure with a measurement needs no limit beside it; a row without a value is none.
        let epoch = |point: &HistoryPoint| Some((micros(point.jd?), band_of(point, survey)?));
        let has_value = |point: &HistoryPoint, sort| {
            matches!(photometry(point, sort, survey, scale), Ok(Some((_, _, None))))
        };
        let found = self.detections.0.iter().flatten().filter(|point| has_value(point, Sort::Alert));
        let forced = self.forced.0.iter().flatten().filter(|point| has_value(point, Sort::Forced));
        let measured: HashSet<_> = found.chain(forced).filter_map(epoch).collect();
        let read = |sort: Sort| move |point: HistoryPoint| photometry(&point, sort, survey, scale);
        points.rows("prv_candidates", self.detections, read(Sort::Alert));
        points.rows("fp_hists", self.forced, read(Sort::Forced));
        let alone = |row: &Result<HistoryPoint>| {
            row.as_ref().ok().and_then(epoch).is_none_or(|epoch| !measured.contains(&epoch))
        };
        let limits = Rows(self.limits.0.into_iter().filter(alone).collect());
        points.rows("prv_nondetections", limits, read(Sort::Limit));
    }
}

/// Epochs are one when they agree to six decimals of a day.
fn micros(jd: f64) -> i64 {
    (jd * 1e6).round() as i64
}

fn band_of(point: &HistoryPoint, survey: Option<BoomSurvey>) -> Option<String> {
    let fid = point.fid.filter(|_| survey == Some(BoomSurvey::Ztf));
    let named = point.band.as_deref().map(str::trim).filter(|band| !band.is_empty());
    let numbered = || fid.map(|fid| band::band(band::BandSystem::Ztf, &fid.to_string()).into_owned());
    named.map(str::to_owned).or_else(numbered)
}

fn photometry(
    point: &HistoryPoint,
    sort: Sort,
    survey: Option<BoomSurvey>,
    scale: Option<f64>,
) -> points::ReadWithdrawn<Photometry> {
    let time = points::instant(point.jd, time::utc_from_jd)?;
    let filter =
        band_of(point, survey).ok_or_else(|| Error::new(ErrorKind::Unreadable, "the row has no band"))?;
    let flux = point.psf_flux.zip(point.psf_flux_err).zip(scale);
    let flux =
        flux.map(|((flux, error), scale)| (flux * scale, error * scale)).filter(|(_, error)| *error > 0.0);
    let from_flux =
        || flux.and_then(|(flux, error)| Photometry::from_flux(flux, error, "nJy", flux::NANOJANSKY_ZERO));
    let from_magnitude = || {
        let magnitude = points::magnitude(point.magpsf)?;
        let negative =
            point.isdiffpos.map_or(point.psf_flux.is_some_and(|flux| flux < 0.0), |positive| !positive);
        Some(Photometry {
            magnitude: Some(magnitude).filter(|_| !negative),
            negative_magnitude: Some(magnitude).filter(|_| negative),
            error: points::magnitude_error(point.sigmapsf),
            flux: flux.map(|(flux, _)| flux),
            flux_error: flux.map(|(_, error)| error),
            flux_unit: flux.map(|_| "nJy".into()),
            ..Photometry::default()
        })
    };
    let depth = points::magnitude(point.diffmaglim);
    let limit = || depth.map(|limit| Photometry { limit: Some(limit), ..Photometry::default() });
    let is_faint = || flux.is_some_and(|(flux, error)| (flux / error).abs() < flux::DETECTION);
    let value = match sort {
        // LSST gives fluxes alone, so the magnitude of a faint one says no more than BOOM made of it.
        Sort::Alert if survey == Some(BoomSurvey::Lsst) && is_faint() => from_flux(),
        // The magnitude of an alert is the survey's own word, whatever unit its flux has.
        Sort::Alert => from_magnitude().or_else(from_flux),
        Sort::Forced => from_flux().or_else(from_magnitude).or_else(limit),
        Sort::Limit => limit(),
    };
    let Some(mut value) = value else { return Ok(None) };
    value.filter = filter.into();
    value.unit = Some("AB".into());
    value.limiting_magnitude = depth.filter(|_| value.limit.is_none());
    value.survey = survey.map(|survey| survey.to_string().into());
    value.telescope = survey.map(|survey| survey.telescope().into());
    value.source_id = point.candid.clone().filter(|_| sort == Sort::Alert);
    value.forced = sort == Sort::Forced;
    points::keep(&mut value.extra, "drb", point.drb);
    points::keep(&mut value.extra, "reliability", point.reliability);
    points::keep(&mut value.extra, "nbad", point.nbad);
    points::keep(&mut value.extra, "programid", point.programid);
    points::keep_text(&mut value.extra, "procstatus", point.procstatus.as_deref());
    Ok(Some((time, value, points::withdrawn(point.time_withdrawn))))
}
