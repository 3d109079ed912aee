//! `show`, `photometry`, `classifications`: what a broker knows of one object.

use std::path::Path;

use serde::Serialize;
use serde_json::value::RawValue;
use tom_alerts::time::mjd_from_utc;
use tom_alerts::{Datum, Error, ErrorKind, GenericAlert, Photometry, ReducedDatum, Target};

use super::Tool;
use super::args::ObjectArgs;
use super::fault::{Done, Fault, Tally};
use super::lists::{no_rows, target_of};
use super::output::{Columns, Rows, Style, document, line, notes, say};
use crate::support::lightcurve;
use crate::support::table::{number, table};

#[derive(Serialize)]
struct Shown<'a> {
    generic: &'a GenericAlert,
    target: Option<&'a Target>,
    raw: &'a RawValue,
}

/// One alert: generic, as a target, and the packet's own text.
pub(crate) async fn show(tool: &Tool, asked: &ObjectArgs) -> Done {
    no_rows(tool, "show")?;
    let alert = tool.registry.broker(&asked.broker)?.fetch_alert(&asked.id).await?;
    let generic = alert.generic();
    let target = target_of(&alert);
    let target = target.as_ref();
    if tool.style == Style::Json {
        let raw = serde_json::from_str(alert.raw())
            .map_err(|e| Error::new(ErrorKind::Unreadable, "the packet's text is not JSON").because(e))?;
        return document(tool.style, &Shown { generic, target, raw });
    }
    let mut rows = vec![
        ("name", generic.name.clone()),
        ("id", generic.id.clone()),
        ("broker", alert.broker().to_owned()),
        (
            "time (UTC)",
            generic.timestamp.map_or_else(String::new, |t| t.format("%Y-%m-%d %H:%M:%S").to_string()),
        ),
        ("RA", number(generic.ra, 6)),
        ("Dec", number(generic.dec, 6)),
        ("magnitude", number(generic.mag, 3)),
        ("score", number(generic.score, 3)),
        ("page", generic.url.as_ref().map_or_else(String::new, ToString::to_string)),
    ];
    if let Some(target) = target {
        rows.push(("target", format!("{}, {}", target.name, target.target_type())));
        rows.push(("aliases", target.aliases.join(", ")));
        let extras = target.extras.iter().map(|(key, value)| format!("{key}: {value}"));
        rows.push(("extras", extras.collect::<Vec<_>>().join("\n")));
    }
    rows.push(("packet", format!("{} bytes; --json shows it", alert.raw().len())));
    let filled = rows.into_iter().filter(|(_, value)| !value.is_empty());
    line(&table(&["", &generic.name], filled.map(|(key, value)| vec![key.to_owned(), value])))
}

const POINTS: Columns = Columns {
    table: &["time (UTC)", "MJD", "what", "band", "mag", "error", "flux", "id"],
    csv: &[
        "target",
        "source_name",
        "source_location",
        "timestamp",
        "data_type",
        "value.filter",
        "value.magnitude",
        "value.error",
        "value.limit",
        "value.limiting_magnitude",
        "value.negative_magnitude",
        "value.flux",
        "value.flux_error",
        "value.flux_unit",
        "value.unit",
        "value.forced",
        "value.telescope",
        "value.instrument",
        "value.survey",
        "value.source_id",
        "value.wavelength",
        "value.wavelength_unit",
        "value.ra",
        "value.dec",
    ],
};

/// The reduced data of an object, and its light curve as SVG.
pub(crate) async fn photometry(tool: &Tool, asked: &ObjectArgs, svg: Option<&Path>) -> Done {
    let data = tool.registry.broker(&asked.broker)?.reduced_data(&asked.id, None).await?;
    let mut rows = Rows::new(tool.style, POINTS)?;
    let mut tally = Tally::default();
    for point in &data.points {
        tally.good();
        rows.row(point, || point_cells(point))?;
    }
    rows.finish("there are no reduced data of this object")?;
    notes(&data.notes);
    data.failures.iter().for_each(|failure| tally.bad(failure));
    if let Some(path) = svg {
        let drawn = lightcurve::draw(path, &asked.id, &data.points);
        drawn.map_err(|e| Fault::Other(format!("{}: {e}", path.display())))?;
        say(&format!("drawn: {}", path.display()));
    }
    tally.done()
}

fn point_cells(datum: &ReducedDatum) -> Vec<String> {
    let mut cells = vec![
        datum.timestamp.format("%Y-%m-%d %H:%M:%S").to_string(),
        format!("{:.5}", mjd_from_utc(datum.timestamp)),
    ];
    let none = String::new;
    cells.extend(match &datum.value {
        Datum::Photometry(point) => photometry_cells(point),
        Datum::Spectroscopy(spectrum) => {
            let ends = spectrum.wavelength.first().zip(spectrum.wavelength.last());
            let unit = spectrum.wavelength_unit.as_deref().unwrap_or_default();
            let range = ends.map_or_else(none, |(first, last)| format!("{first:.0} to {last:.0} {unit}"));
            let values = format!("{} values", spectrum.flux.len());
            let id = spectrum.source_id.clone().unwrap_or_default();
            ["spectrum".to_owned(), range, none(), none(), values, id]
        }
        Datum::Astrometry(at) => {
            let place = format!("{:.6} {:+.6}", at.ra, at.dec);
            ["position".to_owned(), place, none(), none(), none(), at.source_id.clone().unwrap_or_default()]
        }
        _ => [datum.data_type().to_owned(), none(), none(), none(), none(), none()],
    });
    cells
}

fn photometry_cells(point: &Photometry) -> [String; 6] {
    let (what, magnitude) = match (point.magnitude, point.limit, point.negative_magnitude) {
        (Some(magnitude), ..) => ("detection", format!("{magnitude:.3}")),
        (_, Some(limit), _) => ("limit", format!("> {limit:.2}")),
        (_, _, Some(magnitude)) => ("negative", format!("({magnitude:.3})")),
        _ => ("flux", String::new()),
    };
    let what = if point.forced { format!("{what}, forced") } else { what.to_owned() };
    let flux = point.flux.map_or_else(String::new, |flux| {
        let error = point.flux_error.map_or_else(String::new, |error| format!(" ± {error:.1}"));
        format!("{flux:.1}{error} {}", point.flux_unit.as_deref().unwrap_or_default()).trim_end().to_owned()
    });
    [
        what,
        point.filter.to_string(),
        magnitude,
        number(point.error, 3),
        flux,
        point.source_id.clone().unwrap_or_default(),
    ]
}

const CLASSES: Columns = Columns {
    table: &["classifier", "version", "class", "probability", "rank"],
    csv: &["classifier", "version", "class", "probability", "rank"],
};

/// What classifiers say of an object.
pub(crate) async fn classifications(tool: &Tool, asked: &ObjectArgs) -> Done {
    let classes = tool.registry.broker(&asked.broker)?.classifications(&asked.id, None).await?;
    let mut rows = Rows::new(tool.style, CLASSES)?;
    for class in &classes {
        rows.row(class, || {
            vec![
                class.classifier.clone(),
                class.version.clone().unwrap_or_default(),
                class.class.clone(),
                number(class.probability, 4),
                class.rank.map_or_else(String::new, |rank| rank.to_string()),
            ]
        })?;
    }
    rows.finish("no classifier says anything of this object")
}
