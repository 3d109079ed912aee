//! A light curve as SVG: magnitudes upside down, error bars, limits as triangles, bands in colours.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use plotters::prelude::*;
use tom_alerts::time::mjd_from_utc;
use tom_alerts::{Photometry, ReducedDatum};

const INK: RGBColor = RGBColor(51, 51, 51);

/// What is drawn of one point.
struct Mark<'a> {
    mjd: f64,
    at: f64,
    error: f64,
    limit: bool,
    point: &'a Photometry,
}

fn mark(datum: &ReducedDatum) -> Option<Mark<'_>> {
    let point = datum.photometry()?;
    let (at, limit) = match (point.magnitude, point.limit) {
        (Some(magnitude), _) => (magnitude, false),
        (None, Some(limit)) => (limit, true),
        (None, None) => return None,
    };
    let error = if limit { 0.0 } else { point.error.unwrap_or(0.0) };
    Some(Mark { mjd: mjd_from_utc(datum.timestamp), at, error, limit, point })
}

/// The colour of a band: close to the colour of its light, and told apart in print.
fn colour(band: &str) -> RGBColor {
    match band {
        "u" => RGBColor(106, 61, 154),
        "g" => RGBColor(44, 160, 44),
        "r" => RGBColor(214, 39, 40),
        "i" => RGBColor(184, 134, 11),
        "z" => RGBColor(140, 86, 75),
        "y" => RGBColor(90, 90, 90),
        "G" => RGBColor(0, 90, 181),
        _ => RGBColor(23, 190, 207),
    }
}

/// Draws the points of one object. Points without magnitude or limit (a negative difference, a
/// bare flux) have no place on this axis; how many they are stands in the title.
pub(crate) fn draw(path: &Path, name: &str, data: &[ReducedDatum]) -> Result<(), Box<dyn Error>> {
    let marks: Vec<Mark<'_>> = data.iter().filter_map(mark).collect();
    if marks.is_empty() {
        return Err(
            format!("{name} has no point with a magnitude or a limit, so there is nothing to draw").into()
        );
    }
    let left_out = data.iter().filter(|datum| datum.photometry().is_some()).count() - marks.len();
    let span = |low: f64, high: f64, least: f64| {
        let margin = ((high - low) * 0.06).max(least);
        (low - margin, high + margin)
    };
    let fold = |f: fn(f64, f64) -> f64, start: f64, value: &dyn Fn(&Mark<'_>) -> f64| {
        marks.iter().map(value).fold(start, f)
    };
    let (start, end) =
        span(fold(f64::min, f64::INFINITY, &|m| m.mjd), fold(f64::max, f64::NEG_INFINITY, &|m| m.mjd), 0.5);
    let (bright, faint) = span(
        fold(f64::min, f64::INFINITY, &|m| m.at - m.error),
        fold(f64::max, f64::NEG_INFINITY, &|m| m.at + m.error),
        0.2,
    );

    let root = SVGBackend::new(path, (900, 560)).into_drawing_area();
    root.fill(&WHITE)?;
    let title = match left_out {
        0 => name.to_owned(),
        n => format!("{name} ({n} points without a magnitude left out)"),
    };
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 22).into_font().color(&INK))
        .margin(18)
        .x_label_area_size(46)
        .y_label_area_size(62)
        // Bright is up.
        .build_cartesian_2d(start..end, faint..bright)?;
    chart
        .configure_mesh()
        .x_desc("MJD (UTC)")
        .y_desc("magnitude (AB)")
        .x_labels(9)
        .y_labels(9)
        .x_label_formatter(&|mjd| format!("{mjd:.0}"))
        .y_label_formatter(&|magnitude| format!("{magnitude:.1}"))
        .label_style(("sans-serif", 14).into_font().color(&INK))
        .axis_desc_style(("sans-serif", 16).into_font().color(&INK))
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(228, 228, 228))
        .axis_style(INK)
        .draw()?;

    let mut bands: BTreeMap<&str, Vec<&Mark<'_>>> = BTreeMap::new();
    for mark in &marks {
        bands.entry(mark.point.filter.as_str()).or_default().push(mark);
    }
    for (band, marks) in bands {
        let colour = colour(band);
        let seen = marks.iter().filter(|m| !m.limit);
        chart.draw_series(seen.clone().filter(|m| m.error > 0.0).map(|m| {
            ErrorBar::new_vertical(m.mjd, m.at - m.error, m.at, m.at + m.error, colour.stroke_width(1), 5)
        }))?;
        let limits = marks.iter().filter(|m| m.limit).map(|m| {
            let arrow = vec![(-5, -4), (5, -4), (0, 5)];
            EmptyElement::at((m.mjd, m.at)) + Polygon::new(arrow, colour.mix(0.35).filled())
        });
        chart.draw_series(limits)?;
        chart
            .draw_series(seen.map(|m| match m.point.forced {
                true => Circle::new((m.mjd, m.at), 4, colour.stroke_width(1)),
                false => Circle::new((m.mjd, m.at), 4, colour.filled()),
            }))?
            .label(band.to_owned())
            .legend(move |(x, y)| Circle::new((x + 9, y), 5, colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font(("sans-serif", 16).into_font().color(&INK))
        .background_style(WHITE.mix(0.85))
        .border_style(RGBColor(200, 200, 200))
        .draw()?;
    let key = "filled: detection   hollow: forced   triangle: not detected, fainter than this";
    root.draw(&Text::new(key, (66, 538), ("sans-serif", 12).into_font().color(&INK)))?;
    root.present()?;
    Ok(())
}
