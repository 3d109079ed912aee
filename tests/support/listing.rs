//! A listing to its end.

use serde_json::Value;
use tom_alerts::form::{self, Form};
use tom_alerts::{Alert, Client, Error, Protocol, Result, ResumeToken};

/// What a listing gave.
pub(crate) struct Listed<K> {
    pub(crate) alerts: Vec<Alert<K>>,
    pub(crate) faults: Vec<Error>,
    pub(crate) notes: Vec<String>,
    pub(crate) total: Option<u64>,
}

/// Lists to the end.
pub(crate) async fn list<P: Protocol>(broker: &Client<P>, query: &P::Query) -> Listed<P::Packet> {
    let mut stream = broker.alerts(query).unwrap();
    let (mut alerts, mut faults) = (Vec::new(), Vec::new());
    while let Some(item) = stream.next().await {
        match item {
            Ok(alert) => alerts.push(alert),
            Err(error) => faults.push(error),
        }
    }
    Listed { alerts, faults, notes: stream.notes(), total: stream.total() }
}

/// Parameters as a program gives them, read into the form of a broker.
pub(crate) fn read_form<Q: Form>(pairs: &Value) -> Result<Q> {
    form::read(pairs.as_object().unwrap())
}

/// The place within the text of a resume token: how many items were taken, `@`, the cursor.
pub(crate) fn place(token: &str) -> &str {
    token.splitn(4, ':').nth(3).unwrap()
}

/// A token of the same listing at another place.
pub(crate) fn at_place(token: &ResumeToken, other: &str) -> ResumeToken {
    let text = token.to_string();
    let head = text.strip_suffix(place(&text)).unwrap();
    format!("{head}{other}").parse().unwrap()
}
