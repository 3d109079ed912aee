//! The classifiers and classes that were known when this was written: the hints of the form, and what its
//! rule on classes goes by. The live list is `Alerce::classifiers`.

/// A classifier with its classes.
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) classes: &'static [&'static str],
}

pub(super) const STAMP: &[&str] = &["SN", "AGN", "VS", "asteroid", "bogus"];
pub(super) const TOP: &[&str] = &["Transient", "Stochastic", "Periodic"];
pub(super) const STAMP_BETA: &[&str] = &["SN", "AGN", "VS", "asteroid", "bogus", "satellite"];
#[rustfmt::skip]
pub(super) const LIGHT_CURVE: &[&str] = &[
    "SNIa", "SNIbc", "SNII", "SLSN", "QSO", "AGN", "Blazar", "CV/Nova", "YSO",
    "LPV", "E", "DSCT", "RRL", "CEP", "Periodic-Other",
];
#[rustfmt::skip]
pub(super) const FORCED: &[&str] = &[
    "SNIa", "SNIbc", "SNIIb", "SNII", "SNIIn", "SLSN", "TDE", "Microlensing", "QSO", "AGN", "Blazar",
    "YSO", "CV/Nova", "LPV", "EA", "EB/EW", "Periodic-Other", "RSCVn", "CEP", "RRLab", "RRLc", "DSCT",
];

/// Only for telling a class that is set beside the wrong classifier; a name that is not here passes.
pub(super) const CLASSIFIERS: &[Known] = &[
    Known { name: "lc_classifier", classes: LIGHT_CURVE },
    Known { name: "lc_classifier_top", classes: TOP },
    Known { name: "lc_classifier_BHRF_forced_phot", classes: FORCED },
    Known { name: "lc_classifier_BHRF_forced_phot_top", classes: TOP },
    Known { name: "LC_classifier_BHRF_forced_phot(beta)", classes: FORCED },
    Known { name: "LC_classifier_ATAT_forced_phot(beta)", classes: FORCED },
    Known { name: "stamp_classifier", classes: STAMP },
    Known { name: "stamp_classifier_2025_beta", classes: STAMP_BETA },
    Known { name: "stamp_classifier_rubin_beta", classes: STAMP },
    Known { name: "stamp_classifier_rubin_beta_20260421", classes: STAMP },
];
