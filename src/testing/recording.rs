//! A recorded service whose answers are spoiled one place at a time: what is odd costs itself alone.

use std::fmt::{self, Write as _};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::spoil::{
    Step, at, ends_of_alike, is_essential, is_path, odd_values, places, put, told_alike, told_odd,
};
use crate::broker::{GenericBroker, Parameters};
use crate::error::{ErrorKind, Result};
use crate::http::{self, Http, HttpConfig, Request, Response, Transport};

type Build = dyn Fn(&Http) -> Result<Arc<dyn GenericBroker>> + Send + Sync;

/// What a service answered while a broker listed alerts, fetched one, and fetched its light curve.
///
/// [`check`](Self::check) gives the broker the same answers again with one thing wrong at a time, and says
/// what that cost: an odd value in a place that is not [essential](Self::essential) costs no object and no
/// point, a byte that is no UTF-8 at most the row it is in, a row of a foreign shape nothing but itself.
/// Nothing panics.
///
/// ```no_run
/// # async fn run(service: std::sync::Arc<dyn tom_alerts::http::Transport>) -> tom_alerts::Result<()> {
/// # use std::sync::Arc;
/// # use tom_alerts::http::Http;
/// # use tom_alerts::{GenericBroker, Parameters};
/// # fn my_broker(_: &Http) -> tom_alerts::Result<Arc<dyn GenericBroker>> { unimplemented!() }
/// use tom_alerts::testing::Recording;
/// let recording = Recording::take(service, my_broker, &Parameters::new(), None).await?;
/// let recording = recording
///     .essential("/objects", &["items.*.id", "items.*.ra", "items.*.dec"])
///     .essential("/lightcurve", &["rows.*.mjd", "rows.*.mag"]);
/// assert!(recording.check().await.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Recording {
    build: Arc<Build>,
    takes: Vec<Take>,
    essential: Vec<(String, Vec<String>)>,
}

/// What is asked of the broker.
#[derive(Debug, Clone)]
enum Asked {
    Listing(Parameters),
    One(String),
    Curve(String),
}

impl Asked {
    fn word(&self) -> &'static str {
        match self {
            Self::Listing(_) => "listing",
            Self::One(_) => "one alert",
            Self::Curve(_) => "light curve",
        }
    }
}

/// One thing that was asked: the answers it took, and what came of them.
#[derive(Debug, Clone)]
struct Take {
    asked: Asked,
    answers: Vec<Answer>,
    came: Came,
}

#[derive(Clone)]
struct Answer {
    asked: Key,
    response: Response,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The request may bear a credential.
        f.debug_struct("Answer").field("path", &self.asked.path).finish_non_exhaustive()
    }
}

/// What tells one request from another.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    path: String,
    rest: (String, Option<Bytes>),
}

impl Key {
    fn of(request: &Request) -> Self {
        let rest = (request.url().to_string(), request.encoded().map(|(_, body)| body));
        Self { path: format!("{} {}", request.method().as_str(), request.url().path()), rest }
    }
}

/// What came: objects with whether they have a position, or points.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Came {
    Objects(Vec<(String, bool)>),
    Points(usize),
}

impl Came {
    fn len(&self) -> usize {
        match self {
            Self::Objects(objects) => objects.len(),
            Self::Points(points) => *points,
        }
    }

    /// What of the one is not in the other, in words, when that is more than may be.
    fn lacks(&self, whole: &Self, most: usize) -> Option<String> {
        match (self, whole) {
            (Self::Objects(came), Self::Objects(due)) => {
                let is_there = |(id, located): &&(String, bool)| {
                    came.iter().any(|(other, at)| other == id && at >= located)
                };
                let lost: Vec<_> =
                    due.iter().filter(|due| !is_there(due)).map(|(id, _)| id.as_str()).collect();
                (lost.len() > most).then(|| format!("lost {}", lost.join(", ")))
            }
            (came, due) => {
                let lost = due.len().saturating_sub(came.len());
                (lost > most).then(|| format!("lost {lost} of {} points", due.len()))
            }
        }
    }
}

/// An answer with one thing wrong.
struct Wrong {
    /// What is wrong where: alike for all rows of a list.
    place: String,
    how: String,
    body: Vec<u8>,
    /// The most rows that may be lost by it.
    most: usize,
}

impl Recording {
    /// Lists alerts, fetches the first of them and the light curve of an object, by a broker that is built
    /// over the transport, and keeps what the service answered.
    ///
    /// `data_of` is the id of the object whose light curve is recorded, when it is not the first that is
    /// listed. What the broker says that it cannot do is left out.
    ///
    /// # Errors
    /// Those of the broker: the recorded service must answer well.
    pub async fn take(
        service: Arc<dyn Transport>,
        build: impl Fn(&Http) -> Result<Arc<dyn GenericBroker>> + Send + Sync + 'static,
        query: &Parameters,
        data_of: Option<&str>,
    ) -> Result<Self> {
        let mut recording = Self { build: Arc::new(build), takes: Vec::new(), essential: Vec::new() };
        recording.add(&service, Asked::Listing(query.clone())).await?;
        let first = match recording.takes.first().map(|take| &take.came) {
            Some(Came::Objects(objects)) => objects.first().map(|(id, _)| id.clone()),
            _ => None,
        };
        if let Some(first) = first {
            recording.add(&service, Asked::One(first.clone())).await?;
            let id = data_of.map_or(first, str::to_owned);
            recording.add(&service, Asked::Curve(id)).await?;
        }
        Ok(recording)
    }

    /// Paths of what may fail an object, a row or a point, in the answers to requests whose path holds this
    /// text: ids, positions, times, brightnesses. As in [`spoil`](super::spoil()), `*` stands for any key
    /// or place.
    #[must_use]
    pub fn essential(mut self, answer: &str, paths: &[impl AsRef<str>]) -> Self {
        let paths = paths.iter().map(|path| path.as_ref().to_owned()).collect();
        self.essential.push((answer.to_owned(), paths));
        self
    }

    /// The rules that do not hold, in words, each place once.
    pub async fn check(&self) -> Vec<String> {
        let mut broken = self.unmet();
        let mut spoiled = 0;
        for take in &self.takes {
            for (n, answer) in take.answers.iter().enumerate() {
                // A place, what the first odd value in it cost, and all odd values that cost something.
                let mut told: Vec<(String, String, Vec<String>)> = Vec::new();
                // What each object of a listing answers is looked at closely where it is asked for.
                let closely = n == 0 || !matches!(take.asked, Asked::Listing(_));
                for wrong in self.wrongs(answer, closely) {
                    spoiled += 1;
                    let Some(cost) = self.cost(take, n, &wrong).await else { continue };
                    match told.iter_mut().find(|(place, ..)| *place == wrong.place) {
                        Some((.., hows)) if hows.contains(&wrong.how) => {}
                        Some((.., hows)) => hows.push(wrong.how),
                        None => told.push((wrong.place, cost, vec![wrong.how])),
                    }
                }
                for (place, cost, hows) in told {
                    let mut text = format!("{}, {}: {place}", take.asked.word(), answer.asked.path);
                    let _ = write!(text, "{}: {cost}", hows.join(","));
                    broken.push(text);
                }
            }
        }
        if spoiled == 0 {
            broken.push("no recorded answer is JSON or a table, so nothing was spoiled".to_owned());
        }
        broken.dedup();
        broken
    }

    async fn add(&mut self, service: &Arc<dyn Transport>, asked: Asked) -> Result<()> {
        let recorder = Arc::new(Recorder { service: service.clone(), answers: Mutex::default() });
        let came = match ask(&*self.broker(recorder.clone())?, &asked).await {
            Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(()),
            came => came?,
        };
        let answers = recorder.answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.takes.push(Take { asked, answers, came });
        Ok(())
    }

    /// A new broker each time: none remembers what another was told.
    fn broker(&self, transport: Arc<dyn Transport>) -> Result<Arc<dyn GenericBroker>> {
        let config = HttpConfig { max_retries: 0, ..HttpConfig::default() };
        (self.build)(&Http::with_transport(transport, &config))
    }

    /// What it costs that the n-th answer is wrong.
    async fn cost(&self, take: &Take, n: usize, wrong: &Wrong) -> Option<String> {
        let mut answers = take.answers.clone();
        let answer = answers.get_mut(n)?;
        answer.response = with_body(&answer.response, wrong.body.clone());
        let broker = self.broker(Arc::new(Replay(answers)));
        let asked = async { ask(&*broker?, &take.asked).await };
        match AssertUnwindSafe(asked).catch_unwind().await {
            Err(_) => Some("a panic".to_owned()),
            Ok(Err(_)) if take.came.len() <= wrong.most => None,
            Ok(Err(error)) => Some(error.to_string()),
            Ok(Ok(came)) => came.lacks(&take.came, wrong.most),
        }
    }

    fn essential_of(&self, answer: &Answer) -> Vec<&String> {
        let meant = self.essential.iter().filter(|(part, _)| answer.asked.path.contains(part.as_str()));
        meant.flat_map(|(_, paths)| paths).collect()
    }

    /// Declared paths that no answer has test nothing.
    fn unmet(&self) -> Vec<String> {
        let answers: Vec<&Answer> = self.takes.iter().flat_map(|take| &take.answers).collect();
        let read = |answer: &&Answer| Some((answer.asked.path.clone(), places(&json_of(&answer.response)?)));
        let read: Vec<_> = answers.iter().filter_map(read).collect();
        let is_met = |part: &str, path: &str| {
            read.iter()
                .any(|(at, places)| at.contains(part) && places.iter().any(|place| is_path(place, path)))
        };
        let declared =
            self.essential.iter().flat_map(|(part, paths)| paths.iter().map(move |path| (part, path)));
        let unmet = declared.filter(|(part, path)| !is_met(part, path));
        unmet
            .map(|(part, path)| format!("no recorded answer of {part:?} has the essential place {path}"))
            .collect()
    }

    /// An answer with everything that can be wrong with it, one at a time; or, less closely, with a part.
    fn wrongs(&self, answer: &Answer, closely: bool) -> Vec<Wrong> {
        if !answer.response.is_success() {
            return Vec::new();
        }
        let Some(document) = json_of(&answer.response) else { return lines(answer.response.body()) };
        let essential = self.essential_of(answer);
        let mut wrongs = Vec::new();
        for (is_first, place) in ends_of_alike(places(&document)) {
            let is_essential = is_essential(&place, &essential);
            let value = at(&document, &place);
            let mut wrong = |how: String, body: Vec<u8>, most| {
                wrongs.push(Wrong { place: told_alike(&place), how, body, most });
            };
            if !is_essential {
                let few = odd_values().into_iter().take(if closely && is_first { usize::MAX } else { FEW });
                for odd in few {
                    let how = told_odd(odd.as_ref());
                    let mut spoiled = document.clone();
                    put(&mut spoiled, &place, odd);
                    wrong(how, spoiled.to_string().into_bytes(), 0);
                }
            }
            let in_row = place.iter().any(|step| matches!(step, Step::At(_)));
            match value {
                // What is essential and in no row may cost the whole answer.
                Some(Value::String(text)) if !is_essential || in_row => {
                    let mut spoiled = document.clone();
                    put(&mut spoiled, &place, Some(format!("{text}{MARK}").into()));
                    let most = usize::from(in_row);
                    wrong(
                        " with a byte that is no UTF-8".to_owned(),
                        with_bad_byte(&spoiled.to_string()),
                        most,
                    );
                }
                Some(Value::Array(rows)) if !rows.is_empty() && rows.iter().all(Value::is_object) => {
                    for foreign in [json!(7), json!([1, "odd"]), json!("odd")] {
                        let mut spoiled = rows.clone();
                        spoiled.insert(1, foreign.clone());
                        let mut document = document.clone();
                        put(&mut document, &place, Some(spoiled.into()));
                        wrong(format!(" with a row {foreign}"), document.to_string().into_bytes(), 0);
                    }
                }
                _ => {}
            }
        }
        if let Value::Array(rows) = &document
            && rows.first().is_some_and(Value::is_object)
        {
            for foreign in [json!(7), json!([1, "odd"]), json!("odd")] {
                let mut spoiled = rows.clone();
                spoiled.insert(1, foreign.clone());
                let body = Value::from(spoiled).to_string().into_bytes();
                let how = format!(" with a row {foreign}");
                wrongs.push(Wrong { place: "the list".to_owned(), how, body, most: 0 });
            }
        }
        wrongs
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("takes", &self.takes)
            .field("essential", &self.essential)
            .finish_non_exhaustive()
    }
}

/// How many odd values are enough where the same was spoiled by all of them: absent, null, no text, a text.
const FEW: usize = 4;

/// Stands where the bad byte will be; no recorded answer has it.
const MARK: char = '\u{f8ff}';

fn with_bad_byte(text: &str) -> Vec<u8> {
    let mut parts = text.split(MARK);
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(0xff);
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

/// The first row of a table spoiled by a byte in each of its cells, and a line that is no row behind it.
fn lines(body: &[u8]) -> Vec<Wrong> {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let rows: Vec<&str> = text.split_inclusive('\n').collect();
    let &[heading, first, ..] = rows.as_slice() else { return Vec::new() };
    if !heading.contains(',') || text.trim_start().starts_with('<') {
        return Vec::new();
    }
    let with = |row: &str| [&[heading, row][..], &rows[2..]].concat().concat();
    let cells: Vec<&str> = first.trim_end().split(',').collect();
    let mut wrongs = Vec::new();
    for n in 0..cells.len() {
        let mut spoiled: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        if let Some(cell) = spoiled.get_mut(n) {
            // Within a quoted cell the byte stands before its last quote.
            let end = if cell.ends_with('"') { cell.len() - 1 } else { cell.len() };
            cell.insert(end, MARK);
        }
        let body = with_bad_byte(&with(&format!("{}\n", spoiled.join(","))));
        let how = " with a byte that is no UTF-8".to_owned();
        wrongs.push(Wrong { place: format!("cell {} of the first row", n + 1), how, body, most: 1 });
    }
    for foreign in ["7", "odd, \"row\"", "[1]"] {
        let body = with(&format!("{}\n{foreign}\n", first.trim_end())).into_bytes();
        wrongs.push(Wrong {
            place: "the table".to_owned(),
            how: format!(" with a row {foreign}"),
            body,
            most: 0,
        });
    }
    wrongs
}

/// The document in an answer, when that is JSON with parts.
fn json_of(response: &Response) -> Option<Value> {
    let document: Value = http::json(response.body()).ok()?;
    (document.is_object() || document.is_array()).then_some(document)
}

fn with_body(response: &Response, body: Vec<u8>) -> Response {
    // Those that describe the body or lead further.
    let kept = ["content-type", "etag", "last-modified", "link", "location", "set-cookie"];
    let header = |name: &str| Some((name.to_owned(), response.header(name)?.to_owned()));
    Response::new(response.status(), kept.into_iter().filter_map(header).collect(), body.into())
}

async fn ask(broker: &dyn GenericBroker, asked: &Asked) -> Result<Came> {
    match asked {
        Asked::Listing(query) => {
            let (alerts, errors) = broker.fetch_alerts(query)?.limit(1_000).collect_all().await;
            // A recording that fails is none; a listing that is spoiled may tell what was.
            if let (true, Some(error)) = (alerts.is_empty(), errors.into_iter().next()) {
                return Err(error);
            }
            let object =
                |alert: &crate::alert::AnyAlert| (alert.generic().id.clone(), alert.to_target().is_ok());
            Ok(Came::Objects(alerts.iter().map(object).collect()))
        }
        Asked::One(id) => {
            let alert = broker.fetch_alert(id).await?;
            Ok(Came::Objects(vec![(alert.generic().id.clone(), alert.to_target().is_ok())]))
        }
        Asked::Curve(id) => Ok(Came::Points(broker.reduced_data(id, None).await?.points.len())),
    }
}

/// Asks the service, and keeps its answers.
struct Recorder {
    service: Arc<dyn Transport>,
    answers: Mutex<Vec<Answer>>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for Recorder {
    async fn send(&self, request: &Request) -> Result<Response> {
        let response = self.service.send(request).await?;
        let answer = Answer { asked: Key::of(request), response: response.clone() };
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.iter().all(|known| known.asked != answer.asked) {
            answers.push(answer);
        }
        Ok(response)
    }
}

/// Gives the recorded answers again. What was not asked then is not there.
#[derive(Debug)]
struct Replay(Vec<Answer>);

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: &Request) -> Result<Response> {
        let key = Key::of(request);
        let same = self.0.iter().find(|answer| answer.asked == key);
        // A request may bear the time of day; then there is one of its path.
        let mut alike = self.0.iter().filter(|answer| answer.asked.path == key.path);
        let alone = alike.next().filter(|_| alike.next().is_none());
        match same.or(alone) {
            Some(answer) => Ok(answer.response.clone()),
            None => Ok(Response::new(404, Vec::new(), Bytes::new())),
        }
    }
}
