//! What ALeRCE can be asked, and where it is: `AlerceQuery` and `AlerceConfig`.

use super::snapshot::{self, CLASSIFIERS, Known};
use super::toolkit;
use crate::plugin::*;

/// Where ALeRCE's services are.
///
/// Whoever sets `base_url` alone sends every service to that origin, each under its own default
/// path: `http://127.0.0.1:8000/ztf/v1/` makes LSST's listing
/// `http://127.0.0.1:8000/object_api/list_objects`. No service needs a credential.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct AlerceConfig {
    /// Root of the ZTF service v1. Default: the public one.
    #[garde(skip)]
    #[schemars(title = "ZTF service")]
    pub base_url: Option<Url>,
    /// Root of the light-curve service v2, for forced photometry; its default path is
    /// `/v2/lightcurve/`.
    #[garde(skip)]
    #[schemars(title = "Light-curve service")]
    pub v2_url: Option<Url>,
    /// Root of the LSST services, above `object_api/`, `lightcurve_api/` and the like.
    #[garde(skip)]
    #[schemars(title = "LSST services")]
    pub lsst_url: Option<Url>,
    /// Root of the service of ZTF's stamps and alert packets.
    #[garde(skip)]
    #[schemars(title = "Stamp service")]
    pub stamp_url: Option<Url>,
    /// Root of the cross-match service catsHTM.
    #[garde(skip)]
    #[schemars(title = "Catalogue service")]
    pub catshtm_url: Option<Url>,
    /// Whether a ZTF light curve takes along forced photometry, which costs a second request.
    #[garde(skip)]
    #[schemars(title = "Forced photometry")]
    pub forced_photometry: bool,
}

impl Default for AlerceConfig {
    fn default() -> Self {
        Self {
            base_url: None,
            v2_url: None,
            lsst_url: None,
            stamp_url: None,
            catshtm_url: None,
            forced_photometry: true,
        }
    }
}

impl Form for AlerceConfig {}

macro_rules! order_by {
    ($($(#[$doc:meta])* $name:ident $word:literal $ztf:expr, $lsst:expr;)*) => {
        /// What a listing is sorted by. The fields that only one survey's service knows say so.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        #[non_exhaustive]
        pub enum OrderBy {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl OrderBy {
            /// The survey's own word; `None` when its service cannot sort by this.
            #[must_use]
            pub fn word(self, survey: Survey) -> Option<&'static str> {
                let (ztf, lsst): (Option<&str>, Option<&str>) = match self {
                    $(Self::$name => ($ztf, $lsst),)*
                };
                match survey {
                    Survey::Ztf => ztf,
                    Survey::Lsst => lsst,
                }
            }
        }
    };
}

order_by! {
    /// Id.
    Oid "oid" Some("oid"), Some("oid");
    /// Probability of the class.
    Probability "probability" Some("probability"), Some("probability");
    /// Number of detections.
    Ndet "ndet" Some("ndet"), Some("n_det");
    /// First detection.
    Firstmjd "firstmjd" Some("firstmjd"), Some("firstmjd");
    /// Last detection.
    Lastmjd "lastmjd" Some("lastmjd"), Some("lastmjd");
    /// Time from first to last detection.
    Deltajd "deltajd" Some("deltajd"), Some("deltamjd");
    /// The same, as TOM Toolkit and LSST call it.
    Deltamjd "deltamjd" Some("deltajd"), Some("deltamjd");
    /// Right ascension.
    Meanra "meanra" Some("meanra"), Some("meanra");
    /// Declination.
    Meandec "meandec" Some("meandec"), Some("meandec");
    /// Scatter of the right ascension.
    Sigmara "sigmara" Some("sigmara"), Some("sigmara");
    /// Scatter of the declination.
    Sigmadec "sigmadec" Some("sigmadec"), Some("sigmadec");
    /// Class.
    ClassName "class_name" Some("class_name"), Some("class_name");
    /// Classifier.
    ClassifierName "classifier_name" Some("classifier_name"), Some("classifier_name");
    /// Version of the classifier.
    ClassifierVersion "classifier_version" Some("classifier_version"), Some("classifier_version");
    /// Rank of the class.
    Ranking "ranking" Some("ranking"), Some("ranking");
    /// Colour at maximum, ZTF.
    GRMax "g_r_max" Some("g_r_max"), None;
    /// Colour at maximum from corrected magnitudes, ZTF.
    GRMaxCorr "g_r_max_corr" Some("g_r_max_corr"), None;
    /// Mean colour, ZTF.
    GRMean "g_r_mean" Some("g_r_mean"), None;
    /// Mean colour from corrected magnitudes, ZTF.
    GRMeanCorr "g_r_mean_corr" Some("g_r_mean_corr"), None;
    /// Number of points of forced photometry, LSST.
    NForced "n_forced" None, Some("n_forced");
    /// Number of non-detections, LSST.
    NNonDet "n_non_det" None, Some("n_non_det");
    /// Sort of object, LSST.
    Sid "sid" None, Some("sid");
}

impl OrderBy {
    /// The survey's own word, or the id where its service cannot sort by this.
    pub(super) fn word_or_id(self, survey: Survey) -> &'static str {
        self.word(survey).unwrap_or("oid")
    }
}

/// Which end of a listing comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum OrderMode {
    /// Smallest first.
    #[serde(rename = "ASC")]
    Ascending,
    /// Largest first. ZTF's service puts objects that lack the value before all others.
    #[serde(rename = "DESC")]
    Descending,
}

impl OrderMode {
    /// The services' word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ascending => "ASC",
            Self::Descending => "DESC",
        }
    }
}

/// What ALeRCE can be asked.
///
/// Everything is optional; an empty query lists all of ZTF. Times are MJD in UTC for both surveys.
/// ZTF lists an object once for each version of the classifier: set `classifier_version` too to
/// get it once. LSST lists it once for each classifier, and never one without any class.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct AlerceQuery {
    /// Which survey's objects are listed. Default: ZTF, or LSST when the ids are digits.
    #[garde(skip)]
    #[schemars(title = "Survey", extend("x-group" = "Object"))]
    pub survey: Option<Survey>,
    /// Object ids, exact; a single ZTF id may hold `*` for any letters.
    #[garde(skip)]
    #[schemars(title = "Object ID", extend("x-group" = "Object", "x-alias" = ["object_id"]))]
    pub oid: Vec<String>,
    /// Name of the classifier; the live list comes from `Alerce::classifiers`.
    #[garde(skip)]
    #[schemars(title = "Classifier", extend("x-group" = "Class", "x-hints" = [
        "lc_classifier", "lc_classifier_top", "lc_classifier_transient", "lc_classifier_stochastic",
        "lc_classifier_periodic", "lc_classifier_BHRF_forced_phot", "lc_classifier_BHRF_forced_phot_top",
        "LC_classifier_BHRF_forced_phot(beta)", "LC_classifier_ATAT_forced_phot(beta)",
        "stamp_classifier", "stamp_classifier_2025_beta",
        "stamp_classifier_rubin_beta", "stamp_classifier_rubin_beta_20260421"
    ]))]
    pub classifier: Option<String>,
    /// Version of the classifier, exact. ZTF only.
    #[garde(skip)]
    #[schemars(title = "Classifier version", extend("x-group" = "Class", "x-hints" = [
        "hierarchical_random_forest_1.1.0", "stamp_classifier_1.0.0", "stamp_classifier_1.0.4"
    ]))]
    pub classifier_version: Option<String>,
    /// Class, exact. LSST needs the classifier beside it.
    #[garde(skip)]
    #[schemars(title = "Class", extend("x-group" = "Class", "x-alias" = ["class_name"], "x-hints" = [
        "SNIa", "SNIbc", "SNIIb", "SNII", "SNIIn", "SLSN", "TDE", "Microlensing", "QSO", "AGN", "Blazar",
        "CV/Nova", "YSO", "LPV", "E", "EA", "EB/EW", "DSCT", "RRL", "RRLab", "RRLc", "CEP", "RSCVn",
        "Periodic-Other", "Transient", "Stochastic", "Periodic", "SN", "VS", "asteroid", "bogus", "satellite"
    ]))]
    pub class: Option<String>,
    /// Least probability of the class.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "Probability", extend("x-group" = "Class"))]
    pub probability: Option<f64>,
    /// Rank of the class by probability; 1 is the most probable, which is what is listed if not given.
    #[garde(range(min = 1))]
    #[schemars(title = "Ranking", extend("x-group" = "Class"))]
    pub ranking: Option<u32>,
    /// Least number of detections.
    #[garde(skip)]
    #[schemars(title = "Detections, least", extend("x-group" = "Detections", "x-alias" = ["ndet", "n_det"]))]
    pub ndet_min: Option<u32>,
    /// Largest number of detections.
    #[garde(skip)]
    #[schemars(title = "Detections, most", extend("x-group" = "Detections"))]
    pub ndet_max: Option<u32>,
    /// Earliest first detection.
    #[garde(range(min = 0.0))]
    #[schemars(title = "First detection from", extend(
        "x-unit" = "MJD", "x-format" = "mjd", "x-group" = "Detections",
        "x-alias" = ["firstmjd__gt", "firstmjd_gt", "firstmjd"]
    ))]
    pub firstmjd_min: Option<f64>,
    /// Latest first detection.
    #[garde(range(min = 0.0))]
    #[schemars(title = "First detection to", extend(
        "x-unit" = "MJD", "x-format" = "mjd", "x-group" = "Detections",
        "x-alias" = ["firstmjd__lt", "firstmjd_lt"]
    ))]
    pub firstmjd_max: Option<f64>,
    /// Earliest last detection.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Last detection from", extend(
        "x-unit" = "MJD", "x-format" = "mjd", "x-group" = "Detections",
        "x-alias" = ["lastmjd__gt", "lastmjd_gt", "lastmjd"]
    ))]
    pub lastmjd_min: Option<f64>,
    /// Latest last detection.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Last detection to", extend(
        "x-unit" = "MJD", "x-format" = "mjd", "x-group" = "Detections",
        "x-alias" = ["lastmjd__lt", "lastmjd_lt"]
    ))]
    pub lastmjd_max: Option<f64>,
    /// Right ascension of the cone's centre, J2000.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA", extend("x-unit" = "deg", "x-format" = "ra", "x-group" = "Cone search"))]
    pub ra: Option<f64>,
    /// Declination of the cone's centre, J2000.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Dec", extend("x-unit" = "deg", "x-format" = "dec", "x-group" = "Cone search"))]
    pub dec: Option<f64>,
    /// Radius of the cone.
    #[garde(range(min = 0.0, max = 324000.0))]
    #[schemars(title = "Radius", extend("x-unit" = "arcsec", "x-group" = "Cone search", "exclusiveMinimum" = 0.0))]
    pub radius: Option<f64>,
    /// What the listing is sorted by. Default: the first detection. With it and with the last detection no object is lost between two pages; other orders count the pages, and a note says so.
    #[garde(skip)]
    #[schemars(title = "Sort by", extend("x-group" = "Listing"))]
    pub order_by: Option<OrderBy>,
    /// Which end comes first. Default: ASC without an order, else as the service has it.
    #[garde(skip)]
    #[schemars(title = "Sort order", extend("x-group" = "Listing"))]
    pub order_mode: Option<OrderMode>,
    /// Objects a request. Default: 500.
    #[garde(range(min = 1, max = 1000))]
    #[schemars(title = "Page size", extend("x-group" = "Listing"))]
    pub page_size: Option<u32>,
    /// The most pages to read. Default: all.
    #[garde(range(min = 1))]
    #[schemars(title = "Pages", extend("x-group" = "Listing"))]
    pub max_pages: Option<u32>,
    /// Whether the service shall count all objects first, which is slow. ZTF only, up to 50,000.
    #[garde(skip)]
    #[schemars(title = "Count", extend("x-group" = "Listing"))]
    pub count: bool,
    /// Class by the classifier `lc_classifier`: short for `classifier` and `class`.
    #[garde(skip)]
    #[schemars(
        title = "Light curve class",
        extend("x-group" = "TOM Toolkit", "x-alias" = ["cfield_lc_classifier"], "x-hints" = snapshot::LIGHT_CURVE)
    )]
    pub lc_classifier: Option<String>,
    /// Least probability of that class.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "Light curve class: probability", extend("x-group" = "TOM Toolkit", "x-alias" = ["prob_cfield_lc_classifier"]))]
    pub p_lc_classifier: Option<f64>,
    /// Class by the classifier `lc_classifier_top`: short for `classifier` and `class`.
    #[garde(skip)]
    #[schemars(
        title = "Light curve class, top level",
        extend("x-group" = "TOM Toolkit", "x-alias" = ["cfield_lc_classifier_top"], "x-hints" = snapshot::TOP)
    )]
    pub lc_classifier_top: Option<String>,
    /// Least probability of that class.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "Light curve class, top level: probability", extend("x-group" = "TOM Toolkit", "x-alias" = ["prob_cfield_lc_classifier_top"]))]
    pub p_lc_classifier_top: Option<f64>,
    /// Class by the classifier `lc_classifier_BHRF_forced_phot`: short for `classifier` and `class`.
    #[garde(skip)]
    #[schemars(
        title = "BHRF forced photometry class",
        extend("x-group" = "TOM Toolkit", "x-alias" = ["cfield_lc_classifier_BHRF_forced_phot"], "x-hints" = snapshot::FORCED)
    )]
    pub lc_classifier_bhrf: Option<String>,
    /// Least probability of that class.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "BHRF forced photometry class: probability", extend("x-group" = "TOM Toolkit", "x-alias" = ["prob_cfield_lc_classifier_BHRF_forced_phot"]))]
    pub p_lc_classifier_bhrf: Option<f64>,
    /// Class by the classifier `lc_classifier_BHRF_forced_phot_top`: short for `classifier` and `class`.
    #[garde(skip)]
    #[schemars(
        title = "BHRF forced photometry class, top level",
        extend("x-group" = "TOM Toolkit", "x-alias" = ["cfield_lc_classifier_BHRF_forced_phot_top"], "x-hints" = snapshot::TOP)
    )]
    pub lc_classifier_bhrf_top: Option<String>,
    /// Least probability of that class.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "BHRF forced photometry class, top level: probability", extend("x-group" = "TOM Toolkit", "x-alias" = ["prob_cfield_lc_classifier_BHRF_forced_phot_top"]))]
    pub p_lc_classifier_bhrf_top: Option<f64>,
    /// Class by the classifier `LC_classifier_ATAT_forced_phot(beta)`: short for `classifier` and `class`.
    #[garde(skip)]
    #[schemars(
        title = "ATAT forced photometry class",
        extend("x-group" = "TOM Toolkit", "x-alias" = ["cfield_LC_classifier_ATAT_forced_phot(beta)"], "x-hints" = snapshot::FORCED)
    )]
    pub lc_classifier_atat: Option<String>,
    /// Least probability of that class.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "ATAT forced photometry class: probability", extend("x-group" = "TOM Toolkit", "x-alias" = ["prob_cfield_LC_classifier_ATAT_forced_phot(beta)"]))]
    pub p_lc_classifier_atat: Option<f64>,
    /// Class by the classifier `stamp_classifier`: short for `classifier` and `class`.
    #[garde(skip)]
    #[schemars(
        title = "Stamp class",
        extend("x-group" = "TOM Toolkit", "x-alias" = ["cfield_stamp_classifier"], "x-hints" = snapshot::STAMP)
    )]
    pub stamp_classifier: Option<String>,
    /// Least probability of that class.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "Stamp class: probability", extend("x-group" = "TOM Toolkit", "x-alias" = ["prob_cfield_stamp_classifier"]))]
    pub p_stamp_classifier: Option<f64>,
    /// Class by the classifier `stamp_classifier_2025_beta`: short for `classifier` and `class`.
    #[garde(skip)]
    #[schemars(
        title = "Stamp class, 2025 beta",
        extend("x-group" = "TOM Toolkit", "x-alias" = ["cfield_stamp_classifier_2025_beta"], "x-hints" = snapshot::STAMP_BETA)
    )]
    pub stamp_classifier_beta: Option<String>,
    /// Least probability of that class.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "Stamp class, 2025 beta: probability", extend("x-group" = "TOM Toolkit", "x-alias" = ["prob_cfield_stamp_classifier_2025_beta"]))]
    pub p_stamp_classifier_beta: Option<f64>,
}

/// The fields that say which survey is asked.
const SURVEY: &[&str] = &["survey", "oid"];

/// Objects a request when the query does not say.
const PAGE_SIZE: u32 = 500;

/// What a query asks of the classifiers, whichever fields said so.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Wanted<'a> {
    pub(super) classifier: Option<&'a str>,
    pub(super) class: Option<&'a str>,
    pub(super) probability: Option<f64>,
}

struct Pair<'a> {
    field: &'static str,
    p_field: &'static str,
    wanted: Wanted<'a>,
}

impl AlerceQuery {
    /// The survey that is asked: the one named, else the one that the ids have the shape of.
    #[must_use]
    pub fn survey(&self) -> Survey {
        let inferred = || self.oid.first().and_then(|oid| Survey::of_id(oid));
        self.survey.or_else(inferred).unwrap_or(Survey::Ztf)
    }

    pub(super) fn page_size(&self) -> u32 {
        self.page_size.unwrap_or(PAGE_SIZE).max(1)
    }

    /// The field pairs of TOM Toolkit, each with the classifier it stands for.
    fn pairs(&self) -> [Pair<'_>; 7] {
        macro_rules! pair {
            ($field:ident, $p_field:ident, $classifier:literal) => {
                Pair {
                    field: stringify!($field),
                    p_field: stringify!($p_field),
                    wanted: Wanted {
                        classifier: Some($classifier),
                        class: form::given(&self.$field),
                        probability: self.$p_field,
                    },
                }
            };
        }
        [
            pair!(lc_classifier, p_lc_classifier, "lc_classifier"),
            pair!(lc_classifier_top, p_lc_classifier_top, "lc_classifier_top"),
            pair!(lc_classifier_bhrf, p_lc_classifier_bhrf, "lc_classifier_BHRF_forced_phot"),
            pair!(lc_classifier_bhrf_top, p_lc_classifier_bhrf_top, "lc_classifier_BHRF_forced_phot_top"),
            pair!(lc_classifier_atat, p_lc_classifier_atat, "LC_classifier_ATAT_forced_phot(beta)"),
            pair!(stamp_classifier, p_stamp_classifier, "stamp_classifier"),
            pair!(stamp_classifier_beta, p_stamp_classifier_beta, "stamp_classifier_2025_beta"),
        ]
    }

    pub(super) fn wanted(&self) -> Wanted<'_> {
        let pair = self.pairs().into_iter().find(|pair| pair.is_given());
        pair.map_or(
            Wanted {
                classifier: form::given(&self.classifier),
                class: form::given(&self.class),
                probability: self.probability,
            },
            |pair| pair.wanted,
        )
    }

    fn id_rules(&self, rules: &mut Rules<'_>) {
        let survey = self.survey();
        let known = rules.could_read(&["survey"]);
        for oid in self.oid.iter().filter(|_| known).filter(|oid| survey != Survey::Ztf || !oid.contains('*'))
        {
            let Some(fault) = survey.id_fault(oid, "its objects go into a query of their own") else {
                continue;
            };
            rules.fault("oid", format!("{oid:.40}: {fault}"));
        }
        let pattern = self.oid.iter().any(|oid| oid.contains('*'));
        rules.check(&["oid"], !pattern || self.oid.len() == 1, "* works in a single id only");
    }

    fn class_rules(&self, rules: &mut Rules<'_>) {
        let pairs = self.pairs();
        let given_pairs: Vec<_> = pairs.iter().filter(|pair| pair.is_given()).collect();
        let plain = form::given(&self.classifier).is_some()
            || form::given(&self.class).is_some()
            || self.probability.is_some();
        let mut fields: Vec<_> = given_pairs.iter().map(|pair| pair.field).collect();
        if plain {
            fields.push("classifier");
        }
        rules.check(&fields, fields.len() <= 1, "one classifier a query; ask for the others by themselves");
        for pair in &given_pairs {
            let lone = pair.wanted.class.is_none() && pair.wanted.probability.is_some();
            let whole = !lone || !rules.could_read(&[pair.field]);
            rules.check(&[pair.p_field], whole, format!("needs a class in {}", pair.field));
        }
        let wanted = self.wanted();
        let version = form::given(&self.classifier_version).is_some();
        let named = wanted.class.is_some() || wanted.classifier.is_some() || version;
        let sound = rules.could_read(&["class", "classifier", "classifier_version"])
            && pairs.iter().all(|pair| rules.could_read(&[pair.field, pair.p_field]));
        let whole = wanted.probability.is_none() || named || !sound;
        rules.check(&["probability"], whole, "needs a class or a classifier");
        let class_field = given_pairs.first().map_or("class", |pair| pair.field);
        if let (Some(classifier), Some(class)) = (wanted.classifier, wanted.class)
            && let Some(text) = misplaced(classifier, class)
        {
            rules.fault(class_field, text);
        }
        if self.survey() == Survey::Lsst && rules.could_read(SURVEY) {
            let sound = wanted.class.is_none() || wanted.classifier.is_some();
            rules.check(&["class", "classifier"], sound, "LSST's service needs the classifier of a class");
            rules.check(&["classifier_version"], !version, "LSST's service cannot select by version");
            rules.check(&["count"], !self.count, "LSST's service does not count");
        }
    }
}

impl Pair<'_> {
    fn is_given(&self) -> bool {
        self.wanted.class.is_some() || self.wanted.probability.is_some()
    }
}

/// Why a class cannot be one of a known classifier. A class that no classifier is known to have
/// may be new, so it passes.
fn misplaced(classifier: &str, class: &str) -> Option<String> {
    let own: Vec<&Known> = CLASSIFIERS.iter().filter(|known| known.name == classifier).collect();
    let classes: Vec<&str> = own.iter().flat_map(|known| known.classes.iter().copied()).collect();
    if own.is_empty() || classes.contains(&class) {
        return None;
    }
    let text = format!("{class} is no class of {classifier}");
    if let Some(near) = classes.iter().find(|known| known.eq_ignore_ascii_case(class)) {
        return Some(format!("{text}; did you mean {near}?"));
    }
    let elsewhere = CLASSIFIERS.iter().any(|known| known.classes.contains(&class));
    elsewhere.then(|| format!("{text}; its classes are {}", classes.join(", ")))
}

impl Form for AlerceQuery {
    fn prepare(given: &mut Given) {
        toolkit::prepare(given);
    }

    fn rules(&self, rules: &mut Rules<'_>) {
        self.id_rules(rules);
        self.class_rules(rules);
        rules.cone(self.ra, self.dec, self.radius);
        for (field, mjd) in [
            ("firstmjd_min", self.firstmjd_min),
            ("firstmjd_max", self.firstmjd_max),
            ("lastmjd_min", self.lastmjd_min),
            ("lastmjd_max", self.lastmjd_max),
        ] {
            rules.mjd(field, mjd);
        }
        rules.ordered(["ndet_min", "ndet_max"], self.ndet_min, self.ndet_max);
        rules.ordered(["firstmjd_min", "firstmjd_max"], self.firstmjd_min, self.firstmjd_max);
        rules.ordered(["lastmjd_min", "lastmjd_max"], self.lastmjd_min, self.lastmjd_max);
        let survey = self.survey();
        if let Some(order) = self.order_by
            && rules.could_read(SURVEY)
        {
            let text = format!("{survey}'s service cannot sort by this");
            rules.check(&["order_by"], order.word(survey).is_some(), text);
        }
    }
}
