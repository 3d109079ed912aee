//! The contract of every broker, asked of one.

use std::sync::Arc;

use serde_json::Value;
use tom_alerts::http::{Http, HttpConfig, HttpTransport};
use tom_alerts::testing::{Evidence, Recording, ScriptedTransport, check_broker};
use tom_alerts::{Client, GenericBroker, Parameters, Protocol};

fn map(parameters: Value) -> Parameters {
    let Value::Object(parameters) = parameters else { panic!("parameters are a map: {parameters}") };
    parameters
}

/// Evidence whose listing answers these parameters.
pub(crate) fn evidence(parameters: Value) -> Evidence {
    Evidence::listing(map(parameters))
}

/// The clauses that do not hold.
pub(crate) async fn broken(broker: impl GenericBroker + 'static, evidence: Evidence) -> Vec<String> {
    check_broker(Arc::new(broker), evidence).await
}

/// Every clause holds.
pub(crate) async fn holds(broker: impl GenericBroker + 'static, evidence: Evidence) {
    let broken = broken(broker, evidence).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

/// How a broker is built over a transport.
fn built<P: Protocol>(
    config: P::Config,
) -> impl Fn(&Http) -> tom_alerts::Result<Arc<dyn GenericBroker>> + Send + Sync + 'static
where
    P::Config: Clone + Send + Sync + 'static,
{
    move |http| Ok(Arc::new(Client::<P>::with_http(config.clone(), http)?))
}

/// What a service on loopback answers a broker. From here on the clock is paused: the answers are in
/// memory, and nobody waits for a broker that asks slowly.
pub(crate) async fn recorded<P: Protocol>(
    config: P::Config,
    parameters: Value,
    data_of: Option<&str>,
) -> Recording
where
    P::Config: Clone + Send + Sync + 'static,
{
    let network = Arc::new(HttpTransport::new(&HttpConfig::default()).unwrap());
    let recording = Recording::take(network, built::<P>(config), &map(parameters), data_of).await.unwrap();
    tokio::time::pause();
    recording
}

/// The same of a script, under a clock that is paused already.
pub(crate) async fn scripted<P: Protocol>(
    script: &ScriptedTransport,
    config: P::Config,
    parameters: Value,
    data_of: Option<&str>,
) -> Recording
where
    P::Config: Clone + Send + Sync + 'static,
{
    Recording::take(Arc::new(script.clone()), built::<P>(config), &map(parameters), data_of).await.unwrap()
}

/// What is odd in an answer costs itself alone.
pub(crate) async fn robust(recording: Recording) {
    let broken = recording.check().await;
    assert!(broken.is_empty(), "{broken:#?}");
}
