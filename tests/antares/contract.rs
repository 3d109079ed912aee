//! The contract of every broker.

use super::support::contract::{evidence, holds, recorded, robust};
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
        let query = json!({"tags": ["extragalactic"], "ra": 0, "dec": -90, "radius": 5});
        holds(service.broker(), evidence(query)).await;
    }
    let service = Service::v2().await.with_ztf().await;
    let listing = text_fixture("v2_loci_page1.json").replace("\"next\"", "\"nothing\"");
    service.below("loci", ResponseTemplate::new(200).set_body_string(listing)).await;
    let query = json!({"tags": ["extragalactic"], "ra": 0, "dec": -90, "radius": 5});
    let recording = recorded::<Antares>(service.config(), query, Some(LOCUS))
        .await
        // What leads to the next page is no ornament.
        .essential("/loci", &["links", "data.*.locus.locus_id", "data.*.locus.ra", "data.*.locus.dec"])
        .essential("/loci/", &["data.id", "data.ra", "data.dec", "data.lightcurve"])
        .essential("/alerts", &["data.*.id", "data.*.mjd", "data.*.properties.ant_mjd"])
        .essential("/alerts", &["data.*.properties.ant_mag", "data.*.properties.ant_maglim"])
        .essential("/alerts", &["data.*.properties.ant_survey"]);
    robust(recording).await;
}

/// A request whose query holds a text.
struct Named(&'static str);

impl wiremock::Match for Named {
    fn matches(&self, request: &wiremock::Request) -> bool {
        request.url.query().is_some_and(|query| query.contains(self.0))
    }
}
