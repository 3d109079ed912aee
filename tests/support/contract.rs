//! The contract of every broker, asked of one.

use std::sync::Arc;

use serde_json::Value;
use tom_alerts::GenericBroker;
use tom_alerts::testing::{Evidence, check_broker};

/// Evidence whose listing answers these parameters.
pub(crate) fn evidence(parameters: Value) -> Evidence {
    let Value::Object(parameters) = parameters else { panic!("parameters are a map: {parameters}") };
    Evidence::listing(parameters)
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
