//! The query form: its faults, and what is sent for it.

use super::*;

async fn first_request(query: &MarsQuery) -> String {
    let service = Service::start().await;
    service.get("/", answer(200, "list_empty.json")).await;
    let listed = list(&service.broker(), query).await;
    assert!(listed.faults.is_empty(), "{:?}", listed.faults);
    service.asked().await.remove(0)
}

#[tokio::test]
async fn every_filter_reaches_the_server_under_its_own_name() {
    let all = json!({
        "objectId": FIRST, "candid": "2695378462115010012", "objectidps": "123450456789012301",
        "time__gt": "2019-04-01", "time__lt": "2019-04-30 12:30:15.250", "time__since": "86400",
        "jd__gt": "2458574.5", "jd__lt": 2_458_604.25, "cone": " 150.11, 2.205 , 0.001",
        "ra__gt": "0", "ra__lt": 180, "dec__gt": -90, "dec__lt": "90", "l__gt": 0, "l__lt": 360, "b__gt": "0",
        "b__lt": 30, "filter": "r", "magpsf__gte": 12, "magpsf__lte": 18.5, "sigmapsf__lte": 0.1,
        "magap__gte": 12, "magap__lte": 19, "deltamaglatest__gte": -2, "deltamaglatest__lte": 0,
        "deltamagref__gte": -1, "deltamagref__lte": 1.5, "distnr__gte": 0, "distnr__lte": 2, "rb__gte": 0,
        "drb__gte": 0.5, "classtar__gte": 0, "classtar__lte": 1, "fwhm__lte": 5, "nbad__lte": 0, "elong__lte": 1.2,
        "sort_value": "magpsf", "sort_order": "ASC", "query_name": "all", "broker": "MARS"
    });
    assert_eq!(
        first_request(&query(all)).await,
        "GET /?objectId=ZTF19aaaaaab&candid=2695378462115010012&objectidps=123450456789012301\
         &time__gt=2019-04-01T00%3A00%3A00.000&time__lt=2019-04-30T12%3A30%3A15.250&time__since=86400\
         &jd__gt=2458574.5&jd__lt=2458604.25&cone=150.11%2C2.205%2C0.001&dec__gt=-90&dec__lt=90&l__gt=0&l__lt=360\
         &b__gt=0&b__lt=30&filter=r&magpsf__gte=12&magpsf__lte=18.5&sigmapsf__lte=0.1&magap__gte=12&magap__lte=19\
         &deltamaglatest__gte=-2&deltamaglatest__lte=0&deltamagref__gte=-1&deltamagref__lte=1.5&distnr__gte=0\
         &distnr__lte=2&rb__gte=0&drb__gte=0.5&classtar__gte=0&classtar__lte=1&fwhm__lte=5&nbad__lte=0\
         &elong__lte=1.2&ra__gt=0&ra__lt=180&sort_value=magpsf&sort_order=asc&page=1&format=json"
    );
}

#[tokio::test]
async fn a_cone_is_asked_in_degrees_whichever_way_it_is_given() {
    let due = "GET /?cone=150.11%2C2.205%2C0.001&sort_value=id&sort_order=desc&page=1&format=json";
    assert_eq!(first_request(&query(json!({"ra": "150.11", "dec": "2.205", "radius": 3.6}))).await, due);
    assert_eq!(
        first_request(&query(json!({"ra": "10:00:26.4", "dec": "+02:12:18", "radius": 3.6}))).await,
        due
    );
    assert_eq!(first_request(&query(json!({"cone": "150.11,2.205,0.001"}))).await, due);
    let broker = Service::start().await.broker();
    let searched = broker.cone_query(150.11, 2.205, 3.6).unwrap();
    assert_eq!(json!(searched), json!([{"ra": 150.11, "dec": 2.205, "radius": 3.6}]));
    let named = first_request(&query(json!({"objectcone": "NGC 4993 , 0.1"}))).await;
    assert!(named.starts_with("GET /?objectcone=NGC+4993%2C0.1&sort_value"), "{named}");
    let zero = first_request(&query(json!({"ra": 360, "dec": 0, "radius": 3600}))).await;
    assert!(zero.starts_with("GET /?cone=0%2C0%2C1&sort_value"), "{zero}");
}

#[test]
fn what_would_make_the_server_fail_is_told_with_its_field() {
    let told = |pairs: Value| read(pairs).unwrap_err().to_string();
    let number =
        "cone: give RA,Dec,radius: three numbers in degrees, on the sky, the radius above 0 and at most 180";
    for (pairs, due) in [
        (json!({"filter": "z"}), "filter: \"z\" is none of g, r, i"),
        (json!({"cone": "150.11,2.205"}), number),
        (json!({"cone": "150.11,north,1"}), number),
        (json!({"cone": "150.11,inf,1"}), number),
        (json!({"cone": "400,-91,0"}), number),
        (
            json!({"objectcone": "NGC,4993,0.1"}),
            "objectcone: give name,radius: a name without a comma, and degrees above 0",
        ),
        (
            json!({"objectcone": ",0.1"}),
            "objectcone: give name,radius: a name without a comma, and degrees above 0",
        ),
        (json!({"ra": 1, "radius": 2}), "ra, dec, radius: give all of them or none"),
        (json!({"ra": 1, "dec": 2, "radius": 0}), "radius: 0 is not more than 0"),
        (json!({"ra": 1, "dec": 2, "radius": 3, "cone": "1,2,3"}), "ra, cone: one cone a query"),
        (json!({"jd__gt": 58000.5}), "jd__gt: this is an MJD; give the JD, which is MJD + 2400000.5"),
        (json!({"time__since": "1.5"}), "time__since: \"1.5\" is not a whole number"),
        (json!({"rb__gte": 1.5}), "rb__gte: 1.5 is outside 0..=1"),
        (json!({"objectId": "AT2020abc"}), "objectId: a name of ZTF is like ZTF18abbkloa"),
        (json!({"objectidps": "1784a"}), "objectidps: \"1784a\" is not a whole number"),
        (
            json!({"sort_value": "magpfs"}),
            "sort_value: the server's table has no such column; did you mean magpsf?",
        ),
        (
            json!({"magpsf__gte": 19, "magpsf__lte": 18}),
            "magpsf__gte, magpsf__lte: the first must not be above the second",
        ),
        (
            json!({"time__gt": "2019-05-01", "time__lt": "2019-04-01"}),
            "time__gt, time__lt: the first must not be above the second",
        ),
        (json!({"time_sinse": 5}), "time_sinse: no such field; did you mean time_since?"),
    ] {
        assert_eq!(told(pairs.clone()), due, "{pairs}");
    }
    let many = told(json!({"filter": "z", "rb__gte": -1, "b__gt": 91, "b__lt": "x"}));
    assert_eq!(many.matches("; ").count(), 3, "{many}");
}

#[tokio::test]
async fn the_callers_parameters_stay_as_they_are() {
    let service = Service::start().await;
    service.get("/", answer(200, "list_empty.json")).await;
    let parameters = json!({"objectId": FIRST, "b__gt": 0});
    let mut stream = service.broker().fetch_alerts(parameters.as_object().unwrap()).unwrap();
    while stream.next().await.is_some() {}
    assert_eq!(parameters, json!({"objectId": FIRST, "b__gt": 0}));
}
