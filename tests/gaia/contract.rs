//! The contract of every broker.

use super::support::contract::{evidence, holds, recorded, robust};
use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::with_list("alerts_ok.csv").await;
    for name in [NAME, "Gaia22aac", "Gaia22aabx", "Gaia21zzz"] {
        let curve = text_fixture("lightcurve_ok.csv").replace(NAME, name);
        let curve = ResponseTemplate::new(200).set_body_raw(curve, "text/csv");
        service.get(&format!("/alerts/alert/{name}/lightcurve.csv"), curve).await;
    }
    service.get(INDEX, answer(200, "index_ok.html")).await;
    let secret = "canary-71d0";
    let base_url = format!("http://user:{secret}@127.0.0.1:8/").parse().ok();
    let refused = GaiaConfig { base_url, ..GaiaConfig::default() };
    let error = GaiaBroker::with_http(refused, &service.http()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(secret), "{error}");
    for broker in [service.broker(), service.of_page()] {
        let evidence = evidence(json!({"mag_max": 25})).secret(secret);
        holds(broker, evidence).await;
    }
    robust(recorded::<Gaia>(service.config(), json!({"mag_max": 25}), Some(NAME)).await).await;
}
