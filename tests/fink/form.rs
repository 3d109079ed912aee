//! The query form: its faults, and TOM Toolkit's fields.

use tom_alerts::brokers::fink::Trend;

use super::*;

fn faults(pairs: Value) -> String {
    read(pairs).unwrap_err().to_string()
}

const CHOICES: &str =
    "object_id, class, tag, ra, dec, radius, sso, tns_name: give one of them, ra with dec and radius";

#[test]
fn exactly_one_thing_is_asked_for() {
    assert_eq!(faults(json!({})), CHOICES);
    assert_eq!(faults(json!({"n": 5, "objectId": ""})), CHOICES);
    assert_eq!(
        faults(json!({"objectId": ZTF, "classsearch": "SN candidate, 5"})),
        "objectId, classsearch: give one of them, not several"
    );
    for good in [
        json!({"objectId": ZTF}),
        json!({"diaObjectId": LSST}),
        json!({"class": "SN candidate"}),
        json!({"tag": "in_tns"}),
        json!({"ra": "12:30:00", "dec": "-00:30:00", "radius": 5}),
        json!({"sso": "10P"}),
        json!({"tns_name": "SN 2026abc"}),
    ] {
        assert!(read(good.clone()).is_ok(), "{good}: {:?}", read(good.clone()));
    }
}

#[test]
fn every_fault_of_a_query_is_told_at_once() {
    assert_eq!(
        faults(json!({"ra": 400, "dec": -95, "radus": 3, "n": 0})),
        "ra: 400 is outside 0..=360; dec: -95 is outside -90..=90; n: 0 is less than 1; \
         radus: no such field; did you mean radius?"
    );
    assert_eq!(faults(json!({"ra": 1, "dec": 2})), "ra, dec, radius: give all of them or none");
    assert_eq!(faults(json!({"ra": 1, "dec": 2, "radius": 18001})), "radius: 18001 is outside 0..=18000");
    assert!(faults(json!({"ra": 1, "dec": 2, "radius": 0})).starts_with("radius:"));
    assert_eq!(
        faults(json!({"objectId": [ZTF, LSST]})),
        format!("objectId: {LSST}: this is an id of LSST; its objects go into a query of their own")
    );
    assert_eq!(
        faults(json!({"objectId": LSST, "survey": "ztf"})),
        format!("objectId: {LSST}: this is an id of LSST; its objects go into a query of their own")
    );
    assert_eq!(
        faults(json!({"survey": "lsst", "objectId": "12345"})),
        "objectId: 12345: this is no id of LSST; they have 15 to 19 digits"
    );
    assert_eq!(faults(json!({"sso": "x; drop"})), "sso: a name has letters, digits, blanks, / and - only");
    assert_eq!(
        faults(json!({"class": "SN candidate", "columns": ["v:rate", "i:jd"]})),
        "columns: v:rate: a column is like i:magpsf; those that begin with v: are computed and come with all_columns"
    );
}

#[test]
fn each_survey_has_its_own_words() {
    assert_eq!(
        faults(json!({"survey": "lsst", "class": "SN candidate"})),
        "class: LSST's service has tags in place of classes"
    );
    assert_eq!(
        faults(json!({"survey": "ztf", "tag": "in_tns"})),
        "tag: ZTF's service has classes in place of tags"
    );
    assert_eq!(faults(json!({"tag": "in_tns", "trend": "rising"})), "trend: goes with a class");
    assert_eq!(
        faults(json!({"class": "SN candidate", "trend": "low_state"})),
        "trend: the low states go with the class (CTA) Blazar low state"
    );
    let query = read(json!({"class": "(CTA) Blazar low state", "trend": "new_low_state"})).unwrap();
    assert_eq!(query.trend.map(Trend::word), Some("new_low_state"));
    assert_eq!(read(json!({"tag": "in_tns"})).unwrap().survey(), Survey::Lsst);
    assert_eq!(read(json!({"objectId": LSST})).unwrap().survey(), Survey::Lsst);
    assert_eq!(read(json!({"class": "Ambiguous"})).unwrap().survey(), Survey::Ztf);
}

#[test]
fn times_go_with_what_can_be_asked_by_time() {
    assert_eq!(
        faults(json!({"class": "SN candidate", "days": 2, "startdate": "2026-01-01"})),
        "days, startdate, stopdate: give the days or the dates"
    );
    assert_eq!(
        faults(json!({"class": "SN candidate", "startdate": "2026-01-02", "stopdate": "2026-01-01"})),
        "startdate, stopdate: the first must not be above the second"
    );
    // The end of a cone's window needs no beginning, whichever survey.
    for survey in ["ztf", "lsst"] {
        assert!(
            read(json!({"survey": survey, "ra": 1, "dec": 2, "radius": 3, "stopdate": "2026-01-01"})).is_ok()
        );
    }
    let cone = |survey: &str, kind: &str| {
        read(
            json!({"survey": survey, "ra": 1, "dec": 2, "radius": 3, "stopdate": "2026-01-01", "kind": kind}),
        )
    };
    assert!(cone("lsst", "within").is_ok() && cone("lsst", "across").is_ok());
    assert_eq!(cone("ztf", "within").unwrap_err().to_string(), "kind: goes with a cone of LSST");
    assert_eq!(
        faults(json!({"survey": "lsst", "ra": 1, "dec": 2, "radius": 3, "kind": "within"})),
        "kind: goes with startdate, stopdate or days"
    );
    assert_eq!(
        faults(json!({"tag": "in_tns", "days": 1, "kind": "within"})),
        "kind: goes with a cone of LSST"
    );
    assert!(read(json!({"class": "SN candidate", "n": 50_000})).is_ok(), "the service has no largest number");
    assert_eq!(faults(json!({"objectId": ZTF, "n": 3})), "n: goes with a class, a tag or a cone");
    assert_eq!(
        faults(json!({"ra": 1, "dec": 2, "radius": 3, "history": true})),
        "history: goes with object_id, class, tag or sso; the others list the latest alerts only"
    );
    assert!(faults(json!({"class": "Unknown", "days": 0})).starts_with("days:"));
}

#[tokio::test]
async fn toms_fields_are_taken_and_trimmed() {
    let service = Service::start().await;
    service.ztf("conesearch", answer(200, "empty.json")).await;
    service.ztf("latests", answer(200, "empty.json")).await;
    let broker = service.broker();
    let saved = json!({
        "query_name": "near", "broker": "Fink", "objectId": "", "conesearch": "193.822 , 2.89732, 5",
        "classsearch": "", "classsearchdate": "", "ssosearch": ""
    });
    list(&broker, &read(saved).unwrap()).await;
    assert_eq!(
        service.json(0).await,
        json!({"ra": 193.822, "dec": 2.89732, "radius": 5.0, "n": 10_000}),
        "numbers: a blank would make the service read hours"
    );
    list(&broker, &read(json!({"conesearch": "271d23m29s,-02:30:00,30"})).unwrap()).await;
    let sent = service.json(1).await;
    near(sent["ra"].as_f64(), 271.391_389);
    assert_eq!(sent["dec"], json!(-2.5));
    list(&broker, &read(json!({"classsearch": "(CTA) Blazar low state, 7"})).unwrap()).await;
    let sent = service.json(2).await;
    assert_eq!((&sent["class"], &sent["n"]), (&json!("(CTA) Blazar low state"), &json!(7)));
    list(&broker, &read(json!({"classsearchdate": "SN candidate, 3"})).unwrap()).await;
    let sent = service.json(3).await;
    assert!(sent["startdate"].is_string() && sent["n"] == 1000, "{sent}");
}

#[test]
fn toms_double_fields_are_told_what_they_lack() {
    assert_eq!(
        faults(json!({"conesearch": "1,2"})),
        "conesearch: RA, Dec and radius are due, parted by commas; 2 given"
    );
    assert_eq!(
        faults(json!({"conesearch": "1,95,3"})),
        "conesearch: the declination cannot be read or is out of range"
    );
    assert_eq!(
        faults(json!({"conesearch": "1,5,20000"})),
        "conesearch: the radius (0 to 18000 arcsec) cannot be read or is out of range"
    );
    let due = "a class and a number are due, parted by a comma";
    assert_eq!(faults(json!({"classsearch": "SN candidate"})), format!("classsearch: {due}"));
    assert_eq!(faults(json!({"classsearchdate": "SN candidate, soon"})), format!("classsearchdate: {due}"));
    assert_eq!(
        faults(json!({"classsearch": "SN candidate, 2.5"})),
        "classsearch: the number of alerts is a whole number of 1 or more"
    );
    assert_eq!(
        faults(json!({"classsearchdate": "SN candidate, -1"})),
        "classsearchdate: the number of days is above 0 and at most 10000"
    );
    assert_eq!(
        faults(json!({"survey": "lsst", "classsearch": "SN candidate, 2"})),
        "classsearch: LSST's service has tags in place of classes"
    );
}
