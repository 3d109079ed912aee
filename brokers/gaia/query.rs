//! What the list is searched for, and where it is: `GaiaQuery` and `GaiaConfig`.

use super::GaiaAlert;
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

/// `Gaia`, two digits and letters.
pub(super) fn is_gaia(name: &str) -> bool {
    let Some((prefix, rest)) = name.split_at_checked(4) else { return false };
    let Some((year, letters)) = rest.split_at_checked(2) else { return false };
    prefix.eq_ignore_ascii_case("gaia")
        && year.bytes().all(|b| b.is_ascii_digit())
        && (2..=5).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_alphabetic())
}

/// A name of TNS: a year and letters, with a prefix or without.
pub(super) fn is_tns(name: &str) -> bool {
    let name: String = name.split_whitespace().collect();
    let Some((year, letters)) = without_prefix(&name).split_at_checked(4) else { return false };
    year.bytes().all(|b| b.is_ascii_digit())
        && (1..=5).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_alphabetic())
}

/// As the service writes it.
pub(super) fn canonical(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    format!("Gaia{}", lower.strip_prefix("gaia").unwrap_or(&lower))
}

/// A name of TNS without what says whether it was classified.
pub(super) fn without_prefix(name: &str) -> &str {
    let year = name.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let (prefix, rest) = name.split_at(year);
    if prefix.trim().bytes().all(|b| b.is_ascii_alphabetic()) { rest } else { name }
}

/// What of a query an alert is held against.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// In lower case, without blanks.
    name: Option<String>,
    part: bool,
    cone: Option<[f64; 3]>,
    class: Option<String>,
    times: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    magnitudes: (Option<f64>, Option<f64>),
}

fn within<T: PartialOrd>((low, high): &(Option<T>, Option<T>), value: Option<T>) -> bool {
    let Some(value) = value else { return low.is_none() && high.is_none() };
    low.as_ref().is_none_or(|low| *low <= value) && high.as_ref().is_none_or(|high| value <= *high)
}

impl Wanted {
    pub(super) fn of(query: &GaiaQuery) -> Self {
        let name = query
            .target_name
            .as_deref()
            .map(|name| name.split_whitespace().collect::<String>().to_ascii_lowercase());
        Self {
            name,
            part: query.name_contains,
            cone: query.circle(),
            class: query.classification.clone(),
            times: (query.obstime_min, query.obstime_max),
            magnitudes: (query.mag_min, query.mag_max),
        }
    }

    /// Whether an alert of these names, of Gaia and of TNS, may be wanted.
    pub(super) fn takes_name(&self, name: &[u8], tnsid: &[u8]) -> bool {
        let Some(wanted) = &self.name else { return true };
        if name.eq_ignore_ascii_case(wanted.as_bytes()) {
            return true;
        }
        if self.part {
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            return name.contains(wanted.as_str());
        }
        if tnsid.is_empty() || wanted.starts_with("gaia") {
            return false;
        }
        let tnsid = String::from_utf8_lossy(tnsid).to_ascii_lowercase();
        let tnsid: String = tnsid.split_whitespace().collect();
        let bare = without_prefix(wanted);
        !bare.is_empty() && without_prefix(&tnsid) == bare
    }

    /// Whether an alert at this place may be wanted; the edge of a cone belongs to it.
    pub(super) fn takes_place(&self, ra: Option<f64>, dec: Option<f64>) -> bool {
        /// What is lost in the sines of an edge, degrees.
        const ROUNDING: f64 = 1e-10;
        let Some([centre_ra, centre_dec, radius]) = self.cone else { return true };
        let (Some(ra), Some(dec)) = (ra, dec) else { return false };
        let radius = radius + ROUNDING;
        (dec - centre_dec).abs() <= radius && sky::separation(centre_ra, centre_dec, ra, dec) <= radius
    }

    /// Whether an alert has the class, time and magnitude that are wanted.
    pub(super) fn takes_rest(&self, alert: &GaiaAlert) -> bool {
        let class = alert.classification.as_deref().unwrap_or_default();
        let untimed = self.times.0.is_none() && self.times.1.is_none();
        self.class.as_deref().is_none_or(|wanted| wanted.trim().eq_ignore_ascii_case(class))
            && (untimed || within(&self.times, alert.time()))
            && within(&self.magnitudes, alert.alert_mag)
    }

    pub(super) fn takes(&self, alert: &GaiaAlert) -> bool {
        let tnsid = alert.tnsid.as_deref().unwrap_or_default();
        self.takes_name(alert.name.as_bytes(), tnsid.as_bytes())
            && self.takes_place(alert.ra, alert.dec)
            && self.takes_rest(alert)
    }
}

impl GaiaQuery {
    /// The cone in degrees, from whichever fields say it; none where they are at fault.
    fn circle(&self) -> Option<[f64; 3]> {
        if let (Some(ra), Some(dec), Some(radius)) = (self.ra, self.dec, self.radius) {
            return Some([ra, dec, radius / ARCSEC_A_DEGREE]);
        }
        let parts = self.cone.as_deref()?.split(',');
        let numbers: Vec<f64> = parts.map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        numbers.try_into().ok()
    }

    fn cone_rules(&self, rules: &mut Rules<'_>) {
        let given = [self.ra.is_some(), self.dec.is_some(), self.radius.is_some()];
        let some = given.contains(&true);
        rules.check(&["ra", "dec", "radius"], !some || !given.contains(&false), "give all of them or none");
        rules.check(&["radius"], self.radius.is_none_or(|radius| radius > 0.0), "must be above 0");
        let Some(cone) = &self.cone else { return };
        rules.check(&["cone", "ra"], !some, "one cone a query");
        let bare = Self { cone: Some(cone.clone()), ..Self::default() };
        let Some([ra, dec, radius]) = bare.circle() else {
            return rules.fault("cone", "give RA,Dec,Radius: three numbers in degrees with commas between");
        };
        rules.check(&["cone"], (0.0..360.0).contains(&ra), format!("RA {ra} is outside 0..360"));
        rules.check(&["cone"], (-90.0..=90.0).contains(&dec), format!("Dec {dec} is outside -90..=90"));
        let sound = radius > 0.0 && radius <= 180.0;
        rules.check(&["cone"], sound, format!("a radius of {radius} degrees is outside 0..=180, without 0"));
    }
}

impl Form for GaiaQuery {
    fn rules(&self, rules: &mut Rules<'_>) {
        let named = self.target_name.is_some();
        let cone = self.cone.is_some() || self.ra.is_some() || self.dec.is_some() || self.radius.is_some();
        let other = self.classification.is_some()
            || self.obstime_min.is_some()
            || self.obstime_max.is_some()
            || self.mag_min.is_some()
            || self.mag_max.is_some();
        let text =
            "give a name or a cone, or one of the other fields: the list holds every alert of ten years";
        rules.check(&["target_name", "cone"], named || cone || other, text);
        rules.check(&["target_name", "cone"], !(named && cone), "give a name or a cone, not both");
        rules.check(&["name_contains"], named || !self.name_contains, "needs a target_name");
        self.cone_rules(rules);
        let text = "the first must not be above the second";
        let times = self.obstime_min.zip(self.obstime_max).is_none_or(|(low, high)| low <= high);
        rules.check(&["obstime_min", "obstime_max"], times, text);
        let magnitudes = self.mag_min.zip(self.mag_max).is_none_or(|(low, high)| low <= high);
        rules.check(&["mag_min", "mag_max"], magnitudes, text);
    }
}
