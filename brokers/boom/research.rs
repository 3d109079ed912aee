//! BOOM's own API: catalogues of alerts that are asked in Mongo's words, for research accounts.

use std::collections::VecDeque;

use super::Pages;
use super::access::{Access, Door};
use super::answer::{self, Place};
use super::object::{BoomObject, light_curve};
use super::packet::BoomAlert;
use super::query::{BoomConfig, BoomQuery, BoomSurvey};
use super::stamps;
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
    .checked("2026-11-30", "server of 2026-08-19, boom-client 0.2.0 (client)")
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
        // Behind the last id rather than by a count, which would change with every alert that comes in.
        let place = Place::of(at)?;
        let skip = if place.last.is_some() { 0 } else { place.skip };
        let mut body = json!({
            "catalog_name": catalogue,
            "filter": behind(filter(query)?, place.last),
            "sort": {"_id": 1},
            "limit": query.page_size(),
            "skip": skip,
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
        let is_cone = !is_pipeline && query.cone().is_some();
        let (items, odd) = wire::left_out(|| answer::alerts(&response, is_cone));
        // A pipeline says itself how much comes, and it comes at once.
        let size = (!is_pipeline).then(|| query.page_size());
        Ok(answer::page(items?, Place::of(at)?, size, query.max_pages).with_left_out(odd))
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
        let catalogues = match id.parse::<i64>() {
            // Digits are an LSST object, or an alert of any survey.
            Ok(number) => vec![
                (BoomSurvey::Lsst, json!({"$or": [{"_id": number}, {"objectId": id}]})),
                (BoomSurvey::Ztf, json!({"_id": number})),
                (BoomSurvey::Decam, json!({"_id": number})),
                (BoomSurvey::Winter, json!({"_id": number})),
            ],
            Err(_) => surveys_of(id)?.iter().map(|survey| (*survey, json!({"objectId": id}))).collect(),
        };
        let asks = catalogues.into_iter().map(|(survey, filter)| Ok((survey, self.newest(survey, &filter)?)));
        let missing = "no such object or alert, or no access to its survey";
        first_of(asks.collect::<Result<_>>()?, missing, |_, response| {
            answer::alerts(response, false)?.into_iter().next().transpose()
        })
    }

    fn recognises(&self, name: &str) -> bool {
        // A name of no known shape may be anyone's.
        BoomSurvey::of_id(name).is_some()
    }

    fn reduced_data(&self, subject: Subject<'_, BoomAlert>) -> Result<Call<ReducedData>> {
        let id = answer::object_of(&subject).to_owned();
        let ask = |survey: &BoomSurvey| {
            let catalogue = format!("{survey}_alerts_aux");
            let body = json!({"catalog_name": catalogue, "filter": {"_id": id}, "limit": 1});
            Ok((*survey, self.ask("find", &body)?))
        };
        let asks = surveys_of(&id)?.iter().map(ask).collect::<Result<_>>()?;
        first_of(asks, "BOOM has no light curve of this object", move |survey, response| {
            let (objects, odd) = wire::left_out(|| answer::data::<Rows<BoomObject>>(response));
            let object = objects?.into_iter().next().transpose()?;
            Ok(object.map(|object| light_curve(NAME, &id, Some(survey), object, odd)))
        })
    }

    fn classifications(&self, subject: Subject<'_, BoomAlert>) -> Result<Call<Vec<Classification>>> {
        if let Some(alert) = subject.alert.filter(|alert| !alert.classifications.is_empty()) {
            return Ok(Call::Done(alert.classes()));
        }
        Ok(self.alert(subject.id)?.map(|alert| Ok(alert.classes())))
    }

    fn cutouts(&self, subject: Subject<'_, BoomAlert>) -> Result<Call<Vec<Cutout>>> {
        let id = answer::object_of(&subject);
        let ask = |survey: &BoomSurvey| {
            let request = self.root.get(&["surveys", survey.word(), "cutouts"]);
            (*survey, stamps::request(request, &subject, id))
        };
        let asks = surveys_of(id)?.iter().map(ask).collect();
        first_of(asks, "BOOM has no cutouts of this object", |_, response| stamps::read(response).map(Some))
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<BoomQuery>> {
        let cone = |survey| BoomQuery {
            survey: Some(survey),
            ra: Some(ra),
            dec: Some(dec),
            radius: Some(radius),
            ..BoomQuery::default()
        };
        Ok(vec![cone(BoomSurvey::Ztf), cone(BoomSurvey::Lsst)])
    }

    fn name_query(&self, name: &str) -> Result<Vec<BoomQuery>> {
        let survey = BoomSurvey::of_id(name.trim());
        if survey.is_none() {
            let text =
                "only ids of ZTF and LSST say of which survey they are; list by object_id with a survey";
            return Err(Error::new(ErrorKind::Input, text).with("name", name));
        }
        let object_id = Some(name.trim().to_owned());
        Ok(vec![BoomQuery { survey, object_id, ..BoomQuery::default() }])
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        answer::explain(response, REFUSED, FAILED)
    }
}

/// The surveys that may have an object, by the shape of its id: one of no known shape is DECam's or
/// WINTER's.
fn surveys_of(id: &str) -> Result<&'static [BoomSurvey]> {
    let letters = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    Ok(match BoomSurvey::of_id(id) {
        Some(BoomSurvey::Lsst) => &[BoomSurvey::Lsst],
        Some(_) => &[BoomSurvey::Ztf],
        None if letters && (1..=40).contains(&id.len()) => &[BoomSurvey::Decam, BoomSurvey::Winter],
        None => {
            return Err(
                Error::new(ErrorKind::Input, "an id has letters, digits, _ and - only").with("id", id)
            );
        }
    })
}

/// What the first of some surveys has; one that has nothing, or that the account may not read, is
/// passed over.
fn first_of<T: Send + 'static>(
    mut asks: VecDeque<(BoomSurvey, Request)>,
    missing: &'static str,
    read: impl Fn(BoomSurvey, &Response) -> Result<Option<T>> + Send + 'static,
) -> Result<Call<T>> {
    let nothing = || Error::new(ErrorKind::NotFound, missing);
    let (survey, request) = asks.pop_front().ok_or_else(nothing)?;
    Ok(Call::step(request, move |answer| match answer.and_then(|response| read(survey, &response)) {
        Ok(Some(found)) => Ok(Call::Done(found)),
        Ok(None) => first_of(asks, missing, read),
        Err(error) if error.kind() == ErrorKind::NotFound && !asks.is_empty() => {
            first_of(asks, missing, read)
        }
        Err(error) => Err(error),
    }))
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

/// The filter for what comes behind an id.
fn behind(filter: Value, last: Option<i64>) -> Value {
    match last {
        Some(last) => json!({"$and": [filter, {"_id": {"$gt": last}}]}),
        None => filter,
    }
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
