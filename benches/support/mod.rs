//! Made-up pages in the shapes and sizes of the services.

use std::fmt::Write;

/// Seven letters that are a number's own.
pub(crate) fn letters(id: usize) -> String {
    let letters = (0..7).scan(id, |rest, _| {
        let letter = char::from(b'a' + (*rest % 26) as u8);
        *rest /= 26;
        Some(letter)
    });
    letters.collect()
}

/// A page of ALeRCE's ZTF listing, about 650 bytes an object.
pub(crate) fn alerce_page(page: usize, size: usize) -> String {
    let mut text = String::from(
        r#"{"total": null, "page": null, "next": null, "has_next": false, "prev": null, "has_prev": false, "items": ["#,
    );
    for n in 0..size {
        let id = page * size + n;
        let letters = letters(id);
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

/// A batch of Lasair's ZTF objects with as many detections as limits, and their ids.
#[allow(dead_code, reason = "each bench uses a part of it")]
pub(crate) fn lasair_objects(count: usize, points: usize) -> (Vec<String>, String) {
    let ids: Vec<_> = (0..count).map(|n| format!("ZTF21{}", letters(n))).collect();
    let mut text = String::from("[");
    for (n, id) in ids.iter().enumerate() {
        let comma = if n == 0 { "" } else { ", " };
        let part = n as f64 * 0.001;
        let _ = write!(
            text,
            r#"{comma}{{"objectId": "{id}", "objectData": {{"ncand": {points}, "ramean": {:.14}, "decmean": {:.15}, "glonmean": 305.2724730896224, "glatmean": 65.75156775352428, "jdmin": 2459376.7186227, "jdmax": 2459396.7497338, "rasex": "12:55:17.217", "decsex": "02:53:50.321", "ec_lon": 191.58469821425786, "ec_lat": 8.12211567500177, "now_mjd": "61336.79", "mjdmin_ago": 1960.5762689141848, "mjdmax_ago": 1940.5451578139619, "discMjd": 59376.218622699846, "discUtc": "2021-06-11 05:14:49", "discMag": "18.13±0.06", "discFilter": "g", "latestMjd": 59396.24973380007, "latestUtc": "2021-07-01 05:59:37", "latestMag": "16.23±0.03", "latestFilter": "g", "peakMjd": 59392.18785879994, "peakUtc": "2021-06-27 04:30:31", "peakMag": "15.26±0.03", "peakFilter": "r"}}, "candidates": ["#,
            193.821_738_764_285 + part,
            2.897_311_328_571_429 - part,
        );
        for k in 0..points {
            let jd = 2_459_396.749_733_8 - k as f64 * 1.37;
            let mag = 16.234_319_686_889_65 + k as f64 * 0.1;
            let candid = 1_642_249_732_315_015_013 + (n * 1_000 + k) as i64;
            let comma = if k == 0 { "" } else { ", " };
            let own = format!(
                r#""candid": {candid}, "jd": {jd:.7}, "ra": 193.8217409, "dec": 2.8973184, "fid": {}, "nid": 1642, "magpsf": {mag:.14}, "sigmapsf": 0.02858399972319603, "magnr": 20.634000778198242, "sigmagnr": 0.13899999856948853, "magzpsci": 25.95832061767578, "isdiffpos": "t", "ssdistnr": -999.0, "ssnamenr": "null", "drb": 0.9999930262565613"#,
                1 + k % 2,
            );
            let limit =
                format!(r#""jd": {:.7}, "fid": {}, "diffmaglim": {:.14}"#, jd - 0.5, 1 + k % 2, mag + 2.0);
            let copy = |row: &str| row.replace('"', "\\\"").replace(", ", ",\\n  ");
            let link = |kind: &str| {
                format!(
                    "https://lasair-ztf.lsst.ac.uk/lasair/static/fits/59396/8a4/{candid}_cutout{kind}.fits"
                )
            };
            let _ = write!(
                text,
                r#"{comma}{{{own}, "json": "\n  {}\n", "mjd": {:.11}, "imjd": 59396, "since_now": -1940.5451578139619, "utc": "2021-07-01 05:59:37", "image_urls": {{"Science": "{}", "Template": "{}", "Difference": "{}"}}}}, {{{limit}, "json": "\n  {}\n", "mjd": {:.11}, "imjd": 59396, "since_now": -1962.5718708141067, "magpsf": {:.14}}}"#,
                copy(&own),
                jd - 2_400_000.5,
                link("Science"),
                link("Template"),
                link("Difference"),
                copy(&limit),
                jd - 2_400_001.0,
                mag + 2.0,
            );
        }
        let _ = write!(
            text,
            r#"], "count_isdiffpos": {points}, "count_isdiffneg": 0, "count_all_candidates": {points}, "count_noncandidate": {points}, "forcedphot": [], "sherlock": {{"objectId": "{id}", "classification": "SN", "association_type": "SN", "catalogue_table_name": "SDSS/PS1", "catalogue_object_id": "1237648721764606000", "catalogue_object_type": "galaxy", "raDeg": 193.814796658, "decDeg": 2.89668621, "separationArcsec": 25.07, "northSeparationArcsec": -2.568, "eastSeparationArcsec": -25.106, "physical_separation_kpc": 5.69, "direct_distance": 46.8, "distance": 40.0, "z": 0.01, "photoZ": 0.0, "photoZErr": 0.0, "Mag": 14.72, "MagFilter": "r", "MagErr": 0.0, "classificationReliability": 2, "major_axis_arcsec": null, "annotator": "https://example.org/sherlock", "additional_output": "http://example.org/sherlock/{id}", "description": "The transient is possibly associated with a made-up galaxy, 2.57\" N, 25.11\" E from its centre.", "summary": "0"}}, "image_urls": {{}}, "TNS": {{}}, "message": "Got {points} candidates and {points} noncandidates"}}"#
        );
    }
    text.push(']');
    (ids, text)
}
