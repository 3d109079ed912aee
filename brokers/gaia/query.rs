//! What the list is searched for, and where it is: `GaiaQuery` and `GaiaConfig`.

use crate::plugin::*;

/// Where Gaia's alerts are, and how they are read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct GaiaConfig {
    /// Root of the service. Default: the public one.
    #[garde(skip)]
    #[schemars(title = "Service")]
    pub base_url: Option<Url>,
    /// Which list is read. Default: the CSV, and where there is none the page.
    #[garde(skip)]
    #[schemars(title = "List")]
    pub list: Option<GaiaList>,
    /// For how many days the list and light curves are kept, where `http.cache_dir` is set.
    #[garde(range(min = 0.0, max = 36500.0))]
    #[schemars(title = "Lifetime", extend("x-unit" = "d"))]
    pub lifetime: f64,
    /// What the times of light curves are taken for.
    #[garde(skip)]
    #[schemars(title = "Time scale")]
    pub time_scale: TimeScale,
    /// Whether points get the error that is estimated from their magnitude; the service gives none.
    #[garde(skip)]
    #[schemars(title = "Error estimate")]
    pub error_estimate: bool,
}

impl Default for GaiaConfig {
    fn default() -> Self {
        Self { base_url: None, list: None, lifetime: 7.0, time_scale: TimeScale::Tcb, error_estimate: false }
    }
}

impl Form for GaiaConfig {}

/// The two forms in which the service gives its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GaiaList {
    /// `alerts.csv`.
    Csv,
    /// The list in the script of the page for people, which is larger.
    Page,
}

/// What the times of light curves are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeScale {
    /// What they are: TCB, made into UTC.
    Tcb,
    /// UTC, as TOM Toolkit has it, though that is 86 to 93 s wrong.
    UtcAsIs,
}

/// What the list is searched for.
///
/// A name or a cone is due, or one of the other fields; all that is given must hold.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct GaiaQuery {
    /// Name of the alert, of Gaia or of TNS, whole and in any case.
    #[garde(skip)]
    #[schemars(title = "Alert name", extend("x-group" = "Object"))]
    pub target_name: Option<String>,
    /// Whether the name may be a part of Gaia's names.
    #[garde(skip)]
    #[schemars(title = "Part of the name", extend("x-group" = "Object"))]
    pub name_contains: bool,
    /// TOM Toolkit's cone in one text: right ascension, declination and radius, all in degrees, with
    /// commas between.
    #[garde(skip)]
    #[schemars(title = "Cone search", extend("x-unit" = "deg", "x-group" = "Cone search"))]
    pub cone: Option<String>,
    /// Right ascension of the cone's centre, ICRS.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA", extend("x-unit" = "deg", "x-format" = "ra", "x-group" = "Cone search"))]
    pub ra: Option<f64>,
    /// Declination of the cone's centre, ICRS.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Dec", extend("x-unit" = "deg", "x-format" = "dec", "x-group" = "Cone search"))]
    pub dec: Option<f64>,
    /// Radius of the cone; its edge belongs to it.
    #[garde(range(min = 0.0, max = 648000.0))]
    #[schemars(title = "Radius", extend("x-unit" = "arcsec", "x-group" = "Cone search", "exclusiveMinimum" = 0.0))]
    pub radius: Option<f64>,
    /// Class, whole and in any case.
    #[garde(skip)]
    #[schemars(title = "Class", extend("x-group" = "Alert", "x-hints" = [
        "unknown", "SN", "SN Ia", "SN Ib", "SN Ic", "SN II", "SN IIn", "SLSN", "CV", "Nova", "AGN", "QSO", "BL Lac", "TDE",
        "ULENS", "YSO", "Be star", "RCrB", "SSO"
    ]))]
    pub classification: Option<String>,
    /// Earliest observation.
    #[garde(skip)]
    #[schemars(title = "Observed from", extend("x-group" = "Alert"))]
    pub obstime_min: Option<DateTime<Utc>>,
    /// Latest observation.
    #[garde(skip)]
    #[schemars(title = "Observed to", extend("x-group" = "Alert"))]
    pub obstime_max: Option<DateTime<Utc>>,
    /// Brightest magnitude of the alert.
    #[garde(skip)]
    #[schemars(title = "Magnitude, brightest", extend("x-unit" = "mag", "x-group" = "Alert"))]
    pub mag_min: Option<f64>,
    /// Faintest magnitude of the alert.
    #[garde(skip)]
    #[schemars(title = "Magnitude, faintest", extend("x-unit" = "mag", "x-group" = "Alert"))]
    pub mag_max: Option<f64>,
}

const ARCSEC_A_DEGREE: f64 = 3600.0;

impl GaiaQuery {
    /// The cone in degrees, from whichever fields say it.
    pub(super) fn cone(&self) -> Option<[f64; 3]> {
        if let (Some(ra), Some(dec), Some(radius)) = (self.ra, self.dec, self.radius) {
            return Some([ra, dec, radius / ARCSEC_A_DEGREE]);
        }
        sky::parse_cone(self.cone.as_deref()?)
    }
}

impl Form for GaiaQuery {
    fn prepare(given: &mut Given) {
        // TOM Toolkit takes a name for a part of Gaia's names.
        if given.tom_query().is_some() && given.get("target_name").is_some() {
            given.set_default("name_contains", true);
        }
    }

    fn rules(&self, rules: &mut Rules<'_>) {
        let named = self.target_name.is_some();
        let numbers = self.ra.is_some() || self.dec.is_some() || self.radius.is_some();
        let cone = self.cone.is_some() || numbers;
        let other = self.classification.is_some()
            || self.obstime_min.is_some()
            || self.obstime_max.is_some()
            || self.mag_min.is_some()
            || self.mag_max.is_some();
        let text =
            "give a name or a cone, or one of the other fields: the list holds every alert of ten years";
        rules.due(&["target_name", "cone"], named || cone || other, text);
        rules.check(&["target_name", "cone"], !(named && cone), "give a name or a cone, not both");
        let whole = named || !self.name_contains || !rules.could_read(&["target_name"]);
        rules.check(&["name_contains"], whole, "needs a target_name");
        rules.cone(self.ra, self.dec, self.radius);
        rules.check(&["cone", "ra"], self.cone.is_none() || !numbers, "one cone a query");
        rules.cone_text("cone", self.cone.as_deref());
        rules.ordered(["obstime_min", "obstime_max"], self.obstime_min, self.obstime_max);
        rules.ordered(["mag_min", "mag_max"], self.mag_min, self.mag_max);
    }
}
