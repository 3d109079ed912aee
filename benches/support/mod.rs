//! Made-up pages in the shapes and sizes of the services.

use std::fmt::Write;

/// A page of ALeRCE's ZTF listing, about 650 bytes an object.
pub(crate) fn alerce_page(page: usize, size: usize) -> String {
    let mut text = String::from(
        r#"{"total": null, "page": null, "next": null, "has_next": false, "prev": null, "has_prev": false, "items": ["#,
    );
    for n in 0..size {
        let id = page * size + n;
        let letters: String = (0..7)
            .scan(id, |rest, _| {
                let letter = char::from(b'a' + (*rest % 26) as u8);
                *rest /= 26;
                Some(letter)
            })
            .collect();
        let part = id as f64 * 0.001;
        let comma = if n == 0 { "" } else { ", " };
        let _ = write!(
            text,
            r#"{comma}{{"oid": "ZTF20{letters}", "ndethist": "{}", "ncovhist": {}, "mjdstarthist": {:.11}, "mjdendhist": {:.11}, "corrected": false, "stellar": false, "ndet": {}, "g_r_max": {:.16}, "g_r_max_corr": null, "g_r_mean": {:.16}, "g_r_mean_corr": null, "firstmjd": {:.11}, "lastmjd": {:.11}, "deltajd": {:.14}, "meanra": {:.14}, "meandec": {:.15}, "sigmara": 0.0000{:06}123456, "sigmadec": 0.0000{:06}123456, "class": "SNIa", "classifier": "lc_classifier", "probability": {:.16}, "step_id_corr": "corr_bulk_0.0.1"}}"#,
            100 + id % 900,
            700 + id % 300,
            58_855.458_808_01 + part,
            58_967.227_049_03 + part,
            2 + id % 300,
            0.440_634 + part / 1e3,
            0.734_401 + part / 1e3,
            58_855.542_291_699_91 + part,
            58_967.227_049_03 + part,
            111.684_757_01,
            (185.728_862_123_456 + part) % 360.0,
            15.823_611_123_456 - part / 1e3,
            (id * 37) % 1_000_000,
            (id * 53) % 1_000_000,
            0.5 + (id % 500) as f64 / 1_000.0,
        );
    }
    text.push_str("]}");
    text
}
