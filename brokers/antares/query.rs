//! What ANTARES can be asked, and where it is: `AntaresQuery` and `AntaresConfig`.

use std::borrow::Cow;
use std::fmt;

use super::locus::is_locus;
use crate::plugin::*;

/// Where ANTARES' service is, and which of its two interfaces is spoken. No credential is needed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct AntaresConfig {
    /// Root of the service, with the version in its path. Default: the public one of the version.
    #[garde(skip)]
    #[schemars(title = "Service")]
    pub base_url: Option<Url>,
    /// The version of the interface, 1 or 2. Default: 1 when the path of `base_url` ends in `v1`, else 2.
    #[garde(range(min = 1, max = 2))]
    #[schemars(title = "Version")]
    pub api_version: Option<u8>,
    /// Whether a light curve takes along the corrected magnitudes, which costs a second request.
    #[garde(skip)]
    #[schemars(title = "Corrected magnitudes")]
    pub corrected_magnitudes: bool,
}

impl Default for AntaresConfig {
    fn default() -> Self {
        Self { base_url: None, api_version: None, corrected_magnitudes: true }
    }
}

impl Form for AntaresConfig {}

/// Which of the service's two interfaces is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiVersion {
    /// JSON:API, whose support ended on 2026-11-04.
    V1,
    /// Plain JSON.
    V2,
}

impl AntaresConfig {
    /// The version that is spoken.
    #[must_use]
    pub fn version(&self) -> ApiVersion {
        let last = |url: &Url| url.path().trim_end_matches('/').rsplit('/').next() == Some("v1");
        let old = match self.api_version {
            Some(version) => version == 1,
            None => self.base_url.as_ref().is_some_and(last),
        };
        if old { ApiVersion::V1 } else { ApiVersion::V2 }
    }
}

/// A whole query in Elasticsearch's language: an object with the single key `query`.
///
/// Read from an object or from its text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct EsQuery(pub Value);

impl<'de> Deserialize<'de> for EsQuery {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            Value::String(text) => serde_json::from_str(&text)
                .map(Self)
                .map_err(|_| serde::de::Error::custom("this is not JSON; give {\"query\": …}")),
            value => Ok(Self(value)),
        }
    }
}

impl JsonSchema for EsQuery {
    fn schema_name() -> Cow<'static, str> {
        "EsQuery".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["object", "string"] })
    }
}

impl fmt::Display for EsQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What ANTARES can be asked.
///
/// Everything that is given must hold at once; an empty query lists all loci, those with the newest
/// alerts first. Times are MJD in UTC for every survey.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct AntaresQuery {
    /// ANTARES' own id, such as ANT2020m4pja; it is asked for by itself.
    #[garde(skip)]
    #[schemars(title = "Locus ID", extend("x-group" = "Object", "x-alias" = ["antid"]))]
    pub locus_id: Option<String>,
    /// ZTF's id of the object, such as ZTF20aaelulu.
    #[garde(skip)]
    #[schemars(title = "ZTF object ID", extend("x-group" = "Object", "x-alias" = ["ztfid"]))]
    pub ztf_id: Option<String>,
    /// LSST's id of the object, `diaObjectId`: digits.
    #[garde(skip)]
    #[schemars(title = "LSST object ID", extend("x-group" = "Object"))]
    pub lsst_id: Option<String>,
    /// LSST's id of an object of the solar system, `ssObjectId`: digits.
    #[garde(skip)]
    #[schemars(title = "LSST solar system object ID", extend("x-group" = "Object"))]
    pub lsst_ss_id: Option<String>,
    /// Tags that filters gave; loci with any of them. The live list comes from `Antares::statistics`.
    #[garde(skip)]
    #[schemars(title = "Tags", extend("x-group" = "Filters", "x-alias" = ["tag"], "x-hints" = [
        "extragalactic", "nuclear_transient", "high_snr", "high_amplitude_transient_candidate",
        "high_amplitude_variable_star_candidate", "high_flux_ratio_wrt_nn", "blue_transient", "dimmers",
        "recent_reddening", "nova_test", "in_m31", "lc_feature_extractor", "iso_forest_anomaly_detection",
        "anomaly_transient_dmdt_visited_v1", "LAISS_RFC_AD_filter", "dwarf_nova_outburst", "desi_target",
        "refitt_newsources_snrcut", "young_extragalactic_candidate", "soraisam_sublum", "sso_candidates",
        "sso_confirmed", "superphot_plus_classified", "siena_mag_coord_cut", "young_rubin_transients",
        "SN_candies", "lsst_scimma_quality_transient", "in_LSSTDDF"
    ]))]
    pub tags: Vec<String>,
    /// Least number of measurements; limits do not count.
    #[garde(skip)]
    #[schemars(title = "Measurements, least", extend("x-group" = "Filters", "x-alias" = ["nobs__gt"]))]
    pub nobs_min: Option<u32>,
    /// Largest number of measurements.
    #[garde(skip)]
    #[schemars(title = "Measurements, most", extend("x-group" = "Filters", "x-alias" = ["nobs__lt"]))]
    pub nobs_max: Option<u32>,
    /// Least magnitude of the newest alert: the bright end.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Magnitude, least", extend("x-unit" = "mag", "x-group" = "Filters", "x-alias" = ["mag__min"]))]
    pub mag_min: Option<f64>,
    /// Largest magnitude of the newest alert: the faint end.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Magnitude, largest", extend("x-unit" = "mag", "x-group" = "Filters", "x-alias" = ["mag__max"]))]
    pub mag_max: Option<f64>,
    /// Earliest date of the oldest alert.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Oldest alert from", extend(
        "x-unit" = "MJD", "x-format" = "mjd", "x-group" = "Dates", "x-alias" = ["mjd__gt"]
    ))]
    pub mjd_min: Option<f64>,
    /// Latest date of the newest alert.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Newest alert to", extend(
        "x-unit" = "MJD", "x-format" = "mjd", "x-group" = "Dates", "x-alias" = ["mjd__lt"]
    ))]
    pub mjd_max: Option<f64>,
    /// Whether the newest alert must be of the last 24 hours. The two dates are not looked at then.
    #[garde(skip)]
    #[schemars(title = "Last 24 hours", extend("x-group" = "Dates"))]
    pub last_day: bool,
    /// Right ascension of the cone's centre, ICRS.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA", extend("x-unit" = "deg", "x-format" = "ra", "x-group" = "Cone search"))]
    pub ra: Option<f64>,
    /// Declination of the cone's centre, ICRS.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Dec", extend("x-unit" = "deg", "x-format" = "dec", "x-group" = "Cone search"))]
    pub dec: Option<f64>,
    /// Radius of the cone.
    #[garde(range(min = 0.0, max = 3600.0))]
    #[schemars(title = "Radius", extend("x-unit" = "arcsec", "x-group" = "Cone search", "exclusiveMinimum" = 0.0))]
    pub radius: Option<f64>,
    /// Radius of the cone in degrees, as TOM Toolkit has it: in place of the one in arcsec.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "Radius in degrees", extend("x-unit" = "deg", "x-group" = "Cone search", "exclusiveMinimum" = 0.0))]
    pub sr: Option<f64>,
    /// A query in Elasticsearch's language, an object with the single key `query`, also as text.
    #[garde(skip)]
    #[schemars(title = "Elasticsearch query", extend("x-group" = "Expert"))]
    pub esquery: Option<EsQuery>,
    /// What the listing is sorted by, a minus before it for the largest first.
    /// Default: the newest alert first.
    #[garde(skip)]
    #[schemars(title = "Sort by", extend("x-group" = "Listing", "x-hints" = [
        "-properties.newest_alert_observation_time", "properties.newest_alert_observation_time"
    ]))]
    pub sort: Option<String>,
    /// Loci a request. Default: 100.
    #[garde(range(min = 1, max = 250))]
    #[schemars(title = "Page size", extend("x-group" = "Listing"))]
    pub page_size: Option<u32>,
    /// The most loci to list. Default: all.
    #[garde(range(min = 1))]
    #[schemars(title = "Loci, most", extend("x-group" = "Listing"))]
    pub max_alerts: Option<u32>,
}

/// Loci a request when the query does not say.
const PAGE_SIZE: u32 = 100;

const ARCSEC_A_DEGREE: f64 = 3600.0;

impl AntaresQuery {
    pub(super) fn page_size(&self) -> u32 {
        let most = self.max_alerts.unwrap_or(u32::MAX);
        self.page_size.unwrap_or(PAGE_SIZE).min(most).max(1)
    }

    /// The radius of the cone in degrees, whichever field gave it.
    pub(super) fn radius_degrees(&self) -> Option<f64> {
        self.radius.map(|radius| radius / ARCSEC_A_DEGREE).or(self.sr)
    }

    fn id_rules(&self, rules: &mut Rules<'_>) {
        let mut id = |field: &str, text: &Option<String>, due: Option<Survey>| {
            let Some(id) = form::given(text) else { return };
            let right = if due.is_none() { is_locus(id) } else { Survey::of_id(id) == due };
            let fault = match Survey::of_id(id) {
                _ if right => return,
                Some(Survey::Ztf) => "this is an id of ZTF; give it as ztf_id".to_owned(),
                Some(Survey::Lsst) => "this is an id of LSST; give it as lsst_id".to_owned(),
                None if is_locus(id) => "this is an id of a locus; give it as locus_id".to_owned(),
                None => match due {
                    Some(survey) => survey.id_fault(id, "").unwrap_or_default(),
                    None => {
                        format!("this is no id of a locus; they are like ANT2020m4pja{}", Survey::hint(id))
                    }
                },
            };
            rules.fault(field, fault);
        };
        id("locus_id", &self.locus_id, None);
        id("ztf_id", &self.ztf_id, Some(Survey::Ztf));
        id("lsst_id", &self.lsst_id, Some(Survey::Lsst));
        id("lsst_ss_id", &self.lsst_ss_id, Some(Survey::Lsst));
        let others = [
            ("ztf_id", form::given(&self.ztf_id).is_some()),
            ("lsst_id", form::given(&self.lsst_id).is_some()),
            ("lsst_ss_id", form::given(&self.lsst_ss_id).is_some()),
            ("tags", !self.tags.is_empty()),
            ("nobs_min", self.nobs_min.is_some()),
            ("nobs_max", self.nobs_max.is_some()),
            ("mag_min", self.mag_min.is_some()),
            ("mag_max", self.mag_max.is_some()),
            ("mjd_min", self.mjd_min.is_some()),
            ("mjd_max", self.mjd_max.is_some()),
            ("last_day", self.last_day),
            ("ra", self.ra.is_some()),
            ("esquery", self.esquery.is_some()),
        ];
        if form::given(&self.locus_id).is_some() {
            let fields = others.iter().filter(|(_, is_given)| *is_given).map(|(field, _)| *field);
            let fields: Vec<_> = ["locus_id"].into_iter().chain(fields).collect();
            let text = "a locus is asked for by its id alone; leave the other fields out";
            rules.check(&fields, fields.len() == 1, text);
        }
    }

    fn cone_rules(&self, rules: &mut Rules<'_>) {
        let radius = self.radius.is_some() || self.sr.is_some();
        let cone = [self.ra.is_some(), self.dec.is_some(), radius];
        let whole = cone.iter().all(|given| *given) || cone.iter().all(|given| !*given);
        let text = "a cone has a centre and one radius; give all of it or none";
        rules.check(&["ra", "dec", "radius", "sr"], whole, text);
        let once = self.radius.is_none() || self.sr.is_none();
        rules.check(&["radius", "sr"], once, "give one of them: radius is in arcsec, sr in degrees");
        rules.above_zero("radius", self.radius);
        rules.above_zero("sr", self.sr);
    }
}

/// What TOM Toolkit writes into a saved query where no cone was asked for.
const NO_CONE: [(&str, f64); 3] = [("ra", 180.0), ("dec", 0.0), ("sr", 180.0)];

impl Form for AntaresQuery {
    fn prepare(given: &mut Given) {
        if NO_CONE.iter().all(|(key, value)| given.number(key) == Some(*value)) {
            NO_CONE.iter().for_each(|(key, _)| drop(given.remove(key)));
        }
        // There an id goes before a whole query, and that before all other fields.
        if given.tom_query().is_some()
            && let Some(first) =
                ["ztfid", "antid", "esquery"].into_iter().find(|key| given.get(key).is_some())
        {
            given.keep(&[first, "max_alerts"]);
        }
    }

    fn rules(&self, rules: &mut Rules<'_>) {
        self.id_rules(rules);
        self.cone_rules(rules);
        rules.mjd("mjd_min", self.mjd_min);
        rules.mjd("mjd_max", self.mjd_max);
        rules.ordered(["nobs_min", "nobs_max"], self.nobs_min, self.nobs_max);
        rules.ordered(["mag_min", "mag_max"], self.mag_min, self.mag_max);
        // The last day makes the two dates mean nothing.
        if !self.last_day && rules.could_read(&["last_day"]) {
            rules.ordered(["mjd_min", "mjd_max"], self.mjd_min, self.mjd_max);
        }
        if let Some(EsQuery(query)) = &self.esquery {
            let only = query
                .as_object()
                .is_some_and(|map| map.len() == 1 && map.get("query").is_some_and(Value::is_object));
            let text =
                "an object with the single key `query` is due, such as {\"query\": {\"match_all\": {}}}";
            rules.check(&["esquery"], only, text);
        }
    }
}
