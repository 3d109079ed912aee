//! The contract of every broker.

use super::support::contract::{evidence, holds};
use super::*;

#[tokio::test]
async fn the_contract_of_every_broker_holds_for_both_versions() {
    for service in [Service::v2().await.with_ztf().await, Service::v1().await.with_ztf().await] {
        let page = format!("{}_loci_page1.json", service.root);
        let text = text_fixture(&page).replace("\"next\"", "\"nothing\"");
        let listing = ResponseTemplate::new(200).set_body_string(text.clone());
        // A search by an id of LSST finds the locus of LSST alone.
        let mut one: Value = serde_json::from_str(&text).unwrap();
        one["data"].as_array_mut().unwrap().remove(0);
        service.when(Named(LSST), ResponseTemplate::new(200).set_body_json(one)).await;
        service.below("loci", listing).await;
        service.below(&format!("loci/{LSST_LOCUS}"), answer(200, "v2_locus_lsst.json")).await;
        service.below(&format!("loci/{LSST_LOCUS}/alerts"), answer(200, "v2_alerts_lsst.json")).await;
        let own = answer(200, &format!("{}_thumbnails.json", service.root));
        service.below("alerts/ztf_candidate:2747250000015010003/thumbnails", own).await;
        let evidence = evidence(json!({"tags": ["extragalactic"], "ra": 0, "dec": -90, "radius": 5}));
        holds(service.broker(), evidence).await;
    }
}

/// A request whose query holds a text.
struct Named(&'static str);

impl wiremock::Match for Named {
    fn matches(&self, request: &wiremock::Request) -> bool {
        request.url.query().is_some_and(|query| query.contains(self.0))
    }
}
