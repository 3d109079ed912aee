//! The further services: one message, topics, profile, announcements, checking and leaving a message.

use super::Hermes;
use super::errors::tree;
use super::hopskotch::{HermesMessage, is_uuid};
use super::packet::{EventSequence, HermesPacket};
use crate::plugin::*;

/// The rows that there are beside those that were read before, newest first: Hermes gives them in no
/// order that it promises.
fn announcements(request: Request, mut read: Rows<EventSequence>) -> Call<Rows<EventSequence>> {
    const PAGE: u32 = 1_000;
    #[derive(Deserialize)]
    struct Listed {
        #[serde(default, deserialize_with = "wire::text")]
        next: Option<String>,
        results: Rows<EventSequence>,
    }
    let page = request.clone().query("limit", PAGE);
    let page = if read.0.is_empty() { page } else { page.query("offset", read.0.len()) };
    Call::step(page, move |answer| {
        let listed: Listed = answer?.json()?;
        let more = listed.next.is_some() && !listed.results.0.is_empty();
        read.0.extend(listed.results);
        if more {
            return Ok(announcements(request, read));
        }
        let number = |row: &Result<EventSequence>| row.as_ref().ok()?.id.as_deref()?.parse::<u64>().ok();
        read.0.sort_by_key(|row| std::cmp::Reverse(number(row)));
        Ok(Call::Done(read))
    })
}

/// Whether Hermes is there, and whether it knows the token.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Heartbeat {
    /// Whether the token is good.
    #[serde(deserialize_with = "wire::flag")]
    pub is_authenticated: Option<bool>,
    /// When each of its sources was last heard of, as it says it; null where never.
    pub last_timestamps: Map<String, Value>,
}

/// The topics that anybody may read, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Topics {
    /// Their names.
    #[serde(deserialize_with = "wire::texts_or_none")]
    pub topics: Vec<String>,
}

/// What Hermes knows of the token's owner. The token itself and the e-mail address are left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Profile {
    /// The Hopskotch credential that it publishes with; empty where it has none.
    #[serde(deserialize_with = "wire::text")]
    pub credential_name: Option<String>,
    /// The topics that may be written to.
    #[serde(deserialize_with = "wire::texts_or_none")]
    pub writable_topics: Vec<String>,
    /// Other services that are linked.
    #[serde(deserialize_with = "wire::texts_or_none")]
    pub integrated_apps: Vec<String>,
    /// Whether circulars can be sent.
    #[serde(deserialize_with = "wire::flag")]
    pub can_submit_to_gcn: Option<bool>,
    /// The TNS bot; −1 where there is none.
    #[serde(deserialize_with = "wire::whole")]
    pub tns_bot_id: Option<i64>,
    /// Its name.
    #[serde(deserialize_with = "wire::text")]
    pub tns_bot_name: Option<String>,
    /// The topics that its page shows first.
    #[serde(deserialize_with = "wire::texts_or_none")]
    pub default_topics_list: Vec<String>,
}

/// A message that was left at Hermes, to be finished and submitted on its page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preloaded {
    /// Hermes' key of it, good for 15 minutes.
    pub key: String,
    /// The page on which it is finished.
    pub page: Url,
}

impl Hermes {
    /// Whether Hermes is there, and whether it knows the token. Needs none.
    #[must_use]
    pub fn heartbeat(&self) -> Call<Heartbeat> {
        Call::get(self.endpoints.get(&["heartbeat", ""]), |response| response.json())
    }

    /// The topics that may be read. Hermes' list is up to 30 minutes old.
    #[must_use]
    pub fn topics(&self) -> Call<Topics> {
        Call::get(self.endpoints.get(&["topics", ""]), |response| response.json())
    }

    /// What Hermes knows of the token's owner, such as the topics that may be written to.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a token.
    pub fn profile(&self) -> Result<Call<Profile>> {
        self.endpoints.token()?;
        Ok(Call::get(self.endpoints.get(&["profile", ""]), |response| response.json()))
    }

    /// A message of the archive with its body, by its whole uuid. Public ones need no token.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for what is no uuid.
    pub fn message(&self, uuid: &str) -> Result<Call<Alert<HermesPacket>>> {
        if is_uuid(uuid) {
            return Ok(super::listing::message(&self.endpoints, uuid, None));
        }
        Err(Error::new(ErrorKind::Input, "this is no uuid of a message").with("uuid", uuid))
    }

    /// A message of Hermes' index by its uuid: its targets and events, without its body.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a token, [`ErrorKind::Input`] for what is no uuid.
    pub fn indexed_message(&self, uuid: &str) -> Result<Call<Alert<HermesPacket>>> {
        self.endpoints.token()?;
        if !is_uuid(uuid) {
            return Err(Error::new(ErrorKind::Input, "this is no uuid of a message").with("uuid", uuid));
        }
        Ok(Call::get(self.endpoints.get(&["messages", uuid, ""]), |response| response.alert()))
    }

    /// The announcements of non-localised events, newest first, of one event and of one sort where
    /// they are given: `EARLY_WARNING`, `PRELIMINARY`, `INITIAL`, `UPDATE`, `RETRACTION`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a token.
    pub fn sequences(&self, event_id: Option<&str>, sort: Option<&str>) -> Result<Call<Rows<EventSequence>>> {
        self.endpoints.token()?;
        let request = self.endpoints.get(&["nonlocalizedeventsequence", ""]);
        let request = request.query_opt("event_id_exact", event_id).query_opt("sequence_type", sort);
        Ok(announcements(request, Rows::default()))
    }

    /// What Hermes finds wrong with a message: nothing, or every fault with its place. Nothing is
    /// published, and no token is needed.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the message cannot be written as JSON.
    pub fn validate_message(&self, message: &HermesMessage) -> Result<Call<Vec<Problem>>> {
        let request =
            self.endpoints.post(&["submit_message", "validate", ""]).json(message)?.idempotent(true);
        Ok(Call::get(request, |response| Ok(tree(&response.json()?))))
    }

    /// A message as Hermes would write it out for people, in Markdown.
    ///
    /// # Errors
    /// As [`validate_message`](Self::validate_message).
    pub fn plain_text(&self, message: &HermesMessage) -> Result<Call<String>> {
        let request =
            self.endpoints.post(&["submit_message", "plaintext", ""]).json(message)?.idempotent(true);
        Ok(Call::get(request, |response| response.json()))
    }

    /// Leaves a message at Hermes for 15 minutes, whole or not, so that a person may finish and
    /// submit it on the page that comes back. Nothing is published.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a token.
    pub fn preload_message(&self, message: &HermesMessage) -> Result<Call<Preloaded>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(deserialize_with = "wire::id")]
            key: String,
        }
        self.endpoints.token()?;
        let request = self.endpoints.post(&["submit_message", "preload", ""]).json(message)?;
        let endpoints = self.endpoints.clone();
        Ok(Call::get(request, move |response| {
            let Answer { key } = response.json()?;
            Ok(Preloaded { page: endpoints.submit_page(&key), key })
        }))
    }
}
