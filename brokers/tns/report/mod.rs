//! Reports upstream: built and checked before anything is sent, sent once, asked after until TNS
//! says what became of them.

mod build;
mod form;
mod reply;
mod rules;
mod shape;

pub use form::{PeriodUnit, ReportKind, TnsSubmission};
pub use reply::{Item, Outcome};
pub use shape::{
    AtReport, AutoClass, ClassificationReport, Coordinate, Exposure, NonDetection, PhotometryEntry,
    PhotometryGroups, ProprietaryPeriod, RelatedFile, Reports, SpectraGroups, SpectrumEntry,
};

use super::envelope::{data, read};
use super::errors;
use super::services::Upload;
use super::{NAME, Tns, spectrum};
use crate::plugin::*;
use build::Builder;

impl Tns {
    /// Submits reports and waits for what becomes of them. They are checked first, and sent once.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with every fault before anything is sent. [`ErrorKind::Refused`] with
    /// TNS's feedback. [`ErrorKind::Timeout`] with the number of the report when there is no result in
    /// time; ask for it with [`report_reply`](Self::report_reply).
    pub fn report(&self, reports: &Reports) -> Result<Call<Outcome>> {
        let request = self.report_request(reports)?;
        let tns = self.clone();
        Ok(Call::step(request, move |answer| {
            let response = answer.map_err(errors::in_doubt)?;
            if response.status() == 400 {
                return Err(outcome("", &response)?.refused().with_status(400));
            }
            let id = report_id(&response)?;
            Ok(tns.ask_after(id, 1))
        }))
    }

    /// Asks what became of a submission, as often as the configuration says.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub fn report_reply(&self, report_id: &str) -> Result<Call<Outcome>> {
        self.endpoints.key()?;
        Ok(self.ask_after(report_id.trim().to_owned(), 1))
    }

    fn report_request(&self, reports: &Reports) -> Result<Request> {
        let faults = reports.problems();
        if !faults.is_empty() {
            return Err(Error::from_problems(ErrorKind::Input, faults));
        }
        let text = serde_json::to_string(reports)
            .map_err(|e| Error::new(ErrorKind::Input, "the report cannot be written as JSON").because(e))?;
        Ok(self.endpoints.submission(&["set", "bulk-report"])?.form("data", text).accept_status(400))
    }

    /// The steps of [`Protocol::submit`].
    pub(super) fn submit_report(&self, what: Upstream<'_>, form: &TnsSubmission) -> Result<Call<Receipt>> {
        let target = what.target.or_else(|| what.observation.map(|observation| &observation.target));
        let values = self.known_values();
        let (config, values) = (&self.config, &*values);
        let mut builder = Builder { config, values, form, faults: Vec::new(), notes: Vec::new() };
        let call = match form.report {
            ReportKind::At => {
                let Some(target) = target else {
                    let fault = Problem::new("target", "a report needs the target that it is about");
                    return Err(Error::from_problems(ErrorKind::Input, vec![fault]));
                };
                let reports = Reports::of_transients([builder.transient(target, what.data)]);
                all_faults(builder.faults, &reports)?;
                self.report(&reports)?
            }
            ReportKind::Classification => {
                let (report, spectrum) = builder.class(target, what.data);
                let reports = Reports::of_classes([report]);
                all_faults(builder.faults, &reports)?;
                match spectrum {
                    None => self.report(&reports)?,
                    Some(spectrum) => self.report_with_file(reports, spectrum)?,
                }
            }
        };
        let (tns, notes) = (self.clone(), builder.notes);
        Ok(call.map(move |outcome| tns.receipt(&Outcome { notes, ..outcome })))
    }

    /// A report whose spectrum is uploaded first; its name in the report is the one it gets then.
    fn report_with_file(&self, mut reports: Reports, of: &Spectroscopy) -> Result<Call<Outcome>> {
        let planned = spectra(&mut reports).map(|spectrum| spectrum.ascii_file.clone()).next();
        let bytes = spectrum::write(of).into_bytes();
        let name = planned.unwrap_or_default();
        let file = Upload { name, content_type: "text/plain".to_owned(), bytes };
        let later = self.report_request(&reports)?;
        let tns = self.clone();
        let call = self.upload(&[file])?.and_then(move |names| {
            let given = names.first().cloned().unwrap_or_default();
            spectra(&mut reports).for_each(|spectrum| spectrum.ascii_file.clone_from(&given));
            tns.report(&reports)
        });
        Ok(call.announcing(vec![later]))
    }

    fn receipt(&self, outcome: &Outcome) -> Result<Receipt> {
        let url = outcome
            .items
            .iter()
            .find_map(|item| item.objname.as_deref())
            .map(|name| self.endpoints.page(name));
        let answer = serde_json::to_value(outcome)
            .map_err(|e| Error::new(ErrorKind::Unreadable, "the answer cannot be kept as JSON").because(e))?;
        Ok(Receipt::new(NAME, Some(outcome.report_id.clone()), url, answer))
    }

    /// One question after a report, behind a pause, and those that follow.
    fn ask_after(&self, id: String, attempt: u32) -> Call<Outcome> {
        let pause = match self.config.report_delay_seconds {
            Some(seconds) => Duration::try_from_secs_f64(seconds).unwrap_or_default(),
            // Early answers are common, late ones not worth a call a second.
            None => Duration::from_secs(u64::from(attempt.min(10))),
        };
        let request = match self.endpoints.call(&["get", "bulk-report-reply"]) {
            Ok(request) => request.form("report_id", &id).accept_status(400).accept_status(404),
            // There was a key a moment ago.
            Err(error) => return failed(error),
        };
        let tns = self.clone();
        let step = Call::step(request, move |answer| {
            let last = attempt >= tns.config.report_max_attempts;
            let read = answer.and_then(|response| match response.status() {
                404 => Ok(None),
                status => Ok(Some((status, outcome(&id, &response)?))),
            });
            match read {
                Ok(None) if last => Err(errors::not_yet(&id, None)),
                Ok(None) => Ok(tns.ask_after(id, attempt + 1)),
                Ok(Some((400, outcome))) => Err(outcome.refused().with_status(400).with("report_id", id)),
                Ok(Some((_, outcome))) => Ok(Call::Done(outcome)),
                Err(error) if errors::is_passing(&error) && last => Err(errors::not_yet(&id, Some(error))),
                Err(error) if errors::is_passing(&error) => Ok(tns.ask_after(id, attempt + 1)),
                Err(error) => Err(error.with("report_id", id)),
            }
        });
        Call::Wait(pause, Box::new(step))
    }
}

/// Every spectrum of the reports.
fn spectra(reports: &mut Reports) -> impl Iterator<Item = &mut SpectrumEntry> {
    reports.classification_report.values_mut().flat_map(|report| report.spectra.spectra_group.values_mut())
}

fn failed<T: Send + 'static>(error: Error) -> Call<T> {
    Call::Done(()).and_then(move |()| Err(error))
}

/// The faults of the form and of the report that it makes, at once.
fn all_faults(mut faults: Vec<Problem>, reports: &Reports) -> Result<()> {
    faults.extend(reports.problems());
    if faults.is_empty() { Ok(()) } else { Err(Error::from_problems(ErrorKind::Input, faults)) }
}

fn outcome(id: &str, response: &Response) -> Result<Outcome> {
    let value = match data(response)? {
        Some(data) => read(data.get())?,
        None => Value::Null,
    };
    Ok(Outcome::read(id, value))
}

/// The number of a submission that was taken.
fn report_id(response: &Response) -> Result<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Taken {
        #[serde(deserialize_with = "wire::text")]
        report_id: Option<String>,
    }
    let said = data(response).map_err(errors::in_doubt)?;
    let text = said.as_ref().map_or("null", |data| data.get());
    if let Ok(Some(Taken { report_id: Some(id) })) = read::<Option<Taken>>(text) {
        return Ok(id);
    }
    let words = errors::words(text).map_or_else(String::new, |words| format!(": {words}"));
    let text = format!(
        "TNS answered without a number for the report, so it is not known what became of it{words}; \
         look for the object before submitting again"
    );
    Err(Error::new(ErrorKind::Unreadable, text))
}
