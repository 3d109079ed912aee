//! From rows to points of a light curve: what both surveys share.

use crate::plugin::*;

/// Gathers the points of one object.
pub(super) struct Points<'a> {
    oid: &'a str,
    data: ReducedData,
}

/// What one row gives: an instant with a value, or nothing, as services send rows without a value.
pub(super) type Read = Result<Option<(DateTime<Utc>, Photometry)>>;

impl<'a> Points<'a> {
    pub(super) fn new(oid: &'a str) -> Self {
        Self { oid, data: ReducedData::default() }
    }

    /// Takes in a list of rows; a bad one is a failure, and the rest goes on.
    pub(super) fn rows<T>(&mut self, list: &'static str, rows: Rows<T>, read: impl Fn(T) -> Read) {
        let mut empty = 0_usize;
        for (index, row) in rows.into_iter().enumerate() {
            match row.and_then(&read) {
                Ok(Some((timestamp, value))) => self.data.points.push(ReducedDatum {
                    target: self.oid.to_owned(),
                    source_name: super::NAME.to_owned(),
                    source_location: self.oid.to_owned(),
                    timestamp,
                    value: Datum::Photometry(value),
                }),
                Ok(None) => empty += 1,
                Err(error) => self.data.failures.push(error.with("list", list).with("row", index + 1)),
            }
        }
        if empty > 0 {
            let rows = if empty == 1 { "row" } else { "rows" };
            self.data.notes.push(format!("{empty} {rows} of {list} without a value left out"));
        }
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.data.notes.push(text.into());
    }

    pub(super) fn done(self) -> ReducedData {
        self.data.sorted()
    }
}

/// The instant of a row.
pub(super) fn instant(mjd: Option<f64>, scale: fn(f64) -> Option<DateTime<Utc>>) -> Result<DateTime<Utc>> {
    let fault = |text: &'static str| Error::new(ErrorKind::Unreadable, text);
    let mjd = mjd.ok_or_else(|| fault("the row has no mjd"))?;
    scale(mjd).ok_or_else(|| fault("the mjd of the row is no date").with("mjd", mjd))
}

/// A magnitude that can be one: the sentinels 100 and −999 are not.
pub(super) fn magnitude(value: Option<f64>) -> Option<f64> {
    value.filter(|m| (-40.0..60.0).contains(m))
}

/// An error of a magnitude that can be one: 100 means unusable, −999 unknown.
pub(super) fn magnitude_error(value: Option<f64>) -> Option<f64> {
    value.filter(|e| (0.0..100.0).contains(e))
}

/// Adds what is known to the extras of a point.
pub(super) fn keep(extra: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        extra.insert(key.to_owned(), value.into());
    }
}
