//! MARS: ZTF's alerts out of Las Cumbres Observatory's server, for instances of your own.
//!
//! The public service, `mars.lco.global`, is retired, so `base_url` must name an instance; without
//! it the first call says so. The server's source is public, and all of it is spoken: each filter of
//! its help page, many objects in one request, single alerts with their history, cutouts. There is
//! no credential.
//!
//! ```
//! use tom_alerts::brokers::mars::{Mars, MarsConfig, MarsQuery};
//! use tom_alerts::plugin::*;
//!
//! let base_url = "http://127.0.0.1:8000/".parse().ok();
//! let mars = Mars::new(MarsConfig { base_url })?;
//! let query = MarsQuery { magpsf_lte: Some(17.5), rb_gte: Some(0.9), ..MarsQuery::default() };
//! let request = mars.listing(&query, &Cursor::default())?;
//! assert!(request.url().as_str().starts_with("http://127.0.0.1:8000/?magpsf__lte=17.5&rb__gte=0.9"));
//! # Ok::<(), Error>(())
//! ```
//!
//! # Configuration
//!
//! `[brokers.MARS]` ([`MarsConfig`]) has one key, `base_url`: the root of an instance. There is no default and no
//! credential. An instance needs PostgreSQL with PostGIS, ZTF's alert packets, which its ingester reads, and, for cutouts and
//! links to packets, a store that speaks S3; its help page is `/help/`.
//!
//! `cargo run --example alerts -- --demo fetch MARS` asks a recorded instance.
//!
//! # What comes as what
//!
//! | of MARS | here |
//! |---|---|
//! | `jd` | [`GenericAlert::timestamp`], UTC, the start of the exposure; `wall_time` only where it is missing |
//! | `lco_id`, `objectId` | id and name |
//! | `rb` | [`GenericAlert::score`] |
//! | `magpsf` with `sigmapsf` | magnitude of a detection; `diffmaglim` is its depth, never its magnitude |
//! | `isdiffpos` no | [`Photometry::negative_magnitude`]; no brightness |
//! | an entry of `prv_candidate` with `diffmaglim` alone | a limit |
//! | `fid` 1, 2, 3 | band g, r, i |
//! | −999 in catalogue columns | none |
//! | `ssdistnr` from 0 to 12″ with `ssmagnr` of at least 0 | a known object of the solar system: a non-sidereal target |
//! | `avro` | kept in the alert's text only: the link is signed anew at every request and ends after a week |
//!
//! # What to know
//!
//! - A listing gives alerts, so an object comes once for each; a store keeps one target of them, which
//!   says what the newest of a run says.
//! - The server's `has_next` is false on every page. A listing goes on while a page is full.
//! - A listing comes latest taken in first, by MARS's own number of the alert. Alerts that the server
//!   takes in meanwhile move the others to later pages; those that come twice so are left out. The server
//!   counts nothing, so there is no count to compare with.
//! - Sorted by `jd`, of which one exposure has many alerts, a listing goes on from the last value, so that
//!   none is lost or comes twice. Sorted by any other column the pages are counted, and a note says that
//!   alerts of equal values can be lost between two pages.
//! - Several object ids go in one `POST`, 20 at a time, and so do [`Mars::bulk`] queries: the server
//!   then gives everything at once, without pages.
//! - The server reads a range of right ascension wrongly unless it stays on one side of 180°. A range
//!   is sent in the parts that it reads rightly; a lower end above the upper one goes through 0°.
//! - A light curve is what the server has within 1.5″ of the alert, also of other object ids (extra
//!   `objectId`), and the limits of the alert's own object.
//! - A value that the server cannot read, and an unknown `lco_id`, are answered with status 500 and
//!   a page of HTML. What can be known to be wrong is told before anything is sent; an alert counts as
//!   not found only by that very page, and of a server that answers another request.
//! - Cutouts are links to gzipped FITS; the instance needs its store of alert packets for them.
//!
//! # Documents
//!
//! - Source, and how it is set up: <https://github.com/LCOGT/ztf-alert-server>
//!
//! Checked on 2026-11-30: ztf-alert-server of 2022-02-22.

mod candidate;
mod errors;
mod listing;
mod packet;
mod parts;
mod photometry;
mod query;
mod services;

use crate::plugin::*;

pub use candidate::Candidate;
pub use packet::{MarsAlert, PreviousCandidate};
pub use query::{Filter, MarsConfig, MarsQuery, SortOrder};
pub use services::{BulkAnswer, Epoch};

/// MARS over HTTP.
pub type MarsBroker = Client<Mars>;

const NAME: &str = "MARS";

/// Where the public service was.
const PUBLIC: &str = "https://mars.lco.global/";

/// How MARS is spoken.
#[derive(Debug, Clone)]
pub struct Mars {
    root: Root,
    page: Link,
    /// Whether an instance is configured that can be there.
    own: bool,
}

impl Protocol for Mars {
    const INFO: &'static BrokerInfo = &BrokerInfo::new(
        NAME,
        "ZTF's alerts out of Las Cumbres Observatory's server, on an instance of your own",
        "https://github.com/LCOGT/ztf-alert-server",
    )
    .aliases(&["tom_alerts.brokers.mars.MARSBroker", "MARSBroker"])
    .score("real-bogus score `rb` of ZTF, 0 (bogus) to 1 (real)")
    .retired()
    .checked("2026-11-30", "ztf-alert-server of 2022-02-22")
    .can(Capabilities {
        list: true,
        one: true,
        reduced_data: true,
        cutouts: true,
        cone: true,
        name: true,
        ..Capabilities::NONE
    });
    type Config = MarsConfig;
    type Query = MarsQuery;
    type Packet = MarsAlert;
    type Submission = NoForm;

    fn new(config: MarsConfig) -> Result<Self> {
        let root = Root::new("base_url", config.base_url.as_ref(), PUBLIC)?;
        let page = Link::like(root.url(&["1000000000"]).as_str())?;
        let gone = Root::new("base_url", None, PUBLIC)?;
        let own = root.as_url().host_str() != gone.as_url().host_str();
        Ok(Self { root, page, own })
    }

    fn ready(&self) -> Result<()> {
        if self.own {
            return Ok(());
        }
        let text = "the public service is retired; set base_url under [brokers.MARS] in the configuration \
                    to an instance of your own, or ask ALeRCE, ANTARES or Lasair for ZTF's alerts";
        Err(Error::new(ErrorKind::Config, text))
    }

    fn listing(&self, query: &MarsQuery, at: &Cursor) -> Result<Request> {
        listing::request(self, query, at)
    }

    fn page(&self, query: &MarsQuery, at: &Cursor, response: Response) -> Result<Page<MarsAlert>> {
        listing::page(query, at, &response)
    }

    fn to_generic_alert(&self, alert: &Alert<MarsAlert>) -> Result<GenericAlert> {
        Ok(alert.generic(self.page_of(&alert.lco_id)))
    }

    fn to_target(&self, alert: &Alert<MarsAlert>, generic: &GenericAlert) -> Result<Target> {
        alert.target(generic)
    }

    fn provenance(&self, alert: &Alert<MarsAlert>, _: &GenericAlert) -> Provenance {
        alert.provenance()
    }

    fn alert(&self, id: &str) -> Result<Call<Alert<MarsAlert>>> {
        match self.known(id)? {
            Known::Number => Ok(self.detail(id)),
            Known::Object => {
                let mars = self.clone();
                Ok(self.newest(id).and_then(move |lco_id| Ok(mars.detail(&lco_id))))
            }
        }
    }

    fn recognises(&self, name: &str) -> bool {
        // Its own numbers may be anything elsewhere.
        matches!(self.known(name), Ok(Known::Object))
    }

    fn reduced_data(&self, subject: Subject<'_, MarsAlert>) -> Result<Call<ReducedData>> {
        let history = |alert: &Alert<MarsAlert>| {
            let (history, odd) = wire::left_out(|| Self::history(alert));
            Ok::<_, Error>(history?.map(|history| (history, odd)))
        };
        if let Some(alert) = subject.alert
            && let Some((history, odd)) = history(alert)?
        {
            return Ok(Call::Done(photometry::light_curve(alert, history, odd)));
        }
        Ok(self.alert(subject.id)?.map(move |alert| {
            let (history, odd) = history(&alert)?.unwrap_or_default();
            Ok(photometry::light_curve(&alert, history, odd))
        }))
    }

    fn cutouts(&self, subject: Subject<'_, MarsAlert>) -> Result<Call<Vec<Cutout>>> {
        if let Some(alert) = subject.alert {
            return Ok(Call::Done(self.stamps(&alert.lco_id, alert.candid)));
        }
        let mars = self.clone();
        match self.known(subject.id)? {
            Known::Number => Ok(Call::Done(self.stamps(subject.id, None))),
            Known::Object => Ok(self.newest(subject.id).map(move |lco_id| Ok(mars.stamps(&lco_id, None)))),
        }
    }

    fn cone_query(&self, ra: f64, dec: f64, radius: f64) -> Result<Vec<MarsQuery>> {
        Ok(vec![MarsQuery { ra: Some(ra), dec: Some(dec), radius: Some(radius), ..MarsQuery::default() }])
    }

    fn name_query(&self, name: &str) -> Result<Vec<MarsQuery>> {
        Ok(vec![MarsQuery { object_id: vec![name.to_owned()], ..MarsQuery::default() }])
    }

    fn explain(&self, response: &Response) -> Option<Error> {
        errors::explain(response)
    }
}

/// What an id can be.
enum Known {
    /// MARS's own number.
    Number,
    /// A name of ZTF.
    Object,
}

impl Mars {
    /// The earlier and later measurements that came with a single alert, and the exposures without
    /// detection, in the server's order, which is none; `None` for an alert out of a listing. What
    /// stands there and is no list is one fault in the rows.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] when the alert's text is no JSON object.
    pub fn history(alert: &Alert<MarsAlert>) -> Result<Option<Rows<PreviousCandidate>>> {
        #[derive(Deserialize)]
        struct History<'a> {
            #[serde(borrow, default)]
            prv_candidate: Option<&'a RawValue>,
        }
        let unreadable =
            |e| Error::new(ErrorKind::Unreadable, "the history of the alert cannot be read").because(e);
        let history: History<'_> = serde_json::from_str(alert.raw()).map_err(unreadable)?;
        history.prv_candidate.map(|list| wire::rows(list).map_err(unreadable)).transpose()
    }

    fn known(&self, id: &str) -> Result<Known> {
        // The server keeps its numbers in 64 bits at most; longer digits are ids of other services.
        let number = (1..=12).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
        if number {
            return Ok(Known::Number);
        }
        if query::is_object(id) {
            return Ok(Known::Object);
        }
        let text =
            "this is no id of MARS; give its lco_id, such as 1234, or ZTF's name, such as ZTF20aaelulu";
        Err(Error::new(ErrorKind::Input, text))
    }

    fn page_of(&self, lco_id: &str) -> Url {
        let mut url = self.page.of(lco_id);
        // The server moves an address without the final slash to the one with it.
        if let Ok(mut steps) = url.path_segments_mut() {
            steps.push("");
        }
        url
    }

    fn detail(&self, lco_id: &str) -> Call<Alert<MarsAlert>> {
        let request = self.root.get(&[lco_id, ""]).query("format", "json");
        errors::about(self, request, |response| response.alert())
    }

    /// The number of an object's latest alert.
    fn newest(&self, object: &str) -> Call<String> {
        let request = self
            .root
            .get(&[""])
            .query("objectId", object)
            .query("sort_value", "jd")
            .query("sort_order", "desc")
            .query("page", 1)
            .query("format", "json");
        Call::get(request, |response| {
            let (items, _) = response.items::<MarsAlert, listing::Envelope>(Some("results"))?;
            match items.into_iter().next() {
                Some(alert) => Ok(alert?.into_packet().lco_id),
                None => Err(Error::new(ErrorKind::NotFound, "there is no alert of this object")),
            }
        })
    }

    fn stamps(&self, lco_id: &str, candid: Option<i64>) -> Vec<Cutout> {
        let stamp = |kind: CutoutKind| {
            let word = match kind {
                CutoutKind::Science => "Science",
                CutoutKind::Template => "Template",
                CutoutKind::Difference => "Difference",
            };
            Cutout {
                kind,
                format: "fits.gz".to_owned(),
                source_id: candid.map(|id| id.to_string()),
                url: Some(self.root.url(&[lco_id, "cutout", word, ""])),
                bytes: None,
            }
        };
        CutoutKind::ALL.map(stamp).into()
    }
}
