//! What Scout can be asked, and where it is: `ScoutQuery` and `ScoutConfig`.

use super::packet::ScoutPacket;
use crate::plugin::*;

/// Where Scout is. It needs no credential.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct ScoutConfig {
    /// Root of the service; with or without the final `scout.api`. Default: JPL's.
    #[garde(skip)]
    #[schemars(title = "Service")]
    pub base_url: Option<Url>,
    /// Folder of the MPC's list of former objects. Default: the MPC's.
    #[garde(skip)]
    #[schemars(title = "MPC folder")]
    pub mpc_url: Option<Url>,
    /// How many sampled orbits a single object brings along, so that its target has elements.
    /// Default: none, as Scout has no nominal orbit.
    #[garde(range(min = 1, max = 1000))]
    #[schemars(title = "Orbits of a single object")]
    pub n_orbits: Option<u32>,
}

pub(super) const ROOT: &str = "https://ssd-api.jpl.nasa.gov/";
pub(super) const MPC_ROOT: &str = "https://data.minorplanetcenter.net/iau/NEO/";

impl Form for ScoutConfig {}

/// The sorts of plots that Scout draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Plot {
    /// Orbital elements.
    El,
    /// Close approach.
    Ca,
    /// Systematic ranging.
    Sr,
}

impl Plot {
    fn word(self) -> &'static str {
        match self {
            Self::El => "el",
            Self::Ca => "ca",
            Self::Sr => "sr",
        }
    }
}

/// The files of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum File {
    /// The list of its files.
    List,
    /// The observations in the MPC's 80 columns.
    Mpc,
}

/// What Scout can be asked: its whole list, or one object with `tdes`.
///
/// Scout itself filters nothing: the limits of the group "Filters" are applied here, to what came.
/// A value that Scout has not computed passes no limit that is set. 0 is a limit as any other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct ScoutQuery {
    /// Designation on the NEO Confirmation Page, case-sensitive: one object instead of the list.
    #[garde(inner(length(min = 1, max = 8)))]
    #[schemars(title = "NEOCP designation", extend("x-group" = "Object"))]
    pub tdes: Option<String>,
    /// Whether the sampled orbits come along, so that targets have elements. Of a list this costs
    /// a request an object, one a second.
    #[garde(skip)]
    #[schemars(title = "Orbits", extend("x-group" = "Object"))]
    pub orbits: bool,
    /// How many sampled orbits, which come along then. Default: 1000, all, where `orbits` asks for
    /// them. Of an ephemeris it is how many stand behind it.
    #[garde(range(min = 1, max = 1000))]
    #[schemars(title = "Number of orbits", extend("x-group" = "Object", "x-alias" = ["n-orbits"]))]
    pub n_orbits: Option<u32>,
    /// Plots that come along as PNG. Of a list this costs a request an object, one a second.
    #[garde(skip)]
    #[schemars(title = "Plots", extend("x-group" = "Object"))]
    pub plot: Vec<Plot>,
    /// Files that come along. Of a list this costs a request an object, one a second.
    #[garde(skip)]
    #[schemars(title = "File", extend("x-group" = "Object"))]
    pub file: Option<File>,
    /// Lowest score of a near-Earth object.
    #[garde(range(min = 0, max = 100))]
    #[schemars(title = "Lowest NEO score", extend("x-group" = "Filters"))]
    pub neo_score_min: Option<i64>,
    /// Lowest score of a potentially hazardous asteroid.
    #[garde(range(min = 0, max = 100))]
    #[schemars(title = "Lowest PHA score", extend("x-group" = "Filters"))]
    pub pha_score_min: Option<i64>,
    /// Highest score of an object bound to the Earth. TOM Toolkit's form begins with 5.
    #[garde(range(min = 0, max = 100))]
    #[schemars(title = "Highest geocentric score", extend("x-group" = "Filters"))]
    pub geo_score_max: Option<i64>,
    /// Lowest impact rating: 0 negligible, 1 small, 2 modest, 3 moderate, 4 elevated.
    #[garde(range(min = 0, max = 4))]
    #[schemars(title = "Lowest impact rating", extend("x-group" = "Filters"))]
    pub impact_rating_min: Option<i64>,
    /// Largest distance of the closest approach. TOM Toolkit calls it `ca_dist_min` and means the same.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Largest close-approach distance", extend(
        "x-unit" = "lunar distances", "x-group" = "Filters", "x-alias" = ["ca_dist_min"]
    ))]
    pub ca_dist_max: Option<f64>,
    /// Least uncertainty on the sky now, 1σ.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Least position uncertainty", extend("x-unit" = "arcmin", "x-group" = "Filters"))]
    pub pos_unc_min: Option<f64>,
    /// Largest uncertainty on the sky now, 1σ.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Largest position uncertainty", extend("x-unit" = "arcmin", "x-group" = "Filters"))]
    pub pos_unc_max: Option<f64>,
    /// Faintest predicted V magnitude.
    #[garde(range(min = -30.0, max = 50.0))]
    #[schemars(title = "Faintest V magnitude", extend("x-unit" = "mag", "x-group" = "Filters", "x-alias" = ["max_vmag"]))]
    pub vmag_max: Option<f64>,
    /// Fastest motion on the sky.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Fastest motion", extend("x-unit" = "arcsec/min", "x-group" = "Filters", "x-alias" = ["max_rate"]))]
    pub rate_max: Option<f64>,
    /// Fewest observations.
    #[garde(range(min = 0))]
    #[schemars(title = "Fewest observations", extend("x-group" = "Filters", "x-alias" = ["min_nobs"]))]
    pub nobs_min: Option<i64>,
    /// Shortest arc, from first to last observation.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Shortest arc", extend("x-unit" = "h", "x-group" = "Filters", "x-alias" = ["min_arc_hours"]))]
    pub arc_hours_min: Option<f64>,
    /// Begin of an ephemeris: a date and time in UTC within 30 days of now, or `now`. Needs `tdes`.
    #[garde(skip)]
    #[schemars(title = "Ephemeris from", extend("x-unit" = "UTC", "x-group" = "Ephemeris", "x-alias" = ["eph-start"], "x-hints" = ["now"]))]
    pub eph_start: Option<String>,
    /// End of the ephemeris, later than its begin.
    #[garde(skip)]
    #[schemars(title = "Ephemeris to", extend("x-unit" = "UTC", "x-group" = "Ephemeris", "x-alias" = ["eph-stop"]))]
    pub eph_stop: Option<String>,
    /// Step of the ephemeris: a whole number and `d`, `h` or `m`, as in `30m`. Default: the whole span.
    #[garde(skip)]
    #[schemars(title = "Ephemeris step", extend("x-group" = "Ephemeris", "x-alias" = ["eph-step"]))]
    pub eph_step: Option<String>,
    /// Observatory code of the MPC, three characters. Default: 500, the centre of the Earth.
    #[garde(skip)]
    #[schemars(title = "Observatory code", extend("x-group" = "Ephemeris", "x-alias" = ["obs-code"]))]
    pub obs_code: Option<String>,
    /// Whether distances from the observer and from the Sun come along.
    #[garde(skip)]
    #[schemars(title = "Ranges", extend("x-group" = "Ephemeris"))]
    pub ranges: bool,
    /// Diameter of a field of view: only samples inside it count.
    #[garde(range(min = 0.0, max = 1800.0))]
    #[schemars(title = "Field diameter", extend("x-unit" = "arcmin", "x-group" = "Ephemeris", "x-alias" = ["fov-diam"], "exclusiveMinimum" = 0.0))]
    pub fov_diam: Option<f64>,
    /// Right ascension of the field's centre.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "Field RA", extend("x-unit" = "deg", "x-format" = "ra", "x-group" = "Ephemeris", "x-alias" = ["fov-ra"], "exclusiveMaximum" = 360.0))]
    pub fov_ra: Option<f64>,
    /// Declination of the field's centre.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Field Dec", extend("x-unit" = "deg", "x-format" = "dec", "x-group" = "Ephemeris", "x-alias" = ["fov-dec"], "exclusiveMinimum" = -90.0, "exclusiveMaximum" = 90.0))]
    pub fov_dec: Option<f64>,
    /// Faintest V magnitude that the field shows.
    #[garde(range(min = 0.0, max = 40.0))]
    #[schemars(title = "Field limit", extend("x-unit" = "mag", "x-group" = "Ephemeris", "x-alias" = ["fov-vmag"]))]
    pub fov_vmag: Option<f64>,
}

impl ScoutQuery {
    /// Whether something is asked that only a request of one object brings.
    pub(super) fn wants_object(&self) -> bool {
        self.orbits || self.n_orbits.is_some() || !self.plot.is_empty() || self.file.is_some()
    }

    pub(super) fn wants_ephemeris(&self) -> bool {
        self.eph_start.is_some()
    }

    /// Adds to a request of one object what comes along with it.
    pub(super) fn with_options(&self, mut request: Request) -> Request {
        if self.orbits || (self.n_orbits.is_some() && !self.wants_ephemeris()) {
            request = request.query("orbits", 1);
        }
        request = request.query_opt("n-orbits", self.n_orbits);
        if self.wants_ephemeris() {
            return self.with_ephemeris(request);
        }
        if !self.plot.is_empty() {
            let words: Vec<_> = self.plot.iter().map(|plot| plot.word()).collect();
            request = request.query("plot", words.join(":"));
        }
        request.query_opt(
            "file",
            self.file.map(|file| match file {
                File::List => "list",
                File::Mpc => "mpc",
            }),
        )
    }

    fn with_ephemeris(&self, request: Request) -> Request {
        let instant = |text: &Option<String>| text.as_deref().map(|text| Instant::read(text).word());
        request
            .query_opt("eph-start", instant(&self.eph_start))
            .query_opt("eph-stop", instant(&self.eph_stop))
            .query_opt("eph-step", self.eph_step.as_deref())
            .query_opt("obs-code", self.obs_code.as_deref())
            .query_opt("fov-diam", self.fov_diam)
            .query_opt("fov-ra", self.fov_ra)
            .query_opt("fov-dec", self.fov_dec)
            .query_opt("fov-vmag", self.fov_vmag)
            .query_opt("ranges", self.ranges.then_some(1))
    }

    /// Whether any limit of the group "Filters" is set.
    pub(super) fn filters(&self) -> bool {
        let whole = [
            self.neo_score_min,
            self.pha_score_min,
            self.geo_score_max,
            self.impact_rating_min,
            self.nobs_min,
        ];
        let numbers = [
            self.ca_dist_max,
            self.pos_unc_min,
            self.pos_unc_max,
            self.vmag_max,
            self.rate_max,
            self.arc_hours_min,
        ];
        whole.iter().any(Option::is_some) || numbers.iter().any(Option::is_some)
    }

    /// Whether an object keeps every limit that is set.
    #[must_use]
    pub fn passes(&self, object: &ScoutPacket) -> bool {
        fn least<T: PartialOrd>(limit: Option<T>, value: Option<T>) -> bool {
            limit.is_none_or(|limit| value.is_some_and(|value| value >= limit))
        }
        fn most<T: PartialOrd>(limit: Option<T>, value: Option<T>) -> bool {
            limit.is_none_or(|limit| value.is_some_and(|value| value <= limit))
        }
        least(self.neo_score_min, object.neo_score)
            && least(self.pha_score_min, object.pha_score)
            && most(self.geo_score_max, object.geocentric_score)
            && least(self.impact_rating_min, object.rating)
            && most(self.ca_dist_max, object.ca_dist)
            && least(self.pos_unc_min, object.unc)
            && most(self.pos_unc_max, object.unc)
            && most(self.vmag_max, object.vmag)
            && most(self.rate_max, object.rate)
            && least(self.nobs_min, object.n_obs)
            && least(self.arc_hours_min, object.arc)
    }

    fn ephemeris_rules(&self, rules: &mut Rules<'_>) {
        let given = self.wants_ephemeris();
        let named = self.tdes.is_some() || !rules.could_read(&["tdes"]);
        rules.check(&["eph_start"], !given || named, "an ephemeris needs tdes");
        let beside = [
            ("eph_stop", self.eph_stop.is_some()),
            ("eph_step", self.eph_step.is_some()),
            ("obs_code", self.obs_code.is_some()),
            ("ranges", self.ranges),
            ("fov_diam", self.fov_diam.is_some()),
        ];
        for (field, is_set) in beside {
            let begun = given || !rules.could_read(&["eph_start"]);
            rules.check(&[field], !is_set || begun, "needs eph_start");
        }
        rules.check(&["plot"], !given || self.plot.is_empty(), "an ephemeris comes without plots");
        rules.check(&["file"], !given || self.file.is_none(), "an ephemeris comes without files");
        let start = self.eph_start.as_deref().map(Instant::read);
        let stop = self.eph_stop.as_deref().map(Instant::read);
        for (field, instant) in [("eph_start", start), ("eph_stop", stop)] {
            let sound = instant != Some(Instant::Unknown);
            rules.check(
                &[field],
                sound,
                "must be a date and time in UTC such as 2026-02-12T04:00:00, or now",
            );
        }
        if let (Some(Instant::At(start)), Some(Instant::At(stop))) = (start, stop) {
            rules.check(&["eph_stop"], start < stop, "must be later than eph_start");
        }
        let ended = self.eph_stop.is_some() || !rules.could_read(&["eph_stop"]);
        rules.check(&["eph_step"], self.eph_step.is_none() || ended, "needs eph_stop");
        let step = self.eph_step.as_deref().is_none_or(is_step);
        rules.check(&["eph_step"], step, "must be a whole number and d, h or m, such as 30m");
        let code = |code: &str| code.len() == 3 && code.bytes().all(|b| b.is_ascii_alphanumeric());
        let code = self.obs_code.as_deref().is_none_or(code);
        rules.check(&["obs_code"], code, "must be an observatory code of the MPC, three letters or digits");
        let centre = self.fov_ra.is_some() == self.fov_dec.is_some();
        rules.check(&["fov_ra", "fov_dec"], centre, "give both or none");
        for (field, is_set) in [("fov_ra", self.fov_ra.is_some()), ("fov_vmag", self.fov_vmag.is_some())] {
            let sized = self.fov_diam.is_some() || !rules.could_read(&["fov_diam"]);
            rules.check(&[field], !is_set || sized, "needs fov_diam");
        }
        let alone = self.fov_ra.is_none() || self.eph_stop.is_none();
        rules.check(
            &["fov_ra", "eph_stop"],
            alone,
            "a field with a centre is of one instant; leave out one of them",
        );
    }
}

impl Form for ScoutQuery {
    fn rules(&self, rules: &mut Rules<'_>) {
        if let Some(tdes) = &self.tdes {
            rules.check(&["tdes"], is_designation(tdes), NO_DESIGNATION);
        }
        rules.ordered(["pos_unc_min", "pos_unc_max"], self.pos_unc_min, self.pos_unc_max);
        self.ephemeris_rules(rules);
    }
}

pub(super) const NO_DESIGNATION: &str = "this is no designation of the NEO Confirmation Page; they are like P12p4Jx, at most 8 letters and digits";

/// Whether this can be a designation of the NEO Confirmation Page.
pub(super) fn is_designation(name: &str) -> bool {
    let fit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    (1..=8).contains(&name.len()) && name.bytes().all(fit)
}

fn is_step(text: &str) -> bool {
    let number = text.strip_suffix(['d', 'h', 'm']);
    number.and_then(|number| number.parse::<u32>().ok()).is_some_and(|number| number > 0)
}

/// An instant as Scout takes it.
#[derive(Clone, Copy, PartialEq)]
enum Instant {
    Now,
    At(DateTime<Utc>),
    Unknown,
}

impl Instant {
    fn read(text: &str) -> Self {
        if text.eq_ignore_ascii_case("now") {
            return Self::Now;
        }
        time::parse_utc(text).map_or(Self::Unknown, Self::At)
    }

    fn word(self) -> String {
        match self {
            Self::At(time) => time.format("%Y-%m-%dT%H:%M:%S").to_string(),
            Self::Now | Self::Unknown => "now".to_owned(),
        }
    }
}
