//! Publishing a message: checked by Hermes, sent once, and what is known when no uuid comes back.

use super::errors::tree;
use super::hopskotch::HermesMessage;
use super::services::Profile;
use super::{Hermes, NAME};
use crate::plugin::*;

impl Hermes {
    /// Publishes a message: checked here, then by Hermes, then its topic by those that the account may
    /// write to, and only then sent. The receipt has the message's uuid.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with every fault of the message and [`ErrorKind::Config`] without a
    /// token, before anything is sent; [`ErrorKind::Refused`] in Hermes' words when it does not take
    /// it, and for a topic that may not be written to. When the connection breaks while it is published, or Hermes fails at Kafka, TNS or GCN, the
    /// error says that it may have been published.
    pub fn submit_message(&self, message: &HermesMessage) -> Result<Call<Receipt>> {
        let faults = message.faults();
        if !faults.is_empty() {
            return Err(Error::from_problems(ErrorKind::Input, faults));
        }
        self.endpoints.token()?;
        let check = self.endpoints.post(&["submit_message", "validate", ""]).json(message)?.idempotent(true);
        let send = self.endpoints.post(&["submit_message", ""]).json(message)?.accept_status(400);
        let profile = self.endpoints.get(&["profile", ""]);
        let (hermes, topic) = (self.clone(), message.topic.clone());
        let tns = message.submit_to_tns == Some(true);
        Ok(Call::step(check, move |answer| {
            let answer: Value = answer.map_err(|error| checking(error, tns))?.json()?;
            if !answer.is_object() {
                let text = "Hermes' check of the message is not what it should be, so nothing was published";
                return Err(Error::new(ErrorKind::Unreadable, text));
            }
            let faults = tree(&answer);
            if !faults.is_empty() {
                return Err(refused(Error::from_problems(ErrorKind::Refused, faults)));
            }
            Ok(Call::step(profile, move |answer| {
                writable(answer, &topic)?;
                Ok(Call::step(send, move |answer| Ok(Call::Done(hermes.receipt(answer)?))))
            }))
        }))
    }

    fn receipt(&self, answer: Result<Response>) -> Result<Receipt> {
        let response = answer.map_err(sending)?;
        let status = response.status();
        let answer = match response.json::<Value>() {
            Ok(answer) => answer,
            Err(error) if status == 400 => return Err(refused(error.with_status(400))),
            Err(error) => return Err(in_doubt(error)),
        };
        let text = |key: &str| answer.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        // A failure too comes with status 200; the uuid alone says that it was published.
        if let Some(uuid) = text("uuid") {
            let page = self.endpoints.message_page(uuid);
            let uuid = uuid.to_owned();
            return Ok(Receipt::new(NAME, Some(uuid), Some(page), answer));
        }
        let words = response.own_words().unwrap_or_else(|| "it answered without a uuid".to_owned());
        let words = words.trim_end_matches('.');
        if words.contains("auth credential") {
            let text = format!(
                "Hermes did not publish the message: {words}. Log in at its page anew, so that it makes a Hopskotch credential, and see that api_key is this account's"
            );
            return Err(Error::new(ErrorKind::Auth, text));
        }
        let error = Error::new(ErrorKind::Status, format!("Hermes says: {words}"));
        // One word for all of Kafka, TNS and GCN, of which the first may have done its part.
        Err(match (status, text("error")) {
            (400, None) => refused(error.with_status(400)),
            (400, Some(_)) => in_doubt(error.with_status(400)),
            _ => in_doubt(error),
        })
    }
}

/// Whether the account may write to a topic, as far as its profile says: Hermes' check does not look,
/// and tells a failure at Kafka when it may be too late.
fn writable(answer: Result<Response>, topic: &str) -> Result<()> {
    const MOST_TOLD: usize = 20;
    let topics = match answer.and_then(|response| response.json::<Profile>()) {
        Ok(profile) => profile.writable_topics,
        Err(error) if error.kind() == ErrorKind::Auth => return Err(error),
        // Without the list Hermes decides by itself.
        Err(_) => return Ok(()),
    };
    if topics.is_empty() || topics.iter().any(|writable| writable == topic) {
        return Ok(());
    }
    let told = topics.iter().take(MOST_TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
    let text =
        format!("the account may not write to this topic, so nothing was published; it may write to {told}");
    Err(Error::new(ErrorKind::Refused, text).with("topic", topic))
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
    match error.http_status() {
        Some(413) => error
            .reworded(ErrorKind::TooLarge, "the message is too large for Hermes, so it was not published"),
        Some(400) => refused(error),
        _ if error.may_have_arrived() => in_doubt(error),
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
