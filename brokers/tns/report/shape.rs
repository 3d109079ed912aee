//! The reports as the service takes them, and the rules that it documents for them.

use std::collections::BTreeMap;

use super::super::endpoints::whole_numbers;
use crate::plugin::*;

/// Reports of one submission: at most a hundred, of one sort or of both.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Reports {
    /// New transients, or further observations of known ones.
    #[serde(serialize_with = "said", skip_serializing_if = "BTreeMap::is_empty")]
    pub at_report: BTreeMap<usize, AtReport>,
    /// Classes of known transients.
    #[serde(serialize_with = "said", skip_serializing_if = "BTreeMap::is_empty")]
    pub classification_report: BTreeMap<usize, ClassificationReport>,
}

/// The most reports of a submission.
const MOST_REPORTS: usize = 100;
/// The most entries of anything that a report repeats.
pub(super) const MOST_ENTRIES: usize = 10;

impl Reports {
    /// Reports of transients.
    pub fn of_transients(reports: impl IntoIterator<Item = AtReport>) -> Self {
        Self { at_report: (0..).zip(reports).collect(), ..Self::default() }
    }

    /// Reports of classes.
    pub fn of_classes(reports: impl IntoIterator<Item = ClassificationReport>) -> Self {
        Self { classification_report: (0..).zip(reports).collect(), ..Self::default() }
    }

    /// Everything that the service would refuse, of all reports at once.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut faults = Vec::new();
        let count = self.at_report.len() + self.classification_report.len();
        if count == 0 {
            faults.push(Problem::new("", "there is no report to submit"));
        }
        if count > MOST_REPORTS {
            let text = format!("{count} reports; a submission takes {MOST_REPORTS}");
            faults.push(Problem::new("", text));
        }
        // One report alone needs no name.
        let named = |index: usize, fault: Problem| match count {
            1 => fault,
            _ => Problem::new(format!("{index}.{}", fault.field), fault.message),
        };
        for (index, report) in &self.at_report {
            faults.extend(report.problems().into_iter().map(|fault| named(*index, fault)));
        }
        for (index, report) in &self.classification_report {
            faults.extend(report.problems().into_iter().map(|fault| named(*index, fault)));
        }
        faults
    }
}

/// A report of a transient. The names of fields before API 2.0 are read too; the new ones are written.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AtReport {
    /// Right ascension.
    pub ra: Coordinate,
    /// Declination.
    pub dec: Coordinate,
    /// The group that reports; the bot must belong to it.
    #[serde(alias = "reporting_group_id", deserialize_with = "wire::whole")]
    pub reporting_groupid: Option<i64>,
    /// The group whose data it was found in.
    #[serde(alias = "discovery_data_source_id", deserialize_with = "wire::whole")]
    pub data_source_groupid: Option<i64>,
    /// Who reports, as it shall be printed.
    pub reporter: String,
    /// When it was discovered, UTC.
    pub discovery_datetime: String,
    /// What it may be: 1 is a possible supernova.
    #[serde(deserialize_with = "wire::whole")]
    pub at_type: Option<i64>,
    /// The host galaxy.
    pub host_name: String,
    /// Redshift of the host.
    #[serde(deserialize_with = "wire::number")]
    pub host_redshift: Option<f64>,
    /// Redshift of the transient.
    #[serde(deserialize_with = "wire::number")]
    pub transient_redshift: Option<f64>,
    /// The survey's name of it.
    pub internal_name: String,
    /// How the service shall make one where there is none.
    pub internal_name_format: Option<super::super::InternalNameFormat>,
    /// Remarks.
    pub remarks: String,
    /// Groups that see it while it is proprietary.
    #[serde(deserialize_with = "ids")]
    pub proprietary_period_groups: Vec<i64>,
    /// How long it is proprietary.
    pub proprietary_period: Option<ProprietaryPeriod>,
    /// When it was last not seen, or which archive shows nothing.
    pub non_detection: NonDetection,
    /// What was measured.
    pub photometry: PhotometryGroups,
    /// Files that were uploaded before, ten at most.
    pub related_files: BTreeMap<usize, RelatedFile>,
    /// What a program thinks it is, ten at most.
    pub auto_class: Vec<AutoClass>,
    /// Names of one's own, five at most, which come back with the reply.
    pub internal_ids: BTreeMap<String, String>,
}

/// An angle with its error.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Coordinate {
    /// Degrees or sexagesimal.
    pub value: String,
    /// Its error, in `units`.
    #[serde(deserialize_with = "wire::number")]
    pub error: Option<f64>,
    /// Unit of the error: `arcsec`.
    pub units: String,
}

/// How long something is proprietary.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProprietaryPeriod {
    /// How many of the units.
    #[serde(
        deserialize_with = "wire::number",
        alias = "class_proprietary_period_value",
        alias = "spec_proprietary_period_value"
    )]
    pub proprietary_period_value: Option<f64>,
    /// `days`, `months` or `years`.
    #[serde(alias = "class_proprietary_period_units", alias = "spec_proprietary_period_units")]
    pub proprietary_period_units: String,
}

/// An exposure: when, how deep, with what, by whom.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Exposure {
    /// When, UTC.
    pub obsdate: String,
    /// What could just have been seen.
    #[serde(deserialize_with = "wire::number")]
    pub limiting_flux: Option<f64>,
    /// Unit of that, and of the flux.
    #[serde(alias = "flux_units", deserialize_with = "wire::whole")]
    pub flux_unitid: Option<i64>,
    /// The filter.
    #[serde(alias = "filter_value", deserialize_with = "wire::whole")]
    pub filterid: Option<i64>,
    /// The instrument.
    #[serde(alias = "instrument_value", deserialize_with = "wire::whole")]
    pub instrumentid: Option<i64>,
    /// Exposure time, s.
    #[serde(deserialize_with = "wire::number")]
    pub exptime: Option<f64>,
    /// Who observed.
    pub observer: String,
    /// Comments.
    pub comments: String,
}

/// The last exposure without the transient, before the discovery, or an archive without it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct NonDetection {
    /// The exposure.
    #[serde(flatten)]
    pub exposure: Exposure,
    /// The archive.
    #[serde(deserialize_with = "wire::whole")]
    pub archiveid: Option<i64>,
    /// What the archive shows; must be said for archive 0, which is another one.
    pub archival_remarks: String,
}

/// The measurements of a report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PhotometryGroups {
    /// One to ten.
    pub photometry_group: BTreeMap<usize, PhotometryEntry>,
}

/// A measurement of a report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PhotometryEntry {
    /// The exposure.
    #[serde(flatten)]
    pub exposure: Exposure,
    /// Flux or magnitude.
    #[serde(deserialize_with = "wire::number")]
    pub flux: Option<f64>,
    /// Its error.
    #[serde(deserialize_with = "wire::number")]
    pub flux_error: Option<f64>,
}

/// A file that was uploaded before.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RelatedFile {
    /// The name that the upload gave it.
    pub related_file_name: String,
    /// What it is.
    pub related_file_comments: String,
}

/// What a program thinks an object is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AutoClass {
    /// The program.
    pub algorithm: String,
    /// Its version.
    pub version: String,
    /// The class.
    #[serde(deserialize_with = "wire::whole")]
    pub objtypeid: Option<i64>,
    /// Its probability, 0 to 1.
    #[serde(deserialize_with = "wire::number")]
    pub prob: Option<f64>,
    /// More that the program says.
    pub additional_params: String,
}

/// A report of a class.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ClassificationReport {
    /// The IAU name without prefix.
    pub name: String,
    /// Who classified it, as it shall be printed.
    pub classifier: String,
    /// The class.
    #[serde(deserialize_with = "wire::whole")]
    pub objtypeid: Option<i64>,
    /// Redshift of the transient.
    #[serde(deserialize_with = "wire::number")]
    pub redshift: Option<f64>,
    /// The group that classified it.
    #[serde(deserialize_with = "wire::whole")]
    pub groupid: Option<i64>,
    /// Remarks.
    pub remarks: String,
    /// How long the class is proprietary.
    #[serde(serialize_with = "class_period")]
    pub class_proprietary_period: Option<ProprietaryPeriod>,
    /// Groups that see it until then.
    #[serde(deserialize_with = "ids")]
    pub class_proprietary_period_groups: Vec<i64>,
    /// Files that were uploaded before.
    pub related_files: BTreeMap<usize, RelatedFile>,
    /// The spectra that show it.
    pub spectra: SpectraGroups,
}

/// The spectra of a report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SpectraGroups {
    /// One to ten. The service writes this name with a hyphen, and that of photometry without.
    #[serde(rename = "spectra-group", alias = "spectra_group")]
    pub spectra_group: BTreeMap<usize, SpectrumEntry>,
}

/// A spectrum of a report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SpectrumEntry {
    /// When, UTC.
    pub obsdate: String,
    /// The instrument.
    #[serde(deserialize_with = "wire::whole")]
    pub instrumentid: Option<i64>,
    /// Exposure time, s.
    #[serde(deserialize_with = "wire::number")]
    pub exptime: Option<f64>,
    /// Who observed.
    pub observer: String,
    /// Who reduced it.
    pub reducer: String,
    /// What the spectrum is of: 1 is the object.
    #[serde(deserialize_with = "wire::whole")]
    pub spectypeid: Option<i64>,
    /// The name that the upload gave the ASCII file.
    pub ascii_file: String,
    /// The name that the upload gave the FITS file.
    pub fits_file: String,
    /// Remarks.
    pub remarks: String,
    /// How long the spectrum is proprietary.
    #[serde(serialize_with = "spec_period")]
    pub spec_proprietary_period: Option<ProprietaryPeriod>,
}

/// Reports without what they do not say, as the service takes a key that is left out for unset, and with
/// whole numbers written as such.
fn said<S: Serializer, T: Serialize>(reports: &BTreeMap<usize, T>, to: S) -> Result<S::Ok, S::Error> {
    /// Whether it says something, without what in it does not.
    fn prune(value: &mut Value) -> bool {
        match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => {
                items.iter_mut().for_each(|item| _ = prune(item));
                !items.is_empty()
            }
            Value::Object(map) => {
                map.retain(|_, value| prune(value));
                !map.is_empty()
            }
            _ => true,
        }
    }
    let mut value = serde_json::to_value(reports).map_err(serde::ser::Error::custom)?;
    prune(&mut value);
    whole_numbers(value).serialize(to)
}

fn ids<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<i64>, D::Error> {
    #[derive(Deserialize)]
    struct Id(#[serde(deserialize_with = "wire::whole")] Option<i64>);
    let ids = Option::<Vec<Id>>::deserialize(from)?.unwrap_or_default();
    Ok(ids.into_iter().filter_map(|id| id.0).collect())
}

/// The same period under the names of another report.
fn period<S: Serializer>(prefix: &str, period: &Option<ProprietaryPeriod>, to: S) -> Result<S::Ok, S::Error> {
    let named = period.as_ref().map(|period| {
        BTreeMap::from([
            (format!("{prefix}_proprietary_period_value"), json!(period.proprietary_period_value)),
            (format!("{prefix}_proprietary_period_units"), json!(period.proprietary_period_units)),
        ])
    });
    named.serialize(to)
}

fn class_period<S: Serializer>(of: &Option<ProprietaryPeriod>, to: S) -> Result<S::Ok, S::Error> {
    period("class", of, to)
}

fn spec_period<S: Serializer>(of: &Option<ProprietaryPeriod>, to: S) -> Result<S::Ok, S::Error> {
    period("spec", of, to)
}
