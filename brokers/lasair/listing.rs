//! Listings of both surveys: a cone, ids or rows of a query, and the objects behind them in batches.

use super::endpoints::Endpoints;
use super::errors;
use super::facts::{Found, Parts};
use super::query::LasairQuery;
use super::sherlock::TnsEntry;
use super::sql;
use super::survey::{Batch, LasairSurvey, Packet};
use crate::plugin::*;

/// Rows a request: what every account may have at once.
const ROWS: u64 = 1000;

/// Numbers of rows at which the service cuts off, by the sort of account.
const CUTS: [u64; 3] = [1_000, 10_000, 1_000_000];

const NO_ID: &str = "the service gave an id that cannot be one";

/// A place in a listing.
enum Place {
    Cone(f64, f64, f64),
    Ids(Vec<Found>),
    Rows(u64),
}

fn place<S: LasairSurvey>(query: &LasairQuery<S>, at: &Cursor) -> Result<Place> {
    let lost = || Error::new(ErrorKind::Input, "the resume token does not fit this query; start anew");
    if at.is_start() {
        return Ok(match query.cone() {
            Some((ra, dec, radius)) => Place::Cone(ra, dec, radius),
            None if !query.object_id.is_empty() => {
                query.object_id.iter().try_for_each(|id| S::FACTS.known(id))?;
                Place::Ids(cut(query, query.object_id.iter().map(Found::new)))
            }
            None => Place::Rows(0),
        });
    }
    match at.as_str().split_once(':') {
        Some(("rows", number)) => number.parse().map(Place::Rows).map_err(|_| lost()),
        Some(("ids", list)) => list
            .split(',')
            .map(|word| read_found::<S>(word).ok_or_else(lost))
            .collect::<Result<_>>()
            .map(Place::Ids),
        _ => Err(lost()),
    }
}

/// A found object as a word of a cursor: `id` or `id@separation`.
fn write_found(found: &Found) -> String {
    found.separation.map_or_else(|| found.id.clone(), |separation| format!("{}@{separation}", found.id))
}

fn read_found<S: LasairSurvey>(word: &str) -> Option<Found> {
    let (id, separation) = match word.split_once('@') {
        Some((id, separation)) => (id, Some(separation.parse().ok()?)),
        None => (word, None),
    };
    S::FACTS.survey.has_id(id).then(|| Found { id: id.to_owned(), separation })
}

fn cursor_of(rest: &[Found]) -> Option<Cursor> {
    let words: Vec<_> = rest.iter().map(write_found).collect();
    (!rest.is_empty()).then(|| Cursor::new(format!("ids:{}", words.join(","))))
}

/// The part of a list that limit and offset leave, each object once.
fn cut<S: LasairSurvey>(query: &LasairQuery<S>, all: impl Iterator<Item = Found>) -> Vec<Found> {
    let mut known = std::collections::HashSet::new();
    let once = all.filter(|found| known.insert(found.id.clone()));
    once.skip(usize::try_from(query.offset()).unwrap_or(usize::MAX))
        .take(usize::try_from(query.limit()).unwrap_or(usize::MAX))
        .collect()
}

/// The first batch of a list and what is behind it.
fn batch<S: LasairSurvey>(found: &[Found]) -> (&[Found], &[Found]) {
    found.split_at(found.len().min(S::FACTS.batch))
}

/// The request of a part of a listing.
pub(super) fn request<S: LasairSurvey>(
    endpoints: &Endpoints,
    query: &LasairQuery<S>,
    at: &Cursor,
) -> Result<Request> {
    match place(query, at)? {
        Place::Cone(ra, dec, radius) => Ok(endpoints.cone(ra, dec, radius, "all")),
        Place::Ids(found) => Ok(S::batch(endpoints, batch::<S>(&found).0)),
        Place::Rows(done) => {
            let parts = sql::parts(&query.tables);
            let selected = match query.selected() {
                Some(selected) => with_id::<S>(selected),
                None if query.whole() => S::FACTS.id_column(),
                None => sql::columns(S::FACTS, parts),
            };
            let conditions = sql::ordered(S::FACTS, query.conditions());
            let limit = query.limit().saturating_sub(done).clamp(1, ROWS);
            let offset = query.offset().saturating_add(done);
            Ok(endpoints.query(&selected, &sql::tables(&query.tables), &conditions, limit, offset))
        }
    }
}

/// The columns that were asked for, with the id before them where it is not among them.
fn with_id<S: LasairSurvey>(selected: &str) -> String {
    let id = S::FACTS.id_column();
    let is_id =
        |column: &str| column == S::FACTS.id_key || column == id || ["*", "objects.*"].contains(&column);
    if selected.split(',').any(|column| is_id(column.trim())) {
        selected.to_owned()
    } else {
        format!("{id}, {selected}")
    }
}

/// Reads a part of a listing; what is bare in it is fetched by [`complete`].
pub(super) fn page<S: LasairSurvey>(
    query: &LasairQuery<S>,
    at: &Cursor,
    response: &Response,
) -> Result<Page<S::Packet>> {
    match place(query, at)? {
        Place::Cone(..) => cone_page(query, response),
        Place::Ids(found) => {
            let (now, rest) = batch::<S>(&found);
            Ok(Page::new(S::read_batch(now, response)?, cursor_of(rest)))
        }
        Place::Rows(done) => rows_page(query, done, response),
    }
}

/// An object that a cone found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ConeMatch {
    /// Its id.
    #[serde(deserialize_with = "wire::text")]
    pub object: Option<String>,
    /// Its distance from the centre, arcsec.
    #[serde(deserialize_with = "wire::number_or_none")]
    pub separation: Option<f64>,
}

/// What a cone found: ZTF's service sends a list, LSST's an object around it.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Cone {
    /// The objects, nearest first.
    pub objects: Vec<ConeMatch>,
    /// Entries that could not be read.
    pub failures: Vec<Error>,
}

impl Cone {
    /// Reads the answer of either service to `requestType=all`.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when it is neither.
    pub fn read(response: &Response) -> Result<Self> {
        #[derive(Deserialize)]
        struct Whole {
            objects: Rows<ConeMatch>,
        }
        if errors::nothing_there(response) {
            return Ok(Self::default());
        }
        let list = response.text()?.trim_start().starts_with('[');
        let rows = if list { response.json()? } else { response.json::<Whole>()?.objects };
        let mut cone = Self::default();
        for row in rows {
            match row {
                Ok(found) if found.object.is_some() => cone.objects.push(found),
                Ok(_) => {
                    cone.failures.push(Error::new(ErrorKind::Unreadable, "an object of the cone has no id"))
                }
                Err(error) => cone.failures.push(error),
            }
        }
        let key = |found: &ConeMatch| found.separation.unwrap_or(f64::INFINITY);
        cone.objects.sort_by(|a, b| key(a).total_cmp(&key(b)).then_with(|| a.object.cmp(&b.object)));
        Ok(cone)
    }
}

fn cone_page<S: LasairSurvey>(query: &LasairQuery<S>, response: &Response) -> Result<Page<S::Packet>> {
    let cone = Cone::read(response)?;
    let count = cone.objects.len() as u64;
    let mut faults: Vec<Error> = cone.failures;
    let mut found = Vec::new();
    for one in cone.objects {
        let id = one.object.unwrap_or_default();
        match S::FACTS.known(&id) {
            Ok(()) => found.push(Found { id, separation: one.separation }),
            Err(error) => faults.push(error.reworded(ErrorKind::Unreadable, NO_ID).with("id", &id)),
        }
    }
    let found = cut(query, found.into_iter());
    let (now, rest) = batch::<S>(&found);
    let mut items: Vec<_> = now.iter().map(bare::<S>).collect();
    items.extend(faults.into_iter().map(Err));
    let mut page = Page::new(items, cursor_of(rest)).with_total(Some(found.len() as u64));
    if !query.conditions().is_empty() {
        page = page.with_note("the conditions were left out: a cone goes before them");
    }
    if !query.tables.is_empty() {
        page = page.with_note("the tables were left out: a cone goes before them");
    }
    if found.is_empty() {
        page = page.with_note("no object lies in the cone");
    } else if count > query.offset().saturating_add(query.limit()) {
        page =
            page.with_note(format!("the cone holds {count} objects; limit left the nearest {}", found.len()));
    }
    Ok(page)
}

fn bare<S: LasairSurvey>(found: &Found) -> Result<Alert<S::Packet>> {
    let text = Envelope::of(S::FACTS.id_key, found).done();
    Ok(Alert::new(S::Packet::bare(found), text))
}

fn rows_page<S: LasairSurvey>(
    query: &LasairQuery<S>,
    done: u64,
    response: &Response,
) -> Result<Page<S::Packet>> {
    let parts = sql::parts(&query.tables);
    let mut items = read_rows::<S>(response, parts)?;
    let asked = query.limit().saturating_sub(done).clamp(1, ROWS);
    let beyond = (items.len() as u64).saturating_sub(asked);
    items.truncate(usize::try_from(asked).unwrap_or(usize::MAX));
    let got = items.len() as u64;
    let done = done.saturating_add(got);
    // Fewer rows than asked for are the last ones, unless the account has no right to more at once.
    let more = got > 0 && (got >= asked || CUTS.contains(&got));
    let next = (more && done < query.limit()).then(|| Cursor::new(format!("rows:{done}")));
    let items = items.into_iter().map(|item| {
        let (found, alert) = item?;
        // Rows of an id alone are filled in by the objects.
        if query.whole() && query.selected().is_none() { bare::<S>(&found) } else { alert }
    });
    let mut page = Page::new(items.collect(), next);
    if beyond > 0 {
        page = page.with_note(format!("the service gave {beyond} rows more than were asked for; left out"));
    }
    if done == 0 {
        page = page.with_note("no object answers the query");
    } else if more && done >= query.limit() {
        page = page.with_note(format!("stopped after {done} objects as limit asked; there may be more"));
    }
    Ok(page)
}

/// A row's object and what it says of it; a row without an id is an error by itself.
type Row<S> = Result<(Found, Result<Alert<<S as LasairSurvey>::Packet>>)>;

/// The rows of a query, each as a packet with the row in it.
pub(super) fn read_rows<S: LasairSurvey>(response: &Response, parts: Parts) -> Result<Vec<Row<S>>> {
    let (rows, Rest {}) = response.items::<Id, Rest>(None)?;
    let read = |row: Result<Alert<Id>>| {
        let row = row?;
        if !row.raw().trim_start().starts_with('{') {
            return Err(Error::new(ErrorKind::Unreadable, "the row is no object"));
        }
        let Some(id) = row.object_id.clone().or_else(|| row.dia_object_id.clone()) else {
            return Err(Error::new(ErrorKind::Unreadable, format!("the row has no {}", S::FACTS.id_key)));
        };
        S::FACTS.known(&id).map_err(|e| e.reworded(ErrorKind::Unreadable, NO_ID).with("id", &id))?;
        let found = Found::new(id);
        let packet = of_row(&found, row.raw(), parts, S::FACTS.id_key);
        Ok((found, packet))
    };
    Ok(rows.into_iter().map(read).collect())
}

/// A packet of a row.
fn of_row<P: Packet>(found: &Found, row: &str, parts: Parts, key: &str) -> Result<Alert<P>> {
    let bad = |e: serde_json::Error| Error::new(ErrorKind::Unreadable, "the row cannot be read").because(e);
    let mut packet = P::bare(found);
    packet.take_row(row).map_err(bad)?;
    let (sherlock, tns) = packet.surroundings();
    let mut text = Envelope::of(key, found).part("row", row);
    if parts.sherlock {
        *sherlock = Some(serde_json::from_str(row).map_err(bad)?);
        text = text.part("sherlock", row);
    }
    if parts.tns {
        let mut entry: TnsEntry = serde_json::from_str(row).map_err(bad)?;
        // A redshift beside Sherlock's columns is Sherlock's.
        entry.z = entry.z.filter(|_| !parts.sherlock);
        text = text.part("TNS", &serde_json::to_string(&entry).map_err(bad)?);
        *tns = Some(Box::new(entry));
    }
    Ok(Alert::new(packet, text.done()))
}

#[derive(Debug, Default, Deserialize)]
struct Rest {}

/// The id of a row, of either survey.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Id {
    #[serde(rename = "objectId", deserialize_with = "wire::text")]
    object_id: Option<String>,
    #[serde(rename = "diaObjectId", deserialize_with = "wire::text")]
    dia_object_id: Option<String>,
}

/// Fetches what a page has of an object beside its id, in the largest batches there are.
pub(super) fn complete<S: LasairSurvey>(
    endpoints: &Endpoints,
    mut page: Page<S::Packet>,
) -> Result<Call<Page<S::Packet>>> {
    let Items::Whole(items) = &page.items else { return Ok(Call::Done(page)) };
    let bare: Vec<(usize, Found)> = items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| Some((at, item.as_ref().ok().filter(|alert| alert.is_bare())?)))
        .map(|(at, alert)| (at, alert.found()))
        .collect();
    if bare.is_empty() {
        return Ok(Call::Done(page));
    }
    // Where only some are bare, a batch has been asked for already and left them so.
    let first = bare.len() == items.iter().filter(|item| item.is_ok()).count();
    let found: Vec<Found> = bare.iter().map(|(_, found)| found.clone()).collect();
    let whole = in_batches::<S>(endpoints, &found, first);
    Ok(whole.map(move |objects| {
        if let Items::Whole(items) = &mut page.items {
            for ((at, _), object) in bare.into_iter().zip(objects) {
                items[at] = object;
            }
        }
        Ok(page)
    }))
}

/// The objects of these ids in their order, in the largest batches there are.
pub(super) fn in_batches<S: LasairSurvey>(
    endpoints: &Endpoints,
    found: &[Found],
    first: bool,
) -> Call<Batch<S::Packet>> {
    let calls =
        found.chunks(S::FACTS.batch).map(|found| objects::<S>(endpoints, found.to_vec(), first)).collect();
    Call::all(calls, |results| {
        let batches = results.into_iter().collect::<Result<Vec<_>>>()?;
        Ok(batches.into_iter().flatten().collect())
    })
}

/// The objects of these ids in their order; one that the service does not have is an error in its place.
fn objects<S: LasairSurvey>(endpoints: &Endpoints, found: Vec<Found>, first: bool) -> Call<Batch<S::Packet>> {
    let rest = endpoints.clone();
    if !first {
        let bare = found.iter().map(bare::<S>).collect();
        return fill::<S>(&rest, found, bare);
    }
    Call::step(S::batch(endpoints, &found), move |answer| {
        let read = S::read_batch(&found, &answer?)?;
        Ok(fill::<S>(&rest, found, read))
    })
}

/// Asks once more for what a batch left bare.
fn fill<S: LasairSurvey>(
    endpoints: &Endpoints,
    found: Vec<Found>,
    mut read: Batch<S::Packet>,
) -> Call<Batch<S::Packet>> {
    let places: Vec<usize> =
        (0..read.len()).filter(|at| read[*at].as_ref().is_ok_and(|alert| alert.is_bare())).collect();
    let left: Vec<Found> = places.iter().filter_map(|at| found.get(*at).cloned()).collect();
    let Some(request) = S::rest(endpoints, &left).filter(|_| !left.is_empty()) else {
        return Call::Done(read);
    };
    Call::get(request, move |response| {
        let mut rows = by_id::<S>(&response, Parts::default())?;
        for (at, found) in places.into_iter().zip(left) {
            let row = rows.remove(&found.id).unwrap_or_else(|| Err(no_such(&found.id)));
            read[at] = row.map(|row| placed(row, &found));
        }
        Ok(read)
    })
}

type ById<P> = std::collections::HashMap<String, Result<Alert<P>>>;

/// Rows by their ids.
pub(super) fn by_id<S: LasairSurvey>(response: &Response, parts: Parts) -> Result<ById<S::Packet>> {
    Ok(read_rows::<S>(response, parts)?
        .into_iter()
        .filter_map(Result::ok)
        .map(|(found, row)| (found.id, row))
        .collect())
}

/// The same alert with its place in the cone.
pub(super) fn placed<P: Packet>(alert: Alert<P>, found: &Found) -> Alert<P> {
    let Some(separation) = found.separation else { return alert };
    let text = Envelope::empty().number("separation", Some(separation)).around(alert.raw());
    let mut packet = alert.into_packet();
    packet.place(separation);
    Alert::new(packet, text)
}

/// The text of an answer that is an object: LSST's service sends bare `NaN` and `Infinity`.
pub(super) fn mended(response: &Response) -> Result<String> {
    let raw = response.json::<Box<RawValue>>()?;
    if raw.get().starts_with('{') {
        return Ok(raw.get().to_owned());
    }
    Err(Error::new(ErrorKind::Unreadable, "the answer is no object"))
}

/// Reads a message of a filter's Kafka topic as the alert it is, for programs that read the topics
/// themselves: the columns that the filter selects, and the light curve where it sends that along.
///
/// ```
/// use tom_alerts::brokers::lasair::{Lsst, read_message};
/// let alert = read_message::<Lsst>(r#"{"diaObjectId": 169000000000000001, "ra": 61.6, "decl": -49.3,
///     "lastDiaSourceMjdTai": 61000.5, "UTC": "2025-11-21 12:00:00"}"#)?;
/// assert_eq!(alert.dia_object_id, "169000000000000001");
/// # Ok::<(), tom_alerts::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Unreadable`] for a message without an id, or with one that cannot be one.
pub fn read_message<S: LasairSurvey>(text: &str) -> Result<Alert<S::Packet>> {
    #[derive(Deserialize)]
    struct Message {
        #[serde(default)]
        alert: Option<Box<RawValue>>,
    }
    let response = Response::new(200, Vec::new(), format!("[{text}]").into());
    let mut rows = read_rows::<S>(&response, Parts::default())?;
    let (found, row) =
        rows.pop().unwrap_or_else(|| Err(Error::new(ErrorKind::Unreadable, "the message is empty")))?;
    let row = row?;
    let Some(alert) = response.json::<Vec<Message>>()?.pop().and_then(|message| message.alert) else {
        return Ok(row);
    };
    let text = mended(&Response::new(200, Vec::new(), text.to_owned().into()))?;
    let whole = Envelope::of(S::FACTS.id_key, &found).part("row", &text).around(alert.get());
    Alert::from_raw(&whole)
}

pub(super) fn no_such(id: &str) -> Error {
    Error::new(ErrorKind::NotFound, "no such object").with("id", id)
}

/// The text of a packet that is put together of several answers.
pub(super) struct Envelope(String);

impl Envelope {
    /// One that a whole object goes into, with the id in it.
    pub(super) fn empty() -> Self {
        Self("{".to_owned())
    }

    pub(super) fn of(key: &str, found: &Found) -> Self {
        Self(format!("{{\"{key}\":\"{}\"", found.id)).number("separation", found.separation)
    }

    pub(super) fn number(self, key: &str, value: Option<f64>) -> Self {
        match value.filter(|value| value.is_finite()) {
            Some(value) => self.part(key, &value.to_string()),
            None => self,
        }
    }

    pub(super) fn part(mut self, key: &str, raw: &str) -> Self {
        let comma = if self.0.len() > 1 { "," } else { "" };
        self.0.push_str(&format!("{comma}\"{key}\":{raw}"));
        self
    }

    pub(super) fn done(mut self) -> String {
        self.0.push('}');
        self.0
    }

    /// The parts before those of an object's own text.
    pub(super) fn around(mut self, object: &str) -> String {
        let inner = object.trim_start().strip_prefix('{').unwrap_or("}");
        if self.0.len() > 1 && !inner.trim_start().starts_with('}') {
            self.0.push(',');
        }
        self.0.push_str(inner);
        self.0
    }
}
