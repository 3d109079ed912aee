//! Names: what is recognised, and the queries by name and place.

use super::*;

#[test]
fn names_of_both_surveys_and_of_the_mpc_are_recognised() {
    let broker = FinkBroker::new(FinkConfig::default()).unwrap();
    for (name, known) in [
        (ZTF, true),
        (LSST, true),
        ("3412345671015015001", true),
        ("ZTF25aaaaaab:3412345671015015001", true),
        ("169342810955317611:169342810955318001", true),
        ("Benoitcarry:3412345671015015006", true),
        ("AT2026/../x?:3412345671015015006", false),
        ("8467", true),
        ("2004 JQ12", true),
        ("C/2020V2", true),
        ("ZTF25AAAAAAB", false),
        ("ZTF2aaaaaaab", false),
        ("ZTF25aaaaaabc", false),
        ("AT2026abc", false),
        ("Benoitcarry", false),
        ("12345678901234567890", false),
        ("9999999999999999999", false),
        ("", false),
        ("ZTFé5aaaaaab", false),
    ] {
        assert_eq!(GenericBroker::recognises(&broker, name), known, "{name}");
    }
}

#[test]
fn a_name_becomes_the_query_that_finds_it() {
    let broker = FinkBroker::new(FinkConfig::default()).unwrap();
    let asked = |name: &str, key: &str| -> Vec<(Value, Value)> {
        let queries = broker.name_query(name).unwrap();
        for query in &queries {
            broker.check(query).unwrap();
        }
        queries.iter().map(|query| (query["survey"].clone(), query[key].clone())).collect()
    };
    let [ztf, lsst] = ["ztf", "lsst"].map(Value::from);
    assert_eq!(asked(ZTF, "object_id"), [(ztf.clone(), json!([ZTF]))]);
    assert_eq!(asked(LSST, "object_id"), [(lsst.clone(), json!([LSST]))]);
    let both = |value: Value| [(ztf.clone(), value.clone()), (lsst.clone(), value)];
    assert_eq!(asked("SN 2026abc", "tns_name"), both(json!("SN 2026abc")));
    assert_eq!(asked(" 2004 JQ12", "sso"), both(json!(["2004 JQ12"])));
    assert_eq!(broker.name_query("a/../?b").unwrap_err().kind(), ErrorKind::Input);
    let cones = broker.cone_query(1.0, -2.0, 3.5).unwrap();
    for (cone, survey) in cones.iter().zip([&ztf, &lsst]) {
        assert_eq!((&cone["ra"], &cone["dec"], &cone["radius"]), (&json!(1.0), &json!(-2.0), &json!(3.5)));
        assert_eq!(&cone["survey"], survey);
    }
    assert_eq!(cones.len(), 2);
}
