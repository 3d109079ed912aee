//! The further calls, by both versions: what is sent, and what comes of it.

use tom_alerts::Call;
use tom_alerts::brokers::antares::Antares;

use super::*;

/// The results of one call by both versions, and what was asked.
macro_rules! both {
    ($fixture:literal, $call:expr) => {{
        let mut results = Vec::new();
        for service in [Service::v1().await, Service::v2().await] {
            let name = format!("{}_{}", service.root, $fixture);
            service.otherwise(answer(200, &name)).await;
            let broker = service.broker();
            let call: fn(&Antares) -> tom_alerts::Result<Call<_>> = $call;
            let result = broker.run(call(broker.protocol())).await.unwrap();
            results.push((result, service.asked().await.remove(0)));
        }
        let (v2, v1) = (results.pop().unwrap(), results.pop().unwrap());
        (v1, v2)
    }};
}

fn whole<T>(rows: tom_alerts::wire::Rows<T>) -> Vec<T> {
    rows.into_iter().map(Result::unwrap).collect()
}

#[tokio::test]
async fn catalogue_matches() {
    let (v1, v2) = both!("catalog_matches.json", |antares| antares.catalog_matches(LOCUS));
    assert_eq!(v1.1, format!("GET /v1/loci/{LOCUS}/catalog-matches"));
    assert_eq!(v2.1, format!("GET /v2/loci/{LOCUS}/catalog-matches"));
    let (v1, v2) = (whole(v1.0), whole(v2.0));
    for rows in [&v1, &v2] {
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].catalog_name.as_deref(), Some("gaia_dr3_gaia_source"));
        assert_eq!(rows[0].object_id.as_deref(), Some("Gaia DR3 3976088754778760001"));
        let columns = rows[0].properties.as_ref().unwrap();
        assert_eq!(columns["source_id"].as_i64(), Some(3_976_088_754_778_760_001), "every digit is kept");
        assert_eq!((rows[1].ra, rows[1].dec), (Some(150.1102), Some(2.205)));
        assert_eq!(rows[1].id.as_deref(), Some("ned:MADE UP 1"));
    }
    assert_eq!(v2[1].extra.as_ref().unwrap().separation, Some(0.75));
    assert_eq!((v2[1].radius, v1[1].radius), (Some(60.0), None));
}

#[tokio::test]
async fn catalogues_at_a_place_and_samples_of_them() {
    let (v1, v2) = both!("catalog_samples.json", |antares| antares.catalog_search(0.0, -89.5));
    assert_eq!(
        (v1.1.as_str(), v2.1.as_str()),
        ("GET /v1/catalog_search/0/-89.5", "GET /v2/catalog_search/0/-89.5")
    );
    let (v1, v2) = (whole(v1.0), whole(v2.0));
    assert_eq!(v1, v2);
    assert_eq!(v2[1].properties.as_ref().unwrap()["z"], 0.0125);
    let (v1, v2) = both!("catalog_samples.json", |antares| antares.catalog_samples(5));
    assert_eq!(
        (v1.1.as_str(), v2.1.as_str()),
        ("GET /v1/catalog_samples?n=5", "GET /v2/catalog_samples?n=5")
    );
    let antares = AntaresBroker::new(AntaresConfig::default()).unwrap();
    let told = antares.protocol().catalog_search(361.0, f64::NAN).unwrap_err().to_string();
    assert_eq!(told, "ra: must be within 0..=360; dec: must be within -90..=90");
    assert_eq!(antares.protocol().catalog_samples(51).unwrap_err().to_string(), "n: must be within 1..=50");
}

#[tokio::test]
async fn statistics_name_the_tags_and_catalogues() {
    let (v1, v2) = both!("statistics.json", |antares| Ok(antares.statistics()));
    assert_eq!((v1.1.as_str(), v2.1.as_str()), ("GET /v1/loci/statistics", "GET /v2/loci/statistics"));
    assert_eq!(v1.0, v2.0);
    assert_eq!((v2.0.tags["extragalactic"], v2.0.catalogs["ned"]), (56, 12));
    assert_eq!((v2.0.id.as_deref(), v2.0.max_num_measurements), (Some("latest"), Some(321.0)));
}

#[tokio::test]
async fn notices_of_gravitational_waves() {
    let (v1, v2) = both!("notice.json", |antares| Ok(antares.grav_wave_notice("S240101a")));
    assert_eq!(v1.1, "GET /v1/grav_wave_notices/S240101a/latest");
    assert_eq!(v2.1, "GET /v2/grav_wave_notice/S240101a/latest");
    assert_eq!(v1.0, v2.0);
    assert_eq!(v2.0.noticed().unwrap().to_rfc3339(), "2024-01-01T03:00:00.500+00:00");
    assert_eq!(v2.0.happened().unwrap().to_rfc3339(), "2024-01-01T02:58:00+00:00");
    assert!(!v2.0.is_retraction() && v2.0.id.as_deref() == Some("7"));

    let (v1, v2) = both!("notice.json", |antares| {
        let time = tom_alerts::time::parse_utc("2024-01-01T03:00:00.5").unwrap();
        Ok(antares.grav_wave_notice_at("S240101a", time))
    });
    assert_eq!(v1.1, "GET /v1/grav_wave_notices/S240101a/2024-01-01T03:00:00.500");
    assert_eq!(v2.1, "GET /v2/grav_wave_notice/S240101a/2024-01-01T03:00:00.500");

    let (v1, v2) = both!("notices.json", |antares| Ok(antares.grav_wave_notices(&["S240101a", "S240102b"])));
    assert_eq!(v1.1, "GET /v1/grav_wave_notices/latest?ids=S240101a%2CS240102b");
    assert_eq!(v2.1, "GET /v2/grav_wave_notice/latest?ids=S240101a&ids=S240102b");
    let rows = whole(v2.0);
    assert!(rows[1].is_retraction() && rows[1].happened().is_none());
}

#[tokio::test]
async fn the_history_by_itself_keeps_the_text_of_each_alert() {
    let service = Service::v1().await.with_ztf().await;
    let broker = service.broker();
    let alerts = broker.run(broker.protocol().alerts(LOCUS)).await.unwrap();
    assert_eq!(alerts.len(), 6, "as the service gives it: one is on both pages");
    let first = alerts[0].as_ref().unwrap();
    assert!(first.raw().contains("\"ztf_jd\""));
    assert_eq!(first.created().unwrap().to_rfc3339(), "2024-01-02T06:10:00.500+00:00");
    assert!(!first.is_detection());
}

#[tokio::test]
async fn calls_about_a_locus_want_its_id_and_tell_what_is_not_there() {
    let service = Service::v1().await;
    service.otherwise(answer(404, "v1_error_404.json")).await;
    let broker = service.broker();
    let told = broker.protocol().catalog_matches(ZTF).unwrap_err().to_string();
    assert!(told.starts_with("this call is for the id of a locus, such as ANT2020m4pja"), "{told}");
    let error = broker.run(broker.protocol().catalog_matches(LOCUS)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.to_string(),
        "ANTARES: the service does not have this: The made-up thing was not found. [status=404]"
    );
    assert!(broker.run(Ok(broker.protocol().thumbnails("lsst:1"))).await.is_err());
}
