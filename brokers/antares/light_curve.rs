//! The light curve of a locus: CSV whose columns are found by their names.

use csv::{ReaderBuilder, StringRecord};

use crate::plugin::*;

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident $key:literal $read:ident $kind:ty;)*) => {
        /// A row of a light curve, as the service sends it.
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct LightCurveRow {
            $($(#[$doc])* #[serde(rename = $key)] pub $name: Option<$kind>,)*
        }

        /// Where each column stands.
        #[derive(Default)]
        struct Columns {
            $($name: Option<usize>,)*
        }

        impl Columns {
            fn of(heading: &StringRecord) -> Self {
                let mut columns = Self::default();
                for (at, name) in heading.iter().enumerate() {
                    match name.trim() {
                        $($key => columns.$name = Some(at),)*
                        _ => {}
                    }
                }
                columns
            }

            fn read(&self, record: &StringRecord) -> Result<LightCurveRow> {
                Ok(LightCurveRow { $($name: $read(record, self.$name, $key)?,)* })
            }
        }
    };
}

columns! {
    /// The date as text, in the survey's own time scale; [`mjd`](Self::mjd) is exact.
    time "time" text String;
    /// The alert.
    alert_id "alert_id" text String;
    /// Date, MJD: UTC for ZTF, TAI for LSST.
    mjd "ant_mjd" number f64;
    /// 1 ZTF, 2 limit of ZTF, 3 DECam, 4 LSST.
    survey "ant_survey" whole_or_none i64;
    /// Right ascension, degrees; not for limits.
    ra "ant_ra" number_or_none f64;
    /// Declination, degrees; not for limits.
    dec "ant_dec" number_or_none f64;
    /// Band: `R` is ZTF's r.
    passband "ant_passband" text String;
    /// Magnitude of the difference, AB, also where the difference is negative.
    mag "ant_mag" number f64;
    /// Its error, 1σ.
    mag_error "ant_magerr" number_or_none f64;
    /// Depth of a ZTF exposure; of LSST a copy of the magnitude.
    mag_limit "ant_maglim" number_or_none f64;
    /// Magnitude with the reference flux added back: of ZTF for variable stars, of LSST from the new image.
    mag_corrected "ant_mag_corrected" number_or_none f64;
    /// Its error.
    mag_error_corrected "ant_magerr_corrected" number_or_none f64;
    /// Upper end of a corrected limit.
    mag_upper_limit_corrected "ant_magulim_corrected" number_or_none f64;
    /// Lower end of a corrected limit.
    mag_lower_limit_corrected "ant_magllim_corrected" number_or_none f64;
}

/// The rows of a light curve; a bad row is an error in its place, no text is no rows.
pub(super) fn read(text: &str) -> Result<Rows<LightCurveRow>> {
    if text.trim().is_empty() {
        return Ok(Rows::default());
    }
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let fault = |text: &'static str| Error::new(ErrorKind::Unreadable, text);
    let heading = reader.headers().map_err(|_| fault("the light curve has no heading"))?;
    let columns = Columns::of(heading);
    for (place, name) in [(columns.alert_id, "alert_id"), (columns.mjd, "ant_mjd")] {
        if place.is_none() {
            let text = format!("the light curve has no column {name}");
            return Err(Error::new(ErrorKind::Unreadable, text));
        }
    }
    // A row is seldom shorter than this.
    let mut rows = Vec::with_capacity(text.len() / 80);
    let mut record = StringRecord::new();
    loop {
        let row = match reader.read_record(&mut record) {
            Ok(false) => return Ok(Rows(rows)),
            Ok(true) => columns.read(&record),
            Err(_) => Err(fault("this is no line of CSV")),
        };
        let at = rows.len() + 1;
        rows.push(row.map_err(|e| {
            Error::new(ErrorKind::Unreadable, format!("row {at} cannot be read: {}", e.message()))
        }));
    }
}

/// A cell that says something; the words for a missing value do not.
fn cell(record: &StringRecord, at: Option<usize>) -> Option<&str> {
    let nothing = |text: &str| ["", "nan", "none", "null"].iter().any(|word| text.eq_ignore_ascii_case(word));
    at.and_then(|at| record.get(at)).map(str::trim).filter(|text| !nothing(text))
}

type Cell<T> = Result<Option<T>>;

fn text(record: &StringRecord, at: Option<usize>, _: &str) -> Cell<String> {
    Ok(cell(record, at).map(str::to_owned))
}

fn number(record: &StringRecord, at: Option<usize>, name: &str) -> Cell<f64> {
    let Some(text) = cell(record, at) else { return Ok(None) };
    let number: f64 = text.parse().map_err(|_| due(name, text, "a number"))?;
    Ok(Some(number).filter(|number| number.is_finite()))
}

fn whole(record: &StringRecord, at: Option<usize>, name: &str) -> Cell<i64> {
    let Some(text) = cell(record, at) else { return Ok(None) };
    if let Ok(whole) = text.parse() {
        return Ok(Some(whole));
    }
    // A column with an empty cell comes with a fraction: 2.0.
    let number: f64 = text.parse().map_err(|_| due(name, text, "a whole number"))?;
    let small = number.fract() == 0.0 && number.abs() <= f64::from(u32::MAX);
    if small { Ok(Some(number as i64)) } else { Err(due(name, text, "a whole number")) }
}

/// A number without which the row is still good.
fn number_or_none(record: &StringRecord, at: Option<usize>, name: &str) -> Cell<f64> {
    Ok(number(record, at, name).unwrap_or_else(|_| left_out()))
}

/// A whole number without which the row is still good.
fn whole_or_none(record: &StringRecord, at: Option<usize>, name: &str) -> Cell<i64> {
    Ok(whole(record, at, name).unwrap_or_else(|_| left_out()))
}

fn left_out<T>() -> Option<T> {
    wire::leave_out();
    None
}

fn due(name: &str, given: &str, due: &str) -> Error {
    let given = wire::shortened(given, 40);
    Error::new(ErrorKind::Unreadable, format!("{name}: {given:?} was given, {due} was due"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_a_bad_row_is_by_itself() {
        let text = "ant_mjd,new,alert_id,ant_mag,ant_survey\n\
                    59000.5,x,a:1,18.5,1.0\n59001.5,,a:2,bright,1\n59002.5,,\"a,3\",,2\n59003.5\nnan,,a:4,inf,\n";
        let rows = read(text).unwrap().0;
        let first = rows[0].as_ref().unwrap();
        assert_eq!((first.mjd, first.mag, first.survey), (Some(59_000.5), Some(18.5), Some(1)));
        let told = rows[1].as_ref().unwrap_err().to_string();
        assert_eq!(told, "row 2 cannot be read: ant_mag: \"bright\" was given, a number was due");
        let third = rows[2].as_ref().unwrap();
        assert_eq!((third.alert_id.as_deref(), third.mag), (Some("a,3"), None));
        assert_eq!(rows[3].as_ref().unwrap().alert_id, None);
        assert_eq!(rows[4].as_ref().unwrap().mjd, None);
        assert_eq!(rows.len(), 5);
    }

    #[test]
    fn no_text_is_no_rows_and_another_heading_is_told() {
        assert!(read("").unwrap().0.is_empty() && read("\n").unwrap().0.is_empty());
        assert!(read("alert_id,ant_mjd\n").unwrap().0.is_empty());
        let told = |text| read(text).unwrap_err().to_string();
        assert_eq!(told("time,alert_id\n1,2\n"), "the light curve has no column ant_mjd");
        assert_eq!(told("<html>\n"), "the light curve has no column alert_id");
    }
}
