//! Pages of Fink: ZTF's alerts of a class, and LSST's alerts of a tag.

use std::fmt::Write;
use std::hint::black_box;

use serde_json::json;
use tom_alerts::brokers::fink::{Fink, FinkConfig, FinkPacket};

use super::{Decode, client, query};

const ITEMS: usize = 1_000;

fn page(item: impl Fn(usize) -> String) -> String {
    let mut text = String::from("[");
    for n in 0..ITEMS {
        let _ = write!(text, "{}{}", if n == 0 { "" } else { "," }, item(n));
    }
    text.push(']');
    text
}

/// A made-up alert of ZTF with the columns that are asked for.
fn ztf(n: usize) -> String {
    let letter = |place: u32| char::from(b'a' + (n / 26_usize.pow(place) % 26) as u8);
    let part = n as f64 / 1_000.0;
    format!(
        r#"{{"i:objectId":"ZTF26aaaa{}{}{}","i:candid":{},"i:dec":{:.7},"i:diffmaglim":20.501724,"i:distnr":2.2165437,"i:drb":0.9993926,"i:fid":{},"i:isdiffpos":"t","i:jd":{:.10},"i:jdstarthist":2461052.0063657002,"i:magpsf":{:.6},"i:ndethist":{},"i:ra":{:.7},"i:rb":0.7242857,"i:sigmapsf":0.17074808,"i:ssdistnr":-999.0,"i:ssnamenr":"null","d:cdsxmatch":"Unknown","d:rf_snia_vs_nonia":{part:.3},"d:snn_snia_vs_nonia":0.0726219639,"d:snn_sn_vs_all":0.7472693324,"d:rf_kn_vs_nonkn":0.0,"d:mulens":0.0,"d:slsn_score":0.013966463,"d:anomaly_score":-0.0119577833,"d:roid":0,"d:nalerthist":34,"d:is_transient":true,"d:mag_rate":null,"d:tns":"SN II"}}"#,
        letter(2),
        letter(1),
        letter(0),
        3_367_435_302_415_015_000_u64 + n as u64,
        3.8267806 + part,
        1 + n % 3,
        2_461_121.935_300_9 + part,
        18.501_724 + part,
        2 + n % 60,
        191.63703 - part,
    )
}

/// A made-up alert of LSST with the columns that are asked for.
fn lsst(n: usize) -> String {
    let part = n as f64 / 1_000.0;
    format!(
        r#"{{"r:diaSourceId":{},"r:visit":2026030500055,"r:detector":140,"r:diaObjectId":{},"r:ssObjectId":0,"r:midpointMjdTai":{:.10},"r:ra":{:.10},"r:raErr":0.0000068009,"r:dec":-47.1807580165,"r:decErr":0.0000066318,"r:isNegative":false,"r:snr":34.54022,"r:psfFlux":{:.3},"r:psfFluxErr":555.80396,"r:scienceFlux":191474.06,"r:scienceFluxErr":564.87836,"r:extendedness":0.03993349,"r:reliability":0.87544394,"r:band":"i","f:xm_gaiadr3_DR3Name":"Gaia DR3 4836968293033500160","f:clf_earlySNIa_score":-1.0,"f:clf_snnSnVsOthers_score":{part:.4},"f:clf_cats_class":11,"f:clf_cats_score":0.97974193,"f:fink_science_version":"8.39.0"}}"#,
        170_094_456_272_322_680_u64 + n as u64,
        170_028_485_706_776_685_u64 + n as u64,
        61_105.093_643_486_8 + part,
        63.349_628_499_4 + part,
        19_549.395 + part,
    )
}

pub(super) fn measure(decode: &mut Decode) {
    let bare = |text: &str| {
        let page: Vec<FinkPacket> = serde_json::from_str(text).expect("the page is good");
        black_box(&page).len()
    };
    let fink = client::<Fink>(FinkConfig::default());
    let class = query(&json!({"class": "SN candidate", "n": ITEMS}));
    decode.page::<Fink>("fink/ztf", ITEMS, &fink, &class, &page(ztf), bare);
    let tag = query(&json!({"tag": "most_likely_sn", "n": ITEMS}));
    decode.page::<Fink>("fink/lsst", ITEMS, &fink, &tag, &page(lsst), bare);
}
