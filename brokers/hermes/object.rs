//! One thing of Hermes by its id or name: the alert, its data, its classes.

use super::message::HermesMessage;
use super::names::{is_number, is_uuid, looks_like_event};
use super::packet::{HermesPacket, MessageLink, PacketKind};
use super::{Hermes, listing, photometry};
use crate::plugin::*;

/// The most messages that are read for a name that is looked for in the archive.
const MOST_FOUND: u32 = 200;
const PAGE: u32 = 1_000;

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

fn read(request: Request) -> Call<Alert<HermesPacket>> {
    Call::get(request, |response| response.alert())
}

/// What a listing has said so far of a name.
#[derive(Default)]
struct Known {
    links: Vec<MessageLink>,
    failures: Vec<Error>,
}

impl Hermes {
    /// A message by its uuid, a target by its number, else an event or a target by its name.
    pub(super) fn one(&self, id: &str) -> Result<Call<Alert<HermesPacket>>> {
        let id = id.trim();
        if is_uuid(id) {
            return Ok(Call::get(self.roots.message(id), |response| response.alert()));
        }
        if id.is_empty() {
            return Err(Error::new(ErrorKind::Input, "give the id or name of a target, message or event"));
        }
        self.roots.token()?;
        let hermes = self.clone();
        if is_number(id) {
            let row = read(self.roots.get(&["targets", id, ""]));
            return Ok(row.and_then(move |row| Ok(hermes.with_newest(row))));
        }
        let name = id.to_owned();
        if looks_like_event(id) {
            return Ok(Call::step(
                self.roots.get(&["nonlocalizedevents", id, ""]),
                move |answer| match answer {
                    Err(error) if error.kind() == ErrorKind::NotFound => {
                        Ok(hermes.named(&name, |_, name| {
                            let text = "Hermes has no event and no target of this name";
                            Err(Error::new(ErrorKind::NotFound, text).with("name", name))
                        }))
                    }
                    answer => Ok(Call::Done(answer?.alert()?)),
                },
            ));
        }
        Ok(self.named(&name, |hermes, name| Ok(read(hermes.roots.get(&["nonlocalizedevents", name, ""])))))
    }

    /// The newest row of a target's name; what else to do when there is none.
    fn named(
        &self,
        name: &str,
        otherwise: fn(&Self, &str) -> Result<Call<Alert<HermesPacket>>>,
    ) -> Call<Alert<HermesPacket>> {
        let request = self
            .roots
            .get(&["targets", ""])
            .query("name_exact", name)
            .query("ordering", "-id")
            .query("limit", 1);
        let (hermes, name) = (self.clone(), name.to_owned());
        Call::step(request, move |answer| {
            let (items, _) = answer?.items::<HermesPacket, serde::de::IgnoredAny>(Some("results"))?;
            match items.into_iter().next() {
                Some(row) => Ok(hermes.with_newest(row?)),
                None => otherwise(&hermes, &name),
            }
        })
    }

    /// A target with its newest message, where that can be read.
    fn with_newest(&self, row: Alert<HermesPacket>) -> Call<Alert<HermesPacket>> {
        let Some(uuid) = newest_first(&row.messages).into_iter().next() else { return Call::Done(row) };
        Call::step(self.roots.message(&uuid), move |answer| {
            // The row is whole without it; a private message must not hide the target.
            let joined =
                answer.and_then(|response| response.alert()).ok().and_then(|message| join(&row, &message));
            Ok(Call::Done(joined.unwrap_or(row)))
        })
    }

    pub(super) fn data_of(&self, subject: Subject<'_, HermesPacket>) -> Result<Call<ReducedData>> {
        if let Some(alert) = subject.alert
            && alert.kind() == Some(PacketKind::Archive)
            && let Some(body) = alert.body()
        {
            let uuid = alert.archive_uuid().unwrap_or(subject.id);
            return Ok(Call::Done(of_first_target(&body, uuid)));
        }
        let id = subject.id.trim().to_owned();
        let hermes = self.clone();
        if is_uuid(&id) {
            return Ok(read(self.roots.message(&id)).map(move |message| {
                let body = message.body();
                Ok(body.map_or_else(nothing, |body| of_first_target(&body, &id)))
            }));
        }
        if is_number(&id) {
            self.roots.token()?;
            let row = read(self.roots.get(&["targets", &id, ""]));
            return Ok(row.and_then(move |row| {
                Ok(hermes.indexed(row.name.clone().unwrap_or(id), 0, Known::default()))
            }));
        }
        if self.roots.token().is_ok() {
            return Ok(self.indexed(id, 0, Known::default()));
        }
        self.searched(id, "there is no token, so the messages were looked for in the archive by the name")
    }

    /// The data of a name from every message that Hermes' index knows of it.
    fn indexed(&self, name: String, offset: u64, mut known: Known) -> Call<ReducedData> {
        let request = self.roots.get(&["targets", ""]).query("name_exact", &name).query("ordering", "-id");
        let request = request.query("limit", PAGE).query("offset", offset);
        let hermes = self.clone();
        Call::step(request, move |answer| {
            let listed: Listed = answer?.json()?;
            let read = u64::try_from(listed.results.0.len()).unwrap_or(u64::MAX);
            for row in listed.results {
                match row {
                    Ok(row) => known.links.extend(row.messages),
                    Err(error) => known.failures.push(error),
                }
            }
            if listed.next.is_some() && read > 0 {
                return Ok(hermes.indexed(name, offset.saturating_add(read), known));
            }
            if known.links.is_empty() && known.failures.is_empty() {
                return hermes.searched(
                    name,
                    "Hermes' index has no such target, so the archive was searched for the name",
                );
            }
            Ok(hermes.gathered(name, newest_first(&known.links), known.failures, None))
        })
    }

    /// The data of a name from the messages of the archive that have it anywhere.
    fn searched(&self, name: String, why: &'static str) -> Result<Call<ReducedData>> {
        if name.contains(['&', '#']) {
            let text = "a name with & or # cannot be looked for in the archive";
            return Err(Error::new(ErrorKind::Input, text).with("name", name));
        }
        let request =
            self.roots.get(&["query", ""]).query("start", listing::BEGINNING).query("search_query", &name);
        let request = request.query("include_retracted", false).query("limit", MOST_FOUND);
        let hermes = self.clone();
        Ok(Call::step(request, move |answer| {
            let found: Found = answer?.json()?;
            let (rows, failures): (Vec<_>, Vec<_>) = found.messages.into_iter().partition(Result::is_ok);
            let rows: Vec<HermesPacket> = rows.into_iter().flatten().collect();
            let failures: Vec<Error> = failures.into_iter().filter_map(Result::err).collect();
            let uuids: Vec<String> =
                rows.iter().filter_map(|row| row.archive_uuid().map(str::to_owned)).collect();
            if uuids.is_empty() && failures.is_empty() {
                let text = "no message that can be read names this target";
                return Err(Error::new(ErrorKind::NotFound, text).with("name", name));
            }
            let cut = found
                .next
                .filter(|next| !next.is_empty())
                .map_or("", |_| "; only the newest messages were read");
            Ok(hermes.gathered(name, uuids, failures, Some(format!("{why}{cut}"))))
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
            read(self.roots.message(&uuid)).map(move |message| {
                let body = message.body();
                Ok(body.map_or_else(ReducedData::default, |body| body.reduced_data(&uuid, Some(&name))))
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
            let mut data = photometry::joined(parts);
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
        self.roots.token()?;
        let event = read(self.roots.get(&["nonlocalizedevents", id, ""]));
        Ok(event.map(|event| Ok(classes(&event))))
    }
}

fn nothing() -> ReducedData {
    let mut data = ReducedData::default();
    data.notes.push("the message is no Hermes message, so it holds no data".to_owned());
    data
}

/// The data of a message's first target, which is the one that the message stands for.
fn of_first_target(body: &HermesMessage, uuid: &str) -> ReducedData {
    let first = body.data.targets.first().map(|target| target.name.as_str());
    let mut data = body.reduced_data(uuid, first);
    let tables = &body.data;
    let names = tables.photometry.iter().map(|row| &row.target_name);
    let names = names.chain(tables.spectroscopy.iter().map(|row| &row.target_name));
    let names = names.chain(tables.astrometry.iter().map(|row| &row.target_name));
    let others = names.filter(|name| first.is_some_and(|first| first != name.as_str())).count();
    if others > 0 {
        let rows = if others == 1 { "row is" } else { "rows are" };
        data.notes
            .push(format!("{others} {rows} of other targets of the message; ask for them by their names"));
    }
    data
}

/// The uuids of messages, each once, the one with the highest number first.
fn newest_first(links: &[MessageLink]) -> Vec<String> {
    let number = |link: &MessageLink| link.id.as_deref().and_then(|id| id.parse::<u64>().ok());
    let mut links: Vec<&MessageLink> = links.iter().filter(|link| link.uuid.is_some()).collect();
    links.sort_by_key(|link| std::cmp::Reverse(number(link)));
    let mut seen = std::collections::HashSet::new();
    links.into_iter().filter_map(|link| link.uuid.clone()).filter(|uuid| seen.insert(uuid.clone())).collect()
}

/// The row of a target with its newest message under `newest`, its text included.
fn join(row: &Alert<HermesPacket>, message: &Alert<HermesPacket>) -> Option<Alert<HermesPacket>> {
    let head = row.raw().trim_end().strip_suffix('}')?;
    let comma = if head.trim_end().ends_with('{') { "" } else { ", " };
    let text = format!("{head}{comma}\"newest\": {}}}", message.raw());
    Alert::from_raw(&text).ok()
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
