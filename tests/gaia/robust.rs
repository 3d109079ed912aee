//! No panic whatever a service sends, and only what is sound leaves.

use proptest::prelude::{any, *};
use tom_alerts::http::Response;
use tom_alerts::{Cursor, Protocol};

use super::support::properties::{Asked, forget};
use super::support::wild::{body_properties, cases};
use super::*;

/// Every reader there is, on one body; how many alerts and points came of it.
fn read_all(body: &[u8]) -> usize {
    let mut seen = 0;
    for config in [
        || GaiaConfig { list: Some(GaiaList::Csv), error_estimate: true, ..GaiaConfig::default() },
        || GaiaConfig { list: Some(GaiaList::Page), error_estimate: true, ..GaiaConfig::default() },
    ] {
        let queries =
            vec![all(), query(json!({"cone": "150,2,30"})), query(json!({"target_name": "2022aab"}))];
        let mut asked = Asked::<Gaia>::new(config, queries, &[NAME]);
        asked.further = |gaia| vec![forget(gaia.spectra(NAME))];
        seen += asked.read(&[200], body);
    }
    let _ = Gaia::read_csv(body);
    seen
}

const RECORDED: &str = "\
    alerts_ok.csv alerts_other_columns.csv alerts_bad_rows.csv index_ok.html index_lines.html \
    index_nan.html lightcurve_ok.csv lightcurve_odd.csv lightcurve_untrusted.csv alert_ok.html";

body_properties!(cut 23: "alerts_ok.csv", "index_ok.html", "lightcurve_odd.csv", "alert_ok.html");

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_bytes_within_a_list_or_a_page_make_a_reader_unsound(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&[b"#Name, RaDeg, DecDeg, Date, AlertMag, TNSid\n", &bytes[..]].concat());
        read_all(&[b"<script>var alerts = [", &bytes[..]].concat());
        read_all(&[b"<script>var spectra = [", &bytes[..]].concat());
        read_all(&[b"Gaia22aab\n#Date,JD(TCB),averagemag\n", &bytes[..]].concat());
    }

    #[test]
    fn no_table_makes_a_reader_unsound(cells in "([A-Za-z0-9é.+-]{0,9}[,\n\" ]){0,40}") {
        read_all(format!("#Name, Date, RaDeg, DecDeg, AlertMag\n{cells}").as_bytes());
        read_all(format!("#Name, Date, RaDeg, DecDeg, AlertMag\nGaia22aab,2022-01-01,150,2,17\n{cells}").as_bytes());
        read_all(format!("Gaia22aab\n#Date,JD(TCB),averagemag\n{cells}").as_bytes());
    }

    #[test]
    fn no_name_and_no_cone_make_anything_panic(name in "\\PC{0,16}", cone in "[0-9a-z.,+ -]{0,24}") {
        let gaia = Gaia::new(GaiaConfig::default()).unwrap();
        let _ = gaia.recognises(&name);
        let _ = gaia.alert(&name);
        let _ = gaia.spectra(&name);
        let asked = GaiaQuery { target_name: Some(name.clone()), cone: Some(cone), name_contains: true, ..GaiaQuery::default() };
        let _ = gaia.page(&asked, &Cursor::default(), Response::new(200, Vec::new(), fixture("alerts_ok.csv").into()));
        let _ = gaia.listing(&asked, &Cursor::new(name));
    }
}
