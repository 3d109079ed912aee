//! Classifications: what Fink's classifiers and cross-matches say of an alert.

use super::lsst::LsstAlert;
use super::packet::FinkPacket;
use super::read::{computed, known};
use super::ztf::ZtfAlert;
use crate::plugin::*;

/// Everything that an alert says of its class.
pub(super) fn of(alert: &FinkPacket) -> Vec<Classification> {
    match alert {
        FinkPacket::Ztf(alert) => ztf(alert),
        FinkPacket::Lsst(alert) => lsst(alert),
    }
}

struct Classes {
    version: Option<String>,
    found: Vec<Classification>,
}

impl Classes {
    fn push(&mut self, classifier: &str, class: Option<&str>, probability: Option<f64>, own: bool) {
        let Some(class) = class else { return };
        self.found.push(Classification {
            classifier: classifier.to_owned(),
            version: if own { self.version.clone() } else { None },
            class: class.to_owned(),
            probability,
            rank: None,
        });
    }

    /// A class, without a probability.
    fn label(&mut self, classifier: &str, class: Option<&str>) {
        self.push(classifier, class, None, classifier == "Fink");
    }

    /// A probability of one class, where it was computed.
    fn score(&mut self, classifier: &str, class: &str, score: Option<f64>) {
        if let Some(score) = computed(score) {
            self.push(classifier, Some(class), Some(score), true);
        }
    }
}

fn ztf(alert: &ZtfAlert) -> Vec<Classification> {
    let mut classes =
        Classes { version: known(&alert.fink_science_version).map(str::to_owned), found: Vec::new() };
    classes.label("Fink", alert.class());
    classes.score("rf_snia_vs_nonia", "SN Ia", alert.rf_snia_vs_nonia);
    classes.score("snn_snia_vs_nonia", "SN Ia", alert.snn_snia_vs_nonia);
    classes.score("snn_sn_vs_all", "SN", alert.snn_sn_vs_all);
    classes.score("rf_kn_vs_nonkn", "Kilonova", alert.rf_kn_vs_nonkn);
    classes.score("mulens", "Microlensing", alert.mulens);
    classes.score("slsn_score", "SLSN", alert.slsn_score);
    classes.label("TNS", known(&alert.tns));
    classes.label("SIMBAD", known(&alert.cdsxmatch));
    classes.label("GCVS", known(&alert.gcvs));
    classes.label("VSX", known(&alert.vsx));
    classes.label("Gaia DR3", known(&alert.gaia_class));
    classes.found
}

fn lsst(alert: &LsstAlert) -> Vec<Classification> {
    let mut classes =
        Classes { version: known(&alert.fink_science_version).map(str::to_owned), found: Vec::new() };
    classes.push("CATS", alert.cats_label().as_deref(), computed(alert.cats_score), true);
    classes.score("snnSnVsOthers", "SN", alert.snn_sn_vs_others);
    classes.score("earlySNIa", "SN Ia", alert.early_snia_score);
    classes.label("cross-match", known(&alert.main_label_crossmatch));
    classes.label("TNS", known(&alert.tns_type));
    classes.label("SIMBAD", known(&alert.simbad_otype));
    classes.label("GCVS", known(&alert.gcvs_type));
    classes.label("VSX", known(&alert.vsx_type));
    classes.found
}
