//! The recorded answers of Fink.

use std::collections::BTreeMap;

use tom_alerts::Protocol;
use tom_alerts::brokers::fink::*;

use super::*;

pub(super) const FILES: Broker = Broker {
    folder: "fink",
    readers: &[
        ("ztf_objects_columns.json", page),
        ("ztf_objects_full.json", page),
        ("ztf_objects_withupperlim.json", rows::<ZtfAlert>),
        ("ztf_objects_withupperlim_no_candid.json", rows::<ZtfAlert>),
        ("ztf_objects_empty.json", page),
        ("ztf_conesearch_full.json", page),
        ("ztf_conesearch_columns.json", page),
        ("ztf_latests_full.json", page),
        ("ztf_latests_class.json", page),
        ("ztf_latests_tns.json", page),
        ("ztf_classes.json", one::<BTreeMap<String, Vec<String>>>),
        ("ztf_sso.json", page),
        ("ztf_resolver_tns.json", rows::<TnsName>),
        ("ztf_resolver_tns_reverse.json", rows::<TnsName>),
        ("ztf_resolver_simbad.json", rows::<SimbadName>),
        ("ztf_resolver_simbad_reverse.json", rows::<ZtfAlert>),
        ("ztf_resolver_ssodnet.json", rows::<SsoName>),
        ("ztf_statistics_day.json", rows::<NightStatistics>),
        ("lsst_sources_columns.json", page),
        ("lsst_sources_full.json", page),
        ("lsst_sources_empty.json", page),
        ("lsst_objects.json", rows::<LsstObject>),
        ("lsst_objects_columns_two.json", rows::<LsstObject>),
        ("lsst_fp.json", rows::<LsstForced>),
        ("lsst_conesearch_full.json", page),
        ("lsst_conesearch_columns.json", page),
        ("lsst_tags_list.json", one::<BTreeMap<String, Tag>>),
        ("lsst_tags_query.json", page),
        ("lsst_blocks.json", one::<BTreeMap<String, String>>),
        ("lsst_sso.json", page),
        ("lsst_sso_columns.json", page),
        ("lsst_resolver_tns.json", lsst_names),
        ("lsst_statistics_day.json", rows::<NightStatistics>),
        ("errors.json", errors),
        ("kafka_ztf_alert.json", ztf_stream),
        ("kafka_lsst_alert_static.json", lsst_stream),
        ("kafka_lsst_alert_sso.json", lsst_stream),
    ],
    skipped: &[("kafka_messages.json", "Avro with its schema; the crate reads no Kafka topic")],
};

/// Every row of the alert becomes a point.
fn whole_curve(data: &tom_alerts::ReducedData, rows: usize) -> Result<(), String> {
    let read = data.points.len();
    if read == rows && data.failures.is_empty() { Ok(()) } else { Err(format!("{read} points of {rows}")) }
}

fn ztf_stream(body: &[u8]) -> Result<Value, String> {
    let alert: ZtfStreamAlert = read(body)?;
    let packet = alert.packet();
    let FinkPacket::Ztf(of) = &packet else { return Err("not ZTF's".to_owned()) };
    if (of.class(), packet.object_id()) != (Some("SN candidate"), alert.object_id.as_deref()) {
        return Err(format!("{:?} of {:?}", of.class(), packet.object_id()));
    }
    let again: ZtfStreamAlert = read(body)?;
    whole_curve(&again.light_curve(), 1 + alert.prv_candidates.0.len())?;
    Ok(json!({
        "objectId": alert.object_id, "candidate": alert.candidate, "cdsxmatch": alert.cdsxmatch,
        "tns": alert.tns, "rf_snia_vs_nonia": alert.rf_snia_vs_nonia,
        "snn_snia_vs_nonia": alert.snn_snia_vs_nonia, "snn_sn_vs_all": alert.snn_sn_vs_all,
        "mulens": alert.mulens, "slsn_score": alert.slsn_score, "roid": alert.roid,
        "finkclass": alert.finkclass, "prv_candidates": list(alert.prv_candidates)?,
    }))
}

fn lsst_stream(body: &[u8]) -> Result<Value, String> {
    let alert: LsstStreamAlert = read(body)?;
    let packet = alert.packet();
    if packet.name().is_none() || packet.is_moving() == packet.object_id().is_some() {
        return Err(format!("{:?}, moving {}", packet.name(), packet.is_moving()));
    }
    let again: LsstStreamAlert = read(body)?;
    whole_curve(&again.light_curve(), 1 + alert.previous.0.len() + alert.forced.0.len())?;
    let (before, forced) = (alert.previous.0.len(), alert.forced.0.len());
    let mut read = json!({
        "diaSource": alert.source, "xm": alert.xm, "clf": alert.clf, "mpc_orbits": alert.mpc_orbits,
    });
    // No list and an empty one are the same here.
    if before > 0 {
        read["prvDiaSources"] = list(alert.previous)?;
    }
    if forced > 0 {
        read["prvDiaForcedSources"] = list(alert.forced)?;
    }
    Ok(read)
}

/// A listing, through the reader that the client uses; each row becomes a generic alert and a target.
fn page(body: &[u8]) -> Result<Value, String> {
    let fink = Fink::new(FinkConfig::default()).unwrap();
    let response = Response::new(200, Vec::new(), body.to_vec().into());
    let (items, _) = response.items::<FinkPacket, serde::de::IgnoredAny>(None).map_err(|e| e.to_string())?;
    let mut all = Vec::new();
    for item in items {
        let alert = item.map_err(|e| e.to_string())?;
        let generic = fink.to_generic_alert(&alert).and_then(tom_alerts::GenericAlert::checked);
        let generic = generic.map_err(|e| e.to_string())?;
        fink.to_target(&alert, &generic).map_err(|e| e.to_string())?;
        if generic.timestamp.is_none() {
            return Err(format!("{}: no time", generic.name));
        }
        all.push(alert.into_packet());
    }
    Ok(serde_json::to_value(all).unwrap())
}

/// The names of LSST's resolver have another family, so they are compared under that.
fn lsst_names(body: &[u8]) -> Result<Value, String> {
    let text = rows::<TnsName>(body)?.to_string().replace("\"d:", "\"f:");
    serde_json::from_str(&text).map_err(|e| e.to_string())
}

/// Each recorded failure must be told as one, by the broker or the core; a good answer must not.
fn errors(body: &[u8]) -> Result<Value, String> {
    let fink = Fink::new(FinkConfig::default()).unwrap();
    for entry in read::<Vec<Value>>(body)? {
        let status = u16::try_from(entry["status"].as_u64().unwrap()).unwrap();
        let text = entry["body"].as_str().unwrap().to_owned();
        let kind = entry["content_type"].as_str().unwrap().to_owned();
        let response = Response::new(status, vec![("content-type".to_owned(), kind)], text.clone().into());
        let failed = match fink.explain(&response) {
            Some(error) => Some(error),
            None => response.into_result().err(),
        };
        let answer = status == 200 && text.starts_with('[');
        match failed {
            Some(error) if answer => return Err(format!("{}: {error}", entry["request"])),
            None if !answer => return Err(format!("{}: no error", entry["request"])),
            Some(error) if error.message().contains(['{', '\\']) => {
                return Err(format!("{}: Python shows through: {error}", entry["request"]));
            }
            _ => {}
        }
    }
    Ok(Value::Null)
}
