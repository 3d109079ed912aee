//! The contract of every broker.

use super::support::contract::{evidence, holds, robust, scripted};
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
    let query = json!({"mjd_min": 61360, "mjd_max": 61361});
    holds(broker, evidence(query.clone()).data_of(ZTF).secret(TOKEN)).await;
    let alert = ["candid", "objectId", "candidate.jd", "candidate.ra", "candidate.dec", "candidate.magpsf"];
    let own: Vec<String> = alert.iter().map(|key| format!("data.{key}")).collect();
    let listed: Vec<String> = alert.iter().map(|key| format!("data.*.{key}")).collect();
    let recording = scripted::<Babamul>(&script, with_token(), query, Some(ZTF))
        .await
        .essential("/alerts", &listed)
        .essential("/ZTF", &own)
        .essential("/ZTF", &["data.prv_candidates.*.jd", "data.prv_candidates.*.magpsf"])
        .essential("/ZTF", &["data.prv_candidates.*.psfFlux", "data.prv_nondetections.*.jd"])
        .essential("/ZTF", &["data.prv_nondetections.*.diffmaglim", "data.fp_hists.*.jd"])
        .essential("/ZTF", &["data.fp_hists.*.psfFlux", "data.survey_matches.lsst.prv_candidates.*.jd"])
        .essential("/ZTF", &["data.survey_matches.lsst.prv_candidates.*.psfFlux"])
        .essential("/ZTF", &["data.survey_matches.lsst.fp_hists.*.psfFlux"])
        .essential("/ZTF", &["data.survey_matches.lsst.fp_hists.*.jd", "data.prv_candidates.*.candid"])
        .essential("/ZTF", &["data.survey_matches.lsst.prv_candidates.*.candid"])
        .essential("/ZTF", &["data.fp_hists.*.magpsf", "data.survey_matches.lsst.prv_candidates.*.magpsf"])
        // Without its band a measurement is no point.
        .essential("/ZTF", &["data.prv_candidates.*.band", "data.prv_nondetections.*.band"])
        .essential("/ZTF", &["data.fp_hists.*.band", "data.survey_matches.lsst.prv_candidates.*.band"])
        .essential("/ZTF", &["data.survey_matches.lsst.fp_hists.*.band"])
        // To be mended: the error is no more than an ornament.
        .essential("/ZTF", &["data.prv_candidates.*.psfFluxErr", "data.fp_hists.*.psfFluxErr"])
        .essential("/ZTF", &["data.survey_matches.lsst.prv_candidates.*.psfFluxErr"])
        .essential("/ZTF", &["data.survey_matches.lsst.fp_hists.*.psfFluxErr"]);
    robust(recording).await;
}

#[tokio::test(start_paused = true)]
async fn the_contract_of_every_broker_holds_for_boom() {
    let (broker, script) = boom(|request| {
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
    let query = json!({"filter": "{\"candidate.drb\": {\"$gt\": 0.9}}"});
    holds(broker, evidence(query.clone()).data_of(ZTF).secret(PASSWORD)).await;
    let alert = ["_id", "objectId", "candidate.jd", "candidate.ra", "candidate.dec", "candidate.magpsf"];
    let alert: Vec<String> = alert.iter().map(|key| format!("data.*.{key}")).collect();
    let recording = scripted::<Boom>(&script, account(), query, Some(ZTF))
        .await
        .essential("/auth", &["access_token"])
        .essential("/queries", &alert)
        .essential("/queries", &["data.*.prv_candidates.*.jd", "data.*.prv_candidates.*.magpsf"])
        .essential("/queries", &["data.*.prv_candidates.*.psfFlux", "data.*.prv_nondetections.*.jd"])
        .essential("/queries", &["data.*.prv_nondetections.*.diffmaglim", "data.*.fp_hists.*.jd"])
        .essential("/queries", &["data.*.fp_hists.*.psfFlux", "data.*.fp_hists.*.magpsf"])
        .essential("/queries", &["data.*.prv_candidates.*.candid"])
        // Without its band a measurement is no point.
        .essential("/queries", &["data.*.prv_candidates.*.band", "data.*.prv_nondetections.*.band"])
        .essential("/queries", &["data.*.fp_hists.*.band"])
        // To be mended: the error is no more than an ornament.
        .essential("/queries", &["data.*.prv_candidates.*.psfFluxErr", "data.*.fp_hists.*.psfFluxErr"]);
    robust(recording).await;
}
