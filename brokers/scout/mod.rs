//! Scout: JPL's hazard assessment of the objects on the MPC's NEO Confirmation Page.
//!
//! Scout recomputes every unconfirmed object within minutes of new observations: from none to about
//! a hundred objects, each with scores, a coarse position, and up to 1000 sampled orbits. An object
//! leaves as soon as it is designated, found to be artificial, or lost. No credential is needed.
//!
//! ```
//! use tom_alerts::brokers::scout::{Scout, ScoutConfig, ScoutQuery};
//! use tom_alerts::plugin::*;
//!
//! let scout = Scout::new(ScoutConfig::default())?;
//! let query = ScoutQuery { tdes: Some("P12p4Jx".into()), orbits: true, ..ScoutQuery::default() };
//! let request = scout.listing(&query, &Cursor::default())?;
//! assert_eq!(request.url().query(), Some("tdes=P12p4Jx&orbits=1"));
//! # Ok::<(), Error>(())
//! ```
//!
//! # Configuration
//!
//! All of `[brokers.Scout]` is optional ([`ScoutConfig`]); there are no accounts.
//!
//! | key | what |
//! |---|---|
//! | `base_url` | `https://ssd-api.jpl.nasa.gov/` |
//! | `mpc_url` | folder of the MPC's list of former objects, for [`Scout::departures`] |
//! | `n_orbits` | sampled orbits that a single object brings along, 1 to 1000; without it none |
//!
//! `cargo run --example alerts -- --demo fetch Scout` asks a recorded Scout.
//!
//! # What comes as what
//!
//! | of Scout | here |
//! |---|---|
//! | `objectName` | id, name, and the object's id of [`Provenance`] |
//! | `lastRun`, else `tEphem` | [`GenericAlert::timestamp`], UTC; `lastRun` alone is when it was observed, of [`Provenance`] |
//! | `ra` `HH:MM`, `dec` in degrees | position in degrees, of the instant `tEphem` |
//! | `Vmag` | [`GenericAlert::mag`]: predicted, V; `H` is the absolute magnitude of the target |
//! | `neoScore` | [`GenericAlert::score`], 0 to 100 |
//! | position | a hint of the non-sidereal target, with [its uncertainty](ScoutPacket::position_uncertainty) |
//! | an orbit sample | elements, only where orbits were asked for: [`Orbits::central`] |
//! | e ≥ 1, or a beyond 1000 au | elements of the comet scheme |
//! | `elong` | the extra `elongation_deg`: an angle from the Sun, no eccentricity |
//! | `fileMPC` | astrometry, and photometry where the observer gave a magnitude |
//!
//! # What to know
//!
//! - A target has no elements unless orbits are asked for, by `orbits` in the query or `n_orbits`
//!   in the configuration: there is no nominal orbit. Its extras say how widely the samples spread. A target
//!   without elements says nothing of the orbit.
//! - The position of the list is known to 15′ by 1° at best; ask for an ephemeris
//!   ([`Scout::ephemeris`], or `eph_start` in the query) to point a telescope.
//! - Scores are what Scout makes of the sampled orbits, in per cent; they do not add up to 100, and
//!   are no classifier's probabilities.
//! - JPL wants one request at a time; this broker sends one a second. Ask anew after some minutes.
//! - An empty list is a legal answer; do not conclude that every object has left.
//! - [`Scout::departures`] tells what became of objects that left.
//! - Epochs of orbits are in TDB, kept as such in the target's MJD (69 s ahead of UTC).
//!
//! # Documents
//!
//! - Interface: <https://ssd-api.jpl.nasa.gov/doc/scout.html>; rules of JPL's services: <https://ssd-api.jpl.nasa.gov/>
//! - What the scores mean: <https://cneos.jpl.nasa.gov/scout/intro.html>
//! - The list that Scout works on: <https://minorplanetcenter.net/iau/NEO/toconfirm_tabular.html>
//!
//! Checked on 2026-11-30: API 1.3.

mod departures;
mod endpoints;
mod ephemeris;
mod errors;
mod listing;
mod mpc;
mod orbit;
mod packet;
mod plots;
mod query;
mod services;

use endpoints::Endpoints;

use crate::plugin::*;

pub use departures::{Departure, Fate};
pub use ephemeris::{Ephemeris, EphemerisPoint, Median};
pub use orbit::{Orbit, Orbits};
pub use packet::ScoutPacket;
pub use plots::{Drawing, drawings};
pub use query::{File, Plot, ScoutConfig, ScoutQuery};

/// Scout over HTTP.
pub type ScoutBroker = Client<Scout>;

const NAME: &str = "Scout";

/// How Scout is spoken.
#[derive(Debug, Clone)]
pub struct Scout {
    endpoints: Endpoints,
    n_orbits: Option<u32>,
}

impl Protocol for Scout {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "Unconfirmed near-Earth objects with scores, sampled orbits and ephemerides, by JPL",
        "https://cneos.jpl.nasa.gov/scout/",
    )
    .aliases(&["tom_alerts.brokers.scout.ScoutBroker", "ScoutBroker", "tom_jpl.jpl.ScoutDataService", "ScoutDataService"])
    .score("Scout's neoScore, 0 to 100: how well the sampled orbits fit a near-Earth object; no impact probability")
    .polite(1, 1_000)
    .checked("2026-11-30", "API 1.3")
    .can(Capabilities { list: true, one: true, reduced_data: true, name: true, ..Capabilities::NONE });
    type Config = ScoutConfig;
    type Query = ScoutQuery;
    type Packet = ScoutPacket;
    type Submission = NoForm;

    fn new(config: ScoutConfig) -> Result<Self> {
        Ok(Self { endpoints: Endpoints::new(&config)?, n_orbits: config.n_orbits })
    }

    fn listing(&self, query: &ScoutQuery, _at: &Cursor) -> Result<Request> {
        Ok(listing::request(&self.endpoints, query))
    }

    fn page(&self, query: &ScoutQuery, _at: &Cursor, response: Response) -> Result<Page<ScoutPacket>> {
        listing::page(&self.endpoints, query, &response)
    }

    fn to_generic_alert(&self, alert: &Alert<ScoutPacket>) -> Result<GenericAlert> {
        Ok(alert.generic(self.endpoints.page(&alert.object_name)))
    }

    fn to_target(&self, alert: &Alert<ScoutPacket>, generic: &GenericAlert) -> Result<Target> {
        alert.target(alert.raw(), generic)
    }

    fn provenance(&self, alert: &Alert<ScoutPacket>, _generic: &GenericAlert) -> Provenance {
        alert.provenance()
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<ScoutPacket>>> {
        let options = ScoutQuery { n_orbits: self.n_orbits, ..ScoutQuery::default() };
        let request = options.with_options(self.known(id)?);
        Ok(Call::get(request, |response| listing::object(&response, false)))
    }

    fn recognises(&self, name: &str) -> bool {
        query::is_designation(name)
    }

    fn reduced_data(&self, subject: Subject<'_, ScoutPacket>) -> Result<Call<ReducedData>> {
        let id = subject.id.to_owned();
        if let Some(file) = subject.alert.and_then(|alert| alert.file_mpc.as_deref()) {
            return Ok(Call::Done(mpc::observations(&id, file)));
        }
        Ok(Call::get(self.known(&id)?.query("file", "mpc"), move |response| {
            let object = listing::object(&response, false)?;
            Ok(mpc::observations(&id, listing::file_mpc(&object)?))
        }))
    }

    fn name_query(&self, name: &str) -> Result<Vec<ScoutQuery>> {
        Ok(vec![ScoutQuery { tdes: Some(name.to_owned()), ..ScoutQuery::default() }])
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        errors::explain(response)
    }
}

impl Scout {
    fn known(&self, id: &str) -> Result<Request> {
        if query::is_designation(id) {
            return Ok(self.endpoints.object(id));
        }
        Err(Error::new(ErrorKind::Input, query::NO_DESIGNATION).with("id", id))
    }
}
