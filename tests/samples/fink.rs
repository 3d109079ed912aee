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
    ],
    skipped: &[
        ("kafka_messages.json", "the crate does not read Fink's Kafka topics"),
        ("kafka_ztf_alert.json", "as above: what a topic carries, not what the service answers"),
        ("kafka_lsst_alert_static.json", "as above"),
        ("kafka_lsst_alert_sso.json", "as above"),
    ],
};

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
