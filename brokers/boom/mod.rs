//! BOOM and Babamul: alerts of ZTF and LSST with the light curves of both.
//!
//! BOOM is a broker of Caltech and others; Babamul is its public face. They are two services with
//! two sorts of accounts, so there are two brokers here: `Babamul`, for everyone with a free
//! account, and `BOOM`, for research accounts, which can be asked with Mongo's filters and pipelines
//! and has DECam and WINTER too. They share packets, light curves and the way to log in.
//!
//! ```
//! use tom_alerts::brokers::boom::{Babamul, BabamulConfig, BabamulQuery};
//! use tom_alerts::plugin::*;
//!
//! let babamul = Babamul::new(BabamulConfig::default())?;
//! let query = BabamulQuery { object_id: Some("ZTF25aagbkaj".into()), ..BabamulQuery::default() };
//! let request = babamul.listing(&query, &Cursor::default())?;
//! assert_eq!(request.url().path(), "/api/babamul/surveys/ZTF/alerts");
//! assert!(babamul.ready().is_err(), "it needs a token or a login");
//! # Ok::<(), Error>(())
//! ```
//!
//! BOOM takes Mongo's filters:
//!
//! ```
//! use tom_alerts::brokers::boom::{Boom, BoomConfig, BoomQuery};
//! use tom_alerts::plugin::*;
//!
//! let boom = Boom::new(BoomConfig::default())?;
//! let filter = Some(r#"{"candidate.magpsf": {"$lt": 18}}"#.into());
//! let request = boom.listing(&BoomQuery { filter, ..BoomQuery::default() }, &Cursor::default())?;
//! assert_eq!(request.url().as_str(), "https://api.kaboom.caltech.edu/queries/find");
//! # Ok::<(), Error>(())
//! ```
//!
//! # Configuration
//!
//! `[brokers.Babamul]` ([`BabamulConfig`]) needs a token, or e-mail and password:
//!
//! | key | what |
//! |---|---|
//! | `api_token` | token of 41 characters that begins with `bbml_`. Sign up at <https://babamul.caltech.edu/signup>, then make it on the profile page; it holds for a year, at most three. A TOM's `BABAMUL_API_TOKEN` is read too |
//! | `email`, `password` | of the same account, in place of a token |
//! | `base_url` | `https://babamul.caltech.edu/api/babamul/`; there is a backup, `https://babamul.umn.edu/api/babamul/` |
//!
//! `[brokers.BOOM]` ([`BoomConfig`]) needs a research account, which the BOOM team gives; its API has no sign-up:
//!
//! | key | what |
//! |---|---|
//! | `username`, `password` | of the account; `BOOM_API_USER` and `BOOM_API_PASSWORD` of a TOM are read too |
//! | `base_url` | `https://api.kaboom.caltech.edu/`; backup `https://babamul.umn.edu/api/`. `BOOM_API_URL` is read too |
//!
//! Neither service takes the other's token. A login is renewed by itself; BOOM's lasts a week.
//!
//! `cargo run --example alerts -- --demo fetch Babamul` asks a recorded Babamul; so does `BOOM`.
//!
//! # What comes as what
//!
//! | of BOOM | here |
//! |---|---|
//! | `objectId` | [`GenericAlert::id`] and name: Babamul finds no object by its alert |
//! | `candid` | an extra of the target, and the identity of a detection; BOOM fetches an alert by it |
//! | `candidate.jd` | [`GenericAlert::timestamp`]: BOOM has it in UTC for every survey |
//! | `candidate.magpsf` | [`GenericAlert::mag`]; none for a negative difference |
//! | `drb`, `reliability` | [`GenericAlert::score`] |
//! | `prv_candidates` | detections: the magnitude as it stands, the flux beside it in nJy; below 3σ of LSST a limit of 5σ |
//! | `fp_hists` | forced photometry by flux: a magnitude from 3σ on, else a limit of 5σ |
//! | `prv_nondetections` | limits, where the exposure has no measurement |
//! | `survey_matches` | aliases of the target, and the other survey's points in the light curve |
//! | `sso…`, `properties.rock`, `ssdistnr` from 0 to 12″ with `ssmagnr` of at least 0 | a non-sidereal target with its last position |
//! | a row of LSST with `timeWithdrawnMjdTai` | no measurement: it is in [`ReducedData::withdrawn`] |
//! | `classifications` | one classification for each of the scores, which are of yes or no |
//!
//! # What to know
//!
//! - **Unit trap**: ZTF's `psfFlux` is labelled nJy, but it is 1e9 times the flux of zero point 23.9;
//!   here it is divided by 1e6, which makes it nJy. Where a magnitude stands beside a flux, the two
//!   say which scale holds, so a service that mends its label is read aright too. LSST's are nJy.
//! - Listings are lists of alerts: an object comes as often as it has alerts. A store keeps one target.
//! - Babamul answers an object, a cone of at most 600″, or a span of at most a day.
//! - Listings are sorted by the id of the alert. BOOM is asked for what comes behind the last id. Babamul
//!   can only be told how many alerts to skip: what comes in before that place moves others to a later
//!   page, and those that come twice so are left out. Neither says how many there are, so a listing ends
//!   with the first page that is not full, unless that has a round number of alerts, which may be a bound
//!   of the server's own.
//! - An id that is neither ZTF's nor LSST's may be DECam's or WINTER's: BOOM is asked for one, then for
//!   the other. Whoever lists by such an id gives the survey.
//! - The login of e-mail or user name lasts as long as the service says and is renewed by itself.
//! - The page of an object for people is Babamul's; its address is not documented.
//! - Cutouts need the login, so they come as FITS images and not as links.
//! - BOOM answers 500 for a filter that Mongo cannot read, and 404 for a catalogue without access.
//! - Not here: Kafka, sky maps, tracks, Villar fits, tokens and accounts, making filters on the live
//!   stream. Quality cuts are the user's: points keep `drb`, `reliability`, `nbad` and `procstatus`.
//!
//! # Documents
//!
//! - Babamul: <https://babamul.caltech.edu/>, and what it is: <https://www.ztf.caltech.edu/ztf-boom-babamul.html>
//! - Clients: <https://github.com/boom-astro/babamul>, `boom-client` on PyPI
//! - Source of both services: <https://github.com/boom-astro/boom>; paper: <https://arxiv.org/abs/2511.00164>
//!
//! Checked on 2026-11-30: Babamul: server of 2026-08-19, babamul 0.2.0 (client); BOOM: server of 2026-08-19,
//! boom-client 0.2.0 (client). The clients know calls that this server does not have yet; those are not used.

mod access;
mod answer;
mod babamul;
mod object;
mod packet;
mod query;
mod research;
mod stamps;

use crate::plugin::*;

pub use babamul::{Babamul, BabamulBroker, CrossMatches, Found};
pub use object::{BoomObject, HistoryPoint, MatchedObject, PastScores};
pub use packet::{BoomAlert, Candidate, Match, Properties, Scores};
pub use query::{BabamulConfig, BabamulQuery, BoomConfig, BoomQuery, BoomSurvey};
pub use research::{Boom, BoomBroker};
pub use stamps::{Stamp, Stamps};

/// The pages of objects for people.
#[derive(Debug, Clone)]
struct Pages {
    ztf: Link,
    lsst: Link,
}

impl Pages {
    fn new() -> Result<Self> {
        Ok(Self {
            ztf: Link::like("https://babamul.caltech.edu/objects/ZTF/ZTF00aaaaaaa")?,
            lsst: Link::like("https://babamul.caltech.edu/objects/LSST/0000000000000000000")?,
        })
    }

    fn of(&self, alert: &BoomAlert) -> Option<Url> {
        match alert.survey()? {
            BoomSurvey::Ztf => Some(self.ztf.of(&alert.object_id)),
            BoomSurvey::Lsst => Some(self.lsst.of(&alert.object_id)),
            BoomSurvey::Decam | BoomSurvey::Winter => None,
        }
    }
}
