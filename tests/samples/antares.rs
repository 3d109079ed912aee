//! The recorded answers of ANTARES.

use tom_alerts::brokers::antares::*;
use tom_alerts::http::Request;
use tom_alerts::{Alert, Call, Cursor, Error, Protocol};

use super::*;

pub(super) const FILES: Broker = Broker {
    folder: "antares",
    readers: &[
        ("v1_loci_one.json", |body| loci(body, 1)),
        ("v1_loci_page1.json", |body| loci(body, 1)),
        ("v1_loci_page2.json", |body| loci(body, 1)),
        ("v2_loci_page1.json", |body| loci(body, 2)),
        ("v2_loci_page2.json", |body| loci(body, 2)),
        ("v2_loci_empty.json", |body| loci(body, 2)),
        ("v1_locus.json", |body| locus(body, 1)),
        ("v2_locus_ztf.json", |body| locus(body, 2)),
        ("v2_locus_lsst.json", |body| locus(body, 2)),
        ("stream_locus_flat.json", message),
        ("stream_locus_old.json", message),
        ("v1_locus_alerts.json", |body| alerts(body, 1)),
        ("v2_locus_alerts_ztf.json", |body| alerts(body, 2)),
        ("v2_locus_alerts_lsst.json", |body| alerts(body, 2)),
        ("devkit_locus_ztf.json", devkit),
        ("v1_catalog_matches.json", |body| catalog_matches(body, 1)),
        ("v2_catalog_matches.json", |body| catalog_matches(body, 2)),
        ("v2_catalog_search.json", |body| {
            let rows = fed(body, antares(2).catalog_search(175.8131, 20.3768))?;
            Ok(json!({"data": list(rows)?}))
        }),
        ("v1_statistics.json", |body| {
            Ok(json!({"data": {"attributes": as_json(fed(body, Ok(antares(1).statistics()))?)}}))
        }),
        ("v2_statistics.json", |body| Ok(json!({"data": as_json(fed(body, Ok(antares(2).statistics()))?)}))),
        ("v1_thumbnails.json", |body| {
            let rows = list(fed(body, Ok(antares(1).thumbnails("ztf_candidate:1")))?)?;
            let rows = rows.as_array().unwrap().iter();
            Ok(json!({"data": rows.map(|row| json!({"id": row["id"], "attributes": row})).collect::<Value>()}))
                .map(without_ids)
        }),
        ("v2_thumbnails.json", |body| {
            Ok(json!({"data": list(fed(body, Ok(antares(2).thumbnails("ztf_candidate:1")))?)?}))
        }),
        ("v2_grav_wave_notice.json", |body| {
            Ok(json!({"data": as_json(fed(body, Ok(antares(2).grav_wave_notice("S240930w")))?)}))
        }),
        ("v1_error_404.json", |body| failure(body, 404, "The requested URL was not found.")),
        ("v1_error_500.json", |body| failure(body, 500, "The server encountered a problem.")),
    ],
    skipped: &[],
};

fn antares(version: u8) -> Antares {
    Antares::new(AntaresConfig { api_version: Some(version), ..AntaresConfig::default() }).unwrap()
}

fn as_json(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn told<T>(result: Result<T, Error>) -> Result<T, String> {
    result.map_err(|e| e.to_string())
}

/// What a call makes of a body as the answer to its first request.
fn fed<T>(body: &[u8], call: Result<Call<T>, Error>) -> Result<T, String> {
    let response = Response::new(200, Vec::new(), body.to_vec().into());
    match told(call)? {
        Call::Send(_, then) => match told(then(Ok(response)))? {
            Call::Done(value) => Ok(value),
            call => Err(format!(
                "the call goes on: {:?}",
                call.requests().iter().map(|r| r.place()).collect::<Vec<_>>()
            )),
        },
        _ => Err("the call does not begin with a request".to_owned()),
    }
}

/// The ids stand beside the attributes in version 1.
fn without_ids(mut value: Value) -> Value {
    for row in value["data"].as_array_mut().unwrap() {
        row["attributes"].as_object_mut().unwrap().shift_remove("id");
    }
    value
}

/// A locus as the file has it, put into the shape of the file. Every property must be there.
fn same_locus(read: &Locus, theirs: &Value) -> Result<Value, String> {
    let ours = as_json(read);
    let inner = ["data", "locus", "attributes"];
    let mut at = theirs;
    let mut id = None;
    loop {
        id = id.or(at.get("id").or(at.get("locus_id")).and_then(Value::as_str));
        match inner.iter().find_map(|key| at.get(*key)) {
            Some(below) => at = below,
            None => break,
        }
    }
    if id != Some(read.id.as_str()) {
        return Err(format!("the id {} was read where the file has {id:?}", read.id));
    }
    let mut properties = serde_json::Map::new();
    for key in ["properties", "internal_properties", "user_properties"] {
        let own = at.get(key).and_then(Value::as_object);
        properties.extend(own.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
    }
    let mut faults = Vec::new();
    differences(&ours["properties"], &Value::Object(properties.clone()), "properties", &mut faults);
    let count = |value: &Value| value.as_object().map(serde_json::Map::len);
    if count(&ours["properties"]) != Some(properties.len()) {
        faults.push("a property was lost".to_owned());
    }
    for key in ["ra", "dec", "tags", "catalogs", "grav_wave_events", "lightcurve"] {
        if let Some(theirs) = at.get(key) {
            differences(&ours[key], theirs, key, &mut faults);
        }
    }
    if faults.is_empty() { Ok(Value::Null) } else { Err(faults.join("; ")) }
}

/// A page, through the reader that the client uses, with the way to the next one.
fn loci(body: &[u8], version: u8) -> Result<Value, String> {
    let antares = antares(version);
    let query = AntaresQuery::default();
    let response = Response::new(200, Vec::new(), body.to_vec().into());
    let page = told(antares.page(&query, &Cursor::default(), response))?;
    let theirs: Value = serde_json::from_slice(body).unwrap();
    let rows = theirs["data"].as_array().unwrap();
    let slots = page.items.into_slots();
    if slots.len() != rows.len() {
        return Err("a locus was lost".to_owned());
    }
    for (slot, row) in slots.into_iter().zip(rows) {
        let tom_alerts::Slot::Item(alert) = told(slot)? else {
            return Err("a locus must be asked for".to_owned());
        };
        same_locus(&alert, row)?;
        generic(&antares, &alert)?;
    }
    match (page.next, theirs["links"]["next"].as_str()) {
        (None, None) => {}
        (Some(at), Some(link)) => {
            let request: Request = told(antares.listing(&query, &at))?;
            let https = link.replacen("http://", "https://", 1);
            if request.url().as_str() != https {
                return Err(format!("{} is asked for where the link is {link}", request.url()));
            }
        }
        (next, link) => return Err(format!("{next:?} is next where the link is {link:?}")),
    }
    let count = theirs["meta"]["count"].as_u64();
    if page.total == count { Ok(Value::Null) } else { Err(format!("{:?} in all for {count:?}", page.total)) }
}

/// What a locus becomes: the values that its own properties have.
fn generic(antares: &Antares, alert: &Alert<Locus>) -> Result<(), String> {
    let generic = told(antares.to_generic_alert(alert).and_then(tom_alerts::GenericAlert::checked))?;
    told(antares.to_target(alert, &generic))?;
    let own = &alert.properties;
    let ahead =
        if own.newest_alert_id.as_deref().is_some_and(|id| id.starts_with("lsst:")) { 37.0 } else { 0.0 };
    let utc = own.newest_alert_observation_time.map(|mjd| mjd - ahead / 86_400.0);
    let read = generic.timestamp.map(tom_alerts::time::mjd_from_utc);
    // A microsecond, the resolution of a timestamp.
    let same = utc.zip(read).is_some_and(|(a, b)| (a - b).abs() < 1.5e-11);
    let name = own.ztf_object_id.as_deref().or(alert.lsst_ids().first().map(String::as_str));
    let good = same && generic.mag == own.newest_alert_magnitude && name == Some(generic.name.as_str());
    if good { Ok(()) } else { Err(format!("{generic} is not what the file says")) }
}

fn message(body: &[u8]) -> Result<Value, String> {
    same_locus(&read::<Locus>(body)?, &serde_json::from_slice(body).unwrap())
}

/// A single locus with its light curve, cell by cell.
fn locus(body: &[u8], version: u8) -> Result<Value, String> {
    let theirs: Value = serde_json::from_slice(body).unwrap();
    let antares = antares(version);
    let alert = fed(body, antares.locus("ANT2021pvmrs"))?;
    same_locus(&alert, &theirs["data"])?;
    generic(&antares, &alert)?;
    let text = alert.lightcurve.as_deref().unwrap_or_default();
    let rows = whole(told(alert.light_curve())?)?;
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let lines: Vec<&str> = lines.collect();
    if rows.len() != lines.len() || rows.is_empty() {
        return Err(format!("{} rows of {}", rows.len(), lines.len()));
    }
    for (row, line) in rows.iter().zip(&lines) {
        let ours = as_json(row);
        for (name, cell) in names.iter().zip(line.split(',')) {
            if !same(&ours[*name], &Value::from(cell)) {
                return Err(format!("{name}: {} was read where the file has {cell:?}", ours[*name]));
            }
        }
        // The date as text is the same instant without a change of scale.
        let text =
            row.time.as_deref().and_then(tom_alerts::time::parse_utc).map(tom_alerts::time::mjd_from_utc);
        if !text.zip(row.mjd).is_some_and(|(a, b)| (a - b).abs() < 2e-11) {
            return Err(format!("{:?} is not {:?}", row.time, row.mjd));
        }
    }
    Ok(Value::Null)
}

/// A history: every column that is read, the point of each alert, and its time.
fn alerts(body: &[u8], version: u8) -> Result<Value, String> {
    let response = Response::new(200, Vec::new(), body.to_vec().into());
    let Call::Chain(_) = told(antares(version).alerts("ANT2021pvmrs"))? else {
        return Err("the history is not asked for".to_owned());
    };
    let (rows, _) = told(response.items::<AntaresAlert, serde_json::Map<String, Value>>(Some("data")))?;
    let rows: Vec<_> =
        told(rows.into_iter().map(|row| row.map(Alert::into_packet)).collect::<Result<Vec<_>, _>>())?;
    points(&rows)?;
    let shaped = rows.iter().map(|row| {
        let mut row = as_json(row);
        match version {
            1 => json!({"id": row["id"], "attributes": {
                "mjd": row["mjd"], "processed_at": row["created_at"], "properties": row["properties"],
                "grav_wave_events": row["grav_wave_events"]
            }}),
            _ => row.take(),
        }
    });
    Ok(json!({ "data": shaped.collect::<Value>() }))
}

fn points(rows: &[AntaresAlert]) -> Result<(), String> {
    for row in rows {
        let text = json!({"id": "ANT2021pvmrs", "alerts": [row]}).to_string();
        let alert: Alert<Locus> = told(Alert::from_raw(&text))?;
        let call = antares(2).reduced_data(tom_alerts::Subject::new(&alert.id).with_alert(&alert));
        let Call::Done(data) = told(call)? else { return Err("the history is in hand".to_owned()) };
        let [point] = &data.points[..] else { return Err(format!("{}: {:?}", row.id, data.failures)) };
        let (p, own) = (point.photometry().unwrap(), &row.properties);
        let good = match row.exposure() {
            Exposure::ZtfLimit => p.limit == own.mag_limit && p.magnitude.is_none(),
            Exposure::Lsst => p.magnitude == own.mag && p.flux == own.lsst_flux && p.limit.is_none(),
            // The recorded detection is a negative difference.
            _ => {
                p.negative_magnitude == own.mag
                    && p.magnitude.is_none()
                    && p.limiting_magnitude == own.mag_limit
            }
        };
        if !good || point.source_location != row.id || p.filter == "R" {
            return Err(format!("{}: {p:?}", row.id));
        }
    }
    Ok(())
}

/// A whole locus of the filters' development kit: the alert in it is read as one of the service's.
fn devkit(body: &[u8]) -> Result<Value, String> {
    let alerts = read::<Locus>(body)?.alerts.ok_or("no alerts")?;
    points(&alerts)?;
    Ok(json!({"id": read::<Locus>(body)?.id, "ra": read::<Locus>(body)?.ra, "dec": read::<Locus>(body)?.dec,
        "alerts": alerts.iter().map(|alert| json!({"id": alert.id, "mjd": alert.mjd,
            "properties": as_json(&alert.properties)})).collect::<Value>()}))
}

fn catalog_matches(body: &[u8], version: u8) -> Result<Value, String> {
    let rows = whole(fed(body, antares(version).catalog_matches("ANT2021pvmrs"))?)?;
    let shaped = rows.iter().map(|row| {
        let own = as_json(row);
        match version {
            1 => json!({"id": own["id"], "attributes": {
                "object_id": own["object_id"], "object_name": own["object_name"], "name": own["catalog_name"],
                "ra": own["ra"], "dec": own["dec"], "properties": own["properties"]
            }}),
            _ => own,
        }
    });
    Ok(json!({ "data": shaped.collect::<Value>() }))
}

/// A failure that must be told in the service's own words.
fn failure(body: &[u8], status: u16, words: &str) -> Result<Value, String> {
    let response = Response::new(status, Vec::new(), body.to_vec().into());
    let error = antares(1).explain(&response).or(response.into_result().err()).ok_or("no error")?;
    if error.message().ends_with(words) { Ok(Value::Null) } else { Err(error.to_string()) }
}
