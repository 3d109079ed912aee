//! Messages of Hopskotch, and what every broker that brings them must make of each.

use serde_json::{Map, Value, json};
use tom_alerts::{GenericAlert, ReducedData, Result, Target};

/// A message and what comes of it.
pub(crate) struct Case {
    pub(crate) what: &'static str,
    pub(crate) message: Value,
    /// Those of `name`, `ra`, `dec`, `mag`, `target`, `points`, `failures` and `notes` that are told.
    pub(crate) due: Value,
}

/// What a broker made of a message, in the words of [`Case::due`]; `location` is its place in the notes.
pub(crate) fn made(
    generic: &GenericAlert,
    target: &Result<Target>,
    data: &ReducedData,
    location: &str,
) -> Map<String, Value> {
    let rounded = |value: Option<f64>| value.map(|value| (value * 1e6).round() / 1e6);
    let target = target.as_ref().ok().map(|target| {
        let place = target.position().map(|(ra, dec)| [rounded(Some(ra)), rounded(Some(dec))]);
        json!({"name": &target.name, "type": target.target_type(), "at": place, "aliases": &target.aliases})
    });
    let points = data.points.iter().map(|point| {
        let mut point = serde_json::to_value(point).unwrap();
        for key in ["magnitude", "error", "limit", "limiting_magnitude"] {
            if let Some(number) = point["value"].get(key).and_then(Value::as_f64) {
                point["value"][key] = json!(rounded(Some(number)));
            }
        }
        let map = point.as_object_mut().unwrap();
        map.shift_remove("source_name");
        map.shift_remove("source_location");
        point
    });
    let points: Vec<_> = points.collect();
    let failures: Vec<_> = data.failures.iter().map(|e| e.message().to_owned()).collect();
    let notes: Vec<_> = data.notes.iter().map(|note| note.replace(location, "here")).collect();
    let made = json!({
        "name": generic.name, "ra": rounded(generic.ra), "dec": rounded(generic.dec), "mag": rounded(generic.mag),
        "target": target, "points": points, "failures": failures, "notes": notes
    });
    made.as_object().unwrap().clone()
}

/// Asserts that what a broker made of a message is what is due.
pub(crate) fn is_due(case: &Case, made: &Map<String, Value>) {
    for (key, due) in case.due.as_object().unwrap() {
        assert_eq!(&made[key], due, "{}: {key} of {made:#?}", case.what);
    }
}

fn object(photometry: Value) -> Value {
    json!({
        "title": "t", "topic": "hermes.test",
        "data": {"targets": [{"name": "AT2026qxa", "ra": 212.5, "dec": -7.5}], "photometry": photometry}
    })
}

fn row(more: Value) -> Value {
    let mut row = json!({"target_name": "AT2026qxa", "date_obs": "2026-10-01T00:00:00Z", "telescope": "1m", "bandpass": "r"});
    row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    row
}

fn point(value: Value) -> Value {
    let mut whole = json!({"filter": "r", "telescope": "1m"});
    whole.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
    json!({"target": "AT2026qxa", "timestamp": "2026-10-01T00:00:00Z", "data_type": "photometry", "value": whole})
}

fn spectrum(more: Value) -> Value {
    let mut message = object(json!([]));
    message["data"]["spectroscopy"] = json!([row(more)]);
    message
}

fn spectrum_point(value: Value) -> Value {
    json!({"target": "AT2026qxa", "timestamp": "2026-10-01T00:00:00Z", "data_type": "spectroscopy", "value": value})
}

/// Of every sort that senders are known to write.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = brightnesses();
    cases.extend(rows());
    cases.extend(spectra());
    cases.extend(shapes());
    cases
}

fn brightnesses() -> Vec<Case> {
    let plain = |what, row_of: Value, due: Value| Case {
        what,
        message: object(json!([row(row_of)])),
        due: json!({"points": [point(due)], "failures": [], "notes": []}),
    };
    let erg = "erg / s / cm² / Å";
    vec![
        plain(
            "a magnitude without a unit is an AB magnitude",
            json!({"brightness": 18.5, "brightness_error": 0.1}),
            json!({"magnitude": 18.5, "error": 0.1, "unit": "AB"}),
        ),
        plain(
            "numbers may be texts",
            json!({"brightness": "18.5", "brightness_error": "0.1", "brightness_unit": "Vega mag"}),
            json!({"magnitude": 18.5, "error": 0.1, "unit": "Vega"}),
        ),
        plain(
            "a limit without a unit is an AB magnitude, beside a brightness of 0",
            json!({"brightness": 0, "brightness_unit": "AB mag", "limiting_brightness": 20.5}),
            json!({"limit": 20.5, "unit": "AB"}),
        ),
        plain(
            "Jy stay Jy, with the magnitude beside",
            json!({"brightness": 0.001, "brightness_error": 0.00001, "brightness_unit": "Jy"}),
            json!({"magnitude": 16.4, "error": 0.010857, "flux": 0.001, "flux_error": 0.00001, "flux_unit": "Jy", "unit": "AB"}),
        ),
        plain(
            "µJy of either letter are one unit",
            json!({"brightness": 10.0, "brightness_error": 1.0, "brightness_unit": "\u{3bc}Jy"}),
            json!({"magnitude": 21.4, "error": 0.108574, "flux": 10.0, "flux_error": 1.0, "flux_unit": "µJy", "unit": "AB"}),
        ),
        plain(
            "a flux below three sigma is a limit",
            json!({"brightness": "1.0", "brightness_error": 1.0, "brightness_unit": "uJy"}),
            json!({"limit": 22.152575, "flux": 1.0, "flux_error": 1.0, "flux_unit": "µJy", "unit": "AB"}),
        ),
        plain(
            "the ångström of Hermes is U+212B",
            json!({"brightness": 3e-16, "brightness_error": 1e-17, "brightness_unit": "erg / s / cm² / \u{212b}"}),
            json!({"flux": 3e-16, "flux_error": 1e-17, "flux_unit": erg}),
        ),
        plain(
            "that of people is U+00C5",
            json!({"brightness": 3e-16, "brightness_unit": "erg / s / cm² / \u{c5}"}),
            json!({"flux": 3e-16, "flux_unit": erg}),
        ),
        plain(
            "a flux density in other words is converted",
            json!({"brightness": 3.0, "brightness_error": 0.5, "brightness_unit": "1e-16 erg/s/cm^2/A"}),
            json!({"flux": 3e-16, "flux_error": 5e-17, "flux_unit": erg}),
        ),
        plain(
            "a flux of 0 with its error is a measurement",
            json!({"brightness": 0, "brightness_error": 1.0, "brightness_unit": "uJy"}),
            json!({"limit": 22.152575, "flux": 0.0, "flux_error": 1.0, "flux_unit": "µJy", "unit": "AB"}),
        ),
        Case {
            what: "a brightness of exactly 0 is none",
            message: object(json!([row(json!({"brightness": 0, "brightness_unit": "Vega mag"}))])),
            due: json!({"points": [], "failures": [], "mag": null, "notes": ["1 row of here without a value left out"]}),
        },
        Case {
            what: "a unit that is none fails its row",
            message: object(json!([
                row(json!({"brightness": 312.0, "brightness_unit": "counts"})),
                row(json!({"brightness": 18.5, "brightness_unit": {"unit": 1}})),
                row(json!({"brightness": 18.5, "brightness_unit": "AB mag"}))
            ])),
            due: json!({
                "points": [point(json!({"magnitude": 18.5, "unit": "AB"}))], "mag": 18.5,
                "failures": ["the unit of the brightness is not known", "the unit of the brightness is not known"]
            }),
        },
    ]
}

fn rows() -> Vec<Case> {
    let good = || point(json!({"magnitude": 18.5, "unit": "AB"}));
    vec![
        Case {
            what: "rows of other targets are left out",
            message: object(json!([
                row(json!({"brightness": 18.5})),
                row(json!({"brightness": 15.0, "target_name": "AT2026qxb"})),
                row(json!({"brightness": 15.5, "target_name": "AT2026qxc"}))
            ])),
            due: json!({"points": [good()], "mag": 18.5, "notes": ["2 rows of other targets of the message left out"]}),
        },
        Case {
            what: "a row without a target's name is of the only target",
            message: object(json!([row(json!({"brightness": 18.5, "target_name": null}))])),
            due: json!({"points": [good()], "failures": [], "notes": []}),
        },
        Case {
            what: "a row may name its target by an alias",
            message: json!({"title": "t", "data": {
                "targets": [
                    {"name": "AT2026qxa", "ra": "14:10:00", "dec": "-07:30:00", "aliases": ["ZTF26aaqqxxa", 7, null]},
                    {"name": "AT2026qxb", "ra": 1, "dec": 2}
                ],
                "photometry": [row(json!({"brightness": 18.5, "target_name": "ZTF26aaqqxxa"})), row(json!({"brightness": 17.5, "target_name": ""}))]
            }}),
            due: json!({
                "name": "AT2026qxa", "ra": 212.5, "dec": -7.5, "mag": 18.5, "points": [good()], "notes": [],
                "target": {"name": "AT2026qxa", "type": "SIDEREAL", "at": [212.5, -7.5], "aliases": ["ZTF26aaqqxxa", "7"]},
                "failures": ["the row does not say which target it is of"]
            }),
        },
        Case {
            what: "a target without a name is the one that all rows name",
            message: json!({"data": {"targets": [{"ra": 212.5, "dec": -7.5}], "photometry": [row(json!({"brightness": 18.5}))]}}),
            due: json!({"name": "AT2026qxa", "ra": 212.5, "points": [good()], "failures": [], "notes": []}),
        },
        Case {
            what: "what is no row or no table is told and the rest goes on",
            message: json!({"title": "t", "data": {
                "targets": [{"name": "AT2026qxa", "ra": {"h": 14}, "dec": -7.5}],
                "photometry": [["AT2026qxa", 60_000], null, row(json!({"brightness": 18.5, "telescope": ["1m"], "observer": {}}))],
                "spectroscopy": {"flux": 1}, "references": "none"
            }}),
            due: json!({
                "name": "AT2026qxa", "ra": null, "dec": null, "target": null,
                "points": [{
                    "target": "AT2026qxa", "timestamp": "2026-10-01T00:00:00Z", "data_type": "photometry",
                    "value": {"filter": "r", "magnitude": 18.5, "unit": "AB"}
                }],
                "failures": [
                    "data.targets[0]: row 1 cannot be read: ra: a right ascension was due",
                    "data.photometry[0]: row 1 cannot be read: a list was given, an object was due",
                    "data.photometry[1]: row 2 cannot be read: null was given, an object was due",
                    "data.spectroscopy: a list was due",
                    "data.references: a list was due"
                ],
                "notes": ["here: 2 values left out of another type than expected"]
            }),
        },
    ]
}

fn spectra() -> Vec<Case> {
    let plain = |what, row_of: Value, due: Value, notes: Value| Case {
        what,
        message: spectrum(row_of),
        due: json!({"points": [spectrum_point(due)], "failures": [], "notes": notes}),
    };
    vec![
        plain(
            "texts in a flux are numbers, and units have defaults",
            json!({"flux": ["1.5", 2.5], "wavelength": [400, "500"], "flux_error": ["0.1", 0.2]}),
            json!({
                "wavelength": [400.0, 500.0], "wavelength_unit": "nm", "flux": [1.5, 2.5], "error": [0.1, 0.2],
                "flux_unit": "mJy", "telescope": "1m"
            }),
            json!([]),
        ),
        plain(
            "a pixel without a flux is left out in all lists",
            json!({
                "flux": [1.5, null, 2.5, 3.5], "wavelength": [4000, 5000, "nan", 6000], "flux_error": [0.1, 0.2, 0.3, 0.4],
                "wavelength_units": "\u{212b}", "flux_units": "erg / s / cm² / \u{212b}"
            }),
            json!({
                "wavelength": [4000.0, 6000.0], "wavelength_unit": "Å", "flux": [1.5, 3.5], "error": [0.1, 0.4],
                "flux_unit": "erg / s / cm² / Å", "telescope": "1m"
            }),
            json!(["here: 2 pixels of spectra left out without a flux or a wavelength"]),
        ),
        plain(
            "errors that do not match cost no spectrum",
            json!({"flux": [1.5, 2.5], "wavelength": [400, 500], "flux_error": [0.1], "flux_units": "Jy"}),
            json!({
                "wavelength": [400.0, 500.0], "wavelength_unit": "nm", "flux": [1.5, 2.5], "flux_unit": "Jy",
                "telescope": "1m"
            }),
            json!(["here: 1 list of errors left out that do not match the fluxes"]),
        ),
    ]
}

fn shapes() -> Vec<Case> {
    let nothing =
        || json!({"ra": null, "dec": null, "mag": null, "target": null, "points": [], "failures": []});
    let tom = json!({"name": "AT2026qxt", "type": "SIDEREAL", "at": [150.1234, 2.5678], "aliases": []});
    vec![
        Case {
            what: "a list is no message",
            message: json!(["Vega", 279.23, 38.78, {"targets": [{"name": "Vega", "ra": 1, "dec": 2}]}]),
            due: nothing(),
        },
        Case { what: "a text is no message", message: json!("{\"title\": \"t\"}"), due: nothing() },
        Case {
            what: "a target of a TOM",
            message: json!({"type": "target", "target_name": "AT2026qxt", "ra": 150.1234, "dec": 2.5678}),
            due: json!({"name": "AT2026qxt", "ra": 150.1234, "dec": 2.5678, "target": tom, "points": []}),
        },
        Case {
            what: "sexagesimal positions are hours and degrees",
            message: json!({"target_name": "AT2026qxt", "ra": "10:00:29.616", "dec": "+02:34:04.08"}),
            due: json!({"name": "AT2026qxt", "ra": 150.1234, "dec": 2.5678, "target": tom}),
        },
        Case {
            what: "a right ascension is wrapped",
            message: json!({"title": "t", "data": {"targets": [{"name": "a", "ra": -10, "dec": 0}]}}),
            due: json!({"ra": 350.0, "dec": 0.0}),
        },
        Case {
            what: "a declination beyond a pole is no place",
            message: json!({"title": "t", "data": {"targets": [{"name": "a", "ra": 10, "dec": 90.5}]}}),
            due: json!({"name": "a", "ra": null, "dec": null, "target": null}),
        },
        Case {
            what: "keys of other senders may mean other things",
            message: json!({"title": "t", "target_name": ["x"], "ra": {"deg": 1}, "dec": [2], "data": 7}),
            due: json!({
                "name": "t", "ra": null, "dec": null, "target": null, "points": [],
                "failures": ["data: an object was due"]
            }),
        },
        Case {
            what: "a place of no object is none of a target",
            message: json!({"title": "t", "ra": 10.0, "dec": 5.0}),
            due: json!({"name": "t", "ra": 10.0, "dec": 5.0, "target": null}),
        },
        Case {
            what: "an orbit",
            message: json!({"title": "t", "data": {"targets": [{"name": "2026 QX1", "orbital_elements": {
                "epoch_of_elements": "61350.5", "orbital_inclination": 5.0, "longitude_of_the_ascending_node": 80.0,
                "argument_of_the_perihelion": "73.0", "eccentricity": 0.1, "mean_anomaly": 12.5, "semimajor_axis": 2.25
            }}]}}),
            due: json!({
                "name": "2026 QX1",
                "target": {"name": "2026 QX1", "type": "NON_SIDEREAL", "at": null, "aliases": []}
            }),
        },
    ]
}
