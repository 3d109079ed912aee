//! The recorded answer of BOOM, which stands among those of the streams.

use tom_alerts::brokers::boom::*;
use tom_alerts::plugin::*;

use super::*;

pub(super) const FILES: Broker = Broker {
    folder: "streams/broker",
    readers: &[("boom_object_ZTF25aagbkaj.json", object)],
    skipped: &[
        ("ampel_lsst_report.avro", "a report on Hopskotch in Avro, not an answer of BOOM"),
        ("antares_message_new_synthetic.bson.zlib", "a message of ANTARES' stream"),
        ("antares_message_old_synthetic.bson.zlib", "a message of ANTARES' stream"),
        (
            "babamul_ztf_ZTF26aauybpk.avro",
            "a message of Babamul's Kafka stream in Avro; the REST service is read here",
        ),
        ("elasticc_v0.9_three_records.avro", "packets of a challenge in Avro"),
        ("fink_lsst_message_key.json", "a message of Fink's stream"),
        ("fink_lsst_message_value.bin", "a message of Fink's stream"),
        ("fink_lsst_two_records.avro", "Fink's data transfer in Avro"),
        ("fink_ztf_message_key.json", "a message of Fink's stream"),
        ("fink_ztf_message_value.bin", "a message of Fink's stream"),
        ("fink_ztf_two_records.avro", "Fink's data transfer in Avro"),
        ("pittgoogle_bigquery_rows.json", "rows of Google's BigQuery, which the crate does not ask"),
        ("pubsub_pull_answer_synthetic.json", "an answer of Google's Pub/Sub, which the crate does not ask"),
    ],
};

/// An object in the older envelope: its alert, its history and its cutouts, each by its reader.
fn object(body: &[u8]) -> std::result::Result<Value, String> {
    #[derive(Deserialize)]
    struct Envelope {
        data: Box<RawValue>,
    }
    let data = read::<Envelope>(body)?.data;
    let data = data.get().as_bytes();
    let alert: BoomAlert = read(data)?;
    let history: BoomObject = read(data)?;
    let stamps: Stamps = read(data)?;
    let theirs: Value = serde_json::from_slice(data).unwrap();
    for (key, stamp) in [
        ("cutoutScience", stamps.science),
        ("cutoutTemplate", stamps.template),
        ("cutoutDifference", stamps.difference),
    ] {
        let bytes: Vec<u8> = serde_json::from_value(theirs[key].clone()).unwrap();
        assert_eq!(stamp.unwrap().0, bytes, "{key}");
        assert!(bytes.starts_with(&[0x1f, 0x8b]), "{key} is gzip");
    }
    let babamul =
        Babamul::new(BabamulConfig { api_token: Some("bbml_x".into()), ..BabamulConfig::default() }).unwrap();
    let answer = Response::new(200, Vec::new(), body.to_vec().into());
    let Call::Send(_, then) = babamul.reduced_data(Subject::new("ZTF25aagbkaj")).unwrap() else {
        panic!("no request")
    };
    let Ok(Call::Done(curve)) = then(Ok(answer)) else { panic!("no light curve") };
    let light: Vec<_> = curve.points.iter().filter_map(|point| point.photometry()).collect();
    // One of its fourteen epochs stands there twice.
    assert_eq!(light.iter().filter(|p| p.magnitude.is_some()).count(), 13);
    assert_eq!(
        curve.notes,
        [
            "1 point stands in the history more than once; a detection counts rather than a limit, else the first"
        ]
    );
    assert_eq!(light.iter().filter(|p| p.limit.is_some()).count(), 1);
    assert!(curve.failures.is_empty(), "{:?}", curve.failures);
    let generic = babamul.to_generic_alert(&Alert::remade(alert.clone()).unwrap()).unwrap();
    assert_eq!((generic.id.as_str(), generic.mag), ("ZTF25aagbkaj", Some(18.30575180053711)));
    assert_eq!(alert.candid(), Some("3005432622415015012"));
    let mut ours = serde_json::to_value(&alert).unwrap();
    ours["objectId"] = json!(history.object_id);
    ours["prv_candidates"] = list(history.prv_candidates)?;
    ours["prv_nondetections"] = list(history.prv_nondetections)?;
    ours["classification_history"] = serde_json::to_value(
        history.classifications_history.0.into_iter().map(Result::unwrap).collect::<Vec<_>>(),
    )
    .unwrap();
    ours["cross_matches"] = serde_json::to_value(history.cross_matches).unwrap();
    Ok(json!({ "data": ours }))
}
