//! Babamul: the public face of BOOM, for ZTF and LSST.

use super::Pages;
use super::access::{Access, Door};
use super::answer::{self, Place};
use super::object::{BoomObject, light_curve};
use super::packet::BoomAlert;
use super::query::{BabamulConfig, BabamulQuery, BoomSurvey, NO_ID};
use super::stamps;
use crate::plugin::*;

/// Babamul over HTTP.
pub type BabamulBroker = Client<Babamul>;

const NAME: &str = "Babamul";
const ROOT: &str = "https://babamul.caltech.edu/api/babamul/";
const ADVICE: &str = "set brokers.Babamul.api_token (made on your profile at https://babamul.caltech.edu/), \
                      or brokers.Babamul.email and .password";
const REFUSED: &str = "Babamul refused the token or wants one; a token of BOOM is no token of Babamul. \
                       Make one on your profile at https://babamul.caltech.edu/ and set brokers.Babamul.api_token";
const FAILED: &str = "Babamul failed";

/// How Babamul is spoken.
#[derive(Debug, Clone)]
pub struct Babamul {
    root: Root,
    door: Door,
    pages: Pages,
}

/// An object that a search by position or by the beginning of its name found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Found {
    /// Its id.
    #[serde(rename = "objectId", deserialize_with = "wire::id")]
    pub object_id: String,
    /// Right ascension, degrees.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub dec: Option<f64>,
    /// Its survey.
    #[serde(default, deserialize_with = "wire::text_or_none")]
    pub survey: Option<String>,
    /// How far it is from the place, arcsec.
    #[serde(default, deserialize_with = "wire::number_or_none")]
    pub distance_arcsec: Option<f64>,
}

/// Matches of an object in catalogues, by catalogue, as the service has them: mostly a list of objects.
pub type CrossMatches = std::collections::BTreeMap<String, Value>;

impl Protocol for Babamul {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "Enriched public alerts of ZTF and of LSST with light curves of both, by the broker BOOM",
        "https://babamul.caltech.edu/",
    )
    .aliases(&["BabamulBroker", "babamul"])
    .config_keys(&[("BABAMUL_API_TOKEN", "api_token")])
    .score("how real the alert is, 0 to 1: ZTF's drb, LSST's reliability")
    .checked("2026-11-30", "server of 2026-08-19, babamul 0.2.0 (client)")
    .can(Capabilities {
        list: true,
        one: true,
        reduced_data: true,
        classifications: true,
        cutouts: true,
        cone: true,
        name: true,
        credentials: true,
        ..Capabilities::NONE
    });
    type Config = BabamulConfig;
    type Query = BabamulQuery;
    type Packet = BoomAlert;
    type Submission = NoForm;

    fn new(config: BabamulConfig) -> Result<Self> {
        let root = Root::new("base_url", config.base_url.as_ref(), ROOT)?;
        let access = match (config.api_token, config.email, config.password) {
            (Some(token), _, _) => Access::Token(token),
            (None, Some(name), Some(password)) => Access::Login { field: "email", name, password },
            _ => Access::None,
        };
        Ok(Self { door: Door::new(access, root.clone(), ADVICE), root, pages: Pages::new()? })
    }

    fn ready(&self) -> Result<()> {
        self.door.ready()
    }

    fn exchange(&self, request: Request) -> Result<Call<Response>> {
        self.door.exchange(request)
    }

    fn listing(&self, query: &BabamulQuery, at: &Cursor) -> Result<Request> {
        let survey = query.survey();
        let skip = Place::of(at)?.skip;
        let score = survey.score();
        let mut request = self.survey(survey, &["alerts"]).query_opt("object_id", query.object_id.as_deref());
        if let Some((ra, dec, radius)) = query.cone() {
            request = request.query("ra", ra).query("dec", dec).query("radius_arcsec", radius);
        }
        Ok(request
            .query_opt("start_jd", query.start_jd())
            .query_opt("end_jd", query.end_jd())
            .query_opt("min_magpsf", query.magpsf_min)
            .query_opt("max_magpsf", query.magpsf_max)
            .query_opt(&format!("min_{score}"), query.score_min)
            .query_opt(&format!("max_{score}"), query.score_max)
            .query_opt("is_positive", query.is_positive)
            .query_opt("is_rock", query.is_rock)
            .query_opt("is_star", query.is_star)
            .query_opt("is_near_brightstar", query.is_near_brightstar)
            .query_opt("is_stationary", query.is_stationary)
            .query("limit", query.page_size())
            .query("skip", skip))
    }

    fn page(&self, query: &BabamulQuery, at: &Cursor, response: Response) -> Result<Page<BoomAlert>> {
        let (items, odd) = wire::left_out(|| answer::alerts(&response, false));
        let page = answer::page(items?, Place::of(at)?, Some(query.page_size()), query.max_pages);
        Ok(page.with_left_out(odd))
    }

    fn to_generic_alert(&self, alert: &Alert<BoomAlert>) -> Result<GenericAlert> {
        Ok(GenericAlert { url: self.pages.of(alert), ..alert.generic() })
    }

    fn to_target(&self, alert: &Alert<BoomAlert>, generic: &GenericAlert) -> Result<Target> {
        alert.target(generic)
    }

    fn provenance(&self, alert: &Alert<BoomAlert>, _: &GenericAlert) -> Provenance {
        alert.provenance()
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<BoomAlert>>> {
        let (survey, id) = known(id)?;
        Ok(Call::get(self.object(survey, id), |response| answer::object(&response)))
    }

    fn recognises(&self, name: &str) -> bool {
        known(name).is_ok()
    }

    fn reduced_data(&self, subject: Subject<'_, BoomAlert>) -> Result<Call<ReducedData>> {
        let (survey, id) = known(answer::object_of(&subject))?;
        let name = id.to_owned();
        Ok(Call::get(self.object(survey, id), move |response| {
            let (object, odd) = wire::left_out(|| answer::data::<BoomObject>(&response));
            Ok(light_curve(NAME, &name, Some(survey), object?, odd))
        }))
    }

    fn classifications(&self, subject: Subject<'_, BoomAlert>) -> Result<Call<Vec<Classification>>> {
        if let Some(alert) = subject.alert.filter(|alert| !alert.classifications.is_empty()) {
            return Ok(Call::Done(alert.classes()));
        }
        let (survey, id) = known(answer::object_of(&subject))?;
        Ok(Call::get(self.object(survey, id), |response| Ok(answer::object(&response)?.classes())))
    }

    fn cutouts(&self, subject: Subject<'_, BoomAlert>) -> Result<Call<Vec<Cutout>>> {
        let (survey, id) = known(answer::object_of(&subject))?;
        let request = self.survey(survey, &["cutouts"]);
        Ok(Call::get(stamps::request(request, &subject, id), |response| stamps::read(&response)))
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<BabamulQuery>> {
        let cone = |survey| BabamulQuery {
            survey: Some(survey),
            ra: Some(ra),
            dec: Some(dec),
            radius: Some(radius),
            ..BabamulQuery::default()
        };
        Ok(vec![cone(BoomSurvey::Ztf), cone(BoomSurvey::Lsst)])
    }

    fn name_query(&self, name: &str) -> Result<Vec<BabamulQuery>> {
        let (survey, id) = known(name.trim())?;
        let (survey, object_id) = (Some(survey), Some(id.to_owned()));
        Ok(vec![BabamulQuery { survey, object_id, ..BabamulQuery::default() }])
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        answer::explain(response, REFUSED, FAILED)
    }
}

/// The survey of an object that can be one of Babamul's.
fn known(id: &str) -> Result<(BoomSurvey, &str)> {
    let survey = BoomSurvey::of_id(id).ok_or_else(|| Error::new(ErrorKind::Input, NO_ID).with("id", id))?;
    Ok((survey, id))
}

impl Babamul {
    /// Objects of both surveys whose id begins so; at most `limit`, 100 at the most.
    ///
    /// # Errors
    /// None here; the call fails as any other.
    pub fn objects(&self, prefix: &str, limit: u32) -> Result<Call<Rows<Found>>> {
        let request =
            self.root.get(&["objects"]).query("object_id", prefix).query("limit", limit.clamp(1, 100));
        Ok(Call::get(request, |response| answer::data(&response)))
    }

    /// Objects of both surveys within `radius` arcsec of a place in degrees, nearest first.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a radius above 600 arcsec.
    pub fn objects_near(&self, ra: f64, dec: f64, radius: f64) -> Result<Call<Rows<Found>>> {
        let query =
            BabamulQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..BabamulQuery::default() };
        form::check(&query)?;
        let request = self.root.get(&["objects"]).query("ra", sky::wrap_degrees(ra)).query("dec", dec);
        let request = request.query("radius", radius).query("limit", 100);
        Ok(Call::get(request, |response| answer::data(&response)))
    }

    /// Matches of an object in catalogues: NED, Gaia, TNS and others, as the service has them.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an id that can be none of Babamul's.
    pub fn cross_matches(&self, id: &str) -> Result<Call<CrossMatches>> {
        let (survey, id) = known(id)?;
        let request = self.survey(survey, &["objects", id, "cross-matches"]);
        Ok(Call::get(request, |response| answer::data(&response)))
    }

    fn survey(&self, survey: BoomSurvey, path: &[&str]) -> Request {
        self.root.get(&[&["surveys", survey.word()], path].concat())
    }

    fn object(&self, survey: BoomSurvey, id: &str) -> Request {
        self.survey(survey, &["objects", id])
    }
}
