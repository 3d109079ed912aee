//! A page of ANTARES' listing by both versions, a light curve, and a history.

use std::fmt::Write;
use std::hint::black_box;

use serde::Deserialize;
use serde_json::json;
use tom_alerts::Protocol;
use tom_alerts::brokers::antares::{Antares, AntaresAlert, AntaresConfig, LightCurveRow, Locus};
use tom_alerts::http::Response;
use tom_alerts::plugin::{Alert, Call, Subject};

use super::{Decode, client, query};

const ITEMS: usize = 250;
const ROWS: usize = 500;
/// As many features as the classifiers' filters set, and as many columns as an alert of ZTF has.
const FEATURES: usize = 150;
const COLUMNS: usize = 70;

#[derive(Deserialize)]
struct Bare<T> {
    data: T,
}

#[derive(Deserialize)]
struct Curve {
    lightcurve: String,
}

pub(super) fn measure(decode: &mut Decode) {
    let bare = |text: &str| {
        let page: Bare<Vec<Locus>> = serde_json::from_str(text).expect("the page is good");
        black_box(&page.data).len()
    };
    for (name, version) in [("antares v2", 2), ("antares v1", 1)] {
        let config = AntaresConfig { api_version: Some(version), ..AntaresConfig::default() };
        let text = listing(version);
        let query = query(&json!({"page_size": ITEMS}));
        decode.page::<Antares>(name, ITEMS, &client(config), &query, &text, bare);
    }
    light_curve(decode);
    history(decode);
}

/// A single locus to the rows of its light curve: JSON with CSV in it.
fn light_curve(decode: &mut Decode) {
    let text = locus();
    let antares = Antares::new(AntaresConfig::default()).expect("the configuration is good");
    let response = Response::new(200, Vec::new(), text.clone().into());
    let bare = || {
        let locus: Bare<Locus> = serde_json::from_str(&text).expect("the locus is good");
        let curve = locus.data.lightcurve.as_deref().unwrap_or_default();
        let rows: Result<Vec<LightCurveRow>, _> =
            csv::Reader::from_reader(curve.as_bytes()).deserialize().collect();
        assert_eq!(black_box(rows.expect("the rows are good")).len(), ROWS);
    };
    let ours = || {
        let Ok(Call::Send(_, then)) = antares.locus("ANT2020m4pja") else { return };
        let Ok(Call::Done(locus)) = then(Ok(response.clone())) else { return };
        assert_eq!(black_box(locus.light_curve().expect("it is good")).0.len(), ROWS);
    };
    decode.other("antares light curve", text.len(), bare, ours);
    // The least that can be read: nothing but the text of the light curve.
    let least = || {
        let locus: Bare<Curve> = serde_json::from_str(&text).expect("the locus is good");
        let rows: Result<Vec<LightCurveRow>, _> =
            csv::Reader::from_reader(locus.data.lightcurve.as_bytes()).deserialize().collect();
        assert_eq!(black_box(rows.expect("the rows are good")).len(), ROWS);
    };
    decode.other("antares light curve, least", text.len(), least, ours);
}

/// A history to points, beside the bare reading of its alerts.
fn history(decode: &mut Decode) {
    let text = alerts();
    let antares = Antares::new(AntaresConfig::default()).expect("the configuration is good");
    let alert: Alert<Locus> = Alert::from_raw(&text).expect("the history is good");
    let bare = || {
        #[derive(Deserialize)]
        struct History {
            alerts: Vec<AntaresAlert>,
        }
        let history: History = serde_json::from_str(&text).expect("the history is good");
        assert_eq!(black_box(history.alerts).len(), ROWS);
    };
    let ours = || {
        let call = antares.reduced_data(Subject::new("ANT2020m4pja").with_alert(&alert));
        let Ok(Call::Done(data)) = call else { return };
        assert_eq!(black_box(data.points).len(), ROWS);
    };
    decode.other("antares history to points", text.len(), bare, ours);
}

const HEADING: &str = "time,alert_id,ant_mjd,ant_survey,ant_ra,ant_dec,ant_passband,ant_mag,ant_magerr,ant_maglim,\
                       ant_mag_corrected,ant_magerr_corrected,ant_magulim_corrected,ant_magllim_corrected\\n";

/// The properties of a locus: ANTARES' own and as many features as filters set.
fn properties(n: usize) -> String {
    let part = n as f64 * 0.001;
    let mut text = format!(
        r#""anomaly_type": "Outlier", "anomaly_score": {:.16}, "num_alerts": {}, "num_mag_values": {}, "ztf_object_id": "ZTF20{}", "ztf_ssnamenr": "null", "is_corrected": "true", "survey": {{"ztf": {{"id": ["ZTF20{}"], "field": [574], "rcid": [33], "ssnamenr": ["null"]}}, "lsst": {{"dia_object_id": [], "ss_object_id": []}}}}"#,
        0.5 + part / 1e3,
        30 + n,
        20 + n,
        super::support::letters(n),
        super::support::letters(n),
    );
    for end in ["oldest", "newest", "brightest"] {
        let _ = write!(
            text,
            r#", "{end}_alert_id": "ztf_candidate:{}", "{end}_alert_magnitude": {:.15}, "{end}_alert_observation_time": {:.11}"#,
            1_622_218_622_315_015_015_u64 + n as u64,
            17.130_689_620_971_68 + part,
            59_376.218_622_699_846 + part,
        );
    }
    for feature in 0..FEATURES {
        let _ = write!(
            text,
            r#", "feature_amplitude_{feature}_magn_g": {:.17}"#,
            0.375_123 + part / (1.0 + feature as f64)
        );
    }
    text
}

/// A page of a listing in the shape of a version.
fn listing(version: u8) -> String {
    let hits = (0..ITEMS).map(|n| {
        let place = format!(r#""ra": {:.14}, "dec": {:.15}, "htm16": 58093421466"#, 10.5 + n as f64, -48.25 + n as f64 / 10.0);
        let lists = r#""tags": ["extragalactic", "nuclear_transient", "lc_feature_extractor"], "catalogs": ["2mass_psc", "gaia_dr3_gaia_source"]"#;
        let own = properties(n);
        match version {
            1 => format!(
                r#"{{"type": "locus_listing", "id": "ANT2020{n:05}", "attributes": {{{place}, "properties": {{{own}}}, {lists}}}, "relationships": {{"alerts": {{"links": {{"related": "http://api.antares.noirlab.edu/v1/loci/ANT2020{n:05}/alerts"}}}}}}}}"#
            ),
            _ => format!(
                r#"{{"locus": {{"locus_id": "ANT2020{n:05}", {place}, "properties": {{{own}}}, {lists}, "grav_wave_events": []}}}}"#
            ),
        }
    });
    format!(
        r#"{{"data": [{}], "meta": {{"count": 250}}, "links": {{"self": "", "next": null}}}}"#,
        hits.collect::<Vec<_>>().join(", ")
    )
}

/// A single locus with a light curve.
fn locus() -> String {
    let mut curve = HEADING.to_owned();
    for n in 0..ROWS {
        let part = n as f64 * 0.001;
        let id = 1_622_218_622_315_015_015_u64 + n as u64;
        let mjd = 59_376.218_622_699_846 + n as f64;
        let _ = if n % 3 == 0 {
            write!(
                curve,
                "2021-06-11 05:14:49.001267,ztf_upper_limit:ZTF21aaaaaaa-{id},{mjd:.11},2,,,R,,,{:.14},,,,\\n",
                20.5 + part
            )
        } else {
            write!(
                curve,
                "2021-06-11 05:14:49.001267,ztf_candidate:{id},{mjd:.11},1,193.82173{n:04},2.89731{n:04},g,{:.14},{:.16},{:.14},,,,\\n",
                18.130_689_620_971_68 + part,
                0.075_123_456_789_012 + part / 1e3,
                19.483_900_070_190_43 + part,
            )
        };
    }
    format!(
        r#"{{"data": {{"id": "ANT2020m4pja", "ra": 193.8, "dec": 2.9, "internal_properties": {{{}}}, "user_properties": {{}}, "lightcurve": "{curve}", "tags": [], "catalogs": [], "grav_wave_events": []}}}}"#,
        properties(1)
    )
}

/// A history with the keys of a whole alert of ZTF.
fn alerts() -> String {
    let alerts = (0..ROWS).map(|n| {
        let id = 1_622_218_622_315_015_015_u64 + n as u64;
        let mjd = 59_376.218_622_699_846 + n as f64;
        let mut own = format!(
            r#""ant_mjd": {mjd:.11}, "ant_survey": 1, "ant_passband": "R", "ant_mag": 18.13068962097168, "ant_magerr": 0.0751234567890, "ant_maglim": 19.48390007019043, "ant_ra": 193.8217, "ant_dec": 2.8973, "ztf_candid": {id}, "ztf_isdiffpos": "t", "ztf_rb": 0.618571400642395, "ztf_drb": 0.9999"#
        );
        for column in 0..COLUMNS {
            let _ = write!(own, r#", "ztf_column_{column}": {:.15}"#, 0.123_456_789 + column as f64);
        }
        format!(r#"{{"id": "ztf_candidate:{id}", "mjd": {mjd:.11}, "created_at": "2021-06-11T05:20:00", "properties": {{{own}}}, "survey": "ztf", "grav_wave_events": []}}"#)
    });
    format!(r#"{{"locus": {{"id": "ANT2020m4pja"}}, "alerts": [{}]}}"#, alerts.collect::<Vec<_>>().join(", "))
}
