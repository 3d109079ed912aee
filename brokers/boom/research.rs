//! BOOM's own API: catalogues of alerts that are asked in Mongo's words, for research accounts.

use super::access::{Access, Door};
use super::answer;
use super::object::{BoomObject, light_curve};
use super::packet::BoomAlert;
use super::query::{BoomConfig, BoomQuery, BoomSurvey};
use super::stamps;
use super::{Pages, known_survey};
use crate::plugin::*;

/// BOOM over HTTP.
pub type BoomBroker = Client<Boom>;

const NAME: &str = "BOOM";
const ROOT: &str = "https://api.kaboom.caltech.edu/";
const ADVICE: &str = "set brokers.BOOM.username and .password, those of your BOOM account";
const REFUSED: &str = "BOOM refused the login or wants one; a token of Babamul is no token of BOOM. \
                       Set brokers.BOOM.username and .password";
const FAILED: &str = "BOOM failed; it does so for a filter or pipeline that Mongo cannot read too";
/// How long a query may take when it does not say, ms.
const PATIENCE: u32 = 60_000;

/// How BOOM is spoken.
#[derive(Debug, Clone)]
pub struct Boom {
    root: Root,
    door: Door,
    pages: Pages,
}

impl Protocol for Boom {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "Alerts of ZTF, LSST, DECam and WINTER by filters and pipelines, for research accounts of BOOM",
        "https://github.com/boom-astro/boom",
    )
    .aliases(&["BoomBroker", "kaboom"])
    .config_keys(&[
        ("BOOM_API_USER", "username"),
        ("BOOM_API_PASSWORD", "password"),
        ("BOOM_API_URL", "base_url"),
    ])
    .score("how real the alert is, 0 to 1: the survey's drb or reliability")
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
    type Config = BoomConfig;
    type Query = BoomQuery;
    type Packet = BoomAlert;
    type Submission = NoForm;

    fn new(config: BoomConfig) -> Result<Self> {
        let root = Root::new("base_url", config.base_url.as_ref(), ROOT)?;
        let access = match (config.username, config.password) {
            (Some(name), Some(password)) => Access::Login { field: "username", name, password },
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

    fn listing(&self, query: &BoomQuery, at: &Cursor) -> Result<Request> {
        let catalogue = format!("{}_alerts", query.survey());
        if let Some(pipeline) = &query.pipeline {
            let pipeline: Value = serde_json::from_str(pipeline)
                .map_err(|e| Error::new(ErrorKind::Input, "the pipeline is no JSON").because(e))?;
            return self.ask("pipeline", &json!({"catalog_name": catalogue, "pipeline": pipeline}));
        }
        let mut body = json!({
            "catalog_name": catalogue,
            "filter": filter(query)?,
            "sort": {"_id": 1},
            "limit": query.page_size(),
            "skip": at.number(0)?,
            "max_time_ms": query.max_time_ms.unwrap_or(PATIENCE),
        });
        let Some((ra, dec, radius)) = query.cone() else { return self.ask("find", &body) };
        body["object_coordinates"] = json!({CONE: [ra, dec]});
        body["radius"] = radius.into();
        body["unit"] = "Arcseconds".into();
        self.ask("cone_search", &body)
    }

    fn page(&self, query: &BoomQuery, at: &Cursor, response: Response) -> Result<Page<BoomAlert>> {
        let is_pipeline = query.pipeline.is_some();
        let items = answer::alerts(&response, !is_pipeline && query.cone().is_some())?;
        // A pipeline says itself how much comes, and it comes at once.
        let size = if is_pipeline { u32::MAX } else { query.page_size() };
        Ok(answer::page(items, at.number(0)?, size, query.max_pages))
    }

    fn to_generic_alert(&self, alert: &Alert<BoomAlert>) -> Result<GenericAlert> {
        Ok(GenericAlert { url: self.pages.of(alert), ..alert.generic() })
    }

    fn to_target(&self, alert: &Alert<BoomAlert>, generic: &GenericAlert) -> Result<Target> {
        alert.target(generic)
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<BoomAlert>>> {
        let newest = |response: &Response| answer::alerts(response, false)?.into_iter().next().transpose();
        let missing =
            || Error::new(ErrorKind::NotFound, "no such object or alert, or no access to its survey");
        let survey = known_survey(id)?;
        let Ok(number) = id.parse::<i64>() else {
            let request = self.newest(survey, &json!({"objectId": id}))?;
            return Ok(Call::get(request, move |response| newest(&response)?.ok_or_else(missing)));
        };
        // Digits are an LSST object, or an alert of either survey.
        let lsst = self.newest(BoomSurvey::Lsst, &json!({"$or": [{"_id": number}, {"objectId": id}]}))?;
        let ztf = self.newest(BoomSurvey::Ztf, &json!({"_id": number}))?;
        let second = move || Call::get(ztf, move |response| newest(&response)?.ok_or_else(missing));
        Ok(Call::step(lsst, move |answer| match answer {
            Ok(response) => Ok(match newest(&response)? {
                Some(alert) => Call::Done(alert),
                None => second(),
            }),
            // Not every account may read LSST's catalogue.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(second()),
            Err(error) => Err(error),
        }))
    }

    fn recognises(&self, name: &str) -> bool {
        known_survey(name).is_ok()
    }

    fn reduced_data(&self, subject: Subject<'_, BoomAlert>) -> Result<Call<ReducedData>> {
        let id = subject.alert.map_or(subject.id, |alert| alert.object_id.as_str()).to_owned();
        let survey = known_survey(&id)?;
        let body = json!({"catalog_name": format!("{survey}_alerts_aux"), "filter": {"_id": id}, "limit": 1});
        Ok(Call::get(self.ask("find", &body)?, move |response| {
            let objects: Rows<BoomObject> = answer::data(&response)?;
            let missing = || Error::new(ErrorKind::NotFound, "BOOM has no light curve of this object");
            let object = objects.into_iter().next().ok_or_else(missing)??;
            Ok(light_curve(NAME, &id, Some(survey), object))
        }))
    }

    fn classifications(&self, subject: Subject<'_, BoomAlert>) -> Result<Call<Vec<Classification>>> {
        if let Some(alert) = subject.alert.filter(|alert| !alert.classifications.is_empty()) {
            return Ok(Call::Done(alert.classes()));
        }
        Ok(self.alert(subject.id)?.map(|alert| Ok(alert.classes())))
    }

    fn cutouts(&self, subject: Subject<'_, BoomAlert>) -> Result<Call<Vec<Cutout>>> {
        let id = subject.alert.map_or(subject.id, |alert| alert.object_id.as_str());
        let survey = known_survey(id)?;
        let request = self.root.get(&["surveys", survey.word(), "cutouts"]);
        Ok(stamps::call(request, &subject, id))
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<BoomQuery> {
        Ok(BoomQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..BoomQuery::default() })
    }

    fn name_query(&self, name: &str) -> Result<BoomQuery> {
        Ok(BoomQuery { object_id: Some(name.to_owned()), ..BoomQuery::default() })
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        answer::explain(response, REFUSED, FAILED)
    }
}

/// The name of the one cone of a search.
const CONE: &str = "query";

/// The filter of a query, in Mongo's words.
fn filter(query: &BoomQuery) -> Result<Value> {
    let mut ours = Map::new();
    if let Some(id) = &query.object_id {
        ours.insert("objectId".to_owned(), id.as_str().into());
    }
    if let Some(candid) = query.candid {
        ours.insert("_id".to_owned(), candid.into());
    }
    let score = format!("candidate.{}", query.survey().score());
    for (key, low, high) in [
        ("candidate.jd", query.start_jd(), query.end_jd()),
        ("candidate.magpsf", query.magpsf_min, query.magpsf_max),
        (score.as_str(), query.score_min, query.score_max),
    ] {
        let ends: Map<_, _> = [("$gte", low), ("$lte", high)]
            .into_iter()
            .filter_map(|(word, end)| Some((word.to_owned(), end?.into())))
            .collect();
        if !ends.is_empty() {
            ours.insert(key.to_owned(), ends.into());
        }
    }
    for (key, wanted) in [
        ("candidate.isdiffpos", query.is_positive),
        ("properties.rock", query.is_rock),
        ("properties.star", query.is_star),
        ("properties.near_brightstar", query.is_near_brightstar),
        ("properties.stationary", query.is_stationary),
    ] {
        if let Some(wanted) = wanted {
            ours.insert(key.to_owned(), wanted.into());
        }
    }
    let Some(theirs) = &query.filter else { return Ok(ours.into()) };
    let theirs: Value = serde_json::from_str(theirs)
        .map_err(|e| Error::new(ErrorKind::Input, "the filter is no JSON").because(e))?;
    Ok(if ours.is_empty() { theirs } else { json!({"$and": [theirs, ours]}) })
}

impl Boom {
    /// How many alerts of a survey a filter in Mongo's words has.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the filter is no object.
    pub fn count(&self, survey: BoomSurvey, filter: &Value) -> Result<Call<u64>> {
        if !filter.is_object() {
            return Err(Error::new(ErrorKind::Input, "a filter is a JSON object"));
        }
        let body = json!({"catalog_name": format!("{survey}_alerts"), "filter": filter});
        Ok(Call::get(self.ask("count", &body)?, |response| answer::data(&response)))
    }

    /// The catalogues that the account may read, as the service has them.
    ///
    /// # Errors
    /// None here; the call fails as any other.
    pub fn catalogues(&self) -> Result<Call<Value>> {
        Ok(Call::get(self.root.get(&["catalogs"]), |response| answer::data(&response)))
    }

    /// The account's own filters on the live stream, as the service has them.
    ///
    /// # Errors
    /// None here; the call fails as any other.
    pub fn filters(&self) -> Result<Call<Value>> {
        Ok(Call::get(self.root.get(&["filters"]), |response| answer::data(&response)))
    }

    /// A question, which changes nothing at the service. A failure with status 500 is mostly the
    /// query's fault, so it is not asked again.
    fn ask(&self, what: &str, body: &Value) -> Result<Request> {
        Ok(self.root.post(&["queries", what]).json(body)?.idempotent(true).accept_status(500))
    }

    fn newest(&self, survey: BoomSurvey, filter: &Value) -> Result<Request> {
        let body = json!({
            "catalog_name": format!("{survey}_alerts"), "filter": filter, "sort": {"candidate.jd": -1}, "limit": 1
        });
        self.ask("find", &body)
    }
}
