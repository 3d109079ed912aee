//! What both services can be asked, and where they are.

use std::fmt;

use crate::plugin::*;

/// A survey that BOOM reads; in forms the words are in small letters. Babamul has ZTF and LSST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BoomSurvey {
    /// ZTF.
    Ztf,
    /// LSST, the Rubin Observatory's.
    Lsst,
    /// DECam; BOOM only.
    Decam,
    /// WINTER; BOOM only.
    Winter,
}

impl BoomSurvey {
    /// The survey of an object by the shape of its id: like `ZTF25aagbkaj`; 15 to 19 digits, or `sso`
    /// and digits, are LSST's. DECam's and WINTER's have no shape that is known.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        let moving = id.strip_prefix("sso").is_some_and(|number| number.parse::<u64>().is_ok());
        match Survey::of_id(id) {
            Some(Survey::Ztf) => Some(Self::Ztf),
            Some(Survey::Lsst) => Some(Self::Lsst),
            None => moving.then_some(Self::Lsst),
        }
    }

    /// The survey of a name in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        let all = [Self::Ztf, Self::Lsst, Self::Decam, Self::Winter];
        all.into_iter().find(|survey| survey.word().eq_ignore_ascii_case(name))
    }

    /// The name in paths and catalogues.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ztf => "ZTF",
            Self::Lsst => "LSST",
            Self::Decam => "DECAM",
            Self::Winter => "WINTER",
        }
    }

    /// Where it observes, in the words that other brokers' points have for the same exposures.
    pub(super) fn telescope(self) -> &'static str {
        match self {
            Self::Ztf => "ZTF",
            Self::Lsst => "Rubin",
            Self::Decam => "Blanco",
            Self::Winter => "WINTER",
        }
    }

    /// What the survey calls the score of how real an alert is.
    pub(super) fn score(self) -> &'static str {
        match self {
            Self::Lsst => "reliability",
            _ => "drb",
        }
    }
}

impl fmt::Display for BoomSurvey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Where Babamul is, and who asks: a personal token, or e-mail and password.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct BabamulConfig {
    /// Root of the API. Default: the public one; the backup is `https://babamul.umn.edu/api/babamul`.
    #[garde(skip)]
    #[schemars(title = "Service")]
    pub base_url: Option<Url>,
    /// Personal token, `bbml_` and 36 characters, made on your profile page.
    #[garde(skip)]
    #[schemars(title = "API token")]
    pub api_token: Option<Secret>,
    /// E-mail of the account, in place of a token.
    #[garde(skip)]
    #[schemars(title = "E-mail")]
    pub email: Option<String>,
    /// Password of the account.
    #[garde(skip)]
    #[schemars(title = "Password")]
    pub password: Option<Secret>,
}

impl Form for BabamulConfig {}

/// Where BOOM is, and who asks. A token of Babamul is refused here.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct BoomConfig {
    /// Root of the API. Default: `https://api.kaboom.caltech.edu/`; the backup is `https://babamul.umn.edu/api`.
    #[garde(skip)]
    #[schemars(title = "Service")]
    pub base_url: Option<Url>,
    /// Name of the account.
    #[garde(skip)]
    #[schemars(title = "User name")]
    pub username: Option<String>,
    /// Password of the account.
    #[garde(skip)]
    #[schemars(title = "Password")]
    pub password: Option<Secret>,
}

impl Form for BoomConfig {}

/// The widest cone of Babamul, arcsec.
const WIDEST: f64 = 600.0;
/// Above this a number is no MJD but a JD.
const SURELY_JD: f64 = 2_000_000.0;
const MJD_ZERO: f64 = 2_400_000.5;
const PAGE_SIZE: u32 = 1_000;
pub(super) const NO_ID: &str =
    "an object is like ZTF25aagbkaj, the digits of an LSST object, or sso and digits";

macro_rules! query {
    ($(#[$doc:meta])* $name:ident { $($own:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            /// Survey. Default: that of the object, else ZTF.
            #[garde(skip)]
            #[schemars(title = "Survey", extend("x-group" = "What"))]
            pub survey: Option<BoomSurvey>,
            /// All alerts of one object: `ZTF25aagbkaj`, the digits of an LSST object, or `sso` and digits.
            #[garde(skip)]
            #[schemars(title = "Object", extend("x-group" = "What", "x-alias" = ["objectId"]))]
            pub object_id: Option<String>,
            /// Right ascension of the cone's centre.
            #[garde(range(min = 0.0, max = 360.0))]
            #[schemars(title = "RA", extend("x-unit" = "deg", "x-format" = "ra", "x-group" = "Cone search"))]
            pub ra: Option<f64>,
            /// Declination of the cone's centre.
            #[garde(range(min = -90.0, max = 90.0))]
            #[schemars(title = "Dec", extend("x-unit" = "deg", "x-format" = "dec", "x-group" = "Cone search"))]
            pub dec: Option<f64>,
            /// Radius of the cone. Babamul takes 600 at most.
            #[garde(range(min = 0.0, max = 324000.0))]
            #[schemars(title = "Radius", extend("x-unit" = "arcsec", "x-group" = "Cone search", "x-alias" = ["radius_arcsec"], "exclusiveMinimum" = 0.0))]
            pub radius: Option<f64>,
            /// Alerts from this time on, UTC; a JD is taken too.
            #[garde(range(min = 0.0))]
            #[schemars(title = "From", extend("x-unit" = "mjd", "x-format" = "mjd", "x-group" = "Alerts", "x-alias" = ["start_jd"]))]
            pub mjd_min: Option<f64>,
            /// Alerts up to this time, UTC; a JD is taken too.
            #[garde(range(min = 0.0))]
            #[schemars(title = "To", extend("x-unit" = "mjd", "x-format" = "mjd", "x-group" = "Alerts", "x-alias" = ["end_jd"]))]
            pub mjd_max: Option<f64>,
            /// Brightest magnitude.
            #[garde(range(min = -30.0, max = 50.0))]
            #[schemars(title = "Brightest", extend("x-unit" = "mag", "x-group" = "Alerts", "x-alias" = ["min_magpsf"]))]
            pub magpsf_min: Option<f64>,
            /// Faintest magnitude.
            #[garde(range(min = -30.0, max = 50.0))]
            #[schemars(title = "Faintest", extend("x-unit" = "mag", "x-group" = "Alerts", "x-alias" = ["max_magpsf"]))]
            pub magpsf_max: Option<f64>,
            /// Least score of being real: ZTF's `drb`, LSST's `reliability`.
            #[garde(range(min = 0.0, max = 1.0))]
            #[schemars(title = "Least score", extend("x-group" = "Alerts", "x-alias" = ["min_drb", "min_reliability"]))]
            pub score_min: Option<f64>,
            /// Largest score of being real.
            #[garde(range(min = 0.0, max = 1.0))]
            #[schemars(title = "Largest score", extend("x-group" = "Alerts", "x-alias" = ["max_drb", "max_reliability"]))]
            pub score_max: Option<f64>,
            /// Whether the difference is positive.
            #[garde(skip)]
            #[schemars(title = "Positive", extend("x-group" = "Alerts"))]
            pub is_positive: Option<bool>,
            /// Whether a known solar-system object is there.
            #[garde(skip)]
            #[schemars(title = "Solar-system object", extend("x-group" = "Alerts"))]
            pub is_rock: Option<bool>,
            /// Whether a star is there.
            #[garde(skip)]
            #[schemars(title = "Star", extend("x-group" = "Alerts"))]
            pub is_star: Option<bool>,
            /// Whether a bright star is near.
            #[garde(skip)]
            #[schemars(title = "Near a bright star", extend("x-group" = "Alerts"))]
            pub is_near_brightstar: Option<bool>,
            /// Whether it was seen there before.
            #[garde(skip)]
            #[schemars(title = "Stationary", extend("x-group" = "Alerts"))]
            pub is_stationary: Option<bool>,
            $($own)*
            /// Alerts a request. Default: 1000.
            #[garde(range(min = 1, max = 10000))]
            #[schemars(title = "Page size", extend("x-group" = "Listing"))]
            pub page_size: Option<u32>,
            /// The most pages to read. Default: all.
            #[garde(range(min = 1))]
            #[schemars(title = "Pages", extend("x-group" = "Listing"))]
            pub max_pages: Option<u32>,
        }

        impl $name {
            /// The survey that is asked.
            #[must_use]
            pub fn survey(&self) -> BoomSurvey {
                let inferred = || self.object_id.as_deref().and_then(BoomSurvey::of_id).unwrap_or(BoomSurvey::Ztf);
                self.survey.unwrap_or_else(inferred)
            }

            pub(super) fn page_size(&self) -> u32 {
                self.page_size.unwrap_or(PAGE_SIZE).max(1)
            }

            /// Centre and radius in degrees and arcsec.
            pub(super) fn cone(&self) -> Option<(f64, f64, f64)> {
                Some((sky::wrap_degrees(self.ra?), self.dec?, self.radius?))
            }

            pub(super) fn start_jd(&self) -> Option<f64> {
                self.mjd_min.map(jd)
            }

            pub(super) fn end_jd(&self) -> Option<f64> {
                self.mjd_max.map(jd)
            }

            fn common_rules(&self, rules: &mut Rules<'_>) {
                rules.cone(self.ra, self.dec, self.radius);
                let both = self.object_id.is_some() && self.ra.is_some();
                rules.check(&["object_id", "ra"], !both, "an object or a cone, not both");
                rules.ordered(["mjd_min", "mjd_max"], self.start_jd(), self.end_jd());
                rules.ordered(["magpsf_min", "magpsf_max"], self.magpsf_min, self.magpsf_max);
                rules.ordered(["score_min", "score_max"], self.score_min, self.score_max);
                if let (Some(survey), Some(of_id)) = (self.survey, self.object_id.as_deref().and_then(BoomSurvey::of_id)) {
                    let text = format!("this object is one of {of_id}");
                    rules.check(&["survey"], survey == of_id, text);
                }
            }
        }
    };
}

query! {
    /// What Babamul can be asked: the alerts of one object, those in a cone, or those of a day.
    BabamulQuery {}
}

query! {
    /// What BOOM can be asked: the same as Babamul, and filters and pipelines in Mongo's words.
    BoomQuery {
        /// One alert by its id.
        #[garde(skip)]
        #[schemars(title = "Alert", extend("x-group" = "What"))]
        pub candid: Option<i64>,
        /// A filter in Mongo's words, a JSON object as text: `{"candidate.magpsf": {"$lt": 18}}`. It
        /// is joined with the other fields.
        #[garde(skip)]
        #[schemars(title = "Filter", extend("x-group" = "Mongo"))]
        pub filter: Option<String>,
        /// A pipeline in Mongo's words, a JSON list as text, asked in place of all other fields. What
        /// comes out must still have `objectId` and `candidate`. It is one page: put `$limit` in it.
        #[garde(skip)]
        #[schemars(title = "Pipeline", extend("x-group" = "Mongo"))]
        pub pipeline: Option<String>,
        /// How long the database may think.
        #[garde(range(min = 1, max = 600000))]
        #[schemars(title = "Time limit", extend("x-unit" = "ms", "x-group" = "Mongo"))]
        pub max_time_ms: Option<u32>,
    }
}

/// JD of an MJD, or the JD itself.
fn jd(date: f64) -> f64 {
    if date > SURELY_JD { date } else { date + MJD_ZERO }
}

impl Form for BabamulQuery {
    fn rules(&self, rules: &mut Rules<'_>) {
        self.common_rules(rules);
        if let Some(id) = &self.object_id {
            let text = format!("{NO_ID}{}", Survey::hint(id));
            rules.check(&["object_id"], BoomSurvey::of_id(id).is_some(), text);
        }
        let known = rules.could_read(&["object_id"]);
        let served = !known || matches!(self.survey(), BoomSurvey::Ztf | BoomSurvey::Lsst);
        rules.check(&["survey"], served, "Babamul has ZTF and LSST");
        let narrow = self.radius.is_none_or(|radius| radius <= WIDEST);
        rules.check(&["radius"], narrow, "Babamul's cones have at most 600 arcsec");
        let known = rules.could_read(&["object_id", "ra", "dec", "radius"]);
        if known && self.object_id.is_none() && self.ra.is_none() {
            let span = self.start_jd().zip(self.end_jd()).map(|(start, end)| end - start);
            let text = "give an object, a cone, or a span of at most a day";
            // A span of exactly a day may come out a little longer in a JD.
            rules.due(&["mjd_min", "mjd_max"], span.is_some_and(|span| span <= 1.0 + 1e-8), text);
        }
    }
}

impl Form for BoomQuery {
    fn rules(&self, rules: &mut Rules<'_>) {
        self.common_rules(rules);
        for (field, text, is_due) in [
            ("filter", &self.filter, "must be a JSON object such as {\"candidate.magpsf\": {\"$lt\": 18}}"),
            ("pipeline", &self.pipeline, "must be a JSON list of stages such as [{\"$match\": {}}]"),
        ] {
            let Some(text) = text else { continue };
            match serde_json::from_str::<Value>(text) {
                Ok(value) if field == "filter" => rules.check(&[field], value.is_object(), is_due),
                Ok(value) => {
                    rules.check(&[field], value.is_array(), is_due);
                    let writes = writes(&value);
                    rules.check(&[field], !writes, "a pipeline that writes ($out, $merge) is not sent");
                }
                Err(e) => rules.fault(field, format!("{is_due}; it is no JSON at column {}", e.column())),
            }
        }
        if let Some(id) = &self.object_id {
            let known = self.survey.is_some() || BoomSurvey::of_id(id).is_some();
            let text = "only ids of ZTF and LSST say of which survey they are; give it";
            rules.check(&["survey"], known, text);
        }
        let asked = self.object_id.is_some()
            || self.candid.is_some()
            || self.ra.is_some()
            || (self.mjd_min.is_some() && self.mjd_max.is_some())
            || self.filter.is_some()
            || self.pipeline.is_some();
        let text = "give an object, an alert, a cone, a span of time, a filter or a pipeline";
        rules.due(&["object_id"], asked, text);
        rules.check(
            &["object_id", "candid"],
            self.object_id.is_none() || self.candid.is_none(),
            "give one of them",
        );
    }
}

/// Whether a stage of a pipeline, or of one within it, writes.
fn writes(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(writes),
        Value::Object(map) => {
            map.iter().any(|(key, value)| key == "$out" || key == "$merge" || writes(value))
        }
        _ => false,
    }
}
