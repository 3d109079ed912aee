//! The contract of every broker.

use super::support::contract::{evidence, holds, recorded, robust};
use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds() {
    let service = Service::three().await;
    let query = json!({"target_name": "2026qq", "partial_name": true});
    holds(service.broker(), evidence(query.clone()).data_of("2026qqa").secret(KEY)).await;
    let recording = recorded::<Tns>(service.config(), query, Some("2026qqa"))
        .await
        .essential("", &["id_code"])
        .essential("/search", &["data.*.objname"])
        .essential("/object", &["data.objname", "data.radeg", "data.decdeg", "data.photometry.*.jd"])
        .essential("/object", &["data.photometry.*.flux", "data.photometry.*.limflux", "data.spectra.*.jd"])
        // The position of an object that has no other.
        .essential("/object", &["data.ra", "data.dec"])
        // Where a spectrum is.
        .essential("/object", &["data.spectra.*.asciifile"]);
    robust(recording).await;
}
