//! A light curve as SVG: magnitudes upside down, error bars, limits as triangles, bands in colours.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use tom_alerts::time::{mjd_from_utc, utc_from_mjd};
use tom_alerts::{Photometry, ReducedDatum};

type Fallible<T = ()> = Result<T, Box<dyn Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const INK: RGBColor = RGBColor(51, 51, 51);
const SIZE: (u32, u32) = (960, 560);
/// The column beside the plot that explains it; no point is ever under it.
const LEGEND: u32 = 150;

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
    let error = point.error.filter(|error| !limit && error.is_finite() && *error > 0.0).unwrap_or(0.0);
    at.is_finite().then(|| Mark { mjd: mjd_from_utc(datum.timestamp), at, error, limit, point })
}

/// The colour of a band: close to the colour of its light, and told apart in print.
fn colour(band: &str) -> RGBColor {
    match band {
        "u" => RGBColor(106, 61, 154),
        "g" => RGBColor(44, 140, 44),
        "r" => RGBColor(214, 39, 40),
        "i" => RGBColor(184, 134, 11),
        "z" => RGBColor(140, 86, 75),
        "y" => RGBColor(90, 90, 90),
        "G" => RGBColor(0, 90, 181),
        _ => RGBColor(23, 150, 170),
    }
}

/// Draws the points of one object. Points without magnitude or limit (a negative difference, a
/// bare flux) have no place on this axis; how many they are stands beside the plot.
pub(crate) fn draw(path: &Path, name: &str, data: &[ReducedDatum]) -> Fallible {
    let marks: Vec<Mark<'_>> = data.iter().filter_map(mark).collect();
    if marks.is_empty() {
        return Err(
            format!("{name} has no point with a magnitude or a limit, so there is nothing to draw").into()
        );
    }
    let left_out = data.iter().filter(|datum| datum.photometry().is_some()).count() - marks.len();
    let mut bands: BTreeMap<&str, Vec<&Mark<'_>>> = BTreeMap::new();
    for mark in &marks {
        bands.entry(mark.point.filter.as_str()).or_default().push(mark);
    }
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let (plot, legend) = root.split_horizontally(SIZE.0 - LEGEND);
    draw_plot(&plot, name, &marks, &bands)?;
    draw_legend(&legend, &bands, left_out)?;
    root.present()?;
    Ok(())
}

/// The least and the greatest value with a margin.
fn span(values: impl Iterator<Item = f64>, least: f64) -> (f64, f64) {
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let margin = ((high - low) * 0.06).max(least);
    (low - margin, high + margin)
}

fn draw_plot(
    plot: &Area<'_>,
    name: &str,
    marks: &[Mark<'_>],
    bands: &BTreeMap<&str, Vec<&Mark<'_>>>,
) -> Fallible {
    let (start, end) = span(marks.iter().map(|m| m.mjd), 0.5);
    // One hopeless measurement must not flatten all others.
    let reach = |m: &Mark<'_>| m.error.min(1.0);
    let (bright, faint) = span(marks.iter().flat_map(|m| [m.at - reach(m), m.at + reach(m)]), 0.2);
    let mut chart = ChartBuilder::on(plot)
        .caption(name, ("sans-serif", 20).into_font().color(&INK))
        .margin(14)
        .x_label_area_size(48)
        .y_label_area_size(60)
        // Bright is up.
        .build_cartesian_2d(start..end, faint..bright)?;
    let days = if end - start < 10.0 { 1 } else { 0 };
    let date = |mjd| utc_from_mjd(mjd).map_or_else(String::new, |t| t.format("%Y-%m-%d").to_string());
    let first = marks.iter().map(|m| m.mjd).fold(f64::INFINITY, f64::min);
    let last = marks.iter().map(|m| m.mjd).fold(f64::NEG_INFINITY, f64::max);
    chart
        .configure_mesh()
        .x_desc(format!("MJD (UTC), {} to {}", date(first), date(last)))
        .y_desc(unit(marks))
        .x_labels(8)
        .y_labels(9)
        .x_label_formatter(&|mjd| format!("{mjd:.days$}"))
        .y_label_formatter(&|magnitude| format!("{magnitude:.1}"))
        .label_style(("sans-serif", 14).into_font().color(&INK))
        .axis_desc_style(("sans-serif", 15).into_font().color(&INK))
        .light_line_style(TRANSPARENT)
        .bold_line_style(RGBColor(232, 232, 232))
        .axis_style(INK)
        .draw()?;
    let faintest = |m: &Mark<'_>| (m.at + m.error).min(faint);
    let brightest = |m: &Mark<'_>| (m.at - m.error).max(bright);
    // Limits are the background, detections stand before them.
    for (band, marks) in bands {
        let colour = colour(band);
        chart.draw_series(marks.iter().filter(|m| m.limit).map(|m| {
            let down = vec![(-5, -4), (5, -4), (0, 5)];
            EmptyElement::at((m.mjd, m.at)) + Polygon::new(down, colour.mix(0.35).filled())
        }))?;
    }
    for (band, marks) in bands {
        let colour = colour(band);
        let seen = || marks.iter().filter(|m| !m.limit);
        chart.draw_series(seen().filter(|m| m.error > 0.0).map(|m| {
            PathElement::new(
                vec![(m.mjd, brightest(m)), (m.mjd, faintest(m))],
                colour.mix(0.7).stroke_width(1),
            )
        }))?;
        chart.draw_series(
            seen().filter(|m| m.point.forced).map(|m| Circle::new((m.mjd, m.at), 4, WHITE.filled())),
        )?;
        chart.draw_series(seen().map(|m| match m.point.forced {
            true => Circle::new((m.mjd, m.at), 4, colour.stroke_width(1)),
            false => Circle::new((m.mjd, m.at), 4, colour.filled()),
        }))?;
    }
    Ok(())
}

/// The axis says the magnitude system where every point says the same.
fn unit(marks: &[Mark<'_>]) -> String {
    let first = marks.first().and_then(|m| m.point.unit.as_deref());
    match first.filter(|_| marks.iter().all(|m| m.point.unit.as_deref() == first)) {
        Some(unit) => format!("magnitude ({unit})"),
        None => "magnitude".to_owned(),
    }
}

fn draw_legend(legend: &Area<'_>, bands: &BTreeMap<&str, Vec<&Mark<'_>>>, left_out: usize) -> Fallible {
    const LINE: i32 = 22;
    let mut y = 52;
    let text = |text: &str, x: i32, y: i32| {
        // The middle of the letters is on the middle of the mark.
        legend.draw(&Text::new(text.to_owned(), (x, y - 5), ("sans-serif", 14).into_font().color(&INK)))
    };
    for (band, marks) in bands {
        legend.draw(&Circle::new((8, y), 5, colour(band).filled()))?;
        text(&format!("{band} ({})", marks.len()), 22, y)?;
        y += LINE;
    }
    y += LINE / 2;
    let all = || bands.values().flatten();
    if all().any(|m| !m.limit && !m.point.forced) {
        legend.draw(&Circle::new((8, y), 4, INK.filled()))?;
        text("detection", 22, y)?;
        y += LINE;
    }
    if all().any(|m| !m.limit && m.point.forced) {
        legend.draw(&Circle::new((8, y), 4, INK.stroke_width(1)))?;
        text("forced", 22, y)?;
        y += LINE;
    }
    if all().any(|m| m.limit) {
        legend.draw(&Polygon::new(vec![(3, y - 4), (13, y - 4), (8, y + 5)], INK.mix(0.35).filled()))?;
        text("fainter than", 22, y)?;
        y += LINE;
    }
    if left_out > 0 {
        text(&format!("{left_out} without a"), 2, y + LINE / 2)?;
        text("magnitude: not shown", 2, y + LINE / 2 + 17)?;
    }
    Ok(())
}
