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
//! # Configuration
//!
//! All of `[brokers.Gaia]` is optional ([`GaiaConfig`]); there are no accounts.
//!
//! | key | what |
//! |---|---|
//! | `base_url` | `https://gsaweb.ast.cam.ac.uk/` |
//! | `list` | `csv` or `page`; without it the CSV, and the page where there is none |
//! | `lifetime` | days for which the list and light curves are kept, where `http.cache_dir` is set: 7 |
//! | `time_scale` | `tcb`, or `utc_as_is` for data that must match TOM Toolkit's |
//! | `error_estimate` | `true` gives points an estimated error |
//!
//! `cargo run --example alerts -- --demo fetch Gaia mag_max=25` asks a recorded list.
//!
//! # What comes as what
//!
//! | of the service | here |
//! |---|---|
//! | `Name` | id, name, and the object's id of [`Provenance`] |
//! | `RaDeg`, `DecDeg` | position, as it was reported: the service does not say of what it is |
//! | `Date`, `obstime` | [`GenericAlert::timestamp`] and when it was observed, taken as UTC (at most 93 s wrong if it is TCB); its text is the extra `obstime` |
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
//!
//! # Documents
//!
//! - The list for people, and what its columns mean: <https://gsaweb.ast.cam.ac.uk/alerts/home>,
//!   <https://gsaweb.ast.cam.ac.uk/alerts/tableinfo>
//! - Hodgkin et al. 2021: <https://arxiv.org/abs/2106.00479>
//! - The mission: <https://www.cosmos.esa.int/gaia>
//!
//! Checked on 2026-11-30: web pages without a version.

mod csv_list;
mod endpoints;
mod listing;
mod names;
mod packet;
mod photometry;
mod query;
mod script;
mod services;
mod wanted;

use endpoints::Endpoints;

use crate::plugin::*;

pub use packet::{GaiaAlert, PerAlert};
pub use query::{GaiaConfig, GaiaList, GaiaQuery, TimeScale};
pub use services::Spectrum;

/// Gaia's alerts over HTTP.
pub type GaiaBroker = Client<Gaia>;

const NAME: &str = "Gaia";

/// How Gaia's alerts are asked for.
#[derive(Debug, Clone)]
pub struct Gaia {
    endpoints: Endpoints,
    list: Option<GaiaList>,
    time_scale: TimeScale,
    error_estimate: bool,
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
    .checked("2026-11-30", "web pages without a version")
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
        Ok(Self {
            endpoints: Endpoints::new(&config)?,
            list: config.list,
            time_scale: config.time_scale,
            error_estimate: config.error_estimate,
        })
    }

    fn listing(&self, _query: &GaiaQuery, at: &Cursor) -> Result<Request> {
        listing::request(self, at)
    }

    fn page(&self, query: &GaiaQuery, at: &Cursor, response: Response) -> Result<Page<GaiaAlert>> {
        listing::page(self, query, at, &response)
    }

    fn to_generic_alert(&self, alert: &Alert<GaiaAlert>) -> Result<GenericAlert> {
        Ok(alert.generic(self.endpoints.page(alert)))
    }

    fn to_target(&self, alert: &Alert<GaiaAlert>, generic: &GenericAlert) -> Result<Target> {
        alert.target(alert.raw(), generic)
    }

    fn provenance(&self, alert: &Alert<GaiaAlert>, _generic: &GenericAlert) -> Provenance {
        alert.provenance()
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<GaiaAlert>>> {
        if !names::is_gaia(id) && !names::is_tns(id) {
            return Err(names::unknown());
        }
        Ok(listing::find(self, id))
    }

    fn recognises(&self, name: &str) -> bool {
        // A name of TNS would find the alert too, but hardly any object of TNS is one of Gaia.
        names::is_gaia(name)
    }

    fn reduced_data(&self, subject: Subject<'_, GaiaAlert>) -> Result<Call<ReducedData>> {
        if let Some(alert) = subject.alert {
            return Ok(self.light_curve(&alert.name));
        }
        if names::is_gaia(subject.id) {
            return Ok(self.light_curve(&names::canonical(subject.id)));
        }
        let gaia = self.clone();
        Ok(self.alert(subject.id)?.and_then(move |alert| Ok(gaia.light_curve(&alert.name))))
    }

    fn classifications(&self, subject: Subject<'_, GaiaAlert>) -> Result<Call<Vec<Classification>>> {
        if let Some(alert) = subject.alert {
            return Ok(Call::Done(alert.classifications()));
        }
        Ok(self.alert(subject.id)?.map(|alert| Ok(alert.classifications())))
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<GaiaQuery>> {
        Ok(vec![GaiaQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..GaiaQuery::default() }])
    }

    fn name_query(&self, name: &str) -> Result<Vec<GaiaQuery>> {
        Ok(vec![GaiaQuery { target_name: Some(name.to_owned()), ..GaiaQuery::default() }])
    }
}
