//! What TNS can be asked, and who asks: `TnsQuery` and `TnsConfig`.

use std::collections::BTreeMap;

use super::marker::marker;
use super::names;
use super::values::{List, Values};
use crate::plugin::*;

/// Who asks TNS, where, and what a report says when its form does not.
///
/// A bot is made at `https://www.wis-tns.org/bots`; its page gives the id, the name and the key. A
/// bot made at the sandbox is gone after Sunday, when the sandbox becomes a copy of production.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct TnsConfig {
    /// Root of the site, with or without `/api`. Default: production.
    #[garde(skip)]
    #[schemars(title = "Site", extend("x-alias" = ["tns_base_url"]))]
    pub base_url: Option<Url>,
    /// Whether the public sandbox is meant. With the root of production it is a fault.
    #[garde(skip)]
    #[schemars(title = "Sandbox")]
    pub sandbox: bool,
    /// The bot's key. Without it only the web search can be asked.
    #[garde(skip)]
    #[schemars(title = "API key")]
    pub api_key: Option<Secret>,
    /// The bot's number.
    #[garde(skip)]
    #[schemars(title = "Bot ID")]
    pub bot_id: Option<u64>,
    /// The bot's name.
    #[garde(skip)]
    #[schemars(title = "Bot name")]
    pub bot_name: Option<String>,
    /// A user's number, in the place of a bot's: enough for the web search.
    #[garde(skip)]
    #[schemars(title = "User ID")]
    pub user_id: Option<u64>,
    /// The user's name.
    #[garde(skip)]
    #[schemars(title = "User name")]
    pub user_name: Option<String>,
    /// Whether reduced data take the spectra along, which costs one call for each file. Default: yes.
    #[garde(skip)]
    #[schemars(title = "Spectra")]
    pub spectra: bool,
    /// The groups that the bot reports for, by name or number; the first is the default of reports.
    #[garde(skip)]
    #[schemars(title = "Reporting groups", extend("x-alias" = ["group_name"]))]
    pub group_names: Vec<String>,
    /// Who reports, where a report's form does not say.
    #[garde(skip)]
    #[schemars(title = "Authors")]
    pub default_authors: Option<String>,
    /// TNS's filter, by label or number, for each band of the data that are reported.
    #[garde(skip)]
    #[schemars(title = "Filters")]
    pub filter_mapping: BTreeMap<String, String>,
    /// TNS's instrument, by label or number, for each instrument or telescope of the data.
    #[garde(skip)]
    #[schemars(title = "Instruments")]
    pub instrument_mapping: BTreeMap<String, String>,
    /// How TNS shall make a survey name where a report has none.
    #[garde(skip)]
    #[schemars(title = "Survey name")]
    pub internal_name_format: Option<InternalNameFormat>,
    /// How often the result of a report is asked for. Default: 10.
    #[garde(range(min = 1, max = 1000))]
    #[schemars(title = "Tries for a reply")]
    pub report_max_attempts: u32,
    /// Wait before each of them. Default: 1, 2, 3, … s.
    #[garde(range(min = 0.0, max = 3600.0))]
    #[schemars(title = "Wait for a reply", extend("x-unit" = "s"))]
    pub report_delay_seconds: Option<f64>,
}

/// How TNS makes a survey name: prefix, year, a running number, postfix.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct InternalNameFormat {
    /// What stands before the year.
    #[garde(skip)]
    #[schemars(title = "Prefix")]
    pub prefix: String,
    /// How the year is written, such as `YY`.
    #[garde(skip)]
    #[schemars(title = "Year")]
    pub year_format: String,
    /// What stands behind the number.
    #[garde(skip)]
    #[schemars(title = "Postfix")]
    pub postfix: String,
}

impl Default for TnsConfig {
    fn default() -> Self {
        Self {
            base_url: None,
            sandbox: false,
            api_key: None,
            bot_id: None,
            bot_name: None,
            user_id: None,
            user_name: None,
            spectra: true,
            group_names: Vec::new(),
            default_authors: None,
            filter_mapping: BTreeMap::new(),
            instrument_mapping: BTreeMap::new(),
            internal_name_format: None,
            report_max_attempts: 10,
            report_delay_seconds: None,
        }
    }
}

impl Form for TnsConfig {}

impl TnsConfig {
    /// The User-Agent that names the bot, else the user.
    pub(super) fn marker(&self) -> Option<String> {
        let of =
            |id: Option<u64>, kind, name: &Option<String>| Some(marker(id?, kind, name.as_deref()?.trim()));
        of(self.bot_id, "bot", &self.bot_name).or_else(|| of(self.user_id, "user", &self.user_name))
    }
}

/// Unit of a radius.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RadiusUnit {
    /// Arcseconds.
    #[default]
    Arcsec,
    /// Arcminutes.
    Arcmin,
    /// Degrees.
    Deg,
}

impl RadiusUnit {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Arcsec => "arcsec",
            Self::Arcmin => "arcmin",
            Self::Deg => "deg",
        }
    }

    pub(super) fn degrees(self, radius: f64) -> f64 {
        match self {
            Self::Arcsec => radius / 3600.0,
            Self::Arcmin => radius / 60.0,
            Self::Deg => radius,
        }
    }
}

/// Whether an object has a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Classified {
    /// Either way.
    #[default]
    Any,
    /// It has: supernovae, but novae and others too.
    Yes,
    /// It has none yet.
    No,
}

/// What TNS can be asked.
///
/// The search itself gives names only: every object costs one more call, and the calls of an account
/// are few a minute, so `max_objects` bounds them. `staging` reads one file in their place.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct TnsQuery {
    /// IAU name; a prefix such as AT or SN may be left out.
    #[garde(skip)]
    #[schemars(title = "Target name", extend("x-group" = "Object", "x-alias" = ["objname", "name"]))]
    pub target_name: Option<String>,
    /// Name that a survey gave.
    #[garde(skip)]
    #[schemars(title = "Internal name", extend("x-group" = "Object"))]
    pub internal_name: Option<String>,
    /// Whether a part of either name is enough. Default: no, the whole name is meant.
    #[garde(skip)]
    #[schemars(title = "Part of a name", extend("x-group" = "Object"))]
    pub partial_name: bool,
    /// TNS's number of the object.
    #[garde(skip)]
    #[schemars(title = "Object ID", extend("x-group" = "Object"))]
    pub objid: Option<u64>,
    /// Right ascension of the cone's centre.
    #[garde(range(min = 0.0, max = 360.0))]
    #[schemars(title = "RA", extend("x-unit" = "deg", "x-format" = "ra", "x-group" = "Cone search"))]
    pub ra: Option<f64>,
    /// Declination of the cone's centre.
    #[garde(range(min = -90.0, max = 90.0))]
    #[schemars(title = "Dec", extend("x-unit" = "deg", "x-format" = "dec", "x-group" = "Cone search"))]
    pub dec: Option<f64>,
    /// Radius of the cone, in `units`.
    #[garde(range(min = 0.0, max = 648000.0))]
    #[schemars(title = "Radius", extend("x-group" = "Cone search", "x-unit" = "arcsec", "exclusiveMinimum" = 0.0))]
    pub radius: Option<f64>,
    /// Unit of the radius. Default: arcsec.
    #[garde(skip)]
    #[schemars(title = "Units", extend("x-group" = "Cone search"))]
    pub units: Option<RadiusUnit>,
    /// Discovered within the last so many days; wins over `min_date`.
    #[garde(range(min = 0.0, max = 400000.0))]
    #[schemars(title = "Days ago", extend("x-unit" = "day", "x-group" = "Discovery"))]
    pub days_ago: Option<f64>,
    /// Discovered at or after this time, UTC.
    #[garde(skip)]
    #[schemars(title = "Discovered from", extend("x-group" = "Discovery", "x-alias" = ["discovery_date_start"]))]
    pub min_date: Option<DateTime<Utc>>,
    /// Discovered at or before this time, UTC.
    #[garde(skip)]
    #[schemars(title = "Discovered to", extend("x-group" = "Discovery", "x-alias" = ["discovery_date_end"]))]
    pub max_date: Option<DateTime<Utc>>,
    /// Most days between the last non-detection and the first detection.
    #[garde(range(min = 0.0, max = 400000.0))]
    #[schemars(title = "Days from non-detection", extend("x-unit" = "day", "x-group" = "Discovery"))]
    pub days_from_nondet: Option<f64>,
    /// Made public or changed at or after this time, UTC; not a date of discovery.
    #[garde(skip)]
    #[schemars(title = "Changed since", extend("x-group" = "Discovery", "x-alias" = ["public_timestamp"]))]
    pub modified_since: Option<DateTime<Utc>>,
    /// Made public or changed within the last so many days; wins over `modified_since`.
    #[garde(range(min = 0.0, max = 400000.0))]
    #[schemars(title = "Changed within", extend("x-unit" = "day", "x-group" = "Discovery"))]
    pub modified_days: Option<f64>,
    /// Reported within the last so many days.
    #[garde(range(min = 1, max = 36500))]
    #[schemars(title = "Reported within", extend("x-unit" = "day", "x-group" = "Discovery"))]
    pub reported_days: Option<u32>,
    /// Brightest at discovery.
    #[garde(range(min = -40.0, max = 60.0))]
    #[schemars(title = "Discovery magnitude from", extend("x-unit" = "mag", "x-group" = "Discovery"))]
    pub discovery_mag_min: Option<f64>,
    /// Faintest at discovery.
    #[garde(range(min = -40.0, max = 60.0))]
    #[schemars(title = "Discovery magnitude to", extend("x-unit" = "mag", "x-group" = "Discovery"))]
    pub discovery_mag_max: Option<f64>,
    /// Whether it is classified.
    #[garde(skip)]
    #[schemars(title = "Classified", extend("x-group" = "Class"))]
    pub classified: Option<Classified>,
    /// Classes, by label or number.
    #[garde(skip)]
    #[schemars(title = "Class", extend("x-group" = "Class", "x-hints" = ["SN Ia", "SN Ib", "SN Ic", "SN II", "SN IIn", "SN IIb", "SLSN-I", "SLSN-II", "TDE", "Nova", "CV", "Kilonova"]))]
    pub objtype: Vec<String>,
    /// Types at report, by label or number: 1 is a possible supernova, 4 possibly nuclear.
    #[garde(skip)]
    #[schemars(title = "AT type", extend("x-group" = "Class"))]
    pub at_type: Vec<String>,
    /// Smallest redshift.
    #[garde(range(min = -1.0, max = 20.0))]
    #[schemars(title = "Redshift from", extend("x-group" = "Class"))]
    pub redshift_min: Option<f64>,
    /// Largest redshift.
    #[garde(range(min = -1.0, max = 20.0))]
    #[schemars(title = "Redshift to", extend("x-group" = "Class"))]
    pub redshift_max: Option<f64>,
    /// Least number of spectra.
    #[garde(skip)]
    #[schemars(title = "Spectra", extend("x-group" = "Class"))]
    pub spectra_count: Option<u32>,
    /// Whether radio bursts are listed too.
    #[garde(skip)]
    #[schemars(title = "Radio bursts", extend("x-group" = "Class"))]
    pub include_frb: bool,
    /// Host galaxy.
    #[garde(skip)]
    #[schemars(title = "Host", extend("x-group" = "Object"))]
    pub hostname: Option<String>,
    /// Groups that reported it, by name or number.
    #[garde(skip)]
    #[schemars(title = "Reporting group", extend("x-group" = "People", "x-alias" = ["reporting_groupid"]))]
    pub reporting_group: Vec<String>,
    /// Groups whose data it was found in, by name or number.
    #[garde(skip)]
    #[schemars(title = "Data source", extend("x-group" = "People", "x-alias" = ["data_source_groupid"]))]
    pub data_source_group: Vec<String>,
    /// Groups that classified it, by name or number.
    #[garde(skip)]
    #[schemars(title = "Classifying group", extend("x-group" = "People", "x-alias" = ["classifier_groupid"]))]
    pub classifier_group: Vec<String>,
    /// Discoverer.
    #[garde(skip)]
    #[schemars(title = "Discoverer", extend("x-group" = "People"))]
    pub discoverer: Option<String>,
    /// Classifier.
    #[garde(skip)]
    #[schemars(title = "Classifier", extend("x-group" = "People"))]
    pub classifier: Option<String>,
    /// Instruments of the discovery, by label or number.
    #[garde(skip)]
    #[schemars(title = "Discovery instrument", extend("x-group" = "People"))]
    pub discovery_instrument: Vec<String>,
    /// Instruments of the classification, by label or number.
    #[garde(skip)]
    #[schemars(title = "Classification instrument", extend("x-group" = "People"))]
    pub classification_instrument: Vec<String>,
    /// The most objects that are fetched, newest first, as each costs a call. Default: 50.
    #[garde(range(min = 1, max = 100000))]
    #[schemars(title = "Objects", extend("x-group" = "Listing"))]
    pub max_objects: Option<u32>,
    /// A file of objects in place of a search: `all`, a day such as 2026-07-26, or an hour 00 to 23
    /// UT of the last day. The other fields then choose among its rows.
    #[garde(skip)]
    #[schemars(title = "Staging file", extend("x-group" = "Listing"))]
    pub staging: Option<String>,
    /// Whether the web search is asked in place of the API: pages of 50 whole objects, without
    /// photometry. Default: only where there is no key.
    #[garde(skip)]
    #[schemars(title = "Web search", extend("x-group" = "Listing"))]
    pub web: Option<bool>,
}

/// The fields that a row of a staging file can be compared with.
const IN_STAGING: [&str; 23] = [
    "target_name",
    "internal_name",
    "partial_name",
    "objid",
    "ra",
    "dec",
    "radius",
    "units",
    "days_ago",
    "min_date",
    "max_date",
    "modified_since",
    "modified_days",
    "discovery_mag_min",
    "discovery_mag_max",
    "classified",
    "objtype",
    "redshift_min",
    "redshift_max",
    "reporting_group",
    "data_source_group",
    "max_objects",
    "staging",
];

impl Form for TnsQuery {
    fn prepare(given: &mut Given) {
        if given.tom_query().is_none() {
            return;
        }
        // TOM Toolkit searches by parts of names, and by the time at which an object was made public or
        // changed, though its form speaks of the discovery.
        if given.get("target_name").is_some() || given.get("internal_name").is_some() {
            given.set_default("partial_name", true);
        }
        if given.get("days_ago").is_some() {
            given.remove("min_date");
        }
        given.rename("days_ago", "modified_days");
        given.rename("min_date", "modified_since");
    }

    fn rules(&self, rules: &mut Rules<'_>) {
        rules.cone(self.ra, self.dec, self.radius);
        if let (Some(radius), Some(unit)) = (self.radius, self.units) {
            rules.check(
                &["radius", "units"],
                unit.degrees(radius) <= 180.0,
                "the radius is more than 180 degrees",
            );
        }
        let named = self
            .target_name
            .as_deref()
            .is_none_or(|name| self.partial_name || names::objname(name).is_some())
            || !rules.could_read(&["partial_name"]);
        rules.check(
            &["target_name"],
            named,
            "this is no IAU name such as 2026abc; a survey's name goes into internal_name",
        );
        rules.ordered(["min_date", "max_date"], self.min_date, self.max_date);
        let (brightest, faintest) = (self.discovery_mag_min, self.discovery_mag_max);
        rules.ordered(["discovery_mag_min", "discovery_mag_max"], brightest, faintest);
        rules.ordered(["redshift_min", "redshift_max"], self.redshift_min, self.redshift_max);
        if let Some(text) = &self.staging {
            let fault = "give all, a day such as 2026-07-26, or an hour 00 to 23";
            rules.check(&["staging"], Staging::of(text).is_some(), fault);
            rules.check(&["staging", "web"], self.web != Some(true), "give one of the two");
        }
        let set = form::to_parameters(self).unwrap_or_default();
        let meant = |(key, value): &(&String, &Value)| {
            **value != Value::Bool(false)
                && !["max_objects", "partial_name", "units", "web"].contains(&key.as_str())
        };
        if self.staging.is_some() {
            for (key, _) in set.iter().filter(meant).filter(|(key, _)| !IN_STAGING.contains(&key.as_str())) {
                rules.fault(key, "the staging files do not have this; leave out one of the two");
            }
        } else {
            // These two are seen at the objects alone: the search itself would have nothing to go by.
            let later = |key: &str| match key {
                "classified" => self.classified != Some(Classified::No),
                key => key == "days_from_nondet",
            };
            let asked = set.iter().any(|pair| meant(&pair) && !later(pair.0));
            let fault = if set.iter().any(|pair| meant(&pair)) {
                "classified and days_from_nondet choose among what a search finds; give another criterion, or a \
                 staging file"
            } else {
                "give at least one criterion, or a staging file"
            };
            rules.check(&[], asked, fault);
        }
    }
}

/// Which file of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Staging {
    All,
    Day(chrono::NaiveDate),
    Hour(u8),
}

impl Staging {
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("all") {
            return Some(Self::All);
        }
        if text.len() <= 2 {
            return text.parse().ok().filter(|hour| *hour < 24).map(Self::Hour);
        }
        let day =
            ["%Y-%m-%d", "%Y%m%d"].iter().find_map(|form| chrono::NaiveDate::parse_from_str(text, form).ok());
        day.map(Self::Day)
    }

    /// Whether a file whose period begins at `start` is the one that is meant; why not.
    ///
    /// The file of an hour is written anew each day: until then it is that of the day before.
    pub(super) fn check(self, start: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
        let told = start.format("%Y-%m-%d %H:%M:%S");
        let fault = match self {
            Self::All => return Ok(()),
            Self::Day(day) => {
                let off = start.date_naive().signed_duration_since(day).num_days();
                // The line may hold the end of the period.
                (!(0..=1).contains(&off)).then(|| format!("the file of {day} says that its period begins {told}"))
            }
            Self::Hour(hour) => (now - start >= chrono::Duration::hours(25)).then(|| {
                format!(
                    "TNS has not written the file of hour {hour:02} anew: its period begins {told}, which is more \
                     than a day ago; come back later"
                )
            }),
        };
        match fault {
            Some(text) => Err(Error::new(ErrorKind::NotFound, text)),
            None => Ok(()),
        }
    }

    /// The file's name; the days and hours are UT.
    pub(super) fn file(self) -> String {
        match self {
            Self::All => "tns_public_objects.csv.zip".to_owned(),
            Self::Day(day) => format!("tns_public_objects_{}.csv.zip", day.format("%Y%m%d")),
            Self::Hour(hour) => format!("tns_public_objects_{hour:02}.csv.zip"),
        }
    }
}

impl TnsQuery {
    /// How many objects are fetched.
    #[must_use]
    pub fn max_objects(&self) -> usize {
        self.max_objects.unwrap_or(50) as usize
    }

    /// Discovered at or after this.
    pub(super) fn discovered_from(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.days_ago.map_or(self.min_date, |days| days_before(now, days))
    }

    /// Made public or changed at or after this.
    pub(super) fn modified_from(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.modified_days.map_or(self.modified_since, |days| days_before(now, days))
    }

    /// The words of lists as numbers; all that are in no list at once.
    pub(super) fn numbers(&self, values: &Values) -> Result<Numbers> {
        let mut faults = Vec::new();
        let mut find = |field: &str, words: &[String], list: &List| {
            let mut ids = Vec::new();
            for word in words {
                match number(word, list) {
                    Ok(id) => ids.push(id),
                    Err(text) => faults.push(Problem::new(field, text)),
                }
            }
            ids
        };
        let numbers = Numbers {
            objtype: find("objtype", &self.objtype, &values.objtypes),
            at_type: find("at_type", &self.at_type, &values.at_types),
            reporting_group: find("reporting_group", &self.reporting_group, &values.groups),
            data_source_group: find("data_source_group", &self.data_source_group, &values.groups),
            classifier_group: find("classifier_group", &self.classifier_group, &values.groups),
            discovery_instrument: find(
                "discovery_instrument",
                &self.discovery_instrument,
                &values.instruments,
            ),
            classification_instrument: find(
                "classification_instrument",
                &self.classification_instrument,
                &values.instruments,
            ),
        };
        if faults.is_empty() { Ok(numbers) } else { Err(Error::from_problems(ErrorKind::Input, faults)) }
    }
}

fn days_before(now: DateTime<Utc>, days: f64) -> Option<DateTime<Utc>> {
    now.checked_sub_signed(chrono::Duration::try_milliseconds((days * 86_400_000.0) as i64)?)
}

/// The words of a query as the numbers of TNS's lists.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    pub(super) objtype: Vec<u32>,
    pub(super) at_type: Vec<u32>,
    pub(super) reporting_group: Vec<u32>,
    pub(super) data_source_group: Vec<u32>,
    pub(super) classifier_group: Vec<u32>,
    pub(super) discovery_instrument: Vec<u32>,
    pub(super) classification_instrument: Vec<u32>,
}

/// The number of a word in a list. A number that the list lacks is taken: the lists grow.
pub(super) fn number(word: &str, list: &List) -> Result<u32, String> {
    if let Ok(id) = word.trim().parse() {
        return Ok(id);
    }
    list.find(word).ok_or_else(|| {
        let close = form::suggest(word, list.iter().map(|(_, label)| label));
        let close = close.map_or_else(String::new, |close| format!(", did you mean {close:?}?"));
        format!("{word:?} is not in the list that is known here{close}; TNS's number of it is taken too")
    })
}
