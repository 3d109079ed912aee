//! Gaia: the archive of Gaia's photometric science alerts, with their light curves.
//!
//! The spacecraft made its last observation in January 2025, so the list no longer grows. The service
//! cannot be asked questions: it gives the whole list, of some 25,000 alerts, and this module looks
//! through it for a name, a cone, a class, a time or a magnitude. With `http.cache_dir` set the list is
//! fetched once a week at most, else at every query. No credential is needed.
//!
//! ```
//! use tom_alerts::brokers::gaia::{Gaia, GaiaConfig, GaiaQuery};
//! use tom_alerts::plugin::*;
//!
//! let gaia = Gaia::new(GaiaConfig::default())?;
//! let query = GaiaQuery { ra: Some(291.61), dec: Some(13.37), radius: Some(30.0), ..GaiaQuery::default() };
//! let request = gaia.listing(&query, &Cursor::default())?;
//! assert_eq!(request.url().path(), "/alerts/alerts.csv");
//!
//! let csv = "#Name, Date, RaDeg, DecDeg, AlertMag\n\
//!            Gaia20aaa,2020-06-04 17:25:08,291.61,13.375,17.5\n\
//!            Gaia20aab,2020-06-04 17:25:08,100,-20,18.5\n";
//! let page = gaia.page(&query, &Cursor::default(), Response::new(200, Vec::new(), csv.into()))?;
//! assert_eq!(page.items.len(), 1);
//! # Ok::<(), Error>(())
//! ```
//!
//! # What comes as what
//!
//! | of the service | here |
//! |---|---|
//! | `Date`, `obstime` | [`GenericAlert::timestamp`], taken as UTC (at most 93 s wrong if it is TCB); its text is the extra `obstime` |
//! | `AlertMag` | [`GenericAlert::mag`], band `G` of Gaia, Vega |
//! | `TNSid` | an alias of the target, with and without its prefix |
//! | `Class` | the classification of the alert; `unknown` is none |
//! | `JD(TCB)` of a light curve | time in UTC: 86 s earlier in 2014, 93 s in 2025 |
//! | `averagemag` | magnitude; `untrusted`, `null` and `NaN` are no values and counted in a note |
//!
//! # What to know
//!
//! - The list is read as CSV, or out of the page for people where there is no CSV.
//! - A name is compared whole, in any case; a name of TNS finds the alert too. `name_contains` asks for
//!   every name that holds the text.
//! - The light curve is the mean over one transit, without errors. `error_estimate` adds an error by the
//!   formula published with the alerts (Hodgkin et al. 2021) between 13 and 21 mag, and marks it.
//! - TOM Toolkit stores the TCB dates as if they were UTC. `time_scale = "utc_as_is"` does the same, for
//!   data that must match.
//! - Whether times are those of the spacecraft or of the solar system's centre is not said by the service;
//!   they may differ by 8 minutes.
//! - The low-resolution spectra of an alert's page come from [`Gaia::spectra`]; they are counts without
//!   calibration, so they are no reduced data. The lists named GaiaX are not read.

mod csv_list;
mod light_curve;
mod query;
mod spectra;

use crate::plugin::*;

pub use query::{GaiaConfig, GaiaList, GaiaQuery, TimeScale};
pub use spectra::Spectrum;

use query::Wanted;

/// Gaia's alerts over HTTP.
pub type GaiaBroker = Client<Gaia>;

const NAME: &str = "Gaia";

/// Where the service is.
const PUBLIC: &str = "https://gsaweb.ast.cam.ac.uk/";

/// The cursor of the list in the page for people, after the CSV was not there.
const INDEX: &str = "index";

/// How Gaia's alerts are asked for.
#[derive(Debug, Clone)]
pub struct Gaia {
    root: Root,
    public: Root,
    list: Option<GaiaList>,
    lifetime: Duration,
    time_scale: TimeScale,
    error_estimate: bool,
}

/// An alert as the page for people has it; the CSV has the same without the last two.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GaiaAlert {
    /// Name, such as `Gaia20cpu`.
    #[serde(deserialize_with = "wire::id")]
    pub name: String,
    /// Name at the Transient Name Server, where it has one.
    #[serde(default, deserialize_with = "filled")]
    pub tnsid: Option<String>,
    /// When it was observed, as the service writes it.
    #[serde(default, deserialize_with = "filled")]
    pub obstime: Option<String>,
    /// Right ascension, degrees.
    #[serde(default, deserialize_with = "wire::number")]
    pub ra: Option<f64>,
    /// Declination, degrees.
    #[serde(default, deserialize_with = "wire::number")]
    pub dec: Option<f64>,
    /// G magnitude of the alert.
    #[serde(default, rename = "alertMag", deserialize_with = "wire::number")]
    pub alert_mag: Option<f64>,
    /// Mean of the earlier G magnitudes; none for a new source.
    #[serde(default, rename = "historicMag", deserialize_with = "wire::number")]
    pub historic_mag: Option<f64>,
    /// Their scatter.
    #[serde(default, rename = "historicStdDev", deserialize_with = "wire::number")]
    pub historic_std_dev: Option<f64>,
    /// Class, or `unknown`.
    #[serde(default, deserialize_with = "filled")]
    pub classification: Option<String>,
    /// When it was published, as the service writes it.
    #[serde(default, deserialize_with = "filled")]
    pub published: Option<String>,
    /// What people say of it; may hold markup.
    #[serde(default, deserialize_with = "filled")]
    pub comment: Option<String>,
    /// Its page.
    #[serde(default)]
    pub per_alert: Option<PerAlert>,
    /// Whether there is a spectrum of the radial velocity spectrometer.
    #[serde(default, deserialize_with = "wire::flag")]
    pub rvs: Option<bool>,
}

/// The page of an alert.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PerAlert {
    /// The path of the page.
    #[serde(deserialize_with = "filled")]
    pub link: Option<String>,
    /// The name that is shown.
    #[serde(deserialize_with = "filled")]
    pub name: Option<String>,
}

/// A text that is not empty.
fn filled<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(wire::text(from)?.filter(|text| !text.trim().is_empty()))
}

impl Protocol for Gaia {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "Gaia's photometric science alerts of 2014 to 2025, a list that no longer grows",
        "https://gsaweb.ast.cam.ac.uk/alerts/home",
    )
    .aliases(&["tom_alerts.brokers.gaia.GaiaBroker", "GaiaBroker"])
    .score("1 for every alert, as in TOM Toolkit: this broker has no score")
    .polite(1, 0)
    .can(Capabilities {
        list: true,
        one: true,
        reduced_data: true,
        classifications: true,
        cone: true,
        name: true,
        ..Capabilities::NONE
    });
    type Config = GaiaConfig;
    type Query = GaiaQuery;
    type Packet = GaiaAlert;
    type Submission = NoForm;

    fn new(config: GaiaConfig) -> Result<Self> {
        const DAY: f64 = 86_400.0;
        let lifetime = Duration::try_from_secs_f64(config.lifetime * DAY);
        let fault = |_| {
            Error::from_problems(ErrorKind::Config, vec![Problem::new("lifetime", "days from 0 on are due")])
        };
        Ok(Self {
            root: Root::new("base_url", config.base_url.as_ref(), PUBLIC)?,
            public: Root::new("base_url", None, PUBLIC)?,
            list: config.list,
            lifetime: lifetime.map_err(fault)?,
            time_scale: config.time_scale,
            error_estimate: config.error_estimate,
        })
    }

    fn listing(&self, _query: &GaiaQuery, at: &Cursor) -> Result<Request> {
        match at.as_str() {
            "" => Ok(self.first_list()),
            INDEX => Ok(self.index()),
            _ => Err(Error::new(ErrorKind::Input, "the resume token does not fit this broker; start anew")),
        }
    }

    fn page(&self, query: &GaiaQuery, at: &Cursor, response: Response) -> Result<Page<GaiaAlert>> {
        if response.status() == 404 {
            return Ok(Page::new(Vec::new(), Some(Cursor::new(INDEX))));
        }
        let is_index = !at.is_start() || self.list == Some(GaiaList::Page);
        let items = self.search(&Wanted::of(query), is_index, &response)?;
        let found = items.len();
        let mut page = Page::new(items, None).with_total(u64::try_from(found).ok());
        if found == 0 {
            page = page.with_note("no alert of the list answers the query");
        }
        if response.header("warning").is_some() {
            let days = response.header("age").and_then(|age| age.parse::<u64>().ok()).unwrap_or(0) / 86_400;
            page = page.with_note(format!(
                "the service could not be asked; the list is the one that was kept {days} days ago"
            ));
        }
        Ok(page)
    }

    fn to_generic_alert(&self, alert: &Alert<GaiaAlert>) -> Result<GenericAlert> {
        Ok(GenericAlert {
            timestamp: alert.time(),
            ra: alert.ra,
            dec: alert.dec,
            mag: points::magnitude(alert.alert_mag),
            score: Some(1.0),
            url: Some(self.page_of(alert)),
            ..GenericAlert::new(&alert.name)
        })
    }

    fn to_target(&self, alert: &Alert<GaiaAlert>, generic: &GenericAlert) -> Result<Target> {
        let mut target = generic.to_target()?;
        if let Coordinates::Sidereal(place) = &mut target.coordinates {
            place.epoch = Some(2000.0);
        }
        if let Some(name) = &alert.tnsid {
            let name = name.split_whitespace().collect::<String>();
            let bare = query::without_prefix(&name).to_owned();
            target = target.with_alias(name).with_alias(bare);
        }
        Ok(target
            .with_extra_opt("classification", alert.classification.as_deref())
            .with_extra_opt("comment", alert.comment.as_deref())
            .with_extra_opt("alertMag", alert.alert_mag)
            .with_extra_opt("historicMag", alert.historic_mag)
            .with_extra_opt("historicStdDev", alert.historic_std_dev)
            .with_extra_opt("obstime", alert.obstime.as_deref())
            .with_extra_opt("published", alert.published.as_deref())
            .with_extra_opt("rvs", alert.rvs))
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<GaiaAlert>>> {
        if !query::is_gaia(id) && !query::is_tns(id) {
            return Err(unknown());
        }
        Ok(self.find(id))
    }

    fn recognises(&self, name: &str) -> bool {
        // A name of TNS would find the alert too, but hardly any object of TNS is one of Gaia.
        query::is_gaia(name)
    }

    fn reduced_data(&self, subject: Subject<'_, GaiaAlert>) -> Result<Call<ReducedData>> {
        if let Some(alert) = subject.alert {
            return Ok(self.light_curve(&alert.name));
        }
        if query::is_gaia(subject.id) {
            return Ok(self.light_curve(&query::canonical(subject.id)));
        }
        let gaia = self.clone();
        Ok(self.alert(subject.id)?.and_then(move |alert| Ok(gaia.light_curve(&alert.name))))
    }

    fn classifications(&self, subject: Subject<'_, GaiaAlert>) -> Result<Call<Vec<Classification>>> {
        if let Some(alert) = subject.alert {
            return Ok(Call::Done(classes(alert)));
        }
        Ok(self.alert(subject.id)?.map(|alert| Ok(classes(&alert))))
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<GaiaQuery> {
        Ok(GaiaQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..GaiaQuery::default() })
    }

    fn name_query(&self, name: &str) -> Result<GaiaQuery> {
        Ok(GaiaQuery { target_name: Some(name.to_owned()), ..GaiaQuery::default() })
    }
}

fn unknown() -> Error {
    let text = "this is no name of an alert; Gaia's are like Gaia20cpu, those of TNS like AT2020lto";
    Error::new(ErrorKind::Input, text)
}

/// What the people behind the alerts say it is.
fn classes(alert: &GaiaAlert) -> Vec<Classification> {
    let known = alert.classification.as_deref().filter(|class| !class.eq_ignore_ascii_case("unknown"));
    let class = |class: &str| Classification {
        classifier: "Gaia Science Alerts".to_owned(),
        class: class.to_owned(),
        ..Classification::default()
    };
    known.map(class).into_iter().collect()
}

impl GaiaAlert {
    /// When it was observed, the text taken as UTC.
    pub(crate) fn time(&self) -> Option<DateTime<Utc>> {
        self.obstime.as_deref().and_then(time::parse_utc)
    }
}

impl Gaia {
    /// The list to ask for first. Where both may be had, a CSV that is not there is no failure.
    fn first_list(&self) -> Request {
        match self.list {
            None => self.csv().accept_status(404),
            Some(GaiaList::Csv) => self.csv(),
            Some(GaiaList::Page) => self.index(),
        }
    }

    fn csv(&self) -> Request {
        let request = self.root.get(&["alerts", "alerts.csv"]).accept("text/csv, */*;q=0.5");
        request.cacheable(self.lifetime, |response| csv_list::has_header(response.body()))
    }

    fn index(&self) -> Request {
        let request = self.root.get(&["alerts", "alertsindex"]).accept("text/html, */*;q=0.5");
        request.cacheable(self.lifetime, |response| spectra::embedded(response, "alerts").is_ok())
    }

    /// The alerts of a list that are wanted.
    fn search(
        &self,
        wanted: &Wanted,
        is_index: bool,
        response: &Response,
    ) -> Result<Vec<Result<Alert<GaiaAlert>>>> {
        if !is_index {
            return csv_list::search(wanted, response);
        }
        let (mut items, Rest {}) = spectra::embedded(response, "alerts")?.items(None)?;
        // What cannot be read may be what is wanted.
        items.retain(|item: &Result<Alert<GaiaAlert>>| {
            item.as_ref().map_or(true, |alert| wanted.takes(alert))
        });
        Ok(items)
    }

    /// One alert out of the list by a name of Gaia or TNS.
    fn find(&self, name: &str) -> Call<Alert<GaiaAlert>> {
        let query = GaiaQuery { target_name: Some(name.to_owned()), ..GaiaQuery::default() };
        let (gaia, index) = (self.clone(), self.index());
        let wanted = Wanted::of(&query);
        let read = move |is_index: bool, response: &Response| {
            let items = gaia.search(&wanted, is_index, response)?;
            let (mut found, mut faults) = (Vec::new(), Vec::new());
            for item in items {
                match item {
                    Ok(alert) => found.push(alert),
                    Err(fault) => faults.push(fault),
                }
            }
            let none = || Error::new(ErrorKind::NotFound, "the list has no alert of this name");
            let first = found.into_iter().next();
            first.ok_or_else(|| faults.into_iter().next().unwrap_or_else(none))
        };
        let is_index = self.list == Some(GaiaList::Page);
        Call::step(self.first_list(), move |answer| {
            let response = answer?;
            if response.status() == 404 {
                return Ok(Call::get(index, move |response| read(true, &response)));
            }
            Ok(Call::Done(read(is_index, &response)?))
        })
    }

    fn page_named(&self, name: &str) -> Url {
        self.root.url(&["alerts", "alert", name, ""])
    }

    /// The page of an alert; the list's link begins with a slash, as the root ends with one.
    fn page_of(&self, alert: &GaiaAlert) -> Url {
        let link = alert.per_alert.as_ref().and_then(|page| page.link.as_deref());
        match link.and_then(|link| link.strip_prefix('/')) {
            Some(path) if !path.contains("//") && !path.contains("..") => {
                self.root.url(&path.split('/').collect::<Vec<_>>())
            }
            _ => self.page_named(&alert.name),
        }
    }
}

/// A list has nothing beside it.
#[derive(Deserialize)]
struct Rest {}
