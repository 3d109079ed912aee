//! What the services can beside listings: topics, counts, files, events, publishing, the archive's intake.

use super::hop::HopMessage;
use super::query::{ScimmaQuery, Source, TOPIC_DUE, takes_messages};
use super::skip::{self, SkipEvent, SkipTopic};
use super::{NAME, Scimma, ScimmaPacket, archive, explain};
use crate::plugin::*;

/// Whether the parts of the archive work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// The database.
    #[serde(rename = "DatabaseOK")]
    pub database: bool,
    /// What keeps the messages.
    #[serde(rename = "ObjectStoreOK")]
    pub object_store: bool,
    /// What knows the credentials.
    #[serde(rename = "HopAuthOK")]
    pub hop_auth: bool,
}

impl Scimma {
    /// The topics of which the archive has messages that may be read, by name.
    ///
    /// ```no_run
    /// # async fn run() -> tom_alerts::Result<()> {
    /// use tom_alerts::brokers::scimma::{ScimmaBroker, ScimmaConfig};
    /// let scimma = ScimmaBroker::new(ScimmaConfig::default())?;
    /// let topics = scimma.run(Ok(scimma.protocol().topics())).await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn topics(&self) -> Call<Vec<String>> {
        Call::get(self.roots.archive(&["topics"]), |response| archive::texts(&response, "topics"))
    }

    /// How many messages of the archive answer a query.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a query to SKIP, whose listings say it themselves.
    pub fn count(&self, query: &ScimmaQuery) -> Result<Call<u64>> {
        if query.source() == Source::Skip {
            return Err(Error::new(ErrorKind::Input, "only messages of the archive can be counted"));
        }
        let request = archive::filters(self.roots.archive(&["messages", "count"]), query);
        Ok(Call::get(request, |response| archive::number(&response, "count")))
    }

    /// Whether the archive's parts work.
    #[must_use]
    pub fn health(&self) -> Call<Health> {
        Call::get(self.roots.archive(&["health_check"]), |response| response.json())
    }

    /// A message of the archive by its UUID.
    pub(super) fn message(&self, uuid: &str) -> Result<Call<Alert<ScimmaPacket>>> {
        let asked = uuid.to_owned();
        Ok(Call::get(self.roots.archive(&["msg", uuid]), move |response| archive::message(&asked, &response)))
    }

    /// The file that a message of the archive is, byte for byte; its `file_name` says which.
    #[must_use]
    pub fn raw_file(&self, uuid: &str, file_name: &str) -> Call<Vec<u8>> {
        let request = self.roots.archive(&["msg", uuid, "raw_file", file_name]);
        Call::get(request, |response| Ok(response.body().to_vec()))
    }

    /// The topics of a SKIP server, with the numbers that queries take.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when none is configured.
    pub fn skip_topics(&self) -> Result<Call<Vec<SkipTopic>>> {
        Ok(skip::all(self.roots.skip(self.version, &["topics", ""])?, 1))
    }

    /// The events of a SKIP server whose name contains a text, in any case.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when none is configured.
    pub fn skip_events(&self, identifier: &str) -> Result<Call<Vec<SkipEvent>>> {
        let request = self.roots.skip(self.version, &["events", ""])?;
        Ok(skip::all(request.query("identifier", identifier), 1))
    }

    /// An event of a SKIP server by its number, with its alerts.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when none is configured.
    pub fn skip_event(&self, id: u64) -> Result<Call<SkipEvent>> {
        let request = self.roots.skip(self.version, &["events", &id.to_string(), ""])?;
        Ok(Call::get(request, |response| response.json()))
    }

    /// Publishes messages to a topic of Hopskotch, in order. The receipt has the id of the first;
    /// its answer has all of them, each with the place that the cluster confirmed.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a topic or an id that cannot be one, [`ErrorKind::Config`] without a
    /// credential; nothing was sent then. The call answers [`ErrorKind::TooLarge`] for a message larger
    /// than the topic takes, saying where it goes instead.
    pub fn publish(&self, topic: &str, messages: Vec<HopMessage>) -> Result<Call<Receipt>> {
        if !takes_messages(topic) {
            return Err(Error::from_problems(ErrorKind::Input, vec![Problem::new("topic", TOPIC_DUE)]));
        }
        let packed = messages.iter().map(|message| self.roots.hopskotch(topic, message));
        let (ids, messages): (Vec<_>, Vec<_>) = packed.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        let place = ids.first().map(|uuid| self.roots.message(uuid));
        let topic = topic.to_owned();
        let then: Sent<Receipt> = Box::new(move |sent| {
            let delivered = sent.map_err(|error| explain::publishing(error, &topic))?;
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
        if !takes_messages(topic.strip_suffix("+oversized").unwrap_or(topic)) {
            return Err(Error::from_problems(ErrorKind::Input, vec![Problem::new("topic", TOPIC_DUE)]));
        }
        let (sent, headers) = message.packed(self.roots.sender())?;
        let body = archive::body(&headers, &message.value);
        let request =
            self.roots.to_archive(&["topic", topic]).body("application/bson", body).accept_status(422);
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
            let place = scimma.roots.message(&uuid);
            Ok(Receipt::new(NAME, Some(uuid.clone()), Some(place), json!({"archive_uuid": uuid})))
        }))
    }
}
