//! One alert or message by its id: its packet, and its points.

use super::names::Id;
use super::packet::ScimmaPacket;
use super::{NAME, Scimma, archive, hermes};
use crate::plugin::*;

impl Scimma {
    /// One message or alert.
    pub(super) fn one(&self, id: &str) -> Result<Call<Alert<ScimmaPacket>>> {
        match Id::of(id)? {
            Id::Message(uuid) => Ok(self.message(&uuid)),
            Id::Alert => {
                let request = self.roots.skip(self.version, &["alerts", id, ""])?;
                Ok(Call::get(request, |response| Alert::from_raw(response.text()?)))
            }
        }
    }

    /// The points of a message.
    pub(super) fn data_of(&self, subject: Subject<'_, ScimmaPacket>) -> Result<Call<ReducedData>> {
        let Id::Message(uuid) = Id::of(subject.id)? else {
            return Ok(Call::Done(none("SKIP has no reduced data")));
        };
        Ok(match subject.alert.filter(|alert| alert.id == uuid && is_whole(alert)) {
            Some(alert) => Call::Done(points(&uuid, alert)),
            None => self.message(&uuid).map(move |alert| Ok(points(&uuid, &alert))),
        })
    }

    /// A message of the archive by its UUID.
    fn message(&self, uuid: &str) -> Call<Alert<ScimmaPacket>> {
        let asked = uuid.to_owned();
        Call::get(self.roots.archive(&["msg", uuid]), move |response| archive::message(&asked, &response))
    }
}

fn is_whole(alert: &ScimmaPacket) -> bool {
    alert.archive.as_ref().is_some_and(|m| m.json.is_some() || m.text.is_some() || m.base64.is_some())
}

fn points(uuid: &str, alert: &ScimmaPacket) -> ReducedData {
    match alert.archive.as_ref().and_then(|archive| archive.json.as_ref()) {
        Some(message) => hermes::reduced_data(NAME, uuid, message),
        None => none("the message is no JSON, so it has no reduced data that can be read"),
    }
}

/// No data, and why.
fn none(why: &str) -> ReducedData {
    ReducedData { notes: vec![why.to_owned()], ..ReducedData::default() }
}
