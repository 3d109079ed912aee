//! One object by its name: its packet, its points, the spectra whose files are fetched.

use super::query::{Numbers, TnsQuery};
use super::{NAME, SpectrumRow, Tns, TnsPacket, envelope, errors, listing, objname, photometry, tables};
use crate::plugin::*;

impl Tns {
    /// An object with its photometry and spectra; without a key what the web search has of it.
    pub(super) fn object(&self, id: &str) -> Result<Call<Alert<TnsPacket>>> {
        let Some(name) = objname(id) else {
            let text = "this is no IAU name; they are like 2026abc, AT2026abc or SN 2026abc";
            return Err(Error::new(ErrorKind::Input, text).with("name", id));
        };
        if !self.endpoints.has_key() {
            let query = TnsQuery { target_name: Some(name.clone()), ..TnsQuery::default() };
            let request = listing::request(
                &self.endpoints,
                &query,
                &Numbers::default(),
                &Cursor::default(),
                Utc::now(),
            )?;
            return Ok(Call::get(request, move |response| {
                let mut fault = None;
                for row in tables::read_table(response.body())? {
                    match row {
                        Ok(packet) if packet.objname == name => return Alert::remade(packet),
                        Ok(_) => {}
                        Err(error) => fault = fault.or(Some(error)),
                    }
                }
                // A row that cannot be read may be the one that was asked for.
                Err(fault.map_or_else(|| errors::missing(&name), |fault| fault.with("name", &name)))
            }));
        }
        let asked = json!({"objname": name, "photometry": "1", "spectra": "1"});
        let request = self.endpoints.ask(&["get", "object"], &asked)?;
        Ok(Call::get(request, move |response| read_object(&response)?.ok_or_else(|| errors::missing(&name))))
    }

    /// The points of an object, with the spectra whose files are fetched.
    pub(super) fn data(&self, packet: &TnsPacket) -> Result<Call<ReducedData>> {
        let (page, name, values) =
            (self.endpoints.source(&packet.objname), packet.name(), self.known_values());
        let mut points = Points::new(NAME, page.as_str()).of_target(&name);
        // One list that cannot be read does not cost the other.
        let rows = packet.partly_photometry().unwrap_or_else(|error| Rows(vec![Err(error)]));
        photometry::left_out("photometry", &rows).into_iter().for_each(|note| points.note(note));
        points.rows("photometry", rows, |row| photometry::point(row, &values));
        let rows = packet.partly_spectra().unwrap_or_else(|error| Rows(vec![Err(error)]));
        photometry::left_out("spectra", &rows).into_iter().for_each(|note| points.note(note));
        let mut files = Vec::new();
        for row in rows {
            let read = row.and_then(|row| match &row.row.asciifile {
                Some(file) if self.config.spectra => {
                    files.push(self.spectrum(file, &row, &page, &name)?);
                    Ok(None)
                }
                _ => photometry::reference(&row),
            });
            match read {
                Ok(Some((time, value))) => points.push(time, value),
                Ok(None) => {}
                Err(error) => points.fail(error.with("list", "spectra")),
            }
        }
        // Rows have no number, and two of one time, band and telescope are two measurements.
        let mut data = points.done().told_apart(page.as_str());
        if files.is_empty() {
            return Ok(Call::Done(data));
        }
        Ok(Call::all(files, move |results| {
            for result in results {
                match result {
                    Ok(spectrum) => data.merge(spectrum),
                    Err(error) => data.failures.push(error.with("list", "spectra")),
                }
            }
            Ok(data.sorted())
        }))
    }

    /// The call that brings a spectrum's file.
    fn spectrum(
        &self,
        file: &str,
        row: &Partly<SpectrumRow>,
        page: &Url,
        name: &str,
    ) -> Result<Call<ReducedData>> {
        let request = self.endpoints.linked(file)?;
        let (file, row, page, name) = (file.to_owned(), row.clone(), page.clone(), name.to_owned());
        Ok(Call::step(request, move |answer| {
            let read = answer.and_then(|response| {
                photometry::spectrum(&row, &file, &String::from_utf8_lossy(response.body()))
            });
            let (time, spectrum) = read.map_err(|error| error.with("file", &file))?;
            let mut points = Points::new(NAME, page.as_str()).of_target(&name);
            points.push(time, spectrum);
            Ok(Call::Done(points.done()))
        }))
    }
}

/// The object of an answer; `None` when the answer says that there is none, under status 200.
///
/// # Errors
/// [`ErrorKind::Unreadable`] for an answer that is neither.
pub fn read_object(response: &Response) -> Result<Option<Alert<TnsPacket>>> {
    let Some(data) = envelope::data(response)? else {
        return Ok(None);
    };
    let text = data.get();
    match Alert::from_raw(text) {
        Ok(alert) => Ok(Some(alert)),
        Err(_) if matches!(text, "[]" | "{}") || envelope::says_nothing_found(text) => Ok(None),
        Err(error) => Err(error),
    }
}
