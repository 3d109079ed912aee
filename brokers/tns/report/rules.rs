//! What the service documents of a good report, checked before anything is sent.

use super::shape::{AtReport, ClassificationReport, Exposure, MOST_ENTRIES, NonDetection, ProprietaryPeriod};
use crate::plugin::*;

const MOST_IDS: usize = 5;
const INSTRUMENT: &str = "the instrument by its label in TNS's list";
const GROUP: &str = "a group that the bot belongs to, by reporting_group or the configuration's group_names";

/// Gathers the faults of one report.
struct Faults(Vec<Problem>);

impl Faults {
    fn check(&mut self, field: impl Into<String>, holds: bool, text: impl Into<String>) {
        if !holds {
            self.0.push(Problem::new(field, text));
        }
    }

    fn needs(&mut self, field: impl Into<String>, given: bool, how: &str) {
        let text = if how.is_empty() { "must be given".to_owned() } else { format!("must be given: {how}") };
        self.check(field, given, text);
    }

    fn sound(&mut self, field: impl Into<String>, value: Option<f64>, low: f64, high: f64) {
        if let Some(value) = value.filter(|value| !(low..=high).contains(value)) {
            self.0.push(Problem::new(field, format!("{value} is outside {low}..={high}")));
        }
    }

    fn finite(&mut self, field: impl Into<String>, value: Option<f64>) {
        self.check(field, value.is_none_or(f64::is_finite), "must be a finite number");
    }

    fn date(&mut self, field: &str, text: &str) -> Option<DateTime<Utc>> {
        let time = date(text);
        let due = "is no UTC time such as 2026-01-07 03:12:00, 2026-01-07.13333 or a Julian date";
        if !text.is_empty() {
            self.check(field, time.is_some(), format!("{text:?} {due}"));
            let past = time.is_none_or(|time| time <= Utc::now());
            self.check(field, past, format!("{text} has not been yet"));
        }
        time
    }

    /// The rules of every exposure; the result is its time.
    fn exposure(&mut self, field: &dyn Fn(&str) -> String, of: &Exposure) -> Option<DateTime<Utc>> {
        self.needs(field("obsdate"), !of.obsdate.is_empty(), "");
        let time = self.date(&field("obsdate"), &of.obsdate);
        self.finite(field("limiting_flux"), of.limiting_flux);
        self.needs(field("flux_unitid"), of.flux_unitid.is_some(), "");
        self.needs(field("filterid"), of.filterid.is_some(), "the filter by its label in TNS's list");
        self.needs(field("instrumentid"), of.instrumentid.is_some(), INSTRUMENT);
        self.sound(field("exptime"), of.exptime, 0.0, 1e7);
        time
    }

    fn period(&mut self, field: &str, period: Option<&ProprietaryPeriod>) {
        if let Some(period) = period {
            self.sound(field, period.proprietary_period_value, 0.0, 1e4);
            let known = ["days", "months", "years"].contains(&period.proprietary_period_units.as_str());
            self.check(field, known, "its unit is days, months or years");
        }
    }

    fn count(&mut self, field: &str, count: usize) {
        self.check(
            field,
            count <= MOST_ENTRIES,
            format!("{count} entries; the service takes {MOST_ENTRIES}"),
        );
    }
}

/// A time of a report: text, date with a fraction of the day, or Julian date.
pub(super) fn date(text: &str) -> Option<DateTime<Utc>> {
    /// Julian dates of this century are beyond it, and no day of a month is.
    const LEAST_JD: f64 = 2_400_000.0;
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return Some(number).filter(|jd| *jd > LEAST_JD).and_then(time::utc_from_jd);
    }
    if let Some((day, fraction)) = text.split_once('.')
        && day.len() == 10
    {
        let fraction: f64 = format!("0.{fraction}").parse().ok()?;
        let micros = chrono::Duration::microseconds((fraction * 86_400e6).round() as i64);
        return time::parse_utc(day)?.checked_add_signed(micros);
    }
    time::parse_utc(text)
}

impl AtReport {
    /// Everything that the service would refuse.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut faults = Faults(Vec::new());
        faults.check(
            "ra",
            sky::parse_ra(&self.ra.value).is_some(),
            "no right ascension in degrees or as HH:MM:SS",
        );
        faults.check(
            "dec",
            sky::parse_dec(&self.dec.value).is_some(),
            "no declination in degrees or as ±DD:MM:SS",
        );
        faults.check(
            "internal_name",
            !Survey::Lsst.has_id(self.internal_name.trim()),
            "a number alone is no name; an object of Rubin is LSST-AP-DO- and its number",
        );
        faults.sound("ra.error", self.ra.error, 0.0, 3600.0);
        faults.sound("dec.error", self.dec.error, 0.0, 3600.0);
        faults.needs("reporting_groupid", self.reporting_groupid.is_some(), GROUP);
        let source = "the group whose data it was found in, by discovery_data_source";
        faults.needs("data_source_groupid", self.data_source_groupid.is_some(), source);
        let reporter =
            "who reports, as it shall be printed, by reporter or the configuration's default_authors";
        faults.needs("reporter", !self.reporter.trim().is_empty(), reporter);
        let when = "when it was discovered, by discovery_date or a detection among the data";
        faults.needs("discovery_datetime", !self.discovery_datetime.is_empty(), when);
        let discovery = faults.date("discovery_datetime", &self.discovery_datetime);
        faults.needs("at_type", self.at_type.is_some(), "");
        faults.sound("host_redshift", self.host_redshift, -1.0, 20.0);
        faults.sound("transient_redshift", self.transient_redshift, -1.0, 20.0);
        faults.period("proprietary_period", self.proprietary_period.as_ref());
        non_detection(&mut faults, &self.non_detection, discovery);
        self.photometry_problems(&mut faults);
        for (index, class) in self.auto_class.iter().enumerate() {
            let field = |name: &str| format!("auto_class.{index}.{name}");
            faults.needs(field("algorithm"), !class.algorithm.trim().is_empty(), "");
            faults.needs(field("objtypeid"), class.objtypeid.is_some(), "");
            faults.needs(field("prob"), class.prob.is_some(), "");
            faults.sound(field("prob"), class.prob, 0.0, 1.0);
        }
        faults.count("auto_class", self.auto_class.len());
        faults.count("related_files", self.related_files.len());
        let ids = self.internal_ids.len();
        faults.check("internal_ids", ids <= MOST_IDS, format!("{ids} names; the service takes {MOST_IDS}"));
        faults.0
    }

    fn photometry_problems(&self, faults: &mut Faults) {
        let entries = &self.photometry.photometry_group;
        let how = "a detection, by observation_date, flux, filter and instrument, or among the data";
        faults.needs("photometry", !entries.is_empty(), how);
        faults.count("photometry", entries.len());
        for (index, entry) in entries {
            let field = |name: &str| format!("photometry.{index}.{name}");
            faults.exposure(&field, &entry.exposure);
            faults.needs(field("flux"), entry.flux.is_some(), "");
            faults.finite(field("flux"), entry.flux);
            faults.sound(field("flux_error"), entry.flux_error, 0.0, f64::MAX);
        }
    }
}

/// Either an exposure before the discovery, or an archive.
fn non_detection(faults: &mut Faults, non: &NonDetection, discovery: Option<DateTime<Utc>>) {
    let dark = &non.exposure;
    let none = dark.obsdate.is_empty() && dark.limiting_flux.is_none();
    if let Some(archive) = non.archiveid {
        const OTHER: i64 = 0;
        let said = archive != OTHER || !non.archival_remarks.trim().is_empty();
        let how = "archive 0 is another one: say which, and what it shows";
        faults.needs("non_detection.archival_remarks", said, how);
        // With an archive an exposure may be left out, but not be given by half.
        if none {
            return;
        }
    }
    if none && dark.filterid.is_none() {
        let how = "the last exposure without it (nondetection_observation_date, nondetection_limit, \
                   nondetection_filter, nondetection_instrument, or a limit among the data), or archive and \
                   archival_remarks";
        return faults.needs("non_detection", false, how);
    }
    let field = |name: &str| format!("non_detection.{name}");
    let time = faults.exposure(&field, dark);
    let before = time.zip(discovery).is_none_or(|(time, discovery)| time < discovery);
    faults.check(field("obsdate"), before, "must be before the discovery");
    faults.needs(field("limiting_flux"), dark.limiting_flux.is_some(), "");
}

impl ClassificationReport {
    /// Everything that the service would refuse.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut faults = Faults(Vec::new());
        let named = super::super::objname(&self.name).is_some_and(|name| name == self.name);
        faults.check("name", named, "the IAU name without prefix must be given, such as 2026abc");
        let who =
            "who classified it, as it shall be printed, by classifier or the configuration's default_authors";
        faults.needs("classifier", !self.classifier.trim().is_empty(), who);
        faults.needs("objtypeid", self.objtypeid.is_some(), "the class, by objtype");
        faults.needs("groupid", self.groupid.is_some(), GROUP);
        faults.sound("redshift", self.redshift, -1.0, 20.0);
        faults.period("class_proprietary_period", self.class_proprietary_period.as_ref());
        faults.count("related_files", self.related_files.len());
        let entries = &self.spectra.spectra_group;
        let how = "a spectrum, by observation_date, instrument, observer and ascii_file, or among the data";
        faults.needs("spectra", !entries.is_empty(), how);
        faults.count("spectra", entries.len());
        for (index, entry) in entries {
            let field = |name: &str| format!("spectra.{index}.{name}");
            faults.needs(field("obsdate"), !entry.obsdate.is_empty(), "");
            faults.date(&field("obsdate"), &entry.obsdate);
            faults.needs(field("instrumentid"), entry.instrumentid.is_some(), INSTRUMENT);
            faults.needs(field("observer"), !entry.observer.trim().is_empty(), "");
            faults.needs(field("spectypeid"), entry.spectypeid.is_some(), "");
            let file = "the name that an upload gave the ASCII file";
            faults.needs(field("ascii_file"), !entry.ascii_file.trim().is_empty(), file);
            faults.sound(field("exptime"), entry.exptime, 0.0, 1e7);
            faults.period(&field("spec_proprietary_period"), entry.spec_proprietary_period.as_ref());
        }
        faults.0
    }
}
