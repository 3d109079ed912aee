//! The listings: the request of a query, and what the answer says.

use std::collections::HashMap;

use serde::de::IgnoredAny;

use super::Fink;
use super::columns;
use super::packet::FinkPacket;
use super::query::{Ask, Cone, ConeKind, FinkQuery};
use super::services::TnsName;
use crate::plugin::*;

type Items = Vec<Result<Alert<FinkPacket>>>;

/// The most rows that the service reads in one go where it is not told how many; it says nothing of the rest.
pub(super) const MOST_ROWS: u32 = 10_000;

/// How many more alerts than wanted are asked for where the end of a window is given: so many and more
/// cannot lie between that end and the one that is asked for, a minute later at most.
const BEYOND: u32 = 1_000;

/// How far from its place at TNS an object may be, arcsec.
const SAME_PLACE: f64 = 2.0;

/// The request of a listing. Every listing is one answer: the services have no pages.
pub(super) fn request(fink: &Fink, query: &FinkQuery) -> Result<Request> {
    let survey = query.survey();
    let nothing = || Error::new(ErrorKind::Input, "the query asks for nothing");
    match query.ask().ok_or_else(nothing)? {
        Ask::Objects(ids) => objects(fink, survey, &ids.join(","), wanted(query, survey, &[])),
        Ask::Class(class) => {
            let mut arguments = json!({"class": class, "n": most_asked(query)});
            put(&mut arguments, "trend", query.trend.map(|trend| trend.word()));
            put_window(&mut arguments, query, survey);
            put(&mut arguments, "columns", wanted(query, Survey::Ztf, &[]));
            fink.endpoints.ask(survey, "latests", &arguments)
        }
        Ask::Tag(tag) => {
            let mut arguments = json!({"tag": tag, "n": most_asked(query)});
            put_window(&mut arguments, query, survey);
            put(&mut arguments, "columns", wanted(query, survey, &[]));
            fink.endpoints.ask(survey, "tags", &arguments)
        }
        Ask::Cone(cone) => {
            let mut arguments = at(cone, query.n);
            match survey {
                Survey::Ztf => put_window(&mut arguments, query, survey),
                Survey::Lsst => put_dates(&mut arguments, query),
            }
            if survey == Survey::Lsst {
                put(&mut arguments, "columns", wanted(query, survey, columns::LSST_CONE));
            }
            fink.endpoints.ask(survey, "conesearch", &arguments)
        }
        Ask::Sso(names) => {
            let beside = if survey == Survey::Lsst { columns::LSST_SSO } else { &[] };
            solar_system(fink, survey, &names.join(","), wanted(query, survey, beside))
        }
        Ask::Tns(name) => fink.tns_request(survey, name, false),
    }
}

/// The alerts of objects.
pub(super) fn objects(fink: &Fink, survey: Survey, ids: &str, columns: Option<String>) -> Result<Request> {
    let (route, key) = match survey {
        Survey::Ztf => ("objects", "objectId"),
        Survey::Lsst => ("sources", "diaObjectId"),
    };
    // An id goes out as text: LSST's service fails on a number.
    let mut arguments = json!({ key: ids });
    put(&mut arguments, "columns", columns);
    fink.endpoints.ask(survey, route, &arguments)
}

/// The alerts of solar-system objects.
pub(super) fn solar_system(
    fink: &Fink,
    survey: Survey,
    names: &str,
    columns: Option<String>,
) -> Result<Request> {
    let mut arguments = json!({"n_or_d": names});
    put(&mut arguments, "columns", columns);
    fink.endpoints.ask(survey, "sso", &arguments)
}

/// A cone. The service cuts the rows before it looks at the distance, so all that it reads are
/// asked for: with fewer the object that is meant could be lost in a crowded field.
fn at(cone: Cone, n: Option<u32>) -> Value {
    let n = n.unwrap_or_default().max(MOST_ROWS);
    json!({"ra": sky::wrap_degrees(cone.ra), "dec": cone.dec, "radius": cone.radius, "n": n})
}

/// The columns that are needed and those that are asked for; `None` for every one.
fn wanted(query: &FinkQuery, survey: Survey, beside: &[&str]) -> Option<String> {
    if query.all_columns {
        return None;
    }
    let mut columns = needed(survey, beside);
    for column in query.columns.iter().map(|column| column.trim()) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    Some(columns.join(","))
}

/// The columns that the packets of a survey read.
pub(super) fn needed<'a>(survey: Survey, beside: &[&'a str]) -> Vec<&'a str> {
    let own = match survey {
        Survey::Ztf => columns::ZTF,
        Survey::Lsst => columns::LSST,
    };
    own.iter().chain(beside).copied().collect()
}

fn put(arguments: &mut Value, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        arguments[key] = value.into();
    }
}

/// How many alerts are asked for of a class or tag.
fn most_asked(query: &FinkQuery) -> u32 {
    query.most().saturating_add(if query.stopdate.is_some() { BEYOND } else { 0 })
}

/// When a query's window begins: at the date given, or so many days ago.
fn begin(query: &FinkQuery) -> Option<DateTime<Utc>> {
    let since = |days: f64| time::utc_from_mjd(time::mjd_from_utc(Utc::now()) - days);
    query.startdate.or_else(|| query.days_back().and_then(since))
}

/// The Unix time of an instant in the time scale of a survey's keys: UTC, but TAI for LSST; whole seconds.
fn seconds(survey: Survey, utc: DateTime<Utc>) -> i64 {
    let ahead = match survey {
        Survey::Ztf => 0.0,
        Survey::Lsst => (time::tai_mjd_from_utc(utc) - time::mjd_from_utc(utc)) * 86_400.0,
    };
    utc.timestamp().saturating_add(ahead.round() as i64)
}

fn as_text(seconds: i64) -> Option<String> {
    let time: DateTime<Utc> = DateTime::from_timestamp(seconds, 0)?;
    Some(time.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// The window where keys are compared as text. The lower end of a scan is made from the last digit of the
/// number, so a round time would cost hours; a time with a second of 1 has all the digits. Both ends
/// are the next such time outside of the window, and [`Window`] leaves out what is not in it.
fn put_window(arguments: &mut Value, query: &FinkQuery, survey: Survey) {
    const MINUTE: i64 = 60;
    let edge = |time: DateTime<Utc>, after: i64| {
        let seconds = seconds(survey, time);
        let since = seconds.saturating_sub(1).rem_euclid(MINUTE);
        as_text(seconds.saturating_sub(since).saturating_add(after))
    };
    let from = begin(query);
    // ZTF's cones take no notice of an end without a beginning.
    let both = from.is_some() || !matches!(query.ask(), Some(Ask::Cone(_)));
    put(arguments, "startdate", from.and_then(|time| edge(time, 0)));
    put(arguments, "stopdate", query.stopdate.filter(|_| both).and_then(|time| edge(time, MINUTE)));
}

/// The dates of LSST's cones, which are compared as numbers, in whole seconds outside of the window. Unless
/// the query says which kind it wants, the end is not sent: the service compares it with the last
/// detection, and would leave out what is still seen.
fn put_dates(arguments: &mut Value, query: &FinkQuery) {
    put(arguments, "startdate", begin(query).and_then(|time| as_text(seconds(Survey::Lsst, time))));
    if let Some(kind) = query.kind {
        let part = |time: DateTime<Utc>| i64::from(time.timestamp_subsec_nanos() > 0);
        let end = query.stopdate.map(|time| seconds(Survey::Lsst, time).saturating_add(part(time)));
        put(arguments, "stopdate", end.and_then(as_text));
        put(arguments, "kind", Some(kind.word()));
    }
}

/// What of the alerts that came lies in the window of a query: their own time, of a cone the first
/// detection of the object. An alert without that time stays.
struct Window {
    /// Its ends, MJD.
    from: Option<f64>,
    to: Option<f64>,
    cone: bool,
    kind: Option<ConeKind>,
}

impl Window {
    fn of(query: &FinkQuery) -> Self {
        /// A millisecond in days: a JD in one float is good to 40 µs.
        const SLACK: f64 = 1e-3 / 86_400.0;
        Self {
            from: query.startdate.map(|time| time::mjd_from_utc(time) - SLACK),
            to: query.stopdate.map(|time| time::mjd_from_utc(time) + SLACK),
            cone: matches!(query.ask(), Some(Ask::Cone(_))),
            kind: query.kind,
        }
    }

    fn holds(&self, alert: &FinkPacket) -> bool {
        let (first, last) = match (self.cone, self.kind) {
            (false, _) => (alert.time(), alert.time()),
            (true, None) => (alert.first(), alert.first()),
            (true, Some(ConeKind::Within)) => (alert.first(), alert.time()),
            // What was seen between the dates, the latest alert does not tell.
            (true, Some(ConeKind::Across)) => (None, None),
        };
        let early = self.from.zip(first).is_some_and(|(from, first)| time::mjd_from_utc(first) < from);
        let late = self.to.zip(last).is_some_and(|(to, last)| time::mjd_from_utc(last) > to);
        !early && !late
    }
}

/// Tells how many alerts the survey withdrew.
pub(super) fn withdrawn_note(count: usize) -> String {
    let alerts = if count == 1 { "alert" } else { "alerts" };
    format!("{count} {alerts} that the survey withdrew left out")
}

/// Reads the alerts of an answer.
pub(super) fn rows(response: &Response) -> Result<Items> {
    response.items::<FinkPacket, IgnoredAny>(None).map(|(items, _)| items)
}

/// Reads a listing.
pub(super) fn page(fink: &Fink, query: &FinkQuery, response: &Response) -> Result<Page<FinkPacket>> {
    let survey = query.survey();
    if let Some(Ask::Tns(name)) = query.ask() {
        return by_tns_name(fink, survey, name, response);
    }
    let mut items = rows(response)?;
    let came = items.len();
    let mut notes = Vec::new();
    if let Some(Ask::Objects(ids)) = query.ask() {
        items.retain(|item| item.as_ref().map_or(true, |alert| is_one_of(alert, ids)));
    }
    let window = Window::of(query);
    items.retain(|item| item.as_ref().map_or(true, |alert| window.holds(alert)));
    let most = query.most() as usize;
    match query.ask() {
        Some(Ask::Class(_) | Ask::Tag(_)) if items.len() >= most => {
            notes.push(format!("as many alerts as n asked for came ({most}), so there may be more"));
            items.truncate(most);
        }
        Some(Ask::Class(_) | Ask::Tag(_)) if came >= most_asked(query) as usize => {
            notes.push(format!("the service ended its answer after {came} alerts, so some may be missing"));
        }
        _ => {}
    }
    let standing = items.len();
    items.retain(|item| item.as_ref().map_or(true, |alert| !alert.is_withdrawn()));
    if items.len() < standing {
        notes.push(withdrawn_note(standing - items.len()));
    }
    let all = items.len();
    if query.history {
        // Whoever saves them keeps the newest.
        items.sort_by_key(|item| item.as_ref().ok().and_then(|alert| alert.time()));
    } else {
        items = latest_of_each(items);
    }
    if items.len() < all {
        let (more, alerts) = (all - items.len(), if all - items.len() == 1 { "alert" } else { "alerts" });
        notes.push(format!("{more} older {alerts} of the same objects left out; history lists them"));
    }
    if matches!(query.ask(), Some(Ask::Cone(_))) {
        let most = query.n.map_or(usize::MAX, |n| n as usize);
        if items.len() > most {
            notes.push(format!("{} more objects are in the cone, farther out", items.len() - most));
            items.truncate(most);
        }
    }
    let counted = matches!(query.ask(), Some(Ask::Class(_) | Ask::Tag(_)));
    let cut = query.n.unwrap_or_default().max(MOST_ROWS);
    if !counted && came >= cut as usize {
        notes.push(format!("the service gives {cut} rows at most, so some may be missing"));
    }
    if items.is_empty() {
        notes.push(
            match query.ask() {
                Some(Ask::Class(_)) => {
                    "no alert answers the query; a class that does not exist answers the same"
                }
                _ => "no alert answers the query",
            }
            .to_owned(),
        );
    }
    Ok(notes.into_iter().fold(Page::new(items, None), Page::with_note))
}

/// Whether an alert is of one of these objects: the service takes an id for the beginning of one.
pub(super) fn is_one_of(alert: &FinkPacket, ids: &[String]) -> bool {
    alert.object_id().is_none_or(|id| ids.iter().any(|wanted| wanted == id))
}

/// The newest alert of each object, in the order of the first ones; those that cannot be read stay.
pub(super) fn latest_of_each(items: Items) -> Items {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(items.len());
    let mut kept: Items = Vec::with_capacity(items.len());
    for item in items {
        let place = match &item {
            // To ZTF each alert of a moving object is an object of its own.
            Ok(alert) => {
                let name = alert.sso_name().or_else(|| alert.name());
                name.map(|name| places.get(&*name).copied().ok_or_else(|| name.into_owned()))
            }
            Err(_) => None,
        };
        match place {
            Some(Ok(place)) => {
                let newer =
                    matches!((&item, &kept[place]), (Ok(one), Ok(other)) if one.time() > other.time());
                if newer {
                    kept[place] = item;
                }
            }
            Some(Err(name)) => {
                places.insert(name, kept.len());
                kept.push(item);
            }
            None => kept.push(item),
        }
    }
    kept
}

/// The objects that the resolver names; by their place where it gives no id of the survey.
fn by_tns_name(fink: &Fink, survey: Survey, name: &str, response: &Response) -> Result<Page<FinkPacket>> {
    let mut slots = Vec::new();
    let mut asked: Vec<String> = Vec::new();
    let names = response.json::<Rows<TnsName>>()?.into_iter().collect::<Vec<_>>();
    let with_id = |full: Option<&str>| {
        let mut rows = names.iter().flatten();
        survey == Survey::Ztf && rows.any(|row| row.full_name() == full && row.ztf_id().is_some())
    };
    for row in &names {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                slots.push(Err(Error::new(error.kind(), error.message().to_owned())));
                continue;
            }
        };
        let full = row.full_name().unwrap_or(name);
        let (id, call) = match (row.ztf_id().filter(|_| survey == Survey::Ztf), row.ra.zip(row.dec)) {
            (Some(id), _) if asked.iter().any(|known| known == id) => continue,
            (Some(id), _) => {
                asked.push(id.to_owned());
                (id, fink.latest(survey, id, None, Some(needed(survey, &[]).join(","))))
            }
            (None, _) if with_id(row.full_name()) => continue,
            (None, Some((ra, dec))) => {
                if asked.iter().any(|known| known == full) {
                    continue;
                }
                asked.push(full.to_owned());
                (full, fink.nearest(survey, Cone { ra, dec, radius: SAME_PLACE }, full))
            }
            (None, None) => continue,
        };
        let item = Asked::new(id).named(full);
        slots.push(match call {
            Ok(call) => Ok(Slot::ask(item, call)),
            Err(error) => Err(error.asking_for(item)),
        });
    }
    let empty = slots.is_empty();
    let page = Page::of_slots(slots, None);
    Ok(if empty { page.with_note("TNS has no object of this name, as far as Fink knows") } else { page })
}

impl Fink {
    /// The newest alert of an object by its id, or the one of this number.
    pub(super) fn latest(
        &self,
        survey: Survey,
        id: &str,
        alert: Option<String>,
        columns: Option<String>,
    ) -> Result<Call<Alert<FinkPacket>>> {
        let request = objects(self, survey, id, columns)?;
        let id = id.to_owned();
        Ok(Call::get(request, move |response| {
            let wanted = std::slice::from_ref(&id);
            let own = rows(&response)?.into_iter();
            let own = own.filter(|item| item.as_ref().map_or(true, |alert| is_one_of(alert, wanted)));
            newest(own, &id, alert.as_deref())
        }))
    }

    /// The object nearest to a place, for one that is called `name`.
    fn nearest(&self, survey: Survey, cone: Cone, name: &str) -> Result<Call<Alert<FinkPacket>>> {
        let mut arguments = at(cone, None);
        if survey == Survey::Lsst {
            put(&mut arguments, "columns", Some(needed(survey, columns::LSST_CONE).join(",")));
        }
        let name = name.to_owned();
        Ok(Call::get(self.endpoints.ask(survey, "conesearch", &arguments)?, move |response| {
            let mut alerts = rows(&response)?.into_iter();
            let first = alerts.find(|item| item.as_ref().map_or(true, |alert| !alert.is_withdrawn()));
            first.unwrap_or_else(|| {
                let text = format!("{survey} has no alert within {SAME_PLACE} arcsec of its place at TNS");
                Err(Error::new(ErrorKind::NotFound, text).with("name", name))
            })
        }))
    }
}

/// The newest of some alerts, or the one of this number; one that was withdrawn only where there is no
/// other. What cannot be read is told only when nothing can.
pub(super) fn newest(
    items: impl Iterator<Item = Result<Alert<FinkPacket>>>,
    name: &str,
    number: Option<&str>,
) -> Result<Alert<FinkPacket>> {
    let (mut best, mut fault): (Option<Alert<FinkPacket>>, _) = (None, None);
    let mut others = false;
    for item in items {
        match item {
            Ok(alert) if number.is_some_and(|number| alert.alert_id() != Some(number)) => others = true,
            Ok(alert) => {
                let rank = |alert: &FinkPacket| (!alert.is_withdrawn(), alert.time());
                if best.as_ref().is_none_or(|best| rank(&alert) > rank(best)) {
                    best = Some(alert);
                }
            }
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    best.ok_or_else(|| match (fault, number) {
        (Some(fault), _) => fault,
        (None, Some(number)) if others => Error::new(ErrorKind::NotFound, "the object has no such alert")
            .with("name", name)
            .with("alert", number),
        _ => unknown(name),
    })
}

/// The service answers with no rows to a name that it does not know.
pub(super) fn unknown(name: &str) -> Error {
    let text = "no such object; Fink is asked by the name of an object, not by the number of an alert alone";
    Error::new(ErrorKind::NotFound, text).with("name", name)
}
