//! The recorded answers of ALeRCE.

use std::collections::BTreeMap;

use tom_alerts::Protocol;
use tom_alerts::brokers::alerce::*;

use super::*;

pub(super) const FILES: Broker = Broker {
    folder: "alerce",
    readers: &[
        ("ztf_objects_page1_count_true.json", page),
        ("ztf_objects_page2_count_true.json", page),
        ("ztf_objects_count_false.json", page),
        ("ztf_objects_classifier.json", page),
        ("ztf_objects_two_versions.json", page),
        ("ztf_objects_cone.json", page),
        ("ztf_objects_empty.json", page),
        ("ztf_object.json", one::<AlercePacket>),
        ("ztf_lightcurve.json", ztf_curve),
        ("ztf_lightcurve_null_fields.nan.txt", ztf_curve),
        ("ztf_detections.json", rows::<ZtfDetection>),
        ("ztf_non_detections.json", rows::<NonDetection>),
        ("ztf_magstats.json", rows::<ZtfMagStats>),
        ("ztf_features.nan.txt", rows::<Feature>),
        ("ztf_probabilities.json", rows::<Probability>),
        ("ztf_classifiers.json", rows::<Classifier>),
        ("ztf_classes.json", rows::<ClassName>),
        ("ztf_limit_values.json", one::<LimitValues>),
        ("ztf_errors.json", errors),
        ("ztf_get_avro_info.json", packet),
        ("v2_lightcurve.json", v2_curve),
        ("lsst_list_objects.json", page),
        ("lsst_list_objects_page1.json", page),
        ("lsst_list_objects_classifier.json", page),
        ("lsst_list_objects_empty.json", page),
        ("lsst_object.json", one::<AlercePacket>),
        ("lsst_object_extra.json", one::<LsstStatistics>),
        ("lsst_detections.json", rows::<LsstDetection>),
        ("lsst_non_detections.json", rows::<LsstDetection>),
        ("lsst_forced_photometry.json", rows::<LsstDetection>),
        ("lsst_lightcurve.json", lsst_curve),
        ("lsst_conesearch_objects_by_coordinates.json", rows::<ConeMatch>),
        ("lsst_probability.json", rows::<Probability>),
        ("lsst_classifiers.json", rows::<Classifier>),
        ("lsst_magstats.json", rows::<LsstStatistics>),
        ("lsst_errors.json", errors),
        ("catshtm_conesearch.json", |body| {
            same_catalogues(body, &[read::<BTreeMap<String, Catalogue>>(body)?])
        }),
        ("catshtm_conesearch_all.json", |body| {
            let all: Catalogues = read(body)?;
            same_catalogues(body, &all.catalogs)
        }),
        ("catshtm_crossmatch.json", |body| {
            let one: Catalogue = read(body)?;
            same_catalogues(body, &[BTreeMap::from([(String::new(), one)])])
        }),
        ("catshtm_crossmatch_all.json", |body| {
            let all: Rows<BTreeMap<String, Catalogue>> = read(body)?;
            same_catalogues(body, &whole(all)?)
        }),
    ],
    skipped: &[("kafka_messages.json", "the crate does not read ALeRCE's Kafka topics")],
};

fn page(body: &[u8]) -> Result<Value, String> {
    super::page::<AlercePacket>(body, "items")
}

fn ztf_curve(body: &[u8]) -> Result<Value, String> {
    let curve: ZtfLightCurve = read(body)?;
    Ok(json!({"detections": list(curve.detections)?, "non_detections": list(curve.non_detections)?}))
}

fn v2_curve(body: &[u8]) -> Result<Value, String> {
    let curve: V2LightCurve = read(body)?;
    Ok(json!({
        "detections": list(curve.detections)?,
        "non_detections": list(curve.non_detections)?,
        "forced_photometry": list(curve.forced_photometry)?,
    }))
}

fn lsst_curve(body: &[u8]) -> Result<Value, String> {
    let curve: LsstLightCurve = read(body)?;
    Ok(json!({"detections": list(curve.detections)?, "forced_photometry": list(curve.forced_photometry)?}))
}

fn packet(body: &[u8]) -> Result<Value, String> {
    let packet: ZtfAlertPacket = read(body)?;
    let candidate = serde_json::to_value(&packet.candidate).unwrap();
    Ok(json!({
        "objectId": packet.object_id, "candid": packet.candid, "schemavsn": packet.schemavsn,
        "candidate": candidate, "prv_candidates": list(packet.prv_candidates)?,
    }))
}

/// The shapes differ, the columns must not: as many values as the file has, none of them lost.
fn same_catalogues(body: &[u8], all: &[BTreeMap<String, Catalogue>]) -> Result<Value, String> {
    fn leaves(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Object(map) => map.values().for_each(|value| leaves(value, out)),
            Value::Array(items) => items.iter().for_each(|value| leaves(value, out)),
            Value::String(text) if text == "null" => out.push("null".to_owned()),
            value => out.push(value.to_string()),
        }
    }
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    leaves(&serde_json::from_slice(body).unwrap(), &mut theirs);
    leaves(&serde_json::to_value(all).unwrap(), &mut ours);
    theirs.sort();
    ours.sort();
    if theirs == ours { Ok(Value::Null) } else { Err("the columns differ from the file's".to_owned()) }
}

/// Each recorded failure must be told as one, by the broker or the core; a good answer must not.
fn errors(body: &[u8]) -> Result<Value, String> {
    let alerce = Alerce::new(AlerceConfig::default()).unwrap();
    for entry in read::<Vec<Value>>(body)? {
        let status = u16::try_from(entry["status"].as_u64().unwrap()).unwrap();
        let text = entry["body"].as_str().unwrap().to_owned();
        let response = Response::new(status, Vec::new(), text.into());
        let failed = match alerce.explain(&response) {
            Some(error) => Some(error),
            None => response.into_result().err(),
        };
        match failed {
            Some(error) if status < 400 => return Err(format!("{}: {error}", entry["request"])),
            None if status >= 400 => return Err(format!("{}: no error", entry["request"])),
            Some(error) if error.message().is_empty() => {
                return Err(format!("{}: no word", entry["request"]));
            }
            _ => {}
        }
    }
    Ok(Value::Null)
}
