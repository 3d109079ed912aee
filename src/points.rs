//! `Points`: from the rows of a service to the points of a light curve, with none lost.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::band::{BandSystem, band};
use crate::call::Call;
use crate::error::{Error, ErrorKind, Result};
use crate::extra::Extra;
use crate::flux::NANOJANSKY_ZERO;
use crate::reduced_datum::{Datum, Photometry, ReducedData, ReducedDatum};
use crate::survey::Survey;
use crate::text::Text;
use crate::time;
use crate::wire::Rows;

pub use crate::flux::{magnitude, magnitude_error};

/// Gathers the points of one object; a row that cannot be read is a failure beside them.
///
/// ```
/// use tom_alerts::plugin::*;
/// # fn main() -> Result<()> {
/// #[derive(Deserialize)]
/// struct Row { mjd: Option<f64>, mag: Option<f64> }
/// let rows: Rows<Row> = serde_json::from_str(
///     r#"[{"mjd": 60000.5, "mag": 18.1}, {"mjd": 60001.5}, {"mag": 18.0}]"#).unwrap();
/// let mut points = Points::new("Toy", "T1");
/// points.rows("detections", rows, |row: Row| {
///     let time = points::instant(row.mjd, time::utc_from_mjd)?;
///     let green = Photometry { filter: "g".into(), ..Photometry::default() };
///     Ok(row.mag.map(|mag| (time, Photometry { magnitude: Some(mag), ..green })))
/// });
/// let data = points.done();
/// assert_eq!((data.points.len(), data.failures.len()), (1, 1));
/// assert_eq!(data.notes, ["1 row of detections without a value left out"]);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Points<'a> {
    source: &'static str,
    id: &'a str,
    target: &'a str,
    data: ReducedData,
}

/// What one row gives: an instant with a value, or nothing, as services send rows without a value.
pub type Read<V> = Result<Option<(DateTime<Utc>, V)>>;

/// The same for a survey that withdraws rows: with the instant at which it did so, see [`withdrawn`].
pub type ReadWithdrawn<V> = Result<Option<(DateTime<Utc>, V, Option<DateTime<Utc>>)>>;

/// What [`Points::rows`] takes of a row; made from the pair of [`Read`] or what [`ReadWithdrawn`] has.
#[derive(Debug)]
pub struct Row {
    timestamp: DateTime<Utc>,
    value: Datum,
    withdrawn: Option<DateTime<Utc>>,
}

impl<V: Into<Datum>> From<(DateTime<Utc>, V)> for Row {
    fn from((timestamp, value): (DateTime<Utc>, V)) -> Self {
        Self { timestamp, value: value.into(), withdrawn: None }
    }
}

impl<V: Into<Datum>> From<(DateTime<Utc>, V, Option<DateTime<Utc>>)> for Row {
    fn from((timestamp, value, withdrawn): (DateTime<Utc>, V, Option<DateTime<Utc>>)) -> Self {
        Self { timestamp, value: value.into(), withdrawn }
    }
}

impl<'a> Points<'a> {
    /// The points that the broker `source` has of the object `id`.
    #[must_use]
    pub fn new(source: &'static str, id: &'a str) -> Self {
        Self { source, id, target: id, data: ReducedData::default() }
    }

    /// The same for a target that is called otherwise than the service's id.
    #[must_use]
    pub fn of_target(mut self, name: &'a str) -> Self {
        self.target = name;
        self
    }

    /// Takes in a list of rows; a bad one is a failure, and the rest goes on. `read` gives what
    /// [`Read`] or [`ReadWithdrawn`] says; a row that was withdrawn is no point.
    pub fn rows<T, R: Into<Row>>(
        &mut self,
        list: &'static str,
        rows: Rows<T>,
        read: impl Fn(T) -> Result<Option<R>>,
    ) {
        let (mut empty, withdrawn) = (0_usize, self.data.withdrawn.len());
        for (index, row) in rows.into_iter().enumerate() {
            match row.and_then(&read) {
                Ok(Some(row)) => self.push_row_at(self.id, row),
                Ok(None) => empty += 1,
                Err(error) => self.fail(error.with("list", list).with("row", index + 1)),
            }
        }
        let withdrawn = self.data.withdrawn.len() - withdrawn;
        for (count, why) in [(empty, "without a value"), (withdrawn, "withdrawn by the survey and")] {
            if count > 0 {
                let rows = if count == 1 { "row" } else { "rows" };
                self.note(format!("{count} {rows} of {list} {why} left out"));
            }
        }
    }

    /// Adds one point.
    pub fn push(&mut self, timestamp: DateTime<Utc>, value: impl Into<Datum>) {
        self.push_at(self.id, timestamp, value);
    }

    /// Adds one point that has a place of its own at the broker, such as the alert it came with.
    pub fn push_at(&mut self, location: &str, timestamp: DateTime<Utc>, value: impl Into<Datum>) {
        self.push_row_at(location, (timestamp, value));
    }

    /// Adds a row that the survey withdrew at the instant `withdrawn`: it is no measurement and goes
    /// to [`ReducedData::withdrawn`].
    pub fn push_withdrawn(
        &mut self,
        timestamp: DateTime<Utc>,
        value: impl Into<Datum>,
        withdrawn: DateTime<Utc>,
    ) {
        self.push_row_at(self.id, (timestamp, value, Some(withdrawn)));
    }

    /// Adds what was read of a row that has a place of its own at the broker, withdrawn or not.
    pub fn push_row_at(&mut self, location: &str, row: impl Into<Row>) {
        let Row { timestamp, value, withdrawn } = row.into();
        let datum = ReducedDatum::new(self.target, self.source, location, timestamp, value);
        self.data.push(Ok(ReducedDatum { withdrawn, ..datum }));
    }

    /// Adds a row that could not be read.
    pub fn fail(&mut self, error: Error) {
        self.data.failures.push(error);
    }

    /// Adds something worth knowing beside.
    pub fn note(&mut self, text: impl Into<String>) {
        self.data.notes.push(text.into());
    }

    /// Notes how many values of a list were left out because they are of another type than due; see
    /// [`wire::left_out`](crate::wire::left_out).
    pub fn note_left_out(&mut self, list: &str, count: usize) {
        match count {
            0 => {}
            1 => self.note(format!("1 value of {list} has another type than due and is left out")),
            _ => self.note(format!("{count} values of {list} have another type than due and are left out")),
        }
    }

    /// What was gathered, oldest point first.
    #[must_use]
    pub fn done(self) -> ReducedData {
        let mut data = self.data.sorted();
        // A list that grew has room for up to twice as many.
        data.points.shrink_to_fit();
        data
    }
}

/// The instant of a row, by the time scale that its survey uses.
///
/// # Errors
/// [`ErrorKind::Unreadable`] when there is none, or it is no date.
pub fn instant(date: Option<f64>, scale: fn(f64) -> Option<DateTime<Utc>>) -> Result<DateTime<Utc>> {
    let fault = |text: &'static str| Error::new(ErrorKind::Unreadable, text);
    let date = date.ok_or_else(|| fault("the row has no date"))?;
    scale(date).ok_or_else(|| fault("the date of the row is no date").with("date", date))
}

/// When Rubin withdrew a row, by its `timeWithdrawnMjdTai`: MJD in TAI. A row for which this gives an
/// instant is no measurement. `None` for what services send where nothing was withdrawn: nothing, NaN,
/// zero or less.
#[must_use]
pub fn withdrawn(mjd_tai: Option<f64>) -> Option<DateTime<Utc>> {
    time::utc_from_tai_mjd(mjd_tai.filter(|mjd| *mjd > 0.0)?)
}

/// A point of ZTF with nothing measured yet; `fid` is its number of the band.
///
/// # Errors
/// [`ErrorKind::Unreadable`] when there is no number.
pub fn of_ztf(fid: Option<i64>, source_id: Option<String>) -> Result<Photometry> {
    let fault = || Error::new(ErrorKind::Unreadable, "the row has no fid, so its band is not known");
    let filter = band(BandSystem::Ztf, &fid.ok_or_else(fault)?.to_string()).into();
    Ok(measured_by(Survey::Ztf, "ZTF", Photometry { filter, source_id, ..Photometry::default() }))
}

/// A point of LSST by its difference flux and error in nJy; `None` where they make none.
#[must_use]
pub fn of_lsst(
    filter: impl Into<Text>,
    flux: f64,
    error: f64,
    source_id: Option<String>,
) -> Option<Photometry> {
    let point = Photometry::from_flux(flux, error, "nJy", NANOJANSKY_ZERO)?;
    let filter = filter.into();
    Some(measured_by(Survey::Lsst, "Rubin", Photometry { filter, source_id, ..point }))
}

fn measured_by(survey: Survey, telescope: &str, point: Photometry) -> Photometry {
    Photometry {
        unit: Some("AB".into()),
        telescope: Some(telescope.into()),
        survey: Some(survey.to_string().into()),
        ..point
    }
}

/// A light curve with more points that another request brings; without those the rest is whole, and
/// the error is a failure beside it. `list` is what the service calls them, `name` what people do.
#[must_use]
pub fn beside(
    curve: Call<ReducedData>,
    more: Call<ReducedData>,
    list: &'static str,
    name: &'static str,
) -> Call<ReducedData> {
    Call::all(vec![curve, more], move |results| {
        let mut parts = results.into_iter();
        let mut data = parts.next().unwrap_or_else(|| Ok(ReducedData::default()))?;
        match parts.next() {
            Some(Ok(more)) => data.merge(more),
            Some(Err(error)) => {
                data.notes.push(format!("{name} could not be had; the rest is whole"));
                data.failures.push(error.with("list", list));
            }
            None => {}
        }
        Ok(data.sorted())
    })
}

/// What can take in more of what a broker says: the extras of a point, or a free object.
pub trait Keeps {
    /// Sets the value of a key.
    fn put(&mut self, key: &str, value: Value);
}

impl Keeps for Extra {
    fn put(&mut self, key: &str, value: Value) {
        self.insert(key, value);
    }
}

impl Keeps for Map<String, Value> {
    fn put(&mut self, key: &str, value: Value) {
        self.insert(key.to_owned(), value);
    }
}

/// Adds ZTF's word for the sign of a difference to the extras of a point: 1 or −1.
pub fn keep_isdiffpos(extra: &mut impl Keeps, positive: Option<bool>) {
    keep(extra, "isdiffpos", positive.map(|positive| if positive { 1 } else { -1 }));
}

/// Adds what is known to the extras of a point.
pub fn keep(extra: &mut impl Keeps, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        extra.put(key, value.into());
    }
}

/// Adds what is known to the extras of a point, as its text.
pub fn keep_text(extra: &mut impl Keeps, key: &str, value: Option<impl fmt::Display>) {
    keep(extra, key, value.map(|value| value.to_string()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_the_survey_withdrew_is_no_point() {
        let row = |(mjd, taken): (f64, Option<f64>)| -> ReadWithdrawn<Photometry> {
            let time = instant(Some(mjd), time::utc_from_tai_mjd)?;
            let value = of_lsst("g", 2500.0, 100.0, Some("1".into()));
            Ok(value.map(|value| (time, value, withdrawn(taken))))
        };
        let rows = [None, Some(61_010.0), Some(0.0), Some(f64::NAN), Some(-1.0)];
        let rows = rows.into_iter().zip(0..).map(|(taken, day)| Ok((61_000.0 + f64::from(day), taken)));
        let mut points = Points::new("Toy", "T1");
        points.rows("sources", Rows(rows.collect()), row);
        let data = points.done();
        let days: Vec<_> = data.points.iter().map(|point| Some(point.timestamp)).collect();
        assert_eq!(days, [61_000.0, 61_002.0, 61_003.0, 61_004.0].map(time::utc_from_tai_mjd));
        assert!(data.points.iter().all(|point| point.withdrawn.is_none()));
        let [taken] = &data.withdrawn[..] else { panic!("{:?}", data.withdrawn) };
        assert_eq!(taken.withdrawn, time::utc_from_tai_mjd(61_010.0));
        assert_eq!(taken.photometry().and_then(|point| point.flux), Some(2500.0));
        assert_eq!(data.notes, ["1 row of sources withdrawn by the survey and left out"]);
    }
}
