//! One thing of Hermes by its id or name: the alert, its data, its classes.

use std::collections::VecDeque;

use super::errors::of_one_message;
use super::hopskotch::is_uuid;
use super::listing::{self, passed_on};
use super::names::{is_number, looks_like_event};
use super::packet::{HermesPacket, MessageLink, PacketKind, with_member};
use super::{Hermes, NAME};
use crate::plugin::*;

/// Rows of the index that are asked for at once, and the most pages of them that are read of one name.
const PAGE: u32 = 1_000;
const MOST_PAGES: u32 = 5;

/// The most messages that are read in search of one that is about a name.
const MOST_LOOKED_AT: usize = 10;

/// The rows of a listing, as far as they are needed to read on.
#[derive(Deserialize)]
struct Listed {
    #[serde(default, deserialize_with = "wire::text")]
    next: Option<String>,
    results: Rows<HermesPacket>,
}

#[derive(Deserialize)]
struct Found {
    #[serde(default, deserialize_with = "wire::text")]
    next: Option<String>,
    messages: Rows<HermesPacket>,
}

/// What else to do when a name is not known.
type Otherwise = fn(&Hermes, String) -> Result<Call<Alert<HermesPacket>>>;

fn read(request: Request) -> Call<Alert<HermesPacket>> {
    Call::get(request, |response| response.alert())
}

/// What a listing has said so far of a name.
#[derive(Default)]
struct Known {
    links: Vec<MessageLink>,
    failures: Vec<Error>,
    rows: u64,
    pages: u32,
}

impl Hermes {
    /// A message by its uuid, a target by its number, else an event, a target or a message by its name.
    pub(super) fn one(&self, id: &str) -> Result<Call<Alert<HermesPacket>>> {
        let id = id.trim();
        if is_uuid(id) {
            return Ok(listing::message(&self.endpoints, id, None));
        }
        if id.is_empty() {
            return Err(Error::new(ErrorKind::Input, "give the id or name of a target, message or event"));
        }
        if is_number(id) {
            self.endpoints.token()?;
            let hermes = self.clone();
            let row = read(self.endpoints.get(&["targets", id, ""]));
            return Ok(row.and_then(move |row| Ok(hermes.with_newest(row))));
        }
        let name = id.to_owned();
        // The index needs a token. What the archive alone has, such as messages of tomtoolkit.*, does not.
        if self.endpoints.token().is_err() {
            return self.of_archive(name);
        }
        Ok(if looks_like_event(id) {
            self.event(name, |hermes, name| Ok(hermes.named(name, Self::of_archive)))
        } else {
            self.named(name, |hermes, name| Ok(hermes.event(name, Self::of_archive)))
        })
    }

    /// An event by its id; what else to do when there is none.
    fn event(&self, name: String, otherwise: Otherwise) -> Call<Alert<HermesPacket>> {
        let hermes = self.clone();
        Call::step(self.endpoints.get(&["nonlocalizedevents", &name, ""]), move |answer| match answer {
            Err(error) if error.kind() == ErrorKind::NotFound => otherwise(&hermes, name),
            answer => Ok(Call::Done(answer?.alert()?)),
        })
    }

    /// The newest row of a target's name; what else to do when there is none.
    fn named(&self, name: String, otherwise: Otherwise) -> Call<Alert<HermesPacket>> {
        let request = self
            .endpoints
            .get(&["targets", ""])
            .query("name_exact", &name)
            .query("ordering", "-id")
            .query("limit", 1);
        let hermes = self.clone();
        Call::step(request, move |answer| {
            let (items, _) = answer?.items::<HermesPacket, serde::de::IgnoredAny>(Some("results"))?;
            match items.into_iter().next() {
                Some(row) => Ok(hermes.with_newest(row?)),
                None => otherwise(&hermes, name),
            }
        })
    }

    /// A target with its newest message. A message that is private, gone or unreadable does not cost the
    /// target, which says so; that the archive or Hermes fails as a whole is an error.
    fn with_newest(&self, row: Alert<HermesPacket>) -> Call<Alert<HermesPacket>> {
        let Some(uuid) = newest_first(&row.messages).into_iter().next() else { return Call::Done(row) };
        let asked = uuid.clone();
        Call::step(self.endpoints.message(&uuid), move |answer| {
            let more = match answer.and_then(|response| response.alert::<HermesPacket>()) {
                Ok(message) => format!("\"newest\": {}", message.raw()),
                Err(error) if of_one_message(&error) => {
                    let text = Value::from(format!("{}: {}", asked, error.message()));
                    format!("\"newest_fault\": {text}")
                }
                Err(error) => return Err(error.with("uuid", asked)),
            };
            let joined = with_member(&row, &more);
            Ok(Call::Done(joined.unwrap_or(row)))
        })
    }

    /// The newest message of the archive that is about a name, or is called so.
    fn of_archive(&self, name: String) -> Result<Call<Alert<HermesPacket>>> {
        let request = self.search(&name, 50)?;
        let hermes = self.clone();
        Ok(Call::step(request, move |answer| {
            let found: Found = answer?.json()?;
            let rows = found.messages.into_iter().flatten();
            let uuids = rows.filter_map(|row| row.archive_uuid().map(str::to_owned));
            hermes.first_about(name, uuids.take(MOST_LOOKED_AT).collect())
        }))
    }

    /// The first of these messages that is about a name.
    fn first_about(&self, name: String, mut uuids: VecDeque<String>) -> Result<Call<Alert<HermesPacket>>> {
        let Some(uuid) = uuids.pop_front() else {
            let text = match self.endpoints.token() {
                Ok(()) => "Hermes has no target, event or message of this name",
                Err(_) => {
                    "the archive has no public message about this name; targets and events need api_key"
                }
            };
            return Err(Error::new(ErrorKind::NotFound, text).with("name", name));
        };
        let hermes = self.clone();
        Ok(Call::step(self.endpoints.message(&uuid), move |answer| {
            match answer.and_then(|response| response.alert::<HermesPacket>()) {
                Ok(message) if is_about(&message, &name) => Ok(Call::Done(message)),
                Err(error) if !of_one_message(&error) => Err(error.with("uuid", uuid)),
                _ => hermes.first_about(name, uuids),
            }
        }))
    }

    /// Asks the archive for messages that have a name anywhere, the newest first.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a name that Hermes cannot pass on to the archive.
    fn search(&self, name: &str, most: u32) -> Result<Request> {
        if name.contains(['&', '#']) {
            let text = "a name with & or # cannot be searched for in the archive";
            return Err(Error::new(ErrorKind::Input, text).with("name", name));
        }
        let phrase = format!("\"{}\"", passed_on(&name.replace('"', " ")));
        let request = self.endpoints.get(&["query", ""]).query("start", listing::BEGINNING);
        let request = request.query("search_query", phrase).query("include_retracted", false);
        Ok(request.query("limit", most))
    }

    pub(super) fn data_of(&self, subject: Subject<'_, HermesPacket>) -> Result<Call<ReducedData>> {
        if let Some(alert) = subject.alert
            && alert.kind() == Some(PacketKind::Archive)
            && alert.message.is_some()
        {
            return Ok(Call::Done(of_message(alert, alert.archive_uuid().unwrap_or(subject.id))));
        }
        let id = subject.id.trim().to_owned();
        let hermes = self.clone();
        if is_uuid(&id) {
            let message = listing::message(&self.endpoints, &id, None);
            return Ok(message.map(move |message| Ok(of_message(&message, &id))));
        }
        if is_number(&id) {
            self.endpoints.token()?;
            let row = read(self.endpoints.get(&["targets", &id, ""]));
            return Ok(
                row.and_then(move |row| Ok(hermes.indexed(row.name.clone().unwrap_or(id), Known::default())))
            );
        }
        if self.endpoints.token().is_ok() {
            return Ok(self.indexed(id, Known::default()));
        }
        self.searched(id, "there is no token, so the messages were looked for in the archive by the name")
    }

    /// The data of a name from every message that Hermes' index knows of it.
    fn indexed(&self, name: String, mut known: Known) -> Call<ReducedData> {
        let request =
            self.endpoints.get(&["targets", ""]).query("name_exact", &name).query("ordering", "-id");
        let request = request.query("limit", PAGE).query("offset", known.rows);
        let hermes = self.clone();
        Call::step(request, move |answer| {
            let listed: Listed = answer?.json()?;
            let read = u64::try_from(listed.results.0.len()).unwrap_or(u64::MAX);
            known.rows = known.rows.saturating_add(read);
            known.pages += 1;
            for row in listed.results {
                match row {
                    Ok(row) => known.links.extend(row.messages),
                    Err(error) => known.failures.push(error),
                }
            }
            let more = listed.next.is_some() && read > 0;
            if more && known.pages < MOST_PAGES {
                return Ok(hermes.indexed(name, known));
            }
            if known.links.is_empty() && known.failures.is_empty() {
                return hermes.searched(
                    name,
                    "Hermes' index has no such target, so the archive was searched for the name",
                );
            }
            let mut uuids = newest_first(&known.links);
            let (found, most) = (uuids.len(), hermes.config.max_messages());
            uuids.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            let note = (more || uuids.len() < found).then(|| {
                let at_least = if more { "at least " } else { "" };
                let read = uuids.len();
                format!(
                    "{at_least}{found} messages name the target; the {read} newest were read (max_messages is {most})"
                )
            });
            Ok(hermes.gathered(name, uuids, known.failures, note))
        })
    }

    /// The data of a name from the messages of the archive that have it anywhere.
    fn searched(&self, name: String, why: &'static str) -> Result<Call<ReducedData>> {
        let most = self.config.max_messages().min(PAGE);
        let request = self.search(&name, most)?;
        let hermes = self.clone();
        Ok(Call::step(request, move |answer| {
            let found: Found = answer?.json()?;
            let (rows, failures): (Vec<_>, Vec<_>) = found.messages.into_iter().partition(Result::is_ok);
            let failures: Vec<Error> = failures.into_iter().filter_map(Result::err).collect();
            let rows = rows.into_iter().flatten();
            let uuids: Vec<String> = rows.filter_map(|row| row.archive_uuid().map(str::to_owned)).collect();
            if uuids.is_empty() && failures.is_empty() {
                let text = "no message that can be read names this target";
                return Err(Error::new(ErrorKind::NotFound, text).with("name", name));
            }
            let cut = found
                .next
                .filter(|next| !next.is_empty())
                .map(|_| format!("; the {} newest messages were read, of at most {most}", uuids.len()));
            let note = format!("{why}{}", cut.unwrap_or_default());
            Ok(hermes.gathered(name, uuids, failures, Some(note)))
        }))
    }

    /// The data of a name from these messages, newest first. One that cannot be had is a failure.
    fn gathered(
        &self,
        name: String,
        uuids: Vec<String>,
        mut failures: Vec<Error>,
        note: Option<String>,
    ) -> Call<ReducedData> {
        let calls = uuids.into_iter().map(|uuid| {
            let name = name.clone();
            listing::message(&self.endpoints, &uuid, None).map(move |message| {
                if let Some(data) = taken_back(&message, &uuid) {
                    return Ok(data);
                }
                let body = message.body();
                Ok(body.map_or_else(ReducedData::default, |body| {
                    body.message.reduced_data(NAME, &uuid, Some(&name))
                }))
            })
        });
        Call::all(calls.collect(), move |results| {
            let mut parts = Vec::new();
            for result in results {
                match result {
                    Ok(part) => parts.push(part),
                    Err(error) => failures.push(error),
                }
            }
            if parts.is_empty()
                && let Some(first) = failures.pop()
            {
                return Err(first);
            }
            let mut data = joined(parts);
            data.failures.extend(failures);
            data.notes.extend(note);
            Ok(data)
        })
    }

    pub(super) fn classes_of(&self, subject: Subject<'_, HermesPacket>) -> Result<Call<Vec<Classification>>> {
        let id = subject.id.trim();
        if let Some(alert) = subject.alert {
            return Ok(Call::Done(classes(alert)));
        }
        // Targets and messages have no classes.
        if is_uuid(id) || is_number(id) {
            return Ok(Call::Done(Vec::new()));
        }
        self.endpoints.token()?;
        let event = read(self.endpoints.get(&["nonlocalizedevents", id, ""]));
        Ok(event.map(|event| Ok(classes(&event))))
    }
}

/// The points of several messages as one list: the same point published twice is one point, and of
/// two that differ in their value the one of the newer message stays, also where that is a limit and the
/// older one a detection. `parts` are newest first.
fn joined(parts: Vec<ReducedData>) -> ReducedData {
    let mut data = ReducedData::default();
    parts.into_iter().for_each(|part| data.merge(part));
    let repeated = data.first_of_each();
    if repeated > 0 {
        let points = if repeated == 1 { "point was" } else { "points were" };
        data.notes.push(format!("{repeated} {points} published more than once; the newest message counts"));
    }
    data.sorted()
}

/// The data of the object that a message is about.
fn of_message(message: &HermesPacket, uuid: &str) -> ReducedData {
    if let Some(data) = taken_back(message, uuid) {
        return data;
    }
    match message.body().filter(|body| body.is_hermes) {
        Some(body) => body.reduced_data(NAME, uuid),
        None => ReducedData {
            notes: vec!["the message is not in Hermes' format, so it has no data".to_owned()],
            ..ReducedData::default()
        },
    }
}

/// What a message that its sender took back leaves: a note.
fn taken_back(message: &HermesPacket, uuid: &str) -> Option<ReducedData> {
    let annotated = message.annotations.as_ref().and_then(|known| known.retracted);
    message.retracted.or(annotated).filter(|retracted| *retracted)?;
    let note = format!("the message {uuid} was taken back by its sender, so its data are left out");
    Some(ReducedData { notes: vec![note], ..ReducedData::default() })
}

/// Whether a message is about a name, or is called so.
fn is_about(message: &HermesPacket, name: &str) -> bool {
    let named = message.generic().is_ok_and(|generic| generic.name == name);
    named || message.body().is_some_and(|body| body.is_about(name))
}

/// The uuids of messages, each once, the one with the highest number first.
fn newest_first(links: &[MessageLink]) -> Vec<String> {
    let number = |link: &MessageLink| link.id.as_deref().and_then(|id| id.parse::<u64>().ok());
    let mut links: Vec<&MessageLink> = links.iter().filter(|link| link.uuid.is_some()).collect();
    links.sort_by_key(|link| std::cmp::Reverse(number(link)));
    let mut seen = std::collections::HashSet::new();
    links.into_iter().filter_map(|link| link.uuid.clone()).filter(|uuid| seen.insert(uuid.clone())).collect()
}

/// What the last announcement says that an event was; nothing once it was taken back.
fn classes(event: &HermesPacket) -> Vec<Classification> {
    let last = event.last_sequence().filter(|last| !last.is_retraction());
    let Some(seen) = last.and_then(|last| last.data.event.as_ref()) else { return Vec::new() };
    let probability = |value: &Value| value.as_f64().filter(|p| (0.0..=1.0).contains(p));
    let mut classes: Vec<Classification> = seen
        .classification
        .iter()
        .map(|(class, value)| Classification {
            classifier: seen.pipeline.clone().unwrap_or_else(|| "LVK".to_owned()),
            version: None,
            class: class.clone(),
            probability: probability(value),
            rank: None,
        })
        .collect();
    classes.sort_by(|a, b| b.probability.unwrap_or(-1.0).total_cmp(&a.probability.unwrap_or(-1.0)));
    for (index, class) in classes.iter_mut().enumerate() {
        class.rank = u32::try_from(index + 1).ok();
    }
    classes
}
