//! The recorded answers of TNS, and the reports that it is sent.

use tom_alerts::Protocol;
use tom_alerts::brokers::tns::*;

use super::*;

pub(super) const FILES: Broker = Broker {
    folder: "tns",
    readers: &[
        ("search_two.json", hits),
        ("search_empty.json", hits),
        ("search_v1_reply.json", hits_older),
        ("object_full.json", object),
        ("object_minimal_at.json", object),
        ("object_2004eo.json", object),
        ("object_v1_reply.json", object_older),
        ("object_not_found.json", no_object),
        ("values.json", values),
        ("values_v1_keys.json", values_older),
        ("error_401.json", |body| failure(401, body, "api_key")),
        ("error_429.json", |body| failure(429, body, "come back in 60 s")),
        ("error_500_coordinates.json", |body| failure(500, body, "Internal Server Error")),
        ("error_504.html", |body| failure(504, body, "504 Gateway Time-out")),
        ("html_200_maintenance.html", |body| failure(200, body, "maintenance")),
        ("at_report_request.json", one::<Reports>),
        ("at_report_request_archival.json", one::<Reports>),
        ("at_report_request_legacy.json", legacy),
        ("classification_request.json", one::<Reports>),
        ("bulk_report_ok.json", |body| reply(body, 0, &[])),
        ("file_upload_ok.json", |body| {
            let names: Vec<String> = serde_json::from_value(read::<Value>(body)?["data"].clone()).unwrap();
            Ok(json!({"data": names}))
        }),
        ("reply_pending_404.json", |body| reply(body, 0, &[])),
        ("reply_at_created.json", |body| reply(body, 1, &["AT2026ob"])),
        ("reply_at_existing.json", |body| reply(body, 1, &["SN2026ob"])),
        ("reply_with_received_data.json", |body| reply(body, 2, &["AT2026ob"])),
        ("reply_bulk_mixed.json", |body| reply(body, 2, &["AT2026oc", "AT2026ob"])),
        ("reply_classification.json", |body| reply(body, 3, &["SN2026ob"])),
        ("reply_at_rejected_400.json", |body| reply(body, 1, &[])),
        ("reply_at_rejected_field_list_400.json", |body| reply(body, 1, &[])),
        ("reply_at_rejected_identical_400.json", |body| reply(body, 1, &[])),
        ("reply_feedback_is_list_400.json", |body| reply(body, 1, &[])),
        ("spectrum.ascii", |body| {
            spectrum(body, &[3500.0, 3502.5, 3505.0], &[1.25e-16, 1.31e-16, 1.29e-16], 3)
        }),
        ("spectrum_two_columns.ascii", |body| spectrum(body, &[5000.0, 5001.0], &[1.1e-16, 1.2e-16], 0)),
        ("tns_public_objects.csv", |body| {
            table(body, true, 1, &[("1001", "AT2026abc", 203.1, 10.2), ("1002", "SN2026xyz", 10.5, -45.25)])
        }),
        ("tns_public_objects_07.csv", |body| table(body, true, 1, &[("1002", "SN2026xyz", 10.5, -45.25)])),
        ("search_page.csv", |body| {
            table(body, false, 0, &[("1002", "SN2026xyz", 10.5, -45.25), ("1001", "AT2026abc", 203.1, 10.2)])
        }),
        ("search_page_empty.csv", |body| table(body, false, 0, &[])),
    ],
    skipped: &[],
};

fn response(status: u16, body: &[u8]) -> Response {
    Response::new(status, Vec::new(), body.to_vec().into())
}

fn hits(body: &[u8]) -> Result<Value, String> {
    let rows = read_hits(&response(200, body)).map_err(|e| e.to_string())?;
    Ok(json!({"data": list(rows)?}))
}

fn hits_older(body: &[u8]) -> Result<Value, String> {
    let rows = read_hits(&response(200, body)).map_err(|e| e.to_string())?;
    Ok(json!({"data": {"reply": list(rows)?}}))
}

/// The packet with its rows read, all in their types.
fn packet(body: &[u8]) -> Result<Value, String> {
    let alert = read_object(&response(200, body)).map_err(|e| e.to_string())?.ok_or("no object")?;
    let mut value = serde_json::to_value(alert.clone().into_packet()).map_err(|e| e.to_string())?;
    value["photometry"] = list(alert.photometry().map_err(|e| e.to_string())?)?;
    value["spectra"] = list(alert.spectra().map_err(|e| e.to_string())?)?;
    // What surrounds a name is no part of it.
    if let Some(host) = value["hostname"].as_str() {
        value["hostname"] = format!("{host:<width$}", width = padded(body)).into();
    }
    Ok(value)
}

/// How long the name of the host is with its blanks.
fn padded(body: &[u8]) -> usize {
    let text = String::from_utf8_lossy(body);
    let rest = text.split("\"hostname\": \"").nth(1).unwrap_or_default();
    rest.find('"').unwrap_or(0)
}

fn object(body: &[u8]) -> Result<Value, String> {
    Ok(json!({"data": packet(body)?}))
}

fn object_older(body: &[u8]) -> Result<Value, String> {
    Ok(json!({"data": {"reply": packet(body)?}}))
}

fn no_object(body: &[u8]) -> Result<Value, String> {
    match read_object(&response(200, body)) {
        Ok(None) => Ok(Value::Null),
        other => Err(format!("{other:?} where there is no object")),
    }
}

/// Both shapes of a list as the numbers that they give.
fn lists(body: &[u8], older: bool) -> Result<Value, String> {
    let text: Value = read(body)?;
    let ours: Values = serde_json::from_value(text["data"].clone()).map_err(|e| e.to_string())?;
    let named = [
        ("at_types", &ours.at_types),
        (if older { "object_types" } else { "objtypes" }, &ours.objtypes),
        ("spectra_types", &ours.spectra_types),
        ("units", &ours.units),
        ("archives", &ours.archives),
        ("groups", &ours.groups),
        ("filters", &ours.filters),
        ("instruments", &ours.instruments),
        ("telescopes", &ours.telescopes),
    ];
    for (name, list) in named {
        let theirs: Vec<(u32, String)> = match &text["data"][name] {
            Value::Array(labels) => {
                (0..).zip(labels.iter().map(|l| l.as_str().unwrap().to_owned())).collect()
            }
            Value::Object(map) => map
                .iter()
                .map(|(id, label)| (id.parse().unwrap(), label.as_str().unwrap().to_owned()))
                .collect(),
            _ => Vec::new(),
        };
        if list.len() != theirs.len() || theirs.iter().any(|(id, label)| list.label(*id) != Some(label)) {
            return Err(format!("{name} differs from the file's"));
        }
    }
    Ok(Value::Null)
}

fn values(body: &[u8]) -> Result<Value, String> {
    lists(body, false)
}

fn values_older(body: &[u8]) -> Result<Value, String> {
    lists(body, true)
}

/// A failure is told as one, with these words.
fn failure(status: u16, body: &[u8], words: &str) -> Result<Value, String> {
    let tns = Tns::new(TnsConfig::default()).unwrap();
    let response = response(status, body);
    let error = tns.explain(&response).or_else(|| response.into_result().err()).ok_or("no failure")?;
    if error.to_string().contains(words) { Ok(Value::Null) } else { Err(error.to_string()) }
}

/// The older names of fields, under those that are written.
fn legacy(body: &[u8]) -> Result<Value, String> {
    let ours = one::<Reports>(body)?;
    let report = &ours["at_report"]["0"];
    let renamed = [
        (&report["reporting_groupid"], 66),
        (&report["data_source_groupid"], 48),
        (&report["non_detection"]["flux_unitid"], 1),
        (&report["non_detection"]["filterid"], 110),
        (&report["photometry"]["photometry_group"]["0"]["filterid"], 110),
        (&report["photometry"]["photometry_group"]["0"]["instrumentid"], 196),
    ];
    match renamed.iter().find(|(ours, due)| **ours != json!(due)) {
        Some((ours, due)) => Err(format!("{ours} was read where {due} is due")),
        None => Ok(ours),
    }
}

/// What a reply says, as messages and names.
fn reply(body: &[u8], messages: usize, names: &[&str]) -> Result<Value, String> {
    let text: Value = read(body)?;
    let outcome = Outcome::read("1", text["data"].clone());
    let ours: Vec<_> = outcome.items.iter().filter_map(Item::name).collect();
    if outcome.messages.len() != messages || ours != names {
        return Err(format!("{:?} with {ours:?}", outcome.messages));
    }
    let theirs = text["data"]["feedback"].to_string();
    match outcome.messages.iter().find(|message| !theirs.contains(&message.text) || message.id.is_none()) {
        Some(message) => Err(format!("{message} is not in the file")),
        None => Ok(json!({"data": outcome.data})),
    }
}

fn spectrum(body: &[u8], wavelength: &[f64], flux: &[f64], errors: usize) -> Result<Value, String> {
    let read = read_spectrum(&String::from_utf8_lossy(body)).map_err(|e| e.to_string())?;
    let same = read.wavelength == wavelength && read.flux == flux && read.error.len() == errors;
    if same { Ok(Value::Null) } else { Err(format!("{read:?}")) }
}

/// Each row by its names, and each cell that has a field.
fn table(body: &[u8], staging: bool, above: usize, due: &[(&str, &str, f64, f64)]) -> Result<Value, String> {
    let text = unzip(body).map_err(|e| e.to_string())?;
    let rows = read_table(&text).map_err(|e| e.to_string())?;
    let packets: Vec<_> = rows.into_iter().collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    let ours: Vec<_> = packets
        .iter()
        .map(|packet| {
            let (ra, dec) = packet.position().unwrap();
            (packet.objid.unwrap().to_string(), packet.name(), ra, dec)
        })
        .collect();
    let same = ours.iter().zip(due).all(|((id, name, ra, dec), due)| {
        (id.as_str(), name.as_str()) == (due.0, due.1)
            && (ra - due.2).abs() < 1e-9
            && (dec - due.3).abs() < 1e-9
    });
    if ours.len() != due.len() || !same {
        return Err(format!("{ours:?}"));
    }
    let body = String::from_utf8_lossy(&text).lines().skip(above).collect::<Vec<_>>().join("\n");
    let mut reader = csv::Reader::from_reader(body.as_bytes());
    let heading = reader.headers().unwrap().clone();
    for (row, packet) in reader.records().zip(&packets) {
        let row = row.unwrap();
        let cell = |file: &str, web: &str| {
            let name = if staging { file } else { web };
            let place = heading.iter().position(|known| known == name)?;
            row.get(place).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let group = |group: &Option<Group>| group.as_ref().and_then(|group| group.group_name.clone());
        let number = |value: Option<f64>| value.map(|value| value.to_string());
        let pairs = [
            (cell("type", "Obj. Type"), packet.class().map(str::to_owned)),
            (cell("redshift", "Redshift"), number(packet.redshift)),
            (cell("reporting_group", "Reporting Group/s"), group(&packet.reporting_group)),
            (cell("source_group", "Discovery Data Source/s"), group(&packet.discovery_data_source)),
            (cell("discoverydate", "Discovery Date (UT)"), packet.discoverydate.clone()),
            (cell("discoverymag", "Discovery Mag/Flux"), number(packet.discoverymag)),
            (cell("reporters", "Sender"), packet.reporter.clone()),
            (cell("internal_names", "Disc. Internal Name"), packet.internal_names.clone()),
            (cell("Discovery_ADS_bibcode", "Discovery Bibcode"), packet.discovery_bibcode.clone()),
            (cell("Class_ADS_bibcodes", "Classification Bibcodes"), packet.classification_bibcodes.clone()),
            (
                cell("lastmodified", "End Prop. Period"),
                if staging { packet.lastmodified.clone() } else { packet.end_prop_period.clone() },
            ),
        ];
        if let Some((theirs, ours)) = pairs.iter().find(|(theirs, ours)| theirs != ours) {
            return Err(format!("{}: {ours:?} was read where the file has {theirs:?}", packet.objname));
        }
    }
    Ok(Value::Null)
}
