//! `TnsSubmission`: what a report needs beside the target and its data.

use crate::plugin::*;

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReportKind {
    /// A transient: new, or observed again.
    #[default]
    At,
    /// The class of a known transient.
    Classification,
}

/// Unit of a proprietary period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PeriodUnit {
    /// Days.
    #[default]
    Days,
    /// Months.
    Months,
    /// Years.
    Years,
}

/// A report of a target. The position comes from the target; photometry, the last limit before the
/// discovery and spectra come from the data that go with it, or from the fields here.
///
/// A report bears ten measurements: the one that is given here, and of the data the detections nearest
/// in time to the discovery. The receipt says how many were left out. Forced photometry is no detection.
///
/// Filters, instruments, units, groups and types are given by TNS's label or number.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct TnsSubmission {
    /// Which report. Default: of a transient.
    #[garde(skip)]
    #[schemars(title = "Report", extend("x-group" = "Report"))]
    pub report: ReportKind,
    /// IAU name of the object, for a classification. Default: the target's.
    #[garde(skip)]
    #[schemars(title = "Object name", extend("x-group" = "Report", "x-alias" = ["name"]))]
    pub object_name: Option<String>,
    /// Who reports or classified it, as it shall be printed. Default: the configuration's authors.
    #[garde(skip)]
    #[schemars(title = "Reporter", extend("x-group" = "Report", "x-alias" = ["classifier", "submitter"]))]
    pub reporter: Option<String>,
    /// The group that reports. Default: the first of the configuration.
    #[garde(skip)]
    #[schemars(title = "Reporting group", extend("x-group" = "Report", "x-alias" = ["reporting_groupid", "groupid"]))]
    pub reporting_group: Option<String>,
    /// The group whose data it was found in.
    #[garde(skip)]
    #[schemars(title = "Data source", extend("x-group" = "Report", "x-alias" = ["data_source_groupid"]))]
    pub discovery_data_source: Option<String>,
    /// Remarks of the report.
    #[garde(skip)]
    #[schemars(title = "Remarks", extend("x-group" = "Report", "x-alias" = ["discovery_remarks", "classification_remarks"]))]
    pub remarks: Option<String>,
    /// Names of files that were uploaded before and go with the report, ten at most.
    #[garde(skip)]
    #[schemars(title = "Related files", extend("x-group" = "Report"))]
    pub related_files: Vec<String>,
    /// How long the report is proprietary, in `proprietary_units`.
    #[garde(range(min = 0, max = 10000))]
    #[schemars(title = "Proprietary period", extend("x-group" = "Report"))]
    pub proprietary_period: Option<u32>,
    /// Unit of that. Default: days.
    #[garde(skip)]
    #[schemars(title = "Unit of the period", extend("x-group" = "Report"))]
    pub proprietary_units: Option<PeriodUnit>,
    /// Groups that see it until then.
    #[garde(skip)]
    #[schemars(title = "Groups of the period", extend("x-group" = "Report"))]
    pub proprietary_groups: Vec<String>,
    /// The survey's name. Default: the first of the target's names that is no IAU name.
    #[garde(skip)]
    #[schemars(title = "Internal name", extend("x-group" = "Discovery"))]
    pub internal_name: Option<String>,
    /// A number of your own, which comes back with the reply.
    #[garde(skip)]
    #[schemars(title = "Internal ID", extend("x-group" = "Discovery"))]
    pub internal_objid: Option<String>,
    /// Error of the position.
    #[garde(range(min = 0.0, max = 3600.0))]
    #[schemars(title = "Position error", extend("x-unit" = "arcsec", "x-group" = "Discovery"))]
    pub position_error: Option<f64>,
    /// When it was discovered, UTC. Default: the first detection.
    #[garde(skip)]
    #[schemars(title = "Discovery date", extend("x-group" = "Discovery"))]
    pub discovery_date: Option<DateTime<Utc>>,
    /// What it may be: 0 other, 1 possible supernova, 2 possible nova, 3 known AGN, 4 possibly nuclear,
    /// 5 radio burst. Default: 1.
    #[garde(skip)]
    #[schemars(title = "AT type", extend("x-group" = "Discovery", "x-hints" = ["1", "0", "2", "3", "4", "5"]))]
    pub at_type: Option<String>,
    /// Host galaxy.
    #[garde(skip)]
    #[schemars(title = "Host", extend("x-group" = "Discovery"))]
    pub host_name: Option<String>,
    /// Redshift of the host.
    #[garde(range(min = -1.0, max = 20.0))]
    #[schemars(title = "Host redshift", extend("x-group" = "Discovery"))]
    pub host_redshift: Option<f64>,
    /// Redshift of the transient.
    #[garde(range(min = -1.0, max = 20.0))]
    #[schemars(title = "Redshift", extend("x-group" = "Discovery", "x-alias" = ["transient_redshift"]))]
    pub redshift: Option<f64>,
    /// When it was last not seen, UTC. Default: the last limit among the data before the discovery.
    #[garde(skip)]
    #[schemars(title = "Non-detection: date", extend("x-group" = "Non-detection"))]
    pub nondetection_observation_date: Option<DateTime<Utc>>,
    /// What could just have been seen then.
    #[garde(skip)]
    #[schemars(title = "Non-detection: limit", extend("x-group" = "Non-detection", "x-alias" = ["nondetection_flux"]))]
    pub nondetection_limit: Option<f64>,
    /// Unit of that. Default: AB magnitudes.
    #[garde(skip)]
    #[schemars(title = "Non-detection: unit", extend("x-group" = "Non-detection"))]
    pub nondetection_flux_units: Option<String>,
    /// Filter, also of a limit among the data whose band is in no mapping.
    #[garde(skip)]
    #[schemars(title = "Non-detection: filter", extend("x-group" = "Non-detection"))]
    pub nondetection_filter: Option<String>,
    /// Instrument, also of a limit among the data whose instrument is in no mapping.
    #[garde(skip)]
    #[schemars(title = "Non-detection: instrument", extend("x-group" = "Non-detection"))]
    pub nondetection_instrument: Option<String>,
    /// Exposure time.
    #[garde(range(min = 0.0, max = 1e7))]
    #[schemars(title = "Non-detection: exposure", extend("x-unit" = "s", "x-group" = "Non-detection"))]
    pub nondetection_exposure_time: Option<f64>,
    /// Who observed.
    #[garde(skip)]
    #[schemars(title = "Non-detection: observer", extend("x-group" = "Non-detection"))]
    pub nondetection_observer: Option<String>,
    /// Comments.
    #[garde(skip)]
    #[schemars(title = "Non-detection: remarks", extend("x-group" = "Non-detection"))]
    pub nondetection_remarks: Option<String>,
    /// The archive that shows nothing, in place of an exposure: 0 other, 1 SDSS, 2 DSS.
    #[garde(skip)]
    #[schemars(title = "Archive", extend("x-group" = "Non-detection", "x-hints" = ["0", "1", "2"]))]
    pub archive: Option<String>,
    /// What the archive shows; must be given for archive 0.
    #[garde(skip)]
    #[schemars(title = "Archival remarks", extend("x-group" = "Non-detection"))]
    pub archival_remarks: Option<String>,
    /// When the measurement or spectrum was taken, UTC. Default of a measurement: `discovery_date`.
    #[garde(skip)]
    #[schemars(title = "Observation date", extend("x-group" = "Observation"))]
    pub observation_date: Option<DateTime<Utc>>,
    /// Brightness, in `flux_units`; this measurement is always one of the ten that a report bears.
    #[garde(skip)]
    #[schemars(title = "Flux", extend("x-group" = "Observation"))]
    pub flux: Option<f64>,
    /// Its error.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Flux error", extend("x-group" = "Observation"))]
    pub flux_error: Option<f64>,
    /// What could just have been seen.
    #[garde(skip)]
    #[schemars(title = "Limiting flux", extend("x-group" = "Observation"))]
    pub limiting_flux: Option<f64>,
    /// Unit of the three. Default: AB magnitudes.
    #[garde(skip)]
    #[schemars(title = "Flux unit", extend("x-group" = "Observation", "x-hints" = ["ABMag", "STMag", "VegaMag", "Jy", "mJy", "nJy"]))]
    pub flux_units: Option<String>,
    /// Filter, also of data whose band is in no mapping.
    #[garde(skip)]
    #[schemars(title = "Filter", extend("x-group" = "Observation"))]
    pub filter: Option<String>,
    /// Instrument, also of data whose instrument is in no mapping.
    #[garde(skip)]
    #[schemars(title = "Instrument", extend("x-group" = "Observation"))]
    pub instrument: Option<String>,
    /// Exposure time.
    #[garde(range(min = 0.0, max = 1e7))]
    #[schemars(title = "Exposure time", extend("x-unit" = "s", "x-group" = "Observation"))]
    pub exposure_time: Option<f64>,
    /// Who observed.
    #[garde(skip)]
    #[schemars(title = "Observer", extend("x-group" = "Observation"))]
    pub observer: Option<String>,
    /// Remarks of the measurement or spectrum.
    #[garde(skip)]
    #[schemars(title = "Observation remarks", extend("x-group" = "Observation", "x-alias" = ["photometry_remarks", "spectrum_remarks"]))]
    pub observation_remarks: Option<String>,
    /// The program that thinks to know the class.
    #[garde(skip)]
    #[schemars(title = "Program", extend("x-group" = "Class by a program"))]
    pub class_algorithm: Option<String>,
    /// Its version.
    #[garde(skip)]
    #[schemars(title = "Version", extend("x-group" = "Class by a program"))]
    pub class_version: Option<String>,
    /// The class that it gives.
    #[garde(skip)]
    #[schemars(title = "Program's class", extend("x-group" = "Class by a program"))]
    pub class_objtype: Option<String>,
    /// Its probability.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "Probability", extend("x-group" = "Class by a program"))]
    pub class_probability: Option<f64>,
    /// The class, for a classification.
    #[garde(skip)]
    #[schemars(title = "Class", extend("x-group" = "Classification", "x-alias" = ["classification", "objtypeid"], "x-hints" = ["SN Ia", "SN Ib", "SN Ic", "SN II", "SN IIn", "SN IIb", "SLSN-I", "TDE"]))]
    pub objtype: Option<String>,
    /// Who reduced the spectrum.
    #[garde(skip)]
    #[schemars(title = "Reducer", extend("x-group" = "Classification"))]
    pub reducer: Option<String>,
    /// What the spectrum is of: 1 object, 2 host, 3 sky, 4 arcs, 5 synthetic. Default: 1.
    #[garde(skip)]
    #[schemars(title = "Spectrum type", extend("x-group" = "Classification", "x-hints" = ["1", "2", "3", "4", "5"]))]
    pub spectrum_type: Option<String>,
    /// Name of the ASCII file that was uploaded before. Default: the spectrum among the data is
    /// uploaded.
    #[garde(skip)]
    #[schemars(title = "ASCII file", extend("x-group" = "Classification"))]
    pub ascii_file: Option<String>,
    /// Name of the FITS file that was uploaded before.
    #[garde(skip)]
    #[schemars(title = "FITS file", extend("x-group" = "Classification"))]
    pub fits_file: Option<String>,
}

impl Form for TnsSubmission {}
