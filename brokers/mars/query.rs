//! What MARS can be asked, and where it is: `MarsQuery` and `MarsConfig`.

use crate::plugin::*;

/// Names and texts of what is sent, in order.
pub(super) type Parameters = Vec<(&'static str, String)>;

/// Where an instance of MARS is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct MarsConfig {
    /// Root of the instance. There is no default, as the public one is retired.
    #[garde(skip)]
    #[schemars(title = "Service")]
    pub base_url: Option<Url>,
}

impl Form for MarsConfig {}

/// A band of ZTF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Filter {
    /// ZTF's g.
    G,
    /// ZTF's r.
    R,
    /// ZTF's i.
    I,
}

impl Filter {
    fn word(self) -> &'static str {
        match self {
            Self::G => "g",
            Self::R => "r",
            Self::I => "i",
        }
    }
}

/// Which end of a listing comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub enum SortOrder {
    /// Smallest first.
    #[serde(rename = "asc")]
    Ascending,
    /// Largest first.
    #[default]
    #[serde(rename = "desc")]
    Descending,
}

impl SortOrder {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

/// What MARS can be asked: every filter of its help page.
///
/// Everything is optional, and all that is given must hold; an empty query lists every alert. The
/// server's own names, with two underscores, are taken too. Ends named `_gt` and `_lt` do not
/// belong to the range, those named `_gte` and `_lte` do. At most one cone is taken.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct MarsQuery {
    /// Objects by ZTF's names, exact. Several are asked for in one request, 20 at a time.
    #[garde(skip)]
    #[schemars(title = "ZTF object ID", extend("x-group" = "Object", "x-alias" = ["objectId"]))]
    pub object_id: Vec<String>,
    /// The alert of this measurement of ZTF.
    #[garde(range(min = 0))]
    #[schemars(title = "Candidate ID", extend("x-group" = "Object"))]
    pub candid: Option<i64>,
    /// Alerts that have this object of the PS1 catalogue as one of their three nearest.
    #[garde(range(min = 0))]
    #[schemars(title = "Nearby object", extend("x-group" = "Object"))]
    pub objectidps: Option<i64>,
    /// After this time, UTC.
    #[garde(skip)]
    #[schemars(title = "Time, lower", extend("x-group" = "Time", "x-alias" = ["time__gt"]))]
    pub time_gt: Option<DateTime<Utc>>,
    /// Before this time, UTC.
    #[garde(skip)]
    #[schemars(title = "Time, upper", extend("x-group" = "Time", "x-alias" = ["time__lt"]))]
    pub time_lt: Option<DateTime<Utc>>,
    /// Younger than so many seconds.
    #[garde(skip)]
    #[schemars(title = "Time since", extend("x-unit" = "s", "x-group" = "Time", "x-alias" = ["time__since"]))]
    pub time_since: Option<u64>,
    /// After this Julian date, UTC.
    #[garde(range(min = 0.0))]
    #[schemars(title = "JD, lower", extend("x-unit" = "JD", "x-group" = "Time", "x-alias" = ["jd__gt"]))]
    pub jd_gt: Option<f64>,
    /// Before this Julian date, UTC.
    #[garde(range(min = 0.0))]
    #[schemars(title = "JD, upper", extend("x-unit" = "JD", "x-group" = "Time", "x-alias" = ["jd__lt"]))]
    pub jd_lt: Option<f64>,
    /// Right ascension of the cone's centre, J2000.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA", extend("x-unit" = "deg", "x-format" = "ra", "x-group" = "Cone search"))]
    pub ra: Option<f64>,
    /// Declination of the cone's centre, J2000.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Dec", extend("x-unit" = "deg", "x-format" = "dec", "x-group" = "Cone search"))]
    pub dec: Option<f64>,
    /// Radius of the cone.
    #[garde(range(min = 0.0, max = 648000.0))]
    #[schemars(title = "Radius", extend("x-unit" = "arcsec", "x-group" = "Cone search", "exclusiveMinimum" = 0.0))]
    pub radius: Option<f64>,
    /// TOM Toolkit's cone in one text: right ascension, declination and radius, all in degrees, with commas between.
    #[garde(skip)]
    #[schemars(title = "Cone search", extend("x-unit" = "deg", "x-group" = "Cone search"))]
    pub cone: Option<String>,
    /// A cone around an object that the server's resolver knows by its name: name and radius in degrees, with a comma between.
    #[garde(skip)]
    #[schemars(title = "Object cone search", extend("x-unit" = "deg", "x-group" = "Cone search"))]
    pub objectcone: Option<String>,
    /// Right ascension above this. A value above the upper end goes through 0.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA, lower", extend("x-unit" = "deg", "x-format" = "ra", "x-group" = "Location", "x-alias" = ["ra__gt"]))]
    pub ra_gt: Option<f64>,
    /// Right ascension below this.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA, upper", extend("x-unit" = "deg", "x-format" = "ra", "x-group" = "Location", "x-alias" = ["ra__lt"]))]
    pub ra_lt: Option<f64>,
    /// Declination above this.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Dec, lower", extend("x-unit" = "deg", "x-format" = "dec", "x-group" = "Location", "x-alias" = ["dec__gt"]))]
    pub dec_gt: Option<f64>,
    /// Declination below this.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Dec, upper", extend("x-unit" = "deg", "x-format" = "dec", "x-group" = "Location", "x-alias" = ["dec__lt"]))]
    pub dec_lt: Option<f64>,
    /// Galactic longitude above this.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "Galactic longitude, lower", extend("x-unit" = "deg", "x-group" = "Location", "x-alias" = ["l__gt"]))]
    pub l_gt: Option<f64>,
    /// Galactic longitude below this.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "Galactic longitude, upper", extend("x-unit" = "deg", "x-group" = "Location", "x-alias" = ["l__lt"]))]
    pub l_lt: Option<f64>,
    /// Galactic latitude above this.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Galactic latitude, lower", extend("x-unit" = "deg", "x-group" = "Location", "x-alias" = ["b__gt"]))]
    pub b_gt: Option<f64>,
    /// Galactic latitude below this.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Galactic latitude, upper", extend("x-unit" = "deg", "x-group" = "Location", "x-alias" = ["b__lt"]))]
    pub b_lt: Option<f64>,
    /// The band.
    #[garde(skip)]
    #[schemars(title = "Filter", extend("x-group" = "Photometry"))]
    pub filter: Option<Filter>,
    /// Least magnitude of the difference image.
    #[garde(skip)]
    #[schemars(title = "PSF magnitude, lower", extend("x-unit" = "mag", "x-group" = "Photometry", "x-alias" = ["magpsf__gte"]))]
    pub magpsf_gte: Option<f64>,
    /// Largest magnitude of the difference image.
    #[garde(skip)]
    #[schemars(title = "PSF magnitude, upper", extend("x-unit" = "mag", "x-group" = "Photometry", "x-alias" = ["magpsf__lte"]))]
    pub magpsf_lte: Option<f64>,
    /// Largest error of that magnitude.
    #[garde(range(min = 0.0))]
    #[schemars(title = "PSF magnitude error, upper", extend("x-unit" = "mag", "x-group" = "Photometry", "x-alias" = ["sigmapsf__lte"]))]
    pub sigmapsf_lte: Option<f64>,
    /// Least aperture magnitude of the difference image.
    #[garde(skip)]
    #[schemars(title = "Aperture magnitude, lower", extend("x-unit" = "mag", "x-group" = "Photometry", "x-alias" = ["magap__gte"]))]
    pub magap_gte: Option<f64>,
    /// Largest aperture magnitude of the difference image.
    #[garde(skip)]
    #[schemars(title = "Aperture magnitude, upper", extend("x-unit" = "mag", "x-group" = "Photometry", "x-alias" = ["magap__lte"]))]
    pub magap_lte: Option<f64>,
    /// Least difference to the latest earlier magnitude of the same band; negative where it got brighter. Alerts without one never match.
    #[garde(skip)]
    #[schemars(title = "Delta mag, lower", extend("x-unit" = "mag", "x-group" = "Photometry", "x-alias" = ["deltamaglatest__gte"]))]
    pub deltamaglatest_gte: Option<f64>,
    /// Largest difference to the latest earlier magnitude of the same band; negative where it got brighter. Alerts without one never match.
    #[garde(skip)]
    #[schemars(title = "Delta mag, upper", extend("x-unit" = "mag", "x-group" = "Photometry", "x-alias" = ["deltamaglatest__lte"]))]
    pub deltamaglatest_lte: Option<f64>,
    /// Least magnitude of the reference source less that of the difference. Alerts without one never match.
    #[garde(skip)]
    #[schemars(title = "Delta mag ref, lower", extend("x-unit" = "mag", "x-group" = "Photometry", "x-alias" = ["deltamagref__gte"]))]
    pub deltamagref_gte: Option<f64>,
    /// Largest magnitude of the reference source less that of the difference. Alerts without one never match.
    #[garde(skip)]
    #[schemars(title = "Delta mag ref, upper", extend("x-unit" = "mag", "x-group" = "Photometry", "x-alias" = ["deltamagref__lte"]))]
    pub deltamagref_lte: Option<f64>,
    /// Least distance to the nearest source of the reference image.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Distance to reference source, lower", extend("x-unit" = "px", "x-group" = "Quality", "x-alias" = ["distnr__gte"]))]
    pub distnr_gte: Option<f64>,
    /// Largest distance to the nearest source of the reference image.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Distance to reference source, upper", extend("x-unit" = "px", "x-group" = "Quality", "x-alias" = ["distnr__lte"]))]
    pub distnr_lte: Option<f64>,
    /// Least real-bogus score.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "Real/bogus, lower", extend("x-group" = "Quality", "x-alias" = ["rb__gte"]))]
    pub rb_gte: Option<f64>,
    /// Least real-bogus score by deep learning. Alerts before June 2019 have none and never match.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "Deep-learning real/bogus, lower", extend("x-group" = "Quality", "x-alias" = ["drb__gte"]))]
    pub drb_gte: Option<f64>,
    /// Least star-likeness.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "Star/galaxy score, lower", extend("x-group" = "Quality", "x-alias" = ["classtar__gte"]))]
    pub classtar_gte: Option<f64>,
    /// Largest star-likeness.
    #[garde(range(min = 0.0, max = 1.0))]
    #[schemars(title = "Star/galaxy score, upper", extend("x-group" = "Quality", "x-alias" = ["classtar__lte"]))]
    pub classtar_lte: Option<f64>,
    /// Largest full width at half maximum.
    #[garde(range(min = 0.0))]
    #[schemars(title = "FWHM, upper", extend("x-unit" = "px", "x-group" = "Quality", "x-alias" = ["fwhm__lte"]))]
    pub fwhm_lte: Option<f64>,
    /// Largest number of bad pixels in the stamp.
    #[garde(skip)]
    #[schemars(title = "Bad pixels, upper", extend("x-group" = "Quality", "x-alias" = ["nbad__lte"]))]
    pub nbad_lte: Option<u32>,
    /// Largest ratio of long to short axis.
    #[garde(range(min = 0.0))]
    #[schemars(title = "Elongation, upper", extend("x-group" = "Quality", "x-alias" = ["elong__lte"]))]
    pub elong_lte: Option<f64>,
    /// What the listing is sorted by: a column of the server's table. Default: id, its number of the alert, so that none is lost between two pages.
    #[garde(skip)]
    #[schemars(title = "Sort by", extend("x-group" = "Listing", "x-hints" = ["id", "jd", "magpsf", "sigmapsf", "rb", "drb", "deltamaglatest", "deltamagref", "classtar", "distnr", "fwhm", "ndethist", "objectId", "gal_l", "gal_b"]))]
    pub sort_value: Option<String>,
    /// Which end comes first. Default: desc, the largest.
    #[garde(skip)]
    #[schemars(title = "Sort order", extend("x-group" = "Listing"))]
    pub sort_order: Option<SortOrder>,
}

/// The columns of the server's table that a listing can be sorted by; another one makes it fail.
const COLUMNS: &str = "
    aimage aimagerat alert_candid bimage bimagerat candid chinr chipsf classtar clrcoeff clrcounc clrmed
    clrrms decnr deltamaglatest deltamagref diffmaglim distnr distpsnr1 distpsnr2 distpsnr3 drb
    drbversion dsdiff dsnrms elong exptime fid field fwhm gal_b gal_l id isdiffpos jd jdendhist jdendref
    jdstarthist jdstartref magap magapbig magdiff magfromlim maggaia maggaiabright magnr magpsf magzpsci
    magzpscirms magzpsciunc mindtoedge nbad ncovhist ndethist neargaia neargaiabright nframesref nid
    nmatches nmtchps nneg objectId objectidps1 objectidps2 objectidps3 pdiffimfilename pid programid
    programpi publisher ranr rb rbversion rcid rfid scorr seeratio sgmag1 sgmag2 sgmag3 sgscore1
    sgscore2 sgscore3 sharpnr sigmagap sigmagapbig sigmagnr sigmapsf simag1 simag2 simag3 sky srmag1
    srmag2 srmag3 ssdistnr ssmagnr ssnamenr ssnrms sumrat szmag1 szmag2 szmag3 tblid tooflag xpos ypos
    zpclrcov zpmed
";

fn columns() -> impl Iterator<Item = &'static str> {
    COLUMNS.split_ascii_whitespace()
}

/// A JD that is an MJD: no alert of ZTF is that old.
const SURELY_MJD: f64 = 1_000_000.0;

const DEGREE: f64 = 3600.0;

/// Whether this can be a name of ZTF, such as `ZTF18abbkloa`.
pub(super) fn is_object(name: &str) -> bool {
    let rest = name.strip_prefix("ZTF").unwrap_or_default();
    (3..=30).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

impl MarsQuery {
    /// The cone in degrees, from whichever fields say it.
    fn cone(&self) -> Option<[f64; 3]> {
        if let (Some(ra), Some(dec), Some(radius)) = (self.ra, self.dec, self.radius) {
            return Some([sky::wrap_degrees(ra), dec, radius / DEGREE]);
        }
        sky::parse_cone(self.cone.as_deref()?)
    }

    /// The named cone: a name and degrees.
    fn named(&self) -> Option<(&str, f64)> {
        let (name, radius) = self.objectcone.as_deref()?.split_once(',')?;
        let radius = radius.trim().parse().ok()?;
        Some((name.trim(), radius)).filter(|(name, _)| !name.is_empty())
    }

    /// What is sent for all but the objects, the range of right ascension and the order.
    pub(super) fn filters(&self) -> Parameters {
        let mut all = Parameters::new();
        let mut add = |key, value: Option<String>| all.extend(value.map(|value| (key, value)));
        fn text(value: Option<impl ToString>) -> Option<String> {
            value.map(|value| value.to_string())
        }
        // The server takes no zone but a final Z, and wants the T.
        let instant =
            |time: Option<DateTime<Utc>>| time.map(|t| t.format("%Y-%m-%dT%H:%M:%S%.3f").to_string());
        add("candid", text(self.candid));
        add("objectidps", text(self.objectidps));
        add("time__gt", instant(self.time_gt));
        add("time__lt", instant(self.time_lt));
        add("time__since", text(self.time_since));
        add("jd__gt", text(self.jd_gt));
        add("jd__lt", text(self.jd_lt));
        add("cone", self.cone().map(|[ra, dec, radius]| format!("{ra},{dec},{radius}")));
        add("objectcone", self.named().map(|(name, radius)| format!("{name},{radius}")));
        add("dec__gt", text(self.dec_gt));
        add("dec__lt", text(self.dec_lt));
        add("l__gt", text(self.l_gt));
        add("l__lt", text(self.l_lt));
        add("b__gt", text(self.b_gt));
        add("b__lt", text(self.b_lt));
        add("filter", self.filter.map(|filter| filter.word().to_owned()));
        add("magpsf__gte", text(self.magpsf_gte));
        add("magpsf__lte", text(self.magpsf_lte));
        add("sigmapsf__lte", text(self.sigmapsf_lte));
        add("magap__gte", text(self.magap_gte));
        add("magap__lte", text(self.magap_lte));
        add("deltamaglatest__gte", text(self.deltamaglatest_gte));
        add("deltamaglatest__lte", text(self.deltamaglatest_lte));
        add("deltamagref__gte", text(self.deltamagref_gte));
        add("deltamagref__lte", text(self.deltamagref_lte));
        add("distnr__gte", text(self.distnr_gte));
        add("distnr__lte", text(self.distnr_lte));
        add("rb__gte", text(self.rb_gte));
        add("drb__gte", text(self.drb_gte));
        add("classtar__gte", text(self.classtar_gte));
        add("classtar__lte", text(self.classtar_lte));
        add("fwhm__lte", text(self.fwhm_lte));
        add("nbad__lte", text(self.nbad_lte));
        add("elong__lte", text(self.elong_lte));
        all
    }

    fn cone_rules(&self, rules: &mut Rules<'_>) {
        rules.cone(self.ra, self.dec, self.radius);
        rules.cone_text("cone", self.cone.as_deref());
        let numbers = self.ra.is_some() || self.dec.is_some() || self.radius.is_some();
        let cones =
            [("ra", numbers), ("cone", self.cone.is_some()), ("objectcone", self.objectcone.is_some())];
        let given: Vec<_> = cones.into_iter().filter(|(_, given)| *given).map(|(field, _)| field).collect();
        rules.check(&given, given.len() <= 1, "one cone a query");
        let named = self.objectcone.as_deref().is_none_or(|cone| {
            let sound = |(_, radius): (&str, f64)| radius > 0.0 && radius <= 180.0;
            self.named().is_some_and(sound) && cone.matches(',').count() == 1
        });
        rules.check(&["objectcone"], named, "give name,radius: a name without a comma, and degrees above 0");
    }
}

impl Form for MarsQuery {
    fn rules(&self, rules: &mut Rules<'_>) {
        for name in &self.object_id {
            let text = format!("a name of ZTF is like ZTF18abbkloa{}", Survey::hint(name));
            rules.check(&["object_id"], is_object(name), text);
        }
        self.cone_rules(rules);
        for (field, jd) in [("jd_gt", self.jd_gt), ("jd_lt", self.jd_lt)] {
            let text = "this is an MJD; give the JD, which is MJD + 2400000.5";
            rules.check(&[field], jd.is_none_or(|jd| jd >= SURELY_MJD), text);
        }
        rules.ordered(["time_gt", "time_lt"], self.time_gt, self.time_lt);
        rules.ordered(["jd_gt", "jd_lt"], self.jd_gt, self.jd_lt);
        rules.ordered(["dec_gt", "dec_lt"], self.dec_gt, self.dec_lt);
        rules.ordered(["l_gt", "l_lt"], self.l_gt, self.l_lt);
        rules.ordered(["b_gt", "b_lt"], self.b_gt, self.b_lt);
        rules.ordered(["magpsf_gte", "magpsf_lte"], self.magpsf_gte, self.magpsf_lte);
        rules.ordered(["magap_gte", "magap_lte"], self.magap_gte, self.magap_lte);
        let delta = ["deltamaglatest_gte", "deltamaglatest_lte"];
        rules.ordered(delta, self.deltamaglatest_gte, self.deltamaglatest_lte);
        rules.ordered(["deltamagref_gte", "deltamagref_lte"], self.deltamagref_gte, self.deltamagref_lte);
        rules.ordered(["distnr_gte", "distnr_lte"], self.distnr_gte, self.distnr_lte);
        rules.ordered(["classtar_gte", "classtar_lte"], self.classtar_gte, self.classtar_lte);
        if let Some(column) = &self.sort_value {
            let known = columns().any(|known| known == column);
            let near = form::suggest(column, columns());
            let near = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            rules.check(&["sort_value"], known, format!("the server's table has no such column{near}"));
        }
    }
}
