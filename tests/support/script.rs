//! A service that answers from a script, under a paused clock, and what it was asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tom_alerts::http::{Http, HttpConfig, Request, Response};
use tom_alerts::testing::ScriptedTransport;
use tom_alerts::{Client, Protocol};

use super::fixtures::fixture;

/// An answer with a fixture as its body.
pub(crate) fn answer(status: u16, name: &str) -> Response {
    Response::new(status, Vec::new(), fixture(name).into())
}

/// An answer with this body.
pub(crate) fn text(status: u16, text: &str) -> Response {
    Response::new(status, Vec::new(), text.to_owned().into())
}

/// A transport that gives one answer always.
pub(crate) fn always(response: Response) -> ScriptedTransport {
    ScriptedTransport::new(move |_| Ok(response.clone()))
}

/// A transport that gives one answer first and another from then on.
pub(crate) fn first(first: Response, then: Response) -> ScriptedTransport {
    let count = AtomicUsize::new(0);
    ScriptedTransport::new(move |_| {
        let again = count.fetch_add(1, Ordering::Relaxed) > 0;
        Ok(if again { then.clone() } else { first.clone() })
    })
}

/// A query parameter of a request.
pub(crate) fn asked(request: &Request, key: &str) -> Option<String> {
    request.url().query_pairs().find(|(name, _)| name == key).map(|(_, value)| value.into_owned())
}

/// Everything that was asked, as `GET /path?query`, in order.
pub(crate) fn sent(script: &ScriptedTransport) -> Vec<String> {
    let line = |request: &Request| {
        let url = request.url();
        let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
        format!("{} {}{query}", request.method().as_str(), url.path())
    };
    script.requests().iter().map(line).collect()
}

/// A header of a request.
pub(crate) fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

/// The JSON in the body of a request.
pub(crate) fn body(request: &Request) -> Value {
    let (_, bytes) = request.encoded().unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// A broker on a script, whose retries do not wait by chance.
pub(crate) fn client<P: Protocol>(script: &ScriptedTransport, config: P::Config) -> Client<P> {
    let http = serde_json::from_value::<HttpConfig>(json!({"max_retries": 2})).unwrap();
    let http = Http::with_transport(Arc::new(script.clone()), &http).with_dice(|| 0.0);
    Client::with_http(config, &http).unwrap()
}
