//! Publishing to Hopskotch, and giving messages to its archive.

use super::hop::{self, HopMessage};
use super::hopskotch::{TOPIC_DUE, is_archived_topic, is_topic};
use super::query::ScimmaSubmission;
use super::{NAME, Scimma, archive, errors};
use crate::plugin::*;

impl Scimma {
    /// The steps of [`Protocol::submit`].
    pub(super) fn submit_messages(
        &self,
        what: Upstream<'_>,
        form: &ScimmaSubmission,
    ) -> Result<Call<Receipt>> {
        let fault = |text: &'static str| Err(Error::new(ErrorKind::Input, text));
        let mut messages = Vec::new();
        if let Some(target) = what.target {
            messages.push(hop::of_target(target)?);
        }
        if let Some(record) = what.observation {
            messages.push(hop::of_observation(record)?);
        }
        if messages.is_empty() {
            return fault("Must provide either Target or ObservationRecord to be submitted upstream.");
        }
        if !what.data.is_empty() {
            return fault(
                "data: these messages have no place for reduced data; leave them out, or submit to Hermes",
            );
        }
        if messages.len() > 1 && form.uuid.is_some() {
            return fault("uuid: target and observation are two messages, which cannot have one id");
        }
        let Some(topic) = form.topic.as_deref().or(self.endpoints.topic()) else {
            return fault("Topic must be provided to submit alert to SCIMMA");
        };
        let ready = |message: HopMessage| message.test(form.test).id(form.uuid.clone());
        self.publish(topic, messages.into_iter().map(ready).collect())
    }

    /// Publishes messages to a topic of Hopskotch, in order. The receipt has the id of the first;
    /// its answer has all of them, each with the place that the cluster confirmed.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a topic or an id that cannot be one, [`ErrorKind::Config`] without a
    /// credential; nothing was sent then. The call answers [`ErrorKind::TooLarge`] for a message larger
    /// than the topic takes, saying where it goes instead.
    pub fn publish(&self, topic: &str, messages: Vec<HopMessage>) -> Result<Call<Receipt>> {
        if !is_topic(topic) {
            return Err(Error::from_problems(ErrorKind::Input, vec![Problem::new("topic", TOPIC_DUE)]));
        }
        let packed = messages.iter().map(|message| self.endpoints.hopskotch(topic, message));
        let (ids, messages): (Vec<_>, Vec<_>) = packed.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        let place = ids.first().map(|uuid| self.endpoints.message(uuid));
        let topic = topic.to_owned();
        let then: Sent<Receipt> = Box::new(move |sent| {
            let delivered = sent.map_err(|error| errors::publishing(error, &topic))?;
            let told = ids.iter().zip(&delivered).map(|(uuid, at)| {
                json!({"uuid": uuid, "topic": at.topic, "partition": at.partition, "offset": at.offset})
            });
            let answer = json!({"messages": told.collect::<Vec<_>>()});
            Ok(Call::Done(Receipt::new(NAME, ids.into_iter().next(), place, answer)))
        });
        Ok(Call::Publish(messages, then))
    }

    /// Gives a message to the archive itself, past Kafka: nobody who listens hears of it. For what is
    /// too large for its topic.
    ///
    /// # Errors
    /// As [`publish`](Self::publish); the call answers [`ErrorKind::Refused`] for an id that the
    /// archive has already, [`ErrorKind::Auth`] without permission to write.
    pub fn upload(&self, topic: &str, message: &HopMessage) -> Result<Call<Receipt>> {
        if !is_archived_topic(topic) {
            return Err(Error::from_problems(ErrorKind::Input, vec![Problem::new("topic", TOPIC_DUE)]));
        }
        let (sent, headers) = message.packed(self.endpoints.sender())?;
        let body = archive::body(&headers, &message.value);
        let request =
            self.endpoints.to_archive(&["topic", topic]).body("application/bson", body).accept_status(422);
        let scimma = self.clone();
        Ok(Call::get(request, move |response| {
            if response.status() == 422 {
                let text = "the archive has a message of this id already";
                return Err(Error::new(ErrorKind::Refused, text).with_status(422).with("uuid", sent));
            }
            let Some(uuid) = archive::word(&response, "archive_uuid")? else {
                let text = "the archive did not say under which id it keeps the message";
                return Err(Error::new(ErrorKind::Refused, text));
            };
            let place = scimma.endpoints.message(&uuid);
            Ok(Receipt::new(NAME, Some(uuid.clone()), Some(place), json!({"archive_uuid": uuid})))
        }))
    }
}
