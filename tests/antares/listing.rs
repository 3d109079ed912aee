//! Listings: pages, generic alerts, targets.

use tom_alerts::testing::ScriptedTransport;

use super::support::listing::at_place;
use super::support::script::{asked, client, text};
use super::*;

const COUNTED: &str =
    "the pages are counted: loci of equal values can be lost between two pages, or come twice";

#[tokio::test]
async fn a_listing_follows_the_links_of_version_2() {
    let service = Service::v2().await;
    service.when(query_param("offset", "2"), answer(200, "v2_loci_page2.json")).await;
    service.when(query_param_is_missing("offset"), answer(200, "v2_loci_page1.json")).await;
    let listed = list(&service.broker(), &two()).await;
    assert_eq!(listed.ids(), [LOCUS, LSST_LOCUS, "ANT2020cccc"]);
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    assert_eq!(listed.notes, [COUNTED]);
    let first = "GET /v2/loci?limit=2&sort=-properties.newest_alert_observation_time&elasticsearch_query=\
                 %7B%22query%22%3A%7B%22match_all%22%3A%7B%7D%7D%7D";
    assert_eq!(service.asked().await, [first.to_owned(), format!("{first}&offset=2")]);
    assert_eq!(service.header(0, "accept").await.as_deref(), Some("application/json"));
}

#[tokio::test]
async fn a_listing_of_version_1_has_http_links_that_come_back_to_the_configured_root() {
    let service = Service::v1().await;
    service.when(query_param("page[offset]", "2"), answer(200, "v1_loci_page2.json")).await;
    service.when(query_param_is_missing("page[offset]"), answer(200, "v1_loci_page1.json")).await;
    let listed = list(&service.broker(), &two()).await;
    assert_eq!(listed.ids(), [LOCUS, LSST_LOCUS, "ANT2020cccc"]);
    assert_eq!(listed.total, Some(3));
    assert_eq!(
        service.parameters(0).await,
        [
            ("sort".to_owned(), "-properties.newest_alert_observation_time".to_owned()),
            ("elasticsearch_query[locus_listing]".to_owned(), r#"{"query":{"match_all":{}}}"#.to_owned()),
            ("page[limit]".to_owned(), "2".to_owned()),
        ]
    );
    assert_eq!(
        service.asked().await[1],
        "GET /v1/loci?sort=-properties.newest_alert_observation_time&page%5Blimit%5D=2&page%5Boffset%5D=2"
    );
    let accept = service.header(1, "accept").await.unwrap();
    assert!(accept.starts_with("application/vnd.api+json"), "{accept}");
}

#[tokio::test]
async fn both_versions_give_one_model() {
    let mut models = Vec::new();
    for service in [Service::v1().await, Service::v2().await] {
        service.below("loci", answer(200, &format!("{}_loci_page2.json", service.root))).await;
        let listed = list(&service.broker(), &AntaresQuery::default()).await;
        models.push(serde_json::to_value(&*listed.alerts[0]).unwrap());
    }
    models[0]["htm16"] = Value::Null;
    assert_eq!(models[0], models[1]);
    assert_eq!(models[1]["properties"]["num_alerts"], 40);
}

#[tokio::test]
async fn a_link_to_another_host_is_refused_and_what_came_is_kept() {
    let service = Service::v2().await;
    service.below("loci", answer(200, "v2_loci_foreign_next.json")).await;
    let listed = list(&service.broker(), &two()).await;
    assert_eq!(listed.ids(), [LOCUS]);
    assert_eq!(
        listed.faults[0].to_string(),
        "ANTARES: the link to the next page leads to another host, so the listing ends here though there is more \
         [host=evil.example, item=2]"
    );
    assert_eq!(service.asked().await.len(), 1);
}

#[tokio::test]
async fn a_locus_becomes_a_generic_alert_and_a_target() {
    let service = Service::v2().await;
    service.below("loci", answer(200, "v2_loci_one.json")).await;
    let broker = service.broker();
    let alert = list(&broker, &AntaresQuery::default()).await.alerts.remove(0);
    let generic = broker.generic(&alert).unwrap();
    assert_eq!(
        serde_json::to_value(&generic).unwrap(),
        json!({
            "timestamp": "2024-04-02T06:00:00Z", "id": LOCUS, "name": ZTF, "ra": 150.11, "dec": 2.205,
            "mag": 17.75, "score": null, "url": "https://antares.noirlab.edu/loci/ANT2024aaaab"
        })
    );
    let target = broker.target(&alert).unwrap();
    assert_eq!((target.target_type(), target.name.as_str()), ("SIDEREAL", ZTF));
    assert_eq!(target.aliases, [LOCUS, "ZTF18bbbbbbb"]);
    let extras: Vec<_> = target.extras.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        extras,
        [
            "anomaly_score=0.625",
            "anomaly_type=Outlier",
            "antares_catalogs=gaia_dr3_gaia_source,ned",
            "antares_tags=extragalactic,nuclear_transient",
            "grav_wave_events=S240101a",
            "num_alerts=5",
            "num_mag_values=3",
            "vetted=true",
            "visits=12",
        ]
    );
    assert_eq!(alert.properties.filter("feature_amplitude_magn_g").unwrap().as_f64(), Some(0.375));
    assert_eq!(alert.properties.is_corrected, Some(true));
}

#[tokio::test]
async fn a_locus_of_lsst_alone_has_its_name_and_its_time_in_utc() {
    let service = Service::v2().await;
    service.below("loci", answer(200, "v2_loci_lsst.json")).await;
    let broker = service.broker();
    let alert = list(&broker, &AntaresQuery::default()).await.alerts.remove(0);
    let generic = broker.generic(&alert).unwrap();
    assert_eq!((generic.name.as_str(), generic.id.as_str()), (LSST, LSST_LOCUS));
    // 12:00:00 in TAI.
    assert_eq!(generic.timestamp.unwrap().to_rfc3339(), "2026-03-03T11:59:23+00:00");
    assert_eq!(alert.oldest().unwrap().to_rfc3339(), "2026-02-28T23:59:23+00:00");
    assert_eq!(broker.target(&alert).unwrap().aliases, [LSST_LOCUS]);
}

#[tokio::test]
async fn an_object_of_the_solar_system_is_no_sidereal_target() {
    let service = Service::v2().await;
    service.below("loci", answer(200, "v2_loci_page2.json")).await;
    let broker = service.broker();
    let alert = list(&broker, &AntaresQuery::default()).await.alerts.remove(0);
    let target = broker.target(&alert).unwrap();
    assert_eq!(target.target_type(), "NON_SIDEREAL");
    assert_eq!(target.name, "ZTF19ccccccc");
    assert_eq!(target.aliases, ["ANT2020cccc", "Testeroid (1999 AB1)"]);
    assert_eq!(target.position(), Some((359.9998, -0.5)));
    assert_eq!(target.extras["moving"], "true");
    assert_eq!(target.extras["ztf_ssnamenr"], "1999 AB1");
}

#[tokio::test]
async fn nothing_found_and_more_than_asked_are_noted() {
    let service = Service::v2().await;
    service.below("loci", answer(200, "v2_loci_empty.json")).await;
    let listed = list(&service.broker(), &two()).await;
    assert!(listed.alerts.is_empty() && listed.faults.is_empty());
    assert_eq!(listed.notes, ["no locus answers the query"]);

    for most in [1, 2] {
        let service = Service::v2().await;
        service.below("loci", answer(200, "v2_loci_page1.json")).await;
        let query = AntaresQuery { max_alerts: Some(most), ..AntaresQuery::default() };
        let listed = list(&service.broker(), &query).await;
        assert_eq!(listed.alerts.len(), most as usize);
        let loci = if most == 1 { "1 locus" } else { "2 loci" };
        assert_eq!(listed.notes, [format!("stopped after {loci} as max_alerts asked; there is more")]);
        assert_eq!(service.parameters(0).await[0].1, most.to_string());
        assert_eq!(service.asked().await.len(), 1);
    }
}

#[tokio::test]
async fn the_most_loci_count_over_all_pages_and_a_listing_can_be_resumed() {
    let service = Service::v2().await;
    service.when(query_param("offset", "2"), answer(200, "v2_loci_page2.json")).await;
    service.when(query_param_is_missing("offset"), answer(200, "v2_loci_page1.json")).await;
    let broker = service.broker();
    let listed = list(&broker, &AntaresQuery { max_alerts: Some(3), ..two() }).await;
    assert_eq!((listed.alerts.len(), &listed.notes[..]), (3, &[COUNTED.to_owned()][..]));

    let mut stream = broker.alerts(&two()).unwrap();
    for _ in 0..2 {
        stream.next().await.unwrap().unwrap();
    }
    let token = stream.resume_token();
    let mut rest = broker.alerts_from(&two(), Some(&token.unwrap())).unwrap();
    assert_eq!(rest.next().await.unwrap().unwrap().id, "ANT2020cccc");
    assert!(rest.next().await.is_none());
}

#[tokio::test]
async fn a_count_at_its_end_is_no_total() {
    let service = Service::v1().await;
    service.below("loci", answer(200, "v1_loci_many.json")).await;
    assert_eq!(list(&service.broker(), &two()).await.total, None);
}

#[tokio::test]
async fn dates_are_those_of_the_query_to_the_second_in_both_time_scales() {
    // 2026-03-03 11:59:23 UTC is the newest alert of the locus of LSST.
    let newest = 61_102.5 - 37.0 / 86_400.0;
    for (end, found) in [(newest + 1.0 / 86_400.0, 1), (newest, 1), (newest - 1.0 / 86_400.0, 0)] {
        let service = Service::v2().await;
        service.below("loci", answer(200, "v2_loci_lsst.json")).await;
        let query = AntaresQuery { mjd_max: Some(end), ..AntaresQuery::default() };
        assert_eq!(list(&service.broker(), &query).await.alerts.len(), found, "{end}");
    }
}

#[tokio::test]
async fn a_locus_id_is_asked_for_by_itself() {
    let query = AntaresQuery { locus_id: Some(LOCUS.into()), ..AntaresQuery::default() };
    for service in [Service::v1().await.with_ztf().await, Service::v2().await.with_ztf().await] {
        let listed = list(&service.broker(), &query).await;
        assert_eq!(listed.ids(), [LOCUS]);
        assert_eq!(service.asked().await, [format!("GET /{}/loci/{LOCUS}", service.root)]);
    }
    let service = Service::v1().await;
    service.otherwise(answer(404, "v1_error_404.json")).await;
    let listed = list(&service.broker(), &query).await;
    assert_eq!((listed.alerts.len(), listed.faults.len()), (0, 0));
    assert_eq!(listed.notes, ["no locus answers the query"]);
    let service = Service::v2().await;
    let page = ResponseTemplate::new(404).set_body_raw("<html><title>Not here</title></html>", "text/html");
    service.otherwise(page).await;
    let told = list(&service.broker(), &query).await.faults[0].to_string();
    assert_eq!(told, "ANTARES: the service does not have this path; is base_url right? [page=1, status=404]");
}

/// A service with so many loci, so many of them to each time, that takes in `arrivals` newer ones after each
/// page.
fn growing(count: i64, alike: i64, arrivals: i64) -> AntaresBroker {
    let template = json_fixture("v2_loci_one.json")["data"][0].clone();
    let newest = std::sync::atomic::AtomicI64::new(count);
    let script = ScriptedTransport::new(move |request| {
        let last = newest.fetch_add(arrivals, std::sync::atomic::Ordering::Relaxed);
        let offset = asked(request, "offset").map_or(0, |offset| offset.parse::<i64>().unwrap());
        let rows: Vec<Value> = (0..last - offset)
            .take(10)
            .map(|n| {
                let number = last - offset - n;
                let mut row = template.clone();
                row["locus"]["locus_id"] = format!("ANT2026{number:04}").into();
                row["locus"]["properties"]["newest_alert_observation_time"] =
                    (60_000 + number / alike).into();
                row
            })
            .collect();
        let more = offset + 10 < last;
        let next = more.then(|| format!("https://api.antares.noirlab.edu/v2/loci?offset={}", offset + 10));
        Ok(text(200, &json!({"data": rows, "links": {"next": next}}).to_string()))
    });
    client::<Antares>(&script, AntaresConfig::default())
}

#[tokio::test]
async fn loci_that_newer_ones_pushed_over_come_once_and_several_pages_are_noted() {
    for (alike, arrivals) in [(1, 0), (1, 2), (1, 4), (5, 2), (5, 4), (100, 2)] {
        let listed = list(&growing(25, alike, arrivals), &AntaresQuery::default()).await;
        assert_eq!(listed.alerts.len(), 25, "{alike} {arrivals}: {:?}", listed.ids());
        assert_eq!((listed.ids()[0], listed.ids()[24]), ("ANT20260025", "ANT20260001"));
        assert_eq!(listed.notes, [COUNTED]);
    }
    let listed = list(&growing(10, 1, 0), &AntaresQuery::default()).await;
    assert_eq!((listed.alerts.len(), listed.notes.len()), (10, 0), "one page loses nothing");
    // Of another order nothing is known, so nothing is left out.
    let query = AntaresQuery { sort: Some("-properties.num_alerts".into()), ..AntaresQuery::default() };
    assert_eq!(list(&growing(25, 1, 2), &query).await.alerts.len(), 29);
    // The place holds the last time, and one of before is understood.
    let broker = growing(25, 1, 0);
    let mut stream = broker.alerts(&AntaresQuery::default()).unwrap();
    for _ in 0..10 {
        stream.next().await.unwrap().unwrap();
    }
    let token = stream.resume_token().unwrap();
    let places = ["0@10 offset=10", "0@10,60016 offset=10", "0@10,60016,ANT20260016 offset=10"];
    for place in places {
        let place = at_place(&token, &place.replace(' ', "%20"));
        let mut rest = broker.alerts_from(&AntaresQuery::default(), Some(&place)).unwrap();
        assert_eq!(rest.next().await.unwrap().unwrap().id, "ANT20260015");
    }
    for place in ["0@10", "0@10, offset=10", "0@x offset=10", "0@10,nan offset=10"] {
        let place = at_place(&token, &place.replace(' ', "%20"));
        let mut rest = broker.alerts_from(&AntaresQuery::default(), Some(&place)).unwrap();
        assert_eq!(rest.next().await.unwrap().unwrap_err().kind(), ErrorKind::Input);
    }
}

#[test]
fn galactic_positions_agree_with_those_of_the_service() {
    // ANTARES goes another way, so to 2e-5 degrees.
    let (l, b) = tom_alerts::sky::galactic(193.821_738_764_285_7, 2.897_311_328_571_462);
    assert!((l - 305.272_483_2).abs() < 2e-5 && (b - 65.751_565_3).abs() < 2e-5, "{l} {b}");
}
