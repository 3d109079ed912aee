//! Messages in Hermes's format: their targets, photometry and spectra.

use crate::plugin::flux::Unit;
use crate::plugin::*;

/// What is read of a message that is JSON: Hermes's, TOM Toolkit's, or a GCN notice.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body {
    #[serde(deserialize_with = "word")]
    title: Option<String>,
    #[serde(deserialize_with = "word")]
    target_name: Option<String>,
    #[serde(deserialize_with = "wire::number_or_none")]
    ra: Option<f64>,
    #[serde(deserialize_with = "wire::number_or_none")]
    dec: Option<f64>,
    data: Option<Box<RawValue>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Data {
    targets: Rows<TargetRow>,
    photometry: Rows<PhotometryRow>,
    spectroscopy: Rows<SpectroscopyRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TargetRow {
    #[serde(deserialize_with = "wire::text")]
    name: Option<String>,
    #[serde(deserialize_with = "wire::number_or_none")]
    ra: Option<f64>,
    #[serde(deserialize_with = "wire::number_or_none")]
    dec: Option<f64>,
    #[serde(deserialize_with = "wire::texts")]
    aliases: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PhotometryRow {
    #[serde(deserialize_with = "wire::text")]
    target_name: Option<String>,
    date_obs: Option<Value>,
    #[serde(deserialize_with = "wire::text")]
    telescope: Option<String>,
    #[serde(deserialize_with = "wire::text")]
    instrument: Option<String>,
    #[serde(deserialize_with = "wire::text")]
    bandpass: Option<String>,
    #[serde(deserialize_with = "wire::number")]
    brightness: Option<f64>,
    #[serde(deserialize_with = "wire::number")]
    brightness_error: Option<f64>,
    #[serde(deserialize_with = "wire::text")]
    brightness_unit: Option<String>,
    #[serde(deserialize_with = "wire::number")]
    limiting_brightness: Option<f64>,
    #[serde(deserialize_with = "wire::text")]
    limiting_brightness_unit: Option<String>,
    #[serde(deserialize_with = "wire::number_or_none")]
    limiting_brightness_error: Option<f64>,
    #[serde(deserialize_with = "wire::text")]
    observer: Option<String>,
    #[serde(deserialize_with = "wire::text")]
    comments: Option<String>,
    #[serde(deserialize_with = "wire::text")]
    catalog: Option<String>,
    #[serde(deserialize_with = "wire::number")]
    exposure_time: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SpectroscopyRow {
    #[serde(deserialize_with = "wire::text")]
    target_name: Option<String>,
    date_obs: Option<Value>,
    #[serde(deserialize_with = "wire::text")]
    telescope: Option<String>,
    #[serde(deserialize_with = "wire::text")]
    instrument: Option<String>,
    flux: Vec<f64>,
    flux_error: Vec<f64>,
    #[serde(deserialize_with = "wire::text")]
    flux_units: Option<String>,
    wavelength: Vec<f64>,
    #[serde(deserialize_with = "wire::text")]
    wavelength_units: Option<String>,
}

/// What a message is about.
#[derive(Debug, Default, PartialEq)]
pub(super) struct About {
    pub(super) name: Option<String>,
    pub(super) position: Option<(f64, f64)>,
}

/// Name and place of what a message is about. What cannot be read is unknown here.
pub(super) fn about(message: &RawValue) -> About {
    let Ok(body) = serde_json::from_str::<Body>(message.get()) else { return About::default() };
    let targets = body.data().targets;
    let first = targets.into_iter().flatten().next().unwrap_or_default();
    let place = |ra: Option<f64>, dec: Option<f64>| {
        ra.zip(dec).filter(|(ra, dec)| (0.0..=360.0).contains(ra) && (-90.0..=90.0).contains(dec))
    };
    let name = first.name.or(body.target_name).or(body.title);
    About {
        name: name.filter(|name| !name.trim().is_empty()),
        position: place(first.ra, first.dec).or_else(|| place(body.ra, body.dec)),
    }
}

/// Other names of the first target of a message.
pub(super) fn aliases(message: &RawValue) -> Vec<String> {
    let body = serde_json::from_str::<Body>(message.get()).unwrap_or_default();
    let first = body.data().targets.into_iter().flatten().next();
    first.map(|target| target.aliases).unwrap_or_default()
}

/// The points of a message that belong to its first target.
pub(super) fn reduced_data(source: &'static str, id: &str, message: &RawValue) -> ReducedData {
    let body = serde_json::from_str::<Body>(message.get()).unwrap_or_default();
    let name = about(message).name;
    let target = name.as_deref().unwrap_or(id);
    let data = body.data();
    let mut points = Points::new(source, id).of_target(target);
    // Points of other objects would become points of this one.
    let other = |row: Option<&str>| row.is_some_and(|row| Some(row) != name.as_deref());
    let (rows, others) = own(data.photometry, |row| other(row.target_name.as_deref()));
    points.rows("photometry", rows, photometry);
    let (spectra, more) = own(data.spectroscopy, |row| other(row.target_name.as_deref()));
    points.rows("spectroscopy", spectra, spectrum);
    match others + more {
        0 => {}
        1 => points.note("1 row of another target of the message left out"),
        n => points.note(format!("{n} rows of other targets of the message left out")),
    }
    // A row has no id of its own.
    points.done().told_apart(id)
}

fn own<T>(rows: Rows<T>, other: impl Fn(&T) -> bool) -> (Rows<T>, usize) {
    let count = rows.0.len();
    let own: Vec<_> = rows.into_iter().filter(|row| !row.as_ref().is_ok_and(&other)).collect();
    let left = count - own.len();
    (Rows(own), left)
}

impl Body {
    fn data(&self) -> Data {
        self.data.as_ref().and_then(|data| serde_json::from_str(data.get()).ok()).unwrap_or_default()
    }
}

/// What a unit measures, in the words that are in use.
fn unit(text: Option<&str>) -> Unit<'_> {
    match text.map(str::trim) {
        None | Some("" | "mag") => Unit::Magnitude(None),
        Some("AB mag" | "AB" | "ABmag" | "mag(AB)" | "ABflux") => Unit::Magnitude(Some("AB")),
        Some("Vega mag" | "Vega" | "mag(Vega)") => Unit::Magnitude(Some("Vega")),
        Some(other) => Unit::flux(other),
    }
}

fn photometry(row: PhotometryRow) -> points::Read<Photometry> {
    let time = instant(row.date_obs.as_ref())?;
    let unit_of = unit(row.brightness_unit.as_deref());
    // Hermes takes exactly 0 for none, and publishes it so beside the value that is given.
    let limit = row.limiting_brightness.filter(|limit| *limit != 0.0);
    let measured = match unit_of {
        Unit::Magnitude(_) => points::magnitude(row.brightness).filter(|m| *m != 0.0 || limit.is_none()),
        // A flux of 0 with its error is a measurement.
        _ => row.brightness.filter(|f| *f != 0.0 || row.brightness_error.is_some() || limit.is_none()),
    };
    let mut point = measured
        .map_or_else(Photometry::default, |value| Photometry::measured(value, row.brightness_error, unit_of));
    let depth_unit = row.limiting_brightness_unit.as_deref();
    let deep = limit.is_some_and(|limit| point.add_depth(limit, unit(depth_unit)));
    if !deep {
        if measured.is_none() {
            return Ok(None);
        }
        points::keep(&mut point.extra, "limiting_brightness", limit);
        points::keep(&mut point.extra, "limiting_brightness_unit", depth_unit.filter(|_| limit.is_some()));
    }
    point.filter = row.bandpass.map(|band| band.trim().into()).unwrap_or_default();
    if point.filter.is_empty() {
        return Err(Error::new(ErrorKind::Unreadable, "the row has no bandpass"));
    }
    point.telescope = row.telescope.filter(|text| !text.is_empty()).map(Text::from);
    point.instrument = row.instrument.filter(|text| !text.is_empty()).map(Text::from);
    for (key, value) in [("observer", row.observer), ("comments", row.comments), ("catalog", row.catalog)] {
        points::keep(&mut point.extra, key, value.filter(|text| !text.is_empty()));
    }
    points::keep(&mut point.extra, "exposure_time", row.exposure_time);
    let error = points::magnitude_error(row.limiting_brightness_error);
    points::keep(&mut point.extra, "limit_error", error.filter(|_| measured.is_none()));
    Ok(Some((time, point)))
}

fn spectrum(row: SpectroscopyRow) -> points::Read<Spectroscopy> {
    let time = instant(row.date_obs.as_ref())?;
    if row.flux.is_empty() {
        return Ok(None);
    }
    if row.flux.len() != row.wavelength.len() {
        return Err(Error::new(ErrorKind::Unreadable, "a spectrum has as many wavelengths as fluxes"));
    }
    let spectrum = Spectroscopy {
        wavelength: row.wavelength,
        wavelength_unit: row.wavelength_units.map(Text::from),
        flux: row.flux,
        error: row.flux_error,
        flux_unit: row.flux_units.map(Text::from),
        telescope: row.telescope.map(Text::from),
        instrument: row.instrument.map(Text::from),
        ..Spectroscopy::default()
    };
    Ok(Some((time, spectrum)))
}

/// A date as a text, a JD or an MJD: all three are in use. Hermes takes no other number for a date.
fn instant(date: Option<&Value>) -> Result<DateTime<Utc>> {
    let number = |n: f64| match n {
        jd if jd > 2_400_000.0 && jd < 2_600_000.0 => time::utc_from_jd(jd),
        mjd if mjd > 1_000.0 && mjd < 150_000.0 => time::utc_from_mjd(mjd),
        _ => None,
    };
    let read = match date {
        Some(Value::Number(n)) => n.as_f64().and_then(number),
        Some(Value::String(text)) => match text.trim().parse() {
            Ok(n) => number(n),
            Err(_) => time::parse_utc(text),
        },
        _ => None,
    };
    read.ok_or_else(|| Error::new(ErrorKind::Unreadable, "the row has no date_obs that can be read"))
}

/// A text; anything else is unknown, as the keys of other messages mean other things.
fn word<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(from)?;
    Ok(serde_json::from_str(raw.get()).ok())
}
