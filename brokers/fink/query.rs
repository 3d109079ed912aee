//! What Fink can be asked, and where it is: `FinkQuery` and `FinkConfig`.

use super::columns::is_column;
use super::lsst::LsstAlert;
use super::names::is_word;
use super::ztf::ZtfAlert;
use crate::plugin::*;

/// Where Fink's services are, and what its alerts are scored by.
///
/// Whoever sets `base_url` alone sends LSST's service to that origin too, under its own default
/// path `/api/v1/`; both services have that path, so on one origin `base_url` needs another one, or
/// `lsst_url` must be set. No service needs a credential.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct FinkConfig {
    /// Root of the ZTF service. Default: the public one.
    #[garde(skip)]
    #[schemars(title = "ZTF service")]
    pub base_url: Option<Url>,
    /// Root of the LSST service. Default: the public one.
    #[garde(skip)]
    #[schemars(title = "LSST service")]
    pub lsst_url: Option<Url>,
    /// Which of Fink's scores is the score of a ZTF alert. Default: `rf_snia_vs_nonia`.
    #[garde(skip)]
    #[schemars(title = "ZTF score")]
    pub ztf_score: ZtfScore,
    /// Which of Fink's scores is the score of an LSST alert. Default: `snn_sn_vs_others`.
    #[garde(skip)]
    #[schemars(title = "LSST score")]
    pub lsst_score: LsstScore,
    /// Whether an LSST light curve takes along forced photometry, which costs a second request.
    #[garde(skip)]
    #[schemars(title = "Forced photometry")]
    pub forced_photometry: bool,
}

impl Default for FinkConfig {
    fn default() -> Self {
        Self {
            base_url: None,
            lsst_url: None,
            ztf_score: ZtfScore::default(),
            lsst_score: LsstScore::default(),
            forced_photometry: true,
        }
    }
}

impl Form for FinkConfig {}

/// A score of a ZTF alert, 0 to 1. Fink writes 0 for one that was not computed, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ZtfScore {
    /// An early supernova of type Ia, by a random forest.
    #[default]
    RfSniaVsNonia,
    /// A supernova of type Ia, by SuperNNova.
    SnnSniaVsNonia,
    /// A supernova of any type, by SuperNNova.
    SnnSnVsAll,
    /// A kilonova, by a random forest.
    RfKnVsNonkn,
    /// Microlensing.
    Mulens,
    /// A superluminous supernova.
    SlsnScore,
}

impl ZtfScore {
    pub(super) fn of(self, alert: &ZtfAlert) -> Option<f64> {
        match self {
            Self::RfSniaVsNonia => alert.rf_snia_vs_nonia,
            Self::SnnSniaVsNonia => alert.snn_snia_vs_nonia,
            Self::SnnSnVsAll => alert.snn_sn_vs_all,
            Self::RfKnVsNonkn => alert.rf_kn_vs_nonkn,
            Self::Mulens => alert.mulens,
            Self::SlsnScore => alert.slsn_score,
        }
    }
}

/// A score of an LSST alert, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LsstScore {
    /// A supernova of any type, by SuperNNova.
    #[default]
    SnnSnVsOthers,
    /// Of the class that CATS gives.
    Cats,
    /// An early supernova of type Ia.
    EarlySnia,
}

impl LsstScore {
    pub(super) fn of(self, alert: &LsstAlert) -> Option<f64> {
        match self {
            Self::SnnSnVsOthers => alert.snn_sn_vs_others,
            Self::Cats => alert.cats_score,
            Self::EarlySnia => alert.early_snia_score,
        }
    }
}

/// How the brightness of a ZTF object is to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// It brightens.
    Rising,
    /// It fades.
    Fading,
    /// A blazar is in a low state.
    LowState,
    /// A blazar has just come into a low state.
    NewLowState,
}

impl Trend {
    /// The service's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rising => "rising",
            Self::Fading => "fading",
            Self::LowState => "low_state",
            Self::NewLowState => "new_low_state",
        }
    }
}

/// Which objects the dates of a cone of LSST select.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConeKind {
    /// Those of which every detection lies between the dates.
    Within,
    /// Those that were detected between the dates.
    Across,
}

impl ConeKind {
    /// The service's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::Across => "across",
        }
    }
}

/// What Fink can be asked: one of objects, a class (ZTF), a tag (LSST), a cone, solar-system
/// objects, or a TNS name.
///
/// Times are UTC for both surveys.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct FinkQuery {
    /// Which survey's alerts are listed. Default: ZTF, or LSST when the ids are digits or a tag is given.
    #[garde(skip)]
    #[schemars(title = "Survey", extend("x-group" = "Object"))]
    pub survey: Option<Survey>,
    /// Object ids, exact: ZTF's are like `ZTF20aaelulu`, LSST's are the digits of a `diaObjectId`. Given
    /// as `objectId`, every alert is listed, as TOM Toolkit does.
    #[garde(skip)]
    #[schemars(title = "Object ID", extend("x-group" = "Object", "x-alias" = ["objectId", "diaObjectId", "oid"]))]
    pub object_id: Vec<String>,
    /// Whether every alert is listed, oldest first. Default: the latest of each object, unless the ids
    /// are given as `objectId`.
    #[garde(skip)]
    #[schemars(title = "All alerts", extend("x-group" = "Object"))]
    pub history: bool,
    /// Class, exact, upper and lower case too: Fink's own, TNS's as `(TNS) SN Ia`, SIMBAD's as
    /// `(SIMBAD) EB*`. ZTF only. The live list comes from `Fink::classes`.
    #[garde(skip)]
    #[schemars(title = "Class", extend("x-group" = "Class", "x-hints" = [
        "Early SN Ia candidate", "SN candidate", "SLSN candidate", "Kilonova candidate",
        "Microlensing candidate", "Solar System MPC", "Solar System candidate", "Tracklet", "Ambiguous",
        "(CTA) Blazar low state", "(CTA) Blazar high state", "Unknown",
        "(TNS) SN Ia", "(TNS) SN II", "(TNS) SN Ib", "(TNS) SN Ic", "(TNS) SLSN-I", "(TNS) TDE",
        "(SIMBAD) QSO", "(SIMBAD) AGN", "(SIMBAD) EB*", "(SIMBAD) RRLyr", "(SIMBAD) CataclyV*"
    ]))]
    pub class: Option<String>,
    /// How the brightness changes; the low states go with the class `(CTA) Blazar low state`. ZTF only.
    #[garde(skip)]
    #[schemars(title = "Trend", extend("x-group" = "Class"))]
    pub trend: Option<Trend>,
    /// Tag, exact. LSST only. The live list comes from `Fink::tags`.
    #[garde(skip)]
    #[schemars(title = "Tag", extend("x-group" = "Class", "x-hints" = [
        "in_tns", "most_likely_sn", "sn_near_galaxy_candidate", "extragalactic_new_candidate",
        "extragalactic_lt20mag_candidate", "hostless_candidate", "mdwarf_flare", "faint_trails"
    ]))]
    pub tag: Option<String>,
    /// Right ascension of the cone's centre, J2000.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA", extend("x-unit" = "deg", "x-format" = "ra", "x-group" = "Cone search"))]
    pub ra: Option<f64>,
    /// Declination of the cone's centre, J2000.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Dec", extend("x-unit" = "deg", "x-format" = "dec", "x-group" = "Cone search"))]
    pub dec: Option<f64>,
    /// Radius of the cone; the service takes 5 degrees at most.
    #[garde(range(min = 0.0, max = 18000.0))]
    #[schemars(title = "Radius", extend("x-unit" = "arcsec", "x-group" = "Cone search", "exclusiveMinimum" = 0.0))]
    pub radius: Option<f64>,
    /// Solar-system objects: IAU numbers, designations or names, such as `8467`, `2004 JQ12`, `10P`,
    /// `C/2020V2`. A comma parts two of them.
    #[garde(skip)]
    #[schemars(title = "Solar-system objects", extend("x-group" = "Solar system", "x-alias" = ["ssosearch", "n_or_d"]))]
    pub sso: Vec<String>,
    /// Name at the Transient Name Server, such as `SN 2023vwy`, whole or its beginning.
    #[garde(skip)]
    #[schemars(title = "TNS name", extend("x-group" = "Object"))]
    pub tns_name: Option<String>,
    /// Alerts not older than this; of a cone, objects not first detected before it.
    #[garde(skip)]
    #[schemars(title = "From", extend("x-group" = "Time"))]
    pub startdate: Option<DateTime<Utc>>,
    /// Alerts not younger than this; of a cone, objects not first detected after it.
    #[garde(skip)]
    #[schemars(title = "To", extend("x-group" = "Time"))]
    pub stopdate: Option<DateTime<Utc>>,
    /// Which objects the dates of a cone select. LSST only. Default: those first detected between them.
    #[garde(skip)]
    #[schemars(title = "Dates of a cone", extend("x-group" = "Time"))]
    pub kind: Option<ConeKind>,
    /// The last so many days, in place of the two dates. ZTF's alerts come only after the night.
    #[garde(range(min = 0.0, max = 10000.0))]
    #[schemars(title = "Days back", extend("x-unit" = "day", "x-group" = "Time", "exclusiveMinimum" = 0.0))]
    pub days: Option<f64>,
    /// The most alerts, the newest ones; of a cone the nearest. Default: 100 of a class or tag, 1000
    /// where a time is given, and all that the service gives of a cone.
    #[garde(range(min = 1))]
    #[schemars(title = "Alerts, most", extend("x-group" = "Listing"))]
    pub n: Option<u32>,
    /// Further columns to keep in the alerts' text, such as `d:mulens`; those that are needed always come.
    #[garde(skip)]
    #[schemars(title = "Further columns", extend("x-group" = "Listing"))]
    pub columns: Vec<String>,
    /// Whether every column comes, those that the service computes included, which is slow.
    #[garde(skip)]
    #[schemars(title = "Every column", extend("x-group" = "Listing"))]
    pub all_columns: bool,
    /// A cone in one text: RA, Dec, radius in arcsec, parted by commas.
    #[garde(skip)]
    #[schemars(title = "Cone Search", extend("x-group" = "TOM Toolkit"))]
    pub conesearch: Option<String>,
    /// A class and how many newest alerts, parted by a comma.
    #[garde(skip)]
    #[schemars(title = "Class Search by number", extend("x-group" = "TOM Toolkit"))]
    pub classsearch: Option<String>,
    /// A class and how many days back, parted by a comma.
    #[garde(skip)]
    #[schemars(title = "Class Search by date", extend("x-group" = "TOM Toolkit"))]
    pub classsearchdate: Option<String>,
}

/// The fields of which one says what is asked.
const CHOICES: [&str; 8] = ["object_id", "class", "tag", "ra", "dec", "radius", "sso", "tns_name"];

/// All fields that say what is asked, those of TOM Toolkit too.
const ASKS: [&str; 11] = [
    "object_id",
    "class",
    "tag",
    "ra",
    "dec",
    "radius",
    "sso",
    "tns_name",
    "conesearch",
    "classsearch",
    "classsearchdate",
];

/// Alerts of a class or tag when the query does not say how many.
const ALERTS: u32 = 100;
/// The same when it says since when.
const ALERTS_SINCE: u32 = 1_000;

/// A cone in degrees, degrees, arcsec.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cone {
    pub(super) ra: f64,
    pub(super) dec: f64,
    pub(super) radius: f64,
}

/// What a query asks for, whichever fields said so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ask<'a> {
    Objects(&'a [String]),
    Class(&'a str),
    Tag(&'a str),
    Cone(Cone),
    Sso(&'a [String]),
    Tns(&'a str),
}

impl FinkQuery {
    /// The survey that is asked: the one named, else LSST for a tag or ids of digits, else ZTF.
    #[must_use]
    pub fn survey(&self) -> Survey {
        let inferred = || match self.object_id.first() {
            Some(id) => Survey::of_id(id).unwrap_or(Survey::Ztf),
            None if form::given(&self.tag).is_some() => Survey::Lsst,
            None => Survey::Ztf,
        };
        self.survey.unwrap_or_else(inferred)
    }

    /// What is asked; `None` when nothing is, which the rules do not let pass.
    pub(super) fn ask(&self) -> Option<Ask<'_>> {
        if !self.object_id.is_empty() {
            return Some(Ask::Objects(&self.object_id));
        }
        if !self.sso.is_empty() {
            return Some(Ask::Sso(&self.sso));
        }
        let cone = || match (self.ra, self.dec, self.radius) {
            (Some(ra), Some(dec), Some(radius)) => Some(Cone { ra, dec, radius }),
            _ => form::given(&self.conesearch).and_then(|text| cone(text).ok()),
        };
        let class = form::given(&self.class).map(Ask::Class);
        class
            .or_else(|| form::given(&self.tag).map(Ask::Tag))
            .or_else(|| form::given(&self.tns_name).map(Ask::Tns))
            .or_else(|| self.class_of_two().map(|(class, _)| Ask::Class(class)))
            .or_else(|| cone().map(Ask::Cone))
    }

    /// The class of TOM Toolkit's double fields, and the number beside it.
    fn class_of_two(&self) -> Option<(&str, f64)> {
        form::given(&self.classsearch)
            .or(form::given(&self.classsearchdate))
            .and_then(|text| class_and_number(text).ok())
    }

    /// How many alerts are asked for.
    pub(super) fn most(&self) -> u32 {
        let by_number = form::given(&self.classsearch).and_then(|text| class_and_number(text).ok());
        let by_number = by_number.map(|(_, number)| number as u32);
        let since = self.startdate.is_some() || self.stopdate.is_some() || self.days_back().is_some();
        self.n.or(by_number).unwrap_or(if since { ALERTS_SINCE } else { ALERTS })
    }

    /// How many days back the query goes.
    pub(super) fn days_back(&self) -> Option<f64> {
        let by_date = || form::given(&self.classsearchdate).and_then(|text| class_and_number(text).ok());
        self.days.or_else(|| by_date().map(|(_, days)| days))
    }

    /// The fields that each say what is asked, as far as they are given.
    fn asked(&self) -> Vec<&'static str> {
        let cone = self.ra.is_some() || self.dec.is_some() || self.radius.is_some();
        let all = [
            ("object_id", !self.object_id.is_empty()),
            ("class", form::given(&self.class).is_some()),
            ("tag", form::given(&self.tag).is_some()),
            ("ra", cone),
            ("sso", !self.sso.is_empty()),
            ("tns_name", form::given(&self.tns_name).is_some()),
            ("conesearch", form::given(&self.conesearch).is_some()),
            ("classsearch", form::given(&self.classsearch).is_some()),
            ("classsearchdate", form::given(&self.classsearchdate).is_some()),
        ];
        all.into_iter().filter(|(_, given)| *given).map(|(field, _)| field).collect()
    }

    fn object_rules(&self, rules: &mut Rules<'_>) {
        let survey = self.survey();
        let known = rules.could_read(&["survey"]);
        for id in self.object_id.iter().filter(|_| known) {
            let Some(fault) = survey.id_fault(id, "its objects go into a query of their own") else {
                continue;
            };
            rules.fault("object_id", format!("{id:.40}: {fault}"));
        }
        let latest = rules.could_read(&ASKS) && matches!(self.ask(), Some(Ask::Cone(_) | Ask::Tns(_)));
        let text = "goes with object_id, class, tag or sso; the others list the latest alerts only";
        rules.check(&["history"], !self.history || !latest, text);
        let sound = self.sso.iter().all(|name| is_word(name));
        rules.check(&["sso"], sound, "a name has letters, digits, blanks, / and - only");
    }

    fn class_rules(&self, rules: &mut Rules<'_>) {
        // A field that could not be read may be what says the survey, or what is asked.
        if !rules.could_read(&ASKS) || !rules.could_read(&["survey"]) {
            return;
        }
        let lsst = self.survey() == Survey::Lsst;
        let ask = self.ask();
        let class = matches!(ask, Some(Ask::Class(_)));
        rules.check(
            &["class"],
            !(lsst && form::given(&self.class).is_some()),
            "LSST's service has tags in place of classes",
        );
        rules.check(
            &["tag"],
            lsst || form::given(&self.tag).is_none(),
            "ZTF's service has classes in place of tags",
        );
        rules.check(&["trend"], self.trend.is_none() || class, "goes with a class");
        if let (Some(Ask::Class(name)), Some(Trend::LowState | Trend::NewLowState)) = (ask, self.trend) {
            let text = "the low states go with the class (CTA) Blazar low state";
            rules.check(&["trend"], name == "(CTA) Blazar low state", text);
        }
        for (field, text) in [("classsearch", &self.classsearch), ("classsearchdate", &self.classsearchdate)]
        {
            rules.check(
                &[field],
                !lsst || form::given(text).is_none(),
                "LSST's service has tags in place of classes",
            );
            let Some(fault) = form::given(text).and_then(|text| class_and_number(text).err()) else {
                continue;
            };
            rules.fault(field, fault);
        }
        let by_number = form::given(&self.classsearch).and_then(|text| class_and_number(text).ok());
        let count =
            by_number.is_none_or(|(_, n)| n.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(&n));
        rules.check(&["classsearch"], count, "the number of alerts is a whole number of 1 or more");
        let by_date = form::given(&self.classsearchdate).and_then(|text| class_and_number(text).ok());
        let days = by_date.is_none_or(|(_, days)| days > 0.0 && days <= 10_000.0);
        rules.check(&["classsearchdate"], days, "the number of days is above 0 and at most 10000");
    }

    fn time_rules(&self, rules: &mut Rules<'_>) {
        let timed = !rules.could_read(&ASKS)
            || matches!(self.ask(), None | Some(Ask::Class(_) | Ask::Tag(_) | Ask::Cone(_)));
        let text = "goes with a class, a tag or a cone";
        rules.check(&["startdate"], self.startdate.is_none() || timed, text);
        rules.check(&["stopdate"], self.stopdate.is_none() || timed, text);
        rules.check(&["days"], self.days.is_none() || timed, text);
        rules.check(&["n"], self.n.is_none() || timed, text);
        let both = self.days_back().is_some() && (self.startdate.is_some() || self.stopdate.is_some());
        rules.check(&["days", "startdate", "stopdate"], !both, "give the days or the dates");
        rules.ordered(["startdate", "stopdate"], self.startdate, self.stopdate);
        let known = rules.could_read(&ASKS) && rules.could_read(&["survey"]);
        let cone = self.survey() == Survey::Lsst && matches!(self.ask(), None | Some(Ask::Cone(_)));
        rules.check(&["kind"], self.kind.is_none() || cone || !known, "goes with a cone of LSST");
        let dated = self.startdate.is_some() || self.stopdate.is_some() || self.days.is_some();
        rules.check(
            &["kind"],
            self.kind.is_none() || dated || !rules.could_read(&["startdate", "stopdate", "days"]),
            "goes with startdate, stopdate or days",
        );
    }
}

impl Form for FinkQuery {
    fn prepare(given: &mut Given) {
        // Under this name TOM Toolkit lists every alert of the object, as the service does.
        if given.get("objectId").is_some() {
            given.set_default("history", true);
        }
        if given.get("datesearch").is_some() {
            let text =
                "Fink no longer searches by time alone; give a class or a tag with startdate and stopdate";
            given.fault("datesearch", text);
        }
    }

    fn rules(&self, rules: &mut Rules<'_>) {
        let asked = self.asked();
        rules.due(&CHOICES, !asked.is_empty(), "give one of them, ra with dec and radius");
        rules.check(&asked, asked.len() <= 1, "give one of them, not several");
        rules.cone(self.ra, self.dec, self.radius);
        if let Some(fault) = form::given(&self.conesearch).and_then(|text| self::cone(text).err()) {
            rules.fault("conesearch", fault);
        }
        rules.above_zero("days", self.days);
        self.object_rules(rules);
        self.class_rules(rules);
        self.time_rules(rules);
        for column in self.columns.iter().filter(|column| !is_column(column)) {
            let text =
                "a column is like i:magpsf; those that begin with v: are computed and come with all_columns";
            rules.fault("columns", format!("{column:.40}: {text}"));
        }
    }
}

/// Reads `RA, Dec, radius`.
fn cone(text: &str) -> Result<Cone, String> {
    let parts: Vec<_> = text.split(',').map(str::trim).collect();
    let [ra, dec, radius] = parts[..] else {
        return Err(format!("RA, Dec and radius are due, parted by commas; {} given", parts.len()));
    };
    let radius = radius.parse::<f64>().ok().filter(|radius| *radius > 0.0 && *radius <= 18_000.0);
    let fault = |what: &str| format!("{what} cannot be read or is out of range");
    Ok(Cone {
        ra: sky::parse_ra(ra).ok_or_else(|| fault("the right ascension"))?,
        dec: sky::parse_dec(dec).ok_or_else(|| fault("the declination"))?,
        radius: radius.ok_or_else(|| fault("the radius (0 to 18000 arcsec)"))?,
    })
}

/// Reads `class, number`.
fn class_and_number(text: &str) -> Result<(&str, f64), String> {
    let due = "a class and a number are due, parted by a comma";
    let (class, number) = text.rsplit_once(',').ok_or(due)?;
    let number = number.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    match (class.trim(), number) {
        ("", _) | (_, None) => Err(due.to_owned()),
        (class, Some(number)) => Ok((class, number)),
    }
}
