//! A page of Babamul's alerts.

use std::hint::black_box;

use serde::Deserialize;
use serde_json::json;
use tom_alerts::brokers::boom::{Babamul, BabamulConfig, BoomAlert};

use super::{Decode, client, query};

const ITEMS: usize = 1_000;

#[derive(Deserialize)]
struct Bare {
    data: Vec<BoomAlert>,
}

pub(super) fn measure(decode: &mut Decode) {
    let alerts: Vec<_> = (0..ITEMS)
        .map(|n| {
            let part = n as f64 * 1e-4;
            let mut candidate = json!({
                    "jd": 2_461_360.932_627_3 + part, "band": "r", "fid": 2, "pid": 3_005_432_622_415_u64,
                    "diffmaglim": 20.164_079_666_137_695, "programpi": "Kulkarni", "programid": 1, "isdiffpos": true,
                    "nid": 3005, "rcid": 24, "field": 424, "ra": 199.212_000_1 + part, "dec": -3.057_631_8 - part,
                    "magpsf": 18.305_751_800_537_11, "sigmapsf": 0.064_993_493_259_4, "chipsf": 3.416_888_952_255_249
                });
            let more = json!({"magap": 18.445_800_781_25, "sigmagap": 0.075_900_003_313, "distnr": 7.717_128_753_662_109,
                    "magnr": 22.607_999, "sky": 0.456_735_4, "fwhm": 2.589_999_9, "nneg": 2, "nbad": 0, "rb": 0.86,
                    "ssdistnr": -999.0, "ssmagnr": -999.0, "sgmag1": 20.958_7, "srmag1": -999.0, "sgscore1": 0.5,
                    "distpsnr1": 8.535_614, "ndethist": 47, "ncovhist": 926, "jdstarthist": 2_460_725.976_677_8,
                    "magzpsci": 26.314_750_671, "exptime": 30.0, "drb": 0.999_998_927, "clrcoeff": 0.122_041,
                    "psfFlux": 1.65e11 + part, "psfFluxErr": 9.9e9, "snr_psf": 16.7, "apFlux": 1.5e11, "snr_ap": 14.1
                });
            if let (Some(candidate), Some(more)) = (candidate.as_object_mut(), more.as_object()) {
                candidate.extend(more.clone());
            }
            json!({
                "candid": 3_005_432_622_415_015_012_u64 + n as u64, "objectId": format!("ZTF26{}", super::support::letters(n)),
                "candidate": candidate,
                "properties": {
                    "rock": false, "star": false, "near_brightstar": false, "stationary": true,
                    "photstats": {"r": {"peak_jd": 2_461_360.9, "peak_mag": 18.3, "peak_mag_err": 0.06, "dt": 20.0}}
                },
                "classifications": {
                    "acai_h": 0.992_566_8, "acai_n": 0.001_564_7, "acai_v": 0.003_412_6, "acai_o": 4.88e-6,
                    "acai_b": 1.77e-5, "btsbot": 0.983_203_5
                }
            })
        })
        .collect();
    let text = json!({"message": "found 1000 alerts", "data": alerts}).to_string();
    let query = query(&json!({"object_id": "ZTF26aaaaaaa", "page_size": ITEMS}));
    let client = client(BabamulConfig { api_token: Some("bbml_none".into()), ..BabamulConfig::default() });
    decode.page::<Babamul>("boom", ITEMS, &client, &query, &text, |text| {
        let page: Bare = serde_json::from_str(text).expect("the page is good");
        black_box(&page.data).len()
    });
}
