//! An object of TNS with its photometry, and a page of its staging file.

use std::hint::black_box;

use serde::Deserialize;
use serde_json::{Value, json};
use tom_alerts::brokers::tns::{Tns, TnsConfig, TnsPacket, read_object, read_table};
use tom_alerts::http::Response;

use super::{Decode, client, query};

const ROWS: usize = 60;
const OBJECTS: usize = 1_000;

#[derive(Deserialize)]
struct Bare {
    data: TnsPacket,
}

pub(super) fn measure(decode: &mut Decode) {
    let text = object();
    let response = Response::new(200, Vec::new(), text.clone().into());
    let bare = || {
        let object: Bare = serde_json::from_str(&text).expect("the object is good");
        black_box(object.data.photometry().expect("there is a list").0.len());
    };
    let ours = || {
        let object = read_object(&response).expect("the object is good").expect("there is one");
        black_box(object.photometry().expect("there is a list").0.len());
    };
    decode.other("tns object", text.len(), bare, ours);
    let table = table();
    let query = query(&json!({"staging": "all"}));
    decode.page::<Tns>("tns staging", OBJECTS, &client(config()), &query, &table, |text| {
        black_box(read_table(text).expect("the table is good")).len()
    });
}

fn config() -> TnsConfig {
    TnsConfig {
        api_key: Some("k".into()),
        bot_id: Some(1),
        bot_name: Some("b".into()),
        ..TnsConfig::default()
    }
}

fn object() -> String {
    let named = |id: u32, name: &str| json!({"id": id, "name": name});
    let row = |n: usize| {
        json!({
            "obsdate": format!("2026-03-{:02} 06:30:00", n % 28 + 1), "jd": 2_461_100.77 + n as f64, "flux": 19.25,
            "fluxerr": "0.07", "limflux": 20.5, "flux_unit": named(1, "ABMag"), "instrument": named(196, "ZTF-Cam"),
            "telescope": named(1, "P48"), "filters": named(110, "g"), "exptime": "30", "observer": "Robot", "remarks": ""
        })
    };
    let rows: Vec<Value> = (0..ROWS).map(row).collect();
    json!({"id_code": 200, "id_message": "OK", "data": {
        "objname": "2026qqa", "name_prefix": "SN", "objid": 700_001, "object_type": named(3, "SN Ia"), "redshift": 0.042,
        "ra": "10:30:00.000", "dec": "-20:15:00.00", "radeg": 157.5, "decdeg": -20.25, "hostname": "Galaxy 7   ",
        "internal_names": "ZTF26qqaaaaa, ATLAS26qqa", "discoverydate": "2026-03-04 06:30:00.500", "discoverymag": 19.25,
        "discmagfilter": {"id": 110, "name": "g", "family": "ZTF"}, "public": 1,
        "reporting_group": {"groupid": 74, "group_name": "ALeRCE"}, "photometry": rows, "spectra": []
    }})
    .to_string()
}

fn table() -> String {
    let mut text = String::from(
        "\"2026-03-21 00:00:00\"\n\"objid\",\"name_prefix\",\"name\",\"ra\",\"declination\",\"redshift\",\"typeid\",\"type\",\
         \"reporting_groupid\",\"reporting_group\",\"source_groupid\",\"source_group\",\"discoverydate\",\"discoverymag\",\
         \"discmagfilter\",\"filter\",\"reporters\",\"internal_names\",\"lastmodified\"\n",
    );
    for n in 0..OBJECTS {
        text.push_str(&format!(
            "\"{n}\",\"AT\",\"2026q{n:04}\",\"{}.5\",\"-20.25\",,,,\"74\",\"ALeRCE\",\"48\",\"ZTF\",\
             \"2026-03-04 06:30:00.500\",\"19.25\",\"110\",\"g-ZTF\",\"N. Obody, and others\",\"ZTF26qqaaaaa\",\
             \"2026-03-10 00:00:00\"\n",
            n % 360
        ));
    }
    text
}
