//! The listings: the request of a query, and what the answer says.

use std::collections::HashMap;

use serde::de::IgnoredAny;

use super::Fink;
use super::columns;
use super::packet::FinkPacket;
use super::query::{Ask, Cone, FinkQuery};
use super::services::TnsName;
use crate::plugin::*;

type Items = Vec<Result<Alert<FinkPacket>>>;

/// The most rows that the service reads in one go; it says nothing of the rest.
pub(super) const MOST_ROWS: u32 = 10_000;

/// How far from its place at TNS an object may be, arcsec.
const SAME_PLACE: f64 = 2.0;

/// The request of a listing. Every listing is one answer: the services have no pages.
pub(super) fn request(fink: &Fink, query: &FinkQuery) -> Result<Request> {
    let survey = query.survey();
    let nothing = || Error::new(ErrorKind::Input, "the query asks for nothing");
    match query.ask().ok_or_else(nothing)? {
        Ask::Objects(ids) => objects(fink, survey, &ids.join(","), wanted(query, survey, &[])),
        Ask::Class(class) => {
            let mut arguments = json!({"class": class, "n": query.most()});
            put(&mut arguments, "trend", query.trend.map(|trend| trend.word()));
            put_times(&mut arguments, query, Survey::Ztf);
            put(&mut arguments, "columns", wanted(query, Survey::Ztf, &[]));
            fink.roots.ask(survey, "latests", &arguments)
        }
        Ask::Tag(tag) => {
            let mut arguments = json!({"tag": tag, "n": query.most()});
            put_times(&mut arguments, query, Survey::Ztf);
            put(&mut arguments, "columns", wanted(query, survey, &[]));
            fink.roots.ask(survey, "tags", &arguments)
        }
        Ask::Cone(cone) => {
            let mut arguments = at(cone);
            put_times(&mut arguments, query, survey);
            if survey == Survey::Lsst {
                put(&mut arguments, "columns", wanted(query, survey, columns::LSST_CONE));
            }
            fink.roots.ask(survey, "conesearch", &arguments)
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
    fink.roots.ask(survey, route, &arguments)
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
    fink.roots.ask(survey, "sso", &arguments)
}

/// A cone. The service cuts the rows before it looks at the distance, so all that it reads are
/// asked for: with fewer the object that is meant could be lost in a crowded field.
fn at(cone: Cone) -> Value {
    json!({"ra": sky::wrap_degrees(cone.ra), "dec": cone.dec, "radius": cone.radius, "n": MOST_ROWS})
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

/// The dates as the service reads them: UTC, but TAI for LSST's cones.
fn put_times(arguments: &mut Value, query: &FinkQuery, scale: Survey) {
    // An MJD is good to a microsecond, which must not cost the second.
    const MILLISECOND: f64 = 1e-3 / 86_400.0;
    let text = |utc: DateTime<Utc>| {
        let read = match scale {
            Survey::Ztf => None,
            Survey::Lsst => time::utc_from_mjd(time::tai_mjd_from_utc(utc) + MILLISECOND),
        };
        read.unwrap_or(utc).format("%Y-%m-%d %H:%M:%S").to_string()
    };
    let since = |days: f64| time::utc_from_mjd(time::mjd_from_utc(Utc::now()) - days);
    put(arguments, "startdate", query.startdate.or_else(|| query.days_back().and_then(since)).map(text));
    put(arguments, "stopdate", query.stopdate.map(text));
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
    match query.ask() {
        Some(Ask::Cone(_)) => {
            let most = query.n.map_or(usize::MAX, |n| n as usize);
            if items.len() > most {
                notes.push(format!("{} more objects are in the cone, farther out", items.len() - most));
                items.truncate(most);
            }
        }
        Some(Ask::Class(_) | Ask::Tag(_)) if came >= query.most() as usize => {
            notes.push(format!("as many alerts as n asked for came ({came}), so there may be more"));
        }
        _ => {}
    }
    if came >= MOST_ROWS as usize {
        notes.push(format!("the service gives {MOST_ROWS} rows at most, so some may be missing"));
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
                (id, fink.latest(survey, id, Some(needed(survey, &[]).join(","))))
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
    /// The newest alert of an object by its id.
    pub(super) fn latest(
        &self,
        survey: Survey,
        id: &str,
        columns: Option<String>,
    ) -> Result<Call<Alert<FinkPacket>>> {
        let request = objects(self, survey, id, columns)?;
        let id = id.to_owned();
        Ok(Call::get(request, move |response| {
            let wanted = std::slice::from_ref(&id);
            let own = rows(&response)?.into_iter();
            newest(own.filter(|item| item.as_ref().map_or(true, |alert| is_one_of(alert, wanted))), &id)
        }))
    }

    /// The object nearest to a place, for one that is called `name`.
    fn nearest(&self, survey: Survey, cone: Cone, name: &str) -> Result<Call<Alert<FinkPacket>>> {
        let mut arguments = at(cone);
        if survey == Survey::Lsst {
            put(&mut arguments, "columns", Some(needed(survey, columns::LSST_CONE).join(",")));
        }
        let name = name.to_owned();
        Ok(Call::get(self.roots.ask(survey, "conesearch", &arguments)?, move |response| {
            let first = rows(&response)?.into_iter().next();
            first.unwrap_or_else(|| {
                let text = format!("{survey} has no alert within {SAME_PLACE} arcsec of its place at TNS");
                Err(Error::new(ErrorKind::NotFound, text).with("name", name))
            })
        }))
    }
}

/// The newest of some alerts; what cannot be read is told only when nothing can.
pub(super) fn newest(
    items: impl Iterator<Item = Result<Alert<FinkPacket>>>,
    name: &str,
) -> Result<Alert<FinkPacket>> {
    let (mut best, mut fault): (Option<Alert<FinkPacket>>, _) = (None, None);
    for item in items {
        match item {
            Ok(alert) if best.as_ref().is_none_or(|best| alert.time() > best.time()) => best = Some(alert),
            Ok(_) => {}
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    best.ok_or_else(|| fault.unwrap_or_else(|| unknown(name)))
}

/// The service answers with no rows to a name that it does not know.
pub(super) fn unknown(name: &str) -> Error {
    let text = "no such object; Fink is asked by an object's name, not by the id of an alert";
    Error::new(ErrorKind::NotFound, text).with("name", name)
}
