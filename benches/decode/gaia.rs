//! Gaia's list: the whole of it made into alerts, and one alert looked for in it.

use std::fmt::Write;
use std::hint::black_box;

use serde_json::json;
use tom_alerts::brokers::gaia::{Gaia, GaiaAlert, GaiaConfig};
use tom_alerts::http::Response;

use super::{Decode, client, query, read};

/// About as many as the list has.
const ITEMS: usize = 25_000;

/// A made-up list, some 130 bytes an alert.
fn list() -> String {
    let mut text = String::from(
        "#Name, Date, RaDeg, DecDeg, AlertMag, HistoricMag, HistoricStdDev, Class, Published, Comment, TNSid\n",
    );
    for n in 0..ITEMS {
        let letters: String =
            [n / 676 % 26, n / 26 % 26, n % 26].iter().map(|l| char::from(b'a' + *l as u8)).collect();
        let _ = writeln!(
            text,
            "Gaia{}{letters},2021-09-07 02:07:{:02},{:.5},{:.5},{:.2},{:.2},0.64,\"unknown\",2021-09-09 08:19:08,\
             \"made up: 2 mag outburst, earlier ones seen\",AT2021{letters}",
            10 + n / 17_576,
            n % 60,
            (n as f64 * 0.137) % 360.0,
            (n as f64 * 0.071) % 180.0 - 90.0,
            15.0 + (n % 500) as f64 / 100.0,
            17.0 + (n % 300) as f64 / 100.0,
        );
    }
    text
}

/// The list by bare readers into the same structs.
fn bare(text: &str) -> usize {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut alerts = Vec::with_capacity(ITEMS);
    let heading = reader.read_record(&mut record).expect("the heading is good");
    assert!(heading, "there is a heading");
    while reader.read_record(&mut record).expect("the row is good") {
        let filled = |column: usize| Some(record[column].to_owned()).filter(|text| !text.is_empty());
        let mut alert = GaiaAlert::default();
        alert.name = record[0].to_owned();
        alert.obstime = filled(1);
        alert.ra = record[2].parse().ok();
        alert.dec = record[3].parse().ok();
        alert.alert_mag = record[4].parse().ok();
        alert.historic_mag = record[5].parse().ok();
        alert.historic_std_dev = record[6].parse().ok();
        alert.classification = filled(7);
        alert.published = filled(8);
        alert.comment = filled(9);
        alert.tnsid = filled(10);
        alerts.push(alert);
    }
    black_box(&alerts).len()
}

pub(super) fn measure(decode: &mut Decode) {
    let text = list();
    let client = client::<Gaia>(GaiaConfig::default());
    let all = query(&json!({"mag_max": 30}));
    decode.page::<Gaia>("gaia", ITEMS, &client, &all, &text, bare);
    let response = Response::new(200, Vec::new(), text.clone().into());
    for (name, wanted) in [
        ("gaia, one by its name", json!({"target_name": "Gaia10zzz"})),
        ("gaia, those of a cone", json!({"ra": 13.7, "dec": -82.9, "radius": 36_000.0})),
    ] {
        let wanted = query(&wanted);
        assert!(read(&client, &wanted, &response) > 0, "{name}: found");
        let search = || _ = black_box(read(&client, &wanted, &response));
        decode.other(name, text.len(), || _ = bare(&text), search);
    }
}
