//! The list as CSV: columns by their names, rows looked through before they are made into alerts.

use super::packet::GaiaAlert;
use super::wanted::Wanted;
use crate::plugin::*;

/// The alerts that are wanted, and what is to be said of the list.
pub(super) type Found = (Vec<Result<Alert<GaiaAlert>>>, Vec<String>);

/// A name in the heading, without the mark that begins it and the blanks after its commas.
fn plain(heading: &[u8]) -> &str {
    std::str::from_utf8(heading)
        .unwrap_or_default()
        .trim_start_matches('\u{feff}')
        .trim()
        .trim_start_matches('#')
        .trim()
}

/// Whether the text begins with the heading of a list.
pub(super) fn has_header(body: &[u8]) -> bool {
    let line = body.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    Columns::of(line.split(|byte| *byte == b',')).is_some()
}

/// Where the columns are.
struct Columns {
    count: usize,
    name: usize,
    ra: usize,
    dec: usize,
    tnsid: Option<usize>,
    obstime: Option<usize>,
    alert_mag: Option<usize>,
    historic_mag: Option<usize>,
    historic_std_dev: Option<usize>,
    classification: Option<usize>,
    published: Option<usize>,
    comment: Option<usize>,
}

impl Columns {
    fn of<'a>(heading: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let names: Vec<_> = heading.map(plain).collect();
        let place = |name: &str| names.iter().position(|known| known.eq_ignore_ascii_case(name));
        Some(Self {
            count: names.len(),
            name: place("Name")?,
            ra: place("RaDeg")?,
            dec: place("DecDeg")?,
            tnsid: place("TNSid"),
            obstime: place("Date"),
            alert_mag: place("AlertMag"),
            historic_mag: place("HistoricMag"),
            historic_std_dev: place("HistoricStdDev"),
            classification: place("Class"),
            published: place("Published"),
            comment: place("Comment"),
        })
    }
}

/// One row, as far as it is read.
struct Row<'a> {
    columns: &'a Columns,
    record: &'a csv::ByteRecord,
}

impl<'a> Row<'a> {
    fn bytes(&self, column: Option<usize>) -> &'a [u8] {
        column.and_then(|column| self.record.get(column)).unwrap_or_default().trim_ascii()
    }

    fn text(&self, column: Option<usize>) -> Option<String> {
        let bytes = self.bytes(column);
        (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
    }

    fn number(&self, heading: &str, column: Option<usize>) -> Result<Option<f64>> {
        let bytes = self.bytes(column);
        if bytes.is_empty() || bytes.eq_ignore_ascii_case(b"null") {
            return Ok(None);
        }
        let number = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<f64>().ok());
        let fault = || Error::new(ErrorKind::Unreadable, format!("{heading}: a number was due"));
        number.map(|number| number.is_finite().then_some(number)).ok_or_else(fault)
    }

    /// A number that the alert can do without; `odd` gathers the headings of what is none.
    fn number_or_none(
        &self,
        heading: &'static str,
        column: Option<usize>,
        odd: &mut Vec<&'static str>,
    ) -> Option<f64> {
        self.number(heading, column).unwrap_or_else(|_| {
            odd.push(heading);
            None
        })
    }

    /// The alert, if it is wanted. What cannot be read may be what is wanted.
    fn read(&self, wanted: &Wanted, odd: &mut Vec<&'static str>) -> Result<Option<Alert<GaiaAlert>>> {
        let columns = self.columns;
        let (name, tnsid) = (self.bytes(Some(columns.name)), self.bytes(columns.tnsid));
        let whole = self.record.len() >= columns.count
            && self.record.iter().skip(columns.count).all(|more| more.trim_ascii().is_empty());
        // A quote that is not closed takes the next rows in, and one of those may be what is wanted.
        let alone = || whole || !self.record.as_slice().contains(&b'\n');
        if !name.is_empty() && !wanted.takes_name(name, tnsid) && alone() {
            return Ok(None);
        }
        if !whole {
            let text = format!("the row has {} of {} columns", self.record.len(), columns.count);
            return Err(Error::new(ErrorKind::Unreadable, text));
        }
        if name.is_empty() {
            return Err(Error::new(ErrorKind::Unreadable, "Name: a name was due"));
        }
        let ra = self.number("RaDeg", Some(columns.ra))?;
        let dec = self.number("DecDeg", Some(columns.dec))?;
        if !wanted.takes_place(ra, dec) {
            return Ok(None);
        }
        // Without a magnitude nobody knows whether it is one that was asked for.
        let alert_mag = match wanted.asks_magnitude() {
            true => self.number("AlertMag", columns.alert_mag)?,
            false => self.number_or_none("AlertMag", columns.alert_mag, odd),
        };
        let alert = GaiaAlert {
            name: String::from_utf8_lossy(name).into_owned(),
            tnsid: self.text(columns.tnsid),
            obstime: self.text(columns.obstime),
            ra,
            dec,
            alert_mag,
            historic_mag: self.number_or_none("HistoricMag", columns.historic_mag, odd),
            historic_std_dev: self.number_or_none("HistoricStdDev", columns.historic_std_dev, odd),
            classification: self.text(columns.classification),
            published: self.text(columns.published),
            comment: self.text(columns.comment),
            per_alert: None,
            rvs: None,
        };
        if !wanted.takes_rest(&alert) {
            return Ok(None);
        }
        Alert::remade(alert).map(Some)
    }
}

/// The alerts of the list that are wanted, and notes; a row that cannot be read is an error in its place.
pub(super) fn search(wanted: &Wanted, response: &Response) -> Result<Found> {
    let no_list = |why: &str| Error::new(ErrorKind::Unreadable, format!("this is no list of alerts: {why}"));
    if response.body().trim_ascii().is_empty() {
        return Err(no_list("it is empty"));
    }
    if response.is_html() {
        return Err(no_list("it is a page of HTML where CSV was due; the service may be down"));
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(response.body().as_ref());
    let mut record = csv::ByteRecord::new();
    reader.read_byte_record(&mut record).map_err(|e| no_list("it is no CSV").because(e))?;
    let columns = Columns::of(record.iter());
    let columns = columns.ok_or_else(|| no_list("its heading lacks one of Name, RaDeg, DecDeg"))?;
    let (mut found, mut odd) = (Vec::new(), Vec::new());
    for number in 1_u64.. {
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let read = Row { columns: &columns, record: &record }.read(wanted, &mut odd);
                found.extend(read.map_err(|fault| fault.with("row", number)).transpose());
            }
            Err(e) => {
                let fault = Error::new(ErrorKind::Unreadable, "the row is no CSV").because(e);
                found.push(Err(fault.with("row", number)));
                break;
            }
        }
    }
    Ok((found, unread_sums("the list", odd)))
}
