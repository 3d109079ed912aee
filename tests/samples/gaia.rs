//! The recorded answers of Gaia's alerts.

use std::fmt::Write as _;

use tom_alerts::brokers::gaia::{Gaia, GaiaAlert, GaiaConfig, GaiaList, GaiaQuery};
use tom_alerts::{Call, Cursor, Page, Protocol, Slot, Subject, time};

use super::*;

pub(super) const FILES: Broker = Broker {
    folder: "gaia",
    readers: &[
        ("alerts.csv", csv_list),
        ("alerts_empty.csv", csv_list),
        ("alertsindex.html", index),
        ("alertsindex_multiline.html", index),
        ("alertsindex_empty.html", index),
        ("alertsindex_no_script.html", no_list),
        ("lightcurve.csv", light_curve),
        ("lightcurve_tom_base.csv", light_curve),
        ("lightcurve_only_untrusted.csv", light_curve),
        ("alert_page.html", spectra),
        ("error_404.html", not_found),
    ],
    skipped: &[],
};

fn gaia(list: GaiaList) -> Gaia {
    let config = GaiaConfig { list: Some(list), ..GaiaConfig::default() };
    Gaia::new(config).unwrap()
}

fn response(body: &[u8]) -> Response {
    Response::new(200, Vec::new(), body.to_vec().into())
}

fn page(list: GaiaList, body: &[u8]) -> Result<Page<GaiaAlert>, String> {
    let all = GaiaQuery { ra: Some(0.0), dec: Some(0.0), radius: Some(648_000.0), ..GaiaQuery::default() };
    gaia(list).page(&all, &Cursor::default(), response(body)).map_err(|e| e.to_string())
}

fn alerts(list: GaiaList, body: &[u8]) -> Result<Vec<GaiaAlert>, String> {
    let items = page(list, body)?.items.into_slots().into_iter().map(|item| match item {
        Ok(Slot::Item(alert)) => Ok(alert.into_packet()),
        Ok(_) => Err("something is to be asked".to_owned()),
        Err(error) => Err(error.to_string()),
    });
    items.collect()
}

/// The rows written again from what was read must be the rows of the file, number by number.
fn csv_list(body: &[u8]) -> Result<Value, String> {
    let theirs = std::str::from_utf8(body).unwrap();
    let mut ours = theirs.lines().next().unwrap().to_owned() + "\n";
    let alerts = alerts(GaiaList::Csv, body)?;
    for a in &alerts {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let number =
            |number: Option<f64>, digits: usize| number.map_or_else(String::new, |n| format!("{n:.digits$}"));
        let quoted =
            |text: &Option<String>| format!("\"{}\"", text.clone().unwrap_or_default().replace('"', "\"\""));
        let row = [
            a.name.clone(),
            text(&a.obstime),
            number(a.ra, 5),
            number(a.dec, 5),
            number(a.alert_mag, 2),
            number(a.historic_mag, 2),
            number(a.historic_std_dev, 2),
            quoted(&a.classification),
            text(&a.published),
            quoted(&a.comment),
            text(&a.tnsid),
        ];
        writeln!(ours, "{}", row.join(",")).unwrap();
    }
    same_text(&ours, theirs)
}

fn same_text(ours: &str, theirs: &str) -> Result<Value, String> {
    if ours == theirs { Ok(Value::Null) } else { Err(format!("{ours} was read where the file has {theirs}")) }
}

/// The list of the page, cut out by hand, beside what was read.
fn index(body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).unwrap();
    let list = text.split_once("var alerts = ").unwrap().1;
    let theirs: Value = serde_json::Deserializer::from_str(list).into_iter().next().unwrap().unwrap();
    let ours = serde_json::to_value(alerts(GaiaList::Page, body)?).unwrap();
    compared(&ours, &theirs)
}

fn compared(ours: &Value, theirs: &Value) -> Result<Value, String> {
    let mut faults = Vec::new();
    differences(ours, theirs, "", &mut faults);
    if faults.is_empty() { Ok(Value::Null) } else { Err(faults.join("; ")) }
}

/// A page without a list is no empty list.
fn no_list(body: &[u8]) -> Result<Value, String> {
    match (page(GaiaList::Page, body), page(GaiaList::Csv, body)) {
        (Err(_), Err(_)) => Ok(Value::Null),
        _ => Err("a list was read".to_owned()),
    }
}

fn ask<T>(call: Call<T>, body: &[u8]) -> Result<T, String> {
    let Call::Send(_, then) = call else { return Err("nothing is sent".to_owned()) };
    match then(Ok(response(body))).map_err(|e| e.to_string())? {
        Call::Done(done) => Ok(done),
        _ => Err("more is sent".to_owned()),
    }
}

/// Each row with a magnitude is a point, at its instant; each row with a word is counted.
fn light_curve(body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).unwrap();
    let name = text.lines().next().unwrap();
    let call = gaia(GaiaList::Csv).reduced_data(Subject::new(name)).map_err(|e| e.to_string())?;
    let data = ask(call, body)?;
    if let Some(error) = data.failures.first() {
        return Err(error.to_string());
    }
    let rows: Vec<Vec<&str>> =
        text.lines().skip(2).filter(|l| !l.is_empty()).map(|l| l.split(',').collect()).collect();
    let valued: Vec<_> = rows.iter().filter(|row| row[2].parse::<f64>().is_ok_and(f64::is_finite)).collect();
    let left_out = rows.len() - valued.len();
    let due = if left_out == 0 {
        Vec::new()
    } else {
        vec![format!("{left_out} rows of lightcurve without a value left out")]
    };
    if data.points.len() != valued.len() || data.notes != due {
        return Err(format!("{} points of {}, {:?}", data.points.len(), valued.len(), data.notes));
    }
    for (point, row) in data.points.iter().zip(valued) {
        // The date has whole seconds, and the Julian date three digits in the older file.
        let date = time::jd_from_utc(time::parse_utc(row[0]).unwrap());
        let off = (point.timestamp - time::utc_from_tcb_jd(date).unwrap()).as_seconds_f64();
        let magnitude = point.photometry().unwrap().magnitude;
        if off.abs() > 1.0 || magnitude != row[2].parse().ok() || point.target != name {
            return Err(format!("{point:?} was read from {row:?}"));
        }
    }
    Ok(Value::Null)
}

fn spectra(body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).unwrap();
    let list = text.split_once("var spectra = ").unwrap().1;
    let theirs: Value = serde_json::Deserializer::from_str(list).into_iter().next().unwrap().unwrap();
    let ours = ask(gaia(GaiaList::Csv).spectra("Gaia20bph").map_err(|e| e.to_string())?, body)?;
    compared(&super::list(ours)?, &theirs)
}

fn not_found(body: &[u8]) -> Result<Value, String> {
    let answer = Response::new(404, Vec::new(), body.to_vec().into());
    match answer.into_result() {
        Err(error) if error.kind() == tom_alerts::ErrorKind::NotFound => Ok(Value::Null),
        _ => Err("no error".to_owned()),
    }
}
