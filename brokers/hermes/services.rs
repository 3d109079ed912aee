//! Hermes' services beside its listings: one message, topics, profile, checking, submitting.

use super::explain::tree;
use super::message::HermesMessage;
use super::packet::{EventSequence, HermesPacket};
use super::{Hermes, NAME, is_uuid};
use crate::plugin::*;

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
    pub writable_topics: Vec<String>,
    /// Other services that are linked.
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
        Call::get(self.get(&["heartbeat", ""]), |response| response.json())
    }

    /// The topics that may be read. Hermes' list is up to 30 minutes old.
    #[must_use]
    pub fn topics(&self) -> Call<Topics> {
        Call::get(self.get(&["topics", ""]), |response| response.json())
    }

    /// What Hermes knows of the token's owner, such as the topics that may be written to.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a token.
    pub fn profile(&self) -> Result<Call<Profile>> {
        self.token()?;
        Ok(Call::get(self.get(&["profile", ""]), |response| response.json()))
    }

    /// A message of the archive with its body, by its whole uuid. Public ones need no token.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for what is no uuid.
    pub fn message(&self, uuid: &str) -> Result<Call<Alert<HermesPacket>>> {
        if is_uuid(uuid) {
            return Ok(self.message_call(uuid));
        }
        Err(Error::new(ErrorKind::Input, "this is no uuid of a message").with("uuid", uuid))
    }

    /// A message of Hermes' index by its uuid: its targets and events, without its body.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a token, [`ErrorKind::Input`] for what is no uuid.
    pub fn indexed_message(&self, uuid: &str) -> Result<Call<Alert<HermesPacket>>> {
        self.token()?;
        if !is_uuid(uuid) {
            return Err(Error::new(ErrorKind::Input, "this is no uuid of a message").with("uuid", uuid));
        }
        Ok(Call::get(self.get(&["messages", uuid, ""]), read_one))
    }

    /// The announcements of non-localised events, newest first, of one event and of one sort where
    /// they are given: `EARLY_WARNING`, `PRELIMINARY`, `INITIAL`, `UPDATE`, `RETRACTION`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a token.
    pub fn sequences(&self, event_id: Option<&str>, sort: Option<&str>) -> Result<Call<Rows<EventSequence>>> {
        #[derive(Deserialize)]
        struct Listed {
            results: Rows<EventSequence>,
        }
        self.token()?;
        let request = self.get(&["nonlocalizedeventsequence", ""]);
        let request = request.query_opt("event_id_exact", event_id).query_opt("sequence_type", sort);
        Ok(Call::get(request.query("limit", 1_000), |response| Ok(response.json::<Listed>()?.results)))
    }

    /// What Hermes finds wrong with a message: nothing, or every fault with its place. Nothing is
    /// published, and no token is needed.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when the message cannot be written as JSON.
    pub fn validate_message(&self, message: &HermesMessage) -> Result<Call<Vec<Problem>>> {
        let request = self.post(&["submit_message", "validate", ""]).json(message)?.idempotent(true);
        Ok(Call::get(request, |response| Ok(faults(&response.json()?))))
    }

    /// A message as Hermes would write it out for people, in Markdown.
    ///
    /// # Errors
    /// As [`validate_message`](Self::validate_message).
    pub fn plain_text(&self, message: &HermesMessage) -> Result<Call<String>> {
        let request = self.post(&["submit_message", "plaintext", ""]).json(message)?.idempotent(true);
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
        self.token()?;
        let request = self.post(&["submit_message", "preload", ""]).json(message)?;
        let mut page = self.page_for_people(&["submit-message"]);
        Ok(Call::get(request, move |response| {
            let Answer { key } = response.json()?;
            page.query_pairs_mut().append_pair("id", &key);
            Ok(Preloaded { key, page })
        }))
    }

    /// Publishes a message: checked here, then by Hermes, and only then sent. The receipt has the
    /// message's uuid.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with every fault of the message and [`ErrorKind::Config`] without a
    /// token, before anything is sent; [`ErrorKind::Refused`] in Hermes' words when it does not take
    /// it. When the connection breaks while it is published, the error says that it may have been.
    pub fn submit_message(&self, message: &HermesMessage) -> Result<Call<Receipt>> {
        let faults = message.faults();
        if !faults.is_empty() {
            return Err(Error::from_problems(ErrorKind::Input, faults));
        }
        self.token()?;
        let check = self.post(&["submit_message", "validate", ""]).json(message)?.idempotent(true);
        let send = self.post(&["submit_message", ""]).json(message)?;
        let hermes = self.clone();
        let tns = message.submit_to_tns == Some(true);
        Ok(Call::step(check, move |answer| {
            let answer = answer.map_err(|error| checking(error, tns))?;
            let faults = faults_of(&answer)?;
            if !faults.is_empty() {
                return Err(refused(Error::from_problems(ErrorKind::Refused, faults)));
            }
            Ok(Call::step(send, move |answer| Ok(Call::Done(hermes.receipt(answer)?))))
        }))
    }

    fn receipt(&self, answer: Result<Response>) -> Result<Receipt> {
        let response = answer.map_err(sending)?;
        let answer: Value = response.json().map_err(in_doubt)?;
        let text = |key: &str| answer.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        // A failure too comes with status 200; the uuid alone says that it was published.
        if let Some(uuid) = text("uuid") {
            let page = self.message_page(uuid);
            let uuid = uuid.to_owned();
            return Ok(Receipt::new(NAME, Some(uuid), Some(page), answer));
        }
        let Some(words) = text("error").map(|words| words.chars().take(300).collect::<String>()) else {
            let text = "Hermes answered without a uuid, so the message was not published";
            return Err(Error::new(ErrorKind::Refused, text));
        };
        let words = words.trim_end_matches('.').to_owned();
        if words.contains("auth credential") {
            let text = format!(
                "Hermes did not publish the message: {words}. Log in at its page anew, so that it makes a Hopskotch credential, and see that api_key is this account's"
            );
            return Err(Error::new(ErrorKind::Auth, text));
        }
        Err(Error::new(ErrorKind::Refused, format!("Hermes did not publish the message: {words}")))
    }

    pub(super) fn message_call(&self, uuid: &str) -> Call<Alert<HermesPacket>> {
        Call::get(self.get(&["query", "message", uuid, ""]), read_one)
    }
}

pub(super) fn read_one(response: Response) -> Result<Alert<HermesPacket>> {
    let text = response.text()?;
    match Alert::from_raw(text) {
        Ok(alert) => Ok(alert),
        // Bare NaN tokens are mended, and what is no JSON at all is told as such.
        Err(_) => {
            let value: Box<RawValue> = response.json()?;
            Alert::from_raw(value.get())
        }
    }
}

fn faults(answer: &Value) -> Vec<Problem> {
    tree(answer)
}

fn faults_of(response: &Response) -> Result<Vec<Problem>> {
    let answer: Value = response.json()?;
    if !answer.is_object() {
        let text = "Hermes' check of the message is not what it should be, so nothing was published";
        return Err(Error::new(ErrorKind::Unreadable, text));
    }
    Ok(faults(&answer))
}

fn refused(error: Error) -> Error {
    let text = format!("Hermes refuses the message, so nothing was published: {}", error.message());
    error.reworded(ErrorKind::Refused, text)
}

/// A failure of the check: nothing was published yet.
fn checking(error: Error, tns: bool) -> Error {
    match error.http_status() {
        Some(400) => refused(error),
        Some(500..) if tns => {
            let text = "Hermes failed to check the message, as it does while it cannot reach TNS' lists; try later, or without submit_to_tns";
            let kind = error.kind();
            error.reworded(kind, text)
        }
        _ => error,
    }
}

/// A failure of the sending itself.
fn sending(error: Error) -> Error {
    match (error.http_status(), error.kind()) {
        (Some(413), _) => error
            .reworded(ErrorKind::TooLarge, "the message is too large for Hermes, so it was not published"),
        (Some(400), _) => refused(error),
        (Some(500..), _) | (None, ErrorKind::Network | ErrorKind::Timeout) => in_doubt(error),
        _ => error,
    }
}

/// A failure after which nobody knows whether the message is out.
fn in_doubt(error: Error) -> Error {
    let kind = error.kind();
    let text = format!(
        "whether the message was published is not known: {}; look for it at Hermes before you send it again",
        error.message()
    );
    error.reworded(kind, text).retryable(false)
}
