//! Searching: what is asked of the API, the web search and the staging files, and which of the
//! objects that come answer the query.

use super::endpoints::{Endpoints, cone};
use super::envelope;
use super::names;
use super::packet::{PhotometryRow, TnsPacket};
use super::query::{Classified, Numbers, Staging, TnsQuery};
use super::tables;
use crate::plugin::*;

/// Rows of a page of the web search.
const WEB_PAGE: usize = 50;

/// One hit of a search: a name, and no more.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SearchHit {
    /// The IAU name without prefix.
    #[serde(deserialize_with = "wire::id")]
    pub objname: String,
    /// `AT`, `SN`, …
    #[serde(default, deserialize_with = "wire::filled_or_none")]
    pub prefix: Option<String>,
    /// TNS's number.
    #[serde(default, deserialize_with = "wire::whole_or_none")]
    pub objid: Option<i64>,
}

/// The hits of a search; an older answer holds them deeper.
///
/// # Errors
/// [`ErrorKind::Unreadable`] when there is no list.
pub fn read_hits(response: &Response) -> Result<Rows<SearchHit>> {
    envelope::list(response)
}

/// A coordinate as the service bears it: with more decimals it fails with status 500.
pub(super) fn degrees(angle: f64) -> String {
    let text = format!("{angle:.6}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// The first request of a listing, or that of its next page.
pub(super) fn request(
    endpoints: &Endpoints,
    query: &TnsQuery,
    numbers: &Numbers,
    at: &Cursor,
    now: DateTime<Utc>,
) -> Result<Request> {
    if let Some(file) = query.staging.as_deref().and_then(Staging::of) {
        let request = endpoints.file(&["system", "files", "tns_public_objects", &file.file()])?;
        return Ok(request.accept_status(404));
    }
    if over_web(endpoints, query) {
        if query.days_from_nondet.is_some() {
            let text = "the web search brings no photometry to tell this by; leave it out, or ask the API with a key";
            let fault = Problem::new("days_from_nondet", text);
            return Err(Error::from_problems(ErrorKind::Input, vec![fault]));
        }
        return Ok(web(endpoints, query, numbers, at.number(0)?, now));
    }
    let request = endpoints.ask(&["get", "search"], &Value::Object(data(query, numbers, now)))?;
    Ok(if query.ra.is_some() { cone(request) } else { request })
}

pub(super) fn over_web(endpoints: &Endpoints, query: &TnsQuery) -> bool {
    query.web.unwrap_or(!endpoints.has_key())
}

/// What is asked: the key of the API, that of the web's own form, and the value; a key that is empty
/// is not there.
fn asked(
    query: &TnsQuery,
    numbers: &Numbers,
    now: DateTime<Utc>,
) -> Vec<(&'static str, &'static str, Value)> {
    let mut asked = Vec::new();
    let mut set = |api: &'static str, web: &'static str, value: Option<Value>| {
        asked.extend(value.map(|value| (api, web, value)));
    };
    let flag = |yes: bool| Value::from(u8::from(yes));
    let name = query.target_name.as_deref().map(names::asked);
    set("objname", "name", name.as_deref().map(Value::from));
    set("objname_exact_match", "", name.as_ref().map(|_| flag(!query.partial_name)));
    set("", "name_like", name.map(|_| flag(query.partial_name)));
    let name = query.internal_name.as_deref().map(str::trim);
    set("internal_name", "internal_name", name.map(Value::from));
    set("internal_name_exact_match", "", name.map(|_| flag(!query.partial_name)));
    set("objid", "objid", query.objid.map(Value::from));
    if let (Some(ra), Some(dec), Some(radius)) = (query.ra, query.dec, query.radius) {
        set("ra", "ra", Some(degrees(sky::wrap_degrees(ra)).into()));
        set("dec", "decl", Some(degrees(dec).into()));
        set("radius", "radius", Some(radius.to_string().into()));
        set("units", "coords_unit", Some(query.units.unwrap_or_default().word().into()));
    }
    let day = |time: DateTime<Utc>| Value::from(time.format("%Y-%m-%d").to_string());
    set("discovery_date_start", "discovery_date_start", query.discovered_from(now).map(day));
    set("discovery_date_end", "discovery_date_end", query.max_date.map(day));
    let second = |time: DateTime<Utc>| Value::from(time.format("%Y-%m-%d %H:%M:%S").to_string());
    set("public_timestamp", "public_timestamp", query.modified_from(now).map(second));
    let days = query.reported_days;
    set("reported_period_value", "reported_within_last_value", days.map(Value::from));
    set("reported_period_units", "reported_within_last_units", days.map(|_| "days".into()));
    // `classified_sne` would leave out what is classified as no supernova.
    let unclassified = query.classified == Some(Classified::No);
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    for (key, value) in [
        ("discovery_mag_min", query.discovery_mag_min.map(Value::from)),
        ("discovery_mag_max", query.discovery_mag_max.map(Value::from)),
        ("unclassified_at", unclassified.then(|| flag(true))),
        ("include_frb", query.include_frb.then(|| flag(true))),
        ("redshift_min", query.redshift_min.map(Value::from)),
        ("redshift_max", query.redshift_max.map(Value::from)),
        ("spectra_count", query.spectra_count.map(Value::from)),
        ("hostname", text(&query.hostname)),
        ("discoverer", text(&query.discoverer)),
        ("classifier", text(&query.classifier)),
    ] {
        set(key, key, value);
    }
    for (api, web, ids) in [
        ("objtype", "objtype[]", &numbers.objtype),
        ("at_type", "at_type[]", &numbers.at_type),
        ("reporting_groupid", "reporting_groupid[]", &numbers.reporting_group),
        ("data_source_groupid", "data_source_groupid[]", &numbers.data_source_group),
        ("classifier_groupid", "classifier_groupid[]", &numbers.classifier_group),
        ("discovery_instrument", "discovery_instrument[]", &numbers.discovery_instrument),
        ("classification_instrument", "classification_instrument[]", &numbers.classification_instrument),
    ] {
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        set(api, web, (!ids.is_empty()).then(|| ids.into()));
    }
    asked
}

/// The keys of a search: those that are given, none of them null.
fn data(query: &TnsQuery, numbers: &Numbers, now: DateTime<Utc>) -> Map<String, Value> {
    let asked = asked(query, numbers, now).into_iter().filter(|(api, ..)| !api.is_empty());
    asked.map(|(api, _, value)| (api.to_owned(), value)).collect()
}

/// A page of the web search, in the words of its own form.
fn web(endpoints: &Endpoints, query: &TnsQuery, numbers: &Numbers, page: u64, now: DateTime<Utc>) -> Request {
    let text = |value: Value| match value {
        Value::String(text) => text,
        value => value.to_string(),
    };
    let mut request = endpoints.web_search();
    for (_, key, value) in asked(query, numbers, now).into_iter().filter(|(_, web, _)| !web.is_empty()) {
        request = match value {
            Value::Array(ids) => ids.into_iter().fold(request, |request, id| request.query(key, text(id))),
            value => request.query(key, text(value)),
        };
    }
    let request = if query.ra.is_some() { cone(request) } else { request };
    request.query("num_page", WEB_PAGE).query("page", page).query("format", "csv")
}

/// Reads a page: the names of the API, each with the call that brings the object, or whole rows.
pub(super) fn page(
    tns: &super::Tns,
    query: &TnsQuery,
    numbers: &Numbers,
    at: &Cursor,
    response: &Response,
    now: DateTime<Utc>,
) -> Result<Page<TnsPacket>> {
    let sieve = Sieve::new(query, numbers, now);
    if query.staging.is_some() {
        if response.status() == 404 {
            let text = "TNS has no such file; that of a day or an hour is written when it is over";
            return Err(Error::new(ErrorKind::NotFound, text).with_status(404));
        }
        let table = tables::read(&tables::unzip(response.body())?)?;
        let period = match (table.period, query.staging.as_deref().and_then(Staging::of)) {
            (Some(start), Some(file)) => {
                file.check(start, now)?;
                format!("the period of the file begins {}", start.format("%Y-%m-%d %H:%M:%S"))
            }
            _ => "the file does not say which period it is of".to_owned(),
        };
        // One call brings them all, so only a bound that was asked for holds.
        let most = query.max_objects.map_or(usize::MAX, |most| most as usize);
        let page = whole(table.rows, most, |packet| sieve.passes(packet) && sieve.passes_row(packet));
        return Ok(table.notes.into_iter().fold(page.with_note(period), Page::with_note));
    }
    if over_web(&tns.endpoints, query) {
        let number = at.number(0)?;
        let tables::Table { rows, notes, .. } = tables::read(response.body())?;
        let before = usize::try_from(number).unwrap_or(usize::MAX).saturating_mul(WEB_PAGE);
        let left = query.max_objects().saturating_sub(before);
        let full = rows.len() >= WEB_PAGE;
        let mut page = whole(rows, left.min(WEB_PAGE), |packet| sieve.passes(packet));
        if full && left > WEB_PAGE {
            page.next = Some(Cursor::new(number + 1));
            page = page.with_note(COUNTED);
        } else if full && page.notes.is_empty() {
            page = page.with_note(BOUND);
        }
        if number > 0 || page.next.is_some() {
            // Another page may have brought some.
            page.notes.retain(|note| note != NOTHING);
        }
        page.notes.extend(notes);
        return Ok(page);
    }
    let mut hits: Vec<_> = read_hits(response)?.0;
    let found = hits.len();
    // The service has no order; the newest first, so that a bound leaves out the oldest.
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.as_ref().ok().and_then(|hit| hit.objid)));
    hits.truncate(query.max_objects());
    let kept = hits.len();
    let slots = hits.into_iter().map(|hit| {
        let (hit, sieve) = (hit?, sieve.clone());
        let prefix = hit.prefix.as_deref().unwrap_or_default().trim();
        let asked = Asked::new(&hit.objname).named(format!("{prefix}{}", hit.objname));
        let call = tns.object(&hit.objname).map_err(|e| e.asking_for(asked.clone()))?;
        Ok(Slot::maybe(asked, call.map(move |alert| Ok(sieve.passes(&alert).then_some(alert)))))
    });
    let mut page = Page::of_slots(slots.collect(), None).with_total(u64::try_from(kept).ok());
    if found == 0 {
        page = page.with_note(NOTHING);
    }
    if kept < found {
        page = page.with_note(format!(
            "the newest {kept} of {found} objects as max_objects asks, for each costs a call"
        ));
    }
    Ok(page)
}

const COUNTED: &str = "the pages of the web search are counted: an object can be lost between two pages when others \
                       come in meanwhile";
const NOTHING: &str = "no object answers the query";
const BOUND: &str = "stopped as max_objects asks; there may be more";

/// A page of whole rows: those that answer the query, so many at most.
fn whole(rows: Vec<Result<TnsPacket>>, most: usize, passes: impl Fn(&TnsPacket) -> bool) -> Page<TnsPacket> {
    let mut fitting = rows.into_iter().filter(|row| row.as_ref().map_or(true, &passes));
    let items: Vec<_> = fitting.by_ref().take(most).map(|row| row.and_then(Alert::remade)).collect();
    let nothing = items.is_empty();
    let page = Page::new(items, None);
    if fitting.next().is_some() {
        page.with_note(BOUND)
    } else if nothing {
        page.with_note(NOTHING)
    } else {
        page
    }
}

/// What of a query only the object itself can show.
#[derive(Debug, Clone)]
struct Sieve {
    query: TnsQuery,
    numbers: Numbers,
    from: Option<DateTime<Utc>>,
    changed_from: Option<DateTime<Utc>>,
}

impl Sieve {
    fn new(query: &TnsQuery, numbers: &Numbers, now: DateTime<Utc>) -> Self {
        Self {
            query: query.clone(),
            numbers: numbers.clone(),
            from: query.discovered_from(now),
            changed_from: query.modified_from(now),
        }
    }

    /// What the search cannot be asked, or only by the day.
    fn passes(&self, packet: &TnsPacket) -> bool {
        let query = &self.query;
        let discovered = packet.discovered();
        let dated = self.from.is_none_or(|from| discovered.is_some_and(|time| time >= from))
            && query.max_date.is_none_or(|to| discovered.is_some_and(|time| time <= to));
        let classified = match query.classified.unwrap_or_default() {
            Classified::Any => true,
            Classified::Yes => packet.class().is_some(),
            Classified::No => packet.class().is_none(),
        };
        dated
            && classified
            && query.days_from_nondet.is_none_or(|most| days_dark(packet).is_some_and(|days| days <= most))
    }

    /// What a search would have been asked.
    fn passes_row(&self, packet: &TnsPacket) -> bool {
        let query = &self.query;
        let fits = |text: &str, wanted: &str| {
            if query.partial_name {
                text.to_lowercase().contains(&wanted.to_lowercase())
            } else {
                text.eq_ignore_ascii_case(wanted)
            }
        };
        let named =
            query.target_name.as_deref().is_none_or(|name| fits(&packet.objname, &names::asked(name)));
        let survey = query
            .internal_name
            .as_deref()
            .is_none_or(|name| packet.survey_names().any(|known| fits(known, name.trim())));
        let number =
            query.objid.is_none_or(|id| packet.objid.and_then(|own| u64::try_from(own).ok()) == Some(id));
        let near = query.ra.zip(query.dec).zip(query.radius).is_none_or(|((ra, dec), radius)| {
            let radius = query.units.unwrap_or_default().degrees(radius);
            packet.position().is_some_and(|(x, y)| sky::separation(ra, dec, x, y) <= radius)
        });
        let within = |value: Option<f64>, low: Option<f64>, high: Option<f64>| {
            low.is_none_or(|low| value.is_some_and(|value| value >= low))
                && high.is_none_or(|high| value.is_some_and(|value| value <= high))
        };
        let listed = |id: Option<i64>, ids: &[u32]| {
            ids.is_empty() || id.and_then(|id| u32::try_from(id).ok()).is_some_and(|id| ids.contains(&id))
        };
        let changed = packet.lastmodified.as_deref().and_then(time::parse_utc);
        named
            && survey
            && number
            && near
            && within(packet.discoverymag, query.discovery_mag_min, query.discovery_mag_max)
            && within(packet.redshift, query.redshift_min, query.redshift_max)
            && self.changed_from.is_none_or(|since| changed.is_some_and(|time| time >= since))
            && listed(packet.object_type.as_ref().and_then(|class| class.id), &self.numbers.objtype)
            && listed(
                packet.reporting_group.as_ref().and_then(|group| group.groupid),
                &self.numbers.reporting_group,
            )
            && listed(
                packet.discovery_data_source.as_ref().and_then(|group| group.groupid),
                &self.numbers.data_source_group,
            )
    }
}

/// Days between the last non-detection before the first detection and that; `None` where either is
/// missing. A limit is no detection, whatever its remarks say.
fn days_dark(packet: &TnsPacket) -> Option<f64> {
    let rows: Vec<PhotometryRow> = packet.photometry().ok()?.into_iter().flatten().collect();
    let dated = |row: &PhotometryRow| row.instant().ok();
    let first = rows.iter().filter(|row| row.is_detection()).filter_map(dated).min()?;
    let limits = rows.iter().filter(|row| !row.is_detection() && row.depth().is_some());
    let last = limits.filter_map(dated).filter(|time| *time < first).max()?;
    Some((first - last).num_milliseconds() as f64 / 86_400_000.0)
}
