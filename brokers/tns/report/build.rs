//! From a target, its data and the form to a report, with every fault gathered.

use std::collections::BTreeMap;

use super::super::TnsConfig;
use super::super::listing::degrees;
use super::super::names::objname;
use super::super::query::number;
use super::super::values::{List, Values};
use super::form::{PeriodUnit, TnsSubmission};
use super::shape::*;
use crate::plugin::form::given;
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

fn date_time(time: DateTime<Utc>) -> String {
    let whole = time.timestamp_subsec_micros() == 0;
    time.format(if whole { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S%.6f" }).to_string()
}

fn text(of: &Option<String>) -> String {
    given(of).unwrap_or_default().to_owned()
}

impl<'a> Builder<'a> {
    fn find(&mut self, field: &str, word: Option<&str>, list: &List) -> Option<i64> {
        match number(word.filter(|word| !word.trim().is_empty())?, list) {
            Ok(id) => Some(i64::from(id)),
            Err(fault) => self.fault(field, fault),
        }
    }

    /// Notes a fault; many points of one band have one. What stands in for the number keeps the report's
    /// rules from telling it again, and is never sent.
    fn fault(&mut self, field: &str, text: String) -> Option<i64> {
        const STAND_IN: i64 = 1;
        let fault = Problem::new(field, text);
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
        Some(STAND_IN)
    }

    fn group(&mut self) -> Option<i64> {
        let word = self.form.reporting_group.as_ref().or(self.config.group_names.first());
        self.find("reporting_group", word.map(String::as_str), &self.values.groups)
    }

    fn who(&self) -> String {
        text(if self.form.reporter.is_some() { &self.form.reporter } else { &self.config.default_authors })
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
        let names = self.form.related_files.iter().map(|name| name.trim().to_owned());
        let file = |related_file_name| RelatedFile { related_file_name, ..RelatedFile::default() };
        (0..).zip(names.map(file)).collect()
    }

    /// The report of a transient.
    pub(super) fn transient(&mut self, target: &Target, data: &[ReducedDatum]) -> AtReport {
        let (form, values) = (self.form, self.values);
        let own = self.given();
        let measured = detections(data);
        let times = own.iter().map(|(time, _)| *time).chain(measured.iter().map(|(time, _)| *time));
        let discovery = form.discovery_date.or(times.min());
        let photometry = self.photometry(own, measured, discovery);
        let internal_name = given(&form.internal_name).unwrap_or_else(|| survey_name(target)).to_owned();
        let own = if internal_name.is_empty() { &target.name } else { &internal_name };
        let mut internal_ids = BTreeMap::from([("internal_name".to_owned(), own.clone())]);
        internal_ids
            .extend(given(&form.internal_objid).map(|id| ("internal_objid".to_owned(), id.to_owned())));
        let (ra, dec) = self.position(target);
        let source = form.discovery_data_source.as_deref();
        let at_type = form.at_type.as_deref().unwrap_or("1");
        let internal_name_format = self.config.internal_name_format.clone();
        AtReport {
            ra: self.coordinate(ra),
            dec: self.coordinate(dec),
            reporting_groupid: self.group(),
            data_source_groupid: self.find("discovery_data_source", source, &values.groups),
            reporter: self.who(),
            discovery_datetime: discovery.map(date_time).unwrap_or_default(),
            at_type: self.find("at_type", Some(at_type), &values.at_types),
            host_name: text(&form.host_name),
            host_redshift: form.host_redshift,
            transient_redshift: form.redshift,
            internal_name_format: internal_name_format.filter(|_| internal_name.is_empty()),
            internal_name,
            remarks: text(&form.remarks),
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
        if target.target_type() != "SIDEREAL" {
            self.fault("target", "a moving object is no transient; TNS takes none".to_owned());
            return (Some(0.0), Some(0.0));
        }
        target.position().unzip()
    }

    fn coordinate(&self, degree: Option<f64>) -> Coordinate {
        let error = self.form.position_error;
        let units = error.map_or("", |_| "arcsec").to_owned();
        Coordinate { value: degree.map(degrees).unwrap_or_default(), error, units }
    }

    /// The measurement that the form gives.
    fn given(&mut self) -> Option<(DateTime<Utc>, PhotometryEntry)> {
        let form = self.form;
        // A limit alone is no measurement; the fault of a missing flux is told by the report's rules.
        if form.flux.is_none() && form.flux_error.is_none() && form.limiting_flux.is_none() {
            return None;
        }
        let time = form.observation_date.or(form.discovery_date).unwrap_or_else(|| {
            self.fault("observation_date", "must be given with a flux".to_owned());
            Utc::now()
        });
        let words = [&form.flux_units, &form.filter, &form.instrument];
        let exposure = Exposure {
            obsdate: date_time(time),
            limiting_flux: form.limiting_flux,
            exptime: form.exposure_time,
            observer: text(&form.observer),
            comments: text(&form.observation_remarks),
            ..self.setup(["flux_units", "filter", "instrument"], words)
        };
        Some((time, PhotometryEntry { exposure, flux: form.flux, flux_error: form.flux_error }))
    }

    /// What the form says of the detections among the data, where they do not say it themselves.
    fn of_detections(&self) -> Words<'a> {
        let form = self.form;
        Words {
            fields: ["filter", "instrument"],
            filter: given(&form.filter),
            instrument: given(&form.instrument),
            exposure_time: form.exposure_time,
            observer: given(&form.observer),
        }
    }

    /// The same of the limit that is the non-detection, which may have been taken otherwise.
    fn of_limit(&self) -> Words<'a> {
        let (form, mut words) = (self.form, self.of_detections());
        if let Some(filter) = given(&form.nondetection_filter) {
            (words.fields[0], words.filter) = ("nondetection_filter", Some(filter));
        }
        if let Some(instrument) = given(&form.nondetection_instrument) {
            (words.fields[1], words.instrument) = ("nondetection_instrument", Some(instrument));
        }
        words.exposure_time = form.nondetection_exposure_time.or(words.exposure_time);
        words.observer = given(&form.nondetection_observer).or(words.observer);
        words
    }

    /// Unit, filter and instrument of an exposure by the words of the form.
    fn setup(&mut self, fields: [&str; 3], words: [&Option<String>; 3]) -> Exposure {
        let (values, [unit, filter, instrument]) = (self.values, words.map(Option::as_deref));
        Exposure {
            flux_unitid: unit.map_or(Some(AB), |unit| self.find(fields[0], Some(unit), &values.units)),
            filterid: self.find(fields[1], filter, &values.filters),
            instrumentid: self.find(fields[2], instrument, &values.instruments),
            ..Exposure::default()
        }
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
        let (flux, flux_error, depth, unit) = match point.magnitude {
            Some(magnitude) => (Some(magnitude), point.error, point.limiting_magnitude, self.system(point)),
            None => {
                let unit = self.find("flux_units", point.flux_unit.as_deref(), &self.values.units);
                (point.flux, point.flux_error, None, unit)
            }
        };
        PhotometryEntry {
            exposure: self.exposure(time, point, depth, unit, &self.of_detections()),
            flux: flux.map(rounded),
            flux_error: flux_error.map(rounded),
        }
    }

    fn exposure(
        &mut self,
        time: DateTime<Utc>,
        point: &Photometry,
        limit: Option<f64>,
        unit: Option<i64>,
        words: &Words<'_>,
    ) -> Exposure {
        Exposure {
            obsdate: date_time(time),
            limiting_flux: limit.map(rounded),
            flux_unitid: unit,
            filterid: self.filter(point, words),
            instrumentid: self.instrument(point, words),
            exptime: exposure_time(&point.extra).or(words.exposure_time),
            observer: person(&point.extra, "observer")
                .or_else(|| words.observer.map(str::to_owned))
                .unwrap_or_default(),
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
            Some(_) => Some(AB),
            None => self.setup(["flux_units", "", ""], [&self.form.flux_units, &None, &None]).flux_unitid,
        }
    }

    fn filter(&mut self, point: &Photometry, words: &Words<'_>) -> Option<i64> {
        let (list, mapping) = (&self.values.filters, &self.config.filter_mapping);
        let survey = point.survey.as_deref().or(point.telescope.as_deref()).unwrap_or_default();
        let survey = if survey == "Rubin" { "LSST" } else { survey };
        let full = format!("{}-{survey}", point.filter);
        let named = point.extra.get("filter_name");
        let named = named.as_ref().and_then(Value::as_str);
        let known = [named, Some(&full), Some(&point.filter)].into_iter().flatten();
        let found = Found {
            mapped: mapping.get(&full).or_else(|| mapping.get(point.filter.as_str())),
            known: known.filter_map(|label| list.labelled(label)).next(),
            word: words.filter,
        };
        let field = words.fields[0];
        let fault =
            || format!("TNS has no filter \"{full}\"; give {field}, or the configuration's filter_mapping");
        self.choose(field, "filter_mapping", found, list, fault)
    }

    fn instrument(&mut self, point: &Photometry, words: &Words<'_>) -> Option<i64> {
        let list = &self.values.instruments;
        let names = [&point.instrument, &point.telescope, &point.survey].into_iter().flatten();
        let both = point.telescope.as_ref().zip(point.instrument.as_ref());
        let both = both.map(|(telescope, instrument)| format!("{telescope} - {instrument}"));
        let own = [both.as_deref(), point.instrument.as_deref()].into_iter().flatten();
        let cameras = names.clone().flat_map(|name| CAMERAS.iter().filter(move |(survey, _)| survey == name));
        let found = Found {
            mapped: names.clone().find_map(|name| self.config.instrument_mapping.get(name.as_str())),
            known: own.chain(cameras.map(|(_, camera)| *camera)).find_map(|name| list.labelled(name)),
            word: words.instrument,
        };
        let field = words.fields[1];
        let fault = || {
            let named: Vec<_> = names.map(Text::as_str).collect();
            format!(
                "TNS's list has no instrument for {:?}; give {field}, or the configuration's instrument_mapping",
                named.join(", ")
            )
        };
        self.choose(field, "instrument_mapping", found, list, fault)
    }

    /// The number of a point's filter or instrument: as the configuration maps it, else as TNS knows it,
    /// else as the form says.
    fn choose(
        &mut self,
        field: &str,
        mapping: &str,
        found: Found<'_>,
        list: &List,
        fault: impl FnOnce() -> String,
    ) -> Option<i64> {
        match found {
            Found { mapped: Some(label), .. } => self.find(mapping, Some(label), list),
            Found { known: Some(id), .. } => Some(i64::from(id)),
            Found { word: Some(word), .. } => self.find(field, Some(word), list),
            _ => self.fault(field, fault()),
        }
    }

    fn non_detection(&mut self, data: &[ReducedDatum], discovery: Option<DateTime<Utc>>) -> NonDetection {
        let form = self.form;
        let archiveid = self.find("archive", form.archive.as_deref(), &self.values.archives);
        let limits = data.iter().filter_map(|datum| {
            let point = datum.photometry()?;
            let before = discovery.is_none_or(|discovery| datum.timestamp < discovery);
            Some((datum.timestamp, point, point.limit?)).filter(|_| before)
        });
        // An archive that was named stands for itself.
        let last = limits.max_by_key(|(time, ..)| *time).filter(|_| archiveid.is_none());
        let exposure = if form.nondetection_observation_date.is_some() || form.nondetection_limit.is_some() {
            let fields = ["nondetection_flux_units", "nondetection_filter", "nondetection_instrument"];
            let words =
                [&form.nondetection_flux_units, &form.nondetection_filter, &form.nondetection_instrument];
            Exposure {
                obsdate: form.nondetection_observation_date.map(date_time).unwrap_or_default(),
                limiting_flux: form.nondetection_limit,
                exptime: form.nondetection_exposure_time,
                observer: text(&form.nondetection_observer),
                ..self.setup(fields, words)
            }
        } else if let Some((time, point, limit)) = last {
            let unit = self.system(point);
            self.exposure(time, point, Some(limit), unit, &self.of_limit())
        } else {
            Exposure::default()
        };
        let exposure = Exposure { comments: text(&form.nondetection_remarks), ..exposure };
        NonDetection { exposure, archiveid, archival_remarks: text(&form.archival_remarks) }
    }

    fn auto_class(&mut self) -> Vec<AutoClass> {
        let form = self.form;
        if form.class_algorithm.is_none() && form.class_objtype.is_none() && form.class_probability.is_none()
        {
            return Vec::new();
        }
        vec![AutoClass {
            algorithm: text(&form.class_algorithm),
            version: text(&form.class_version),
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
    ) -> (ClassificationReport, Option<&'d Spectroscopy>) {
        let form = self.form;
        let names =
            target.into_iter().flat_map(|target| std::iter::once(&target.name).chain(&target.aliases));
        let name = match given(&form.object_name) {
            Some(name) => objname(name).unwrap_or_else(|| name.to_owned()),
            None => names.into_iter().find_map(|name| objname(name)).unwrap_or_default(),
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
            let kind = form.spectrum_type.as_deref().unwrap_or("1");
            let planned = upload.map(|(time, _)| file_name(&name, time));
            let extra = upload.map(|(_, spectrum)| &spectrum.extra);
            let who = |said: &Option<String>, role: &str| {
                let known = extra.and_then(|extra| person(extra, role));
                given(said).map(str::to_owned).or(known).unwrap_or_default()
            };
            SpectrumEntry {
                obsdate: time.map(date_time).unwrap_or_default(),
                instrumentid: self.spectrograph(upload.map(|(_, spectrum)| spectrum)),
                exptime: form.exposure_time.or_else(|| exposure_time(extra?)),
                observer: who(&form.observer, "observer"),
                reducer: who(&form.reducer, "reducer"),
                spectypeid: self.find("spectrum_type", Some(kind), &self.values.spectra_types),
                ascii_file: planned.unwrap_or_else(|| text(&form.ascii_file)),
                fits_file: text(&form.fits_file),
                remarks: text(&form.observation_remarks),
                spec_proprietary_period: self.period(),
            }
        });
        let report = ClassificationReport {
            name,
            classifier: self.who(),
            objtypeid: self.find("objtype", form.objtype.as_deref(), &self.values.objtypes),
            redshift: form.redshift,
            groupid: self.group(),
            remarks: text(&form.remarks),
            class_proprietary_period: self.period(),
            class_proprietary_period_groups: self.groups(),
            related_files: self.files(),
            spectra: SpectraGroups { spectra_group: (0..).zip(entry).collect() },
        };
        (report, upload.map(|(_, spectrum)| spectrum))
    }

    /// The instrument of a spectrum: as the form says, else as the configuration maps it, else as TNS
    /// knows it.
    fn spectrograph(&mut self, spectrum: Option<&Spectroscopy>) -> Option<i64> {
        let list = &self.values.instruments;
        if let Some(word) = &self.form.instrument {
            return self.find("instrument", Some(word), list);
        }
        let spectrum = spectrum?;
        let mut names = [&spectrum.instrument, &spectrum.telescope].into_iter().flatten();
        match names.clone().find_map(|name| self.config.instrument_mapping.get(name.as_str())) {
            Some(mapped) => self.find("instrument_mapping", Some(mapped), list),
            None => names.find_map(|name| list.labelled(name)).map(i64::from),
        }
    }
}

/// What a form says of an exposure beside what the data say.
struct Words<'a> {
    /// The fields of filter and instrument, for faults.
    fields: [&'static str; 2],
    filter: Option<&'a str>,
    instrument: Option<&'a str>,
    exposure_time: Option<f64>,
    observer: Option<&'a str>,
}

/// Where the number of a filter or instrument may come from.
struct Found<'a> {
    /// What the configuration maps it to.
    mapped: Option<&'a String>,
    /// Its number in TNS's list.
    known: Option<u32>,
    /// What the form says.
    word: Option<&'a str>,
}

/// The detections among the data. Forced photometry measures at a known place, where noise reaches the
/// bounds of a magnitude long before the discovery: it is none.
fn detections(data: &[ReducedDatum]) -> Vec<(DateTime<Utc>, &Photometry)> {
    let seen = |point: &Photometry| {
        if point.forced {
            return false;
        }
        let positive = point.flux.is_some_and(|flux| flux > 0.0);
        point.magnitude.is_some() || (positive && point.limit.is_none() && point.negative_magnitude.is_none())
    };
    let points = data.iter().filter_map(|datum| Some((datum.timestamp, datum.photometry()?)));
    points.filter(|(_, point)| seen(point)).collect()
}

fn exposure_time(extra: &Extra) -> Option<f64> {
    extra.get("exposure_time")?.as_f64()
}

/// Who did something, where the data say it.
fn person(extra: &Extra, role: &str) -> Option<String> {
    Some(extra.get(role)?.as_str()?.trim().to_owned()).filter(|name| !name.is_empty())
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
