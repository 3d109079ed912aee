//! From a target, its data and the form to a report, with every fault gathered.

use std::collections::BTreeMap;

use super::super::TnsConfig;
use super::super::listing::degrees;
use super::super::names::objname;
use super::super::query::number;
use super::super::values::{List, Values};
use super::form::{PeriodUnit, TnsSubmission};
use super::shape::*;
use crate::plugin::*;

/// What surveys call their only camera, by the word in TNS's label.
const CAMERAS: [(&str, &str); 3] = [("ZTF", "ZTF-Cam"), ("LSST", "LSSTCam"), ("Rubin", "LSSTCam")];

/// AB magnitudes.
const AB: i64 = 1;

pub(super) struct Builder<'a> {
    pub(super) config: &'a TnsConfig,
    pub(super) values: &'a Values,
    pub(super) form: &'a TnsSubmission,
    pub(super) faults: Vec<Problem>,
    pub(super) notes: Vec<String>,
}

pub(super) fn date_time(time: DateTime<Utc>) -> String {
    let whole = time.timestamp_subsec_micros() == 0;
    time.format(if whole { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S%.6f" }).to_string()
}

fn text(of: Option<&String>) -> String {
    of.map_or_else(String::new, |text| text.trim().to_owned())
}

impl Builder<'_> {
    fn find(&mut self, field: &str, word: Option<&str>, list: &List) -> Option<i64> {
        match number(word.filter(|word| !word.trim().is_empty())?, list) {
            Ok(id) => Some(i64::from(id)),
            Err(fault) => {
                self.faults.push(Problem::new(field, fault));
                None
            }
        }
    }

    fn group(&mut self) -> Option<i64> {
        let word =
            self.form.reporting_group.as_deref().or(self.config.group_names.first().map(String::as_str));
        self.find("reporting_group", word, &self.values.groups)
    }

    fn who(&self) -> String {
        text(self.form.reporter.as_ref().or(self.config.default_authors.as_ref()))
    }

    fn period(&self) -> Option<ProprietaryPeriod> {
        let unit = match self.form.proprietary_units.unwrap_or_default() {
            PeriodUnit::Days => "days",
            PeriodUnit::Months => "months",
            PeriodUnit::Years => "years",
        };
        self.form.proprietary_period.map(|value| ProprietaryPeriod {
            proprietary_period_value: Some(value.into()),
            proprietary_period_units: unit.to_owned(),
        })
    }

    fn groups(&mut self) -> Vec<i64> {
        let words = self.form.proprietary_groups.iter();
        words.filter_map(|word| self.find("proprietary_groups", Some(word), &self.values.groups)).collect()
    }

    fn files(&self) -> BTreeMap<usize, RelatedFile> {
        let file = |name: &String| RelatedFile {
            related_file_name: name.trim().to_owned(),
            ..RelatedFile::default()
        };
        (0..).zip(self.form.related_files.iter().map(file)).collect()
    }

    /// The report of a transient.
    pub(super) fn transient(&mut self, target: &Target, data: &[ReducedDatum]) -> AtReport {
        let own = self.given();
        let measured = detections(data);
        let times = own.iter().map(|(time, _)| *time).chain(measured.iter().map(|(time, _)| *time));
        let discovery = self.form.discovery_date.or(times.min());
        let photometry = self.photometry(own, measured, discovery);
        let internal_name = text(self.form.internal_name.as_ref());
        let internal_name =
            if internal_name.is_empty() { survey_name(target).to_owned() } else { internal_name };
        let own = if internal_name.is_empty() { target.name.clone() } else { internal_name.clone() };
        let mut internal_ids = BTreeMap::from([("internal_name".to_owned(), own)]);
        if let Some(id) = &self.form.internal_objid {
            internal_ids.insert("internal_objid".to_owned(), id.trim().to_owned());
        }
        let (ra, dec) = self.position(target);
        let at_type = self.form.at_type.as_deref().unwrap_or("1");
        AtReport {
            ra: self.coordinate(ra),
            dec: self.coordinate(dec),
            reporting_groupid: self.group(),
            data_source_groupid: self.find(
                "discovery_data_source",
                self.form.discovery_data_source.as_deref(),
                &self.values.groups,
            ),
            reporter: self.who(),
            discovery_datetime: discovery.map(date_time).unwrap_or_default(),
            at_type: self.find("at_type", Some(at_type), &self.values.at_types),
            host_name: text(self.form.host_name.as_ref()),
            host_redshift: self.form.host_redshift,
            transient_redshift: self.form.redshift,
            internal_name_format: self
                .config
                .internal_name_format
                .clone()
                .filter(|_| internal_name.is_empty()),
            internal_name,
            remarks: text(self.form.remarks.as_ref()),
            proprietary_period_groups: self.groups(),
            proprietary_period: self.period(),
            non_detection: self.non_detection(data, discovery),
            photometry,
            related_files: self.files(),
            auto_class: self.auto_class(),
            internal_ids,
        }
    }

    fn position(&mut self, target: &Target) -> (Option<f64>, Option<f64>) {
        if target.target_type() == "SIDEREAL" {
            return target.position().unzip();
        }
        self.faults.push(Problem::new("target", "a moving object is no transient; TNS takes none"));
        (None, None)
    }

    fn coordinate(&self, degree: Option<f64>) -> Coordinate {
        Coordinate {
            value: degree.map(degrees).unwrap_or_default(),
            error: self.form.position_error,
            units: if self.form.position_error.is_some() { "arcsec".to_owned() } else { String::new() },
        }
    }

    /// The measurement that the form gives.
    fn given(&mut self) -> Option<(DateTime<Utc>, PhotometryEntry)> {
        let form = self.form;
        // A limit alone is no measurement; the fault of a missing flux is told by the report's rules.
        if form.flux.is_none() && form.flux_error.is_none() && form.limiting_flux.is_none() {
            return None;
        }
        let Some(time) = form.observation_date.or(form.discovery_date) else {
            self.faults.push(Problem::new("observation_date", "must be given with a flux"));
            return None;
        };
        let unit = form.flux_units.as_deref();
        let entry = PhotometryEntry {
            obsdate: date_time(time),
            flux: form.flux,
            flux_error: form.flux_error,
            limiting_flux: form.limiting_flux,
            flux_unitid: unit
                .map_or(Some(AB), |unit| self.find("flux_units", Some(unit), &self.values.units)),
            filterid: self.find("filter", form.filter.as_deref(), &self.values.filters),
            instrumentid: self.find("instrument", form.instrument.as_deref(), &self.values.instruments),
            exptime: form.exposure_time,
            observer: text(form.observer.as_ref()),
            comments: text(form.observation_remarks.as_ref()),
        };
        Some((time, entry))
    }

    /// The measurement of the form, and as many detections as a report bears beside it: those nearest
    /// in time to the discovery, which must be among them.
    fn photometry(
        &mut self,
        own: Option<(DateTime<Utc>, PhotometryEntry)>,
        mut measured: Vec<(DateTime<Utc>, &Photometry)>,
        discovery: Option<DateTime<Utc>>,
    ) -> PhotometryGroups {
        measured.sort_by_key(|(time, _)| discovery.map(|discovery| (*time - discovery).abs()));
        let room = MOST_ENTRIES - own.iter().len();
        if let Some(left @ 1..) = measured.len().checked_sub(room) {
            let all = measured.len();
            self.notes.push(format!(
                "{left} of {all} detections left out: a report bears {MOST_ENTRIES} measurements, those nearest in \
                 time to the discovery"
            ));
            measured.truncate(room);
        }
        let others = measured.into_iter().map(|(time, point)| (time, self.entry(time, point)));
        let mut entries: Vec<_> = own.into_iter().chain(others).collect();
        entries.sort_by_key(|(time, _)| *time);
        PhotometryGroups {
            photometry_group: (0..).zip(entries.into_iter().map(|(_, entry)| entry)).collect(),
        }
    }

    fn entry(&mut self, time: DateTime<Utc>, point: &Photometry) -> PhotometryEntry {
        let (flux, flux_error, unit) = match point.magnitude {
            Some(magnitude) => (Some(magnitude), point.error, self.system(point)),
            None => (
                point.flux,
                point.flux_error,
                self.find("flux_unit", point.flux_unit.as_deref(), &self.values.units),
            ),
        };
        PhotometryEntry {
            obsdate: date_time(time),
            flux: flux.map(rounded),
            flux_error: flux_error.map(rounded),
            limiting_flux: point.limiting_magnitude.filter(|_| point.magnitude.is_some()).map(rounded),
            flux_unitid: unit,
            filterid: self.filter(point),
            instrumentid: self.instrument(point),
            exptime: seconds(point).or(self.form.exposure_time),
            observer: word(point, "observer").unwrap_or_else(|| text(self.form.observer.as_ref())),
            comments: String::new(),
        }
    }

    /// The unit of a magnitude; surveys that do not name their system use AB.
    fn system(&mut self, point: &Photometry) -> Option<i64> {
        // `Vega` here, `VegaMag` in TNS's own words.
        let system = point.unit.as_deref().map(str::to_ascii_lowercase);
        match system.as_deref().map(|system| system.trim_end_matches("mag").trim_end()) {
            Some("st") => Some(2),
            Some("vega") => Some(3),
            None => {
                let unit = self.form.flux_units.as_deref();
                unit.map_or(Some(AB), |unit| self.find("flux_units", Some(unit), &self.values.units))
            }
            Some(_) => Some(AB),
        }
    }

    fn filter(&mut self, point: &Photometry) -> Option<i64> {
        let list = &self.values.filters;
        let survey = point.survey.as_deref().or(point.telescope.as_deref()).unwrap_or_default();
        let survey = if survey == "Rubin" { "LSST" } else { survey };
        let mapped = self.config.filter_mapping.get(&format!("{}-{survey}", point.filter));
        if let Some(mapped) = mapped.or_else(|| self.config.filter_mapping.get(&point.filter)) {
            return self.find("filter_mapping", Some(mapped), list);
        }
        let known = word(point, "filter_name").and_then(|label| list.labelled(&label));
        let known = known
            .or_else(|| list.labelled(&format!("{}-{survey}", point.filter)))
            .or_else(|| list.labelled(&point.filter));
        if let Some(id) = known {
            return Some(i64::from(id));
        }
        if self.form.filter.is_some() {
            return self.find("filter", self.form.filter.as_deref(), list);
        }
        let fault = format!(
            "TNS has no filter \"{}-{survey}\"; give filter, or the configuration's filter_mapping",
            point.filter
        );
        self.fault_once("filter", fault);
        None
    }

    fn instrument(&mut self, point: &Photometry) -> Option<i64> {
        let list = &self.values.instruments;
        let names = [&point.instrument, &point.telescope, &point.survey].into_iter().flatten();
        if let Some(mapped) = names.clone().find_map(|name| self.config.instrument_mapping.get(name)) {
            return self.find("instrument_mapping", Some(mapped), list);
        }
        let both = point.telescope.as_ref().zip(point.instrument.as_ref());
        let known =
            both.and_then(|(telescope, instrument)| list.labelled(&format!("{telescope} - {instrument}")));
        let known = known.or_else(|| point.instrument.as_deref().and_then(|name| list.labelled(name)));
        let camera = |name: &String| {
            CAMERAS.iter().find(|(survey, _)| survey == name).and_then(|(_, camera)| list.labelled(camera))
        };
        if let Some(id) = known.or_else(|| names.clone().find_map(camera)) {
            return Some(i64::from(id));
        }
        if self.form.instrument.is_some() {
            return self.find("instrument", self.form.instrument.as_deref(), list);
        }
        let named: Vec<_> = names.map(String::as_str).collect();
        let fault = format!(
            "TNS's list has no instrument for {:?}; give instrument, or the configuration's instrument_mapping",
            named.join(", ")
        );
        self.fault_once("instrument", fault);
        None
    }

    /// Many points of one band have one fault.
    fn fault_once(&mut self, field: &str, text: String) {
        let fault = Problem::new(field, text);
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn non_detection(&mut self, data: &[ReducedDatum], discovery: Option<DateTime<Utc>>) -> NonDetection {
        let form = self.form;
        let mut non = NonDetection {
            archiveid: self.find("archive", form.archive.as_deref(), &self.values.archives),
            archival_remarks: text(form.archival_remarks.as_ref()),
            comments: text(form.nondetection_remarks.as_ref()),
            ..NonDetection::default()
        };
        if form.nondetection_observation_date.is_some() || form.nondetection_limit.is_some() {
            let unit = form.nondetection_flux_units.as_deref();
            non.obsdate = form.nondetection_observation_date.map(date_time).unwrap_or_default();
            non.limiting_flux = form.nondetection_limit;
            non.flux_unitid = unit.map_or(Some(AB), |unit| {
                self.find("nondetection_flux_units", Some(unit), &self.values.units)
            });
            non.filterid =
                self.find("nondetection_filter", form.nondetection_filter.as_deref(), &self.values.filters);
            non.instrumentid = self.find(
                "nondetection_instrument",
                form.nondetection_instrument.as_deref(),
                &self.values.instruments,
            );
            non.exptime = form.nondetection_exposure_time;
            non.observer = text(form.nondetection_observer.as_ref());
            return non;
        }
        let limits = data.iter().filter_map(|datum| {
            let point = datum.photometry()?;
            let before = discovery.is_none_or(|discovery| datum.timestamp < discovery);
            Some((datum.timestamp, point, point.limit?)).filter(|_| before)
        });
        // An archive that was named stands for itself.
        let last = limits.max_by_key(|(time, ..)| *time).filter(|_| non.archiveid.is_none());
        if let Some((time, point, limit)) = last {
            non.obsdate = date_time(time);
            non.limiting_flux = Some(rounded(limit));
            non.flux_unitid = self.system(point);
            non.filterid = self.filter(point);
            non.instrumentid = self.instrument(point);
            non.exptime = seconds(point).or(form.exposure_time);
            non.observer = word(point, "observer").unwrap_or_else(|| text(form.observer.as_ref()));
        }
        non
    }

    fn auto_class(&mut self) -> Vec<AutoClass> {
        let form = self.form;
        if form.class_algorithm.is_none() && form.class_objtype.is_none() && form.class_probability.is_none()
        {
            return Vec::new();
        }
        vec![AutoClass {
            algorithm: text(form.class_algorithm.as_ref()),
            version: text(form.class_version.as_ref()),
            objtypeid: self.find("class_objtype", form.class_objtype.as_deref(), &self.values.objtypes),
            prob: form.class_probability,
            additional_params: String::new(),
        }]
    }

    /// The report of a class. A spectrum among the data is a file that is still to be uploaded.
    pub(super) fn class<'d>(
        &mut self,
        target: Option<&Target>,
        data: &'d [ReducedDatum],
    ) -> (ClassificationReport, Option<(DateTime<Utc>, &'d Spectroscopy)>) {
        let form = self.form;
        let names =
            target.into_iter().flat_map(|target| std::iter::once(&target.name).chain(&target.aliases));
        let name = match form.object_name.as_deref() {
            Some(name) => Some(objname(name).unwrap_or_else(|| name.trim().to_owned())),
            None => names.into_iter().find_map(|name| objname(name)),
        };
        let spectra = data.iter().filter_map(|datum| match &datum.value {
            Datum::Spectroscopy(spectrum) if !spectrum.wavelength.is_empty() => {
                Some((datum.timestamp, spectrum))
            }
            _ => None,
        });
        // A file that was uploaded before is the one that is meant.
        let upload = spectra.max_by_key(|(time, _)| *time).filter(|_| form.ascii_file.is_none());
        let time = form.observation_date.or(upload.map(|(time, _)| time));
        let entry = (time.is_some() || form.ascii_file.is_some()).then(|| {
            let own = upload.and_then(|(_, spectrum)| self.spectrograph(spectrum));
            SpectrumEntry {
                obsdate: time.map(date_time).unwrap_or_default(),
                instrumentid: match &form.instrument {
                    Some(word) => self.find("instrument", Some(word), &self.values.instruments),
                    None => own,
                },
                exptime: form.exposure_time,
                observer: text(form.observer.as_ref()),
                reducer: text(form.reducer.as_ref()),
                spectypeid: self.find(
                    "spectrum_type",
                    Some(form.spectrum_type.as_deref().unwrap_or("1")),
                    &self.values.spectra_types,
                ),
                ascii_file: match (&form.ascii_file, upload) {
                    (Some(name), _) => name.trim().to_owned(),
                    (None, Some((time, _))) => file_name(name.as_deref().unwrap_or("object"), time),
                    (None, None) => String::new(),
                },
                fits_file: text(form.fits_file.as_ref()),
                remarks: text(form.observation_remarks.as_ref()),
                spec_proprietary_period: self.period(),
            }
        });
        let report = ClassificationReport {
            name: name.unwrap_or_default(),
            classifier: self.who(),
            objtypeid: self.find("objtype", form.objtype.as_deref(), &self.values.objtypes),
            redshift: form.redshift,
            groupid: self.group(),
            remarks: text(form.remarks.as_ref()),
            class_proprietary_period: self.period(),
            class_proprietary_period_groups: self.groups(),
            related_files: self.files(),
            spectra: SpectraGroups { spectra_group: (0..).zip(entry).collect() },
        };
        (report, upload)
    }

    fn spectrograph(&mut self, spectrum: &Spectroscopy) -> Option<i64> {
        let names = [&spectrum.instrument, &spectrum.telescope].into_iter().flatten();
        if let Some(mapped) = names.clone().find_map(|name| self.config.instrument_mapping.get(name)) {
            return self.find("instrument_mapping", Some(mapped), &self.values.instruments);
        }
        names.into_iter().find_map(|name| self.values.instruments.labelled(name)).map(i64::from)
    }
}

/// The detections among the data.
fn detections(data: &[ReducedDatum]) -> Vec<(DateTime<Utc>, &Photometry)> {
    let seen = |point: &Photometry| {
        let positive = point.flux.is_some_and(|flux| flux > 0.0);
        point.magnitude.is_some() || (positive && point.limit.is_none() && point.negative_magnitude.is_none())
    };
    let points = data.iter().filter_map(|datum| Some((datum.timestamp, datum.photometry()?)));
    points.filter(|(_, point)| seen(point)).collect()
}

/// The name of a file that tells its object and time, of characters that any service takes.
fn file_name(object: &str, time: DateTime<Utc>) -> String {
    let object: String = object.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("tns_{object}_{}.ascii", time.format("%Y%m%d_%H%M%S"))
}

/// The first of the target's names that is no IAU name.
fn survey_name(target: &Target) -> &str {
    let mut names = std::iter::once(&target.name).chain(&target.aliases);
    names.find(|name| objname(name).is_none()).map_or("", String::as_str)
}

/// A magnitude or flux without the noise of binary fractions: ten digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.9e}").parse().unwrap_or(value)
}

fn word(point: &Photometry, key: &str) -> Option<String> {
    point.extra.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn seconds(point: &Photometry) -> Option<f64> {
    point.extra.get("exptime")?.as_f64()
}
