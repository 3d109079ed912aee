//! The query form: its faults, before a call is spent on them.

use super::*;

fn read<S: tom_alerts::brokers::lasair::LasairSurvey>(pairs: Value) -> tom_alerts::Result<LasairQuery<S>> {
    tom_alerts::form::read(pairs.as_object().unwrap())
}

fn ztf(pairs: Value) -> String {
    read::<tom_alerts::brokers::lasair::Ztf>(pairs).unwrap_err().to_string()
}

fn lsst(pairs: Value) -> String {
    read::<tom_alerts::brokers::lasair::Lsst>(pairs).unwrap_err().to_string()
}

#[test]
fn every_fault_is_told_at_once() {
    assert_eq!(
        ztf(
            json!({"ra": 400, "dec": "-95", "cone_radius": 2000, "limit": 0, "tables": "objcts", "sqlqery": "x"})
        ),
        "ra: 400 is outside 0..=360; dec: -95 is outside -90..=90; cone_radius: 2000 is outside 0..=1000; \
         tables: objcts is no table of Lasair; there are sherlock_classifications, crossmatch_tns, \
         watchlist:<n>, area:<n>, annotator:<topic>; limit: 0 is outside 1..=1000000; \
         sqlqery: no such field; did you mean sqlquery?"
    );
    assert_eq!(ztf(json!({})), "ra, dec, conditions: give a cone, conditions or object_id");
    assert_eq!(ztf(json!({"cone_ra": 1, "radius": 3})), "cone_ra, dec: give both or none");
    assert_eq!(ztf(json!({"ra": 1, "dec": 2, "radius": 0})), "radius: 0 is not more than 0");
    assert_eq!(
        ztf(json!({"oid": ZTF, "sqlquery": "gmag < 12"})),
        "oid: ids go without a cone and without conditions"
    );
    assert_eq!(
        ztf(json!({"ra": 1, "dec": 2, "selected": "objects.gmag"})),
        "selected: columns go with conditions or tables"
    );
    assert_eq!(
        lsst(json!({"conditions": "ebv < 1", "whole_objects": true})),
        "whole_objects: LSST's service gives whole objects one by one only"
    );
}

#[test]
fn what_the_service_refuses_is_told_before_a_call() {
    let refused = |conditions: &str| ztf(json!({ "conditions": conditions }));
    for (conditions, what) in [
        ("gmag < 12; DROP", ";"),
        ("gmag < 12 # so", "#"),
        ("gmag < 12 -- so", "--"),
        ("a /* b", "/*"),
        ("a || b", "||"),
        ("a \\ b", "\\"),
        ("objectId IN (SELECT 1)", "select"),
        ("gmag < 12 UNION x", "union"),
        ("gmag INTO x", "into"),
    ] {
        assert_eq!(refused(conditions), format!("conditions: Lasair refuses `{what}` in conditions"));
    }
    assert_eq!(
        refused("gmag < 12 LIMIT 5"),
        "conditions: Lasair refuses `limit` in conditions; the field limit is for that"
    );
    assert!(refused("magunlimited < 5").contains("refuses `limit`"));
    assert!(refused("x offset 5").contains("the field offset is for that"));
    assert_eq!(refused(&"a".repeat(4086)), "conditions: at most 4068 characters");
    assert_eq!(
        ztf(json!({"conditions": "gmag < 1", "selected": "sleep(5)"})),
        "selected: Lasair refuses `sleep` among the columns"
    );
    for good in
        ["gmag < 12 ORDER BY gmag", "selection < 5", "ncand > 3 AND forces = 1", "ORDER BY jdmax DESC"]
    {
        read::<tom_alerts::brokers::lasair::Ztf>(json!({ "conditions": good })).unwrap();
    }
}

#[test]
fn tables_are_a_closed_set_that_differs_by_survey() {
    for good in [
        "objects",
        "sherlock_classifications",
        "crossmatch_tns",
        "watchlist:12",
        "area:3&4",
        "annotator:Fast&b_1",
    ] {
        read::<tom_alerts::brokers::lasair::Ztf>(json!({ "tables": good })).unwrap();
        read::<tom_alerts::brokers::lasair::Lsst>(json!({ "tables": good })).unwrap();
    }
    for bad in [
        "watchlist",
        "watchlist:",
        "watchlist:a",
        "watchlist:1&2",
        "area:",
        "annotator:",
        "annotator:a b",
        "objects:1",
    ] {
        assert!(ztf(json!({"tables": [bad]})).contains("is no table of Lasair"), "{bad}");
    }
    read::<tom_alerts::brokers::lasair::Ztf>(json!({"tables": "watchlists:1"})).unwrap();
    read::<tom_alerts::brokers::lasair::Lsst>(json!({"tables": "watchmap:1"})).unwrap();
    assert!(lsst(json!({"tables": "watchlists:1"})).contains("no table"), "LSST ignores it silently");
    assert!(ztf(json!({"tables": "watchmap:1"})).contains("no table"));
    assert_eq!(
        ztf(json!({"tables": "watchlist:1,crossmatch_tns"})),
        "tables: crossmatch_tns and a watchlist do not go together"
    );
    assert_eq!(
        ztf(json!({"conditions": "sherlock_classifications.classification = 'SN'"})),
        "tables: the columns of sherlock_classifications need it here"
    );
}

#[test]
fn columns_and_whole_objects_do_not_go_together() {
    let both = json!({"conditions": "gmag < 12", "selected": "gmag", "whole_objects": true});
    assert_eq!(
        read::<tom_alerts::brokers::lasair::Ztf>(both).unwrap_err().to_string(),
        "selected, whole_objects: whole objects have every column already; give columns or whole objects"
    );
    let columns = json!({"conditions": "gmag < 12", "selected": "gmag", "whole_objects": false});
    read::<tom_alerts::brokers::lasair::Ztf>(columns).unwrap();
}

#[tokio::test]
async fn tables_are_sent_in_small_letters_with_objects_before_them() {
    let service = Service::start().await;
    service.post("/api/query/", said(200, "[]")).await;
    let query = LasairQuery {
        tables: ["annotator:Fast_One", "crossmatch_tns", "objects"].map(str::to_owned).to_vec(),
        whole_objects: Some(false),
        ..LasairQuery::default()
    };
    let listed = list(&service.ztf(), &query).await;
    assert_eq!(listed.notes, ["no object answers the query"]);
    let sent = service.fields(0).await;
    assert_eq!(sent[1].1, "objects,annotator:fast_one,crossmatch_tns");
    assert_eq!(sent[2].1, "ORDER BY objects.objectId");
    assert!(sent[0].1.ends_with("crossmatch_tns.type, crossmatch_tns.z"), "{}", sent[0].1);
}

#[tokio::test]
async fn a_name_of_tns_is_asked_for_in_its_table() {
    let service = Service::start().await;
    service.post("/api/query/", said(200, "[]")).await;
    let broker = service.lsst();
    let query = broker.protocol().name_query("SN 2026xyz").unwrap();
    list(&broker, &query[0]).await;
    let sent = service.fields(0).await;
    assert_eq!(sent[1].1, "objects,crossmatch_tns");
    assert_eq!(sent[2].1, "(crossmatch_tns.tns_name = \"2026xyz\") ORDER BY objects.diaObjectId");
    assert_eq!(broker.protocol().name_query(LSST).unwrap()[0].object_id, [LSST]);
    for bad in ["SN 2026", "SN 20", "AT \"x", "M31", "SN 2026ab\"c", ""] {
        assert_eq!(broker.protocol().name_query(bad).unwrap_err().kind(), ErrorKind::Input, "{bad}");
    }
}

#[test]
fn sexagesimal_places_are_taken() {
    let query =
        read::<tom_alerts::brokers::lasair::Ztf>(json!({"cone_ra": "13:26:00", "cone_dec": "-09:45:00"}));
    let (ra, dec, radius) = query.unwrap().cone().unwrap();
    assert!((ra - 201.5).abs() < 1e-9 && (dec + 9.75).abs() < 1e-9);
    assert_eq!(radius, 10.0);
}
