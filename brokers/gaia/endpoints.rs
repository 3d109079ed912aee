//! Where the service is, the requests to it, and its pages for people.

use super::packet::GaiaAlert;
use super::query::GaiaConfig;
use super::{csv_list, script};
use crate::plugin::*;

const PUBLIC: &str = "https://gsaweb.ast.cam.ac.uk/";

/// The service that is asked and the public one, and how long its answers are kept.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    own: Root,
    public: Root,
    lifetime: Duration,
}

impl Endpoints {
    pub(super) fn new(config: &GaiaConfig) -> Result<Self> {
        const DAY: f64 = 86_400.0;
        let fault = |_| {
            Error::from_problems(ErrorKind::Config, vec![Problem::new("lifetime", "days from 0 on are due")])
        };
        Ok(Self {
            own: Root::new("base_url", config.base_url.as_ref(), PUBLIC)?,
            public: Root::new("base_url", None, PUBLIC)?,
            lifetime: Duration::try_from_secs_f64(config.lifetime * DAY).map_err(fault)?,
        })
    }

    /// A request for the list as CSV.
    pub(super) fn csv(&self) -> Request {
        let request = self.own.get(&["alerts", "alerts.csv"]).accept("text/csv, */*;q=0.5");
        request.cacheable(self.lifetime, |response| csv_list::has_header(response.body()))
    }

    /// A request for the page that holds the list.
    pub(super) fn index(&self) -> Request {
        let request = self.own.get(&["alerts", "alertsindex"]).accept("text/html, */*;q=0.5");
        request.cacheable(self.lifetime, |response| script::list(response, "alerts").is_ok())
    }

    /// A request for the page of one alert, for its spectra.
    pub(super) fn spectra(&self, name: &str) -> Request {
        let request = Request::get(self.page_named(name)).accept("text/html, */*;q=0.5");
        request.cacheable(self.lifetime, |response| script::list(response, "spectra").is_ok())
    }

    /// A request for a light curve.
    pub(super) fn light_curve(&self, name: &str) -> Request {
        let request = self.own.get(&["alerts", "alert", name, "lightcurve.csv"]);
        request
            .accept("text/csv, */*;q=0.5")
            .cacheable(self.lifetime, |response| response.body().contains(&b',') && !response.is_html())
    }

    /// Where the data of an alert come from: the public page, whichever mirror was asked, as the same
    /// points must be the same points.
    pub(super) fn source(&self, name: &str) -> Url {
        self.public.url(&["alerts", "alert", name, ""])
    }

    /// The page of an alert; the list's link begins with a slash, as the root ends with one.
    pub(super) fn page(&self, alert: &GaiaAlert) -> Url {
        let link = alert.per_alert.as_ref().and_then(|page| page.link.as_deref());
        match link.and_then(|link| link.strip_prefix('/')) {
            Some(path) if !path.contains("//") && !path.contains("..") => {
                self.own.url(&path.split('/').collect::<Vec<_>>())
            }
            _ => self.page_named(&alert.name),
        }
    }

    fn page_named(&self, name: &str) -> Url {
        self.own.url(&["alerts", "alert", name, ""])
    }
}
