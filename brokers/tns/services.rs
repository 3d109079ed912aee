//! What else the service gives and takes: its numbered lists, and files that reports refer to.

use std::sync::{Arc, PoisonError};

use super::Tns;
use super::envelope::{self, data, read};
use super::query::{Numbers, TnsQuery};
use super::values::Values;
use crate::plugin::*;

/// A file to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its name; the upload may give it another.
    pub name: String,
    /// `text/plain` for ASCII, `application/fits` for FITS.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Tns {
    /// The lists that are known: the snapshot, or what [`values`](Self::values) brought last.
    #[must_use]
    pub fn known_values(&self) -> Arc<Values> {
        // Every change is one assignment, so a poisoned value is whole.
        Arc::clone(&self.values.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fetches the live lists of filters, instruments, groups and types, and keeps them: from then
    /// on labels are looked up in them. A list that is not in the answer is that of the snapshot. Once
    /// a day is enough.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a key; [`ErrorKind::Unreadable`] when no list comes, and those that
    /// are known stay.
    pub fn values(&self) -> Result<Call<Arc<Values>>> {
        let known = Arc::clone(&self.values);
        Ok(Call::get(self.endpoints.call(&["get", "values"])?, move |response| {
            let values = match envelope::data(&response)? {
                Some(data) if data.get().starts_with('{') => envelope::read::<Values>(data.get())?,
                _ => Values::default(),
            };
            if values == Values::default() {
                return Err(Error::new(ErrorKind::Unreadable, "the answer holds no lists"));
            }
            let snapshot = Values::snapshot();
            let values = Arc::new(values.or(&snapshot));
            *known.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&values);
            Ok(values)
        }))
    }

    pub(super) fn numbers(&self, query: &TnsQuery) -> Result<Numbers> {
        query.numbers(&self.known_values())
    }

    /// Uploads files; the result is the names under which reports refer to them, in their order.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when there is no file, [`ErrorKind::Refused`] in TNS's words.
    pub fn upload(&self, files: &[Upload]) -> Result<Call<Vec<String>>> {
        if files.is_empty() {
            return Err(Error::new(ErrorKind::Input, "there is no file to upload"));
        }
        let key = self.endpoints.key()?.expose();
        let (boundary, body) = multipart(key, files);
        let count = files.len();
        Ok(Call::get(self.endpoints.upload(&boundary, body, key), move |response| {
            let names =
                data(&response)?.and_then(|data| read::<Vec<String>>(data.get()).ok()).unwrap_or_default();
            if names.len() == count {
                return Ok(names);
            }
            let words = response.own_words().map_or_else(String::new, |words| format!(": {words}"));
            Err(Error::new(ErrorKind::Refused, format!("TNS did not take the file{words}")))
        }))
    }
}

/// The body of an upload: the key, then the files.
fn multipart(key: &str, files: &[Upload]) -> (String, Vec<u8>) {
    let clash = |boundary: &str| {
        let found = |bytes: &[u8]| bytes.windows(boundary.len()).any(|part| part == boundary.as_bytes());
        found(key.as_bytes()) || files.iter().any(|file| found(&file.bytes) || file.name.contains(boundary))
    };
    let mut boundary = "tom-alerts-7d1f".to_owned();
    while clash(&boundary) {
        boundary.push('x');
    }
    let mut body = Vec::new();
    let mut part = |head: String, bytes: &[u8]| {
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    part("name=\"api_key\"".to_owned(), key.as_bytes());
    for (index, file) in files.iter().enumerate() {
        // Neither may end its line or its quotes.
        let clean = |text: &str| text.replace(['"', '\r', '\n', '\\'], "_");
        let head = format!(
            "name=\"files[{index}]\"; filename=\"{}\"\r\nContent-Type: {}",
            clean(&file.name),
            clean(&file.content_type)
        );
        part(head, &file.bytes);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (boundary, body)
}
