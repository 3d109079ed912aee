//! The contract of every broker.

use super::support::contract::{evidence, holds};
use super::*;

#[tokio::test(start_paused = true)]
async fn the_contract_of_every_broker_holds_for_babamul() {
    let script = ScriptedTransport::new(|request| {
        let path = request.url().path();
        Ok(match path.rsplit('/').next() {
            Some("alerts") => answer(200, "alerts_page1.json"),
            Some("cutouts") => answer(200, "cutouts.json"),
            Some(ZTF) => answer(200, "object_ztf.json"),
            Some("ZTF26aaboomy") => answer(200, "object_second.json"),
            _ => answer(404, "error_404.json"),
        })
    });
    let broker = client::<Babamul>(&script, with_token());
    let evidence = evidence(json!({"mjd_min": 61360, "mjd_max": 61361})).data_of(ZTF).secret(TOKEN);
    holds(broker, evidence).await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_of_every_broker_holds_for_boom() {
    let (broker, _) = boom(|request| {
        if request.url().path().ends_with("cutouts") {
            return answer(200, "cutouts.json");
        }
        let body = body(request);
        let second = body["filter"].to_string().contains("ZTF26aaboomy");
        match body["catalog_name"].as_str() {
            Some("ZTF_alerts_aux") => answer(200, "boom_aux.json"),
            Some("LSST_alerts") => answer(200, "alerts_empty.json"),
            _ if body["limit"] == 1 => {
                answer(200, if second { "boom_find_two.json" } else { "boom_find_one.json" })
            }
            _ => answer(200, "boom_find.json"),
        }
    });
    let evidence =
        evidence(json!({"filter": "{\"candidate.drb\": {\"$gt\": 0.9}}"})).data_of(ZTF).secret(PASSWORD);
    holds(broker, evidence).await;
}
