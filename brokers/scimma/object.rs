//! One alert or message by its id: its packet, and its points.

use super::names::Id;
use super::packet::ScimmaPacket;
use super::query::{ScimmaQuery, Source};
use super::{NAME, Scimma, archive, skip};
use crate::plugin::*;

impl Scimma {
    /// One message or alert by its id; by a name the newest one that is about it or called so.
    pub(super) fn one(&self, id: &str) -> Result<Call<Alert<ScimmaPacket>>> {
        match Id::of(id) {
            Id::Message(uuid) => Ok(self.message(&uuid)),
            Id::Alert(id) => {
                let request = self.endpoints.skip(self.version, &["alerts", &id, ""])?;
                Ok(Call::get(request, |response| response.alert()))
            }
            Id::Name(name) if name.is_empty() => Err(Error::new(
                ErrorKind::Input,
                "give the id of a message or alert, or the name of an object",
            )),
            Id::Name(name) => Ok(self.of_archive(name)),
        }
    }

    /// The newest message of the archive that is about a name, else the newest such alert of SKIP.
    fn of_archive(&self, name: String) -> Call<Alert<ScimmaPacket>> {
        let query = ScimmaQuery { keyword: Some(phrase(&name)), ..ScimmaQuery::default() };
        let request = archive::listing(self.endpoints.archive(&["messages"]), &query, &Cursor::default());
        let scimma = self.clone();
        Call::step(request, move |answer| match first_about(archive::page(&answer?)?, &name) {
            Some(alert) => Ok(Call::Done(alert)),
            None if scimma.endpoints.has_skip() => scimma.of_skip(name),
            None => Err(unknown(&name)),
        })
    }

    fn of_skip(&self, name: String) -> Result<Call<Alert<ScimmaPacket>>> {
        let query =
            ScimmaQuery { source: Some(Source::Skip), keyword: Some(name.clone()), ..ScimmaQuery::default() };
        let request =
            skip::listing(self.endpoints.skip(self.version, &["alerts", ""])?, &query, &Cursor::default())?;
        Ok(Call::step(request, move |answer| match answer {
            Err(error) if error.kind() == ErrorKind::NotFound => Err(unknown(&name)),
            answer => {
                let page = skip::page(&Cursor::default(), &answer?)?;
                first_about(page, &name).map(Call::Done).ok_or_else(|| unknown(&name))
            }
        }))
    }

    /// The points of a message.
    pub(super) fn data_of(&self, subject: Subject<'_, ScimmaPacket>) -> Result<Call<ReducedData>> {
        let uuid = match Id::of(subject.id) {
            Id::Message(uuid) => uuid,
            Id::Alert(_) => return Ok(Call::Done(none("SKIP has no reduced data"))),
            Id::Name(_) => {
                let text = "data are those of one message; give its UUID";
                return Err(Error::new(ErrorKind::Input, text).with("id", subject.id));
            }
        };
        let known = subject.alert.filter(|alert| alert.id == uuid);
        if known.is_some_and(|alert| alert.archive.as_ref().is_some_and(|m| m.retracted == Some(true))) {
            return Ok(Call::Done(none(
                "the message was taken back by its sender, so its data are left out",
            )));
        }
        Ok(match known.filter(|alert| is_whole(alert)) {
            Some(alert) => Call::Done(points(&uuid, alert)),
            None => self.message(&uuid).map(move |alert| Ok(points(&uuid, &alert))),
        })
    }

    /// A message of the archive by its UUID.
    fn message(&self, uuid: &str) -> Call<Alert<ScimmaPacket>> {
        let asked = uuid.to_owned();
        Call::get(self.endpoints.archive(&["msg", uuid]), move |response| archive::message(&asked, &response))
    }
}

/// A name as words that the archive finds side by side.
pub(super) fn phrase(name: &str) -> String {
    format!("\"{}\"", name.replace('"', " ").trim())
}

/// The first good item of a page that is about a name, or is called so.
fn first_about(page: Page<ScimmaPacket>, name: &str) -> Option<Alert<ScimmaPacket>> {
    let Items::Whole(items) = page.items else { return None };
    let about = |alert: &Alert<ScimmaPacket>| {
        alert.name() == name || alert.body().is_some_and(|body| body.is_about(name))
    };
    items.into_iter().flatten().find(about)
}

fn unknown(name: &str) -> Error {
    let text = "there is no message about this name that may be read";
    Error::new(ErrorKind::NotFound, text).with("name", name)
}

fn is_whole(alert: &ScimmaPacket) -> bool {
    alert.archive.as_ref().is_some_and(|m| m.json.is_some() || m.text.is_some() || m.base64.is_some())
}

fn points(uuid: &str, alert: &ScimmaPacket) -> ReducedData {
    match alert.body() {
        Some(body) => body.reduced_data(NAME, uuid),
        None => none("the message is no JSON object, so it has no reduced data that can be read"),
    }
}

/// No data, and why.
fn none(why: &str) -> ReducedData {
    ReducedData { notes: vec![why.to_owned()], ..ReducedData::default() }
}
