//! Everything that Hermes would refuse, lose or misread in a message, found before it is sent.

use std::collections::HashSet;

use super::message::{HermesData, HermesMessage};
use super::rows::*;
use super::words::{self, blank, instant, mjd};
use crate::plugin::*;

impl HermesMessage {
    /// Every fault of the message at once, each with its place such as `data.photometry[0].brightness`.
    ///
    /// Beside what Hermes refuses these are the things that it would take and change: a brightness
    /// of exactly 0, which it takes for none, and extras under the name of a table.
    #[must_use]
    pub fn faults(&self) -> Vec<Problem> {
        let mut check = Check { faults: Vec::new(), names: HashSet::new() };
        for (field, text) in [("title", &self.title), ("topic", &self.topic), ("submitter", &self.submitter)]
        {
            check.holds(field, !text.trim().is_empty(), "must be given");
        }
        if !self.topic.trim().is_empty() {
            check.holds("topic", words::is_topic(self.topic.trim()), words::TOPIC_DUE);
        }
        let data = &self.data;
        check.faults.extend(data.unreadable.iter().cloned());
        check.holds("data", data.left_out == 0, "some values could not be read; they would be missing");
        let event = data.event_id.as_deref().map_or(0, |id| id.chars().count());
        check.holds(
            "data.event_id",
            event <= MOST_OF_EVENT,
            "has more than 64 characters, so Hermes would publish it and never list it",
        );
        for (index, row) in data.references.iter().enumerate() {
            check.reference(&format!("data.references[{index}]"), row);
        }
        for (index, row) in data.targets.iter().enumerate() {
            check.target(&format!("data.targets[{index}]"), row);
        }
        check.names = data.targets.iter().map(|target| target.name.clone()).collect();
        for (index, row) in data.photometry.iter().enumerate() {
            check.photometry(&format!("data.photometry[{index}]"), row);
        }
        for (index, row) in data.spectroscopy.iter().enumerate() {
            check.spectrum(&format!("data.spectroscopy[{index}]"), row);
        }
        for (index, row) in data.astrometry.iter().enumerate() {
            check.astrometry(&format!("data.astrometry[{index}]"), row);
        }
        for key in HermesData::KEYS.iter().filter(|key| data.extra.contains_key(**key)) {
            check.fault(&format!("data.extra.{key}"), "this is the name of a table; fill that");
        }
        self.elsewhere(&mut check);
        check.faults
    }

    /// What TNS and GCN want beside.
    fn elsewhere(&self, check: &mut Check) {
        let authors = !self.authors.trim().is_empty();
        if self.submit_to_gcn == Some(true) {
            check.holds("authors", authors, "must be given for a GCN circular");
            let text = !self.message_text.trim().is_empty();
            check.holds("message_text", text, "must be given for a GCN circular");
        }
        if self.submit_to_tns != Some(true) {
            return;
        }
        check.holds("authors", authors, "must be given for TNS");
        let data = &self.data;
        check.holds("data.targets", !data.targets.is_empty(), "TNS needs a target");
        let either = data.photometry.is_empty() != data.spectroscopy.is_empty();
        let text = "TNS takes either photometry (a discovery) or spectroscopy (a classification)";
        check.holds("data", either, text);
        for (index, target) in data.targets.iter().enumerate() {
            check.reported(&format!("data.targets[{index}]"), target, self);
        }
        for (index, row) in data.spectroscopy.iter().enumerate() {
            let place = format!("data.spectroscopy[{index}]");
            for (key, text) in [
                ("instrument", &row.instrument),
                ("observer", &row.observer),
                ("classification", &row.classification),
            ] {
                check.holds(&format!("{place}.{key}"), !blank(text), "must be given for TNS");
            }
            let written = |file: &HermesFile| {
                let name = file.name.as_deref().unwrap_or_default().to_lowercase();
                name.ends_with(".ascii") || name.ends_with(".txt")
            };
            let file = row.file_info.iter().any(written);
            check.holds(&format!("{place}.file_info"), file, "must have a .ascii or .txt file for TNS");
        }
    }
}

struct Check {
    faults: Vec<Problem>,
    names: HashSet<String>,
}

/// The most characters of a target's name and of an event's id that Hermes' index takes.
const MOST_OF_NAME: usize = 128;
const MOST_OF_EVENT: usize = 64;

const NEGATIVE: &str = "must be a number, 0 or more";
const NO_DATE: &str = "is no date; give ISO 8601, or a JD or MJD";
const DATE: &str = "must be given";

impl Check {
    fn fault(&mut self, place: &str, text: impl Into<String>) {
        self.faults.push(Problem::new(place, text));
    }

    fn holds(&mut self, place: &str, holds: bool, text: &str) {
        if !holds {
            self.fault(place, text);
        }
    }

    fn finite(&mut self, place: &str, row: &[(&str, Option<f64>)]) {
        for (key, value) in row {
            let finite = value.is_none_or(f64::is_finite);
            self.holds(&format!("{place}.{key}"), finite, "must be a finite number");
        }
    }

    fn not_negative(&mut self, place: &str, row: &[(&str, Option<f64>)]) {
        for (key, value) in row {
            let sound = value.is_none_or(|value| value.is_finite() && value >= 0.0);
            self.holds(&format!("{place}.{key}"), sound, NEGATIVE);
        }
    }

    fn word(&mut self, place: &str, key: &str, known: Option<bool>, words: &[&str]) {
        if known == Some(false) {
            self.fault(&format!("{place}.{key}"), format!("must be one of {}", words.join(", ")));
        }
    }

    /// A place in degrees, both of it or none.
    fn position(&mut self, place: &str, ra: Option<f64>, dec: Option<f64>) {
        match (ra, dec) {
            (Some(_), None) => self.fault(&format!("{place}.dec"), "must be given with ra"),
            (None, Some(_)) => self.fault(&format!("{place}.ra"), "must be given with dec"),
            _ => {}
        }
        let within = |value: Option<f64>, low, high| value.is_none_or(|value| (low..=high).contains(&value));
        self.holds(&format!("{place}.ra"), within(ra, 0.0, 360.0), "must be within 0..=360 degrees");
        self.holds(&format!("{place}.dec"), within(dec, -90.0, 90.0), "must be within -90..=90 degrees");
    }

    fn reference(&mut self, place: &str, row: &HermesReference) {
        let cited = !blank(&row.source) && !blank(&row.citation);
        self.holds(place, cited || !blank(&row.url), "give source and citation, or url");
        if let Some(url) = row.url.as_deref().filter(|url| !url.trim().is_empty()) {
            self.holds(&format!("{place}.url"), Url::parse(url).is_ok(), "is no URL");
        }
        if row.source.as_deref() == Some("hop_uuid") {
            let sound = row.citation.as_deref().is_some_and(words::is_uuid);
            self.holds(&format!("{place}.citation"), sound, "must be the uuid of a message");
        }
    }

    fn files(&mut self, place: &str, files: &[HermesFile]) {
        for (index, file) in files.iter().enumerate() {
            let place = format!("{place}.file_info[{index}]");
            self.holds(&format!("{place}.name"), !blank(&file.name), "must be given");
            let there = file.url.as_deref().is_some_and(|url| Url::parse(url).is_ok());
            self.holds(&format!("{place}.url"), there, "must be a URL; Hermes fails on a file without one");
        }
    }

    fn target(&mut self, place: &str, row: &HermesTarget) {
        let name = row.name.trim();
        self.holds(&format!("{place}.name"), !name.is_empty(), "must be given");
        let short = row.name.chars().count() <= MOST_OF_NAME;
        let text = "has more than 128 characters, so Hermes would publish it and never list it";
        self.holds(&format!("{place}.name"), short, text);
        let new = name.is_empty() || self.names.insert(row.name.clone());
        self.holds(&format!("{place}.name"), new, "must be there once; another target has it");
        self.position(place, row.ra, row.dec);
        if row.ra.is_none() && row.dec.is_none() && row.orbital_elements.is_none() {
            self.fault(place, "give ra and dec, or orbital_elements");
        }
        if let Some(elements) = &row.orbital_elements {
            self.elements(&format!("{place}.orbital_elements"), elements);
        }
        self.not_negative(place, &[("ra_error", row.ra_error), ("dec_error", row.dec_error)]);
        self.finite(place, &[("pm_ra", row.pm_ra), ("pm_dec", row.pm_dec)]);
        self.not_negative(place, &[("distance", row.distance), ("distance_error", row.distance_error)]);
        self.finite(place, &[("redshift", row.redshift), ("host_redshift", row.host_redshift)]);
        let epoch = row.epoch.as_deref().is_none_or(|text| text.trim().is_empty() || instant(text).is_some());
        self.holds(&format!("{place}.epoch"), epoch, "must be a year such as 2000.0");
        self.angle_units(place, row.ra_error_units.as_ref(), row.dec_error_units.as_ref());
        let unit = row.distance_units.as_ref();
        let measured = row.distance.is_some() || row.distance_error.is_some();
        self.holds(&format!("{place}.distance_units"), !measured || unit.is_some(), "must be given");
        self.word(place, "distance_units", unit.map(|u| u.is_known()), words::DistanceUnit::WORDS);
        if let Some(info) = &row.discovery_info {
            let place = format!("{place}.discovery_info");
            let sort = info.transient_type.as_ref().map(|sort| sort.is_known());
            self.word(&place, "transient_type", sort, words::TransientType::WORDS);
            let unit = info.proprietary_period_units.as_ref().map(|unit| unit.is_known());
            self.word(&place, "proprietary_period_units", unit, words::PeriodUnit::WORDS);
            self.not_negative(&place, &[("proprietary_period", info.proprietary_period)]);
            let date = info.date.as_deref().is_none_or(|text| instant(text).is_some());
            self.holds(&format!("{place}.date"), date, NO_DATE);
        }
        self.files(place, &row.file_info);
    }

    /// What TNS wants of a target, in a message with photometry (a discovery) or with spectra.
    fn reported(&mut self, place: &str, row: &HermesTarget, message: &HermesMessage) {
        self.holds(place, row.ra.is_some() && row.dec.is_some(), "TNS needs ra and dec");
        let none = HermesDiscovery::default();
        let info = row.discovery_info.as_ref().unwrap_or(&none);
        let due = "must be given for TNS";
        self.holds(&format!("{place}.discovery_info.reporting_group"), !blank(&info.reporting_group), due);
        if message.data.photometry.is_empty() {
            return;
        }
        let new = row.new_discovery == Some(true);
        self.holds(&format!("{place}.new_discovery"), new, "must be true for a discovery at TNS");
        self.holds(&format!("{place}.discovery_info.discovery_source"), !blank(&info.discovery_source), due);
        self.holds(&format!("{place}.discovery_info.transient_type"), info.transient_type.is_some(), due);
        let rows = || message.data.photometry.iter().filter(|point| point.target_name == row.name);
        self.holds(place, rows().any(|point| point.brightness.is_some()), "TNS needs a detection");
        let limit = rows().any(|point| point.limiting_brightness.is_some());
        let text = "TNS needs a limit before the detection, or discovery_info.nondetection_source";
        self.holds(place, limit || !blank(&info.nondetection_source), text);
    }

    fn angle_units(&mut self, place: &str, ra: Option<&words::AngleUnit>, dec: Option<&words::AngleUnit>) {
        for (key, unit) in [("ra_error_units", ra), ("dec_error_units", dec)] {
            self.word(place, key, unit.map(|unit| unit.is_known()), words::AngleUnit::WORDS);
        }
    }

    fn elements(&mut self, place: &str, row: &HermesElements) {
        let epoch = row.epoch_of_elements.as_deref();
        self.holds(&format!("{place}.epoch_of_elements"), epoch.and_then(mjd).is_some(), NO_DATE);
        for (key, value, most) in [
            ("orbital_inclination", row.orbital_inclination, 180.0),
            ("longitude_of_the_ascending_node", row.longitude_of_the_ascending_node, 360.0),
            ("argument_of_the_perihelion", row.argument_of_the_perihelion, 360.0),
            ("eccentricity", row.eccentricity, f64::MAX),
        ] {
            let sound = value.is_some_and(|value| (0.0..=most).contains(&value));
            let text = match most {
                f64::MAX => NEGATIVE.to_owned(),
                most => format!("must be within 0..={most} degrees"),
            };
            self.holds(&format!("{place}.{key}"), sound, &text);
        }
        let zero = "is exactly 0, which Hermes takes for none; give a tiny number";
        for (key, value) in [
            ("semimajor_axis", row.semimajor_axis),
            ("mean_anomaly", row.mean_anomaly),
            ("perihelion_distance", row.perihelion_distance),
        ] {
            self.holds(&format!("{place}.{key}"), value != Some(0.0), zero);
        }
        self.finite(
            place,
            &[("semimajor_axis", row.semimajor_axis), ("perihelion_distance", row.perihelion_distance)],
        );
        let anomaly = row.mean_anomaly.is_none_or(|angle| (0.0..=360.0).contains(&angle));
        self.holds(&format!("{place}.mean_anomaly"), anomaly, "must be within 0..=360 degrees");
        let planet = row.semimajor_axis.is_some() && row.mean_anomaly.is_some();
        let perihelion = row.epoch_of_perihelion.as_deref();
        let comet = row.perihelion_distance.is_some() && perihelion.is_some();
        let text = "give semimajor_axis and mean_anomaly, or perihelion_distance and epoch_of_perihelion";
        self.holds(place, planet || comet, text);
        let date = perihelion.is_none_or(|text| mjd(text).is_some());
        self.holds(&format!("{place}.epoch_of_perihelion"), date, NO_DATE);
    }

    /// What every row of data needs.
    fn row(
        &mut self,
        place: &str,
        target: &str,
        date: Option<&str>,
        telescope: &Option<String>,
        instrument: &Option<String>,
    ) {
        let known = self.names.contains(target);
        self.holds(&format!("{place}.target_name"), known, "must be the name of a target of this message");
        match date.map(str::trim).filter(|date| !date.is_empty()) {
            None => self.fault(&format!("{place}.date_obs"), DATE),
            Some(date) => self.holds(&format!("{place}.date_obs"), instant(date).is_some(), NO_DATE),
        }
        let named = !blank(telescope) || !blank(instrument);
        self.holds(&format!("{place}.telescope"), named, "telescope or instrument must be given");
    }

    fn photometry(&mut self, place: &str, row: &HermesPhotometry) {
        self.row(place, &row.target_name, row.date_obs.as_deref(), &row.telescope, &row.instrument);
        self.holds(&format!("{place}.bandpass"), !blank(&row.bandpass), "must be given");
        let values = [("brightness", row.brightness), ("limiting_brightness", row.limiting_brightness)];
        self.finite(place, &values);
        for (key, value) in values {
            let text = "is exactly 0, which Hermes takes for none; give a tiny number";
            self.holds(&format!("{place}.{key}"), value != Some(0.0), text);
        }
        let any = values.iter().any(|(_, value)| value.is_some());
        self.holds(place, any, "give brightness or limiting_brightness");
        self.not_negative(
            place,
            &[
                ("brightness_error", row.brightness_error),
                ("limiting_brightness_error", row.limiting_brightness_error),
                ("exposure_time", row.exposure_time),
            ],
        );
        for (key, unit) in [
            ("brightness_unit", &row.brightness_unit),
            ("limiting_brightness_unit", &row.limiting_brightness_unit),
        ] {
            let known = unit.as_ref().map(|unit| unit.is_known());
            self.word(place, key, known, words::BrightnessUnit::WORDS);
        }
    }

    fn spectrum(&mut self, place: &str, row: &HermesSpectrum) {
        self.row(place, &row.target_name, row.date_obs.as_deref(), &row.telescope, &row.instrument);
        let arrays = !row.flux.is_empty() || !row.wavelength.is_empty();
        self.holds(place, arrays || !row.file_info.is_empty(), "give flux and wavelength, or file_info");
        let equal = row.flux.len() == row.wavelength.len();
        self.holds(&format!("{place}.flux"), equal, "must have as many numbers as wavelength");
        let errors = row.flux_error.is_empty() || row.flux_error.len() == row.flux.len();
        self.holds(&format!("{place}.flux_error"), errors, "must have as many numbers as flux, or none");
        for (key, list) in
            [("flux", &row.flux), ("wavelength", &row.wavelength), ("flux_error", &row.flux_error)]
        {
            let finite = list.iter().all(|number| number.is_finite());
            self.holds(&format!("{place}.{key}"), finite, "must be finite numbers");
        }
        self.not_negative(
            place,
            &[("exposure_time", row.exposure_time), ("proprietary_period", row.proprietary_period)],
        );
        let words: [(&str, Option<bool>, &[&str]); 5] = [
            ("flux_units", row.flux_units.as_ref().map(|w| w.is_known()), words::FluxUnit::WORDS),
            ("flux_type", row.flux_type.as_ref().map(|w| w.is_known()), words::FluxType::WORDS),
            (
                "wavelength_units",
                row.wavelength_units.as_ref().map(|w| w.is_known()),
                words::WavelengthUnit::WORDS,
            ),
            ("spec_type", row.spec_type.as_ref().map(|w| w.is_known()), words::SpectrumType::WORDS),
            (
                "proprietary_period_units",
                row.proprietary_period_units.as_ref().map(|w| w.is_known()),
                words::PeriodUnit::WORDS,
            ),
        ];
        for (key, known, words) in words {
            self.word(place, key, known, words);
        }
        self.files(place, &row.file_info);
    }

    fn astrometry(&mut self, place: &str, row: &HermesAstrometry) {
        self.row(place, &row.target_name, row.date_obs.as_deref(), &row.telescope, &row.instrument);
        self.position(place, row.ra, row.dec);
        self.holds(place, row.ra.is_some() || row.dec.is_some(), "give ra and dec");
        self.not_negative(place, &[("ra_error", row.ra_error), ("dec_error", row.dec_error)]);
        self.angle_units(place, row.ra_error_units.as_ref(), row.dec_error_units.as_ref());
    }
}
