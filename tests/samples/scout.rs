//! The recorded answers of Scout.

use tom_alerts::brokers::scout::*;
use tom_alerts::plugin::*;

use super::*;

pub(super) const FILES: Broker = Broker {
    folder: "scout",
    readers: &[
        ("summary.json", |body| page::<ScoutPacket>(body, "data")),
        ("summary_empty.json", |body| page::<ScoutPacket>(body, "data")),
        ("summary_lenient.json", lenient),
        ("object_summary.json", one::<ScoutPacket>),
        ("object_orbits_1.json", one_orbit),
        ("object_orbits_mixed.json", mixed),
        ("object_orbits_empty.json", one::<ScoutPacket>),
        ("object_file_mpc.json", observations),
        ("object_plot_el.json", plots),
        ("ephemeris.json", ephemeris),
        ("error_not_found.json", |body| failure(200, body, "does not have this object")),
        ("error_service_message_200.json", |body| failure(200, body, "does not have this object")),
        ("error_bad_parameter_400.json", |body| failure(400, body, "was not recognized")),
        ("error_503.html", |body| failure(503, body, "503 Service Temporarily Unavailable")),
        ("mpc_previous_neocp.html", departures),
    ],
    skipped: &[(
        "hopskotch_event_new_candidate.json",
        "an event that others publish on Hopskotch about Scout, in a format that is not JPL's",
    )],
};

fn scout() -> Scout {
    Scout::new(ScoutConfig::default()).unwrap()
}

fn response(status: u16, body: &[u8]) -> Response {
    Response::new(status, Vec::new(), body.to_vec().into())
}

/// What a call makes of an answer.
fn fed<T>(call: Result<Call<T>>, body: &[u8]) -> std::result::Result<T, String> {
    match call.map_err(|e| e.to_string())? {
        Call::Send(_, then) => match then(Ok(response(200, body))).map_err(|e| e.to_string())? {
            Call::Done(value) => Ok(value),
            _ => Err("more steps follow".to_owned()),
        },
        _ => Err("no request".to_owned()),
    }
}

fn target(body: &[u8]) -> Target {
    let alert: Alert<ScoutPacket> = Alert::from_raw(std::str::from_utf8(body).unwrap()).unwrap();
    scout().to_target(&alert, &scout().to_generic_alert(&alert).unwrap()).unwrap()
}

/// Every value is a text and one row is hardly readable, so the rows are compared by hand.
fn lenient(body: &[u8]) -> std::result::Result<Value, String> {
    let page = scout().page(&ScoutQuery::default(), &Cursor::default(), response(200, body)).unwrap();
    let Items::Whole(items) = page.items else { return Err("no whole items".to_owned()) };
    let (first, second) = (items[0].as_ref().unwrap(), items[1].as_ref().unwrap());
    assert_eq!((first.ra_degrees(), first.dec_degrees(), first.vmag), (Some(157.5), Some(15.0), Some(19.8)));
    assert_eq!(
        (first.neo_score, first.rating, first.n_obs, first.arc),
        (Some(100), Some(4), Some(12), Some(3.1))
    );
    assert_eq!((second.ra_degrees(), second.dec_degrees(), second.vmag), (None, None, None));
    assert!(page.notes[0].contains("version 1.4"), "{:?}", page.notes);
    Ok(Value::Null)
}

/// The values that follow from the one recorded orbit.
fn one_orbit(body: &[u8]) -> std::result::Result<Value, String> {
    let packet: ScoutPacket = read(body)?;
    let orbit = packet.orbit().unwrap();
    let close = |ours: f64, due: f64| assert!((ours - due).abs() < 1e-8, "{ours} is not {due}");
    close(orbit.semimajor_axis().unwrap(), 4.368_687_868);
    close(orbit.mean_daily_motion().unwrap(), 0.107_938_790_9);
    close(orbit.mean_anomaly().unwrap(), 4.445_248_19);
    close(orbit.epoch_mjd(), 61_079.212_931_752);
    close(orbit.perihelion_mjd(), 61_038.029_885_748);
    let json = serde_json::to_value(target(body)).unwrap();
    assert_eq!(
        (json["scheme"].as_str(), json["abs_mag"].as_f64()),
        (Some("MPC_MINOR_PLANET"), Some(25.402927))
    );
    one::<ScoutPacket>(body)
}

/// An open orbit and a nearly open one beside a closed one; none of them by `elong`.
fn mixed(body: &[u8]) -> std::result::Result<Value, String> {
    let packet: ScoutPacket = read(body)?;
    let orbits: Vec<_> = packet.orbits.as_deref().unwrap().iter().collect();
    assert_eq!(orbits.iter().map(Orbit::semimajor_axis).filter(Option::is_some).count(), 1);
    assert_eq!(
        (orbits[0].dca, orbits[0].vinf, orbits[0].geo_ecc, orbits[1].impact),
        (None, None, None, Some(true))
    );
    let json = serde_json::to_value(target(body)).unwrap();
    assert_ne!(json["eccentricity"], 45.0);
    assert_eq!(json["type"], "NON_SIDEREAL");
    one::<ScoutPacket>(body)
}

fn observations(body: &[u8]) -> std::result::Result<Value, String> {
    let data = fed(scout().reduced_data(Subject::new("A11EpSe")), body)?;
    assert!(data.failures.is_empty(), "{:?}", data.failures);
    let magnitudes: Vec<_> = data.points.iter().filter_map(|p| p.photometry()?.magnitude).collect();
    assert_eq!((data.points.len(), magnitudes), (4, vec![19.35, 19.0]));
    one::<ScoutPacket>(body)
}

fn plots(body: &[u8]) -> std::result::Result<Value, String> {
    let alert: Alert<ScoutPacket> = Alert::from_raw(std::str::from_utf8(body).unwrap()).unwrap();
    let drawn: Vec<_> = drawings(&alert).unwrap().into_iter().map(|plot| plot.unwrap()).collect();
    assert_eq!(drawn.len(), 4);
    assert!(drawn.iter().all(|plot| plot.title.is_some() && plot.png == b"\x89PNG\r\n\x1a\n"));
    one::<ScoutPacket>(body)
}

fn ephemeris(body: &[u8]) -> std::result::Result<Value, String> {
    let query = ScoutQuery {
        tdes: Some("ZTF10BL".to_owned()),
        eph_start: Some("now".to_owned()),
        ..ScoutQuery::default()
    };
    let page = scout().page(&query, &Cursor::default(), response(200, body)).unwrap();
    let Items::Whole(items) = page.items else { return Err("no whole items".to_owned()) };
    let packet = items[0].as_ref().unwrap();
    assert_eq!(packet.ephemeris.as_deref().unwrap().eph[0].samples().count(), 2);
    let ours = fed(scout().ephemeris(&query), body)?;
    let mut json = serde_json::to_value(&ours).unwrap();
    json["object"] = serde_json::to_value(&**packet).unwrap();
    Ok(json)
}

fn failure(status: u16, body: &[u8], words: &str) -> std::result::Result<Value, String> {
    let answer = response(status, body);
    let error = scout().explain(&answer).or_else(|| answer.into_result().err()).ok_or("no error")?;
    if error.to_string().contains(words) { Ok(Value::Null) } else { Err(error.to_string()) }
}

fn departures(body: &[u8]) -> std::result::Result<Value, String> {
    let left = fed(scout().departures(), body)?;
    let fates: Vec<_> = left.iter().map(|one| (one.name.as_str(), one.fate.clone())).collect();
    let named = |name: &str| Fate::Designated(name.to_owned());
    let due = [
        ("ST26H67", named("2026 QT")),
        ("P12p4Jx", named("P/2026 P1")),
        ("A11EXtc", named("(452639)")),
        ("TF26HD1", named("ST26H89")),
        ("ST26H89", named("2026 QA3")),
        ("ST26H76", Fate::NotConfirmed),
        ("19E0001", Fate::DoesNotExist),
        ("6EI3621", Fate::NotMinorPlanet),
        ("C11AAA2", named("C11AAA1")),
    ];
    assert_eq!(fates, due);
    assert_eq!(
        (left[0].reference.as_deref(), left[2].date.as_deref()),
        (Some("2026-Q53"), Some("July 28.51"))
    );
    Ok(Value::Null)
}
