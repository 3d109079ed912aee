//! The MPC's 80-column observations: astrometry, and photometry where the observer gave a magnitude.

use super::NAME;
use crate::plugin::*;

/// What an observation gives: when, where, and how bright where the observer says.
type Observation = (DateTime<Utc>, Astrometry, Option<Photometry>);

/// The observations of a file. A line that cannot be read is a failure, and the rest goes on.
pub(super) fn observations(id: &str, file: &str) -> ReducedData {
    let mut points = Points::new(NAME, id);
    let mut left_out = 0_usize;
    let lines = file.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (index, line) in lines {
        match read(line) {
            Ok(Some((timestamp, place, brightness))) => {
                points.push(timestamp, place);
                if let Some(brightness) = brightness {
                    points.push(timestamp, brightness);
                }
            }
            Ok(None) => left_out += 1,
            Err(error) => points.fail(error.with("list", "fileMPC").with("row", index + 1)),
        }
    }
    if left_out > 0 {
        let lines = if left_out == 1 { "line" } else { "lines" };
        points.note(format!("{left_out} {lines} of radar, deleted or of an observer's place left out"));
    }
    points.done()
}

/// An observation; none for radar echoes, deleted ones, and second lines that hold the observer's place.
fn read(line: &str) -> Result<Option<Observation>> {
    let column =
        |from: usize, to: usize| line.get(from..to.min(line.len())).map(str::trim).unwrap_or_default();
    let fault = |text: &'static str| Error::new(ErrorKind::Unreadable, text);
    if !line.is_ascii() || line.len() < 80 {
        return Err(fault("an observation of the MPC has 80 columns"));
    }
    if matches!(column(14, 15), "R" | "r" | "s" | "v" | "x" | "X") {
        return Ok(None);
    }
    let timestamp = instant(column(15, 32)).ok_or_else(|| fault("columns 16 to 32 are no date"))?;
    // A number alone would be degrees; here it is hours.
    let hours = Some(column(32, 44)).filter(|text| text.contains(' '));
    let ra = hours.and_then(sky::parse_ra).map(sky::wrap_degrees);
    let ra = ra.ok_or_else(|| fault("columns 33 to 44 are no right ascension"))?;
    let dec = sky::parse_dec(column(44, 56)).ok_or_else(|| fault("columns 45 to 56 are no declination"))?;
    let telescope = Some(Text::from(column(77, 80))).filter(|code| !code.is_empty());
    let magnitude = column(65, 70).parse().ok().filter(|m: &f64| m.is_finite());
    let brightness = points::magnitude(magnitude).map(|magnitude| {
        let filter = match column(70, 71) {
            "" => "unknown",
            letter => letter,
        };
        Photometry {
            filter: filter.into(),
            magnitude: Some(magnitude),
            telescope: telescope.clone(),
            ..Photometry::default()
        }
    });
    Ok(Some((timestamp, Astrometry { ra, dec, telescope, ..Astrometry::default() }, brightness)))
}

/// `2026 07 14.53636`: a date with a fraction of a day, UTC.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let mut parts = text.split_whitespace();
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let (day, fraction) = day.split_once('.').unwrap_or((day, ""));
    if parts.next().is_some() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let midnight = time::parse_utc(&format!("{year}-{month}-{day}"))?;
    let fraction: f64 = format!("0.{fraction}0").parse().ok()?;
    Some(midnight + Duration::from_micros((fraction * 8.64e10).round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "     X00test KC2026 07 14.53636 19 37 22.30 -29 16 44.5          19.0 GVNEOCPE23";

    #[test]
    fn columns_are_read_where_they_stand() {
        let Ok(Some((time, place, Some(light)))) = read(LINE) else { panic!("no observation") };
        assert_eq!(time.to_rfc3339(), "2026-07-14T12:52:21.504+00:00");
        assert!((place.ra - 294.342_916_666).abs() < 1e-8 && (place.dec + 29.279_027_777).abs() < 1e-8);
        assert_eq!(place.telescope.as_deref(), Some("E23"));
        assert_eq!((light.filter.as_str(), light.magnitude), ("G", Some(19.0)));
    }

    #[test]
    fn what_is_no_observation_is_left_out_or_told() {
        let radar = LINE.replace(" KC", " KR");
        let faint = LINE.replace("19.0 G", "      ");
        let odd = LINE.replace("2026 07", "2026 17");
        let file = [LINE, &radar, "", "short", &odd, &faint.replace("E23", "W68")].join("\n");
        let data = observations("X00test", &file);
        assert_eq!((data.points.len(), data.failures.len()), (3, 2));
        assert_eq!(data.notes, ["1 line of radar, deleted or of an observer's place left out"]);
        assert!(
            data.failures[1].to_string().contains("columns 16 to 32 are no date"),
            "{}",
            data.failures[1]
        );
    }
}
