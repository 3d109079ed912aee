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
//! # What comes as what
//!
//! | of Scout | here |
//! |---|---|
//! | `lastRun`, else `tEphem` | [`GenericAlert::timestamp`], UTC |
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
//!   in the configuration: there is no nominal orbit. Its extras say how widely the samples spread.
//! - The position of the list is known to 15′ by 1° at best; ask for an ephemeris
//!   ([`Scout::ephemeris`], or `eph_start` in the query) to point a telescope.
//! - Scores are what Scout makes of the sampled orbits, in per cent; they do not add up to 100, and
//!   are no classifier's probabilities.
//! - JPL wants one request at a time; this broker sends one a second. Ask anew after some minutes.
//! - An empty list is a legal answer; do not conclude that every object has left.
//! - [`Scout::departures`] tells what became of objects that left.
//! - Epochs of orbits are in TDB, kept as such in the target's MJD (69 s ahead of UTC).

mod answer;
mod departures;
mod ephemeris;
mod loose;
mod mpc;
mod orbit;
mod packet;
mod plots;
mod query;

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
    root: Root,
    mpc: Root,
    page: Url,
    n_orbits: Option<u32>,
}

impl Protocol for Scout {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "Unconfirmed near-Earth objects with scores, sampled orbits and ephemerides, by JPL",
        "https://cneos.jpl.nasa.gov/scout/",
    )
    .aliases(&["tom_alerts.brokers.scout.ScoutBroker", "ScoutBroker"])
    .score("Scout's neoScore, 0 to 100: how well the sampled orbits fit a near-Earth object; no impact probability")
    .polite(1, 1_000)
    .can(Capabilities { list: true, one: true, reduced_data: true, name: true, ..Capabilities::NONE });
    type Config = ScoutConfig;
    type Query = ScoutQuery;
    type Packet = ScoutPacket;
    type Submission = NoForm;

    fn new(config: ScoutConfig) -> Result<Self> {
        let base = config.base_url.map(|mut url| {
            if url.path().trim_end_matches('/').ends_with(SERVICE)
                && let Ok(mut path) = url.path_segments_mut()
            {
                path.pop_if_empty().pop();
            }
            url
        });
        let root = Root::new("base_url", base.as_ref(), query::ROOT)?;
        let mpc = Root::beside(&root, "mpc_url", config.mpc_url.as_ref(), query::MPC_ROOT)?;
        let page = format!("{}#{PLACE}P000000x", Self::INFO.home);
        let page = page
            .parse()
            .map_err(|e| Error::new(ErrorKind::Config, "a built-in URL cannot be read").because(e))?;
        Ok(Self { root, mpc, page, n_orbits: config.n_orbits })
    }

    fn listing(&self, query: &ScoutQuery, _at: &Cursor) -> Result<Request> {
        Ok(match &query.tdes {
            Some(tdes) => query.with_options(self.object(tdes)),
            None => self.request(),
        })
    }

    fn page(&self, query: &ScoutQuery, _at: &Cursor, response: Response) -> Result<Page<ScoutPacket>> {
        if query.tdes.is_some() {
            return answer::object_page(query, &response);
        }
        let (mut items, envelope) = response.items::<ScoutPacket, answer::Envelope>(Some("data"))?;
        let mut notes = envelope.notes(items.len());
        let all = items.len();
        items.retain(|item| item.as_ref().map_or(true, |object| query.passes(object)));
        if query.filters() && all > 0 {
            notes.push(format!("{} of {all} objects pass the filters", items.iter().flatten().count()));
        }
        let total = u64::try_from(items.len()).ok();
        let page = if query.wants_object() {
            let ask = |item: Result<Alert<ScoutPacket>>| {
                let request = query.with_options(self.object(&item?.object_name));
                Ok(Slot::ask(Call::get(request, |response| answer::object(&response, false))))
            };
            Page::of_slots(items.into_iter().map(ask).collect(), None)
        } else {
            Page::new(items, None)
        };
        Ok(notes.into_iter().fold(page.with_total(total), Page::with_note))
    }

    fn to_generic_alert(&self, alert: &Alert<ScoutPacket>) -> Result<GenericAlert> {
        Ok(GenericAlert {
            timestamp: alert.last_run().or_else(|| alert.ephemeris_time()),
            ra: alert.ra_degrees(),
            dec: alert.dec_degrees(),
            mag: points::magnitude(alert.vmag),
            score: alert.neo_score.map(|score| score as f64),
            url: Some(self.page(&alert.object_name)),
            ..GenericAlert::new(&alert.object_name)
        })
    }

    fn to_target(&self, alert: &Alert<ScoutPacket>, generic: &GenericAlert) -> Result<Target> {
        alert.target(generic)
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<ScoutPacket>>> {
        let options =
            ScoutQuery { orbits: self.n_orbits.is_some(), n_orbits: self.n_orbits, ..ScoutQuery::default() };
        let request = options.with_options(self.known(id)?);
        Ok(Call::get(request, |response| answer::object(&response, false)))
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
            let object = answer::object(&response, false)?;
            Ok(mpc::observations(&id, object.file_mpc.as_deref().unwrap_or_default()))
        }))
    }

    fn name_query(&self, name: &str) -> Result<ScoutQuery> {
        Ok(ScoutQuery { tdes: Some(name.to_owned()), ..ScoutQuery::default() })
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        answer::explain(response)
    }
}

const SERVICE: &str = "scout.api";
/// Where the page for people has an object.
const PLACE: &str = "/object/";

impl Scout {
    /// An ephemeris of one object over all its sampled orbits: `query` has `tdes` and `eph_start`.
    ///
    /// ```
    /// use tom_alerts::brokers::scout::{Scout, ScoutConfig, ScoutQuery};
    /// use tom_alerts::plugin::*;
    /// let scout = Scout::new(ScoutConfig::default())?;
    /// let query = ScoutQuery {
    ///     tdes: Some("P12p4Jx".into()),
    ///     eph_start: Some("2026-02-12 04:00".into()),
    ///     obs_code: Some("W68".into()),
    ///     ..ScoutQuery::default()
    /// };
    /// let request = scout.ephemeris(&query)?.requests()[0].url().query().map(str::to_owned);
    /// assert_eq!(request.as_deref(), Some("tdes=P12p4Jx&eph-start=2026-02-12T04%3A00%3A00&obs-code=W68"));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Input`] with every fault of the query.
    pub fn ephemeris(&self, query: &ScoutQuery) -> Result<Call<Ephemeris>> {
        let query = form::check(query)?;
        let Some(tdes) = query.tdes.as_deref().filter(|_| query.wants_ephemeris()) else {
            return Err(Error::new(ErrorKind::Input, "an ephemeris needs tdes and eph_start"));
        };
        Ok(Call::get(query.with_options(self.object(tdes)), |response| {
            let object = answer::object(&response, true)?.into_packet();
            Ok(object.ephemeris.map(|ephemeris| *ephemeris).unwrap_or_default())
        }))
    }

    /// What became of the objects that left the NEO Confirmation Page, by the MPC's list.
    ///
    /// # Errors
    /// None here; the call fails as any other.
    pub fn departures(&self) -> Result<Call<Vec<Departure>>> {
        let request = self.mpc.get(&["ToConfirm_PrevDes.html"]).accept("text/html");
        Ok(Call::get(request, |response| Ok(departures::read(response.text()?))))
    }

    fn request(&self) -> Request {
        self.root.get(&[SERVICE])
    }

    fn object(&self, tdes: &str) -> Request {
        self.request().query("tdes", tdes)
    }

    fn known(&self, id: &str) -> Result<Request> {
        if query::is_designation(id) {
            return Ok(self.object(id));
        }
        Err(Error::new(ErrorKind::Input, query::NO_DESIGNATION).with("id", id))
    }

    /// The page of an object for people: a place within the page, so not a path.
    fn page(&self, name: &str) -> Url {
        let mut place = String::with_capacity(PLACE.len() + name.len());
        place.push_str(PLACE);
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
                place.push(char::from(byte));
            } else {
                place.push_str(&format!("%{byte:02X}"));
            }
        }
        // The page of another object has room for this one's name.
        let mut url = self.page.clone();
        url.set_fragment(Some(&place));
        url
    }
}
