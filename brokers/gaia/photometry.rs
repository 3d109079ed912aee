//! Light curves: CSV with two lines of heading, times in TCB, and words where there is no value.

use super::query::TimeScale;
use super::{Gaia, NAME};
use crate::plugin::band::{BandSystem, band};
use crate::plugin::*;

/// What stands in the place of a magnitude that is none.
const NO_VALUE: [&str; 4] = ["", "untrusted", "null", "nan"];

/// A row.
struct Epoch {
    date: String,
    jd: String,
    magnitude: String,
}

/// The cells of a row, without their quotes and the blanks around them.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for letter in line.chars() {
        match (letter, cells.last_mut()) {
            ('"', _) => quoted = !quoted,
            (',', _) if !quoted => cells.push(String::new()),
            (letter, Some(cell)) => cell.push(letter),
            (_, None) => {}
        }
    }
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

impl Gaia {
    pub(super) fn light_curve(&self, name: &str) -> Call<ReducedData> {
        let (gaia, name) = (self.clone(), name.to_owned());
        let request = self.endpoints.light_curve(&name);
        Call::get(request, move |response| gaia.points(&name, &response))
    }

    /// Reads a light curve of an alert.
    fn points(&self, name: &str, response: &Response) -> Result<ReducedData> {
        let fault =
            |why: String| Err(Error::new(ErrorKind::Unreadable, format!("this is no light curve: {why}")));
        if response.is_html() {
            return fault("it is a page of HTML where CSV was due; the service may be down".to_owned());
        }
        let text = String::from_utf8_lossy(response.body());
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
        // A name is one word; a heading may be parted by blanks.
        let is_name = |line: &str| !line.trim_start_matches(['#', ' ']).contains([',', ' ', '\t']);
        match lines.next_if(|line| is_name(line)) {
            Some(of) if !of.trim_start_matches('#').trim().eq_ignore_ascii_case(name) => {
                return fault("it is that of another alert".to_owned());
            }
            None if lines.peek().is_none() => return fault("it is empty".to_owned()),
            _ => {}
        }
        let heading = lines
            .next_if(|line| line.starts_with('#') || line.to_ascii_lowercase().contains("averagemag"))
            .unwrap_or("#Date,JD(TCB),averagemag");
        let names: Vec<_> = match heading.trim_start_matches('#') {
            parted if parted.contains(',') => parted.split(',').map(str::trim).collect(),
            blanks => blanks.split_whitespace().collect(),
        };
        let place = |what: &str| names.iter().position(|name| name.to_ascii_lowercase().starts_with(what));
        let (Some(date), Some(jd), Some(magnitude)) = (place("date"), place("jd"), place("averagemag"))
        else {
            return fault("its heading lacks one of Date, JD, averagemag".to_owned());
        };
        let row = |line: &str| {
            let values = cells(line);
            let value = |column: usize| values.get(column).cloned();
            match (value(date), value(jd), value(magnitude)) {
                (Some(date), Some(jd), Some(magnitude)) => Ok(Epoch { date, jd, magnitude }),
                _ => Err(Error::new(ErrorKind::Unreadable, "the row has too few columns")),
            }
        };
        let page = self.endpoints.source(name);
        let mut points = Points::new(NAME, page.as_str()).of_target(name);
        points.rows("lightcurve", Rows(lines.map(row).collect()), |epoch| self.point(&epoch));
        Ok(points.done())
    }

    fn point(&self, epoch: &Epoch) -> points::Read<Photometry> {
        if NO_VALUE.iter().any(|word| epoch.magnitude.eq_ignore_ascii_case(word)) {
            return Ok(None);
        }
        let fault = |text: &'static str| Error::new(ErrorKind::Unreadable, text);
        let magnitude = epoch.magnitude.parse().ok();
        let magnitude =
            points::magnitude(magnitude).ok_or_else(|| fault("averagemag: a magnitude was due"))?;
        let date = time::parse_utc(&epoch.date).map(time::jd_from_utc);
        let jd = match (epoch.jd.parse::<f64>().ok(), date) {
            // Both columns are one instant. The date has whole seconds and the JD five digits, but of
            // older light curves three, which are up to 43 s off.
            (Some(jd), Some(date)) if (1.5..=45.0).contains(&((jd - date).abs() * 86_400.0)) => Some(date),
            (jd, date) => jd.or(date),
        };
        let scale = match self.time_scale {
            TimeScale::Tcb => time::utc_from_tcb_jd,
            TimeScale::UtcAsIs => time::utc_from_jd,
        };
        let timestamp = points::instant(jd, scale)?;
        let mut point = Photometry {
            filter: band(BandSystem::Gaia, "G").into(),
            magnitude: Some(magnitude),
            unit: Some("Vega".into()),
            telescope: Some("Gaia".into()),
            survey: Some("Gaia".into()),
            ..Photometry::default()
        };
        if let Some(error) = estimate(magnitude).filter(|_| self.error_estimate) {
            point.error = Some(error);
            points::keep(&mut point.extra, "error_estimated", Some(true));
        }
        Ok(Some((timestamp, point)))
    }
}

/// The error of a G magnitude by the formula published with the alerts (Hodgkin et al. 2021), to a
/// tenth of a millimagnitude; none outside of 13 to 21 mag, where it does not hold.
fn estimate(magnitude: f64) -> Option<f64> {
    let sigma = 3.43779 - magnitude / 1.13759 + (magnitude / 3.44123).powi(2) - (magnitude / 6.51996).powi(3)
        + (magnitude / 11.45922).powi(4);
    (magnitude > 13.0 && magnitude < 21.0).then(|| (sigma * 1e4).round() / 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_the_published_one() {
        assert_eq!([16.0, 18.0, 20.5].map(estimate), [Some(0.0132), Some(0.0211), Some(0.0641)]);
        assert_eq!([13.0, 21.0, -3.0].map(estimate), [None, None, None]);
        assert!((131..210).all(|tenth| estimate(f64::from(tenth) / 10.0).is_some_and(|error| error > 0.0)));
    }
}
